//! The board that these tests edit, and devices that write about it.

use std::collections::BTreeMap;
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit, NewIndicator, NewItem};
use tongban_shared::entry::{Author, Entry, EntryKind, Measure, Subject};
use tongban_shared::fold::{self, Entries};
use tongban_shared::id::{
    BoardId, DeviceId, EntryId, IndicatorId, ItemId, MilestoneId, PersonId, SectionId, UnitId, fingerprint,
};
use tongban_shared::import::{Operator, Role};
use tongban_shared::model::{Board, Item, Space, Target};

pub const TODAY: &str = "2024-06-01";

pub fn unit(name: &str) -> UnitId {
    UnitId::from_bytes(fingerprint(&[name]))
}

pub fn stamp(by: &str) -> Stamp {
    Stamp { time: 1_700_000_000, by: by.to_owned() }
}

pub fn actor(name: &str) -> [u8; 16] {
    fingerprint(&["actor", name])
}

pub const SECTION: SectionId = SectionId::from_bytes([1; 16]);
pub const ITEM: ItemId = ItemId::from_bytes([2; 16]);
pub const BOARD: BoardId = BoardId::from_bytes([3; 16]);
pub const INDICATOR: IndicatorId = IndicatorId::from_bytes([4; 16]);
pub const MILESTONE: MilestoneId = MilestoneId::from_bytes([5; 16]);

/// A board with one section, one item of two units, one indicator; as every device has it.
pub fn board() -> Document {
    let mut document = Document::new(Kind::Board, &actor("import"));
    let item = NewItem {
        number: "（一）".into(),
        title: "开展远程医疗协作".into(),
        text: "共享诊疗信息。".into(),
        section: Some(SECTION),
        rank: "h".into(),
        ..NewItem::default()
    };
    let target = Target {
        op: Operator::MoreThan,
        value: 10.0,
        unit: "亿元".into(),
        year: Some(2025),
        ..Target::default()
    };
    let edits = [
        Edit::SetBoardField { field: BoardField::Title, value: "医疗".into() },
        Edit::AddSection {
            id: SECTION, number: "三".into(), title: "具体举措".into(), rank: "h".into()
        },
        Edit::AddItem { id: ITEM, item: Box::new(item) },
        Edit::Assign {
            item: ITEM,
            unit: unit("莫旗"),
            role: Role::Responsible,
            open_ended: false,
            raw: String::new(),
        },
        Edit::Assign {
            item: ITEM,
            unit: unit("鄂旗"),
            role: Role::Responsible,
            open_ended: false,
            raw: String::new(),
        },
        Edit::AddMilestone { item: ITEM, id: MILESTONE, title: "签约".into(), due: "2024-05-01".into() },
        Edit::AddIndicator {
            id: INDICATOR,
            indicator: Box::new(NewIndicator {
                name: "消费金额".into(), target, ..NewIndicator::default()
            }),
        },
    ];
    document.edit_all(&edits, &stamp("市卫健委")).expect("a board");
    document
}

/// The same document on another device.
pub fn copy(document: &mut Document, name: &str) -> Document {
    Document::load(document.kind(), &actor(name), [document.save().as_slice()]).expect("loads")
}

/// Both devices exchange what the other lacks.
pub fn exchange(one: &mut Document, other: &mut Document) {
    let (from_one, from_other) = (one.changes_since(&other.heads()), other.changes_since(&one.heads()));
    for chunk in from_one {
        other.apply(&chunk.bytes).expect("applies");
    }
    for chunk in from_other {
        one.apply(&chunk.bytes).expect("applies");
    }
    assert_eq!(one.heads(), other.heads());
    assert_eq!(one.board(), other.board(), "equal heads give equal boards");
}

/// The same for two copies of a space.
pub fn exchange_spaces(one: &mut Document, other: &mut Document) {
    for chunk in one.changes_since(&other.heads()) {
        other.apply(&chunk.bytes).expect("applies");
    }
    for chunk in other.changes_since(&one.heads()) {
        one.apply(&chunk.bytes).expect("applies");
    }
    assert_eq!(one.space(), other.space());
}

pub fn item(document: &Document) -> Item {
    document.item(ITEM).expect("the item")
}

/// A device that writes entries, with what it has seen.
pub struct Desk {
    pub name: &'static str,
    pub unit: UnitId,
    pub entries: Entries,
    pub count: u8,
}

impl Desk {
    pub fn new(name: &'static str, unit_name: &str) -> Self {
        Self { name, unit: unit(unit_name), entries: Entries::default(), count: 0 }
    }

    pub fn write(&mut self, kind: EntryKind, change: impl FnOnce(&mut Entry)) -> Entry {
        self.count += 1;
        let mut entry = Entry {
            seq: self.entries.next_seq(self.name),
            said: 1_000 + i64::from(self.count),
            seen: self.entries.seen(),
            ..Entry::new(
                EntryId::from_bytes(fingerprint(&[self.name, &self.count.to_string()])),
                kind,
                Author {
                    person: PersonId::from_bytes([9; 16]),
                    unit: self.unit,
                    device: DeviceId::from_bytes([9; 16]),
                    writer: self.name.into(),
                },
                Subject { board: BOARD, item: Some(ITEM), unit: None, indicator: None },
            )
        };
        change(&mut entry);
        let stored = Entry::from_bytes(&entry.to_bytes()).expect("an entry reads back");
        assert_eq!(stored, entry);
        self.entries.add(entry.clone());
        entry
    }

    pub fn decide(&mut self, about: &str, accepted: bool) -> Entry {
        let about = unit(about);
        self.write(EntryKind::CloseDecision, |entry| {
            entry.subject.unit = Some(about);
            entry.accepted = Some(accepted);
        })
    }

    pub fn value(&mut self, value: f64, measure: Measure) -> Entry {
        self.write(EntryKind::Value, |entry| {
            entry.subject.item = None;
            entry.subject.indicator = Some(INDICATOR);
            entry.value = Some(value);
            entry.measure = Some(measure);
            entry.period = Some("2025".into());
        })
    }
}

/// All desks see all entries, whatever the order they come in.
pub fn share(desks: &mut [&mut Desk]) {
    let all: Vec<Entry> = desks.iter().flat_map(|desk| desk.entries.all.values().cloned()).collect();
    for (turn, desk) in desks.iter_mut().enumerate() {
        let mut all = all.clone();
        let length = all.len().max(1);
        all.rotate_left(turn % length);
        for entry in all {
            desk.entries.add(entry);
        }
    }
}

pub fn state(desk: &Desk, item: &Item) -> fold::ItemState {
    let board = Board { items: BTreeMap::from([(ITEM, item.clone())]), ..Board::default() };
    fold::item_state(&Space::default(), &board, ITEM, &desk.entries, TODAY)
}
