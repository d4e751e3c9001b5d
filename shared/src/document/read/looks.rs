//! Looks into the history of a document. One reading takes so many and no more, however much stands against
//! each other in it: whoever asks for a board waits for all of them.

use crate::limits::READ_BACK;
use automerge::{AutoCommit, ReadDoc};
use std::cell::Cell;

/// A look weighs as much as so many values, whatever it finds: the history is searched for the moment.
pub const LOOK: usize = 64;

/// So many changes of the history weigh as much as a value: where chains of changes stand side by side, the search
/// walks all of them for each look.
const WALKED: usize = 32;

/// The looks of one reading.
pub struct Looks {
    /// The weight of one, whatever it finds.
    each: usize,
    taken: Cell<usize>,
    #[cfg(test)]
    times: Cell<usize>,
}

impl Looks {
    pub fn into(doc: &AutoCommit) -> Self {
        let size = doc.stats();
        let walked = usize::try_from(size.num_changes + size.num_actors).unwrap_or(usize::MAX);
        Self {
            each: LOOK.saturating_add(walked / WALKED),
            taken: Cell::default(),
            #[cfg(test)]
            times: Cell::default(),
        }
    }

    /// Whether there is still room for a look at a moment that finds so many values; it is taken then.
    pub fn take(&self, values: usize) -> bool {
        let all = self.taken.get().saturating_add(self.each).saturating_add(values);
        let fits = all <= READ_BACK;
        if fits {
            self.taken.set(all);
            #[cfg(test)]
            self.times.set(self.times.get() + 1);
        }
        fits
    }

    /// The weight of those that were taken.
    #[cfg(test)]
    pub const fn taken(&self) -> usize {
        self.taken.get()
    }

    /// How many were taken.
    #[cfg(test)]
    pub const fn times(&self) -> usize {
        self.times.get()
    }
}
