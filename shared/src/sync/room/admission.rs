//! Admission: changes are asked whether they may come in before anything is applied, for an applied
//! change cannot be taken out.

mod plan;

use super::Rights;
use crate::document::{self, Document, Kind, MAX_DOCUMENT_BYTES, chunk};
use crate::edit::BoardField;
use crate::entry::{Author, Entry, EntryKind, Subject};
use crate::id::{BoardId, DeviceId, EntryId, ItemId, SpaceId, UnitId, fingerprint_of};
use crate::sync::RefusalCode;
use crate::trust::{Doubt, Proofs, Register, Stated, device_of};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::sync::Message;
use automerge::{AutoCommit, Change, ExpandedChange, ObjId as ExId, ROOT, ReadDoc, ScalarValue};
pub(super) use plan::plan_fits;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// The largest number of operations of one change: its columns are run-length coded, so that a
/// small one may say many.
const MAX_OPERATIONS: usize = 500_000;

/// The server's knowledge besides the document when it asks whether something may come in.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub register: Arc<Register>,
    /// The store has lost something: changes of other devices may be brought back by anybody who
    /// may write.
    pub recovers: bool,
    /// Devices that are being ended.
    pub held: BTreeSet<DeviceId>,
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

/// Whether changes of these actors may come from a connection: those of its own device, and of
/// none. In a log anybody brings signed entries of others, where the entries themselves are judged;
/// another server has asked the same of its own devices.
pub(super) fn actors_fit<'a>(
    actors: impl IntoIterator<Item = &'a [u8]>,
    rights: &Rights,
    known: &Known,
) -> Result<(), Objection> {
    let foreign = actors.into_iter().filter_map(device_of).find(|device| Some(*device) != rights.device);
    match foreign.filter(|_| !known.recovers && !rights.server) {
        Some(device) => Err(Objection { claimed: Some(device), ..Objection::plain(RefusalCode::Invalid) }),
        None => Ok(()),
    }
}

/// The bytes to which one message or file may still inflate: its changes are all in memory before they
/// are judged.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(MAX_DOCUMENT_BYTES)
    }

    /// Takes the inflated size of a chunk off it.
    pub(super) fn spend(&mut self, chunk: &[u8]) -> Result<(), Objection> {
        let size = chunk::size_within(chunk, self.0);
        self.0 -= size.ok_or_else(|| Objection::plain(RefusalCode::TooLarge))?;
        Ok(())
    }
}

/// The changes that a sync message brings, none of them applied; a whole document is opened for
/// its changes.
pub(super) fn changes_of(message: &Message) -> Result<Vec<Change>, Objection> {
    let (mut changes, mut budget) = (Vec::new(), Budget::new());
    for bytes in message.changes.iter() {
        changes.extend(changes_in(bytes, &mut budget)?);
    }
    Ok(changes)
}

/// The changes of some chunks one behind the other: changes, or whole documents.
pub(super) fn changes_in(bytes: &[u8], budget: &mut Budget) -> Result<Vec<Change>, Objection> {
    let invalid = || Objection::plain(RefusalCode::Invalid);
    let mut changes = Vec::new();
    for chunk in chunk::chunks(bytes).ok_or_else(invalid)? {
        budget.spend(chunk)?;
        if chunk::is_document(chunk) {
            let mut document = AutoCommit::load(chunk).map_err(|_| invalid())?;
            changes.extend(document.get_changes(&[]));
        } else {
            changes.push(Change::from_bytes(chunk.to_vec()).map_err(|_| invalid())?);
        }
    }
    Ok(changes)
}

/// The operations of a change. automerge does not check every index of a change that it has read, and
/// panics over one that is wrong.
fn operations(change: &Change) -> Result<Vec<Op>, Objection> {
    decoded(change, |expanded| Some(expanded.operations))
}

/// The same of a change that says it in the one way in which automerge writes it. Anything that it
/// says besides (actors that no operation names) makes automerge panic when it is applied.
fn plain_operations(change: &Change) -> Result<Vec<Op>, Objection> {
    decoded(change, |expanded| {
        let operations = expanded.operations.clone();
        (Change::from(expanded).hash() == change.hash()).then_some(operations)
    })
}

