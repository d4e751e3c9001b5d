//! The order of entries, also where some of them lie.

use super::*;
use crate::entry::{Author, EntryKind, Subject};
use crate::id::{BoardId, DeviceId, PersonId, UnitId};

fn entry(writer: u8, seq: u32, said: i64, seen: &[(u8, u32)]) -> Entry {
    let (person, unit) = (PersonId::from_bytes([writer; 16]), UnitId::from_bytes([writer; 16]));
    let device = DeviceId::from_bytes([writer; 16]);
    let author = Author { person, unit, device, writer: writer.to_string() };
    let board = BoardId::from_bytes([7; 16]);
    let id = Entry::own_id(said, board, &author, seq);
    let subject = Subject { board, item: None, unit: None, indicator: None };
    let seen = seen.iter().map(|(writer, seq)| (writer.to_string(), *seq)).collect();
    Entry { seq, said, seen, ..Entry::new(id, EntryKind::Comment, author, subject) }
}

/// Numbers that look like chance and are the same each time.
fn next(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

/// The order as its rule says it, comparing each entry with each.
fn by_comparing(mut entries: Vec<&Entry>) -> Vec<&Entry> {
    entries.sort_by_key(|entry| (entry.said, entry.id));
    let mut order: Vec<&Entry> = Vec::new();
    while !entries.is_empty() {
        let waits =
            |entry: &&Entry| entries.iter().any(|other| other.id != entry.id && entry.has_seen(other));
        let next = entries.iter().position(|entry| !waits(entry)).expect("honest entries form no circle");
        order.push(entries.remove(next));
    }
    order
}

/// Thirty entries of four writers who hear of each other now and then, with clocks that are wrong.
fn written_by_four(chance: &mut u64) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    let mut heard = [[0_u32; 4]; 4];
    let mut written = [0_u32; 4];
    for _ in 0..30 {
        let writer = usize::try_from(next(chance, 4)).expect("small");
        let from = usize::try_from(next(chance, 4)).expect("small");
        heard[writer][from] = heard[writer][from].max(written[from]);
        let theirs = heard[from];
        heard[writer].iter_mut().zip(theirs).for_each(|(own, their)| *own = (*own).max(their));
        written[writer] += 1;
        let seen: Vec<(u8, u32)> = (0..4_u8)
            .filter(|other| usize::from(*other) != writer && heard[writer][usize::from(*other)] > 0)
            .map(|other| (other, heard[writer][usize::from(other)]))
            .collect();
        let said = i64::try_from(next(chance, 20)).expect("small");
        let number = u8::try_from(writer).expect("small");
        all.push(entry(number, written[writer], said, &seen));
    }
    all
}

#[test]
fn the_order_and_the_newest_are_those_of_the_rule() {
    let mut chance = 1;
    for _ in 0..200 {
        let all = written_by_four(&mut chance);
        let entries: Vec<&Entry> = all.iter().collect();
        let ids = |entries: &[&Entry]| entries.iter().map(|entry| entry.id).collect::<Vec<_>>();
        assert_eq!(ids(&in_causal_order(entries.clone())), ids(&by_comparing(entries.clone())));
        let newest: Vec<&Entry> = entries
            .iter()
            .filter(|entry| !entries.iter().any(|other| other.has_seen(entry)))
            .copied()
            .collect();
        assert_eq!(ids(&Frontier::of(&entries).0), ids(&newest));
    }
}

/// One of four claims whatever it likes of the others, in any of its records: those of the others stand behind
/// what they had seen of each other, wherever the liar's stand.
#[test]
fn a_liar_puts_nothing_of_others_out_of_order() {
    let mut chance = 1;
    for round in 0..500 {
        let mut all = written_by_four(&mut chance);
        for lie in all.iter_mut().filter(|entry| entry.author.writer == "3") {
            if next(&mut chance, 3) > 0 {
                // A number that stood before already.
                lie.seq -= u32::from(lie.seq > 1 && next(&mut chance, 4) == 0);
                let claims = (0..3_u8)
                    .map(|of| (of.to_string(), u32::try_from(next(&mut chance, 12)).expect("small")));
                lie.seen = claims.filter(|(_, seq)| *seq > 0).collect();
            }
        }
        let order = in_causal_order(all.iter().collect());
        assert_eq!(order.len(), all.len(), "each stands there once");
        let honest: Vec<_> = order.iter().filter(|entry| entry.author.writer != "3").collect();
        for (place, entry) in honest.iter().enumerate() {
            let behind = honest[place + 1..].iter().find(|later| entry.has_seen(later));
            assert!(behind.is_none(), "round {round}: {:?} stands before {behind:?}", entry.seen);
        }
    }
}

/// Whatever several make of it together: who stands behind their circle stands behind it.
#[test]
fn what_stands_behind_a_circle_of_liars_waits_for_it() {
    let circle = [entry(1, 1, 50, &[(2, 1)]), entry(2, 1, 60, &[(3, 1)]), entry(3, 1, 70, &[(1, 1)])];
    let behind = [entry(4, 1, 40, &[(2, 1)]), entry(5, 1, 10, &[(4, 1)])];
    let order = in_causal_order(behind.iter().chain(&circle).collect());
    // The one that was said first, and what then had seen nothing that is still to come.
    assert_eq!(order, [&circle[0], &circle[2], &circle[1], &behind[0], &behind[1]]);
}

#[test]
fn who_claims_to_have_seen_what_is_not_written_yet_takes_nothing_away() {
    let first = entry(1, 1, 10, &[]);
    let lie = entry(2, 1, 20, &[(1, u32::MAX)]);
    assert_eq!(Frontier::of(&[&first, &lie]).0, [&lie], "what stood before may have been seen");
    let honest = entry(1, 2, 30, &[(2, 1)]);
    assert_eq!(Frontier::of(&[&first, &lie, &honest]).0, [&lie, &honest], "both stand, and somebody chooses");
    assert!(!lie.has_seen(&honest) && !honest.has_seen(&lie));
    let order = in_causal_order(vec![&honest, &lie, &first]);
    assert_eq!(order, [&first, &lie, &honest], "a circle is ordered by its times");
}

#[test]
fn a_hundred_thousand_records_of_one_matter_are_put_in_order() {
    // Comparing each with each would take ten thousand million looks.
    let mut all = Vec::new();
    for seq in 1..=50_000 {
        all.push(entry(1, seq, i64::from(seq), &[(2, seq - 1)]));
        all.push(entry(2, seq, 0, &[(1, seq)]));
    }
    let entries: Vec<&Entry> = all.iter().rev().collect();
    let order = in_causal_order(entries.clone());
    assert!(order.iter().zip(&all).all(|(one, other)| one.id == other.id));
    assert_eq!(Frontier::of(&entries).0, [all.last().expect("many")]);
    assert!(corrected(&entries).is_empty());
}
