//! Judging what connections send, beside the async workers: what weighs much takes tenths of a second, and
//! an account does one such thing at a time.

use super::Word;
use crate::limits;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tongban_shared::id::PersonId;
use tongban_shared::sync::message;
use tongban_shared::sync::room::Room;

/// The turn of an account; it ends when it is dropped.
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
    pub(super) async fn of(&self, person: Option<PersonId>) -> Option<Turn> {
        self.turns(person).acquire_owned().await.ok()
    }

    /// Waits for all turns of an account.
    pub(super) async fn alone(&self, person: Option<PersonId>) -> Option<Turn> {
        self.turns(person).acquire_many_owned(self.many).await.ok()
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

/// Whether what a connection says is too much to be judged on a worker, or even to be counted there.
pub(super) fn is_heavy(word: &Word) -> bool {
    let bytes = match word {
        Word::Sync { data, .. } => data.len(),
        Word::Changes(changes) => changes.iter().map(Vec::len).sum(),
    };
    let weight = || match word {
        Word::Sync { data, .. } => message::weight_of(data),
        Word::Changes(changes) => message::weight(changes.iter().map(Vec::as_slice)),
    };
    bytes > limits::COUNTED_AT_ONCE || weight() > limits::LIGHT
}

/// Does something with a room on a thread of its own. None when that took too long, broke, or the program
/// is to end: the room is gone then, and nothing of it was committed.
pub(super) async fn beside<T: Send + 'static>(
    mut room: Room,
    stop: &CancellationToken,
    act: impl FnOnce(&mut Room) -> T + Send + 'static,
) -> Option<(Room, T)> {
    let work = tokio::task::spawn_blocking(move || {
        let done = act(&mut room);
        (room, done)
    });
    tokio::select! {
        biased;
        done = work => done.ok(),
        () = stop.cancelled() => None,
        () = tokio::time::sleep(limits::JUDGING) => None,
    }
}
