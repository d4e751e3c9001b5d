//! The task of one open document: applies what comes in, commits, then tells everybody.

mod answers;
pub(super) mod compaction;
mod hearing;
mod knowing;
mod later;
mod loading;
mod sending;
mod share;
mod telling;
mod writing;

use answers::Held;
pub(super) use answers::Question;
use later::{Later, Ready, Weighty};
pub(super) use loading::read_once;
use sending::Answers;
use writing::Second;

use super::judging::{Gone, Turn, beside};
use super::{Content, Outlet, Rooms, What, Word};
use crate::audit::Origin;
use crate::limits;
use crate::shares::Lease;
use crate::socket::Portion;
use futures::FutureExt;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use tongban_shared::document::chunk::Unfit;
use tongban_shared::document::{DocumentError, Stamp};
use tongban_shared::edit::Edit;
use tongban_shared::id::{DocumentId, PersonId};
use tongban_shared::sync::room::{ConnectionId, ReceiveError, Rights, Room, TakenIn};

pub(super) enum ToRoom {
    Join {
        outlet: Outlet,
        rights: Rights,
    },
    Message {
        outlet: Outlet,
        word: Word,
        /// For a heavy one: the turn of its account, and the bytes of memory that it may take.
        heavy: Option<(Turn, u64)>,
        /// The memory that its connection holds of it until it was judged.
        held: Option<Portion>,
    },
    /// The rights of a connection were looked up again.
    Rights {
        connection: ConnectionId,
        rights: Rights,
    },
    Leave(ConnectionId),
    /// Nothing new: an answer may wait for room.
    Again,
    /// There is memory for what comes later, or somebody has waited for it too long.
    Later(Ready),
    /// Changes of these hashes are in the store, maybe from another process.
    Written(Vec<[u8; 32]>),
    /// Changes that came by a file.
    TakeIn {
        changes: Vec<Vec<u8>>,
        rights: Rights,
        person: Option<PersonId>,
        done: oneshot::Sender<Result<TakenIn, ReceiveError>>,
    },
    /// A question about the document; answered when everything before it is on the disk.
    Ask(Question),
    /// An edit of the server itself (the demonstration, administration).
    Edit {
        edits: Vec<Edit>,
        stamp: Stamp,
        done: oneshot::Sender<Result<(), DocumentError>>,
    },
    /// A chunk of the server itself.
    Chunk {
        bytes: Vec<u8>,
        done: oneshot::Sender<Result<(), DocumentError>>,
    },
}

impl ToRoom {
    /// Sends away a connection that waits for an answer to it, to ask anew: nothing is dropped silently.
    pub(super) fn turn_away(self) {
        if let Self::Join { outlet, .. } | Self::Message { outlet, .. } = self {
            outlet.cancel.cancel();
        }
    }
}

/// A connection that has the document open.
struct Seat {
    outlet: Outlet,
    /// As they were given, whether or not the account is paused.
    rights: Rights,
    /// The share of its account that takes what is kept in memory of it.
    kept: Option<Lease>,
    /// Bytes of answers that it was sent.
    sent: u64,
    /// Changes go to and fro as they are: such a device is brought level anew by a sync message.
    pub(super) live: bool,
}

impl Seat {
    const fn new(outlet: Outlet, rights: Rights) -> Self {
        Self { outlet, rights, kept: None, sent: 0, live: false }
    }
}

/// Replies that wait for the commit.
type Replies = Vec<Box<dyn FnOnce() + Send>>;

