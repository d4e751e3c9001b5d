//! The statements of a space, opened once: a signature is checked when its statement comes, not again with
//! every other one.

use super::{Certificate, Ending, Endorsement, Proofs, Statement};
use crate::id::SpaceId;
use std::collections::{BTreeMap, BTreeSet};

/// The statements of a space by their bytes; none where a signature does not hold.
#[derive(Debug, Clone, Default)]
pub struct Opened {
    space: Option<SpaceId>,
    pub(super) certificates: BTreeMap<Vec<u8>, Option<Certificate>>,
    pub(super) endings: BTreeMap<Vec<u8>, Option<Ending>>,
    pub(super) endorsements: BTreeMap<Vec<u8>, Option<Endorsement>>,
}

impl Opened {
    /// Opens the statements of a space that are new, and forgets those that it has no more; how many were
    /// opened.
    pub fn take(&mut self, space: SpaceId, proofs: &Proofs) -> usize {
        if self.space != Some(space) {
            *self = Self { space: Some(space), ..Self::default() };
        }
        open_new(space, &mut self.certificates, &proofs.certificates)
            + open_new(space, &mut self.endings, &proofs.endings)
            + open_new(space, &mut self.endorsements, &proofs.endorsements)
    }
}

fn open_new<S: Statement>(
    space: SpaceId,
    known: &mut BTreeMap<Vec<u8>, Option<S>>,
    all: &BTreeSet<Vec<u8>>,
) -> usize {
    let new: Vec<&Vec<u8>> = all.iter().filter(|bytes| !known.contains_key(*bytes)).collect();
    let opened = new.len();
    known.extend(new.into_iter().map(|bytes| (bytes.clone(), S::open(space, bytes))));
    if known.len() > all.len() {
        known.retain(|bytes, _| all.contains(bytes));
    }
    opened
}
