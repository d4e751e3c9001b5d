//! Branches that met in one text, and what clashes between them. Each version of the text is read once, however
//! many pairs it is a side of, and no more is done than a board is worth.

use super::stretch::{Before, Named, Side, clashing};
use super::{CLASH, Clash, Compared, Found, KEPT, LETTER, MOST_PAIRS, Marks, Met, Name, Touch, object_of};
use crate::document::marks::ancestry::Seen;
use crate::document::marks::mark::Version;
use crate::edit::TextPlace;
use crate::limits::TEXT_COMPARED;
use automerge::{AutoCommit, ChangeHash, ObjId};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// The name of the mark of a text that is looked at as a whole.
const WHOLE: &str = "whole";

/// The looks that are left to compare a text.
struct Effort {
    left: Cell<usize>,
    all: usize,
}

impl Effort {
    fn new(all: usize) -> Self {
        Self { left: Cell::new(all), all }
    }

    /// Takes so many looks; none where fewer are left.
    fn take(&self, looks: usize) -> Option<()> {
        let left = self.left.get().checked_sub(looks);
        self.left.set(left.unwrap_or_default());
        left.map(drop)
    }

    /// How many were taken: all where some were asked for in vain.
    fn taken(&self) -> usize {
        self.all - self.left.get()
    }
}

type Text = Arc<Vec<Named<Name>>>;

/// The versions of a text that were read, by the heads of the document as of which it says so.
#[derive(Default)]
struct Versions {
    texts: HashMap<Vec<ChangeHash>, Text>,
    before: HashMap<Vec<ChangeHash>, Arc<Before<Name>>>,
    sides: HashMap<[Vec<ChangeHash>; 2], Arc<Side<Name>>>,
    /// Those that are kept for their clashes.
    kept: HashSet<Vec<ChangeHash>>,
}

impl Marks {
    /// Compares the branches that met in one text, as far as so many looks go.
    pub(super) fn meet(&mut self, doc: &AutoCommit, text: TextPlace, left: usize) -> Compared {
        let crowd = self.crowd(text);
        if self.is_decided(doc, text, &crowd) {
            return Compared { found: Found::Met(Vec::new()), effort: 0 };
        }
        let effort = Effort::new(left.min(TEXT_COMPARED));
        let met = self.met_within(doc, text, &effort);
        Compared { found: met.map_or(Found::Crowded(crowd), Found::Met), effort: effort.taken() }
    }

    fn met_within(&mut self, doc: &AutoCommit, text: TextPlace, effort: &Effort) -> Option<Vec<Met>> {
        let Some(touches) = self.touched.get(&text) else { return Some(Vec::new()) };
        let changes: Vec<u32> = touches.keys().copied().collect();
        let looked_at = self.decisions(doc, text, WHOLE);
        let mut sides: Vec<[Vec<u32>; 2]> = Vec::new();
        for (one, other) in self.meetings(touches, effort)?.into_iter().rev() {
            if looked_at
                .iter()
                .any(|decision| self.seen(*decision).has(one) && self.seen(*decision).has(other))
            {
                continue;
            }
            let within = |side: &[u32], change| {
                side.iter().any(|newest| *newest == change || self.seen(*newest).has(change))
            };
            effort.take(sides.iter().flatten().map(Vec::len).sum())?;
            let known = sides
                .iter()
                .any(|[a, b]| (within(a, one) && within(b, other)) || (within(a, other) && within(b, one)));
            if !known && sides.len() < MOST_PAIRS {
                let first = self.newest(&changes, one, (&[other], effort))?;
                let second = self.newest(&changes, other, (&first, effort))?;
                sides.push([first, second]);
            }
        }
        let Some(object) = object_of(doc, text) else { return Some(Vec::new()) };
        let mut versions = Versions::default();
        let mut met = Vec::new();
        for sides in sides {
            let one = self.compared((doc, &object), &mut versions, (sides, effort))?;
            met.extend((!one.clashes.is_empty()).then_some(one));
        }
        Some(met)
    }

    /// Pairs of changes that met without having seen each other: both took out a character, one wrote
    /// behind a character that the other took out, or both wrote in one place.
    fn meetings(&self, touches: &BTreeMap<u32, Touch>, effort: &Effort) -> Option<BTreeSet<(u32, u32)>> {
        let mut deleted: HashMap<Name, Vec<u32>> = HashMap::new();
        let mut behind: HashMap<Option<Name>, Vec<u32>> = HashMap::new();
        for (change, touch) in touches {
            touch.deleted.iter().for_each(|name| deleted.entry(*name).or_default().push(*change));
            touch.behind.iter().for_each(|name| behind.entry(*name).or_default().push(*change));
        }
        let mut pairs = BTreeSet::new();
        let mut meet = |one: &[u32], other: &[u32]| {
            for a in one.iter().rev().take(MOST_PAIRS) {
                effort.take(other.len().min(MOST_PAIRS))?;
                for b in other.iter().rev().take(MOST_PAIRS).filter(|b| self.apart(*a, **b)) {
                    pairs.insert((*a.max(b), *a.min(b)));
                }
            }
            Some(())
        };
        for (name, changes) in &deleted {
            meet(changes, changes)?;
            if let Some(writers) = behind.get(&Some(*name)) {
                meet(changes, writers)?;
            }
        }
        behind.values().try_for_each(|changes| meet(changes, changes))?;
        Some(pairs)
    }

