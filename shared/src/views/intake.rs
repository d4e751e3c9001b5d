//! A table from elsewhere against a ledger: which column means which, which row is which, what
//! would change. Nothing is taken over that was not shown (b.3).

use super::ledger::{Column, Key, Ledger, Row};
use crate::edit::Edit;
use crate::office::Table;
use crate::rule::Scene;
use crate::template::FieldKind;
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
    /// For each column, the scale of money that stands outside the cells: `万元`.
    pub scales: Vec<Option<String>>,
    /// Rows that stand above the table's own: title, note of the scale, the head.
    pub above: usize,
    /// All rows of the sheet, those above among them.
    pub rows: Vec<Vec<String>>,
    /// Merged areas of the sheet ([`Table::merged`]).
    pub merged: Vec<[usize; 4]>,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeRow {
    /// The sheet, and the row in it as its program counts: from 1.
    pub place: (String, usize),
    /// What it is called.
    pub title: String,
    pub found: Found,
    /// Columns that the system works out and that say something else here: name, here, there.
    pub computed: Vec<(String, String, String)>,
}

/// What a row would do.
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

/// A sheet with its head found and its columns matched by their names.
#[must_use]
pub fn part_of(ledger: &Ledger<'_>, table: Table) -> Part {
    let head = head_of(ledger, &table.rows);
    let (heads, above) = heads_of(ledger, &table, head);
    let mapping = mapping_of(ledger, &heads);
    let general = table.rows.iter().take(above).flatten().find_map(|words| scale_above(words));
    let scale = |head: &String| scale_in(head).or_else(|| general.clone());
    let scales = heads.iter().map(scale).collect();
    Part { name: table.name, mapping, scales, above, rows: table.rows, merged: table.merged, heads }
}

/// The names of the columns, and how many rows they and all above them take. A head of two rows has
/// names of groups above: they are told only where the row below says nothing.
fn heads_of(ledger: &Ledger<'_>, table: &Table, head: usize) -> (Vec<String>, usize) {
    let row = |place: usize| table.rows.get(place).cloned().unwrap_or_default();
    let (upper, lower) = (row(head), row(head + 1));
    let is_two = table.merged.iter().any(|[top, left, bottom, right]| {
        // Either a name stands over several columns, or one goes down over both rows.
        *top == head && (*bottom > head || (right > left && *bottom == head && *right - *left < upper.len()))
    }) && lower.iter().any(|cell| !cell.is_empty())
        && lower.iter().all(|cell| cell.parse::<f64>().is_err());
    if !is_two {
        // The row below a head of groups may be the one that fits the ledger best.
        let over = head.checked_sub(1).filter(|over| {
            table
                .merged
                .iter()
                .any(|[top, left, _, right]| top == over && right > left && row(*over).len() > 1)
        });
        let Some(over) = over else { return (upper, head + 1) };
        let above = row(over);
        let names = (0..upper.len().max(above.len())).map(|column| {
            let own = upper.get(column).filter(|name| !name.is_empty());
            own.or_else(|| above.get(column)).cloned().unwrap_or_default()
        });
        return (names.collect(), head + 1);
    }
    let fits = |names: &Vec<String>| mapping_of(ledger, names).iter().flatten().count();
    let width = upper.len().max(lower.len());
    let joined: Vec<String> = (0..width)
        .map(|column| {
            let own = lower.get(column).filter(|name| !name.is_empty());
            own.or_else(|| upper.get(column)).cloned().unwrap_or_default()
        })
        .collect();
    // A first row of data under a merged head must not be taken for names.
    if fits(&joined) >= fits(&upper) { (joined, head + 2) } else { (upper, head + 1) }
}

/// Scales of money that stand outside the cells.
const SCALES: [&str; 6] = ["千元", "百万元", "千万元", "万元", "亿元", "元"];

/// `总投资（万元）` says 万元; `面积（亩）` is told as it stands.
fn scale_in(head: &str) -> Option<String> {
    let folded = folded_text(head);
    let (_, rest) = folded.split_once('（')?;
    let inner = rest.split('）').next()?.trim_start_matches("单位：");
    (!inner.is_empty()).then(|| inner.to_owned())
}

/// `单位：万元` above a table.
fn scale_above(words: &str) -> Option<String> {
    let folded = folded_text(words);
    let (_, rest) = folded.split_once("单位：")?;
    SCALES.iter().find(|scale| rest.starts_with(**scale)).map(|scale| (*scale).to_owned())
}

/// The words of a cell with the scale that stands outside it.
fn with_scale(kind: FieldKind, words: &str, scale: Option<&str>) -> Result<String, String> {
    let Some(scale) = scale.filter(|_| kind == FieldKind::Money) else { return Ok(words.to_owned()) };
    let folded = folded_text(words).replace(['，', ','], "");
    if folded.parse::<f64>().is_err() {
        // The cell has its own.
        return Ok(words.to_owned());
    }
    if SCALES.contains(&scale) {
        Ok(format!("{words}{scale}"))
    } else if scale.contains(['元', '币', '镑']) {
        Err(format!("表头的单位是“{scale}”，不能换算成元"))
    } else {
        Ok(words.to_owned())
    }
}

