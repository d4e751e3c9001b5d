//! The weights of open documents. Each stands in memory as a whole for as long as somebody has it open: all of them
//! together are bounded, and each account has a part of that, in which a document counts by how many accounts have it
//! open. An account without room for another one waits until an earlier one is let go: of its own, or of whoever has
//! the most. A connection keeps what was let go among those that wait, and has it again in its turn; so nobody keeps
//! others out. Rooms that nobody looks at go as soon as memory is wanted.

use super::{Rooms, What};
use crate::limits;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{mpsc, watch};
use tongban_shared::document::DocumentError;
use tongban_shared::id::{DocumentId, PersonId};
use tongban_shared::sync::room::Extent;

/// Bytes of memory that a document takes while it is open.
#[must_use]
pub const fn weight_of(extent: Extent) -> u64 {
    let content = extent.bytes.saturating_mul(limits::COPIES_AT_REST);
    let operations = extent.operations.saturating_mul(limits::OPERATION_AT_REST);
    content.saturating_add(operations).saturating_add(limits::ROOM_AT_REST)
}

/// The part of one account.
const fn part_of(most: u64) -> u64 {
    most / 4 * 3
}

/// A document with its weight.
pub type Load = (DocumentId, u64);

/// A connection that opens documents.
#[derive(Clone)]
pub struct Reader {
    pub person: PersonId,
    /// Another server has what its people need, and is neither kept waiting nor told.
    pub bounded: bool,
    /// Hears which documents it is to let go.
    pub tell: mpsc::UnboundedSender<DocumentId>,
}

/// The weights of all open documents.
#[derive(Clone)]
pub struct Weights(Arc<All>);

struct All {
    most: u64,
    table: Mutex<Table>,
    /// Somebody has let something go.
    freed: watch::Sender<()>,
    /// More stands in memory than is to.
    full: watch::Sender<bool>,
}

#[derive(Default)]
struct Table {
    documents: HashMap<DocumentId, Weighed>,
    /// The documents that each account has open; those of other servers are not looked for.
    of: HashMap<PersonId, HashSet<DocumentId>>,
    /// Bytes of all rooms, and of those that somebody has open.
    all: u64,
    held: u64,
    next: u64,
}

#[derive(Default)]
struct Weighed {
    bytes: u64,
    /// Rooms of it: a new one may begin before the last has ended.
    rooms: usize,
    seats: BTreeMap<u64, Seat>,
    /// How many seats each account has.
    people: HashMap<PersonId, usize>,
}

struct Seat {
    reader: Reader,
    since: Instant,
    /// It is to let go.
    told: bool,
}

/// Why there is no room for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Its account has its part.
    Part,
    /// All together have what there is. The part of the account as it is, and as it would be.
    All { own: u64, after: u64 },
}

impl Table {
    /// The part of an account: of each document that it has open as much as each of its accounts has.
    fn part(&self, person: PersonId) -> u64 {
        let own = self.of.get(&person).into_iter().flatten();
        let weighed = own.filter_map(|id| self.documents.get(id));
        weighed.map(|one| one.bytes / one.people.len().max(1) as u64).fold(0, u64::saturating_add)
    }

    /// Why an account has no room for some documents that it opens together.
    fn lack(&self, reader: &Reader, loads: &[Load], most: u64) -> Option<Lack> {
        let (mut added, mut more) = (0_u64, 0_u64);
        for (id, bytes) in loads {
            let people = self.documents.get(id).map(|one| &one.people).filter(|people| !people.is_empty());
            added = added.saturating_add(if people.is_none() { self.bytes(*id, *bytes) } else { 0 });
            if people.is_none_or(|people| !people.contains_key(&reader.person)) {
                let readers = people.map_or(0, HashMap::len) as u64 + 1;
                more = more.saturating_add(self.bytes(*id, *bytes) / readers);
            }
        }
        let all = self.held.saturating_add(added);
        // Nobody's part is larger than that.
        if !reader.bounded || more == 0 || all <= part_of(most) {
            return None;
        }
        let own = self.part(reader.person);
        let after = own.saturating_add(more);
        if own > 0 && after > part_of(most) {
            Some(Lack::Part)
        } else if added > 0 && self.held > 0 && all > most {
            Some(Lack::All { own, after })
        } else {
            None
        }
    }

