//! S39 to S61: projects and investment promotion of Hohhot.

use tongban_shared::entry::EntryKind;
use tongban_shared::fold::Lamp;
use tongban_shared::id::ItemId;
use tongban_shared::model::LinkKind;
use tongban_shared::rule::Verdict;
use tongban_shared::views::Light;
use tongban_tests::stage::{Stage, unit};

const CITY: &str = "市发展改革委";

#[test]
fn s39_a_card_moved_between_batches_is_counted_once_everywhere() {
    let mut stage = Stage::new("pipeline", &[CITY, "甲区"]);
    let (first, second) = (stage.section("一"), stage.section("二"));
    let mut cards = Vec::new();
    for number in 0..10 {
        let fields = [("year_plan", "1.5亿元"), ("cluster", "绿色农畜产品")];
        cards.push(stage.put(CITY, "project", &format!("项目 {number}"), &fields, &[], Some(first), None));
    }
    stage.sync();
    let to = |rank: &str| tongban_shared::edit::Edit::MoveItem {
        id: cards[0],
        section: second,
        rank: rank.into(),
    };
    // Both move the same card, apart.
    stage.edit(CITY, &[to("h")]);
    stage.edit("甲区", &[to("k")]);
    stage.sync();
    let groups = stage.groups("count_by_batch");
    assert_eq!((groups["储备一批"], groups["推进一批"]), (9.0, 1.0));
    assert_eq!(stage.groups("plan_by_batch")["推进一批"], 150_000_000.0);
    assert_eq!(stage.verdict("plan_total", None), Verdict::Number(1_500_000_000.0));
}

#[test]
fn s40_notes_taken_on_two_tablets_both_survive() {
    let mut stage = Stage::new("pipeline", &[CITY, "甲区"]);
    let project = stage.item(CITY, "project", "某项目", &[("level", "city"), ("leader", "包联领导")], &[]);
    stage.sync();
    stage.write(CITY, project, EntryKind::Instruction, |entry| entry.body = "抓紧办环评".into());
    stage.write("甲区", project, EntryKind::Report, |entry| entry.body = "土地已落实".into());
    stage.set(CITY, project, "problem", "环评未批");
    stage.set("甲区", project, "next_step", "本周报件");
    stage.sync();
    let notes = stage.look(CITY, |scene| scene.about(project).len());
    let board = stage.board("甲区");
    assert_eq!(notes, 2);
    assert_eq!(board.items[&project].fields["problem"], "环评未批");
    assert_eq!(board.items[&project].fields["next_step"], "本周报件");
}

#[test]
fn s41_a_start_date_moved_by_two_is_one_date() {
    let mut stage = Stage::new("pipeline", &[CITY, "甲区"]);
    let project = stage.item(CITY, "project", "某项目", &[("planned_start", "2025-04-01")], &[]);
    stage.sync();
    assert!(matches!(stage.verdict("start_due", Some(project)), Verdict::Due { lamp: Lamp::Overdue, .. }));
    stage.set(CITY, project, "planned_start", "2025-07-10");
    stage.set("甲区", project, "planned_start", "2025-08-20");
    stage.sync();
    let date = stage.board(CITY).items[&project].fields["planned_start"].clone();
    assert!(["2025-07-10", "2025-08-20"].contains(&date.as_str()), "never a mix: {date}");
    assert_eq!(stage.board("甲区").items[&project].fields["planned_start"], date);
    for name in ["上半年第一次", "上半年第二次"] {
        let event = stage.item(CITY, "group_start", name, &[("date", "2025-04-08")], &[]);
        stage.done(CITY, event, "held");
    }
    assert_eq!(stage.verdict("group_starts", None), Verdict::Number(2.0));
    stage.set(CITY, project, "real_start", "2025-06-10");
    assert!(matches!(stage.verdict("start_due", Some(project)), Verdict::Due { lamp: Lamp::Done, .. }));
}

