//! Plans in the room: what of a board is for who decides on it, and what was settled.

use super::*;
use crate::edit::{BoardField, ItemField, LedgerField, NewItem};
use crate::plan::Settled;
use automerge::transaction::Transactable;
use automerge::{ROOT, ReadDoc, ScalarValue};

#[test]
fn a_settled_plan_is_changed_by_who_decides_or_had_not_seen_it() {
    let (unit, measure) = (UnitId::from_bytes([7; 16]), ItemId::from_bytes([8; 16]));
    let decides = Rights { decide: true, ..MAY };
    let set = |field, value: &str| Edit::SetBoardField { field, value: value.to_owned() };
    let add = |id, kind: &str| {
        let item = NewItem { kind: kind.to_owned(), title: "一项".to_owned(), ..NewItem::default() };
        Edit::AddItem { id, item: Box::new(item) }
    };
    let title =
        |value: &str| Edit::SetItemField { id: measure, field: ItemField::Title, value: value.to_owned() };
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut lead = Device::new(&mut room, 1, decides);
    let (mut away, mut other) = (Device::new(&mut room, 2, MAY), Device::new(&mut room, 3, MAY));
    let edit = |device: &mut Device, edit: &Edit| {
        device.document.edit(edit, &Stamp::default()).expect("an edit");
    };
    edit(&mut lead, &set(BoardField::Lead, &unit.to_string()));
    edit(&mut lead, &set(BoardField::Template, "measure_plan"));
    edit(&mut lead, &add(measure, ""));
    settle(&mut room, &mut [&mut lead, &mut away, &mut other]);
    let word = Settled::of(&lead.document.board(), unit, 1).to_word();
    // A device without the right to decide settles nothing.
    let mut forger = Device::new(&mut room, 4, MAY);
    settle(&mut room, &mut [&mut forger]);
    edit(&mut forger, &set(BoardField::Settled, &word));
    settle(&mut room, &mut [&mut forger]);
    assert!(forger.refused > 0 && room.document().board().settled.is_none());
    edit(&mut lead, &set(BoardField::Settled, &word));
    settle(&mut room, &mut [&mut lead, &mut other]);
    assert!(room.document().board().settled.is_some());
    // One that was away brings its words; the plan differs then.
    edit(&mut away, &title("外出时改的"));
    settle(&mut room, &mut [&mut away, &mut lead, &mut other]);
    assert_eq!((away.refused, room.document().board().items[&measure].title.as_str()), (0, "外出时改的"));
    // Rows of units and items with states of their own flow on.
    let row = Edit::SetLedger { item: measure, unit, field: LedgerField::Path, value: "分批".to_owned() };
    let project = ItemId::from_bytes([9; 16]);
    for flowing in [row, add(project, "project")] {
        edit(&mut other, &flowing);
        settle(&mut room, &mut [&mut other, &mut lead]);
    }
    let field = ItemField::Title;
    edit(&mut other, &Edit::SetItemField { id: project, field, value: "二期".to_owned() });
    settle(&mut room, &mut [&mut other, &mut lead]);
    assert_eq!((other.refused, room.document().board().items.len()), (0, 2));
    // Changes by someone who has seen it are refused: an edit, a new measure, and one below a typed
    // item's id.
    let set_kind = |late: &mut Device, item: ItemId| {
        let doc = late.document.automerge();
        let items = doc.get(ROOT, "items").expect("read").expect("items").1;
        let object = doc.get(&items, item.to_string()).expect("read").expect("an item").1;
        doc.put(&object, "kind", "").expect("a register");
        doc.commit();
    };
    for attempt in 0..5 {
        let mut late = Device::new(&mut room, 5, MAY);
        settle(&mut room, &mut [&mut late]);
        let new = ItemId::from_bytes([10; 16]);
        match attempt {
            0 => edit(&mut late, &title("见过定稿以后改的")),
            1 => edit(&mut late, &add(new, "")),
            2 => edit(&mut late, &add(new, "measure")),
            3 => set_kind(&mut late, project),
            _ => {
                edit(&mut late, &add(new, "project"));
                set_kind(&mut late, new);
            }
        }
        settle(&mut room, &mut [&mut late]);
        assert!(late.refused > 0, "{attempt}");
        room.leave(late.connection);
    }
    assert_eq!(room.document().board().items.len(), 2);
    assert_eq!(room.document().board().items[&measure].title, "外出时改的");
    edit(&mut lead, &title("牵头单位改的"));
    settle(&mut room, &mut [&mut lead]);
    assert_eq!(room.document().board().items[&measure].title, "牵头单位改的");
}

