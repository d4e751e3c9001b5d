//! The task of one open document: applies what comes in, commits, then tells everybody.

use super::{Content, Outlet, Rooms, What, Word, refusal_words};
use crate::audit::Act;
use crate::limits;
use crate::store::Append;
use axum::body::Bytes;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tongban_shared::document::{Document, DocumentError, Kind, Stamp};
use tongban_shared::edit::Edit;
use tongban_shared::id::{DocumentId, PersonId, UnitId};
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::room::{
    ConnectionId, Known, Objection, Outgoing, ReceiveError, Rights, Room, TakenIn,
};
use tongban_shared::sync::{Dialect, RefusalCode};

pub(super) enum ToRoom {
    Join {
        outlet: Outlet,
        rights: Rights,
    },
    Message {
        outlet: Outlet,
        word: Word,
    },
    /// The rights of a connection were looked up again.
    Rights {
        connection: ConnectionId,
        rights: Rights,
    },
    Leave(ConnectionId),
    /// Changes of these hashes are in the store, maybe from another process.
    Written(Vec<[u8; 32]>),
    /// Changes that came by a file.
    TakeIn {
        changes: Vec<Vec<u8>>,
        rights: Rights,
        person: Option<PersonId>,
        done: oneshot::Sender<Result<TakenIn, ReceiveError>>,
    },
    /// The document as a board, with the entries when it is a log.
    Read(oneshot::Sender<Content>),
    /// Asks which unit led a board as of each of some heads.
    LeadsAt {
        heads: Vec<Vec<String>>,
        reply: oneshot::Sender<Vec<Option<UnitId>>>,
    },
    /// An edit of the server itself (the demonstration, administration).
    Edit {
        edits: Vec<Edit>,
        stamp: Stamp,
        done: oneshot::Sender<Result<(), DocumentError>>,
    },
    /// A chunk of the server itself.
    Chunk {
        bytes: Vec<u8>,
        done: oneshot::Sender<Result<(), DocumentError>>,
    },
}

/// One document's task. A panic in it (automerge has had some) ends this document only: dropping
/// the outlets ends its connections, and the next one to ask loads it anew.
pub(super) struct Task {
    id: DocumentId,
    what: What,
    rooms: Rooms,
    outlets: HashMap<ConnectionId, Outlet>,
    content: Option<Content>,
    since_compaction: u64,
    /// The document in memory must not be committed.
    poisoned: bool,
    /// Something of it could not be read: devices bring back what they have.
    damaged: bool,
    /// Refusals that are on the audit trail.
    recorded: HashSet<(ConnectionId, String)>,
}

impl Drop for Task {
    fn drop(&mut self) {
        for outlet in self.outlets.values() {
            outlet.cancel.cancel();
        }
    }
}

