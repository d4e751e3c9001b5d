//! 催办: who owes what over any number of boards, and the letters that say so.

use super::{Across, Light, Matrix};
use crate::dictionary;
use crate::entry::EntryKind;
use crate::id::{BoardId, ItemId, UnitId};
use crate::model::Space;
use crate::rule::Scene;
use crate::words::Lang;
use std::collections::{BTreeMap, BTreeSet};

/// A unit that was reminded so many milliseconds ago or less is not chosen by itself.
pub const RECENT: i64 = 3 * 24 * 60 * 60 * 1000;

/// A debt of a unit, as a matrix shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    pub unit: UnitId,
    pub item: ItemId,
    pub light: Light,
    /// ISO date: of the item, or of the reporting round; empty without one.
    pub due: String,
}

/// The debts of units: cells that are late, returned or soon due, row by row.
#[must_use]
pub fn owed(scene: &Scene<'_>, matrix: &Matrix) -> Vec<Owed> {
    let urgent = |light| matches!(light, Light::Overdue | Light::Returned | Light::DueSoon);
    let round = match &matrix.across {
        Across::Round { round, .. } => Some(scene.due(*round).map(|day| day.to_string()).unwrap_or_default()),
        _ => None,
    };
    let due = |item| round.clone().unwrap_or_else(|| scene.words(item, "deadline").to_owned());
    let cells = matrix.rows.iter().flat_map(|row| matrix.cells(scene, row).into_iter().flatten());
    cells
        .filter(|cell| urgent(cell.light))
        .filter_map(|cell| {
            Some(Owed { unit: cell.unit?, item: cell.item, light: cell.light, due: due(cell.item) })
        })
        .collect()
}

/// One thing that a unit owes on a board.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    pub board: BoardId,
    pub item: ItemId,
    pub unit: UnitId,
    /// Late or returned, not only soon due.
    pub late: bool,
    /// Number and headline, how it stands, until when, and the round: in the language of documents.
    pub words: String,
    /// The title of the board.
    pub of: String,
}

/// Everything that units owe on a board: their parts, and the reports of open rounds.
#[must_use]
pub fn due(scene: &Scene<'_>, board: BoardId) -> Vec<Due> {
    // The text goes to units: it is in the language of documents, whatever the screen is in.
    let language = Lang::Hans;
    let mut all = Vec::new();
    for (across, name) in Matrix::kinds(scene, language) {
        let about = match &across {
            Across::Units { .. } => String::new(),
            Across::Round { round, .. } if !scene.is_ended(*round) => format!("，{name}"),
            _ => continue,
        };
        let owed = owed(scene, &Matrix::new(scene, &across, language));
        all.extend(owed.into_iter().map(|one| {
            let until = if one.due.is_empty() { String::new() } else { format!("，期限{}", one.due) };
            let number = scene.item(one.item).map_or("", |item| item.number.as_str());
            let state = one.light.word().text(language);
            Due {
                board,
                item: one.item,
                unit: one.unit,
                late: matches!(one.light, Light::Overdue | Light::Returned),
                words: format!("{number}{}（{state}{until}{about}）", scene.title(one.item)),
                of: scene.board.title.clone(),
            }
        }));
    }
    all
}

/// When each unit was last reminded on a board, in milliseconds since 1970.
#[must_use]
pub fn reminded(scene: &Scene<'_>) -> BTreeMap<UnitId, i64> {
    let mut last = BTreeMap::new();
    let reminders = scene.entries.all.values().filter(|entry| entry.kind == EntryKind::Remind);
    let named: BTreeMap<&str, UnitId> =
        scene.space.units.iter().map(|(id, unit)| (unit.name.as_str(), *id)).collect();
    for entry in reminders {
        for unit in entry.body.split('、').filter_map(|name| named.get(name)) {
            let when: &mut i64 = last.entry(*unit).or_default();
            *when = (*when).max(entry.said);
        }
    }
    last
}

/// A letter to the units that owe the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The name of a group whose units are all in it, else the names of the units.
    pub to: String,
    /// In the order in which they are named in documents.
    pub units: Vec<UnitId>,
    pub dues: Vec<Due>,
    pub late: bool,
}

