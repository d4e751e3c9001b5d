//! Which units each board names, kept until the board changes: who has a part in few boards does not
//! have all of them read each time.

use super::Rooms;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tongban_shared::document::DocumentError;
use tongban_shared::id::{BoardId, DocumentId, UnitId};

#[derive(Default)]
pub(super) struct Named {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    units: HashMap<DocumentId, Arc<BTreeSet<UnitId>>>,
    /// Counts what was forgotten: what was read before that is not kept after it.
    forgotten: u64,
}

impl Named {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A document has changed.
    pub(super) fn forget(&self, id: DocumentId) {
        let mut known = self.lock();
        known.forgotten += 1;
        known.units.remove(&id);
    }
}

impl Rooms {
    /// The boards that name a unit, itself or in a group.
    ///
    /// # Errors
    /// [`DocumentError`] when a board cannot be loaded.
    pub async fn boards_naming(&self, unit: UnitId) -> Result<Vec<BoardId>, DocumentError> {
        let space = self.space().await?;
        let mut boards = Vec::new();
        for board in space.boards.keys() {
            let id = DocumentId::board(*board);
            let (known, forgotten) = {
                let known = self.inner.named.lock();
                (known.units.get(&id).cloned(), known.forgotten)
            };
            let units = match known {
                Some(units) => units,
                None => {
                    let Ok(board) = self.board(*board).await else { continue };
                    let units = Arc::new(board.named_units());
                    let mut known = self.inner.named.lock();
                    if known.forgotten == forgotten {
                        known.units.insert(id, Arc::clone(&units));
                    }
                    units
                }
            };
            let within = |named: &UnitId| {
                let group = space.units.get(named);
                group.is_some_and(|group| group.members.contains(&unit) || group.former.contains(&unit))
            };
            if units.contains(&unit) || units.iter().any(within) {
                boards.push(*board);
            }
        }
        Ok(boards)
    }
}
