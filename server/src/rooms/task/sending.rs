//! Sending what a round has to say, as far as there is memory for it: what has none waits, and nobody is closed
//! for that. Answers that may be whole documents have turns: a few small ones or one large one are made in a
//! round, for whoever was sent the least, and edits of others are committed and told in between.

use super::Task;
use crate::audit::{Note, Origin};
use crate::limits;
use crate::rooms::Outlet;
use crate::rooms::judging::{Gone, Turn};
use crate::rooms::outlet::Shared;
use crate::shares::Lease;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;
use tongban_shared::id::PersonId;
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::room::{ConnectionId, Outgoing, Owed, Room};

/// The answers of a document.
#[derive(Default)]
pub(super) struct Answers {
    /// Bytes that each account was sent of it, or that were gathered for it.
    sent: HashMap<PersonId, u64>,
    /// Accounts whose share of answers ran out, which stands on the trail.
    ran_out: BTreeSet<PersonId>,
    /// Memory that was waited for, and the bytes that it is for.
    pub(super) memory: Option<(Turn, u64)>,
    /// The whole document is kept for the next who begins from nothing, on account of whoever had it made.
    kept: Option<(Lease, Instant)>,
    /// Others may wait behind those of this round.
    goes_on: bool,
}

impl Answers {
    /// When those that wait are looked at again.
    pub(super) const fn again(&self) -> std::time::Duration {
        if self.goes_on { std::time::Duration::ZERO } else { limits::ROOM_AGAIN }
    }

    /// The same of a document that is loaded anew.
    pub(super) fn anew(&mut self) -> Self {
        let (sent, ran_out) = (std::mem::take(&mut self.sent), std::mem::take(&mut self.ran_out));
        Self { sent, ran_out, ..Self::default() }
    }

    /// Whether a whole document is kept, which is let go of after a while.
    pub(super) const fn keeps(&self) -> bool {
        self.kept.is_some()
    }
}

/// The answers of one round.
#[derive(Default)]
struct Chosen {
    leases: HashMap<ConnectionId, Lease>,
    /// How much came after what it has is found out for this one.
    measured: Option<ConnectionId>,
    /// The turn of an account and memory, for what is heavy.
    turns: Option<(Turn, Option<Turn>)>,
    bytes: u64,
}

impl Chosen {
    fn is_empty(&self) -> bool {
        self.leases.is_empty() && self.measured.is_none()
    }
}

impl Task {
    /// Makes what is to be sent, and sends it.
    pub(super) async fn answer_all(&mut self, mut room: Box<Room>) -> Result<Box<Room>, Gone> {
        if self.answers.kept.as_ref().is_some_and(|(_, until)| *until <= Instant::now()) {
            self.answers.kept = None;
            room.forget_whole();
        }
        let Chosen { leases, measured, turns, bytes } = self.choose(&mut room);
        let (chosen, before) = (leases.keys().copied().collect::<HashSet<_>>(), room.whole_bytes());
        let answered: Vec<Outlet> =
            chosen.iter().chain(&measured).filter_map(|id| self.outlet(*id)).collect();
        let make = move |room: &mut Room| {
            let _turns = turns;
            measured.into_iter().for_each(|id| room.measure(id));
            room.flush_for(|id| chosen.contains(&id))
        };
        let heavy = bytes > limits::ANSWERED_AT_ONCE;
        let made = self.beside_if(heavy, room, make).await;
        let (mut room, outgoing) = made.inspect_err(|gone| {
            // One alone is answered where it takes long.
            if let [one] = answered.as_slice() {
                self.blame(one, *gone);
            }
        })?;
        self.keep(&mut room, before, &answered);
        self.send_all(&mut room, outgoing, leases);
        Ok(room)
    }

    fn outlet(&self, connection: ConnectionId) -> Option<Outlet> {
        self.seats.get(&connection).map(|seat| seat.outlet.clone())
    }

