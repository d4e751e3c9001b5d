//! A newer edition beside a board that people have changed since: what the document changed, what was
//! changed here, what both changed.

mod stage;

use stage::{FIRST, Here, Plan, SPACE};
use std::collections::BTreeMap;
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit, ItemField, NewItem, TextPlace};
use tongban_shared::entry::EntryKind;
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::import::Role;
use tongban_shared::model::Removal;
use tongban_shared::revise::{Difference, Edition, Since, Take, What, revise};

/// One kind of place: how the document changes it, how people here do, and how they would to the
/// document's own words.
struct Kinds {
    name: &'static str,
    document: fn(&mut Plan),
    here: fn(&mut Here),
    alike: fn(&mut Here),
}

const PLACES: [Kinds; 9] = [
    Kinds {
        name: "headline",
        document: |plan| plan.headline = "扩大养老供给",
        here: |here| here.set(ItemField::Title, "增加供给（市里改）"),
        alike: |here| here.set(ItemField::Title, "扩大养老供给"),
    },
    Kinds {
        name: "text",
        document: |plan| plan.text = "新建养老机构，盘活闲置厂房，纳入专项规划。",
        here: |here| {
            let item = here.item("增加供给");
            here.splice(TextPlace::Item(item), "新建养老机构，盘活闲置校舍，纳入专项规划。");
        },
        alike: |here| {
            let item = here.item("增加供给");
            here.splice(TextPlace::Item(item), "新建养老机构，盘活闲置厂房，纳入专项规划。");
        },
    },
    Kinds {
        name: "deadline",
        document: |plan| plan.deadline = "完成时限：2025年9月30日",
        here: |here| here.set(ItemField::Deadline, "2025-12-31"),
        alike: |here| here.set(ItemField::Deadline, "2025-09-30"),
    },
    Kinds {
        name: "deadline taken away",
        document: |plan| plan.deadline = "",
        here: |here| here.set(ItemField::Deadline, "2025-12-31"),
        alike: |here| here.set(ItemField::Deadline, ""),
    },
    Kinds {
        name: "role",
        document: |plan| plan.units = "责任单位：市民政局；配合单位：市财政局",
        here: |here| here.assign(here.unit("市财政局"), Role::Lead),
        alike: |here| here.assign(here.unit("市财政局"), Role::Co),
    },
    Kinds {
        name: "target",
        document: |plan| plan.goal = "到2025年，养老床位达到3500张。",
        here: |here| here.target(3200.0),
        alike: |here| here.target(3500.0),
    },
    Kinds {
        name: "section",
        document: |plan| plan.section = "主要任务",
        here: |here| {
            let id = here.document.board().items[&here.item("增加供给")].section.expect("a section");
            here.write(&[Edit::SetSectionTitle { id, title: "具体举措".to_owned() }]);
        },
        alike: |here| {
            let id = here.document.board().items[&here.item("增加供给")].section.expect("a section");
            here.write(&[Edit::SetSectionTitle { id, title: "主要任务".to_owned() }]);
        },
    },
    Kinds {
        name: "source",
        document: |plan| plan.number = "某政办发〔2025〕3号",
        here: |here| {
            let (field, value) = (BoardField::SourceNumber, "某政办发〔2024〕8号".to_owned());
            here.write(&[Edit::SetBoardField { field, value }]);
        },
        alike: |here| {
            let (field, value) = (BoardField::SourceNumber, "某政办发〔2025〕3号".to_owned());
            here.write(&[Edit::SetBoardField { field, value }]);
        },
    },
    Kinds {
        name: "number",
        document: |plan| plan.second = "（二）开展评估。每年一次。（责任单位：市民政局）\n（三）提升质量。培训护理员，开展技能竞赛。（责任单位：市教育局）",
        here: |here| {
            let id = here.item("提升质量");
            here.write(&[Edit::SetItemField { id, field: ItemField::Number, value: "（九）".to_owned() }]);
        },
        alike: |here| {
            let id = here.item("提升质量");
            here.write(&[Edit::SetItemField { id, field: ItemField::Number, value: "（三）".to_owned() }]);
        },
    },
];

