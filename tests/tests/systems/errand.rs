//! S75 to S84: no errand for the enterprise, Horinger New Area.

use tongban_shared::entry::EntryKind;
use tongban_shared::fold::{Lamp, NotCounted};
use tongban_shared::id::ItemId;
use tongban_shared::rule::Verdict;
use tongban_tests::stage::Stage;

const OFFICE: &str = "政务服务局";
const BUREAU: &str = "经济发展招商服务局";
const COMPANY: &str = "招商服务公司";

fn stage() -> Stage {
    Stage::new("service_matrix", &[OFFICE, BUREAU, COMPANY, "规划建设局", "企业"])
}

#[test]
fn s75_a_project_without_clause_or_decision_cannot_be_started() {
    let mut stage = stage();
    let project = stage.item(BUREAU, "project", "某企业", &[("wish", "yes")], &[]);
    stage.sync();
    stage.go(OFFICE, project, EntryKind::CloseDecision, "eligible");
    stage.done(OFFICE, project, "started");
    assert_eq!(stage.state(project), "candidate");
    assert!(matches!(stage.standing(project).not_counted[0].1, NotCounted::Needs(_)));
    stage.set(OFFICE, project, "decision", "管委会第3次会议");
    assert_eq!(stage.state(project), "started");
}

#[test]
fn s76_the_mode_follows_from_the_department() {
    let mut stage = stage();
    let matter = stage.item(OFFICE, "matter", "设立登记", &[("department", "政务服务局")], &[]);
    let mode = |stage: &mut Stage| stage.verdict("mode", Some(matter));
    assert_eq!(mode(&mut stage), Verdict::Word("帮办代办".into()));
    for (department, expected) in
        [("规划建设局", "联审联批"), ("公共事业服务局", "联审联批"), ("市自然资源局驻区分局", "专业跑腿")]
    {
        stage.set(OFFICE, matter, "department", department);
        assert_eq!(mode(&mut stage), Verdict::Word(expected.into()), "{department}");
    }
}

#[test]
fn s77_a_plan_of_chosen_matters_with_their_order() {
    let mut stage = stage();
    let matters: Vec<ItemId> = ["设立登记", "用地规划", "施工许可"]
        .iter()
        .map(|name| stage.item(OFFICE, "matter", name, &[], &[]))
        .collect();
    let fields = [("clause_note", "协议第五条")];
    let project = stage.item(OFFICE, "project", "某企业", &fields, &[]);
    for (order, matter) in matters.iter().enumerate() {
        let (matter, order) = (matter.to_string(), (order + 1).to_string());
        let fields = [("matter", matter.as_str()), ("order", order.as_str())];
        stage.child(OFFICE, project, "case", "办理件", &fields, &[]);
    }
    stage.go(OFFICE, project, EntryKind::CloseDecision, "eligible");
    stage.done(OFFICE, project, "started");
    assert_eq!(stage.state(project), "started");
    assert_eq!(stage.verdict("cases_done", Some(project)), Verdict::Of { part: 0, whole: 3 });
}

#[test]
fn s78_a_specialist_files_at_the_firm_without_a_network() {
    let mut stage = stage();
    let project = stage.item(OFFICE, "project", "某企业", &[], &[]);
    let fields = [("specialist", "专员甲"), ("first_asked", "专员甲")];
    let case = stage.child(OFFICE, project, "case", "设立登记", &fields, &[]);
    stage.sync();
    stage.go(OFFICE, case, EntryKind::Answer, "told");
    stage.go(OFFICE, case, EntryKind::Accept, "filed");
    stage.done(OFFICE, case, "done");
    stage.sync();
    assert_eq!(stage.state(case), "done");
    let own = stage.look(OFFICE, |scene| {
        scene.items_of("case").filter(|one| scene.words(*one, "specialist") == "专员甲").count()
    });
    assert_eq!(own, 1);
}

#[test]
fn s79_the_first_asked_name_stays_on_the_matter() {
    let mut stage = stage();
    let project = stage.item(OFFICE, "project", "某企业", &[], &[]);
    let case = stage.child(OFFICE, project, "case", "规划条件", &[], &[]);
    stage.sync();
    stage.go("规划建设局", case, EntryKind::Answer, "told");
    stage.sync();
    assert_eq!(stage.state(case), "chosen", "nobody has told before somebody is named");
    stage.set("规划建设局", case, "first_asked", "首问人");
    stage.set(OFFICE, case, "specialist", "另一人");
    stage.sync();
    let fields = stage.board(OFFICE).items[&case].fields.clone();
    assert_eq!((fields["first_asked"].as_str(), fields["specialist"].as_str()), ("首问人", "另一人"));
    assert_eq!(stage.state(case), "told");
    assert_eq!(stage.verdict("told_name", Some(case)), Verdict::Holds(true));
}

#[test]
fn s80_the_company_accepts_and_logs_and_only_the_bureau_confirms() {
    let mut stage = stage();
    let project = stage.item(BUREAU, "project", "某企业", &[], &[]);
    let sheet = stage.child(
        BUREAU,
        project,
        "task_sheet",
        "跑腿单",
        &[("matters", "环评、能评"), ("deadline", "2025-06-10")],
        &[COMPANY],
    );
    stage.write(BUREAU, sheet, EntryKind::Dispatch, |entry| entry.body = "请办理".into());
    stage.sync();
    assert!(matches!(stage.verdict("sheet_due", Some(sheet)), Verdict::Due { lamp: Lamp::Overdue, .. }));
    stage.go(COMPANY, sheet, EntryKind::Accept, "accepted");
    stage.go(COMPANY, sheet, EntryKind::Visit, "under_way");
    stage.go(COMPANY, sheet, EntryKind::Visit, "under_way");
    stage.done(COMPANY, sheet, "done");
    stage.go(COMPANY, sheet, EntryKind::Receipt, "delivered");
    stage.sync();
    assert_eq!(stage.state(sheet), "done");
    stage.go(BUREAU, sheet, EntryKind::Receipt, "delivered");
    stage.sync();
    assert_eq!(stage.state(sheet), "delivered");
}

