//! What the sheets of a workbook hold beside cells: hidden rows and columns, comments.

use crate::OfficeError;
use crate::caps;
use crate::numbering::attribute;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use tongban_shared::office::Aside;

/// Hidden rows, hidden columns and comments of each sheet by its name.
///
/// # Errors
/// [`OfficeError`] when a part of the file is no XML.
pub fn read(bytes: &[u8]) -> Result<BTreeMap<String, Vec<(Aside, usize)>>, OfficeError> {
    let mut sheets = Vec::new();
    each(&part(bytes, "xl/workbook.xml")?, |element| {
        if element.local_name().as_ref() == "sheet" {
            sheets.extend(attribute(element, "name").zip(attribute(element, "id")));
        }
    })?;
    let files = relations(bytes, "xl/_rels/workbook.xml.rels")?;
    let mut all = BTreeMap::new();
    for (name, id) in sheets {
        let Some(file) = files.iter().find(|(one, _)| *one == id).map(|(_, file)| within(file)) else {
            continue;
        };
        all.insert(name, of_sheet(bytes, &file)?);
    }
    Ok(all)
}

fn of_sheet(bytes: &[u8], file: &str) -> Result<Vec<(Aside, usize)>, OfficeError> {
    let (mut rows, mut columns, mut comments) = (0, 0, 0);
    each(&part(bytes, file)?, |element| {
        let hidden = attribute(element, "hidden").is_some_and(|word| word == "1" || word == "true");
        match element.local_name().as_ref() {
            "row" if hidden => rows += 1,
            "col" if hidden => {
                let place = |name| attribute(element, name).and_then(|word| word.parse::<usize>().ok());
                // Programs hide all columns behind the last used one as one stretch.
                columns += place("min")
                    .zip(place("max"))
                    .map_or(1, |(min, max)| if max >= 16_384 { 0 } else { max.saturating_sub(min) + 1 });
            }
            _ => {}
        }
    })?;
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    for (_, target) in relations(bytes, &format!("{folder}/_rels/{name}.rels"))? {
        let target = within(&target);
        if target.rsplit('/').next().is_some_and(|name| name.starts_with("comments")) {
            each(&part(bytes, &target)?, |element| {
                comments += usize::from(element.local_name().as_ref() == "comment");
            })?;
        }
    }
    Ok(vec![(Aside::HiddenRows, rows), (Aside::HiddenColumns, columns), (Aside::Comments, comments)])
}

/// The path of a part within the file: targets stand beside the workbook or below the root.
fn within(target: &str) -> String {
    match target.strip_prefix('/') {
        Some(path) => path.to_owned(),
        None => format!("xl/{}", target.trim_start_matches("../")),
    }
}

fn relations(bytes: &[u8], file: &str) -> Result<Vec<(String, String)>, OfficeError> {
    let mut all = Vec::new();
    each(&part(bytes, file)?, |element| {
        all.extend(attribute(element, "Id").zip(attribute(element, "Target")));
    })?;
    Ok(all)
}

/// The text of a part; an empty one where the file has none.
fn part(bytes: &[u8], name: &str) -> Result<String, OfficeError> {
    Ok(caps::part(bytes, name)?.unwrap_or_default())
}

fn each(xml: &str, mut look: impl FnMut(&BytesStart<'_>)) -> Result<(), OfficeError> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(|_| OfficeError::DamagedFile)? {
            Event::Start(element) | Event::Empty(element) => look(&element),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}
