//! Characters as Chinese offices write them: full and half width, traditional and simplified.
//!
//! Folding is for matching only; what people typed is stored as they typed it.

use std::borrow::Cow;
use std::collections::BTreeMap;
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

/// A login as it is kept and compared: without blanks around it, letters and digits in half width, small.
/// Phones begin with a capital, and Chinese keyboards write wide letters.
#[must_use]
pub fn folded_login(login: &str) -> String {
    let shown = login.chars().filter(|c| !is_unseen(*c));
    let narrow = shown.map(|c| match c {
        '\u{3000}' => ' ',
        // The full-width forms stand in the order of ASCII.
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    });
    narrow.flat_map(char::to_lowercase).collect::<String>().trim().to_owned()
}

/// Logins that are the same folded, in groups of two or more: accounts of earlier versions, which go by
/// their exact spelling only.
#[must_use]
pub fn logins_alike<'a>(logins: impl IntoIterator<Item = &'a str>) -> Vec<Vec<&'a str>> {
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for login in logins {
        groups.entry(folded_login(login)).or_default().push(login);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// A one-time code as people copy it: digits of any width, in groups.
#[must_use]
pub fn folded_code(code: &str) -> String {
    folded_text(code).replace('-', "")
}

/// A text without the characters that XML 1.0 cannot hold: control characters but tab, line feed and
/// carriage return, and two that stand for nothing. The breaks of a line and of a page that Word writes
/// to the clipboard (U+000B, U+000C) become line feeds, so that two words do not become one.
#[must_use]
pub fn xml_text(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml) {
        return Cow::Borrowed(text);
    }
    let breaks = text.chars().map(|c| if matches!(c, '\u{b}' | '\u{c}') { '\n' } else { c });
    breaks.filter(|c| is_xml(*c)).collect()
}

/// Whether XML 1.0 has a place for a character.
const fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// Blanks of every width, and marks that are not seen.
#[must_use]
pub fn is_blank(character: char) -> bool {
    character.is_whitespace() || is_unseen(character)
}

/// Marks that are not seen and take no room.
const fn is_unseen(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\u{2060}' | '\u{00AD}')
}

/// Han characters (those that a board of these documents uses).
#[must_use]
pub fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '〇')
}

/// The one splice (in UTF-16 units) that makes the new text of the old one.
#[must_use]
pub fn splice_of(old: &str, new: &str) -> (usize, usize, String) {
    let old: Vec<u16> = old.encode_utf16().collect();
    let new: Vec<u16> = new.encode_utf16().collect();
    let mut start = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    // Never cut a pair of surrogates in two.
    while start > 0 && old.get(start).or(new.get(start)).is_some_and(|unit| (0xDC00..0xE000).contains(unit)) {
        start -= 1;
    }
    let room = old.len().min(new.len()) - start;
    let mut end =
        old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(one, other)| one == other).count();
    while end > 0 && (0xDC00..0xE000).contains(&old[old.len() - end]) {
        end -= 1;
    }
    (start, old.len() - end - start, String::from_utf16_lossy(&new[start..new.len() - end]))
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
    fn logins_and_codes_fold_as_keyboards_type_them() {
        assert_eq!(folded_login("　Ｏffice "), "office");
        assert_eq!(folded_login("Hai Lar\u{200B}"), "hai lar");
        assert_eq!(folded_login("王芳"), "王芳");
        assert_eq!(folded_login("ÄLG＠１.CN"), "älg@1.cn");
        let logins = ["office", "hailar", "Office", "ｏffice"];
        assert_eq!(logins_alike(logins), [["office", "Office", "ｏffice"]]);
        assert_eq!(folded_code(" １２３　456 "), "123456");
        assert_eq!(folded_code("123-456"), "123456");
        assert_eq!(folded_code("12345x"), "12345x");
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(xml_text("消费\u{b}帮扶\u{0}\u{1f}\u{fffe}\u{ffff}"), "消费\n帮扶");
        let kept = "制\t表\r\n，\u{85}\u{d7ff}\u{e000}\u{fffd}😀";
        assert!(matches!(xml_text(kept), Cow::Borrowed(same) if same == kept));
    }

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(SIMPLIFIED.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(SIMPLIFIED.len() > 2500);
    }

    #[test]
    fn a_typed_change_is_one_splice() {
        assert_eq!(splice_of("共享信息。", "共享诊疗信息。"), (2, 0, "诊疗".to_owned()));
        assert_eq!(splice_of("abcabc", "abc"), (3, 3, String::new()));
        assert_eq!(splice_of("", "甲"), (0, 0, "甲".to_owned()));
        assert_eq!(splice_of("aa", "aaa"), (2, 0, "a".to_owned()));
        let (at, delete, insert) = splice_of("😀", "😁");
        assert_eq!((at, delete, insert.as_str()), (0, 2, "😁"));
    }
}
