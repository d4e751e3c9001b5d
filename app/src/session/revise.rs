//! A newer edition of a document: what its board is compared with, and what is taken of it.

use super::*;
use crate::lang::Words;
use crate::parts::Question;
use tongban_shared::access::Action;
use tongban_shared::fold::item_digest;
use tongban_shared::model::Board;
use tongban_shared::plan::measure_name;
use tongban_shared::revise::{Difference, Edition, Take, revise};
use tongban_shared::sign::{Act, Said};
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
        let removal = self.removal(board);
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
        self.ask_to_retire_and_restore(board, words, retired, taken.restore);
        true
    }

    /// Asks before measures that the document has no more are put out of use, and those that it has
    /// again are taken back.
    fn ask_to_retire_and_restore(
        &self,
        board: BoardId,
        words: Words,
        retired: Vec<(ItemId, String)>,
        restored: Vec<ItemId>,
    ) {
        let (kind, verb, told) = match (retired.is_empty(), restored.is_empty()) {
            (true, true) => return,
            (true, false) => (EntryKind::Restore, Word::Restore, None),
            (false, _) => (EntryKind::Retire, Word::Retire, Some(Word::RetireTold)),
        };
        let about = self.look(board, |scene| {
            let all = retired.iter().map(|(item, _)| item).chain(&restored);
            all.filter_map(|item| Some(measure_name(scene.item(*item)?))).collect::<Vec<_>>().join("、")
        });

        let session = *self;
        let subject = move |item| Subject { board, item: Some(item), unit: None, indicator: None };
        let then = move |said: Said, _| {
            let out = retired.iter().map(|(item, _)| subject(*item)).collect::<Vec<_>>();
            let digest = |entry: &mut Entry, place: usize| entry.digest = Some(retired[place].1.clone());
            let back = restored.iter().map(|item| subject(*item)).collect::<Vec<_>>();
            (out.is_empty() || session.sign_all(&said, EntryKind::Retire, out, digest))
                && (back.is_empty() || session.sign_all(&said, EntryKind::Restore, back, |_, _| {}))
        };
        let question = Question::new(Act::Entry(kind), words.w(verb), about.unwrap_or_default(), then);
        self.ask(question.told(told.map(|word| words.w(word)).unwrap_or_default()));
    }
}
