//! The order in which entries count: what an author had seen comes before what it wrote.

use crate::entry::Entry;

/// Entries so that each stands behind all that its author had seen. Between unrelated ones the
/// said time decides, then the id, so that the order is the same on every device.
#[must_use]
pub fn in_causal_order(mut entries: Vec<&Entry>) -> Vec<&Entry> {
    // A count of what an entry had seen grows along every causal chain.
    let depth =
        |entry: &Entry| entry.seen.values().map(|seen| u64::from(*seen)).sum::<u64>() + u64::from(entry.seq);
    entries.sort_by_key(|entry| (depth(entry), entry.said, entry.id));
    entries
}

/// The newest entries: those that no other one has seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Frontier<'a>(pub Vec<&'a Entry>);

impl<'a> Frontier<'a> {
    /// Of some entries, those without a successor among them.
    #[must_use]
    pub fn of(entries: &[&'a Entry]) -> Self {
        let newest = entries.iter().filter(|entry| !entries.iter().any(|other| other.has_seen(entry)));
        Self(newest.copied().collect())
    }
}