#[test]
fn s42_a_full_row_of_seven_procedures_is_ready_to_start() {
    let mut stage = Stage::new("pipeline", &[CITY, "审批局"]);
    let rows: Vec<ItemId> =
        (0..3).map(|n| stage.item(CITY, "project", &format!("项目 {n}"), &[], &[])).collect();
    for (index, row) in rows.iter().enumerate() {
        for (number, sort) in
            ["approval", "land", "works", "eia", "energy", "water", "construction"].iter().enumerate()
        {
            let light = stage.child(CITY, *row, "procedure", sort, &[("sort", sort)], &[]);
            if index == 0 || number < 3 {
                stage.done(CITY, light, "done");
            }
        }
    }
    let full = rows
        .iter()
        .filter(|row| stage.verdict("procedures", Some(**row)) == Verdict::Of { part: 7, whole: 7 })
        .count();
    assert_eq!(full, 1);
    assert_eq!(stage.verdict("procedures", Some(rows[1])), Verdict::Of { part: 3, whole: 7 });
}

#[test]
fn s43_use_above_the_grant_warns() {
    let mut stage = Stage::new("register", &[CITY]);
    let within = stage.item(CITY, "need", "专项债", &[("granted", "2亿元"), ("used", "2亿元")], &[]);
    let above = stage.item(CITY, "need", "专项债", &[("granted", "2亿元"), ("used", "20001万元")], &[]);
    assert_eq!(stage.verdict("overused", Some(within)), Verdict::Holds(false));
    assert_eq!(stage.verdict("overused", Some(above)), Verdict::Holds(true));
}

#[test]
fn s44_an_idea_becomes_a_project() {
    let mut stage = Stage::new("pipeline", &[CITY]);
    let idea = stage.item(CITY, "project", "现代能源", &[("brand", "绿色算力")], &[]);
    assert_eq!(stage.state(idea), "introduced");
    stage.go(CITY, idea, EntryKind::Report, "early");
    assert_eq!(stage.state(idea), "early");
}

#[test]
fn s45_the_words_of_the_source_are_kept_beside_the_state() {
    let mut stage = Stage::new("pipeline", &[CITY]);
    let literal = [("接网", "connected"), ("全面开工", "started"), ("主体封顶", "building")];
    for (words, state) in literal {
        let fields = [("cluster", "新能源"), ("literal_state", words)];
        let project = stage.item(CITY, "project", words, &fields, &[]);
        stage.go(CITY, project, EntryKind::Report, state);
        assert_eq!(stage.state(project), state);
        assert_eq!(stage.board(CITY).items[&project].fields["literal_state"], words);
    }
    assert_eq!(stage.groups("count_by_cluster")["新能源"], 3.0);
}

#[test]
fn s46_a_park_without_output_has_no_data() {
    let mut stage = Stage::new("register", &[CITY]);
    let parks: Vec<ItemId> = [("1000亿元", 4), ("500亿元", 2), ("200亿元", 2)]
        .into_iter()
        .flat_map(|(tier, count)| vec![tier; count])
        .map(|tier| stage.item(CITY, "park", "园区", &[("tier", tier)], &[]))
        .collect();
    assert_eq!(parks.len(), 8);
    assert_eq!(stage.verdict("tier_reached", Some(parks[0])), Verdict::NoData);
    stage.set(CITY, parks[0], "output", "1080亿元");
    assert_eq!(stage.verdict("tier_reached", Some(parks[0])), Verdict::Holds(true));
}

#[test]
fn s47_sixty_six_catalogues_stand_in_their_chains() {
    let mut stage = Stage::new("register", &[CITY]);
    for number in 0..66 {
        let chain = if number % 2 == 0 { "乳业" } else { "新材料" };
        stage.item(CITY, "catalogue", &format!("目录 {number}"), &[("chain", chain), ("gap", "fill")], &[]);
    }
    let groups = stage.groups("catalogue_by_chain");
    assert_eq!((groups["乳业"], groups["新材料"]), (33.0, 33.0));
}

