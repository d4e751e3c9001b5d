//! Tables that lost their lines: one cell on each line, or all cells in one line with blanks between them.
//!
//! The names of the columns are known words, and the rows begin with 1, 2, 3. Cells that were empty are gone, and
//! some hold blanks: each row is laid into the columns so that its cells fit them best.

use super::{Cell, Column, GROUP_NAMES, column, text};
use crate::import::lists::{self, Label};
use crate::import::{date, names, outline, row};
use crate::text::is_blank;

/// The most columns of such a table.
const COLUMNS: usize = 12;

/// How many times as many cells as columns a row may have: blanks cut its cells. One with more stands for several
/// rows under a merged number, and is not read.
const CUT: usize = 2;

/// A cell with its words folded.
struct Token {
    cells: Vec<Cell>,
    words: String,
}

/// Lines as they are, with such tables as rows whose cells stand apart by tabs.
pub fn rows_of_cells(lines: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    let mut out: Vec<Vec<Cell>> = Vec::new();
    let mut lines: std::collections::VecDeque<Vec<Cell>> = lines.into();
    while let Some(line) = lines.pop_front() {
        if is_number_head(&text(&line)) {
            column_of_lines(line, &mut lines, &mut out);
        } else {
            out.extend(rows_of_line(line));
        }
    }
    out
}

fn is_number_head(words: &str) -> bool {
    matches!(words, "序号" | "编号")
}

/// A table with one cell on each line, from the line that says 序号 on.
fn column_of_lines(
    line: Vec<Cell>,
    lines: &mut std::collections::VecDeque<Vec<Cell>>,
    out: &mut Vec<Vec<Cell>>,
) {
    // The column of groups may stand before.
    let group = out.iter().rposition(|line| !text(line).is_empty());
    let group = group.filter(|at| GROUP_NAMES.contains(&text(&out[*at]).as_str()));
    // Looked at as far as the table goes, and no further.
    let mut reader = Reader::new(
        group.map(|at| out[at].clone()).into_iter().chain([line.clone()]).chain(lines.iter().cloned()),
    );
    let Some((rows, taken)) = reader.table(group.is_some()) else {
        out.push(line);
        return;
    };
    if let Some(group) = group {
        out.truncate(group);
    }
    out.extend(rows);
    // Empty lines were passed over as well.
    let mut left = taken.saturating_sub(1 + usize::from(group.is_some()));
    while left > 0 {
        let Some(line) = lines.pop_front() else { break };
        left -= usize::from(!text(&line).is_empty());
    }
}

/// A line that holds a whole table: what stands before it, its rows, and what stands behind.
fn rows_of_line(line: Vec<Cell>) -> Vec<Vec<Cell>> {
    if line.len() <= super::super::source::FLATTENED || line.iter().any(|cell| cell.shown == '\t') {
        return vec![line];
    }
    let words: Vec<Vec<Cell>> = line
        .split(|cell| is_blank(cell.shown))
        .filter(|word| !word.is_empty())
        .map(<[Cell]>::to_vec)
        .collect();
    let Some(head) = words.iter().position(|word| is_number_head(&text(word))) else { return vec![line] };
    let group = head.checked_sub(1).filter(|at| GROUP_NAMES.contains(&text(&words[*at]).as_str()));
    let first = group.unwrap_or(head);
    let mut reader = Reader::new(words[first..].iter().cloned());
    let Some((rows, taken)) = reader.table(group.is_some()) else { return vec![line] };
    let start = words[first].first().map_or(0, |cell| cell.at);
    let end = words[first + taken - 1].last().map_or(0, |cell| cell.at);
    let (before, rest): (Vec<Cell>, Vec<Cell>) = line.into_iter().partition(|cell| cell.at < start);
    let behind: Vec<Cell> = rest.into_iter().filter(|cell| cell.at > end).collect();
    let parts = [before].into_iter().chain(rows).chain(rows_of_line(behind));
    parts.filter(|part| !part.is_empty()).collect()
}

/// Cells one behind the other.
struct Reader<I> {
    cells: I,
    seen: Vec<Token>,
}

impl<I: Iterator<Item = Vec<Cell>>> Reader<I> {
    const fn new(cells: I) -> Self {
        Self { cells, seen: Vec::new() }
    }

    /// The words of a cell, empty ones not counted.
    fn words(&mut self, at: usize) -> Option<&str> {
        while self.seen.len() <= at {
            let cells = self.cells.find(|cells| cells.iter().any(|cell| !is_blank(cell.shown)))?;
            let words = text(&cells);
            self.seen.push(Token { cells, words });
        }
        Some(self.seen[at].words.as_str())
    }

