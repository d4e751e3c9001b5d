//! Values that stand against each other: who wrote each and when, what stood there before, what was
//! chosen.

use super::super::write::settled_of;
use crate::document::unhex;
use crate::model::Conflict;
use crate::register::{Chosen, Register, Said};
use automerge::{AutoCommit, ChangeHash, ObjId, ReadDoc, Value};

/// So many values of one place are followed back to the one that two people had in common.
const MOST_STEPS: usize = 64;

/// Values written apart into one register, the one in force first; nothing when all are the same.
pub fn conflict(doc: &AutoCommit, object: &ObjId, register: &Register) -> Option<Conflict> {
    let (_, key) = register.path();
    let all = doc.get_all(object, key.as_str()).ok()?;
    if all.len() < 2 {
        return None;
    }
    let winner = doc.get(object, key.as_str()).ok()??.1;
    let mut written: Vec<(bool, Said, ObjId)> = all
        .iter()
        .filter_map(|(value, op)| {
            let value = register.value(value.as_str()?)?;
            Some((*op != winner, said(doc, value, doc.hash_for_opid(op)), op.clone()))
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
    let common = common(doc, object, &key, &ops).and_then(|stored| register.value(&stored));
    Some(Conflict { register: register.clone(), said, common })
}

/// A value with what its change says of itself.
fn said(doc: &AutoCommit, value: String, change: Option<ChangeHash>) -> Said {
    let change = change.and_then(|hash| ReadDoc::get_change_by_hash(doc, &hash));
    Said {
        value,
        by: change.as_ref().and_then(|change| change.message().map(str::to_owned)).unwrap_or_default(),
        actor: change.as_ref().map(|change| change.actor_id().to_bytes().to_vec()).unwrap_or_default(),
        time: change.map_or(0, |change| change.timestamp()),
    }
}

/// The value of a register before an operation wrote it.
fn before(doc: &AutoCommit, object: &ObjId, key: &str, op: &ObjId) -> Option<(String, ObjId)> {
    let change = ReadDoc::get_change_by_hash(doc, &doc.hash_for_opid(op)?)?;
    let (value, former) = doc.get_at(object, key, change.deps()).ok()??;
    Some((value.as_str()?.to_owned(), former))
}

/// The newest value that all of some operations go back to.
fn common(doc: &AutoCommit, object: &ObjId, key: &str, ops: &[ObjId]) -> Option<String> {
    let line = |op: &ObjId| {
        let first = before(doc, object, key, op);
        let line = std::iter::successors(first, |(_, op)| before(doc, object, key, op));
        line.take(MOST_STEPS).collect::<Vec<_>>()
    };
    let lines: Vec<_> = ops.iter().map(line).collect();
    let (first, others) = lines.split_first()?;
    let shared = |op: &ObjId| others.iter().all(|line| line.iter().any(|(_, one)| one == op));
    first.iter().find(|(_, op)| shared(op)).map(|(value, _)| value.clone())
}

/// The value that was chosen where values of a register stood against each other, and the others.
pub fn chosen(doc: &AutoCommit, object: &ObjId, register: &Register) -> Option<Chosen> {
    let (_, key) = register.path();
    let (value, op) = doc.get(object, settled_of(&key)).ok()??;
    let Value::Scalar(value) = value else { return None };
    let stored: Vec<(String, String)> = serde_json::from_slice(value.as_bytes()?).ok()?;
    let ((chosen, _), of) = stored.split_first()?;
    let hash = |hex: &str| unhex(hex).and_then(|bytes| bytes.try_into().ok()).map(ChangeHash);
    let chosen = said(doc, register.value(chosen)?, doc.hash_for_opid(&op));
    let lost = of.iter().filter_map(|(one, by)| Some(said(doc, register.value(one)?, hash(by))));
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
