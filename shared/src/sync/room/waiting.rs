//! Changes whose ancestors are still to come. automerge would queue them and apply them whenever the
//! ancestors arrive, as they are: here they are judged then, by the rights of then.

use super::apart::Apart;
use crate::document::Document;
use crate::document::chunk::measure;
use crate::limits::{SLICE, WAITING_BYTES};
use automerge::{Change, ChangeHash};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes that a change takes while it waits, besides its content.
const KEPT: usize = 512;

/// The waiting changes of one connection.
#[derive(Default)]
pub(super) struct Waiting {
    changes: Vec<Change>,
    /// Ancestors that are neither here nor among them.
    missing: BTreeSet<ChangeHash>,
    /// Bytes of memory that it takes to apply them.
    weight: u64,
}

impl Waiting {
    /// With some new ones, those whose ancestors are all here or among them, ancestors first; the
    /// others wait on. A change that rests on those that stay out waits for nothing.
    pub(super) fn take(
        &mut self,
        (document, apart): (&mut Document, &Apart),
        new: Vec<Change>,
    ) -> Vec<Change> {
        let mut all = std::mem::take(&mut self.changes);
        all.extend(new);
        let (ready, waiting) = in_order((document, apart), all);
        let known: BTreeSet<ChangeHash> = ready.iter().chain(&waiting).map(Change::hash).collect();
        let ancestors = waiting.iter().flat_map(Change::deps).copied();
        let here = |hash: &ChangeHash| known.contains(hash) || apart.holds(hash);
        let missing = ancestors.filter(|hash| !here(hash) && !document.contains(&hash.0));
        self.missing = missing.collect();
        let weigh =
            |change: &Change| measure(change.raw_bytes(), u64::MAX).map_or(SLICE, |size| size.weight());
        self.weight = waiting.iter().map(weigh).sum();
        self.changes = waiting;
        ready
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether something here waits for a change.
    pub(super) fn lacks(&self, hash: &ChangeHash) -> bool {
        self.missing.contains(hash)
    }

    /// Ancestors that it waits for and that have come in by another way.
    pub(super) fn come(&self, document: &mut Document) -> Vec<ChangeHash> {
        self.missing.iter().copied().filter(|hash| document.contains(&hash.0)).collect()
    }

    /// Bytes that they take in memory.
    pub(super) fn bytes(&self) -> usize {
        self.changes.iter().map(|change| change.raw_bytes().len() + KEPT).sum()
    }

    /// Bytes of memory that it takes to apply them.
    pub(super) const fn weight(&self) -> u64 {
        self.weight
    }

    /// Whether they take more than may be held for one connection.
    pub(super) fn is_too_much(&self) -> bool {
        self.bytes() > WAITING_BYTES
    }

    pub(super) fn forget(&mut self) {
        self.changes.clear();
        self.missing.clear();
        self.weight = 0;
    }

    /// The hashes to ask for to get at some changes: not of changes that wait here, but of their ancestors.
    pub(super) fn needs(&self, document: &mut Document, wanted: Vec<ChangeHash>) -> Vec<ChangeHash> {
        let waiting: BTreeMap<ChangeHash, &Change> =
            self.changes.iter().map(|change| (change.hash(), change)).collect();
        let (mut missing, mut seen, mut stack) = (BTreeSet::new(), BTreeSet::new(), wanted);
        while let Some(hash) = stack.pop() {
            if !seen.insert(hash) || document.contains(&hash.0) {
                continue;
            }
            match waiting.get(&hash) {
                Some(change) => stack.extend(change.deps()),
                None => {
                    missing.insert(hash);
                }
            }
        }
        missing.into_iter().collect()
    }
}

/// Changes that are neither in a document nor known to stay out of it: those whose ancestors are all there or among
/// them, ancestors first, and the others. In time with their number, however they are ordered.
pub(super) fn in_order(
    (document, apart): (&mut Document, &Apart),
    changes: Vec<Change>,
) -> (Vec<Change>, Vec<Change>) {
    let mut here = |hash: &ChangeHash| apart.holds(hash) || document.contains(&hash.0);
    let mut left: BTreeMap<ChangeHash, Change> = BTreeMap::new();
    for change in changes {
        if !here(&change.hash()) {
            left.insert(change.hash(), change);
        }
    }
    let mut lacking: BTreeMap<ChangeHash, usize> = BTreeMap::new();
    let mut resting: BTreeMap<ChangeHash, Vec<ChangeHash>> = BTreeMap::new();
    for (hash, change) in &left {
        let missing: BTreeSet<ChangeHash> =
            change.deps().iter().copied().filter(|ancestor| !here(ancestor)).collect();
        lacking.insert(*hash, missing.len());
        for ancestor in missing {
            resting.entry(ancestor).or_default().push(*hash);
        }
    }
    let mut next: Vec<ChangeHash> =
        lacking.iter().filter(|(_, count)| **count == 0).map(|(hash, _)| *hash).collect();
    let mut ready = Vec::new();
    while let Some(hash) = next.pop() {
        ready.extend(left.remove(&hash));
        for child in resting.remove(&hash).into_iter().flatten() {
            if let Some(count) = lacking.get_mut(&child) {
                *count -= 1;
                if *count == 0 {
                    next.push(child);
                }
            }
        }
    }
    (ready, left.into_values().collect())
}
