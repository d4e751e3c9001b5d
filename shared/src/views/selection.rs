//! The chosen block of a grid of cells, moved as in a spreadsheet program.

/// A cell by line and column, from 0.
pub type Place = (usize, usize);

/// The cell at work and the block of cells that is chosen with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Selection {
    /// The cell at work.
    pub at: Place,
    /// The other corner of the block.
    pub anchor: Place,
}

/// A step through the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    /// To the first or last column.
    Home,
    End,
    /// To the first or last cell of all.
    First,
    Last,
}

impl Step {
    /// The step that a key means; `control` goes to the edge.
    #[must_use]
    pub fn of_key(key: &str, control: bool) -> Option<Self> {
        Some(match (key, control) {
            ("ArrowUp", _) => Self::Up,
            ("ArrowDown", _) => Self::Down,
            ("ArrowLeft", false) => Self::Left,
            ("ArrowRight", false) => Self::Right,
            ("ArrowLeft", true) | ("Home", false) => Self::Home,
            ("ArrowRight", true) | ("End", false) => Self::End,
            ("PageUp", _) => Self::PageUp,
            ("PageDown", _) => Self::PageDown,
            ("Home", true) => Self::First,
            ("End", true) => Self::Last,
            _ => return None,
        })
    }
}

impl Selection {
    /// One cell.
    #[must_use]
    pub const fn one(at: Place) -> Self {
        Self { at, anchor: at }
    }

    /// After a step in a grid of so many lines and columns, of which `page` lines are seen;
    /// `extend` keeps the other corner.
    #[must_use]
    pub fn step(self, step: Step, (lines, columns): Place, page: usize, extend: bool) -> Self {
        let (line, column) = self.at;
        let (bottom, right) = (lines.saturating_sub(1), columns.saturating_sub(1));
        let at = match step {
            Step::Up => (line.saturating_sub(1), column),
            Step::Down => (line.saturating_add(1), column),
            Step::Left => (line, column.saturating_sub(1)),
            Step::Right => (line, column + 1),
            Step::PageUp => (line.saturating_sub(page), column),
            Step::PageDown => (line.saturating_add(page), column),
            Step::Home => (line, 0),
            Step::End => (line, right),
            Step::First => (0, 0),
            Step::Last => (bottom, right),
        };
        let at = (at.0.min(bottom), at.1.min(right));
        Self { at, anchor: if extend { self.anchor } else { at } }
    }

    /// To the next cell, at the end of a line to the next line.
    #[must_use]
    pub fn next(self, (lines, columns): Place, back: bool) -> Self {
        let (line, column) = self.at;
        let at = match (back, column) {
            (false, column) if column + 1 < columns => (line, column + 1),
            (false, _) if line.saturating_add(1) < lines => (line + 1, 0),
            (true, column) if column > 0 => (line, column - 1),
            (true, _) if line > 0 => (line - 1, columns.saturating_sub(1)),
            _ => (line, column),
        };
        Self::one(at)
    }

    /// First and last line, first and last column.
    #[must_use]
    pub fn block(self) -> (std::ops::RangeInclusive<usize>, std::ops::RangeInclusive<usize>) {
        let ((a, b), (c, d)) = (self.at, self.anchor);
        (a.min(c)..=a.max(c), b.min(d)..=b.max(d))
    }

    /// Whether a cell is chosen.
    #[must_use]
    pub fn holds(self, (line, column): Place) -> bool {
        let (lines, columns) = self.block();
        lines.contains(&line) && columns.contains(&column)
    }

    /// The places of pasted cells: from the upper left corner on. One pasted cell fills the whole block.
    #[must_use]
    pub fn paste(self, cells: &[Vec<String>], (lines, columns): Place) -> Vec<(Place, String)> {
        let (block_lines, block_columns) = self.block();
        if let [row] = cells
            && let [one] = &row[..]
        {
            let places = block_lines.flat_map(|line| block_columns.clone().map(move |column| (line, column)));
            return places.map(|place| (place, one.clone())).collect();
        }
        let (top, left) = (*block_lines.start(), *block_columns.start());
        let mut all = Vec::new();
        for (down, row) in cells.iter().enumerate() {
            for (across, words) in row.iter().enumerate() {
                if top + down < lines && left + across < columns {
                    all.push(((top + down, left + across), words.clone()));
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Place = (10, 4);

    #[test]
    fn steps_stay_in_the_grid_and_extend_the_block() {
        let start = Selection::one((0, 0));
        assert_eq!(start.step(Step::Up, SIZE, 5, false).at, (0, 0));
        assert_eq!(start.step(Step::PageDown, SIZE, 50, false).at, (9, 0));
        assert_eq!(start.step(Step::Last, SIZE, 5, false).at, (9, 3));
        let block = start.step(Step::Down, SIZE, 5, true).step(Step::Right, SIZE, 5, true);
        assert_eq!(block.block(), (0..=1, 0..=1));
        assert!(block.holds((1, 0)) && !block.holds((2, 0)));
        assert_eq!(block.step(Step::Down, SIZE, 5, false).block(), (2..=2, 1..=1));
    }

    #[test]
    fn tab_goes_on_in_the_next_line() {
        assert_eq!(Selection::one((0, 3)).next(SIZE, false).at, (1, 0));
        assert_eq!(Selection::one((1, 0)).next(SIZE, true).at, (0, 3));
        assert_eq!(Selection::one((9, 3)).next(SIZE, false).at, (9, 3));
    }

    #[test]
    fn a_paste_goes_from_the_corner_on_and_one_cell_fills_the_block() {
        let words = |text: &str| text.to_owned();
        let block = Selection { at: (2, 1), anchor: (1, 2) };
        assert_eq!(block.paste(&[vec![words("甲")]], SIZE).len(), 4);
        let table = vec![vec![words("甲"), words("乙"), words("丙"), words("丁")]];
        let places: Vec<Place> = block.paste(&table, SIZE).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, [(1, 1), (1, 2), (1, 3)], "what does not fit is left out");
    }

    #[test]
    fn keys_mean_steps() {
        assert_eq!(Step::of_key("Home", true), Some(Step::First));
        assert_eq!(Step::of_key("ArrowRight", true), Some(Step::End));
        assert_eq!(Step::of_key("a", false), None);
    }
}
