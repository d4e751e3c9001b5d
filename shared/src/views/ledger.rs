//! 台账: rows of one type of item with a column for each field, written like a spreadsheet. Items whose units
//! close their parts have a row for each unit (S03).

use super::choice::{choices, name_of, shown_words, stored_words};
use super::light::Light;
use crate::edit::{Edit, ItemField, LedgerField};
use crate::fold::{self, Lamp};
use crate::id::{ItemId, UnitId};
use crate::import::Role;
use crate::rule::Scene;
use crate::template::{Field, FieldKind, ItemType, Value};
use crate::words::{Lang, Word};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Rows and columns of a ledger; its cells are asked one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger<'t> {
    pub kind: Cow<'t, ItemType>,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    language: Lang,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    pub key: Key,
    /// As printed at its head.
    pub name: String,
    /// How its values are read and aligned.
    pub kind: FieldKind,
}

/// The source of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    Number,
    Title,
    Section,
    /// The item above.
    Parent,
    Unit,
    Role,
    /// A field of the unit's own row.
    Own(LedgerField),
    /// A field of the template.
    Field(String),
    Deadline,
    State,
    Light,
    /// 销号 n/m
    Closed,
    /// The newest words that were reported.
    Latest,
}

/// An item, or a unit's part in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row {
    pub item: ItemId,
    pub unit: Option<UnitId>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// As people read it.
    pub shown: String,
    /// Its number or date, where it has one: what a spreadsheet program gets.
    pub value: Option<Value>,
    pub light: Option<Light>,
}

/// The sums under a column of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sum {
    pub sum: f64,
    /// How many cells hold a number.
    pub count: usize,
}

impl<'t> Ledger<'t> {
    /// The ledger of a type, in the order of the board; rows that are out of use are left out.
    #[must_use]
    pub fn new(scene: &Scene<'_>, kind: &'t ItemType, language: Lang) -> Self {
        let in_use = |id: &ItemId| {
            scene.item_type(*id).is_some_and(|one| one.id == kind.id)
                && scene.standing(*id).is_none_or(|standing| !standing.is_gone())
        };
        let items: Vec<ItemId> = scene.board.item_order().into_iter().filter(in_use).collect();
        let mut rows = Vec::with_capacity(items.len());
        let mut places: BTreeMap<UnitId, (usize, String)> = BTreeMap::new();
        for item in items {
            let mut units: Vec<UnitId> =
                if kind.parts { scene.parts(item).into_iter().collect() } else { Vec::new() };
            for unit in &units {
                places.entry(*unit).or_insert_with(|| {
                    let name = scene.space.unit_name(*unit);
                    (crate::dictionary::place(&name), name)
                });
            }
            units.sort_by(|one, other| places[one].cmp(&places[other]));
            if units.is_empty() {
                rows.push(Row { item, unit: None });
            }
            rows.extend(units.into_iter().map(|unit| Row { item, unit: Some(unit) }));
        }
        let columns = columns(scene, kind, &rows, language);
        Self { kind: Cow::Borrowed(kind), columns, rows, language }
    }

    /// A ledger without rows and columns.
    #[must_use]
    pub const fn nothing(kind: &'t ItemType) -> Self {
        Self { kind: Cow::Borrowed(kind), columns: Vec::new(), rows: Vec::new(), language: Lang::Hans }
    }

