//! Views of a board as plain values, the same for screens, prints and files: what an export
//! holds is what the screen shows.
//!
//! A view is made of a [`Scene`](crate::rule::Scene). Its outline (columns, rows) is cheap; cells
//! are asked one by one, so that a screen works out only what is seen.

mod agenda;
mod attention;
mod choice;
mod clashes;
mod clipboard;
mod delimited;
mod difference;
mod flow;
mod history;
mod intake;
mod ledger;
mod light;
mod links;
mod matrix;
mod meeting;
mod moments;
mod order;
mod oversight;
mod own;
mod paper;
mod picture;
mod ranking;
mod reminding;
mod reportable;
mod said;
mod scores;
mod selection;
mod sheet;
mod waiting;
mod yearly;

pub use agenda::{Point, PointKind, Timeline, TimelineRow, agenda, timeline};
pub use attention::{Matter, MatterKind, Told, matters, told};
pub use choice::{choice_name, choices, shown_words, stored_words};
pub use clashes::{
    Choice, Clash, SaidBy, SettledClash, Side, clashes, last_edition, of_register, settled_clashes,
    value_words,
};
pub use clipboard::{Pasted, from_paste};
pub use delimited::{
    MOST_CELLS, delimiter, from_clipboard, from_csv, from_tabs, to_clipboard, to_csv, words_of,
};
pub use difference::{Piece, difference};
pub use flow::flow;
pub use history::{By, Deed, Did, History, Line, LineWords, line_words, said_since};
pub use intake::{Found, IntakeRow, Mapping, NewCell, Part, compare, counts, head_of, mapping_of, part_of};
pub use ledger::{Cell, Column, Key, Ledger, Row, Sum, light, state_words};
pub use light::Light;
pub use links::{LinkEnd, link_ends};
pub use matrix::{Across, Matrix, MatrixCell, MatrixRow};
pub use meeting::{Card, meeting, minutes};
pub use moments::{Compared, compared};
pub use order::{boards_in_order, short_title};
pub use oversight::{Gap, Late, Oversight, UnitCounts, acts_since, oversight, worst_units};
pub use own::{OwnRow, own_rows, own_sheet};
pub use paper::{Block, Paper, brief, plan, report};
pub use picture::{PAGE_HEIGHT, PAGE_WIDTH, matrix_pages};
pub use ranking::{Place, Ranking, rankings};
pub use reminding::{Due, Letter, Owed, RECENT, due, letters, owed, reminded};
pub use reportable::{Reportable, Waits, in_order, reportable};
pub use said::{entry_word, kind_word, said_word};
pub use scores::{ScoreRow, Scores, scores};
pub use selection::{Place as CellPlace, Selection, Step};
pub use sheet::{CellKind, Sheet, SheetCell, SheetColumn, cut, sheet, sheets_by_unit};
pub use waiting::{Asker, Urgency, Waiting, waiting, waiting_in_order};
pub use yearly::yearly;
