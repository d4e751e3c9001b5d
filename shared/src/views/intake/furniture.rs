//! Rows of a table that are no data: heads, totals, names of groups, notes.

use super::{Found, Part};
use crate::import::row::{is_note, is_total};
use crate::text::folded_text;

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
    if (filled.len() <= 3 && is_note(&first)) || (after_note && filled.len() == 1) {
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
