//! Sentences with numbers to indicators: name, operator, value, year, cadence, scope, kind.

mod reading;
mod share;
mod time;

pub use time::GoalTime;

use super::draft::{Cadence, DraftIndicator, IndicatorKind};
use super::pattern::{Pattern, pattern};
use super::quantity::{Quantity, quantities};
use super::source::Paragraph;
use crate::text::{beginning, ending};
use reading::Reading;
use share::shared_out;
use std::cell::{LazyCell, OnceCell};
use std::collections::HashMap;
use std::sync::LazyLock;
use time::{Carried, read_time, without_time};

/// The place of a sentence: goals promise every number, measures only those they say so of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Goal,
    Measure,
    /// Running text outside a plan: a report, a newspaper page.
    Report,
}

static SCOPE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(每个[一-龥]{0,8}?(?:市辖区|县级市|[旗县市区]+)(?:（[^）]{1,10}）)?|(?:我市|全市|我区|全区)?其他(?:地区|旗县市区|旗市区|旗县区|县市区|旗县|区域)|各?旗县市区|各?旗市区|各?旗县区|各?县市区|全市|全区|市本级|全县|全旗|(?:[一-龥]{2,12}?(?:自治旗|自治县)|[一-龥]{2,5}?(?:旗|县|区|市))(?:、(?:[一-龥]{2,12}?(?:自治旗|自治县)|[一-龥]{2,5}?(?:旗|县|区|市)))+|[一-龥]{2,12}?(?:自治旗|自治县)|各(?:县|旗|区|市|镇|乡镇|乡|街道|村|社区|学校)(?:（[^）]{1,10}）)?|每个?(?:社区|行政村|村|嘎查|乡镇|街道|镇|学校|园区))",
    )
});
static PROMISE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        "(新增|引进|培育|推出|建成|新建|打造|举办|扩充|选派|实施|创建|争创|新签约|签约|淘汰|退出|竣工|发放|治理|整治|改扩建|推广|出栏|落地|认定|培养|培训|力争|确保|争取|计划|拟实施|谋划|投入|招引|实现|完成|组织|开展|建设|改造|新改建|增加|",
        "净增|加固|筹集|加装|修复|消除|更换|配备|设立|化解|盘活|延伸|惠及|拆除|开通|布设|铺设|发展|建立|扶持|孵化|吸引|轮训|搬迁|安装|",
        "编制|出台|启动|种植|带动|转化|精简|压减|压缩|开发|布局|遴选|评选|选树|选育|评定|发布|制定|制修订|开设|建有|拥有|设有|配有|建好|购置|收储|回收|清退|关停|整合|",
        "下降|降低|减少|增长|提高|提升)([^，。；：]{0,24})$"
    ))
});
/// Verbs right before a number that is how many of a thing there shall be.
static ADJACENT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        "(?:开发|拥有|建有|设有|配有|加快|推进|推动|抓好|新增|引进|培育|建成|新建|打造|创建|认定|培养|建设|改造|配备|设立|发展|建立|扶持|孵化|",
        "吸引|完成|实施|推广|遴选|选派|组建|布局|引育|招引|谋划|储备)(?:约|近|了)?$"
    ))
});

/// A verb of making, and the names of what is made.
static LISTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "(?:建成|建设|打造|培育|新建|创建|推出|完成|建立|组建|实施|推进|引进)[^，。；：]{2,60}、[^，。；：]{1,60}等$",
    )
});

/// Words of what is paid: its numbers are conditions, bands and limits.
static GRANT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern("给予|奖励|补助|补贴|奖补|资助|贴息|抵用|申领|报销|减免|减按|罚款|处以|扣减|返还")
});

/// Names that are a measure themselves: 整改率100%, 总产量380万吨.
static LEVEL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "(率|占比|比重|比例|覆盖面|满意度|总产量|产量|总产值|产值|增加值|总量|总面积|保有量|存栏量?|出栏量?)$",
    )
});
/// Sentences about what is over, without a year.
static PAST: LazyLock<Pattern> =
    LazyLock::new(|| pattern("截至|(?:^|[，；。])(?:去年|上年|近年来|过去)|\"十三五\"期间|\"十二五\"期间"));
static NO_PROMISE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "(现有|原有|已有|依托|聚焦|围绕|涉及|包括|包含|上述|前|近|对|以|从|按|由|在|预留的|每|等|任意|最多|其中)$",
    )
});
static STARTING: LazyLock<Pattern> =
    LazyLock::new(|| pattern("目前|现有|已有|当前|截至(?:目前|20)|基期|现状"));
static ABOVE_NOW: LazyLock<Pattern> =
    LazyLock::new(|| pattern("(?:目前|现有|已有|当前)[^，。；]{0,12}(?:基础|水平)(?:之)?上"));
static DONE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern("已|全部|累计|同比|取得了|完成了|建成投产|办结|盘活|收回|实际|入选|排名|为企业|获批")
});
static PLANNED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "力争|争取|确保|计划|目标|拟|将(?:实现|建成|新增|达到|力争|完成)|到20\\d{2}年|今年|年度|不少于|不低于|全年|年内",
    )
});

