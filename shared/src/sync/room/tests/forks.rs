//! Changes of a log that stay out, and what is written upon them.

use super::*;
use crate::entry::{Author, Entry, EntryKind, Subject};
use crate::id::{EntryId, PersonId};
use automerge::sync::{ChunkList, MessageVersion};

const LOG: (BoardId, UnitId) = (BoardId::from_bytes([6; 16]), UnitId::from_bytes([7; 16]));
const OWN: Rights = Rights { own: true, ..MAY };

/// A record under a number that says something.
fn record(number: u8, words: &str) -> Edit {
    let (person, device) = (PersonId::from_bytes([8; 16]), DeviceId::from_bytes([9; 16]));
    let author = Author { person, unit: LOG.1, device, writer: "w".to_owned() };
    let subject = Subject { board: LOG.0, item: None, unit: None, indicator: None };
    let id = EntryId::from_bytes([number; 16]);
    let entry = Entry { body: words.to_owned(), ..Entry::new(id, EntryKind::Report, author, subject) };
    Edit::AddEntry { id, bytes: entry.to_bytes() }
}

fn writes(document: &mut Document, edit: &Edit) -> Vec<u8> {
    document.edit(edit, &Stamp::default()).expect("a record").1.expect("new").bytes
}

/// A room that has a record under number 1, of a change that is its writer's first one.
fn room() -> Room {
    let mut room = Room::new(ID, Document::new(Kind::Log, &[99; 16]), Some(LOG));
    let first = writes(&mut Document::new(Kind::Log, &[20; 16]), &record(1, "先到的"));
    assert_eq!(room.take_in(&[first], &OWN).expect("goes on").new, 1);
    room.unsaved().expect("as it came");
    room.flush();
    room
}

fn words(document: &Document) -> Vec<String> {
    document.entries().0.into_values().map(|entry| entry.body).collect()
}

/// A device that has another record under that number, with one of its own before it and one upon it.
fn has_another(room: &mut Room) -> Device {
    let mut device = Device { document: Document::new(Kind::Log, &[2; 16]), ..Device::new(room, 2, OWN) };
    let second = writes(&mut Document::new(Kind::Log, &[21; 16]), &record(1, "后到的"));
    writes(&mut device.document, &record(2, "以前"));
    device.document.apply(&second).expect("whole");
    writes(&mut device.document, &record(3, "第一条"));
    device
}

#[test]
fn what_rests_on_a_record_that_stays_out_comes_in_for_itself() {
    let mut room = room();
    let mut reader =
        Device { document: Document::new(Kind::Log, &[3; 16]), ..Device::new(&mut room, 3, OWN) };
    let mut device = has_another(&mut room);
    settle(&mut room, &mut [&mut device, &mut reader]);
    assert_eq!(words(room.document()), ["先到的", "以前", "第一条"]);
    assert_eq!(device.refused, 1, "the record, and nothing that rests on it");
    // Both sides are level, and what comes next is told at once.
    assert!(room.peers.values().all(|peer| peer.live));
    for number in 4..8 {
        writes(&mut device.document, &record(number, "后来的"));
        settle(&mut room, &mut [&mut device, &mut reader]);
        assert_eq!(words(room.document()).len(), usize::from(number));
        assert!(room.peers.values().all(|peer| peer.live), "{number}");
    }
    assert_eq!(words(&reader.document), words(room.document()));
    assert_eq!(reader.document.heads(), room.document_mut().heads());
    // The same device comes again: nothing is new, and it has no more to wait for.
    let heads = room.document_mut().heads();
    room.leave(device.connection);
    let mut again = Device { document: device.document, ..Device::new(&mut room, 4, OWN) };
    settle(&mut room, &mut [&mut again]);
    writes(&mut again.document, &record(8, "最后的"));
    settle(&mut room, &mut [&mut again]);
    assert!(room.peers.values().all(|peer| peer.live));
    assert_eq!(words(room.document()).len(), 8);
    let new = room.document_mut().changes_since(&heads);
    assert_eq!(new.len(), 1, "each record once");
}

/// By a file and by a message: a record that stays out, and a second change under one number of its actor, which
/// automerge does not take.
#[test]
fn a_change_that_stays_out_keeps_nothing_else_out() {
    let mut away = Document::new(Kind::Log, &[2; 16]);
    let second = writes(&mut Document::new(Kind::Log, &[21; 16]), &record(1, "后到的"));
    let number = writes(&mut Document::new(Kind::Log, &[20; 16]), &record(4, "同一改动编号"));
    for (brought, new) in [(second, 1), (number, 2)] {
        let mut device = Document::new(Kind::Log, &[2; 16]);
        device.apply(&brought).expect("whole");
        let upon = writes(&mut device, &record(5, "第一条"));
        let mut at = room();
        let taken = at.take_in(&[brought.clone(), upon.clone()], &OWN).expect("goes on");
        assert_eq!((taken.new, taken.refused.len(), taken.waiting.len()), (new, 1, 0));
        assert_eq!(words(at.document()).len(), 1 + new);

        let mut at = room();
        at.join(ConnectionId(1), Dialect::Tongban, OWN);
        let own = writes(&mut away, &record(6, "别的"));
        let message = Message {
            heads: Vec::new(),
            need: Vec::new(),
            have: Vec::new(),
            changes: ChunkList::from(vec![own, brought, upon]),
            flags: None,
            version: MessageVersion::V2,
        };
        at.receive(ConnectionId(1), &message.encode(), false).expect("goes on");
        assert_eq!(words(at.document()).len(), 2 + new);
        away = Document::new(Kind::Log, &[2; 16]);
    }
}

