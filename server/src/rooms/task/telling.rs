//! Telling connections what became of their changes, and the audit trail what was refused.

use super::Task;
use crate::audit::{Act, Kind, Note, Origin};
use crate::limits;
use crate::rooms::judging::Gone;
use crate::rooms::{Outlet, refusal_words};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Instant;
use tongban_shared::id::{DocumentId, PersonId};
use tongban_shared::sync::frame::{Frame, Hashes};
use tongban_shared::sync::room::{ConnectionId, Fault, Objection, Outgoing, Room, Spoilt};
use tongban_shared::sync::{Dialect, RefusalCode};
use tongban_shared::trust::Closing;

impl Task {
    /// Closes a connection over what it sent; the trail says so.
    pub(super) fn part(&mut self, outlet: &Outlet, fault: Fault, closing: Closing) {
        let why = Objection::of(fault);
        self.send(outlet, Outgoing::Refused { why, changes: Vec::new(), times: 1 });
        outlet.close(closing);
        self.seats.remove(&outlet.id);
    }

    /// Closes a connection over whose words the room is gone. An account that does it again and again is not
    /// read for a while.
    pub(super) fn blame(&mut self, outlet: &Outlet, gone: Gone) {
        let fault = match gone {
            // Nobody's fault.
            Gone::Ends | Gone::Ended => return,
            Gone::Late => Fault::Slow,
            Gone::Broken => Fault::Unreadable,
        };
        tracing::warn!(document.id = %self.id, gone = ?gone, "A connection sent what spoils a document");
        self.part(outlet, fault, Closing::Spoilt);
        // The ferries of this program have no account of their own: their links wait longer each time.
        let nobody = outlet.person == PersonId::from_bytes([0; 16]);
        if !nobody && self.rooms.inner.offences.note(outlet.person) {
            self.record(None, Origin::Person(outlet.person), (&Objection::of(Fault::Paused), 1));
        }
    }

    /// The same with the connections that have spoilt a round.
    pub(super) fn blame_all(&mut self, spoilt: &Spoilt) {
        let heard = spoilt.by.iter().filter_map(|id| self.heard.get(id)).cloned();
        for outlet in heard.collect::<Vec<Outlet>>() {
            self.blame(&outlet, Gone::Broken);
        }
    }

    /// A panic came of one of the words of this round. The sender of the only one is blamed; where
    /// there were several, words are taken one by one for a while.
    pub(super) fn blame_for_panic(&mut self) {
        let heard: Vec<Outlet> = self.heard.values().cloned().collect();
        match heard.as_slice() {
            [one] => self.blame(one, Gone::Broken),
            _ => self.one_by_one = Some(Instant::now() + limits::ONE_BY_ONE),
        }
    }

    pub(super) fn tell_rights(&self, outlet: &Outlet, write: bool) {
        if outlet.dialect == Dialect::Tongban {
            outlet.send(&Frame::Rights { document: self.id, write, used: self.used });
        }
    }

    /// Tells everybody how full the document is, when that is near and has changed.
    pub(super) fn tell_fullness(&mut self, room: &Room) {
        if self.used == room.used() {
            return;
        }
        self.used = room.used();
        for seat in self.seats.values() {
            self.tell_rights(&seat.outlet, room.may_write(seat.outlet.id));
        }
    }

    /// Sends what is small.
    pub(super) fn send(&mut self, outlet: &Outlet, outgoing: Outgoing) {
        let (sender, target) = (self.rooms.inner.server_name.clone(), outlet.name.clone());
        let ours = outlet.dialect == Dialect::Tongban;
        match outgoing {
            // Sent by whoever has the memory for them.
            Outgoing::Sync(_) | Outgoing::Changes(_) => {}
            Outgoing::Live(heads) => {
                self.set_live(outlet.id, true);
                match Hashes::all(heads) {
                    Some(heads) => outlet.send(&Frame::Live { document: self.id, heads }),
                    None => self.leave_out(outlet),
                }
            }
            Outgoing::Ack(heads) if ours => match Hashes::all(heads) {
                Some(heads) => outlet.send(&Frame::Ack { document: self.id, heads }),
                None => self.leave_out(outlet),
            },
            Outgoing::Ack(_) => {}
            Outgoing::Refused { why, changes, times } => {
                self.rooms.inner.metrics.refused(times);
                self.record(Some(outlet), Origin::Person(outlet.person), (&why, times));
                let code = why.code;
                let doubt = why.doubted.first().map(|one| one.doubt);
                let words = match doubt {
                    Some(doubt) => format!("{doubt}，未被接受；仍保存在本机"),
                    None if why.fault == Some(Fault::Share) => {
                        "近一天写入的内容已达上限，明天再传；改动仍保存在本机".to_owned()
                    }
                    None => refusal_words(code).to_owned(),
                };
                if ours {
                    outlet.send(&Frame::refused(self.id, code, changes, words));
                } else {
                    let message = format!("{}: {} ({})", self.id, code.word(), words);
                    outlet.send(&Frame::Error { sender, target, message });
                }
            }
        }
    }

