//! Figures of this machine, printed; never asserted. A board of 1,100 items with 12 fields.

use tongban_shared::document::chunk::Budget;
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::fold::{self, Entries};
use tongban_shared::import;
use tongban_shared::model::Space;
use tongban_tests::large_board::{ITEMS, item, large_board};
use tongban_tests::timing::time;

/// Changes of one field, as a person writes them in an hour.
const STROKES: usize = 1_500;

fn main() {
    let mut board = large_board();
    let saved = board.save();
    println!("board of {ITEMS} items with 12 fields: {} bytes", saved.len());
    time("load", 11, || Document::load(Kind::Board, &[2; 16], [saved.as_slice()]).expect("loads"));
    time("save", 11, || board.save());
    time("read the whole board", 11, || board.board());
    let mut number = 0;
    let mut other = Document::load(Kind::Board, &[3; 16], [saved.as_slice()]).expect("loads");
    let mut chunks = Vec::new();
    time("one field edit, with its event", 101, || {
        number += 1;
        let edit = Edit::SetItemField {
            id: item(number % ITEMS),
            field: ItemField::Title,
            value: format!("第 {number} 次"),
        };
        let (_, chunk) = board.edit(&edit, &Stamp::default()).expect("edits");
        chunks.extend(chunk);
    });
    let mut waiting = chunks.into_iter();
    time("the same applied elsewhere", 101, || {
        waiting.next().map(|chunk| other.apply(&chunk.bytes).expect("applies"))
    });
    let strokes: Vec<Vec<u8>> = (0..STROKES)
        .filter_map(|count| {
            let edit = Edit::SetItemField { id: item(0), field: ItemField::Title, value: format!("{count}") };
            let (_, chunk) = board.edit(&edit, &Stamp::default()).expect("edits");
            chunk.map(|chunk| chunk.bytes)
        })
        .collect();
    let stored = || std::iter::once(&saved).chain(&strokes).map(Vec::as_slice);
    time("load with 1,500 changes stored behind it", 3, || {
        Document::load(Kind::Board, &[2; 16], stored()).expect("loads")
    });
    time("the same, one change after the other", 3, || {
        let mut one = Document::load(Kind::Board, &[2; 16], [saved.as_slice()]).expect("loads");
        stored().for_each(|chunk| one.load_more(chunk, &mut Budget::kept()).expect("loads"));
        one
    });
    let plain = board.board();
    time("fold of all items", 11, || {
        fold::board_state(&Space::default(), &plain, &Entries::default(), "2026-01-01")
    });
    let text = "（一）建立机制。明确责任。（责任单位：市教育局、财政局，各旗县区人民政府）\n".repeat(500);
    let text = format!("某市工作方案\n一、任务\n{text}");
    println!("import of {} bytes with 500 unit lists", text.len());
    time("import", 11, || import::read(&text).expect("reads"));
}