    /// The rows of the table that begins with the first cell, and how many cells it took.
    fn table(&mut self, grouped: bool) -> Option<(Vec<Vec<Cell>>, usize)> {
        let head = usize::from(grouped);
        let one = (head + 2..=head + COLUMNS + 1).find(|at| self.words(*at) == Some("1"))?;
        // The first group stands before the first number.
        let width = one - usize::from(grouped);
        let names: Vec<String> = self.seen[..width].iter().map(|token| token.words.clone()).collect();
        if names.iter().any(|name| name.chars().count() > 14 || name.contains(['。', '，'])) {
            return None;
        }
        let columns: Vec<Column> = names.iter().map(|name| column(name)).collect();
        let units = columns.iter().any(|one| matches!(kind(one), Kind::Units));
        let years = columns.iter().any(|one| matches!(one, Column::Year(..)));
        if !units && !years {
            return None;
        }
        let mut rows = vec![joined(self.seen[..width].iter().map(|token| token.cells.clone()))];
        let mut group: Vec<Cell> = if grouped { self.seen[one - 1].cells.clone() } else { Vec::new() };
        let (mut start, mut number) = (one, 1_u32);
        loop {
            let next = self.next_row(start, number + 1, width);
            if next.is_none() && self.has_more(start, number + 1, width) {
                return None;
            }
            let timed = matches!(columns.last().map(kind), Some(Kind::Time));
            let end = next.unwrap_or_else(|| self.last_end(start, width - usize::from(grouped), timed));
            let tokens = &self.seen[start..end];
            // Behind the last column stands the group of the next row.
            let mut order: Vec<Kind> = columns[head..].iter().map(kind).collect();
            if grouped && next.is_some() {
                order.push(Kind::Group);
            }
            let mut laid = laid(tokens, &order);
            let next_group = if grouped && next.is_some() { laid.pop() } else { None };
            let own = std::mem::take(&mut group);
            rows.push(joined(grouped.then_some(own).into_iter().chain(laid)));
            group = next_group.unwrap_or_default();
            match next {
                Some(next) => (start, number) = (next, number + 1),
                None => return Some((rows, end)),
            }
        }
    }

    /// The place of the next number of a row: the one that leaves about as many cells as there are columns.
    fn next_row(&mut self, start: usize, number: u32, width: usize) -> Option<usize> {
        let wanted = number.to_string();
        let mut best: Option<(usize, usize)> = None;
        for at in start + 2..=start + CUT * width {
            let Some(words) = self.words(at) else { break };
            if words == wanted {
                let off = (at - start).abs_diff(width);
                if best.is_none_or(|(least, _)| off < least) {
                    best = Some((off, at));
                }
            }
        }
        best.map(|(_, at)| at)
    }

    /// Whether a next number stands farther away than a row is long.
    fn has_more(&mut self, start: usize, number: u32, width: usize) -> bool {
        let wanted = number.to_string();
        (start + 2..=start + 2 * CUT * width).any(|at| self.words(at) == Some(wanted.as_str()))
    }

    /// The end of the last row: as many cells as there are columns, or fewer before a note or a sentence.
    fn last_end(&mut self, start: usize, width: usize, timed: bool) -> usize {
        // A row that ends in its day goes on until there is one: its units may be many.
        let day = (start + 1..start + CUT * width).find(|at| self.words(*at).is_some_and(is_day));
        let most = day.filter(|_| timed).map_or(start + width, |day| day + 1);
        let mut end = start + 1;
        while end < most {
            let Some(words) = self.words(end) else { break };
            let ends = row::is_note(words)
                || words.starts_with("附件")
                || outline::marker_at(words).is_some_and(|marker| marker.level <= outline::Level::Two);
            if ends {
                break;
            }
            end += 1;
        }
        end
    }
}

fn joined(cells: impl Iterator<Item = Vec<Cell>>) -> Vec<Cell> {
    let mut out: Vec<Cell> = Vec::new();
    let mut last = 0;
    for (index, cell) in cells.enumerate() {
        let at = cell.first().map_or(last, |cell| cell.at);
        if index > 0 {
            out.push(Cell { shown: '\t', at });
        }
        last = cell.last().map_or(at, |cell| cell.at);
        out.extend(cell);
    }
    out
}

/// The kind of words that a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Units,
    Persons,
    Time,
    Value,
    Measure,
    Words,
    Other,
    Group,
}

