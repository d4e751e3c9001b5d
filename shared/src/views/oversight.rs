//! 督办: what a leader asks before a meeting, board by board: what is late, which units are worst,
//! where numbers are short, what was done since a day.

use super::light::Light;
use super::matrix::{Across, Matrix};
use crate::entry::EntryKind;
use crate::fold::{self, Entries, Standing};
use crate::id::{EntryId, IndicatorId, ItemId, UnitId, ulid_bytes};
use crate::import::IndicatorKind;
use crate::publication::target_words;
use crate::rule::Scene;
use crate::words::Lang;
use std::collections::BTreeMap;

/// One late matter with the units whose parts are late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    pub item: ItemId,
    pub title: String,
    /// ISO date; empty where a rule says no day.
    pub due: String,
    /// Days past it.
    pub days: i32,
    pub units: Vec<UnitId>,
}

/// How the parts of a unit stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnitCounts {
    pub late: usize,
    pub returned: usize,
    pub not_started: usize,
    pub done: usize,
    pub all: usize,
}

impl UnitCounts {
    /// Adds those of another board.
    pub fn add(&mut self, other: Self) {
        self.late += other.late;
        self.returned += other.returned;
        self.not_started += other.not_started;
        self.done += other.done;
        self.all += other.all;
    }

    /// The worst first: by what is late, returned, not begun.
    #[must_use]
    pub const fn badness(self) -> (usize, usize, usize) {
        (self.late, self.returned, self.not_started)
    }
}

/// An indicator that is short of its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    pub indicator: IndicatorId,
    pub name: String,
    pub target: String,
    /// In the unit of the target; none while nothing was reported.
    pub reported: Option<f64>,
    /// The year of what was reported, where the target names none.
    pub year: Option<i32>,
    pub missing: f64,
    pub unit: String,
    /// The missing part of the target, from 0 to 1; 1 where nothing was reported.
    pub share: f64,
}

/// A board as supervision sees it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Oversight {
    /// Matters that units have a part in, and how many of them have ended.
    pub matters: usize,
    pub ended: usize,
    /// In the order of the board.
    pub late: Vec<Late>,
    pub units: BTreeMap<UnitId, UnitCounts>,
    pub gaps: Vec<Gap>,
    /// Targets that are met, of how many.
    pub met: usize,
    pub targets: usize,
    /// Instructions that units have not answered, and those not ended.
    pub unanswered: usize,
    pub instructions: usize,
}

impl Oversight {
    /// Late parts of units: the cells ▲ of the board's matrices of units.
    #[must_use]
    pub fn late_parts(&self) -> usize {
        self.late.iter().map(|late| late.units.len()).sum()
    }

    /// Parts in which nothing was reported.
    #[must_use]
    pub fn not_started(&self) -> usize {
        self.units.values().map(|unit| unit.not_started).sum()
    }
}

/// The units of several boards together, the worst first.
#[must_use]
pub fn worst_units<'a>(boards: impl IntoIterator<Item = &'a Oversight>) -> Vec<(UnitId, UnitCounts)> {
    let mut units: BTreeMap<UnitId, UnitCounts> = BTreeMap::new();
    for (unit, counts) in boards.into_iter().flat_map(|board| &board.units) {
        units.entry(*unit).or_default().add(*counts);
    }
    let mut units: Vec<(UnitId, UnitCounts)> = units.into_iter().collect();
    units.sort_by_key(|(unit, counts)| (std::cmp::Reverse(counts.badness()), *unit));
    units
}

/// A board on the day of its scene.
#[must_use]
pub fn oversight(scene: &Scene<'_>, language: Lang) -> Oversight {
    let mut found = Oversight::default();
    let kinds = Matrix::kinds(scene, language).into_iter().map(|(across, _)| across);
    for across in kinds.filter(|across| matches!(across, Across::Units { .. })) {
        let matrix = Matrix::new(scene, &across, language);
        for row in &matrix.rows {
            let Some(item) = row.item else { continue };
            let cells: Vec<_> = matrix.cells(scene, row).into_iter().flatten().collect();
            if cells.is_empty() {
                continue;
            }
            found.matters += 1;
            found.ended += usize::from(scene.is_ended(item));
            let mut late = Vec::new();
            for (unit, light) in cells.iter().filter_map(|cell| Some((cell.unit?, cell.light))) {
                let counts = found.units.entry(unit).or_default();
                counts.all += 1;
                match light {
                    Light::Overdue => {
                        counts.late += 1;
                        late.push(unit);
                    }
                    Light::Returned => counts.returned += 1,
                    Light::NotStarted => counts.not_started += 1,
                    Light::Done => counts.done += 1,
                    Light::DueSoon | Light::Asked | Light::Going => {}
                }
            }
            if !late.is_empty() {
                let due = scene.due(item);
                let days = due.and_then(|due| scene.today.since(due).ok()).map_or(0, |span| span.get_days());
                let title = format!("{} {}", row.number, row.title).trim().to_owned();
                let due = due.map(|due| due.to_string()).unwrap_or_default();
                found.late.push(Late { item, title, due, days, units: late });
            }
        }
    }
    numbers(scene, &mut found);
    for one in fold::instructions(scene.space, scene.entries, scene.board.lead) {
        found.instructions += usize::from(one.state != fold::InstructionState::Done);
        found.unanswered += usize::from(one.state == fold::InstructionState::Open);
    }
    found
}

/// The targets that numbers fall short of; those that a rule fills are looked at where the rule is.
fn numbers(scene: &Scene<'_>, found: &mut Oversight) {
    let counted = scene.board.indicators.iter().filter(|(_, one)| {
        one.kind != IndicatorKind::Baseline && one.fed_by.is_none() && one.target.value != 0.0
    });
    for (id, one) in counted {
        let progress = fold::progress(&scene.entries.of_indicator(*id), one.reach);
        let reported = progress.total(one.target.year, one.combine);
        found.targets += 1;
        let missing = match fold::standing(&one.target, &progress, one.combine) {
            Standing::Met | Standing::AboveRange => {
                found.met += 1;
                continue;
            }
            Standing::Short(missing) => missing,
            // Two values that wait for a choice are decided under 需处理.
            Standing::Waiting => continue,
            Standing::NoData => one.target.value.abs(),
        };
        found.gaps.push(Gap {
            indicator: *id,
            name: one.name.clone(),
            target: target_words(&one.target),
            reported,
            year: progress.unsaid_year(&one.target, one.combine),
            missing,
            unit: one.target.unit.clone(),
            share: (missing / one.target.value.abs()).min(1.0),
        });
    }
}

/// The acts of units on a board at a time (seconds since 1970) or later: how often which kind.
#[must_use]
pub fn acts_since(entries: &Entries, since: i64) -> BTreeMap<UnitId, BTreeMap<EntryKind, usize>> {
    // The ids of entries begin with their time.
    let first = EntryId::from_bytes(ulid_bytes(u64::try_from(since.max(0)).unwrap_or(0) * 1000, [0; 10]));
    let mut all: BTreeMap<UnitId, BTreeMap<EntryKind, usize>> = BTreeMap::new();
    for entry in entries.all.range(first..).map(|(_, entry)| entry) {
        *all.entry(entry.author.unit).or_default().entry(entry.kind).or_default() += 1;
    }
    all
}
