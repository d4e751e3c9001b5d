//! A connection of this program to its own rooms.

use super::{Connection, Intake, NEXT, writer};
use crate::app::App;
use crate::clock;
use crate::identity::{Account, Visitor};
use crate::limits;
use crate::peers::Peer;
use crate::rooms::{Outlet, Weight, What};
use crate::shares::{Held, Payer};
use axum::body::Bytes;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::mpsc;
use tongban_shared::access::AccountRole;
use tongban_shared::id::{PersonId, fingerprint};
use tongban_shared::limits::PART_BYTES;
use tongban_shared::sync::Dialect;
use tongban_shared::sync::frame::{Frame, ServerWord};
use tongban_shared::sync::room::ConnectionId;

/// A connection of this program to its own rooms, by the same frames as a socket's.
pub struct Local {
    connection: Connection,
    inbox: mpsc::UnboundedReceiver<Bytes>,
}

impl Local {
    /// A connection for another server, which a unit runs.
    #[must_use]
    pub fn open(app: &App, peer: &Peer) -> Self {
        let (outbox, full) = mpsc::channel::<Bytes>(limits::OUTBOX);
        // The sender here is also the reader here: a bounded queue would wait for itself.
        let (queue, inbox) = mpsc::unbounded_channel();
        // Each server has shares of its own.
        let person = PersonId::from_bytes(fingerprint(&["peer", &peer.name]));
        let payer = Payer::Server(person);
        let intake = Intake::new(app.shares.nothing(&payer, Held::Parts));
        let weight = Arc::new(Weight::new(&app.shares, payer));
        let weighed = Arc::clone(&weight);
        let name = "ferry".to_owned();
        let mut waiting = writer::Waiting::new((full, PART_BYTES), Dialect::Tongban, name.clone());
        tokio::spawn(async move {
            while let Some((frame, taken)) = waiting.next().await {
                weighed.take_off(taken);
                if queue.send(frame).is_err() {
                    break;
                }
            }
        });
        let id = ConnectionId(NEXT.fetch_add(1, Ordering::Relaxed));
        let outlet = Outlet {
            id,
            name,
            person,
            device: None,
            dialect: Dialect::Tongban,
            outbox,
            weight,
            cancel: app.stop.child_token(),
            closing: Arc::default(),
            standing: None,
        };
        let account = Account {
            id: person,
            login: String::new(),
            name: peer.name.clone(),
            unit: peer.unit,
            role: AccountRole::Server,
        };
        let visitor = Visitor { account, device: None };
        Self { connection: Connection::new(app, (visitor, peer.key), outlet, intake), inbox }
    }

    /// Takes a frame, as from a socket.
    ///
    /// # Errors
    /// When it is not one that a device sends.
    pub async fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if let Ok(Frame::Join { sender, .. }) = Frame::decode(bytes) {
            let about = ServerWord { epoch: self.connection.app.epoch.clone(), time: clock::now_ms() };
            let server = self.connection.app.rooms.server_name().to_owned();
            let version = Dialect::Tongban.version().to_owned();
            self.connection.outlet.send(&Frame::Peer { sender: server, target: sender, version, about });
            return Ok(());
        }
        let mut held = self.connection.intake.nothing();
        held.set(bytes.len())?;
        Ok(self.connection.take(Bytes::copy_from_slice(bytes), held).await?)
    }

    /// The next frame; none when the rooms have ended the connection.
    pub async fn next(&mut self) -> Option<Bytes> {
        tokio::select! {
            biased;
            () = self.connection.outlet.cancel.cancelled() => None,
            bytes = self.inbox.recv() => bytes,
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.connection.outlet.cancel.cancel();
        let (rooms, id) = (self.connection.app.rooms.clone(), self.connection.outlet.id);
        let open: Vec<What> = std::mem::take(&mut self.connection.open).into_values().collect();
        tokio::spawn(async move {
            for what in open {
                rooms.leave(what, id).await;
            }
        });
    }
}
