//! 作战图: items across units, steps, actions or choices; one light for each cell, counts at the
//! edges (S05, S38, S85).

use super::choice::choice_name;
use super::ledger::{Row, light_of, lights_of_parts};
use super::light::Light;
use crate::fold::Lamp;
use crate::id::{ItemId, SectionId, UnitId};
use crate::rule::Scene;
use crate::template::FieldKind;
use crate::words::{Lang, Word};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Across {
    /// Items of a type and the units that have a part in them.
    Units { kind: String },
    /// Items of a type and what stands below them, by title: projects and their procedures.
    Children { kind: String, child: String },
    /// Items of a type and the sections that what stands below them is in: sessions and actions.
    Sections { kind: String },
    /// Sections and the choices or units of a field: stages and regions.
    Field { kind: String, field: String },
    /// The units' reports in a reporting round (S05): those expected and those made.
    Round { round: ItemId, kind: String },
}

impl Across {
    /// The type that it is about.
    fn kind(&self) -> &str {
        match self {
            Self::Units { kind }
            | Self::Children { kind, .. }
            | Self::Sections { kind }
            | Self::Field { kind, .. }
            | Self::Round { kind, .. } => kind,
        }
    }
}

/// The most columns of children that are drawn.
const MOST_HEADS: usize = 60;

/// Rows and columns; cells are asked row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    pub across: Across,
    pub columns: Vec<String>,
    pub rows: Vec<MatrixRow>,
    /// The column of each head.
    places: BTreeMap<Head, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Head {
    Unit(UnitId),
    Words(String),
    Section(SectionId),
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixRow {
    /// The item of the row; none where a row is a section.
    pub item: Option<ItemId>,
    section: Option<SectionId>,
    pub number: String,
    pub title: String,
}

/// A cell where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixCell {
    /// The item that opens on a tap.
    pub item: ItemId,
    pub unit: Option<UnitId>,
    /// The most urgent light.
    pub light: Light,
    /// How many are done, of how many.
    pub done: usize,
    pub all: usize,
}

impl Matrix {
    /// The matrices that a board has something for, with their names.
    #[must_use]
    pub fn kinds(scene: &Scene<'_>, language: Lang) -> Vec<(Across, String)> {
        let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let (mut with_units, mut in_sections) =
            (BTreeSet::new(), BTreeMap::<&str, BTreeSet<SectionId>>::new());
        for (id, item) in &scene.board.items {
            let Some(kind) = kind_of(scene, *id) else { continue };
            used.entry(kind).or_default();
            if item.assignments.values().any(|one| one.removal.is_none()) {
                with_units.insert(kind);
            }
            if let Some(parent) = item.parent.and_then(|parent| kind_of(scene, parent)) {
                used.entry(parent).or_default().insert(kind);
                in_sections.entry(parent).or_default().extend(item.section);
            }
        }
        let name = |kind: &str| scene.template.item_type(kind).map_or("", |kind| kind.name.get(language));
        let mut all = Vec::new();
        for (kind, children) in &used {
            let kind_name = name(kind);
            if with_units.contains(kind) {
                let title = format!("{kind_name} × {}", Word::Unit.text(language));
                all.push((Across::Units { kind: (*kind).to_owned() }, title));
            }
            if in_sections.get(kind).is_some_and(|sections| sections.len() > 1) {
                let title = format!("{kind_name} × {}", Word::Section.text(language));
                all.push((Across::Sections { kind: (*kind).to_owned() }, title));
            }
            for child in children {
                let across = Across::Children { kind: (*kind).to_owned(), child: (*child).to_owned() };
                all.push((across, format!("{kind_name} × {}", name(child))));
            }
            let fields = scene.template.item_type(kind).map_or(&[][..], |kind| &kind.fields);
            let told_apart =
                fields.iter().filter(|field| matches!(field.kind, FieldKind::Choice | FieldKind::Unit));
            for field in told_apart.take(2) {
                let across = Across::Field { kind: (*kind).to_owned(), field: field.id.clone() };
                let title =
                    format!("{} × {}（{kind_name}）", Word::Section.text(language), field.name.get(language));
                all.push((across, title));
            }
        }
        for (round, kind) in scene.rounds() {
            let title =
                format!("{}：{}", name(kind_of(scene, round).unwrap_or_default()), scene.title(round));
            all.push((Across::Round { round, kind: kind.to_owned() }, title));
        }
        // Items that stand for themselves come before those below them.
        let below = |across: &Across| {
            let kind = scene.template.item_type(across.kind());
            kind.is_some_and(|kind| !kind.under.is_empty())
        };
        all.sort_by_key(|(across, _)| (below(across), matches!(across, Across::Field { .. })));
        all
    }

