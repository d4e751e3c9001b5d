//! Dates of documents and deadlines of measures, as ISO dates.

use super::pattern::{Pattern, pattern};
use crate::text::{beginning, is_short};
use std::sync::LazyLock;

static DAY: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(\d{4})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})日?"));
static DEADLINE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?:(\d{4})[年./-]年?)?(?:(\d{1,2})(?:月|[./-]|$))?(?:(\d{1,2})日?)?(底|末|上旬|中旬|下旬|上半年|下半年|第?[一二三四1-4]季度)?(?:之|以)?(前|内)?",
    )
});

/// The last whole day in a folded text: `2023年10月23日`, `二〇二四年五月八日`.
pub fn day(folded: &str) -> Option<String> {
    if folded.starts_with("二〇") {
        return chinese_day(folded);
    }
    let captured = DAY.captures_iter(folded).last()?;
    let number = |index| captured.get(index).and_then(|found| found.as_str().parse::<i16>().ok());
    let (year, month, day) = (number(1)?, number(2)?, number(3)?);
    let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (1949..=2100).contains(&year).then(|| date.to_string())
}

fn chinese_day(folded: &str) -> Option<String> {
    let (year, rest) = folded.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let digit =
        |c: char| "〇一二三四五六七八九".chars().position(|known| known == c || (c == '零' && known == '〇'));
    let year = year.chars().map(digit).try_fold(0, |year, digit| Some(year * 10 + digit?))?;
    let number = |text: &str| super::outline::chinese_number(text).and_then(|n| i8::try_from(n).ok());
    let date =
        jiff::civil::Date::new(i16::try_from(year).ok()?, number(month)?, number(rest.strip_suffix('日')?)?)
            .ok()?;
    Some(date.to_string())
}

/// Whether a piece of a list is a time and no name: `6月底完成`, `长期坚持`.
pub fn is_deadline(piece: &str) -> bool {
    let lasting = ["长期坚持", "持续推进", "长期推进", "持续实施", "长期", "持续", "全年", "常态化推进"];
    let going_on = ["持续", "长期", "常态化", "年内持续", "全年"].iter().any(|word| {
        piece
            .strip_prefix(word)
            .is_some_and(|rest| ["推进", "实施", "落实", "开展", "坚持", ""].contains(&rest))
    });
    if lasting.contains(&piece) || going_on {
        return true;
    }
    let rest = piece.trim_start_matches(['于', '到', '在', '至']);
    // The pattern may be empty, so that it is found at the beginning of every text.
    DEADLINE.find(rest).is_some_and(|found| {
        found.start() == 0 && found.as_str().len() >= 4 && {
            let tail = &rest[found.end()..];
            tail.is_empty()
                || ["完成", "前完成", "实施", "建成", "启动", "取得", "达到", "出台", "-"]
                    .iter()
                    .any(|word| tail.starts_with(word))
        }
    })
}

/// The last day of a deadline; `year` stands in where only a month is named.
pub fn deadline(text: &str, year: Option<i32>) -> Option<String> {
    if text.ends_with('起') || text.ends_with("以来") {
        return None;
    }
    // 年底前, 全年: of the year that the document speaks of.
    let whole_year = text.strip_prefix("今").unwrap_or(text);
    if ["年底", "年末", "全年", "年内"].iter().any(|word| whole_year.starts_with(word)) {
        return year.map(|year| format!("{year}-12-31"));
    }
    let found = DEADLINE
        .captures_iter(text)
        .filter(|captured| captured.get(1).is_some() || captured.get(2).is_some())
        .last()?;
    let number = |index: usize| found.get(index).and_then(|part| part.as_str().parse::<i32>().ok());
    let year = i16::try_from(number(1).or(year)?).ok()?;
    let part = found.get(4).map(|part| part.as_str());
    let month = match (number(2), part) {
        (Some(month), _) => month,
        (None, Some("上半年")) => 6,
        (None, Some(part)) if part.ends_with("季度") => {
            let quarter = part
                .chars()
                .find_map(|c| "一二三四1234".chars().position(|known| known == c))
                .map(|at| at % 4);
            quarter.and_then(|quarter| i32::try_from(quarter).ok()).map_or(12, |quarter| quarter * 3 + 3)
        }
        (None, _) => 12,
    };
    let first = jiff::civil::Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
    let date = match (number(3), part) {
        (Some(day), _) => jiff::civil::Date::new(year, first.month(), i8::try_from(day).ok()?).ok()?,
        (None, Some("上旬")) => first.with().day(10).build().ok()?,
        (None, Some("中旬")) => first.with().day(20).build().ok()?,
        (None, _) => first.last_of_month(),
    };
    Some(date.to_string())
}

static IN_TEXT: LazyLock<Pattern> = LazyLock::new(|| {
    let done = concat!(
        "(?:，|要|须|应|全面|基本|全部|力争|务必|将|正式)*(?:完成|建成|办结|出台|落实|报送|实现|启动|制定|印发|投入|取得|修订|新开|更新|编制|",
        "建立|完工|竣工|投产|投用|启用|通车|通水|通电|开工|整改|达到|上线|开展|组织|新建|改造|培育|形成|提交|公布|发布|验收)"
    );
    pattern(&format!(
        "(?:\\d{{4}}年|今年|年内)?年?(?:\\d{{1,2}}月)?(?:\\d{{1,2}}日)?(?:底|末)?(?:之|以)?前{done}\
         |到?\\d{{4}}年年?(?:\\d{{1,2}}月)?(?:底|末){done}\
         |到?\\d{{4}}年(?:第?[一二三四1-4]季度|上半年|下半年|\\d{{1,2}}月)(?:底|末)?{done}"
    ))
});

