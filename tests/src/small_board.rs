//! A small board that suites edit.

use tongban_shared::edit::{BoardField, Edit, NewItem};
use tongban_shared::id::{ItemId, SectionId, UnitId, fingerprint};
use tongban_shared::import::Role;

/// The unit of a name.
#[must_use]
pub fn unit(name: &str) -> UnitId {
    UnitId::from_bytes(fingerprint(&["unit", name]))
}

/// The item of a number.
#[must_use]
pub fn item(number: u8) -> ItemId {
    ItemId::from_bytes([number; 16])
}

/// The edits that make a board of some items, each assigned to a unit.
#[must_use]
pub fn edits(items: u8, unit: UnitId) -> Vec<Edit> {
    let section = SectionId::from_bytes([200; 16]);
    let mut edits = vec![
        Edit::SetBoardField { field: BoardField::Title, value: "试验清单".to_owned() },
        Edit::AddSection {
            id: section,
            number: "一".to_owned(),
            title: "任务".to_owned(),
            rank: "h".to_owned(),
        },
    ];
    for number in 0..items {
        let new = NewItem {
            number: number.to_string(),
            title: format!("第 {number} 条"),
            text: "正文".to_owned(),
            section: Some(section),
            rank: tongban_shared::rank::spread(usize::from(items))[usize::from(number)].clone(),
            ..NewItem::default()
        };
        edits.push(Edit::AddItem { id: item(number), item: Box::new(new) });
        edits.push(Edit::Assign {
            item: item(number),
            unit,
            role: Role::Responsible,
            open_ended: false,
            raw: String::new(),
        });
    }
    edits
}
