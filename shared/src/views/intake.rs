//! A table from elsewhere against a ledger: which column means which, which row is which, what
//! would change. Nothing is taken over that was not shown (b.3).

use super::ledger::{Column, Key, Ledger, Row};
use crate::edit::Edit;
use crate::rule::Scene;
use crate::text::folded_text;
use std::collections::BTreeMap;

/// Which column of the ledger each column of the table means; none for those left out.
pub type Mapping = Vec<Option<Key>>;

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeRow {
    /// What it is called.
    pub title: String,
    pub found: Found,
}

/// What a row would do.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It says what the ledger says.
    Same,
    /// Columns with what stands there and what would; the edits that do it.
    Changed { row: Row, cells: Vec<(String, String, String)>, edits: Vec<Edit> },
    /// No row of the ledger is called so: names of columns and words.
    New { cells: Vec<(Key, String)> },
    /// Why it cannot be taken over.
    Problem(Vec<String>),
}

/// The row of a table that names its columns: the first that has at least two words and fits the
/// ledger best.
#[must_use]
pub fn head_of(ledger: &Ledger<'_>, rows: &[Vec<String>]) -> usize {
    let fits = |row: &Vec<String>| mapping_of(ledger, row).iter().flatten().count();
    let first = rows.iter().take(10).enumerate().max_by_key(|(place, row)| (fits(row), usize::MAX - place));
    first.map_or(0, |(place, _)| place)
}

/// What the heads of a table mean by their names; each column of the ledger once.
#[must_use]
pub fn mapping_of(ledger: &Ledger<'_>, heads: &[String]) -> Mapping {
    let mut free: Vec<&Column> = ledger.columns.iter().collect();
    let mut mapping: Mapping = vec![None; heads.len()];
    let plain = |words: &str| {
        let folded = folded_text(words);
        // What stands in brackets is a unit of measure or a note.
        folded.split('（').next().unwrap_or_default().to_owned()
    };
    for exact in [true, false] {
        for (place, head) in heads.iter().enumerate() {
            let head = plain(head);
            if mapping[place].is_some() || head.is_empty() {
                continue;
            }
            let fits = |column: &&&Column| {
                let name = plain(&column.name);
                let near = || head.contains(&name) || name.contains(&head) || alias(&column.key, &head);
                name == head || (!exact && near())
            };
            if let Some(found) = free.iter().find(fits).map(|column| column.key.clone()) {
                free.retain(|column| column.key != found);
                mapping[place] = Some(found);
            }
        }
    }
    mapping
}

/// Other names that offices use for the columns of every ledger.
fn alias(key: &Key, head: &str) -> bool {
    let words: &[&str] = match key {
        Key::Number => &["编号", "序号"],
        Key::Title => &["名称", "项目", "举措", "事项", "任务", "内容"],
        Key::Unit => &["责任单位", "牵头单位", "单位"],
        Key::Deadline => &["时限", "完成时间", "期限"],
        _ => &[],
    };
    words.iter().any(|word| head.contains(word))
}

/// The most rows that are compared.
pub const MOST_ROWS: usize = 20_000;

/// Compares the rows of a table with the ledger.
#[must_use]
pub fn compare(
    scene: &Scene<'_>,
    ledger: &Ledger<'_>,
    mapping: &Mapping,
    rows: &[Vec<String>],
) -> Vec<IntakeRow> {
    let word = |row: &[String], key: &Key| {
        let place = mapping.iter().position(|one| one.as_ref() == Some(key));
        place.and_then(|place| row.get(place)).map(|words| words.trim().to_owned()).unwrap_or_default()
    };
    // Rows are told apart by their title, and where units have parts by the unit.
    let mut known: BTreeMap<(String, Option<String>), Vec<Row>> = BTreeMap::new();
    for row in &ledger.rows {
        let unit = row.unit.map(|unit| folded_text(&scene.space.unit_name(unit)));
        known.entry((folded_text(scene.title(row.item)), unit)).or_default().push(*row);
    }
    let mut out = Vec::new();
    for cells in rows.iter().take(MOST_ROWS) {
        let title = word(cells, &Key::Title);
        if title.is_empty() {
            continue;
        }
        let unit = word(cells, &Key::Unit);
        let unit = scene.space.unit_named(&unit).map(|unit| folded_text(&scene.space.unit_name(unit)));
        let by_unit = ledger.kind.parts.then_some(unit).flatten();
        let found = match known.get_mut(&(folded_text(&title), by_unit)).map(|rows| (rows.len(), rows)) {
            // Of several with one title the number decides.
            Some((count, rows)) if count > 0 => {
                let number = word(cells, &Key::Number);
                let place = rows.iter().position(|row| {
                    !number.is_empty() && scene.item(row.item).is_some_and(|item| item.number == number)
                });
                changed(scene, ledger, mapping, rows.remove(place.unwrap_or(0)), cells)
            }
            _ => new(scene, ledger, mapping, cells),
        };
        out.push(IntakeRow { title, found });
    }
    out
}

fn changed(scene: &Scene<'_>, ledger: &Ledger<'_>, mapping: &Mapping, row: Row, cells: &[String]) -> Found {
    let (mut told, mut edits, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for (key, words) in mapping.iter().zip(cells) {
        let Some(column) =
            key.as_ref().and_then(|key| ledger.columns.iter().find(|column| column.key == *key))
        else {
            continue;
        };
        // An empty cell of a table from elsewhere says nothing.
        if words.trim().is_empty() || !ledger.is_written(row, column) {
            continue;
        }
        match ledger.write(scene, row, column, words) {
            Ok(None) => {}
            Ok(Some(edit)) => {
                told.push((
                    column.name.clone(),
                    ledger.cell(scene, row, column).shown,
                    words.trim().to_owned(),
                ));
                edits.push(edit);
            }
            Err(problem) => problems.push(format!("{}：{problem}", column.name)),
        }
    }
    match (problems.is_empty(), edits.is_empty()) {
        (false, _) => Found::Problem(problems),
        (true, true) => Found::Same,
        (true, false) => Found::Changed { row, cells: told, edits },
    }
}

fn new(scene: &Scene<'_>, ledger: &Ledger<'_>, mapping: &Mapping, cells: &[String]) -> Found {
    let (mut told, mut problems) = (Vec::new(), Vec::new());
    for (key, words) in mapping.iter().zip(cells) {
        let words = words.trim();
        let (Some(key), false) = (key, words.is_empty()) else { continue };
        let stored = match key {
            Key::Number | Key::Title | Key::Own(_) => Ok(words.to_owned()),
            Key::Field(id) => match ledger.kind.field(id) {
                Some(field) => super::stored_words(scene, field, words),
                None => continue,
            },
            Key::Deadline => crate::import::day(words)
                .map(|day| day.to_string())
                .ok_or_else(|| format!("“{words}”不是日期")),
            Key::Unit => match scene.space.unit_named(words) {
                Some(unit) => Ok(unit.to_string()),
                None => Err(format!("没有这个单位：{words}")),
            },
            _ => continue,
        };
        match stored {
            Ok(stored) => told.push((key.clone(), stored)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Found::New { cells: told } } else { Found::Problem(problems) }
}
