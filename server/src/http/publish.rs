//! Editions of a board: what the next one would be, making it, withdrawing one.

use super::held::Whole;
use super::reading::reading;
use super::said::Said;
use super::session::SignedIn;
use super::{HttpError, origin, qr};
use crate::app::App;
use crate::publications::{Acts, Listed, PublishError};
use crate::shares::Payer;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tongban_shared::access::{Action, allowed};
use tongban_shared::document::DocumentError;
use tongban_shared::id::BoardId;
use tongban_shared::plan::PlanState;
use tongban_shared::publication::{Difference, Place};

#[derive(Serialize)]
pub struct Edition {
    edition: u32,
    /// Seconds since 1970.
    published: i64,
    withdrawn: bool,
    reason: String,
    /// Path of its public page.
    page: String,
}

fn edition(app: &App, board: BoardId, one: Listed) -> Edition {
    let (withdrawn, reason) = (one.withdrawn.is_some(), one.withdrawn.map(|(_, reason)| reason));
    Edition {
        edition: one.edition,
        published: one.published,
        withdrawn,
        reason: reason.unwrap_or_default(),
        page: format!("/p/{}/{board}/{}", app.rooms.space_id(), one.edition),
    }
}

async fn may_publish(app: &App, who: &SignedIn, board: BoardId) -> Result<(), HttpError> {
    let space = app.rooms.space().await?;
    if !space.boards.contains_key(&board) {
        return Err(HttpError::NotFound);
    }
    let content = app.rooms.on_account_of(who.account.id).board(board).await?;
    let may = allowed(&space, who.account.who(), Action::Publish(&content));
    if may { Ok(()) } else { Err(HttpError::Forbidden) }
}

fn acts<'a>(app: &'a App, who: &'a SignedIn) -> Acts<'a> {
    Acts { identity: &app.identity, audit: &app.audit, maker: who.maker() }
}

#[derive(Serialize)]
pub struct PreviewBody {
    edition: u32,
    digest: String,
    differences: Vec<Difference>,
    /// So many others there are.
    more_differences: usize,
    sensitive: Vec<Place>,
    more_sensitive: usize,
    /// Whether the plan is as its lead settled it.
    settled: bool,
    /// The public page as it would be.
    page: String,
    /// How many measures and targets it shows.
    measures: usize,
    indicators: usize,
}

/// The next edition, as it would be. It is made to its last word in the turn of the account, within the memory of
/// everything heavy and beside the workers.
pub async fn preview(
    State(app): State<App>,
    who: SignedIn,
    Path(board): Path<BoardId>,
) -> Result<Response, HttpError> {
    may_publish(&app, &who, board).await?;
    let (ours, account) = (app.clone(), who.account);
    let payer = Payer::of(&account);
    let made = async move {
        let (rooms, zone) = (ours.rooms.on_account_of(account.id), ours.zone().await?);
        let gathered = ours.publications.gather(&rooms, account.who(), board).await?;
        let _room = ours.publications.room(&rooms, &gathered).await?;
        let preview = ours.publications.preview(gathered).await?;
        let listed = ours.publications.listed(board).await?;
        let make = tokio::task::spawn_blocking(move || {
            let items = preview.edition.sections.iter().map(|section| section.items.len());
            let body = PreviewBody {
                page: super::public::next_page(&ours, zone, &preview.edition, listed)?,
                measures: items.sum(),
                indicators: preview.edition.indicators.len(),
                edition: preview.edition.edition,
                digest: preview.digest,
                differences: preview.differences.shown,
                more_differences: preview.differences.more,
                sensitive: preview.sensitive.shown,
                more_sensitive: preview.sensitive.more,
                settled: preview.plan == PlanState::Settled,
            };
            Whole::json(&ours, &account, &body)
        });
        make.await.map_err(|error| DocumentError::Corrupt(error.to_string()))?
    };
    Ok(reading(&app, &[payer], made).await?.into_response())
}

/// The public address of a plan, as words and as a picture.
#[derive(Serialize)]
pub struct Address {
    /// Absolute; it shows the newest edition.
    address: String,
    #[serde(flatten)]
    drawn: Option<qr::Picture>,
}

/// The address at which the public finds a plan that has an edition.
pub async fn address(
    State(app): State<App>,
    _who: SignedIn,
    Path(board): Path<BoardId>,
    headers: HeaderMap,
) -> Result<Json<Address>, HttpError> {
    if app.publications.listed(board).await?.is_empty() {
        return Err(HttpError::NotFound);
    }
    let base = origin::base(&headers, &app);
    let address = format!("{base}/p/{}/{board}", app.rooms.space_id());
    Ok(Json(Address { drawn: qr::draw(&address), address }))
}

#[derive(Deserialize)]
pub struct Publish {
    /// The digest of the preview that was looked at.
    digest: String,
}

