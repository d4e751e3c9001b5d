//! Reading documents over a store that is slow, or never answers.

mod answers;
mod ended;
mod kept;
mod lines;
mod readings;
mod twice;

use super::*;
use crate::shares::{Payer, Shares};
use crate::store::memory::MemoryStore;
use crate::store::{Append, Database, Lengths, Loaded, Place, StoreError};
use async_trait::async_trait;
use axum::body::Bytes;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tongban_fuzz::hostile::{Change, run, signed};
use tongban_shared::sync::Dialect;
use tongban_shared::sync::room::Extent;
use tongban_shared::trust::Key;

/// A store that counts who is reading it, and lets nobody go on before there is a permit.
struct Slow {
    inner: MemoryStore,
    reading: AtomicUsize,
    most: AtomicUsize,
    gate: Semaphore,
    /// How often all of a document was read.
    loads: AtomicUsize,
    /// Those that wait for a permit to write, or write.
    writing: AtomicUsize,
    writes: Semaphore,
    /// Those who have an account, and how often they were all read.
    people: Mutex<BTreeSet<PersonId>>,
    people_read: AtomicUsize,
}

impl Slow {
    fn new(permits: usize) -> Arc<Self> {
        let (inner, gate) = (MemoryStore::default(), Semaphore::new(permits));
        let (reading, most, loads, writing, people_read) = Default::default();
        let (writes, people) = (Semaphore::new(1000), Mutex::default());
        Arc::new(Self { inner, gate, reading, most, loads, writing, writes, people, people_read })
    }

