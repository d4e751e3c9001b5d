//! Lines of a pasted text to paragraphs: page furniture out, cut sentences joined, flattened
//! pages opened again. Every character keeps its place in the source.

use super::draft::LeftOut;
use super::draft::Span;
use super::furniture::without_furniture;
use super::outline::{Level, Marker, marker_at};
use super::table::Tables;
use crate::text::{folded, ideograph, is_blank};
use std::collections::{BTreeSet, HashMap};

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
        super::looked(cells.len());
        let mut folded_text = String::with_capacity(cells.len() * 3);
        let mut cell_of_byte = Vec::with_capacity(cells.len() * 3);
        for (index, cell) in cells.iter().enumerate() {
            if !is_blank(cell.shown) {
                let character = folded(cell.shown);
                folded_text.push(character);
                cell_of_byte.extend(std::iter::repeat_n(index, character.len_utf8()));
            }
        }
        Self { cells, folded: folded_text, cell_of_byte }
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
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for character in text.trim().chars() {
        if is_blank(character) {
            blank = true;
            continue;
        }
        let before = out.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        if std::mem::take(&mut blank) && before && character.is_ascii_alphanumeric() {
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
}

/// Reads a text into paragraphs.
pub fn source(text: &str) -> Source {
    let (lines, tables) = lines(text);
    let width = usual_width(&lines);
    let mut joined: Vec<Vec<Cell>> = Vec::new();
    let mut open: Option<Paragraph> = None;
    for line in lines {
        open = match open.take() {
            Some(before) if continues(&before, &line, width) => Some(join(before, line)),
            Some(before) => {
                joined.push(before.cells);
                Some(line)
            }
            None => Some(line),
        };
    }
    joined.extend(open.map(|paragraph| paragraph.cells));
    let opened = joined.into_iter().flat_map(|cells| opened(Paragraph::new(cells)));
    let paragraphs = opened.flat_map(bounded).collect();
    Source { paragraphs, left_out: tables.left_out, merged: tables.merged }
}

/// Lines that hold something; rows of tables are sentences already, flattened pages are cut at
/// their blanks (what was cut wrongly is joined again as after a page break).
fn lines(text: &str) -> (Vec<Paragraph>, Tables) {
    let mut lines = Vec::new();
    let mut tables = Tables::default();
    for line in super::table::rows_of_cells(split_lines(text)) {
        for line in tables.line(line) {
            let pieces = if line.len() > FLATTENED { cut_at_blanks(line) } else { vec![line] };
            lines.extend(pieces.into_iter().map(Paragraph::new).filter(|line| !line.folded.is_empty()));
        }
    }
    (without_furniture(lines), tables)
}

/// The lines of a text. A break inside a quoted cell of a spreadsheet is a part of the cell.
fn split_lines(text: &str) -> Vec<Vec<Cell>> {
    let characters: Vec<char> = text.chars().collect();
    let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{0c}');
    let edge = |c: Option<&char>| c.is_none_or(|c| *c == '\t' || is_break(*c));
    let mut lines: Vec<Vec<Cell>> = vec![Vec::new()];
    let mut until = None;
    for (at, character) in characters.iter().copied().enumerate() {
        if character == '"' && until.is_none() && edge(at.checked_sub(1).and_then(|at| characters.get(at))) {
            let rest = &characters[at + 1..(at + QUOTED).min(characters.len())];
            let end = rest.iter().position(|c| *c == '"').map(|length| at + 1 + length);
            let cell = |end: &usize| {
                edge(characters.get(end + 1))
                    && rest[..end - at - 1].iter().any(|c| is_break(*c))
                    && !rest[..end - at - 1].contains(&'\t')
            };
            until = end.filter(cell);
            if until.is_some() {
                continue;
            }
        }
        if until == Some(at) {
            until = None;
        } else if is_break(character) && until.is_none() {
            lines.push(Vec::new());
        } else if let Some(line) = lines.last_mut() {
            let shown = if is_break(character) { ' ' } else { character };
            line.push(Cell { shown: ideograph(shown), at });
        }
    }
    lines
}

/// The longest cell, in characters, that is read over its line breaks.
const QUOTED: usize = 600;

/// A line longer than this (in characters) holds several paragraphs when it has blanks.
const FLATTENED: usize = 300;

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
    filled.reverse();
    for (cell, next) in line.iter().zip(filled) {
        let next_digit = next.is_some_and(|cell| cell.shown.is_ascii_digit());
        let unit = piece.last().is_some_and(|cell| cell.shown.is_ascii_digit());
        let sentence =
            piece.last().is_some_and(|cell| SENTENCE_END.contains(&cell.shown) || cell.shown == ')');
        if is_blank(cell.shown) && wide(piece.last()) && wide(next) && !unit && (!next_digit || sentence) {
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

/// The width that most full lines have, when the text was wrapped by hand.
fn usual_width(lines: &[Paragraph]) -> Option<usize> {
    let mut widths: Vec<usize> = lines.iter().map(|line| line.folded.chars().count()).collect();
    widths.sort_unstable();
    let high = *widths.get(widths.len() * 9 / 10)?;
    (high <= 60).then_some(high)
}

const SENTENCE_END: &[char] = &['。', '；', '！', '？', '：'];

/// The most characters of a paragraph, many times those of the longest of a document: what comes behind
/// them is a paragraph of its own, so that a text costs what it is long.
const LONGEST: usize = 4000;

/// Whether a line goes on with the paragraph before it.
fn continues(before: &Paragraph, line: &Paragraph, width: Option<usize>) -> bool {
    if before.cells.len() >= LONGEST || line.cells.len() >= LONGEST {
        return false;
    }
    let (above, below) = (before.folded.as_str(), line.folded.as_str());
    super::looked(above.len() + below.len());
    if open_bracket(above) {
        return marker_at(below).is_none()
            && !(super::lists::ends_in_list(above) && starts_with_short_label(below));
    }
    if super::lists::ends_in_list(above) && starts_with_short_label(below) {
        return false;
    }
    if marker_at(below).is_some() || starts_new(below) {
        return false;
    }
    if super::lists::is_bare_label(above) {
        return true;
    }
    let hangs = ["关于", "印发", "转发", "、", "，", "的", "和", "与", "及", "《"]
        .iter()
        .any(|word| above.ends_with(word))
        || above.matches('《').count() > above.matches('》').count();
    if hangs && !super::head::is_date_line(below) {
        return true;
    }
    if above.ends_with(SENTENCE_END) || ends_list(above) {
        return false;
    }
    if is_open_title(above, below) {
        return true;
    }
    if is_heading_line(above) || ends_title(above) || super::head::is_number_line(above) {
        return false;
    }
    if super::head::is_date_line(below) || super::head::is_number_line(below) {
        return false;
    }
    let length = above.chars().count();
    let last_line = before.cells.len();
    // A sentence that was cut is long; a name or a caption on a line of its own is short.
    let full = width.map_or(length > 24, |width| last_line + 6 >= width || length + 6 >= width);
    full || above.contains(['。', '，', '、']) || below.starts_with(['，', '、', '。', '）', '；', '"'])
}

fn join(mut before: Paragraph, line: Paragraph) -> Paragraph {
    if let Some(cut) = doubled_opening(&before.folded, &line.folded) {
        let keep = before.cell(cut);
        before.cells.truncate(keep);
    }
    let ascii = |cell: Option<&Cell>| cell.is_some_and(|c| c.shown.is_ascii_alphanumeric());
    if ascii(before.cells.last()) && ascii(line.cells.first()) {
        let at = before.cells.last().map_or(0, |cell| cell.at);
        before.cells.push(Cell { shown: ' ', at });
    }
    before.cells.extend(line.cells);
    Paragraph::new(before.cells)
}

/// A page break that printed the start of a label twice: `（责` and again `责任单位：`.
/// Returns the byte where the first start begins.
fn doubled_opening(above: &str, below: &str) -> Option<usize> {
    let bracket = above.rfind('（')? + '（'.len_utf8();
    let tail = &above[bracket..];
    let doubled = !tail.is_empty()
        && tail.chars().count() <= 4
        && below.starts_with(tail)
        && super::lists::starts_with_label(below);
    doubled.then_some(bracket)
}

fn open_bracket(folded: &str) -> bool {
    Around::of(folded).open_bracket()
}

/// `（责任单位：…）` at the end closes a paragraph as a full stop does.
fn ends_list(folded: &str) -> bool {
    folded.ends_with('）')
        && folded.rfind('（').is_some_and(|at| {
            super::lists::is_list(&folded[at + '（'.len_utf8()..folded.len() - '）'.len_utf8()])
        })
}

/// Lines that begin something whatever stands above them.
fn starts_new(folded: &str) -> bool {
    folded.starts_with("附件")
        || folded.starts_with("--")
        || folded.starts_with('◎')
        || folded.starts_with("（此件")
        || super::lists::starts_with_label(folded)
}

/// A title that a narrow page broke: `…关于印发某市` / `推进…行动方案` / `（2023—2025年）的通知`.
fn is_open_title(above: &str, below: &str) -> bool {
    const LETTERS: &[&str] = &["通知", "意见", "决定", "函", "批复", "公告", "通告", "报告", "通报"];
    let begun = above.contains("关于") && above.chars().count() < 80 && !above.contains(['。', '：', '；']);
    let ended = LETTERS.iter().any(|word| above.ends_with(word));
    let goes_on = LETTERS.iter().any(|word| below.ends_with(word)) || !super::head::ends_as_title(above);
    begun
        && !ended
        && goes_on
        && below.chars().count() <= 40
        && !below.contains('。')
        && !super::head::is_date_line(below)
        && !super::head::is_number_line(below)
}

/// `分享到：`, `来源：`: a short word and a colon.
fn starts_with_short_label(folded: &str) -> bool {
    folded.chars().take(7).position(|c| c == '：').is_some_and(|at| (2..=6).contains(&at))
}

/// A numbered heading that stands alone on its line.
fn is_heading_line(folded: &str) -> bool {
    marker_at(folded).is_some_and(|marker| {
        let rest = &folded[marker.bytes..];
        rest.chars().count() <= 32 && !rest.contains(['。', '，', '；', '、', '（'])
    })
}

fn ends_title(folded: &str) -> bool {
    let short = folded.chars().count() <= 60 && !folded.contains(['。', '；']);
    short && super::head::ends_as_title(folded)
}

/// Opens a paragraph that holds several numbered units in a row (a page pasted without breaks).
fn opened(paragraph: Paragraph) -> Vec<Paragraph> {
    super::looked(paragraph.folded.len());
    let mut cuts = Vec::new();
    let mut open = Numbering::default();
    open.take(marker_at(&paragraph.folded));
    let mut around = Around::default();
    for (byte, character) in paragraph.folded.char_indices() {
        let (before, rest) = paragraph.folded.split_at(byte);
        let next = marker_at(rest).filter(|marker| byte > 0 && open.goes_on(marker.level, marker.ordinal));
        if let Some(found) = next {
            let after_end = before.ends_with(['。', '；', '：', '！', '？'])
                || (before.ends_with('）') && !around.open_bracket());
            let blank = paragraph.blank_before(byte) && !before.ends_with(['，', '、', '第']);
            if (after_end || blank) && !around.inside() {
                cuts.push(byte);
                open.take(Some(found));
            }
        }
        around.pass(character);
    }
    if cuts.is_empty() {
        return vec![paragraph];
    }
    let mut parts = Vec::new();
    let mut from = 0;
    for cut in cuts.into_iter().map(|byte| paragraph.cell(byte)).chain([paragraph.cells.len()]) {
        let part = Paragraph::new(paragraph.cells[from..cut].to_vec());
        if !part.folded.is_empty() {
            parts.push(part);
        }
        from = cut;
    }
    parts
}

/// The numbers seen so far in a paragraph, the last of each level.
#[derive(Default)]
struct Numbering {
    last: HashMap<Level, u32>,
    deepest: Option<Level>,
}

impl Numbering {
    fn take(&mut self, marker: Option<Marker>) {
        if let Some(marker) = marker {
            self.last.insert(marker.level, marker.ordinal);
            self.deepest = Some(marker.level);
        }
    }

    /// Whether a number continues its level, or begins a level below the last number.
    fn goes_on(&self, level: Level, ordinal: u32) -> bool {
        match self.last.get(&level) {
            Some(last) => ordinal == last + 1 || (ordinal == 1 && self.deepest < Some(level)),
            None => ordinal == 1 && (level <= Level::Two || self.deepest.is_some()),
        }
    }
}

/// The brackets and quotes before a place, counted on from place to place.
#[derive(Default)]
struct Around {
    opened: usize,
    closed: usize,
    /// The last bracket opens.
    opens_last: bool,
    begun: usize,
    ended: usize,
}

impl Around {
    fn of(text: &str) -> Self {
        let mut around = Self::default();
        text.chars().for_each(|character| around.pass(character));
        around
    }

    const fn pass(&mut self, character: char) {
        match character {
            '（' => (self.opened, self.opens_last) = (self.opened + 1, true),
            '）' => (self.closed, self.opens_last) = (self.closed + 1, false),
            '《' => self.begun += 1,
            '》' => self.ended += 1,
            _ => {}
        }
    }

    const fn open_bracket(&self) -> bool {
        self.opened > self.closed && self.opens_last
    }

    const fn inside(&self) -> bool {
        self.begun > self.ended || self.open_bracket()
    }
}

/// Cuts a paragraph that is longer than any into such as are read, behind a sentence where there is one.
fn bounded(paragraph: Paragraph) -> Vec<Paragraph> {
    if paragraph.cells.len() <= LONGEST {
        return vec![paragraph];
    }
    let mut parts = Vec::new();
    let mut rest = &paragraph.cells[..];
    while rest.len() > LONGEST {
        let end = rest[..LONGEST].iter().rposition(|cell| SENTENCE_END.contains(&cell.shown));
        let (part, behind) = rest.split_at(end.map_or(LONGEST, |end| end + 1));
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    let parts = parts.into_iter().map(|cells| Paragraph::new(cells.to_vec()));
    parts.filter(|part| !part.folded.is_empty()).collect()
}
