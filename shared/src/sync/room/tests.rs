//! The room with its peers, all in memory.

mod answers;
mod forks;
mod frames;
mod heard;
mod plan;
mod records;
mod share;
mod space;
mod values;

use super::*;
use crate::document::chunk::{Unfit, measure};
use crate::document::{Kind, Stamp};
use crate::edit::Edit;
use crate::id::SectionId;
use crate::limits::DOCUMENT_BYTES;
use crate::sync::frame::{Frame, Hashes};
use crate::sync::link::{Effect, Link};
use crate::trust::WRITER_BYTES;
use automerge::Change;
use automerge::sync::{Message, SyncDoc};
use std::io::Read;

const ID: DocumentId = DocumentId::from_bytes([5; 16]);
const MAY: Rights = Rights {
    write: true,
    own: false,
    decide: false,
    lead: None,
    server: false,
    authority: None,
    device: None,
    items: None,
};

struct Device {
    connection: ConnectionId,
    link: Link,
    document: Document,
    refused: usize,
}

impl Device {
    fn new(room: &mut Room, number: u8, rights: Rights) -> Self {
        let connection = ConnectionId(u64::from(number));
        room.join(connection, Dialect::Tongban, rights);
        let mut link = Link::new("device");
        let about = crate::sync::frame::ServerWord::default();
        let version = Dialect::Tongban.version().to_owned();
        let peer = Frame::Peer { sender: "server".into(), target: "device".into(), version, about };
        link.receive(&peer.encode(), |_| None);
        Self { connection, link, document: Document::new(Kind::Board, &[number; 16]), refused: 0 }
    }

    fn write(&mut self, number: u8) {
        let id = SectionId::from_bytes([number; 16]);
        let edit =
            Edit::AddSection { id, number: number.to_string(), title: "任务".into(), rank: "h".into() };
        self.document.edit(&edit, &Stamp::default()).expect("a section");
    }
}

/// Delivers everything until nobody has anything to say; counts the frames of changes down.
fn settle(room: &mut Room, devices: &mut [&mut Device]) -> Vec<Arc<[u8]>> {
    let mut changes = Vec::new();
    for _ in 0..50 {
        let mut quiet = true;
        for device in devices.iter_mut() {
            for effect in device.link.poll(ID, &mut device.document) {
                let Effect::Send(bytes) = effect else { continue };
                quiet = false;
                match Frame::decode(&bytes).expect("a frame") {
                    Frame::Request { data, .. } => room.receive(device.connection, &data, true),
                    Frame::Sync { data, .. } => room.receive(device.connection, &data, false),
                    Frame::Changes { changes, .. } => room.receive_changes(device.connection, changes),
                    other => panic!("{other:?}"),
                }
                .expect("taken");
            }
        }
        room.unsaved().expect("as they came");
        for (connection, outgoing) in room.flush() {
            quiet = false;
            let Some(device) = devices.iter_mut().find(|device| device.connection == connection) else {
                continue;
            };
            let (sender, target) = ("server".to_owned(), "device".to_owned());
            let frame = match outgoing {
                Outgoing::Sync(data) => {
                    let data = data.to_vec();
                    Frame::Sync { document: ID, sender, target, data }.encode()
                }
                Outgoing::Live(heads) => {
                    let heads = Hashes::all(heads).expect("few heads");
                    Frame::Live { document: ID, heads }.encode()
                }
                Outgoing::Changes(frame) => {
                    changes.push(Arc::clone(&frame));
                    frame.to_vec()
                }
                Outgoing::Refused { .. } => {
                    device.refused += 1;
                    continue;
                }
                Outgoing::Ack(_) => continue,
            };
            device.link.receive(&frame, |_| Some(&mut device.document));
        }
        if quiet {
            return changes;
        }
    }
    panic!("no rest");
}

