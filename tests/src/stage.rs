//! A board of a template, played by several units, each on a device of its own.
//!
//! Every device has its own copies of the board and of all logs; [`Stage::sync`] exchanges their
//! changes as the server would. A test reads its facts from one device's copies.

use std::collections::BTreeMap;
use tongban_shared::document::{Chunk, Document, Kind, Stamp};
use tongban_shared::edit::{Edit, ItemField, NewIndicator, NewItem};
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::fold::{self, Entries, ItemStanding, Standing};
use tongban_shared::id::{
    BoardId, DeviceId, DocumentId, EntryId, IndicatorId, ItemId, LinkId, PersonId, SectionId, UnitId,
    fingerprint, ulid_bytes,
};
use tongban_shared::import::Role;
use tongban_shared::model::{Board, Feed, LinkKind, Space, Unit};
use tongban_shared::rule::{self, Finding, Living, Scene, Verdict, findings};
use tongban_shared::template::{self, Template};
use tongban_shared::views::{self, Light, LinkEnd};
use tongban_shared::words::Lang;

/// A day that tests stand on.
pub const TODAY: &str = "2025-06-15";

/// Milliseconds since 1970 of the morning of [`TODAY`] in China.
const MORNING: i64 = 1_749_945_600_000;

const BOARD: BoardId = BoardId::from_bytes([42; 16]);

struct Device {
    unit: UnitId,
    writer: String,
    board: Document,
    logs: BTreeMap<UnitId, Document>,
    /// The entries of the logs, read once.
    entries: Entries,
    /// The board kept folded, as the app keeps it.
    living: Living,
}

/// The units of a board, each with its device; the first one leads.
pub struct Stage {
    pub id: BoardId,
    pub template: &'static Template,
    pub space: Space,
    pub today: String,
    names: Vec<&'static str>,
    devices: Vec<Device>,
    count: u64,
}

/// The unit of a name.
#[must_use]
pub fn unit(name: &str) -> UnitId {
    UnitId::from_bytes(fingerprint(&["stage", name]))
}

