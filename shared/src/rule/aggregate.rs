//! `aggregate`: count, sum, mean, ratio, distinct, rank over items or over the entries of one.

use super::{Because, Condition, Scene, Verdict};
use crate::entry::{Entry, EntryKind};
use crate::id::ItemId;
use crate::template::{EntryWord, Name, Value};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// One number, or one per group, out of many.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aggregate {
    pub id: String,
    pub name: Name,
    /// Children (or entries) of each item of this type; none for the whole board.
    #[serde(default)]
    pub on: Option<String>,
    /// The type that is aggregated; none when it is the entries of the item itself.
    #[serde(default)]
    pub over: Option<String>,
    /// Entries of this kind instead of items; the newest of each author counts.
    #[serde(default)]
    pub entries: Option<EntryWord>,
    #[serde(default)]
    pub when: Vec<Condition>,
    pub function: Function,
    /// The field that is summed, meant or told apart.
    #[serde(default)]
    pub field: Option<String>,
    /// The amount taken off each value (stock − cleared).
    #[serde(default)]
    pub minus: Option<String>,
    /// The weight of each value in a mean.
    #[serde(default)]
    pub weight: Option<String>,
    /// The items that a ratio counts above the line.
    #[serde(default)]
    pub part: Vec<Condition>,
    /// A field, `section`, `state` or `unit`.
    #[serde(default)]
    pub group: Option<String>,
    /// The field that tells the rounds of a rank apart; the newest round counts.
    #[serde(default)]
    pub round: Option<String>,
}

/// How many become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    Count,
    Sum,
    Mean,
    /// The share of items that fulfil `part`, or of the sums of `field` over them.
    Ratio,
    /// Different words of `field`; two people who write the same name count it once.
    Distinct,
    /// Sums by group, the largest first; equal ones share a place.
    Rank,
}

impl Aggregate {
    pub(super) fn look(&self, scene: &Scene<'_>, item: Option<ItemId>) -> (Verdict, Because) {
        if let (Some(kind), Some(item)) = (self.entries, item) {
            return self.of_entries(scene, item, kind);
        }
        let Some(over) = self.over.as_deref() else { return (Verdict::NoData, Because::default()) };
        let all: Vec<ItemId> = match item {
            Some(item) => {
                let of_kind = |child: &&ItemId| scene.item_type(**child).is_some_and(|one| one.id == over);
                scene.children(item).iter().filter(of_kind).copied().collect()
            }
            None => scene.items_of(over).collect(),
        };
        if self.round.is_some() {
            let round = self.rounds(scene).pop();
            let ranks = self.ranks(scene, round.as_deref());
            let items = self.of_round(scene, round.as_deref());
            return (Verdict::Ranks(ranks), Because { items, ..Because::default() });
        }
        let found: Vec<ItemId> = all
            .into_iter()
            .filter(|one| self.when.iter().all(|condition| condition.holds(scene, *one)))
            .collect();
        let because = Because { items: found.clone(), ..Because::default() };
        let verdict = match &self.group {
            None => self.one(scene, &found),
            Some(group) => self.grouped(scene, &found, group),
        };
        (verdict, because)
    }

    /// The rounds that are told apart, the newest last (`2025-Q2` stands behind `2025-Q1`).
    #[must_use]
    pub fn rounds(&self, scene: &Scene<'_>) -> Vec<String> {
        let Some((over, round)) = self.over.as_deref().zip(self.round.as_deref()) else { return Vec::new() };
        let words = scene.items_of(over).map(|item| scene.words(item, round).trim().to_owned());
        let rounds: BTreeSet<String> = words.filter(|words| !words.is_empty()).collect();
        rounds.into_iter().collect()
    }

    /// Places in a round, the largest value first; equal ones share a place.
    #[must_use]
    pub fn ranks(&self, scene: &Scene<'_>, round: Option<&str>) -> Vec<(usize, String, f64)> {
        match self.grouped(scene, &self.of_round(scene, round), self.group.as_deref().unwrap_or("unit")) {
            Verdict::Ranks(ranks) => ranks,
            _ => Vec::new(),
        }
    }

    fn of_round(&self, scene: &Scene<'_>, round: Option<&str>) -> Vec<ItemId> {
        let Some(over) = self.over.as_deref() else { return Vec::new() };
        let counts = |item: &ItemId| {
            let named = self.round.as_deref().zip(round);
            named.is_none_or(|(field, round)| scene.words(*item, field).trim() == round)
                && self.when.iter().all(|condition| condition.holds(scene, *item))
        };
        scene.items_of(over).filter(counts).collect()
    }

