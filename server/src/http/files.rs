//! Photos and files: taken in pieces, given to who may read an entry that they stand beside.

use super::HttpError;
use super::session::SignedIn;
use crate::app::App;
use crate::files::{FileError, Known, Progress};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tongban_shared::access::{Action, allowed, may_attach};
use tongban_shared::attachment::FileHash;
use tongban_shared::id::{BoardId, UnitId};

/// Pictures that a browser shows without running anything; the rest is saved, not opened.
const SHOWN: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "image/gif"];

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

/// How far a file is that the person's unit sends.
pub async fn progress(
    State(app): State<App>,
    who: SignedIn,
    Path(hash): Path<String>,
) -> Result<Json<Here>, HttpError> {
    if !may_attach(who.account.role) {
        return Err(HttpError::Forbidden);
    }
    Ok(Json(app.files.progress(who.account.unit, hash_of(&hash)?).await?.into()))
}

#[derive(Deserialize)]
pub struct Piece {
    /// Bytes of the whole file.
    size: u64,
    /// Where the piece begins.
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
    if !may_attach(who.account.role) {
        return Err(HttpError::Forbidden);
    }
    let by = (who.account.id, who.account.unit);
    Ok(Json(app.files.take(by, (hash_of(&hash)?, piece.size), piece.at, body).await?.into()))
}

/// Gives a file that stands beside an entry of a board.
pub async fn give(
    State(app): State<App>,
    who: SignedIn,
    Path((board, hash)): Path<(BoardId, String)>,
) -> Result<impl IntoResponse, HttpError> {
    let hash = hash_of(&hash)?;
    let space = app.rooms.space().await?;
    if !space.boards.contains_key(&board) {
        return Err(HttpError::NotFound);
    }
    let own = app.files.known(who.account.unit, hash).await?;
    let known = match own.filter(|own| own.person == who.account.id) {
        Some(own) => own,
        None => named(&app, &who, board, hash).await?.ok_or(HttpError::NotFound)?,
    };
    let bytes = app.files.content(hash).await.map_err(|error| match error {
        FileError::Object(object_store::Error::NotFound { .. }) => HttpError::NotFound,
        other => other.into(),
    })?;
    let mut head = HeaderMap::new();
    let shown = SHOWN.into_iter().find(|kind| *kind == known.kind);
    let (kind, way) = shown.map_or(("application/octet-stream", "attachment"), |kind| (kind, "inline"));
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    head.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(way));
    head.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    // The app keeps what it has seen; nothing is left when somebody signs out.
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((head, bytes))
}

/// The file as a unit sent it whose entry names it, on a board where the person may read that entry.
async fn named(
    app: &App,
    who: &SignedIn,
    board: BoardId,
    hash: FileHash,
) -> Result<Option<Known>, HttpError> {
    let (space, content) = (app.rooms.space().await?, app.rooms.board(board).await?);
    let entries = app.rooms.entries(board).await?;
    let named = entries.all.values().filter(|entry| entry.files().iter().any(|file| file.hash == hash));
    let units: BTreeSet<UnitId> = named.map(|entry| entry.author.unit).collect();
    for unit in units {
        let log = Action::ReadLog { board: &content, unit };
        if allowed(&space, who.account.who(), log)
            && let Some(known) = app.files.known(unit, hash).await?
        {
            return Ok(Some(known));
        }
    }
    Ok(None)
}
