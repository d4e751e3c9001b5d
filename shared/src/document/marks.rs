//! Stretches of a text that two people changed, neither having seen the other: texts merge letter
//! by letter without a word lost, but what comes of it is a sentence that nobody wrote.
//!
//! A mark is read from the history, so every device finds the same ones. It stays until somebody who has
//! seen both decides, which is a register that names it. Changes that rest on each other never clash, so
//! only those of branches are read, and each once: an edit of one's own costs a look at its ancestors.

mod ancestry;
mod mark;
mod stretch;

use super::{DocumentError, read, write};
use crate::edit::TextPlace;
use ancestry::Seen;
use automerge::legacy::{ElementId, Key, ObjectId, OpId, OpType};
use automerge::{ActorId, AutoCommit, ChangeHash, ObjId as ExId, Prop, ReadDoc};
pub use mark::{Choice, TextMark, Version};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use stretch::{Named, Stretch, clashing, place_of};

/// Registers of decided marks begin so, in the item or, for the goal, among the words of the board.
const DECIDED: &str = "looked/";

/// So many operations of branches are read in one document; a hundred people do not write as much apart.
const MOST_OPERATIONS: usize = 2_000_000;

/// So many pairs of branches are compared of one text.
const MOST_PAIRS: usize = 256;

/// Characters that are shown before and behind a stretch.
const AROUND: usize = 24;

/// The name of a character: the number of the operation that wrote it, and who wrote it.
type Name = (u64, u32);

/// The effect of a change on one text.
#[derive(Debug, Default)]
struct Touch {
    deleted: Vec<Name>,
    /// The characters behind which it wrote; of a run only that of its first.
    behind: BTreeSet<Option<Name>>,
}

struct Change {
    hash: ChangeHash,
    seen: Seen,
    by: String,
    at: i64,
    /// Whether its operations were read.
    read: bool,
}

/// The marks of a document, kept up with it.
#[derive(Default)]
pub(super) struct Marks {
    heads: Vec<ChangeHash>,
    changes: Vec<Change>,
    places: HashMap<ChangeHash, u32>,
    actors: HashMap<ActorId, u32>,
    texts: HashMap<Name, Option<TextPlace>>,
    /// The effect of changes of branches on each text.
    touched: BTreeMap<TextPlace, BTreeMap<u32, Touch>>,
    /// Texts in which more was touched since their branches were compared.
    changed: BTreeSet<TextPlace>,
    met: BTreeMap<TextPlace, Vec<Met>>,
    operations: usize,
    found: Vec<TextMark>,
    /// Changes that were decoded and texts that were compared, for tests.
    work: usize,
}

/// Two branches that met in a text: the text before both, and what clashes.
struct Met {
    before: Vec<Named<Name>>,
    clashes: Vec<Clash>,
}

/// A stretch of the text before that both sides changed, with the changes that a decision must have seen.
struct Clash {
    name: String,
    range: Range<usize>,
    versions: [Version; 2],
    sides: [Vec<u32>; 2],
}

impl Clash {
    fn mark(&self, text: TextPlace, before: &[Named<Name>], now: &[Named<Name>]) -> TextMark {
        let place = place_of(before, now, &self.range);
        TextMark {
            text,
            name: self.name.clone(),
            before: words_of(&before[self.range.clone()]),
            versions: self.versions.clone(),
            now: words_of(&now[place.clone()]),
            around: around(now, &place),
            place: length(&now[..place.start])..length(&now[..place.end]),
        }
    }
}

impl Marks {
    /// The open marks of a board's document as it stands.
    pub fn of(&mut self, doc: &mut AutoCommit) -> &[TextMark] {
        let heads = doc.get_heads();
        if heads != self.heads {
            self.learn(doc);
            self.heads = heads;
            let texts: Vec<TextPlace> = self.touched.keys().copied().collect();
            self.found = texts.into_iter().flat_map(|text| self.of_text(doc, text)).collect();
        }
        &self.found
    }

    /// How much was read and compared so far.
    pub const fn work(&self) -> usize {
        self.work
    }

