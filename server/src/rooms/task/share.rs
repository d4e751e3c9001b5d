//! The share of each account in an open document.

use super::Task;
use crate::audit::{Note, Origin};
use crate::limits;
use crate::rooms::{Outlet, What};
use crate::shares::{Held, RanOut};
use serde_json::json;
use tongban_shared::sync::room::{Fault, Room, Written};
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
    /// a connection of which too much is left is closed.
    pub(super) fn hold_kept(&mut self, room: &mut Room, outlet: &Outlet) {
        let Err(ran_out) = self.hold(room, outlet) else { return };
        let about = json!({ "document": self.id.to_string(), "board": self.what.board() });
        self.rooms.inner.audit.note(Origin::Person(outlet.person), Note::ran_out(ran_out.what, about));
        room.forget_waiting(outlet.id);
        if self.hold(room, outlet).is_err() {
            self.part(outlet, Fault::Heavy, Closing::Share);
            room.leave(outlet.id);
        }
    }

    fn hold(&mut self, room: &Room, outlet: &Outlet) -> Result<(), RanOut> {
        let Some(seat) = self.seats.get_mut(&outlet.id) else { return Ok(()) };
        seat.kept = None;
        let bytes = room.kept_bytes(outlet.id) as u64;
        if bytes > 0 {
            seat.kept = Some(outlet.weight.hold(Held::Waiting, bytes)?);
        }
        Ok(())
    }
}
