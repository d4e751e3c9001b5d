//! Patterns of official documents, and the count of what reading looks at.

use regex_lite::{Captures, Match, Regex};

/// A pattern that counts the text it searches.
pub struct Pattern(Regex);

/// One pattern of the import; patterns are constants, so they compile.
pub fn pattern(text: &str) -> Pattern {
    Pattern(Regex::new(text).unwrap_or_else(|error| unreachable!("constant pattern: {error}")))
}

impl Pattern {
    pub fn is_match(&self, text: &str) -> bool {
        looked(text);
        self.0.is_match(text)
    }

    pub fn find<'t>(&self, text: &'t str) -> Option<Match<'t>> {
        looked(text);
        self.0.find(text)
    }

    /// All places, one behind the other.
    pub fn find_iter<'p, 't>(&'p self, text: &'t str) -> impl Iterator<Item = Match<'t>> + use<'p, 't> {
        looked(text);
        self.0.find_iter(text)
    }

    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        looked(text);
        self.0.captures(text)
    }

    /// The groups of all places, one behind the other.
    pub fn captures_iter<'p, 't>(
        &'p self,
        text: &'t str,
    ) -> impl Iterator<Item = Captures<'t>> + use<'p, 't> {
        looked(text);
        self.0.captures_iter(text)
    }

    /// A text without the places that the pattern finds.
    pub fn without(&self, text: &str) -> String {
        looked(text);
        self.0.replace_all(text, "").into_owned()
    }
}

/// Counts a text that a step of reading looks at, for the test that reading costs what the text is long. A
/// step that goes over a text calls it.
#[cfg(test)]
pub fn looked(text: &str) {
    tests::LOOKED.with(|looked| looked.set(looked.get() + text.len()));
}

#[cfg(not(test))]
pub const fn looked(_text: &str) {}

#[cfg(test)]
mod tests {
    use crate::import::read;
    use std::cell::Cell;

    thread_local! {
        pub(super) static LOOKED: Cell<usize> = const { Cell::new(0) };
    }

    /// Bytes that reading a text of about so many bytes looks at, and the length of the text.
    fn cost((head, piece, tail): (&str, &str, &str), times: usize) -> (usize, usize) {
        let pieces = piece.repeat(times * 6_000usize.div_ceil(piece.len()));
        let text = format!("{head}{pieces}{tail}");
        LOOKED.set(0);
        assert!(read(&text).is_ok());
        (LOOKED.get(), text.len())
    }

