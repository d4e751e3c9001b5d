//! Entries: the grow-only records of a unit's log (domain.md, b.1).
//!
//! An entry is written once and never changed. It is stored as an envelope of its canonical bytes
//! and its device's signature. `seen` says which entries its author had seen, so that every device
//! folds entries in the same causal order whatever way they came. Whether an entry counts is judged
//! in [`crate::trust`].

use crate::access::AccountRole;
use crate::attachment::Attachment;
use crate::cbor;
use crate::id::{BoardId, DeviceId, EntryId, IndicatorId, ItemId, PersonId, UnitId, fingerprint, ulid_bytes};
use crate::limits::{ENTRY_BYTES, FILES};
use crate::plan::PlanChange;
use crate::text::xml_text;
use crate::trust::{Key, Purpose, Seal, digest};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum EntryKind {
    /// 进展
    #[n(0)]
    Report,
    /// 数值
    #[n(1)]
    Value,
    /// 评论
    #[n(2)]
    Comment,
    /// 申请销号
    #[n(3)]
    CloseRequest,
    /// 销号或退回
    #[n(4)]
    CloseDecision,
    /// 停用一条举措
    #[n(5)]
    Retire,
    /// 恢复一条举措
    #[n(6)]
    Restore,
    /// 走访、对接
    #[n(7)]
    Visit,
    /// 问题、难点
    #[n(8)]
    Issue,
    /// 答复
    #[n(9)]
    Answer,
    /// 检查、核查
    #[n(10)]
    Check,
    /// 评分
    #[n(11)]
    Score,
    /// 派单、转报
    #[n(12)]
    Dispatch,
    /// 接单、受理
    #[n(13)]
    Accept,
    /// 移交
    #[n(14)]
    Handover,
    /// 签收、确认
    #[n(15)]
    Receipt,
    /// 办理结果: a state that an item has reached
    #[n(16)]
    Outcome,
    /// 批示
    #[n(17)]
    Instruction,
    /// 简报
    #[n(18)]
    Brief,
    /// 公布
    #[n(19)]
    Publish,
    /// 催办
    #[n(20)]
    Remind,
    /// 提议修改: changes of a settled plan
    #[n(21)]
    Propose,
    /// 会签
    #[n(22)]
    Consent,
    /// 审核: a proposal accepted or returned
    #[n(23)]
    Review,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 24] = [
        Self::Report,
        Self::Value,
        Self::Comment,
        Self::CloseRequest,
        Self::CloseDecision,
        Self::Retire,
        Self::Restore,
        Self::Visit,
        Self::Issue,
        Self::Answer,
        Self::Check,
        Self::Score,
        Self::Dispatch,
        Self::Accept,
        Self::Handover,
        Self::Receipt,
        Self::Outcome,
        Self::Instruction,
        Self::Brief,
        Self::Publish,
        Self::Remind,
        Self::Propose,
        Self::Consent,
        Self::Review,
    ];

    /// Its word in templates.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Value => "value",
            Self::Comment => "comment",
            Self::CloseRequest => "close_request",
            Self::CloseDecision => "close_decision",
            Self::Retire => "retire",
            Self::Restore => "restore",
            Self::Visit => "visit",
            Self::Issue => "issue",
            Self::Answer => "answer",
            Self::Check => "check",
            Self::Score => "score",
            Self::Dispatch => "dispatch",
            Self::Accept => "accept",
            Self::Handover => "handover",
            Self::Receipt => "receipt",
            Self::Outcome => "outcome",
            Self::Instruction => "instruction",
            Self::Brief => "brief",
            Self::Publish => "publish",
            Self::Remind => "remind",
            Self::Propose => "propose",
            Self::Consent => "consent",
            Self::Review => "review",
        }
    }

    /// Whether it decides for others: only the lead of a board and administrators write it.
    #[must_use]
    pub const fn is_decision(self) -> bool {
        matches!(self, Self::CloseDecision | Self::Retire | Self::Restore | Self::Publish | Self::Review)
    }

    /// Whether it only speaks about the work and reports nothing of it: no fact, number or state.
    #[must_use]
    pub const fn is_talk(self) -> bool {
        matches!(self, Self::Comment | Self::Remind)
    }

    /// Whether it is an official act: it is judged by the role its author held then.
    #[must_use]
    pub const fn is_official(self) -> bool {
        self.is_decision()
            || matches!(
                self,
                Self::Score
                    | Self::Outcome
                    | Self::Check
                    | Self::Instruction
                    | Self::Receipt
                    | Self::Propose
                    | Self::Consent
            )
    }

    /// Whether it counts only with a signature: official acts, and numbers, which the public sees.
    #[must_use]
    pub const fn must_be_signed(self) -> bool {
        self.is_official() || matches!(self, Self::Value)
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// How a reported number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Measure {
    /// 累计: the level reached from the beginning of the year to the end of the period; the newest counts.
    #[n(0)]
    Level,
    /// 本期: what was added; increments are summed.
    #[n(1)]
    Increment,
}

