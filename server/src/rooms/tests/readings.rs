//! A document is read for questions once as it stands, once at a time, and within the memory of what is heavy.

use super::*;
use tongban_shared::document::DocumentError;
use tongban_shared::edit::{BoardField, NewItem};
use tongban_shared::id::ItemId;
use tongban_shared::model::Board;

const STAMP: Stamp = Stamp { time: 0, by: String::new() };
const BOARD: BoardId = BoardId::from_bytes([1; 16]);

/// A board of so many operations that it is read beside the workers.
async fn long(folder: &std::path::Path) -> Rooms {
    let rooms = rooms(&Slow::new(10), folder).await;
    let item = NewItem { text: "字".repeat(9000), ..NewItem::default() };
    let edit = Edit::AddItem { id: ItemId::from_bytes([1; 16]), item: Box::new(item) };
    rooms.edit(board(1), vec![edit], STAMP).await.expect("an edit");
    rooms
}

async fn edit(rooms: &Rooms, words: &str) {
    let edit = Edit::SetBoardField { field: BoardField::Title, value: words.to_owned() };
    rooms.edit(board(1), vec![edit], STAMP).await.expect("an edit");
}

fn is_away(read: &Result<Arc<Board>, DocumentError>) -> bool {
    matches!(read, Err(DocumentError::Away))
}

#[tokio::test]
async fn a_word_that_brings_nothing_leaves_the_board_that_was_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let rooms = rooms(&Slow::new(10), folder.path()).await;
    edit(&rooms, "甲").await;
    let before = rooms.board(BOARD).await.expect("a board");
    let (outlet, _inbox) = outlet(1);
    rooms.join(board(1), outlet.clone(), Rights { write: true, ..Rights::default() }).await;
    rooms.message(board(1), outlet, answers::asks(), None).await;
    let after = rooms.board(BOARD).await.expect("a board");
    assert!(Arc::ptr_eq(&before, &after), "it is not read again");
    edit(&rooms, "乙").await;
    assert_eq!(rooms.board(BOARD).await.expect("a board").title, "乙");
}

#[tokio::test]
async fn a_board_that_is_being_read_still_is_not_read_beside_that() {
    let folder = tempfile::tempdir().expect("a folder");
    let rooms = long(folder.path()).await;
    let id = DocumentId::board(BOARD);
    let mut reading = rooms.inner.readings.begin(id).expect("a reading");
    assert!(is_away(&rooms.board(BOARD).await), "whoever asks comes again");
    edit(&rooms, "甲").await;
    reading.is_whole();
    drop(reading);
    assert_eq!(rooms.board(BOARD).await.expect("a board").title, "甲");
    // One that came to nothing is not tried again at once.
    edit(&rooms, "乙").await;
    drop(rooms.inner.readings.begin(id).expect("a reading"));
    assert!(is_away(&rooms.board(BOARD).await));
    tokio::time::sleep(limits::READ_AGAIN).await;
    assert_eq!(rooms.board(BOARD).await.expect("a board").title, "乙");
}

#[tokio::test]
async fn a_large_board_is_read_when_there_is_memory_and_its_room_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let rooms = long(folder.path()).await;
    let all: Vec<_> = (0..4).filter_map(|_| rooms.inner.memory.now(15 << 20)).collect();
    assert_eq!(all.len(), 4);
    let asking = {
        let rooms = rooms.clone();
        tokio::spawn(async move { rooms.board(BOARD).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!asking.is_finished(), "it waits for memory");
    edit(&rooms, "甲").await;
    drop(all);
    assert_eq!(asking.await.expect("an answer").expect("a board").title, "甲");
    assert!(rooms.inner.memory.now(15 << 20).is_some(), "and gives it back");
}

#[tokio::test]
async fn what_another_process_has_written_is_read_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(10);
    let rooms = rooms(&store, folder.path()).await;
    edit(&rooms, "甲").await;
    let before = store.loads.load(Ordering::Relaxed);
    // It is in a snapshot by now, as it seems, and not in this one.
    rooms.tell(board(1), ToRoom::Written(vec![[7; 32]])).await;
    edit(&rooms, "乙").await;
    assert_eq!(store.loads.load(Ordering::Relaxed) - before, 1);
}

#[tokio::test]
async fn people_are_read_when_somebody_has_come_not_for_each_word_of_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(10);
    let comes = |number: u8| {
        store.people.lock().expect("people").insert(PersonId::from_bytes([number; 16]));
    };
    (1..4).for_each(comes);
    let rooms = rooms(&store, folder.path()).await;
    let (outlet, _inbox) = outlet(1);
    let rights = Rights { write: true, server: true, ..Rights::default() };
    rooms.join(What::Space, outlet.clone(), rights).await;
    let says_so_often = async |times: usize| {
        for _ in 0..times {
            rooms.message(What::Space, outlet.clone(), answers::asks(), None).await;
            // It has been heard when this is done.
            rooms.edit(What::Space, Vec::new(), STAMP).await.expect("nothing is written");
        }
        store.people_read.load(Ordering::Relaxed)
    };
    assert_eq!(says_so_often(5).await, 1);
    comes(4);
    assert_eq!(says_so_often(5).await, 2);
}
