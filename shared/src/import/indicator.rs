//! Sentences with numbers to indicators: name, operator, value, year, cadence, scope, kind.

mod kinds;
mod reading;
mod share;
mod starts;
mod time;
mod trimmed;

pub use time::GoalTime;
pub(super) use time::last_year;

use super::draft::{Cadence, DraftIndicator, IndicatorKind};
use super::pattern::{Pattern, pattern};
use super::quantity::{Quantity, quantities};
use super::source::Paragraph;
use crate::text::{beginning, ending, is_short};
use reading::{Reading, Said};
use share::shared_out;
use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::LazyLock;
use time::{Carried, read_time, without_time};
use trimmed::trimmed;

/// The place of a sentence: goals promise every number, measures only those they say so of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Goal,
    Measure,
    /// Running text outside a plan: a report, a newspaper page.
    Report,
}

static SCOPE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(每个[一-龥]{0,8}?(?:市辖区|县级市|[旗县市区]+)(?:（[^）]{1,10}）)?|(?:我市|全市|我区|全区)?其他(?:地区|旗县市区|旗市区|旗县区|县市区|旗县|区域)|各?旗县市区|各?旗市区|各?旗县区|各?县市区|全市|全区|市本级|全县|全旗|(?:[一-龥]{2,12}?(?:自治旗|自治县)|[一-龥]{2,5}?(?:旗|县|区|市))(?:、(?:[一-龥]{2,12}?(?:自治旗|自治县)|[一-龥]{2,5}?(?:旗|县|区|市)))+|[一-龥]{2,12}?(?:自治旗|自治县)|各(?:县|旗|区|市|镇|乡镇|乡|街道|村|社区|学校)(?:（[^）]{1,10}）)?|每个?(?:社区|行政村|村|嘎查|乡镇|街道|镇|学校|园区))",
    )
});
/// Sentences about what is over, without a year.
static PAST: LazyLock<Pattern> =
    LazyLock::new(|| pattern("截至|(?:^|[，；。])(?:去年|上年|近年来|过去)|\"十[一二三]五\"(?:期间|时期)"));
static PLANNED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "力争|争取|确保|计划|目标|拟|将(?:实现|建成|新增|达到|力争|完成)|到20\\d{2}年|今年|年度|不少于|不低于|全年|年内",
    )
});

/// The months of a year that are over where a text speaks of them.
static SO_FAR: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "今年(?:以来|前[0-9一二三四五六七八九十]{1,2}个?月|(?:1|一)(?:月份?)?(?:-|至|到)[0-9一二三四五六七八九十]{1,2}月)",
    )
});

/// The numbers of a text, by whether somebody is to reach them.
#[derive(Debug, Default)]
pub struct Numbers {
    pub indicators: Vec<DraftIndicator>,
    /// Those that are nobody's aim.
    pub others: Vec<DraftIndicator>,
}

/// The numbers of one paragraph's bytes `[from, to)`.
pub fn read(
    paragraph: &Paragraph,
    range: (usize, usize),
    place: Place,
    item: Option<&str>,
    doc_year: Option<i32>,
) -> Numbers {
    read_with(paragraph, range, place, item, doc_year, &mut GoalTime::default())
}

/// As [`read`], where a time that was said above holds, and one that is said here holds below.
pub fn read_with(
    paragraph: &Paragraph,
    range: (usize, usize),
    place: Place,
    item: Option<&str>,
    doc_year: Option<i32>,
    time: &mut GoalTime,
) -> Numbers {
    let mut found = Found::default();
    let mut start = range.0;
    let mut past = false;
    for end in sentence_ends(&paragraph.folded, range) {
        let mut carried = Carried { past, ..Carried::default() };
        if place == Place::Goal {
            (carried.year, carried.cadence) = (time.year, time.cadence);
        }
        sentence(paragraph, (start, end), place, item, doc_year, &mut carried, &mut found);
        if place == Place::Goal && carried.cadence == Some(Cadence::By) {
            *time = GoalTime { year: carried.year, cadence: carried.cadence };
        }
        past = carried.past;
        start = end;
    }
    Numbers { indicators: found.all, others: found.others }
}

