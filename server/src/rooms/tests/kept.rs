//! Things that take memory for long: snapshots that are made, and logs that are kept read.

use super::*;
use crate::rooms::judged::{BoardTurn, Kept};
use crate::rooms::task::compaction;
use std::sync::Weak;
use tongban_shared::document::{Chunk, Document, Stamp};
use tongban_shared::edit::{BoardField, Edit, TextPlace};
use tongban_shared::entry::{Author, EntryKind, Subject};
use tongban_shared::id::EntryId;

/// A large document beside others that are being read.
#[tokio::test]
async fn a_large_document_is_compacted_when_there_is_memory_for_it() {
    let (store, folder) = (Slow::new(1000), tempfile::tempdir().expect("a folder"));
    let rooms = rooms(&store, folder.path()).await;
    let mut document = Document::new(Kind::Board, &[1; 16]);
    let insert = "同".repeat(60_000);
    let edit = Edit::SpliceText { text: TextPlace::Goal, at: 0, delete: 0, insert };
    document.edit(&edit, &Stamp::default()).expect("an edit");
    let (chunks, total) = (document.changes_since(&[]), Extent::of(&mut document));
    store.append(Append { document: ID, chunks, over_damage: false, total }).await.expect("stored");
    let all = rooms.inner.memory.of(u64::MAX).await;
    let made = compaction::snapshot(&rooms, ID, Kind::Board);
    let mut made = Box::pin(made);
    let waits = tokio::time::timeout(Duration::from_secs(1), &mut made).await;
    assert!(waits.is_err(), "while others have the memory");
    drop(all);
    let made = made.await.expect("a snapshot");
    assert_eq!(made.covers.len(), document.changes_since(&[]).len());
}

/// By its length, which the store knows.
#[tokio::test]
async fn nothing_of_a_large_document_is_read_before_there_is_memory_for_it() {
    let (store, folder) = (Slow::new(1000), tempfile::tempdir().expect("a folder"));
    let rooms = rooms(&store, folder.path()).await;
    let large = usize::try_from(limits::HEAVY_LOAD / 2).expect("a length");
    let chunk = Chunk { hash: [7; 32], bytes: vec![7; large], actor: vec![7; 16], number: 1 };
    let board = BoardId::from_bytes([6; 16]);
    let (document, total) = (DocumentId::board(board), Extent::default());
    let batch = Append { document, chunks: vec![chunk], over_damage: false, total };
    store.append(batch).await.expect("stored");
    let all = rooms.inner.memory.of(u64::MAX).await;
    let waits = tokio::time::timeout(Duration::from_millis(500), rooms.board(board)).await;
    assert!(waits.is_err(), "while others have the memory");
    assert_eq!(store.most.load(Ordering::Relaxed), 0, "nobody has asked the store for it");
    let made = compaction::snapshot(&rooms, document, Kind::Board);
    let waits = tokio::time::timeout(Duration::from_millis(500), made).await;
    assert!(waits.is_err() && store.most.load(Ordering::Relaxed) == 0);
    drop(all);
    rooms.board(board).await.expect("what is left of it");
    assert_eq!(store.most.load(Ordering::Relaxed), 1);
}

/// A document had many changes before its snapshot: only what stands beside that is looked for.
#[tokio::test]
async fn a_compaction_deletes_what_is_there() {
    let (store, folder) = (Slow::new(1000), tempfile::tempdir().expect("a folder"));
    let rooms = rooms(&store, folder.path()).await;
    let mut document = Document::new(Kind::Board, &[1; 16]);
    let mut write = async |count: usize| {
        let before = document.heads();
        for number in 0..count {
            let edit = Edit::SetBoardField { field: BoardField::Title, value: number.to_string() };
            document.edit(&edit, &Stamp::default()).expect("an edit");
        }
        let (chunks, total) = (document.changes_since(&before), Extent::of(&mut document));
        store.append(Append { document: ID, chunks, over_damage: false, total }).await.expect("stored");
        let made = compaction::snapshot(&rooms, ID, Kind::Board).await.expect("a snapshot");
        let covers = made.covers.len();
        made.write(&*store, ID).await.expect("written");
        assert_eq!(store.loose_changes(ID).await.expect("asked"), 0);
        covers
    };
    assert_eq!(write(50).await, 50);
    assert_eq!(write(3).await, 3);
}

