//! Edits into documents, one arm per intent, and the edits that take them back.

use super::write::{new_map, object, object_or_missing, put, put_text};
use super::{DocumentError, Kind, paragraph, read};
use crate::edit::{BoardField, Edit, ItemField, NewIndicator, NewItem, TextPlace};
use crate::id::{ItemId, SectionId, UnitId};
use crate::import::Role;
use crate::limits::TEXT_CHARS;
use crate::model::Removal;
use crate::text::xml_text;
use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjType, ROOT, ReadDoc};

/// Applies an edit; the caller commits or rolls back.
pub fn apply(kind: Kind, doc: &mut AutoCommit, edit: &Edit) -> Result<(), DocumentError> {
    match kind {
        Kind::Board => board(doc, edit),
        Kind::Log => log(doc, edit),
        Kind::Space => space(doc, edit),
    }
}

fn board(doc: &mut AutoCommit, edit: &Edit) -> Result<(), DocumentError> {
    match edit {
        Edit::SetBoardField { field, value } => {
            let meta = object_or_missing(doc, &["meta"])?;
            put_text(doc, &meta, field.key(), value)
        }
        Edit::AddMember { unit } => {
            let members = object_or_missing(doc, &["members"])?;
            put(doc, &members, &unit.to_string(), true)
        }
        Edit::InviteGuest { unit, present } => {
            let members = object_or_missing(doc, &["members"])?;
            put(doc, &members, &format!("{}{unit}", read::GUEST), *present)
        }
        Edit::SpliceText { text, at, delete, insert } => splice(doc, *text, *at, *delete, insert),
        Edit::DecideMark { text, mark } => super::marks::decide(doc, *text, mark),
        Edit::AddSection { id, number, title, rank } => {
            let sections = object_or_missing(doc, &["sections"])?;
            let section = new_map(doc, &sections, &id.to_string())?;
            put_text(doc, &section, "number", number)?;
            put_text(doc, &section, "title", title)?;
            put_text(doc, &section, "rank", rank)
        }
        Edit::SetSectionTitle { id, title } => {
            let section = object_or_missing(doc, &["sections", &id.to_string()])?;
            put_text(doc, &section, "title", title)
        }
        Edit::SetSectionNumber { id, number } => {
            let section = object_or_missing(doc, &["sections", &id.to_string()])?;
            put_text(doc, &section, "number", number)
        }
        Edit::MoveSection { id, rank } => {
            let section = object_or_missing(doc, &["sections", &id.to_string()])?;
            put_text(doc, &section, "rank", rank)
        }
        Edit::AddItem { id, item } => add_item(doc, *id, item),
        Edit::SetItemField { id, field, value } => set_item_field(doc, *id, field, value),
        Edit::MoveItem { id, section, rank } => {
            let item = object_or_missing(doc, &["items", &id.to_string()])?;
            object_or_missing(doc, &["sections", &section.to_string()])?;
            put_text(doc, &item, "place", &read::place_text(Some(*section), rank))
        }
        Edit::Assign { item, unit, role, open_ended, raw } => {
            let value = read::assignment_text(*role, *open_ended, raw, None);
            let assignments = object_or_missing(doc, &["items", &item.to_string(), "assignments"])?;
            put_text(doc, &assignments, &unit.to_string(), &value)
        }
        Edit::Unassign { item, unit, removal } => unassign(doc, *item, *unit, removal),
        Edit::SetLedger { item, unit, field, value } => {
            let ledger = object_or_missing(doc, &["items", &item.to_string(), "ledger"])?;
            put_text(doc, &ledger, &format!("{unit}/{}", field.key()), value)
        }
        Edit::AddMilestone { item, id, title, due } => {
            let milestones = object_or_missing(doc, &["items", &item.to_string(), "milestones"])?;
            let milestone = new_map(doc, &milestones, &id.to_string())?;
            put_text(doc, &milestone, "title", title)?;
            put_text(doc, &milestone, "due", due)
        }
        Edit::TickMilestone { item, id, by, at } => {
            let milestone =
                object_or_missing(doc, &["items", &item.to_string(), "milestones", &id.to_string()])?;
            // One key per tick: both stay, the earliest counts (conflict 10).
            put(doc, &milestone, &format!("tick/{by}"), *at)
        }
        Edit::AddIndicator { id, indicator } => add_indicator(doc, &id.to_string(), indicator),
        Edit::SetTarget { id, target } => {
            let path = ["indicators", &id.to_string()];
            let indicator = object_or_missing(doc, &path)?;
            let former = read::target_in_force(doc, &indicator);
            put_text(doc, &indicator, "target", &read::target_text(target, former.as_ref()))
        }
        Edit::SetFeed { id, feed } => {
            let indicator = object_or_missing(doc, &["indicators", &id.to_string()])?;
            let feed = feed.as_ref().and_then(|feed| serde_json::to_string(feed).ok()).unwrap_or_default();
            put_text(doc, &indicator, "fed_by", &feed)
        }
        Edit::SetReach { id, reach } => {
            let indicator = object_or_missing(doc, &["indicators", &id.to_string()])?;
            put_text(doc, &indicator, "reach", &reach.map(|reach| read::word(&reach)).unwrap_or_default())
        }
        // The link stays in the document, so that a list of somebody offline does not bring it back.
        Edit::SetLinkRemoved { id, removed } => {
            let link = object_or_missing(doc, &["links", &id.to_string()])?;
            put(doc, &link, "removed", *removed)
        }
        Edit::AddLink { id, from, to_board, to, kind } => {
            let links = object_or_missing(doc, &["links"])?;
            let link = new_map(doc, &links, &id.to_string())?;
            put_text(doc, &link, "from", &from.to_string())?;
            put_text(doc, &link, "to_board", &to_board.to_string())?;
            put_text(doc, &link, "to", &to.to_string())?;
            put_text(doc, &link, "kind", kind)
        }
        _ => Err(DocumentError::WrongDocument),
    }
}

