//! Foldings of whole boards for one answer: few at once for each account, and for strangers together.

use super::HttpError;
use crate::app::App;
use crate::limits;
use crate::shares::{Held, Payer};
use tongban_shared::document::DocumentError;

/// Does such work on the account of who asks, or on that of their network and of all strangers, by the turn of
/// each. It goes on to its end and has its parts of the shares until then, also when the asker is gone: nobody
/// has more under way by asking and leaving.
pub async fn reading<T: Send + 'static>(
    app: &App,
    payers: &[Payer],
    work: impl Future<Output = Result<T, HttpError>> + Send + 'static,
) -> Result<T, HttpError> {
    let mut leases = Vec::new();
    for payer in payers {
        leases.push(app.shares.hold_in_time(payer, Held::Readings, 1, limits::READING_WAIT).await?);
    }
    let done = tokio::spawn(async move {
        let _held = leases;
        work.await
    });
    done.await.map_err(|error| DocumentError::Corrupt(error.to_string()))?
}
