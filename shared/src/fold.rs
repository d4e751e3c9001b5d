//! Derived state: never stored, the same function on every device and on the server (domain.md,
//! b.1). One file each: causal order, close-out, retirement, indicator totals,
//! lamps, proposals.

mod causal;
mod close_out;
mod entries;
mod indicator;
mod instructions;
mod lamp;
mod moves;
mod proposals;
mod retire;

pub use causal::{Frontier, corrected, in_causal_order};
pub use close_out::{CloseOut, PartState, part_state};
pub use entries::{Apart, Entries};
pub use indicator::{Progress, Standing, UnitValue, progress, standing, standing_of_total};
pub use instructions::{Instruction, InstructionState, instructions};
pub use lamp::{Day, Lamp, lamp};
pub use moves::{ItemStanding, NotCounted, Offer, offers, standing_of};
pub use proposals::{Proposal, ProposalState, proposals};
pub use retire::{Retirement, item_digest, retirement};

use crate::entry::{Entry, EntryKind};
use crate::id::{ItemId, UnitId};
use crate::model::{Board, Item, Space};
use std::collections::{BTreeMap, BTreeSet};

/// An item as people see it: its units' parts, counts and lamps.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemState {
    pub retirement: Retirement,
    /// The part of each unit, groups expanded.
    pub parts: BTreeMap<UnitId, CloseOut>,
    /// Units that somebody took off while they reported (conflict 9).
    pub removal_pending: BTreeSet<UnitId>,
    pub lamp: Lamp,
}

impl ItemState {
    /// How many parts are closed, of how many (销号 n/m).
    #[must_use]
    pub fn closed(&self) -> (usize, usize) {
        let closed = self.parts.values().filter(|part| part.state == PartState::Closed).count();
        (closed, self.parts.len())
    }

    /// The state of the whole: closed only when every part is (rule `all_of`).
    #[must_use]
    pub fn whole(&self) -> PartState {
        let any = |state: PartState| self.parts.values().any(|part| part.state == state);
        let (closed, all) = self.closed();
        if all > 0 && closed == all {
            PartState::Closed
        } else if any(PartState::Returned) {
            PartState::Returned
        } else if any(PartState::Asked) {
            PartState::Asked
        } else if any(PartState::InProgress) || closed > 0 {
            PartState::InProgress
        } else {
            PartState::NotStarted
        }
    }

    /// Whether a person with the lead has something to decide here.
    #[must_use]
    pub fn needs_decision(&self) -> bool {
        self.retirement == Retirement::RetiredWithNews
            || !self.removal_pending.is_empty()
            || self.parts.values().any(|part| part.contested || part.late_reports > 0)
    }
}

/// The state of one item on a day.
#[must_use]
pub fn item_state(space: &Space, id: ItemId, item: &Item, entries: &Entries, day: Day<'_>) -> ItemState {
    let about = entries.of_item(id);
    let mut units = BTreeSet::new();
    let mut removal_pending = BTreeSet::new();
    for (unit, assignment) in &item.assignments {
        for one in space.expanded(*unit) {
            let Some(removal) = &assignment.removal else {
                units.insert(one);
                continue;
            };
            let unseen = |entry: &&&Entry| {
                entry.author.unit == one
                    && entry.kind == EntryKind::Report
                    && removal.seen.get(&entry.author.writer).is_none_or(|seen| *seen < entry.seq)
            };
            if about.iter().any(|entry| unseen(&entry)) {
                units.insert(one);
                removal_pending.insert(one);
            }
        }
    }
    let parts: BTreeMap<UnitId, CloseOut> =
        units.into_iter().map(|unit| (unit, part_state(unit, &about))).collect();
    let closed = !parts.is_empty() && parts.values().all(|part| part.state == PartState::Closed);
    ItemState {
        retirement: retirement(item, &about),
        removal_pending,
        lamp: lamp(&item.deadline, closed, day),
        parts,
    }
}

/// The state of every item of a board on a day (ISO date).
#[must_use]
pub fn board_state(
    space: &Space,
    board: &Board,
    entries: &Entries,
    today: &str,
) -> BTreeMap<ItemId, ItemState> {
    let day = Day::of(board, today);
    board.items.iter().map(|(id, item)| (*id, item_state(space, *id, item, entries, day))).collect()
}
