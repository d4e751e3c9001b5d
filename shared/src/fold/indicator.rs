//! Indicator totals: levels and increments per unit and period, shares of units and numbers of the
//! whole, two values waiting, targets met (S02; conflicts 3a, 3b, 18).
//!
//! Only shares are added. A number of the whole (全市) stands for itself: while one is there for a year,
//! the shares of that year stand beside it. A target that names no year is reached by the sum of all years;
//! a ratio or a newest number is that of one year, the newest in which something was reported.

use super::causal::Frontier;
use crate::entry::{Entry, EntryKind, Measure, Reach};
use crate::id::{EntryId, UnitId};
use crate::import::Operator;
use crate::model::{Combine, Target};
use crate::words::Word;
use std::collections::{BTreeMap, BTreeSet};

/// The number reported for one period: by one unit, or for the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitValue {
    /// The value in force: settled, or the last one before a clash.
    pub value: Option<f64>,
    /// Values written at the same time, waiting for a choice.
    pub waiting: Vec<f64>,
    /// The entries that wait; none where all is clear.
    pub rivals: Vec<EntryId>,
    /// The entries that the value is made of.
    pub entries: Vec<EntryId>,
    pub measure: Measure,
    /// Whether it reaches from the beginning of the year and says so: a later one takes its place.
    pub running: bool,
    /// The unit that said it last, and when, in milliseconds since 1970.
    pub last: Option<(UnitId, i64)>,
}

/// An indicator over all its units.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// Shares, by period, then by unit.
    pub by_period: BTreeMap<String, BTreeMap<UnitId, UnitValue>>,
    /// Numbers of the whole, by period.
    pub whole: BTreeMap<String, UnitValue>,
}

/// A number that goes into a total, or stands beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Summand {
    pub period: String,
    /// The unit that reported it; for the whole the unit that said it last.
    pub unit: UnitId,
    pub reach: Reach,
    /// 累计 or 本期.
    pub measure: Measure,
    pub value: f64,
    /// Whether it holds what was reported before it in its year.
    pub running: bool,
    /// When it was said, in milliseconds since 1970.
    pub said: i64,
    /// Whether the total has it in it.
    pub counts: bool,
}

/// The standing of an indicator against its target.
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
            Self::Waiting => Word::TwoNumbers,
        }
    }
}

/// Folds the value entries of one indicator (in causal order). `reach` is what the indicator says of
/// numbers that do not say themselves whose they are; without it they are shares.
#[must_use]
pub fn progress(about: &[&Entry], reach: Option<Reach>) -> Progress {
    let superseded = super::corrected(about);
    let mut shares: BTreeMap<(String, UnitId), Vec<&Entry>> = BTreeMap::new();
    let mut wholes: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    let speaks = |entry: &&&Entry| entry.kind == EntryKind::Value && entry.value.is_some();
    for entry in about.iter().filter(speaks).filter(|entry| !superseded.contains(&entry.id)) {
        let period = entry.period.clone().unwrap_or_default();
        match entry.reach.or(reach).unwrap_or(Reach::Own) {
            Reach::Own => shares.entry((period, entry.author.unit)).or_default().push(entry),
            Reach::Whole => wholes.entry(period).or_default().push(entry),
        }
    }
    let says = |entry: &Entry| entry.reach.or(reach).is_some();
    let mut progress = Progress::default();
    for ((period, unit), entries) in shares {
        progress.by_period.entry(period).or_default().insert(unit, value_of(&entries, says));
    }
    progress.whole = wholes.into_iter().map(|(period, all)| (period, value_of(&all, says))).collect();
    progress
}

