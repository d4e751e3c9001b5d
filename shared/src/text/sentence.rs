//! Sentences of official texts: they end with their mark, and with their paragraph.

/// Whether a character ends a sentence.
#[must_use]
pub const fn is_sentence_end(character: char) -> bool {
    matches!(character, '。' | '！' | '？' | '；' | '!' | '?' | ';' | '\n')
}

/// The sentences of a text as ranges in UTF-16 units, each with its mark, in order; together they are
/// the whole text.
#[must_use]
pub fn sentences(text: &str) -> Vec<std::ops::Range<usize>> {
    let (mut all, mut from, mut at) = (Vec::new(), 0, 0);
    for character in text.chars() {
        at += character.len_utf16();
        if is_sentence_end(character) {
            all.push(from..at);
            from = at;
        }
    }
    if at > from {
        all.push(from..at);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_with_their_mark_or_their_paragraph() {
        assert_eq!(sentences("甲。乙\n丙😀；丁"), [0..2, 2..4, 4..8, 8..9]);
        assert!(sentences("").is_empty());
    }
}
