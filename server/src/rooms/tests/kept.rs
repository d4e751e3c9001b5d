//! Things that take memory for long: snapshots that are made, and logs that are kept read.

use super::*;
use crate::rooms::judged::{BoardTurn, Kept};
use crate::rooms::task::compaction;
use std::sync::Weak;
use tongban_shared::document::{Document, Stamp};
use tongban_shared::edit::{Edit, TextPlace};

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
    assert_eq!(made.covers.len(), document.hashes().len());
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
