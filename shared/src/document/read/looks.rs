//! Looks into the history of a document. One reading takes so many and no more, however much stands against
//! each other in it: whoever asks for a board waits for all of them.

use crate::limits::READ_BACK;
use std::cell::Cell;

/// A look weighs as much as so many values, whatever it finds: the history is searched for the moment.
pub const LOOK: usize = 64;

/// The looks of one reading.
#[derive(Default)]
pub struct Looks(Cell<usize>);

impl Looks {
    /// Whether there is still room for a look at a moment that finds so many values; it is taken then.
    pub fn take(&self, values: usize) -> bool {
        let all = self.0.get().saturating_add(LOOK).saturating_add(values);
        let fits = all <= READ_BACK;
        if fits {
            self.0.set(all);
        }
        fits
    }

    /// The weight of those that were taken.
    #[cfg(test)]
    pub const fn taken(&self) -> usize {
        self.0.get()
    }
}
