//! `docs/systems.md`: every system, its template and its test. The table is made here and checked
//! here; `TONGBAN_WRITE_DOCS=1` writes it.

use std::fmt::Write;

/// Number, name and template of every system of domain.md, part a.
const SYSTEMS: [(&str, &str, &str); 96] = [
    ("S01", "举措清单", "measure_plan"),
    ("S02", "目标任务与年度指标", "measure_plan"),
    ("S03", "工作台账", "measure_plan"),
    ("S04", "销号管理", "measure_plan"),
    ("S05", "定期梳理进度", "measure_plan"),
    ("S06", "督查考核与业务指导", "measure_plan"),
    ("S07", "联络对接与互访", "pairing"),
    ("S08", "向上争取渠道", "pairing"),
    ("S09", "横向协同、上下联动", "measure_plan"),
    ("S10", "典型案例与宣传", "publicity"),
    ("S11", "教育交流", "register"),
    ("S12", "医院结对与重点专科", "pairing"),
    ("S13", "远程医疗协作", "pairing"),
    ("S14", "消费帮扶", "register"),
    ("S15", "旅游合作", "register"),
    ("S16", "产业合作", "register"),
    ("S17", "科技创新合作", "register"),
    ("S18", "全周期服务看板", "project_lifecycle"),
    ("S19", "项目储备库", "project_lifecycle"),
    ("S20", "在谈项目登记", "register"),
    ("S21", "签约与合同登记", "project_lifecycle"),
    ("S22", "企业开办和注销", "project_lifecycle"),
    ("S23", "备案核准", "project_lifecycle"),
    ("S24", "用地保障", "project_lifecycle"),
    ("S25", "能评安评环评", "project_lifecycle"),
    ("S26", "规划许可", "project_lifecycle"),
    ("S27", "施工许可", "project_lifecycle"),
    ("S28", "开工建设与要素", "project_lifecycle"),
    ("S29", "联合验收", "project_lifecycle"),
    ("S30", "企业跟踪服务", "project_lifecycle"),
    ("S31", "政策奖励兑现", "project_lifecycle"),
    ("S32", "退出与清理", "project_lifecycle"),
    ("S33", "服务事项清单", "service_matrix"),
    ("S34", "专班与第一责任人", "project_lifecycle"),
    ("S35", "堵点难点", "project_lifecycle"),
    ("S36", "示范项目与经验", "publicity"),
    ("S37", "年度报送", "statistics"),
    ("S38", "服务流程图", "project_lifecycle"),
    ("S39", "重点项目四个一批", "pipeline"),
    ("S40", "分级调度台账", "pipeline"),
    ("S41", "开工时序作战图", "pipeline"),
    ("S42", "快审快办", "pipeline"),
    ("S43", "要素保障", "register"),
    ("S44", "项目谋划", "pipeline"),
    ("S45", "六大产业集群", "pipeline"),
    ("S46", "园区分级", "register"),
    ("S47", "招商目录与图谱", "register"),
    ("S48", "招商责任状", "assessment"),
    ("S49", "在谈未签约大对接", "clearance"),
    ("S50", "签约未落地大起底", "clearance"),
    ("S51", "大点评大排名", "assessment"),
    ("S52", "大考核大奖励", "assessment"),
    ("S53", "现场观摩", "assessment"),
    ("S54", "招商专班", "register"),
    ("S55", "联盟与大型活动", "register"),
    ("S56", "一网通办覆盖率", "service_matrix"),
    ("S57", "拿地即开工", "project_lifecycle"),
    ("S58", "接力跑", "project_lifecycle"),
    ("S59", "全程帮办代办", "service_matrix"),
    ("S60", "五个大起底", "clearance"),
    ("S61", "成果页", "publicity"),
    ("S62", "四十八条措施", "measure_plan"),
    ("S63", "专项工作组", "register"),
    ("S64", "分解与争取", "measure_plan"),
    ("S65", "重大项目附表", "register"),
    ("S66", "统计监测指标", "statistics"),
    ("S67", "重要情况与批示", "alert"),
    ("S68", "三市协同事项", "pairing"),
    ("S69", "政策条件与不叠加", "policy_library"),
    ("S70", "联防联控", "alert"),
    ("S71", "人才与干部", "register"),
    ("S72", "企业服务", "project_lifecycle"),
    ("S73", "共享资源", "pairing"),
    ("S74", "标准公布", "pairing"),
    ("S75", "服务对象与协议", "service_matrix"),
    ("S76", "服务事项与方式", "service_matrix"),
    ("S77", "审批策划", "service_matrix"),
    ("S78", "帮办代办", "service_matrix"),
    ("S79", "联审联批与首问", "service_matrix"),
    ("S80", "专业跑腿任务单", "service_matrix"),
    ("S81", "跟踪调度", "service_matrix"),
    ("S82", "办结交付", "service_matrix"),
    ("S83", "年度评价与退出", "assessment"),
    ("S84", "修订与解读", "policy_library"),
    ("S85", "专场日程", "campaign"),
    ("S86", "集中审批入园", "campaign"),
    ("S87", "八项手续三种结果", "campaign"),
    ("S88", "次日简报", "campaign"),
    ("S89", "政企座谈", "campaign"),
    ("S90", "现场调研", "campaign"),
    ("S91", "政策需求与宣讲", "campaign"),
    ("S92", "政策宣传册", "policy_library"),
    ("S93", "责任分工", "campaign"),
    ("S94", "宣传报道", "publicity"),
    ("S95", "市直专场", "campaign"),
    ("S96", "母行动", "campaign"),
];

const SOURCES: [&str; 7] = [
    include_str!("plans.rs"),
    include_str!("counters.rs"),
    include_str!("lifecycle.rs"),
    include_str!("hohhot.rs"),
    include_str!("measures.rs"),
    include_str!("errand.rs"),
    include_str!("spring.rs"),
];

/// The names of the tests of a system.
fn tests(number: &str) -> Vec<&'static str> {
    let begin = format!("fn {}_", number.to_lowercase());
    let lines = SOURCES.iter().flat_map(|source| source.lines());
    lines
        .filter(|line| line.starts_with(&begin))
        .filter_map(|line| line.strip_prefix("fn ")?.split('(').next())
        .collect()
}

#[test]
fn every_system_has_a_template_and_a_test_and_the_table_says_so() {
    let mut table = String::from(
        "# The systems of the source documents\n\nMade and checked by `tests/tests/systems/table.rs`; do not edit by hand.\n\n\
         | No. | system | template | tests |\n| --- | --- | --- | --- |\n",
    );
    for (number, name, template) in SYSTEMS {
        assert!(tongban_shared::template::find(template).is_some(), "{number}: {template}");
        let tests = tests(number);
        assert!(!tests.is_empty(), "{number} has no test");
        let _ = writeln!(table, "| {number} | {name} | `{template}` | `{}` |", tests.join("`, `"));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/systems.md");
    if std::env::var_os("TONGBAN_WRITE_DOCS").is_some() {
        std::fs::write(path, &table).expect("written");
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        stored, table,
        "TONGBAN_WRITE_DOCS=1 cargo test -p tongban-tests --test systems writes it anew"
    );
}

#[test]
fn the_example_in_the_guide_is_a_template() {
    let guide = include_str!("../../../docs/templates.md");
    let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let template = tongban_shared::template::parse(example.expect("an example")).expect("in order");
    assert_eq!((template.id.as_str(), template.items.len(), template.rules.len()), ("seedlings", 2, 1));
}
