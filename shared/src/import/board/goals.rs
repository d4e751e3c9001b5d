//! Numbers of a plan: in its chapters of goals, and in its measures.

use super::Read;
use crate::import::draft::DraftBoard;
use crate::import::indicator::{self, GoalTime, Place};
use crate::import::pattern::{Pattern, pattern};
use crate::import::source::Paragraph;
use std::sync::LazyLock;

/// Goals that stand before the first number: `主要预期目标是：…`.
pub(super) static PREAMBLE: LazyLock<Pattern> =
    LazyLock::new(|| pattern("(?:预期|主要|工作|发展|总体|具体|任务)(?:目标|指标)(?:任务)?(?:是|为)?："));

static GOAL: LazyLock<Pattern> = LazyLock::new(|| pattern("目标"));

/// The numbers of all chapters of goals.
pub(super) fn goals(reads: &[Read<'_>], year: Option<i32>, board: &mut DraftBoard) {
    for read in reads {
        if is_goal(read) {
            goal(read, year, GoalTime::default(), board);
        } else {
            goals(&read.children, year, board);
        }
    }
}

fn is_goal(read: &Read<'_>) -> bool {
    let title = read.folded_title();
    GOAL.is_match(title) && title.chars().count() <= 24 && read.assignments.is_empty()
}

/// Titles of what a chapter of goals tells of the years before.
static DONE: LazyLock<Pattern> = LazyLock::new(|| pattern("^[^，。]{0,6}(?:基础|现状|回顾|成效|成就)$"));

fn goal(read: &Read<'_>, year: Option<i32>, mut time: GoalTime, board: &mut DraftBoard) {
    let place = if DONE.is_match(read.folded_title()) { Place::Report } else { Place::Goal };
    let (start, end) = read.title_bytes();
    // A point that is one sentence says its numbers in what is also its title.
    let said = read.node.first.folded[start..end].contains(|c: char| c.is_ascii_digit());
    let title_end = if said { start } else { end };
    let own = std::iter::once((read.node.first, title_end)).chain(read.node.more.iter().map(|p| (*p, 0)));
    for (paragraph, from) in own {
        let range = (from, paragraph.folded.len());
        board.take(indicator::read_with(paragraph, range, place, None, year, &mut time));
        let text = paragraph.shown(from, paragraph.folded.len());
        let text = text.trim_start_matches(['。', '：']);
        if !text.is_empty() {
            board.goal.push_str(text);
            board.goal.push('\n');
        }
    }
    for child in &read.children {
        goal(child, year, time, board);
    }
}

/// The numbers that measures promise.
pub(super) fn measures(read: &Read<'_>, year: Option<i32>, board: &mut DraftBoard) {
    if is_goal(read) {
        return;
    }
    let number = read.node.marker.label.as_str();
    let first = text_end(read.node.first, read.cut.first());
    board.take(indicator::read(
        read.node.first,
        (read.node.marker.bytes, first),
        Place::Measure,
        Some(number),
        year,
    ));
    for (paragraph, cut) in read.node.more.iter().zip(read.cut.iter().skip(1)) {
        board.take(indicator::read(
            paragraph,
            (0, text_end(paragraph, Some(cut))),
            Place::Measure,
            Some(number),
            year,
        ));
    }
    for child in &read.children {
        measures(child, year, board);
    }
}

fn text_end(paragraph: &Paragraph, cut: Option<&Vec<(usize, usize)>>) -> usize {
    cut.and_then(|cut| cut.iter().find(|cut| cut.1 == paragraph.folded.len()).map(|cut| cut.0))
        .unwrap_or(paragraph.folded.len())
}