    /// Takes in the changes that are new, and reads what those of branches did.
    fn learn(&mut self, doc: &mut AutoCommit) {
        // The ends of ranges of changes that some other has not seen.
        let mut edges: BTreeMap<u32, i64> = BTreeMap::new();
        for meta in doc.get_changes_meta(&self.heads) {
            let number = u32::try_from(self.changes.len()).unwrap_or(u32::MAX);
            let mut seen = Seen::default();
            for place in meta.deps.iter().filter_map(|hash| self.places.get(hash)) {
                seen.join(*place, &self.changes[*place as usize].seen);
            }
            let gaps = seen.gaps(number);
            let own = (!gaps.is_empty()).then_some(number..number + 1);
            for range in gaps.into_iter().chain(own) {
                *edges.entry(range.start).or_default() += 1;
                *edges.entry(range.end).or_default() -= 1;
            }
            self.places.insert(meta.hash, number);
            self.changes.push(Change {
                hash: meta.hash,
                seen,
                by: meta.message.as_deref().unwrap_or_default().to_owned(),
                at: meta.timestamp,
                read: false,
            });
        }
        let (mut open, mut from) = (0, 0);
        for (at, step) in edges {
            for number in (from..at).filter(|_| open > 0) {
                if !std::mem::replace(&mut self.changes[number as usize].read, true) {
                    self.read(doc, number);
                }
            }
            (open, from) = (open + step, at);
        }
    }

    fn name(&mut self, id: &OpId) -> Name {
        let next = u32::try_from(self.actors.len()).unwrap_or(u32::MAX);
        (id.0, *self.actors.entry(id.1.clone()).or_insert(next))
    }

