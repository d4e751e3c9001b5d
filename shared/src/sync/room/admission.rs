//! Admission: changes are asked whether they may come in before anything is applied, for an applied
//! change cannot be taken out.

mod depth;
mod plan;
mod space;

use super::Rights;
use super::objection::{Doubted, Fault, Objection};
use crate::document::chunk::{self, Budget, Unfit};
use crate::document::{self, Document, DocumentError, Kind};
use crate::edit::BoardField;
use crate::entry::Entry;
use crate::id::{BoardId, DeviceId, DocumentId, EntryId, ItemId, PersonId, UnitId};
use crate::limits::LEFT_OUT;
use crate::sync::RefusalCode;
use crate::trust::{Doubt, Register, device_of};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{AutoCommit, Change, ExpandedChange, ObjId as ExId, ROOT, ReadDoc, ScalarValue};
pub(super) use depth::depth_fits;
pub(super) use plan::plan_fits;
pub(super) use space::{space_fits, statements_fit};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The server's knowledge besides the document when it asks whether something may come in.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub register: Arc<Register>,
    /// The store has lost something: changes of other devices may be brought back by anybody who
    /// may write.
    pub recovers: bool,
    /// Devices that are being ended.
    pub held: BTreeSet<DeviceId>,
    /// People who have an account here; looked up where another server may write.
    pub people: Arc<BTreeSet<PersonId>>,
    /// The ids that stand for logs of the space.
    pub logs: Logs,
}

/// Tells whether an id stands for the log of a unit on a board of the space. There may be a million of them, so
/// they are asked for one by one.
#[derive(Clone, Default)]
pub struct Logs(Option<Arc<dyn Fn(DocumentId) -> bool + Send + Sync>>);

impl Logs {
    /// As `holds` says.
    pub fn new(holds: impl Fn(DocumentId) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(holds)))
    }

    fn hold(&self, id: DocumentId) -> bool {
        self.0.as_ref().is_some_and(|holds| holds(id))
    }
}

impl std::fmt::Debug for Logs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Logs")
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
        Some(device) => Err(Objection::claimed(Some(device))),
        None => Ok(()),
    }
}

/// Whether a change of a log stands under the actor of a device that is not at the other end. Nobody uses up the
/// numbers of another device: such a change stays out, and the records in it come in for themselves.
pub(super) fn is_of_another(change: &Change, rights: &Rights, known: &Known) -> bool {
    let device = device_of(change.actor_id().to_bytes());
    device.is_some_and(|device| Some(device) != rights.device) && !rights.server && !known.recovers
}

/// The changes that a connection brings at once, none of them applied; a whole document is opened for its
/// changes.
pub(super) fn changes_of<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Change>, Objection> {
    let (mut budget, mut counted) = (Budget::foreign(), Vec::new());
    // All of them are counted before the first is read: what one of them keeps out costs nothing more.
    for bytes in chunks {
        let each = budget.spend(bytes).map_err(|unfit| objection_to(&unfit.into()))?;
        counted.extend(each.into_iter().map(|(chunk, _)| chunk));
    }
    // A device sends one whole document at most, and none is judged in parts before it is read.
    if counted.iter().filter(|chunk| chunk::is_document(chunk)).count() > 1 {
        return Err(Objection::of(Fault::Heavy));
    }
    let mut changes = Vec::new();
    for chunk in counted {
        changes.extend(chunk::read(chunk).map_err(|error| objection_to(&error))?);
    }
    Ok(changes)
}

/// The changes of some chunks one behind the other: changes, or whole documents.
pub(super) fn changes_in(bytes: &[u8], budget: &mut Budget) -> Result<Vec<Change>, Objection> {
    chunk::changes(bytes, budget).map_err(|error| objection_to(&error))
}

