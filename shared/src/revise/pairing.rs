//! Which measure of a board is which line of a newer edition.

use super::section_title;
use crate::id::{ItemId, SectionId};
use crate::import::{DraftBoard, DraftItem};
use crate::model::{Board, Item};
use crate::text::folded_text;
use std::collections::{BTreeMap, BTreeSet};

/// How alike two measures of one number must be to be the same one, and two of different numbers;
/// 1 for equal words.
const ALIKE: f64 = 0.35;
const MUCH_ALIKE: f64 = 0.6;

/// Pairs of measures that are compared word by word at most; beyond it only numbers and headlines
/// bring them together.
const MOST_PAIRS: usize = 40_000;

/// A line of the draft with its place.
pub struct Line<'a> {
    pub item: &'a DraftItem,
    /// Its section, by its place in the draft.
    pub section: usize,
    /// The line above it and those below, by their places in the list of all.
    pub parent: Option<usize>,
    children: Vec<usize>,
    headline: String,
    words: String,
}

/// The lines of a draft, parents before their children, each with the measure that it is.
pub struct Paired<'a> {
    pub lines: Vec<Line<'a>>,
    pub same: Vec<Option<ItemId>>,
    /// The measure of the common edition that a line is, where the board does not have it: it was not
    /// taken over then.
    pub left_out: Vec<Option<ItemId>>,
    /// The section of the board that each section of the draft is.
    pub sections: Vec<Option<SectionId>>,
    /// The same with sections that only the common edition has.
    pub meant: Vec<Option<SectionId>>,
}

impl<'a> Paired<'a> {
    /// Pairs equal words first, then equal headlines, then equal numbers of one place with words
    /// alike, then the most alike of the rest. `known` has the measures as the common edition has
    /// them, and `now` as they are.
    pub fn new(known: &Board, now: &Board, draft: &'a DraftBoard, present: &[ItemId]) -> Self {
        let lines = lines_of(draft);
        let none = vec![None; lines.len()];
        let (same, left_out) = (none.clone(), none);
        let mut paired = Self { lines, same, left_out, sections: Vec::new(), meant: Vec::new() };
        let mut free: Vec<ItemId> = present.to_vec();
        let words = |item: &Item| folded_text(&format!("{}{}", item.title, item.text));
        let of_known = |id: &ItemId| words(&known.items[id]);
        paired.by_key(&mut free, |line| &line.words, of_known);
        paired.by_key(&mut free, |line| &line.headline, |id| folded_text(&known.items[id].title));
        // Somebody here has written already what the newer document says.
        paired.by_key(&mut free, |line| &line.words, |id| now.items.get(id).map(words).unwrap_or_default());
        let free: BTreeMap<ItemId, Vec<(char, char)>> =
            free.into_iter().map(|id| (id, pairs_of_letters(&of_known(&id)))).collect();
        let free = paired.by_number(known, free);
        paired.by_words(&free);
        paired.meant = paired.sections_of(known, draft);
        let here = |id: &SectionId| now.sections.contains_key(id);
        paired.sections = paired.meant.iter().map(|id| id.filter(here)).collect();
        for (same, left_out) in paired.same.iter_mut().zip(&mut paired.left_out) {
            *left_out = same.filter(|id| !now.items.contains_key(id));
            *same = same.filter(|id| now.items.contains_key(id));
        }
        paired
    }

    /// Brings together what has one key; of several with the same one, the first with the first.
    fn by_key(
        &mut self,
        free: &mut Vec<ItemId>,
        of_line: impl for<'l> Fn(&'l Line<'a>) -> &'l String,
        of_item: impl Fn(&ItemId) -> String,
    ) {
        let mut known: BTreeMap<String, Vec<ItemId>> = BTreeMap::new();
        for id in free.iter().rev() {
            known.entry(of_item(id)).or_default().push(*id);
        }
        for (line, same) in self.lines.iter().zip(&mut self.same).filter(|(_, same)| same.is_none()) {
            let key = of_line(line);
            if !key.is_empty() {
                *same = known.get_mut(key).and_then(Vec::pop);
            }
        }
        let taken: BTreeSet<ItemId> = self.same.iter().flatten().copied().collect();
        free.retain(|id| !taken.contains(id));
    }

