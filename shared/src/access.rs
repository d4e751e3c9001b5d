//! The rights of everybody, asked here only: by the server before a change is applied, by the app to show or
//! hide a control (domain.md, part d). `docs/rights.md` is made from it.

use crate::entry::{Entry, EntryKind};
use crate::id::{ItemId, UnitId};
use crate::model::{Board, Space, Unit};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// The role of a person in the unit they belong to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum AccountRole {
    /// City office (市人民政府办公室): units, persons, boards, and everything of its city.
    #[n(0)]
    Administrator,
    /// Writes boards and reports for the unit.
    #[n(1)]
    Editor,
    /// Reports for the unit; field workers.
    #[n(2)]
    Reporter,
    /// Reads what concerns the unit.
    #[n(3)]
    Reader,
    /// Keeper of the server: units, persons, devices; no content of boards that do not concern it.
    #[n(4)]
    Keeper,
    /// Supervision (督查考核): reads everything, checks, scores, sends close-outs back.
    #[n(5)]
    Supervisor,
    /// Leaders (市领导, 包联领导): read what concerns the unit; instructions and comments.
    #[n(6)]
    Leader,
    /// Guests of a Beijing unit: the boards they were invited to and no others.
    #[n(7)]
    Guest,
    /// Enterprises: their own projects and no board.
    #[n(8)]
    Enterprise,
    /// Another server of the space: carries what its unit takes part in, decides nothing.
    #[n(9)]
    Server,
}

impl AccountRole {
    /// Every role, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Editor,
        Self::Reporter,
        Self::Reader,
        Self::Supervisor,
        Self::Leader,
        Self::Guest,
        Self::Keeper,
        Self::Administrator,
        Self::Enterprise,
        Self::Server,
    ];

    /// The roles that people are invited to.
    pub fn offered() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|role| *role != Self::Server)
    }

    /// Its word in stores and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Editor => "editor",
            Self::Reporter => "reporter",
            Self::Reader => "reader",
            Self::Keeper => "keeper",
            Self::Supervisor => "supervisor",
            Self::Leader => "leader",
            Self::Guest => "guest",
            Self::Enterprise => "enterprise",
            Self::Server => "server",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether its work is to look after that of others: 督办 is among its pages. It shows what the
    /// person may read and gives no right.
    #[must_use]
    pub const fn oversees(self) -> bool {
        matches!(self, Self::Administrator | Self::Supervisor | Self::Leader)
    }

    /// Whether all boards are open to it.
    const fn sees_all(self) -> bool {
        matches!(self, Self::Administrator | Self::Supervisor)
    }
}

/// The asker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    pub unit: UnitId,
    pub role: AccountRole,
}

