//! Edits, undo, groups, damaged bytes.

use crate::desk::*;
use tongban_shared::document::{Document, Kind};
use tongban_shared::edit::{BoardField, Edit, ItemField, TextPlace};
use tongban_shared::entry::Measure;
use tongban_shared::fold::{self, Entries, Standing};
use tongban_shared::id::{DocumentId, ItemId};
use tongban_shared::import::{Operator, Role};
use tongban_shared::model::{Space, Target, Unit};
use tongban_shared::undo::UndoStack;

#[test]
fn groups_are_expanded_when_they_are_read() {
    let mut one = board();
    let group = unit("各旗市区人民政府");
    one.edit(
        &Edit::Assign {
            item: ITEM,
            unit: group,
            role: Role::Responsible,
            open_ended: false,
            raw: String::new(),
        },
        &stamp("甲"),
    )
    .expect("adds");
    let members = ["莫旗", "海拉尔区", "满洲里市"].map(unit);
    let mut space = Space::default();
    space
        .units
        .insert(group, Unit { name: "各旗市区人民政府".into(), members: members.into(), ..Unit::default() });
    let state = fold::item_state(&space, &one.board(), ITEM, &Entries::default(), TODAY);
    assert_eq!(state.parts.len(), 4, "two named, three of the group, one of them both");
    space.units.get_mut(&group).expect("the group").members.insert(unit("根河市"));
    assert_eq!(fold::item_state(&space, &one.board(), ITEM, &Entries::default(), TODAY).parts.len(), 5);
}

#[test]
fn undo_takes_back_ones_own_words_after_syncing_and_leaves_those_of_others() {
    let mut one = board();
    let mut other = copy(&mut one, "other");
    let mut stack = UndoStack::default();
    let (id, text) = (DocumentId::board(BOARD), TextPlace::Item(ITEM));
    stack
        .edit_all(
            id,
            &mut one,
            &[Edit::SpliceText { text, at: 3, delete: 0, insert: "，甲加".into() }],
            &stamp("甲"),
        )
        .expect("edits");
    stack
        .edit_all(
            id,
            &mut one,
            &[Edit::SetItemField { id: ITEM, field: ItemField::Title, value: "甲题".into() }],
            &stamp("甲"),
        )
        .expect("edits");
    other
        .edit(&Edit::SpliceText { text, at: 0, delete: 0, insert: "乙前".into() }, &stamp("乙"))
        .expect("edits");
    exchange(&mut one, &mut other);
    assert!(stack.undo(&mut one, &stamp("甲")).expect("undoes").is_some());
    assert_eq!(item(&one).title, "开展远程医疗协作");
    assert!(stack.undo(&mut one, &stamp("甲")).expect("undoes").is_some());
    assert_eq!(item(&one).text, "乙前共享诊疗信息。");
    assert!(stack.redo(&mut one, &stamp("甲")).expect("redoes").is_some());
    assert!(item(&one).text.contains("，甲加"));
}

#[test]
fn undo_does_not_touch_what_somebody_else_wrote_since() {
    let mut one = board();
    let mut other = copy(&mut one, "other");
    let mut stack = UndoStack::default();
    let set = |value: &str| Edit::SetItemField { id: ITEM, field: ItemField::Title, value: value.into() };
    stack.edit_all(DocumentId::board(BOARD), &mut one, &[set("甲题")], &stamp("甲")).expect("edits");
    exchange(&mut one, &mut other);
    other.edit(&set("乙题"), &stamp("乙")).expect("edits");
    exchange(&mut one, &mut other);
    assert!(stack.undo(&mut one, &stamp("甲")).expect("no error").is_none());
    assert_eq!(item(&one).title, "乙题");
}

#[test]
fn what_was_pasted_at_once_is_taken_back_at_once_but_for_what_others_wrote_over() {
    let mut one = board();
    let mut other = copy(&mut one, "other");
    let mut stack = UndoStack::default();
    let set = |field, value: &str| Edit::SetItemField { id: ITEM, field, value: value.into() };
    let pasted =
        [set(ItemField::Title, "甲题"), set(ItemField::Number, "9"), set(ItemField::Deadline, "2025-12-31")];
    let (_, chunk) =
        stack.edit_all(DocumentId::board(BOARD), &mut one, &pasted, &stamp("甲")).expect("edits");
    assert!(chunk.is_some(), "one change");
    exchange(&mut one, &mut other);
    other.edit(&set(ItemField::Number, "10"), &stamp("乙")).expect("edits");
    exchange(&mut one, &mut other);
    assert!(stack.undo(&mut one, &stamp("甲")).expect("undoes").is_some());
    let left = item(&one);
    assert_eq!(
        (left.title.as_str(), left.number.as_str(), left.deadline.as_str()),
        ("开展远程医疗协作", "10", "")
    );
    assert!(stack.redo(&mut one, &stamp("甲")).expect("redoes").is_some());
    assert_eq!(item(&one).title, "甲题");
}

#[test]
fn two_devices_that_begin_a_document_begin_the_same_one() {
    let (mut one, mut other) =
        (Document::new(Kind::Board, &actor("one")), Document::new(Kind::Board, &actor("other")));
    assert_eq!(one.heads(), other.heads());
    one.edit(&Edit::SetBoardField { field: BoardField::Title, value: "甲".into() }, &stamp("甲"))
        .expect("edits");
    other
        .edit(
            &Edit::AddSection { id: SECTION, number: String::new(), title: "乙".into(), rank: "h".into() },
            &stamp("乙"),
        )
        .expect("edits");
    exchange(&mut one, &mut other);
    assert_eq!((one.board().title.as_str(), one.board().sections.len()), ("甲", 1));
}

#[test]
fn an_edit_that_fails_changes_nothing() {
    let mut one = board();
    let before = one.heads();
    let missing = ItemId::from_bytes([99; 16]);
    let edits = [
        Edit::SetBoardField { field: BoardField::Title, value: "不应留下".into() },
        Edit::SetItemField { id: missing, field: ItemField::Title, value: "x".into() },
    ];
    assert!(one.edit_all(&edits, &stamp("甲")).is_err());
    assert_eq!((one.heads(), one.board().title.as_str()), (before, "医疗"));
}

#[test]
fn damaged_bytes_are_refused_and_change_nothing() {
    let mut one = board();
    let before = one.heads();
    let mut bytes = one.save();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    assert!(one.apply(&bytes).is_err() || one.heads() == before);
    assert!(one.apply(b"nonsense").is_err() || one.heads() == before);
    assert_eq!(one.heads(), before);
}

#[test]
fn a_range_is_met_within_and_told_when_above() {
    let mut desk = Desk::new("one", "市教育局");
    desk.value(62.0, Measure::Level);
    let target = |op, value, value2| Target { op, value, value2, year: Some(2025), ..Target::default() };
    let progress = fold::progress(&desk.entries.of_indicator(INDICATOR), None);
    let standing = |target: &Target| fold::standing(target, &progress, Default::default());
    assert_eq!(standing(&target(Operator::Between, 50.0, Some(60.0))), Standing::AboveRange);
    assert_eq!(
        standing(&target(Operator::MoreThan, 62.0, None)),
        Standing::Short(0.0),
        "more than is strict"
    );
    assert_eq!(standing(&target(Operator::AtLeast, 62.0, None)), Standing::Met);
    assert_eq!(standing(&target(Operator::AtMost, 60.0, None)), Standing::Short(2.0));
    assert_eq!(
        fold::standing(&target(Operator::AtLeast, 1.0, None), &fold::progress(&[], None), Default::default()),
        Standing::NoData
    );
}
