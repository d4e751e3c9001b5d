//! The columns in which automerge keeps a document, with one part that is ours: the arena of the values.
//!
//! The arena of hexane copies everything behind a place at which something comes in, and what stays before it
//! keeps the room of both (`Vec::split_off`). A change of some kilobytes that comes in at a thousand places amid
//! ten megabytes so takes five gigabytes, and anybody who may write a document can make one. Cargo puts this
//! crate in the place of hexane (`[patch.crates-io]`); everything else of hexane is passed on as it is. It can
//! go once hexane's own arena takes no more than twice what it holds.

mod arena;

pub use arena::{RawColumn, RawColumnIter};
pub use columns::*;