/// One document's task. A panic in it is met by loading the document anew.
pub(super) struct Task {
    id: DocumentId,
    what: What,
    rooms: Rooms,
    seats: HashMap<ConnectionId, Seat>,
    content: Option<Held>,
    since_compaction: u64,
    /// Something of it could not be read: devices bring back what they have.
    damaged: bool,
    /// Changes that are stored and are not in it ([`Document::load_stored`]).
    left_out: BTreeSet<[u8; 32]>,
    /// A change whose number was taken when it was to be written.
    second: Option<Second>,
    /// The store counts changes of authors that it does not have.
    beyond: bool,
    /// Refusals of each connection, each for another reason.
    recorded: HashSet<(ConnectionId, String)>,
    /// The share of its bound that was told last, in percent; 0 while that is far off.
    used: u8,
    /// When it was loaded anew.
    reloads: Vec<Instant>,
    /// It was loaded anew for a reason that nobody could be named for: until then each word has a round of
    /// its own.
    one_by_one: Option<Instant>,
    /// Questions that wait for the commit.
    asked: Vec<Question>,
    /// Memory to read the document for them, where it was waited for.
    reading_memory: Option<Turn>,
    /// People whose home is here, as they were looked up last.
    people: Arc<BTreeSet<PersonId>>,
    /// Whether that was in this round.
    knows_people: bool,
    /// Heavy things for which there was no memory: the room goes on meanwhile.
    later: Later,
    answers: Answers,
    /// The connections that were heard in this round, also those that have left since.
    heard: HashMap<ConnectionId, Outlet>,
    /// Those of them of whose words something was taken in.
    brought: HashSet<ConnectionId>,
    /// Messages that came into a round which is not committed: they come before those of the inbox.
    put_back: VecDeque<ToRoom>,
}

impl Drop for Task {
    fn drop(&mut self) {
        for seat in self.seats.values() {
            seat.outlet.cancel.cancel();
        }
    }
}

impl Task {
    pub(super) fn new(id: DocumentId, what: What, rooms: Rooms) -> Self {
        Self {
            id,
            what,
            rooms,
            seats: HashMap::new(),
            content: None,
            since_compaction: 0,
            damaged: false,
            left_out: BTreeSet::new(),
            second: None,
            beyond: false,
            recorded: HashSet::new(),
            used: 0,
            reloads: Vec::new(),
            one_by_one: None,
            asked: Vec::new(),
            reading_memory: None,
            people: Arc::default(),
            knows_people: false,
            later: Later::default(),
            answers: Answers::default(),
            heard: HashMap::new(),
            brought: HashSet::new(),
            put_back: VecDeque::new(),
        }
    }

    /// Serves the document until nobody needs it. `askers` are the accounts that wait for it to be read.
    pub(super) async fn run(
        mut self,
        mut inbox: mpsc::Receiver<ToRoom>,
        askers: mpsc::UnboundedReceiver<Option<PersonId>>,
    ) {
        self.serve(&mut inbox, askers).await;
        inbox.close();
        self.put_back.drain(..).for_each(ToRoom::turn_away);
        while let Some(message) = inbox.recv().await {
            message.turn_away();
        }
    }

    async fn serve(
        &mut self,
        inbox: &mut mpsc::Receiver<ToRoom>,
        askers: mpsc::UnboundedReceiver<Option<PersonId>>,
    ) {
        let Some(mut room) = self.load(inbox, askers).await else { return };
        self.used = room.used();
        let stop = self.rooms.inner.stop.clone();
        loop {
            let put_back = &mut self.put_back;
            let next = async {
                match put_back.pop_front() {
                    Some(message) => Some(message),
                    None => inbox.recv().await,
                }
            };
            let later = self.later.memory(&self.rooms);
            // By chance: whoever fills the inbox keeps nothing waiting that has its memory.
            let first = tokio::select! {
                message = next => message,
                () = stop.cancelled() => break,
                () = tokio::time::sleep(limits::IDLE_ROOM), if room.is_idle() => break,
                () = tokio::time::sleep(self.answers.again()), if room.owes() => Some(ToRoom::Again),
                () = tokio::time::sleep(limits::ANSWER_KEPT), if self.answers.keeps() => Some(ToRoom::Again),
                ready = later => Some(ToRoom::Later(ready)),
            };
            let Some(first) = first else { break };
            let round = AssertUnwindSafe(self.round(room, first, inbox)).catch_unwind().await;
            let round = round.unwrap_or_else(|_| {
                self.blame_for_panic();
                Err(Gone::Broken)
            });
            room = match round {
                Ok(room) => room,
                Err(Gone::Ends) => break,
                // All who have it open keep their connections, and are brought level anew.
                Err(gone) => match self.load_anew(inbox, gone).await {
                    Some(room) => room,
                    None => break,
                },
            };
        }
    }