    /// The same with its type, for whoever keeps it longer than the template.
    #[must_use]
    pub fn into_owned(self) -> Ledger<'static> {
        let Self { kind, columns, rows, language } = self;
        Ledger { kind: Cow::Owned(kind.into_owned()), columns, rows, language }
    }

    /// The types of a board that have rows, in the order of its template; lines of a document
    /// first.
    #[must_use]
    pub fn kinds(scene: &Scene<'t>) -> Vec<&'t ItemType> {
        let used: BTreeSet<&str> =
            scene.board.items.keys().filter_map(|id| Some(scene.item_type(*id)?.id.as_str())).collect();
        let line = scene.template.item_type("").filter(|line| !scene.template.items.contains(line));
        line.into_iter().chain(&scene.template.items).filter(|kind| used.contains(kind.id.as_str())).collect()
    }

    /// The headline of a row's item, or its text.
    #[must_use]
    pub fn title(&self, scene: &Scene<'_>, row: Row) -> String {
        scene.title(row.item).to_owned()
    }

    /// A cell.
    #[must_use]
    pub fn cell(&self, scene: &Scene<'_>, row: Row, column: &Column) -> Cell {
        let Some(item) = scene.item(row.item) else { return Cell::default() };
        let text = |words: &str| Cell { shown: words.to_owned(), ..Cell::default() };
        match &column.key {
            Key::Number => text(&item.number),
            Key::Title => text(scene.title(row.item)),
            Key::Section => {
                let section = item.section.and_then(|section| scene.board.sections.get(&section));
                text(&section.map(|section| section.title.clone()).unwrap_or_default())
            }
            Key::Parent => {
                let parent = item.parent.and_then(|parent| scene.item(parent));
                text(parent.map_or("", |parent| &parent.title))
            }
            Key::Unit => match row.unit {
                Some(unit) => text(&scene.space.unit_name(unit)),
                None => {
                    let assigned = item.assignments.iter().filter(|(_, one)| one.removal.is_none());
                    let names: Vec<String> = assigned.map(|(unit, _)| scene.space.unit_name(*unit)).collect();
                    text(&names.join("、"))
                }
            },
            Key::Role => {
                let role = row.unit.and_then(|unit| role_of(scene, row.item, unit));
                text(role.map_or("", |role| role.word().text(self.language)))
            }
            Key::Own(field) => {
                let own = row.unit.and_then(|unit| item.ledger.get(&unit));
                text(own.map_or("", |own| own.get(*field)))
            }
            Key::Field(id) => {
                let stored = item.fields.get(id).map_or("", String::as_str);
                let Some(field) = self.kind.field(id) else { return text(stored) };
                Cell {
                    shown: shown_words(scene, field, stored, self.language).into_owned(),
                    value: field.read(stored).ok().flatten(),
                    light: None,
                }
            }
            Key::Deadline => Cell {
                shown: item.deadline.clone(),
                value: item.deadline.parse().ok().map(Value::Date),
                light: None,
            },
            Key::State => text(&self.state(scene, row)),
            Key::Light => {
                let light = light_of(scene, row);
                Cell {
                    shown: light.map_or("", |light| light.word().text(self.language)).to_owned(),
                    value: None,
                    light,
                }
            }
            Key::Closed => {
                let (closed, all) = scene.standing(row.item).map_or((0, 0), |standing| standing.closed);
                text(&if all == 0 { String::new() } else { format!("{closed}/{all}") })
            }
            Key::Latest => {
                let about = scene.about(row.item);
                let said = about.iter().rev().find(|entry| {
                    !entry.body.is_empty() && row.unit.is_none_or(|unit| entry.author.unit == unit)
                });
                text(said.map_or("", |entry| &entry.body))
            }
        }
    }

    fn state(&self, scene: &Scene<'_>, row: Row) -> String {
        if let Some(unit) = row.unit {
            let part = fold::part_state(unit, &scene.entries.of_item(row.item));
            return part.state.word().text(self.language).to_owned();
        }
        state_words(scene, row.item, self.language)
    }

    /// Whether people write into a column.
    #[must_use]
    pub fn is_written(&self, row: Row, column: &Column) -> bool {
        match column.key {
            Key::Title | Key::Number | Key::Deadline | Key::Field(_) => true,
            Key::Own(_) => row.unit.is_some(),
            _ => false,
        }
    }

    /// The choices of a column, as stored and as read; empty if people write freely.
    #[must_use]
    pub fn choices(&self, scene: &Scene<'_>, column: &Column) -> Vec<(String, String)> {
        self.field(column).map(|field| choices(scene, field, self.language)).unwrap_or_default()
    }

    fn field(&self, column: &Column) -> Option<&Field> {
        match &column.key {
            Key::Field(id) => self.kind.field(id),
            _ => None,
        }
    }

    /// The edit that words, typed or pasted, mean in a cell; none when nothing changes.
    ///
    /// # Errors
    /// A sentence for the person when the cell is not written, or the words do not fit.
    pub fn write(
        &self,
        scene: &Scene<'_>,
        row: Row,
        column: &Column,
        words: &str,
    ) -> Result<Option<Edit>, String> {
        let Some(item) = scene.item(row.item) else { return Err("这一行已经不在了".to_owned()) };
        let words = words.trim();
        if self.cell(scene, row, column).shown == words {
            return Ok(None);
        }
        let set = |field, value| Ok(Some(Edit::SetItemField { id: row.item, field, value }));
        match &column.key {
            Key::Title if words.is_empty() => Err("标题不能为空".to_owned()),
            Key::Title => set(ItemField::Title, words.to_owned()),
            Key::Number => set(ItemField::Number, words.to_owned()),
            Key::Deadline if words.is_empty() => set(ItemField::Deadline, String::new()),
            Key::Deadline => match crate::import::day(words) {
                Some(day) => set(ItemField::Deadline, day.to_string()),
                None => Err(format!("“{words}”不是日期，如 2025-06-30 或 2025年6月30日")),
            },
            Key::Own(field) => match row.unit {
                Some(unit) => {
                    Ok(Some(Edit::SetLedger { item: row.item, unit, field: *field, value: words.to_owned() }))
                }
                None => Err("这一行没有责任单位".to_owned()),
            },
            Key::Field(id) => {
                let Some(field) = self.kind.field(id) else { return Err("没有这个字段".to_owned()) };
                let stored = stored_words(scene, field, words)?;
                let before = item.fields.get(id).map_or("", String::as_str);
                // 1200万元 and 12000000 are one amount: a file that was opened elsewhere changes nothing.
                if before == stored || (!stored.is_empty() && field.read(before) == field.read(&stored)) {
                    return Ok(None);
                }
                set(ItemField::Custom(id.clone()), stored)
            }
            _ => Err(format!("“{}”由系统算出，不能直接填写", column.name)),
        }
    }

    /// Puts the rows in the order of a column; equal ones stay as they were.
    pub fn sort(&mut self, scene: &Scene<'_>, column: &Column, descending: bool) {
        let rows = std::mem::take(&mut self.rows);
        let mut keyed: Vec<(SortKey, Row)> =
            rows.into_iter().map(|row| (SortKey::of(&self.cell(scene, row, column)), row)).collect();
        keyed.sort_by(|(one, _), (other, _)| {
            let order = one.cmp(other);
            // Empty cells stand last whichever way the column is sorted.
            if descending && *one != SortKey::Empty && *other != SortKey::Empty {
                order.reverse()
            } else {
                order
            }
        });
        self.rows = keyed.into_iter().map(|(_, row)| row).collect();
    }

    /// Rows by what a column shows, in the order in which they first come.
    #[must_use]
    pub fn groups(&self, scene: &Scene<'_>, column: &Column) -> Vec<(String, Vec<Row>)> {
        let mut groups: Vec<(String, Vec<Row>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for row in &self.rows {
            let shown = self.cell(scene, *row, column).shown;
            let place = *places.entry(shown.clone()).or_insert_with(|| {
                groups.push((shown, Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(*row);
        }
        groups
    }

    /// The sum of each column of numbers over some rows. Shares are not summed (S15).
    #[must_use]
    pub fn sums(&self, scene: &Scene<'_>, rows: &[Row]) -> Vec<Option<Sum>> {
        let sum = |column: &Column| {
            if !matches!(column.kind, FieldKind::Number | FieldKind::Money) {
                return None;
            }
            let numbers = rows.iter().filter_map(|row| match self.cell(scene, *row, column).value {
                Some(Value::Number(number)) => Some(number),
                _ => None,
            });
            let (sum, count) = numbers.fold((0.0, 0), |(sum, count), number| (sum + number, count + 1));
            (count > 0).then_some(Sum { sum, count })
        };
        self.columns.iter().map(sum).collect()
    }
}

#[derive(Debug, Clone, PartialEq)]
enum SortKey {
    Number(f64),
    Date(jiff::civil::Date),
    Words(Vec<(u64, String)>),
    Empty,
}

impl SortKey {
    fn of(cell: &Cell) -> Self {
        match &cell.value {
            Some(Value::Number(number)) => Self::Number(*number),
            Some(Value::Date(date)) => Self::Date(*date),
            _ if cell.shown.is_empty() => Self::Empty,
            _ => Self::Words(natural(&cell.shown)),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Date(_) => 1,
            Self::Words(_) => 2,
            Self::Empty => 3,
        }
    }

    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one.total_cmp(two),
            (Self::Date(one), Self::Date(two)) => one.cmp(two),
            (Self::Words(one), Self::Words(two)) => one.cmp(two),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// Words cut where digits begin, so that 举措 10 stands behind 举措 9.
fn natural(words: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = Vec::new();
    let mut rest = words;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..digits].parse().unwrap_or(0);
        let after = &rest[digits..];
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        parts.push((number, after[..end].to_owned()));
        rest = &after[end..];
    }
    parts
}

/// The name of the state that an item stands in.
#[must_use]
pub fn state_words(scene: &Scene<'_>, item: ItemId, language: Lang) -> String {
    let Some((kind, standing)) = scene.item_type(item).zip(scene.standing(item)) else {
        return String::new();
    };
    let own = kind.state(&standing.state).map(|state| state.name.get(language));
    let part = fold::PartState::from_id(&standing.state).map(|part| part.word().text(language));
    own.or(part.filter(|_| kind.parts)).unwrap_or_default().to_owned()
}

/// The light of an item; none where it has nothing that could be late or done.
#[must_use]
pub fn light(scene: &Scene<'_>, item: ItemId) -> Option<Light> {
    light_of(scene, Row { item, unit: None })
}

/// The light of a row: of the unit's part, or of the item with its deadlines.
/// The lights of an item's parts: its lamp and its entries are looked up once for all units.
pub(super) fn lights_of_parts<'a>(scene: &Scene<'a>, item: ItemId) -> impl Fn(UnitId) -> Light + use<'a> {
    let lamp = scene.lamp(item).unwrap_or(Lamp::OnTrack);
    let about = scene.entries.of_item(item);
    move |unit| Light::of_part(&fold::part_state(unit, &about), lamp)
}

pub(super) fn light_of(scene: &Scene<'_>, row: Row) -> Option<Light> {
    if let Some(unit) = row.unit {
        return Some(lights_of_parts(scene, row.item)(unit));
    }
    let lamp = scene.lamp(row.item);
    let kind = scene.item_type(row.item)?;
    let standing = scene.standing(row.item)?;
    if scene.is_ended(row.item) {
        return Some(Light::Done);
    }
    let begun = if kind.parts {
        standing.state != "not_started"
    } else {
        kind.states.first().is_some_and(|first| first.id != standing.state)
    };
    match lamp {
        Some(Lamp::Overdue) => Some(Light::Overdue),
        Some(Lamp::DueSoon) => Some(Light::DueSoon),
        _ if kind.states.is_empty() && !kind.parts => None,
        _ if standing.state == "returned" && kind.parts => Some(Light::Returned),
        _ if standing.state == "asked" && kind.parts => Some(Light::Asked),
        _ => Some(if begun { Light::Going } else { Light::NotStarted }),
    }
}

fn role_of(scene: &Scene<'_>, item: ItemId, unit: UnitId) -> Option<Role> {
    let item = scene.item(item)?;
    let named = item.assignments.iter().find(|(named, _)| scene.space.expanded(**named).contains(&unit));
    named.map(|(_, one)| one.role)
}

fn columns(scene: &Scene<'_>, kind: &ItemType, rows: &[Row], language: Lang) -> Vec<Column> {
    let plain = |key, word: Word, kind| Column { key, name: name_of(word).get(language).to_owned(), kind };
    let any = |test: &dyn Fn(&crate::model::Item) -> bool| {
        rows.iter().any(|row| scene.item(row.item).is_some_and(test))
    };
    let mut all = vec![
        plain(Key::Number, Word::SerialNumber, FieldKind::Text),
        plain(Key::Title, Word::Headline, FieldKind::Text),
    ];
    if !kind.under.is_empty() {
        all.push(plain(Key::Parent, Word::BelongsTo, FieldKind::Text));
    }
    if kind.under.is_empty() && scene.board.sections.len() > 1 {
        all.push(plain(Key::Section, Word::Section, FieldKind::Text));
    }
    if kind.parts {
        all.extend([
            plain(Key::Unit, Word::Unit, FieldKind::Unit),
            plain(Key::Role, Word::RoleWord, FieldKind::Text),
            plain(Key::Own(LedgerField::Person), Word::PersonInCharge, FieldKind::Person),
            plain(Key::Own(LedgerField::YearlyTask), Word::YearlyTask, FieldKind::LongText),
            plain(Key::Own(LedgerField::Path), Word::Path, FieldKind::LongText),
        ]);
    } else if any(&|item| item.assignments.values().any(|one| one.removal.is_none())) {
        all.push(plain(Key::Unit, Word::ResponsibleUnits, FieldKind::Text));
    }
    all.extend(kind.fields.iter().map(|field| Column {
        key: Key::Field(field.id.clone()),
        name: field.name.get(language).to_owned(),
        kind: field.kind,
    }));
    if kind.parts || any(&|item| !item.deadline.is_empty()) {
        all.push(plain(Key::Deadline, Word::Deadline, FieldKind::Date));
    }
    if kind.parts || !kind.states.is_empty() {
        all.push(plain(Key::State, Word::StateWord, FieldKind::Text));
        all.push(plain(Key::Light, Word::LightWord, FieldKind::Text));
    }
    if kind.parts {
        all.push(plain(Key::Closed, Word::ClosedOf, FieldKind::Text));
        all.push(plain(Key::Own(LedgerField::Remark), Word::Remark, FieldKind::LongText));
    }
    all.push(plain(Key::Latest, Word::LatestWords, FieldKind::LongText));
    all
}
