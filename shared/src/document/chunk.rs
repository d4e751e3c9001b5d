//! Chunks of others, counted before automerge reads them: it walks whatever a run says, inflates
//! without a bound and panics over numbers that do not fit.
//!
//! A chunk is a head (magic, four bytes of its checksum, which kind it is, a length) and its content.
//! Here everything is counted that automerge would make of it, at the cost of its bytes alone:
//! operations, changes, the operations that these name, actors, ancestors, bytes when inflated. Whether
//! the checksum is right and what the values are automerge asks itself, of no more than what was counted.

mod change;
mod columns;
mod run;
mod sum;
mod whole;

use super::{DocumentError, guarded};
use crate::limits::{ANCESTORS, CHANGE_BYTES, CHANGE_OPERATIONS, DOCUMENT_BYTES, DOCUMENT_OPERATIONS};
use automerge::{AutoCommit, Change};
use std::io::Read;
pub use sum::is_as_written;

/// Bytes before the length of a chunk: magic, checksum, kind.
const HEAD: usize = 9;
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const DOCUMENT: u8 = 0;
const CHANGE: u8 = 1;
const COMPRESSED: u8 = 2;

/// Why a chunk is not handed to automerge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("不是数据块，或不完整")]
    Cut,
    /// automerge knows other kinds, which nobody here writes.
    #[error("未知的数据块（类型 {0}）")]
    Kind(u8),
    #[error("数据列未知、重复或次序不对")]
    Columns,
    #[error("各数据列的行数不一致")]
    Rows,
    #[error("序号超出可能的范围")]
    Numbers,
    #[error("内容与所称的长度不符")]
    Values,
    #[error("要删除或累加的内容没有指明")]
    Target,
    #[error("所依据的改动有误")]
    Ancestors,
    #[error("压缩内容无法展开")]
    Deflated,
    #[error("展开后过大")]
    TooLarge,
    #[error("改动过多")]
    TooMany,
}

impl Unfit {
    /// Whether it is well made and more than is taken.
    #[must_use]
    pub const fn is_too_much(self) -> bool {
        matches!(self, Self::TooLarge | Self::TooMany)
    }
}

/// How much of what automerge makes of bytes there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes, when everything is inflated.
    pub bytes: u64,
    pub changes: u64,
    pub operations: u64,
    /// Those of them that hold something.
    pub values: u64,
    /// Operations that these name: those they replace, or in a document those that replaced them.
    pub named: u64,
    /// Actors, heads and ancestors.
    pub names: u64,
    /// Bytes of keys and messages, each as often as it stands in a row.
    pub words: u64,
    /// Numbers in the clocks that automerge keeps.
    pub clocks: u64,
}

/// automerge copies what it reads: the chunk, its inflated form, what it keeps.
const COPIES: u64 = 3;

/// Bytes of memory that an operation takes while it is read, judged and applied, as was measured with
/// automerge 0.12: one that holds nothing, what its value takes besides, and another one that it names.
const OPERATION: u64 = 448;
const VALUE: u64 = 144;
const NAMED: u64 = 64;

/// The same of an actor or a hash.
const NAME: u64 = 96;

/// Bytes of memory that a change takes besides its content.
const KEPT: u64 = 512;

/// Bytes that are inflated first; then as many as are there already.
const INFLATED_AT_ONCE: u64 = 16 * 1024;

/// Bytes of a number in a clock.
const CLOCK: u64 = 4;

impl Size {
    /// Bytes of memory that it may take to read it.
    #[must_use]
    pub const fn weight(&self) -> u64 {
        let parts = [
            (self.operations, OPERATION),
            (self.values, VALUE),
            (self.named, NAMED),
            (self.names, NAME),
            (self.changes, KEPT),
            (self.bytes, COPIES),
            (self.words, 1),
            (self.clocks, CLOCK),
        ];
        let (mut sum, mut at) = (0_u64, 0);
        while at < parts.len() {
            sum = sum.saturating_add(parts[at].0.saturating_mul(parts[at].1));
            at += 1;
        }
        sum
    }

