//! The content of a unit list to assignments: roles, groups, shared prefixes and endings.

use super::date;
use super::draft::{Doubt, DoubtKind, DraftAssignment, Role};
use super::lists::{self, Found, Label};
use super::names;
use super::pattern::looked;
use super::source::Paragraph;
use crate::text::{beginning, is_short};
use std::collections::HashSet;

/// The content of one list.
#[derive(Debug, Default)]
pub struct ListContent {
    pub assignments: Vec<DraftAssignment>,
    pub deadline: Option<String>,
    pub doubts: Vec<Doubt>,
    place: Option<String>,
}

/// A name of the list and where it stands.
struct Name {
    /// As printed, folded.
    text: String,
    from: usize,
    to: usize,
    /// Names with the same number stand in one group (between ， and ；).
    group: usize,
}

/// The context that the document as a whole gives to its lists.
#[derive(Debug, Default, Clone)]
pub struct Context {
    /// The document's, for deadlines that name a month only.
    pub year: Option<i32>,
    /// 市, where a city's document names its own offices with it and now and then without.
    pub prefix: Option<String>,
    /// 苏州 of a document of 苏州市: names that begin with it are whole.
    pub place: Option<String>,
}

/// Reads one list.
pub fn read(paragraph: &Paragraph, found: Found, context: &Context) -> ListContent {
    let mut content = ListContent { place: context.place.clone(), ..ListContent::default() };
    let mut prefix = context.prefix.clone();
    let year = context.year;
    for (from, to, label_from, label) in segments(&paragraph.folded, found) {
        match label {
            Label::Persons | Label::Other => {}
            Label::Deadline => {
                content.deadline = date::deadline(&paragraph.folded[from..to], year).or(content.deadline);
            }
            Label::Units(role) => {
                segment(paragraph, Segment { from, to, label_from, role, year }, &mut prefix, &mut content);
            }
        }
    }
    content
}

/// Reads names that have one role, by a sentence.
pub fn read_as(
    paragraph: &Paragraph,
    (from, to): (usize, usize),
    role: Role,
    context: &Context,
) -> ListContent {
    let mut content = ListContent { place: context.place.clone(), ..ListContent::default() };
    let mut prefix = context.prefix.clone();
    let part = Segment { from, to, label_from: from, role, year: context.year };
    segment(paragraph, part, &mut prefix, &mut content);
    content
}

/// The parts of a list between its labels; without a label the whole is one part.
fn segments(folded: &str, found: Found) -> Vec<(usize, usize, usize, Label)> {
    let (start, end) = found.content;
    let text = &folded[start..end];
    let labels = lists::all_labels(text);
    let mut parts = Vec::new();
    let first = labels.first().map_or(text.len(), |label| label.0);
    if first > 0 {
        parts.push((start, start + first, start, Label::Units(Role::Responsible)));
    }
    for (index, (from, to, label)) in labels.iter().enumerate() {
        let until = labels.get(index + 1).map_or(text.len(), |next| next.0);
        parts.push((start + to, start + until, start + from, *label));
    }
    parts
}

struct Segment {
    from: usize,
    to: usize,
    label_from: usize,
    role: Role,
    year: Option<i32>,
}

