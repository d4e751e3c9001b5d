//! The statements of a space, checked once, and the judgement on entries by them.

use super::statement::Statement;
use super::trusted::trusted;
use super::{
    Certificate, Ending, Endorsement, MARK_BYTES, Opened, Proofs, PublicKey, WRITER_BYTES, device_of,
    mark_in, mark_of,
};
use crate::access::{AccountRole, may_write_entry};
use crate::entry::Entry;
use crate::id::{BoardId, DeviceId, PersonId, SpaceId, UnitId};
use std::collections::{BTreeMap, BTreeSet};

/// Why an entry does not count. It stays where it is; administrators see it with this reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Doubt {
    #[error("没有签名")]
    Unsigned,
    #[error("签名不符，内容或署名被改过")]
    Forged,
    #[error("这台设备还没有登记")]
    UnknownDevice,
    #[error("署名的人或单位不是这台设备的")]
    NotTheirs,
    #[error("设备已停止使用或职责已变更，服务器此前没有收到过这条记录")]
    Ended,
    #[error("当时的角色不能作这类记录")]
    Role,
    #[error("从别的清单或别的单位搬来的记录")]
    Misplaced,
    #[error("这台设备用同一编号签了两条不同的记录，先到的有效")]
    Forked,
}

impl Doubt {
    /// Every doubt.
    pub const ALL: [Self; 8] = [
        Self::Unsigned,
        Self::Forged,
        Self::UnknownDevice,
        Self::NotTheirs,
        Self::Ended,
        Self::Role,
        Self::Misplaced,
        Self::Forked,
    ];

    /// Its word in the audit trail.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Forged => "forged",
            Self::UnknownDevice => "unknown_device",
            Self::NotTheirs => "not_theirs",
            Self::Ended => "ended",
            Self::Role => "role",
            Self::Misplaced => "misplaced",
            Self::Forked => "forked",
        }
    }
}

/// Digits of a certified device's writer, which is written as its actor is.
const WRITER_DIGITS: usize = 2 * (16 + WRITER_BYTES);

/// Serials under which a device that knows itself alone takes its own records for its own.
const MOST_SERIALS: u32 = 1000;

/// The rights to act in a space, by the statements in it that a trusted server has signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// Servers whose statements hold, with their names; without one nothing can be judged.
    authorities: BTreeMap<PublicKey, String>,
    /// The same by the marks under which they write themselves.
    marks: BTreeMap<[u8; MARK_BYTES], PublicKey>,
    /// One's own server, and the people whom it has certified.
    own: Option<(PublicKey, BTreeSet<PersonId>)>,
    /// The servers that one's own has endorsed itself.
    near: BTreeSet<PublicKey>,
    certificates: BTreeMap<DeviceId, BTreeMap<u32, Certificate>>,
    endings: BTreeMap<(DeviceId, u32), Vec<Ending>>,
}

impl Register {
    /// Reads the statements of a space, once. `root` is the key of one's own server, which was told when
    /// somebody signed in; the servers that it endorses are trusted too, and those that they endorse.
    #[must_use]
    pub fn read(space: SpaceId, proofs: &Proofs, root: PublicKey) -> Self {
        let mut opened = Opened::default();
        opened.take(space, proofs);
        Self::of(&opened, root)
    }

    /// The register by statements that were opened before; no signature is checked.
    #[must_use]
    pub fn of(opened: &Opened, root: PublicKey) -> Self {
        let endorsements: Vec<Endorsement> = opened.endorsements.values().flatten().cloned().collect();
        let authorities = trusted(BTreeMap::from([(root, String::new())]), &endorsements);
        let mut certificates: Vec<Certificate> = opened.certificates.values().flatten().cloned().collect();
        let people = certificates.iter().filter(|one| one.authority == root).map(|one| one.person).collect();
        let near = endorsements.iter().filter(|one| one.authority == root && one.key != root);
        let near = near.map(|one| one.key).collect();
        let marks = authorities.keys().rev().map(|key| (mark_of(key), *key)).collect();
        let mut register = Self { authorities, marks, own: Some((root, people)), near, ..Self::default() };
        // One's own server says first whose devices are its own: no other takes one over.
        certificates.sort_by_key(|one| one.authority != root);
        for one in certificates {
            register.certify(one);
        }
        for one in Ending::whole(opened.endings.values().flatten().cloned()) {
            if !register.authorities.contains_key(&one.authority) {
                continue;
            }
            // Only the server that certified a device ends it.
            let certified = register.certificates.get(&one.device).and_then(|all| all.get(&one.serial));
            if certified.is_some_and(|certified| certified.authority == one.authority) {
                register.endings.entry((one.device, one.serial)).or_default().push(one);
            }
        }
        register
    }

