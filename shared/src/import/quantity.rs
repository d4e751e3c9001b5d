//! Numbers with their unit of measure and the operator words around them.

use super::draft::Operator;
use super::outline::chinese_number;
use super::pattern::{Pattern, pattern};
use crate::text::ending;
use regex_lite::Captures;
use std::sync::LazyLock;

/// A number in a folded text, bytes `[from, to)` with unit and trailing operator included.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    pub from: usize,
    pub to: usize,
    /// The start of the operator words before it (equals `from` without any).
    pub op_from: usize,
    pub op: Operator,
    /// An operator word was there, not a bare number.
    pub explicit: bool,
    pub value: f64,
    pub value2: Option<f64>,
    pub unit: String,
    /// The words between the operator and the number: a verb, or `京蒙协作资金的`.
    pub between: String,
    /// The verb of a change that the number measures: 降低, 增长.
    pub change: Option<String>,
}

const UNITS: &str = "个小时|千伏安|兆伏安|头次|架次|班次|列次|剂次|人份|蒸吨|千升|毫米|厘米|平方千米|亩次|群|起|栋|幢|孔|档|微克/立方米|毫克/立方米|立方米/日|立方米/秒|亿立方米|个百分点|万千瓦时|毫克/升|亿千瓦时|平方公里|万平方米|平方千米|万元/亩|个工作日|个月|微克/升|万吨/日|吨标准煤|万千瓦|立方米|千瓦时|平方米|元/亩|kWh|吨/日|元/人|GW|分钟|兆瓦|批次|千克|台套|MW|辆次|例次|家次|公里|台次|公顷|美元|千米|人天|场次|小时|千瓦|课时|车次|学时|公斤|人次|标箱|kW|单|户|集|眼|条|只|间|册|片|期|克|盏|班|元|门|家|口|里|颗|种|批|羽|辆|根|次|头|宗|艘|岁|节|张|吨|%|部|幅|对|类|所|米|斤|例|位|盒|天|株|亩|人|场|篇|套|床|件|级|架|棵|峰|列|瓶|份|块|个|处|台|笔|‰|支|尾|项|座|本|名|倍";

static NUMBER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(&format!(
        r"(\d{{1,3}}(?:，\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:(?:%|万|亿)?(?:-|~|至|到)(\d+(?:\.\d+)?))?(余|多|来)?((?:万亿|万|亿|千万|百万|千|百)?(?:{UNITS})(?:/(?:{UNITS}|万人|千人|年|月|日|小时|亩|人))?)(?:（[^）]{{1,8}}）)?(及以上|及以下|以上|以下|以内|左右|之内|多|余|内)?"
    ))
});
/// A number in words: small ones behind an operator only (一家 is everywhere), large ones anywhere.
static WORDS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(&format!(
        "(?:(?:至少|不少于|不低于|不超过|最少)[一-龥]{{0,6}}?([一二两三四五六七八九十百千]+)|([一二三四五六七八九]?[十百千][一二三四五六七八九十百零]*))({UNITS})"
    ))
});
/// 百分之九十
static PERCENT: LazyLock<Pattern> =
    LazyLock::new(|| pattern("百分之([一二三四五六七八九十百]+)(以上|以下|以内|左右)?"));
