//! Frames: CBOR maps with text keys, one per WebSocket message.
//!
//! Of automerge-repo: `join`, `peer`, `request`, `sync`, `doc-unavailable`, `ephemeral`, `leave`,
//! `error`; the gossip of remote heads is read and passed over. Of ours: `tongban-ack`,
//! `tongban-refused`, `tongban-rights`, `tongban-fragment`. Unknown keys are skipped, as the
//! protocol asks. The order of keys is free on reading and fixed on writing.

use super::RefusalCode;
use crate::id::DocumentId;
use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

/// The largest frame that is read, in bytes; larger ones come in fragments.
pub const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A client's first word.
    Join { sender: String, versions: Vec<String>, ephemeral: bool },
    /// The server's answer.
    Peer { sender: String, target: String, version: String, about: ServerWord },
    /// Asks for a document and sends a first sync message.
    Request { document: DocumentId, sender: String, target: String, data: Vec<u8> },
    /// A sync message.
    Sync { document: DocumentId, sender: String, target: String, data: Vec<u8> },
    /// Nobody here has the document, or this peer may not know of it.
    Unavailable { document: DocumentId, sender: String, target: String },
    /// Who is here now; never stored.
    Ephemeral {
        document: DocumentId,
        sender: String,
        target: String,
        count: u64,
        session: String,
        data: Vec<u8>,
    },
    /// A client goes.
    Leave { sender: String },
    /// In words, for a log.
    Error { sender: String, target: String, message: String },
    /// Gossip that we have no use for.
    Gossip,
    /// The server has these heads on its disk.
    Ack { document: DocumentId, heads: Vec<[u8; 32]> },
    /// The server has not taken these changes.
    Refused { document: DocumentId, code: RefusalCode, changes: Vec<[u8; 32]>, words: String },
    /// What this connection may do with a document from now on.
    Rights { document: DocumentId, write: bool },
    /// A part of a frame.
    Fragment { frame: u32, index: u32, count: u32, data: Vec<u8> },
}

/// What the server says of itself in `peer`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerWord {
    /// Names the server's store; changes when a backup is restored, and acknowledgements of
    /// another epoch are void.
    pub epoch: String,
    /// Milliseconds since 1970.
    pub time: u64,
}

/// Bytes that are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("frame of {0} bytes; at most {MAX_FRAME_BYTES}")]
    TooLarge(usize),
    #[error("not a frame: {0}")]
    Malformed(String),
    #[error("unknown kind of frame: {0}")]
    UnknownKind(String),
}

