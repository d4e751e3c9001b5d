//! Small steps of writing into an automerge document.

use super::DocumentError;
use crate::text::xml_text;
use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};

/// The object at a path of keys.
pub fn object(doc: &AutoCommit, path: &[&str]) -> Option<ObjId> {
    let mut object = ROOT;
    for key in path {
        object = match doc.get(&object, *key).ok()?? {
            (Value::Object(_), id) => id,
            (Value::Scalar(_), _) => return None,
        };
    }
    Some(object)
}

/// The object at a path, or an error that names it.
pub fn object_or_missing(doc: &AutoCommit, path: &[&str]) -> Result<ObjId, DocumentError> {
    object(doc, path).ok_or_else(|| DocumentError::Missing(path.join("/")))
}

/// Counts how often clashes of an object's registers were settled. Choosing the value that is
/// shown already changes nothing that automerge would report; the count does.
const SETTLED: &str = "settled";

/// Writes a register unless it holds the value already and nobody disagrees.
pub fn put(
    doc: &mut AutoCommit,
    object: &ObjId,
    key: &str,
    value: impl Into<ScalarValue>,
) -> Result<(), DocumentError> {
    let value = value.into();
    let present = doc.get_all(object, key)?;
    let clash = present.len() > 1;
    let same = matches!(&present[..], [(Value::Scalar(old), _)] if **old == value);
    if !same {
        doc.put(object, key, value)?;
    }
    if clash {
        let count = super::read::integer(doc, object, SETTLED).unwrap_or(0);
        doc.put(object, SETTLED, count + 1)?;
    }
    Ok(())
}

/// Writes a text register, without the signs that no file could hold later.
pub fn put_text(doc: &mut AutoCommit, object: &ObjId, key: &str, value: &str) -> Result<(), DocumentError> {
    if value.chars().count() > super::apply::MAX_TEXT {
        return Err(DocumentError::TooLong);
    }
    put(doc, object, key, &*xml_text(value))
}

/// A new map under a key; an existing one is an error, for ids are never used twice.
pub fn new_map(doc: &mut AutoCommit, parent: &ObjId, key: &str) -> Result<ObjId, DocumentError> {
    if doc.get(parent, key)?.is_some() {
        return Err(DocumentError::Corrupt(format!("编号已经存在：{key}")));
    }
    Ok(doc.put_object(parent, key, ObjType::Map)?)
}