impl Stage {
    /// A new board of a template.
    ///
    /// # Panics
    /// When there is no such template.
    #[must_use]
    pub fn new(id: &str, names: &[&'static str]) -> Self {
        let template = template::find(id).unwrap_or_else(|| panic!("a template {id}"));
        let mut space = Space::default();
        for name in names {
            space.units.insert(unit(name), Unit { name: (*name).to_owned(), ..Unit::default() });
        }
        let device = |(index, name): (usize, &&'static str)| {
            let actor = fingerprint(&["device", name, &index.to_string()]);
            let log = |name: &&str| (unit(name), Document::new(Kind::Log, &actor));
            let board = Document::new(Kind::Board, &actor);
            Device {
                unit: unit(name),
                writer: tongban_shared::document::hex(&actor),
                living: Living::new(&board),
                board,
                logs: names.iter().map(log).collect(),
                entries: Entries::default(),
            }
        };
        let devices = names.iter().enumerate().map(device).collect();
        let (names, today) = (names.to_vec(), TODAY.to_owned());
        let mut stage = Self { id: BOARD, template, space, today, names, devices, count: 0 };
        let mut fresh = 0_u8;
        let edits = template::start(template, "", "演练", unit(stage.names[0]), || {
            fresh += 1;
            [fresh; 16]
        });
        stage.edit(stage.names[0], &edits);
        stage.sync();
        stage
    }

    /// The same as another board of the space, for links and numbers between boards; told before
    /// anything is written on it.
    #[must_use]
    pub fn board_of_id(self, number: u8) -> Self {
        Self { id: BoardId::from_bytes([number; 16]), ..self }
    }

    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn device(&mut self, name: &str) -> &mut Device {
        let index = self.names.iter().position(|one| *one == name);
        let index = index.unwrap_or_else(|| panic!("{name} is on the stage"));
        &mut self.devices[index]
    }

    /// Edits the board on a unit's device.
    ///
    /// # Panics
    /// When an edit does not fit.
    pub fn edit(&mut self, name: &str, edits: &[Edit]) {
        let stamp = Stamp { time: 0, by: name.to_owned() };
        let device = self.device(name);
        match device.board.edit_all(edits, &stamp) {
            Ok((events, _)) => device.living.apply(&device.board, &events),
            Err(error) => panic!("{name}: {error}"),
        }
    }

    /// The section of a number (`一`), or the first one.
    #[must_use]
    pub fn section(&self, number: &str) -> SectionId {
        if number.is_empty() {
            // The template's sections are numbered from 1 when the board begins.
            return SectionId::from_bytes([1; 16]);
        }
        let board = self.devices[0].board.board();
        let order = board.section_order();
        let found = order.iter().find(|id| board.sections[*id].number == number);
        *found.unwrap_or(&order[0])
    }

    /// Adds an item on a unit's device; `units` are responsible for it.
    pub fn item(
        &mut self,
        name: &str,
        kind: &str,
        title: &str,
        fields: &[(&str, &str)],
        units: &[&str],
    ) -> ItemId {
        let section = self.section("");
        self.put(name, kind, title, fields, units, Some(section), None)
    }

    /// Adds a child of an item.
    pub fn child(
        &mut self,
        name: &str,
        parent: ItemId,
        kind: &str,
        title: &str,
        fields: &[(&str, &str)],
        units: &[&str],
    ) -> ItemId {
        let section = self.section("");
        self.put(name, kind, title, fields, units, Some(section), Some(parent))
    }

    /// Adds an item in a section.
    #[allow(clippy::too_many_arguments, reason = "a test says all of it")]
    pub fn put(
        &mut self,
        name: &str,
        kind: &str,
        title: &str,
        fields: &[(&str, &str)],
        units: &[&str],
        section: Option<SectionId>,
        parent: Option<ItemId>,
    ) -> ItemId {
        assert!(self.template.item_type(kind).is_some(), "{} has a {kind}", self.template.id);
        let number = self.number();
        let id = ItemId::from_bytes(ulid_bytes(number, [0; 10]));
        let item = NewItem {
            kind: kind.to_owned(),
            number: number.to_string(),
            title: title.to_owned(),
            section,
            parent,
            rank: format!("h{number:06}"),
            ..NewItem::default()
        };
        let mut edits = vec![Edit::AddItem { id, item: Box::new(item) }];
        edits.extend(fields.iter().map(|(field, value)| self.field_edit(id, kind, field, value)));
        edits.extend(units.iter().map(|name| Edit::Assign {
            item: id,
            unit: unit(name),
            role: Role::Responsible,
            open_ended: false,
            raw: String::new(),
        }));
        self.edit(name, &edits);
        id
    }

    fn field_edit(&self, id: ItemId, kind: &str, field: &str, value: &str) -> Edit {
        let field = match field {
            "deadline" => ItemField::Deadline,
            "title" => ItemField::Title,
            field => {
                let known = self.template.item_type(kind).and_then(|kind| kind.field(field));
                let known = known.unwrap_or_else(|| panic!("{kind} has a field {field}"));
                if let Err(why) = known.read(value) {
                    panic!("{kind}.{field}: {why}");
                }
                ItemField::Custom(field.to_owned())
            }
        };
        Edit::SetItemField { id, field, value: value.to_owned() }
    }

    /// Writes a field on a unit's device.
    pub fn set(&mut self, name: &str, id: ItemId, field: &str, value: &str) {
        let kind = self.board(name).items[&id].kind.clone();
        let edit = self.field_edit(id, &kind, field, value);
        self.edit(name, &[edit]);
    }

    /// Writes an entry into a unit's own log, on its device.
    ///
    /// # Panics
    /// When the entry does not fit the log.
    pub fn write(
        &mut self,
        name: &str,
        id: ItemId,
        kind: EntryKind,
        change: impl FnOnce(&mut Entry),
    ) -> EntryId {
        let number = self.number();
        let (board, device) = (self.id, self.device(name));
        let entries = &device.entries;
        let mut entry = Entry {
            seq: entries.next_seq(&device.writer),
            said: MORNING + i64::try_from(number).unwrap_or(0) * 1000,
            seen: entries.seen(),
            ..Entry::new(
                EntryId::from_bytes(ulid_bytes(number, [1; 10])),
                kind,
                Author {
                    person: PersonId::from_bytes(fingerprint(&["person", name])),
                    unit: device.unit,
                    device: DeviceId::from_bytes(fingerprint(&["device", name])),
                    writer: device.writer.clone(),
                },
                Subject { board, item: Some(id), unit: None, indicator: None },
            )
        };
        change(&mut entry);
        let own = device.unit;
        let add = Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() };
        let log = device.logs.get_mut(&own).unwrap_or_else(|| panic!("a log of one's own"));
        if let Err(error) = log.edit(&add, &Stamp::default()) {
            panic!("{name}: {error}");
        }
        let id = entry.id;
        device.living.entry(&entry);
        device.entries.add(entry);
        id
    }

