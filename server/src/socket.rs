//! One WebSocket: handshake, frames in, frames out, silence.
//!
//! The identity of a peer comes from the authenticated request, never from a frame: the names in frames are
//! labels.

mod intake;
mod local;
mod standing;
mod unfit;
mod upgrade;
mod writer;

pub use intake::{Intake, Portion};
pub use local::Local;
pub use upgrade::{Socket, Upgrade};

use crate::app::App;
use crate::audit::{Note, Origin};
use crate::clock;
use crate::identity::Visitor;
use crate::limits;
use crate::rooms::{Outlet, Weight, What, Word, refusal_words};
use crate::shares::{Lease, Payer};
use crate::slow::Moved;
use axum::body::Bytes;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use serde_json::json;
use standing::Grounds;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tongban_shared::access::AccountRole;
use tongban_shared::id::DocumentId;
use tongban_shared::limits::{FRAME_BYTES, PART_BYTES, SMALL_PART_BYTES};
use tongban_shared::sync::fragment::{Assembler, Taken};
use tongban_shared::sync::frame::{Frame, FrameError, ServerWord};
use tongban_shared::sync::room::ConnectionId;
use tongban_shared::sync::{Dialect, RefusalCode, SMALL_PARTS};
use tongban_shared::trust::{Closing, PublicKey};
use unfit::Unfit;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Serves a socket, with its share of what its account may have open, and with what its line says of itself, until
/// it ends.
pub async fn serve(
    app: App,
    (visitor, authority): (Visitor, Option<PublicKey>),
    session: String,
    (socket, intake): (Socket, Arc<Intake>),
    (share, moved): (Lease, Option<Moved>),
) {
    app.metrics.connected();
    let (mut sink, mut stream) = socket.split();
    let person = Origin::Person(visitor.account.id);
    match handshake(&app, &visitor, (&mut sink, &mut stream), &intake).await {
        Err(Some(why)) => app.audit.note(person, Note::closed(why, json!({ "device": visitor.device }))),
        Err(None) => {}
        Ok((mut outlet, inbox, part)) => {
            let followed = app.identity.follow(&session).await;
            if let Ok(stands_for) = &followed {
                outlet.standing = Some(Arc::new(app.identity.standing(&visitor, stands_for.clone())));
            }
            let writer = tokio::spawn(writer::write(sink, (inbox, part), outlet.clone()));
            let mut connection =
                Connection { moved, ..Connection::new(&app, (visitor, authority), outlet, intake) };
            if let Ok(stands_for) = followed {
                connection.seat = Some(Seat { secret: session, stands_for, used: Instant::now() });
                connection.read(&mut stream).await;
            }
            connection.outlet.cancel.cancel();
            connection.note_closing();
            // A device that comes back at once finds room, while the old socket is still being closed.
            drop(share);
            for what in std::mem::take(&mut connection.open).into_values() {
                app.rooms.leave(what, connection.outlet.id).await;
            }
            let _ = writer.await;
        }
    }
    app.metrics.disconnected();
}

type Sink = SplitSink<Socket, Message>;

