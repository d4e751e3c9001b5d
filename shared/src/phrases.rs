//! Texts phrase by phrase: how two differ, and what becomes of one that was changed at two places.
//!
//! A phrase ends with its punctuation. Letters alone would be too fine: two changes of one phrase,
//! put together letter by letter, are words that nobody wrote.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;

/// A piece of a text beside another one, as it is to be marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub words: String,
    /// The other text does not have it.
    pub differs: bool,
}

/// Two changes of one text put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    pub words: String,
    /// No phrase was changed by both. Otherwise both their phrases stand, one behind the other.
    pub apart: bool,
}

/// Characters that end a phrase; a line break does as well.
const ENDS: &str = "，。；：、！？,;:!?\n";

fn phrases(text: &str) -> Vec<&str> {
    text.split_inclusive(|character| ENDS.contains(character)).collect()
}

/// An old and a new text, each with its differing words marked.
#[must_use]
pub fn marked(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (before, after) = (phrases(old), phrases(new));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for step in capture_diff_slices(Algorithm::Myers, &before, &after) {
        let (one, other) = (before[step.old_range()].concat(), after[step.new_range()].concat());
        if matches!(step, DiffOp::Equal { .. }) {
            push(&mut left, &one, false);
            push(&mut right, &other, false);
            continue;
        }
        let (start, end) = shared_ends(&one, &other);
        for (pieces, words) in [(&mut left, &one), (&mut right, &other)] {
            push(pieces, &words[..start], false);
            push(pieces, &words[start..words.len() - end], true);
            push(pieces, &words[words.len() - end..], false);
        }
    }
    (left, right)
}

fn push(pieces: &mut Vec<Piece>, words: &str, differs: bool) {
    match pieces.last_mut() {
        _ if words.is_empty() => {}
        Some(last) if last.differs == differs => last.words.push_str(words),
        _ => pieces.push(Piece { words: words.to_owned(), differs }),
    }
}

/// Bytes that two texts have in common at their beginnings and ends, whole characters.
fn shared_ends(one: &str, other: &str) -> (usize, usize) {
    let alike = |(left, right): &(char, char)| left == right;
    let bytes = |pairs: (char, char)| pairs.0.len_utf8();
    let start: usize = one.chars().zip(other.chars()).take_while(alike).map(bytes).sum();
    let (one, other) = (&one[start..], &other[start..]);
    let end = one.chars().rev().zip(other.chars().rev()).take_while(alike).map(bytes).sum();
    (start, end)
}

/// Puts two changes of one text together.
#[must_use]
pub fn together(was: &str, here: &str, there: &str) -> Together {
    let was = phrases(was);
    let changes = [changes(&was, &phrases(here)), changes(&was, &phrases(there))];
    let mut made = Together { words: String::new(), apart: true };
    let mut next = [0, 0];
    let mut done = 0;
    while let Some((from, mut to)) = soonest(&changes, next).map(|change| (change.0.start, change.0.end)) {
        let begin = next;
        // Changes that touch the same phrases belong together.
        while let Some((side, range)) = touching(&changes, next, (from, to)) {
            (to, next[side]) = (to.max(range.end), next[side] + 1);
        }
        made.words.push_str(&was[done..from].concat());
        let [first, second] =
            [0, 1].map(|side| changed(&was, &changes[side][begin[side]..next[side]], (from, to)));
        match (first, second) {
            (Some(first), Some(second)) if first != second => {
                made.apart = false;
                made.words.push_str(&first);
                made.words.push_str(&second);
            }
            (first, second) => made.words.extend(first.or(second)),
        }
        done = to;
    }
    made.words.push_str(&was[done..].concat());
    made
}

/// Phrases of the text before, and those that stand in their place.
type Change<'a> = (Range<usize>, Vec<&'a str>);