#[test]
fn a_change_that_inflates_beyond_its_bound_is_refused_unread() {
    let mut packed =
        flate2::read::DeflateEncoder::new(std::io::repeat(7).take(1 << 20), flate2::Compression::best());
    let mut content = Vec::new();
    packed.read_to_end(&mut content).expect("memory");
    let length = u8::try_from(content.len() >> 7).expect("small");
    let mut bomb = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 2];
    bomb.extend([u8::try_from(content.len() & 0x7f).expect("seven bits") | 0x80, length]);
    bomb.extend(content);
    assert!(bomb.len() < 4096 && measure(&bomb, 1 << 21) == Err(Unfit::TooLarge));
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut one = Device::new(&mut room, 1, MAY);
    settle(&mut room, &mut [&mut one]);
    one.write(1);
    let whole = one.document.changes_since(&[]).pop().expect("a change").bytes;
    one.write(2);
    let orphan = one.document.changes_since(&[]).pop().expect("a change").bytes;
    assert_eq!(room.receive_changes(one.connection, vec![orphan]), Ok(()));
    assert_eq!(room.unsaved().expect("as they came").len(), 0, "what waits for an ancestor is not taken in");
    assert_eq!(
        room.receive_changes(one.connection, vec![whole]),
        Ok(()),
        "left, for it is being brought level"
    );
    settle(&mut room, &mut [&mut one]);
    assert_eq!(room.document().board().sections.len(), 2);
}

#[test]
fn a_right_lost_and_given_again_while_live_loses_nothing() {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let (mut one, mut other) = (Device::new(&mut room, 1, MAY), Device::new(&mut room, 2, MAY));
    settle(&mut room, &mut [&mut one, &mut other]);
    one.write(1);
    settle(&mut room, &mut [&mut one, &mut other]);
    room.set_rights(one.connection, Rights::default());
    settle(&mut room, &mut [&mut one, &mut other]);
    one.write(2);
    other.write(3);
    settle(&mut room, &mut [&mut one, &mut other]);
    assert_eq!(one.refused, 1);
    assert_eq!((room.document().board().sections.len(), one.document.board().sections.len()), (2, 3));
    room.set_rights(one.connection, MAY);
    settle(&mut room, &mut [&mut one, &mut other]);
    one.write(4);
    settle(&mut room, &mut [&mut one, &mut other]);
    for document in [room.document_mut(), &mut one.document, &mut other.document] {
        assert_eq!(document.board().sections.len(), 4);
    }
}

/// automerge puts several changes into one chunk of a message: each is judged, and an operation that
/// replaces what a document begins with keeps the whole message out.
#[test]
fn every_change_of_a_message_is_judged_before_any_is_applied() {
    use automerge::sync::SyncDoc;
    use automerge::transaction::Transactable;
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let connection = ConnectionId(1);
    room.join(connection, Dialect::Tongban, MAY);
    let mut spoilt = Document::new(Kind::Board, &[1; 16]);
    let doc = spoilt.automerge();
    for number in 0..5_i64 {
        doc.put(automerge::ROOT, "harmless", number).expect("put");
        doc.commit();
    }
    doc.put(automerge::ROOT, "items", 1).expect("put");
    doc.commit();
    let mut state = automerge::sync::State::new();
    for _ in 0..10 {
        let Some(message) = spoilt.automerge().sync().generate_sync_message(&mut state) else { break };
        room.receive(connection, &message.encode(), false).expect("the connection goes on");
        room.unsaved().expect("as they came");
        for (_, outgoing) in room.flush() {
            if let Outgoing::Sync(data) = outgoing {
                let message = Message::decode(&data).expect("a message");
                spoilt.automerge().sync().receive_sync_message(&mut state, message).expect("taken");
            }
        }
    }
    assert!(room.document().roots_intact());
    assert_eq!(room.document_mut().hashes().len(), 1, "nothing of it came in");
}