    fn read(&mut self, doc: &mut AutoCommit, number: u32) {
        let Some(change) = doc.get_change_by_hash(&self.changes[number as usize].hash) else { return };
        self.operations += change.len();
        if self.operations > MOST_OPERATIONS {
            return;
        }
        self.work += 1;
        let actor = change.actor_id().clone();
        // automerge panics over changes that are badly made.
        let decoded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| change.decode().operations));
        let Ok(operations) = decoded else { return };
        for (counter, operation) in (change.start_op().get()..).zip(operations) {
            let (ObjectId::Id(object), Key::Seq(element)) = (&operation.obj, &operation.key) else {
                continue;
            };
            let Some(text) = self.text(doc, object) else { continue };
            let element = match element {
                ElementId::Head => None,
                ElementId::Id(id) => Some(self.name(id)),
            };
            let own = self.name(&OpId(counter, actor.clone()));
            self.changed.insert(text);
            let touch = self.touched.entry(text).or_default().entry(number).or_default();
            if operation.insert {
                // A run goes on behind its own last character.
                if element.is_none_or(|element| element != (own.0 - 1, own.1)) {
                    touch.behind.insert(element);
                }
            } else if matches!(operation.action, OpType::Delete) {
                touch.deleted.extend(element);
            }
        }
    }

    /// The text that an object is.
    fn text(&mut self, doc: &AutoCommit, object: &OpId) -> Option<TextPlace> {
        let name = self.name(object);
        if let Some(known) = self.texts.get(&name) {
            return *known;
        }
        let parents = doc.parents(ExId::Id(object.0, object.1.clone(), 0)).ok();
        let mut path: Vec<String> = parents
            .into_iter()
            .flatten()
            .map(|parent| match parent.prop {
                Prop::Map(key) => key,
                Prop::Seq(place) => place.to_string(),
            })
            .collect();
        path.reverse();
        let text = match &path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["goal"] => Some(TextPlace::Goal),
            ["items", item, "text"] => item.parse().ok().map(TextPlace::Item),
            _ => None,
        };
        self.texts.insert(name, text);
        text
    }

    fn seen(&self, change: u32) -> &Seen {
        &self.changes[change as usize].seen
    }

    fn apart(&self, one: u32, other: u32) -> bool {
        one != other && !self.seen(one).has(other) && !self.seen(other).has(one)
    }

    /// Pairs of changes that met without having seen each other: both took out a character, one wrote
    /// behind a character that the other took out, or both wrote in one place.
    fn meetings(&self, touches: &BTreeMap<u32, Touch>) -> BTreeSet<(u32, u32)> {
        let mut deleted: HashMap<Name, Vec<u32>> = HashMap::new();
        let mut behind: HashMap<Option<Name>, Vec<u32>> = HashMap::new();
        for (change, touch) in touches {
            touch.deleted.iter().for_each(|name| deleted.entry(*name).or_default().push(*change));
            touch.behind.iter().for_each(|name| behind.entry(*name).or_default().push(*change));
        }
        let mut pairs = BTreeSet::new();
        let mut meet = |one: &[u32], other: &[u32]| {
            for a in one.iter().rev().take(MOST_PAIRS) {
                for b in other.iter().rev().take(MOST_PAIRS).filter(|b| self.apart(*a, **b)) {
                    pairs.insert((*a.max(b), *a.min(b)));
                }
            }
        };
        for (name, changes) in &deleted {
            meet(changes, changes);
            if let Some(writers) = behind.get(&Some(*name)) {
                meet(changes, writers);
            }
        }
        behind.values().for_each(|changes| meet(changes, changes));
        pairs
    }

    /// The branches that met in one text, with what clashes between them.
    fn meet(&mut self, doc: &AutoCommit, text: TextPlace) -> Vec<Met> {
        let Some(touches) = self.touched.get(&text) else { return Vec::new() };
        let changes: Vec<u32> = touches.keys().copied().collect();
        let mut sides: Vec<[Vec<u32>; 2]> = Vec::new();
        for (one, other) in self.meetings(touches).into_iter().rev() {
            let within = |side: &[u32], change| {
                side.iter().any(|newest| *newest == change || self.seen(*newest).has(change))
            };
            let known = sides
                .iter()
                .any(|[a, b]| (within(a, one) && within(b, other)) || (within(a, other) && within(b, one)));
            if !known && sides.len() < MOST_PAIRS {
                let first = self.newest(&changes, one, &[other]);
                let second = self.newest(&changes, other, &first);
                sides.push([first, second]);
            }
        }
        let Some(object) = object_of(doc, text) else { return Vec::new() };
        let met: Vec<Met> = sides.into_iter().map(|sides| self.compared(doc, &object, sides)).collect();
        met.into_iter().filter(|met| !met.clashes.is_empty()).collect()
    }

    /// The open marks of one text.
    fn of_text(&mut self, doc: &AutoCommit, text: TextPlace) -> Vec<TextMark> {
        if self.changed.remove(&text) {
            let met = self.meet(doc, text);
            self.met.insert(text, met);
        }
        let Some(mut met) = self.met.remove(&text) else { return Vec::new() };
        let mut all: BTreeMap<usize, TextMark> = BTreeMap::new();
        let mut now = None;
        for one in &mut met {
            one.clashes.retain(|clash| !self.is_decided(doc, text, clash));
            for clash in &one.clashes {
                let now = now.get_or_insert_with(|| {
                    object_of(doc, text).map(|object| self.characters(doc, &object, None)).unwrap_or_default()
                });
                let mark = clash.mark(text, &one.before, now);
                if mark.is_settled() {
                    continue;
                }
                // If three people wrote in one place, two after the other are asked about, those first who
                // wrote different words: one copy of the same words would take out those of the third.
                let known = all.entry(mark.place.start).or_insert_with(|| mark.clone());
                if known.is_alike() && !mark.is_alike() {
                    *known = mark;
                }
            }
        }
        self.met.insert(text, met);
        all.into_values().collect()
    }

    /// Whether somebody who had seen both versions has decided. A decision stays.
    fn is_decided(&self, doc: &AutoCommit, text: TextPlace, clash: &Clash) -> bool {
        decisions(doc, text, &clash.name)
            .iter()
            .filter_map(|hash| self.places.get(hash))
            .any(|decision| clash.sides.iter().flatten().all(|change| self.seen(*decision).has(*change)))
    }

    /// The newest changes that go on from one and have not met others.
    fn newest(&self, changes: &[u32], from: u32, others: &[u32]) -> Vec<u32> {
        let goes_on = |change: &&u32| {
            (**change == from || self.seen(**change).has(from))
                && others.iter().all(|other| self.apart(**change, *other))
        };
        let all: Vec<u32> = changes.iter().filter(goes_on).copied().collect();
        let newest = |change: &&u32| !all.iter().any(|later| self.seen(*later).has(**change));
        let newest: Vec<u32> = all.iter().filter(newest).copied().collect();
        if newest.is_empty() { vec![from] } else { newest }
    }

    /// The newest changes of a set.
    fn heads_of(&self, set: &Seen) -> Vec<ChangeHash> {
        let mut newest: Vec<u32> = Vec::new();
        for change in set.newest_first() {
            if newest.iter().any(|later| change < self.seen(*later).floor()) {
                break;
            }
            if !newest.iter().any(|later| self.seen(*later).has(change)) {
                newest.push(change);
            }
        }
        newest.into_iter().map(|change| self.changes[change as usize].hash).collect()
    }

    fn characters(
        &mut self,
        doc: &AutoCommit,
        object: &ExId,
        heads: Option<&[ChangeHash]>,
    ) -> Vec<Named<Name>> {
        self.work += 1;
        let items = match heads {
            Some(heads) => doc.list_range_at(object, .., heads),
            None => doc.list_range(object, ..),
        };
        let mut all = Vec::new();
        for item in items {
            let ExId::Id(counter, actor, _) = item.id() else { continue };
            let name = self.name(&OpId(counter, actor));
            let value = item.value.into_value();
            all.extend(value.as_str().unwrap_or_default().chars().map(|one| (name, one)));
        }
        all
    }

    fn compared(&mut self, doc: &AutoCommit, object: &ExId, sides: [Vec<u32>; 2]) -> Met {
        let all = sides.each_ref().map(|newest| {
            let mut all = Seen::default();
            newest.iter().for_each(|change| all.join(*change, self.seen(*change)));
            all
        });
        let hashes =
            |newest: &[u32]| newest.iter().map(|change| self.changes[*change as usize].hash).collect();
        let heads: [Vec<ChangeHash>; 2] = sides.each_ref().map(|newest| hashes(newest));
        let before = self.heads_of(&all[0].meet(&all[1]));
        let before = self.characters(doc, object, Some(&before));
        let texts = heads.map(|heads| self.characters(doc, object, Some(&heads)));
        let clashes = clashing(&before, [&texts[0], &texts[1]])
            .into_iter()
            .map(|stretch| self.clash(stretch, &before, sides.clone()))
            .collect();
        Met { before, clashes }
    }

    fn clash(&self, stretch: Stretch, before: &[Named<Name>], mut sides: [Vec<u32>; 2]) -> Clash {
        let Stretch { range, versions: words } = stretch;
        let version = |(words, newest): (String, &Vec<u32>)| {
            let newest = newest.iter().map(|change| &self.changes[*change as usize]);
            let newest = newest.max_by_key(|change| (change.at, change.hash));
            let (by, at) = newest.map(|change| (change.by.clone(), change.at)).unwrap_or_default();
            Version { words, by, at }
        };
        let [one, other] = words;
        let mut versions = [version((one, &sides[0])), version((other, &sides[1]))];
        let order = |version: &Version| (version.at, version.by.clone(), version.words.clone());
        // The same order on every device.
        if order(&versions[1]) < order(&versions[0]) {
            versions.reverse();
            sides.reverse();
        }
        // If both only wrote, the character before tells the place.
        let first = if range.is_empty() { range.start.checked_sub(1) } else { Some(range.start) };
        let name = self.written(first.and_then(|place| before.get(place)).map(|(name, _)| *name));
        Clash { name, range, versions, sides }
    }

    /// The name of a character in words, the same on every device.
    fn written(&self, name: Option<Name>) -> String {
        let Some((counter, number)) = name else { return "0".to_owned() };
        let actor =
            self.actors.iter().find(|(_, known)| **known == number).map(|(actor, _)| actor.to_hex_string());
        format!("{counter}@{}", actor.unwrap_or_default())
    }
}

