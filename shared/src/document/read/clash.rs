//! Values that stand against each other: who wrote each and when, what stood there before, what was
//! chosen.

use super::super::write::settled_of;
use super::found::Found;
use super::looks::Looks;
use super::written::{Lists, Written};
use crate::document::unhex;
use crate::model::Conflict;
use crate::register::{Chosen, Register, Said};
use automerge::{AutoCommit, ChangeHash, ObjId, ReadDoc, Value};
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::rc::Rc;

/// So many values of one place are followed back to the one that they have in common.
const MOST_STEPS: usize = 256;

/// So many values of one place are looked at, those in force first: a hostile change can leave any number there.
pub const MOST_VALUES: usize = 256;

/// If more than so many stand there, nobody asks which one they had in common.
const MOST_LINES: usize = 16;

/// The changes that one reading has asked for what they say of themselves, each once, for it is put together
/// from all of its operations; the looks into history that are left to it; and the registers that it has found
/// written apart.
pub struct Changes {
    known: RefCell<HashMap<ChangeHash, Option<Rc<Told>>>>,
    pub looks: Looks,
    pub found: Found,
    pub lists: Lists,
    written: Written,
}

/// The words of a change about itself.
#[derive(Default)]
struct Told {
    by: String,
    actor: Vec<u8>,
    time: i64,
    ancestors: Vec<ChangeHash>,
}

impl Changes {
    pub fn of(doc: &AutoCommit) -> Self {
        Self {
            known: RefCell::default(),
            looks: Looks::into(doc),
            found: Found::default(),
            lists: Lists::default(),
            written: Written::default(),
        }
    }

    fn told(&self, doc: &AutoCommit, hash: ChangeHash) -> Option<Rc<Told>> {
        let mut known = self.known.borrow_mut();
        let told = known.entry(hash).or_insert_with(|| {
            let change = ReadDoc::get_change_by_hash(doc, &hash)?;
            Some(Rc::new(Told {
                by: change.message().map(str::to_owned).unwrap_or_default(),
                actor: change.actor_id().to_bytes().to_vec(),
                time: change.timestamp(),
                ancestors: change.deps().to_vec(),
            }))
        });
        told.clone()
    }
}

/// Values written apart into one register, the one in force first, none when all are the same; and how many were
/// looked at.
pub fn conflict(
    (doc, changes): (&AutoCommit, &Changes),
    object: &ObjId,
    register: &Register,
) -> (Option<Conflict>, usize) {
    let all = in_force(doc, object, register);
    (among((doc, changes), object, register, &all), all.len())
}

/// The values of a register that are looked at; the one in force stands last.
fn in_force<'a>(doc: &'a AutoCommit, object: &ObjId, register: &Register) -> Vec<(Value<'a>, ObjId)> {
    let (_, key) = register.path();
    let mut all = doc.get_all(object, key.as_str()).unwrap_or_default();
    all.drain(..all.len().saturating_sub(MOST_VALUES));
    all
}

/// Whether the values of a register say different things, which costs a search and no look into history.
pub fn stands_apart(doc: &AutoCommit, object: &ObjId, register: &Register) -> bool {
    let all = in_force(doc, object, register);
    let mut said = all.iter().filter_map(|(value, _)| register.value(value.as_str()?));
    let first = said.next();
    said.any(|other| Some(&other) != first.as_ref() && !is_one_place(register, first.as_deref(), &other))
}

/// Two places in one section are one place: the history tells both moves, and nobody could say which of them a
/// person chose (domain.md, b.4).
fn is_one_place(register: &Register, one: Option<&str>, other: &str) -> bool {
    let section = |word: &str| crate::document::place(word).0;
    matches!(register, Register::Place(_)) && one.map(section) == Some(section(other))
}

