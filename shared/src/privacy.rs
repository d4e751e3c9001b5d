//! Words that must not be made public: numbers of identity cards, telephones and bank cards, and names of
//! persons beside them (domain.md, part d: nothing about private persons on public pages).

use crate::text::{folded, is_han};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::LazyLock;

/// The kind of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitive {
    IdentityCard,
    BankCard,
    Telephone,
    /// A name of a person beside a number.
    Name,
}

impl Sensitive {
    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdentityCard => "身份证号",
            Self::BankCard => "银行卡号",
            Self::Telephone => "电话号码",
            Self::Name => "人名",
        }
    }
}

/// Something sensitive in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub kind: Sensitive,
    /// In characters.
    pub at: Range<usize>,
    /// The words, all but their ends hidden.
    pub masked: String,
}

/// How far from a number a name is looked for, in characters.
const BESIDE: usize = 10;

/// Surnames that begin most names; one that is rare is found by the word before it.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤包敖鄂乌斯那巴额娜阿";

/// Words that a person's name follows.
static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new("(?:联系人|姓名|负责人|经办人|户主|患者|本人|申请人|法定代表人|联络员|电话)[：:是为 ]*").ok()
});

/// Digits with single blanks or hyphens between them.
static DIGITS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[0-9](?:[ -]?[0-9])*[Xx]?").ok());

/// Groups of digits that are looked at together: a card in fours has five.
const GROUPS: usize = 6;

/// Groups of one run of digits; hostile runs are looked at no further.
const MOST_GROUPS: usize = 400;

/// Everything sensitive in a text, in its order.
#[must_use]
pub fn find(text: &str) -> Vec<Found> {
    // Full-width digits are digits; one character stays one character.
    let plain: Vec<char> = text.chars().map(folded).collect();
    let line: String = plain.iter().collect();
    let Some(digits) = DIGITS.as_ref() else { return Vec::new() };
    let mut found = Vec::new();
    let (mut start, mut counted) = (0, 0);
    for run in digits.find_iter(&line) {
        start += line[counted..run.start()].chars().count();
        counted = run.start();
        for (kind, within) in numbers_in(run.as_str()) {
            let at = start + within.start..start + within.end;
            found.push(Found { kind, masked: masked(&plain[at.clone()]), at: at.clone() });
            found.extend(names_beside(&plain, &at));
        }
    }
    found.sort_by_key(|one| (one.at.start, one.kind));
    found.dedup();
    found
}

/// The numbers of persons in a run of digits: two may stand behind each other. The longest of those
/// that begin first is taken.
fn numbers_in(run: &str) -> Vec<(Sensitive, Range<usize>)> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut begin = 0;
    for (at, letter) in run.char_indices().chain([(run.len(), ' ')]) {
        if !letter.is_ascii_alphanumeric() {
            groups.push(begin..at);
            begin = at + 1;
        }
    }
    groups.truncate(MOST_GROUPS);
    let mut found = Vec::new();
    let mut first = 0;
    while first < groups.len() {
        let last = (first + 1..=groups.len().min(first + GROUPS)).rev().find_map(|end| {
            let at = groups[first].start..groups[end - 1].end;
            Some((kind_of(&run[at.clone()])?, at, end))
        });
        match last {
            Some((kind, at, end)) => {
                found.push((kind, at));
                first = end;
            }
            None => first += 1,
        }
    }
    found
}

fn kind_of(number: &str) -> Option<Sensitive> {
    let tight: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
    let tight = tight.to_uppercase();
    let mobile = tight.strip_prefix("86").unwrap_or(&tight);
    // An area code begins with one zero, and stands alone or together with the rest.
    let groups: Vec<usize> = number.split([' ', '-']).map(str::len).collect();
    let landline = matches!(groups[..], [10..=12] | [3..=4, 7..=8])
        && tight.starts_with('0')
        && !tight.starts_with("00")
        && tight.bytes().all(|b| b.is_ascii_digit());
    if is_identity_card(&tight) {
        Some(Sensitive::IdentityCard)
    } else if landline || is_mobile(mobile) || is_mobile(&tight) {
        Some(Sensitive::Telephone)
    } else if is_bank_card(&tight) {
        Some(Sensitive::BankCard)
    } else {
        None
    }
}

fn is_mobile(number: &str) -> bool {
    number.len() == 11 && number.starts_with('1') && matches!(number.as_bytes()[1], b'3'..=b'9')
}

/// 18 places with a date and the check digit of GB 11643, or 15 with a date.
fn is_identity_card(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let date = |year: &str, rest: &str| {
        format!("{year}-{}-{}", &rest[..2], &rest[2..4]).parse::<jiff::civil::Date>().is_ok()
    };
    match number.len() {
        18 if number[..17].bytes().all(|b| b.is_ascii_digit()) => {
            let sum: u32 =
                number.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
            date(&number[6..10], &number[10..14]) && number.as_bytes()[17] == CHECKS[(sum % 11) as usize]
        }
        15 if number.bytes().all(|b| b.is_ascii_digit()) => {
            matches!(number.as_bytes()[0], b'1'..=b'8')
                && date(&format!("19{}", &number[6..8]), &number[8..12])
        }
        _ => false,
    }
}

