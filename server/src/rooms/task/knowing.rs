//! The knowledge by which a room judges.

use super::Task;
use crate::rooms::What;
use crate::rooms::judging::Gone;
use std::sync::Arc;
use tongban_shared::sync::room::{Known, Room};

impl Task {
    pub(super) fn known(&self) -> Known {
        let known = self.rooms.known();
        Known { recovers: known.recovers || self.damaged, people: Arc::clone(&self.people), ..known }
    }

    /// Judges from now on by what the space says now.
    pub(super) async fn know_anew(&mut self, mut room: Box<Room>) -> Result<Box<Room>, Gone> {
        self.look_for_people(false).await?;
        room.know(self.known());
        Ok(room)
    }

    /// Looks up whose home is here, where another server may write into the space.
    pub(super) async fn look_for_people(&mut self, comes: bool) -> Result<(), Gone> {
        if self.what != What::Space || !comes && self.seats.values().all(|seat| !seat.rights.server) {
            return Ok(());
        }
        match self.rooms.inner.store.people().await {
            Ok(people) => self.people = Arc::new(people),
            Err(error) => {
                tracing::error!(error = %error, "Accounts could not be read");
                return Err(Gone::Ends);
            }
        }
        Ok(())
    }
}
