//! Reading a document: when it is opened, and when another process has written it.

use super::{Task, ToRoom};
use crate::audit::Act;
use crate::limits;
use crate::rooms::What;
use crate::rooms::judging::{Turn, beside};
use crate::store::Loaded;
use serde_json::json;
use std::sync::Arc;
use tongban_shared::document::chunk::{self, Budget};
use tongban_shared::document::{Document, DocumentError, Kind};
use tongban_shared::id::{BoardId, UnitId};
use tongban_shared::sync::message;
use tongban_shared::sync::room::{Rescued, Room};

/// Why a document was not read, for the log.
const ENDS: &str = "the program ends";
const LATE: &str = "it takes too long";

/// A finding about a document in the store.
enum Found {
    Whole(Box<Room>),
    /// More than fits.
    TooLarge,
    Damaged,
}

/// Whether all that stands under one entry of the store is as somebody wrote it.
fn as_written(stored: &[u8]) -> bool {
    chunk::chunks(stored).is_ok_and(|all| all.iter().all(|one| chunk::is_as_written(one)))
}

impl Task {
    /// Reads the document by the turns of the account that asks for it, each step within a time.
    pub(super) async fn load(&mut self) -> Result<Room, String> {
        let (loads, asker) = (self.rooms.clone(), self.rooms.asker);
        let loads = &loads.inner.loads;
        let mut turn = self.unless_it_ends(loads.of(asker)).await.flatten().ok_or(ENDS)?;
        let loaded = self.in_time(self.stored()).await?;
        if loaded.1 > limits::HEAVY_LOAD {
            drop(turn);
            turn = self.unless_it_ends(loads.alone(asker)).await.flatten().ok_or(ENDS)?;
        }
        let (stop, late) = (self.rooms.inner.stop.clone(), tokio::time::sleep(limits::LOADING));
        tokio::select! {
            biased;
            room = self.read(loaded.0, turn) => room,
            () = stop.cancelled() => Err(ENDS.to_owned()),
            () = late => Err(LATE.to_owned()),
        }
    }

