//! Questions about logs that are asked of one after the other, as when a device ends. A log that nobody has
//! open is read, asked and let go before the next one: all logs of a unit are too much to hold at once.

use super::task::{self, Question, ToRoom};
use super::{Content, Rooms, What};
use std::sync::PoisonError;
use tokio::sync::oneshot;
use tongban_shared::document::DocumentError;
use tongban_shared::id::{BoardId, DeviceId, EntryId, UnitId};

impl Rooms {
    /// The ids of the entries that a device has written into the log of a unit on a board.
    ///
    /// # Errors
    /// [`DocumentError::Away`] when the log cannot be read, or the program ends.
    pub async fn entries_by(
        &self,
        device: DeviceId,
        (board, unit): (BoardId, UnitId),
    ) -> Result<Vec<EntryId>, DocumentError> {
        let what = What::Log(board, unit);
        let _alone = self.inner.passing.lock().await;
        if let Some(ids) = self.of_the_open_one(what, device).await {
            return Ok(ids);
        }
        let read = task::read_once(self, what, move |room| room.document().entries_by(device));
        tokio::select! {
            ids = read => ids.map_err(|error| {
                tracing::error!(%board, %unit, %error, "A log could not be read");
                DocumentError::Away
            }),
            () = self.inner.stop.cancelled() => Err(DocumentError::Away),
        }
    }

    /// The same of a log that somebody has open; nothing when nobody has, or not any more.
    async fn of_the_open_one(&self, what: What, device: DeviceId) -> Option<Vec<EntryId>> {
        let open =
            self.inner.open.lock().unwrap_or_else(PoisonError::into_inner).get(&self.id(what)).cloned();
        let room = open.filter(|room| room.what == what)?;
        let (reply, content) = oneshot::channel();
        // Nobody listens any more once it is read.
        let _ = room.askers.send(self.asker);
        room.inbox.send(ToRoom::Ask(Question::Read(reply))).await.ok()?;
        let Content::Log(log) = content.await.ok()? else { return None };
        Some(log.iter().filter(|entry| entry.author.device == device).map(|entry| entry.id).collect())
    }
}
