//! Many values in one place.

use super::*;
use crate::edit::ItemField;
use crate::id::ItemId;
use crate::limits::VALUES_OF_A_PLACE;
use automerge::ReadDoc;
use automerge::transaction::Transactable;

const LEADS: Rights = Rights { decide: true, ..MAY };
const ITEM: ItemId = ItemId::from_bytes([5; 16]);

fn add() -> Edit {
    Edit::AddItem { id: ITEM, item: Box::default() }
}

fn title(words: &str) -> Edit {
    Edit::SetItemField { id: ITEM, field: ItemField::Title, value: words.to_owned() }
}

/// A room with one item, and the change that made it.
fn room_with_an_item() -> (Room, Vec<u8>) {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let first = Document::new(Kind::Board, &[9; 16]).edit(&add(), &Stamp::default());
    let first = first.expect("an item").1.expect("new").bytes;
    assert_eq!(room.take_in(std::slice::from_ref(&first), &LEADS).expect("goes on").new, 1);
    (room, first)
}

/// A change of somebody who has only the item.
fn apart(number: u16, first: &[u8], edit: &Edit) -> Vec<u8> {
    let mut actor = [3; 16];
    actor[..2].copy_from_slice(&number.to_be_bytes());
    let mut document = Document::new(Kind::Board, &actor);
    document.apply(first).expect("whole");
    document.edit(edit, &Stamp::default()).expect("an edit").1.expect("new").bytes
}

/// One change that leaves many values beside each other, as no program of ours writes it.
fn many_at_once(first: &[u8], count: usize) -> Vec<u8> {
    use automerge::{ActorId, ChangeHash};
    let mut document = Document::new(Kind::Board, &[7; 16]);
    document.apply(first).expect("whole");
    let doc = document.automerge();
    let (_, items) = doc.get(automerge::ROOT, "items").expect("read").expect("there");
    let (_, item) = doc.get(&items, ITEM.to_string()).expect("read").expect("there");
    doc.put(&item, "title", "一").expect("put");
    doc.put(&item, "title", "二").expect("put");
    doc.commit();
    let change = doc.get_last_local_change().expect("a change");
    let mut expanded = change.decode();
    let operation = expanded.operations[0].clone();
    expanded.operations = vec![operation; count];
    expanded.actor_id = ActorId::from([8; 16]);
    expanded.seq = 1.try_into().expect("not zero");
    let _: Option<ChangeHash> = expanded.hash.take();
    automerge::Change::from(expanded).raw_bytes().to_vec()
}

#[test]
fn one_change_leaves_one_value_in_a_place() {
    let (mut room, first) = room_with_an_item();
    let taken = room.take_in(&[many_at_once(&first, 1)], &LEADS).expect("goes on");
    assert_eq!((taken.new, taken.refused.len()), (1, 0), "{:?}", taken.refused);
    let (mut room, first) = room_with_an_item();
    let taken = room.take_in(&[many_at_once(&first, 2)], &LEADS).expect("goes on");
    assert_eq!((taken.new, taken.refused.len()), (0, 1));
    assert_eq!(taken.refused[0].fault, Some(Fault::Values));
    // Somebody who writes twice has one value there.
    let mut document = Document::new(Kind::Board, &[6; 16]);
    document.apply(&first).expect("whole");
    let heads = document.heads();
    document.edit_all(&[title("一"), title("二"), title("三")], &Stamp::default()).expect("edits");
    let changes: Vec<Vec<u8>> = document.changes_since(&heads).into_iter().map(|chunk| chunk.bytes).collect();
    let count = changes.len();
    assert_eq!(room.take_in(&changes, &LEADS).expect("goes on").new, count);
}

#[test]
fn a_place_holds_what_people_leave_there_who_write_apart_and_no_more() {
    let (mut room, first) = room_with_an_item();
    let before = room.document_mut().board().items[&ITEM].conflicts.len();
    assert_eq!(before, 0);
    let mut taken = 0;
    for number in 0..u16::try_from(VALUES_OF_A_PLACE).expect("few") + 20 {
        let change = apart(number, &first, &title(&format!("第 {number} 种写法")));
        taken += room.take_in(&[change], &LEADS).expect("goes on").new;
    }
    // The item's own value is written over by each of them.
    assert_eq!(taken, VALUES_OF_A_PLACE);
    assert_eq!(room.document_mut().board().items[&ITEM].conflicts[0].said.len(), VALUES_OF_A_PLACE);
    // Whoever has seen them writes over all, and there is room again.
    let mut document = Document::new(Kind::Board, &[6; 16]);
    for chunk in room.document_mut().changes_since(&[]) {
        document.apply(&chunk.bytes).expect("whole");
    }
    let chosen = document.edit(&title("定下的"), &Stamp::default()).expect("an edit").1.expect("new").bytes;
    assert_eq!(room.take_in(&[chosen], &LEADS).expect("goes on").new, 1);
    assert!(room.document_mut().board().items[&ITEM].conflicts.is_empty());
    assert_eq!(room.take_in(&[apart(900, &first, &title("还有一种"))], &LEADS).expect("goes on").new, 1);
}
