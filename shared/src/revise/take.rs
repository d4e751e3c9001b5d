//! Choices about differences, as edits.

use super::{Difference, Field, Place, What, section_title};
use crate::adopt::Maker;
use crate::edit::{BoardField, Edit, ItemField, TextPlace};
use crate::id::{IndicatorId, ItemId, SectionId, SpaceId, fingerprint};
use crate::import::DraftItem;
use crate::model::{Board, Item, Removal, Space};
use crate::rank;
use crate::text::{Splice, folded_text};
use std::cell::Cell;
use std::collections::BTreeMap;

/// A person's choice about a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Take {
    /// The board stays as it is.
    Here,
    /// The newer document's.
    Document,
    /// The words of both.
    Both,
}

/// Edits of the board and of the space (units it does not know), measures to be put out of use and
/// back into it.
#[derive(Debug, Default)]
pub struct Revision {
    pub board: Vec<Edit>,
    pub space: Vec<Edit>,
    pub retire: Vec<ItemId>,
    pub restore: Vec<ItemId>,
    /// The edits that would make the board say all that the newer document says, and what of the board
    /// it does not have: the next edition is compared with that.
    pub(super) edition: Vec<Edit>,
    pub(super) absent: (Vec<ItemId>, Vec<IndicatorId>),
}

/// Takes differences over; all of them are given, each with what was chosen. `removal` is the mark of
/// units that are taken off, `seed` makes the ids of what is new.
#[must_use]
pub fn revise(
    about: (SpaceId, &Space),
    board: &Board,
    chosen: &[(Difference, Take)],
    removal: &Removal,
    seed: [u8; 16],
) -> Revision {
    let mut revision = Revision::default();
    let write = |whole: bool| {
        let count = Cell::new((0_usize, 0_usize));
        // One difference has the same ids whether or not others are taken.
        let mut ids = |kind: &str| {
            let (place, before) = count.get();
            count.set((place, before + 1));
            let words = [crate::document::hex(&seed), place.to_string(), before.to_string()];
            fingerprint(&[kind, &words[0], &words[1], &words[2]])
        };
        let mut taker = Taker {
            board,
            removal,
            maker: Maker::new(about.0, about.1, &mut ids),
            seed,
            sections: BTreeMap::new(),
            last_section: board.sections.values().map(|one| one.rank.clone()).max().unwrap_or_default(),
            ranks: BTreeMap::new(),
        };
        for (place, (difference, take)) in chosen.iter().enumerate() {
            count.set((place, 0));
            taker.take(difference, if whole { Take::Document } else { *take });
        }
        (taker.maker.edits, taker.maker.space_edits)
    };
    (revision.board, revision.space) = write(false);
    revision.edition = write(true).0;
    for (difference, take) in chosen {
        match (&difference.what, take) {
            (What::Gone { item }, take) => {
                revision.absent.0.push(*item);
                revision.retire.extend((*take == Take::Document).then_some(*item));
            }
            (What::Retired { item }, Take::Document) => revision.restore.push(*item),
            (What::TargetGone { indicator, .. }, _) => revision.absent.1.push(*indicator),
            _ => {}
        }
    }
    revision
}

/// The place of one section or item: its section, the item above, the one before.
type Behind = (SectionId, Option<ItemId>, Option<ItemId>);

struct Taker<'a> {
    board: &'a Board,
    removal: &'a Removal,
    maker: Maker<'a>,
    seed: [u8; 16],
    /// Sections that are new, and the rank of the last one.
    sections: BTreeMap<String, SectionId>,
    last_section: String,
    /// The item last put behind another one: the next one follows it.
    ranks: BTreeMap<Behind, String>,
}

