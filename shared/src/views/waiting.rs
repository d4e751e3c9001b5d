//! The tasks of a person on a board: the desk, in the order in which they are to be done.

use crate::fold::{self, InstructionState, Lamp, PartState, ProposalState, Retirement, proposals};
use crate::id::{BoardId, EntryId, ItemId, UnitId};
use crate::rule::Scene;
use crate::words::Word;
use std::collections::BTreeSet;

/// Why something waits; what comes first is done first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Urgency {
    /// 退回: one's close-out came back.
    Returned,
    /// 批示: an instruction is to be answered.
    Instruction,
    Overdue,
    DueSoon,
    /// Something that came together is to be decided.
    Decide,
    /// 申请销号
    Asked,
    /// An instruction was answered by all: it is to be ended or sent back.
    Answered,
    /// 会签
    Consent,
    /// 审核
    Review,
    NotReported,
}

impl Urgency {
    /// Every class, the most urgent first.
    pub const ALL: [Self; 10] = [
        Self::Returned,
        Self::Instruction,
        Self::Overdue,
        Self::DueSoon,
        Self::Decide,
        Self::Asked,
        Self::Answered,
        Self::Consent,
        Self::Review,
        Self::NotReported,
    ];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Returned => Word::Returned,
            Self::Instruction => Word::DidInstruction,
            Self::Overdue => Word::Overdue,
            Self::DueSoon => Word::DueSoon,
            Self::Decide => Word::NeedsDecision,
            Self::Asked => Word::Asked,
            Self::Answered => Word::InstructionAnswered,
            Self::Consent => Word::ConsentAsked,
            Self::Review => Word::StateReady,
            Self::NotReported => Word::NotReported,
        }
    }
}

/// The person who looks at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asker {
    pub unit: Option<UnitId>,
    /// Whether they decide on this board.
    pub decides: bool,
    /// Whether they answer for their unit, and consent for it.
    pub answers: bool,
    pub consents: bool,
    /// The settled plan differs from what was settled.
    pub plan_differs: bool,
    /// The measures with an open mark in their text that this person is asked about; none of them for the
    /// goal of the board.
    pub marked: BTreeSet<Option<ItemId>>,
}

/// One thing that waits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Waiting {
    pub urgency: Urgency,
    /// ISO date; empty without one, which stands behind.
    pub due: String,
    pub board: BoardId,
    /// A measure; without one the plan of the board, or an instruction about all of it.
    pub item: Option<ItemId>,
    /// The instruction.
    pub entry: Option<EntryId>,
    /// Why: the reason of a return, the words of an instruction, the units that ask.
    pub why: String,
}

/// The tasks on a board, the most urgent first, in one class those that are due first.
#[must_use]
pub fn waiting(scene: &Scene<'_>, board: BoardId, asker: &Asker) -> Vec<Waiting> {
    let mut all: Vec<Waiting> = Vec::new();
    for id in scene.board.item_order() {
        all.extend(of_item(scene, id, asker).map(|(urgency, due, why)| Waiting {
            urgency,
            due,
            board,
            item: Some(id),
            entry: None,
            why,
        }));
    }
    all.extend(of_plan(scene, asker).into_iter().map(|urgency| Waiting {
        urgency,
        due: String::new(),
        board,
        item: None,
        entry: None,
        why: String::new(),
    }));
    for item in &asker.marked {
        let asked = |one: &Waiting| one.urgency == Urgency::Decide && one.item == *item;
        let due = item.and_then(|item| scene.item(item)).map(|item| item.deadline.clone());
        if !all.iter().any(asked) {
            all.push(Waiting {
                urgency: Urgency::Decide,
                due: due.unwrap_or_default(),
                board,
                item: *item,
                entry: None,
                why: String::new(),
            });
        }
    }
    for one in fold::instructions(scene.space, scene.entries, scene.board.lead) {
        let mine = asker.answers && asker.unit.is_some_and(|unit| one.waits_for(unit));
        let answered = asker.decides && one.state == InstructionState::Answered;
        let urgency = match (mine, answered) {
            (true, _) => Urgency::Instruction,
            (false, true) => Urgency::Answered,
            (false, false) => continue,
        };
        all.push(Waiting {
            urgency,
            due: one.entry.due.clone().unwrap_or_default(),
            board,
            item: one.entry.subject.item,
            entry: Some(one.entry.id),
            why: one.entry.body.clone(),
        });
    }
    waiting_in_order(&mut all);
    all
}

