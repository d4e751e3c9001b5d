//! The head of a document: title, number, issuer, date; and where one document ends in a file
//! that holds several.

use super::date;
use super::outline::marker_at;
use super::pattern::{Pattern, looked, pattern};
use super::source::Paragraph;
use crate::text::is_short;
use std::ops::Range;
use std::sync::LazyLock;

/// The last words of the title of a document or of a plan.
pub const TITLE_ENDINGS: &[&str] = &[
    "通知",
    "意见",
    "方案",
    "办法",
    "措施",
    "规划",
    "计划",
    "清单",
    "要点",
    "决定",
    "公告",
    "通告",
    "规定",
    "细则",
    "批复",
    "通报",
    "规则",
    "指南",
    "目录",
    "分工",
    "条例",
    "函",
    "任务书",
    "纲要",
    "工作安排",
    "分工表",
    "任务表",
    "重点任务",
    "重点工作",
    "工作任务",
    "若干政策",
    "指标表",
    "分解表",
    "责任表",
    "责任书",
    "一览表",
    "进度表",
    "计划表",
    "安排表",
    "台账",
    "纪要",
    "协议",
    "备忘录",
    "责任分工",
    "任务分解",
];

static NUMBER: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"([一-龥]{1,14})〔((?:19|20)\d{2})〕第?(\d{1,5})号"));
static ROUND_NUMBER: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:文号：|发文字号：)?([一-龥]{1,14})（((?:19|20)\d{2})）第?(\d{1,5})号"));
static PLAIN_DATE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?:19|20)\d{2}年\d{1,2}月\d{1,2}日$"));
static TITLE_IN_TEXT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"([一-龥]{2,30})关于[^。；，：]{4,90}?的(?:通知|意见|决定|公告|通告|批复|函)"));
static LABELLED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(标题|名称|发文字号|文号|发文机关|发布机构|制发机关|成文日期|发文日期|发布日期|印发日期)：")
});

/// Whether a line ends as titles do; `（试行）` and `（2024—2026年）` may follow.
pub fn ends_as_title(folded: &str) -> bool {
    let bare = match folded.rfind('（').filter(|at| folded.ends_with('）') && *at > 0) {
        Some(at) => &folded[..at],
        None => folded,
    };
    let bare = bare.trim_end_matches(['》', '"']);
    TITLE_ENDINGS.iter().any(|ending| bare.ends_with(ending))
}

/// A line that holds the number of a document and at most its date.
pub fn is_number_line(folded: &str) -> bool {
    // A number and a date are short.
    if !is_short(folded, 60) {
        return false;
    }
    let found = NUMBER.find(folded).or_else(|| ROUND_NUMBER.find(folded));
    found.is_some_and(|found| {
        let rest = &folded[found.end()..];
        found.start() == 0 && (rest.is_empty() || PLAIN_DATE.is_match(rest))
    })
}

/// A line that is a date and nothing else.
pub fn is_date_line(folded: &str) -> bool {
    is_short(folded, 12) && (PLAIN_DATE.is_match(folded) || chinese_date(folded))
}

fn chinese_date(folded: &str) -> bool {
    folded.starts_with("二〇") && folded.ends_with('日') && folded.chars().count() <= 12
}

/// The paragraphs of each document of a text.
pub fn split(paragraphs: &[Paragraph]) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    // Characters since the last start.
    let mut held = 0;
    for (at, paragraph) in paragraphs.iter().enumerate() {
        looked(&paragraph.folded);
        if at > 0 && held > BODY && is_number_line(&paragraph.folded) {
            starts.push(at);
            held = 0;
        }
        held += paragraph.folded.chars().count();
    }
    let ends = starts.iter().skip(1).copied().chain([paragraphs.len()]);
    starts.iter().copied().zip(ends).map(|(from, to)| from..to).collect()
}

/// A document with its body has more characters.
const BODY: usize = 400;

