//! The entries of a log.

use super::scalars_of;
use crate::document::write::object;
use crate::entry::Entry;
use crate::id::EntryId;
use automerge::{AutoCommit, ReadDoc, ScalarValue};
use std::collections::BTreeMap;

/// The value stored under the key of an entry.
pub fn stored_entry_of(doc: &AutoCommit, key: &str) -> Option<ScalarValue> {
    let entries = object(doc, &["entries"])?;
    let (value, _) = doc.get(&entries, key).ok()??;
    value.into_scalar().ok()
}

/// An entry as it is stored under a key.
pub fn stored_entry(key: &str, value: &ScalarValue) -> Option<Entry> {
    let bytes = match value {
        ScalarValue::Bytes(bytes) => bytes,
        _ => return None,
    };
    Entry::from_bytes(bytes).ok().filter(|entry| entry.id.to_string() == key)
}

/// Whether stored values are entries that say the same, whatever their envelopes are.
pub fn stored_alike(one: &ScalarValue, other: &ScalarValue) -> bool {
    match (one, other) {
        (ScalarValue::Bytes(one), ScalarValue::Bytes(other)) => Entry::says_as(one, other),
        _ => one == other,
    }
}

/// Whether a stored value is in the form in which entries are written.
pub fn is_stored_form(value: &ScalarValue) -> bool {
    matches!(value, ScalarValue::Bytes(bytes) if Entry::is_in_form(bytes))
}

/// The entries of a log, and how many cannot be read.
pub fn entries(doc: &AutoCommit) -> (BTreeMap<EntryId, Entry>, usize) {
    let mut found = BTreeMap::new();
    let mut unreadable = 0;
    for (key, value) in object(doc, &["entries"]).map(|entries| scalars_of(doc, &entries)).unwrap_or_default()
    {
        match stored_entry(&key, &value) {
            Some(entry) => {
                found.insert(entry.id, entry);
            }
            None => unreadable += 1,
        }
    }
    (found, unreadable)
}

/// One entry.
pub fn entry(doc: &AutoCommit, id: EntryId) -> Option<Entry> {
    let entries = object(doc, &["entries"])?;
    let (value, _) = doc.get(&entries, id.to_string()).ok()??;
    Entry::from_bytes(value.as_bytes()?).ok().filter(|entry| entry.id == id)
}
