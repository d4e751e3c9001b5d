//! Events of documents into the signals that screens read.

use super::*;

impl Session {
    pub(super) fn show(&self, id: DocumentId, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        match self.with(|state| state.what.get(&id).copied()) {
            Some(What::Space) => {
                self.show_space();
                self.open_missing();
                self.show_boards();
            }
            Some(What::Board(board)) => {
                let view = self.view.boards.with_untracked(|boards| boards.get(&board).cloned());
                // Logs may have come before the board that says who leads it.
                if events.iter().any(|event| matches!(event, Event::BoardChanged)) {
                    self.with(|state| state.judge_board(board));
                }
                self.with(|state| {
                    let State { documents, living, entries, .. } = state;
                    let Some(document) = documents.get(&id) else { return };
                    let Some(living) = State::living(living, documents, board) else { return };
                    living.apply(document, events);
                    if let Some(view) = &view {
                        view.apply(&self.view, living.board(), entries.entry(board).or_default(), events);
                    }
                });
                if view.is_none() {
                    self.show_new_boards();
                }
                self.open_logs_of(board, events);
            }
            Some(What::Log(board, unit)) => {
                self.show_entries(id, (board, unit), events);
                self.view.said.update(|count| *count += 1);
            }
            None => {}
        }
    }

    pub(super) fn show_entries(&self, id: DocumentId, (board, unit): (BoardId, UnitId), events: &[Event]) {
        let view = self.view.boards.with_untracked(|boards| boards.get(&board).cloned());
        self.with(|state| {
            let Some(log) = state.documents.get(&id) else { return };
            let new: Vec<Entry> = events
                .iter()
                .filter_map(|event| match event {
                    Event::EntryAdded(entry) => log.entry(*entry),
                    _ => None,
                })
                .collect();
            state.arrived.entry(board).or_default().extend(new.iter().map(|entry| entry.id));
            state.take_entries((board, unit), new.clone());
            let State { documents, entries, living, .. } = state;
            let all = entries.entry(board).or_default();
            let Some(living) = State::living(living, documents, board) else { return };
            new.iter().for_each(|entry| living.entry(entry));
            if let Some(view) = view {
                view.entries(&self.view, living.board(), all, &new);
            }
        });
        self.check_signatures_later();
    }

    pub(super) fn show_space(&self) {
        let (space, other) = self.with(|state| {
            if state.is_enterprise() {
                return (state.space(), false);
            }
            state.living.values_mut().for_each(Living::fold_all);
            let space = state.space();
            let other = state.read_register(&space);
            (space, other)
        });
        if other {
            self.check_signatures_later();
        }
        self.view.set_space(space);
    }

    /// Views for boards that have none yet; the others are read anew: units or groups of the space have
    /// changed.
    pub(super) fn show_boards(&self) {
        self.view.boards.get_untracked().iter().for_each(|(board, view)| self.refresh(*board, view));
        self.show_new_boards();
    }

    /// Views for boards that have none yet.
    pub(super) fn show_new_boards(&self) {
        let mut boards = self.view.boards.get_untracked();
        let before = boards.len();
        for board in self.boards_here() {
            if let btree_map::Entry::Vacant(place) = boards.entry(board)
                && let Some(view) = self.new_view(board)
            {
                place.insert(view);
            }
        }
        if boards.len() != before {
            self.view.boards.set(boards);
        }
    }

    /// The views of all boards, as after a start: one after the other, so that no board waits for all.
    pub(super) async fn show_each_board(&self, mut slices: Slices) {
        for (board, view) in self.view.boards.get_untracked() {
            slices.rest().await;
            self.refresh(board, &view);
        }
        let mut new = BTreeMap::new();
        for board in self.boards_here() {
            slices.rest().await;
            let known = self.view.boards.with_untracked(|boards| boards.contains_key(&board));
            if let Some(view) = (!known).then(|| self.new_view(board)).flatten() {
                new.insert(board, view);
            }
        }
        // A view that somebody looks at already stays.
        new.retain(|board, _| self.view.boards.with_untracked(|boards| !boards.contains_key(board)));
        if !new.is_empty() {
            self.view.boards.update(|boards| boards.extend(new));
        }
    }

