use super::*;
use crate::document::{Document, Kind, Stamp};
use crate::edit::NewItem;
use crate::id::DocumentId;
use crate::undo::UndoStack;

fn stamp() -> Stamp {
    Stamp { time: 1_700_000_000, by: "市政府办".into() }
}

const fn section(number: u8) -> SectionId {
    SectionId::from_bytes([number; 16])
}

const fn item(number: u8) -> ItemId {
    ItemId::from_bytes([number; 16])
}

/// Sections 1 and 2 with measures 11, 12, 13 and 21; 111 stands below 11. If `tied`, ranks leave no room
/// between two neighbours.
fn board(tied: bool) -> Document {
    let mut document = Document::new(Kind::Board, &[7; 16]);
    let rank = |rank: &str| if tied { "h".to_owned() } else { rank.to_owned() };
    let mut edits = vec![
        Edit::AddSection { id: section(1), number: "一".into(), title: "产业".into(), rank: "d".into() },
        Edit::AddSection { id: section(2), number: "二".into(), title: "教育".into(), rank: "m".into() },
    ];
    let mut add = |id: u8, in_section: u8, parent: Option<ItemId>, number: &str, key: &str| {
        let new = NewItem {
            number: number.into(),
            title: format!("举措{id}"),
            section: Some(section(in_section)),
            parent,
            rank: rank(key),
            ..NewItem::default()
        };
        edits.push(Edit::AddItem { id: item(id), item: Box::new(new) });
    };
    add(11, 1, None, "（一）", "d");
    add(12, 1, None, "（二）", "h");
    add(13, 1, None, "（三）", "m");
    add(21, 2, None, "（一）", "d");
    add(111, 1, Some(item(11)), "1", "d");
    document.edit_all(&edits, &stamp()).expect("a board");
    document
}

fn order(document: &Document) -> Vec<(Option<SectionId>, u8)> {
    let board = document.board();
    let at = |id: ItemId| (board.items[&id].section, id.bytes()[0]);
    board.item_order().into_iter().map(at).collect()
}

fn done(document: &mut Document, edits: Option<Vec<Edit>>) -> Vec<(u8, u8)> {
    document.edit_all(&edits.expect("a move"), &stamp()).expect("edits");
    order(document).into_iter().map(|(section, id)| (section.map_or(0, |one| one.bytes()[0]), id)).collect()
}

fn now(document: &Document) -> Board {
    document.board()
}

#[test]
fn a_measure_goes_up_and_down_and_over_the_edge_of_its_section() {
    for tied in [false, true] {
        let mut document = board(tied);
        let first = order(&document);
        let edits = step(&now(&document), item(12), true);
        assert_eq!(done(&mut document, edits), [(1, 12), (1, 11), (1, 111), (1, 13), (2, 21)], "{tied}");
        let edits = step(&now(&document), item(12), false);
        assert_eq!(done(&mut document, edits), [(1, 11), (1, 111), (1, 12), (1, 13), (2, 21)], "{tied}");
        assert_eq!(order(&document), first);
        // Over the edge: the last one goes before the first of the next section, and back.
        let edits = step(&now(&document), item(13), false);
        assert_eq!(done(&mut document, edits), [(1, 11), (1, 111), (1, 12), (2, 13), (2, 21)], "{tied}");
        let edits = step(&now(&document), item(13), true);
        assert_eq!(done(&mut document, edits), [(1, 11), (1, 111), (1, 12), (1, 13), (2, 21)], "{tied}");
        assert_eq!(step(&now(&document), item(11), true), None);
        assert_eq!(step(&now(&document), item(21), false), None);
        assert_eq!(step(&now(&document), item(111), false), None, "below its parent there is nothing else");
    }
}

