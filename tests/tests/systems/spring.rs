//! S85 to S96: the spring campaign of Ordos.

use tongban_shared::edit::NewIndicator;
use tongban_shared::entry::EntryKind;
use tongban_shared::fold::{Lamp, Standing};
use tongban_shared::id::ItemId;
use tongban_shared::import::Operator;
use tongban_shared::model::{Feed, LinkKind, Target};
use tongban_shared::rule::Verdict;
use tongban_shared::views::{Across, Light, Matrix};
use tongban_shared::words::Lang;
use tongban_tests::stage::{Stage, unit};

const LEAD: &str = "市发展改革委";
const APPROVALS: &str = "审批部门";

fn stage() -> Stage {
    Stage::new("campaign", &[LEAD, APPROVALS, "康巴什区", "市政府办"])
}

fn session(stage: &mut Stage, title: &str, fields: &[(&str, &str)]) -> ItemId {
    let item = stage.item(LEAD, "session", title, fields, &[]);
    stage.sync();
    item
}

#[test]
fn s85_ten_sessions_and_four_actions() {
    let mut stage = stage();
    let sessions: Vec<ItemId> = (0..10).map(|n| session(&mut stage, &format!("专场 {n}"), &[])).collect();
    let board = stage.board(LEAD);
    assert_eq!(board.section_order().len(), 4);
    stage.done(LEAD, sessions[0], "dated");
    assert_eq!(stage.state(sessions[0]), "planned", "without a date nothing is dated");
    stage.set(LEAD, sessions[0], "date", "2025-06-16");
    stage.set(LEAD, sessions[0], "minutes", "230");
    assert_eq!(stage.state(sessions[0]), "dated");
    // 20 + 120 + 90 minutes.
    assert_eq!(stage.board(LEAD).items[&sessions[0]].fields["minutes"], "230");
    // The grid of sessions and actions: what is done in an action is a child in its section.
    for number in ["一", "二", "三", "四"] {
        let section = stage.section(number);
        stage.put(LEAD, "duty", "本行动的任务", &[], &[], Some(section), Some(sessions[0]));
    }
    stage.look(LEAD, |scene| {
        let across = Across::Sections { kind: "session".into() };
        let grid = Matrix::new(scene, &across, Lang::Hans);
        assert_eq!((grid.rows.len(), grid.columns.len()), (10, 4));
        let cells = grid.cells(scene, &grid.rows[0]);
        assert!(cells.iter().all(|cell| cell.as_ref().is_some_and(|cell| cell.light == Light::NotStarted)));
    });
}

#[test]
fn s86_a_whole_session_runs_without_a_network() {
    let mut stage = stage();
    let session = session(&mut stage, "园区专场", &[("date", "2025-06-15")]);
    let projects: Vec<ItemId> = (1..=5)
        .map(|n| {
            stage.child(
                APPROVALS,
                session,
                "project",
                &format!("企业 {n}"),
                &[("order", &n.to_string())],
                &[],
            )
        })
        .collect();
    for project in &projects {
        let procedure = stage.child(
            APPROVALS,
            *project,
            "procedure",
            "立项",
            &[("sort", "approval"), ("level", "city")],
            &[APPROVALS],
        );
        stage.go(APPROVALS, *project, EntryKind::Accept, "at_seat");
        stage.done(APPROVALS, procedure, "approved");
        stage.done(APPROVALS, *project, "done");
    }
    stage.sync();
    let done = projects.iter().filter(|project| stage.state(**project) == "done").count();
    assert_eq!(done, 5);
}

fn procedures(stage: &mut Stage, session: ItemId, outcomes: &[(&str, usize)]) -> Vec<ItemId> {
    let project = stage.child(LEAD, session, "project", "某企业", &[], &[]);
    stage.sync();
    let mut all = Vec::new();
    for (outcome, count) in outcomes {
        for number in 0..*count {
            let level = if number % 2 == 0 { "city" } else { "banner" };
            let one =
                stage.child(APPROVALS, project, "procedure", outcome, &[("level", level)], &[APPROVALS]);
            stage.go(APPROVALS, one, EntryKind::Check, "ready");
            stage.write(APPROVALS, one, EntryKind::Outcome, |entry| {
                entry.to = Some((*outcome).to_owned());
                entry.due = (*outcome == "with_gaps").then(|| "2025-06-10".to_owned());
            });
            all.push(one);
        }
    }
    stage.sync();
    all
}

