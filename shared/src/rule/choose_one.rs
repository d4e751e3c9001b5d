//! `choose_one`: of several benefits that apply, one only may be taken (48: no stacking).

use super::condition::compares;
use super::{Because, Scene, Verdict};
use crate::id::ItemId;
use crate::template::Name;
use serde::Deserialize;

/// An exclusive choice among items of a type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChooseOne {
    pub id: String,
    pub name: Name,
    /// The one that asks.
    pub on: String,
    /// The set it may choose from.
    pub among: String,
    /// `[field of the asker, operator, field of the choice]`; one whose own field is empty sets no
    /// condition.
    pub matches: Vec<[String; 3]>,
    /// The asker's field that names the choice.
    pub chosen: String,
}

impl ChooseOne {
    pub(super) fn look(&self, scene: &Scene<'_>, item: ItemId) -> (Verdict, Because) {
        let fits = |choice: &ItemId| {
            self.matches.iter().all(|[own, op, theirs]| match scene.number(*choice, theirs) {
                None => true,
                Some(limit) => scene.number(item, own).is_some_and(|own| compares(own, op, limit)),
            })
        };
        let matching: Vec<ItemId> = scene.items_of(&self.among).filter(fits).collect();
        let chosen = scene.words(item, &self.chosen).parse().ok().filter(|one| matching.contains(one));
        let mut values: Vec<(String, String)> = Vec::new();
        for [own, ..] in &self.matches {
            let value = (scene.field_name(item, own), scene.words(item, own).to_owned());
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let because = Because { values, items: matching.clone(), ..Because::default() };
        (Verdict::Choice { matching, chosen }, because)
    }
}
