//! The server's documents on disk: changes by hash, and snapshots.
//!
//! The trait is small so that another database can stand behind it; the contract is a suite of
//! its own in `tests/`.

mod copy;
mod database;
mod documents;
mod folder;
pub mod memory;
mod portions;

pub use database::{Alone, Database, Place, Writing};
pub use folder::{Damaged, put_first};

use async_trait::async_trait;
use std::collections::BTreeSet;
use tongban_shared::document::Chunk;
use tongban_shared::id::{DocumentId, PersonId};
use tongban_shared::sync::room::Extent;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("the setting {0} cannot be read")]
    Setting(&'static str),
    #[error("the table {0} cannot be found any more")]
    Table(&'static str),
    /// Another change of the same author stands under the number of this one, or is in a snapshot by now.
    /// Neither this one nor what came behind it was written.
    #[error("another change stands under the number of {}", tongban_shared::document::hex(hash))]
    Taken { hash: [u8; 32], actor: Vec<u8>, number: u64 },
    #[error("the store was stopped")]
    Stopped,
}

/// Changes of one document.
#[derive(Debug, Clone)]
pub struct Append {
    pub document: DocumentId,
    pub chunks: Vec<Chunk>,
    /// Content under the same hash is damaged there, or was lost: it is written over, and numbers of authors
    /// do not count.
    pub over_damage: bool,
    /// How large the document is with them, as whoever writes them knows.
    pub total: Extent,
}

/// The content of a store for a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    pub chunks: Vec<Vec<u8>>,
    /// The hashes of the changes among them: what the document must hold when all are whole.
    pub hashes: Vec<[u8; 32]>,
    /// Rows that the database could not read.
    pub unreadable: usize,
    /// Marks the newest snapshot among them, 0 without one.
    pub over: i64,
}

/// How much is stored of a document, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    /// All chunks that [`Store::load`] gives.
    pub loaded: u64,
    /// The longest one of them.
    pub longest: u64,
}

impl Lengths {
    /// More than is known: the store is damaged.
    const UNKNOWN: Self = Self { loaded: u64::MAX, longest: u64::MAX };

    /// Bytes of memory that it may take to load it: as much again may be on its way from the database, and the
    /// last row stands there once more.
    #[must_use]
    pub const fn peak(&self) -> u64 {
        self.loaded.saturating_mul(2).saturating_add(self.longest)
    }
}

/// A store of documents.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// All chunks of a document: snapshots and changes, in an order in which they load. Empty
    /// when the document was never written.
    async fn load(&self, document: DocumentId) -> Result<Loaded, StoreError>;

    /// How much [`Store::load`] would give; nothing of it is read.
    async fn lengths(&self, document: DocumentId) -> Result<Lengths, StoreError>;

    /// Every snapshot that is still kept, newest first: where the newest one is damaged, the others
    /// hold most of it.
    async fn snapshots(&self, document: DocumentId) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Changes of a document by their hashes; those that are in a snapshot by now are not given.
    async fn changes(&self, document: DocumentId, hashes: &[[u8; 32]]) -> Result<Vec<Vec<u8>>, StoreError>;

    /// The hashes of a document's changes that are in no snapshot, and the heads of its snapshots: whoever has all
    /// of these has all that is stored.
    async fn hashes(&self, document: DocumentId) -> Result<Vec<[u8; 32]>, StoreError> {
        Ok(self.load(document).await?.hashes)
    }

    /// Writes changes; on return they are on disk. A repeat is a no-op; a new change is written if its number is
    /// beyond all of its author's in that document, whoever wrote these, and else neither it nor what comes behind
    /// it is: [`StoreError::Taken`]. Others write in between where there are many: after an error the first of
    /// them may be on disk, never one without those before it.
    async fn append(&self, batch: Append) -> Result<(), StoreError>;

    /// Replaces the changes that `covers` names by a snapshot of these heads, which holds them and everything
    /// that was loaded with `over`, the mark of [`Loaded`]. The changes are deleted after the snapshot was
    /// found readable and equal, others writing in between; snapshots that others wrote since stay.
    async fn compact(
        &self,
        document: DocumentId,
        snapshot: Vec<u8>,
        (covers, heads): (Vec<[u8; 32]>, Vec<[u8; 32]>),
        over: i64,
    ) -> Result<(), StoreError>;

    /// How many changes of a document are not in a snapshot.
    async fn loose_changes(&self, document: DocumentId) -> Result<u64, StoreError>;

    /// The changes that were written since a cursor, by whatever process, and the next cursor: ids and
    /// hashes only. For changes that were written since then and are in a snapshot by now, the heads of that stand.
    /// [`Store::cursor`] is where it begins.
    async fn arrivals(&self, after: i64) -> Result<(i64, Vec<(DocumentId, [u8; 32])>), StoreError>;

    /// The cursor of now: what was written before is no arrival.
    async fn cursor(&self) -> Result<i64, StoreError>;

    /// Holds a document back, of which more is stored than fits; whether it was not held before.
    async fn hold(&self, document: DocumentId) -> Result<bool, StoreError>;

    /// The documents that are held back.
    async fn held(&self) -> Result<Vec<DocumentId>, StoreError>;

    /// Puts a snapshot in the place of everything that is stored of a document, which is held no more.
    async fn replace(&self, document: DocumentId, snapshot: Vec<u8>, total: Extent)
    -> Result<(), StoreError>;

    /// The largest documents as they were when they were last written, those with the most operations first.
    async fn largest(&self, most: u32) -> Result<Vec<(DocumentId, Extent)>, StoreError>;

    /// The people who have an account in this store; nobody where it holds no accounts.
    async fn people(&self) -> Result<BTreeSet<PersonId>, StoreError> {
        Ok(BTreeSet::new())
    }

    /// How many they are. Nobody's account is ever taken away: as long as there are as many, they are the same.
    async fn people_count(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    /// Every document that was written.
    async fn documents(&self) -> Result<Vec<DocumentId>, StoreError>;
}
