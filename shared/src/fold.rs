//! Derived state: never stored, the same function on every device and on the server (domain.md,
//! b.1). One file each: causal order, close-out, retirement, indicator totals,
//! lamps, proposals.

mod causal;
mod close_out;
mod entries;
mod holding;
mod indicator;
mod instructions;
mod lamp;
mod moves;
mod proposals;
mod retire;

pub use causal::{Frontier, corrected, in_causal_order};
pub use close_out::{CloseOut, PartState, part_state, returned};
pub use entries::{Apart, Entries};
pub use holding::{Holding, Leaving, Work, concerning};
pub use indicator::{
    Progress, Standing, Summand, UnitValue, combined, progress, standing, standing_in, standing_of_total,
};
pub use instructions::{Instruction, InstructionState, instructions};
pub use lamp::{Day, Lamp, lamp};
pub use moves::{ItemStanding, NotCounted, Offer, offers, standing_of};
pub use proposals::{Proposal, ProposalState, proposals};
pub use retire::{Retirement, item_digest, reported_unseen, retirement};

use crate::id::{ItemId, UnitId};
use crate::model::{Board, Item, Space};
use std::collections::BTreeMap;

/// An item as people see it: its units' parts, counts and lamps.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemState {
    pub retirement: Retirement,
    /// The part of each unit, groups expanded.
    pub parts: BTreeMap<UnitId, CloseOut>,
    /// Units that left while they worked unseen: the lead decides (conflict 9).
    pub leaving: BTreeMap<UnitId, Leaving>,
    /// Units that left and whose records are kept.
    pub left: BTreeMap<UnitId, Leaving>,
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
            || !self.leaving.is_empty()
            || self.parts.values().any(|part| part.contested || part.late_reports > 0)
    }
}

/// The state of one item on a day (ISO date); that of one that is not there is nothing.
#[must_use]
pub fn item_state(space: &Space, board: &Board, id: ItemId, entries: &Entries, today: &str) -> ItemState {
    let nothing = Item::default();
    let item = board.items.get(&id).unwrap_or(&nothing);
    let about = entries.of_item(id);
    let concerning = concerning(board, id, entries);
    let holding = Holding::of(space, item, || concerning.clone());
    let parts: BTreeMap<UnitId, CloseOut> =
        holding.parts().map(|unit| (unit, part_state(unit, &about))).collect();
    let closed = !parts.is_empty() && parts.values().all(|part| part.state == PartState::Closed);
    ItemState {
        retirement: retirement(item, &concerning),
        leaving: holding.leaving,
        left: holding.left,
        lamp: lamp(&item.deadline, closed, Day::of(board, today)),
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
    board.items.keys().map(|id| (*id, item_state(space, board, *id, entries, today))).collect()
}