    /// Takes what has come in, commits it, and tells everybody.
    async fn round(
        &mut self,
        mut room: Box<Room>,
        first: ToRoom,
        inbox: &mut mpsc::Receiver<ToRoom>,
    ) -> Result<Box<Room>, Gone> {
        self.knows_people = false;
        let alone = self.one_by_one.is_some_and(|until| Instant::now() < until);
        let most = if alone { 1 } else { limits::BATCH };
        let (mut replies, mut taken, mut message) = (Replies::new(), 1, first);
        loop {
            // The round is not committed: whatever comes now has its own.
            if self.has_ended() {
                // Memory is asked for anew.
                if !matches!(message, ToRoom::Later(_)) {
                    self.put_back.push_front(message);
                }
                return Err(Gone::Ended);
            }
            room = self.fetch(room, &message).await?;
            room = self.take(room, message, &mut replies).await?;
            // Other documents have their turn on this worker.
            tokio::task::yield_now().await;
            if room.is_full() || taken == most {
                break;
            }
            // Nothing is taken off the inbox that this round does not take in.
            let Ok(next) = inbox.try_recv() else { break };
            (message, taken) = (next, taken + 1);
        }
        self.commit(room, replies).await
    }

    /// Loads the document anew, as it was committed, for everybody who has it open.
    async fn load_anew(&mut self, inbox: &mut mpsc::Receiver<ToRoom>, gone: Gone) -> Option<Box<Room>> {
        self.reloads.retain(|at| at.elapsed() < std::time::Duration::from_secs(60));
        if gone != Gone::Ended {
            self.reloads.push(Instant::now());
        }
        if self.reloads.len() > limits::RELOADS {
            tracing::error!(document.id = %self.id, "A document was spoilt too often");
            return None;
        }
        (self.content, self.knows_people) = (None, false);
        let (nobody, askers) = mpsc::unbounded_channel();
        let _ = nobody.send(None);
        // A device that was still being brought level would not send again what it has sent: it comes again.
        self.seats.retain(|_, seat| {
            seat.live &= seat.outlet.stands();
            if !seat.live {
                seat.outlet.cancel.cancel();
            }
            seat.live
        });
        self.heard.clear();
        self.brought.clear();
        // No memory is kept meanwhile: the room may wait for all there is.
        self.put_back.extend(std::mem::take(&mut self.later).into_words());
        self.answers = self.answers.anew();
        self.reading_memory = None;
        let mut room = self.load(inbox, askers).await?;
        self.settle(&mut room);
        let seats: Vec<(Outlet, Rights)> =
            self.seats.values().map(|seat| (seat.outlet.clone(), seat.rights.clone())).collect();
        for (outlet, rights) in seats {
            let rights = self.allowed(&outlet, rights);
            room.join(outlet.id, outlet.dialect, rights);
        }
        self.seats.values_mut().for_each(|seat| seat.kept = None);
        // Nobody has to speak first.
        self.commit(room, Replies::new()).await.ok()
    }

    /// Rights as far as the account is not paused.
    fn allowed(&self, outlet: &Outlet, rights: Rights) -> Rights {
        let paused = self.rooms.inner.offences.is_paused(outlet.person);
        Rights { write: rights.write && !paused, ..rights }
    }