impl Taker<'_> {
    fn take(&mut self, difference: &Difference, take: Take) {
        let together = (take == Take::Both).then(|| difference.together()).flatten();
        match (&difference.what, take) {
            (_, Take::Here) | (What::Gone { .. } | What::Retired { .. } | What::TargetGone { .. }, _) => {}
            (What::Words { field, .. }, Take::Both) => {
                if let Some(made) = together {
                    self.words(*field, &made.words);
                }
            }
            (What::Words { field, to, .. }, Take::Document) => self.words(*field, to),
            (What::Source { to, .. }, _) => self.maker.source(to),
            (What::Added { item, place }, _) => self.added(item, place),
            (What::Moved { item, place, .. }, _) => {
                let section = self.section(place);
                let rank = self.rank(section, place);
                self.maker.edits.push(Edit::MoveItem { id: *item, section, rank });
            }
            (What::UnitAdded { item, name, role, open_ended }, _) => {
                let unit = self.maker.unit(name);
                let (item, role, open_ended) = (*item, *role, *open_ended);
                self.maker.edits.push(Edit::Assign { item, unit, role, open_ended, raw: String::new() });
            }
            (What::UnitGone { item, unit, .. }, _) => {
                let removal = self.removal.clone();
                self.maker.edits.push(Edit::Unassign { item: *item, unit: *unit, removal });
            }
            (What::Role { item, unit, to, .. }, _) => {
                let known = |item: &Item| item.assignments.get(unit).is_some_and(|one| one.open_ended);
                let open_ended = self.board.items.get(item).is_some_and(known);
                let (item, unit, role) = (*item, *unit, *to);
                self.maker.edits.push(Edit::Assign { item, unit, role, open_ended, raw: String::new() });
            }
            (What::TargetAdded { indicator, item }, _) => {
                if let Some((number, item)) = indicator.item.clone().zip(*item) {
                    self.maker.items_by_number.insert(number, item);
                }
                self.maker.indicator(indicator);
            }
            (What::Target { indicator, to, .. }, _) => {
                self.maker.edits.push(Edit::SetTarget { id: *indicator, target: to.clone() });
            }
        }
    }

    fn words(&mut self, field: Field, to: &str) {
        let value = to.to_owned();
        let item = |id: ItemId, field: ItemField| Edit::SetItemField { id, field, value: value.clone() };
        let edit = match field {
            Field::Title => Edit::SetBoardField { field: BoardField::Title, value },
            Field::Period => {
                let (from, to) = to.split_once('-').unwrap_or((to, to));
                self.maker.set(BoardField::PeriodFrom, Some(from.to_owned()));
                return self.maker.set(BoardField::PeriodTo, Some(to.to_owned()));
            }
            Field::Section(id) => Edit::SetSectionTitle { id, title: value },
            Field::Number(id) => item(id, ItemField::Number),
            Field::Headline(id) => item(id, ItemField::Title),
            Field::Deadline(id) => item(id, ItemField::Deadline),
            Field::Goal => return self.text(TextPlace::Goal, &self.board.goal, to),
            Field::Text(id) => match self.board.items.get(&id) {
                Some(item) => return self.text(TextPlace::Item(id), &item.text, to),
                None => return,
            },
        };
        self.maker.edits.push(edit);
    }

    fn text(&mut self, text: TextPlace, now: &str, to: &str) {
        self.maker.edits.extend(Splice::between(now, to).map(|splice| Edit::splice(text, splice)));
    }

    fn added(&mut self, item: &DraftItem, place: &Place) {
        let section = self.section(place);
        let rank = self.rank(section, place);
        self.maker.item(item, section, rank, place.parent);
    }

    fn section(&mut self, place: &Place) -> SectionId {
        let title = folded_text(section_title(&place.of_draft));
        let known = place.section.or_else(|| self.sections.get(&title).copied());
        let section = known.unwrap_or_else(|| {
            self.last_section = rank::between(&self.last_section, "");
            // The first of its measures does not matter: one title is one section.
            let id = fingerprint(&["section", &crate::document::hex(&self.seed), &title]);
            self.maker.add_section(SectionId::from_bytes(id), &place.of_draft, self.last_section.clone())
        });
        self.sections.insert(title, section);
        section
    }

    fn rank(&mut self, section: SectionId, place: &Place) -> String {
        let key = (section, place.parent, place.after);
        let before = || Some(self.board.items.get(&place.after?)?.rank.clone());
        let before = self.ranks.get(&key).cloned().or_else(before).unwrap_or_default();
        let own = rank_behind(self.board, section, place.parent, &before);
        self.ranks.insert(key, own.clone());
        own
    }
}

/// A rank behind another one among the items of one place, before the next; behind nothing, before
/// the first.
fn rank_behind(board: &Board, section: SectionId, parent: Option<ItemId>, before: &str) -> String {
    let of_place = |item: &&Item| item.section == Some(section) && item.parent == parent;
    let ranks = board.items.values().filter(of_place).map(|item| item.rank.as_str());
    let next = ranks.filter(|rank| *rank > before).min().unwrap_or_default();
    rank::between(before, next)
}
