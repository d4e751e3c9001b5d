//! Answers to connections that are brought level, as many begin at once.

use super::*;
use crate::edit::BoardField;

/// A message of a device that has nothing.
fn asks() -> Vec<u8> {
    let mut state = automerge::sync::State::new();
    automerge::Automerge::new().generate_sync_message(&mut state).expect("a first message").encode()
}

/// A room of some hundred kilobytes, and connections that have asked for all of it.
fn asked(count: u64) -> Room {
    let mut document = Document::new(Kind::Board, &[99; 16]);
    let letters = (0..50_000_u32).map(|n| char::from_u32(0x4e00 + n * 7919 % 0x5000).expect("a letter"));
    let edit = Edit::SetBoardField { field: BoardField::Title, value: letters.collect() };
    document.edit(&edit, &Stamp::default()).expect("an edit");
    let mut room = Room::new(ID, document, None);
    for number in 1..=count {
        room.join(ConnectionId(number), Dialect::Tongban, Rights::default());
        room.receive(ConnectionId(number), &asks(), true).expect("taken");
    }
    room
}

fn answers(out: Vec<(ConnectionId, Outgoing)>) -> Vec<(ConnectionId, Arc<Vec<u8>>)> {
    let whole = |(to, outgoing)| match outgoing {
        Outgoing::Sync(data) => Some((to, data)),
        _ => None,
    };
    out.into_iter().filter_map(whole).collect()
}

#[test]
fn a_whole_document_is_encoded_once_for_all_who_begin_from_nothing() {
    let mut room = asked(48);
    let sent = answers(room.flush());
    assert_eq!(sent.len(), 48);
    assert!(sent.iter().all(|(_, data)| Arc::ptr_eq(data, &sent[0].1)), "the same bytes for all");
    assert!(room.whole_bytes() > 50_000);
    // They are sent again to one that asks anew, until something is new.
    room.receive(ConnectionId(7), &asks(), true).expect("taken");
    assert!(Arc::ptr_eq(&answers(room.flush())[0].1, &sent[0].1));
    let edit = Edit::SetBoardField { field: BoardField::Title, value: "清单".into() };
    room.document_mut().edit(&edit, &Stamp::default()).expect("an edit");
    room.unsaved().expect("as they came");
    let anew = answers(room.flush());
    assert!(!anew.iter().any(|(_, data)| Arc::ptr_eq(data, &sent[0].1)), "of heads that are not the last");
}

#[test]
fn an_answer_waits_for_its_turn_and_is_not_made_before() {
    let mut room = asked(3);
    let sent = answers(room.flush_for(|to| to == ConnectionId(2)));
    assert_eq!(sent.iter().map(|(to, _)| to.0).collect::<Vec<_>>(), [2]);
    assert!(room.owes());
    assert_eq!(room.to_answer().iter().map(|one| one.to.0).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(answers(room.flush()).len(), 2);
    assert!(!room.owes() && room.to_answer().is_empty());
}

#[test]
fn whoever_speaks_of_what_nobody_has_is_told_so_once() {
    let mut room = asked(0);
    room.join(ConnectionId(1), Dialect::AutomergeRepo, MAY);
    let have = automerge::sync::Have { last_sync: vec![ChangeHash([7; 32])], ..Default::default() };
    let message = Message {
        heads: Vec::new(),
        need: Vec::new(),
        have: vec![have],
        changes: automerge::sync::ChunkList::empty(),
        flags: None,
        version: automerge::sync::MessageVersion::V2,
    };
    room.receive(ConnectionId(1), &message.encode(), false).expect("taken");
    assert_eq!(answers(room.flush()).len(), 1);
    assert!(room.to_answer().is_empty() && answers(room.flush()).is_empty(), "nothing has come since");
}

/// A device says its changes in two words, and the first of them in the second; the room releases what waits when it
/// has heard everybody.
#[test]
fn what_waited_is_acknowledged_when_it_has_come_in() {
    let mut device = Document::new(Kind::Board, &[1; 16]);
    let mut chunks: Vec<Vec<u8>> = Vec::new();
    for title in ["一", "二", "三"] {
        let edit = Edit::SetBoardField { field: crate::edit::BoardField::Title, value: title.into() };
        chunks.push(device.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change").bytes);
    }
    let heads: Vec<_> = device.heads().into_iter().map(automerge::ChangeHash).collect();
    let says = |chunks: &[Vec<u8>]| {
        Message {
            heads: heads.clone(),
            need: Vec::new(),
            have: Vec::new(),
            changes: chunks.to_vec().into(),
            flags: None,
            version: automerge::sync::MessageVersion::V1,
        }
        .encode()
    };
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let connection = ConnectionId(1);
    room.join(connection, Dialect::Tongban, MAY);
    room.defer(true);
    let last = says(&chunks[1..]);
    let first = says(&chunks[..1]);
    room.receive(connection, &last, false).expect("goes on");
    room.receive(connection, &first, false).expect("goes on");
    assert_eq!(room.released(&BTreeSet::new()), Some(connection));
    room.release(connection).expect("goes on");
    assert_eq!(room.released(&BTreeSet::new()), None);
    assert_eq!(room.unsaved().expect("as they came").len(), 3);
    let told = room.flush().into_iter().any(|(_, told)| matches!(told, Outgoing::Ack(_)));
    assert!(told, "it is told that all of it is kept");
}
