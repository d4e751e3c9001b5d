//! Which edits touch a plan: asked by the app before it makes one, and by the server of the
//! operations that come in.

use crate::edit::{Edit, ItemField, TextPlace};
use crate::id::ItemId;

/// Whether an edit changes the plan itself; `is_measure` says whether an item, also one that is
/// added, belongs to it.
#[must_use]
pub fn touches(edit: &Edit, is_measure: impl Fn(ItemId) -> bool) -> bool {
    match edit {
        Edit::SetBoardField { .. }
        | Edit::AddSection { .. }
        | Edit::SetSectionTitle { .. }
        | Edit::SetSectionNumber { .. }
        | Edit::MoveSection { .. }
        | Edit::AddIndicator { .. }
        | Edit::SetTarget { .. }
        | Edit::SetFeed { .. }
        | Edit::SetReach { .. }
        | Edit::SpliceText { text: TextPlace::Goal, .. }
        | Edit::DecideMark { text: TextPlace::Goal, .. } => true,
        Edit::AddItem { id, .. } => is_measure(*id),
        Edit::SpliceText { text: TextPlace::Item(item), .. }
        | Edit::DecideMark { text: TextPlace::Item(item), .. }
        | Edit::SetItemField {
            id: item,
            field: ItemField::Number | ItemField::Title | ItemField::Deadline,
            ..
        }
        | Edit::MoveItem { id: item, .. }
        | Edit::Assign { item, .. }
        | Edit::Unassign { item, .. } => is_measure(*item),
        _ => false,
    }
}

/// The same of an operation, by the place of what it writes into and its key. The rows of a measure's units,
/// its nodes and its fields are no plan; the rest of it is.
#[must_use]
pub fn touches_place(path: &[&str], key: Option<&str>, is_measure: impl Fn(&str) -> bool) -> bool {
    match path {
        [] => false,
        ["members", ..] | ["links", ..] => false,
        ["items"] => key.is_none_or(is_measure),
        ["items", _, "ledger" | "milestones" | "fields", ..] => false,
        ["items", item, ..] => is_measure(item),
        _ => true,
    }
}