/// Every reader of a log may send changes to it: however their bytes are turned, the room stays.
#[test]
fn hostile_changes_of_a_log_never_panic_the_room() {
    use crate::entry::{Author, Entry, EntryKind, Subject};
    use crate::id::{BoardId, EntryId, PersonId, UnitId};
    let (board, unit) = (BoardId::from_bytes([1; 16]), UnitId::from_bytes([2; 16]));
    let author = Author {
        person: PersonId::from_bytes([1; 16]),
        unit,
        device: DeviceId::from_bytes([1; 16]),
        writer: "w".into(),
    };
    let subject = Subject { board, item: None, unit: None, indicator: None };
    let entry = Entry::new(EntryId::from_bytes([3; 16]), EntryKind::Comment, author, subject);
    let mut document = Document::new(Kind::Log, &[1; 16]);
    let edit = Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() };
    let (_, chunk) = document.edit(&edit, &Stamp::default()).expect("an edit");
    let whole = chunk.expect("a change").bytes;
    let rights = Rights { own: true, ..MAY };
    let room = || Room::new(ID, Document::new(Kind::Log, &[99; 16]), Some((board, unit)));
    assert_eq!(room().take_in(std::slice::from_ref(&whole), &rights).expect("taken").new, 1);
    for place in 9..whole.len() {
        for turn in [0x01, 0x40, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[place] ^= turn;
            // With its checksum made right, so that it is read at all.
            let sum = <sha2::Sha256 as sha2::Digest>::digest(&bytes[8..]);
            bytes[4..8].copy_from_slice(&sum[..4]);
            let mut room = room();
            // A change that spoils the document is told as that: the caller loads it anew.
            let taken = room.take_in(&[bytes], &rights);
            assert!(taken == Err(ReceiveError::Poison) || room.document().roots_intact());
        }
    }
}

/// Nobody uses up the numbers of another device's changes: under its actor come only entries that it
/// has signed.
#[test]
fn a_change_under_another_devices_actor_must_bring_what_that_device_signed() {
    use crate::entry::{Author, Entry, EntryKind, Subject};
    use crate::id::{PersonId, UnitId};
    use crate::trust::Key;
    let (board, unit) = (BoardId::from_bytes([1; 16]), UnitId::from_bytes([2; 16]));
    let entry = |key: &Key, seq: u32| {
        let device = key.public().device();
        let writer = crate::document::hex(&[&device.bytes()[..], &[0; WRITER_BYTES]].concat());
        let author = Author { person: PersonId::from_bytes([1; 16]), unit, device, writer };
        let subject = Subject { board, item: None, unit: None, indicator: None };
        let id = Entry::own_id(0, board, &author, seq);
        let mut entry = Entry { seq, ..Entry::new(id, EntryKind::Comment, author, subject) };
        entry.sign(key);
        Edit::AddEntry { id, bytes: entry.to_bytes() }
    };
    let (victim, attacker) = (Key::from_seed(&[1; 32]), Key::from_seed(&[2; 32]));
    let actor = [&victim.public().device().bytes()[..], &[0; WRITER_BYTES]].concat();
    let change = |edit: &Edit| {
        let mut document = Document::new(Kind::Log, &actor);
        let (_, chunk) = document.edit(edit, &Stamp::default()).expect("an edit");
        chunk.expect("a change").bytes
    };
    let rights = Rights { own: true, device: Some(attacker.public().device()), ..MAY };
    let taken = |bytes: Vec<u8>| {
        let mut room = Room::new(ID, Document::new(Kind::Log, &[99; 16]), Some((board, unit)));
        let taken = room.take_in(&[bytes], &rights).expect("the room stays");
        (taken.new, taken.refused.first().and_then(|why| why.claimed))
    };
    assert_eq!(taken(change(&entry(&victim, 1))), (1, None), "what it signed may be carried");
    assert_eq!(taken(change(&entry(&attacker, 1))), (0, Some(victim.public().device())));
    // A change that says nothing, and joins nothing, is nobody's.
    let mut empty = Document::new(Kind::Log, &actor);
    empty.automerge().empty_change(automerge::transaction::CommitOptions::default());
    let bytes = empty.changes_since(&[]).pop().expect("a change").bytes;
    assert_eq!(taken(bytes), (0, None));
}

