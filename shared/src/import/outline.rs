//! Numbering of official documents: 第一章, 一、, （一）, 1., （1）, ① — and the tree it makes.

use super::lists;
use super::pattern::looked;
use super::source::Paragraph;

/// Depth of a numbering style; smaller is higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 第一章, 第一部分
    Chapter,
    /// 第一节
    Section,
    /// 第一条
    Article,
    /// 一、
    One,
    /// （一）
    Two,
    /// 1.
    Three,
    /// （1）, ①, 1）
    Four,
}

/// Stands before the heading of a group of rows, which has no number. No character of a text: private ones are
/// taken out of it.
pub const GROUP: char = '\u{E0FE}';

/// Stands before a point of a text without numbers: 一是, 二是.
pub const POINT: char = '\u{E0FD}';

/// Stands before a row under a cell that was merged down.
pub const ROW: char = '\u{E0FF}';

/// A number at the start of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    pub level: Level,
    pub ordinal: u32,
    /// Length in bytes of the folded text.
    pub bytes: usize,
    /// As it is quoted: `一`, `（一）`, `1`.
    pub label: String,
}

impl Marker {
    /// Whether this could as well be a part of running text.
    pub fn is_weak(&self) -> bool {
        self.level >= Level::Three
    }
}

/// The marker that a folded text begins with.
pub fn marker_at(folded: &str) -> Option<Marker> {
    let first = folded.chars().next()?;
    match first {
        GROUP | ROW => Some(Marker {
            level: if first == GROUP { Level::One } else { Level::Four },
            ordinal: 1,
            bytes: first.len_utf8(),
            label: String::new(),
        }),
        POINT => point(&folded[first.len_utf8()..]),
        '第' => chapter(folded),
        '（' => bracketed(folded),
        '①'..='⑳' => Some(Marker {
            level: Level::Four,
            ordinal: first as u32 - '①' as u32 + 1,
            bytes: first.len_utf8(),
            label: first.to_string(),
        }),
        '0'..='9' => arabic(folded),
        _ => chinese(folded),
    }
}

/// `一是`, behind its mark.
fn point(rest: &str) -> Option<Marker> {
    let (digits, ordinal) = ordinal_of_point(rest)?;
    Some(Marker {
        level: Level::Two,
        ordinal,
        bytes: POINT.len_utf8() + digits.len() + '是'.len_utf8(),
        label: digits.to_owned(),
    })
}

/// The numeral of 一是, 二是 at the beginning of a text, and its number.
pub fn ordinal_of_point(text: &str) -> Option<(&str, u32)> {
    let digits = chinese_digits(text);
    let ordinal = chinese_number(digits)?;
    text[digits.len()..].starts_with('是').then_some((digits, ordinal))
}

fn chinese(folded: &str) -> Option<Marker> {
    let digits = chinese_digits(folded);
    let ordinal = chinese_number(digits)?;
    let rest = &folded[digits.len()..];
    let mark = rest.chars().next().filter(|c| matches!(c, '、' | '.'))?;
    Some(Marker {
        level: Level::One,
        ordinal,
        bytes: digits.len() + mark.len_utf8(),
        label: digits.to_owned(),
    })
}

fn bracketed(folded: &str) -> Option<Marker> {
    let inner = &folded['（'.len_utf8()..];
    let mut near = inner.char_indices().take_while(|(at, _)| *at <= 12);
    let end = near.find(|(_, character)| *character == '）').map(|(at, _)| at).filter(|end| *end > 0)?;
    let number = &inner[..end];
    looked(number);
    let bytes = '（'.len_utf8() + end + '）'.len_utf8();
    let label = folded[..bytes].to_owned();
    if let Some(ordinal) = whole_chinese_number(number) {
        return Some(Marker { level: Level::Two, ordinal, bytes, label });
    }
    let ordinal = number.parse().ok().filter(|n: &u32| (1..=60).contains(n))?;
    Some(Marker { level: Level::Four, ordinal, bytes, label })
}

fn arabic(folded: &str) -> Option<Marker> {
    let digits = ascii_digits(folded);
    looked(&folded[..digits]);
    let ordinal: u32 = folded[..digits].parse().ok().filter(|n| (1..1900).contains(n))?;
    let mut rest = folded[digits..].chars();
    let mark = rest.next()?;
    let next = rest.next();
    let label = folded[..digits].to_owned();
    let level = match mark {
        '.' | '、' if next.is_some_and(|c| !c.is_ascii_digit() && c != '%') => Level::Three,
        '.' | '、' if begins_with_year(&folded[digits + mark.len_utf8()..]) => Level::Three,
        '）' if digits <= 2 => Level::Four,
        '.' => return decimal(folded, digits),
        _ => return None,
    };
    Some(Marker { level, ordinal, bytes: digits + mark.len_utf8(), label })
}

