//! A store that forgets when the process ends: for the simulation and the contract suite.

use super::{Append, Loaded, Store, StoreError};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tongban_shared::id::DocumentId;

#[derive(Default)]
struct Held {
    /// By their marks, each with the newest mark that it covers.
    snapshots: BTreeMap<i64, (i64, Vec<u8>)>,
    changes: Vec<([u8; 32], Vec<u8>)>,
}

#[derive(Default)]
struct All {
    documents: BTreeMap<DocumentId, Held>,
    arrived: Vec<(DocumentId, [u8; 32])>,
    saved: i64,
}

/// Documents in memory.
#[derive(Default)]
pub struct MemoryStore {
    held: Mutex<All>,
}

impl MemoryStore {
    fn held(&self) -> MutexGuard<'_, All> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, document: DocumentId) -> Result<Loaded, StoreError> {
        let held = self.held();
        let Some(one) = held.documents.get(&document) else { return Ok(Loaded::default()) };
        let covered = one.snapshots.last_key_value().map_or(0, |(_, (covers, _))| *covers);
        let standing = one.snapshots.range(covered + 1..).map(|(_, (_, bytes))| bytes);
        let over = one.snapshots.last_key_value().map_or(0, |(saved, _)| *saved);
        let chunks = standing.chain(one.changes.iter().map(|(_, bytes)| bytes)).cloned().collect();
        let hashes = one.changes.iter().map(|(hash, _)| *hash).collect();
        Ok(Loaded { chunks, hashes, unreadable: 0, over })
    }

    async fn snapshots(&self, document: DocumentId) -> Result<Vec<Vec<u8>>, StoreError> {
        let held = self.held();
        let one = held.documents.get(&document);
        let all = one.into_iter().flat_map(|one| one.snapshots.values().rev());
        Ok(all.map(|(_, bytes)| bytes.clone()).collect())
    }

    async fn changes(&self, document: DocumentId, hashes: &[[u8; 32]]) -> Result<Vec<Vec<u8>>, StoreError> {
        let held = self.held();
        let all = held.documents.get(&document).map_or(&[][..], |one| &one.changes);
        let asked = all.iter().filter(|(hash, _)| hashes.contains(hash));
        Ok(asked.map(|(_, bytes)| bytes.clone()).collect())
    }

    async fn append(&self, batch: Append) -> Result<(), StoreError> {
        let mut held = self.held();
        let All { documents, arrived, .. } = &mut *held;
        let one = documents.entry(batch.document).or_default();
        for chunk in batch.chunks {
            if batch.over_damage {
                one.changes.retain(|(hash, _)| *hash != chunk.hash);
            }
            if one.changes.iter().all(|(hash, _)| *hash != chunk.hash) {
                arrived.push((batch.document, chunk.hash));
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
        over: i64,
    ) -> Result<(), StoreError> {
        let mut held = self.held();
        held.saved += 1;
        let saved = held.saved;
        let one = held.documents.entry(document).or_default();
        one.changes.retain(|(hash, _)| !covers.contains(hash));
        one.snapshots.retain(|mark, _| *mark >= over);
        one.snapshots.insert(saved, (over, snapshot));
        Ok(())
    }

    async fn loose_changes(&self, document: DocumentId) -> Result<u64, StoreError> {
        Ok(self.held().documents.get(&document).map_or(0, |one| one.changes.len() as u64))
    }

    async fn arrivals(&self, after: i64) -> Result<(i64, Vec<(DocumentId, [u8; 32])>), StoreError> {
        let held = self.held();
        let from = usize::try_from(after).unwrap_or(usize::MAX).min(held.arrived.len());
        let last = i64::try_from(held.arrived.len()).unwrap_or(i64::MAX);
        Ok((last.max(after), held.arrived[from..].to_vec()))
    }

    async fn cursor(&self) -> Result<i64, StoreError> {
        Ok(i64::try_from(self.held().arrived.len()).unwrap_or(i64::MAX))
    }

    async fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        Ok(self.held().documents.keys().copied().collect())
    }
}
