//! The server's side of one document: who has it open, what they sent, what they are owed.
//!
//! A round has three steps, and the caller makes the middle one: [`Room::receive`] applies what
//! came in and gathers the new changes; the caller commits them ([`Room::unsaved`]); then
//! [`Room::flush`] says what goes out. Nothing is sent or acknowledged before the commit.

use super::RefusalCode;
use crate::document::{Chunk, Document, Kind};
use crate::entry::Entry;
use crate::id::UnitId;
use automerge::sync::{Message, State, SyncDoc};
use std::collections::BTreeMap;

/// The largest document a room takes, in bytes of changes received.
pub const MAX_DOCUMENT_BYTES: usize = 128 * 1024 * 1024;

/// Names a connection for as long as it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// What goes to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A sync message.
    Sync(Vec<u8>),
    /// The server has these heads on its disk.
    Ack(Vec<[u8; 32]>),
    /// Changes were not taken.
    Refused { code: RefusalCode, changes: Vec<[u8; 32]> },
}

struct Peer {
    state: State,
    may_write: bool,
    /// Heads that the peer told us of and that are not acknowledged yet.
    owes_ack: bool,
    refused: Vec<[u8; 32]>,
    refusal: Option<(RefusalCode, Vec<[u8; 32]>)>,
}

/// One open document.
pub struct Room {
    document: Document,
    /// The unit whose log this is.
    log_of: Option<UnitId>,
    peers: BTreeMap<ConnectionId, Peer>,
    saved_heads: Vec<[u8; 32]>,
    bytes: usize,
}

/// A message that cannot be read: the connection is to be closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("sync message cannot be read: {0}")]
pub struct Unreadable(pub String);

impl Room {
    /// A room of a document whose changes are all on disk.
    #[must_use]
    pub fn new(mut document: Document, log_of: Option<UnitId>) -> Self {
        let saved_heads = document.heads();
        Self { document, log_of, peers: BTreeMap::new(), saved_heads, bytes: 0 }
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
    pub fn join(&mut self, connection: ConnectionId, may_write: bool) {
        let mut state = State::new();
        if !may_write {
            state.read_only = true;
        }
        let peer = Peer { state, may_write, owes_ack: false, refused: Vec::new(), refusal: None };
        self.peers.insert(connection, peer);
    }

    /// The rights of a connection changed.
    pub fn set_rights(&mut self, connection: ConnectionId, may_write: bool) {
        if let Some(peer) = self.peers.get_mut(&connection)
            && peer.may_write != may_write
        {
            peer.may_write = may_write;
            peer.state.set_read_only(!may_write);
            peer.refused.clear();
        }
    }

    /// A connection is gone.
    pub fn leave(&mut self, connection: ConnectionId) {
        self.peers.remove(&connection);
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

    /// Takes a sync message.
    ///
    /// # Errors
    /// [`Unreadable`] when it is none.
    pub fn receive(&mut self, connection: ConnectionId, bytes: &[u8]) -> Result<(), Unreadable> {
        let message = Message::decode(bytes).map_err(|error| Unreadable(error.to_string()))?;
        let brings = !message.changes.is_empty();
        let heads: Vec<[u8; 32]> = message.heads.iter().map(|hash| hash.0).collect();
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        if brings && peer.may_write {
            self.bytes += bytes.len();
            if self.bytes > MAX_DOCUMENT_BYTES {
                peer.refusal = Some((RefusalCode::TooLarge, heads));
                return Ok(());
            }
            if let Some(log_of) = self.log_of
                && !appends_only(&mut self.document, &peer.state, message.clone(), log_of)
            {
                peer.refusal = Some((RefusalCode::Invalid, heads));
                return Ok(());
            }
        }
        let received = self.document.automerge().sync().receive_sync_message(&mut peer.state, message);
        received.map_err(|error| Unreadable(error.to_string()))?;
        // What the peer has and we lack was either refused or is still to come.
        let unknown: Vec<[u8; 32]> = heads.into_iter().filter(|head| !self.document.contains(head)).collect();
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        if !peer.may_write && unknown.iter().any(|head| !peer.refused.contains(head)) {
            peer.refused.clone_from(&unknown);
            peer.refusal = Some((RefusalCode::NoRight, unknown));
        } else if unknown.is_empty() {
            peer.owes_ack = true;
        }
        Ok(())
    }

    /// Changes that are in memory and not yet on disk.
    pub fn unsaved(&mut self) -> Vec<Chunk> {
        self.document.changes_since(&self.saved_heads)
    }

    /// Everything is on disk now: what is to be sent to whom.
    pub fn flush(&mut self) -> Vec<(ConnectionId, Outgoing)> {
        self.saved_heads = self.document.heads();
        let mut out = Vec::new();
        for (connection, peer) in &mut self.peers {
            if let Some(message) = self.document.automerge().sync().generate_sync_message(&mut peer.state) {
                out.push((*connection, Outgoing::Sync(message.encode())));
            }
            if let Some((code, changes)) = peer.refusal.take() {
                out.push((*connection, Outgoing::Refused { code, changes }));
            }
            if std::mem::take(&mut peer.owes_ack) {
                out.push((*connection, Outgoing::Ack(self.saved_heads.clone())));
            }
        }
        out
    }
}

impl std::fmt::Debug for Room {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Room({:?}, {} peers)", self.document, self.peers.len())
    }
}

/// Whether a message only adds readable entries of the log's own unit. Tried on a copy, for a
/// change that was applied cannot be taken out again.
fn appends_only(document: &mut Document, state: &State, message: Message, log_of: UnitId) -> bool {
    if document.kind() != Kind::Log {
        return true;
    }
    let before = document.entries().0;
    let mut trial = document.automerge().fork();
    let mut state = state.clone();
    if trial.sync().receive_sync_message(&mut state, message).is_err() {
        return false;
    }
    let (after, unreadable) = Document::entries_of(&trial);
    let kept = before.iter().all(|(id, entry)| after.get(id) == Some(entry));
    let own = |entry: &Entry| entry.author.unit == log_of;
    kept && unreadable == 0 && after.values().all(own)
}
