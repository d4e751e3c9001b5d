//! Acts go on to their end, with their record on the trail, also when nobody waits for the answer any more:
//! what a request has begun would be left half done by a line that breaks.

use super::HttpError;
use super::session::visitor_unused;
use crate::app::App;
use crate::limits;
use crate::shares::{Held, Lease, Payer};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::panic::resume_unwind;

/// Answers a request of a route that may change something by a task of its own, which the server waits for before
/// it ends.
pub async fn acting(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.acts.spawn(next.run(request)).await {
        Ok(answer) => answer,
        Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
        // The program ends.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Does an act of an account in its turn: an account has few under way, however many it asks for and over however
/// many connections, so that others get the writer of the store.
pub async fn in_turn(State(app): State<App>, request: Request, next: Next) -> Response {
    match turn(&app, request.headers()).await {
        Ok(_turn) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// The turn of whoever asks; none of who is not signed in, for whom nothing is done here.
async fn turn(app: &App, headers: &HeaderMap) -> Result<Option<Lease>, HttpError> {
    let Some(visitor) = visitor_unused(headers, app).await? else { return Ok(None) };
    let payer = Payer::of(&visitor.account);
    Ok(Some(app.shares.hold_in_time(&payer, Held::Acts, 1, limits::ACTS_WAIT).await?))
}

#[cfg(test)]
mod tests {
    use super::{HttpError, turn};
    use crate::app::{App, Options};
    use crate::limits;
    use crate::store::Place;
    use axum::http::{HeaderMap, header};
    use futures::future::join_all;
    use tongban_shared::access::AccountRole;
    use tongban_shared::id::UnitId;

    /// Somebody begins acts over as many connections as they like, while the database is busy.
    #[tokio::test]
    async fn an_account_has_one_act_under_way_and_a_short_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        let unit = UnitId::from_bytes([1; 16]);
        let mut people = Vec::new();
        for login in ["floods", "works"] {
            app.identity
                .create(login, "", unit, AccountRole::Reader, "tongban-demo")
                .await
                .expect("an account");
            let said = ("tongban-demo", None);
            let signed_in = app.identity.sign_in(login, said, ("203.0.113.1", ""), "").await;
            let secret = signed_in.expect("signed in").1;
            let bearer = format!("Bearer {secret}").parse().expect("a value");
            people.push(HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]));
        }
        let _first = turn(&app, &people[0]).await.expect("a turn");
        // All others of the account wait in vain: so many for the time of a turn, the rest not at all.
        let begun = tokio::time::Instant::now();
        let line = usize::try_from(limits::ACTS_LINE).expect("a number");
        let answers = join_all((0..line + 30).map(|_| refused(&app, &people[0], begun))).await;
        assert!(answers.iter().all(|(refused, _)| *refused));
        // On a busy machine some of them come when the first have given up.
        let soon = answers.iter().filter(|(_, soon)| *soon).count();
        assert!((1..=30).contains(&soon), "{soon}");
        turn(&app, &people[1]).await.expect("another account has its own turn");
        app.close().await;
    }

    /// Whether there was no turn, and whether that was told before the time for one was over.
    async fn refused(app: &App, headers: &HeaderMap, begun: tokio::time::Instant) -> (bool, bool) {
        let answered = turn(app, headers).await;
        (matches!(answered, Err(HttpError::RanOut(_))), begun.elapsed() < limits::ACTS_WAIT)
    }
}
