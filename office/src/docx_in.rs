//! The words of a `.docx`, with the numbers that its paragraphs show, its tables row by row.

use crate::OfficeError;
use crate::caps::{self, Parts};
use crate::docx_grid::Grid;
use crate::numbering::{Numbering, attribute};
use crate::symbols;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use tongban_shared::office::{Aside, NO_SIGN, Text, Told};

/// The effect of a style: a list and a level to its paragraphs, and whether its words show.
#[derive(Debug, Clone, Default)]
struct Style {
    number: Option<u32>,
    level: Option<usize>,
    hidden: Option<bool>,
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

/// A run that is being read: words of one form.
#[derive(Debug, Default)]
struct Run {
    hidden: Option<bool>,
    style: Option<String>,
}

/// The text of a document: a line for each paragraph; the cells of a table apart by tabs. Words that do
/// not show in print stay out and are counted.
///
/// # Errors
/// [`OfficeError`] when the file is too large, damaged, too deep or has no words.
pub fn text(bytes: &[u8]) -> Result<Text, OfficeError> {
    let mut parts = Parts::open(bytes)?;
    let no_body = || OfficeError::Damaged("没有正文".to_owned());
    let document = parts.text("word/document.xml")?.ok_or_else(no_body)?;
    let numbering = match parts.text("word/numbering.xml")? {
        Some(xml) => Numbering::read(&xml)?,
        None => Numbering::default(),
    };
    let styles = match parts.text("word/styles.xml")? {
        Some(xml) => styles(&xml)?,
        None => BTreeMap::new(),
    };
    let text = Body { numbering, styles, ..Body::default() }.read(&document)?;
    if text.words.trim().is_empty() { Err(OfficeError::NoText) } else { Ok(text) }
}

/// Whether a switch such as `w:vanish` is on: one without a value is.
fn is_on(element: &BytesStart<'_>) -> bool {
    attribute(element, "val").is_none_or(|word| !matches!(word.as_str(), "0" | "false" | "off"))
}

fn styles(xml: &str) -> Result<BTreeMap<String, Style>, OfficeError> {
    let mut all: BTreeMap<String, Style> = BTreeMap::new();
    let mut reader = Reader::from_str(xml);
    let mut open = None::<String>;
    loop {
        match reader.read_event().map_err(|_| OfficeError::DamagedFile)? {
            Event::Start(element) | Event::Empty(element) => {
                let value = attribute(&element, "val");
                let name = element.local_name();
                if name.as_ref() == "style" {
                    open = attribute(&element, "styleId");
                    continue;
                }
                let Some(id) = &open else { continue };
                if !matches!(name.as_ref(), "numId" | "ilvl" | "basedOn" | "vanish") {
                    continue;
                }
                let style = all.entry(id.clone()).or_default();
                match name.as_ref() {
                    "numId" => style.number = value.and_then(|text| text.parse().ok()),
                    "ilvl" => style.level = value.and_then(|text| text.parse().ok()),
                    "basedOn" => style.based_on = value,
                    _ => style.hidden = Some(is_on(&element)),
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
    told: Told,
    /// Paragraphs that are open: a text box stands within one.
    open: Vec<Paragraph>,
    runs: Vec<Run>,
    /// Tables that are open in each other.
    tables: Vec<Grid>,
    /// Within how many elements of [`SKIPPED`] and below; their characters count as this.
    skipped: usize,
    skipped_as: Option<Aside>,
    /// Whether the properties of a row, of a paragraph are read.
    in_row: bool,
    in_paragraph: bool,
    /// How many paragraphs were read.
    paragraphs: usize,
    /// Bytes of merged values that were written once more.
    copied: usize,
}

/// Elements whose words are not the document's, and the kind that their characters count as. Moved words
/// stand at their new place; the fallback of a drawing repeats it.
fn skipped(name: &str) -> Option<Option<Aside>> {
    Some(match name {
        "del" | "delText" => Some(Aside::DeletedText),
        "rt" => Some(Aside::Ruby),
        "instrText" | "Fallback" | "moveFrom" => None,
        // Forms of before a change.
        "pPrChange" | "rPrChange" | "tblPrChange" | "trPrChange" | "tcPrChange" | "sectPrChange" => None,
        _ => return None,
    })
}

/// The most bytes that merged values may add.
const MAX_COPIED: usize = 8 * 1024 * 1024;

impl Body {
    fn read(mut self, xml: &str) -> Result<Text, OfficeError> {
        let mut reader = Reader::from_str(xml);
        let mut depth = 0_usize;
        let mut in_text = false;
        loop {
            match reader.read_event().map_err(|_| OfficeError::DamagedFile)? {
                Event::Start(element) => {
                    depth += 1;
                    if depth > caps::MAX_DEPTH {
                        return Err(OfficeError::TooDeep);
                    }
                    let name = element.local_name();
                    in_text = matches!(name.as_ref(), "t" | "delText");
                    if self.skipped > 0 {
                        self.skipped += 1;
                    } else if let Some(kind) = skipped(name.as_ref()) {
                        (self.skipped, self.skipped_as) = (1, kind);
                    } else {
                        self.begin(&element);
                    }
                }
                Event::Empty(element) if self.skipped == 0 => self.empty(&element)?,
                Event::End(element) => {
                    depth = depth.saturating_sub(1);
                    in_text = false;
                    if self.skipped > 0 {
                        self.skipped -= 1;
                    } else {
                        self.end(element.local_name().as_ref())?;
                    }
                }
                Event::Text(words) if in_text => self.say(&words),
                Event::GeneralRef(name) if in_text => {
                    let escaped = format!("&{};", &*name);
                    let words =
                        quick_xml::escape::unescape(&escaped).map_err(|_| OfficeError::DamagedFile)?;
                    self.say(&words);
                }
                Event::Eof => return Ok(Text { words: self.out, told: self.told }),
                _ => {}
            }
        }
    }

    fn begin(&mut self, element: &BytesStart<'_>) {
        match element.local_name().as_ref() {
            "p" => self.open.push(Paragraph::default()),
            "r" => self.runs.push(Run::default()),
            "tbl" => self.tables.push(Grid::default()),
            "trPr" => self.in_row = true,
            "pPr" => self.in_paragraph = true,
            _ => self.property(element),
        }
    }

    fn empty(&mut self, element: &BytesStart<'_>) -> Result<(), OfficeError> {
        match element.local_name().as_ref() {
            "p" => {
                self.open.push(Paragraph::default());
                self.paragraph()?;
            }
            "tab" | "ptab" if !self.in_paragraph => self.say("\t"),
            "br" | "cr" => self.say("\n"),
            "noBreakHyphen" => self.say("-"),
            "sym" => {
                let [font, place] = ["font", "char"].map(|name| attribute(element, name).unwrap_or_default());
                let sign = symbols::sign(&font, &place);
                if sign == NO_SIGN {
                    self.count(Aside::Symbols, 1);
                }
                self.say(sign.encode_utf8(&mut [0; 4]));
            }
            "del" if self.in_row => {
                if let Some(grid) = self.tables.last_mut() {
                    grid.delete_row();
                }
            }
            _ => self.property(element),
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), OfficeError> {
        match name {
            "p" => self.paragraph()?,
            "r" => {
                self.runs.pop();
            }
            "trPr" => self.in_row = false,
            "pPr" => self.in_paragraph = false,
            "tc" => {
                if let Some(grid) = self.tables.last_mut() {
                    self.copied += grid.cell();
                    if self.copied > MAX_COPIED {
                        return Err(OfficeError::Bomb);
                    }
                }
            }
            "tr" => self.row()?,
            "tbl" => {
                if let Some(grid) = self.tables.pop() {
                    self.count(Aside::MergedAreas, grid.merged);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, kind: Aside, number: usize) {
        if number > 0 {
            *self.told.entry(kind).or_default() += number;
        }
    }

    /// Words of the document, or those of a kind that stays out.
    fn say(&mut self, words: &str) {
        let kind = if self.skipped > 0 {
            self.skipped_as
        } else if self.is_hidden() {
            Some(Aside::HiddenText)
        } else {
            if let Some(paragraph) = self.open.last_mut() {
                paragraph.words.push_str(words);
            }
            return;
        };
        if let Some(kind) = kind {
            self.count(kind, words.chars().filter(|c| !c.is_whitespace()).count());
        }
    }

    /// Whether the words of the run do not show: by itself, else by its style or its paragraph's.
    fn is_hidden(&self) -> bool {
        let Some(run) = self.runs.last() else { return false };
        let of_style = |style: &Option<String>| {
            let mut found = self.styles.get(style.as_ref()?)?;
            // Styles that rest on each other in a circle are hostile.
            for _ in 0..16 {
                if found.hidden.is_some() {
                    return found.hidden;
                }
                found = self.styles.get(found.based_on.as_ref()?)?;
            }
            None
        };
        let paragraph = || self.open.last().and_then(|paragraph| of_style(&paragraph.style));
        run.hidden.or_else(|| of_style(&run.style)).or_else(paragraph).unwrap_or(false)
    }

    fn property(&mut self, element: &BytesStart<'_>) {
        let value = attribute(element, "val");
        let number = || value.as_deref().and_then(|text| text.parse::<u32>().ok());
        let size = || number().map_or(1, |number| number as usize);
        let name = element.local_name();
        match name.as_ref() {
            "blip" | "imagedata" => self.count(Aside::Pictures, 1),
            "commentReference" => self.count(Aside::Comments, 1),
            "footnoteReference" | "endnoteReference" => self.count(Aside::Footnotes, 1),
            "vanish" | "rStyle" if self.in_paragraph => {}
            "vanish" | "rStyle" => {
                let Some(run) = self.runs.last_mut() else { return };
                if name.as_ref() == "vanish" {
                    run.hidden = Some(is_on(element));
                } else {
                    run.style = value;
                }
            }
            "gridSpan" | "gridBefore" | "vMerge" => {
                let Some(grid) = self.tables.last_mut() else { return };
                match name.as_ref() {
                    "gridSpan" => grid.span(size()),
                    "gridBefore" => grid.before(size()),
                    _ => grid.merge(value.as_deref() == Some("restart")),
                }
            }
            "pStyle" | "numId" | "ilvl" => {
                let Some(paragraph) = self.open.last_mut() else { return };
                match name.as_ref() {
                    "numId" => paragraph.number = number(),
                    "ilvl" => paragraph.level = number().map(|number| number as usize),
                    _ => paragraph.style = value,
                }
            }
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

    fn paragraph(&mut self) -> Result<(), OfficeError> {
        let Some(paragraph) = self.open.pop() else { return Ok(()) };
        self.paragraphs += 1;
        if self.paragraphs > caps::MAX_PARAGRAPHS {
            return Err(OfficeError::TooManyParagraphs(caps::MAX_PARAGRAPHS));
        }
        let mut words = paragraph.words.trim_end().to_owned();
        if let Some((number, level)) = self.list_of(&paragraph)
            && !words.trim().is_empty()
            && let Some(shown) = self.numbering.next(number, level)
        {
            words = format!("{shown}{}", words.trim_start());
        }
        match self.tables.last_mut() {
            Some(grid) => grid.paragraph(words),
            None => self.line(&words)?,
        }
        Ok(())
    }

    fn row(&mut self) -> Result<(), OfficeError> {
        let Some(row) = self.tables.last_mut().and_then(Grid::row) else { return Ok(()) };
        match self.tables.len().checked_sub(2) {
            // A table in a cell is told within it.
            Some(outer) => self.tables[outer].paragraph(row.join(" ")),
            None => self.line(&row.join("\t"))?,
        }
        Ok(())
    }

    /// Writes a line, as long as there are not too many words to read on.
    fn line(&mut self, words: &str) -> Result<(), OfficeError> {
        self.out.push_str(words);
        self.out.push('\n');
        caps::words(self.out.len())
    }
}
