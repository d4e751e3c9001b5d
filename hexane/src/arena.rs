//! Bytes of values one after the other, cut and put in anywhere.
//!
//! A value is read as one slice, so it must stand within one piece. The arena does not know where values end;
//! its users put in, take out and read whole values only. So a piece is cut only where something is put in or
//! taken out, and never within a value.

mod reader;

use bytes::{Buf, Bytes};
use columns::PackError;
use std::ops::Range;

pub use reader::RawColumnIter;

/// Neighbours that have no more bytes than this together become one piece: small ones take more for their
/// keeping than for what they hold, and a join copies no more than this.
const PIECE: usize = 4 * 1024;

/// The most pieces of one group; more become two groups. A place is looked for group by group, and what comes
/// in moves the pieces of its group alone.
const GROUP: usize = 128;

/// An arena: pieces that share the memory in which they came, so that a cut copies nothing.
#[derive(Debug, Clone, Default)]
pub struct RawColumn {
    /// None is empty.
    groups: Vec<Group>,
    length: usize,
}

#[derive(Debug, Clone, Default)]
struct Group {
    /// None is empty.
    pieces: Vec<Bytes>,
    length: usize,
}

/// The place of a piece: its group, and where it stands in that.
#[derive(Debug, Clone, Copy)]
struct Place {
    group: usize,
    piece: usize,
}

impl RawColumn {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes of a stored column, of whatever values.
    ///
    /// # Errors
    /// None; the columns beside this one have some.
    pub fn load(data: &[u8]) -> Result<Self, PackError> {
        let mut arena = Self::new();
        if !data.is_empty() {
            let pieces = vec![Bytes::copy_from_slice(data)];
            arena.groups.push(Group { pieces, length: data.len() });
            arena.length = data.len();
        }
        Ok(arena)
    }

    /// How many bytes all values have.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no value with any byte.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Takes `taken` bytes from `at` on out, and puts these values there.
    ///
    /// # Panics
    /// When the arena ends before `at + taken`.
    pub fn splice<I, B>(&mut self, at: usize, taken: usize, values: I)
    where
        I: IntoIterator<Item = B>,
        B: AsRef<[u8]>,
    {
        let mut together = Vec::new();
        for value in values {
            together.extend_from_slice(value.as_ref());
        }
        self.splice_slice(at, taken, &together);
    }

    /// The same with the bytes of values that stand together already.
    ///
    /// # Panics
    /// When the arena ends before `at + taken`.
    pub fn splice_slice(&mut self, at: usize, taken: usize, values: &[u8]) {
        assert!(taken <= self.length && at <= self.length - taken, "out of the values");
        if taken == 0 && values.is_empty() {
            return;
        }
        if taken > 0 {
            self.take_out(at, taken);
        }
        if !values.is_empty() {
            self.put_in(at, values);
        }
        self.join_around(at + values.len());
        if !values.is_empty() {
            self.join_around(at);
        }
    }

    /// All bytes, as they are stored.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.length);
        self.save_to(&mut out);
        out
    }

    /// The same behind what stands in `out` already; returns where.
    pub fn save_to(&self, out: &mut Vec<u8>) -> Range<usize> {
        let start = out.len();
        out.reserve(self.length);
        let pieces = self.groups.iter().flat_map(|group| &group.pieces);
        pieces.for_each(|piece| out.extend_from_slice(piece));
        start..out.len()
    }

    /// A reader from the first byte on.
    #[must_use]
    pub fn iter(&self) -> RawColumnIter<'_> {
        self.iter_at(0)
    }

    /// A reader from this byte on, with which a value begins.
    ///
    /// # Panics
    /// When the arena ends before it.
    #[must_use]
    pub fn iter_at(&self, at: usize) -> RawColumnIter<'_> {
        assert!(at <= self.length, "out of the values");
        RawColumnIter::at(&self.groups, at)
    }

    fn take_out(&mut self, at: usize, taken: usize) {
        let mut place = self.cut(at);
        let mut left = taken;
        self.length -= taken;
        while left > 0 {
            let group = &mut self.groups[place.group];
            let Some(piece) = group.pieces.get_mut(place.piece) else {
                place = Place { group: place.group + 1, piece: 0 };
                continue;
            };
            let gone = left.min(piece.len());
            left -= gone;
            group.length -= gone;
            if gone < piece.len() {
                piece.advance(gone);
            } else {
                group.pieces.remove(place.piece);
            }
        }
        self.groups.retain(|group| !group.pieces.is_empty());
    }

    fn put_in(&mut self, at: usize, values: &[u8]) {
        let place = self.cut(at);
        if place.group == self.groups.len() {
            self.groups.push(Group::default());
        }
        let group = &mut self.groups[place.group];
        group.pieces.insert(place.piece, Bytes::copy_from_slice(values));
        group.length += values.len();
        self.length += values.len();
        self.divide(place.group);
    }

    /// Cuts the piece in which `at` stands; returns the place at which something comes in there.
    fn cut(&mut self, at: usize) -> Place {
        let (place, offset) = self.find(at);
        if offset == 0 {
            return place;
        }
        let pieces = &mut self.groups[place.group].pieces;
        let behind = pieces[place.piece].split_off(offset);
        let next = Place { group: place.group, piece: place.piece + 1 };
        if !behind.is_empty() {
            pieces.insert(next.piece, behind);
        }
        next
    }

    /// The piece in which this byte stands, and where in it. The end stands behind the last byte of its piece.
    fn find(&self, at: usize) -> (Place, usize) {
        find(&self.groups, at)
    }

    /// Joins the two pieces that meet at this byte, where both are small.
    fn join_around(&mut self, at: usize) {
        let (place, offset) = self.find(at);
        if offset > 0 || place.piece == 0 {
            return;
        }
        let Some(group) = self.groups.get_mut(place.group) else { return };
        let (before, behind) = (place.piece - 1, place.piece);
        let Some(second) = group.pieces.get(behind) else { return };
        if group.pieces[before].len() + second.len() > PIECE {
            return;
        }
        let joined = [&group.pieces[before][..], second].concat();
        group.pieces[before] = joined.into();
        group.pieces.remove(behind);
    }

    /// Makes two groups of one that has become long.
    fn divide(&mut self, number: usize) {
        let group = &mut self.groups[number];
        if group.pieces.len() <= GROUP {
            return;
        }
        let pieces = group.pieces.split_off(GROUP / 2);
        let length = pieces.iter().map(Bytes::len).sum();
        group.length -= length;
        group.pieces.shrink_to_fit();
        self.groups.insert(number + 1, Group { pieces, length });
    }
}

fn find(groups: &[Group], at: usize) -> (Place, usize) {
    let mut left = at;
    let last = groups.len().saturating_sub(1);
    for (number, group) in groups.iter().enumerate() {
        if left > group.length || (left == group.length && number < last) {
            left -= group.length;
            continue;
        }
        for (piece, bytes) in group.pieces.iter().enumerate() {
            if left < bytes.len() {
                return (Place { group: number, piece }, left);
            }
            left -= bytes.len();
        }
        return (Place { group: number, piece: group.pieces.len() }, 0);
    }
    (Place { group: 0, piece: 0 }, 0)
}

#[cfg(test)]
mod tests;
