//! Judging what connections send, beside the async workers: what weighs much takes tenths of a second. An
//! account does one such thing at a time, and all of them together stay within a bound of memory.

use super::Word;
use crate::limits;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tongban_shared::id::PersonId;
use tongban_shared::sync::message;
use tongban_shared::sync::room::Room;

/// The turn of an account, or a share of memory; it ends when it is dropped.
pub(super) type Turn = OwnedSemaphorePermit;

/// The turns of all accounts that have something judged, or read: so many at once for each.
pub(super) struct Turns {
    many: u32,
    open: Mutex<HashMap<Option<PersonId>, Weak<Semaphore>>>,
}

impl Turns {
    pub(super) fn new(many: u32) -> Self {
        Self { many, open: Mutex::default() }
    }

    /// Waits for a turn of an account; nobody stands for the program itself.
    pub(super) async fn turn_of(&self, person: Option<PersonId>) -> Option<Turn> {
        self.turns(person).acquire_owned().await.ok()
    }

    /// A turn of an account, if it has one.
    pub(super) fn now(&self, person: Option<PersonId>) -> Option<Turn> {
        self.turns(person).try_acquire_owned().ok()
    }

    fn turns(&self, person: Option<PersonId>) -> Arc<Semaphore> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, turns| turns.strong_count() > 0);
        let known = open.get(&person).and_then(Weak::upgrade);
        let turns = known.unwrap_or_else(|| Arc::new(Semaphore::new(self.many as usize)));
        open.insert(person, Arc::downgrade(&turns));
        turns
    }
}

/// The memory that everything heavy takes together. A part of it is for what is small: it never waits behind
/// something that takes all the rest.
pub(super) struct Memory {
    small: Arc<Semaphore>,
    rest: Arc<Semaphore>,
}

const MIB: u64 = 1024 * 1024;

impl Memory {
    pub(super) fn new() -> Self {
        let of = |mebibytes: u32| Arc::new(Semaphore::new(mebibytes as usize));
        let small = limits::HEAVY_MEMORY_FOR_SMALL;
        Self { small: of(small), rest: of(limits::HEAVY_MEMORY - small) }
    }

    /// Waits for so many bytes; for all but the part of what is small, where it is more.
    pub(super) async fn of(&self, bytes: u64) -> Option<Turn> {
        let (from, share) = self.part(bytes);
        from.acquire_many_owned(share).await.ok()
    }

    /// So many bytes, if they are there.
    pub(super) fn now(&self, bytes: u64) -> Option<Turn> {
        let (from, share) = self.part(bytes);
        from.try_acquire_many_owned(share).ok()
    }

    fn part(&self, bytes: u64) -> (Arc<Semaphore>, u32) {
        let from = if bytes <= limits::SMALL_OF_HEAVY { &self.small } else { &self.rest };
        (Arc::clone(from), share(bytes))
    }
}

/// The mebibytes that are given for so many bytes.
fn share(bytes: u64) -> u32 {
    let most = limits::HEAVY_MEMORY - limits::HEAVY_MEMORY_FOR_SMALL;
    u32::try_from(bytes / MIB + 1).unwrap_or(most).min(most)
}

/// Whether whoever has memory for so many bytes has as much as anybody gets for others.
pub(super) fn is_enough(had: u64, bytes: u64) -> bool {
    share(had) >= share(bytes)
}

/// Accounts whose words have broken the document in memory, or kept it too long: how often, and when last.
#[derive(Default)]
pub(super) struct Offences(Mutex<HashMap<PersonId, (u32, Instant)>>);

impl Offences {
    /// Counts one; whether the account is paused from now on.
    pub(super) fn note(&self, person: PersonId) -> bool {
        let (mut all, now) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
        all.retain(|_, (_, last)| now.duration_since(*last) < limits::OFFENCES_FORGOTTEN);
        let (count, last) = all.entry(person).or_insert((0, now));
        (*count, *last) = (*count + 1, now);
        *count >= limits::OFFENCES
    }

    /// Whether nothing of an account is read for the time being.
    pub(super) fn is_paused(&self, person: PersonId) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |last: &Instant| last.elapsed() < limits::PAUSE;
        all.get(&person).is_some_and(|(count, last)| *count >= limits::OFFENCES && recent(last))
    }
}

/// Bytes of a word.
pub(super) fn bytes_of(word: &Word) -> usize {
    match word {
        Word::Sync { data, .. } => data.len(),
        Word::Changes(changes) => changes.iter().map(Vec::len).sum(),
    }
}

/// The same as [`peak_of`] of a word that is small and light; none of another one, which is not even looked at to
/// its end.
pub(super) fn light_peak_of(word: &Word) -> Option<u64> {
    if bytes_of(word) > limits::COUNTED_AT_ONCE {
        return None;
    }
    match word {
        Word::Sync { data, .. } => message::peak_of_within(data, limits::LIGHT),
        Word::Changes(changes) => message::peak_within(changes.iter().map(Vec::as_slice), limits::LIGHT),
    }
}

/// Whether counting a word takes memory of its own: it is large, or becomes so when it is inflated.
pub(super) fn is_dear_to_count(word: &Word) -> bool {
    let plain = || match word {
        Word::Sync { data, .. } => message::is_plain(data),
        Word::Changes(changes) => message::are_plain(changes.iter().map(Vec::as_slice)),
    };
    bytes_of(word) > limits::COUNTED_AT_ONCE || !plain()
}

/// Bytes of memory that it may take to judge a word, where counting it takes no more than this; none where it may
/// take more.
pub(super) fn peak_of(word: &Word, memory: u64) -> Option<u64> {
    match word {
        Word::Sync { data, .. } => message::peak_of(data, memory),
        Word::Changes(changes) => message::peak_counted_with(changes.iter().map(Vec::as_slice), memory),
    }
}

/// Why a room is gone; nothing of what it had not committed is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    /// The program is to end, or nothing can be written: everybody comes again.
    Ends,
    /// The work with it took too long, and goes on somewhere.
    Late,
    /// It is spoilt in memory.
    Broken,
    /// The session or the role ended of somebody whose words are in it.
    Ended,
}

/// Does something with a room on a thread of its own.
///
/// # Errors
/// [`Gone`]: the room is gone then, and nothing of it was committed.
pub(super) async fn beside<T: Send + 'static>(
    mut room: Box<Room>,
    stop: &CancellationToken,
    act: impl FnOnce(&mut Room) -> T + Send + 'static,
) -> Result<(Box<Room>, T), Gone> {
    let work = tokio::task::spawn_blocking(move || {
        let done = act(&mut room);
        (room, done)
    });
    tokio::select! {
        biased;
        done = work => done.map_err(|_| Gone::Broken),
        () = stop.cancelled() => Err(Gone::Ends),
        () = tokio::time::sleep(limits::JUDGING) => Err(Gone::Late),
    }
}
