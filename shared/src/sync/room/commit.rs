//! The end of a round: its changes for the disk, and after that what goes out to whom.

use super::answer::answer;
use super::peer::Refusal;
use super::{ConnectionId, Extent, Outgoing, Room};
use crate::document::chunk::measure;
use crate::document::{self, Chunk};
use crate::limits::CHANGE_OPERATIONS;
use crate::sync::frame::Frame;
use automerge::ChangeHash;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A change in memory is not the one that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoilt {
    /// The connections that brought it.
    pub by: BTreeSet<ConnectionId>,
}

/// So many operations are gathered in some milliseconds.
const LARGE: u64 = 2000;

impl Room {
    /// Changes that are in memory and not yet on disk.
    ///
    /// # Errors
    /// [`Spoilt`]: automerge would write one of them otherwise than it came. The document in memory must
    /// be dropped without a commit and loaded anew.
    pub fn unsaved(&mut self) -> Result<Vec<Chunk>, Spoilt> {
        let judged = std::mem::take(&mut self.judged);
        // A word that brought nothing needs no walk through the history.
        let gathered = match self.document.heads() == self.saved_heads {
            true => Ok(Vec::new()),
            false => document::guarded(|| Ok(self.document.changes_since(&self.saved_heads))),
        };
        let Ok(fresh) = gathered else { return Err(Spoilt { by: self.spoilt_by(&judged) }) };
        // Changes that rest on another one name it by the hash under which it came.
        let written: BTreeSet<[u8; 32]> = fresh.iter().map(|chunk| chunk.hash).collect();
        if judged.iter().any(|(hash, _)| !written.contains(hash)) {
            return Err(Spoilt { by: self.spoilt_by(&judged) });
        }
        (self.fresh, self.committing) = (fresh, judged);
        let reread = std::mem::take(&mut self.reread);
        let unsaved: Vec<Chunk> =
            self.fresh.iter().filter(|chunk| !reread.contains(&chunk.hash)).cloned().collect();
        // Changes of the server itself are among them, not counted when they were applied.
        let bytes = unsaved.iter().map(|chunk| chunk.bytes.len() as u64).sum();
        let count = |chunk: &Chunk| measure(&chunk.bytes, u64::MAX).map_or(0, |size| size.operations);
        let counted = unsaved.iter().map(count).sum();
        let operations = std::mem::take(&mut self.applied_now).operations.max(counted);
        self.stored = self.stored.and(Extent { bytes, operations });
        Ok(unsaved)
    }

    /// Whether this round has changed the document, also by what another process wrote.
    #[must_use]
    pub const fn has_news(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// As much as was taken in and is not being committed yet.
    #[must_use]
    pub const fn taken_now(&self) -> Extent {
        self.applied_now
    }

    /// The connection that brought a change which is being committed, if one did.
    #[must_use]
    pub fn brought_by(&self, hash: &[u8; 32]) -> Option<ConnectionId> {
        self.committing.iter().find(|(brought, _)| brought == hash).and_then(|(_, from)| *from)
    }

    /// The connections whose changes automerge would write otherwise, each change asked for by itself.
    fn spoilt_by(&mut self, judged: &[([u8; 32], Option<ConnectionId>)]) -> BTreeSet<ConnectionId> {
        let mut by = BTreeSet::new();
        for (hash, from) in judged {
            let Some(from) = from.filter(|from| !by.contains(from)) else { continue };
            let doc = self.document.automerge();
            let written = document::guarded(|| Ok(doc.get_change_by_hash(&ChangeHash(*hash))));
            if !written.is_ok_and(|change| change.is_some_and(|change| change.hash().0 == *hash)) {
                by.insert(from);
            }
        }
        by
    }

    /// Whether so much was applied that gathering it takes a while.
    #[must_use]
    pub const fn is_large(&self) -> bool {
        self.applied_now.operations > LARGE
    }

    /// Whether reading all of it takes a while.
    #[must_use]
    pub fn is_long(&self) -> bool {
        self.extent().operations > LARGE
    }

    /// Whether so much was applied that it is committed before more is taken.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.applied_now.operations >= CHANGE_OPERATIONS
    }

    /// Everything is on disk now: what is to be sent to whom.
    pub fn flush(&mut self) -> Vec<(ConnectionId, Outgoing)> {
        self.flush_for(|_| true)
    }

    /// The same, but that only those are answered that are being brought level and whose turn it is. Other
    /// answers wait, and are made in a later round.
    pub fn flush_for(
        &mut self,
        mut has_turn: impl FnMut(ConnectionId) -> bool,
    ) -> Vec<(ConnectionId, Outgoing)> {
        self.saved_heads = self.document.heads();
        self.committing.clear();
        // Nobody reads events here; they must not gather.
        self.document.forget_events();
        let fresh = std::mem::take(&mut self.fresh);
        if !fresh.is_empty() {
            self.whole = None;
        }
        let encode = |chunks: &mut dyn Iterator<Item = &Chunk>| -> Vec<Arc<[u8]>> {
            let frames = Frame::of_changes(self.id, chunks.map(|chunk| chunk.bytes.clone()));
            frames.iter().map(|frame| frame.encode().into()).collect()
        };
        let mut for_all: Option<Vec<Arc<[u8]>>> = None;
        let mut out = Vec::new();
        for (connection, peer) in &mut self.peers {
            let mut send = |outgoing| out.push((*connection, outgoing));
            if let Some(heads) = peer.tell_live.take() {
                send(Outgoing::Live(heads));
            }
            let brought = std::mem::take(&mut peer.brought);
            if !peer.live {
                peer.owed = peer.may_answer(&self.saved_heads);
                if peer.owed && has_turn(*connection) {
                    let kept = (&mut self.whole, &mut self.filters);
                    answer(&mut self.document, kept, peer).into_iter().for_each(&mut send);
                }
            } else if brought.is_empty() && !fresh.is_empty() {
                let frames = for_all.get_or_insert_with(|| encode(&mut fresh.iter()));
                frames.iter().for_each(|frame| send(Outgoing::Changes(Arc::clone(frame))));
                peer.owes_ack = true;
            } else if fresh.iter().any(|chunk| !brought.contains(&chunk.hash)) {
                let others = &mut fresh.iter().filter(|chunk| !brought.contains(&chunk.hash));
                encode(others).into_iter().for_each(|frame| send(Outgoing::Changes(frame)));
                peer.owes_ack = true;
            }
            // First: a device takes it for the end of refusals that it heard of before.
            if std::mem::take(&mut peer.owes_ack) {
                send(Outgoing::Ack(peer.apart.heads(&self.saved_heads)));
            }
            for Refusal { why, changes, times } in std::mem::take(&mut peer.refusals) {
                send(Outgoing::Refused { why, changes, times });
            }
        }
        out
    }
}