/// A change of the goal is told by its words and by its number: only the number is asked about here.
/// A measure that is put between others is new besides.
fn told(name: &str, found: &[Difference]) -> Vec<Since> {
    let of_place = |one: &&Difference| match name {
        "target" => matches!(one.what, What::Target { .. }),
        "number" => !matches!(one.what, What::Added { .. }),
        _ => true,
    };
    found.iter().filter(of_place).map(|one| one.since).collect()
}

#[test]
fn each_place_is_told_by_who_changed_it() {
    for place in &PLACES {
        let mut newer = FIRST.clone();
        (place.document)(&mut newer);
        let here = |change: Option<fn(&mut Here)>| {
            let mut here = Here::of(&FIRST);
            change.into_iter().for_each(|change| change(&mut here));
            here
        };
        let since = |mut here: Here, plan: &Plan| told(place.name, &here.differs(plan));
        let name = place.name;
        assert_eq!(since(here(None), &FIRST), [], "{name}: nobody changed it");
        assert_eq!(since(here(Some(place.here)), &FIRST), [Since::Here], "{name}: here");
        assert_eq!(since(here(None), &newer), [Since::Document], "{name}: the document");
        assert_eq!(since(here(Some(place.here)), &newer), [Since::Both], "{name}: both");
        assert_eq!(since(here(Some(place.alike)), &newer), [], "{name}: both alike");
    }
}

#[test]
fn what_was_changed_here_is_never_offered_to_be_undone() {
    for place in &PLACES {
        let mut here = Here::of(&FIRST);
        (place.here)(&mut here);
        let found = here.differs(&FIRST);
        assert!(
            !found.is_empty() && found.iter().all(|one| one.offered() == Some(Take::Here)),
            "{}",
            place.name
        );
        let before = here.document.board();
        here.take(&found.into_iter().map(|one| (one, Take::Here)).collect::<Vec<_>>());
        let after = here.document.board();
        assert_eq!((before.items, before.sections), (after.items, after.sections), "{}", place.name);
    }
}