/// The reach of a reported number.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[cbor(index_only)]
pub enum Reach {
    /// 本单位: a share, added to those of the other units.
    #[n(0)]
    Own,
    /// 全市: the whole, which is added to nothing.
    #[n(1)]
    Whole,
}

/// The subject of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Subject {
    #[n(0)]
    pub board: BoardId,
    #[n(1)]
    pub item: Option<ItemId>,
    /// The unit whose part is meant; for a decision, the unit that asked.
    #[n(2)]
    pub unit: Option<UnitId>,
    #[n(3)]
    pub indicator: Option<IndicatorId>,
}

/// The writer, with the writing head of a device (one per tab).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Author {
    #[n(0)]
    pub person: PersonId,
    #[n(1)]
    pub unit: UnitId,
    #[n(2)]
    pub device: DeviceId,
    /// The actor id of the tab, in hex.
    #[n(3)]
    pub writer: String,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    #[n(0)]
    pub id: EntryId,
    #[n(1)]
    pub kind: EntryKind,
    #[n(2)]
    pub author: Author,
    /// Counts the writer's entries from 1.
    #[n(3)]
    pub seq: u32,
    /// Device time when it was said, milliseconds since 1970.
    #[n(4)]
    pub said: i64,
    #[n(5)]
    pub subject: Subject,
    #[n(6)]
    pub body: String,
    #[n(7)]
    pub value: Option<f64>,
    #[n(8)]
    pub measure: Option<Measure>,
    /// The period a number speaks of: `2023`, `2023-Q3`, `2023-09`.
    #[n(9)]
    pub period: Option<String>,
    /// The answer of a decision: accepted or returned.
    #[n(10)]
    pub accepted: Option<bool>,
    /// The entry that this one corrects.
    #[n(11)]
    pub supersedes: Option<EntryId>,
    /// For each writer, the number of its entries that the author had seen.
    #[n(12)]
    pub seen: BTreeMap<String, u32>,
    /// Heads of the board document that the author had seen, in hex.
    #[n(13)]
    pub heads: Vec<String>,
    /// Fingerprint of the item as the author saw it (of `Retire`).
    #[n(14)]
    pub digest: Option<String>,
    /// The state that the item is brought into, by its id in the template.
    #[n(15)]
    pub to: Option<String>,
    /// A promised or set date, ISO.
    #[n(16)]
    pub due: Option<String>,
    /// The entry that this one answers, takes over or confirms.
    #[n(17)]
    pub answers: Option<EntryId>,
    /// The serial of the certificate that the device wrote under; none before it had one.
    #[n(18)]
    pub certificate: Option<u32>,
    /// The changes of a proposal.
    #[n(19)]
    pub changes: Option<Vec<PlanChange>>,
    /// The units whose consent a proposal asks for.
    #[n(20)]
    pub asks: Option<BTreeSet<UnitId>>,
    /// Photos and files, at most [`crate::limits::FILES`].
    #[n(21)]
    pub attachments: Option<Vec<Attachment>>,
    /// The reach of the number; none in entries of before, which say what the indicator says.
    #[n(22)]
    pub reach: Option<Reach>,
    /// The signature, which stands beside the entry.
    #[cbor(skip)]
    pub seal: Option<Seal>,
    /// The unit that led the board as the author had seen it, where that could be read.
    #[cbor(skip)]
    pub lead_then: Option<UnitId>,
    /// The role that its author was certified in.
    #[cbor(skip)]
    pub role_then: Option<AccountRole>,
}

/// Bytes that are no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    #[error("记录过大：{0} 字节")]
    TooLarge(usize),
    #[error("记录无法读取：{0}")]
    Malformed(String),
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Envelope {
    #[cbor(n(0), with = "minicbor::bytes")]
    payload: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: Option<Vec<u8>>,
}

impl Entry {
    /// An entry that says nothing yet: the first one of its writer, who has seen nothing.
    #[must_use]
    pub const fn new(id: EntryId, kind: EntryKind, author: Author, subject: Subject) -> Self {
        Self {
            id,
            kind,
            author,
            seq: 1,
            said: 0,
            subject,
            body: String::new(),
            value: None,
            measure: None,
            period: None,
            accepted: None,
            supersedes: None,
            seen: BTreeMap::new(),
            heads: Vec::new(),
            digest: None,
            to: None,
            due: None,
            answers: None,
            certificate: None,
            changes: None,
            asks: None,
            attachments: None,
            reach: None,
            seal: None,
            lead_then: None,
            role_then: None,
        }
    }