    /// Bytes of memory that it takes before it is judged and applied.
    #[must_use]
    pub const fn held(&self) -> u64 {
        let waiting = Self { operations: 0, values: 0, named: 0, clocks: 0, ..*self };
        waiting.weight()
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(other.bytes),
            changes: self.changes.saturating_add(other.changes),
            operations: self.operations.saturating_add(other.operations),
            values: self.values.saturating_add(other.values),
            named: self.named.saturating_add(other.named),
            names: self.names.saturating_add(other.names),
            words: self.words.saturating_add(other.words),
            clocks: self.clocks.saturating_add(other.clocks),
        }
    }
}

/// The count so far, and its bounds.
struct Meter {
    size: Size,
    most: u64,
    /// Bytes of this kind of chunk.
    most_bytes: u64,
    /// Ancestors of one change.
    most_ancestors: u64,
}

impl Meter {
    fn new(most: u64, most_ancestors: u64) -> Self {
        Self { size: Size::default(), most, most_bytes: 0, most_ancestors }
    }

    fn add(&mut self, more: Size) -> Result<(), Unfit> {
        let size = self.size.and(more);
        if size.bytes > self.most_bytes || size.bytes.saturating_mul(COPIES) > self.most {
            return Err(Unfit::TooLarge);
        }
        if size.weight() > self.most || size.operations > DOCUMENT_OPERATIONS {
            return Err(Unfit::TooMany);
        }
        self.size = size;
        Ok(())
    }

    fn bytes(&mut self, count: usize) -> Result<(), Unfit> {
        self.add(Size { bytes: count as u64, ..Size::default() })
    }

    fn changes(&mut self, changes: u64) -> Result<(), Unfit> {
        self.add(Size { changes, ..Size::default() })
    }

    fn operations(&mut self, operations: u64, values: u64, named: u64) -> Result<(), Unfit> {
        self.add(Size { operations, values, named, ..Size::default() })
    }

    fn names(&mut self, names: u64) -> Result<(), Unfit> {
        self.add(Size { names, ..Size::default() })
    }

    /// Looks whether a change may have so many ancestors.
    const fn ancestors(&self, count: u64) -> Result<(), Unfit> {
        if count > self.most_ancestors { Err(Unfit::TooMany) } else { Ok(()) }
    }

    fn words(&mut self, words: u64) -> Result<(), Unfit> {
        self.add(Size { words, ..Size::default() })
    }

    fn clocks(&mut self, clocks: u64) -> Result<(), Unfit> {
        self.add(Size { clocks, ..Size::default() })
    }

    /// Numbers that are listed one by one while they are counted: four bytes each, and twice as much again
    /// while their list grows.
    fn listed(&mut self, numbers: u64) -> Result<(), Unfit> {
        self.words(numbers.saturating_mul(12))
    }

    /// Deflated bytes, inflated as far as they may be, and counted.
    fn inflated(&mut self, deflated: &[u8]) -> Result<Vec<u8>, Unfit> {
        let left = self.most_bytes.min(self.most / COPIES).saturating_sub(self.size.bytes);
        let (mut content, mut inflater) = (Vec::new(), flate2::bufread::DeflateDecoder::new(deflated));
        // It grows up to the bound and not beyond it.
        while content.len() as u64 <= left {
            let room = (content.len() as u64).max(INFLATED_AT_ONCE).min(left + 1 - content.len() as u64);
            content.reserve_exact(usize::try_from(room).map_err(|_| Unfit::TooLarge)?);
            let came = inflater.by_ref().take(room).read_to_end(&mut content);
            if (came.map_err(|_| Unfit::Deflated)? as u64) < room {
                break;
            }
        }
        self.bytes(content.len())?;
        Ok(content)
    }
}

