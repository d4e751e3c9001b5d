//! Frames: CBOR maps with text keys, one per WebSocket message.
//!
//! Frames of automerge-repo: `join`, `peer`, `request`, `sync`, `doc-unavailable`, `ephemeral`, `leave`,
//! `error`; the gossip of remote heads is read and passed over. Frames of our own: `tongban-ack`,
//! `tongban-refused`, `tongban-rights`, `tongban-live`, `tongban-changes`, `tongban-fragment`,
//! `tongban-alive`. Unknown keys are skipped, as the protocol asks. The order of keys is free on reading
//! and fixed on writing.

mod hashes;
mod read;
mod write;

use super::RefusalCode;
use crate::id::DocumentId;
use crate::limits::{CHANGES_SENT, CHANGES_SENT_BYTES, FRAME_BYTES, NAME_CHARS};
pub use hashes::Hashes;

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
    /// Presence: the people who are here now; never stored.
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
    Ack { document: DocumentId, heads: Hashes },
    /// The server has not taken these changes, and so many more that it does not name.
    Refused { document: DocumentId, code: RefusalCode, changes: Hashes, more: u64, words: String },
    /// The rights of this connection to a document from now on, and the share of its bound that the
    /// document has used up, in percent; 0, and not written, while that is far off.
    Rights { document: DocumentId, write: bool, used: u8 },
    /// Both sides have these heads: from now on each sends its changes as they are.
    Live { document: DocumentId, heads: Hashes },
    /// Changes as they are stored, ancestors first.
    Changes { document: DocumentId, changes: Vec<Vec<u8>> },
    /// A part of a frame.
    Fragment { frame: u32, index: u32, count: u32, data: Vec<u8> },
    /// A browser asks whether the server is still there, for pages see no pings; the answer is the
    /// same word.
    Alive,
}

impl Frame {
    /// A refusal of changes, the first of them by name.
    #[must_use]
    pub fn refused(document: DocumentId, code: RefusalCode, changes: Vec<[u8; 32]>, words: String) -> Self {
        let (changes, more) = Hashes::first(changes);
        Self::Refused { document, code, changes, more, words }
    }

    /// Frames that carry changes in their order, ancestors first; readers take each of them.
    #[must_use]
    pub fn of_changes(document: DocumentId, changes: impl IntoIterator<Item = Vec<u8>>) -> Vec<Self> {
        let mut frames: Vec<Vec<Vec<u8>>> = Vec::new();
        let mut bytes = 0;
        for change in changes {
            bytes += change.len();
            match frames.last_mut() {
                Some(frame) if frame.len() < CHANGES_SENT && bytes <= CHANGES_SENT_BYTES => {
                    frame.push(change);
                }
                _ => {
                    bytes = change.len();
                    frames.push(vec![change]);
                }
            }
        }
        frames.into_iter().map(|changes| Self::Changes { document, changes }).collect()
    }

    /// The document that it speaks of.
    #[must_use]
    pub const fn document(&self) -> Option<DocumentId> {
        match self {
            Self::Request { document, .. }
            | Self::Sync { document, .. }
            | Self::Unavailable { document, .. }
            | Self::Ephemeral { document, .. }
            | Self::Ack { document, .. }
            | Self::Refused { document, .. }
            | Self::Rights { document, .. }
            | Self::Live { document, .. }
            | Self::Changes { document, .. } => Some(*document),
            Self::Join { .. }
            | Self::Peer { .. }
            | Self::Leave { .. }
            | Self::Error { .. }
            | Self::Gossip
            | Self::Fragment { .. }
            | Self::Alive => None,
        }
    }
}

/// Names and words are short; a long one is cut, on writing as on reading.
fn limited(text: &str) -> &str {
    text.char_indices().nth(NAME_CHARS).map_or(text, |(end, _)| &text[..end])
}

/// The server's word about itself in `peer`.
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
    #[error("frame of {0} bytes; at most {FRAME_BYTES}")]
    TooLarge(usize),
    #[error("not a frame: {0}")]
    Malformed(String),
    #[error("unknown kind of frame: {0}")]
    UnknownKind(String),
    /// It speaks of this document: other documents of the connection go on.
    #[error("{0}: {1}")]
    Of(DocumentId, Box<Self>),
}

