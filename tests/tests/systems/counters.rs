//! S11 to S17: the six doubling plans of notice 64 as registers that feed their targets.

use crate::plans::target;
use tongban_shared::edit::NewIndicator;
use tongban_shared::entry::EntryKind;
use tongban_shared::fold::Standing;
use tongban_shared::id::IndicatorId;
use tongban_shared::import::Operator;
use tongban_shared::model::{Feed, Target};
use tongban_shared::rule::Verdict;
use tongban_tests::stage::Stage;

/// A plan whose one target is filled by a rule of a register.
fn plan(
    lead: &'static str,
    target: Target,
    register: &Stage,
    rule: &str,
    group: Option<&str>,
) -> (Stage, IndicatorId) {
    let mut plan = Stage::new("measure_plan", &[lead]).board_of_id(9);
    let id = plan.indicator(lead, NewIndicator { name: rule.into(), target, ..NewIndicator::default() });
    let group = group.map(str::to_owned);
    plan.feed(lead, id, Feed { board: Some(register.id), rule: rule.into(), group, ..Feed::default() });
    (plan, id)
}

#[test]
fn s11_the_counter_equals_persons_and_not_lines() {
    let mut stage = Stage::new("register", &["市教育局", "北京学校"]);
    let send = |stage: &mut Stage, by: &'static str, person: &str, direction: &str| {
        let fields = [("person", person), ("direction", direction), ("year", "2024"), ("post", "teacher")];
        let item = stage.item(by, "person_posting", person, &fields, &[]);
        stage.done(by, item, "sent");
    };
    for number in 0..52 {
        send(&mut stage, "市教育局", &format!("教师{number}"), "to_beijing");
    }
    // Both sides enter nine of them, one with blanks and wide digits.
    for number in 0..9 {
        send(&mut stage, "北京学校", &format!("教师{number} "), "to_beijing");
    }
    for number in 0..8 {
        send(&mut stage, "北京学校", &format!("来蒙教师{number}"), "from_beijing");
    }
    stage.sync();
    assert_eq!(stage.verdict("persons_to_beijing", None), Verdict::Number(52.0));
    assert_eq!(stage.verdict("persons_from_beijing", None), Verdict::Number(8.0));
    // The roster feeds the plan: 50 to 60 a year to Beijing, 8 to 10 from there.
    let between = |from, to| Target { value2: Some(to), ..target(Operator::Between, from, "人") };
    let (mut sent, id) = plan("市教育局", between(50.0, 60.0), &stage, "persons_to_beijing", None);
    assert_eq!(sent.filled(id, &mut [&mut stage]), (Some(52.0), Standing::Met));
    assert_eq!(sent.filled(id, &mut []), (None, Standing::NoData), "the roster is not at hand");
    let (mut came, id) = plan("市教育局", between(8.0, 10.0), &stage, "persons_from_beijing", None);
    assert_eq!(came.filled(id, &mut [&mut stage]), (Some(8.0), Standing::Met));
    // One person may stand in two rosters: they are not added up.
    let mut other = Stage::new("register", &["市教育局"]).board_of_id(5);
    let both = [stage.id, other.id].into();
    came.feed(
        "市教育局",
        id,
        Feed { rule: "persons_to_beijing".into(), also: both, board: Some(stage.id), group: None },
    );
    assert_eq!(came.filled(id, &mut [&mut stage, &mut other]).0, None);
}

#[test]
fn s12_the_ratio_shows_its_denominator() {
    let mut stage = Stage::new("pairing", &["市卫健委"]);
    for number in 0..14 {
        let fields = [("local", "旗医院"), ("specialty", "胸痛"), ("since", "2024-03-01")];
        let pair = stage.item("市卫健委", "pair", &format!("医院 {number}"), &fields, &[]);
        if number < 7 {
            for state in ["agreed", "active", "stable"] {
                stage.done("市卫健委", pair, state);
            }
        }
    }
    let found = stage.finding("stable_share", None).expect("a ratio");
    assert_eq!(found.verdict, Verdict::Of { part: 7, whole: 14 });
    assert_eq!(found.because.items.len(), 14, "and which institutions count");
    let half = target(Operator::AtLeast, 50.0, "%");
    let (mut aims, id) = plan("市卫健委", half, &stage, "stable_share", None);
    assert_eq!(aims.filled(id, &mut [&mut stage]), (Some(50.0), Standing::Met));
    stage.item("市卫健委", "pair", "第十五家", &[("local", "旗医院")], &[]);
    assert!(
        matches!(aims.filled(id, &mut [&mut stage]).1, Standing::Short(gap) if (3.0..4.0).contains(&gap))
    );
}

#[test]
fn s13_consultations_of_two_devices_add_up() {
    let mut stage = Stage::new("pairing", &["旗医院", "北京医院"]);
    let pair = stage.item("旗医院", "pair", "远程会诊", &[("specialty", "卒中")], &[]);
    stage.sync();
    for _ in 0..3 {
        stage.say("旗医院", pair, EntryKind::Value, 2.0);
        stage.say("北京医院", pair, EntryKind::Value, 5.0);
    }
    stage.sync();
    stage.sync();
    assert_eq!(stage.verdict("consultations", Some(pair)), Verdict::Number(21.0));
}

