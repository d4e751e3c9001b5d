//! A document's paragraphs to draft boards: parts, sections, items, goals, period, template.

mod frames;
mod goals;
mod sections;
mod years;

use super::draft::{
    Doubt, DoubtKind, DraftAssignment, DraftBoard, DraftDocument, DraftHeading, DraftIndicator, DraftItem,
    DraftSection, IndicatorKind, Period,
};
use super::head::{self, Head};
use super::indicator::{self, Numbers, Place};
use super::lists::{self, Duty, Found};
use super::outline::{Level, Node, marker_at, tree};
use super::pattern::{Pattern, pattern};
use super::source::Paragraph;
use super::{date, names, units};
use crate::dictionary;
use crate::text::beginning;
use frames::UNSAID;
use goals::{PREAMBLE, goals, measures};
use sections::sections;
use std::sync::LazyLock;
use years::{default_year, five_years, last_of, lone_year, told_years, year_of, years};

/// Reads one document.
pub fn document(paragraphs: &[Paragraph], posted: Option<i32>) -> DraftDocument {
    let head = head::read(paragraphs);
    let body = &paragraphs[head.body..];
    let year_in = |text: Option<&str>| {
        let digits = text?.find("20").and_then(|at| text?.get(at..at + 4))?;
        digits.parse::<i32>().ok()
    };
    let year = head.date.as_deref().and_then(|date| date[..4].parse().ok());
    let year =
        year.or_else(|| year_in(head.doc_number.as_deref())).or_else(|| year_in(Some(&head.folded_title)));
    let year = year.or(posted).or_else(|| year_of(paragraphs));
    let boards = parts(body, &head).into_iter().filter_map(|part| {
        let board = board(&part, &head, year);
        // Points of a letter in which nobody has a part are no plan beside the one that it hands on.
        let holds = board.items().any(|item| !item.assignments.is_empty()) || !part.is_of_letter;
        (holds && (!board.sections.is_empty() || !board.indicators.is_empty())).then_some(board)
    });
    let boards = boards.collect();
    DraftDocument {
        title: head.title,
        doc_number: head.doc_number,
        issuer: head.issuer,
        date: head.date,
        boards,
    }
}

/// Words of an aim in a text before an outline.
static AIMED: LazyLock<Pattern> = LazyLock::new(|| pattern("力争|争取|确保|到20\\d{2}年|目标"));

/// A plan within a document.
struct Part<'a> {
    title: Option<String>,
    folded_title: String,
    body: &'a [Paragraph],
    /// It stands before the first title of a plan, behind a letter.
    is_of_letter: bool,
}

fn parts<'a>(body: &'a [Paragraph], head: &Head) -> Vec<Part<'a>> {
    let starts: Vec<usize> = (0..body.len()).filter(|at| is_part_title(body, *at)).collect();
    if starts.is_empty() {
        return vec![Part {
            title: head.title.as_deref().map(plan_title),
            folded_title: head.folded_title.clone(),
            body,
            is_of_letter: false,
        }];
    }
    // The first of several plans has the title of the head. Points of a letter are none, its first attachment is.
    let is_of_letter = ["通知", "函", "批复", "通报"].iter().any(|word| head.folded_title.ends_with(word));
    let attached = |one: &Paragraph| ["附件1", "附件一"].iter().any(|word| one.folded.starts_with(word));
    let begins = if is_of_letter { body[..starts[0]].iter().position(attached) } else { Some(0) };
    let before = &body[begins.unwrap_or(starts[0])..starts[0]];
    let is_outlined =
        before.iter().any(|one| marker_at(&one.folded).is_some_and(|marker| marker.level <= Level::Two));
    let first = is_outlined.then(|| Part {
        title: head.title.as_deref().map(plan_title),
        folded_title: head.folded_title.clone(),
        body: before,
        is_of_letter,
    });
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    let titled = starts.iter().copied().zip(ends).map(|(from, to)| Part {
        title: Some(without_attachment(&body[from].shown_all())),
        folded_title: body[from].folded.clone(),
        body: &body[from + 1..to],
        is_of_letter: false,
    });
    first.into_iter().chain(titled).collect()
}

