//! Doubts of an import, kept on this device with the board that it became until they are answered.

use super::*;
use crate::lang::Words;
use tongban_shared::access::Action;
use tongban_shared::doubts::{self, Answer, Question, Why};
use tongban_shared::words::Word;

/// Questions of a board begin so among the words of the device.
const QUESTIONS: &str = "doubts/";

impl Session {
    /// Keeps the open questions of a board.
    pub fn keep_questions(&self, board: BoardId, open: &[Question]) {
        let (name, inner) = (format!("{QUESTIONS}{board}"), self.inner());
        let words = serde_json::to_string(open).unwrap_or_default();
        let none = open.is_empty();
        spawn_local(async move {
            let kept = match none {
                true => inner.storage.forget_word(&name).await,
                false => inner.storage.set_word(&name, &words).await,
            };
            if let Err(error) = kept {
                leptos::logging::error!("storage: {}", error.0);
            }
        });
    }

    /// The open questions of a board.
    pub async fn questions(&self, board: BoardId) -> Vec<Question> {
        let words = self.inner().storage.word(&format!("{QUESTIONS}{board}")).await;
        words.ok().flatten().and_then(|words| serde_json::from_str(&words).ok()).unwrap_or_default()
    }

    /// Carries an answer out on a board, as one step that can be taken back; `false` when it could not
    /// be, which the person is told.
    pub fn answer_question(
        &self,
        board: BoardId,
        question: &Question,
        answer: &Answer,
        words: Words,
    ) -> bool {
        let Some(space_id) = self.space_id() else { return false };
        let removal = self.removal(board);
        let space = self.view.space.get_untracked();
        let about = (space_id, &*space);
        let edits = self.board_now(board, |now| doubts::edits(question, answer, now, about, &removal));
        let Some((of_board, of_space)) = edits else { return false };
        if !of_space.is_empty() && !self.view.allows(Action::WriteSpace) {
            self.notice(words.w(Word::UnitsByOffice));
            return false;
        }
        if !of_space.is_empty() {
            self.edit_space(&of_space);
        }
        of_board.is_empty() || self.edit_all(DocumentId::board(board), &of_board)
    }

    /// Puts another unit in the place of one, wherever it stands on a board.
    pub fn merge_unit(&self, board: BoardId, from: &str, to: &str, words: Words) -> bool {
        let question = Question {
            why: Why::Odd,
            name: from.to_owned(),
            printed: String::new(),
            span: Default::default(),
            places: 1,
            board: 0,
            measure: String::new(),
        };
        self.answer_question(board, &question, &Answer::Use(to.to_owned()), words)
    }

    /// Measures of a board in use that have no deadline, with their numbers and headlines.
    pub fn undated(&self, board: BoardId) -> Vec<(ItemId, String)> {
        let undated = |scene: &Scene<'_>| {
            let open = |id: &ItemId| {
                let lines = scene.item_type(*id).is_some_and(|kind| kind.lines);
                lines && scene.board.items[id].deadline.is_empty() && !scene.is_ended(*id)
            };
            let named = |id: ItemId| {
                let item = &scene.board.items[&id];
                (id, format!("{} {}", item.number, scene.title(id)).trim().to_owned())
            };
            scene.board.item_order().into_iter().filter(open).map(named).collect::<Vec<_>>()
        };
        self.look(board, undated).unwrap_or_default()
    }
}
