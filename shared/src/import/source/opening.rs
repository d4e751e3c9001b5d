//! Paragraphs that hold several numbers, points or duties, opened into one for each.

use super::{Cell, Paragraph};
use crate::import::around::Around;
use crate::import::lists;
use crate::import::outline::{Level, Marker, POINT, chinese_number, marker_at, ordinal_of_point};
use crate::text::{beginning, is_han};
use std::collections::HashMap;

/// Opens a paragraph at the points of a text without numbers. `last` is the number of the last one.
pub(super) fn points(paragraph: Paragraph, last: &mut u32) -> Vec<Paragraph> {
    let mut cuts = Vec::new();
    for (byte, _) in paragraph.folded.match_indices('是') {
        let numeral = crate::text::ending(&paragraph.folded[..byte], 2);
        let starts = numeral.char_indices().map(|(at, _)| byte - numeral.len() + at);
        let found = starts.filter_map(|at| Some((at, ordinal_of_point(&paragraph.folded[at..])?.1))).next();
        if let Some((at, ordinal)) = found
            && (at == 0 || paragraph.folded[..at].ends_with(['。', '；', '：', '"']))
            && (ordinal == *last + 1 || ordinal == 1)
        {
            *last = ordinal;
            cuts.push(at);
        }
    }
    if cuts.is_empty() {
        return vec![paragraph];
    }
    let mut parts = Vec::new();
    let edges: Vec<usize> =
        cuts.iter().map(|byte| paragraph.cell(*byte)).chain([paragraph.cells.len()]).collect();
    parts.push(Paragraph::new(paragraph.cells[..edges[0]].to_vec()));
    for edge in edges.windows(2) {
        let own = &paragraph.cells[edge[0]..edge[1]];
        let mark = own.first().map(|cell| Cell { shown: POINT, at: cell.at });
        parts.push(Paragraph::new(mark.into_iter().chain(own.iter().copied()).collect()));
    }
    parts.retain(|part| !part.folded.is_empty());
    parts
}

