//! 填报: what a unit has to report on, over all boards, in an order that can be said aloud.

use super::ledger::{Row, light_of};
use super::light::Light;
use crate::entry::EntryKind;
use crate::fold::{self, Lamp, PartState};
use crate::id::{BoardId, ItemId, UnitId};
use crate::plan::measure_name;
use crate::rule::Scene;
use crate::text::folded_text;
use crate::words::Word;

/// Why something is reported on now; what comes first waits the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Waits {
    /// Its close-out was returned.
    Returned,
    /// A leader has said something to it that the unit has not answered.
    Instructed,
    Overdue,
    DueSoon,
    /// The unit has said nothing yet.
    Unreported,
    Going,
}

impl Waits {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Returned => Word::Returned,
            Self::Instructed => Word::DidInstruction,
            Self::Overdue => Word::Overdue,
            Self::DueSoon => Word::DueSoon,
            Self::Unreported => Word::NotReported,
            Self::Going => Word::InProgress,
        }
    }

    /// The light whose shape and colour it has.
    #[must_use]
    pub const fn light(self) -> Light {
        match self {
            Self::Returned => Light::Returned,
            Self::Instructed => Light::Asked,
            Self::Overdue => Light::Overdue,
            Self::DueSoon => Light::DueSoon,
            Self::Unreported => Light::NotStarted,
            Self::Going => Light::Going,
        }
    }
}

/// Something that a unit can report on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reportable {
    pub waits: Waits,
    /// ISO date; empty without one.
    pub deadline: String,
    /// The title of the board.
    pub plan: String,
    pub board: BoardId,
    pub item: ItemId,
    /// Number and headline.
    pub title: String,
    /// Why a close-out was returned.
    pub reason: String,
    /// Whether the unit may ask to close its part.
    pub closes: bool,
    /// The place in the official order of the board.
    place: usize,
}

impl Reportable {
    /// Whether it is what somebody looks for; nothing is everything.
    #[must_use]
    pub fn fits(&self, wanted: &str) -> bool {
        let fold = |text: &str| folded_text(text).to_lowercase();
        let text = fold(&format!("{}{}", self.title, self.plan));
        fold(wanted).split_whitespace().all(|word| text.contains(word))
    }

    /// 退回, 批示, 逾期 (the longest first), 七天内, 未填报, 进行中; among equals the nearest day, then
    /// plan by plan in their own order.
    fn order(&self) -> (Waits, bool, &str, &str, BoardId, usize) {
        (self.waits, self.deadline.is_empty(), &self.deadline, &self.plan, self.board, self.place)
    }
}

/// Lists the measures that a unit can report on; closed, ended and retired ones are left out.
#[must_use]
pub fn reportable(scene: &Scene<'_>, board: BoardId, unit: UnitId) -> Vec<Reportable> {
    let one = |(place, id): (usize, ItemId)| {
        let item = scene.item(id)?;
        let kind = scene.item_type(id);
        let retired = scene.standing(id).is_some_and(|standing| standing.retired);
        if retired || !scene.units(id).contains(&unit) {
            return None;
        }
        let about = scene.about(id);
        let parts = kind.is_none_or(|kind| kind.parts);
        let part = parts.then(|| fold::part_state(unit, &about));
        let over = match &part {
            Some(part) => part.state == PartState::Closed,
            None => scene.is_ended(id),
        };
        if over {
            return None;
        }
        let mine =
            |kind: EntryKind| about.iter().rposition(|entry| entry.author.unit == unit && entry.kind == kind);
        let said = mine(EntryKind::Report).max(mine(EntryKind::CloseRequest)).max(mine(EntryKind::Answer));
        let instructed = about.iter().rposition(|entry| {
            entry.kind == EntryKind::Instruction && entry.subject.unit.is_none_or(|named| named == unit)
        });
        let state = part.as_ref().map(|part| part.state);
        let late = match scene.lamp(id) {
            Some(Lamp::Overdue) => Some(Waits::Overdue),
            Some(Lamp::DueSoon) => Some(Waits::DueSoon),
            _ => None,
        };
        let begun = said.is_some()
            || light_of(scene, Row { item: id, unit: None })
                .is_some_and(|light| light == Light::Going && !parts);
        let waits = if state == Some(PartState::Returned) {
            Waits::Returned
        } else if instructed.is_some() && instructed > said {
            Waits::Instructed
        } else {
            late.unwrap_or(if begun { Waits::Going } else { Waits::Unreported })
        };
        let returned = about.iter().rev().find(|entry| {
            entry.kind == EntryKind::CloseDecision
                && entry.subject.unit == Some(unit)
                && entry.accepted == Some(false)
        });
        Some(Reportable {
            waits,
            deadline: scene.due(id).map(|day| day.to_string()).unwrap_or_default(),
            plan: scene.board.title.clone(),
            board,
            item: id,
            title: measure_name(item),
            reason: returned
                .filter(|_| waits == Waits::Returned)
                .map(|entry| entry.body.clone())
                .unwrap_or_default(),
            closes: state.is_some_and(|state| state != PartState::Asked),
            place,
        })
    };
    scene.board.item_order().into_iter().enumerate().filter_map(one).collect()
}

/// Puts what several boards have in order.
pub fn in_order(all: &mut [Reportable]) {
    all.sort_by(|one, other| one.order().cmp(&other.order()));
}
