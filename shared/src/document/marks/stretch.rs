//! The stretches of a text that two sides changed, each without having seen the other. A text is a row of
//! characters with names that never change; so what a side took out and put in is known exactly.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;
use std::sync::Arc;

/// Characters that end a sentence.
const STOPS: [char; 5] = ['。', '！', '？', '；', '\n'];

/// A character with its name.
pub type Named<N> = (N, char);

/// The words a side put in the place of a range of the text before; the range is empty where it only wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    range: Range<usize>,
    insert: String,
}

/// The replaced range, as far as a word or a number reaches that was changed in part.
#[derive(Debug, Clone)]
struct Reach {
    range: Range<usize>,
    piece: Piece,
}

/// The text before, with the places of its characters and how far its words reach.
pub struct Before<N> {
    pub text: Arc<Vec<Named<N>>>,
    places: HashMap<N, usize>,
    /// For each place the first and the last one of the word or number around it.
    words: Vec<(usize, usize)>,
}

impl<N: Eq + Hash + Copy> Before<N> {
    pub fn of(text: Arc<Vec<Named<N>>>) -> Self {
        let places = text.iter().enumerate().map(|(place, (name, _))| (*name, place)).collect();
        let mut words: Vec<(usize, usize)> = (0..=text.len()).map(|place| (place, place)).collect();
        for place in 0..text.len() {
            if is_word(text[place].1) {
                words[place + 1].0 = words[place].0;
            }
        }
        for place in (0..text.len()).rev() {
            if is_word(text[place].1) {
                words[place].1 = words[place + 1].1;
            }
        }
        Self { text, places, words }
    }
}

/// A text that came of the one before, with what was made of that.
pub struct Side<N> {
    text: Arc<Vec<Named<N>>>,
    reaches: Vec<Reach>,
    kept: Kept,
}

impl<N: Eq + Hash + Copy> Side<N> {
    pub fn of(before: &Before<N>, text: Arc<Vec<Named<N>>>) -> Self {
        let kept = text.iter().enumerate();
        let kept = kept.filter_map(|(now, (name, _))| Some((*before.places.get(name)?, now)));
        let kept = Kept::of(before.text.len(), text.len(), kept);
        Self { reaches: reaches(before, pieces(before, &text)), text, kept }
    }

    /// The words of the side between the characters that stand before and behind a range.
    pub fn version(&self, range: &Range<usize>) -> String {
        self.text[self.kept.place_of(range)].iter().map(|(_, character)| *character).collect()
    }

    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.reaches.iter().map(|reach| &reach.piece)
    }
}

/// The places in a text of what is still there of the text before.
pub struct Kept {
    /// For each place of the text before, the one behind the last character that stood in front of it.
    front: Vec<usize>,
    /// The place of the first character that stood behind it.
    back: Vec<usize>,
}

impl Kept {
    /// Takes the places of each character before and now, and the lengths of both texts.
    pub fn of(before: usize, now: usize, kept: impl Iterator<Item = (usize, usize)>) -> Self {
        let (mut front, mut back) = (vec![0; before + 1], vec![now; before + 1]);
        for (place, now) in kept {
            front[place + 1] = front[place + 1].max(now + 1);
            back[place] = back[place].min(now);
        }
        (1..=before).for_each(|place| front[place] = front[place].max(front[place - 1]));
        (0..before).rev().for_each(|place| back[place] = back[place].min(back[place + 1]));
        Self { front, back }
    }

    /// The place of a range of the text before: between what is still there of the characters before and
    /// behind it.
    pub fn place_of(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.front[range.start];
        start..self.back[range.end].max(start)
    }
}

