//! Tables pasted as text: rows with tabs or bars under a header that names units.
//!
//! A row is rewritten as the sentence that a document would print, so that one grammar reads
//! both: `序号. 任务。举措（牵头单位：…；责任单位：…；完成时限：…）`.

use super::lists::{self, Label};
use super::source::Cell;
use crate::text::folded_text;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Number,
    Text,
    /// A label such as `牵头单位：`.
    Labelled(String),
    Ignored,
}

/// A header that was seen, applied to the rows below it.
#[derive(Debug, Default)]
pub struct Tables {
    columns: Option<Vec<Column>>,
    row: usize,
}

impl Tables {
    /// A line as it is to be read on: a row as a sentence, a header as nothing, else the line.
    pub fn line(&mut self, cells: Vec<Cell>) -> Option<Vec<Cell>> {
        let parts = split(&cells);
        if parts.len() < 3 {
            let words = text(&cells);
            // A row that names a section, or a cell that was broken, does not end a table.
            if words.contains('。') || words.chars().count() > 30 {
                self.columns = None;
            }
            return Some(if parts.len() == 2 && self.columns.is_some() {
                section_row(&parts)
            } else {
                cells
            });
        }
        if let Some(columns) = header(&parts) {
            self.columns = Some(columns);
            self.row = 0;
            return None;
        }
        match &self.columns {
            Some(columns) => {
                self.row += 1;
                Some(sentence(columns, &parts, self.row))
            }
            None => Some(cells),
        }
    }
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
    let mark = if cells.iter().any(|cell| cell.shown == '\t') { '\t' } else { '|' };
    let mut parts: Vec<Vec<Cell>> = cells.split(|cell| cell.shown == mark).map(<[Cell]>::to_vec).collect();
    if mark == '|' {
        parts.retain(|part| !part.is_empty());
    }
    parts
}

fn text(part: &[Cell]) -> String {
    folded_text(&part.iter().map(|cell| cell.shown).collect::<String>())
}

fn header(parts: &[Vec<Cell>]) -> Option<Vec<Column>> {
    let names: Vec<String> = parts.iter().map(|part| text(part)).collect();
    if names.iter().any(|name| name.chars().count() > 14) {
        return None;
    }
    let columns: Vec<Column> = names.iter().map(|name| column(name)).collect();
    let units = columns.iter().any(|column| match column {
        Column::Labelled(label) => matches!(lists::labels(label).first(), Some((0, _, Label::Units(_)))),
        _ => false,
    });
    (units && columns.contains(&Column::Text)).then_some(columns)
}

fn column(name: &str) -> Column {
    let label = format!("{name}：");
    if matches!(name, "序号" | "编号" | "号") {
        Column::Number
    } else if lists::labels(&label).first().is_some_and(|(from, _, _)| *from == 0) {
        Column::Labelled(label)
    } else if ["备注", "进展", "状态", "类别"].iter().any(|word| name.contains(word)) || name.is_empty()
    {
        Column::Ignored
    } else {
        Column::Text
    }
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
            Column::Labelled(label) => {
                written(&mut list, label);
                list.extend(part.iter().copied().filter(|cell| cell.shown != '\n'));
                written(&mut list, "；");
            }
            Column::Ignored => {}
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
