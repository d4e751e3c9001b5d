//! Values that stand against each other: who wrote each and when, what stood there before, what was
//! chosen.

use super::super::write::settled_of;
use super::looks::Looks;
use crate::document::unhex;
use crate::model::Conflict;
use crate::register::{Chosen, Register, Said};
use automerge::{AutoCommit, ChangeHash, ObjId, ReadDoc, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// So many values of one place are followed back to the one that two people had in common.
const MOST_STEPS: usize = 64;

/// So many values of one place are looked at, those in force first: a hostile change can leave any number there.
const MOST_VALUES: usize = 256;

/// If more than so many stand there, nobody asks which one they had in common.
const MOST_LINES: usize = 16;

/// The changes that one reading has asked for what they say of themselves, each once, for it is put together
/// from all of its operations; and the looks into history that are left to it.
#[derive(Default)]
pub struct Changes {
    known: RefCell<HashMap<ChangeHash, Option<Rc<Told>>>>,
    pub looks: Looks,
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

/// Values written apart into one register, the one in force first; nothing when all are the same.
pub fn conflict(
    (doc, changes): (&AutoCommit, &Changes),
    object: &ObjId,
    register: &Register,
) -> Option<Conflict> {
    let (_, key) = register.path();
    let mut all = doc.get_all(object, key.as_str()).ok()?;
    if all.len() < 2 {
        return None;
    }
    // The one in force stands last.
    all.drain(..all.len().saturating_sub(MOST_VALUES));
    let winner = doc.get(object, key.as_str()).ok()??.1;
    let mut written: Vec<(bool, Said, ObjId)> = all
        .iter()
        .filter_map(|(value, op)| {
            let value = register.value(value.as_str()?)?;
            Some((*op != winner, said((doc, changes), value, doc.hash_for_opid(op)), op.clone()))
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
    // Two places in one section are one place: the history tells both moves, and nobody could say which
    // of them a person chose (domain.md, b.4).
    if matches!(register, Register::Place(_)) {
        let section = |one: &Said| crate::document::place(&one.value).0;
        if said.windows(2).all(|two| section(&two[0]) == section(&two[1])) {
            return None;
        }
    }
    if said.len() < 2 {
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

/// The newest value that all of some operations go back to.
fn common(from: (&AutoCommit, &Changes), object: &ObjId, key: &str, ops: &[ObjId]) -> Option<String> {
    if ops.len() > MOST_LINES {
        return None;
    }
    let line = |op: &ObjId| {
        let first = before(from, object, key, op);
        let line = std::iter::successors(first, |(_, op)| before(from, object, key, op));
        line.take(MOST_STEPS).collect::<Vec<_>>()
    };
    let lines: Vec<_> = ops.iter().map(line).collect();
    let (first, others) = lines.split_first()?;
    let shared = |op: &ObjId| others.iter().all(|line| line.iter().any(|(_, one)| one == op));
    first.iter().find(|(_, op)| shared(op)).map(|(value, _)| value.clone())
}

/// The value that was chosen where values of a register stood against each other, and the others.
pub fn chosen(
    (doc, changes): (&AutoCommit, &Changes),
    object: &ObjId,
    register: &Register,
) -> Option<Chosen> {
    let (_, key) = register.path();
    let (value, op) = doc.get(object, settled_of(&key)).ok()??;
    let Value::Scalar(value) = value else { return None };
    let stored: Vec<(String, String)> = serde_json::from_slice(value.as_bytes()?).ok()?;
    let ((chosen, _), of) = stored.split_first()?;
    let hash = |hex: &str| unhex(hex).and_then(|bytes| bytes.try_into().ok()).map(ChangeHash);
    let from = (doc, changes);
    let chosen = said(from, register.value(chosen)?, doc.hash_for_opid(&op));
    let lost = of.iter().filter_map(|(one, by)| Some(said(from, register.value(one)?, hash(by))));
    let lost: Vec<Said> = lost.filter(|one| one.value != chosen.value).collect();
    (!lost.is_empty()).then(|| Chosen { register: register.clone(), chosen, lost })
}

/// The value of a register as of some heads; none when they are not all here.
pub fn value_at(doc: &AutoCommit, register: &Register, heads: &[ChangeHash]) -> Option<String> {
    let (path, key) = register.path();
    let object = super::super::write::object(doc, &path.iter().map(String::as_str).collect::<Vec<_>>())?;
    let (value, _) = doc.get_at(&object, key, heads).ok()??;
    register.value(value.as_str()?)
}
