//! What may come in: asked of the changes themselves before anything is applied, for an applied
//! change cannot be taken out.

use super::Rights;
use crate::document::{self, MAX_CHANGE_BYTES};
use crate::entry::{Author, Entry, EntryKind, Subject};
use crate::id::{BoardId, DeviceId, EntryId, SpaceId, UnitId, fingerprint_of};
use crate::sync::RefusalCode;
use crate::trust::{Doubt, Proofs, Register, Stated};
use automerge::legacy::{Key, ObjectId, OpId, OpType};
use automerge::sync::Message;
use automerge::{AutoCommit, Change, ObjId as ExId, ROOT, ReadDoc, ScalarValue};
use std::io::Read;
use std::sync::Arc;

/// Whether a change stays within a size, also when it is compressed: automerge inflates without a
/// bound.
pub(super) fn inflates_within(change: &[u8], most: usize) -> bool {
    /// Magic, checksum, kind.
    const HEAD: usize = 9;
    const COMPRESSED: u8 = 2;
    if change.len() > most {
        return false;
    }
    if change.get(HEAD - 1) != Some(&COMPRESSED) {
        return true;
    }
    // The length, seven bits a byte, stands before the content.
    let Some(end) = change[HEAD..].iter().take(10).position(|byte| byte & 0x80 == 0) else { return false };
    let content = flate2::read::DeflateDecoder::new(&change[HEAD + end + 1..]);
    let inflated = std::io::copy(&mut content.take(most as u64 + 1), &mut std::io::sink());
    // What cannot be inflated is refused by the reader with its reason.
    inflated.is_ok_and(|bytes| bytes <= most as u64)
}

/// What the server knows besides the document when it asks whether something may come in.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub register: Arc<Register>,
    /// The store has lost something: changes of other devices may be brought back by anybody who
    /// may write.
    pub recovers: bool,
}

/// An entry that was not taken, for the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubted {
    pub id: EntryId,
    pub kind: EntryKind,
    pub author: Author,
    pub subject: Subject,
    /// The first 200 characters of what it says.
    pub words: String,
    pub doubt: Doubt,
}

impl Doubted {
    fn new(entry: Entry, doubt: Doubt) -> Self {
        let words = entry.body.chars().take(200).collect();
        Self { id: entry.id, kind: entry.kind, author: entry.author, subject: entry.subject, words, doubt }
    }
}

/// Why something does not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub code: RefusalCode,
    pub doubted: Vec<Doubted>,
    /// A device that changes were claimed of, though they came from another one.
    pub claimed: Option<DeviceId>,
}

impl Objection {
    /// For one plain reason.
    #[must_use]
    pub const fn plain(code: RefusalCode) -> Self {
        Self { code, doubted: Vec::new(), claimed: None }
    }
}

/// An actor of a certified device begins with the device's id; the rest tells its tabs apart.
pub const WRITER_BYTES: usize = 4;

/// The device that an actor id names; those of programs that know no devices name none.
fn device_of(actor: &[u8]) -> Option<DeviceId> {
    let device = (actor.len() == 16 + WRITER_BYTES).then(|| actor[..16].try_into().ok())??;
    Some(DeviceId::from_bytes(device))
}

/// Whether changes of these actors may come from a connection: those of its own device, and of
/// none. In a log anybody brings signed entries of others, where the entries themselves are judged;
/// another server has asked the same of its own devices.
pub(super) fn actors_fit<'a>(
    actors: impl IntoIterator<Item = &'a [u8]>,
    rights: Rights,
    known: &Known,
) -> Result<(), Objection> {
    let foreign = actors.into_iter().filter_map(device_of).find(|device| Some(*device) != rights.device);
    match foreign.filter(|_| !known.recovers && !rights.server) {
        Some(device) => Err(Objection { claimed: Some(device), ..Objection::plain(RefusalCode::Invalid) }),
        None => Ok(()),
    }
}

