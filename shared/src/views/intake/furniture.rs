//! Rows of a table that are no data: heads, totals, names of groups, notes.

use super::{Found, Part};
use crate::text::folded_text;

/// Words that begin a note under a table.
const NOTES: [&str; 9] =
    ["注：", "注1", "备注：", "说明：", "填表说明", "填表人", "填报人", "审核人", "制表"];

/// The kind of a row without data; none for a row that is to be compared. A row whose title the ledger knows
/// is data whatever it looks like; `after_note` says that the row above is a note under the table.
pub(super) fn furniture(
    part: &Part,
    place: usize,
    title: &str,
    is_known: bool,
    after_note: bool,
) -> Option<Found> {
    let cells = &part.rows[place];
    let filled: Vec<&str> = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    let Some(first) = filled.first().map(|first| folded_text(first)) else { return Some(Found::Blank) };
    let is_head = || part.above.checked_sub(1).and_then(|head| part.rows.get(head)) == Some(cells);
    // A long table repeats its head on each page.
    if place < part.above || is_head() {
        return Some(Found::Note);
    }
    if is_known {
        return None;
    }
    // In the column of titles a total has nothing, its word or a number.
    let is_open = || title.is_empty() || is_total(title) || title.parse::<f64>().is_ok();
    if filled.iter().take(2).any(|words| is_total(words)) && is_open() {
        return Some(Found::Total);
    }
    let is_note = filled.len() <= 3 && NOTES.iter().any(|word| first.starts_with(word));
    if is_note || (after_note && filled.len() == 1) {
        return Some(Found::Note);
    }
    let width = part.heads.iter().filter(|head| !head.is_empty()).count();
    let is_wide = part.wide.contains(&place);
    let numeral = first.split(['、', '）']).next().unwrap_or_default().trim_start_matches('（');
    let is_numeral = crate::import::is_chinese_number(numeral);
    let is_group = match filled.len() {
        1 => is_wide || (is_numeral && numeral.len() < first.len() && width > 2),
        2 => is_numeral && width > 3,
        _ => false,
    };
    is_group.then_some(Found::Group)
}

/// `合计`, `本页小计`, `总计（万元）`: short words that begin or end so.
fn is_total(words: &str) -> bool {
    let folded = folded_text(words);
    let bare = folded.split('（').next().unwrap_or_default().trim_end_matches('：');
    let is_edge = |word: &str| bare.starts_with(word) || bare.ends_with(word);
    bare.chars().count() <= 6 && ["合计", "小计", "总计", "共计"].into_iter().any(is_edge)
}
