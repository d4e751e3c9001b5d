//! S62 to S74: the 48 measures of Hohhot for three cities.

use tongban_shared::edit::Edit;
use tongban_shared::entry::EntryKind;
use tongban_shared::id::ItemId;
use tongban_shared::import::{Role, read};
use tongban_shared::model::{Space, Unit};
use tongban_shared::rule::Verdict;
use tongban_tests::stage::{Stage, unit};

const CITY: &str = "市发展改革委";

#[test]
fn s62_traditional_and_simplified_names_are_one_unit_and_open_lists_stay_open() {
    let mut space = Space::default();
    space.units.insert(unit("市农牧局"), Unit { name: "市农牧局".into(), ..Unit::default() });
    assert_eq!(space.unit_named("市農牧局"), Some(unit("市农牧局")));
    let text = "關於協同發展的若干措施\n一、產業\n1.發展農業。（市農牧局、工業和信息化局等）\n2.發展工業。（市工業和信息化局）\n3.其他。（市財政局）";
    let draft = read(text).expect("readable");
    let item = draft.documents[0].boards[0].items().next().expect("a measure").clone();
    assert!(item.assignments[0].open_ended, "others may be added");
    assert_eq!(item.assignments[0].units[0], "市农牧局");
    let mut stage = Stage::new("measure_plan", &[CITY, "市农牧局"]);
    let fields = [8, 4, 3, 8, 5, 1, 4, 3, 5, 3, 4];
    for (field, count) in fields.iter().enumerate() {
        let id = tongban_shared::id::SectionId::from_bytes([u8::try_from(field + 100).expect("small"); 16]);
        let rank = format!("t{field:02}");
        let section =
            Edit::AddSection { id, number: field.to_string(), title: format!("领域{field}"), rank };
        stage.edit(CITY, &[section]);
        for number in 0..*count {
            stage.put(CITY, "measure", &format!("措施 {number}"), &[], &["市农牧局"], Some(id), None);
        }
    }
    let counts = stage.groups("measures_by_section");
    assert_eq!((counts.len(), counts.values().sum::<f64>()), (11, 48.0));
}

#[test]
fn s63_a_meetings_decision_becomes_tasks_in_one_step() {
    let mut stage = Stage::new("register", &[CITY, "市科技局"]);
    let fields = [("leader", "组长"), ("plan", "年度工作计划")];
    let group = stage.item(CITY, "group", "科技创新组", &fields, &[]);
    stage.done(CITY, group, "approved");
    stage.done(CITY, group, "running");
    let tasks: Vec<ItemId> = ["建共享平台", "开放仪器", "联合攻关"]
        .iter()
        .map(|title| {
            stage.child(CITY, group, "group_task", title, &[("meeting", "第一次会议")], &["市科技局"])
        })
        .collect();
    stage.sync();
    stage.done("市科技局", tasks[0], "done");
    stage.sync();
    assert_eq!(stage.verdict("tasks_done", Some(group)), Verdict::Of { part: 1, whole: 3 });
    assert_eq!(stage.state(group), "running");
}

#[test]
fn s64_closed_children_propose_to_close_the_parent_and_do_not_close_it() {
    let mut stage = Stage::new("measure_plan", &[CITY, "市科技局"]);
    let measure = stage.item(CITY, "measure", "措施", &[], &["市科技局"]);
    let years: Vec<ItemId> = ["2024", "2025"]
        .iter()
        .map(|year| stage.child(CITY, measure, "task", year, &[("year", year)], &["市科技局"]))
        .collect();
    let bid = stage.child(
        CITY,
        measure,
        "bid",
        "列入国家规划",
        &[("level", "national"), ("subject", "plan")],
        &["市科技局"],
    );
    stage.sync();
    for task in &years {
        stage.done("市科技局", *task, "done");
    }
    stage.done("市科技局", bid, "submitted");
    stage.done("市科技局", bid, "listed");
    stage.sync();
    assert_eq!(stage.verdict("tasks_done", Some(measure)), Verdict::Of { part: 2, whole: 2 });
    assert_ne!(stage.state(measure), "closed");
    assert_eq!(stage.state(bid), "listed");
}

#[test]
fn s65_twenty_eight_projects_stand_under_their_measures() {
    let mut stage = Stage::new("register", &[CITY]);
    for number in 0..28 {
        let measure = (number % 7 + 1).to_string();
        let fields = [("measure", measure.as_str()), ("scale", "100万吨")];
        stage.item(CITY, "project", &format!("项目 {number}"), &fields, &[]);
    }
    let groups = stage.groups("projects_by_measure");
    assert_eq!((groups.len(), groups.values().sum::<f64>()), (7, 28.0));
}

