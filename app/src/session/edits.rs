//! Edits of this device: a person's intents into documents, entries into logs, drafts into boards.

use super::*;
use crate::lang::Words;
use crate::parts::Question;
use tongban_shared::sign::{self, Said};
use tongban_shared::words::Word;

/// The outcome of edits of a document.
type Edited = Result<(Vec<Event>, Option<Chunk>), DocumentError>;

impl Session {
    pub(super) fn stamp(&self) -> Stamp {
        // Asked for every key stroke: the space is not read for it.
        let by = self.view.me.with_untracked(|me| {
            let me = me.as_ref()?;
            let unit = me.unit.parse::<UnitId>().ok();
            let unit = unit.map(|unit| self.view.space.with_untracked(|space| space.unit_name(unit)));
            Some(format!("{}（{}）", me.name, unit.unwrap_or_default()))
        });
        Stamp { time: browser::now(), by: by.unwrap_or_default() }
    }

    /// Applies edits to a document, as one step that can be taken back, and puts them on their way;
    /// `false` when they do not fit, which the person is told, or when the person is asked first.
    pub fn edit_all(&self, id: DocumentId, edits: &[Edit]) -> bool {
        if let Some(most) = self.over_bound(id, edits) {
            self.notice_too_long(most);
            return false;
        }
        !self.asks(id, edits) && self.edit_unasked(id, edits)
    }

    /// The bound that words of an edit are over: what a person writes, not what is chosen or taken back.
    fn over_bound(&self, id: DocumentId, edits: &[Edit]) -> Option<usize> {
        // Most edits are within the bounds: what stands is read for others only.
        let mut over = edits.iter().filter(|edit| edit.over_bound(&[]).is_some());
        self.with(|state| {
            let stands = |edit: &Edit| state.documents.get(&id).map(|one| one.inverse(edit));
            over.find_map(|edit| edit.over_bound(&stands(edit).unwrap_or_default()))
        })
    }

    /// Says that words are too long; whoever wrote them keeps them in the field.
    pub fn notice_too_long(&self, most: usize) {
        let told = Word::TooLongHere.text(Words::load().lang_untracked());
        self.notice(&told.replace("{n}", &most.to_string()));
    }

    /// The same, also over values that wait for a choice.
    pub(super) fn edit_unasked(&self, id: DocumentId, edits: &[Edit]) -> bool {
        let stamp = self.stamp();
        // A unit that a field names takes part for good: what it wrote stays on every device when
        // the field names another one later.
        let named = edits.iter().filter_map(|edit| match edit {
            Edit::SetItemField { field: ItemField::Custom(_), value, .. } => value.parse::<UnitId>().ok(),
            _ => None,
        });
        let joined: Vec<Edit> = named.map(|unit| Edit::AddMember { unit }).collect();
        let edits = &[edits, &joined].concat();
        if let Some(why) = self.bound(id, edits) {
            self.refuse_bound(why);
            return false;
        }
        self.keep_settled(id, edits, || {
            let result = self.with(|state| {
                let State { documents, undo, .. } = state;
                documents.get_mut(&id).map(|document| undo.edit_all(id, document, edits, &stamp))
            });
            self.landed(id, result)
        })
    }

    /// Applies edits that are not taken back like a key press: decisions, records, the space.
    pub(super) fn edit_plainly(&self, id: DocumentId, edits: &[Edit]) -> bool {
        let stamp = self.stamp();
        let result =
            self.with(|state| state.documents.get_mut(&id).map(|document| document.edit_all(edits, &stamp)));
        self.landed(id, result)
    }

    /// Puts what an edit did on its way; `false` when it did not fit, which the person is told.
    fn landed(&self, id: DocumentId, result: Option<Edited>) -> bool {
        match result {
            Some(Ok((events, chunk))) => {
                self.after(id, &events, chunk);
                return true;
            }
            Some(Err(error)) => self.notice(&error.to_string()),
            None => self.notice("本机还没有这张清单"),
        }
        false
    }

    /// Applies an edit to a board.
    pub fn edit_board(&self, board: BoardId, edit: Edit) {
        self.edit_all(DocumentId::board(board), &[edit]);
    }

