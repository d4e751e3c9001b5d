//! Connections as they are taken from outside: few at once of one network, none that takes nothing, or next to
//! nothing, of what is written to it, and none of HTTP/2, which nobody needs: proxies speak HTTP/1.1. With a
//! connection everything ends that was held for it.

use crate::audit::{Note, Origin};
use crate::limits;
use crate::shares::{Held, Lease, Payer, RanOut, Shares};
use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use serde_json::json;
use std::future::{Future, Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use tower_layer::Layer;

/// Accepts connections within the shares of their networks.
#[derive(Clone)]
pub struct Patience {
    shares: Shares,
    /// Connections of all.
    most: u64,
    /// Connections of one network, and of all networks of a client that has many; none where a proxy stands in
    /// front, through which all come.
    of_a_client: Option<(u64, u64)>,
}

impl Patience {
    /// Takes so many connections as a program may with as many descriptors: half of them, for the rest are for
    /// its files. It takes so many of one network, unless a proxy stands in front.
    #[must_use]
    pub fn new(shares: Shares, (behind_proxy, of_a_network): (bool, u64), descriptors: u64) -> Self {
        let most = (descriptors / 2).min(limits::CONNECTIONS);
        let of_a_client = (!behind_proxy).then(|| ((most / 2).min(of_a_network), most / 2));
        Self { shares, most, of_a_client }
    }

    fn lease(&self, from: SocketAddr) -> io::Result<Vec<Lease>> {
        let places = crate::identity::places(&crate::http::network(from.ip()));
        let of_a_client = self.of_a_client.into_iter().flat_map(|(network, region)| {
            places.iter().cloned().map(move |place| {
                let most = if matches!(place, Payer::Region(_)) { region } else { network };
                (place, most)
            })
        });
        let hold = |(payer, most)| self.shares.hold_of(&payer, Held::Connections, 1, most);
        let all = of_a_client.chain([(Payer::Everybody, self.most)]);
        all.map(hold).collect::<Result<_, _>>().map_err(io::Error::other)
    }
}

/// The note for the trail that a connection was turned away because its network, or all together, have as many
/// as they may; none for any other error.
#[must_use]
pub fn turned_away(from: SocketAddr, error: &io::Error) -> Option<(Origin, Note)> {
    let ran_out = error.get_ref()?.downcast_ref::<RanOut>()?;
    let network = crate::http::network(from.ip());
    let note = Note::ran_out(ran_out.what, json!({ "from": network }));
    Some((Origin::Network(network), note))
}

impl<S> Accept<TcpStream, S> for Patience {
    type Stream = Bounded<TcpStream>;
    type Service = AddExtension<S, Moved>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let held = stream.peer_addr().and_then(|from| self.lease(from));
        ready(held.map(|held| {
            // The kernel holds no more for a reader that is slow; how slow it is shows then.
            let _ = socket2::SockRef::from(&stream).set_send_buffer_size(limits::SEND_BUFFER);
            let bounded = Bounded::new(stream, limits::SLOW_READER, held);
            let moved = bounded.moved.clone();
            (bounded, Extension(moved).layer(service))
        }))
    }
}

/// The first bytes of a connection of HTTP/2. No method of HTTP/1 begins so.
const OTHER_PROTOCOL: &[u8] = b"PRI";

/// When bytes moved last over a connection: they came, or the other end took what had waited. Bytes that the kernel takes
/// at once say nothing.
#[derive(Debug, Clone, Default)]
pub struct Moved(Arc<Mutex<Option<Instant>>>);

