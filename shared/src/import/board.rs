//! A document's paragraphs to draft boards: parts, sections, items, goals, period, template.

mod goals;
mod sections;

use super::draft::{Doubt, DoubtKind, DraftAssignment, DraftBoard, DraftDocument, DraftIndicator, Period};
use super::head::{self, Head};
use super::indicator::{self, Place};
use super::lists::{self, Found};
use super::outline::{Level, Node, marker_at, tree};
use super::pattern::{Pattern, pattern};
use super::source::Paragraph;
use super::{date, names, units};
use crate::dictionary;
use goals::{PREAMBLE, goals, measures};
use sections::sections;
use std::sync::LazyLock;

static PERIOD: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(20\d{2})年?(?:-|至|~|到)(20\d{2})年?"));

/// Titles of chapters that frame a plan: they hold no measures unless units are named there.
static FRAME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(&format!("^(?:{FRAMES})(?:(?:和|与|及|以及|、)?(?:{FRAMES}))*(?:（[^）]*）)?(?:，.*|：.*)?$"))
});

/// Titles of points that frame the chapter they stand in.
static AIM: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "^(?:总体要求|总体思路|指导思想|基本原则|适用范围|实施范围|(?:工作|总体|主要|发展|任务|年度|具体)?目标(?:任务|要求)?|目标任务|(?:实施|行动|工作)?(?:期限|时间)|时间安排)(?:，.*|：.*)?$",
    )
});

/// Words of such titles.
const FRAMES: &str = concat!(
    "(?:推动|落实|强化|加强|完善|健全|明确|细化|压实|做好)?(?:总体要求|总体思路|总体目标|指导思想|基本原则|基本思路|总则|附则|其他|其它|适用范围|实施范围|背景|现状|发展基础|基本情况|工作基础|",
    "(?:工作|服务|总体|主要|发展|任务|行动|建设|年度|具体|预期)?(?:目标|原则|思路)(?:任务|要求)?|目标任务|目的意义|重要意义|行动目的|",
    "实施期限|(?:行动|实施|活动|工作)时间|时间安排|(?:实施|工作|方法)?步骤|进度安排|",
    "(?:保障|组织|工作保障|政策|组织保障|实施保障)措施|(?:组织|工作|实施|政策|要素|服务|资金|人才|制度|措施)?保障|组织(?:实施|领导|机构|推进|保障)|",
    "(?:工作|相关|有关|活动|几点|具体)要求|监督检查|督导检查|督查考核|督导考核|评估考核|考核评价|监督考核|跟踪问效|督促检查|责任落实|宣传引导|舆论宣传|工作机制)",
);

/// Reads one document.
pub fn document(paragraphs: &[Paragraph]) -> DraftDocument {
    let head = head::read(paragraphs);
    let body = &paragraphs[head.body..];
    let year_in = |text: Option<&str>| {
        let digits = text?.find("20").and_then(|at| text?.get(at..at + 4))?;
        digits.parse::<i32>().ok()
    };
    let year = head.date.as_deref().and_then(|date| date[..4].parse().ok());
    let year =
        year.or_else(|| year_in(head.doc_number.as_deref())).or_else(|| year_in(Some(&head.folded_title)));
    let boards = parts(body, &head).into_iter().map(|part| board(&part, &head, year)).collect::<Vec<_>>();
    let boards = boards
        .into_iter()
        .filter(|board| !board.sections.is_empty() || !board.indicators.is_empty())
        .collect();
    DraftDocument {
        title: head.title,
        doc_number: head.doc_number,
        issuer: head.issuer,
        date: head.date,
        boards,
    }
}

/// A plan within a document.
struct Part<'a> {
    title: Option<String>,
    folded_title: String,
    body: &'a [Paragraph],
}

fn parts<'a>(body: &'a [Paragraph], head: &Head) -> Vec<Part<'a>> {
    let starts: Vec<usize> = (0..body.len()).filter(|at| is_part_title(body, *at)).collect();
    if starts.is_empty() {
        return vec![Part {
            title: head.title.as_deref().map(plan_title),
            folded_title: head.folded_title.clone(),
            body,
        }];
    }
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(from, to)| Part {
            title: Some(body[from].shown_all()),
            folded_title: body[from].folded.clone(),
            body: &body[from + 1..to],
        })
        .collect()
}

