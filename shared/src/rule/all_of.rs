//! `all_of`: a whole is done when every child, unit or field is.

use super::{Because, Rule, Scene, Verdict};
use crate::entry::Entry;
use crate::id::{EntryId, ItemId, UnitId};
use crate::template::{EntryWord, Name};
use serde::Deserialize;

/// A whole and its parts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllOf {
    pub id: String,
    pub name: Name,
    pub on: String,
    pub over: Over,
}

/// The kind of the parts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// Children of a type, in one of these states; without states, in a final one.
    Children {
        kind: String,
        #[serde(default)]
        states: Vec<String>,
    },
    /// Every unit that the item names has an entry of a kind.
    Units(EntryWord),
    /// Every one of these fields is filled; a yes/no field says yes.
    Fields(Vec<String>),
    /// Every unit's own part is closed (销号).
    Parts,
    /// `[type, entry kind, field]`: for every item of a type on the board, every unit that it
    /// names has written an entry of a kind for the period in the item's field (S05).
    Pairs(String, EntryWord, String),
}

impl AllOf {
    pub(super) fn look(&self, scene: &Scene<'_>, item: ItemId) -> (Verdict, Because) {
        let mut because = Because::default();
        let (part, whole) = match &self.over {
            Over::Children { kind, states } => {
                let of_kind = |child: &&ItemId| scene.item_type(**child).is_some_and(|one| one.id == *kind);
                let children: Vec<ItemId> = scene.children(item).iter().filter(of_kind).copied().collect();
                let done = |child: &ItemId| {
                    let state = scene.standing(*child).map_or("", |standing| standing.state.as_str());
                    if states.is_empty() {
                        scene.is_ended(*child)
                    } else {
                        states.iter().any(|one| one == state)
                    }
                };
                because.items = children.iter().copied().filter(|child| !done(child)).collect();
                (children.len() - because.items.len(), children.len())
            }
            Over::Units(kind) => {
                let units = scene.units(item);
                let about = scene.about(item);
                let done = |unit: &UnitId| {
                    about.iter().find(|entry| entry.kind == kind.0 && entry.author.unit == *unit)
                };
                because.entries = units.iter().filter_map(done).map(|entry| entry.id).collect();
                let waiting = units.iter().filter(|unit| done(unit).is_none());
                because.values = waiting.map(|unit| (scene.space.unit_name(*unit), String::new())).collect();
                (because.entries.len(), units.len())
            }
            Over::Fields(fields) => {
                let done = |field: &&String| {
                    !matches!(scene.value(item, field), None | Some(crate::template::Value::Yes(false)))
                };
                let waiting = fields.iter().filter(|field| !done(field));
                because.values =
                    waiting.map(|field| (scene.field_name(item, field), String::new())).collect();
                (fields.iter().filter(done).count(), fields.len())
            }
            Over::Pairs(kind, ..) => {
                let mut whole = 0;
                for one in scene.items_of(kind).collect::<Vec<_>>() {
                    for (unit, received) in self.expected(scene, item, one) {
                        whole += 1;
                        match received {
                            Some(received) => because.entries.push(received),
                            None => because
                                .values
                                .push((scene.words(one, "number").to_owned(), scene.space.unit_name(unit))),
                        }
                    }
                }
                (because.entries.len(), whole)
            }
            Over::Parts => scene.standing(item).map_or((0, 0), |standing| standing.closed),
        };
        (Verdict::Of { part, whole }, because)
    }

    /// The entries that a round expects of an item: each unit with the entry that it wrote for the round.
    fn expected(&self, scene: &Scene<'_>, round: ItemId, item: ItemId) -> Vec<(UnitId, Option<EntryId>)> {
        let Over::Pairs(kind, entry, field) = &self.over else { return Vec::new() };
        if scene.item_type(item).is_none_or(|one| one.id != *kind) {
            return Vec::new();
        }
        let (period, about) = (scene.words(round, field), scene.about(item));
        let wrote = |unit| {
            let of_round = |other: &&&Entry| {
                other.kind == entry.0
                    && other.author.unit == unit
                    && other.period.as_deref().unwrap_or_default() == period
            };
            about.iter().find(|other| of_round(other)).map(|entry| entry.id)
        };
        scene.units(item).into_iter().map(|unit| (unit, wrote(unit))).collect()
    }
}

/// Reporting rounds (S05): items of which a rule expects an entry of every unit on every item of
/// another type, for the period in one of their fields.
impl<'a> Scene<'a> {
    fn round_rules(&self) -> impl Iterator<Item = (&'a AllOf, &'a str, &'a str)> + use<'a> {
        self.template.rules.iter().filter_map(|rule| match rule {
            Rule::AllOf(rule) => match &rule.over {
                Over::Pairs(kind, _, field) => Some((rule, kind.as_str(), field.as_str())),
                _ => None,
            },
            _ => None,
        })
    }

    /// The rounds of the board in the order they were made, each with the type of items it asks
    /// about.
    pub fn rounds(&self) -> Vec<(ItemId, &'a str)> {
        let of_rule = |(rule, kind, field): (&'a AllOf, &'a str, &str)| {
            let named = |id: &ItemId| !self.words(*id, field).is_empty();
            self.items_of(&rule.on).filter(named).map(|id| (id, kind)).collect::<Vec<_>>()
        };
        self.round_rules().flat_map(of_rule).collect()
    }

    /// The rounds that ask a unit for an entry on an item and are not over, each with its period:
    /// those that it has not answered first, then by the day they are due.
    #[must_use]
    pub fn open_rounds(&self, item: ItemId, unit: UnitId) -> Vec<(ItemId, &str)> {
        let Some(kind) = self.item_type(item) else { return Vec::new() };
        let mut open = Vec::new();
        for (rule, _, field) in self.round_rules().filter(|(_, of, _)| *of == kind.id) {
            for round in self.items_of(&rule.on).filter(|id| !self.is_ended(*id)) {
                let period = self.words(round, field);
                let asked = rule.expected(self, round, item).into_iter().find(|(one, _)| *one == unit);
                if let Some((_, answer)) = asked.filter(|_| !period.is_empty()) {
                    let due = self.due(round);
                    open.push(((answer.is_some(), due.is_none(), due), round, period));
                }
            }
        }
        open.sort_by_key(|(order, round, _)| (*order, *round));
        open.into_iter().map(|(_, round, period)| (round, period)).collect()
    }

    /// The entries that a round expects of an item: each unit with the entry that it wrote for the round.
    #[must_use]
    pub fn expected(&self, round: ItemId, item: ItemId) -> Vec<(UnitId, Option<EntryId>)> {
        let (round_kind, kind) = (self.item_type(round), self.item_type(item));
        let own = self.round_rules().find(|(rule, of, _)| {
            round_kind.is_some_and(|round| round.id == rule.on) && kind.is_some_and(|kind| kind.id == *of)
        });
        own.map(|(rule, ..)| rule.expected(self, round, item)).unwrap_or_default()
    }
}