    async fn until_reading(&self, count: usize) {
        while self.reading.load(Ordering::Relaxed) != count {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl Store for Slow {
    async fn load(&self, document: DocumentId) -> Result<Loaded, StoreError> {
        let reading = self.reading.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(reading, Ordering::Relaxed);
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        self.gate.acquire().await.expect("open").forget();
        self.reading.fetch_sub(1, Ordering::Relaxed);
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.inner.load(document).await
    }

    async fn lengths(&self, document: DocumentId) -> Result<Lengths, StoreError> {
        self.inner.lengths(document).await
    }

    async fn snapshots(&self, document: DocumentId) -> Result<Vec<Vec<u8>>, StoreError> {
        self.inner.snapshots(document).await
    }

    async fn changes(&self, document: DocumentId, hashes: &[[u8; 32]]) -> Result<Vec<Vec<u8>>, StoreError> {
        self.inner.changes(document, hashes).await
    }

    async fn append(&self, batch: Append) -> Result<(), StoreError> {
        self.writing.fetch_add(1, Ordering::Relaxed);
        self.writes.acquire().await.expect("open").forget();
        self.inner.append(batch).await
    }

    async fn compact(
        &self,
        document: DocumentId,
        snapshot: Vec<u8>,
        holds: (Vec<[u8; 32]>, Vec<[u8; 32]>),
        over: i64,
    ) -> Result<(), StoreError> {
        self.inner.compact(document, snapshot, holds, over).await
    }

    async fn loose_changes(&self, document: DocumentId) -> Result<u64, StoreError> {
        self.inner.loose_changes(document).await
    }

    async fn arrivals(&self, after: i64) -> Result<(i64, Vec<(DocumentId, [u8; 32])>), StoreError> {
        self.inner.arrivals(after).await
    }

    async fn cursor(&self) -> Result<i64, StoreError> {
        self.inner.cursor().await
    }

    async fn hold(&self, document: DocumentId) -> Result<bool, StoreError> {
        self.inner.hold(document).await
    }

    async fn held(&self) -> Result<Vec<DocumentId>, StoreError> {
        self.inner.held().await
    }

    async fn replace(
        &self,
        document: DocumentId,
        snapshot: Vec<u8>,
        total: Extent,
    ) -> Result<(), StoreError> {
        self.inner.replace(document, snapshot, total).await
    }

    async fn largest(&self, most: u32) -> Result<Vec<(DocumentId, Extent)>, StoreError> {
        self.inner.largest(most).await
    }

    async fn people(&self) -> Result<BTreeSet<PersonId>, StoreError> {
        self.people_read.fetch_add(1, Ordering::Relaxed);
        Ok(self.people.lock().expect("people").clone())
    }

    async fn people_count(&self) -> Result<u64, StoreError> {
        Ok(self.people.lock().expect("people").len() as u64)
    }

    async fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        self.inner.documents().await
    }
}

/// A word of a connection that brings a change of which automerge would write another one.
fn spoiling() -> Word {
    brings(&spoilt())
}

fn spoilt() -> Change {
    let mut change = Change::of(1);
    change.columns[4].1 = run(1, &[1]);
    change.columns.push((0x71, run(1, &[0])));
    change.columns.push((0x73, run(1, &signed(900_000))));
    change
}

/// A word of a connection that brings a change.
fn brings(change: &Change) -> Word {
    says(vec![change.sealed().0])
}

fn brings_all(changes: &[Change]) -> Word {
    says(changes.iter().map(|change| change.sealed().0).collect())
}

/// A word of a device that has these changes.
fn says(changes: Vec<Vec<u8>>) -> Word {
    let changes = automerge::sync::ChunkList::from(changes);
    let (heads, need, have) = (Vec::new(), Vec::new(), Vec::new());
    let version = automerge::sync::MessageVersion::V2;
    let message = automerge::sync::Message { heads, need, have, changes, flags: None, version };
    Word::Sync { data: message.encode(), anew: true }
}

async fn rooms(store: &Arc<Slow>, folder: &std::path::Path) -> Rooms {
    let database = Database::open(&Place::from(folder)).await.expect("a database");
    let audit = Audit::new(database, Key::from_seed(&[1; 32]));
    let (space, store, stop) = (SpaceId::from_bytes([9; 16]), Arc::clone(store), CancellationToken::new());
    Rooms::new(space, store, "server".to_owned(), stop, Arc::default(), (audit, false))
}

/// A connection of a person.
fn outlet(person: u8) -> (Outlet, mpsc::Receiver<Bytes>) {
    let (outbox, inbox) = mpsc::channel(limits::OUTBOX);
    let outlet = Outlet {
        id: ConnectionId(u64::from(person)),
        name: "device".to_owned(),
        person: PersonId::from_bytes([person; 16]),
        device: None,
        dialect: Dialect::Tongban,
        outbox,
        weight: Arc::new(Weight::new(&Shares::default(), Payer::Account(PersonId::from_bytes([person; 16])))),
        cancel: CancellationToken::new(),
        closing: Arc::default(),
        standing: None,
    };
    (outlet, inbox)
}

fn board(number: u8) -> What {
    What::Board(BoardId::from_bytes([number; 16]))
}

/// Opens a document for a connection, on the account of its person.
async fn open(rooms: &Rooms, outlet: &Outlet, what: What) {
    rooms.on_account_of(outlet.person).join(what, outlet.clone(), Rights::default()).await;
}

/// Waits for the answer to each of so many documents.
async fn answers(inbox: &mut mpsc::Receiver<Bytes>, count: usize) {
    for _ in 0..count {
        inbox.recv().await.expect("the rights of an open document");
    }
}

#[tokio::test]
async fn an_account_has_few_documents_read_at_once_and_others_have_theirs_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(0);
    let rooms = rooms(&store, folder.path()).await;
    let ((one, mut at_one), (two, mut at_two)) = (outlet(1), outlet(2));
    for number in 0..20 {
        open(&rooms, &one, board(number)).await;
    }
    let most = usize::try_from(limits::LOADS).expect("small");
    store.until_reading(most).await;
    open(&rooms, &two, board(20)).await;
    store.until_reading(most + 1).await;
    store.gate.add_permits(21);
    answers(&mut at_two, 1).await;
    answers(&mut at_one, 20).await;
    assert_eq!(store.most.load(Ordering::Relaxed), most + 1, "of 21");
}

#[tokio::test]
async fn nobody_waits_for_a_document_behind_the_queue_of_another_account() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(0);
    let rooms = rooms(&store, folder.path()).await;
    let ((one, _at_one), (two, mut at_two)) = (outlet(1), outlet(2));
    for number in 0..20 {
        open(&rooms, &one, board(number)).await;
    }
    let most = usize::try_from(limits::LOADS).expect("small");
    store.until_reading(most).await;
    // The last of the queue: it is read by the turn of the second account, and answers it.
    open(&rooms, &two, board(19)).await;
    store.until_reading(most + 1).await;
    store.gate.add_permits(20);
    answers(&mut at_two, 1).await;
}

#[tokio::test]
async fn everything_heavy_shares_a_bound_of_memory() {
    let memory = judging::Memory::new();
    let most = u64::from(limits::HEAVY_MEMORY - limits::HEAVY_MEMORY_FOR_SMALL) * 1024 * 1024;
    let first = memory.of(most / 2).await;
    let mut second = Box::pin(memory.of(most / 2 + 1));
    assert!(futures::poll!(&mut second).is_pending(), "beside the first");
    drop(first);
    let second = second.await;
    let mut alone = Box::pin(memory.of(u64::MAX));
    assert!(futures::poll!(&mut alone).is_pending());
    drop(second);
    let alone = alone.await;
    let large = limits::SMALL_OF_HEAVY + 1;
    assert!(futures::poll!(Box::pin(memory.of(large))).is_pending(), "beside one that takes everything");
    let small = memory.of(limits::SMALL_OF_HEAVY).await;
    assert!(small.is_some(), "what is small never waits for that");
    drop(alone);
    assert!(futures::poll!(Box::pin(memory.of(large))).is_ready());
}

