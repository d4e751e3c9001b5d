//! Identifiers: 16 bytes, shown with a prefix that says what they name (`b_…`, `i_…`).
//!
//! The caller makes them, from a time and random bytes or from a fingerprint; this crate has
//! neither clock nor chance.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A text that is not an identifier of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("不是有效的编号：{0}")]
pub struct InvalidId(pub String);

/// Sixteen bytes that begin with the time, so that ids sort by age: 6 bytes of milliseconds, 10 of
/// chance.
#[must_use]
pub fn ulid_bytes(milliseconds: u64, random: [u8; 10]) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&random);
    bytes
}

/// Sixteen bytes that are the same wherever the same words are given.
#[must_use]
pub fn fingerprint(words: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for word in words {
        hash.update((word.len() as u64).to_be_bytes());
        hash.update(word.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    bytes
}

/// Sixteen bytes that are the same wherever the same bytes are given.
#[must_use]
pub fn fingerprint_of(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(bytes)[..16]);
    short
}

fn encode(bytes: &[u8; 16]) -> String {
    let number = u128::from_be_bytes(*bytes);
    (0..26).rev().map(|place| ALPHABET[(number >> (place * 5) & 31) as usize] as char).collect()
}

fn decode(text: &str) -> Option<[u8; 16]> {
    if text.len() != 26 || text.as_bytes()[0] > b'7' {
        return None;
    }
    let mut number: u128 = 0;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        number = number << 5 | digit as u128;
    }
    Some(number.to_be_bytes())
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// An identifier of these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, concat!($prefix, "_{}"), encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or_else(|| InvalidId(text.chars().take(40).collect()))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                encoder: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                encoder.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(decoder: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                decoder
                    .bytes()?
                    .try_into()
                    .map(Self)
                    .map_err(|_| minicbor::decode::Error::message("an identifier has 16 bytes"))
            }
        }
    )*};
}

identifiers! {
    /// A space: one city or cooperation with its units and boards.
    SpaceId "s";
    /// A unit or a group of units.
    UnitId "u";
    /// A person of a unit.
    PersonId "p";
    /// A browser on a machine.
    DeviceId "d";
    /// A board: one plan, list or campaign.
    BoardId "b";
    /// A section of a board.
    SectionId "c";
    /// An item of a board: a measure, a service, a duty.
    ItemId "i";
    /// A milestone of an item.
    MilestoneId "m";
    /// An indicator of a board.
    IndicatorId "n";
    /// A link between items.
    LinkId "l";
    /// An entry of a unit's log.
    EntryId "e";
}

/// Names a document on the wire: 16 bytes, written in base58 with a checksum as automerge-repo
/// writes them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId([u8; 16]);

impl DocumentId {
    /// A document id of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The document of a space.
    #[must_use]
    pub const fn space(space: SpaceId) -> Self {
        Self(*space.bytes())
    }

    /// The document of a board.
    #[must_use]
    pub const fn board(board: BoardId) -> Self {
        Self(*board.bytes())
    }

    /// The log of a unit on a board.
    #[must_use]
    pub fn log(board: BoardId, unit: UnitId) -> Self {
        Self(fingerprint(&["log", &board.to_string(), &unit.to_string()]))
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.0.to_vec();
        bytes.extend_from_slice(&checksum(&self.0));
        out.write_str(&base58(&bytes))
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for DocumentId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId(text.chars().take(40).collect());
        let bytes = from_base58(text).filter(|bytes| bytes.len() == 20).ok_or_else(invalid)?;
        let id: [u8; 16] = bytes[..16].try_into().map_err(|_| invalid())?;
        if bytes[16..] != checksum(&id) {
            return Err(invalid());
        }
        Ok(Self(id))
    }
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let twice = Sha256::digest(Sha256::digest(bytes));
    [twice[0], twice[1], twice[2], twice[3]]
}

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

fn base58(bytes: &[u8]) -> String {
    let mut digits: Vec<u8> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let letters = digits.iter().rev().map(|digit| BASE58[usize::from(*digit)] as char);
    std::iter::repeat_n('1', zeros).chain(letters).collect()
}

fn from_base58(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > 40 {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::new();
    for letter in text.bytes() {
        let mut carry = BASE58.iter().position(|other| *other == letter)? as u32;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    let zeros = text.bytes().take_while(|letter| *letter == b'1').count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_survive_being_written_and_read() {
        let id = ItemId::from_bytes(ulid_bytes(1_700_000_000_000, [7; 10]));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().starts_with("i_"));
        assert!("b_".parse::<ItemId>().is_err() && "i_zz".parse::<ItemId>().is_err());
    }

    #[test]
    fn document_ids_are_those_of_automerge_repo() {
        // Recorded from automerge-repo 2.5.6.
        for text in ["318cTmb5UwVzxKPGfncSk2uU4vAu", "3rP5LS9UKLR6MLbGmxsS7F6SqpQ8"] {
            let id: DocumentId = text.parse().expect("a recorded id");
            assert_eq!(id.to_string(), text);
        }
        assert!("318cTmb5UwVzxKPGfncSk2uU4vAv".parse::<DocumentId>().is_err(), "a wrong checksum");
        let zeros = DocumentId::from_bytes([0; 16]);
        assert_eq!(zeros.to_string().parse(), Ok(zeros));
    }

    #[test]
    fn later_ids_sort_behind_earlier_ones() {
        let id = |ms| BoardId::from_bytes(ulid_bytes(ms, [255; 10])).to_string();
        assert!(id(1) < id(2) && id(2) < id(1 << 40));
    }
}
