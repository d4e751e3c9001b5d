//! The words a person replaced in a text, and their place when others wrote meanwhile. Places and
//! lengths are UTF-16 units, as browsers and documents count.

use super::is_sentence_end;

/// The most comparisons for finding what stayed between two texts; beyond it, what differs is one.
const MOST_COMPARED: usize = 1_000_000;

/// Words put in the place of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    pub at: usize,
    pub delete: usize,
    pub insert: String,
}

impl Splice {
    /// The splice that makes the new text of the old one, as far as that can be told from them alone: a
    /// number or a word in Latin letters is replaced as a whole. `None` when they are the same.
    #[must_use]
    pub fn between(old: &str, new: &str) -> Option<Self> {
        let (old, new) = (units(old), units(new));
        let (start, end) = ends(&old, &new)?;
        let (start, end) = whole_words(&old, &new, start, end);
        Some(Self::cut(&old, &new, start, end).behind_break(&old))
    }

    /// The splice that a person made who had selected a range of the old text (a caret is an empty one):
    /// the selection is what was replaced, also where old and new words share letters. In a selection of
    /// several sentences those that stayed at its ends are none of it. `None` when nothing changed.
    #[must_use]
    pub fn typed(old: &str, new: &str, selected: Option<(usize, usize)>) -> Option<Self> {
        if old == new {
            return None;
        }
        let (before, after) = (units(old), units(new));
        let fits = selected.and_then(|(from, to)| {
            let behind = before.len().checked_sub(to)?;
            let kept = from <= to && before.get(..from)? == after.get(..from)?;
            let end = after.len().checked_sub(behind).filter(|end| *end >= from)?;
            (kept && before[to..] == after[end..] && (to > from || end > from)).then_some((from, behind))
        });
        let Some((from, behind)) = fits else { return Self::between(old, new) };
        let (from, behind) = without_whole_sentences(&before, &after, from, behind);
        Some(Self::cut(&before, &after, from, behind).behind_break(&before))
    }

    fn cut(old: &[u16], new: &[u16], start: usize, end: usize) -> Self {
        Self {
            at: start,
            delete: old.len() - end - start,
            insert: String::from_utf16_lossy(&new[start..new.len() - end]),
        }
    }

    /// A paragraph that is begun before a break goes behind that break instead, which gives the same
    /// text: words that others are adding to the sentence before it then stay with that sentence.
    fn behind_break(self, old: &[u16]) -> Self {
        let stands = old.get(self.at + self.delete) == Some(&u16::from(b'\n'));
        match self.insert.strip_prefix('\n') {
            Some(rest) if stands && self.delete == 0 => {
                Self { at: self.at + 1, delete: 0, insert: format!("{rest}\n") }
            }
            _ => self,
        }
    }

    /// The text with it. A place behind the end is the end.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let text = units(text);
        let at = self.at.min(text.len());
        let behind = (at + self.delete).min(text.len());
        let mut new = text[..at].to_vec();
        new.extend(self.insert.encode_utf16());
        new.extend_from_slice(&text[behind..]);
        String::from_utf16_lossy(&new)
    }

    fn inserted(&self) -> usize {
        self.insert.encode_utf16().count()
    }

    const fn end(&self) -> usize {
        self.at + self.delete
    }
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

const fn is_second_half(unit: u16) -> bool {
    matches!(unit, 0xDC00..=0xDFFF)
}

/// Lengths of what two texts share at their beginning and at their end; never a half of a character.
fn ends(old: &[u16], new: &[u16]) -> Option<(usize, usize)> {
    if old == new {
        return None;
    }
    let mut start = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let half = |units: &[u16], at: usize| units.get(at).is_some_and(|unit| is_second_half(*unit));
    while start > 0 && (half(old, start) || half(new, start)) {
        start -= 1;
    }
    let room = old.len().min(new.len()) - start;
    let same = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(one, other)| one == other);
    let mut end = same.count();
    while end > 0 && is_second_half(old[old.len() - end]) {
        end -= 1;
    }
    Some((start, end))
}

/// Takes the rest of a number or Latin word into what differs where something of it was replaced.
fn whole_words(old: &[u16], new: &[u16], mut start: usize, mut end: usize) -> (usize, usize) {
    let replaces = start + end < old.len() && start + end < new.len();
    let word = |unit: u16| {
        let character = char::from_u32(u32::from(unit)).map(super::folded);
        character.is_some_and(|one| one.is_ascii_alphanumeric() || matches!(one, '.' | '%'))
    };
    if !replaces {
        return (start, end);
    }
    let edge = |units: &[u16], at: usize| units.get(at).is_some_and(|unit| word(*unit));
    while start > 0 && word(old[start - 1]) && (edge(old, start) || edge(new, start)) {
        start -= 1;
    }
    while end > 0
        && word(old[old.len() - end])
        && (edge(old, old.len() - end - 1) || edge(new, new.len() - end - 1))
    {
        end -= 1;
    }
    (start, end)
}