/// The changes that a sync message brings, none of them applied; a whole document is opened for
/// its changes.
pub(super) fn changes_of(message: &Message) -> Result<Vec<Change>, Objection> {
    let mut changes = Vec::new();
    for bytes in message.changes.iter() {
        changes.extend(changes_in(bytes)?);
    }
    Ok(changes)
}

/// The changes of a chunk: one change, or a whole document.
pub(super) fn changes_in(bytes: &[u8]) -> Result<Vec<Change>, Objection> {
    if !inflates_within(bytes, MAX_CHANGE_BYTES) {
        return Err(Objection::plain(RefusalCode::TooLarge));
    }
    if let Ok(change) = Change::from_bytes(bytes.to_vec()) {
        return Ok(vec![change]);
    }
    let mut document = AutoCommit::new();
    document.load_incremental(bytes).map_err(|_| Objection::plain(RefusalCode::Invalid))?;
    Ok(document.get_changes(&[]))
}

/// Whether operations on a space leave its servers' statements alone: new ones that a trusted
/// server signed may be brought, none is changed.
pub(super) fn statements_fit(changes: &[Change], space: SpaceId, known: &Known) -> Result<(), Objection> {
    let refused = || Objection::plain(RefusalCode::NoRight);
    let mut new = Proofs::default();
    for operation in changes.iter().flat_map(|change| change.decode().operations) {
        let (ObjectId::Root, Key::Map(key)) = (&operation.obj, &operation.key) else { continue };
        let Some((word, name)) = key.split_once('/') else { continue };
        let Some(kind) = Stated::ALL.into_iter().find(|kind| kind.word() == word) else { continue };
        let OpType::Put(ScalarValue::Bytes(bytes)) = &operation.action else { return Err(refused()) };
        if !operation.pred.is_empty() || document::hex(&fingerprint_of(bytes)) != name {
            return Err(refused());
        }
        new.of_mut(kind).insert(bytes.clone());
    }
    // A server that is endorsed here may have certified devices here.
    if new == Proofs::default() || known.register.knows_all(space, &new) { Ok(()) } else { Err(refused()) }
}

/// Whether changes of a log only add readable entries that count. What is not signed must come from
/// a person of the log's own unit.
pub(super) fn appends_only(
    document: &AutoCommit,
    changes: &[Change],
    (rights, known): (Rights, &Known),
    log: (BoardId, UnitId),
) -> Result<(), Objection> {
    let invalid = || Objection::plain(RefusalCode::Invalid);
    let Ok(Some((_, ExId::Id(counter, actor, _)))) = document.get(ROOT, "entries") else {
        return Err(invalid());
    };
    let entries = ObjectId::Id(OpId::new(counter, &actor));
    let mut doubted = Vec::new();
    for operation in changes.iter().flat_map(|change| change.decode().operations) {
        let (Key::Map(key), OpType::Put(value)) = (&operation.key, &operation.action) else {
            return Err(invalid());
        };
        if operation.obj != entries || !operation.pred.is_empty() {
            return Err(invalid());
        }
        match document::stored_entry_of(document, key) {
            Some(known) if known == *value => continue,
            Some(_) => return Err(invalid()),
            None => {}
        }
        let entry = document::stored_entry(key, value).ok_or_else(invalid)?;
        if entry.seal.is_none() && !rights.own {
            return Err(Objection::plain(RefusalCode::NoRight));
        }
        let judged =
            known.register.judge(&entry, log, rights.lead).and_then(|()| known.register.holds(&entry));
        if let Err(doubt) = judged {
            doubted.push(Doubted::new(entry, doubt));
        } else if entry.seal.is_none() && entry.kind.is_decision() && !rights.decide {
            doubted.push(Doubted::new(entry, Doubt::Role));
        }
    }
    if doubted.is_empty() { Ok(()) } else { Err(Objection { doubted, ..invalid() }) }
}
