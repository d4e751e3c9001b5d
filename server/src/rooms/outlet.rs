//! The way to a connection, and how much waits for it.

use crate::identity::Standing;
use crate::limits;
use crate::shares::{Held, Lease, Payer, RanOut, Shares, Spent};
use axum::body::Bytes;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tongban_shared::id::{DeviceId, DocumentId, PersonId};
use tongban_shared::sync::Dialect;
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::room::{ConnectionId, Written};
use tongban_shared::trust::Closing;

/// A connection as rooms know it.
#[derive(Clone)]
pub struct Outlet {
    pub id: ConnectionId,
    pub name: String,
    /// The person at the other end, for the audit trail.
    pub person: PersonId,
    pub device: Option<DeviceId>,
    pub dialect: Dialect,
    pub outbox: mpsc::Sender<Bytes>,
    /// The weight of the frames that wait there.
    pub weight: Arc<Weight>,
    /// Ends the connection.
    pub cancel: CancellationToken,
    /// The reason for which it was closed, if it gave one.
    pub closing: Arc<OnceLock<Closing>>,
    /// The person as whom it speaks; none for a connection inside this program.
    pub standing: Option<Arc<Standing>>,
}

impl Outlet {
    /// Whether its rights are still those of whoever is at the other end: what it says counts as long as they
    /// are.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.standing.as_ref().is_none_or(|standing| standing.stands())
    }

    /// Sends a frame; a full outbox ends the connection, for nothing may be dropped. The writer
    /// of the socket cuts large frames into parts.
    pub fn send(&self, frame: &Frame) {
        let bytes = frame.encode();
        match self.weight.memory(bytes.len()) {
            Ok(memory) => self.put(Bytes::from_owner(Alone { bytes, _memory: memory })),
            // It comes again when there is room, and nobody is blamed.
            Err(ran_out) if ran_out.of_all => self.cancel.cancel(),
            Err(_) => self.close(Closing::Share),
        }
    }

    /// Sends a frame for which memory was taken before it was made.
    pub fn send_held(&self, frame: &Frame, mut lease: Lease) {
        let bytes = frame.encode();
        lease.count(bytes.len() as u64);
        let _memory = Memory { lease, beyond: None };
        self.put(Bytes::from_owner(Alone { bytes, _memory }));
    }

    /// Sends a frame that others are sent as well; whether there is room for it.
    #[must_use]
    pub fn send_shared(&self, frame: &Arc<Shared>) -> bool {
        let Ok(memory) = self.weight.memory(frame.part) else { return false };
        self.put(Bytes::from_owner(frame.read_by(memory)));
        true
    }

    fn put(&self, frame: Bytes) {
        if !self.weight.add(frame.len()) {
            return self.close(Closing::Outbox);
        }
        match self.outbox.try_send(frame) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.close(Closing::Outbox),
            // It has ended.
            Err(TrySendError::Closed(_)) => self.cancel.cancel(),
        }
    }

    /// Closes the connection over what it did; the first reason is the one that is told.
    pub fn close(&self, why: Closing) {
        if !self.cancel.is_cancelled() {
            let _ = self.closing.set(why);
        }
        self.cancel.cancel();
    }
}

/// The memory that a frame takes, as long as somebody has its bytes.
struct Memory {
    lease: Lease,
    beyond: Option<Beyond>,
}

impl Memory {
    fn take_over(&mut self, other: Self) {
        self.lease.take_over(other.lease);
        let beyond = self.beyond.take().into_iter().chain(other.beyond);
        let more: usize = beyond.map(|beyond| beyond.bytes).sum();
        self.lease.count(self.lease.amount() + more as u64);
    }
}

/// Bytes that wait for a connection beyond the share of its account.
struct Beyond {
    weight: Arc<Weight>,
    bytes: usize,
}

