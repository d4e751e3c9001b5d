//! Characters as Chinese offices write them: full and half width, traditional and simplified.
//!
//! Folding is for matching only; what people typed is stored as they typed it.

mod sentence;
mod splice;

pub use sentence::{is_sentence_end, sentences};
pub use splice::{Splice, caret_after, rebased, splices_between};

use crate::words::{Lang, Word};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

/// Pairs of a traditional character and its simplified form, sorted by the former.
/// The pairs are those of OpenCC's character table (Apache-2.0), first form each.
static SIMPLIFIED: LazyLock<Vec<(char, char)>> = LazyLock::new(|| pairs(include_str!("text/simplified.txt")));

/// Pairs of a radical and the ideograph it is drawn as, sorted by the former: the property
/// `Equivalent_Unified_Ideograph` of Unicode.
static RADICALS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| pairs(include_str!("text/radicals.txt")));

fn pairs(table: &str) -> Vec<(char, char)> {
    let characters: Vec<char> = table.chars().filter(|c| *c != '\n').collect();
    characters.as_chunks::<2>().0.iter().map(|[from, to]| (*from, *to)).collect()
}

/// The ideograph that a radical stands for; others are returned as they are. The text of a PDF that a
/// browser has printed says ⼀ and ⼈ as radicals, which look the same and match nothing.
#[must_use]
pub fn ideograph(character: char) -> char {
    if !('\u{2E80}'..='\u{2FD5}').contains(&character) {
        return character;
    }
    RADICALS.binary_search_by_key(&character, |pair| pair.0).map_or(character, |found| RADICALS[found].1)
}

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
        other => simplified(ideograph(other)),
    }
}

/// A whole text folded for matching, blanks removed.
#[must_use]
pub fn folded_text(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).map(folded).collect()
}

/// A login as it is kept and compared: without blanks around it and without controls, letters and digits in half
/// width, small.
/// Phones begin with a capital, and Chinese keyboards write wide letters.
#[must_use]
pub fn folded_login(login: &str) -> String {
    let shown = login.chars().filter(|c| !is_unseen(*c) && !moves(*c));
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

/// A number as people type it: digits of any width, in groups, with a sign. `None` for anything else.
#[must_use]
pub fn typed_number(words: &str) -> Option<f64> {
    // A Chinese keyboard writes 3。5.
    let folded = folded_text(words).replace('，', "").replace('。', ".");
    // Words that Rust takes for numbers are none to people.
    let plain = folded.chars().all(|one| one.is_ascii_digit() || matches!(one, '.' | '-' | '+'));
    folded.parse::<f64>().ok().filter(|number| plain && number.is_finite())
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

/// A text without the marks that turn the direction in which it, or what stands around it, is read: by them a
/// name or a number shows other than it is.
#[must_use]
pub fn level_text(text: &str) -> Cow<'_, str> {
    if text.contains(is_turning) { text.replace(is_turning, "").into() } else { Cow::Borrowed(text) }
}

/// A text as it may stand in one line of a terminal or a table: without breaks, controls and marks that turn its
/// direction, by which it could write elsewhere on the page than in its place.
#[must_use]
pub fn line_text(text: &str) -> Cow<'_, str> {
    if !text.contains(moves) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .filter_map(|c| if c.is_whitespace() { Some(' ') } else { (!moves(c)).then_some(c) })
        .collect()
}

/// JSON as it may stand in one line of a terminal: such characters are written as escapes, and it says the same.
#[must_use]
pub fn line_json(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for character in json.chars() {
        if moves(character) {
            // None of them is so high that it takes two.
            let _ = write!(line, "\\u{:04x}", u32::from(character));
        } else {
            line.push(character);
        }
    }
    line
}