/// Makes the edition that was looked at.
pub async fn publish(
    State(app): State<App>,
    who: SignedIn,
    Path(board): Path<BoardId>,
    Said(body): Said<Publish>,
) -> Result<Json<Edition>, HttpError> {
    may_publish(&app, &who, board).await?;
    let (ours, payer) = (app.clone(), Payer::of(&who.account));
    let made = async move {
        let (rooms, by) = (ours.rooms.on_account_of(who.account.id), (who.account.who(), acts(&ours, &who)));
        Ok(ours.publications.publish(&rooms, by, board, &body.digest).await?)
    };
    let (number, _) = reading(&app, &[payer], made).await?;
    let listed = app.publications.listed(board).await?;
    let listed = listed.into_iter().find(|one| one.edition == number);
    Ok(Json(edition(&app, board, listed.ok_or(PublishError::NoEdition)?)))
}

/// All editions of a board, newest first.
pub async fn list(
    State(app): State<App>,
    _who: SignedIn,
    Path(board): Path<BoardId>,
) -> Result<Json<Vec<Edition>>, HttpError> {
    let listed = app.publications.listed(board).await?;
    Ok(Json(listed.into_iter().rev().map(|one| edition(&app, board, one)).collect()))
}

#[derive(Deserialize)]
pub struct Withdraw {
    reason: String,
}

/// Withdraws an edition, with a reason that its page shows.
pub async fn withdraw(
    State(app): State<App>,
    who: SignedIn,
    Path((board, edition)): Path<(BoardId, u32)>,
    Said(body): Said<Withdraw>,
) -> Result<StatusCode, HttpError> {
    may_publish(&app, &who, board).await?;
    let reason: String = body.reason.trim().chars().take(200).collect();
    if reason.is_empty() {
        return Err(HttpError::Invalid("请写明撤回的理由，公开页会显示".to_owned()));
    }
    if let Some(found) = tongban_shared::privacy::find(&reason).next() {
        return Err(HttpError::Invalid(format!("理由里有{}，公开页会显示，请改掉", found.kind.name())));
    }
    app.publications.withdraw(&app.rooms, acts(&app, &who), (board, edition), &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::{Action, SignedIn, allowed, preview};
    use crate::app::{App, Options};
    use crate::demo;
    use crate::rooms::What;
    use crate::store::Place;
    use axum::extract::{Path, State};
    use axum::http::header;
    use axum::response::IntoResponse;
    use tongban_shared::document::Stamp;
    use tongban_shared::edit::{Edit, NewItem};
    use tongban_shared::id::{BoardId, DocumentId, ItemId};

    /// Adds so many items with long titles to a board.
    async fn grown(app: &App, board: BoardId, items: std::ops::Range<u8>) {
        let content = app.rooms.board(board).await.expect("a board");
        let section = content.section_order().first().copied();
        for number in items {
            let item = NewItem { section, title: "字".repeat(90_000), ..NewItem::default() };
            let edit = Edit::AddItem { id: ItemId::from_bytes([number; 16]), item: Box::new(item) };
            let stamp = Stamp { time: 0, by: String::new() };
            app.rooms.edit(What::Board(board), vec![edit], stamp).await.expect("an edit");
        }
    }

    /// As many accounts as like look at the next edition of a large board.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn previews_take_of_the_one_heavy_memory_and_none_is_made_that_is_too_large() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        demo::fill(&app).await.expect("filled");
        let office = app.identity.account_named("office").await.expect("asked").expect("an account");
        let space = app.rooms.space().await.expect("a space");
        let written = app.rooms.store().documents().await.expect("asked");
        let mut boards = Vec::new();
        for board in space.boards.keys().copied() {
            let logs = space.units.keys().filter(|unit| written.contains(&DocumentId::log(board, **unit)));
            let content = app.rooms.board(board).await.expect("a board");
            if allowed(&space, office.who(), Action::Publish(&content)) {
                boards.push((logs.count(), board));
            }
        }
        let (logs, board) = boards.into_iter().max().expect("a board");
        assert!(logs > 0);
        grown(&app, board, 0..15).await;
        app.close().await;
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        let looks = || async {
            let who = SignedIn { account: office.clone(), secret: String::new(), device: None };
            let looked = preview(State(app.clone()), who, Path(board)).await;
            let answer = looked.into_response();
            let again = answer.headers().contains_key(header::RETRY_AFTER);
            let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
            (body.expect("a body"), again)
        };
        let all = app.rooms.memory_of(u64::MAX).await.expect("all of it");
        let (said, again) = looks().await;
        assert!(said.len() < 1000 && again, "it waits, and is told to come again: {} bytes", said.len());
        // Its logs do not wait for the memory that it has then.
        assert!(app.rooms.open_count() >= 2 + logs, "{} of {logs} logs", app.rooms.open_count());
        drop(all);
        let (said, again) = looks().await;
        assert!(said.len() > 20_000 && !again, "{} bytes", said.len());
        // An edition that cannot be published is not drawn either, whatever memory there is.
        grown(&app, board, 15..70).await;
        let (said, _) = looks().await;
        assert!(said.len() < 1000, "{} bytes", said.len());
        assert!(String::from_utf8_lossy(&said).contains("超过 16 MB，无法公开"));
        app.close().await;
    }
}
