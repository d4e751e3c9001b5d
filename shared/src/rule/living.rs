//! A board as it stands, kept up with its document: what an event touched is read and folded
//! anew, the rest is not.

use super::{Folded, Scene};
use crate::document::Document;
use crate::entry::Entry;
use crate::event::Event;
use crate::fold::Entries;
use crate::id::ItemId;
use crate::model::{Board, Space};
use crate::template::Template;
use std::collections::BTreeSet;

/// The content of a board's document with what was folded of it.
#[derive(Debug)]
pub struct Living {
    board: Board,
    folded: Folded,
    /// Items that have changed since they were folded.
    touched: BTreeSet<ItemId>,
    /// The day they were folded for; lamps and promises depend on it.
    today: Option<jiff::civil::Date>,
}

impl Living {
    /// A document as it stands; nothing is folded yet.
    #[must_use]
    pub fn new(document: &Document) -> Self {
        Self { board: document.board(), folded: Folded::default(), touched: BTreeSet::new(), today: None }
    }

    /// The board as it is written.
    #[must_use]
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// Events of the board's document.
    pub fn apply(&mut self, document: &Document, events: &[Event]) {
        let mut whole = false;
        for event in events {
            match event {
                Event::ItemChanged(id) | Event::ItemPlaced(id) => match document.item(*id) {
                    Some(item) => {
                        let (parent, conflicts) = (item.parent, item.conflicts.clone());
                        let before = self.board.items.insert(*id, item);
                        // Which of them are told of depends on all of the board.
                        whole |= self.board.more_clashes.fields > 0
                            || before.as_ref().map_or(&[][..], |before| &before.conflicts) != conflicts;
                        self.touched.insert(*id);
                        // Programs of others may hang an item elsewhere.
                        if before.is_some_and(|before| before.parent != parent) {
                            self.fold_all();
                        }
                    }
                    None => {
                        self.fold_all();
                        whole = true;
                    }
                },
                _ => whole = true,
            }
        }
        if whole {
            let board = document.board();
            // The lead decides which moves count; a template decides everything.
            if board.lead != self.board.lead
                || board.template != self.board.template
                || board.template_source != self.board.template_source
            {
                self.fold_all();
            }
            self.board = board;
        }
    }

    /// An entry came.
    pub fn entry(&mut self, entry: &Entry) {
        let indicator = entry.subject.indicator.and_then(|id| self.board.indicators.get(&id));
        self.touched.extend(entry.subject.item.or(indicator.and_then(|one| one.item)));
    }

    /// Everything is folded at the next look: the units or groups of the space have changed.
    pub fn fold_all(&mut self) {
        (self.folded, self.touched, self.today) = (Folded::default(), BTreeSet::new(), None);
    }

    /// Looks at the board on a day.
    pub fn look<T>(
        &mut self,
        template: &Template,
        space: &Space,
        entries: &Entries,
        today: jiff::civil::Date,
        read: impl FnOnce(&Scene<'_>) -> T,
    ) -> T {
        if self.today != Some(today) {
            self.today = Some(today);
            self.folded = Folded::default();
            self.touched = self.board.items.keys().copied().collect();
        }
        let (folded, touched) = (std::mem::take(&mut self.folded), std::mem::take(&mut self.touched));
        let touched = touched.into_iter().filter(|id| self.board.items.contains_key(id)).collect();
        let scene = Scene::after(template, space, &self.board, entries, today, (folded, touched));
        let found = read(&scene);
        self.folded = scene.folded();
        found
    }
}
