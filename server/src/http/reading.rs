//! Foldings of whole boards for one answer: few at once for each account.

use super::HttpError;
use super::session::SignedIn;
use crate::app::App;
use crate::limits;
use crate::shares::{Held, Payer};
use tongban_shared::document::DocumentError;

/// Does such work on the account of who asks. It goes on to its end and has its part of the share until then,
/// also when the asker is gone: nobody has more under way by asking and leaving.
pub async fn reading<T: Send + 'static>(
    app: &App,
    who: &SignedIn,
    work: impl Future<Output = Result<T, HttpError>> + Send + 'static,
) -> Result<T, HttpError> {
    let (payer, wait) = (Payer::of(&who.account), limits::READING_WAIT);
    let lease = app.shares.hold_in_time(&payer, Held::Readings, 1, wait).await?;
    let done = tokio::spawn(async move {
        let _held = lease;
        work.await
    });
    done.await.map_err(|error| DocumentError::Corrupt(error.to_string()))?
}