/// The indicators of one paragraph's bytes `[from, to)`.
pub fn read(
    paragraph: &Paragraph,
    range: (usize, usize),
    place: Place,
    item: Option<&str>,
    doc_year: Option<i32>,
) -> Vec<DraftIndicator> {
    read_with(paragraph, range, place, item, doc_year, &mut GoalTime::default())
}

/// As [`read`], where a time that was said above holds, and one that is said here holds below.
pub fn read_with(
    paragraph: &Paragraph,
    range: (usize, usize),
    place: Place,
    item: Option<&str>,
    doc_year: Option<i32>,
    time: &mut GoalTime,
) -> Vec<DraftIndicator> {
    let mut found = Found::default();
    let mut start = range.0;
    let mut past = false;
    for end in sentence_ends(&paragraph.folded, range) {
        let mut carried = Carried { past, ..Carried::default() };
        if place == Place::Goal {
            (carried.year, carried.cadence) = (time.year, time.cadence);
        }
        sentence(paragraph, (start, end), place, item, doc_year, &mut carried, &mut found);
        if place == Place::Goal && carried.cadence == Some(Cadence::By) {
            *time = GoalTime { year: carried.year, cadence: carried.cadence };
        }
        past = carried.past;
        start = end;
    }
    found.all
}

fn sentence_ends(folded: &str, (from, to): (usize, usize)) -> Vec<usize> {
    let mut ends: Vec<usize> =
        folded[from..to].match_indices(['。', '！', '？']).map(|(at, c)| from + at + c.len()).collect();
    if ends.last() != Some(&to) {
        ends.push(to);
    }
    ends
}

fn sentence(
    paragraph: &Paragraph,
    (from, to): (usize, usize),
    place: Place,
    item: Option<&str>,
    doc_year: Option<i32>,
    carried: &mut Carried,
    found: &mut Found,
) {
    let text = &paragraph.folded[from..to];
    let mut all = quantities(text);
    let shares = shared_out(text, &mut all);
    let over =
        PAST.is_match(text) || (carried.past && ["累计", "新增", "其中"].iter().any(|w| text.starts_with(w)));
    carried.past = over && !PLANNED.is_match(text);
    let mut at = 0;
    // The verb of 新建幼儿园3所、小学2所 speaks of both.
    let mut last_kind = None;
    let mut floor = 0;
    let said = Said::of(text);
    // How many numbers before were no aims, one behind the other.
    let mut run = 0;
    let (quote, mut quoted) = (LazyCell::new(|| paragraph.shown(from, to)), 0);
    for (index, quantity) in all.iter().enumerate() {
        let clause = clause_start(text, quantity.op_from, floor);
        read_time(&text[at..quantity.op_from], carried, doc_year);
        if text[at..quantity.op_from].contains('；') {
            carried.scope = None;
        }
        let mut kind_of_last = None;
        let next = all.get(index + 1).map_or(text.len(), |next| next.op_from);
        let reading = Reading {
            text,
            said: &said,
            clause,
            next,
            quantity,
            place,
            past: carried.past,
            told: last_kind.is_some(),
        };
        if let Some((name, scope)) = reading.name_and_scope() {
            carried.scope = scope.or(carried.scope.take());
            let listed = text[at..quantity.from].starts_with('、') && at > 0 && last_kind.is_some();
            let kind = reading.kind(carried, doc_year).or(if listed { last_kind } else { None });
            last_kind = kind;
            kind_of_last = kind;
            if let Some(kind) = kind {
                quoted += 1;
                let share = shares.get(&index);
                let name = share.and_then(|share| share.name.clone()).unwrap_or(name);
                let year = share.and_then(|share| share.year).or(carried.year);
                let cadence = if carried.yearly_here { Some(Cadence::Annual) } else { carried.cadence };
                let (year, cadence) = if kind == IndicatorKind::Baseline && reading.starts_from() {
                    (None, None)
                } else {
                    (year, cadence)
                };
                let name = if name.is_empty() { borrowed_name(found, quantity, text, clause) } else { name };
                found.last.insert(quantity.unit.clone(), found.all.len());
                found.all.push(DraftIndicator {
                    name,
                    op: quantity.op,
                    value: quantity.value,
                    value2: quantity.value2,
                    unit: quantity.unit.clone(),
                    year,
                    cadence,
                    kind,
                    scope: carried.scope.clone(),
                    quote: if quoted <= WHOLE_QUOTES {
                        quote.clone()
                    } else {
                        let (start, end) = near(text, quantity);
                        paragraph.shown(from + start, from + end)
                    },
                    item: item.map(str::to_owned),
                    span: paragraph.span(from + quantity.op_from, from + quantity.to),
                });
            }
        }
        at = quantity.to;
        carried.yearly_here = false;
        let goes_on = !text[quantity.to..].starts_with(['，', '；', '、', '。']);
        // If the number was no aim, the verb before it governs the next one of the clause.
        let stays = kind_of_last.is_none() && place == Place::Measure && goes_on && run < CLAUSE_NUMBERS;
        run = if stays { run + 1 } else { 0 };
        floor = if stays { clause } else { quantity.to };
    }
}

