//! Readings of whole documents for questions: one of a document at a time, also where nobody waits for it any
//! more, and after one that came to nothing none for a while.

use crate::limits;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tongban_shared::id::DocumentId;

/// The documents that are being read, or whose reading came to nothing.
#[derive(Default)]
pub(super) struct Readings(Mutex<HashMap<DocumentId, State>>);

enum State {
    Going,
    Failed(Instant),
}

/// A reading of a document, for as long as it lives: with its thread, not with whoever waits for it.
pub(super) struct Reading {
    readings: Arc<Readings>,
    id: DocumentId,
    begun: Instant,
    whole: bool,
}

impl Readings {
    /// Begins to read a document; none while another reading of it goes on, or soon after one that failed.
    pub(super) fn begin(self: &Arc<Self>, id: DocumentId) -> Option<Reading> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, state| match state {
            State::Going => true,
            State::Failed(at) => at.elapsed() < limits::READ_AGAIN,
        });
        if all.contains_key(&id) {
            return None;
        }
        all.insert(id, State::Going);
        Some(Reading { readings: Arc::clone(self), id, begun: Instant::now(), whole: false })
    }
}

impl Reading {
    /// All of it was read.
    pub(super) const fn is_whole(&mut self) {
        self.whole = true;
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut all = self.readings.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody who waited for one that took so long had an answer.
        if self.whole && self.begun.elapsed() < limits::JUDGING {
            all.remove(&self.id);
        } else {
            all.insert(self.id, State::Failed(Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_once_at_a_time_and_not_again_at_once_where_that_failed() {
        let readings = Arc::new(Readings::default());
        let (one, other) = (DocumentId::from_bytes([1; 16]), DocumentId::from_bytes([2; 16]));
        let mut first = readings.begin(one).expect("a reading");
        assert!(readings.begin(one).is_none());
        assert!(readings.begin(other).is_some_and(|mut other| {
            other.is_whole();
            true
        }));
        first.is_whole();
        drop(first);
        drop(readings.begin(one).expect("the first has ended"));
        assert!(readings.begin(one).is_none(), "the second came to nothing");
        std::thread::sleep(limits::READ_AGAIN);
        assert!(readings.begin(one).is_some());
        assert!(readings.begin(other).is_some());
    }
}
