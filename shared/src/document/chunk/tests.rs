//! Whatever automerge writes is counted as automerge counts it; what it would stumble over is refused.

use super::*;
use crate::document::{Document, Kind, Stamp};
use crate::edit::{BoardField, Edit};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, ObjType, ROOT, ReadDoc, ScalarValue};
use proptest::prelude::*;

const ALL: u64 = u64::MAX / 4;

fn counted(chunk: &[u8]) -> Size {
    measure(chunk, ALL).unwrap_or_else(|error| panic!("{error:?} of {} bytes", chunk.len()))
}

/// Every change alone, packed and plain, and the document as a whole, packed and plain.
fn agrees(document: &mut AutoCommit) {
    let changes = document.get_changes(&[]);
    let mut operations = 0;
    for change in &changes {
        let size = counted(change.raw_bytes());
        assert_eq!(size.operations, change.len() as u64);
        let named: usize = change.decode().operations.iter().map(|one| one.pred.iter().count()).sum();
        assert_eq!((size.changes, size.named), (1, named as u64));
        let packed = change.clone().bytes().into_owned();
        assert_eq!(counted(&packed).operations, size.operations);
        for mut bytes in [packed, change.raw_bytes().to_vec()] {
            assert!(is_as_written(&bytes));
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            assert!(!is_as_written(&bytes), "a flipped bit is no word of anybody");
        }
        operations += size.operations;
    }
    for whole in [document.save(), document.save_nocompress()] {
        assert!(is_as_written(&whole));
        let size = counted(&whole);
        assert_eq!((size.changes, size.operations), (changes.len() as u64, operations));
    }
}

/// Acts of people, each with a device: words, numbers, lists, texts, deletions, counters, marks, forks.
#[derive(Debug, Clone)]
enum Act {
    Put(u8, u8),
    Delete(u8),
    Type(u8, u8, String),
    Object(u8),
    Count(i8),
    Mark(u8),
    Commit(i32),
    Fork,
    Merge,
    Empty,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (any::<u8>(), any::<u8>()).prop_map(|(key, value)| Act::Put(key, value)),
        any::<u8>().prop_map(Act::Delete),
        (any::<u8>(), any::<u8>(), "[a-c同办😀]{0,40}")
            .prop_map(|(at, out, words)| Act::Type(at, out, words)),
        any::<u8>().prop_map(Act::Object),
        any::<i8>().prop_map(Act::Count),
        any::<u8>().prop_map(Act::Mark),
        any::<i32>().prop_map(Act::Commit),
        Just(Act::Fork),
        Just(Act::Merge),
        Just(Act::Empty),
    ]
}

fn value(number: u8) -> ScalarValue {
    match number % 9 {
        0 => ScalarValue::Null,
        1 => (number > 100).into(),
        2 => i64::from(number).wrapping_neg().into(),
        3 => (u64::from(number) << 40).into(),
        4 => (f64::from(number) / 3.0).into(),
        5 => "同".repeat(usize::from(number)).into(),
        6 => vec![number; 300].into(),
        7 => ScalarValue::Timestamp(i64::from(number)),
        _ => ScalarValue::counter(i64::from(number)),
    }
}

