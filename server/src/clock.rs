//! The one place that reads the clock and draws chance, so that the rest can be tested without.

use std::time::{SystemTime, UNIX_EPOCH};
use tongban_shared::zone::Zone;

/// Milliseconds since 1970.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds since 1970.
#[must_use]
pub fn now() -> i64 {
    i64::try_from(now_ms() / 1000).unwrap_or(i64::MAX)
}

/// Today by the clock of a space: the day that deadlines speak of.
#[must_use]
pub fn today(zone: &Zone) -> jiff::civil::Date {
    zone.day(now())
}

/// Random bytes of the operating system.
///
/// # Panics
/// When the system has none: nothing safe can be done then.
#[must_use]
#[allow(clippy::expect_used, reason = "a server without chance must not go on")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Sixteen bytes for a new identifier.
#[must_use]
pub fn fresh_id() -> [u8; 16] {
    tongban_shared::id::ulid_bytes(now_ms(), random())
}
