//! S01 to S10: the six doubling plans of notice 64 as plans.

use std::collections::BTreeSet;
use tongban_shared::edit::{Edit, LedgerField, NewIndicator, TextPlace};
use tongban_shared::entry::{EntryKind, Measure};
use tongban_shared::fold::{Lamp, Standing, progress, standing};
use tongban_shared::id::{BoardId, MilestoneId};
use tongban_shared::import::Operator;
use tongban_shared::model::{Combine, LinkKind, Target};
use tongban_shared::rule::Verdict;
use tongban_shared::views::{Across, Light, Matrix, due, letters, owed, own_rows, own_sheet};
use tongban_shared::words::Lang;
use tongban_tests::stage::{Stage, unit};

pub fn target(op: Operator, value: f64, unit: &str) -> Target {
    Target { op, value, unit: unit.into(), ..Target::default() }
}

#[test]
fn s01_a_plan_lists_its_measures_with_their_units() {
    let mut stage = Stage::new("measure_plan", &["市教育局", "市农牧局", "海拉尔区"]);
    // Three plans are three boards; here the cards that one unit has on one of them.
    for number in 0..30 {
        let units: &[&str] =
            if number < 11 { &["市教育局", "市农牧局"] } else { &["市教育局", "海拉尔区"] };
        stage.item("市教育局", "measure", &format!("举措 {number}"), &[], units);
    }
    stage.sync();
    let groups = stage.groups("measures_by_unit");
    assert_eq!((groups["市教育局"], groups["市农牧局"], groups["海拉尔区"]), (30.0, 11.0, 19.0));
    assert_eq!(stage.groups("measures_by_state")["not_started"], 30.0);
}

#[test]
fn s02_a_strict_target_is_not_met_by_its_own_number() {
    let mut stage = Stage::new("measure_plan", &["市文旅广局", "海拉尔区"]);
    let more = Target { year: Some(2023), ..target(Operator::MoreThan, 150.0, "万人次") };
    let visitors =
        NewIndicator { name: "旅游人次".into(), target: more.clone(), ..NewIndicator::default() };
    let id = stage.indicator("市文旅广局", visitors);
    let said = |value: f64| {
        let mut stage = Stage::new("measure_plan", &["市文旅广局"]);
        let item = stage.item("市文旅广局", "measure", "冰雪旅游", &[], &[]);
        stage.write("市文旅广局", item, EntryKind::Value, |entry| {
            (entry.subject.indicator, entry.value) = (Some(id), Some(value));
            (entry.measure, entry.period) = (Some(Measure::Level), Some("2023".into()));
        });
        let entries = stage.entries("市文旅广局");
        let progress = progress(&entries.of_indicator(id), None);
        standing(&more, &progress, Combine::Sum)
    };
    assert_eq!(said(163.0), Standing::Met);
    assert_eq!(said(150.0), Standing::Short(0.0));
}

#[test]
fn s03_a_banner_fills_its_ledger_offline_and_nothing_is_overwritten() {
    let mut stage = Stage::new("measure_plan", &["市乡村振兴局", "海拉尔区", "扎兰屯市"]);
    let rows: Vec<_> = (0..27)
        .map(|n| stage.item("市乡村振兴局", "measure", &format!("举措 {n}"), &[], &["海拉尔区", "扎兰屯市"]))
        .collect();
    stage.sync();
    // Both banners work offline on the same measures, each on its own row.
    for row in &rows {
        for name in ["海拉尔区", "扎兰屯市"] {
            let set = |field, value: &str| Edit::SetLedger {
                item: *row,
                unit: unit(name),
                field,
                value: value.into(),
            };
            stage.edit(name, &[set(LedgerField::Person, name), set(LedgerField::YearlyTask, "年内完成")]);
        }
    }
    stage.sync();
    let board = stage.board("市乡村振兴局");
    for row in &rows {
        for name in ["海拉尔区", "扎兰屯市"] {
            let ledger = &board.items[row].ledger[&unit(name)];
            assert_eq!((ledger.person.as_str(), ledger.yearly_task.as_str()), (name, "年内完成"));
        }
        assert!(board.items[row].conflicts.is_empty());
    }
    // One unit's rows of two plans in one table: its own words, nobody else's.
    let mut second = Stage::new("measure_plan", &["市乡村振兴局", "海拉尔区"]).board_of_id(7);
    second.item("市乡村振兴局", "measure", "另一计划的举措", &[("deadline", "2025-06-01")], &["海拉尔区"]);
    second.item("市乡村振兴局", "measure", "与它无关", &[], &["市乡村振兴局"]);
    second.sync();
    let own = unit("海拉尔区");
    let mut table = stage.look("海拉尔区", |scene| own_rows(scene, BoardId::from_bytes([42; 16]), own));
    table.extend(second.look("海拉尔区", |scene| own_rows(scene, BoardId::from_bytes([7; 16]), own)));
    assert_eq!(table.len(), 28);
    assert!(
        table[..27].iter().all(|row| row.kept.person == "海拉尔区" && row.light == Some(Light::NotStarted))
    );
    assert_eq!((table[27].title.as_str(), table[27].light), ("另一计划的举措", Some(Light::Overdue)));
    let sheet = own_sheet(&table, "海拉尔区", Lang::Hans);
    assert_eq!((sheet.rows.len(), sheet.rows[27][5].words.as_str()), (28, "逾期"));
}

