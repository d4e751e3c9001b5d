//! A board of 5,000 items × 14 units (70,000 assignments) with 100,000 entries: how long it takes to
//! open, to fold, and to look at after one more edit or entry; the kept fold beside a fold of
//! everything. Printed, never asserted.

use std::time::Instant;
use tongban_shared::document::{Document, Kind, Stamp, hex};
use tongban_shared::edit::{BoardField, Edit, ItemField, NewItem};
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::fold::Entries;
use tongban_shared::id::{
    BoardId, DeviceId, EntryId, ItemId, PersonId, SectionId, UnitId, fingerprint, ulid_bytes,
};
use tongban_shared::import::Role;
use tongban_shared::model::{Space, Unit};
use tongban_shared::rule::{Living, Scene};
use tongban_shared::template;
use tongban_shared::views::{Across, Key, Ledger, Matrix, matrix_pages};
use tongban_shared::words::Lang;

const ITEMS: u64 = 5_000;
const UNITS: u64 = 14;
const ENTRIES: u64 = 100_000;
/// Lines that a screen shows at once, with spare ones.
const SCREEN: usize = 50;

fn timed<T>(name: &str, rounds: usize, mut work: impl FnMut() -> T) -> f64 {
    let mut all: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    all.sort_by(f64::total_cmp);
    let middle = all[all.len() / 2];
    println!("{name:<58} {middle:>10.2} ms (max {:.2})", all[all.len() - 1]);
    middle
}

fn item(number: u64) -> ItemId {
    ItemId::from_bytes(ulid_bytes(number + 1, [7; 10]))
}

fn unit(number: u64) -> UnitId {
    UnitId::from_bytes(fingerprint(&["unit", &number.to_string()]))
}

const BOARD: BoardId = BoardId::from_bytes([9; 16]);

fn board() -> Document {
    let mut document = Document::new(Kind::Board, &[1; 16]);
    let section = SectionId::from_bytes([3; 16]);
    let mut edits = vec![
        Edit::SetBoardField { field: BoardField::Template, value: "measure_plan".into() },
        Edit::SetBoardField { field: BoardField::Lead, value: unit(0).to_string() },
        Edit::AddSection { id: section, number: "一".into(), title: "任务".into(), rank: "h".into() },
    ];
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
        edits.extend((0..UNITS).map(|one| Edit::Assign {
            item: item(number),
            unit: unit(one),
            role: Role::Responsible,
            open_ended: false,
            raw: String::new(),
        }));
    }
    for part in edits.chunks(15_000) {
        document.edit_all(part, &Stamp::default()).expect("edits");
    }
    document
}

fn entry(number: u64) -> Entry {
    let of = number % UNITS;
    let kind = match number % 10 {
        0..=6 => EntryKind::Report,
        7 | 8 => EntryKind::CloseRequest,
        _ => EntryKind::Comment,
    };
    let author = Author {
        person: PersonId::from_bytes([1; 16]),
        unit: unit(of),
        device: DeviceId::from_bytes([1; 16]),
        writer: hex(&fingerprint(&["writer", &of.to_string()])),
    };
    let subject = Subject { board: BOARD, item: Some(item(number % ITEMS)), unit: None, indicator: None };
    Entry {
        seq: u32::try_from(number / UNITS).expect("small") + 1,
        said: 1_700_000_000_000 + i64::try_from(number).expect("small"),
        body: "本月进展".into(),
        ..Entry::new(EntryId::from_bytes(ulid_bytes(number + 1, [5; 10])), kind, author, subject)
    }
}

