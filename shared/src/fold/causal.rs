//! The order in which entries count: what an author had seen comes before what it wrote.

use crate::entry::Entry;
use crate::id::EntryId;
use std::collections::BTreeSet;

/// Entries so that each stands behind all that its author had seen. Between unrelated ones the
/// said time decides, then the id, so that the order is the same on every device.
#[must_use]
pub fn in_causal_order(mut entries: Vec<&Entry>) -> Vec<&Entry> {
    entries.sort_by_key(|entry| (entry.said, entry.id));
    let mut waits_for: Vec<usize> = entries
        .iter()
        .map(|entry| entries.iter().filter(|other| other.id != entry.id && entry.has_seen(other)).count())
        .collect();
    let mut ready: BTreeSet<usize> = (0..entries.len()).filter(|index| waits_for[*index] == 0).collect();
    let mut order = Vec::with_capacity(entries.len());
    let mut placed = vec![false; entries.len()];
    while order.len() < entries.len() {
        // Entries that claim to have seen each other are hostile; they come by their time.
        let next = ready.pop_first().or_else(|| placed.iter().position(|placed| !placed));
        let Some(next) = next else { break };
        placed[next] = true;
        order.push(entries[next]);
        for (index, entry) in entries.iter().enumerate() {
            if !placed[index] && entry.has_seen(entries[next]) {
                waits_for[index] = waits_for[index].saturating_sub(1);
                if waits_for[index] == 0 {
                    ready.insert(index);
                }
            }
        }
    }
    order
}

/// The entries that another one corrects: a unit corrects its own, with an entry of the same kind.
#[must_use]
pub fn corrected(entries: &[&Entry]) -> BTreeSet<EntryId> {
    let own = |entry: &&&Entry| {
        entries.iter().any(|other| {
            Some(other.id) == entry.supersedes
                && other.author.unit == entry.author.unit
                && other.kind == entry.kind
        })
    };
    entries
        .iter()
        .filter(|entry| entry.supersedes.is_some())
        .filter(own)
        .filter_map(|entry| entry.supersedes)
        .collect()
}

/// The newest entries: those that no other one has seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Frontier<'a>(pub Vec<&'a Entry>);

impl<'a> Frontier<'a> {
    /// The entries without a successor among those given.
    #[must_use]
    pub fn of(entries: &[&'a Entry]) -> Self {
        let newest = entries.iter().filter(|entry| !entries.iter().any(|other| other.has_seen(entry)));
        Self(newest.copied().collect())
    }
}
