//! Photos and files: taken in pieces, given to who may read an entry that they stand beside.

use super::HttpError;
use super::reading::reading;
use super::session::SignedIn;
use crate::app::App;
use crate::files::{FileError, Progress};
use crate::identity::Account;
use crate::limits;
use crate::peers::Sizes;
use crate::shares::{Held, Lease, Payer, RanOut};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tongban_shared::access::{Action, allowed, may_attach};
use tongban_shared::attachment::{FileHash, picture_kind};
use tongban_shared::id::{BoardId, PersonId, UnitId};

#[derive(Serialize)]
pub struct Here {
    /// Bytes that are here.
    at: u64,
    whole: bool,
}

impl From<Progress> for Here {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Begun(at) => Self { at, whole: false },
            Progress::Whole => Self { at: 0, whole: true },
        }
    }
}

fn hash_of(words: &str) -> Result<FileHash, HttpError> {
    words.parse().map_err(|error| HttpError::Invalid(format!("{error}")))
}

/// The sender of files: a person by name, for a unit.
fn sender(who: &SignedIn) -> Result<(PersonId, UnitId), HttpError> {
    may_attach(who.account.role).then_some((who.account.id, who.account.unit)).ok_or(HttpError::Forbidden)
}

/// How far a file is that the person sends.
pub async fn progress(
    State(app): State<App>,
    who: SignedIn,
    Path(hash): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Here>, HttpError> {
    let by = sender(&who)?;
    Ok(Json(app.files.progress(by, hash_of(&hash)?, of.size).await?.into()))
}

/// The size of the file, if the asker knows it.
#[derive(Deserialize)]
pub struct Of {
    /// Bytes of the whole file.
    size: Option<u64>,
}

#[derive(Deserialize)]
pub struct Piece {
    /// Bytes of the whole file.
    size: u64,
    /// The offset of the piece.
    at: u64,
}

/// Takes a piece.
pub async fn take(
    State(app): State<App>,
    who: SignedIn,
    Path(hash): Path<String>,
    Query(piece): Query<Piece>,
    body: Bytes,
) -> Result<Json<Here>, HttpError> {
    let by = sender(&who)?;
    let _turn = turn_of(&app, &who, &piece, &body).await?;
    Ok(Json(app.files.take(by, (hash_of(&hash)?, piece.size), piece.at, body).await?.into()))
}

/// The turn of an account to make a file whole, for its last piece.
async fn turn_of(app: &App, who: &SignedIn, piece: &Piece, body: &Bytes) -> Result<Option<Lease>, RanOut> {
    let is_last = piece.at.saturating_add(body.len() as u64) >= piece.size;
    let (payer, wait) = (Payer::of(&who.account), limits::UPLOAD_WAIT);
    let turn = is_last.then(|| app.shares.hold_in_time(&payer, Held::Uploads, 1, wait));
    futures::future::OptionFuture::from(turn).await.transpose()
}

/// A file that another server carries: of a unit, beside an entry of it on a board.
type Carried = Path<(BoardId, UnitId, String)>;

/// The owner of a file that another server carries, with its sizes.
async fn carried(
    app: &App,
    who: &SignedIn,
    Path((board, unit, hash)): Carried,
) -> Result<(FileHash, UnitId, Sizes), HttpError> {
    let hash = hash_of(&hash)?;
    let space = app.rooms.space().await?;
    if !allowed(&space, who.account.who(), Action::Carry) {
        return Err(HttpError::Forbidden);
    }
    if !space.boards.contains_key(&board) {
        return Err(HttpError::NotFound);
    }
    let content = app.rooms.on_account_of(who.account.id).board(board).await?;
    if !allowed(&space, who.account.who(), Action::ReadLog { board: &content, unit }) {
        return Err(HttpError::NotFound);
    }
    let sizes = crate::peers::carried(app, (board, unit), hash).await?;
    if sizes.is_empty() { Err(HttpError::NotFound) } else { Ok((hash, unit, sizes)) }
}

/// How far a file is that another server may carry here; one that begins must find room.
pub async fn carried_so_far(
    State(app): State<App>,
    who: SignedIn,
    path: Carried,
    Query(of): Query<Of>,
) -> Result<Json<Here>, HttpError> {
    let (hash, unit, sizes) = carried(&app, &who, path).await?;
    let named = of.size.and_then(|size| Some((size, *sizes.get(&size)?)));
    let by = (named.map_or(who.account.id, |(_, person)| person), unit);
    let progress = app.files.progress(by, hash, of.size).await?;
    if let (Progress::Begun(0), Some((size, _))) = (progress, named) {
        app.files.may_begin(by, hash, size).await?;
    }
    Ok(Json(progress.into()))
}

/// Takes a piece of it.
pub async fn take_carried(
    State(app): State<App>,
    who: SignedIn,
    path: Carried,
    Query(piece): Query<Piece>,
    body: Bytes,
) -> Result<Json<Here>, HttpError> {
    let (hash, unit, sizes) = carried(&app, &who, path).await?;
    let person = *sizes.get(&piece.size).ok_or(FileError::OtherContent)?;
    let _turn = turn_of(&app, &who, &piece, &body).await?;
    Ok(Json(app.files.take((person, unit), (hash, piece.size), piece.at, body).await?.into()))
}

/// Gives it to another server, when its unit has sent it.
pub async fn give_carried(
    State(app): State<App>,
    who: SignedIn,
    path: Carried,
) -> Result<Response, HttpError> {
    let (hash, unit, _) = carried(&app, &who, path).await?;
    if app.files.whole(unit, hash).await?.is_none() {
        return Err(HttpError::NotFound);
    }
    stream(&app, &who, hash, |_| HeaderMap::new()).await
}

/// A file as the body of an answer. The reader's account holds a part of its share until it has read all, or
/// is gone.
async fn stream(
    app: &App,
    who: &SignedIn,
    hash: FileHash,
    head: impl FnOnce(&[u8]) -> HeaderMap,
) -> Result<Response, HttpError> {
    // A page with many pictures asks for all of them at once.
    let (payer, wait) = (Payer::of(&who.account), limits::DOWNLOAD_WAIT);
    let lease = app.shares.hold_in_time(&payer, Held::Downloads, 1, wait).await?;
    let given = app.files.give(hash).await.map_err(|error| match error {
        FileError::Object(object_store::Error::NotFound { .. }) => HttpError::NotFound,
        other => other.into(),
    })?;
    let mut head = head(&given.beginning);
    head.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/octet-stream"));
    head.insert(header::CONTENT_LENGTH, given.size.into());
    let blocks = given.blocks.inspect(move |block| {
        let _held = &lease;
        if let Err(error) = block {
            tracing::error!(file = %hash, %error, "A file could not be given to its end");
        }
    });
    Ok((head, Body::from_stream(blocks)).into_response())
}

/// Gives a file that stands beside an entry of a board.
pub async fn give(
    State(app): State<App>,
    who: SignedIn,
    Path((board, hash)): Path<(BoardId, String)>,
) -> Result<Response, HttpError> {
    let hash = hash_of(&hash)?;
    let space = app.rooms.space().await?;
    if !space.boards.contains_key(&board) {
        return Err(HttpError::NotFound);
    }
    let own = app.files.sender(who.account.unit, hash).await? == Some(who.account.id);
    let named = is_named(app.clone(), who.account.clone(), board, hash);
    if !own && !reading(&app, &[Payer::of(&who.account)], named).await? {
        return Err(HttpError::NotFound);
    }
    stream(&app, &who, hash, shown).await
}

/// The head of an answer with a file that begins so: pictures are shown; the rest is saved, not opened.
fn shown(beginning: &[u8]) -> HeaderMap {
    let picture = picture_kind(beginning);
    let (kind, way) = picture.map_or(("application/octet-stream", "attachment"), |kind| (kind, "inline"));
    let mut head = HeaderMap::new();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    head.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(way));
    head.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    // The app keeps what it has seen; nothing is left when somebody signs out.
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    head
}

/// Whether a unit sent the file whose entry names it, on a board where the person may read that entry.
async fn is_named(app: App, who: Account, board: BoardId, hash: FileHash) -> Result<bool, HttpError> {
    let rooms = app.rooms.on_account_of(who.id);
    let (space, content) = (rooms.space().await?, rooms.board(board).await?);
    let may = |unit| allowed(&space, who.who(), Action::ReadLog { board: &content, unit });
    // Nothing is judged for somebody who may read nothing of it.
    if !space.units.keys().any(|unit| may(*unit)) {
        return Ok(false);
    }
    let entries = rooms.entries(board).await?;
    let named = entries.all.values().filter(|entry| entry.files().iter().any(|file| file.hash == hash));
    let units: BTreeSet<UnitId> = named.map(|entry| entry.author.unit).collect();
    for unit in units {
        if may(unit) && app.files.sender(unit, hash).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
