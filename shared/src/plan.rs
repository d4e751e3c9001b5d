//! The plan of a board, and changing it by proposals once it is settled (定稿).
//!
//! The plan is what the units are bound to: goal, sections, measures with their texts, deadlines
//! and units, indicators with their targets. While it is drafted everybody who may write the board
//! writes it. Once its lead has settled it, it changes by proposals that the lead has accepted.
//! Progress, rows of the ledger, evidence and items with states of their own flow at once.
//!
//! Whoever had not seen that the plan was settled may still bring changes: nothing is lost, the
//! plan then differs from what was settled, and nothing is published before the lead has looked.

mod changes;
mod consent;
mod guard;
mod words;

pub use changes::{
    PlanChange, PlanPlace, changes_between, edits_of, indicators_of, role_of, role_word, target_of,
    target_word, value_now,
};
pub use consent::consent_of;
pub use guard::{touches, touches_place};
pub use words::{ChangeWords, change_words, measure_name};

use crate::document::hex;
use crate::id::{UnitId, fingerprint};
use crate::model::Board;
use serde::{Deserialize, Serialize};

/// What the lead settled, as one register of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Seconds since 1970, by the clock of the lead's device.
    pub at: i64,
    pub by: UnitId,
    /// Of the plan as the lead saw it.
    pub digest: String,
}

impl Settled {
    /// The register of a plan as it stands.
    #[must_use]
    pub fn of(board: &Board, by: UnitId, at: i64) -> Self {
        Self { at, by, digest: digest(board) }
    }

    /// As the register holds it.
    #[must_use]
    pub fn to_word(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What a register holds; nothing while the plan is drafted.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        serde_json::from_str(word).ok()
    }
}

/// How far a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PlanState {
    /// 起草: written together.
    #[default]
    Drafted,
    /// 已定稿: as its lead settled it.
    Settled,
    /// Settled, and then changes came from who had not seen it: the lead looks again.
    Differs,
}

/// How far the plan of a board is.
#[must_use]
pub fn plan_state(board: &Board) -> PlanState {
    match &board.settled {
        None => PlanState::Drafted,
        Some(settled) if settled.digest == digest(board) => PlanState::Settled,
        Some(_) => PlanState::Differs,
    }
}

/// What a plan says, as a short word: two devices that see the same plan have the same digest.
#[must_use]
pub fn digest(board: &Board) -> String {
    let mut words: Vec<String> = vec![board.title.clone(), board.goal.clone(), format!("{:?}", board.period)];
    for (id, section) in &board.sections {
        words.push(format!("{id}|{}|{}|{}", section.number, section.title, section.rank));
    }
    for (id, item) in board.items.iter().filter(|(_, item)| item.kind.is_empty()) {
        let place = item.section.map(|section| section.to_string()).unwrap_or_default();
        let parent = item.parent.map(|parent| parent.to_string()).unwrap_or_default();
        words.extend([format!("{id}|{place}|{}|{parent}", item.rank), item.number.clone()]);
        words.extend([item.title.clone(), item.text.clone(), item.deadline.clone()]);
        let bound = item.assignments.iter().filter(|(_, part)| part.removal.is_none());
        words.push(bound.map(|(unit, part)| format!("{unit}={:?}", part.role)).collect::<Vec<_>>().join(" "));
    }
    for (id, indicator) in &board.indicators {
        let target = serde_json::to_string(&indicator.target).unwrap_or_default();
        words.extend([id.to_string(), indicator.name.clone(), target]);
    }
    hex(&fingerprint(&words.iter().map(String::as_str).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests;
