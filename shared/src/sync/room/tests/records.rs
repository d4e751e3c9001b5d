//! Records of a log, in the bytes in which their author wrote them and in others.

use super::*;
use crate::entry::{Author, Entry, EntryKind, Subject};
use crate::id::{EntryId, PersonId};
use crate::trust::Key;
use automerge::ReadDoc;
use automerge::transaction::Transactable;

const LOG: (BoardId, UnitId) = (BoardId::from_bytes([1; 16]), UnitId::from_bytes([2; 16]));
const OWN: Rights = Rights { own: true, ..MAY };

/// A record that its device has signed.
struct Record {
    id: EntryId,
    entry: Entry,
    written: Vec<u8>,
}

impl Record {
    fn new() -> Self {
        let key = Key::from_seed(&[1; 32]);
        let device = key.public().device();
        let actor = [&device.bytes()[..], &[0; WRITER_BYTES]].concat();
        let (person, writer) = (PersonId::from_bytes([1; 16]), crate::document::hex(&actor));
        let author = Author { person, unit: LOG.1, device, writer };
        let subject = Subject { board: LOG.0, item: None, unit: None, indicator: None };
        let id = Entry::own_id(0, LOG.0, &author, 1);
        let mut entry = Entry::new(id, EntryKind::Comment, author, subject);
        entry.sign(&key);
        Self { id, written: entry.to_bytes(), entry }
    }
}

fn room_of(document: Document) -> Room {
    Room::new(ID, document, Some(LOG))
}

/// A change of somebody that puts some bytes under the name of a record.
fn change(id: EntryId, actor: u8, bytes: &[u8]) -> Vec<u8> {
    change_under(id, &[actor; 16], bytes)
}

/// The same under an actor as it is.
fn change_under(id: EntryId, actor: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut document = Document::new(Kind::Log, actor);
    let heads = document.heads();
    let (_, entries) = document.automerge().get(automerge::ROOT, "entries").expect("read").expect("there");
    document.automerge().put(&entries, id.to_string(), bytes.to_vec()).expect("put");
    document.automerge().commit();
    document.changes_since(&heads).pop().expect("a change").bytes
}

/// A record has one form of bytes: in another one it would take the place of the one that its author has, whose
/// own change would then be other words under the same id.
#[test]
fn a_record_is_taken_in_the_form_in_which_its_author_wrote_it() {
    let Record { id, entry, written, .. } = Record::new();
    let endless = [&[0x9f], &written[1..], &[0xff]].concat();
    let longer = [&written[..], &[0]].concat();
    let mut room = room_of(Document::new(Kind::Log, &[99; 16]));
    for other in [&endless, &longer] {
        assert_eq!(Entry::from_bytes(other).expect("read").seal, entry.seal, "the same record");
        let taken = room.take_in(&[change(id, 2, other)], &OWN).expect("the room stays");
        assert_eq!((taken.new, taken.refused.len()), (0, 1));
    }
    let taken = room.take_in(&[change(id, 3, &written)], &OWN).expect("the room stays");
    assert_eq!((taken.new, taken.refused.len()), (1, 0));
    // An earlier version may have stored another form: its author's own change comes in all the same.
    for stored in [&endless, &longer] {
        let mut document = Document::new(Kind::Log, &[99; 16]);
        let edit = Edit::AddEntry { id, bytes: stored.clone() };
        document.edit(&edit, &Stamp::default()).expect("an edit");
        let mut room = room_of(document);
        let taken = room.take_in(&[change(id, 4, &written)], &OWN).expect("the room stays");
        assert_eq!((taken.new, taken.refused.len()), (1, 0));
    }
}

/// A record that is there takes no other bytes in its place, whoever brings them, and is not put again without end.
/// A log that an earlier version let in so is read as its author wrote it.
#[test]
fn a_record_that_is_there_stays_as_its_author_wrote_it() {
    let Record { id, written, .. } = Record::new();
    let endless = [&[0x9f], &written[1..], &[0xff]].concat();
    let longer = [&written[..], &[0; 70_000]].concat();
    let fresh = || room_of(Document::new(Kind::Log, &[99; 16]));
    let stands = |room: &Room| {
        let entries = room.document().entries().0;
        entries.get(&id).map(|entry| (entry.seal.is_some(), entry.to_bytes() == written))
    };
    for other in [&endless, &longer] {
        // Behind it, and in one slice with it: what one server took no other refuses.
        let (own, variant) = (change(id, 3, &written), change(id, 0xff, other));
        let mut behind = fresh();
        assert_eq!(behind.take_in(std::slice::from_ref(&own), &OWN).expect("goes on").new, 1);
        let taken = behind.take_in(std::slice::from_ref(&variant), &OWN).expect("goes on");
        assert_eq!((taken.new, taken.refused.len()), (0, 1));
        let mut together = fresh();
        let taken = together.take_in(&[own.clone(), variant.clone()], &OWN).expect("goes on");
        assert_eq!((taken.new, taken.refused.len()), (1, 1));
        assert_eq!((stands(&behind), stands(&together)), (Some((true, true)), Some((true, true))));
        // In a store of before.
        let mut document = Document::new(Kind::Log, &[98; 16]);
        for bytes in [&own, &variant] {
            document.apply(bytes).expect("whole");
        }
        let old = room_of(document);
        assert_eq!(stands(&old), Some((true, true)), "the readable one counts");
    }
}

/// The same bytes, as often as servers and devices may have them, and no more: each word about a record looks
/// at all that stand under its name.
#[test]
fn a_record_is_put_again_a_few_times_at_most_by_its_author_and_by_others() {
    let Record { id, entry, written } = Record::new();
    let device = entry.author.device;
    let of_its_author: Vec<Vec<u8>> = (0..50)
        .map(|tab| change_under(id, &[&device.bytes()[..], &[tab; WRITER_BYTES]].concat(), &written))
        .collect();
    let of_others: Vec<Vec<u8>> = (10..60).map(|actor| change(id, actor, &written)).collect();
    let rights = Rights { device: Some(device), ..OWN };
    let takes = |room: &mut Room, all: &[Vec<u8>]| {
        let mut taken = 0;
        for change in all {
            let found = room.take_in(std::slice::from_ref(change), &rights).expect("goes on");
            assert!(
                found.refused.iter().all(|why| why.fault == Some(Fault::OtherWords)),
                "{:?}",
                found.refused
            );
            taken += found.new;
        }
        taken
    };
    let mut room = room_of(Document::new(Kind::Log, &[99; 16]));
    assert_eq!(takes(&mut room, &of_its_author), 4, "by its author");
    assert_eq!(takes(&mut room, &of_others), 4, "others have their own");
    let mut room = room_of(Document::new(Kind::Log, &[99; 16]));
    assert_eq!(takes(&mut room, &of_others), 4, "by others");
    assert_eq!(takes(&mut room, &of_its_author), 4, "who keep its author from nothing");
    // All in one message.
    let mut room = room_of(Document::new(Kind::Log, &[99; 16]));
    assert_eq!(room.take_in(&of_its_author, &rights).expect("goes on").new, 4);
    assert_eq!(room.document().entries().0.len(), 1);
}
