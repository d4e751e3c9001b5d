//! S18 to S38: life-cycle service for projects, notice 66.

use tongban_shared::entry::EntryKind;
use tongban_shared::fold::{Lamp, NotCounted};
use tongban_shared::id::ItemId;
use tongban_shared::rule::Verdict;
use tongban_shared::template::Need;
use tongban_tests::stage::Stage;

const LEAD: &str = "市投资促进中心";

fn stage(others: &[&'static str]) -> Stage {
    let names: Vec<&'static str> = std::iter::once(LEAD).chain(others.iter().copied()).collect();
    Stage::new("project_lifecycle", &names)
}

fn project(stage: &mut Stage, fields: &[(&str, &str)]) -> ItemId {
    stage.item(LEAD, "project", "某项目", fields, &[])
}

const AGREED: [(&str, &str); 2] = [("contract_amount", "2亿元"), ("build_deadline", "2025-05-31")];

#[test]
fn s18_steps_run_in_parallel_and_the_phase_follows_from_them() {
    let mut stage = stage(&["市发改委"]);
    let project = project(&mut stage, &AGREED);
    let steps: Vec<ItemId> = (1..=14)
        .map(|n| stage.child(LEAD, project, "step", &format!("环节{n}"), &[], &["市发改委"]))
        .collect();
    stage.sync();
    stage.go("市发改委", steps[6], EntryKind::Accept, "running");
    stage.done("市发改委", steps[5], "done");
    stage.sync();
    assert_eq!((stage.state(steps[5]).as_str(), stage.state(steps[6]).as_str()), ("done", "running"));
    assert_eq!(stage.verdict("steps_done", Some(project)), Verdict::Of { part: 1, whole: 14 });
    // A project is completed by its steps, and not before.
    for (kind, state) in
        [(EntryKind::Visit, "talks"), (EntryKind::Outcome, "signed"), (EntryKind::Outcome, "registered")]
    {
        stage.go(LEAD, project, kind, state);
    }
    stage.set(LEAD, project, "start", "2025-03-01");
    stage.done(LEAD, project, "running");
    stage.done(LEAD, project, "completed");
    assert_eq!(stage.state(project), "running");
    for step in steps.into_iter().filter(|step| *step != project) {
        stage.done("市发改委", step, "done");
    }
    stage.sync();
    stage.done(LEAD, project, "completed");
    assert_eq!(stage.state(project), "completed");
}

#[test]
fn s19_a_project_that_nobody_reviewed_is_stale() {
    let mut stage = stage(&[]);
    let stale = project(&mut stage, &[("last_review", "2025-01-10"), ("maturity", "idea")]);
    let fresh = project(&mut stage, &[("last_review", "2025-06-01"), ("maturity", "mature")]);
    assert!(matches!(
        stage.verdict("review_due", Some(stale)),
        Verdict::Due { lamp: Lamp::Overdue, days: -66, .. }
    ));
    assert!(matches!(stage.verdict("review_due", Some(fresh)), Verdict::Due { lamp: Lamp::OnTrack, .. }));
}

#[test]
fn s20_a_talk_noted_offline_is_on_the_register_after_sync() {
    let mut stage = Stage::new("register", &[LEAD, "甲旗"]);
    let fields =
        [("firm", "某企业"), ("date", "2025-06-10"), ("direction", "out"), ("next_date", "2025-06-14")];
    let talk = stage.item("甲旗", "talk", "登门洽谈", &fields, &[]);
    stage.go("甲旗", talk, EntryKind::Visit, "talks");
    assert!(!stage.board(LEAD).items.contains_key(&talk), "not before it has synced");
    stage.sync();
    assert_eq!(stage.state(talk), "talks");
    assert!(matches!(
        stage.verdict("follow_up", Some(talk)),
        Verdict::Due { days: -1, lamp: Lamp::Overdue, .. }
    ));
}

#[test]
fn s21_the_exit_rule_reads_the_contract_without_retyping() {
    let mut stage = stage(&[]);
    let project = project(&mut stage, &[]);
    stage.go(LEAD, project, EntryKind::Visit, "talks");
    stage.done(LEAD, project, "signed");
    assert_eq!(stage.state(project), "talks", "a contract without amount and deadline is none");
    let needs = vec![Need::Field("contract_amount".into()), Need::Field("build_deadline".into())];
    assert_eq!(stage.standing(project).not_counted[0].1, NotCounted::Needs(needs));
    for (field, value) in AGREED {
        stage.set(LEAD, project, field, value);
    }
    stage.set(LEAD, project, "real_amount", "1.2亿元");
    assert_eq!(stage.state(project), "signed", "the same act counts once what it needs is there");
    assert_eq!(stage.verdict("exit_below_amount", Some(project)), Verdict::Holds(true));
}

#[test]
fn s22_the_average_time_of_opening_a_company_is_shown() {
    let mut stage = stage(&["市市场监管局"]);
    let project = project(&mut stage, &[]);
    for days in ["0.5", "1", "1.5"] {
        let step = stage.child(LEAD, project, "step", "企业开办", &[("days", days)], &["市市场监管局"]);
        stage.sync();
        stage.done("市市场监管局", step, "done");
    }
    stage.sync();
    assert_eq!(stage.verdict("mean_days", None), Verdict::Number(1.0));
}

fn limited(stage: &mut Stage, limit: &str) -> Verdict {
    let project = project(stage, &[]);
    let step = stage.child(LEAD, project, "step", "备案", &[("limit", limit), ("told", "2025-06-01")], &[]);
    stage.verdict("step_limit", Some(step))
}

#[test]
fn s23_a_late_filing_turns_red_on_the_day_after_the_limit() {
    let mut stage = stage(&[]);
    assert!(matches!(limited(&mut stage, "2025-06-15"), Verdict::Due { days: 0, lamp: Lamp::DueSoon, .. }));
    assert!(matches!(limited(&mut stage, "2025-06-14"), Verdict::Due { days: -1, lamp: Lamp::Overdue, .. }));
}

#[test]
fn s24_land_turns_red_in_the_same_way() {
    let mut stage = stage(&[]);
    assert!(matches!(limited(&mut stage, "2025-06-14"), Verdict::Due { lamp: Lamp::Overdue, .. }));
}

#[test]
fn s25_a_problem_answered_by_two_departments_keeps_both_answers() {
    let mut stage = stage(&["应急管理局", "生态环境局"]);
    let project = project(&mut stage, &[]);
    let owner = tongban_tests::stage::unit("生态环境局").to_string();
    let issue = stage.child(LEAD, project, "issue", "安评与环评相左", &[("owner", &owner)], &[]);
    stage.go(LEAD, issue, EntryKind::Dispatch, "assigned");
    stage.sync();
    stage.go("应急管理局", issue, EntryKind::Answer, "solved");
    stage.go("生态环境局", issue, EntryKind::Answer, "solved");
    stage.sync();
    assert_eq!(stage.state(issue), "solved");
    let answers = stage.look(LEAD, |scene| {
        scene.about(issue).iter().filter(|entry| entry.kind == EntryKind::Answer).count()
    });
    assert_eq!(answers, 2);
}

#[test]
fn s26_missing_papers_are_seen() {
    let mut stage = stage(&["自然资源局"]);
    let project = project(&mut stage, &[]);
    let step =
        stage.child(LEAD, project, "step", "规划许可", &[("papers", "红线图；日照分析")], &["自然资源局"]);
    stage.sync();
    stage.go("自然资源局", step, EntryKind::Issue, "open");
    stage.sync();
    let said = stage.look(LEAD, |scene| scene.about(step)[0].body.clone());
    assert!(!said.is_empty() && stage.board(LEAD).items[&step].fields["papers"].contains("日照分析"));
}

#[test]
fn s27_one_set_of_papers_serves_five_approvals() {
    let mut stage = stage(&["住建局", "人防办"]);
    let project = project(&mut stage, &[]);
    let permits: Vec<ItemId> = ["施工许可", "质量安全监督", "人防质量监督", "消防设计审查", "人防工程"]
        .iter()
        .map(|name| stage.child(LEAD, project, "permit", name, &[], &["住建局", "人防办"]))
        .collect();
    stage.sync();
    for permit in &permits {
        stage.set("住建局", *permit, "date", "2025-06-12");
        stage.done("住建局", *permit, "issued");
    }
    stage.sync();
    assert_eq!(stage.verdict("permits", Some(project)), Verdict::Of { part: 5, whole: 5 });
}

#[test]
fn s28_a_need_solved_offline_shows_solver_and_time() {
    let mut stage = stage(&["供电公司"]);
    let project = project(&mut stage, &[]);
    let need = stage.child(LEAD, project, "need", "临时用电", &[("wish", "增容")], &[]);
    stage.go(LEAD, need, EntryKind::Dispatch, "matched");
    stage.sync();
    stage.done("供电公司", need, "granted");
    stage.sync();
    let standing = stage.standing(need);
    assert_eq!(
        (standing.state.as_str(), standing.by_unit),
        ("granted", Some(tongban_tests::stage::unit("供电公司")))
    );
    assert!(standing.since.is_some());
}

#[test]
fn s29_acceptance_passes_when_every_department_has_passed() {
    let departments = ["自然资源局", "人防办", "消防", "生态环境局", "水利局"];
    let mut stage = stage(&departments);
    let project = project(&mut stage, &[]);
    let step = stage.child(LEAD, project, "step", "联合验收", &[], &departments);
    stage.sync();
    for name in &departments[..4] {
        stage.done(name, step, "done");
    }
    stage.sync();
    assert_eq!(
        (stage.state(step).as_str(), stage.verdict("joint_acceptance", Some(step))),
        ("open", Verdict::Of { part: 4, whole: 5 })
    );
    let waiting = stage.finding("joint_acceptance", Some(step)).expect("a finding").because.values;
    assert_eq!(waiting[0].0, "水利局");
    stage.done(departments[4], step, "done");
    stage.sync();
    assert_eq!(stage.state(step), "done");
}

#[test]
fn s30_a_difficulty_after_completion_runs_the_same_way() {
    difficulty_is_closed_by_its_raiser();
}

#[test]
fn s31_steps_of_a_reward_cannot_be_skipped() {
    let mut stage = stage(&[]);
    let project = project(&mut stage, &[]);
    let (one, other) = (
        stage.child(LEAD, project, "reward", "固投奖励", &[("amount", "100万元")], &[]),
        stage.child(LEAD, project, "reward", "设备奖励", &[("amount", "50万元")], &[]),
    );
    stage.done(LEAD, one, "paid");
    assert_eq!(stage.state(one), "applied");
    stage.done(LEAD, one, "recognised");
    stage.go(LEAD, one, EntryKind::Publish, "noticed");
    stage.done(LEAD, other, "recognised");
    let notice = stage.finding("noticed", None).expect("the notice list");
    assert_eq!((notice.verdict, notice.because.items), (Verdict::Number(1.0), vec![one]));
    stage.done(LEAD, one, "paid");
    assert_eq!(stage.state(one), "paid");
}

#[test]
fn s32_a_project_below_its_agreed_amount_is_flagged_with_no_one_asking() {
    let mut stage = stage(&[]);
    let flagged = project(&mut stage, &[AGREED[0], AGREED[1], ("real_amount", "1.2亿元")]);
    let found = stage.finding("exit_below_amount", Some(flagged)).expect("rule 4");
    assert_eq!(found.verdict, Verdict::Holds(true));
    let values: Vec<&str> = found.because.values.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["1.2亿元", "2亿元"], "the two numbers compared");
    let on_time =
        project(&mut stage, &[AGREED[0], ("build_deadline", "2025-06-15"), ("real_amount", "1.2亿元")]);
    assert!(stage.finding("exit_below_amount", Some(on_time)).is_none(), "its date has not passed");
    let idle = project(&mut stage, &[("approved_on", "2024-06-01")]);
    assert_eq!(stage.verdict("exit_not_started", Some(idle)), Verdict::Holds(false));
    let staged = project(
        &mut stage,
        &[
            ("staged", "yes"),
            ("first_due", "2025-01-01"),
            ("first_amount", "5000万元"),
            ("first_real", "3000万元"),
        ],
    );
    assert_eq!(stage.verdict("exit_first_stage", Some(staged)), Verdict::Holds(true));
    stage.go(LEAD, flagged, EntryKind::CloseDecision, "exited");
    assert_eq!(stage.state(flagged), "exited");
    assert!(
        stage.finding("exit_below_amount", Some(flagged)).is_none(),
        "a project that has left is flagged no more"
    );
}