impl FrameError {
    /// The error of a frame of a document, if one is named.
    pub(in crate::sync) fn of(self, document: Option<DocumentId>) -> Self {
        match (document, self) {
            (Some(document), error) if !matches!(error, Self::Of(..)) => Self::Of(document, Box::new(error)),
            (_, error) => error,
        }
    }
}

impl From<minicbor::decode::Error> for FrameError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{CHANGES_OF_A_FRAME, HASHES, PART_BYTES, REFUSED_HASHES, VERSIONS};
    use crate::sync::fragment::{Assembler, Taken, split};
    use minicbor::Encoder;
    use proptest::prelude::*;

    fn id() -> DocumentId {
        DocumentId::from_bytes([5; 16])
    }

    fn hashes(count: usize) -> Hashes {
        Hashes::all(vec![[4; 32]; count]).expect("few enough")
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
            Frame::Ack { document: id(), heads: hashes(2) },
            Frame::Refused {
                document: id(),
                code: RefusalCode::NoRight,
                changes: hashes(1),
                more: 0,
                words: text(),
            },
            Frame::refused(id(), RefusalCode::TooLarge, vec![[3; 32]; 300], text()),
            Frame::Rights { document: id(), write: true, used: 0 },
            Frame::Rights { document: id(), write: false, used: 93 },
            Frame::Live { document: id(), heads: hashes(1) },
            Frame::Changes { document: id(), changes: vec![vec![1, 2, 3], vec![]] },
            Frame::Fragment { frame: 1, index: 0, count: 2, data: vec![9; 100] },
            Frame::Alive,
        ];
        for frame in frames {
            assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
        }
    }

    /// The bounds of a list hold for all of a frame.
    #[test]
    fn a_key_stands_once_in_a_frame() {
        let frame = |times: u8| {
            let mut bytes = vec![0xa0 + 2 + times];
            for text in ["type", "tongban-changes", "documentId", &id().to_string()] {
                minicbor::encode(text, &mut bytes).expect("memory");
            }
            for _ in 0..times {
                minicbor::encode("data", &mut bytes).expect("memory");
                bytes.extend([0x82, 0x41, 7, 0x41, 8]);
            }
            bytes
        };
        assert_eq!(
            Frame::decode(&frame(1)),
            Ok(Frame::Changes { document: id(), changes: vec![vec![7], vec![8]] })
        );
        let told = Frame::decode(&frame(2));
        assert!(told.as_ref().is_err_and(|why| why.to_string().contains("stands twice")), "{told:?}");
    }

    /// A frame of each kind with as much in it as its writer lets through.
    fn largest() -> Vec<Frame> {
        let name = || "名".repeat(NAME_CHARS);
        let data = || vec![7; PART_BYTES * 3];
        let about = ServerWord { epoch: name(), time: u64::MAX };
        let (sender, target) = (name(), name());
        let most = vec![vec![9; 3]; CHANGES_OF_A_FRAME];
        vec![
            Frame::Join { sender: name(), versions: vec![name(); VERSIONS], ephemeral: true },
            Frame::Peer { sender: name(), target: name(), version: name(), about },
            Frame::Request { document: id(), sender: name(), target: name(), data: data() },
            Frame::Sync { document: id(), sender: name(), target: name(), data: data() },
            Frame::Unavailable { document: id(), sender: name(), target: name() },
            Frame::Ephemeral {
                document: id(),
                sender,
                target,
                count: u64::MAX,
                session: name(),
                data: data(),
            },
            Frame::Leave { sender: name() },
            Frame::Error { sender: name(), target: name(), message: name() },
            Frame::Gossip,
            Frame::Ack { document: id(), heads: hashes(HASHES) },
            Frame::refused(id(), RefusalCode::Invalid, vec![[1; 32]; 70_000], name()),
            Frame::Rights { document: id(), write: false, used: 100 },
            Frame::Live { document: id(), heads: hashes(HASHES) },
            Frame::Changes { document: id(), changes: most },
            Frame::Fragment { frame: u32::MAX, index: 0, count: u32::MAX, data: vec![7; PART_BYTES] },
            Frame::Alive,
        ]
    }

    /// Reads a frame back, in parts where it is large; a part itself is not cut again.
    fn read_back(frame: &Frame) -> Option<Frame> {
        if matches!(frame, Frame::Fragment { .. }) {
            return Frame::decode(&frame.encode()).ok();
        }
        let mut assembler = Assembler::default();
        let mut whole = None;
        for part in split(frame.encode(), 1)? {
            whole = match Frame::decode(&part).ok()? {
                Frame::Fragment { frame, index, count, data } => {
                    match assembler.take((frame, index, count), &data).ok()? {
                        Taken::Whole(frame) => Some(frame),
                        _ => None,
                    }
                }
                frame => Some(frame),
            };
        }
        whole
    }

    #[test]
    fn whatever_may_be_written_is_read() {
        let frames = largest();
        let kinds: std::collections::BTreeSet<_> =
            frames.iter().map(|frame| format!("{:?}", std::mem::discriminant(frame))).collect();
        assert_eq!(kinds.len(), 16, "one of each kind");
        for frame in frames {
            assert!(read_back(&frame).as_ref() == Some(&frame), "{frame:.200?}");
        }

        assert_eq!(Hashes::all(vec![[1; 32]; HASHES + 1]), None, "one more is not written");
        let Frame::Refused { changes, more, .. } =
            Frame::refused(id(), RefusalCode::Invalid, vec![[1; 32]; 300], String::new())
        else {
            panic!("a refusal")
        };
        assert_eq!((changes.len(), more), (REFUSED_HASHES, 44), "the others are counted");

        // However many changes there are, they come in frames that are read.
        let all: Vec<Vec<u8>> = (0..70_000_u32).map(|number| number.to_be_bytes().to_vec()).collect();
        let large = vec![vec![1; CHANGES_SENT_BYTES], vec![2], vec![3; CHANGES_SENT_BYTES - 1], vec![4]];
        let mut found = Vec::new();
        let frames = Frame::of_changes(id(), all.iter().chain(&large).cloned());
        assert_eq!(frames.len(), 70_000_usize.div_ceil(CHANGES_SENT) + 3);
        for frame in frames {
            assert!(read_back(&frame).as_ref() == Some(&frame));
            let Frame::Changes { changes, .. } = frame else { panic!("changes") };
            assert!(changes.iter().map(Vec::len).sum::<usize>() <= CHANGES_SENT_BYTES);
            found.extend(changes);
        }
        assert!(found == [all, large].concat(), "each once, in their order");
        assert_eq!(Frame::of_changes(id(), []), []);
    }

    #[test]
    fn names_are_cut_on_writing() {
        let long = || "名".repeat(NAME_CHARS + 44);
        let written = Frame::Error { sender: long(), target: long(), message: long() }.encode();
        assert!(written.len() < 3 * NAME_CHARS * 3 + 100, "{}", written.len());
        let short = || "名".repeat(NAME_CHARS);
        let cut = Frame::Error { sender: short(), target: short(), message: short() };
        assert_eq!(Frame::decode(&written), Ok(cut));
    }

    #[test]
    fn a_fault_names_the_document_that_stands_before_it() {
        let named = |bytes: &[u8]| match Frame::decode(bytes) {
            Err(FrameError::Of(document, _)) => Some(document),
            other => panic!("{other:?}"),
        };
        let ack = Frame::Ack { document: id(), heads: hashes(2) }.encode();
        assert_eq!(named(&ack[..ack.len() - 1]), Some(id()), "cut");
        let mut short = ack;
        let at = short.windows(2).rposition(|two| two == [0x58, 32]).expect("a hash");
        (short[at + 1], short[at + 33]) = (31, 0);
        assert_eq!(named(&short), Some(id()), "a hash of 31 bytes");
        let many = Frame::Changes { document: id(), changes: vec![vec![]; CHANGES_OF_A_FRAME + 1] };
        assert_eq!(named(&many.encode()), Some(id()), "too many changes");
        let large = Frame::Sync {
            document: id(),
            sender: "a".into(),
            target: "b".into(),
            data: vec![0; FRAME_BYTES],
        };
        assert_eq!(named(&large.encode()), Some(id()), "too large");
        let mut nobody = Frame::Leave { sender: "a".into() }.encode();
        nobody.pop();
        assert!(matches!(Frame::decode(&nobody), Err(FrameError::Malformed(_))));
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