#[test]
fn s04_a_measure_closes_when_every_unit_is_closed() {
    let mut stage = Stage::new("measure_plan", &["市教育局", "甲旗", "乙旗"]);
    let item = stage.item("市教育局", "measure", "组团帮扶", &[], &["甲旗", "乙旗"]);
    stage.sync();
    let decide = |stage: &mut Stage, about: &str, accepted| {
        stage.write("市教育局", item, EntryKind::CloseDecision, |entry| {
            (entry.subject.unit, entry.accepted) = (Some(unit(about)), Some(accepted));
            entry.body = "核对证据".into();
        })
    };
    for name in ["甲旗", "乙旗"] {
        stage.write(name, item, EntryKind::Report, |entry| entry.body = "已完成".into());
        stage.write(name, item, EntryKind::CloseRequest, |_| {});
    }
    stage.sync();
    assert_eq!(stage.state(item), "asked");
    decide(&mut stage, "甲旗", true);
    decide(&mut stage, "乙旗", false);
    assert_eq!((stage.state(item).as_str(), stage.standing(item).closed), ("returned", (1, 2)));
    assert_eq!(stage.verdict("closed_parts", Some(item)), Verdict::Of { part: 1, whole: 2 });
    stage.sync();
    stage.write("乙旗", item, EntryKind::CloseRequest, |_| {});
    stage.sync();
    let last = decide(&mut stage, "乙旗", true);
    assert_eq!(stage.state(item), "closed");
    let entries = stage.entries("市教育局");
    assert_eq!(entries.all[&last].author.unit, unit("市教育局"), "the decision names who made it");
}

#[test]
fn s05_a_round_expects_one_report_for_each_unit_and_measure() {
    let mut stage = Stage::new("measure_plan", &["市教育局", "甲旗", "乙旗", "丙旗"]);
    let measures: Vec<_> = (0..4)
        .map(|n| stage.item("市教育局", "measure", &format!("举措 {n}"), &[], &["甲旗", "乙旗", "丙旗"]))
        .collect();
    let round =
        stage.item("市教育局", "round", "三季度", &[("period", "2025-Q3"), ("due", "2025-06-10")], &[]);
    stage.sync();
    for (measure, name) in [(0, "甲旗"), (1, "甲旗"), (0, "乙旗")] {
        stage
            .write(name, measures[measure], EntryKind::Report, |entry| entry.period = Some("2025-Q3".into()));
    }
    // A report of another round does not count.
    stage.write("丙旗", measures[0], EntryKind::Report, |entry| entry.period = Some("2025-Q2".into()));
    stage.sync();
    let found = stage.finding("round_received", Some(round)).expect("a round");
    assert_eq!(found.verdict, Verdict::Of { part: 3, whole: 12 });
    assert_eq!(found.because.values.len(), 9, "the late list");
    let late = found.because.values.iter().filter(|(_, unit)| unit == "丙旗").count();
    assert_eq!(late, 4);
    let left = stage.verdict("round_due", Some(round));
    assert!(matches!(left, Verdict::Due { days: -5, lamp: Lamp::Overdue, .. }), "{left:?}");
    // The matrix of the round and the text for those who are late say the same.
    let across = Across::Round { round, kind: "measure".into() };
    stage.look("市教育局", |scene| {
        assert!(Matrix::kinds(scene, Lang::Hans).iter().any(|(one, _)| *one == across));
        let matrix = Matrix::new(scene, &across, Lang::Hans);
        assert_eq!((matrix.rows.len(), matrix.columns.len()), (4, 3));
        assert_eq!(matrix.counts(scene).1, (3, 12));
        let late = owed(scene, &matrix);
        assert_eq!(late.iter().filter(|one| one.unit == unit("丙旗")).count(), 4);
        assert_eq!(late.len(), 9);
        let dues = due(scene, BoardId::from_bytes([9; 16]));
        assert_eq!(dues.len(), 9, "a letter tells the same");
        let letter = |name: &str| {
            let all = letters(scene.space, &dues, |one| one == unit(name));
            all.iter().map(|letter| letter.text("2025-06-15")).collect::<String>()
        };
        assert!(letter("丙旗").contains("举措 0（逾期，期限2025-06-10"), "{}", letter("丙旗"));
        assert!(
            letter("甲旗").contains("举措 2") && !letter("甲旗").contains("举措 0"),
            "{}",
            letter("甲旗")
        );
        assert_eq!(late[0].due, "2025-06-10", "of the round, not of the measure");
        assert_eq!(scene.open_rounds(measures[0], unit("丙旗")), [(round, "2025-Q3")]);
        assert_eq!(scene.open_rounds(measures[0], unit("市教育局")), [], "it is not asked");
        assert_eq!(scene.open_rounds(round, unit("丙旗")), []);
    });
    // Lines of an imported document are measures like any other.
    stage.item("市教育局", "", "导入的举措", &[], &["甲旗"]);
    stage.sync();
    assert_eq!(stage.verdict("round_received", Some(round)), Verdict::Of { part: 3, whole: 13 });
    // A later round is asked for once this one is answered.
    let fields = [("period", "2025-Q4"), ("due", "2025-12-10")];
    let later = stage.item("市教育局", "round", "四季度", &fields, &[]);
    stage.sync();
    let asked = |stage: &mut Stage, name: &str| {
        let unit = unit(name);
        stage.look("市教育局", |scene| {
            scene.open_rounds(measures[0], unit).first().map(|(round, _)| *round)
        })
    };
    assert_eq!((asked(&mut stage, "丙旗"), asked(&mut stage, "甲旗")), (Some(round), Some(later)));
    stage.done("市教育局", round, "summarised");
    assert_eq!(asked(&mut stage, "丙旗"), Some(later));
}

