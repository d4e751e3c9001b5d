//! The documents that a connection has open, and those that wait for memory. One that was let go for others is among
//! the latter: nothing is told of it, so that its device goes on as if no answer had come yet, and when it is opened
//! again its room speaks first and brings the device level anew. No word is lost: none is acknowledged before.

use super::{Connection, Unfit};
use crate::audit::{Note, Origin};
use crate::identity::Account;
use crate::limits;
use crate::rooms::{Lack, Load, Place, Reader, Weights, What, Word};
use serde_json::json;
use std::collections::{HashMap, VecDeque};
use std::time::Instant;
use tokio::sync::{mpsc, watch};
use tongban_shared::access::AccountRole;
use tongban_shared::id::DocumentId;
use tongban_shared::sync::message;
use tongban_shared::trust::Budget;

/// A document that is opened when there is memory for it.
struct Waiting {
    id: DocumentId,
    what: What,
    loads: Vec<Load>,
}

/// The places of a connection.
pub(super) struct Places {
    weights: Weights,
    reader: Reader,
    /// With a log goes a place in its board, by which its rights go.
    held: HashMap<DocumentId, Vec<Place>>,
    waiting: VecDeque<Waiting>,
    let_go: mpsc::UnboundedReceiver<DocumentId>,
    freed: watch::Receiver<()>,
    /// A word is being handed on: nothing is let go before that is done.
    pub(super) hands_on: bool,
}

/// A reason to look at them.
pub(super) enum Turn {
    /// Others are to have the memory of this one.
    LetGo(DocumentId),
    /// Something was let go somewhere.
    Freed,
}

/// Words of a device are passed over that it does not say again.
pub(super) struct Unsaid;

/// Whether a sync message brings no changes.
fn brings_nothing(data: &[u8]) -> bool {
    data.len() <= limits::COUNTED_AT_ONCE
        && message::read(data).is_ok_and(|message| message.changes.is_empty())
}

impl Places {
    pub(super) fn new(weights: &Weights, account: &Account) -> Self {
        let (tell, let_go) = mpsc::unbounded_channel();
        let bounded = account.role != AccountRole::Server;
        let (held, waiting, hands_on) = (HashMap::new(), VecDeque::new(), false);
        let reader = Reader { person: account.id, bounded, tell };
        Self { weights: weights.clone(), reader, held, waiting, let_go, freed: weights.freed(), hands_on }
    }

    /// The next reason to look at them.
    pub(super) async fn turn(&mut self) -> Turn {
        let waits = !self.waiting.is_empty();
        tokio::select! {
            Some(id) = self.let_go.recv() => Turn::LetGo(id),
            Ok(()) = self.freed.changed(), if waits => Turn::Freed,
            else => std::future::pending().await,
        }
    }

    /// The document that others are to have the memory of.
    pub(super) async fn next_to_let_go(&mut self) -> DocumentId {
        match self.let_go.recv().await {
            Some(id) if !self.hands_on => id,
            Some(id) => {
                // It is heard again when the word is handed on.
                let _ = self.reader.tell.send(id);
                std::future::pending().await
            }
            None => std::future::pending().await,
        }
    }

    /// Hears of a document that waits: it comes first from now on. A device says anew what it has said of it, but for
    /// changes in a sync message: without those its connection is to begin anew. None when it does not wait.
    pub(super) fn hear(&mut self, id: DocumentId, word: &Word) -> Option<Result<(), Unsaid>> {
        let place = self.waiting.iter().position(|one| one.id == id)?;
        let one = self.waiting.remove(place);
        one.into_iter().for_each(|one| self.waiting.push_front(one));
        match word {
            Word::Changes(_) => Some(Ok(())),
            Word::Sync { data, .. } if brings_nothing(data) => Some(Ok(())),
            Word::Sync { .. } => Some(Err(Unsaid)),
        }
    }

    /// How many documents wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Lets go of everything.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.waiting.clear();
    }

    /// A document is not wanted any more.
    pub(super) fn leave(&mut self, id: DocumentId) {
        self.held.remove(&id);
        self.waiting.retain(|one| one.id != id);
    }

    /// Takes the places of a document; the first of those that wait has others make room.
    fn take(&mut self, one: &Waiting, is_first: bool) -> Result<(), Lack> {
        let places = self.weights.take(&self.reader, &one.loads, is_first, Instant::now())?;
        self.held.insert(one.id, places);
        Ok(())
    }
}