    /// Notes whether changes go to and fro with a connection as they are.
    pub(super) fn set_live(&mut self, connection: ConnectionId, live: bool) {
        if let Some(seat) = self.seats.get_mut(&connection) {
            seat.live = live;
        }
    }

    /// Tells a reader that the document cannot be kept level with it: it has more heads than a frame holds.
    fn leave_out(&self, outlet: &Outlet) {
        let (sender, target) = (self.rooms.inner.server_name.clone(), outlet.name.clone());
        let code = RefusalCode::TooLarge;
        outlet.send(&Frame::refused(self.id, code, Vec::new(), refusal_words(code).to_owned()));
        outlet.send(&Frame::Unavailable { document: self.id, sender, target });
    }

    /// Counts refusals for the audit trail. A connection that is refused for ever new reasons is closed. Two
    /// records under one number are their writer's, whoever brings one of them.
    pub(super) fn record(
        &mut self,
        outlet: Option<&Outlet>,
        origin: Origin,
        (why, times): (&Objection, u64),
    ) {
        let (outlet, origin) = match why.forked_by() {
            Some(person) => (None, Origin::Person(person)),
            None => (outlet, origin),
        };
        let entries: Vec<_> = why.doubted.iter().map(|one| json!({
            "id": one.id, "kind": one.kind.word(), "person": one.author.person, "unit": one.author.unit,
            "device": one.author.device, "board": one.subject.board, "item": one.subject.item,
            "words": one.words, "doubt": one.doubt.word(),
        })).collect();
        let about = json!({
            "document": self.id.to_string(), "board": self.what.board(), "unit": self.what.unit(),
            "code": why.code.word(), "entries": entries,
            "claimed": why.claimed, "device": outlet.and_then(|outlet| outlet.device),
        });
        let word = why.fault.map_or(why.code.word(), Fault::word);
        if let Some(outlet) = outlet {
            self.recorded.insert((outlet.id, format!("{word} {about}")));
            if self.recorded.iter().filter(|(of, _)| *of == outlet.id).count() > limits::REFUSALS {
                outlet.close(Closing::Flood);
            }
        }
        // A share that ran out has one name on the trail, whatever it is a share of.
        let note = match why.ran_out {
            Some(what) => Note::ran_out(what, about),
            None => Note::new(Act::Refused, word, about),
        };
        let note = Note { times, kind: accusation(why, (self.id, word)), ..note };
        self.rooms.inner.audit.note(origin, note);
    }
}

/// Whether an objection accuses its sender of having claimed what is not theirs: names, seals, rights.
fn accusation(why: &Objection, (document, word): (DocumentId, &str)) -> Kind {
    let rights = why.fault.is_none() && why.code == RefusalCode::NoRight;
    if why.doubted.is_empty() && why.claimed.is_none() && why.fault != Some(Fault::OtherWords) && !rights {
        return Kind::Plain;
    }
    let mut of: Vec<String> = why.doubted.iter().map(|one| one.doubt.word().to_owned()).collect();
    if of.is_empty() {
        of.push(word.to_owned());
    }
    let authors: BTreeSet<_> =
        why.doubted.iter().map(|one| (one.author.person, one.author.unit, one.author.device)).collect();
    Kind::Accuses { of, subject: format!("{document} {:?} {authors:?}", why.claimed) }
}