/// Whether a character moves what is written behind it.
fn moves(character: char) -> bool {
    character.is_control() || is_turning(character) || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Controls of the direction of writing.
const fn is_turning(character: char) -> bool {
    matches!(
        character,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
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

/// The beginning of a text, at most so many characters.
#[must_use]
pub fn beginning(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

/// The end of a text, at most so many characters.
#[must_use]
pub fn ending(text: &str, most: usize) -> &str {
    text.char_indices().rev().take(most).last().map_or("", |(start, _)| &text[start..])
}

/// Whether a text has no more than so many characters; a long one is not counted to its end.
#[must_use]
pub fn is_short(text: &str, most: usize) -> bool {
    text.chars().nth(most).is_none()
}

/// The characters of a very long text are counted so far: one may be shown in a hundred thousand places.
const COUNTED: usize = 100_000;

/// A text as a page shows it: at most so many characters, of a longer one its beginning and how many it has.
/// Never for an edit, which would lose the rest.
#[must_use]
pub fn shown(text: &str, most: usize, lang: Lang) -> Cow<'_, str> {
    if is_short(text, most) {
        return text.into();
    }
    let counted = text.chars().take(COUNTED + 1).count();
    let word = if counted > COUNTED { Word::MoreLetters } else { Word::LettersInAll };
    let told = word.text(lang).replace("{n}", &grouped(counted.min(COUNTED)));
    let begun = beginning(text, most.saturating_sub(told.chars().count()));
    format!("{begun}{told}").into()
}

/// A number with a comma before each three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn marks_that_turn_the_direction_are_left_out() {
        for mark in ['\u{61C}', '\u{200E}', '\u{200F}', '\u{202A}', '\u{202E}', '\u{2066}', '\u{2069}'] {
            assert_eq!(super::level_text(&format!("完成{mark}001{mark}项")), "完成001项", "{mark:?}");
        }
        for stays in ["完成100项", "ئۇيغۇر", "a\u{200B}b\u{200D}c"] {
            assert!(matches!(super::level_text(stays), std::borrow::Cow::Borrowed(same) if same == stays));
        }
    }

    use super::*;

    #[test]
    fn a_line_of_a_terminal_holds_nothing_but_words() {
        let name = "王主任\u{1b}[2J\u{9b}1m\u{7}\n office\t甲\u{202E}乙\u{2028}丙";
        assert_eq!(line_text(name), "王主任[2J1m  office 甲乙 丙");
        assert!(matches!(line_text("海拉尔区 1号"), Cow::Borrowed(_)));
    }

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
        assert_eq!(folded_login("of\u{1b}fi\u{202E}ce\n"), "office");
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
    fn a_long_text_is_shown_by_its_beginning_and_says_how_long_it_is() {
        let short = "长".repeat(600);
        assert!(matches!(shown(&short, 600, Lang::Hans), Cow::Borrowed(same) if same == short));
        let long = shown(&"长".repeat(99_000), 600, Lang::Hans).into_owned();
        assert!(long.starts_with("长长") && long.ends_with("…（共 99,000 字）"), "{long}");
        // No longer than what is left as it is: whoever shows it again changes nothing.
        assert_eq!(long.chars().count(), 600);
        assert!(matches!(shown(&long, 600, Lang::Hant), Cow::Borrowed(_)));
        assert_eq!([1, 999, 1000, 1_234_567].map(grouped), ["1", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(SIMPLIFIED.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(SIMPLIFIED.len() > 2500);
        assert!(RADICALS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(RADICALS.len(), 315);
    }

    #[test]
    fn a_number_is_read_as_it_is_typed() {
        for (typed, number) in [
            ("12", Some(12.0)),
            ("１２．５", Some(12.5)),
            (" 1,200 ", Some(1200.0)),
            ("１，２００", Some(1200.0)),
            ("1 200", Some(1200.0)),
            ("3。5", Some(3.5)),
            ("－3", Some(-3.0)),
            ("", None),
            ("三个", None),
            ("inf", None),
            ("1e9", None),
        ] {
            assert_eq!(typed_number(typed), number, "{typed}");
        }
    }
}
