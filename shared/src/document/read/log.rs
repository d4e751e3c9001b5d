//! The entries of a log.

use crate::document::write::object;
use crate::entry::Entry;
use crate::id::EntryId;
use automerge::{AutoCommit, ObjId as ExId, ReadDoc, ScalarValue, Value};
use std::collections::BTreeMap;

/// All values stored under the key of an entry, each with the actor that has put it there. Several may have
/// written the same.
pub fn stored_entries_of(doc: &AutoCommit, key: &str) -> Vec<(ScalarValue, Vec<u8>)> {
    let entries = object(doc, &["entries"]);
    let all = entries.and_then(|entries| doc.get_all(&entries, key).ok()).unwrap_or_default();
    let stored = all.into_iter().filter_map(|(value, id)| {
        let ExId::Id(_, actor, _) = id else { return None };
        Some((value.into_scalar().ok()?, actor.to_bytes().to_vec()))
    });
    stored.collect()
}

/// The value stored under the key of an entry. It is one of several that is an entry in its form, whichever was
/// put there last.
fn stored_entry_of(doc: &AutoCommit, key: &str) -> Option<ScalarValue> {
    let all = stored_entries_of(doc, key);
    let rank = |value: &ScalarValue| (stored_entry(key, value).is_some(), is_stored_form(value));
    all.into_iter().map(|(value, _)| value).max_by_key(rank)
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
    let Some(all) = object(doc, &["entries"]) else { return (found, unreadable) };
    for item in doc.map_range(&all, ..) {
        let value = match Value::from(item.value.clone()) {
            Value::Scalar(value) if !item.conflict => Some(value.into_owned()),
            _ => stored_entry_of(doc, &item.key),
        };
        match value.and_then(|value| stored_entry(&item.key, &value)) {
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
    let key = id.to_string();
    stored_entry(&key, &stored_entry_of(doc, &key)?)
}