    /// The weight of a document that is open, or else as it is told.
    fn bytes(&self, id: DocumentId, told: u64) -> u64 {
        self.documents.get(&id).map_or(told, |one| one.bytes)
    }

    /// Tells whoever is to make room that it lets go of something. Somebody who has nothing yet has it from everybody
    /// who has more than a little; else it is whoever has more than the asker would.
    fn ask(&mut self, reader: &Reader, lack: &Lack, now: Instant) {
        let from = match lack {
            Lack::Part => Some(reader.person),
            Lack::All { own, after } => {
                let least = if *own == 0 { (*after).min(limits::SMALL_OF_OPEN) } else { *after };
                self.largest(|person| person != reader.person, least).or(Some(reader.person))
            }
        };
        if let Some(from) = from {
            self.tell_oldest(from, now);
        }
    }

    /// The account with the largest part, of those with more than so much.
    fn largest(&self, which: impl Fn(PersonId) -> bool, than: u64) -> Option<PersonId> {
        let others = self.of.keys().copied().filter(|person| which(*person));
        let parts = others.map(|person| (self.part(person), person));
        parts.filter(|(part, _)| *part > than).max().map(|(_, person)| person)
    }

    /// Tells an account to let go of the document that it has had open for the longest, when its turn is over. One at
    /// a time: whoever waits asks again.
    fn tell_oldest(&mut self, person: PersonId, now: Instant) {
        let documents = &self.documents;
        let first = |id: &DocumentId| {
            let mut seats = documents.get(id)?.seats.iter();
            let (number, seat) = seats.find(|(_, seat)| seat.reader.person == person)?;
            Some((*number, *id, seat.since, seat.told))
        };
        let own = self.of.get(&person).into_iter().flatten();
        let Some((_, id, since, told)) = own.filter_map(first).min() else { return };
        if told || now.saturating_duration_since(since) < limits::OPEN_TURN {
            return;
        }
        let Some(weighed) = self.documents.get_mut(&id) else { return };
        for seat in weighed.seats.values_mut().filter(|seat| seat.reader.person == person) {
            seat.told = true;
            // Nobody hears it any more who is gone.
            let _ = seat.reader.tell.send(id);
        }
    }

    /// Changes what is known of a document; nothing is kept of one that is in no memory.
    fn change(&mut self, id: DocumentId, change: impl FnOnce(&mut Weighed)) {
        let weighed = self.documents.entry(id).or_default();
        let held = |one: &Weighed| if one.seats.is_empty() { 0 } else { one.bytes };
        let before = (weighed.bytes, held(weighed));
        change(weighed);
        let gone = weighed.rooms == 0 && weighed.seats.is_empty();
        let after = if gone { (0, 0) } else { (weighed.bytes, held(weighed)) };
        self.all = self.all.saturating_sub(before.0).saturating_add(after.0);
        self.held = self.held.saturating_sub(before.1).saturating_add(after.1);
        if gone {
            self.documents.remove(&id);
        }
    }

    fn sit(&mut self, id: DocumentId, bytes: u64, reader: &Reader, now: Instant) -> u64 {
        let (number, seat) = (self.next, Seat { reader: reader.clone(), since: now, told: false });
        self.next += 1;
        self.change(id, |weighed| {
            if weighed.rooms == 0 && weighed.seats.is_empty() {
                weighed.bytes = bytes;
            }
            *weighed.people.entry(seat.reader.person).or_default() += 1;
            weighed.seats.insert(number, seat);
        });
        if reader.bounded {
            self.of.entry(reader.person).or_default().insert(id);
        }
        number
    }

    fn stand_up(&mut self, id: DocumentId, number: u64) {
        let mut left = None;
        self.change(id, |weighed| {
            let Some(seat) = weighed.seats.remove(&number) else { return };
            let person = seat.reader.person;
            let seats = weighed.people.entry(person).or_default();
            *seats = seats.saturating_sub(1);
            if *seats == 0 {
                weighed.people.remove(&person);
                left = Some(person);
            }
        });
        let Some(person) = left else { return };
        if let Some(own) = self.of.get_mut(&person) {
            own.remove(&id);
            if own.is_empty() {
                self.of.remove(&person);
            }
        }
    }
}