#[test]
fn s06_a_finding_becomes_a_dated_to_do_of_the_unit() {
    let mut stage = Stage::new("measure_plan", &["市教育局", "甲旗"]);
    let measure = stage.item("市教育局", "measure", "对口支教", &[], &["甲旗"]);
    let todo = stage.child(
        "市教育局",
        measure,
        "rectification",
        "补齐台账",
        &[("finding", "台账缺少具体实施路径"), ("deadline", "2025-06-20")],
        &["甲旗"],
    );
    stage.sync();
    assert!(matches!(
        stage.verdict("rectification_due", Some(todo)),
        Verdict::Due { days: 5, lamp: Lamp::DueSoon, .. }
    ));
    stage.done("甲旗", todo, "done");
    stage.sync();
    assert_eq!(stage.state(todo), "done");
    // The unit cannot confirm its own work.
    stage.done("甲旗", todo, "confirmed");
    stage.sync();
    assert_eq!((stage.state(todo).as_str(), stage.standing(todo).not_counted.len()), ("done", 1));
    stage.done("市教育局", todo, "confirmed");
    assert_eq!(stage.state(todo), "confirmed");
    assert!(matches!(stage.verdict("rectification_due", Some(todo)), Verdict::Due { lamp: Lamp::Done, .. }));
}

#[test]
fn s07_both_sides_edit_one_pair_offline_and_both_edits_survive() {
    let mut stage = Stage::new("pairing", &["旗人民医院", "北京医院"]);
    let fields = [("local", "旗人民医院"), ("partner", "北京医院")];
    let pair = stage.item("旗人民医院", "pair", "康复科协作", &fields, &[]);
    stage.sync();
    stage.set("旗人民医院", pair, "contact_local", "旗方联系人");
    stage.set("北京医院", pair, "contact_partner", "京方联系人");
    let visit =
        stage.child("北京医院", pair, "visit", "来访", &[("date", "2025-05-20"), ("direction", "in")], &[]);
    let matter = stage.item("旗人民医院", "matter", "共建康复中心", &[], &[]);
    stage.done("旗人民医院", matter, "talks");
    stage.sync();
    let board = stage.board("旗人民医院");
    let fields = &board.items[&pair].fields;
    assert_eq!(
        (fields["contact_local"].as_str(), fields["contact_partner"].as_str()),
        ("旗方联系人", "京方联系人")
    );
    assert_eq!((board.items[&visit].parent, stage.state(matter).as_str()), (Some(pair), "talks"));
}