/// `附件1某市工作方案`, as a page in one line has it, without the number of the attachment.
fn without_attachment(title: &str) -> String {
    let rest = title.strip_prefix("附件").map(str::trim_start);
    let bare =
        rest.and_then(|rest| rest.strip_prefix(|c: char| c.is_ascii_digit() || "一二三四五六".contains(c)));
    bare.map_or(title, |bare| bare.trim_start_matches(['：', ':', ' ', '\u{3000}'])).to_owned()
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
    let mut reads: Vec<Read<'_>> = roots.iter().map(|node| reader.read(node, false)).collect();
    reads.iter_mut().for_each(settle);
    let mut board = DraftBoard {
        title: part.title.clone(),
        template: template(&format!("{}{}", head.folded_title, part.folded_title)).to_owned(),
        period: period(part, &roots)
            .or_else(|| years(&head.folded_title))
            .or_else(|| five_years(&part.folded_title).or_else(|| five_years(&head.folded_title))),
        ..DraftBoard::default()
    };
    let named = reads.iter().any(Read::names_units);
    sections(&reads, named, &mut board.sections);
    goals(&reads, year, &mut board);
    for read in &reads {
        measures(read, year, &mut board);
    }
    for paragraph in before.iter().filter(|paragraph| PREAMBLE.is_match(&paragraph.folded)) {
        let range = (0, paragraph.folded.len());
        board.take(indicator::read(paragraph, range, Place::Goal, None, year));
    }
    // A text without an outline is a report; before an outline only what is aimed at counts.
    let told = roots.first().is_some_and(Node::is_point);
    let outlined =
        roots.len() >= 3 && (named || reads.iter().any(|read| !read.node.children.is_empty())) && !told;
    for paragraph in before.iter().filter(|paragraph| !PREAMBLE.is_match(&paragraph.folded)) {
        let range = (0, paragraph.folded.len());
        let mut found = indicator::read(paragraph, range, Place::Report, None, year);
        let aimed = |one: &DraftIndicator| {
            one.kind == IndicatorKind::Target && AIMED.is_match(&crate::text::folded_text(&one.quote))
        };
        found.indicators.retain(|one| !outlined || aimed(one));
        board.take(found);
    }
    match board.period.or_else(|| told_years(&before)) {
        Some(period) => last_of(&mut board.indicators, period),
        None => {
            let title = format!("{}{}", part.folded_title, head.folded_title);
            default_year(&mut board.indicators, &title, part.body);
            let days: Vec<String> = board.items().filter_map(|item| item.deadline.clone()).collect();
            lone_year(&mut board.indicators, &days, year);
        }
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

impl DraftBoard {
    fn take(&mut self, numbers: Numbers) {
        self.indicators.extend(numbers.indicators);
        self.numbers.extend(numbers.others);
    }
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
    /// Nothing but the subject of a sentence names the units.
    is_told: bool,
    children: Vec<Read<'a>>,
}

impl Read<'_> {
    fn names_units(&self) -> bool {
        !self.assignments.is_empty() || self.children.iter().any(Read::names_units)
    }

    /// Whether units are named, others than groups that a sentence has for its subject: those are everybody.
    fn is_given_out(&self) -> bool {
        let all = self.is_told
            && self.assignments.iter().flat_map(|one| &one.units).all(|name| names::is_group(name));
        !self.assignments.is_empty() && !all || self.children.iter().any(Read::is_given_out)
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

/// The most characters of a title that is looked at before its lists are known.
const TITLE: usize = 60;

struct Reader {
    context: units::Context,
    doubts: Vec<Doubt>,
}

impl Reader {
    /// Reads a node. `unsaid` says that it stands in a chapter of goals or principles.
    fn read<'a>(&mut self, node: &'a Node<'a>, unsaid: bool) -> Read<'a> {
        let unsaid = unsaid || UNSAID.is_match(beginning(&node.first.folded[node.marker.bytes..], TITLE));
        let mut read = Read {
            node,
            assignments: Vec::new(),
            deadline: None,
            cut: Vec::new(),
            list_apart: false,
            is_told: false,
            children: node.children.iter().map(|child| self.read(child, unsaid)).collect(),
        };
        // 县教体局：负责…: the units stand where others have a number.
        let end = node.first.folded[..node.marker.bytes].strip_suffix('：').map_or(0, str::len);
        if end > 0 && node.marker.label.is_empty() {
            self.take(node.first, 0, &[Found { whole: (0, end), content: (0, end) }], &mut read);
        }
        self.paragraph(node.first, node.marker.bytes, &mut read);
        for paragraph in &node.more {
            self.paragraph(paragraph, 0, &mut read);
            read.list_apart = read.cut.last().is_some_and(|cut| cut.first().is_some_and(|cut| cut.0 == 0));
        }
        if read.assignments.is_empty() {
            self.running_text(&mut read, unsaid);
        }
        if read.assignments.is_empty() {
            self.heading(&mut read);
        }
        if read.deadline.is_none() {
            let all = std::iter::once(node.first).chain(node.more.iter().copied());
            let year = self.context.year;
            read.deadline = all.clone().find_map(|p| date::deadline_in_text(&p.folded, year));
            let opening = || all.into_iter().find_map(|p| date::opening_day(&p.folded, year));
            let heading = || date::day_in_heading(&node.first.folded[node.marker.bytes..], year);
            read.deadline = read.deadline.take().or_else(opening).or_else(heading);
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
            found.extend(lists::before_colon(folded).map(|list| {
                // On a page in one line a heading stands before the units, a blank between them.
                let (start, end) = list.whole;
                let blank = (start..end)
                    .rev()
                    .find(|at| folded.is_char_boundary(*at) && paragraph.blank_before(from + at));
                let start = blank.unwrap_or(start);
                Found { whole: (start, end), content: (start, end) }
            }));
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

    fn take_duty(&mut self, paragraph: &Paragraph, from: usize, duty: Duty, read: &mut Read<'_>) {
        let names = (duty.names.0 + from, duty.names.1 + from);
        let said = units::read_as(paragraph, names, duty.role, &self.context);
        if duty.told {
            read.is_told |= !said.assignments.is_empty();
            let doubt = |words: &String| Doubt {
                kind: DoubtKind::ToldUnit,
                span: paragraph.span(names.0, names.1),
                words: words.clone(),
            };
            self.doubts.extend(said.assignments.iter().flat_map(|one| &one.units).map(doubt));
        }
        for one in said.assignments {
            // 甲方由A局负责，乙方由B局负责: both have one part.
            match read.assignments.iter_mut().find(|other| other.role == one.role) {
                Some(other) => {
                    for unit in one.units {
                        if !other.units.contains(&unit) {
                            other.units.push(unit);
                        }
                    }
                    other.raw = format!("{}；{}", other.raw, one.raw);
                    other.span.to = other.span.to.max(one.span.to);
                }
                None => read.assignments.push(one),
            }
        }
        self.doubts.extend(said.doubts);
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

    fn running_text(&mut self, read: &mut Read<'_>, unsaid: bool) {
        let node = read.node;
        for (index, paragraph) in std::iter::once(node.first).chain(node.more.iter().copied()).enumerate() {
            let from = if index == 0 { node.marker.bytes } else { 0 };
            let found = lists::duties(&paragraph.folded[from..]);
            let said = found.iter().any(|duty| !duty.told);
            let last = lists::as_last_sentence(&paragraph.folded[from..]).filter(|_| !said);
            if last.is_some() {
                self.take(paragraph, from, last.as_slice(), read);
                continue;
            }
            let free = read.assignments.is_empty();
            for duty in found {
                if !duty.told || free && !unsaid {
                    self.take_duty(paragraph, from, duty, read);
                }
            }
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
