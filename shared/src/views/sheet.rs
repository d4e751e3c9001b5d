//! A table for a file: typed cells, as the ledger on the screen shows them.

use super::ledger::{Ledger, Row};
use crate::rule::Scene;
use crate::template::{FieldKind, Value};
use crate::text::xml_text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A table with a name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sheet {
    pub name: String,
    pub columns: Vec<SheetColumn>,
    pub rows: Vec<Vec<SheetCell>>,
    /// Columns that stay in sight.
    pub frozen: usize,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SheetColumn {
    pub name: String,
    pub kind: CellKind,
    /// The choices; empty if people write freely.
    pub choices: Vec<String>,
    /// Long texts.
    pub wide: bool,
}

/// How a cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CellKind {
    #[default]
    Text,
    Number,
    /// In 元.
    Money,
    /// 65 for 65%.
    Percent,
    Date,
}

/// A cell: its words, and its number where it has one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SheetCell {
    /// As people read it; of a date the ISO form.
    pub words: String,
    pub number: Option<f64>,
}

/// The most signs of a cell of a spreadsheet program, in units of UTF-16.
const MOST_SIGNS: usize = 32_767;

/// The words that a cell of a spreadsheet program holds of a longer text, with an ellipsis at the end;
/// none when it holds them all.
#[must_use]
pub fn cut(words: &str) -> Option<String> {
    // A sign has at most as many units as bytes.
    if words.len() <= MOST_SIGNS {
        return None;
    }
    let words = xml_text(words);
    let (mut units, mut end) = (0, 0);
    for (at, sign) in words.char_indices() {
        units += sign.len_utf16();
        if units < MOST_SIGNS {
            end = at + sign.len_utf8();
        }
    }
    (units > MOST_SIGNS).then(|| format!("{}…", &words[..end]))
}

/// The table of some rows of a ledger.
#[must_use]
pub fn sheet(scene: &Scene<'_>, ledger: &Ledger<'_>, rows: &[Row], name: &str) -> Sheet {
    let columns = ledger.columns.iter().map(|column| SheetColumn {
        name: column.name.clone(),
        kind: match column.kind {
            FieldKind::Number => CellKind::Number,
            FieldKind::Money => CellKind::Money,
            FieldKind::Percent => CellKind::Percent,
            FieldKind::Date => CellKind::Date,
            _ => CellKind::Text,
        },
        choices: ledger.choices(scene, column).into_iter().map(|(_, name)| name).collect(),
        wide: column.kind == FieldKind::LongText || column.key == super::Key::Title,
    });
    let cell = |row: &Row, column| {
        let cell = ledger.cell(scene, *row, column);
        match cell.value {
            Some(Value::Number(number)) => SheetCell { words: cell.shown, number: Some(number) },
            Some(Value::Date(date)) => SheetCell { words: date.to_string(), number: None },
            _ => SheetCell { words: cell.shown, number: None },
        }
    };
    let line = |row: &Row| ledger.columns.iter().map(|column| cell(row, column)).collect();
    let frozen = ledger.columns.iter().position(|column| column.key == super::Key::Title);
    Sheet {
        name: name.to_owned(),
        columns: columns.collect(),
        rows: rows.iter().map(line).collect(),
        frozen: frozen.map_or(0, |place| place + 1),
    }
}

/// A table for each unit that has rows, named by it, in the order of the rows.
#[must_use]
pub fn sheets_by_unit(scene: &Scene<'_>, ledger: &Ledger<'_>) -> Vec<Sheet> {
    let mut by_unit: BTreeMap<(usize, String), Vec<Row>> = BTreeMap::new();
    for row in &ledger.rows {
        if let Some(unit) = row.unit {
            let name = scene.space.short_name(unit);
            by_unit.entry((crate::dictionary::place(&name), name)).or_default().push(*row);
        }
    }
    by_unit.into_iter().map(|((_, name), rows)| sheet(scene, ledger, &rows, &name)).collect()
}