/// `2.2024年底前…` and `3.5G网络…`: the digits behind the number begin the sentence.
fn begins_with_year(rest: &str) -> bool {
    let digits = ascii_digits(rest);
    (digits == 4 && rest.starts_with("20") && rest[4..].starts_with('年'))
        || (digits == 1 && rest[1..].starts_with('G'))
        || (digits == 5 && rest.starts_with("12") && rest[5..].starts_with("热线"))
        || (digits == 2 && rest[2..].starts_with("分钟"))
}

/// `1.2` before a word; `1.5亿元` is a number. The point stands behind so many digits.
fn decimal(folded: &str, point: usize) -> Option<Marker> {
    const MEASURES: &str = "万亿千百元倍个家项人次名户亩米公平吨度米克度年月级";
    let (first, rest) = (&folded[..point], folded[point..].strip_prefix('.')?);
    let digits = ascii_digits(rest);
    let next = rest[digits..].chars().next()?;
    let ordinal: u32 = rest[..digits].parse().ok().filter(|n| (1..=60).contains(n))?;
    let word = crate::text::is_han(next) && !MEASURES.contains(next);
    let bytes = first.len() + '.'.len_utf8() + digits;
    (word && first.len() <= 2).then(|| Marker {
        level: Level::Four,
        ordinal,
        bytes,
        label: folded[..bytes].to_owned(),
    })
}

fn chapter(folded: &str) -> Option<Marker> {
    let inner = &folded['第'.len_utf8()..];
    let digits = chinese_digits(inner);
    let ordinal = chinese_number(digits)?;
    let rest = &inner[digits.len()..];
    let (level, word) = if rest.starts_with("部分") {
        (Level::Chapter, "部分")
    } else if rest.starts_with('章') {
        (Level::Chapter, "章")
    } else if rest.starts_with('节') {
        (Level::Section, "节")
    } else if rest.starts_with('条') {
        (Level::Article, "条")
    } else {
        return None;
    };
    let bytes = '第'.len_utf8() + digits.len() + word.len();
    Some(Marker { level, ordinal, bytes, label: folded[..bytes].to_owned() })
}

const DIGITS: &str = "一二三四五六七八九";

/// A number of an outline is short: so many digits are looked at, and one that goes on is none. A marker is
/// asked for at every character of a text.
const MOST_DIGITS: usize = 12;

/// How many ASCII digits a text begins with.
fn ascii_digits(text: &str) -> usize {
    text.bytes().take(MOST_DIGITS).take_while(u8::is_ascii_digit).count()
}

fn chinese_digits(text: &str) -> &str {
    let near = crate::text::beginning(text, MOST_DIGITS);
    let end = near.find(|c: char| !DIGITS.contains(c) && c != '十' && c != '百' && c != '零');
    let digits = &near[..end.unwrap_or(near.len())];
    looked(digits);
    digits
}

fn whole_chinese_number(text: &str) -> Option<u32> {
    (chinese_digits(text).len() == text.len()).then(|| chinese_number(text)).flatten()
}

/// Numbers up to 999 written in Chinese characters.
pub fn chinese_number(text: &str) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    let (mut total, mut digit) = (0, 0);
    for character in text.chars() {
        match character {
            '十' => {
                total += digit.max(1) * 10;
                digit = 0;
            }
            '百' => {
                total += digit.max(1) * 100;
                digit = 0;
            }
            '零' | '〇' => {}
            '两' => digit = 2,
            other => digit = DIGITS.chars().position(|d| d == other)? as u32 + 1,
        }
    }
    Some(total + digit)
}

/// A numbered unit with what belongs to it.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    pub marker: Marker,
    pub first: &'a Paragraph,
    /// Further paragraphs without a number.
    pub more: Vec<&'a Paragraph>,
    pub children: Vec<Node<'a>>,
}

impl Node<'_> {
    /// Whether this is a point of a text without numbers.
    pub fn is_point(&self) -> bool {
        self.first.folded.starts_with(POINT)
    }

    /// Whether this is a heading without words of its own, under which the numbers of its own style begin anew:
    /// `一、重点任务`, then `一、建设口岸。…`.
    fn holds_anew(&self, next: &Node<'_>) -> bool {
        let folded = &self.first.folded;
        let bare = self.more.is_empty() && !folded.contains(['。', '：', '；']);
        let (own, below) = (&self.marker, &next.marker);
        let begins = match self.children.last() {
            None => bare && below.ordinal == 1 && next.first.folded.contains(['。', '：']),
            Some(last) => last.marker.level == below.level && last.marker.ordinal + 1 == below.ordinal,
        };
        own.level == below.level && own.ordinal == 1 && begins
    }
}