/// Opens a paragraph that holds several numbered units in a row (a page pasted without breaks). `open` are the
/// numbers before it.
pub(super) fn opened(paragraph: Paragraph, open: &mut Numbering) -> Vec<Paragraph> {
    let mut cuts = Vec::new();
    open.take(marker_at(&paragraph.folded));
    let mut around = Around::default();
    let mut since = Since::default();
    for (byte, character) in paragraph.folded.char_indices() {
        let (before, rest) = paragraph.folded.split_at(byte);
        let listed = before.ends_with(|c: char| c.is_ascii_digit())
            && crate::text::ending(before, 4).contains('…')
            && !rest.starts_with(|c: char| c.is_ascii_digit());
        let next = marker_at(rest)
            .filter(|marker| byte > 0 && (listed || open.goes_on(marker.level, marker.ordinal)));
        if let Some(found) = next {
            let after_end = before.ends_with(['。', '；', '：', '！', '？'])
                || (before.ends_with(['）', '】', '〕']) && !around.in_bracket());
            let blank = paragraph.blank_before(byte) && !before.ends_with(['，', '、', '第']);
            let glued = || {
                // 总则第一条 为落实…: a blank stands behind the number of a heading.
                let spaced = found.level <= Level::Article && paragraph.blank_before(byte + found.bytes);
                spaced && since.is_heading() || since.ends_before(before, rest, &found, open.is_next(&found))
            };
            if !around.in_quotes() && !around.in_bracket() && (listed || after_end || blank || glued()) {
                cuts.push(byte);
                open.take(Some(found));
                since = Since::default();
            }
        }
        around.pass(character);
        since.pass(character);
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

/// The text since the last number of a paragraph.
#[derive(Default)]
struct Since {
    length: usize,
    /// A stop, or the colon of a label, was passed: the number has its text.
    is_said: bool,
    is_sentence: bool,
}

impl Since {
    const fn pass(&mut self, character: char) {
        self.length += 1;
        self.is_said |= matches!(character, '。' | '；' | '：');
        self.is_sentence |= matches!(character, '。' | '；' | '：' | '，');
    }

    /// Whether so few words without a mark may be a heading.
    fn is_heading(&self) -> bool {
        !self.is_sentence && (2..=HEADING).contains(&self.length)
    }

    /// Whether the text so far ends before a number that is glued to it: `…文化中心2.建设档案库`, and a heading
    /// as `总体目标1．总体目标`. `is_next` says that the number follows the last one of its level.
    fn ends_before(&self, before: &str, rest: &str, marker: &Marker, is_next: bool) -> bool {
        let behind = rest[marker.bytes..].chars().next();
        let word = behind.is_some_and(|c| is_han(c) || c == '"')
            && behind.is_some_and(|c| chinese_number(c.encode_utf8(&mut [0; 4])).is_none());
        let last = before.chars().next_back();
        let whole = last.is_some_and(|c| is_han(c) || matches!(c, '）' | '"' | '%'))
            && !before.ends_with([
                '第', '之', '约', '近', '至', '到', '共', '按', '和', '与', '及', '图', '表', '附', '十',
            ])
            && last.is_some_and(|c| chinese_number(c.encode_utf8(&mut [0; 4])).is_none());
        let reference = ["项", "款", "条", "种", "类", "级", "期", "档", "批"]
            .iter()
            .any(|word| rest[marker.bytes..].starts_with(word));
        if !word || !whole || reference {
            return false;
        }
        let is_heading = self.is_heading();
        let dotted = !rest[..marker.bytes].ends_with('、');
        match marker.level {
            Level::Chapter | Level::Section => false,
            Level::Article => is_next && self.is_said,
            Level::One => is_next && (self.is_said || is_heading),
            Level::Two => (is_next && self.is_said) || is_heading,
            Level::Three => is_next && self.is_said || is_heading && dotted,
            Level::Four => is_next && self.is_said,
        }
    }
}

/// The most characters of a heading before a number that is glued to it, with its own number.
const HEADING: usize = 40;

/// The numbers seen so far, the last of each level.
#[derive(Default)]
pub(super) struct Numbering {
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

    /// Whether a number is the one behind the last of its level.
    fn is_next(&self, marker: &Marker) -> bool {
        self.last.get(&marker.level).is_some_and(|last| marker.ordinal == last + 1)
    }

    /// Whether a number continues its level, or begins a level below the last number.
    fn goes_on(&self, level: Level, ordinal: u32) -> bool {
        match self.last.get(&level) {
            Some(last) => ordinal == last + 1 || (ordinal == 1 && self.deepest < Some(level)),
            None => ordinal == 1 && (level <= Level::Two || self.deepest.is_some()),
        }
    }
}

/// The most characters of a unit before the colon of its duty.
const DUTY: usize = 40;

/// Duties of units one behind the other, each for itself: `县教体局：负责…。县文旅局：负责…。`
pub(super) fn duties_apart(paragraph: Paragraph) -> Vec<Paragraph> {
    let begins = |text: &str| lists::before_colon(beginning(text, DUTY)).is_some();
    if !begins(&paragraph.folded) {
        return vec![paragraph];
    }
    let stops = paragraph.folded.match_indices('。').map(|(at, stop)| at + stop.len());
    let cuts: Vec<usize> = stops.filter(|at| begins(&paragraph.folded[*at..])).collect();
    if cuts.is_empty() {
        return vec![paragraph];
    }
    let edges = cuts.into_iter().map(|byte| paragraph.cell(byte)).chain([paragraph.cells.len()]);
    let mut from = 0;
    let part = |edge: usize| {
        let part = Paragraph::new(paragraph.cells[from..edge].to_vec());
        from = edge;
        part
    };
    edges.map(part).collect()
}