#[test]
fn s66_three_cities_fill_their_own_columns_at_the_same_time() {
    let cities = ["呼和浩特市统计局", "包头市统计局", "鄂尔多斯市统计局"];
    let mut stage = Stage::new("statistics", &cities);
    let rows: Vec<ItemId> =
        (0..10).map(|n| stage.item(cities[0], "measure_row", &format!("维度 {n}"), &[], &[])).collect();
    stage.sync();
    for (index, city) in cities.iter().enumerate() {
        let id = unit(city).to_string();
        for row in &rows {
            let value = (index + 1).to_string();
            stage.child(
                city,
                *row,
                "reading",
                "2024",
                &[("city", &id), ("value", &value), ("period", "2024")],
                &[],
            );
        }
    }
    stage.sync();
    let groups = stage.groups("by_city");
    assert_eq!((groups[cities[0]], groups[cities[1]], groups[cities[2]]), (10.0, 20.0, 30.0));
    assert!(stage.board(cities[1]).items.values().all(|item| item.conflicts.is_empty()));
}

#[test]
fn s67_an_instruction_is_linked_to_its_matter_and_dated() {
    let mut stage = Stage::new("alert", &["市委办", "责任部门"]);
    let notice = stage.item("责任部门", "notice", "重要情况", &[("importance", "urgent")], &[]);
    stage.go("责任部门", notice, EntryKind::Report, "reported");
    stage.sync();
    stage.go("责任部门", notice, EntryKind::Instruction, "instructed");
    stage.sync();
    assert_eq!(stage.state(notice), "reported", "only the leader instructs");
    let instruction = stage.go("市委办", notice, EntryKind::Instruction, "instructed");
    stage.sync();
    stage.go("责任部门", notice, EntryKind::Answer, "handled");
    stage.sync();
    let entry = stage.entries("责任部门").all[&instruction].clone();
    assert_eq!((entry.subject.item, stage.state(notice).as_str()), (Some(notice), "handled"));
    assert!(entry.said > 0);
}

#[test]
fn s68_a_matter_is_in_force_when_all_three_cities_have_agreed() {
    let cities = ["呼和浩特市审批局", "包头市审批局", "鄂尔多斯市审批局"];
    let mut stage = Stage::new("pairing", &cities);
    let matter = stage.item(cities[0], "recognition", "结果互认", &[("since", "2025-07-01")], &cities);
    stage.sync();
    for city in &cities[..2] {
        stage.go(city, matter, EntryKind::Accept, "agreed");
    }
    stage.sync();
    assert_eq!(stage.state(matter), "proposed");
    assert_eq!(stage.verdict("all_agreed", Some(matter)), Verdict::Of { part: 2, whole: 3 });
    stage.go(cities[2], matter, EntryKind::Accept, "agreed");
    stage.sync();
    stage.go(cities[0], matter, EntryKind::Publish, "published");
    stage.done(cities[0], matter, "in_force");
    assert_eq!(stage.state(matter), "in_force");
}

#[test]
fn s69_five_hundred_million_exactly_fails_and_two_policies_force_a_choice() {
    let mut stage = Stage::new("policy_library", &[CITY]);
    let second = stage.item(CITY, "policy", "措施二", &[("over_investment", "5亿元")], &[]);
    let thirty_six = [("least_investment", "10亿元"), ("least_per_mu", "500万元")];
    let thirty_six = stage.item(CITY, "policy", "措施三十六", &thirty_six, &[]);
    let apply = |stage: &mut Stage, investment: &str, per_mu: &str| {
        stage.item(CITY, "application", "某企业", &[("investment", investment), ("per_mu", per_mu)], &[])
    };
    let exactly = apply(&mut stage, "5亿元", "100万元");
    assert_eq!(
        stage.verdict("one_benefit", Some(exactly)),
        Verdict::Choice { matching: vec![], chosen: None }
    );
    let both = apply(&mut stage, "10亿元", "500万元");
    let matching = vec![second, thirty_six];
    assert_eq!(
        stage.verdict("one_benefit", Some(both)),
        Verdict::Choice { matching: matching.clone(), chosen: None }
    );
    stage.go(CITY, both, EntryKind::Check, "checked");
    stage.done(CITY, both, "granted");
    assert_eq!(stage.state(both), "checked", "no benefit before one is chosen");
    stage.set(CITY, both, "chosen", &thirty_six.to_string());
    assert_eq!(
        stage.verdict("one_benefit", Some(both)),
        Verdict::Choice { matching, chosen: Some(thirty_six) }
    );
    assert_eq!(stage.state(both), "granted");
}