#[tokio::test]
async fn a_document_that_takes_too_long_to_read_is_given_up_and_holds_up_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(0);
    let rooms = rooms(&store, folder.path()).await;
    let begun = tokio::time::Instant::now();
    let ((one, _), (two, mut at_two)) = (outlet(1), outlet(2));
    open(&rooms, &one, board(1)).await;
    one.cancel.cancelled().await;
    assert!(begun.elapsed() >= limits::LOADING, "it is closed then, to come again");
    store.gate.add_permits(2);
    open(&rooms, &two, board(1)).await;
    answers(&mut at_two, 1).await;
    // The account that waited has its turn back.
    let (again, mut at_one) = outlet(1);
    open(&rooms, &again, board(2)).await;
    answers(&mut at_one, 1).await;
}

#[tokio::test]
async fn whatever_waits_for_a_document_is_taken_however_much_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(0);
    let rooms = rooms(&store, folder.path()).await;
    let mut open_ones = Vec::new();
    // More than a round takes, while the document is still being read.
    for person in 1..=u8::MAX {
        let (outlet, inbox) = outlet(person);
        open(&rooms, &outlet, board(1)).await;
        open_ones.push((outlet, inbox));
    }
    assert!(open_ones.len() > limits::BATCH && open_ones.len() < limits::INBOX);
    store.gate.add_permits(1);
    for (outlet, inbox) in &mut open_ones {
        let told = tokio::time::timeout(Duration::from_secs(10), answers(inbox, 1)).await;
        assert!(told.is_ok(), "{:?} was never told", outlet.id);
    }
}

#[tokio::test]
async fn questions_about_a_document_are_answered_from_what_is_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(0);
    let rooms = rooms(&store, folder.path()).await;
    let (hostile, _inbox) = outlet(1);
    rooms.join(board(1), hostile.clone(), Rights { write: true, ..Rights::default() }).await;
    rooms.message(board(1), hostile.clone(), spoiling(), None).await;
    // Asked in the same round, which is dropped: the answer is that of the next one.
    let asked = tokio::spawn({
        let rooms = rooms.clone();
        async move { rooms.board(BoardId::from_bytes([1; 16])).await }
    });
    tokio::task::yield_now().await;
    store.gate.add_permits(2);
    let board = asked.await.expect("it ends").expect("a board");
    assert!(board.items.is_empty());
    assert!(hostile.cancel.is_cancelled(), "whoever has spoilt it is closed");
}

/// A change that spoils a document can wait for one of somebody else's: its sender is closed for it, and not
/// the one who brings what it waits for.
#[tokio::test]
async fn whoever_sent_what_waits_answers_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(10);
    let rooms = rooms(&store, folder.path()).await;
    let [(hostile, _hears), (honest, mut told)] = [outlet(1), outlet(2)];
    for outlet in [&hostile, &honest] {
        rooms.join(board(1), outlet.clone(), Rights { write: true, ..Rights::default() }).await;
    }
    let first = Change { actor: vec![2; 16], ..Change::of(1) };
    let waits = Change { ancestors: vec![first.sealed().1], start: 2, ..spoilt() };
    rooms.message(board(1), hostile.clone(), brings(&waits), None).await;
    rooms.message(board(1), honest.clone(), brings(&first), None).await;
    let closed = tokio::time::timeout(Duration::from_secs(10), hostile.cancel.cancelled()).await;
    assert!(closed.is_ok(), "it is read, and its sender closed");
    // A connection that was still being brought level comes again, without an offence.
    let _ = tokio::time::timeout(Duration::from_millis(200), told.recv()).await;
    // One more offence than these is a pause.
    let is_held = |person| (1..limits::OFFENCES).any(|_| rooms.inner.offences.note(person));
    assert!(is_held(hostile.person), "it is held against its sender");
    assert!(!is_held(honest.person), "and against nobody else");
}

/// A thousand boards and units in one change are a million logs: none is made before somebody asks.
#[tokio::test]
async fn logs_are_made_when_somebody_asks_for_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let rooms = rooms(&Slow::new(1000), folder.path()).await;
    let space = |boards: u8, units: u8| {
        let mut space = Space::default();
        space.boards.extend((0..boards).map(|one| (BoardId::from_bytes([one; 16]), Default::default())));
        space.units.extend((0..units).map(|one| (UnitId::from_bytes([one; 16]), Default::default())));
        Arc::new(space)
    };
    let made = || rooms.inner.catalog.read().expect("whole").made();
    let log = |board: u8, unit: u8| (BoardId::from_bytes([board; 16]), UnitId::from_bytes([unit; 16]));
    rooms.learn(&space(200, 200));
    assert_eq!(made(), 0);
    for (boards, units) in [(200, 200), (200, 201), (201, 201), (100, 201)] {
        rooms.learn(&space(boards, units));
        for (board, unit) in [log(0, 0), log(boards - 1, units - 1)] {
            assert_eq!(rooms.log_of(DocumentId::log(board, unit)).await, Some(What::Log(board, unit)));
        }
        let (board, unit) = log(boards, units);
        assert_eq!(rooms.log_of(DocumentId::log(board, unit)).await, None);
        assert_eq!(made(), usize::from(boards) * usize::from(units));
    }
}
