//! Small steps of writing into an automerge document.

use super::DocumentError;
use crate::limits;
use crate::text::{beginning, xml_text};
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

/// Registers that say what was chosen where values stood against each other begin with it. Choosing
/// the value that is shown already changes nothing that automerge would report; what is written here
/// does, and tells whose value was not chosen.
const SETTLED: &str = "settled/";

/// So many characters of a value are kept with the choice.
const KEPT: usize = 2000;

/// The register that says what was chosen for another one of its object.
pub fn settled_of(key: &str) -> String {
    format!("{SETTLED}{key}")
}

/// The register whose choice a register holds.
pub fn settles(key: &str) -> Option<&str> {
    key.strip_prefix(SETTLED)
}

/// Writes a register unless it holds the value already and nobody disagrees.
pub fn put(
    doc: &mut AutoCommit,
    object: &ObjId,
    key: &str,
    value: impl Into<ScalarValue>,
) -> Result<(), DocumentError> {
    let value = value.into();
    let present = doc.get_all(object, key)?;
    let choice = (present.len() > 1).then(|| choice(doc, &value, &present));
    let same = matches!(&present[..], [(Value::Scalar(old), _)] if **old == value);
    if !same {
        doc.put(object, key, value)?;
    }
    if let Some(choice) = choice {
        doc.put(object, settled_of(key), choice)?;
    }
    Ok(())
}

/// As much of a value as is kept with a choice.
pub fn kept(word: &str) -> &str {
    beginning(word, KEPT)
}

/// The chosen value, and each value that stood there with the change that wrote it. As bytes: versions
/// before take every text of some maps for a value of their own.
fn choice(doc: &AutoCommit, chosen: &ScalarValue, present: &[(Value<'_>, ObjId)]) -> ScalarValue {
    let one = |(value, op): &(Value<'_>, ObjId)| {
        let hash = doc.hash_for_opid(op).map(|hash| super::hex(&hash.0)).unwrap_or_default();
        (kept(value.as_str().unwrap_or_default()).to_owned(), hash)
    };
    let mut all = vec![(kept(chosen.as_str().unwrap_or_default()).to_owned(), String::new())];
    all.extend(present.iter().map(one));
    ScalarValue::Bytes(serde_json::to_vec(&all).unwrap_or_default())
}

/// Writes a text register, without the signs that no file could hold later.
pub fn put_text(doc: &mut AutoCommit, object: &ObjId, key: &str, value: &str) -> Result<(), DocumentError> {
    if value.chars().count() > limits::TEXT_CHARS {
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
