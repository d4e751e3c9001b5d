//! Attempts at signing in, counted by login and by address, so that guessing is slow.

use super::IdentityError;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failed attempts per login before a pause; ten times as many from one address.
const ATTEMPTS: u32 = 8;

/// Length of that pause.
const PAUSE: Duration = Duration::from_secs(300);

/// Keys of addresses begin so: of those that answer, and of those that only ask what to answer.
const ADDRESSES: [&str; 2] = ["from ", "asks from "];

fn is_address(key: &str) -> bool {
    ADDRESSES.iter().any(|beginning| key.starts_with(beginning))
}

/// The attempts of the last minutes, by a clock that nobody sets: a date that goes back a year would
/// keep people out for a year.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<String, (u32, Instant)>>);

impl Attempts {
    /// Counts an attempt, before it is worked on: attempts at the same moment count as well.
    ///
    /// # Errors
    /// [`IdentityError::TooManyAttempts`] when there were too many.
    pub fn count(&self, keys: &[String]) -> Result<(), IdentityError> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        attempts.retain(|_, (_, last)| now.duration_since(*last) < PAUSE);
        let most = |key: &str| if is_address(key) { ATTEMPTS * 10 } else { ATTEMPTS };
        if keys.iter().any(|key| attempts.get(key).is_some_and(|(count, _)| *count >= most(key))) {
            return Err(IdentityError::TooManyAttempts);
        }
        for key in keys {
            let entry = attempts.entry(key.clone()).or_insert((0, now));
            entry.0 += 1;
            // Many people share an address: what one of them got wrong is over in time, whoever comes.
            if !is_address(key) {
                entry.1 = now;
            }
        }
        Ok(())
    }

    /// Somebody came in: what failed for this login before is forgotten. For an address only this attempt is
    /// forgotten: an account holder there may be trying the accounts of others.
    pub fn clear(&self, keys: &[String]) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            match attempts.get_mut(key) {
                Some((count, _)) if is_address(key) => *count = count.saturating_sub(1),
                _ => drop(attempts.remove(key)),
            }
        }
    }
}
