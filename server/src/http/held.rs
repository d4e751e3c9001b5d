//! Answers that were made whole: the account of who asked holds them until they are taken, as what a connection
//! is sent.

use super::HttpError;
use crate::app::App;
use crate::identity::Account;
use crate::shares::{Held, Payer};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::io;

/// Bytes of an answer that are handed to its connection at once; so much of it may be given back too early.
const STEP: usize = 64 * 1024;

/// An answer in JSON, with the memory that it takes.
///
/// # Errors
/// [`HttpError::RanOut`] when there is no memory for it: whoever asks comes again.
pub fn json(app: &App, account: &Account, said: &impl Serialize) -> Result<Response, HttpError> {
    let never = |error| unreachable!("memory takes every word: {error}");
    let bytes = serde_json::to_vec(said).unwrap_or_else(never);
    let length = bytes.len() as u64;
    let kind = HeaderValue::from_static("application/json");
    if bytes.len() <= STEP {
        return Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response());
    }
    let lease = app.shares.hold(&Payer::of(account), Held::Outbox, length)?;
    let bytes = Bytes::from(bytes);
    let steps = futures::stream::unfold((bytes, lease), async |(mut rest, lease)| {
        let step = rest.split_to(rest.len().min(STEP));
        (!step.is_empty()).then(|| (Ok::<Bytes, io::Error>(step), (rest, lease)))
    });
    let head = [(header::CONTENT_TYPE, kind), (header::CONTENT_LENGTH, HeaderValue::from(length))];
    Ok((head, Body::from_stream(steps)).into_response())
}

#[cfg(test)]
mod tests {
    use super::json;
    use crate::app::{App, Options};
    use crate::shares::{Held, Payer};
    use crate::store::Place;
    use futures::StreamExt;
    use tongban_shared::access::AccountRole;
    use tongban_shared::id::UnitId;

    /// Somebody asks for answers of many megabytes over many connections and takes them as slowly as they may.
    #[tokio::test]
    async fn an_answer_is_held_by_its_account_until_it_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        let unit = UnitId::from_bytes([1; 16]);
        let made = app.identity.create("clerk", "", unit, AccountRole::Editor, "tongban-demo").await;
        let account = made.expect("an account");
        let words = "字".repeat(14 * 1024 * 1024);
        let answer = json(&app, &account, &words).expect("there is memory for one");
        let more = || app.shares.hold(&Payer::of(&account), Held::Outbox, 40 * 1024 * 1024).is_ok();
        assert!(json(&app, &account, &words).is_err() && !more());
        let mut body = answer.into_body().into_data_stream();
        let first = body.next().await.expect("a step").expect("bytes");
        assert!(first.len() <= super::STEP && !more(), "the rest waits");
        let mut length = first.len();
        while let Some(step) = body.next().await {
            length += step.expect("bytes").len();
        }
        assert_eq!(length, 3 * 14 * 1024 * 1024 + 2);
        assert!(more());
        app.close().await;
    }
}
