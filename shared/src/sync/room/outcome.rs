//! The outcome of a round.

use super::Objection;
use std::sync::Arc;

/// A message to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A sync message, the same bytes for all who begin from nothing.
    Sync(Arc<Vec<u8>>),
    /// Both sides have these heads.
    Live(Vec<[u8; 32]>),
    /// A whole frame of changes, the same bytes for all who get it.
    Changes(Arc<[u8]>),
    /// The server has these heads on its disk.
    Ack(Vec<[u8; 32]>),
    /// Changes were not taken; `times` refusals of this reason are told as one.
    Refused { why: Objection, changes: Vec<[u8; 32]>, times: u64 },
}

/// The outcome of changes that came by a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakenIn {
    pub new: usize,
    pub refused: Vec<Objection>,
    /// Changes whose ancestors are neither here nor among them, or were refused.
    pub waiting: Vec<Vec<u8>>,
}

/// A message that ends its connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    #[error("sync message cannot be read: {0}")]
    Unreadable(String),
    /// The document in memory is spoilt: it must be dropped without a commit and loaded anew.
    #[error("a change would have replaced what every document begins with")]
    Poison,
}
