//! What of a plan changes: from old words to new ones, place by place.

use crate::document::{place as place_of, place_text, word};
use crate::edit::{BoardField, Edit, ItemField, TextPlace};
use crate::id::{IndicatorId, ItemId, SectionId, UnitId};
use crate::import::Role;
use crate::model::{Board, Indicator, Item, Removal, Target};
use crate::text::splice_of;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One place of a plan.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
pub enum PlanPlace {
    #[n(0)]
    Goal,
    #[n(1)]
    Headline(#[n(0)] ItemId),
    #[n(2)]
    Text(#[n(0)] ItemId),
    /// An ISO date; empty for none.
    #[n(3)]
    Deadline(#[n(0)] ItemId),
    /// What a unit is named for in a measure: the word of its role; empty when it is not named.
    #[n(4)]
    Owner(#[n(0)] ItemId, #[n(1)] UnitId),
    /// A target as JSON.
    #[n(5)]
    Target(#[n(0)] IndicatorId),
    #[n(6)]
    Number(#[n(0)] ItemId),
    /// The title of the board.
    #[n(7)]
    Title,
    /// The title of a section.
    #[n(8)]
    Section(#[n(0)] SectionId),
    /// A measure that was not there.
    #[n(9)]
    Measure(#[n(0)] ItemId),
    /// The section and rank of a measure.
    #[n(10)]
    Order(#[n(0)] ItemId),
    /// An indicator that was not there.
    #[n(11)]
    Indicator(#[n(0)] IndicatorId),
}

impl PlanPlace {
    /// The measure that it belongs to.
    #[must_use]
    pub fn item(self, board: &Board) -> Option<ItemId> {
        match self {
            Self::Headline(item)
            | Self::Text(item)
            | Self::Deadline(item)
            | Self::Owner(item, _)
            | Self::Number(item)
            | Self::Measure(item)
            | Self::Order(item) => Some(item),
            Self::Target(indicator) | Self::Indicator(indicator) => board.indicators.get(&indicator)?.item,
            Self::Goal | Self::Title | Self::Section(_) => None,
        }
    }

    /// Whether units propose changes of it; the rest is for the lead.
    #[must_use]
    pub const fn is_proposed(self) -> bool {
        matches!(
            self,
            Self::Goal
                | Self::Headline(_)
                | Self::Text(_)
                | Self::Deadline(_)
                | Self::Owner(..)
                | Self::Target(_)
        )
    }
}

/// One change of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct PlanChange {
    #[n(0)]
    pub place: PlanPlace,
    /// As its author saw it.
    #[n(1)]
    pub old: String,
    #[n(2)]
    pub new: String,
}

/// The word that a place holds now; nothing where there is no such place.
#[must_use]
pub fn value_now(board: &Board, place: PlanPlace) -> Option<String> {
    let item = |id| board.items.get(&id);
    Some(match place {
        PlanPlace::Goal => board.goal.clone(),
        PlanPlace::Title => board.title.clone(),
        PlanPlace::Headline(id) => item(id)?.title.clone(),
        PlanPlace::Text(id) => item(id)?.text.clone(),
        PlanPlace::Deadline(id) => item(id)?.deadline.clone(),
        PlanPlace::Number(id) => item(id)?.number.clone(),
        PlanPlace::Measure(id) => measure_words(item(id)?),
        PlanPlace::Order(id) => place_text(item(id)?.section, &item(id)?.rank),
        PlanPlace::Owner(id, unit) => owner(item(id)?, unit).map(role_word).unwrap_or_default(),
        PlanPlace::Target(id) => target_word(&board.indicators.get(&id)?.target),
        PlanPlace::Indicator(id) => board.indicators.get(&id)?.name.clone(),
        PlanPlace::Section(id) => board.sections.get(&id)?.title.clone(),
    })
}

/// What differs from one plan to a later one, in the order of the document.
#[must_use]
pub fn changes_between(old: &Board, new: &Board) -> Vec<PlanChange> {
    let mut changes = Vec::new();
    let mut differ = |place| {
        let (before, after) = (value_now(old, place), value_now(new, place));
        if before != after {
            let (old, new) = (before.unwrap_or_default(), after.unwrap_or_default());
            changes.push(PlanChange { place, old, new });
        }
    };
    differ(PlanPlace::Title);
    differ(PlanPlace::Goal);
    for section in new.section_order() {
        differ(PlanPlace::Section(section));
    }
    let order = new.item_order();
    // Hostile ones stand in no section.
    let placed: BTreeSet<ItemId> = order.iter().copied().collect();
    for id in order.into_iter().chain(new.items.keys().copied().filter(|id| !placed.contains(id))) {
        let Some(now) = new.items.get(&id).filter(|item| item.kind.is_empty()) else { continue };
        let Some(before) = old.items.get(&id) else {
            differ(PlanPlace::Measure(id));
            continue;
        };
        for place in
            [PlanPlace::Number, PlanPlace::Headline, PlanPlace::Text, PlanPlace::Deadline, PlanPlace::Order]
        {
            differ(place(id));
        }
        let units: BTreeSet<UnitId> =
            before.assignments.keys().chain(now.assignments.keys()).copied().collect();
        units.into_iter().for_each(|unit| differ(PlanPlace::Owner(id, unit)));
    }
    for id in new.indicators.keys() {
        let known = old.indicators.contains_key(id);
        differ(if known { PlanPlace::Target(*id) } else { PlanPlace::Indicator(*id) });
    }
    changes
}

/// The edits that bring a place to the new words; `None` where there is no such place, or the words
/// are none for it. `removal` is the mark of who takes a unit off.
#[must_use]
pub fn edits_of(board: &Board, change: &PlanChange, removal: &Removal) -> Option<Vec<Edit>> {
    let value = change.new.clone();
    let text = |text, now: &str| {
        let (at, delete, insert) = splice_of(now, &value);
        Edit::SpliceText { text, at, delete, insert }
    };
    let field = |id, field| Edit::SetItemField { id, field, value: value.clone() };
    // Their words are for reading: what was added stays until its lead puts it out of use.
    if matches!(change.place, PlanPlace::Measure(_) | PlanPlace::Indicator(_)) {
        return None;
    }
    if value_now(board, change.place)? == value {
        return Some(Vec::new());
    }
    let edit = match change.place {
        PlanPlace::Goal => text(TextPlace::Goal, &board.goal),
        PlanPlace::Title => Edit::SetBoardField { field: BoardField::Title, value },
        PlanPlace::Text(id) => text(TextPlace::Item(id), &board.items.get(&id)?.text),
        PlanPlace::Headline(id) => field(id, ItemField::Title),
        PlanPlace::Number(id) => field(id, ItemField::Number),
        PlanPlace::Deadline(id) if value.is_empty() || value.parse::<jiff::civil::Date>().is_ok() => {
            field(id, ItemField::Deadline)
        }
        PlanPlace::Owner(item, unit) if value.is_empty() => {
            Edit::Unassign { item, unit, removal: removal.clone() }
        }
        PlanPlace::Owner(item, unit) => {
            let before = board.items.get(&item)?.assignments.get(&unit);
            let (open_ended, raw) =
                before.map(|part| (part.open_ended, part.raw.clone())).unwrap_or_default();
            Edit::Assign { item, unit, role: role_of(&value)?, open_ended, raw }
        }
        PlanPlace::Section(id) => Edit::SetSectionTitle { id, title: value },
        PlanPlace::Order(id) => {
            let (section, rank) = place_of(&value);
            Edit::MoveItem { id, section: section?, rank }
        }
        PlanPlace::Target(id) => Edit::SetTarget { id, target: target_of(&value)? },
        PlanPlace::Deadline(_) | PlanPlace::Measure(_) | PlanPlace::Indicator(_) => return None,
    };
    Some(vec![edit])
}

fn owner(item: &Item, unit: UnitId) -> Option<Role> {
    item.assignments.get(&unit).filter(|part| part.removal.is_none()).map(|part| part.role)
}

/// The word of a role in a change.
#[must_use]
pub fn role_word(role: Role) -> String {
    word(&role)
}

/// The role of such a word.
#[must_use]
pub fn role_of(word: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role_word(*role) == word)
}

/// A target as a change holds it.
#[must_use]
pub fn target_word(target: &Target) -> String {
    serde_json::to_string(target).unwrap_or_default()
}

/// The target of such a word.
#[must_use]
pub fn target_of(word: &str) -> Option<Target> {
    let target: Target = serde_json::from_str(word).ok()?;
    let finite = target.value.is_finite() && target.value2.is_none_or(f64::is_finite);
    finite.then_some(target)
}

fn measure_words(item: &Item) -> String {
    let words = [item.number.as_str(), &item.title, &item.text];
    words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The indicators of a measure, or those of no measure.
#[must_use]
pub fn indicators_of(board: &Board, item: Option<ItemId>) -> BTreeMap<IndicatorId, &Indicator> {
    let of = board.indicators.iter().filter(|(_, one)| one.item == item);
    of.map(|(id, one)| (*id, one)).collect()
}
