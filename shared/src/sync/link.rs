//! A device's side of one connection: a fresh state per document, what was sent, what the server
//! has on its disk.

#[cfg(test)]
mod tests;

use super::fragment::{self, Assembler, Taken};
use super::frame::{Frame, FrameError, ServerWord};
use super::{Dialect, RefusalCode, SMALL_PARTS, VERSION_AUTOMERGE_REPO, VERSION_TONGBAN, message};
use crate::document::chunk::{Budget, Unfit};
use crate::document::{Chunk, Document, guarded};
use crate::event::Event;
use crate::id::DocumentId;
use crate::limits::DOCUMENT_OPERATIONS;
use automerge::sync::{State, SyncDoc};
use std::collections::BTreeMap;

/// From so many changes on, a receipt is shown as if the whole document were new.
const MANY: usize = 64;

/// A task for the caller.
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
    /// Whether a document may be written from now on, and the share of its bound that it has used up, in
    /// percent; 0 while that is far off.
    Rights { document: DocumentId, write: bool, used: u8 },
    /// So many parts of so many have come of a large document.
    Coming { document: DocumentId, done: u32, of: u32 },
    /// A document cannot be taken here: it is left out of this connection, and the others go on. The words
    /// are for a log.
    Shut { document: DocumentId, why: String },
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
    /// Nothing of it is taken or sent on this connection.
    Shut,
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
    /// Whether it is another server at the other end, and not the one that keeps our documents.
    foreign: bool,
    server: Option<String>,
    phases: BTreeMap<DocumentId, Phase>,
    /// Operations that came on this connection.
    came: BTreeMap<DocumentId, u64>,
    assembler: Assembler,
    sent: u32,
}

