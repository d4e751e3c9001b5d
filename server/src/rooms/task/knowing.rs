//! The words of a space by which changes are judged.

use super::Task;
use crate::rooms::What;
use crate::rooms::judging::Gone;
use crate::store::StoreError;
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

    /// Looks up whose home is here, where another server may write into the space: once in a round, and whole
    /// only when somebody has come since.
    pub(super) async fn look_for_people(&mut self, comes: bool) -> Result<(), Gone> {
        let is_asked = comes || self.seats.values().any(|seat| seat.rights.server);
        if self.knows_people || self.what != What::Space || !is_asked {
            return Ok(());
        }
        let store = &self.rooms.inner.store;
        let read = async {
            let same = store.people_count().await? == self.people.len() as u64;
            Ok::<_, StoreError>(if same { None } else { Some(store.people().await?) })
        };
        match read.await {
            Ok(people) => self.people = people.map_or_else(|| Arc::clone(&self.people), Arc::new),
            Err(error) => {
                tracing::error!(error = %error, "Accounts could not be read");
                return Err(Gone::Ends);
            }
        }
        self.knows_people = true;
        Ok(())
    }
}