    /// Chooses whom to answer in this round, and takes memory for that.
    fn choose(&mut self, room: &mut Room) -> Chosen {
        let mut chosen = Chosen::default();
        let mut owed: Vec<(Owed, Outlet, u64)> = Vec::new();
        for one in room.to_answer() {
            let Some(seat) = self.seats.get(&one.to) else { continue };
            owed.push((one, seat.outlet.clone(), seat.sent));
        }
        owed.sort_by_key(|(one, outlet, sent)| {
            (self.answers.sent.get(&outlet.person).copied(), *sent, one.to)
        });
        let all = owed.len();
        for (one, outlet, _) in owed {
            let large = one.bytes > limits::ANSWERED_AT_ONCE;
            // Another one is made when it has taken the last, and within the share of its account.
            if large && (outlet.weight.waits() > limits::OUTBOX_BEHIND || !self.has_share(&outlet)) {
                continue;
            }
            let heavy = one.bytes > limits::LIGHT;
            if !chosen.is_empty() && (heavy || chosen.bytes + one.bytes > limits::LIGHT) {
                break;
            }
            let lease = outlet.weight.for_answer(one.bytes);
            if lease.is_err() && !one.may_take_less {
                continue;
            }
            if heavy {
                let Some(turns) = self.turns_for(&outlet, one.bytes) else { continue };
                chosen.turns = Some(turns);
            }
            chosen.bytes += one.bytes;
            match lease {
                Ok(lease) => _ = chosen.leases.insert(one.to, lease),
                Err(_) => {
                    // It waits behind others, but was sent nothing.
                    self.count(&outlet, one.bytes);
                    chosen.measured = Some(one.to);
                    break;
                }
            }
        }
        self.answers.memory = None;
        self.answers.goes_on = !chosen.is_empty() && chosen.leases.len() < all;
        chosen
    }

    /// The turn of an account for something heavy, and memory for it; without memory it comes later.
    fn turns_for(&mut self, outlet: &Outlet, bytes: u64) -> Option<(Turn, Option<Turn>)> {
        let turn = self.rooms.inner.turns.now(Some(outlet.person))?;
        // The document as it is saved, the message, the frame.
        let bytes = bytes.saturating_mul(3);
        let waited = self.answers.memory.take().filter(|(_, had)| *had >= bytes).map(|(memory, _)| memory);
        let memory = waited.or_else(|| self.rooms.inner.memory.now(bytes));
        if memory.is_none() {
            self.later.answer(bytes);
        }
        memory.map(|memory| (turn, Some(memory)))
    }

    /// Whether an account may be sent more large answers now; the trail says when it may not.
    fn has_share(&mut self, outlet: &Outlet) -> bool {
        let Err(ran_out) = outlet.weight.may_be_answered() else {
            self.answers.ran_out.remove(&outlet.person);
            return true;
        };
        if self.answers.ran_out.insert(outlet.person) {
            let about = json!({ "document": self.id.to_string(), "board": self.what.board() });
            self.rooms.inner.audit.note(Origin::Person(outlet.person), Note::ran_out(ran_out.what, about));
        }
        false
    }

    fn count(&mut self, outlet: &Outlet, bytes: u64) {
        let sent = self.answers.sent.entry(outlet.person).or_default();
        *sent = sent.saturating_add(bytes);
        if let Some(seat) = self.seats.get_mut(&outlet.id) {
            seat.sent = seat.sent.saturating_add(bytes);
        }
    }

    /// Keeps a whole document that was just made for a while, where there is memory for it.
    fn keep(&mut self, room: &mut Room, before: u64, answered: &[Outlet]) {
        match (room.whole_bytes(), answered.first()) {
            (0, _) => self.answers.kept = None,
            (bytes, Some(outlet)) if self.answers.kept.is_none() || bytes != before => {
                let until = Instant::now() + limits::ANSWER_KEPT;
                self.answers.kept = outlet.weight.for_answer(bytes).ok().map(|lease| (lease, until));
                if self.answers.kept.is_none() {
                    room.forget_whole();
                }
            }
            _ => {}
        }
    }

    fn send_all(
        &mut self,
        room: &mut Room,
        outgoing: Vec<(ConnectionId, Outgoing)>,
        mut leases: HashMap<ConnectionId, Lease>,
    ) {
        let mut shared: HashMap<*const u8, Arc<Shared>> = HashMap::new();
        let mut put_off = HashSet::new();
        for (connection, outgoing) in outgoing {
            let Some(outlet) = self.seats.get(&connection).map(|seat| seat.outlet.clone()) else { continue };
            match outgoing {
                Outgoing::Sync(data) => {
                    outlet.weight.answered(data.len() as u64);
                    self.count(&outlet, data.len() as u64);
                    let data = Arc::unwrap_or_clone(data);
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
