//! Views as plain values: what screens, prints and files show.

use std::collections::{BTreeMap, BTreeSet};
use tongban_shared::bundle;
use tongban_shared::document::{Document, Kind};
use tongban_shared::edit::{Edit, LedgerField, NewIndicator};
use tongban_shared::entry::EntryKind;
use tongban_shared::fold::{self, Entries, Standing};
use tongban_shared::id::DocumentId;
use tongban_shared::import::{Operator, Role};
use tongban_shared::model::{Feed, Target};
use tongban_shared::publication;
use tongban_shared::rule::{Feeder, Source};
use tongban_shared::template::Value;
use tongban_shared::trust;
use tongban_shared::views::{
    Across, Key, Ledger, Light, Matrix, PointKind, Waits, agenda, flow, in_order, matrix_pages, meeting,
    rankings, reportable, scores, timeline, yearly,
};
use tongban_shared::words::Lang;
use tongban_tests::stage::{Stage, unit};

const LEAD: &str = "市农牧局";

fn plan() -> (Stage, Vec<tongban_shared::id::ItemId>) {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲旗", "乙旗"]);
    let measures = vec![
        stage.item(LEAD, "measure", "举措 2 & <展销>", &[("deadline", "2025-06-01")], &["甲旗", "乙旗"]),
        stage.item(LEAD, "measure", "举措 10", &[("deadline", "2025-12-31")], &["甲旗"]),
    ];
    stage.sync();
    (stage, measures)
}

#[test]
fn a_ledger_has_a_row_for_each_unit_of_a_measure() {
    let (mut stage, measures) = plan();
    stage.edit(
        "甲旗",
        &[Edit::SetLedger {
            item: measures[0],
            unit: unit("甲旗"),
            field: LedgerField::YearlyTask,
            value: "办 3 场".into(),
        }],
    );
    stage.write("甲旗", measures[0], EntryKind::Report, |entry| entry.body = "已办 1 场".into());
    stage.sync();
    stage.look(LEAD, |scene| {
        let kind = Ledger::kinds(scene)[0];
        let ledger = Ledger::new(scene, kind, Lang::Hans);
        assert_eq!(ledger.rows.len(), 3);
        let column = |key: &Key| ledger.columns.iter().find(|column| column.key == *key).expect("a column");
        let row = *ledger.rows.iter().find(|row| row.unit == Some(unit("甲旗"))).expect("a row");
        let shown = |key: &Key| ledger.cell(scene, row, column(key)).shown;
        assert_eq!(shown(&Key::Own(LedgerField::YearlyTask)), "办 3 场");
        assert_eq!(shown(&Key::Latest), "已办 1 场");
        assert_eq!(shown(&Key::State), "进行中");
        assert_eq!(shown(&Key::Closed), "0/2");
        assert_eq!(ledger.cell(scene, row, column(&Key::Light)).light, Some(Light::Overdue));
        // The other unit has not begun, and is as late.
        let other = *ledger.rows.iter().find(|row| row.unit == Some(unit("乙旗"))).expect("a row");
        assert_eq!(ledger.cell(scene, other, column(&Key::State)).shown, "未开始");
    });
}