impl From<minicbor::decode::Error> for FrameError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl Frame {
    /// The bytes of a frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        match self {
            Self::Join { sender, versions, ephemeral } => {
                writer
                    .begin("join", 3)
                    .text("senderId", sender)
                    .metadata(*ephemeral, None)
                    .texts("supportedProtocolVersions", versions);
            }
            Self::Peer { sender, target, version, about } => {
                writer
                    .begin("peer", 4)
                    .text("senderId", sender)
                    .metadata(false, Some(about))
                    .text("selectedProtocolVersion", version)
                    .text("targetId", target);
            }
            Self::Request { document, sender, target, data } => {
                writer
                    .begin("request", 4)
                    .document(document)
                    .text("senderId", sender)
                    .text("targetId", target)
                    .bytes("data", data);
            }
            Self::Sync { document, sender, target, data } => {
                writer
                    .begin("sync", 4)
                    .document(document)
                    .text("senderId", sender)
                    .text("targetId", target)
                    .bytes("data", data);
            }
            Self::Unavailable { document, sender, target } => {
                writer
                    .begin("doc-unavailable", 3)
                    .document(document)
                    .text("senderId", sender)
                    .text("targetId", target);
            }
            Self::Ephemeral { document, sender, target, count, session, data } => {
                writer
                    .begin("ephemeral", 6)
                    .document(document)
                    .text("senderId", sender)
                    .text("targetId", target);
                writer.number("count", *count).text("sessionId", session).bytes("data", data);
            }
            Self::Leave { sender } => {
                writer.begin("leave", 1).text("senderId", sender);
            }
            Self::Error { sender, target, message } => {
                writer
                    .begin("error", 3)
                    .text("senderId", sender)
                    .text("targetId", target)
                    .text("message", message);
            }
            Self::Gossip => {
                writer.begin("remote-subscription-change", 0);
            }
            Self::Ack { document, heads } => {
                writer.begin("tongban-ack", 2).document(document).hashes("heads", heads);
            }
            Self::Refused { document, code, changes, words } => {
                writer
                    .begin("tongban-refused", 4)
                    .document(document)
                    .text("code", code.word())
                    .hashes("changes", changes)
                    .text("words", words);
            }
            Self::Rights { document, write } => {
                writer.begin("tongban-rights", 2).document(document).flag("write", *write);
            }
            Self::Fragment { frame, index, count, data } => {
                writer
                    .begin("tongban-fragment", 4)
                    .number("frame", u64::from(*frame))
                    .number("index", u64::from(*index));
                writer.number("count", u64::from(*count)).bytes("data", data);
            }
        }
        writer.0.into_writer()
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// [`FrameError`] when the bytes are too many, malformed or of an unknown kind.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > MAX_FRAME_BYTES {
            return Err(FrameError::TooLarge(bytes.len()));
        }
        Self::decode_whole(bytes)
    }

    /// Reads a frame that was put together from parts, whose size was checked there.
    pub(super) fn decode_whole(bytes: &[u8]) -> Result<Self, FrameError> {
        let fields = Fields::read(bytes)?;
        let sender = || fields.sender.clone().unwrap_or_default();
        let target = || fields.target.clone().unwrap_or_default();
        let missing = |name: &str| FrameError::Malformed(format!("{name} is missing"));
        let document = || fields.document.ok_or_else(|| missing("documentId"));
        let data = || fields.data.clone().ok_or_else(|| missing("data"));
        Ok(match fields.kind.as_str() {
            "join" => Self::Join {
                sender: sender(),
                versions: fields.versions.clone(),
                ephemeral: fields.ephemeral,
            },
            "peer" => Self::Peer {
                sender: sender(),
                target: target(),
                version: fields.version.clone(),
                about: fields.about.clone(),
            },
            "request" => {
                Self::Request { document: document()?, sender: sender(), target: target(), data: data()? }
            }
            "sync" => Self::Sync { document: document()?, sender: sender(), target: target(), data: data()? },
            "doc-unavailable" => {
                Self::Unavailable { document: document()?, sender: sender(), target: target() }
            }
            "ephemeral" => Self::Ephemeral {
                document: document()?,
                sender: sender(),
                target: target(),
                count: fields.count,
                session: fields.session.clone(),
                data: data()?,
            },
            "leave" => Self::Leave { sender: sender() },
            "error" => Self::Error { sender: sender(), target: target(), message: fields.message.clone() },
            "remote-subscription-change" | "remote-heads-changed" => Self::Gossip,
            "tongban-ack" => Self::Ack { document: document()?, heads: fields.hashes.clone() },
            "tongban-refused" => {
                let code = RefusalCode::ALL.into_iter().find(|code| code.word() == fields.code);
                Self::Refused {
                    document: document()?,
                    code: code.ok_or_else(|| missing("code"))?,
                    changes: fields.hashes.clone(),
                    words: fields.words.clone(),
                }
            }
            "tongban-rights" => Self::Rights { document: document()?, write: fields.write },
            "tongban-fragment" => Self::Fragment {
                frame: small(fields.frame)?,
                index: small(fields.index)?,
                count: small(fields.count)?,
                data: data()?,
            },
            other => return Err(FrameError::UnknownKind(other.chars().take(40).collect())),
        })
    }
}

fn small(number: u64) -> Result<u32, FrameError> {
    u32::try_from(number).map_err(|_| FrameError::Malformed("a number is too large".to_owned()))
}

/// Writes into memory, which takes every byte.
struct Writer(Encoder<Vec<u8>>);

impl Default for Writer {
    fn default() -> Self {
        Self(Encoder::new(Vec::new()))
    }
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

impl Writer {
    fn put(&mut self, write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written) -> &mut Self {
        if let Err(error) = write(&mut self.0) {
            unreachable!("memory takes every byte: {error}");
        }
        self
    }

    fn begin(&mut self, kind: &str, more: u64) -> &mut Self {
        self.put(|to| to.map(more + 1)?.str("type")?.str(kind)?.ok())
    }

    fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.put(|to| to.str(key)?.str(value)?.ok())
    }

    fn bytes(&mut self, key: &str, value: &[u8]) -> &mut Self {
        self.put(|to| to.str(key)?.bytes(value)?.ok())
    }

