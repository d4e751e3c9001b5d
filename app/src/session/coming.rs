//! Boards on their way here: how far a large one has come, and those that cannot be taken on this device.

use super::*;

impl Session {
    /// The board of a document, also of a log; none for the space.
    fn board_of(&self, id: DocumentId) -> Option<BoardId> {
        self.with(|state| match state.what.get(&id)? {
            What::Board(board) | What::Log(board, _) => Some(*board),
            What::Space => None,
        })
    }

    /// Shows how far a board has come, in percent; 100 when it is here.
    pub(super) fn show_coming(&self, id: DocumentId, percent: u8) {
        let Some(board) = self.board_of(id) else { return };
        let known = self.view.coming.with_untracked(|coming| coming.get(&board).copied());
        if known.unwrap_or(100) == percent {
            return;
        }
        self.view.coming.update(|coming| {
            coming.insert(board, percent);
            coming.retain(|_, percent| *percent < 100);
        });
        if self.with(|state| state.leads) {
            self.tell(&Note::Coming(id, percent));
        }
    }

    /// Shows that something of a board cannot be taken on this device: nobody waits for it.
    pub(super) fn show_shut(&self, id: DocumentId) {
        self.show_coming(id, 100);
        self.with(|state| state.unanswered.remove(&id));
        let Some(board) = self.board_of(id) else { return };
        if self.view.shut.with_untracked(|shut| shut.contains(&board)) {
            return;
        }
        self.view.shut.update(|shut| _ = shut.insert(board));
        if self.with(|state| state.leads) {
            self.tell(&Note::Shut(id));
        }
    }

    /// The connection is another one or gone: what came on it does not come any more, and what could not be
    /// taken is tried again.
    pub(super) fn forget_coming(&self) {
        if !self.view.coming.with_untracked(BTreeMap::is_empty) {
            self.view.coming.set(BTreeMap::new());
        }
        if !self.view.shut.with_untracked(BTreeSet::is_empty) {
            self.view.shut.set(BTreeSet::new());
        }
    }
}
