//! Rounds of a room: slices, heads, changes that wait, and those that automerge would write otherwise.

use super::*;
use tongban_server::limits::COUNTING;

/// A device that was away brings edits that are heavy each for itself, and together more than is judged at
/// once: all of them come in, and so does the small one behind them.
#[test]
fn heavy_edits_of_a_device_that_was_away_come_in_one_after_the_other() {
    let _turn = turn();
    let mut device = Document::new(Kind::Board, &[1; 16]);
    let words = "同".repeat(60_000);
    let text = |delete: usize, insert: &str| Edit::SpliceText {
        text: TextPlace::Goal,
        at: 0,
        delete,
        insert: insert.to_owned(),
    };
    let (write, delete) = (|| text(0, &words), || text(60_000, ""));
    for edit in [write(), delete(), write(), delete(), text(0, "完")] {
        device.edit(&edit, &Stamp::default()).expect("an edit");
    }
    let all: Vec<Vec<u8>> = device.changes_since(&[]).into_iter().skip(1).map(|chunk| chunk.bytes).collect();
    let weight = tongban_shared::sync::message::weight(all.iter().map(Vec::as_slice));
    assert!(weight > 2 * SLICE, "together far beyond one slice: {weight}");
    for live in [false, true] {
        let mut room = room();
        if live {
            be_level(&mut room);
        }
        let ((), most) = cost(|| match live {
            false => room.receive(ConnectionId(1), &message(all.clone()), false).expect("goes on"),
            true => room.receive_changes(ConnectionId(1), all.clone()).expect("goes on"),
        });
        assert!(most < 2.0 * BOUND, "{most:.1} MiB");
        assert_eq!(room.unsaved().expect("as they came").len(), all.len());
        assert_eq!(room.document_mut().heads(), device.heads());
    }
}

/// A change that cannot be taken keeps out itself and those behind it; the edits before it are in.
#[test]
fn a_change_that_is_refused_keeps_no_earlier_slice_out() {
    let _turn = turn();
    let mut all = chain(4, 90_000);
    all.push(Change { start: 9_000_000, actor: vec![8; 16], ..Change::of(90_000) }.sealed().0);
    let mut room = room();
    be_level(&mut room);
    room.receive_changes(ConnectionId(1), all).expect("goes on");
    assert_eq!(room.unsaved().expect("as they came").len(), 4);
    let told = room.flush().into_iter().find_map(|(_, outgoing)| match outgoing {
        Outgoing::Refused { why, changes, .. } => Some((why.code, changes.len())),
        _ => None,
    });
    assert_eq!(told, Some((RefusalCode::Invalid, 1)), "by hash");
}

/// Nothing of a message is read of which a part is refused; and a second change under one number of its author
/// is refused for itself, for automerge would not take it.
#[test]
fn what_is_refused_is_not_read_and_spoils_nothing() {
    let _turn = turn();
    let whole = Whole::of(100_000).sealed();
    let rubbish = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 9, 0];
    let mut all = vec![whole.clone(); 30];
    assert_eq!(refused(&mut room(), all.clone()), Some(RefusalCode::TooLarge), "one document at a time");
    all.truncate(1);
    all.push(rubbish);
    let mut doubled = room();
    let (said, most) = cost(|| refused(&mut doubled, all));
    assert!(said == Some(RefusalCode::Invalid) && most < 4.0, "{said:?}, {most:.1} MiB");
    let mut doubled = room();
    room_takes(&mut doubled, Change::of(1).sealed().0);
    doubled.flush();
    assert_eq!(refused(&mut doubled, vec![Change::of(2).sealed().0]), Some(RefusalCode::Invalid));
    let taken = doubled.take_in(
        &[Change::of(3).sealed().0, Change { actor: vec![8; 16], ..Change::of(1) }.sealed().0],
        &may(),
    );
    let taken = taken.expect("goes on");
    assert_eq!((taken.new, taken.refused.len()), (1, 1), "and keeps nothing else out of a file");
    assert_eq!(doubled.unsaved().expect("as it came").len(), 1);
}

