//! From a pasted document to boards; the same document twice (conflict 7).

use tongban_shared::adopt::{adopt, board_id};
use tongban_shared::document::{Document, Kind};
use tongban_shared::id::SpaceId;
use tongban_shared::import::read;
use tongban_shared::model::Space;

const SPACE: SpaceId = SpaceId::from_bytes([1; 16]);
const TEXT: &str = "某政办发〔2024〕7号\n某市人民政府办公室关于印发某市养老服务工作方案的通知\n某市养老服务工作方案\n一、目标任务\n到2025年，养老床位达到3000张。\n二、重点任务\n（一）增加供给。新建机构。（责任单位：市民政局、财政局，各旗县区人民政府）\n（二）提升质量。培训护理员不少于500名。（责任单位：市民政局、人社局）\n";

#[test]
fn conflict_07_two_devices_import_one_document_and_have_one_board() {
    let draft = read(TEXT).expect("readable");
    let document = &draft.documents[0];
    let mut one = adopt(SPACE, &Space::default(), document, &document.boards[0]).expect("adopts");
    let other = adopt(SPACE, &Space::default(), document, &document.boards[0]).expect("adopts");
    assert_eq!(one.board, other.board);
    assert_eq!(one.chunk, other.chunk, "the same bytes on every device");
    let before = one.document.board();
    assert_eq!(one.document.apply(&other.chunk.bytes).expect("applies").len(), 0);
    assert_eq!(one.document.board(), before);
    assert_eq!(before.items.len(), 2);
    assert_eq!(before.indicators.len(), 2);
    assert_eq!(
        before
            .lead
            .map(|lead| one.space_edits.iter().any(|edit| format!("{edit:?}").contains(&lead.to_string()))),
        Some(true),
        "市民政局 stands first in every item and leads"
    );
}

#[test]
fn conflict_07_traditional_and_simplified_pastes_are_one_document() {
    let simplified = read(TEXT).expect("readable");
    let wide = read(&TEXT.replace("某政办发〔2024〕7号", "某政辦發[２０２４]7號")).expect("readable");
    let id = |draft: &tongban_shared::import::Draft| {
        board_id(SPACE, &draft.documents[0], &draft.documents[0].boards[0])
    };
    assert_eq!(id(&simplified), id(&wide));
}

#[test]
fn an_adopted_board_loads_from_its_one_chunk() {
    let draft = read(TEXT).expect("readable");
    let document = &draft.documents[0];
    let adoption = adopt(SPACE, &Space::default(), document, &document.boards[0]).expect("adopts");
    let loaded = Document::load(Kind::Board, &[9; 16], [adoption.chunk.bytes.as_slice()]).expect("loads");
    let board = loaded.board();
    assert_eq!(board.source.number, "某政办发〔2024〕7号");
    assert_eq!(board.goal, "到2025年，养老床位达到3000张。");
    assert_eq!(board.item_order().len(), 2);
    let numbers: Vec<&str> = board.item_order().iter().map(|id| board.items[id].number.as_str()).collect();
    assert_eq!(numbers, ["（一）", "（二）"]);
}
