//! One number of a sentence: its name, the area it is said of, and its kind.

use super::kinds::{counted_noun, ends_in_count};
use super::time::{Carried, without_time};
use super::trimmed::{trimmed, trimmed_after};
use super::{AREAS, PLANNED, Place, SCOPE};
use crate::import::draft::{IndicatorKind, Operator};
use crate::import::pattern::{Pattern, pattern};
use crate::import::quantity::{Quantity, TIMES};
use crate::text::is_short;
use std::cell::OnceCell;
use std::sync::LazyLock;

static PROMISE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        "(组建|安排|筹措|新增|引进|培育|推出|建成|新建|打造|举办|扩充|选派|实施|创建|争创|新签约|签约|淘汰|退出|竣工|发放|治理|整治|改扩建|推广|出栏|落地|认定|形成|守住|制（修）订|培养|培训|力争|确保|争取|计划|拟实施|谋划|投入|招引|实现|完成|组织|开展|建设|改造|新改建|增加|",
        "净增|加固|筹集|加装|修复|消除|更换|配备|设立|化解|盘活|延伸|惠及|拆除|开通|布设|铺设|发展|建立|扶持|孵化|吸引|轮训|搬迁|安装|",
        "编制|出台|启动|种植|带动|转化|精简|压减|压缩|开发|布局|遴选|评选|选树|选育|评定|发布|制定|制修订|开设|建有|拥有|设有|配有|建好|购置|收储|回收|清退|关停|整合|",
        "绘制|到位|解决|送|放映|更新|新招|互派|互访|结对|改良|新认证|加装|走访|排查|处置|新开|优化|召开|接待|转移|吸纳|安置|兑付|投放|新认定|收储|冷配|屠宰|加工|开行|推介|签订|巡诊|义诊|筛查|体检|接种|减免|申报|入库|办理|新登记|登记|创成|植树|修复|疏浚|绿化|调解|储备|保障|供应|新招录|检查|抽检|抽查|选派|曝光|查处|下降|降低|减少|增长|提高|提升)([^，。；：]{0,24})$"
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
        "(率|占比|比重|比例|覆盖面|满意度|总产量|产量|能力|规模|销售额|营业收入|零售额|交易额|装机|总产|总产值|产值|增加值|总量|总面积|保有量|存栏量?|出栏量?)$",
    )
});
/// Words of what something is or costs, or of a limit: their numbers are nobody's aim.
static OUTSIDE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        "总投资|计划投资|概算|占地面积|占地约?$|建筑面积|全长|总长|现有|原有|共有|涉及|距离|期限|时限为|有效期|身高|年龄(?:[^人]|$)|周岁|权重|扣|加分|得分|",
        "单个|单户|单家|单栋|单张|面额|户均|亩均|人均补|一次性|最高|上限|限额|额度|原则上|不满|连续|专班人数|一式|各执|分为|高度|容积率|",
        "宽度|净高|厚度|注册资本|实缴|票价|票面|过渡期|租期|罚款|以下罚|比例给予|标准给予|标准发放|每人每月|每人每年补|每户每月|奖励"
    ))
});

/// A time that is to come.
static FUTURE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "全年|年内|年底|今年|到20\\d{2}年|\\d月(?:\\d{1,2}日)?(?:底|末)?前|\\d月底|力争|争取|确保|每年|协议期内|百日内",
    )
});

/// The most characters of a clause before a number.
const CLAUSE: usize = 80;

/// The size of each one of something: `每期不少于40人`. A verb behind it makes it what each one does.
static SIZE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        "每(?:个)?(?:群|户|批次|批|期|组|队|处|栋|人|名|次|场|班|对|亩|家|项|支|辆|吨|套|件|宗|份|轮|层|车|只|头|床|座|片|条|张|间)",
        "(?:次)?([^，。；]{0,12})$"
    ))
});
static DOES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "培训|拜访|开展|组织|完成|举办|召开|联系|走访|配备|建有|建成|拥有|设立|帮扶|参加|检查|接受|学习|抽|研究",
    )
});

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
/// Facts of a whole sentence, each found once.
pub(super) struct Said<'a> {
    text: &'a str,
    planned: OnceCell<bool>,
    grants: OnceCell<bool>,
    starting: OnceCell<bool>,
    done: OnceCell<bool>,
    surpassed: OnceCell<bool>,
    /// The end of the first word of a grant.
    granted: OnceCell<Option<usize>>,
}

