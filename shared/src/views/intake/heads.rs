//! The head of a table from elsewhere: which row it is, what its columns mean.

use super::scale::{scale_above, scale_in};
use super::{Mapping, Part};
use crate::office::Table;
use crate::text::folded_text;
use crate::views::ledger::{Column, Key, Ledger};

/// The name of a column, and of the group of columns that it stands in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Head {
    own: String,
    group: String,
}

impl Head {
    /// The narrower name.
    fn name(&self) -> &str {
        if self.own.is_empty() { &self.group } else { &self.own }
    }

    fn shown(&self) -> String {
        if self.own.is_empty() || self.group.is_empty() || self.own == self.group {
            self.name().to_owned()
        } else {
            format!("{}·{}", self.group, self.own)
        }
    }

    fn scale(&self) -> Option<String> {
        scale_in(&self.own).or_else(|| scale_in(&self.group))
    }
}

/// A sheet with its head found and its columns matched by their names.
#[must_use]
pub fn part_of(ledger: &Ledger<'_>, table: Table) -> Part {
    let head = head_of(ledger, &table.rows);
    let (heads, above) = heads_of(ledger, &table, head);
    let names: Vec<String> = heads.iter().map(|head| head.name().to_owned()).collect();
    let general = table.rows.iter().take(above).flatten().find_map(|words| scale_above(words));
    let width = names.iter().filter(|name| !name.is_empty()).count().max(2);
    let wide = table
        .merged
        .iter()
        .filter(|[top, left, bottom, right]| top == bottom && (right.saturating_sub(*left) + 1) * 2 > width);
    Part {
        mapping: mapping_of(ledger, &names),
        scales: heads.iter().map(|head| head.scale().or_else(|| general.clone())).collect(),
        wide: wide.map(|[top, ..]| *top).collect(),
        heads: heads.iter().map(Head::shown).collect(),
        name: table.name,
        rows: table.rows,
        above,
    }
}

/// The names of the columns, and how many rows they and all above them take. A head of two rows has
/// names of groups above.
fn heads_of(ledger: &Ledger<'_>, table: &Table, head: usize) -> (Vec<Head>, usize) {
    let alone = || {
        let row = table.rows.get(head).cloned().unwrap_or_default();
        row.into_iter().map(|own| Head { own, group: String::new() }).collect::<Vec<_>>()
    };
    let is_over = |row: usize| {
        table.merged.iter().any(|[top, left, bottom, right]| {
            *top == row && ((right > left && *bottom == row) || *bottom == row + 1)
        })
    };
    let lower = table.rows.get(head + 1);
    let is_words = lower.is_some_and(|row| {
        row.iter().any(|cell| !cell.is_empty()) && row.iter().all(|cell| cell.parse::<f64>().is_err())
    });
    if is_over(head) && is_words {
        let both = joined(table, head);
        let fits = |heads: &[Head]| {
            let names: Vec<String> = heads.iter().map(|head| head.name().to_owned()).collect();
            mapping_of(ledger, &names).iter().flatten().count()
        };
        // A first row of data under a merged head must not be taken for names.
        if fits(&both) >= fits(&alone()) {
            return (both, head + 2);
        }
    }
    // The row below a head of groups may be the one that fits the ledger best.
    match head.checked_sub(1).filter(|over| is_over(*over)) {
        Some(over) if table.rows[over].iter().filter(|cell| !cell.is_empty()).count() > 1 => {
            (joined(table, over), head + 1)
        }
        _ => (alone(), head + 1),
    }
}

/// The names of two rows; a name over several columns is the group of each.
fn joined(table: &Table, upper: usize) -> Vec<Head> {
    let row = |place: usize| table.rows.get(place).cloned().unwrap_or_default();
    let (mut groups, own) = (row(upper), row(upper + 1));
    let width = groups.len().max(own.len());
    groups.resize(width, String::new());
    // Areas of an honest row lie beside each other.
    let mut left_to_do = width;
    for [top, left, _, right] in &table.merged {
        let Some(name) = groups.get(*left).filter(|_| *top == upper).cloned() else { continue };
        for group in groups.iter_mut().take(right + 1).skip(left + 1).take(left_to_do) {
            group.clone_from(&name);
            left_to_do -= 1;
        }
    }
    let head =
        |(place, group): (usize, String)| Head { own: own.get(place).cloned().unwrap_or_default(), group };
    groups.into_iter().enumerate().map(head).collect()
}

/// The row of a table that names its columns: of the first ten the one that fits the ledger best.
#[must_use]
pub fn head_of(ledger: &Ledger<'_>, rows: &[Vec<String>]) -> usize {
    let fits = |row: &Vec<String>| mapping_of(ledger, row).iter().flatten().count();
    let first = rows.iter().take(10).enumerate().max_by_key(|(place, row)| (fits(row), usize::MAX - place));
    first.map_or(0, |(place, _)| place)
}

/// The columns of the ledger that the heads of a table name, each once.
#[must_use]
pub fn mapping_of(ledger: &Ledger<'_>, heads: &[String]) -> Mapping {
    let mut free: Vec<&Column> = ledger.columns.iter().collect();
    let mut mapping: Mapping = vec![None; heads.len()];
    let plain = |words: &str| {
        let folded = folded_text(words);
        // Words in brackets are a unit of measure or a note.
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
