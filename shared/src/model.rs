//! The documents as plain values, as they are read for screens, folds and exports.

mod indicator;
mod seen;

pub use indicator::{Combine, Feed, Indicator, Target};

use crate::edit::LedgerField;
use crate::id::{BoardId, IndicatorId, ItemId, LinkId, MilestoneId, PersonId, SectionId, UnitId};
use crate::import::Role;
use crate::plan::Settled;
use crate::register::{Chosen, Register, Said};
use crate::trust::Proofs;
use crate::words::Word;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Values that several people wrote at the same time into one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub register: Register,
    /// All values, the one in force first.
    pub said: Vec<Said>,
    /// The value before they parted.
    pub common: Option<String>,
}

/// A city or cooperation.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Space {
    pub name: String,
    /// The IANA name of its time zone; empty where nobody has chosen one.
    pub zone: String,
    pub units: BTreeMap<UnitId, Unit>,
    pub persons: BTreeMap<PersonId, Person>,
    pub boards: BTreeMap<BoardId, BoardListing>,
    /// Templates of its own as their files, by their ids.
    pub templates: BTreeMap<String, String>,
    /// Statements of servers about devices, unread.
    pub proofs: Proofs,
}

/// A board in the list of its space.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BoardListing {
    pub title: String,
    /// Number of the document it came from, folded for comparison.
    pub doc_number: String,
}

/// A unit, or a group of units that is expanded when it is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unit {
    pub name: String,
    /// A place's six digits of GB/T 2260.
    pub code: String,
    pub kind: String,
    pub side: String,
    pub aliases: BTreeSet<String>,
    pub members: BTreeSet<UnitId>,
    /// Units that were members once: what they did for the group stays theirs.
    pub former: BTreeSet<UnitId>,
}

/// A person of a unit, as the space lists them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    pub name: String,
    pub unit: Option<UnitId>,
    pub role: String,
}

/// One plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Board {
    pub title: String,
    pub template: String,
    pub template_version: u64,
    /// The file of a template that is not of this project.
    pub template_source: String,
    pub period: Option<(i64, i64)>,
    pub source: Source,
    pub goal: String,
    pub lead: Option<UnitId>,
    /// The plan as its lead settled it; none while the plan is drafted.
    pub settled: Option<Settled>,
    pub members: BTreeSet<UnitId>,
    /// Units whose guests were invited.
    pub guests: BTreeSet<UnitId>,
    pub sections: BTreeMap<SectionId, Section>,
    pub items: BTreeMap<ItemId, Item>,
    pub indicators: BTreeMap<IndicatorId, Indicator>,
    pub links: BTreeMap<LinkId, Link>,
    pub conflicts: Vec<Conflict>,
    /// Those that are told of nobody, for there are too many.
    pub more_clashes: MoreClashes,
    /// Clashes that were settled.
    pub chosen: Vec<Chosen>,
}

/// Fields that were written apart and are among the conflicts of nothing: one reading works out so many
/// ([`crate::limits::CLASHES`]). The next ones are when these are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MoreClashes {
    pub fields: usize,
    /// Those of them that may say what the plan is.
    pub of_plan: usize,
}

/// The official document a board came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    pub title: String,
    pub number: String,
    pub issuer: String,
    pub date: String,
}

/// A chapter, phase or action.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    pub number: String,
    pub title: String,
    pub rank: String,
    pub conflict: Option<Conflict>,
    /// The clash of titles that was settled.
    pub chosen: Option<Chosen>,
}

/// A measure, service or duty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Item {
    /// Its type in the template; empty for a line of a document, whose units close their parts.
    pub kind: String,
    pub number: String,
    pub title: String,
    pub text: String,
    /// Section and rank are one value, so that a move ends in one place (conflict 4).
    pub section: Option<SectionId>,
    pub rank: String,
    pub parent: Option<ItemId>,
    pub deadline: String,
    /// The words of the source.
    pub quote: String,
    pub fields: BTreeMap<String, String>,
    pub assignments: BTreeMap<UnitId, Assignment>,
    pub ledger: BTreeMap<UnitId, Ledger>,
    pub milestones: BTreeMap<MilestoneId, Milestone>,
    pub conflicts: Vec<Conflict>,
    /// Clashes that were settled.
    pub chosen: Vec<Chosen>,
}