/// Leaves out whole sentences that both share at the ends of what was selected.
fn without_whole_sentences(old: &[u16], new: &[u16], from: usize, behind: usize) -> (usize, usize) {
    let (was, is) = (&old[from..old.len() - behind], &new[from..new.len() - behind]);
    let ends_here = |unit: u16| char::from_u32(u32::from(unit)).is_some_and(is_sentence_end);
    let shared = was.iter().zip(is).take_while(|(one, other)| one == other).count();
    let front = (0..=shared).rev().find(|at| *at == 0 || ends_here(was[at - 1])).unwrap_or(0);
    let room = was.len().min(is.len()) - front;
    let shared = was.iter().rev().zip(is.iter().rev()).take(room).take_while(|(one, other)| one == other);
    let begins = |units: &[u16], length: usize| {
        let at = units.len() - length;
        at == front || units.get(at.wrapping_sub(1)).is_some_and(|unit| ends_here(*unit))
    };
    let back = (0..=shared.count())
        .rev()
        .find(|length| *length == 0 || (begins(was, *length) && begins(is, *length)));
    (from + front, behind + back.unwrap_or(0))
}

/// The changes of others between two texts, in order and apart from each other, placed in the old text.
#[must_use]
pub fn splices_between(old: &str, new: &str) -> Vec<Splice> {
    let (old, new) = (units(old), units(new));
    let Some((start, end)) = ends(&old, &new) else { return Vec::new() };
    let (was, is) = (characters(&old[start..old.len() - end]), characters(&new[start..new.len() - end]));
    if was.is_empty() || is.is_empty() || was.len().saturating_mul(is.len()) > MOST_COMPARED {
        return vec![Splice::cut(&old, &new, start, end)];
    }
    let kept = longest_common(&was, &is);
    let mut all: Vec<Splice> = Vec::new();
    let (mut one, mut other, mut at) = (0, 0, start);
    for (in_old, in_new) in kept.into_iter().chain([(was.len(), is.len())]) {
        let delete = length(&was[one..in_old]);
        if delete > 0 || in_new > other {
            all.push(Splice { at, delete, insert: is[other..in_new].iter().collect() });
        }
        at += delete + was.get(in_old).map_or(0, |kept| kept.len_utf16());
        (one, other) = (in_old + 1, in_new + 1);
    }
    all
}

fn characters(units: &[u16]) -> Vec<char> {
    String::from_utf16_lossy(units).chars().collect()
}

fn length(characters: &[char]) -> usize {
    characters.iter().map(|one| one.len_utf16()).sum()
}