/// Somebody has a colleague's records by a file, and puts one into a change under the colleague's actor and first
/// number. The colleague's own change comes in whole, and nobody is blamed.
#[test]
fn nobody_uses_up_the_numbers_of_another_device() {
    let victim = DeviceId::from_bytes([9; 16]);
    let actor = [&victim.bytes()[..], &[0; WRITER_BYTES]].concat();
    let mut room = Room::new(ID, Document::new(Kind::Log, &[99; 16]), Some(LOG));
    let mut own = Document::new(Kind::Log, &actor);
    let first = writes(&mut own, &record(1, "第一条"));
    let mut taken = Document::new(Kind::Log, &actor);
    let later = Stamp { time: 77, ..Stamp::default() };
    let forged = taken.edit(&record(1, "第一条"), &later).expect("a record").1.expect("new").bytes;
    assert_ne!(first, forged);
    // The carrier has written upon it.
    let mut carrier = Document::new(Kind::Log, &[2; 16]);
    carrier.apply(&forged).expect("whole");
    let upon = writes(&mut carrier, &record(2, "转交的"));
    let says = |changes: Vec<Vec<u8>>| {
        let changes = ChunkList::from(changes);
        let (heads, need, have) = (Vec::new(), Vec::new(), Vec::new());
        Message { heads, need, have, changes, flags: None, version: MessageVersion::V2 }.encode()
    };
    let refused = |room: &mut Room| {
        room.unsaved().expect("as they came");
        room.flush().into_iter().filter(|(_, told)| matches!(told, Outgoing::Refused { .. })).count()
    };
    room.join(ConnectionId(1), Dialect::Tongban, OWN);
    room.receive(ConnectionId(1), &says(vec![forged, upon]), false).expect("goes on");
    assert_eq!((words(room.document()), refused(&mut room)), (vec!["第一条".into(), "转交的".into()], 0));
    room.join(ConnectionId(2), Dialect::Tongban, Rights { device: Some(victim), ..OWN });
    let second = writes(&mut own, &record(3, "第二条"));
    room.receive(ConnectionId(2), &says(vec![first, second]), false).expect("goes on");
    assert_eq!((words(room.document()).len(), refused(&mut room)), (3, 0));
    assert!(own.heads().iter().all(|head| room.document_mut().contains(head)), "its own changes are in");
}

/// Each of very many changes says another thing under the number of the same record, and rests on nothing.
#[test]
fn what_stays_out_has_no_more_heads_than_can_be_told() {
    let mut room = room();
    room.join(ConnectionId(1), Dialect::Tongban, OWN);
    let many = u32::try_from(HEADS).expect("small") + 20;
    let change = |number: u32| {
        let actor = [&[77][..], &number.to_be_bytes(), &[0; 11]].concat();
        writes(&mut Document::new(Kind::Log, &actor), &record(1, &format!("第 {number} 种说法")))
    };
    let changes: Vec<Vec<u8>> = (0..many).map(change).collect();
    let message = |changes: Vec<Vec<u8>>| {
        let changes = ChunkList::from(changes);
        let (heads, need, have) = (Vec::new(), Vec::new(), Vec::new());
        Message { heads, need, have, changes, flags: None, version: MessageVersion::V2 }.encode()
    };
    let (fits, beyond) = changes.split_at(HEADS);
    let apart = |room: &Room| room.peers[&ConnectionId(1)].apart.heads(&[]).len();
    // So many in one message are too many heads at once.
    for some in fits.chunks(HEADS / 4) {
        room.receive(ConnectionId(1), &message(some.to_vec()), false).expect("goes on");
    }
    assert_eq!((apart(&room), words(room.document())), (HEADS, vec!["先到的".to_owned()]));
    // One that rests on what is told brings nothing more to tell.
    let mut device = Document::new(Kind::Log, &[2; 16]);
    device.apply(&changes[0]).expect("whole");
    let upon = writes(&mut device, &record(2, "写在后面的"));
    room.receive(ConnectionId(1), &message(vec![upon]), false).expect("goes on");
    assert_eq!((apart(&room), words(room.document()).len()), (HEADS, 2));
    room.receive(ConnectionId(1), &message(beyond.to_vec()), false).expect("goes on");
    assert!(apart(&room) <= HEADS, "{}", apart(&room));
    room.unsaved().expect("as they came");
    let scattered = |told: &(ConnectionId, Outgoing)| matches!(&told.1, Outgoing::Refused { why, .. } if why.fault == Some(Fault::Scattered));
    assert!(room.flush().iter().any(scattered), "its sender is told");
    assert_eq!(words(room.document()).len(), 2);
}
