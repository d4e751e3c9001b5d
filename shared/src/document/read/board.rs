//! The board of a document, whole and in parts.

use super::clash::{Changes, chosen, chosen_in};
use super::found::{conflicts_of_one, put_conflicts};
use super::rows::mark_unseen_rows;
use super::{GUEST, entries_of, flag, of_word, scalars_of, text};
use crate::document::paragraph;
use crate::document::write::{object, settles};
use crate::edit::{BoardField, ItemField, LedgerField};
use crate::id::{IndicatorId, ItemId, SectionId, UnitId};
use crate::import::Role;
use crate::model::{
    Assignment, Board, Indicator, Item, Ledger, Link, Milestone, Removal, Section, Source, Target,
};
use crate::plan::Settled;
use crate::register::Register;
use crate::template::{self, Template};
use automerge::{AutoCommit, ObjId, ROOT, ReadDoc, ScalarValue, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The board of a document.
pub fn board(doc: &AutoCommit) -> Board {
    board_of((doc, &Changes::of(doc)))
}

/// The same, with whatever is kept for this one reading.
pub(super) fn board_of(from: (&AutoCommit, &Changes)) -> Board {
    let (doc, _) = from;
    let mut board =
        Board { goal: paragraph::shown(text(doc, &ROOT, "goal").unwrap_or_default()), ..Board::default() };
    if let Some(meta) = object(doc, &["meta"]) {
        meta_of(from, &meta, &mut board);
    }
    if let Some(members) = object(doc, &["members"]) {
        for (key, value) in scalars_of(doc, &members) {
            match key.strip_prefix(GUEST) {
                Some(guest) if value == ScalarValue::Boolean(true) => {
                    board.guests.extend(guest.parse::<UnitId>());
                }
                Some(_) => {}
                None => board.members.extend(key.parse::<UnitId>()),
            }
        }
    }
    if let Some(sections) = object(doc, &["sections"]) {
        board.sections = entries_of(doc, &sections)
            .into_iter()
            .filter_map(|(key, object)| {
                let id = key.parse().ok()?;
                Some((id, section(from, id, &object)))
            })
            .collect();
    }
    if let Some(items) = object(doc, &["items"]) {
        board.items = entries_of(doc, &items)
            .into_iter()
            .filter_map(|(key, object)| {
                let id = key.parse().ok()?;
                Some((id, item_of(from, id, &object)))
            })
            .collect();
    }
    if let Some(indicators) = object(doc, &["indicators"]) {
        board.indicators = entries_of(doc, &indicators)
            .into_iter()
            .filter_map(|(key, object)| {
                let id = key.parse().ok()?;
                Some((id, indicator(from, id, &object)))
            })
            .collect();
    }
    if let Some(links) = object(doc, &["links"]) {
        board.links = entries_of(doc, &links)
            .into_iter()
            .filter_map(|(key, id)| Some((key.parse().ok()?, link(doc, &id)?)))
            .collect();
    }
    put_conflicts(from, &mut board);
    board
}

fn meta_of(from: (&AutoCommit, &Changes), meta: &ObjId, board: &mut Board) {
    let (doc, changes) = from;
    let word = |key: &str| text(doc, meta, key).unwrap_or_default();
    board.title = word("title");
    board.template = word("template");
    board.template_source = word("template_source");
    board.template_version = word("template_version").parse().unwrap_or(1);
    board.period = word("period_from").parse().ok().zip(word("period_to").parse().ok());
    board.source = Source {
        title: word("source_title"),
        number: word("source_number"),
        issuer: word("issuer"),
        date: word("source_date"),
    };
    board.lead = word("lead").parse().ok();
    board.settled = Settled::from_word(&word(BoardField::Settled.key()));
    let shown = [
        BoardField::Title,
        BoardField::Lead,
        BoardField::PeriodFrom,
        BoardField::PeriodTo,
        BoardField::Settled,
    ]
    .map(Register::Board);
    board.chosen = shown.iter().filter_map(|one| chosen(from, meta, one)).collect();
    shown.into_iter().for_each(|one| changes.found.look(doc, meta, one));
}

fn section(from: (&AutoCommit, &Changes), id: SectionId, object: &ObjId) -> Section {
    let (doc, changes) = from;
    let word = |key: &str| text(doc, object, key).unwrap_or_default();
    changes.found.look(doc, object, Register::SectionTitle(id));
    Section {
        number: word("number"),
        title: word("title"),
        rank: word("rank"),
        conflict: None,
        chosen: chosen(from, object, &Register::SectionTitle(id)),
    }
}

/// One item.
pub fn item(doc: &AutoCommit, id: ItemId) -> Option<Item> {
    let object = object(doc, &["items", &id.to_string()])?;
    let changes = Changes::of(doc);
    let mut item = item_of((doc, &changes), id, &object);
    item.conflicts = conflicts_of_one((doc, &changes));
    Some(item)
}

/// Whether a board has an item, by its key.
pub fn has_item(doc: &AutoCommit, item: &str) -> bool {
    object(doc, &["items", item]).is_some()
}

/// The type of an item, by its key; empty for a line of a document.
pub fn kind_of(doc: &AutoCommit, item: &str) -> String {
    object(doc, &["items", item]).and_then(|item| text(doc, &item, "kind")).unwrap_or_default()
}

/// The template of a board.
pub fn template_of(doc: &AutoCommit) -> Option<Arc<Template>> {
    let meta = object(doc, &["meta"])?;
    let word = |field: BoardField| text(doc, &meta, field.key()).unwrap_or_default();
    let (template, template_source) = (word(BoardField::Template), word(BoardField::TemplateSource));
    template::of(&Board { template, template_source, ..Board::default() }).ok()
}

/// The register of an item under a key of its map, where values of two people are shown side by side.
fn register_of(id: ItemId, key: &str) -> Option<Register> {
    Some(match key {
        "number" => Register::Item(id, ItemField::Number),
        "title" => Register::Item(id, ItemField::Title),
        "deadline" => Register::Item(id, ItemField::Deadline),
        "place" => Register::Place(id),
        _ => return None,
    })
}

/// The register under a key of a map in an item.
fn register_in(id: ItemId, map: &str, key: &str) -> Option<Register> {
    Some(match map {
        "fields" => Register::Item(id, ItemField::Custom(key.to_owned())),
        "assignments" => Register::Part(id, key.parse().ok()?),
        "ledger" => {
            let (unit, field) = key.split_once('/')?;
            let field = LedgerField::ALL.into_iter().find(|known| known.key() == field)?;
            Register::Row(id, unit.parse().ok()?, field)
        }
        _ => return None,
    })
}

fn item_of(from: (&AutoCommit, &Changes), id: ItemId, object: &ObjId) -> Item {
    let (doc, _) = from;
    let mut item = Item::default();
    // One pass over the map: asking for each key again costs a search each.
    for register in doc.map_range(object, ..) {
        let key = register.key.as_ref();
        note_clash(from, object, &mut item, &register, |key| register_of(id, key));
        match Value::from(register.value.clone()) {
            Value::Scalar(value) => word_of_item(&mut item, key, value.as_str().unwrap_or_default()),
            Value::Object(_) => {
                let map = register.id();
                if matches!(key, "fields" | "assignments" | "ledger") {
                    for inner in doc.map_range(&map, ..) {
                        note_clash(from, &map, &mut item, &inner, |inner| register_in(id, key, inner));
                    }
                }
                part_of_item(from, &mut item, key, &map);
            }
        }
    }
    mark_unseen_rows(from, object, &mut item);
    item
}

/// Notes values that stand against each other in a register, or what was chosen of such.
fn note_clash(
    from: (&AutoCommit, &Changes),
    map: &ObjId,
    item: &mut Item,
    register: &automerge::iter::MapRangeItem<'_>,
    named: impl Fn(&str) -> Option<Register>,
) {
    if register.conflict
        && let Some(one) = named(&register.key)
    {
        from.1.found.note(map, one);
    }
    if let Some(one) = settles(&register.key).and_then(named) {
        let says = (&Value::from(register.value.clone()), &register.id());
        item.chosen.extend(chosen_in(from, map, &one, says));
    }
}

fn word_of_item(item: &mut Item, key: &str, word: &str) {
    match key {
        "number" => word.clone_into(&mut item.number),
        "title" => word.clone_into(&mut item.title),
        "deadline" => word.clone_into(&mut item.deadline),
        "quote" => word.clone_into(&mut item.quote),
        "kind" => word.clone_into(&mut item.kind),
        "parent" => item.parent = word.parse().ok(),
        "place" => (item.section, item.rank) = place(word),
        _ => {}
    }
}

fn part_of_item(from: (&AutoCommit, &Changes), item: &mut Item, key: &str, object: &ObjId) {
    let doc = from.0;
    match key {
        "fields" => {
            item.fields = scalars_of(doc, object)
                .into_iter()
                .filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())))
                .collect();
        }
        "assignments" => item.assignments = assignments(from, object),
        "ledger" => ledger_of(doc, object, item),
        "milestones" => {
            item.milestones = entries_of(doc, object)
                .into_iter()
                .filter_map(|(key, id)| Some((key.parse().ok()?, milestone(doc, &id))))
                .collect();
        }
        "text" => item.text = paragraph::shown(doc.text(object).unwrap_or_default()),
        // Programs of others write words as texts.
        _ => word_of_item(item, key, &doc.text(object).unwrap_or_default()),
    }
}

