//! Unit lists in the forms that careful clerks write them, one line each: what is named, in which
//! role; and what must never be taken for a unit.

use tongban_shared::import::{DoubtKind, FILES, Role, read};
use tongban_shared::words::{Lang, Word};

/// Roles and units of the only measure of a small plan.
fn units(measure: &str) -> Vec<(Role, Vec<String>)> {
    let text = format!(
        "某某市某某工作实施方案\n一、重点任务\n（一）{measure}\n（二）另一件事。（责任单位：市档案馆）\n"
    );
    let draft = read(&text).expect("readable");
    let items: Vec<_> = draft.documents[0].boards[0].items().collect();
    assert_eq!(items.len(), 2, "{measure}");
    items[0].assignments.iter().map(|one| (one.role, one.units.clone())).collect()
}

fn check(measure: &str, expected: &[(Role, &[&str])]) {
    let found = units(measure);
    let found: Vec<(Role, Vec<&str>)> =
        found.iter().map(|(role, units)| (*role, units.iter().map(String::as_str).collect())).collect();
    let expected: Vec<(Role, Vec<&str>)> =
        expected.iter().map(|(role, units)| (*role, units.to_vec())).collect();
    assert_eq!(found, expected, "{measure}");
}

use Role::{Co, Guide, Implement, Lead, Participant, Responsible};

#[test]
fn roles_come_from_labels_and_verbs() {
    check(
        "扩大规模。〔市农牧局牵头，市科技局、农牧科学研究所配合〕",
        &[(Lead, &["市农牧局"]), (Co, &["市科技局", "农牧科学研究所"])],
    );
    check(
        "加强监管。（商务部牵头，文化和旅游部、中国证监会参加）",
        &[(Lead, &["商务部"]), (Participant, &["文化和旅游部", "中国证监会"])],
    );
    check(
        "抓好落实。（牵头单位：市发改委；责任单位：市财政局；指导单位：市统计局；实施单位：各旗县区人民政府）",
        &[
            (Lead, &["市发改委"]),
            (Responsible, &["市财政局"]),
            (Guide, &["市统计局"]),
            (Implement, &["各旗县区人民政府"]),
        ],
    );
    check(
        "制定规划。由市发改委、市财政局共同牵头，各旗县区人民政府配合落实。",
        &[(Lead, &["市发改委", "市财政局"]), (Co, &["各旗县区人民政府"])],
    );
    check(
        "落实资金。责任单位：市发改委、财政局。配合单位：市科技局。",
        &[(Responsible, &["市发改委", "市财政局"]), (Co, &["市科技局"])],
    );
    check(
        "建立台账。此项工作由市发改委负责，市财政局配合。",
        &[(Responsible, &["市发改委"]), (Co, &["市财政局"])],
    );
    check(
        "强化保障。落实税费优惠。市财政局、自然资源局按职责分工负责。",
        &[(Responsible, &["市财政局", "市自然资源局"])],
    );
    check(
        "压实责任。（主责单位：市农牧局；协办单位：市财政局）",
        &[(Lead, &["市农牧局"]), (Co, &["市财政局"])],
    );
    check("引进人才。（市科技局（市外专局）、市财政局）", &[(Responsible, &["市科技局", "市财政局"])]);
    check("搞活市场。（市商务局牵头，年内持续推进）", &[(Lead, &["市商务局"])]);
    check(
        "协同推进。（市农牧局、市财政局按职责分工负责。以下任务均需各区落实，不再列出）",
        &[(Responsible, &["市农牧局", "市财政局"])],
    );
    check("共同推进。（市检察院、法院、司法局）", &[(Responsible, &["市检察院", "市法院", "市司法局"])]);
    check(
        "分工负责。（财政部、国家税务总局、海关总署、外交部按职责分工负责）",
        &[(Responsible, &["财政部", "国家税务总局", "海关总署", "外交部"])],
    );
}

