//! Registers that several people have written apart, as one reading finds them in its pass over the board. The
//! first of them are worked out; the others are counted, for each costs a search and what is told of its changes.

use super::clash::{Changes, MOST_VALUES, conflict, stands_apart};
use crate::edit::ItemField;
use crate::id::{ItemId, SectionId};
use crate::limits::{CLASH_VALUES, CLASHES};
use crate::model::{Board, Conflict, MoreClashes};
use crate::register::Register;
use automerge::{AutoCommit, ObjId, ReadDoc};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// The finds of one reading, in the order of its pass.
#[derive(Default)]
pub struct Found {
    all: RefCell<Vec<(Register, ObjId)>>,
    values: Cell<usize>,
}

impl Found {
    /// Notes a register that holds several values, by the object that it stands in.
    pub fn note(&self, object: &ObjId, register: Register) {
        self.all.borrow_mut().push((register, object.clone()));
    }

    /// Looks whether a register holds several values, and notes it then.
    pub fn look(&self, doc: &AutoCommit, object: &ObjId, register: Register) {
        let (_, key) = register.path();
        if doc.get_all(object, key).is_ok_and(|all| all.len() > 1) {
            self.note(object, register);
        }
    }

    /// The values that were looked at so far.
    #[cfg(test)]
    pub const fn values(&self) -> usize {
        self.values.get()
    }
}

/// Puts the conflicts of a board in their places: those of the plan first if there are too many, by the order of
/// the board.
pub fn put_conflicts(from: (&AutoCommit, &Changes), board: &mut Board) {
    let mut found = from.1.found.all.take();
    // Fewer cannot use up what one reading looks at.
    if found.len() > CLASHES.min(CLASH_VALUES / MOST_VALUES) {
        let order = Order::of(board);
        found.sort_by_cached_key(|(register, _)| (!is_of_plan(register), order.place(register)));
    }
    let (conflicts, more) = work_out(from, found);
    board.more_clashes = more;
    for one in conflicts {
        match &one.register {
            Register::Board(_) => board.conflicts.push(one),
            Register::SectionTitle(id) => {
                board.sections.entry(*id).and_modify(|section| section.conflict = Some(one));
            }
            Register::Target(id) => {
                board.indicators.entry(*id).and_modify(|indicator| indicator.conflict = Some(one));
            }
            Register::Place(id) | Register::Item(id, _) | Register::Part(id, _) | Register::Row(id, ..) => {
                board.items.entry(*id).and_modify(|item| item.conflicts.push(one));
            }
        }
    }
}

/// The conflicts of what one reading has found, where that is one item or indicator.
pub fn conflicts_of_one(from: (&AutoCommit, &Changes)) -> Vec<Conflict> {
    work_out(from, from.1.found.all.take()).0
}

/// The conflicts of the first registers, and how many are left that nobody has looked at.
fn work_out(from: (&AutoCommit, &Changes), found: Vec<(Register, ObjId)>) -> (Vec<Conflict>, MoreClashes) {
    let (mut conflicts, mut more) = (Vec::new(), MoreClashes::default());
    let looked = &from.1.found.values;
    for (register, object) in found {
        // Two who wrote the same words leave nothing to decide.
        if !stands_apart(from.0, &object, &register) {
            continue;
        }
        if conflicts.len() >= CLASHES || looked.get() >= CLASH_VALUES {
            more.fields += 1;
            more.of_plan += usize::from(is_of_plan(&register));
            continue;
        }
        let (one, values) = conflict(from, &object, &register);
        looked.set(looked.get() + values);
        conflicts.extend(one);
    }
    (conflicts, more)
}

/// Whether a register may say what the plan is.
const fn is_of_plan(register: &Register) -> bool {
    !matches!(register, Register::Row(..) | Register::Item(_, ItemField::Custom(_)))
}

/// The places in the document of what registers belong to.
struct Order {
    sections: HashMap<SectionId, usize>,
    items: HashMap<ItemId, usize>,
}

impl Order {
    fn of(board: &Board) -> Self {
        Self {
            sections: board.section_order().into_iter().zip(0..).collect(),
            items: board.item_order().into_iter().zip(0..).collect(),
        }
    }

