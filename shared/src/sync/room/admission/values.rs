//! How many values stand beside each other in one place. People who write apart leave a few; a hostile change could
//! leave any number, and whoever reads the place looks at each of them.

use super::operations;
use crate::limits::VALUES_OF_A_PLACE;
use crate::sync::room::objection::{Fault, Objection};
use automerge::legacy::{Key, ObjectId, OpId, OpType};
use automerge::{ActorId, AutoCommit, Change, ObjId as ExId, ROOT, ReadDoc};
use std::collections::{BTreeSet, HashMap};

/// The operations whose values stand in one place.
type Standing = BTreeSet<(u64, ActorId)>;

/// Asks whether changes, whose ancestors are here or among them, leave no more values in a place than may stand
/// there. One change, which knows what it has written itself, leaves one.
pub(in super::super) fn values_fit(document: &AutoCommit, changes: &[&Change]) -> Result<(), Objection> {
    let mut all: Vec<&Change> = changes.to_vec();
    // A change begins behind every operation of its ancestors.
    all.sort_by_key(|change| change.start_op());
    let mut places: HashMap<(ObjectId, Key), Standing> = HashMap::new();
    for change in all {
        let (first, actor) = (change.start_op().get(), change.actor_id());
        for (counter, operation) in (first..).zip(operations(change)?) {
            let writes = matches!(operation.action, OpType::Put(_) | OpType::Make(_));
            if operation.insert || !writes && !matches!(operation.action, OpType::Delete) {
                continue;
            }
            let place = (operation.obj.clone(), operation.key.clone());
            let stands =
                places.entry(place).or_insert_with(|| standing(document, &operation.obj, &operation.key));
            for OpId(counter, actor) in operation.pred.iter() {
                stands.remove(&(*counter, actor.clone()));
            }
            if !writes {
                continue;
            }
            let own = stands.iter().any(|(counter, by)| by == actor && *counter >= first);
            stands.insert((counter, actor.clone()));
            if own || stands.len() > VALUES_OF_A_PLACE {
                return Err(Objection::of(Fault::Values));
            }
        }
    }
    Ok(())
}

/// What stands in a place of the document.
fn standing(document: &AutoCommit, object: &ObjectId, key: &Key) -> Standing {
    let object = match object {
        ObjectId::Root => ROOT,
        ObjectId::Id(OpId(counter, actor)) => ExId::Id(*counter, actor.clone(), 0),
    };
    // Nothing of the product is written over an element of a list or text: of these, what comes at once counts.
    let Key::Map(key) = key else { return Standing::new() };
    let all = document.get_all(&object, key.as_str()).unwrap_or_default();
    let ids = all.into_iter().filter_map(|(_, id)| match id {
        ExId::Id(counter, actor, _) => Some((counter, actor)),
        ExId::Root => None,
    });
    ids.collect()
}
