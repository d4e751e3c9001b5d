//! Single changes as bytes of others: looked at, read and written under guard.

use super::{Chunk, DocumentError, chunk};

/// In words: what automerge stumbled over.
pub(super) const MALFORMED: &str = "内容不合规范";

/// Does something with bytes of others. automerge panics over some that are well summed and badly
/// made, in ways that only it can see: that is an error like others (in a browser, where nothing can
/// be caught, it ends the page, which comes back to what was stored before).
pub(crate) fn guarded<T>(
    act: impl FnOnce() -> Result<T, automerge::AutomergeError>,
) -> Result<T, DocumentError> {
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(act));
    let done = done.map_err(|_| DocumentError::Corrupt(MALFORMED.to_owned()))?;
    done.map_err(DocumentError::from)
}

pub(super) fn chunk_of(mut change: automerge::Change) -> Chunk {
    let (actor, number) = (change.actor_id().to_bytes().to_vec(), change.seq());
    Chunk { hash: change.hash().0, bytes: change.bytes().into_owned(), actor, number }
}

/// Reads the header of a change without applying it.
///
/// # Errors
/// [`DocumentError::Corrupt`] when the bytes are no change.
pub fn change_header(bytes: &[u8]) -> Result<ChangeHeader, DocumentError> {
    let change = change_of(bytes)?;
    Ok(ChangeHeader {
        hash: change.hash().0,
        actor: change.actor_id().to_bytes().to_vec(),
        time: change.timestamp(),
        by: change.message().unwrap_or_default().to_owned(),
    })
}

/// A change of somebody else, looked at before automerge inflates it.
pub(super) fn change_of(bytes: &[u8]) -> Result<automerge::Change, DocumentError> {
    match chunk::Budget::foreign().spend(bytes)?.as_slice() {
        [(one, _)] => chunk::change(one),
        _ => Err(DocumentError::Corrupt(MALFORMED.to_owned())),
    }
}

/// The author, time and hash that a change names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeHeader {
    pub hash: [u8; 32],
    pub actor: Vec<u8>,
    pub time: i64,
    pub by: String,
}
