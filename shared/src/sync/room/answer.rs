//! Answers to connections that are being brought level: each may be the whole document. They are weighed before
//! they are made, and made when it is their turn.

use super::heard::{Filters, look_through};
use super::objection::{Fault, Objection};
use super::peer::Peer;
use super::{ConnectionId, Outgoing, Room};
use crate::document::{self, Document};
use automerge::ChangeHash;
use automerge::sync::{State, SyncDoc};
use std::sync::Arc;

/// A large answer, as it is sent to all who begin from nothing: it comes of the document and of what is known of
/// a connection, which is the same of them all.
pub(super) struct Whole {
    heads: Vec<[u8; 32]>,
    before: State,
    after: State,
    message: Arc<Vec<u8>>,
}

/// Bytes of an answer that is made anew each time.
const A_LITTLE: usize = 16 * 1024;

/// An answer that is still to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    pub to: ConnectionId,
    /// Bytes that it takes at the most, with what is kept of it.
    pub bytes: u64,
    /// Whether it may be found to take less, for which changes are gathered.
    pub may_take_less: bool,
}

impl Room {
    /// The connections that are being brought level, and for which there may be something to say.
    pub fn to_answer(&mut self) -> Vec<Owed> {
        let (heads, stored) = (self.document.heads(), self.stored);
        let waits = self.peers.iter().filter(|(_, peer)| !peer.live && peer.may_answer(&heads));
        let owed = waits.map(|(to, peer)| {
            let (bytes, may_take_less) = peer.answer_bytes(&heads, stored);
            Owed { to: *to, bytes, may_take_less }
        });
        owed.collect()
    }

    /// Finds how much came after what a connection says it has: its answer takes no more.
    pub fn measure(&mut self, connection: ConnectionId) {
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.measure(&mut self.document);
        }
    }

    /// Whether an answer waits for its turn.
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

    /// Bytes of the large answer that is kept for the next who is to have the same.
    #[must_use]
    pub fn whole_bytes(&self) -> u64 {
        self.whole.as_ref().map_or(0, |whole| whole.message.len() as u64)
    }

    /// Lets go of them.
    pub fn forget_whole(&mut self) {
        self.whole = None;
    }
}

/// The next message to a connection that is being brought level, if there is one. A question over which automerge
/// stumbles is its sender's fault, and nobody else's.
pub(super) fn answer(
    document: &mut Document,
    (whole, filters): (&mut Option<Whole>, &mut Filters),
    peer: &mut Peer,
) -> Option<Outgoing> {
    (peer.owed, peer.lacked) = (false, 0);
    let heads = document.heads();
    if whole.as_ref().is_some_and(|whole| whole.heads != heads) {
        *whole = None;
    }
    look_through(document, &mut peer.state);
    let alone = peer.waiting.is_empty() && peer.apart.is_empty() && peer.state.their_heads.is_some();
    if let Some(whole) = whole.as_ref().filter(|whole| alone && whole.before == peer.state) {
        peer.state = whole.after.clone();
        return Some(Outgoing::Sync(Arc::clone(&whole.message)));
    }
    let before = alone.then(|| peer.state.clone());
    let state = &mut peer.state;
    // As if both sides had everything: the filter of what one of them lacks is kept.
    let ours = heads.iter().copied().map(ChangeHash).collect();
    let last_sync = std::mem::replace(&mut state.shared_heads, ours);
    let made = document::guarded(|| Ok(document.automerge().sync().generate_sync_message(state)));
    state.shared_heads.clone_from(&last_sync);
    match made {
        Ok(Some(mut message)) => {
            if !peer.waiting.is_empty() {
                message.need = peer.waiting.needs(message.need);
            }
            // One that is to begin anew is told of no filter.
            if peer.state.in_flight && !message.have.is_empty() {
                message.have = vec![filters.of(document, &heads, last_sync)];
            }
            peer.apart.tell(&mut message);
            // automerge tells a peer to begin anew as often as it is asked.
            peer.quiet = (!peer.state.in_flight).then(|| heads.clone());
            let message = Arc::new(message.encode());
            let kept = whole.as_ref().map_or(A_LITTLE, |whole| whole.message.len());
            if let Some(before) = before.filter(|_| message.len() >= kept) {
                let (after, message) = (peer.state.clone(), Arc::clone(&message));
                *whole = Some(Whole { heads, before, after, message });
            }
            Some(Outgoing::Sync(message))
        }
        Ok(None) => {
            peer.quiet = Some(heads);
            None
        }
        Err(_) => {
            peer.begin_anew();
            peer.tell_refused(Objection::of(Fault::Unreadable), Vec::new());
            None
        }
    }
}