    /// Adds an item of a template's type. If the person who raised an item confirms it, a first record names
    /// that person. `false` when it could not be added, which the person is told.
    pub fn add_item(&self, board: BoardId, item: NewItem) -> bool {
        let id = ItemId::from_bytes(browser::fresh_id());
        let kind = self.look(board, |scene| scene.template.item_type(&item.kind).cloned());
        let confirmed =
            kind.flatten().is_some_and(|kind| kind.moves.iter().any(|one| one.who == Who::Raiser));
        let added = self.edit_all(DocumentId::board(board), &[Edit::AddItem { id, item: Box::new(item) }]);
        if added && confirmed {
            let subject = Subject { board, item: Some(id), unit: None, indicator: None };
            self.write_entry(subject, EntryKind::Report, |entry| entry.body = "登记".to_owned());
        }
        added
    }

    /// Applies edits to the space.
    pub fn edit_space(&self, edits: &[Edit]) {
        if let Some(space) = self.space_id() {
            self.edit_plainly(DocumentId::space(space), edits);
        }
    }

    /// Writes an entry that the person has typed into the log of their unit; `false` when it could
    /// not be written, which the person is told.
    pub fn write_entry(&self, subject: Subject, kind: EntryKind, fill: impl FnOnce(&mut Entry)) -> bool {
        let mut fill = Some(fill);
        self.write_entries(kind, vec![subject], |entry, _| {
            if let Some(fill) = fill.take() {
                fill(entry);
            }
        })
    }

    /// Signs an act that the person was asked about, with what they said to that.
    pub fn sign(
        &self,
        said: &Said,
        subject: Subject,
        kind: EntryKind,
        fill: impl FnOnce(&mut Entry),
    ) -> bool {
        let mut fill = Some(fill);
        self.sign_all(said, kind, vec![subject], |entry, _| {
            if let Some(fill) = fill.take() {
                fill(entry);
            }
        })
    }

    /// Signs an act about each of some subjects of one board, as one change; `fill` also gets the
    /// place of the subject.
    pub fn sign_all(
        &self,
        said: &Said,
        kind: EntryKind,
        subjects: Vec<Subject>,
        mut fill: impl FnMut(&mut Entry, usize),
    ) -> bool {
        self.append(kind, subjects, |entry, place| {
            entry.body.clone_from(&said.words);
            entry.value = said.number;
            entry.due = Some(said.due.clone()).filter(|due| !due.is_empty());
            fill(entry, place);
        })
    }

    /// Writes entries that the person has seen before they pressed the button, about each of some
    /// subjects of one board, as one change.
    pub fn write_entries(
        &self,
        kind: EntryKind,
        subjects: Vec<Subject>,
        fill: impl FnMut(&mut Entry, usize),
    ) -> bool {
        debug_assert!(!matches!(sign::Act::Entry(kind).meant(), sign::Meant::Asked { .. }), "{kind:?}");
        self.append(kind, subjects, fill)
    }

    fn append(
        &self,
        kind: EntryKind,
        subjects: Vec<Subject>,
        mut fill: impl FnMut(&mut Entry, usize),
    ) -> bool {
        if !self.view.writes(kind) {
            self.notice(&Doubt::Role.to_string());
            return false;
        }
        let Some((id, first)) = self.with(|state| state.new_entry(*subjects.first()?, kind)) else {
            return false;
        };
        let mut readable = true;
        let key = self.with(|state| state.own.key.clone());
        let edits: Vec<Edit> = (0_u32..)
            .zip(subjects)
            .enumerate()
            .map(|(place, (count, subject))| {
                let mut entry = Entry { seq: first.seq + count, subject, ..first.clone() };
                fill(&mut entry, place);
                entry.keep_plain();
                entry.id = Entry::own_id(entry.said, subject.board, &entry.author, entry.seq);
                entry.sign(&key);
                let bytes = entry.to_bytes();
                // An entry that nobody could read would keep everything behind it from the server.
                readable &= Entry::from_bytes(&bytes).is_ok();
                Edit::AddEntry { id: entry.id, bytes }
            })
            .collect();
        if !readable {
            self.notice(&DocumentError::TooLong.to_string());
            return false;
        }
        self.edit_plainly(id, &edits)
    }

