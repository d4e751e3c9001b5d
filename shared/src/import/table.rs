//! Tables pasted as text: rows with tabs or bars under a header that names units.
//!
//! A row is rewritten as the sentence that a document would print, so that one grammar reads
//! both: `序号. 任务。举措（牵头单位：…；责任单位：…；完成时限：…）`.

mod head;
mod indicators;
mod loose;

pub use loose::rows_of_cells;

use head::header;
use indicators::{has_units, indicator_row, standard_row};

use super::draft::{LeftOut, Span};
use super::lists::{self, Label};
use super::outline::{self, GROUP, ROW, marker_at};
use super::pattern::looked;
use super::row;
use super::source::Cell;
use crate::text::folded_text;
use std::collections::BTreeSet;

/// The content of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Number,
    Text,
    /// The words that the rows of a group have in common: a heading above them.
    Group,
    /// Words that mean nothing without the name of their column: money, remarks.
    Named(String),
    /// A label such as `牵头单位：`.
    Labelled(String),
    /// The unit of measure of an indicator.
    Measure,
    /// The words that say what an indicator shall reach.
    Standard,
    /// Values of a year, and whether they are the start.
    Year(String, bool),
    /// Values of what a two-lined head names, for a year, and whether they are the start: each row is a place.
    Crossed(String, String, bool),
    /// How much an indicator grows a year, or over all years: 年均增速〔累计〕.
    Rate,
    Ignored,
}

/// Words in the heads of columns that hold the words of a measure.
const MEASURE: [&str; 16] = [
    "任务", "举措", "措施", "内容", "事项", "项目", "工作", "名称", "要求", "做法", "指标", "标题", "服务",
    "职责", "安排", "行动",
];

/// A header that was seen, applied to the rows below it.
#[derive(Debug, Default)]
pub struct Tables {
    columns: Option<Vec<Column>>,
    /// Whether the columns are those of a table of indicators.
    is_of_indicators: bool,
    /// Characters that cells which were merged down may still be written again.
    left: usize,
    row: usize,
    /// The words of the group that the last row stood in.
    group: String,
    /// The row above, for cells that were merged down.
    above: Vec<Vec<Cell>>,
    /// The names of the row above, which a head of two rows begins with.
    over: Vec<String>,
    /// The last number of the notes under a table.
    note: Option<u32>,
    /// Rows that are no measures.
    pub left_out: Vec<LeftOut>,
    /// Places in the source of numbers that stand in the row above as well: cells that were merged down.
    pub merged: BTreeSet<usize>,
}

impl Tables {
    /// The tables of a text of so many characters.
    pub fn of(length: usize) -> Self {
        Self { left: 4 * length, ..Self::default() }
    }

    /// A line as it is to be read on: a row as sentences, a header as nothing, else the line.
    ///
    /// `ahead` are the lines behind it.
    pub fn line(&mut self, cells: Vec<Cell>, ahead: &[Vec<Cell>]) -> Vec<Vec<Cell>> {
        let parts = split(&cells);
        if parts.len() < 3 {
            let words = text(&cells);
            if self.columns.is_some() && row::is_note(&words) {
                self.note = Some(1);
                self.leave_out(&cells);
                return Vec::new();
            }
            // 注：1.…, and on the next line 2.…
            let number = marker_at(&words).map(|marker| marker.ordinal);
            if let (Some(number), Some(last)) = (number, self.note)
                && number == last + 1
            {
                self.note = Some(number);
                self.leave_out(&cells);
                return Vec::new();
            }
            // An empty line ends no notes.
            self.note = self.note.filter(|_| words.is_empty());
            // A row that names a section, or a cell that was broken, does not end a table.
            if words.contains('。') || words.chars().count() > 30 {
                self.columns = None;
            }
            let section = parts.len() == 2 && self.columns.is_some();
            return vec![if section { section_row(&parts) } else { cells }];
        }
        let over = std::mem::replace(&mut self.over, parts.iter().map(|part| text(part)).collect());
        if let Some(mut columns) = header(&parts, &over) {
            if let Some(group) = group_by_name(&parts, &columns).or_else(|| grouping(&columns, ahead)) {
                columns[group] = Column::Group;
            }
            self.group.clear();
            self.is_of_indicators = is_indicator_table(&columns);
            self.columns = Some(columns);
            self.row = 0;
            self.above.clear();
            return Vec::new();
        }
        // The rule under the header of a Markdown table.
        if parts.iter().all(|part| text(part).chars().all(|c| matches!(c, '-' | ':' | '：'))) {
            return Vec::new();
        }
        match &self.columns {
            Some(columns) if self.is_of_indicators => {
                self.row += 1;
                let group = heading(columns, &parts, &mut self.group);
                let named = has_units(columns, &parts).then(|| sentence(columns, &parts, self.row));
                let values = indicator_row(columns, &parts, named.is_some());
                let heading = group.filter(|_| named.is_some());
                heading.into_iter().chain(named).chain(values).collect()
            }
            Some(columns) if columns.contains(&Column::Standard) => standard_row(columns, &parts),
            Some(columns) if is_no_measure(columns, &parts) => {
                self.leave_out(&cells);
                Vec::new()
            }
            Some(columns) => {
                self.row += 1;
                self.merged.extend(merged(columns, &parts, &self.above));
                let shared = shared(columns, &parts, &self.above);
                let parts = covered(columns, parts, &self.above, &mut self.left);
                let own = shared.filter(|shared| has_words(&columns[*shared..], &parts[*shared..]));
                let sentence = match own {
                    Some(shared) => row_below(&columns[shared..], &parts[shared..]),
                    None => sentence(columns, &parts, self.row),
                };
                let heading = heading(columns, &parts, &mut self.group);
                self.above = parts;
                heading.into_iter().chain([sentence]).collect()
            }
            None => vec![cells],
        }
    }
}