impl Task {
    pub(super) fn new(id: DocumentId, what: What, rooms: Rooms) -> Self {
        Self {
            id,
            what,
            rooms,
            outlets: HashMap::new(),
            content: None,
            since_compaction: 0,
            poisoned: false,
            damaged: false,
            recorded: HashSet::new(),
        }
    }

    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<ToRoom>) {
        self.serve(&mut inbox).await;
        // Everybody who still waits in the queue must ask anew: nothing is dropped silently.
        inbox.close();
        while let Some(message) = inbox.recv().await {
            if let ToRoom::Join { outlet, .. } | ToRoom::Message { outlet, .. } = message {
                outlet.cancel.cancel();
            }
        }
    }

    async fn serve(&mut self, inbox: &mut mpsc::Receiver<ToRoom>) {
        let mut room = match self.load().await {
            Ok(room) => room,
            Err(error) => {
                tracing::error!(document.id = %self.id, error = %error, "A document could not be loaded");
                return;
            }
        };
        let stop = self.rooms.inner.stop.clone();
        loop {
            let first = tokio::select! {
                biased;
                message = inbox.recv() => message,
                () = stop.cancelled() => break,
                () = tokio::time::sleep(limits::IDLE_ROOM), if room.is_idle() => break,
            };
            let Some(first) = first else { break };
            let mut replies = Vec::new();
            self.fetch(&mut room, &first).await;
            self.take(&mut room, first, &mut replies);
            for _ in 1..limits::BATCH {
                let Ok(message) = inbox.try_recv() else { break };
                self.fetch(&mut room, &message).await;
                self.take(&mut room, message, &mut replies);
            }
            if self.poisoned || !self.commit(&mut room).await {
                break;
            }
            for reply in replies {
                reply();
            }
        }
    }

    async fn load(&mut self) -> Result<Room, String> {
        let store = Arc::clone(&self.rooms.inner.store);
        let loaded = store.load(self.id).await.map_err(|error| error.to_string())?;
        self.since_compaction = store.loose_changes(self.id).await.map_err(|error| error.to_string())?;
        let (kind, actor) = (self.what.kind(), crate::clock::random::<16>());
        let unreadable = loaded.unreadable;
        let whole = tokio::task::spawn_blocking(move || {
            let mut document = Document::load(kind, &actor, loaded.chunks.iter().map(Vec::as_slice)).ok()?;
            let all = loaded.hashes.iter().all(|hash| document.contains(hash));
            (all && document.roots_intact()).then_some(document)
        });
        let whole = whole.await.map_err(|error| error.to_string())?;
        let document = match whole.filter(|_| unreadable == 0) {
            Some(document) => document,
            None => self.salvage(kind, &actor).await?,
        };
        let log_of = match self.what {
            What::Log(board, unit) => Some((board, unit)),
            _ => None,
        };
        Ok(Room::new(self.id, document, log_of))
    }

    /// Gathers everything of a damaged document that can still be read, also from older snapshots. The
    /// trail says so, and any device may bring back what is missing.
    async fn salvage(&mut self, kind: Kind, actor: &[u8]) -> Result<Document, String> {
        let store = &self.rooms.inner.store;
        let loaded = store.load(self.id).await.map_err(|error| error.to_string())?;
        let older = store.snapshots(self.id).await.map_err(|error| error.to_string())?;
        let mut document = Document::new(kind, actor);
        let mut damaged = loaded.unreadable;
        for chunk in older.iter().rev().chain(&loaded.chunks) {
            // Tried by itself first: what is half readable must not spoil the rest.
            let alone = Document::load(kind, actor, [chunk.as_slice()]);
            if alone.is_err() || document.apply(chunk).is_err() {
                damaged += 1;
            }
        }
        let missing = loaded.hashes.iter().filter(|hash| !document.contains(hash)).count();
        tracing::error!(document.id = %self.id, damaged, missing, "A document is damaged; what is left is served");
        let about = json!({ "document": self.id.to_string(), "damaged": damaged, "missing": missing });
        if let Err(error) = self.rooms.inner.audit.write(Act::Damaged, None, about).await {
            tracing::error!(error = %error, "Damage could not be put on the audit trail");
        }
        self.damaged = true;
        Ok(document)
    }

    /// Brings in what another process has written.
    async fn fetch(&mut self, room: &mut Room, message: &ToRoom) {
        let ToRoom::Written(hashes) = message else { return };
        let missing: Vec<[u8; 32]> =
            hashes.iter().filter(|hash| !room.document_mut().contains(hash)).copied().collect();
        if missing.is_empty() {
            return;
        }
        let store = Arc::clone(&self.rooms.inner.store);
        let found = match store.changes(self.id, &missing).await {
            Ok(found) if found.len() == missing.len() => Ok(found),
            // Compacted meanwhile: they are in a snapshot.
            Ok(_) => store.load(self.id).await.map(|loaded| loaded.chunks),
            Err(error) => Err(error),
        };
        self.content = None;
        let mut taken = found.map_err(|error| error.to_string()).and_then(|chunks| {
            room.reload(chunks.iter().map(Vec::as_slice)).map_err(|error| error.to_string())
        });
        // One that waits for an ancestor of which nothing was heard: everything is read.
        if taken.is_ok() && missing.iter().any(|hash| !room.document_mut().contains(hash)) {
            taken = match store.load(self.id).await {
                Ok(loaded) => {
                    let chunks = loaded.chunks.iter().map(Vec::as_slice);
                    room.reload(chunks).map_err(|error| error.to_string())
                }
                Err(error) => Err(error.to_string()),
            };
        }
        // Not before: what is read meanwhile would be taken for what is there now.
        self.rooms.inner.named.forget(self.id);
        if let Err(error) = taken {
            tracing::error!(document.id = %self.id, error = %error, "Changes of another process could not be read");
            // Everybody who has it open comes again, to a room that reads everything.
            self.poisoned = true;
        }
    }

    /// Applies one message; what must wait for the commit is put into `replies`.
    fn take(&mut self, room: &mut Room, message: ToRoom, replies: &mut Vec<Box<dyn FnOnce() + Send>>) {
        match message {
            ToRoom::Join { outlet, rights } => {
                self.tell_rights(&outlet, &rights);
                room.join(outlet.id, outlet.dialect, rights);
                self.outlets.insert(outlet.id, outlet);
            }
            ToRoom::Rights { connection, rights } => {
                if room.set_rights(connection, rights.clone())
                    && let Some(outlet) = self.outlets.get(&connection)
                {
                    self.tell_rights(outlet, &rights);
                }
            }
            ToRoom::Message { outlet, word } => {
                self.content = None;
                room.know(self.known());
                if !self.outlets.contains_key(&outlet.id) {
                    // The document was loaded anew since this connection opened it.
                    outlet.cancel.cancel();
                    return;
                }
                let taken = match word {
                    Word::Sync { data, anew } => room.receive(outlet.id, &data, anew),
                    Word::Changes(changes) => room.receive_changes(outlet.id, changes),
                };
                if let Err(error) = taken {
                    tracing::warn!(document.id = %self.id, error = %error, "A connection sent what cannot be taken");
                    self.poisoned |= error == ReceiveError::Poison;
                    let why = Objection::plain(RefusalCode::Invalid);
                    self.send(&outlet, Outgoing::Refused { why, changes: Vec::new() });
                    outlet.cancel.cancel();
                    self.outlets.remove(&outlet.id);
                    room.leave(outlet.id);
                }
            }
            ToRoom::Leave(connection) => {
                room.leave(connection);
                self.outlets.remove(&connection);
                self.recorded.retain(|(of, _)| *of != connection);
            }
            ToRoom::Written(_) => {}
            ToRoom::TakeIn { changes, rights, person, done } => {
                self.content = None;
                room.know(self.known());
                let taken = room.take_in(&changes, &rights);
                self.poisoned |= matches!(taken, Err(ReceiveError::Poison));
                // A file may hold any number of them, and the trail is never cut.
                for why in taken.iter().flat_map(|taken| &taken.refused).take(limits::RECORDED) {
                    self.record(None, person, why);
                }
                replies.push(Box::new(move || {
                    let _ = done.send(taken);
                }));
            }
            ToRoom::Read(reply) => {
                let content = self.content(room);
                replies.push(Box::new(move || {
                    let _ = reply.send(content);
                }));
            }
            ToRoom::LeadsAt { heads, reply } => {
                let document = room.document_mut();
                let mut known: HashMap<Vec<String>, Option<UnitId>> = HashMap::new();
                let mut lead = |heads: Vec<String>| {
                    *known.entry(heads).or_insert_with_key(|heads| document.lead_at(heads))
                };
                let _ = reply.send(heads.into_iter().map(&mut lead).collect());
            }
            ToRoom::Edit { edits, stamp, done } => {
                self.content = None;
                let result = room.document_mut().edit_all(&edits, &stamp).map(|_| ());
                replies.push(Box::new(move || {
                    let _ = done.send(result);
                }));
            }
            ToRoom::Chunk { bytes, done } => {
                self.content = None;
                let result = room.document_mut().apply(&bytes).map(|_| ());
                replies.push(Box::new(move || {
                    let _ = done.send(result);
                }));
            }
        }
    }

    fn known(&self) -> Known {
        let known = self.rooms.known();
        Known { recovers: known.recovers || self.damaged, ..known }
    }

    fn tell_rights(&self, outlet: &Outlet, rights: &Rights) {
        if outlet.dialect == Dialect::Tongban {
            outlet.send(&Frame::Rights { document: self.id, write: rights.write });
        }
    }

    fn content(&mut self, room: &mut Room) -> Content {
        let document = room.document_mut();
        self.content
            .get_or_insert_with(|| match self.what {
                What::Space => Content::Space(Arc::new(document.space())),
                What::Board(_) => Content::Board(Arc::new(document.board()), document.text_marks().len()),
                What::Log(..) => Content::Log(Arc::new(document.entries().0.into_values().collect())),
            })
            .clone()
    }

    /// Writes what is new, then tells everybody. `false` when the disk failed: the document is
    /// dropped from memory then, and nobody was told anything.
    async fn commit(&mut self, room: &mut Room) -> bool {
        let chunks = room.unsaved();
        let count = chunks.len() as u64;
        if count > 0 {
            let start = std::time::Instant::now();
            if let Err(error) = self
                .rooms
                .inner
                .store
                .append(Append { document: self.id, chunks, over_damage: self.damaged })
                .await
            {
                tracing::error!(document.id = %self.id, error = %error, "Changes could not be written");
                return false;
            }
            self.rooms.inner.metrics.committed(count, start.elapsed());
            self.rooms.inner.named.forget(self.id);
            if self.what == What::Space {
                self.content = Some(Content::Space(Arc::new(room.document().space())));
            }
        }
        // Here and nowhere else: what is on the disk, and this task knows which of two came later.
        if let Some(Content::Space(space)) = &self.content {
            self.rooms.learn(space);
        }
        for (connection, outgoing) in room.flush() {
            if let Some(outlet) = self.outlets.get(&connection).cloned() {
                self.send(&outlet, outgoing);
            }
        }
        self.since_compaction += count;
        if self.since_compaction >= limits::LOOSE_CHANGES {
            self.compact();
        }
        true
    }

    fn send(&mut self, outlet: &Outlet, outgoing: Outgoing) {
        let (sender, target) = (self.rooms.inner.server_name.clone(), outlet.name.clone());
        let ours = outlet.dialect == Dialect::Tongban;
        match outgoing {
            Outgoing::Sync(data) => outlet.send(&Frame::Sync { document: self.id, sender, target, data }),
            Outgoing::Live(heads) => outlet.send(&Frame::Live { document: self.id, heads }),
            Outgoing::Changes(frame) => outlet.send_bytes(Bytes::from_owner(frame)),
            Outgoing::Ack(heads) if ours => outlet.send(&Frame::Ack { document: self.id, heads }),
            Outgoing::Ack(_) => {}
            Outgoing::Refused { why, changes } => {
                self.rooms.inner.metrics.refused();
                self.record(Some(outlet), Some(outlet.person), &why);
                let code = why.code;
                let doubt = why.doubted.first().map(|one| one.doubt);
                let words = match doubt {
                    Some(doubt) => format!("{doubt}，未被接受；仍保存在本机"),
                    None => refusal_words(code).to_owned(),
                };
                if ours {
                    outlet.send(&Frame::Refused { document: self.id, code, changes, words });
                } else {
                    let message = format!("{}: {} ({})", self.id, code.word(), words);
                    outlet.send(&Frame::Error { sender, target, message });
                }
            }
        }
    }

    /// Puts what was refused for its author, not for its form, on the audit trail; each only once
    /// for a connection.
    fn record(&mut self, outlet: Option<&Outlet>, person: Option<PersonId>, why: &Objection) {
        if why.doubted.is_empty() && why.claimed.is_none() && why.code != RefusalCode::NoRight {
            return;
        }
        let entries: Vec<_> = why.doubted.iter().map(|one| json!({
            "id": one.id, "kind": one.kind.word(), "person": one.author.person, "unit": one.author.unit,
            "device": one.author.device, "board": one.subject.board, "item": one.subject.item,
            "words": one.words, "doubt": one.doubt.word(),
        })).collect();
        let about = json!({
            "document": self.id.to_string(), "code": why.code.word(), "entries": entries,
            "claimed": why.claimed, "device": outlet.and_then(|outlet| outlet.device),
        });
        if let Some(outlet) = outlet {
            if !self.recorded.insert((outlet.id, about.to_string())) {
                return;
            }
            if self.recorded.iter().filter(|(of, _)| *of == outlet.id).count() > limits::REFUSALS {
                outlet.cancel.cancel();
            }
        }
        let audit = self.rooms.inner.audit.clone();
        let origin = person.map_or_else(|| self.id.to_string(), |person| person.to_string());
        self.rooms.inner.tasks.spawn(async move {
            if let Err(error) = audit.write_refusal(Act::Refused, person, &origin, about).await {
                tracing::error!(error = %error, "A refusal could not be put on the audit trail");
            }
        });
    }

    /// One chunk in the place of many, made beside the room's work from what is on the disk; the
    /// changes go only when the snapshot was read back equal.
    fn compact(&mut self) {
        // One at a time for each document, also over a room that was loaded anew.
        let Some(turn) = self.rooms.compaction_of(self.id) else { return };
        self.since_compaction = 0;
        let (kind, actor, id) = (self.what.kind(), crate::clock::random::<16>(), self.id);
        let (store, stop) = (Arc::clone(&self.rooms.inner.store), self.rooms.inner.stop.clone());
        self.rooms.inner.tasks.spawn(async move {
            let _turn = turn;
            let loaded = match store.load(id).await {
                Ok(loaded) => loaded,
                Err(error) => {
                    tracing::error!(document.id = %id, error = %error, "A document could not be read");
                    return;
                }
            };
            let over = loaded.over;
            let equal = tokio::task::spawn_blocking(move || {
                let chunks = loaded.chunks.iter().map(Vec::as_slice);
                let mut document = Document::load(kind, &actor, chunks).ok()?;
                let (covers, heads, snapshot) = (document.hashes(), document.heads(), document.save());
                let mut again = Document::load(kind, &actor, [snapshot.as_slice()]).ok()?;
                (again.heads() == heads).then_some((snapshot, covers))
            });
            let Ok(Some((snapshot, covers))) = equal.await else {
                tracing::error!(document.id = %id, "A snapshot did not load back equal; the changes stay");
                return;
            };
            // Other processes fetch changes by their hashes: they have had the time to.
            tokio::select! {
                () = tokio::time::sleep(limits::BEFORE_COMPACTION) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = store.compact(id, snapshot, covers, over).await {
                tracing::error!(document.id = %id, error = %error, "A document could not be compacted");
            }
        });
    }
}
