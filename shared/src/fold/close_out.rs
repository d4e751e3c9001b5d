//! Close-out of one unit's part in an item: asked, returned, accepted (S04; conflicts 2 and 6).

use super::causal::Frontier;
use crate::entry::{Entry, EntryKind};
use crate::id::{EntryId, UnitId};
use crate::words::Word;

/// The state of a unit's part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PartState {
    NotStarted,
    InProgress,
    /// 申请销号
    Asked,
    /// 退回
    Returned,
    /// 已销号
    Closed,
}

impl PartState {
    /// Every state, in the order of the work.
    pub const ALL: [Self; 5] =
        [Self::NotStarted, Self::InProgress, Self::Asked, Self::Returned, Self::Closed];

    /// Its word on screens and in files.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::NotStarted => Word::NotStarted,
            Self::InProgress => Word::InProgress,
            Self::Asked => Word::Asked,
            Self::Returned => Word::Returned,
            Self::Closed => Word::Closed,
        }
    }

    /// Its id, as templates name it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::InProgress => "in_progress",
            Self::Asked => "asked",
            Self::Returned => "returned",
            Self::Closed => "closed",
        }
    }

    /// The state of an id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }
}

/// A unit's part, derived from its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseOut {
    pub state: PartState,
    /// Accepted and returned at the same time: returned is in force, the lead decides again.
    pub contested: bool,
    /// Reports that the one who closed had not seen.
    pub late_reports: usize,
    /// The request or decision in force.
    pub by: Option<EntryId>,
}

/// The part of a unit; `about` are the entries of the item in causal order.
#[must_use]
pub fn part_state(unit: UnitId, about: &[&Entry]) -> CloseOut {
    let acts: Vec<&Entry> = about.iter().copied().filter(|entry| is_act_for(entry, unit)).collect();
    let newest = Frontier::of(&acts).0;
    let returned = newest.iter().find(|entry| entry.accepted == Some(false));
    let accepted = newest.iter().find(|entry| entry.accepted == Some(true));
    let asked = newest.iter().find(|entry| entry.kind == EntryKind::CloseRequest);
    let reports = about.iter().filter(|entry| entry.author.unit == unit && entry.kind == EntryKind::Report);
    let (state, by) = match (returned, accepted, asked) {
        (Some(entry), _, _) => (PartState::Returned, Some(entry)),
        (None, Some(entry), _) => (PartState::Closed, Some(entry)),
        (None, None, Some(entry)) => (PartState::Asked, Some(entry)),
        (None, None, None) if reports.clone().next().is_some() => (PartState::InProgress, None),
        (None, None, None) => (PartState::NotStarted, None),
    };
    let late_reports = match (state, accepted) {
        (PartState::Closed, Some(decision)) => reports.filter(|report| !decision.has_seen(report)).count(),
        _ => 0,
    };
    CloseOut {
        state,
        contested: returned.is_some() && accepted.is_some(),
        late_reports,
        by: by.map(|entry| entry.id),
    }
}

/// The decision that sent a unit's part back, with its reason; none where it was not.
#[must_use]
pub fn returned<'a>(state: &super::ItemState, about: &'a [Entry], unit: UnitId) -> Option<&'a Entry> {
    let part = state.parts.get(&unit).filter(|part| part.state == PartState::Returned)?;
    about.iter().find(|entry| Some(entry.id) == part.by)
}

fn is_act_for(entry: &Entry, unit: UnitId) -> bool {
    match entry.kind {
        EntryKind::CloseRequest => entry.author.unit == unit,
        EntryKind::CloseDecision => entry.subject.unit == Some(unit) && entry.accepted.is_some(),
        _ => false,
    }
}