#[test]
fn s81_a_matter_late_in_any_mode_is_seen_on_the_project() {
    let mut stage = stage();
    let project = stage.item(BUREAU, "project", "某企业", &[], &[]);
    for (kind, title, field) in
        [("case", "设立登记", "limit"), ("case", "施工许可", "limit"), ("task_sheet", "环评", "deadline")]
    {
        stage.child(BUREAU, project, kind, title, &[(field, "2025-06-01")], &[]);
    }
    let late = stage.look(OFFICE, |scene| {
        let children = scene.children(project).to_vec();
        let found = tongban_shared::rule::findings(scene);
        let late = |one: &&tongban_shared::rule::Finding| {
            matches!(one.verdict, Verdict::Due { lamp: Lamp::Overdue, .. })
                && one.item.is_some_and(|item| children.contains(&item))
        };
        found.iter().filter(late).count()
    });
    assert_eq!(late, 0, "the office has not synced");
    stage.sync();
    let late = stage.look(OFFICE, |scene| {
        tongban_shared::rule::findings(scene)
            .iter()
            .filter(|one| matches!(one.verdict, Verdict::Due { lamp: Lamp::Overdue, .. }))
            .count()
    });
    assert_eq!(late, 3);
}

#[test]
fn s82_nothing_is_delivered_before_the_list_is_complete_and_the_firm_confirms() {
    let mut stage = stage();
    let project = stage.item(OFFICE, "project", "某企业", &[], &[]);
    let delivery = stage.child(OFFICE, project, "delivery", "成果移交", &[], &[]);
    let papers: Vec<ItemId> = ["营业执照", "规划许可", "施工许可"]
        .iter()
        .map(|name| stage.child(OFFICE, delivery, "paper", name, &[], &[]))
        .collect();
    for paper in &papers[..2] {
        stage.done(OFFICE, *paper, "ready");
    }
    stage.go(OFFICE, delivery, EntryKind::Handover, "handed_over");
    assert_eq!(
        (stage.state(delivery).as_str(), stage.verdict("papers_ready", Some(delivery))),
        ("open", Verdict::Of { part: 2, whole: 3 })
    );
    stage.done(OFFICE, papers[2], "ready");
    stage.go(OFFICE, delivery, EntryKind::Receipt, "received");
    assert_eq!(stage.state(delivery), "handed_over", "who hands over does not confirm");
    stage.sync();
    stage.go("企业", delivery, EntryKind::Receipt, "received");
    stage.sync();
    assert_eq!(stage.state(delivery), "received");
}

#[test]
fn s83_seventy_passes_and_a_raters_second_score_replaces_the_first() {
    let mut stage = Stage::new("assessment", &[OFFICE, "企业甲", "企业乙"]);
    let item =
        stage.item(OFFICE, "evaluation", "帮办代办评价", &[("year", "2025"), ("pass_mark", "70")], &[]);
    stage.sync();
    // Two raters offline; one thinks again.
    stage.say("企业甲", item, EntryKind::Score, 60.0);
    stage.say("企业甲", item, EntryKind::Score, 65.0);
    stage.say("企业乙", item, EntryKind::Score, 74.0);
    stage.sync();
    assert_eq!(stage.verdict("mean_score", Some(item)), Verdict::Number(69.5));
    assert_eq!(
        (stage.verdict("raters", Some(item)), stage.verdict("passes", Some(item))),
        (Verdict::Number(2.0), Verdict::Holds(false))
    );
    stage.go(OFFICE, item, EntryKind::CloseDecision, "passed");
    assert_eq!(stage.state(item), "open");
    stage.say("企业乙", item, EntryKind::Score, 75.0);
    stage.sync();
    assert_eq!(
        (stage.verdict("mean_score", Some(item)), stage.verdict("passes", Some(item))),
        (Verdict::Number(70.0), Verdict::Holds(true))
    );
    stage.go(OFFICE, item, EntryKind::CloseDecision, "passed");
    assert_eq!(stage.state(item), "passed");
}

#[test]
fn s84_an_old_board_keeps_the_version_it_began_with() {
    let mut stage = Stage::new("policy_library", &[OFFICE]);
    let policy = stage.item(OFFICE, "policy", "零跑腿方案", &[("date", "2024-01-01")], &[]);
    let first =
        stage.child(OFFICE, policy, "edition", "第一版", &[("text", "一"), ("since", "2024-01-01")], &[]);
    stage.go(OFFICE, first, EntryKind::Publish, "in_force");
    let second =
        stage.child(OFFICE, policy, "edition", "第二版", &[("text", "二"), ("note", "年度评价后修订")], &[]);
    stage.go(OFFICE, second, EntryKind::Publish, "in_force");
    stage.go(OFFICE, first, EntryKind::Publish, "revised");
    assert_eq!((stage.state(first).as_str(), stage.state(second).as_str()), ("revised", "in_force"));
    let board = stage.board(OFFICE);
    assert_eq!((board.template.as_str(), board.template_version), ("policy_library", stage.template.version));
}
