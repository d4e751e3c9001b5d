//! Who may do what, asked here only: by the server before a change is applied, by the app to show
//! or hide a control (domain.md, part d).

use crate::entry::EntryKind;
use crate::id::UnitId;
use crate::model::{Board, Space};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// What a person may do for the unit they belong to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum AccountRole {
    /// Keeper of the space: units, persons, boards (city office).
    #[n(0)]
    Administrator,
    /// Writes boards and reports for the unit.
    #[n(1)]
    Editor,
    /// Reports for the unit; field workers.
    #[n(2)]
    Reporter,
    /// Reads.
    #[n(3)]
    Reader,
}

impl AccountRole {
    /// Every role, widest first.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Editor, Self::Reporter, Self::Reader];

    /// Its word in stores and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Editor => "editor",
            Self::Reporter => "reporter",
            Self::Reader => "reader",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    pub unit: UnitId,
    pub role: AccountRole,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Action<'a> {
    ReadSpace,
    WriteSpace,
    ReadBoard(&'a Board),
    WriteBoard(&'a Board),
    ReadLog {
        board: &'a Board,
    },
    /// Append to the log of a unit.
    WriteLog {
        unit: UnitId,
    },
    /// Accept or return a close-out, retire, settle a clash, publish.
    Decide(&'a Board),
    Publish(&'a Board),
    Invite,
}

/// Whether it is allowed; the space says who stands behind a group of units.
#[must_use]
pub fn allowed(space: &Space, who: Who, action: Action<'_>) -> bool {
    let administrator = who.role == AccountRole::Administrator;
    let editor = administrator || who.role == AccountRole::Editor;
    match action {
        Action::ReadSpace => true,
        Action::WriteSpace | Action::Invite => administrator,
        Action::ReadBoard(board) | Action::ReadLog { board } => {
            administrator || concerns(space, board, who.unit)
        }
        Action::WriteBoard(board) => administrator || (editor && concerns(space, board, who.unit)),
        Action::WriteLog { unit } => who.unit == unit && who.role != AccountRole::Reader,
        Action::Decide(board) | Action::Publish(board) => {
            administrator || (editor && board.lead == Some(who.unit))
        }
    }
}

/// Whether a person in a role may write a kind of entry at all, wherever: reading roles write none,
/// field workers do not decide (domain.md, part d).
#[must_use]
pub const fn may_write(role: AccountRole, kind: EntryKind) -> bool {
    match role {
        AccountRole::Administrator | AccountRole::Editor => true,
        AccountRole::Reporter => !kind.is_decision(),
        AccountRole::Reader => false,
    }
}

/// Whether a unit is named on a board: as its lead, a member, or in an item, itself or in a group.
#[must_use]
pub fn concerns(space: &Space, board: &Board, unit: UnitId) -> bool {
    let named = |named: &UnitId| {
        *named == unit || space.units.get(named).is_some_and(|group| group.members.contains(&unit))
    };
    board.lead == Some(unit)
        || board.members.iter().any(named)
        || board
            .items
            .values()
            .any(|item| item.assignments.keys().any(named) || item.named_in_fields().any(|unit| named(&unit)))
}
