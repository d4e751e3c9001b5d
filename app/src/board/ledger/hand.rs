//! Work with one hand in a ledger: choose cells, write, copy, paste, clear.

use super::grid::{LINE, frozen, left_of, width};
use super::outline::{Line, Outline};
use crate::lang::{W, Words};
use crate::parts::Seen;
use crate::session::Session;
use crate::view::BoardView;
use leptos::html::Textarea;
use leptos::prelude::*;
use std::sync::Arc;
use tongban_shared::id::{BoardId, DocumentId, ItemId};
use tongban_shared::views::{
    Cell, CellPlace, Column, Key, MOST_CELLS, Row, Selection, Step, from_paste, to_clipboard,
};

/// The most bytes that are written in one step: a change must stay small enough to be sent.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// A cell that is being written: it stays the same one, whatever comes between its neighbours.
#[derive(Debug, Clone, PartialEq)]
pub struct Writing {
    pub row: Row,
    pub column: Column,
    pub words: String,
    /// The value when the cell was opened: a cell that is left unchanged writes nothing.
    before: String,
}

/// A paste whose shape is doubtful: it waits until the person has seen where it lands.
#[derive(Debug, Clone, PartialEq)]
pub struct Paste {
    pub cells: Vec<(Row, Column, String)>,
    /// Cells without a row or column here.
    pub lost: usize,
    pub merged: usize,
    /// Characters beside the table.
    pub beside: usize,
    /// Characters that do not show.
    pub hidden: usize,
}

/// No cell.
const NOWHERE: CellPlace = (usize::MAX, 0);

/// A chosen cell by what it is, not by where it stands. A line that is no row keeps its place.
#[derive(Debug, Clone, PartialEq)]
struct Corner {
    row: Option<Row>,
    line: usize,
    column: Key,
}

impl Corner {
    fn of(outline: &Outline, (line, column): CellPlace) -> Option<Self> {
        let column = outline.ledger.columns.get(column)?.key.clone();
        Some(Self { row: outline.row(line), line, column })
    }

    fn place(&self, outline: &Outline) -> Option<CellPlace> {
        let column = outline.ledger.columns.iter().position(|column| column.key == self.column)?;
        let line = match self.row {
            Some(row) if outline.row(self.line) == Some(row) => self.line,
            Some(row) => outline.lines.iter().position(|line| *line == Line::Row(row))?,
            None => self.line,
        };
        Some((line, column))
    }
}

/// The state of the hand; copying it is free.
#[derive(Clone, Copy)]
pub struct Hand {
    session: Session,
    words: Words,
    id: BoardId,
    outline: RwSignal<Arc<Outline>>,
    seen: Seen,
    pub editor: NodeRef<Textarea>,
    pub chosen: RwSignal<Selection>,
    pub writing: RwSignal<Option<Writing>>,
    pub pasting: RwSignal<Option<Paste>>,
    dragging: RwSignal<bool>,
    /// Rows and columns may come and go between: both corners stay at their cells.
    corners: StoredValue<Option<[Corner; 2]>>,
    may_write: Memo<bool>,
    opened: RwSignal<Option<ItemId>>,
}

impl Hand {
    /// A hand at the first cell; `opened` gets the item whose panel is asked for.
    pub fn new(
        (session, words): (Session, Words),
        id: BoardId,
        board: &BoardView,
        outline: RwSignal<Arc<Outline>>,
        seen: Seen,
        opened: RwSignal<Option<ItemId>>,
    ) -> Self {
        let may = board.may.clone();
        let hand = Self {
            session,
            words,
            id,
            outline,
            seen,
            editor: NodeRef::new(),
            chosen: RwSignal::new(Selection::default()),
            writing: RwSignal::new(None),
            pasting: RwSignal::new(None),
            dragging: RwSignal::new(false),
            corners: StoredValue::new(None),
            may_write: Memo::new(move |_| may.get().write),
            opened,
        };
        Effect::new(move |_| {
            let outline = outline.get();
            let Some(corners) = hand.corners.get_value() else { return };
            let [at, anchor] = corners.map(|corner| corner.place(&outline));
            // When a corner is gone, nothing is chosen: the next key must not meet another cell.
            let chosen = match (at, anchor) {
                (Some(at), Some(anchor)) => Selection { at, anchor },
                _ => Selection::one(NOWHERE),
            };
            if hand.chosen.get_untracked() != chosen {
                hand.chosen.set(chosen);
            }
        });
        on_cleanup(move || hand.finish());
        hand
    }

    fn size(self) -> CellPlace {
        self.outline.with_untracked(|outline| (outline.lines.len(), outline.ledger.columns.len()))
    }

