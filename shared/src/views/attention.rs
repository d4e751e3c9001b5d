//! 需处理: what somebody has to decide on a board, told to the lead and to the units whose work it is.

use super::clashes::{Clash, SaidBy, SettledClash, clashes, settled_clashes};
use crate::entry::EntryKind;
use crate::fold::{self, ItemState, Leaving, Retirement, Work};
use crate::id::{ItemId, UnitId};
use crate::plan::measure_name;
use crate::rule::Scene;
use crate::words::Lang;
use std::collections::{BTreeMap, BTreeSet};

/// One thing to decide.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// The measure, indicator, section or board.
    pub about: String,
    pub item: Option<ItemId>,
    pub kind: MatterKind,
    /// The units whose work it is.
    pub units: BTreeSet<UnitId>,
}

/// A kind of decision.
#[derive(Debug, Clone, PartialEq)]
pub enum MatterKind {
    /// Values that people wrote apart.
    Clash(Box<Clash>),
    /// Put out of use, and somebody worked on it unseen (conflict 5): what each unit reported, none where
    /// only words were edited.
    Retired(BTreeMap<UnitId, Work>),
    /// A unit left while it worked unseen (conflict 9).
    Left(UnitId, Leaving),
    /// Accepted and returned at the same time (conflict 6).
    Contested(UnitId),
    /// So many reports came after a part was closed, unseen (conflict 2).
    LateReports(UnitId, usize),
    /// Two people moved it to different states at the same time.
    Moved,
    /// So many more fields that people wrote apart, which are told when the ones before are decided.
    MoreClashes(usize),
}

/// The decisions that wait on a board, in the order of the document.
#[must_use]
pub fn matters(scene: &Scene<'_>, language: Lang) -> Vec<Matter> {
    let mut all: Vec<Matter> = Vec::new();
    let mut waiting = clashes(scene, language);
    let of_item = |clash: &Clash| clash.register.is_some() && clash.item.is_some();
    // Matters of the board or its sections come first, numbers last.
    let first =
        waiting.extract_if(.., |one| one.register.is_some() && one.item.is_none() && one.indicator.is_none());
    all.extend(first.map(of_clash));
    for id in super::clashes::in_order(scene) {
        let own = waiting.extract_if(.., |one| of_item(one) && one.item == Some(id));
        all.extend(own.map(of_clash));
        all.extend(of_state(scene, id));
    }
    all.extend(waiting.into_iter().map(of_clash));
    if scene.board.more_clashes.fields > 0 {
        all.push(Matter {
            about: scene.board.title.clone(),
            item: None,
            kind: MatterKind::MoreClashes(scene.board.more_clashes.fields),
            units: BTreeSet::new(),
        });
    }
    all
}

fn of_clash(clash: Clash) -> Matter {
    let units = clash.unit.into_iter().collect();
    Matter { about: clash.about.clone(), item: clash.item, kind: MatterKind::Clash(Box::new(clash)), units }
}

fn of_state(scene: &Scene<'_>, id: ItemId) -> Vec<Matter> {
    let Some(item) = scene.item(id) else { return Vec::new() };
    let state = scene.state(id);
    let matter =
        |kind, units: BTreeSet<UnitId>| Matter { about: measure_name(item), item: Some(id), kind, units };
    let mut all = Vec::new();
    if state.retirement == Retirement::RetiredWithNews {
        let news = fold::reported_unseen(&fold::concerning(scene.board, id, scene.entries));
        all.push(matter(MatterKind::Retired(news), concerned(scene, id, &state)));
    }
    for (unit, leaving) in &state.leaving {
        all.push(matter(MatterKind::Left(*unit, *leaving), BTreeSet::from([*unit])));
    }
    for (unit, part) in &state.parts {
        if part.contested {
            all.push(matter(MatterKind::Contested(*unit), BTreeSet::from([*unit])));
        } else if part.late_reports > 0 {
            all.push(matter(MatterKind::LateReports(*unit, part.late_reports), BTreeSet::from([*unit])));
        }
    }
    if scene.standing(id).is_some_and(|standing| standing.contested) {
        all.push(matter(MatterKind::Moved, scene.holders(id)));
    }
    all
}

/// The units of an item that was put out of use, and who else wrote about it.
fn concerned(scene: &Scene<'_>, id: ItemId, state: &ItemState) -> BTreeSet<UnitId> {
    let about = fold::concerning(scene.board, id, scene.entries);
    let wrote = about.iter().filter(|entry| !matches!(entry.kind, EntryKind::Retire | EntryKind::Restore));
    state.parts.keys().copied().chain(wrote.map(|entry| entry.author.unit)).collect()
}

/// A line of a unit's desk besides its tasks.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// The lead has to decide it, or the unit waits for that.
    Waits(Matter),
    /// A value of the unit was not chosen.
    NotChosen(SettledClash),
}

/// The lines told to a unit on a board, those that ask for an act first. `leads` says whether it decides here;
/// clashes that were settled are told from `since` on (seconds since 1970). `units_of` gives the units
/// that a writing head was certified for.
#[must_use]
pub fn told(
    scene: &Scene<'_>,
    (unit, leads): (UnitId, bool),
    since: i64,
    units_of: impl Fn(&[u8]) -> Vec<UnitId>,
    language: Lang,
) -> Vec<Told> {
    let mine = |matter: &Matter| leads || matter.units.contains(&unit);
    let mut all: Vec<Told> = matters(scene, language).into_iter().filter(mine).map(Told::Waits).collect();
    let lost = |clash: &SettledClash| {
        let own = |by: &SaidBy| match by {
            SaidBy::Change { actor, .. } => units_of(actor).contains(&unit),
            SaidBy::Person { unit: of, .. } => *of == unit,
        };
        // A unit that chose against itself knows.
        clash.lost.iter().any(|side| own(&side.by)) && !own(&clash.chosen.by)
    };
    all.extend(settled_clashes(scene, since, language).into_iter().filter(lost).map(Told::NotChosen));
    all
}
