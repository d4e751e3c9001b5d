//! A plan beyond any of the source documents: 5,000 measures × 14 units (70,000 assignments) with
//! 100,000 entries.

use tongban_shared::document::{Document, Kind, Stamp, hex};
use tongban_shared::edit::{BoardField, Edit, NewItem};
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::id::{BoardId, DeviceId, ItemId, PersonId, SectionId, UnitId, fingerprint, ulid_bytes};
use tongban_shared::import::Role;
use tongban_shared::trust::{Key, WRITER_BYTES};

/// How many measures.
pub const ITEMS: u64 = 5_000;
/// How many units, each with a part in every measure.
pub const UNITS: usize = 14;
/// How many entries, of all units.
pub const ENTRIES: u64 = 100_000;
/// Which board it is.
pub const BOARD: BoardId = BoardId::from_bytes([9; 16]);

/// Edits that one change holds at most.
const CHANGE: usize = 15_000;

/// The measure of a number.
#[must_use]
pub fn item(number: u64) -> ItemId {
    ItemId::from_bytes(ulid_bytes(number + 1, [7; 10]))
}

fn edits(units: &[UnitId]) -> Vec<Edit> {
    let section = SectionId::from_bytes([3; 16]);
    let mut edits = vec![
        Edit::SetBoardField { field: BoardField::Title, value: "五千条举措清单".into() },
        Edit::SetBoardField { field: BoardField::Template, value: "measure_plan".into() },
        Edit::SetBoardField { field: BoardField::Lead, value: units[0].to_string() },
        Edit::AddSection { id: section, number: "一".into(), title: "任务".into(), rank: "h".into() },
    ];
    edits.extend(units.iter().map(|unit| Edit::AddMember { unit: *unit }));
    for number in 0..ITEMS {
        let new = NewItem {
            kind: "measure".into(),
            number: (number + 1).to_string(),
            title: format!("第 {number} 条举措"),
            section: Some(section),
            rank: format!("h{number:06}"),
            deadline: format!("2026-{:02}-28", number % 12 + 1),
            ..NewItem::default()
        };
        edits.push(Edit::AddItem { id: item(number), item: Box::new(new) });
        edits.extend(units.iter().map(|unit| Edit::Assign {
            item: item(number),
            unit: *unit,
            role: Role::Responsible,
            open_ended: false,
            raw: String::new(),
        }));
    }
    edits
}

/// The board of some units; the first leads.
///
/// # Panics
/// When an edit does not fit.
#[must_use]
pub fn board(units: &[UnitId]) -> Document {
    let mut document = Document::new(Kind::Board, &[1; 16]);
    for part in edits(units).chunks(CHANGE) {
        document.edit_all(part, &Stamp::default()).unwrap_or_else(|error| panic!("a board: {error}"));
    }
    document
}

/// The entry of a number: reports, requests to close, comments, of one unit after another.
///
/// # Panics
/// When the number is beyond what a log counts.
#[must_use]
pub fn entry(number: u64, units: &[UnitId]) -> Entry {
    let count = units.len() as u64;
    let of = number % count;
    let kind = match number % 10 {
        0..=6 => EntryKind::Report,
        7 | 8 => EntryKind::CloseRequest,
        _ => EntryKind::Comment,
    };
    let unit = units[usize::try_from(of).unwrap_or_default()];
    let (device, key) = device(unit);
    let author = Author {
        person: PersonId::from_bytes(*device.bytes()),
        unit,
        device,
        writer: hex(&[&device.bytes()[..], &[0; WRITER_BYTES]].concat()),
    };
    let subject = Subject { board: BOARD, item: Some(item(number % ITEMS)), unit: None, indicator: None };
    let seq = u32::try_from(number / count).unwrap_or_else(|_| panic!("a small number")) + 1;
    let said = 1_700_000_000_000 + i64::try_from(number).unwrap_or_else(|_| panic!("a small number"));
    let id = Entry::own_id(said, BOARD, &author, seq);
    let mut entry = Entry {
        seq,
        said,
        body: "本月进展".into(),
        certificate: Some(1),
        ..Entry::new(id, kind, author, subject)
    };
    entry.sign(&key);
    entry
}

/// The device of a unit's clerk; the person has the same bytes.
#[must_use]
pub fn device(unit: UnitId) -> (DeviceId, Key) {
    let print = fingerprint(&["vast", &unit.to_string()]);
    let key = Key::from_seed(&[&print[..], &print[..]].concat().try_into().unwrap_or([0; 32]));
    (key.public().device(), key)
}

/// The edits of each unit's log.
#[must_use]
pub fn logs(units: &[UnitId]) -> Vec<(UnitId, Vec<Edit>)> {
    let mut logs: Vec<(UnitId, Vec<Edit>)> = units.iter().map(|unit| (*unit, Vec::new())).collect();
    for number in 0..ENTRIES {
        let entry = entry(number, units);
        let at = usize::try_from(number % units.len() as u64).unwrap_or_default();
        logs[at].1.push(Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() });
    }
    logs
}