/// A unit's part in an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignment {
    pub role: Role,
    pub open_ended: bool,
    pub raw: String,
    /// Set when somebody took the unit off; with what that person had seen of its log.
    pub removal: Option<Removal>,
    /// Units in whose ledger rows stands what that person had not seen; parts that one change took off have
    /// them in common.
    pub unseen_rows: Arc<BTreeSet<UnitId>>,
}

/// The mark of a removal (conflict 9).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Removal {
    pub by: Option<UnitId>,
    /// For each writer, how many of its entries the remover had seen. Those beyond [`seen::SEEN`] are taken
    /// for writers whose rows nobody has seen.
    #[serde(deserialize_with = "seen::first")]
    pub seen: BTreeMap<String, u32>,
    /// How often it had been decided before.
    #[serde(default, skip_serializing_if = "is_none")]
    pub times: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
const fn is_none(times: &u32) -> bool {
    *times == 0
}

/// A unit's own row for an item (工作台账).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    pub person: String,
    pub yearly_task: String,
    pub path: String,
    pub remark: String,
}

impl Ledger {
    /// Whether nothing is written in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        LedgerField::ALL.into_iter().all(|field| self.get(field).is_empty())
    }

    /// One field of the row.
    #[must_use]
    pub fn get(&self, field: LedgerField) -> &str {
        match field {
            LedgerField::Person => &self.person,
            LedgerField::YearlyTask => &self.yearly_task,
            LedgerField::Path => &self.path,
            LedgerField::Remark => &self.remark,
        }
    }
}

/// A node in time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Milestone {
    pub title: String,
    /// ISO date.
    pub due: String,
    /// The person who ticked it first, and every tick with its time (conflict 10).
    pub done: Option<String>,
    pub ticks: Vec<String>,
}

/// The meaning of a link between items (b.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkKind {
    /// 同一事项: one task in several plans.
    SameAs,
    /// 计入: what is done here counts there.
    CountsFor,
    /// 对口: the counterpart on the other side.
    Counterpart,
    /// 上级计划: the plan that this one carries out.
    ChildOfPlan,
}

impl LinkKind {
    /// Every kind, in the order of a menu.
    pub const ALL: [Self; 4] = [Self::SameAs, Self::CountsFor, Self::Counterpart, Self::ChildOfPlan];

    /// Its word in documents.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::SameAs => "same_as",
            Self::CountsFor => "counts_for",
            Self::Counterpart => "counterpart",
            Self::ChildOfPlan => "child_of_plan",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// Its name.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::SameAs => Word::LinkSameAs,
            Self::CountsFor => Word::LinkCountsFor,
            Self::Counterpart => Word::LinkCounterpart,
            Self::ChildOfPlan => Word::LinkChildOfPlan,
        }
    }
}

/// From one item to another, also of another board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub from: ItemId,
    pub to_board: BoardId,
    pub to: ItemId,
    pub kind: String,
}

impl Item {
    /// The units that its fields name.
    pub fn named_in_fields(&self) -> impl Iterator<Item = UnitId> {
        self.fields.values().filter(|words| words.starts_with("u_")).filter_map(|words| words.parse().ok())
    }
}

impl Board {
    /// Every clash that was settled.
    pub fn settled_clashes(&self) -> impl Iterator<Item = &Chosen> {
        let sections = self.sections.values().filter_map(|one| one.chosen.as_ref());
        let items = self.items.values().flat_map(|item| &item.chosen);
        let targets = self.indicators.values().filter_map(|one| one.chosen.as_ref());
        self.chosen.iter().chain(sections).chain(items).chain(targets)
    }

