//! The depth in which a change makes objects. automerge tells each change by the whole path of its object,
//! on every device: a tower of small maps would cost the square of its height.

use super::operations;
use crate::sync::room::objection::{Fault, Objection};
use automerge::legacy::{ObjectId, OpId, OpType};
use automerge::{ActorId, AutoCommit, Change, ObjId as ExId, ReadDoc};
use std::collections::HashMap;

/// Objects stand no deeper than this below the root; those of the product are five deep at most.
const MOST: usize = 8;

/// Asks whether changes, whose ancestors are here or among them, make no object too deep.
pub(in super::super) fn depth_fits(document: &AutoCommit, changes: &[&Change]) -> Result<(), Objection> {
    let mut all: Vec<&Change> = changes.to_vec();
    // A change begins behind every operation of its ancestors.
    all.sort_by_key(|change| change.start_op());
    let mut made: HashMap<(u64, ActorId), usize> = HashMap::new();
    for change in all {
        for (counter, operation) in (change.start_op().get()..).zip(operations(change)?) {
            if !matches!(operation.action, OpType::Make(_)) {
                continue;
            }
            let above = match &operation.obj {
                ObjectId::Root => Some(0),
                ObjectId::Id(OpId(counter, actor)) => {
                    let known = made.get(&(*counter, actor.clone())).copied();
                    known.or_else(|| depth_of(document, *counter, actor))
                }
            };
            // An object that is made in another one knows where that stands.
            let depth = above.ok_or(Objection::of(Fault::Numbers))? + 1;
            if depth > MOST {
                return Err(Objection::of(Fault::Deep));
            }
            made.insert((counter, change.actor_id().clone()), depth);
        }
    }
    Ok(())
}

/// How deep an object of the document stands; none of one that is not in it.
fn depth_of(document: &AutoCommit, counter: u64, actor: &ActorId) -> Option<usize> {
    let parents = document.parents(ExId::Id(counter, actor.clone(), 0)).ok()?;
    Some(parents.count())
}
