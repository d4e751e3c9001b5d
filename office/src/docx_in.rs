//! The words of a `.docx`, with the numbers that its paragraphs show, its tables row by row.

use crate::OfficeError;
use crate::caps;
use crate::numbering::{Numbering, attribute};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// What a style gives its paragraphs: a list and a level.
#[derive(Debug, Clone, Default)]
struct Style {
    number: Option<u32>,
    level: Option<usize>,
    based_on: Option<String>,
}

/// A paragraph that is being read.
#[derive(Debug, Default)]
struct Paragraph {
    words: String,
    style: Option<String>,
    number: Option<u32>,
    level: Option<usize>,
}

/// The text of a document: a line for each paragraph; the cells of a table apart by tabs.
///
/// # Errors
/// [`OfficeError`] when the file is too large, damaged, too deep or has no words.
pub fn text(bytes: &[u8]) -> Result<String, OfficeError> {
    caps::unpacked(bytes)?;
    let document =
        caps::part(bytes, "word/document.xml")?.ok_or_else(|| OfficeError::Damaged("没有正文".to_owned()))?;
    let numbering = match caps::part(bytes, "word/numbering.xml")? {
        Some(xml) => Numbering::read(&xml)?,
        None => Numbering::default(),
    };
    let styles = match caps::part(bytes, "word/styles.xml")? {
        Some(xml) => styles(&xml)?,
        None => BTreeMap::new(),
    };
    let text = Body { numbering, styles, ..Body::default() }.read(&document)?;
    if text.trim().is_empty() { Err(OfficeError::NoText) } else { Ok(text) }
}

fn styles(xml: &str) -> Result<BTreeMap<String, Style>, OfficeError> {
    let mut all: BTreeMap<String, Style> = BTreeMap::new();
    let mut reader = Reader::from_str(xml);
    let mut open = None::<String>;
    loop {
        match reader.read_event().map_err(|error| OfficeError::Damaged(error.to_string()))? {
            Event::Start(element) | Event::Empty(element) => {
                let value = || attribute(&element, "val");
                match (element.local_name().as_ref(), &open) {
                    ("style", _) => open = attribute(&element, "styleId"),
                    ("numId", Some(id)) => {
                        all.entry(id.clone()).or_default().number =
                            value().and_then(|text| text.parse().ok());
                    }
                    ("ilvl", Some(id)) => {
                        all.entry(id.clone()).or_default().level = value().and_then(|text| text.parse().ok());
                    }
                    ("basedOn", Some(id)) => all.entry(id.clone()).or_default().based_on = value(),
                    _ => {}
                }
            }
            Event::Eof => return Ok(all),
            _ => {}
        }
    }
}

#[derive(Debug, Default)]
struct Body {
    numbering: Numbering,
    styles: BTreeMap<String, Style>,
    out: String,
    /// Paragraphs that are open: a text box stands within one.
    open: Vec<Paragraph>,
    /// Tables that are open, each with the cells of its row and the paragraphs of its cell.
    tables: Vec<(Vec<String>, Vec<String>)>,
    /// Deleted words, field codes and the fallback of a drawing are not read.
    skipped: usize,
}

/// Elements whose words are not the document's.
const SKIPPED: [&str; 5] = ["del", "instrText", "Fallback", "delText", "moveFrom"];

