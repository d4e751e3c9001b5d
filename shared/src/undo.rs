//! Undo and redo of one person, which survive syncing: only what that person did is taken back,
//! and only where nobody has written over it.

use crate::document::{Document, DocumentError, Stamp};
use crate::edit::Edit;
use crate::event::Event;
use crate::id::DocumentId;

/// How many steps are kept.
const MOST: usize = 200;

/// One thing done that can be taken back.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    document: DocumentId,
    done: Edit,
    inverse: Vec<Edit>,
    /// Of a text edit: its place, kept while others write around it.
    anchor: Option<String>,
}

/// The steps of one person in one tab.
#[derive(Debug, Default)]
pub struct UndoStack {
    done: Vec<Step>,
    undone: Vec<Step>,
}

/// What an undo did.
pub type Undone = (DocumentId, Vec<Event>, Option<crate::document::Chunk>);

impl UndoStack {
    /// Edits a document and remembers how to take it back.
    ///
    /// # Errors
    /// As [`Document::edit`].
    pub fn edit(
        &mut self,
        id: DocumentId,
        document: &mut Document,
        edit: &Edit,
        stamp: &Stamp,
    ) -> Result<(Vec<Event>, Option<crate::document::Chunk>), DocumentError> {
        let inverse = document.inverse(edit);
        let result = document.edit(edit, stamp)?;
        if !inverse.is_empty() && result.1.is_some() {
            let anchor = anchor_of(document, edit);
            self.done.push(Step { document: id, done: edit.clone(), inverse, anchor });
            self.undone.clear();
            if self.done.len() > MOST {
                self.done.remove(0);
            }
        }
        Ok(result)
    }

    /// The document that the next undo changes.
    #[must_use]
    pub fn next_undo(&self) -> Option<DocumentId> {
        self.done.last().map(|step| step.document)
    }

    /// The document that the next redo changes.
    #[must_use]
    pub fn next_redo(&self) -> Option<DocumentId> {
        self.undone.last().map(|step| step.document)
    }

    /// Takes the last step back. `None` when there is none or when somebody has written over it:
    /// the step is then dropped and their words stay.
    ///
    /// # Errors
    /// As [`Document::edit_all`].
    pub fn undo(&mut self, document: &mut Document, stamp: &Stamp) -> Result<Option<Undone>, DocumentError> {
        let Some(step) = self.done.pop() else { return Ok(None) };
        let Some(edits) = placed(document, &step) else { return Ok(None) };
        let (events, chunk) = document.edit_all(&edits, stamp)?;
        let id = step.document;
        self.undone.push(step);
        Ok(Some((id, events, chunk)))
    }

    /// Does the last step again that was taken back.
    ///
    /// # Errors
    /// As [`Document::edit`].
    pub fn redo(&mut self, document: &mut Document, stamp: &Stamp) -> Result<Option<Undone>, DocumentError> {
        let Some(step) = self.undone.pop() else { return Ok(None) };
        let inverse = document.inverse(&step.done);
        let (events, chunk) = document.edit(&step.done, stamp)?;
        let anchor = anchor_of(document, &step.done);
        let id = step.document;
        self.done.push(Step { inverse, anchor, ..step });
        Ok(Some((id, events, chunk)))
    }
}

fn anchor_of(document: &Document, edit: &Edit) -> Option<String> {
    match edit {
        Edit::SpliceText { text, at, .. } => document.anchor(*text, *at),
        _ => None,
    }
}

/// The inverse edits where they belong now, or nothing when the place was written over.
fn placed(document: &Document, step: &Step) -> Option<Vec<Edit>> {
    if let Edit::SpliceText { text, insert, .. } = &step.done {
        let [Edit::SpliceText { delete, insert: back, .. }] = &step.inverse[..] else { return None };
        let anchored = step.anchor.as_deref().and_then(|anchor| document.anchored(*text, anchor));
        let (at, whole) = anchored?;
        let now: Vec<u16> = whole.encode_utf16().skip(at).take(*delete).collect();
        if String::from_utf16_lossy(&now) != *insert {
            return None;
        }
        return Some(vec![Edit::SpliceText { text: *text, at, delete: *delete, insert: back.clone() }]);
    }
    // A register is taken back only while it still holds what this person wrote.
    let restored = document.inverse(&step.done);
    let unchanged = restored.first().is_some_and(|now| same_value(now, &step.done));
    unchanged.then(|| step.inverse.clone())
}

fn same_value(now: &Edit, done: &Edit) -> bool {
    match (now, done) {
        (Edit::Assign { unit: one, role: a, .. }, Edit::Assign { unit: other, role: b, .. }) => {
            one == other && a == b
        }
        (Edit::Assign { .. }, Edit::Unassign { .. }) => true,
        _ => now == done,
    }
}
