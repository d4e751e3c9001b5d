use super::*;
use crate::document::{Choice, Kind, Stamp};
use crate::edit::{Edit, ItemField, NewItem, TextPlace};
use crate::entry::{Author, EntryKind, Subject};
use crate::id::{BoardId, DeviceId, PersonId, SectionId};
use crate::import::Role;
use crate::model::{Removal, Space};
use crate::template;
use crate::views::compared;

const SECTION: SectionId = SectionId::from_bytes([1; 16]);
const ITEM: ItemId = ItemId::from_bytes([2; 16]);
const OTHER: ItemId = ItemId::from_bytes([3; 16]);
const NOON: i64 = 1_750_000_000;

fn at(time: i64, by: &str) -> Stamp {
    Stamp { time, by: by.to_owned() }
}

fn item(title: &str, text: &str) -> Box<NewItem> {
    let (title, text) = (title.to_owned(), text.to_owned());
    let number = "（一）".to_owned();
    Box::new(NewItem { number, title, text, section: Some(SECTION), rank: "h".into(), ..NewItem::default() })
}

/// A board as an import makes it: without a time.
fn imported(actor: u8) -> Document {
    let mut document = Document::new(Kind::Board, &[actor; 16]);
    let edits = [
        Edit::SetBoardField { field: BoardField::Template, value: "measure_plan".to_owned() },
        Edit::SetBoardField { field: BoardField::Title, value: "医疗".to_owned() },
        Edit::AddSection { id: SECTION, number: "一".into(), title: "举措".into(), rank: "h".into() },
        Edit::AddItem { id: ITEM, item: item("开展远程医疗协作", "共享诊疗信息。") },
        Edit::AddItem { id: OTHER, item: item("选派医师", "") },
    ];
    document.edit_all(&edits, &at(0, IMPORTED)).expect("a board");
    document
}

fn by(change: &Change) -> By {
    By { name: change.by.clone(), proven: true }
}

fn read(document: &mut Document) -> History {
    let mut history = History::default();
    history.read(document, i64::MIN, &[], by);
    history
}

fn tell(document: &Document, line: &Line) -> LineWords {
    let (space, board, entries) = (Space::default(), document.board(), Entries::default());
    let template = template::of(&board).expect("a template");
    let scene = Scene::new(&template, &space, &board, &entries, "2025-06-15".parse().expect("a day"));
    line_words(document, &scene, line, Lang::Hans)
}

fn type_into(document: &mut Document, words: &str, from: i64, pause: i64, who: &str) {
    for (time, letter) in (0..).map(|count| from + count * pause).zip(words.chars()) {
        let end = document.item(ITEM).expect("an item").text.encode_utf16().count();
        let text = TextPlace::Item(ITEM);
        let edit = Edit::SpliceText { text, at: end, delete: 0, insert: letter.to_string() };
        document.edit(&edit, &at(time, who)).expect("edits");
    }
}

#[test]
fn key_strokes_of_one_sitting_are_one_line_with_before_and_after() {
    let mut document = imported(1);
    type_into(&mut document, "每季度会商一次。", NOON, 30, "甲");
    let title =
        Edit::SetItemField { id: ITEM, field: ItemField::Title, value: "开展互联网诊疗协作".into() };
    document.edit(&title, &at(NOON + 400, "甲")).expect("edits");
    type_into(&mut document, "每年评估。", NOON + 420, 30, "乙");
    type_into(&mut document, "报市卫健委。", NOON + 5000, 30, "甲");

    let history = read(&mut document);
    let made = &history.lines()[0];
    assert_eq!(made.deed, Deed::Imported { sections: 1, items: 2, indicators: 0 });
    let lines: Vec<(String, usize, LineWords)> = history.lines()[1..]
        .iter()
        .map(|line| (line.by.name.clone(), line.changes, tell(&document, line)))
        .collect();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    let (by, strokes, first) = &lines[0];
    assert_eq!((by.as_str(), *strokes, first.field.as_str()), ("甲", 8, "内容"));
    assert_eq!(
        (first.old.as_str(), first.new.as_str()),
        ("共享诊疗信息。", "共享诊疗信息。每季度会商一次。")
    );
    // Under the title that it had then.
    assert_eq!(first.about, "（一） 开展远程医疗协作");
    assert_eq!(first.now.as_deref(), Some("（一） 开展互联网诊疗协作"));
    let (_, _, renamed) = &lines[1];
    assert_eq!((renamed.field.as_str(), renamed.about.as_str()), ("标题", "（一） 开展远程医疗协作"));
    assert_eq!((renamed.old.as_str(), renamed.new.as_str()), ("开展远程医疗协作", "开展互联网诊疗协作"));
    // Another person, and the same one after a pause.
    assert_eq!((lines[2].0.as_str(), lines[2].1, lines[2].2.now.clone()), ("乙", 5, None));
    assert_eq!((lines[3].0.as_str(), lines[3].1), ("甲", 6));
    assert!(lines[3].2.old.ends_with("每年评估。") && lines[3].2.new.ends_with("报市卫健委。"));
}

