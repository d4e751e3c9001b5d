//! Heavy things of a room for which there is no memory now: they wait for it one after the other, small ones
//! behind small ones, and the room goes on. Nothing else in a room waits for memory, and nothing that waits in
//! its inbox holds any: a room that is loaded anew would wait for what stands behind itself.

use super::{Task, ToRoom};
use crate::limits;
use crate::rooms::judging::{Gone, Turn};
use crate::rooms::{Outlet, Rooms, Word};
use crate::socket::Portion;
use futures::future::{BoxFuture, OptionFuture};
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;
use tongban_shared::sync::room::{ConnectionId, Room};
use tongban_shared::trust::Closing;

/// A heavy word of a connection, with the turn of its account.
pub(super) struct Weighty {
    pub(super) outlet: Outlet,
    pub(super) word: Word,
    pub(super) turn: Turn,
    /// Bytes of memory that it may take.
    pub(super) peak: u64,
    pub(super) held: Option<Portion>,
}

/// Something heavy.
enum Heavy {
    /// A word of a connection, and until when it may wait.
    Word(Box<Weighty>, Instant),
    /// Changes of a connection that waited for others, which have come.
    Release(ConnectionId),
    /// Changes of another process.
    Read(Vec<[u8; 32]>),
    /// An answer to a connection that is being brought level.
    Answer,
    /// Questions about the document, which is read for them.
    Question,
}

/// Memory for the first of a lane, or word that somebody in it has waited too long.
pub(in crate::rooms) struct Ready {
    lane: usize,
    memory: Option<Turn>,
}

/// Those that wait for memory of one kind, each with the bytes that it takes.
#[derive(Default)]
struct Lane {
    all: VecDeque<(Heavy, u64)>,
    /// Memory for the first.
    memory: Mutex<Option<BoxFuture<'static, Option<Turn>>>>,
}

impl Lane {
    /// Waits until there is memory for the first, or until somebody has waited too long; for ever where nothing
    /// waits.
    async fn memory(&mut self, rooms: &Rooms) -> Option<Turn> {
        let Some((_, bytes)) = self.all.front() else { return std::future::pending().await };
        let (rooms, bytes) = (rooms.clone(), *bytes);
        let until = self.all.iter().filter_map(|(heavy, _)| match heavy {
            Heavy::Word(_, until) => Some(*until),
            _ => None,
        });
        let over = OptionFuture::from(until.min().map(tokio::time::sleep_until));
        let memory = self.memory.get_mut().unwrap_or_else(PoisonError::into_inner);
        let wait = memory.get_or_insert_with(|| Box::pin(async move { rooms.inner.memory.of(bytes).await }));
        let had = tokio::select! {
            had = wait => had,
            Some(()) = over => return None,
        };
        *memory = None;
        had
    }

    /// Takes out the words that have waited too long.
    fn take_late(&mut self) -> Vec<Weighty> {
        let (now, mut late) = (Instant::now(), Vec::new());
        // Another one may be the first, which takes another part of memory.
        *self.memory.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        for (heavy, bytes) in std::mem::take(&mut self.all) {
            match heavy {
                Heavy::Word(word, until) if until <= now => late.push(*word),
                heavy => self.all.push_back((heavy, bytes)),
            }
        }
        late
    }
}

/// All that waits of a room: the small, and the rest.
#[derive(Default)]
pub(super) struct Later {
    lanes: [Lane; 2],
    /// The connections among them.
    releases: BTreeSet<ConnectionId>,
}

impl Later {
    fn push(&mut self, heavy: Heavy, bytes: u64) {
        let lane = usize::from(bytes > limits::SMALL_OF_HEAVY);
        self.lanes[lane].all.push_back((heavy, bytes));
    }

    pub(super) fn word(&mut self, word: Weighty) {
        let bytes = word.peak;
        self.push(Heavy::Word(Box::new(word), Instant::now() + limits::ROOM_WAIT), bytes);
    }

    pub(super) fn release(&mut self, connection: ConnectionId, bytes: u64) {
        self.releases.insert(connection);
        self.push(Heavy::Release(connection), bytes);
    }

    pub(super) fn read(&mut self, hashes: Vec<[u8; 32]>, bytes: u64) {
        self.push(Heavy::Read(hashes), bytes);
    }

