//! Views of a board as plain values, the same for screens, prints and files: what an export
//! holds is what the screen shows.
//!
//! A view is made of a [`Scene`](crate::rule::Scene). Its outline (columns, rows) is cheap; cells
//! are asked one by one, so that a screen works out only what is seen.

mod agenda;
mod choice;
mod clipboard;
mod delimited;
mod flow;
mod intake;
mod ledger;
mod light;
mod links;
mod matrix;
mod meeting;
mod own;
mod paper;
mod picture;
mod ranking;
mod reportable;
mod scores;
mod selection;
mod sheet;
mod yearly;

pub use agenda::{Point, PointKind, Timeline, TimelineRow, agenda, timeline};
pub use choice::{choice_name, choices, shown_words, stored_words};
pub use clipboard::{Pasted, from_paste};
pub use delimited::{MOST_CELLS, from_clipboard, from_csv, from_tabs, to_clipboard, to_csv, words_of};
pub use flow::flow;
pub use intake::{Found, IntakeRow, Mapping, NewCell, Part, compare, counts, head_of, mapping_of, part_of};
pub use ledger::{Cell, Column, Key, Ledger, Row, Sum, light, state_words};
pub use light::Light;
pub use links::{LinkEnd, link_ends};
pub use matrix::{Across, Matrix, MatrixCell, MatrixRow};
pub use meeting::{Card, meeting};
pub use own::{OwnRow, own_rows, own_sheet};
pub use paper::{Block, Owed, Paper, brief, owed, plan, reminder, report};
pub use picture::{PAGE_HEIGHT, PAGE_WIDTH, matrix_pages};
pub use ranking::{Place, Ranking, rankings};
pub use reportable::{Reportable, Waits, in_order, reportable};
pub use scores::{ScoreRow, Scores, scores};
pub use selection::{Place as CellPlace, Selection, Step};
pub use sheet::{CellKind, Sheet, SheetCell, SheetColumn, cut, sheet, sheets_by_unit};
pub use yearly::yearly;
