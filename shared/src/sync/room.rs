//! The server's side of one document: who has it open, what they sent, what they are owed.
//!
//! A round has three steps, and the caller makes the middle one: [`Room::receive`] applies what
//! came in and gathers the new changes; the caller commits them ([`Room::unsaved`]); then
//! [`Room::flush`] says what goes out. Nothing is sent or acknowledged before the commit.
//!
//! A connection of our own app is first brought level by automerge's sync. Once both sides have
//! the same heads it is live: changes go to and fro as they are stored, and what goes to many is
//! encoded once. Whatever does not fit (a change whose ancestors were refused, a change of
//! rights) begins the sync anew, which always ends with both sides equal.

mod admission;
mod answer;
mod apart;
mod commit;
mod extent;
mod heads;
mod heard;
mod judge;
mod objection;
mod outcome;
mod peer;
mod rescue;
mod taking;
mod waiting;

use super::{Dialect, RefusalCode, message};
use crate::document::{Chunk, Document};
use crate::id::{BoardId, DeviceId, DocumentId, ItemId, UnitId};
use crate::limits::HEADS;
use crate::trust::PublicKey;
use admission::changes_of;
pub use admission::{Known, Logs};
pub use answer::Owed;
use answer::Whole;
use automerge::ChangeHash;
use automerge::sync::ChunkList;
pub use commit::Spoilt;
pub use extent::{Extent, NEARLY_FULL, Written};
use heard::{Filters, hear};
pub use objection::{Doubted, Fault, Objection};
pub use outcome::{Outgoing, ReceiveError, TakenIn};
use peer::Peer;
pub use rescue::{Rescued, signed_entries};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Names a connection for as long as it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// The rights of a connection to a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    pub write: bool,
    /// The log is that of the person's unit. Others may bring what is signed, no more.
    pub own: bool,
    /// The right to decide. In a log it covers decisions and marks that bind others, on a board changes
    /// of a settled plan, in a space its list of boards. Another server has it on boards that are not ours;
    /// in a space one that has it speaks for ours.
    pub decide: bool,
    /// The unit that leads the board of a log.
    pub lead: Option<UnitId>,
    /// Another server is at the other end, which has asked its own devices.
    pub server: bool,
    /// The key of that server.
    pub authority: Option<PublicKey>,
    /// The certified device at the other end.
    pub device: Option<DeviceId>,
    /// The items that may be spoken of in a log, where these are not all.
    pub items: Option<Arc<BTreeSet<ItemId>>>,
}

/// One open document.
pub struct Room {
    id: DocumentId,
    document: Document,
    /// The board and unit whose log this is.
    log_of: Option<(BoardId, UnitId)>,
    peers: BTreeMap<ConnectionId, Peer>,
    known: Known,
    saved_heads: Vec<[u8; 32]>,
    /// Changes that came in since the last look for others that rest on them.
    applied: Vec<ChangeHash>,
    /// Waiting changes are taken when that is asked for, and not before.
    defers: bool,
    /// Changes of this round as they were judged, and from whom.
    judged: Vec<([u8; 32], Option<ConnectionId>)>,
    /// The same of those that are being committed.
    committing: Vec<([u8; 32], Option<ConnectionId>)>,
    /// Changes that are new since the last round.
    fresh: Vec<Chunk>,
    /// Those among them that another process has put into the store.
    reread: BTreeSet<[u8; 32]>,
    /// How large what is stored is, and what this round has applied besides.
    stored: Extent,
    applied_now: Extent,
    /// The largest answer as of these heads.
    whole: Option<Whole>,
    filters: Filters,
    /// More is stored than fits: this is its last good state, and nothing comes in.
    frozen: bool,
}

impl Room {
    /// A room of a document whose changes are all on disk.
    #[must_use]
    pub fn new(id: DocumentId, mut document: Document, log_of: Option<(BoardId, UnitId)>) -> Self {
        let (saved_heads, stored) = (document.heads(), Extent::of(&mut document));
        let (peers, known) = (BTreeMap::new(), Known::default());
        Self {
            id,
            document,
            log_of,
            peers,
            known,
            saved_heads,
            applied: Vec::new(),
            defers: false,
            judged: Vec::new(),
            committing: Vec::new(),
            fresh: Vec::new(),
            reread: BTreeSet::new(),
            stored,
            applied_now: Extent::default(),
            whole: None,
            filters: Filters::default(),
            frozen: false,
        }
    }

    /// A room of the last good state of a document of which more is stored than fits: it is read, and
    /// nothing comes in.
    #[must_use]
    pub fn frozen(id: DocumentId, document: Document, log_of: Option<(BoardId, UnitId)>) -> Self {
        Self { frozen: true, ..Self::new(id, document, log_of) }
    }

    /// Whether nothing may come in.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Rights as far as the document takes anything.
    fn as_far_as_it_goes(&self, rights: Rights) -> Rights {
        Rights { write: rights.write && !self.frozen, ..rights }
    }

    /// Why nothing of a peer without the right comes in.
    const fn closed(&self) -> Objection {
        if self.frozen { Objection::of(Fault::Full) } else { Objection::plain(RefusalCode::NoRight) }
    }

    /// Sets the knowledge by which changes are judged from now on.
    pub fn know(&mut self, known: Known) {
        self.known = known;
    }

