//! Changes whose ancestors are still to come. automerge would queue them and apply them whenever the
//! ancestors arrive, as they are: here they are judged then, by the rights of then.

use super::apart::Apart;
use crate::document::Document;
use crate::document::chunk::measure;
use crate::limits::{SLICE, WAITING_BYTES};
use automerge::{Change, ChangeHash};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes that a change takes while it waits, besides its content, as was measured.
const KEPT: usize = 1_536;

/// Bytes that each of its ancestors takes besides: its hash, that it is missing, and that the change rests on it.
/// Nodes of trees may be half empty.
const RESTS: usize = 320;

/// So many ancestors are asked for at once; the others when these have come.
const ASKED: usize = 256;

/// A change that waits.
struct Held {
    change: Change,
    /// Bytes of memory that it takes to apply it.
    weight: u64,
    /// Ancestors that have neither come in nor wait for nothing any more.
    lacking: usize,
}

/// The waiting changes of one connection. A word costs what it brings, and what comes in costs what it releases,
/// however much waits.
#[derive(Default)]
pub(super) struct Waiting {
    changes: BTreeMap<ChangeHash, Held>,
    /// Ancestors of which it is not known that they have come in, each with one that rests on it.
    resting: BTreeSet<(ChangeHash, ChangeHash)>,
    /// Ancestors that are neither here nor among them.
    missing: BTreeSet<ChangeHash>,
    /// Those that wait for nothing any more, ancestors first, and the bytes of memory that it takes to apply them.
    ready: Vec<Change>,
    /// Their hashes, until they have come in or are refused: what rests on them shares that.
    freed: BTreeSet<ChangeHash>,
    ready_weight: u64,
    /// Sums over those that wait and those that are ready.
    bytes: usize,
    weight: u64,
}

impl Waiting {
    /// Keeps changes whose ancestors are not all here, up to the first that is too much. One that rests on those
    /// that stay out waits for nothing.
    pub(super) fn keep(&mut self, (document, apart): (&mut Document, &Apart), new: Vec<Change>) {
        for change in new {
            if self.is_too_much() {
                return;
            }
            let hash = change.hash();
            if self.changes.contains_key(&hash) || self.freed.contains(&hash) {
                continue;
            }
            let mut here = |hash: &ChangeHash| apart.holds(hash) || document.contains(&hash.0);
            let mut lacking: BTreeSet<ChangeHash> =
                change.deps().iter().copied().filter(|ancestor| !here(ancestor)).collect();
            let weight = measure(change.raw_bytes(), u64::MAX).map_or(SLICE, |size| size.weight());
            self.bytes += kept(&change);
            self.weight += weight;
            self.missing.remove(&hash);
            for ancestor in &lacking {
                self.resting.insert((*ancestor, hash));
                if !(self.changes.contains_key(ancestor) || self.freed.contains(ancestor)) {
                    self.missing.insert(*ancestor);
                }
            }
            lacking.retain(|ancestor| !self.freed.contains(ancestor));
            let none = lacking.is_empty();
            self.changes.insert(hash, Held { change, weight, lacking: lacking.len() });
            if none {
                self.make_ready(hash);
            }
        }
    }

    /// A change has come in, or stays out: makes ready whatever waited for it alone.
    pub(super) fn arrive(&mut self, hash: &ChangeHash) {
        if self.changes.is_empty() && self.freed.is_empty() {
            return;
        }
        // It may have come by another way as well.
        self.let_go(hash);
        self.missing.remove(hash);
        if !self.freed.remove(hash) {
            self.free(hash).into_iter().for_each(|child| self.make_ready(child));
        }
        self.let_go_of_ties(hash);
    }

    /// Moves a change to those that are ready, and whatever rests on it alone behind it.
    fn make_ready(&mut self, first: ChangeHash) {
        let mut next = vec![first];
        while let Some(hash) = next.pop() {
            let Some(held) = self.changes.remove(&hash) else { continue };
            self.ready_weight += held.weight;
            self.ready.push(held.change);
            self.freed.insert(hash);
            next.extend(self.free(&hash));
        }
    }