/// The tree of a run of paragraphs, and the paragraphs before its first number.
pub fn tree(paragraphs: &[Paragraph]) -> (Vec<&Paragraph>, Vec<Node<'_>>) {
    let mut before = Vec::new();
    let mut roots: Vec<Node<'_>> = Vec::new();
    let mut attachments = false;
    for paragraph in paragraphs {
        // A list of attachments; 附件2 alone begins one.
        if paragraph.folded.starts_with("附件") && paragraph.folded.contains(['：', '.', '《']) {
            attachments = true;
        }
        let marker = marker_at(&paragraph.folded);
        match marker {
            Some(marker) if !(attachments && is_attachment_line(&paragraph.folded, &marker)) => {
                attachments = false;
                let node = Node { marker, first: paragraph, more: Vec::new(), children: Vec::new() };
                push(&mut roots, node);
            }
            _ if attachments || is_begin_of_attachment(&paragraph.folded) => {}
            _ => match roots.last_mut() {
                None => before.push(paragraph),
                Some(root) => add(root, paragraph),
            },
        }
    }
    before.extend(behind_points(&mut roots));
    roots.iter_mut().for_each(give_out);
    (before, roots)
}

/// Takes what stands behind the last point of a text without numbers: it has no more paragraphs than one before it.
fn behind_points<'a>(roots: &mut [Node<'a>]) -> Vec<&'a Paragraph> {
    let Some((last, others)) = roots.split_last_mut() else { return Vec::new() };
    if !last.is_point() || !last.children.is_empty() {
        return Vec::new();
    }
    let most = others.iter().map(|node| node.more.len()).max().unwrap_or(0);
    last.more.split_off(most.min(last.more.len()))
}

/// Paragraphs that begin with units and a colon are duties of their own where there are several: `县教体局：负责…`.
fn give_out(node: &mut Node<'_>) {
    node.children.iter_mut().for_each(give_out);
    let begins = |paragraph: &&Paragraph| lists::before_colon(&paragraph.folded).is_some();
    if node.children.is_empty() && node.more.iter().filter(|one| begins(one)).count() >= 2 {
        let first = node.more.iter().position(begins).unwrap_or(node.more.len());
        for paragraph in node.more.split_off(first) {
            match (lists::before_colon(&paragraph.folded), node.children.last_mut()) {
                (None, Some(last)) => last.more.push(paragraph),
                (found, _) => node.children.push(Node {
                    marker: Marker {
                        level: Level::Four,
                        ordinal: 1,
                        bytes: found.map_or(0, |found| found.whole.1 + '：'.len_utf8()),
                        label: String::new(),
                    },
                    first: paragraph,
                    more: Vec::new(),
                    children: Vec::new(),
                }),
            }
        }
    }
}

/// `附件2`, and nothing else but a mark.
fn is_begin_of_attachment(folded: &str) -> bool {
    folded
        .strip_prefix("附件")
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || "一二三四五六七八九十-：".contains(c)))
}

/// A line of the list of attachments: numbered, a name only.
fn is_attachment_line(folded: &str, marker: &Marker) -> bool {
    marker.level == Level::Three && !folded.contains('。') && folded.chars().count() < 60
}

fn push<'a>(siblings: &mut Vec<Node<'a>>, node: Node<'a>) {
    match siblings.last_mut() {
        Some(last) if last.marker.level < node.marker.level || last.holds_anew(&node) => {
            push(&mut last.children, node);
        }
        _ => siblings.push(node),
    }
}

/// A paragraph without a number belongs to the last number; a list of units on a line of its own
/// after several children speaks of their parent only when it says so by standing there.
fn add<'a>(node: &mut Node<'a>, paragraph: &'a Paragraph) {
    match node.children.last_mut() {
        Some(child) => add(child, paragraph),
        None => node.more.push(paragraph),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(text: &str) -> Option<(Level, u32)> {
        marker_at(&crate::text::folded_text(text)).map(|marker| (marker.level, marker.ordinal))
    }

    #[test]
    fn every_style_of_number_is_read() {
        assert_eq!(level("一、目标任务"), Some((Level::One, 1)));
        assert_eq!(level("二十一、其他"), Some((Level::One, 21)));
        assert_eq!(level("(三) 拓展交流"), Some((Level::Two, 3)));
        assert_eq!(level("14. 做好项目退出服务"), Some((Level::Three, 14)));
        assert_eq!(level("48.本政策"), Some((Level::Three, 48)));
        assert_eq!(level("（2）市自然资源局"), Some((Level::Four, 2)));
        assert_eq!(level("③其他"), Some((Level::Four, 3)));
        assert_eq!(level("第十二条 附则"), Some((Level::Article, 12)));
        assert_eq!(level("2.3 建设高标准农田"), Some((Level::Four, 3)));
        assert_eq!(level("2.2024年底前完成改造"), Some((Level::Three, 2)));
        assert_eq!(level("3、5G基站建设"), Some((Level::Three, 3)));
        assert_eq!(level("第二节 面临形势"), Some((Level::Section, 2)));
    }

    #[test]
    fn years_decimals_and_words_are_no_numbers() {
        assert_eq!(level("2023年"), None);
        assert_eq!(level("1.5亿元"), None);
        assert_eq!(level("（市、区）"), None);
        assert_eq!(level("一是加强"), None);
        assert_eq!(level("十条重点产业链"), None);
    }
}