    /// The outline of a matrix.
    #[must_use]
    pub fn new(scene: &Scene<'_>, across: &Across, language: Lang) -> Self {
        let kind = across.kind();
        let in_use = |id: &ItemId| {
            kind_of(scene, *id) == Some(kind)
                && scene.standing(*id).is_none_or(|standing| !standing.is_gone())
        };
        let items: Vec<ItemId> = scene.board.item_order().into_iter().filter(in_use).collect();
        let heads = heads(scene, across, &items);
        let name = |head: &Head| match head {
            Head::Unit(unit) => scene.space.short_name(*unit),
            Head::Section(section) => {
                scene.board.sections.get(section).map(|section| section.title.clone()).unwrap_or_default()
            }
            Head::Words(words) => match across {
                Across::Field { kind, field } => {
                    let field = scene.template.item_type(kind).and_then(|kind| kind.field(field));
                    field.map_or(words.as_str(), |field| choice_name(field, words, language)).to_owned()
                }
                _ => words.clone(),
            },
        };
        let columns = heads.iter().map(name).collect();
        let rows = if matches!(across, Across::Field { .. }) {
            let used: BTreeSet<Option<SectionId>> =
                items.iter().filter_map(|id| scene.item(*id)).map(|item| item.section).collect();
            let sections = scene.board.section_order().into_iter().filter(|id| used.contains(&Some(*id)));
            let row = |id: SectionId| {
                let section = &scene.board.sections[&id];
                let (number, title) = (section.number.clone(), section.title.clone());
                MatrixRow { item: None, section: Some(id), number, title }
            };
            sections.map(row).collect()
        } else {
            let row = |id: &ItemId| {
                let item = scene.item(*id)?;
                Some(MatrixRow {
                    item: Some(*id),
                    section: item.section,
                    number: item.number.clone(),
                    title: match item.parent {
                        // An item below another is told apart by it.
                        Some(parent) => format!("{} · {}", scene.title(parent), scene.title(*id)),
                        None => scene.title(*id).to_owned(),
                    },
                })
            };
            items.iter().filter_map(row).collect()
        };
        let places = heads.into_iter().enumerate().map(|(place, head)| (head, place)).collect();
        Self { across: across.clone(), columns, rows, places }
    }

    /// The cells of a row; nothing stands where none is.
    #[must_use]
    pub fn cells(&self, scene: &Scene<'_>, row: &MatrixRow) -> Vec<Option<MatrixCell>> {
        let mut cells: Vec<Option<MatrixCell>> = vec![None; self.columns.len()];
        let place = |head: &Head| self.places.get(head).copied();
        let mut put = |place: usize, cell: MatrixCell| match &mut cells[place] {
            Some(there) => {
                if cell.light < there.light {
                    (there.light, there.item) = (cell.light, cell.item);
                }
                (there.done, there.all) = (there.done + cell.done, there.all + cell.all);
            }
            empty => *empty = Some(cell),
        };
        let lit = |item: ItemId, unit: Option<UnitId>, light: Light| MatrixCell {
            item,
            unit,
            light,
            done: usize::from(light == Light::Done),
            all: 1,
        };
        let whole = |item: ItemId| light_of(scene, Row { item, unit: None }).unwrap_or(Light::Going);
        let cell = |item: ItemId| lit(item, None, whole(item));
        match (&self.across, row.item) {
            (Across::Units { .. }, Some(item)) => {
                let units = scene.parts(item).into_iter();
                let placed = units.filter_map(|unit| Some((unit, place(&Head::Unit(unit))?)));
                if scene.item_type(item).is_some_and(|kind| kind.parts) {
                    let light = lights_of_parts(scene, item);
                    placed.for_each(|(unit, place)| put(place, lit(item, Some(unit), light(unit))));
                } else {
                    let light = whole(item);
                    placed.for_each(|(unit, place)| put(place, lit(item, Some(unit), light)));
                }
            }
            (Across::Round { round, .. }, Some(item)) => {
                // A missing report is late once the round is due or over.
                let missing = match scene.lamp(*round) {
                    Some(Lamp::Overdue | Lamp::Done) => Light::Overdue,
                    Some(Lamp::DueSoon) => Light::DueSoon,
                    _ => Light::NotStarted,
                };
                for (unit, received) in scene.expected(*round, item) {
                    let light = if received.is_some() { Light::Done } else { missing };
                    if let Some(place) = place(&Head::Unit(unit)) {
                        put(place, lit(item, Some(unit), light));
                    }
                }
            }
            (Across::Children { child, .. }, Some(item)) => {
                for id in scene.children_in_use(item) {
                    if kind_of(scene, id) != Some(child.as_str()) {
                        continue;
                    }
                    let Some(below) = scene.item(id) else { continue };
                    if let Some(place) = place(&Head::Words(below.title.clone())) {
                        put(place, cell(id));
                    }
                }
            }
            (Across::Sections { .. }, Some(item)) => {
                for id in scene.children_in_use(item) {
                    let section = scene.item(id).and_then(|below| below.section);
                    if let Some(place) = section.and_then(|section| place(&Head::Section(section))) {
                        put(place, cell(id));
                    }
                }
            }
            (Across::Field { kind, field }, None) => {
                let of_row = |id: &ItemId| scene.item(*id).is_some_and(|item| item.section == row.section);
                for id in scene.items_of(kind).filter(of_row) {
                    let head = field_head(scene, id, field);
                    if let Some(place) = head.and_then(|head| place(&head)) {
                        put(place, cell(id));
                    }
                }
            }
            _ => {}
        }
        cells
    }