#[test]
fn prefixes_and_endings_are_shared_as_people_mean_them() {
    check(
        "便利通关。（责任单位：市商务局，满洲里海关、乌海海关）",
        &[(Responsible, &["市商务局", "满洲里海关", "乌海海关"])],
    );
    check(
        "服务群众。（责任单位：市民政局、司法局，土左旗、托县人民政府）",
        &[(Responsible, &["市民政局", "市司法局", "土左旗人民政府", "托县人民政府"])],
    );
    check("推进改革。（区发改局、教育局等部门）", &[(Responsible, &["区发改局", "区教育局"])]);
    check(
        "选派干部。（市委组织部、宣传部，市人社局）",
        &[(Responsible, &["市委组织部", "市委宣传部", "市人社局"])],
    );
    check(
        "统筹推进。（自治区发展改革委、工业和信息化厅）",
        &[(Responsible, &["自治区发展改革委", "自治区工业和信息化厅"])],
    );
    check("优化布局。（国家发展改革委、教育部）", &[(Responsible, &["国家发展改革委", "教育部"])]);
    check("加强执法。（市市场监管局、公安局）", &[(Responsible, &["市市场监管局", "市公安局"])]);
}

#[test]
fn what_is_no_unit_is_never_taken_for_one() {
    for measure in [
        "完善政策（含住房公积金中心改革）。继续推进。",
        "建设设施（图书馆、博物馆），方便群众。",
        "支持龙头企业。由龙头企业牵头，高校配合，建立联盟。",
        "凝聚合力。市委、市政府高度重视，全社会参与。",
        "发挥作用。各单位要发挥牵头抓总作用，加强配合。",
        "本方案由区民政局负责解释。",
        "见文件（国发〔2024〕3号）。",
        "举办活动（第三期）。",
    ] {
        assert_eq!(units(measure), [], "{measure}");
    }
    check("落实责任。（责任单位：同上）", &[]);
    check("落实责任。（责任单位：张三、市发改委）", &[(Responsible, &["市发改委"])]);
}

#[test]
fn an_unclosed_bracket_does_not_swallow_the_next_item() {
    let text = "某市工作要点（2025年）\n一、任务\n1.抓工业。（责任单位：市工信局、市发改委\n2.抓农业。（责任单位：市农牧局，6月底前完成）\n";
    let draft = read(text).expect("readable");
    assert_eq!(draft.documents[0].title.as_deref(), Some("某市工作要点（2025年）"));
    let items: Vec<_> = draft.documents[0].boards[0].items().collect();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].assignments[0].units, ["市工信局", "市发改委"]);
    assert_eq!(items[1].assignments[0].units, ["市农牧局"]);
    assert_eq!(items[1].deadline.as_deref(), Some("2025-06-30"), "the year of the title");
}

#[test]
fn the_frame_of_a_page_behind_a_list_is_left_out() {
    let text = "某市活动方案\n一、任务\n1.办展会。责任单位：市商务局\n2.举办活动10场。责任单位：市文旅局\n分享到：微信 微博\n相关链接：某市商务局图解\n";
    let draft = read(text).expect("readable");
    let items: Vec<_> = draft.documents[0].boards[0].items().collect();
    assert_eq!(items[1].assignments[0].units, ["市文旅局"]);
}

#[test]
fn goals_that_are_one_sentence_keep_their_numbers_and_the_year_of_the_title_is_meant() {
    let text = "某市奶业2026年工作要点\n一、主要目标\n1.奶产量达到280万吨，良种率达到98%。\n二、任务\n（一）建设牧场。（市农牧局）\n";
    let draft = read(text).expect("readable");
    let indicators = &draft.documents[0].boards[0].indicators;
    let found: Vec<_> = indicators.iter().map(|one| (one.name.as_str(), one.value, one.year)).collect();
    assert_eq!(found, [("奶产量", 280.0, Some(2026)), ("良种率", 98.0, Some(2026))]);
}

#[test]
fn conditions_and_history_are_no_targets() {
    let indicators = |measure: &str| {
        let text = format!("某市某某工作方案\n一、重点任务\n（一）{measure}（责任单位：市工信局）\n");
        let draft = read(&text).expect("readable");
        let found = &draft.documents[0].boards[0].indicators;
        found.iter().map(|one| (one.name.clone(), one.value)).collect::<Vec<_>>()
    };
    assert_eq!(indicators("给予支持。对营收超过1亿元的按5%给予补助。"), []);
    assert_eq!(indicators("加强管理。面积超过500平方米的项目须报备。"), []);
    assert_eq!(indicators("壮大主体。培育10亿元以上企业5家。"), [("培育10亿元以上企业".to_owned(), 5.0)]);
    assert_eq!(
        indicators("节约能源。到2025年，单位能耗比2020年下降15%以上。"),
        [("单位能耗下降".to_owned(), 15.0)]
    );
    assert_eq!(indicators("改善设施。新建改造充电桩3000个。"), [("新建改造充电桩".to_owned(), 3000.0)]);
}

