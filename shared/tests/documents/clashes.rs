//! Every clash stands with its field, who wrote what and when, what stood there before; choosing one
//! settles it everywhere, and whose value was not chosen is told.

use crate::desk::*;
use tongban_shared::document::{Document, Stamp};
use tongban_shared::edit::{BoardField, Edit, ItemField, LedgerField};
use tongban_shared::entry::{EntryKind, Measure};
use tongban_shared::fold::Entries;
use tongban_shared::import::{Operator, Role};
use tongban_shared::model::{Space, Target};
use tongban_shared::register::Register;
use tongban_shared::rule::Scene;
use tongban_shared::template;
use tongban_shared::views::{self, Asker, Choice, Clash, SettledClash, Told, Urgency};
use tongban_shared::words::Lang;

fn look<T>(board: &Document, entries: &Entries, read: impl FnOnce(&Scene<'_>) -> T) -> T {
    let content = board.board();
    let template = template::of(&content).expect("a template");
    read(&Scene::new(&template, &Space::default(), &content, entries, TODAY.parse().expect("a day")))
}

fn clashes(board: &Document, entries: &Entries) -> Vec<Clash> {
    look(board, entries, |scene| views::clashes(scene, Lang::Hans))
}

fn settled(board: &Document) -> Vec<SettledClash> {
    look(board, &Entries::default(), |scene| views::settled_clashes(scene, 0, Lang::Hans))
}

fn at(time: i64, by: &str) -> Stamp {
    Stamp { time, by: by.to_owned() }
}

fn plan() -> Document {
    let mut board = board();
    let template = Edit::SetBoardField { field: BoardField::Template, value: "measure_plan".into() };
    board.edit(&template, &stamp("市卫健委")).expect("edits");
    board
}

fn target(value: f64) -> Target {
    Target { op: Operator::MoreThan, value, unit: "亿元".into(), year: Some(2025), ..Target::default() }
}

#[test]
fn every_field_that_two_people_wrote_apart_stands_with_who_when_and_what_was_before() {
    let assign =
        |role| Edit::Assign { item: ITEM, unit: unit("莫旗"), role, open_ended: false, raw: String::new() };
    let item = |field: ItemField, value: &str| Edit::SetItemField { id: ITEM, field, value: value.into() };
    let row = |field: LedgerField, value: &str| Edit::SetLedger {
        item: ITEM,
        unit: unit("莫旗"),
        field,
        value: value.into(),
    };
    // Field, the edit of each, both words, the words before.
    let mut cases = vec![
        (
            "标题",
            item(ItemField::Title, "甲题"),
            item(ItemField::Title, "乙题"),
            ["甲题", "乙题"],
            "开展远程医疗协作",
        ),
        (
            "编号",
            item(ItemField::Number, "（二）"),
            item(ItemField::Number, "（三）"),
            ["（二）", "（三）"],
            "（一）",
        ),
        (
            "期限",
            item(ItemField::Deadline, "2027-03-31"),
            item(ItemField::Deadline, "2027-06-30"),
            ["2027-03-31", "2027-06-30"],
            "",
        ),
        ("职责", assign(Role::Lead), assign(Role::Co), ["牵头", "配合"], "责任"),
        (
            "目标值",
            Edit::SetTarget { id: INDICATOR, target: target(12.0) },
            Edit::SetTarget { id: INDICATOR, target: target(11.0) },
            ["2025 年 超过 12 亿元", "2025 年 超过 11 亿元"],
            "2025 年 超过 10 亿元",
        ),
        (
            "章节标题",
            Edit::SetSectionTitle { id: SECTION, title: "甲章".into() },
            Edit::SetSectionTitle { id: SECTION, title: "乙章".into() },
            ["甲章", "乙章"],
            "具体举措",
        ),
        (
            "清单名称",
            Edit::SetBoardField { field: BoardField::Title, value: "甲单".into() },
            Edit::SetBoardField { field: BoardField::Title, value: "乙单".into() },
            ["甲单", "乙单"],
            "医疗",
        ),
    ];
    let names = ["负责人", "年度任务", "实施路径", "备注"];
    for (field, name) in LedgerField::ALL.into_iter().zip(names) {
        cases.push((name, row(field, "甲"), row(field, "乙"), ["甲", "乙"], ""));
    }
    for (name, here, there, shown, before) in cases {
        let mut one = plan();
        let mut other = copy(&mut one, "other");
        one.edit(&here, &at(1_000, "张三（市政府办）")).expect("edits");
        other.edit(&there, &at(2_000, "李四（莫旗）")).expect("edits");
        exchange(&mut one, &mut other);
        let found = clashes(&one, &Entries::default());
        assert_eq!(found, clashes(&other, &Entries::default()), "{name}");
        let [clash] = &found[..] else { panic!("{name}: {found:?}") };
        assert!(clash.field.contains(name), "{name}: {}", clash.field);
        assert_eq!(clash.sides.iter().map(|side| side.shown.trim()).collect::<Vec<_>>(), shown, "{name}");
        assert_eq!(clash.sides.iter().map(|side| side.time).collect::<Vec<_>>(), [1_000, 2_000], "{name}");
        assert_eq!(clash.common.as_deref().unwrap_or_default().trim(), before, "{name}: before");
        // Each may be chosen, on the other device; whose was not is told with name and value.
        for (place, lost) in [(0, 1), (1, 0)] {
            let (mut mine, mut theirs) = (copy(&mut one, "mine"), copy(&mut other, "theirs"));
            let Choice::Edit(edit) = &clash.sides[place].choice else { panic!("{name}") };
            assert_eq!(
                Register::written_by(edit).expect("a register").0,
                clash.register.clone().expect("one")
            );
            mine.edit(edit, &at(3_000, "王五（市政府办）")).expect("settles");
            exchange(&mut mine, &mut theirs);
            assert_eq!(clashes(&theirs, &Entries::default()), [], "{name}");
            let told = settled(&theirs);
            let [told] = &told[..] else { panic!("{name}: {told:?}") };
            assert_eq!(told.chosen.shown.trim(), shown[place], "{name}");
            assert_eq!((told.chosen.time, told.lost[0].time), (3_000, clash.sides[lost].time), "{name}");
            assert_eq!(told.lost[0].shown.trim(), shown[lost], "{name}");
            assert_eq!(told.lost[0].by, clash.sides[lost].by, "{name}");
        }
    }
}

#[test]
fn both_words_can_be_kept_and_both_dates_cannot() {
    let mut one = plan();
    let mut other = copy(&mut one, "other");
    let set = |field: ItemField, value: &str| Edit::SetItemField { id: ITEM, field, value: value.into() };
    one.edit_all(&[set(ItemField::Title, "甲题"), set(ItemField::Deadline, "2027-03-31")], &at(1, "甲"))
        .expect("edits");
    other
        .edit_all(&[set(ItemField::Title, "乙题"), set(ItemField::Deadline, "2027-06-30")], &at(2, "乙"))
        .expect("edits");
    exchange(&mut one, &mut other);
    let found = clashes(&one, &Entries::default());
    let of = |name: &str| found.iter().find(|clash| clash.field == name).expect("a clash");
    assert_eq!(of("期限").both, None);
    one.edit(of("标题").both.as_ref().expect("both"), &at(3, "丙")).expect("keeps both");
    exchange(&mut one, &mut other);
    let mut words: Vec<String> = item(&other).title.split('；').map(str::to_owned).collect();
    words.sort();
    assert_eq!(words, ["乙题", "甲题"]);
    assert_eq!(clashes(&other, &Entries::default()).len(), 1, "the date still waits");
}

/// #15: numbers of a year that is not the target's.
#[test]
fn two_numbers_of_one_unit_are_found_whatever_their_year() {
    let board = plan();
    for period in ["2025", "2026", "2023-Q2", ""] {
        let (mut one, mut other) = (Desk::new("one", "鄂旗"), Desk::new("other", "鄂旗"));
        let say = |desk: &mut Desk, value| {
            desk.write(EntryKind::Value, |entry| {
                (entry.subject.item, entry.subject.indicator) = (None, Some(INDICATOR));
                (entry.value, entry.measure) = (Some(value), Some(Measure::Level));
                entry.period = Some(period.into());
            })
        };
        say(&mut one, 1.0);
        share(&mut [&mut one, &mut other]);
        say(&mut one, 2.0);
        say(&mut other, 3.0);
        share(&mut [&mut one, &mut other]);
        let found = clashes(&board, &one.entries);
        let [clash] = &found[..] else { panic!("{period}: {found:?}") };
        assert_eq!(
            clash.sides.iter().map(|side| side.shown.as_str()).collect::<Vec<_>>(),
            ["3 亿元", "2 亿元"]
        );
        assert_eq!((clash.common.as_deref(), clash.unit), (Some("1 亿元"), Some(unit("鄂旗"))));
        assert_eq!(clashes(&board, &other.entries), found);
        // Said again by who has seen both, it is settled.
        say(&mut one, 3.0);
        assert_eq!(clashes(&board, &one.entries), []);
    }
}

/// AC-45: the unit whose value lost is told; whoever chose is not.
#[test]
fn the_unit_whose_value_was_not_chosen_is_told() {
    let mut one = plan();
    let mut other = copy(&mut one, "other");
    let set = |value: &str| Edit::SetItemField { id: ITEM, field: ItemField::Deadline, value: value.into() };
    one.edit(&set("2027-03-31"), &at(1_000, "张三（市政府办）")).expect("edits");
    other.edit(&set("2027-06-30"), &at(2_000, "李四（莫旗）")).expect("edits");
    exchange(&mut one, &mut other);
    one.edit(&set("2027-03-31"), &at(3_000, "张三（市政府办）")).expect("settles");
    exchange(&mut one, &mut other);
    let mine = actor("other").to_vec();
    let units_of = |head: &[u8]| if head == mine { vec![unit("莫旗")] } else { vec![unit("市政府办")] };
    let told = |name: &str, since| {
        let who = (unit(name), false);
        look(&other, &Entries::default(), |scene| views::told(scene, who, since, units_of, Lang::Hans))
    };
    let [Told::NotChosen(clash)] = &told("莫旗", 0)[..] else { panic!("{:?}", told("莫旗", 0)) };
    assert_eq!((clash.chosen.shown.as_str(), clash.lost[0].shown.as_str()), ("2027-03-31", "2027-06-30"));
    assert_eq!(told("市政府办", 0), []);
    assert_eq!(told("莫旗", 3_001), [], "after its days it is told no more");
}

/// #23: what was sent back comes first, with its reason.
#[test]
fn a_close_out_that_was_sent_back_is_told_with_its_reason() {
    let board = plan();
    let (mut lead, mut banner) = (Desk::new("lead", "市卫健委"), Desk::new("banner", "莫旗"));
    banner.write(EntryKind::CloseRequest, |_| {});
    share(&mut [&mut lead, &mut banner]);
    lead.write(EntryKind::CloseDecision, |entry| {
        (entry.subject.unit, entry.accepted) = (Some(unit("莫旗")), Some(false));
        entry.body = "缺少协议扫描件".into();
    });
    share(&mut [&mut lead, &mut banner]);
    let waits = |entries: &Entries, name: &str| {
        let asker = Asker { unit: Some(unit(name)), answers: true, ..Asker::default() };
        let of = |scene: &Scene<'_>| views::waiting(scene, BOARD, &asker);
        look(&board, entries, of).into_iter().map(|one| (one.urgency, one.item, one.why)).collect::<Vec<_>>()
    };
    let back = waits(&banner.entries, "莫旗");
    let is = |one: &(Urgency, _, String)| one.0 == Urgency::Returned && one.2.ends_with("缺少协议扫描件");
    assert!(back.iter().any(|one| is(one) && one.1 == Some(ITEM)), "{back:?}");
    assert!(!waits(&banner.entries, "鄂旗").iter().any(|one| one.0 == Urgency::Returned));
    banner.write(EntryKind::CloseRequest, |_| {});
    let again = waits(&banner.entries, "莫旗");
    assert!(!again.iter().any(|one| one.0 == Urgency::Returned), "asked again: {again:?}");
}