#[test]
fn what_is_written_into_a_cell_is_an_edit_or_a_reason() {
    let mut stage = Stage::new("clearance", &[LEAD, "甲旗"]);
    let item = stage.item(LEAD, "stock", "闲置土地一宗", &[("quantity", "12")], &[]);
    stage.item(LEAD, "stock", "半拉子工程", &[("quantity", "3.5"), ("cleared", "1")], &[]);
    stage.sync();
    let edit = stage.look(LEAD, |scene| {
        let kind = Ledger::kinds(scene)[0];
        let ledger = Ledger::new(scene, kind, Lang::Hans);
        let row = ledger.rows[0];
        let column = |id: &str| {
            let key = Key::Field(id.to_owned());
            ledger.columns.iter().find(|column| column.key == key).expect("a column")
        };
        let write = |id: &str, words: &str| ledger.write(scene, row, column(id), words);
        assert!(write("quantity", "十二亩").expect_err("no number").contains("数字"));
        assert!(write("owner", "市农业局").expect_err("unknown").contains("市农牧局"));
        assert!(write("sort", "别的").expect_err("no choice").contains("闲置土地"));
        assert_eq!(write("quantity", "12"), Ok(None));
        assert!(ledger.write(scene, row, &ledger.columns[0], "一").is_ok());
        let state = ledger.columns.iter().find(|column| column.key == Key::State).expect("a state");
        assert!(ledger.write(scene, row, state, "已销号").expect_err("derived").contains("系统算出"));
        // Names are read in any of the languages, and stored by their ids.
        assert!(matches!(
            write("sort", "閒置土地"),
            Ok(Some(Edit::SetItemField { ref value, .. })) if value == "idle_land"
        ));
        assert!(matches!(
            write("owner", "甲旗"),
            Ok(Some(Edit::SetItemField { ref value, .. })) if *value == unit("甲旗").to_string()
        ));
        let quantity = ledger.columns.iter().position(|column| column.name == "数量").expect("a column");
        let sums = ledger.sums(scene, &ledger.rows);
        assert_eq!(sums[quantity].map(|sum| (sum.sum, sum.count)), Some((15.5, 2)));
        write("sort", "闲置土地").expect("a choice").expect("an edit")
    });
    stage.edit(LEAD, &[edit]);
    stage.look(LEAD, |scene| {
        assert_eq!(scene.value(item, "sort"), Some(Value::Text("idle_land".into())));
        let kind = Ledger::kinds(scene)[0];
        let mut ledger = Ledger::new(scene, kind, Lang::Hans);
        let column = ledger.columns.iter().find(|column| column.name == "数量").expect("a column").clone();
        ledger.sort(scene, &column, true);
        assert_eq!(ledger.rows[0].item, item, "12 stands before 3.5");
        let sort = ledger.columns.iter().find(|column| column.name == "类别").expect("a column");
        let groups = ledger.groups(scene, sort);
        assert_eq!(
            groups.iter().map(|(name, rows)| (name.as_str(), rows.len())).collect::<Vec<_>>(),
            [("闲置土地", 1), ("", 1)]
        );
    });
}

#[test]
fn rows_are_sorted_as_people_count() {
    let (mut stage, _) = plan();
    stage.look(LEAD, |scene| {
        let mut ledger = Ledger::new(scene, Ledger::kinds(scene)[0], Lang::Hans);
        let title = ledger.columns.iter().find(|column| column.key == Key::Title).expect("titles").clone();
        ledger.sort(scene, &title, false);
        let first = ledger.cell(scene, ledger.rows[0], &title).shown;
        assert!(first.starts_with("举措 2"), "2 stands before 10: {first}");
    });
}

#[test]
fn a_matrix_shows_each_part_and_counts_them() {
    let (mut stage, measures) = plan();
    stage.write("甲旗", measures[1], EntryKind::CloseRequest, |_| {});
    stage.sync();
    stage.write(LEAD, measures[1], EntryKind::CloseDecision, |entry| {
        entry.accepted = Some(true);
        entry.subject.unit = Some(unit("甲旗"));
    });
    stage.look(LEAD, |scene| {
        let kinds = Matrix::kinds(scene, Lang::Hans);
        let across = Across::Units { kind: "measure".into() };
        assert_eq!(
            kinds.iter().find(|(one, _)| *one == across).map(|(_, name)| name.as_str()),
            Some("举措 × 单位")
        );
        let matrix = Matrix::new(scene, &across, Lang::Hans);
        assert_eq!(matrix.columns, ["乙旗", "甲旗"]);
        let cells = matrix.cells(scene, &matrix.rows[1]);
        assert!(cells[0].is_none(), "乙旗 has no part in it");
        assert_eq!(cells[1].as_ref().map(|cell| cell.light), Some(Light::Done));
        assert_eq!(matrix.counts(scene), (vec![(0, 1), (1, 2)], (1, 3)));
        let pages = matrix_pages(scene, &matrix, "举措 × 单位", Lang::Hans);
        assert_eq!(pages.len(), 1);
        assert!(pages[0].contains("举措 2 &amp; &lt;展销&gt;"), "what people wrote is escaped");
        assert_eq!(pages[0].matches("✓").count(), 2, "one cell and the meaning of the lights");
    });
    // A long list needs more pages; each says which one it is.
    for number in 0..80 {
        stage.item(LEAD, "measure", &format!("举措 {number}"), &[], &["甲旗"]);
    }
    stage.look(LEAD, |scene| {
        let matrix = Matrix::new(scene, &Across::Units { kind: "measure".into() }, Lang::Hans);
        let pages = matrix_pages(scene, &matrix, "举措 × 单位", Lang::Hans);
        assert_eq!(pages.len(), 3);
        assert!(pages[2].contains(">3/3<"));
    });
}