    /// The id of an entry that is said at a time: bound to its device and writer, so that nobody
    /// takes the place of an entry of somebody else.
    #[must_use]
    pub fn own_id(said: i64, board: BoardId, author: &Author, seq: u32) -> EntryId {
        let (board, device) = (board.to_string(), author.device.to_string());
        let bound = fingerprint(&["entry", &board, &device, &author.writer, &seq.to_string()]);
        let mut random = [0; 10];
        random.copy_from_slice(&bound[..10]);
        EntryId::from_bytes(ulid_bytes(u64::try_from(said).unwrap_or_default(), random))
    }

    /// Whether the id is the one that its author and place give.
    #[must_use]
    pub fn has_own_id(&self) -> bool {
        self.id == Self::own_id(self.said, self.subject.board, &self.author, self.seq)
    }

    /// The bytes that a signature is made over.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_else(|error| unreachable!("memory takes every byte: {error}"))
    }

    /// Takes out of its words what no file could hold later; done before it is signed.
    pub fn keep_plain(&mut self) {
        let plain = |words: &mut String| {
            if let Cow::Owned(kept) = xml_text(words) {
                *words = kept;
            }
        };
        plain(&mut self.body);
        for change in self.changes.iter_mut().flatten() {
            plain(&mut change.new);
        }
        for file in self.attachments.iter_mut().flatten() {
            plain(&mut file.name);
        }
    }

    /// Signs the entry as it stands; whatever is changed afterwards breaks the signature.
    pub fn sign(&mut self, key: &Key) {
        self.seal = Some(key.seal(Purpose::Entry, &self.canonical()));
    }

    /// The bytes that are stored, with the signature or the place for one.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let signature = self.seal.map(|seal| seal.signature.to_vec());
        let envelope = Envelope { payload: self.canonical(), signature };
        minicbor::to_vec(envelope).unwrap_or_else(|error| unreachable!("memory takes every byte: {error}"))
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// [`EntryError`] when they are too many or not an entry.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES {
            return Err(EntryError::TooLarge(bytes.len()));
        }
        let malformed = |error: minicbor::decode::Error| EntryError::Malformed(error.to_string());
        let envelope: Envelope = cbor::decode(bytes).map_err(malformed)?;
        let mut entry: Self = cbor::decode(&envelope.payload).map_err(malformed)?;
        if let Some(signature) = envelope.signature {
            let signature = signature.try_into();
            let signature = signature.map_err(|_| EntryError::Malformed("签名不是 64 字节".to_owned()))?;
            // Over the bytes as they came: a newer version may have written more than is read here.
            entry.seal = Some(Seal { digest: digest(Purpose::Entry, &envelope.payload), signature });
        }
        if entry.attachments.as_ref().is_some_and(|files| files.len() > FILES) {
            return Err(EntryError::Malformed("附件过多".to_owned()));
        }
        if entry.value.is_some_and(|value| !value.is_finite()) {
            return Err(EntryError::Malformed("不是有限的数".to_owned()));
        }
        Ok(entry)
    }

    /// Whether stored bytes are an entry in the form in which it is written. The envelope is not signed: in other
    /// bytes the same record would take the place of the one that its author has.
    #[must_use]
    pub fn is_in_form(bytes: &[u8]) -> bool {
        let envelope = cbor::decode::<Envelope>(bytes).ok();
        envelope.and_then(|envelope| minicbor::to_vec(envelope).ok()).is_some_and(|form| form == bytes)
    }

    /// Whether stored bytes say the same under the same signature, in whatever envelope.
    #[must_use]
    pub fn says_as(one: &[u8], other: &[u8]) -> bool {
        let said = |bytes| cbor::decode::<Envelope>(bytes).ok().map(|it| (it.payload, it.signature));
        one == other || said(one).is_some_and(|one| said(other) == Some(one))
    }

    /// Its photos and files.
    #[must_use]
    pub fn files(&self) -> &[Attachment] {
        self.attachments.as_deref().unwrap_or_default()
    }

    /// Whether an enterprise wrote it: then it makes the moves that name it, or what it raised.
    #[must_use]
    pub fn is_of_enterprise(&self) -> bool {
        self.role_then == Some(AccountRole::Enterprise)
    }

    /// Whether the author of this entry had seen the other one. If two claim to have seen each other, one claims
    /// it of what was not written yet: neither has seen the other.
    #[must_use]
    pub fn has_seen(&self, other: &Self) -> bool {
        self.claims_to_have_seen(other) && !other.claims_to_have_seen(self)
    }

    /// Whether it stands for another one: a unit corrects its own, with an entry of the same kind.
    #[must_use]
    pub fn corrects(&self, other: &Self) -> bool {
        self.supersedes == Some(other.id) && other.author.unit == self.author.unit && other.kind == self.kind
    }

    fn claims_to_have_seen(&self, other: &Self) -> bool {
        if self.author.writer == other.author.writer {
            return other.seq < self.seq;
        }
        self.seen.get(&other.author.writer).is_some_and(|seen| *seen >= other.seq)
    }
}
