//! A store that forgets when the process ends: for the simulation and the contract suite.

use super::{Append, Store, StoreError};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tongban_shared::id::DocumentId;

#[derive(Default)]
struct Held {
    snapshots: Vec<Vec<u8>>,
    changes: Vec<([u8; 32], Vec<u8>)>,
}

/// Documents in memory.
#[derive(Default)]
pub struct MemoryStore {
    held: Mutex<BTreeMap<DocumentId, Held>>,
}

impl MemoryStore {
    fn held(&self) -> MutexGuard<'_, BTreeMap<DocumentId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, document: DocumentId) -> Result<Vec<Vec<u8>>, StoreError> {
        let held = self.held();
        let Some(one) = held.get(&document) else { return Ok(Vec::new()) };
        Ok(one.snapshots.iter().chain(one.changes.iter().map(|(_, bytes)| bytes)).cloned().collect())
    }

    async fn append(&self, batch: Append) -> Result<(), StoreError> {
        let mut held = self.held();
        let one = held.entry(batch.document).or_default();
        for chunk in batch.chunks {
            if one.changes.iter().all(|(hash, _)| *hash != chunk.hash) {
                one.changes.push((chunk.hash, chunk.bytes));
            }
        }
        Ok(())
    }

    async fn compact(
        &self,
        document: DocumentId,
        snapshot: Vec<u8>,
        covers: Vec<[u8; 32]>,
    ) -> Result<(), StoreError> {
        let mut held = self.held();
        let one = held.entry(document).or_default();
        one.changes.retain(|(hash, _)| !covers.contains(hash));
        one.snapshots = vec![snapshot];
        Ok(())
    }

    async fn loose_changes(&self, document: DocumentId) -> Result<u64, StoreError> {
        Ok(self.held().get(&document).map_or(0, |one| one.changes.len() as u64))
    }

    async fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        Ok(self.held().keys().copied().collect())
    }
}