fn objection_to(error: &DocumentError) -> Objection {
    match error {
        DocumentError::Unfit(unfit) if unfit.is_too_much() => Objection::of(Fault::Heavy),
        DocumentError::Unfit(Unfit::Cut | Unfit::Kind(_)) => Objection::of(Fault::Unreadable),
        DocumentError::Unfit(_) => Objection::of(Fault::Uneven),
        _ => Objection::of(Fault::Unreadable),
    }
}

/// The operations of a change. automerge does not check every index of a change that it has read, and
/// panics over one that is wrong.
fn operations(change: &Change) -> Result<Vec<Op>, Objection> {
    decoded(change, |expanded| Some(expanded.operations))
}

/// The same of a change that says it in the one way in which automerge writes it. Anything that it says
/// besides (actors that no operation names) makes automerge panic when it is applied.
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
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(change.decode())));
    found.ok().flatten().ok_or(Objection::of(Fault::Unreadable))
}

/// Whether changes count on, as automerge does, from what they rest on or from all that its author had:
/// one that leaps to the end of the numbers leaves none for whoever writes next, and automerge stops at
/// that on every device. Gives how many operations that makes, numbers that were left out among them.
pub(super) fn numbers_fit(document: &mut Document, changes: &[&Change]) -> Result<u64, Objection> {
    let here: BTreeMap<[u8; 32], u64> =
        changes.iter().map(|change| (change.hash().0, change.max_op())).collect();
    let heads = document.heads();
    let mut last = |hash: &[u8; 32]| here.get(hash).copied().or_else(|| document.last_operation(hash));
    let mut most = heads.iter().filter_map(&mut last).max().unwrap_or_default();
    let mut all: Vec<&Change> = changes.to_vec();
    all.sort_by_key(|change| change.start_op());
    let mut operations = 0;
    for change in all {
        let mut ancestors = change.deps().iter();
        let before = ancestors.try_fold(0, |most: u64, hash| Some(most.max(last(&hash.0)?)));
        let start = change.start_op().get();
        let before = before.filter(|before| {
            let left_out = start.checked_sub(before + 1);
            // automerge stops over one that leaves numbers out and does nothing.
            left_out.is_some_and(|left_out| left_out == 0 || left_out <= LEFT_OUT && !change.is_empty())
                && start <= most + 1 + LEFT_OUT
        });
        // Nobody writes a chain of them but to have automerge walk it again and again.
        let before = before.filter(|_| !change.is_empty() || change.deps().len() > 1);
        let before = before.ok_or(Objection::of(Fault::Numbers))?;
        operations += change.max_op().saturating_sub(before).max(1);
        most = most.max(change.max_op());
    }
    Ok(operations)
}

/// Whether changes leave alone what every document of a kind begins with; and, without the right to
/// decide, who leads a board, its template, what was settled of it and who was invited to it. A board that
/// nobody leads is for who may begin boards: only they decide there. The same while the store recovers, for
/// of a board that is gone nobody else may write anything.
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
    let guarded = kind == Kind::Board && !rights.decide;
    for change in changes {
        for operation in operations(change)? {
            let Key::Map(key) = &operation.key else { continue };
            if operation.obj == ObjectId::Root && document::is_fixed(kind, key) {
                return Err(Objection::of(Fault::Roots));
            }
            let of_meta = Some(&operation.obj) == meta.as_ref();
            let of_lead = of_meta && BoardField::OF_THE_LEAD.iter().any(|field| field.key() == key.as_str());
            let guest = Some(&operation.obj) == members.as_ref() && key.starts_with(document::GUEST);
            if guarded && (of_lead || guest) {
                return Err(Objection::plain(RefusalCode::NoRight));
            }
        }
    }
    Ok(())
}