#[test]
fn s48_the_bodies_targets_are_compared_with_the_citys() {
    let mut stage = Stage::new("assessment", &["领导小组", "甲旗", "乙旗"]);
    let total =
        stage.item("领导小组", "city_target", "引进项目", &[("value", "1000"), ("measure", "个")], &[]);
    for (name, value) in [("甲旗", "450"), ("乙旗", "500")] {
        let body = unit(name).to_string();
        stage.child("领导小组", total, "body_target", name, &[("body", &body), ("value", value)], &[]);
    }
    assert_eq!(stage.verdict("targets_cover", Some(total)), Verdict::Holds(false), "950 do not cover 1000");
    let body = unit("甲旗").to_string();
    stage.child("领导小组", total, "body_target", "开发区", &[("body", &body), ("value", "50")], &[]);
    assert_eq!(stage.verdict("targets_cover", Some(total)), Verdict::Holds(true));
}

#[test]
fn s49_every_talk_has_an_owner_and_a_next_date() {
    let mut stage = Stage::new("clearance", &[CITY, "甲旗"]);
    let owner = unit("甲旗").to_string();
    let bare = stage.item(CITY, "talk", "某企业", &[("obstacle", "用地")], &[]);
    let whole = stage.item(CITY, "talk", "某企业", &[("owner", &owner), ("next_date", "2025-06-20")], &[]);
    assert_eq!(stage.verdict("talk_named", Some(bare)), Verdict::Holds(false));
    assert_eq!(stage.verdict("talk_named", Some(whole)), Verdict::Holds(true));
    assert!(matches!(stage.verdict("talk_due", Some(whole)), Verdict::Due { days: 5, .. }));
}

#[test]
fn s50_the_funnel_equals_the_lists() {
    let mut stage = Stage::new("clearance", &[CITY]);
    // The source's 703 signed and 254 started, one for a hundred: 7 and 3.
    let signed: Vec<ItemId> = (0..703)
        .map(|number| {
            stage.item(CITY, "signed_project", &format!("项目 {number}"), &[("signed_on", "2025-01-01")], &[])
        })
        .collect();
    for project in &signed[..254] {
        stage.go(CITY, *project, EntryKind::Report, "started");
    }
    let funnel = stage.groups("funnel");
    assert_eq!((funnel["started"], funnel["signed"]), (254.0, 449.0));
    let waiting = stage.finding("not_started", None).expect("the list");
    assert_eq!((waiting.verdict, waiting.because.items.len()), (Verdict::Number(449.0), 449));
}

#[test]
fn s51_equal_results_share_a_place_on_every_device() {
    let mut stage = Stage::new("assessment", &["领导小组", "甲旗", "乙旗", "丙旗", "丁旗"]);
    for (name, value) in [("甲旗", "88"), ("乙旗", "92"), ("丙旗", "88"), ("丁旗", "70")] {
        let body = unit(name).to_string();
        stage.item(name, "result", name, &[("body", &body), ("value", value), ("round", "2025-Q2")], &[]);
    }
    stage.sync();
    let Verdict::Ranks(ranks) = stage.verdict("ranking", None) else { panic!("ranks") };
    let places: Vec<(usize, &str)> = ranks.iter().map(|(place, name, _)| (*place, name.as_str())).collect();
    assert_eq!(places[0], (1, "乙旗"));
    assert_eq!((places[1].0, places[2].0, places[3]), (2, 2, (4, "丁旗")));
    let again = stage.look("丁旗", |scene| {
        tongban_shared::rule::findings(scene)
            .into_iter()
            .find(|one| one.rule == "ranking")
            .map(|one| one.verdict)
    });
    assert_eq!(again, Some(Verdict::Ranks(ranks)));
}

fn evaluation(stage: &mut Stage, lead: &'static str) -> ItemId {
    let item = stage.item(lead, "evaluation", "年度评价", &[("year", "2025"), ("pass_mark", "70")], &[]);
    stage.sync();
    item
}

#[test]
fn s52_scores_are_frozen_on_decision() {
    let mut stage = Stage::new("assessment", &["领导小组", "评委甲", "评委乙"]);
    let item = evaluation(&mut stage, "领导小组");
    stage.say("评委甲", item, EntryKind::Score, 80.0);
    stage.sync();
    stage.go("领导小组", item, EntryKind::CloseDecision, "passed");
    stage.sync();
    stage.say("评委乙", item, EntryKind::Score, 10.0);
    stage.say("评委甲", item, EntryKind::Score, 20.0);
    stage.sync();
    assert_eq!(stage.state(item), "passed");
    assert_eq!(stage.verdict("mean_score", Some(item)), Verdict::Number(80.0));
}

