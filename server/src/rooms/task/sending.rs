//! Sending what a round has to say, as far as there is memory for it: what has none waits, and nobody is closed
//! for that.

use super::Task;
use crate::limits;
use crate::rooms::judging::Gone;
use crate::rooms::outlet::{Shared, Weight};
use crate::shares::Lease;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::room::{ConnectionId, Outgoing, Room};

/// The memory for answers that are being made.
type Leases = HashMap<ConnectionId, Lease>;

impl Task {
    /// Makes what is to be sent, and sends it.
    pub(super) async fn answer_all(&mut self, room: Room) -> Result<Room, Gone> {
        let levelled = room.being_levelled().filter_map(|id| Some((id, &self.seats.get(&id)?.outlet.weight)));
        let weights: HashMap<ConnectionId, Arc<Weight>> =
            levelled.map(|(id, weight)| (id, Arc::clone(weight))).collect();
        let make = move |room: &mut Room| {
            let mut leases = Leases::new();
            let mut large = false;
            let outgoing = room.flush_within(|connection, bytes| {
                let Some(weight) = weights.get(&connection) else { return true };
                // One of them a round: each takes a while, and others want to be heard between them.
                if bytes > limits::LIGHT && std::mem::replace(&mut large, true) {
                    return false;
                }
                let lease = weight.for_answer(bytes);
                lease.map(|lease| leases.insert(connection, lease)).is_ok()
            });
            (outgoing, leases)
        };
        let heavy = room.answers_heavily();
        let (mut room, (outgoing, leases)) = self.beside_if(heavy, room, make).await?;
        self.send_all(&mut room, outgoing, leases);
        Ok(room)
    }

    fn send_all(&mut self, room: &mut Room, outgoing: Vec<(ConnectionId, Outgoing)>, mut leases: Leases) {
        let mut shared: HashMap<*const u8, Arc<Shared>> = HashMap::new();
        let mut put_off = HashSet::new();
        for (connection, outgoing) in outgoing {
            let Some(outlet) = self.seats.get(&connection).map(|seat| seat.outlet.clone()) else { continue };
            match outgoing {
                Outgoing::Sync(data) => {
                    let (sender, target) = (self.rooms.inner.server_name.clone(), outlet.name.clone());
                    let frame = Frame::Sync { document: self.id, sender, target, data };
                    match leases.remove(&connection) {
                        Some(lease) => outlet.send_held(&frame, lease),
                        None => outlet.send(&frame),
                    }
                    self.set_live(connection, false);
                    // The names of all that it was sent are kept, until it says what it has.
                    self.count_kept(room, connection);
                }
                // Whatever it is not sent now it is sent when it is brought level.
                Outgoing::Changes(_) | Outgoing::Ack(_) if put_off.contains(&connection) => {}
                Outgoing::Changes(bytes) => {
                    let readers = Arc::strong_count(&bytes);
                    let frame = shared.entry(bytes.as_ptr()).or_insert_with(|| Shared::new(bytes, readers));
                    if !outlet.send_shared(frame) {
                        room.put_off(connection);
                        put_off.insert(connection);
                    }
                }
                other => self.send(&outlet, other),
            }
        }
    }
}