    /// A text of twice the length costs twice as much, whatever it says.
    #[test]
    fn reading_looks_at_each_character_a_bounded_number_of_times() {
        let wide = |cell: &str| format!("{}\n", [cell; 500].join("\t"));
        let (numbers, words, units) = (wide("7"), wide("甲、"), wide("市教育局"));
        let remarks = wide("备注");
        let known = format!("序号\t任务\t责任单位\t{remarks}");
        let long_cell = format!("序号\t任务\t责任单位\n1\t{}\t市教育局\n", "甲".repeat(600));
        let shapes: Vec<(&str, &str, &str)> = vec![
            ("1. ", "9", "%"),
            ("", "1-", ""),
            ("", "(", ""),
            ("", "（", ""),
            ("", "）", ""),
            ("", "（）", ""),
            ("", "（一）", ""),
            ("", "1.", ""),
            ("", "1. ", ""),
            ("", "一", ""),
            ("", "十", ""),
            ("", "第十", ""),
            ("", "《", ""),
            ("", "《甲\n", ""),
            ("", "\"", ""),
            ("", "\"\n", ""),
            ("", "一 ", ""),
            ("1. a", " ", "b"),
            ("1. ", "a  ", ""),
            ("", "一、\t|", ""),
            ("", &numbers, ""),
            ("", &words, ""),
            ("", &units, ""),
            ("序号\t任务\t责任单位\n", &units, ""),
            (&known, "1\t做好工作\t市教育局\t甲\n", ""),
            (&known, &numbers, ""),
            (&long_cell, "\t\t甲\n", ""),
            ("指标\t单位\t2020年\t2025年\n", "甲\t%\t1\t2\n", ""),
            ("", "|甲|乙|丙|\n", ""),
            ("", "甲  乙  丙\n", ""),
            ("", "序号\n", ""),
            ("", "序号\n甲\n乙\n1\n", ""),
            ("", "序号\n甲\n乙\n1\n甲\n乙\n", ""),
            // Many short lines, which are joined or not.
            ("", "短句\n", ""),
            ("", "短句、\n", ""),
            ("", "工作的\n", ""),
            ("", "关于\n", ""),
            ("", "某某某某局\n", ""),
            ("", "甲甲：乙、\n", ""),
            ("责任单位：市教育局。丙、\n", "甲甲：乙、\n", ""),
            ("", "甲：\n", ""),
            ("", "责任单位：\n", ""),
            ("", "（\n", ""),
            ("", "（甲\n", ""),
            ("（", "甲）\n", ""),
            ("（", "市教育局、）\n", ""),
            ("（", "市教育局）\n", ""),
            ("", "（责\n责任单位：", ""),
            ("", "某政发〔2024〕1号\n", ""),
            ("", "2024年1月1日\n", ""),
            ("", "附件\n", ""),
            // One line.
            ("", "推进工作落实，完成建设任务。", ""),
            ("", "推进工作落实，完成建设任务。 ", ""),
            ("", "推进工作落实完成建设任务", ""),
            ("", "《某政发〔2024〕1号", ""),
            ("某市人民政府关于某某的通知\n一、", "市", ""),
            // Headings.
            ("", "一、工作\n", ""),
            ("", "一、工作\n（一）任务\n1. 事项\n（1）内容\n", ""),
            ("", "某某某某工作方案\n1. 甲\n", ""),
            ("", "一、甲。二、乙。三、丙。", ""),
            // Labels in one line.
            ("一、工作。", "责任单位：", ""),
            ("一、工作。", "责任单位：。", ""),
            ("一、工作。", "（责任单位：市局）", ""),
            ("一、工作。", "（责任单位：。", ""),
            ("一、工作（", "（责任单位：市局）", "）"),
            ("一、工作。", "由市局牵头，", ""),
            ("一、工作。", "市教育局：", ""),
            // Units in one list.
            ("1. 工作。（责任单位：", "市教育局、", "）"),
            ("1. 工作。（", "市教育局、", "）"),
            ("1. 工作。（责任单位：", "某某区、", "）"),
            ("1. 工作。（市教育局、", "某某区、", "）"),
            ("1. 工作。（责任单位：", "教育、", "）"),
            ("1. 工作。（责任单位：", "甲、", "）"),
            ("1. 工作。（责任单位：", "市教育局牵头，", "）"),
            ("1. 工作。（责任单位：", "市教育局（牵头）、", "）"),
            ("1. 工作。（责任单位：", "各、", "）"),
            ("1. 工作。（责任单位：各", "市、", "）"),
            ("1. 工作。（责任单位：", "甲 ", "）"),
            ("1. 工作。（责任单位：", "局 ", "）"),
            ("1. 工作。（责任单位：", "局负责 ", "）"),
            ("1. 工作。（责任单位：", "市教育局和", "某区）"),
            ("1. 工作。（责任单位：", "和", "）"),
            ("1. 工作。（责任单位：", "等、", "）"),
            ("1. 工作。（责任单位：", "等", "）"),
            ("1. 工作。（责任单位：市委办、", "组织部、", "）"),
            ("1. 工作。（责任单位：市教育局，", "组织部、编办、", "）"),
            // Numbers in one sentence.
            ("一、目标。", "3所", ""),
            ("一、目标。", "3所、", ""),
            ("一、目标。", "，3所", ""),
            ("一、目标。", "新建幼儿园3所，", ""),
            ("一、工作。", "新建幼儿园3所，", ""),
            ("一、工作。", "甲乙丙丁3所", ""),
            ("一、工作。", "奖励3万元，", ""),
            ("一、目标。", "百分之九十，", ""),
            ("一、目标。", "1，111", ""),
            ("一、目标。", "分别", "3所"),
            ("一、目标。", "分别3所", ""),
            ("一、目标。", "2025年、", "分别3所、4所"),
            ("一、目标。", "甲乙分别达到3所和4所，", ""),
            ("一、目标。", "比2020年下降3%，", ""),
            ("一、目标。新建", "甲旗、", "3所4所5所6所7所8所9所"),
            ("1. ", "2024年6月底前完成，", ""),
            ("1. ", "前，", ""),
        ];
        let mut failed = Vec::new();
        for shape in shapes {
            let ((once, length), (twice, _)) = (cost(shape, 1), cost(shape, 2));
            let told: String = shape.0.chars().chain(shape.1.chars().take(12)).collect();
            println!("{:>6} {:.2} {told:?}", once / length, twice as f64 / once as f64);
            if once < length || once > 400 * length || twice * 10 > once * 22 {
                failed.push(format!("{told:?}: {once} for {length} bytes, {twice} for twice as many"));
            }
        }
        assert!(failed.is_empty(), "{failed:#?}");
    }
}
