//! 评分: who gave what, for every item that is scored; frozen once it is decided (S52, S83).

use crate::entry::{Entry, EntryKind};
use crate::id::{EntryId, ItemId};
use crate::rule::Scene;
use crate::template::{EntryWord, ItemType};

/// The score sheet of one type of item.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scores {
    pub kind: String,
    /// The units that gave a score, in the order of their names.
    pub judges: Vec<String>,
    pub rows: Vec<ScoreRow>,
}

/// One item with its scores.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    pub item: ItemId,
    pub title: String,
    /// By judge: the mean of its persons' newest scores, and the entries behind it.
    pub scores: Vec<Option<(f64, Vec<EntryId>)>>,
    pub mean: Option<f64>,
    /// Decided: later scores do not count.
    pub frozen: bool,
}

/// The score sheets of a board: one for each type that takes scores.
#[must_use]
pub fn scores(scene: &Scene<'_>) -> Vec<Scores> {
    let scored = |kind: &&ItemType| kind.entries.contains(&EntryWord(EntryKind::Score));
    scene.template.items.iter().filter(scored).map(|kind| sheet(scene, kind)).collect()
}

#[allow(clippy::cast_precision_loss, reason = "counts of persons")]
fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn sheet(scene: &Scene<'_>, kind: &ItemType) -> Scores {
    let counted: Vec<(ItemId, Vec<&Entry>)> =
        scene.items_of(&kind.id).map(|item| (item, scene.newest_of_each(item, EntryKind::Score))).collect();
    let mut judges: Vec<(String, crate::id::UnitId)> = counted
        .iter()
        .flat_map(|(_, entries)| entries.iter().map(|entry| entry.author.unit))
        .map(|unit| (scene.space.unit_name(unit), unit))
        .collect();
    judges.sort();
    judges.dedup();
    let row = |(item, entries): (ItemId, Vec<&Entry>)| {
        let of = |unit| {
            let own: Vec<&&Entry> =
                entries.iter().filter(|entry| entry.author.unit == unit && entry.value.is_some()).collect();
            let values: Vec<f64> = own.iter().filter_map(|entry| entry.value).collect();
            mean(&values).map(|mean| (mean, own.iter().map(|entry| entry.id).collect()))
        };
        let all: Vec<f64> = entries.iter().filter_map(|entry| entry.value).collect();
        ScoreRow {
            item,
            title: scene.words(item, "title").to_owned(),
            scores: judges.iter().map(|(_, unit)| of(*unit)).collect(),
            mean: mean(&all),
            frozen: scene.is_ended(item),
        }
    };
    let rows = counted.into_iter().map(row).collect();
    Scores { kind: kind.id.clone(), judges: judges.into_iter().map(|(name, _)| name).collect(), rows }
}
