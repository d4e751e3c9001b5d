//! A table of a word processor as rows of equal columns, whatever is merged across or down.

use std::collections::BTreeMap;

/// The most columns that a cell covers; word processors end at 63.
const MAX_SPAN: usize = 100;

/// A table that is being read.
#[derive(Debug, Default)]
pub struct Grid {
    /// Areas of merged cells.
    pub merged: usize,
    row: Vec<String>,
    is_deleted: bool,
    /// Paragraphs of the cell.
    cell: Vec<String>,
    /// Columns that the cell covers.
    span: usize,
    /// Whether the cell begins an area that goes down, or goes on with it.
    merge: Option<bool>,
    /// Words of the areas that go down, by their first column.
    over: BTreeMap<usize, String>,
}

impl Grid {
    pub fn paragraph(&mut self, words: String) {
        if !words.is_empty() {
            self.cell.push(words);
        }
    }

    pub fn span(&mut self, columns: usize) {
        self.span = columns.clamp(1, MAX_SPAN);
    }

    /// Columns that a row leaves out at its beginning.
    pub fn before(&mut self, columns: usize) {
        self.row.resize(columns.min(MAX_SPAN), String::new());
    }

    pub fn merge(&mut self, begins: bool) {
        self.merge = Some(begins);
    }

    pub fn delete_row(&mut self) {
        self.is_deleted = true;
    }

    /// Ends a cell; gives the bytes that it writes beyond its own words.
    pub fn cell(&mut self) -> usize {
        // A cell is one value, whatever its paragraphs.
        let mut words = std::mem::take(&mut self.cell).join(" ").replace(['\t', '\n'], " ");
        let (span, column) = (std::mem::take(&mut self.span).max(1), self.row.len());
        let mut beyond = span - 1;
        let merge = self.merge.take();
        match merge {
            Some(false) => {
                if let (true, Some(above)) = (words.is_empty(), self.over.get(&column)) {
                    words.clone_from(above);
                    beyond += words.len();
                }
            }
            Some(true) => {
                self.over.insert(column, words.clone());
            }
            None => {
                self.over.remove(&column);
            }
        }
        self.merged += usize::from(merge == Some(true) || (merge.is_none() && span > 1));
        self.row.push(words);
        self.row.resize(column + span, String::new());
        beyond
    }

    /// Ends a row; none for one that was deleted.
    pub fn row(&mut self) -> Option<Vec<String>> {
        let row = std::mem::take(&mut self.row);
        (!std::mem::take(&mut self.is_deleted)).then_some(row)
    }
}