impl Connection {
    /// Opens a document, or keeps it among those that wait for memory; whether it is open.
    pub(super) async fn open_in_turn(&mut self, id: DocumentId, what: What) -> Result<bool, Unfit> {
        self.room_in_outbox().await;
        // The space is always there.
        let loads = if what == What::Space { Vec::new() } else { self.app.rooms.loads_of(what).await? };
        let one = Waiting { id, what, loads };
        match self.places.take(&one, self.places.waiting.is_empty()) {
            Ok(()) => return self.join(id, what).await,
            Err(Lack::Part) => {
                let about = json!({ "document": id.to_string(), "board": what.board() });
                let note = Note::ran_out(Budget::OpenDocuments, about);
                self.app.audit.note(Origin::Person(self.outlet.person), note);
            }
            // All have taken what there is, and nobody is blamed.
            Err(Lack::All { .. }) => {}
        }
        self.places.waiting.push_back(one);
        Ok(false)
    }

    /// Opens those documents that wait and for which there is memory now, in their order.
    pub(super) async fn open_waiting(&mut self) -> Result<(), Unfit> {
        let mut is_first = true;
        for _ in 0..self.places.waiting.len() {
            // Its words are read meanwhile, however slowly it takes what it is sent.
            let is_behind = self.outlet.weight.waits() > limits::BEFORE_OPENING
                || self.outlet.outbox.capacity() < limits::OUTBOX / 2;
            let next = if is_behind { None } else { self.places.waiting.pop_front() };
            let Some(one) = next else { break };
            if self.places.take(&one, is_first).is_ok() {
                self.join(one.id, one.what).await?;
            } else {
                is_first = false;
                self.places.waiting.push_back(one);
            }
        }
        Ok(())
    }

    /// Lets go of a document, with the logs of a board; they wait from now on.
    pub(super) async fn let_go(&mut self, id: DocumentId) {
        let is_under = |what: &What| what.board().is_some_and(|board| DocumentId::board(board) == id);
        let gone: Vec<(DocumentId, What)> = self
            .open
            .iter()
            .filter(|(one, what)| **one == id || is_under(what))
            .map(|(id, what)| (*id, *what))
            .collect();
        for (id, what) in gone {
            self.open.remove(&id);
            self.app.rooms.let_go(what, self.outlet.id).await;
            let Ok(loads) = self.app.rooms.loads_of(what).await else {
                self.outlet.cancel.cancel();
                return;
            };
            self.places.held.remove(&id);
            self.places.waiting.push_back(Waiting { id, what, loads });
        }
    }

