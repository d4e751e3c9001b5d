//! Years that a document says of itself.

use crate::import::draft::{Cadence, DraftIndicator, Period};
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
    first.clone().find_map(|text| found(&NUMBERED, text)).or_else(|| {
        first
            .clone()
            .find_map(|text| found(&TITLED, &FOLLOWED.without(beginning(text, 160))))
            .or_else(|| first.clone().find_map(|text| found(&DATED, text)))
    })
}

/// Documents that a text follows; their years are not its own: `落实《…三年（2023-2025年）行动方案》`.
static FOLLOWED: LazyLock<Pattern> =
    LazyLock::new(|| pattern("(?:落实|贯彻|按照|根据|依据|执行|遵照|结合)《[^》]*》?"));

static YEAR: LazyLock<Pattern> = LazyLock::new(|| pattern("(20\\d{2})年(?:[^0-9]|$)"));

/// Promises of a document of one year fall in that year.
pub(super) fn default_year(indicators: &mut [DraftIndicator], title: &str, body: &[Paragraph]) {
    let first = || body.first().map_or("", |first| beginning(&first.folded, 120));
    let title = if title.is_empty() { FOLLOWED.without(first()) } else { title.to_owned() };
    let year = TITLED
        .captures(&title)
        .or_else(|| YEAR.captures(&title))
        .and_then(|found| found.get(1)?.as_str().parse::<i32>().ok());
    for indicator in indicators.iter_mut().filter(|one| one.year.is_none() && one.cadence.is_none()) {
        indicator.year = year.filter(|year| (2000..2100).contains(year));
        indicator.cadence = indicator.year.map(|_| Cadence::In);
    }
}

pub(super) fn years(text: &str) -> Option<Period> {
    let found = PERIOD.captures(text)?;
    let year = |index: usize| found.get(index).and_then(|year| year.as_str().parse().ok());
    Some(Period { from: year(1)?, to: year(2)? }).filter(|period| period.from <= period.to)
}