fn kind(column: &Column) -> Kind {
    match column {
        Column::Number => Kind::Number,
        Column::Labelled(label) => match lists::labels(label).first() {
            Some((_, _, Label::Units(_))) => Kind::Units,
            Some((_, _, Label::Persons)) => Kind::Persons,
            Some((_, _, Label::Deadline)) => Kind::Time,
            _ => Kind::Other,
        },
        Column::Year(..) | Column::Crossed(..) | Column::Rate => Kind::Value,
        Column::Measure => Kind::Measure,
        Column::Text => Kind::Words,
        Column::Group | Column::Named(_) | Column::Standard | Column::Ignored => Kind::Other,
    }
}

/// The cells of a row in its columns, each behind the one before; as they fit best.
fn laid(tokens: &[Token], order: &[Kind]) -> Vec<Vec<Cell>> {
    const NONE: i32 = i32::MIN / 2;
    let mut best = vec![vec![NONE; order.len()]; tokens.len()];
    let mut from = vec![vec![0_usize; order.len()]; tokens.len()];
    let skipped = |columns: &[Kind]| columns.iter().map(|kind| empty(*kind)).sum::<i32>();
    for (place, token) in tokens.iter().enumerate() {
        for (at, kind) in order.iter().enumerate() {
            let own = fit(*kind, &token.words, place);
            if place == 0 {
                best[0][at] = if at == 0 { own } else { NONE };
                continue;
            }
            for before in 0..=at {
                let joins = if before == at { together(*kind) } else { skipped(&order[before + 1..at]) };
                let sum = best[place - 1][before].saturating_add(joins + own);
                if sum > best[place][at] {
                    (best[place][at], from[place][at]) = (sum, before);
                }
            }
        }
    }
    let mut out = vec![Vec::new(); order.len()];
    let Some(last) = best.last() else { return out };
    let mut at = (0..order.len()).max_by_key(|at| last[*at] + skipped(&order[at + 1..])).unwrap_or(0);
    for place in (0..tokens.len()).rev() {
        let mut cells = tokens[place].cells.clone();
        if let (false, Some(first)) = (out[at].is_empty(), out[at].first()) {
            cells.push(Cell { shown: ' ', ..*first });
        }
        cells.append(&mut out[at]);
        out[at] = cells;
        at = from[place][at];
    }
    out
}

/// The price of a column without a cell.
const fn empty(kind: Kind) -> i32 {
    match kind {
        Kind::Group => 0,
        // Every measure has words.
        Kind::Words => -12,
        Kind::Number => -20,
        Kind::Value | Kind::Measure => -2,
        Kind::Units | Kind::Persons | Kind::Time | Kind::Other => -1,
    }
}

/// The price of a further cell in a column.
const fn together(kind: Kind) -> i32 {
    match kind {
        Kind::Units | Kind::Persons => -1,
        Kind::Words | Kind::Other => -3,
        Kind::Number | Kind::Time | Kind::Value | Kind::Measure | Kind::Group => -8,
    }
}

/// Whether words say by when, or that it lasts.
fn is_day(words: &str) -> bool {
    date::is_deadline(words) || matches!(words, "长期" | "全年" | "持续推进" | "常态化")
}

/// How well words fit a column.
fn fit(kind: Kind, words: &str, place: usize) -> i32 {
    let length = words.chars().count();
    let unit = |name: &str| {
        let name = lists::without_note(lists::strip_open_end(lists::strip_verb(name).0).0);
        names::is_unit(name) || names::is_group(name) || names::is_place(name) || names::is_likely_unit(name)
    };
    let units = || words.split(['、', '，', '；']).filter(|name| !name.is_empty()).all(unit);
    let time = || is_day(words);
    match kind {
        Kind::Number if place == 0 => 10,
        Kind::Number => -20,
        Kind::Units if units() => 4,
        Kind::Units => -3,
        Kind::Persons
            if (1..=4).contains(&length) && !units() && !words.contains(|c: char| c.is_ascii_digit()) =>
        {
            2
        }
        Kind::Persons if words.split('、').all(|name| (2..=4).contains(&name.chars().count())) => 1,
        Kind::Persons => -3,
        Kind::Time if time() => 4,
        Kind::Time => -3,
        Kind::Value if words.starts_with(|c: char| c.is_ascii_digit() || "-〔[>=<≥≤—".contains(c)) => {
            3
        }
        Kind::Value => -4,
        Kind::Measure if length <= 8 && !words.starts_with(|c: char| c.is_ascii_digit()) => 1,
        Kind::Measure => -2,
        Kind::Words if time() => -2,
        // 改造老旧小区 ends as a place does.
        Kind::Words if units() => 0,
        Kind::Words if length >= 4 => 2,
        Kind::Words => 0,
        Kind::Other => 0,
        Kind::Group if length <= 20 && !time() => 1,
        Kind::Group => -3,
    }
}