/// However many heads somebody makes, every reader takes what is said of them, and they are brought together.
#[test]
fn no_number_of_heads_shuts_a_reader_out() {
    let _turn = turn();
    let mut room = room();
    let some = |number: u8, count: u64| {
        let actor = |at: u64| [&[number][..], &at.to_be_bytes(), &[7; 7]].concat();
        (0..count).map(|at| Change { actor: actor(at), ..Change::of(1) }.sealed().0).collect::<Vec<_>>()
    };
    assert_eq!(refused(&mut room, some(10, 4200)), Some(RefusalCode::TooLarge), "more than any reader takes");
    for number in 0..9_u8 {
        room.receive(ConnectionId(1), &message(some(number, 100)), false).expect("goes on");
        assert!(room.document_mut().heads().len() >= 100, "taken");
        room.gather(1);
        assert!(room.unsaved().expect("as they came").len() > 100, "with the one that brings them together");
        room.flush();
        assert_eq!(room.document_mut().heads().len(), 1);
    }
    // A few stay as they are, for every device brings them together with its next edit.
    room.receive(ConnectionId(1), &message(some(9, 20)), false).expect("goes on");
    room.gather(1);
    assert_eq!(room.unsaved().expect("as they came").len(), 20);
    assert_eq!(room.document_mut().heads().len(), 21);
}

/// Changes that wait for one that is held back are bounded, and come in by slices when it arrives.
#[test]
fn what_waits_is_bounded_and_comes_in_by_slices() {
    let _turn = turn();
    let all = chain(8, 90_000);
    let mut room = room();
    for change in &all[1..] {
        room.receive(ConnectionId(1), &message(vec![change.clone()]), false).expect("goes on");
    }
    assert!(room.has_waiting() && room.unsaved().expect("as they came").is_empty());
    assert!(room.kept_bytes(ConnectionId(1)) > 200 << 20, "held by what it takes to apply them, not by 2 KB");
    let ((), most) =
        cost(|| room.receive(ConnectionId(1), &message(vec![all[0].clone()]), false).expect("goes on"));
    assert!(most < 3.0 * BOUND, "{most:.1} MiB for 720,000 operations");
    assert_eq!(room.unsaved().expect("as they came").len(), 8);
    // Without an end they are let go of, and that is told.
    let ballast = |number: u32| Change {
        actor: [&number.to_be_bytes()[..], &[7; 12]].concat(),
        ancestors: vec![[9; 32]],
        start: 3,
        ..Change::of(1)
    };
    let mut told = false;
    for part in 0..8 {
        let changes = (0..10_000).map(|at| ballast(part * 10_000 + at).sealed().0).collect();
        room.receive(ConnectionId(1), &message(changes), false).expect("goes on");
        told |= room.flush().iter().any(|(_, outgoing)| matches!(outgoing, Outgoing::Refused { .. }));
    }
    assert!(told, "80,000 of them");
}

/// Deletions leave no other trace in automerge than at what they delete: of one that deletes nothing it
/// would write a change of another hash, and whatever rests on it would be lost with the next start.
#[test]
fn a_change_that_would_be_written_otherwise_than_it_came_is_never_committed() {
    let _turn = turn();
    for action in [3, 5] {
        assert_eq!(refused(&mut room(), vec![acting(action, 1)]), Some(RefusalCode::Invalid), "{action}");
    }
    for (action, operations) in [(1, 1), (3, 1), (3, 2), (3, 50)] {
        let (bytes, mut room) = (upon_nothing(action, operations), room());
        let other = Change { actor: vec![8; 16], ..Change::of(1) }.sealed().0;
        room.join(ConnectionId(2), Dialect::Tongban, may());
        room.receive(ConnectionId(2), &message(vec![other]), false).expect("goes on");
        room.receive(ConnectionId(1), &message(vec![bytes]), false).expect("automerge takes it");
        let spoilt = room.unsaved().expect_err("it is not written as it came");
        assert!(spoilt.by.iter().eq([&ConnectionId(1)]), "{action} {operations}: {spoilt:?}");
    }
}

