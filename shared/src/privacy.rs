//! Words that must not be made public: numbers of identity cards, telephones and bank cards, and names of
//! persons beside them (domain.md, part d: nothing about private persons on public pages).

use crate::text::{folded, is_han};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
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

/// Groups of digits that are looked at together: a card in fours has five.
const GROUPS: usize = 6;

/// The digits of the longest number.
const LONGEST: usize = 19;

/// Everything sensitive in a text, in its order, each when it is asked for: whoever needs the first does not pay for
/// the others. No more of the text is held than stands around one number.
#[must_use]
pub const fn find(text: &str) -> Findings<'_> {
    let at = Place { byte: 0, letter: 0 };
    Findings { text, at, ready: VecDeque::new(), behind: Vec::new() }
}

/// Everything sensitive in a text.
#[derive(Debug, Clone)]
pub struct Findings<'a> {
    text: &'a str,
    /// Everything before it was looked at.
    at: Place,
    ready: VecDeque<Found>,
    /// The names behind the last number: those before the next one may be the same.
    behind: Vec<Found>,
}

/// A place in a text.
#[derive(Debug, Clone, Copy)]
struct Place {
    byte: usize,
    letter: usize,
}

impl Place {
    const fn pass(&mut self, letter: char) {
        self.byte += letter.len_utf8();
        self.letter += 1;
    }
}

impl Iterator for Findings<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        if self.ready.is_empty() {
            match self.number() {
                Some((kind, from, to)) => self.take(kind, from, to),
                None => self.ready.extend(self.behind.drain(..)),
            }
        }
        self.ready.pop_front()
    }
}

impl Findings<'_> {
    /// The next number of a person, from where to where it goes. The longest of those that begin first is taken.
    fn number(&mut self) -> Option<(Sensitive, Place, Place)> {
        loop {
            self.pass_while(|letter| !letter.is_ascii_digit());
            if self.at.byte == self.text.len() {
                return None;
            }
            let from = self.at;
            let (groups, digits) = self.groups();
            let longest = (1..=groups.len()).rev().find_map(|count| {
                let (to, length) = groups[count - 1];
                Some((kind_of(&digits[..length], &groups[..count])?, to))
            });
            if let Some((kind, to)) = longest {
                self.at = to;
                return Some((kind, from, to));
            }
            self.pass_while(|letter| letter.is_ascii_digit());
        }
    }

    /// The groups of digits that begin here, with single blanks or hyphens between them: the end of each and the
    /// digits up to there, as far as they may be a number.
    fn groups(&self) -> (Vec<(Place, usize)>, String) {
        let (mut groups, mut digits, mut at) = (Vec::new(), String::new(), self.at);
        // Full-width digits are digits; one character stays one character.
        let mut letters = self.text[at.byte..].chars().map(|letter| (letter, folded(letter))).peekable();
        while groups.len() < GROUPS {
            while let Some((letter, digit)) = letters.next_if(|(_, plain)| plain.is_ascii_digit()) {
                at.pass(letter);
                digits.push(digit);
                if digits.len() > LONGEST {
                    return (groups, digits);
                }
            }
            let check = letters.next_if(|(_, plain)| matches!(plain, 'X' | 'x'));
            if let Some((letter, _)) = check {
                at.pass(letter);
                digits.push('X');
            }
            groups.push((at, digits.len()));
            let between = letters.next_if(|(_, plain)| check.is_none() && matches!(plain, ' ' | '-'));
            let Some((letter, _)) = between else { break };
            if !letters.peek().is_some_and(|(_, plain)| plain.is_ascii_digit()) {
                break;
            }
            at.pass(letter);
        }
        (groups, digits)
    }

    fn pass_while(&mut self, passes: impl Fn(char) -> bool) {
        for letter in self.text[self.at.byte..].chars() {
            if !passes(folded(letter)) {
                break;
            }
            self.at.pass(letter);
        }
    }

    /// Takes a number with the names beside it. A number is longer than names are looked for, so that all names
    /// between two numbers are found by these two.
    fn take(&mut self, kind: Sensitive, from: Place, to: Place) {
        let before = self.text[..from.byte].chars().rev().take(BESIDE + 1);
        let mut around: Vec<char> = before.map(folded).collect();
        around.reverse();
        let number = around.len()..around.len() + to.letter - from.letter;
        let behind = self.text[to.byte..].chars().take(BESIDE + 1);
        around.extend(self.text[from.byte..to.byte].chars().chain(behind).map(folded));
        let first = from.letter - number.start;
        let found = |kind, at: Range<usize>| Found {
            kind,
            masked: masked(&around[at.clone()]),
            at: first + at.start..first + at.end,
        };
        let names = |side| names_in(&around, side).into_iter().map(|at| found(Sensitive::Name, at));
        let before = names(number.start.saturating_sub(BESIDE)..number.start);
        let mut between: Vec<Found> = self.behind.drain(..).chain(before).collect();
        between.sort_by_key(|one| one.at.start);
        between.dedup();
        self.behind.extend(names(number.end..around.len().min(number.end + BESIDE)));
        self.ready.extend(between);
        self.ready.push_back(found(kind, number));
    }
}