/// Section and rank as one register.
pub fn place_text(section: Option<SectionId>, rank: &str) -> String {
    format!("{}|{rank}", section.map(|id| id.to_string()).unwrap_or_default())
}

/// Section and rank of such a register.
pub fn place(word: &str) -> (Option<SectionId>, String) {
    let (section, rank) = word.split_once('|').unwrap_or((word, ""));
    (section.parse().ok(), rank.to_owned())
}

#[derive(Serialize, Deserialize)]
struct AssignmentRegister {
    role: Role,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    open: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    raw: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    removal: Option<Removal>,
}

/// A unit's part as one register.
pub fn assignment_text(role: Role, open_ended: bool, raw: &str, removal: Option<&Removal>) -> String {
    let register =
        AssignmentRegister { role, open: open_ended, raw: raw.to_owned(), removal: removal.cloned() };
    serde_json::to_string(&register).unwrap_or_default()
}

/// The part that such a register holds.
pub fn assignment_of(register: &str) -> Option<Assignment> {
    serde_json::from_str::<AssignmentRegister>(register).ok().map(Assignment::from)
}

/// The units' parts of an item.
fn assignments((doc, changes): (&AutoCommit, &Changes), object: &ObjId) -> BTreeMap<UnitId, Assignment> {
    let part = |register: automerge::iter::MapRangeItem<'_>| {
        let unit = register.key.parse().ok()?;
        let mut part = if register.conflict {
            assignment(doc, object, &register.key)?
        } else {
            let value = Value::from(register.value.clone());
            serde_json::from_str::<AssignmentRegister>(value.as_str()?).ok()?.into()
        };
        // Without what was seen all rows of the unit count as unseen, and somebody is asked.
        if let Some(removal) = part.removal.as_mut().filter(|one| !changes.lists.take(one.seen.len())) {
            removal.seen.clear();
        }
        Some((unit, part))
    };
    doc.map_range(object, ..).filter_map(part).collect()
}

