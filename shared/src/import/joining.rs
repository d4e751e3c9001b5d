//! Lines that go on with the paragraph above them: after a page break, and where a page was narrow.
//!
//! A paragraph grows line by line. Whatever each line asks of it is counted as it grows or stands at one of
//! its ends, so that many short lines cost no more than a long one.

use super::around::Around;
use super::head;
use super::lists;
use super::outline::marker_at;
use super::pattern::looked;
use super::source::{Cell, Paragraph, SENTENCE_END};
use crate::text::{ending, is_short};

/// The most characters of a paragraph that an open bracket takes further lines into.
const BRACKET: usize = 4000;

/// How often one paragraph is read to see whether it ends in a list: at a line with a short label.
const MOST_ASKED: usize = 16;

/// The most brackets that close behind the last opening one of a list.
const MOST_CLOSED: usize = 8;

/// The narrowest page, in characters, whose lines are cut at their width; those of a list of short points end
/// by themselves.
const NARROWEST: usize = 16;

/// The most characters that are looked at for a heading at the end.
const HEADED: usize = 40;

/// Marks that go on with what stands above them.
const MARKS: &[char] = &['，', '、', '。', '）', '；', '"'];

/// A paragraph to which lines are added.
pub struct Growing {
    paragraph: Paragraph,
    around: Around,
    /// Characters of the folded text.
    length: usize,
    /// Whether it holds a comma or a full stop.
    is_sentence: bool,
    /// How often it was read to see whether it ends in a list.
    asked: usize,
}

impl Growing {
    pub fn new(line: Paragraph) -> Self {
        let mut growing =
            Self { paragraph: line, around: Around::default(), length: 0, is_sentence: false, asked: 0 };
        growing.count(0);
        growing
    }

    pub fn done(self) -> Paragraph {
        self.paragraph
    }

    /// Takes in what stands behind a byte.
    fn count(&mut self, from: usize) {
        for character in self.paragraph.folded[from..].chars() {
            self.around.pass(character);
            self.length += 1;
            self.is_sentence |= matches!(character, '。' | '，' | '、');
        }
    }

    pub fn join(&mut self, line: Paragraph) {
        if let Some(cut) = doubled_opening(&self.paragraph.folded, &line.folded) {
            // No label that is printed twice holds a bracket or a comma in its first characters.
            self.length -= self.paragraph.folded[cut..].chars().count();
            self.paragraph.truncate(cut);
        }
        let ascii = |cell: Option<&Cell>| cell.is_some_and(|c| c.shown.is_ascii_alphanumeric());
        let digit = |cell: Option<&Cell>| cell.is_some_and(|c| c.shown.is_ascii_digit());
        let (last, first) = (self.paragraph.cells.last(), line.cells.first());
        // Words are kept apart; a number that was broken is one.
        if ascii(last) && ascii(first) && !(digit(last) && digit(first)) {
            let at = self.paragraph.cells.last().map_or(0, |cell| cell.at);
            self.paragraph.extend([Cell { shown: ' ', at }]);
        }
        let end = self.paragraph.folded.len();
        self.paragraph.extend(line.cells);
        self.count(end);
    }

    /// Whether a line goes on with this paragraph.
    pub fn goes_on(&mut self, line: &Paragraph, width: Option<usize>) -> bool {
        let below = line.folded.as_str();
        looked(below);
        if below.starts_with('：') || is_broken_label(&self.paragraph.folded, below) {
            return true;
        }
        // （牵头单位：甲局（金融股）； and on the next line a further label of the bracket.
        let listed = self.paragraph.folded.ends_with('；') && lists::starts_with_label(below);
        if listed && self.around.is_open() && self.length < BRACKET {
            return true;
        }
        if self.around.in_bracket() && self.length < BRACKET {
            return marker_at(below).is_none() && !self.ends_in_list_above(below);
        }
        if self.ends_in_list_above(below) || marker_at(below).is_some() || starts_new(below) {
            return false;
        }
        let above = self.paragraph.folded.as_str();
        if lists::is_bare_label(above) || lists::ends_in_label(above) {
            return true;
        }
        let hangs = ["关于", "印发", "转发", "、", "，", "的", "和", "与", "及", "《"]
            .iter()
            .any(|word| above.ends_with(word))
            || self.around.in_quotes();
        if hangs && !head::is_date_line(below) {
            return true;
        }
        if above.ends_with(SENTENCE_END) || self.ends_list() {
            return false;
        }
        if is_open_title(above, below) {
            return true;
        }
        // 12月底前完成。四、职责分工, and then the duties: the heading is the last of a page in one line.
        let last = ending(above, HEADED).rsplit_once('。').map_or("", |(_, last)| last);
        if is_heading_line(above) || is_heading_line(last) || ends_title(above) || head::is_number_line(above)
        {
            return false;
        }
        if head::is_date_line(below) || head::is_number_line(below) {
            return false;
        }
        let (length, last_line) = (self.length, self.paragraph.cells.len());
        // A sentence that was cut is long; a name or a caption on a line of its own is short.
        let full = width.map_or(length > 24, |width| {
            width >= NARROWEST && (last_line + 6 >= width || length + 6 >= width)
        });
        // A list whose last name is whole has ended where its line was not full.
        if !full && lists::ends_in_whole_name(above) && !below.starts_with(MARKS) {
            return false;
        }
        full || self.is_sentence || below.starts_with(MARKS)
    }

