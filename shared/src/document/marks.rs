//! Stretches of a text that two people changed, neither having seen the other: texts merge letter
//! by letter without a word lost, but what comes of it is a sentence that nobody wrote.
//!
//! A mark is read from the history, so every device finds the same ones. It stays until somebody who has
//! seen both decides, which is a register that names it. Changes that rest on each other never clash, so
//! only those of branches are read, and each once: an edit of one's own costs a look at its ancestors.

mod ancestry;
mod mark;
mod meeting;
mod stretch;

use super::{DocumentError, read, write};
use crate::edit::TextPlace;
use crate::limits::TEXTS_COMPARED;
use ancestry::Seen;
use automerge::legacy::{ElementId, Key, ObjectId, OpId, OpType};
use automerge::{ActorId, AutoCommit, ChangeHash, ObjId as ExId, Prop, ReadDoc};
pub use mark::{Choice, TextMark, Version};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;
use stretch::{Kept, Named};

/// Registers of decided marks begin so, in the item or, for the goal, among the words of the board.
const DECIDED: &str = "looked/";

/// So many operations of branches are read in one document; a hundred people do not write as much apart.
const MOST_OPERATIONS: usize = 2_000_000;

/// So many pairs of branches are compared of one text.
const MOST_PAIRS: usize = 256;

/// A character of a text that is read weighs as much as so many looks at whether one change has seen another.
const LETTER: usize = 16;

/// A character of a text that is kept for its clashes weighs as much as so many looks more.
const KEPT: usize = 48;

/// A clash that is found and kept weighs as much as so many looks.
const CLASH: usize = 4096;

/// If more ranges of what changes have seen are kept than so many, only few are kept of each.
const MOST_RANGES: usize = 2_000_000;
const FEW_RANGES: usize = 4;

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
    /// The same by their numbers.
    named: Vec<ActorId>,
    texts: HashMap<Name, Option<TextPlace>>,
    /// The effect of changes of branches on each text.
    touched: BTreeMap<TextPlace, BTreeMap<u32, Touch>>,
    /// Texts in which more was touched since their branches were compared.
    changed: BTreeSet<TextPlace>,
    met: BTreeMap<TextPlace, Compared>,
    operations: usize,
    found: Vec<TextMark>,
    /// Changes that were decoded and texts that were compared, for tests.
    work: usize,
    /// Ranges of changes that are kept of what each has seen.
    ranges: usize,
    /// Characters of texts that were read, for tests.
    #[cfg(test)]
    letters: usize,
}

/// The outcome of comparing the branches of one text.
struct Compared {
    found: Found,
    /// The part of [`TEXTS_COMPARED`] that it took.
    effort: usize,
}

enum Found {
    Met(Vec<Met>),
    /// More changes stand beside each other than are compared: somebody looks at the text as a whole.
    Crowded(Clash),
}

/// Two branches that met in a text: the text before both, which others have in common with them, and what
/// clashes.
struct Met {
    before: Arc<Vec<Named<Name>>>,
    clashes: Vec<Clash>,
}

/// A stretch of the text before that both sides changed, with the changes that a decision must have seen.
struct Clash {
    name: String,
    range: Range<usize>,
    versions: [Version; 2],
    sides: Arc<[Vec<u32>; 2]>,
}

impl Clash {
    fn mark(
        &self,
        text: TextPlace,
        before: &[Named<Name>],
        (now, place): (&[Named<Name>], Range<usize>),
    ) -> TextMark {
        TextMark {
            text,
            name: self.name.clone(),
            before: words_of(&before[self.range.clone()]),
            versions: self.versions.clone(),
            now: words_of(&now[place.clone()]),
            around: around(now, &place),
            place: length(&now[..place.start])..length(&now[..place.end]),
            whole: false,
        }
    }

