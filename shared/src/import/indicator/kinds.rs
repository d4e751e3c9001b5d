//! Kinds of numbers that are nobody's aim.

use super::reading::Reading;
use crate::import::draft::{IndicatorKind, Operator};
use crate::text::beginning;

/// The most characters behind a number that say whom it is asked of.
const NEAR: usize = 40;

/// Words of the most that is paid or allowed.
const LIMITS: [&str; 8] = ["最高", "最多", "至多", "上限", "限额", "额度", "为限", "以下罚款"];

/// Words of those whom something is for.
const CONDITIONS: [&str; 11] =
    ["凡", "满足", "符合", "如果", "年满", "不满", "年龄", "身高", "连续", "每少", "每多"];

/// Words of what is there already.
const PRESENT: [&str; 5] = ["现有", "原有", "已有", "目前", "当前"];

/// Whether words end in a number of pairs, or in their verb: 6对, 结对.
pub(super) fn ends_in_count(words: &str) -> bool {
    words.strip_suffix('对').is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit() || c == '结'))
}

/// A measure that counts firms.
pub(super) fn counted_noun(unit: &str) -> bool {
    matches!(unit, "家" | "户" | "个")
}

impl Reading<'_> {
    /// The kind of a number that nobody is to reach.
    pub fn passed_over(&self) -> IndicatorKind {
        let quantity = self.quantity;
        let own = self.own();
        let says = |words: &[&str]| words.iter().any(|word| own.contains(word));
        let at_most = matches!(quantity.op, Operator::AtMost | Operator::LessThan) || says(&LIMITS);
        let from = matches!(quantity.op, Operator::AtLeast | Operator::MoreThan);
        let behind = self.text[quantity.to..].starts_with(['的', '且']) || self.is_of_several();
        if self.is_rate() {
            IndicatorKind::Scale
        } else if self.only_says_which()
            || self.is_of_places()
            || self.counts_a_group()
            || says(&CONDITIONS)
            || self.is_grown()
        {
            IndicatorKind::Condition
        } else if says(&PRESENT) || own.ends_with(['由', '从']) || own.contains("由现在的") {
            IndicatorKind::Baseline
        } else if self.is_granted() {
            self.of_a_grant(at_most, from || behind)
        } else if self.is_size() || self.after().ends_with("组成") {
            IndicatorKind::Scale
        } else if at_most {
            IndicatorKind::Limit
        } else if behind && quantity.explicit {
            IndicatorKind::Condition
        } else if self.is_outside() {
            IndicatorKind::Scale
        } else {
            IndicatorKind::Other
        }
    }

    /// 存栏300头以上、手续齐全的养殖场: the first of several things that are asked.
    fn is_of_several(&self) -> bool {
        let behind = beginning(&self.text[self.quantity.to..], NEAR);
        let clause = behind.split(['，', '。', '；']).next().unwrap_or_default();
        self.text[..self.quantity.to].ends_with(['上', '下'])
            && clause.starts_with('、')
            && clause.contains('的')
    }

    /// 30户以上自然村: the number says which places.
    pub(super) fn is_of_places(&self) -> bool {
        const PLACES: [&str; 8] = ["自然村", "行政村", "村庄", "小区", "院落", "社区", "聚居点", "安置点"];
        self.text[..self.quantity.to].ends_with(['上', '下'])
            && ["户", "人", "栋"].contains(&self.quantity.unit.as_str())
            && PLACES.iter().any(|place| self.after().starts_with(place))
    }

    /// 每公里不低于1万元标准安排: the rate by which something is paid.
    pub(super) fn is_rate(&self) -> bool {
        let behind = self.after();
        self.quantity.unit.ends_with('元') && (behind.starts_with("标准") || behind.starts_with("的标准"))
    }

    /// 200张床位以上的机构: 以上 stands behind what is counted.
    fn is_grown(&self) -> bool {
        ["以上的", "以下的"].iter().any(|word| self.after().contains(word))
    }

    /// A grant has who gets it, what is paid, and the most of it.
    fn of_a_grant(&self, at_most: bool, from: bool) -> IndicatorKind {
        if at_most {
            IndicatorKind::Limit
        } else if from || !self.said.granted_before(self.quantity.from) && self.quantity.unit != "%" {
            IndicatorKind::Condition
        } else {
            IndicatorKind::Scale
        }
    }
}