/// One part of a list: names are gathered until a verb gives them a role.
fn segment(paragraph: &Paragraph, part: Segment, prefix: &mut Option<String>, content: &mut ListContent) {
    let folded = &paragraph.folded;
    let mut waiting: Vec<Name> = Vec::new();
    let mut open_ended = false;
    let mut start = part.label_from;
    let mut group = 0;
    // After one verb the next one speaks of all names since.
    let mut led = false;
    for (from, to, new_group) in pieces(paragraph, part.from, part.to) {
        group += usize::from(new_group);
        let piece = &folded[from..to];
        if date::is_deadline(piece) {
            content.deadline = date::deadline(piece, part.year).or(content.deadline.take());
            continue;
        }
        let (name, verb) = lists::strip_verb(piece);
        let (name, open) = lists::strip_open_end(name);
        let (name, leads) = match name.strip_suffix("（牵头）").or(name.strip_suffix("（牵头单位）"))
        {
            Some(name) => (name, true),
            None => (lists::without_note(name), false),
        };
        let skipped = ["由", "会同", "请"]
            .iter()
            .find(|word| name.starts_with(**word) && names::is_unit(&name[word.len()..]));
        let cut = skipped.map_or(0, |word| word.len());
        open_ended |= open;
        if name.len() > cut {
            // 酒泉、张掖等市政府: the last city has lost its kind to the ending.
            let (text, more) = lists::without_inner_open_end(&name[cut..]);
            open_ended |= more;
            waiting.push(Name { text, from: from + cut, to: from + name.len(), group });
        }
        if leads && name.len() > cut {
            // 市财政局（牵头）: the mark is of this name alone.
            let own = waiting.pop();
            flush(paragraph, &mut waiting, (start, from), part.role, false, prefix, content);
            waiting.extend(own);
            flush(paragraph, &mut waiting, (from, to), Role::Lead, false, prefix, content);
            start = to;
            continue;
        }
        if let Some(role) = verb {
            // A verb behind an unlabelled list overrules the default; in a labelled list only a
            // verb of another kind does.
            let role = if role == Role::Responsible { part.role } else { role };
            let shared = ["分别", "共同", "按"].iter().any(|word| piece[name.len()..].contains(word));
            let own_group = waiting.iter().position(|name| name.group == group).unwrap_or(0);
            if role != part.role && !shared && own_group > 0 && !led {
                // In 甲局，乙局配合 only 乙局 helps.
                let own = waiting.split_off(own_group);
                let cut = own[0].from;
                flush(paragraph, &mut waiting, (start, cut), part.role, false, prefix, content);
                (waiting, start) = (own, cut);
            }
            flush(paragraph, &mut waiting, (start, to), role, open_ended, prefix, content);
            open_ended = false;
            led = true;
            start = to;
        }
    }
    flush(paragraph, &mut waiting, (start, part.to), part.role, open_ended, prefix, content);
}

/// Pieces between separators; the last value says that a new group begins.
fn pieces(paragraph: &Paragraph, from: usize, to: usize) -> Vec<(usize, usize, bool)> {
    let folded = &paragraph.folded;
    let mut out = Vec::new();
    let (mut start, mut depth, mut new_group) = (from, 0_i32, true);
    let mut push = |start: usize, end: usize, new_group: bool| {
        let mut start = start;
        while let Some((at, after)) = lists::joints(&folded[start..end]).next() {
            out.push((start, start + at, new_group && start == 0));
            start += after;
        }
        if end > start {
            out.push((start, end, new_group));
        }
    };
    for (at, character) in folded[from..to].char_indices() {
        let at = from + at;
        match character {
            '（' | '〔' => depth += 1,
            '）' | '〕' => depth -= 1,
            // 各区、县（市）人民政府 and 各省、自治区、直辖市 are one group.
            '、' if depth <= 0 && one_group(&folded[start..at], &folded[at + character.len_utf8()..to]) => {}
            '、' | '，' | '；' | '。' | '/' | '|' if depth <= 0 => {
                push(start, at, new_group);
                new_group = character != '、' && character != '/';
                start = at + character.len_utf8();
            }
            _ if at > start
                && paragraph.blank_before(at)
                && is_whole(&folded[start..at])
                && !folded[start..at].ends_with("委员")
                // Blank-separated lists; a name that a line break cut does not end like a unit.
                && starts_like_unit(&folded[at..next_blank(paragraph, at, to)]) =>
            {
                push(start, at, new_group);
                new_group = false;
                start = at;
            }
            _ => {}
        }
    }
    push(start, to, new_group);
    out
}

/// The most characters of the kinds of places that are one group: 各省、自治区、直辖市.
const GROUP: usize = 60;

fn one_group(before: &str, after: &str) -> bool {
    let kinds = |text: &str| text.chars().all(|c| "省市区县旗盟州地师、（）自治直辖".contains(c));
    is_short(before, GROUP)
        && before.strip_prefix('各').is_some_and(|before| {
            let before = before.trim_start_matches("有关").trim_start_matches("相关");
            !before.is_empty() && kinds(before)
        })
        && [
            "县",
            "旗",
            "市（",
            "市、",
            "自治区",
            "直辖市",
            "自治州",
            "区（",
            "区政府",
            "区人民政府",
            "计划单列市",
        ]
        .iter()
        .any(|word| after.starts_with(word))
}

/// The most characters of a unit with its verb.
const WORD: usize = 120;