    /// The register of a device that reads no statements, as that of an enterprise: it knows itself.
    #[must_use]
    pub fn alone(own: Certificate) -> Self {
        let mut register = Self {
            authorities: BTreeMap::from([(own.authority, String::new())]),
            marks: BTreeMap::from([(mark_of(&own.authority), own.authority)]),
            ..Self::default()
        };
        // Entries from before it was certified anew are its own too.
        for serial in own.serial.saturating_sub(MOST_SERIALS) + 1..=own.serial {
            register.certify(Certificate { serial, ..own.clone() });
        }
        register
    }

    /// Takes a certificate of a trusted server in. The id of a device is that of its key, and it stays
    /// with the server that certified it; nobody else certifies a device for a person of one's own server;
    /// serials count from 1.
    fn certify(&mut self, one: Certificate) {
        let fits =
            self.authorities.contains_key(&one.authority) && one.serial > 0 && one.device == one.key.device();
        if !fits {
            return;
        }
        if !self.is_of_another(&one) {
            self.certificates.entry(one.device).or_default().entry(one.serial).or_insert(one);
        }
    }

    /// Whether another server than that of a certificate has certified its device, or one's own its person.
    fn is_of_another(&self, one: &Certificate) -> bool {
        let of_device = self.certificates.get(&one.device);
        of_device.is_some_and(|all| all.values().any(|known| known.authority != one.authority))
            || self.is_of_us(one.person) && !self.is_own(one.authority)
    }

    /// The servers that are trusted, with the names under which they were endorsed.
    #[must_use]
    pub const fn authorities(&self) -> &BTreeMap<PublicKey, String> {
        &self.authorities
    }

    /// The devices that were ever certified, each with its newest certificate and whether that is
    /// in force.
    pub fn devices(&self) -> impl Iterator<Item = (&Certificate, bool)> {
        self.certificates.values().filter_map(|all| {
            let (serial, newest) = all.last_key_value()?;
            Some((newest, !self.endings.contains_key(&(newest.device, *serial))))
        })
    }

    /// How many devices one's own server has first certified for a person at or after a moment, in
    /// milliseconds since 1970, whatever became of them.
    #[must_use]
    pub fn first_certified(&self, person: PersonId, since: i64) -> usize {
        let first = self.certificates.values().filter_map(|all| all.values().next());
        let own = first.filter(|one| one.person == person && self.is_own(one.authority));
        own.filter(|one| one.issued >= since).count()
    }

    /// Whether a key is that of one's own server.
    #[must_use]
    pub fn is_own(&self, authority: PublicKey) -> bool {
        self.own.as_ref().is_some_and(|(own, _)| *own == authority)
    }

    /// Whether one's own server has certified a device for a person.
    #[must_use]
    pub fn is_of_us(&self, person: PersonId) -> bool {
        self.own.as_ref().is_some_and(|(_, people)| people.contains(&person))
    }

    /// Whether one's own server has certified a device for anybody of a unit.
    #[must_use]
    pub fn has_people_in(&self, unit: UnitId) -> bool {
        let all = self.certificates.values().flat_map(BTreeMap::values);
        all.filter(|one| self.is_own(one.authority)).any(|one| one.unit == unit)
    }

    /// The server on which something was written under an actor, by its people or by itself; none where the
    /// actor does not say it, as those of programs before.
    #[must_use]
    pub fn home_of(&self, actor: &[u8]) -> Option<PublicKey> {
        let by_device = device_of(actor).and_then(|device| self.certified_by(device));
        by_device.or_else(|| self.server_of(actor))
    }

