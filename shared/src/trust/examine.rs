//! An exported bundle checked as a whole, without a network: who signed what, and what does not count.

use super::statement::Statement;
use super::trusted::trusted;
use super::{Certificate, Doubt, Endorsement, Proofs, PublicKey, Register};
use crate::bundle::{self, BundleError};
use crate::document::{Document, Kind};
use crate::entry::Entry;
use crate::fold::Entries;
use crate::id::{BoardId, DocumentId, SpaceId, UnitId};
use crate::model::Space;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Why a bundle cannot be examined.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExamineError {
    #[error("{0}")]
    Bundle(#[from] BundleError),
    #[error("数据文件里没有空间文档，无从核对设备证书")]
    NoSpace,
    #[error("数据文件里没有服务器的证书，无从核对")]
    NoAuthority,
    #[error("数据文件里有 {0} 个服务器的证书，请用 --authority 指明信任哪一个：{1}")]
    SeveralAuthorities(usize, String),
}

/// The writer of a bundle, who answers for the changes that do not prove themselves: those of space and
/// boards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BundleWriter {
    /// A server that is trusted.
    Server,
    /// A device whose certificate is in force.
    Device(Certificate),
    /// Somebody unknown, or it was changed since, or nobody has signed it.
    #[default]
    Nobody,
}

/// Knowledge about a bundle before its changes are looked at.
#[derive(Debug, Default)]
pub struct Written {
    pub by: BundleWriter,
    /// The rights to act, by the known statements and those of the bundle.
    pub register: Register,
    /// The statements of trusted servers that are new.
    pub brought: Proofs,
}

/// The writer of a bundle, by its changes: asked of the known statements of a space, and of the bundle's own.
/// Statements prove themselves, whoever brings them.
#[must_use]
pub fn writer_of(changes: &[u8], (space, known): (SpaceId, &Proofs), root: PublicKey) -> Written {
    let mut proofs = known.clone();
    let id = DocumentId::space(space);
    let mut of_space = bundle::read(changes).unwrap_or_default();
    of_space.retain(|(document, _)| *document == id);
    if let Ok(documents) = bundle::open(of_space) {
        documents.values().for_each(|document| proofs.join(document.space().proofs));
    }
    // Known statements come first: a file does not give a known device to another server.
    let brought = Register::read(space, known, root).addable(space, proofs.beyond(known));
    let mut proofs = known.clone();
    proofs.join(brought.clone());
    let register = Register::read(space, &proofs, root);
    Written { by: writer_by(changes, &register), register, brought }
}

/// The same for a device that reads no statements, as that of an enterprise: it knows itself and nobody
/// else.
#[must_use]
pub fn writer_alone(changes: &[u8], own: Certificate) -> Written {
    let is_own = bundle::signer(changes) == Some(own.key);
    let register = Register::alone(own.clone());
    let by = if is_own { BundleWriter::Device(own) } else { BundleWriter::Nobody };
    Written { by, register, brought: Proofs::default() }
}

fn writer_by(changes: &[u8], register: &Register) -> BundleWriter {
    match bundle::signer(changes) {
        Some(key) if register.authorities().contains_key(&key) => BundleWriter::Server,
        Some(key) => match register.certificate(key.device()).filter(|one| one.key == key) {
            Some(certificate) => BundleWriter::Device(certificate.clone()),
            None => BundleWriter::Nobody,
        },
        None => BundleWriter::Nobody,
    }
}

/// The findings in a bundle.
#[derive(Debug, Clone, PartialEq)]
pub struct Examined {
    pub space: String,
    pub writer: BundleWriter,
    /// The unit of the device that wrote it.
    pub unit: Option<String>,
    /// The server whose key everything was checked with.
    pub authority: PublicKey,
    /// Devices with a certificate.
    pub devices: usize,
    pub boards: Vec<Finding>,
}

/// The findings on one board.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub board: BoardId,
    pub title: String,
    /// Entries whose signature holds and that count.
    pub signed: usize,
    /// Entries without a signature that bind nobody.
    pub unsigned: usize,
    /// Entries that do not count, with the name of the unit whose log they stand in.
    pub doubtful: Vec<(String, Entry, Doubt)>,
}

impl Examined {
    /// Whether everything counts, and somebody answers for the rest.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.writer != BundleWriter::Nobody && self.boards.iter().all(|board| board.doubtful.is_empty())
    }
}

