//! Lines of a pasted text to paragraphs: page furniture out, cut sentences joined, flattened
//! pages opened again. Every character keeps its place in the source.

mod opening;

use super::date;
use super::draft::LeftOut;
use super::draft::Span;
use super::furniture::without_furniture;
use super::joining::Growing;
use super::markup::without_markup;
use super::outline::{Level, marker_at};
use super::pattern::looked;
use super::table::Tables;
use crate::text::{folded, ideograph, is_blank, is_han};
use opening::{Numbering, duties_apart, opened, points};
use std::collections::BTreeSet;

/// One character of the source.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    pub shown: char,
    /// Index in the source, in characters.
    pub at: usize,
}

/// A paragraph: its characters, and the same folded for matching (without blanks).
#[derive(Debug, Clone, Default)]
pub struct Paragraph {
    pub cells: Vec<Cell>,
    pub folded: String,
    /// For each byte of `folded`, the index of its character in `cells`.
    cell_of_byte: Vec<usize>,
}

impl Paragraph {
    fn new(cells: Vec<Cell>) -> Self {
        let mut paragraph = Self::default();
        paragraph.extend(cells);
        paragraph
    }

    /// Adds characters at the end.
    pub fn extend(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let start = self.folded.len();
        for cell in cells {
            if !is_blank(cell.shown) {
                let character = folded(cell.shown);
                self.folded.push(character);
                self.cell_of_byte.extend(std::iter::repeat_n(self.cells.len(), character.len_utf8()));
            }
            self.cells.push(cell);
        }
        looked(&self.folded[start..]);
    }

    /// Takes away what stands behind byte `end` of `folded`.
    pub fn truncate(&mut self, end: usize) {
        self.cells.truncate(self.cell(end));
        self.folded.truncate(end);
        self.cell_of_byte.truncate(end);
    }

    /// Index in `cells` of the character that holds byte `byte` of `folded`.
    fn cell(&self, byte: usize) -> usize {
        self.cell_of_byte.get(byte).copied().unwrap_or(self.cells.len())
    }

    /// The span in the source of bytes `[from, to)` of `folded`.
    pub fn span(&self, from: usize, to: usize) -> Span {
        let first = self.cells.get(self.cell(from)).map_or(0, |cell| cell.at);
        let last = if to > from { self.cells.get(self.cell(to - 1)) } else { None };
        Span { from: first, to: last.map_or(first, |cell| cell.at + 1) }
    }

    /// The characters as printed that bytes `[from, to)` of `folded` stand for.
    pub fn shown(&self, from: usize, to: usize) -> String {
        if to <= from {
            return String::new();
        }
        let cells = &self.cells[self.cell(from)..=self.cell(to - 1)];
        let text: String = cells.iter().map(|cell| cell.shown).collect();
        tidy(&text)
    }

    /// The whole paragraph as printed.
    pub fn shown_all(&self) -> String {
        self.shown(0, self.folded.len())
    }

    /// Whether bytes `[from, to)` of `folded` stand on both sides of a page break or an empty line; a
    /// line that was only wrapped is not one.
    pub fn is_cut(&self, from: usize, to: usize) -> bool {
        let cells = self.cells.get(self.cell(from)..=self.cell(to.saturating_sub(1))).unwrap_or_default();
        cells.windows(2).any(|pair| pair[1].at > pair[0].at + 2)
    }

    /// Whether a blank stands before byte `byte` of `folded`.
    pub fn blank_before(&self, byte: usize) -> bool {
        let cell = self.cell(byte);
        cell > 0 && self.cells.get(cell - 1).is_some_and(|cell| is_blank(cell.shown))
    }
}

/// Blanks between Chinese characters come from the layout; those between words stay.
fn tidy(text: &str) -> String {
    looked(text);
    let mut out = String::with_capacity(text.len());
    let mut after_blank = false;
    for character in text.trim().chars() {
        if is_blank(character) {
            after_blank = true;
            continue;
        }
        let is_word = |c: char| c.is_ascii_alphanumeric();
        if std::mem::take(&mut after_blank) && is_word(character) && out.ends_with(is_word) {
            out.push(' ');
        }
        out.push(character);
    }
    out
}

/// A text as it is read on.
pub struct Source {
    pub paragraphs: Vec<Paragraph>,
    /// The rows of its tables that are no measures.
    pub left_out: Vec<LeftOut>,
    /// Places of numbers of rows that are those of the rows above.
    pub merged: BTreeSet<usize>,
    /// The year in which a site has put the page up.
    pub posted: Option<i32>,
}

