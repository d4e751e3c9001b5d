//! The queue for hashing passwords, which takes memory and time: whoever is known comes first, so that a flood
//! of strangers keeps nobody waiting but strangers. Now and then a turn goes to the others, so that those who
//! are known do not keep them out.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot::{self, Sender};

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
    waiting: [VecDeque<Sender<Turn>>; 3],
    /// The turns in a row that went to the first line, and to the second before the third, while others waited.
    in_a_row: [u8; 2],
}

/// So many turns in a row go to those who are known better while others wait.
const IN_A_ROW: u8 = 3;

impl Line {
    /// The one whose turn is next.
    fn next(&mut self) -> Option<Sender<Turn>> {
        // Those who have gone take no turn of those who wait.
        for line in &mut self.waiting {
            while line.front().is_some_and(Sender::is_closed) {
                line.pop_front();
            }
        }
        let [known, near, strangers] = &mut self.waiting;
        let [of_known, of_near] = &mut self.in_a_row;
        let others = !near.is_empty() || !strangers.is_empty();
        if !known.is_empty() && comes_first(of_known, others) {
            return known.pop_front();
        }
        if !near.is_empty() && comes_first(of_near, !strangers.is_empty()) {
            return near.pop_front();
        }
        strangers.pop_front()
    }
}

/// Whether a line comes first after so many turns in a row.
const fn comes_first(in_a_row: &mut u8, others_wait: bool) -> bool {
    let first = !others_wait || *in_a_row < IN_A_ROW;
    *in_a_row = if first && others_wait { *in_a_row + 1 } else { 0 };
    first
}

/// A turn to hash; the next one has it when it is dropped.
pub(super) struct Turn(Option<Queue>);

impl Queue {
    /// A queue with so many turns at once.
    pub(super) fn new(turns: usize) -> Self {
        Self(Arc::new(Mutex::new(Line { free: turns, waiting: Default::default(), in_a_row: [0; 2] })))
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
                let next = line.next();
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
