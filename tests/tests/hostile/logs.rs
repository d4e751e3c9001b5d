//! Large logs: their order, and records that come beside a snapshot.

use super::*;
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::fold::{Frontier, in_causal_order};
use tongban_shared::id::{BoardId, DeviceId, EntryId, PersonId, UnitId};

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

/// A record of a few hundred bytes, whose place among the others is anywhere.
fn record(chance: &mut Chance) -> Edit {
    let bytes: Vec<u8> = (0..350).map(|_| chance.below(256) as u8).collect();
    Edit::AddEntry { id: EntryId::from_bytes(bytes[..16].try_into().expect("sixteen")), bytes }
}

/// A log with its snapshot.
fn large_log(chance: &mut Chance) -> (Document, Vec<u8>) {
    let mut log = Document::new(Kind::Log, &[1; 16]);
    for _ in 0..100 {
        let records: Vec<Edit> = (0..200).map(|_| record(chance)).collect();
        log.edit_all(&records, &Stamp::default()).expect("records");
    }
    let snapshot = log.save();
    (log, snapshot)
}

/// automerge keeps the values of a document that it reads in one piece, which is cut wherever something
/// comes in.
#[test]
fn loose_records_beside_a_snapshot_cost_little_memory() {
    let _turn = turn();
    let mut chance = Chance::new(1);
    let (mut log, snapshot) = large_log(&mut chance);
    let load = |chunks: &[Vec<u8>]| {
        Document::load(Kind::Log, &[9; 16], chunks.iter().map(Vec::as_slice)).expect("a log")
    };
    let mut chunks = vec![snapshot];
    let (_, alone) = cost(|| load(&chunks));
    for _ in 0..251 {
        let (_, chunk) = log.edit(&record(&mut chance), &Stamp::default()).expect("a record");
        chunks.push(chunk.expect("new").bytes);
    }
    let (mut together, most) = cost(|| load(&chunks));
    assert_eq!(together.heads(), log.heads());
    assert!(most < 4.0 * alone, "{alone:.1} MiB alone, {most:.1} MiB with loose records");
    // The same of one change that comes in live.
    let (mut live, records) = (load(&chunks), (0..500).map(|_| record(&mut chance)).collect::<Vec<_>>());
    let (_, chunk) = log.edit_all(&records, &Stamp::default()).expect("records");
    let (_, most) = cost(|| live.take_change(&chunk.expect("new").bytes).expect("taken"));
    assert!(most < 4.0 * alone, "{alone:.1} MiB alone, {most:.1} MiB for a change");
    assert_eq!(live.heads(), log.heads());
    assert_eq!(load(&[live.save()]).heads(), log.heads());
}
