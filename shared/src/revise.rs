//! A newer edition of a document beside the board that came from an earlier one: what differs,
//! measure by measure, each taken over by choice (conflict 7).

use crate::adopt::Maker;
use crate::edit::{Edit, ItemField, TextPlace};
use crate::id::{IndicatorId, ItemId, SectionId, SpaceId, UnitId};
use crate::import::{DraftBoard, DraftDocument, DraftIndicator, DraftItem, DraftSection, Role};
use crate::model::{Board, Removal, Source, Space, Target};
use crate::rank;
use crate::rule::Scene;
use crate::text::{folded_text, splice_of};
use std::collections::{BTreeMap, BTreeSet};

/// How alike two measures of one number must be to be the same one, and two of different numbers.
const ALIKE: f64 = 0.35;
const MUCH_ALIKE: f64 = 0.6;

/// Pairs of measures that are compared word by word at most; beyond it only numbers and headlines
/// bring them together.
const MOST_PAIRS: usize = 250_000;

/// One difference, of one measure or of the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Number and headline of the measure, or the name of the indicator; empty for the whole.
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
    /// A measure that is new, with everything below it.
    Added {
        item: Box<DraftItem>,
        section: Box<DraftSection>,
        parent: Option<ItemId>,
        after: Option<ItemId>,
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
    TargetAdded {
        indicator: Box<DraftIndicator>,
    },
    /// An indicator that the newer edition does not name; it stays until its lead changes it.
    TargetGone {
        target: Target,
    },
    Target {
        indicator: IndicatorId,
        from: Target,
        to: Target,
    },
}

/// A measure of the draft with its place.
struct Line<'a> {
    item: &'a DraftItem,
    section: &'a DraftSection,
    /// The line above it, by its place in the list of all.
    parent: Option<usize>,
    headline: String,
    words: String,
}

/// What a newer edition changes about a board.
#[must_use]
pub fn differences(scene: &Scene<'_>, document: &DraftDocument, draft: &DraftBoard) -> Vec<Difference> {
    let lines = lines_of(draft);
    let of_document = |id: &ItemId| {
        scene.item_type(*id).is_some_and(|kind| kind.lines)
            && scene.standing(*id).is_none_or(|standing| !standing.retired)
    };
    let present: Vec<ItemId> = scene.board.item_order().into_iter().filter(of_document).collect();
    let same = paired(scene.board, &lines, &present);
    let mut all = Vec::new();
    all.extend(source(scene.board, document));
    let mut last: BTreeMap<(SectionId, Option<ItemId>), ItemId> = BTreeMap::new();
    for (place, line) in lines.iter().enumerate() {
        if let Some(id) = same[place] {
            let item = &scene.board.items[&id];
            if let Some(section) = item.section {
                last.insert((section, item.parent), id);
            }
            of_measure(scene, id, line.item, &mut all);
            continue;
        }
        let parent = match line.parent {
            // It comes with the new one above it.
            Some(above) if same[above].is_none() => continue,
            above => above.and_then(|above| same[above]),
        };
        let section = section_of(scene.board, line.section);
        let after = section.and_then(|section| last.get(&(section, parent)).copied());
        let (item, section) = (Box::new(line.item.clone()), line.section);
        let section = Box::new(DraftSection { items: Vec::new(), ..section.clone() });
        all.push(Difference {
            of: name(line.item.number.as_deref().unwrap_or_default(), &line.item.title, &line.item.text),
            what: What::Added { item, section, parent, after },
        });
    }
    let kept: BTreeSet<ItemId> = same.iter().flatten().copied().collect();
    for id in present.into_iter().filter(|id| !kept.contains(id)) {
        all.push(Difference { of: of_item(scene.board, id), what: What::Gone { item: id } });
    }
    indicators(scene.board, draft, &mut all);
    all
}

fn lines_of(draft: &DraftBoard) -> Vec<Line<'_>> {
    fn add<'a>(
        item: &'a DraftItem,
        section: &'a DraftSection,
        parent: Option<usize>,
        all: &mut Vec<Line<'a>>,
    ) {
        let place = all.len();
        let (headline, words) =
            (folded_text(&item.title), folded_text(&format!("{}{}", item.title, item.text)));
        all.push(Line { item, section, parent, headline, words });
        item.children.iter().for_each(|child| add(child, section, Some(place), all));
    }
    let mut all = Vec::new();
    for section in &draft.sections {
        section.items.iter().for_each(|item| add(item, section, None, &mut all));
    }
    all
}