#[test]
fn s70_time_of_event_and_time_of_receipt_stand_apart() {
    let cities = ["呼和浩特市", "包头市", "鄂尔多斯市"];
    let mut stage = Stage::new("alert", &cities);
    let fields =
        [("sort", "water"), ("level", "orange"), ("place", "黄河沿岸2公里"), ("happened", "2025-06-12")];
    let alert = stage.item("包头市", "alert", "水质异常", &fields, &cities);
    let said = stage.go("包头市", alert, EntryKind::Accept, "joint");
    stage.sync();
    let entry = stage.entries(cities[0]).all[&said].clone();
    let received = entry.said;
    let event: jiff_day::Day =
        stage.board(cities[0]).items[&alert].fields["happened"].parse().expect("a day");
    assert!(received / 86_400_000 > event.0, "it was said days after it happened");
    assert_eq!(stage.verdict("alert_complete", Some(alert)), Verdict::Holds(true));
    for city in cities {
        stage.write(city, alert, EntryKind::Report, |entry| entry.body = "已响应".into());
    }
    stage.sync();
    assert_eq!(stage.verdict("all_responded", Some(alert)), Verdict::Of { part: 3, whole: 3 });
}

/// Days since 1970 of an ISO date, for a comparison with milliseconds.
mod jiff_day {
    pub struct Day(pub i64);

    impl std::str::FromStr for Day {
        type Err = std::num::ParseIntError;

        fn from_str(text: &str) -> Result<Self, Self::Err> {
            let parts: Result<Vec<i64>, _> = text.split('-').map(str::parse).collect();
            let parts = parts?;
            let (year, month, day) = (parts[0], parts[1], parts[2]);
            let shifted = if month <= 2 { year - 1 } else { year };
            let (century, of_century) = (shifted.div_euclid(400), shifted.rem_euclid(400));
            let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
            let of_era = of_century * 365 + of_century / 4 - of_century / 100 + of_year;
            Ok(Self(century * 146_097 + of_era - 719_468))
        }
    }
}

#[test]
fn s71_postings_and_a_rule_in_the_making() {
    let mut stage = Stage::new("register", &["市委组织部", "包头市"]);
    let fields = [("person", "某干部"), ("mode", "secondment"), ("from", "2025-01-01"), ("to", "2025-12-31")];
    let posting = stage.item("市委组织部", "person_posting", "挂职", &fields, &[]);
    for state in ["sent", "on_post", "returned", "filed"] {
        stage.done("市委组织部", posting, state);
    }
    let rule = stage.item("市委组织部", "rule_draft", "柔性引进办法", &[], &[]);
    stage.done("市委组织部", rule, "consulted");
    stage.go("市委组织部", rule, EntryKind::Publish, "issued");
    assert_eq!((stage.state(posting).as_str(), stage.state(rule).as_str()), ("filed", "issued"));
}

#[test]
fn s72_a_firms_need_is_matched_and_a_complaint_answered() {
    let mut stage = Stage::new("project_lifecycle", &["市金融办", "市商务局"]);
    let firm = stage.item("市金融办", "project", "一企一策", &[], &[]);
    let need = stage.child("市金融办", firm, "need", "流动资金", &[("bank", "某银行")], &[]);
    stage.go("市金融办", need, EntryKind::Dispatch, "matched");
    stage.done("市金融办", need, "granted");
    let complaint = stage.child("市金融办", firm, "need", "外商投诉", &[], &[]);
    stage.sync();
    stage.go("市商务局", complaint, EntryKind::Answer, "answered");
    stage.sync();
    assert_eq!((stage.state(need).as_str(), stage.state(complaint).as_str()), ("granted", "answered"));
}

#[test]
fn s73_uses_of_a_shared_resource_add_over_cities() {
    let cities = ["呼和浩特市", "包头市", "鄂尔多斯市"];
    let mut stage = Stage::new("pairing", &cities);
    let resource = stage.item(cities[0], "resource", "大型仪器", &[("open_to", "三市")], &[]);
    stage.sync();
    for (city, uses) in cities.into_iter().zip([12.0, 5.0, 8.0]) {
        stage.say(city, resource, EntryKind::Value, uses);
    }
    stage.sync();
    assert_eq!(stage.verdict("uses", Some(resource)), Verdict::Number(25.0));
}

#[test]
fn s74_what_is_published_is_what_the_lead_published() {
    let mut stage = Stage::new("pairing", &["市审批局", "包头市审批局"]);
    let standard = stage.item("市审批局", "recognition", "裁量基准", &[("standard", "统一")], &["市审批局"]);
    stage.go("市审批局", standard, EntryKind::Accept, "agreed");
    stage.sync();
    stage.go("包头市审批局", standard, EntryKind::Publish, "published");
    stage.sync();
    assert_eq!(stage.state(standard), "agreed");
    stage.go("市审批局", standard, EntryKind::Publish, "published");
    assert_eq!(stage.state(standard), "published");
    assert_eq!(
        stage.board("市审批局").items[&standard].assignments[&unit("市审批局")].role,
        Role::Responsible
    );
}