#[test]
fn a_bracket_that_belongs_to_a_groups_name_stays_in_it() {
    check("加强管理。（责任单位：省财政厅，各市（州））", &[(Responsible, &["省财政厅", "各市（州）"])]);
    check(
        "加强管理。（责任单位：市财政局，各市（州）、县（市、区）人民政府）",
        &[(Responsible, &["市财政局", "各市（州）、县（市、区）人民政府"])],
    );
    check(
        "加强管理。（国家税务总局，各省、自治区、直辖市人民政府负责）",
        &[(Responsible, &["国家税务总局", "各省、自治区、直辖市人民政府"])],
    );
}

#[test]
fn organs_with_short_names_and_bodies_with_a_place_are_whole() {
    check(
        "加强管理。（责任单位：市委宣传部、教育局、妇联、市残联）",
        &[(Responsible, &["市委宣传部", "市教育局", "市妇联", "市残联"])],
    );
    check(
        "加强管理。（责任单位：市财政局、上海银保监局、武警支队）",
        &[(Responsible, &["市财政局", "上海银保监局", "武警支队"])],
    );
    check("加强管理。（教育部、共青团中央负责）", &[(Responsible, &["教育部", "共青团中央"])]);
}

#[test]
fn names_take_their_ending_from_a_later_one() {
    check(
        "加强管理。（责任单位：市财政局，天河、越秀、海珠区政府）",
        &[(Responsible, &["市财政局", "天河区政府", "越秀区政府", "海珠区政府"])],
    );
    check(
        "加强管理。（责任单位：市教育、公安、民政局）",
        &[(Responsible, &["市教育局", "市公安局", "市民政局"])],
    );
    check(
        "加强管理。（责任单位：省科技厅，酒泉、张掖等市政府）",
        &[(Responsible, &["省科技厅", "酒泉市政府", "张掖市政府"])],
    );
}

#[test]
fn labels_stand_in_brackets_alone_on_a_line_and_without_a_noun() {
    check(
        "加强管理。\n牵头单位：\n市财政局\n配合单位：\n市审计局",
        &[(Lead, &["市财政局"]), (Co, &["市审计局"])],
    );
    check("加强管理。（牵头：市财政局；配合：市审计局）", &[(Lead, &["市财政局"]), (Co, &["市审计局"])]);
    check("加强管理。（责任部门（单位）：市财政局）", &[(Responsible, &["市财政局"])]);
    check(
        "加强管理。（责任单位：市财政局（牵头）、市审计局）",
        &[(Lead, &["市财政局"]), (Responsible, &["市审计局"])],
    );
    check(
        "加强管理。（责任单位：市财政局（联系人：某某，电话：00000000）；联系人：某某）",
        &[(Responsible, &["市财政局"])],
    );
}

#[test]
fn tables_are_read_however_they_were_pasted() {
    let expected = [("市教育局", "市财政局"), ("市卫健委", "市财政局")];
    for text in [
        "序号\n\n任务\n\n牵头单位\n\n配合单位\n\n1\n\n新建学校。\n\n市教育局\n\n市财政局\n\n2\n\n新建医院。\n\n市卫健委\n\n市财政局\n",
        "序号  任务  牵头单位  配合单位\n1  新建学校  市教育局  市财政局\n2  新建医院  市卫健委  市财政局\n",
        "序号\t任务\t牵头单位\t配合单位\n1\t新建学校\t市教育局\t市财政局\n2\t新建医院\t市卫健委\t\"市\n财政局\"\n",
    ] {
        let draft = read(&format!("某市任务表\n一、重点任务\n{text}")).expect("readable");
        let items: Vec<_> = draft.documents[0].boards[0].items().collect();
        assert_eq!(items.len(), 2, "{text}");
        for (item, (lead, other)) in items.iter().zip(expected) {
            assert_eq!(
                (item.assignments[0].role, item.assignments[0].units[0].as_str()),
                (Lead, lead),
                "{text}"
            );
            assert_eq!(
                (item.assignments[1].role, item.assignments[1].units[0].as_str()),
                (Co, other),
                "{text}"
            );
        }
    }
}