    /// Lets go of a document, or opens those that wait.
    pub(super) async fn look_at_places(&mut self, turn: Turn) -> Result<(), Unfit> {
        match turn {
            Turn::LetGo(id) => self.let_go(id).await,
            Turn::Freed => self.open_waiting().await?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{App, Options};
    use crate::identity::Visitor;
    use crate::rooms::{Outlet, Weight};
    use crate::shares::{Held, Payer};
    use crate::socket::{Intake, NEXT};
    use crate::store;
    use axum::body::Bytes;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;
    use tongban_shared::document::{Document, Kind, Stamp};
    use tongban_shared::edit::Edit;
    use tongban_shared::id::{BoardId, UnitId};
    use tongban_shared::model::BoardListing;
    use tongban_shared::sync::Dialect;
    use tongban_shared::sync::frame::{Frame, ServerWord};
    use tongban_shared::sync::link::{Effect, Link};
    use tongban_shared::sync::room::ConnectionId;

    fn board(number: u8) -> (DocumentId, What) {
        let board = BoardId::from_bytes([number; 16]);
        (DocumentId::board(board), What::Board(board))
    }

    /// A device with its connection.
    struct Device {
        connection: Connection,
        inbox: mpsc::Receiver<Bytes>,
        link: Link,
    }

    impl Device {
        async fn new(app: &App, login: &str) -> Self {
            let unit = UnitId::from_bytes([1; 16]);
            let made = app.identity.create(login, "", unit, AccountRole::Administrator, "tongban-demo").await;
            let account = made.expect("an account");
            let payer = Payer::of(&account);
            let intake = Intake::new(app.shares.nothing(&payer, Held::Parts));
            let (outbox, inbox) = mpsc::channel(limits::OUTBOX);
            let outlet = Outlet {
                id: ConnectionId(NEXT.fetch_add(1, Ordering::Relaxed)),
                name: login.to_owned(),
                person: account.id,
                device: None,
                dialect: Dialect::Tongban,
                outbox,
                weight: Arc::new(Weight::new(&app.shares, payer)),
                cancel: app.stop.child_token(),
                closing: Arc::default(),
                standing: None,
            };
            let mut link = Link::new(login);
            let (version, about) = (Dialect::Tongban.version().to_owned(), ServerWord::default());
            let greets = Frame::Peer { sender: "server".into(), target: login.into(), version, about };
            link.receive(&greets.encode(), |_| None);
            let visitor = Visitor { account, device: None };
            Self { connection: Connection::new(app, (visitor, None), outlet, intake), inbox, link }
        }

        async fn says(&mut self, frame: &[u8]) {
            let held = self.connection.intake.nothing();
            self.connection.take(Bytes::copy_from_slice(frame), held).await.expect("the connection goes on");
        }

        /// Asks for a board from nothing; whether it is open then.
        async fn opens(&mut self, number: u8) -> bool {
            let effects = self.link.poll(board(number).0, &mut Document::new(Kind::Board, &[number; 16]));
            for effect in effects {
                let Effect::Send(bytes) = effect else { continue };
                self.says(&bytes).await;
            }
            self.has(number)
        }

        fn has(&self, number: u8) -> bool {
            self.connection.open.contains_key(&board(number).0)
        }

        async fn leaves(&mut self, number: u8) {
            let (document, sender, target) = (board(number).0, String::new(), String::new());
            self.says(&Frame::Unavailable { document, sender, target }.encode()).await;
        }

        /// Looks at its places once.
        async fn looks(&mut self) {
            let turn = self.connection.places.turn().await;
            self.connection.look_at_places(turn).await.expect("the connection goes on");
        }

        /// Waits until the server brings a board level by itself.
        async fn is_told_of(&mut self, number: u8) {
            loop {
                let frame = Frame::decode(&self.inbox.recv().await.expect("a frame")).expect("a frame");
                if matches!(frame, Frame::Sync { document, .. } if document == board(number).0) {
                    return;
                }
            }
        }
    }

    #[tokio::test]
    async fn documents_wait_for_memory_and_are_brought_level_when_there_is_some() {
        let folder = tempfile::tempdir().expect("a folder");
        // Two small boards for each account.
        let options = Options { documents_memory: Some(limits::ROOM_AT_REST * 4), ..Options::default() };
        let app = App::open(&store::Place::from(folder.path()), options).await.expect("an app");
        let listing = |number| Edit::ListBoard {
            id: BoardId::from_bytes([number; 16]),
            listing: BoardListing { title: number.to_string(), doc_number: String::new() },
        };
        app.rooms.edit(What::Space, (1..=3).map(listing).collect(), Stamp::default()).await.expect("listed");
        let (mut one, mut other) = (Device::new(&app, "one").await, Device::new(&app, "other").await);
        assert!(one.opens(1).await && one.opens(2).await);
        assert!(!one.opens(3).await, "it is at its part");
        assert!(other.opens(3).await, "others have it meanwhile");
        one.says(&Frame::Alive.encode()).await;
        one.leaves(1).await;
        one.looks().await;
        assert!(one.has(3) && one.connection.places.waiting() == 0);
        one.is_told_of(3).await;

        // Something else waits: what was open for the longest makes room, and has its turn again.
        let later = Instant::now() + limits::OPEN_TURN;
        let places = &one.connection.places;
        let load = (DocumentId::from_bytes([9; 16]), limits::ROOM_AT_REST * 2);
        assert_eq!(places.weights.take(&places.reader, &[load], true, later).err(), Some(Lack::Part));
        one.looks().await;
        assert!(!one.has(2) && one.has(3) && one.connection.places.waiting() == 1);
        let changes = Frame::Changes { document: board(2).0, changes: vec![vec![1, 2, 3]] };
        one.says(&changes.encode()).await;
        assert!(!one.has(2) && !one.connection.outlet.cancel.is_cancelled(), "its words come again");
        one.leaves(3).await;
        while !one.has(2) {
            one.looks().await;
        }
        one.is_told_of(2).await;
        drop((one, other));
        app.close().await;
    }
}
