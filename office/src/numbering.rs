//! The automatic numbering of word processors: what a paragraph shows before its words is not in
//! its words, but is counted from `numbering.xml`.

use crate::OfficeError;
use crate::caps;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;

/// Levels of a list.
const LEVELS: usize = 9;

/// How one level is counted and printed.
#[derive(Debug, Clone)]
struct Level {
    start: u32,
    format: String,
    /// `%1、`, `（%2）`: `%n` is the number of level n.
    text: String,
    /// Every number in it is shown in digits.
    legal: bool,
    /// The level after which it begins anew; 0 never, none after any above.
    restart: Option<usize>,
}

impl Default for Level {
    fn default() -> Self {
        Self { start: 1, format: "decimal".to_owned(), text: String::new(), legal: false, restart: None }
    }
}

#[derive(Debug, Clone, Default)]
struct List {
    levels: [Level; LEVELS],
    /// Levels of styles: a paragraph of the style is numbered so.
    styles: BTreeMap<String, usize>,
}

/// The lists of a document, and where each is counted to.
#[derive(Debug, Default)]
pub struct Numbering {
    lists: BTreeMap<u32, List>,
    /// By the number that paragraphs name: the list behind it, and starts that it overrides.
    numbers: BTreeMap<u32, (u32, BTreeMap<usize, u32>)>,
    counters: BTreeMap<u32, [Option<u32>; LEVELS]>,
    /// Starts that were overridden already: a number does it once.
    begun: BTreeMap<u32, Vec<usize>>,
}

/// The value of an attribute, whatever its prefix.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element.attributes().flatten().find_map(|attribute| {
        let local = attribute.key.local_name();
        if local.as_ref() != name {
            return None;
        }

        quick_xml::escape::unescape(&attribute.value).ok().map(std::borrow::Cow::into_owned)
    })
}

impl Numbering {
    /// Reads `word/numbering.xml`.
    ///
    /// # Errors
    /// [`OfficeError`] when it is damaged or too deep.
    pub fn read(xml: &str) -> Result<Self, OfficeError> {
        let mut numbering = Self::default();
        let mut reader = Reader::from_str(xml);
        let mut depth = 0;
        let (mut list, mut number) = (None::<u32>, None::<u32>);
        let (mut level, mut over) = (None::<usize>, None::<usize>);
        loop {
            let event = reader.read_event().map_err(|_| OfficeError::DamagedFile)?;
            let empty = matches!(event, Event::Empty(_));
            match event {
                Event::Start(element) | Event::Empty(element) => {
                    depth += usize::from(!empty);
                    if depth > caps::MAX_DEPTH {
                        return Err(OfficeError::TooDeep);
                    }
                    let value = || attribute(&element, "val");
                    let count = |name: &str| attribute(&element, name).and_then(|text| text.parse().ok());
                    let place = |name: &str| count(name).map(|at: u32| at as usize).filter(|at| *at < LEVELS);
                    match element.local_name().as_ref() {
                        "abstractNum" => list = count("abstractNumId"),
                        "num" => number = count("numId"),
                        "lvlOverride" => over = place("ilvl"),
                        "startOverride" => {
                            if let (Some(number), Some(over), Some(start)) =
                                (number, over, value().and_then(|text| text.parse().ok()))
                            {
                                numbering.numbers.entry(number).or_default().1.insert(over, start);
                            }
                        }
                        "abstractNumId" => {
                            if let (Some(number), Some(id)) =
                                (number, value().and_then(|text| text.parse().ok()))
                            {
                                numbering.numbers.entry(number).or_default().0 = id;
                            }
                        }
                        "lvl" => level = place("ilvl"),
                        name => {
                            let Some((list, level)) = list.zip(level) else { continue };
                            let list = numbering.lists.entry(list).or_default();
                            match (name, value()) {
                                ("start", Some(text)) => {
                                    list.levels[level].start = text.parse().unwrap_or(1);
                                }
                                ("numFmt", Some(text)) => list.levels[level].format = text,
                                ("lvlText", Some(text)) => list.levels[level].text = text,
                                ("lvlRestart", Some(text)) => {
                                    list.levels[level].restart = text.parse().ok();
                                }
                                ("isLgl", value) => {
                                    list.levels[level].legal =
                                        value.is_none_or(|text| text != "0" && text != "false");
                                }
                                ("pStyle", Some(style)) => {
                                    list.styles.insert(style, level);
                                }
                                _ => {}
                            }
                        }
                    }
                }
                Event::End(element) => {
                    depth = depth.saturating_sub(1);
                    match element.local_name().as_ref() {
                        "abstractNum" => (list, level) = (None, None),
                        "num" => (number, over) = (None, None),
                        "lvl" => level = None,
                        _ => {}
                    }
                }
                Event::Eof => return Ok(numbering),
                _ => {}
            }
        }
    }

