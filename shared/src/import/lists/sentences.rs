//! Units in sentences: `由X牵头，Y配合`, `请X于5月底前完成…`, and a unit as the subject of its paragraph.

use super::{Found, labels, strip_open_end, strip_verb};
use crate::import::draft::Role;
use crate::import::pattern::looked;
use crate::import::{date, names};
use crate::text::beginning;

/// Units that a sentence gives a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    /// Bytes of the names, without the verb.
    pub names: (usize, usize),
    pub role: Role,
    /// Nothing but the sentence's subject says so.
    pub told: bool,
}

/// The most characters of one name.
const NAME: usize = 24;

/// The most names of one list in a sentence.
const NAMES: usize = 40;

/// The words of a list of words, which have blanks between them.
fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace()
}

/// Words before the units of a sentence.
const OPENINGS: &str = "此项工作 该项工作 这项工作 上述工作 具体工作 日常工作 该项行动 该项目 具体 甲方 \
    乙方 其中 同时 并 原则上 联合检查";

/// Words behind the units of a sentence that say what they do.
const ACTS: &str = "更新 改造 新建 建设 举办 印发 发布 培育 支持 引导 优化 深化 健全 完善 推广 \
    打造 规范 整合 修订 公布 监测 评估 考核 检查 抽查 排查 培训 宣传 维护 保障 配备 购置 办理 \
    选派 招聘 征集 摸清 收集 分析 研判 通报 报告 应当 牵头 负责 配合 协助 参与 参加 会同 作为 要 应 将 需 须 按 对 于 在 每 \
    组织 制定 建立 做好 抓好 完成 开展 落实 加强 承担 具体 逐 安排 共同 分别 \
    联合 统筹 督促 指导 汇总 审核 根据 定期 抓紧 切实 适时 及时 严格 加快 推动 \
    推进 研究 提供 设立 编制 出台 报送 提出 实施 召集 验收 受理 梳理 协调 积极 \
    依法 认真 全面 主动 同步 集中 结合 通过 围绕 依托 统一 到 年底前 年内 双方 \
    为 强化 督导 确保 力争 迅速 立即 全程 派";

/// Words between units and their verb.
const MANNERS: &str = "具体 共同 分别 联合 按职责分工 按照职责分工 按职责 依职责 根据职责 积极 同步 \
    统筹 密切 按分工";

/// Subjects of nobody in particular.
const GENERAL: &str = "各单位 各部门 各地 各地区 各级 各级各部门 各地各部门 各有关单位 各有关部门 \
    有关部门 相关部门 有关单位 相关单位 各责任单位 各牵头单位 各级政府 各级党委 \
    责任单位 牵头单位";

/// The parts of the units that the sentences of a paragraph name; brackets are read elsewhere.
pub fn duties(folded: &str) -> Vec<Duty> {
    looked(folded);
    let mut found: Vec<Duty> = Vec::new();
    let (mut in_duty, mut first, mut timed) = (false, true, false);
    for (from, to, begins) in clauses(folded) {
        // 6月底前，甲局将…: the day stands before the subject.
        let begins = begins || timed;
        timed = begins && folded[from..to].contains('月') && date::is_deadline(&folded[from..to]);
        if begins {
            in_duty = false;
        }
        let clause = &folded[from..to];
        let strong = of_clause(clause, in_duty);
        if strong.is_empty() && begins && first {
            // The heading is the first sentence; its text begins with the second.
            found.extend(subject(clause).into_iter().map(|duty| moved(duty, from)));
        }
        if begins && found.iter().any(|duty| duty.told) {
            first = false;
        }
        in_duty |= !strong.is_empty();
        found.extend(strong.into_iter().map(|duty| moved(duty, from)));
    }
    // A subject counts where nothing else says who acts, and only the first one.
    if found.iter().any(|duty| !duty.told) {
        found.retain(|duty| !duty.told);
    }
    found
}

const fn moved(duty: Duty, by: usize) -> Duty {
    Duty { names: (duty.names.0 + by, duty.names.1 + by), ..duty }
}