/// The act that is asked about.
#[derive(Debug, Clone, Copy)]
pub enum Action<'a> {
    /// Units, persons, the list of boards.
    ReadSpace,
    /// Write them: units, groups, templates.
    WriteSpace,
    /// Make a board.
    BeginBoard,
    ReadBoard(&'a Board),
    WriteBoard(&'a Board),
    /// Read the log of a unit on a board.
    ReadLog {
        board: &'a Board,
        unit: UnitId,
    },
    /// Append to the log of a unit.
    WriteLog {
        board: &'a Board,
        unit: UnitId,
    },
    /// Accept or return a close-out, retire, settle a clash.
    Decide(&'a Board),
    /// Return a close-out.
    GiveBack(&'a Board),
    /// Make an edition, or withdraw one.
    Publish(&'a Board),
    /// See the items that name one's own unit, without the board.
    ReadOwnItems(&'a Board),
    /// Be told of all items that name one's own unit, on whatever board.
    AskOwnItems,
    /// Bring and fetch the files of entries that another server has.
    Carry,
    /// Invite people, change their roles, end devices, read the audit trail.
    Administer,
    /// The same of somebody who has a role, or gets it: a keeper would come by rights that a keeper does
    /// not have.
    AdministerRole(AccountRole),
}

/// Whether it is allowed; the space says who stands behind a group of units.
#[must_use]
pub fn allowed(space: &Space, who: Who, action: Action<'_>) -> bool {
    judged(&|board, unit| concerns(space, board, unit), who, action)
}

/// The same on a board of which is known whom it concerns ([`concerned`]); nothing is looked through.
#[must_use]
pub fn allowed_among(concerned: &BTreeSet<UnitId>, who: Who, action: Action<'_>) -> bool {
    judged(&|_, unit| concerned.contains(&unit), who, action)
}

fn judged(concerns: &dyn Fn(&Board, UnitId) -> bool, who: Who, action: Action<'_>) -> bool {
    use AccountRole::{Administrator, Editor, Enterprise, Guest, Keeper, Reader, Server, Supervisor};
    let administrator = who.role == Administrator;
    let may = |action| judged(concerns, who, action);
    match action {
        Action::ReadSpace => who.role != Enterprise,
        Action::WriteSpace => matches!(who.role, Administrator | Keeper | Server),
        // It is put on the list, and written while nobody is a member of it yet.
        Action::BeginBoard => administrator,
        Action::Administer => matches!(who.role, Administrator | Keeper),
        Action::AdministerRole(role) => administers(who.role, role),
        Action::AskOwnItems => who.role == Enterprise,
        Action::Carry => who.role == Server,
        Action::GiveBack(board) => {
            may(Action::Decide(board)) || (who.role == Supervisor && may(Action::ReadBoard(board)))
        }
        Action::ReadBoard(board) => match who.role {
            Enterprise => false,
            Guest => board.guests.contains(&who.unit),
            Server => board.guests.contains(&who.unit) || concerns(board, who.unit),
            role => role.sees_all() || concerns(board, who.unit),
        },
        Action::ReadLog { board, unit } => {
            may(Action::ReadBoard(board)) || (unit == who.unit && may(Action::ReadOwnItems(board)))
        }
        Action::WriteBoard(board) => match who.role {
            Editor => concerns(board, who.unit),
            Server => may(Action::ReadBoard(board)),
            _ => administrator,
        },
        Action::WriteLog { board, unit } => {
            who.unit == unit
                && !matches!(who.role, Reader | Keeper | Server)
                && (may(Action::ReadBoard(board)) || may(Action::ReadOwnItems(board)))
        }
        Action::Decide(board) | Action::Publish(board) => {
            administrator || (who.role == Editor && board.lead == Some(who.unit))
        }
        Action::ReadOwnItems(board) => who.role == Enterprise && concerns(board, who.unit),
    }
}

/// Whether somebody in a role administers people of another one; no board and no space is asked for that.
#[must_use]
pub const fn administers(role: AccountRole, of: AccountRole) -> bool {
    match role {
        AccountRole::Administrator => true,
        AccountRole::Keeper => !matches!(of, AccountRole::Administrator),
        _ => false,
    }
}

/// Whether a person in a role may write a kind of entry at all, wherever (domain.md, part d).
#[must_use]
pub const fn may_write(role: AccountRole, kind: EntryKind) -> bool {
    match role {
        AccountRole::Administrator | AccountRole::Editor => true,
        // Proposing and consenting bind the unit: not for field workers.
        AccountRole::Reporter => {
            !kind.is_decision() && !matches!(kind, EntryKind::Propose | EntryKind::Consent)
        }
        AccountRole::Supervisor => matches!(
            kind,
            EntryKind::Check
                | EntryKind::Score
                | EntryKind::Issue
                | EntryKind::Comment
                | EntryKind::Remind
                | EntryKind::CloseDecision
        ),
        AccountRole::Leader => matches!(kind, EntryKind::Instruction | EntryKind::Comment),
        AccountRole::Guest => {
            matches!(
                kind,
                EntryKind::Report
                    | EntryKind::Value
                    | EntryKind::Comment
                    | EntryKind::Visit
                    | EntryKind::Receipt
                    | EntryKind::Answer
                    | EntryKind::Consent
            )
        }
        AccountRole::Enterprise => {
            matches!(
                kind,
                EntryKind::Issue
                    | EntryKind::Answer
                    | EntryKind::Comment
                    | EntryKind::Receipt
                    | EntryKind::Score
                    | EntryKind::Report
            )
        }
        AccountRole::Reader | AccountRole::Keeper | AccountRole::Server => false,
    }
}

/// Whether a person in a role may put photos and files beside entries.
#[must_use]
pub const fn may_attach(role: AccountRole) -> bool {
    may_write(role, EntryKind::Report) || may_write(role, EntryKind::Comment)
}

/// Whether a person of a unit in a role may write an entry on a board that a unit leads: decisions
/// are for the lead and the city office; supervision sends a close-out back and no more.
#[must_use]
pub fn may_write_entry(role: AccountRole, entry: &Entry, lead: Option<UnitId>) -> bool {
    let decides = match role {
        AccountRole::Administrator => true,
        AccountRole::Supervisor => entry.accepted == Some(false),
        _ => lead == Some(entry.author.unit),
    };
    may_write(role, entry.kind) && (decides || !entry.kind.is_decision())
}

/// Whether a unit is named on a board: as its lead, a member, or in an item, itself or in a group.
#[must_use]
pub fn concerns(space: &Space, board: &Board, unit: UnitId) -> bool {
    let named = |named: &UnitId| {
        // A unit that left a group still reads what it did for it.
        let of = |group: &Unit| group.members.contains(&unit) || group.former.contains(&unit);
        *named == unit || space.units.get(named).is_some_and(of)
    };
    board.lead == Some(unit)
        || board.members.iter().any(named)
        || board
            .items
            .values()
            .any(|item| item.assignments.keys().any(named) || item.named_in_fields().any(|unit| named(&unit)))
}

/// All units that a board concerns, as [`concerns`] says of each.
#[must_use]
pub fn concerned(space: &Space, board: &Board) -> BTreeSet<UnitId> {
    let in_items = board.items.values();
    let in_items = in_items.flat_map(|item| item.assignments.keys().copied().chain(item.named_in_fields()));
    let named: BTreeSet<UnitId> = in_items.chain(board.members.iter().copied()).collect();
    let groups = named.iter().filter_map(|named| space.units.get(named));
    let within: BTreeSet<UnitId> =
        groups.flat_map(|group| group.members.iter().chain(&group.former)).copied().collect();
    named.into_iter().chain(within).chain(board.lead).collect()
}

/// The items of an enterprise, which sees and speaks of these and of no others (domain.md, part d):
/// those that name it, itself or in a group, and below them what names no other firm. `before` counts those that named it once as well: what was
/// written without a network then is taken.
#[must_use]
pub fn own_items(space: &Space, board: &Board, unit: UnitId, before: bool) -> BTreeSet<ItemId> {
    let firms = OnceCell::new();
    let is_firm = |named: UnitId| firms.get_or_init(|| enterprises(space)).contains(&named);
    let stands_for = |named: UnitId| match space.units.get(&named) {
        Some(group) if !group.members.is_empty() => group.members.contains(&unit),
        _ => named == unit,
    };
    let once = |named: UnitId| space.units.get(&named).is_some_and(|group| group.former.contains(&unit));
    let names = |named: UnitId| stands_for(named) || before && once(named);
    let mut own = BTreeSet::new();
    // Parents come before what stands below them.
    for id in board.item_order() {
        let Some(item) = board.items.get(&id) else { continue };
        let named = || {
            let assigned = item.assignments.iter().filter(|(_, one)| before || one.removal.is_none());
            assigned.map(|(unit, _)| *unit).chain(item.named_in_fields())
        };
        let below = item.parent.is_some_and(|parent| own.contains(&parent));
        if named().any(names) || below && !named().any(is_firm) {
            own.insert(id);
        }
    }
    own
}

/// The units that are enterprises by their kind or their people: the name of one is not shown to another.
/// The judgement of entries asks the certificate instead, which does not change when people do.
#[must_use]
pub fn enterprises(space: &Space) -> BTreeSet<UnitId> {
    let enterprise = AccountRole::Enterprise.word();
    let people = space.persons.values().filter(|person| person.role == enterprise);
    let units = space.units.iter().filter(|(_, unit)| unit.kind == enterprise);
    people.filter_map(|person| person.unit).chain(units.map(|(id, _)| *id)).collect()
}
