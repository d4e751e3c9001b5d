//! An enterprise's view: its items on every board, and nothing else of them.

use super::HttpError;
use super::session::SignedIn;
use crate::app::App;
use crate::clock;
use axum::Json;
use axum::extract::State;
use tongban_shared::access::{Action, allowed};
use tongban_shared::publication::{Projects, projects_of};
use tongban_shared::rule::Scene;
use tongban_shared::template;

pub async fn own(State(app): State<App>, who: SignedIn) -> Result<Json<Projects>, HttpError> {
    let asks = who.account.who();
    let rooms = app.rooms.on_account_of(who.account.id);
    let space = rooms.space().await?;
    if !allowed(&space, asks, Action::AskOwnItems) {
        return Err(HttpError::Forbidden);
    }
    let today = clock::today(space.zone());
    let mut projects = Vec::new();
    for id in rooms.boards_naming(asks.unit).await? {
        // One that cannot be read, which its room has told of, does not keep the others back.
        let Ok(board) = rooms.board(id).await else { continue };
        if !allowed(&space, asks, Action::ReadOwnItems(&board)) {
            continue;
        }
        let Ok(entries) = rooms.entries(id).await else { continue };
        let scene = Scene::new(template::of_or_measures(&board), &space, &board, &entries, today);
        projects.extend(projects_of(&scene, id, asks.unit));
    }
    Ok(Json(Projects {
        person: who.account.id,
        unit: asks.unit,
        space: space.name.clone(),
        zone: space.zone.clone(),
        name: space.unit_name(asks.unit),
        at: clock::now_ms(),
        projects,
    }))
}
