//! What is asked of the office worker, and what it answers. The worker itself is the crate
//! `tongban-office`: it brings the readers and writers of office files, which the app does not load
//! until a file is opened or saved.

use crate::views::{Paper, Sheet};
use serde::{Deserialize, Serialize};

/// A table of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    /// Rows of cells as words; dates in ISO form.
    pub rows: Vec<Vec<String>>,
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
