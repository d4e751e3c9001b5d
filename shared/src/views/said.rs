//! The acts of records, as words of the screens.

use crate::entry::{Entry, EntryKind};
use crate::words::Word;

/// The word of an entry kind that templates use.
#[must_use]
pub const fn kind_word(kind: EntryKind) -> Word {
    match kind {
        EntryKind::Report => Word::DidReport,
        EntryKind::Value => Word::DidReportValue,
        EntryKind::Comment => Word::DidComment,
        EntryKind::CloseRequest => Word::Asked,
        EntryKind::CloseDecision => Word::DidClose,
        EntryKind::Retire => Word::DidRetire,
        EntryKind::Restore => Word::DidRestore,
        EntryKind::Visit => Word::DidVisit,
        EntryKind::Issue => Word::DidIssue,
        EntryKind::Answer => Word::DidAnswer,
        EntryKind::Check => Word::DidCheck,
        EntryKind::Score => Word::DidScore,
        EntryKind::Dispatch => Word::DidDispatch,
        EntryKind::Accept => Word::DidAccept,
        EntryKind::Handover => Word::DidHandover,
        EntryKind::Receipt => Word::DidReceipt,
        EntryKind::Outcome => Word::DidOutcome,
        EntryKind::Instruction => Word::DidInstruction,
        EntryKind::Brief => Word::DidBrief,
        EntryKind::Publish => Word::DidPublish,
        EntryKind::Remind => Word::DidRemind,
        EntryKind::Propose => Word::DidPropose,
        EntryKind::Consent => Word::DidConsent,
        EntryKind::Review => Word::DidAcceptProposal,
    }
}

/// The act of a record, by its kind and whether it accepts.
#[must_use]
pub const fn said_word(kind: EntryKind, accepted: Option<bool>) -> Word {
    match (kind, accepted) {
        (EntryKind::CloseDecision, None | Some(false)) => Word::Returned,
        (EntryKind::Consent, Some(false)) => Word::DidNotConsent,
        (EntryKind::Review, Some(false)) => Word::DidReturnProposal,
        (kind, _) => kind_word(kind),
    }
}

/// The act of an entry.
#[must_use]
pub fn entry_word(entry: &Entry) -> Word {
    match entry.kind {
        EntryKind::Propose if entry.changes.is_none() => Word::DidWithdrawProposal,
        // An instruction that was ended, or whose answers were sent back.
        EntryKind::Outcome if entry.answers.is_some() && entry.to.is_none() => match entry.accepted {
            Some(true) => Word::DidEndInstruction,
            _ => Word::DidSendBack,
        },
        kind => said_word(kind, entry.accepted),
    }
}