#[test]
fn s53_each_judges_score_is_kept_apart() {
    let mut stage = Stage::new("assessment", &["领导小组", "评委甲", "评委乙", "评委丙"]);
    let visit = stage.item("领导小组", "visit", "观摩点", &[("date", "2025-06-10")], &[]);
    stage.go("领导小组", visit, EntryKind::Visit, "held");
    stage.sync();
    for (name, score) in [("评委甲", 90.0), ("评委乙", 84.0), ("评委丙", 87.0)] {
        stage.say(name, visit, EntryKind::Score, score);
    }
    stage.sync();
    assert_eq!(stage.verdict("judges", Some(visit)), Verdict::Number(3.0));
    assert_eq!(stage.verdict("visit_mean", Some(visit)), Verdict::Number(87.0));
}

#[test]
fn s54_counts_per_cluster_add_up_to_eighty_five() {
    let mut stage = Stage::new("register", &[CITY]);
    for number in 0..85 {
        let cluster = ["乳业", "草种业", "清洁能源", "新材料", "生物医药", "电子信息"][number % 6];
        let fields = [("person", "干部"), ("cluster", cluster), ("level", "city"), ("post", "cadre")];
        stage.item(CITY, "person_posting", &format!("干部 {number}"), &fields, &[]);
    }
    stage.item(CITY, "person_posting", "旗区干部", &[("level", "banner"), ("cluster", "乳业")], &[]);
    let groups = stage.groups("team_by_cluster");
    assert_eq!((groups.len(), groups.values().sum::<f64>()), (6, 85.0));
}

#[test]
fn s55_a_lead_of_an_event_goes_on_as_a_talk() {
    let mut stage = Stage::new("register", &[CITY]);
    let event =
        stage.item(CITY, "session", "乳业大会", &[("date", "2025-05-20"), ("activity", "event")], &[]);
    stage.done(CITY, event, "held");
    // Leads of the event stand on the board of talks.
    let mut talks = Stage::new("register", &[CITY]).board_of_id(7);
    let talk = talks.item(CITY, "talk", "大会线索", &[("firm", "某企业")], &[]);
    stage.link(CITY, event, talks.id, talk, LinkKind::CountsFor);
    talks.go(CITY, talk, EntryKind::Visit, "talks");
    let leads = stage.links(event, &mut [&mut talks]);
    assert_eq!(leads.len(), 1);
    let (lead, title, light) = &leads[0];
    assert_eq!((title.as_str(), *light), ("大会线索", Some(Light::Going)));
    assert_eq!(talks.state(lead.item), "talks", "and leads to where the talk stands");
}

#[test]
fn s56_the_coverage_states_its_denominator_and_secret_matters_are_exempt() {
    let mut stage = Stage::new("service_matrix", &["行政审批局"]);
    for number in 0..12 {
        let online = if number < 7 { "yes" } else { "no" };
        let secret = if number >= 10 { "yes" } else { "no" };
        let fields = [("online", online), ("secret", secret)];
        stage.item("行政审批局", "matter", &format!("事项 {number}"), &fields, &[]);
    }
    assert_eq!(stage.verdict("online_share", None), Verdict::Of { part: 7, whole: 10 });
}

#[test]
fn s57_five_permits_of_one_day_are_seen_from_their_dates() {
    let mut stage = Stage::new("project_lifecycle", &["审批局"]);
    let project = stage.item("审批局", "project", "拿地即开工", &[], &[]);
    let permits: Vec<ItemId> = (0..5)
        .map(|n| {
            stage.child(
                "审批局",
                project,
                "permit",
                &format!("证 {n}"),
                &[("date", "2025-06-10")],
                &["审批局"],
            )
        })
        .collect();
    for permit in &permits {
        stage.done("审批局", *permit, "issued");
    }
    assert_eq!(stage.verdict("permits", Some(project)), Verdict::Of { part: 5, whole: 5 });
    assert_eq!(stage.verdict("permit_days", Some(project)), Verdict::Number(1.0), "one day");
    stage.set("审批局", permits[4], "date", "2025-06-11");
    assert_eq!(stage.verdict("permit_days", Some(project)), Verdict::Number(2.0));
}

