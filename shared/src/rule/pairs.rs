//! Reporting rounds (S05): items of which a rule expects an entry of every unit on every item of another type, for
//! the period in one of their fields.
//!
//! All rounds ask the same, and what was written is found by its period: the board is read once
//! for it, however many rounds there are and whoever asks.

use super::all_of::{AllOf, Over};
use super::{Because, Rule, Scene};
use crate::entry::{Entry, EntryKind};
use crate::fold::{self, Retirement};
use crate::id::{EntryId, ItemId, UnitId};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// The pairs that rounds of a scene ask about, by the type of the items and the kind of the entries.
#[derive(Debug, Default)]
pub(super) struct Kept(RefCell<HashMap<(String, EntryKind), Rc<Pairs>>>);

/// Rounds of which those who wrote an entry have seen every answer, or not, by rule and period.
pub(super) type Answered = RefCell<HashMap<(String, String), bool>>;

/// Items of a type in force, each with every unit that it names, and the entries of a kind on them.
#[derive(Debug)]
pub(super) struct Pairs {
    items: Vec<ItemId>,
    whole: usize,
    /// By period: the entries of each pair that has any, in causal order.
    written: HashMap<String, BTreeMap<(ItemId, UnitId), Vec<Written>>>,
}

/// An entry, with those that correct it.
#[derive(Debug)]
struct Written {
    entry: EntryId,
    corrected_by: Vec<EntryId>,
}

impl Pairs {
    fn of(scene: &Scene<'_>, kind: &str, entry: EntryKind) -> Self {
        let mut pairs = Self { items: Vec::new(), whole: 0, written: HashMap::new() };
        scene.looks().add(scene.board.items.len());
        for (id, item) in &scene.board.items {
            if scene.item_type(*id).is_none_or(|one| one.id != kind) || scene.looks().are_used_up() {
                continue;
            }
            // While states are folded, those of some items are not known yet; this is.
            let concerning = fold::concerning(scene.board, *id, scene.entries);
            if fold::retirement(item, &concerning) != Retirement::Active {
                continue;
            }
            let (units, about) = (scene.units(*id), scene.entries.of_item(*id));
            scene.looks().add(concerning.len() + about.len());
            pairs.items.push(*id);
            pairs.whole += units.len();
            let known: HashMap<EntryId, &Entry> = about.iter().map(|entry| (entry.id, *entry)).collect();
            let mut corrections: HashMap<EntryId, Vec<EntryId>> = HashMap::new();
            for one in &about {
                let other = one.supersedes.and_then(|other| known.get(&other));
                if let Some(other) = other.filter(|other| one.corrects(other)) {
                    corrections.entry(other.id).or_default().push(one.id);
                }
            }
            for one in about.iter().filter(|one| one.kind == entry && units.contains(&one.author.unit)) {
                let period = one.period.as_deref().unwrap_or_default();
                let of_period = match pairs.written.get_mut(period) {
                    Some(of_period) => of_period,
                    None => pairs.written.entry(period.to_owned()).or_default(),
                };
                let corrected_by = corrections.remove(&one.id).unwrap_or_default();
                of_period
                    .entry((*id, one.author.unit))
                    .or_default()
                    .push(Written { entry: one.id, corrected_by });
            }
        }
        pairs
    }

    /// The first entry of a pair for a period that counts.
    fn answer(&self, scene: &Scene<'_>, period: &str, pair: (ItemId, UnitId)) -> Option<EntryId> {
        first_of(scene, self.written.get(period)?.get(&pair)?)
    }

    /// Whether there are pairs, and each has an answer for a period.
    fn are_answered(&self, scene: &Scene<'_>, period: &str) -> bool {
        let Some(written) = self.written.get(period).filter(|written| written.len() == self.whole) else {
            return false;
        };
        written.values().all(|all| !scene.looks().are_used_up() && first_of(scene, all).is_some())
    }
}

/// The first of some entries that is seen and that nothing seen corrects.
fn first_of(scene: &Scene<'_>, all: &[Written]) -> Option<EntryId> {
    let is_seen = |id: &EntryId| {
        scene.looks().add(1);
        scene.entries.all.get(id).is_some_and(|entry| scene.is_seen(entry))
    };
    let counts = |one: &&Written| is_seen(&one.entry) && !one.corrected_by.iter().any(is_seen);
    all.iter().find(counts).map(|one| one.entry)
}

impl AllOf {
    /// Whether every pair has an answer, of a rule over pairs. It is asked of each by whoever judges a move, or may
    /// make one.
    pub(super) fn is_answered(&self, scene: &Scene<'_>, item: ItemId) -> Option<bool> {
        let Over::Pairs(kind, entry, field) = &self.over else { return None };
        let period = scene.words(item, field);
        let key = (self.id.clone(), period.to_owned());
        if let Some(known) = scene.answered().borrow().get(&key) {
            return Some(*known);
        }
        let answered = scene.pairs(kind, entry.0).are_answered(scene, period);
        scene.answered().borrow_mut().insert(key, answered);
        Some(answered)
    }

