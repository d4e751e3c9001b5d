//! The time that a sentence gives its numbers, and what of it carries on.

use crate::import::draft::Cadence;
use crate::import::outline::chinese_number;
use crate::import::pattern::{Pattern, pattern};
use std::sync::LazyLock;

static TIME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "(每年|每季度|每月)|(?:到|至|力争到|争取到|截至)?(20\\d{2})年?(?:-|至|到)(20\\d{2})年|(到|至|截至)?(20\\d{2})年年?(?:\\d{1,2}月)?(?:\\d{1,2}日)?(?:上旬|中旬)?(底|末)?(?:之|以)?(前)?|(今年底?|年内|全年|本年度|年底前?|年末前?|\\d{1,2}月(?:\\d{1,2}日)?(?:底|末|上旬|中旬)?(?:之|以)?前|\\d{1,2}月(?:底|末)|[一二三四]季度末?|(?:上|下)半年)|[0-9一二三四五]+年内|(年均)|(?:到|至|力争|争取)?\"(十[一二三四五六]五)\"(?:规划)?(?:期)?(?:末|期间|时期|期末)|(去年|上年|上一年)",
    )
});

/// The context that carries on from clause to clause of a paragraph.
#[derive(Default, Clone)]
pub(super) struct Carried {
    pub(super) year: Option<i32>,
    pub(super) cadence: Option<Cadence>,
    pub(super) scope: Option<String>,
    /// 年均 is said of one number only.
    pub(super) yearly_here: bool,
    /// The sentence before spoke of what is over.
    pub(super) past: bool,
    /// The last time that was said is the year before.
    pub(super) last_year: bool,
    /// The time outside a bracket that is open.
    pub(super) outside: Option<(Option<i32>, Option<Cadence>)>,
}

/// The time that a goal names for all that follows it: `到2025年：`.
#[derive(Default, Clone, Copy)]
pub struct GoalTime {
    pub(super) year: Option<i32>,
    pub(super) cadence: Option<Cadence>,
}

/// Takes in the time that a stretch of text says; one in a bracket holds in it alone.
pub(super) fn read_time(text: &str, carried: &mut Carried, doc_year: Option<i32>) {
    let mut start = 0;
    for (at, mark) in text.match_indices(['（', '）']) {
        time_of(&text[start..at], carried, doc_year);
        start = at + mark.len();
        if mark == "（" {
            carried.outside.get_or_insert((carried.year, carried.cadence));
        } else if let Some((year, cadence)) = carried.outside.take() {
            (carried.year, carried.cadence) = (year, cadence);
        }
    }
    time_of(&text[start..], carried, doc_year);
}

fn time_of(text: &str, carried: &mut Carried, doc_year: Option<i32>) {
    for found in TIME.captures_iter(text) {
        // 比2020年下降 names the start and not the aim.
        let start = found.get(0).map_or(0, |all| all.start());
        let end = found.get(0).map_or(0, |all| all.end());
        let based = text[..start].ends_with(['比', '较', '与', '由', '从', '自', '在'])
            && (text[..start].ends_with(['比', '较', '与']) || text[end..].starts_with(['的', '基']));
        if based {
            continue;
        }
        if found.get(9).is_some() {
            carried.yearly_here = !AVERAGES.iter().any(|word| text[end..].starts_with(word));
            continue;
        }
        if let Some(plan) = found.get(10) {
            (carried.year, carried.cadence) = (last_year(plan.as_str()), Some(Cadence::By));
            continue;
        }
        if found.get(11).is_some() {
            // 在去年42亿的基础上, 较上年下降: where it starts.
            if text[..start].ends_with(['在', '比', '较', '与', '由', '从']) {
                continue;
            }
            carried.last_year = true;
            if let Some(now) = doc_year {
                (carried.year, carried.cadence) = (Some(now - 1), Some(Cadence::In));
            }
            continue;
        }
        carried.last_year = false;
        let year = |index: usize| found.get(index).and_then(|part| part.as_str().parse::<i32>().ok());
        if found.get(1).is_some() {
            if carried.cadence == Some(Cadence::By) && carried.year.is_some() {
                carried.yearly_here = true;
            } else {
                carried.cadence = Some(Cadence::Annual);
            }
        } else if let Some(last) = year(3) {
            (carried.year, carried.cadence) = (Some(last), Some(Cadence::By));
        } else if let Some(one) = year(5) {
            // 2005年前建成的小区: which ones.
            let near = crate::text::beginning(&text[end..], 6);
            if doc_year.is_some_and(|now| one < now) && near.contains('的') && found.get(7).is_some() {
                continue;
            }
            let by = found.get(4).is_some() || found.get(6).is_some() || found.get(7).is_some() || {
                // 2025年6月底前: a month's end is a limit as well.
                found.get(0).is_some_and(|all| all.as_str().ends_with('前'))
            };
            (carried.year, carried.cadence) = (Some(one), Some(if by { Cadence::By } else { Cadence::In }));
        } else if doc_year.is_some() && found.get(8).is_some() {
            let counted = text[..start].ends_with(|c: char| c.is_ascii_digit() || "一二三四五两".contains(c));
            // 每年11月底前 is a day of every year.
            if counted || text[..start].ends_with("每年") {
                continue;
            }
            let by = found.get(8).is_some_and(|word| word.as_str().ends_with(['前', '底', '末']));
            (carried.year, carried.cadence) = (doc_year, Some(if by { Cadence::By } else { Cadence::In }));
        }
    }
    if carried.cadence == Some(Cadence::Annual) && !text.contains("20") && text.contains("每年") {
        carried.year = None;
    }
}

/// Words behind 年均 that are the mean of a year, and nothing that happens every year.
const AVERAGES: [&str; 8] = ["浓度", "停电", "收入", "可支配", "气温", "降水", "水位", "工资"];

/// The last year of a five-year plan, the thirteenth of which ended in 2020.
pub(in crate::import) fn last_year(plan: &str) -> Option<i32> {
    let number = chinese_number(plan.strip_suffix('五')?)?;
    Some(2020 + (i32::try_from(number).ok()? - 13) * 5)
}

/// Words that say what a change is measured from: `在2025年的基础上`, `在现有水平基础上`.
static BASE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "在[^，。；在]{0,20}?(?:的)?(?:基础|水平)(?:之)?上，?|(?:比|较|与)(?:上一年|上年|去年|20\\d{2}年)(?:度)?(?:相比)?",
    )
});

/// A text without its words of time.
pub(super) fn without_time(text: &str) -> String {
    TIME.without(&BASE.without(text))
}