/// Whether a measure, or a unit of one, is in the newer document, and how people here changed it.
/// A name, what people here do, the newer document, and the differences with who made them.
type Case<'a> = (&'a str, fn(&mut Here), &'a Plan, &'a [(&'a str, Since)]);

#[test]
fn measures_and_units_that_come_and_go_on_either_side() {
    const SECOND: &str = "提升质量";
    let nothing: fn(&mut Here) = |_| {};
    let edited: fn(&mut Here) = |here| {
        let item = here.item(SECOND);
        here.splice(TextPlace::Item(item), "培训护理员，开展技能竞赛，按季通报。");
    };
    let reported: fn(&mut Here) = |here| here.entry(EntryKind::Report, here.item(SECOND));
    let retired: fn(&mut Here) = |here| here.entry(EntryKind::Retire, here.item(SECOND));
    let added: fn(&mut Here) = |here| {
        let section = here.document.board().items[&here.item(SECOND)].section;
        let item = NewItem {
            number: "（三）".to_owned(),
            title: "发展智慧养老".to_owned(),
            text: "建设信息平台。".to_owned(),
            section,
            rank: "zz".to_owned(),
            ..NewItem::default()
        };
        here.write(&[Edit::AddItem { id: ItemId::from_bytes([6; 16]), item: Box::new(item) }]);
    };
    let taken_off: fn(&mut Here) = |here| {
        let (item, unit) = (here.item("增加供给"), here.unit("市财政局"));
        here.write(&[Edit::Unassign { item, unit, removal: Removal::default() }]);
    };
    let put_on: fn(&mut Here) = |here| here.assign(here.unit("市教育局"), Role::Co);
    let same = FIRST;
    let without = Plan { second: "", ..FIRST };
    let other_words = Plan {
        second: "（二）提升质量。培训护理员，开展技能竞赛，年底总结。（责任单位：市教育局）",
        ..FIRST
    };
    let with_third = Plan { third: "（三）发展智慧养老。建设信息平台。", ..FIRST };
    let other_third =
        Plan { third: "（三）发展智慧养老。建设信息平台，接入医保。", ..FIRST };
    let fewer_units = Plan { units: "责任单位：市民政局", ..FIRST };
    let more_units = Plan { units: "责任单位：市民政局、市财政局、市教育局", ..FIRST };
    let table: [Case<'_>; 17] = [
        ("unchanged, unchanged", nothing, &same, &[]),
        ("unchanged, removed", nothing, &without, &[("gone", Since::Document)]),
        ("edited, removed", edited, &without, &[("gone", Since::Both)]),
        ("reported on, removed", reported, &without, &[("gone", Since::Both)]),
        ("removed, removed", retired, &without, &[]),
        ("removed, unchanged", retired, &same, &[("retired", Since::Here)]),
        ("removed, changed", retired, &other_words, &[("retired", Since::Both), ("words", Since::Here)]),
        ("unchanged, added", nothing, &with_third, &[("added", Since::Document)]),
        ("added, unchanged", added, &same, &[("gone", Since::Here)]),
        ("added, added alike", added, &with_third, &[]),
        ("added, added otherwise", added, &other_third, &[("words", Since::Both)]),
        ("unit: unchanged, removed", nothing, &fewer_units, &[("unit gone", Since::Document)]),
        ("unit: unchanged, added", nothing, &more_units, &[("unit added", Since::Document)]),
        ("unit: removed, unchanged", taken_off, &same, &[("unit added", Since::Here)]),
        ("unit: removed, removed", taken_off, &fewer_units, &[]),
        ("unit: added, unchanged", put_on, &same, &[("unit gone", Since::Here)]),
        ("unit: added, added otherwise", put_on, &more_units, &[("role", Since::Both)]),
    ];
    for (name, change, plan, expected) in table {
        let mut here = Here::of(&FIRST);
        change(&mut here);
        let found = here.differs(plan);
        let word = |what: &What| match what {
            What::Gone { .. } => "gone",
            What::Retired { .. } => "retired",
            What::Added { .. } => "added",
            What::UnitAdded { .. } => "unit added",
            What::UnitGone { .. } => "unit gone",
            What::Role { .. } => "role",
            What::Words { .. } => "words",
            _ => "other",
        };
        let told: Vec<(&str, Since)> = found.iter().map(|one| (word(&one.what), one.since)).collect();
        assert_eq!(told, expected, "{name}");
    }
}

/// AC-64.
#[test]
fn a_new_edition_that_changes_two_places_offers_two_whatever_was_edited_here() {
    let newer = Plan {
        headline: "扩大养老供给",
        second: "（二）提升质量。培训护理员，开展技能竞赛，年底总结。（责任单位：市教育局）",
        ..FIRST
    };
    let mut here = Here::of(&FIRST);
    here.set(ItemField::Deadline, "2025-12-31");
    let item = here.item("增加供给");
    here.splice(TextPlace::Item(item), "新建养老机构，盘活闲置校舍，纳入专项规划。");
    here.assign(here.unit("市教育局"), Role::Co);
    here.target(3200.0);
    let id = here.item("提升质量");
    // The very text that the document changes, at another phrase.
    here.splice(TextPlace::Item(id), "培训护理员一百名，开展技能竞赛。");
    let found = here.differs(&newer);
    let ticked: Vec<&Difference> = found.iter().filter(|one| one.offered() != Some(Take::Here)).collect();
    assert_eq!(ticked.len(), 2, "{ticked:#?}");
    assert!(found.len() > 4, "what was changed here is told as well");
    let chosen: Vec<_> = found.iter().map(|one| (one.clone(), one.offered().expect("no question"))).collect();
    here.take(&chosen);
    let board = here.document.board();
    assert_eq!(board.items[&item].title, "扩大养老供给");
    assert_eq!(board.items[&item].text, "新建养老机构，盘活闲置校舍，纳入专项规划。");
    assert_eq!(board.items[&item].deadline, "2025-12-31");
    assert_eq!(board.items[&id].text, "培训护理员一百名，开展技能竞赛，年底总结。", "the words of both");
    assert!(here.differs(&newer).iter().all(|one| one.since == Since::Here));
}

#[test]
fn the_edition_that_was_taken_over_is_the_common_one_from_then_on() {
    let second = Plan {
        number: "某政办发〔2025〕3号",
        headline: "扩大养老供给",
        second: "（二）提升质量。培训护理员，开展技能竞赛，年底总结。（责任单位：市教育局）",
        third: "（三）发展智慧养老。建设信息平台。（责任单位：市民政局）",
        ..FIRST
    };
    let mut here = Here::of(&FIRST);
    let found = here.differs(&second);
    // The headline and the new measure are left aside.
    let aside = |one: &Difference| matches!(&one.what, What::Added { .. }) || one.since_words("扩大");
    let chosen: Vec<_> = found
        .into_iter()
        .map(|one| if aside(&one) { (one, Take::Here) } else { (one, Take::Document) })
        .collect();
    assert_eq!(chosen.iter().filter(|(_, take)| *take == Take::Here).count(), 2);
    here.take(&chosen);
    let left = here.differs(&second);
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.iter().all(|one| one.since == Since::Here), "what was left aside is not offered again");

    // The third edition changes one of them, and says another thing anew.
    let third = Plan {
        deadline: "完成时限：2025年9月30日",
        third: "（三）发展智慧养老。建设信息平台，接入医保。（责任单位：市民政局）",
        ..second
    };
    let found = here.differs(&third);
    let told: BTreeMap<String, Since> =
        found.iter().map(|one| (format!("{:?}", one.what).chars().take(5).collect(), one.since)).collect();
    assert_eq!(told.get("Added"), Some(&Since::Both), "{found:?}");
    assert_eq!(found.iter().filter(|one| one.since == Since::Document).count(), 1, "{found:?}");
    assert_eq!(found.len(), 3, "{found:?}");

    // Another device that has the same changes has the same common edition.
    let bytes = here.document.save();
    let mut other = Document::load(Kind::Board, &[9; 16], [bytes.as_slice()]).expect("loads");
    assert_eq!(Edition::common(&mut other), Edition::common(&mut here.document));
}

trait Mentions {
    fn since_words(&self, words: &str) -> bool;
}

impl Mentions for Difference {
    fn since_words(&self, words: &str) -> bool {
        matches!(&self.what, What::Words { to, .. } if to.contains(words))
    }
}

#[test]
fn taking_a_revision_back_takes_the_common_edition_back() {
    use tongban_shared::id::DocumentId;
    use tongban_shared::undo::UndoStack;
    let newer = Plan { headline: "扩大养老供给", ..FIRST };
    let mut here = Here::of(&FIRST);
    let found = here.differs(&newer);
    let chosen: Vec<_> = found.into_iter().map(|one| (one, Take::Document)).collect();
    let taken = revise((SPACE, &here.space), &here.document.board(), &chosen, &Removal::default(), [7; 16]);
    let edition = Edition::record(&mut here.document, &taken).expect("of this board");
    let edits: Vec<Edit> = taken.board.into_iter().chain(edition).collect();
    let (mut undo, id) = (UndoStack::default(), DocumentId::board(BoardId::from_bytes([4; 16])));
    undo.edit_all(id, &mut here.document, &edits, &Stamp::default()).expect("fits");
    assert_eq!(here.differs(&newer), []);
    undo.undo(&mut here.document, &Stamp::default()).expect("undone");
    let again = here.differs(&newer);
    assert_eq!(again.iter().map(|one| one.since).collect::<Vec<_>>(), [Since::Document]);
}

#[test]
fn a_board_that_was_not_imported_is_offered_only_what_is_new() {
    let newer = Plan {
        headline: "扩大养老供给",
        third: "（三）发展智慧养老。建设信息平台。（责任单位：市民政局）",
        ..FIRST
    };
    let mut here = Here::begun_by_hand(&FIRST);
    assert_eq!(Edition::common(&mut here.document), None);
    let found = here.differs(&newer);
    let ticked: Vec<&Difference> = found.iter().filter(|one| one.offered() != Some(Take::Here)).collect();
    assert!(matches!(ticked[..], [Difference { what: What::Added { .. }, .. }]), "{ticked:?}");
    assert!(
        found.iter().any(|one| one.since_words("扩大")) && found.len() >= 2,
        "the rest is told: {found:?}"
    );
}

#[test]
fn a_damaged_register_falls_back_to_the_import() {
    let mut here = Here::of(&FIRST);
    for value in ["no such thing", r#"{"at":["00"]}"#, r#"{"at":[],"change":"ffff"}"#] {
        let edit = Edit::SetBoardField { field: BoardField::Edition, value: value.to_owned() };
        here.write(&[edit]);
        assert_eq!(here.differs(&FIRST), [], "{value}");
    }
}