    /// Whether a line with a short label stands behind a list.
    fn ends_in_list_above(&mut self, below: &str) -> bool {
        if !starts_with_short_label(below) || self.asked == MOST_ASKED {
            return false;
        }
        self.asked += 1;
        lists::ends_in_list(&self.paragraph.folded)
    }

    /// `（责任单位：…）` at the end closes a paragraph as a full stop does.
    fn ends_list(&self) -> bool {
        let folded = self.paragraph.folded.as_str();
        folded.ends_with('）')
            && self.around.closed_since().is_some_and(|closed| closed <= MOST_CLOSED)
            && folded.rfind('（').is_some_and(|at| {
                lists::is_list(&folded[at + '（'.len_utf8()..folded.len() - '）'.len_utf8()])
            })
    }
}

/// A page break that printed the start of a label twice: `（责` and again `责任单位：`.
/// Returns the byte where the first start begins.
fn doubled_opening(above: &str, below: &str) -> Option<usize> {
    let (open, _) = above.char_indices().rev().take(5).find(|(_, character)| *character == '（')?;
    let bracket = open + '（'.len_utf8();
    let tail = &above[bracket..];
    let doubled = !tail.is_empty() && below.starts_with(tail) && lists::starts_with_label(below);
    doubled.then_some(bracket)
}

/// Lines that begin something whatever stands above them.
fn starts_new(folded: &str) -> bool {
    folded.starts_with("附件")
        || folded.starts_with("--")
        || folded.starts_with('◎')
        || folded.starts_with("（此件")
        || lists::starts_with_label(folded)
}

/// A title that a narrow page broke: `…关于印发某市` / `推进…行动方案` / `（2023—2025年）的通知`.
fn is_open_title(above: &str, below: &str) -> bool {
    const LETTERS: &[&str] = &["通知", "意见", "决定", "函", "批复", "公告", "通告", "报告", "通报"];
    let begun = is_short(above, 79)
        && (above.contains("关于") || is_begun_plan(above, below))
        && !above.contains(['。', '：', '；']);
    let ended = LETTERS.iter().any(|word| above.ends_with(word));
    let goes_on = LETTERS.iter().any(|word| below.ends_with(word)) || !head::ends_as_title(above);
    begun
        && !ended
        && goes_on
        && is_short(below, 40)
        && !below.contains('。')
        && !head::is_date_line(below)
        && !head::is_number_line(below)
}

/// A plan's own title that a narrow page broke: `某区工业经济` / `高质量发展的若干政策意见`.
fn is_begun_plan(above: &str, below: &str) -> bool {
    let place = above.char_indices().take(8).any(|(at, c)| at > 0 && "省市区县旗盟州".contains(c));
    let plain =
        above.chars().all(crate::text::is_han) && below.chars().all(|c| crate::text::is_han(c) || c == '-');
    place
        && plain
        && (6..=30).contains(&above.chars().count())
        && !is_short(below, 5)
        && !head::is_office(above)
        && !head::ends_as_title(above)
        && head::ends_as_title(below)
        && !["关于", "中共", "附件", "通知", "转发"].iter().any(|word| below.starts_with(word))
}

/// Whether a label was broken over two lines: `…配合` / `单位：…`.
fn is_broken_label(above: &str, below: &str) -> bool {
    const ENDS: [&str; 6] = ["单位：", "部门：", "时限：", "任单位：", "头单位：", "合单位："];
    let end = ENDS.iter().find(|end| below.starts_with(**end));
    end.is_some_and(|end| lists::starts_with_label(&format!("{}{end}", ending(above, 2))))
}

/// `分享到：`, `来源：`: a short word and a colon.
fn starts_with_short_label(folded: &str) -> bool {
    folded.chars().take(7).position(|c| c == '：').is_some_and(|at| (2..=6).contains(&at))
}

/// A numbered heading that stands alone on its line.
fn is_heading_line(folded: &str) -> bool {
    marker_at(folded).is_some_and(|marker| {
        let rest = &folded[marker.bytes..];
        let bare =
            rest.strip_suffix('）').and_then(|rest| rest.rsplit_once('（')).map_or(rest, |parts| parts.0);
        is_short(rest, 32) && !bare.contains(['。', '，', '；', '、', '（'])
    })
}

fn ends_title(folded: &str) -> bool {
    is_short(folded, 60) && !folded.contains(['。', '；']) && head::ends_as_title(folded)
}