impl From<AssignmentRegister> for Assignment {
    fn from(register: AssignmentRegister) -> Self {
        Self {
            role: register.role,
            open_ended: register.open,
            raw: register.raw,
            removal: register.removal,
            unseen_rows: Arc::default(),
        }
    }
}

/// A unit's part; adding it wins over taking it off at the same time.
pub fn assignment(doc: &AutoCommit, assignments: &ObjId, unit: &str) -> Option<Assignment> {
    let mut all: Vec<AssignmentRegister> = doc
        .get_all(assignments, unit)
        .ok()?
        .iter()
        .filter_map(|(value, _)| serde_json::from_str(value.as_str()?).ok())
        .collect();
    let kept = all.iter().position(|register| register.removal.is_none()).or(all.len().checked_sub(1))?;
    // A removal that one of two had seen is decided.
    let others: Vec<Removal> = all.iter().filter_map(|register| register.removal.clone()).collect();
    let mut part = Assignment::from(all.swap_remove(kept));
    if let Some(removal) = &mut part.removal {
        for (writer, count) in others.into_iter().flat_map(|one| one.seen) {
            let seen = removal.seen.entry(writer).or_default();
            *seen = count.max(*seen);
        }
    }
    Some(part)
}

fn ledger_of(doc: &AutoCommit, object: &ObjId, item: &mut Item) {
    for (key, value) in scalars_of(doc, object) {
        let Some((unit, field)) = key.split_once('/') else { continue };
        let Ok(unit) = unit.parse() else { continue };
        let row: &mut Ledger = item.ledger.entry(unit).or_default();
        let word = value.as_str().unwrap_or_default().to_owned();
        match LedgerField::ALL.into_iter().find(|known| known.key() == field) {
            Some(LedgerField::Person) => row.person = word,
            Some(LedgerField::YearlyTask) => row.yearly_task = word,
            Some(LedgerField::Path) => row.path = word,
            Some(LedgerField::Remark) => row.remark = word,
            None => {}
        }
    }
}

