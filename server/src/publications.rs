//! Editions of boards: made from an approved moment, fixed, numbered.

mod room;

use crate::audit::{Act, Audit};
use crate::clock;
use crate::identity::{Account, Acting, Identity, IdentityError, Maker};
use crate::limits;
use crate::rooms::Rooms;
use crate::shares::RanOut;
use crate::store::{Database, StoreError};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tongban_shared::access::{Action, Who, allowed};
use tongban_shared::document::{DocumentError, hex};
use tongban_shared::fold::Entries;
use tongban_shared::id::{BoardId, IndicatorId};
use tongban_shared::limits::{EDITION_BYTES, WORD_SHOWN};
use tongban_shared::model::{Board, Space};
use tongban_shared::plan::{PlanState, plan_state};
use tongban_shared::publication::{
    Beginning, Difference, Place, Publication, SignedEdition, differences, project, sensitive,
};
use tongban_shared::rule::{self, Looks, Scene};
use tongban_shared::template::{self, Template, Unread};
use tongban_shared::text::shown;
use tongban_shared::trust::{Key, Purpose, digest};
use tongban_shared::words::Lang;

/// Boards whose rules fill indicators of another one, each with its records.
type Sources = BTreeMap<BoardId, (Arc<Board>, Arc<Entries>)>;

/// The largest edition that is published, in bytes: with its signature, as a text within a text, it stays
/// within what is checked.
const MOST: usize = EDITION_BYTES / 2;

/// Why a board could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("{0}")]
    Document(#[from] DocumentError),
    #[error("系统暂时不能处理，请稍后再试")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Act(#[from] IdentityError),
    #[error("这一版无法保存：{0}")]
    Content(#[from] serde_json::Error),
    /// Only the content that was looked at is published, or nothing.
    #[error("内容在核对以后又有变动，请再看一遍")]
    Changed,
    #[error("有 {} 处个人信息，没有发布：{}", .0.len(), told(&.0.shown))]
    Sensitive(Beginning<Place>),
    #[error("清单还没有定稿，没有发布")]
    Drafted,
    #[error("定稿以后并入的修改还没有确认，没有发布")]
    Differs,
    #[error("有 {0} 处两人同时改过，还没有选定，没有发布")]
    Marked(usize),
    #[error("读不出这张清单的模板，没有发布：{0}")]
    NoTemplate(#[from] Unread),
    #[error("这一版超过 {} MB，无法公开，也无法核对签名", MOST >> 20)]
    TooLarge,
    /// Its indicators are filled from more boards than [`limits::FEEDING_BOARDS`], or rules look more often at items
    /// than [`limits::LOOKED_AT`].
    #[error("模板的规则和自动计算的指标太多，一版算不完，没有发布")]
    TooMuchFed,
    /// The memory of everything heavy is taken: it is tried again later.
    #[error(transparent)]
    NoRoom(RanOut),
    #[error("没有这一版，或者已经撤回")]
    NoEdition,
    /// The newest edition that stands says the same.
    #[error("与已公布的第 {0} 版没有差别，没有发布")]
    Same(u32),
    #[error("一天之内每张清单最多公布 {} 版，没有发布", limits::EDITIONS_A_DAY)]
    TooManyToday,
}

fn told(places: &[Place]) -> String {
    let one =
        |place: &Place| format!("{}·{} {} {}", place.about, place.field, place.kind.name(), place.masked);
    places.iter().take(5).map(one).collect::<Vec<_>>().join("；")
}

/// The next edition of a board as it would be now.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    pub edition: Publication,
    /// The same as it is signed.
    content: String,
    /// Names this content: only what has it is published.
    pub digest: String,
    /// The differences from the edition before, empty for the first one.
    pub differences: Beginning<Difference>,
    /// The findings that stop it.
    pub sensitive: Beginning<Place>,
    /// Only a settled plan is published.
    pub plan: PlanState,
    /// Places of its texts that two people changed, which stop it too.
    pub marked: usize,
}

/// The next edition of a board before it is made: all documents that it is made of, read.
pub struct Gathered {
    board: BoardId,
    space: Arc<Space>,
    content: Arc<Board>,
    template: Arc<Template>,
    marked: usize,
    entries: Arc<Entries>,
    /// Other boards whose rules fill its indicators.
    sources: Sources,
}

/// An edition in the list of a board.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub edition: u32,
    /// Seconds since 1970.
    pub published: i64,
    /// Since when it is withdrawn, seconds since 1970, and why.
    pub withdrawn: Option<(i64, String)>,
}

