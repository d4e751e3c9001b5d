//! A bad network: a proxy for sockets that loses messages, goes silent, cuts, or spoils a document.

use futures::{Sink, SinkExt, Stream, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Error, Message};
use tongban_shared::id::DocumentId;
use tongban_shared::sync::frame::Frame;

/// A fault on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Single messages are lost, then the connection is cut.
    Loses,
    /// From some message on nothing goes through, and nobody is told.
    Silent,
    /// Cut in the middle.
    Cut,
    /// Each sync message of the server for this document is none.
    Spoils(DocumentId),
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
        Self::with(server, seed, None).await
    }

    /// The same with one fault, on every connection.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn with(server: &str, seed: u64, fault: Option<Fault>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}")).to_string();
        let (lost, connections) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (server, counted, began) = (server.to_owned(), Arc::clone(&lost), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                if !is_socket(&stream).await {
                    // Requests pass as they are.
                    if let Ok(mut other) = TcpStream::connect(&server).await {
                        tokio::spawn(async move { copy_bidirectional(&mut stream, &mut other).await });
                    }
                    continue;
                }
                let number = began.fetch_add(1, Ordering::Relaxed);
                let chance = Chance(seed.wrapping_mul(1000).wrapping_add(number));
                tokio::spawn(carry(stream, server.clone(), (chance, fault), Arc::clone(&counted)));
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

/// Whether a connection begins as a socket does.
async fn is_socket(stream: &TcpStream) -> bool {
    let mut begin = [0; 9];
    while stream.peek(&mut begin).await.is_ok_and(|read| read > 0 && read < begin.len()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    begin.starts_with(b"GET /sync")
}

async fn carry(
    stream: TcpStream,
    server: String,
    (mut chance, fault): (Chance, Option<Fault>),
    lost: Arc<AtomicU64>,
) {
    let (mut path, mut heads) = (String::new(), Vec::new());
    #[allow(clippy::result_large_err, reason = "the library's type")]
    let look = |request: &Request, response: Response| {
        path = request.uri().to_string();
        let head = |name| request.headers().get(name).and_then(|head| head.to_str().ok());
        let all = ["authorization", "tongban-proof"].into_iter();
        heads = all.filter_map(|name| Some((name, head(name)?.to_owned()))).collect();
        Ok(response)
    };
    let Ok(inner) = tokio_tungstenite::accept_hdr_async(stream, look).await else { return };
    let Ok(address) = format!("ws://{server}{path}").parse() else { return };
    let mut request = ClientRequestBuilder::new(address);
    for (name, value) in heads {
        request = request.with_header(name, value);
    }
    let Ok((outer, _)) = tokio_tungstenite::connect_async(request).await else { return };
    let by_chance = [Fault::Loses, Fault::Silent, Fault::Cut][usize::try_from(chance.below(3)).unwrap_or(0)];
    let fault = fault.unwrap_or(by_chance);
    // The handshake goes through.
    let (first, last) = (if matches!(fault, Fault::Spoils(_)) { 0 } else { 2 + chance.below(16) }, 60);
    let (to_device, from_device) = inner.split();
    let (to_server, from_server) = outer.split();
    let seeds = (chance.below(u64::MAX), chance.below(u64::MAX));
    // The device itself says nothing wrong.
    let upwards =
        if matches!(fault, Fault::Spoils(_)) { (fault, u64::MAX, last) } else { (fault, first, last) };
    let up = pump(from_device, to_server, upwards, Chance(seeds.0), &lost);
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
    while let Some(Ok(mut message)) = from.next().await {
        count += 1;
        let hurt = count > first;
        match fault {
            Fault::Cut if hurt => return,
            Fault::Spoils(document) if hurt && spoils(&mut message, document) => {
                lost.fetch_add(1, Ordering::Relaxed);
                if to.send(message).await.is_err() {
                    return;
                }
                continue;
            }
            Fault::Loses if count > first.saturating_add(last) => return,
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

/// Whether a message was one of sync for a document; it is none any more.
fn spoils(message: &mut Message, of: DocumentId) -> bool {
    let Message::Binary(bytes) = &*message else { return false };
    let Ok(Frame::Sync { document, sender, target, .. }) = Frame::decode(bytes) else { return false };
    if document != of {
        return false;
    }
    let spoilt = Frame::Sync { document, sender, target, data: vec![0; 20] };
    *message = Message::Binary(spoilt.encode().into());
    true
}