fn acted(acts: &[Act]) -> AutoCommit {
    let mut all = vec![AutoCommit::new().with_actor(ActorId::from([1; 20]))];
    let text = all[0].put_object(ROOT, "text", ObjType::Text).expect("a text");
    all[0].put(ROOT, "count", ScalarValue::counter(1)).expect("put");
    all[0].commit();
    for (number, act) in acts.iter().enumerate() {
        let (at, count) = (number % all.len(), all.len());
        let document = &mut all[at];
        match act {
            Act::Put(key, number) => {
                document.put(ROOT, format!("key{}", key % 7), value(*number)).expect("put");
            }
            Act::Delete(key) => _ = document.delete(ROOT, format!("key{}", key % 7)),
            Act::Type(at, out, words) => {
                let length = document.length(&text);
                let at = usize::from(*at).min(length);
                let out = usize::from(*out).min(length - at);
                // In the middle of a pair nothing can be cut.
                let _ = document.splice_text(&text, at, isize::try_from(out).expect("small"), words);
            }
            Act::Object(key) => {
                let key = format!("key{}", key % 7);
                let list = document.put_object(ROOT, key, ObjType::List).expect("a list");
                for number in 0..5_u8 {
                    document.insert(&list, 0, value(number)).expect("inserted");
                }
                let map = document.insert_object(&list, 2, ObjType::Map).expect("a map");
                document.put(map, "里", 1).expect("put");
            }
            Act::Count(by) => _ = document.increment(ROOT, "count", i64::from(*by)),
            Act::Mark(by) => {
                let length = document.length(&text);
                let mark = automerge::marks::Mark::new("b".to_owned(), i64::from(*by), 0, length);
                let _ = document.mark(&text, mark, automerge::marks::ExpandMark::Both);
            }
            Act::Commit(time) => {
                let options = CommitOptions::default().with_time(i64::from(*time)).with_message("某某");
                document.commit_with(options);
            }
            Act::Fork if count < 5 => {
                let fork = document.fork();
                all.push(fork.with_actor(ActorId::from([u8::try_from(number + 2).expect("small"); 20])));
            }
            Act::Fork | Act::Merge => {
                all[(at + 1) % count].commit();
                let mut other = all[(at + 1) % count].clone();
                all[at].merge(&mut other).expect("merged");
            }
            Act::Empty => _ = document.empty_change(CommitOptions::default()),
        }
    }
    let mut first = all.remove(0);
    all.iter_mut().for_each(|other| _ = first.merge(other).expect("merged"));
    first.commit();
    first
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_automerge_writes_is_counted_as_it_counts(acts in proptest::collection::vec(act(), 0..80)) {
        agrees(&mut acted(&acts));
    }

    /// Anything else is answered, at the cost of its bytes.
    #[test]
    fn no_bytes_break_the_counting(
        acts in proptest::collection::vec(act(), 0..20),
        changed in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut document = acted(&acts);
        let mut all: Vec<Vec<u8>> = document.get_changes(&[]).iter().map(|one| one.raw_bytes().to_vec()).collect();
        all.extend([document.save(), document.save_nocompress()]);
        for mut bytes in all {
            changed.iter().for_each(|(at, byte)| *at.get_mut(&mut bytes) = *byte);
            if let Ok(counted) = Budget::foreign().spend(&bytes) {
                assert!(counted.iter().all(|(_, size)| size.weight() < MOST));
            }
        }
    }
}

#[test]
fn what_the_product_writes_is_counted_as_automerge_counts_it() {
    for kind in [Kind::Space, Kind::Board, Kind::Log] {
        let mut document = Document::new(kind, &[7; 16]);
        agrees(document.automerge());
        assert_eq!(document.operations(), counted(&document.save()).operations);
    }
    let mut document = Document::new(Kind::Board, &[7; 16]);
    let words = "同".repeat(100_000);
    let edit = Edit::SetBoardField { field: BoardField::Title, value: words };
    document.edit(&edit, &Stamp { time: 1, by: "某某".to_owned() }).expect("it fits");
    agrees(document.automerge());
}

#[test]
fn a_document_is_as_large_as_it_inflates() {
    let mut document = Document::new(Kind::Board, &[7; 16]);
    let edit = Edit::SetBoardField { field: BoardField::Title, value: "同".repeat(100_000) };
    document.edit(&edit, &Stamp::default()).expect("it fits");
    let saved = document.save();
    assert!(is_document(&saved) && saved.len() < 20_000, "{} bytes", saved.len());
    assert!(counted(&saved).bytes > 300_000);
    assert_eq!(measure(&saved, 200_000 * COPIES), Err(Unfit::TooLarge));
}

#[test]
fn chunks_are_told_apart_and_what_is_cut_off_is_none() {
    let mut document = Document::new(Kind::Board, &[7; 16]);
    let mut bytes = document.save();
    let first = bytes.len();
    document.changes_since(&[]).iter().for_each(|chunk| bytes.extend_from_slice(&chunk.bytes));
    let found = chunks(&bytes).expect("chunks");
    assert_eq!(found[0].len(), first);
    assert_eq!(found.len(), 1 + document.changes_since(&[]).len());
    assert_eq!(chunks(&bytes[..bytes.len() - 1]), Err(Unfit::Cut));
    assert_eq!(chunks(&[0x80; 64]), Err(Unfit::Cut));
    // Kinds that nobody here writes: a bundle of changes, and one that does not exist.
    let mut change = document.changes_since(&[]).pop().expect("a change").bytes;
    assert!(measure(&change, ALL).is_ok());
    for kind in [3, 9] {
        change[HEAD - 1] = kind;
        assert_eq!(measure(&change, ALL), Err(Unfit::Kind(kind)));
    }
}
