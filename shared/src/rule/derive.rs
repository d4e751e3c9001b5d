//! `derive`: one word from another by a table (department → mode).

use super::{Because, Scene, Verdict};
use crate::id::ItemId;
use crate::template::Name;
use serde::Deserialize;

/// A table from a field's words to another word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derive {
    pub id: String,
    pub name: Name,
    pub on: String,
    /// The field that is looked up.
    pub from: String,
    /// `[words, result]`; a table entry matches words that contain it.
    pub table: Vec<[String; 2]>,
    pub otherwise: String,
}

impl Derive {
    pub(super) fn look(&self, scene: &Scene<'_>, item: ItemId) -> (Verdict, Because) {
        let words = scene.words(item, &self.from);
        // A unit is looked up by its name.
        let name =
            words.parse().ok().and_then(|unit| scene.space.units.get(&unit)).map(|unit| unit.name.as_str());
        let words = name.unwrap_or(words);
        let values = vec![(scene.field_name(item, &self.from), words.to_owned())];
        let because = Because { values, ..Because::default() };
        if words.is_empty() {
            return (Verdict::NoData, because);
        }
        let row = self.table.iter().find(|[key, _]| words.contains(key.as_str()));
        (Verdict::Word(row.map_or(&self.otherwise, |[_, result]| result).clone()), because)
    }
}
