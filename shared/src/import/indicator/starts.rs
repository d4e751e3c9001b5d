//! Numbers that say where something starts from.

use super::reading::Reading;

/// The most characters behind a number that say whether it rises.
const NEAR: usize = 24;

impl Reading<'_> {
    /// In 由35%提升至80% the first number is the start. 由2个旗扩大到全市 has no number to reach.
    pub fn starts_from(&self) -> bool {
        let before = &self.text[self.clause..self.quantity.from];
        // 在去年42亿千瓦时的基础上再增长15%
        let base = before.rfind('在').is_some_and(|at| {
            let words = ["去年", "上年", "现有", "目前", "原有", "20"];
            words.iter().any(|word| before[at + '在'.len_utf8()..].starts_with(word))
        });
        if base && crate::text::beginning(&self.text[self.quantity.to..], 4).starts_with("的基础") {
            return true;
        }
        self.next > self.quantity.to && self.rises(&self.text[self.quantity.to..self.next])
    }

    /// 由目前的6对增加到10对: the words of the rise are those of the next number.
    pub(super) fn rises_to_next(&self) -> bool {
        let behind = crate::text::beginning(&self.text[self.quantity.to..], NEAR)
            .split(['，', '。', '；', '、'])
            .next();
        self.next == self.quantity.to && behind.is_some_and(|behind| self.rises(behind))
    }

    /// Whether 由 stands before the number, and a rise or a fall in what is behind it.
    fn rises(&self, behind: &str) -> bool {
        let before = &self.text[self.clause..self.quantity.from];
        let from = before.rfind(['由', '从']);
        let near =
            from.is_some_and(|at| before[at..].chars().count() <= 9 && !before[at..].contains(['、', '到']));
        let near_behind = crate::text::beginning(behind, 10);
        let rises = ["提高", "提升", "增加", "增长", "扩大", "下降", "降", "减", "压", "缩", "上升"]
            .iter()
            .any(|word| near_behind.contains(word) && !near_behind.contains(['，', '。', '；']));
        near && rises && !behind.contains('。')
    }
}
