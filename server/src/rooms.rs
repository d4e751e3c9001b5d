//! Open documents: one task each, found by id; and what a document is and who may write it.

use crate::identity::Account;
use crate::limits;
use crate::metrics::Metrics;
use crate::store::{Append, Store};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tongban_shared::access::{self, Action};
use tongban_shared::document::{Document, DocumentError, Kind, Stamp};
use tongban_shared::edit::Edit;
use tongban_shared::entry::Entry;
use tongban_shared::fold::Entries;
use tongban_shared::id::{BoardId, DocumentId, SpaceId, UnitId};
use tongban_shared::model::{Board, Space};
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::room::{ConnectionId, Outgoing, ReceiveError, Rights, Room};
use tongban_shared::sync::{Dialect, RefusalCode};

/// What a document id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Space,
    Board(BoardId),
    Log(BoardId, UnitId),
}

impl What {
    const fn kind(self) -> Kind {
        match self {
            Self::Space => Kind::Space,
            Self::Board(_) => Kind::Board,
            Self::Log(..) => Kind::Log,
        }
    }
}

/// A connection as rooms know it.
#[derive(Clone)]
pub struct Outlet {
    pub id: ConnectionId,
    pub name: String,
    pub dialect: Dialect,
    pub outbox: mpsc::Sender<Vec<u8>>,
    /// Ends the connection.
    pub cancel: CancellationToken,
}

impl Outlet {
    /// Sends a frame; a full outbox ends the connection, for nothing may be dropped. The writer
    /// of the socket cuts large frames into parts.
    pub fn send(&self, frame: &Frame) {
        if self.outbox.try_send(frame.encode()).is_err() {
            self.cancel.cancel();
        }
    }
}