/// Registers that are for who decides, with their maps.
fn guarded() -> Vec<(&'static str, String)> {
    let of_meta = BoardField::OF_THE_LEAD.map(|field| ("meta", field.key().to_owned()));
    let guest = format!("{}{}", crate::document::GUEST, UnitId::from_bytes([7; 16]));
    of_meta.into_iter().chain([("members", guest)]).collect()
}

fn changed(document: &mut Document, write: impl FnOnce(&mut automerge::AutoCommit)) -> Vec<u8> {
    let heads = document.heads();
    let doc = document.automerge();
    write(doc);
    doc.commit();
    document.changes_since(&heads).pop().expect("a change").bytes
}

/// A board that nobody leads: a section, and counters in the place of all registers that are guarded.
fn leaderless(actor: u8) -> Document {
    let mut board = Document::new(Kind::Board, &[8; 16]);
    let title = "任务".to_owned();
    let id = SectionId::from_bytes([1; 16]);
    let add = Edit::AddSection { id, number: String::new(), title, rank: "h".into() };
    board.edit(&add, &Stamp::default()).expect("a section");
    changed(&mut board, |doc| {
        for (map, key) in guarded() {
            let map = doc.get(ROOT, map).expect("read").expect("there").1;
            doc.put(&map, key, ScalarValue::counter(1)).expect("a counter");
        }
    });
    let chunks = board.changes_since(&[]);
    Document::load(Kind::Board, &[actor; 16], chunks.iter().map(|chunk| chunk.bytes.as_slice()))
        .expect("a board")
}

/// How often a round refused something for the right of its sender.
fn no_right(room: &mut Room) -> usize {
    room.unsaved().expect("as they came");
    let plain = |outgoing: &Outgoing| match outgoing {
        Outgoing::Refused { why, .. } => why.code == RefusalCode::NoRight,
        _ => false,
    };
    room.flush().iter().filter(|(_, outgoing)| plain(outgoing)).count()
}