fn changes<'a>(was: &[&str], now: &[&'a str]) -> Vec<Change<'a>> {
    let steps = capture_diff_slices(Algorithm::Myers, was, now).into_iter();
    let changed = steps.filter(|step| !matches!(step, DiffOp::Equal { .. }));
    changed.map(|step| (step.old_range(), now[step.new_range()].to_vec())).collect()
}

/// The next change of either side.
fn soonest<'c, 'a>(changes: &'c [Vec<Change<'a>>; 2], next: [usize; 2]) -> Option<&'c Change<'a>> {
    let waiting = [0, 1].into_iter().filter_map(|side| changes[side].get(next[side]));
    waiting.min_by_key(|(range, _)| (range.start, range.end))
}

/// The next change of either side that touches some phrases: it begins before they end, or puts
/// something where the other side does.
fn touching(
    changes: &[Vec<Change<'_>>; 2],
    next: [usize; 2],
    (from, to): (usize, usize),
) -> Option<(usize, Range<usize>)> {
    [0, 1].into_iter().find_map(|side| {
        let range = changes[side].get(next[side])?.0.clone();
        let touches = range.start < to || (range.start == from && range.end == to);
        touches.then_some((side, range))
    })
}

/// Phrases of the text before as one side changed them; none where it did not.
fn changed(was: &[&str], changes: &[Change<'_>], (from, to): (usize, usize)) -> Option<String> {
    if changes.is_empty() {
        return None;
    }
    let mut words = String::new();
    let mut done = from;
    for (range, new) in changes {
        words.push_str(&was[done..range.start].concat());
        words.push_str(&new.concat());
        done = range.end;
    }
    Some(words + &was[done..to].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        let bracket = |piece: &Piece| {
            if piece.differs { format!("[{}]", piece.words) } else { piece.words.clone() }
        };
        pieces.iter().map(bracket).collect()
    }

    #[test]
    fn the_differing_words_of_a_phrase_are_marked() {
        let (old, new) = marked("新建机构，盘活闲置房屋。", "新建机构，盘活闲置厂房和房屋。");
        assert_eq!(shown(&old), "新建机构，盘活闲置房屋。");
        assert_eq!(shown(&new), "新建机构，盘活闲置[厂房和]房屋。");
        let (old, new) = marked("甲局负责，按月通报。", "甲局负责，按季通报，年底总结。");
        assert_eq!(shown(&old), "甲局负责，按[月通报]。");
        assert_eq!(shown(&new), "甲局负责，按[季通报，年底总结]。");
    }

    #[test]
    fn equal_and_empty_texts_have_no_marks() {
        assert_eq!(shown(&marked("甲，乙。", "甲，乙。").0), "甲，乙。");
        assert_eq!(shown(&marked("", "甲。").1), "[甲。]");
        assert_eq!(shown(&marked("甲。", "").0), "[甲。]");
    }

    #[test]
    fn changes_of_two_phrases_stand_together() {
        let made = together("甲一，乙一，丙一。", "甲二，乙一，丙一。", "甲一，乙一，丙二，丁。");
        assert_eq!((made.words.as_str(), made.apart), ("甲二，乙一，丙二，丁。", true));
        // Next to each other, but not the same phrase.
        let made = together("甲一，乙一。", "甲二，乙一。", "甲一，乙二，丙。");
        assert_eq!((made.words.as_str(), made.apart), ("甲二，乙二，丙。", true));
        let same = together("甲一。", "甲二。", "甲二。");
        assert_eq!((same.words.as_str(), same.apart), ("甲二。", true));
    }

    #[test]
    fn one_phrase_changed_twice_keeps_both_and_never_mixes_letters() {
        let made = together("建立远程医疗协作网。", "建立互联网诊疗协作网。", "建立远程会诊协作网。");
        assert!(!made.apart);
        assert_eq!(made.words, "建立互联网诊疗协作网。建立远程会诊协作网。");
        // Both put something behind the same phrase.
        let made = together("甲，丁。", "甲，乙，丁。", "甲，丙，丁。");
        assert_eq!((made.words.as_str(), made.apart), ("甲，乙，丙，丁。", false));
    }
}