#[test]
fn days_come_from_deadlines_milestones_and_fields() {
    let mut stage = Stage::new("pairing", &[LEAD, "甲旗"]);
    let pair = stage.item(LEAD, "pair", "医院结对", &[("since", "2024-05-08")], &[]);
    stage.child(LEAD, pair, "visit", "专家来访", &[("date", "2025-06-20")], &[]);
    stage.item(LEAD, "matter", "无日期的事", &[], &[]);
    stage.look(LEAD, |scene| {
        let line = timeline(scene, Lang::Hans);
        assert_eq!((line.rows.len(), line.undated), (2, 1));
        assert_eq!((line.from.to_string(), line.to.to_string()), ("2024-05-08".into(), "2025-06-20".into()));
        assert_eq!(line.rows[0].points[0].kind, PointKind::Day);
        let days = agenda(scene, Lang::Hans);
        let told: Vec<(String, String)> =
            days.iter().map(|(day, of_day)| (day.to_string(), of_day[0].1.clone())).collect();
        assert_eq!(
            told,
            [
                ("2024-05-08".to_owned(), "医院结对".to_owned()),
                ("2025-06-20".to_owned(), "专家来访".to_owned())
            ]
        );
        assert_eq!(meeting(scene, false, Lang::Hans).len(), 2, "what stands below another is not a card");
    });
}

#[test]
fn a_ranking_tells_the_movement_since_the_last_round() {
    let mut stage = Stage::new("assessment", &[LEAD, "甲旗", "乙旗", "丙旗"]);
    let rounds = [("2025-Q1", ["88", "92", "70"]), ("2025-Q2", ["95", "92", "95"])];
    for (round, values) in rounds {
        for (name, value) in ["甲旗", "乙旗", "丙旗"].into_iter().zip(values) {
            let body = unit(name).to_string();
            stage.item(LEAD, "result", name, &[("body", &body), ("value", value), ("round", round)], &[]);
        }
    }
    stage.sync();
    stage.look("丙旗", |scene| {
        let all = rankings(scene, Lang::Hans);
        let ranking = all.iter().find(|one| one.rule == "ranking").expect("a ranking");
        assert_eq!((ranking.round.as_deref(), ranking.before.as_deref()), (Some("2025-Q2"), Some("2025-Q1")));
        let mut places: Vec<(usize, &str, Option<i64>)> =
            ranking.places.iter().map(|one| (one.place, one.name.as_str(), one.moved)).collect();
        places.sort_by_key(|(place, name, _)| (*place, *name));
        assert_eq!(places, [(1, "丙旗", Some(2)), (1, "甲旗", Some(1)), (3, "乙旗", Some(-2))]);
    });
}

#[test]
fn a_score_sheet_keeps_every_judge_and_freezes_on_the_decision() {
    let mut stage = Stage::new("assessment", &[LEAD, "评委甲", "评委乙"]);
    let item = stage.item(LEAD, "evaluation", "年度评价", &[("pass_mark", "70")], &[]);
    stage.sync();
    stage.say("评委甲", item, EntryKind::Score, 60.0);
    stage.say("评委甲", item, EntryKind::Score, 80.0);
    stage.say("评委乙", item, EntryKind::Score, 90.0);
    stage.sync();
    let sheet = stage.look(LEAD, |scene| scores(scene).swap_remove(0));
    assert_eq!(sheet.judges.len(), 2);
    let given: Vec<Option<f64>> =
        sheet.rows[0].scores.iter().map(|score| score.as_ref().map(|(value, _)| *value)).collect();
    assert_eq!(
        (given, sheet.rows[0].mean, sheet.rows[0].frozen),
        (vec![Some(90.0), Some(80.0)], Some(85.0), false)
    );
    stage.go(LEAD, item, EntryKind::CloseDecision, "passed");
    stage.sync();
    stage.say("评委乙", item, EntryKind::Score, 10.0);
    stage.sync();
    let sheet = stage.look(LEAD, |scene| scores(scene).swap_remove(0));
    assert_eq!((sheet.rows[0].mean, sheet.rows[0].frozen), (Some(85.0), true));
}

