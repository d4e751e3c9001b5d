//! Two processes over one store, and two changes under one number of their author.

use super::*;
use tongban_shared::document::{Chunk, Document};
use tongban_shared::edit::{BoardField, Edit};

const ID: BoardId = BoardId::from_bytes([1; 16]);

/// So many operations by one author under its first number: each count is another change.
fn change(operations: u64) -> Change {
    Change::of(operations)
}

fn chunk(change: &Change) -> Chunk {
    let (bytes, hash) = change.sealed();
    Chunk { hash, bytes, actor: change.actor.clone(), number: change.sequence }
}

async fn writer(rooms: &Rooms, person: u8) -> (Outlet, mpsc::Receiver<Bytes>) {
    let (outlet, inbox) = outlet(person);
    rooms.join(board(1), outlet.clone(), Rights { write: true, ..Rights::default() }).await;
    (outlet, inbox)
}

async fn stored(store: &Slow) -> Vec<[u8; 32]> {
    store.load(DocumentId::board(ID)).await.expect("loads").hashes
}

#[tokio::test]
async fn of_two_changes_under_one_number_to_two_processes_the_second_is_refused_by_name() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let store = Slow::new(100);
    // Neither hears of the other before it has written.
    let [one, other] = [rooms(&store, folders[0].path()).await, rooms(&store, folders[1].path()).await];
    let ((first, _at_first), (second, _at_second)) = (writer(&one, 1).await, writer(&other, 2).await);
    for rooms in [&one, &other] {
        rooms.board(ID).await.expect("a board");
    }
    one.message(board(1), first.clone(), brings(&change(1)), None).await;
    one.board(ID).await.expect("a board");
    other.message(board(1), second.clone(), brings(&change(2)), None).await;
    other.board(ID).await.expect("read anew");
    assert_eq!(stored(&store).await, [chunk(&change(1)).hash], "one of them is stored");
    other.inner.audit.settle().await;
    let told = other.inner.audit.newest(Some("refused"), 10).await.expect("asked");
    assert!(told.iter().any(|one| one["about"]["why"] == "numbers"), "{told:#?}");
    // The same once more is the same: nobody is refused for it.
    let (again, _at_again) = writer(&other, 3).await;
    other.message(board(1), again.clone(), brings(&change(1)), None).await;
    other.board(ID).await.expect("a board");
    let is_held = |person| (1..limits::OFFENCES).any(|_| other.inner.offences.note(person));
    assert!(is_held(second.person) && !is_held(again.person));
}

/// A change that another process has compacted away is known by its number alone.
#[tokio::test]
async fn a_change_that_another_process_has_compacted_is_no_fault_of_who_sends_it_again() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let store = Slow::new(100);
    let [one, other] = [rooms(&store, folders[0].path()).await, rooms(&store, folders[1].path()).await];
    let ((first, _at_first), (again, _at_again)) = (writer(&one, 1).await, writer(&other, 2).await);
    for rooms in [&one, &other] {
        rooms.board(ID).await.expect("a board");
    }
    one.message(board(1), first.clone(), brings(&change(1)), None).await;
    one.board(ID).await.expect("a board");
    let made = task::compaction::snapshot(&one, DocumentId::board(ID), Kind::Board).await.expect("made");
    let made = made.write(&*store, DocumentId::board(ID)).await;
    made.expect("written");
    assert!(stored(&store).await.is_empty(), "it is in the snapshot");
    other.message(board(1), again.clone(), brings(&change(1)), None).await;
    other.board(ID).await.expect("read anew");
    assert!(stored(&store).await.is_empty());
    let is_held = |person| (1..limits::OFFENCES).any(|_| other.inner.offences.note(person));
    assert!(!is_held(again.person));
    // Another one under its number is refused all the same.
    let (second, _at_second) = writer(&one, 3).await;
    one.message(board(1), second, brings(&change(2)), None).await;
    one.board(ID).await.expect("a board");
    assert!(stored(&store).await.is_empty());
}