    async fn unless_it_ends<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.rooms.inner.stop.cancelled() => None,
        }
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
        let done = self.unless_it_ends(tokio::time::timeout(limits::LOADING, work)).await;
        done.ok_or(ENDS)?.unwrap_or_else(|_| Err(LATE.to_owned()))
    }

    /// The document as it is stored, and what it may weigh in memory.
    async fn stored(&self) -> Result<(Loaded, u64), String> {
        let loaded = self.rooms.inner.store.load(self.id).await.map_err(|error| error.to_string())?;
        let weighed = tokio::task::spawn_blocking(move || {
            let weight = message::weight(loaded.chunks.iter().map(Vec::as_slice));
            (loaded, weight)
        });
        weighed.await.map_err(|error| error.to_string())
    }

    async fn read(&mut self, loaded: Loaded, turn: Turn) -> Result<Room, String> {
        let store = Arc::clone(&self.rooms.inner.store);
        self.since_compaction = store.loose_changes(self.id).await.map_err(|error| error.to_string())?;
        let (id, kind, actor) = (self.id, self.what.kind(), crate::clock::random::<16>());
        let unreadable = loaded.unreadable;
        let log_of = match self.what {
            What::Log(board, unit) => Some((board, unit)),
            _ => None,
        };
        // The turn goes on for as long as the work does, also where nobody waits for it any more.
        let whole = tokio::task::spawn_blocking(move || {
            let chunks = loaded.chunks.iter().map(Vec::as_slice);
            let found = match Document::load(kind, &actor, chunks) {
                // A flipped bit may say anything: that is damage, which devices mend.
                Err(DocumentError::Unfit(unfit))
                    if unfit.is_too_much() && loaded.chunks.iter().all(|stored| as_written(stored)) =>
                {
                    Found::TooLarge
                }
                Err(_) => Found::Damaged,
                Ok(mut document) => {
                    let all = loaded.hashes.iter().all(|hash| document.contains(hash));
                    let whole = all && document.roots_intact();
                    let room = Room::new(id, document, log_of);
                    if room.extent().overflows() {
                        Found::TooLarge
                    } else if whole {
                        Found::Whole(Box::new(room))
                    } else {
                        Found::Damaged
                    }
                }
            };
            (found, turn)
        });
        let (found, turn) = whole.await.map_err(|error| error.to_string())?;
        match found {
            Found::Whole(room) if unreadable == 0 => Ok(*room),
            Found::TooLarge => self.hold(kind, actor, log_of, turn).await,
            Found::Whole(_) | Found::Damaged => {
                let document = self.salvage(kind, actor, turn).await?;
                let room = tokio::task::spawn_blocking(move || Room::new(id, document, log_of));
                room.await.map_err(|error| error.to_string())
            }
        }
    }

    /// Holds back a document of which more is stored than fits: its last good state is served, and nothing
    /// comes in. The trail says so once.
    async fn hold(
        &self,
        kind: Kind,
        actor: [u8; 16],
        log_of: Option<(BoardId, UnitId)>,
        turn: Turn,
    ) -> Result<Room, String> {
        let (store, id) = (&self.rooms.inner.store, self.id);
        let loaded = store.load(id).await.map_err(|error| error.to_string())?;
        let snapshots = store.snapshots(id).await.map_err(|error| error.to_string())?;
        let rescued = tokio::task::spawn_blocking(move || {
            // A loose change has its hash beside it, and stands behind the snapshots.
            let loose = &loaded.chunks[loaded.chunks.len() - loaded.hashes.len()..];
            let rescued = Rescued::of(kind, &actor, &snapshots, loose);
            drop(turn);
            (rescued.left_out, Room::frozen(id, rescued.document, log_of))
        });
        let (left_out, room) = rescued.await.map_err(|error| error.to_string())?;
        tracing::error!(document.id = %id, left_out, "More of a document is stored than fits; it is read-only");
        if store.hold(id).await.map_err(|error| error.to_string())? {
            let about = json!({
                "document": id.to_string(), "board": self.what.board(), "unit": self.what.unit(),
                "left_out": left_out,
            });
            if let Err(error) = self.rooms.inner.audit.write(Act::Held, None, about).await {
                tracing::error!(error = %error, "A document that is held could not be put on the audit trail");
            }
        }
        Ok(room)
    }

    /// Gathers everything of a damaged document that can still be read, also from older snapshots. The
    /// trail says so, and any device may bring back what is missing.
    async fn salvage(&mut self, kind: Kind, actor: [u8; 16], turn: Turn) -> Result<Document, String> {
        let store = &self.rooms.inner.store;
        let loaded = store.load(self.id).await.map_err(|error| error.to_string())?;
        let older = store.snapshots(self.id).await.map_err(|error| error.to_string())?;
        let salvaged = tokio::task::spawn_blocking(move || {
            let mut document = Document::new(kind, &actor);
            // More than fits together is left out as well: whoever asks for it would end the program.
            let (mut damaged, mut budget) = (loaded.unreadable, Budget::kept());
            for chunk in older.iter().rev().chain(&loaded.chunks) {
                // Tried by itself first: what is half readable must not spoil the rest.
                let alone = Document::load(kind, &actor, [chunk.as_slice()]);
                if alone.is_err() || document.load_more(chunk, &mut budget).is_err() {
                    damaged += 1;
                }
            }
            let missing = loaded.hashes.iter().filter(|hash| !document.contains(hash)).count();
            drop(turn);
            (document, damaged, missing)
        });
        let (document, damaged, missing) = salvaged.await.map_err(|error| error.to_string())?;
        tracing::error!(document.id = %self.id, damaged, missing, "A document is damaged; what is left is served");
        let about = json!({ "document": self.id.to_string(), "damaged": damaged, "missing": missing });
        if let Err(error) = self.rooms.inner.audit.write(Act::Damaged, None, about).await {
            tracing::error!(error = %error, "Damage could not be put on the audit trail");
        }
        self.damaged = true;
        Ok(document)
    }

    /// Brings in changes that another process has written. None when the room is gone over them.
    pub(super) async fn fetch(&mut self, mut room: Room, message: &ToRoom) -> Option<Room> {
        let ToRoom::Written(hashes) = message else { return Some(room) };
        let mut missing = hashes.clone();
        missing.retain(|hash| !room.document_mut().contains(hash));
        if missing.is_empty() || room.is_frozen() {
            return Some(room);
        }
        let store = Arc::clone(&self.rooms.inner.store);
        let found = match store.changes(self.id, &missing).await {
            Ok(found) if found.len() == missing.len() => Ok(found),
            // Compacted meanwhile: they are in a snapshot.
            Ok(_) => store.load(self.id).await.map(|loaded| loaded.chunks),
            Err(error) => Err(error),
        };
        self.content = None;
        let mut taken = match found {
            Ok(chunks) => self.reload(room, chunks).await?,
            Err(error) => (room, Err(error.to_string())),
        };
        // One that waits for an ancestor of which nothing was heard: everything is read.
        if taken.1.is_ok() && missing.iter().any(|hash| !taken.0.document_mut().contains(hash)) {
            taken = match store.load(self.id).await {
                Ok(loaded) => self.reload(taken.0, loaded.chunks).await?,
                Err(error) => (taken.0, Err(error.to_string())),
            };
        }
        // Not before: what is read meanwhile would be taken for what is there now.
        self.rooms.inner.named.forget(self.id);
        if let Err(error) = taken.1 {
            tracing::error!(document.id = %self.id, error = %error, "Changes of another process could not be read");
            // Everybody who has it open comes again, to a room that reads everything.
            self.poisoned = true;
        }
        Some(taken.0)
    }

    /// Reads chunks of the store into a room; many beside the workers.
    async fn reload(&self, mut room: Room, chunks: Vec<Vec<u8>>) -> Option<(Room, Result<(), String>)> {
        let heavy = message::weight(chunks.iter().map(Vec::as_slice)) > limits::LIGHT;
        let read = move |room: &mut Room| {
            room.reload(chunks.iter().map(Vec::as_slice)).map_err(|error| error.to_string())
        };
        if heavy {
            return beside(room, &self.rooms.inner.stop, read).await;
        }
        let taken = read(&mut room);
        Some((room, taken))
    }
}
