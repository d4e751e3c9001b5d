//! Reading a document: when it is opened, and when another process has written it.

use super::{Task, ToRoom};
use crate::audit::Act;
use crate::limits;
use crate::rooms::judging::{Gone, Turn, beside, is_enough};
use crate::rooms::{Rooms, What};
use crate::store::{Loaded, StoreError};
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::json;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, PoisonError};
use tokio::sync::mpsc;
use tongban_shared::document::chunk::{self, Budget};
use tongban_shared::document::{Document, DocumentError, Kind};
use tongban_shared::id::{BoardId, DocumentId, PersonId, UnitId};
use tongban_shared::sync::message;
use tongban_shared::sync::room::{Rescued, Room};
use tongban_shared::trust::server_actor;

/// Why a document was not read, for the log.
const ENDS: &str = "the program ends";
const LATE: &str = "it takes too long";

/// A document that was read.
struct Read {
    room: Box<Room>,
    /// Changes that stand beside its snapshot.
    loose: u64,
    damaged: bool,
    left_out: BTreeSet<[u8; 32]>,
}

/// A finding about a document in the store.
enum Found {
    /// But for changes that stand second under the number of another one, and what rests on them.
    Whole(Box<Room>, BTreeSet<[u8; 32]>),
    /// More than fits.
    TooLarge,
    Damaged,
}

/// Whether all that stands under one entry of the store is as somebody wrote it.
fn as_written(stored: &[u8]) -> bool {
    chunk::chunks(stored).is_ok_and(|all| all.iter().all(|one| chunk::is_as_written(one)))
}

/// All that is stored of a document, with the memory for reading it if that is more than `light`. It is asked for by
/// the lengths that the store knows, before anything is read; what then proves to weigh more is let go of, and read
/// again when there is as much.
///
/// # Errors
/// Words for the log, when it cannot be read in time.
pub(in crate::rooms) async fn stored(
    rooms: &Rooms,
    id: DocumentId,
    light: u64,
) -> Result<(Loaded, Option<Turn>), String> {
    let (store, memory) = (&rooms.inner.store, &rooms.inner.memory);
    let peak = in_time(store.lengths(id)).await?.peak();
    let turn = if peak > light { memory.of(peak).await } else { None };
    let loaded = in_time(store.load(id)).await?;
    let weighed = tokio::task::spawn_blocking(move || {
        let weight = message::weight(loaded.chunks.iter().map(Vec::as_slice));
        (loaded, weight)
    });
    let (loaded, weight) = weighed.await.map_err(|error| error.to_string())?;
    if weight <= light || turn.is_some() && is_enough(peak, weight) {
        return Ok((loaded, turn));
    }
    // Nothing of it is held while others have their share.
    drop((loaded, turn));
    let turn = memory.of(weight.max(peak)).await;
    Ok((in_time(store.load(id)).await?, turn))
}

async fn in_time<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, String> {
    let done = tokio::time::timeout(limits::LOADING, work).await.map_err(|_| LATE.to_owned())?;
    done.map_err(|error| error.to_string())
}

/// Reads a document: by the turn of an account that waits for it, beside the workers.
struct Reading {
    rooms: Rooms,
    id: DocumentId,
    what: What,
}

/// Reads a document of which no room is made, asks it something and lets it go, all within its turn and with
/// the memory that it takes.
///
/// # Errors
/// When it cannot be read.
pub(in crate::rooms) async fn read_once<T: Send + 'static>(
    rooms: &Rooms,
    what: What,
    ask: impl FnOnce(&mut Room) -> T + Send + 'static,
) -> Result<T, String> {
    let (asker, askers) = mpsc::unbounded_channel();
    // Never closed before it is read.
    let _ = asker.send(rooms.asker);
    let (mut read, held) = Reading { rooms: rooms.clone(), id: rooms.id(what), what }.whole(askers).await?;
    let asked = tokio::task::spawn_blocking(move || {
        let answer = ask(&mut read.room);
        drop((read, held));
        answer
    });
    asked.await.map_err(|error| error.to_string())
}