    /// Takes an accepted draft: the board's document, its listing, unknown units. `false` when the
    /// board is here already.
    pub fn adopt(&self, adoption: Adoption) -> bool {
        let id = DocumentId::board(adoption.board);
        let known = self.with(|state| state.space().boards.contains_key(&adoption.board));
        if known {
            return false;
        }
        self.edit_space(&adoption.space_edits);
        self.with(|state| state.open(id, What::Board(adoption.board)));
        let applied = self
            .with(|state| state.documents.get_mut(&id).map(|document| document.apply(&adoption.chunk.bytes)));
        if let Some(Ok(events)) = applied {
            self.after(id, &events, Some(adoption.chunk));
        }
        self.open_missing();
        self.show_boards();
        true
    }

    /// Begins a board of a template, led by the unit here; `source` is the template's file when it
    /// is not of this project.
    pub fn begin_board(&self, template: &Template, source: &str, title: &str) -> Option<BoardId> {
        let lead = self.view.who()?.unit;
        let board = BoardId::from_bytes(browser::fresh_id());
        let id = DocumentId::board(board);
        self.with(|state| state.open(id, What::Board(board)));
        let edits = template::start(template, source, title, lead, browser::fresh_id);
        let stamp = self.stamp();
        let begun =
            self.with(|state| state.documents.get_mut(&id).map(|document| document.edit_all(&edits, &stamp)));
        if matches!(begun, Some(Ok(_))) {
            // Listed once it is there; the space goes first, for it tells the server of the board.
            let listing = BoardListing { title: title.to_owned(), doc_number: String::new() };
            self.edit_space(&[Edit::ListBoard { id: board, listing }]);
        }
        if !self.landed(id, begun) {
            return None;
        }
        self.open_missing();
        self.show_boards();
        Some(board)
    }

    /// Takes the last edit of this person back.
    pub fn undo(&self) {
        let stamp = self.stamp();
        let Some((id, edits)) = self.with(|state| state.undo.next_undo_edits()) else { return };
        if let Some(why) = self.bound(id, &edits) {
            // Edits before it can still be taken back.
            self.with(|state| state.undo.drop_undo());
            self.show_badge();
            return self.refuse_bound(why);
        }
        self.keep_settled(id, &edits, || self.undo_now(&stamp));
    }

    fn undo_now(&self, stamp: &Stamp) -> bool {
        let undone = self.with(|state| {
            let State { documents, undo, .. } = state;
            let id = undo.next_undo()?;
            Some(undo.undo(documents.get_mut(&id)?, stamp))
        });
        match undone {
            Some(Ok(Some((id, events, chunk)))) => {
                self.after(id, &events, chunk);
                return true;
            }
            Some(Ok(None)) => self.notice("别人已经改过这里，没有撤销"),
            Some(Err(error)) => self.notice(&error.to_string()),
            None => {}
        }
        false
    }

    /// Does again what was taken back.
    pub fn redo(&self) {
        let stamp = self.stamp();
        let Some((id, edits)) = self.with(|state| state.undo.next_redo_edits()) else { return };
        if let Some(why) = self.bound(id, &edits) {
            self.with(|state| state.undo.drop_redo());
            self.show_badge();
            return self.refuse_bound(why);
        }
        self.keep_settled(id, &edits, || self.redo_now(&stamp));
    }

    fn redo_now(&self, stamp: &Stamp) -> bool {
        let redone = self.with(|state| {
            let State { documents, undo, .. } = state;
            let id = undo.next_redo()?;
            undo.redo(documents.get_mut(&id)?, stamp).ok().flatten()
        });
        if let Some((id, events, chunk)) = redone {
            self.after(id, &events, chunk);
            return true;
        }
        false
    }

    /// Says why an edit of a board was not made.
    pub(super) fn refuse_bound(&self, why: Word) {
        self.notice(why.text(Words::load().lang_untracked()));
    }

    /// Asks the person about an act before it is done.
    pub fn ask(&self, question: Question) {
        self.view.question.set(Some(question));
    }

    /// Shows a sentence that passes by.
    pub fn notice(&self, words: &str) {
        self.view.takes_back.set(false);
        self.view.notice.set(Some(words.to_owned()));
    }

    /// Tells of the last edit, which can be taken back there.
    pub fn notice_edit(&self, words: &str) {
        self.notice(words);
        self.view.takes_back.set(true);
    }
}