    /// Done and all of each column, and of everything.
    #[must_use]
    pub fn counts(&self, scene: &Scene<'_>) -> (Vec<(usize, usize)>, (usize, usize)) {
        let mut counts = vec![(0, 0); self.columns.len()];
        let mut whole = (0, 0);
        for row in &self.rows {
            for (count, cell) in counts.iter_mut().zip(self.cells(scene, row)) {
                if let Some(cell) = cell {
                    *count = (count.0 + cell.done, count.1 + cell.all);
                    whole = (whole.0 + cell.done, whole.1 + cell.all);
                }
            }
        }
        (counts, whole)
    }
}

/// The id of an item's type.
fn kind_of<'a>(scene: &Scene<'a>, id: ItemId) -> Option<&'a str> {
    scene.item_type(id).map(|kind| kind.id.as_str())
}

fn field_head(scene: &Scene<'_>, item: ItemId, field: &str) -> Option<Head> {
    let words = scene.words(item, field);
    if words.is_empty() {
        return None;
    }
    Some(words.parse().map_or_else(|_| Head::Words(words.to_owned()), Head::Unit))
}

/// The heads in the order that people expect: units as the dictionary has them, steps as they first come, sections and
/// choices as they are listed.
fn heads(scene: &Scene<'_>, across: &Across, items: &[ItemId]) -> Vec<Head> {
    let children = || items.iter().flat_map(|item| scene.children_in_use(*item));
    match across {
        Across::Units { .. } | Across::Round { .. } => {
            let mut units: BTreeMap<UnitId, usize> = BTreeMap::new();
            for (place, item) in items.iter().enumerate() {
                let named: Vec<UnitId> = match across {
                    Across::Round { round, .. } => {
                        scene.expected(*round, *item).into_iter().map(|(unit, _)| unit).collect()
                    }
                    _ => scene.parts(*item).into_iter().collect(),
                };
                named.into_iter().for_each(|unit| {
                    units.entry(unit).or_insert(place);
                });
            }
            let key = |(unit, first)| {
                let name = scene.space.unit_name(unit);
                (crate::dictionary::place(&name), first, name, unit)
            };
            let mut units: Vec<(usize, usize, String, UnitId)> = units.into_iter().map(key).collect();
            units.sort();
            units.into_iter().map(|(_, _, _, unit)| Head::Unit(unit)).collect()
        }
        Across::Children { child, .. } => {
            let of_kind = children().filter(|id| kind_of(scene, *id) == Some(child.as_str()));
            let below = of_kind.filter_map(|id| scene.item(id));
            let mut known = BTreeSet::new();
            let titles = below.map(|below| &below.title).filter(|title| known.insert(*title));
            // Names that are all different are no heads.
            titles.map(|title| Head::Words(title.clone())).take(MOST_HEADS).collect()
        }
        Across::Sections { .. } => {
            let used: BTreeSet<SectionId> = children().filter_map(|id| scene.item(id)?.section).collect();
            scene
                .board
                .section_order()
                .into_iter()
                .filter(|id| used.contains(id))
                .map(Head::Section)
                .collect()
        }
        Across::Field { kind, field } => {
            let used: BTreeSet<Head> =
                items.iter().filter_map(|item| field_head(scene, *item, field)).collect();
            let choices = scene.template.item_type(kind).and_then(|kind| kind.field(field));
            let place = |head: &Head| match head {
                Head::Words(words) => {
                    choices.and_then(|field| field.choices.iter().position(|[id, ..]| id == words))
                }
                _ => None,
            };
            let mut heads: Vec<(Option<usize>, Head)> =
                used.into_iter().map(|head| (place(&head), head)).collect();
            heads.sort();
            heads.into_iter().map(|(_, head)| head).collect()
        }
    }
}
