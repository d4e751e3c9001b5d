//! How much of a board is looked at for one answer: a template may ask for any of it again and again.

use std::cell::Cell;
use std::rc::Rc;

/// How often items and records were looked at for one answer, and how often they may be. Scenes that serve the
/// same answer share it.
#[derive(Debug, Clone)]
pub struct Looks(Rc<Made>);

#[derive(Debug)]
struct Made {
    so_far: Cell<usize>,
    most: usize,
}

impl Default for Looks {
    /// Without a bound.
    fn default() -> Self {
        Self::at_most(usize::MAX)
    }
}

impl Looks {
    /// So many and no more.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self(Rc::new(Made { so_far: Cell::new(0), most }))
    }

    /// How many there were.
    #[must_use]
    pub fn so_far(&self) -> usize {
        self.0.so_far.get()
    }

    /// Whether there were more than there may be: nothing that was found since then is right.
    #[must_use]
    pub fn are_used_up(&self) -> bool {
        self.so_far() > self.0.most
    }

    /// Counts looks that were made, or are about to be.
    pub(crate) fn add(&self, count: usize) {
        self.0.so_far.set(self.so_far().saturating_add(count));
    }
}
