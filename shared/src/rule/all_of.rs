//! `all_of`: a whole is done when every child, unit or field is.

use super::{Because, Scene, Verdict};
use crate::id::{ItemId, UnitId};
use crate::template::{EntryWord, Name};
use serde::Deserialize;

/// A whole and its parts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllOf {
    pub id: String,
    pub name: Name,
    pub on: String,
    pub over: Over,
}

/// The kind of the parts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// Children of a type, in one of these states; without states, in a final one.
    Children {
        kind: String,
        #[serde(default)]
        states: Vec<String>,
    },
    /// Every unit that the item names has an entry of a kind.
    Units(EntryWord),
    /// Every one of these fields is filled; a yes/no field says yes.
    Fields(Vec<String>),
    /// Every unit's own part is closed (销号).
    Parts,
    /// `[type, entry kind, field]`: for every item of a type on the board, every unit that it
    /// names has written an entry of a kind for the period in the item's field (S05).
    Pairs(String, EntryWord, String),
}

impl AllOf {
    pub(super) fn look(&self, scene: &Scene<'_>, item: ItemId) -> (Verdict, Because) {
        let mut because = Because::default();
        let (part, whole) = match &self.over {
            Over::Children { kind, states } => {
                let of_kind = |child: &&ItemId| scene.item_type(**child).is_some_and(|one| one.id == *kind);
                let children: Vec<ItemId> = scene.children(item).iter().filter(of_kind).copied().collect();
                let done = |child: &ItemId| {
                    let state = scene.standing(*child).map_or("", |standing| standing.state.as_str());
                    if states.is_empty() {
                        scene.is_ended(*child)
                    } else {
                        states.iter().any(|one| one == state)
                    }
                };
                because.items = children.iter().copied().filter(|child| !done(child)).collect();
                (children.len() - because.items.len(), children.len())
            }
            Over::Units(kind) => {
                let units = scene.units(item);
                let about = scene.about(item);
                let done = |unit: &UnitId| {
                    about.iter().find(|entry| entry.kind == kind.0 && entry.author.unit == *unit)
                };
                because.entries = units.iter().filter_map(done).map(|entry| entry.id).collect();
                let waiting = units.iter().filter(|unit| done(unit).is_none());
                because.values = waiting.map(|unit| (scene.space.unit_name(*unit), String::new())).collect();
                (because.entries.len(), units.len())
            }
            Over::Fields(fields) => {
                let done = |field: &&String| {
                    !matches!(scene.value(item, field), None | Some(crate::template::Value::Yes(false)))
                };
                let waiting = fields.iter().filter(|field| !done(field));
                because.values =
                    waiting.map(|field| (scene.field_name(item, field), String::new())).collect();
                (fields.iter().filter(done).count(), fields.len())
            }
            Over::Pairs(kind, entry, field) => {
                Self::of_pairs(scene, (kind, entry.0), scene.words(item, field), &mut because)
            }
            Over::Parts => scene.standing(item).map_or((0, 0), |standing| standing.closed),
        };
        (Verdict::Of { part, whole }, because)
    }
}
