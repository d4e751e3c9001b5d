//! How devices of a server are locked: what its administrator asks of each.

use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// A device asks for its PIN after a time without use, and forgets everything after so many wrong
/// ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Minutes without use.
    pub minutes: u16,
    /// Wrong PINs, one after the other.
    pub failures: u8,
}

/// The range of the minutes.
pub const MINUTES: RangeInclusive<u16> = 1..=720;

/// The range of the wrong PINs.
pub const FAILURES: RangeInclusive<u8> = 3..=20;

impl Lock {
    /// Whether it is within its bounds.
    #[must_use]
    pub fn fits(self) -> bool {
        MINUTES.contains(&self.minutes) && FAILURES.contains(&self.failures)
    }
}

/// Whether a PIN will do: six to twelve digits, not all the same.
#[must_use]
pub fn is_pin(pin: &str) -> bool {
    let digits = pin.bytes().all(|byte| byte.is_ascii_digit());
    let first = pin.bytes().next();
    (6..=12).contains(&pin.len()) && digits && pin.bytes().any(|byte| Some(byte) != first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_digits_and_not_the_first_that_comes_to_mind() {
        for good in ["240613", "123456789012"] {
            assert!(is_pin(good), "{good}");
        }
        for bad in ["", "12345", "1234567890123", "000000", "12345a", "１２３４５６"] {
            assert!(!is_pin(bad), "{bad}");
        }
    }

    #[test]
    fn a_lock_is_within_its_bounds() {
        assert!(Lock { minutes: 10, failures: 5 }.fits());
        for (minutes, failures) in [(0, 5), (721, 5), (10, 2), (10, 21)] {
            assert!(!Lock { minutes, failures }.fits());
        }
    }
}