#[test]
fn a_flow_draws_every_step_once() {
    let mut stage = Stage::new("project_lifecycle", &[LEAD]);
    for (number, count) in [("一", 3), ("二", 8), ("三", 3)] {
        let section = stage.section(number);
        for step in 0..count {
            stage.put(LEAD, "step", &format!("{number}之{step}"), &[], &[], Some(section), None);
        }
    }
    stage.look(LEAD, |scene| {
        let page = flow(scene);
        assert_eq!(page.matches("<rect").count(), 15, "14 boxes on a sheet");
        // Two words that stand in one box are not told apart by the eye, but each is there.
        assert!(["一之2", "二之7", "三之0"].iter().all(|title| page.contains(title)));
        assert_eq!(page.matches("<path").count(), 13, "each step but the first has an arrow");
    });
}

#[test]
fn roles_are_shown_by_their_words() {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲旗"]);
    let measure = stage.item(LEAD, "measure", "举措", &[], &[]);
    stage.edit(
        LEAD,
        &[Edit::Assign {
            item: measure,
            unit: unit("甲旗"),
            role: Role::Co,
            open_ended: false,
            raw: String::new(),
        }],
    );
    stage.look(LEAD, |scene| {
        let ledger = Ledger::new(scene, Ledger::kinds(scene)[0], Lang::English);
        let role = ledger.columns.iter().find(|column| column.key == Key::Role).expect("roles");
        assert_eq!(ledger.cell(scene, ledger.rows[0], role).shown, "Co");
    });
}

#[test]
fn a_register_feeds_an_indicator_of_another_board_in_the_unit_of_its_target() {
    let mut register = Stage::new("register", &[LEAD, "甲旗"]);
    for (name, amount) in [("牛羊肉", "320万元"), ("黑木耳", "86.5万元")] {
        register.item("甲旗", "sale", name, &[("product", name), ("amount", amount)], &[]);
    }
    for person in ["教师甲", "教师乙", "教师甲"] {
        let fields = [("person", person), ("direction", "to_beijing"), ("year", "2025")];
        let posting = register.item("甲旗", "person_posting", "跟岗", &fields, &[]);
        register.done("甲旗", posting, "sent");
    }
    register.sync();
    let number = |register: &mut Stage, rule: &str, unit: &str| {
        let feed = Feed { rule: rule.to_owned(), ..Feed::default() };
        register.look(LEAD, |scene| Feeder::new(scene).gives(&feed, unit))
    };
    assert_eq!(
        number(&mut register, "persons_to_beijing", "人"),
        Source::Says(Some(2.0)),
        "one person counts once"
    );
    assert_eq!(number(&mut register, "sales_total", "万元"), Source::Says(Some(406.5)));
    assert_eq!(number(&mut register, "sales_total", "家"), Source::Unknown, "an amount is no count of firms");
    assert_eq!(number(&mut register, "no_such_rule", "人"), Source::Unknown);
    let target = Target { op: Operator::AtLeast, value: 500.0, unit: "万元".into(), ..Target::default() };
    let Source::Says(sales) = number(&mut register, "sales_total", "万元") else { panic!("a number") };
    assert_eq!(fold::standing_of_total(&target, sales), Standing::Short(93.5));
}

