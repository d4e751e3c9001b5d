//! Signed statements of servers: certificates of devices, their endings, and the other servers that may
//! certify. They are only ever added to a space.

use super::{Key, PublicKey, Purpose, Seal, digest};
use crate::access::AccountRole;
use crate::cbor;
use crate::id::{DeviceId, EntryId, PersonId, SpaceId, UnitId};
use crate::limits::{ENDING_ENTRIES, STATEMENT_BYTES};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A device acts for a person of a unit in a role. The next serial replaces the one before.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Certificate {
    #[n(0)]
    pub space: SpaceId,
    #[n(1)]
    pub device: DeviceId,
    /// Counts the certificates of a device from 1.
    #[n(2)]
    pub serial: u32,
    #[n(3)]
    pub key: PublicKey,
    #[n(4)]
    pub person: PersonId,
    #[n(5)]
    pub unit: UnitId,
    #[n(6)]
    pub role: AccountRole,
    /// Milliseconds since 1970, by the clock of the server.
    #[n(7)]
    pub issued: i64,
    /// The key of the server that states it.
    #[n(8)]
    pub authority: PublicKey,
}

/// A certificate ends: the role has changed, or the device is lost. Entries that the server had by
/// then keep their force (conflict 17).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ending {
    #[n(0)]
    pub space: SpaceId,
    #[n(1)]
    pub device: DeviceId,
    #[n(2)]
    pub serial: u32,
    /// Milliseconds since 1970, by the clock of the server.
    #[n(3)]
    pub at: i64,
    /// The entries of the device that the server had.
    #[n(4)]
    pub seen: BTreeSet<EntryId>,
    #[n(5)]
    pub authority: PublicKey,
    /// The part of an ending that names more entries than one statement holds; none of one that is whole.
    #[n(6)]
    pub part: Option<Part>,
}

/// The place of a statement among those that say one thing together. Nothing is said before all are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct Part {
    /// Counts from 1.
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub of: u32,
}

/// The fields that all parts of one ending share: device, serial, server, time, and how many parts there are.
type Together = (DeviceId, u32, PublicKey, i64, u32);

impl Ending {
    /// The same in as many statements as it takes, each made when it is asked for: a device ends however much
    /// it has written.
    pub fn in_parts(self) -> impl Iterator<Item = Self> {
        let plain = self.without_entries();
        let of = u32::try_from(self.seen.len().div_ceil(ENDING_ENTRIES)).unwrap_or(u32::MAX).max(1);
        let mut rest = self.seen.into_iter();
        (1..=of).map(move |number| Self {
            seen: rest.by_ref().take(ENDING_ENTRIES).collect(),
            part: (of > 1).then_some(Part { number, of }),
            ..plain.without_entries()
        })
    }

    fn without_entries(&self) -> Self {
        let Self { space, device, serial, at, authority, .. } = *self;
        Self { space, device, serial, at, seen: BTreeSet::new(), authority, part: None }
    }

    /// Whole endings of those that came, in whatever order: those of which a part is missing are none yet.
    pub(super) fn whole(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut whole = Vec::new();
        let mut parts: BTreeMap<Together, BTreeMap<u32, Self>> = BTreeMap::new();
        for one in all {
            match one.part {
                None => whole.push(one),
                Some(Part { number, of }) => {
                    let together = (one.device, one.serial, one.authority, one.at, of);
                    parts.entry(together).or_default().insert(number, one);
                }
            }
        }
        for ((.., of), parts) in parts {
            if (1..=of).all(|number| parts.contains_key(&number)) {
                let first = parts.values().next().map(Self::without_entries);
                let seen: BTreeSet<EntryId> = parts.into_values().flat_map(|part| part.seen).collect();
                whole.extend(first.map(|first| Self { seen, ..first }));
            }
        }
        whole
    }
}

/// A server trusts another one to certify the devices of its people.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Endorsement {
    #[n(0)]
    pub space: SpaceId,
    #[n(1)]
    pub key: PublicKey,
    #[n(2)]
    pub name: String,
    #[n(3)]
    pub at: i64,
    #[n(4)]
    pub authority: PublicKey,
}

/// The kind of a stored statement; its place in the space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stated {
    Certificate,
    Ending,
    Endorsement,
}

impl Stated {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Certificate, Self::Ending, Self::Endorsement];

    /// The kind of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Its word in the space.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Ending => "ending",
            Self::Endorsement => "endorsement",
        }
    }
}

