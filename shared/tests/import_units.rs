//! Nothing is invented: each unit that a draft names is put together from words of the text that was read.

use proptest::prelude::*;
use std::fs;
use std::path::Path;
use tongban_shared::import::{Draft, DraftAssignment, DraftItem, read};
use tongban_shared::text::folded_text;

fn assignments(draft: &Draft) -> Vec<&DraftAssignment> {
    fn of_item<'a>(item: &'a DraftItem, out: &mut Vec<&'a DraftAssignment>) {
        out.extend(&item.assignments);
        item.children.iter().for_each(|child| of_item(child, out));
    }
    let mut all = Vec::new();
    let boards = draft.documents.iter().flat_map(|document| &document.boards);
    boards.flat_map(|board| board.items()).for_each(|item| of_item(item, &mut all));
    all
}

/// Whether a unit is a stretch of its list, with what a list may leave out before and behind it: 市 of 市教育局、民政局,
/// 区政府 of 天河、越秀区政府. The words left out stand elsewhere in the text.
fn stands_in(unit: &str, list: &str, text: &str) -> bool {
    let edges: Vec<usize> = unit.char_indices().map(|(at, _)| at).chain([unit.len()]).collect();
    let own = |from: usize, to: usize| {
        let (head, rest) = (&unit[..from], &unit[from..]);
        let (core, tail) = rest.split_at(to - from);
        core.chars().count() >= 2 && list.contains(core) && text.contains(head) && list.contains(tail)
    };
    edges.iter().enumerate().any(|(place, from)| edges[place + 1..].iter().any(|to| own(*from, *to)))
}

/// The words of a draft that its text does not say.
fn invented(text: &str) -> Vec<String> {
    let draft = read(text).expect("readable");
    let whole = folded_text(text);
    let length = text.chars().count();
    let mut wrong = Vec::new();
    for one in assignments(&draft) {
        let list = folded_text(&one.raw);
        if one.span.from > one.span.to || one.span.to > length {
            wrong.push(format!("{:?} of {length} characters: {list}", one.span));
        }
        let made = one.units.iter().filter(|unit| !stands_in(&folded_text(unit), &list, &whole));
        wrong.extend(made.map(|unit| format!("{unit} of {list}")));
    }
    wrong
}

#[test]
fn units_of_the_cases_stand_in_their_texts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut tried = 0;
    for file in fs::read_dir(folder).expect("cases").flatten() {
        let case = fs::read_to_string(file.path()).expect("a case");
        let (text, _) = case.split_once("\n----\n").expect("a text and its draft");
        for text in [text.to_owned(), text.replace('\n', " "), text.replace('\n', "")] {
            assert_eq!(invented(&text), Vec::<String>::new(), "{}\n{text}", file.path().display());
        }
        tried += 1;
    }
    assert!(tried >= 90, "only {tried} cases");
}

/// Words and marks of official documents, which stand in any order.
const WORDS: &[&str] = &[
    "\n",
    "\n",
    " ",
    "\t",
    "。",
    "。",
    "，",
    "、",
    "、",
    "；",
    "：",
    "（",
    "）",
    "（",
    "）",
    "《",
    "》",
    "“",
    "”",
    "一、",
    "二、",
    "三、",
    "（一）",
    "（二）",
    "1.",
    "2.",
    "3．",
    "①",
    "第一条",
    "一是",
    "二是",
    "附件1",
    "责任单位：",
    "牵头单位：",
    "配合单位：",
    "责任部门",
    "完成时限：",
    "实施单位",
    "序号",
    "工作任务",
    "市教育局",
    "民政局",
    "省工业和信息化厅",
    "市政府",
    "区人民政府",
    "各区县",
    "各旗市区人民政府",
    "县卫健委",
    "市直有关部门",
    "天河",
    "越秀",
    "海珠区政府",
    "开发区管委会",
    "市城投集团",
    "发改委",
    "财政",
    "市委办",
    "负责",
    "牵头",
    "配合",
    "会同",
    "由",
    "等部门",
    "按职责分工负责",
    "参与",
    "落实",
    "结合实际",
    "分别",
    "推进",
    "建设",
    "完成",
    "培育",
    "力争",
    "到2025年",
    "2024年6月底前",
    "每年",
    "去年",
    "不少于",
    "达到",
    "以上",
    "3所",
    "5亿元",
    "80%",
    "1.2万人",
    "10家",
    "提高",
    "项目",
    "企业",
    "服务",
    "重点任务",
    "总体目标",
    "基本原则",
    "保障措施",
    "方案",
    "关于",
    "的通知",
    "某市",
    "工作",
    "平台",
    "的",
    "和",
    "在",
    "对",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn units_of_any_text_stand_in_it(words in prop::collection::vec(prop::sample::select(WORDS), 1..80)) {
        let text = format!("某市工作方案{}", words.concat());
        prop_assert_eq!(invented(&text), Vec::<String>::new(), "{}", text);
    }

    /// A list with a name that is cut, doubled or without its ending.
    #[test]
    fn units_of_any_list_stand_in_it(words in prop::collection::vec(prop::sample::select(&WORDS[41..80]), 1..16)) {
        let list = words.join("、");
        for text in [
            format!("某市工作方案\n一、任务\n1.推进工作。（责任单位：{list}）"),
            format!("某市工作方案\n一、任务\n1.推进工作。由{list}牵头，{list}配合。"),
            format!("某市工作方案\n一、任务\n1.推进工作。（{list}）"),
        ] {
            prop_assert_eq!(invented(&text), Vec::<String>::new(), "{}", text);
        }
    }
}