#[test]
fn s33_a_changed_limit_shows_from_which_date_it_counts() {
    let mut stage = Stage::new("service_matrix", &["政务服务局", "规划建设局"]);
    let fields = [("limit_days", "10"), ("since", "2025-01-01"), ("department", "规划建设局")];
    let matter = stage.item("政务服务局", "matter", "施工许可证核发", &fields, &[]);
    stage.sync();
    stage.go("规划建设局", matter, EntryKind::Check, "checked");
    stage.sync();
    stage.go("政务服务局", matter, EntryKind::Publish, "issued");
    stage.done("政务服务局", matter, "revised");
    stage.set("政务服务局", matter, "limit_days", "5");
    stage.set("政务服务局", matter, "since", "2025-07-01");
    stage.go("政务服务局", matter, EntryKind::Check, "checked");
    stage.go("政务服务局", matter, EntryKind::Publish, "issued");
    let board = stage.board("政务服务局");
    assert_eq!(
        (stage.state(matter).as_str(), board.items[&matter].fields["since"].as_str()),
        ("issued", "2025-07-01")
    );
}

#[test]
fn s34_every_project_shows_one_named_first_responsible_person() {
    let mut stage = stage(&[]);
    let (bare, named) = (project(&mut stage, &[]), project(&mut stage, &[("first_responsible", "区长")]));
    assert_eq!(stage.verdict("named_person", Some(bare)), Verdict::Holds(false));
    assert_eq!(stage.verdict("named_person", Some(named)), Verdict::Holds(true));
}