#[test]
fn what_stands_below_goes_along_and_undo_is_one_step() {
    let mut document = board(false);
    let first = order(&document);
    let (mut undo, id) = (UndoStack::default(), DocumentId::from_bytes([9; 16]));
    let edits = put(&now(&document), item(11), Spot::After(item(21))).expect("a move");
    undo.edit_all(id, &mut document, &edits, &stamp()).expect("edits");
    let (two, one) = (Some(section(2)), Some(section(1)));
    assert_eq!(order(&document), [(one, 12), (one, 13), (two, 21), (two, 11), (two, 111)]);
    undo.undo(&mut document, &stamp()).expect("undone").expect("something");
    assert_eq!(order(&document), first);
    // A measure is not put below another, nor where it stands.
    assert_eq!(put(&now(&document), item(12), Spot::Before(item(111))), None);
    assert_eq!(put(&now(&document), item(12), Spot::After(item(11))), None);
    assert_eq!(put(&now(&document), item(13), Spot::Into(section(1))), None);
    assert_eq!(put(&now(&document), item(13), Spot::Into(section(9))), None);
}

#[test]
fn something_new_finds_room_also_between_equal_ranks() {
    for tied in [false, true] {
        let mut document = board(tied);
        let (into, parent, rank, mut edits) =
            place_for_new(&now(&document), Spot::Before(item(12))).expect("a place");
        let new = NewItem { title: "新".into(), section: Some(into), parent, rank, ..NewItem::default() };
        edits.push(Edit::AddItem { id: item(50), item: Box::new(new) });
        let ids: Vec<u8> = done(&mut document, Some(edits)).into_iter().map(|(_, id)| id).collect();
        assert_eq!(ids, [11, 111, 50, 12, 13, 21], "{tied}");
    }
}

#[test]
fn sections_move_and_come_back() {
    let mut document = board(false);
    let (mut undo, id) = (UndoStack::default(), DocumentId::from_bytes([9; 16]));
    assert_eq!(step_section(&now(&document), section(1), true), None);
    let edits = step_section(&now(&document), section(1), false).expect("a move");
    undo.edit_all(id, &mut document, &edits, &stamp()).expect("edits");
    assert_eq!(now(&document).section_order(), [section(2), section(1)]);
    undo.undo(&mut document, &stamp()).expect("undone").expect("something");
    assert_eq!(now(&document).section_order(), [section(1), section(2)]);
}

#[test]
fn numbers_are_made_anew_when_asked_and_right_ones_are_left() {
    let mut document = board(false);
    assert_eq!(renumbered(&now(&document)), []);
    let edits = put(&now(&document), item(13), Spot::Before(item(11)));
    done(&mut document, edits);
    let mut edits = step_section(&now(&document), section(2), true).expect("a move");
    document.edit_all(&edits, &stamp()).expect("edits");
    let board = now(&document);
    assert_eq!(board.items[&item(13)].number, "（三）", "a move changes no number");
    edits = renumbered(&board);
    let (mut undo, id) = (UndoStack::default(), DocumentId::from_bytes([9; 16]));
    undo.edit_all(id, &mut document, &edits, &stamp()).expect("edits");
    let number = |board: &Board, id| board.items[&id].number.clone();
    let board = now(&document);
    assert_eq!([13, 11, 12].map(|id| number(&board, item(id))), ["（一）", "（二）", "（三）"]);
    assert_eq!([number(&board, item(21)), number(&board, item(111))], ["（一）", "1"]);
    assert_eq!([1, 2].map(|id| board.sections[&section(id)].number.clone()), ["二", "一"]);
    assert_eq!(renumbered(&board), []);
    undo.undo(&mut document, &stamp()).expect("undone").expect("something");
    assert_eq!(number(&now(&document), item(13)), "（三）");
    assert_eq!(now(&document).sections[&section(1)].number, "一");
}

#[test]
fn numbers_that_run_through_the_board_run_on() {
    let mut document = board(false);
    let number =
        |id, value: &str| Edit::SetItemField { id: item(id), field: ItemField::Number, value: value.into() };
    let edits = [number(11, "1"), number(12, "2"), number(13, ""), number(21, "4")];
    document.edit_all(&edits, &stamp()).expect("edits");
    // A new measure without a number gets the one of its place.
    assert_eq!(renumbered(&now(&document)), [number(13, "3")]);
    let edits = [number(11, ""), number(12, ""), number(21, ""), number(111, "")];
    document.edit_all(&edits, &stamp()).expect("edits");
    let edits = renumbered(&now(&document));
    assert!(edits.is_empty(), "what has no numbers gets none: {edits:?}");
}
