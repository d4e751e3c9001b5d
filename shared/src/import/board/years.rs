//! Years that a document says of itself.

use crate::import::draft::{Cadence, DraftIndicator, IndicatorKind, Period};
use crate::import::indicator::last_year;
use crate::import::pattern::{Pattern, pattern};
use crate::import::source::Paragraph;
use crate::text::beginning;
use std::sync::LazyLock;

static PERIOD: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(20\d{2})年?(?:-|至|~|到)(20\d{2})年?"));

static NUMBERED: LazyLock<Pattern> = LazyLock::new(|| pattern("〔(20\\d{2})〕"));
static DATED: LazyLock<Pattern> = LazyLock::new(|| pattern("(20\\d{2})年\\d{1,2}月\\d{1,2}日"));
static TITLED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "(20\\d{2})年(?:度)?[^，。；：0-9]{2,40}(?:方案|计划|清单|要点|分工|任务|项目|措施|办法|表|工作)(?:[^0-9]|$)",
    )
});

/// The year of a document whose head was not found: of its number, of its first day, of its title.
pub(super) fn year_of(paragraphs: &[Paragraph]) -> Option<i32> {
    let first = paragraphs.iter().take(12).map(|paragraph| beginning(&paragraph.folded, 1200));
    let found = |pattern: &Pattern, text: &str| pattern.captures(text)?.get(1)?.as_str().parse().ok();
    first
        .clone()
        .find_map(|text| found(&NUMBERED, text))
        .or_else(|| {
            // The years of a period are no year of the document.
            let own = |text: &str| PERIOD.without(&FOLLOWED.without(beginning(text, 160)));
            first.clone().find_map(|text| found(&TITLED, &own(text)))
        })
        .or_else(|| first.clone().find_map(|text| found(&DATED, text)))
}

/// Documents that a text follows; their years are not its own: `落实《…三年（2023-2025年）行动方案》`.
static FOLLOWED: LazyLock<Pattern> =
    LazyLock::new(|| pattern("(?:落实|贯彻|按照|根据|依据|执行|遵照|结合)《[^》]*》?"));

static YEAR: LazyLock<Pattern> = LazyLock::new(|| pattern("(20\\d{2})年(?:[^0-9]|$)"));

/// A plan that a report tells of: `解读《…三年行动方案（2025—2027年）》`.
static TOLD: LazyLock<Pattern> =
    LazyLock::new(|| pattern("(?:解读|发布|公布|介绍|通过|出台|印发|编制)(?:了)?《[^》]{2,60}》"));

/// A plan of five years by its number: `第十四个五年规划`, `"十四五"`.
static FIVE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "第(十[一二三四五六])个五年|\"(十[一二三四五六]五)\"(?:[^，。；期]{2,30})(?:规划|方案|计划|意见|纲要)",
    )
});

/// The years of a five-year plan that a title names.
pub(super) fn five_years(title: &str) -> Option<Period> {
    let title = FOLLOWED.without(title);
    let found = FIVE.captures(&title)?;
    let plan = match (found.get(1), found.get(2)) {
        (Some(number), _) => format!("{}五", number.as_str()),
        (_, plan) => plan?.as_str().to_owned(),
    };
    last_year(&plan).map(|to| Period { from: to - 4, to })
}

/// The last year of the plan that a report tells of at its beginning.
pub(super) fn told_years(before: &[&Paragraph]) -> Option<Period> {
    before.iter().take(6).find_map(|paragraph| years(TOLD.find(beginning(&paragraph.folded, 600))?.as_str()))
}

/// Aims without a year of a plan of several years fall in its last one; one for each year has none.
pub(super) fn last_of(indicators: &mut [DraftIndicator], period: Period) {
    let is_open = |one: &&mut DraftIndicator| {
        one.kind == IndicatorKind::Target && one.year.is_none() && one.cadence.is_none()
    };
    for indicator in indicators.iter_mut().filter(is_open) {
        indicator.year = Some(period.to);
        indicator.cadence = Some(Cadence::By);
    }
}

/// Aims without a year of a plan whose days and other aims all fall in the year of its document fall in it too.
pub(super) fn lone_year(indicators: &mut [DraftIndicator], days: &[String], year: Option<i32>) {
    let Some(year) = year else { return };
    let aims = || indicators.iter().filter(|one| one.kind == IndicatorKind::Target);
    let said =
        aims().filter_map(|one| one.year).chain(days.iter().filter_map(|day| day.get(..4)?.parse().ok()));
    let said: Vec<i32> = said.collect();
    if said.len() < DAYS || said.iter().any(|one| *one != year) {
        return;
    }
    let is_open = |one: &&mut DraftIndicator| {
        one.kind == IndicatorKind::Target && one.year.is_none() && one.cadence.is_none()
    };
    for indicator in indicators.iter_mut().filter(is_open) {
        indicator.year = Some(year);
        indicator.cadence = Some(Cadence::In);
    }
}

/// So many days and years at least say that a plan is one of a single year.
const DAYS: usize = 2;

/// Promises of a document of one year fall in that year.
pub(super) fn default_year(indicators: &mut [DraftIndicator], title: &str, body: &[Paragraph]) {
    let first = || body.first().map_or("", |first| beginning(&first.folded, 120));
    let title = if title.is_empty() { FOLLOWED.without(first()) } else { title.to_owned() };
    let year = TITLED
        .captures(&title)
        .or_else(|| YEAR.captures(&title))
        .and_then(|found| found.get(1)?.as_str().parse::<i32>().ok());
    let is_open = |one: &&mut DraftIndicator| {
        one.kind != IndicatorKind::Baseline && one.year.is_none() && one.cadence.is_none()
    };
    for indicator in indicators.iter_mut().filter(is_open) {
        indicator.year = year.filter(|year| (2000..2100).contains(year));
        indicator.cadence = indicator.year.map(|_| Cadence::In);
    }
}

pub(super) fn years(text: &str) -> Option<Period> {
    let found = PERIOD.captures(text)?;
    let year = |index: usize| found.get(index).and_then(|year| year.as_str().parse().ok());
    Some(Period { from: year(1)?, to: year(2)? }).filter(|period| period.from <= period.to)
}
