//! A living board of the demonstration space, read from a file: its items, and what units wrote.
//! Days are told from today, so that lamps and promises live whenever the demonstration begins.

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use tongban_shared::document::hex;
use tongban_shared::edit::{Edit, ItemField, NewIndicator, NewItem};
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::id::{
    BoardId, DeviceId, EntryId, IndicatorId, ItemId, PersonId, SectionId, SpaceId, UnitId, fingerprint,
};
use tongban_shared::import::{IndicatorKind, Operator, Role};
use tongban_shared::model::{BoardListing, Combine, Feed, Space, Target};
use tongban_shared::rank;
use tongban_shared::template::{self, FieldKind, ItemType, Template};
use tongban_shared::trust::WRITER_BYTES;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The boards, by the names of their templates.
        pub const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../demo/", $name, ".toml")))),*];
    };
}

files![
    "pairing",
    "register",
    "project_lifecycle",
    "pipeline",
    "clearance",
    "assessment",
    "service_matrix",
    "campaign",
    "publicity",
    "policy_library",
    "statistics",
    "alert",
];

/// A board as its file tells it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    template: String,
    title: String,
    lead: String,
    item: Vec<Item>,
    #[serde(default)]
    indicator: Vec<Indicator>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    /// The name by which others refer to it.
    #[serde(default)]
    key: String,
    kind: String,
    title: String,
    /// The number of its section; the first one.
    #[serde(default)]
    section: String,
    /// The key of the item above.
    #[serde(default)]
    below: String,
    #[serde(default)]
    units: Vec<String>,
    /// Enterprises that take part.
    #[serde(default)]
    firms: Vec<String>,
    /// `+20`: so many days from today.
    #[serde(default)]
    deadline: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    entries: Vec<Said>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    by: String,
    kind: String,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    words: String,
    #[serde(default)]
    number: Option<f64>,
    #[serde(default)]
    due: String,
    /// Days from today.
    days: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Indicator {
    name: String,
    unit: String,
    target: f64,
    /// The year of its target; 0 for the present one.
    year: i32,
    #[serde(default)]
    values: Vec<Value>,
    #[serde(default)]
    feed: Option<Feeding>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    by: String,
    value: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Feeding {
    rule: String,
}

/// A board, ready to be written.
#[derive(Debug)]
pub struct Made {
    pub id: BoardId,
    pub listing: Edit,
    pub edits: Vec<Edit>,
    /// The entries of each unit, in its order.
    pub logs: BTreeMap<UnitId, Vec<Entry>>,
}

/// The day that a file means by `+20` or `-3`.
fn day(words: &str, today: jiff::civil::Date) -> anyhow::Result<String> {
    let days: i64 = words.parse().with_context(|| format!("日期写法：{words}"))?;
    Ok(today.checked_add(jiff::Span::new().days(days))?.to_string())
}

struct Maker<'a> {
    id: BoardId,
    template: &'static Template,
    space: &'a Space,
    today: jiff::civil::Date,
    devices: &'a BTreeMap<UnitId, DeviceId>,
    keys: BTreeMap<String, ItemId>,
    edits: Vec<Edit>,
    /// With the day each was said.
    entries: Vec<(i64, Entry)>,
    count: usize,
}

impl Board {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is not written as one.
    pub fn read(file: &str) -> anyhow::Result<Self> {
        Ok(toml::from_str(file)?)
    }

    /// Makes the board in a space.
    ///
    /// # Errors
    /// When a unit, type, field or key is not known, or a value does not fit.
    pub fn make(
        self,
        space_id: SpaceId,
        space: &Space,
        today: jiff::civil::Date,
        devices: &BTreeMap<UnitId, DeviceId>,
    ) -> anyhow::Result<Made> {
        let template = template::find(&self.template).context("没有这个模板")?;
        let id = BoardId::from_bytes(fingerprint(&["demo", &space_id.to_string(), &self.template]));
        let lead = space.unit_named(&self.lead).with_context(|| self.lead.clone())?;
        let mut fresh = 0;
        let begin = template::start(template, "", &self.title, lead, || {
            fresh += 1;
            fingerprint(&["demo", &id.to_string(), "section", &fresh.to_string()])
        });
        let sections: Vec<(String, SectionId)> = begin
            .iter()
            .filter_map(|edit| match edit {
                Edit::AddSection { id, number, .. } => Some((number.clone(), *id)),
                _ => None,
            })
            .collect();
        let mut maker = Maker {
            id,
            template,
            space,
            today,
            devices,
            keys: BTreeMap::new(),
            edits: begin,
            entries: Vec::new(),
            count: 0,
        };
        for (item, rank) in self.item.iter().zip(rank::spread(self.item.len())) {
            maker.item(item, rank, &sections)?;
        }
        for indicator in &self.indicator {
            maker.indicator(indicator)?;
        }
        let writers: BTreeSet<UnitId> = maker.entries.iter().map(|(_, entry)| entry.author.unit).collect();
        maker.edits.extend(writers.into_iter().map(|unit| Edit::AddMember { unit }));
        let listing = BoardListing { title: self.title, doc_number: String::new() };
        let listing = Edit::ListBoard { id, listing };
        Ok(Made { id, listing, logs: in_logs(maker.entries), edits: maker.edits })
    }
}