    fn crowded(&self, text: TextPlace) -> TextMark {
        TextMark {
            text,
            name: self.name.clone(),
            before: String::new(),
            versions: self.versions.clone(),
            now: String::new(),
            around: Default::default(),
            place: 0..0,
            whole: true,
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
            // In one order on every device: what the first texts take is not left for those behind them.
            let mut spent = 0;
            self.found = texts.into_iter().flat_map(|text| self.of_text(doc, text, &mut spent)).collect();
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
                let most = if self.ranges > MOST_RANGES { FEW_RANGES } else { usize::MAX };
                seen.join_within(*place, &self.changes[*place as usize].seen, most);
            }
            self.ranges += seen.ranges();
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
        if let Some(number) = self.actors.get(&id.1) {
            return (id.0, *number);
        }
        let number = u32::try_from(self.named.len()).unwrap_or(u32::MAX);
        self.actors.insert(id.1.clone(), number);
        self.named.push(id.1.clone());
        (id.0, number)
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

    /// The open marks of one text.
    fn of_text(&mut self, doc: &AutoCommit, text: TextPlace, spent: &mut usize) -> Vec<TextMark> {
        let mut compared = match self.met.remove(&text) {
            Some(known) if !self.changed.contains(&text) => known,
            _ => self.meet(doc, text, TEXTS_COMPARED.saturating_sub(*spent)),
        };
        self.changed.remove(&text);
        *spent += compared.effort;
        if *spent > TEXTS_COMPARED {
            compared.found = Found::Crowded(self.crowd(text));
        }
        let all = match &mut compared.found {
            Found::Met(met) => self.of_met(doc, text, met),
            Found::Crowded(clash) if self.is_decided(doc, text, clash) => {
                compared.found = Found::Met(Vec::new());
                Vec::new()
            }
            Found::Crowded(clash) => vec![clash.crowded(text)],
        };
        self.met.insert(text, compared);
        all
    }

    fn of_met(&mut self, doc: &AutoCommit, text: TextPlace, met: &mut Vec<Met>) -> Vec<TextMark> {
        let mut all: BTreeMap<usize, TextMark> = BTreeMap::new();
        for one in met.iter_mut() {
            one.clashes.retain(|clash| !self.is_decided(doc, text, clash));
        }
        met.retain(|one| !one.clashes.is_empty());
        let Some(object) = object_of(doc, text).filter(|_| !met.is_empty()) else { return Vec::new() };
        let now = self.characters(doc, &object, None);
        let places: HashMap<Name, usize> =
            now.iter().enumerate().map(|(place, (name, _))| (*name, place)).collect();
        // Texts before that many pairs have in common are looked up once.
        let mut known: HashMap<*const Vec<Named<Name>>, Kept> = HashMap::new();
        for one in &*met {
            let kept = known.entry(Arc::as_ptr(&one.before)).or_insert_with(|| {
                let kept = one.before.iter().enumerate();
                let kept = kept.filter_map(|(place, (name, _))| Some((place, *places.get(name)?)));
                Kept::of(one.before.len(), now.len(), kept)
            });
            for clash in &one.clashes {
                let mark = clash.mark(text, &one.before, (&now, kept.place_of(&clash.range)));
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
        all.into_values().collect()
    }

    /// Whether somebody who had seen both versions has decided. A decision stays.
    fn is_decided(&self, doc: &AutoCommit, text: TextPlace, clash: &Clash) -> bool {
        self.decisions(doc, text, &clash.name)
            .into_iter()
            .any(|decision| clash.sides.iter().flatten().all(|change| self.seen(decision).has(*change)))
    }

    /// The changes that decided about a mark.
    fn decisions(&self, doc: &AutoCommit, text: TextPlace, mark: &str) -> Vec<u32> {
        let hashes = decisions(doc, text, mark);
        hashes.iter().filter_map(|hash| self.places.get(hash)).copied().collect()
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
        #[cfg(test)]
        {
            self.letters += all.len();
        }
        all
    }

    /// The name of a character in words, the same on every device.
    fn written(&self, name: Option<Name>) -> String {
        let Some((counter, number)) = name else { return "0".to_owned() };
        let actor = self.named.get(number as usize).map(ActorId::to_hex_string);
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
