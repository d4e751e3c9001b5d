//! `compare`: two amounts of an item; the label it gives stands on the item when it holds.

use super::condition::compares;
use super::{Because, Condition, Scene, Verdict};
use crate::id::ItemId;
use crate::publication::number_words;
use crate::template::Name;
use serde::Deserialize;

/// A comparison.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compare {
    pub id: String,
    pub name: Name,
    pub on: String,
    /// Conditions that must hold before the comparison says anything.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// A field, or the mean of the scores (`mean:score`).
    pub left: String,
    pub op: String,
    /// A field, or a number as printed.
    pub right: String,
}

impl Compare {
    pub(super) fn look(&self, scene: &Scene<'_>, item: ItemId) -> (Verdict, Because) {
        let mut because = Because::default();
        let mut side = |amount: &str| {
            let number = scene.number(item, amount);
            let printed = match (scene.words(item, amount), number) {
                // A number as the template writes it, or one that is worked out.
                ("", _) if !amount.contains(':') => amount.to_owned(),
                ("", Some(number)) => number_words(number),
                (words, _) => words.to_owned(),
            };
            because.values.push((scene.field_name(item, amount), printed));
            number
        };
        let (left, right) = (side(&self.left), side(&self.right));
        match left.zip(right) {
            Some((left, right)) => (Verdict::Holds(compares(left, &self.op, right)), because),
            None => (Verdict::NoData, because),
        }
    }
}
