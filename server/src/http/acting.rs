//! Acts go on to their end, with their record on the trail, also when nobody waits for the answer any more:
//! what a request has begun would be left half done by a line that breaks.

use crate::app::App;
use axum::extract::{Request, State};
use axum::http::StatusCode;
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