#[test]
fn s58_a_handover_needs_the_giver_and_the_taker() {
    let mut stage = Stage::new("project_lifecycle", &["审批局", "土地专班", "规划专班"]);
    let project = stage.item("审批局", "project", "接力", &[], &[]);
    let legs: Vec<ItemId> = ["土地", "规划", "建设", "竣工"]
        .iter()
        .map(|name| stage.child("审批局", project, "leg", name, &[], &["土地专班"]))
        .collect();
    stage.sync();
    stage.go("土地专班", legs[0], EntryKind::Accept, "running");
    stage.go("土地专班", legs[0], EntryKind::Handover, "handed");
    stage.go("土地专班", legs[0], EntryKind::Accept, "taken");
    stage.sync();
    assert_eq!(stage.state(legs[0]), "handed", "nobody hands over to himself");
    stage.go("规划专班", legs[0], EntryKind::Accept, "taken");
    stage.sync();
    assert_eq!(stage.state(legs[0]), "taken");
    assert_eq!(stage.verdict("legs", Some(project)), Verdict::Of { part: 1, whole: 4 });
}

#[test]
fn s59_a_firm_sees_its_helper_and_the_state() {
    let mut stage = Stage::new("service_matrix", &["市帮办中心", "甲旗大厅"]);
    let project = stage.item("市帮办中心", "project", "某企业", &[], &[]);
    let case = stage.child("市帮办中心", project, "case", "代办", &[("hall", "甲旗大厅")], &[]);
    stage.sync();
    stage.set("甲旗大厅", case, "specialist", "帮办员");
    stage.go("甲旗大厅", case, EntryKind::Accept, "filed");
    stage.sync();
    assert_eq!(stage.board("市帮办中心").items[&case].fields["specialist"], "帮办员");
    assert_eq!(stage.state(case), "filed");
}

#[test]
fn s60_what_remains_is_stock_less_cleared_and_can_be_named() {
    let mut stage = Stage::new("clearance", &[CITY]);
    let stopped: Vec<ItemId> = (0..13)
        .map(|n| {
            let cleared = if n < 10 { "1" } else { "0" };
            let fields = [("sort", "stopped"), ("quantity", "1"), ("cleared", cleared), ("measure", "个")];
            stage.item(CITY, "stock", &format!("停工项目 {n}"), &fields, &[])
        })
        .collect();
    let land = [("sort", "idle_land"), ("quantity", "1.2"), ("cleared", "0.6"), ("measure", "万亩")];
    stage.item(CITY, "stock", "闲置土地", &land, &[]);
    let groups = stage.groups("remaining");
    assert_eq!((groups["stopped"], groups["idle_land"]), (3.0, 0.6));
    for item in &stopped {
        stage.go(CITY, *item, EntryKind::Report, "handled");
        stage.go(CITY, *item, EntryKind::Check, "verified");
        stage.go(CITY, *item, EntryKind::CloseDecision, "cleared");
    }
    let named = stopped.iter().filter(|item| stage.state(**item) != "cleared").count();
    assert_eq!(named, 3, "what is not cleared cannot be struck off");
}

#[test]
fn s61_a_number_on_the_page_traces_to_its_source() {
    let mut stage = Stage::new("publicity", &[CITY]);
    let bare = stage.item(CITY, "tally", "开工项目", &[("value", "254"), ("year", "2022")], &[]);
    stage.go(CITY, bare, EntryKind::CloseDecision, "approved");
    assert_eq!(
        (stage.state(bare).as_str(), stage.verdict("traced", Some(bare))),
        ("draft", Verdict::Holds(false))
    );
    stage.set(CITY, bare, "source", "市统计局月报");
    assert_eq!(
        (stage.state(bare).as_str(), stage.verdict("traced", Some(bare))),
        ("approved", Verdict::Holds(true))
    );
}
