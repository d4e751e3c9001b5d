//! How large a document has become.

use crate::document::Document;
use crate::limits::{DOCUMENT_BYTES, DOCUMENT_OPERATIONS};
use crate::trust::Budget;
use automerge::Change;

/// From this share of its bound on, in percent, whoever leads a board is told: everything that was ever
/// written counts, so nothing that is deleted makes room.
pub const NEARLY_FULL: u8 = 80;

/// How large a document is, or a part of it: everything that was ever written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    pub bytes: u64,
    pub operations: u64,
}

impl Extent {
    /// How large a document in memory is.
    pub fn of(document: &mut Document) -> Self {
        Self { bytes: document.bytes(), operations: document.operations() }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, operations: self.operations + other.operations }
    }

    /// Whether a document may be so large.
    pub(super) const fn fits(self) -> bool {
        self.bytes <= DOCUMENT_BYTES as u64 && self.operations <= DOCUMENT_OPERATIONS
    }

    /// Whether it is beyond its bound by more than the program itself may have added to a full one.
    #[must_use]
    pub const fn overflows(self) -> bool {
        self.bytes > (DOCUMENT_BYTES + DOCUMENT_BYTES / 10) as u64
            || self.operations > DOCUMENT_OPERATIONS + DOCUMENT_OPERATIONS / 10
    }

    /// The share of its bound that a document has used up, in percent, up to 100.
    #[must_use]
    pub fn percent(self) -> u8 {
        let share = |used: u64, most: u64| used.saturating_mul(100) / most;
        let bytes = share(self.bytes, DOCUMENT_BYTES as u64);
        let most = bytes.max(share(self.operations, DOCUMENT_OPERATIONS)).min(100);
        u8::try_from(most).unwrap_or(100)
    }
}

/// The amount that somebody writes of a document, or may still write of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub bytes: u64,
    pub operations: u64,
    /// Authors of whom nothing was there before: automerge keeps a clock of all of them for each.
    pub actors: u64,
}

impl Written {
    /// No bound at all.
    pub const ENDLESS: Self = Self { bytes: u64::MAX, operations: u64::MAX, actors: u64::MAX };

    pub(super) fn of(changes: &[Change], extent: Extent) -> Self {
        let actors = changes.iter().filter(|change| change.seq() == 1).count() as u64;
        Self { bytes: extent.bytes, operations: extent.operations, actors }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(other.bytes),
            operations: self.operations.saturating_add(other.operations),
            actors: self.actors.saturating_add(other.actors),
        }
    }

    /// The share that does not reach for so much, if one does not.
    pub(super) const fn lacks(self, wanted: Self) -> Option<Budget> {
        if self.operations < wanted.operations {
            Some(Budget::Operations)
        } else if self.bytes < wanted.bytes {
            Some(Budget::Bytes)
        } else if self.actors < wanted.actors {
            Some(Budget::Actors)
        } else {
            None
        }
    }

    /// The same without a part; nothing where the part is larger.
    pub(super) fn without(self, part: Self) -> Option<Self> {
        Some(Self {
            bytes: self.bytes.checked_sub(part.bytes)?,
            operations: self.operations.checked_sub(part.operations)?,
            actors: self.actors.checked_sub(part.actors)?,
        })
    }
}
