//! Changes that wait for others: a word costs what it brings, and what comes in costs what it releases.

use super::*;
use tongban_shared::limits::ANCESTORS;

/// A change of nothing that rests on others.
fn resting(number: u64, ancestors: Vec<[u8; 32]>) -> (Vec<u8>, [u8; 32]) {
    let actor = [&number.to_be_bytes()[..], &[7; 8]].concat();
    Change { ancestors, actor, sequence: 1, start: 5, columns: Vec::new() }.sealed()
}

/// A device says again and again what waits already.
#[test]
fn a_word_costs_little_however_much_waits() {
    let _turn = turn();
    let asked = |waiting: u64| {
        let mut room = room();
        let all: Vec<Vec<u8>> = (0..waiting).map(|number| resting(number, vec![[9; 32]]).0).collect();
        room.receive(ConnectionId(1), &message(all.clone()), false).expect("goes on");
        assert!(room.has_waiting());
        room.flush();
        let words: Vec<Vec<u8>> = (0..100).map(|word| message(vec![all[word].clone()])).collect();
        let ((), _, asked) = work(|| {
            for word in &words {
                room.receive(ConnectionId(1), word, false).expect("goes on");
                room.unsaved().expect("as they came");
                room.flush();
            }
        });
        assert!(room.has_waiting());
        asked
    };
    let (few, many) = (asked(200), asked(6_000));
    eprintln!("100 words: {few:.1} MiB asked for where 200 changes wait, {many:.1} where 6,000 do");
    assert!(many < 3.0 * few, "{few:.1} and {many:.1} MiB");
}

/// A chain of changes comes by many connections in turn, and last what all of it rests on.
#[test]
fn what_comes_in_costs_what_it_releases() {
    let _turn = turn();
    let asked = |length: u64| {
        let mut room = room();
        (2..=16).for_each(|id| room.join(ConnectionId(id), Dialect::Tongban, may()));
        let mut device = Document::new(Kind::Board, &[1; 16]);
        for number in 0..length {
            let edit = Edit::SetBoardField { field: BoardField::Title, value: format!("题目{number}") };
            device.edit(&edit, &Stamp::default()).expect("an edit");
        }
        let all: Vec<Vec<u8>> =
            device.changes_since(&[]).into_iter().skip(1).map(|chunk| chunk.bytes).collect();
        let of = |id: u64| all.iter().enumerate().skip(1).filter(move |(at, _)| *at as u64 % 16 + 1 == id);
        for id in 1..=16 {
            let part = message(of(id).map(|(_, bytes)| bytes.clone()).collect());
            room.receive(ConnectionId(id), &part, false).expect("goes on");
            room.unsaved().expect("as they came");
            room.flush();
        }
        assert!(room.document_mut().hashes().len() == 1 && room.has_waiting());
        let first = message(vec![all[0].clone()]);
        let ((), _, asked) = work(|| room.receive(ConnectionId(1), &first, false).expect("goes on"));
        assert_eq!(room.unsaved().expect("as they came").len() as u64, length);
        assert_eq!((room.document_mut().heads(), room.has_waiting()), (device.heads(), false));
        asked
    };
    let (few, many) = (asked(200), asked(1_600));
    eprintln!("{few:.1} MiB asked for to release 200 changes, {many:.1} for 1,600");
    assert!(many < 16.0 * few, "{few:.1} and {many:.1} MiB");
}

/// Changes that wait behind one that is refused are told with it, and wait for nothing.
#[test]
fn nothing_waits_for_what_is_refused() {
    let _turn = turn();
    let mut room = room();
    // It leaps far ahead: refused when its ancestor is here.
    let start = Document::new(Kind::Board, &[1; 16]).heads();
    let far = Change { ancestors: start, start: 9_000_000, ..Change::of(1) }.sealed();
    let behind = Change { ancestors: vec![far.1], sequence: 2, start: 9_000_001, ..Change::of(1) }.sealed();
    room.receive(ConnectionId(1), &message(vec![behind.0]), false).expect("goes on");
    assert!(room.has_waiting());
    room.flush();
    room.receive(ConnectionId(1), &message(vec![far.0]), false).expect("goes on");
    assert!(room.unsaved().expect("as they came").is_empty() && !room.has_waiting());
    let told = room.flush().into_iter().find_map(|(_, outgoing)| match outgoing {
        Outgoing::Refused { changes, .. } => Some(changes),
        _ => None,
    });
    assert_eq!(told.map(|changes| changes.len()), Some(2));
}

