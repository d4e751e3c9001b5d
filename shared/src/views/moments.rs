//! Two moments of a board, item by item: what of the plan differs, and what units keep in its rows.

use crate::edit::LedgerField;
use crate::id::ItemId;
use crate::model::{Board, Space};
use crate::plan::{change_words, changes_between, measure_name};
use crate::template;
use crate::words::Lang;

/// One difference between two moments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub item: Option<ItemId>,
    /// Number and headline of the measure, or the title of the board.
    pub about: String,
    pub field: String,
    pub old: String,
    pub new: String,
}

/// The differences from an earlier moment to a later one: the plan in the order of the document, then
/// fields of a template and the rows of units.
#[must_use]
pub fn compared(old: &Board, new: &Board, space: &Space, lang: Lang) -> Vec<Compared> {
    let plan = changes_between(old, new).into_iter().map(|change| {
        // An item that is gone is named as it was.
        let later = change.place.item(new).filter(|id| new.items.contains_key(id));
        let board = if later.is_some() || change.place.item(old).is_none() { new } else { old };
        let words = change_words(board, &change, lang, |unit| space.unit_name(unit));
        let item = change.place.item(board);
        Compared { item, about: words.about, field: words.field, old: words.old, new: words.new }
    });
    let template = template::of(new).ok();
    let rows = new.item_order().into_iter().flat_map(|id| {
        let (was, is) = (old.items.get(&id), &new.items[&id]);
        let mut all = Vec::new();
        let mut differ = |field: String, old: &str, new: &str| {
            if old != new {
                let (old, new) = (old.to_owned(), new.to_owned());
                all.push(Compared { item: Some(id), about: measure_name(is), field, old, new });
            }
        };
        let kind = template.as_deref().and_then(|template| template.item_type(&is.kind));
        for (key, words) in &is.fields {
            let field = kind.and_then(|kind| kind.field(key));
            let name = field.map_or_else(|| key.clone(), |field| field.name.get(lang).to_owned());
            let before = was.and_then(|was| was.fields.get(key)).map_or("", String::as_str);
            differ(name, before, words);
        }
        for (unit, row) in &is.ledger {
            for field in LedgerField::ALL {
                let name = format!("{} {}", space.unit_name(*unit), field.word().text(lang));
                let before = was.and_then(|was| was.ledger.get(unit)).map_or("", |row| row.get(field));
                differ(name, before, row.get(field));
            }
        }
        all
    });
    plan.chain(rows).collect()
}