/// The chunks one behind the other.
///
/// # Errors
/// [`Unfit`] when the bytes are something else, or cut off.
pub fn chunks(mut bytes: &[u8]) -> Result<Vec<&[u8]>, Unfit> {
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let (_, begin, length) = head(bytes)?;
        let (chunk, rest) = bytes.split_at(begin + length);
        chunks.push(chunk);
        bytes = rest;
    }
    Ok(chunks)
}

/// Whether a chunk is a whole document.
pub(crate) fn is_document(chunk: &[u8]) -> bool {
    chunk.get(HEAD - 1) == Some(&DOCUMENT)
}

/// Whether one of some chunks is a whole document.
pub(crate) fn holds_document(bytes: &[u8]) -> bool {
    chunks(bytes).is_ok_and(|all| all.into_iter().any(is_document))
}

/// Whether none of some chunks is deflated, nor holds anything that is.
pub(crate) fn are_plain(bytes: &[u8]) -> bool {
    chunks(bytes).is_ok_and(|all| all.iter().all(|chunk| chunk.get(HEAD - 1) == Some(&CHANGE)))
}

/// Which kind a chunk is, where its content begins, and how long it is.
fn head(chunk: &[u8]) -> Result<(u8, usize, usize), Unfit> {
    let mut rest = chunk.get(HEAD..).filter(|_| chunk.starts_with(&MAGIC)).ok_or(Unfit::Cut)?;
    let length = usize::try_from(run::unsigned(&mut rest)?).map_err(|_| Unfit::Cut)?;
    if length > rest.len() {
        return Err(Unfit::Cut);
    }
    Ok((chunk[HEAD - 1], chunk.len() - rest.len(), length))
}

/// Counts one chunk that may weigh no more than `most`, and has no byte more than it says.
///
/// # Errors
/// [`Unfit`] when it is malformed in a way that could be counted, or too much.
pub fn measure(chunk: &[u8], most: u64) -> Result<Size, Unfit> {
    let mut meter = Meter::new(most, u64::MAX);
    count(chunk, &mut meter)?;
    Ok(meter.size)
}

fn count(chunk: &[u8], meter: &mut Meter) -> Result<(), Unfit> {
    let (kind, begin, length) = head(chunk)?;
    let content = &chunk[begin..];
    if length != content.len() {
        return Err(Unfit::Cut);
    }
    meter.most_bytes = if kind == DOCUMENT { DOCUMENT_BYTES } else { CHANGE_BYTES } as u64;
    meter.bytes(chunk.len())?;
    match kind {
        DOCUMENT => whole::count(content, meter)?,
        CHANGE => change::count(content, meter)?,
        COMPRESSED => {
            let content = meter.inflated(content)?;
            change::count(&content, meter)?;
        }
        kind => return Err(Unfit::Kind(kind)),
    }
    if kind != DOCUMENT && meter.size.operations > CHANGE_OPERATIONS {
        return Err(Unfit::TooMany);
    }
    Ok(())
}

/// How much of what comes together may still be read: of a message, a file, a store.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Bytes of memory.
    left: u64,
    /// Whether it came from outside: then each chunk may weigh by its own bytes, and all of them are held
    /// together, but applied a few at a time.
    foreign: bool,
    /// Each chunk may weigh no more than this, however large it is.
    most: u64,
    /// The same of whole documents: counting one takes about as much, where counting a change takes no more than it
    /// inflates to.
    most_of_document: u64,
}

/// A chunk may weigh so much however small it is: a text of the greatest length is deleted in a hundred
/// bytes.
const FREE: u64 = 52 * 1024 * 1024;

/// Each byte of a chunk may weigh so much besides: an operation that is not one of a run of equal ones
/// takes about a byte.
const PAID: u64 = 512;

/// A chunk from outside may weigh no more than this however large it is: half a million letters.
const MOST: u64 = 320 * 1024 * 1024;

/// Everything that comes together from outside may take so much while it is held and not yet applied.
const HELD: u64 = 128 * 1024 * 1024;