fn words_of(characters: &[Named<Name>]) -> String {
    characters.iter().map(|(_, one)| *one).collect()
}

fn length(characters: &[Named<Name>]) -> usize {
    characters.iter().map(|(_, one)| one.len_utf16()).sum()
}

/// Words of the same paragraph on both sides of a place.
fn around(now: &[Named<Name>], place: &Range<usize>) -> [String; 2] {
    let words = |one: &&Named<Name>| one.1 != '\n';
    let mut before: Vec<char> =
        now[..place.start].iter().rev().take_while(words).take(AROUND).map(|(_, one)| *one).collect();
    before.reverse();
    let behind = now[place.end..].iter().take_while(words).take(AROUND).map(|(_, one)| *one).collect();
    [before.into_iter().collect(), behind]
}

fn object_of(doc: &AutoCommit, text: TextPlace) -> Option<ExId> {
    match text {
        TextPlace::Goal => write::object(doc, &["goal"]),
        TextPlace::Item(item) => write::object(doc, &["items", &item.to_string(), "text"]),
    }
}

/// The object that keeps the decisions about a text.
fn keeper(doc: &AutoCommit, text: TextPlace) -> Option<ExId> {
    match text {
        TextPlace::Goal => write::object(doc, &["meta"]),
        TextPlace::Item(item) => write::object(doc, &["items", &item.to_string()]),
    }
}

/// The changes that decided about a mark.
fn decisions(doc: &AutoCommit, text: TextPlace, mark: &str) -> Vec<ChangeHash> {
    let Some(keeper) = keeper(doc, text) else { return Vec::new() };
    let all = doc.get_all(&keeper, format!("{DECIDED}{mark}")).unwrap_or_default();
    all.iter().filter_map(|(_, written)| doc.hash_for_opid(written)).collect()
}

/// Whether a register keeps a decision about a mark.
#[must_use]
pub fn is_decision(key: &str) -> bool {
    key.starts_with(DECIDED)
}

/// Says that what was seen of a mark is decided.
pub(super) fn decide(doc: &mut AutoCommit, text: TextPlace, mark: &str) -> Result<(), DocumentError> {
    let keeper = keeper(doc, text).ok_or_else(|| DocumentError::Missing(mark.to_owned()))?;
    let key = format!("{DECIDED}{mark}");
    let count = read::integer(doc, &keeper, &key).unwrap_or_default();
    write::put(doc, &keeper, &key, count + 1)
}

#[cfg(test)]
mod tests;