/// A coefficient or an index: a number without a unit, behind an operator and before a stop.
static BARE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "(?:提高到|提高至|提升到|提升至|达到|降至|降到|降低到|不低于|不高于|不超过|控制在|>=|<=)(\\d+(?:\\.\\d+)?)(以上|以下|以内|左右)?",
    )
});
/// Ten thousands without a unit of measure, where the noun stands before them: `新增就业人数24万以上`.
static LARGE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "(?:人|数|量|额|次|户|规模|产值|面积|突破|超过|达到|达|超)(\\d+(?:\\.\\d+)?)(万|亿|万亿)(以上|以下|以内|左右)?",
    )
});
/// Years of schooling, and days that a matter takes: 年 and 日 are parts of dates elsewhere.
static SPANS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        "(?:(?:年限|学制)(?:为|达到|达|累计达到|增加到|提高到|提高至|提升到|提升至|增加至|不低于|不少于)(\\d+(?:\\.\\d+)?)(年)",
        "|(?:压缩至|压缩到|压减至|压减到|缩短至|缩短到|缩减至|减至|降至|不超过)(\\d{1,3})(日))(以上|以内|内|左右)?(?:[，。；、）]|$)",
    ))
});
/// Ten thousands of people, whose measure is their name: `解决1580万农村人口饮水问题`.
static PEOPLE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "(\\d+(?:\\.\\d+)?)(万)(?:余)?(?:名)?(?:农村|城镇|城市|贫困|流动|返乡|农业|困难|脱贫|受益)*(?:人口|群众|农民|居民|市民|劳动力|老人|老年人|学生)",
    )
});
/// `翻一番`
static DOUBLED: LazyLock<Pattern> = LazyLock::new(|| pattern("翻([一两二])(番)(以上|左右)?"));
static BEFORE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        "(不得低于|不得少于|不得高于|不得超过|不得多于|不少于|不低于|不小于|至少|最少|达到|达至|突破|超过|高于|大于|多于|不超过|不高于|不多于|控制在|低于|少于|小于|",
        "降至|降到|降低到|降低至|下降到|下降至|减少到|减少至|压减到|减至|压降至|压降到|压缩到|压缩至|压减至|缩短到|缩短至|缩小到|缩减至|扩大到|扩大至|提高到|提高至|提升到|提升至|上升到|上升至|增加到|增加至|增长到|增长至|恢复到|增至|达|超|",
        "稳定在|保持在|维持在|保持|>=|<=|≥|≤|>|<|完成|约|近|增加|新增|增长|提高|提升|上升|下降|降低|减少|压减|压缩|缩短|下调|实现)",
        "((?:有|拥有|建有|设有|配有|召开|建立|配备|设立|安装|参加|轮训|编制|制定|发布|扶持|打造|建设|培育|引进|新增|举办|开展|组织|推出|建成|创建|形成|谋划|落地|培养|培训|新建|完成|实施|选派|招引|引入|争创|创办|服务|到|至|在|为|了|约)|[^，。；、]{1,30}的)?$"
    ))
});

/// Measures of time.
pub const TIMES: [&str; 7] = ["小时", "个小时", "分钟", "天", "日", "个工作日", "个月"];

/// All quantities of a folded text, in order.
pub fn quantities(text: &str) -> Vec<Quantity> {
    let mut all: Vec<Quantity> = NUMBER
        .captures_iter(text)
        .filter_map(|captured| {
            let whole = captured.get(0)?;
            let value = captured.get(1)?.as_str().replace('，', "").parse().ok()?;
            let value2 = captured.get(2).and_then(|found| found.as_str().parse().ok());
            let after = captured.get(5).map(|found| found.as_str());
            let unit = captured.get(4)?.as_str().to_owned();
            // 5个工作日内 is a time, 市内 and 3家内资企业 are words.
            let inside = after == Some("内") && !matches!(unit.as_str(), "小时" | "个小时" | "分钟");
            let (after, end) = if inside { (None, whole.end() - "内".len()) } else { (after, whole.end()) };
            part_of_a_word(text, whole.start(), end, &unit).then_some(())?;
            Some(with_trailing(whole.start(), end, value, value2, unit, after))
        })
        .collect();
    for captured in WORDS.captures_iter(text) {
        let number = captured.get(1).or(captured.get(2));
        if let (Some(whole), Some(number), Some(unit)) = (captured.get(0), number, captured.get(3))
            && let Some(value) = chinese_number(number.as_str())
            && (captured.get(1).is_some() || is_counted(text, whole.start(), whole.end()))
        {
            let unit = unit.as_str().to_owned();
            all.push(with_trailing(number.start(), whole.end(), f64::from(value), None, unit, None));
        }
    }
    for captured in PERCENT.captures_iter(text) {
        if let (Some(whole), Some(number)) = (captured.get(0), captured.get(1))
            && let Some(value) = chinese_number(number.as_str())
        {
            let after = captured.get(2).map(|found| found.as_str());
            let (from, to) = (whole.start(), whole.end());
            all.push(with_trailing(from, to, f64::from(value), None, "%".to_owned(), after));
        }
    }
    for captured in BARE.captures_iter(text) {
        if let (Some(whole), Some(number)) = (captured.get(0), captured.get(1))
            && let Ok(value) = number.as_str().parse()
            && (text[whole.end()..].is_empty()
                || text[whole.end()..].starts_with(['，', '。', '；', '、', '）']))
        {
            let after = captured.get(2).map(|found| found.as_str());
            all.push(with_trailing(number.start(), whole.end(), value, None, String::new(), after));
        }
    }
    for captured in LARGE.captures_iter(text) {
        if let (Some(whole), Some(number), Some(unit)) = (captured.get(0), captured.get(1), captured.get(2))
            && let Ok(value) = number.as_str().parse()
            && (text[whole.end()..].is_empty()
                || text[whole.end()..].starts_with(['，', '。', '；', '、', '）']))
        {
            let after = captured.get(3).map(|found| found.as_str());
            let unit = unit.as_str().to_owned();
            all.push(with_trailing(number.start(), whole.end(), value, None, unit, after));
        }
    }
    all.extend(
        SPANS.captures_iter(text).filter_map(|found| of_group(&found, 1, 5).or(of_group(&found, 3, 5))),
    );
    all.extend(DOUBLED.captures_iter(text).filter_map(|found| of_group(&found, 1, 3)));
    // 万人 is the measure; the words of whom stay with the name.
    all.extend(PEOPLE.captures_iter(text).filter_map(|found| {
        Some(Quantity { unit: "万人".to_owned(), ..of_group(&found, 1, usize::MAX)? })
    }));
    all.sort_by_key(|quantity| quantity.from);
    // The first one of two numbers in one place counts; the words of one are not those of the next.
    let mut end = 0;
    all.retain_mut(|quantity| {
        let is_apart = quantity.from >= end;
        if is_apart {
            quantity.take_operator(text, end);
            end = quantity.to;
        }
        is_apart
    });
    all
}

