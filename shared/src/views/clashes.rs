//! Values that people wrote apart from each other, as somebody decides them: which field, who wrote
//! what and when, what stood there before, and what may be chosen (domain.md, b.4).

use super::choice::shown_words;
use crate::document::place;
use crate::edit::{BoardField, Edit, ItemField, LedgerField};
use crate::entry::{Entry, EntryKind};
use crate::fold::{UnitValue, progress};
use crate::id::{EntryId, IndicatorId, ItemId, PersonId, UnitId};
use crate::model::{Conflict, Indicator};
use crate::plan::{measure_name, role_of, target_of};
use crate::publication::{number_words, target_words};
use crate::register::{Chosen, Register, Said};
use crate::rule::Scene;
use crate::words::{Lang, Word};
use std::collections::HashSet;

/// One clash.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// The register of the clash; none for the number of an indicator.
    pub register: Option<Register>,
    pub item: Option<ItemId>,
    pub indicator: Option<IndicatorId>,
    /// The measure, indicator, section or board.
    pub about: String,
    /// The field, in a word of the screens.
    pub field: String,
    /// The value before they parted; empty for nothing.
    pub common: Option<String>,
    /// The values, the oldest first.
    pub sides: Vec<Side>,
    /// The edit that keeps both, where both can stand.
    pub both: Option<Edit>,
    /// The unit that chooses; none where it is the plan's.
    pub unit: Option<UnitId>,
}

/// One of the values.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// In the words of a screen; empty for nothing.
    pub shown: String,
    pub by: SaidBy,
    /// Seconds since 1970, by the clock of its device.
    pub time: i64,
    pub choice: Choice,
}

/// The author of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaidBy {
    /// The name a change gives, and its writing head.
    Change {
        by: String,
        actor: Vec<u8>,
    },
    Person {
        person: PersonId,
        unit: UnitId,
    },
}

/// How a value is chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    Edit(Edit),
    /// SaidBy an entry that says the number of this one again, having seen all of them.
    Number(EntryId),
}

/// The clashes of a board that wait, in the order of the document; indicators behind, by name.
#[must_use]
pub fn clashes(scene: &Scene<'_>, language: Lang) -> Vec<Clash> {
    let board = scene.board;
    let of_registers = board
        .conflicts
        .iter()
        .filter(|one| one.register != Register::Board(BoardField::Settled))
        .chain(board.section_order().into_iter().filter_map(|id| board.sections[&id].conflict.as_ref()))
        .chain(in_order(scene).into_iter().flat_map(|id| &board.items[&id].conflicts));
    let mut all: Vec<Clash> = of_registers.map(|one| of_register(scene, one, language)).collect();
    for (id, indicator) in indicators_in_order(scene) {
        all.extend(indicator.conflict.as_ref().map(|one| of_register(scene, one, language)));
        all.extend(of_numbers(scene, id, indicator, language));
    }
    all
}

/// Every item, also one that stands nowhere.
pub(super) fn in_order(scene: &Scene<'_>) -> Vec<ItemId> {
    let mut order = scene.board.item_order();
    let known: HashSet<ItemId> = order.iter().copied().collect();
    order.extend(scene.board.items.keys().filter(|id| !known.contains(id)));
    order
}

fn indicators_in_order<'a>(scene: &Scene<'a>) -> Vec<(IndicatorId, &'a Indicator)> {
    let mut all: Vec<(IndicatorId, &Indicator)> =
        scene.board.indicators.iter().map(|(id, one)| (*id, one)).collect();
    all.sort_by(|one, other| {
        (&one.1.name, one.1.target.year, one.0).cmp(&(&other.1.name, other.1.target.year, other.0))
    });
    all
}

