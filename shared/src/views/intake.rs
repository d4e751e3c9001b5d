//! A table from elsewhere against a ledger: which column means which, which row is which, what
//! would change. Nothing is taken over that was not shown (b.3).

mod furniture;
mod heads;
mod scale;

pub use heads::{head_of, mapping_of, part_of};

use super::ledger::{Column, Key, Ledger, Row};
use super::sheet::cut;
use crate::edit::Edit;
use crate::rule::Scene;
use crate::text::folded_text;
use crate::words::Word;
use std::collections::{BTreeMap, BTreeSet};

/// Which column of the ledger each column of the table means; none for those left out.
pub type Mapping = Vec<Option<Key>>;

/// Rows of one sheet under a head, with their mapping.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// The name of the sheet.
    pub name: String,
    pub heads: Vec<String>,
    pub mapping: Mapping,
    /// For each column, the scale that stands outside its cells: `万元`.
    pub scales: Vec<Option<String>>,
    /// Rows that stand above the table's own: title, note of the scale, the head.
    pub above: usize,
    /// All rows of the sheet, those above among them.
    pub rows: Vec<Vec<String>>,
    /// Rows with a cell that goes over half of the columns.
    pub wide: BTreeSet<usize>,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeRow {
    /// The sheet, and the row in it as its program counts: from 1.
    pub place: (String, usize),
    /// The title of it.
    pub title: String,
    pub found: Found,
    /// Columns that the system works out and that say something else here: name, here, there.
    pub computed: Vec<(String, String, String)>,
}

/// The effect of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It says what the ledger says.
    Same,
    /// Columns with what stands there and what would; the edits that do it.
    Changed {
        row: Row,
        cells: Vec<(String, String, String)>,
        edits: Vec<Edit>,
    },
    /// No row of the ledger is called so.
    New {
        cells: Vec<NewCell>,
    },
    /// Why it cannot be taken over.
    Problem(Vec<String>),
    /// It sums up other rows.
    Total,
    /// It names the rows below it.
    Group,
    Blank,
    /// The head, what stands above it, and notes.
    Note,
    /// More than [`MOST_ROWS`].
    Beyond,
}

impl Found {
    /// Its place among [`Self::WORDS`].
    #[must_use]
    pub const fn place(&self) -> usize {
        match self {
            Self::Same => 0,
            Self::Changed { .. } => 1,
            Self::New { .. } => 2,
            Self::Problem(_) => 3,
            Self::Total => 4,
            Self::Group => 5,
            Self::Blank => 6,
            Self::Note => 7,
            Self::Beyond => 8,
        }
    }

    /// How each is told.
    pub const WORDS: [Word; 9] = [
        Word::RowSame,
        Word::RowChanged,
        Word::RowNew,
        Word::RowProblem,
        Word::RowTotal,
        Word::RowGroup,
        Word::RowBlank,
        Word::RowNote,
        Word::RowBeyond,
    ];
}

/// A cell of a new row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCell {
    pub key: Key,
    /// The name of the ledger's column.
    pub name: String,
    /// As the person reads it, with its scale.
    pub shown: String,
    pub stored: String,
}

/// How many rows were found to be what, in the order of [`Found::WORDS`]. Their sum is the number of
/// rows that the sheets hold.
#[must_use]
pub fn counts(rows: &[IntakeRow]) -> [usize; 9] {
    let mut counts = [0; 9];
    for row in rows {
        counts[row.found.place()] += 1;
    }
    counts
}

/// The most rows that are compared.
pub const MOST_ROWS: usize = 20_000;

/// Compares the rows of sheets with the ledger: one [`IntakeRow`] for every row that they hold.
#[must_use]
pub fn compare(scene: &Scene<'_>, ledger: &Ledger<'_>, parts: &[Part]) -> Vec<IntakeRow> {
    // Rows are told apart by their title, and where units have parts by the unit.
    let mut known: BTreeMap<(String, Option<String>), Vec<Row>> = BTreeMap::new();
    let mut titles: BTreeSet<String> = BTreeSet::new();
    for row in &ledger.rows {
        let unit = row.unit.map(|unit| folded_text(&scene.space.unit_name(unit)));
        let title = folded_text(scene.title(row.item));
        titles.insert(title.clone());
        known.entry((title, unit)).or_default().push(*row);
    }
    let mut out = Vec::new();
    for part in parts {
        let mut after_note = false;
        for (place, cells) in part.rows.iter().enumerate() {
            let title = part.word(cells, &Key::Title);
            let (found, computed) = if out.len() >= MOST_ROWS {
                (Found::Beyond, Vec::new())
            } else {
                let is_known = titles.contains(&folded_text(&title));
                match furniture::furniture(part, place, &title, is_known, after_note) {
                    Some(found) => (found, Vec::new()),
                    None if title.is_empty() => (Found::Problem(vec![NO_TITLE.to_owned()]), Vec::new()),
                    None => one(scene, ledger, part, cells, &mut known),
                }
            };
            after_note = place >= part.above && found == Found::Note;
            let place = (part.name.clone(), place + 1);
            let title = if title.is_empty() { told(cells) } else { title };
            out.push(IntakeRow { place, title, found, computed });
        }
    }
    out
}

const NO_TITLE: &str = "没有标题，不知道是哪一行";

/// The first words of a row that has no title.
fn told(cells: &[String]) -> String {
    let filled = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    filled.take(3).collect::<Vec<_>>().join(" ").chars().take(60).collect()
}

type Computed = Vec<(String, String, String)>;

