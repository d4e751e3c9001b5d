//! Many values in one place.

use super::*;
use crate::edit::ItemField;
use crate::id::ItemId;
use automerge::ReadDoc;
use automerge::transaction::Transactable;
use std::collections::BTreeSet;

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

/// One change that leaves many values beside each other, as no program of ours writes it.
fn many_at_once(first: &[u8], count: usize) -> Vec<u8> {
    use automerge::legacy::{Op, OpType};
    use automerge::{ActorId, ChangeHash, ScalarValue};
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
    let values = (0..count).map(|number| {
        let value = ScalarValue::Str(format!("第 {number} 种写法").into());
        Op { action: OpType::Put(value), ..operation.clone() }
    });
    expanded.operations = values.collect();
    expanded.actor_id = ActorId::from([8; 16]);
    expanded.seq = 1.try_into().expect("not zero");
    let _: Option<ChangeHash> = expanded.hash.take();
    automerge::Change::from(expanded).raw_bytes().to_vec()
}

/// A reader of a place looks at a part of such values, and at each change once.
#[test]
fn a_place_with_many_values_is_read_in_little_work() {
    let (mut room, first) = room_with_an_item();
    let taken = room.take_in(&[many_at_once(&first, 20_000)], &LEADS).expect("goes on");
    assert_eq!((taken.new, taken.refused.len()), (1, 0), "{:?}", taken.refused);
    let item = &room.document_mut().board().items[&ITEM];
    let said: BTreeSet<&str> = item.conflicts[0].said.iter().map(|one| one.value.as_str()).collect();
    assert!((2..=256).contains(&said.len()), "{}", said.len());
    assert!(said.contains(item.title.as_str()), "the one in force is among them");
    // A device that has seen them writes over all.
    let mut document = Document::new(Kind::Board, &[6; 16]);
    for chunk in room.document_mut().changes_since(&[]) {
        document.apply(&chunk.bytes).expect("whole");
    }
    let chosen = document.edit(&title("定下的"), &Stamp::default()).expect("an edit").1.expect("new").bytes;
    assert_eq!(room.take_in(&[chosen], &LEADS).expect("goes on").new, 1);
    assert!(room.document_mut().board().items[&ITEM].conflicts.is_empty());
}
