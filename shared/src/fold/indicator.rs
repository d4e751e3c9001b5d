//! Indicator totals: levels and increments per unit and period, two values waiting, targets met
//! (S02; conflicts 3a, 3b, 18).

use super::causal::Frontier;
use crate::entry::{Entry, EntryKind, Measure};
use crate::id::{EntryId, UnitId};
use crate::import::Operator;
use crate::model::{Combine, Target};
use crate::words::Word;
use std::collections::{BTreeMap, BTreeSet};

/// What one unit reported for one period.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitValue {
    /// The value in force: settled, or the last one before a clash.
    pub value: Option<f64>,
    /// Values written at the same time, waiting for the unit's choice.
    pub waiting: Vec<f64>,
    /// The entries that the value is made of.
    pub entries: Vec<EntryId>,
}

/// An indicator over all its units.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// By period, then by unit.
    pub by_period: BTreeMap<String, BTreeMap<UnitId, UnitValue>>,
}

/// Where an indicator stands against its target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standing {
    NoData,
    Met,
    /// For ranges: met, and above the upper end.
    AboveRange,
    /// Not met; what is missing, in the target's unit.
    Short(f64),
    /// Two values wait for a choice.
    Waiting,
}

impl Standing {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::NoData => Word::NoData,
            Self::Met => Word::Met,
            Self::AboveRange => Word::AboveRange,
            Self::Short(_) => Word::NotMet,
            Self::Waiting => Word::TwoValues,
        }
    }
}

/// Folds the value entries of one indicator (in causal order).
#[must_use]
pub fn progress(about: &[&Entry]) -> Progress {
    let superseded = super::corrected(about);
    let mut groups: BTreeMap<(String, UnitId), Vec<&Entry>> = BTreeMap::new();
    for entry in about.iter().filter(|entry| entry.kind == EntryKind::Value && entry.value.is_some()) {
        let period = entry.period.clone().unwrap_or_default();
        groups.entry((period, entry.author.unit)).or_default().push(entry);
    }
    let mut by_period: BTreeMap<String, BTreeMap<UnitId, UnitValue>> = BTreeMap::new();
    for ((period, unit), entries) in groups {
        by_period.entry(period).or_default().insert(unit, unit_value(&entries, &superseded));
    }
    Progress { by_period }
}

fn unit_value(entries: &[&Entry], superseded: &BTreeSet<EntryId>) -> UnitValue {
    let current: Vec<&Entry> =
        entries.iter().copied().filter(|entry| !superseded.contains(&entry.id)).collect();
    let levels: Vec<&Entry> =
        current.iter().copied().filter(|entry| entry.measure != Some(Measure::Increment)).collect();
    let increments: Vec<&Entry> =
        current.iter().copied().filter(|entry| entry.measure == Some(Measure::Increment)).collect();
    let newest = Frontier::of(&levels).0;
    let mut said: Vec<f64> = newest.iter().filter_map(|entry| entry.value).collect();
    said.sort_by(f64::total_cmp);
    said.dedup();
    let (level, waiting, base) = match (&said[..], newest.first()) {
        ([], _) | (_, None) => (None, Vec::new(), None),
        ([one], Some(entry)) => (Some(*one), Vec::new(), Some(*entry)),
        (several, Some(_)) => {
            let settled = levels.iter().rev().find(|entry| newest.iter().all(|new| new.has_seen(entry)));
            (settled.and_then(|entry| entry.value), several.to_vec(), settled.copied())
        }
    };
    // An increment counts on top of a level that had not seen it.
    let added: Vec<&Entry> =
        increments.into_iter().filter(|entry| base.is_none_or(|base| !base.has_seen(entry))).collect();
    let sum: f64 = added.iter().filter_map(|entry| entry.value).sum();
    let value = if level.is_none() && added.is_empty() { None } else { Some(level.unwrap_or(0.0) + sum) };
    UnitValue { value, waiting, entries: newest.iter().chain(&added).map(|entry| entry.id).collect() }
}

impl Progress {
    /// The values that a target of `year` speaks of: those of periods within the year, or all
    /// when it names none.
    #[must_use]
    pub fn total(&self, year: Option<i32>, combine: Combine) -> Option<f64> {
        let values: Vec<f64> = self
            .of_year(year)
            .flat_map(|(_, units)| units.values())
            .filter_map(|value| value.value)
            .collect();
        let last =
            self.of_year(year).last().map(|(_, units)| units.values().filter_map(|value| value.value).sum());
        match combine {
            _ if values.is_empty() => None,
            Combine::Sum => Some(values.iter().sum()),
            #[allow(clippy::cast_precision_loss, reason = "a count of units")]
            Combine::Mean => Some(values.iter().sum::<f64>() / values.len() as f64),
            Combine::Latest => last,
        }
    }

    /// What each unit reported in the periods of a year, added up.
    #[must_use]
    pub fn units_of(&self, year: Option<i32>) -> BTreeMap<UnitId, f64> {
        let mut units = BTreeMap::new();
        for (unit, value) in self.of_year(year).flat_map(|(_, units)| units) {
            if let Some(value) = value.value {
                *units.entry(*unit).or_default() += value;
            }
        }
        units
    }

    /// Whether two values wait for a choice in the periods of a year.
    #[must_use]
    pub fn waits(&self, year: Option<i32>) -> bool {
        self.of_year(year).any(|(_, units)| units.values().any(|value| value.waiting.len() > 1))
    }

    fn of_year(&self, year: Option<i32>) -> impl Iterator<Item = (&String, &BTreeMap<UnitId, UnitValue>)> {
        let year = year.map(|year| year.to_string());
        self.by_period.iter().filter(move |(period, _)| {
            period.is_empty() || year.as_ref().is_none_or(|year| period.starts_with(year.as_str()))
        })
    }
}

/// Where a total stands against a target. `more than` is strict: 150 does not meet >150.
#[must_use]
pub fn standing(target: &Target, progress: &Progress, combine: Combine) -> Standing {
    if progress.waits(target.year) {
        return Standing::Waiting;
    }
    standing_of_total(target, progress.total(target.year, combine))
}

/// Where a number stands against a target.
#[must_use]
pub fn standing_of_total(target: &Target, total: Option<f64>) -> Standing {
    let Some(total) = total else { return Standing::NoData };
    let missing = target.value - total;
    match target.op {
        Operator::AtLeast if missing <= 0.0 => Standing::Met,
        Operator::MoreThan if missing < 0.0 => Standing::Met,
        Operator::AtMost if missing >= 0.0 => Standing::Met,
        Operator::LessThan if missing > 0.0 => Standing::Met,
        // A bare number is reached like a promise: more is met too.
        Operator::Equal if missing <= 0.0 => Standing::Met,
        Operator::Between if missing <= 0.0 && target.value2.is_some_and(|upper| total > upper) => {
            Standing::AboveRange
        }
        Operator::Between if missing <= 0.0 => Standing::Met,
        _ => Standing::Short(missing.abs()),
    }
}
