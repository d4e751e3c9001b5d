//! An enterprise's view: its items on every board, and nothing else of them.

use super::reading::reading;
use super::session::SignedIn;
use super::{HttpError, held};
use crate::app::App;
use crate::clock;
use crate::identity::Account;
use crate::limits;
use crate::shares::Payer;
use axum::extract::State;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;
use tongban_shared::access::{Action, allowed};
use tongban_shared::publication::{Projects, projects_of};
use tongban_shared::rule::{Looks, Scene};
use tongban_shared::template;

pub async fn own(State(app): State<App>, who: SignedIn) -> Result<Response, HttpError> {
    let folded = fold(app.clone(), who.account.clone(), limits::LOOKED_AT);
    let projects = reading(&app, &[Payer::of(&who.account)], folded).await?;
    held::json(&app, &who.account, &projects)
}

/// A board that takes more looks than there may be is left out, as one whose template cannot be read: whoever wrote
/// its template would keep the enterprise from all others.
async fn fold(app: App, who: Account, looks: usize) -> Result<Projects, HttpError> {
    let asks = who.who();
    let rooms = app.rooms.on_account_of(who.id);
    let space = rooms.space().await?;
    if !allowed(&space, asks, Action::AskOwnItems) {
        return Err(HttpError::Forbidden);
    }
    let today = clock::today(space.zone());
    let (mut projects, mut boards, mut unread) = (Vec::new(), BTreeMap::new(), 0);
    let mut left = limits::PROJECTS_BYTES;
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
        let _room = app.publications.room_to_fold(&rooms, &board).await?;
        let space = Arc::clone(&space);
        let most = left.min(limits::PROJECTS_OF_A_BOARD);
        let folded = tokio::task::spawn_blocking(move || {
            let looks = Looks::at_most(looks);
            Scene::within(&looks, &template, &space, &board, &entries, today, |scene| {
                let mut left = most;
                (projects_of(scene, id, asks.unit, &mut left), left)
            })
        });
        let Ok(folded) = folded.await else { continue };
        let Some(((of_board, some), rest)) = folded else {
            unread += 1;
            continue;
        };
        left -= most - rest;
        boards.insert(id, of_board);
        projects.extend(some);
    }
    Ok(Projects {
        person: who.id,
        unit: asks.unit,
        space: space.name.clone(),
        zone: space.zone.clone(),
        name: space.unit_name(asks.unit),
        at: clock::now_ms(),
        projects,
        boards,
        unread,
    })
}

#[cfg(test)]
mod tests {
    use super::{SignedIn, fold, own};
    use crate::app::{App, Options};
    use crate::demo;
    use crate::limits;
    use crate::rooms::What;
    use crate::store::Place;
    use axum::extract::State;
    use axum::http::header;
    use axum::response::IntoResponse;
    use tongban_shared::document::Stamp;
    use tongban_shared::edit::{BoardField, Edit, NewItem};
    use tongban_shared::id::ItemId;
    use tongban_shared::import::Role;
    use tongban_shared::publication::Projects;

    /// Somebody writes many long items that name an enterprise, on a board with a long title.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_names_an_enterprise_takes_of_the_heavy_memory_and_is_cut_rather_than_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        demo::fill(&app).await.expect("filled");
        let firm = app.identity.account_named("ruye").await.expect("asked").expect("an account");
        let asks = || async {
            let who = SignedIn { account: firm.clone(), secret: String::new(), device: None };
            let answer = own(State(app.clone()), who).await.into_response();
            let again = answer.headers().contains_key(header::RETRY_AFTER);
            let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
            (body.expect("a body"), again)
        };
        let told = |body: &[u8]| serde_json::from_slice::<Projects>(body).expect("projects");
        let before = told(&asks().await.0);
        let board = before.projects[0].board;
        assert!(!before.boards[&board].cut && !before.boards[&board].title.is_empty());
        let content = app.rooms.board(board).await.expect("a board");
        let like = &content.items[&before.projects[0].item];
        let (section, kind) = (like.section, like.kind.clone());
        let title = Edit::SetBoardField { field: BoardField::Title, value: "题".repeat(50_000) };
        let mut edits = vec![title];
        for number in 0..36 {
            let id = ItemId::from_bytes([number; 16]);
            let item =
                NewItem { section, kind: kind.clone(), title: "字".repeat(90_000), ..NewItem::default() };
            let (unit, role, raw) = (firm.unit, Role::Participant, String::new());
            edits.push(Edit::AddItem { id, item: Box::new(item) });
            edits.push(Edit::Assign { item: id, unit, role, open_ended: false, raw });
        }
        let stamp = Stamp { time: 0, by: String::new() };
        app.rooms.edit(What::Board(board), edits, stamp).await.expect("an edit");

        let all = app.rooms.memory_of(u64::MAX).await.expect("all of it");
        let (said, again) = asks().await;
        assert!(said.len() < 1000 && again, "it waits, and is told to come again: {} bytes", said.len());
        drop(all);
        let (said, again) = asks().await;
        assert!(said.len() < limits::PROJECTS_BYTES && !again, "{} bytes", said.len());
        let now = told(&said);
        assert!(now.boards[&board].cut && now.boards[&board].title.chars().count() <= 600);
        assert!(now.projects.len() < before.projects.len() + 36 && !now.projects.is_empty());
        app.close().await;
    }

    /// It takes as long as the writer of the board's template decides.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_board_that_takes_too_long_is_left_out_and_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        demo::fill(&app).await.expect("filled");
        let firm = app.identity.account_named("ruye").await.expect("asked").expect("an account");
        let all = fold(app.clone(), firm.clone(), limits::LOOKED_AT).await.expect("projects");
        assert!(all.unread == 0 && !all.projects.is_empty());
        let none = fold(app.clone(), firm, 10).await.expect("projects");
        assert!(none.projects.is_empty() && none.boards.is_empty());
        assert_eq!(none.unread as usize, all.boards.len());
        app.close().await;
    }
}