/// Reads a text into paragraphs.
pub fn source(text: &str) -> Source {
    let (lines, tables, posted) = lines(text);
    let width = usual_width(&lines);
    let mut joined: Vec<Paragraph> = Vec::new();
    let mut open: Option<Growing> = None;
    for line in lines {
        if open.as_mut().is_some_and(|above| above.goes_on(&line, width)) {
            open.iter_mut().for_each(|above| above.join(line.clone()));
        } else {
            joined.extend(open.replace(Growing::new(line)).map(Growing::done));
        }
    }
    joined.extend(open.map(Growing::done));
    let mut numbering = Numbering::default();
    let mut paragraphs: Vec<Paragraph> = joined
        .into_iter()
        .flat_map(|paragraph| opened(paragraph, &mut numbering))
        .flat_map(duties_apart)
        .filter(|paragraph| !is_of_contents(&paragraph.folded))
        .collect();
    let numbered = paragraphs.iter().filter(|paragraph| marker_at(&paragraph.folded).is_some()).count();
    if numbered < FEW && paragraphs.iter().any(|paragraph| paragraph.folded.contains("二是")) {
        let mut last = 0;
        paragraphs = paragraphs.into_iter().flat_map(|paragraph| points(paragraph, &mut last)).collect();
    }
    Source { paragraphs, left_out: tables.left_out, merged: tables.merged, posted }
}

/// Lines that hold something; rows of tables are sentences already, flattened pages are cut at
/// their blanks (what was cut wrongly is joined again as after a page break).
fn lines(text: &str) -> (Vec<Paragraph>, Tables, Option<i32>) {
    let mut lines = Vec::new();
    let mut tables = Tables::of(text.chars().count());
    let rows = super::table::rows_of_cells(split_lines(text));
    for (place, line) in rows.iter().enumerate() {
        for line in tables.line(line.clone(), &rows[place + 1..]) {
            let pieces = if line.len() > FLATTENED { cut_at_blanks(line) } else { vec![line] };
            lines.extend(pieces.into_iter().map(Paragraph::new).filter(|line| !line.folded.is_empty()));
        }
    }
    // The line with the day of the page is one of the site, and goes.
    let posted = lines.iter().find_map(|line| date::posted_year(&line.folded));
    (without_furniture(lines), tables, posted)
}

/// The lines of a text. A break inside a quoted cell of a spreadsheet is a part of the cell.
fn split_lines(text: &str) -> Vec<Vec<Cell>> {
    let mut cells = without_markup(text);
    // Glyphs of a font of its own mean nothing elsewhere.
    cells.retain(|cell| !is_private(cell.shown));
    let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{0c}');
    let edge = |cell: Option<&Cell>| cell.is_none_or(|cell| cell.shown == '\t' || is_break(cell.shown));
    let mut lines: Vec<Vec<Cell>> = vec![Vec::new()];
    let mut until = None;
    for (place, cell) in cells.iter().enumerate() {
        let character = cell.shown;
        if character == '"'
            && until.is_none()
            && edge(place.checked_sub(1).and_then(|before| cells.get(before)))
        {
            let rest = &cells[place + 1..(place + QUOTED).min(cells.len())];
            let end = rest.iter().position(|cell| cell.shown == '"').map(|length| place + 1 + length);
            let quoted = |end: &usize| {
                edge(cells.get(end + 1))
                    && rest[..end - place - 1].iter().any(|cell| is_break(cell.shown))
                    && !rest[..end - place - 1].iter().any(|cell| cell.shown == '\t')
            };
            until = end.filter(quoted);
            if until.is_some() {
                continue;
            }
        }
        if until == Some(place) {
            until = None;
        } else if is_break(character) && until.is_none() {
            lines.push(Vec::new());
        } else if let Some(line) = lines.last_mut() {
            let shown = if is_break(character) { ' ' } else { character };
            line.push(Cell { shown: ideograph(shown), at: cell.at });
        }
    }
    lines
}

fn is_private(character: char) -> bool {
    matches!(character, '\u{E000}'..='\u{F8FF}' | '\u{AD}' | '\u{FFFD}')
}

/// The longest cell, in characters, that is read over its line breaks.
const QUOTED: usize = 600;

/// A line longer than this (in characters) holds several paragraphs when it has blanks.
pub const FLATTENED: usize = 60;

fn cut_at_blanks(line: Vec<Cell>) -> Vec<Vec<Cell>> {
    let wide = |cell: Option<&Cell>| {
        cell.is_some_and(|cell| !cell.shown.is_ascii() || cell.shown.is_ascii_digit() || cell.shown == ')')
    };
    let mut pieces = Vec::new();
    let mut piece: Vec<Cell> = Vec::new();
    // For each place, the next one that is filled.
    let mut filled: Vec<Option<&Cell>> = Vec::with_capacity(line.len());
    for cell in line.iter().rev() {
        let behind = filled.last().copied().flatten();
        filled.push(if is_blank(cell.shown) { behind } else { Some(cell) });
    }
    for (place, (cell, next)) in line.iter().zip(filled.into_iter().rev()).enumerate() {
        let next_digit = next.is_some_and(|cell| cell.shown.is_ascii_digit());
        let unit = piece.last().is_some_and(|cell| cell.shown.is_ascii_digit()) && !ends_in_page(&piece);
        let sentence =
            piece.last().is_some_and(|cell| SENTENCE_END.contains(&cell.shown) || cell.shown == ')');
        if is_blank(cell.shown)
            && wide(piece.last())
            && wide(next)
            && !unit
            && (!next_digit || sentence || numbered(&line[place..]))
            && !is_number_alone(&piece)
            && !goes_on_with_units(&piece, &line[place..])
        {
            pieces.push(std::mem::take(&mut piece));
        } else {
            piece.push(*cell);
        }
    }
    pieces.push(piece);
    // A page of a newspaper or a table has blanks for other reasons: only a real outline is cut.
    let markers =
        pieces.iter().filter(|piece| marker_at(&Paragraph::new((*piece).clone()).folded).is_some()).count();
    if markers >= 2 { pieces } else { vec![line] }
}

