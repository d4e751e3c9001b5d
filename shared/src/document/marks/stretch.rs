//! The stretches of a text that two sides changed, each without having seen the other. A text is a row of
//! characters with names that never change; so what a side took out and put in is known exactly.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;

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

/// A stretch of the text before that both sides changed, with what each made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub range: Range<usize>,
    pub versions: [String; 2],
}

/// The stretches that clash, in order. Nothing does where both only took out, where two replaced words stand
/// side by side, or where each wrote whole sentences or paragraphs of its own.
pub fn clashing<N: Eq + Hash + Copy>(before: &[Named<N>], sides: [&[Named<N>]; 2]) -> Vec<Stretch> {
    let pieces = sides.map(|side| pieces(before, side));
    let [one, two] = pieces.each_ref().map(|side| reaches(before, side));
    let mut found: Vec<Range<usize>> = Vec::new();
    for a in &one {
        for b in two.iter().filter(|b| clash(a, b) || joins(before, a, b) || joins(before, b, a)) {
            found.push(a.range.start.min(b.range.start)..a.range.end.max(b.range.end));
        }
    }
    grown(&mut found, pieces.iter().flatten());
    found
        .into_iter()
        .map(|range| Stretch { versions: sides.map(|side| version(before, side, &range)), range })
        .collect()
}

/// Stretches with the changes that touch them, those that meet as one.
fn grown<'a>(found: &mut Vec<Range<usize>>, pieces: impl Iterator<Item = &'a Piece> + Clone) {
    let touch = |one: &Range<usize>, other: &Range<usize>| one.start <= other.end && other.start <= one.end;
    let join = |one: &Range<usize>, other: &Range<usize>| one.start.min(other.start)..one.end.max(other.end);
    for range in found.iter_mut() {
        loop {
            let wider = pieces
                .clone()
                .filter(|piece| touch(&piece.range, range))
                .fold(range.clone(), |all, piece| join(&all, &piece.range));
            if wider == *range {
                break;
            }
            *range = wider;
        }
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found.drain(..) {
        match apart.last_mut() {
            Some(last) if touch(last, &range) => *last = join(last, &range),
            _ => apart.push(range),
        }
    }
    *found = apart;
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

fn pieces<N: Eq + Hash + Copy>(before: &[Named<N>], side: &[Named<N>]) -> Vec<Piece> {
    let places: HashMap<N, usize> =
        before.iter().enumerate().map(|(place, (name, _))| (*name, place)).collect();
    let mut all = Vec::new();
    let (mut from, mut insert) = (0, String::new());
    let mut close = |from: usize, to: usize, insert: &mut String| {
        if to > from || !insert.is_empty() {
            all.push(Piece { range: from..to, insert: std::mem::take(insert) });
        }
    };
    for (name, character) in side {
        match places.get(name) {
            Some(place) => {
                close(from, *place, &mut insert);
                from = place + 1;
            }
            None => insert.push(*character),
        }
    }
    close(from, before.len(), &mut insert);
    all
}

fn reaches<N>(before: &[Named<N>], pieces: &[Piece]) -> Vec<Reach> {
    let word = |character: char| {
        let folded = crate::text::folded(character);
        folded.is_ascii_alphanumeric() || matches!(folded, '.' | '%')
    };
    let is_word = |place: usize| before.get(place).is_some_and(|(_, character)| word(*character));
    let reach = |piece: &Piece| {
        let Range { mut start, mut end } = piece.range.clone();
        let first = piece.insert.chars().next().is_some_and(word) || (start < end && is_word(start));
        let last = piece.insert.chars().next_back().is_some_and(word) || (start < end && is_word(end - 1));
        while first && start > 0 && is_word(start - 1) {
            start -= 1;
        }
        while last && is_word(end) {
            end += 1;
        }
        Reach { range: start..end, piece: piece.clone() }
    };
    pieces.iter().map(reach).collect()
}

/// The words of a side between the characters that stand before and behind a range.
fn version<N: Eq + Hash + Copy>(before: &[Named<N>], side: &[Named<N>], range: &Range<usize>) -> String {
    let within = place_of(before, side, range);
    side[within].iter().map(|(_, character)| *character).collect()
}

/// The place of a range of the text before in a text that came of it: between what is still there of the
/// characters before and behind it.
pub fn place_of<N: Eq + Hash + Copy>(
    before: &[Named<N>],
    now: &[Named<N>],
    range: &Range<usize>,
) -> Range<usize> {
    let front: HashSet<N> = before[..range.start].iter().map(|(name, _)| *name).collect();
    let back: HashSet<N> = before[range.end..].iter().map(|(name, _)| *name).collect();
    let start = now.iter().rposition(|(name, _)| front.contains(name)).map_or(0, |place| place + 1);
    let end = now.iter().position(|(name, _)| back.contains(name)).unwrap_or(now.len());
    start..end.max(start)
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
        let told = |stretch: Stretch| {
            let was = before[stretch.range].iter().map(|(_, one)| *one).collect();
            let [a, b] = stretch.versions;
            (was, a, b)
        };
        let all: Vec<_> = clashing(&before, [&a, &b]).into_iter().map(told).collect();
        let turned: Vec<_> =
            clashing(&before, [&b, &a]).into_iter().map(told).map(|(was, a, b)| (was, b, a)).collect();
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
        assert_eq!(place_of(&before, &now, &(2..6)), 3..7);
    }
}