/// Two changes under one number that a version before has stored.
#[tokio::test]
async fn a_board_with_two_changes_under_one_number_is_whole_without_the_second() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(100);
    let on_second =
        Change { ancestors: vec![chunk(&change(2)).hash], actor: vec![8; 16], start: 3, ..change(1) };
    for one in [change(1), change(2), on_second] {
        // It knew no numbers.
        let one = Chunk { actor: chunk(&one).hash.to_vec(), ..chunk(&one) };
        let total = Extent { bytes: 1, operations: 1 };
        let batch = Append { document: DocumentId::board(ID), chunks: vec![one], over_damage: false, total };
        store.append(batch).await.expect("stored");
    }
    let rooms = rooms(&store, folder.path()).await;
    let (writes, _hears) = writer(&rooms, 1).await;
    rooms.board(ID).await.expect("a board");
    // Nothing may come in under the name of another device: the store has lost nothing.
    let claims = Change { actor: vec![9; 20], ..change(1) };
    rooms.message(board(1), writes.clone(), brings(&claims), None).await;
    rooms.board(ID).await.expect("a board");
    assert_eq!(stored(&store).await.len(), 3);
    // It goes on from the first, and is compacted.
    let on_first =
        Change { ancestors: vec![chunk(&change(1)).hash], actor: vec![6; 16], start: 2, ..change(1) };
    rooms.message(board(1), writes.clone(), brings(&on_first), None).await;
    rooms.board(ID).await.expect("a board");
    assert_eq!(stored(&store).await.len(), 4);
    let made = task::compaction::snapshot(&rooms, DocumentId::board(ID), Kind::Board).await.expect("made");
    assert_eq!(made.covers.len(), 2);
    let told = rooms.inner.audit.newest(Some("damaged"), 10).await.expect("asked");
    assert_eq!(told.len(), 1, "{told:#?}");
}

fn titled(title: &str) -> Chunk {
    let edit = Edit::SetBoardField { field: BoardField::Title, value: title.to_owned() };
    let mut document = Document::new(Kind::Board, &[5; 16]);
    document.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change")
}

async fn stores(store: &Slow, number: u8) {
    let document = DocumentId::board(BoardId::from_bytes([number; 16]));
    let total = Extent { bytes: 1, operations: 1 };
    let batch = Append { document, chunks: vec![titled("elsewhere")], over_damage: false, total };
    store.append(batch).await.expect("stored");
}

/// Looks for what other processes write until the board has its title.
async fn hears(rooms: &Rooms, cursor: i64, full: impl AsyncFnOnce()) -> bool {
    let woken = tokio::sync::Notify::new();
    let heard = async {
        full().await;
        while rooms.board(ID).await.expect("a board").title != "elsewhere" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = rooms.watch(cursor, Duration::from_millis(5), &woken) => false,
        heard = tokio::time::timeout(Duration::from_secs(60), heard) => heard.is_ok(),
    }
}

#[tokio::test]
async fn a_room_that_takes_nothing_keeps_no_other_from_hearing_of_other_processes() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(1);
    let rooms = rooms(&store, folder.path()).await;
    rooms.board(ID).await.expect("a board");
    // The second is being read, and its inbox is full.
    for _ in 0..limits::INBOX {
        rooms.tell(board(2), ToRoom::Again).await;
    }
    let cursor = store.cursor().await.expect("a cursor");
    stores(&store, 2).await;
    let other = async || {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stores(&store, 1).await;
    };
    assert!(hears(&rooms, cursor, other).await);
    let id = rooms.id(board(2));
    let full = rooms.inner.open.lock().expect("whole").get(&id).map(|room| room.inbox.capacity());
    assert_eq!(full, Some(0), "it takes nothing still");
}

/// A database on the disk deletes what is compacted: whoever was away reads the snapshot.
#[tokio::test]
async fn what_was_compacted_while_a_process_was_away_is_heard_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let store: Arc<dyn Store> =
        Arc::new(Database::open(&Place::from(folder.path())).await.expect("a database"));
    let over = |store: &Arc<dyn Store>| {
        let (store, folder) = (Arc::clone(store), folder.path().to_owned());
        async move {
            let audit = Audit::new(
                Database::open(&Place::from(folder.as_path())).await.expect("a database"),
                Key::from_seed(&[1; 32]),
            );
            let (space, stop) = (SpaceId::from_bytes([9; 16]), CancellationToken::new());
            Rooms::new(space, store, "server".to_owned(), stop, Arc::default(), (audit, false))
        }
    };
    let [one, away] = [over(&store).await, over(&store).await];
    let cursor = store.cursor().await.expect("a cursor");
    away.board(ID).await.expect("a board");
    one.apply(board(1), titled("elsewhere").bytes).await.expect("applied");
    let made = task::compaction::snapshot(&one, DocumentId::board(ID), Kind::Board).await.expect("made");
    made.write(&*store, DocumentId::board(ID)).await.expect("written");
    assert_eq!(store.loose_changes(DocumentId::board(ID)).await.expect("asked"), 0);
    assert!(hears(&away, cursor, async || {}).await);
}