impl Drop for Beyond {
    fn drop(&mut self) {
        self.weight.beyond.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A frame for one connection.
struct Alone {
    bytes: Vec<u8>,
    _memory: Memory,
}

impl AsRef<[u8]> for Alone {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A frame whose bytes stand in memory once for all who are sent it. Each account holds its part; whoever has
/// read it hands that on to one who has not, so that it is counted whole until the last one lets go.
pub struct Shared {
    bytes: Arc<[u8]>,
    part: usize,
    readers: Mutex<BTreeMap<u64, Memory>>,
    next: AtomicU64,
}

impl Shared {
    /// A frame for so many connections.
    #[must_use]
    pub fn new(bytes: Arc<[u8]>, readers: usize) -> Arc<Self> {
        let part = bytes.len().div_ceil(readers.max(1));
        Arc::new(Self { bytes, part, readers: Mutex::default(), next: AtomicU64::new(0) })
    }

    fn read_by(self: &Arc<Self>, memory: Memory) -> Reading {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.readers().insert(number, memory);
        Reading { frame: Arc::clone(self), number }
    }

    fn readers(&self) -> MutexGuard<'_, BTreeMap<u64, Memory>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A shared frame as one connection has it.
struct Reading {
    frame: Arc<Shared>,
    number: u64,
}

impl AsRef<[u8]> for Reading {
    fn as_ref(&self) -> &[u8] {
        &self.frame.bytes
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut readers = self.frame.readers();
        let Some(memory) = readers.remove(&self.number) else { return };
        // In a circle, so that no reader gets it all while there are others.
        let next = readers.range(self.number..).next().or_else(|| readers.iter().next()).map(|(key, _)| *key);
        if let Some(next) = next.and_then(|next| readers.get_mut(&next)) {
            next.take_over(memory);
        }
    }
}

/// How many bytes wait for a connection: its messages are counted by the outbox, and some are whole
/// documents. All connections of an account have a bound together.
pub struct Weight {
    bytes: AtomicUsize,
    /// Those among them for which the account had no share left.
    beyond: AtomicUsize,
    less: Notify,
    shares: Shares,
    payer: Payer,
    /// Nothing of its share, from which the leases of frames are made.
    share: Lease,
}

impl Weight {
    /// The weight of a connection, put down to a payer.
    #[must_use]
    pub fn new(shares: &Shares, payer: Payer) -> Self {
        let (share, less) = (shares.nothing(&payer, Held::Outbox), Notify::new());
        let (bytes, beyond) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { bytes, beyond, less, shares: shares.clone(), payer, share }
    }

    /// A part of the payer's share.
    ///
    /// # Errors
    /// [`RanOut`] when it holds too much already.
    pub fn hold(&self, what: Held, amount: u64) -> Result<Lease, RanOut> {
        self.shares.hold(&self.payer, what, amount)
    }

    /// The payer for what is written of a document.
    const fn writer(&self, document: DocumentId) -> Option<Payer> {
        match self.payer {
            Payer::Account(person) => Some(Payer::Writer(person, document)),
            Payer::Server(person) => Some(Payer::Carrier(person, document)),
            _ => None,
        }
    }

    /// As much as the payer may still write of a document, of the log of another unit a part.
    #[must_use]
    pub fn left_to_write(&self, document: DocumentId, part: u64) -> Written {
        let Some(writer) = self.writer(document) else { return Written::ENDLESS };
        let left = |what: Spent| {
            let (left, most) = (self.shares.left(&writer, what), what.most(&writer).0);
            left.saturating_sub(most - most / part)
        };
        Written {
            bytes: left(Spent::Bytes),
            operations: left(Spent::Operations),
            actors: left(Spent::Actors),
        }
    }

    /// Puts down to the payer what it has written of a document.
    pub fn wrote(&self, document: DocumentId, written: Written) {
        if let Some(writer) = self.writer(document) {
            self.shares.put_down(&writer, Spent::Bytes, written.bytes);
            self.shares.put_down(&writer, Spent::Operations, written.operations);
            self.shares.put_down(&writer, Spent::Actors, written.actors);
        }
    }

    /// Whether the payer may be sent more large answers for the time being.
    ///
    /// # Errors
    /// [`RanOut`] when it has asked too often.
    pub fn may_be_answered(&self) -> Result<(), RanOut> {
        match self.payer {
            Payer::Account(_) | Payer::Server(_) => {
                self.shares.have_left(std::slice::from_ref(&self.payer), Spent::Levelling)
            }
            _ => Ok(()),
        }
    }

    /// Puts down to the payer what it was answered.
    pub fn answered(&self, bytes: u64) {
        if matches!(self.payer, Payer::Account(_) | Payer::Server(_)) {
            self.shares.put_down(&self.payer, Spent::Levelling, bytes);
        }
    }

    /// Bytes that wait for the connection.
    #[must_use]
    pub fn waits(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Memory for a frame that is still to be made.
    ///
    /// # Errors
    /// [`RanOut`] when it has to wait.
    pub fn for_answer(&self, bytes: u64) -> Result<Lease, RanOut> {
        self.share.another(bytes)
    }

    /// Memory for a frame; a little is sent beyond the share, to whoever keeps up.
    fn memory(self: &Arc<Self>, bytes: usize) -> Result<Memory, RanOut> {
        let ran_out = match self.share.another(bytes as u64) {
            Ok(lease) => return Ok(Memory { lease, beyond: None }),
            Err(ran_out) => ran_out,
        };
        let before = self.beyond.fetch_add(bytes, Ordering::Relaxed);
        let beyond = Some(Beyond { weight: Arc::clone(self), bytes });
        let fits = before.max(bytes) <= limits::OUTBOX_BEHIND;
        if fits { Ok(Memory { lease: self.share.nothing(), beyond }) } else { Err(ran_out) }
    }

    /// Puts a frame down beside what waits; whether it fits.
    fn add(&self, bytes: usize) -> bool {
        self.bytes.fetch_add(bytes, Ordering::Relaxed) <= limits::OUTBOX_BYTES
    }

    /// A frame is on its way.
    pub fn take_off(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.less.notify_waiters();
    }

    /// Waits until no more than so many bytes do.
    pub async fn at_most(&self, bytes: usize) {
        loop {
            let less = self.less.notified();
            if self.bytes.load(Ordering::Relaxed) <= bytes {
                return;
            }
            less.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = 7 << 20;

    /// Connections of one account, with the ends at which their frames come out.
    fn desks(shares: &Shares) -> Vec<(Outlet, mpsc::Receiver<Bytes>)> {
        let payer = Payer::Account(PersonId::from_bytes([1; 16]));
        let desk = |number| {
            let (outbox, inbox) = mpsc::channel(8);
            let outlet = Outlet {
                id: ConnectionId(number),
                name: String::new(),
                person: PersonId::from_bytes([1; 16]),
                device: None,
                dialect: Dialect::Tongban,
                outbox,
                weight: Arc::new(Weight::new(shares, payer.clone())),
                cancel: CancellationToken::new(),
                closing: Arc::default(),
                standing: None,
            };
            (outlet, inbox)
        };
        (0..30).map(desk).collect()
    }

    fn open(desks: &[(Outlet, mpsc::Receiver<Bytes>)]) -> usize {
        desks.iter().filter(|(outlet, _)| !outlet.cancel.is_cancelled()).count()
    }

    #[test]
    fn desks_of_an_office_are_sent_one_frame_and_hold_its_bytes_once() {
        let shares = Shares::default();
        let mut desks = desks(&shares);
        let frame = Shared::new(vec![7; FRAME].into(), desks.len());
        assert!(desks.iter().all(|(outlet, _)| outlet.send_shared(&frame)), "there is room for it");
        // Frames of their own are each held, as far as the account's memory goes; others wait, and small ones go on.
        let mut sent = 0;
        for (outlet, inbox) in &mut desks {
            outlet.weight.take_off(inbox.try_recv().expect("a frame").len());
            sent += usize::from(outlet.send_shared(&Shared::new(vec![7; FRAME].into(), 1)));
        }
        assert_eq!(sent as u64, (limits::MEMORY - limits::MEMORY_FOR_SMALL) / 2 / FRAME as u64);
        assert!(desks[29].0.send_shared(&Shared::new(vec![7; 1000].into(), 1)));
        desks[29].0.send(&Frame::Alive);
        assert_eq!(open(&desks), desks.len(), "none is closed over it");
    }

    #[test]
    fn a_frame_that_many_are_sent_is_counted_whole_until_the_last_one_lets_go() {
        let shares = Shares::default();
        let mut desks = desks(&shares);
        let frame = Shared::new(vec![7; FRAME].into(), desks.len());
        assert!(desks.iter().all(|(outlet, _)| outlet.send_shared(&frame)));
        drop(frame);
        let held = || shares.costs().first().map_or(0, |cost| cost.bytes);
        let whole = held();
        assert!((FRAME as u64..FRAME as u64 + 30).contains(&whole), "{whole}");
        for left in (0..desks.len()).rev() {
            drop(desks[left].1.try_recv().expect("a frame"));
            assert_eq!(held(), if left > 0 { whole } else { 0 }, "{left} have it still");
        }
    }

    #[test]
    fn another_server_has_a_share_of_a_day_as_an_account_has() {
        let (shares, person) = (Shares::default(), PersonId::from_bytes([1; 16]));
        let id = DocumentId::from_bytes([5; 16]);
        for payer in [Payer::Account(person), Payer::Server(person)] {
            let weight = Weight::new(&shares, payer.clone());
            let left = weight.left_to_write(id, 1);
            assert_eq!((left.bytes, left.operations), (limits::WRITTEN_BYTES, limits::WRITTEN_OPERATIONS));
            weight.wrote(id, Written { bytes: 7, operations: left.operations, actors: 1 });
            let after = weight.left_to_write(id, 1);
            assert_eq!((after.bytes, after.operations), (limits::WRITTEN_BYTES - 7, 0), "{payer:?}");
            assert_eq!(weight.left_to_write(DocumentId::from_bytes([6; 16]), 1), left);
        }
    }
}