    fn number(&mut self, key: &str, value: u64) -> &mut Self {
        self.put(|to| to.str(key)?.u64(value)?.ok())
    }

    fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.put(|to| to.str(key)?.bool(value)?.ok())
    }

    fn document(&mut self, id: &DocumentId) -> &mut Self {
        self.text("documentId", &id.to_string())
    }

    fn texts(&mut self, key: &str, values: &[String]) -> &mut Self {
        self.put(|to| {
            to.str(key)?.array(values.len() as u64)?;
            for value in values {
                to.str(value)?;
            }
            Ok(())
        })
    }

    fn hashes(&mut self, key: &str, values: &[[u8; 32]]) -> &mut Self {
        self.put(|to| {
            to.str(key)?.array(values.len() as u64)?;
            for value in values {
                to.bytes(value)?;
            }
            Ok(())
        })
    }

    /// The specification says `metadata`, the wire says `peerMetadata`.
    fn metadata(&mut self, ephemeral: bool, about: Option<&ServerWord>) -> &mut Self {
        self.put(|to| {
            to.str("peerMetadata")?.map(if about.is_some() { 4 } else { 1 })?;
            to.str("isEphemeral")?.bool(ephemeral)?;
            if let Some(about) = about {
                to.str("storageId")?.str(&about.epoch)?;
                to.str("epoch")?.str(&about.epoch)?.str("serverTime")?.u64(about.time)?;
            }
            Ok(())
        })
    }
}

/// All fields that any frame has.
#[derive(Default)]
struct Fields {
    kind: String,
    sender: Option<String>,
    target: Option<String>,
    document: Option<DocumentId>,
    data: Option<Vec<u8>>,
    versions: Vec<String>,
    version: String,
    ephemeral: bool,
    about: ServerWord,
    count: u64,
    session: String,
    message: String,
    hashes: Vec<[u8; 32]>,
    code: String,
    words: String,
    write: bool,
    frame: u64,
    index: u64,
}

impl Fields {
    fn read(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut from = Decoder::new(bytes);
        let mut fields = Self::default();
        each_key(&mut from, 64, |from, key| fields.field(from, key))?;
        Ok(fields)
    }

    fn field(&mut self, from: &mut Decoder<'_>, key: &str) -> Result<(), FrameError> {
        match key {
            "type" => self.kind = from.str()?.to_owned(),
            "senderId" => self.sender = Some(limited(from.str()?)),
            "targetId" => self.target = Some(limited(from.str()?)),
            "documentId" => {
                let id = from.str()?.parse();
                self.document =
                    Some(id.map_err(|error: crate::id::InvalidId| FrameError::Malformed(error.to_string()))?);
            }
            "data" => self.data = Some(blob(from)?),
            "supportedProtocolVersions" => {
                each_element(from, 16, |from| {
                    self.versions.push(limited(from.str()?));
                    Ok(())
                })?;
            }
            "selectedProtocolVersion" => self.version = limited(from.str()?),
            "peerMetadata" if from.datatype()? == Type::Map => {
                each_key(from, 16, |from, key| self.metadata(from, key))?;
            }
            "count" => self.count = number(from)?,
            "sessionId" => self.session = limited(from.str()?),
            "message" => self.message = limited(from.str()?),
            "heads" | "changes" => {
                each_element(from, 4096, |from| {
                    let hash = blob(from)?;
                    self.hashes.push(
                        hash.try_into()
                            .map_err(|_| FrameError::Malformed("a hash has 32 bytes".to_owned()))?,
                    );
                    Ok(())
                })?;
            }
            "code" => self.code = limited(from.str()?),
            "words" => self.words = limited(from.str()?),
            "write" => self.write = from.bool()?,
            "frame" => self.frame = number(from)?,
            "index" => self.index = number(from)?,
            _ => from.skip()?,
        }
        Ok(())
    }

    fn metadata(&mut self, from: &mut Decoder<'_>, key: &str) -> Result<(), FrameError> {
        match key {
            "isEphemeral" if from.datatype()? == Type::Bool => self.ephemeral = from.bool()?,
            "epoch" => self.about.epoch = limited(from.str()?),
            "serverTime" => self.about.time = number(from)?,
            _ => from.skip()?,
        }
        Ok(())
    }
}

/// Names are short; a long one is cut, never stored whole.
fn limited(text: &str) -> String {
    text.chars().take(256).collect()
}