fn main() {
    let mut document = board();
    let saved = document.save();
    println!("{ITEMS} items × {UNITS} units, {ENTRIES} entries; the board has {} bytes", saved.len());
    timed("open the board's document", 3, || {
        Document::load(Kind::Board, &[2; 16], [saved.as_slice()]).expect("loads")
    });
    let logs: Vec<Vec<u8>> = (0..UNITS)
        .map(|of| {
            let mut log = Document::new(Kind::Log, &fingerprint(&["writer", &of.to_string()]));
            let own = (0..ENTRIES).filter(|number| number % UNITS == of).map(entry);
            let edits: Vec<Edit> =
                own.map(|entry| Edit::AddEntry { id: entry.id, bytes: entry.to_bytes(None) }).collect();
            log.edit_all(&edits, &Stamp::default()).expect("edits");
            log.save()
        })
        .collect();
    timed("open all logs", 3, || {
        let load = |bytes: &Vec<u8>| Document::load(Kind::Log, &[2; 16], [bytes.as_slice()]).expect("loads");
        logs.iter().map(load).map(|log| log.entries().0.len()).sum::<usize>()
    });
    let mut entries = Entries::default();
    (0..ENTRIES).for_each(|number| entries.add(entry(number)));
    let mut space = Space::default();
    for number in 0..UNITS {
        space.units.insert(unit(number), Unit { name: format!("第{number}旗人民政府"), ..Unit::default() });
    }
    let template = template::find("measure_plan").expect("there");
    let today: jiff::civil::Date = "2026-06-15".parse().expect("a day");
    timed("read the whole board", 3, || document.board());
    let plain = document.board();
    let naive = timed("fold of everything", 5, || Scene::new(template, &space, &plain, &entries, today));
    let whole = timed("naive look: read everything, fold everything", 3, || {
        let plain = document.board();
        Scene::new(template, &space, &plain, &entries, today).standing(item(0)).cloned()
    });
    let mut living = Living::new(&document);
    let look = |living: &mut Living, entries: &Entries| {
        living.look(template, &space, entries, today, |scene| scene.standing(item(0)).cloned())
    };
    look(&mut living, &entries);
    let mut number = 0;
    let edit = timed("look after one edit (kept fold)", 51, || {
        number += 1;
        let edit = Edit::SetItemField {
            id: item(number % ITEMS),
            field: ItemField::Title,
            value: format!("改 {number}"),
        };
        let (events, _) = document.edit(&edit, &Stamp::default()).expect("edits");
        living.apply(&document, &events);
        look(&mut living, &entries)
    });
    let mut count = ENTRIES;
    let said = timed("look after one entry (kept fold)", 51, || {
        count += 1;
        let new = entry(count);
        living.entry(&new);
        entries.add(new);
        look(&mut living, &entries)
    });
    println!(
        "kept / naive: edit {:.4}, entry {:.4}, against the fold alone {:.4}",
        edit / whole,
        said / whole,
        said / naive
    );
    let kind = template.item_type("measure").expect("there");
    living.look(template, &space, &entries, today, |scene| {
        timed("ledger: outline of 70,000 rows", 3, || Ledger::new(scene, kind, Lang::Hans));
        let ledger = Ledger::new(scene, kind, Lang::Hans);
        timed("ledger: cells of one screen", 21, || {
            let rows = &ledger.rows[30_000..30_000 + SCREEN];
            let cells = rows.iter().flat_map(|row| ledger.columns.iter().map(move |column| (row, column)));
            cells.map(|(row, column)| ledger.cell(scene, *row, column).shown.len()).sum::<usize>()
        });
        let title = ledger.columns.iter().find(|column| column.key == Key::Title).expect("there").clone();
        timed("ledger: sort by title", 3, || {
            let mut ledger = ledger.clone();
            ledger.sort(scene, &title, false);
            ledger
        });
        let across = Across::Units { kind: "measure".into() };
        timed("matrix: outline", 3, || Matrix::new(scene, &across, Lang::Hans));
        let matrix = Matrix::new(scene, &across, Lang::Hans);
        timed("matrix: cells of one screen", 21, || {
            matrix.rows[2_000..2_000 + SCREEN].iter().map(|row| matrix.cells(scene, row)).collect::<Vec<_>>()
        });
        timed("matrix: counts of everything", 3, || matrix.counts(scene));
        timed("matrix: all pages of the print", 1, || {
            matrix_pages(scene, &matrix, "作战图", Lang::Hans).len()
        });
    });
}