/// For each line of the draft the measure that it is, if any: equal words first, then equal
/// headlines, then equal numbers of one section with words alike, then the most alike of the rest.
fn paired(board: &Board, lines: &[Line<'_>], present: &[ItemId]) -> Vec<Option<ItemId>> {
    let mut same: Vec<Option<ItemId>> = vec![None; lines.len()];
    let mut free: Vec<ItemId> = present.to_vec();
    let words = |id: &ItemId| folded_text(&format!("{}{}", board.items[id].title, board.items[id].text));
    let section = |id: &ItemId| {
        let section = board.items[id].section.and_then(|section| board.sections.get(&section));
        section.map(|section| folded_text(&section.title)).unwrap_or_default()
    };
    let key = |section: &str, number: &str| format!("{section}\n{}", folded_text(number));
    let of_line = |line: &Line<'_>| {
        key(
            &folded_text(line.section.title.as_deref().unwrap_or("重点任务")),
            line.item.number.as_deref().unwrap_or_default(),
        )
    };
    let of_item = |id: &ItemId| key(&section(id), &board.items[id].number);
    by_key(lines, &mut same, &mut free, |line| line.words.clone(), words);
    by_key(
        lines,
        &mut same,
        &mut free,
        |line| line.headline.clone(),
        |id| folded_text(&board.items[id].title),
    );
    let numbers: BTreeMap<String, ItemId> = free.iter().map(|id| (of_item(id), *id)).collect();
    for (place, line) in
        lines.iter().enumerate().filter(|(place, _)| same[*place].is_none()).collect::<Vec<_>>()
    {
        let known = numbers.get(&of_line(line)).filter(|id| free.contains(id));
        if let Some(id) = known.filter(|id| strsim::sorensen_dice(&line.words, &words(id)) >= ALIKE) {
            same[place] = Some(*id);
            free.retain(|one| one != id);
        }
    }
    let left: Vec<usize> = (0..lines.len()).filter(|place| same[*place].is_none()).collect();
    if left.len() * free.len() <= MOST_PAIRS {
        let rest: Vec<(ItemId, String)> = free.iter().map(|id| (*id, words(id))).collect();
        let mut scores: Vec<(f64, usize, ItemId)> = Vec::new();
        for place in left {
            let alike = rest
                .iter()
                .map(|(id, words)| (strsim::sorensen_dice(&lines[place].words, words), place, *id));
            scores.extend(alike.filter(|(score, ..)| *score >= MUCH_ALIKE));
        }
        scores.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut taken: BTreeSet<ItemId> = BTreeSet::new();
        for (_, place, id) in scores {
            if same[place].is_none() && taken.insert(id) {
                same[place] = Some(id);
            }
        }
    }
    same
}

