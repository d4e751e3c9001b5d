//! The source documents beside the tree: what domain.md says of each.
//!
//! Each test is counted as ignored where they are absent (a clone of this repository alone), and `build.rs` warns.

use std::collections::BTreeMap;
use tongban_shared::import::{DoubtKind, Draft, DraftBoard, IndicatorKind, Operator, read};

/// The seed of a number.
fn seed(number: &str) -> Draft {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/seeds");
    let files = std::fs::read_dir(folder).expect("the source documents");
    let file = files
        .filter_map(Result::ok)
        .find(|file| file.file_name().to_string_lossy().starts_with(number))
        .unwrap_or_else(|| panic!("document {number}"));
    read(&std::fs::read_to_string(file.path()).expect("text")).expect("readable")
}

fn boards(draft: &Draft) -> Vec<&DraftBoard> {
    draft.documents.iter().flat_map(|document| &document.boards).collect()
}

fn pairs<'a>(boards: &[&'a DraftBoard]) -> Vec<&'a str> {
    let items = boards.iter().flat_map(|board| board.items());
    items.flat_map(|item| &item.assignments).flat_map(|one| &one.units).map(String::as_str).collect()
}

fn counts<'a>(units: &[&'a str]) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for unit in units {
        *counts.entry(*unit).or_default() += 1;
    }
    counts
}

#[test]
#[cfg_attr(not(seeds), ignore = "the source documents are not here")]
fn notice_64_gives_six_boards_thirty_measures_and_102_pairs() {
    let draft = seed("000");
    assert_eq!(draft.documents.len(), 2);
    assert_eq!(draft.documents[0].doc_number.as_deref(), Some("呼政办发〔2023〕64号"));
    assert_eq!(draft.documents[0].date.as_deref(), Some("2023-10-23"));
    let boards: Vec<&DraftBoard> = draft.documents[0].boards.iter().collect();
    assert_eq!(boards.iter().map(|board| board.items().count()).collect::<Vec<_>>(), [4, 5, 6, 6, 5, 4]);
    assert!(boards.iter().all(|board| board.period.is_some_and(|p| (p.from, p.to) == (2023, 2025))));
    let pairs = pairs(&boards);
    assert_eq!(pairs.len(), 102);
    let counts = counts(&pairs);
    for (unit, expected) in [
        ("各旗市区人民政府", 27),
        ("市乡村振兴局", 11),
        ("市农牧局", 11),
        ("市文旅广局", 7),
        ("市卫健委", 5),
        ("市科技局", 5),
        ("市教育局", 4),
        ("市发改委", 4),
    ] {
        assert_eq!(counts.get(unit), Some(&expected), "{unit}");
    }
    assert_eq!(counts["莫力达瓦达斡尔族自治旗人民政府"], 3, "27 as a member of the group, 3 by name");
    assert_eq!((counts["鄂伦春自治旗人民政府"], counts["扎赉诺尔区人民政府"]), (2, 1));
}

#[test]
#[cfg_attr(not(seeds), ignore = "the source documents are not here")]
fn notice_64_gives_its_targets_and_baselines() {
    let draft = seed("000");
    let all: Vec<_> = draft.documents[0].boards.iter().flat_map(|board| &board.indicators).collect();
    let of = |kind| all.iter().filter(|one| one.kind == kind).count();
    assert_eq!((of(IndicatorKind::Target), of(IndicatorKind::Baseline)), (35, 4));
    assert_eq!(all.iter().filter(|one| one.item.is_some()).count(), 5, "five stand inside measures");
    let found = |value: f64, unit: &str| {
        all.iter()
            .find(|one| one.value == value && one.unit == unit)
            .unwrap_or_else(|| panic!("{value}{unit}"))
    };
    let sales = found(10.0, "亿元");
    assert_eq!((sales.op, sales.year), (Operator::MoreThan, Some(2025)));
    assert_eq!(sales.scope.as_deref(), Some("鄂伦春自治旗、莫力达瓦达斡尔族自治旗"));
    let sent = found(50.0, "人");
    assert_eq!((sent.op, sent.value2), (Operator::Between, Some(60.0)));
    assert_eq!(found(65.0, "%").op, Operator::AtLeast);
    assert_eq!(found(1600.0, "元").op, Operator::MoreThan);
    assert!(all.iter().all(|one| !one.quote.is_empty() && !one.name.is_empty()));
}