impl Weights {
    /// No document yet, of so many bytes that all are to take together.
    #[must_use]
    pub fn new(most: u64) -> Self {
        let (freed, full) = (watch::Sender::new(()), watch::Sender::new(false));
        Self(Arc::new(All { most, table: Mutex::default(), freed, full }))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells rooms that nobody looks at whether memory is wanted.
    fn say(&self, table: &Table) {
        let full = table.all > self.0.most;
        self.0.full.send_if_modified(|before| std::mem::replace(before, full) != full);
    }

    /// The weight of a document in memory.
    #[must_use]
    pub fn known(&self, id: DocumentId) -> Option<u64> {
        self.table().documents.get(&id).map(|one| one.bytes)
    }

    /// Places for a connection in documents that it opens together, each of so many bytes unless it is known better.
    /// One that `asks` has others let go of something in their turn.
    ///
    /// # Errors
    /// [`Lack`] when there is no room for them.
    pub fn take(
        &self,
        reader: &Reader,
        loads: &[Load],
        asks: bool,
        now: Instant,
    ) -> Result<Vec<Place>, Lack> {
        let mut table = self.table();
        if let Some(lack) = table.lack(reader, loads, self.0.most) {
            if asks {
                table.ask(reader, &lack, now);
            }
            return Err(lack);
        }
        let mut places = Vec::with_capacity(loads.len());
        for (id, bytes) in loads {
            let number = table.sit(*id, *bytes, reader, now);
            places.push(Place { weights: self.clone(), id: *id, number });
        }
        self.say(&table);
        drop(table);
        Ok(places)
    }

    /// A room of a document begins.
    #[must_use]
    pub fn loaded(&self, id: DocumentId, extent: Extent) -> Loaded {
        self.table().change(id, |weighed| weighed.rooms += 1);
        let loaded = Loaded { weights: self.clone(), id };
        loaded.weighs(extent);
        loaded
    }

    /// Changes when something was let go.
    #[must_use]
    pub fn freed(&self) -> watch::Receiver<()> {
        self.0.freed.subscribe()
    }

    /// Whether more stands in memory than is to.
    #[must_use]
    pub fn full(&self) -> watch::Receiver<bool> {
        self.0.full.subscribe()
    }
}

impl Rooms {
    /// The weights of open documents.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.inner.weights
    }

    /// The documents that somebody opens with one, with their weights: a log needs its board.
    ///
    /// # Errors
    /// [`DocumentError::Away`] when the store does not say how large they are.
    pub async fn loads_of(&self, what: What) -> Result<Vec<Load>, DocumentError> {
        let board = what.board().map(DocumentId::board);
        let mut loads = Vec::new();
        for id in board.into_iter().chain(Some(self.id(what)).filter(|id| Some(*id) != board)) {
            let bytes = match self.inner.weights.known(id) {
                Some(bytes) => bytes,
                None => weight_of(self.inner.store.total(id).await.map_err(|_| DocumentError::Away)?),
            };
            loads.push((id, bytes));
        }
        Ok(loads)
    }
}

/// A document as one connection has it open.
pub struct Place {
    weights: Weights,
    id: DocumentId,
    number: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.weights.table();
        table.stand_up(self.id, self.number);
        self.weights.say(&table);
        drop(table);
        self.weights.0.freed.send_replace(());
    }
}

/// A document as its room has it in memory.
pub struct Loaded {
    weights: Weights,
    id: DocumentId,
}

impl Loaded {
    /// The document has become so large. If all together have become too much, whoever has the most lets go.
    pub fn weighs(&self, extent: Extent) {
        let mut table = self.weights.table();
        table.change(self.id, |weighed| weighed.bytes = weight_of(extent));
        let alone = || table.documents.values().filter(|one| !one.seats.is_empty()).nth(1).is_none();
        if table.held > self.weights.0.most
            && !alone()
            && let Some(most) = table.largest(|_| true, 0)
        {
            table.tell_oldest(most, Instant::now());
        }
        self.weights.say(&table);
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        let mut table = self.weights.table();
        table.change(self.id, |weighed| weighed.rooms = weighed.rooms.saturating_sub(1));
        self.weights.say(&table);
    }
}

#[cfg(test)]
mod tests;