/// Puts what waits into its order; of one class and day the order stays.
pub fn waiting_in_order(all: &mut [Waiting]) {
    all.sort_by(|one, other| {
        let key = |one: &Waiting| (one.urgency, one.due.is_empty(), one.due.clone());
        key(one).cmp(&key(other))
    });
}

fn of_item(scene: &Scene<'_>, id: ItemId, asker: &Asker) -> Option<(Urgency, String, String)> {
    let (item, kind) = (scene.item(id)?, scene.item_type(id)?);
    // An item with states of its own waits by its deadlines, and no more once it has ended.
    if !kind.parts {
        let own = asker.unit.is_some_and(|unit| scene.holders(id).contains(&unit)) && !scene.is_ended(id);
        let retired = scene.standing(id).is_some_and(|standing| standing.retired);
        let urgency = match scene.lamp(id).filter(|_| own && !retired)? {
            Lamp::Overdue => Urgency::Overdue,
            Lamp::DueSoon => Urgency::DueSoon,
            Lamp::PastPlan | Lamp::OnTrack | Lamp::NoDate | Lamp::Done => return None,
        };
        return Some((urgency, scene.due(id).map(|day| day.to_string()).unwrap_or_default(), String::new()));
    }
    let state = scene.state(id);
    if state.retirement == Retirement::Retired {
        return None;
    }
    let mine = asker.unit.and_then(|unit| state.parts.get(&unit));
    let asked = || {
        let units = state.parts.iter().filter(|(_, part)| part.state == PartState::Asked);
        units.map(|(unit, _)| scene.space.short_name(*unit)).collect::<Vec<_>>()
    };
    let lamp = scene.lamp(id).unwrap_or(Lamp::OnTrack);
    let due = item.deadline.clone();
    let plain = |urgency| Some((urgency, due.clone(), String::new()));
    match mine.map(|part| part.state) {
        Some(PartState::Returned) => {
            let by = mine.and_then(|part| scene.entries.all.get(&part.by?));
            let why = by.map(|entry| {
                let unit = scene.space.short_name(entry.author.unit);
                format!("{unit}：{}", entry.body).trim_end_matches('：').to_owned()
            });
            Some((Urgency::Returned, due, why.unwrap_or_default()))
        }
        Some(PartState::NotStarted | PartState::InProgress) if lamp == Lamp::Overdue => {
            plain(Urgency::Overdue)
        }
        Some(PartState::NotStarted | PartState::InProgress) if lamp == Lamp::DueSoon => {
            plain(Urgency::DueSoon)
        }
        _ if asker.decides && state.needs_decision() => plain(Urgency::Decide),
        _ if asker.decides && !asked().is_empty() => Some((Urgency::Asked, due, asked().join("、"))),
        Some(PartState::NotStarted) => plain(Urgency::NotReported),
        _ => None,
    }
}

/// The tasks of a settled plan for a unit: its consent, its review, changes that came in unseen. One
/// of a kind for a board.
fn of_plan(scene: &Scene<'_>, asker: &Asker) -> BTreeSet<Urgency> {
    let mut all = BTreeSet::new();
    if scene.board.settled.is_none() {
        return all;
    }
    if asker.decides && asker.plan_differs {
        all.insert(Urgency::Decide);
    }
    for one in proposals(scene.entries).iter().filter(|one| one.is_open()) {
        if asker.consents && asker.unit.is_some_and(|unit| one.missing.contains(&unit)) {
            all.insert(Urgency::Consent);
        } else if asker.decides && one.state != ProposalState::Consulted {
            all.insert(Urgency::Review);
        }
    }
    all
}
