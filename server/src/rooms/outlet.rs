//! The way to a connection, and how much waits for it.

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
}

impl Outlet {
    /// Sends a frame; a full outbox ends the connection, for nothing may be dropped. The writer
    /// of the socket cuts large frames into parts.
    pub fn send(&self, frame: &Frame) {
        self.send_bytes(frame.encode().into());
    }

    /// Sends the bytes of a frame, which others may be sent as well.
    pub fn send_bytes(&self, frame: Bytes) {
        let fits = self.weight.add(frame.len());
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
    of_account: Option<Mutex<Lease>>,
}

impl Weight {
    /// The weight of a connection, put down to a payer.
    #[must_use]
    pub fn new(shares: &Shares, payer: Payer) -> Self {
        let of_account = shares.hold(&payer, Held::Outbox, 0).ok().map(Mutex::new);
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

    /// As much as the payer may still write of a document, of the log of another unit a part; another server
    /// carries what many have written.
    #[must_use]
    pub fn left_to_write(&self, document: DocumentId, part: u64) -> Written {
        let Payer::Account(person) = self.payer else { return Written::ENDLESS };
        let writer = Payer::Writer(person, document);
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
        if let Payer::Account(person) = self.payer {
            let writer = Payer::Writer(person, document);
            self.shares.put_down(&writer, Spent::Bytes, written.bytes);
            self.shares.put_down(&writer, Spent::Operations, written.operations);
            self.shares.put_down(&writer, Spent::Actors, written.actors);
        }
    }

    fn of_account(&self) -> Option<MutexGuard<'_, Lease>> {
        self.of_account.as_ref().map(|lease| lease.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a frame down beside what waits, or says why it does not fit.
    fn add(&self, bytes: usize) -> Result<(), Closing> {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let shared = self.of_account().is_none_or(|mut lease| lease.grow(bytes as u64).is_ok());
        if before > limits::OUTBOX_BYTES {
            Err(Closing::Outbox)
        } else if shared || before <= limits::OUTBOX_BEHIND {
            Ok(())
        } else {
            Err(Closing::Share)
        }
    }

    /// A frame is on its way.
    pub fn take_off(&self, bytes: usize) {
        let left = self.bytes.fetch_sub(bytes, Ordering::Relaxed).saturating_sub(bytes);
        if let Some(mut lease) = self.of_account() {
            // Some of it may have been beyond the share, and was not held.
            lease.shrink_to(left as u64);
        }
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