/// Names of columns that hold the groups of a table.
const GROUP_NAMES: [&str; 12] = [
    "类别",
    "领域",
    "分类",
    "类型",
    "板块",
    "方面",
    "大类",
    "门类",
    "项目类别",
    "任务类别",
    "工作类别",
    "重点领域",
];

/// The column of the groups of a table by its name: 类别, 领域, before the words of its measures.
fn group_by_name(parts: &[Vec<Cell>], columns: &[Column]) -> Option<usize> {
    let place = parts.iter().position(|part| GROUP_NAMES.contains(&text(part).as_str()))?;
    let others = columns.iter().enumerate().any(|(at, column)| at != place && *column == Column::Text);
    let before = columns[..place].iter().all(|column| *column == Column::Number);
    (others && before && columns.len() > 2).then_some(place)
}

/// The column of the groups of a table: the first of its words, when rows behind it with numbers of their own
/// repeat them and differ in the words behind.
fn grouping(columns: &[Column], ahead: &[Vec<Cell>]) -> Option<usize> {
    const ROWS: usize = 60;
    let number = columns.iter().position(|column| *column == Column::Number)?;
    let mut texts = (0..columns.len()).filter(|place| columns[*place] == Column::Text);
    let (first, second) = (texts.next()?, texts.next()?);
    let rows: Vec<Vec<String>> = ahead
        .iter()
        .take(ROWS)
        .map(|line| split(line).iter().map(|part| text(part)).collect::<Vec<_>>())
        .take_while(|row: &Vec<String>| row.len() > second.max(number))
        .collect();
    let differs = |place: usize, pair: &[Vec<String>]| pair[0][place] != pair[1][place];
    let repeats = rows.windows(2).any(|pair| {
        let same = !differs(first, pair) || pair[1][first].is_empty();
        let numbered = pair.iter().all(|row| row[number].parse::<u32>().is_ok());
        same && numbered && differs(number, pair) && !pair[1][second].is_empty() && differs(second, pair)
    });
    (repeats && !rows.is_empty()).then_some(first)
}

/// The heading of a row's group, where it is another one than that of the row above.
fn heading(columns: &[Column], parts: &[Vec<Cell>], group: &mut String) -> Option<Vec<Cell>> {
    let place = columns.iter().position(|column| *column == Column::Group)?;
    let part = parts.get(place)?;
    let words = text(part);
    if words.is_empty() || *group == words {
        return None;
    }
    *group = words;
    let at = part.first()?.at;
    Some(std::iter::once(Cell { shown: GROUP, at }).chain(part.iter().copied()).collect())
}

/// How many columns at the beginning of a row are those of the row above, its number among them.
fn shared(columns: &[Column], parts: &[Vec<Cell>], above: &[Vec<Cell>]) -> Option<usize> {
    let number = columns.iter().take(parts.len()).position(|column| *column == Column::Number)?;
    let is_same = |(own, over): &(&Vec<Cell>, &Vec<Cell>)| {
        text(own).is_empty() || !text(over).is_empty() && text(own) == text(over)
    };
    let shared = parts.iter().zip(above).take(columns.len()).take_while(is_same).count();
    let own = parts.get(number).map(|part| text(part))?;
    let is_numbered = above.get(number).is_some_and(|over| !text(over).is_empty());
    let words = columns[..shared].contains(&Column::Text);
    (shared > number
        && is_numbered
        && words
        && (own.is_empty() || above.get(number).is_some_and(|over| text(over) == own)))
    .then_some(shared)
}