fn sentence_ends(folded: &str, (from, to): (usize, usize)) -> Vec<usize> {
    let mut ends: Vec<usize> =
        folded[from..to].match_indices(['。', '！', '？']).map(|(at, c)| from + at + c.len()).collect();
    if ends.last() != Some(&to) {
        ends.push(to);
    }
    ends
}

fn sentence(
    paragraph: &Paragraph,
    (from, to): (usize, usize),
    place: Place,
    item: Option<&str>,
    doc_year: Option<i32>,
    carried: &mut Carried,
    found: &mut Found,
) {
    let text = &paragraph.folded[from..to];
    let mut all = quantities(text);
    let shares = shared_out(text, &mut all);
    let over =
        PAST.is_match(text) || (carried.past && ["累计", "新增", "其中"].iter().any(|w| text.starts_with(w)));
    let so_far = SO_FAR.is_match(text);
    carried.past = (over || so_far) && !PLANNED.is_match(&SO_FAR.without(text));
    let mut at = 0;
    // The verb of 新建幼儿园3所、小学2所 speaks of both.
    let mut last_kind = None;
    let mut floor = 0;
    let mut aimed = false;
    let said = Said::of(text);
    // How many numbers before were no aims, one behind the other.
    let mut run = 0;
    let (quote, mut quoted) = (LazyCell::new(|| paragraph.shown(from, to)), 0);
    for (index, quantity) in all.iter().enumerate() {
        let clause = clause_start(text, quantity.op_from, floor);
        read_time(&text[at..quantity.op_from], carried, doc_year);
        if text[at..quantity.op_from].contains('；') {
            carried.scope = None;
        }
        let mut kind_of_last = None;
        let next = all.get(index + 1).map_or(text.len(), |next| next.op_from);
        let reading = Reading {
            text,
            said: &said,
            clause,
            next,
            quantity,
            place,
            past: carried.past,
            told: last_kind.is_some(),
            aimed,
        };
        if let Some((name, scope)) = reading.name_and_scope() {
            carried.scope = scope.or(carried.scope.take());
            let listed = text[at..quantity.from].starts_with('、') && at > 0 && last_kind.is_some();
            let kind = reading.kind(carried, doc_year).or(if listed { last_kind } else { None });
            last_kind = kind;
            kind_of_last = kind;
            aimed |= kind == Some(IndicatorKind::Target);
            if let Some(kind) = kind {
                quoted += 1;
                let share = shares.get(&index);
                let name = share.and_then(|share| share.name.clone()).unwrap_or(name);
                let year = share.and_then(|share| share.year).or(carried.year);
                let cadence = if carried.yearly_here { Some(Cadence::Annual) } else { carried.cadence };
                // 每年新增5万只，良种率达到85%: a level is no thing of every year, unless its own clause says so.
                let is_level = quantity.unit == "%" && quantity.change.is_none() && quantity.explicit;
                let compared = text[clause..quantity.from].contains("同比");
                let lasts =
                    cadence == Some(Cadence::Annual) && (is_level || compared) && !carried.yearly_here;
                let cadence = cadence.filter(|_| !lasts || text[clause..quantity.from].contains('每'));
                let (year, cadence) = if kind == IndicatorKind::Baseline && reading.starts_from() {
                    (None, None)
                } else {
                    (year, cadence)
                };
                let name = if name.is_empty() { borrowed_name(found, quantity, text, clause) } else { name };
                found.last.insert(quantity.unit.clone(), found.all.len());
                found.all.push(DraftIndicator {
                    name,
                    year,
                    cadence,
                    kind,
                    scope: carried.scope.clone(),
                    quote: if quoted <= WHOLE_QUOTES {
                        quote.clone()
                    } else {
                        let (start, end) = near(text, quantity);
                        paragraph.shown(from + start, from + end)
                    },
                    ..plain(paragraph, from, quantity, item)
                });
            } else {
                let (start, end) = near(text, quantity);
                found.others.push(DraftIndicator {
                    name,
                    kind: reading.passed_over(),
                    quote: paragraph.shown(from + start, from + end),
                    ..plain(paragraph, from, quantity, item)
                });
            }
        }
        at = quantity.to;
        carried.yearly_here = false;
        let goes_on = !text[quantity.to..].starts_with(['，', '；', '、', '。']);
        // If the number was no aim, the verb before it governs the next one of the clause.
        let stays = kind_of_last.is_none() && place == Place::Measure && goes_on && run < CLAUSE_NUMBERS;
        run = if stays { run + 1 } else { 0 };
        floor = if stays { clause } else { quantity.to };
    }
}