/// The most numbers of one clause that are no aims before one that is.
const CLAUSE_NUMBERS: usize = 16;

/// How many numbers of one sentence quote it whole; those behind them quote what stands near them.
const WHOLE_QUOTES: usize = 64;

/// The bytes of a sentence near a number.
fn near(text: &str, quantity: &Quantity) -> (usize, usize) {
    let before = ending(&text[..quantity.op_from], 60);
    let behind = beginning(&text[quantity.to..], 60);
    (quantity.op_from - before.len(), quantity.to + behind.len())
}

/// Facts of a whole sentence, each found once.
struct Said<'a> {
    text: &'a str,
    planned: OnceCell<bool>,
    grants: OnceCell<bool>,
    starting: OnceCell<bool>,
    done: OnceCell<bool>,
    /// The end of the first word of a grant.
    granted: OnceCell<Option<usize>>,
}

impl<'a> Said<'a> {
    const fn of(text: &'a str) -> Self {
        let (planned, starting, done) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { text, planned, grants: OnceCell::new(), starting, done, granted: OnceCell::new() }
    }

    fn planned(&self) -> bool {
        *self.planned.get_or_init(|| PLANNED.is_match(self.text))
    }

    fn grants(&self) -> bool {
        *self.grants.get_or_init(|| GRANT.is_match(self.text))
    }

    fn starting(&self) -> bool {
        *self.starting.get_or_init(|| STARTING.is_match(self.text) && !ABOVE_NOW.is_match(self.text))
    }

    fn done(&self) -> bool {
        *self.done.get_or_init(|| DONE.is_match(self.text))
    }

    fn granted_before(&self, at: usize) -> bool {
        let words = ["给予", "补助", "补贴", "奖励", "奖补"];
        let end = |word: &str| self.text.find(word).map(|at| at + word.len());
        self.granted.get_or_init(|| words.into_iter().filter_map(end).min()).is_some_and(|end| end <= at)
    }
}

/// The start of a number's clause: behind the last comma, or behind the number before it.
fn clause_start(text: &str, op_from: usize, floor: usize) -> usize {
    let comma = text[floor..op_from]
        .rfind(['，', '；', '：'])
        .map(|at| floor + at + text[floor + at..].chars().next().map_or(0, char::len_utf8));
    let start = comma.unwrap_or(floor);
    start + (text[start..op_from].len() - text[start..op_from].trim_start_matches(['、', '。']).len())
}

/// The name of an earlier indicator with the same unit of measure, or the clause before.
fn borrowed_name(found: &Found, quantity: &Quantity, text: &str, clause: usize) -> String {
    if let Some(other) = found.last.get(&quantity.unit) {
        return found.all[*other].name.clone();
    }
    let near = ending(&text[..clause], NEIGHBOUR);
    let clause_before = near.trim_end_matches(['，', '；', '：']);
    let sentence_start = clause_before.rfind(['，', '；']).map_or(0, |at| at + '，'.len_utf8());
    trimmed(&without_time(&clause_before[sentence_start..]))
}

/// The most characters of the clause that gives a number its name.
const NEIGHBOUR: usize = 120;

/// The most characters of the areas that a number is said of.
const AREAS: usize = 300;

/// The indicators of a paragraph, and for each unit of measure the last one with it.
#[derive(Default)]
struct Found {
    all: Vec<DraftIndicator>,
    last: HashMap<String, usize>,
}

/// A name without the verbs and particles of its sentence.
fn trimmed(text: &str) -> String {
    // 水质优良比例由60%: where it starts from is no part of the name.
    let from = text.rfind('由').filter(|at| text[*at..].contains(|c: char| c.is_ascii_digit()));
    let text = from.map_or(text, |at| &text[..at]);
    let mut text = text.trim_matches(['，', '、', '。', '；', '：', '"', '-']);
    loop {
        let before = text;
        for word in [
            "通过", "力争", "争取", "确保", "计划", "全市", "目前", "其中", "要", "将", "拟", "在", "使",
            "实现", "推动", "底", "前", "末", "初步", "基本",
        ] {
            text = text.strip_prefix(word).unwrap_or(text).trim_start_matches(['，', '、', '：']);
        }
        for word in [
            "等",
            "的",
            "数量达",
            "分别",
            "均",
            "要",
            "力争",
            "争取",
            "累计",
            "总计",
            "共",
            "比",
            "较",
            "至",
            "到",
            "约",
            "为",
            "不",
        ] {
            let kept = word == "比" && (text.ends_with("占比") || text.ends_with("性别比"));
            text = text.strip_suffix(word).filter(|_| !kept).unwrap_or(text);
        }
        if before == text {
            return text.to_owned();
        }
    }
}

fn trimmed_after(text: &str) -> String {
    let text =
        text.trim_start_matches(['的', '，', '、', '"']).trim_end_matches(['"', '、', '和', '及', '与']);
    if text.starts_with(['（', '）', '-']) { String::new() } else { text.to_owned() }
}