/// Whether columns hold words of a measure.
fn has_words(columns: &[Column], parts: &[Vec<Cell>]) -> bool {
    columns.iter().zip(parts).any(|(column, part)| *column == Column::Text && !text(part).is_empty())
}

/// A row whose number and headline are those of the row above, as a measure below it.
fn row_below(columns: &[Column], parts: &[Vec<Cell>]) -> Vec<Cell> {
    let mut cells = sentence(columns, parts, 1);
    let end = cells.iter().position(|cell| cell.shown == '.').map_or(0, |mark| mark + 1);
    let at = cells.get(end).or(cells.first()).map_or(0, |cell| cell.at);
    cells.splice(..end, [Cell { shown: ROW, at }]);
    cells
}

/// Whether a row is a total or a note: its first words say so, and it has no number of its own.
fn is_no_measure(columns: &[Column], parts: &[Vec<Cell>]) -> bool {
    let words: Vec<String> = parts.iter().map(|part| text(part)).collect();
    let number = columns.iter().take(parts.len()).position(|column| *column == Column::Number);
    let is_numbered =
        number.and_then(|place| words.get(place)).is_some_and(|words| words.parse::<u32>().is_ok());
    let mut filled = words.iter().filter(|words| !words.is_empty());
    let Some(first) = filled.next() else { return false };
    row::is_note(first)
        || !is_numbered && (row::is_total(first) || filled.next().is_some_and(|words| row::is_total(words)))
}

/// The place of the number of a row that is the number of the row above: a file gives the words of a
/// merged cell to each of its rows.
fn merged(columns: &[Column], parts: &[Vec<Cell>], above: &[Vec<Cell>]) -> Option<usize> {
    let number = columns.iter().take(parts.len()).position(|column| *column == Column::Number)?;
    let (own, over) = (parts.get(number)?, above.get(number)?);
    (text(own) == text(over)).then_some(own.first()?.at)
}

/// A row without a number stands under a number that was merged down: text on the clipboard has such a
/// cell in its first row only. The empty cells at its beginning are those of the row above.
fn covered(
    columns: &[Column],
    mut parts: Vec<Vec<Cell>>,
    above: &[Vec<Cell>],
    left: &mut usize,
) -> Vec<Vec<Cell>> {
    let number = columns.iter().take(parts.len()).position(|column| *column == Column::Number);
    if number.and_then(|place| parts.get(place)).is_some_and(|part| text(part).is_empty()) {
        for (part, over) in parts.iter_mut().zip(above).take_while(|(part, _)| text(part).is_empty()) {
            // A long cell over very many short rows is not written as often as there are rows.
            let Some(rest) = left.checked_sub(over.len()) else { break };
            *left = rest;
            part.clone_from(over);
        }
    }
    parts
}

impl Tables {
    fn leave_out(&mut self, cells: &[Cell]) {
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return };
        let words: String = cells.iter().map(|cell| cell.shown).collect();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        self.left_out.push(LeftOut { words, span: Span { from: first.at, to: last.at + 1 } });
    }
}

fn is_indicator_table(columns: &[Column]) -> bool {
    columns.iter().any(|column| matches!(column, Column::Year(..) | Column::Crossed(..)))
}

/// `一 | 经济发展` as a heading: `一、经济发展`.
fn section_row(parts: &[Vec<Cell>]) -> Vec<Cell> {
    let mut cells = parts[0].clone();
    let numeral = super::outline::chinese_number(&text(&parts[0])).is_some();
    if let (true, Some(last)) = (numeral, parts[0].last()) {
        cells.push(Cell { shown: '、', at: last.at });
    }
    cells.extend(parts[1].iter().copied());
    cells
}

fn split(cells: &[Cell]) -> Vec<Vec<Cell>> {
    let has = |mark: char| cells.iter().any(|cell| cell.shown == mark);
    if !has('\t') && !has('|') && !has('｜') {
        return split_at_gaps(cells);
    }
    let mark = if has('\t') { '\t' } else { '|' };
    let mut parts: Vec<Vec<Cell>> = cells.split(|cell| cell.shown == mark).map(<[Cell]>::to_vec).collect();
    if mark == '|' {
        parts.retain(|part| !part.is_empty());
    }
    parts
}

