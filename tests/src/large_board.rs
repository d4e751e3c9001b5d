//! The board that figures speak of: 1,100 items with 12 fields.

use crate::small_board;
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::{Edit, ItemField, NewItem};
use tongban_shared::id::{ItemId, SectionId, ulid_bytes};
use tongban_shared::import::Role;

/// How many items it has.
pub const ITEMS: u16 = 1100;

/// The item of a number.
#[must_use]
pub fn item(number: u16) -> ItemId {
    ItemId::from_bytes(ulid_bytes(u64::from(number), [0; 10]))
}

/// The edits that make it: each item with eight fields of its own, shared text and one unit.
#[must_use]
pub fn edits() -> Vec<Edit> {
    let section = SectionId::from_bytes([1; 16]);
    let ranks = tongban_shared::rank::spread(usize::from(ITEMS));
    let mut edits =
        vec![Edit::AddSection {
            id: section, number: "一".into(), title: "任务".into(), rank: "h".into()
        }];
    for number in 0..ITEMS {
        let new = NewItem { number: number.to_string(), title: format!("推进第 {number} 项重点工作"), text: "围绕产业链配套，明确责任单位和时间节点，按月调度，及时协调解决困难问题，确保按期完成各项任务并形成长效机制。".into(), section: Some(section), rank: ranks[usize::from(number)].clone(), ..NewItem::default() };
        edits.push(Edit::AddItem { id: item(number), item: Box::new(new) });
        for field in 0..8 {
            edits.push(Edit::SetItemField {
                id: item(number),
                field: ItemField::Custom(format!("f{field}")),
                value: format!("字段值 {field}"),
            });
        }
        edits.push(Edit::Assign {
            item: item(number),
            unit: small_board::unit("甲"),
            role: Role::Responsible,
            open_ended: false,
            raw: String::new(),
        });
    }
    edits
}

/// The board, written as one change.
///
/// # Panics
/// When an edit does not fit.
#[must_use]
pub fn large_board() -> Document {
    let mut document = Document::new(Kind::Board, &[1; 16]);
    document.edit_all(&edits(), &Stamp::default()).unwrap_or_else(|error| panic!("a board: {error}"));
    document
}
