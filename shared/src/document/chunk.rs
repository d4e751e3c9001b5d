//! Stored bytes of others, looked at before automerge reads them: it inflates without a bound.

use super::{MAX_CHANGE_BYTES, MAX_DOCUMENT_BYTES};
use std::io::Read;

/// Bytes before the length of a chunk: magic, checksum, kind.
const HEAD: usize = 9;
const DOCUMENT: u8 = 0;
const CHANGE: u8 = 1;
const COMPRESSED: u8 = 2;

/// The bit by which a column says that its content is deflated.
const DEFLATED: u64 = 0b1000;

/// The chunks one behind the other, changes or whole documents; none where the bytes are something else.
pub(crate) fn chunks(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let (begin, length) = content(bytes)?;
        let (chunk, rest) = bytes.split_at(begin + length);
        chunks.push(chunk);
        bytes = rest;
    }
    Some(chunks)
}

/// Whether a chunk is a whole document.
pub(crate) fn is_document(chunk: &[u8]) -> bool {
    chunk.get(HEAD - 1) == Some(&DOCUMENT)
}

/// Whether a chunk is a change or a document and stays within what one may be, also when it is inflated.
/// automerge knows other kinds, which nobody here writes.
pub(crate) fn is_bounded(chunk: &[u8]) -> bool {
    size_within(chunk, MAX_DOCUMENT_BYTES).is_some()
}

/// The inflated size of a change or a document in bytes, when it stays within what one may be and
/// within `most`.
pub(crate) fn size_within(chunk: &[u8], most: usize) -> Option<usize> {
    match chunk.get(HEAD - 1) {
        Some(&DOCUMENT) => document_size(chunk, most.min(MAX_DOCUMENT_BYTES)),
        Some(&(CHANGE | COMPRESSED)) => change_size(chunk, most.min(MAX_CHANGE_BYTES)),
        _ => None,
    }
}

/// The size of a change, also when it is compressed.
pub(crate) fn change_size(change: &[u8], most: usize) -> Option<usize> {
    if change.len() > most {
        return None;
    }
    if change.get(HEAD - 1) != Some(&COMPRESSED) {
        return Some(change.len());
    }
    // Whatever the change says of its length: everything behind its head is looked at.
    let (begin, _) = content(change)?;
    Some(change.len().max(inflated(&change[begin..], most)?))
}

/// The same of a document, whose columns are compressed each by itself.
fn document_size(chunk: &[u8], most: usize) -> Option<usize> {
    let whole = || {
        let (begin, _) = content(chunk)?;
        let mut rest = chunk.get(begin..)?;
        for _ in 0..number(&mut rest)? {
            let actor = number(&mut rest)?;
            part(&mut rest, actor)?;
        }
        let heads = number(&mut rest)?;
        part(&mut rest, heads.checked_mul(32)?)?;
        let mut columns = Vec::new();
        // Those of the changes, then those of the operations.
        for _ in 0..2 {
            for _ in 0..number(&mut rest)? {
                columns.push((number(&mut rest)?, number(&mut rest)?));
            }
        }
        let mut left = most;
        for (about, length) in columns {
            let column = part(&mut rest, length)?;
            let size = if about & DEFLATED == 0 { column.len() } else { inflated(column, left)? };
            left = left.checked_sub(size)?;
        }
        Some(chunk.len().max(most - left))
    };
    if chunk.len() <= most { whole() } else { None }
}

/// The size of deflated bytes, when it is within a bound. The reader refuses others, with its reason.
fn inflated(bytes: &[u8], most: usize) -> Option<usize> {
    let content = flate2::read::DeflateDecoder::new(bytes);
    match std::io::copy(&mut content.take(most as u64 + 1), &mut std::io::sink()) {
        Ok(size) => usize::try_from(size).ok().filter(|size| *size <= most),
        Err(_) => None,
    }
}

/// The begin and the length of a chunk's content.
fn content(chunk: &[u8]) -> Option<(usize, usize)> {
    let mut rest = chunk.get(HEAD..)?;
    let length = usize::try_from(number(&mut rest)?).ok()?;
    (length <= rest.len()).then(|| (chunk.len() - rest.len(), length))
}

/// A number in LEB128: seven bits a byte; more than ten bytes are none.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(7 * place)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn part<'a>(bytes: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (part, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    *bytes = rest;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Kind, Stamp};
    use crate::edit::{BoardField, Edit};

    fn said(words: &str) -> Document {
        let mut document = Document::new(Kind::Board, &[7; 16]);
        let edit = Edit::SetBoardField { field: BoardField::Title, value: words.to_owned() };
        document.edit(&edit, &Stamp { time: 1, by: String::new() }).expect("it fits");
        document
    }

    #[test]
    fn a_document_is_as_large_as_it_inflates() {
        let saved = said(&"同".repeat(100_000)).save();
        assert!(is_document(&saved) && saved.len() < 20_000, "{} bytes", saved.len());
        assert!(is_bounded(&saved));
        assert!(document_size(&saved, 200_000).is_none());
        assert!(document_size(&saved, 400_000).is_some_and(|size| size > 300_000));
    }

    #[test]
    fn chunks_are_told_apart_and_what_is_cut_off_is_none() {
        let mut document = said("题目");
        let mut bytes = document.save();
        let first = bytes.len();
        document.changes_since(&[]).iter().for_each(|chunk| bytes.extend_from_slice(&chunk.bytes));
        let found = chunks(&bytes).expect("chunks");
        assert_eq!(found[0].len(), first);
        assert_eq!(found.len(), 1 + document.changes_since(&[]).len());
        assert!(chunks(&bytes[..bytes.len() - 1]).is_none());
        assert!(chunks(&[0x80; 64]).is_none());
        // Nobody here writes this kind.
        let mut change = document.changes_since(&[]).pop().expect("a change").bytes;
        assert!(is_bounded(&change));
        change[HEAD - 1] = 3;
        assert!(!is_bounded(&change));
    }
}
