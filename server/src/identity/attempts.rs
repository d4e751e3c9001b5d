//! Attempts at signing in, counted by login and by address, so that guessing is slow.

use super::IdentityError;
use crate::clock;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Failed attempts per login before a pause; ten times as many from one address.
const ATTEMPTS: u32 = 8;

/// Length of that pause in seconds.
const PAUSE_SECONDS: i64 = 300;

/// The attempts of the last minutes.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<String, (u32, i64)>>);

impl Attempts {
    /// Counts an attempt, before it is worked on: attempts at the same moment count as well.
    ///
    /// # Errors
    /// [`IdentityError::TooManyAttempts`] when there were too many.
    pub fn count(&self, keys: &[String]) -> Result<(), IdentityError> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.retain(|_, (_, last)| *last > clock::now() - PAUSE_SECONDS);
        let most = |key: &str| if key.starts_with("from ") { ATTEMPTS * 10 } else { ATTEMPTS };
        if keys.iter().any(|key| attempts.get(key).is_some_and(|(count, _)| *count >= most(key))) {
            return Err(IdentityError::TooManyAttempts);
        }
        for key in keys {
            let entry = attempts.entry(key.clone()).or_insert((0, 0));
            *entry = (entry.0 + 1, clock::now());
        }
        Ok(())
    }

    /// Somebody came in: what failed before is forgotten.
    pub fn clear(&self, keys: &[String]) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().for_each(|key| {
            attempts.remove(key);
        });
    }
}