/// A number as it is printed in a sentence that begins at byte `from`.
fn plain(paragraph: &Paragraph, from: usize, quantity: &Quantity, item: Option<&str>) -> DraftIndicator {
    DraftIndicator {
        op: quantity.op,
        value: quantity.value,
        value2: quantity.value2,
        unit: quantity.unit.clone(),
        item: item.map(str::to_owned),
        span: paragraph.span(from + quantity.op_from, from + quantity.to),
        ..DraftIndicator::default()
    }
}

/// The most numbers of one clause that are no aims before one that is.
const CLAUSE_NUMBERS: usize = 16;

/// How many numbers of one sentence quote it whole; those behind them quote what stands near them.
const WHOLE_QUOTES: usize = 64;

/// The bytes of a sentence near a number.
fn near(text: &str, quantity: &Quantity) -> (usize, usize) {
    let before = ending(&text[..quantity.op_from], 60);
    let behind = beginning(&text[quantity.to..], 60);
    (quantity.op_from - before.len(), quantity.to + behind.len())
}

/// The start of a number's clause: behind the last comma, or behind the number before it.
fn clause_start(text: &str, op_from: usize, floor: usize) -> usize {
    let comma = text[floor..op_from]
        .rfind(['，', '；', '：'])
        .map(|at| floor + at + text[floor + at..].chars().next().map_or(0, char::len_utf8));
    let start = comma.unwrap_or(floor);
    start + (text[start..op_from].len() - text[start..op_from].trim_start_matches(['、', '。']).len())
}

/// The name of an earlier indicator with the same unit of measure, or the clause before.
fn borrowed_name(found: &Found, quantity: &Quantity, text: &str, clause: usize) -> String {
    if let Some(other) = found.last.get(&quantity.unit) {
        return found.all[*other].name.clone();
    }
    let near = ending(&text[..clause], NEIGHBOUR);
    let clause_before = near.trim_end_matches(['，', '；', '：']);
    let sentence_start = clause_before.rfind(['，', '；']).map_or(0, |at| at + '，'.len_utf8());
    let named = trimmed(&without_time(&clause_before[sentence_start..]));
    // 实现营业收入23.7亿元，增长7.2%: the number of the clause before is no part of the name.
    let bare = named.find(|c: char| c.is_ascii_digit()).map_or(named.as_str(), |at| &named[..at]);
    let named = if is_short(bare, 1) { named.as_str() } else { bare };
    format!("{named}{}", quantity.change.as_deref().unwrap_or_default())
}

/// The most characters of the clause that gives a number its name.
const NEIGHBOUR: usize = 120;

/// The most characters of the areas that a number is said of.
const AREAS: usize = 300;

/// The indicators of a paragraph, and for each unit of measure the last one with it.
#[derive(Default)]
struct Found {
    all: Vec<DraftIndicator>,
    last: HashMap<String, usize>,
    others: Vec<DraftIndicator>,
}
