//! Large logs: the order of their records.

use super::*;
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::fold::{Frontier, in_causal_order};
use tongban_shared::id::{BoardId, DeviceId, PersonId, UnitId};

const BOARD: BoardId = BoardId::from_bytes([7; 16]);

fn entry(writer: String, seq: u32, said: i64) -> Entry {
    let (person, unit) = (PersonId::from_bytes([1; 16]), UnitId::from_bytes([2; 16]));
    let author = Author { person, unit, device: DeviceId::from_bytes([3; 16]), writer };
    let id = Entry::own_id(said, BOARD, &author, seq);
    let subject = Subject { board: BOARD, item: None, unit: None, indicator: None };
    Entry { seq, said, ..Entry::new(id, EntryKind::Comment, author, subject) }
}

/// A device takes a new writer whenever it likes: one of them says that it has seen all the others.
#[test]
fn records_of_eight_thousand_writers_are_put_in_order_in_little_memory() {
    let _turn = turn();
    const EACH: u32 = 8_000;
    let name = |writer: u32| format!("{writer:040}");
    let others = (1..=EACH).map(|writer| entry(name(writer), 1, i64::from(writer)));
    let mut own: Vec<Entry> = (1..=EACH).map(|seq| entry(name(0), seq, i64::from(seq))).collect();
    own[0].seen = (1..=EACH).map(|writer| (name(writer), 1)).collect();
    let all: Vec<Entry> = others.chain(own).collect();
    let entries: Vec<&Entry> = all.iter().collect();
    let (newest, most) = cost(|| Frontier::of(&entries).0);
    assert!(most < 32.0, "{most:.1} MiB");
    assert_eq!(newest, [all.last().expect("many")]);
    let (order, most) = cost(|| in_causal_order(entries.clone()));
    assert!(most < 32.0, "{most:.1} MiB");
    assert_eq!(order, entries);
}
