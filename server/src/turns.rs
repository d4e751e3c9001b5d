//! Turns of many things, each by its id: two acts on one wait for each other. Some ids share a turn.

use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

const PLACES: usize = 64;

/// The turns. A holder of one asks for no other of these.
#[derive(Clone)]
pub struct Turns(Arc<[Mutex<()>; PLACES]>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(std::array::from_fn(|_| Mutex::default())))
    }
}

impl Turns {
    /// Waits for the turn of an id.
    pub async fn of(&self, id: &[u8; 16]) -> MutexGuard<'_, ()> {
        let place =
            id.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
        #[allow(clippy::indexing_slicing, reason = "within the places")]
        self.0[place % PLACES].lock().await
    }
}
