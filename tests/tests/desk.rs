//! The desk and 督办: what waits, in which order, and what is late over all boards.

use std::collections::BTreeMap;
use tongban_shared::edit::NewIndicator;
use tongban_shared::entry::EntryKind;
use tongban_shared::import::Operator;
use tongban_shared::model::{Combine, Target};
use tongban_shared::publication;
use tongban_shared::views::{
    Across, Asker, Light, Matrix, Urgency, acts_since, minutes, oversight, waiting, worst_units, yearly,
};
use tongban_shared::words::Lang;
use tongban_tests::stage::{Stage, unit};

const LEAD: &str = "市农牧局";

/// A unit that reports, on whatever board.
fn asker(name: &str) -> Asker {
    Asker { unit: Some(unit(name)), answers: true, consents: true, ..Asker::default() }
}

#[test]
fn the_desk_puts_what_waits_in_the_order_in_which_it_is_to_be_done() {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲旗", "乙旗"]);
    let mut item = |title: &str, due: &str| {
        let fields: &[(&str, &str)] = if due.is_empty() { &[] } else { &[("deadline", due)] };
        stage.item(LEAD, "measure", title, fields, &["甲旗"])
    };
    let plain = item("没有期限", "");
    let (late, later) = (item("逾期一个月", "2025-05-10"), item("逾期两个月", "2025-04-10"));
    let soon = item("快到期", "2025-06-20");
    let returned = item("被退回", "2025-12-31");
    let asked = item("有批示", "2025-12-31");
    stage.sync();
    stage.write("甲旗", returned, EntryKind::CloseRequest, |_| {});
    stage.sync();
    stage.write(LEAD, returned, EntryKind::CloseDecision, |entry| {
        (entry.subject.unit, entry.accepted) = (Some(unit("甲旗")), Some(false));
        entry.body = "缺少协议扫描件".into();
    });
    let instruction = stage.write(LEAD, asked, EntryKind::Instruction, |entry| {
        entry.asks = Some([unit("甲旗")].into());
        (entry.body, entry.due) = ("月底前报结果".into(), Some("2025-06-30".into()));
    });
    stage.sync();
    let board = stage.id;
    let found = stage.look("甲旗", |scene| waiting(scene, board, &asker("甲旗")));
    let order: Vec<_> = found.iter().map(|one| (one.urgency, one.item.expect("of an item"))).collect();
    assert_eq!(
        order,
        [
            (Urgency::Returned, returned),
            (Urgency::Instruction, asked),
            // The longest late first.
            (Urgency::Overdue, later),
            (Urgency::Overdue, late),
            (Urgency::DueSoon, soon),
            (Urgency::NotReported, asked),
            (Urgency::NotReported, plain),
        ]
    );
    assert_eq!(found[0].why, "市农牧局：缺少协议扫描件");
    assert_eq!((found[1].why.as_str(), found[1].due.as_str()), ("月底前报结果", "2025-06-30"));
    // Another unit is asked nothing.
    assert!(stage.look("乙旗", |scene| waiting(scene, board, &asker("乙旗"))).is_empty());
    // Once it has answered, the lead looks at the answer.
    stage.write("甲旗", asked, EntryKind::Answer, |entry| {
        (entry.answers, entry.body) = (Some(instruction), "已报".into());
    });
    stage.sync();
    let left = stage.look("甲旗", |scene| waiting(scene, board, &asker("甲旗")));
    assert!(left.iter().all(|one| one.urgency != Urgency::Instruction));
    let lead = Asker { decides: true, ..asker(LEAD) };
    let found = stage.look(LEAD, |scene| waiting(scene, board, &lead));
    assert_eq!(
        found.iter().map(|one| (one.urgency, one.entry)).collect::<Vec<_>>(),
        [(Urgency::Answered, Some(instruction))]
    );
    // Texts that two people changed, and the goal, each once.
    let marked = Asker { marked: [None, Some(plain)].into(), ..asker("甲旗") };
    let found = stage.look("甲旗", |scene| waiting(scene, board, &marked));
    let decide: Vec<_> =
        found.iter().filter(|one| one.urgency == Urgency::Decide).map(|one| one.item).collect();
    assert_eq!(decide, [None, Some(plain)]);
    let text = stage.look(LEAD, |scene| minutes(scene, Lang::Hans));
    assert!(text.contains("1. 有批示：月底前报结果（责任单位：甲旗；期限：2025-06-30；已回应）"), "{text}");
}

