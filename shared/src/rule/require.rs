//! `require`: fields that must be filled, and what a move needs.

use super::{Because, Condition, Scene, Verdict};
use crate::entry::Entry;
use crate::id::{ItemId, UnitId};
use crate::template::{Move, Name, Need};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Fields that an item must have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Require {
    pub id: String,
    pub name: Name,
    pub on: String,
    #[serde(default)]
    pub when: Vec<Condition>,
    pub fields: Vec<String>,
}

impl Require {
    pub(super) fn look(&self, scene: &Scene<'_>, item: ItemId) -> (Verdict, Because) {
        let missing: Vec<&String> =
            self.fields.iter().filter(|field| scene.value(item, field).is_none()).collect();
        let values = missing.iter().map(|field| (scene.field_name(item, field), String::new())).collect();
        (Verdict::Holds(missing.is_empty()), Because { values, ..Because::default() })
    }
}

/// The needs that an entry for a move still lacks; `before` are the entries it stands behind, `seen` is the board as
/// its author sees it.
#[must_use]
pub fn missing<'a>(
    (scene, seen): (&Scene<'_>, &Scene<'_>),
    item: ItemId,
    a_move: &'a Move,
    entry: &Entry,
    before: &[&Entry],
) -> Vec<&'a Need> {
    scene.looks().add(1 + a_move.needs.len() * (1 + before.len()));
    if scene.looks().are_used_up() {
        return a_move.needs.iter().collect();
    }
    let wrote = |kind| before.iter().filter(move |other| other.kind == kind);
    let met = |need: &Need| match need {
        Need::Field(field) => scene.value(item, field).is_some(),
        Need::Either(fields) => fields.iter().any(|field| scene.value(item, field).is_some()),
        Need::Entry(kind) => wrote(kind.0).next().is_some(),
        Need::Words => !entry.body.trim().is_empty(),
        Need::Number => entry.value.is_some(),
        Need::Due => entry.due.as_deref().is_some_and(|due| due.parse::<jiff::civil::Date>().is_ok()),
        Need::EveryUnit(kind) => {
            let units = scene.units(item);
            let own = (entry.kind == kind.0).then_some(entry.author.unit);
            let wrote: BTreeSet<UnitId> = wrote(kind.0).map(|other| other.author.unit).chain(own).collect();
            !units.is_empty() && units.is_subset(&wrote)
        }
        Need::EveryChild(kind) => {
            let mut children = scene
                .children(item)
                .iter()
                .filter(|child| {
                    scene.item_type(**child).is_some_and(|one| kind.is_empty() || one.id == *kind)
                })
                .peekable();
            children.peek().is_some() && children.all(|child| scene.is_ended(*child))
        }
        Need::Rule(id) => {
            let rule = scene.template.rules.iter().find(|rule| rule.id() == id);
            rule.is_some_and(|rule| rule.holds(seen, item))
        }
    };
    a_move.needs.iter().filter(|need| !met(need)).collect()
}