#[test]
fn s08_a_request_shows_its_path_and_who_holds_it() {
    let mut stage = Stage::new("pairing", &["市乡村振兴局", "甲旗", "支援合作办"]);
    let held = unit("市乡村振兴局").to_string();
    let fields = [("wish", "支持冷链设施"), ("channel", "support_office"), ("holder", held.as_str())];
    let request = stage.item("甲旗", "request", "冷链支持", &fields, &[]);
    stage.write("甲旗", request, EntryKind::Report, |entry| entry.body = "提出请求".into());
    stage.sync();
    assert_eq!(stage.groups("requests_by_holder")["市乡村振兴局"], 1.0);
    stage.go("市乡村振兴局", request, EntryKind::Dispatch, "forwarded");
    stage.set("市乡村振兴局", request, "holder", &unit("支援合作办").to_string());
    stage.sync();
    assert_eq!(stage.groups("requests_by_holder")["支援合作办"], 1.0);
    stage.go("支援合作办", request, EntryKind::Answer, "answered");
    stage.sync();
    // Only who raised it says that it was realised.
    stage.done("支援合作办", request, "realised");
    stage.sync();
    assert_eq!(stage.state(request), "answered");
    stage.done("甲旗", request, "realised");
    stage.sync();
    assert_eq!(stage.state(request), "realised");
    let path = stage.look("市乡村振兴局", |scene| {
        scene
            .about(request)
            .iter()
            .filter(|entry| entry.to.is_some())
            .map(|entry| entry.author.unit)
            .collect::<Vec<_>>()
    });
    let (office, raiser) = (unit("支援合作办"), unit("甲旗"));
    assert_eq!(path, [unit("市乡村振兴局"), office, office, raiser], "its whole path");
}

#[test]
fn s09_a_card_is_linked_to_a_card_of_another_board() {
    let mut stage = Stage::new("measure_plan", &["市农牧局"]);
    let sales = stage.item("市农牧局", "measure", "品牌培育", &[], &["市农牧局"]);
    let mut other = Stage::new("measure_plan", &["市农牧局"]).board_of_id(7);
    let industry = other.item("市农牧局", "measure", "产业园区", &[], &["市农牧局"]);
    stage.link("市农牧局", sales, other.id, industry, LinkKind::SameAs);
    let shown = |stage: &mut Stage, other: &mut Stage| {
        let links = stage.links(sales, &mut [other]);
        links.into_iter().map(|(_, title, light)| (title, light)).collect::<Vec<_>>()
    };
    assert_eq!(shown(&mut stage, &mut other), [("产业园区".to_owned(), Some(Light::NotStarted))]);
    other.write("市农牧局", industry, EntryKind::Report, |entry| entry.body = "已动工".into());
    assert_eq!(shown(&mut stage, &mut other), [("产业园区".to_owned(), Some(Light::Going))]);
    // And the other way round: the card there shows the one here.
    let back = other.links(industry, &mut [&mut stage]);
    assert_eq!((back.len(), back[0].1.as_str(), back[0].0.from_there), (1, "品牌培育", true));
    assert_eq!(stage.links(sales, &mut []), [], "a board that is not at hand shows nothing");
}

#[test]
fn s10_a_case_written_offline_arrives_whole_and_is_public_once_approved() {
    let mut stage = Stage::new("publicity", &["市委宣传部", "甲旗"]);
    let photos = "照片1；照片2；照片3";
    let fields = [("story", "一段经过"), ("photos", photos), ("measure", "消费帮扶")];
    let case = stage.item("甲旗", "case", "牧民的网店", &fields, &[]);
    stage.done("甲旗", case, "sorted");
    stage.done("甲旗", case, "refined");
    stage.sync();
    assert_eq!(stage.board("市委宣传部").items[&case].fields["photos"], photos);
    stage.go("甲旗", case, EntryKind::Publish, "published");
    stage.sync();
    assert_eq!(stage.state(case), "refined", "nothing is public before it is approved");
    stage.go("市委宣传部", case, EntryKind::CloseDecision, "approved");
    stage.go("市委宣传部", case, EntryKind::Publish, "published");
    assert_eq!(stage.state(case), "published");
}

#[test]
fn the_parts_of_the_stage_are_the_parts_of_the_product() {
    // Texts and milestones are edits like any other; the stage adds nothing of its own to them.
    let mut stage = Stage::new("measure_plan", &["甲局", "乙局"]);
    let item = stage.item("甲局", "measure", "一件事", &[], &["乙局"]);
    stage.sync();
    let insert = |insert: &str| Edit::SpliceText {
        text: TextPlace::Item(item),
        at: 0,
        delete: 0,
        insert: insert.into(),
    };
    let milestone = MilestoneId::from_bytes([1; 16]);
    stage.edit(
        "甲局",
        &[
            insert("甲说"),
            Edit::AddMilestone { item, id: milestone, title: "年中".into(), due: "2025-06-30".into() },
        ],
    );
    stage.edit("乙局", &[insert("乙说")]);
    stage.sync();
    let text = stage.board("甲局").items[&item].text.clone();
    let words: BTreeSet<&str> = ["甲说", "乙说"].into_iter().filter(|words| text.contains(words)).collect();
    assert_eq!(words.len(), 2, "{text}");
}
