//! The way to a connection, and how much waits for it.

use crate::limits;
use axum::body::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tongban_shared::id::{DeviceId, PersonId};
use tongban_shared::sync::Dialect;
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::room::ConnectionId;

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
        if !fits || self.outbox.try_send(frame).is_err() {
            self.cancel.cancel();
        }
    }
}

/// How many bytes wait for a connection: its messages are counted by the outbox, and some are whole
/// documents.
#[derive(Default)]
pub struct Weight {
    bytes: AtomicUsize,
    less: Notify,
}

impl Weight {
    /// Whether a frame fits beside what waits.
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