    /// The level that a style has in the list of a number.
    pub fn level_of_style(&self, number: u32, style: &str) -> Option<usize> {
        let (list, _) = self.numbers.get(&number)?;
        self.lists.get(list)?.styles.get(style).copied()
    }

    /// Counts a paragraph and gives what it shows before its words; nothing for bullets.
    pub fn next(&mut self, number: u32, level: usize) -> Option<String> {
        let (id, overrides) = self.numbers.get(&number)?.clone();
        let list = self.lists.get(&id)?;
        let level = level.min(LEVELS - 1);
        let counters = self.counters.entry(id).or_default();
        let begun = self.begun.entry(number).or_default();
        let overridden = overrides.get(&level).filter(|_| !begun.contains(&level));
        if overridden.is_some() {
            begun.push(level);
        }
        counters[level] = Some(match (overridden, counters[level]) {
            (Some(start), _) => *start,
            (None, Some(count)) => count.saturating_add(1),
            (None, None) => list.levels[level].start,
        });
        for (below, counter) in list.levels.iter().zip(counters.iter_mut()).skip(level + 1) {
            if below.restart.is_none_or(|after| after != 0 && level < after) {
                *counter = None;
            }
        }
        if list.levels[level].format == "bullet" || list.levels[level].format == "none" {
            return None;
        }
        let mut shown = String::new();
        let mut signs = list.levels[level].text.chars().peekable();
        while let Some(sign) = signs.next() {
            let named = signs.peek().and_then(|digit| digit.to_digit(10)).filter(|_| sign == '%');
            let Some(named) = named.filter(|named| (1..=LEVELS as u32).contains(named)) else {
                shown.push(sign);
                continue;
            };
            signs.next();
            let at = named as usize - 1;
            let count = counters[at].unwrap_or(list.levels[at].start);
            let format = if list.levels[level].legal { "decimal" } else { &list.levels[at].format };
            shown.push_str(&printed(count, format));
        }
        Some(shown)
    }
}

/// A number in a format of OOXML; those that official documents use, the rest as digits.
pub fn printed(number: u32, format: &str) -> String {
    match format {
        "chineseCounting"
        | "chineseCountingThousand"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "ideographTraditional" => chinese(number),
        "chineseLegalSimplified" | "ideographLegalTraditional" => {
            let legal = "零壹贰叁肆伍陆柒捌玖";
            let plain = "零一二三四五六七八九";
            let swap = |c: char| match plain.chars().position(|known| known == c) {
                Some(at) => legal.chars().nth(at).unwrap_or(c),
                None if c == '十' => '拾',
                None if c == '百' => '佰',
                None if c == '千' => '仟',
                None => c,
            };
            chinese(number).chars().map(swap).collect()
        }
        "ideographDigital" | "japaneseDigitalTenThousand" | "taiwaneseDigital" => {
            let digits: Vec<char> = "〇一二三四五六七八九".chars().collect();
            number.to_string().bytes().map(|digit| digits[usize::from(digit - b'0')]).collect()
        }
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" if (1..=20).contains(&number) => {
            char::from_u32(0x2460 + number - 1).map_or_else(|| number.to_string(), String::from)
        }
        "decimalFullWidth" | "decimalFullWidth2" => number
            .to_string()
            .bytes()
            .filter_map(|digit| char::from_u32(0xFF10 + u32::from(digit - b'0')))
            .collect(),
        "decimalZero" => format!("{number:02}"),
        "upperLetter" | "lowerLetter" => {
            let letter = char::from(b'A' + u8::try_from(number.saturating_sub(1) % 26).unwrap_or(0));
            let times = (number.saturating_sub(1) / 26 + 1).min(20) as usize;
            let upper = letter.to_string().repeat(times);
            if format == "upperLetter" { upper } else { upper.to_lowercase() }
        }
        "upperRoman" => roman(number),
        "lowerRoman" => roman(number).to_lowercase(),
        _ => number.to_string(),
    }
}