fn difficulty_is_closed_by_its_raiser() {
    let mut stage = stage(&["甲旗", "供电公司"]);
    let project = project(&mut stage, &[]);
    let owner = tongban_tests::stage::unit("供电公司").to_string();
    let issue = stage.child("甲旗", project, "issue", "电力增容", &[("owner", &owner)], &[]);
    stage.write("甲旗", issue, EntryKind::Issue, |entry| entry.body = "电不够".into());
    stage.go("甲旗", issue, EntryKind::Dispatch, "assigned");
    stage.sync();
    stage.go("供电公司", issue, EntryKind::Answer, "solved");
    stage.sync();
    stage.go("供电公司", issue, EntryKind::Receipt, "confirmed");
    stage.sync();
    assert_eq!(stage.state(issue), "solved", "who solved it does not confirm it");
    assert_eq!(stage.verdict("open_issues", Some(project)), Verdict::Number(1.0));
    stage.go("甲旗", issue, EntryKind::Receipt, "confirmed");
    stage.sync();
    assert_eq!(
        (stage.state(issue).as_str(), stage.verdict("open_issues", Some(project))),
        ("confirmed", Verdict::Number(0.0))
    );
}

#[test]
fn s35_a_blockage_is_closed_by_who_raised_it() {
    difficulty_is_closed_by_its_raiser();
}

