//! Documents in the forms that officials paste: a web page without line breaks, labels on lines
//! of their own, a notice with its plan, a table, a text that names no unit.

use tongban_shared::import::{
    Cadence, Draft, DraftItem, ImportError, IndicatorKind, Operator, Role, read, text_of_bytes, to_json,
};
use tongban_shared::limits::{IMPORT_BYTES, TITLE_CHARS};

fn document(name: &str) -> Draft {
    let path = format!("{}/tests/documents/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read_to_string(path).expect("a document of this folder")).expect("readable")
}

fn items(draft: &Draft) -> Vec<&DraftItem> {
    draft.documents.iter().flat_map(|document| &document.boards).flat_map(|board| board.items()).collect()
}

/// Role and units of one item, in the order of the text.
fn units(item: &DraftItem) -> Vec<(Role, Vec<&str>)> {
    item.assignments.iter().map(|a| (a.role, a.units.iter().map(String::as_str).collect())).collect()
}

#[test]
fn a_flattened_page_is_opened_and_its_frame_left_out() {
    let draft = document("flattened-page");
    let head = &draft.documents[0];
    assert_eq!(head.doc_number.as_deref(), Some("包府办发〔2024〕21号"));
    assert_eq!(head.issuer.as_deref(), Some("包头市人民政府办公室"));
    assert_eq!(head.date.as_deref(), Some("2024-05-08"));
    assert_eq!(head.boards[0].title.as_deref(), Some("包头市推动消费提质扩容若干措施"));
    let items = items(&draft);
    assert_eq!(items.len(), 4, "the safeguards are no measures");
    assert_eq!(
        units(items[0]),
        [(
            Role::Responsible,
            vec!["市商务局", "市工业和信息化局", "市财政局", "各旗县区政府", "稀土高新区管委会"]
        )]
    );
    assert_eq!(
        units(items[1]),
        [(Role::Lead, vec!["市住建局"]), (Role::Co, vec!["市公积金中心", "人民银行包头市分行"])]
    );
    assert_eq!(
        units(items[2]),
        [(Role::Lead, vec!["市文旅广电局"]), (Role::Co, vec!["市商务局", "市体育局"])]
    );
    assert_eq!(items[2].deadline.as_deref(), Some("2024-10-31"));
    assert_eq!(units(items[3]), [(Role::Responsible, vec!["市民政局"])]);
    let json = to_json(&draft).expect("JSON");
    assert!(!json.contains("主办单位") && !json.contains("ICP"));
}

#[test]
fn labels_on_their_own_lines_belong_to_the_item_above() {
    let draft = document("labels-on-lines");
    let items = items(&draft);
    assert_eq!(items.len(), 5);
    assert_eq!(
        units(items[0]),
        [
            (Role::Lead, vec!["市发展改革委"]),
            (Role::Responsible, vec!["市统计局", "市工信局", "市财政局", "各区政府"])
        ],
        "a leading person is no unit, and 市 speaks of the whole list"
    );
    assert_eq!(items[0].deadline.as_deref(), Some("2025-12-31"));
    assert_eq!(units(items[4])[0].1, ["市教育局", "市住房和城乡建设局", "海南区政府"]);
    let indicators = &draft.documents[0].boards[0].indicators;
    assert_eq!(indicators.len(), 10);
    let unemployment = indicators.iter().find(|i| i.value == 4.5).expect("the rate");
    assert_eq!((unemployment.op, unemployment.unit.as_str()), (Operator::AtMost, "%"));
}

#[test]
fn a_notice_hands_on_its_plan_with_phases_as_sections() {
    let draft = document("notice-with-plan");
    let head = &draft.documents[0];
    assert_eq!(head.doc_number.as_deref(), Some("兴署办发〔2022〕11号"));
    assert_eq!(head.date.as_deref(), Some("2022-03-01"));
    let board = &head.boards[0];
    assert_eq!(board.period.map(|p| (p.from, p.to)), Some((2022, 2024)));
    let sections: Vec<_> = board.sections.iter().map(|s| (s.title.as_deref(), s.items.len())).collect();
    assert_eq!(sections, [(Some("打造便捷的政务环境"), 2), (Some("打造公平的市场环境"), 2)]);
    let items = items(&draft);
    assert_eq!(
        units(items[0]),
        [
            (Role::Lead, vec!["盟政务服务局", "盟大数据中心"]),
            (Role::Co, vec!["盟直有关部门", "各旗县市人民政府"]),
        ]
    );
    assert_eq!(units(items[1])[1], (Role::Participant, vec!["盟司法局", "盟市场监管局"]));
    assert!(items[1].assignments[1].open_ended);
    assert_eq!(items[2].deadline.as_deref(), Some("2023-06-30"));
    assert_eq!(
        units(items[3])[0],
        (Role::Lead, vec!["盟公共资源交易中心"]),
        "running text names a leader too"
    );
    assert_eq!(board.indicators.len(), 4);
    assert!(
        board.indicators.iter().all(|i| i.kind == IndicatorKind::Target
            && i.year == Some(2024)
            && i.cadence == Some(Cadence::By))
    );
}

#[test]
fn a_table_is_read_by_its_header() {
    let draft = document("table");
    let items = items(&draft);
    assert_eq!(
        units(items[0]),
        [(Role::Lead, vec!["市教育局"]), (Role::Responsible, vec!["各旗县区人民政府"])]
    );
    assert_eq!(items[0].deadline.as_deref(), Some("2025-08-31"));
    assert_eq!(units(items[1])[1].1, ["市医保局", "各三级医院"]);
}

#[test]
fn a_text_without_unit_lists_yields_no_unit() {
    let draft = document("no-units");
    assert_eq!(items(&draft).len(), 3);
    assert!(items(&draft).iter().all(|item| item.assignments.is_empty()));
}

#[test]
fn spans_point_into_the_source() {
    let text = "一、重点任务\n（一）做好服务。热情周到。（责任单位：市教育局、财政局）\n（二）办好学校。（责任单位：市教育局）\n";
    let draft = read(text).expect("readable");
    let characters: Vec<char> = text.chars().collect();
    for item in items(&draft) {
        let words: String = characters[item.span.from..item.span.to].iter().collect();
        assert!(words.starts_with(item.number.as_deref().expect("numbered")), "{words}");
        for assignment in &item.assignments {
            let raw: String = characters[assignment.span.from..assignment.span.to].iter().collect();
            assert_eq!(raw, assignment.raw);
        }
    }
}

#[test]
fn a_title_of_very_many_words_is_cut_and_stands_whole_in_its_text() {
    let long = "推动消费帮扶".repeat(300);
    let text = format!(
        "某市消费帮扶若干措施\n一、{long}。做好对接。（责任单位：市商务局）\n二、搞好服务。（责任单位：市财政局）\n"
    );
    let draft = read(&text).expect("readable");
    let items = items(&draft);
    assert_eq!(items[0].title, long.chars().take(TITLE_CHARS).collect::<String>());
    assert_eq!(items[0].text.lines().next(), Some(long.as_str()));
    assert!(items[0].text.contains("做好对接"), "{}", items[0].text);
    assert_eq!([items[1].title.as_str(), items[1].text.as_str()], ["搞好服务", ""]);
}

#[test]
fn what_is_no_text_is_refused_in_plain_words() {
    assert_eq!(text_of_bytes(b" \n\t "), Err(ImportError::Empty));
    assert_eq!(text_of_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(ImportError::NotText));
    assert_eq!(text_of_bytes(&vec![b'a'; IMPORT_BYTES + 1]), Err(ImportError::TooLarge(IMPORT_BYTES + 1)));
}

/// The words of one number are not those of the next; the second one has none.
#[test]
fn numbers_that_stand_close_together_are_read() {
    let text = "某市人民政府关于某某工作的方案\n\n一、工作目标。提高3所的4所，至少百分之九十个。\n";
    let draft = read(text).expect("readable");
    let indicators = &draft.documents[0].boards[0].indicators;
    assert_eq!(indicators.iter().map(|one| one.value).collect::<Vec<_>>(), [3.0, 4.0, 90.0]);
}

#[test]
fn radicals_of_a_printed_pdf_are_read_as_the_ideographs_they_look_like() {
    let plain = "某市人民政府办公室关于印发清单的通知\n\n一、目标任务\n\n二、具体举措\n\n\
        （一）开展联合教研。每学期商定主题。（责任单位：市教育局）\n\n\
        （二）共建资源目录。整理课例。（责任单位：市民政局）\n";
    let radicals = [('一', '⼀'), ('二', '⼆'), ('人', '⼈'), ('民', '⺠'), ('目', '⽬')];
    let printed: String = plain
        .chars()
        .map(|c| radicals.iter().find(|(ideograph, _)| *ideograph == c).map_or(c, |(_, radical)| *radical))
        .collect();
    assert_ne!(plain, printed);
    let (plain, printed) = (read(plain).expect("readable"), read(&printed).expect("readable"));
    assert_eq!(items(&plain).len(), 2);
    assert_eq!(to_json(&plain).expect("JSON"), to_json(&printed).expect("JSON"));
}