/// Entries in the order of their days, each having seen all before it.
fn in_logs(mut entries: Vec<(i64, Entry)>) -> BTreeMap<UnitId, Vec<Entry>> {
    entries.sort_by_key(|(day, _)| *day);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut logs: BTreeMap<UnitId, Vec<Entry>> = BTreeMap::new();
    for (_, mut entry) in entries {
        let device = entry.author.device;
        entry.author.writer = hex(&[&device.bytes()[..], &[0; WRITER_BYTES]].concat());
        entry.seen = seen.clone();
        let count = seen.entry(entry.author.writer.clone()).or_default();
        *count += 1;
        entry.seq = *count;
        entry.id = Entry::own_id(entry.said, entry.subject.board, &entry.author, entry.seq);
        logs.entry(entry.author.unit).or_default().push(entry);
    }
    logs
}

impl Maker<'_> {
    fn print(&mut self, kind: &str) -> [u8; 16] {
        self.count += 1;
        fingerprint(&["demo", &self.id.to_string(), kind, &self.count.to_string()])
    }

    fn unit(&self, name: &str) -> anyhow::Result<UnitId> {
        self.space.unit_named(name).with_context(|| format!("没有单位 {name}"))
    }

    fn item(&mut self, item: &Item, rank: String, sections: &[(String, SectionId)]) -> anyhow::Result<()> {
        let id = ItemId::from_bytes(self.print("item"));
        let kind = self.template.item_type(&item.kind).with_context(|| item.kind.clone())?;
        let named = sections.iter().find(|(number, _)| *number == item.section);
        let section = named.or(sections.first().filter(|_| item.section.is_empty())).map(|(_, id)| *id);
        let parent = match item.below.as_str() {
            "" => None,
            key => Some(*self.keys.get(key).with_context(|| format!("没有 {key}"))?),
        };
        let new = NewItem {
            kind: item.kind.clone(),
            title: item.title.clone(),
            section: Some(section.with_context(|| item.section.clone())?),
            rank,
            parent,
            deadline: if item.deadline.is_empty() { String::new() } else { day(&item.deadline, self.today)? },
            ..NewItem::default()
        };
        self.edits.push(Edit::AddItem { id, item: Box::new(new) });
        for (field, words) in &item.fields {
            let value = self.stored(kind, field, words)?;
            self.edits.push(Edit::SetItemField { id, field: ItemField::Custom(field.clone()), value });
        }
        let units = item.units.iter().map(|name| (name, Role::Responsible));
        for (name, role) in units.chain(item.firms.iter().map(|name| (name, Role::Participant))) {
            let (unit, raw) = (self.unit(name)?, String::new());
            self.edits.push(Edit::Assign { item: id, unit, role, open_ended: false, raw });
        }
        for said in &item.entries {
            self.entry(id, said)?;
        }
        if !item.key.is_empty() {
            self.keys.insert(item.key.clone(), id);
        }
        Ok(())
    }

    /// The value of a field for the words of a file: days from today, units and items by name.
    fn stored(&self, kind: &ItemType, id: &str, words: &str) -> anyhow::Result<String> {
        let field = kind.field(id).with_context(|| format!("{} 没有字段 {id}", kind.id))?;
        let stored = match field.kind {
            FieldKind::Date => day(words, self.today)?,
            FieldKind::Unit => self.unit(words)?.to_string(),
            FieldKind::Item => {
                let key = words.strip_prefix('@').unwrap_or(words);
                self.keys.get(key).with_context(|| format!("没有 {key}"))?.to_string()
            }
            _ => words.to_owned(),
        };
        if let Err(why) = field.read(&stored) {
            bail!("{}.{id}：{why}", kind.id);
        }
        Ok(stored)
    }

    fn entry(&mut self, item: ItemId, said: &Said) -> anyhow::Result<()> {
        let kind = EntryKind::from_word(&said.kind).with_context(|| said.kind.clone())?;
        let subject = Subject { board: self.id, item: Some(item), unit: None, indicator: None };
        let mut entry = self.new_entry(kind, &said.by, subject, said.days)?;
        entry.body.clone_from(&said.words);
        entry.to.clone_from(&said.to);
        entry.value = said.number;
        if !said.due.is_empty() {
            entry.due = Some(day(&said.due, self.today)?);
        }
        self.entries.push((said.days, entry));
        Ok(())
    }

    fn new_entry(&mut self, kind: EntryKind, by: &str, subject: Subject, days: i64) -> anyhow::Result<Entry> {
        ensure!(days <= 0, "说过的话都在今天以前");
        let unit = self.unit(by)?;
        let morning = self.today.checked_add(jiff::Span::new().days(days))?.at(9, 0, 0, 0);
        let said = jiff::tz::Offset::constant(8).to_timestamp(morning)?.as_millisecond();
        let author = Author {
            person: PersonId::from_bytes(fingerprint(&["demo", "person", by])),
            unit,
            device: *self.devices.get(&unit).context("每个单位有一台设备")?,
            writer: String::new(),
        };
        self.count += 1;
        // Its id, writer and signature come with its place in the log.
        let id = EntryId::from_bytes([0; 16]);
        Ok(Entry { said: said + i64::try_from(self.count)?, ..Entry::new(id, kind, author, subject) })
    }

    fn indicator(&mut self, indicator: &Indicator) -> anyhow::Result<()> {
        let id = IndicatorId::from_bytes(self.print("indicator"));
        let year = if indicator.year == 0 { i32::from(self.today.year()) } else { indicator.year };
        let new = NewIndicator {
            name: indicator.name.clone(),
            kind: IndicatorKind::Target,
            combine: Combine::Sum,
            target: Target {
                op: Operator::AtLeast,
                value: indicator.target,
                unit: indicator.unit.clone(),
                year: Some(year),
                ..Target::default()
            },
            ..NewIndicator::default()
        };
        self.edits.push(Edit::AddIndicator { id, indicator: Box::new(new) });
        if let Some(feed) = &indicator.feed {
            let feed = Feed { rule: feed.rule.clone(), ..Feed::default() };
            self.edits.push(Edit::SetFeed { id, feed: Some(feed) });
        }
        for value in &indicator.values {
            let subject = Subject { board: self.id, item: None, unit: None, indicator: Some(id) };
            let mut entry = self.new_entry(EntryKind::Value, &value.by, subject, -5)?;
            entry.value = Some(value.value);
            entry.measure = Some(tongban_shared::entry::Measure::Level);
            entry.period = Some(year.to_string());
            self.entries.push((-5, entry));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_shared::dictionary::{Set, add_set};
    use tongban_shared::document::{Document, Kind, Stamp};
    use tongban_shared::fold::Entries;
    use tongban_shared::rule::Scene;

    #[test]
    fn every_template_has_a_living_board_whose_moves_all_count() {
        let space_id = SpaceId::from_bytes([1; 16]);
        let mut document = Document::new(Kind::Space, &[1; 16]);
        for set in [Set::Hulunbuir, Set::Departments] {
            let edits = add_set(space_id, &document.space(), set);
            document.edit_all(&edits, &Stamp::default()).expect("units");
        }
        document.edit_all(&[super::super::firm(space_id)], &Stamp::default()).expect("a firm");
        let space = document.space();
        let today: jiff::civil::Date = "2026-11-22".parse().expect("a day");
        let devices = space.units.keys().map(|unit| (*unit, DeviceId::from_bytes(*unit.bytes()))).collect();
        let mut seen: Vec<&str> = vec!["measure_plan"];
        let mut digests = Vec::new();
        for (name, file) in FILES {
            let board = Board::read(file).unwrap_or_else(|error| panic!("{name}: {error:#}"));
            let made = board
                .make(space_id, &space, today, &devices)
                .unwrap_or_else(|error| panic!("{name}: {error:#}"));
            let mut document = Document::new(Kind::Board, &[2; 16]);
            document
                .edit_all(&made.edits, &Stamp::default())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut entries = Entries::default();
            made.logs.into_values().flatten().for_each(|entry| entries.add(entry));
            let content = document.board();
            let template = template::of(&content).expect("its template");
            let scene = Scene::new(&template, &space, &content, &entries, today);
            for (id, item) in &content.items {
                let standing = scene.standing(*id).expect("folded");
                assert!(
                    standing.not_counted.is_empty(),
                    "{name}: {}: {:?}",
                    item.title,
                    standing.not_counted
                );
            }
            assert!(content.items.len() >= 5, "{name} lives");
            digests.push(tongban_shared::plan::digest(&content));
            seen.push(name);
        }
        // Another digest would make every plan that is settled like these differ.
        let digests: Vec<&str> = digests.iter().map(String::as_str).collect();
        let digests = tongban_shared::document::hex(&fingerprint(&digests));
        assert_eq!(digests, "1fb7166441a1e0af6207a58a2af5266e", "plans that are settled have this digest");
        let all: Vec<&str> = template::FILES.iter().map(|(name, _)| *name).collect();
        seen.sort_unstable();
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert_eq!(seen, sorted, "a board of each template");
    }
}
