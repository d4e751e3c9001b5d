//! Changes of a plan: from old words to new ones, place by place.

use crate::document::{place as place_of, place_text, word};
use crate::edit::{BoardField, Edit, ItemField, TextPlace};
use crate::id::{IndicatorId, ItemId, SectionId, UnitId};
use crate::import::Role;
use crate::model::{Board, Indicator, Item, Removal, Target};
use crate::register::Register;
use crate::template::{self, Template};
use crate::text::Splice;
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
    /// The part of a unit in a measure: the word of its role; empty when it is not named.
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
    /// The measure that a measure stands below.
    #[n(12)]
    Parent(#[n(0)] ItemId),
    /// The years of the board.
    #[n(13)]
    Period,
    /// The document that the board came from: title, number, issuer, date.
    #[n(14)]
    Source,
    /// Number and rank of a section.
    #[n(15)]
    SectionOrder(#[n(0)] SectionId),
    /// Name, kind, scope of an indicator, how it is added up and what fills it.
    #[n(16)]
    Meaning(#[n(0)] IndicatorId),
    /// The template of the board.
    #[n(17)]
    Template,
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
            | Self::Order(item)
            | Self::Parent(item) => Some(item),
            Self::Target(indicator) | Self::Indicator(indicator) | Self::Meaning(indicator) => {
                board.indicators.get(&indicator)?.item
            }
            Self::Goal
            | Self::Title
            | Self::Section(_)
            | Self::Period
            | Self::Source
            | Self::SectionOrder(_)
            | Self::Template => None,
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
                | Self::Order(_)
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

impl PlanChange {
    /// The change that takes this one back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { place: self.place, old: self.new.clone(), new: self.old.clone() }
    }
}

/// The word that a place holds now; nothing where there is no such place.
#[must_use]
pub fn value_now(board: &Board, place: PlanPlace) -> Option<String> {
    let item = |id| board.items.get(&id);
    let indicator = |id| board.indicators.get(&id);
    let section = |id| board.sections.get(&id);
    Some(match place {
        PlanPlace::Goal => board.goal.clone(),
        PlanPlace::Title => board.title.clone(),
        PlanPlace::Headline(id) => item(id)?.title.clone(),
        PlanPlace::Text(id) => item(id)?.text.clone(),
        PlanPlace::Deadline(id) => item(id)?.deadline.clone(),
        PlanPlace::Number(id) => item(id)?.number.clone(),
        PlanPlace::Measure(id) => measure_words(item(id)?),
        PlanPlace::Order(id) => place_text(item(id)?.section, &item(id)?.rank),
        PlanPlace::Parent(id) => item(id)?.parent.map(|parent| parent.to_string()).unwrap_or_default(),
        PlanPlace::Owner(id, unit) => owner(item(id)?, unit).map(role_word).unwrap_or_default(),
        PlanPlace::Target(id) => target_word(&indicator(id)?.target),
        PlanPlace::Indicator(id) => indicator(id)?.name.clone(),
        PlanPlace::Meaning(id) => meaning_words(indicator(id)?),
        PlanPlace::Section(id) => section(id)?.title.clone(),
        PlanPlace::SectionOrder(id) => format!("{} {}", section(id)?.number, section(id)?.rank),
        PlanPlace::Period => board.period.map(|(from, to)| format!("{from}—{to}")).unwrap_or_default(),
        PlanPlace::Source => {
            let source = &board.source;
            [&source.title, &source.number, &source.issuer, &source.date].map(String::as_str).join(" ")
        }
        PlanPlace::Template => format!("{} {}", board.template, board.template_version),
    })
}

/// Every place of a plan, in the order of the document: what is compared, and what is settled.
#[must_use]
pub fn places(board: &Board) -> Vec<PlanPlace> {
    let mut all =
        vec![PlanPlace::Title, PlanPlace::Source, PlanPlace::Period, PlanPlace::Template, PlanPlace::Goal];
    for id in board.section_order() {
        all.extend([PlanPlace::Section(id), PlanPlace::SectionOrder(id)]);
    }
    let order = board.item_order();
    // Hostile ones stand in no section.
    let placed: BTreeSet<ItemId> = order.iter().copied().collect();
    let others = board.items.keys().copied().filter(|id| !placed.contains(id));
    let types = template::of(board).ok();
    for id in order.iter().copied().chain(others) {
        let Some(item) = board.items.get(&id).filter(|item| is_measure(types.as_deref(), &item.kind)) else {
            continue;
        };
        all.push(PlanPlace::Measure(id));
        all.extend(OF_A_MEASURE.map(|place| place(id)));
        all.extend(item.assignments.keys().map(|unit| PlanPlace::Owner(id, *unit)));
    }
    for id in board.indicators.keys() {
        all.extend([PlanPlace::Indicator(*id), PlanPlace::Meaning(*id), PlanPlace::Target(*id)]);
    }
    all
}

const OF_A_MEASURE: [fn(ItemId) -> PlanPlace; 6] = [
    PlanPlace::Number,
    PlanPlace::Headline,
    PlanPlace::Text,
    PlanPlace::Deadline,
    PlanPlace::Order,
    PlanPlace::Parent,
];

/// The word of a measure's place, as changes have it.
#[must_use]
pub fn order_word(section: SectionId, rank: &str) -> String {
    place_text(Some(section), rank)
}

/// The section of such a word.
#[must_use]
pub fn section_of(word: &str) -> Option<SectionId> {
    place_of(word).0
}

/// Whether items of a type are lines of a document, which belong to the plan: their units close out
/// their parts. The others have states of their own and flow. Every item belongs to the plan when the template
/// cannot be read.
#[must_use]
pub fn is_measure(template: Option<&Template>, kind: &str) -> bool {
    let Some(template) = template else { return true };
    template.item_type(kind).is_some_and(|kind| kind.parts)
}

/// The differences from one plan to a later one, in the order of the document. A part that came or went as a
/// whole is one change.
#[must_use]
pub fn changes_between(old: &Board, new: &Board) -> Vec<PlanChange> {
    let (before, after) = (places(old), places(new));
    let known: BTreeSet<PlanPlace> = before.iter().copied().collect();
    let now: BTreeSet<PlanPlace> = after.iter().copied().collect();
    let whole = |place: PlanPlace| match place {
        PlanPlace::Measure(_) | PlanPlace::Indicator(_) | PlanPlace::Section(_) => None,
        PlanPlace::Headline(id)
        | PlanPlace::Text(id)
        | PlanPlace::Deadline(id)
        | PlanPlace::Owner(id, _)
        | PlanPlace::Number(id)
        | PlanPlace::Order(id)
        | PlanPlace::Parent(id) => Some(PlanPlace::Measure(id)),
        PlanPlace::Target(id) | PlanPlace::Meaning(id) => Some(PlanPlace::Indicator(id)),
        PlanPlace::SectionOrder(id) => Some(PlanPlace::Section(id)),
        PlanPlace::Goal | PlanPlace::Title | PlanPlace::Period | PlanPlace::Source | PlanPlace::Template => {
            None
        }
    };
    let both = |place: &PlanPlace| {
        let whole = whole(*place);
        whole.is_none_or(|whole| known.contains(&whole) && now.contains(&whole))
    };
    let gone = before.iter().filter(|place| !now.contains(place));
    let change = |place: &PlanPlace| {
        // A part that stays is compared place by place.
        let stays = known.contains(place) && now.contains(place);
        if stays && matches!(place, PlanPlace::Measure(_) | PlanPlace::Indicator(_)) {
            return None;
        }
        let word = |board, there: &BTreeSet<PlanPlace>| {
            Some(*place).filter(|place| there.contains(place)).and_then(|place| value_now(board, place))
        };
        let (was, is) = (word(old, &known), word(new, &now));
        let same = match place {
            PlanPlace::Owner(..) => was.clone().unwrap_or_default() == is.clone().unwrap_or_default(),
            _ => was == is,
        };
        (!same).then(|| PlanChange {
            place: *place,
            old: was.unwrap_or_default(),
            new: is.unwrap_or_default(),
        })
    };
    after.iter().chain(gone).filter(|place| both(place)).filter_map(change).collect()
}

/// Values that were written at the same time into a place of the plan: the one that is shown, and
/// the others.
#[must_use]
pub fn clashes(board: &Board) -> Vec<PlanChange> {
    let types = template::of(board).ok();
    let measure =
        |id: &ItemId| board.items.get(id).is_some_and(|item| is_measure(types.as_deref(), &item.kind));
    let place = |register: &Register| match register {
        Register::Board(BoardField::Title) => Some(PlanPlace::Title),
        Register::Board(BoardField::PeriodFrom | BoardField::PeriodTo) => Some(PlanPlace::Period),
        Register::SectionTitle(id) => Some(PlanPlace::Section(*id)),
        Register::Item(id, ItemField::Title) if measure(id) => Some(PlanPlace::Headline(*id)),
        Register::Item(id, ItemField::Number) if measure(id) => Some(PlanPlace::Number(*id)),
        Register::Item(id, ItemField::Deadline) if measure(id) => Some(PlanPlace::Deadline(*id)),
        Register::Place(id) if measure(id) => Some(PlanPlace::Order(*id)),
        Register::Part(id, unit) if measure(id) => Some(PlanPlace::Owner(*id, *unit)),
        _ => None,
    };
    let of_registers = board
        .conflicts
        .iter()
        .chain(board.sections.values().filter_map(|section| section.conflict.as_ref()))
        .chain(board.items.values().flat_map(|item| &item.conflicts))
        .filter_map(|clash| {
            let mut values = clash.said.iter().map(|one| one.value.clone());
            let old = values.next().unwrap_or_default();
            let new = values.collect::<Vec<_>>().join(" / ");
            Some(PlanChange { place: place(&clash.register)?, old, new })
        });
    let rivals = board.indicators.iter().filter(|(_, one)| !one.rivals.is_empty());
    let of_targets = rivals.map(|(id, one)| PlanChange {
        place: PlanPlace::Target(*id),
        old: target_word(&one.target),
        new: one.rivals.iter().map(target_word).collect::<Vec<_>>().join(" / "),
    });
    of_registers.chain(of_targets).collect()
}

/// The edits of a proposal about a measure, or about the goal without one; `None` when it names
/// what is not proposed, a place twice, a place of something else, or one that is gone.
#[must_use]
pub fn edits_of_proposal(
    board: &Board,
    item: Option<ItemId>,
    changes: &[PlanChange],
    removal: &Removal,
) -> Option<Vec<Edit>> {
    let mut known = BTreeSet::new();
    let mut edits = Vec::new();
    for change in changes {
        let of = change.place.item(board);
        if !change.place.is_proposed() || !known.insert(change.place) || of != item {
            return None;
        }
        edits.extend(edits_of(board, change, removal)?);
    }
    Some(edits)
}

/// The edits that bring a place to the new words; `None` where there is no such place, or the words
/// are none for it. `removal` is the mark of who takes a unit off.
#[must_use]
pub fn edits_of(board: &Board, change: &PlanChange, removal: &Removal) -> Option<Vec<Edit>> {
    let value = change.new.clone();
    let text = |text, now: &str| Some(Edit::splice(text, Splice::between(now, &value)?));
    let field = |id, field| Edit::SetItemField { id, field, value: value.clone() };
    // Their words are for reading: what was added stays until its lead puts it out of use.
    if !change.place.is_proposed()
        && !matches!(
            change.place,
            PlanPlace::Title | PlanPlace::Number(_) | PlanPlace::Order(_) | PlanPlace::Section(_)
        )
    {
        return None;
    }
    if value_now(board, change.place)? == value {
        return Some(Vec::new());
    }
    let edit = match change.place {
        PlanPlace::Goal => text(TextPlace::Goal, &board.goal)?,
        PlanPlace::Title => Edit::SetBoardField { field: BoardField::Title, value },
        PlanPlace::Text(id) => text(TextPlace::Item(id), &board.items.get(&id)?.text)?,
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
            let mut edits = vec![Edit::MoveItem { id, section: section?, rank }];
            edits.extend(crate::arrange::following(board, id, section?));
            return Some(edits);
        }
        PlanPlace::Target(id) => Edit::SetTarget { id, target: target_of(&value)? },
        // A date that is none, and what is for reading only.
        _ => return None,
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

fn meaning_words(indicator: &Indicator) -> String {
    let feed =
        indicator.fed_by.as_ref().and_then(|feed| serde_json::to_string(feed).ok()).unwrap_or_default();
    let (kind, combine) = (word(&indicator.kind), word(&indicator.combine));
    let reach = indicator.reach.map(|reach| word(&reach)).unwrap_or_default();
    // A reach that is not said changes nothing that was settled before.
    [&indicator.name, &kind, &indicator.scope, &combine, &format!("{feed} {reach}").trim().to_owned()]
        .map(String::as_str)
        .join(" ")
        .trim()
        .to_owned()
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