#[test]
fn twenty_edits_of_one_field_are_one_line_though_others_write_between_them() {
    let mut document = imported(1);
    let mut theirs = Document::load(Kind::Board, &[2; 16], [document.save().as_slice()]).expect("loads");
    for count in 0..20_i64 {
        let set = |value: String| Edit::SetItemField { id: ITEM, field: ItemField::Title, value };
        document.edit(&set(format!("标题{count}")), &at(NOON + count * 60, "甲")).expect("edits");
        let other =
            Edit::SetItemField { id: OTHER, field: ItemField::Title, value: format!("医师{count}") };
        theirs.edit(&other, &at(NOON + count * 60 + 30, "乙")).expect("edits");
        let (ours, others) =
            (document.changes_since(&theirs.heads()), theirs.changes_since(&document.heads()));
        ours.iter().for_each(|chunk| drop(theirs.apply(&chunk.bytes).expect("applies")));
        others.iter().for_each(|chunk| drop(document.apply(&chunk.bytes).expect("applies")));
    }
    let lines = read(&mut document).lines()[1..].to_vec();
    assert_eq!(
        lines.iter().map(|line| (line.by.name.as_str(), line.changes)).collect::<Vec<_>>(),
        [("甲", 20), ("乙", 20)]
    );
    assert_eq!(tell(&document, &lines[1]).new, "医师19");
}

#[test]
fn work_follows_what_is_new_and_not_what_was_written_before() {
    let mut document = imported(1);
    type_into(&mut document, &"字".repeat(300), NOON, 1, "甲");
    let here = document.heads();
    let mut history = History::default();
    // Since a time: what was written before it is not read.
    assert_eq!(history.read(&mut document, NOON + 290, &here, by), 10);
    assert_eq!(history.lines().len(), 1);
    assert!(!history.lines()[0].arrived);
    // From then on what came, of whatever time its device says it is.
    assert_eq!(history.read(&mut document, NOON + 290, &here, by), 0);
    type_into(&mut document, "又", NOON - 9000, 1, "丙");
    assert_eq!(history.read(&mut document, NOON + 290, &here, by), 1);
    assert_eq!(history.lines().len(), 2);
    assert!(history.lines()[1].arrived);
    // The same for who asks first when it is there already.
    let mut later = History::default();
    assert_eq!(later.read(&mut document, NOON + 290, &here, by), 11);
    assert_eq!(later.lines().iter().map(|line| line.arrived).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_change_of_many_places_is_one_line_and_what_came_is_named() {
    let mut document = imported(1);
    let unit = UnitId::from_bytes([7; 16]);
    let cell = |field, value: &str| Edit::SetLedger { item: ITEM, unit, field, value: value.to_owned() };
    let mut paste: Vec<Edit> = LedgerField::ALL.map(|field| cell(field, "甲")).to_vec();
    paste.extend([OTHER, ITEM].map(|id| Edit::SetItemField {
        id,
        field: ItemField::Deadline,
        value: "2025-12-31".into(),
    }));
    paste.push(Edit::SetItemField { id: OTHER, field: ItemField::Number, value: "（二）".into() });
    document.edit_all(&paste, &at(NOON, "甲")).expect("edits");
    document.edit(&cell(LedgerField::Person, "乙"), &at(NOON + 1, "甲")).expect("edits");
    let new = ItemId::from_bytes([9; 16]);
    document
        .edit(&Edit::AddItem { id: new, item: item("派驻专家", "每年两批。") }, &at(NOON + 2, "甲"))
        .expect("edits");
    let lines = read(&mut document).lines()[1..].to_vec();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0].deed, Deed::Many { places: 7, items: 2 });
    let cell = tell(&document, &lines[1]);
    assert_eq!((cell.field.as_str(), cell.old.as_str(), cell.new.as_str()), ("负责人", "甲", "乙"));
    let added = tell(&document, &lines[2]);
    assert_eq!(added.did, Did::Added);
    assert_eq!((added.item, added.about.as_str()), (Some(new), "（一） 派驻专家"));
}