fn milestone(doc: &AutoCommit, object: &ObjId) -> Milestone {
    let word = |key: &str| text(doc, object, key).unwrap_or_default();
    let mut ticks: Vec<(i64, String)> = scalars_of(doc, object)
        .into_iter()
        .filter_map(|(key, value)| Some((value.as_i64()?, key.strip_prefix("tick/")?.to_owned())))
        .collect();
    ticks.sort();
    Milestone {
        title: word("title"),
        due: word("due"),
        done: ticks.first().map(|(_, by)| by.clone()),
        ticks: ticks.into_iter().map(|(at, by)| format!("{by}|{at}")).collect(),
    }
}

#[derive(Serialize, Deserialize)]
struct TargetRegister {
    now: Target,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    was: Option<Target>,
}

/// A target and the one it replaces, as one register.
pub fn target_text(now: &Target, was: Option<&Target>) -> String {
    serde_json::to_string(&TargetRegister { now: now.clone(), was: was.cloned() }).unwrap_or_default()
}

fn targets(doc: &AutoCommit, indicator: &ObjId) -> Vec<TargetRegister> {
    let all = doc.get_all(indicator, "target").unwrap_or_default();
    let mut all: Vec<TargetRegister> =
        all.iter().filter_map(|(value, _)| serde_json::from_str(value.as_str()?).ok()).collect();
    all.sort_by_key(|register| serde_json::to_string(&register.now).unwrap_or_default());
    all.dedup_by(|one, other| one.now == other.now);
    all
}

/// The role in a stored part; none of a unit that was taken off.
pub fn role_in(stored: &str) -> Option<Role> {
    let register: AssignmentRegister = serde_json::from_str(stored).ok()?;
    register.removal.is_none().then_some(register.role)
}

/// The target in a stored register.
pub fn target_in(stored: &str) -> Option<Target> {
    serde_json::from_str::<TargetRegister>(stored).ok().map(|register| register.now)
}