impl Link {
    /// A new connection of a device; `name` is only a label, the server knows who we are.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            foreign: false,
            server: None,
            phases: BTreeMap::new(),
            came: BTreeMap::new(),
            assembler: Assembler::default(),
            sent: 0,
        }
    }

    /// A new connection of a server to another one: what comes is counted as rooms count it.
    #[must_use]
    pub fn to_another_server(name: &str) -> Self {
        Self { foreign: true, ..Self::new(name) }
    }

    /// The first word.
    #[must_use]
    pub fn hello(&self) -> Effect {
        let versions = [VERSION_TONGBAN, VERSION_AUTOMERGE_REPO, SMALL_PARTS].map(str::to_owned).to_vec();
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
        let frames = match phase {
            Phase::Shut => return Vec::new(),
            Phase::Level { state, asked } => {
                let Some(message) = document.automerge().sync().generate_sync_message(state) else {
                    return Vec::new();
                };
                let (sender, target, data) = (self.name.clone(), server, message.encode());
                vec![if std::mem::replace(asked, true) {
                    Frame::Sync { document: id, sender, target, data }
                } else {
                    Frame::Request { document: id, sender, target, data }
                }]
            }
            Phase::Live { known } => {
                let chunks = document.changes_since(known);
                *known = document.heads();
                Frame::of_changes(id, chunks.into_iter().map(|chunk| chunk.bytes))
            }
        };
        let mut effects = Vec::new();
        for frame in frames {
            self.sent = self.sent.wrapping_add(1);
            let Some(parts) = fragment::split(frame.encode(), self.sent) else {
                return self.shut(id, "what is here of it is more than a frame holds".to_owned());
            };
            effects.extend(parts.into_iter().map(Effect::Send));
        }
        effects
    }

    /// Whether a document was asked for on this connection.
    #[must_use]
    pub fn knows(&self, id: DocumentId) -> bool {
        self.phases.contains_key(&id)
    }

    /// Begins a document anew, as on a fresh connection; not one that cannot be taken here.
    pub fn forget(&mut self, id: DocumentId) {
        if !self.is_shut(id) {
            self.phases.remove(&id);
        }
    }

    /// Whether a document is left out of this connection.
    #[must_use]
    pub fn is_shut(&self, id: DocumentId) -> bool {
        matches!(self.phases.get(&id), Some(Phase::Shut))
    }

    /// Leaves a document out of this connection, and tells the server; once.
    pub fn shut(&mut self, document: DocumentId, why: String) -> Vec<Effect> {
        if self.is_shut(document) {
            return Vec::new();
        }
        self.phases.insert(document, Phase::Shut);
        self.came.remove(&document);
        let (sender, target) = (self.name.clone(), self.server.clone().unwrap_or_default());
        let leaves = Frame::Unavailable { document, sender, target };
        vec![Effect::Shut { document, why }, Effect::Send(leaves.encode())]
    }

    /// Takes a message of the server. `document` finds an open document.
    pub fn receive<'a>(
        &mut self,
        bytes: &[u8],
        document: impl FnOnce(DocumentId) -> Option<&'a mut Document>,
    ) -> Vec<Effect> {
        match self.assemble(bytes) {
            Ok(frame) => self.hear(frame, document),
            Err(effects) => effects,
        }
    }

    /// Takes a message of the server as far as a whole frame, for [`Link::hear`].
    ///
    /// # Errors
    /// The effects instead: it was a part of one, or cannot be taken.
    pub fn assemble(&mut self, bytes: &[u8]) -> Result<Frame, Vec<Effect>> {
        match Frame::decode(bytes).and_then(|frame| self.whole(frame)) {
            // One that was left out meanwhile; that the server has what was sent of it is good to know.
            Ok(Taken::Whole(frame)) if self.passes_over(&frame) => Err(Vec::new()),
            Ok(Taken::Whole(frame)) => Ok(frame),
            Ok(Taken::Part { document: Some(document), done, of }) if !self.is_shut(document) => {
                Err(vec![Effect::Coming { document, done, of }])
            }
            Ok(Taken::Part { .. } | Taken::Passed) => Err(Vec::new()),
            Err(FrameError::Of(document, why)) => Err(self.shut(document, why.to_string())),
            Err(error) => Err(vec![Effect::Close(error.to_string())]),
        }
    }

    /// Bytes of memory that it may take to hear a frame.
    #[must_use]
    pub fn peak_of(&self, frame: &Frame) -> u64 {
        let of = |chunks: &mut dyn Iterator<Item = &[u8]>| match self.foreign {
            true => message::peak(chunks),
            false => message::weight(chunks),
        };
        match frame {
            Frame::Sync { data, .. } | Frame::Request { data, .. } => {
                message::read(data).map_or(0, |message| of(&mut message.changes.iter()))
            }
            Frame::Changes { changes, .. } => of(&mut changes.iter().map(Vec::as_slice)),
            _ => 0,
        }
    }

    fn whole(&mut self, frame: Frame) -> Result<Taken, FrameError> {
        match frame {
            Frame::Fragment { frame, index, count, data } => {
                self.assembler.take((frame, index, count), &data)
            }
            frame => Ok(Taken::Whole(frame)),
        }
    }

    fn passes_over(&self, frame: &Frame) -> bool {
        frame.document().is_some_and(|id| self.is_shut(id)) && !matches!(frame, Frame::Ack { .. })
    }

    /// Takes a whole frame of the server. `document` finds an open document.
    pub fn hear<'a>(
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
                self.phases.insert(id, Phase::Live { known: heads.into_vec() });
                vec![Effect::Respond(id)]
            }
            Frame::Changes { document: id, changes } => match document(id) {
                Some(document) => self.changes(id, document, &changes),
                None => Vec::new(),
            },
            Frame::Unavailable { document: id, .. } => vec![Effect::Unavailable(id)],
            Frame::Ack { document: id, heads } => {
                vec![Effect::Acknowledged { document: id, heads: heads.into_vec() }]
            }
            Frame::Refused { document: id, code, changes, .. } => {
                vec![Effect::Refused { document: id, code, changes: changes.into_vec() }]
            }
            Frame::Rights { document: id, write, used } => vec![Effect::Rights { document: id, write, used }],
            Frame::Error { message, .. } => vec![Effect::Close(message)],
            Frame::Join { .. }
            | Frame::Ephemeral { .. }
            | Frame::Leave { .. }
            | Frame::Gossip
            | Frame::Alive
            | Frame::Fragment { .. } => Vec::new(),
        }
    }

    /// Counts what comes, before automerge reads it: a document that was whole when it came goes on by as
    /// much again at the most.
    fn count<'a>(&mut self, id: DocumentId, chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<(), Unfit> {
        let budget = if self.foreign { Budget::foreign() } else { Budget::kept() };
        let came = self.came.entry(id).or_default();
        *came += message::count(chunks, budget)?;
        if *came > 2 * DOCUMENT_OPERATIONS { Err(Unfit::TooMany) } else { Ok(()) }
    }

    fn sync(&mut self, id: DocumentId, document: &mut Document, data: &[u8]) -> Vec<Effect> {
        let before = document.heads();
        let message = match message::read(data) {
            Ok(message) => message,
            Err(why) => return self.shut(id, why),
        };
        if let Err(unfit) = self.count(id, message.changes.iter()) {
            return self.shut(id, unfit.to_string());
        }
        let phase = self.phases.entry(id).or_insert_with(|| Phase::begin(true));
        if matches!(phase, Phase::Live { .. }) {
            // The server has begun anew.
            *phase = Phase::begin(true);
        }
        let Phase::Level { state, .. } = phase else { return Vec::new() };
        if let Err(error) = guarded(|| document.automerge().sync().receive_sync_message(state, message)) {
            return self.shut(id, error.to_string());
        }
        received(id, document, &before)
    }

    fn changes(&mut self, id: DocumentId, document: &mut Document, changes: &[Vec<u8>]) -> Vec<Effect> {
        if let Err(unfit) = self.count(id, changes.iter().map(Vec::as_slice)) {
            return self.shut(id, unfit.to_string());
        }
        let before = document.heads();
        let mut whole = true;
        let mut came = Vec::new();
        for bytes in changes {
            match document.take_change(bytes) {
                Ok(hash) => {
                    whole &= document.contains(&hash);
                    came.push(hash);
                }
                Err(error) => {
                    // Those that came before it are in the document: they are kept and shown.
                    let taken = guarded(|| Ok(received(id, document, &before))).unwrap_or_default();
                    return taken.into_iter().chain(self.shut(id, error.to_string())).collect();
                }
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

/// The effects of changes that came into a document since it had some heads: they are kept, and answered.
fn received(id: DocumentId, document: &mut Document, before: &[[u8; 32]]) -> Vec<Effect> {
    let chunks = document.changes_since(before);
    if chunks.is_empty() {
        return vec![Effect::Respond(id)];
    }
    // When nearly everything is new, comparing with what was there costs more than all the rest.
    let events = if chunks.len() >= MANY { document.events_of_everything() } else { document.events() };
    vec![Effect::Received { document: id, chunks, events }, Effect::Respond(id)]
}
