//! Rows of tables that are no data, told by their words: totals and notes.

use crate::text::folded_text;

/// Words that begin a note under a table.
const NOTES: [&str; 9] =
    ["注：", "注1", "备注：", "说明：", "填表说明", "填表人", "填报人", "审核人", "制表"];

/// Whether folded words begin a note under a table.
pub fn is_note(words: &str) -> bool {
    NOTES.iter().any(|word| words.starts_with(word))
}

/// `合计`, `本页小计`, `总计（万元）`: short words that begin or end so.
pub fn is_total(words: &str) -> bool {
    let folded = folded_text(words);
    let bare = folded.split('（').next().unwrap_or_default().trim_end_matches('：');
    let is_edge = |word: &str| bare.starts_with(word) || bare.ends_with(word);
    bare.chars().count() <= 6 && ["合计", "小计", "总计", "共计"].into_iter().any(is_edge)
}
