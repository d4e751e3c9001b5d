//! Places of unit lists: in a bracket with a label or without, on a line of their own, before a colon, or in
//! running text (由…牵头，…配合).

mod followers;
mod labels;
mod sentences;

use followers::Followers;
pub use labels::{Label, all_labels, ends_in_label, is_bare_label, labels, starts_with_label};

pub use sentences::{Duty, as_last_sentence, before_colon, duties};

use super::draft::Role;
use super::names;
use super::pattern::{Pattern, looked, pattern};
use crate::text::{beginning, ending, is_short};
use sentences::is_named_unit;
use std::cell::LazyCell;
use std::sync::LazyLock;

/// A list found in a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Bytes of the whole list, brackets included.
    pub whole: (usize, usize),
    /// Bytes of its content.
    pub content: (usize, usize),
}

/// Whether the content of a bracket is a list of units.
pub fn is_list(content: &str) -> bool {
    let first = labels(content).first().copied();
    match first {
        Some((0, _, _)) => true,
        Some(_) => content.contains("单位：") || content.contains("部门："),
        None => is_plain_list(content),
    }
}

/// A list without a label: it begins with a unit, and at least half of its names are known to be
/// units by their endings, the rest likely ones; or a verb such as 牵头 says what it is.
fn is_plain_list(content: &str) -> bool {
    let (mut known, mut likely, mut other) = (0, 0, 0);
    let mut verb_seen = false;
    let leads = LazyCell::new(|| content.contains("牵头"));
    let followers = LazyCell::new(|| Followers::of(content));
    for piece in top_pieces(content) {
        let (name, verb) = strip_verb(piece);
        let (name, _) = strip_open_end(name);
        let name = without_note(name);
        let name = name.trim_start_matches('由');
        verb_seen |= verb.is_some();
        if name.is_empty() || super::date::is_deadline(name) {
            continue;
        }
        let place_before_tail =
            names::is_place(name) && (followers.behind(content, piece) || names::is_group(piece));
        if names::is_unit(name) || place_before_tail || is_joined_units(name) {
            known += 1;
        } else if names::is_likely_unit(name) && (known > 0 || is_office_of_place(name)) {
            likely += 1;
        } else if verb_seen || verb.is_some() || *leads {
            other += 1;
        } else {
            return false;
        }
    }
    known > 0 && known >= likely && (other == 0 || known > other)
}

/// 市政府督查室: the room or station of a government.
fn is_office_of_place(name: &str) -> bool {
    name.starts_with(['市', '县', '区', '旗', '省', '州', '盟']) && name.contains("政府")
}

