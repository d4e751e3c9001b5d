//! The authors, times and places of changes, read from the document: each change is read once, and
//! only those since a time where that is enough.

use super::paragraph;
use super::write::{object, settles};
use automerge::legacy::{Key, ObjectId, OpId, OpType};
use automerge::{AutoCommit, ChangeHash, ExpandedChange, ObjId, ObjType, ROOT, ReadDoc, Value};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A place of a document: its keys from the root, as `items`, an id, `title`.
pub type Path = Vec<String>;

/// The hash of a change.
pub type Hash = [u8; 32];

/// One change of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Seconds since 1970, by the clock of its device; 0 where it does not say.
    pub time: i64,
    /// Person and unit as the change names them; empty for a program that does not say. The writer under the
    /// actor is what proves it.
    pub by: String,
    pub actor: Vec<u8>,
    pub hash: Hash,
    /// The changes that it rests on.
    pub rests_on: Vec<Hash>,
    /// Whether it came after what was told to be here before, whenever it was written.
    pub arrived: bool,
    /// The places that it wrote, each once. Places inside of a thing that it made are not named.
    pub paths: BTreeSet<Path>,
}

/// Reads the changes of one document, each once.
#[derive(Debug, Default)]
pub struct Reader {
    /// Up to which changes it has read; none before the first time.
    heads: Option<Vec<ChangeHash>>,
    /// The places of objects.
    places: HashMap<ObjectId, Path>,
}

impl Reader {
    /// The changes that came since the last call, ancestors first. The first call gives those that
    /// were written at a time (seconds since 1970) or later and what rests on them, and all that came
    /// on top of `before`, the heads of what was here: words of somebody who was long away.
    pub fn new_changes(&mut self, doc: &mut AutoCommit, since: i64, before: &[ChangeHash]) -> Vec<Change> {
        let first = self.heads.is_none();
        let new = doc.get_changes_meta(before).into_iter().map(|change| change.hash);
        let arrived: HashSet<ChangeHash> = if first { new.collect() } else { HashSet::new() };
        let known = match self.heads.take() {
            Some(heads) => heads,
            None => heads_of(doc, |hash, time| time < since && !arrived.contains(hash)),
        };
        self.heads = Some(doc.get_heads());
        let changes = doc.get_changes(&known);
        let mut walked = false;
        let mut all = Vec::with_capacity(changes.len());
        for change in changes {
            // Every document of a kind begins with the same bytes, which nobody has written.
            if change.timestamp() == 0 && change.deps().is_empty() {
                continue;
            }
            let expanded = change.decode();
            if !walked && expanded.operations.iter().any(|op| !self.knows(&op.obj)) {
                walked = true;
                walk(doc, &ROOT, &mut Path::new(), &mut self.places);
            }
            all.push(Change {
                time: change.timestamp(),
                by: change.message().unwrap_or_default().to_owned(),
                actor: change.actor_id().to_bytes().to_vec(),
                hash: change.hash().0,
                rests_on: change.deps().iter().map(|hash| hash.0).collect(),
                arrived: !first || arrived.contains(&change.hash()),
                paths: self.paths(&expanded),
            });
        }
        all
    }

    fn knows(&self, object: &ObjectId) -> bool {
        *object == ObjectId::Root || self.places.contains_key(object)
    }

    fn paths(&self, change: &ExpandedChange) -> BTreeSet<Path> {
        let (mut all, mut made) = (BTreeSet::new(), BTreeSet::new());
        let mut texts: HashSet<&ObjectId> = HashSet::new();
        for op in &change.operations {
            let base = match &op.obj {
                ObjectId::Root => Some(Path::new()),
                // A letter of a text: the text was written, however many there are.
                text if matches!(op.key, Key::Seq(_)) && !texts.insert(text) => None,
                other => self.places.get(other).cloned(),
            };
            // An object that another one has replaced has no place.
            let Some(mut path) = base else { continue };
            if let Key::Map(key) = &op.key {
                // Says what was chosen in a clash; the register of the value says the same.
                if settles(key).is_some() {
                    continue;
                }
                path.push(key.to_string());
            }
            if matches!(op.action, OpType::Make(_)) {
                made.insert(path.clone());
            }
            all.insert(path);
        }
        all.retain(|path| (1..path.len()).all(|length| !made.contains(&path[..length])));
        all
    }
}

/// The deepest place that is looked for; a board has none below the fields of milestones.
const DEEPEST: usize = 6;

fn walk(doc: &AutoCommit, object: &ObjId, path: &mut Path, places: &mut HashMap<ObjectId, Path>) {
    for register in doc.map_range(object, ..) {
        let Value::Object(kind) = Value::from(register.value.clone()) else { continue };
        let id = register.id();
        path.push(register.key.to_string());
        if let ObjId::Id(counter, actor, _) = &id {
            places.insert(ObjectId::Id(OpId::new(*counter, actor)), path.clone());
        }
        if kind == ObjType::Map && path.len() < DEEPEST {
            walk(doc, &id, path, places);
        }
        path.pop();
    }
}

/// The changes right behind the fixed first one that say `name` and no time.
pub fn begun_by(doc: &mut AutoCommit, name: &str) -> Vec<[u8; 32]> {
    let all = doc.get_changes_meta(&[]);
    let first = |meta: &automerge::ChangeMetadata<'_>| meta.deps.is_empty();
    let roots: Vec<_> = all.iter().filter(|meta| first(meta)).map(|meta| meta.hash).collect();
    let begun = |meta: &&automerge::ChangeMetadata<'_>| {
        let behind = !first(meta) && meta.deps.iter().all(|hash| roots.contains(hash));
        behind && meta.timestamp == 0 && meta.message.as_deref() == Some(name)
    };
    all.iter().filter(begun).map(|meta| meta.hash.0).collect()
}

/// The heads of all changes that fit, by hash and time, with everything they rest on.
pub fn heads_of(doc: &mut AutoCommit, fits: impl Fn(&ChangeHash, i64) -> bool) -> Vec<ChangeHash> {
    let (mut inside, mut heads) = (HashSet::new(), BTreeSet::new());
    // Ancestors come first.
    for change in doc.get_changes_meta(&[]) {
        if fits(&change.hash, change.timestamp) && change.deps.iter().all(|hash| inside.contains(hash)) {
            change.deps.iter().for_each(|hash| {
                heads.remove(hash);
            });
            inside.insert(change.hash);
            heads.insert(change.hash);
        }
    }
    heads.into_iter().collect()
}

/// The words that a place held after some changes; none where it held nothing.
pub fn words_at(doc: &AutoCommit, path: &[String], heads: &[Hash]) -> Option<String> {
    let (key, above) = path.split_last()?;
    let above: Vec<&str> = above.iter().map(String::as_str).collect();
    // An object stays under its key for good: only what is in it is of a time.
    let above = object(doc, &above)?;
    let heads: Vec<ChangeHash> = heads.iter().map(|hash| ChangeHash(*hash)).collect();
    match doc.get_at(&above, key.as_str(), &heads).ok()?? {
        (Value::Scalar(value), _) => Some(match value.as_str() {
            Some(words) => words.to_owned(),
            None => value.to_string(),
        }),
        (Value::Object(ObjType::Text), text) => doc.text_at(&text, &heads).ok().map(paragraph::shown),
        (Value::Object(_), _) => None,
    }
}
