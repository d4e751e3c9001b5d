//! The outbox: what waits to be sent, by board; when the server was last restored.

use super::*;
use crate::lang::Words;
use tongban_shared::words::Word;

/// Something of a board, or of the space, that the server does not have yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outgoing {
    /// None for the space.
    pub board: Option<BoardId>,
    pub edits: usize,
    pub entries: usize,
}

/// The word under which the device keeps when the server was last restored, in seconds since 1970.
const RESTORED: &str = "restored";

/// Seconds for which a restore is told.
const TOLD: i64 = 7 * 24 * 60 * 60;

impl Session {
    /// Everything that waits, the space first, and how many files wait with it.
    pub fn outgoing(&self) -> (Vec<Outgoing>, usize) {
        self.with(|state| {
            let mut all: BTreeMap<Option<BoardId>, Outgoing> = BTreeMap::new();
            for (id, count) in state.waiting.iter().filter(|(_, count)| **count > 0) {
                let (board, entries) = match state.what.get(id) {
                    Some(What::Board(board)) => (Some(*board), false),
                    Some(What::Log(board, _)) => (Some(*board), true),
                    Some(What::Space) | None => (None, false),
                };
                let one = all.entry(board).or_insert(Outgoing { board, ..Outgoing::default() });
                *(if entries { &mut one.entries } else { &mut one.edits }) += count;
            }
            (all.into_values().collect(), state.files.len())
        })
    }

    /// Learns which store the server has, and whether it is another one than before; after a restore the
    /// person is told that what is here is sent once more.
    pub(super) fn enter_epoch(&self, epoch: &str) -> bool {
        let (before, changed) = self.with(|state| (state.epoch.clone(), state.enter_epoch(epoch)));
        if changed && !before.is_empty() {
            let now = browser::now();
            self.notice(Word::ServerRestored.text(Words::load().lang_untracked()));
            self.view.restored.set(Some(now));
            let inner = self.inner();
            spawn_local(async move {
                // A device that cannot keep this has told it once.
                let _ = inner.storage.set_word(RESTORED, &now.to_string()).await;
            });
        }
        changed
    }

    /// Reads when the server was last restored.
    pub(super) async fn load_restored(&self) {
        let kept = self.inner().storage.word(RESTORED).await.ok().flatten();
        self.view.restored.set(kept.and_then(|at| at.parse().ok()));
    }

    /// When the server was restored, in seconds since 1970, as long as it is told.
    pub fn restored_lately(&self) -> Option<i64> {
        self.view.restored.get().filter(|at| browser::now() - at < TOLD)
    }
}