/// Checks every entry of a bundle. Without an `authority` the one that certified the bundle's own
/// devices is taken, which proves that the bundle agrees with itself, not who made it.
///
/// # Errors
/// [`ExamineError`] when the bundle cannot be read or says nothing of its devices.
pub fn examine(bytes: &[u8], authority: Option<PublicKey>) -> Result<Examined, ExamineError> {
    let mut documents = bundle::open(bundle::read(bytes)?)?;
    let space = documents.iter().find(|(_, document)| document.kind() == Kind::Space);
    let (id, space) = space.map(|(id, space)| (*id, space.space())).ok_or(ExamineError::NoSpace)?;
    let space_id = SpaceId::from_bytes(*id.bytes());
    let authority = match authority {
        Some(authority) => authority,
        None => own_authority(space_id, &space)?,
    };
    let register = Register::read(space_id, &space.proofs, authority);
    let mut boards = Vec::new();
    for (board, listing) in &space.boards {
        if !documents.contains_key(&DocumentId::board(*board)) {
            continue;
        }
        let mut entries = Entries::default();
        for unit in space.units.keys() {
            take_log(&mut documents, &mut entries, (*board, *unit), &register);
        }
        entries.check_signatures(&register, usize::MAX);
        let signed = entries.all.values().filter(|entry| entry.seal.is_some()).count();
        boards.push(Finding {
            board: *board,
            title: listing.title.clone(),
            signed,
            unsigned: entries.all.len() - signed,
            doubtful: entries
                .apart()
                .map(|apart| (space.unit_name(apart.log.1), apart.entry.clone(), apart.doubt))
                .collect(),
        });
    }
    let writer = writer_by(bytes, &register);
    let unit = match &writer {
        BundleWriter::Device(certificate) => Some(space.unit_name(certificate.unit)),
        BundleWriter::Server | BundleWriter::Nobody => None,
    };
    let devices = register.devices().count();
    Ok(Examined { space: space.name.clone(), writer, unit, authority, devices, boards })
}

/// The servers that certified devices in a bundle and that a register does not trust, even when it
/// reads the bundle's own endorsements.
///
/// # Errors
/// As [`examine`].
pub fn strangers(bytes: &[u8], register: &Register) -> Result<Vec<PublicKey>, ExamineError> {
    let documents = bundle::open(bundle::read(bytes)?)?;
    let space = documents.iter().find(|(_, document)| document.kind() == Kind::Space);
    let (id, space) = space.ok_or(ExamineError::NoSpace)?;
    let (authorities, endorsements) = stated(SpaceId::from_bytes(*id.bytes()), &space.space());
    let known = trusted(register.authorities().clone(), &endorsements);
    Ok(authorities.into_iter().filter(|authority| !known.contains_key(authority)).collect())
}

fn take_log(
    documents: &mut BTreeMap<DocumentId, Document>,
    entries: &mut Entries,
    (board, unit): (BoardId, UnitId),
    register: &Register,
) {
    let Some(log) = documents.get(&DocumentId::log(board, unit)) else { return };
    let log = log.entries().0;
    let Some(content) = documents.get_mut(&DocumentId::board(board)) else { return };
    let lead = content.board().lead;
    for entry in log.into_values() {
        let lead_then = entry.kind.is_official().then(|| content.lead_at(&entry.heads)).flatten();
        entries.take(Entry { lead_then, ..entry }, (board, unit), register, lead);
    }
}

/// The servers that certified devices in a space, and whom they endorse.
fn stated(id: SpaceId, space: &Space) -> (BTreeSet<PublicKey>, Vec<Endorsement>) {
    let certificates = space.proofs.certificates.iter().filter_map(|bytes| Certificate::open(id, bytes));
    let endorsements = space.proofs.endorsements.iter().filter_map(|bytes| Endorsement::open(id, bytes));
    (certificates.map(|one| one.authority).collect(), endorsements.collect())
}

/// A server from which all the others follow.
fn own_authority(id: SpaceId, space: &Space) -> Result<PublicKey, ExamineError> {
    let (all, endorsements) = stated(id, space);
    if all.is_empty() {
        return Err(ExamineError::NoAuthority);
    }
    let covers = |root: &&PublicKey| {
        let known = trusted(BTreeMap::from([(**root, String::new())]), &endorsements);
        all.iter().all(|one| known.contains_key(one))
    };
    all.iter().find(covers).copied().ok_or_else(|| {
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        ExamineError::SeveralAuthorities(names.len(), names.join("、"))
    })
}
