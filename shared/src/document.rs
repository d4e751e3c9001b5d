//! The documents that merge: space, board and log, each an automerge document.
//!
//! automerge is named in this folder and in `sync` only. A document begins with the fixed bytes
//! of its kind ([`genesis`]), so that two devices that each begin one begin the same. Edits go in
//! through [`Document::edit`], changes of others through [`Document::apply`]; both answer with
//! the events that came out of the document, which is all that a screen needs.

mod apply;
mod ask;
mod change;
pub mod chunk;
mod events;
pub mod genesis;
pub mod history;
mod marks;
mod paragraph;
mod read;
mod twice;
mod write;

use crate::edit::Edit;
use crate::event::Event;
use crate::limits::{CHANGE_BYTES, TEXT_CHARS};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ChangeHash, ChangeMetadata, ReadDoc};
use change::{MALFORMED, change_of, chunk_of};
use chunk::{Budget, Unfit};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) use change::guarded;
pub use change::{ChangeHeader, change_header};
pub(crate) use genesis::is_fixed;
pub use marks::{Choice, TextMark, Version, is_decision};
pub(crate) use read::{
    GUEST, TEMPLATE, assignment_of, has_item, is_stored_form, kind_of, place, place_text, role_in,
    settled_by, stored_alike, stored_entries_of, stored_entry, target_in, template_of, was_settled_at, word,
};
pub(crate) use write::settles;

/// Number of the layout of documents; older ones are upgraded when they are opened.
pub const SCHEMA: i64 = 1;

/// So many operations fit into a change whatever they are.
const MANY_OPERATIONS: usize = 50_000;

/// The longest pause, in seconds, within one sitting of a person.
pub const SITTING: i64 = 10 * 60;

/// The kind of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Space,
    Board,
    Log,
}

impl Kind {
    /// Its name in stores and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::Board => "board",
            Self::Log => "log",
        }
    }
}

/// One change as it is stored and sent: its hash and its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chunk {
    pub hash: [u8; 32],
    pub bytes: Vec<u8>,
    /// The actor that wrote it, and its number among the changes of that actor, which begin at 1.
    pub actor: Vec<u8>,
    pub number: u64,
}

/// The author and the time of a change; kept with the change for the history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Seconds since 1970.
    pub time: i64,
    /// Person and unit as they are to be shown.
    pub by: String,
}

/// Why a document could not be read or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error("数据无法读取：{0}")]
    Corrupt(String),
    /// Counted before it was read.
    #[error("数据不能接收：{0}")]
    Unfit(#[from] Unfit),
    #[error("数据由更新的版本写成（格式 {0}），请更新后再打开")]
    FromTheFuture(i64),
    #[error("找不到要修改的内容：{0}")]
    Missing(String),
    #[error("内容过长：最多 {TEXT_CHARS} 字")]
    TooLong,
    #[error("这项修改不属于此文档")]
    WrongDocument,
    /// Two different changes stand under one number of their author.
    #[error("同一设备的同一编号下有两份不同的改动")]
    Twice,
    /// It is not open any more, or not yet: whoever comes again finds it.
    #[error("文档暂时打不开，请稍后再试")]
    Away,
}

impl From<automerge::AutomergeError> for DocumentError {
    fn from(error: automerge::AutomergeError) -> Self {
        match error {
            automerge::AutomergeError::DuplicateSeqNumber(..) => Self::Twice,
            error => Self::Corrupt(error.to_string()),
        }
    }
}

/// A document in memory.
pub struct Document {
    kind: Kind,
    doc: AutoCommit,
    marks: marks::Marks,
    /// Bytes of the chunks that it was made of.
    bytes: u64,
}

impl Document {
    /// A new document of a kind, written by `actor` (one per tab, never shared).
    #[must_use]
    pub fn new(kind: Kind, actor: &[u8]) -> Self {
        let mut doc = genesis::document(kind);
        doc.set_actor(ActorId::from(actor));
        doc.update_diff_cursor();
        Self { kind, doc, marks: marks::Marks::default(), bytes: 0 }
    }