#[test]
fn the_late_list_of_supervision_is_the_sum_of_the_late_cells() {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲旗", "乙旗"]);
    let measures = [
        stage.item(LEAD, "measure", "举措 2", &[("deadline", "2025-06-01")], &["甲旗", "乙旗"]),
        stage.item(LEAD, "measure", "举措 10", &[("deadline", "2025-12-31")], &["甲旗"]),
    ];
    let third = stage.item(LEAD, "measure", "举措 3", &[("deadline", "2025-05-01")], &["乙旗"]);
    stage.sync();
    stage.write("甲旗", measures[0], EntryKind::CloseRequest, |_| {});
    stage.sync();
    stage.write(LEAD, measures[0], EntryKind::CloseDecision, |entry| {
        (entry.subject.unit, entry.accepted) = (Some(unit("甲旗")), Some(true));
    });
    stage.indicator(
        LEAD,
        NewIndicator {
            name: "销售额".into(),
            target: Target { op: Operator::AtLeast, value: 10.0, unit: "亿元".into(), ..Target::default() },
            ..NewIndicator::default()
        },
    );
    stage.sync();
    stage.look(LEAD, |scene| {
        let seen = oversight(scene, Lang::Hans);
        let cells: usize = Matrix::kinds(scene, Lang::Hans)
            .iter()
            .filter(|(across, _)| matches!(across, Across::Units { .. }))
            .map(|(across, _)| Matrix::new(scene, across, Lang::Hans))
            .flat_map(|matrix| {
                let rows = matrix.rows.iter();
                rows.map(|row| {
                    let cells = matrix.cells(scene, row).into_iter().flatten();
                    cells.filter(|cell| cell.light == Light::Overdue).count()
                })
                .collect::<Vec<_>>()
            })
            .sum();
        assert_eq!((seen.late_parts(), cells), (2, 2));
        assert_eq!((seen.matters, seen.ended), (3, 0));
        let late: Vec<_> = seen.late.iter().map(|late| (late.item, late.days, late.units.clone())).collect();
        assert_eq!(late, [(measures[0], 14, vec![unit("乙旗")]), (third, 45, vec![unit("乙旗")])]);
        let worst = worst_units([&seen, &seen]);
        assert_eq!((worst[0].0, worst[0].1.late, worst[0].1.all), (unit("乙旗"), 4, 4));
        assert_eq!((worst[1].1.late, worst[1].1.done, worst[1].1.not_started), (0, 2, 2));
        assert_eq!((seen.met, seen.targets, seen.gaps.len()), (0, 1, 1));
        assert_eq!((seen.gaps[0].missing, seen.gaps[0].reported), (10.0, None));
        let acts = acts_since(scene.entries, 0);
        assert_eq!(acts[&unit("甲旗")][&EntryKind::CloseRequest], 1);
    });
}

/// 61 % of one year and 71 % of the next: the edition, what differs from the last one, the form of a
/// year and supervision tell one year, and which.
#[test]
fn a_total_is_of_one_year_and_names_it_wherever_it_is_shown() {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲旗"]);
    let target = Target { op: Operator::AtLeast, value: 80.0, unit: "%".into(), ..Target::default() };
    let rate =
        NewIndicator { name: "入户率".into(), combine: Combine::Mean, target, ..NewIndicator::default() };
    let rate = stage.indicator(LEAD, rate);
    let item = stage.item(LEAD, "measure", "举措", &[], &["甲旗"]);
    stage.sync();
    let say = |stage: &mut Stage, value, period: &str| {
        stage.write("甲旗", item, EntryKind::Value, |entry| {
            (entry.subject.indicator, entry.value) = (Some(rate), Some(value));
            entry.period = Some(period.into());
        });
        stage.sync();
        let id = stage.id;
        let edition =
            stage.look(LEAD, |scene| publication::project(scene, (id, 1), &BTreeMap::new(), usize::MAX));
        edition.expect("an edition")
    };
    let before = say(&mut stage, 61.0, "2026");
    let after = say(&mut stage, 71.0, "2027");
    let told = |edition: &publication::Publication| {
        let one = &edition.indicators[0];
        (one.reported, one.reported_year, one.gap, one.percent)
    };
    assert_eq!(told(&before), (Some(61.0), Some(2026), Some(19.0), Some(76)));
    assert_eq!(told(&after), (Some(71.0), Some(2027), Some(9.0), Some(88)));
    let differs = publication::differences(&before, &after);
    let reported = differs.shown.iter().find(|one| one.field == "已报").expect("what was reported");
    assert_eq!((&*reported.old, &*reported.new), ("61 %（2026 年）", "71 %（2027 年）"));

    stage.look(LEAD, |scene| {
        for (year, number, gap) in [(2026, "61", "19"), (2027, "71", "9")] {
            let sheet = yearly(scene, &BTreeMap::new(), year, Lang::Hans);
            let words: Vec<&str> = sheet.rows[0].iter().map(|cell| cell.words.as_str()).collect();
            assert_eq!(words[4..], [number, gap, "未达标", number], "{year}");
        }
        let gap = &oversight(scene, Lang::Hans).gaps[0];
        assert_eq!((gap.reported, gap.year, gap.missing), (Some(71.0), Some(2027), 9.0));
    });
}

/// A count whose target names no year: the form of a year shows the number of that year, and the standing of
/// all years together.
#[test]
fn the_form_of_a_year_tells_the_standing_of_a_count_over_all_years() {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲旗"]);
    let target = Target { op: Operator::AtLeast, value: 10.0, unit: "家".into(), ..Target::default() };
    let count =
        NewIndicator { name: "新建".into(), combine: Combine::Sum, target, ..NewIndicator::default() };
    let count = stage.indicator(LEAD, count);
    let item = stage.item(LEAD, "measure", "举措", &[], &["甲旗"]);
    stage.sync();
    for (value, period) in [(4.0, "2026"), (5.0, "2027")] {
        stage.write("甲旗", item, EntryKind::Value, |entry| {
            (entry.subject.indicator, entry.value) = (Some(count), Some(value));
            entry.period = Some(period.into());
        });
    }
    stage.sync();
    stage.look(LEAD, |scene| {
        let sheet = yearly(scene, &BTreeMap::new(), 2027, Lang::Hans);
        let words: Vec<&str> = sheet.rows[0].iter().map(|cell| cell.words.as_str()).collect();
        assert_eq!(words[4..], ["5", "1", "未达标", "5"]);
    });
}