    /// Moves an item by an entry, with words.
    pub fn go(&mut self, name: &str, id: ItemId, kind: EntryKind, to: &str) -> EntryId {
        self.write(name, id, kind, |entry| {
            entry.to = Some(to.to_owned());
            "已按要求办理".clone_into(&mut entry.body);
        })
    }

    /// Moves an item by an outcome.
    pub fn done(&mut self, name: &str, id: ItemId, to: &str) -> EntryId {
        self.go(name, id, EntryKind::Outcome, to)
    }

    /// Writes a number.
    pub fn say(&mut self, name: &str, id: ItemId, kind: EntryKind, value: f64) -> EntryId {
        self.write(name, id, kind, |entry| entry.value = Some(value))
    }

    /// Adds an indicator.
    pub fn indicator(&mut self, name: &str, indicator: NewIndicator) -> IndicatorId {
        let id = IndicatorId::from_bytes(ulid_bytes(self.number(), [2; 10]));
        self.edit(name, &[Edit::AddIndicator { id, indicator: Box::new(indicator) }]);
        id
    }

    /// Says that a rule fills an indicator.
    pub fn feed(&mut self, name: &str, indicator: IndicatorId, feed: Feed) {
        self.edit(name, &[Edit::SetFeed { id: indicator, feed: Some(feed) }]);
    }

    /// The value and the standing of an indicator that a rule fills, seen by the lead: the boards at hand are
    /// this one and some others.
    ///
    /// # Panics
    /// When no rule fills it.
    pub fn filled(&mut self, indicator: IndicatorId, others: &mut [&mut Self]) -> (Option<f64>, Standing) {
        let lead = self.names[0];
        let target = self.board(lead).indicators[&indicator].clone();
        let feed = target.fed_by.as_ref().unwrap_or_else(|| panic!("a rule fills it"));
        let own = self.id;
        let asked = [(indicator, feed, target.target.unit.as_str())];
        let said = |stage: &mut Self, seen: &mut dyn FnMut(&Scene<'_>)| {
            let lead = stage.names[0];
            stage.look(lead, seen);
        };
        let numbers = rule::fed(own, asked, |board, seen| {
            if board == own {
                return said(self, seen);
            }
            if let Some(other) = others.iter_mut().find(|other| other.id == board) {
                said(other, seen);
            }
        });
        let number = numbers.get(&indicator).copied();
        (number, fold::standing_of_total(&target.target, number))
    }

    /// The other ends of an item's links and the light of each, where its board is at hand, seen by
    /// the leads.
    pub fn links(&mut self, item: ItemId, others: &mut [&mut Self]) -> Vec<(LinkEnd, String, Option<Light>)> {
        let (lead, own) = (self.names[0], self.id);
        let mut held = vec![(own, self.board(lead).links)];
        for other in others.iter_mut() {
            let lead = other.names[0];
            held.push((other.id, other.board(lead).links));
        }
        let ends = views::link_ends(held.iter().map(|(id, links)| (*id, links)), own, item);
        let mut seen = Vec::new();
        for end in ends {
            let there = if end.board == own { Some(&mut *self) } else { None };
            let there =
                there.or_else(|| others.iter_mut().find(|one| one.id == end.board).map(|one| &mut **one));
            let Some(there) = there else { continue };
            let lead = there.names[0];
            let (title, light) =
                there.look(lead, |scene| (scene.title(end.item).to_owned(), views::light(scene, end.item)));
            seen.push((end, title, light));
        }
        seen
    }

    /// Links an item to one of a board.
    pub fn link(&mut self, name: &str, from: ItemId, to_board: BoardId, to: ItemId, kind: LinkKind) {
        let id = LinkId::from_bytes(ulid_bytes(self.number(), [3; 10]));
        self.edit(name, &[Edit::AddLink { id, from, to_board, to, kind: kind.id().to_owned() }]);
    }