impl<'a> Said<'a> {
    pub const fn of(text: &'a str) -> Self {
        let (planned, starting, done) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let (grants, surpassed, granted) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { text, planned, grants, starting, done, surpassed, granted }
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

    /// 均超额完成年度任务: what was planned is over.
    fn surpassed(&self) -> bool {
        *self.surpassed.get_or_init(|| self.text.contains("超额完成"))
    }

    pub(super) fn granted_before(&self, at: usize) -> bool {
        let words = ["给予", "补助", "补贴", "奖励", "奖补"];
        let end = |word: &str| self.text.find(word).map(|at| at + word.len());
        self.granted.get_or_init(|| words.into_iter().filter_map(end).min()).is_some_and(|end| end <= at)
    }
}

pub(super) struct Reading<'a> {
    pub text: &'a str,
    pub said: &'a Said<'a>,
    pub clause: usize,
    pub next: usize,
    pub quantity: &'a Quantity,
    pub place: Place,
    /// The sentence speaks of what is over.
    pub past: bool,
    /// A number before in this sentence was an indicator.
    pub told: bool,
    /// The last indicator of this sentence was an aim.
    pub aimed: bool,
}

impl Reading<'_> {
    fn before(&self) -> &str {
        &self.text[self.clause..self.quantity.op_from.max(self.clause)]
    }

    /// The noun behind the number, up to the end of its clause.
    pub(super) fn after(&self) -> &str {
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
    pub fn name_and_scope(&self) -> Option<(String, Option<String>)> {
        // 外送量在去年42亿的基础上再增长15%: the name stands before where it starts from.
        let over = self.before().starts_with("的基础上");
        let whole =
            if over { self.own().rsplit_once('在').map_or("", |(name, _)| name) } else { self.before() };
        let before = without_time(whole);
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
        let mut after = trimmed_after(&without_time(crate::text::beginning(self.after(), CLAUSE)));
        if after.starts_with("基础上") {
            left.truncate(left.trim_end_matches('在').len());
            after.clear();
        }
        if after == "到位" {
            left.push_str(&after);
            after.clear();
        }
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

    pub fn kind(&self, carried: &Carried, doc_year: Option<i32>) -> Option<IndicatorKind> {
        let before = &self.text[self.clause..self.quantity.from];
        if self.starts_from() {
            return Some(IndicatorKind::Baseline);
        }
        let past = carried.year.zip(doc_year).is_some_and(|(year, now)| year < now);
        let past = past || self.past || carried.last_year || self.said.surpassed();
        // 32微克（2022年为40微克）: the bracket says where it stood.
        let stood =
            carried.outside.and_then(|(year, _)| year).zip(carried.year).is_some_and(|(aim, own)| own < aim);
        if stood {
            return Some(IndicatorKind::Baseline);
        }
        let starting = self.said.starting() && !self.said.planned();
        let duration =
            matches!(self.quantity.unit.as_str(), "天" | "小时" | "分钟" | "个工作日" | "倍" | "期" | "次数");
        match self.place {
            // A count in a heading, and a number that is quoted as a saying.
            _ if ["（共", "分解为", "细化为", "归纳为"].iter().any(|word| before.ends_with(word)) => {
                None
            }
            _ if !self.quantity.explicit && self.is_quoted() => None,
            _ if self.rises_to_next() || self.is_of_places() || self.is_rate() => None,
            _ if self.is_granted() || self.is_size() => None,
            _ if !matches!(self.place, Place::Report) && self.is_outside() => None,
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
            Place::Report if self.only_says_which() => None,
            Place::Report if starting && self.text.contains("年基期，") => Some(IndicatorKind::Baseline),
            Place::Report if past || self.said.done() => Some(IndicatorKind::Result),
            Place::Report if self.said.planned() => Some(IndicatorKind::Target),
            Place::Report => Some(IndicatorKind::Other),
        }
    }

    /// The words of the number's own clause before it, from the last mark on.
    pub(super) fn own(&self) -> &str {
        let before = &self.text[..self.quantity.op_from];
        let near = crate::text::ending(before, CLAUSE);
        let start = near.rfind(['，', '；', '。', '：']).map_or(0, |at| at + '，'.len_utf8());
        &near[start..]
    }

    /// Whether the number is of what something is or costs, or a limit, and no share of it.
    pub(super) fn is_outside(&self) -> bool {
        let own = self.own();
        OUTSIDE.is_match(own) && !(self.quantity.explicit && LEVEL.is_match(own.trim_end_matches("不")))
    }

    /// Whether the number says how large each one is.
    pub(super) fn is_size(&self) -> bool {
        let by_each = self.own().contains("按每") && self.quantity.unit != "%";
        by_each
            || SIZE
                .captures(self.own())
                .and_then(|found| found.get(1))
                .is_some_and(|between| !DOES.is_match(between.as_str()))
                && self.quantity.unit != "%"
    }

    /// Whether nothing of its clause stands behind the number.
    fn ends_clause(&self) -> bool {
        let after = &self.text[self.quantity.to..];
        after.is_empty() || after.starts_with(['，', '。', '；', '、', '！', '）'])
    }

    /// A bare number behind an aim of its sentence, or in a clause that says by when, is an aim as well.
    fn goes_on(&self) -> bool {
        let own = self.own();
        let named = without_time(own).chars().filter(|c| crate::text::is_han(*c)).count() >= 2;
        let timed = FUTURE.is_match(own);
        self.ends_clause() && named && (self.aimed || timed) && !TIMES.contains(&self.quantity.unit.as_str())
    }

    /// Whether the number stands in quotes.
    fn is_quoted(&self) -> bool {
        self.quantity.unit != "%" && self.text[..self.quantity.from].matches('"').count() % 2 == 1
    }

    /// Whether the sentence says what is paid, and the number is money or a share of it: a band, a condition or a
    /// limit, unless a verb gives the whole sum.
    pub(super) fn is_granted(&self) -> bool {
        let money = self.quantity.unit.ends_with('元') || self.quantity.unit == "%";
        let before = &self.text[self.clause..self.quantity.op_from.max(self.clause)];
        let own = self.own();
        let share = self.quantity.unit == "%"
            && (self.quantity.change.is_some()
                || self.quantity.explicit && LEVEL.is_match(own.trim_end_matches('不')));
        let sum = share
            || [
                "发放", "投入", "安排", "争取", "筹集", "落实", "兑现", "拨付", "设立", "资金", "总额",
                "规模", "投放",
            ]
            .iter()
            .any(|word| before.contains(word));
        // 享受奖补总额不超过财政贡献的50%: the most that one may have.
        let capped = matches!(self.quantity.op, Operator::AtMost | Operator::LessThan)
            && ["享受", "获得", "奖补", "奖励", "补助"].iter().any(|word| own.contains(word));
        money && (!sum || capped) && self.said.grants()
    }

    /// `10名以上孤寡老人且有需求的行政村都建有…`: the number says which ones, a verb behind says what they do.
    pub(super) fn counts_a_group(&self) -> bool {
        let trailing = self.text[..self.quantity.to].ends_with(['上', '下']);
        let after = self.after();
        let all = ["都", "均", "全部", "应当", "必须"].iter().any(|word| after.contains(word));
        trailing && self.quantity.unit != "%" && all && after.contains('的') && !after.starts_with('的')
    }

    /// 年收入50万元以上行政村占比…: the number says which ones, another one how many.
    pub(super) fn only_says_which(&self) -> bool {
        self.text[..self.quantity.to].ends_with(['上', '下'])
            && self.quantity.unit != "%"
            && (self.quantity.unit.ends_with(['元', '米', '亩', '岁']) || !ADJACENT.is_match(self.before()))
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
        // 投资5000万元以上的企业不少于1家 counts the firms.
        let counts = quantity.explicit && plain.ends_with("的企业") && counted_noun(&quantity.unit);
        // 全年补贴不少于2000辆: how many are to get it.
        let got = quantity.op == Operator::AtLeast
            && before.contains("全年")
            && !quantity.unit.ends_with(['元', '%']);
        let condition = condition && !counts && !got;
        let fund = before.contains("资金")
            && ["安排", "争取", "投入", "筹集", "落实", "兑付", "拨付", "到位"]
                .iter()
                .any(|word| before.contains(word));
        let condition = condition && !fund;
        let wished = ["力争", "争取", "确保", "实现", "推动"].iter().any(|word| before.contains(word));
        let after = &self.text[quantity.to..];
        if after.starts_with("免费") || after.contains("组成") && self.after().ends_with("组成") {
            return false;
        }
        // 为1.2万户居民加装自闭阀
        let served = plain.ends_with('为')
            && ["加装", "提供", "办理", "实施", "改造", "解决", "发放"]
                .iter()
                .any(|word| self.after().contains(word));
        if served && !quantity.unit.ends_with('元') {
            return !condition;
        }
        // 超过500平方米的项目 and 10亿元以上企业5家 say which ones, not how many.
        let chain = self.text[..quantity.to].ends_with(['上', '下'])
            && after.starts_with('、')
            && crate::text::beginning(after, CLAUSE)
                .split(['，', '。', '；'])
                .next()
                .is_some_and(|rest| rest.contains('的'));
        let sort = (after.starts_with(['的', '且']) || chain) && quantity.explicit;
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
        // 到2025年，治理率为90%。 as the row of a table is read
        let stated = plain.ends_with('为') && self.ends_clause() && self.text.starts_with("到20");
        if stated && !TIMES.contains(&quantity.unit.as_str()) {
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
        // 对12家单位开展全覆盖检查: all of them are reached.
        if plain.ends_with('对') && self.after().contains("全覆盖") {
            return !condition;
        }
        // 在餐饮、药店等20个以上行业推行
        let spread = plain.ends_with('等')
            && self.own().starts_with('在')
            && ["推行", "推广", "实施", "开展", "实行", "试点"]
                .iter()
                .any(|word| self.after().contains(word));
        if spread && counted {
            return !condition;
        }
        if condition || qualifies || NO_PROMISE.is_match(plain) && !ends_in_count(plain) {
            return false;
        }
        // 首期1亿元6月底前到位
        if quantity.unit.ends_with('元') && self.after().ends_with("到位") {
            return !condition;
        }
        // The most that is paid for one is a standard of a grant.
        let granted = !fund && quantity.unit.ends_with('元') && self.said.granted_before(quantity.from);
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
        operated || made || adjacent || level || self.goes_on()
    }
}