impl Body {
    fn read(mut self, xml: &str) -> Result<String, OfficeError> {
        let mut reader = Reader::from_str(xml);
        let mut depth = 0_usize;
        let mut in_text = false;
        loop {
            let event = reader.read_event().map_err(|error| OfficeError::Damaged(error.to_string()))?;
            match event {
                Event::Start(element) => {
                    depth += 1;
                    if depth > caps::MAX_DEPTH {
                        return Err(OfficeError::TooDeep);
                    }
                    let name = element.local_name();
                    if self.skipped > 0 || SKIPPED.contains(&name.as_ref()) {
                        self.skipped += 1;
                        continue;
                    }
                    match name.as_ref() {
                        "p" => self.open.push(Paragraph::default()),
                        "t" => in_text = true,
                        "tbl" => self.tables.push((Vec::new(), Vec::new())),
                        _ => self.property(&element),
                    }
                }
                Event::Empty(element) if self.skipped == 0 => match element.local_name().as_ref() {
                    "p" => {
                        self.open.push(Paragraph::default());
                        self.paragraph();
                    }
                    "tab" => self.say("\t"),
                    "br" | "cr" => self.say("\n"),
                    "noBreakHyphen" => self.say("-"),
                    _ => self.property(&element),
                },
                Event::End(element) => {
                    depth = depth.saturating_sub(1);
                    if self.skipped > 0 {
                        self.skipped -= 1;
                        continue;
                    }
                    match element.local_name().as_ref() {
                        "t" => in_text = false,
                        "p" => self.paragraph(),
                        "tc" => self.cell(),
                        "tr" => self.row(),
                        "tbl" => {
                            self.tables.pop();
                        }
                        _ => {}
                    }
                }
                Event::Text(words) if in_text && self.skipped == 0 => {
                    self.say(&words);
                }
                Event::GeneralRef(name) if in_text && self.skipped == 0 => {
                    let escaped = format!("&{};", &*name);
                    let words = quick_xml::escape::unescape(&escaped)
                        .map_err(|error| OfficeError::Damaged(error.to_string()))?;
                    self.say(&words);
                }
                Event::Eof => return Ok(self.out),
                _ => {}
            }
        }
    }

    fn say(&mut self, words: &str) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.words.push_str(words);
        }
    }

    fn property(&mut self, element: &quick_xml::events::BytesStart<'_>) {
        let Some(paragraph) = self.open.last_mut() else { return };
        let value = attribute(element, "val");
        match element.local_name().as_ref() {
            "pStyle" => paragraph.style = value,
            "numId" => paragraph.number = value.and_then(|text| text.parse().ok()),
            "ilvl" => paragraph.level = value.and_then(|text| text.parse().ok()),
            _ => {}
        }
    }

    /// The list and level of a paragraph: its own, else those of its style and the styles behind.
    fn list_of(&self, paragraph: &Paragraph) -> Option<(u32, usize)> {
        let (mut number, mut level) = (paragraph.number, paragraph.level);
        let mut style = paragraph.style.clone();
        // Styles that rest on each other in a circle are hostile.
        for _ in 0..16 {
            let Some(id) = style else { break };
            if let (Some(number), None) = (number, level) {
                level = self.numbering.level_of_style(number, &id);
            }
            let Some(found) = self.styles.get(&id) else { break };
            if number.is_none() && found.number.is_some() {
                number = found.number;
                level = level.or(found.level).or_else(|| self.numbering.level_of_style(found.number?, &id));
            }
            style = found.based_on.clone();
        }
        // Number 0 takes a paragraph out of its list.
        number.filter(|number| *number != 0).map(|number| (number, level.unwrap_or(0)))
    }

    fn paragraph(&mut self) {
        let Some(paragraph) = self.open.pop() else { return };
        let mut words = paragraph.words.trim_end().to_owned();
        if let Some((number, level)) = self.list_of(&paragraph)
            && !words.trim().is_empty()
            && let Some(shown) = self.numbering.next(number, level)
        {
            words = format!("{shown}{}", words.trim_start());
        }
        match self.tables.last_mut() {
            Some((_, cell)) => cell.push(words),
            None => {
                self.out.push_str(&words);
                self.out.push('\n');
            }
        }
    }

    fn cell(&mut self) {
        if let Some((row, cell)) = self.tables.last_mut() {
            let words: Vec<String> =
                std::mem::take(cell).into_iter().filter(|words| !words.is_empty()).collect();
            // A cell is one value, whatever its paragraphs.
            row.push(words.join(" ").replace(['\t', '\n'], " "));
        }
    }

    fn row(&mut self) {
        let Some((row, _)) = self.tables.last_mut() else { return };
        let words = std::mem::take(row).join("\t");
        let depth = self.tables.len();
        if depth > 1 {
            // A table in a cell is told within it.
            self.tables[depth - 2].1.push(words.replace('\t', " "));
        } else {
            self.out.push_str(&words);
            self.out.push('\n');
        }
    }
}