/// One conflict as somebody decides it.
#[must_use]
pub fn of_register(scene: &Scene<'_>, conflict: &Conflict, language: Lang) -> Clash {
    let register = &conflict.register;
    let side = |said: &Said| {
        let choice = register.edit(&said.value).map(Choice::Edit)?;
        Some(Side {
            shown: value_words(scene, register, &said.value, language),
            by: SaidBy::Change { by: said.by.clone(), actor: said.actor.clone() },
            time: said.time,
            choice,
        })
    };
    let mut said: Vec<&Said> = conflict.said.iter().collect();
    said.sort_by_key(|one| (one.time, &one.by, &one.value));
    let (about, field) = named(scene, register, language);
    Clash {
        register: Some(register.clone()),
        item: register.item(),
        indicator: if let Register::Target(id) = register { Some(*id) } else { None },
        about,
        field,
        common: conflict.common.as_ref().map(|value| value_words(scene, register, value, language)),
        sides: said.into_iter().filter_map(side).collect(),
        both: register.both(&conflict.said).and_then(|value| register.edit(&value)),
        unit: if let Register::Row(_, unit, _) = register { Some(*unit) } else { None },
    }
}

/// The owner of a register and the name of its field.
#[must_use]
pub fn named(scene: &Scene<'_>, register: &Register, language: Lang) -> (String, String) {
    let word = |word: Word| word.text(language).to_owned();
    let board = scene.board;
    let of_item = |id: &ItemId| board.items.get(id).map(measure_name).unwrap_or_default();
    match register {
        Register::Board(field) => {
            let name = match field {
                BoardField::Title => Word::BoardName,
                BoardField::Lead => Word::RoleLead,
                _ => Word::PeriodWord,
            };
            (board.title.clone(), word(name))
        }
        Register::SectionTitle(id) => {
            let section = board.sections.get(id);
            let name = section.map(|one| format!("{} {}", one.number, one.title).trim().to_owned());
            (name.unwrap_or_default(), word(Word::SectionTitle))
        }
        Register::Place(id) => (of_item(id), word(Word::PlaceInList)),
        Register::Item(id, field) => {
            let name = match field {
                ItemField::Number => word(Word::NumberWord),
                ItemField::Title => word(Word::Headline),
                ItemField::Deadline => word(Word::Deadline),
                ItemField::Custom(key) => {
                    let found = scene.item_type(*id).and_then(|kind| kind.field(key));
                    found.map_or_else(|| key.clone(), |field| field.name.get(language).to_owned())
                }
            };
            (of_item(id), name)
        }
        Register::Part(id, unit) => {
            (of_item(id), format!("{} · {}", scene.space.unit_name(*unit), word(Word::PartRole)))
        }
        Register::Row(id, unit, field) => {
            let name = match field {
                LedgerField::Person => Word::PersonInCharge,
                LedgerField::YearlyTask => Word::YearlyTask,
                LedgerField::Path => Word::Path,
                LedgerField::Remark => Word::Remark,
            };
            (of_item(id), format!("{} · {}", word(name), scene.space.unit_name(*unit)))
        }
        Register::Target(id) => {
            (board.indicators.get(id).map(|one| one.name.clone()).unwrap_or_default(), word(Word::TargetWord))
        }
    }
}

/// A value of a register in the words of a screen.
#[must_use]
pub fn value_words(scene: &Scene<'_>, register: &Register, value: &str, language: Lang) -> String {
    let found = match register {
        Register::Place(_) => {
            let section = place(value).0.and_then(|id| scene.board.sections.get(&id));
            section.map(|one| format!("{} {}", one.number, one.title).trim().to_owned())
        }
        Register::Part(..) => role_of(value).map(|role| role.word().text(language).to_owned()),
        Register::Target(_) => target_of(value).map(|target| target_words(&target)),
        Register::Board(BoardField::Lead) => value.parse().ok().map(|unit| scene.space.unit_name(unit)),
        Register::Item(id, ItemField::Custom(key)) => {
            let field = scene.item_type(*id).and_then(|kind| kind.field(key));
            field.map(|field| shown_words(scene, field, value, language).into_owned())
        }
        _ => None,
    };
    found.unwrap_or_else(|| value.to_owned())
}