impl Reading {
    /// The document, when it is its turn, and while there is as much memory as it takes; with both, as long as
    /// the reader wants them.
    async fn whole(
        self,
        mut askers: mpsc::UnboundedReceiver<Option<PersonId>>,
    ) -> Result<(Read, (Turn, Option<Turn>)), String> {
        let turn = self.turn(&mut askers).await.ok_or(ENDS)?;
        drop(askers);
        let (loaded, mut memory) = stored(&self.rooms, self.id, limits::HEAVY_LOAD).await?;
        Ok((self.read(loaded, &mut memory).await?, (turn, memory)))
    }

    /// A turn of any account that waits for the document: nobody waits behind the queue of another one.
    async fn turn(&self, askers: &mut mpsc::UnboundedReceiver<Option<PersonId>>) -> Option<Turn> {
        let (mut turns, mut known) = (FuturesUnordered::new(), HashSet::new());
        loop {
            tokio::select! {
                asker = askers.recv() => {
                    // Closed when whoever asked has gone away, which does not happen before it is read.
                    let asker = asker?;
                    if known.insert(asker) {
                        let rooms = self.rooms.clone();
                        turns.push(async move { rooms.inner.loads.turn_of(asker).await });
                    }
                }
                Some(turn) = turns.next() => return turn,
            }
        }
    }

    async fn read(&self, loaded: Loaded, memory: &mut Option<Turn>) -> Result<Read, String> {
        let store = Arc::clone(&self.rooms.inner.store);
        let loose = store.loose_changes(self.id).await.map_err(|error| error.to_string())?;
        // The program's own writing in the space says whose it is.
        let actor = match self.what {
            What::Space => server_actor(self.rooms.inner.audit.authority(), crate::clock::random::<8>()),
            What::Board(_) | What::Log(..) => crate::clock::random::<16>(),
        };
        let (id, kind) = (self.id, self.what.kind());
        let unreadable = loaded.unreadable;
        let log_of = match self.what {
            What::Log(board, unit) => Some((board, unit)),
            _ => None,
        };
        let whole = tokio::task::spawn_blocking(move || {
            let chunks = loaded.chunks.iter().map(Vec::as_slice);
            match Document::load_stored(kind, &actor, chunks) {
                // A flipped bit may say anything: that is damage, which devices mend.
                Err(DocumentError::Unfit(unfit))
                    if unfit.is_too_much() && loaded.chunks.iter().all(|stored| as_written(stored)) =>
                {
                    Found::TooLarge
                }
                Err(_) => Found::Damaged,
                Ok((mut document, left_out)) => {
                    let is_told = |hash| document.contains(hash) || left_out.contains(hash);
                    let all = loaded.hashes.iter().all(is_told);
                    let whole = all && document.roots_intact();
                    let room = Box::new(Room::new(id, document, log_of));
                    if room.extent().overflows() {
                        Found::TooLarge
                    } else if whole {
                        Found::Whole(room, left_out)
                    } else {
                        Found::Damaged
                    }
                }
            }
        });
        let found = whole.await.map_err(|error| error.to_string())?;
        let mut left_out = BTreeSet::new();
        let (room, damaged) = match found {
            Found::Whole(room, left) if unreadable == 0 => {
                left_out = left;
                (room, false)
            }
            Found::TooLarge => {
                self.alone(memory).await;
                (self.hold(kind, actor, log_of).await?, false)
            }
            Found::Whole(..) | Found::Damaged => {
                self.alone(memory).await;
                let document = self.salvage(kind, actor).await?;
                let room = tokio::task::spawn_blocking(move || Box::new(Room::new(id, document, log_of)));
                (room.await.map_err(|error| error.to_string())?, true)
            }
        };
        if !left_out.is_empty() {
            self.tell_left_out(&left_out).await;
        }
        Ok(Read { room, loose: loose.saturating_sub(left_out.len() as u64), damaged, left_out })
    }

    /// All memory that one thing gets, for older snapshots of a large document beside what is loaded of it: in the
    /// place of what it had, for nobody who holds of it asks for more.
    async fn alone(&self, memory: &mut Option<Turn>) {
        if memory.take().is_some() {
            *memory = self.rooms.inner.memory.of(u64::MAX).await;
        }
    }

