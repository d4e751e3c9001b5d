//! 批示 as tasks: of which units something is asked until when, what they answered, whether it is
//! done.

use super::causal::{Frontier, corrected, in_causal_order};
use super::entries::Entries;
use crate::access::AccountRole;
use crate::entry::{Entry, EntryKind};
use crate::id::UnitId;
use crate::model::Space;
use crate::words::Word;
use std::collections::BTreeMap;

/// The state of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InstructionState {
    /// 未回应: a unit that was asked has not answered.
    Open,
    /// 已回应: all have.
    Answered,
    /// 已办结
    Done,
}

impl InstructionState {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Open => Word::NotAnswered,
            Self::Answered => Word::Answered,
            Self::Done => Word::InstructionDone,
        }
    }
}

/// An instruction that asks something of units, derived from its entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction<'a> {
    pub entry: &'a Entry,
    /// The units that are asked, groups expanded, with the answer of each that counts.
    pub units: BTreeMap<UnitId, Option<&'a Entry>>,
    pub state: InstructionState,
    /// The entry that ended it, or sent its answers back.
    pub decision: Option<&'a Entry>,
    /// Answers that whoever ended it had not seen.
    pub late_answers: usize,
}

impl Instruction<'_> {
    /// Whether a unit still has to answer.
    #[must_use]
    pub fn waits_for(&self, unit: UnitId) -> bool {
        self.state != InstructionState::Done && self.units.get(&unit).is_some_and(Option::is_none)
    }

    /// Whether its day has passed and it is not done.
    #[must_use]
    pub fn is_late(&self, today: &str) -> bool {
        let due = self.entry.due.as_deref().filter(|due| !due.is_empty());
        self.state != InstructionState::Done && due.is_some_and(|due| due < today)
    }
}

/// The instructions of a board that ask something of units, in causal order. One that its unit has
/// corrected is no longer among them. `lead` leads the board.
#[must_use]
pub fn instructions<'a>(space: &Space, entries: &'a Entries, lead: Option<UnitId>) -> Vec<Instruction<'a>> {
    let speaks = |entry: &&Entry| match entry.kind {
        EntryKind::Instruction => true,
        EntryKind::Answer | EntryKind::Outcome => entry.answers.is_some(),
        _ => false,
    };
    let all = in_causal_order(entries.all.values().filter(speaks).collect());
    let replaced = corrected(&all);
    let in_force: Vec<&Entry> = all.into_iter().filter(|entry| !replaced.contains(&entry.id)).collect();
    let asks = in_force.iter().copied().filter(|entry| {
        entry.kind == EntryKind::Instruction && entry.asks.as_ref().is_some_and(|units| !units.is_empty())
    });
    asks.map(|entry| {
        let about: Vec<&Entry> =
            in_force.iter().copied().filter(|one| one.answers == Some(entry.id)).collect();
        instruction(space, entry, &about, lead)
    })
    .collect()
}

