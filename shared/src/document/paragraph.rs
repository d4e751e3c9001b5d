//! Texts as paragraphs that each end with a break, the last one too: what a person writes at the end of a
//! sentence stands before a break that is there already, and a paragraph that somebody else begins
//! stands behind it. So the one never comes between two words of the other, whichever comes first.
//!
//! The break of the last paragraph is not shown. A text of an older version gets it with its first edit.

/// A text of the document as people read it.
pub fn shown(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

/// A text as it begins.
pub fn begun(text: &str) -> String {
    format!("{text}\n")
}

/// The splices that make of a text of the document what a person means by one splice of the text as it
/// is shown: place, deleted length, inserted words, one after the other. Places are UTF-16 units; those
/// behind the end are the end.
pub fn steps(text: &str, at: usize, delete: usize, insert: &str) -> Vec<(usize, usize, String)> {
    const BREAK: u16 = b'\n' as u16;
    let mut units: Vec<u16> = text.encode_utf16().collect();
    let mut steps = Vec::new();
    if units.last() != Some(&BREAK) {
        steps.push((units.len(), 0, "\n".to_owned()));
        units.push(BREAK);
    }
    let end = units.len() - 1;
    let at = at.min(end);
    let delete = delete.min(end - at);
    if delete > 0 || insert.is_empty() || units[at] != BREAK {
        steps.push((at, delete, insert.to_owned()));
        return steps;
    }
    let begins_line = at == 0 || units[at - 1] == BREAK;
    match insert.strip_prefix('\n') {
        // A paragraph that is begun at the end of another goes behind its break.
        Some(rest) if !begins_line => steps.push((at + 1, 0, format!("{rest}\n"))),
        // The first words of an empty line bring their own break, so that those of two people are two lines.
        None if begins_line => steps.push((at, 1, format!("{insert}\n"))),
        _ => steps.push((at, 0, insert.to_owned())),
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(text: &str, steps: &[(usize, usize, String)]) -> String {
        steps.iter().fold(text.to_owned(), |text, (at, delete, insert)| {
            crate::text::Splice { at: *at, delete: *delete, insert: insert.clone() }.apply(&text)
        })
    }

    #[test]
    fn a_paragraph_goes_behind_the_break_of_the_one_before() {
        assert_eq!(steps("甲\n", 1, 0, "\n乙"), [(2, 0, "乙\n".to_owned())]);
        assert_eq!(steps("甲\n丙\n", 1, 0, "\n"), [(2, 0, "\n".to_owned())]);
        assert_eq!(steps("甲\n\n", 2, 0, "乙"), [(2, 1, "乙\n".to_owned())]);
        assert_eq!(steps("\n", 0, 0, "乙"), [(0, 1, "乙\n".to_owned())]);
        assert_eq!(steps("甲\n", 1, 0, "乙"), [(1, 0, "乙".to_owned())]);
        assert_eq!(steps("甲乙\n", 1, 0, "\n"), [(1, 0, "\n".to_owned())], "a paragraph that is cut in two");
    }

    #[test]
    fn an_older_text_gets_its_last_break() {
        assert_eq!(after("甲", &steps("甲", 1, 0, "乙")), "甲乙\n");
        assert_eq!(after("", &steps("", 0, 0, "乙")), "乙\n");
        assert_eq!(shown("甲".to_owned()), "甲");
    }

    proptest! {
        #[test]
        fn the_text_is_what_the_person_means(
            shown_before in "[甲乙😀\n]{0,8}", at in 0..12_usize, delete in 0..6_usize, insert in "[丙丁\n]{0,4}",
        ) {
            let units: Vec<u16> = shown_before.encode_utf16().collect();
            let half = |at: usize| units.get(at).is_some_and(|unit| (0xDC00..0xE000).contains(unit));
            prop_assume!(!half(at) && !half((at + delete).min(units.len())));
            let meant = crate::text::Splice { at, delete, insert: insert.clone() }.apply(&shown_before);
            let kept = begun(&shown_before);
            prop_assert_eq!(shown(after(&kept, &steps(&kept, at, delete, &insert))), meant);
        }
    }
}