    /// Tells that of a document changes stand twice under one number: once in a run of the program.
    async fn tell_left_out(&self, left_out: &BTreeSet<[u8; 32]>) {
        let inner = &self.rooms.inner;
        if !inner.twice.lock().unwrap_or_else(PoisonError::into_inner).insert(self.id) {
            return;
        }
        let missing = left_out.len();
        tracing::error!(document.id = %self.id, missing, "Changes of a document stand twice under one number");
        let about = json!({ "document": self.id.to_string(), "damaged": 0, "missing": missing });
        if let Err(error) = inner.audit.write(Act::Damaged, None, about).await {
            tracing::error!(error = %error, "Changes that are left out could not be put on the audit trail");
        }
    }

    /// Holds back a document of which more is stored than fits: its last good state is served, and nothing
    /// comes in. The trail says so once.
    async fn hold(
        &self,
        kind: Kind,
        actor: [u8; 16],
        log_of: Option<(BoardId, UnitId)>,
    ) -> Result<Box<Room>, String> {
        let (store, id) = (&self.rooms.inner.store, self.id);
        let loaded = store.load(id).await.map_err(|error| error.to_string())?;
        let snapshots = store.snapshots(id).await.map_err(|error| error.to_string())?;
        let rescued = tokio::task::spawn_blocking(move || {
            // A loose change has its hash beside it, and stands behind the snapshots.
            let loose = &loaded.chunks[loaded.chunks.len() - loaded.hashes.len()..];
            let rescued = Rescued::of(kind, &actor, &snapshots, loose);
            (rescued.left_out, Box::new(Room::frozen(id, rescued.document, log_of)))
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
    async fn salvage(&self, kind: Kind, actor: [u8; 16]) -> Result<Document, String> {
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
            (document, damaged, missing)
        });
        let (document, damaged, missing) = salvaged.await.map_err(|error| error.to_string())?;
        tracing::error!(document.id = %self.id, damaged, missing, "A document is damaged; what is left is served");
        let about = json!({ "document": self.id.to_string(), "damaged": damaged, "missing": missing });
        if let Err(error) = self.rooms.inner.audit.write(Act::Damaged, None, about).await {
            tracing::error!(error = %error, "Damage could not be put on the audit trail");
        }
        Ok(document)
    }
}

impl Task {
    /// Reads the document. None when it cannot be read, or the program ends. Everybody who has waited long
    /// is told to come again; the reading goes on, for the next one would begin with the same.
    pub(super) async fn load(
        &mut self,
        inbox: &mut mpsc::Receiver<ToRoom>,
        askers: mpsc::UnboundedReceiver<Option<PersonId>>,
    ) -> Option<Box<Room>> {
        let reading = Reading { rooms: self.rooms.clone(), id: self.id, what: self.what };
        let reading = async { reading.whole(askers).await.map(|(read, _)| read) };
        let (mut reading, mut written) = (Box::pin(reading), Vec::new());
        let stop = self.rooms.inner.stop.clone();
        let read = loop {
            tokio::select! {
                biased;
                read = &mut reading => break read,
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(limits::LOADING) => self.come_again(inbox, &mut written),
            }
        };
        match read {
            Ok(read) => {
                self.since_compaction = read.loose;
                self.damaged |= read.damaged;
                self.left_out = read.left_out;
                self.fetch_all(read.room, written, None).await.ok()
            }
            Err(error) => {
                tracing::error!(document.id = %self.id, error = %error, "A document could not be loaded");
                None
            }
        }
    }

    /// Sends everybody away who waits for the document, but for the words of other processes.
    fn come_again(&mut self, inbox: &mut mpsc::Receiver<ToRoom>, written: &mut Vec<[u8; 32]>) {
        tracing::warn!(document.id = %self.id, "A document takes long to be read");
        self.seats.drain().for_each(|(_, seat)| seat.outlet.cancel.cancel());
        let put_back = std::mem::take(&mut self.put_back);
        for message in put_back.into_iter().chain(std::iter::from_fn(|| inbox.try_recv().ok())) {
            match message {
                ToRoom::Written(hashes) => written.extend(hashes),
                other => other.turn_away(),
            }
        }
    }

