//! The rights of a connection, looked at again as long as it is open.

use super::Connection;
use crate::limits;
use crate::rooms::What;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use tokio_util::sync::CancellationToken;
use tongban_shared::document::DocumentError;
use tongban_shared::id::BoardId;
use tongban_shared::model::{Board, Space};
use tongban_shared::sync::room::Rights;

/// The contents that rights hang on, not kept alive by who only compares them.
#[derive(Default)]
pub(super) struct Grounds {
    space: Weak<Space>,
    boards: HashMap<BoardId, Weak<Board>>,
}

impl Connection {
    /// Signed out meanwhile, or taken off a board: rights are those of now.
    pub(super) async fn look_again(&mut self) -> bool {
        let Some(seat) = &self.seat else { return true };
        let Some(visitor) = seat.stands_for.borrow().clone() else { return false };
        // Certified meanwhile, or moved to another unit or role: a new connection begins with it.
        if visitor != self.visitor {
            return false;
        }
        let rooms = &self.app.rooms;
        let Ok(space) = rooms.space().await else { return false };
        let anew = self.grounds.space.as_ptr() != Arc::as_ptr(&space);
        let mut boards: HashMap<BoardId, (Arc<Board>, bool)> = HashMap::new();
        for what in self.open.values() {
            let (board, changed) = match what.board() {
                None => (Arc::default(), anew),
                Some(id) => match boards.get(&id) {
                    Some(known) => known.clone(),
                    None => {
                        let board = match rooms.board(id).await {
                            Ok(board) => board,
                            // A board that cannot be read now says nothing new: rights stand until it can.
                            Err(_) if !anew => continue,
                            Err(_) => return false,
                        };
                        let before = self.grounds.boards.get(&id);
                        let same = before.is_some_and(|before| before.as_ptr() == Arc::as_ptr(&board));
                        boards.entry(id).insert_entry((board, anew || !same)).get().clone()
                    }
                },
            };
            if !changed {
                continue;
            }
            match what.rights(&visitor, &space, &board).map(|rights| self.of_server(rights)) {
                Some(rights) => rooms.set_rights(*what, self.outlet.id, rights).await,
                None => return false,
            }
        }
        let boards = boards.iter().map(|(id, (board, _))| (*id, Arc::downgrade(board))).collect();
        self.grounds = Grounds { space: Arc::downgrade(&space), boards };
        true
    }

    /// Waits for something, and looks meanwhile whether the connection has the rights that it had: others decide
    /// when the wait is over. None when the connection has ended before.
    pub(super) async fn meanwhile<T>(&mut self, wait: impl Future<Output = T>) -> Option<T> {
        let cancel = self.outlet.cancel.clone();
        let done = first(wait, self.keep_looking(), &cancel).await;
        if done.is_none() {
            cancel.cancel();
        }
        done
    }

    /// Looks at its rights now and then, until it has lost some.
    async fn keep_looking(&mut self) {
        loop {
            tokio::time::sleep(limits::RIGHTS).await;
            // None is looked at for the ferry, as everywhere.
            if !self.look_again().await {
                return;
            }
        }
    }

    pub(super) async fn rights(&self, what: What) -> Result<Option<Rights>, DocumentError> {
        let rights = self.app.rooms.rights(&self.visitor, what).await?.map(|rights| self.of_server(rights));
        if rights.is_some() || self.seat.is_some() {
            return Ok(rights);
        }
        // The ferry brings what another server has given, and what is not here yet: the operator has chosen that.
        // It neither gets nor changes anything of a board on which that one has no part: it could make itself a
        // guest there.
        let brings = self.of_server(Rights { write: true, server: true, ..Rights::default() });
        let Some(id) = what.board() else { return Ok(Some(brings)) };
        let board = self.app.rooms.board(id).await?;
        if *board != Board::default() && !self.app.peers.gave(&self.visitor.account.name, id).await {
            return Ok(None);
        }
        let lead = board.lead.filter(|_| matches!(what, What::Log(..)));
        Ok(Some(Rights { lead, decide: matches!(what, What::Board(_)), ..brings }))
    }

    /// Rights with the key of the server that has them.
    pub(super) fn of_server(&self, rights: Rights) -> Rights {
        Rights { authority: self.authority, ..rights }
    }
}

/// The first of these that is done, none when it is another than `wait`. All are asked as long as any is: who stands
/// in a queue and is not asked keeps its place from everybody behind.
async fn first<T>(
    wait: impl Future<Output = T>,
    other: impl Future<Output = ()>,
    cancel: &CancellationToken,
) -> Option<T> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => None,
        done = wait => Some(done),
        () = other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::mpsc;

    /// After so long they look again.
    const MOMENT: Duration = Duration::from_millis(10);

    /// Words stand in the queue of a room that is busy; meanwhile each looks at its rights, which asks that room.
    #[tokio::test]
    async fn a_room_that_was_busy_goes_on_also_when_all_who_wait_for_it_look_at_their_rights() {
        let (to_room, mut inbox) = mpsc::channel(2);
        for word in ["first", "second"] {
            to_room.send(word).await.expect("room");
        }
        let connection = |to_room: mpsc::Sender<&'static str>| async move {
            let (asks, cancel) = (to_room.clone(), CancellationToken::new());
            let looks = async {
                tokio::time::sleep(MOMENT).await;
                asks.send("a question").await.expect("the room is there");
                std::future::pending::<()>().await;
            };
            first(to_room.send("a word"), looks, &cancel).await.is_some()
        };
        let connections: Vec<_> = (0..6).map(|_| tokio::spawn(connection(to_room.clone()))).collect();
        drop(to_room);
        // Longer than it takes to look again.
        tokio::time::sleep(5 * MOMENT).await;
        let read = tokio::time::timeout(1_000 * MOMENT, async { while inbox.recv().await.is_some() {} });
        read.await.expect("the room has read everything");
        for connection in connections {
            assert!(connection.await.expect("no panic"));
        }
    }

    #[tokio::test]
    async fn a_wait_ends_with_its_connection_and_with_its_rights() {
        let cancel = CancellationToken::new();
        let never = || std::future::pending::<()>();
        assert_eq!(first(never(), async {}, &cancel).await, None);
        assert_eq!(first(async {}, never(), &cancel).await, Some(()));
        cancel.cancel();
        assert_eq!(first(never(), never(), &cancel).await, None);
    }
}