    fn choose(self, selection: Selection) {
        self.keep(selection);
        self.seen.show(selection.at.0, LINE);
        self.show_column(selection.at.1);
    }

    /// Chooses, and remembers the cells that are meant.
    fn keep(self, selection: Selection) {
        self.corners.set_value(self.outline.with_untracked(|outline| {
            let [at, anchor] = [selection.at, selection.anchor].map(|place| Corner::of(outline, place));
            at.zip(anchor).map(|(at, anchor)| [at, anchor])
        }));
        self.chosen.set(selection);
    }

    /// Scrolls sideways so that a column is seen beside the ones that stay.
    #[allow(clippy::cast_possible_truncation, reason = "pixels")]
    fn show_column(self, place: usize) {
        let Some(element) = self.seen.element.get_untracked() else { return };
        let columns = self.outline.with_untracked(|outline| outline.ledger.columns.clone());
        let stays = frozen(&columns);
        if place < stays {
            return;
        }
        let (left, wide) = (left_of(&columns, place), columns.get(place).map_or(0.0, width));
        let kept = left_of(&columns, stays);
        let (from, seen_width) = (f64::from(element.scroll_left()), f64::from(element.client_width()));
        if left - kept < from {
            element.set_scroll_left((left - kept) as i32);
        } else if left + wide > from + seen_width {
            element.set_scroll_left((left + wide - seen_width) as i32);
        }
    }

    /// Writes cells, typed or pasted: all that fits in one step, the rest is told.
    fn put(self, cells: Vec<(Row, Column, String)>) {
        let words = self.words;
        if !self.may_write.get_untracked() {
            return self.session.notice(words.w(W::NoRight));
        }
        let bytes: usize = cells.iter().map(|(.., text)| text.len()).sum();
        if cells.len() > MOST_CELLS || bytes > MOST_BYTES {
            return self.session.notice(words.w(W::TooManyCells));
        }
        let outline = self.outline.get_untracked();
        let found = self.session.look(self.id, |scene| {
            let write =
                |(row, column, text): (Row, Column, String)| outline.ledger.write(scene, row, &column, &text);
            cells.into_iter().map(write).collect::<Vec<_>>()
        });
        let (mut edits, mut problems) = (Vec::new(), Vec::new());
        for one in found.unwrap_or_default() {
            match one {
                Ok(edit) => edits.extend(edit),
                Err(problem) => problems.push(problem),
            }
        }
        if !edits.is_empty() && !self.session.edit_all(DocumentId::board(self.id), &edits) {
            return;
        }
        if let Some(first) = problems.first() {
            let counts = format!(
                "{} {} · {} {}：",
                words.w(W::CellsWritten),
                edits.len(),
                words.w(W::CellsNot),
                problems.len()
            );
            let counts = if problems.len() == 1 && edits.is_empty() { String::new() } else { counts };
            self.session.notice(&format!("{counts}{first}"));
        }
    }

    /// Begins to write the cell at work, with its own words or with others.
    pub fn begin(self, text: Option<String>) {
        if self.writing.with_untracked(Option::is_some) {
            return;
        }
        let (line, column) = self.chosen.get_untracked().at;
        let outline = self.outline.get_untracked();
        let Some((row, column)) = outline.row(line).zip(outline.ledger.columns.get(column).cloned()) else {
            if text.is_some() {
                self.session.notice(self.words.w(W::NoRows));
            }
            return;
        };
        let may_write = self.may_write.get_untracked();
        if !may_write || !outline.ledger.is_written(row, &column) {
            let Some(text) = text else { return self.opened.set(Some(row.item)) };
            // Words that no cell takes are not dropped unsaid.
            if !may_write {
                return self.session.notice(self.words.w(W::NoRight));
            }
            let refused =
                self.session.look(self.id, |scene| outline.ledger.write(scene, row, &column, &text).err());
            if let Some(why) = refused.flatten() {
                self.session.notice(&why);
            }
            return;
        }
        let stands = self.session.look(self.id, |scene| outline.ledger.cell(scene, row, &column).shown);
        let before = stands.unwrap_or_default();
        let words = text.unwrap_or_else(|| before.clone());
        self.writing.set(Some(Writing { row, column, words, before }));
    }

