//! Whether changes of a board leave its settled plan alone.
//!
//! Who may not decide changes a settled plan by proposals only. Changes of somebody who had not
//! seen that it was settled are taken: their words are kept, the plan then differs from what was
//! settled, and its lead looks again before anything is published.

use super::{Objection, operations};
use crate::document;
use crate::plan::touches_place;
use crate::sync::RefusalCode;
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, AutoCommit, Change, ChangeHash, ObjId as ExId, Prop, ReadDoc, ScalarValue};
use std::collections::{BTreeSet, HashMap};

/// Where an object of a document stands: the keys that lead to it from the top.
type Path = Vec<String>;

/// Asks whether changes that somebody without the right to decide brings leave a settled plan
/// alone.
pub(in super::super) fn plan_fits(document: &mut AutoCommit, changes: &[&Change]) -> Result<(), Objection> {
    let Some(settled) = document::settled_by(document) else { return Ok(()) };
    let mut ordered = changes.to_vec();
    // A change begins behind every operation of its ancestors.
    ordered.sort_by_key(|change| change.start_op());
    let mut made = Made::default();
    for change in &ordered {
        made.note(document, change)?;
    }
    for change in &ordered {
        if made.touches(document, change)? && has_seen(document, changes, change, settled) {
            return Err(Objection::plain(RefusalCode::PlanSettled));
        }
    }
    Ok(())
}

/// What the changes themselves make: objects with their places, and the types of items.
#[derive(Default)]
struct Made {
    paths: HashMap<(u64, ActorId), Path>,
    /// Items that are made with a type of the template.
    typed: BTreeSet<String>,
}

impl Made {
    fn note(&mut self, document: &AutoCommit, change: &Change) -> Result<(), Objection> {
        for (counter, operation) in (change.start_op().get()..).zip(operations(change)?) {
            let (Key::Map(key), Some(mut path)) = (&operation.key, self.path(document, &operation)) else {
                continue;
            };
            if matches!(operation.action, OpType::Make(_)) {
                path.push(key.to_string());
                self.paths.insert((counter, change.actor_id().clone()), path);
            } else if let (["items", item], "kind", OpType::Put(ScalarValue::Str(kind))) =
                (&strs(&path)[..], key.as_str(), &operation.action)
                && !kind.is_empty()
            {
                // An item of the document keeps its type; only a new one is given one here.
                if !stands(document, item) {
                    self.typed.insert((*item).to_owned());
                }
            }
        }
        Ok(())
    }

    /// The place of what an operation writes into.
    fn path(&self, document: &AutoCommit, operation: &Op) -> Option<Path> {
        let ObjectId::Id(OpId(counter, actor)) = &operation.obj else { return Some(Path::new()) };
        if let Some(path) = self.paths.get(&(*counter, actor.clone())) {
            return Some(path.clone());
        }
        let object = ExId::Id(*counter, actor.clone(), 0);
        let parents = document.parents(&object).ok()?;
        let mut path: Path = parents
            .map(|parent| match parent.prop {
                Prop::Map(key) => key,
                Prop::Seq(place) => place.to_string(),
            })
            .collect();
        path.reverse();
        Some(path)
    }

    fn touches(&self, document: &AutoCommit, change: &Change) -> Result<bool, Objection> {
        let measure = |item: &str| !self.typed.contains(item) && !document::is_typed(document, item);
        Ok(operations(change)?.iter().any(|operation| {
            let key = match &operation.key {
                Key::Map(key) => Some(key.as_str()),
                Key::Seq(_) => None,
            };
            // What stands nowhere that is known here is not let into a settled plan.
            self.path(document, operation).is_none_or(|path| touches_place(&strs(&path), key, measure))
        }))
    }
}

fn strs(path: &Path) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

fn stands(document: &AutoCommit, item: &str) -> bool {
    document::has_item(document, item)
}

/// Whether the author of a change had seen another one.
fn has_seen(document: &mut AutoCommit, changes: &[&Change], change: &Change, other: ChangeHash) -> bool {
    let brought: HashMap<ChangeHash, &Change> =
        changes.iter().map(|change| (change.hash(), *change)).collect();
    let (mut waiting, mut visited, mut known) = (vec![change], BTreeSet::new(), Vec::new());
    while let Some(one) = waiting.pop() {
        for hash in one.deps().iter().filter(|hash| visited.insert(**hash)) {
            match brought.get(hash) {
                Some(ancestor) => waiting.push(ancestor),
                None => known.push(*hash),
            }
        }
    }
    known.retain(|hash| document.get_change_meta_by_hash(hash).is_some());
    !document.get_changes_meta(&known).iter().any(|meta| meta.hash == other)
}