    /// Applies one message; what must wait for the commit is put into `replies`.
    async fn take(
        &mut self,
        mut room: Box<Room>,
        message: ToRoom,
        replies: &mut Replies,
    ) -> Result<Box<Room>, Gone> {
        match message {
            ToRoom::Join { outlet, rights } => {
                let allowed = self.allowed(&outlet, rights.clone());
                self.tell_rights(&outlet, allowed.write && !room.is_frozen());
                room.join(outlet.id, outlet.dialect, allowed);
                self.seats.insert(outlet.id, Seat::new(outlet, rights));
            }
            ToRoom::Rights { connection, rights } => self.set_rights(&mut room, connection, rights),
            ToRoom::Message { outlet, word, heavy, held } => {
                let Some((turn, peak)) = heavy else {
                    let heard = self.hear(room, outlet, word, None).await;
                    drop(held);
                    return heard;
                };
                return self.hear_when_there_is_room(room, Weighty { outlet, word, turn, peak, held }).await;
            }
            ToRoom::Leave(connection) => {
                room.leave(connection);
                self.seats.remove(&connection);
                self.recorded.retain(|(of, _)| *of != connection);
            }
            ToRoom::Written(_) | ToRoom::Again => {}
            ToRoom::Later(ready) => return self.go_on(room, ready).await,
            ToRoom::TakeIn { changes, rights, person, done } => {
                self.look_for_people(rights.server).await?;
                room.know(self.known());
                let stop = self.rooms.inner.stop.clone();
                let (judged, taken) =
                    beside(room, &stop, move |room| room.take_in(&changes, &rights)).await?;
                room = judged;
                if taken == Err(ReceiveError::Poison) {
                    return Err(Gone::Broken);
                }
                let origin = person.map_or(Origin::File, Origin::Person);
                for why in taken.iter().flat_map(|taken| &taken.refused) {
                    self.record(None, origin.clone(), (why, 1));
                }
                replies.push(Box::new(move || {
                    let _ = done.send(taken);
                }));
            }
            ToRoom::Ask(question) => self.asked.push(question),
            ToRoom::Edit { edits, stamp, done } => {
                let result = match room.is_frozen() {
                    true => Err(Unfit::TooLarge.into()),
                    false => room.document_mut().edit_all(&edits, &stamp).map(|_| ()),
                };
                replies.push(Box::new(move || {
                    let _ = done.send(result);
                }));
            }
            ToRoom::Chunk { bytes, done } => {
                let result = match room.is_frozen() {
                    true => Err(Unfit::TooLarge.into()),
                    false => room.document_mut().apply(&bytes).map(|_| ()),
                };
                replies.push(Box::new(move || {
                    let _ = done.send(result);
                }));
            }
        }
        Ok(room)
    }

    fn set_rights(&mut self, room: &mut Room, connection: ConnectionId, rights: Rights) {
        let Some(seat) = self.seats.get_mut(&connection) else { return };
        seat.rights = rights.clone();
        let outlet = seat.outlet.clone();
        let rights = self.allowed(&outlet, rights);
        if room.set_rights(connection, rights) {
            self.tell_rights(&outlet, room.may_write(connection));
        }
    }

    /// Tells all rooms of the space as it is on the disk. Nobody else does, for this task knows which of two
    /// came later.
    fn learn(&self) {
        if let Some(Held::Whole(Content::Space(space))) = &self.content {
            self.rooms.learn(space);
        }
    }

    /// Does something with the room; what is heavy beside the workers.
    async fn beside_if<T: Send + 'static>(
        &self,
        heavy: bool,
        mut room: Box<Room>,
        act: impl FnOnce(&mut Room) -> T + Send + 'static,
    ) -> Result<(Box<Room>, T), Gone> {
        if heavy {
            beside(room, &self.rooms.inner.stop, act).await
        } else {
            let done = act(&mut room);
            Ok((room, done))
        }
    }

    /// Writes what is new, then replies and tells everybody; nobody was told anything when it cannot be written.
    async fn commit(&mut self, mut room: Box<Room>, replies: Replies) -> Result<Box<Room>, Gone> {
        room.gather(crate::clock::now());
        let heavy = room.is_large();
        let (mut room, chunks) = self.beside_if(heavy, room, |room| room.unsaved()).await?;
        let chunks = match chunks {
            Ok(chunks) => chunks,
            Err(spoilt) => {
                self.blame_all(&spoilt);
                return Err(Gone::Broken);
            }
        };
        let count = chunks.len() as u64;
        if count > 0 {
            self.write(&mut room, chunks).await?;
        }
        // A word that brought nothing leaves what was read of the document.
        if room.has_news() {
            let space = || Held::of(&Content::Space(Arc::new(room.document().space())));
            self.content = (self.what == What::Space).then(space);
        }
        self.learn();
        self.heard.clear();
        self.brought.clear();
        // It is on the disk, whatever becomes of the answers.
        replies.into_iter().for_each(|reply| reply());
        self.tell_fullness(&room);
        let room = self.answer_all(room).await?;
        self.since_compaction += count;
        if self.since_compaction >= limits::LOOSE_CHANGES && !room.is_frozen() {
            self.compact();
        }
        self.answer(room).await
    }
}
