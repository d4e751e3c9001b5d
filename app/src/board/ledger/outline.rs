//! Which rows a ledger shows in which order: made anew a moment after the board has changed, so
//! that rows do not jump under the hand that writes.

use crate::board::shows;
use crate::lang::Words;
use crate::pages::Filter;
use crate::parts::kept;
use crate::session::Session;
use crate::view::BoardView;
use leptos::prelude::*;
use std::sync::Arc;
use tongban_shared::id::{BoardId, UnitId};
use tongban_shared::template::{self, ItemType};
use tongban_shared::views::{Column, Key, Ledger, Row, Sum};

/// How the person wants to see the rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Want {
    /// The type of the rows; the first that there is.
    pub kind: Option<String>,
    /// A column, and whether its largest stands first.
    pub sort: Option<(Key, bool)>,
    /// The place of the column whose values make groups.
    pub group: Option<usize>,
    pub hidden: Vec<Key>,
    /// Only the rows of this unit.
    pub unit: Option<UnitId>,
}

/// One line of the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    Group { name: String, count: usize, sums: Vec<Option<Sum>> },
    Row(Row),
}

/// Columns, and lines in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    pub ledger: Ledger<'static>,
    /// The columns that could be shown.
    pub all_columns: Vec<Column>,
    pub lines: Vec<Line>,
    /// Under all rows.
    pub sums: Vec<Option<Sum>>,
}

impl Outline {
    /// The rows in the order of the screen.
    pub fn rows(&self) -> Vec<Row> {
        let row = |line: &Line| match line {
            Line::Row(row) => Some(*row),
            Line::Group { .. } => None,
        };
        self.lines.iter().filter_map(row).collect()
    }

    /// The row of a line.
    pub fn row(&self, line: usize) -> Option<Row> {
        match self.lines.get(line)? {
            Line::Row(row) => Some(*row),
            Line::Group { .. } => None,
        }
    }
}

static NOTHING: std::sync::LazyLock<ItemType> = std::sync::LazyLock::new(|| {
    template::find("measure_plan")
        .and_then(|template| template.item_type(""))
        .cloned()
        .unwrap_or_else(|| unreachable!("every template has lines"))
});

/// Keeps an outline up with the board, the filter and what the person wants.
pub fn follow(
    (session, words): (Session, Words),
    id: BoardId,
    board: BoardView,
    filter: RwSignal<Filter>,
    want: RwSignal<Want>,
) -> RwSignal<Arc<Outline>> {
    let made = move |board: &BoardView| {
        let (wanted, filter) = (want.get_untracked(), filter.get_untracked());
        let language = words.lang_untracked();
        let template = board.head.with_untracked(|head| template::of(head)).ok()?;
        session.look(id, |scene| {
            let kinds = Ledger::kinds(scene);
            let known = wanted.kind.as_deref().filter(|id| kinds.iter().any(|kind| kind.id == *id));
            let chosen = known.or(kinds.first().map(|kind| kind.id.as_str())).unwrap_or_default();
            let kind = template.item_type(chosen)?;
            let mut ledger = Ledger::new(scene, kind, language);
            let mut shows = shows(session, board, filter.clone());
            ledger.rows.retain(|row| {
                let wanted_unit = wanted.unit.or(filter.unit);
                let mine = filter.mine.then(|| session.view.who().map(|who| who.unit)).flatten();
                let of_unit = |unit: UnitId| row.unit.is_none_or(|one| one == unit);
                wanted_unit.is_none_or(of_unit) && mine.is_none_or(of_unit) && shows(row.item)
            });
            if let Some((key, descending)) = &wanted.sort
                && let Some(column) = ledger.columns.iter().find(|column| column.key == *key).cloned()
            {
                ledger.sort(scene, &column, *descending);
            }
            let all_columns = ledger.columns.clone();
            let group = wanted.group.and_then(|place| all_columns.get(place));
            ledger.columns.retain(|column| !wanted.hidden.contains(&column.key));
            let sums = ledger.sums(scene, &ledger.rows);
            let lines = match group {
                None => ledger.rows.iter().copied().map(Line::Row).collect(),
                Some(column) => ledger
                    .groups(scene, column)
                    .into_iter()
                    .flat_map(|(name, rows)| {
                        let head = Line::Group { name, count: rows.len(), sums: ledger.sums(scene, &rows) };
                        std::iter::once(head).chain(rows.into_iter().map(Line::Row))
                    })
                    .collect(),
            };
            Some(Outline { ledger: ledger.into_owned(), all_columns, lines, sums })
        })?
    };
    let nothing = || Outline {
        ledger: Ledger::nothing(&NOTHING),
        all_columns: Vec::new(),
        lines: Vec::new(),
        sums: Vec::new(),
    };
    let asked = move || {
        want.track();
        filter.track();
        words.lang();
    };
    let revision = board.revision.clone();
    kept(revision, asked, move || Arc::new(made(&board).unwrap_or_else(nothing)))
}