#[test]
fn s87_counts_by_outcome_equal_the_briefs_numbers() {
    let mut stage = stage();
    let session = session(&mut stage, "专场", &[("date", "2025-06-14")]);
    let all = procedures(&mut stage, session, &[("approved", 9), ("with_gaps", 4), ("forwarded", 3)]);
    let groups = stage.groups("outcomes");
    assert_eq!((groups["approved"], groups["with_gaps"], groups["forwarded"]), (9.0, 4.0, 3.0));
    let words = stage.look(LEAD, |scene| {
        let found = tongban_shared::rule::findings(scene).into_iter().find(|one| one.rule == "outcomes");
        found.map(|found| found.sentence(scene, tongban_shared::words::Lang::Hans)).unwrap_or_default()
    });
    assert!(words.contains("容缺审批 4") && words.contains("转报上报 3"), "{words}");
    let gap = all[9];
    assert!(matches!(
        stage.verdict("gap_due", Some(gap)),
        Verdict::Due { days: -5, lamp: Lamp::Overdue, .. }
    ));
    stage.go(APPROVALS, gap, EntryKind::Check, "made_up");
    stage.sync();
    assert_eq!(stage.groups("outcomes")["made_up"], 1.0);
}

#[test]
fn s87_an_approval_with_gaps_needs_its_date() {
    let mut stage = stage();
    let session = session(&mut stage, "专场", &[]);
    let project = stage.child(LEAD, session, "project", "某企业", &[], &[]);
    stage.sync();
    let one = stage.child(APPROVALS, project, "procedure", "环评", &[("sort", "eia")], &[APPROVALS]);
    stage.done(APPROVALS, one, "with_gaps");
    stage.sync();
    assert_eq!(stage.state(one), "proposed");
}

#[test]
fn s88_the_brief_is_due_the_day_after_and_its_table_equals_the_cells() {
    let mut stage = stage();
    let session = session(&mut stage, "专场", &[("date", "2025-06-14")]);
    procedures(&mut stage, session, &[("approved", 5), ("with_gaps", 2)]);
    assert!(matches!(
        stage.verdict("brief_due", Some(session)),
        Verdict::Due { days: 0, lamp: Lamp::DueSoon, .. }
    ));
    let groups = stage.groups("outcomes");
    let mut paper = Stage::new("publicity", &[LEAD]);
    let (approved, gaps) = (groups["approved"].to_string(), groups["with_gaps"].to_string());
    let fields = [
        ("held_on", "2025-06-14"),
        ("approved", approved.as_str()),
        ("with_gaps", gaps.as_str()),
        ("story", "简报"),
    ];
    let brief = paper.item(LEAD, "brief", "简报", &fields, &[]);
    paper.go(LEAD, brief, EntryKind::Brief, "printed");
    let board = paper.board(LEAD);
    assert_eq!(
        (board.items[&brief].fields["approved"].as_str(), paper.state(brief).as_str()),
        ("5", "printed")
    );
    stage.done(LEAD, session, "dated");
    stage.done(LEAD, session, "held");
    stage.go(LEAD, session, EntryKind::Brief, "briefed");
    assert!(matches!(stage.verdict("brief_due", Some(session)), Verdict::Due { lamp: Lamp::Done, .. }));
}

#[test]
fn s89_over_the_cap_is_shown_with_who_came_last_and_nobody_is_dropped() {
    let mut stage = stage();
    let session = session(&mut stage, "座谈", &[]);
    let mut last = Vec::new();
    for number in 0..8 {
        stage.child(LEAD, session, "attendee", &format!("市直 {number}"), &[("side", "city")], &[]);
        last.push(stage.child(
            "康巴什区",
            session,
            "attendee",
            &format!("区直 {number}"),
            &[("side", "city")],
            &[],
        ));
    }
    for number in 0..10 {
        stage.child("康巴什区", session, "attendee", &format!("旗区 {number}"), &[("side", "banner")], &[]);
    }
    stage.sync();
    let found = stage.finding("seats", Some(session)).expect("a cap");
    assert_eq!(found.verdict, Verdict::Holds(false));
    let counts: Vec<&str> = found.because.values.iter().map(|(_, count)| count.as_str()).collect();
    assert_eq!(counts, ["16/15", "10/10", "0/15"]);
    assert_eq!(found.because.items, [last[7]], "who was last");
    assert_eq!(stage.look(LEAD, |scene| scene.children(session).len()), 26, "nobody is dropped");
    let question = stage.child("康巴什区", session, "question", "用电", &[("firm", "某企业")], &[]);
    stage.write(APPROVALS, question, EntryKind::Answer, |entry| {
        (entry.to, entry.due) = (Some("answered".into()), Some("2025-06-30".into()));
        entry.body = "月底前增容".into();
    });
    stage.sync();
    assert!(matches!(stage.verdict("promise_due", Some(question)), Verdict::Due { days: 15, .. }));
}

