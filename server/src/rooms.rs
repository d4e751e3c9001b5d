//! Open documents: one task each, found by id.

mod catalog;
mod counting;
mod grounds;
mod judged;
mod judging;
mod named;
mod outlet;
mod passing;
mod readings;
mod task;

use crate::audit::Audit;
use crate::limits;
use crate::metrics::Metrics;
use crate::socket::Portion;
use crate::store::Store;
use catalog::Catalog;
use named::Named;
pub use outlet::{Outlet, Weight};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use task::{Question, Task, ToRoom};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tongban_shared::document::{DocumentError, Kind, Stamp};
use tongban_shared::edit::Edit;
use tongban_shared::entry::Entry;
use tongban_shared::id::{BoardId, DeviceId, DocumentId, PersonId, SpaceId, UnitId};
use tongban_shared::model::{Board, Space};
use tongban_shared::sync::RefusalCode;
use tongban_shared::sync::room::{ConnectionId, Rights, TakenIn};
use tongban_shared::trust::Opened;

/// The meaning of a document id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Space,
    Board(BoardId),
    Log(BoardId, UnitId),
}

impl What {
    /// The kind of its document.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Space => Kind::Space,
            Self::Board(_) => Kind::Board,
            Self::Log(..) => Kind::Log,
        }
    }
}

/// A connection's message about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A sync message; `anew` when the device begins the document anew.
    Sync { data: Vec<u8>, anew: bool },
    /// Changes as they are stored.
    Changes(Vec<Vec<u8>>),
}

impl Word {
    /// Bytes of memory that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let around = match self {
            Self::Sync { .. } => 0,
            Self::Changes(changes) => changes.len() * size_of::<Vec<u8>>(),
        };
        judging::bytes_of(self) + around
    }
}

/// A document's content at one moment.
#[derive(Debug, Clone)]
pub enum Content {
    Space(Arc<Space>),
    /// With how many places of its texts two people changed ([`Document::text_marks`]).
    Board(Arc<Board>, usize),
    Log(Arc<Vec<Entry>>),
}

/// All open documents of a server.
#[derive(Clone)]
pub struct Rooms {
    inner: Arc<Inner>,
    /// The account for which documents are opened by this handle; none for the program itself.
    asker: Option<PersonId>,
}

/// The way to the task of an open document.
#[derive(Clone)]
struct Open {
    what: What,
    inbox: mpsc::Sender<ToRoom>,
    /// The accounts that wait until it is read.
    askers: mpsc::UnboundedSender<Option<PersonId>>,
}

struct Inner {
    space: SpaceId,
    store: Arc<dyn Store>,
    open: Mutex<HashMap<DocumentId, Open>>,
    /// Documents of which it was told that changes stand twice under one number.
    twice: Mutex<HashSet<DocumentId>>,
    /// Documents that are being compacted.
    compacting: Mutex<HashSet<DocumentId>>,
    catalog: RwLock<Catalog>,
    /// The statements of the space, of which only new ones are opened.
    opened: Mutex<Opened>,
    named: Named,
    judged: judged::Kept,
    turns: judging::Turns,
    /// The turns of reading a document.
    loads: judging::Turns,
    /// The turn of reading a log that is let go at once.
    passing: tokio::sync::Mutex<()>,
    memory: judging::Memory,
    readings: Arc<readings::Readings>,
    offences: judging::Offences,
    server_name: String,
    tasks: TaskTracker,
    stop: CancellationToken,
    metrics: Arc<Metrics>,
    audit: Audit,
    /// The store was restored or lost something: devices bring back what it lacks.
    recovers: bool,
    /// Devices of which nothing comes in while they are being ended, each as often as it is held.
    held: Mutex<BTreeMap<DeviceId, usize>>,
}

/// The holder compacts the document; the turn ends with its holder, also in a panic.
struct CompactionTurn {
    rooms: Rooms,
    document: DocumentId,
}