/// What a row without data is; none for a row that is to be compared.
fn furniture(part: &Part, place: usize, cells: &[String], title: &str, is_known: bool) -> Option<Found> {
    if place < part.above {
        let blank = cells.iter().all(|cell| cell.trim().is_empty());
        return Some(if blank { Found::Blank } else { Found::Note });
    }
    let filled: Vec<&str> = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    let Some(first) = filled.first().map(|first| folded_text(first)) else { return Some(Found::Blank) };
    if is_known {
        return None;
    }
    let is_total = |words: &str| {
        let words = folded_text(words);
        words.chars().count() <= 8 && ["合计", "小计", "总计", "共计"].iter().any(|word| words.contains(word))
    };
    if filled.iter().take(2).any(|words| is_total(words)) && (title.is_empty() || is_total(title)) {
        return Some(Found::Total);
    }
    let notes = ["注：", "备注：", "说明：", "填表说明", "填表人", "填报人", "审核人", "制表"];
    if filled.len() <= 3 && notes.iter().any(|word| first.starts_with(word)) {
        return Some(Found::Note);
    }
    let width = part.heads.iter().filter(|head| !head.is_empty()).count();
    let is_wide = part.merged.iter().any(|[top, left, bottom, right]| {
        *top == place && *bottom == place && (right - left + 1) * 2 > width.max(2)
    });
    let numeral = first.split(['、', '）']).next().unwrap_or_default().trim_start_matches('（');
    let is_numbered = numeral.chars().count() < first.chars().count() || filled.len() == 2;
    let is_numeral = is_numbered && !numeral.is_empty() && crate::import::is_chinese_number(numeral);
    if filled.len() == 1 && (is_wide || (is_numeral && width > 2))
        || (filled.len() == 2 && is_numeral && width > 3)
    {
        return Some(Found::Group);
    }
    None
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
                let near = || head.contains(&name) || name.contains(&head);
                name == head || (!exact && near())
            };
            if let Some(found) = free.iter().find(fits).map(|column| column.key.clone()) {
                free.retain(|column| column.key != found);
                mapping[place] = Some(found);
            }
        }
    }
    for column in free {
        // The narrower name first: beside 重点任务, 具体举措 is the title.
        let head = aliases(&column.key).iter().find_map(|word| {
            (0..heads.len()).find(|place| mapping[*place].is_none() && plain(&heads[*place]).contains(word))
        });
        if let Some(place) = head {
            mapping[place] = Some(column.key.clone());
        }
    }
    mapping
}

/// Other names that offices use for the columns of every ledger.
const fn aliases(key: &Key) -> &[&str] {
    match key {
        Key::Number => &["编号", "序号"],
        Key::Title => &["举措", "名称", "项目", "事项", "任务", "内容"],
        Key::Unit => &["责任单位", "牵头单位", "单位"],
        Key::Deadline => &["时限", "完成时间", "期限"],
        _ => &[],
    }
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
        for (place, cells) in part.rows.iter().enumerate() {
            let title = part.word(cells, &Key::Title);
            let row = |found, computed| IntakeRow {
                place: (part.name.clone(), place + 1),
                title: if title.is_empty() { told(cells) } else { title.clone() },
                found,
                computed,
            };
            let is_known = titles.contains(&folded_text(&title));
            let read = match furniture(part, place, cells, &title, is_known) {
                _ if out.len() >= MOST_ROWS => row(Found::Beyond, Vec::new()),
                Some(found) => row(found, Vec::new()),
                None if title.is_empty() => {
                    row(Found::Problem(vec!["没有标题，不知道是哪一行".to_owned()]), Vec::new())
                }
                None => {
                    let (found, computed) = one(scene, ledger, part, cells, &mut known);
                    row(found, computed)
                }
            };
            out.push(read);
        }
    }
    out
}

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
        // Of several with one title the number decides.
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
            Some((column, with_scale(column.kind, words, scale)))
        })
    }

    /// Heads of filled columns that mean nothing here.
    #[must_use]
    pub fn left_columns(&self) -> Vec<&str> {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let is_filled = |place: usize| {
            let body = self.rows.iter().skip(self.above);
            body.filter_map(|row| row.get(place)).any(|cell| !cell.trim().is_empty())
        };
        let left = (0..width).filter(|place| self.mapping.get(*place).is_none_or(Option::is_none));
        left.filter(|place| is_filled(*place))
            .map(|place| self.heads.get(place).map_or("", String::as_str))
            .collect()
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
