//! Heads of a document: each is told to every reader with each acknowledgement, and each change of an honest
//! device brings all of them together. Somebody else may make any number of them; so they are bounded where
//! they come in, and the server brings many together.

use super::Room;
use super::objection::{Fault, Objection};
use crate::document::{Document, Stamp};
use crate::limits::{HEADS, HEADS_GATHERED};
use automerge::Change;
use std::collections::BTreeSet;

/// Asks whether changes leave a document with as many heads as it may have, or with no more than it has.
pub(super) fn heads_fit(document: &mut Document, changes: &[&Change]) -> Result<(), Objection> {
    let before = document.heads();
    let mut after: BTreeSet<[u8; 32]> = before.iter().copied().collect();
    after.extend(changes.iter().map(|change| change.hash().0));
    for ancestor in changes.iter().flat_map(|change| change.deps()) {
        after.remove(&ancestor.0);
    }
    if after.len() <= HEADS.max(before.len()) { Ok(()) } else { Err(Objection::of(Fault::Scattered)) }
}

impl Room {
    /// Brings many heads together by a change that says nothing, which is committed with this round.
    pub fn gather(&mut self, time: i64) {
        if !self.frozen && self.document.heads().len() > HEADS_GATHERED {
            self.document.gather_heads(&Stamp { time, by: String::new() });
        }
    }
}