/// A unit, or a town that stands for its government.
pub fn is_whole(name: &str) -> bool {
    let town = ["镇", "乡", "街道", "苏木", "旗", "县", "区"].iter().any(|kind| name.ends_with(kind));
    names::is_unit(name) || town && !is_short(name, 1) && is_short(name, 10)
}

/// The byte of the next character behind a blank, in the bytes up to `to`.
fn next_blank(paragraph: &Paragraph, from: usize, to: usize) -> usize {
    let near = beginning(&paragraph.folded[from..to], WORD);
    let blank = near.char_indices().skip(1).find(|(at, _)| paragraph.blank_before(from + at));
    blank.map_or(to, |(at, _)| from + at)
}

fn starts_like_unit(rest: &str) -> bool {
    let is_unit = |word: &str| is_whole(lists::strip_open_end(lists::strip_verb(word).0).0);
    rest.starts_with(['市', '区', '县', '旗', '各', '省', '盟', '自']) || {
        let near = beginning(rest, WORD);
        looked(near);
        match near.find(['、', '，', '；', '。']) {
            Some(end) => is_unit(&near[..end]),
            None => near.len() == rest.len() && is_unit(rest),
        }
    }
}

/// Names with their role become an assignment.
#[allow(clippy::too_many_arguments, reason = "one private step of the list's reading")]
fn flush(
    paragraph: &Paragraph,
    waiting: &mut Vec<Name>,
    range: (usize, usize),
    role: Role,
    open_ended: bool,
    prefix: &mut Option<String>,
    content: &mut ListContent,
) {
    let names = std::mem::take(waiting);
    if names.is_empty() {
        return;
    }
    let (mut units, mut seen) = (Vec::new(), HashSet::new());
    let others: Vec<Others> = others(&names);
    for (index, name) in names.iter().enumerate() {
        let (whole, mended) = complete(&names, index, &others[index], prefix, content.place.as_deref());
        // 市发改、财政等部门: the ending stands behind 等.
        let short_form = open_ended && whole.chars().count() >= 2 && whole.chars().all(crate::text::is_han);
        if !names::may_stand_in_list(&whole) && !short_form && !names::is_room(&whole) {
            let span = paragraph.span(name.from, name.to);
            content.doubts.push(Doubt { kind: DoubtKind::OddUnit, span, words: whole });
            continue;
        }
        let mut doubt = |kind| {
            content.doubts.push(Doubt {
                kind,
                span: paragraph.span(name.from, name.to),
                words: whole.clone(),
            });
        };
        if !seen.insert(whole.clone()) {
            doubt(DoubtKind::RepeatedUnit);
            continue;
        }
        if paragraph.is_cut(name.from, name.to) {
            doubt(DoubtKind::JoinedUnit);
        } else if names::is_group(&whole) {
            doubt(DoubtKind::GroupUnit);
        } else if mended {
            doubt(DoubtKind::CompletedUnit);
        } else if !names::is_unit(&whole) && !names::is_place(&whole) {
            doubt(DoubtKind::OddUnit);
        }
        units.push(whole);
    }
    if units.is_empty() {
        return;
    }
    let trimmed = trim_separators(&paragraph.folded, range);
    content.assignments.push(DraftAssignment {
        role,
        units,
        open_ended,
        raw: paragraph.shown(trimmed.0, trimmed.1),
        span: paragraph.span(trimmed.0, trimmed.1),
    });
}

fn trim_separators(folded: &str, (mut from, mut to): (usize, usize)) -> (usize, usize) {
    const MARKS: &[char] = &['，', '；', '、', '。'];
    let text = &folded[from..to];
    from += text.len() - text.trim_start_matches(MARKS).len();
    to -= folded[from..to].len() - folded[from..to].trim_end_matches(MARKS).len();
    (from, to.max(from))
}

/// The other names of a list that one name may be completed from, by their places.
#[derive(Default, Clone)]
struct Others {
    /// The next one of its group that is a unit, and the next one with an ending that places share.
    unit: Option<usize>,
    tail: Option<usize>,
    /// Whether an office of a party committee stands before it in its group, and a 党委 anywhere before it.
    is_after_party: bool,
    is_after_committee: bool,
}