    /// The server under whose mark something was written, by itself as it says.
    #[must_use]
    pub fn server_of(&self, actor: &[u8]) -> Option<PublicKey> {
        self.marks.get(&mark_in(actor)?).copied()
    }

    /// The server that has certified a device.
    #[must_use]
    pub fn certified_by(&self, device: DeviceId) -> Option<PublicKey> {
        self.certificates.get(&device)?.values().next().map(|one| one.authority)
    }

    /// Whether one's own server exchanges documents with another one itself, by a link or by file: it has
    /// endorsed it.
    #[must_use]
    pub fn is_near(&self, authority: PublicKey) -> bool {
        self.near.contains(&authority)
    }

    /// The certificate of a device that is in force.
    #[must_use]
    pub fn certificate(&self, device: DeviceId) -> Option<&Certificate> {
        let (serial, newest) = self.certificates.get(&device)?.last_key_value()?;
        (!self.endings.contains_key(&(device, *serial))).then_some(newest)
    }

    /// The serial that the next certificate of a device gets.
    #[must_use]
    pub fn next_serial(&self, device: DeviceId) -> u32 {
        let last = self.certificates.get(&device).and_then(|all| all.last_key_value());
        last.map_or(1, |(serial, _)| serial + 1)
    }

    /// For whom the device that an actor names was certified, the newest first: nobody for an actor of
    /// no device. A server takes changes under an actor from its own device only.
    pub fn certified_for(&self, actor: &[u8]) -> impl Iterator<Item = (PersonId, UnitId)> {
        let all = device_of(actor).and_then(|device| self.certificates.get(&device));
        all.into_iter().flat_map(|all| all.values().rev().map(|one| (one.person, one.unit)))
    }

    /// The key under which a device was first certified.
    #[must_use]
    pub fn key_of(&self, device: DeviceId) -> Option<PublicKey> {
        self.certificates.get(&device)?.values().next().map(|one| one.key)
    }

    /// The statements of servers that are trusted here, or become trusted by them. Servers that know different
    /// devices let each other's in.
    #[must_use]
    pub fn of_trusted(&self, space: SpaceId, mut proofs: Proofs) -> Proofs {
        let endorsed: Vec<Endorsement> =
            proofs.endorsements.iter().filter_map(|bytes| Endorsement::open(space, bytes)).collect();
        let authorities = trusted(self.authorities.clone(), &endorsed);
        let known = |authority: Option<PublicKey>| {
            authority.is_some_and(|authority| authorities.contains_key(&authority))
        };
        proofs.endorsements.retain(|bytes| known(Endorsement::open(space, bytes).map(|one| one.authority)));
        proofs.certificates.retain(|bytes| known(Certificate::open(space, bytes).map(|one| one.authority)));
        proofs.endings.retain(|bytes| known(Ending::open(space, bytes).map(|one| one.authority)));
        proofs
    }

    /// The certificates and endings among statements, opened; none where one of all statements is not of a
    /// server that is trusted here or becomes trusted by them.
    #[must_use]
    pub fn open_trusted(&self, space: SpaceId, proofs: &Proofs) -> Option<(Vec<Certificate>, Vec<Ending>)> {
        let open = |bytes| Endorsement::open(space, bytes);
        let endorsed: Vec<Endorsement> =
            proofs.endorsements.iter().map(|bytes| open(bytes)).collect::<Option<_>>()?;
        let authorities = trusted(self.authorities.clone(), &endorsed);
        let known = |authority: PublicKey| authorities.contains_key(&authority);
        let certificates = proofs.certificates.iter().map(|bytes| Certificate::open(space, bytes));
        let endings = proofs.endings.iter().map(|bytes| Ending::open(space, bytes));
        let (certificates, endings): (Vec<Certificate>, Vec<Ending>) =
            (certificates.collect::<Option<_>>()?, endings.collect::<Option<_>>()?);
        let all =
            endorsed.iter().map(|one| one.authority).chain(certificates.iter().map(|one| one.authority));
        let all = all.chain(endings.iter().map(|one| one.authority)).all(known);
        all.then_some((certificates, endings))
    }