/// Pieces between separators that stand outside brackets.
fn top_pieces(content: &str) -> Vec<&str> {
    looked(content);
    let (mut pieces, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, character) in content.char_indices() {
        match character {
            '（' | '〔' => depth += 1,
            '）' | '〕' => depth -= 1,
            '、' | '，' | '；' if depth <= 0 => {
                pieces.push(&content[start..at]);
                start = at + character.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(&content[start..]);
    pieces
}

/// A name without the second name in brackets behind it: `市科技局（市外专局）`.
pub fn without_note(name: &str) -> &str {
    match name.find('（').filter(|at| *at > 0 && name.ends_with('）')) {
        Some(at) if !is_variant(&name[..at], &name[at..]) && !is_room(&name[at..]) => &name[..at],
        _ => name,
    }
}

/// The bracket of 县政府办（金融股）: a room of the office that stands before it.
fn is_room(bracket: &str) -> bool {
    let inner = bracket.trim_start_matches('（').trim_end_matches('）');
    inner.ends_with(['股', '科', '室']) && (2..=8).contains(&inner.chars().count())
}

/// The bracket of 各市（州）, 各县（市、区） and 市直有关部门（单位）: another word for the same place in
/// the name, and a part of it.
fn is_variant(before: &str, bracket: &str) -> bool {
    const KINDS: &[&str] = &[
        "州",
        "地",
        "盟",
        "市",
        "区",
        "县",
        "旗",
        "师",
        "街道",
        "街",
        "乡镇",
        "镇",
        "乡",
        "苏木",
        "单位",
        "部门",
        "管委会",
        "开发区",
        "功能区",
        "园区",
        "地区",
        "自治县",
        "自治旗",
        "自治州",
        "群岛新区",
        "新区",
        "林区",
    ];
    let inner: &str = bracket.trim_start_matches('（').split('）').next().unwrap_or_default();
    names::is_group(before) && inner.split('、').all(|kind| KINDS.contains(&kind))
}

fn is_joined_units(name: &str) -> bool {
    joints(name).next().is_some()
}

/// The most characters of two units that a word joins.
const JOINED: usize = 120;

/// Places where 和, 及, 与 join two units (and are not part of a name).
pub fn joints(name: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    // Two names without a mark between them are short.
    let words = ["以及", "和", "及", "与", "会同"].into_iter().filter(|_| is_short(name, JOINED));
    let found = words.filter_map(move |word| {
        name.match_indices(word).find_map(|(at, found)| {
            looked(name);
            let (left, right) = (&name[..at], &name[at + found.len()..]);
            let (right, _) = strip_open_end(strip_verb(right).0);
            let complete = names::is_unit(left) && !left.ends_with("单位") || names::is_group(left);
            (complete && (names::is_unit(right) || names::is_group(right) || names::is_place(right)))
                .then_some((at, at + found.len()))
        })
    });
    // The first of them: what stands before it is one name.
    found.min().into_iter()
}

/// Lists in brackets: labelled ones anywhere, plain ones where a sentence ends.
pub fn in_brackets(folded: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (from, to) in brackets(folded) {
        let open = folded[from..].chars().next().map_or(0, char::len_utf8);
        let close = folded[..to]
            .chars()
            .next_back()
            .filter(|c| matches!(c, '）' | '〕' | '】'))
            .map_or(0, char::len_utf8);
        let content = (from + open, to - close);
        // 。以下均需各地落实，不再列出 is a remark and no part of the list.
        let remark = folded[content.0..content.1].find('。').map(|at| content.0 + at);
        let remark = remark.filter(|at| !starts_with_label(&folded[*at + '。'.len_utf8()..content.1]));
        let content = (content.0, remark.unwrap_or(content.1));
        let text = &folded[content.0..content.1];
        if is_bare_label(&folded[from..to]) {
            continue;
        }
        let own = labels(text);
        let labelled = own.first().is_some_and(|(at, _, _)| *at == 0) || own.len() > 1 && is_list(text);
        let rest = &folded[to..];
        let ends =
            rest.is_empty() || rest.starts_with(['。', '；']) || folded[..from].ends_with(['。', '；', '！']);
        if labelled || (ends && is_plain_list(text)) {
            found.push(Found { whole: (from, to), content });
        }
    }
    found
}

/// Outer brackets of every kind, also those that open in one kind and close in another; one that
/// never closes ends with the paragraph when it holds a label.
fn brackets(folded: &str) -> Vec<(usize, usize)> {
    looked(folded);
    let mut pairs = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (at, character) in folded.char_indices() {
        match character {
            '（' | '〔' | '【' => open.push(at),
            '）' | '〕' | '】' => {
                if let Some(from) = open.pop()
                    && open.is_empty()
                {
                    pairs.push((from, at + character.len_utf8()));
                }
            }
            _ => {}
        }
    }
    if let Some(from) = open.first().copied() {
        let inner = &folded[from + '（'.len_utf8()..];
        if starts_with_label(inner) && inner.chars().count() < 200 {
            pairs.push((from, folded.len()));
        }
    }
    pairs
}

/// A labelled list outside brackets, up to the end of its sentence or of the paragraph.
pub fn after_label(folded: &str) -> Option<Found> {
    let outside = brackets(folded);
    // Outer brackets stand one behind the other.
    // 【责任单位：甲局】 stands in a bracket, 【责任单位】 is one itself.
    let inside = |at: usize, end: usize| {
        let next = outside.partition_point(|(from, _)| *from <= at);
        next.checked_sub(1).is_some_and(|last| at < outside[last].1 && end < outside[last].1)
    };
    let (from, _, _) = labels(folded).into_iter().find(|(from, to, label)| {
        folded[..*to].ends_with(['：', '为', '】'])
            && !inside(*from, *to)
            && (matches!(label, Label::Units(_) | Label::Deadline) || *from == 0)
            && (*from == 0
                || folded[..*from].ends_with(['。', '；', '）', '，'])
                || names_follow(&folded[*to..], *label))
    })?;
    let end = end_of_labels(folded, from);
    Some(Found { whole: (from, end), content: (from, end) })
}

/// Whether a label that is glued to the words before it is one: its first name is a unit.
fn names_follow(rest: &str, label: Label) -> bool {
    let near = beginning(rest, JOINED);
    let first = near.split(['、', '，', '；', '。']).next().unwrap_or_default();
    let first = strip_open_end(strip_verb(first).0).0;
    matches!(label, Label::Units(_)) && (names::is_unit(first) || names::is_group(first))
}

/// Whether a line ends inside a labelled list, so that what follows could be read as its rest.
pub fn ends_in_list(folded: &str) -> bool {
    starts_with_label(folded) || after_label(folded).is_some_and(|found| found.whole.1 == folded.len())
}

/// Whether a line ends in a labelled list whose last name has the ending of a unit.
pub fn ends_in_whole_name(folded: &str) -> bool {
    const NEAR: usize = 40;
    let last = ending(folded, NEAR);
    let last = last.rsplit(['、', '，', '；', '：']).next().unwrap_or_default();
    (names::is_unit(last) || names::is_group(last)) && ends_in_list(folded)
}

/// Whether words are whole names of units and nothing else: 区财政局, 各旗市区政府. A heading may as well say what
/// is done to units of a kind: 支持龙头企业.
pub fn is_list_of_units(words: &str) -> bool {
    let is_named = |name: &str| {
        let own = names::prefix(name).is_some() || names::is_group(name);
        own && is_named_unit(name) && !name.contains(['的', '对', '为'])
    };
    is_short(words, JOINED) && words.split('、').all(|name| is_named(strip_open_end(name).0))
}

/// The end of a run of labels: the first full stop that no further label follows.
fn end_of_labels(folded: &str, from: usize) -> usize {
    let mut start = from;
    while let Some(at) = folded[start..].find('。') {
        let after = start + at + '。'.len_utf8();
        if !starts_with_label(&folded[after..]) {
            return start + at;
        }
        start = after;
    }
    folded.len()
}

/// Verbs that give the units before them a role, longest first.
const VERBS: &[(&str, Role)] = &[
    ("按照职责分别牵头", Role::Lead),
    ("按职责分别牵头", Role::Lead),
    ("分别牵头负责", Role::Lead),
    ("按照职责分工分别负责", Role::Responsible),
    ("按照职责分工负责", Role::Responsible),
    ("按职责分工负责落实", Role::Responsible),
    ("按职责分工负责", Role::Responsible),
    ("按照职责分工", Role::Responsible),
    ("分工负责", Role::Responsible),
    ("按职责分工", Role::Responsible),
    ("按职责负责", Role::Responsible),
    ("依职责分工负责", Role::Responsible),
    ("依职责负责", Role::Responsible),
    ("按分工负责", Role::Responsible),
    ("做好配合工作", Role::Co),
    ("做好配合", Role::Co),
    ("配合落实", Role::Co),
    ("分别牵头", Role::Lead),
    ("共同牵头", Role::Lead),
    ("牵头负责", Role::Lead),
    ("负责牵头", Role::Lead),
    ("具体负责", Role::Responsible),
    ("分别负责", Role::Responsible),
    ("共同负责", Role::Responsible),
    ("负责落实", Role::Responsible),
    ("具体落实", Role::Implement),
    ("抓好落实", Role::Implement),
    ("组织落实", Role::Implement),
    ("贯彻落实", Role::Implement),
    ("推进落实", Role::Responsible),
    ("参与推进", Role::Participant),
    ("配合推进", Role::Co),
    ("推进", Role::Responsible),
    ("负责实施", Role::Implement),
    ("组织实施", Role::Implement),
    ("具体实施", Role::Implement),
    ("牵头", Role::Lead),
    ("主办", Role::Lead),
    ("负责", Role::Responsible),
    ("承办", Role::Responsible),
    ("协同配合", Role::Co),
    ("协助配合", Role::Co),
    ("积极配合", Role::Co),
    ("予以配合", Role::Co),
    ("配合", Role::Co),
    ("协办", Role::Co),
    ("协助", Role::Co),
    ("协同", Role::Co),
    ("会同", Role::Co),
    ("共同参与", Role::Participant),
    ("参与", Role::Participant),
    ("参加", Role::Participant),
    ("指导", Role::Guide),
    ("督导", Role::Guide),
    ("实施", Role::Implement),
    ("落实", Role::Implement),
];

/// A name without the verb behind it, and the role the verb gives.
pub fn strip_verb(piece: &str) -> (&str, Option<Role>) {
    let (name, role) = strip_plain_verb(piece);
    if role.is_none() {
        return (name, role);
    }
    // 各区政府结合实际落实: how it is done is no part of the name.
    let mut bare = name;
    while let Some(rest) = MANNERS.iter().find_map(|word| bare.strip_suffix(word)) {
        bare = rest;
    }
    (bare, role)
}

/// Words between a unit and its verb that say how it acts.
const MANNERS: &[&str] = &[
    "结合实际",
    "结合工作实际",
    "结合职能",
    "结合职责",
    "按照职责",
    "根据职责",
    "依据职责",
    "按职责",
    "依职责",
    "按照分工",
    "根据分工",
    "按分工",
    "按规定",
    "按要求",
    "依法",
    "依规",
    "分别",
    "共同",
    "具体",
    "认真",
    "积极",
    "统筹",
    "全面",
    "切实",
    "主动",
    "密切",
    "同步",
];

fn strip_plain_verb(piece: &str) -> (&str, Option<Role>) {
    looked(piece);
    for (verb, role) in VERBS {
        // 市政协办 is an office and helps nobody.
        if let Some(name) = piece.strip_suffix(verb).filter(|name| !name.ends_with('政')) {
            return (name, Some(*role));
        }
    }
    // 市金融办负责资金保障: the verb stands behind the unit.
    for (verb, role) in [("牵头", Role::Lead), ("负责", Role::Responsible), ("配合", Role::Co)] {
        // 市金融办负责人 is a person.
        let is_verb = |at: &usize| !piece[*at + verb.len()..].starts_with(['人', '同']);
        let found = piece.find(verb).filter(is_verb);
        if let Some(at) = found.filter(|at| names::is_unit(&piece[..*at]) && !names::is_unit(piece)) {
            return (&piece[..at], Some(role));
        }
    }
    (piece, None)
}

static OPEN_END: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "等(?:[0-9一二三四五六七八九十]+(?:个|家))?(?:国务院|中央|国家|省|市|区|县|旗|盟|州|自治区|兵团)?(?:直|级|属)?(?:各|有关|相关|主要|其他|成员|责任|审批|职能|行业|主管)*(?:部门|单位|地区|机构|企业|方面)?(?:和|及|、)?(?:有关|相关)?(?:单位|部门|地区)?$",
    )
});

