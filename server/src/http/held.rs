//! Answers that were made whole: the account of who asked holds them until they are taken, as what a connection
//! is sent.

use super::HttpError;
use crate::app::App;
use crate::identity::Account;
use crate::shares::{Held, Lease, Payer};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::io;

/// Bytes of an answer that are handed to its connection at once; so much of it may be given back too early.
const STEP: usize = 64 * 1024;

/// An answer in JSON that was made, with the memory that it takes.
pub struct Whole {
    content: Bytes,
    lease: Option<Lease>,
}

impl Whole {
    /// Makes it of what is said. That takes long when it is much.
    ///
    /// # Errors
    /// [`HttpError::RanOut`] when there is no memory for it: whoever asks comes again.
    pub fn json(app: &App, account: &Account, said: &impl Serialize) -> Result<Self, HttpError> {
        let never = |error| unreachable!("memory takes every word: {error}");
        // It takes no more memory than is counted.
        let content = serde_json::to_vec(said).unwrap_or_else(never).into_boxed_slice();
        let content = Bytes::from(content);
        let held = || app.shares.hold(&Payer::of(account), Held::Outbox, content.len() as u64);
        let lease = if content.len() > STEP { Some(held()?) } else { None };
        Ok(Self { content, lease })
    }
}

impl IntoResponse for Whole {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("application/json");
        let length = HeaderValue::from(self.content.len());
        let head = [(header::CONTENT_TYPE, kind), (header::CONTENT_LENGTH, length)];
        (head, steps(self.content, self.lease)).into_response()
    }
}

/// A body that is handed to its connection by steps; what is held for it is given back with the last of them.
pub fn steps(content: Bytes, held: Option<impl Send + 'static>) -> Body {
    let Some(held) = held else { return Body::from(content) };
    let steps = futures::stream::unfold((content, held), async |(mut rest, held)| {
        let step = rest.split_to(rest.len().min(STEP));
        (!step.is_empty()).then(|| (Ok::<Bytes, io::Error>(step), (rest, held)))
    });
    Body::from_stream(steps)
}

/// The answer that says something in JSON.
///
/// # Errors
/// As [`Whole::json`].
pub fn json(app: &App, account: &Account, said: &impl Serialize) -> Result<Response, HttpError> {
    Ok(Whole::json(app, account, said)?.into_response())
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