/// By whom editions are made and withdrawn.
#[derive(Clone, Copy)]
pub struct Acts<'a> {
    pub identity: &'a Identity,
    pub audit: &'a Audit,
    pub maker: Maker<'a>,
}

impl Acts<'_> {
    /// Begins an act on a board; `read` is who its maker was when they read what they act upon.
    async fn begin(self, rooms: &Rooms, read: Option<Who>, board: BoardId) -> Result<Acting, PublishError> {
        let (space, content) = (rooms.space().await?, rooms.board(board).await?);
        let may = |by: &Account, _: Option<&Account>| {
            read.is_none_or(|read| read == by.who()) && allowed(&space, by.who(), Action::Publish(&content))
        };
        Ok(self.identity.act(self.maker, None, may).await?)
    }
}

/// The editions in a store.
#[derive(Clone)]
pub struct Publications {
    store: Database,
    key: Key,
    /// The turn of what is heavy.
    heavy: Arc<Semaphore>,
}

impl Publications {
    /// The editions of a store, signed with the server's key.
    #[must_use]
    pub fn new(store: Database, key: Key) -> Self {
        Self { store, key, heavy: Arc::new(Semaphore::new(1)) }
    }

    /// Reads what the next edition of a board is made of. It comes before the memory for making it: whoever held of
    /// that would wait for documents that wait for memory.
    ///
    /// # Errors
    /// [`PublishError`] when the board cannot be read, or its template.
    pub async fn gather(&self, rooms: &Rooms, who: Who, board: BoardId) -> Result<Gathered, PublishError> {
        let space = rooms.space().await?;
        let content = rooms.board(board).await?;
        // Read by another one it would show what nobody meant to publish.
        let template = template::of(&content)?;
        let marked = rooms.text_marks(board).await?;
        let entries = rooms.entries(board).await?;
        let fed_by = content.indicators.values().filter_map(|indicator| indicator.fed_by.as_ref());
        let named: BTreeSet<BoardId> = fed_by.flat_map(|feed| feed.boards(board)).collect();
        if named.len() > limits::FEEDING_BOARDS {
            return Err(PublishError::TooMuchFed);
        }
        let mut sources = BTreeMap::new();
        for source in named.into_iter().filter(|source| space.boards.contains_key(source)) {
            let content = rooms.board(source).await?;
            // Nobody makes public what they may not see.
            if allowed(&space, who, Action::ReadBoard(&content)) {
                sources.insert(source, (content, rooms.entries(source).await?));
            }
        }
        Ok(Gathered { board, space, content, template, marked, entries, sources })
    }