#[test]
fn drafts_persons_and_sheets_are_never_public() {
    let mut stage = Stage::new("publicity", &[LEAD, "甲旗"]);
    let fields = [("story", "三所学校联网开课。"), ("author", "某某"), ("place", "甲旗")];
    let shown = stage.item("甲旗", "case", "同步课堂", &fields, &[]);
    stage.item("甲旗", "case", "还没有批准的案例", &fields, &[]);
    stage.sync();
    stage.done("甲旗", shown, "sorted");
    stage.sync();
    stage.go(LEAD, shown, EntryKind::CloseDecision, "approved");
    stage.sync();
    stage.go(LEAD, shown, EntryKind::Publish, "published");
    stage.sync();
    let page = |stage: &mut Stage| {
        stage.look(LEAD, |scene| {
            let id = tongban_shared::id::BoardId::from_bytes([1; 16]);
            let edition = publication::project(scene, (id, 1), &BTreeMap::new(), usize::MAX);
            serde_json::to_string(&edition.expect("an edition")).expect("data")
        })
    };
    let told = page(&mut stage);
    assert!(told.contains("同步课堂") && told.contains("三所学校"), "{told}");
    assert!(!told.contains("还没有批准") && !told.contains("某某"), "{told}");
    let mut stage = Stage::new("campaign", &[LEAD, "甲旗"]);
    let session = stage.item(LEAD, "session", "甲旗专场", &[("place", "园区")], &["甲旗"]);
    stage.child(LEAD, session, "attendee", "来宾名单", &[("person", "某某")], &[]);
    let told = page(&mut stage);
    assert!(told.contains("甲旗专场") && !told.contains("来宾名单"), "{told}");
}

#[test]
fn a_board_goes_out_as_a_file_and_comes_in_the_same() {
    let mut stage = Stage::new("clearance", &[LEAD, "甲旗"]);
    let item = stage.item(LEAD, stage.template.items[0].id.clone().as_str(), "一件事", &[], &["甲旗"]);
    stage.sync();
    for number in 0..3 {
        stage.write("甲旗", item, EntryKind::Report, |entry| entry.body = format!("进展 {number}"));
        stage.set("甲旗", item, "title", &format!("一件事 {number}"));
    }
    stage.sync();
    let file = bundle::write(stage.documents("甲旗"), &trust::Key::from_seed(&[1; 32]));
    let mut changes = bundle::read(&file).expect("a bundle");
    // Carried twice, and in any order.
    changes.extend(changes.clone());
    changes.reverse();
    let mut there: BTreeMap<DocumentId, Document> = BTreeMap::new();
    for (id, _) in stage.documents("甲旗") {
        let kind = if id == DocumentId::board(stage.id) { Kind::Board } else { Kind::Log };
        there.insert(id, Document::new(kind, &[9; 16]));
    }
    for (id, bytes) in &changes {
        there.get_mut(id).expect("a document of the board").apply(bytes).expect("fits");
    }
    let board = there.remove(&DocumentId::board(stage.id)).expect("there");
    assert_eq!(board.board(), stage.board(LEAD));
    let mut entries = Entries::default();
    for log in there.values() {
        log.entries().0.into_values().for_each(|entry| entries.add(entry));
    }
    assert_eq!(entries.all, stage.entries(LEAD).all);
    assert_eq!(entries.all.len(), 3);
}