fn add_item(doc: &mut AutoCommit, id: ItemId, new: &NewItem) -> Result<(), DocumentError> {
    let items = object_or_missing(doc, &["items"])?;
    let item = new_map(doc, &items, &id.to_string())?;
    put_text(doc, &item, "number", &new.number)?;
    put_text(doc, &item, "title", &new.title)?;
    put_text(doc, &item, "place", &read::place_text(new.section, &new.rank))?;
    if let Some(parent) = new.parent {
        put_text(doc, &item, "parent", &parent.to_string())?;
    }
    if !new.kind.is_empty() {
        put_text(doc, &item, "kind", &new.kind)?;
    }
    if !new.deadline.is_empty() {
        put_text(doc, &item, "deadline", &new.deadline)?;
    }
    if !new.quote.is_empty() {
        put_text(doc, &item, "quote", &new.quote)?;
    }
    for name in ["fields", "assignments", "ledger", "milestones"] {
        doc.put_object(&item, name, ObjType::Map)?;
    }
    let text = doc.put_object(&item, "text", ObjType::Text)?;
    if new.text.chars().count() > TEXT_CHARS {
        return Err(DocumentError::TooLong);
    }
    doc.splice_text(&text, 0, 0, &paragraph::begun(&xml_text(&new.text)))?;
    Ok(())
}

fn set_item_field(
    doc: &mut AutoCommit,
    id: ItemId,
    field: &ItemField,
    value: &str,
) -> Result<(), DocumentError> {
    let id = id.to_string();
    let (path, key) = match field {
        ItemField::Number => (vec!["items", &id], "number"),
        ItemField::Title => (vec!["items", &id], "title"),
        ItemField::Deadline => (vec!["items", &id], "deadline"),
        ItemField::Custom(key) => (vec!["items", &id, "fields"], key.as_str()),
    };
    let object = object_or_missing(doc, &path)?;
    put_text(doc, &object, key, value)
}