fn decoded(
    change: &Change,
    read: impl FnOnce(ExpandedChange) -> Option<Vec<Op>>,
) -> Result<Vec<Op>, Objection> {
    if change.len() > MAX_OPERATIONS {
        return Err(Objection::plain(RefusalCode::TooLarge));
    }
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(change.decode())));
    found.ok().flatten().ok_or_else(|| Objection::plain(RefusalCode::Invalid))
}

/// Whether changes count on, as automerge does, from what they rest on or from all that its author had:
/// one that leaps to the end of the numbers leaves none for whoever writes next, and automerge stops at
/// that on every device.
pub(super) fn numbers_fit(document: &mut Document, changes: &[&Change]) -> Result<(), Objection> {
    let here: BTreeMap<[u8; 32], u64> =
        changes.iter().map(|change| (change.hash().0, change.max_op())).collect();
    let heads = document.heads();
    let mut last = |hash: &[u8; 32]| here.get(hash).copied().or_else(|| document.last_operation(hash));
    let mut most = heads.iter().filter_map(&mut last).max().unwrap_or_default();
    let mut all: Vec<&Change> = changes.to_vec();
    all.sort_by_key(|change| change.start_op());
    for change in all {
        let mut ancestors = change.deps().iter();
        let before = ancestors.try_fold(0, |most: u64, hash| Some(most.max(last(&hash.0)?)));
        let start = change.start_op().get();
        // Its author may have had what is still on its way here from elsewhere.
        if before.is_none_or(|before| start <= before) || start > most + 1 + MAX_OPERATIONS as u64 {
            return Err(Objection::plain(RefusalCode::Invalid));
        }
        most = most.max(change.max_op());
    }
    Ok(())
}

/// The list of boards of a space with what stands in it, for who may not begin one: a board that is
/// listed and not there would keep the one of its document from ever being made.
fn listings(document: &AutoCommit) -> HashSet<ObjectId> {
    let named = |id: &ExId| match id {
        ExId::Id(counter, actor, _) => Some(ObjectId::Id(OpId::new(*counter, actor))),
        ExId::Root => None,
    };
    let Ok(Some((_, boards))) = document.get(ROOT, "boards") else { return HashSet::new() };
    let inside = document.keys(&boards).filter_map(|key| document.get_all(&boards, key).ok());
    let inside: Vec<ExId> = inside.flatten().map(|(_, id)| id).collect();
    inside.iter().chain([&boards]).filter_map(named).collect()
}

/// Whether changes leave alone what every document of a kind begins with; and, without the right to
/// decide, who leads a board, what was settled of it and who was invited to it, and which boards a
/// space has.
pub(super) fn roots_fit(
    document: &AutoCommit,
    kind: Kind,
    changes: &[&Change],
    rights: &Rights,
) -> Result<(), Objection> {
    let object = |name: &str| match document.get(ROOT, name) {
        Ok(Some((_, ExId::Id(counter, actor, _)))) => Some(ObjectId::Id(OpId::new(counter, &actor))),
        _ => None,
    };
    let (meta, members) = (object("meta"), object("members"));
    // A board that nobody leads yet is just being made.
    let bound = kind == Kind::Board && !rights.decide && !rights.server;
    let guarded = bound && document::leads(document).is_some();
    let lists = kind == Kind::Space && !rights.decide && !rights.server;
    let listings = if lists { listings(document) } else { HashSet::new() };
    for change in changes {
        for operation in operations(change)? {
            if listings.contains(&operation.obj) {
                return Err(Objection::plain(RefusalCode::NoRight));
            }
            let Key::Map(key) = &operation.key else { continue };
            if operation.obj == ObjectId::Root && document::is_fixed(kind, key) {
                return Err(Objection::plain(RefusalCode::Invalid));
            }
            let of_meta = Some(&operation.obj) == meta.as_ref();
            let lead = of_meta && key == BoardField::Lead.key();
            let settled = of_meta && key == BoardField::Settled.key();
            let guest = Some(&operation.obj) == members.as_ref() && key.starts_with(document::GUEST);
            if guarded && (lead || guest) || bound && settled {
                return Err(Objection::plain(RefusalCode::NoRight));
            }
        }
    }
    Ok(())
}