/// The stretches of the text before that clash, in order. Nothing does where both only took out, where two
/// replaced words stand side by side, or where each wrote whole sentences or paragraphs of its own. `look` is
/// asked before so many changes are compared; none when it forbids that.
pub fn clashing<N: Eq + Hash + Copy>(
    before: &Before<N>,
    sides: [&Side<N>; 2],
    mut look: impl FnMut(usize) -> bool,
) -> Option<Vec<Range<usize>>> {
    let [one, two] = sides.map(|side| &side.reaches);
    // A change is compared with those of the other side that touch it, which stand beside each other.
    let mut ends: Vec<usize> = two.iter().map(|b| b.range.end).collect();
    (1..ends.len()).for_each(|at| ends[at] = ends[at].max(ends[at - 1]));
    let mut starts: Vec<usize> = two.iter().map(|b| b.range.start).collect();
    (1..starts.len()).rev().for_each(|at| starts[at - 1] = starts[at - 1].min(starts[at]));
    let mut found: Vec<Range<usize>> = Vec::new();
    for a in one {
        let from = ends.partition_point(|end| *end < a.range.start);
        let to = starts.partition_point(|start| *start <= a.range.end).max(from);
        if !look(to - from) {
            return None;
        }
        let others = two[from..to].iter();
        let others = others
            .filter(|b| clash(a, b) || joins(&before.text, a, b) || joins(&before.text, b, a))
            .map(|b| joined(&a.range, &b.range));
        found.extend(others.reduce(|all, one| joined(&all, &one)));
    }
    let pieces = sides.into_iter().flat_map(Side::pieces).map(|piece| piece.range.clone());
    Some(grown(found, pieces))
}

fn joined(one: &Range<usize>, other: &Range<usize>) -> Range<usize> {
    one.start.min(other.start)..one.end.max(other.end)
}

/// Stretches with the changes that touch them, those that meet as one.
fn grown(found: Vec<Range<usize>>, pieces: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    if found.is_empty() {
        return found;
    }
    let found = found.into_iter().map(|range| (range, true));
    let mut all: Vec<_> = found.chain(pieces.map(|range| (range, false))).collect();
    all.sort_by_key(|(range, _)| (range.start, range.end));
    let mut apart: Vec<(Range<usize>, bool)> = Vec::new();
    for (range, clashes) in all {
        match apart.last_mut() {
            Some((last, any)) if range.start <= last.end => {
                *last = joined(last, &range);
                *any |= clashes;
            }
            _ => apart.push((range, clashes)),
        }
    }
    apart.into_iter().filter(|(_, clashes)| *clashes).map(|(range, _)| range).collect()
}

fn clash(a: &Reach, b: &Reach) -> bool {
    let writes = !a.piece.insert.is_empty() || !b.piece.insert.is_empty();
    let overlap = a.range.start.max(b.range.start) < a.range.end.min(b.range.end);
    let inside = |place: &Range<usize>, other: &Range<usize>| {
        place.is_empty() && other.start < place.start && place.start < other.end
    };
    // The same words twice in one place say what nobody wrote.
    let same = a.range == b.range && a.range.is_empty() && a.piece.insert == b.piece.insert;
    let doubled = same && !a.piece.insert.trim().is_empty();
    writes && (overlap || inside(&a.range, &b.range) || inside(&b.range, &a.range) || doubled)
}

/// Whether words that one side wrote stand right beside what the other wrote or replaced, so that they read
/// on as one sentence: 不 before 给予, which the other made 发放.
fn joins<N>(before: &[Named<N>], a: &Reach, b: &Reach) -> bool {
    let (written, other) = (&a.piece, &b.piece);
    if !written.range.is_empty() || written.insert.is_empty() {
        return false;
    }
    let breaks = |words: &str| words.starts_with('\n') || words.ends_with('\n');
    if breaks(&written.insert) || breaks(&other.insert) {
        return false;
    }
    let place = written.range.start;
    let is_whole = |words: &str| words.ends_with(STOPS);
    if other.range.is_empty() {
        return place == other.range.start
            && !other.insert.is_empty()
            && !(is_whole(&written.insert) && is_whole(&other.insert));
    }
    let ends = |place: usize| {
        place.checked_sub(1).and_then(|last| before.get(last)).is_none_or(|(_, last)| STOPS.contains(last))
    };
    // A whole sentence before or behind the sentence that the other changed is no part of it.
    let stands_before = place == other.range.start && !(ends(place) && is_whole(&written.insert));
    let stands_behind = place == other.range.end && !ends(place);
    stands_before || stands_behind
}

