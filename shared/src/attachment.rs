//! Photos and files beside entries: known by their content, stored apart from documents.

use crate::document::{hex, unhex};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Names a content: its SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct FileHash(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl FileHash {
    /// The hash of a content.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// As bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for FileHash {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&hex(&self.0))
    }
}

/// Words that name no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("不是文件的标识")]
pub struct NoHash;

impl std::str::FromStr for FileHash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        unhex(text).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(NoHash)
    }
}

impl Serialize for FileHash {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FileHash {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A file beside an entry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Attachment {
    #[n(0)]
    pub hash: FileHash,
    /// As the person's device called it.
    #[n(1)]
    pub name: String,
    #[n(2)]
    pub bytes: u64,
    /// Whether it is shown as a picture; the server looks at the content for itself.
    #[n(3)]
    pub picture: bool,
}

/// The type of a picture that a browser shows without running anything, by its content.
#[must_use]
pub fn picture_kind(content: &[u8]) -> Option<&'static str> {
    let webp = content.get(..4) == Some(b"RIFF") && content.get(8..12) == Some(b"WEBP");
    match content {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        _ if webp => Some("image/webp"),
        _ => None,
    }
}

/// Whether a content was taken by a camera, as a picture or a film: it may say where and with what.
#[must_use]
pub fn is_taken(content: &[u8]) -> bool {
    let tiff = matches!(content, [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..]);
    // HEIF, MP4 and QuickTime.
    picture_kind(content).is_some() || tiff || content.get(4..8) == Some(b"ftyp")
}

/// A name without what leads elsewhere or hides its end, at most 120 characters.
#[must_use]
pub fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = name.chars().filter(|c| !hidden(c)).take(120).collect();
    if name.trim().is_empty() { "附件".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_and_hide_nothing() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\照片\\现场.jpg"), "现场.jpg");
        assert_eq!(plain_name("报表\u{202e}gpj.exe"), "报表gpj.exe");
        assert_eq!(plain_name("/"), "附件");
    }

    #[test]
    fn what_a_camera_took_is_known_by_its_content() {
        let heic = b"\0\0\0\x18ftypheic";
        assert!(is_taken(heic) && picture_kind(heic).is_none());
        assert!(is_taken(b"II*\0....") && is_taken(&[0xff, 0xd8, 0xff, 0xe1]));
        assert_eq!(picture_kind(b"RIFF....WEBPVP8 "), Some("image/webp"));
        assert!(!is_taken(b"%PDF-1.7") && !is_taken(b"<html>") && !is_taken(b""));
    }

    #[test]
    fn a_hash_is_read_back_from_its_words_and_from_nothing_else() {
        let hash = FileHash::of("现场".as_bytes());
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!("xyz".parse::<FileHash>(), Err(NoHash));
        assert_eq!(hash.to_string()[2..].parse::<FileHash>(), Err(NoHash));
    }
}
