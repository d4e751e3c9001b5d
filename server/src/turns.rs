//! Turns of many things, each by its id: two acts on one wait for each other, and on no other.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};
use tokio::sync::{Mutex, OwnedMutexGuard};

type Kept = HashMap<[u8; 16], Weak<Mutex<()>>>;

/// The turns. A holder of one asks for no other of these.
#[derive(Clone, Default)]
pub struct Turns(Arc<std::sync::Mutex<Kept>>);

impl Turns {
    /// Waits for the turn of an id.
    pub async fn of(&self, id: &[u8; 16]) -> OwnedMutexGuard<()> {
        self.turn(id).lock_owned().await
    }

    fn turn(&self, id: &[u8; 16]) -> Arc<Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(id).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(*id, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use std::time::Duration;
    use tokio::time::timeout;

    /// Somebody keeps the turn of their own devices for long.
    #[tokio::test]
    async fn nobody_waits_for_the_turn_of_somebody_else() {
        let turns = Turns::default();
        let mut held = Vec::new();
        for number in 0..200_u8 {
            let turn = timeout(Duration::from_secs(1), turns.of(&[number; 16])).await;
            held.push(turn.unwrap_or_else(|_| panic!("{number} waits for another")));
        }
        let short = Duration::from_millis(50);
        assert!(timeout(short, turns.of(&[7; 16])).await.is_err(), "one's own is waited for");
        held.clear();
        assert!(timeout(short, turns.of(&[7; 16])).await.is_ok());
        let _one = turns.of(&[201; 16]).await;
        assert_eq!(turns.0.lock().expect("turns").len(), 1, "those that nobody has are forgotten");
    }
}
