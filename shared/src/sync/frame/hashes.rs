//! Hashes in a frame: never more of them than a reader takes.

use crate::limits::{HASHES, REFUSED_HASHES};
use std::ops::Deref;

/// Hashes that every reader takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hashes(Vec<[u8; 32]>);

impl Hashes {
    /// All of them; none where no reader would take so many.
    #[must_use]
    pub fn all(hashes: Vec<[u8; 32]>) -> Option<Self> {
        (hashes.len() <= HASHES).then_some(Self(hashes))
    }

    /// As many of them as a refusal names, and the number of the others.
    #[must_use]
    pub fn first(mut hashes: Vec<[u8; 32]>) -> (Self, u64) {
        let more = hashes.len().saturating_sub(REFUSED_HASHES);
        hashes.truncate(REFUSED_HASHES);
        (Self(hashes), more as u64)
    }

    /// The hashes themselves.
    #[must_use]
    pub fn into_vec(self) -> Vec<[u8; 32]> {
        self.0
    }

    /// Takes a further one, as long as there is room.
    pub(super) fn push(&mut self, hash: [u8; 32]) -> bool {
        let room = self.0.len() < HASHES;
        if room {
            self.0.push(hash);
        }
        room
    }
}

impl Deref for Hashes {
    type Target = [[u8; 32]];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
