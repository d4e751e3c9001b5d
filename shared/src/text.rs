//! Characters as Chinese offices write them: full and half width, traditional and simplified.
//!
//! Folding is for matching only; what people typed is stored as they typed it.

mod sentence;
mod splice;

pub use sentence::{is_sentence_end, sentences};
pub use splice::{Splice, caret_after, rebased, splices_between};

use std::sync::LazyLock;

/// Pairs of a traditional character and its simplified form, sorted by the former.
/// The pairs are those of OpenCC's character table (Apache-2.0), first form each.
static SIMPLIFIED: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let mut characters = include_str!("text/simplified.txt").chars().filter(|c| *c != '\n');
    let mut pairs = Vec::with_capacity(3000);
    while let (Some(traditional), Some(simplified)) = (characters.next(), characters.next()) {
        pairs.push((traditional, simplified));
    }
    pairs
});

/// The simplified form of a character; others are returned as they are.
#[must_use]
pub fn simplified(character: char) -> char {
    if character < '\u{3400}' {
        return character;
    }
    SIMPLIFIED.binary_search_by_key(&character, |pair| pair.0).map_or(character, |found| SIMPLIFIED[found].1)
}

/// One character for matching: simplified, letters and digits in half width, the punctuation of
/// lists and brackets in full width.
#[must_use]
pub fn folded(character: char) -> char {
    match character {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(character as u32 - 0xFEE0).unwrap_or(character)
        }
        '(' | '﹙' => '（',
        ')' | '﹚' => '）',
        '[' | '［' | '﹝' => '〔',
        ']' | '］' | '﹞' => '〕',
        ',' | '﹐' => '，',
        ':' | '∶' | '﹕' => '：',
        ';' | '﹔' => '；',
        '?' => '？',
        '!' => '！',
        '％' | '﹪' => '%',
        '．' => '.',
        '､' | '﹑' => '、',
        '－' | '—' | '–' | '―' | '‒' | '−' | '─' => '-',
        '～' | '∼' | '〜' => '~',
        '“' | '”' | '„' | '〝' | '〞' | '「' | '」' | '『' | '』' => '"',
        other => simplified(other),
    }
}

/// A whole text folded for matching, blanks removed.
#[must_use]
pub fn folded_text(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).map(folded).collect()
}

/// Blanks of every width, and marks that are not seen.
#[must_use]
pub fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\u{2060}' | '\u{00AD}')
}

/// Han characters (those that a board of these documents uses).
#[must_use]
pub fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '〇')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_and_wide_forms_fold_to_one() {
        assert_eq!(folded_text("市農牧局（２０２３ 年）"), folded_text("市农牧局(2023年)"));
        assert_eq!(folded_text("準格爾"), "准格尔");
    }

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(SIMPLIFIED.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(SIMPLIFIED.len() > 2500);
    }
}