impl Moved {
    /// None when nothing has moved yet.
    #[must_use]
    pub fn last(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// A stream whose writes wait for no longer than patience lasts before so many bytes are taken.
pub struct Bounded<S> {
    stream: S,
    patience: Duration,
    /// Since when a write waits, and the end of patience.
    waits: Option<(Instant, Pin<Box<Sleep>>)>,
    /// For how long writes have waited, and how much was taken, since enough was taken the last time.
    waited: Duration,
    taken: usize,
    /// The first bytes that have come.
    begun: Vec<u8>,
    moved: Moved,
    _held: Vec<Lease>,
}

impl<S> Bounded<S> {
    fn new(stream: S, patience: Duration, held: Vec<Lease>) -> Self {
        Self {
            stream,
            patience,
            waits: None,
            waited: Duration::ZERO,
            taken: 0,
            begun: Vec::with_capacity(OTHER_PROTOCOL.len()),
            moved: Moved::default(),
            _held: held,
        }
    }

    fn judged<T>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
        taken: impl Fn(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(done) = polled {
            let now = done.as_ref().map(taken).unwrap_or_default();
            if let Some((since, _)) = self.waits.take() {
                self.waited += since.elapsed();
                if now > 0 {
                    self.moved.now();
                }
            }
            self.taken += now;
            if self.taken >= limits::LEAST_TAKEN {
                (self.waited, self.taken) = (Duration::ZERO, 0);
            }
            return Poll::Ready(done);
        }
        let left = self.patience.saturating_sub(self.waited);
        let (_, end) = self.waits.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        match end.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_of_other_protocol(&mut self, came: &[u8]) -> bool {
        let missing = OTHER_PROTOCOL.len() - self.begun.len();
        self.begun.extend(came.iter().take(missing));
        self.begun == OTHER_PROTOCOL
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        if into.filled().len() > before {
            self.moved.now();
        }
        if read.is_ready() && self.begun.len() < OTHER_PROTOCOL.len() {
            let came = into.filled().get(before..).unwrap_or_default();
            if self.is_of_other_protocol(came) {
                // No reader expects bytes beside an error.
                into.set_filled(before);
                return Poll::Ready(Err(io::ErrorKind::Unsupported.into()));
            }
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judged(context, written, |bytes| *bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judged(context, written, |bytes| *bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.judged(context, flushed, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.judged(context, shut, |()| 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounded, Patience, turned_away};
    use crate::audit::{Act, Origin};
    use crate::limits;
    use crate::shares::Shares;
    use std::io::ErrorKind;
    use std::net::SocketAddr;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tongban_shared::trust::Budget;

    const PATIENCE: Duration = Duration::from_millis(600);

    /// Writes without an end; gives the reader's end and what becomes of the writing.
    fn writes(buffer: usize) -> (DuplexStream, tokio::task::JoinHandle<std::io::Result<()>>) {
        let (ours, theirs) = duplex(buffer);
        let mut bounded = Bounded::new(ours, PATIENCE, Vec::new());
        let writing = tokio::spawn(async move {
            let block = vec![7; limits::LEAST_TAKEN];
            loop {
                bounded.write_all(&block).await?;
            }
        });
        (theirs, writing)
    }

    #[tokio::test]
    async fn a_reader_that_stands_still_is_given_up_and_a_slow_one_is_not() {
        let (mut theirs, writing) = writes(limits::LEAST_TAKEN);
        let mut read = vec![0; limits::LEAST_TAKEN];
        // It takes its time, altogether longer than patience lasts, but goes on.
        for _ in 0..20 {
            tokio::time::sleep(PATIENCE / 10).await;
            theirs.read_exact(&mut read).await.expect("a block");
        }
        assert!(!writing.is_finished());
        let ended = writing.await.expect("it ends").expect_err("nobody reads");
        assert_eq!(ended.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_reader_that_takes_next_to_nothing_is_given_up() {
        let (mut theirs, writing) = writes(64);
        let mut read = [0; 64];
        // Never silent for long, it would hold what is written for hours.
        for _ in 0..60 {
            tokio::time::sleep(PATIENCE / 10).await;
            if theirs.read_exact(&mut read).await.is_err() {
                break;
            }
        }
        assert!(writing.is_finished());
        assert_eq!(writing.await.expect("it ends").expect_err("it was slow").kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_line_that_moves_says_so_and_one_that_has_ended_does_not() {
        let (ours, mut theirs) = duplex(64);
        let mut bounded = Bounded::new(ours, PATIENCE, Vec::new());
        let moved = bounded.moved.clone();
        bounded.write_all(&[7; 64]).await.expect("there is room");
        assert!(moved.last().is_none(), "nobody has taken it");
        let writing = tokio::spawn(async move {
            bounded.write_all(&[7; 64]).await.expect("it goes on");
            bounded
        });
        tokio::time::sleep(PATIENCE / 10).await;
        assert!(moved.last().is_none());
        theirs.read_exact(&mut [0; 100]).await.expect("bytes");
        let mut bounded = writing.await.expect("it ends");
        let taken = moved.last().expect("they were taken");
        tokio::time::sleep(PATIENCE / 10).await;
        theirs.write_all(&[7]).await.expect("there is room");
        bounded.read_exact(&mut [0]).await.expect("a byte");
        assert!(moved.last() > Some(taken), "one came");
    }

    #[tokio::test]
    async fn a_connection_of_another_protocol_is_ended_at_its_first_word() {
        for (words, kind) in [("PRI * HTTP/2.0\r\n", Some(ErrorKind::Unsupported)), ("POST /", None)] {
            let (ours, mut theirs) = duplex(64);
            let mut bounded = Bounded::new(ours, PATIENCE, Vec::new());
            // However it is cut.
            let writing = tokio::spawn(async move {
                for byte in words.bytes() {
                    theirs.write_all(&[byte]).await?;
                    tokio::task::yield_now().await;
                }
                Ok::<_, std::io::Error>(theirs)
            });
            let mut read = String::new();
            let told = tokio::time::timeout(PATIENCE, bounded.read_to_string(&mut read)).await;
            match kind {
                Some(kind) => assert_eq!(told.expect("it ends").expect_err("refused").kind(), kind),
                None => assert!(told.is_err() || read == words, "{told:?}"),
            }
            let _ = writing.await;
        }
    }

    #[test]
    fn one_network_leaves_others_their_connections() {
        let at = |address: &str| format!("{address}:4711").parse::<SocketAddr>().expect("an address");
        let patience = Patience::new(Shares::default(), (false, 1024), 80);
        let mut held: Vec<_> = (0..20).map(|_| patience.lease(at("203.0.113.1")).expect("a place")).collect();
        let refused = patience.lease(at("203.0.113.1")).err().expect("no place");
        let (origin, note) = turned_away(at("203.0.113.1"), &refused).expect("for the trail");
        assert_eq!(origin, Origin::Network("203.0.113.1".to_owned()));
        assert_eq!((note.act, note.why.as_str()), (Act::RanOut, Budget::Connections.word()));
        assert!(turned_away(at("203.0.113.1"), &ErrorKind::TimedOut.into()).is_none());
        held.extend((0..20).map(|_| patience.lease(at("203.0.113.2")).expect("a place")));
        assert!(patience.lease(at("203.0.113.3")).is_err(), "half of the descriptors are for the rest");
        held.pop();
        assert!(patience.lease(at("203.0.113.3")).is_ok());
        // Nor are the networks of one client many clients.
        let of_six = |network: u16| format!("[2001:db8:7:{network:x}::1]:4711").parse().expect("an address");
        let patience = Patience::new(Shares::default(), (false, 1024), 80);
        let held: Vec<_> = (0..20).map(|network| patience.lease(of_six(network)).expect("a place")).collect();
        assert!(patience.lease(of_six(99)).is_err());
        assert!(patience.lease(at("203.0.113.1")).is_ok());
        drop(held);
        // The operator may have set another number.
        let patience = Patience::new(Shares::default(), (false, 3), 80);
        let held: Vec<_> = (0..3).map(|_| patience.lease(at("203.0.113.1")).expect("a place")).collect();
        assert!(patience.lease(at("203.0.113.1")).is_err());
        drop(held);
        let proxied = Patience::new(Shares::default(), (true, 1024), 80);
        let held: Vec<_> = (0..40).map(|_| proxied.lease(at("127.0.0.1")).expect("a place")).collect();
        assert!(proxied.lease(at("127.0.0.1")).is_err());
        drop(held);
    }
}