    /// The next edition of a board as it stands, with what differs and what stops it. Callers have a
    /// [`room::Room`] for it.
    ///
    /// # Errors
    /// [`PublishError`] when the edition before cannot be read; [`PublishError::TooLarge`].
    pub async fn preview(&self, gathered: Gathered) -> Result<Preview, PublishError> {
        let Gathered { board, space, content, template, marked, entries, sources } = gathered;
        let listed = self.listed(board).await?;
        let edition = listed.last().map_or(1, |last| last.edition + 1);
        let today = clock::today(space.zone());
        let before = self.latest(board).await?;
        // A board is folded, and compared word by word: that holds up a worker.
        let folded = tokio::task::spawn_blocking(move || {
            let looks = Looks::at_most(limits::LOOKED_AT);
            let fed = fed(&looks, (&space, &sources), (board, &content), today);
            let edition = Scene::within(&looks, &template, &space, &content, &entries, today, |scene| {
                project(scene, (board, edition), &fed, MOST)
            });
            let edition = edition.ok_or(PublishError::TooMuchFed)?.ok_or(PublishError::TooLarge)?;
            let signed = serde_json::to_string(&edition)?;
            // Nobody looks through what cannot be published.
            if signed.len() > MOST {
                return Err(PublishError::TooLarge);
            }
            Ok(Preview {
                digest: digest_of(&signed),
                differences: before.map(|before| differences(&before, &edition)).unwrap_or_default(),
                sensitive: sensitive(&edition),
                plan: plan_state(&content, &entries, marked > 0),
                marked,
                edition,
                content: signed,
            })
        });
        folded.await.map_err(|error| DocumentError::Corrupt(error.to_string()))?
    }

    /// Publishes what was looked at, by a person whose right is asked when it is done, with the record of it; its
    /// number, and whether it was not published before: what was looked at once is one edition, however often it is asked for.
    ///
    /// # Errors
    /// [`PublishError::Changed`] when the board is not what it was, [`PublishError::Drafted`] and
    /// [`PublishError::Differs`] when its plan is not as its lead settled it, [`PublishError::Marked`] when
    /// nobody has decided about what two people changed, [`PublishError::Sensitive`]
    /// with the places when it shows what must not be public, [`PublishError::Same`] when it says nothing new,
    /// [`PublishError::TooManyToday`].
    pub async fn publish(
        &self,
        rooms: &Rooms,
        (who, acts): (Who, Acts<'_>),
        board: BoardId,
        digest: &str,
    ) -> Result<(u32, bool), PublishError> {
        let gathered = self.gather(rooms, who, board).await?;
        let room = self.room(rooms, &gathered).await?;
        // An answer was lost on its way, or somebody pressed twice.
        let before = match self.latest(board).await? {
            Some(before) => {
                let named = tokio::task::spawn_blocking(move || {
                    Ok::<_, PublishError>((digest_of(&serde_json::to_string(&before)?), before))
                });
                let named = named.await.map_err(|error| DocumentError::Corrupt(error.to_string()))?;
                let (named, before) = named?;
                if named == digest {
                    return Ok((before.edition, false));
                }
                Some(before)
            }
            None => None,
        };
        let preview = self.preview(gathered).await?;
        if preview.digest != digest {
            return Err(PublishError::Changed);
        }
        if let Some(before) = before.filter(|before| before.says_the_same(&preview.edition)) {
            return Err(PublishError::Same(before.edition));
        }
        let day_ago = clock::now() - 24 * 3600;
        let listed = self.listed(board).await?;
        if listed.iter().filter(|one| one.published > day_ago).count() >= limits::EDITIONS_A_DAY {
            return Err(PublishError::TooManyToday);
        }
        if preview.marked > 0 {
            return Err(PublishError::Marked(preview.marked));
        }
        match preview.plan {
            PlanState::Drafted => return Err(PublishError::Drafted),
            PlanState::Differs => return Err(PublishError::Differs),
            PlanState::Settled => {}
        }
        if !preview.sensitive.is_empty() {
            return Err(PublishError::Sensitive(preview.sensitive));
        }
        let (number, content) = (preview.edition.edition, preview.content);
        // Rooms are asked whose right it is: nobody does that who holds memory.
        drop((preview.edition, room));
        let seal = self.key.seal(Purpose::Edition, content.as_bytes());
        let by = acts.maker.person();
        let mut acting = acts.begin(rooms, Some(who), board).await?;
        let inserted = sqlx::query(
            "insert into publication (board, edition, published, content, by_person, signature)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        )
        .bind(board.bytes().to_vec())
        .bind(i64::from(number))
        .bind(clock::now())
        .bind(content)
        .bind(by.map(|by| by.bytes().to_vec()).unwrap_or_default())
        .bind(seal.signature.to_vec())
        .execute(acting.connection())
        .await
        .map_err(StoreError::from)?;
        // Two leads at the same moment: the second looks again.
        if inserted.rows_affected() == 0 {
            return Err(PublishError::Changed);
        }
        acting.tell(acts.audit, Act::Published, json!({ "board": board, "edition": number })).await?;
        acting.done().await?;
        Ok((number, true))
    }

    /// Withdraws an edition, with the record of it: it stays readable and says so.
    ///
    /// # Errors
    /// [`PublishError::NoEdition`] when there is none, or it is withdrawn already.
    pub async fn withdraw(
        &self,
        rooms: &Rooms,
        acts: Acts<'_>,
        (board, edition): (BoardId, u32),
        reason: &str,
    ) -> Result<(), PublishError> {
        let mut acting = acts.begin(rooms, None, board).await?;
        let done = sqlx::query(
            "update publication set withdrawn = $1, reason = $2
             where board = $3 and edition = $4 and withdrawn is null",
        )
        .bind(clock::now())
        .bind(reason.to_owned())
        .bind(board.bytes().to_vec())
        .bind(i64::from(edition))
        .execute(acting.connection())
        .await
        .map_err(StoreError::from)?;
        if done.rows_affected() == 0 {
            return Err(PublishError::NoEdition);
        }
        let about = json!({ "board": board, "edition": edition, "reason": reason });
        acting.tell(acts.audit, Act::Withdrawn, about).await?;
        Ok(acting.done().await?)
    }

    /// All editions of a board, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn listed(&self, board: BoardId) -> Result<Vec<Listed>, StoreError> {
        let rows = sqlx::query(LISTED).bind(board.bytes().to_vec()).fetch_all(self.store.reader()).await?;
        let line = |row: &AnyRow| Listed {
            edition: u32::try_from(row.get::<i64, _>("edition")).unwrap_or_default(),
            published: row.get("published"),
            withdrawn: row
                .get::<Option<i64>, _>("withdrawn")
                .map(|at| (at, row.get::<Option<String>, _>("reason").unwrap_or_default())),
        };
        Ok(rows.iter().map(line).collect())
    }

    /// One edition of a board.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn edition(&self, board: BoardId, edition: u32) -> Result<Option<Publication>, StoreError> {
        let Some(row) = self.row_of(board, edition).await? else { return Ok(None) };
        let ours = self.clone();
        let read = tokio::task::spawn_blocking(move || ours.read(&row)).await;
        Ok(read.unwrap_or_default())
    }

