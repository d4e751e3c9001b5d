//! Editions of boards: made from an approved moment, fixed, numbered.

use crate::clock;
use crate::rooms::Rooms;
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
use sqlx::Row;
use std::collections::BTreeMap;
use tongban_shared::access::{Action, Who, allowed};
use tongban_shared::document::DocumentError;
use tongban_shared::id::{BoardId, IndicatorId};
use tongban_shared::model::{Board, Space};
use tongban_shared::publication::{Publication, project};
use tongban_shared::rule::{self, Scene, Source};
use tongban_shared::template::{self, Template};

/// The template of a board; one that is not known here is shown as a plan of measures.
fn template_of(board: &Board) -> &'static Template {
    template::of(board).unwrap_or(&template::built_in()[0])
}

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

    /// Publishes a board as it stands, by a person whose right was asked; gives the edition.
    ///
    /// # Errors
    /// [`PublishError`] when the board cannot be read or the edition not written.
    pub async fn publish(
        &self,
        rooms: &Rooms,
        who: Who,
        board: BoardId,
    ) -> Result<Publication, PublishError> {
        let space = rooms.space().await?;
        let content = rooms.board(board).await?;
        let entries = rooms.entries(board).await?;
        let edition = self.latest(board).await?.map_or(1, |last| last.edition + 1);
        let today = clock::today().parse().unwrap_or_default();
        let fed = self.fed(rooms, (&space, who), (board, &content), today).await?;
        let template = template_of(&content);
        let publication =
            project(&Scene::new(template, &space, &content, &entries, today), board, edition, &fed);
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

    /// The numbers of the indicators that rules of other boards fill.
    async fn fed(
        &self,
        rooms: &Rooms,
        (space, who): (&Space, Who),
        (own, board): (BoardId, &Board),
        today: jiff::civil::Date,
    ) -> Result<BTreeMap<IndicatorId, f64>, PublishError> {
        let mut found = BTreeMap::new();
        for (id, indicator) in &board.indicators {
            let Some(feed) = &indicator.fed_by else { continue };
            let mut says = BTreeMap::new();
            for source in feed.boards(own).into_iter().filter(|source| space.boards.contains_key(source)) {
                let (content, entries) = (rooms.board(source).await?, rooms.entries(source).await?);
                // Nobody makes public what they may not see.
                if allowed(space, who, Action::ReadBoard(&content)) {
                    let scene = Scene::new(template_of(&content), space, &content, &entries, today);
                    says.insert(source, rule::fed(&scene, feed, &indicator.target.unit));
                }
            }
            let of = |source| says.get(&source).copied().unwrap_or(Source::Unknown);
            found.extend(rule::fed_together(feed, own, of).map(|number| (*id, number)));
        }
        Ok(found)
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