    /// The board is before its sections, items stand behind them, those that stand nowhere behind the others, and
    /// targets last.
    fn place(&self, register: &Register) -> (u8, usize) {
        let in_section = |id| self.sections.get(id).copied().unwrap_or(usize::MAX);
        let of_item = |id: ItemId| self.items.get(&id).copied().unwrap_or(usize::MAX);
        match register {
            Register::Board(_) => (0, 0),
            Register::SectionTitle(id) => (1, in_section(id)),
            Register::Target(_) => (3, 0),
            other => (2, other.item().map_or(usize::MAX, of_item)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::board::board_of;
    use super::*;
    use crate::limits::READ_BACK;
    use automerge::transaction::Transactable;
    use automerge::{ActorId, ObjType, ROOT};

    const FIRST: ItemId = ItemId::from_bytes([7; 16]);
    const LAST: ItemId = ItemId::from_bytes([8; 16]);

    /// A board with two items, of which two people have written so many fields of the first one and the title of
    /// the last one at the same time, after so many changes each; with the values and moments that were looked at.
    fn read(fields: usize, chain: usize) -> (Board, usize, usize) {
        let mut doc = AutoCommit::new().with_actor(ActorId::from([1]));
        let items = doc.put_object(ROOT, "items", ObjType::Map).unwrap();
        let mut maps = Vec::new();
        for id in [FIRST, LAST] {
            let item = doc.put_object(&items, id.to_string(), ObjType::Map).unwrap();
            maps.push((doc.put_object(&item, "fields", ObjType::Map).unwrap(), item));
        }
        let write = |doc: &mut AutoCommit, word: &str| {
            (0..fields).for_each(|number| doc.put(&maps[0].0, format!("f{number:06}"), word).unwrap());
            doc.put(&maps[1].1, "title", word).unwrap();
            doc.commit();
        };
        write(&mut doc, "旧");
        let mut sides = [2, 3].map(|actor| doc.fork().with_actor(ActorId::from([actor])));
        for side in &mut sides {
            for step in 0..chain {
                side.put(ROOT, "step", i64::try_from(step).unwrap()).unwrap();
                side.commit();
            }
        }
        for (side, word) in sides.iter_mut().zip(["甲", "乙"]) {
            write(side, word);
            doc.merge(side).unwrap();
        }
        let changes = Changes::of(&doc);
        let board = board_of((&doc, &changes));
        (board, changes.found.values(), changes.looks.times())
    }

    #[test]
    fn ordinary_conflicts_are_all_told_with_what_stood_before() {
        let (board, ..) = read(20, 0);
        let of = |id: ItemId| &board.items[&id].conflicts;
        assert_eq!((of(FIRST).len(), of(LAST).len(), board.more_clashes), (20, 1, MoreClashes::default()));
        assert!(of(FIRST).iter().all(|one| one.said.len() == 2 && one.common.as_deref() == Some("旧")));
        assert_eq!(of(FIRST)[0].register, Register::Item(FIRST, ItemField::Custom("f000000".into())));
    }

    #[test]
    fn more_conflicts_than_anybody_decides_are_counted_and_cost_no_more() {
        let (board, values, looks) = read(2_000, 0);
        let (twice, values_of_twice, looks_of_twice) = read(4_000, 0);
        assert_eq!((values, looks), (values_of_twice, looks_of_twice), "{values} values, {looks} looks");
        let told = |board: &Board| board.items.values().map(|item| item.conflicts.len()).sum::<usize>();
        assert_eq!((told(&board), told(&twice)), (CLASHES, CLASHES));
        let more = |fields: usize| MoreClashes { fields: fields + 1 - CLASHES, of_plan: 0 };
        assert_eq!((board.more_clashes, twice.more_clashes), (more(2_000), more(4_000)), "none is dropped");
        assert_eq!(board.items[&LAST].conflicts.len(), 1, "the plan is before fields, wherever it stands");
    }

    #[test]
    fn fields_that_two_wrote_alike_leave_nothing_to_decide_however_many_there_are() {
        let mut doc = AutoCommit::new().with_actor(ActorId::from([1]));
        let items = doc.put_object(ROOT, "items", ObjType::Map).unwrap();
        let item = doc.put_object(&items, LAST.to_string(), ObjType::Map).unwrap();
        let fields = doc.put_object(&item, "fields", ObjType::Map).unwrap();
        doc.commit();
        let mut sides =
            [(2, "甲"), (3, "乙")].map(|(actor, word)| (doc.fork().with_actor(ActorId::from([actor])), word));
        for (side, word) in &mut sides {
            (0..CLASH_VALUES).for_each(|number| side.put(&fields, format!("f{number}"), "同").unwrap());
            side.put(&item, "title", *word).unwrap();
            side.put(&item, "place", format!("|{word}")).unwrap();
            side.commit();
            doc.merge(side).unwrap();
        }
        let board = board_of((&doc, &Changes::of(&doc)));
        let told: Vec<&Register> = board.items[&LAST].conflicts.iter().map(|one| &one.register).collect();
        assert_eq!(told, [&Register::Item(LAST, ItemField::Title)]);
        assert_eq!(board.more_clashes, MoreClashes::default());
    }

    #[test]
    fn looks_back_weigh_what_is_walked_for_them() {
        let chain = 8_000;
        let (board, _, looks) = read(CLASHES, chain);
        let walked = looks * chain * 2;
        assert!(looks > 0 && walked <= READ_BACK * 32, "{looks} looks, {walked} changes");
        let fields = &board.items[&FIRST].conflicts;
        assert!(fields.len() == CLASHES - 1 && fields.iter().any(|one| one.common.is_none()));
        assert_eq!(
            board.items[&LAST].conflicts[0].common.as_deref(),
            Some("旧"),
            "the first ones are told all"
        );
    }
}