    /// The values that stand against each other in a register.
    #[must_use]
    pub fn conflict_of(&self, register: &Register) -> Option<&Conflict> {
        let of_item = register.item().and_then(|item| self.items.get(&item));
        let own = match register {
            Register::SectionTitle(id) => self.sections.get(id).and_then(|one| one.conflict.as_ref()),
            Register::Target(id) => self.indicators.get(id).and_then(|one| one.conflict.as_ref()),
            _ => None,
        };
        let mut all =
            self.conflicts.iter().chain(of_item.into_iter().flat_map(|item| &item.conflicts)).chain(own);
        all.find(|one| one.register == *register)
    }

    /// The board without its items and indicators.
    #[must_use]
    pub fn head(&self) -> Self {
        Self {
            title: self.title.clone(),
            template: self.template.clone(),
            template_version: self.template_version,
            template_source: self.template_source.clone(),
            period: self.period,
            source: self.source.clone(),
            goal: self.goal.clone(),
            lead: self.lead,
            settled: self.settled.clone(),
            members: self.members.clone(),
            guests: self.guests.clone(),
            sections: self.sections.clone(),
            items: BTreeMap::new(),
            indicators: BTreeMap::new(),
            links: self.links.clone(),
            conflicts: self.conflicts.clone(),
            more_clashes: self.more_clashes,
            chosen: self.chosen.clone(),
        }
    }

    /// Every unit that the board names: its lead, members, in items and in their fields; groups as
    /// they are named.
    #[must_use]
    pub fn named_units(&self) -> BTreeSet<UnitId> {
        self.named_in_items()
            .chain(self.members.iter().copied())
            .chain(self.guests.iter().copied())
            .chain(self.lead)
            .collect()
    }

    fn named_in_items(&self) -> impl Iterator<Item = UnitId> {
        self.items.values().flat_map(|item| item.assignments.keys().copied().chain(item.named_in_fields()))
    }

    /// A board that names the same units, those of its items among the members, and says nothing else: rights to
    /// read it are the same.
    #[must_use]
    pub fn parties(&self) -> Self {
        let members = self.named_in_items().chain(self.members.iter().copied()).collect();
        Self { lead: self.lead, guests: self.guests.clone(), members, ..Self::default() }
    }

    /// Items of a section in their order; items without a parent only.
    #[must_use]
    pub fn items_of(&self, section: SectionId) -> Vec<ItemId> {
        let mut items: Vec<(&str, ItemId)> = self
            .items
            .iter()
            .filter(|(_, item)| item.section == Some(section) && item.parent.is_none())
            .map(|(id, item)| (item.rank.as_str(), *id))
            .collect();
        items.sort_unstable();
        items.into_iter().map(|(_, id)| id).collect()
    }

    /// Sections in their order.
    #[must_use]
    pub fn section_order(&self) -> Vec<SectionId> {
        let mut sections: Vec<(&str, SectionId)> =
            self.sections.iter().map(|(id, section)| (section.rank.as_str(), *id)).collect();
        sections.sort_unstable();
        sections.into_iter().map(|(_, id)| id).collect()
    }

    /// Every item in the order of the document, children behind their parents.
    #[must_use]
    pub fn item_order(&self) -> Vec<ItemId> {
        let mut children: BTreeMap<ItemId, Vec<(&str, ItemId)>> = BTreeMap::new();
        let mut roots: BTreeMap<SectionId, Vec<(&str, ItemId)>> = BTreeMap::new();
        for (id, item) in &self.items {
            match (item.parent, item.section) {
                (Some(parent), _) => children.entry(parent).or_default().push((&item.rank, *id)),
                (None, Some(section)) => roots.entry(section).or_default().push((&item.rank, *id)),
                (None, None) => {}
            }
        }
        let mut order = Vec::with_capacity(self.items.len());
        for section in self.section_order() {
            let mut waiting = roots.remove(&section).unwrap_or_default();
            waiting.sort_unstable_by(|one, other| other.cmp(one));
            while let Some((_, item)) = waiting.pop() {
                order.push(item);
                let mut below = children.remove(&item).unwrap_or_default();
                below.sort_unstable_by(|one, other| other.cmp(one));
                waiting.append(&mut below);
            }
        }
        order
    }