/// Clauses outside brackets, and whether each begins a sentence.
fn clauses(folded: &str) -> Vec<(usize, usize, bool)> {
    let (mut all, mut start, mut depth, mut begins) = (Vec::new(), 0, 0_usize, true);
    for (at, character) in folded.char_indices() {
        match character {
            '（' | '〔' | '【' => depth += 1,
            '）' | '〕' | '】' => depth = depth.saturating_sub(1),
            '，' | '。' | '；' | '：' | '！' if depth == 0 => {
                all.push((start, at, begins));
                start = at + character.len_utf8();
                begins = character != '，';
            }
            _ => {}
        }
    }
    all.push((start, folded.len(), begins));
    all
}

/// The duties that a clause says by a verb.
fn of_clause(clause: &str, in_duty: bool) -> Vec<Duty> {
    if let Some(helped) = clause.strip_prefix("会同").filter(|_| in_duty) {
        let from = clause.len() - helped.len();
        let names = names_end(helped).map(|to| (from, from + to));
        return names.map(|names| Duty { names, role: Role::Co, told: false }).into_iter().collect();
    }
    let mut starts: Vec<(usize, bool)> = vec![(opened(clause), false)];
    starts.extend(clause.match_indices('由').take(4).map(|(at, by)| (at + by.len(), true)));
    for (start, by) in starts.into_iter().rev() {
        let found = with_verb(clause, start, by, in_duty);
        if !found.is_empty() {
            return found;
        }
    }
    // 由甲局牵头、乙局配合: the next names stand behind the verb.
    Vec::new()
}

/// The bytes of the words that open a clause before its units.
fn opened(clause: &str) -> usize {
    let mut rest = clause;
    while let Some(next) = words(OPENINGS).find_map(|word| rest.strip_prefix(word)) {
        rest = next;
    }
    rest = rest.strip_prefix('由').unwrap_or(rest);
    clause.len() - rest.len()
}

fn with_verb(clause: &str, start: usize, by: bool, in_duty: bool) -> Vec<Duty> {
    let by = by || clause[..start].ends_with('由');
    let Some(end) = names_end(&clause[start..]).map(|end| start + end) else { return Vec::new() };
    let mut rest = &clause[end..];
    while let Some(next) = words(MANNERS).find_map(|word| rest.strip_prefix(word)) {
        rest = next;
    }
    let duty = |names, role| Duty { names, role, told: false };
    let mut found = Vec::new();
    if let Some(helped) = rest.strip_prefix("会同") {
        let from = clause.len() - helped.len();
        if let Some(to) = names_end(helped).map(|end| from + end)
            && by
        {
            let behind = &clause[to..];
            let role = if behind.contains("牵头") {
                Role::Lead
            } else if ["实施", "组织实施", "落实"].iter().any(|word| behind.starts_with(word)) {
                Role::Implement
            } else {
                Role::Responsible
            };
            return vec![duty((start, end), role), duty((from, to), Role::Co)];
        }
        return found;
    }
    let Some((role, word)) = role_of(rest, by, in_duty) else { return found };
    found.push(duty((start, end), role));
    // 由甲局牵头、乙局配合
    let behind = &rest[word.len()..];
    let more = behind.strip_prefix('、').or(behind.strip_prefix("会同"));
    if let Some(more) = more {
        let from = clause.len() - more.len();
        if behind.starts_with('会') {
            found.extend(names_end(more).map(|to| duty((from, from + to), Role::Co)));
        } else {
            found.extend(with_verb(clause, from, false, true));
        }
    }
    found
}

/// Nouns that begin as verbs do.
const NOUNS: [&str; 6] = ["牵头作用", "牵头单位", "牵头部门", "牵头人", "负责人", "负责同志"];