/// The beginning of a connection, or why there is none, if its other end is to blame.
async fn handshake(
    app: &App,
    visitor: &Visitor,
    (sink, stream): (&mut Sink, &mut SplitStream<Socket>),
    intake: &Arc<Intake>,
) -> Result<(Outlet, mpsc::Receiver<Bytes>, usize), Option<Closing>> {
    let first = timeout(limits::HANDSHAKE, stream.next()).await.map_err(|_| Closing::Silent)?;
    let first = first.ok_or(None)?.map_err(|error| unfit::blamed(&error))?;
    let joined = match &first {
        Message::Binary(bytes) => Frame::decode(bytes),
        _ => return Err(Some(Closing::Frame)),
    };
    drop(intake.read(first.len()));
    let Ok(Frame::Join { sender, versions, .. }) = joined else { return Err(Some(Closing::Frame)) };
    let server = app.rooms.server_name().to_owned();
    let Some(dialect) = Dialect::best_of(&versions) else {
        let message = "no common protocol version; this server speaks tongban/1 and 1".to_owned();
        let _ = sink
            .send(Message::Binary(Frame::Error { sender: server, target: sender, message }.encode().into()))
            .await;
        return Err(None);
    };
    if dialect != Dialect::Tongban {
        intake.allow(FRAME_BYTES);
    }
    let about = ServerWord { epoch: app.epoch.clone(), time: clock::now_ms() };
    let peer =
        Frame::Peer { sender: server, target: sender.clone(), version: dialect.version().to_owned(), about };
    sink.send(Message::Binary(peer.encode().into())).await.map_err(|_| None)?;
    let (outbox, inbox) = mpsc::channel(limits::OUTBOX);
    let id = ConnectionId(NEXT.fetch_add(1, Ordering::Relaxed));
    let (person, device) = (visitor.account.id, visitor.device);
    let weight = Arc::new(Weight::new(&app.shares, Payer::of(&visitor.account)));
    let (cancel, closing) = (app.stop.child_token(), Arc::default());
    let outlet =
        Outlet { id, name: sender, person, device, dialect, outbox, weight, cancel, closing, standing: None };
    let small = versions.iter().any(|one| one == SMALL_PARTS);
    Ok((outlet, inbox, if small { SMALL_PART_BYTES } else { PART_BYTES }))
}

struct Connection {
    app: App,
    visitor: Visitor,
    /// The key of another server at the other end.
    authority: Option<PublicKey>,
    /// None inside this program.
    seat: Option<Seat>,
    outlet: Outlet,
    open: HashMap<DocumentId, What>,
    intake: Arc<Intake>,
    assembler: Assembler,
    /// The share that its unfinished frame takes.
    parts: Portion,
    /// The movement of its line; nothing inside this program.
    moved: Option<Moved>,
    /// The grounds from which rights were last worked out; rights do not change before they do.
    grounds: Grounds,
}

/// The session of a connection.
struct Seat {
    secret: String,
    /// The visitor it stands for, as that changes; none when it has ended.
    stands_for: watch::Receiver<Option<Visitor>>,
    /// When it was last told to be in use.
    used: Instant,
}

impl Connection {
    fn new(
        app: &App,
        (visitor, authority): (Visitor, Option<PublicKey>),
        outlet: Outlet,
        intake: Arc<Intake>,
    ) -> Self {
        let mut app = app.clone();
        if visitor.account.role != AccountRole::Server {
            app.rooms = app.rooms.on_account_of(visitor.account.id);
        }
        Self {
            app,
            visitor,
            authority,
            seat: None,
            outlet,
            open: HashMap::new(),
            assembler: Assembler::default(),
            parts: intake.nothing(),
            intake,
            moved: None,
            grounds: Grounds::default(),
        }
    }

