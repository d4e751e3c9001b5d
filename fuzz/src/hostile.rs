//! Chunks made by hand, well summed and of whatever runs: what no honest writer makes and every byte of
//! which automerge reads.

use crate::mutate::Chance;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// A number in LEB128.
#[must_use]
pub fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// A number with a sign in LEB128.
#[must_use]
pub fn signed(mut value: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 && byte & 0x40 == 0 || value == -1 && byte & 0x40 != 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// A run of one value, written as automerge does: a single one as a list of one.
#[must_use]
pub fn run(length: u64, value: &[u8]) -> Vec<u8> {
    let length = if length == 1 { -1 } else { i64::try_from(length).unwrap_or(i64::MAX) };
    [signed(length).as_slice(), value].concat()
}

/// A run of nothing.
#[must_use]
pub fn nothing(length: u64) -> Vec<u8> {
    [vec![0], number(length)].concat()
}

/// Some bytes behind their length.
#[must_use]
pub fn sized(bytes: &[u8]) -> Vec<u8> {
    [number(bytes.len() as u64).as_slice(), bytes].concat()
}

/// A chunk of a kind with its checksum, and its hash.
#[must_use]
pub fn sealed(kind: u8, content: &[u8]) -> (Vec<u8>, [u8; 32]) {
    let summed = [&[kind][..], &number(content.len() as u64), content].concat();
    let hash: [u8; 32] = Sha256::digest(&summed).into();
    ([&MAGIC[..], &hash[..4], &summed].concat(), hash)
}

/// Deflated bytes.
#[must_use]
pub fn deflated(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut reader = flate2::read::DeflateEncoder::new(content, flate2::Compression::best());
    let _ = reader.read_to_end(&mut packed);
    packed
}

/// Columns, each with its number: first the list of them, then their content.
fn columns(columns: &[(u32, Vec<u8>)]) -> (Vec<u8>, Vec<u8>) {
    let mut listed = number(columns.len() as u64);
    let mut content = Vec::new();
    for (about, column) in columns {
        let _ = listed.write_all(&number(u64::from(*about)));
        let _ = listed.write_all(&number(column.len() as u64));
        content.extend_from_slice(column);
    }
    (listed, content)
}

/// A change by its parts.
#[derive(Debug, Clone)]
pub struct Change {
    pub ancestors: Vec<[u8; 32]>,
    pub actor: Vec<u8>,
    pub sequence: u64,
    pub start: u64,
    pub columns: Vec<(u32, Vec<u8>)>,
}

impl Change {
    /// So many operations that each put nothing under one key of the root.
    #[must_use]
    pub fn of(operations: u64) -> Self {
        Self {
            ancestors: Vec::new(),
            actor: vec![7; 16],
            sequence: 1,
            start: 1,
            columns: vec![
                (0x15, run(operations, &sized(b"k"))),
                (0x34, number(operations)),
                (0x42, run(operations, &[1])),
                (0x56, run(operations, &[0])),
                (0x70, run(operations, &[0])),
            ],
        }
    }

    fn content(&self) -> Vec<u8> {
        let (listed, content) = columns(&self.columns);
        let mut bytes = number(self.ancestors.len() as u64);
        bytes.extend(self.ancestors.concat());
        bytes.extend(sized(&self.actor));
        bytes.extend(number(self.sequence));
        bytes.extend(number(self.start));
        // A time, no message, no other actor.
        bytes.extend([0, 0, 0]);
        bytes.extend(listed);
        bytes.extend(content);
        bytes
    }

    /// The change as it is sent, and its hash.
    #[must_use]
    pub fn sealed(&self) -> (Vec<u8>, [u8; 32]) {
        sealed(1, &self.content())
    }

    /// The same deflated; its checksum is that of the plain one.
    #[must_use]
    pub fn packed(&self) -> Vec<u8> {
        let content = deflated(&self.content());
        let (_, hash) = self.sealed();
        [&MAGIC[..], &hash[..4], &[2], &number(content.len() as u64), &content].concat()
    }
}

/// Changes one upon the other, each of so many operations.
#[must_use]
pub fn chain(count: u64, operations: u64) -> Vec<Vec<u8>> {
    let mut before = None;
    let each = |number: u64| {
        let ancestors = before.iter().copied().collect();
        let start = 1 + number * operations;
        let (bytes, hash) =
            Change { ancestors, sequence: number + 1, start, ..Change::of(operations) }.sealed();
        before = Some(hash);
        bytes
    };
    (0..count).map(each).collect()
}

/// A whole document by its parts.
#[derive(Debug, Clone)]
pub struct Whole {
    pub actors: Vec<Vec<u8>>,
    pub heads: Vec<[u8; 32]>,
    pub changes: Vec<(u32, Vec<u8>)>,
    pub operations: Vec<(u32, Vec<u8>)>,
}

impl Whole {
    /// One change of so many operations that each put nothing under one key of the root.
    #[must_use]
    pub fn of(operations: u64) -> Self {
        let count = i64::try_from(operations).unwrap_or(i64::MAX);
        Self {
            actors: vec![vec![7; 16]],
            heads: vec![Change::of(operations).sealed().1],
            changes: vec![
                (0x01, run(1, &[0])),
                (0x03, run(1, &[1])),
                (0x13, run(1, &signed(count))),
                (0x23, run(1, &[0])),
                (0x40, run(1, &[0])),
                (0x56, run(1, &[7])),
            ],
            operations: vec![
                (0x15, run(operations, &sized(b"k"))),
                (0x21, run(operations, &[0])),
                (0x23, run(operations, &[1])),
                (0x34, number(operations)),
                (0x42, run(operations, &[1])),
                (0x56, run(operations, &[0])),
                (0x80, run(operations, &[0])),
            ],
        }
    }

    /// The document as it is sent.
    #[must_use]
    pub fn sealed(&self) -> Vec<u8> {
        let (listed_changes, changes) = columns(&self.changes);
        let (listed_operations, operations) = columns(&self.operations);
        let mut bytes = number(self.actors.len() as u64);
        self.actors.iter().for_each(|actor| bytes.extend(sized(actor)));
        bytes.extend(number(self.heads.len() as u64));
        bytes.extend(self.heads.concat());
        bytes.extend([listed_changes, listed_operations, changes, operations].concat());
        bytes.extend(self.heads.iter().map(|_| 0));
        sealed(0, &bytes).0
    }
}

/// A length as an attacker would say it: small, at a bound, beyond every bound.
fn length(chance: &mut Chance) -> u64 {
    let near = |most: u64, chance: &mut Chance| most - 1 + chance.below(3) as u64;
    match chance.below(8) {
        0..3 => chance.below(20) as u64,
        3 => near(500_000, chance),
        4 => near(1 << 32, chance),
        5 => 1 << chance.below(63),
        6 => chance.below(200_000) as u64,
        _ => i64::MAX as u64,
    }
}

/// A run as an attacker would write it.
fn piece(chance: &mut Chance) -> Vec<u8> {
    let length = length(chance);
    match chance.below(7) {
        0 => nothing(length),
        1 => run(length, &signed(i64::MAX >> chance.below(63))),
        2 => run(length, &signed(i64::MIN >> chance.below(63))),
        3 => run(length, &sized(&vec![b'k'; chance.below(3000)])),
        4 => number(length),
        5 => (0..=chance.below(5)).flat_map(|_| number(chance.below(9) as u64)).collect(),
        _ => run(length, &number(chance.below(9) as u64)),
    }
}

fn twist(columns: &mut Vec<(u32, Vec<u8>)>, chance: &mut Chance) {
    for _ in 0..chance.below(4) {
        let at = chance.below(columns.len());
        match chance.below(5) {
            0 => columns.insert(at, (u32::try_from(chance.below(0xb0)).unwrap_or(0), piece(chance))),
            1 if !columns.is_empty() => _ = columns.remove(at),
            2 if !columns.is_empty() => columns[at].1.extend(piece(chance)),
            3 if !columns.is_empty() => {
                columns[at].0 |= 8;
                columns[at].1 = deflated(&columns[at].1.repeat(1 + chance.below(50)));
            }
            _ if !columns.is_empty() => columns[at].1 = piece(chance),
            _ => {}
        }
    }
    // Out of their order a chunk is refused at once: mostly they are in it.
    if chance.below(8) > 0 {
        columns.sort_by_key(|(about, _)| about & !8);
        columns.dedup_by_key(|(about, _)| *about & !8);
    }
}

/// A well-made container with hostile runs in it.
#[must_use]
pub fn chunk(chance: &mut Chance) -> Vec<u8> {
    let operations = length(chance);
    if chance.below(2) == 0 {
        let mut change = Change::of(operations);
        if chance.below(4) == 0 {
            change.start = length(chance);
            change.sequence = length(chance);
        }
        twist(&mut change.columns, chance);
        if chance.below(4) == 0 { change.packed() } else { change.sealed().0 }
    } else {
        let mut whole = Whole::of(operations);
        for _ in 0..chance.below(3) {
            whole.actors.push(vec![u8::try_from(chance.below(256)).unwrap_or(0); chance.below(20)]);
        }
        if chance.below(3) == 0 {
            twist(&mut whole.changes, chance);
        }
        twist(&mut whole.operations, chance);
        whole.sealed()
    }
}
