//! A newer edition of a document beside the board that came from an earlier one: what differs,
//! measure by measure, each taken over by choice (conflict 7).

mod pairing;

use crate::adopt::Maker;
use crate::dictionary;
use crate::edit::{Edit, ItemField, TextPlace};
use crate::id::{IndicatorId, ItemId, SectionId, SpaceId, UnitId};
use crate::import::{DraftBoard, DraftDocument, DraftIndicator, DraftItem, DraftSection, Role};
use crate::model::{Board, Removal, Source, Space, Target};
use crate::rank;
use crate::rule::Scene;
use crate::text::{Splice, folded_text};
use pairing::Paired;
use std::collections::{BTreeMap, BTreeSet};

/// One difference, of one measure or of the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Number and headline of the measure, or the name of the section or indicator; empty for the
    /// whole.
    pub of: String,
    pub what: What,
}

/// What differs.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Title, number, issuer or date of the document.
    Source {
        from: Source,
        to: Box<DraftDocument>,
    },
    /// The title of a section.
    Section {
        section: SectionId,
        from: String,
        to: String,
    },
    /// A measure that is new, with what is new below it.
    Added {
        item: Box<DraftItem>,
        place: Box<Place>,
    },
    /// A measure that the newer edition does not have; it is put out of use by its lead.
    Gone {
        item: ItemId,
    },
    Number {
        item: ItemId,
        from: String,
        to: String,
    },
    Headline {
        item: ItemId,
        from: String,
        to: String,
    },
    Text {
        item: ItemId,
        from: String,
        to: String,
    },
    Deadline {
        item: ItemId,
        from: String,
        to: String,
    },
    UnitAdded {
        item: ItemId,
        name: String,
        role: Role,
        open_ended: bool,
    },
    UnitGone {
        item: ItemId,
        unit: UnitId,
        name: String,
    },
    Role {
        item: ItemId,
        unit: UnitId,
        name: String,
        from: Role,
        to: Role,
    },
    /// With the measure that it stands in, where the board has it already.
    TargetAdded {
        indicator: Box<DraftIndicator>,
        item: Option<ItemId>,
    },
    /// An indicator that the newer edition does not name; it stays until its lead changes it.
    TargetGone {
        indicator: IndicatorId,
        target: Target,
    },
    Target {
        indicator: IndicatorId,
        from: Target,
        to: Target,
    },
}

/// Where a new measure goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The section of the board; none where the draft's section is new as well.
    section: Option<SectionId>,
    /// Its section in the draft, without its items.
    of_draft: DraftSection,
    parent: Option<ItemId>,
    /// The measure before it; none for the first of its place.
    after: Option<ItemId>,
}

/// What a newer edition changes about a board.
#[must_use]
pub fn differences(
    space_id: SpaceId,
    scene: &Scene<'_>,
    document: &DraftDocument,
    draft: &DraftBoard,
) -> Vec<Difference> {
    let board = scene.board;
    let of_document = |id: &ItemId| {
        scene.item_type(*id).is_some_and(|kind| kind.lines)
            && scene.standing(*id).is_none_or(|standing| !standing.retired)
    };
    let present: Vec<ItemId> = board.item_order().into_iter().filter(of_document).collect();
    let paired = Paired::new(board, draft, &present);
    let mut all: Vec<Difference> = source(board, document).into_iter().collect();
    for (section, known) in draft.sections.iter().zip(&paired.sections) {
        let Some(known) = known else { continue };
        let (from, to) = (&board.sections[known].title, section_title(section));
        if folded_text(from) != folded_text(to) {
            let what = What::Section { section: *known, from: from.clone(), to: to.to_owned() };
            all.push(Difference { of: from.clone(), what });
        }
    }
    let mut last: BTreeMap<(Option<SectionId>, Option<ItemId>), ItemId> = BTreeMap::new();
    for (at, line) in paired.lines.iter().enumerate() {
        if let Some(id) = paired.same[at] {
            let item = &board.items[&id];
            last.insert((item.section, item.parent), id);
            of_measure(space_id, scene, id, line.item, &mut all);
            continue;
        }
        // What stands below a new one comes with it.
        if line.parent.is_some_and(|above| paired.same[above].is_none()) {
            continue;
        }
        let parent = line.parent.and_then(|above| paired.same[above]);
        let section = match parent {
            Some(parent) => board.items[&parent].section,
            None => paired.sections[line.section],
        };
        let after = last.get(&(section, parent)).copied();
        let of_draft = DraftSection { items: Vec::new(), ..draft.sections[line.section].clone() };
        let place = Box::new(Place { section, of_draft, parent, after });
        let item = Box::new(paired.new_below(at));
        let of = name(line.item.number.as_deref().unwrap_or_default(), &line.item.title, &line.item.text);
        all.push(Difference { of, what: What::Added { item, place } });
    }
    let kept: BTreeSet<ItemId> = paired.same.iter().flatten().copied().collect();
    for id in present.into_iter().filter(|id| !kept.contains(id)) {
        all.push(Difference { of: of_item(board, id), what: What::Gone { item: id } });
    }
    indicators(board, draft, &paired, &mut all);
    all
}