#[test]
fn s14_sales_add_and_a_correction_replaces_itself_only() {
    let mut stage = Stage::new("register", &["市乡村振兴局", "甲旗", "乙旗"]);
    let sale = |stage: &mut Stage, by: &'static str, amount: &str, scope: &str| {
        let fields = [("amount", amount), ("scope", scope), ("channel", "online")];
        stage.item(by, "sale", "牛羊肉", &fields, &[])
    };
    let first = sale(&mut stage, "甲旗", "6亿元", "two_banners");
    sale(&mut stage, "乙旗", "4.5亿元", "two_banners");
    sale(&mut stage, "乙旗", "9亿元", "others");
    stage.sync();
    stage.set("甲旗", first, "amount", "6.5亿元");
    stage.sync();
    let groups = stage.groups("sales_by_scope");
    assert_eq!((groups["two_banners"], groups["others"]), (1_100_000_000.0, 900_000_000.0));
    // Above 10亿元 for the two banners, not yet above 15亿元 elsewhere.
    let sold = |group: &str, value: f64, stage: &mut Stage| {
        let aim = target(Operator::MoreThan, value, "亿元");
        let (mut aims, id) = plan("市乡村振兴局", aim, stage, "sales_by_scope", Some(group));
        aims.filled(id, &mut [stage])
    };
    assert_eq!(sold("two_banners", 10.0, &mut stage), (Some(11.0), Standing::Met));
    assert_eq!(sold("others", 15.0, &mut stage), (Some(9.0), Standing::Short(6.0)));
}

#[test]
fn s15_the_mean_spending_is_never_summed() {
    let mut stage = Stage::new("register", &["市文旅广局", "甲旗"]);
    for (by, people, spending) in [("市文旅广局", "100", "1400"), ("甲旗", "60", "1240")] {
        stage.item(by, "flow", "冬季", &[("people", people), ("spending", spending)], &[]);
    }
    stage.sync();
    assert_eq!(stage.verdict("visitors", None), Verdict::Number(160.0));
    assert_eq!(stage.verdict("mean_spending", None), Verdict::Number(1340.0));
    let (mut people, id) =
        plan("市文旅广局", target(Operator::MoreThan, 150.0, "万人次"), &stage, "visitors", None);
    assert_eq!(people.filled(id, &mut [&mut stage]), (Some(160.0), Standing::Met));
    let (mut spending, id) =
        plan("市文旅广局", target(Operator::MoreThan, 1300.0, "元"), &stage, "mean_spending", None);
    assert_eq!(spending.filled(id, &mut [&mut stage]), (Some(1340.0), Standing::Met));
    // The registers of two banners add their visitors, never their means.
    let mut banner = Stage::new("register", &["乙旗"]).board_of_id(5);
    banner.item("乙旗", "flow", "夏季", &[("people", "40"), ("spending", "900")], &[]);
    let mut added = |rule: &str, stage: &mut Stage, banner: &mut Stage| {
        let also = [banner.id].into();
        people.feed("市文旅广局", id, Feed { board: Some(stage.id), rule: rule.into(), group: None, also });
        people.filled(id, &mut [stage, banner]).0
    };
    assert_eq!(added("mean_spending", &mut stage, &mut banner), None);
}

#[test]
fn s16_the_share_for_industry_shows_both_numbers() {
    let mut stage = Stage::new("register", &["市乡村振兴局"]);
    for (amount, industry) in [("6500万元", "yes"), ("2000万元", "no"), ("1500万元", "no")] {
        stage.item(
            "市乡村振兴局",
            "fund_use",
            "京蒙协作资金",
            &[("amount", amount), ("industry", industry)],
            &[],
        );
    }
    let found = stage.finding("industry_share", None).expect("a share");
    assert_eq!(found.verdict, Verdict::Number(65.0));
    assert_eq!(found.because.items.len(), 3);
    let (mut fund, id) =
        plan("市乡村振兴局", target(Operator::AtLeast, 65.0, "%"), &stage, "industry_share", None);
    assert_eq!(fund.filled(id, &mut [&mut stage]), (Some(65.0), Standing::Met));
    let firm = stage.item("市乡村振兴局", "firm", "食品厂", &[("investment", "1200万元")], &[]);
    for state in ["intent", "signed", "landed"] {
        stage.done("市乡村振兴局", firm, state);
    }
    assert_eq!(stage.state(firm), "landed");
}

#[test]
fn s17_progress_is_measured_from_the_baseline() {
    let mut stage = Stage::new("register", &["市科技局"]);
    for number in 0..5 {
        let baseline = if number < 3 { "yes" } else { "no" };
        let fields = [("sort", "platform"), ("baseline", baseline)];
        let item = stage.item("市科技局", "platform", &format!("平台 {number}"), &fields, &[]);
        stage.done("市科技局", item, "there");
    }
    assert_eq!(stage.groups("bodies")["platform"], 5.0);
    // From 3 to 8: five platforms are two of the five to be added.
    assert_eq!(stage.groups("bodies_added")["platform"], 2.0);
    let five = target(Operator::AtLeast, 5.0, "个");
    let (mut aims, id) = plan("市科技局", five, &stage, "bodies_added", Some("platform"));
    assert_eq!(aims.filled(id, &mut [&mut stage]), (Some(2.0), Standing::Short(3.0)));
    let challenge =
        stage.item("市科技局", "challenge", "极寒试验", &[("need", "设备"), ("claimant", "研究所")], &[]);
    for state in ["claimed", "contracted", "delivered"] {
        stage.done("市科技局", challenge, state);
    }
    assert_eq!(stage.state(challenge), "delivered");
}