impl Drop for CompactionTurn {
    fn drop(&mut self) {
        let mut compacting = self.rooms.inner.compacting.lock().unwrap_or_else(PoisonError::into_inner);
        compacting.remove(&self.document);
    }
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
        (audit, recovers): (Audit, bool),
    ) -> Self {
        let inner = Inner {
            audit,
            recovers,
            held: Mutex::default(),
            space,
            store,
            open: Mutex::default(),
            twice: Mutex::default(),
            compacting: Mutex::default(),
            catalog: RwLock::default(),
            opened: Mutex::default(),
            named: Named::default(),
            judged: judged::Kept::default(),
            turns: judging::Turns::new(1),
            loads: judging::Turns::new(limits::LOADS),
            passing: tokio::sync::Mutex::default(),
            memory: judging::Memory::new(),
            readings: Arc::default(),
            offences: judging::Offences::default(),
            server_name,
            tasks: TaskTracker::new(),
            stop,
            metrics,
        };
        Self { inner: Arc::new(inner), asker: None }
    }

    /// The same rooms on the account of a person, for whom so many documents are read at once and no more.
    #[must_use]
    pub fn on_account_of(&self, person: PersonId) -> Self {
        Self { inner: Arc::clone(&self.inner), asker: Some(person) }
    }

    /// The turn to compact a document, unless somebody has it.
    fn compaction_of(&self, document: DocumentId) -> Option<CompactionTurn> {
        let mut compacting = self.inner.compacting.lock().unwrap_or_else(PoisonError::into_inner);
        compacting.insert(document).then(|| CompactionTurn { rooms: self.clone(), document })
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

    /// Takes in what other processes write into the same store, for as long as the server runs: looks
    /// every `every`, or when it is woken. `cursor` is that of the store before anything was read.
    pub async fn watch(&self, mut cursor: i64, every: std::time::Duration, woken: &tokio::sync::Notify) {
        let store = Arc::clone(&self.inner.store);
        loop {
            tokio::select! {
                () = self.inner.stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
                () = woken.notified() => {}
            }
            // A database that is away comes back; what it got meanwhile is behind the cursor.
            let Ok((next, arrived)) = store.arrivals(cursor).await else { continue };
            cursor = next;
            let mut by_document: HashMap<DocumentId, Vec<[u8; 32]>> = HashMap::new();
            arrived.into_iter().for_each(|(id, hash)| by_document.entry(id).or_default().push(hash));
            for (id, hashes) in by_document {
                self.inner.named.forget(id);
                let open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
                let Some(room) = open else { continue };
                // Each is told by itself: one that takes nothing for a while holds up no other.
                let (stop, written) = (self.inner.stop.clone(), ToRoom::Written(hashes));
                self.inner.tasks.spawn(async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        _ = room.inbox.send(written) => {}
                    }
                });
            }
        }
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
            Content::Space(space) => Ok(space),
            _ => Err(DocumentError::WrongDocument),
        }
    }

    /// A board as it stands.
    ///
    /// # Errors
    /// [`DocumentError`] when it cannot be loaded.
    pub async fn board(&self, board: BoardId) -> Result<Arc<Board>, DocumentError> {
        match self.read(What::Board(board)).await? {
            Content::Board(board, _) => Ok(board),
            _ => Err(DocumentError::WrongDocument),
        }
    }

    /// In how many places of its texts two people changed the same, and nobody has decided yet.
    ///
    /// # Errors
    /// [`DocumentError`] when it cannot be loaded.
    pub async fn text_marks(&self, board: BoardId) -> Result<usize, DocumentError> {
        match self.read(What::Board(board)).await? {
            Content::Board(_, marks) => Ok(marks),
            _ => Err(DocumentError::WrongDocument),
        }
    }

    /// The entries of one unit's log, whether they count or not.
    ///
    /// # Errors
    /// [`DocumentError`] when it cannot be loaded.
    pub async fn log(&self, board: BoardId, unit: UnitId) -> Result<Arc<Vec<Entry>>, DocumentError> {
        match self.read(What::Log(board, unit)).await? {
            Content::Log(log) => Ok(log),
            _ => Err(DocumentError::WrongDocument),
        }
    }

    /// The store behind the rooms.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.inner.store
    }

    /// Takes in changes that an operator has brought by file, with the rights of whoever wrote it; each is
    /// judged. They are taken in portions, each committed for itself, and others are served meanwhile.
    ///
    /// # Errors
    /// [`DocumentError`] when the document cannot be gone on with; the portions before are taken then.
    pub async fn take_in(
        &self,
        what: What,
        changes: Vec<Vec<u8>>,
        (rights, person): (Rights, Option<PersonId>),
    ) -> Result<TakenIn, DocumentError> {
        let (mut all, mut rest) = (TakenIn::default(), changes.into_iter().peekable());
        while rest.peek().is_some() {
            let (mut portion, mut bytes) = (std::mem::take(&mut all.waiting), 0);
            let fits = |count: usize, bytes: usize| count < limits::PORTION && bytes < limits::PORTION_BYTES;
            let mut count = 0;
            while let Some(change) = rest.next_if(|_| fits(count, bytes)) {
                (count, bytes) = (count + 1, bytes + change.len());
                portion.push(change);
            }
            let (done, result) = oneshot::channel();
            let message = ToRoom::TakeIn { changes: portion, rights: rights.clone(), person, done };
            self.tell(what, message).await;
            let taken = result.await.map_err(|_| DocumentError::Away)?;
            let taken = taken.map_err(|error| DocumentError::Corrupt(error.to_string()))?;
            all.new += taken.new;
            all.refused.extend(taken.refused);
            all.waiting = taken.waiting;
        }
        Ok(all)
    }

    /// Opens a document for a connection.
    pub async fn join(&self, what: What, outlet: Outlet, rights: Rights) {
        self.tell(what, ToRoom::Join { outlet, rights }).await;
    }

    /// Tells a document what a connection may do from now on.
    pub async fn set_rights(&self, what: What, connection: ConnectionId, rights: Rights) {
        self.tell(what, ToRoom::Rights { connection, rights }).await;
    }

    /// Hands on what a connection sent of a document. A heavy word waits for its account's turn here, and for memory
    /// beside its room, which never waits for either; one of many bytes is not even counted on a worker. Its
    /// connection holds the word until it was judged.
    pub async fn message(&self, what: What, outlet: Outlet, mut word: Word, held: Option<Portion>) {
        let mut heavy = None;
        if judging::light_peak_of(&word).is_none() {
            let turn = tokio::select! {
                turn = self.inner.turns.turn_of(Some(outlet.person)) => turn,
                () = outlet.cancel.cancelled() => return,
            };
            let Some((peak, counted)) = self.count(&outlet, word).await else { return };
            word = counted;
            heavy = turn.map(|turn| (turn, peak));
        }
        self.tell(what, ToRoom::Message { outlet, word, heavy, held }).await;
    }

    /// Waits for memory of what everything heavy takes together; what is light takes none of it.
    pub async fn memory_of(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        if bytes <= limits::LIGHT {
            return None;
        }
        self.inner.memory.of(bytes).await
    }

    /// A connection is gone.
    pub async fn leave(&self, what: What, connection: ConnectionId) {
        let open =
            self.inner.open.lock().unwrap_or_else(PoisonError::into_inner).get(&self.id(what)).cloned();
        if let Some(room) = open {
            let _ = room.inbox.send(ToRoom::Leave(connection)).await;
        }
    }

    /// Edits a document on the server's own account.
    ///
    /// # Errors
    /// [`DocumentError`] when the edits do not fit.
    pub async fn edit(&self, what: What, edits: Vec<Edit>, stamp: Stamp) -> Result<(), DocumentError> {
        let (done, result) = oneshot::channel();
        self.tell(what, ToRoom::Edit { edits, stamp, done }).await;
        result.await.map_err(|_| DocumentError::Away)?
    }

    /// Applies a chunk on the server's own account.
    ///
    /// # Errors
    /// [`DocumentError`] when it is damaged.
    pub async fn apply(&self, what: What, bytes: Vec<u8>) -> Result<(), DocumentError> {
        let (done, result) = oneshot::channel();
        self.tell(what, ToRoom::Chunk { bytes, done }).await;
        result.await.map_err(|_| DocumentError::Away)?
    }

    /// Whether a document is what it is taken for. A listing under the id of another document is passed over.
    async fn means(&self, what: What) -> bool {
        let known = {
            let open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.get(&self.id(what)).is_some_and(|room| room.what == what)
        };
        match what {
            What::Board(board) if !known => self.is_a_board(board).await,
            _ => true,
        }
    }

    /// Brings a document level with what other processes have written by now.
    ///
    /// # Errors
    /// [`DocumentError`] when it cannot be read.
    pub async fn catch_up(&self, what: What) -> Result<(), DocumentError> {
        let written = self.inner.store.hashes(self.id(what)).await.map_err(|_| DocumentError::Away)?;
        self.tell(what, ToRoom::Written(written)).await;
        self.read(what).await.map(drop)
    }

    async fn read(&self, what: What) -> Result<Content, DocumentError> {
        if !self.means(what).await {
            return Err(DocumentError::WrongDocument);
        }
        let (reply, content) = oneshot::channel();
        self.tell(what, ToRoom::Ask(Question::Read(reply))).await;
        content.await.map_err(|_| DocumentError::Away)
    }

    /// Sends to a document's task and starts it when it is not there, also when it has just ended.
    async fn tell(&self, what: What, message: ToRoom) {
        let mut message = message;
        if !self.means(what).await {
            return message.turn_away();
        }
        for _ in 0..3 {
            let room = self.room(what);
            // Nobody listens any more once it is read.
            let _ = room.askers.send(self.asker);
            match room.inbox.send(message).await {
                Ok(()) => return,
                Err(unsent) => message = unsent.0,
            }
            let id = self.id(what);
            let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
            if open.get(&id).is_some_and(|room| room.inbox.is_closed()) {
                open.remove(&id);
            }
        }
        message.turn_away();
    }

    fn room(&self, what: What) -> Open {
        let id = self.id(what);
        let mut open = self.inner.open.lock().unwrap_or_else(PoisonError::into_inner);
        // One that is open as another kind was opened before its id was known for that of a log: it ends.
        if let Some(room) = open.get(&id).filter(|room| room.what == what && !room.inbox.is_closed()) {
            return room.clone();
        }
        let (sender, inbox) = mpsc::channel(limits::INBOX);
        let (askers, waiting) = mpsc::unbounded_channel();
        let room = Open { what, inbox: sender, askers };
        open.insert(id, room.clone());
        // The task holds no account: its document is read by the turn of anybody who waits for it.
        let rooms = Self { inner: Arc::clone(&self.inner), asker: None };
        self.inner.tasks.spawn(Task::new(id, what, rooms).run(inbox, waiting));
        room
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
        RefusalCode::PlanSettled => "清单已定稿，未被接受；请用“提出修改”，改动仍保存在本机",
    }
}

#[cfg(test)]
mod tests;
