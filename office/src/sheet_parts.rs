//! The parts of a workbook's sheets beside cells: hidden rows and columns, comments, pictures,
//! formulas whose result is not there.

use crate::OfficeError;
use crate::caps::Parts;
use crate::numbering::attribute;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::{BTreeMap, BTreeSet};
use tongban_shared::office::{Aside, Told};

/// The most sheets of a workbook.
const MAX_SHEETS: usize = 1_000;

/// The last column of a sheet: programs hide all behind the last used one as one stretch.
const LAST_COLUMN: usize = 16_384;

/// The other parts of each sheet, by its name. Every part is read once, however often it is named.
///
/// # Errors
/// [`OfficeError`] when a part of the file is no XML, or a sheet is named twice.
pub fn read(bytes: &[u8]) -> Result<BTreeMap<String, Told>, OfficeError> {
    let mut parts = Parts::open(bytes)?;
    let root = relations(&mut parts, "_rels/.rels")?;
    let book = root.iter().find(|one| one.kind.ends_with("/officeDocument"));
    let book = book.map_or_else(|| "xl/workbook.xml".to_owned(), |one| within("", &one.target));
    let (folder, name) = book.rsplit_once('/').unwrap_or(("", &book));
    let mut sheets = Vec::new();
    each(&text(&mut parts, &book)?, |element| {
        if element.local_name().as_ref() == "sheet" && sheets.len() <= MAX_SHEETS {
            sheets.extend(attribute(element, "name").zip(attribute(element, "id")));
        }
    })?;
    if sheets.len() > MAX_SHEETS {
        return Err(OfficeError::TooDeep);
    }
    let related = relations(&mut parts, &format!("{folder}/_rels/{name}.rels"))?;
    let files: BTreeMap<String, String> =
        related.into_iter().map(|one| (one.id, within(folder, &one.target))).collect();
    let mut all = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (name, id) in sheets {
        let told = match files.get(&id) {
            Some(file) if seen.insert(file.clone()) => of_sheet(&mut parts, file, &mut seen)?,
            Some(_) => return Err(OfficeError::DamagedFile),
            None => Told::new(),
        };
        if all.insert(name, told).is_some() {
            return Err(OfficeError::DamagedFile);
        }
    }
    let pictures = parts.count_in("xl/media/");
    if let (Some(mut first), true) = (all.first_entry(), pictures > 0) {
        first.get_mut().insert(Aside::Pictures, pictures);
    }
    Ok(all)
}

fn of_sheet(parts: &mut Parts<'_>, file: &str, seen: &mut BTreeSet<String>) -> Result<Told, OfficeError> {
    let (mut rows, mut columns, mut comments, mut open) = (0, 0, 0, 0);
    // Whether the cell at work has a formula and a value.
    let mut cell = (false, false);
    each(&text(parts, file)?, |element| {
        let hidden = || attribute(element, "hidden").is_some_and(|word| word == "1" || word == "true");
        match element.local_name().as_ref() {
            "row" if hidden() => rows += 1,
            "col" if hidden() => {
                let place = |name| attribute(element, name).and_then(|word| word.parse::<usize>().ok());
                let stretch = place("min").zip(place("max")).filter(|(_, max)| *max < LAST_COLUMN);
                columns += stretch.map_or(0, |(min, max)| max.saturating_sub(min) + 1);
            }
            "c" => {
                open += usize::from(cell == (true, false));
                cell = (false, false);
            }
            "f" => cell.0 = true,
            "v" | "is" => cell.1 = true,
            _ => {}
        }
    })?;
    open += usize::from(cell == (true, false));
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    for one in relations(parts, &format!("{folder}/_rels/{name}.rels"))? {
        let target = within(folder, &one.target);
        let is_comments = target.rsplit('/').next().is_some_and(|name| name.starts_with("comments"));
        if is_comments && seen.insert(target.clone()) {
            each(&text(parts, &target)?, |element| {
                comments += usize::from(element.local_name().as_ref() == "comment");
            })?;
        }
    }
    let all = [
        (Aside::HiddenRows, rows),
        (Aside::HiddenColumns, columns),
        (Aside::OpenFormulas, open),
        (Aside::Comments, comments),
    ];
    Ok(all.into_iter().filter(|(_, count)| *count > 0).collect())
}

/// The path of a part within the file, told from a folder or from the root.
fn within(folder: &str, target: &str) -> String {
    if let Some(path) = target.strip_prefix('/') {
        return path.to_owned();
    }
    let (mut folder, mut target) = (folder, target);
    while let Some(rest) = target.strip_prefix("../") {
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        target = rest;
    }
    if folder.is_empty() { target.to_owned() } else { format!("{folder}/{target}") }
}

/// A part that another one names.
#[derive(Debug, Default)]
struct Relation {
    id: String,
    kind: String,
    target: String,
}

fn relations(parts: &mut Parts<'_>, file: &str) -> Result<Vec<Relation>, OfficeError> {
    let mut all = Vec::new();
    each(&text(parts, file)?, |element| {
        let [id, kind, target] = ["Id", "Type", "Target"].map(|name| attribute(element, name));
        if let Some((id, target)) = id.zip(target) {
            all.push(Relation { id, kind: kind.unwrap_or_default(), target });
        }
    })?;
    Ok(all)
}

/// The text of a part; an empty one where the file has none.
fn text(parts: &mut Parts<'_>, name: &str) -> Result<String, OfficeError> {
    Ok(parts.text(name)?.unwrap_or_default())
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
