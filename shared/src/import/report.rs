//! A draft as JSON and as a readable outline with the doubtful places first.

use super::draft::{Doubt, DoubtKind, Draft, DraftBoard, DraftIndicator, DraftItem, Operator};
use std::fmt::Write;

/// The draft as the JSON that `tongban import --json` prints.
///
/// # Errors
/// Never for drafts of this crate; the error is serde's.
pub fn to_json(draft: &Draft) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(draft)
}

/// The draft as a readable outline, doubtful places first.
#[must_use]
pub fn outline_text(draft: &Draft) -> String {
    let mut out = String::new();
    for document in &draft.documents {
        let head = [&document.title, &document.doc_number, &document.issuer, &document.date];
        let head: Vec<&str> = head.into_iter().flatten().map(String::as_str).collect();
        let _ = writeln!(
            out,
            "文件：{}",
            if head.is_empty() { "（没有标题）".to_owned() } else { head.join("　") }
        );
        for board in &document.boards {
            board_text(board, &mut out);
        }
    }
    if draft.documents.is_empty() {
        out.push_str("没有读出文件：文中没有编号的举措，也没有目标数字。\n");
    }
    out
}

fn board_text(board: &DraftBoard, out: &mut String) {
    let _ = writeln!(
        out,
        "\n清单：{}（模板 {}）",
        board.title.as_deref().unwrap_or("（没有标题）"),
        board.template
    );
    if let Some(period) = board.period {
        let _ = writeln!(out, "实施期限：{}—{}", period.from, period.to);
    }
    let items = board.items().count();
    let (units, parts) = board.units();
    let _ = writeln!(
        out,
        "条目 {items}，单位 {}（分工 {parts}），指标 {}，存疑 {}",
        units.len(),
        board.indicators.len(),
        board.doubts.len()
    );
    for doubt in &board.doubts {
        let _ = writeln!(out, "  ？{}：{}（第 {} 字）", doubt_words(doubt), doubt.words, doubt.span.from);
    }
    for section in &board.sections {
        let number = section.number.as_deref().unwrap_or_default();
        let _ = writeln!(out, "  {number} {}", section.title.as_deref().unwrap_or_default());
        for item in &section.items {
            item_text(item, 2, out);
        }
    }
    for indicator in &board.indicators {
        let _ = writeln!(out, "  ◇ {}", indicator_words(indicator));
    }
    for number in &board.numbers {
        let _ = writeln!(out, "  · {}", indicator_words(number));
    }
}

fn item_text(item: &DraftItem, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let _ = writeln!(out, "{indent}{} {}", item.number.as_deref().unwrap_or_default(), item.title);
    for assignment in &item.assignments {
        let open = if assignment.open_ended { " 等" } else { "" };
        let _ = writeln!(out, "{indent}    {:?}：{}{open}", assignment.role, assignment.units.join("、"));
    }
    if let Some(deadline) = &item.deadline {
        let _ = writeln!(out, "{indent}    时限：{deadline}");
    }
    for child in &item.children {
        item_text(child, depth + 1, out);
    }
}

/// Why a place is doubtful, in the reader's words.
#[must_use]
pub fn doubt_words(doubt: &Doubt) -> &'static str {
    match doubt.kind {
        DoubtKind::MistakenPlace => "地名与单位字典不一致",
        DoubtKind::JoinedUnit => "名称被换页断开，已合成",
        DoubtKind::OddUnit => "不像单位名称",
        DoubtKind::CompletedUnit => "单位名称是补全的",
        DoubtKind::GroupUnit => "一组单位",
        DoubtKind::ToldUnit => "从句子的主语读出",
        DoubtKind::RepeatedUnit => "同一名单里重复",
        DoubtKind::NumberingJump => "编号不连续",
    }
}

fn indicator_words(indicator: &DraftIndicator) -> String {
    let op = match indicator.op {
        Operator::AtLeast => "≥",
        Operator::MoreThan => ">",
        Operator::AtMost => "≤",
        Operator::LessThan => "<",
        Operator::Equal | Operator::Between => "",
    };
    let upper = indicator.value2.map(|value| format!("—{value}")).unwrap_or_default();
    let year = indicator.year.map(|year| format!("{year} 年 ")).unwrap_or_default();
    let scope = indicator.scope.as_deref().map(|scope| format!("（{scope}）")).unwrap_or_default();
    format!(
        "{year}{}{scope} {op}{}{upper}{} [{:?}]",
        indicator.name, indicator.value, indicator.unit, indicator.kind
    )
}
