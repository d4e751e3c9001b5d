//! The order of a board: moving measures and sections, and numbering them anew. Every function gives
//! the edits of one step, which is taken back as one; a move changes no number by itself.

mod number;

use crate::edit::{Edit, ItemField};
use crate::id::{ItemId, SectionId};
use crate::model::Board;
use crate::rank;
use number::Printed;
use std::collections::BTreeMap;

/// A place that something is put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spot {
    Before(ItemId),
    After(ItemId),
    /// Behind the last measure of a section.
    Into(SectionId),
}

/// The measures that stand beside each other: of a section, or below one measure.
fn siblings(board: &Board, parent: Option<ItemId>, section: SectionId) -> Vec<ItemId> {
    let beside = |id: &ItemId| {
        let item = &board.items[id];
        item.parent == parent && (parent.is_some() || item.section == Some(section))
    };
    board.item_order().into_iter().filter(beside).collect()
}

/// Everything that stands below a measure, nearest first.
fn below(board: &Board, item: ItemId) -> Vec<ItemId> {
    let mut found = vec![item];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let children =
            board.items.iter().filter(|(id, one)| one.parent == Some(parent) && !found.contains(id));
        let children: Vec<ItemId> = children.map(|(id, _)| *id).collect();
        found.extend(children);
        next += 1;
    }
    found.split_off(1)
}

/// Ranks for one new key at a place of a list: the key, and new keys of the others where two of them
/// leave no room between.
fn room(ranks: &[&str], at: usize) -> (String, Option<Vec<String>>) {
    let before = at.checked_sub(1).map_or("", |place| ranks[place]);
    let after = ranks.get(at).copied().unwrap_or_default();
    if after.is_empty() || before < after {
        return (rank::between(before, after), None);
    }
    let mut all = rank::spread(ranks.len() + 1);
    let own = all.remove(at);
    (own, Some(all))
}

/// The rank of something new at a spot, its section and parent, and the edits that make room for it.
/// `None` when the spot is gone.
#[must_use]
pub fn place_for_new(board: &Board, spot: Spot) -> Option<(SectionId, Option<ItemId>, String, Vec<Edit>)> {
    let (section, parent, beside, at) = spot_of(board, spot, None)?;
    let (own, others) = ranks_at(board, section, &beside, at);
    Some((section, parent, own, others))
}

/// The section, parent and siblings of a spot, and the place among them; `leaving` is none of them.
fn spot_of(
    board: &Board,
    spot: Spot,
    leaving: Option<ItemId>,
) -> Option<(SectionId, Option<ItemId>, Vec<ItemId>, usize)> {
    let (section, parent) = match spot {
        Spot::Into(section) => (board.sections.contains_key(&section).then_some(section)?, None),
        Spot::Before(item) | Spot::After(item) => {
            let item = board.items.get(&item)?;
            (item.section?, item.parent)
        }
    };
    let mut beside = siblings(board, parent, section);
    beside.retain(|one| Some(*one) != leaving);
    let at = match spot {
        Spot::Into(_) => beside.len(),
        Spot::Before(item) => beside.iter().position(|one| *one == item)?,
        Spot::After(item) => beside.iter().position(|one| *one == item)? + 1,
    };
    Some((section, parent, beside, at))
}

fn ranks_at(board: &Board, section: SectionId, beside: &[ItemId], at: usize) -> (String, Vec<Edit>) {
    let ranks: Vec<&str> = beside.iter().map(|id| board.items[id].rank.as_str()).collect();
    let (own, others) = room(&ranks, at);
    let others = others.into_iter().flatten().zip(beside);
    (own, others.map(|(rank, id)| Edit::MoveItem { id: *id, section, rank }).collect())
}

/// Puts a measure at a spot, with everything below it. `None` when it stands there already, when the
/// spot is gone, or when it belongs below another measure than the one it has.
#[must_use]
pub fn put(board: &Board, item: ItemId, spot: Spot) -> Option<Vec<Edit>> {
    let moved = board.items.get(&item)?;
    let (section, parent, beside, at) = spot_of(board, spot, Some(item))?;
    // Children go where their measure goes.
    if parent != moved.parent || (matches!(spot, Spot::Into(_)) && moved.parent.is_some()) {
        return None;
    }
    let stands = siblings(board, moved.parent, moved.section?).iter().position(|one| *one == item);
    if moved.section == Some(section) && stands == Some(at) {
        return None;
    }
    let (rank, mut edits) = ranks_at(board, section, &beside, at);
    edits.push(Edit::MoveItem { id: item, section, rank });
    edits.extend(following(board, item, section));
    Some(edits)
}

/// Takes the children of a measure along into its new section.
pub(crate) fn following(board: &Board, item: ItemId, section: SectionId) -> Vec<Edit> {
    let below = below(board, item).into_iter().filter(|id| board.items[id].section != Some(section));
    below.map(|id| Edit::MoveItem { id, section, rank: board.items[&id].rank.clone() }).collect()
}