/// Name, operator, value, unit, year of each goal of a sentence in the goals' chapter.
fn goals(sentence: &str) -> Vec<(String, String, f64, String, Option<i32>)> {
    let text = format!(
        "某市某某工作实施方案\n一、主要目标\n{sentence}\n二、重点任务\n（一）另一件事。热情服务。（责任单位：市档案馆）"
    );
    let draft = read(&text).expect("readable");
    let board = &draft.documents[0].boards[0];
    let op =
        |one: &tongban_shared::import::DraftIndicator| serde_json::to_string(&one.op).expect("an operator");
    board
        .indicators
        .iter()
        .map(|one| (one.name.clone(), op(one).replace('"', ""), one.value, one.unit.clone(), one.year))
        .collect()
}

fn goal(
    name: &str,
    op: &str,
    value: f64,
    unit: &str,
    year: i32,
) -> (String, String, f64, String, Option<i32>) {
    (name.to_owned(), op.to_owned(), value, unit.to_owned(), Some(year))
}

/// Columns of a table that are no labels keep their names and scales; totals and notes are no measures,
/// and are told.
#[test]
fn what_a_table_holds_beside_its_measures_is_kept_or_told() {
    let table = "老旧小区改造工作方案\n\
        序号\t任务\t举措\t责任分工\t责任分工\t完成时限\t总投资（万元）\t总投资（万元）\t备注\n\
        序号\t任务\t举措\t牵头单位\t配合单位\t完成时限\t合计\t其中市级\t备注\n\
        1\t基础类改造\t更换供排水立管\t市住建局\t市财政局\t2026年10月底前\t1,250.5\t300\t含抗震鉴定\n\
        2\t提升类改造\t加装电梯\t市住建局\t市教育局\t长期\t4,676\t1,180\t\n\
        合计\t\t\t\t\t\t5,926.5\t1,480\t\n\
        注：1.总投资含中央补助资金。\n";
    let draft = read(table).expect("readable");
    let boards = draft.documents.iter().flat_map(|document| &document.boards);
    let all: Vec<_> = boards.flat_map(|board| board.items()).collect();
    assert_eq!(all.len(), 2);
    let first =
        "更换供排水立管。总投资（万元）合计：1,250.5。总投资（万元）其中市级：300。备注：含抗震鉴定。";
    assert_eq!(all[0].text, first);
    assert_eq!(all[0].deadline.as_deref(), Some("2026-10-31"));
    // A time that is no date stays in the words.
    assert!(all[1].text.contains("完成时限为长期。"), "{}", all[1].text);
    let told: Vec<&str> = draft.left_out.iter().map(|row| row.words.as_str()).collect();
    assert_eq!(told, ["合计 5,926.5 1,480", "注：1.总投资含中央补助资金。"]);
    // A comma-separated file has each merged name once.
    let flat = table
        .replace("责任分工\t责任分工", "责任分工\t")
        .replace("总投资（万元）\t总投资（万元）", "总投资（万元）\t")
        .replace("序号\t任务\t举措\t牵头", "\t\t\t牵头")
        .replace("配合单位\t完成时限", "配合单位\t")
        .replace("其中市级\t备注", "其中市级\t");
    let again = read(&flat).expect("readable");
    let boards = again.documents.iter().flat_map(|document| &document.boards);
    let texts: Vec<_> = boards.flat_map(|board| board.items()).map(|item| item.text.as_str()).collect();
    assert_eq!(texts, all.iter().map(|item| item.text.as_str()).collect::<Vec<_>>());
    let row = &draft.left_out[1];
    let found: String = table.chars().skip(row.span.from).take(row.span.to - row.span.from).collect();
    assert_eq!(found, row.words);
}