/// The statements of a space as they are stored, unread.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proofs {
    pub certificates: BTreeSet<Vec<u8>>,
    pub endings: BTreeSet<Vec<u8>>,
    pub endorsements: BTreeSet<Vec<u8>>,
}

impl Proofs {
    /// The statements of a kind.
    pub const fn of_mut(&mut self, kind: Stated) -> &mut BTreeSet<Vec<u8>> {
        match kind {
            Stated::Certificate => &mut self.certificates,
            Stated::Ending => &mut self.endings,
            Stated::Endorsement => &mut self.endorsements,
        }
    }

    /// Every statement with its kind.
    pub fn iter(&self) -> impl Iterator<Item = (Stated, &Vec<u8>)> {
        let certificates = self.certificates.iter().map(|bytes| (Stated::Certificate, bytes));
        let endings = self.endings.iter().map(|bytes| (Stated::Ending, bytes));
        certificates.chain(endings).chain(self.endorsements.iter().map(|bytes| (Stated::Endorsement, bytes)))
    }

    /// Adds what others have: statements are only ever added.
    pub fn join(&mut self, other: Self) {
        self.certificates.extend(other.certificates);
        self.endings.extend(other.endings);
        self.endorsements.extend(other.endorsements);
    }

    /// The part of this that others do not have.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Self {
        let beyond = |own: &BTreeSet<Vec<u8>>, other| own.difference(other).cloned().collect();
        Self {
            certificates: beyond(&self.certificates, &other.certificates),
            endings: beyond(&self.endings, &other.endings),
            endorsements: beyond(&self.endorsements, &other.endorsements),
        }
    }

    /// Whether everything that was stated before still stands.
    #[must_use]
    pub fn keeps(&self, before: &Self) -> bool {
        before.certificates.is_subset(&self.certificates)
            && before.endings.is_subset(&self.endings)
            && before.endorsements.is_subset(&self.endorsements)
    }
}

/// The common parts of all statements.
pub trait Statement: Encode<()> + for<'b> Decode<'b, ()> + Sized {
    /// The purpose of their signatures.
    const PURPOSE: Purpose;

    /// Their place in the space.
    const KIND: Stated;

    /// The place of the statement and the server that states it.
    fn stated(&self) -> (SpaceId, PublicKey);

    /// The statement as it is stored, signed by the server that makes it.
    fn sign(&self, key: &Key) -> Vec<u8> {
        let never = |error| unreachable!("memory takes every byte: {error}");
        let payload = minicbor::to_vec(self).unwrap_or_else(never);
        let signature = key.seal(Self::PURPOSE, &payload).signature.to_vec();
        minicbor::to_vec(Signed { payload, signature })
            .unwrap_or_else(|error| unreachable!("memory takes every byte: {error}"))
    }

    /// The edit that puts it into its space.
    fn edit(&self, key: &Key) -> crate::edit::Edit {
        crate::edit::Edit::State { kind: Self::KIND, bytes: self.sign(key) }
    }

    /// A stored statement of a space, when its server's signature holds. There is one form of it: bytes
    /// that somebody has added to it would make it count as another one, any number of times.
    fn open(space: SpaceId, bytes: &[u8]) -> Option<Self> {
        let signed: Signed = (bytes.len() <= STATEMENT_BYTES).then(|| cbor::decode(bytes).ok())??;
        if minicbor::to_vec(&signed).ok()? != bytes {
            return None;
        }
        let statement: Self = cbor::decode(&signed.payload).ok()?;
        let (of, authority) = statement.stated();
        let seal = Seal {
            digest: digest(Self::PURPOSE, &signed.payload),
            signature: signed.signature.try_into().ok()?,
        };
        (of == space && authority.made(&seal)).then_some(statement)
    }
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Signed {
    #[cbor(n(0), with = "minicbor::bytes")]
    payload: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: Vec<u8>,
}

impl Statement for Certificate {
    const PURPOSE: Purpose = Purpose::Certificate;
    const KIND: Stated = Stated::Certificate;

    fn stated(&self) -> (SpaceId, PublicKey) {
        (self.space, self.authority)
    }
}

impl Statement for Ending {
    const PURPOSE: Purpose = Purpose::Ending;
    const KIND: Stated = Stated::Ending;

    fn stated(&self) -> (SpaceId, PublicKey) {
        (self.space, self.authority)
    }
}

impl Statement for Endorsement {
    const PURPOSE: Purpose = Purpose::Endorsement;
    const KIND: Stated = Stated::Endorsement;

    fn stated(&self) -> (SpaceId, PublicKey) {
        (self.space, self.authority)
    }
}