/// Whether changes of a log only add readable entries that count. Unsigned entries must come from a
/// person of the log's own unit.
pub(super) fn appends_only(
    document: &AutoCommit,
    changes: &[&Change],
    (rights, known): (&Rights, &Known),
    log: (BoardId, UnitId),
) -> Result<(), Objection> {
    let Ok(Some((_, ExId::Id(counter, actor, _)))) = document.get(ROOT, "entries") else {
        return Err(Objection::of(Fault::Roots));
    };
    let entries = ObjectId::Id(OpId::new(counter, &actor));
    let mut doubted = Vec::new();
    let mut stands: BTreeMap<String, Standing> = BTreeMap::new();
    for change in changes {
        let writer = device_of(change.actor_id().to_bytes());
        let mut new = 0;
        for operation in plain_operations(change)? {
            let (Key::Map(key), OpType::Put(value)) = (&operation.key, &operation.action) else {
                return Err(Objection::of(Fault::NoEntry));
            };
            if operation.obj != entries || !operation.pred.is_empty() {
                return Err(Objection::of(Fault::NoEntry));
            }
            let stands = stands.entry(key.to_string()).or_insert_with(|| Standing::of(document, key));
            if stands.put(key, (value, change.actor_id().to_bytes()), known)? {
                continue;
            }
            new += 1;
            let entry = document::stored_entry(key, value).filter(|_| document::is_stored_form(value));
            let entry = entry.ok_or(Objection::of(Fault::NoEntry))?;
            if let Err(doubt) = judge(&entry, (rights, known), log) {
                doubted.push(Doubted::new(entry, doubt));
                if doubted.len() > MAX_DOUBTED {
                    return Err(Objection { doubted, ..Objection::of(Fault::Doubted) });
                }
                continue;
            }
            // Nobody uses up the numbers of another device: what comes under its actor it has signed.
            let foreign = writer.filter(|writer| Some(*writer) != rights.device && !rights.server);
            if foreign.is_some_and(|writer| entry.author.device != writer || entry.seal.is_none()) {
                return Err(Objection::claimed(writer));
            }
        }
        if new == 0 && writer.is_some_and(|writer| Some(writer) != rights.device && !rights.server) {
            return Err(Objection::claimed(writer));
        }
    }
    if doubted.is_empty() { Ok(()) } else { Err(Objection { doubted, ..Objection::of(Fault::Doubted) }) }
}

/// The values under the key of an entry, each with the actor that has put it there.
#[derive(Default)]
struct Standing(Vec<(ScalarValue, Vec<u8>)>);

/// The same entry may be put so often by its author, and so often by others together: a server takes it out of a
/// change that stays out, and the change may come by another one.
const AGAIN: usize = 4;

impl Standing {
    fn of(document: &AutoCommit, key: &str) -> Self {
        Self(document::stored_entries_of(document, key))
    }

    /// Puts a further value, unless it is the first: whether that is what stands there already.
    ///
    /// # Errors
    /// An [`Objection`] when it says something else, or the same in other bytes: of two values under one key the
    /// one that was put last would take the place of what its author wrote. Also when it comes again and again.
    fn put(
        &mut self,
        key: &str,
        (value, actor): (&ScalarValue, &[u8]),
        known: &Known,
    ) -> Result<bool, Objection> {
        let Some((first, _)) = self.0.first() else {
            self.0.push((value.clone(), actor.to_vec()));
            return Ok(false);
        };
        if !self.0.iter().any(|(stands, _)| document::stored_alike(stands, value)) {
            return Err(other_words(first, (key, value), known));
        }
        let same = self.0.iter().any(|(stands, _)| stands == value);
        // An earlier version may have stored another form.
        let better = document::is_stored_form(value)
            && !self.0.iter().any(|(stands, _)| document::is_stored_form(stands));
        let author = document::stored_entry(key, value).map(|entry| entry.author.device);
        let own = |actor: &[u8]| device_of(actor).is_some_and(|device| Some(device) == author);
        let before = self.0.iter().filter(|(_, other)| own(other) == own(actor)).count();
        if !same && !better || before >= AGAIN {
            return Err(Objection::of(Fault::OtherWords));
        }
        self.0.push((value.clone(), actor.to_vec()));
        Ok(true)
    }
}

