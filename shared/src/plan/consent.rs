//! The units whose consent a proposal asks for, unless its author says otherwise.

use super::{PlanChange, PlanPlace};
use crate::id::{ItemId, UnitId};
use crate::import::Role;
use crate::model::{Board, Space};
use std::collections::BTreeMap;

/// Up to so many named units are all asked; of more only those that lead or whose own part changes.
const FEW: usize = 8;

/// The units that may be asked about changes of a measure, or of the goal, each with whether it is
/// asked unless the author says otherwise; groups are expanded, the author's own unit is left out.
#[must_use]
pub fn consent_of(
    space: &Space,
    board: &Board,
    item: Option<ItemId>,
    changes: &[PlanChange],
    own: UnitId,
) -> BTreeMap<UnitId, bool> {
    let mut asked: BTreeMap<UnitId, bool> = BTreeMap::new();
    let mut note = |unit: UnitId, ask: bool| {
        for one in space.expanded(unit) {
            *asked.entry(one).or_default() |= ask;
        }
    };
    match item.and_then(|item| board.items.get(&item)) {
        Some(item) => {
            for (unit, part) in item.assignments.iter().filter(|(_, part)| part.removal.is_none()) {
                note(*unit, part.role == Role::Lead);
            }
        }
        None => board.members.iter().for_each(|unit| note(*unit, false)),
    }
    for change in changes {
        if let PlanPlace::Owner(_, unit) = change.place {
            note(unit, true);
        }
    }
    asked.remove(&own);
    if item.is_some() && asked.len() <= FEW {
        asked.values_mut().for_each(|ask| *ask = true);
    }
    asked
}