    /// Brings in changes that another process has written.
    ///
    /// # Errors
    /// [`Gone`] when the room is gone over them.
    pub(super) async fn fetch(&mut self, room: Box<Room>, message: &ToRoom) -> Result<Box<Room>, Gone> {
        match message {
            ToRoom::Written(hashes) => self.fetch_all(room, hashes.clone(), None).await,
            _ => Ok(room),
        }
    }

    /// The same with memory for what is heavy, where it was waited for: without it that comes later.
    pub(super) async fn fetch_all(
        &mut self,
        mut room: Box<Room>,
        mut missing: Vec<[u8; 32]>,
        mut memory: Option<Turn>,
    ) -> Result<Box<Room>, Gone> {
        missing.retain(|hash| {
            !(self.left_out.contains(hash) || self.later.reads(hash) || room.document_mut().contains(hash))
        });
        if missing.is_empty() || room.is_frozen() {
            return Ok(room);
        }
        let store = Arc::clone(&self.rooms.inner.store);
        let (mut chunks, mut everything) = match store.changes(self.id, &missing).await {
            Ok(found) if found.len() == missing.len() => (Ok(Some(found)), false),
            // Compacted meanwhile: they are in a snapshot.
            Ok(_) => (self.load_all(&missing, &mut memory).await, true),
            Err(error) => (Err(error), false),
        };
        loop {
            let taken = match chunks {
                Ok(None) => return Ok(room),
                Ok(Some(chunks)) => {
                    let weight = message::weight(chunks.iter().map(Vec::as_slice));
                    if weight > limits::LIGHT && memory.is_none() {
                        memory = self.rooms.inner.memory.now(weight);
                        if memory.is_none() {
                            self.later.read(missing, weight);
                            return Ok(room);
                        }
                    }
                    let heavy = weight > limits::LIGHT;
                    let (read, taken) = self.reload(room, chunks, memory.take().filter(|_| heavy)).await?;
                    room = read;
                    taken
                }
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = taken {
                tracing::error!(document.id = %self.id, error = %error, "Changes of another process could not be read");
                // Everything is read anew.
                return Err(Gone::Broken);
            }
            // One that waits for an ancestor of which nothing was heard: everything is read, once.
            let lacks = missing.iter().any(|hash| !room.document_mut().contains(hash));
            if !lacks || std::mem::replace(&mut everything, true) {
                break;
            }
            chunks = self.load_all(&missing, &mut memory).await;
        }
        // Not before: what is read meanwhile would be taken for what is there now.
        self.rooms.inner.named.forget(self.id);
        let room = self.know_anew(room).await?;
        self.release_all(room).await
    }

    /// All chunks of the document, with the memory for reading them and for what is made of them; without that
    /// it is read later.
    async fn load_all(
        &mut self,
        missing: &[[u8; 32]],
        memory: &mut Option<Turn>,
    ) -> Result<Option<Vec<Vec<u8>>>, StoreError> {
        let store = Arc::clone(&self.rooms.inner.store);
        let peak = store.lengths(self.id).await?.peak();
        if peak > limits::LIGHT && memory.is_none() {
            *memory = self.rooms.inner.memory.now(peak);
            if memory.is_none() {
                self.later.read(missing.to_vec(), peak);
                return Ok(None);
            }
        }
        Ok(Some(store.load(self.id).await?.chunks))
    }

    /// Reads chunks of the store into a room; many beside the workers, with the memory for them.
    async fn reload(
        &self,
        mut room: Box<Room>,
        chunks: Vec<Vec<u8>>,
        memory: Option<Turn>,
    ) -> Result<(Box<Room>, Result<(), String>), Gone> {
        room.defer(true);
        let read = move |room: &mut Room| {
            let read = room.reload(chunks.iter().map(Vec::as_slice)).map_err(|error| error.to_string());
            (read, memory)
        };
        let (room, (taken, _)) = beside(room, &self.rooms.inner.stop, read).await?;
        Ok((room, taken))
    }
}
