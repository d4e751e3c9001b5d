//! Editions of a board: what the next one would be, making it, withdrawing one.

use super::reading::reading;
use super::said::Said;
use super::session::SignedIn;
use super::{HttpError, held, origin, qr};
use crate::app::App;
use crate::publications::{Acts, Listed, PublishError};
use crate::shares::Payer;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tongban_shared::access::{Action, allowed};
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
    sensitive: Vec<Place>,
    /// Whether the plan is as its lead settled it.
    settled: bool,
    /// The public page as it would be.
    page: String,
    /// How many measures and targets it shows.
    measures: usize,
    indicators: usize,
}

/// The next edition, as it would be.
pub async fn preview(
    State(app): State<App>,
    who: SignedIn,
    Path(board): Path<BoardId>,
) -> Result<Response, HttpError> {
    may_publish(&app, &who, board).await?;
    let (ours, asks) = (app.clone(), who.account.who());
    let folded = async move { Ok(ours.publications.preview(&ours.rooms, asks, board).await?) };
    let preview = reading(&app, &[Payer::of(&who.account)], folded).await?;
    let listed = app.publications.listed(board).await?;
    let items = preview.edition.sections.iter().map(|section| section.items.len());
    let body = PreviewBody {
        page: super::public::next_page(&app, &preview.edition, listed).await?,
        measures: items.sum(),
        indicators: preview.edition.indicators.len(),
        edition: preview.edition.edition,
        digest: preview.digest,
        differences: preview.differences,
        sensitive: preview.sensitive,
        settled: preview.plan == PlanState::Settled,
    };
    held::json(&app, &who.account, &body)
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
        let by = (who.account.who(), acts(&ours, &who));
        Ok(ours.publications.publish(&ours.rooms, by, board, &body.digest).await?)
    };
    let (published, _) = reading(&app, &[payer], made).await?;
    let listed = app.publications.listed(board).await?;
    let listed = listed.into_iter().find(|one| one.edition == published.edition);
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
    if let Some(found) = tongban_shared::privacy::find(&reason).first() {
        return Err(HttpError::Invalid(format!("理由里有{}，公开页会显示，请改掉", found.kind.name())));
    }
    app.publications.withdraw(&app.rooms, acts(&app, &who), (board, edition), &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
