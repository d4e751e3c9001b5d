//! An enterprise's view: its items on every board, and nothing else of them.

use super::reading::reading;
use super::session::SignedIn;
use super::{HttpError, held};
use crate::app::App;
use crate::clock;
use crate::identity::Account;
use crate::shares::Payer;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;
use tongban_shared::access::{Action, allowed};
use tongban_shared::publication::{Projects, projects_of};
use tongban_shared::rule::Scene;
use tongban_shared::template;

pub async fn own(State(app): State<App>, who: SignedIn) -> Result<Response, HttpError> {
    let folded = fold(app.clone(), who.account.clone());
    let projects = reading(&app, &[Payer::of(&who.account)], folded).await?;
    held::json(&app, &who.account, &projects)
}

async fn fold(app: App, who: Account) -> Result<Projects, HttpError> {
    let asks = who.who();
    let rooms = app.rooms.on_account_of(who.id);
    let space = rooms.space().await?;
    if !allowed(&space, asks, Action::AskOwnItems) {
        return Err(HttpError::Forbidden);
    }
    let today = clock::today(space.zone());
    let (mut projects, mut unread) = (Vec::new(), 0);
    for id in rooms.boards_naming(asks.unit).await? {
        // One that cannot be read, which its room has told of, does not keep the others back.
        let Ok(board) = rooms.board(id).await else { continue };
        if !allowed(&space, asks, Action::ReadOwnItems(&board)) {
            continue;
        }
        let Ok(entries) = rooms.entries(id).await else { continue };
        let Ok(template) = template::of(&board) else {
            unread += 1;
            continue;
        };
        let space = Arc::clone(&space);
        let folded = tokio::task::spawn_blocking(move || {
            let scene = Scene::new(&template, &space, &board, &entries, today);
            projects_of(&scene, id, asks.unit)
        });
        projects.extend(folded.await.into_iter().flatten());
    }
    Ok(Projects {
        person: who.id,
        unit: asks.unit,
        space: space.name.clone(),
        zone: space.zone.clone(),
        name: space.unit_name(asks.unit),
        at: clock::now_ms(),
        projects,
        unread,
    })
}
