//! Labels of lists: 责任单位：, 牵头单位：, 完成时限：.

use crate::import::draft::Role;
use crate::import::pattern::{Pattern, looked, pattern};
use crate::text::{beginning, ending, is_short};
use std::sync::LazyLock;

/// The kind of list that a label announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Units(Role),
    Persons,
    Deadline,
    /// Something else that is said of the measure: 适用范围.
    Other,
}

static LABEL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        "【?(?:第一|主要|服务|整改|具体|工作|项目|共同|协同|省级|市级|区级|县级|旗县|自治区|责任)?",
        "(?:责任|主责|牵头|主办|承办|配合|协办|协同|协作|协助|参与|参加|参建|实施|指导|支持|督导|督办|监督|主管|建设|落实|负责)",
        "(?:责任|负责|实施|落实)?(?:单位|部门|地区|处室|科室|股室|主体|机构|盟市|旗县)",
        "(?:（(?:单位|部门|地区)）)?(?:及责任人|及分工|、责任人|和责任人)?(?:：|】：?|为)?",
        "|(?:牵头|配合|责任|参与|协办|主办|承办|督办|指导)：",
        "|(?:责任|牵头|分管|配合|包联|主管|挂钩|负责)(?:市|区|县|旗)?(?:领导|人员|同志)：",
        "|(?:第一)?(?:责任人|联系人|负责人)：",
        "|(?:完成|办理|整改|推进|落实|实施|工作)?(?:时限|时间|期限|节点)(?:要求|节点|安排)?：",
    ))
});

/// Labels of what is no unit, between labels of units: `适用范围：`.
static OTHER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "(?:适用|实施|覆盖|服务|执行|试点)(?:范围|区域|对象|地区)：|(?:政策|文件|法律)?依据：|(?:备注|说明|注|联系电话|电话|联系方式|工作措施|主要措施|主要内容|工作目标|目标要求|成果形式|资金来源|考核指标|预期目标|进展情况|预期成效|办理方式)：",
    )
});

/// The labels of a list with what stands between them: their bytes and their meaning.
pub fn all_labels(content: &str) -> Vec<(usize, usize, Label)> {
    let mut all = labels(content);
    if all.is_empty() && !content.contains('：') {
        return all;
    }
    let apart = |from: usize| from == 0 || content[..from].ends_with(['，', '；', '。', '、']);
    let mut nesting = Nesting { content, at: 0, open: None };
    let others =
        OTHER.find_iter(content).filter(|found| !nesting.holds(found.start()) && apart(found.start()));
    all.extend(others.map(|found| (found.start(), found.end(), Label::Other)));
    all.sort_by_key(|label| label.0);
    all.dedup_by(|next, before| next.0 < before.1);
    all
}

/// A label in a text: its bytes and its meaning.
pub fn labels(content: &str) -> Vec<(usize, usize, Label)> {
    let mut nesting = Nesting { content, at: 0, open: None };
    LABEL
        .find_iter(content)
        // （联系人：…） inside a list speaks of one name of it.
        .filter(|found| !nesting.holds(found.start()))
        .filter(|found| {
            let colon = found.as_str().ends_with(['：', '为', '】']);
            let before = content[..found.start()].chars().next_back();
            let first = before.is_none_or(|c| matches!(c, '，' | '；' | '。' | '、' | '（'));
            (colon && before != Some('各'))
                || (first && found.start() == 0 && !found.as_str().starts_with("项目"))
        })
        .map(|found| (found.start(), found.end(), meaning(found.as_str())))
        .collect()
}

/// Whether places of a text, each behind the one before, stand in a bracket that opened in this very text,
/// behind some other word.
struct Nesting<'a> {
    content: &'a str,
    /// The text up to this byte was looked at.
    at: usize,
    /// The last bracket that opened, unless one closed behind it.
    open: Option<usize>,
}

impl Nesting<'_> {
    fn holds(&mut self, at: usize) -> bool {
        let passed = &self.content[self.at..at];
        looked(passed);
        for (place, character) in passed.char_indices() {
            match character {
                '（' => self.open = Some(self.at + place),
                '）' => self.open = None,
                _ => {}
            }
        }
        self.at = at;
        self.open.is_some_and(|open| open > 0 && !self.content[..open].ends_with(['。', '；', '，']))
    }
}

fn meaning(label: &str) -> Label {
    let has = |words: &[&str]| words.iter().any(|word| label.contains(word));
    if has(&["领导", "责任人：", "联系人", "负责人", "人员", "同志"]) {
        Label::Persons
    } else if has(&["时限", "时间", "期限", "节点"]) {
        Label::Deadline
    } else if has(&["牵头", "主办", "主管", "主责"]) {
        Label::Units(Role::Lead)
    } else if has(&["配合", "协办", "协同", "协作", "协助", "支持"]) {
        Label::Units(Role::Co)
    } else if has(&["参与", "参加", "参建"]) {
        Label::Units(Role::Participant)
    } else if has(&["指导", "督导", "监督"]) {
        Label::Units(Role::Guide)
    } else if has(&["责任", "承办", "负责"]) {
        Label::Units(Role::Responsible)
    } else {
        Label::Units(Role::Implement)
    }
}

/// No label has so many characters.
const LONGEST: usize = 40;

/// Whether a line begins with a label and its colon.
pub fn starts_with_label(folded: &str) -> bool {
    let text = beginning(folded.trim_start_matches(['（', '〔', '【', '*']), LONGEST);
    labels(text).first().is_some_and(|(from, to, _)| *from == 0 && text[..*to].ends_with(['：', '】']))
}

/// Whether a text ends in a label and its colon, so that its names stand on the next line.
pub fn ends_in_label(folded: &str) -> bool {
    let near = ending(folded, LONGEST);
    folded.ends_with('：') && labels(near).last().is_some_and(|(_, to, _)| *to == near.len())
}

/// Whether a line is a label and nothing else, so that its names stand on the next one.
pub fn is_bare_label(folded: &str) -> bool {
    is_short(folded, LONGEST)
        && labels(folded)
            .first()
            .is_some_and(|(from, to, _)| *from == 0 && *to == folded.len() && folded.ends_with(['：', '】']))
}