/// The role that a verb behind units gives them, and the verb. `by` says that 由 stands before them, `in_duty` that
/// another unit of the sentence has a part already.
fn role_of(rest: &str, by: bool, in_duty: bool) -> Option<(Role, &'static str)> {
    let nouns = NOUNS.iter().chain(&["负责解释", "牵头抓总"]);
    if nouns.into_iter().any(|word| rest.starts_with(word)) {
        return None;
    }
    let starts = |words: &[&'static str]| words.iter().copied().find(|word| rest.starts_with(word));
    if let Some(word) = starts(&["牵头负责", "负责牵头", "牵头组织", "牵头"]) {
        return Some((Role::Lead, word));
    }
    if let Some(word) = starts(&["作为实施主体", "作为建设主体", "作为业主"]) {
        return Some((Role::Implement, word));
    }
    if let Some(word) = starts(&["作为责任主体", "作为责任单位"]) {
        return Some((Role::Responsible, word));
    }
    if let Some(word) = starts(&["负责实施", "负责组织实施", "负责建设"]) {
        return Some((Role::Implement, word));
    }
    if let Some(word) = starts(&["负责"]) {
        let behind = &rest[word.len()..];
        let whole = behind.is_empty()
            || ["落实", "组织", "推进", "统筹", "、", "）"].iter().any(|word| behind.starts_with(word));
        return whole.then_some((Role::Responsible, word));
    }
    if (by || in_duty)
        && let Some(word) = starts(&["组织实施", "实施", "落实", "组织落实"])
    {
        return Some((Role::Implement, word));
    }
    if by && ["通过", "采取"].iter().any(|word| rest.starts_with(word)) {
        // 由甲公司通过市场化方式解决
        let done = ["解决", "建设", "落实", "实施", "承担", "完成"].iter().any(|word| rest.ends_with(word));
        return done.then_some((Role::Responsible, ""));
    }
    if by && let Some(word) = starts(&["逐条整改", "逐项整改", "整改", "验收", "审核"]) {
        return Some((Role::Responsible, word));
    }
    if in_duty && let Some(word) = starts(&["验收"]) {
        return Some((Role::Responsible, word));
    }
    if let Some(word) = starts(&["承担"]) {
        return Some((Role::Responsible, word));
    }
    if by && let Some(word) = starts(&["主办"]) {
        return Some((Role::Responsible, word));
    }
    let helps = in_duty || by;
    if helps && let Some(word) = starts(&["做好配合", "配合", "协助", "协同", "协办", "支持"]) {
        return Some((Role::Co, word));
    }
    if in_duty && rest.starts_with("做好") {
        return Some((Role::Co, "做好"));
    }
    if helps && let Some(word) = starts(&["共同参与", "参与", "参加"]) {
        return Some((Role::Participant, word));
    }
    if in_duty && let Some(word) = starts(&["指导", "督导"]) {
        return Some((Role::Guide, word));
    }
    None
}

/// Units that are the subject of a clause: `各乡镇按照…逐栋排查`, `请市资规局于5月底前完成…`.
fn subject(clause: &str) -> Vec<Duty> {
    let rest = clause.strip_prefix('请').or(clause.strip_prefix('由')).unwrap_or(clause);
    let start = clause.len() - rest.len();
    let Some(end) = names_end(rest) else { return Vec::new() };
    let said = &rest[..end];
    let behind = &rest[end..];
    let first = said.split(['、', '和', '及', '与']).next().unwrap_or_default();
    let own = names::prefix(first).is_some()
        || names::is_group(first)
        || names::is_place(first)
        || first.contains('政')
        || first.starts_with(['市', '县', '区', '旗', '省', '州', '盟']);
    let general = said.split('、').all(is_everybody);
    // A unit that is the whole clause does nothing, and people are no duty.
    if !own || general || behind.is_empty() || names_people(clause) || speaks_of_itself(behind) {
        return Vec::new();
    }
    let told = |names, role| Duty { names, role, told: true };
    let mut found = vec![told((start, start + end), Role::Responsible)];
    if let Some(helped) = behind.strip_prefix("会同") {
        let from = clause.len() - helped.len();
        found.extend(names_end(helped).map(|to| told((from, from + to), Role::Co)));
    }
    found
}

/// Whether a subject is nobody in particular: 各单位, 市各有关部门, or who speaks.
fn is_everybody(name: &str) -> bool {
    let bare = name.strip_prefix(['市', '县', '区', '旗', '省', '州', '盟']).unwrap_or(name);
    let is_one_of = |name: &str| words(GENERAL).chain(words(OWN)).any(|word| word == name);
    is_one_of(name) || is_one_of(bare) || name.ends_with("领导小组")
}

/// A clause that says who comes: `市直部门参加座谈会全体人员`.
fn names_people(clause: &str) -> bool {
    ["人员", "负责人", "负责同志", "代表", "名单", "成员"].iter().any(|word| clause.ends_with(word))
}

/// A clause on the document itself: `政务服务局对本方案作适时修订`.
fn speaks_of_itself(behind: &str) -> bool {
    behind.contains('本') && ["修订", "解释"].iter().any(|word| behind.contains(word))
}

/// Governments that speak of themselves.
const OWN: &str = "市政府 县政府 区政府 旗政府 省政府 州政府 盟行署 市人民政府 县人民政府 区人民政府 \
    旗人民政府 省人民政府 管委会 市委 县委 区委 旗委 省委";

/// The end of the names that a text begins with, before a word that says what they do.
fn names_end(text: &str) -> Option<usize> {
    let mut at = 0;
    for _ in 0..NAMES {
        let rest = &text[at..];
        let end = at + name_end(rest)?;
        let behind = &text[end..];
        let joint = ["以及", "、", "和", "及", "与"].iter().find(|word| behind.starts_with(**word));
        match joint.filter(|word| name_end(&behind[word.len()..]).is_some()) {
            Some(word) => at = end + word.len(),
            None => return acts(behind).then_some(end),
        }
    }
    None
}

/// Whether what stands behind names says what they do.
fn acts(behind: &str) -> bool {
    if NOUNS.iter().any(|word| behind.starts_with(word)) {
        return false;
    }
    behind.is_empty()
        || behind.starts_with(|c: char| c.is_ascii_digit())
        || words(ACTS).chain(words(MANNERS)).any(|word| behind.starts_with(word))
}

/// The end of the longest name that a text begins with, a bracket behind it included.
fn name_end(text: &str) -> Option<usize> {
    let near = beginning(text, NAME);
    looked(near);
    // 各省辖市、县（市、区）人民政府 is one name.
    let group = group_end(near);
    if let Some(end) = group.filter(|end| acts(&text[*end..]) || text[*end..].starts_with(['、', '和'])) {
        return Some(end);
    }
    let stop = near.find(['，', '。', '；', '：', '、', '"', '《', '！']).unwrap_or(near.len());
    let ends = near[..stop].char_indices().map(|(at, c)| at + c.len_utf8()).skip(1);
    let mut longest = None;
    for end in ends {
        let behind = &text[end..];
        let follows = behind.starts_with('、')
            || behind.starts_with('和')
            || behind.starts_with('及')
            || behind.starts_with('与')
            || behind.starts_with("以及")
            || acts(behind);
        if follows && is_name(&near[..end]) {
            longest = Some(end);
        }
        // 市府办（督查室）建立…: the bracket is a part of the name.
        if let Some(rest) = behind.strip_prefix('（')
            && let Some(close) = beginning(rest, 12).find('）')
            && is_name(&near[..end])
        {
            longest = Some(end + '（'.len_utf8() + close + '）'.len_utf8());
        }
    }
    longest.filter(|end| {
        let behind = &text[*end..];
        behind.starts_with(['、', '和', '及', '与']) || behind.starts_with("以及") || acts(behind)
    })
}

/// The end of the governments of every kind of place: 各县（市、区）人民政府, 各镇（街道）.
fn group_end(near: &str) -> Option<usize> {
    let start = words("各有关 各相关 有关 相关 各").find(|word| near.starts_with(word))?.len();
    let kinds = near[start..].find(|c: char| !"省市区县旗盟州地辖镇乡街道苏木自治直、（）".contains(c));
    let end = start + kinds.unwrap_or(near.len() - start);
    let office = words("人民政府 政府 管委会 办事处").find(|word| near[end..].starts_with(word));
    let office = office.map_or(0, str::len);
    let named = near[start..end].ends_with('）') || office > 0 && near[start..end].contains('、');
    let balanced = near[..end].matches('（').count() == near[..end].matches('）').count();
    (end > start && named && balanced).then_some(end + office)
}

/// Words that no name of a unit holds: a sentence was taken for one.
const NO_NAMES: &str = "由 会同 牵头 配合 负责 新增 以上 本办法 本方案 建立 规模以上 培育 支持 提前 了解 掌握 \
    跟踪 告知 安排 收集 选派 制定 印发 出台";

fn is_name(name: &str) -> bool {
    let bare = strip_open_end(name).0;
    let length = bare.chars().count();
    if bare.contains(|c: char| c.is_ascii_digit()) || words(NO_NAMES).any(|word| bare.contains(word)) {
        return false;
    }
    if length < 2
        || bare.starts_with(['由', '请', '对', '在', '以', '为', '向', '与', '和', '把', '将', '按', '从'])
    {
        return false;
    }
    if names::is_group(bare) {
        let plain = bare.split('（').next().unwrap_or_default();
        return (names::is_unit(bare) || names::is_place(plain) || names::is_unit(plain))
            && !bare.contains(['的', '对', '把', '将', '在', '向', '从', '给'])
            && length <= 18;
    }
    let place = names::is_place(bare) && (3..=8).contains(&length) && bare.chars().all(crate::text::is_han);
    let office = names::prefix(beginning(bare, NAME)).is_some()
        || ["市", "县", "区", "旗", "省", "州", "盟"].iter().any(|kind| bare.starts_with(kind));
    (is_named_unit(bare) || place || names::is_room(bare) || office && names::is_likely_unit(bare))
        && !bare.contains(['的', '对', '把', '将', '为', '在'])
}

/// A unit with a name of its own; `企业` and `学校` are kinds.
pub(super) fn is_named_unit(name: &str) -> bool {
    let kind = ["企业", "机构", "单位", "学校", "医院", "部门", "公司", "大学"]
        .iter()
        .any(|kind| name.strip_suffix(kind).is_some_and(|rest| rest.chars().count() <= 2));
    names::is_unit(name) && !kind
}

/// A last sentence that is nothing but units and a verb: `…市财政局、自然资源局按职责分工负责。`
pub fn as_last_sentence(folded: &str) -> Option<Found> {
    let body = folded.trim_end_matches(['。', '；']);
    let from = body.rfind('。').map_or(0, |at| at + '。'.len_utf8());
    let sentence = &body[from..];
    let said = strip_verb(sentence).1.is_some() && sentence.chars().count() <= 160;
    let names = !sentence.contains(['（', '：', '"', '《']) && from > 0 && !folded.contains("负责解释");
    (said && names && super::is_plain_list(sentence))
        .then_some(Found { whole: (from, body.len()), content: (from, body.len()) })
}

/// Units before a colon that are then told what to do: `市发展和改革委员会：负责…`.
pub fn before_colon(folded: &str) -> Option<Found> {
    let colon = folded.find('：').filter(|at| *at > 0 && *at < 600)?;
    let head = &folded[..colon];
    if head.contains(['。', '；', '，', '《', '"']) || !labels(head).is_empty() {
        return None;
    }
    let told = &folded[colon + '：'.len_utf8()..];
    let duty = ["负责", "做好", "牵头", "配合", "组织", "承担", "预先", "协助", "按照", "会同", "指导"]
        .iter()
        .any(|word| told.starts_with(word));
    let all_units = head.split('、').all(|piece| {
        let name = strip_open_end(piece).0;
        names::is_unit(name) || names::is_group(name)
    });
    let any_unit =
        head.split('、').any(|piece| names::is_unit(strip_open_end(piece).0) || names::is_group(piece));
    ((all_units && !told.is_empty() && told.contains('。')) || (any_unit && duty))
        .then_some(Found { whole: (0, colon), content: (0, colon) })
}