/// The quantity of a group with its number, the group behind it with its measure, and one with the words behind.
fn of_group(found: &Captures<'_>, number: usize, behind: usize) -> Option<Quantity> {
    let (digits, unit) = (found.get(number)?, found.get(number + 1)?);
    let value = match digits.as_str().parse() {
        Ok(value) => value,
        Err(_) => f64::from(chinese_number(&digits.as_str().replace('两', "二"))?),
    };
    let after = found.get(behind);
    let end = after.map_or(unit.end(), |after| after.end());
    let unit = unit.as_str().to_owned();
    Some(with_trailing(digits.start(), end, value, None, unit, after.map(|after| after.as_str())))
}

/// A large number in words that counts things: 一百家; not 十个全覆盖 or 第十批.
fn is_counted(text: &str, from: usize, to: usize) -> bool {
    let before = text[..from].chars().next_back();
    let after = &text[to..];
    !before.is_some_and(|c| matches!(c, '第' | '数' | '几' | '上' | '"' | '之') || c.is_ascii_digit())
        && !after.starts_with(['全', '倍', '字', '"', '大', '严', '统'])
}

/// Digits inside a name or a date are no quantity: `66号`, `S311线`, `5G`, `2022年`.
fn part_of_a_word(text: &str, from: usize, to: usize, unit: &str) -> bool {
    let before = text[..from].chars().next_back();
    let after = &text[to..];
    let glued = before.is_some_and(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '第' | '-' | '〔' | '×' | '：' | '*' | '÷' | '/')
    });
    let noun = unit == "个"
        && (after.starts_with("月") || after.starts_with("学期") || after.starts_with("季度") || after.starts_with("小时") || after.starts_with("工作日"))
        // A month is counted where it is how long at least, and no deadline.
        || unit == "个月"
            && (!["至少", "不少于", "不低于", "累计"].iter().any(|word| text[..from].ends_with(word))
                || after.starts_with(['内', '前', '底']))
        // 专栏2所列工程
        || ["专栏", "附表", "附件", "附图"].iter().any(|word| text[..from].ends_with(word))
        || unit == "部" && after.starts_with("门")
        || unit == "单" && after.starts_with("位")
        || unit == "期"
            && (after.starts_with(['工', '项', '建', '间', '末', '限']) || text[..from].ends_with('第'))
        || unit == "级" && !after.is_empty() && !after.starts_with(['，', '。', '；', '以'])
        || unit == "位" && after.starts_with(['于', '列', '居', '数'])
        || unit == "米" && text[..from].ends_with('×')
        || unit == "里" && !text[..from].ends_with(['路', '道', '约', '达'])
        || unit == "对" && after.starts_with(['口', '接'])
        || unit == "类" && from == 0;
    !glued && !noun
}

fn with_trailing(
    from: usize,
    to: usize,
    value: f64,
    value2: Option<f64>,
    unit: String,
    after: Option<&str>,
) -> Quantity {
    let trailing = match after {
        Some("以上" | "及以上" | "多" | "余") => Some(Operator::AtLeast),
        Some("及以下" | "以下" | "以内" | "之内" | "内") => Some(Operator::AtMost),
        _ => None,
    };
    Quantity {
        from,
        to,
        op_from: from,
        op: trailing.unwrap_or_default(),
        explicit: trailing.is_some(),
        value,
        value2,
        unit,
        between: String::new(),
        change: None,
    }
}

/// Verbs that say which way something goes: without them a number would say the contrary.
const CHANGES: &[&str] =
    &["下降", "降低", "减少", "压减", "压缩", "缩短", "增长", "提高", "提升", "增加", "上升", "下调"];