    /// Writes what stands in the text box.
    pub fn finish(self) {
        let Some(done) = self.writing.try_get_untracked().flatten() else { return };
        if done.words == done.before {
            return self.writing.set(None);
        }
        // Names that fit as they are, in any language or by an alias, stand for themselves.
        let fitting = self.outline.with_untracked(|outline| {
            let (row, column) = (done.row, &done.column);
            self.session.look(self.id, |scene| outline.ledger.write(scene, row, column, &done.words).ok())
        });
        let over = fitting.iter().flatten().flatten().find_map(|edit| edit.over_bound(&[]));
        // Words that are too long stay in the text box, to be shortened there.
        if let Some(most) = over.filter(|_| done.words.len() > done.before.len()) {
            return self.session.notice_too_long(most);
        }
        self.writing.set(None);
        let choices = self.choices(&done.column);
        // A part of a name that only one choice has stands for it.
        let mut near = choices.iter().filter(|one| !done.words.is_empty() && one.contains(done.words.trim()));
        let words = match (near.next(), near.next()) {
            (Some(name), None) if fitting.flatten().is_none() => name.clone(),
            _ => done.words,
        };
        self.put(vec![(done.row, done.column, words)]);
    }

    /// The choices of a column, as people read them.
    pub fn choices(self, column: &Column) -> Vec<String> {
        let choices = self.outline.with_untracked(|outline| {
            self.session.look(self.id, |scene| outline.ledger.choices(scene, column))
        });
        choices.unwrap_or_default().into_iter().map(|(_, name)| name).collect()
    }

    /// The rows and columns that are chosen.
    fn block(self) -> (Vec<Row>, Vec<Column>) {
        let (lines, across) = self.chosen.get_untracked().block();
        let outline = self.outline.get_untracked();
        let rows = lines.filter_map(|line| outline.row(line)).collect();
        let columns = across.filter_map(|column| outline.ledger.columns.get(column).cloned()).collect();
        (rows, columns)
    }

    fn clear(self) {
        let (rows, columns) = self.block();
        let outline = self.outline.get_untracked();
        let cells = rows.iter().flat_map(|row| columns.iter().map(move |column| (*row, column.clone())));
        let written = cells.filter(|(row, column)| outline.ledger.is_written(*row, column));
        self.put(written.map(|(row, column)| (row, column, String::new())).collect());
    }

    /// Gives the chosen cells to the clipboard, and takes them away.
    pub fn copy(self, event: &web_sys::ClipboardEvent, cut: bool) {
        if self.writing.with_untracked(Option::is_some) {
            return;
        }
        let (rows, columns) = self.block();
        let outline = self.outline.get_untracked();
        let text = self.session.look(self.id, |scene| {
            let line = |row: &Row| {
                columns.iter().map(|column| outline.ledger.cell(scene, *row, column).shown).collect()
            };
            to_clipboard(&rows.iter().map(line).collect::<Vec<Vec<String>>>())
        });
        if let Some((data, text)) = event.clipboard_data().zip(text) {
            event.prevent_default();
            if data.set_data("text/plain", &text).is_ok() && cut {
                self.clear();
            }
        }
    }

    /// Writes what a spreadsheet program has put on the clipboard.
    pub fn paste(self, event: &web_sys::ClipboardEvent) {
        if self.writing.with_untracked(Option::is_some) {
            return;
        }
        event.prevent_default();
        let data = event.clipboard_data();
        let get = |kind| data.as_ref().and_then(|data| data.get_data(kind).ok()).unwrap_or_default();
        match from_paste(&get("text/html"), &get("text/plain")) {
            Ok(table) => {
                let outline = self.outline.get_untracked();
                let given: usize = table.rows.iter().map(Vec::len).sum();
                let cells = self.chosen.get_untracked().paste(&table.rows, self.size());
                let cell = |((line, column), words): (CellPlace, String)| {
                    Some((outline.row(line)?, outline.ledger.columns.get(column)?.clone(), words))
                };
                let cells: Vec<_> = cells.into_iter().filter_map(cell).collect();
                let lost = given.saturating_sub(cells.len());
                let paste =
                    Paste { cells, lost, merged: table.merged, beside: table.beside, hidden: table.hidden };
                if lost > 0 || table.is_doubtful() {
                    self.pasting.set(Some(paste));
                } else {
                    self.put(paste.cells);
                }
            }
            Err(problem) => self.session.notice(&problem),
        }
    }

    /// An input method begins on the cell at work: its letters are seen there. The cell hears of the
    /// word when it is whole.
    pub fn compose(self) {
        if self.writing.with_untracked(Option::is_none) {
            self.begin(Some(String::new()));
        }
    }

    /// Writes the paste that was looked at.
    pub fn paste_now(self) {
        if let Some(paste) = self.pasting.get_untracked() {
            self.pasting.set(None);
            self.put(paste.cells);
        }
    }

    /// The place of a paste: the row, the column and the words of each of its first cells.
    pub fn landing(self, paste: &Paste, most: usize) -> Vec<(String, String, String)> {
        let outline = self.outline.get_untracked();
        let told = self.session.look(self.id, |scene| {
            let cells = paste.cells.iter().take(most);
            cells
                .map(|(row, column, words)| {
                    let unit = row.unit.map(|unit| scene.space.unit_name(unit));
                    let named = std::iter::once(outline.ledger.title(scene, *row)).chain(unit);
                    (named.collect::<Vec<_>>().join(" · "), column.name.clone(), words.clone())
                })
                .collect()
        });
        told.unwrap_or_default()
    }