enum ToRoom {
    Join {
        outlet: Outlet,
        rights: Rights,
    },
    Message {
        outlet: Outlet,
        data: Vec<u8>,
    },
    /// What a connection may do was looked up again.
    Rights {
        connection: ConnectionId,
        rights: Rights,
    },
    Leave(ConnectionId),
    /// The document as a board, with the entries when it is a log.
    Read(oneshot::Sender<Content>),
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

/// A document's content at one moment.
#[derive(Debug, Clone)]
pub enum Content {
    Space(Arc<Space>),
    Board(Arc<Board>),
    Log(Arc<Vec<Entry>>),
}

/// All open documents of a server.
#[derive(Clone)]
pub struct Rooms {
    inner: Arc<Inner>,
}

struct Inner {
    space: SpaceId,
    store: Arc<dyn Store>,
    open: Mutex<HashMap<DocumentId, mpsc::Sender<ToRoom>>>,
    catalog: RwLock<Catalog>,
    server_name: String,
    tasks: TaskTracker,
    stop: CancellationToken,
    metrics: Arc<Metrics>,
}

/// The space as it stands, and what each document id means in it.
#[derive(Default)]
struct Catalog {
    space: Arc<Space>,
    logs: HashMap<DocumentId, (BoardId, UnitId)>,
}

impl Rooms {
    /// Rooms over a store.
    #[must_use]
    pub fn new(
        space: SpaceId,
        store: Arc<dyn Store>,
        server_name: String,
        stop: CancellationToken,
        metrics: Arc<Metrics>,
    ) -> Self {
        let inner = Inner {
            space,
            store,
            open: Mutex::default(),
            catalog: RwLock::default(),
            server_name,
            tasks: TaskTracker::new(),
            stop,
            metrics,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The space of this server.
    #[must_use]
    pub fn space_id(&self) -> SpaceId {
        self.inner.space
    }

    /// The name of the server in frames.
    #[must_use]
    pub fn server_name(&self) -> &str {
        &self.inner.server_name
    }

    /// Waits until every room has ended; to be called after the stop token.
    pub async fn ended(&self) {
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// How many documents are open.
    #[must_use]
    pub fn open_count(&self) -> usize {
        self.inner.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The space as it stands.
    ///
    /// # Errors
    /// [`DocumentError`] when it cannot be loaded.
    pub async fn space(&self) -> Result<Arc<Space>, DocumentError> {
        match self.read(What::Space).await? {
            Content::Space(space) => {
                self.learn(&space);
                Ok(space)
            }
            _ => Err(DocumentError::WrongDocument),
        }
    }

    /// A board as it stands.
    ///
    /// # Errors
    /// [`DocumentError`] when it cannot be loaded.
    pub async fn board(&self, board: BoardId) -> Result<Arc<Board>, DocumentError> {
        match self.read(What::Board(board)).await? {
            Content::Board(board) => Ok(board),
            _ => Err(DocumentError::WrongDocument),
        }
    }

    /// The entries of all units on a board.
    ///
    /// # Errors
    /// [`DocumentError`] when a log cannot be loaded.
    pub async fn entries(&self, board: BoardId) -> Result<Entries, DocumentError> {
        let space = self.space().await?;
        let written: Vec<DocumentId> =
            self.inner.store.documents().await.map_err(|error| DocumentError::Corrupt(error.to_string()))?;
        let mut entries = Entries::default();
        for unit in space.units.keys() {
            if written.contains(&DocumentId::log(board, *unit))
                && let Content::Log(log) = self.read(What::Log(board, *unit)).await?
            {
                log.iter().cloned().for_each(|entry| entries.add(entry));
            }
        }
        Ok(entries)
    }

    /// What a document id stands for, if the space knows it.
    pub async fn what(&self, id: DocumentId) -> Option<What> {
        if id == DocumentId::space(self.inner.space) {
            return Some(What::Space);
        }
        let known = |catalog: &Catalog| {
            let board = BoardId::from_bytes(*id.bytes());
            if catalog.space.boards.contains_key(&board) {
                return Some(What::Board(board));
            }
            catalog.logs.get(&id).map(|(board, unit)| What::Log(*board, *unit))
        };
        let found = known(&self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner));
        if found.is_some() {
            return found;
        }
        self.space().await.ok()?;
        known(&self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn learn(&self, space: &Arc<Space>) {
        let mut catalog = self.inner.catalog.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&catalog.space, space) {
            return;
        }
        let same = catalog.space.units.len() == space.units.len()
            && catalog.space.boards.len() == space.boards.len();
        if !same {
            catalog.logs = space
                .boards
                .keys()
                .flat_map(|board| {
                    space.units.keys().map(move |unit| (DocumentId::log(*board, *unit), (*board, *unit)))
                })
                .collect();
        }
        catalog.space = Arc::clone(space);
    }

    /// What a person may do with a document; nothing when they may not even read it.
    ///
    /// # Errors
    /// [`DocumentError`] when the board in question cannot be loaded.
    pub async fn rights(&self, account: &Account, what: What) -> Result<Option<Rights>, DocumentError> {
        let space = self.space().await?;
        let who = account.who();
        let allowed = |action: Action<'_>| access::allowed(&space, who, action);
        let (read, write, decide) = match what {
            What::Space => (allowed(Action::ReadSpace), allowed(Action::WriteSpace), false),
            What::Board(board) => {
                let board = self.board(board).await?;
                (allowed(Action::ReadBoard(&board)), allowed(Action::WriteBoard(&board)), false)
            }
            What::Log(board, unit) => {
                let board = self.board(board).await?;
                let read = allowed(Action::ReadLog { board: &board });
                (read, allowed(Action::WriteLog { unit }), allowed(Action::Decide(&board)))
            }
        };
        Ok(read.then_some(Rights { write, decide }))
    }

    /// Opens a document for a connection.
    pub async fn join(&self, what: What, outlet: Outlet, rights: Rights) {
        self.tell(what, ToRoom::Join { outlet, rights }).await;
    }

    /// Tells a document what a connection may do from now on.
    pub async fn set_rights(&self, what: What, connection: ConnectionId, rights: Rights) {
        self.tell(what, ToRoom::Rights { connection, rights }).await;
    }

    /// Hands on a sync message.
    pub async fn message(&self, what: What, outlet: Outlet, data: Vec<u8>) {
        self.tell(what, ToRoom::Message { outlet, data }).await;
    }

    /// A connection is gone.
    pub async fn leave(&self, what: What, connection: ConnectionId) {
        let open =
            self.inner.open.lock().unwrap_or_else(PoisonError::into_inner).get(&self.id(what)).cloned();
        if let Some(room) = open {
            let _ = room.send(ToRoom::Leave(connection)).await;
        }
    }

    /// Edits a document on the server's own account.
    ///
    /// # Errors
    /// [`DocumentError`] when the edits do not fit.
    pub async fn edit(&self, what: What, edits: Vec<Edit>, stamp: Stamp) -> Result<(), DocumentError> {
        let (done, result) = oneshot::channel();
        self.tell(what, ToRoom::Edit { edits, stamp, done }).await;
        result.await.map_err(|_| DocumentError::Corrupt("文档暂时打不开".to_owned()))?
    }

    /// Applies a chunk on the server's own account.
    ///
    /// # Errors
    /// [`DocumentError`] when it is damaged.
    pub async fn apply(&self, what: What, bytes: Vec<u8>) -> Result<(), DocumentError> {
        let (done, result) = oneshot::channel();
        self.tell(what, ToRoom::Chunk { bytes, done }).await;
        result.await.map_err(|_| DocumentError::Corrupt("文档暂时打不开".to_owned()))?
    }

    async fn read(&self, what: What) -> Result<Content, DocumentError> {
        let (reply, content) = oneshot::channel();
        self.tell(what, ToRoom::Read(reply)).await;
        content.await.map_err(|_| DocumentError::Corrupt("文档暂时打不开".to_owned()))
    }

    fn id(&self, what: What) -> DocumentId {
        match what {
            What::Space => DocumentId::space(self.inner.space),
            What::Board(board) => DocumentId::board(board),
            What::Log(board, unit) => DocumentId::log(board, unit),
        }
    }

    /// Sends to a document's task and starts it when it is not there, also when it has just ended.
    async fn tell(&self, what: What, message: ToRoom) {
        let mut message = message;
        for _ in 0..3 {
            let room = self.room(what);
            match room.send(message).await {
                Ok(()) => return,
                Err(unsent) => message = unsent.0,
            }
            let id = self.id(what);
            let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
            if open.get(&id).is_some_and(mpsc::Sender::is_closed) {
                open.remove(&id);
            }
        }
    }

    fn room(&self, what: What) -> mpsc::Sender<ToRoom> {
        let id = self.id(what);
        let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = open.get(&id).filter(|room| !room.is_closed()) {
            return room.clone();
        }
        let (sender, inbox) = mpsc::channel(limits::INBOX);
        open.insert(id, sender.clone());
        let task = Task {
            id,
            what,
            rooms: self.clone(),
            outlets: HashMap::new(),
            content: None,
            since_compaction: 0,
            poisoned: false,
        };
        self.inner.tasks.spawn(task.run(inbox));
        sender
    }
}

/// One document's task. A panic in it (automerge has had some) ends this document only: dropping
/// the outlets ends its connections, and the next one to ask loads it anew.
struct Task {
    id: DocumentId,
    what: What,
    rooms: Rooms,
    outlets: HashMap<ConnectionId, Outlet>,
    content: Option<Content>,
    since_compaction: u64,
    /// What is in memory must not be committed.
    poisoned: bool,
}

impl Drop for Task {
    fn drop(&mut self) {
        for outlet in self.outlets.values() {
            outlet.cancel.cancel();
        }
    }
}

impl Task {
    async fn run(mut self, mut inbox: mpsc::Receiver<ToRoom>) {
        self.serve(&mut inbox).await;
        // Whoever still waits in the queue must ask anew: nothing is dropped silently.
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
            self.take(&mut room, first, &mut replies);
            for _ in 1..limits::BATCH {
                let Ok(message) = inbox.try_recv() else { break };
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
        let store = &self.rooms.inner.store;
        let chunks = store.load(self.id).await.map_err(|error| error.to_string())?;
        self.since_compaction = store.loose_changes(self.id).await.map_err(|error| error.to_string())?;
        let kind = self.what.kind();
        let actor = crate::clock::random::<16>();
        let document = tokio::task::spawn_blocking(move || {
            Document::load(kind, &actor, chunks.iter().map(Vec::as_slice))
        });
        let document =
            document.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        let log_of = match self.what {
            What::Log(board, unit) => Some((board, unit)),
            _ => None,
        };
        Ok(Room::new(document, log_of))
    }

    /// Applies one message; what must wait for the commit is put into `replies`.
    fn take(&mut self, room: &mut Room, message: ToRoom, replies: &mut Vec<Box<dyn FnOnce() + Send>>) {
        match message {
            ToRoom::Join { outlet, rights } => {
                room.join(outlet.id, rights);
                self.tell_rights(&outlet, rights);
                self.outlets.insert(outlet.id, outlet);
            }
            ToRoom::Rights { connection, rights } => {
                if room.set_rights(connection, rights)
                    && let Some(outlet) = self.outlets.get(&connection)
                {
                    self.tell_rights(outlet, rights);
                }
            }
            ToRoom::Message { outlet, data } => {
                self.content = None;
                if !self.outlets.contains_key(&outlet.id) {
                    // The document was loaded anew since this connection opened it.
                    outlet.cancel.cancel();
                    return;
                }
                if let Err(error) = room.receive(outlet.id, &data) {
                    tracing::warn!(document.id = %self.id, error = %error, "A connection sent what cannot be taken");
                    self.poisoned |= error == ReceiveError::Poison;
                    self.send(&outlet, Outgoing::Refused { code: RefusalCode::Invalid, changes: Vec::new() });
                    outlet.cancel.cancel();
                    self.outlets.remove(&outlet.id);
                    room.leave(outlet.id);
                }
            }
            ToRoom::Leave(connection) => {
                room.leave(connection);
                self.outlets.remove(&connection);
            }
            ToRoom::Read(reply) => {
                let content = self.content(room);
                replies.push(Box::new(move || {
                    let _ = reply.send(content);
                }));
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

    fn tell_rights(&self, outlet: &Outlet, rights: Rights) {
        if outlet.dialect == Dialect::Tongban {
            outlet.send(&Frame::Rights { document: self.id, write: rights.write });
        }
    }

    fn content(&mut self, room: &Room) -> Content {
        let document = room.document();
        self.content
            .get_or_insert_with(|| match self.what {
                What::Space => Content::Space(Arc::new(document.space())),
                What::Board(_) => Content::Board(Arc::new(document.board())),
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
            if let Err(error) = self.rooms.inner.store.append(Append { document: self.id, chunks }).await {
                tracing::error!(document.id = %self.id, error = %error, "Changes could not be written");
                return false;
            }
            self.rooms.inner.metrics.committed(count, start.elapsed());
            if self.what == What::Space {
                let space = Arc::new(room.document().space());
                self.content = Some(Content::Space(Arc::clone(&space)));
                self.rooms.learn(&space);
            }
        }
        for (connection, outgoing) in room.flush() {
            if let Some(outlet) = self.outlets.get(&connection) {
                self.send(outlet, outgoing);
            }
        }
        self.since_compaction += count;
        if self.since_compaction >= limits::LOOSE_CHANGES {
            self.compact(room).await;
        }
        true
    }

    fn send(&self, outlet: &Outlet, outgoing: Outgoing) {
        let (sender, target) = (self.rooms.inner.server_name.clone(), outlet.name.clone());
        let ours = outlet.dialect == Dialect::Tongban;
        match outgoing {
            Outgoing::Sync(data) => outlet.send(&Frame::Sync { document: self.id, sender, target, data }),
            Outgoing::Ack(heads) if ours => outlet.send(&Frame::Ack { document: self.id, heads }),
            Outgoing::Ack(_) => {}
            Outgoing::Refused { code, changes } => {
                self.rooms.inner.metrics.refused();
                let words = refusal_words(code).to_owned();
                if ours {
                    outlet.send(&Frame::Refused { document: self.id, code, changes, words });
                } else {
                    let message = format!("{}: {} ({})", self.id, code.word(), words);
                    outlet.send(&Frame::Error { sender, target, message });
                }
            }
        }
    }

    /// One chunk in the place of many; the changes go only when the snapshot was read back equal.
    async fn compact(&mut self, room: &mut Room) {
        let covers: Vec<[u8; 32]> =
            room.document_mut().changes_since(&[]).into_iter().map(|chunk| chunk.hash).collect();
        let heads = room.document_mut().heads();
        let snapshot = room.document_mut().save();
        let (kind, actor) = (self.what.kind(), crate::clock::random::<16>());
        let check = snapshot.clone();
        let equal = tokio::task::spawn_blocking(move || {
            Document::load(kind, &actor, [check.as_slice()]).is_ok_and(|mut loaded| loaded.heads() == heads)
        });
        self.since_compaction = 0;
        if !equal.await.unwrap_or(false) {
            tracing::error!(document.id = %self.id, "A snapshot did not load back equal; the changes stay");
            return;
        }
        if let Err(error) = self.rooms.inner.store.compact(self.id, snapshot, covers).await {
            tracing::error!(document.id = %self.id, error = %error, "A document could not be compacted");
        }
    }
}

/// Why a change was refused, in a person's words.
#[must_use]
pub const fn refusal_words(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::NoRight => "没有修改此内容的权限；改动仍保存在本机",
        RefusalCode::UnknownDocument => "服务器上没有此清单；改动仍保存在本机",
        RefusalCode::Invalid => "改动不符合记录规则，未被接受；仍保存在本机",
        RefusalCode::TooLarge => "内容过大，未被接受；仍保存在本机",
    }
}