#[test]
#[cfg_attr(not(seeds), ignore = "the source documents are not here")]
fn notice_66_gives_fourteen_services_in_three_phases() {
    let draft = seed("000");
    let board = &draft.documents[1].boards[0];
    assert_eq!(board.template, "project_lifecycle");
    assert_eq!(board.sections.iter().map(|section| section.items.len()).collect::<Vec<_>>(), [3, 8, 3]);
    let planning = board.items().nth(7).expect("service 8");
    assert_eq!(
        planning.assignments[0].units,
        ["市应急管理局", "市生态环境局", "市政务服务局", "各旗市区人民政府"]
    );
    assert!(planning.assignments[0].open_ended);
}

#[test]
#[cfg_attr(not(seeds), ignore = "the source documents are not here")]
fn a_newspaper_page_names_no_units() {
    let draft = seed("001");
    assert!(pairs(&boards(&draft)).is_empty(), "never invent");
    let indicators: Vec<_> = boards(&draft).into_iter().flat_map(|board| &board.indicators).collect();
    for (value, unit) in [
        (1100.0, "个"),
        (1284.0, "亿元"),
        (1200.0, "亿元"),
        (6000.0, "亿元"),
        (70.0, "%"),
        (703.0, "个"),
        (1255.0, "项"),
    ] {
        assert!(indicators.iter().any(|one| one.value == value && one.unit == unit), "{value}{unit}");
    }
}

#[test]
#[cfg_attr(not(seeds), ignore = "the source documents are not here")]
fn the_48_measures_in_traditional_characters_are_filed_under_simplified_names() {
    let draft = seed("002");
    let boards = boards(&draft);
    assert_eq!(
        boards[0].sections.iter().map(|section| section.items.len()).collect::<Vec<_>>(),
        [8, 4, 3, 8, 5, 1, 4, 3, 5, 3, 4]
    );
    let pairs = pairs(&boards);
    assert_eq!(pairs.len(), 165);
    let counts = counts(&pairs);
    assert_eq!((counts["市工业和信息化局"], counts["市发展改革委"], counts["市自然资源局"]), (14, 12, 10));
    assert!(counts.contains_key("市市场监管局") && counts.contains_key("市农牧局"));
    assert_eq!(draft.documents[0].title, None, "the document has no title");
}

#[test]
#[cfg_attr(not(seeds), ignore = "the source documents are not here")]
fn the_zero_errand_plan_gives_three_modes_with_their_units() {
    let draft = seed("003");
    let boards = boards(&draft);
    let modes = boards[0]
        .sections
        .iter()
        .find(|section| section.title.as_deref() == Some("服务方式"))
        .expect("the modes");
    let units: Vec<_> = modes.items.iter().map(|item| item.assignments[0].units.clone()).collect();
    assert_eq!(units[0], ["政务服务局"]);
    assert_eq!(units[1], ["规划建设局", "公共事业服务局"]);
    assert_eq!(units[2], ["经济发展招商服务局", "内蒙古政联招商服务有限公司"]);
}

#[test]
#[cfg_attr(not(seeds), ignore = "the source documents are not here")]
fn the_spring_campaign_gives_its_actions_and_duties() {
    let draft = seed("004");
    assert_eq!(draft.documents[0].doc_number.as_deref(), Some("鄂府办发〔2022〕30号"));
    assert_eq!(draft.documents[0].date.as_deref(), Some("2022-03-15"));
    let boards = boards(&draft);
    assert_eq!(boards[0].sections.len(), 5, "four actions are announced, five are numbered");
    assert!(pairs(&boards).iter().filter(|unit| **unit == "市发展和改革委员会").count() >= 4);
}

/// AC-8.
#[test]
#[cfg_attr(not(seeds), ignore = "the source documents are not here")]
fn notice_64_is_asked_about_where_its_names_are_doubtful() {
    let draft = seed("000");
    let doubts: Vec<_> = boards(&draft).into_iter().flat_map(|board| &board.doubts).collect();
    let told = |kind: DoubtKind, words: &str| doubts.iter().any(|one| one.kind == kind && one.words == words);
    assert!(told(DoubtKind::MistakenPlace, "莫力达瓦达斡尔族自治县"), "{doubts:?}");
    assert!(told(DoubtKind::JoinedUnit, "市文旅广局"), "{doubts:?}");
    assert!(told(DoubtKind::GroupUnit, "驻市企业"), "{doubts:?}");
}