/// The plan that a letter hands on: 《…》 of 关于印发《…》的通知, else the letter's own title.
fn plan_title(title: &str) -> String {
    let inner = title.split_once('《').and_then(|(before, rest)| {
        let handed_on = before.ends_with("印发") || before.ends_with("印發") || before.ends_with("转发");
        (handed_on && !rest.contains("》《"))
            .then(|| rest.rsplit_once('》').map(|(inner, _)| inner.to_owned()))?
    });
    inner.unwrap_or_else(|| title.to_owned())
}

/// A line of its own that names a plan, with the first number of an outline close behind it.
fn is_part_title(body: &[Paragraph], at: usize) -> bool {
    let folded = body[at].folded.as_str();
    let length = folded.chars().count();
    let named = head::ends_as_title(folded);
    let plain = (6..=60).contains(&length) && !folded.contains(['。', '；', '，']) && !folded.ends_with('：');
    let letter = folded.ends_with("的通知") || folded.starts_with("附件：") || folded.starts_with('《');
    if !named || !plain || letter || marker_at(folded).is_some() || lists::starts_with_label(folded) {
        return false;
    }
    body[at + 1..]
        .iter()
        .take(8)
        .any(|next| marker_at(&next.folded).is_some_and(|marker| marker.ordinal == 1))
}

fn board(part: &Part<'_>, head: &Head, year: Option<i32>) -> DraftBoard {
    let body: Vec<Paragraph> = part.body.iter().filter(|p| !head::is_closing(&p.folded)).cloned().collect();
    let (before, roots) = tree(&body);
    let mut reader = Reader { context: context(&body, head, year), doubts: Vec::new() };
    let mut reads: Vec<Read<'_>> = roots.iter().map(|node| reader.read(node)).collect();
    reads.iter_mut().for_each(settle);
    let mut board = DraftBoard {
        title: part.title.clone(),
        template: template(&format!("{}{}", head.folded_title, part.folded_title)).to_owned(),
        period: period(part, &roots).or_else(|| years(&head.folded_title)),
        ..DraftBoard::default()
    };
    let named = reads.iter().any(Read::names_units);
    sections(&reads, named, &mut board.sections);
    goals(&reads, year, &mut board);
    for read in &reads {
        measures(read, year, &mut board.indicators);
    }
    for paragraph in before.iter().filter(|paragraph| PREAMBLE.is_match(&paragraph.folded)) {
        let range = (0, paragraph.folded.len());
        board.indicators.extend(indicator::read(paragraph, range, Place::Goal, None, year));
    }
    if roots.len() < 3 || !named && reads.iter().all(|read| read.node.children.is_empty()) {
        for paragraph in before.iter().filter(|paragraph| !PREAMBLE.is_match(&paragraph.folded)) {
            board.indicators.extend(indicator::read(
                paragraph,
                (0, paragraph.folded.len()),
                Place::Report,
                None,
                year,
            ));
        }
    }
    if board.period.is_none() {
        default_year(&mut board.indicators, &format!("{}{}", part.folded_title, head.folded_title));
    }
    reader.doubts.extend(numbering_doubts(&reads));
    reader.doubts.extend(part.body.iter().flat_map(mistaken_places));
    board.doubts = reader.doubts;
    board.doubts.sort_by_key(|doubt| (doubt.kind, doubt.span.from));
    // A name is doubtful once, not at each of its thirty places.
    let mut seen = std::collections::HashSet::new();
    board.doubts.retain(|doubt| seen.insert((doubt.kind, doubt.words.clone())));
    board
}

static CITY: LazyLock<Pattern> =
    LazyLock::new(|| pattern("^(?:中共)?([一-龥]{2,6}?)(市|盟|自治州|州|区|县|旗)"));

/// The context that the head of a document gives to the names in its lists.
fn context(body: &[Paragraph], head: &Head, year: Option<i32>) -> units::Context {
    let issuer = head.issuer.as_deref().map(crate::text::folded_text).unwrap_or_default();
    let found = CITY.captures(&issuer).or_else(|| CITY.captures(&head.folded_title));
    let part = |index: usize| found.as_ref()?.get(index).map(|part| part.as_str().to_owned());
    let (place, kind) = (part(1), part(2));
    // Only a document that writes 市教育局 somewhere means 市农牧局 where it writes 农牧局.
    let written =
        |kind: &String| body.iter().any(|paragraph| names::names_own_bureau(&paragraph.folded, kind));
    units::Context { year, prefix: kind.filter(written), place }
}