/// The lead of a board, its guests, its template and what is settled of it are for who decides, also while
/// nobody leads it: by whatever operation, on whatever way, and while the store recovers.
#[test]
fn nobody_makes_an_own_unit_the_lead() {
    type Write = fn(&mut automerge::AutoCommit, &automerge::ObjId, &str);
    let writes: [(&str, Write); 4] = [
        ("put", |doc, map, key| doc.put(map, key, UnitId::from_bytes([7; 16]).to_string()).expect("a word")),
        ("flag", |doc, map, key| doc.put(map, key, true).expect("a flag")),
        ("delete", |doc, map, key| doc.delete(map, key).expect("gone")),
        ("increment", |doc, map, key| doc.increment(map, key, 1).expect("a counter")),
    ];
    let mut count = 0;
    for (map, key) in guarded() {
        for (how, write) in writes {
            let told = format!("{how} {map} {key}");
            let mut device = leaderless(1);
            let chunk = changed(&mut device, |doc| {
                let map = doc.get(ROOT, map).expect("read").expect("there").1;
                write(doc, &map, &key);
            });
            let mut room = Room::new(ID, leaderless(99), None);
            let before = room.document_mut().heads();
            for recovers in [false, true] {
                room.know(Known { recovers, ..Known::default() });
                let mut live = Device::new(&mut room, 2, MAY);
                live.document = leaderless(2);
                settle(&mut room, &mut [&mut live]);
                room.receive_changes(live.connection, vec![chunk.clone()]).expect("goes on");
                assert_eq!(no_right(&mut room), 1, "{told} live");
                room.leave(live.connection);
                let message = Message {
                    heads: device.heads().into_iter().map(automerge::ChangeHash).collect(),
                    need: Vec::new(),
                    have: Vec::new(),
                    changes: vec![chunk.clone()].into(),
                    flags: None,
                    version: automerge::sync::MessageVersion::V1,
                };
                room.join(ConnectionId(1), Dialect::AutomergeRepo, MAY);
                room.receive(ConnectionId(1), &message.encode(), false).expect("goes on");
                assert_eq!(no_right(&mut room), 1, "{told} by a message");
                room.leave(ConnectionId(1));
                let taken = room.take_in(std::slice::from_ref(&chunk), &MAY).expect("the room stays");
                assert_eq!((taken.new, taken.refused.len()), (0, 1), "{told} by a file");
                count += 3;
            }
            assert_eq!(room.document_mut().heads(), before, "{told}");
            let decides = Rights { decide: true, ..MAY };
            let taken = room.take_in(&[chunk], &decides).expect("the room stays");
            assert_eq!((taken.new, taken.refused.len()), (1, 0), "{told} by who decides");
        }
    }
    assert_eq!(count, 6 * 4 * 2 * 3);
    // The rest of it is written by whoever may write.
    let mut device = leaderless(1);
    let heads = device.heads();
    let title = Edit::SetBoardField { field: BoardField::Title, value: "题目".into() };
    device.edit(&title, &Stamp::default()).expect("an edit");
    let chunks = device.changes_since(&heads).into_iter().map(|chunk| chunk.bytes).collect::<Vec<_>>();
    let mut room = Room::new(ID, leaderless(99), None);
    assert_eq!(room.take_in(&chunks, &MAY).expect("the room stays").new, 1);
}

/// Typed items flow while their template can be read; where it cannot, all of them are the settled plan.
#[test]
fn what_a_template_does_not_say_is_settled() {
    let (unit, item) = (UnitId::from_bytes([7; 16]), ItemId::from_bytes([9; 16]));
    let set = |field, value: &str| Edit::SetBoardField { field, value: value.to_owned() };
    let decides = Rights { decide: true, ..MAY };
    for (source, taken) in [("", 1), ("id = 3", 0)] {
        let mut lead = Document::new(Kind::Board, &[1; 16]);
        let project = NewItem { kind: "project".into(), title: "一项".into(), ..NewItem::default() };
        let edits = [
            set(BoardField::Template, "project_lifecycle"),
            set(BoardField::TemplateSource, source),
            Edit::AddItem { id: item, item: Box::new(project) },
        ];
        lead.edit_all(&edits, &Stamp::default()).expect("a board");
        let word = Settled::of(&lead.board(), unit, 1).to_word();
        lead.edit(&set(BoardField::Settled, &word), &Stamp::default()).expect("settled");
        let chunks: Vec<Vec<u8>> = lead.changes_since(&[]).into_iter().map(|chunk| chunk.bytes).collect();
        let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
        assert!(room.take_in(&chunks, &decides).expect("the room stays").refused.is_empty());
        let heads = lead.heads();
        let title = Edit::SetItemField { id: item, field: ItemField::Title, value: "二期".into() };
        lead.edit(&title, &Stamp::default()).expect("an edit");
        let change = lead.changes_since(&heads).pop().expect("a change").bytes;
        let came = room.take_in(&[change], &MAY).expect("the room stays");
        let codes: Vec<RefusalCode> = came.refused.iter().map(|why| why.code).collect();
        let expected = if taken == 0 { vec![RefusalCode::PlanSettled] } else { Vec::new() };
        assert_eq!((came.new, codes), (taken, expected), "{source}");
    }
}