/// Columns that two blanks or more keep apart.
fn split_at_gaps(cells: &[Cell]) -> Vec<Vec<Cell>> {
    let mut parts: Vec<Vec<Cell>> = vec![Vec::new()];
    let mut blanks = 0;
    for cell in cells {
        if crate::text::is_blank(cell.shown) {
            blanks += if cell.shown == '\u{3000}' { 2 } else { 1 };
            continue;
        }
        if blanks >= 2 && parts.last().is_some_and(|part| !part.is_empty()) {
            parts.push(Vec::new());
        }
        blanks = 0;
        if let Some(part) = parts.last_mut() {
            part.push(*cell);
        }
    }
    // A sentence with odd blanks is no row.
    if parts.len() >= 3 && parts.iter().all(|part| part.len() <= 60 && !text(part).contains('。')) {
        parts
    } else {
        vec![cells.to_vec()]
    }
}

fn text(part: &[Cell]) -> String {
    let folded = folded_text(&part.iter().map(|cell| cell.shown).collect::<String>());
    looked(&folded);
    folded
}

fn column(name: &str) -> Column {
    let label = format!("{name}：");
    let digits: String = name.chars().take(4).collect();
    if digits.len() == 4 && digits.starts_with("20") && name[4..].starts_with('年') {
        return Column::Year(digits, name.contains("基期") || name.contains("现状"));
    }
    if matches!(name, "单位" | "计量单位") {
        return Column::Measure;
    }
    if matches!(name, "序号" | "编号" | "号") {
        Column::Number
    } else if lists::labels(&label).first().is_some_and(|(from, _, _)| *from == 0) {
        Column::Labelled(label)
    } else if name.is_empty() {
        Column::Ignored
    } else if MEASURE.iter().any(|word| name.contains(word)) {
        Column::Text
    } else {
        Column::Named(name.to_owned())
    }
}

fn is_time(label: &str) -> bool {
    matches!(lists::labels(label).first(), Some((_, _, Label::Deadline)))
}

fn has_digits(part: &[Cell]) -> bool {
    text(part).chars().any(|one| one.is_ascii_digit())
}

fn sentence(columns: &[Column], parts: &[Vec<Cell>], row: usize) -> Vec<Cell> {
    let first = parts.iter().flatten().next().map_or(0, |cell| cell.at);
    let (mut number, mut body, mut list) = (Vec::new(), Vec::new(), Vec::new());
    for (column, part) in columns.iter().zip(parts) {
        let at = part.first().map_or(first, |cell| cell.at);
        let written =
            |out: &mut Vec<Cell>, words: &str| out.extend(words.chars().map(|shown| Cell { shown, at }));
        if text(part).is_empty() {
            continue;
        }
        match column {
            Column::Number => number.extend(part.iter().copied()),
            Column::Text => {
                body.extend(part.iter().copied());
                if !text(part).ends_with('。') {
                    written(&mut body, "。");
                }
            }
            Column::Named(name) => {
                written(&mut body, &format!("{name}："));
                body.extend(part.iter().copied());
                if !text(part).ends_with('。') {
                    written(&mut body, "。");
                }
            }
            // 长期 is no day, and stays in the words.
            Column::Labelled(label) if is_time(label) && !has_digits(part) => {
                written(&mut body, &format!("{}为", label.trim_end_matches('：')));
                body.extend(part.iter().copied());
                written(&mut body, "。");
            }
            Column::Labelled(label) => {
                written(&mut list, label);
                list.extend(part.iter().copied().filter(|cell| cell.shown != '\n'));
                written(&mut list, "；");
            }
            Column::Group
            | Column::Standard
            | Column::Measure
            | Column::Year(..)
            | Column::Crossed(..)
            | Column::Rate
            | Column::Ignored => {}
        }
    }
    if text(&number).parse::<u32>().is_err() {
        number = row.to_string().chars().map(|shown| Cell { shown, at: first }).collect();
    }
    let end = list.last().or(body.last()).map_or(first, |cell: &Cell| cell.at);
    let mut all = number;
    all.push(Cell { shown: '.', at: first });
    all.extend(body);
    if !list.is_empty() {
        all.push(Cell { shown: '（', at: end });
        list.pop();
        all.extend(list);
        all.push(Cell { shown: '）', at: end });
    }
    all
}
