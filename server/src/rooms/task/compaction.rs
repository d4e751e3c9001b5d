//! One chunk in the place of many.

use super::Task;
use crate::limits;
use std::sync::Arc;
use tongban_shared::document::Document;

impl Task {
    /// One chunk in the place of many, made beside the room's work from what is on the disk; the
    /// changes go only when the snapshot was read back equal.
    pub(super) fn compact(&mut self) {
        // One at a time for each document, also over a room that was loaded anew.
        let Some(turn) = self.rooms.compaction_of(self.id) else { return };
        self.since_compaction = 0;
        let (kind, actor, id) = (self.what.kind(), crate::clock::random::<16>(), self.id);
        let (store, stop) = (Arc::clone(&self.rooms.inner.store), self.rooms.inner.stop.clone());
        self.rooms.inner.tasks.spawn(async move {
            let _turn = turn;
            let loaded = match store.load(id).await {
                Ok(loaded) => loaded,
                Err(error) => {
                    tracing::error!(document.id = %id, error = %error, "A document could not be read");
                    return;
                }
            };
            let over = loaded.over;
            let equal = tokio::task::spawn_blocking(move || {
                let chunks = loaded.chunks.iter().map(Vec::as_slice);
                let mut document = Document::load(kind, &actor, chunks).ok()?;
                let (covers, heads, snapshot) = (document.hashes(), document.heads(), document.save());
                let mut again = Document::load(kind, &actor, [snapshot.as_slice()]).ok()?;
                (again.heads() == heads).then_some((snapshot, covers))
            });
            let Ok(Some((snapshot, covers))) = equal.await else {
                tracing::error!(document.id = %id, "A snapshot did not load back equal; the changes stay");
                return;
            };
            // Other processes fetch changes by their hashes: they have had the time to.
            tokio::select! {
                () = tokio::time::sleep(limits::BEFORE_COMPACTION) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = store.compact(id, snapshot, covers, over).await {
                tracing::error!(document.id = %id, error = %error, "A document could not be compacted");
            }
        });
    }
}