/// Moves a measure one place up or down; from the edge of its section into the next one. `None` at the
/// edge of the board, and of its parent where it has one.
#[must_use]
pub fn step(board: &Board, item: ItemId, up: bool) -> Option<Vec<Edit>> {
    let moved = board.items.get(&item)?;
    let beside = siblings(board, moved.parent, moved.section?);
    let at = beside.iter().position(|one| *one == item)?;
    let neighbour = if up { at.checked_sub(1) } else { Some(at + 1) };
    if let Some(neighbour) = neighbour.and_then(|place| beside.get(place)) {
        let spot = if up { Spot::Before(*neighbour) } else { Spot::After(*neighbour) };
        return put(board, item, spot);
    }
    if moved.parent.is_some() {
        return None;
    }
    let sections = board.section_order();
    let own = sections.iter().position(|one| Some(*one) == moved.section)?;
    let next = if up { own.checked_sub(1)? } else { own + 1 };
    let section = *sections.get(next)?;
    match siblings(board, None, section).first() {
        Some(first) if !up => put(board, item, Spot::Before(*first)),
        _ => put(board, item, Spot::Into(section)),
    }
}

/// Moves a section one place up or down; `None` at the edge.
#[must_use]
pub fn step_section(board: &Board, section: SectionId, up: bool) -> Option<Vec<Edit>> {
    let mut order = board.section_order();
    let at = order.iter().position(|one| *one == section)?;
    let to = if up { at.checked_sub(1)? } else { at + 1 };
    if to >= order.len() {
        return None;
    }
    order.remove(at);
    let ranks: Vec<&str> = order.iter().map(|id| board.sections[id].rank.as_str()).collect();
    let (own, others) = room(&ranks, to);
    let others = others.into_iter().flatten().zip(&order);
    let mut edits: Vec<Edit> = others.map(|(rank, id)| Edit::MoveSection { id: *id, rank }).collect();
    edits.push(Edit::MoveSection { id: section, rank: own });
    Some(edits)
}

/// The edits that number sections and measures anew in the order they stand in, each in the form that
/// its neighbours have; empty when every number is right. Items with no numbers beside them get none.
#[must_use]
pub fn renumbered(board: &Board) -> Vec<Edit> {
    let sections = board.section_order();
    let printed: Vec<String> = sections.iter().map(|id| board.sections[id].number.clone()).collect();
    // 一 and 二 of a document may be its goal and its period: the first section keeps what it begins with.
    let first = printed.iter().filter_map(|number| Printed::read(number)).map(|one| one.ordinal).min();
    let mut edits: Vec<Edit> = sections
        .iter()
        .zip(counted(&printed, first.unwrap_or(1).saturating_sub(1)))
        .filter_map(|(id, number)| Some(Edit::SetSectionNumber { id: *id, number: number? }))
        .collect();
    let mut groups: BTreeMap<(Option<ItemId>, usize), Vec<ItemId>> = BTreeMap::new();
    for id in board.item_order() {
        let item = &board.items[&id];
        let section = sections.iter().position(|one| Some(*one) == item.section).unwrap_or_default();
        groups.entry((item.parent, if item.parent.is_some() { 0 } else { section })).or_default().push(id);
    }
    let runs_on = runs_on(board, &groups);
    let mut before = 0;
    for ((parent, _), items) in &groups {
        let numbers: Vec<String> = items.iter().map(|id| board.items[id].number.clone()).collect();
        let from = if parent.is_none() && runs_on { before } else { 0 };
        let new = counted(&numbers, from);
        if parent.is_none() && numbers.iter().any(|number| Printed::read(number).is_some()) {
            before = from + u32::try_from(items.len()).unwrap_or_default();
        }
        edits.extend(items.iter().zip(new).filter_map(|(id, number)| {
            Some(Edit::SetItemField { id: *id, field: ItemField::Number, value: number? })
        }));
    }
    edits
}

/// Whether measures are numbered through the whole board: a later section has no first number.
fn runs_on(board: &Board, groups: &BTreeMap<(Option<ItemId>, usize), Vec<ItemId>>) -> bool {
    let later = groups.iter().filter(|((parent, _), _)| parent.is_none()).skip(1);
    let mut lowest = later.filter_map(|(_, items)| {
        items.iter().filter_map(|id| Printed::read(&board.items[id].number)).map(|one| one.ordinal).min()
    });
    lowest.clone().next().is_some() && lowest.all(|ordinal| ordinal > 1)
}

/// Gives each number of a list its new form, if that is another one: counted on from `from` in the form
/// that most of them have.
fn counted(numbers: &[String], from: u32) -> Vec<Option<String>> {
    let printed: Vec<Printed> = numbers.iter().filter_map(|number| Printed::read(number)).collect();
    let alike = |one: &Printed| printed.iter().filter(|other| one.is_like(other)).count();
    // The first of those that are the most, so that every device numbers alike.
    let Some(form) = printed.iter().rev().max_by_key(|one| alike(one)) else {
        return vec![None; numbers.len()];
    };
    let next = |(place, old): (u32, &String)| Some(form.with(from + place + 1)).filter(|new| new != old);
    (0..).zip(numbers).map(next).collect()
}

#[cfg(test)]
mod tests;