/// A name without 等 and what follows it; whether it was there.
pub fn strip_open_end(piece: &str) -> (&str, bool) {
    match OPEN_END.find(piece) {
        Some(found) if found.start() > 0 => (&piece[..found.start()], true),
        _ => (piece, false),
    }
}

/// 张掖等市政府 as 张掖市政府, and whether there was such a 等.
pub fn without_inner_open_end(name: &str) -> (String, bool) {
    let found = ["等市", "等区", "等县", "等旗"].iter().find_map(|word| {
        let (before, after) = name.split_once(word)?;
        let kind = word.trim_start_matches('等');
        ["人民政府", "政府"].contains(&after).then(|| format!("{before}{kind}{after}"))
    });
    let open = found.is_some();
    (found.unwrap_or_else(|| name.to_owned()), open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::folded_text;

    #[test]
    fn brackets_that_explain_are_no_lists() {
        for text in [
            "含住所",
            "简称中心",
            "市、区",
            "国发〔2024〕3号",
            "详见附件1：清单",
            "营地",
            "协议",
            "试行",
            "家长",
            "三期",
        ] {
            assert!(!is_list(&folded_text(text)), "{text}");
        }
    }

    #[test]
    fn lists_are_known_with_and_without_a_label() {
        for text in [
            "责任单位：市教育局，各旗市区人民政府",
            "服务责任单位:政务服务局",
            "市公安局",
            "市行政審批和政務服務局",
            "托克托縣、清水河縣人民政府,市發展改革委、財政局等",
            "市自然資源局,市有關部門配合",
            "市發展改革委牵头，市财政局配合",
        ] {
            assert!(is_list(&folded_text(text)), "{text}");
        }
    }

    #[test]
    fn labels_give_roles() {
        let roles = |text: &str| {
            labels(&folded_text(text)).into_iter().map(|(_, _, label)| label).collect::<Vec<_>>()
        };
        assert_eq!(
            roles("牵头单位：甲局；配合单位：乙局"),
            vec![Label::Units(Role::Lead), Label::Units(Role::Co)]
        );
        assert_eq!(roles("责任领导：某；完成时限：6月"), vec![Label::Persons, Label::Deadline]);
    }
}
