//! The words of the documents that the ferry holds: read beside the workers, within the memory that everything heavy
//! takes, and once for the same heads. The rooms are not asked: each would hold up its writers for every edit.

use super::Ferry;
use crate::rooms::Rooms;
use anyhow::Context;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tongban_shared::document::Document;
use tongban_shared::id::DocumentId;
use tongban_shared::model::{Board, Space};

/// A document that is read may take so many bytes of memory for each of its operations.
const OF_AN_OPERATION: u64 = 128;

/// The documents of a ferry.
pub(super) type Documents = BTreeMap<DocumentId, Document>;

/// Heads of a document, and what it says as of them.
type AsOf<T> = (Vec<[u8; 32]>, Arc<T>);

/// The words that were read last.
#[derive(Default)]
pub(super) struct Said {
    space: Option<AsOf<Space>>,
    /// The units that take part in each board.
    boards: HashMap<DocumentId, AsOf<Board>>,
    #[cfg(test)]
    reads: usize,
}

impl Said {
    /// A document is not held any more.
    pub(super) fn forget(&mut self, id: DocumentId) {
        self.boards.remove(&id);
    }

    async fn space(&mut self, rooms: &Rooms, documents: &mut Documents) -> anyhow::Result<Arc<Space>> {
        let id = DocumentId::space(rooms.space_id());
        let Some(document) = documents.get_mut(&id) else { return Ok(Arc::default()) };
        let heads = document.heads();
        if let Some((_, space)) = self.space.as_ref().filter(|(known, _)| *known == heads) {
            return Ok(Arc::clone(space));
        }
        let space = Arc::new(self.read(rooms, documents, (id, Document::space)).await?);
        self.space = Some((heads, Arc::clone(&space)));
        Ok(space)
    }

    async fn parties(
        &mut self,
        rooms: &Rooms,
        documents: &mut Documents,
        id: DocumentId,
    ) -> anyhow::Result<Arc<Board>> {
        let Some(document) = documents.get_mut(&id) else { return Ok(Arc::default()) };
        let heads = document.heads();
        if let Some((_, board)) = self.boards.get(&id).filter(|(known, _)| *known == heads) {
            return Ok(Arc::clone(board));
        }
        let parties = |document: &Document| document.board().parties();
        let board = Arc::new(self.read(rooms, documents, (id, parties)).await?);
        self.boards.insert(id, (heads, Arc::clone(&board)));
        Ok(board)
    }

    /// Reads a document on a thread of its own.
    async fn read<T: Send + 'static>(
        &mut self,
        rooms: &Rooms,
        documents: &mut Documents,
        (id, read): (DocumentId, impl FnOnce(&Document) -> T + Send + 'static),
    ) -> anyhow::Result<T> {
        #[cfg(test)]
        {
            self.reads += 1;
        }
        let mut document = documents.remove(&id).context("no document")?;
        let weighing = tokio::task::spawn_blocking(move || {
            let weight = document.operations().saturating_mul(OF_AN_OPERATION);
            let weight = weight.saturating_add(document.bytes());
            (document, weight)
        });
        let (document, weight) = weighing.await?;
        let memory = rooms.memory_of(weight).await;
        let reading = tokio::task::spawn_blocking(move || {
            // Held until it is read, also where the ferry has ended.
            let _memory = memory;
            let said = read(&document);
            (document, said)
        });
        let (document, said) = reading.await?;
        documents.insert(id, document);
        Ok(said)
    }
}

impl Ferry {
    /// The space as this replica has it. The ferry does nothing else while it is read.
    ///
    /// # Errors
    /// It cannot be read: the ferry has to end.
    pub(super) async fn space(&mut self) -> anyhow::Result<Arc<Space>> {
        self.said.space(&self.app.rooms, &mut self.documents).await
    }

    /// The units that take part in a board ([`Board::parties`]); none of one that is not here.
    ///
    /// # Errors
    /// It cannot be read: the ferry has to end.
    pub(super) async fn parties(&mut self, id: DocumentId) -> anyhow::Result<Arc<Board>> {
        self.said.parties(&self.app.rooms, &mut self.documents, id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{App, Options};
    use crate::store::Place;
    use std::time::Duration;
    use tongban_shared::document::{Kind, Stamp};
    use tongban_shared::edit::{BoardField, Edit, NewItem};
    use tongban_shared::id::{BoardId, ItemId, UnitId};

    const ID: DocumentId = DocumentId::board(BoardId::from_bytes([1; 16]));

    fn edit(documents: &mut Documents, edits: &[Edit]) {
        let stamp = Stamp { time: 0, by: String::new() };
        documents.get_mut(&ID).expect("a board").edit_all(edits, &stamp).expect("an edit");
    }

    #[tokio::test]
    async fn a_board_is_read_once_as_it_stands_and_within_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        let (rooms, mut said) = (app.rooms.clone(), Said::default());
        let mut documents = Documents::from([(ID, Document::new(Kind::Board, &[1; 16]))]);
        let (unit, item) = (UnitId::from_bytes([3; 16]), ItemId::from_bytes([1; 16]));
        let new = NewItem { text: "字".repeat(9000), ..NewItem::default() };
        let part = tongban_shared::import::Role::Co;
        edit(
            &mut documents,
            &[
                Edit::AddItem { id: item, item: Box::new(new) },
                Edit::Assign { item, unit, role: part, open_ended: false, raw: String::new() },
            ],
        );
        for _ in 0..3 {
            let parties = said.parties(&rooms, &mut documents, ID).await.expect("a board");
            assert_eq!(parties.named_units(), [unit].into());
            assert_eq!(parties.items.len(), 0, "nothing else is kept of it");
        }
        assert_eq!(said.reads, 1);
        let value = UnitId::from_bytes([4; 16]).to_string();
        edit(&mut documents, &[Edit::SetBoardField { field: BoardField::Lead, value }]);

        // All that small things may take is taken.
        let mut all = Vec::new();
        for _ in 0..4 {
            all.push(rooms.memory_of(15 << 20).await);
        }
        let mut waits = Box::pin(said.parties(&rooms, &mut documents, ID));
        assert!(tokio::time::timeout(Duration::from_millis(300), &mut waits).await.is_err());
        drop(all);
        assert_eq!(waits.await.expect("a board").named_units().len(), 2);
        assert_eq!(said.reads, 2);
        app.close().await;
    }
}