#[test]
fn s90_notes_of_several_visitors_on_one_site_are_all_kept() {
    let mut stage = stage();
    let session = session(&mut stage, "调研", &[]);
    let site = stage.child(LEAD, session, "site", "某工地", &[("venue", "main")], &[]);
    stage.done(LEAD, site, "chosen");
    stage.sync();
    for name in [LEAD, APPROVALS, "康巴什区"] {
        stage.write(name, site, EntryKind::Visit, |entry| {
            (entry.to, entry.body) = (Some("visited".into()), format!("{name}的记录"));
        });
    }
    stage.sync();
    let notes = stage
        .look(LEAD, |scene| scene.about(site).iter().filter(|entry| entry.kind == EntryKind::Visit).count());
    assert_eq!((stage.state(site).as_str(), notes), ("visited", 3));
}

#[test]
fn s91_a_need_ends_answered_or_open_with_an_owner() {
    let mut stage = stage();
    let open = stage.item("康巴什区", "need", "融资政策", &[("work", "金融")], &[]);
    stage.sync();
    assert_eq!(stage.verdict("need_owner", Some(open)), Verdict::Holds(false));
    stage.set(LEAD, open, "owner", &unit(APPROVALS).to_string());
    assert_eq!(stage.verdict("need_owner", Some(open)), Verdict::Holds(true));
    stage.sync();
    stage.go(LEAD, open, EntryKind::Dispatch, "team");
    stage.sync();
    stage.go(APPROVALS, open, EntryKind::Visit, "visited");
    stage.go(APPROVALS, open, EntryKind::Answer, "answered");
    stage.sync();
    assert_eq!(stage.state(open), "answered");
    assert!(stage.finding("need_owner", Some(open)).is_none());
    assert_eq!(stage.groups("needs_by_field")["金融"], 1.0);
}

#[test]
fn s92_a_policy_older_than_three_years_is_marked() {
    let mut stage = Stage::new("policy_library", &[LEAD]);
    let policy = |stage: &mut Stage, date: &str| {
        let item = stage.item(
            LEAD,
            "policy",
            "某政策",
            &[("date", date), ("level", "city"), ("department", "市工信局")],
            &[],
        );
        stage.go(LEAD, item, EntryKind::Publish, "in_force");
        item
    };
    let (old, new) = (policy(&mut stage, "2022-06-01"), policy(&mut stage, "2023-06-01"));
    assert!(matches!(
        stage.verdict("older_than_three_years", Some(old)),
        Verdict::Due { lamp: Lamp::Overdue, .. }
    ));
    assert!(matches!(
        stage.verdict("older_than_three_years", Some(new)),
        Verdict::Due { lamp: Lamp::OnTrack, .. }
    ));
    assert_eq!(stage.groups("by_department")["市工信局"], 2.0);
}

#[test]
fn s93_ten_sessions_keep_ten_separate_ticks() {
    let mut stage = stage();
    let sessions: Vec<ItemId> = (0..10).map(|n| session(&mut stage, &format!("专场 {n}"), &[])).collect();
    let mut duties = Vec::new();
    for one in &sessions {
        for number in 0..14 {
            duties.push(stage.child(LEAD, *one, "duty", &format!("分工 {number}"), &[], &["市政府办"]));
        }
    }
    stage.sync();
    for duty in &duties[..14] {
        stage.go("市政府办", *duty, EntryKind::Report, "done");
    }
    stage.go("市政府办", duties[14], EntryKind::Report, "done");
    stage.sync();
    let ticks: Vec<Verdict> = sessions.iter().map(|one| stage.verdict("duties_done", Some(*one))).collect();
    assert_eq!(ticks[0], Verdict::Of { part: 14, whole: 14 });
    assert_eq!(ticks[1], Verdict::Of { part: 1, whole: 14 });
    assert!(ticks[2..].iter().all(|one| *one == Verdict::Of { part: 0, whole: 14 }));
}