/// Rows under a number that was merged down have one number, written in each of them or in the first
/// alone; a number that is missing is asked about, and one that a document repeats.
#[test]
fn a_number_that_was_merged_down_is_no_jump() {
    let asked = |numbers: &[&str]| -> Vec<String> {
        let rows =
            numbers.iter().enumerate().map(|(row, number)| format!("{number}\t做好第{row}项\t市住建局\n"));
        let draft = read(&format!("工作方案\n序号\t举措\t牵头单位\n{}", rows.collect::<String>()));
        let draft = draft.expect("readable");
        let boards: Vec<_> = draft.documents.iter().flat_map(|document| &document.boards).collect();
        assert_eq!(boards.iter().map(|board| board.items().count()).sum::<usize>(), numbers.len());
        let doubts = boards.iter().flat_map(|board| &board.doubts);
        doubts
            .filter(|doubt| doubt.kind == DoubtKind::NumberingJump)
            .map(|doubt| doubt.words.clone())
            .collect()
    };
    let none: Vec<String> = Vec::new();
    assert_eq!(asked(&["1", "1", "1", "2", "2", "3", "4"]), none, "as files give them");
    assert_eq!(asked(&["1", "", "", "2", "", "3", "4"]), none, "as the clipboard gives them");
    assert_eq!(asked(&["1", "3", "3", "4"]), ["3"]);
    assert_eq!(asked(&["1", "3", "", "4"]), ["3"]);
    assert_eq!(asked(&["1", "2", "2", "4"]), ["4"]);
    let lines = "工作方案\n一、任务\n1.修路（牵头单位：市住建局）\n2.架桥（牵头单位：市住建局）\n2.通水（牵头单位：市住建局）\n";
    let draft = read(lines).expect("readable");
    let doubts = &draft.documents[0].boards[0].doubts;
    assert!(doubts.iter().any(|doubt| doubt.kind == DoubtKind::NumberingJump && doubt.words == "2"));
}

#[test]
fn shares_years_and_tables_of_goals_are_read() {
    assert_eq!(
        goals("到2025年，注册护士数、执业医师数分别达到3.9人和4.5人。"),
        [goal("注册护士数", ">=", 3.9, "人", 2025), goal("执业医师数", ">=", 4.5, "人", 2025)]
    );
    assert_eq!(
        goals("2024年、2025年，总产值分别突破5000亿元、6000亿元。"),
        [goal("总产值", ">", 5000.0, "亿元", 2024), goal("总产值", ">", 6000.0, "亿元", 2025)]
    );
    assert_eq!(
        goals("到2025年，用水总量控制在500亿立方米以内。堤防达标率达到95%。"),
        [goal("用水总量", "<=", 500.0, "亿立方米", 2025), goal("堤防达标率", ">=", 95.0, "%", 2025)]
    );
    assert_eq!(
        goals("序号\t指标名称\t单位\t2020年\t2025年\t属性\n1\t用水总量\t亿立方米\t512.2\t525.2\t约束性"),
        [goal("用水总量", "=", 512.2, "亿立方米", 2020), goal("用水总量", "=", 525.2, "亿立方米", 2025)]
    );
}

/// The area of a goal is read whole, however the kinds of places are put together.
#[test]
fn the_area_of_a_goal_is_not_cut() {
    for (words, scope) in [
        ("每个旗市区组建不少于2支", "每个旗市区"),
        ("每个旗县市区组建不少于2支", "每个旗县市区"),
        ("每个市辖区组建不少于2支", "每个市辖区"),
        ("每个旗组建不少于2支", "每个旗"),
        ("各旗县市区组建不少于2支", "各旗县市区"),
        ("各县市区组建不少于2支", "各县市区"),
        ("全市组建不少于2支", "全市"),
    ] {
        let text = format!(
            "工作方案\n一、目标任务\n到2026年，{words}宣讲队。\n二、任务\n（一）宣讲。开展宣讲。（责任单位：市教育局）\n"
        );
        let draft = read(&text).expect("readable");
        let goals = &draft.documents[0].boards[0].indicators;
        let told: Vec<_> =
            goals.iter().map(|one| (one.scope.as_deref().unwrap_or_default(), one.value)).collect();
        assert_eq!(told, [(scope, 2.0)], "{words}: {goals:?}");
        assert!(!goals[0].name.contains(['旗', '区']), "{words}: {}", goals[0].name);
    }
}

/// Units are counted each once, and their parts in measures beside them.
#[test]
fn units_of_a_draft_are_counted_once() {
    let text = "工作方案\n一、任务\n（一）修路。（牵头单位：市住建局；配合单位：市财政局）\n（二）架桥。（责任单位：市住建局、市财政局、市水利局）\n";
    let draft = read(text).expect("readable");
    let (units, parts) = draft.documents[0].boards[0].units();
    assert_eq!((units.len(), parts), (3, 5));
}

/// The hint of the import names each file that its button takes.
#[test]
fn the_hint_names_every_file_that_is_read() {
    for lang in [Lang::Hans, Lang::Hant, Lang::English] {
        for ending in FILES {
            assert!(Word::ImportHint.text(lang).contains(ending), "{lang:?}: {ending}");
        }
    }
}