    /// Pairs the most alike of the measures with one number below one parent; gives those that are left.
    fn by_number(
        &mut self,
        board: &Board,
        mut free: BTreeMap<ItemId, Vec<(char, char)>>,
    ) -> BTreeMap<ItemId, Vec<(char, char)>> {
        let mut numbered: BTreeMap<(Option<ItemId>, String), Vec<ItemId>> = BTreeMap::new();
        for id in free.keys() {
            let item = &board.items[id];
            numbered.entry((item.parent, folded_text(&item.number))).or_default().push(*id);
        }
        for at in 0..self.lines.len() {
            let line = &self.lines[at];
            let number = folded_text(line.item.number.as_deref().unwrap_or_default());
            let parent = line.parent.and_then(|above| self.same[above]);
            if self.same[at].is_some() || number.is_empty() || (line.parent.is_some() && parent.is_none()) {
                continue;
            }
            let own = pairs_of_letters(&line.words);
            let known = numbered.get(&(parent, number)).into_iter().flatten();
            let alike = known.filter_map(|id| Some((likeness(&own, free.get(id)?), *id)));
            let best =
                alike.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(score, _)| *score >= ALIKE);
            if let Some((_, id)) = best {
                self.same[at] = Some(id);
                free.remove(&id);
            }
        }
        free
    }

    fn by_words(&mut self, free: &BTreeMap<ItemId, Vec<(char, char)>>) {
        let left: Vec<usize> = (0..self.lines.len()).filter(|at| self.same[*at].is_none()).collect();
        if left.len() * free.len() > MOST_PAIRS {
            return;
        }
        let mut scores: Vec<(f64, usize, ItemId)> = Vec::new();
        for at in left {
            let own = pairs_of_letters(&self.lines[at].words);
            let alike = free.iter().map(|(id, words)| (likeness(&own, words), at, *id));
            scores.extend(alike.filter(|(score, ..)| *score >= MUCH_ALIKE));
        }
        scores.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut taken: BTreeSet<ItemId> = BTreeSet::new();
        for (_, at, id) in scores {
            if self.same[at].is_none() && taken.insert(id) {
                self.same[at] = Some(id);
            }
        }
    }

    /// The section that most measures of a draft's section stand in, else the one of its title.
    fn sections_of(&self, board: &Board, draft: &DraftBoard) -> Vec<Option<SectionId>> {
        let mut taken = BTreeSet::new();
        let mut find = |place: usize| {
            let mut counts: BTreeMap<SectionId, usize> = BTreeMap::new();
            let own = self.lines.iter().zip(&self.same).filter(|(line, _)| line.section == place);
            for section in own.filter_map(|(_, same)| board.items[same.as_ref()?].section) {
                *counts.entry(section).or_default() += 1;
            }
            let wanted = folded_text(section_title(&draft.sections[place]));
            let titled =
                board.section_order().into_iter().find(|id| folded_text(&board.sections[id].title) == wanted);
            let most = counts.into_iter().max_by_key(|(section, count)| (*count, Some(*section) == titled));
            let found =
                most.map(|(section, _)| section).or(titled).filter(|id| board.sections.contains_key(id))?;
            // Two sections that became one: the first keeps its place.
            taken.insert(found).then_some(found).or(titled)
        };
        (0..draft.sections.len()).map(&mut find).collect()
    }

    /// A line with those below it that no measure is.
    pub fn new_below(&self, at: usize) -> DraftItem {
        let line = &self.lines[at];
        let new = line.children.iter().filter(|child| self.same[**child].is_none());
        DraftItem { children: new.map(|child| self.new_below(*child)).collect(), ..line.item.clone() }
    }

    /// The measure of a number in the newer edition.
    pub fn of_number(&self, number: Option<&str>) -> Option<ItemId> {
        let number = number?;
        let at = self.lines.iter().position(|line| line.item.number.as_deref() == Some(number))?;
        self.same[at]
    }
}

fn lines_of(draft: &DraftBoard) -> Vec<Line<'_>> {
    fn add<'a>(item: &'a DraftItem, section: usize, parent: Option<usize>, all: &mut Vec<Line<'a>>) {
        let at = all.len();
        let (headline, words) =
            (folded_text(&item.title), folded_text(&format!("{}{}", item.title, item.text)));
        all.push(Line { item, section, parent, children: Vec::new(), headline, words });
        if let Some(parent) = parent {
            all[parent].children.push(at);
        }
        item.children.iter().for_each(|child| add(child, section, Some(at), all));
    }
    let mut all = Vec::new();
    for (place, section) in draft.sections.iter().enumerate() {
        section.items.iter().for_each(|item| add(item, place, None, &mut all));
    }
    all
}

/// Neighbouring letters of a text, sorted. (The library's measure of this kind counts bytes, so
/// that Chinese texts are never alike.)
pub fn pairs_of_letters(words: &str) -> Vec<(char, char)> {
    let mut pairs: Vec<(char, char)> = words.chars().zip(words.chars().skip(1)).collect();
    pairs.sort_unstable();
    pairs
}

/// Twice what two texts have in common, of what both have: 0 to 1 (Dice).
#[allow(clippy::cast_precision_loss, reason = "letters of a text")]
pub fn likeness(one: &[(char, char)], other: &[(char, char)]) -> f64 {
    let (mut common, mut left, mut right) = (0_usize, 0, 0);
    while let (Some(first), Some(second)) = (one.get(left), other.get(right)) {
        match first.cmp(second) {
            std::cmp::Ordering::Less => left += 1,
            std::cmp::Ordering::Greater => right += 1,
            std::cmp::Ordering::Equal => (common, left, right) = (common + 1, left + 1, right + 1),
        }
    }
    let all = one.len() + other.len();
    if all == 0 { 0.0 } else { 2.0 * common as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_words_are_alike_by_their_letters() {
        let like = |one: &str, other: &str| likeness(&pairs_of_letters(one), &pairs_of_letters(other));
        assert!((like("增加养老服务供给", "增加养老服务供给") - 1.0).abs() < 1e-9);
        assert!(like("增加养老服务供给", "扩大养老服务供给") > MUCH_ALIKE);
        assert!(like("增加养老服务供给", "公布收费目录") < ALIKE);
        assert!(like("", "公布") < ALIKE);
    }
}