    /// Those that rest on this.
    fn behind(&self, hash: &ChangeHash) -> impl Iterator<Item = ChangeHash> + '_ {
        let all = (*hash, ChangeHash([0; 32]))..=(*hash, ChangeHash([u8::MAX; 32]));
        self.resting.range(all).map(|(_, child)| *child)
    }

    /// Those that rest on this, which are tied to it no longer.
    fn let_go_of_ties(&mut self, hash: &ChangeHash) -> Vec<ChangeHash> {
        let children: Vec<ChangeHash> = self.behind(hash).collect();
        for child in &children {
            self.resting.remove(&(*hash, *child));
        }
        children
    }

    /// Those that lacked nothing but this.
    fn free(&mut self, hash: &ChangeHash) -> Vec<ChangeHash> {
        let (children, mut freed) = (self.behind(hash).collect::<Vec<_>>(), Vec::new());
        for child in children {
            let Some(held) = self.changes.get_mut(&child) else { continue };
            held.lacking -= 1;
            if held.lacking == 0 {
                freed.push(child);
            }
        }
        freed
    }

    /// Takes those that wait for nothing any more, ancestors first. Each is then said to have come in, or let go of
    /// with what rests on it.
    pub(super) fn take_ready(&mut self, document: &mut Document) -> Vec<Change> {
        let mut ready = std::mem::take(&mut self.ready);
        self.bytes -= ready.iter().map(kept).sum::<usize>();
        self.weight -= std::mem::take(&mut self.ready_weight);
        for came in ready.extract_if(.., |change| document.contains(&change.hash().0)) {
            self.arrive(&came.hash());
        }
        ready
    }

    /// Lets go of all that rests on some changes, which do not come in; gives their hashes.
    pub(super) fn let_go_behind(&mut self, first: &[[u8; 32]]) -> Vec<[u8; 32]> {
        let (mut gone, mut next) = (Vec::new(), first.to_vec());
        while let Some(hash) = next.pop() {
            self.freed.remove(&ChangeHash(hash));
            for child in self.let_go_of_ties(&ChangeHash(hash)) {
                if self.let_go(&child) {
                    gone.push(child.0);
                    next.push(child.0);
                }
            }
        }
        gone
    }

    /// Lets go of one that waits, and of what it waited for; tells whether it did.
    fn let_go(&mut self, hash: &ChangeHash) -> bool {
        let Some(held) = self.changes.remove(hash) else { return false };
        self.bytes -= kept(&held.change);
        self.weight -= held.weight;
        for ancestor in held.change.deps() {
            let rested = self.resting.remove(&(*ancestor, *hash));
            if rested && self.behind(ancestor).next().is_none() {
                self.missing.remove(ancestor);
            }
        }
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.ready.is_empty()
    }

    /// Whether something waits for nothing any more.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Ancestors that it waits for and that have come in by another way.
    pub(super) fn come(&self, document: &mut Document) -> Vec<ChangeHash> {
        self.missing.iter().copied().filter(|hash| document.contains(&hash.0)).collect()
    }

    /// Bytes that they take in memory.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of memory that it takes to apply them.
    pub(super) const fn weight(&self) -> u64 {
        self.weight
    }

    /// The same of those that are ready.
    pub(super) const fn ready_weight(&self) -> u64 {
        self.ready_weight
    }

    /// Whether they take more than may be held for one connection.
    pub(super) const fn is_too_much(&self) -> bool {
        self.bytes > WAITING_BYTES
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The hashes to ask for to get at some changes: not of changes that wait here, but of what they wait for.
    pub(super) fn needs(&self, wanted: Vec<ChangeHash>) -> Vec<ChangeHash> {
        let unknown = wanted.into_iter().filter(|hash| !self.changes.contains_key(hash));
        let needs: BTreeSet<ChangeHash> = unknown.chain(self.missing.iter().copied().take(ASKED)).collect();
        needs.into_iter().collect()
    }
}

fn kept(change: &Change) -> usize {
    change.raw_bytes().len() + KEPT + RESTS * change.deps().len()
}