/// Pairs of places of the longest sequence that both hold.
fn longest_common(old: &[char], new: &[char]) -> Vec<(usize, usize)> {
    let wide = new.len() + 1;
    let mut best = vec![0_u32; (old.len() + 1) * wide];
    for one in (0..old.len()).rev() {
        for other in (0..new.len()).rev() {
            best[one * wide + other] = if old[one] == new[other] {
                best[(one + 1) * wide + other + 1] + 1
            } else {
                best[(one + 1) * wide + other].max(best[one * wide + other + 1])
            };
        }
    }
    let (mut one, mut other, mut pairs) = (0, 0, Vec::new());
    while one < old.len() && other < new.len() {
        if old[one] == new[other] {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if best[(one + 1) * wide + other] >= best[one * wide + other + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

/// The place of the new text for one of the old, after `theirs`. Words written at that place come behind it,
/// unless `behind` is asked for.
fn moved(place: usize, theirs: &[Splice], behind: bool) -> usize {
    let mut shift = 0_isize;
    for one in theirs {
        let inserts = one.delete == 0 && one.at == place;
        if one.at > place || (inserts && !behind) || (one.at == place && one.delete > 0) {
            break;
        }
        if one.end() > place {
            // Inside what they took away: behind what they put there.
            return (one.at + one.inserted()).saturating_add_signed(shift);
        }
        shift += one.inserted().cast_signed() - one.delete.cast_signed();
    }
    place.saturating_add_signed(shift)
}

/// The place of a caret after others wrote: at the words it stood at.
#[must_use]
pub fn caret_after(caret: usize, theirs: &[Splice]) -> usize {
    moved(caret, theirs, false)
}

/// The meaning of a person's splice of a text that others have changed since: the steps to take one
/// after the other. Words of others that were not there to be replaced stay.
#[must_use]
pub fn rebased(mine: &Splice, theirs: &[Splice]) -> Vec<Splice> {
    // The rest of the replaced words, cut where others wrote into it.
    let mut kept: Vec<(usize, usize)> = Vec::new();
    let mut from = mine.at;
    for one in theirs.iter().filter(|one| one.end() >= mine.at && one.at < mine.end()) {
        if one.at > from {
            kept.push((from, one.at));
        }
        from = from.max(one.end());
    }
    if mine.end() > from {
        kept.push((from, mine.end()));
    }
    let place = match kept.first() {
        Some((from, _)) if *from == mine.at => moved(mine.at, theirs, true),
        // A paragraph of theirs does not come between a sentence and its next word.
        _ if mine.delete == 0 && begins_paragraph_at(mine.at, theirs) => moved(mine.at, theirs, false),
        _ => moved(mine.at, theirs, true),
    };
    let mut steps: Vec<Splice> = kept
        .into_iter()
        .rev()
        .map(|(from, to)| Splice { at: moved(from, theirs, true), delete: to - from, insert: String::new() })
        .collect();
    match steps.last_mut() {
        Some(first) if first.at == place => first.insert.clone_from(&mine.insert),
        _ if mine.insert.is_empty() => {}
        _ => steps.push(Splice { at: place, delete: 0, insert: mine.insert.clone() }),
    }
    steps
}

fn begins_paragraph_at(place: usize, theirs: &[Splice]) -> bool {
    theirs.iter().any(|one| one.at == place && one.delete == 0 && one.insert.starts_with('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn splice(at: usize, delete: usize, insert: &str) -> Splice {
        Splice { at, delete, insert: insert.to_owned() }
    }

    fn after(text: &str, steps: &[Splice]) -> String {
        steps.iter().fold(text.to_owned(), |text, step| step.apply(&text))
    }

    /// The text after splices that are placed in the old one.
    fn after_all(text: &str, apart: &[Splice]) -> String {
        apart.iter().rev().fold(text.to_owned(), |text, step| step.apply(&text))
    }

    #[test]
    fn a_typed_change_is_one_splice() {
        assert_eq!(Splice::between("共享信息。", "共享诊疗信息。"), Some(splice(2, 0, "诊疗")));
        assert_eq!(Splice::between("abcabc", "abc"), Some(splice(3, 3, "")));
        assert_eq!(Splice::between("", "甲"), Some(splice(0, 0, "甲")));
        assert_eq!(Splice::between("甲", "甲"), None);
        assert_eq!(Splice::between("😀", "😁"), Some(splice(0, 2, "😁")));
    }

    #[test]
    fn a_number_is_replaced_as_a_whole() {
        assert_eq!(Splice::between("建成150个", "建成160个"), Some(splice(2, 3, "160")));
        assert_eq!(Splice::between("达到2.5%以上", "达到2.8%以上"), Some(splice(2, 4, "2.8%")));
        assert_eq!(Splice::between("建成５０个", "建成６０个"), Some(splice(2, 2, "６０")));
        assert_eq!(Splice::between("建成5个", "建成5个站"), Some(splice(4, 0, "站")), "nothing is replaced");
    }

    #[test]
    fn a_selection_is_replaced_as_a_whole_though_the_words_share_letters() {
        let (old, new) = ("建立远程医疗协作网", "建立远程会诊协作网");
        assert_eq!(Splice::typed(old, new, Some((2, 6))), Some(splice(2, 4, "远程会诊")));
        assert_eq!(Splice::between(old, new), Some(splice(4, 2, "会诊")), "without it that cannot be told");
        assert_eq!(Splice::typed("aa", "aaa", Some((1, 1))), Some(splice(1, 0, "a")), "at the caret");
        // A selection that the text does not bear out is not believed.
        assert_eq!(Splice::typed(old, new, Some((0, 1))), Splice::between(old, new));
        assert_eq!(Splice::typed(old, new, Some((7, 99))), Splice::between(old, new));
    }

    #[test]
    fn of_a_whole_text_that_was_selected_only_changed_sentences_are_replaced() {
        let (old, new) = ("甲句。乙句。丙句。", "甲句。乙乙。丙句。");
        assert_eq!(Splice::typed(old, new, Some((0, 9))), Some(splice(3, 3, "乙乙。")));
        assert_eq!(Splice::typed(old, "甲句。乙句。", Some((0, 9))), Some(splice(6, 3, "")));
    }

    #[test]
    fn a_new_paragraph_goes_behind_the_break_that_stands_there() {
        let old = "第一句\n第二句";
        assert_eq!(Splice::typed(old, "第一句\n新段\n第二句", Some((3, 3))), Some(splice(4, 0, "新段\n")));
        assert_eq!(Splice::typed(old, "第一句\n\n第二句", Some((3, 3))), Some(splice(4, 0, "\n")));
        assert_eq!(Splice::typed("第一句", "第一句\n", Some((3, 3))), Some(splice(3, 0, "\n")));
    }

    #[test]
    fn words_of_others_inside_what_is_replaced_stay() {
        let base = "建立远程医疗协作网";
        let mine = splice(2, 4, "互联网诊疗");
        let theirs = splices_between(base, "建立远程（跨省）医疗协作网");
        let merged = after("建立远程（跨省）医疗协作网", &rebased(&mine, &theirs));
        assert_eq!(merged, "建立互联网诊疗（跨省）协作网");
    }

    #[test]
    fn a_caret_stays_with_its_words() {
        let theirs = splices_between("一二三四", "零一二X三四");
        assert_eq!(caret_after(2, &theirs), 3);
        assert_eq!(caret_after(3, &theirs), 5);
        assert_eq!(caret_after(2, &splices_between("一二三四", "一四")), 1, "its words are gone");
    }

    #[test]
    fn the_end_of_a_sentence_stays_before_a_paragraph_of_another() {
        let theirs = splices_between("正在写", "正在写\n新段");
        assert_eq!(after("正在写\n新段", &rebased(&splice(3, 0, "的话"), &theirs)), "正在写的话\n新段");
    }

    fn words() -> impl Strategy<Value = String> {
        "[甲乙丙丁。\n 1a😀]{0,12}"
    }

    fn boundary(text: &str, part: usize) -> usize {
        let places: Vec<usize> = text
            .chars()
            .scan(0, |at, one| {
                *at += one.len_utf16();
                Some(*at)
            })
            .collect();
        if part == 0 { 0 } else { places.get((part - 1) % places.len().max(1)).copied().unwrap_or(0) }
    }

    proptest! {
        #[test]
        fn a_splice_makes_the_new_text(old in words(), new in words()) {
            prop_assert_eq!(Splice::between(&old, &new).map_or(old.clone(), |one| one.apply(&old)), new.clone());
            prop_assert_eq!(after_all(&old, &splices_between(&old, &new)), new);
        }

        #[test]
        fn a_typed_splice_makes_the_new_text(old in words(), typed in words(), one in 0..13_usize, other in 0..13_usize) {
            let (one, other) = (boundary(&old, one), boundary(&old, other));
            let (from, to) = (one.min(other), one.max(other));
            let new = splice(from, to - from, &typed).apply(&old);
            for selected in [Some((from, to)), Some((to, to)), Some((0, 99)), None] {
                let found = Splice::typed(&old, &new, selected);
                prop_assert_eq!(found.map_or(old.clone(), |one| one.apply(&old)), new.clone());
            }
        }

        #[test]
        fn every_word_of_both_is_there_once_after_a_rebase(
            base in "[一二三四五]{0,10}", one in 0..11_usize, other in 0..11_usize,
            theirs in "[ABCD一二三]{0,12}",
        ) {
            let (one, other) = (boundary(&base, one), boundary(&base, other));
            let mine = splice(one.min(other), one.max(other) - one.min(other), "甲乙");
            let changes = splices_between(&base, &theirs);
            let merged = after(&theirs, &rebased(&mine, &changes));
            prop_assert_eq!(merged.matches("甲乙").count(), 1);
            let written: usize = changes.iter().map(|one| one.insert.chars().count()).sum();
            let letters = |text: &str, of: &str| text.chars().filter(|one| of.contains(*one)).count();
            // Theirs stay, each once; of the old text nothing comes back.
            prop_assert_eq!(letters(&merged, "ABCD"), letters(&theirs, "ABCD"));
            prop_assert!(merged.chars().count() >= written + 2);
            prop_assert!(merged.chars().count() <= theirs.chars().count() + 2);
            if mine.delete == 0 {
                prop_assert_eq!(merged.chars().count(), theirs.chars().count() + 2);
            }
        }
    }
}