#[test]
fn the_form_of_a_year_is_filled_from_reports_and_rules() {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲旗", "乙旗"]);
    let target = |value, year| Target {
        op: Operator::AtLeast,
        value,
        unit: "万元".into(),
        year: Some(year),
        ..Target::default()
    };
    let new = |name: &str, target| NewIndicator { name: name.into(), target, ..NewIndicator::default() };
    let sales = stage.indicator(LEAD, new("销售额", target(100.0, 2025)));
    let fed = stage.indicator(LEAD, new("引资", target(10.0, 2025)));
    stage.indicator(LEAD, new("去年的指标", target(1.0, 2024)));
    stage.feed(LEAD, fed, Feed { rule: "any".into(), ..Feed::default() });
    let item = stage.item(LEAD, "measure", "举措", &[], &["甲旗", "乙旗"]);
    stage.sync();
    for (unit, value, period) in
        [("甲旗", 30.0, "2025-Q1"), ("甲旗", 20.0, "2025-Q2"), ("乙旗", 25.5, "2025"), ("乙旗", 9.0, "2024")]
    {
        stage.write(unit, item, EntryKind::Value, |entry| {
            (entry.subject.indicator, entry.value) = (Some(sales), Some(value));
            entry.period = Some(period.into());
        });
    }
    stage.sync();
    let sheet = stage.look(LEAD, |scene| yearly(scene, &BTreeMap::from([(fed, 12.0)]), 2025, Lang::Hans));
    let words: Vec<Vec<&str>> =
        sheet.rows.iter().map(|row| row.iter().map(|cell| cell.words.as_str()).collect()).collect();
    assert_eq!(
        sheet.columns[7..].iter().map(|column| column.name.as_str()).collect::<BTreeSet<_>>(),
        ["甲旗", "乙旗"].into()
    );
    assert_eq!(words.len(), 2, "of this year only: {words:?}");
    let line = words.iter().find(|line| line[0] == "销售额").expect("there");
    assert_eq!((line[4], line[5]), ("75.5", "24.5"));
    assert_eq!(line[7..].iter().copied().collect::<BTreeSet<_>>(), ["50", "25.5"].into());
    let line = words.iter().find(|line| line[0] == "引资").expect("there");
    assert_eq!((line[4], line[5], line[6]), ("12", "", "达标"));
}

#[test]
fn what_is_reported_on_stands_in_an_order_that_can_be_said_aloud() {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲旗", "乙旗"]);
    let mut add = |title: &'static str, deadline: &'static str| {
        let fields: &[(&str, &str)] = if deadline.is_empty() { &[] } else { &[("deadline", deadline)] };
        stage.item(LEAD, "measure", title, fields, &["甲旗"])
    };
    let [going, unreported, later, late, told, returned, closed] = [
        add("进行中的", ""),
        add("未填报的", ""),
        add("逾期一天的", "2025-06-01"),
        add("逾期最久的", "2024-01-01"),
        add("有批示的", ""),
        add("退回的", ""),
        add("已销号的", ""),
    ];
    stage.sync();
    stage.write("甲旗", going, EntryKind::Report, |entry| entry.body = "已开工".into());
    for item in [returned, closed] {
        stage.write("甲旗", item, EntryKind::CloseRequest, |entry| entry.body = "办完了".into());
    }
    stage.sync();
    let decide = |stage: &mut Stage, item, accepted| {
        stage.write(LEAD, item, EntryKind::CloseDecision, |entry| {
            entry.subject.unit = Some(unit("甲旗"));
            entry.accepted = Some(accepted);
            entry.body = "缺少协议".into();
        });
    };
    decide(&mut stage, returned, false);
    decide(&mut stage, closed, true);
    stage.write(LEAD, told, EntryKind::Instruction, |entry| entry.body = "抓紧办".into());
    stage.sync();
    let board = tongban_shared::id::BoardId::from_bytes([1; 16]);
    let mut all = stage.look("甲旗", |scene| reportable(scene, board, unit("甲旗")));
    in_order(&mut all);
    let shown: Vec<_> = all.iter().map(|one| (one.waits, one.item)).collect();
    assert_eq!(
        shown,
        [
            (Waits::Returned, returned),
            (Waits::Instructed, told),
            (Waits::Overdue, late),
            (Waits::Overdue, later),
            (Waits::Unreported, unreported),
            (Waits::Going, going),
        ]
    );
    assert_eq!(all[0].reason, "缺少协议");
    assert!(all.iter().all(|one| one.closes));
    // Found by any of its words, whatever their width; another unit has none of it.
    assert!(all[0].fits("退回") && all[0].fits("　退回 的") && !all[0].fits("退回 逾期"));
    assert_eq!(stage.look("乙旗", |scene| reportable(scene, board, unit("乙旗"))), []);
    // An answered instruction waits no more.
    stage.write("甲旗", told, EntryKind::Report, |entry| entry.body = "已部署".into());
    let all = stage.look("甲旗", |scene| reportable(scene, board, unit("甲旗")));
    assert!(all.iter().any(|one| (one.item, one.waits) == (told, Waits::Going)));
}
