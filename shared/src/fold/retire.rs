//! Retired items: a mark in the log, never a deletion (conflict 5).

use super::causal::Frontier;
use super::holding::Work;
use crate::document::hex;
use crate::entry::{Entry, EntryKind};
use crate::id::{UnitId, fingerprint};
use crate::model::Item;
use std::collections::{BTreeMap, BTreeSet};

/// Whether an item is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retirement {
    Active,
    Retired,
    /// Somebody edited it or reported on it without having seen the mark: the lead decides.
    RetiredWithNews,
}

/// The mark of an item from its entries, in causal order.
#[must_use]
pub fn retirement(item: &Item, about: &[&Entry]) -> Retirement {
    let retired = marks_in_force(about);
    if retired.is_empty() {
        return Retirement::Active;
    }
    let (now, as_before) = (item_digest(item), digest_of_words(item));
    // Marks of before name the words alone.
    let edited = retired
        .iter()
        .any(|mark| mark.digest.as_deref().is_some_and(|seen| seen != now && seen != as_before));
    let reported = about.iter().any(|entry| is_news(entry, &retired));
    if edited || reported { Retirement::RetiredWithNews } else { Retirement::Retired }
}

/// The marks that put an item out of use; none while it is carried out.
fn marks_in_force<'a>(about: &[&'a Entry]) -> Vec<&'a Entry> {
    let marks: Vec<&Entry> = about
        .iter()
        .copied()
        .filter(|entry| matches!(entry.kind, EntryKind::Retire | EntryKind::Restore))
        .collect();
    let newest = Frontier::of(&marks).0;
    let restored = newest.iter().any(|entry| entry.kind == EntryKind::Restore);
    if restored { Vec::new() } else { newest }
}

/// Whether an entry reports something that those who put the item out of use had not seen.
fn is_news(entry: &Entry, retired: &[&Entry]) -> bool {
    !matches!(entry.kind, EntryKind::Retire | EntryKind::Restore)
        && !entry.kind.is_talk()
        && retired.iter().all(|mark| !mark.has_seen(entry))
}

/// The reports of each unit on an item that was put out of use, unseen by those who did that.
#[must_use]
pub fn reported_unseen(about: &[&Entry]) -> BTreeMap<UnitId, Work> {
    let retired = marks_in_force(about);
    let news: Vec<&Entry> = about.iter().copied().filter(|entry| is_news(entry, &retired)).collect();
    let units: BTreeSet<UnitId> =
        news.iter().flat_map(|entry| entry.subject.unit.into_iter().chain([entry.author.unit])).collect();
    let told = |unit| (unit, Work::told(unit, false, &news, |_| true));
    units.into_iter().map(told).filter(|(_, work)| !work.is_none()).collect()
}

/// The state of an item, as a short word: two devices that see the same words, units and nodes in time
/// have the same digest.
#[must_use]
pub fn item_digest(item: &Item) -> String {
    let held = item.assignments.iter().filter(|(_, part)| part.removal.is_none());
    let units: Vec<String> = held.map(|(unit, part)| format!("{unit}:{:?}", part.role)).collect();
    let nodes: Vec<String> = item
        .milestones
        .iter()
        .map(|(id, one)| format!("{id}:{}|{}|{}", one.title, one.due, one.ticks.join(",")))
        .collect();
    hex(&fingerprint(&[&digest_of_words(item), &units.join("\n"), &nodes.join("\n")]))
}

fn digest_of_words(item: &Item) -> String {
    let fields: Vec<String> = item.fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let rows: Vec<String> = item
        .ledger
        .iter()
        .map(|(unit, row)| format!("{unit}:{}|{}|{}|{}", row.person, row.yearly_task, row.path, row.remark))
        .collect();
    hex(&fingerprint(&[
        &item.number,
        &item.title,
        &item.text,
        &item.deadline,
        &fields.join("\n"),
        &rows.join("\n"),
    ]))
}
