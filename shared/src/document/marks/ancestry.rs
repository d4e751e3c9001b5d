//! The changes of a document that each one had seen. Changes are numbered in an order in which ancestors come
//! first; the ancestors of one are all numbers below a bound, and some ranges above it.

use std::ops::Range;

/// So many ranges are kept for one change. Ranges beyond them count as not seen: a mark too many
/// is looked at by a person, one too few is not.
const MOST_RANGES: usize = 512;

/// A set of changes by their numbers: all below `floor`, and those of `above`, which are apart from each
/// other and in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    floor: u32,
    above: Vec<Range<u32>>,
}

impl Seen {
    pub fn has(&self, change: u32) -> bool {
        if change < self.floor {
            return true;
        }
        let at = self.above.partition_point(|range| range.end <= change);
        self.above.get(at).is_some_and(|range| range.start <= change)
    }

    pub const fn floor(&self) -> u32 {
        self.floor
    }

    /// The numbers from the bound up to `end` that are not in the set.
    pub fn gaps(&self, end: u32) -> Vec<Range<u32>> {
        let mut gaps = Vec::new();
        let mut from = self.floor;
        for range in &self.above {
            if range.start > from {
                gaps.push(from..range.start.min(end));
            }
            from = range.end;
        }
        if from < end {
            gaps.push(from..end);
        }
        gaps.retain(|gap| gap.start < gap.end);
        gaps
    }

    /// Takes in a change with its ancestors.
    pub fn join(&mut self, change: u32, seen: &Self) {
        self.join_within(change, seen, MOST_RANGES);
    }

    /// The same with so many ranges at most.
    pub fn join_within(&mut self, change: u32, seen: &Self, most: usize) {
        self.floor = self.floor.max(seen.floor);
        self.above.extend(seen.above.iter().cloned());
        self.above.push(change..change + 1);
        self.tidy(most.min(MOST_RANGES));
    }

    /// The part that both have.
    pub fn meet(&self, other: &Self) -> Self {
        let mut both = Self { floor: self.floor.min(other.floor), above: Vec::new() };
        let whole = |one: &Self| std::iter::once(0..one.floor).chain(one.above.clone());
        let (mut ours, mut theirs) = (whole(self).peekable(), whole(other).peekable());
        while let (Some(one), Some(two)) = (ours.peek(), theirs.peek()) {
            let (start, end) = (one.start.max(two.start), one.end.min(two.end));
            if start < end {
                both.above.push(start..end);
            }
            if one.end < two.end {
                ours.next();
            } else {
                theirs.next();
            }
        }
        both.tidy(MOST_RANGES);
        both
    }

    /// How many ranges are kept of it.
    pub const fn ranges(&self) -> usize {
        self.above.len()
    }

    /// Its changes from the newest on.
    pub fn newest_first(&self) -> impl Iterator<Item = u32> + '_ {
        self.above.iter().rev().flat_map(|range| range.clone().rev()).chain((0..self.floor).rev())
    }

    fn tidy(&mut self, most: usize) {
        self.above.sort_by_key(|range| range.start);
        let mut tidy: Vec<Range<u32>> = Vec::with_capacity(self.above.len());
        for range in std::mem::take(&mut self.above) {
            match tidy.last_mut() {
                Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
                _ => tidy.push(range),
            }
        }
        let below = tidy.iter().take_while(|range| range.start <= self.floor).count();
        // Ranges are apart, so only the last of these can reach over the bound.
        self.floor = tidy[..below].iter().fold(self.floor, |floor, range| floor.max(range.end));
        tidy.drain(..below);
        // Two that are now next to the bound would have been one range.
        let excess = tidy.len().saturating_sub(most);
        tidy.drain(..excess);
        self.above = tidy;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(deps: &[(u32, &Seen)]) -> Seen {
        let mut all = Seen::default();
        deps.iter().for_each(|(change, seen)| all.join(*change, seen));
        all
    }

    #[test]
    fn a_line_of_changes_is_one_bound() {
        let mut before = Seen::default();
        for change in 0..100 {
            before = seen(&[(change, &before)]);
            assert_eq!(before, Seen { floor: change + 1, above: Vec::new() });
        }
        assert!(before.has(99) && !before.has(100));
    }

    #[test]
    fn two_branches_have_not_seen_each_other_until_they_are_joined() {
        let first = Seen::default();
        let one = seen(&[(0, &first)]);
        // 1 and 3 go on from 0 on one device, 2 and 4 on another.
        let (three, four) = (seen(&[(1, &one)]), seen(&[(2, &one)]));
        assert!(three.has(1) && !three.has(2));
        assert!(four.has(2) && !four.has(1) && !four.has(3));
        assert_eq!(four.gaps(4), vec![1..2, 3..4]);
        let joined = seen(&[(3, &three), (4, &four)]);
        assert_eq!(joined, Seen { floor: 5, above: Vec::new() });
        assert_eq!(three.meet(&four), Seen { floor: 1, above: Vec::new() });
        assert_eq!(four.newest_first().collect::<Vec<_>>(), [2, 0]);
    }
}
