//! What may come in: asked before anything is applied, for an applied change cannot be taken out.

use super::Rights;
use crate::document::Document;
use crate::entry::{Entry, EntryKind};
use crate::id::{BoardId, EntryId, UnitId};
use automerge::{AutoCommit, AutomergeError};
use std::io::Read;

/// Whether a change stays within a size, also when it is compressed: automerge inflates without a
/// bound.
pub(super) fn inflates_within(change: &[u8], most: usize) -> bool {
    /// Magic, checksum, kind.
    const HEAD: usize = 9;
    const COMPRESSED: u8 = 2;
    if change.len() > most {
        return false;
    }
    if change.get(HEAD - 1) != Some(&COMPRESSED) {
        return true;
    }
    // The length, seven bits a byte, stands before the content.
    let Some(end) = change[HEAD..].iter().take(10).position(|byte| byte & 0x80 == 0) else { return false };
    let content = flate2::read::DeflateDecoder::new(&change[HEAD + end + 1..]);
    let inflated = std::io::copy(&mut content.take(most as u64 + 1), &mut std::io::sink());
    // What cannot be inflated is refused by the reader with its reason.
    inflated.is_ok_and(|bytes| bytes <= most as u64)
}

/// Whether a message only adds readable entries of the log's own unit and board, of kinds that
/// the writer may write. Tried on a copy, for an applied change cannot be taken out again.
pub(super) fn appends_only(
    document: &mut Document,
    rights: Rights,
    apply: impl FnOnce(&mut AutoCommit) -> Result<(), AutomergeError>,
    board: BoardId,
    unit: UnitId,
) -> bool {
    let before = document.entries().0;
    let mut trial = document.automerge().fork();
    if apply(&mut trial).is_err() {
        return false;
    }
    let (after, unreadable) = Document::entries_of(&trial);
    let kept = before.iter().all(|(id, entry)| after.get(id) == Some(entry));
    let fits = |(id, entry): (&EntryId, &Entry)| {
        let binding = matches!(entry.kind, EntryKind::CloseDecision | EntryKind::Retire | EntryKind::Restore);
        let own = entry.author.unit == unit && entry.subject.board == board;
        before.contains_key(id) || (own && (rights.decide || !binding))
    };
    kept && unreadable == 0 && after.iter().all(fits)
}
