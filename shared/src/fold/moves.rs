//! The states of items: their template's moves, made by entries in causal order.
//!
//! A move counts when the template has it from the state the item was in, its author's unit may
//! make it, and what it needs was there. A move that does not count stays visible with its reason.

use super::Retirement;
use crate::entry::{Entry, EntryKind};
use crate::id::{EntryId, ItemId, UnitId};
use crate::rule::{Scene, missing};
use crate::template::{ItemType, Move, Need, Who};

/// The state of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemStanding {
    /// A state of the item's type; of a type with parts one of `not_started`, `in_progress`,
    /// `asked`, `returned`, `closed`.
    pub state: String,
    /// The entry that brought it there.
    pub by: Option<EntryId>,
    /// The unit that wrote it.
    pub by_unit: Option<UnitId>,
    /// When it was said, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Two people moved it at the same time to different states: the first in causal order is in
    /// force, and somebody has to look.
    pub contested: bool,
    /// Moves without effect.
    pub not_counted: Vec<(EntryId, NotCounted)>,
    /// Closed parts, of how many.
    pub closed: (usize, usize),
    /// Somebody has put it out of use.
    pub retired: bool,
    /// And others worked on it unseen: it stays on the screens until the lead has decided.
    pub retired_with_news: bool,
}

impl ItemStanding {
    /// Whether it has gone from the screens: out of use, and nobody has to decide that again.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        self.retired && !self.retired_with_news
    }
}

/// Why a move has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCounted {
    /// The template has no such move from the state the item was in.
    NoSuchMove,
    /// The unit may not make it.
    NotAllowed,
    /// Something was missing.
    Needs(Vec<Need>),
    /// Another move, which its author had not seen, came first.
    Overtaken,
}

/// Folds the moves of an item. The children of the item must be in the scene already.
#[must_use]
pub fn standing_of(scene: &Scene<'_>, id: ItemId) -> ItemStanding {
    let Some(kind) = scene.item_type(id) else { return ItemStanding::default() };
    if scene.looks().are_used_up() {
        return ItemStanding::default();
    }
    let whole = scene.state(id);
    let mut standing = ItemStanding {
        retired: whole.retirement != Retirement::Active,
        retired_with_news: whole.retirement == Retirement::RetiredWithNews,
        closed: whole.closed(),
        ..ItemStanding::default()
    };
    if kind.parts {
        whole.whole().id().clone_into(&mut standing.state);
        return standing;
    }
    let Some(first) = kind.states.first() else { return standing };
    standing.state.clone_from(&first.id);
    let about = scene.about(id);
    let mut last: Option<&Entry> = None;
    for (index, entry) in about.iter().enumerate() {
        let Some(to) = &entry.to else { continue };
        match judge(scene, id, kind, &standing, (entry, to), &about[..index], last) {
            Ok(()) => {
                // The author of this move had not seen the last one, which led elsewhere.
                standing.contested = last.is_some_and(|last| !entry.has_seen(last)) && standing.state != *to;
                standing.state.clone_from(to);
                (standing.by, standing.by_unit) = (Some(entry.id), Some(entry.author.unit));
                standing.since = Some(entry.said);
                last = Some(entry);
            }
            Err(why) => {
                standing.contested |= why == NotCounted::Overtaken && *to != standing.state;
                standing.not_counted.push((entry.id, why));
            }
        }
    }
    standing
}

fn judge(
    scene: &Scene<'_>,
    item: ItemId,
    kind: &ItemType,
    standing: &ItemStanding,
    (entry, to): (&Entry, &str),
    before: &[&Entry],
    last: Option<&Entry>,
) -> Result<(), NotCounted> {
    let made = |one: &&Move| one.to == to && one.by.0 == entry.kind && one.from.contains(&standing.state);
    let Some(found) = kind.moves.iter().find(made) else {
        let unseen = last.is_some_and(|last| !entry.has_seen(last));
        return Err(if unseen { NotCounted::Overtaken } else { NotCounted::NoSuchMove });
    };
    if !may(scene, item, found.who, entry, before, last) {
        return Err(NotCounted::NotAllowed);
    }
    let seen = scene.as_seen_by(entry);
    let needs = missing((scene, &seen), item, found, entry, before);
    if needs.is_empty() { Ok(()) } else { Err(NotCounted::Needs(needs.into_iter().cloned().collect())) }
}

fn may(
    scene: &Scene<'_>,
    item: ItemId,
    who: Who,
    entry: &Entry,
    before: &[&Entry],
    last: Option<&Entry>,
) -> bool {
    let unit = entry.author.unit;
    match who {
        Who::Anybody => !entry.is_of_enterprise(),
        // A unit that was taken off later held it when it was written.
        Who::Assigned => scene.units(item).contains(&unit) || scene.held_then(item, entry),
        Who::Holder => scene.holders(item).contains(&unit) || scene.held_then(item, entry),
        // The lead of the time of writing counts, not the lead of today.
        Who::Lead => entry.lead_then.or(scene.board.lead) == Some(unit),
        Who::Raiser => raiser(before) == Some(unit),
        Who::Other => last.is_some_and(|last| last.author.unit != unit),
    }
}

/// The unit that wrote of an item first. An enterprise's entry that claims to be older than those of units
/// counts as first only if the first of these had seen it: the clock of a device is set by its owner.
fn raiser(before: &[&Entry]) -> Option<UnitId> {
    let of_units = before.iter().find(|one| !one.is_of_enterprise());
    let known = |one: &Entry| of_units.is_none_or(|first| first.has_seen(one));
    let first = before.iter().find(|one| !one.is_of_enterprise() || known(one));
    first.map(|first| first.author.unit)
}

/// A move that a unit may make now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub to: String,
    pub kind: EntryKind,
    /// The entry itself must have words.
    pub words: bool,
    pub number: bool,
    pub due: bool,
    /// The other needs before it would count.
    pub missing: Vec<Need>,
}

/// The moves that a person of a unit may make on an item as it stands. `draft` is the entry as it
/// would be written, without what it would say, and `seen` the board as its author sees it, which is one for all
/// items.
#[must_use]
pub fn offers((scene, seen): (&Scene<'_>, &Scene<'_>), item: ItemId, draft: &Entry) -> Vec<Offer> {
    let (Some(kind), Some(standing)) = (scene.item_type(item), scene.standing(item)) else {
        return Vec::new();
    };
    let about = scene.about(item);
    let last = standing.by.and_then(|by| scene.entries.all.get(&by));
    let allowed =
        |one: &&Move| one.from.contains(&standing.state) && may(scene, item, one.who, draft, &about, last);
    let offer = |one: &Move| {
        let draft = Entry { kind: one.by.0, ..draft.clone() };
        let all = missing((scene, seen), item, one, &draft, &about);
        let said = |need: &Need| matches!(need, Need::Words | Need::Number | Need::Due);
        Offer {
            to: one.to.clone(),
            kind: one.by.0,
            words: one.needs.contains(&Need::Words),
            number: one.needs.contains(&Need::Number),
            due: one.needs.contains(&Need::Due),
            missing: all.into_iter().filter(|need| !said(need)).cloned().collect(),
        }
    };
    kind.moves.iter().filter(allowed).map(offer).collect()
}
