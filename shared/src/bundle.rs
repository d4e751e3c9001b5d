//! Documents as one file, with the photos and files of their entries, for a carrier instead of a
//! network:
//!
//! - a first line that names the form and says how many bytes of changes follow;
//! - a line for each change, `document bytes`, the bytes in base 16;
//! - the last of these lines, `seal key signature`, says who has written the file: a server, or the
//!   device of a person. Records prove themselves; what is said of a plan proves nothing alone;
//! - for each photo or file a line, `unit hash size`, then its bytes and the end of a line.
//!
//! Changes may stand in any order and more than once; who takes a bundle in gets what is new. The
//! first form, which had no files and did not say its length, is still read.

use crate::attachment::FileHash;
use crate::document::chunk::Budget;
use crate::document::{self, Chunk, Document, genesis, hex, unhex};
use crate::id::{DocumentId, UnitId};
use crate::limits::{BUNDLE_BYTES, CHANGE_BYTES, FILE_BYTES};
use crate::trust::{Key, PublicKey, Purpose, Seal, digest};
use std::collections::BTreeMap;
use thiserror::Error;

const HEAD: &str = "tongban-bundle 2 ";

/// The line of who has written a bundle begins so.
const SEAL: &str = "seal ";

/// The first line of the first form.
const FIRST_HEAD: &str = "tongban-bundle 1\n";

/// Bytes of the longest first line, and of the longest line before a file.
pub const LINE_BYTES: usize = 160;

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
    /// The changes before the cut are whole.
    #[error("数据文件里的第 {0} 个附件不完整，它和之后的附件没有读取；请重新拷贝一份")]
    CutFile(usize),
}

/// A photo or file of a unit in a bundle, whose bytes stand behind its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarriedFile {
    pub unit: UnitId,
    pub hash: FileHash,
    /// Bytes of the content.
    pub size: usize,
}

impl CarriedFile {
    /// The line that goes before the content; the end of a line goes behind it.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {} {}\n", self.unit, self.hash, self.size)
    }

    /// The line at the beginning of some bytes, the first of a bundle that has not been read, and how
    /// many bytes long it is; none at their end.
    ///
    /// # Errors
    /// [`BundleError::CutFile`] with its `number` when this is no such line, or it says to be larger
    /// than files are.
    pub fn read(begin: &[u8], number: usize) -> Result<Option<(Self, usize)>, BundleError> {
        if begin.is_empty() {
            return Ok(None);
        }
        let read = || {
            let length = begin.iter().take(LINE_BYTES).position(|byte| *byte == b'\n')?;
            let mut words = std::str::from_utf8(&begin[..length]).ok()?.split(' ');
            let (unit, hash) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let size = words.next()?.parse::<usize>().ok()?;
            let fits = size as u64 <= FILE_BYTES && words.next().is_none();
            fits.then_some((Self { unit, hash, size }, length + 1))
        };
        read().map(Some).ok_or(BundleError::CutFile(number))
    }
}

/// A bundle of documents, each with its changes, signed by whoever writes it. Photos and files go
/// behind it, each by its [`CarriedFile::line`].
#[must_use]
pub fn write(documents: impl IntoIterator<Item = (DocumentId, Vec<Chunk>)>, by: &Key) -> Vec<u8> {
    let mut lines = String::new();
    for (id, chunks) in documents {
        for chunk in chunks {
            lines.push_str(&format!("{id} {}\n", hex(&chunk.bytes)));
        }
    }
    let seal = by.seal(Purpose::Bundle, lines.as_bytes());
    lines.push_str(&format!("{SEAL}{} {}\n", by.public(), hex(&seal.signature)));
    let head = format!("{HEAD}{}\n", lines.len());
    [head.as_bytes(), lines.as_bytes()].concat()
}

