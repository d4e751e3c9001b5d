//! The task of one open document: applies what comes in, commits, then tells everybody.

mod compaction;
mod loading;
mod telling;

use super::judging::{Turn, beside};
use super::{Content, Outlet, Rooms, What, Word};
use crate::limits;
use crate::store::Append;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tongban_shared::document::chunk::Unfit;
use tongban_shared::document::{DocumentError, Stamp};
use tongban_shared::edit::Edit;
use tongban_shared::id::{DocumentId, PersonId, UnitId};
use tongban_shared::sync::room::{
    ConnectionId, Fault, Known, Objection, Outgoing, ReceiveError, Rights, Room, TakenIn,
};

pub(super) enum ToRoom {
    Join {
        outlet: Outlet,
        rights: Rights,
    },
    Message {
        outlet: Outlet,
        word: Word,
        /// The turn of its account, for a heavy one.
        turn: Option<Turn>,
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
    /// The share of its bound that was told last, in percent; 0 while that is far off.
    used: u8,
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
            used: 0,
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
        self.used = room.used();
        let stop = self.rooms.inner.stop.clone();
        loop {
            let first = tokio::select! {
                biased;
                message = inbox.recv() => message,
                () = stop.cancelled() => break,
                () = tokio::time::sleep(limits::IDLE_ROOM), if room.is_idle() => break,
            };
            let Some(first) = first else { break };
            let (mut replies, mut next) = (Vec::new(), Some(first));
            for _ in 0..limits::BATCH {
                let Some(message) = next.take() else { break };
                let Some(fetched) = self.fetch(room, &message).await else { return };
                // When it is gone, those who have the document open come again, to a room of what was
                // committed.
                let Some(taken) = self.take(fetched, message, &mut replies).await else { return };
                room = taken;
                if room.is_full() {
                    break;
                }
                next = inbox.try_recv().ok();
            }
            let Some(committed) = (if self.poisoned { None } else { self.commit(room).await }) else { break };
            room = committed;
            for reply in replies {
                reply();
            }
        }
    }

    /// Applies one message; what must wait for the commit is put into `replies`. None when the room is gone
    /// over it.
    async fn take(
        &mut self,
        mut room: Room,
        message: ToRoom,
        replies: &mut Vec<Box<dyn FnOnce() + Send>>,
    ) -> Option<Room> {
        match message {
            ToRoom::Join { outlet, rights } => {
                self.tell_rights(&outlet, rights.write && !room.is_frozen());
                room.join(outlet.id, outlet.dialect, rights);
                self.outlets.insert(outlet.id, outlet);
            }
            ToRoom::Rights { connection, rights } => {
                if room.set_rights(connection, rights)
                    && let Some(outlet) = self.outlets.get(&connection)
                {
                    self.tell_rights(outlet, room.may_write(connection));
                }
            }
            ToRoom::Message { outlet, word, turn } => {
                self.content = None;
                room.know(self.known());
                if !self.outlets.contains_key(&outlet.id) {
                    // The document was loaded anew since this connection opened it.
                    outlet.cancel.cancel();
                    return Some(room);
                }
                let id = outlet.id;
                let judge = move |room: &mut Room| match word {
                    Word::Sync { data, anew } => room.receive(id, &data, anew),
                    Word::Changes(changes) => room.receive_changes(id, changes),
                };
                let taken = if turn.is_some() {
                    let stop = self.rooms.inner.stop.clone();
                    // The turn goes on for as long as the work does, also where nobody waits for it any more.
                    let judged = beside(room, &stop, move |room| (judge(room), turn)).await;
                    let Some((judged, (taken, _))) = judged else {
                        self.give_up(&outlet);
                        return None;
                    };
                    room = judged;
                    taken
                } else {
                    judge(&mut room)
                };
                if let Err(error) = taken {
                    tracing::warn!(document.id = %self.id, error = %error, "A connection sent what cannot be taken");
                    self.poisoned |= error == ReceiveError::Poison;
                    let why = Objection::of(Fault::Unreadable);
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
                let stop = self.rooms.inner.stop.clone();
                let judged = beside(room, &stop, move |room| room.take_in(&changes, &rights)).await;
                let (judged, taken) = judged?;
                room = judged;
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
                let content = self.content(&mut room);
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
                let result = match room.is_frozen() {
                    true => Err(Unfit::TooLarge.into()),
                    false => room.document_mut().edit_all(&edits, &stamp).map(|_| ()),
                };
                replies.push(Box::new(move || {
                    let _ = done.send(result);
                }));
            }
            ToRoom::Chunk { bytes, done } => {
                self.content = None;
                let result = match room.is_frozen() {
                    true => Err(Unfit::TooLarge.into()),
                    false => room.document_mut().apply(&bytes).map(|_| ()),
                };
                replies.push(Box::new(move || {
                    let _ = done.send(result);
                }));
            }
        }
        Some(room)
    }

    fn known(&self) -> Known {
        let known = self.rooms.known();
        Known { recovers: known.recovers || self.damaged, ..known }
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

    /// Writes what is new, then tells everybody. None when the disk failed: the document is
    /// dropped from memory then, and nobody was told anything.
    async fn commit(&mut self, mut room: Room) -> Option<Room> {
        let chunks = if room.is_large() {
            let stop = self.rooms.inner.stop.clone();
            let (large, chunks) = beside(room, &stop, Room::unsaved).await?;
            room = large;
            chunks
        } else {
            room.unsaved()
        };
        let chunks = match chunks {
            Ok(chunks) => chunks,
            Err(spoilt) => {
                self.tell_spoilt(&spoilt);
                return None;
            }
        };
        let count = chunks.len() as u64;
        if count > 0 {
            let start = std::time::Instant::now();
            if let Err(error) = self
                .rooms
                .inner
                .store
                .append(Append { document: self.id, chunks, over_damage: self.damaged, total: room.extent() })
                .await
            {
                tracing::error!(document.id = %self.id, error = %error, "Changes could not be written");
                return None;
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
        self.tell_fullness(&room);
        for (connection, outgoing) in room.flush() {
            if let Some(outlet) = self.outlets.get(&connection).cloned() {
                self.send(&outlet, outgoing);
            }
        }
        self.since_compaction += count;
        if self.since_compaction >= limits::LOOSE_CHANGES && !room.is_frozen() {
            self.compact();
        }
        Some(room)
    }
}