/// The kind of a number by its digits and by the ends of its groups.
fn kind_of(digits: &str, groups: &[(Place, usize)]) -> Option<Sensitive> {
    let mobile = digits.strip_prefix("86").unwrap_or(digits);
    // An area code begins with one zero, and stands alone or together with the rest.
    let lengths = match groups {
        [(_, whole)] => (0, *whole),
        [(_, first), (_, both)] => (*first, both - first),
        _ => (0, 0),
    };
    let landline = matches!(lengths, (0, 10..=12) | (3..=4, 7..=8))
        && digits.starts_with('0')
        && !digits.starts_with("00")
        && digits.bytes().all(|b| b.is_ascii_digit());
    if is_identity_card(digits) {
        Some(Sensitive::IdentityCard)
    } else if landline || is_mobile(mobile) || is_mobile(digits) {
        Some(Sensitive::Telephone)
    } else if is_bank_card(digits) {
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

/// Names on one side of a number.
fn names_in(text: &[char], side: Range<usize>) -> Vec<Range<usize>> {
    let mut names = Vec::new();
    let mut run = side.start;
    while run < side.end {
        let end = (run..side.end).find(|at| !is_han(text[*at])).unwrap_or(side.end);
        // A run that goes on outside of what is looked at is a sentence.
        let cut = (run == side.start && run > 0 && is_han(text[run - 1]))
            || (end == side.end && end < text.len() && is_han(text[end]));
        if let Some(at) = name_in(&text[run..end]).filter(|_| !cut) {
            names.push(run + at.start..run + at.end);
        }
        run = end + 1;
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
        find(text).map(|one| one.kind).collect()
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
            assert_eq!(find(harmless).next(), None, "{harmless}");
        }
    }

    #[test]
    fn names_beside_numbers_are_found_and_hidden() {
        let found: Vec<Found> = find("联系人：王某某 13800001234").collect();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].kind, found[0].masked.as_str()), (Sensitive::Name, "王**"));
        assert_eq!((found[1].kind, found[1].masked.as_str()), (Sensitive::Telephone, "138******34"));
        assert_eq!(kinds("13800001234（张三）"), [Sensitive::Telephone, Sensitive::Name]);
        // Without a number a name is no reason to stop, and a unit is no name.
        assert_eq!(find("由王某某负责").next(), None);
        assert_eq!(kinds("市教育局办公室 0470-8210000"), [Sensitive::Telephone]);
    }

    /// A text of digits and letters by turns, of a mebibyte: each run was counted from the beginning of the text.
    #[test]
    fn a_long_text_of_many_numbers_is_looked_through_once() {
        let begun = std::time::Instant::now();
        let text = "1字".repeat(256 * 1024) + "13800001234";
        assert_eq!(find(&text).map(|one| one.at.start).collect::<Vec<_>>(), [512 * 1024]);
        assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    }

    /// A text of telephones and names: all of it was gathered before the first was looked at.
    #[test]
    fn a_finding_costs_what_stands_around_its_number() {
        let piece = "0470821000王某,李某,张某";
        let text = piece.repeat(10_000);
        let mut all = find(&text);
        assert_eq!(all.next().map(|one| one.kind), Some(Sensitive::Telephone));
        assert_eq!(all.at.byte, 10, "it stopped behind the first number");
        let mut last = 0;
        let mut count = [1, 0];
        while let Some(one) = all.next() {
            assert!(all.ready.len() + all.behind.len() < 2 * BESIDE && last <= one.at.start, "{one:?}");
            last = one.at.start;
            count[usize::from(one.kind == Sensitive::Name)] += 1;
        }
        // Those between two numbers are found by both; behind the last one stand as many.
        assert_eq!(count, [10_000, 30_000]);
    }

    #[test]
    fn a_number_behind_very_many_others_is_found() {
        let text = format!("{} 13800001234", "12 ".repeat(2_000).trim_end());
        assert_eq!(kinds(&text), [Sensitive::Telephone]);
        assert_eq!(find(&format!("{}13800001234", "1".repeat(100_000))).next(), None);
    }
}
