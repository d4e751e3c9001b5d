//! Bytes to frames: each is hostile until checked.

use super::{Frame, FrameError, Hashes, ServerWord, limited};
use crate::cbor;
use crate::id::DocumentId;
use crate::limits::{CHANGES_OF_A_FRAME, FRAME_BYTES, HASHES, KEYS, VERSIONS};
use crate::sync::RefusalCode;
use minicbor::Decoder;
use minicbor::data::Type;

impl Frame {
    /// Reads a frame.
    ///
    /// # Errors
    /// [`FrameError`] when the bytes are too many, malformed or of an unknown kind; with the document that
    /// they speak of, where it stands before the fault.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > FRAME_BYTES {
            return Err(FrameError::TooLarge(bytes.len()).of(Self::document_in(bytes)));
        }
        Self::decode_whole(bytes)
    }

    /// Reads a frame that was put together from parts, whose size was checked there.
    pub(in crate::sync) fn decode_whole(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::default();
        let read = each_key(&mut Decoder::new(bytes), KEYS, |from, key| fields.field(from, key));
        let document = fields.document;
        read.and_then(|()| Self::of_fields(fields)).map_err(|error| error.of(document))
    }

    /// The document that bytes speak of, of which only the beginning may be there.
    #[must_use]
    pub fn document_in(bytes: &[u8]) -> Option<DocumentId> {
        let mut from = Decoder::new(bytes);
        let keys = from.map().ok()?.unwrap_or(u64::MAX);
        for _ in 0..keys.min(KEYS as u64) {
            if from.str().ok()? == "documentId" {
                return from.str().ok()?.parse().ok();
            }
            cbor::skip(&mut from).ok()?;
        }
        None
    }

    fn of_fields(mut fields: Fields) -> Result<Self, FrameError> {
        let (data, blobs) = (fields.data.take(), std::mem::take(&mut fields.blobs));
        let sender = || fields.sender.clone().unwrap_or_default();
        let target = || fields.target.clone().unwrap_or_default();
        let missing = |name: &str| FrameError::Malformed(format!("{name} is missing"));
        let document = || fields.document.ok_or_else(|| missing("documentId"));
        let data = || data.ok_or_else(|| missing("data"));
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
                    more: fields.more,
                    words: fields.words.clone(),
                }
            }
            "tongban-alive" => Self::Alive,
            "tongban-rights" => {
                let used = u8::try_from(fields.used.min(100)).unwrap_or(100);
                Self::Rights { document: document()?, write: fields.write, used }
            }
            "tongban-live" => Self::Live { document: document()?, heads: fields.hashes.clone() },
            "tongban-changes" => Self::Changes { document: document()?, changes: blobs },
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

/// All fields that any frame has.
#[derive(Default)]
struct Fields {
    kind: String,
    sender: Option<String>,
    target: Option<String>,
    document: Option<DocumentId>,
    data: Option<Vec<u8>>,
    blobs: Vec<Vec<u8>>,
    versions: Vec<String>,
    version: String,
    ephemeral: bool,
    about: ServerWord,
    count: u64,
    session: String,
    message: String,
    hashes: Hashes,
    more: u64,
    code: String,
    words: String,
    write: bool,
    used: u64,
    frame: u64,
    index: u64,
}

impl Fields {
    fn field(&mut self, from: &mut Decoder<'_>, key: &str) -> Result<(), FrameError> {
        match key {
            "type" => self.kind = from.str()?.to_owned(),
            "senderId" => self.sender = Some(limited(from.str()?).to_owned()),
            "targetId" => self.target = Some(limited(from.str()?).to_owned()),
            "documentId" => {
                let id = from.str()?.parse();
                self.document =
                    Some(id.map_err(|error: crate::id::InvalidId| FrameError::Malformed(error.to_string()))?);
            }
            "data" if from.datatype()? == Type::Array => {
                each_element(from, CHANGES_OF_A_FRAME, |from| {
                    self.blobs.push(blob(from)?);
                    Ok(())
                })?;
            }
            "data" => self.data = Some(blob(from)?),
            "supportedProtocolVersions" => {
                each_element(from, VERSIONS, |from| {
                    self.versions.push(limited(from.str()?).to_owned());
                    Ok(())
                })?;
            }
            "selectedProtocolVersion" => self.version = limited(from.str()?).to_owned(),
            "peerMetadata" if from.datatype()? == Type::Map => {
                each_key(from, KEYS, |from, key| self.metadata(from, key))?;
            }
            "count" => self.count = number(from)?,
            "sessionId" => self.session = limited(from.str()?).to_owned(),
            "message" => self.message = limited(from.str()?).to_owned(),
            "heads" | "changes" => {
                each_element(from, HASHES, |from| {
                    let hash = blob(from)?.try_into();
                    let hash = hash.map_err(|_| FrameError::Malformed("a hash has 32 bytes".to_owned()))?;
                    let room = self.hashes.push(hash);
                    if room { Ok(()) } else { Err(FrameError::Malformed("too many hashes".to_owned())) }
                })?;
            }
            "code" => self.code = limited(from.str()?).to_owned(),
            "words" => self.words = limited(from.str()?).to_owned(),
            "more" => self.more = number(from)?,
            "write" => self.write = from.bool()?,
            "used" => self.used = number(from)?,
            "frame" => self.frame = number(from)?,
            "index" => self.index = number(from)?,
            _ => cbor::skip(from)?,
        }
        Ok(())
    }

    fn metadata(&mut self, from: &mut Decoder<'_>, key: &str) -> Result<(), FrameError> {
        match key {
            "isEphemeral" if from.datatype()? == Type::Bool => self.ephemeral = from.bool()?,
            "epoch" => self.about.epoch = limited(from.str()?).to_owned(),
            "serverTime" => self.about.time = number(from)?,
            _ => cbor::skip(from)?,
        }
        Ok(())
    }
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

fn each_key<'b>(
    from: &mut Decoder<'b>,
    most: usize,
    mut read: impl FnMut(&mut Decoder<'b>, &str) -> Result<(), FrameError>,
) -> Result<(), FrameError> {
    let length = from.map()?;
    let mut keys = Vec::new();
    loop {
        match length {
            Some(length) if keys.len() as u64 == length => return Ok(()),
            None if from.datatype()? == Type::Break => return Ok(from.skip()?),
            _ if keys.len() == most => return Err(FrameError::Malformed("too many keys".to_owned())),
            _ => {}
        }
        // The bounds of a list would hold for each time that it stands there.
        let key = from.str()?;
        if keys.contains(&key) {
            return Err(FrameError::Malformed("a key that stands twice".to_owned()));
        }
        keys.push(key);
        read(from, key)?;
    }
}

fn each_element(
    from: &mut Decoder<'_>,
    most: usize,
    mut read: impl FnMut(&mut Decoder<'_>) -> Result<(), FrameError>,
) -> Result<(), FrameError> {
    let length = from.array()?;
    let mut count = 0;
    loop {
        match length {
            Some(length) if count == length => return Ok(()),
            None if from.datatype()? == Type::Break => return Ok(from.skip()?),
            _ if count == most as u64 => return Err(FrameError::Malformed("too many elements".to_owned())),
            _ => {}
        }
        read(from)?;
        count += 1;
    }
}