/// For each name the others that matter to it, gathered in one pass each way.
fn others(names: &[Name]) -> Vec<Others> {
    const PARTY: [&str; 7] = ["委组织部", "委宣传部", "委统战部", "委编办", "委政法委", "委办", "委网信办"];
    let mut all = vec![Others::default(); names.len()];
    let next_in_group =
        |place: usize| names.get(place + 1).is_some_and(|next| next.group == names[place].group);
    for place in (0..names.len()).rev().filter(|place| next_in_group(*place)) {
        let next = &names[place + 1].text;
        looked(next);
        all[place].unit = if names::is_unit(next) { Some(place + 1) } else { all[place + 1].unit };
        let has_tail = names::shared_tail(next).is_some();
        all[place].tail = if has_tail { Some(place + 1) } else { all[place + 1].tail };
    }
    for place in 1..names.len() {
        let before = &names[place - 1];
        all[place].is_after_party = before.group == names[place].group
            && (all[place - 1].is_after_party || PARTY.iter().any(|office| before.text.contains(office)));
        all[place].is_after_committee = all[place - 1].is_after_committee || before.text.contains("党委");
    }
    all
}

/// The whole of a name that leaves its ending to the next one: 天河、越秀、海珠区政府, or
/// 市教育、公安、民政局.
fn shortened(names: &[Name], index: usize, next: Option<usize>, prefix: Option<&str>) -> Option<String> {
    let name = &names[index];
    let text = name.text.as_str();
    let short = (2..=5).contains(&text.chars().count()) && text.chars().all(crate::text::is_han);
    if !short || names::is_likely_unit(text) || names::is_group(text) || names::is_place(text) {
        return None;
    }
    let next = names[next?].text.as_str();
    if let Some(tail) = names::shared_tail(next) {
        let place = &next[..next.len() - tail.len()];
        let kind =
            ["自治旗", "自治县", "市", "区", "县", "旗", "州"].iter().find(|kind| place.ends_with(**kind))?;
        return (text.chars().count() <= 4).then(|| format!("{text}{kind}{tail}"));
    }
    let ending = ["局", "厅"].iter().find(|ending| next.ends_with(**ending))?;
    let known = names::prefix(&format!("{text}{ending}")).is_some();
    let prefix = prefix.filter(|_| !known).unwrap_or_default();
    names::is_field(text.trim_start_matches(['市', '区', '县', '旗', '省', '州', '盟']))
        .then(|| format!("{prefix}{text}{ending}"))
}

/// The complete name: an ending shared with a later place, a prefix shared with an earlier unit.
/// The second value says that a person should look: the prefix came from another group, or the
/// ending from a later place.
fn complete(
    names: &[Name],
    index: usize,
    others: &Others,
    prefix: &mut Option<String>,
    place: Option<&str>,
) -> (String, bool) {
    let name = &names[index];
    let text = name.text.as_str();
    let whole = place.is_some_and(|place| text.starts_with(place)) && names::prefix(text).is_none();
    if whole && names::is_unit(text) {
        return (text.to_owned(), false);
    }
    if names::is_place(text) && !names::is_group(text) {
        let tail = others.tail.and_then(|next| names::shared_tail(&names[next].text));
        return match tail {
            Some(tail) if names::tail_fits(text, tail) => (format!("{text}{tail}"), true),
            _ => (text.to_owned(), false),
        };
    }
    if let Some(whole) = shortened(names, index, others.unit, prefix.as_deref()) {
        *prefix = names::prefix(&whole).map(str::to_owned).or(prefix.take());
        return (whole, true);
    }
    if let Some(own) = names::prefix(text) {
        *prefix = Some(own.to_owned());
        return (text.to_owned(), false);
    }
    // Groups stand one behind the other.
    let same_group = index > 0 && names[index - 1].group == name.group;
    let Some(shared) = prefix.as_deref().filter(|_| names::takes_prefix(text)) else {
        return (text.to_owned(), false);
    };
    if text.starts_with(shared) || (names::is_firm(text) && !same_group) {
        return (text.to_owned(), false);
    }
    if names::is_party_organ(text) && (others.is_after_party || text != "党校") && !shared.ends_with('委')
    {
        let committee = if others.is_after_committee { "党委" } else { "委" };
        return (format!("{shared}{committee}{text}"), true);
    }
    (format!("{shared}{text}"), !same_group)
}
