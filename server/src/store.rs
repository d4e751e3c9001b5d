//! What the server keeps on disk of documents: changes by hash, and snapshots.
//!
//! The trait is small so that another database can stand behind it; the contract is a suite of
//! its own in `tests/`.

pub mod memory;
pub mod sqlite;

use async_trait::async_trait;
use tongban_shared::document::Chunk;
use tongban_shared::id::DocumentId;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("the store was stopped")]
    Stopped,
}

/// Changes of one document.
#[derive(Debug, Clone)]
pub struct Append {
    pub document: DocumentId,
    pub chunks: Vec<Chunk>,
}

/// A store of documents.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// All chunks of a document: snapshots and changes, in an order in which they load. Empty
    /// when the document was never written.
    async fn load(&self, document: DocumentId) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Writes changes; on return they are on disk. A repeat is a no-op.
    async fn append(&self, batch: Append) -> Result<(), StoreError>;

    /// Replaces the changes of these hashes by a snapshot that holds them. The changes are deleted
    /// in the same transaction that finds the snapshot readable and equal.
    async fn compact(
        &self,
        document: DocumentId,
        snapshot: Vec<u8>,
        covers: Vec<[u8; 32]>,
    ) -> Result<(), StoreError>;

    /// How many changes of a document are not in a snapshot.
    async fn loose_changes(&self, document: DocumentId) -> Result<u64, StoreError>;

    /// Every document that was written.
    async fn documents(&self) -> Result<Vec<DocumentId>, StoreError>;
}