/// How many bytes the first line and the changes of a bundle are, by its first [`LINE_BYTES`]; all of it
/// for the first form, which says nothing.
///
/// # Errors
/// [`BundleError`] for a file of another form or beyond the bounds.
pub fn extent(begin: &[u8]) -> Result<usize, BundleError> {
    if begin.starts_with(FIRST_HEAD.as_bytes()) {
        return Ok(usize::MAX);
    }
    let said = || {
        let rest = begin.strip_prefix(HEAD.as_bytes())?;
        let length = rest.iter().take(LINE_BYTES).position(|byte| *byte == b'\n')?;
        let lines = std::str::from_utf8(&rest[..length]).ok()?.parse::<usize>().ok()?;
        Some((HEAD.len() + length + 1, lines))
    };
    let (head, lines) = said().ok_or(BundleError::NotABundle)?;
    if lines > BUNDLE_BYTES { Err(BundleError::TooLarge) } else { Ok(head + lines) }
}

/// The key of the server or device that has written the changes of a bundle as they stand. Nobody when it is
/// not signed, is cut or was changed since.
#[must_use]
pub fn signer(bytes: &[u8]) -> Option<PublicKey> {
    let bytes = bytes.get(..extent(bytes).ok()?)?;
    let head = bytes.iter().position(|byte| *byte == b'\n')? + 1;
    let lines = bytes[head..].strip_suffix(b"\n")?;
    let last = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let (signed, line) = lines.split_at(last);
    let (key, signature) = std::str::from_utf8(line).ok()?.strip_prefix(SEAL)?.split_once(' ')?;
    let key: PublicKey = key.parse().ok()?;
    let signature = unhex(signature)?.try_into().ok()?;
    key.made(&Seal { digest: digest(Purpose::Bundle, signed), signature }).then_some(key)
}