    /// Every device gets what every other one has.
    ///
    /// # Panics
    /// When a change does not fit.
    pub fn sync(&mut self) {
        let mut boards = Vec::new();
        let mut logs = Vec::new();
        for device in &mut self.devices {
            boards.extend(device.board.changes_since(&[]));
            for (unit, log) in &mut device.logs {
                logs.extend(log.changes_since(&[]).into_iter().map(|chunk| (*unit, chunk)));
            }
        }
        for device in &mut self.devices {
            for chunk in &boards {
                match device.board.apply(&chunk.bytes) {
                    Ok(events) => device.living.apply(&device.board, &events),
                    Err(error) => panic!("{error}"),
                }
            }
            for (unit, chunk) in &logs {
                if let Some(Err(error)) = device.logs.get_mut(unit).map(|log| log.apply(&chunk.bytes)) {
                    panic!("{error}");
                }
            }
        }
        for device in &mut self.devices {
            for entry in device.logs.values().flat_map(|log| log.entries().0.into_values()) {
                if !device.entries.all.contains_key(&entry.id) {
                    device.living.entry(&entry);
                    device.entries.add(entry);
                }
            }
        }
        let heads = |device: &mut Device| device.board.heads();
        let first = heads(&mut self.devices[0]);
        assert!(self.devices.iter_mut().all(|device| heads(device) == first), "all devices are equal");
    }

    /// The board and the logs on a unit's device, each with its changes.
    #[must_use]
    pub fn documents(&mut self, name: &str) -> Vec<(DocumentId, Vec<Chunk>)> {
        let board = self.id;
        let device = self.device(name);
        let mut all = vec![(DocumentId::board(board), device.board.changes_since(&[]))];
        for (unit, log) in &mut device.logs {
            all.push((DocumentId::log(board, *unit), log.changes_since(&[])));
        }
        all
    }

    /// The board as a unit's device has it.
    #[must_use]
    pub fn board(&mut self, name: &str) -> Board {
        self.device(name).board.board()
    }

    /// The entries that a unit's device has.
    #[must_use]
    pub fn entries(&mut self, name: &str) -> Entries {
        self.device(name).entries.clone()
    }

    /// Looks at the board as a unit's device shows it. The state that the device kept folded must be the same
    /// as a fold of everything.
    ///
    /// # Panics
    /// When it is not.
    pub fn look<T>(&mut self, name: &str, read: impl FnOnce(&Scene<'_>) -> T) -> T {
        let (template, today) = (self.template, self.today.parse().unwrap_or_else(|error| panic!("{error}")));
        let space = self.space.clone();
        let Device { board, living, entries, .. } = self.device(name);
        let board = board.board();
        assert_eq!(*living.board(), board, "kept up with the document");
        let whole = Scene::new(template, &space, &board, entries, today);
        living.look(template, &space, entries, today, |scene| {
            for id in board.items.keys() {
                assert_eq!(scene.standing(*id), whole.standing(*id), "{}", board.items[id].title);
                assert_eq!(scene.children(*id), whole.children(*id));
            }
            read(scene)
        })
    }

    /// The state of an item, seen by the lead.
    #[must_use]
    pub fn standing(&mut self, id: ItemId) -> ItemStanding {
        let lead = self.names[0];
        self.look(lead, |scene| scene.standing(id).cloned().unwrap_or_default())
    }

    /// The state of an item, seen by the lead.
    #[must_use]
    pub fn state(&mut self, id: ItemId) -> String {
        self.standing(id).state
    }

    /// The rule's finding on an item or on the board, seen by the lead; its sentence must name it.
    ///
    /// # Panics
    /// When the template has no such rule, or a sentence lacks its name.
    #[must_use]
    pub fn finding(&mut self, rule: &str, item: Option<ItemId>) -> Option<Finding> {
        let lead = self.names[0];
        let known = self.template.rules.iter().find(|one| one.id() == rule);
        let name = known.unwrap_or_else(|| panic!("a rule {rule}")).name().clone();
        self.look(lead, |scene| {
            let found = findings(scene).into_iter().find(|one| one.rule == rule && one.item == item)?;
            for language in Lang::ALL {
                let sentence = found.sentence(scene, language);
                assert!(sentence.starts_with(name.get(language)), "{sentence}");
            }
            // People read names of fields, not what templates call them.
            let is_id = |label: &str| label.chars().all(|c| c.is_ascii_lowercase() || "_:".contains(c));
            assert!(found.because.values.iter().all(|(label, _)| !is_id(label)), "{:?}", found.because);
            Some(found)
        })
    }

    /// The verdict of a rule on an item or on the board.
    #[must_use]
    pub fn verdict(&mut self, rule: &str, item: Option<ItemId>) -> Verdict {
        self.finding(rule, item).map_or(Verdict::NoData, |found| found.verdict)
    }

    /// The numbers of a rule by group.
    #[must_use]
    pub fn groups(&mut self, rule: &str) -> BTreeMap<String, f64> {
        match self.verdict(rule, None) {
            Verdict::Groups(groups) => groups.into_iter().collect(),
            other => panic!("{rule} groups: {other:?}"),
        }
    }
}
