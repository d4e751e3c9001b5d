//! The way to a connection, and how much waits for it.

use crate::identity::Standing;
use crate::limits;
use crate::shares::{Held, Lease, Payer, RanOut, Shares, Spent};
use axum::body::Bytes;
use std::sync::atomic::{AtomicUsize, Ordering};
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
        let frame = Bytes::from(frame.encode());
        let bytes = frame.len();
        self.send_bytes(frame, bytes);
    }

    /// Sends a frame whose bytes stand in memory once for all who are sent it; each account holds its part.
    pub fn send_shared(&self, frame: Arc<[u8]>) {
        let part = frame.len() / Arc::strong_count(&frame);
        self.send_bytes(Bytes::from_owner(frame), part);
    }

    fn send_bytes(&self, frame: Bytes, held: usize) {
        let fits = self.weight.add(frame.len(), held);
        match fits.map(|()| self.outbox.try_send(frame)) {
            Ok(Ok(())) => {}
            Ok(Err(TrySendError::Full(_))) => self.close(Closing::Outbox),
            // It has ended.
            Ok(Err(TrySendError::Closed(_))) => self.cancel.cancel(),
            Err(why) => self.close(why),
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

/// How many bytes wait for a connection: its messages are counted by the outbox, and some are whole
/// documents. All connections of an account have a bound together.
pub struct Weight {
    bytes: AtomicUsize,
    less: Notify,
    shares: Shares,
    payer: Payer,
    of_account: Mutex<Lease>,
}

impl Weight {
    /// The weight of a connection, put down to a payer.
    #[must_use]
    pub fn new(shares: &Shares, payer: Payer) -> Self {
        let of_account = Mutex::new(shares.nothing(&payer, Held::Outbox));
        let bytes = AtomicUsize::new(0);
        Self { bytes, less: Notify::new(), shares: shares.clone(), payer, of_account }
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

    fn of_account(&self) -> MutexGuard<'_, Lease> {
        self.of_account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a frame down beside what waits, or says why it does not fit; it holds so many bytes of memory.
    fn add(&self, bytes: usize, held: usize) -> Result<(), Closing> {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let shared = self.of_account().grow(held as u64).is_ok();
        if before > limits::OUTBOX_BYTES {
            Err(Closing::Outbox)
        } else if shared || before.max(held) <= limits::OUTBOX_BEHIND {
            Ok(())
        } else {
            Err(Closing::Share)
        }
    }

    /// A frame is on its way.
    pub fn take_off(&self, bytes: usize) {
        let left = self.bytes.fetch_sub(bytes, Ordering::Relaxed).saturating_sub(bytes);
        // Some of it may have been beyond the share, and was not held.
        self.of_account().shrink_to(left as u64);
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

    #[test]
    fn desks_of_an_office_are_sent_one_frame_and_hold_its_bytes_once() {
        let shares = Shares::default();
        let mut desks = desks(&shares);
        let frames = vec![Arc::<[u8]>::from(vec![7; FRAME]); desks.len()];
        for ((outlet, _), frame) in desks.iter().zip(frames) {
            outlet.send_shared(frame);
        }
        assert!(desks.iter().all(|(outlet, _)| !outlet.cancel.is_cancelled()), "none is closed over it");
        // Frames of their own are each held, as far as the account's memory goes; small ones go on.
        for (outlet, inbox) in &mut desks {
            let taken = inbox.try_recv().expect("a frame").len();
            outlet.weight.take_off(taken);
            outlet.send_bytes(Bytes::from(vec![7; FRAME]), FRAME);
        }
        let open = desks.iter().filter(|(outlet, _)| !outlet.cancel.is_cancelled()).count();
        assert_eq!(open as u64, (limits::MEMORY - limits::MEMORY_FOR_SMALL) / 2 / FRAME as u64);
        let behind = &desks[29].0;
        assert!(behind.cancel.is_cancelled(), "it comes again when there is room");
        let (again, _inbox) = self::desks(&shares).remove(0);
        again.send_bytes(Bytes::from(vec![7; 1000]), 1000);
        assert!(!again.cancel.is_cancelled());
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
