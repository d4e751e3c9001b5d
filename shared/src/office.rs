//! What is asked of the office worker, and what it answers. The worker itself is the crate
//! `tongban-office`: it brings the readers and writers of office files, which the app does not load
//! until a file is opened or saved.

use crate::views::{Paper, Sheet};
use crate::words::Word;
use serde::{Deserialize, Serialize};

/// A table of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    /// Rows of cells as words; dates in ISO form. Blank rows keep their place. A value of a merged area
    /// stands in the first column of each row that the area covers.
    pub rows: Vec<Vec<String>>,
    /// Merged areas: first row, first column, last row, last column, all from 0.
    #[serde(default)]
    pub merged: Vec<[usize; 4]>,
    /// What else the sheet holds, with its number.
    #[serde(default)]
    pub told: Vec<(Aside, usize)>,
}

/// What a file holds beside plain rows: read along, or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Aside {
    /// Sheets that are hidden: left out.
    HiddenSheets,
    /// Rows that are hidden or filtered away: read along.
    HiddenRows,
    /// Columns that are hidden: read along.
    HiddenColumns,
    /// Comments on cells: left out.
    Comments,
    /// Areas of merged cells: the value counts for each row.
    MergedAreas,
    /// Cells that hold an error such as `#N/A`: left out.
    ErrorCells,
}

impl Aside {
    /// How it is told.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::HiddenSheets => Word::AsideHiddenSheets,
            Self::HiddenRows => Word::AsideHiddenRows,
            Self::HiddenColumns => Word::AsideHiddenColumns,
            Self::Comments => Word::AsideComments,
            Self::MergedAreas => Word::AsideMergedAreas,
            Self::ErrorCells => Word::AsideErrorCells,
        }
    }
}

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Job {
    /// The words of a document whose bytes are beside it, by the ending of its name.
    Text {
        name: String,
    },
    /// The tables of a file whose bytes are beside it.
    Tables {
        name: String,
    },
    Xlsx {
        sheets: Vec<Sheet>,
    },
    Docx {
        paper: Paper,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    Text(String),
    Tables(Vec<Table>),
    /// The bytes are beside it.
    File,
    /// Why not, in the words of the person.
    Problem(String),
}