/// Promises of a document of one year fall in that year.
fn default_year(indicators: &mut [DraftIndicator], title: &str) {
    let year = title
        .split('年')
        .next()
        .and_then(|before| before.get(before.len().checked_sub(4)?..)?.parse::<i32>().ok());
    for indicator in indicators.iter_mut().filter(|one| one.year.is_none() && one.cadence.is_none()) {
        indicator.year = year.filter(|year| (2000..2100).contains(year));
        indicator.cadence = indicator.year.map(|_| super::draft::Cadence::In);
    }
}

fn template(title: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| title.contains(word));
    if has(&["全生命周期", "全周期服务"]) {
        "project_lifecycle"
    } else if has(&["零跑腿", "帮办代办", "服务事项", "联审联批", "一网通办"]) {
        "service_matrix"
    } else if has(&["考核", "评价办法", "评价细则", "评分"]) {
        "assessment"
    } else if has(&["专场", "春风行动", "活动方案", "宣传周", "活动的通知"]) {
        "campaign"
    } else if has(&["清理", "起底"]) {
        "clearance"
    } else {
        "measure_plan"
    }
}

fn years(text: &str) -> Option<Period> {
    let found = PERIOD.captures(text)?;
    let year = |index: usize| found.get(index).and_then(|year| year.as_str().parse().ok());
    Some(Period { from: year(1)?, to: year(2)? }).filter(|period| period.from <= period.to)
}

/// First and last year: of the chapter on the period, else of the title.
fn period(part: &Part<'_>, roots: &[Node<'_>]) -> Option<Period> {
    let chapter = roots
        .iter()
        .find(|node| node.first.folded.contains("期限") && node.first.folded.chars().count() < 60);
    let said = chapter.and_then(|node| {
        years(&node.first.folded).or_else(|| node.more.iter().find_map(|paragraph| years(&paragraph.folded)))
    });
    said.or_else(|| years(&part.folded_title))
}

/// A node with what its own paragraphs say of units.
struct Read<'a> {
    node: &'a Node<'a>,
    assignments: Vec<DraftAssignment>,
    deadline: Option<String>,
    /// Bytes of the paragraphs (first, then more) that are lists and no text.
    cut: Vec<Vec<(usize, usize)>>,
    /// The list stands on a line of its own at the very end.
    list_apart: bool,
    children: Vec<Read<'a>>,
}

impl Read<'_> {
    fn names_units(&self) -> bool {
        !self.assignments.is_empty() || self.children.iter().any(Read::names_units)
    }

    fn title_bytes(&self) -> (usize, usize) {
        let folded = &self.node.first.folded;
        let start = self.node.marker.bytes;
        let first_list = self.cut[0].iter().map(|cut| cut.0).filter(|from| *from > start).min();
        let stop = folded[start..].find('。').map(|at| start + at);
        let end = [stop, first_list].into_iter().flatten().min().unwrap_or(folded.len());
        let colon = if folded[..end].ends_with('：') { '：'.len_utf8() } else { 0 };
        (start, end - colon)
    }

    fn folded_title(&self) -> &str {
        let (from, to) = self.title_bytes();
        &self.node.first.folded[from..to]
    }
}

struct Reader {
    context: units::Context,
    doubts: Vec<Doubt>,
}

impl Reader {
    fn read<'a>(&mut self, node: &'a Node<'a>) -> Read<'a> {
        let mut read = Read {
            node,
            assignments: Vec::new(),
            deadline: None,
            cut: Vec::new(),
            list_apart: false,
            children: node.children.iter().map(|child| self.read(child)).collect(),
        };
        self.paragraph(node.first, node.marker.bytes, &mut read);
        for paragraph in &node.more {
            self.paragraph(paragraph, 0, &mut read);
            read.list_apart = read.cut.last().is_some_and(|cut| cut.first().is_some_and(|cut| cut.0 == 0));
        }
        if read.assignments.is_empty() {
            self.running_text(&mut read);
        }
        if read.assignments.is_empty() {
            self.heading(&mut read);
        }
        if read.deadline.is_none() {
            let all = std::iter::once(node.first).chain(node.more.iter().copied());
            read.deadline =
                all.into_iter().find_map(|p| date::deadline_in_text(&p.folded, self.context.year));
        }
        read
    }