    async fn read(&mut self, stream: &mut SplitStream<Socket>) {
        let cancel = self.outlet.cancel.clone();
        let mut heard = Instant::now();
        let mut look_again = tokio::time::interval(limits::RIGHTS);
        let Some(mut stands_for) = self.seat.as_ref().map(|seat| seat.stands_for.clone()) else { return };
        loop {
            let message = tokio::select! {
                () = cancel.cancelled() => break,
                () = tokio::time::sleep_until(heard + limits::SILENCE) => {
                    // A large part may be on its way, hither or thither, over a slow line.
                    let moved = self.moved.as_ref().and_then(Moved::last).filter(|moved| *moved > heard);
                    if let Some(moved) = moved {
                        heard = moved;
                        continue;
                    }
                    self.outlet.close(Closing::Silent);
                    break;
                }
                Ok(()) = stands_for.changed() => {
                    look_again.reset_immediately();
                    continue;
                }
                _ = look_again.tick() => match cancel.run_until_cancelled(self.look_again()).await {
                    Some(true) => continue,
                    _ => break,
                },
                message = stream.next() => message,
            };
            heard = Instant::now();
            let bytes = match message {
                Some(Ok(Message::Binary(bytes))) => bytes,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Err(error)) => {
                    if let Some(why) = unfit::blamed(&error) {
                        self.outlet.close(why);
                    }
                    break;
                }
                _ => break,
            };
            let held = self.intake.read(bytes.len());
            let taken = self.take(bytes, held).await;
            // Waiting for a document is no silence of the other end.
            heard = Instant::now();
            if let Err(error) = taken {
                tracing::info!(connection.id = self.outlet.id.0, error = %error, "A connection was closed for what it sent");
                let (sender, target) = (self.app.rooms.server_name().to_owned(), self.outlet.name.clone());
                self.outlet.send(&Frame::Error { sender, target, message: error.to_string() });
                if let Some(why) = error.closing() {
                    self.outlet.close(why);
                }
                break;
            }
        }
    }

    /// Puts the reason for which the connection was closed on the trail.
    fn note_closing(&self) {
        if let Some(why) = self.outlet.closing.get() {
            let (origin, note) = unfit::closed(&self.outlet, *why);
            self.app.audit.note(origin, note);
        }
    }

    /// Somebody writes or opens something: their session is in use.
    async fn note_use(&mut self) {
        let Some(seat) = &mut self.seat else { return };
        if seat.used.elapsed() > limits::USE {
            seat.used = Instant::now();
            let _ = self.app.identity.session(&seat.secret).await;
        }
    }

    /// Takes a message, which holds so much until its turn is over.
    async fn take(&mut self, bytes: Bytes, mut held: Portion) -> Result<(), Unfit> {
        let frame = Frame::decode(&bytes)?;
        drop(bytes);
        let frame = match frame {
            Frame::Fragment { frame, index, count, data } if self.outlet.dialect == Dialect::Tongban => {
                let taken = self.assembler.take((frame, index, count), &data);
                drop(data);
                match taken {
                    Ok(Taken::Whole(frame)) => {
                        held = std::mem::replace(&mut self.parts, self.intake.nothing());
                        frame
                    }
                    Ok(Taken::Part { .. } | Taken::Passed) => {
                        let ends = &self.outlet.cancel;
                        return Ok(self.parts.set_in_time(self.assembler.held(), ends).await?);
                    }
                    // Its other parts are passed over: the other documents go on.
                    Err(FrameError::Of(document, why)) if matches!(*why, FrameError::TooLarge(_)) => {
                        self.parts.set(self.assembler.held())?;
                        self.refuse(document, RefusalCode::TooLarge);
                        return Ok(());
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            frame => frame,
        };
        self.hear(frame, held).await
    }

    async fn hear(&mut self, frame: Frame, held: Portion) -> Result<(), Unfit> {
        match frame {
            Frame::Request { document, data, .. } => {
                self.sync(document, Word::Sync { data, anew: true }, held).await
            }
            Frame::Sync { document, data, .. } => {
                self.sync(document, Word::Sync { data, anew: false }, held).await
            }
            Frame::Changes { document, changes } if self.outlet.dialect == Dialect::Tongban => {
                self.note_use().await;
                self.sync(document, Word::Changes(changes), held).await
            }
            Frame::Alive if self.outlet.dialect == Dialect::Tongban => {
                self.outlet.send(&Frame::Alive);
                Ok(())
            }
            // The device cannot take it: it is not sent any more, and the others go on.
            Frame::Unavailable { document, .. } => {
                if let Some(what) = self.open.remove(&document) {
                    tracing::info!(document.id = %document, connection.id = self.outlet.id.0, "A device cannot take a document");
                    self.app.rooms.leave(what, self.outlet.id).await;
                }
                Ok(())
            }
            // Presence is not offered yet; gossip and leave need no answer.
            Frame::Ephemeral { .. } | Frame::Gossip | Frame::Leave { .. } => Ok(()),
            Frame::Error { message, .. } => {
                tracing::info!(
                    connection.id = self.outlet.id.0,
                    "A peer reported an error of {} characters",
                    message.len()
                );
                Ok(())
            }
            other => Err(Unfit::Unexpected(kind_of(&other))),
        }
    }

    async fn sync(&mut self, id: DocumentId, word: Word, mut held: Portion) -> Result<(), Unfit> {
        held.set_in_time(word.bytes(), &self.outlet.cancel).await?;
        if let Some(what) = self.open.get(&id) {
            // Nothing looks again for the ferry: who leads may be known only by now. An enterprise may
            // have been named since.
            let enterprise = self.visitor.account.role == AccountRole::Enterprise;
            if (self.seat.is_none() || enterprise) && matches!(what, What::Log(..)) {
                let rights = self.rights(*what).await?;
                self.app.rooms.set_rights(*what, self.outlet.id, rights.unwrap_or_default()).await;
            }
            self.hand_on(*what, word, held).await;
            return Ok(());
        }
        let server = self.visitor.account.role == AccountRole::Server;
        let most = if server { limits::DOCUMENTS_OF_A_SERVER } else { limits::DOCUMENTS_PER_CONNECTION };
        if self.open.len() >= most {
            return Err(Unfit::Documents);
        }
        // The person may have been signed out since the socket was opened.
        if !self.outlet.stands() {
            return Err(Unfit::SignedOut);
        }
        self.note_use().await;
        let Some(what) = self.app.rooms.what(id).await else {
            // Which units there are is told to nobody who does not read the space.
            let enterprise = self.visitor.account.role == AccountRole::Enterprise;
            let code = if enterprise { RefusalCode::NoRight } else { RefusalCode::UnknownDocument };
            self.unavailable(id, code);
            return Ok(());
        };
        self.room_in_outbox().await;
        // Not before: that may have taken hours.
        let Some(rights) = self.rights(what).await? else {
            self.unavailable(id, RefusalCode::NoRight);
            return Ok(());
        };
        let since = Instant::now();
        self.open.insert(id, what);
        let rooms = self.app.rooms.clone();
        let joined = rooms.join(what, self.outlet.clone(), rights);
        if self.outlet.cancel.run_until_cancelled(joined).await.is_none() {
            return Err(Unfit::SignedOut);
        }
        if since.elapsed() > limits::RIGHTS {
            // It has waited for the document to be read.
            let rights = self.rights(what).await?;
            self.app.rooms.set_rights(what, self.outlet.id, rights.unwrap_or_default()).await;
        }
        self.hand_on(what, word, held).await;
        Ok(())
    }

    /// Hands a word on to its document, when that has taken what came before.
    async fn hand_on(&mut self, what: What, word: Word, mut held: Portion) {
        let (rooms, outlet) = (self.app.rooms.clone(), self.outlet.clone());
        let handed = async move {
            held.turn().await;
            rooms.message(what, outlet, word, Some(held)).await;
        };
        self.meanwhile(handed).await;
    }

    /// Opening many documents at once must not overrun a slow reader's outbox.
    async fn room_in_outbox(&mut self) {
        let mut stands_for = self.seat.as_ref().map(|seat| seat.stands_for.clone());
        let outlet = self.outlet.clone();
        let room = async move {
            let ended = async {
                match &mut stands_for {
                    Some(stands_for) => drop(stands_for.wait_for(Option::is_none).await),
                    None => std::future::pending().await,
                }
            };
            let half = async {
                outlet.weight.at_most(limits::BEFORE_OPENING).await;
                drop(outlet.outbox.reserve_many(limits::OUTBOX / 2).await);
            };
            tokio::select! {
                () = ended => outlet.cancel.cancel(),
                () = half => {}
            }
        };
        self.meanwhile(room).await;
    }

    fn unavailable(&self, document: DocumentId, code: RefusalCode) {
        self.refuse(document, code);
        let (sender, target) = (self.app.rooms.server_name().to_owned(), self.outlet.name.clone());
        self.outlet.send(&Frame::Unavailable { document, sender, target });
    }

    fn refuse(&self, document: DocumentId, code: RefusalCode) {
        if self.outlet.dialect == Dialect::Tongban {
            let words = refusal_words(code).to_owned();
            self.outlet.send(&Frame::refused(document, code, Vec::new(), words));
        } else {
            let (sender, target) = (self.app.rooms.server_name().to_owned(), self.outlet.name.clone());
            let message = format!("{document}: {} ({})", code.word(), refusal_words(code));
            self.outlet.send(&Frame::Error { sender, target, message });
        }
    }
}

const fn kind_of(frame: &Frame) -> &'static str {
    match frame {
        Frame::Join { .. } => "join",
        Frame::Peer { .. } => "peer",
        Frame::Ack { .. }
        | Frame::Refused { .. }
        | Frame::Rights { .. }
        | Frame::Live { .. }
        | Frame::Changes { .. }
        | Frame::Fragment { .. } => "tongban",
        _ => "other",
    }
}
