//! As much as a connection may write, and as much as is kept of it.

use super::*;
use crate::limits::{FILTER_BYTES, REFUSED_OPERATIONS};
use crate::sync::RefusalCode;

/// A sync message with one filter of so many bytes, which stands for as many entries as fit.
fn with_filter(bytes: u32) -> Vec<u8> {
    let entries = bytes * 8 / 10;
    let mut filter = leb128(entries);
    filter.extend([10, 7]);
    filter.resize(filter.len() + (entries * 10).div_ceil(8) as usize, 0);
    // Version, no heads, no need, one `have` without a last sync, its filter, no changes.
    let mut message = vec![0x42, 0, 0, 1, 0];
    message.extend(leb128(u32::try_from(filter.len()).expect("short")));
    message.extend(filter);
    message.push(0);
    message
}

fn leb128(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A change of an author who has said nothing before.
fn said_by(author: u8) -> Vec<u8> {
    let mut document = Document::new(Kind::Board, &[author; 16]);
    let edit = Edit::AddSection {
        id: SectionId::from_bytes([author; 16]),
        number: author.to_string(),
        title: "任务".into(),
        rank: "h".into(),
    };
    document.edit(&edit, &Stamp::default()).expect("a section").1.expect("a change").bytes
}

#[test]
fn new_authors_are_a_share_and_known_ones_are_not() {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut device = Device::new(&mut room, 1, MAY);
    settle(&mut room, &mut [&mut device]);
    room.allow(device.connection, Written { actors: 2, ..Written::ENDLESS });
    let mut authors: Vec<Document> =
        (11..=13).map(|number| Document::new(Kind::Board, &[number; 16])).collect();
    let mut say = |author: usize, number: u8| {
        let edit = Edit::AddSection {
            id: SectionId::from_bytes([number; 16]),
            number: number.to_string(),
            title: "任务".into(),
            rank: "h".into(),
        };
        let made = authors[author].edit(&edit, &Stamp::default()).expect("a section").1.expect("a change");
        room.receive_changes(device.connection, vec![made.bytes]).expect("the connection goes on");
        let taken = room.unsaved().expect("as they came").len();
        let refused = room.flush().into_iter().find_map(|(_, outgoing)| match outgoing {
            Outgoing::Refused { why, .. } => Some(why.code),
            _ => None,
        });
        (taken, refused)
    };
    assert_eq!(say(0, 1), (1, None));
    assert_eq!(say(1, 2), (1, None));
    assert_eq!(say(2, 3), (0, Some(RefusalCode::TooLarge)), "one author too many");
    assert_eq!(say(0, 4), (1, None), "whoever is known goes on");
    let written: u64 = room.written().iter().map(|(_, written)| written.actors).sum();
    assert_eq!(written, 2);
}

#[test]
fn what_a_device_says_it_has_is_counted_until_it_is_level() {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut device = Device::new(&mut room, 1, MAY);
    let bytes = u32::try_from(FILTER_BYTES).expect("short");
    let told = with_filter(bytes / 2);
    assert_eq!(room.receive(device.connection, &told, true), Ok(()));
    assert!(room.kept_bytes(device.connection) > FILTER_BYTES as u64 / 3, "it is kept, and counted");
    let long = with_filter(bytes + 1000);
    let refused = room.receive(device.connection, &long, false);
    assert!(matches!(refused, Err(ReceiveError::Unreadable(_))), "{refused:?}");
    device.write(1);
    settle(&mut room, &mut [&mut device]);
    assert!(room.kept_bytes(device.connection) < 1024, "{} bytes", room.kept_bytes(device.connection));
}

#[test]
fn as_much_as_the_share_has_room_for_comes_in_today() {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut device = Device::new(&mut room, 1, MAY);
    settle(&mut room, &mut [&mut device]);
    // A device that was away brings what forty others have said.
    let said: Vec<Vec<u8>> = (11..51).map(said_by).collect();
    for (day, taken) in [(1, 25), (2, 40)] {
        room.allow(device.connection, Written { actors: 25, ..Written::ENDLESS });
        room.receive_changes(device.connection, said.clone()).expect("the connection goes on");
        let count = room.unsaved().expect("as they came").len();
        assert_eq!(count, if day == 1 { 25 } else { 15 });
        let told = room.flush().iter().any(|(_, outgoing)| matches!(outgoing, Outgoing::Refused { .. }));
        assert_eq!(told, day == 1);
        assert_eq!(room.document_mut().board().sections.len(), taken);
    }
}

/// Changes of so many operations, claimed of a device that did not send them.
fn claimed(number: u8, sections: u16) -> Vec<u8> {
    let mut document = Document::new(Kind::Board, &[&[number; 16][..], &[0; WRITER_BYTES]].concat());
    let edits: Vec<Edit> = (0..sections)
        .map(|number| Edit::AddSection {
            id: SectionId::from_bytes([number.to_be_bytes(); 8].concat().try_into().expect("16 bytes")),
            number: number.to_string(),
            title: "任务".into(),
            rank: "h".into(),
        })
        .collect();
    document.edit_all(&edits, &Stamp::default()).expect("sections");
    document.changes_since(&[]).pop().expect("a change").bytes
}

#[test]
fn words_that_are_judged_long_and_refused_cost_what_taking_them_does() {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut device = Device::new(&mut room, 1, MAY);
    settle(&mut room, &mut [&mut device]);
    let operations = |change: &[u8]| measure(change, u64::MAX).expect("a change").operations;
    let heavy = claimed(3, 800);
    assert!(operations(&heavy) > REFUSED_OPERATIONS);
    let most = Written { operations: operations(&heavy) * 2 + 10, ..Written::ENDLESS };
    let mut left = most;
    let mut says = |change: &[u8]| {
        room.allow(device.connection, left);
        room.receive_changes(device.connection, vec![change.to_vec()]).expect("the connection goes on");
        for (_, written) in room.written() {
            left = left.without(written).unwrap_or_default();
        }
        room.unsaved().expect("nothing");
        let refused = room.flush().into_iter().find_map(|(_, outgoing)| match outgoing {
            Outgoing::Refused { why, .. } => why.fault,
            _ => None,
        });
        (refused, most.operations - left.operations)
    };
    let light = claimed(4, 2);
    for _ in 0..50 {
        assert_eq!(says(&light), (Some(Fault::Claimed), 0), "a few words are refused for nothing");
    }
    assert_eq!(says(&heavy), (Some(Fault::Claimed), operations(&heavy)));
    assert_eq!(says(&heavy), (Some(Fault::Claimed), operations(&heavy) * 2), "sent again once");
    for _ in 0..20 {
        assert_eq!(says(&heavy).0, Some(Fault::Share), "it is not judged any more");
    }
}
