//! The grounds of rights on a board: whom it concerns, and the items of each enterprise. They are worked out once
//! for a board and its space as they stand, however many ask, and however often.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak};
use tongban_shared::access;
use tongban_shared::id::{ItemId, UnitId};
use tongban_shared::model::{Board, Space};

/// Grounds that were worked out for a board. They keep neither the board nor the items of a unit for which nobody
/// has any.
pub(super) struct Grounds {
    space: Weak<Space>,
    board: Weak<Board>,
    concerned: OnceLock<BTreeSet<UnitId>>,
    own: Mutex<HashMap<UnitId, Weak<BTreeSet<ItemId>>>>,
}

/// By the place of the board in memory, which is no other's for as long as it is named here.
static KEPT: LazyLock<Mutex<HashMap<usize, Arc<Grounds>>>> = LazyLock::new(Mutex::default);

impl Grounds {
    /// Those of a board in a space.
    pub(super) fn of(space: &Arc<Space>, board: &Arc<Board>) -> Arc<Self> {
        let place = Arc::as_ptr(board).addr();
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&place).filter(|known| known.space.as_ptr() == Arc::as_ptr(space)) {
            return Arc::clone(known);
        }
        kept.retain(|_, known| known.board.strong_count() > 0);
        let (concerned, own) = (OnceLock::new(), Mutex::default());
        let known = Self { space: Arc::downgrade(space), board: Arc::downgrade(board), concerned, own };
        Arc::clone(kept.entry(place).insert_entry(Arc::new(known)).get())
    }

    /// The units that the board concerns.
    pub(super) fn concerned(&self, space: &Space, board: &Board) -> &BTreeSet<UnitId> {
        self.concerned.get_or_init(|| access::concerned(space, board))
    }

    /// The items that an enterprise speaks of, those of before among them.
    pub(super) fn own(&self, space: &Space, board: &Board, unit: UnitId) -> Arc<BTreeSet<ItemId>> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(items) = own.get(&unit).and_then(Weak::upgrade) {
            return items;
        }
        own.retain(|_, items| items.strong_count() > 0);
        let items = Arc::new(access::own_items(space, board, unit, true));
        own.insert(unit, Arc::downgrade(&items));
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Account, Visitor};
    use crate::rooms::What;
    use tongban_shared::access::AccountRole;
    use tongban_shared::id::{BoardId, PersonId};
    use tongban_shared::model::{Assignment, Item, Unit};

    /// An enterprise says word after word on a board of many items.
    #[test]
    fn rights_are_worked_out_once_for_a_board_and_its_space() {
        let (firm, other) = (UnitId::from_bytes([1; 16]), UnitId::from_bytes([2; 16]));
        let mut board = Board { members: [firm].into(), ..Board::default() };
        for number in 0..50 {
            let assignments = [(if number == 0 { firm } else { other }, Assignment::default())].into();
            board.items.insert(ItemId::from_bytes([number; 16]), Item { assignments, ..Item::default() });
        }
        let (space, mut board) = (Arc::new(Space::default()), Arc::new(board));
        let account = Account {
            id: PersonId::from_bytes([3; 16]),
            login: "firm".into(),
            name: String::new(),
            unit: firm,
            role: AccountRole::Enterprise,
        };
        let visitor = Visitor { account, device: None };
        let log = What::Log(BoardId::from_bytes([4; 16]), firm);
        let rights = |space: &Arc<Space>, board: &Arc<Board>| {
            let rights = log.rights(&visitor, space, board).expect("it is named");
            rights.items.expect("those of an enterprise")
        };
        let (first, again) = (rights(&space, &board), rights(&space, &board));
        assert!(Arc::ptr_eq(&first, &again), "nothing is gone through again");
        let grounds = Grounds::of(&space, &board);
        assert!(Arc::ptr_eq(&grounds, &Grounds::of(&space, &board)));
        assert_eq!(*grounds.concerned(&space, &board), BTreeSet::from([firm, other]));

        // Another space, and a board that was edited, are other grounds.
        let moved = Arc::new(Space { name: "别的".into(), ..Space::default() });
        assert!(!Arc::ptr_eq(&first, &rights(&moved, &board)));
        Arc::make_mut(&mut board).members.clear();
        let named = log.rights(&visitor, &moved, &board);
        assert!(named.is_some(), "by its item");
        Arc::make_mut(&mut board).items.clear();
        assert!(log.rights(&visitor, &moved, &board).is_none());
        // Nothing is kept for a board that is gone.
        let last = Grounds::of(&moved, &board);
        drop(board);
        let _ = Grounds::of(&space, &Arc::default());
        assert_eq!(Arc::strong_count(&last), 1);
    }

    #[test]
    fn all_whom_a_board_concerns_are_those_of_whom_it_is_said() {
        let unit = |number: u8| UnitId::from_bytes([number; 16]);
        let group = |members: &[u8], former: &[u8]| Unit {
            members: members.iter().copied().map(unit).collect(),
            former: former.iter().copied().map(unit).collect(),
            ..Unit::default()
        };
        let units =
            [(unit(1), group(&[2, 3], &[4])), (unit(5), group(&[6], &[])), (unit(7), group(&[8], &[]))];
        let space = Space { units: units.into(), ..Space::default() };
        let mut item = Item { assignments: [(unit(1), Assignment::default())].into(), ..Item::default() };
        item.fields.insert("unit".into(), unit(9).to_string());
        let board = Board {
            lead: Some(unit(7)),
            members: [unit(5)].into(),
            guests: [unit(10)].into(),
            items: [(ItemId::from_bytes([1; 16]), item)].into(),
            ..Board::default()
        };
        let concerned = access::concerned(&space, &board);
        for number in 0..20 {
            let said = access::concerns(&space, &board, unit(number));
            assert_eq!(concerned.contains(&unit(number)), said, "{number}");
        }
        assert_eq!(concerned, [1, 2, 3, 4, 5, 6, 7, 9].map(unit).into());
    }
}