/// No words of an operator, with those between it and its number, have more characters.
const OPERATOR: usize = 40;

impl Quantity {
    /// Reads the operator before the number, in the text behind byte `floor`.
    fn take_operator(&mut self, text: &str, floor: usize) {
        let found = BEFORE.captures(ending(&text[floor..self.from], OPERATOR));
        let word = found.as_ref().and_then(|found| found.get(1)).map_or("", |word| word.as_str());
        let between = found.as_ref().and_then(|found| found.get(2)).map_or("", |word| word.as_str());
        let before = operator_before(word);
        if self.value2.is_some() {
            self.op = Operator::Between;
        } else if let Some(before) = before {
            self.op = before;
        }
        self.explicit |= self.value2.is_some() || before.is_some();
        self.between = between.to_owned();
        self.change = CHANGES.contains(&word).then(|| word.to_owned());
        self.op_from = found.and_then(|found| found.get(0)).map_or(self.from, |all| self.from - all.len());
    }
}

fn operator_before(word: &str) -> Option<Operator> {
    Some(match word {
        "不得低于" | "不得少于" | ">=" | "≥" | "上升到" | "上升至" | "增长至" | "恢复到" | "保持"
        | "不少于" | "不低于" | "不小于" | "至少" | "最少" | "达到" | "达至" | "达" | "扩大到" | "扩大至"
        | "提高到" | "提高至" | "提升到" | "提升至" | "增加到" | "增加至" | "增长到" | "增至" | "稳定在"
        | "保持在" | "维持在" => Operator::AtLeast,
        ">" | "突破" | "超过" | "超" | "高于" | "大于" | "多于" => Operator::MoreThan,
        "不得高于" | "不得超过" | "不得多于" | "<=" | "≤" | "降低到" | "降低至" | "下降到" | "下降至"
        | "减少到" | "减少至" | "压减到" | "减至" | "压降至" | "压降到" | "压缩到" | "缩短到" | "缩小到"
        | "不超过" | "不高于" | "不多于" | "控制在" | "降至" | "降到" | "压缩至" | "压减至" | "缩短至"
        | "缩减至" => Operator::AtMost,
        "<" | "低于" | "少于" | "小于" => Operator::LessThan,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::folded_text;

    fn first(text: &str) -> Quantity {
        quantities(&folded_text(text)).into_iter().next().expect("a quantity")
    }

    #[test]
    fn operators_are_read_before_and_after() {
        assert_eq!(first("不少于 1 次").op, Operator::AtLeast);
        assert_eq!(first("突破10亿元").op, Operator::MoreThan);
        assert_eq!(first("争取50%以上的机构").op, Operator::AtLeast);
        assert_eq!(first("不超过15人").op, Operator::AtMost);
        assert_eq!(first("扩充专家 10 名以上").op, Operator::AtLeast);
        let range = first("等 50-60 人，到北京");
        assert_eq!((range.op, range.value, range.value2), (Operator::Between, 50.0, Some(60.0)));
        assert_eq!(first("至少打造1个品牌").op, Operator::AtLeast);
        assert_eq!(first("打响至少一个公用品牌").value, 1.0);
        assert_eq!(first("每年不低于京蒙协作资金的65%").op, Operator::AtLeast);
        assert_eq!(first("1100个、计划").value, 1100.0);
        assert_eq!(first("培育龙头企业不少于一百二十家").value, 120.0);
        assert_eq!(first("新建标准化基地十个").value, 10.0);
        assert_eq!(
            (first("覆盖率达到百分之九十以上").value, first("达到百分之九十").unit.as_str()),
            (90.0, "%")
        );
        assert_eq!(
            (first("有效利用系数提高到0.625。").value, first("PUE值降至1.4以下").op),
            (0.625, Operator::AtMost)
        );
        assert_eq!(first("抽检比例不得低于5%").op, Operator::AtLeast);
        assert_eq!(first("办理时限压缩到1个工作日").op, Operator::AtMost);
        assert_eq!(first("筛查率≥98%").op, Operator::AtLeast);
        assert_eq!(first("供水规模不少于30万立方米/日").unit, "万立方米/日");
        assert_eq!(first("总长度不少于300米").unit, "米");
    }

    #[test]
    fn dates_and_names_are_no_quantities() {
        for text in ["2023年10月23日", "第15次常务会议", "64号", "5G网络", "1-3月", "S311线", "4×100"]
        {
            assert!(
                quantities(&folded_text(text)).is_empty(),
                "{text}: {:?}",
                quantities(&folded_text(text))
            );
        }
    }
}