fn pieces<N: Eq + Hash + Copy>(before: &Before<N>, side: &[Named<N>]) -> Vec<Piece> {
    let mut all = Vec::new();
    let (mut from, mut insert) = (0, String::new());
    let mut close = |from: usize, to: usize, insert: &mut String| {
        if to > from || !insert.is_empty() {
            all.push(Piece { range: from..to, insert: std::mem::take(insert) });
        }
    };
    for (name, character) in side {
        match before.places.get(name) {
            Some(place) => {
                close(from, *place, &mut insert);
                from = place + 1;
            }
            None => insert.push(*character),
        }
    }
    close(from, before.text.len(), &mut insert);
    all
}

fn is_word(character: char) -> bool {
    let folded = crate::text::folded(character);
    folded.is_ascii_alphanumeric() || matches!(folded, '.' | '%')
}

fn reaches<N>(before: &Before<N>, pieces: Vec<Piece>) -> Vec<Reach> {
    let is_in_word = |place: usize| before.text.get(place).is_some_and(|(_, one)| is_word(*one));
    let reach = |piece: Piece| {
        let Range { start, end } = piece.range.clone();
        let first = piece.insert.chars().next().is_some_and(is_word) || (start < end && is_in_word(start));
        let last =
            piece.insert.chars().next_back().is_some_and(is_word) || (start < end && is_in_word(end - 1));
        let start = if first { before.words[start].0 } else { start };
        let end = if last { before.words[end].1 } else { end };
        Reach { range: start..end, piece }
    };
    pieces.into_iter().map(reach).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two texts of one before, told by what replaces what; new characters get new names.
    fn side(before: &[Named<usize>], changes: &[(Range<usize>, &str)], names: usize) -> Vec<Named<usize>> {
        let mut text: Vec<Named<usize>> = before.to_vec();
        let mut name = names;
        for (range, words) in changes.iter().rev() {
            let new = words.chars().map(|one| {
                name += 1;
                (name, one)
            });
            text.splice(range.clone(), new.collect::<Vec<_>>());
        }
        text
    }

    fn found(
        text: &str,
        one: &[(Range<usize>, &str)],
        other: &[(Range<usize>, &str)],
    ) -> Vec<(String, String, String)> {
        let before: Vec<Named<usize>> = text.chars().enumerate().collect();
        let (a, b) = (side(&before, one, 1000), side(&before, other, 2000));
        let told = |one: &[Named<usize>], other: &[Named<usize>]| {
            let before = Before::of(Arc::new(before.clone()));
            let [one, other] = [one, other].map(|side| Side::of(&before, Arc::new(side.to_vec())));
            let found = clashing(&before, [&one, &other], |_| true).unwrap();
            let told = |range: Range<usize>| {
                let was = before.text[range.clone()].iter().map(|(_, one)| *one).collect();
                (was, one.version(&range), other.version(&range))
            };
            found.into_iter().map(told).collect::<Vec<_>>()
        };
        let all = told(&a, &b);
        let turned: Vec<_> = told(&b, &a).into_iter().map(|(was, a, b)| (was, b, a)).collect();
        assert_eq!(all, turned, "both ways round");
        all
    }

    fn told(was: &str, one: &str, other: &str) -> (String, String, String) {
        (was.to_owned(), one.to_owned(), other.to_owned())
    }

    #[test]
    fn stretches_that_both_changed_clash() {
        let text = "建立远程医疗协作网。";
        for (one, other, clash) in [
            // The same word.
            (
                vec![(2..6, "互联网诊疗")],
                vec![(2..6, "远程会诊")],
                vec![told("远程医疗", "互联网诊疗", "远程会诊")],
            ),
            // A part of it.
            (
                vec![(2..6, "互联网诊疗")],
                vec![(4..6, "会诊")],
                vec![told("远程医疗", "互联网诊疗", "远程会诊")],
            ),
            // Written inside what the other replaced, or took out.
            (vec![(2..6, "诊疗")], vec![(4..4, "跨省")], vec![told("远程医疗", "诊疗", "远程跨省医疗")]),
            (vec![(2..6, "")], vec![(4..4, "跨省")], vec![told("远程医疗", "", "远程跨省医疗")]),
            // The same words twice.
            (vec![(6..6, "服务")], vec![(6..6, "服务")], vec![told("", "服务", "服务")]),
            // Words beside what the other replaced, or beside words of the other, read on as one sentence.
            (vec![(2..6, "诊疗")], vec![(6..6, "服务")], vec![told("远程医疗", "诊疗", "远程医疗服务")]),
            (vec![(2..6, "诊疗")], vec![(2..2, "不")], vec![told("远程医疗", "诊疗", "不远程医疗")]),
            (vec![(2..6, "")], vec![(6..6, "服务")], vec![told("远程医疗", "", "远程医疗服务")]),
            (vec![(6..6, "服务")], vec![(6..6, "平台")], vec![told("", "服务", "平台")]),
            // Whole sentences and paragraphs do not.
            (vec![(10..10, "甲来办。")], vec![(10..10, "乙来办。")], vec![]),
            (vec![(0..2, "建成")], vec![(0..0, "先定名单。")], vec![]),
            (vec![(6..10, "合作网。")], vec![(10..10, "乙来办")], vec![]),
            (vec![(6..9, "合作网")], vec![(10..10, "乙来办")], vec![]),
            (vec![(10..10, "甲来办")], vec![(10..10, "\n乙来办。")], vec![]),
            // Beside each other, apart from each other, taken out by both.
            (vec![(2..6, "诊疗")], vec![(6..8, "合作")], vec![]),
            (vec![(0..2, "建成")], vec![(6..8, "合作")], vec![]),
            (vec![(2..6, "")], vec![(2..4, "")], vec![]),
            (vec![(10..10, "\n")], vec![(10..10, "\n")], vec![]),
        ] {
            assert_eq!(found(text, &one, &other), clash, "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_number_is_one_word() {
        assert_eq!(found("建成150个", &[(2..5, "160")], &[(5..5, "0")]), [told("150", "160", "1500")]);
        assert_eq!(found("建成150个", &[(2..2, "1")], &[(5..5, "0")]), [told("150", "1150", "1500")]);
        assert_eq!(found("第1期、第2期", &[(1..2, "3")], &[(5..6, "4")]), []);
    }

    #[test]
    fn what_touches_a_clash_belongs_to_it() {
        let text = "一二三四五六";
        let clash = found(text, &[(1..3, "甲")], &[(2..4, "乙"), (4..5, "丙")]);
        assert_eq!(clash, [told("二三四", "甲四", "二乙")].map(|_| told("二三四五", "甲四五", "二乙丙")));
    }

    #[test]
    fn a_stretch_is_found_again_in_a_later_text() {
        let before: Vec<Named<usize>> = "建立远程医疗网".chars().enumerate().collect();
        let now = side(&before, &[(0..1, "要建"), (2..6, "会诊诊疗"), (6..7, "")], 100);
        let later = Side::of(&Before::of(Arc::new(before)), Arc::new(now));
        assert_eq!(later.kept.place_of(&(2..6)), 3..7);
    }

    /// Each side changed every second character of a long text: a change is compared with those that touch it.
    #[test]
    fn changes_that_stand_apart_are_not_compared() {
        let before: Vec<Named<usize>> = "甲乙丙丁".repeat(1000).chars().enumerate().collect();
        let changed = |from: usize| {
            let changes =
                (from..before.len()).step_by(4).map(|place| (place..place + 1, "改")).collect::<Vec<_>>();
            side(&before, &changes, 10_000 * (from + 1))
        };
        let (one, other) = (changed(0), changed(2));
        let before = Before::of(Arc::new(before.clone()));
        let [one, other] = [one, other].map(|side| Side::of(&before, Arc::new(side)));
        let mut looks = 0;
        let found = clashing(&before, [&one, &other], |more| {
            looks += more;
            true
        });
        assert_eq!(found, Some(Vec::new()));
        assert!(looks < 3000, "{looks} for 2000 changes");
        assert_eq!(clashing(&before, [&one, &one], |_| false), None);
    }

    /// Changes of one long word all reach each other.
    #[test]
    fn one_long_word_is_one_stretch() {
        let word: String = "a".repeat(200);
        let one: Vec<_> = (0..40).map(|at| (at * 4..at * 4 + 1, "b")).collect();
        let other: Vec<_> = (0..40).map(|at| (at * 4 + 2..at * 4 + 3, "c")).collect();
        let all = found(&word, &one, &other);
        assert_eq!((all.len(), &all[0].0), (1, &word));
    }
}
