//! Writing a round, beside other processes that write the same document.

use super::Task;
use crate::audit::Origin;
use crate::rooms::Outlet;
use crate::rooms::judging::Gone;
use crate::store::{Append, StoreError};
use futures::future::OptionFuture;
use std::time::Instant;
use tongban_shared::document::Chunk;
use tongban_shared::sync::room::{Fault, Objection, Room};

/// A change that was not written: another one stood under its number by then.
pub(super) struct Second {
    hash: [u8; 32],
    actor: Vec<u8>,
    number: u64,
    from: Option<Outlet>,
}

impl Task {
    /// Writes the changes of a round. If another process has taken one under the number of one of them, the
    /// round is dropped: read anew, the document says which ([`Task::settle`]).
    ///
    /// # Errors
    /// [`Gone`] when not all of it was written. The first of many may be on the disk then, as after a crash before
    /// the acknowledgement.
    pub(super) async fn write(&mut self, room: &mut Room, chunks: Vec<Chunk>) -> Result<(), Gone> {
        let (start, count) = (Instant::now(), chunks.len() as u64);
        let over_damage = self.damaged || self.beyond;
        let batch = Append { document: self.id, chunks, over_damage, total: room.extent() };
        let inner = &self.rooms.inner;
        let standing = self.heard.values().find_map(|outlet| outlet.standing.clone());
        for portion in batch.portions() {
            // Until this is on the disk nobody is told that a session or a role has ended; behind it somebody may be.
            let _committing =
                OptionFuture::from(standing.as_ref().map(|standing| standing.committing())).await;
            if self.has_ended() {
                return Err(Gone::Ended);
            }
            let written = inner.store.append(portion).await;
            inner.named.forget(self.id);
            match written {
                Ok(()) => {}
                Err(StoreError::Taken { hash, actor, number }) => {
                    let from = room.brought_by(&hash).and_then(|from| self.heard.get(&from)).cloned();
                    self.second = Some(Second { hash, actor, number, from });
                    return Err(Gone::Broken);
                }
                Err(error) => {
                    tracing::error!(document.id = %self.id, error = %error, "Changes could not be written");
                    return Err(Gone::Ends);
                }
            }
        }
        inner.metrics.committed(count, start.elapsed());
        Ok(())
    }

    /// Looks in the document, read anew, for the change under the number of one that was not written. When it is
    /// the same, its sender had sent it to another process before. When it is another one, the sender is
    /// refused by name, as if one process had heard both, and it is held against them that everybody was read
    /// anew for it.
    pub(super) fn settle(&mut self, room: &mut Room) {
        let Some(Second { hash, actor, number, from }) = self.second.take() else { return };
        let document = room.document_mut();
        if document.contains(&hash) {
            return;
        }
        if !document.has_number(&actor, number) {
            // Nothing that is not there keeps out what devices bring.
            tracing::error!(document.id = %self.id, number, "The store lacks a change that it counts");
            self.beyond = true;
            return;
        }
        let Some(outlet) = from else { return };
        self.rooms.inner.metrics.refused(1);
        self.record(Some(&outlet), Origin::Person(outlet.person), (&Objection::of(Fault::Numbers), 1));
        if self.rooms.inner.offences.note(outlet.person) {
            self.record(None, Origin::Person(outlet.person), (&Objection::of(Fault::Paused), 1));
        }
    }
}
