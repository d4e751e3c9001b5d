//! Leases: what is held of a share for a time.

use super::{Held, RanOut, Share};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Something held of a payer's share; it is given back when it is dropped. Growing and shrinking look
/// nothing up and wait for nobody.
pub struct Lease {
    pub(super) share: Arc<Share>,
    pub(super) what: Held,
    pub(super) amount: u64,
    pub(super) most: u64,
}

impl Lease {
    /// Holds more.
    ///
    /// # Errors
    /// [`RanOut`] when the payer would hold too much; what was held stays.
    pub fn grow(&mut self, more: u64) -> Result<(), RanOut> {
        self.share.take(self.what, more, self.most)?;
        self.amount += more;
        Ok(())
    }

    /// Gives a part back, at most what is held.
    pub fn shrink(&mut self, less: u64) {
        let less = less.min(self.amount);
        self.share.give_back(self.what, less);
        self.amount -= less;
    }

    /// Holds exactly so much from now on.
    ///
    /// # Errors
    /// As [`Lease::grow`].
    pub fn set(&mut self, amount: u64) -> Result<(), RanOut> {
        self.shrink_to(amount);
        self.grow(amount - self.amount)
    }

    /// Holds exactly so much from now on, also beyond the share: it stands in memory already.
    pub fn count(&mut self, amount: u64) {
        self.shrink_to(amount);
        self.share.held[self.what as usize].fetch_add(amount - self.amount, Ordering::Relaxed);
        if Held::MEMORY.contains(&self.what) {
            self.share.memory.fetch_add(amount - self.amount, Ordering::Relaxed);
            self.share.own_memory.fetch_add(amount - self.amount, Ordering::Relaxed);
        }
        self.amount = amount;
    }

    /// Takes over all that another one holds of the same kind, beyond the share too.
    pub fn take_over(&mut self, mut other: Self) {
        let amount = std::mem::take(&mut other.amount);
        self.share.held[self.what as usize].fetch_add(amount, Ordering::Relaxed);
        other.share.held[other.what as usize].fetch_sub(amount, Ordering::Relaxed);
        if Held::MEMORY.contains(&self.what) {
            self.share.own_memory.fetch_add(amount, Ordering::Relaxed);
            other.share.own_memory.fetch_sub(amount, Ordering::Relaxed);
        }
        self.amount += amount;
    }

    /// The amount that is held.
    #[must_use]
    pub const fn amount(&self) -> u64 {
        self.amount
    }

    /// Another one of the same payer and kind, of nothing yet.
    #[must_use]
    pub fn nothing(&self) -> Self {
        Self { share: Arc::clone(&self.share), what: self.what, amount: 0, most: self.most }
    }

    /// The same, of so much.
    ///
    /// # Errors
    /// As [`Shares::hold`].
    pub fn another(&self, amount: u64) -> Result<Self, RanOut> {
        let mut lease = self.nothing();
        lease.grow(amount)?;
        Ok(lease)
    }

    /// Gives back all but so much.
    pub fn shrink_to(&mut self, left: u64) {
        self.shrink(self.amount.saturating_sub(left));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.share.give_back(self.what, self.amount);
    }
}