/// Numbers of one unit, or of the whole, that wait for a choice, whatever their year.
fn of_numbers(scene: &Scene<'_>, id: IndicatorId, indicator: &Indicator, language: Lang) -> Vec<Clash> {
    // Numbers that a rule fills are not reported.
    if indicator.fed_by.is_some() {
        return Vec::new();
    }
    let progress = progress(&scene.entries.of_indicator(id), indicator.reach);
    let shares = progress
        .by_period
        .iter()
        .flat_map(|(period, units)| units.iter().map(move |(unit, value)| (period, Some(*unit), value)));
    let all = shares.chain(progress.whole.iter().map(|(period, value)| (period, None, value)));
    all.filter(|(_, _, value)| !value.rivals.is_empty())
        .map(|(period, unit, value)| of_number(scene, (id, indicator), (period, unit, value), language))
        .collect()
}

fn of_number(
    scene: &Scene<'_>,
    (id, indicator): (IndicatorId, &Indicator),
    (period, unit, value): (&str, Option<UnitId>, &UnitValue),
    language: Lang,
) -> Clash {
    let unit_of_measure = &indicator.target.unit;
    let shown = |number: f64| format!("{} {unit_of_measure}", number_words(number)).trim().to_owned();
    let side = |entry: &Entry| Side {
        shown: entry.value.map(shown).unwrap_or_default(),
        by: SaidBy::Person { person: entry.author.person, unit: entry.author.unit },
        time: entry.said / 1000,
        choice: Choice::Number(entry.id),
    };
    let mut rivals: Vec<&Entry> = value.rivals.iter().filter_map(|id| scene.entries.all.get(id)).collect();
    rivals.sort_by_key(|entry| (entry.said, entry.id));
    let whose =
        unit.map_or_else(|| Word::ReachWhole.text(language).to_owned(), |unit| scene.space.unit_name(unit));
    Clash {
        register: None,
        item: indicator.item,
        indicator: Some(id),
        about: indicator.name.clone(),
        field: format!("{} · {whose} · {period}", Word::Value.text(language)),
        common: value.value.map(shown),
        sides: rivals.into_iter().map(side).collect(),
        both: None,
        unit,
    }
}

/// The entry of the edition that the public sees; none while nothing was published.
#[must_use]
pub fn last_edition<'a>(scene: &Scene<'a>) -> Option<&'a Entry> {
    let of_board = |entry: &&Entry| {
        entry.kind == EntryKind::Publish && entry.subject.item.is_none() && entry.value.is_some()
    };
    scene.entries.all.values().filter(of_board).max_by_key(|entry| (entry.said, entry.id))
}

/// A clash that somebody settled, as those are told whose value was not chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct SettledClash {
    pub item: Option<ItemId>,
    pub about: String,
    pub field: String,
    pub chosen: Side,
    pub lost: Vec<Side>,
}

/// The clashes that were settled from a moment on (seconds since 1970), the newest first.
#[must_use]
pub fn settled_clashes(scene: &Scene<'_>, since: i64, language: Lang) -> Vec<SettledClash> {
    let all = scene.board.settled_clashes().filter(|one| one.chosen.time >= since);
    let mut all: Vec<SettledClash> = all.filter_map(|one| of_chosen(scene, one, language)).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.chosen.time));
    all
}

fn of_chosen(scene: &Scene<'_>, one: &Chosen, language: Lang) -> Option<SettledClash> {
    if one.register == Register::Board(BoardField::Settled) {
        return None;
    }
    let side = |said: &Said| {
        Some(Side {
            shown: value_words(scene, &one.register, &said.value, language),
            by: SaidBy::Change { by: said.by.clone(), actor: said.actor.clone() },
            time: said.time,
            choice: Choice::Edit(one.register.edit(&said.value)?),
        })
    };
    let (about, field) = named(scene, &one.register, language);
    Some(SettledClash {
        item: one.register.item(),
        about,
        field,
        chosen: side(&one.chosen)?,
        lost: one.lost.iter().filter_map(side).collect(),
    })
}