/// Why an entry does not come in where another one stands under its name. That is the doing of the device that has
/// signed both, where it has; else of who brings it.
fn other_words(stands: &ScalarValue, (key, value): (&str, &ScalarValue), known: &Known) -> Objection {
    let proven = |entry: &Entry| {
        let certifies = !known.register.authorities().is_empty() && entry.seal.is_some();
        certifies && known.register.holds(entry).is_ok()
    };
    match (document::stored_entry(key, stands), document::stored_entry(key, value)) {
        (Some(first), Some(second))
            if first.author.device == second.author.device && proven(&first) && proven(&second) =>
        {
            Objection::forked(vec![Doubted::new(second, Doubt::Forked)])
        }
        _ => Objection::of(Fault::OtherWords),
    }
}

/// The records of a change that stays out of a log.
pub(super) struct Records {
    /// Those that may come in, as they are stored.
    pub(super) new: Vec<(EntryId, Vec<u8>)>,
    /// Why others do not.
    pub(super) others: Vec<Objection>,
}

/// The records of a change that stays out of a log, each judged as if it came alone.
pub(super) fn entries_fit(
    document: &AutoCommit,
    change: &Change,
    (rights, known): (&Rights, &Known),
    log: (BoardId, UnitId),
) -> Result<Records, Objection> {
    let (mut found, mut others): (BTreeMap<String, Standing>, Vec<Objection>) = Default::default();
    let (mut entries, mut doubted, mut forked) = (Vec::new(), Vec::new(), BTreeMap::<_, Vec<Doubted>>::new());
    for operation in operations(change)? {
        let (Key::Map(key), OpType::Put(value)) = (&operation.key, &operation.action) else {
            others.push(Objection::of(Fault::NoEntry));
            continue;
        };
        let stands = found.entry(key.to_string()).or_insert_with(|| Standing::of(document, key));
        match stands.put(key, (value, change.actor_id().to_bytes()), known) {
            Ok(true) => continue,
            Ok(false) => {}
            Err(why) => {
                match why.forked_by() {
                    Some(person) => forked.entry(person).or_default().extend(why.doubted),
                    None => others.push(why),
                }
                continue;
            }
        }
        let entry = document::stored_entry(key, value).filter(|_| document::is_stored_form(value));
        let (Some(entry), ScalarValue::Bytes(bytes)) = (entry, value) else {
            others.push(Objection::of(Fault::NoEntry));
            continue;
        };
        match judge(&entry, (rights, known), log) {
            Ok(()) => entries.push((entry.id, bytes.clone())),
            Err(doubt) => doubted.push(Doubted::new(entry, doubt)),
        }
    }
    others.dedup();
    others.truncate(MAX_DOUBTED);
    for doubted in forked.values_mut().chain([&mut doubted]) {
        doubted.truncate(MAX_DOUBTED);
    }
    others.extend(forked.into_values().take(MAX_DOUBTED).map(Objection::forked));
    if !doubted.is_empty() {
        others.push(Objection { doubted, ..Objection::of(Fault::Doubted) });
    }
    Ok(Records { new: entries, others })
}

/// Why a second change under one number of its actor stays out of a log: the device that it names has made both,
/// where a record in it is signed by that device.
pub(super) fn second_change(change: &Change, known: &Known) -> Objection {
    let device = device_of(change.actor_id().to_bytes());
    let signed = |operation: &Op| {
        let (Key::Map(key), OpType::Put(value)) = (&operation.key, &operation.action) else { return None };
        let entry = document::stored_entry(key, value)?;
        let own = Some(entry.author.device) == device && entry.seal.is_some();
        let certifies = !known.register.authorities().is_empty();
        (own && certifies && known.register.holds(&entry).is_ok()).then_some(entry)
    };
    let found = operations(change).ok().and_then(|all| all.iter().find_map(signed));
    found.map_or(Objection::of(Fault::Numbers), |entry| {
        Objection::forked(vec![Doubted::new(entry, Doubt::Forked)])
    })
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
