//! The share of each account in an open document.

use super::Task;
use crate::audit::{Note, Origin};
use crate::limits;
use crate::rooms::{Outlet, What};
use crate::shares::{Held, RanOut};
use serde_json::json;
use tongban_shared::sync::room::{ConnectionId, Fault, Room, Written};
use tongban_shared::trust::Closing;

impl Task {
    /// Lets a connection write as much as its account has left of the document; a damaged one takes whatever
    /// its devices bring back.
    pub(super) fn allow(&self, room: &mut Room, outlet: &Outlet) {
        // Anybody who reads a log may bring records of others into it; another server does nothing else.
        let own = self.seats.get(&outlet.id).is_some_and(|seat| seat.rights.own || seat.rights.server);
        let elsewhere = matches!(self.what, What::Log(..)) && !own;
        let part = if elsewhere { limits::WRITTEN_ELSEWHERE } else { 1 };
        let recovers = self.known().recovers;
        let left = if recovers { Written::ENDLESS } else { outlet.weight.left_to_write(self.id, part) };
        room.allow(outlet.id, left);
    }

    /// Puts down to accounts what they have written.
    pub(super) fn put_down(&self, room: &mut Room) {
        for (connection, written) in room.written() {
            if let Some(seat) = self.seats.get(&connection).filter(|_| !self.known().recovers) {
                seat.outlet.weight.wrote(self.id, written);
            }
        }
    }

    /// Puts down what is kept in memory of a connection. Without a share for it waiting changes are let go of;
    /// a connection of which too much is left is closed. If it is the memory of all that is taken, it is brought level
    /// anew when there is room.
    pub(super) fn hold_kept(&mut self, room: &mut Room, outlet: &Outlet) {
        let Err(ran_out) = self.hold(room, outlet) else { return };
        if ran_out.of_all {
            return self.put_off(room, outlet.id);
        }
        let about = json!({ "document": self.id.to_string(), "board": self.what.board() });
        self.rooms.inner.audit.note(Origin::Person(outlet.person), Note::ran_out(ran_out.what, about));
        room.forget_waiting(outlet.id);
        match self.hold(room, outlet) {
            Ok(()) => {}
            Err(ran_out) if ran_out.of_all => self.put_off(room, outlet.id),
            Err(_) => {
                self.part(outlet, Fault::Heavy, Closing::Share);
                room.leave(outlet.id);
            }
        }
    }

    fn put_off(&mut self, room: &mut Room, connection: ConnectionId) {
        room.put_off(connection);
        if let Some(seat) = self.seats.get_mut(&connection) {
            seat.kept = None;
        }
    }

    fn hold(&mut self, room: &Room, outlet: &Outlet) -> Result<(), RanOut> {
        let Some(seat) = self.seats.get_mut(&outlet.id) else { return Ok(()) };
        match (room.kept_bytes(outlet.id), &mut seat.kept) {
            (0, kept) => *kept = None,
            (bytes, Some(kept)) => kept.set(bytes)?,
            (bytes, kept) => *kept = Some(outlet.weight.hold(Held::Waiting, bytes)?),
        }
        Ok(())
    }

    /// Puts down what is kept of a connection that has had its answer: memory was taken for both together.
    pub(super) fn count_kept(&mut self, room: &Room, connection: ConnectionId) {
        let Some(seat) = self.seats.get_mut(&connection) else { return };
        let bytes = room.kept_bytes(connection);
        if seat.kept.is_none() && bytes > 0 {
            seat.kept = seat.outlet.weight.hold(Held::Waiting, 0).ok();
        }
        if let Some(kept) = &mut seat.kept {
            kept.count(bytes);
        }
    }
}
