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
mod peer;
mod waiting;

use super::frame::Frame;
use super::{Dialect, RefusalCode, message};
use crate::document::{Chunk, Document, Kind, MAX_DOCUMENT_BYTES};
use crate::id::{BoardId, DeviceId, DocumentId, ItemId, SpaceId, UnitId};
use admission::{
    Budget, actors_fit, appends_only, changes_of, numbers_fit, plan_fits, roots_fit, statements_fit,
};
pub use admission::{Doubted, Known, Objection};
use automerge::sync::{ChunkList, SyncDoc};
use automerge::{Change, ChangeHash};
use peer::Peer;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use waiting::in_order;

/// Names a connection for as long as it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// A message to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A sync message.
    Sync(Vec<u8>),
    /// Both sides have these heads.
    Live(Vec<[u8; 32]>),
    /// A whole frame of changes, the same bytes for all who get it.
    Changes(Arc<[u8]>),
    /// The server has these heads on its disk.
    Ack(Vec<[u8; 32]>),
    /// Changes were not taken.
    Refused { why: Objection, changes: Vec<[u8; 32]> },
}

/// The rights of a connection to a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    pub write: bool,
    /// The log is that of the person's unit. Others may bring what is signed, no more.
    pub own: bool,
    /// The right to decide. In a log it covers decisions and marks that bind others, on a board changes
    /// of a settled plan, in a space its list of boards.
    pub decide: bool,
    /// The unit that leads the board of a log.
    pub lead: Option<UnitId>,
    /// Another server is at the other end, which has asked its own devices.
    pub server: bool,
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
    /// Changes that this round commits.
    fresh: Vec<Chunk>,
    bytes: usize,
}

