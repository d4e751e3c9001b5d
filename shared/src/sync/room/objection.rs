//! Objections: why changes do not come in, for who sent them and for the audit trail.

use crate::entry::{Author, Entry, EntryKind, Subject};
use crate::id::{DeviceId, EntryId, PersonId};
use crate::sync::RefusalCode;
use crate::trust::{Budget, Doubt};

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $word:literal $code:ident $label:literal;)*) => {
        /// A fault of changes themselves, whoever sends them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        pub enum Fault {
            $($(#[$doc])* #[error($label)] $name,)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its word in the audit trail.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The code by which its sender is told.
            #[must_use]
            pub const fn code(self) -> RefusalCode {
                match self { $(Self::$name => RefusalCode::$code,)* }
            }
        }
    };
}

faults! {
    /// The bytes are no message, chunk or change.
    Unreadable "unreadable" Invalid "数据损坏，无法读取";
    /// The parts of a chunk say different counts.
    Uneven "uneven" Invalid "数据各部分的数目不符";
    /// A change counts on from what it cannot rest on.
    Numbers "numbers" Invalid "改动的序号不可能出现";
    /// The fixed parts of every document of its kind would be replaced.
    Roots "roots" Invalid "会替换清单的固定部分";
    /// Objects are made too deep within each other.
    Deep "deep" Invalid "内容嵌套过深";
    /// A change of a log does something else than add readable entries.
    NoEntry "no_entry" Invalid "不是完整的新记录";
    /// A board would be listed under the id of another document.
    Taken "taken" Invalid "编号属于其他内容";
    /// An entry of the same name says something else.
    OtherWords "other_words" Invalid "与同一记录的已有内容不同";
    /// An entry does not count.
    Doubted "doubted" Invalid "记录不可信";
    /// Changes are claimed of a device or a server that did not send them.
    Claimed "claimed" Invalid "冒用其他设备或服务器的名义";
    /// A message or file says more than may be read at once.
    Heavy "heavy" TooLarge "一次送来的内容过多";
    /// The document would become larger than it may be.
    Full "full" TooLarge "清单已达容量上限";
    /// The account has written its share of the document for the day.
    Share "share" TooLarge "此账号近一天写入的内容过多";
    /// The document would have too many heads.
    Scattered "scattered" TooLarge "同时的分支过多";
    /// The account has broken the document in memory too often.
    Paused "paused" NoRight "此账号送来的内容多次损坏，暂停接收";
    /// Judging took too long.
    Slow "slow" TooLarge "检查时间过长";
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
    pub(super) fn new(entry: Entry, doubt: Doubt) -> Self {
        let words = entry.body.chars().take(200).collect();
        Self { id: entry.id, kind: entry.kind, author: entry.author, subject: entry.subject, words, doubt }
    }
}

/// Why something does not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub code: RefusalCode,
    /// None where the sender's rights or the state of the document are the reason.
    pub fault: Option<Fault>,
    pub doubted: Vec<Doubted>,
    /// A device that changes were claimed of, though they came from another one.
    pub claimed: Option<DeviceId>,
    /// The share of the account that ran out.
    pub ran_out: Option<Budget>,
}

impl Objection {
    /// For the rights of the sender, or the state of the document.
    #[must_use]
    pub const fn plain(code: RefusalCode) -> Self {
        Self { code, fault: None, doubted: Vec::new(), claimed: None, ran_out: None }
    }

    /// For a fault of the changes themselves.
    #[must_use]
    pub const fn of(fault: Fault) -> Self {
        let code = fault.code();
        Self { code, fault: Some(fault), doubted: Vec::new(), claimed: None, ran_out: None }
    }

    /// For two records that one device has signed under one number.
    pub(super) fn forked(doubted: Vec<Doubted>) -> Self {
        Self { doubted, ..Self::of(Fault::OtherWords) }
    }

    /// The person who has signed two records under one number, if that is the reason: then it is not the fault
    /// of whoever brings one of them.
    #[must_use]
    pub fn forked_by(&self) -> Option<PersonId> {
        let first = self.doubted.first().filter(|one| one.doubt == Doubt::Forked);
        first.map(|one| one.author.person)
    }

    /// For a share of the account that ran out.
    pub(super) fn ran_out(what: Budget) -> Self {
        Self { ran_out: Some(what), ..Self::of(Fault::Share) }
    }

    /// For the name of a device that did not send the changes.
    pub(super) fn claimed(device: Option<DeviceId>) -> Self {
        Self { claimed: device, ..Self::of(Fault::Claimed) }
    }
}