impl Letter {
    /// Its words, of a day (ISO).
    #[must_use]
    pub fn text(&self, today: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut board = None;
        for (due, count) in self.dues.iter().zip(1..) {
            if board.replace(due.board) != Some(due.board) {
                lines.push(format!("《{}》", due.of));
            }
            lines.push(format!("{count}. {}", due.words));
        }
        format!("【催办】{}：截至{today}，以下事项请抓紧办理并填报：\n{}", self.to, lines.join("\n"))
    }
}

/// Letters to units, those that owe the same together, the late ones first; one that owes nothing
/// gets none.
#[must_use]
pub fn letters(space: &Space, dues: &[Due], only: impl Fn(UnitId) -> bool) -> Vec<Letter> {
    let mut by_unit: BTreeMap<UnitId, BTreeMap<(BoardId, ItemId, String), Due>> = BTreeMap::new();
    for due in dues.iter().filter(|due| only(due.unit)) {
        let key = (due.board, due.item, due.words.clone());
        by_unit.entry(due.unit).or_default().insert(key, due.clone());
    }
    let mut together: BTreeMap<Vec<(BoardId, ItemId, String)>, Vec<UnitId>> = BTreeMap::new();
    for (unit, dues) in &by_unit {
        together.entry(dues.keys().cloned().collect()).or_default().push(*unit);
    }
    let order = |unit: &UnitId| {
        let name = space.unit_name(*unit);
        (dictionary::place(&name), name)
    };
    let letter = |mut units: Vec<UnitId>| {
        units.sort_by_key(order);
        let mut dues: Vec<Due> = by_unit[&units[0]].values().cloned().collect();
        dues.sort_by(|one, other| {
            (&one.of, one.board, !one.late).cmp(&(&other.of, other.board, !other.late))
        });
        let late = dues.iter().any(|due| due.late);
        Letter { to: names(space, &units), units, dues, late }
    };
    let mut letters: Vec<Letter> = together.into_values().map(letter).collect();
    letters.sort_by_key(|letter| (!letter.late, order(&letter.units[0])));
    letters
}

/// Units by their names; all units of a group by its name.
fn names(space: &Space, units: &[UnitId]) -> String {
    let all: BTreeSet<UnitId> = units.iter().copied().collect();
    let whole = space.units.values().find(|group| group.members.len() > 1 && group.members == all);
    match whole {
        Some(group) => group.name.clone(),
        None => units.iter().map(|unit| space.unit_name(*unit)).collect::<Vec<_>>().join("、"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Unit;

    fn unit(byte: u8) -> UnitId {
        UnitId::from_bytes([byte; 16])
    }

    fn space() -> Space {
        let mut space = Space::default();
        for (byte, name) in [(1, "海拉尔区人民政府"), (2, "满洲里市人民政府"), (3, "市教育局")]
        {
            space.units.insert(unit(byte), Unit { name: name.to_owned(), ..Unit::default() });
        }
        let members = BTreeSet::from([unit(1), unit(2)]);
        space.units.insert(unit(9), Unit { name: "各旗市区人民政府".to_owned(), members, ..Unit::default() });
        space
    }

    fn due(byte: u8, item: u8, late: bool) -> Due {
        Due {
            board: BoardId::from_bytes([7; 16]),
            item: ItemId::from_bytes([item; 16]),
            unit: unit(byte),
            late,
            words: format!("（{item}）举措（{}）", if late { "逾期" } else { "将到期" }),
            of: "教育协作".to_owned(),
        }
    }

    #[test]
    fn units_that_owe_the_same_get_one_letter_under_the_name_of_their_group() {
        let dues = [due(1, 1, true), due(2, 1, true), due(3, 2, false)];
        let letters = letters(&space(), &dues, |_| true);
        let to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
        assert_eq!(to, ["各旗市区人民政府", "市教育局"], "the late ones first");
        let text = letters[0].text("2025-06-15");
        assert_eq!(
            text,
            "【催办】各旗市区人民政府：截至2025-06-15，以下事项请抓紧办理并填报：\n《教育协作》\n1. （1）举措（逾期）"
        );
    }

    #[test]
    fn a_unit_that_is_not_chosen_is_not_written_to() {
        let dues = [due(1, 1, true), due(2, 1, true)];
        let letters = letters(&space(), &dues, |one| one == unit(2));
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, "满洲里市人民政府");
    }

    #[test]
    fn what_is_owed_twice_is_told_once() {
        let dues = [due(3, 2, true), due(3, 2, true)];
        assert_eq!(letters(&space(), &dues, |_| true)[0].dues.len(), 1);
    }
}
