//! Frames: CBOR maps with text keys, one per WebSocket message.
//!
//! Frames of automerge-repo: `join`, `peer`, `request`, `sync`, `doc-unavailable`, `ephemeral`, `leave`,
//! `error`; the gossip of remote heads is read and passed over. Frames of ours: `tongban-ack`,
//! `tongban-refused`, `tongban-rights`, `tongban-live`, `tongban-changes`, `tongban-fragment`,
//! `tongban-alive`. Unknown keys are skipped, as the protocol asks. The order of keys is free on reading and fixed on writing.

mod read;
mod write;

use super::RefusalCode;
use crate::id::DocumentId;

/// The largest frame that is read, in bytes; larger ones come in fragments.
pub const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;

/// The most changes in one frame.
const MAX_CHANGES: u64 = 65_536;

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
    /// Presence of a person; never stored.
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
    /// The rights of this connection to a document from now on.
    Rights { document: DocumentId, write: bool },
    /// Both sides have these heads: from now on each sends its changes as they are.
    Live { document: DocumentId, heads: Vec<[u8; 32]> },
    /// Changes as they are stored, ancestors first.
    Changes { document: DocumentId, changes: Vec<Vec<u8>> },
    /// A part of a frame.
    Fragment { frame: u32, index: u32, count: u32, data: Vec<u8> },
    /// A browser asks whether the server is still there, for pages see no pings; the answer is the
    /// same word.
    Alive,
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

#[cfg(test)]
mod tests {
    use super::*;
    use minicbor::Encoder;
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
            Frame::Live { document: id(), heads: vec![[4; 32]] },
            Frame::Changes { document: id(), changes: vec![vec![1, 2, 3], vec![]] },
            Frame::Fragment { frame: 1, index: 0, count: 2, data: vec![9; 100] },
            Frame::Alive,
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
