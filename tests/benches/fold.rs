//! A board of 5,000 items × 14 units (70,000 assignments) with 100,000 entries: how long it takes to
//! open, to fold, to filter and to look at after one more edit or entry, each beside its budget; the
//! kept fold beside a fold of everything. Printed, never asserted.

use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::fold::Entries;
use tongban_shared::id::{UnitId, fingerprint};
use tongban_shared::model::{Space, Unit};
use tongban_shared::rule::{Living, Scene};
use tongban_shared::template;
use tongban_shared::views::{Across, Key, Ledger, Matrix, matrix_pages};
use tongban_shared::words::Lang;
use tongban_tests::timing::within;
use tongban_tests::vast_board::{self, ENTRIES, ITEMS, UNITS, item};

/// Lines that a screen shows at once, with spare ones.
const SCREEN: usize = 50;

/// Budgets in milliseconds of native code; a browser takes two to three times as long.
mod budget {
    /// The bound for acts that a person does once a day and sees the progress of.
    pub const OPEN: f64 = 1_000.0;
    /// The bound for acts that a person asks for and waits for.
    pub const ASKED: f64 = 100.0;
    /// The bound for acts while a person types or scrolls: within a frame.
    pub const FRAME: f64 = 8.0;
}
use budget::{ASKED, FRAME, OPEN};

fn main() {
    let units: Vec<UnitId> =
        (0..UNITS).map(|number| UnitId::from_bytes(fingerprint(&["unit", &number.to_string()]))).collect();
    let mut document = vast_board::board(&units);
    let saved = document.save();
    println!("{ITEMS} items × {UNITS} units, {ENTRIES} entries; the board has {} bytes", saved.len());
    within(OPEN, "open the board's document", 3, || {
        Document::load(Kind::Board, &[2; 16], [saved.as_slice()]).expect("loads")
    });
    let logs: Vec<Vec<u8>> = vast_board::logs(&units)
        .into_iter()
        .map(|(_, edits)| {
            let mut log = Document::new(Kind::Log, &[3; 16]);
            log.edit_all(&edits, &Stamp::default()).expect("edits");
            log.save()
        })
        .collect();
    within(OPEN, "open all logs", 3, || {
        let load = |bytes: &Vec<u8>| Document::load(Kind::Log, &[2; 16], [bytes.as_slice()]).expect("loads");
        logs.iter().map(load).map(|log| log.entries().0.len()).sum::<usize>()
    });
    let mut entries = Entries::default();
    (0..ENTRIES).for_each(|number| entries.add(vast_board::entry(number, &units)));
    let mut space = Space::default();
    for (number, unit) in units.iter().enumerate() {
        space.units.insert(*unit, Unit { name: format!("第{number}旗人民政府"), ..Unit::default() });
    }
    let template = template::find("measure_plan").expect("there");
    let today: jiff::civil::Date = "2026-06-15".parse().expect("a day");
    within(OPEN, "read the whole board", 3, || document.board());
    let plain = document.board();
    let naive =
        within(ASKED, "fold of everything", 5, || Scene::new(template, &space, &plain, &entries, today));
    let whole = within(OPEN, "naive look: read everything, fold everything", 3, || {
        let plain = document.board();
        Scene::new(template, &space, &plain, &entries, today).standing(item(0)).cloned()
    });
    let mut living = Living::new(&document);
    let look = |living: &mut Living, entries: &Entries| {
        living.look(template, &space, entries, today, |scene| scene.standing(item(0)).cloned())
    };
    look(&mut living, &entries);
    let mut number = 0;
    let edit = within(FRAME, "look after one edit (kept fold)", 51, || {
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
    // Signed beforehand: who writes an entry signs it once.
    let mut ready: Vec<_> = (0..200).map(|more| vast_board::entry(ENTRIES + 1 + more, &units)).collect();
    let said = within(FRAME, "look after one entry (kept fold)", 51, || {
        let Some(new) = ready.pop() else { panic!("more looks than entries") };
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
        within(ASKED, "ledger: outline of 70,000 rows", 3, || Ledger::new(scene, kind, Lang::Hans));
        let ledger = Ledger::new(scene, kind, Lang::Hans);
        within(FRAME, "ledger: cells of one screen", 21, || {
            let rows = &ledger.rows[30_000..30_000 + SCREEN];
            let cells = rows.iter().flat_map(|row| ledger.columns.iter().map(move |column| (row, column)));
            cells.map(|(row, column)| ledger.cell(scene, *row, column).shown.len()).sum::<usize>()
        });
        within(ASKED, "ledger: only one unit's rows", 5, || {
            let mut ledger = ledger.clone();
            ledger.rows.retain(|row| row.unit == Some(units[3]));
            ledger.rows.len()
        });
        let title = ledger.columns.iter().find(|column| column.key == Key::Title).expect("there").clone();
        within(ASKED, "ledger: sort by title", 3, || {
            let mut ledger = ledger.clone();
            ledger.sort(scene, &title, false);
            ledger
        });
        let across = Across::Units { kind: "measure".into() };
        within(ASKED, "matrix: outline", 3, || Matrix::new(scene, &across, Lang::Hans));
        let matrix = Matrix::new(scene, &across, Lang::Hans);
        within(FRAME, "matrix: cells of one screen", 21, || {
            matrix.rows[2_000..2_000 + SCREEN].iter().map(|row| matrix.cells(scene, row)).collect::<Vec<_>>()
        });
        within(ASKED, "matrix: counts of everything", 3, || matrix.counts(scene));
        within(OPEN, "matrix: all pages of the print", 1, || {
            matrix_pages(scene, &matrix, "作战图", Lang::Hans).len()
        });
    });
}
