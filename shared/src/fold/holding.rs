//! The units of an item: those that hold it, those that left while they worked unseen, and those that
//! left and whose records are kept (conflict 9).
//!
//! The work of a unit never goes with it. The person who took it off, or its group, may not have seen what it
//! wrote: then its part stays until the lead has decided.

use super::causal::corrected;
use crate::entry::{Entry, EntryKind};
use crate::id::{ItemId, UnitId};
use crate::model::{Board, Item, Removal, Space};
use std::collections::{BTreeMap, BTreeSet};

/// The work of a unit on an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Work {
    /// Its records: progress, numbers, visits and the like.
    pub records: usize,
    /// Its comments, which report nothing.
    pub comments: usize,
    /// It asked to close its part.
    pub asked: bool,
    /// Its part was closed.
    pub closed: bool,
    /// It has written into its row of the ledger.
    pub row: bool,
}

impl Work {
    /// Whether it has done nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The work of a unit; `about` are the entries of the item and its indicators.
    #[must_use]
    pub fn of(unit: UnitId, item: &Item, about: &[&Entry]) -> Self {
        let row = item.ledger.get(&unit).is_some_and(|row| !row.is_empty());
        Self::told(unit, row, about, |_| true)
    }

    /// The work of a unit in some of the entries of an item.
    pub(super) fn told(unit: UnitId, row: bool, about: &[&Entry], counts: impl Fn(&Entry) -> bool) -> Self {
        let replaced = corrected(about);
        let mut work = Self { row, ..Self::default() };
        let own = |entry: &&&Entry| is_of(entry, unit) && !replaced.contains(&entry.id) && counts(entry);
        for entry in about.iter().filter(own) {
            match entry.kind {
                EntryKind::CloseRequest => work.asked = true,
                EntryKind::CloseDecision => work.closed |= entry.accepted == Some(true),
                kind if kind.is_talk() => work.comments += 1,
                _ => work.records += 1,
            }
        }
        work
    }
}

/// Whether an entry belongs to what a unit did: it wrote it, and does not decide for others in it; or
/// it is the decision on its part.
fn is_of(entry: &Entry, unit: UnitId) -> bool {
    match entry.kind {
        EntryKind::CloseDecision => entry.subject.unit == Some(unit),
        EntryKind::Remind => false,
        kind => !kind.is_decision() && entry.author.unit == unit,
    }
}

/// A unit that no longer holds an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leaving {
    pub work: Work,
    /// The part of its work that nobody who took it off had seen, without comments; none where it left
    /// with its records.
    pub news: Work,
    /// The unit of whoever took it off; none where it left its group.
    pub by: Option<UnitId>,
}

/// The units of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holding {
    /// Groups expanded.
    pub holds: BTreeSet<UnitId>,
    /// They left while they worked unseen: they stay until the lead has decided.
    pub leaving: BTreeMap<UnitId, Leaving>,
    /// They left, and what they did is kept.
    pub left: BTreeMap<UnitId, Leaving>,
}

impl Holding {
    /// The holding of an item; `about` gives the entries of the item and of its indicators, which are asked for
    /// only where somebody left.
    #[must_use]
    pub fn of<'a>(space: &Space, item: &Item, about: impl FnOnce() -> Vec<&'a Entry>) -> Self {
        let mut one = Self::default();
        let mut gone: BTreeMap<UnitId, Vec<(UnitId, &Removal)>> = BTreeMap::new();
        for (named, part) in &item.assignments {
            match &part.removal {
                None => {
                    one.holds.extend(space.expanded(*named));
                    // A unit that left the group left no mark here.
                    space.ever(*named).into_iter().for_each(|unit| {
                        gone.entry(unit).or_default();
                    });
                }
                Some(removal) => space.ever(*named).into_iter().for_each(|unit| {
                    gone.entry(unit).or_default().push((*named, removal));
                }),
            }
        }
        gone.retain(|unit, _| !one.holds.contains(unit));
        if gone.is_empty() {
            return one;
        }
        let about = about();
        for (unit, marks) in gone {
            let work = Work::of(unit, item, &about);
            if work.is_none() {
                continue;
            }
            let by = marks.iter().find_map(|(_, mark)| mark.by);
            let news = unseen(unit, item, &marks, &about);
            let place = if news.is_some() { &mut one.leaving } else { &mut one.left };
            place.insert(unit, Leaving { work, news: news.unwrap_or_default(), by });
        }
        one
    }

    /// Every unit with a part: those that hold it and those that the lead has not decided on.
    pub fn parts(&self) -> impl Iterator<Item = UnitId> + '_ {
        self.holds.iter().chain(self.leaving.keys()).copied()
    }
}

/// The work of a unit that none of those who took it off had seen; a comment is no work.
fn unseen(unit: UnitId, item: &Item, marks: &[(UnitId, &Removal)], about: &[&Entry]) -> Option<Work> {
    let seen = |entry: &Entry| {
        let by = |mark: &Removal| mark.seen.get(&entry.author.writer).is_some_and(|seen| *seen >= entry.seq);
        marks.iter().any(|(_, mark)| by(mark))
    };
    let news = |entry: &Entry| !entry.kind.is_talk() && !seen(entry);
    let written = about.iter().any(|entry| is_of(entry, unit) && news(entry));
    let row = item.ledger.get(&unit).is_some_and(|row| !row.is_empty());
    let unseen = |(named, _): &(UnitId, &Removal)| {
        item.assignments.get(named).is_some_and(|part| part.unseen_rows.contains(&unit))
    };
    let row = row && marks.iter().all(unseen);
    (written || row).then(|| Work::told(unit, row, about, news))
}

/// The entries that speak of an item or of one of its indicators, those of the item in causal order
/// and in front.
#[must_use]
pub fn concerning<'a>(board: &Board, id: ItemId, entries: &'a super::Entries) -> Vec<&'a Entry> {
    let mut all = entries.of_item(id);
    for (indicator, _) in board.indicators.iter().filter(|(_, one)| one.item == Some(id)) {
        let others = entries.of_indicator(*indicator).into_iter();
        all.extend(others.filter(|entry| entry.subject.item != Some(id)));
    }
    all
}