fn one(
    scene: &Scene<'_>,
    ledger: &Ledger<'_>,
    part: &Part,
    cells: &[String],
    known: &mut BTreeMap<(String, Option<String>), Vec<Row>>,
) -> (Found, Computed) {
    let title = part.word(cells, &Key::Title);
    let unit = part.word(cells, &Key::Unit);
    let unit = scene.space.unit_named(&unit).map(|unit| folded_text(&scene.space.unit_name(unit)));
    let by_unit = ledger.kind.parts.then_some(unit).flatten();
    match known.get_mut(&(folded_text(&title), by_unit)) {
        // The number decides among several with one title.
        Some(rows) if !rows.is_empty() => {
            let number = part.word(cells, &Key::Number);
            let place = rows.iter().position(|row| {
                !number.is_empty() && scene.item(row.item).is_some_and(|item| item.number == number)
            });
            changed(scene, ledger, part, rows.remove(place.unwrap_or(0)), cells)
        }
        _ => (new(scene, ledger, part, cells), Vec::new()),
    }
}

impl Part {
    fn word(&self, row: &[String], key: &Key) -> String {
        let place = self.mapping.iter().position(|one| one.as_ref() == Some(key));
        place.and_then(|place| row.get(place)).map(|words| words.trim().to_owned()).unwrap_or_default()
    }

    /// Cells that are filled and mean a column of the ledger, with their scale.
    fn cells<'a>(
        &'a self,
        ledger: &'a Ledger<'_>,
        cells: &'a [String],
    ) -> impl Iterator<Item = (&'a Column, Result<String, String>)> {
        let columns = self.mapping.iter().zip(cells).enumerate();
        columns.filter_map(|(place, (key, words))| {
            let key = key.as_ref()?;
            let column = ledger.columns.iter().find(|column| column.key == *key)?;
            // An empty cell of a table from elsewhere says nothing.
            let words = Some(words.trim()).filter(|words| !words.is_empty())?;
            let scale = self.scales.get(place).and_then(Option::as_deref);
            Some((column, scale::with_scale(column, words, scale)))
        })
    }

    /// Heads of filled columns that mean nothing here.
    #[must_use]
    pub fn left_columns(&self) -> Vec<String> {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let mut filled = vec![false; width];
        for row in self.rows.iter().skip(self.above) {
            for (place, cell) in row.iter().enumerate() {
                filled[place] |= !cell.trim().is_empty();
            }
        }
        let left = |place: &usize| filled[*place] && self.mapping.get(*place).is_none_or(Option::is_none);
        let name = |place: usize| {
            let head = self.heads.get(place).filter(|head| !head.is_empty());
            head.cloned().unwrap_or_else(|| format!("第{}列", place + 1))
        };
        (0..width).filter(left).map(name).collect()
    }
}

fn changed(
    scene: &Scene<'_>,
    ledger: &Ledger<'_>,
    part: &Part,
    row: Row,
    cells: &[String],
) -> (Found, Computed) {
    let (mut told, mut edits, mut problems, mut computed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (column, words) in part.cells(ledger, cells) {
        let shown = ledger.cell(scene, row, column).shown;
        let words = match words {
            Ok(words) => words,
            Err(problem) => {
                problems.push(format!("{}：{problem}", column.name));
                continue;
            }
        };
        // A file that holds a part of a long text says nothing new.
        if shown.trim() == words || cut(&shown).is_some_and(|held| held == words) {
            continue;
        }
        if !ledger.is_written(row, column) {
            if folded_text(&shown) != folded_text(&words) {
                computed.push((column.name.clone(), shown, words));
            }
            continue;
        }
        match ledger.write(scene, row, column, &words) {
            Ok(None) => {}
            Ok(Some(edit)) => {
                told.push((column.name.clone(), shown, words));
                edits.push(edit);
            }
            Err(problem) => problems.push(format!("{}：{problem}", column.name)),
        }
    }
    let found = match (problems.is_empty(), edits.is_empty()) {
        (false, _) => Found::Problem(problems),
        (true, true) => Found::Same,
        (true, false) => Found::Changed { row, cells: told, edits },
    };
    (found, computed)
}

fn new(scene: &Scene<'_>, ledger: &Ledger<'_>, part: &Part, cells: &[String]) -> Found {
    let (mut told, mut problems) = (Vec::new(), Vec::new());
    let has_unit = !part.word(cells, &Key::Unit).is_empty();
    for (column, words) in part.cells(ledger, cells) {
        let key = &column.key;
        let stored = words.and_then(|words| {
            let stored = match key {
                Key::Own(_) if !has_unit => Err("没有责任单位，不能填写".to_owned()),
                Key::Number | Key::Title | Key::Own(_) => Ok(words.clone()),
                Key::Field(id) => match ledger.kind.field(id) {
                    Some(field) => super::stored_words(scene, field, &words),
                    None => Err("没有这个字段".to_owned()),
                },
                Key::Deadline => crate::import::day(&words)
                    .map(|day| day.to_string())
                    .ok_or_else(|| format!("“{words}”不是日期")),
                Key::Unit => match scene.space.unit_named(&words) {
                    Some(unit) => Ok(unit.to_string()),
                    None => Err(format!("没有这个单位：{words}")),
                },
                // States and lights of a new row are worked out here.
                _ => return Ok(None),
            };
            stored.map(|stored| Some((words, stored)))
        });
        match stored {
            Ok(Some((shown, stored))) => {
                told.push(NewCell { key: key.clone(), name: column.name.clone(), shown, stored });
            }
            Ok(None) => {}
            Err(problem) => problems.push(format!("{}：{problem}", column.name)),
        }
    }
    if problems.is_empty() { Found::New { cells: told } } else { Found::Problem(problems) }
}