/// The outcome of changes that came by a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakenIn {
    pub new: usize,
    pub refused: Vec<Objection>,
    /// Changes whose ancestors are neither here nor in the file.
    pub waiting: usize,
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
    pub fn new(id: DocumentId, mut document: Document, log_of: Option<(BoardId, UnitId)>) -> Self {
        let saved_heads = document.heads();
        let (peers, known) = (BTreeMap::new(), Known::default());
        Self {
            id,
            document,
            log_of,
            peers,
            known,
            saved_heads,
            applied: Vec::new(),
            fresh: Vec::new(),
            bytes: 0,
        }
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
        self.peers.insert(connection, Peer::new(dialect, rights));
    }

    /// The rights of a connection may have changed; whether they have.
    pub fn set_rights(&mut self, connection: ConnectionId, rights: Rights) -> bool {
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
            peer.state.set_read_only(true);
            peer.state.set_read_only(!write);
        }
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
        let unreadable = |error: &dyn std::fmt::Display| ReceiveError::Unreadable(error.to_string());
        let mut message = message::read(bytes).map_err(ReceiveError::Unreadable)?;
        let brings = !message.changes.is_empty();
        let heads: Vec<[u8; 32]> = message.heads.iter().map(|hash| hash.0).collect();
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        if anew && peer.dialect == Dialect::Tongban {
            peer.begin_anew();
        }
        if brings {
            // Nothing of a peer without the right is read.
            let changes = if peer.rights.write { changes_of(&message) } else { Ok(Vec::new()) };
            // Only judged changes are applied, and nothing else of the message.
            message.changes = ChunkList::empty();
            if let Err(why) = self.take_whole(connection, changes, bytes.len())? {
                return self.refuse(connection, why, heads);
            }
            self.take_waiting()?;
        }
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        let received = self.document.automerge().sync().receive_sync_message(&mut peer.state, message);
        received.map_err(|error| unreadable(&error))?;
        // Changes that the peer has and we lack were either refused or are still to come.
        let unknown: Vec<[u8; 32]> =
            heads.iter().filter(|head| !self.document.contains(head)).copied().collect();
        let ours: BTreeSet<[u8; 32]> = self.document.heads().into_iter().collect();
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        if unknown.is_empty() {
            peer.owes_ack = true;
            if peer.dialect == Dialect::Tongban && (peer.live || ours == heads.iter().copied().collect()) {
                (peer.live, peer.tell_live) = (true, Some(heads));
            }
            return Ok(());
        }
        if peer.live {
            peer.begin_anew();
        }
        if !peer.rights.write && unknown.iter().any(|head| !peer.refused.contains(head)) {
            peer.refused.clone_from(&unknown);
            peer.tell_refused(Objection::plain(RefusalCode::NoRight), unknown);
        }
        Ok(())
    }

    /// Takes changes of a live connection. Those of one that is not live are left: it is being
    /// brought level, and they come again that way.
    ///
    /// # Errors
    /// As [`Room::receive`].
    pub fn receive_changes(
        &mut self,
        connection: ConnectionId,
        changes: Vec<Vec<u8>>,
    ) -> Result<(), ReceiveError> {
        let Some(peer) = self.peers.get(&connection).filter(|peer| peer.live) else { return Ok(()) };
        let rights = peer.rights.clone();
        // Nothing of a peer without the right is read.
        if !rights.write {
            return self.refuse(connection, Objection::plain(RefusalCode::NoRight), Vec::new());
        }
        let (mut budget, bytes) = (Budget::new(), changes.iter().map(Vec::len).sum());
        if let Err(why) = changes.iter().try_for_each(|change| budget.spend(change)) {
            return self.refuse(connection, why, Vec::new());
        }
        let changes: Result<Vec<Change>, _> = changes.into_iter().map(Change::from_bytes).collect();
        let changes = changes.map_err(|error| ReceiveError::Unreadable(error.to_string()))?;
        let hashes: Vec<[u8; 32]> = changes.iter().map(|change| change.hash().0).collect();
        let (ready, waiting) = in_order(&mut self.document, changes);
        // An ancestor that is neither here nor in the frame was refused or never sent: nothing
        // that could only wait for it is taken in.
        if !waiting.is_empty() {
            if let Some(peer) = self.peers.get_mut(&connection) {
                peer.begin_anew();
            }
            return Ok(());
        }
        if let Err(why) = self.take(&rights, ready, bytes)? {
            return self.refuse(connection, why, hashes);
        }
        self.take_waiting()?;
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        peer.owes_ack = true;
        peer.brought.extend(hashes);
        Ok(())
    }

    /// Takes what a connection brings, as far as its ancestors are here; the rest waits.
    fn take_whole(
        &mut self,
        connection: ConnectionId,
        changes: Result<Vec<Change>, Objection>,
        bytes: usize,
    ) -> Result<Result<(), Objection>, ReceiveError> {
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(Ok(())) };
        let changes = match changes {
            Ok(changes) => changes,
            Err(why) => return Ok(Err(why)),
        };
        if !peer.rights.write {
            peer.waiting.forget();
            return Ok(Ok(()));
        }
        let ready = peer.waiting.take(&mut self.document, changes);
        if peer.waiting.is_too_much() {
            peer.waiting.forget();
            return Ok(Err(Objection::plain(RefusalCode::TooLarge)));
        }
        let rights = peer.rights.clone();
        self.take(&rights, ready, bytes)
    }

    /// Takes changes whose ancestors are all here or among them, all or none.
    fn take(
        &mut self,
        rights: &Rights,
        changes: Vec<Change>,
        bytes: usize,
    ) -> Result<Result<(), Objection>, ReceiveError> {
        if changes.is_empty() {
            return Ok(Ok(()));
        }
        let judged = self.statements(&changes).and_then(|()| self.objection(rights, bytes, &changes));
        if judged.is_ok() {
            self.applied.extend(changes.iter().map(Change::hash));
            self.apply(changes)?;
        }
        Ok(judged)
    }

    /// Takes the waiting changes of all connections that rest on what has just come in, and so on from those.
    fn take_waiting(&mut self) -> Result<(), ReceiveError> {
        loop {
            let applied = &self.applied;
            let waits = |peer: &Peer| applied.iter().any(|hash| peer.waiting.lacks(hash));
            let Some(connection) = self.peers.iter().find(|(_, peer)| waits(peer)).map(|(id, _)| *id) else {
                self.applied.clear();
                return Ok(());
            };
            // Its size was counted when it came.
            if let Err(why) = self.take_whole(connection, Ok(Vec::new()), 0)? {
                self.refuse(connection, why, Vec::new())?;
            }
        }
    }

    /// Takes changes that came by a file, one by one: what may not be taken stays out with what
    /// rests on it, and keeps nothing else out. Gives how many were new, and why others were not.
    ///
    /// # Errors
    /// As [`Room::receive`].
    pub fn take_in(&mut self, chunks: &[Vec<u8>], rights: &Rights) -> Result<TakenIn, ReceiveError> {
        let (mut changes, mut budget) = (Vec::new(), Budget::new());
        let mut taken = TakenIn::default();
        for chunk in chunks {
            match admission::changes_in(chunk, &mut budget) {
                Ok(found) => changes.extend(found),
                Err(why) => taken.refused.push(why),
            }
        }
        let (ready, waiting) = in_order(&mut self.document, changes);
        if !(rights.write || ready.is_empty() && waiting.is_empty()) {
            taken.refused.push(Objection::plain(RefusalCode::NoRight));
            return Ok(taken);
        }
        taken.waiting = waiting.len();
        // Statements of one file may rest on each other: together they are known, or each for itself.
        let together = self.statements(&ready).is_ok();
        for change in ready {
            // A change that rests on a refused one stays out with it.
            if !change.deps().iter().all(|hash| self.document.contains(&hash.0)) {
                taken.waiting += 1;
                continue;
            }
            let one = [change];
            let size = one[0].raw_bytes().len();
            let stated = if together { Ok(()) } else { self.statements(&one) };
            if let Err(why) = stated.and_then(|()| self.objection(rights, size, &one)) {
                taken.refused.push(why);
                continue;
            }
            self.apply(one)?;
            taken.new += 1;
        }
        Ok(taken)
    }

    /// Takes in what another process has put into the store.
    ///
    /// # Errors
    /// [`ReceiveError::Unreadable`] when the store holds what is no change.
    pub fn reload<'a>(&mut self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<(), ReceiveError> {
        for chunk in chunks {
            let loaded = self.document.load_more(chunk);
            loaded.map_err(|error| ReceiveError::Unreadable(error.to_string()))?;
        }
        for peer in self.peers.values() {
            self.applied.extend(peer.waiting.come(&mut self.document));
        }
        self.take_waiting()
    }

    /// Applies changes that were judged. automerge panics over some that are malformed in ways that
    /// only it can see; the document in memory is spoilt then, and nothing else.
    fn apply(&mut self, changes: impl IntoIterator<Item = Change> + Clone) -> Result<(), ReceiveError> {
        let document = self.document.automerge();
        let apply = std::panic::AssertUnwindSafe(|| document.apply_changes(changes));
        let applied = std::panic::catch_unwind(apply).map_err(|_| ReceiveError::Poison)?;
        applied.map_err(|error| ReceiveError::Unreadable(error.to_string()))?;
        if self.document.roots_intact() { Ok(()) } else { Err(ReceiveError::Poison) }
    }

    /// Whether changes leave the statements of a space alone, or bring such as are known here.
    fn statements(&self, changes: &[Change]) -> Result<(), Objection> {
        match self.document.kind() {
            Kind::Space => statements_fit(changes, SpaceId::from_bytes(*self.id.bytes()), &self.known),
            Kind::Board | Kind::Log => Ok(()),
        }
    }

    /// Whether what a connection brings may be taken.
    fn objection(&mut self, rights: &Rights, bytes: usize, changes: &[Change]) -> Result<(), Objection> {
        if self.bytes + bytes > MAX_DOCUMENT_BYTES {
            return Err(Objection::plain(RefusalCode::TooLarge));
        }
        let new: Vec<&Change> = changes.iter().collect();
        numbers_fit(&mut self.document, &new)?;
        if let Some(log) = self.log_of {
            return appends_only(self.document.automerge(), &new, (rights, &self.known), log);
        }
        let kind = self.document.kind();
        roots_fit(self.document.automerge(), kind, &new, rights)?;
        if kind == Kind::Board && !rights.decide && !rights.server {
            plan_fits(self.document.automerge(), &new)?;
        }
        actors_fit(new.iter().map(|change| change.actor_id().to_bytes()), rights, &self.known)
    }

    fn refuse(
        &mut self,
        connection: ConnectionId,
        why: Objection,
        changes: Vec<[u8; 32]>,
    ) -> Result<(), ReceiveError> {
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.tell_refused(why, changes);
            if !peer.live {
                // Else the two sides would go on asking each other for what was refused.
                peer.state.set_read_only(true);
            }
        }
        Ok(())
    }

    /// Changes that are in memory and not yet on disk.
    pub fn unsaved(&mut self) -> Vec<Chunk> {
        self.fresh = self.document.changes_since(&self.saved_heads);
        self.bytes += self.fresh.iter().map(|chunk| chunk.bytes.len()).sum::<usize>();
        self.fresh.clone()
    }

    /// Everything is on disk now: what is to be sent to whom.
    pub fn flush(&mut self) -> Vec<(ConnectionId, Outgoing)> {
        self.saved_heads = self.document.heads();
        // Nobody reads events here; they must not gather.
        self.document.forget_events();
        let fresh = std::mem::take(&mut self.fresh);
        let encode = |chunks: &mut dyn Iterator<Item = &Chunk>| -> Arc<[u8]> {
            let changes = chunks.map(|chunk| chunk.bytes.clone()).collect();
            Frame::Changes { document: self.id, changes }.encode().into()
        };
        let mut for_all: Option<Arc<[u8]>> = None;
        let mut out = Vec::new();
        for (connection, peer) in &mut self.peers {
            let mut send = |outgoing| out.push((*connection, outgoing));
            if let Some(heads) = peer.tell_live.take() {
                send(Outgoing::Live(heads));
            }
            let brought = std::mem::take(&mut peer.brought);
            if !peer.live {
                let message = self.document.automerge().sync().generate_sync_message(&mut peer.state);
                if let Some(mut message) = message {
                    if !peer.waiting.is_empty() {
                        message.need = peer.waiting.needs(&mut self.document, message.need);
                    }
                    send(Outgoing::Sync(message.encode()));
                }
            } else if brought.is_empty() && !fresh.is_empty() {
                let frame = for_all.get_or_insert_with(|| encode(&mut fresh.iter()));
                send(Outgoing::Changes(Arc::clone(frame)));
                peer.owes_ack = true;
            } else if fresh.iter().any(|chunk| !brought.contains(&chunk.hash)) {
                let others = &mut fresh.iter().filter(|chunk| !brought.contains(&chunk.hash));
                send(Outgoing::Changes(encode(others)));
                peer.owes_ack = true;
            }
            for (why, changes) in std::mem::take(&mut peer.refusals) {
                send(Outgoing::Refused { why, changes });
            }
            if std::mem::take(&mut peer.owes_ack) {
                send(Outgoing::Ack(self.saved_heads.clone()));
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

#[cfg(test)]
mod tests;