    /// One edition of a board with its signature, for whoever wants to keep a proof of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn signed(&self, board: BoardId, edition: u32) -> Result<Option<SignedEdition>, StoreError> {
        let signed = self.row_of(board, edition).await?.and_then(|row| self.signed_of(&row));
        Ok(signed.filter(|one| one.open().is_some()))
    }

    async fn row_of(&self, board: BoardId, edition: u32) -> Result<Option<AnyRow>, StoreError> {
        let row = sqlx::query(
            "select board, edition, content, signature from publication where board = $1 and edition = $2",
        )
        .bind(board.bytes().to_vec())
        .bind(i64::from(edition))
        .fetch_optional(self.store.reader())
        .await?;
        Ok(row)
    }

    /// An edition as it was signed; nothing of one that was published before there were signatures.
    fn signed_of(&self, row: &AnyRow) -> Option<SignedEdition> {
        let signature: [u8; 64] = row.get::<Option<Vec<u8>>, _>("signature")?.try_into().ok()?;
        Some(SignedEdition::new(row.get("content"), self.key.public(), &signature))
    }

    /// The edition of a row. One that was changed in the store is not shown.
    fn read(&self, row: &AnyRow) -> Option<Publication> {
        let read: Option<Publication> = match row.get::<Option<Vec<u8>>, _>("signature") {
            Some(_) => self.signed_of(row).and_then(|signed| signed.open()).map(|(edition, _)| edition),
            None => serde_json::from_str(row.get("content")).ok(),
        };
        // Nor one that stands in the place of another.
        let in_place = |edition: &Publication| {
            edition.board.bytes().as_slice() == row.get::<Vec<u8>, _>("board")
                && i64::from(edition.edition) == row.get::<i64, _>("edition")
        };
        let read = read.filter(in_place);
        if read.is_none() {
            tracing::error!("An edition in the store is not what was published; it is not shown");
        }
        read
    }

    /// The newest edition of a board that is not withdrawn.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn latest(&self, board: BoardId) -> Result<Option<Publication>, StoreError> {
        let rows = sqlx::query(STANDING).bind(board.bytes().to_vec()).fetch_all(self.store.reader()).await?;
        for row in rows {
            let edition = u32::try_from(row.get::<i64, _>("edition")).unwrap_or_default();
            if let Some(read) = self.edition(board, edition).await? {
                return Ok(Some(read));
            }
        }
        Ok(None)
    }

    /// Which edition of every published board is the newest that stands.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn newest(&self) -> Result<Vec<(BoardId, u32)>, StoreError> {
        let rows = sqlx::query(NEWEST).fetch_all(self.store.reader()).await?;
        let newest = |row: &AnyRow| {
            let board: [u8; 16] = row.get::<Vec<u8>, _>("board").try_into().ok()?;
            Some((BoardId::from_bytes(board), u32::try_from(row.get::<i64, _>("edition")).ok()?))
        };
        Ok(rows.iter().filter_map(newest).collect())
    }

    /// The newest edition of every published board, those that were not withdrawn, without what it says of items
    /// and indicators: a list shows none of it. They are read one after the other.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn heads(&self) -> Result<Vec<Publication>, StoreError> {
        let mut heads = Vec::new();
        for (board, edition) in self.newest().await? {
            let Some(read) = self.edition(board, edition).await? else { continue };
            let title = shown(&read.title, WORD_SHOWN, Lang::Hans).into_owned();
            let source_number = shown(&read.source_number, WORD_SHOWN, Lang::Hans).into_owned();
            let (goal, source_title, issuer) = Default::default();
            let (sections, indicators) = Default::default();
            let space = shown(&read.space, WORD_SHOWN, Lang::Hans).into_owned();
            let words = Publication { title, space, source_title, source_number, issuer, goal, ..read };
            heads.push(Publication { sections, indicators, ..words });
        }
        heads.sort_by(|one, other| one.title.cmp(&other.title));
        Ok(heads)
    }
}