/// Ancestors that nobody has, scattered as hashes are.
fn made_up(first: u64, count: u64) -> Vec<[u8; 32]> {
    let hash = |number: u64| {
        let mut hash = [9; 32];
        hash[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        hash
    };
    let mut all: Vec<[u8; 32]> = (first..first + count).map(hash).collect();
    all.sort_unstable();
    all
}

#[test]
fn ancestors_that_never_come_weigh_what_they_take() {
    let _turn = turn();
    let mut room = room();
    let before = HELD.load(Ordering::Relaxed);
    for number in 0..16 {
        let bytes = resting(number, made_up(number * ANCESTORS, ANCESTORS)).0;
        room.receive(ConnectionId(1), &message(vec![bytes]), false).expect("goes on");
        room.flush();
    }
    let held = HELD.load(Ordering::Relaxed).saturating_sub(before) as u64;
    let counted = room.kept_bytes(ConnectionId(1));
    eprintln!("{held} bytes are held, {counted} counted");
    assert!(room.has_waiting() && held <= counted && counted < 2 * held, "{held} held, {counted} counted");
}

/// Whatever comes from outside by whatever way; a store is read on.
#[test]
fn no_change_names_more_ancestors_than_devices_do() {
    let _turn = turn();
    let bytes = resting(1, made_up(0, ANCESTORS + 1)).0;
    assert_eq!(Budget::foreign().spend(&bytes), Err(Unfit::TooMany));
    assert!(Budget::kept().spend(&bytes).is_ok());
    assert_eq!(refused(&mut room(), vec![bytes.clone()]), Some(RefusalCode::TooLarge));
    let taken = room().take_in(std::slice::from_ref(&bytes), &may()).expect("goes on");
    assert!(taken.refused.len() == 1 && taken.waiting.is_empty());
    assert!(Document::new(Kind::Board, &[1; 16]).take_change(&bytes).is_err());
    let mut whole = Whole::of(1);
    whole.changes.retain(|(column, _)| *column < 0x40);
    whole.changes.push((0x40, hostile::run(1, &hostile::number(ANCESTORS + 1))));
    assert_eq!(Budget::foreign().spend(&whole.sealed()), Err(Unfit::TooMany));
}

/// A device that lacks the last change says so again and again.
#[test]
fn a_word_costs_little_however_many_changes_there_are() {
    let _turn = turn();
    let asked = |changes: u64| {
        let all = chain(changes, 1);
        let loaded = Document::load(Kind::Board, &[9; 16], all.iter().map(Vec::as_slice)).expect("loads");
        let mut room = Room::new(ID, loaded, None);
        room.join(ConnectionId(1), Dialect::AutomergeRepo, may());
        let chunks = room.document_mut().changes_since(&[]);
        let before = ChangeHash(chunks[chunks.len() - 2].hash);
        let mut word = automerge::sync::Message::decode(&message(Vec::new())).expect("a message");
        (word.heads, word.have) = (vec![before], vec![Default::default()]);
        word.have[0].last_sync = vec![before];
        let word = word.encode();
        let mut say = || {
            room.receive(ConnectionId(1), &word, false).expect("goes on");
            room.unsaved().expect("as they came");
            assert!(room.flush().iter().any(|(_, out)| matches!(out, Outgoing::Sync(_))), "it is answered");
        };
        say();
        work(|| (0..100).for_each(|_| say())).2
    };
    let (few, many) = (asked(500), asked(8_000));
    eprintln!(
        "100 words: {few:.1} MiB asked for where there are 500 changes, {many:.1} where there are 8,000"
    );
    assert!(many < 3.0 * few + 1.0, "{few:.1} and {many:.1} MiB");
}