/// A change that does nothing and joins nothing is of no use to anybody; every other one counts.
#[test]
fn a_change_that_does_nothing_joins_others_and_counts_as_an_operation() {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let nothing = |device: &mut Document| {
        device.automerge().empty_change(automerge::transaction::CommitOptions::default());
        device.changes_since(&[]).pop().expect("a change").bytes
    };
    let mut idle = Document::new(Kind::Board, &[1; 16]);
    let idle = nothing(&mut idle);
    let taken = room.take_in(&[idle], &MAY).expect("the room stays");
    assert_eq!((taken.new, taken.refused.len()), (0, 1));
    let [mut one, mut other] = [1, 2].map(|actor| Document::new(Kind::Board, &[actor; 16]));
    let mut all = Vec::new();
    for (document, number) in [(&mut one, 1), (&mut other, 2)] {
        let edit = Edit::SetBoardField { field: crate::edit::BoardField::Title, value: number.to_string() };
        all.push(document.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change").bytes);
    }
    one.apply(&all[1]).expect("applied");
    all.push(nothing(&mut one));
    let before = room.document_mut().operations();
    let taken = room.take_in(&all, &MAY).expect("the room stays");
    assert_eq!((taken.new, taken.refused.len()), (3, 0));
    assert_eq!(room.document_mut().operations(), before + 3);
}

/// One operation after which no number would be left: whoever wrote next would be stopped by automerge,
/// on every device and for good.
#[test]
fn a_change_that_leaps_ahead_of_what_it_rests_on_is_refused() {
    let mut device = Document::new(Kind::Board, &[1; 16]);
    let add = |number: u8| Edit::AddSection {
        id: SectionId::from_bytes([number; 16]),
        number: String::new(),
        title: "任务".into(),
        rank: "h".into(),
    };
    let (_, chunk) = device.edit(&add(1), &Stamp::default()).expect("a section");
    let honest = chunk.expect("a change").bytes;
    let mut told = Change::from_bytes(honest.clone()).expect("a change").decode();
    for start in [u64::from(u32::MAX), told.start_op.get() + 500_001, told.start_op.get() - 1] {
        told.start_op = start.try_into().expect("a number");
        let leaps = Change::from(told.clone()).raw_bytes().to_vec();
        let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
        let taken = room.take_in(&[leaps], &MAY).expect("the room stays");
        assert_eq!((taken.new, taken.refused.len()), (0, 1), "begins at {start}");
        let taken = room.take_in(std::slice::from_ref(&honest), &MAY).expect("the room stays");
        assert_eq!((taken.new, taken.refused.len()), (1, 0));
        room.document_mut().edit(&add(2), &Stamp::default()).expect("whoever is next writes");
    }
    // One that was written at older heads counts on from all that its author had.
    let first = device.heads();
    device.edit(&add(3), &Stamp::default()).expect("a section");
    let first: Vec<_> = first.into_iter().map(automerge::ChangeHash).collect();
    device.automerge().isolate(&first);
    let (_, chunk) = device.edit(&add(4), &Stamp::default()).expect("a section");
    let aside = chunk.expect("a change").bytes;
    device.automerge().integrate();
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let all: Vec<Vec<u8>> = device.changes_since(&[]).into_iter().map(|chunk| chunk.bytes).collect();
    assert!(all.contains(&aside));
    let taken = room.take_in(&all, &MAY).expect("the room stays");
    assert_eq!((taken.refused.len(), taken.waiting.len()), (0, 0));
    assert_eq!(room.document_mut().heads(), device.heads());
}

/// A lead brings a change whose ancestor it holds back, is no lead any more, and brings that.
#[test]
fn what_waits_for_its_ancestors_is_judged_when_they_come() {
    use crate::edit::BoardField;
    let set = |document: &mut Document, value: u8| {
        let value = UnitId::from_bytes([value; 16]).to_string();
        let edit = Edit::SetBoardField { field: BoardField::Lead, value };
        document.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change").bytes
    };
    let message = |changes: Vec<Vec<u8>>, heads: Vec<[u8; 32]>| {
        Message {
            heads: heads.into_iter().map(automerge::ChangeHash).collect(),
            need: Vec::new(),
            have: Vec::new(),
            changes: changes.into(),
            flags: None,
            version: automerge::sync::MessageVersion::V1,
        }
        .encode()
    };
    let begin = || {
        let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
        let mut lead = Document::new(Kind::Board, &[1; 16]);
        let first = set(&mut lead, 7);
        let connection = ConnectionId(1);
        room.join(connection, Dialect::AutomergeRepo, Rights { decide: true, ..MAY });
        room.receive(connection, &message(vec![first], lead.heads()), false).expect("taken");
        // The ancestor is a word that anybody may write.
        let title = Edit::SetBoardField { field: BoardField::Title, value: "题目".into() };
        let ancestor = lead.edit(&title, &Stamp::default()).expect("an edit").1.expect("a change").bytes;
        let takes_over = set(&mut lead, 8);
        room.receive(connection, &message(vec![takes_over], lead.heads()), false).expect("taken");
        room.unsaved().expect("as they came");
        // The room asks for the ancestor, not for what rests on it.
        let asked = room.flush().into_iter().find_map(|(_, outgoing)| match outgoing {
            Outgoing::Sync(data) => Some(Message::decode(&data).expect("a message").need),
            _ => None,
        });
        let hash = Change::from_bytes(ancestor.clone()).expect("a change").hash();
        assert_eq!(asked, Some(vec![hash]));
        assert_eq!(room.document().lead(), Some(UnitId::from_bytes([7; 16])));
        (room, connection, message(vec![ancestor], lead.heads()))
    };
    let (mut room, connection, rest) = begin();
    room.receive(connection, &rest, false).expect("taken");
    assert_eq!(room.document().lead(), Some(UnitId::from_bytes([8; 16])), "still the lead");
    let (mut room, connection, rest) = begin();
    room.set_rights(connection, MAY);
    room.receive(connection, &rest, false).expect("taken");
    assert_eq!(room.document().lead(), Some(UnitId::from_bytes([7; 16])), "no lead any more");
    // Changes of another connection let it go on as well, as far as the right goes.
    let (mut room, connection, rest) = begin();
    room.join(ConnectionId(2), Dialect::AutomergeRepo, MAY);
    room.receive(ConnectionId(2), &rest, false).expect("taken");
    assert_eq!(room.document().lead(), Some(UnitId::from_bytes([8; 16])));
    room.set_rights(connection, Rights::default());
}

/// Changes that are small on their way and large in memory, together.
#[test]
fn what_a_message_inflates_to_is_bounded_as_a_whole() {
    use automerge::transaction::Transactable;
    let mut device = Document::new(Kind::Board, &[1; 16]);
    let words = "同".repeat(3_000_000);
    let doc = device.automerge();
    for number in 0..16 {
        doc.put(automerge::ROOT, "words", format!("{words}{number}")).expect("put");
        doc.commit();
    }
    let packed: Vec<Vec<u8>> =
        device.changes_since(&[]).into_iter().skip(1).map(|chunk| chunk.bytes).collect();
    let inflated: u64 =
        packed.iter().map(|bytes| measure(bytes, 1 << 30).expect("each for itself").bytes).sum();
    assert!(packed.iter().map(Vec::len).sum::<usize>() < 1 << 20 && inflated > DOCUMENT_BYTES as u64);
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut one = Device::new(&mut room, 1, MAY);
    settle(&mut room, &mut [&mut one]);
    room.receive_changes(one.connection, packed).expect("the connection goes on");
    room.unsaved().expect("as they came");
    let refused = room.flush().into_iter().any(|(_, outgoing)| {
        matches!(outgoing, Outgoing::Refused { why, .. } if why.code == RefusalCode::TooLarge)
    });
    assert!(refused && room.document_mut().hashes().len() == 1);
}

/// Refusals of one round: none hides another from the trail, and of many of one reason few frames tell.
#[test]
fn every_refusal_of_a_round_is_told() {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut one = Device::new(&mut room, 1, MAY);
    settle(&mut room, &mut [&mut one]);
    let mut foreign = Document::new(Kind::Board, &[&[3; 16][..], &[0; WRITER_BYTES]].concat());
    let edit = Edit::SetBoardField { field: crate::edit::BoardField::Title, value: "题目".into() };
    let claimed = foreign.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change").bytes;
    room.receive_changes(one.connection, vec![claimed]).expect("goes on");
    for _ in 0..100 {
        room.receive_changes(one.connection, vec![vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 9, 0]])
            .expect("goes on");
    }
    room.unsaved().expect("as they came");
    let told: Vec<(bool, u64)> = room
        .flush()
        .into_iter()
        .filter_map(|(_, outgoing)| match outgoing {
            Outgoing::Refused { why, times, .. } => Some((why.claimed.is_some(), times)),
            _ => None,
        })
        .collect();
    assert!(told.len() < 20 && told[0] == (true, 1), "{told:?}");
    assert_eq!(told.iter().map(|(_, times)| times).sum::<u64>(), 101, "none goes uncounted");
}