fn unassign(
    doc: &mut AutoCommit,
    item: ItemId,
    unit: UnitId,
    removal: &Removal,
) -> Result<(), DocumentError> {
    let assignments = object_or_missing(doc, &["items", &item.to_string(), "assignments"])?;
    let present = read::assignment(doc, &assignments, &unit.to_string());
    // Taken off once more it is another mark: its author has seen what came since.
    let times = present.as_ref().and_then(|a| a.removal.as_ref()).map_or(0, |mark| mark.times + 1);
    let removal = Removal { times, ..removal.clone() };
    let (role, open_ended, raw) =
        present.map_or((Role::default(), false, String::new()), |a| (a.role, a.open_ended, a.raw));
    let value = read::assignment_text(role, open_ended, &raw, Some(&removal));
    put_text(doc, &assignments, &unit.to_string(), &value)
}

fn add_indicator(doc: &mut AutoCommit, id: &str, new: &NewIndicator) -> Result<(), DocumentError> {
    let indicators = object_or_missing(doc, &["indicators"])?;
    let indicator = new_map(doc, &indicators, id)?;
    put_text(doc, &indicator, "name", &new.name)?;
    put_text(doc, &indicator, "kind", &read::word(&new.kind))?;
    put_text(doc, &indicator, "combine", &read::word(&new.combine))?;
    put_text(doc, &indicator, "scope", &new.scope)?;
    put_text(doc, &indicator, "quote", &new.quote)?;
    if let Some(item) = new.item {
        put_text(doc, &indicator, "item", &item.to_string())?;
    }
    put_text(doc, &indicator, "target", &read::target_text(&new.target, None))
}

fn text_path(text: TextPlace) -> Vec<String> {
    match text {
        TextPlace::Goal => vec!["goal".to_owned()],
        TextPlace::Item(item) => vec!["items".to_owned(), item.to_string(), "text".to_owned()],
    }
}

fn text_object(doc: &AutoCommit, text: TextPlace) -> Option<automerge::ObjId> {
    let path = text_path(text);
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    object(doc, &path)
}

fn splice(
    doc: &mut AutoCommit,
    text: TextPlace,
    at: usize,
    delete: usize,
    insert: &str,
) -> Result<(), DocumentError> {
    let object = text_object(doc, text).ok_or_else(|| DocumentError::Missing(text_path(text).join("/")))?;
    let length = doc.length(&object);
    if length + insert.len() > TEXT_CHARS * 3 {
        return Err(DocumentError::TooLong);
    }
    let insert = xml_text(insert);
    for (at, delete, insert) in paragraph::steps(&doc.text(&object)?, at, delete, &insert) {
        let delete = isize::try_from(delete).map_err(|_| DocumentError::TooLong)?;
        doc.splice_text(&object, at, delete, &insert)?;
    }
    Ok(())
}

fn log(doc: &mut AutoCommit, edit: &Edit) -> Result<(), DocumentError> {
    let Edit::AddEntry { id, bytes } = edit else {
        return Err(DocumentError::WrongDocument);
    };
    if bytes.len() > crate::limits::ENTRY_BYTES {
        return Err(DocumentError::TooLong);
    }
    let entries = object_or_missing(doc, &["entries"])?;
    if doc.get(&entries, id.to_string())?.is_none() {
        doc.put(&entries, id.to_string(), bytes.clone())?;
    }
    Ok(())
}

