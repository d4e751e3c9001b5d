//! Acts that cannot be taken back: an entry is signed and stays, an edition is out. A person says
//! that such an act is meant before it is done, in one way for pointer, touch and keys.

use crate::entry::EntryKind;

/// An act that stays once it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Writes an entry of a kind.
    Entry(EntryKind),
    /// Brings a card of a board into another column.
    Drop,
    /// Makes a move of a template that asks for no words.
    Move,
    /// Settles a plan, or lets everybody draft it again.
    Settle,
    Draft,
    /// Says which unit leads a board.
    Lead,
    /// Says that a node of the way is reached.
    Tick,
    /// Sends an edition out, or takes one back.
    Publish,
    Withdraw,
}

/// How a person says that an act is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meant {
    /// A question with the words of the act, 确认 and 取消.
    Asked { words: Words },
    /// The person typed what is said and pressed the button of that form.
    Typed,
    /// The person looked at a page of what would be sent and pressed its button.
    Reviewed,
}

/// Whether the question has a field for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Words {
    None,
    Offered,
    Required,
}

impl Act {
    /// How the person is asked.
    #[must_use]
    pub const fn meant(self) -> Meant {
        match self {
            Self::Entry(kind) => of_entry(kind),
            Self::Drop => Meant::Asked { words: Words::Offered },
            Self::Move | Self::Settle | Self::Draft | Self::Lead | Self::Tick => {
                Meant::Asked { words: Words::None }
            }
            Self::Publish => Meant::Reviewed,
            Self::Withdraw => Meant::Asked { words: Words::Required },
        }
    }

    /// The words that its question has room for; none where it has no question of its own.
    #[must_use]
    pub const fn words(self) -> Words {
        match self.meant() {
            Meant::Asked { words } => words,
            Meant::Typed | Meant::Reviewed => Words::None,
        }
    }
}

const fn of_entry(kind: EntryKind) -> Meant {
    match kind {
        // 完成情况 is what the lead decides on.
        EntryKind::CloseRequest => Meant::Asked { words: Words::Required },
        EntryKind::CloseDecision | EntryKind::Consent | EntryKind::Review => {
            Meant::Asked { words: Words::Offered }
        }
        EntryKind::Retire | EntryKind::Restore => Meant::Asked { words: Words::None },
        // The edition, or the letters, were looked at.
        EntryKind::Publish | EntryKind::Remind => Meant::Reviewed,
        EntryKind::Report
        | EntryKind::Value
        | EntryKind::Comment
        | EntryKind::Visit
        | EntryKind::Issue
        | EntryKind::Answer
        | EntryKind::Check
        | EntryKind::Score
        | EntryKind::Dispatch
        | EntryKind::Accept
        | EntryKind::Handover
        | EntryKind::Receipt
        | EntryKind::Outcome
        | EntryKind::Instruction
        | EntryKind::Brief
        | EntryKind::Propose => Meant::Typed,
    }
}

/// The person's answer to the question. Only an answered question makes one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Said {
    pub words: String,
    pub number: Option<f64>,
    /// An ISO date.
    pub due: String,
}

impl Said {
    /// Takes what was typed into a question; `None` while something that it needs is missing.
    #[must_use]
    pub fn of(needs: &Needs, words: &str, number: &str, due: &str) -> Option<Self> {
        let number = crate::text::typed_number(number);
        let said = Self { words: words.trim().to_owned(), number, due: due.trim().to_owned() };
        let lacks = (needs.words == Words::Required && said.words.is_empty())
            || (needs.number && said.number.is_none())
            || (needs.due && said.due.is_empty());
        (!lacks).then_some(said)
    }
}

/// The fields of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    pub words: Words,
    pub number: bool,
    pub due: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every decision, and whatever one press of a button would sign, is asked about first.
    #[test]
    fn decisions_and_requests_are_asked_about() {
        for kind in EntryKind::ALL {
            let asked = matches!(Act::Entry(kind).meant(), Meant::Asked { .. } | Meant::Reviewed);
            let pressed = kind.is_decision()
                || matches!(kind, EntryKind::CloseRequest | EntryKind::Consent | EntryKind::Remind);
            assert_eq!(asked, pressed, "{kind:?}");
        }
        for act in
            [Act::Drop, Act::Move, Act::Settle, Act::Draft, Act::Lead, Act::Tick, Act::Publish, Act::Withdraw]
        {
            assert_ne!(act.meant(), Meant::Typed, "{act:?}");
        }
    }

    #[test]
    fn nothing_is_said_while_something_is_missing() {
        let needs = Needs { words: Words::Required, number: true, due: true };
        assert_eq!(Said::of(&needs, "  ", "1", "2026-01-01"), None);
        assert_eq!(Said::of(&needs, "做完了", "一", "2026-01-01"), None);
        assert_eq!(Said::of(&needs, "做完了", "1", ""), None);
        let said = Said::of(&needs, " 做完了 ", "１２", "2026-01-01").expect("everything is there");
        assert_eq!((said.words.as_str(), said.number), ("做完了", Some(12.0)));
        let free = Needs { words: Words::Offered, number: false, due: false };
        assert!(
            Said::of(&free, "", "", "").is_some_and(|said| said.words.is_empty() && said.number.is_none())
        );
    }
}
