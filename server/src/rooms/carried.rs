//! Changes that an operator has brought by file.

use super::task::ToRoom;
use super::{Rooms, What};
use crate::limits;
use tokio::sync::oneshot;
use tongban_shared::document::DocumentError;
use tongban_shared::id::PersonId;
use tongban_shared::sync::room::{Rights, TakenIn};

impl Rooms {
    /// Takes in changes that an operator has brought by file, with the rights of whoever wrote it; each is
    /// judged. They are taken in portions, each committed for itself, and others are served meanwhile.
    ///
    /// # Errors
    /// [`DocumentError`] when the document cannot be gone on with; the portions before are taken then.
    pub async fn take_in(
        &self,
        what: What,
        changes: Vec<Vec<u8>>,
        (rights, person): (Rights, Option<PersonId>),
    ) -> Result<TakenIn, DocumentError> {
        let (mut all, mut rest) = (TakenIn::default(), changes.into_iter().peekable());
        while rest.peek().is_some() {
            let (mut portion, mut bytes) = (std::mem::take(&mut all.waiting), 0);
            let fits = |count: usize, bytes: usize| count < limits::PORTION && bytes < limits::PORTION_BYTES;
            let mut count = 0;
            while let Some(change) = rest.next_if(|_| fits(count, bytes)) {
                (count, bytes) = (count + 1, bytes + change.len());
                portion.push(change);
            }
            let (done, result) = oneshot::channel();
            let message = ToRoom::TakeIn { changes: portion, rights: rights.clone(), person, done };
            self.tell(what, message).await;
            let taken = result.await.map_err(|_| DocumentError::Away)?;
            let taken = taken.map_err(|error| DocumentError::Corrupt(error.to_string()))?;
            all.new += taken.new;
            all.refused.extend(taken.refused);
            all.waiting = taken.waiting;
        }
        Ok(all)
    }
}