/// A key that nobody knows may hold anything, also arrays that open 4 million others.
#[test]
fn what_lies_deep_in_a_frame_costs_nothing() {
    let _turn = turn();
    let mut frame = vec![0xa1, 0x61, b'x', 0x83];
    frame.resize(4 << 20, 0x9f);
    let (read, most) = cost(|| Frame::decode(&frame));
    assert!(read.is_err());
    assert!(most < 1.0, "{most:.1} MiB");
    // Some depth is read: others may say more than we know.
    let known =
        [&[0xa2, 0x61, b'x', 0x83, 0x9f, 0xff, 0x80, 0xa0][..], &[0x64], b"type", &[0x65], b"error"].concat();
    assert!(matches!(Frame::decode(&known), Ok(Frame::Error { .. })));
}

/// A message of some kilobytes may inflate to as much as a change may have: it is looked at no further than what
/// is light.
#[test]
fn nothing_is_inflated_further_than_what_is_asked() {
    use tongban_shared::sync::message::{peak, peak_of, peak_of_within, peak_within};
    let _turn = turn();
    let mut bomb = Change::of(1);
    bomb.columns[2].1 = hostile::run(1, &[1]).repeat(7_800_000);
    let bomb = bomb.packed();
    assert!(bomb.len() < 64 << 10, "{} bytes", bomb.len());
    let (light, most) = cost(|| peak_within([bomb.as_slice()], 1 << 20));
    assert!(light.is_none() && most < 4.0, "{light:?}, {most:.1} MiB");
    let all = message(vec![bomb]);
    assert_eq!(
        (peak_of_within(&all, 1 << 20), peak_of(&all, u64::MAX)),
        (None, Some(0)),
        "more than is ever taken"
    );
    // Something light is counted whole.
    let one = Change::of(3).sealed().0;
    let (within, all) = (peak_within([one.as_slice()], 1 << 20), peak([one.as_slice()]));
    assert!(within.is_some_and(|within| within >= all), "{within:?}, {all}");
    let many = vec![one.as_slice(); 2_000];
    assert_eq!(peak_within(many, 1 << 20), None, "together more");
}

/// A change whose runs are as many as its rows is counted by walking them, and none of them is listed.
#[test]
fn counting_takes_what_is_inflated_and_no_more() {
    let _turn = turn();
    let rows: u64 = 450_000;
    let mut change = Change::of(rows);
    let turns = |first: &[u8], second: &[u8]| {
        [first, second].concat().repeat(usize::try_from(rows / 2).expect("few"))
    };
    let each = |values: Vec<u8>| [hostile::signed(-i64::try_from(rows).expect("few")), values].concat();
    // One that puts and one that makes a map, one that names nothing and one that names another.
    change.columns[2].1 = each(turns(&[1], &[3]));
    change.columns[4].1 = each(turns(&[0], &[1]));
    change.columns.push((0x71, hostile::run(rows / 2, &[0])));
    change.columns.push((0x73, hostile::run(rows / 2, &[1])));
    // And a word of many bytes.
    change.columns[0].1 =
        [hostile::run(1, &hostile::sized(&vec![b'k'; 14 << 20])), hostile::nothing(rows - 1)].concat();
    let packed = change.packed();
    let frame = message(vec![packed.clone()]);
    let (counted, most) = cost(|| Budget::foreign().spend(&packed).map(|counted| counted[0].1));
    eprintln!("{} bytes are counted with {most:.1} MiB: {counted:?}", frame.len());
    let given = COUNTING as f64 / f64::from(1 << 20);
    assert!(most < given, "{most:.1} MiB: {counted:?}");
    // A document may take more: not within this, and then as far as one is counted at all.
    let mut whole = Whole::of(1);
    whole.operations[0] = (0x15 | 8, hostile::deflated(&vec![0; 90 << 20]));
    let frame = message(vec![[whole.sealed(), vec![]].concat()]);
    let (within, most) = cost(|| peak_of(&frame, COUNTING));
    assert!(within.is_none() && most < given, "{within:?}, {most:.1} MiB");
    assert_eq!(peak_of(&frame, u64::MAX), Some(0), "it is none");
}