#[test]
fn a_choice_between_two_versions_and_the_part_of_a_unit_are_told_as_such() {
    let mut document = imported(1);
    let mut theirs = Document::load(Kind::Board, &[2; 16], [document.save().as_slice()]).expect("loads");
    let over = |insert: &str| Edit::SpliceText {
        text: TextPlace::Item(ITEM),
        at: 0,
        delete: 2,
        insert: insert.to_owned(),
    };
    document.edit(&over("开放"), &at(NOON, "甲")).expect("edits");
    theirs.edit(&over("交换"), &at(NOON, "乙")).expect("edits");
    for chunk in theirs.changes_since(&document.heads()) {
        document.apply(&chunk.bytes).expect("applies");
    }
    let mark = document.text_marks()[0].clone();
    let side = mark.versions.iter().position(|version| version.words == "开放").expect("a version");
    document.edit_all(&mark.decided(Choice::Version(side)), &at(NOON + 5000, "丙")).expect("decides");
    let unit = UnitId::from_bytes([7; 16]);
    let role = Role::Co;
    let give = Edit::Assign { item: ITEM, unit, role, open_ended: false, raw: String::new() };
    document.edit(&give, &at(NOON + 9000, "丙")).expect("gives");
    let take = Edit::Unassign { item: ITEM, unit, removal: Removal::default() };
    document.edit(&take, &at(NOON + 18_000, "丙")).expect("takes");

    let lines = read(&mut document).lines()[1..].to_vec();
    let told: Vec<LineWords> =
        lines.iter().filter(|line| line.by.name == "丙").map(|line| tell(&document, line)).collect();
    let did: Vec<Did> = told.iter().map(|one| one.did).collect();
    assert_eq!(did, [Did::Chose, Did::GavePart, Did::TookPart], "{told:#?}");
    assert_eq!((told[0].field.as_str(), told[0].new.as_str()), ("内容", "开放诊疗信息。"));
    let role = Role::Co.word().text(Lang::Hans);
    assert_eq!((told[1].new.as_str(), told[2].old.as_str()), (role, role));
}

#[test]
fn records_are_told_from_their_time_on() {
    let board = BoardId::from_bytes([5; 16]);
    let mut entries = Entries::default();
    for count in 1..=3_u32 {
        let author = Author {
            person: PersonId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([7; 16]),
            device: DeviceId::from_bytes([1; 16]),
            writer: "a".into(),
        };
        let said = (NOON + i64::from(count)) * 1000;
        let id = Entry::own_id(said, board, &author, count);
        let subject = Subject { board, item: Some(ITEM), unit: None, indicator: None };
        entries.add(Entry { seq: count, said, ..Entry::new(id, EntryKind::Report, author, subject) });
    }
    let by = |_: &Entry| By::default();
    let none = BTreeSet::new();
    let times = |since, arrived: &BTreeSet<EntryId>| {
        let lines = said_since(&entries, since, arrived, by);
        lines.into_iter().map(|line| (line.to - NOON, line.arrived)).collect::<Vec<_>>()
    };
    assert_eq!(times(NOON + 2, &none), [(2, false), (3, false)]);
    assert_eq!(times(i64::MIN, &none).len(), 3);
    // One that came late is line_words, though it was said before.
    let late = entries.all.keys().take(1).copied().collect();
    assert_eq!(times(NOON + 2, &late), [(1, true), (2, false), (3, false)]);
}

#[test]
fn two_moments_of_a_board_are_compared_item_by_item() {
    let mut document = imported(1);
    type_into(&mut document, "甲", NOON, 1, "甲");
    let unit = UnitId::from_bytes([7; 16]);
    let row = Edit::SetLedger { item: OTHER, unit, field: LedgerField::Path, value: "分两批".into() };
    document.edit(&row, &at(NOON + 100, "甲")).expect("edits");
    type_into(&mut document, "乙", NOON + 200, 1, "甲");
    let between = |document: &mut Document, from: i64, to: i64| {
        let mut board_at = |time| {
            let heads = document.heads_at(time);
            document.board_at(&heads).expect("a moment")
        };
        let (old, new) = (board_at(from), board_at(to));
        let changes = compared(&old, &new, &Space::default(), Lang::Hans);
        changes.into_iter().map(|one| (one.item, one.field, one.old, one.new)).collect::<Vec<_>>()
    };
    let text = |old: &str, new: &str| (Some(ITEM), "内容".to_owned(), old.to_owned(), new.to_owned());
    let found = between(&mut document, NOON + 1, NOON + 150);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].3.as_str()), (Some(OTHER), "分两批"));
    let found = between(&mut document, 0, NOON + 150);
    assert_eq!(found[0], text("共享诊疗信息。", "共享诊疗信息。甲"));
    assert_eq!(found.len(), 2);
    let found = between(&mut document, NOON + 150, NOON + 900);
    assert_eq!(found, [text("共享诊疗信息。甲", "共享诊疗信息。甲乙")]);
    // Before anything was there.
    assert!(document.heads_at(-1).is_empty());
}

#[test]
fn acts_are_entries_and_sittings_not_key_strokes() {
    let mut document = imported(1);
    let before = document.heads();
    type_into(&mut document, "每季度会商一次。", NOON, 30, "甲");
    assert_eq!(document.acts_since(&before), 1);
    type_into(&mut document, "又一次。", NOON + 4000, 30, "甲");
    assert_eq!(document.acts_since(&before), 2);
    let heads = document.heads();
    assert_eq!(document.acts_since(&heads), 0);
    // The bytes that every document begins with are nobody's act.
    assert_eq!(Document::new(Kind::Board, &[1; 16]).acts_since(&[]), 0);
    assert_eq!(document.acts_since(&[]), 3);
    let mut log = Document::new(Kind::Log, &[1; 16]);
    for number in 1..=3 {
        let id = EntryId::from_bytes([number; 16]);
        log.edit(&Edit::AddEntry { id, bytes: vec![number] }, &at(NOON, "甲")).expect("edits");
    }
    assert_eq!(log.acts_since(&[]), 3);
}
