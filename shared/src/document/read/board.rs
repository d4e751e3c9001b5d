//! The board of a document, whole and in parts.

use super::{GUEST, conflict, entries_of, flag, of_word, scalars_of, text};
use crate::document::paragraph;
use crate::document::write::object;
use crate::edit::{BoardField, LedgerField};
use crate::id::{IndicatorId, ItemId, SectionId, UnitId};
use crate::import::Role;
use crate::model::{
    Assignment, Board, Indicator, Item, Ledger, Link, Milestone, Removal, Section, Source, Target,
};
use crate::plan::Settled;
use crate::template::{self, Template};
use automerge::{AutoCommit, ObjId, ROOT, ReadDoc, ScalarValue, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The board of a document.
pub fn board(doc: &AutoCommit) -> Board {
    let mut board =
        Board { goal: paragraph::shown(text(doc, &ROOT, "goal").unwrap_or_default()), ..Board::default() };
    if let Some(meta) = object(doc, &["meta"]) {
        meta_of(doc, &meta, &mut board);
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
            .filter_map(|(key, id)| Some((key.parse().ok()?, section(doc, &id))))
            .collect();
    }
    if let Some(items) = object(doc, &["items"]) {
        board.items = entries_of(doc, &items)
            .into_iter()
            .filter_map(|(key, id)| Some((key.parse().ok()?, item_of(doc, &id))))
            .collect();
    }
    if let Some(indicators) = object(doc, &["indicators"]) {
        board.indicators = entries_of(doc, &indicators)
            .into_iter()
            .filter_map(|(key, id)| Some((key.parse().ok()?, indicator(doc, &id))))
            .collect();
    }
    if let Some(links) = object(doc, &["links"]) {
        board.links = entries_of(doc, &links)
            .into_iter()
            .filter_map(|(key, id)| Some((key.parse().ok()?, link(doc, &id)?)))
            .collect();
    }
    board
}

fn meta_of(doc: &AutoCommit, meta: &ObjId, board: &mut Board) {
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
    board.conflicts = ["title", "lead", "period_from", "period_to", BoardField::Settled.key()]
        .into_iter()
        .filter_map(|key| conflict(doc, meta, key, key))
        .collect();
}

fn section(doc: &AutoCommit, object: &ObjId) -> Section {
    let word = |key: &str| text(doc, object, key).unwrap_or_default();
    Section { number: word("number"), title: word("title"), rank: word("rank") }
}

/// One item.
pub fn item(doc: &AutoCommit, id: ItemId) -> Option<Item> {
    object(doc, &["items", &id.to_string()]).map(|object| item_of(doc, &object))
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
pub fn template_of(doc: &AutoCommit) -> Option<&'static Template> {
    let meta = object(doc, &["meta"])?;
    let word = |field: BoardField| text(doc, &meta, field.key()).unwrap_or_default();
    let (template, template_source) = (word(BoardField::Template), word(BoardField::TemplateSource));
    template::of(&Board { template, template_source, ..Board::default() })
}

/// Registers of an item in which values of two people are shown side by side.
const CLASHING: [&str; 4] = ["number", "title", "deadline", "place"];

fn item_of(doc: &AutoCommit, id: &ObjId) -> Item {
    let mut item = Item::default();
    let mut clashing = Vec::new();
    // One pass over the map: asking for each key again costs a search each.
    for register in doc.map_range(id, ..) {
        let key = register.key.as_ref();
        clashing.extend(CLASHING.into_iter().filter(|known| register.conflict && *known == key));
        match Value::from(register.value.clone()) {
            Value::Scalar(value) => word_of_item(&mut item, key, value.as_str().unwrap_or_default()),
            Value::Object(_) => part_of_item(doc, &mut item, key, &register.id()),
        }
    }
    item.conflicts.extend(
        CLASHING
            .into_iter()
            .filter(|key| clashing.contains(key))
            .filter_map(|key| conflict(doc, id, key, key)),
    );
    item
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

fn part_of_item(doc: &AutoCommit, item: &mut Item, key: &str, object: &ObjId) {
    match key {
        "fields" => {
            item.fields = scalars_of(doc, object)
                .into_iter()
                .filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())))
                .collect();
        }
        "assignments" => item.assignments = assignments(doc, object),
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

/// The units' parts of an item.
fn assignments(doc: &AutoCommit, object: &ObjId) -> BTreeMap<UnitId, Assignment> {
    let part = |register: automerge::iter::MapRangeItem<'_>| {
        let unit = register.key.parse().ok()?;
        if register.conflict {
            return Some((unit, assignment(doc, object, &register.key)?));
        }
        let value = Value::from(register.value.clone());
        let register: AssignmentRegister = serde_json::from_str(value.as_str()?).ok()?;
        Some((unit, register.into()))
    };
    doc.map_range(object, ..).filter_map(part).collect()
}

impl From<AssignmentRegister> for Assignment {
    fn from(register: AssignmentRegister) -> Self {
        Self { role: register.role, open_ended: register.open, raw: register.raw, removal: register.removal }
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
    Some(all.swap_remove(kept).into())
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
        item.conflicts.extend(conflict(doc, object, &key, &format!("ledger/{key}")));
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

fn indicator(doc: &AutoCommit, object: &ObjId) -> Indicator {
    let word = |key: &str| text(doc, object, key);
    let all = targets(doc, object);
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
        combine: of_word(word("combine")),
        fed_by: word("fed_by").and_then(|feed| serde_json::from_str(&feed).ok()),
    }
}

/// One indicator.
pub fn one_indicator(doc: &AutoCommit, id: IndicatorId) -> Option<Indicator> {
    object(doc, &["indicators", &id.to_string()]).map(|object| indicator(doc, &object))
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