/// Whether operations on a space leave its servers' statements alone: new ones that a trusted
/// server signed may be brought, none is changed.
pub(super) fn statements_fit(changes: &[Change], space: SpaceId, known: &Known) -> Result<(), Objection> {
    let refused = || Objection::plain(RefusalCode::NoRight);
    let mut new = Proofs::default();
    let mut all = Vec::new();
    for change in changes {
        all.extend(operations(change)?);
    }
    for operation in all {
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
    if new == Proofs::default() || known.register.of_trusted(space, new.clone()) == new {
        Ok(())
    } else {
        Err(refused())
    }
}

/// Whether changes of a log only add readable entries that count. Unsigned entries must come
/// from a person of the log's own unit.
pub(super) fn appends_only(
    document: &AutoCommit,
    changes: &[&Change],
    (rights, known): (&Rights, &Known),
    log: (BoardId, UnitId),
) -> Result<(), Objection> {
    let invalid = || Objection::plain(RefusalCode::Invalid);
    let Ok(Some((_, ExId::Id(counter, actor, _)))) = document.get(ROOT, "entries") else {
        return Err(invalid());
    };
    let entries = ObjectId::Id(OpId::new(counter, &actor));
    let mut doubted = Vec::new();
    let mut brought: BTreeMap<String, ScalarValue> = BTreeMap::new();
    for change in changes {
        let writer = device_of(change.actor_id().to_bytes());
        let mut new = 0;
        for operation in plain_operations(change)? {
            let (Key::Map(key), OpType::Put(value)) = (&operation.key, &operation.action) else {
                return Err(invalid());
            };
            if operation.obj != entries || !operation.pred.is_empty() {
                return Err(invalid());
            }
            match document::stored_entry_of(document, key) {
                Some(known) if known == *value => continue,
                Some(_) => return Err(invalid()),
                None => new += 1,
            }
            // Two values under one key, now or when they meet, would not be judged alike: only one counts.
            if brought.get(key.as_str()).is_some_and(|other| other != value) {
                return Err(invalid());
            }
            brought.insert(key.to_string(), value.clone());
            let entry = document::stored_entry(key, value).ok_or_else(invalid)?;
            if let Err(doubt) = judge(&entry, (rights, known), log) {
                doubted.push(Doubted::new(entry, doubt));
                if doubted.len() > MAX_DOUBTED {
                    return Err(Objection { doubted, ..invalid() });
                }
                continue;
            }
            // Nobody uses up the numbers of another device: what comes under its actor it has signed.
            let foreign = writer.filter(|writer| Some(*writer) != rights.device && !rights.server);
            if foreign.is_some_and(|writer| entry.author.device != writer || entry.seal.is_none()) {
                return Err(Objection { claimed: writer, ..invalid() });
            }
        }
        if new == 0 && writer.is_some_and(|writer| Some(writer) != rights.device && !rights.server) {
            return Err(Objection { claimed: writer, ..invalid() });
        }
    }
    if doubted.is_empty() { Ok(()) } else { Err(Objection { doubted, ..invalid() }) }
}

/// So many doubtful entries are enough to know of.
const MAX_DOUBTED: usize = 20;

/// Whether a new entry may come in. One without a signature comes from a person of the log's own unit
/// where no server certifies devices, or from another server that had it before there were any.
fn judge(entry: &Entry, (rights, known): (&Rights, &Known), log: (BoardId, UnitId)) -> Result<(), Doubt> {
    if entry.seal.is_none() {
        let certifies = !known.register.authorities().is_empty();
        if !rights.server && (certifies || !rights.own) {
            return Err(Doubt::Unsigned);
        }
        if entry.kind.is_decision() && !rights.decide && !rights.server {
            return Err(Doubt::Role);
        }
    }
    if known.held.contains(&entry.author.device) {
        return Err(Doubt::Ended);
    }
    // An enterprise speaks of its own items; what others bring of it was asked when it came in.
    let speaks_of = |items: &BTreeSet<ItemId>| entry.subject.item.is_some_and(|item| items.contains(&item));
    if !known.recovers && !rights.items.as_deref().is_none_or(speaks_of) {
        return Err(Doubt::Role);
    }
    match known.register.judge(entry, log, rights.lead) {
        // A number of before there were signatures stands in its log, and counts nowhere: what follows it
        // there is not kept out.
        Err(Doubt::Unsigned) if !entry.kind.is_official() && (rights.server || known.recovers) => Ok(()),
        judged => judged.and_then(|()| known.register.holds(entry)),
    }
}