    /// The items of each section in the order of the document, children behind their parents.
    #[must_use]
    pub fn items_by_section(&self) -> BTreeMap<SectionId, Vec<ItemId>> {
        let mut all: BTreeMap<SectionId, Vec<ItemId>> = BTreeMap::new();
        for item in self.item_order() {
            if let Some(section) = self.items[&item].section {
                all.entry(section).or_default().push(item);
            }
        }
        all
    }
}

/// From this share of equal letters on, two names are offered as near: 市农牧业局 and 市农牧局 are
/// at 0.8, 市教育局 and 市财政局 at 0.5.
const NEAR: f64 = 0.6;

impl Space {
    /// The clock by which today, deadlines and public pages go.
    #[must_use]
    pub fn zone(&self) -> &'static crate::zone::Zone {
        crate::zone::Zone::of(&self.zone)
    }

    /// The unit that a printed name means, by name or alias, whatever its width or script.
    #[must_use]
    pub fn unit_named(&self, name: &str) -> Option<UnitId> {
        let wanted = crate::text::folded_text(name);
        let named = |unit: &Unit| {
            crate::text::folded_text(&unit.name) == wanted
                || unit.aliases.iter().any(|alias| crate::text::folded_text(alias) == wanted)
        };
        self.units.iter().find(|(_, unit)| named(unit)).map(|(id, _)| *id)
    }

    /// Up to three units whose names are close to one that is not known, the closest first.
    #[must_use]
    pub fn near(&self, name: &str) -> Vec<&str> {
        let wanted = crate::text::folded_text(name);
        let closeness = |unit: &Unit| {
            let names = std::iter::once(&unit.name).chain(&unit.aliases);
            let scores = names
                .map(|name| strsim::normalized_damerau_levenshtein(&crate::text::folded_text(name), &wanted));
            scores.fold(0.0, f64::max)
        };
        let mut near: Vec<(f64, &str)> =
            self.units.values().map(|unit| (closeness(unit), unit.name.as_str())).collect();
        near.retain(|(score, _)| *score >= NEAR);
        near.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
        near.into_iter().take(3).map(|(_, name)| name).collect()
    }

    /// The units a unit stands for: the members of a group, else itself.
    #[must_use]
    pub fn expanded(&self, unit: UnitId) -> BTreeSet<UnitId> {
        match self.units.get(&unit) {
            Some(group) if !group.members.is_empty() => group.members.clone(),
            _ => BTreeSet::from([unit]),
        }
    }

    /// The units a unit stands for, and those it stood for once: their logs stay on every device.
    #[must_use]
    pub fn ever(&self, unit: UnitId) -> BTreeSet<UnitId> {
        let mut all = self.expanded(unit);
        all.extend(self.units.get(&unit).into_iter().flat_map(|group| &group.former));
        all
    }

    /// The name of a unit without the tail that all governments share: for narrow columns.
    #[must_use]
    pub fn short_name(&self, unit: UnitId) -> String {
        let name = self.unit_name(unit);
        name.strip_suffix("人民政府").map_or(name.clone(), str::to_owned)
    }

    /// The name of a unit, or its identifier when the space does not know it.
    #[must_use]
    pub fn unit_name(&self, unit: UnitId) -> String {
        self.units.get(&unit).map_or_else(|| unit.to_string(), |unit| unit.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_offered_its_near_ones() {
        let mut space = Space::default();
        for (number, name) in (1..).zip(["市农牧局", "市农科院", "市教育局", "海拉尔区人民政府"])
        {
            let unit = Unit { name: name.to_owned(), ..Unit::default() };
            space.units.insert(UnitId::from_bytes([number; 16]), unit);
        }
        assert_eq!(space.near("市农牧业局"), ["市农牧局"]);
        assert_eq!(space.near("海拉尔区政府"), ["海拉尔区人民政府"]);
        assert!(space.near("国家税务总局").is_empty());
    }
}