/// 16 to 19 digits that begin as cards do, with Luhn's check digit.
fn is_bank_card(number: &str) -> bool {
    let begins = matches!(number.as_bytes().first(), Some(b'3'..=b'6' | b'9'));
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(digit.wrapping_sub(b'0'))) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    (16..=19).contains(&number.len())
        && begins
        && number.bytes().all(|b| b.is_ascii_digit())
        && sum.is_multiple_of(10)
}

/// Names just before or behind a number.
fn names_beside(text: &[char], number: &Range<usize>) -> Vec<Found> {
    let before = number.start.saturating_sub(BESIDE)..number.start;
    let behind = number.end..text.len().min(number.end + BESIDE);
    let mut names = Vec::new();
    for side in [before, behind] {
        let mut run = side.start;
        while run < side.end {
            let end = (run..side.end).find(|at| !is_han(text[*at])).unwrap_or(side.end);
            // A run that goes on outside of what is looked at is a sentence.
            let cut = (run == side.start && run > 0 && is_han(text[run - 1]))
                || (end == side.end && end < text.len() && is_han(text[end]));
            if let Some(at) = name_in(&text[run..end]).filter(|_| !cut) {
                let at = run + at.start..run + at.end;
                names.push(Found { kind: Sensitive::Name, masked: masked(&text[at.clone()]), at });
            }
            run = end + 1;
        }
    }
    names
}

/// The name in a run of Chinese characters: what follows a label, or a surname with one or two
/// characters more.
fn name_in(run: &[char]) -> Option<Range<usize>> {
    let words: String = run.iter().collect();
    let labelled = LABEL.as_ref().and_then(|label| label.find(&words)).filter(|found| found.start() == 0);
    let start = labelled.map_or(0, |found| found.as_str().chars().count());
    let rest = &run[start..];
    let named = (2..=4).contains(&rest.len()) && labelled.is_some()
        || (2..=3).contains(&rest.len()) && SURNAMES.contains(rest[0]);
    named.then_some(start..run.len())
}

fn masked(words: &[char]) -> String {
    let shown = if words.len() > 8 { 3 } else { 1 };
    let hide = |(place, letter): (usize, &char)| {
        if place < shown || (words.len() > 8 && place + 2 >= words.len()) { *letter } else { '*' }
    };
    words.iter().enumerate().map(hide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Sensitive> {
        find(text).into_iter().map(|one| one.kind).collect()
    }

    #[test]
    fn numbers_of_persons_are_found_and_other_numbers_are_not() {
        // Made up, with right check digits.
        assert_eq!(kinds("身份证号11010519491231002X。"), [Sensitive::IdentityCard]);
        assert_eq!(kinds("１１０１０５１９４９１２３１００２Ｘ"), [Sensitive::IdentityCard]);
        assert_eq!(kinds("卡号 6222 0200 0000 0000 008"), kinds("卡号6222020000000000008"));
        assert_eq!(kinds("卡号4111111111111111"), [Sensitive::BankCard]);
        assert_eq!(kinds("请拨 138-0000-1234"), [Sensitive::Telephone]);
        assert_eq!(kinds("电话0470-8210000"), [Sensitive::Telephone]);
        assert_eq!(kinds("0470 8210000"), [Sensitive::Telephone]);
        // Two behind each other, or behind another number.
        assert_eq!(kinds("13800001234 13900005678"), [Sensitive::Telephone; 2]);
        assert_eq!(kinds("1 13800001234"), [Sensitive::Telephone]);
        assert_eq!(kinds("11010519491231002X 13800001234"), [Sensitive::IdentityCard, Sensitive::Telephone]);
        for harmless in [
            "总投资1284亿元，2023年完成12550万元",
            "统一编号150702000000",
            "11010519491231002",
            "110105194912310021",
            "呼政办发〔2023〕64号",
            "4111111111111112",
            "2023-2025",
            "12345",
        ] {
            assert!(find(harmless).is_empty(), "{harmless}: {:?}", find(harmless));
        }
    }

    #[test]
    fn names_beside_numbers_are_found_and_hidden() {
        let found = find("联系人：王某某 13800001234");
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].kind, found[0].masked.as_str()), (Sensitive::Name, "王**"));
        assert_eq!((found[1].kind, found[1].masked.as_str()), (Sensitive::Telephone, "138******34"));
        assert_eq!(kinds("13800001234（张三）"), [Sensitive::Telephone, Sensitive::Name]);
        // Without a number a name is no reason to stop, and a unit is no name.
        assert!(find("由王某某负责").is_empty());
        assert_eq!(kinds("市教育局办公室 0470-8210000"), [Sensitive::Telephone]);
    }

    /// A text of digits and letters by turns, of a mebibyte: each run was counted from the beginning of the text.
    #[test]
    fn a_long_text_of_many_numbers_is_looked_through_once() {
        let begun = std::time::Instant::now();
        let text = "1字".repeat(256 * 1024) + "13800001234";
        let found = find(&text);
        assert_eq!(found.iter().map(|one| one.at.start).collect::<Vec<_>>(), [512 * 1024]);
        assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    }
}
