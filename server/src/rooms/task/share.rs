//! The share of each account in an open document.

use super::Task;
use crate::rooms::Outlet;
use crate::shares::Held;
use tongban_shared::sync::room::{ConnectionId, Extent, Room};

impl Task {
    /// Lets a connection write as much as its account has left of the document; a damaged one takes whatever
    /// its devices bring back.
    pub(super) fn allow(&self, room: &mut Room, outlet: &Outlet) {
        let left = if self.known().recovers { Extent::ENDLESS } else { outlet.weight.left_to_write(self.id) };
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

    /// Puts down what a connection's waiting changes take; without a share for them they are let go of.
    pub(super) fn hold_waiting(&mut self, room: &mut Room, connection: ConnectionId) {
        let Some(seat) = self.seats.get_mut(&connection) else { return };
        seat.waiting = None;
        let bytes = room.waiting_bytes(connection) as u64;
        if bytes == 0 {
            return;
        }
        match seat.outlet.weight.hold(Held::Waiting, bytes) {
            Ok(lease) => seat.waiting = Some(lease),
            Err(_) => room.forget_waiting(connection),
        }
    }
}
