//! Values read one after the other.

use super::{Group, find};

/// Reads value after value, by their lengths.
#[derive(Debug, Clone, Default)]
pub struct RawColumnIter<'a> {
    groups: &'a [Group],
    group: usize,
    piece: usize,
    offset: usize,
    at: usize,
}

impl<'a> RawColumnIter<'a> {
    pub(super) fn at(groups: &'a [Group], at: usize) -> Self {
        let (place, offset) = find(groups, at);
        Self { groups, group: place.group, piece: place.piece, offset, at }
    }

    /// The byte at which the next value begins.
    #[must_use]
    pub const fn pos(&self) -> usize {
        self.at
    }

    /// The next value, of so many bytes.
    ///
    /// # Panics
    /// When no value of this length stands here.
    pub fn take(&mut self, length: usize) -> &'a [u8] {
        if length == 0 {
            return &[];
        }
        self.enter_piece();
        let value = self.piece().get(self.offset..self.offset.saturating_add(length));
        assert!(value.is_some(), "no value of {length} bytes stands at {}", self.at);
        self.offset += length;
        self.at += length;
        value.unwrap_or_default()
    }

    /// Goes on to this byte, with which a value begins.
    ///
    /// # Panics
    /// When it is behind, or the arena ends before it.
    pub fn seek_to(&mut self, at: usize) {
        assert!(at >= self.at, "values are read forwards: {at} comes before {}", self.at);
        let mut left = at - self.at;
        self.at = at;
        while left > 0 {
            self.enter_piece();
            let rest = self.piece().len() - self.offset;
            assert!(rest > 0, "the values end before {at}");
            let passed = left.min(rest);
            self.offset += passed;
            left -= passed;
            self.pass_groups(&mut left);
        }
    }

    /// The piece in which it stands; behind the last one there is nothing.
    fn piece(&self) -> &'a [u8] {
        self.groups.get(self.group).and_then(|group| group.pieces.get(self.piece)).map_or(&[], |piece| piece)
    }

    /// Steps from the end of a piece to the beginning of the next one.
    fn enter_piece(&mut self) {
        let Some(group) = self.groups.get(self.group).filter(|_| self.offset >= self.piece().len()) else {
            return;
        };
        self.offset = 0;
        self.piece += 1;
        if self.piece >= group.pieces.len() {
            self.group += 1;
            self.piece = 0;
        }
    }

    /// At the end of a group, passes those that end before the place that is looked for.
    fn pass_groups(&mut self, left: &mut usize) {
        let Some(group) = self.groups.get(self.group) else { return };
        if self.piece + 1 < group.pieces.len() || self.offset < self.piece().len() {
            return;
        }
        while let Some(next) = self.groups.get(self.group + 1).filter(|next| next.length <= *left) {
            *left -= next.length;
            self.group += 1;
            self.piece = next.pieces.len() - 1;
            self.offset = next.pieces[self.piece].len();
        }
    }
}
