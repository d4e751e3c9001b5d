//! The last good state of a document of which more is stored than fits: its newest snapshot that fits, and
//! the changes after it that are of a size at which people write.

use super::Extent;
use super::apart::Apart;
use super::waiting::in_order;
use crate::document::chunk::{self, Budget};
use crate::document::{self, Document, DocumentError, Kind};
use crate::id::EntryId;
use crate::limits;
use automerge::legacy::{Key, OpType};
use automerge::{Change, ScalarValue};
use std::collections::BTreeMap;

/// So many operations of one change nobody writes by hand; imports of large tables come near it.
const MOST_OF_A_CHANGE: u64 = 50_000;

/// A document as far as it fits.
pub struct Rescued {
    pub document: Document,
    /// Changes that are in it besides its snapshot.
    pub kept: usize,
    /// Changes that are not: those that say too much, and all that rest on what is not in it.
    pub left_out: usize,
}

impl Rescued {
    /// The last good state by the snapshots that are kept, newest first, and the loose changes. Whatever
    /// is counted too much is not read.
    #[must_use]
    pub fn of(kind: Kind, actor: &[u8], snapshots: &[Vec<u8>], loose: &[Vec<u8>]) -> Self {
        let fits = |snapshot: &Vec<u8>| {
            let mut document = Document::load(kind, actor, [snapshot.as_slice()]).ok()?;
            (document.roots_intact() && Extent::of(&mut document).fits()).then_some(document)
        };
        let begin = || snapshots.iter().find_map(fits).unwrap_or_else(|| Document::new(kind, actor));
        let mut document = begin();
        let (mut changes, mut room) = (Vec::new(), Budget::kept());
        let mut operations = document.operations();
        for bytes in loose {
            let Ok(size) = chunk::measure(bytes, u64::MAX) else { continue };
            let fits = size.operations <= MOST_OF_A_CHANGE
                && operations + size.operations <= limits::DOCUMENT_OPERATIONS;
            if let (true, Ok(read)) = (fits, chunk::changes(bytes, &mut room)) {
                operations += size.operations;
                changes.extend(read);
            }
        }
        let (ready, _) = in_order((&mut document, &Apart::default()), changes);
        let kept = ready.len();
        let applied = document::guarded(|| document.automerge().apply_changes(ready));
        if applied.is_ok() && document.roots_intact() && Extent::of(&mut document).fits() {
            return Self { document, kept, left_out: loose.len() - kept };
        }
        // One of them is malformed in a way that only automerge sees: it is done without them.
        Self { document: begin(), kept: 0, left_out: loose.len() }
    }
}

/// The signed entries in chunks of a log, also in those that say too much for a document, each read by
/// itself; chunks that cannot be read are passed over. It may take a gigabyte of memory.
#[must_use]
pub fn signed_entries(chunks: &[Vec<u8>]) -> BTreeMap<EntryId, Vec<u8>> {
    let mut found = BTreeMap::new();
    for bytes in chunks {
        for change in chunk::changes(bytes, &mut Budget::kept()).unwrap_or_default() {
            found.extend(entries_in(&change).unwrap_or_default());
        }
    }
    found
}

/// The signed entries that a change puts anywhere, with their bytes.
fn entries_in(change: &Change) -> Result<Vec<(EntryId, Vec<u8>)>, DocumentError> {
    let expanded = document::guarded(|| Ok(change.decode()))?;
    let entry = |operation: &automerge::legacy::Op| match (&operation.key, &operation.action) {
        (Key::Map(key), OpType::Put(value @ ScalarValue::Bytes(bytes))) => {
            let entry = document::stored_entry(key, value).filter(|entry| entry.seal.is_some())?;
            Some((entry.id, bytes.clone()))
        }
        _ => None,
    };
    Ok(expanded.operations.iter().filter_map(entry).collect())
}