/// The last day of the bracket in a heading: `全面自查（3月10日前）`, `动员阶段（6月1日至6月5日）`.
pub fn day_in_heading(folded: &str, year: Option<i32>) -> Option<String> {
    let (title, rest) = beginning(folded, 50).split_once('（')?;
    let (days, _) = rest.split_once('）')?;
    let is_days = days.contains('月')
        && days.chars().all(|c| c.is_ascii_digit() || "年月日至到前底末旬上中下之以-".contains(c));
    (is_days && !title.contains(['。', '，', '；', '：'])).then(|| deadline(days, year))?
}

/// The day on which a site has put up a page: `发布时间：2024-07-02`.
static POSTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern("(?:发布|发表|更新|刊发)(?:时间|日期)：?(20\\d{2})[-/.年]\\d{1,2}[-/.月]\\d{1,2}")
});

/// The year of the day on which a site has put up a page.
pub fn posted_year(folded: &str) -> Option<i32> {
    POSTED.captures(folded)?.get(1)?.as_str().parse().ok()
}

/// The day that a sentence begins with: `2018年1月15日前，各县政府将自查报告报市环保局。`
pub fn opening_day(folded: &str, year: Option<i32>) -> Option<String> {
    let opening = |sentence: &str| {
        let (clause, _) = sentence.split_once('，').filter(|(clause, _)| is_short(clause, 16))?;
        let is_day = clause.contains('月') && clause.ends_with('前') && is_deadline(clause);
        is_day.then(|| deadline(clause, year))?
    };
    folded.split('。').skip(1).find_map(opening)
}

static BY_YEAR: LazyLock<Pattern> = LazyLock::new(|| {
    pattern("(?:力争|争取|确保)?到(20\\d{2})年(?:(\\d{1,2})月)?(?:年)?(?:底|末)(?:前)?，([^。；]{2,80})")
});

/// The day by which a sentence without a number says that something is done: `到2026年底，全市村卫生站实施…`.
fn day_of_a_state(folded: &str) -> Option<String> {
    let found = BY_YEAR.captures_iter(folded).last()?;
    let said = found.get(3)?.as_str();
    let counted = said.contains(|c: char| c.is_ascii_digit()) || said.contains("百分之");
    let words = found.get(0)?.as_str().split('，').next()?;
    (!counted).then(|| deadline(words.trim_start_matches("力争").trim_start_matches("争取"), None)).flatten()
}

/// The last deadline that a text states: `2024年6月底前完成`.
pub fn deadline_in_text(folded: &str, year: Option<i32>) -> Option<String> {
    IN_TEXT
        .find_iter(folded)
        .filter(|found| found.as_str().contains(['年', '月']))
        // A start, or a thing already done, is no deadline.
        .filter(|found| !folded[..found.start()].ends_with(['自', '从', '至', '于']))
        .filter_map(|found| deadline(found.as_str(), year))
        .last()
        .or_else(|| day_of_a_state(folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_end_on_their_last_day() {
        assert_eq!(deadline("2023年底", None).as_deref(), Some("2023-12-31"));
        assert_eq!(deadline("6月底完成", Some(2020)).as_deref(), Some("2020-06-30"));
        assert_eq!(deadline("2024年3月中旬", None).as_deref(), Some("2024-03-20"));
        assert_eq!(deadline("2024年2月底前", None).as_deref(), Some("2024-02-29"));
        assert_eq!(deadline("6月底完成", None), None);
        assert_eq!(deadline("2024.12", None).as_deref(), Some("2024-12-31"));
        assert_eq!(deadline("2024-06-30", None).as_deref(), Some("2024-06-30"));
        assert_eq!(deadline("2024年第2季度", None).as_deref(), Some("2024-06-30"));
        assert_eq!(deadline("年底前", Some(2024)).as_deref(), Some("2024-12-31"));
        assert_eq!(deadline("7月1日起", Some(2024)), None);
    }

    #[test]
    fn sentences_state_their_deadlines() {
        let said = |text: &str| deadline_in_text(text, Some(2024));
        assert_eq!(said("2024年6月底前，新建基站2000个").as_deref(), Some("2024-06-30"));
        assert_eq!(said("2023年年底前完成改造").as_deref(), Some("2023-12-31"));
        assert_eq!(said("2024年二季度完成改造").as_deref(), Some("2024-06-30"));
        assert_eq!(said("2024年6月建成").as_deref(), Some("2024-06-30"));
        assert_eq!(said("到2024年底，完成改造").as_deref(), Some("2024-12-31"));
        assert_eq!(said("9月底前完成80%，12月底前全面完成").as_deref(), Some("2024-12-31"));
        assert_eq!(said("自2024年6月开展以来"), None);
    }

    #[test]
    fn names_are_no_deadlines() {
        assert!(is_deadline("6月底完成") && is_deadline("2025年12月底前") && is_deadline("长期坚持"));
        assert!(!is_deadline("市教育局") && !is_deadline("") && !is_deadline("人"));
    }

    #[test]
    fn a_document_date_must_exist() {
        assert_eq!(day("2023年10月23日").as_deref(), Some("2023-10-23"));
        assert_eq!(day("2023年13月45日"), None);
    }
}