fn space(doc: &mut AutoCommit, edit: &Edit) -> Result<(), DocumentError> {
    match edit {
        Edit::SetSpaceName { name } => put_text(doc, &ROOT, "name", name),
        Edit::SetSpaceZone { zone } => put_text(doc, &ROOT, "zone", zone),
        Edit::AddUnit { id, name, kind, side, code } => {
            let units = object_or_missing(doc, &["units"])?;
            let key = id.to_string();
            // Flat keys, so that two devices that add the same unit add one (b.3).
            put_text(doc, &units, &format!("{key}/name"), name)?;
            put_text(doc, &units, &format!("{key}/kind"), kind)?;
            if !code.is_empty() {
                put_text(doc, &units, &format!("{key}/code"), code)?;
            }
            put_text(doc, &units, &format!("{key}/side"), side)
        }
        Edit::RenameUnit { id, name } => {
            let units = object_or_missing(doc, &["units"])?;
            put_text(doc, &units, &format!("{id}/name"), name)
        }
        Edit::SetAlias { unit, alias, present } => {
            let units = object_or_missing(doc, &["units"])?;
            put(doc, &units, &format!("{unit}/alias/{alias}"), *present)
        }
        Edit::SetGroupMember { group, unit, present } => {
            let units = object_or_missing(doc, &["units"])?;
            put(doc, &units, &format!("{group}/member/{unit}"), *present)
        }
        Edit::AddPerson { id, name, unit, role } => {
            let persons = object_or_missing(doc, &["persons"])?;
            put_text(doc, &persons, &format!("{id}/name"), name)?;
            put_text(doc, &persons, &format!("{id}/unit"), &unit.to_string())?;
            put_text(doc, &persons, &format!("{id}/role"), role)
        }
        Edit::SetTemplate { id, source } => {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
                return Err(DocumentError::Corrupt(format!("模板名称只能用字母、数字和下划线：{id}")));
            }
            if source.len() > crate::limits::TEMPLATE_BYTES {
                return Err(DocumentError::TooLong);
            }
            put_text(doc, &ROOT, &format!("{}{id}", read::TEMPLATE), source)
        }
        Edit::State { kind, bytes } => {
            if bytes.len() > crate::limits::STATEMENT_BYTES {
                return Err(DocumentError::TooLong);
            }
            // Under its fingerprint, so that two servers never write the same place.
            let name = super::hex(&crate::id::fingerprint_of(bytes));
            put(doc, &ROOT, &format!("{}/{name}", kind.word()), bytes.clone())
        }
        Edit::ListBoard { id, listing } => {
            let boards = object_or_missing(doc, &["boards"])?;
            let value =
                serde_json::to_string(listing).map_err(|error| DocumentError::Corrupt(error.to_string()))?;
            put_text(doc, &boards, &id.to_string(), &value)
        }
        _ => Err(DocumentError::WrongDocument),
    }
}

/// A register of a section.
fn section_word(doc: &AutoCommit, id: SectionId, key: &str) -> Option<String> {
    let section = object(doc, &["sections", &id.to_string()])?;
    read::text(doc, &section, key)
}