/// The changes of a bundle, as bytes that nobody has looked into yet. Bytes behind them are not read.
///
/// # Errors
/// [`BundleError`] for a file of another form, a cut or damaged line, or one beyond the bounds.
pub fn read(bytes: &[u8]) -> Result<Vec<(DocumentId, Vec<u8>)>, BundleError> {
    let extent = extent(bytes)?;
    let bytes = &bytes[..extent.min(bytes.len())];
    if bytes.len() > BUNDLE_BYTES + LINE_BYTES {
        return Err(BundleError::TooLarge);
    }
    let head = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = &bytes[head..];
    if extent != usize::MAX && bytes.len() < extent {
        return Err(BundleError::Incomplete(lines.split(|byte| *byte == b'\n').count() + 1));
    }
    let mut changes = Vec::new();
    let lines = match lines.strip_suffix(b"\n") {
        Some(lines) => lines,
        None if lines.is_empty() => return Ok(changes),
        // The last line was cut.
        None => return Err(BundleError::Incomplete(lines.split(|byte| *byte == b'\n').count() + 1)),
    };
    for (number, line) in lines.split(|byte| *byte == b'\n').enumerate() {
        if line.starts_with(SEAL.as_bytes()) {
            continue;
        }
        let change = || {
            let (id, bytes) = std::str::from_utf8(line).ok()?.trim_end_matches('\r').split_once(' ')?;
            let bytes = unhex(bytes).filter(|bytes| bytes.len() <= CHANGE_BYTES)?;
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
        // Small on the disk, they may be vast.
        let mut budget = Budget::foreign();
        if !chunks.iter().all(|chunk| budget.spend(chunk).is_ok()) {
            return Err(BundleError::Document(id));
        }
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
        let chunk = Chunk { bytes: vec![0xab, 0xcd], ..Chunk::default() };
        let whole = write([(id, vec![chunk.clone(), chunk])], &Key::from_seed(&[1; 32]));
        let all = Ok(vec![(id, vec![0xab, 0xcd]); 2]);
        assert_eq!(read(&whole), all);
        assert_eq!(read(b"something"), Err(BundleError::NotABundle));
        assert_eq!(read(&whole[..HEAD.len()]), Err(BundleError::NotABundle));
        let text = String::from_utf8(whole.clone()).expect("text");
        // The form before this one, in which nothing says where the last line ends.
        let lines = text.split_once('\n').and_then(|(_, lines)| Some(&lines[..lines.find(SEAL)?]));
        let lines = lines.expect("lines");
        let first = format!("{FIRST_HEAD}{lines}").into_bytes();
        assert_eq!(read(&first), all);
        assert_eq!(read(FIRST_HEAD.as_bytes()), Ok(Vec::new()));
        for (whole, last) in [(&whole, 4), (&first, 3)] {
            assert_eq!(read(&whole[..whole.len() - 1]), Err(BundleError::Incomplete(last)));
            assert_eq!(read(&whole[..whole.len() - 2]), Err(BundleError::Incomplete(last)));
        }
        let line = lines.len() / 2;
        assert_eq!(read(&first[..first.len() - line]).map(|all| all.len()), Ok(1), "cut between lines");
        let cut = whole.len() - text.len() + text.find(SEAL).expect("a seal");
        assert_eq!(read(&whole[..cut]), Err(BundleError::Incomplete(4)), "nothing is missing but the seal");
        assert_eq!(read(text.replacen("abcd", "abc_", 1).as_bytes()), Err(BundleError::Incomplete(2)));
        let vast = format!("{HEAD}{}\n", BUNDLE_BYTES + 1);
        assert_eq!(extent(vast.as_bytes()), Err(BundleError::TooLarge));
        assert_eq!(extent(format!("{HEAD}-1\n").as_bytes()), Err(BundleError::NotABundle));
    }

    #[test]
    fn who_has_written_a_bundle_is_known_as_long_as_nobody_changes_it() {
        let key = Key::from_seed(&[1; 32]);
        let id = DocumentId::from_bytes([7; 16]);
        let whole = write([(id, vec![Chunk { bytes: vec![0xab, 0xcd], ..Chunk::default() }])], &key);
        assert_eq!(signer(&whole), Some(key.public()));
        let with_files = [&whole[..], b"whatever stands behind"].concat();
        assert_eq!(signer(&with_files), Some(key.public()));
        let text = String::from_utf8(whole.clone()).expect("text");
        let other = Key::from_seed(&[2; 32]).public().to_string();
        for changed in [
            text.replacen("abcd", "abce", 1),
            text.replace(&key.public().to_string(), &other),
            text.replace(SEAL, "sealed "),
            text.replacen("abcd\n", "abcd\r", 1),
            format!("{FIRST_HEAD}{}", text.split_once('\n').expect("lines").1),
            text[..text.len() - 1].to_owned(),
        ] {
            assert_eq!(signer(changed.as_bytes()), None, "{changed}");
        }
        // A line more, and the length with it.
        let (head, lines) = text.split_once('\n').expect("lines");
        let more = format!("{id} ab\n{lines}");
        let longer = format!("{HEAD}{}\n{more}", more.len());
        assert!(head.starts_with(HEAD) && read(longer.as_bytes()).is_ok_and(|all| all.len() == 2));
        assert_eq!(signer(longer.as_bytes()), None);
        assert_eq!(signer(b""), None);
    }

    #[test]
    fn files_stand_behind_the_changes() {
        let (unit, hash) = (UnitId::from_bytes([3; 16]), FileHash::of(b"photo"));
        let file = CarriedFile { unit, hash, size: 5 };
        let changes = write([], &Key::from_seed(&[1; 32]));
        let whole = [changes.as_slice(), file.line().as_bytes(), b"photo\n"].concat();
        assert_eq!(read(&whole), Ok(Vec::new()), "the changes end where the first line says");
        assert_eq!(extent(&whole), Ok(changes.len()));
        let line = file.line().len();
        assert!(line <= LINE_BYTES);
        assert_eq!(CarriedFile::read(&whole[changes.len()..], 1), Ok(Some((file, line))));
        assert_eq!(CarriedFile::read(&[], 2), Ok(None));
        for spoilt in [
            file.line().trim_end().to_owned(),
            file.line().replace(' ', "  "),
            CarriedFile { size: usize::MAX, ..file }.line(),
            format!("{} more\n", file.line().trim_end()),
        ] {
            assert_eq!(CarriedFile::read(spoilt.as_bytes(), 7), Err(BundleError::CutFile(7)), "{spoilt}");
        }
    }
}
