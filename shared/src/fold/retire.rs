//! Retired items: a mark in the log, never a deletion (conflict 5).

use super::causal::Frontier;
use crate::document::hex;
use crate::entry::{Entry, EntryKind};
use crate::id::fingerprint;
use crate::model::Item;

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
    let marks: Vec<&Entry> = about
        .iter()
        .copied()
        .filter(|entry| matches!(entry.kind, EntryKind::Retire | EntryKind::Restore))
        .collect();
    let newest = Frontier::of(&marks).0;
    let retired: Vec<&Entry> =
        newest.iter().copied().filter(|entry| entry.kind == EntryKind::Retire).collect();
    if retired.is_empty() || newest.len() > retired.len() {
        return Retirement::Active;
    }
    let (now, as_before) = (item_digest(item), digest_of_words(item));
    // Marks of before name the words alone.
    let edited = retired
        .iter()
        .any(|mark| mark.digest.as_deref().is_some_and(|seen| seen != now && seen != as_before));
    let reported = about.iter().any(|entry| {
        !matches!(entry.kind, EntryKind::Retire | EntryKind::Restore)
            && !entry.kind.is_talk()
            && retired.iter().all(|mark| !mark.has_seen(entry))
    });
    if edited || reported { Retirement::RetiredWithNews } else { Retirement::Retired }
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