/// The value of entries that speak of the same: one unit's, or the whole.
fn value_of(entries: &[&Entry], says: impl Fn(&Entry) -> bool) -> UnitValue {
    let of = |measure: Measure| {
        let is = move |entry: &&Entry| {
            (entry.measure == Some(Measure::Increment)) == (measure == Measure::Increment)
        };
        entries.iter().copied().filter(is).collect::<Vec<_>>()
    };
    let (levels, increments) = (of(Measure::Level), of(Measure::Increment));
    let newest = Frontier::of(&levels).0;
    let (level, waiting, base) = match (said(&newest).as_slice(), newest.first()) {
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
    // Two units that say the number of the whole without having seen each other say one thing twice.
    let doubtful = |entry: &Entry| {
        added.iter().any(|other| {
            other.author.unit != entry.author.unit && !other.has_seen(entry) && !entry.has_seen(other)
        })
    };
    let (doubted, clear): (Vec<&Entry>, Vec<&Entry>) = added.iter().partition(|entry| doubtful(entry));
    let sum: f64 = clear.iter().filter_map(|entry| entry.value).sum();
    let value = if level.is_none() && clear.is_empty() { None } else { Some(level.unwrap_or(0.0) + sum) };
    let (waiting, rivals) = match (waiting.is_empty(), said(&doubted)) {
        (false, _) => (waiting, newest.iter().map(|entry| entry.id).collect()),
        (true, doubts) if doubts.len() > 1 => (doubts, doubted.iter().map(|entry| entry.id).collect()),
        (true, doubts) => (doubts, Vec::new()),
    };
    let value = match (&rivals[..], &waiting[..]) {
        // Both say the same.
        ([], [one]) => Some(value.unwrap_or(0.0) + one),
        _ => value,
    };
    let all = newest.iter().chain(&added);
    UnitValue {
        value,
        waiting: if rivals.is_empty() { Vec::new() } else { waiting },
        rivals,
        entries: all.clone().map(|entry| entry.id).collect(),
        measure: if base.is_some() { Measure::Level } else { Measure::Increment },
        running: base.is_some_and(says),
        last: all.max_by_key(|entry| (entry.said, entry.id)).map(|entry| (entry.author.unit, entry.said)),
    }
}

/// The different values of some entries, the smallest first.
fn said(entries: &[&Entry]) -> Vec<f64> {
    let mut said: Vec<f64> = entries.iter().filter_map(|entry| entry.value).collect();
    said.sort_by(f64::total_cmp);
    said.dedup();
    said
}

/// How a total comes about, in words.
#[must_use]
pub const fn combined(combine: Combine, reach: Option<Reach>) -> Word {
    match (combine, reach) {
        (Combine::Sum, Some(Reach::Own)) => Word::AddsShares,
        (Combine::Sum, Some(Reach::Whole)) => Word::AddsNothing,
        (Combine::Sum, None) => Word::AddsAsSaid,
        (Combine::Mean, Some(Reach::Own)) => Word::MeansShares,
        (Combine::Mean, Some(Reach::Whole)) => Word::MeansNothing,
        (Combine::Mean, None) => Word::MeansAsSaid,
        (Combine::Latest, Some(Reach::Own)) => Word::LatestShares,
        (Combine::Latest, Some(Reach::Whole)) => Word::LatestWhole,
        (Combine::Latest, None) => Word::LatestAsSaid,
    }
}

impl Progress {
    /// The year that a total is of: the one asked for; otherwise none for a sum, and for others the newest
    /// that a period names.
    #[must_use]
    pub fn year(&self, asked: Option<i32>, combine: Combine) -> Option<i32> {
        let periods = self.by_period.keys().chain(self.whole.keys());
        let newest = || periods.filter_map(|one| year_of(one)).max();
        asked.or_else(|| if combine == Combine::Sum { None } else { newest() })
    }

    /// The year that has to be said beside a total of one year because its target names none.
    #[must_use]
    pub fn unsaid_year(&self, target: &Target, combine: Combine) -> Option<i32> {
        if target.year.is_some() { None } else { self.year(None, combine) }
    }

    /// The total of a year; when none is asked for, of all years for a sum and of the newest for others.
    #[must_use]
    pub fn total(&self, year: Option<i32>, combine: Combine) -> Option<f64> {
        let counted: Vec<f64> =
            self.summands(year, combine).into_iter().filter(|one| one.counts).map(|one| one.value).collect();
        let sum = counted.iter().sum();
        match combine {
            _ if counted.is_empty() => None,
            #[allow(clippy::cast_precision_loss, reason = "a count of units")]
            Combine::Mean => Some(sum / counted.len() as f64),
            Combine::Sum | Combine::Latest => Some(sum),
        }
    }

    /// The parts of a total, and the numbers beside it, in the order of periods and units. Numbers of
    /// other years stand beside it.
    #[must_use]
    pub fn summands(&self, year: Option<i32>, combine: Combine) -> Vec<Summand> {
        let year = self.year(year, combine);
        let mut all: Vec<Summand> = Vec::new();
        let mut add = |period: &String, reach, value: &UnitValue, unit: Option<UnitId>| {
            if let Some((number, (last, said))) = value.value.zip(value.last) {
                all.push(Summand {
                    period: period.clone(),
                    unit: unit.unwrap_or(last),
                    reach,
                    measure: value.measure,
                    value: number,
                    running: value.running,
                    said,
                    counts: is_of(period, year),
                });
            }
        };
        for (period, value) in &self.whole {
            add(period, Reach::Whole, value, None);
        }
        for (period, units) in &self.by_period {
            units.iter().for_each(|(unit, value)| add(period, Reach::Own, value, Some(*unit)));
        }
        all.sort_by(|one, other| {
            let key =
                |one: &Summand| (end_of(&one.period, one.said), one.period.clone(), one.reach, one.unit);
            key(one).cmp(&key(other))
        });
        let of_year: Vec<usize> = (0..all.len()).filter(|place| all[*place].counts).collect();
        // A number of the whole that names no year is one of each.
        let wholes: BTreeSet<Option<i32>> = of_year
            .iter()
            .map(|place| &all[*place])
            .filter(|one| one.reach == Reach::Whole)
            .map(|one| year_of(&one.period))
            .collect();
        let newest = of_year.last().map(|place| all[*place].period.clone());
        for (nth, place) in of_year.iter().enumerate() {
            let one = &all[*place];
            // A later level of the same year holds what was before it; of ratios only the last one of
            // each unit stands, however it was said.
            let replaced = of_year[nth + 1..].iter().map(|place| &all[*place]).any(|later| {
                let same = later.reach == one.reach && (one.reach == Reach::Whole || later.unit == one.unit);
                let holds = later.running && year_of(&later.period) == year_of(&one.period);
                same && (holds || combine == Combine::Mean)
            });
            let whole = wholes.contains(&None) || wholes.contains(&year_of(&one.period));
            let beside = one.reach == Reach::Own && whole;
            let earlier = combine == Combine::Latest && newest.as_ref() != Some(&one.period);
            all[*place].counts = !(replaced || beside || earlier);
        }
        all
    }

    /// The share each unit reported in the periods of a year, as it counts.
    #[must_use]
    pub fn units_of(&self, year: Option<i32>, combine: Combine) -> BTreeMap<UnitId, f64> {
        let shares = Self { whole: BTreeMap::new(), ..self.clone() };
        let mut units = BTreeMap::new();
        for one in shares.summands(year, combine).into_iter().filter(|one| one.counts) {
            *units.entry(one.unit).or_default() += one.value;
        }
        units
    }

    /// Whether two values wait for a choice in the periods of a year.
    #[must_use]
    pub fn waits(&self, year: Option<i32>, combine: Combine) -> bool {
        let year = self.year(year, combine);
        let shares =
            self.by_period.iter().flat_map(|(period, units)| units.values().map(move |one| (period, one)));
        shares.chain(&self.whole).any(|(period, value)| is_of(period, year) && !value.rivals.is_empty())
    }
}

/// Whether a period is within a year; one that names none is of each.
fn is_of(period: &str, year: Option<i32>) -> bool {
    year_of(period).is_none_or(|of| year.is_none_or(|year| of == year))
}

/// The year that a period begins with: 2025 of `2025-Q3`.
fn year_of(period: &str) -> Option<i32> {
    let digits: String = crate::text::folded_text(period).chars().take(4).collect();
    digits.parse().ok().filter(|year| (1000..=9999).contains(year))
}

/// Year and month to which a number of a period reaches: `2025-Q3`, `2025-09`; of `2025` the month in
/// which it was said, or the whole year when that is over.
fn end_of(period: &str, said: i64) -> (Option<i32>, i32) {
    let year = year_of(period);
    let rest = period.get(5..).unwrap_or_default();
    let said = jiff::Timestamp::from_millisecond(said).map(|at| at.to_zoned(jiff::tz::TimeZone::UTC)).ok();
    let in_year = said.filter(|at| Some(i32::from(at.year())) == year).map(|at| i32::from(at.month()));
    let month = match rest.strip_prefix('Q') {
        Some(quarter) => quarter.parse::<i32>().map_or(12, |quarter| quarter.saturating_mul(3)),
        None => rest.get(..2).unwrap_or(rest).parse().unwrap_or(in_year.unwrap_or(12)),
    };
    (year, month)
}

/// The standing of a total against a target. `more than` is strict: 150 does not meet >150.
#[must_use]
pub fn standing(target: &Target, progress: &Progress, combine: Combine) -> Standing {
    standing_in(target.year, target, progress, combine)
}

/// The standing of the total of a year, or of none, against a target.
#[must_use]
pub fn standing_in(year: Option<i32>, target: &Target, progress: &Progress, combine: Combine) -> Standing {
    if progress.waits(year, combine) {
        return Standing::Waiting;
    }
    standing_of_total(target, progress.total(year, combine))
}

/// The standing of a number against a target.
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