/// The title that a section of a draft has on a board.
fn section_title(section: &DraftSection) -> &str {
    section.title.as_deref().unwrap_or("重点任务")
}

fn source(board: &Board, document: &DraftDocument) -> Option<Difference> {
    let words = |words: &Option<String>| words.clone().unwrap_or_default();
    let to = Source {
        title: words(&document.title),
        number: words(&document.doc_number),
        issuer: words(&document.issuer),
        date: words(&document.date),
    };
    let differs = |from: &str, to: &str| !to.is_empty() && folded_text(from) != folded_text(to);
    let from = &board.source;
    let any = differs(&from.title, &to.title)
        || differs(&from.number, &to.number)
        || differs(&from.issuer, &to.issuer)
        || differs(&from.date, &to.date);
    let document = DraftDocument { boards: Vec::new(), ..document.clone() };
    any.then(|| Difference {
        of: String::new(),
        what: What::Source { from: from.clone(), to: Box::new(document) },
    })
}

/// A measure that both have.
fn of_measure(
    space_id: SpaceId,
    scene: &Scene<'_>,
    id: ItemId,
    draft: &DraftItem,
    all: &mut Vec<Difference>,
) {
    let item = &scene.board.items[&id];
    let of = of_item(scene.board, id);
    let mut push = |what| all.push(Difference { of: of.clone(), what });
    let changed = |from: &str, to: &str| folded_text(from) != folded_text(to);
    let both = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let number = draft.number.as_deref().unwrap_or_default();
    if changed(&item.number, number) {
        let (from, to) = both(&item.number, number);
        push(What::Number { item: id, from, to });
    }
    if changed(&item.title, &draft.title) {
        let (from, to) = both(&item.title, &draft.title);
        push(What::Headline { item: id, from, to });
    }
    if changed(&item.text, &draft.text) {
        let (from, to) = both(&item.text, &draft.text);
        push(What::Text { item: id, from, to });
    }
    let deadline = draft.deadline.as_deref().unwrap_or_default();
    if item.deadline != deadline && !deadline.is_empty() {
        let (from, to) = both(&item.deadline, deadline);
        push(What::Deadline { item: id, from, to });
    }
    // As an import reads them: a unit that is named twice has the role it was given last.
    let mut named: Vec<(UnitId, &str, Role, bool)> = Vec::new();
    for assignment in &draft.assignments {
        for name in &assignment.units {
            let (unit, _) = dictionary::named(space_id, scene.space, name);
            let one = (unit, name.as_str(), assignment.role, assignment.open_ended);
            match named.iter_mut().find(|(known, ..)| *known == unit) {
                Some(known) => *known = one,
                None => named.push(one),
            }
        }
    }
    let present = |unit: &UnitId| item.assignments.get(unit).filter(|one| one.removal.is_none());
    for (unit, name, role, open_ended) in &named {
        let (unit, name, to) = (*unit, (*name).to_owned(), *role);
        match present(&unit) {
            Some(one) if one.role != to => push(What::Role { item: id, unit, name, from: one.role, to }),
            Some(_) => {}
            None => push(What::UnitAdded { item: id, name, role: to, open_ended: *open_ended }),
        }
    }
    for (unit, _) in item.assignments.iter().filter(|(_, one)| one.removal.is_none()) {
        if !named.iter().any(|(known, ..)| known == unit) {
            push(What::UnitGone { item: id, unit: *unit, name: scene.space.unit_name(*unit) });
        }
    }
}

fn indicators(board: &Board, draft: &DraftBoard, paired: &Paired<'_>, all: &mut Vec<Difference>) {
    let key = |name: &str, scope: &str, year: Option<i32>, unit: &str| {
        (folded_text(name), folded_text(scope), year, folded_text(unit))
    };
    let mut known: BTreeMap<_, Vec<IndicatorId>> = BTreeMap::new();
    for (id, one) in board.indicators.iter().rev() {
        let key = key(&one.name, &one.scope, one.target.year, &one.target.unit);
        known.entry(key).or_default().push(*id);
    }
    for one in &draft.indicators {
        let key = key(&one.name, one.scope.as_deref().unwrap_or_default(), one.year, &one.unit);
        let to = one.target();
        let what = match known.get_mut(&key).and_then(Vec::pop) {
            None => What::TargetAdded {
                indicator: Box::new(one.clone()),
                item: paired.of_number(one.item.as_deref()),
            },
            Some(id) if board.indicators[&id].target != to => {
                What::Target { indicator: id, from: board.indicators[&id].target.clone(), to }
            }
            Some(_) => continue,
        };
        all.push(Difference { of: one.name.clone(), what });
    }
    for id in known.into_values().flatten() {
        let one = &board.indicators[&id];
        all.push(Difference {
            of: one.name.clone(),
            what: What::TargetGone { indicator: id, target: one.target.clone() },
        });
    }
}