    /// Those of them that a file may add to what is known: a device that a server has certified stays its
    /// own, as do the people of one's own server, and a device that two servers claim in one file is nobody's.
    #[must_use]
    pub fn addable(&self, space: SpaceId, proofs: Proofs) -> Proofs {
        let mut proofs = self.of_trusted(space, proofs);
        let opened = |bytes: &Vec<u8>| Certificate::open(space, bytes);
        let mut claims: BTreeMap<DeviceId, BTreeSet<PublicKey>> = BTreeMap::new();
        for one in proofs.certificates.iter().filter_map(opened) {
            claims.entry(one.device).or_default().insert(one.authority);
        }
        proofs.certificates.retain(|bytes| {
            opened(bytes).is_some_and(|one| claims[&one.device].len() == 1 && !self.is_of_another(&one))
        });
        proofs
    }

    /// Whether an entry in the log of a unit counts: all but its signature, which [`Register::holds`]
    /// checks. Records that bind nobody count without a signature, as programs before it wrote them.
    /// `lead` is the unit that led the board when it was written.
    ///
    /// # Errors
    /// The [`Doubt`] that keeps it from counting.
    pub fn judge(
        &self,
        entry: &Entry,
        (board, unit): (BoardId, UnitId),
        lead: Option<UnitId>,
    ) -> Result<(), Doubt> {
        if entry.subject.board != board || entry.author.unit != unit {
            return Err(Doubt::Misplaced);
        }
        if self.authorities.is_empty() {
            return Ok(());
        }
        if entry.seal.is_none() {
            // Written before there were signatures; under the writer of a certified device it is forged.
            let posing = entry.author.writer.len() == WRITER_DIGITS;
            return match entry.kind {
                kind if kind.is_official() => Err(Doubt::Unsigned),
                _ if posing => Err(Doubt::Forged),
                kind if kind.must_be_signed() => Err(Doubt::Unsigned),
                _ => Ok(()),
            };
        }
        let named = self.named_by(entry).ok_or(Doubt::UnknownDevice)?;
        if (named.person, named.unit) != (entry.author.person, entry.author.unit) {
            return Err(Doubt::NotTheirs);
        }
        let writer = &entry.author.writer;
        let own_writer =
            writer.len() == WRITER_DIGITS && writer.starts_with(&crate::document::hex(named.device.bytes()));
        if !own_writer || !entry.has_own_id() {
            return Err(Doubt::Forged);
        }
        if !may_write_entry(named.role, entry, lead) {
            return Err(Doubt::Role);
        }
        let endings = self.endings.get(&(named.device, named.serial)).map_or(&[][..], Vec::as_slice);
        if endings.iter().all(|ending| ending.seen.contains(&entry.id)) {
            return Ok(());
        }
        // Nobody had seen it when the role ended: it counts when it may be written today as well.
        let today = self.certificate(named.device).filter(|today| {
            (today.person, today.unit) == (named.person, named.unit)
                && may_write_entry(today.role, entry, lead)
        });
        today.map(|_| ()).ok_or(Doubt::Ended)
    }

    /// Whether the signature of an entry is that of the device it names.
    ///
    /// # Errors
    /// [`Doubt::UnknownDevice`] or [`Doubt::Forged`].
    pub fn holds(&self, entry: &Entry) -> Result<(), Doubt> {
        let Some(seal) = &entry.seal else { return Ok(()) };
        if self.authorities.is_empty() {
            return Ok(());
        }
        let named = self.named_by(entry).ok_or(Doubt::UnknownDevice)?;
        if named.key.made(seal) { Ok(()) } else { Err(Doubt::Forged) }
    }

    /// The role that the author of an entry was certified in, if the certificate is known.
    #[must_use]
    pub fn role_of(&self, entry: &Entry) -> Option<AccountRole> {
        self.named_by(entry).map(|named| named.role)
    }

    /// The certificate under which an entry was written; a device that was not certified yet wrote
    /// under its first one.
    fn named_by(&self, entry: &Entry) -> Option<&Certificate> {
        let all = self.certificates.get(&entry.author.device)?;
        match entry.certificate {
            Some(serial) => all.get(&serial),
            None => all.values().next(),
        }
    }
}
