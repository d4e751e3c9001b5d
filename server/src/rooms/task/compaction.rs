//! One chunk in the place of many.

use super::Task;
use super::loading::stored;
use crate::limits;
use crate::rooms::Rooms;
use crate::store::{Store, StoreError};
use tongban_shared::document::{Document, Kind};
use tongban_shared::id::DocumentId;

impl Task {
    /// One chunk in the place of many, made beside the room's work from what is on the disk; the
    /// changes go only when the snapshot was read back equal.
    pub(super) fn compact(&mut self) {
        // One at a time for each document, also over a room that was loaded anew.
        let Some(turn) = self.rooms.compaction_of(self.id) else { return };
        self.since_compaction = 0;
        let (kind, id) = (self.what.kind(), self.id);
        let (rooms, stop) = (self.rooms.clone(), self.rooms.inner.stop.clone());
        self.rooms.inner.tasks.spawn(async move {
            let _turn = turn;
            let store = &rooms.inner.store;
            let made = tokio::select! {
                made = snapshot(&rooms, id, kind) => made,
                () = stop.cancelled() => return,
            };
            let made = match made {
                Ok(made) => made,
                Err(error) => {
                    tracing::error!(document.id = %id, error, "A document was not compacted; the changes stay");
                    return;
                }
            };
            // Other processes fetch changes by their hashes, and have the time to; one that was away for longer
            // reads the snapshot.
            tokio::select! {
                () = tokio::time::sleep(limits::BEFORE_COMPACTION) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = made.write(&**store, id).await {
                tracing::error!(document.id = %id, error = %error, "A document could not be compacted");
            }
        });
    }
}

/// A snapshot that was read back equal.
pub(in crate::rooms) struct Made {
    snapshot: Vec<u8>,
    /// The changes that are in it and stood beside the snapshot before.
    pub(in crate::rooms) covers: Vec<[u8; 32]>,
    heads: Vec<[u8; 32]>,
    /// Marks the newest snapshot of which it was made.
    over: i64,
}

impl Made {
    /// Puts it in the place of the changes that are in it.
    pub(in crate::rooms) async fn write(self, store: &dyn Store, id: DocumentId) -> Result<(), StoreError> {
        store.compact(id, self.snapshot, (self.covers, self.heads), self.over).await
    }
}

/// Makes the snapshot of a document, within the memory of everything heavy.
pub(in crate::rooms) async fn snapshot(rooms: &Rooms, id: DocumentId, kind: Kind) -> Result<Made, String> {
    let (loaded, memory) = stored(rooms, id, limits::LIGHT).await?;
    let equal = tokio::task::spawn_blocking(move || {
        // Held until the work is done, also when nobody waits for it any more.
        let _memory = memory;
        let (over, actor) = (loaded.over, crate::clock::random::<16>());
        let chunks = loaded.chunks.iter().map(Vec::as_slice);
        let (mut document, _) = Document::load_stored(kind, &actor, chunks).ok()?;
        drop(loaded.chunks);
        // Not all that it ever had: nothing is there to delete of what a snapshot took the place of.
        let mut covers = loaded.hashes;
        covers.retain(|hash| document.contains(hash));
        let (heads, snapshot) = (document.heads(), document.save());
        // Never two of them at once.
        drop(document);
        let mut again = Document::load(kind, &actor, [snapshot.as_slice()]).ok()?;
        (again.heads() == heads).then_some(Made { snapshot, covers, heads, over })
    });
    let equal = equal.await.map_err(|error| error.to_string())?;
    equal.ok_or_else(|| "a snapshot did not load back equal".to_owned())
}