/// The edits that take `edit` back, from the document as it stands before. Records are never
/// taken back: an entry is corrected by another entry.
pub fn inverse(doc: &AutoCommit, edit: &Edit) -> Vec<Edit> {
    match edit {
        Edit::SetBoardField { field, .. } => {
            vec![Edit::SetBoardField { field: *field, value: board_field(doc, *field) }]
        }
        Edit::SetItemField { id, field, .. } => {
            let item = read::item(doc, *id);
            let value = item.map(|item| match field {
                ItemField::Number => item.number,
                ItemField::Title => item.title,
                ItemField::Deadline => item.deadline,
                ItemField::Custom(key) => item.fields.get(key).cloned().unwrap_or_default(),
            });
            value
                .map(|value| Edit::SetItemField { id: *id, field: field.clone(), value })
                .into_iter()
                .collect()
        }
        Edit::MoveItem { id, .. } => read::item(doc, *id)
            .and_then(|item| Some(Edit::MoveItem { id: *id, section: item.section?, rank: item.rank }))
            .into_iter()
            .collect(),
        Edit::MoveSection { id, .. } => section_word(doc, *id, "rank")
            .map(|rank| Edit::MoveSection { id: *id, rank })
            .into_iter()
            .collect(),
        Edit::SetSectionNumber { id, .. } => section_word(doc, *id, "number")
            .map(|number| Edit::SetSectionNumber { id: *id, number })
            .into_iter()
            .collect(),
        Edit::SetSectionTitle { id, .. } => section_word(doc, *id, "title")
            .map(|title| Edit::SetSectionTitle { id: *id, title })
            .into_iter()
            .collect(),
        Edit::SpliceText { text, at, delete, insert } => {
            let removed = text_object(doc, *text)
                .and_then(|object| doc.text(&object).ok())
                .map(|whole| utf16_slice(&whole, *at, *delete));
            let inserted = insert.encode_utf16().count();
            vec![Edit::SpliceText {
                text: *text,
                at: *at,
                delete: inserted,
                insert: removed.unwrap_or_default(),
            }]
        }
        Edit::SetLedger { item, unit, field, .. } => {
            let row =
                read::item(doc, *item).and_then(|item| item.ledger.get(unit).cloned()).unwrap_or_default();
            let value = row.get(*field).to_owned();
            vec![Edit::SetLedger { item: *item, unit: *unit, field: *field, value }]
        }
        Edit::AddLink { id, .. } => vec![Edit::SetLinkRemoved { id: *id, removed: true }],
        Edit::SetLinkRemoved { id, .. } => object(doc, &["links", &id.to_string()])
            .map(|link| Edit::SetLinkRemoved { id: *id, removed: read::flag(doc, &link, "removed") })
            .into_iter()
            .collect(),
        Edit::SetFeed { id, .. } => read::one_indicator(doc, *id)
            .map(|indicator| Edit::SetFeed { id: *id, feed: indicator.fed_by })
            .into_iter()
            .collect(),
        Edit::SetReach { id, .. } => read::one_indicator(doc, *id)
            .map(|indicator| Edit::SetReach { id: *id, reach: indicator.reach })
            .into_iter()
            .collect(),
        Edit::SetTarget { id, .. } => object(doc, &["indicators", &id.to_string()])
            .and_then(|indicator| read::target_in_force(doc, &indicator))
            .map(|target| Edit::SetTarget { id: *id, target })
            .into_iter()
            .collect(),
        Edit::Assign { item, unit, .. } => {
            let present = read::item(doc, *item).and_then(|item| item.assignments.get(unit).cloned());
            match present {
                Some(a) if a.removal.is_none() => vec![Edit::Assign {
                    item: *item,
                    unit: *unit,
                    role: a.role,
                    open_ended: a.open_ended,
                    raw: a.raw,
                }],
                _ => vec![Edit::Unassign { item: *item, unit: *unit, removal: Removal::default() }],
            }
        }
        Edit::Unassign { item, unit, .. } => read::item(doc, *item)
            .and_then(|item_now| {
                let a = item_now.assignments.get(unit)?.clone();
                Some(Edit::Assign {
                    item: *item,
                    unit: *unit,
                    role: a.role,
                    open_ended: a.open_ended,
                    raw: a.raw,
                })
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn board_field(doc: &AutoCommit, field: BoardField) -> String {
    object(doc, &["meta"]).and_then(|meta| read::text(doc, &meta, field.key())).unwrap_or_default()
}

fn utf16_slice(text: &str, at: usize, length: usize) -> String {
    let units: Vec<u16> = text.encode_utf16().skip(at).take(length).collect();
    String::from_utf16_lossy(&units)
}

/// A cursor of a text as a word.
pub fn anchor(doc: &AutoCommit, text: TextPlace, at: usize) -> Option<String> {
    let object = text_object(doc, text)?;
    doc.get_cursor(&object, at, None).ok().map(|cursor| cursor.to_string())
}

/// The present place of a cursor, and the whole text.
pub fn anchored(doc: &AutoCommit, text: TextPlace, anchor: &str) -> Option<(usize, String)> {
    let object = text_object(doc, text)?;
    let cursor = automerge::Cursor::try_from(anchor).ok()?;
    let at = doc.get_cursor_position(&object, &cursor, None).ok()?;
    Some((at, doc.text(&object).ok()?))
}
