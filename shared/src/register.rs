//! One place of a board that holds one value: what clashes there and what was chosen.

use crate::document::place;
use crate::edit::{BoardField, Edit, ItemField, LedgerField};
use crate::id::{IndicatorId, ItemId, SectionId, UnitId};
use crate::import::Role;
use crate::limits::TEXT_CHARS;
use crate::plan::{target_of, target_word};

/// A place that holds one value. People who write it apart from each other clash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Register {
    Board(BoardField),
    SectionTitle(SectionId),
    /// Section and rank of an item.
    Place(ItemId),
    Item(ItemId, ItemField),
    /// The role of a unit in an item.
    Part(ItemId, UnitId),
    /// A field of a unit's row in the ledger.
    Row(ItemId, UnitId, LedgerField),
    Target(IndicatorId),
}

/// A value that somebody wrote, with the change that brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// As [`Register::edit`] takes it.
    pub value: String,
    /// Person and unit as the change names them.
    pub by: String,
    /// The writing head of the change: who it was certified for proves who wrote.
    pub actor: Vec<u8>,
    /// Seconds since 1970, by the clock of its device.
    pub time: i64,
}

/// A clash that somebody has settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub register: Register,
    /// The chosen value, with who chose it and when.
    pub chosen: Said,
    /// The values that stood against it.
    pub lost: Vec<Said>,
}

impl Register {
    /// The register that an edit writes, and the value it writes there.
    #[must_use]
    pub fn written_by(edit: &Edit) -> Option<(Self, String)> {
        Some(match edit {
            Edit::SetBoardField { field, value } => (Self::Board(*field), value.clone()),
            Edit::SetSectionTitle { id, title } => (Self::SectionTitle(*id), title.clone()),
            Edit::MoveItem { id, section, rank } => {
                (Self::Place(*id), crate::document::place_text(Some(*section), rank))
            }
            Edit::SetItemField { id, field, value } => (Self::Item(*id, field.clone()), value.clone()),
            Edit::Assign { item, unit, role, .. } => (Self::Part(*item, *unit), crate::document::word(role)),
            Edit::SetLedger { item, unit, field, value } => (Self::Row(*item, *unit, *field), value.clone()),
            Edit::SetTarget { id, target } => (Self::Target(*id), target_word(target)),
            _ => return None,
        })
    }

    /// The edit that writes a value here; none when the words are no value of it.
    #[must_use]
    pub fn edit(&self, value: &str) -> Option<Edit> {
        let value = || value.to_owned();
        Some(match self {
            Self::Board(field) => Edit::SetBoardField { field: *field, value: value() },
            Self::SectionTitle(id) => Edit::SetSectionTitle { id: *id, title: value() },
            Self::Place(id) => {
                let (section, rank) = place(&value());
                Edit::MoveItem { id: *id, section: section?, rank }
            }
            Self::Item(id, field) => Edit::SetItemField { id: *id, field: field.clone(), value: value() },
            Self::Part(item, unit) => {
                let role = crate::plan::role_of(&value())?;
                Edit::Assign { item: *item, unit: *unit, role, open_ended: false, raw: String::new() }
            }
            Self::Row(item, unit, field) => {
                Edit::SetLedger { item: *item, unit: *unit, field: *field, value: value() }
            }
            Self::Target(id) => Edit::SetTarget { id: *id, target: target_of(&value())? },
        })
    }

    /// The item that it belongs to.
    #[must_use]
    pub const fn item(&self) -> Option<ItemId> {
        match self {
            Self::Place(item) | Self::Item(item, _) | Self::Part(item, _) | Self::Row(item, ..) => {
                Some(*item)
            }
            Self::Board(_) | Self::SectionTitle(_) | Self::Target(_) => None,
        }
    }

    /// Both values as one, where they are words that can stand beside each other.
    #[must_use]
    pub fn both(&self, said: &[Said]) -> Option<String> {
        let words = match self {
            Self::Item(_, ItemField::Title) | Self::Row(..) | Self::SectionTitle(_) => true,
            Self::Board(field) => *field == BoardField::Title,
            _ => false,
        };
        let kept: Vec<&str> =
            said.iter().map(|one| one.value.as_str()).filter(|one| !one.is_empty()).collect();
        let joined = kept.join("；");
        (words && kept.len() > 1 && joined.chars().count() <= TEXT_CHARS).then_some(joined)
    }

    /// The path of keys to its object, and its key there.
    pub(crate) fn path(&self) -> (Vec<String>, String) {
        let item = |id: &ItemId, below: &str| {
            let below = (!below.is_empty()).then(|| below.to_owned());
            ["items".to_owned(), id.to_string()].into_iter().chain(below).collect()
        };
        match self {
            Self::Board(field) => (vec!["meta".to_owned()], field.key().to_owned()),
            Self::SectionTitle(id) => (vec!["sections".to_owned(), id.to_string()], "title".to_owned()),
            Self::Place(id) => (item(id, ""), "place".to_owned()),
            Self::Item(id, ItemField::Custom(key)) => (item(id, "fields"), key.clone()),
            Self::Item(id, ItemField::Number) => (item(id, ""), "number".to_owned()),
            Self::Item(id, ItemField::Title) => (item(id, ""), "title".to_owned()),
            Self::Item(id, ItemField::Deadline) => (item(id, ""), "deadline".to_owned()),
            Self::Part(id, unit) => (item(id, "assignments"), unit.to_string()),
            Self::Row(id, unit, field) => (item(id, "ledger"), format!("{unit}/{}", field.key())),
            Self::Target(id) => (vec!["indicators".to_owned(), id.to_string()], "target".to_owned()),
        }
    }

    /// The value in what is stored; none for what stands against nothing, like a unit taken off.
    pub(crate) fn value(&self, stored: &str) -> Option<String> {
        match self {
            Self::Part(..) => crate::document::role_in(stored).map(|role: Role| crate::document::word(&role)),
            Self::Target(_) => crate::document::target_in(stored).map(|target| target_word(&target)),
            _ => Some(stored.to_owned()),
        }
    }
}
