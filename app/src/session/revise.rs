//! A newer edition of a document: what its board is compared with, and what is taken of it.

use super::*;
use crate::lang::Words;
use tongban_shared::access::Action;
use tongban_shared::fold::item_digest;
use tongban_shared::model::{Board, Removal};
use tongban_shared::revise::{Difference, Edition, Take, revise};
use tongban_shared::words::Word;

impl Session {
    /// The edition that a board and its document have in common; none where it was not made of one.
    pub fn common_edition(&self, board: BoardId) -> Option<Board> {
        self.with(|state| Edition::common(state.documents.get_mut(&DocumentId::board(board))?))
    }

    /// Takes differences over as they were chosen, as one step that can be taken back; `false` when
    /// nothing could be, which the person is told.
    pub fn take_edition(&self, board: BoardId, chosen: &[(Difference, Take)], words: Words) -> bool {
        let Some(space_id) = self.space_id() else { return false };
        let id = DocumentId::board(board);
        let removal = Removal { by: self.view.who().map(|who| who.unit), seen: self.seen(board) };
        let space = self.view.space.get_untracked();
        let taken = self.look(board, |scene| {
            let seed = browser::fresh_id();
            let taken = revise((space_id, &space), scene.board, chosen, &removal, seed);
            let digest = |id: &ItemId| Some((*id, item_digest(scene.item(*id)?)));
            let retired: Vec<_> = taken.retire.iter().filter_map(digest).collect();
            (taken, retired)
        });
        let Some((taken, retired)) = taken else { return false };
        // Units first: the board names them.
        if !taken.space.is_empty() && !self.view.allows(Action::WriteSpace) {
            self.notice(words.w(Word::UnitsByOffice));
            return false;
        }
        let edition = self.with(|state| Some(Edition::record(state.documents.get_mut(&id)?, &taken)));
        let edition = match edition {
            Some(Ok(edition)) => edition,
            Some(Err(error)) => {
                self.notice(&error.to_string());
                return false;
            }
            None => return false,
        };
        self.edit_space(&taken.space);
        let edits: Vec<Edit> = taken.board.into_iter().chain(edition).collect();
        if !self.edit_all(id, &edits) {
            return false;
        }
        let about = |item| Subject { board, item: Some(item), unit: None, indicator: None };
        for (item, digest) in retired {
            self.write_entry(about(item), EntryKind::Retire, |entry| entry.digest = Some(digest));
        }
        for item in taken.restore {
            self.write_entry(about(item), EntryKind::Restore, |_| {});
        }
        true
    }
}
