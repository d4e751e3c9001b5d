//! The server's side of one document: who has it open, what they sent, what they are owed.
//!
//! A round has three steps, and the caller makes the middle one: [`Room::receive`] applies what
//! came in and gathers the new changes; the caller commits them ([`Room::unsaved`]); then
//! [`Room::flush`] says what goes out. Nothing is sent or acknowledged before the commit.

use super::RefusalCode;
use crate::document::{Chunk, Document};
use crate::entry::{Entry, EntryKind};
use crate::id::{BoardId, EntryId, UnitId};
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

/// What a connection may do with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights {
    pub write: bool,
    /// Of a log: write decisions and marks that bind others.
    pub decide: bool,
}

struct Peer {
    state: State,
    rights: Rights,
    /// Heads that the peer told us of and that are not acknowledged yet.
    owes_ack: bool,
    refused: Vec<[u8; 32]>,
    refusal: Option<(RefusalCode, Vec<[u8; 32]>)>,
}

/// One open document.
pub struct Room {
    document: Document,
    /// The board and unit whose log this is.
    log_of: Option<(BoardId, UnitId)>,
    peers: BTreeMap<ConnectionId, Peer>,
    saved_heads: Vec<[u8; 32]>,
    bytes: usize,
}

/// A message that ends its connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    #[error("sync message cannot be read: {0}")]
    Unreadable(String),
    /// The document in memory is spoilt: it must be dropped without a commit and loaded anew.
    #[error("a change would have replaced what every document begins with")]
    Poison,
}

impl Room {
    /// A room of a document whose changes are all on disk.
    #[must_use]
    pub fn new(mut document: Document, log_of: Option<(BoardId, UnitId)>) -> Self {
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
    pub fn join(&mut self, connection: ConnectionId, rights: Rights) {
        let mut state = State::new();
        if !rights.write {
            state.read_only = true;
        }
        let peer = Peer { state, rights, owes_ack: false, refused: Vec::new(), refusal: None };
        self.peers.insert(connection, peer);
    }

    /// The rights of a connection may have changed; whether they have.
    pub fn set_rights(&mut self, connection: ConnectionId, rights: Rights) -> bool {
        let Some(peer) = self.peers.get_mut(&connection).filter(|peer| peer.rights != rights) else {
            return false;
        };
        if peer.rights.write != rights.write {
            peer.state.set_read_only(!rights.write);
        }
        peer.rights = rights;
        peer.refused.clear();
        true
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
    /// [`ReceiveError`]: the connection, or the document in memory, cannot be gone on with.
    pub fn receive(&mut self, connection: ConnectionId, bytes: &[u8]) -> Result<(), ReceiveError> {
        let unreadable = |error: &dyn std::fmt::Display| ReceiveError::Unreadable(error.to_string());
        let message = Message::decode(bytes).map_err(|error| unreadable(&error))?;
        let brings = !message.changes.is_empty();
        let heads: Vec<[u8; 32]> = message.heads.iter().map(|hash| hash.0).collect();
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        if brings && peer.rights.write {
            if self.bytes + bytes.len() > MAX_DOCUMENT_BYTES {
                peer.refusal = Some((RefusalCode::TooLarge, heads));
                return Ok(());
            }
            if let Some((board, unit)) = self.log_of
                && !appends_only(&mut self.document, peer, message.clone(), board, unit)
            {
                peer.refusal = Some((RefusalCode::Invalid, heads));
                return Ok(());
            }
        }
        let received = self.document.automerge().sync().receive_sync_message(&mut peer.state, message);
        received.map_err(|error| unreadable(&error))?;
        if brings && !self.document.roots_intact() {
            return Err(ReceiveError::Poison);
        }
        // What the peer has and we lack was either refused or is still to come.
        let unknown: Vec<[u8; 32]> = heads.into_iter().filter(|head| !self.document.contains(head)).collect();
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        if !peer.rights.write && unknown.iter().any(|head| !peer.refused.contains(head)) {
            peer.refused.clone_from(&unknown);
            peer.refusal = Some((RefusalCode::NoRight, unknown));
        } else if unknown.is_empty() {
            peer.owes_ack = true;
        }
        Ok(())
    }

    /// Changes that are in memory and not yet on disk.
    pub fn unsaved(&mut self) -> Vec<Chunk> {
        let chunks = self.document.changes_since(&self.saved_heads);
        self.bytes += chunks.iter().map(|chunk| chunk.bytes.len()).sum::<usize>();
        chunks
    }

    /// Everything is on disk now: what is to be sent to whom.
    pub fn flush(&mut self) -> Vec<(ConnectionId, Outgoing)> {
        self.saved_heads = self.document.heads();
        // Nobody reads events here; they must not gather.
        self.document.forget_events();
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

/// Whether a message only adds readable entries of the log's own unit and board, of kinds that
/// the writer may write. Tried on a copy, for an applied change cannot be taken out again.
fn appends_only(
    document: &mut Document,
    peer: &Peer,
    message: Message,
    board: BoardId,
    unit: UnitId,
) -> bool {
    let before = document.entries().0;
    let mut trial = document.automerge().fork();
    let mut state = peer.state.clone();
    if trial.sync().receive_sync_message(&mut state, message).is_err() {
        return false;
    }
    let (after, unreadable) = Document::entries_of(&trial);
    let kept = before.iter().all(|(id, entry)| after.get(id) == Some(entry));
    let fits = |(id, entry): (&EntryId, &Entry)| {
        let binding = matches!(entry.kind, EntryKind::CloseDecision | EntryKind::Retire | EntryKind::Restore);
        let own = entry.author.unit == unit && entry.subject.board == board;
        before.contains_key(id) || (own && (peer.rights.decide || !binding))
    };
    kept && unreadable == 0 && after.iter().all(fits)
}