    fn grouped(&self, scene: &Scene<'_>, found: &[ItemId], group: &str) -> Verdict {
        let mut groups: BTreeMap<String, Vec<ItemId>> = BTreeMap::new();
        for item in found {
            for key in keys(scene, *item, group) {
                groups.entry(key).or_default().push(*item);
            }
        }
        let number = |items: &[ItemId]| match self.one(scene, items) {
            Verdict::Number(number) => Some(number),
            _ => None,
        };
        let mut rows: Vec<(String, f64)> =
            groups.into_iter().filter_map(|(key, items)| Some((key, number(&items)?))).collect();
        if self.function != Function::Rank {
            return Verdict::Groups(rows);
        }
        rows.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let mut ranks: Vec<(usize, String, f64)> = Vec::new();
        for (index, (key, value)) in rows.into_iter().enumerate() {
            let place = match ranks.last() {
                Some((place, _, before)) if before.total_cmp(&value).is_eq() => *place,
                _ => index + 1,
            };
            ranks.push((place, key, value));
        }
        Verdict::Ranks(ranks)
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of rows")]
    fn one(&self, scene: &Scene<'_>, found: &[ItemId]) -> Verdict {
        let number = |item: &ItemId| {
            let value = scene.number(*item, self.field.as_deref()?)?;
            let minus = self.minus.as_deref().and_then(|minus| scene.number(*item, minus));
            Some(value - minus.unwrap_or(0.0))
        };
        let numbers = || found.iter().filter_map(number);
        let inside = |item: &&ItemId| self.part.iter().all(|condition| condition.holds(scene, **item));
        match self.function {
            Function::Count => Verdict::Number(found.len() as f64),
            Function::Sum | Function::Rank => Verdict::Number(match &self.field {
                Some(_) => numbers().sum(),
                None => found.len() as f64,
            }),
            Function::Mean => {
                let weight = |item: &ItemId| match self.weight.as_deref() {
                    Some(weight) => scene.number(*item, weight),
                    None => Some(1.0),
                };
                let pairs: Vec<(f64, f64)> =
                    found.iter().filter_map(|item| Some((number(item)?, weight(item)?))).collect();
                let weights: f64 = pairs.iter().map(|(_, weight)| weight).sum();
                if weights > 0.0 {
                    Verdict::Number(pairs.iter().map(|(value, weight)| value * weight).sum::<f64>() / weights)
                } else {
                    Verdict::NoData
                }
            }
            Function::Ratio if self.field.is_some() => {
                let whole: f64 = numbers().sum();
                let part: f64 = found.iter().filter(inside).filter_map(number).sum();
                if whole > 0.0 { Verdict::Number(part / whole * 100.0) } else { Verdict::NoData }
            }
            Function::Ratio => Verdict::Of { part: found.iter().filter(inside).count(), whole: found.len() },
            Function::Distinct => {
                let field = self.field.as_deref().unwrap_or("title");
                let words: BTreeSet<String> = found
                    .iter()
                    .map(|item| crate::text::folded_text(scene.words(*item, field)))
                    .filter(|words| !words.is_empty())
                    .collect();
                Verdict::Number(words.len() as f64)
            }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of entries")]
    fn of_entries(&self, scene: &Scene<'_>, item: ItemId, kind: EntryWord) -> (Verdict, Because) {
        // Every entry is added up; each author's newest is judged.
        let counted = if matches!(self.function, Function::Mean | Function::Distinct) {
            newest_of_each(scene, item, kind.0)
        } else {
            scene.about(item).into_iter().filter(|entry| entry.kind == kind.0).collect()
        };
        let because =
            Because { entries: counted.iter().map(|entry| entry.id).collect(), ..Because::default() };
        let verdict = match self.function {
            Function::Sum => Verdict::Number(counted.iter().filter_map(|entry| entry.value).sum()),
            Function::Mean => mean_of_entries(scene, item, kind.0).map_or(Verdict::NoData, Verdict::Number),
            _ => Verdict::Number(counted.len() as f64),
        };
        (verdict, because)
    }
}

/// Each author's newest entry of a kind: a second score takes the first one's place. Once the item
/// has ended, only what its decision had seen counts: scores are frozen then (S52).
pub(super) fn newest_of_each<'a>(scene: &Scene<'a>, item: ItemId, kind: EntryKind) -> Vec<&'a Entry> {
    let decision = scene
        .standing(item)
        .filter(|_| scene.is_ended(item))
        .and_then(|standing| scene.entries.all.get(&standing.by?));
    let about = decision.map_or_else(|| scene.about(item), |decision| scene.as_seen_by(decision).about(item));
    let mut newest: BTreeMap<_, &Entry> = BTreeMap::new();
    for entry in about.into_iter().filter(|entry| entry.kind == kind) {
        newest.insert((entry.author.unit, entry.author.person), entry);
    }
    newest.into_values().collect()
}

/// The mean of each author's newest number.
#[allow(clippy::cast_precision_loss, reason = "counts of entries")]
pub(super) fn mean_of_entries(scene: &Scene<'_>, item: ItemId, kind: EntryKind) -> Option<f64> {
    let values: Vec<f64> = newest_of_each(scene, item, kind).iter().filter_map(|entry| entry.value).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The groups that an item stands in: one, or one for each of its units.
fn keys(scene: &Scene<'_>, item: ItemId, group: &str) -> Vec<String> {
    match group {
        "section" => {
            let section = scene.item(item).and_then(|item| scene.board.sections.get(&item.section?));
            section.map(|section| section.title.clone()).into_iter().collect()
        }
        "state" => scene.standing(item).map(|standing| standing.state.clone()).into_iter().collect(),
        "unit" => scene.units(item).into_iter().map(|unit| scene.space.unit_name(unit)).collect(),
        field => match scene.value(item, field) {
            Some(Value::Text(words)) => {
                let unit = words.parse().ok().map(|unit| scene.space.unit_name(unit));
                vec![unit.unwrap_or(words)]
            }
            Some(_) => vec![scene.words(item, field).to_owned()],
            None => Vec::new(),
        },
    }
}
