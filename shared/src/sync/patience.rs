//! Waits between attempts: they grow until a connection has stood for a while.

use crate::limits::STOOD;

/// The waits of one connection that is begun again and again, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    shortest: u32,
    longest: u32,
    next: u32,
}

impl Patience {
    /// Waits from the shortest on, doubled each time up to the longest.
    #[must_use]
    pub const fn new(shortest: u32, longest: u32) -> Self {
        Self { shortest, longest, next: shortest }
    }

    /// The wait, in milliseconds, after an attempt that stood for so many; a little `chance`, of 256, keeps
    /// many devices from coming back in one moment.
    ///
    /// Only one that stood for a while begins the waits anew: a server that is reached and ends each
    /// connection at once is not asked the more often for being reached.
    pub fn ended(&mut self, stood_ms: u64, chance: u8) -> u32 {
        if u128::from(stood_ms) >= STOOD.as_millis() {
            self.next = self.shortest;
        }
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(self.longest);
        wait + wait / 512 * u32::from(chance) + wait % 512 * u32::from(chance) / 512
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_until_a_connection_has_stood_a_minute() {
        let mut patience = Patience::new(500, 20_000);
        let waits: Vec<u32> = (0..20).map(|_| patience.ended(200, 0)).collect();
        assert_eq!(waits[..7], [500, 1000, 2000, 4000, 8000, 16_000, 20_000]);
        assert!(waits[7..].iter().all(|wait| *wait == 20_000), "{waits:?}");
        assert_eq!(patience.ended(59_999, 0), 20_000, "not quite a minute");
        assert_eq!(patience.ended(60_000, 0), 500);
        assert_eq!(patience.ended(0, 0), 1000, "and they grow again");
        // Half as much again at the most, by chance.
        assert_eq!(Patience::new(1000, 9000).ended(0, 255), 1498);
        assert!(Patience::new(u32::MAX / 2, u32::MAX).ended(0, 255) > u32::MAX / 2);
    }
}
