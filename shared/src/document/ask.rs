//! The questions that a document answers.

use super::write::object;
use super::{Document, DocumentError, Kind, TextMark, apply, hex, history, marks, read, unhex};
use crate::id::{DeviceId, EntryId, ItemId};
use crate::model;
use crate::register::Register;
use automerge::{ActorId, ChangeHash, ReadDoc};
use std::collections::BTreeMap;

impl Document {
    /// The document as a space.
    #[must_use]
    pub fn space(&self) -> model::Space {
        read::space(&self.doc)
    }

    /// The document as a board.
    #[must_use]
    pub fn board(&self) -> model::Board {
        read::board(&self.doc)
    }

    /// One item of a board.
    #[must_use]
    pub fn item(&self, item: ItemId) -> Option<model::Item> {
        read::item(&self.doc, item)
    }

    /// The values that stand against each other in a register; also of one that the board only counts
    /// ([`model::MoreClashes`]).
    #[must_use]
    pub fn conflict_of(&self, register: &Register) -> Option<model::Conflict> {
        read::conflict_of(&self.doc, register)
    }

    /// The entries of a log; what cannot be read is counted and left where it is.
    #[must_use]
    pub fn entries(&self) -> (BTreeMap<EntryId, crate::entry::Entry>, usize) {
        read::entries(&self.doc)
    }

    /// The ids of the entries of a log that a device has written. No more than one entry is held at once.
    #[must_use]
    pub fn entries_by(&self, device: DeviceId) -> Vec<EntryId> {
        let Some(all) = object(&self.doc, &["entries"]) else { return Vec::new() };
        let is_by = |id: &EntryId| self.entry(*id).is_some_and(|entry| entry.author.device == device);
        self.doc.keys(&all).filter_map(|key| key.parse().ok()).filter(is_by).collect()
    }

    /// One entry of a log.
    #[must_use]
    pub fn entry(&self, entry: EntryId) -> Option<crate::entry::Entry> {
        read::entry(&self.doc, entry)
    }

    /// The stretches of texts that two people changed, neither having seen the other, and nobody has
    /// decided yet. Looked for again only when the document has changed.
    pub fn text_marks(&mut self) -> &[TextMark] {
        if self.kind == Kind::Board { self.marks.of(&mut self.doc) } else { &[] }
    }

    /// How many changes were read and texts compared for [`Document::text_marks`].
    #[must_use]
    pub const fn marks_work(&self) -> usize {
        self.marks.work()
    }

    /// A place in a text that stays with its character while others write around it.
    #[must_use]
    pub fn anchor(&self, text: crate::edit::TextPlace, at: usize) -> Option<String> {
        apply::anchor(&self.doc, text, at)
    }

    /// The present place of an anchor, and the whole text.
    #[must_use]
    pub fn anchored(&self, text: crate::edit::TextPlace, anchor: &str) -> Option<(usize, String)> {
        apply::anchored(&self.doc, text, anchor)
    }

    /// The unit that leads a board.
    #[must_use]
    pub fn lead(&self) -> Option<crate::id::UnitId> {
        read::lead(&self.doc)
    }

    /// The board as it was when its plan was last settled; none while it is drafted. Takes as long
    /// as reading the whole document.
    ///
    /// # Errors
    /// [`DocumentError`] when that moment cannot be read.
    pub fn board_when_settled(&mut self) -> Result<Option<model::Board>, DocumentError> {
        let Some(hash) = read::settled_by(&self.doc) else { return Ok(None) };
        Ok(Some(read::board(&self.doc.fork_at(&[hash])?)))
    }

    /// A register of a board.
    #[must_use]
    pub fn board_field(&self, field: crate::edit::BoardField) -> String {
        read::board_field(&self.doc, field)
    }

    /// The document as of some heads, to be written on apart by `actor`: nothing of that comes back here.
    ///
    /// # Errors
    /// [`DocumentError`] when a head is not here.
    pub fn apart_at(&mut self, heads: &[[u8; 32]], actor: &[u8]) -> Result<Self, DocumentError> {
        if let Some(missing) = heads.iter().find(|hash| !self.contains(hash)) {
            return Err(DocumentError::Missing(hex(missing)));
        }
        let heads: Vec<ChangeHash> = heads.iter().map(|hash| ChangeHash(*hash)).collect();
        let mut doc = self.doc.fork_at(&heads)?;
        doc.set_actor(ActorId::from(actor));
        doc.update_diff_cursor();
        Ok(Self { kind: self.kind, doc, marks: marks::Marks::default(), bytes: self.bytes })
    }

    /// The changes that a document was begun with under a name: those of its first edits.
    pub fn begun_by(&mut self, name: &str) -> Vec<[u8; 32]> {
        history::begun_by(&mut self.doc, name)
    }

    /// The unit that led a board as of some heads (hexadecimal); none when they are not all here.
    #[must_use]
    pub fn lead_at(&mut self, heads: &[String]) -> Option<crate::id::UnitId> {
        let heads = self.heads_here(heads)?;
        read::lead_at(&self.doc, &heads)
    }

    /// The value of a register of a board as of some heads; none when they are not all here.
    #[must_use]
    pub fn value_at(&mut self, register: &crate::register::Register, heads: &[String]) -> Option<String> {
        let heads = self.heads_here(heads)?;
        read::value_at(&self.doc, register, &heads)
    }

    fn heads_here(&mut self, heads: &[String]) -> Option<Vec<ChangeHash>> {
        let heads = heads.iter().map(|head| Some(ChangeHash(unhex(head)?.try_into().ok()?)));
        let heads: Vec<ChangeHash> = heads.collect::<Option<_>>()?;
        let all_here = heads.iter().all(|head| self.contains(&head.0));
        (!heads.is_empty() && all_here).then_some(heads)
    }

    /// One indicator of a board.
    #[must_use]
    pub fn indicator(&self, id: crate::id::IndicatorId) -> Option<model::Indicator> {
        read::one_indicator(&self.doc, id)
    }

    /// The changes that a reader has not read yet, ancestors first; at its first time those since a
    /// time in seconds with what rests on them, and those that came on top of the heads `before`.
    pub fn new_changes(
        &mut self,
        reader: &mut history::Reader,
        since: i64,
        before: &[[u8; 32]],
    ) -> Vec<history::Change> {
        let before = self.known(before);
        reader.new_changes(&mut self.doc, since, &before)
    }

    /// How the document stood at a time, in seconds, by the clocks of those who wrote: its heads.
    pub fn heads_at(&mut self, time: i64) -> Vec<[u8; 32]> {
        history::heads_of(&mut self.doc, |_, written| written <= time)
            .into_iter()
            .map(|hash| hash.0)
            .collect()
    }

    /// The words that a place held after some changes; none where it held nothing.
    #[must_use]
    pub fn words_at(&self, path: &[String], heads: &[[u8; 32]]) -> Option<String> {
        history::words_at(&self.doc, path, heads)
    }

    /// The board as it stood after some changes. Takes as long as reading the whole document.
    ///
    /// # Errors
    /// [`DocumentError`] when a change is not here.
    pub fn board_at(&mut self, heads: &[[u8; 32]]) -> Result<model::Board, DocumentError> {
        let heads: Vec<ChangeHash> = heads.iter().map(|hash| ChangeHash(*hash)).collect();
        Ok(read::board(&self.doc.fork_at(&heads)?))
    }
}
