//! Heavy things of a room for which there is no memory now: they wait for it one after the other, and the room
//! goes on.

use super::Task;
use crate::rooms::Rooms;
use crate::rooms::judging::{Gone, Turn};
use futures::future::BoxFuture;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use tongban_shared::sync::room::{ConnectionId, Room};

/// Something heavy.
enum Heavy {
    /// Changes of a connection that waited for others, which have come.
    Release(ConnectionId),
    /// Changes of another process.
    Read(Vec<[u8; 32]>),
    /// An answer to a connection that is being brought level.
    Answer,
}

/// All of a room, in their order, each with the bytes of memory that it takes.
#[derive(Default)]
pub(super) struct Later {
    all: VecDeque<(Heavy, u64)>,
    /// The connections among them.
    releases: BTreeSet<ConnectionId>,
    /// Memory for the first.
    memory: Mutex<Option<BoxFuture<'static, Option<Turn>>>>,
}

impl Later {
    pub(super) fn release(&mut self, connection: ConnectionId, bytes: u64) {
        self.releases.insert(connection);
        self.all.push_back((Heavy::Release(connection), bytes));
    }

    pub(super) fn read(&mut self, hashes: Vec<[u8; 32]>, bytes: u64) {
        self.all.push_back((Heavy::Read(hashes), bytes));
    }

    /// One at a time: the next is chosen when there is memory.
    pub(super) fn answer(&mut self, bytes: u64) {
        if !self.all.iter().any(|(heavy, _)| matches!(heavy, Heavy::Answer)) {
            self.all.push_back((Heavy::Answer, bytes));
        }
    }

    /// The connections whose changes are released later.
    pub(super) const fn releases(&self) -> &BTreeSet<ConnectionId> {
        &self.releases
    }

    /// Waits until there is memory for the first; for ever where there is none.
    pub(super) async fn memory(&mut self, rooms: &Rooms) -> Turn {
        loop {
            let Some((_, bytes)) = self.all.front() else { return std::future::pending().await };
            let (rooms, bytes) = (rooms.clone(), *bytes);
            let memory = self.memory.get_mut().unwrap_or_else(PoisonError::into_inner);
            let wait =
                memory.get_or_insert_with(|| Box::pin(async move { rooms.inner.memory.of(bytes).await }));
            let had = wait.await;
            *memory = None;
            if let Some(memory) = had {
                return memory;
            }
        }
    }
}

impl Task {
    /// Does the first thing that has waited for memory.
    ///
    /// # Errors
    /// [`Gone`] when the room is gone over it.
    pub(super) async fn go_on(&mut self, room: Room, memory: Turn) -> Result<Room, Gone> {
        match self.later.all.pop_front() {
            Some((Heavy::Release(connection), _)) => {
                self.later.releases.remove(&connection);
                let room = self.release_of(room, connection, Some(memory)).await?;
                self.release_all(room).await
            }
            Some((Heavy::Read(hashes), _)) => self.fetch_all(room, hashes, Some(memory)).await,
            Some((Heavy::Answer, _)) => {
                self.answers.memory = Some(memory);
                Ok(room)
            }
            None => Ok(room),
        }
    }
}