/// The target that counts: the one before the clash while two are waiting (conflict 8).
pub fn target_in_force(doc: &AutoCommit, indicator: &ObjId) -> Option<Target> {
    let all = targets(doc, indicator);
    match &all[..] {
        [] => None,
        [one] => Some(one.now.clone()),
        [first, ..] => {
            Some(all.iter().find_map(|register| register.was.clone()).unwrap_or_else(|| first.now.clone()))
        }
    }
}

fn indicator(from: (&AutoCommit, &Changes), id: IndicatorId, object: &ObjId) -> Indicator {
    let (doc, changes) = from;
    let word = |key: &str| text(doc, object, key);
    let all = targets(doc, object);
    changes.found.look(doc, object, Register::Target(id));
    let rivals =
        if all.len() > 1 { all.iter().map(|register| register.now.clone()).collect() } else { Vec::new() };
    Indicator {
        name: word("name").unwrap_or_default(),
        kind: of_word(word("kind")),
        scope: word("scope").unwrap_or_default(),
        quote: word("quote").unwrap_or_default(),
        item: word("item").and_then(|id| id.parse().ok()),
        target: target_in_force(doc, object).unwrap_or_default(),
        rivals,
        conflict: None,
        chosen: chosen(from, object, &Register::Target(id)),
        combine: of_word(word("combine")),
        reach: word("reach").and_then(|word| serde_json::from_value(serde_json::Value::String(word)).ok()),
        fed_by: word("fed_by").and_then(|feed| serde_json::from_str(&feed).ok()),
    }
}

/// One indicator.
pub fn one_indicator(doc: &AutoCommit, id: IndicatorId) -> Option<Indicator> {
    let object = object(doc, &["indicators", &id.to_string()])?;
    let changes = Changes::of(doc);
    let mut one = indicator((doc, &changes), id, &object);
    one.conflict = conflicts_of_one((doc, &changes)).pop();
    Some(one)
}

fn link(doc: &AutoCommit, object: &ObjId) -> Option<Link> {
    if flag(doc, object, "removed") {
        return None;
    }
    Some(Link {
        from: text(doc, object, "from")?.parse().ok()?,
        to_board: text(doc, object, "to_board")?.parse().ok()?,
        to: text(doc, object, "to")?.parse().ok()?,
        kind: text(doc, object, "kind")?,
    })
}

/// The unit that leads a board.
pub fn lead(doc: &AutoCommit) -> Option<UnitId> {
    text(doc, &object(doc, &["meta"])?, BoardField::Lead.key())?.parse().ok()
}

/// A register of a board; empty where it was never written.
pub fn board_field(doc: &AutoCommit, field: BoardField) -> String {
    object(doc, &["meta"]).and_then(|meta| text(doc, &meta, field.key())).unwrap_or_default()
}

/// The change that wrote what the lead of a board settled.
pub fn settled_by(doc: &AutoCommit) -> Option<automerge::ChangeHash> {
    let meta = object(doc, &["meta"])?;
    let (value, written) = doc.get(&meta, BoardField::Settled.key()).ok()??;
    let drafted = value.as_str().is_none_or(str::is_empty);
    (!drafted).then(|| doc.hash_for_opid(&written))?
}

/// Whether the plan of a board was settled as of a change.
pub fn was_settled_at(doc: &AutoCommit, change: automerge::ChangeHash) -> bool {
    let Some(meta) = object(doc, &["meta"]) else { return false };
    let values = doc.get_all_at(&meta, BoardField::Settled.key(), &[change]).unwrap_or_default();
    values.iter().any(|(value, _)| value.as_str().is_some_and(|word| !word.is_empty()))
}

/// The unit that led a board as of some heads.
pub fn lead_at(doc: &AutoCommit, heads: &[automerge::ChangeHash]) -> Option<UnitId> {
    let meta = object(doc, &["meta"])?;
    let (value, _) = doc.get_at(&meta, BoardField::Lead.key(), heads).ok()??;
    value.as_str()?.parse().ok()
}
