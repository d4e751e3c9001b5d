//! A device's side of one connection: a fresh state per document, what was sent, what the server
//! has on its disk.

use super::fragment::{self, Assembler};
use super::frame::{Frame, FrameError, ServerWord};
use super::{Dialect, RefusalCode, VERSION_AUTOMERGE_REPO, VERSION_TONGBAN, message};
use crate::document::{Chunk, Document, guarded};
use crate::event::Event;
use crate::id::DocumentId;
use automerge::sync::{State, SyncDoc};
use std::collections::BTreeMap;

/// From so many changes on, a receipt is shown as if the whole document were new.
const MANY: usize = 64;

/// An act that the caller has to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Send these bytes as one message.
    Send(Vec<u8>),
    /// Changes of others came into a document: store the chunks, show the events.
    Received { document: DocumentId, chunks: Vec<Chunk>, events: Vec<Event> },
    /// A sync message was taken: poll the document once what came is on the disk.
    Respond(DocumentId),
    /// The server has these heads of a document on its disk.
    Acknowledged { document: DocumentId, heads: Vec<[u8; 32]> },
    /// The server has not taken changes of a document.
    Refused { document: DocumentId, code: RefusalCode, changes: Vec<[u8; 32]> },
    /// The handshake is done.
    Opened(ServerWord),
    /// The server does not have a document, or does not show it.
    Unavailable(DocumentId),
    /// Whether a document may be written from now on.
    Rights { document: DocumentId, write: bool },
    /// The connection cannot go on.
    Close(String),
}

/// How a document stands on this connection.
#[derive(Debug)]
enum Phase {
    /// Being brought level by automerge's sync; `asked` once a first message has gone out.
    Level { state: Box<State>, asked: bool },
    /// Changes go to and fro as they are; the server has these heads or will get them first.
    Live { known: Vec<[u8; 32]> },
}

impl Phase {
    fn begin(asked: bool) -> Self {
        Self::Level { state: Box::new(State::new()), asked }
    }
}

/// One connection.
#[derive(Debug)]
pub struct Link {
    name: String,
    server: Option<String>,
    phases: BTreeMap<DocumentId, Phase>,
    assembler: Assembler,
    sent: u32,
}