    /// The document.
    #[must_use]
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// The document, for saving it.
    pub const fn document_mut(&mut self) -> &mut Document {
        &mut self.document
    }

    /// A connection opens the document.
    pub fn join(&mut self, connection: ConnectionId, dialect: Dialect, rights: Rights) {
        let rights = self.as_far_as_it_goes(rights);
        self.peers.insert(connection, Peer::new(dialect, rights));
    }

    /// The rights of a connection may have changed; whether they have.
    pub fn set_rights(&mut self, connection: ConnectionId, rights: Rights) -> bool {
        let rights = self.as_far_as_it_goes(rights);
        let Some(peer) = self.peers.get_mut(&connection).filter(|peer| peer.rights != rights) else {
            return false;
        };
        let write = rights.write;
        peer.rights = rights;
        peer.refused.clear();
        if peer.live {
            peer.begin_anew();
        } else {
            // Refused changes are asked for again.
            peer.quiet = None;
            peer.state.set_read_only(true);
            peer.state.set_read_only(!write);
        }
        true
    }

    /// A connection is gone.
    pub fn leave(&mut self, connection: ConnectionId) {
        self.peers.remove(&connection);
    }

    /// How large everything is that is on disk, or about to be.
    #[must_use]
    pub const fn extent(&self) -> Extent {
        self.stored
    }

    /// The share of its bound that the document has used up, in percent; 0 while that is far off.
    #[must_use]
    pub fn used(&self) -> u8 {
        match self.stored.percent() {
            _ if self.frozen => 100,
            used if used < NEARLY_FULL => 0,
            used => used,
        }
    }

    /// Whether a connection that has the document open may write it.
    #[must_use]
    pub fn may_write(&self, connection: ConnectionId) -> bool {
        self.peers.get(&connection).is_some_and(|peer| peer.rights.write)
    }

    /// Whether nobody has the document open.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.peers.is_empty()
    }

    /// The connections that have it open.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> + '_ {
        self.peers.keys().copied()
    }

    /// Takes a sync message; `anew` when the device has begun this document anew.
    ///
    /// # Errors
    /// [`ReceiveError`]: the connection, or the document in memory, cannot be gone on with.
    pub fn receive(
        &mut self,
        connection: ConnectionId,
        bytes: &[u8],
        anew: bool,
    ) -> Result<(), ReceiveError> {
        let mut message = message::read(bytes).map_err(ReceiveError::Unreadable)?;
        let brings = !message.changes.is_empty();
        let heads: Vec<[u8; 32]> = message.heads.iter().map(|hash| hash.0).collect();
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        if anew && peer.dialect == Dialect::Tongban {
            peer.begin_anew();
        }
        if brings {
            // Nothing of a peer without the right is read.
            let changes = if peer.rights.write { changes_of(message.changes.iter()) } else { Ok(Vec::new()) };
            // Only judged changes are applied, and nothing else of the message.
            let brought = std::mem::replace(&mut message.changes, ChunkList::empty());
            if changes.is_err() {
                self.put_down_unread(connection, brought.iter());
            }
            let taken = match changes {
                Ok(changes) => self.take_whole(connection, changes)?,
                Err(why) => Err(why.into()),
            };
            if let Err(stopped) = taken {
                if let Some(peer) = self.peers.get_mut(&connection) {
                    peer.owes_ack |= !self.judged.is_empty();
                }
                let left = if stopped.left.is_empty() { heads } else { stopped.left };
                self.refuse(connection, stopped.why, left);
                return self.take_waiting();
            }
            self.take_waiting()?;
        }
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        (peer.newer, peer.quiet) = (None, None);
        peer.apart.hear(&mut message);
        hear(&mut self.document, &mut peer.state, message);
        self.look_at_heads(connection, heads);
        Ok(())
    }

    /// Looks whether everything is here that a connection has said to have: then it is owed an acknowledgement, and
    /// may be live. If something of it waits here, that is looked at again when it has come in.
    pub(in crate::sync) fn look_at_heads(&mut self, connection: ConnectionId, heads: Vec<[u8; 32]>) {
        // Changes that the peer has and we lack were either refused or are still to come.
        let (ours, closed) = (self.document.heads(), self.closed());
        let Some(peer) = self.peers.get_mut(&connection) else { return };
        let mut known =
            |head: &[u8; 32]| peer.apart.holds(&ChangeHash(*head)) || self.document.contains(head);
        let unknown: Vec<[u8; 32]> = heads.iter().filter(|head| !known(head)).copied().collect();
        let ours: BTreeSet<[u8; 32]> = peer.apart.heads(&ours).into_iter().collect();
        peer.told.clear();
        if unknown.is_empty() {
            peer.owes_ack = true;
            if peer.dialect == Dialect::Tongban && (peer.live || ours == heads.iter().copied().collect()) {
                peer.go_live(heads);
            }
            return;
        }
        // A document has no more heads than these.
        peer.told = if heads.len() <= HEADS { heads } else { Vec::new() };
        if peer.live {
            peer.begin_anew();
        }
        if !peer.rights.write && unknown.iter().any(|head| !peer.refused.contains(head)) {
            peer.refused = unknown.iter().copied().collect();
            peer.tell_refused(closed, unknown);
        }
    }
}

impl std::fmt::Debug for Room {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Room({:?}, {} peers)", self.document, self.peers.len())
    }
}

#[cfg(test)]
mod tests;
