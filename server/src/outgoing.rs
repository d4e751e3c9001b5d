//! Requests of this server to others: providers of unified sign-in, other servers, stores of files.

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use std::sync::Once;
use std::time::Duration;

/// A connection has to stand by then.
const TO_CONNECT: Duration = Duration::from_secs(10);

/// Nothing has come for so long, also while a piece is sent: the other side is gone. A file over a slow
/// line takes as long as it takes.
const SILENCE: Duration = Duration::from_secs(120);

/// Why an answer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    #[error("the answer is longer than {0} bytes")]
    TooLong(u64),
}

/// Chooses the one TLS of this program, which no library chooses by itself; further calls do nothing.
pub fn choose_tls() {
    static CHOSEN: Once = Once::new();
    CHOSEN.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
}

/// A client that goes where it is sent and nowhere else: whoever follows a redirect asks whom the
/// other side likes.
///
/// # Errors
/// When the certificates of this machine cannot be read.
pub fn client() -> reqwest::Result<Client> {
    choose_tls();
    Client::builder().redirect(Policy::none()).connect_timeout(TO_CONNECT).read_timeout(SILENCE).build()
}

/// The body of an answer, of so many bytes at most.
///
/// # Errors
/// [`AnswerError`]
pub async fn body(mut answer: Response, most: u64) -> Result<Vec<u8>, AnswerError> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if (body.len() + piece.len()) as u64 > most {
            return Err(AnswerError::TooLong(most));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
