//! How large a document has become.

use crate::document::chunk::MAX_DOCUMENT_OPERATIONS;
use crate::document::{Document, MAX_DOCUMENT_BYTES};

/// How large a document is, or a part of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    pub(super) bytes: u64,
    pub(super) operations: u64,
}

impl Extent {
    pub(super) fn of(document: &mut Document) -> Self {
        Self { bytes: document.bytes(), operations: document.operations() }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, operations: self.operations + other.operations }
    }

    /// Whether a document may be so large.
    pub(super) const fn fits(self) -> bool {
        self.bytes <= MAX_DOCUMENT_BYTES as u64 && self.operations <= MAX_DOCUMENT_OPERATIONS
    }
}
