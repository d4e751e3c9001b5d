//! A word is taken down as automerge's sync takes it down, and what is told of many changes is gathered once.

use super::*;
use crate::edit::BoardField;
use crate::sync::room::heard::look_through;
use automerge::sync::{Have, MessageFlags, MessageVersion, State};

/// A document of two devices that have written side by side.
fn document() -> Document {
    let mut devices = [1, 2].map(|number| Document::new(Kind::Board, &[number; 16]));
    for number in 0..20 {
        let value = format!("题目{number}");
        let edit = Edit::SetBoardField { field: BoardField::Title, value };
        devices.iter_mut().for_each(|device| _ = device.edit(&edit, &Stamp::default()).expect("an edit"));
    }
    let [mut document, mut other] = devices;
    for chunk in other.changes_since(&[]).into_iter().skip(1) {
        document.take_change(&chunk.bytes).expect("a change");
    }
    assert_eq!(document.heads().len(), 2);
    document
}

fn says(heads: Vec<ChangeHash>, flags: Option<MessageFlags>) -> Message {
    let (need, have, changes) = (heads.clone(), vec![Have::default()], ChunkList::empty());
    Message { heads, need, have, changes, flags, version: MessageVersion::V1 }
}

#[test]
fn a_word_is_taken_down_as_automerge_takes_it_down() {
    let mut document = document();
    let all: Vec<ChangeHash> = document.hashes().into_iter().map(ChangeHash).collect();
    let ours: Vec<ChangeHash> = document.heads().into_iter().map(ChangeHash).collect();
    let (mut state, mut theirs, mut chance) = (State::new(), State::new(), 7_usize);
    let mut next = |below: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % below
    };
    for word in 0..500 {
        let mut heads: Vec<ChangeHash> = (0..next(4)).map(|_| all[next(all.len())]).collect();
        if next(4) == 0 {
            heads = ours.clone();
        }
        if next(5) == 0 {
            heads.push(ChangeHash([7; 32]));
        }
        heads.sort_unstable();
        heads.dedup();
        let flags = (next(3) > 0).then(|| {
            let mut flags = MessageFlags::new();
            let bits = [MessageFlags::SYNC_RESET, MessageFlags::READ_ONLY, MessageFlags::SUPPORTS_SYNC_RESET];
            bits.into_iter().filter(|_| next(3) == 0).for_each(|bit| flags.set(bit));
            flags
        });
        let sent: Vec<ChangeHash> = (0..next(6)).map(|_| all[next(all.len())]).collect();
        for state in [&mut state, &mut theirs] {
            state.sent_hashes.extend(&sent);
            state.in_flight = true;
        }
        let message = says(heads, flags);
        hear(&mut document, &mut state, message.clone());
        look_through(&mut document, &mut state);
        document.automerge().sync().receive_sync_message(&mut theirs, message).expect("taken");
        assert_eq!(state, theirs, "word {word}");
    }
}

#[test]
fn a_filter_is_gathered_once_for_all_who_are_told_the_same() {
    let mut document = document();
    let (all, heads) = (document.hashes().len(), document.heads());
    let mut room = Room::new(ID, document, None);
    let sent = |room: &mut Room| {
        let sync = |(_, outgoing)| match outgoing {
            Outgoing::Sync(data) => Some(crate::sync::message::read(&data).expect("a message")),
            _ => None,
        };
        room.flush().into_iter().filter_map(sync).collect::<Vec<_>>()
    };
    // Each of them has something that nobody has: no answer is like another.
    for number in 1..=40 {
        room.join(ConnectionId(number), Dialect::Tongban, MAY);
        let unknown = says(vec![ChangeHash([u8::try_from(number).expect("few"); 32])], None);
        room.receive(ConnectionId(number), &unknown.encode(), true).expect("taken");
    }
    let told = sent(&mut room);
    assert_eq!((told.len(), room.filters.gathered), (40, all));
    let mut plain =
        Document::load(Kind::Board, &[3; 16], [room.document_mut().save().as_slice()]).expect("loads");
    let mut state = State::new();
    let automerges = plain.automerge().sync().generate_sync_message(&mut state).expect("a first message");
    assert!(told.iter().all(|message| message.have == automerges.have), "the filter that automerge makes");
    // One that has nearly everything is told of the rest, as often as it asks.
    for _ in 0..10 {
        let nearly = says(vec![ChangeHash(heads[0])], None);
        room.receive(ConnectionId(1), &nearly.encode(), false).expect("taken");
        assert_eq!(sent(&mut room)[0].have[0].last_sync, [ChangeHash(heads[0])]);
    }
    assert!(room.filters.gathered <= all + 10 * 20, "{}", room.filters.gathered);
    // The next filter has what is new.
    let edit = Edit::SetBoardField { field: BoardField::Title, value: "清单".into() };
    room.document_mut().edit(&edit, &Stamp::default()).expect("an edit");
    room.unsaved().expect("as they came");
    let head = ChangeHash(room.document_mut().heads()[0]);
    assert!(sent(&mut room).iter().skip(1).all(|message| message.have[0].bloom.contains_hash(&head)));
}