    fn boards_here(&self) -> Vec<BoardId> {
        let board = |what: &What| match what {
            What::Board(board) => Some(*board),
            What::Space | What::Log(..) => None,
        };
        self.with(|state| state.what.values().filter_map(board).collect())
    }

    fn new_view(&self, board: BoardId) -> Option<BoardView> {
        self.with(|state| {
            let State { documents, living, entries, .. } = state;
            let living = State::living(living, documents, board)?;
            Some(BoardView::new(&self.view, living.board(), entries.entry(board).or_default()))
        })
    }

    fn refresh(&self, board: BoardId, view: &BoardView) {
        self.with(|state| {
            let State { documents, living, entries, .. } = state;
            if let Some(living) = State::living(living, documents, board) {
                view.refresh(&self.view, living.board(), entries.entry(board).or_default());
            }
        });
    }

    /// Opens documents that the space or a board names and that are not open, and asks for them.
    pub(super) fn open_missing(&self) {
        loop {
            let missing = self.with(|state| state.missing());
            if missing.is_empty() {
                return;
            }
            self.with(|state| {
                for (id, what) in &missing {
                    state.open(*id, *what);
                }
            });
            for (id, _) in missing {
                self.poll(id);
            }
        }
    }

    /// Opens the logs of units that a change has named.
    pub(super) fn open_logs_of(&self, board: BoardId, events: &[Event]) {
        let items_only =
            events.iter().all(|event| matches!(event, Event::ItemChanged(_) | Event::ItemPlaced(_)));
        if !items_only {
            return self.open_missing();
        }
        let new: Vec<UnitId> = self.with(|state| {
            let space = self.view.space.get_untracked();
            let living = State::living(&mut state.living, &state.documents, board);
            let content = living.map(|living| living.board());
            let named = events.iter().filter_map(|event| match event {
                Event::ItemChanged(item) | Event::ItemPlaced(item) => content?.items.get(item),
                _ => None,
            });
            let units: BTreeSet<UnitId> = named
                .flat_map(|item| {
                    item.assignments.keys().copied().chain(item.named_in_fields()).collect::<Vec<_>>()
                })
                .flat_map(|unit| space.ever(unit))
                .collect();
            units
                .into_iter()
                .filter(|unit| !state.documents.contains_key(&DocumentId::log(board, *unit)))
                .collect()
        });
        for unit in new {
            let log = DocumentId::log(board, unit);
            self.with(|state| state.open(log, What::Log(board, unit)));
            self.poll(log);
        }
    }

    /// Shows how full a document is, 0 while that is far off; whether that is news.
    pub(super) fn show_fullness(&self, id: DocumentId, used: u8) -> bool {
        let known = self.view.full.with_untracked(|full| full.get(&id).copied().unwrap_or_default());
        if known == used {
            return false;
        }
        self.view.full.update(|full| {
            full.insert(id, used);
            full.retain(|_, used| *used > 0);
        });
        true
    }

    pub(super) fn show_badge(&self) {
        let (badge, refused, undo, redo) = self.with(|state| {
            let badge = Badge {
                connected: state.connected,
                saving: state.saving.values().sum(),
                waiting: state.waiting.values().sum::<usize>() + state.files.len(),
                receiving: !state.unanswered.is_empty(),
                refused: state.refused.len(),
                failed: state.failed || state.unread,
            };
            let refused: Vec<_> = state.refused.iter().map(|(id, code)| (*id, *code)).collect();
            (badge, refused, state.undo.next_undo().is_some(), state.undo.next_redo().is_some())
        });
        if self.view.badge.get_untracked() != badge {
            self.view.badge.set(badge);
        }
        if self.view.refused.get_untracked() != refused {
            self.view.refused.set(refused);
        }
        if self.view.can_undo.get_untracked() != undo {
            self.view.can_undo.set(undo);
        }
        if self.view.can_redo.get_untracked() != redo {
            self.view.can_redo.set(redo);
        }
    }
}