#[test]
fn s36_a_model_project_is_public_once_approved() {
    let mut stage = Stage::new("publicity", &[LEAD, "甲旗"]);
    let case = stage.item("甲旗", "case", "示范项目", &[("story", "做法")], &[]);
    stage.done("甲旗", case, "sorted");
    stage.sync();
    stage.go("甲旗", case, EntryKind::CloseDecision, "approved");
    stage.sync();
    assert_eq!(stage.state(case), "sorted");
    stage.go(LEAD, case, EntryKind::CloseDecision, "approved");
    stage.go(LEAD, case, EntryKind::Publish, "published");
    assert_eq!(stage.state(case), "published");
}

#[test]
fn s37_the_yearly_report_is_due_at_the_end_of_december() {
    let mut stage = Stage::new("statistics", &[LEAD, "甲旗", "乙旗"]);
    stage.today = "2025-12-01".into();
    let reports: Vec<ItemId> = ["甲旗", "乙旗"]
        .iter()
        .map(|name| {
            let unit = tongban_tests::stage::unit(name).to_string();
            let fields = [("year", "2025"), ("unit", unit.as_str()), ("figures", "签约 12 个")];
            stage.item(LEAD, "yearly_report", name, &fields, &[name])
        })
        .collect();
    stage.sync();
    assert!(matches!(
        stage.verdict("report_due", Some(reports[0])),
        Verdict::Due { days: 30, lamp: Lamp::OnTrack, .. }
    ));
    stage.go("甲旗", reports[0], EntryKind::Dispatch, "sent");
    stage.sync();
    assert_eq!(stage.groups("missing_reports").into_keys().collect::<Vec<_>>(), ["乙旗"]);
    assert!(matches!(stage.verdict("report_due", Some(reports[0])), Verdict::Due { lamp: Lamp::Done, .. }));
}

#[test]
fn s38_the_board_is_the_flow_of_phases_and_steps() {
    let mut stage = stage(&[]);
    let board = stage.board(LEAD);
    let phases: Vec<&str> =
        board.section_order().iter().map(|id| board.sections[id].title.as_str()).collect();
    assert_eq!(phases, ["前期", "中期", "后期"]);
    let parts = [("一", 3), ("二", 8), ("三", 3)];
    for (number, count) in parts {
        let section = stage.section(number);
        for step in 0..count {
            stage.put(LEAD, "step", &format!("环节 {step}"), &[], &[], Some(section), None);
        }
    }
    let board = stage.board(LEAD);
    let counts: Vec<usize> = board.section_order().iter().map(|id| board.items_of(*id).len()).collect();
    assert_eq!(counts, [3, 8, 3]);
    let page = stage.look(LEAD, tongban_shared::views::flow);
    assert_eq!(page.matches("<rect").count(), 15, "one page, fourteen steps on it");
}