/// 一, 十, 十一, 二十, 一百零一, 一千二百; digits from ten thousand on.
fn chinese(number: u32) -> String {
    let digits: Vec<char> = "零一二三四五六七八九".chars().collect();
    if number == 0 || number > 9_999 {
        return if number == 0 { "零".to_owned() } else { number.to_string() };
    }
    let mut out = String::new();
    let mut gap = false;
    for (scale, word) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number / scale % 10;
        if digit == 0 {
            gap |= !out.is_empty();
            continue;
        }
        if gap {
            out.push('零');
            gap = false;
        }
        // 十 and not 一十 at the beginning.
        if !(digit == 1 && scale == 10 && out.is_empty()) {
            out.push(digits[digit as usize]);
        }
        out.push_str(word);
    }
    out
}

fn roman(number: u32) -> String {
    if number == 0 || number > 3_999 {
        return number.to_string();
    }
    let signs = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut rest = number;
    let mut out = String::new();
    for (value, sign) in signs {
        while rest >= value {
            out.push_str(sign);
            rest -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_documents_print_them() {
        let shown = |number| printed(number, "chineseCountingThousand");
        assert_eq!([1, 10, 11, 20, 21, 99].map(shown), ["一", "十", "十一", "二十", "二十一", "九十九"]);
        assert_eq!(
            [100, 101, 110, 1005, 1200].map(shown),
            ["一百", "一百零一", "一百一十", "一千零五", "一千二百"]
        );
        assert_eq!(printed(3, "chineseLegalSimplified"), "叁");
        assert_eq!(printed(12, "decimalEnclosedCircle"), "⑫");
        assert_eq!(printed(2023, "ideographDigital"), "二〇二三");
        assert_eq!(printed(28, "upperLetter"), "BB");
        assert_eq!(printed(14, "lowerRoman"), "xiv");
        assert_eq!(printed(7, "unheardOf"), "7");
    }

    const XML: &str = r#"<w:numbering xmlns:w="w">
        <w:abstractNum w:abstractNumId="0">
          <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
          <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
          <w:lvl w:ilvl="2"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%3"/><w:lvlRestart w:val="0"/></w:lvl>
          <w:lvl w:ilvl="3"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl>
        </w:abstractNum>
        <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
        <w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>
      </w:numbering>"#;

    #[test]
    fn levels_count_and_begin_anew() {
        let mut numbering = Numbering::read(XML).expect("read");
        let mut next = |number, level| numbering.next(number, level);
        assert_eq!(next(1, 0).as_deref(), Some("一、"));
        assert_eq!(next(1, 1).as_deref(), Some("（一）"));
        assert_eq!(next(1, 1).as_deref(), Some("（二）"));
        assert_eq!(next(1, 2).as_deref(), Some("一.3"), "a level may begin elsewhere");
        assert_eq!(next(1, 0).as_deref(), Some("二、"));
        assert_eq!(next(1, 1).as_deref(), Some("（一）"), "below a new one it begins anew");
        assert_eq!(next(1, 2).as_deref(), Some("二.4"), "a level that never restarts goes on");
        assert_eq!(next(1, 3), None, "bullets show nothing");
        assert_eq!(next(2, 0).as_deref(), Some("五、"), "another number of the list begins at five");
        assert_eq!(next(2, 0).as_deref(), Some("六、"), "once");
        assert_eq!(next(9, 0), None);
    }

    #[test]
    fn hostile_numbering_is_refused_or_harmless() {
        assert!(Numbering::read(&"<a>".repeat(1000)).is_err());
        assert!(
            Numbering::read("<w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num>")
                .expect("read")
                .next(1, 0)
                .is_none()
        );
        let legal = XML.replace("<w:lvlRestart", "<w:isLgl/><w:lvlRestart");
        let mut numbering = Numbering::read(&legal).expect("read");
        numbering.next(1, 0);
        assert_eq!(numbering.next(1, 2).as_deref(), Some("1.3"));
        let wild = XML.replace("%1、", "%9%0%%1、");
        assert_eq!(Numbering::read(&wild).expect("read").next(1, 0).as_deref(), Some("1%0%一、"));
    }
}