impl Link {
    /// A new connection of a device; `name` is only a label, the server knows who we are.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            server: None,
            phases: BTreeMap::new(),
            assembler: Assembler::default(),
            sent: 0,
        }
    }

    /// The first word.
    #[must_use]
    pub fn hello(&self) -> Effect {
        let versions = vec![VERSION_TONGBAN.to_owned(), VERSION_AUTOMERGE_REPO.to_owned()];
        Effect::Send(Frame::Join { sender: self.name.clone(), versions, ephemeral: false }.encode())
    }

    /// Asks whether the server is still there; anything that comes says so.
    #[must_use]
    pub fn alive(&self) -> Vec<u8> {
        Frame::Alive.encode()
    }

    /// Whether the handshake is done.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.server.is_some()
    }

    /// Sends what the server lacks of a document, if anything. To be called when a document is
    /// opened, when local changes are on disk, and after each receipt; never with changes that
    /// are not on disk.
    pub fn poll(&mut self, id: DocumentId, document: &mut Document) -> Vec<Effect> {
        let Some(server) = self.server.clone() else { return Vec::new() };
        let phase = self.phases.entry(id).or_insert_with(|| Phase::begin(false));
        let frame = match phase {
            Phase::Level { state, asked } => {
                let Some(message) = document.automerge().sync().generate_sync_message(state) else {
                    return Vec::new();
                };
                let (sender, target, data) = (self.name.clone(), server, message.encode());
                if std::mem::replace(asked, true) {
                    Frame::Sync { document: id, sender, target, data }
                } else {
                    Frame::Request { document: id, sender, target, data }
                }
            }
            Phase::Live { known } => {
                let chunks = document.changes_since(known);
                *known = document.heads();
                if chunks.is_empty() {
                    return Vec::new();
                }
                Frame::Changes {
                    document: id,
                    changes: chunks.into_iter().map(|chunk| chunk.bytes).collect(),
                }
            }
        };
        self.sent = self.sent.wrapping_add(1);
        fragment::split(frame.encode(), self.sent).into_iter().map(Effect::Send).collect()
    }

    /// Whether a document was asked for on this connection.
    #[must_use]
    pub fn knows(&self, id: DocumentId) -> bool {
        self.phases.contains_key(&id)
    }

    /// Begins a document anew, as on a fresh connection.
    pub fn forget(&mut self, id: DocumentId) {
        self.phases.remove(&id);
    }

    /// Takes a message of the server. `document` finds an open document.
    pub fn receive<'a>(
        &mut self,
        bytes: &[u8],
        document: impl FnOnce(DocumentId) -> Option<&'a mut Document>,
    ) -> Vec<Effect> {
        match Frame::decode(bytes).and_then(|frame| self.whole(frame)) {
            Ok(Some(frame)) => self.frame(frame, document),
            Ok(None) => Vec::new(),
            Err(error) => vec![Effect::Close(error.to_string())],
        }
    }

    fn whole(&mut self, frame: Frame) -> Result<Option<Frame>, FrameError> {
        match frame {
            Frame::Fragment { frame, index, count, data } => self.assembler.take(frame, index, count, &data),
            frame => Ok(Some(frame)),
        }
    }

    fn frame<'a>(
        &mut self,
        frame: Frame,
        document: impl FnOnce(DocumentId) -> Option<&'a mut Document>,
    ) -> Vec<Effect> {
        match frame {
            Frame::Peer { sender, version, about, .. } if version == Dialect::Tongban.version() => {
                self.server = Some(sender);
                vec![Effect::Opened(about)]
            }
            Frame::Peer { version, .. } => vec![Effect::Close(format!("server speaks {version}"))],
            Frame::Sync { document: id, data, .. } | Frame::Request { document: id, data, .. } => {
                match document(id) {
                    Some(document) => self.sync(id, document, &data),
                    None => Vec::new(),
                }
            }
            Frame::Live { document: id, heads } => {
                let has_all = |document: &mut Document| heads.iter().all(|head| document.contains(head));
                if !document(id).is_some_and(has_all) {
                    return Vec::new();
                }
                self.phases.insert(id, Phase::Live { known: heads });
                vec![Effect::Respond(id)]
            }
            Frame::Changes { document: id, changes } => match document(id) {
                Some(document) => self.changes(id, document, &changes),
                None => Vec::new(),
            },
            Frame::Unavailable { document: id, .. } => vec![Effect::Unavailable(id)],
            Frame::Ack { document: id, heads } => vec![Effect::Acknowledged { document: id, heads }],
            Frame::Refused { document: id, code, changes, .. } => {
                vec![Effect::Refused { document: id, code, changes }]
            }
            Frame::Rights { document: id, write } => vec![Effect::Rights { document: id, write }],
            Frame::Error { message, .. } => vec![Effect::Close(message)],
            Frame::Join { .. }
            | Frame::Ephemeral { .. }
            | Frame::Leave { .. }
            | Frame::Gossip
            | Frame::Alive
            | Frame::Fragment { .. } => Vec::new(),
        }
    }

    fn sync(&mut self, id: DocumentId, document: &mut Document, data: &[u8]) -> Vec<Effect> {
        let before = document.heads();
        let message = match message::read(data) {
            Ok(message) => message,
            Err(error) => return vec![Effect::Close(error)],
        };
        if !message::is_bounded(&message) {
            return vec![Effect::Close("what came inflates beyond its bound".to_owned())];
        }
        let phase = self.phases.entry(id).or_insert_with(|| Phase::begin(true));
        if matches!(phase, Phase::Live { .. }) {
            // The server has begun anew.
            *phase = Phase::begin(true);
        }
        let Phase::Level { state, .. } = phase else { return Vec::new() };
        if let Err(error) = guarded(|| document.automerge().sync().receive_sync_message(state, message)) {
            return vec![Effect::Close(error.to_string())];
        }
        received(id, document, &before)
    }

    fn changes(&mut self, id: DocumentId, document: &mut Document, changes: &[Vec<u8>]) -> Vec<Effect> {
        let before = document.heads();
        let mut whole = true;
        let mut came = Vec::new();
        for bytes in changes {
            match document.take_change(bytes) {
                Ok(hash) => {
                    whole &= document.contains(&hash);
                    came.push(hash);
                }
                Err(error) => return vec![Effect::Close(error.to_string())],
            }
        }
        match self.phases.get_mut(&id) {
            Some(Phase::Live { known }) if whole => known.extend(came),
            // An ancestor is missing here: ask for everything from the beginning.
            Some(phase @ Phase::Live { .. }) => *phase = Phase::begin(false),
            _ => {}
        }
        received(id, document, &before)
    }
}

/// The changes of a document since it had some heads, with the word that it is to be answered.
fn received(id: DocumentId, document: &mut Document, before: &[[u8; 32]]) -> Vec<Effect> {
    let chunks = document.changes_since(before);
    if chunks.is_empty() {
        return vec![Effect::Respond(id)];
    }
    // Comparing with what was there costs more than all the rest when nearly everything is new.
    let events = if chunks.len() >= MANY { document.events_of_everything() } else { document.events() };
    vec![Effect::Received { document: id, chunks, events }, Effect::Respond(id)]
}