fn among(
    (doc, changes): (&AutoCommit, &Changes),
    object: &ObjId,
    register: &Register,
    all: &[(Value<'_>, ObjId)],
) -> Option<Conflict> {
    let (_, key) = register.path();
    let [_, .., (_, winner)] = all else { return None };
    let mut written: Vec<(bool, Said, ObjId)> = all
        .iter()
        .filter_map(|(value, op)| {
            let value = register.value(value.as_str()?)?;
            Some((op != winner, said((doc, changes), value, doc.hash_for_opid(op)), op.clone()))
        })
        .collect();
    written.sort_by(|one, other| {
        let key = |one: &(bool, Said, ObjId)| (one.0, one.1.time, one.1.by.clone(), one.1.value.clone());
        key(one).cmp(&key(other))
    });
    // A unit that one has added and another taken off is there, whatever came of the rest.
    let ops: Vec<ObjId> = written.iter().map(|(_, _, op)| op.clone()).collect();
    let mut said: Vec<Said> = Vec::new();
    for (_, one, _) in written {
        if said.iter().all(|known| known.value != one.value) {
            said.push(one);
        }
    }
    if said.windows(2).all(|two| is_one_place(register, Some(&two[0].value), &two[1].value)) {
        return None;
    }
    let common = common((doc, changes), object, &key, &ops).and_then(|stored| register.value(&stored));
    Some(Conflict { register: register.clone(), said, common })
}

/// A value with what its change says of itself.
fn said((doc, changes): (&AutoCommit, &Changes), value: String, change: Option<ChangeHash>) -> Said {
    let told = change.and_then(|hash| changes.told(doc, hash)).unwrap_or_default();
    Said { value, by: told.by.clone(), actor: told.actor.clone(), time: told.time }
}

/// The value of a register before an operation wrote it.
fn before(
    (doc, changes): (&AutoCommit, &Changes),
    object: &ObjId,
    key: &str,
    op: &ObjId,
) -> Option<(String, ObjId)> {
    let told = changes.told(doc, doc.hash_for_opid(op)?)?;
    let (value, former) = doc.get_at(object, key, &told.ancestors).ok()??;
    Some((value.as_str()?.to_owned(), former))
}

/// The newest value that all of some operations go back to; none as well where that is further back than one
/// reading looks. The newest of those they go back to is always followed next, so each value is looked at
/// once, and none that is older than the one they have in common.
fn common(from: (&AutoCommit, &Changes), object: &ObjId, key: &str, ops: &[ObjId]) -> Option<String> {
    if ops.len() > MOST_LINES {
        return None;
    }
    let mut steps = 0;
    let mut before = |op: &ObjId| {
        steps += 1;
        (steps <= MOST_STEPS && from.1.looks.take(ops.len())).then(|| before(from, object, key, op))?
    };
    let mut lines: BTreeMap<ObjId, String> = BTreeMap::new();
    for op in ops {
        let (value, former) = before(op)?;
        lines.insert(former, value);
    }
    loop {
        // Operations are in the order of their numbers: none goes back to one behind it.
        let (newest, value) = lines.pop_last()?;
        if lines.is_empty() {
            return Some(value);
        }
        let (value, former) = before(&newest)?;
        lines.insert(former, value);
    }
}

/// The value that was chosen where values of a register stood against each other, and the others.
pub fn chosen(from: (&AutoCommit, &Changes), object: &ObjId, register: &Register) -> Option<Chosen> {
    let (_, key) = register.path();
    let (value, op) = from.0.get(object, settled_of(&key)).ok()??;
    chosen_in(from, object, register, (&value, &op))
}

/// The same in what says it, and the operation that wrote that. Nobody is believed who says what somebody else has
/// written: each value counts that its change has put there.
pub fn chosen_in(
    (doc, changes): (&AutoCommit, &Changes),
    object: &ObjId,
    register: &Register,
    (value, op): (&Value<'_>, &ObjId),
) -> Option<Chosen> {
    let Value::Scalar(value) = value else { return None };
    let First(stored) = serde_json::from_slice(value.as_bytes()?).ok()?;
    let ((chosen, _), of) = stored.split_first()?;
    let (_, key) = register.path();
    let says = |hash: ChangeHash, word: &str| changes.written.says(doc, hash, (object, &key), word);
    let hash = |hex: &str| unhex(hex).and_then(|bytes| bytes.try_into().ok()).map(ChangeHash);
    let stood = of.iter().filter(|_| changes.lists.take(1)).filter_map(|(word, by)| {
        let by = hash(by).filter(|by| says(*by, word))?;
        Some(said((doc, changes), register.value(word)?, Some(by)))
    });
    let mut lost: Vec<Said> = stood.collect();
    let by = doc.hash_for_opid(op)?;
    let value = register.value(chosen)?;
    // A value that stood there is chosen by taking off the others.
    let is_there = lost.iter().any(|one| one.value == value) || says(by, chosen);
    lost.retain(|one| one.value != value);
    let chosen = said((doc, changes), value, Some(by));
    (is_there && !lost.is_empty()).then(|| Chosen { register: register.clone(), chosen, lost })
}

/// The first pairs of a list; the others are passed over.
struct First(Vec<(String, String)>);

impl<'de> Deserialize<'de> for First {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = First;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("pairs of words")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<First, A::Error> {
                let mut first = Vec::new();
                while first.len() <= MOST_VALUES {
                    let Some(one) = all.next_element()? else { return Ok(First(first)) };
                    first.push(one);
                }
                while all.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }
        }
        from.deserialize_seq(Pairs)
    }
}

/// The values that stand against each other in a register, whether or not a reading tells of them.
pub fn conflict_of(doc: &AutoCommit, register: &Register) -> Option<Conflict> {
    let (path, _) = register.path();
    let object = super::super::write::object(doc, &path.iter().map(String::as_str).collect::<Vec<_>>())?;
    conflict((doc, &Changes::of(doc)), &object, register).0
}

/// The value of a register as of some heads; none when they are not all here.
pub fn value_at(doc: &AutoCommit, register: &Register, heads: &[ChangeHash]) -> Option<String> {
    let (path, key) = register.path();
    let object = super::super::write::object(doc, &path.iter().map(String::as_str).collect::<Vec<_>>())?;
    let (value, _) = doc.get_at(&object, key, heads).ok()??;
    register.value(value.as_str()?)
}

#[cfg(test)]
mod tests {
    use super::super::board::board_of;
    use super::super::looks::LOOK;
    use super::*;
    use crate::edit::BoardField;
    use crate::limits::READ_BACK;
    use crate::model::Board;
    use automerge::transaction::Transactable;
    use automerge::{ActorId, ObjType, ROOT};

    const REGISTERS: usize = 40;

    fn key(number: usize) -> String {
        format!("f{number}")
    }

    /// A board with an item of many fields, written so many times one upon the other, and then by so many who
    /// have not seen each other, each so many times; with how often history was looked into.
    fn read(past: usize, lines: u8, times: usize) -> (Board, usize) {
        let mut doc = AutoCommit::new().with_actor(ActorId::from([1]));
        let meta = doc.put_object(ROOT, "meta", ObjType::Map).unwrap();
        let items = doc.put_object(ROOT, "items", ObjType::Map).unwrap();
        let id = crate::id::ItemId::from_bytes([7; 16]);
        let item = doc.put_object(&items, id.to_string(), ObjType::Map).unwrap();
        let fields = doc.put_object(&item, "fields", ObjType::Map).unwrap();
        let write = |doc: &mut AutoCommit, word: &str| {
            doc.put(&meta, "title", word).unwrap();
            (0..REGISTERS).for_each(|number| doc.put(&fields, key(number), word).unwrap());
            doc.commit();
        };
        (0..past).for_each(|at| write(&mut doc, &format!("旧{at}")));
        let mut apart: Vec<AutoCommit> = Vec::new();
        for line in 0..lines {
            let mut copy = doc.fork().with_actor(ActorId::from([2, line]));
            (0..times).for_each(|at| write(&mut copy, &format!("{line}之{at}")));
            apart.push(copy);
        }
        apart.iter_mut().for_each(|copy| drop(doc.merge(copy).unwrap()));
        let changes = Changes::of(&doc);
        let board = board_of((&doc, &changes));
        (board, changes.looks.times())
    }

    fn commons(board: &Board) -> Vec<Option<&str>> {
        let fields = board.items.values().flat_map(|item| &item.conflicts);
        board.conflicts.iter().chain(fields).map(|one| one.common.as_deref()).collect()
    }

    #[test]
    fn a_past_that_all_lines_have_is_not_walked() {
        let (board, looks) = read(64, 16, 1);
        assert_eq!(commons(&board), vec![Some("旧63"); REGISTERS + 1]);
        assert_eq!(looks, 16 * (REGISTERS + 1), "one for each value that stands there");
        let title = &board.conflicts[0];
        assert_eq!((&title.register, title.said.len()), (&Register::Board(BoardField::Title), 16));
    }

    #[test]
    fn lines_of_many_steps_are_followed_to_where_they_part() {
        let (board, looks) = read(3, 2, 20);
        assert_eq!(commons(&board), vec![Some("旧2"); REGISTERS + 1]);
        assert_eq!(looks, 40 * (REGISTERS + 1));
    }

    #[test]
    fn one_reading_looks_so_often_into_history_and_no_more() {
        let (board, looks) = read(1, 16, 16);
        assert!(looks * LOOK <= READ_BACK && looks > 2000, "{looks}");
        let commons = commons(&board);
        assert_eq!(commons.len(), REGISTERS + 1, "all clashes are there");
        assert_eq!(commons[0], Some("旧0"), "each as long as there are looks");
        assert!(commons.contains(&None));
        // One place is not followed for ever, whatever is left for others.
        let (board, looks) = read(1, 8, 40);
        assert!(commons_none(&board) && looks <= READ_BACK / LOOK);
    }

    fn commons_none(board: &Board) -> bool {
        commons(board).iter().all(Option::is_none)
    }
}
