//! The number of a measure as documents print it, read and written.

use crate::import::chinese_number;

/// How an ordinal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// 一、十二
    Chinese,
    /// 1, 12
    Arabic,
    /// ①
    Circled,
}

/// A printed number taken apart: （ 三 ）.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    before: String,
    script: Script,
    pub ordinal: u32,
    after: String,
}

const CHINESE: &str = "一二三四五六七八九十百零〇";

fn script_of(character: char) -> Option<Script> {
    match character {
        '0'..='9' => Some(Script::Arabic),
        '①'..='⑳' => Some(Script::Circled),
        other if CHINESE.contains(other) => Some(Script::Chinese),
        _ => None,
    }
}

impl Printed {
    /// Takes a number apart; the last ordinal of several is the one that counts on: 2 of `1.2`.
    pub fn read(number: &str) -> Option<Self> {
        let folded = crate::text::folded_text(number);
        let characters: Vec<char> = folded.chars().collect();
        let end = characters.iter().rposition(|one| script_of(*one).is_some())? + 1;
        let script = script_of(characters[end - 1])?;
        let begin = characters[..end].iter().rposition(|one| script_of(*one) != Some(script));
        let begin = if script == Script::Circled { end - 1 } else { begin.map_or(0, |place| place + 1) };
        let text = |part: &[char]| part.iter().collect::<String>();
        let digits = text(&characters[begin..end]);
        let ordinal = match script {
            Script::Arabic => digits.parse().ok()?,
            Script::Chinese => chinese_number(&digits)?,
            Script::Circled => u32::from(characters[begin]) - u32::from('①') + 1,
        };
        // The folded form of brackets and widths is what an import writes as well.
        Some(Self { before: text(&characters[..begin]), script, ordinal, after: text(&characters[end..]) })
    }

    /// The same number with another ordinal.
    pub fn with(&self, ordinal: u32) -> String {
        let written = match self.script {
            Script::Arabic => ordinal.to_string(),
            Script::Chinese => chinese_words(ordinal),
            Script::Circled if ordinal <= 20 => {
                char::from_u32(u32::from('①') + ordinal - 1).map(String::from).unwrap_or_default()
            }
            Script::Circled => format!("（{ordinal}）"),
        };
        format!("{}{written}{}", self.before, self.after)
    }

    /// Whether two numbers differ in their ordinals only.
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.before, self.script, &self.after) == (&other.before, other.script, &other.after)
    }
}

/// 1 to 999 in Chinese characters.
fn chinese_words(number: u32) -> String {
    let digit = |digit: u32| CHINESE.chars().nth(digit as usize - 1).map(String::from).unwrap_or_default();
    let (hundreds, tens, ones) = (number / 100 % 10, number / 10 % 10, number % 10);
    let mut words = String::new();
    if hundreds > 0 {
        words += &(digit(hundreds) + "百");
        if tens == 0 && ones > 0 {
            words.push('零');
        }
    }
    if tens > 0 {
        if tens > 1 || hundreds > 0 {
            words += &digit(tens);
        }
        words.push('十');
    }
    if ones > 0 {
        words += &digit(ones);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_numbers_are_counted_on_in_their_own_form() {
        for (number, next) in [
            ("（一）", "（二）"),
            ("（九）", "（十）"),
            ("（十九）", "（二十）"),
            ("三、", "四、"),
            ("1", "2"),
            ("１．", "2."),
            ("1.9", "1.10"),
            ("第十二条", "第十三条"),
            ("①", "②"),
            ("⑳", "（21）"),
        ] {
            let printed = Printed::read(number).expect(number);
            assert_eq!(printed.with(printed.ordinal + 1), next, "{number}");
        }
        assert_eq!(Printed::read("附"), None);
        assert_eq!(Printed::read(""), None);
    }

    #[test]
    fn chinese_words_are_read_as_they_are_written() {
        for number in 1..1000 {
            assert_eq!(chinese_number(&chinese_words(number)), Some(number), "{number}");
        }
        assert_eq!(chinese_words(110), "一百一十");
        assert_eq!(chinese_words(105), "一百零五");
    }
}
