//! Editions of boards: made from an approved moment, fixed, numbered.

use crate::clock;
use crate::rooms::Rooms;
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
use sqlx::Row;
use tongban_shared::document::DocumentError;
use tongban_shared::id::BoardId;
use tongban_shared::publication::{Publication, project};

/// Why a board could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("{0}")]
    Document(#[from] DocumentError),
    #[error("系统暂时不能处理，请稍后再试")]
    Store(#[from] StoreError),
    #[error("这一版无法保存：{0}")]
    Content(#[from] serde_json::Error),
}

/// The editions in a store.
#[derive(Clone)]
pub struct Publications {
    store: SqliteStore,
}

impl Publications {
    /// The editions of a store.
    #[must_use]
    pub const fn new(store: SqliteStore) -> Self {
        Self { store }
    }

    /// Publishes a board as it stands; gives the edition.
    ///
    /// # Errors
    /// [`PublishError`] when the board cannot be read or the edition not written.
    pub async fn publish(&self, rooms: &Rooms, board: BoardId) -> Result<Publication, PublishError> {
        let space = rooms.space().await?;
        let content = rooms.board(board).await?;
        let entries = rooms.entries(board).await?;
        let edition = self.latest(board).await?.map_or(1, |last| last.edition + 1);
        let publication = project(&space, board, &content, &entries, edition, &clock::today());
        sqlx::query("insert into publication (board, edition, published, content) values (?, ?, ?, ?)")
            .bind(board.bytes().to_vec())
            .bind(i64::from(edition))
            .bind(clock::now())
            .bind(serde_json::to_string(&publication)?)
            .execute(self.store.writer())
            .await
            .map_err(StoreError::from)?;
        Ok(publication)
    }

    /// The newest edition of a board.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn latest(&self, board: BoardId) -> Result<Option<Publication>, StoreError> {
        let row =
            sqlx::query("select content from publication where board = ? order by edition desc limit 1")
                .bind(board.bytes().to_vec())
                .fetch_optional(self.store.reader())
                .await?;
        Ok(row.and_then(|row| serde_json::from_str(row.get("content")).ok()))
    }

    /// The newest edition of every published board.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn all(&self) -> Result<Vec<Publication>, StoreError> {
        let rows = sqlx::query(
            "select content from publication as one where edition =
             (select max(edition) from publication as other where other.board = one.board)",
        )
        .fetch_all(self.store.reader())
        .await?;
        let mut all: Vec<Publication> =
            rows.iter().filter_map(|row| serde_json::from_str(row.get("content")).ok()).collect();
        all.sort_by(|one, other| one.title.cmp(&other.title));
        Ok(all)
    }
}
