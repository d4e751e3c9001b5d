//! Whether changes of a board leave its settled plan alone.
//!
//! A person who may not decide changes a settled plan by proposals only. Changes of somebody who had not
//! seen that it was settled are taken: their words are kept, the plan then differs from what was
//! settled, and its lead looks again before anything is published.

use super::operations;
use crate::document;
use crate::plan::{is_measure, touches_place};
use crate::sync::RefusalCode;
use crate::sync::room::objection::Objection;
use crate::template::Template;
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, AutoCommit, Change, ChangeHash, ObjId as ExId, Prop, ReadDoc, ScalarValue};
use std::collections::HashMap;
use std::sync::Arc;

/// The place of an object in a document: the keys that lead to it from the top.
type Path = Vec<String>;

/// So many ancestors of one frame are looked up in the document. A device that was away goes on
/// from a few heads; what comes with more is taken for written after the plan was settled.
const MOST_ANCESTORS: usize = 64;

/// So many changes of the history are walked for one frame: each look walks all of them, where chains of changes
/// stand side by side.
const WALKED: u64 = 320_000;

/// So many ancestors are looked up at the least, however long the history is.
const FEWEST_ANCESTORS: usize = 8;

/// Asks whether changes that somebody without the right to decide brings leave a settled plan
/// alone.
pub(in super::super) fn plan_fits(document: &mut AutoCommit, changes: &[&Change]) -> Result<(), Objection> {
    if document::settled_by(document).is_none() {
        return Ok(());
    }
    let mut read: Vec<(&Change, Vec<Op>)> = Vec::with_capacity(changes.len());
    for change in changes {
        read.push((change, operations(change)?));
    }
    // A change begins behind every operation of its ancestors.
    read.sort_by_key(|(change, _)| change.start_op());
    let mut made = Made::new(document);
    for (change, operations) in &read {
        made.note(document, change, operations);
    }
    let mut seen = Seen::in_history(document);
    for (change, operations) in &read {
        let seen = seen.by(document, change);
        if seen && made.touches(document, operations) {
            return Err(Objection::plain(RefusalCode::PlanSettled));
        }
    }
    Ok(())
}

/// The work of the changes themselves: objects with their places, and the types of items.
struct Made {
    /// None where it cannot be read: all items are the plan.
    template: Option<Arc<Template>>,
    paths: HashMap<(u64, ActorId), Option<Path>>,
    /// The types that are written into new items: whoever wins in the end.
    kinds: HashMap<String, Vec<String>>,
}

impl Made {
    fn new(document: &AutoCommit) -> Self {
        Self { template: document::template_of(document), paths: HashMap::new(), kinds: HashMap::new() }
    }

    fn note(&mut self, document: &AutoCommit, change: &Change, operations: &[Op]) {
        for (counter, operation) in (change.start_op().get()..).zip(operations) {
            let Key::Map(key) = &operation.key else { continue };
            let Some(mut path) = self.path(document, operation) else { continue };
            if let (["items", item], "kind") = (&strs(&path)[..], key.as_str())
                && !document::has_item(document, item)
            {
                let kind = match &operation.action {
                    OpType::Put(ScalarValue::Str(kind)) => kind.to_string(),
                    _ => String::new(),
                };
                self.kinds.entry((*item).to_owned()).or_default().push(kind);
            }
            let actor = change.actor_id().clone();
            // Nobody gives an object of the document another place.
            let stands = document.parents(ExId::Id(counter, actor.clone(), 0)).is_ok();
            if matches!(operation.action, OpType::Make(_)) && !stands {
                path.push(key.to_string());
                self.paths.insert((counter, actor), Some(path));
            }
        }
    }

    /// The place of what an operation writes into.
    fn path(&mut self, document: &AutoCommit, operation: &Op) -> Option<Path> {
        let ObjectId::Id(OpId(counter, actor)) = &operation.obj else { return Some(Path::new()) };
        let name = (*counter, actor.clone());
        if let Some(path) = self.paths.get(&name) {
            return path.clone();
        }
        let stands = document.parents(ExId::Id(*counter, actor.clone(), 0)).ok().map(|parents| {
            let key = |prop| match prop {
                Prop::Map(key) => key,
                Prop::Seq(place) => place.to_string(),
            };
            let mut path: Path = parents.map(|parent| key(parent.prop)).collect();
            path.reverse();
            path
        });
        self.paths.insert(name, stands.clone());
        stands
    }