fn of_item(board: &Board, id: ItemId) -> String {
    let item = &board.items[&id];
    name(&item.number, &item.title, &item.text)
}

fn name(number: &str, title: &str, text: &str) -> String {
    let title = if title.is_empty() { text } else { title };
    format!("{number} {}", title.chars().take(60).collect::<String>()).trim().to_owned()
}

/// Edits of the board, of the space (units it does not know), and measures to be put out of use.
#[derive(Debug, Default)]
pub struct Revision {
    pub board: Vec<Edit>,
    pub space: Vec<Edit>,
    pub retire: Vec<ItemId>,
}

/// Takes chosen differences over; `removal` is the mark of units that are taken off.
pub fn revise<'a>(
    (space_id, space): (SpaceId, &Space),
    board: &Board,
    chosen: impl IntoIterator<Item = &'a Difference>,
    removal: &Removal,
    mut fresh: impl FnMut() -> [u8; 16],
) -> Revision {
    let mut ids = |_: &str| fresh();
    let mut maker = Maker::new(space_id, space, &mut ids);
    let mut revision = Revision::default();
    // Sections that are new, and the rank of the last one.
    let mut sections: BTreeMap<String, SectionId> = BTreeMap::new();
    let mut last_section = board.sections.values().map(|one| one.rank.clone()).max().unwrap_or_default();
    // What was put behind one item last: the next one follows it.
    let mut ranks: BTreeMap<(SectionId, Option<ItemId>, Option<ItemId>), String> = BTreeMap::new();
    for difference in chosen {
        let field = |item: &ItemId, field: ItemField, to: &str| Edit::SetItemField {
            id: *item,
            field,
            value: to.to_owned(),
        };
        match &difference.what {
            What::Source { to, .. } => maker.source(to),
            What::Section { section, to, .. } => {
                maker.edits.push(Edit::SetSectionTitle { id: *section, title: to.clone() });
            }
            What::Added { item, place } => {
                let title = folded_text(section_title(&place.of_draft));
                let known = place.section.or_else(|| sections.get(&title).copied());
                let section = known.unwrap_or_else(|| {
                    last_section = rank::between(&last_section, "");
                    maker.begin_section(&place.of_draft, last_section.clone())
                });
                sections.insert(title, section);
                let key = (section, place.parent, place.after);
                let before = || Some(board.items.get(&place.after?)?.rank.clone());
                let before = ranks.get(&key).cloned().or_else(before).unwrap_or_default();
                let own = rank_behind(board, section, place.parent, &before);
                ranks.insert(key, own.clone());
                maker.item(item, section, own, place.parent);
            }
            What::Gone { item } => revision.retire.push(*item),
            What::Number { item, to, .. } => maker.edits.push(field(item, ItemField::Number, to)),
            What::Headline { item, to, .. } => maker.edits.push(field(item, ItemField::Title, to)),
            What::Deadline { item, to, .. } => maker.edits.push(field(item, ItemField::Deadline, to)),
            What::Text { item, to, .. } => {
                // Against what stands there now: somebody may have written since it was compared.
                if let Some(now) = board.items.get(item) {
                    let splice = Splice::between(&now.text, to);
                    maker.edits.extend(splice.map(|splice| Edit::splice(TextPlace::Item(*item), splice)));
                }
            }
            What::UnitAdded { item, name, role, open_ended } => {
                let unit = maker.unit(name);
                let (item, role, open_ended) = (*item, *role, *open_ended);
                maker.edits.push(Edit::Assign { item, unit, role, open_ended, raw: String::new() });
            }
            What::UnitGone { item, unit, .. } => {
                let removal = removal.clone();
                maker.edits.push(Edit::Unassign { item: *item, unit: *unit, removal });
            }
            What::Role { item, unit, to, .. } => {
                let open_ended = board
                    .items
                    .get(item)
                    .and_then(|item| item.assignments.get(unit))
                    .is_some_and(|one| one.open_ended);
                let (item, unit, role) = (*item, *unit, *to);
                maker.edits.push(Edit::Assign { item, unit, role, open_ended, raw: String::new() });
            }
            What::TargetAdded { indicator, item } => {
                if let Some((number, item)) = indicator.item.clone().zip(*item) {
                    maker.items_by_number.insert(number, item);
                }
                maker.indicator(indicator);
            }
            What::TargetGone { .. } => {}
            What::Target { indicator, to, .. } => {
                maker.edits.push(Edit::SetTarget { id: *indicator, target: to.clone() });
            }
        }
    }
    (revision.board, revision.space) = (maker.edits, maker.space_edits);
    revision
}

/// A rank behind another one among the items of one place, before the next; behind nothing, before
/// the first.
fn rank_behind(board: &Board, section: SectionId, parent: Option<ItemId>, before: &str) -> String {
    let of_place = |item: &&crate::model::Item| item.section == Some(section) && item.parent == parent;
    let ranks = board.items.values().filter(of_place).map(|item| item.rank.as_str());
    let next = ranks.filter(|rank| *rank > before).min().unwrap_or_default();
    rank::between(before, next)
}
