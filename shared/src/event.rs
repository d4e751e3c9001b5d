//! The changes of a document, whoever made them (past tense); screens change by events only.

use crate::id::{BoardId, EntryId, IndicatorId, ItemId, SectionId, UnitId};

/// One happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// A field of the board itself, its goal, members or links.
    BoardChanged,
    SectionChanged(SectionId),
    /// An item came, or its place, parent or mark changed: lists must be ordered anew.
    ItemPlaced(ItemId),
    /// A field or text of an item.
    ItemChanged(ItemId),
    IndicatorChanged(IndicatorId),
    EntryAdded(EntryId),
    UnitChanged(UnitId),
    PersonsChanged,
    BoardListed(BoardId),
    SpaceChanged,
}