/// Changes that are neither in a document nor known to stay out of it: those whose ancestors are all there or among
/// them, ancestors first, and the others. In time with their number, however they are ordered.
pub(super) fn in_order(
    (document, apart): (&mut Document, &Apart),
    changes: Vec<Change>,
) -> (Vec<Change>, Vec<Change>) {
    let mut here = |hash: &ChangeHash| apart.holds(hash) || document.contains(&hash.0);
    let mut new: BTreeMap<ChangeHash, Change> = BTreeMap::new();
    for change in changes {
        if !here(&change.hash()) {
            new.insert(change.hash(), change);
        }
    }
    // An ancestor that is missing, and the place of one that rests on it: there may be hundreds of thousands.
    let mut resting: Vec<(ChangeHash, usize)> = Vec::new();
    for (at, change) in new.values().enumerate() {
        resting.extend(change.deps().iter().filter(|ancestor| !here(ancestor)).map(|missing| (*missing, at)));
    }
    resting.sort_unstable();
    resting.dedup();
    let mut left: Vec<Option<Change>> = new.into_values().map(Some).collect();
    let mut lacking = vec![0_usize; left.len()];
    resting.iter().for_each(|(_, at)| lacking[*at] += 1);
    let mut next: Vec<usize> = (0..left.len()).filter(|at| lacking[*at] == 0).collect();
    let mut ready = Vec::new();
    while let Some(change) = next.pop().and_then(|at| left[at].take()) {
        let hash = change.hash();
        let first = resting.partition_point(|(ancestor, _)| *ancestor < hash);
        for (_, child) in resting[first..].iter().take_while(|(ancestor, _)| *ancestor == hash) {
            lacking[*child] -= 1;
            if lacking[*child] == 0 {
                next.push(*child);
            }
        }
        ready.push(change);
    }
    (ready, left.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kind;
    use automerge::transaction::Transactable;
    use automerge::{ActorId, AutoCommit, ROOT};

    /// A change on top of what a document holds.
    fn write(doc: &mut AutoCommit, actor: u8) -> Change {
        let before = doc.get_heads();
        doc.set_actor(ActorId::from([actor]));
        doc.put(ROOT, "word", i64::from(actor)).unwrap();
        doc.commit();
        doc.get_changes(&before).pop().unwrap()
    }

    /// Two changes that rest on nothing, one that rests on the first, and one that rests on that and the second.
    fn four() -> [Change; 4] {
        let (mut one, mut other) = (AutoCommit::new(), AutoCommit::new());
        let (first, second) = (write(&mut one, 1), write(&mut other, 2));
        let middle = write(&mut one, 3);
        one.merge(&mut other).unwrap();
        let last = write(&mut one, 4);
        assert_eq!((middle.deps(), last.deps().len()), (&[first.hash()][..], 2));
        [first, second, middle, last]
    }

    fn kept(changes: &[&Change]) -> (Waiting, Document) {
        let (mut waiting, mut document) = (Waiting::default(), Document::new(Kind::Board, &[1; 16]));
        for change in changes {
            waiting.keep((&mut document, &Apart::default()), vec![(*change).clone()]);
        }
        (waiting, document)
    }

    #[test]
    fn what_rests_on_a_refused_change_is_refused_with_it_also_when_another_ancestor_is_to_come() {
        let [first, second, middle, last] = four();
        let (mut waiting, mut document) = kept(&[&middle, &last]);
        waiting.arrive(&first.hash());
        let ready = waiting.take_ready(&mut document);
        assert_eq!(ready, std::slice::from_ref(&middle), "the last one waits for the second");
        // It is not taken.
        assert_eq!(waiting.let_go_behind(&[middle.hash().0]), [last.hash().0]);
        waiting.arrive(&second.hash());
        assert!(waiting.is_empty() && waiting.bytes() == 0 && waiting.weight() == 0);
        assert!(waiting.resting.is_empty() && waiting.freed.is_empty() && waiting.missing.is_empty());
    }

    #[test]
    fn what_rests_on_two_is_ready_behind_both_in_whatever_order_they_come() {
        let [first, second, middle, last] = four();
        for order in [[&first, &second], [&second, &first]] {
            let (mut waiting, mut document) = kept(&[&last, &middle]);
            order.into_iter().for_each(|one| waiting.arrive(&one.hash()));
            assert_eq!(waiting.take_ready(&mut document), [middle.clone(), last.clone()]);
            for one in [&middle, &last] {
                waiting.arrive(&one.hash());
            }
            assert!(waiting.is_empty() && waiting.resting.is_empty() && waiting.freed.is_empty());
        }
    }

    #[test]
    fn what_comes_while_its_ancestor_is_ready_stands_behind_it() {
        let [first, second, middle, last] = four();
        let (mut waiting, mut document) = kept(&[&middle]);
        waiting.arrive(&first.hash());
        waiting.keep((&mut document, &Apart::default()), vec![last.clone(), middle.clone()]);
        assert_eq!(waiting.needs(Vec::new()), [second.hash()], "the other one is here");
        waiting.arrive(&second.hash());
        assert_eq!(waiting.take_ready(&mut document), [middle.clone(), last.clone()]);
        assert_eq!(waiting.let_go_behind(&[middle.hash().0, last.hash().0]), Vec::<[u8; 32]>::new());
        assert!(waiting.is_empty() && waiting.resting.is_empty() && waiting.freed.is_empty());
    }
}
