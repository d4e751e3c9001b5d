//! Brackets and quotes around a place of a text, counted on from place to place.

/// Counts of the marks that opened and closed so far.
#[derive(Debug, Default, Clone)]
pub struct Around {
    opened: usize,
    closed: usize,
    /// Brackets that closed since the last one opened.
    since: usize,
    begun: usize,
    ended: usize,
}

impl Around {
    pub const fn pass(&mut self, character: char) {
        match character {
            '（' => (self.opened, self.since) = (self.opened + 1, 0),
            '）' => (self.closed, self.since) = (self.closed + 1, self.since + 1),
            '《' => self.begun += 1,
            '》' => self.ended += 1,
            _ => {}
        }
    }

    /// Whether the last bracket opens, and stays open.
    pub const fn in_bracket(&self) -> bool {
        self.opened > self.closed && self.since == 0
    }

    /// Whether fewer brackets closed than opened.
    pub const fn is_open(&self) -> bool {
        self.opened > self.closed
    }

    pub const fn in_quotes(&self) -> bool {
        self.begun > self.ended
    }

    /// How many brackets closed since the last one opened, if one opened at all.
    pub fn closed_since(&self) -> Option<usize> {
        (self.opened > 0).then_some(self.since)
    }
}
