//! 本单位台账: what one unit has to do, over all boards (S03).

use super::ledger::{Row, light_of, lights_of_parts};
use super::light::Light;
use super::sheet::{CellKind, Sheet, SheetCell, SheetColumn};
use crate::fold::ItemStanding;
use crate::id::{BoardId, ItemId, UnitId};
use crate::import::Role;
use crate::model::Ledger;
use crate::rule::Scene;
use crate::words::{Lang, Word};

/// One item of one board that the unit has a part in.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnRow {
    pub board: BoardId,
    /// The title of the board.
    pub plan: String,
    pub item: ItemId,
    pub number: String,
    pub title: String,
    /// None where the unit stands in a field of the item only.
    pub role: Option<Role>,
    /// ISO date; empty without one.
    pub deadline: String,
    /// The light of the unit's own part.
    pub light: Option<Light>,
    /// The unit's own notes in its ledger: person in charge, yearly task, path, remark.
    pub kept: Ledger,
    /// The newest report of the unit.
    pub last: String,
}

/// A unit's tasks on a board, in the order of the board; items out of use are left out.
#[must_use]
pub fn own_rows(scene: &Scene<'_>, board: BoardId, unit: UnitId) -> Vec<OwnRow> {
    let row = |id: ItemId| {
        let item = scene.item(id)?;
        let retired = scene.standing(id).is_some_and(ItemStanding::is_gone);
        let assigned = item.assignments.iter().filter(|(_, one)| one.removal.is_none());
        let role = assigned
            .into_iter()
            .find(|(named, _)| scene.space.expanded(**named).contains(&unit))
            .map(|(_, one)| one.role);
        if retired
            || !(role.is_some() || scene.holders(id).contains(&unit) || scene.parts(id).contains(&unit))
        {
            return None;
        }
        let parts = scene.item_type(id).is_some_and(|kind| kind.parts);
        let last = scene.about(id).into_iter().rev().find(|entry| {
            entry.author.unit == unit
                && entry.kind == crate::entry::EntryKind::Report
                && !entry.body.is_empty()
        });
        Some(OwnRow {
            board,
            plan: scene.board.title.clone(),
            item: id,
            number: item.number.clone(),
            title: scene.title(id).to_owned(),
            role,
            deadline: scene.words(id, "deadline").to_owned(),
            light: if parts {
                Some(lights_of_parts(scene, id)(unit))
            } else {
                light_of(scene, Row { item: id, unit: None })
            },
            kept: item.ledger.get(&unit).cloned().unwrap_or_default(),
            last: last.map(|entry| entry.body.clone()).unwrap_or_default(),
        })
    };
    scene.board.item_order().into_iter().filter_map(row).collect()
}

/// The table of such rows, for a file.
#[must_use]
pub fn own_sheet(rows: &[OwnRow], name: &str, language: Lang) -> Sheet {
    let column = |word: Word, kind: CellKind, wide: bool| SheetColumn {
        name: word.text(language).to_owned(),
        kind,
        choices: Vec::new(),
        wide,
    };
    let text = |words: &str| SheetCell { words: words.to_owned(), number: None };
    let line = |row: &OwnRow| {
        let role = row.role.map_or("", |role| role.word().text(language));
        let light = row.light.map_or("", |light| light.word().text(language));
        [
            &row.plan,
            &row.number,
            &row.title,
            role,
            &row.deadline,
            light,
            &row.kept.person,
            &row.kept.yearly_task,
            &row.kept.path,
            &row.kept.remark,
            &row.last,
        ]
        .map(text)
        .to_vec()
    };
    Sheet {
        name: name.to_owned(),
        columns: vec![
            column(Word::OfBoard, CellKind::Text, true),
            column(Word::SerialNumber, CellKind::Text, false),
            column(Word::Headline, CellKind::Text, true),
            column(Word::RoleWord, CellKind::Text, false),
            column(Word::Deadline, CellKind::Date, false),
            column(Word::LightWord, CellKind::Text, false),
            column(Word::PersonInCharge, CellKind::Text, false),
            column(Word::YearlyTask, CellKind::Text, true),
            column(Word::Path, CellKind::Text, true),
            column(Word::Remark, CellKind::Text, true),
            column(Word::LatestWords, CellKind::Text, true),
        ],
        rows: rows.iter().map(line).collect(),
        frozen: 3,
    }
}