fn number(from: &mut Decoder<'_>) -> Result<u64, FrameError> {
    match from.datatype()? {
        // JavaScript writes numbers above 32 bits as floating point.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        Type::F64 => Ok(from.f64()? as u64),
        _ => Ok(from.u64()?),
    }
}

/// Bytes, also behind the tag that JavaScript's encoder puts before typed arrays.
fn blob(from: &mut Decoder<'_>) -> Result<Vec<u8>, FrameError> {
    if from.datatype()? == Type::Tag {
        from.tag()?;
    }
    Ok(from.bytes()?.to_vec())
}

fn each_key(
    from: &mut Decoder<'_>,
    most: u64,
    mut read: impl FnMut(&mut Decoder<'_>, &str) -> Result<(), FrameError>,
) -> Result<(), FrameError> {
    let length = from.map()?;
    let mut count = 0;
    loop {
        match length {
            Some(length) if count == length => return Ok(()),
            None if from.datatype()? == Type::Break => return Ok(from.skip()?),
            _ if count == most => return Err(FrameError::Malformed("too many keys".to_owned())),
            _ => {}
        }
        let key = from.str()?.to_owned();
        read(from, &key)?;
        count += 1;
    }
}

fn each_element(
    from: &mut Decoder<'_>,
    most: u64,
    mut read: impl FnMut(&mut Decoder<'_>) -> Result<(), FrameError>,
) -> Result<(), FrameError> {
    let length = from.array()?;
    let mut count = 0;
    loop {
        match length {
            Some(length) if count == length => return Ok(()),
            None if from.datatype()? == Type::Break => return Ok(from.skip()?),
            _ if count == most => return Err(FrameError::Malformed("too many elements".to_owned())),
            _ => {}
        }
        read(from)?;
        count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id() -> DocumentId {
        DocumentId::from_bytes([5; 16])
    }

    #[test]
    fn every_frame_survives_being_written_and_read() {
        let text = || "甲".to_owned();
        let frames = [
            Frame::Join { sender: text(), versions: vec!["tongban/1".into(), "1".into()], ephemeral: true },
            Frame::Peer {
                sender: text(),
                target: text(),
                version: "1".into(),
                about: ServerWord { epoch: text(), time: 1 << 40 },
            },
            Frame::Request { document: id(), sender: text(), target: text(), data: vec![1, 2] },
            Frame::Sync { document: id(), sender: text(), target: text(), data: vec![] },
            Frame::Unavailable { document: id(), sender: text(), target: text() },
            Frame::Ephemeral {
                document: id(),
                sender: text(),
                target: text(),
                count: 7,
                session: text(),
                data: vec![3],
            },
            Frame::Leave { sender: text() },
            Frame::Error { sender: text(), target: text(), message: text() },
            Frame::Ack { document: id(), heads: vec![[1; 32], [2; 32]] },
            Frame::Refused {
                document: id(),
                code: RefusalCode::NoRight,
                changes: vec![[3; 32]],
                words: text(),
            },
            Frame::Rights { document: id(), write: true },
            Frame::Fragment { frame: 1, index: 0, count: 2, data: vec![9; 100] },
        ];
        for frame in frames {
            assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
        }
    }

    #[test]
    fn an_unknown_key_is_skipped_and_an_unknown_kind_is_named() {
        let mut encoder = Encoder::new(Vec::new());
        encoder.map(3).and_then(|to| to.str("new")?.array(2)?.u8(1)?.map(0)).expect("memory");
        encoder.str("type").and_then(|to| to.str("leave")?.str("senderId")?.str("x")).expect("memory");
        assert_eq!(Frame::decode(&encoder.into_writer()), Ok(Frame::Leave { sender: "x".into() }));
        let mut encoder = Encoder::new(Vec::new());
        encoder.map(1).and_then(|to| to.str("type")?.str("subduction")).expect("memory");
        assert_eq!(Frame::decode(&encoder.into_writer()), Err(FrameError::UnknownKind("subduction".into())));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Frame::decode(&bytes);
        }

        #[test]
        fn a_frame_with_a_flipped_byte_never_panics(at in 0_usize..200, flip in 1_u8..) {
            let mut bytes = Frame::Sync { document: id(), sender: "a".into(), target: "b".into(), data: vec![7; 60] }.encode();
            let at = at % bytes.len();
            bytes[at] ^= flip;
            let _ = Frame::decode(&bytes);
        }
    }
}
