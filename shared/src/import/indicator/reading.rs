//! One number of a sentence: whether it is an aim, of which kind, and its name.

use super::time::{Carried, without_time};
use super::{
    ADJACENT, AREAS, LEVEL, LISTED, NO_PROMISE, PROMISE, Place, SCOPE, Said, trimmed, trimmed_after,
};
use crate::import::draft::{IndicatorKind, Operator};
use crate::import::quantity::Quantity;
use crate::text::is_short;

/// A number where it stands, and what that makes of it.
pub(super) struct Reading<'a> {
    pub(super) text: &'a str,
    pub(super) said: &'a Said<'a>,
    pub(super) clause: usize,
    pub(super) next: usize,
    pub(super) quantity: &'a Quantity,
    pub(super) place: Place,
    /// The sentence speaks of what is over.
    pub(super) past: bool,
    /// A number before in this sentence was an indicator.
    pub(super) told: bool,
}

impl Reading<'_> {
    fn before(&self) -> &str {
        &self.text[self.clause..self.quantity.op_from.max(self.clause)]
    }

    /// The noun behind the number, up to the end of its clause.
    fn after(&self) -> &str {
        let adjacent = self.next == self.quantity.to;
        let end = if adjacent { self.text.len() } else { self.next.max(self.quantity.to) };
        let rest = &self.text[self.quantity.to..end];
        if rest.starts_with('、') {
            return "";
        }
        let end = rest.find(['，', '；', '。', '：', '！']).unwrap_or(rest.len());
        rest[..end].trim_end_matches(['、', '）'])
    }

    /// Nothing when the number speaks of something else than an aim.
    pub(super) fn name_and_scope(&self) -> Option<(String, Option<String>)> {
        let before = without_time(self.before());
        let scope = SCOPE.find(&before).filter(|scope| scope.as_str().chars().count() >= 2);
        // In `引进企业到甲旗、乙旗` the area begins behind 到.
        let scope = scope.map(|scope| {
            let first = scope.as_str().split('、').next().unwrap_or_default();
            let cut = first.rfind(['到', '在', '对']).map_or(0, |at| at + '到'.len_utf8());
            (scope.start() + cut, scope.end())
        });
        let scope_text =
            scope.map(|(from, to)| before[from..to].to_owned()).filter(|areas| is_short(areas, AREAS));
        let mut left = match scope {
            Some((from, to)) => {
                let head = before[..from].trim_end_matches(['到', '在', '的', '对']);
                format!("{head}{}", &before[to..])
            }
            None => before.clone(),
        };
        left = trimmed(&left);
        let mut after = trimmed_after(self.after());
        if let Some(of) = self.quantity.between.strip_suffix('的').filter(|of| !of.is_empty()) {
            let what = if after.starts_with(['到', '用']) { "" } else { after.as_str() };
            left = format!("{}{what}占{of}", left.trim_end_matches('按'));
            after.clear();
        }
        if let Some(change) = self.quantity.change.as_ref().filter(|_| after.is_empty() && !left.is_empty()) {
            left.push_str(change);
        }
        let counted_before = self.quantity.explicit
            && !left.is_empty()
            && (after.is_empty() || after.starts_with(['到', '用']));
        let name = if counted_before || after.is_empty() {
            left
        } else if after.starts_with('在') {
            format!("{left}{after}")
        } else {
            after
        };
        // How often is a part of what is counted; a year is a time of its own.
        let often = ["每学期", "每半年", "每季度", "每月", "每周", "每两年", "每三年"]
            .into_iter()
            .find(|word| self.before().contains(word) && !name.contains(word));
        let name = format!("{}{name}", often.unwrap_or_default());
        let name: String = name.chars().filter(|c| !matches!(c, '"' | '（' | '）')).collect();
        (name.chars().count() <= 60).then_some((name, scope_text))
    }

    pub(super) fn kind(&self, carried: &Carried, doc_year: Option<i32>) -> Option<IndicatorKind> {
        let before = &self.text[self.clause..self.quantity.from];
        if self.starts_from() {
            return Some(IndicatorKind::Baseline);
        }
        let past = carried.year.zip(doc_year).is_some_and(|(year, now)| year < now);
        let past = past || self.past;
        let starting = self.said.starting() && !self.said.planned();
        let duration =
            matches!(self.quantity.unit.as_str(), "天" | "小时" | "分钟" | "个工作日" | "倍" | "期" | "次数");
        match self.place {
            // A count in a heading, and a number that is quoted as a saying.
            _ if before.ends_with("（共") || (!self.quantity.explicit && self.is_quoted()) => None,
            _ if self.is_granted() => None,
            Place::Goal if duration && !self.quantity.explicit => None,
            Place::Goal if self.only_says_which() => None,
            Place::Goal if NO_PROMISE.is_match(before) && !self.quantity.explicit => None,
            Place::Goal if starting => Some(IndicatorKind::Baseline),
            Place::Goal if past => Some(IndicatorKind::Result),
            Place::Goal => Some(IndicatorKind::Target),
            Place::Measure if past => Some(IndicatorKind::Result),
            Place::Measure if self.text.starts_with("目前") => Some(IndicatorKind::Baseline),
            Place::Measure if self.only_says_which() || self.counts_a_group() => None,
            Place::Measure if self.told && before.starts_with("其中") => Some(IndicatorKind::Target),
            Place::Measure => self.promised(before).then_some(IndicatorKind::Target),
            Place::Report if self.promised(before) && self.said.planned() && !past => {
                Some(IndicatorKind::Target)
            }
            Place::Report if past || self.said.done() => Some(IndicatorKind::Result),
            Place::Report if self.said.planned() => Some(IndicatorKind::Target),
            Place::Report => Some(IndicatorKind::Other),
        }
    }

    /// Whether the number stands in quotes.
    fn is_quoted(&self) -> bool {
        self.quantity.unit != "%" && self.text[..self.quantity.from].matches('"').count() % 2 == 1
    }

    /// Whether the sentence says what is paid, and the number is money or a share of it: a band, a condition or a
    /// limit, unless a verb gives the whole sum.
    fn is_granted(&self) -> bool {
        let money = self.quantity.unit.ends_with('元') || self.quantity.unit == "%";
        let before = &self.text[self.clause..self.quantity.op_from.max(self.clause)];
        let sum =
            ["发放", "投入", "安排", "争取", "筹集", "落实", "兑现", "拨付", "设立", "资金", "总额", "规模"]
                .iter()
                .any(|word| before.contains(word));
        money && !sum && self.said.grants()
    }

    /// `10名以上孤寡老人且有需求的行政村都建有…`: the number says which ones, a verb behind says what they do.
    fn counts_a_group(&self) -> bool {
        let trailing = self.text[..self.quantity.to].ends_with(['上', '下']);
        let after = self.after();
        let all = ["都", "均", "全部", "应当", "必须"].iter().any(|word| after.contains(word));
        trailing && self.quantity.unit != "%" && all && after.contains('的') && !after.starts_with('的')
    }

    /// In 由35%提升至80% the first number is the start.
    pub(super) fn starts_from(&self) -> bool {
        let before = &self.text[self.clause..self.quantity.from];
        let from = before.rfind(['由', '从']);
        let near =
            from.is_some_and(|at| before[at..].chars().count() <= 9 && !before[at..].contains(['、', '到']));
        let rises = ["提高", "提升", "增加", "增长", "扩大", "下降", "降", "减", "压", "缩", "上升"]
            .iter()
            .any(|word| self.text[self.quantity.to..].starts_with(word));
        near && rises
    }

    /// 年收入50万元以上行政村占比…: the number says which ones, another one how many.
    fn only_says_which(&self) -> bool {
        self.text[..self.quantity.to].ends_with(['上', '下'])
            && self.quantity.unit.ends_with('元')
            && !self.after().is_empty()
            && self.next < self.text.len()
            && !self.text[self.quantity.to..self.next].contains(['，', '；', '、'])
    }

    /// An operator says so, or a verb of making that governs the number.
    fn promised(&self, before: &str) -> bool {
        let quantity = self.quantity;
        // The words before the operator, or before the bare number.
        let plain = if quantity.explicit && quantity.op_from > self.clause {
            &self.text[self.clause..quantity.op_from]
        } else {
            before
        };
        let condition = [
            "凡",
            "满足",
            "符合",
            "如果",
            "若",
            "的企业",
            "奖励",
            "补贴",
            "给予",
            "补助",
            "罚款",
            "贷款额度",
            "处以",
        ]
        .iter()
        .any(|word| self.text[self.clause..quantity.to].contains(word) || self.after().contains(word));
        let wished = ["力争", "争取", "确保", "实现", "推动"].iter().any(|word| before.contains(word));
        let after = &self.text[quantity.to..];
        // 超过500平方米的项目 and 10亿元以上企业5家 say which ones, not how many.
        let sort = after.starts_with(['的', '且']) && quantity.explicit;
        let bound = self.only_says_which() || self.counts_a_group();
        let counted = !quantity.unit.ends_with(['元', '米', '亩', '顷', '吨']);
        // 开发2万个以上的岗位 is how many, 建设500平方米以上的场馆 says which ones.
        let adjacent = counted && ADJACENT.is_match(before);
        // 每学期不少于2次的监测制度
        let often = ["次", "场", "场次", "期", "轮"].contains(&quantity.unit.as_str())
            && ["每年", "每学期", "每月", "每季度", "每半年", "每周"].iter().any(|word| plain.contains(word));
        if (adjacent || often) && sort {
            return !condition;
        }
        // 80%以上的单位签订协议, at the beginning of its clause
        let lone = without_time(plain);
        let lone = lone.trim_start_matches(['，', '、']);
        let share_of_all = quantity.unit == "%"
            && after.starts_with('的')
            && (lone.is_empty() || SCOPE.without(lone).is_empty())
            && self.after().chars().count() >= 6;
        if share_of_all {
            return !condition;
        }
        // 建成监测、监管、追溯等3个平台: the verb stands before the names.
        let listed = before.ends_with('等')
            && counted
            && !["开展", "完成", "实施", "进行", "参加", "开通"]
                .iter()
                .any(|word| self.after().contains(word))
            && LISTED.is_match(before);
        if listed {
            return !condition;
        }
        // 按不低于采购金额的30%预付
        if plain.ends_with('按') && quantity.op == Operator::AtLeast && quantity.unit == "%" {
            return true;
        }
        // 80%以上的乡镇卫生院达到标准 is how many, whatever stands behind.
        let share = quantity.unit == "%"
            && ["达到", "实现", "完成", "建成", "设有", "具备", "用于", "投入", "开展"]
                .iter()
                .any(|word| self.after().contains(word));
        let qualifies = !wished && (sort && !share || bound);
        if condition || qualifies || NO_PROMISE.is_match(plain) {
            return false;
        }
        // The most that is paid for one is a standard of a grant.
        let granted = quantity.unit.ends_with('元') && self.said.granted_before(quantity.from);
        if granted {
            return false;
        }
        // 组织对全市2138家养殖场开展检查 counts whom it is done to.
        let made = PROMISE
            .captures(plain)
            .and_then(|found| found.get(2))
            .is_some_and(|between| !between.as_str().contains(['对', '向', '每']));
        let level = LEVEL.is_match(plain) && !self.past;
        let operated = quantity.explicit && (quantity.op != Operator::Between || quantity.change.is_some());
        operated || made || adjacent || level
    }
}
