//! Frames to bytes.

use super::{Frame, ServerWord, limited};
use crate::id::DocumentId;
use crate::limits::VERSIONS;
use minicbor::Encoder;

impl Frame {
    /// The bytes of a frame; names and words that are too long are cut.
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
            Self::Alive => {
                writer.begin("tongban-alive", 0);
            }
            Self::Ack { document, heads } => {
                writer.begin("tongban-ack", 2).document(document).hashes("heads", heads);
            }
            Self::Refused { document, code, changes, more, words } => {
                let told = *more > 0;
                writer
                    .begin("tongban-refused", 4 + u64::from(told))
                    .document(document)
                    .text("code", code.word())
                    .hashes("changes", changes)
                    .text("words", words);
                if told {
                    writer.number("more", *more);
                }
            }
            Self::Rights { document, write, used } => {
                let told = *used > 0;
                writer.begin("tongban-rights", 2 + u64::from(told)).document(document).flag("write", *write);
                if told {
                    writer.number("used", u64::from(*used));
                }
            }
            Self::Live { document, heads } => {
                writer.begin("tongban-live", 2).document(document).hashes("heads", heads);
            }
            Self::Changes { document, changes } => {
                writer.begin("tongban-changes", 2).document(document).blobs("data", changes);
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
        self.put(|to| to.str(key)?.str(limited(value))?.ok())
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
            let values = &values[..values.len().min(VERSIONS)];
            to.str(key)?.array(values.len() as u64)?;
            for value in values {
                to.str(limited(value))?;
            }
            Ok(())
        })
    }

    fn hashes(&mut self, key: &str, values: &[[u8; 32]]) -> &mut Self {
        self.blobs(key, values)
    }

    fn blobs<T: AsRef<[u8]>>(&mut self, key: &str, values: &[T]) -> &mut Self {
        self.put(|to| {
            to.str(key)?.array(values.len() as u64)?;
            for value in values {
                to.bytes(value.as_ref())?;
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
                to.str("storageId")?.str(limited(&about.epoch))?;
                to.str("epoch")?.str(limited(&about.epoch))?.str("serverTime")?.u64(about.time)?;
            }
            Ok(())
        })
    }
}
