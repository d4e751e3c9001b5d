//! The end of a round: its changes for the disk, and after that what goes out to whom.

use super::objection::{Fault, Objection};
use super::peer::Refusal;
use super::{ConnectionId, Extent, Outgoing, Room};
use crate::document::chunk::measure;
use crate::document::{self, Chunk};
use crate::limits::CHANGE_OPERATIONS;
use crate::sync::frame::Frame;
use automerge::ChangeHash;
use automerge::sync::SyncDoc;
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

/// A document of more operations, or of more bytes, takes some tens of milliseconds to encode.
const LARGE_OPERATIONS: u64 = 50_000;
const LARGE_BYTES: u64 = 4 * 1024 * 1024;

impl Room {
    /// Changes that are in memory and not yet on disk.
    ///
    /// # Errors
    /// [`Spoilt`]: automerge would write one of them otherwise than it came. The document in memory must
    /// be dropped without a commit and loaded anew.
    pub fn unsaved(&mut self) -> Result<Vec<Chunk>, Spoilt> {
        let judged = std::mem::take(&mut self.judged);
        let gathered = document::guarded(|| Ok(self.document.changes_since(&self.saved_heads)));
        let Ok(fresh) = gathered else { return Err(Spoilt { by: self.spoilt_by(&judged) }) };
        // Changes that rest on another one name it by the hash under which it came.
        let written: BTreeSet<[u8; 32]> = fresh.iter().map(|chunk| chunk.hash).collect();
        if judged.iter().any(|(hash, _)| !written.contains(hash)) {
            return Err(Spoilt { by: self.spoilt_by(&judged) });
        }
        self.fresh = fresh;
        // Changes of the server itself are among them, not counted when they were applied.
        let bytes = self.fresh.iter().map(|chunk| chunk.bytes.len() as u64).sum();
        let count = |chunk: &Chunk| measure(&chunk.bytes, u64::MAX).map_or(0, |size| size.operations);
        let counted = self.fresh.iter().map(count).sum();
        let operations = std::mem::take(&mut self.applied_now).operations.max(counted);
        self.stored = self.stored.and(Extent { bytes, operations });
        Ok(self.fresh.clone())
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

    /// Whether so much was applied that it is committed before more is taken.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.applied_now.operations >= CHANGE_OPERATIONS
    }

    /// Whether what is to be sent takes a while: to bring a device level may encode the whole document.
    #[must_use]
    pub fn answers_heavily(&self) -> bool {
        let large = self.stored.operations > LARGE_OPERATIONS || self.stored.bytes > LARGE_BYTES;
        large && self.peers.values().any(|peer| !peer.live)
    }

    /// The connections that are being brought level: each may get an answer.
    pub fn being_levelled(&self) -> impl Iterator<Item = ConnectionId> + '_ {
        self.peers.iter().filter(|(_, peer)| !peer.live).map(|(id, _)| *id)
    }

    /// Whether an answer waits for room.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.peers.values().any(|peer| peer.owed)
    }

    /// Brings a connection level anew when there is room for that: there is none for what it is to be sent, or for
    /// what is kept of it. Nothing is lost, and it has done nothing.
    pub fn put_off(&mut self, connection: ConnectionId) {
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.put_off();
        }
    }

    /// Everything is on disk now: what is to be sent to whom.
    pub fn flush(&mut self) -> Vec<(ConnectionId, Outgoing)> {
        self.flush_within(|_, _| true)
    }

    /// The same, as far as there is room for so many bytes to a connection that is being brought level. Other
    /// answers wait, and are made in a later round.
    pub fn flush_within(
        &mut self,
        mut room_for: impl FnMut(ConnectionId, u64) -> bool,
    ) -> Vec<(ConnectionId, Outgoing)> {
        self.saved_heads = self.document.heads();
        // Nobody reads events here; they must not gather.
        self.document.forget_events();
        let fresh = std::mem::take(&mut self.fresh);
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
            let document = &mut self.document;
            let fits = |bytes| room_for(*connection, bytes);
            peer.owed = !peer.live && !peer.has_room((document, self.stored), fits);
            if peer.owed {
                // Nothing of it is made before there is room.
            } else if !peer.live {
                peer.lacked = 0;
                let state = &mut peer.state;
                // A question over which automerge stumbles is its sender's fault, and nobody else's.
                match document::guarded(|| Ok(document.automerge().sync().generate_sync_message(state))) {
                    Ok(Some(mut message)) => {
                        if !peer.waiting.is_empty() {
                            message.need = peer.waiting.needs(document, message.need);
                        }
                        send(Outgoing::Sync(message.encode()));
                    }
                    Ok(None) => {}
                    Err(_) => {
                        peer.begin_anew();
                        peer.tell_refused(Objection::of(Fault::Unreadable), Vec::new());
                    }
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
                send(Outgoing::Ack(self.saved_heads.clone()));
            }
            for Refusal { why, changes, times } in std::mem::take(&mut peer.refusals) {
                send(Outgoing::Refused { why, changes, times });
            }
        }
        out
    }
}