#[test]
fn s94_coverage_is_listed_once_published() {
    let mut stage = Stage::new("publicity", &["市委宣传部"]);
    for (number, sort) in ["tv", "paper", "new_media", "new_media"].iter().enumerate() {
        let fields = [("sort", *sort), ("date", "2025-06-14"), ("link", "https://example.com/")];
        let item = stage.item("市委宣传部", "coverage", &format!("报道 {number}"), &fields, &[]);
        if number > 0 {
            stage.go("市委宣传部", item, EntryKind::Publish, "published");
        }
    }
    let groups = stage.groups("coverage_by_kind");
    assert_eq!((groups.get("tv"), groups["paper"], groups["new_media"]), (None, 1.0, 2.0));
}

#[test]
fn s95_the_city_session_has_one_level() {
    let mut stage = stage();
    let session = session(&mut stage, "市直专场", &[("place", "市政务服务中心"), ("minutes", "20")]);
    let project = stage.child(LEAD, session, "project", "市级项目", &[], &[]);
    stage.sync();
    for sort in ["approval", "land", "energy", "eia", "forest", "grass", "water", "construction"] {
        let one = stage.child(
            APPROVALS,
            project,
            "procedure",
            sort,
            &[("sort", sort), ("level", "city")],
            &[APPROVALS],
        );
        stage.done(APPROVALS, one, "approved");
    }
    stage.sync();
    let levels = stage.groups("outcomes_by_level");
    assert_eq!((levels.len(), levels["city"]), (1, 8.0));
    assert_eq!(stage.verdict("procedures_done", Some(project)), Verdict::Of { part: 8, whole: 8 });
}

#[test]
fn s96_results_count_in_both_campaigns_once_each() {
    let mut parent = stage();
    let (mut spring, mut second) = (stage().board_of_id(7), stage().board_of_id(8));
    for (child, outcomes) in [(&mut spring, 6), (&mut second, 2)] {
        let session = session(child, "专场", &[("date", "2025-06-14")]);
        procedures(child, session, &[("approved", outcomes)]);
        let part = parent.item(LEAD, "subcampaign", "暖企春风行动", &[], &[]);
        parent.link(LEAD, part, child.id, session, LinkKind::ChildOfPlan);
        let there = parent.links(part, &mut [child]);
        assert_eq!(there.len(), 1, "the part leads to its campaign");
        let back = child.links(session, &mut [&mut parent]);
        assert_eq!(
            back.iter().map(|(end, title, _)| (end.item, title.as_str())).collect::<Vec<_>>(),
            [(part, "暖企春风行动")]
        );
    }
    let own = session(&mut parent, "审批周专场", &[("date", "2025-06-15")]);
    procedures(&mut parent, own, &[("approved", 1)]);
    let results = Target { op: Operator::AtLeast, value: 8.0, unit: "件".into(), ..Target::default() };
    let new =
        || NewIndicator { name: "办结手续".into(), target: results.clone(), ..NewIndicator::default() };
    let id = parent.indicator(LEAD, new());
    parent.sync();
    // Two devices name the same campaigns, one of them twice: each counts once.
    let feed = Feed {
        rule: "outcomes".into(),
        group: Some("approved".into()),
        board: None,
        also: [spring.id, second.id, parent.id].into(),
    };
    parent.feed(LEAD, id, feed.clone());
    parent.feed(APPROVALS, id, feed);
    parent.sync();
    assert_eq!(parent.filled(id, &mut [&mut spring, &mut second]), (Some(9.0), Standing::Met));
    // In the campaign below its own results count as well.
    let below = spring.indicator(LEAD, new());
    let own = Feed { rule: "outcomes".into(), group: Some("approved".into()), ..Feed::default() };
    spring.feed(LEAD, below, own);
    assert_eq!(spring.filled(below, &mut []), (Some(6.0), Standing::Short(2.0)));
    assert_eq!(parent.filled(id, &mut [&mut spring]).0, None, "a sum that lacks a part is none");
}