// Asked for with each public page: an index answers them, and no row is read.
const LISTED: &str =
    "select edition, published, withdrawn, reason from publication where board = $1 order by edition";
const STANDING: &str =
    "select edition from publication where board = $1 and withdrawn is null order by edition desc";
const NEWEST: &str = "select board, max(edition) as edition from publication where withdrawn is null
    group by board order by board";

/// The numbers of the indicators that rules fill, as far as there are looks left.
fn fed(
    looks: &Looks,
    (space, sources): (&Space, &Sources),
    (own, board): (BoardId, &Board),
    today: jiff::civil::Date,
) -> BTreeMap<IndicatorId, f64> {
    let feeds = board.indicators.iter().filter_map(|(id, indicator)| {
        Some((*id, indicator.fed_by.as_ref()?, indicator.target.unit.as_str()))
    });
    rule::fed(own, feeds, |source, seen| {
        // By another template it says nothing.
        if let Some((content, entries)) = sources.get(&source)
            && let Ok(template) = template::of(content)
        {
            Scene::within(looks, &template, space, content, entries, today, |scene| seen(scene));
        }
    })
}

/// Names the content of an edition, with its number, by the words that are signed.
fn digest_of(content: &str) -> String {
    hex(&digest(Purpose::Edition, content.as_bytes()))
}

#[cfg(test)]
mod tests;
