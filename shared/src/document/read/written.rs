//! The words that changes have put into registers, for what is said of them elsewhere; and the room that one reading
//! has for lists that stand in registers.

use crate::document::write::kept;
use crate::limits::LISTED;
use automerge::legacy::{Key, ObjectId, OpType};
use automerge::{AutoCommit, ChangeHash, ObjId, ROOT, ReadDoc, ScalarValue};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, RandomState};

/// The changes of which one reading has asked what they have put where, each once: it is put together from all of
/// its operations.
#[derive(Default)]
pub struct Written {
    changes: RefCell<HashMap<ChangeHash, HashSet<u64>>>,
    by: RandomState,
}

impl Written {
    /// Whether a change has put a word into a register, as far as a choice keeps it.
    pub fn says(
        &self,
        doc: &AutoCommit,
        change: ChangeHash,
        (object, key): (&ObjId, &str),
        word: &str,
    ) -> bool {
        let mut changes = self.changes.borrow_mut();
        let puts = changes.entry(change).or_insert_with(|| {
            let Some(change) = ReadDoc::get_change_by_hash(doc, &change) else { return HashSet::new() };
            let change = change.decode();
            let puts = change.operations.iter().filter_map(|op| match (&op.action, &op.key) {
                (OpType::Put(ScalarValue::Str(word)), Key::Map(key)) => {
                    let object = match &op.obj {
                        ObjectId::Root => None,
                        ObjectId::Id(id) => Some((id.counter(), id.actor().to_bytes())),
                    };
                    Some(self.mark(object, key, kept(word)))
                }
                _ => None,
            });
            puts.collect()
        });
        let object = match object {
            ObjId::Id(counter, actor, _) => Some((*counter, actor.to_bytes())),
            _ if *object == ROOT => None,
            _ => return false,
        };
        puts.contains(&self.mark(object, key, kept(word)))
    }

    fn mark(&self, object: Option<(u64, &[u8])>, key: &str, word: &str) -> u64 {
        struct Put<'a>(Option<(u64, &'a [u8])>, &'a str, &'a str);
        impl Hash for Put<'_> {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                (self.0, self.1, self.2).hash(state);
            }
        }
        self.by.hash_one(Put(object, key, word))
    }
}

/// The lines of lists within registers that one reading has kept: a few bytes of a register become a line of a
/// hundred.
#[derive(Default)]
pub struct Lists(Cell<usize>);

impl Lists {
    /// Whether there is still room for so many lines; it is taken then.
    pub fn take(&self, lines: usize) -> bool {
        let all = self.0.get().saturating_add(lines);
        let fits = all <= LISTED;
        if fits {
            self.0.set(all);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::super::board::board_of;
    use super::super::clash::Changes;
    use super::*;
    use crate::document::hex;
    use crate::model::Board;
    use automerge::transaction::Transactable;
    use automerge::{ActorId, ObjType};

    /// A board with an item whose title two people wrote at the same time, and the change of each.
    fn apart() -> (AutoCommit, ObjId, [ChangeHash; 2]) {
        let mut doc = AutoCommit::new().with_actor(ActorId::from([1]));
        let items = doc.put_object(ROOT, "items", ObjType::Map).unwrap();
        let id = crate::id::ItemId::from_bytes([7; 16]).to_string();
        let item = doc.put_object(&items, id, ObjType::Map).unwrap();
        doc.put(&item, "title", "旧").unwrap();
        doc.put(&item, "deadline", "2026").unwrap();
        doc.commit();
        let sides = [(2, "甲"), (3, "乙")].map(|(actor, word)| {
            let mut side = doc.fork().with_actor(ActorId::from([actor]));
            side.put(&item, "title", word).unwrap();
            let change = side.commit().unwrap();
            (side, change)
        });
        let changes = [sides[0].1, sides[1].1];
        for (mut side, _) in sides {
            doc.merge(&mut side).unwrap();
        }
        (doc, item, changes)
    }

    fn says(doc: &mut AutoCommit, item: &ObjId, said: &[(&str, String)]) {
        let said = serde_json::to_vec(said).unwrap();
        doc.put(item, "settled/title", ScalarValue::Bytes(said)).unwrap();
        doc.commit();
    }

    fn board(doc: &AutoCommit) -> Board {
        board_of((doc, &Changes::of(doc)))
    }

    fn lost(doc: &AutoCommit) -> Vec<Vec<String>> {
        let board = board(doc);
        let chosen = board.items.values().flat_map(|item| &item.chosen);
        chosen.map(|one| one.lost.iter().map(|said| said.value.clone()).collect()).collect()
    }

    #[test]
    fn a_choice_tells_what_changes_have_written_and_nothing_else() {
        let (mut doc, item, [one, other]) = apart();
        let [one, other] = [one, other].map(|hash| hex(&hash.0));
        doc.put(&item, "title", "乙").unwrap();
        says(&mut doc, &item, &[("乙", String::new()), ("甲", one.clone()), ("乙", other.clone())]);
        assert_eq!(lost(&doc), [["甲"]]);
        // Words that nobody wrote, or somebody else, or in another place.
        let mut forged = doc.fork();
        forged.put(&item, "title", "丙").unwrap();
        let first = hex(&doc.get_changes(&[])[0].hash().0);
        for by in [&one, &first, &String::new(), &"0".repeat(64)] {
            let said = [("丙", String::new()), ("从未写过", by.clone()), ("2026", first.clone())];
            says(&mut forged, &item, &said);
            assert!(lost(&forged).is_empty(), "{by}");
        }
        // Nor is a choice that was not made.
        let mut doc = doc.fork();
        says(&mut doc, &item, &[("丁", String::new()), ("甲", one)]);
        assert!(lost(&doc).is_empty());
    }

    #[test]
    fn a_reading_keeps_so_many_lines_of_lists_and_no_more() {
        let (mut doc, item, [one, other]) = apart();
        doc.put(&item, "title", "乙").unwrap();
        let mut said = vec![("乙", String::new()), ("乙", hex(&other.0))];
        said.resize(100_000, ("甲", hex(&one.0)));
        says(&mut doc, &item, &said);
        assert_eq!(lost(&doc), [vec!["甲"; 255]], "the first values of one place");

        let assignments = doc.put_object(&item, "assignments", ObjType::Map).unwrap();
        let seen: Vec<String> = (0..200_000).map(|writer| format!("\"{writer}\":1")).collect();
        let part =
            format!("{{\"role\":\"lead\",\"removal\":{{\"by\":null,\"seen\":{{{}}}}}}}", seen.join(","));
        let parts = 30_u8;
        for unit in 0..parts {
            let unit = crate::id::UnitId::from_bytes([unit; 16]).to_string();
            doc.put(&assignments, unit, part.as_str()).unwrap();
        }
        doc.commit();
        let board = board(&doc);
        let parts: Vec<_> = board.items.values().flat_map(|item| item.assignments.values()).collect();
        let kept: Vec<usize> =
            parts.iter().map(|part| part.removal.as_ref().map_or(0, |one| one.seen.len())).collect();
        assert_eq!((kept.len(), kept[0]), (30, 4096), "all are taken off");
        assert!(kept.iter().sum::<usize>() <= LISTED && kept.contains(&0), "{kept:?}");
    }
}
