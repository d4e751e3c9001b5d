//! Documents to plain values. Unknown keys are left alone: a newer version may have written them.

mod board;
mod clash;
mod found;
mod log;
mod looks;
mod rows;
mod written;

pub use board::*;
pub use clash::{conflict_of, value_at};
pub use log::*;

use super::write::object;
use crate::model::{BoardListing, Person, Space, Unit};
use crate::text::level_text;
use crate::trust::Stated;
use automerge::{AutoCommit, ObjId, ROOT, ReadDoc, ScalarValue, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A text register.
pub fn text(doc: &AutoCommit, object: &ObjId, key: &str) -> Option<String> {
    match doc.get(object, key).ok()?? {
        (Value::Scalar(value), _) => value.as_str().map(str::to_owned),
        (Value::Object(_), id) => doc.text(&id).ok(),
    }
}

/// A number register.
pub fn integer(doc: &AutoCommit, object: &ObjId, key: &str) -> Option<i64> {
    match doc.get(object, key).ok()?? {
        (Value::Scalar(value), _) => value.as_i64(),
        (Value::Object(_), _) => None,
    }
}

/// A mark; one that was never set is not.
pub fn flag(doc: &AutoCommit, object: &ObjId, key: &str) -> bool {
    doc.get(object, key).ok().flatten().is_some_and(|(value, _)| value.as_bool() == Some(true))
}

/// The word that serde gives a plain enum.
pub fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn of_word<T: for<'de> Deserialize<'de> + Default>(word: Option<String>) -> T {
    word.and_then(|word| serde_json::from_value(serde_json::Value::String(word)).ok()).unwrap_or_default()
}

/// All keys and values of a map.
fn entries_of(doc: &AutoCommit, object: &ObjId) -> Vec<(String, ObjId)> {
    doc.map_range(object, ..).map(|item| (item.key.to_string(), item.id())).collect()
}

fn scalars_of(doc: &AutoCommit, object: &ObjId) -> BTreeMap<String, ScalarValue> {
    doc.map_range(object, ..)
        .filter_map(|item| match Value::from(item.value.clone()) {
            Value::Scalar(value) => Some((item.key.to_string(), value.into_owned())),
            Value::Object(_) => None,
        })
        .collect()
}

/// Registers of a space's own templates begin with it. They stand at the top: what a space begins
/// with is fixed, and has no map for them.
pub const TEMPLATE: &str = "template/";

/// Keys of guests among the members of a board begin with it.
pub const GUEST: &str = "guest/";

/// The space of a document. Names are read without marks that turn the direction of a line.
pub fn space(doc: &AutoCommit) -> Space {
    let word = |key| text(doc, &ROOT, key).unwrap_or_default();
    let mut space =
        Space { name: level_text(&word("name")).into_owned(), zone: word("zone"), ..Space::default() };
    for (key, value) in object(doc, &["units"]).map(|units| scalars_of(doc, &units)).unwrap_or_default() {
        let Some((id, rest)) = key.split_once('/') else { continue };
        let Ok(id) = id.parse() else { continue };
        let unit: &mut Unit = space.units.entry(id).or_default();
        let word = value.as_str().unwrap_or_default().to_owned();
        match rest.split_once('/') {
            None if rest == "name" => unit.name = level_text(&word).into_owned(),
            None if rest == "kind" => unit.kind = word,
            None if rest == "side" => unit.side = word,
            None if rest == "code" => unit.code = word,
            Some(("alias", alias)) if value == ScalarValue::Boolean(true) => {
                unit.aliases.insert(alias.to_owned());
            }
            Some(("member", member)) if value == ScalarValue::Boolean(true) => {
                unit.members.extend(member.parse::<crate::id::UnitId>().ok());
            }
            Some(("member", member)) => unit.former.extend(member.parse::<crate::id::UnitId>().ok()),
            _ => {}
        }
    }
    space.units.retain(|_, unit| !unit.name.is_empty());
    for (key, value) in object(doc, &["persons"]).map(|persons| scalars_of(doc, &persons)).unwrap_or_default()
    {
        let Some((id, field)) = key.split_once('/') else { continue };
        let Ok(id) = id.parse() else { continue };
        let person: &mut Person = space.persons.entry(id).or_default();
        let word = value.as_str().unwrap_or_default();
        match field {
            "name" => person.name = level_text(word).into_owned(),
            "unit" => person.unit = word.parse().ok(),
            "role" => person.role = word.to_owned(),
            _ => {}
        }
    }
    for (key, value) in object(doc, &["boards"]).map(|boards| scalars_of(doc, &boards)).unwrap_or_default() {
        let listing = value.as_str().and_then(|json| serde_json::from_str::<BoardListing>(json).ok());
        if let (Ok(id), Some(listing)) = (key.parse(), listing) {
            space.boards.insert(id, listing);
        }
    }
    for (key, value) in scalars_of(doc, &ROOT) {
        let stated = key.split_once('/').map(|(word, _)| word);
        let stated = Stated::ALL.into_iter().find(|kind| Some(kind.word()) == stated);
        if let (Some(kind), ScalarValue::Bytes(bytes)) = (stated, &value) {
            space.proofs.of_mut(kind).insert(bytes.clone());
        }
        let source = value.as_str().filter(|source| !source.is_empty());
        if let Some((id, source)) = key.strip_prefix(TEMPLATE).map(str::to_owned).zip(source) {
            space.templates.insert(id, source.to_owned());
        }
    }
    space
}
