//! Questions to the office worker, and its answers. The worker itself is the crate `tongban-office`: it
//! brings the readers and writers of office files, which the app does not load until a file is opened or
//! saved.

use crate::views::{Paper, Sheet};
use crate::words::{Lang, Word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// The rest of the sheet, each kind with its number.
    #[serde(default)]
    pub told: Told,
}

/// The words of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Text {
    /// A line for each paragraph; the cells of a table apart by tabs.
    pub words: String,
    /// The rest of the document, each kind with its number.
    #[serde(default)]
    pub told: Told,
}

/// Parts of a file beside its plain words and rows: read along, or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Aside {
    /// Sheets that are hidden: left out.
    HiddenSheets,
    /// Sheets that hold a chart instead of cells: left out.
    OtherSheets,
    /// Rows that are hidden or filtered away: read along.
    HiddenRows,
    /// Columns that are hidden: read along.
    HiddenColumns,
    /// Areas of merged cells: the value counts for each row.
    MergedAreas,
    /// Cells that hold an error such as `#N/A`: left out.
    ErrorCells,
    /// Formulas whose result is not in the file: left out.
    OpenFormulas,
    /// Comments: left out.
    Comments,
    Pictures,
    /// Footnotes and endnotes: left out.
    Footnotes,
    /// Characters that do not show: left out.
    HiddenText,
    /// Characters that were deleted while changes were tracked: left out.
    DeletedText,
    /// Characters that say how others are read: left out.
    Ruby,
    /// Signs of a font that is not known: each stands as [`NO_SIGN`].
    Symbols,
    /// Cells of a file that was made whose words were cut, for it holds no more.
    CutCells,
}

/// Stands for a sign that is not known, as in print.
pub const NO_SIGN: char = '〓';

impl Aside {
    /// How it is told.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::HiddenSheets => Word::AsideHiddenSheets,
            Self::OtherSheets => Word::AsideOtherSheets,
            Self::HiddenRows => Word::AsideHiddenRows,
            Self::HiddenColumns => Word::AsideHiddenColumns,
            Self::MergedAreas => Word::AsideMergedAreas,
            Self::ErrorCells => Word::AsideErrorCells,
            Self::OpenFormulas => Word::AsideOpenFormulas,
            Self::Comments => Word::AsideComments,
            Self::Pictures => Word::AsidePictures,
            Self::Footnotes => Word::AsideFootnotes,
            Self::HiddenText => Word::AsideHiddenText,
            Self::DeletedText => Word::AsideDeletedText,
            Self::Ruby => Word::AsideRuby,
            Self::Symbols => Word::AsideSymbols,
            Self::CutCells => Word::AsideCutCells,
        }
    }
}

/// Kinds with their numbers; those of number 0 are not there.
pub type Told = BTreeMap<Aside, usize>;

/// A line of a person's language for each kind.
#[must_use]
pub fn told_lines(told: &Told, language: Lang) -> Vec<String> {
    told.iter().map(|(aside, count)| format!("{} {count}", aside.word().text(language))).collect()
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

/// The outcome of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    Text(Text),
    Tables(Vec<Table>),
    /// The bytes are beside it; what they do not hold is told.
    File {
        told: Told,
    },
    /// Why not, in the words of the person.
    Problem(String),
}