fn instruction<'a>(
    space: &Space,
    entry: &'a Entry,
    about: &[&'a Entry],
    lead: Option<UnitId>,
) -> Instruction<'a> {
    // Its giver, the lead of the board and the city office say that it is done.
    let decides = |one: &Entry| {
        one.author.unit == entry.author.unit
            || lead == Some(one.author.unit)
            || one.role_then == Some(AccountRole::Administrator)
    };
    let decisions: Vec<&Entry> = about
        .iter()
        .copied()
        .filter(|one| one.kind == EntryKind::Outcome && one.accepted.is_some() && decides(one))
        .collect();
    let newest = Frontier::of(&decisions).0;
    // Two at the same time: the careful one counts.
    let decision = newest.iter().copied().min_by_key(|one| one.accepted != Some(false));
    let sent_back = decision.filter(|one| one.accepted == Some(false));
    let asked = entry.asks.iter().flatten().flat_map(|unit| space.expanded(*unit));
    let answer_of = |unit: UnitId| {
        let mut own = about.iter().copied().filter(|one| {
            one.kind == EntryKind::Answer
                && one.author.unit == unit
                && (!one.body.trim().is_empty() || !one.files().is_empty())
                && sent_back.is_none_or(|back| !back.has_seen(one))
        });
        own.next_back()
    };
    let units: BTreeMap<UnitId, Option<&Entry>> = asked.map(|unit| (unit, answer_of(unit))).collect();
    let done = decision.filter(|one| one.accepted == Some(true));
    let state = match done {
        Some(_) => InstructionState::Done,
        None if units.values().all(Option::is_some) => InstructionState::Answered,
        None => InstructionState::Open,
    };
    let unseen = |answer: &&&Entry| done.is_some_and(|done| !done.has_seen(answer));
    let late_answers = units.values().flatten().filter(unseen).count();
    Instruction { entry, units, state, decision, late_answers }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Author, Subject};
    use crate::id::{BoardId, DeviceId, EntryId, ItemId, PersonId};

    const OFFICE: UnitId = UnitId::from_bytes([1; 16]);
    const BANNER: UnitId = UnitId::from_bytes([2; 16]);
    const BUREAU: UnitId = UnitId::from_bytes([3; 16]);

    /// A device of a unit, with what it has seen.
    struct Desk {
        unit: UnitId,
        entries: Entries,
        count: u32,
    }

    impl Desk {
        fn new(unit: UnitId) -> Self {
            Self { unit, entries: Entries::default(), count: 0 }
        }

        fn write(&mut self, kind: EntryKind, fill: impl FnOnce(&mut Entry)) -> EntryId {
            self.count += 1;
            let person = PersonId::from_bytes([9; 16]);
            let writer = self.unit.to_string();
            let author = Author { person, unit: self.unit, device: DeviceId::from_bytes([8; 16]), writer };
            let board = BoardId::from_bytes([7; 16]);
            let item = Some(ItemId::from_bytes([6; 16]));
            let subject = Subject { board, item, unit: None, indicator: None };
            let id = Entry::own_id(i64::from(self.count), board, &author, self.count);
            let mut entry = Entry {
                seq: self.count,
                said: i64::from(self.count),
                seen: self.entries.seen(),
                body: "请于月底前报结果".to_owned(),
                ..Entry::new(id, kind, author, subject)
            };
            fill(&mut entry);
            self.entries.add(entry);
            id
        }

        fn hears(&mut self, other: &Self) {
            other.entries.all.values().for_each(|entry| self.entries.add(entry.clone()));
        }
    }

    fn ask(desk: &mut Desk, units: &[UnitId]) -> EntryId {
        let units = units.iter().copied().collect();
        desk.write(EntryKind::Instruction, |entry| {
            (entry.asks, entry.due) = (Some(units), Some("2025-06-30".to_owned()));
        })
    }

    fn answer(desk: &mut Desk, to: EntryId) -> EntryId {
        desk.write(EntryKind::Answer, |entry| entry.answers = Some(to))
    }

    fn decide(desk: &mut Desk, about: EntryId, done: bool) -> EntryId {
        desk.write(EntryKind::Outcome, |entry| (entry.answers, entry.accepted) = (Some(about), Some(done)))
    }

    fn state(desk: &Desk) -> (InstructionState, Vec<UnitId>) {
        let space = Space::default();
        let all = instructions(&space, &desk.entries, Some(OFFICE));
        assert_eq!(all.len(), 1);
        let waits = all[0].units.keys().copied().filter(|unit| all[0].waits_for(*unit));
        (all[0].state, waits.collect())
    }

    #[test]
    fn an_instruction_waits_for_each_unit_until_it_answers_and_is_done_when_that_is_said() {
        let (mut office, mut banner, mut bureau) = (Desk::new(OFFICE), Desk::new(BANNER), Desk::new(BUREAU));
        let asked = ask(&mut office, &[BANNER, BUREAU]);
        assert_eq!(state(&office), (InstructionState::Open, vec![BANNER, BUREAU]));
        banner.hears(&office);
        answer(&mut banner, asked);
        assert_eq!(state(&banner), (InstructionState::Open, vec![BUREAU]));
        bureau.hears(&banner);
        // A unit that was asked cannot end it, and blanks are no answer.
        decide(&mut bureau, asked, true);
        bureau.write(EntryKind::Answer, |entry| {
            (entry.answers, entry.body) = (Some(asked), " ".to_owned());
        });
        assert_eq!(state(&bureau), (InstructionState::Open, vec![BUREAU]));
        answer(&mut bureau, asked);
        assert_eq!(state(&bureau), (InstructionState::Answered, vec![]));
        office.hears(&bureau);
        decide(&mut office, asked, true);
        assert_eq!(state(&office), (InstructionState::Done, vec![]));
        bureau.hears(&office);
        assert_eq!(state(&bureau), state(&office));
    }

    #[test]
    fn an_answer_that_was_sent_back_is_asked_for_again_and_one_that_came_after_the_end_is_told() {
        let (mut office, mut banner) = (Desk::new(OFFICE), Desk::new(BANNER));
        let asked = ask(&mut office, &[BANNER]);
        banner.hears(&office);
        answer(&mut banner, asked);
        office.hears(&banner);
        decide(&mut office, asked, false);
        assert_eq!(state(&office), (InstructionState::Open, vec![BANNER]));
        // An answer that had not seen it counts, in either order of arrival.
        answer(&mut banner, asked);
        banner.hears(&office);
        assert_eq!(state(&banner), (InstructionState::Answered, vec![]));
        decide(&mut office, asked, true);
        banner.hears(&office);
        let space = Space::default();
        let all = instructions(&space, &banner.entries, Some(OFFICE));
        assert_eq!((all[0].state, all[0].late_answers), (InstructionState::Done, 1));
        // Ended and sent back at the same time: it goes on.
        let (mut one, mut other) = (Desk::new(OFFICE), Desk::new(OFFICE));
        other.count = 50;
        let asked = ask(&mut one, &[BANNER]);
        other.hears(&one);
        let writer = |entry: &mut Entry| entry.author.writer = "another".to_owned();
        decide(&mut one, asked, true);
        other.write(EntryKind::Outcome, |entry| {
            writer(entry);
            (entry.answers, entry.accepted) = (Some(asked), Some(false));
        });
        one.hears(&other);
        assert_eq!(state(&one).0, InstructionState::Open);
    }

    #[test]
    fn an_instruction_reaches_the_members_of_a_group_and_is_replaced_by_its_correction() {
        let group = UnitId::from_bytes([5; 16]);
        let mut space = Space::default();
        let members = [BANNER, BUREAU].into();
        space.units.insert(group, crate::model::Unit { members, ..Default::default() });
        let mut office = Desk::new(OFFICE);
        let first = ask(&mut office, &[group]);
        let all = instructions(&space, &office.entries, None);
        assert!(all[0].waits_for(BANNER) && all[0].waits_for(BUREAU) && !all[0].waits_for(OFFICE));
        assert!(all[0].is_late("2025-07-01") && !all[0].is_late("2025-06-30"));
        // Words without a unit are a remark and no task.
        office.write(EntryKind::Instruction, |_| {});
        let units = [BUREAU].into();
        office.write(EntryKind::Instruction, |entry| {
            (entry.asks, entry.supersedes) = (Some(units), Some(first));
        });
        let all = instructions(&space, &office.entries, None);
        assert_eq!(
            all.iter().map(|one| one.units.keys().copied().collect()).collect::<Vec<Vec<_>>>(),
            [[BUREAU]]
        );
    }
}