    /// A document of stored chunks, in any order, with repeats or without.
    ///
    /// # Errors
    /// [`DocumentError`] when a chunk is damaged or of a newer layout.
    pub fn load<'a>(
        kind: Kind,
        actor: &[u8],
        chunks: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, DocumentError> {
        Self::load_of(kind, actor, chunks, |_, changes| changes)
    }

    /// The same of a store in which two changes may stand under one number of their author: the first one
    /// is taken, the other is left out with what rests on it. Gives the hashes of what was left out.
    ///
    /// # Errors
    /// As [`Document::load`].
    pub fn load_stored<'a>(
        kind: Kind,
        actor: &[u8],
        chunks: impl IntoIterator<Item = &'a [u8]> + Clone,
    ) -> Result<(Self, BTreeSet<[u8; 32]>), DocumentError> {
        match Self::load(kind, actor, chunks.clone()) {
            Err(DocumentError::Twice) => {}
            loaded => return Ok((loaded?, BTreeSet::new())),
        }
        let mut left_out = BTreeSet::new();
        let document = Self::load_of(kind, actor, chunks, |doc, changes| {
            let (taken, left) = twice::firsts(doc, changes);
            left_out = left;
            taken
        })?;
        Ok((document, left_out))
    }

    fn load_of<'a>(
        kind: Kind,
        actor: &[u8],
        chunks: impl IntoIterator<Item = &'a [u8]>,
        choose: impl FnOnce(&mut AutoCommit, Vec<Change>) -> Vec<Change>,
    ) -> Result<Self, DocumentError> {
        let mut doc = genesis::document(kind);
        doc.set_actor(ActorId::from(actor));
        // Changes are applied together: one by one, each would walk all that is there before.
        let (mut changes, mut budget, mut bytes) = (Vec::new(), Budget::kept(), 0);
        for stored in chunks {
            bytes += stored.len() as u64;
            for (one, _) in budget.spend(stored)? {
                if chunk::is_document(one) {
                    guarded(|| doc.load_incremental(one))?;
                } else {
                    changes.push(chunk::change(one)?);
                }
            }
        }
        let changes = choose(&mut doc, changes);
        guarded(|| doc.apply_changes(changes))?;
        let mut document = Self { kind, doc, marks: marks::Marks::default(), bytes };
        document.doc.update_diff_cursor();
        document.check_schema()?;
        Ok(document)
    }

    fn check_schema(&self) -> Result<(), DocumentError> {
        let schema = read::integer(&self.doc, &automerge::ROOT, "schema").unwrap_or(SCHEMA);
        if schema > SCHEMA { Err(DocumentError::FromTheFuture(schema)) } else { Ok(()) }
    }

    /// The kind of this document.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The newest changes, as hashes.
    pub fn heads(&mut self) -> Vec<[u8; 32]> {
        self.doc.get_heads().into_iter().map(|hash| hash.0).collect()
    }

    /// Whether a change is in the document.
    pub fn contains(&mut self, hash: &[u8; 32]) -> bool {
        self.doc.get_change_meta_by_hash(&ChangeHash(*hash)).is_some()
    }

    /// The number of the last operation of a change that is in the document; what rests on it counts on
    /// from there.
    pub fn last_operation(&mut self, hash: &[u8; 32]) -> Option<u64> {
        self.doc.get_change_meta_by_hash(&ChangeHash(*hash)).map(|meta| meta.max_op)
    }

    /// Whether a change of an actor stands under a number.
    pub fn has_number(&mut self, actor: &[u8], number: u64) -> bool {
        let all = self.doc.get_changes_meta(&[]);
        all.iter().any(|change| change.actor.to_bytes() == actor && change.seq == number)
    }

    /// How many operations it has: of each change, as far as its numbers go on from those of its
    /// ancestors. Numbers that a change left out count as well, for automerge keeps room for them; and one that
    /// does nothing counts as one, for it is walked all the same.
    pub fn operations(&mut self) -> u64 {
        let mut ends: HashMap<ChangeHash, u64> = HashMap::new();
        let mut all = 0;
        for change in self.doc.get_changes_meta(&[]) {
            let before = change.deps.iter().filter_map(|hash| ends.get(hash)).max().copied();
            all += change.max_op.saturating_sub(before.unwrap_or_default()).max(1);
            ends.insert(change.hash, change.max_op);
        }
        all
    }

    /// Bytes of the chunks that it was made of, as they were stored or came in.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Applies one edit of this device.
    ///
    /// # Errors
    /// [`DocumentError`] when the edit names something that is not there or does not fit; the
    /// document is then as it was.
    pub fn edit(&mut self, edit: &Edit, stamp: &Stamp) -> Result<(Vec<Event>, Option<Chunk>), DocumentError> {
        self.edit_all(std::slice::from_ref(edit), stamp)
    }

    /// Applies several edits as one change: all or none.
    ///
    /// # Errors
    /// As [`Document::edit`].
    pub fn edit_all(
        &mut self,
        edits: &[Edit],
        stamp: &Stamp,
    ) -> Result<(Vec<Event>, Option<Chunk>), DocumentError> {
        self.doc.commit();
        let act = |doc: &mut AutoCommit| edits.iter().try_for_each(|edit| apply::apply(self.kind, doc, edit));
        let mut before = None;
        if let Err(error) = act(&mut self.doc) {
            self.doc.rollback();
            return Err(error);
        }
        if self.doc.pending_ops() > MANY_OPERATIONS {
            // It is weighed once it is written, and may have to be taken back then.
            self.doc.rollback();
            before = Some(self.doc.clone());
            act(&mut self.doc)?;
        }
        let options = automerge::transaction::CommitOptions::default()
            .with_time(stamp.time)
            .with_message(stamp.by.clone());
        let hash = self.doc.commit_with(options);
        let chunk = hash.and_then(|hash| self.doc.get_change_by_hash(&hash)).map(chunk_of);
        if let (Some(before), Some(chunk)) = (before, &chunk)
            && let Err(unfit) = Budget::foreign().spend(&chunk.bytes)
        {
            self.doc = before;
            return Err(unfit.into());
        }
        self.bytes += chunk.as_ref().map_or(0, |chunk| chunk.bytes.len() as u64);
        Ok((self.events(), chunk))
    }

    /// Brings all heads together by a change that does nothing.
    pub(crate) fn gather_heads(&mut self, stamp: &Stamp) {
        let options = automerge::transaction::CommitOptions::default()
            .with_time(stamp.time)
            .with_message(stamp.by.clone());
        self.doc.empty_change(options);
    }

    /// The edits that take an edit back, as the document stands before it.
    #[must_use]
    pub fn inverse(&self, edit: &Edit) -> Vec<Edit> {
        apply::inverse(&self.doc, edit)
    }

    /// Takes a chunk of another device or tab; a repeat changes nothing.
    ///
    /// # Errors
    /// [`DocumentError`] when the bytes are damaged or too much: nothing is changed then, but
    /// where the library stopped at them, when the document is to be read anew.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<Vec<Event>, DocumentError> {
        if bytes.len() > CHANGE_BYTES {
            return Err(Unfit::TooLarge.into());
        }
        self.load_more(bytes, &mut Budget::foreign())?;
        Ok(self.events())
    }

    /// Takes a chunk of one's own store, of whatever size within a budget.
    ///
    /// # Errors
    /// [`DocumentError`] when it is damaged.
    pub fn load_more(&mut self, bytes: &[u8], budget: &mut Budget) -> Result<(), DocumentError> {
        budget.spend(bytes)?;
        guarded(|| self.doc.load_incremental(bytes))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Takes one change of another device and gives its hash; one whose ancestors are missing
    /// waits for them and is not in the document yet.
    ///
    /// # Errors
    /// As [`Document::apply`].
    pub fn take_change(&mut self, bytes: &[u8]) -> Result<[u8; 32], DocumentError> {
        let change = change_of(bytes)?;
        let hash = change.hash().0;
        guarded(|| self.doc.apply_changes([change]))?;
        self.bytes += bytes.len() as u64;
        Ok(hash)
    }

    /// The changes of the document since events were last asked for.
    pub fn events(&mut self) -> Vec<Event> {
        let patches = self.doc.diff_incremental();
        events::of(self.kind, &patches)
    }

    /// The events of all that is in the document; those since events were last asked for are
    /// among them. Much quicker than [`Document::events`] where everything is new.
    pub fn events_of_everything(&mut self) -> Vec<Event> {
        self.doc.update_diff_cursor();
        events::of_everything(self.kind, &self.doc)
    }

    /// The hashes of all changes.
    pub fn hashes(&mut self) -> Vec<[u8; 32]> {
        self.hashes_since(&[])
    }

    /// The hashes of the changes that are not ancestors of `heads`.
    pub fn hashes_since(&mut self, heads: &[[u8; 32]]) -> Vec<[u8; 32]> {
        let known = self.known(heads);
        self.doc.get_changes_meta(&known).into_iter().map(|change| change.hash.0).collect()
    }

    /// Every change that is not an ancestor of `heads`, oldest first.
    pub fn changes_since(&mut self, heads: &[[u8; 32]]) -> Vec<Chunk> {
        let known = self.known(heads);
        self.doc.get_changes(&known).into_iter().map(chunk_of).collect()
    }

    /// How many acts of people the changes are that are not ancestors of `heads`: an entry is one, and
    /// what one device wrote without a pause of [`SITTING`] seconds. The changes themselves are not read.
    pub fn acts_since(&mut self, heads: &[[u8; 32]]) -> usize {
        let known = self.known(heads);
        let mut last: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
        let mut acts = 0;
        // Nobody has written what every document of a kind begins with.
        let begins = |change: &ChangeMetadata<'_>| change.timestamp == 0 && change.deps.is_empty();
        // The server brings heads together, which is nobody's act.
        let gathers = |change: &ChangeMetadata<'_>| change.max_op < change.start_op;
        let all = self.doc.get_changes_meta(&known);
        for change in all.iter().filter(|change| !begins(change) && !gathers(change)) {
            let before = last.insert(change.actor.to_bytes().to_vec(), change.timestamp);
            let pause = before.map(|before| change.timestamp.saturating_sub(before).saturating_abs());
            acts += usize::from(self.kind == Kind::Log || pause.is_none_or(|pause| pause > SITTING));
        }
        acts
    }

    fn known(&mut self, heads: &[[u8; 32]]) -> Vec<ChangeHash> {
        let hashes = heads.iter().map(|hash| ChangeHash(*hash));
        hashes.filter(|hash| self.doc.get_change_meta_by_hash(hash).is_some()).collect()
    }

    /// The whole document as one chunk.
    pub fn save(&mut self) -> Vec<u8> {
        self.doc.save()
    }

    /// Whether the containers and registers that every document of its kind begins with are still
    /// those: a change that replaces one would hide everything in it.
    #[must_use]
    pub fn roots_intact(&self) -> bool {
        genesis::intact(self.kind, &self.doc)
    }

    /// Forgets what happened so far, where nobody reads events.
    pub fn forget_events(&mut self) {
        self.doc.update_diff_cursor();
    }

    pub(crate) fn automerge(&mut self) -> &mut AutoCommit {
        &mut self.doc
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Document({})", self.kind.name())
    }
}

/// A hash as text.
#[must_use]
pub fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of such a text; none for anything else.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| (byte as char).to_digit(16);
    digits.chunks_exact(2).map(|pair| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()).collect()
}
