//! Changes of a log that stay out, with all that rests on them. If a device has signed two records under one
//! number, the one that came first stands; the other is its writer's doing, and not that of a colleague who had it
//! by file and has written on. No change can come in without those that it rests on: so the records are taken out
//! of it and brought in for themselves, each judged as if it came alone. Towards the device that has such changes
//! the room speaks as if it had them.

use super::admission::{Records, entries_fit};
use super::objection::{Fault, Objection};
use super::{ConnectionId, Extent, ReceiveError, Rights, Room, Written};
use crate::document::{Kind, Stamp, genesis};
use crate::edit::Edit;
use crate::limits::{HEADS, REFUSED_BYTES, REFUSED_OPERATIONS};
use automerge::sync::Message;
use automerge::{Change, ChangeHash};
use std::collections::BTreeSet;

/// The changes of a connection that stay out.
#[derive(Default)]
pub(super) struct Apart {
    all: BTreeSet<ChangeHash>,
    /// Those of them on which no other rests.
    tips: BTreeSet<ChangeHash>,
}

impl Apart {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn holds(&self, hash: &ChangeHash) -> bool {
        self.all.contains(hash)
    }

    /// Whether a change rests on some of them.
    pub(super) fn is_under(&self, change: &Change) -> bool {
        !self.is_empty() && change.deps().iter().any(|hash| self.holds(hash))
    }

    /// Whether a change leaves as many heads of what stays out as a document may have, or no more than there are:
    /// they are told with each acknowledgement.
    fn fits(&self, change: &Change) -> bool {
        change.deps().iter().any(|hash| self.tips.contains(hash)) || self.tips.len() < HEADS
    }

    pub(super) fn put(&mut self, change: &Change) {
        change.deps().iter().for_each(|hash| _ = self.tips.remove(hash));
        self.tips.insert(change.hash());
        self.all.insert(change.hash());
    }

    /// Heads of the document as the device has them.
    pub(super) fn heads(&self, ours: &[[u8; 32]]) -> Vec<[u8; 32]> {
        let all: BTreeSet<[u8; 32]> = ours.iter().copied().chain(self.tips.iter().map(|tip| tip.0)).collect();
        all.into_iter().collect()
    }

    /// The same for a message to it.
    pub(super) fn tell(&self, message: &mut Message) {
        if !self.is_empty() {
            message.heads.extend(&self.tips);
            message.heads.sort_unstable();
            message.heads.dedup();
            message.need.retain(|hash| !self.holds(hash));
        }
    }

    /// Takes them out of what the device says it has. A device that has anything has what every log begins with.
    pub(super) fn hear(&self, message: &mut Message) {
        if self.is_empty() {
            return;
        }
        let told =
            [&mut message.heads].into_iter().chain(message.have.iter_mut().map(|have| &mut have.last_sync));
        for hashes in told.filter(|hashes| !hashes.is_empty()) {
            hashes.retain(|hash| !self.holds(hash));
            if hashes.is_empty() {
                hashes.extend(genesis::heads(Kind::Log).iter().map(|hash| ChangeHash(*hash)));
            }
        }
    }

    /// Bytes of memory that they take.
    pub(super) fn bytes(&self) -> usize {
        2 * size_of::<ChangeHash>() * (self.all.len() + self.tips.len())
    }
}

impl Room {
    /// Leaves a change out of a log, and takes in the records that it holds: how many are new, and why others
    /// are not taken.
    ///
    /// # Errors
    /// As [`Room::receive`]; within it, why not even that can be done.
    pub(super) fn set_apart(
        &mut self,
        (from, rights): (Option<ConnectionId>, &Rights),
        change: &Change,
    ) -> Result<Result<(usize, Vec<Objection>), Objection>, ReceiveError> {
        let Some(log) = self.log_of else { return Ok(Err(Objection::of(Fault::Numbers))) };
        let peer = from.and_then(|from| self.peers.get(&from));
        if peer.is_some_and(|peer| !peer.apart.fits(change)) {
            return Ok(Err(Objection::of(Fault::Scattered)));
        }
        let found = entries_fit(self.document.automerge(), change, (rights, &self.known), log);
        let Records { new, others } = match found {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        let bytes: u64 = new.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let extent = Extent { bytes, operations: new.len() as u64 };
        // Judging it costs as much as taking it, also where it comes again with each connection.
        let (all, many) = (change.raw_bytes().len() as u64, change.len() as u64);
        let (bytes, operations) = (bytes.max(all), extent.operations.max(many));
        let mut written = Written { bytes, operations, actors: 0 };
        if new.is_empty() && all <= REFUSED_BYTES && many <= REFUSED_OPERATIONS {
            // A carrier of a colleague's records brings them again with each connection.
            written = Written::default();
        }
        if !self.stored.and(self.applied_now).and(extent).fits() {
            return Ok(Err(Objection::of(Fault::Full)));
        }
        if let Some(Err(why)) = from.map(|from| self.share_fits(from, written)) {
            return Ok(Err(why));
        }
        let count = new.len();
        let edits: Vec<Edit> = new.into_iter().map(|(id, bytes)| Edit::AddEntry { id, bytes }).collect();
        if !edits.is_empty() {
            self.document.edit_all(&edits, &Stamp::default()).map_err(|_| ReceiveError::Poison)?;
        }
        self.applied_now = self.applied_now.and(extent);
        if let Some(from) = from {
            self.put_down(from, written);
        }
        Ok(Ok((count, others)))
    }
}
