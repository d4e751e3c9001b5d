//! The queue for hashing passwords, which takes memory and time: whoever is known comes first, so that a flood
//! of strangers keeps nobody waiting but strangers.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot;

/// How well somebody is known who asks; the first ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// In a browser in which they signed in before, over a session, or by a link that they were given.
    Known,
    /// From a network in which somebody signed in before.
    Near,
    Stranger,
}

/// The turns.
#[derive(Clone)]
pub(super) struct Queue(Arc<Mutex<Line>>);

struct Line {
    free: usize,
    /// By how well they are known.
    waiting: [VecDeque<oneshot::Sender<Turn>>; 3],
}

/// A turn to hash; the next one has it when it is dropped.
pub(super) struct Turn(Option<Queue>);

impl Queue {
    /// A queue with so many turns at once.
    pub(super) fn new(turns: usize) -> Self {
        Self(Arc::new(Mutex::new(Line { free: turns, waiting: Default::default() })))
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    pub(super) async fn turn(&self, asks: Asks) -> Turn {
        let waits = {
            let mut line = self.line();
            if line.free > 0 {
                line.free -= 1;
                return Turn(Some(self.clone()));
            }
            let (gives, waits) = oneshot::channel();
            line.waiting[asks as usize].push_back(gives);
            waits
        };
        // The line stands as long as this waits, and gives every turn to somebody.
        waits.await.unwrap_or_else(|_| Turn(Some(self.clone())))
    }

    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.line().free
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(queue) = self.0.take() else { return };
        loop {
            let next = {
                let mut line = queue.line();
                let next = line.waiting.iter_mut().find_map(VecDeque::pop_front);
                line.free += usize::from(next.is_none());
                next
            };
            match next.map(|next| next.send(Self(Some(queue.clone())))) {
                // It has gone meanwhile: the one behind it is next.
                Some(Err(mut turn)) => turn.0 = None,
                _ => return,
            }
        }
    }
}

/// The networks in which somebody signed in.
#[derive(Default)]
pub(super) struct Networks(Mutex<HashMap<String, Instant>>);

/// So many are known; of more, the half goes in which somebody did so the longest ago.
const NETWORKS: usize = 10_000;

impl Networks {
    pub(super) fn joined(&self, network: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(network.to_owned(), Instant::now());
        if known.len() > NETWORKS {
            let mut times: Vec<Instant> = known.values().copied().collect();
            times.sort_unstable();
            let middle = times[times.len() / 2];
            known.retain(|_, last| *last >= middle);
        }
    }

    pub(super) fn knows(&self, network: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(network)
    }
}