/// Brings together what has one key; of several with the same one, the first with the first.
fn by_key(
    lines: &[Line<'_>],
    same: &mut [Option<ItemId>],
    free: &mut Vec<ItemId>,
    of_line: impl Fn(&Line<'_>) -> String,
    of_item: impl Fn(&ItemId) -> String,
) {
    let mut known: BTreeMap<String, Vec<ItemId>> = BTreeMap::new();
    for id in free.iter().rev() {
        known.entry(of_item(id)).or_default().push(*id);
    }
    for (line, same) in lines.iter().zip(same.iter_mut()).filter(|(_, same)| same.is_none()) {
        let key = of_line(line);
        if !key.is_empty() {
            *same = known.get_mut(&key).and_then(Vec::pop);
        }
    }
    let taken: BTreeSet<ItemId> = same.iter().flatten().copied().collect();
    free.retain(|id| !taken.contains(id));
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
fn of_measure(scene: &Scene<'_>, id: ItemId, draft: &DraftItem, all: &mut Vec<Difference>) {
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
    let mut named: BTreeMap<UnitId, Role> = BTreeMap::new();
    for assignment in &draft.assignments {
        for name in &assignment.units {
            let known = scene.space.unit_named(name);
            let present =
                known.and_then(|unit| item.assignments.get(&unit)).filter(|one| one.removal.is_none());
            match (known, present) {
                (Some(unit), Some(one)) if one.role != assignment.role && !named.contains_key(&unit) => {
                    let (from, to) = (one.role, assignment.role);
                    push(What::Role { item: id, unit, name: name.clone(), from, to });
                }
                (_, Some(_)) => {}
                _ => {
                    let (role, open_ended) = (assignment.role, assignment.open_ended);
                    push(What::UnitAdded { item: id, name: name.clone(), role, open_ended });
                }
            }
            named.extend(known.map(|unit| (unit, assignment.role)));
        }
    }
    for (unit, _) in item.assignments.iter().filter(|(_, one)| one.removal.is_none()) {
        if !named.contains_key(unit) {
            push(What::UnitGone { item: id, unit: *unit, name: scene.space.unit_name(*unit) });
        }
    }
}

fn indicators(board: &Board, draft: &DraftBoard, all: &mut Vec<Difference>) {
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
            None => What::TargetAdded { indicator: Box::new(one.clone()) },
            Some(id) if board.indicators[&id].target != to => {
                What::Target { indicator: id, from: board.indicators[&id].target.clone(), to }
            }
            Some(_) => continue,
        };
        all.push(Difference { of: one.name.clone(), what });
    }
    for id in known.into_values().flatten() {
        let one = &board.indicators[&id];
        all.push(Difference { of: one.name.clone(), what: What::TargetGone { target: one.target.clone() } });
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

/// The section of a draft on the board: by its title.
fn section_of(board: &Board, draft: &DraftSection) -> Option<SectionId> {
    let wanted = folded_text(draft.title.as_deref().unwrap_or("重点任务"));
    let mut order = board.section_order().into_iter();
    order.find(|id| folded_text(&board.sections[id].title) == wanted)
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
    maker.items_by_number = board.items.iter().map(|(id, item)| (item.number.clone(), *id)).collect();
    let mut revision = Revision::default();
    let mut sections: BTreeMap<String, SectionId> = BTreeMap::new();
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
            What::Added { item, section, parent, after } => {
                let title = folded_text(section.title.as_deref().unwrap_or("重点任务"));
                let known = section_of(board, section).or_else(|| sections.get(&title).copied());
                let place = known.unwrap_or_else(|| {
                    let ranks = board.sections.values().map(|one| one.rank.as_str());
                    let last = ranks.max().unwrap_or_default().to_owned();
                    maker.begin_section(section, rank::between(&last, ""))
                });
                sections.insert(title, place);
                let key = (place, *parent, *after);
                let before =
                    ranks.get(&key).cloned().or_else(|| Some(board.items.get(&(*after)?)?.rank.clone()));
                let own = rank_behind(board, place, *parent, before.as_deref());
                ranks.insert(key, own.clone());
                maker.item(item, place, own, *parent);
            }
            What::Gone { item } => revision.retire.push(*item),
            What::Number { item, to, .. } => maker.edits.push(field(item, ItemField::Number, to)),
            What::Headline { item, to, .. } => maker.edits.push(field(item, ItemField::Title, to)),
            What::Deadline { item, to, .. } => maker.edits.push(field(item, ItemField::Deadline, to)),
            What::Text { item, to, .. } => {
                // Against what stands there now: somebody may have written since it was compared.
                if let Some(now) = board.items.get(item) {
                    let (at, delete, insert) = splice_of(&now.text, to);
                    let text = TextPlace::Item(*item);
                    maker.edits.push(Edit::SpliceText { text, at, delete, insert });
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
            What::TargetAdded { indicator } => maker.indicator(indicator),
            What::TargetGone { .. } => {}
            What::Target { indicator, to, .. } => {
                maker.edits.push(Edit::SetTarget { id: *indicator, target: to.clone() });
            }
        }
    }
    (revision.board, revision.space) = (maker.edits, maker.space_edits);
    revision
}

/// A rank behind another one among the items of one place, before the next; without one, behind
/// the last.
fn rank_behind(board: &Board, section: SectionId, parent: Option<ItemId>, before: Option<&str>) -> String {
    let of_place = |item: &&crate::model::Item| item.section == Some(section) && item.parent == parent;
    let mut ranks: Vec<&str> = board.items.values().filter(of_place).map(|item| item.rank.as_str()).collect();
    ranks.sort_unstable();
    match before {
        Some(before) => {
            let next = ranks.into_iter().find(|rank| *rank > before).unwrap_or_default();
            rank::between(before, next)
        }
        None => rank::between(ranks.last().copied().unwrap_or_default(), ""),
    }
}
