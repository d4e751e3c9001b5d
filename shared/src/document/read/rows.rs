//! Ledger rows that stand although their unit was taken off: those that whoever did it had not seen.

use super::clash::Changes;
use crate::id::UnitId;
use crate::model::Item;
use automerge::{AutoCommit, ChangeHash, ObjId, ReadDoc, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// So many changes that took units off one item are looked back to. Each reads its ledger with all that ever
/// stood there.
const MOST_MARKS: usize = 128;

/// The values that stand in the rows of an item, with the operations that wrote them.
struct Standing {
    rows: Vec<(UnitId, Vec<ObjId>)>,
    /// How many keys and values a look at them reads.
    size: usize,
}

/// Finds what was written into ledger rows by who had not seen that the row's unit, or its group, was
/// taken off: the change that took it off says what its author had before them. The rows of an item are read
/// once, and once more for each such change, not for each unit. If there are more than anybody takes off one
/// by one, all rows count as unseen: a person decides.
pub fn mark_unseen_rows(from: (&AutoCommit, &Changes), id: &ObjId, item: &mut Item) {
    let (doc, changes) = from;
    if item.ledger.is_empty() || item.assignments.values().all(|part| part.removal.is_none()) {
        return;
    }
    let map = |key: &str| doc.get(id, key).ok().flatten().map(|(_, object)| object);
    let Some((parts, rows)) = map("assignments").zip(map("ledger")) else { return };
    let standing = standing(doc, &rows);
    if standing.rows.is_empty() {
        return;
    }
    let everyone: Arc<BTreeSet<UnitId>> = Arc::new(standing.rows.iter().map(|(unit, _)| *unit).collect());
    let mut known: BTreeMap<Vec<ChangeHash>, Arc<BTreeSet<UnitId>>> = BTreeMap::new();
    let mut looked = 0;
    for (unit, part) in item.assignments.iter_mut().filter(|(_, part)| part.removal.is_some()) {
        let written = doc.get_all(&parts, unit.to_string()).unwrap_or_default();
        let mut marks: Vec<ChangeHash> =
            written.iter().filter_map(|(_, written)| doc.hash_for_opid(written)).collect();
        marks.sort_unstable();
        marks.dedup();
        let unseen = known.entry(marks).or_insert_with_key(|marks| {
            looked += marks.len();
            let fits = |_: &ChangeHash| changes.looks.take(standing.size);
            if looked > MOST_MARKS || !marks.iter().all(fits) {
                return Arc::clone(&everyone);
            }
            let seen: HashSet<ObjId> = marks.iter().flat_map(|mark| written_at(doc, &rows, *mark)).collect();
            let unseen = standing.rows.iter().filter(|(_, ops)| ops.iter().any(|op| !seen.contains(op)));
            Arc::new(unseen.map(|(unit, _)| *unit).collect())
        });
        part.unseen_rows = Arc::clone(unseen);
    }
}

/// The values of a ledger that say something, by the unit of their row.
fn standing(doc: &AutoCommit, map: &ObjId) -> Standing {
    let mut standing = Standing { rows: Vec::new(), size: 0 };
    let says = |value: &Value<'_>| value.as_str().is_some_and(|word| !word.is_empty());
    for register in doc.map_range(map, ..) {
        let key = register.key.as_ref();
        let ops: Vec<ObjId> = if register.conflict {
            let all = doc.get_all(map, key).unwrap_or_default();
            standing.size += all.len();
            all.into_iter().filter(|(value, _)| says(value)).map(|(_, op)| op).collect()
        } else {
            let says = says(&Value::from(register.value.clone()));
            says.then(|| register.id()).into_iter().collect()
        };
        standing.size += 1;
        let unit = key.split_once('/').and_then(|(unit, _)| unit.parse().ok());
        standing.rows.extend(unit.filter(|_| !ops.is_empty()).map(|unit| (unit, ops)));
    }
    standing
}

/// The operations that wrote what stood in a map as of a change.
fn written_at(doc: &AutoCommit, map: &ObjId, change: ChangeHash) -> Vec<ObjId> {
    let at = [change];
    let of = |register: automerge::iter::MapRangeItem<'_>| {
        if !register.conflict {
            return vec![register.id()];
        }
        let all = doc.get_all_at(map, register.key.as_ref(), &at).unwrap_or_default();
        all.into_iter().map(|(_, written)| written).collect()
    };
    doc.map_range_at(map, .., &at).flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::assignment_text;
    use super::super::board::board_of;
    use super::*;
    use crate::limits::READ_BACK;
    use automerge::transaction::Transactable;
    use automerge::{ObjType, ROOT};

    fn unit(number: usize) -> UnitId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
        UnitId::from_bytes(bytes)
    }

    /// A board whose one item had so many units taken off, each of them by one of so many changes, before
    /// anybody wrote a row; and its only item as it is read, with the weight of looking back.
    fn read(units: usize, changes: usize, rows: usize) -> (Item, usize) {
        let mut doc = AutoCommit::new();
        let items = doc.put_object(ROOT, "items", ObjType::Map).unwrap();
        let item = doc.put_object(&items, crate::id::ItemId::from_bytes([7; 16]).to_string(), ObjType::Map);
        let item = item.unwrap();
        let parts = doc.put_object(&item, "assignments", ObjType::Map).unwrap();
        let ledger = doc.put_object(&item, "ledger", ObjType::Map).unwrap();
        // The first row was seen by all.
        doc.put(&ledger, format!("{}/remark", unit(0)), "早").unwrap();
        doc.commit();
        let part =
            assignment_text(crate::import::Role::Co, false, "", Some(&crate::model::Removal::default()));
        for number in 0..units {
            doc.put(&parts, unit(number).to_string(), part.as_str()).unwrap();
            if (number + 1) % (units / changes) == 0 {
                doc.commit();
            }
        }
        for number in 1..rows {
            doc.put(&ledger, format!("{}/remark", unit(number)), "晚").unwrap();
        }
        doc.commit();
        let changes = Changes::of(&doc);
        let board = board_of((&doc, &changes));
        (board.items.into_values().next().unwrap(), changes.looks.taken())
    }

    /// The ids that are kept for the parts of an item.
    fn kept(item: &Item) -> usize {
        let sets: BTreeMap<*const BTreeSet<UnitId>, usize> = item
            .assignments
            .values()
            .map(|part| (Arc::as_ptr(&part.unseen_rows), part.unseen_rows.len()))
            .collect();
        sets.values().sum()
    }

    #[test]
    fn rows_are_read_back_once_for_a_change_that_took_many_units_off() {
        let (item, weight) = read(400, 1, 300);
        let unseen: Vec<_> = item.assignments.values().map(|part| &part.unseen_rows).collect();
        assert!(unseen.iter().all(|rows| rows.len() == 299 && !rows.contains(&unit(0))));
        assert_eq!(kept(&item), 299, "parts of one change have them in common");
        assert!(weight < 400, "{weight} for 300 rows");
    }

    #[test]
    fn each_of_some_changes_is_looked_back_to() {
        let (item, weight) = read(100, 100, 20);
        assert!(item.assignments.values().all(|part| part.unseen_rows.len() == 19));
        assert!(weight < 100 * 100, "{weight}");
    }

    #[test]
    fn of_more_changes_than_anybody_makes_all_rows_count_as_unseen() {
        let (item, weight) = read(300, 300, 3000);
        assert!(weight <= READ_BACK, "{weight}");
        assert!(kept(&item) <= 129 * 3000, "{}", kept(&item));
        assert!(item.assignments.values().any(|part| part.unseen_rows.contains(&unit(0))));
    }
}
