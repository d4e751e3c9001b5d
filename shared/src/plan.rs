//! The plan of a board, and changing it by proposals once it is settled (定稿).
//!
//! The plan is what the units are bound to: goal, sections, measures with their texts, deadlines
//! and units, indicators with their targets. While it is drafted everybody who may write the board
//! writes it. Once its lead has settled it, it changes by proposals that the lead has accepted.
//! Progress, rows of the ledger, evidence and items with states of their own flow at once.
//!
//! A device that had not seen that the plan was settled may still bring changes: nothing is lost, the plan
//! then differs from the settled one, and nothing is published before the lead has looked.

mod changes;
mod consent;
mod guard;
mod words;

pub use changes::{
    PlanChange, PlanPlace, changes_between, clashes, edits_of, edits_of_proposal, indicators_of, is_measure,
    order_word, places, role_of, role_word, section_of, target_of, target_word, value_now,
};
pub use consent::consent_of;
pub use guard::{touches, touches_place};
pub use words::{ChangeWords, change_words, measure_name};

use crate::document::hex;
use crate::edit::BoardField;
use crate::fold::{Entries, proposals};
use crate::id::{UnitId, fingerprint};
use crate::model::{Board, Conflict};
use crate::register::Register;
use crate::template;
use serde::{Deserialize, Serialize};

/// The settled plan, as one register of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Seconds since 1970, by the clock of the lead's device.
    pub at: i64,
    pub by: UnitId,
    /// The digest of the plan as the lead saw it.
    pub digest: String,
    /// Names the template that it was read by. Those who settled before there was one bound its name only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

impl Settled {
    /// The register of a plan as it stands.
    #[must_use]
    pub fn of(board: &Board, by: UnitId, at: i64) -> Self {
        Self { at, by, digest: digest(board), template: Some(template_of(board)) }
    }

    /// Whether it settles a plan that has this digest and this template.
    fn fits(&self, digest: &str, template: &str) -> bool {
        self.digest == digest && self.template.as_deref().is_none_or(|bound| bound == template)
    }

    /// As the register holds it.
    #[must_use]
    pub fn to_word(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a register; nothing while the plan is drafted.
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

/// How far the plan of a board is. Values that stand against each other, places of its texts that two
/// people changed (`marked`), and proposals that were accepted and returned at the same time, wait for its
/// lead like any change that was not seen.
#[must_use]
pub fn plan_state(board: &Board, entries: &Entries, marked: bool) -> PlanState {
    let contested = || proposals(entries).iter().any(|one| one.contested);
    match is_as_settled(board) {
        None => PlanState::Drafted,
        Some(true) if !marked && !contested() => PlanState::Settled,
        Some(_) => PlanState::Differs,
    }
}

/// Whether a plan says what was settled and nothing stands against it; nothing while it is drafted. One
/// whose template cannot be read says something else: nobody sees here what of it is the plan.
#[must_use]
pub fn is_as_settled(board: &Board) -> Option<bool> {
    let settled = board.settled.as_ref()?;
    let (digest, template) = (digest(board), template_of(board));
    // Two leads may have settled it at the same time.
    let other = |clash: &Conflict| {
        let mut others = clash.said.iter().filter_map(|one| Settled::from_word(&one.value));
        clash.register == Register::Board(BoardField::Settled)
            && others.any(|one| !one.fits(&digest, &template))
    };
    let differs = !settled.fits(&digest, &template)
        || template::of(board).is_err()
        || board.conflicts.iter().any(other)
        // Nobody has looked whether these are.
        || board.more_clashes.of_plan > 0
        || !clashes(board).is_empty();
    Some(!differs)
}

/// Names the template of a board with the file that it carries.
fn template_of(board: &Board) -> String {
    hex(&fingerprint(&[&board.template, &board.template_version.to_string(), &board.template_source]))
}

/// The content of a plan as a short word: two devices that see the same plan have the same digest.
#[must_use]
pub fn digest(board: &Board) -> String {
    let mut places = places(board);
    places.sort_unstable();
    let words = places.into_iter().flat_map(|place| {
        // A unit that was taken off, or never named, says nothing.
        let word =
            value_now(board, place).filter(|word| !matches!(place, PlanPlace::Owner(..)) || !word.is_empty());
        word.map(|word| [serde_json::to_string(&place).unwrap_or_default(), word]).into_iter().flatten()
    });
    let words: Vec<String> = words.collect();
    hex(&fingerprint(&words.iter().map(String::as_str).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests;
