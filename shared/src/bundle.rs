//! Documents as one file, for a carrier instead of a network: a first line that names the form,
//! then a line for each change, `document bytes`, the bytes in base 16.
//!
//! Changes may stand in any order and more than once; who takes a bundle in gets what is new.

use crate::document::{self, Chunk, Document, MAX_CHANGE_BYTES, genesis, hex, unhex};
use crate::id::DocumentId;
use std::collections::BTreeMap;
use thiserror::Error;

const HEAD: &str = "tongban-bundle 1\n";

/// The largest file that is taken in, in bytes.
pub const MAX_BUNDLE_BYTES: usize = 512 * 1024 * 1024;

/// Why a file is not taken in; nothing of it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BundleError {
    #[error("这不是同办的数据文件")]
    NotABundle,
    #[error("数据文件超过 512 MB，没有读取")]
    TooLarge,
    #[error("数据文件第 {0} 行不完整，没有读取；请重新拷贝一份")]
    Incomplete(usize),
    #[error("文档 {0} 无法读取或不完整，没有读取")]
    Document(DocumentId),
}

/// A bundle of documents, each with its changes.
#[must_use]
pub fn write(documents: impl IntoIterator<Item = (DocumentId, Vec<Chunk>)>) -> Vec<u8> {
    let mut out = String::from(HEAD);
    for (id, chunks) in documents {
        for chunk in chunks {
            out.push_str(&format!("{id} {}\n", hex(&chunk.bytes)));
        }
    }
    out.into_bytes()
}

/// The changes of a bundle, as bytes that nobody has looked into yet.
///
/// # Errors
/// [`BundleError`] for a file of another form, a cut or damaged line, or one beyond the bounds.
pub fn read(bytes: &[u8]) -> Result<Vec<(DocumentId, Vec<u8>)>, BundleError> {
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err(BundleError::TooLarge);
    }
    let lines = bytes.strip_prefix(HEAD.as_bytes()).ok_or(BundleError::NotABundle)?;
    let mut changes = Vec::new();
    let lines = match lines.strip_suffix(b"\n") {
        Some(lines) => lines,
        None if lines.is_empty() => return Ok(changes),
        // The last line was cut.
        None => return Err(BundleError::Incomplete(lines.split(|byte| *byte == b'\n').count() + 1)),
    };
    for (number, line) in lines.split(|byte| *byte == b'\n').enumerate() {
        let change = || {
            let (id, bytes) = std::str::from_utf8(line).ok()?.trim_end_matches('\r').split_once(' ')?;
            let bytes = unhex(bytes).filter(|bytes| bytes.len() <= MAX_CHANGE_BYTES)?;
            Some((id.parse().ok()?, bytes))
        };
        changes.push(change().ok_or(BundleError::Incomplete(number + 2))?);
    }
    Ok(changes)
}

/// The documents of a bundle, each of its changes read; what a document is shows in its first
/// change.
///
/// # Errors
/// [`BundleError::Document`] for one that cannot be read or whose first change is missing.
pub fn open(changes: Vec<(DocumentId, Vec<u8>)>) -> Result<BTreeMap<DocumentId, Document>, BundleError> {
    let mut all: BTreeMap<DocumentId, Vec<Vec<u8>>> = BTreeMap::new();
    for (id, bytes) in changes {
        all.entry(id).or_default().push(bytes);
    }
    let open = |(id, chunks): (DocumentId, Vec<Vec<u8>>)| {
        let first =
            chunks.iter().find_map(|chunk| genesis::begun_by(&document::change_header(chunk).ok()?.hash));
        let kind = first.ok_or(BundleError::Document(id))?;
        let read = Document::load(kind, &[0; 16], chunks.iter().map(Vec::as_slice));
        let read = read.ok().filter(Document::roots_intact).ok_or(BundleError::Document(id))?;
        Ok((id, read))
    };
    all.into_iter().map(open).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_or_damaged_line_is_named() {
        let id = DocumentId::from_bytes([7; 16]);
        let chunk = Chunk { hash: [0; 32], bytes: vec![0xab, 0xcd] };
        let whole = write([(id, vec![chunk.clone(), chunk])]);
        assert_eq!(read(&whole), Ok(vec![(id, vec![0xab, 0xcd]); 2]));
        assert_eq!(read(b"something"), Err(BundleError::NotABundle));
        assert_eq!(read(&whole[..whole.len() - 1]), Err(BundleError::Incomplete(3)));
        assert_eq!(read(&whole[..whole.len() - 2]), Err(BundleError::Incomplete(3)));
        let text = String::from_utf8(whole).expect("text");
        assert_eq!(read(text.replacen("abcd", "abc_", 1).as_bytes()), Err(BundleError::Incomplete(2)));
        assert_eq!(read(text.replacen("abcd", "abc", 1).as_bytes()), Err(BundleError::Incomplete(2)));
        assert_eq!(read(HEAD.as_bytes()), Ok(Vec::new()));
    }
}