/// Whether a piece is the number of a heading and nothing else: `第一节`, before its blank.
fn is_number_alone(piece: &[Cell]) -> bool {
    // 总则第一条: a heading may be glued to the next one's number.
    let near = &piece[piece.len().saturating_sub(6)..];
    let tail: String = near.iter().map(|cell| folded(cell.shown)).collect();
    let tail = tail.rfind('第').map_or("", |at| &tail[at..]);
    if is_whole_number(tail, Level::Article) {
        return true;
    }
    if piece.len() > 10 {
        return false;
    }
    let words: String = piece.iter().map(|cell| folded(cell.shown)).filter(|c| !is_blank(*c)).collect();
    is_whole_number(&words, Level::Four)
}

/// Whether words are a number of an outline, of a level no deeper than this, and nothing else.
fn is_whole_number(words: &str, deepest: Level) -> bool {
    marker_at(&format!("{words}某"))
        .is_some_and(|marker| marker.level <= deepest && marker.bytes == words.len() && marker.bytes > 0)
}

/// Whether a list of units goes on behind a blank with a further one: `责任单位：市财政局 市审计局`.
fn goes_on_with_units(piece: &[Cell], behind: &[Cell]) -> bool {
    const NEAR: usize = 60;
    let near: String =
        piece[piece.len().saturating_sub(NEAR)..].iter().map(|cell| folded(cell.shown)).collect();
    let Some((_, list)) = near.rsplit_once('：') else { return false };
    let is_unit =
        |name: &str| !name.is_empty() && super::units::is_whole(name) || super::names::is_group(name);
    let names = list.split(|c| matches!(c, '、' | '，' | '；') || is_blank(c));
    // A blank behind the label is no name.
    let listed = names.filter(|name| !name.is_empty()).all(is_unit);
    let word = behind.iter().skip_while(|cell| is_blank(cell.shown)).take_while(|cell| !is_blank(cell.shown));
    let word: String = word.take(NEAR).map(|cell| folded(cell.shown)).collect();
    // A signature stands behind the last list.
    let signed = !word.starts_with('各') && (word.ends_with("人民政府") || word.ends_with("办公室"));
    listed && !signed && word.split(['、', '，', '；']).all(is_unit)
}

/// Whether a line of a table of contents ends here: dots and the number of a page.
fn ends_in_page(piece: &[Cell]) -> bool {
    let mut last = piece.iter().rev().take(12).skip_while(|cell| cell.shown.is_ascii_digit());
    last.next().is_some_and(|cell| cell.shown == '…')
}

/// Whether a number with a point and a word stand behind a blank: `清单 1．梳理…`.
fn numbered(behind: &[Cell]) -> bool {
    let near = behind.iter().filter(|cell| !is_blank(cell.shown)).take(6);
    let near: String = near.map(|cell| folded(cell.shown)).collect();
    marker_at(&near).is_some_and(|marker| {
        marker.level == Level::Three
            && near[..marker.bytes].ends_with('.')
            && near[marker.bytes..].starts_with(is_han)
    })
}

/// The width that most full lines have, when the text was wrapped by hand.
fn usual_width(lines: &[Paragraph]) -> Option<usize> {
    let mut widths: Vec<usize> = lines.iter().map(|line| line.folded.chars().count()).collect();
    widths.sort_unstable();
    let high = *widths.get(widths.len() * 9 / 10)?;
    (high <= 60).then_some(high)
}

pub const SENTENCE_END: &[char] = &['。', '；', '！', '？', '：'];

/// A text with fewer numbers has none that make an outline; its points are told: 一是, 二是.
const FEW: usize = 2;

/// A line of a table of contents: words, dots, and the number of a page.
fn is_of_contents(folded: &str) -> bool {
    let bare = folded.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '（' | '）' | '-'));
    let words = bare.trim_end_matches(['…', '.', '·', '•']);
    let dots = bare[words.len()..].chars().map(|c| if c == '…' { 3 } else { 1 }).sum::<usize>();
    bare.len() < folded.len() && dots >= 4 || matches!(folded, "目录" | "目次")
}
