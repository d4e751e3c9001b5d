//! Publishing an edition of a board.

use super::HttpError;
use super::session::SignedIn;
use crate::app::App;
use crate::audit::Act;
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::json;
use tongban_shared::access::{Action, allowed};
use tongban_shared::id::BoardId;

#[derive(Serialize)]
pub struct Edition {
    edition: u32,
    date: String,
    /// Path of the public page.
    page: String,
}

fn edition(app: &App, board: BoardId, number: u32, date: String) -> Edition {
    Edition { edition: number, date, page: format!("/p/{}/{board}", app.rooms.space_id()) }
}

pub async fn publish(
    State(app): State<App>,
    who: SignedIn,
    Path(board): Path<BoardId>,
) -> Result<Json<Edition>, HttpError> {
    let space = app.rooms.space().await?;
    if !space.boards.contains_key(&board) {
        return Err(HttpError::NotFound);
    }
    let content = app.rooms.board(board).await?;
    if !allowed(&space, who.account.who(), Action::Publish(&content)) {
        return Err(HttpError::Forbidden);
    }
    let published = app.publications.publish(&app.rooms, who.account.who(), board).await?;
    let about = json!({ "board": board, "edition": published.edition });
    app.audit.write(Act::Published, Some(who.account.id), about).await?;
    Ok(Json(edition(&app, board, published.edition, published.date)))
}

pub async fn latest(
    State(app): State<App>,
    _who: SignedIn,
    Path(board): Path<BoardId>,
) -> Result<Json<Option<Edition>>, HttpError> {
    let latest = app.publications.latest(board).await?;
    Ok(Json(latest.map(|one| edition(&app, board, one.edition, one.date))))
}