    fn touches(&mut self, document: &AutoCommit, operations: &[Op]) -> bool {
        operations.iter().any(|operation| {
            let key = match &operation.key {
                Key::Map(key) => Some(key.as_str()),
                Key::Seq(_) => None,
            };
            // An object of an unknown place is not let into a settled plan.
            let Some(path) = self.path(document, operation) else { return true };
            let path = strs(&path);
            // Nobody makes a measure of another item, or puts one in its place.
            let replaced = match (&path[..], key) {
                (["items"], Some(item)) => document::has_item(document, item),
                (["items", item], Some("kind")) => document::has_item(document, item),
                _ => false,
            };
            let template = self.template.as_deref();
            let measure = |item: &str| match self.kinds.get(item) {
                Some(kinds) if !document::has_item(document, item) => {
                    kinds.iter().any(|kind| is_measure(template, kind))
                }
                _ => is_measure(template, &document::kind_of(document, item)),
            };
            replaced || touches_place(&path, key, measure)
        })
    }
}

fn strs(path: &Path) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

/// Which changes were written by somebody who had seen the plan settled.
struct Seen {
    /// The changes that were brought, in the order of their ancestry.
    brought: HashMap<ChangeHash, bool>,
    /// The changes in the document that they go on from.
    known: HashMap<ChangeHash, bool>,
    /// So many of these are looked up.
    most: usize,
}

impl Seen {
    fn in_history(document: &AutoCommit) -> Self {
        let fit = usize::try_from(WALKED / document.stats().num_changes.max(1)).unwrap_or(MOST_ANCESTORS);
        let most = fit.clamp(FEWEST_ANCESTORS, MOST_ANCESTORS);
        Self { brought: HashMap::new(), known: HashMap::new(), most }
    }

    fn by(&mut self, document: &mut AutoCommit, change: &Change) -> bool {
        let mut seen = false;
        for hash in change.deps() {
            seen |= match self.brought.get(hash) {
                Some(seen) => *seen,
                None => self.of_known(document, *hash),
            };
        }
        self.brought.insert(change.hash(), seen);
        seen
    }

    fn of_known(&mut self, document: &mut AutoCommit, hash: ChangeHash) -> bool {
        if let Some(seen) = self.known.get(&hash) {
            return *seen;
        }
        // Nobody gets in by an ancestor that is still to come.
        let seen = self.known.len() >= self.most
            || document.get_change_meta_by_hash(&hash).is_none()
            || document::was_settled_at(document, hash);
        self.known.insert(hash, seen);
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::ROOT;
    use automerge::transaction::Transactable;

    /// How many ancestors of one frame are looked up in a history of two chains side by side, so long each.
    fn looked_up(chain: usize) -> usize {
        let mut sides = [1, 2].map(|actor| AutoCommit::new().with_actor(ActorId::from([actor])));
        for step in 0..chain {
            for side in &mut sides {
                side.put(ROOT, "step", i64::try_from(step).unwrap()).unwrap();
                side.commit();
            }
        }
        let [mut document, mut other] = sides;
        let all: Vec<ChangeHash> = document.get_changes_meta(&[]).iter().map(|change| change.hash).collect();
        document.merge(&mut other).unwrap();
        let mut seen = Seen::in_history(&document);
        // Nothing of it was settled.
        all.iter().filter(|hash| !seen.of_known(&mut document, **hash)).count()
    }

    #[test]
    fn ancestors_are_looked_up_as_far_as_the_walks_for_them_go() {
        assert_eq!(looked_up(100), MOST_ANCESTORS, "as many as ever in an ordinary history");
        let long = 10_000;
        let walked = looked_up(long) * long * 2;
        assert!(walked <= usize::try_from(WALKED).unwrap(), "{walked} changes");
    }
}
