//! A bad network: a proxy for sockets that loses messages, goes silent, and cuts.

use futures::{Sink, SinkExt, Stream, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{Error, Message};

/// A fault on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Single messages are lost, then the connection is cut.
    Loses,
    /// From some message on nothing goes through, and nobody is told.
    Silent,
    /// Cut in the middle.
    Cut,
}

/// A proxy in front of a server; ends with the runtime.
#[derive(Debug)]
pub struct Proxy {
    pub address: String,
    lost: Arc<AtomicU64>,
    connections: Arc<AtomicU64>,
}

/// Numbers that look like chance and are the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

impl Proxy {
    /// Stands in front of a server's address.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(server: &str, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}")).to_string();
        let (lost, connections) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (server, counted, began) = (server.to_owned(), Arc::clone(&lost), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = began.fetch_add(1, Ordering::Relaxed);
                let chance = Chance(seed.wrapping_mul(1000).wrapping_add(number));
                tokio::spawn(carry(stream, server.clone(), chance, Arc::clone(&counted)));
            }
        });
        Self { address, lost, connections }
    }

    /// Messages that were lost until now.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Connections until now.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn carry(stream: TcpStream, server: String, mut chance: Chance, lost: Arc<AtomicU64>) {
    let mut path = String::new();
    #[allow(clippy::result_large_err, reason = "the library's type")]
    let look = |request: &Request, response: Response| {
        path = request.uri().to_string();
        Ok(response)
    };
    let Ok(inner) = tokio_tungstenite::accept_hdr_async(stream, look).await else { return };
    let Ok((outer, _)) = tokio_tungstenite::connect_async(format!("ws://{server}{path}")).await else {
        return;
    };
    let fault = [Fault::Loses, Fault::Silent, Fault::Cut][usize::try_from(chance.below(3)).unwrap_or(0)];
    // The handshake goes through.
    let (first, last) = (2 + chance.below(16), 60);
    let (to_device, from_device) = inner.split();
    let (to_server, from_server) = outer.split();
    let seeds = (chance.below(u64::MAX), chance.below(u64::MAX));
    let up = pump(from_device, to_server, (fault, first, last), Chance(seeds.0), &lost);
    let down = pump(from_server, to_device, (fault, first, last), Chance(seeds.1), &lost);
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}

async fn pump(
    mut from: impl Stream<Item = Result<Message, Error>> + Unpin,
    mut to: impl Sink<Message, Error = Error> + Unpin,
    (fault, first, last): (Fault, u64, u64),
    mut chance: Chance,
    lost: &AtomicU64,
) {
    let mut count = 0;
    while let Some(Ok(message)) = from.next().await {
        count += 1;
        let hurt = count > first;
        match fault {
            Fault::Cut if hurt => return,
            Fault::Loses if count > first + last => return,
            Fault::Silent if hurt => lost.fetch_add(1, Ordering::Relaxed),
            Fault::Loses if hurt && chance.below(4) == 0 => lost.fetch_add(1, Ordering::Relaxed),
            _ => {
                if to.send(message).await.is_err() {
                    return;
                }
                continue;
            }
        };
    }
}