    /// Takes typed text: the first sign begins to write.
    pub fn typed(self, text: String) {
        let empty = |one: &Writing| one.words.is_empty();
        // A word that was given up again leaves the cell as it was.
        if text.is_empty() && self.writing.with_untracked(|writing| writing.as_ref().is_some_and(empty)) {
            return self.writing.set(None);
        }
        if self.writing.with_untracked(Option::is_some) {
            return self.writing.update(|writing| {
                if let Some(writing) = writing {
                    writing.words = text;
                }
            });
        }
        self.begin(Some(text));
        // The box over a cell that is not written stays empty.
        if self.writing.with_untracked(Option::is_none)
            && let Some(editor) = self.editor.get_untracked()
        {
            editor.set_value("");
        }
    }

    /// A key in the text box.
    pub fn key(self, event: &web_sys::KeyboardEvent) {
        let busy = self.writing.with_untracked(Option::is_some);
        let control = event.ctrl_key() || event.meta_key();
        let selection = self.chosen.get_untracked();
        match event.key().as_str() {
            "Escape" if busy => self.writing.set(None),
            "Enter" if busy && !event.alt_key() => {
                self.finish();
                self.choose(selection.step(Step::Down, self.size(), 1, false));
            }
            "Enter" | "F2" if !busy => self.begin(None),
            "Tab" => {
                self.finish();
                let next = selection.next(self.size(), event.shift_key());
                // At the last cell the focus goes on to what follows the ledger.
                if next.at == selection.at {
                    return;
                }
                self.choose(next);
            }
            "Delete" | "Backspace" if !busy => self.clear(),
            "z" | "Z" if control && !busy && event.shift_key() => self.session.redo(),
            "z" | "Z" if control && !busy => self.session.undo(),
            "a" | "A" if control && !busy => {
                let (lines, columns) = self.size();
                let anchor = (lines.saturating_sub(1), columns.saturating_sub(1));
                self.keep(Selection { at: (0, 0), anchor });
            }
            key => {
                let Some(step) = Step::of_key(key, control).filter(|_| !busy) else { return };
                self.choose(selection.step(step, self.size(), self.seen.page(), event.shift_key()));
            }
        }
        event.prevent_default();
    }

    /// A press on a cell.
    pub fn press(self, event: &web_sys::PointerEvent) {
        let Some(place) = place_of(event) else { return };
        self.finish();
        let anchor = if event.shift_key() { self.chosen.get_untracked().anchor } else { place };
        self.choose(Selection { at: place, anchor });
        let mouse = event.pointer_type() == "mouse";
        self.dragging.set(mouse);
        if let Some(editor) = self.editor.get_untracked() {
            if mouse {
                event.prevent_default();
            }
            let _ = editor.focus();
        }
    }

    /// Two presses on a cell open it.
    pub fn twice(self, event: &web_sys::MouseEvent) {
        if place_of(event).is_some() {
            self.begin(None);
        }
    }

    /// The pointer goes over cells.
    pub fn over(self, event: &web_sys::PointerEvent) {
        if self.dragging.get_untracked()
            && let Some(place) = place_of(event)
        {
            self.keep(Selection { at: place, ..self.chosen.get_untracked() });
        }
    }

    pub fn release(self) {
        self.dragging.set(false);
    }

    /// The name and content of the cell at work, for people who hear it.
    pub fn label(self) -> Option<String> {
        let (line, column) = self.chosen.get().at;
        let outline = self.outline.get();
        let (row, column) = outline.row(line).zip(outline.ledger.columns.get(column))?;
        let (title, cell) = self.session.look(self.id, |scene| {
            (outline.ledger.title(scene, row), outline.ledger.cell(scene, row, column))
        })?;
        Some(format!("{title} · {}：{}", column.name, cell.shown))
    }

    /// The cells of a row.
    pub fn cells(self, outline: &Outline, row: Row) -> Vec<Cell> {
        let cells = self.session.look(self.id, |scene| {
            outline.ledger.columns.iter().map(|column| outline.ledger.cell(scene, row, column)).collect()
        });
        cells.unwrap_or_default()
    }
}

/// The cell under a pointer.
fn place_of(event: &web_sys::MouseEvent) -> Option<CellPlace> {
    let target: web_sys::Element = wasm_bindgen::JsCast::dyn_into(event.target()?).ok()?;
    let words = target.closest("[data-cell]").ok()??.get_attribute("data-cell")?;
    let (line, column) = words.split_once(' ')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}