/// The head of one document.
#[derive(Debug, Default)]
pub struct Head {
    pub title: Option<String>,
    /// The title folded, for finding words in it.
    pub folded_title: String,
    pub doc_number: Option<String>,
    pub issuer: Option<String>,
    pub date: Option<String>,
    /// Index of the first paragraph that belongs to the body.
    pub body: usize,
}

/// Reads the head of a document's paragraphs.
pub fn read(paragraphs: &[Paragraph]) -> Head {
    let mut head = Head::default();
    for (at, paragraph) in paragraphs.iter().take(30).enumerate() {
        let folded = &paragraph.folded;
        if head.title.is_some() && (marker_at(folded).is_some() || folded.contains('。')) {
            break;
        }
        if marker_at(folded).is_some_and(|marker| !marker.is_weak()) {
            break;
        }
        let before = (head.title.clone(), head.doc_number.clone(), head.date.clone());
        number(&mut head, paragraph);
        labelled(&mut head, paragraph);
        title(&mut head, paragraph);
        let known = before != (head.title.clone(), head.doc_number.clone(), head.date.clone());
        let date_line = is_date_line(folded.trim_matches(['（', '）']));
        if date_line && head.date.is_none() {
            head.date = date::day(folded);
        }
        if known || date_line {
            head.body = at + 1;
        }
    }
    if head.issuer.is_none() {
        head.issuer =
            head.folded_title.find("关于").map(|at| issuer_of(&head, at)).filter(|name| is_office(name));
    }
    signature(&mut head, paragraphs);
    head
}

fn issuer_of(head: &Head, at: usize) -> String {
    let characters = head.folded_title[..at].chars().count();
    head.title
        .iter()
        .flat_map(|title| title.chars().filter(|c| !crate::text::is_blank(*c)).take(characters))
        .collect()
}

/// Whether a name is that of an office that issues documents.
pub fn is_office(name: &str) -> bool {
    let folded = crate::text::folded_text(name);
    let ends = [
        "政府",
        "办公室",
        "办公厅",
        "局",
        "委员会",
        "委",
        "厅",
        "办",
        "管委会",
        "院",
        "部",
        "党组",
        "小组",
        "中心",
    ];
    (4..=60).contains(&folded.chars().count()) && ends.iter().any(|ending| folded.ends_with(ending))
}

fn number(head: &mut Head, paragraph: &Paragraph) {
    let folded = &paragraph.folded;
    if head.doc_number.is_some() || folded.chars().count() > 80 && head.title.is_some() {
        return;
    }
    // A number behind 《 is that of another document.
    let quoted = folded.find('《').unwrap_or(folded.len());
    let cited = |at: usize| at > quoted || folded[..at].ends_with(['（', '》']);
    let found =
        NUMBER.captures_iter(folded).find(|found| found.get(0).is_some_and(|all| !cited(all.start())));
    let Some(found) = found.or_else(|| ROUND_NUMBER.captures(folded)) else { return };
    let Some((all, name)) = found.get(0).zip(found.get(1)) else { return };
    let mut word = name.as_str();
    for label in ["发文字号", "文号", "字号"] {
        word = word.trim_start_matches(label);
    }
    let from = name.end() - word.len();
    let plain = folded.chars().count() <= 60 || folded.contains("文号：") || folded.contains("字号：");
    if !plain {
        return;
    }
    head.doc_number = Some(
        paragraph.shown(from, all.end()).replace(['[', '［', '('], "〔").replace([']', '］', ')'], "〕"),
    );
    if head.date.is_none() {
        head.date = date::day(&folded[all.end()..]);
    }
}