/// A whole document of one's own store may weigh so much, also where changes stand beside a snapshot that
/// holds them.
const STORED: u64 = 1024 * 1024 * 1024;

impl Budget {
    /// The budget of something that came from outside: a chunk of few bytes cannot cost much, and every
    /// reader takes each chunk that any other one takes.
    #[must_use]
    pub const fn foreign() -> Self {
        Self { left: HELD, foreign: true, most: MOST, most_of_document: MOST }
    }

    /// The budget of a whole document, from one's own store or from the server that keeps it.
    #[must_use]
    pub const fn kept() -> Self {
        Self { left: STORED, foreign: false, most: STORED, most_of_document: STORED }
    }

    /// The same of something that is counted only as far as it weighs no more than this.
    #[must_use]
    pub const fn foreign_within(most: u64) -> Self {
        Self { most, ..Self::foreign() }
    }

    /// The same as [`Budget::foreign`] where whole documents are counted only as far as that takes no more memory.
    pub(crate) fn foreign_counted_with(memory: u64) -> Self {
        Self { most_of_document: memory.min(MOST), ..Self::foreign() }
    }

    /// Bytes of memory that a chunk may weigh.
    fn most_of(self, chunk: &[u8]) -> u64 {
        if self.foreign {
            let most = if is_document(chunk) { self.most.min(self.most_of_document) } else { self.most };
            FREE.saturating_add(PAID.saturating_mul(chunk.len() as u64)).min(most)
        } else {
            self.left
        }
    }

    /// Counts some chunks one behind the other, and gives each with its size. A chunk that is refused costs
    /// as much as was counted of it; one that is too much costs all that is left.
    ///
    /// # Errors
    /// [`Unfit`] when one of them is malformed in a way that could be counted, or they are too much.
    pub fn spend<'a>(&mut self, bytes: &'a [u8]) -> Result<Vec<(&'a [u8], Size)>, Unfit> {
        let mut counted = Vec::new();
        for chunk in chunks(bytes)? {
            let ancestors = if self.foreign { ANCESTORS } else { u64::MAX };
            let mut meter = Meter::new(self.most_of(chunk), ancestors);
            let done = count(chunk, &mut meter);
            let cost = match done {
                Err(Unfit::TooLarge | Unfit::TooMany) => u64::MAX,
                Ok(()) if self.foreign => meter.size.held(),
                _ => meter.size.weight(),
            };
            let fits = cost <= self.left;
            self.left = self.left.saturating_sub(cost);
            done?;
            if !fits {
                return Err(Unfit::TooLarge);
            }
            counted.push((chunk, meter.size));
        }
        Ok(counted)
    }
}

/// The changes of some chunks one behind the other, changes or whole documents, none of them applied:
/// counted, then read. Whatever comes from outside is read here or by [`super::Document`].
///
/// # Errors
/// [`DocumentError`] when they are too much, or malformed.
pub(crate) fn changes(bytes: &[u8], budget: &mut Budget) -> Result<Vec<Change>, DocumentError> {
    let mut changes = Vec::new();
    for (chunk, _) in budget.spend(bytes)? {
        changes.extend(read(chunk)?);
    }
    Ok(changes)
}

/// The changes of one chunk that was counted.
pub(crate) fn read(chunk: &[u8]) -> Result<Vec<Change>, DocumentError> {
    if is_document(chunk) {
        return guarded(|| Ok(AutoCommit::load(chunk)?.get_changes(&[])));
    }
    change(chunk).map(|change| vec![change])
}

/// One change that was counted.
pub(super) fn change(chunk: &[u8]) -> Result<Change, DocumentError> {
    let read = || Change::try_from(chunk).map_err(|error| DocumentError::Corrupt(error.to_string()));
    let done = std::panic::catch_unwind(read);
    done.unwrap_or_else(|_| Err(DocumentError::Corrupt(super::MALFORMED.to_owned())))
}

#[cfg(test)]
mod tests;