    /// How many pairs have an answer, of how many, with the answers and with what is missing.
    pub(super) fn of_pairs(
        scene: &Scene<'_>,
        (kind, entry): (&str, EntryKind),
        period: &str,
        because: &mut Because,
    ) -> (usize, usize) {
        let pairs = scene.pairs(kind, entry);
        for one in &pairs.items {
            for unit in scene.units(*one) {
                match pairs.answer(scene, period, (*one, unit)) {
                    Some(received) => because.entries.push(received),
                    None => because
                        .values
                        .push((scene.words(*one, "number").to_owned(), scene.space.unit_name(unit))),
                }
            }
        }
        (because.entries.len(), pairs.whole)
    }
}

/// A rule over pairs: what it is on, the type and the kind of entry that it asks for, the field with the period.
#[derive(Clone, Copy)]
struct RoundRule<'a> {
    on: &'a str,
    of: &'a str,
    entry: EntryKind,
    field: &'a str,
}

impl<'a> Scene<'a> {
    fn pairs(&self, kind: &str, entry: EntryKind) -> Rc<Pairs> {
        let key = (kind.to_owned(), entry);
        if let Some(known) = self.kept().0.borrow().get(&key) {
            return Rc::clone(known);
        }
        let pairs = Rc::new(Pairs::of(self, kind, entry));
        self.kept().0.borrow_mut().insert(key, Rc::clone(&pairs));
        pairs
    }

    fn round_rules(&self) -> impl Iterator<Item = RoundRule<'a>> + use<'a> {
        self.template.rules.iter().filter_map(|rule| match rule {
            Rule::AllOf(AllOf { on, over: Over::Pairs(of, entry, field), .. }) => {
                Some(RoundRule { on, of, entry: entry.0, field })
            }
            _ => None,
        })
    }

    /// The rounds of the board in the order they were made, each with the type of items it asks
    /// about.
    pub fn rounds(&self) -> Vec<(ItemId, &'a str)> {
        let of_rule = |rule: RoundRule<'a>| {
            let named = |id: &ItemId| !self.words(*id, rule.field).is_empty();
            self.items_of(rule.on).filter(named).map(|id| (id, rule.of)).collect::<Vec<_>>()
        };
        self.round_rules().flat_map(of_rule).collect()
    }

    /// The rounds that ask a unit for an entry on an item and are not over, each with its period:
    /// those that it has not answered first, then by the day they are due.
    #[must_use]
    pub fn open_rounds(&self, item: ItemId, unit: UnitId) -> Vec<(ItemId, &'a str)> {
        let Some(kind) = self.item_type(item).filter(|_| self.units(item).contains(&unit)) else {
            return Vec::new();
        };
        let own = self.about(item).into_iter().filter(|entry| entry.author.unit == unit);
        let wrote: BTreeSet<(&str, &str)> =
            own.map(|entry| (entry.kind.word(), entry.period.as_deref().unwrap_or_default())).collect();
        let mut open = Vec::new();
        for rule in self.round_rules().filter(|rule| rule.of == kind.id) {
            for round in self.items_of(rule.on).filter(|id| !self.is_ended(*id)) {
                let period = self.words(round, rule.field);
                if !period.is_empty() {
                    let (answered, due) = (wrote.contains(&(rule.entry.word(), period)), self.due(round));
                    open.push(((answered, due.is_none(), due), round, period));
                }
            }
        }
        open.sort_by_key(|(order, round, _)| (*order, *round));
        open.into_iter().map(|(_, round, period)| (round, period)).collect()
    }

    /// The entries that a round expects of an item: each unit with the entry that it wrote for the round.
    #[must_use]
    pub fn expected(&self, round: ItemId, item: ItemId) -> Vec<(UnitId, Option<EntryId>)> {
        let (Some(round_kind), Some(kind)) = (self.item_type(round), self.item_type(item)) else {
            return Vec::new();
        };
        let mut rules = self.round_rules().filter(|rule| rule.on == round_kind.id && rule.of == kind.id);
        let Some(rule) = rules.next() else { return Vec::new() };
        let (period, about) = (self.words(round, rule.field), self.about(item));
        let wrote = |unit| {
            let of_round = |other: &&&Entry| {
                other.kind == rule.entry
                    && other.author.unit == unit
                    && other.period.as_deref().unwrap_or_default() == period
            };
            about.iter().find(of_round).map(|entry| entry.id)
        };
        self.units(item).into_iter().map(|unit| (unit, wrote(unit))).collect()
    }
}

#[cfg(test)]
mod tests;
