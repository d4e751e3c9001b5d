//! Undo and redo of one person, which survive syncing: only what that person did is taken back,
//! and only where nobody has written over it.

use crate::document::{Document, DocumentError, Stamp};
use crate::edit::Edit;
use crate::event::Event;
use crate::id::DocumentId;

/// How many steps are kept.
const MOST: usize = 200;

/// Edits that were made at once and can be taken back at once.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    document: DocumentId,
    done: Vec<Done>,
}

impl Step {
    fn edits(&self) -> (DocumentId, Vec<Edit>) {
        (self.document, self.done.iter().map(|done| done.edit.clone()).collect())
    }
}

/// One edit of a step.
#[derive(Debug, Clone, PartialEq)]
struct Done {
    edit: Edit,
    inverse: Vec<Edit>,
    /// The place of a text edit, kept while others write around it.
    anchor: Option<String>,
}

/// The steps of one person in one tab.
#[derive(Debug, Default)]
pub struct UndoStack {
    done: Vec<Step>,
    undone: Vec<Step>,
}

/// The outcome of an undo.
pub type Undone = (DocumentId, Vec<Event>, Option<crate::document::Chunk>);

impl UndoStack {
    /// Edits a document, in one change, and remembers how to take all of it back. The edits go
    /// into different places.
    ///
    /// # Errors
    /// As [`Document::edit_all`].
    pub fn edit_all(
        &mut self,
        id: DocumentId,
        document: &mut Document,
        edits: &[Edit],
        stamp: &Stamp,
    ) -> Result<(Vec<Event>, Option<crate::document::Chunk>), DocumentError> {
        let inverses: Vec<Vec<Edit>> = edits.iter().map(|edit| document.inverse(edit)).collect();
        let result = document.edit_all(edits, stamp)?;
        let done: Vec<Done> = edits
            .iter()
            .zip(inverses)
            .filter(|(_, inverse)| !inverse.is_empty())
            .map(|(edit, inverse)| Done { edit: edit.clone(), inverse, anchor: anchor_of(document, edit) })
            .collect();
        if !done.is_empty() && result.1.is_some() {
            self.done.push(Step { document: id, done });
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

    /// The edits of the next undo, with their document.
    #[must_use]
    pub fn next_undo_edits(&self) -> Option<(DocumentId, Vec<Edit>)> {
        self.done.last().map(Step::edits)
    }

    /// Forgets the last step: it cannot be taken back any more.
    pub fn drop_undo(&mut self) {
        self.done.pop();
    }

    /// Forgets the step that was taken back last.
    pub fn drop_redo(&mut self) {
        self.undone.pop();
    }

    /// The edits of the next redo, with their document.
    #[must_use]
    pub fn next_redo_edits(&self) -> Option<(DocumentId, Vec<Edit>)> {
        self.undone.last().map(Step::edits)
    }

    /// The document that the next redo changes.
    #[must_use]
    pub fn next_redo(&self) -> Option<DocumentId> {
        self.undone.last().map(|step| step.document)
    }

    /// Takes the last step back. `None` when there is none or when somebody has written over all
    /// of it: the step is then dropped and their words stay. A part that they wrote over stays theirs.
    ///
    /// # Errors
    /// As [`Document::edit_all`].
    pub fn undo(&mut self, document: &mut Document, stamp: &Stamp) -> Result<Option<Undone>, DocumentError> {
        let Some(step) = self.done.pop() else { return Ok(None) };
        let edits: Vec<Edit> = step.done.iter().filter_map(|done| placed(document, done)).flatten().collect();
        if edits.is_empty() {
            return Ok(None);
        }
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
        let edits: Vec<Edit> = step.done.iter().map(|done| done.edit.clone()).collect();
        let inverses: Vec<Vec<Edit>> = edits.iter().map(|edit| document.inverse(edit)).collect();
        let (events, chunk) = document.edit_all(&edits, stamp)?;
        let id = step.document;
        let again = |(edit, inverse)| Done { anchor: anchor_of(document, &edit), edit, inverse };
        let done = edits.into_iter().zip(inverses).map(again).collect();
        self.done.push(Step { document: id, done });
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
fn placed(document: &Document, done: &Done) -> Option<Vec<Edit>> {
    if let Edit::SpliceText { text, insert, .. } = &done.edit {
        let [Edit::SpliceText { delete, insert: back, .. }] = &done.inverse[..] else { return None };
        let anchored = done.anchor.as_deref().and_then(|anchor| document.anchored(*text, anchor));
        let (at, whole) = anchored?;
        let now: Vec<u16> = whole.encode_utf16().skip(at).take(*delete).collect();
        if String::from_utf16_lossy(&now) != *insert {
            return None;
        }
        return Some(vec![Edit::SpliceText { text: *text, at, delete: *delete, insert: back.clone() }]);
    }
    // A register is taken back only while it still holds what this person wrote.
    let restored = document.inverse(&done.edit);
    let unchanged = restored.first().is_some_and(|now| same_value(now, &done.edit));
    unchanged.then(|| done.inverse.clone())
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