    /// Whether a change of another process is read later.
    pub(super) fn reads(&self, hash: &[u8; 32]) -> bool {
        let mut all = self.lanes.iter().flat_map(|lane| &lane.all);
        all.any(|(heavy, _)| matches!(heavy, Heavy::Read(hashes) if hashes.contains(hash)))
    }

    /// One at a time: the next is chosen when there is memory.
    pub(super) fn answer(&mut self, bytes: u64) {
        let mut all = self.lanes.iter().flat_map(|lane| &lane.all);
        if !all.any(|(heavy, _)| matches!(heavy, Heavy::Answer)) {
            self.push(Heavy::Answer, bytes);
        }
    }

    /// One for all questions: the document is read once.
    pub(super) fn question(&mut self, bytes: u64) {
        let mut all = self.lanes.iter().flat_map(|lane| &lane.all);
        if !all.any(|(heavy, _)| matches!(heavy, Heavy::Question)) {
            self.push(Heavy::Question, bytes);
        }
    }

    /// The connections whose changes are released later.
    pub(super) const fn releases(&self) -> &BTreeSet<ConnectionId> {
        &self.releases
    }

    /// Waits until there is memory for the first of a lane, or somebody's time is over.
    pub(super) async fn memory(&mut self, rooms: &Rooms) -> Ready {
        let [small, rest] = &mut self.lanes;
        tokio::select! {
            memory = small.memory(rooms) => Ready { lane: 0, memory },
            memory = rest.memory(rooms) => Ready { lane: 1, memory },
        }
    }

    /// The words that wait, for a room that is loaded anew. Nothing else is kept, nor the memory for it.
    pub(super) fn into_words(self) -> impl Iterator<Item = ToRoom> {
        let all = self.lanes.into_iter().flat_map(|lane| lane.all);
        all.filter_map(|(heavy, _)| match heavy {
            Heavy::Word(word, _) => Some((*word).into()),
            _ => None,
        })
    }
}

impl From<Weighty> for ToRoom {
    fn from(Weighty { outlet, word, turn, peak, held }: Weighty) -> Self {
        Self::Message { outlet, word, heavy: Some((turn, peak)), held }
    }
}

impl Task {
    /// Hears a word when there is memory for it; without that it comes later.
    ///
    /// # Errors
    /// [`Gone`] when the room is gone over it.
    pub(super) async fn hear_when_there_is_room(
        &mut self,
        room: Box<Room>,
        word: Weighty,
    ) -> Result<Box<Room>, Gone> {
        match self.rooms.inner.memory.now(word.peak) {
            Some(memory) => self.hear_heavy(room, word, memory).await,
            None => {
                self.later.word(word);
                Ok(room)
            }
        }
    }

    async fn hear_heavy(&mut self, room: Box<Room>, word: Weighty, memory: Turn) -> Result<Box<Room>, Gone> {
        let Weighty { outlet, word, turn, held, .. } = word;
        let heard = self.hear(room, outlet, word, Some((turn, memory))).await;
        drop(held);
        heard
    }

    /// Does the first thing of a lane that has waited for memory.
    ///
    /// # Errors
    /// [`Gone`] when the room is gone over it.
    pub(super) async fn go_on(&mut self, mut room: Box<Room>, ready: Ready) -> Result<Box<Room>, Gone> {
        let lane = &mut self.later.lanes[ready.lane];
        let Some(memory) = ready.memory else {
            // They come again when there is room. Once is nothing; that it happens all the time is told.
            let late = lane.take_late();
            late.iter().for_each(|word| word.outlet.close(Closing::NoRoom));
            return Ok(room);
        };
        match lane.all.pop_front() {
            Some((Heavy::Word(word, _), _)) => self.hear_heavy(room, *word, memory).await,
            Some((Heavy::Release(connection), _)) => {
                self.later.releases.remove(&connection);
                room = self.know_anew(room).await?;
                let room = self.release_of(room, connection, Some(memory)).await?;
                self.release_all(room).await
            }
            Some((Heavy::Read(hashes), _)) => self.fetch_all(room, hashes, Some(memory)).await,
            Some((Heavy::Answer, bytes)) => {
                self.answers.memory = Some((memory, bytes));
                Ok(room)
            }
            Some((Heavy::Question, _)) => {
                self.reading_memory = Some(memory);
                Ok(room)
            }
            None => Ok(room),
        }
    }
}
