//! Hearing what connections say of a document, and what that releases of others.

use super::Task;
use crate::limits;
use crate::rooms::judging::{Gone, Turn, beside};
use crate::rooms::{Outlet, Word};
use tongban_shared::sync::room::{ConnectionId, Fault, ReceiveError, Room};
use tongban_shared::trust::Closing;

impl Task {
    /// Judges what a connection has said, by what is known now; a heavy word, with the turn of its account and
    /// memory, or one upon which others wait, beside the workers.
    pub(super) async fn hear(
        &mut self,
        room: Box<Room>,
        outlet: Outlet,
        word: Word,
        heavy: Option<(Turn, Turn)>,
    ) -> Result<Box<Room>, Gone> {
        let mut room = self.know_anew(room).await?;
        if !outlet.stands() {
            self.send_away(&mut room, &outlet);
        }
        let Some(seat) = self.seats.get(&outlet.id) else {
            // The document was loaded anew since this connection opened it.
            outlet.cancel.cancel();
            return Ok(room);
        };
        // A pause may have begun or ended meanwhile.
        let rights = seat.rights.clone();
        self.set_rights(&mut room, outlet.id, rights);
        self.heard.insert(outlet.id, outlet.clone());
        self.allow(&mut room, &outlet);
        let id = outlet.id;
        let judge = move |room: &mut Room| match word {
            Word::Sync { data, anew } => room.receive(id, &data, anew),
            Word::Changes(changes) => room.receive_changes(id, changes),
        };
        room.defer(true);
        let heavy = heavy.map(|(turn, memory)| (Some(turn), memory));
        room = self.weigh(room, &outlet, judge, heavy).await?;
        room = self.release_all(room).await?;
        self.put_down(&mut room);
        self.hold_kept(&mut room, &outlet);
        Ok(room)
    }

    /// Sends away a connection whose session or role has ended, with what waits of it.
    fn send_away(&mut self, room: &mut Room, outlet: &Outlet) {
        outlet.cancel.cancel();
        self.seats.remove(&outlet.id);
        room.leave(outlet.id);
    }

    /// Whether the session or the role has ended of somebody of whose words something was taken in this round.
    pub(super) fn has_ended(&self) -> bool {
        self.heard.iter().any(|(id, outlet)| self.brought.contains(id) && !outlet.stands())
    }

    /// Releases whatever waited for what has come in, from whomever that came: it can be much more than the word
    /// itself, and is put down to those who sent it. Heavy ones for which there is no memory now come later, and so
    /// do those behind the first few: others have something to say in between.
    pub(super) async fn release_all(&mut self, mut room: Box<Room>) -> Result<Box<Room>, Gone> {
        let mut released = 0;
        while let Some(id) = room.released(self.later.releases()) {
            let weight = room.released_weight(id);
            released += 1;
            let memory = if released > limits::RELEASES_AT_ONCE {
                Some(None)
            } else {
                (weight > limits::LIGHT).then(|| self.rooms.inner.memory.now(weight))
            };
            match memory {
                Some(None) => self.later.release(id, weight),
                memory => room = self.release_of(room, id, memory.flatten()).await?,
            }
        }
        room.defer(false);
        Ok(room)
    }

    /// Releases what waits of one connection, beside the workers where there is memory for it.
    pub(super) async fn release_of(
        &mut self,
        mut room: Box<Room>,
        id: ConnectionId,
        memory: Option<Turn>,
    ) -> Result<Box<Room>, Gone> {
        let Some(outlet) = self.seats.get(&id).map(|seat| seat.outlet.clone()) else {
            room.leave(id);
            return Ok(room);
        };
        if !outlet.stands() {
            self.send_away(&mut room, &outlet);
            return Ok(room);
        }
        self.heard.insert(id, outlet.clone());
        // Several connections of one account have one share.
        self.put_down(&mut room);
        self.allow(&mut room, &outlet);
        let heavy = memory.map(|memory| (None, memory));
        room.defer(true);
        room = self.weigh(room, &outlet, move |room| room.release(id), heavy).await?;
        self.put_down(&mut room);
        self.hold_kept(&mut room, &outlet);
        Ok(room)
    }

    /// Does something with the room for a connection; what is heavy beside the workers, within its memory. A
    /// connection whose words cannot be read is closed.
    async fn weigh(
        &mut self,
        mut room: Box<Room>,
        outlet: &Outlet,
        act: impl FnOnce(&mut Room) -> Result<(), ReceiveError> + Send + 'static,
        heavy: Option<(Option<Turn>, Turn)>,
    ) -> Result<Box<Room>, Gone> {
        let (stop, before) = (self.rooms.inner.stop.clone(), room.taken_now());
        let done = match heavy {
            None => {
                let taken = act(&mut room);
                Ok((room, taken))
            }
            Some((turn, memory)) => {
                // Turn and memory are held for as long as the work goes on, also where nobody waits for it
                // any more.
                let done = beside(room, &stop, move |room: &mut Room| (act(room), turn, memory)).await;
                done.map(|(room, (taken, ..))| (room, taken))
            }
        };
        if done.as_ref().is_ok_and(|(room, _)| room.taken_now() != before) {
            self.brought.insert(outlet.id);
        }
        match done {
            Ok((room, Ok(()))) => Ok(room),
            Ok((mut room, Err(error @ ReceiveError::Unreadable(_)))) => {
                tracing::warn!(document.id = %self.id, error = %error, "A connection sent what cannot be taken");
                self.put_down(&mut room);
                self.part(outlet, Fault::Unreadable, Closing::Frame);
                room.leave(outlet.id);
                Ok(room)
            }
            Ok((_, Err(ReceiveError::Poison))) => {
                self.blame(outlet, Gone::Broken);
                Err(Gone::Broken)
            }
            Err(gone) => {
                self.blame(outlet, gone);
                Err(gone)
            }
        }
    }
}