/// `标题：…  发文机关：…` of a page's table of particulars.
fn labelled(head: &mut Head, paragraph: &Paragraph) {
    let folded = &paragraph.folded;
    let labels: Vec<_> = LABELLED.find_iter(folded).collect();
    for (index, label) in labels.iter().enumerate() {
        let end = labels.get(index + 1).map_or(folded.len(), |next| next.start());
        let end = (label.end()..end)
            .find(|at| folded.is_char_boundary(*at) && *at > label.end() && paragraph.blank_before(*at))
            .unwrap_or(end);
        let value = &folded[label.end()..end];
        if value.is_empty() || value.chars().count() > 120 {
            continue;
        }
        match label.as_str() {
            "标题：" | "名称：" if head.title.is_none() => set_title(head, paragraph, label.end(), end),
            "发文机关：" | "发布机构：" | "制发机关：" if is_office(value) => {
                head.issuer.get_or_insert_with(|| paragraph.shown(label.end(), end));
            }
            "成文日期：" | "发文日期：" | "印发日期：" => {
                head.date = date::day(value).or(head.date.take());
            }
            "发布日期：" if head.date.is_none() => head.date = date::day(value),
            _ => {}
        }
    }
}

fn title(head: &mut Head, paragraph: &Paragraph) {
    let folded = &paragraph.folded;
    if head.title.is_some() || is_number_line(folded) || folded.starts_with("附件") {
        return;
    }
    let after_number =
        NUMBER.find(folded).map_or(0, |found| if folded.chars().count() > 60 { 0 } else { found.end() });
    let text = &folded[after_number..];
    let whole = text.chars().count() <= 100 && !text.contains(['。', '；']) && text.chars().count() >= 6;
    if whole && ends_as_title(text) {
        set_title(head, paragraph, after_number, folded.len());
    } else if let Some(found) = TITLE_IN_TEXT.captures(text).filter(|_| text.chars().count() > 100)
        && let Some(all) = found.get(0)
        && !text[..all.start()].contains(['。', '《'])
    {
        // On a flattened page the frame's last words stand before a blank.
        let (from, to) = (after_number + all.start(), after_number + all.end());
        let about = folded[from..to].find("关于").map_or(from, |at| from + at);
        let from = (from..about)
            .rev()
            .find(|at| folded.is_char_boundary(*at) && paragraph.blank_before(*at))
            .unwrap_or(from);
        set_title(head, paragraph, from, to);
    }
}

fn set_title(head: &mut Head, paragraph: &Paragraph, from: usize, to: usize) {
    head.folded_title = paragraph.folded[from..to].to_owned();
    head.title = Some(paragraph.shown(from, to));
}

/// Issuer and date at the end of a letter, where the head has none.
fn signature(head: &mut Head, paragraphs: &[Paragraph]) {
    let Some(at) = paragraphs.iter().rposition(|p| is_date_line(&p.folded)) else {
        return;
    };
    if head.date.is_none() {
        head.date = date::day(&paragraphs[at].folded);
    }
    let above = at.checked_sub(1).map(|at| &paragraphs[at]);
    if head.issuer.is_none() {
        head.issuer = above.map(Paragraph::shown_all).filter(|name| is_office(name));
    }
}

/// Signature, remarks and lines that are no part of a plan's body.
pub fn is_closing(folded: &str) -> bool {
    let remark = folded.starts_with('（')
        && super::outline::marker_at(folded).is_none()
        && ["此件", "联系人", "公开发布", "主动公开"].iter().any(|w| folded.contains(w));
    let list = "出席： 出席人员： 参会人员： 列席： 请假： 缺席： 记录： 主持： 分送： 抄送： 抄报： 主送： 主题词："
        .split(' ')
        .any(|word| folded.starts_with(word));
    // The imprint of a letter: 某县政府办公室 2024年3月1日印发.
    let imprint = is_short(folded, 60)
        && (folded.ends_with("印发") && ["年", "月", "日"].iter().all(|word| folded.contains(word))
            || folded.starts_with("主办：") && folded.contains("督办："));
    is_date_line(folded)
        || remark
        || list
        || imprint
        || (is_office(folded)
            && super::outline::marker_at(folded).is_none()
            && !folded.contains(['、', '，', '：', '。'])
            && folded.chars().count() <= 30)
}
