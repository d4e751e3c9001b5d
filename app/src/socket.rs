//! The connection of the leading tab: opens, drives the link, comes back after a loss.

use crate::browser;
use crate::session::Session;
use futures::channel::mpsc;
use futures::{FutureExt, SinkExt, StreamExt, select, select_biased};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State};
use gloo_timers::future::TimeoutFuture;
use tongban_shared::sync::patience::Patience;

/// The shortest and longest wait before the next attempt, in milliseconds.
const FIRST_WAIT: u32 = 500;
const LAST_WAIT: u32 = 20_000;

/// A server that was silent for so many milliseconds is asked whether it is there; after as many
/// again the connection is taken for gone. A telephone that changes its network is not told.
const SILENCE: u32 = 20_000;

/// Bytes that go over the slowest line in that time: 2 KB a second.
const SLOWEST: usize = 40_000;

/// Orders of the rest of the app to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// These bytes go out.
    Send(Vec<u8>),
    /// Try at once.
    Now,
    /// Close; what cannot be read may not be gone on with.
    Close,
}

/// Keeps a connection as long as the page lives.
pub async fn keep(session: Session, mut orders: mpsc::UnboundedReceiver<Order>) {
    let mut patience = Patience::new(FIRST_WAIT, LAST_WAIT);
    loop {
        let wait = if session.may_connect() {
            let opened = once(&session, &mut orders).await;
            let stood = opened.map_or(0, |opened| browser::now_ms().saturating_sub(opened));
            session.disconnected();
            let [chance] = browser::random::<1>();
            patience.ended(stood, chance)
        } else {
            // The next person to sign in has waited for nothing yet.
            patience = Patience::new(FIRST_WAIT, LAST_WAIT);
            FIRST_WAIT
        };
        let mut timer = TimeoutFuture::new(wait).fuse();
        loop {
            select! {
                () = timer => break,
                order = orders.next() => match order {
                    Some(Order::Now) => break,
                    // A change that was to be sent is computed anew on the next connection.
                    Some(_) => {}
                    None => return,
                },
            }
        }
    }
}

/// One connection; when it was opened, in milliseconds since 1970. None when it never was, or when this
/// device itself has closed it: the next one would end as this one did.
async fn once(session: &Session, orders: &mut mpsc::UnboundedReceiver<Order>) -> Option<u64> {
    let Ok(mut socket) = WebSocket::open(&browser::socket_address()) else { return None };
    let mut opened = None;
    let mut silence = TimeoutFuture::new(SILENCE).fuse();
    // Whether anything came since the last look, whether the server was asked then, and what was sent
    // since: it answers when a whole message is there, which takes a while on a slow line.
    let (mut heard, mut asked, mut sent) = (true, false, 0);
    if !greet(&mut socket, session.begin_link()).await {
        return None;
    }

    loop {
        // The stream is asked first: after it has told the end nothing is sent any more.
        select_biased! {
            message = socket.next().fuse() => match message {
                Some(Ok(Message::Bytes(bytes))) => {
                    if opened.is_none() {
                        opened = Some(browser::now_ms());
                        crate::offline::look_for_newer();
                    }
                    (heard, sent) = (true, 0);
                    session.receive(&bytes);
                }
                Some(Ok(Message::Text(_))) => {}
                Some(Err(_)) | None => return opened,
            },
            () = silence => {
                if !heard && asked && sent == 0 {
                    return opened;
                }
                if !heard && sent > 0 {
                    // So much goes through the worst line in this time.
                    sent = usize::saturating_sub(sent, SLOWEST);
                }
                let asks = !heard && !asked;
                asked = !heard;
                if asks && !send(&mut socket, session.alive()).await {
                    return opened;
                }
                heard = false;
                silence = TimeoutFuture::new(SILENCE).fuse();
            }
            order = orders.next() => match order {
                Some(Order::Send(bytes)) => {
                    sent += bytes.len();
                    if !send(&mut socket, bytes).await {
                        return opened;
                    }
                }
                Some(Order::Now) => {}
                Some(Order::Close) | None => return None,
            },
        }
    }
}

/// Sends the first message when the socket is open; false when it could not be opened. The stream
/// tells that, and the server says nothing before it was greeted.
async fn greet(socket: &mut WebSocket, hello: Vec<u8>) -> bool {
    let (mut sink, mut stream) = socket.split();
    let mut sending = sink.send(Message::Bytes(hello)).fuse();
    select_biased! {
        _ = stream.next().fuse() => false,
        sent = sending => sent.is_ok(),
    }
}

/// Sends bytes; false when the connection is ending, which the browser knows before the stream tells it.
async fn send(socket: &mut WebSocket, bytes: Vec<u8>) -> bool {
    matches!(socket.state(), State::Open) && socket.send(Message::Bytes(bytes)).await.is_ok()
}
