//! A store that forgets when the process ends: for the simulation and the contract suite.

use super::{Append, Lengths, Loaded, Store, StoreError};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tongban_shared::document::Chunk;
use tongban_shared::id::DocumentId;
use tongban_shared::sync::room::Extent;

#[derive(Default)]
struct Held {
    /// By their marks, each with the newest mark that it covers.
    snapshots: BTreeMap<i64, (i64, Vec<u8>)>,
    changes: Vec<([u8; 32], Vec<u8>)>,
    /// The last number of each author.
    authors: BTreeMap<Vec<u8>, u64>,
    total: Extent,
    is_held: bool,
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
    fn all(&self) -> MutexGuard<'_, All> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, document: DocumentId) -> Result<Loaded, StoreError> {
        let held = self.all();
        let Some(one) = held.documents.get(&document) else { return Ok(Loaded::default()) };
        let covered = one.snapshots.last_key_value().map_or(0, |(_, (covers, _))| *covers);
        let standing = one.snapshots.range(covered + 1..).map(|(_, (_, bytes))| bytes);
        let over = one.snapshots.last_key_value().map_or(0, |(saved, _)| *saved);
        let chunks = standing.chain(one.changes.iter().map(|(_, bytes)| bytes)).cloned().collect();
        let hashes = one.changes.iter().map(|(hash, _)| *hash).collect();
        Ok(Loaded { chunks, hashes, unreadable: 0, over })
    }

    async fn lengths(&self, document: DocumentId) -> Result<Lengths, StoreError> {
        let chunks = self.load(document).await?.chunks;
        let length = |chunk: &Vec<u8>| chunk.len() as u64;
        let longest = chunks.iter().map(length).max().unwrap_or_default();
        Ok(Lengths { loaded: chunks.iter().map(length).sum(), longest })
    }

    async fn snapshots(&self, document: DocumentId) -> Result<Vec<Vec<u8>>, StoreError> {
        let held = self.all();
        let one = held.documents.get(&document);
        let all = one.into_iter().flat_map(|one| one.snapshots.values().rev());
        Ok(all.map(|(_, bytes)| bytes.clone()).collect())
    }

    async fn changes(&self, document: DocumentId, hashes: &[[u8; 32]]) -> Result<Vec<Vec<u8>>, StoreError> {
        let held = self.all();
        let all = held.documents.get(&document).map_or(&[][..], |one| &one.changes);
        let asked = all.iter().filter(|(hash, _)| hashes.contains(hash));
        Ok(asked.map(|(_, bytes)| bytes.clone()).collect())
    }

    async fn append(&self, batch: Append) -> Result<(), StoreError> {
        let mut held = self.all();
        let All { documents, arrived, .. } = &mut *held;
        let one = documents.entry(batch.document).or_default();
        let mut authors = one.authors.clone();
        for Chunk { hash, actor, number, .. } in &batch.chunks {
            let last = authors.entry(actor.clone()).or_default();
            let is_new = one.changes.iter().all(|(known, _)| known != hash);
            if is_new && number <= last && !batch.over_damage {
                return Err(StoreError::Taken { hash: *hash, actor: actor.clone(), number: *number });
            }
            *last = (*last).max(*number);
        }
        (one.total, one.authors) = (batch.total, authors);
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
        (covers, _): (Vec<[u8; 32]>, Vec<[u8; 32]>),
        over: i64,
    ) -> Result<(), StoreError> {
        let mut held = self.all();
        held.saved += 1;
        let saved = held.saved;
        let one = held.documents.entry(document).or_default();
        one.changes.retain(|(hash, _)| !covers.contains(hash));
        one.snapshots.retain(|mark, _| *mark >= over);
        one.snapshots.insert(saved, (over, snapshot));
        Ok(())
    }

    async fn loose_changes(&self, document: DocumentId) -> Result<u64, StoreError> {
        Ok(self.all().documents.get(&document).map_or(0, |one| one.changes.len() as u64))
    }

    async fn arrivals(&self, after: i64) -> Result<(i64, Vec<(DocumentId, [u8; 32])>), StoreError> {
        let held = self.all();
        let from = usize::try_from(after).unwrap_or(usize::MAX).min(held.arrived.len());
        let last = i64::try_from(held.arrived.len()).unwrap_or(i64::MAX);
        Ok((last.max(after), held.arrived[from..].to_vec()))
    }

    async fn cursor(&self) -> Result<i64, StoreError> {
        Ok(i64::try_from(self.all().arrived.len()).unwrap_or(i64::MAX))
    }

    async fn hold(&self, document: DocumentId) -> Result<bool, StoreError> {
        let mut held = self.all();
        let before = &mut held.documents.entry(document).or_default().is_held;
        Ok(!std::mem::replace(before, true))
    }

    async fn held(&self) -> Result<Vec<DocumentId>, StoreError> {
        let held = self.all();
        Ok(held.documents.iter().filter(|(_, one)| one.is_held).map(|(id, _)| *id).collect())
    }

    async fn replace(
        &self,
        document: DocumentId,
        snapshot: Vec<u8>,
        total: Extent,
    ) -> Result<(), StoreError> {
        let mut held = self.all();
        held.saved += 1;
        let snapshots = BTreeMap::from([(held.saved, (0, snapshot))]);
        held.documents.insert(document, Held { snapshots, total, ..Held::default() });
        Ok(())
    }

    async fn largest(&self, most: u32) -> Result<Vec<(DocumentId, Extent)>, StoreError> {
        let held = self.all();
        let mut all: Vec<_> = held.documents.iter().map(|(id, one)| (*id, one.total)).collect();
        all.sort_by_key(|(_, total)| std::cmp::Reverse(total.operations));
        all.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(all)
    }

    async fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        let held = self.all();
        let written =
            held.documents.iter().filter(|(_, one)| !(one.changes.is_empty() && one.snapshots.is_empty()));
        Ok(written.map(|(id, _)| *id).collect())
    }
}
