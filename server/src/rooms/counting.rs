//! Counting what a connection sent, before its room hears of it.

use super::{Outlet, Rooms, Word, judging};
use crate::limits;
use tongban_shared::trust::Closing;

impl Rooms {
    /// Counts a heavy word beside the workers: bytes of memory that it may take to judge it, and the word. None where
    /// its connection is gone, or is told to come again because there was no memory for that.
    pub(super) async fn count(&self, outlet: &Outlet, mut word: Word) -> Option<(u64, Word)> {
        let (dear, mut counting) = (judging::is_dear_to_count(&word), limits::COUNTING);
        loop {
            // The word is copied for that.
            let bytes = counting.saturating_add(judging::bytes_of(&word) as u64);
            let memory = async { if dear { self.inner.memory.of(bytes).await } else { None } };
            let memory = tokio::select! {
                memory = memory => memory,
                () = outlet.cancel.cancelled() => return None,
                () = tokio::time::sleep(limits::ROOM_WAIT) => {
                    outlet.close(Closing::NoRoom);
                    return None;
                }
            };
            let count = move || (judging::peak_of(&word, counting), word, memory);
            let Ok((peak, counted, _)) = tokio::task::spawn_blocking(count).await else {
                outlet.cancel.cancel();
                return None;
            };
            if let Some(peak) = peak {
                return Some((peak, counted));
            }
            // A document that takes more is counted with all that there is.
            (word, counting) = (counted, u64::MAX);
        }
    }
}
