//! Patches of automerge to events.

use super::Kind;
use crate::event::Event;
use automerge::{AutoCommit, Patch, PatchAction, Prop, ROOT, ReadDoc, Value};
use std::collections::BTreeSet;
use std::str::FromStr;

/// The events of some patches, each once, in a fixed order.
pub fn of(kind: Kind, patches: &[Patch]) -> Vec<Event> {
    let events: BTreeSet<Event> = patches.iter().filter_map(|patch| event(kind, &keys(patch))).collect();
    events.into_iter().collect()
}

/// The events that a whole document amounts to, as if all of it had come at once.
pub fn of_everything(kind: Kind, doc: &AutoCommit) -> Vec<Event> {
    let containers: &[&str] = match kind {
        Kind::Board => &["sections", "items", "indicators", "meta"],
        Kind::Log => &["entries"],
        Kind::Space => &["units", "persons", "boards", "name"],
    };
    let mut events = BTreeSet::new();
    for container in containers {
        match doc.get(ROOT, *container) {
            Ok(Some((Value::Object(_), object))) => {
                events.extend(doc.keys(&object).filter_map(|key| event(kind, &[container, key.as_str()])));
            }
            Ok(Some(_)) => events.extend(event(kind, &[container])),
            _ => {}
        }
    }
    events.into_iter().collect()
}

/// The path of map keys that a patch touches, at most three deep.
fn keys(patch: &Patch) -> Vec<&str> {
    let mut keys: Vec<&str> = patch
        .path
        .iter()
        .filter_map(|(_, prop)| match prop {
            Prop::Map(key) => Some(key.as_str()),
            Prop::Seq(_) => None,
        })
        .collect();
    match &patch.action {
        PatchAction::PutMap { key, .. } | PatchAction::DeleteMap { key } => keys.push(key),
        PatchAction::Conflict { prop: Prop::Map(key) } => keys.push(key),
        _ => {}
    }
    keys
}

fn event(kind: Kind, keys: &[&str]) -> Option<Event> {
    let first = *keys.first()?;
    let second = keys.get(1).copied();
    let third = keys.get(2).copied();
    match (kind, first) {
        (Kind::Board, "sections") => id(second).map(Event::SectionChanged),
        (Kind::Board, "items") => match third {
            None | Some("place" | "parent") => id(second).map(Event::ItemPlaced),
            Some(_) => id(second).map(Event::ItemChanged),
        },
        (Kind::Board, "indicators") => id(second).map(Event::IndicatorChanged),
        (Kind::Board, _) => Some(Event::BoardChanged),
        (Kind::Log, "entries") => id(second).map(Event::EntryAdded),
        (Kind::Space, "units") => id(second.and_then(|key| key.split('/').next())).map(Event::UnitChanged),
        (Kind::Space, "persons") => Some(Event::PersonsChanged),
        (Kind::Space, "boards") => id(second).map(Event::BoardListed),
        (Kind::Space, _) => Some(Event::SpaceChanged),
        (Kind::Log, _) => None,
    }
}

fn id<T: FromStr>(text: Option<&str>) -> Option<T> {
    text?.parse().ok()
}