    fn paragraph(&mut self, paragraph: &Paragraph, from: usize, read: &mut Read<'_>) {
        let folded = &paragraph.folded[from..];
        let mut found = lists::in_brackets(folded);
        if let Some(list) = lists::after_label(folded) {
            // A bracket inside the list is a part of it.
            found.retain(|bracket| bracket.whole.0 < list.whole.0 || bracket.whole.1 > list.whole.1);
            found.push(list);
        }
        if found.is_empty() && !lists::starts_with_label(folded) {
            found.extend(lists::before_colon(folded));
            self.take(paragraph, from, &found, read);
            // The units stay in the text: they are its subject.
            read.cut.push(Vec::new());
            return;
        }
        self.take(paragraph, from, &found, read);
        read.cut.push(found.iter().map(|list| (list.whole.0 + from, list.whole.1 + from)).collect());
    }

    fn take(&mut self, paragraph: &Paragraph, from: usize, found: &[Found], read: &mut Read<'_>) {
        for list in found {
            let content = (list.content.0 + from, list.content.1 + from);
            let said = units::read(paragraph, Found { whole: content, content }, &self.context);
            read.assignments.extend(said.assignments);
            read.deadline = said.deadline.or(read.deadline.take());
            self.doubts.extend(said.doubts);
        }
    }

    /// A heading that is a unit says who does what stands below it.
    fn heading(&mut self, read: &mut Read<'_>) {
        let (from, to) = read.title_bytes();
        let first = read.node.first;
        let title = &first.folded[from..to];
        let told = first.folded.len() > to + '。'.len_utf8()
            || !read.node.more.is_empty()
            || !read.children.is_empty();
        if told && lists::is_list_of_units(title) {
            let found = Found { whole: (from, to), content: (from, to) };
            self.take(first, 0, &[found], read);
        }
    }

    fn running_text(&mut self, read: &mut Read<'_>) {
        let node = read.node;
        for (index, paragraph) in std::iter::once(node.first).chain(node.more.iter().copied()).enumerate() {
            let from = if index == 0 { node.marker.bytes } else { 0 };
            let mut found = lists::in_running_text(&paragraph.folded[from..]);
            if found.is_empty() {
                found.extend(lists::as_last_sentence(&paragraph.folded[from..]));
            }
            self.take(paragraph, from, &found, read);
        }
    }
}

/// One list behind several numbered points speaks of all of them.
fn settle(read: &mut Read<'_>) {
    read.children.iter_mut().for_each(settle);
    let below =
        read.node.marker.level >= Level::Two && read.assignments.is_empty() && read.children.len() >= 2;
    let Some((last, others)) = read.children.split_last_mut().filter(|_| below) else { return };
    if !last.assignments.is_empty() && !others.iter().any(Read::names_units) && last.list_apart {
        read.assignments = std::mem::take(&mut last.assignments);
        read.deadline = read.deadline.take().or(last.deadline.take());
        read.list_apart = true;
    }
}

/// Places by names that the dictionary has otherwise.
fn mistaken_places(paragraph: &Paragraph) -> Vec<Doubt> {
    let doubt = |(at, name): (usize, &str)| Doubt {
        kind: DoubtKind::MistakenPlace,
        span: paragraph.span(at, at + name.len()),
        words: name.to_owned(),
    };
    let places = |name: &'static String| paragraph.folded.match_indices(name.as_str()).map(doubt);
    dictionary::mistaken_places().into_iter().flat_map(places).collect()
}

/// Numbers that jump or repeat among siblings.
fn numbering_doubts(reads: &[Read<'_>]) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut last: Option<(Level, u32, usize)> = None;
    for read in reads {
        let marker = &read.node.marker;
        if marker.label.is_empty() {
            doubts.extend(numbering_doubts(&read.children));
            continue;
        }
        let span = read.node.first.span(0, marker.bytes);
        // Rows under a cell that was merged down have their number from one place.
        if let Some((level, ordinal, place)) = last
            && level == marker.level
            && place != span.from
            && marker.ordinal != ordinal + 1
            && marker.ordinal != 1
        {
            doubts.push(Doubt { kind: DoubtKind::NumberingJump, span, words: marker.label.clone() });
        }
        last = Some((marker.level, marker.ordinal, span.from));
        doubts.extend(numbering_doubts(&read.children));
    }
    doubts
}
