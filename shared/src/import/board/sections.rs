//! Sections and items of what was read.

use super::frames::{AIM, FRAME};
use super::{DraftHeading, DraftItem, DraftSection, Read};
use crate::import::draft::Span;
use crate::import::outline::Level;
use crate::import::source::Paragraph;
use crate::limits::TITLE_CHARS;
use crate::text::{beginning, is_short};

/// Sections with their items, in the order of the text.
pub(super) fn sections(roots: &[Read<'_>], named: bool, out: &mut Vec<DraftSection>) {
    let grouped = roots.iter().any(|root| !root.children.is_empty() && !is_frame(root));
    let mut loose: Vec<DraftItem> = Vec::new();
    for root in roots {
        if is_frame(root) || named && is_rule(root) {
            continue;
        }
        let leaf = root.children.is_empty();
        if !root.assignments.is_empty() || (leaf && !grouped) {
            loose.push(item(root));
        } else if !leaf {
            flush(&mut loose, out);
            chapter(root, &[], named, out);
        }
    }
    flush(&mut loose, out);
}

fn flush(loose: &mut Vec<DraftItem>, out: &mut Vec<DraftSection>) {
    if !loose.is_empty() {
        out.push(DraftSection { items: std::mem::take(loose), ..DraftSection::default() });
    }
}

/// A chapter is a section; its headings are sections of their own when units are named below them.
fn chapter(root: &Read<'_>, above: &[DraftHeading], named: bool, out: &mut Vec<DraftSection>) {
    let mut own = DraftSection {
        number: number(root),
        title: Some(shown_title(root)),
        above: above.to_vec(),
        items: Vec::new(),
    };
    let own_heading = DraftHeading { number: own.number.clone(), title: own.title.clone() };
    let below: Vec<DraftHeading> = above.iter().cloned().chain([own_heading]).collect();
    let heading = |child: &Read<'_>| {
        let deeper =
            child.children.iter().any(Read::names_units) || (!named && child.node.marker.level <= Level::One);
        child.assignments.is_empty() && !child.children.is_empty() && deeper
    };
    let (mut headings, mut plain, mut parts) = (0, 0, 0);
    let is_aim = |child: &Read<'_>| is_aim(child) || named && is_rule(child);
    for child in root.children.iter().filter(|child| !is_aim(child)) {
        if heading(child) { headings += 1 } else { plain += 1 }
    }
    for child in &root.children {
        if heading(child) && headings >= plain {
            if !own.items.is_empty() {
                out.push(DraftSection { items: std::mem::take(&mut own.items), ..own.clone() });
                parts += 1;
                shorten(&mut own, parts);
            }
            chapter(child, &below, named, out);
        } else if !is_aim(child) {
            own.items.push(item(child));
        }
    }
    if !own.items.is_empty() {
        out.push(own);
    }
}

/// A chapter of very many parts bears a long title in its first parts only, so that it is not written
/// as often as it is long.
fn shorten(chapter: &mut DraftSection, parts: usize) {
    if let Some(title) = chapter.title.as_mut().filter(|_| parts == WHOLE_TITLES) {
        *title = beginning(title, 60).to_owned();
    }
}

/// How many parts of a chapter bear its title whole.
const WHOLE_TITLES: usize = 64;

/// Goals, principles, safeguards: chapters that hold no measures, unless units are named in them.
fn is_frame(read: &Read<'_>) -> bool {
    read.node.marker.level <= Level::Two && !read.is_given_out() && FRAME.is_match(read.folded_title())
}

/// An article that gives nobody a part and names no day: it says how something is reckoned or what holds.
fn is_rule(read: &Read<'_>) -> bool {
    read.node.marker.level == Level::Article
        && read.children.is_empty()
        && read.assignments.is_empty()
        && read.deadline.is_none()
}

/// Goals and principles among the measures of a chapter. Safeguards that stand there are measures: the text makes
/// them ones.
fn is_aim(read: &Read<'_>) -> bool {
    is_frame(read) && AIM.is_match(read.folded_title())
}

/// The number as printed; a row under a merged cell has none.
fn number(read: &Read<'_>) -> Option<String> {
    let label = &read.node.marker.label;
    (!label.is_empty()).then(|| label.clone())
}

fn shown_title(read: &Read<'_>) -> String {
    let (from, to) = read.title_bytes();
    read.node.first.shown(from, to)
}

fn item(read: &Read<'_>) -> DraftItem {
    let node = read.node;
    let (_, title_end) = read.title_bytes();
    let mut text = vec![text_without(node.first, title_end, &read.cut[0])];
    for (paragraph, cut) in node.more.iter().zip(&read.cut[1..]) {
        text.push(text_without(paragraph, 0, cut));
    }
    text.retain(|paragraph| !paragraph.is_empty());
    let last = node.more.last().copied().unwrap_or(node.first);
    let mut title = shown_title(read);
    if !is_short(&title, TITLE_CHARS) {
        // A title is no place for so many words: all of them stand in the text.
        let short = beginning(&title, TITLE_CHARS).to_owned();
        text.insert(0, std::mem::replace(&mut title, short));
    }
    let children: Vec<DraftItem> = read.children.iter().map(item).collect();
    let end = children.last().map_or_else(|| last.span(0, last.folded.len()).to, |child| child.span.to);
    let start = node.first.span(0, node.first.folded.len()).from;
    DraftItem {
        number: number(read),
        title,
        text: text.join("\n"),
        assignments: read.assignments.clone(),
        deadline: read.deadline.clone(),
        children,
        span: Span { from: start, to: end.max(start) },
    }
}

/// The text of a paragraph from byte `from` without its lists.
fn text_without(paragraph: &Paragraph, from: usize, cut: &[(usize, usize)]) -> String {
    let mut text = String::new();
    let mut at = from;
    let mut cuts: Vec<(usize, usize)> = cut.iter().copied().filter(|cut| cut.1 > from).collect();
    cuts.sort_unstable();
    for (start, end) in cuts {
        if start > at {
            text.push_str(&paragraph.shown(at, start));
        }
        at = at.max(end);
    }
    text.push_str(&paragraph.shown(at, paragraph.folded.len()));
    text.trim_start_matches(['。', '：', ':']).trim().to_owned()
}