    /// The newest changes that go on from one and have not met others.
    fn newest(&self, changes: &[u32], from: u32, (others, effort): (&[u32], &Effort)) -> Option<Vec<u32>> {
        let mut newest: Vec<u32> = Vec::new();
        // Whatever goes on from a change has a number behind it.
        for change in changes.iter().rev().copied().take_while(|change| *change >= from) {
            effort.take(1 + others.len() + newest.len())?;
            let goes_on = (change == from || self.seen(change).has(from))
                && others.iter().all(|other| self.apart(change, *other));
            if goes_on && !newest.iter().any(|later| self.seen(*later).has(change)) {
                newest.push(change);
            }
        }
        newest.reverse();
        Some(if newest.is_empty() { vec![from] } else { newest })
    }

    /// The newest changes of a set.
    fn heads_of(&self, set: &Seen, effort: &Effort) -> Option<Vec<ChangeHash>> {
        let mut newest: Vec<u32> = Vec::new();
        for change in set.newest_first() {
            effort.take(1 + newest.len())?;
            if newest.iter().any(|later| change < self.seen(*later).floor()) {
                break;
            }
            if !newest.iter().any(|later| self.seen(*later).has(change)) {
                newest.push(change);
            }
        }
        Some(self.hashes(&newest))
    }

    fn hashes(&self, changes: &[u32]) -> Vec<ChangeHash> {
        changes.iter().map(|change| self.changes[*change as usize].hash).collect()
    }

    /// A version of a text, read unless it is known.
    fn version(
        &mut self,
        (doc, object): (&AutoCommit, &ObjId),
        known: &mut Versions,
        (heads, effort): (&[ChangeHash], &Effort),
    ) -> Option<Text> {
        if let Some(text) = known.texts.get(heads) {
            return Some(Arc::clone(text));
        }
        // One more: the text is searched, however little of it stood there then.
        let text = Arc::new(self.characters(doc, object, Some(heads)));
        effort.take(LETTER * (text.len() + 1))?;
        known.texts.insert(heads.to_vec(), Arc::clone(&text));
        Some(text)
    }

    fn compared(
        &mut self,
        at: (&AutoCommit, &ObjId),
        known: &mut Versions,
        (sides, effort): ([Vec<u32>; 2], &Effort),
    ) -> Option<Met> {
        let all = sides.each_ref().map(|newest| {
            let mut all = Seen::default();
            newest.iter().for_each(|change| all.join(*change, self.seen(*change)));
            all
        });
        let base = self.heads_of(&all[0].meet(&all[1]), effort)?;
        let heads: [Vec<ChangeHash>; 2] = sides.each_ref().map(|newest| self.hashes(newest));
        let text = self.version(at, known, (&base, effort))?;
        let before = known.before.entry(base.clone()).or_insert_with(|| Arc::new(Before::of(text)));
        let before = Arc::clone(before);
        let mut made = Vec::new();
        for heads in heads {
            let text = self.version(at, known, (&heads, effort))?;
            let letters = before.text.len() + text.len();
            let pair = [base.clone(), heads];
            if !known.sides.contains_key(&pair) {
                effort.take(letters)?;
            }
            let side = known.sides.entry(pair).or_insert_with(|| Arc::new(Side::of(&before, text)));
            made.push(Arc::clone(side));
        }
        let [one, other] = &made[..] else { return None };
        let stretches = clashing(&before, [one, other], |looks| effort.take(looks).is_some())?;
        let sides = Arc::new(sides);
        let mut clashes = Vec::new();
        for range in stretches {
            let versions = [one.version(&range), other.version(&range)];
            let words: usize = versions.iter().map(String::len).sum();
            let seen: usize = sides.iter().map(Vec::len).sum();
            effort.take(CLASH + words + seen)?;
            clashes.push(self.clash((range, versions), &before.text, &sides));
        }
        if !clashes.is_empty() && known.kept.insert(base) {
            effort.take(KEPT * before.text.len())?;
        }
        Some(Met { before: Arc::clone(&before.text), clashes })
    }

    fn clash(
        &self,
        (range, words): (Range<usize>, [String; 2]),
        before: &[Named<Name>],
        sides: &Arc<[Vec<u32>; 2]>,
    ) -> Clash {
        let [one, other] = words;
        let mut versions = [self.by(one, &sides[0]), self.by(other, &sides[1])];
        let order = |version: &Version| (version.at, version.by.clone(), version.words.clone());
        // The same order on every device.
        if order(&versions[1]) < order(&versions[0]) {
            versions.reverse();
        }
        // If both only wrote, the character before tells the place.
        let first = if range.is_empty() { range.start.checked_sub(1) } else { Some(range.start) };
        let name = self.written(first.and_then(|place| before.get(place)).map(|(name, _)| *name));
        Clash { name, range, versions, sides: Arc::clone(sides) }
    }

    /// Words, with who wrote the newest of some changes, and when.
    fn by(&self, words: String, changes: &[u32]) -> Version {
        let changes = changes.iter().map(|change| &self.changes[*change as usize]);
        let newest = changes.max_by_key(|change| (change.at, change.hash));
        let (by, at) = newest.map(|change| (change.by.clone(), change.at)).unwrap_or_default();
        Version { words, by, at }
    }

    /// The one mark of a text in which too much was changed at the same time. It is for somebody who has
    /// seen all of it.
    pub(super) fn crowd(&self, text: TextPlace) -> Clash {
        let all: Vec<u32> = self.touched.get(&text).into_iter().flat_map(BTreeMap::keys).copied().collect();
        let order = |change: &u32| (self.changes[*change as usize].at, self.changes[*change as usize].hash);
        let last = all.iter().copied().max_by_key(order);
        let other = all.iter().copied().filter(|change| Some(*change) != last).max_by_key(order);
        let versions = [other, last].map(|one| self.by(String::new(), one.as_slice()));
        Clash { name: WHOLE.to_owned(), range: 0..0, versions, sides: Arc::new([all, Vec::new()]) }
    }
}