const ID: DocumentId = DocumentId::from_bytes([5; 16]);

/// However many boards are asked for, and however large they are.
#[test]
fn judgements_are_kept_within_a_bound_of_bytes() {
    let kept = Kept::default();
    let part = limits::JUDGED_BYTES / 4;
    let turns: Vec<(BoardId, Weak<BoardTurn>)> = (0..20)
        .map(|number| {
            let board = BoardId::from_bytes([number; 16]);
            let turn = kept.turn(board);
            kept.weighs(board, &turn, part);
            (board, Arc::downgrade(&turn))
        })
        .collect();
    let held = || turns.iter().filter(|(_, turn)| turn.strong_count() > 0).count();
    assert_eq!(held(), 4, "the last ones");
    let (first, _) = turns[16];
    let turn = kept.turn(first);
    kept.weighs(first, &turn, limits::JUDGED_BYTES * 2);
    assert_eq!(held(), 1, "a large one alone");
}

/// Two devices end at one moment, of which each has written on many boards, with one log open beside them.
#[tokio::test]
async fn logs_that_are_gathered_for_an_ending_are_held_one_at_a_time() {
    let (store, folder) = (Slow::new(1000), tempfile::tempdir().expect("a folder"));
    let rooms = rooms(&store, folder.path()).await;
    let (units, boards) = ([UnitId::from_bytes([1; 16]), UnitId::from_bytes([2; 16])], 1..=12_u8);
    let device = |unit: UnitId| DeviceId::from_bytes(*unit.bytes());
    for (unit, number) in units.iter().flat_map(|unit| boards.clone().map(move |number| (*unit, number))) {
        let board = BoardId::from_bytes([number; 16]);
        let mut document = Document::new(Kind::Log, &[1; 16]);
        // Two of the device, and one of somebody else.
        let (own, other) = (device(unit), DeviceId::from_bytes([3; 16]));
        for (id, device) in [(number, own), (number + 20, own), (number + 40, other)] {
            let (id, person) = (EntryId::from_bytes([id; 16]), PersonId::from_bytes([4; 16]));
            let author = Author { person, unit, device, writer: String::new() };
            let subject = Subject { board, item: None, unit: None, indicator: None };
            let entry = Entry::new(id, EntryKind::Report, author, subject);
            let edit = Edit::AddEntry { id, bytes: entry.to_bytes() };
            document.edit(&edit, &Stamp::default()).expect("an edit");
        }
        let (chunks, total) = (document.changes_since(&[]), Extent::of(&mut document));
        let of = Append { document: DocumentId::log(board, unit), chunks, over_damage: false, total };
        store.append(of).await.expect("stored");
    }
    let open = rooms.log(BoardId::from_bytes([1; 16]), units[0]).await.expect("a log");
    assert_eq!((open.len(), rooms.open_count()), (3, 1));
    let gather = async |unit: UnitId| {
        let mut seen = Vec::new();
        for number in boards.clone() {
            let log = (BoardId::from_bytes([number; 16]), unit);
            seen.extend(rooms.entries_by(device(unit), log).await.expect("read"));
        }
        seen.sort_unstable();
        seen
    };
    let (one, two) = tokio::join!(gather(units[0]), gather(units[1]));
    let all: Vec<EntryId> = boards
        .clone()
        .chain(boards.map(|number| number + 20))
        .map(|at| EntryId::from_bytes([at; 16]))
        .collect();
    assert!(one == all && two == all, "{one:?}, {two:?}");
    assert_eq!(store.most.load(Ordering::Relaxed), 1, "at once");
    assert_eq!(rooms.open_count(), 1, "the one that was open, and no other");
}
