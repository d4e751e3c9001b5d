//! Stored values of fields, and their words for people: names for the ids of choices, units and items.

use crate::id::{ItemId, UnitId};
use crate::rule::Scene;
use crate::template::{Field, FieldKind, Name};
use crate::text::folded_text;
use crate::words::{Lang, Word};
use std::borrow::Cow;

/// The name of a choice in a language; what is no choice stands for itself.
#[must_use]
pub fn choice_name<'a>(field: &'a Field, id: &'a str, language: Lang) -> &'a str {
    let found = field.choices.iter().find(|[known, ..]| known == id);
    found.map_or(id, |[_, simplified, traditional, english]| match language {
        Lang::Hans => simplified,
        Lang::Hant => traditional,
        Lang::English => english,
    })
}

/// The choices of a field, as stored and as read; empty if people write freely.
#[must_use]
pub fn choices(scene: &Scene<'_>, field: &Field, language: Lang) -> Vec<(String, String)> {
    match field.kind {
        FieldKind::Choice => field
            .choices
            .iter()
            .map(|[id, ..]| (id.clone(), choice_name(field, id, language).to_owned()))
            .collect(),
        FieldKind::YesNo => [("yes", Word::Yes), ("no", Word::No)]
            .map(|(id, word)| (id.to_owned(), word.text(language).to_owned()))
            .to_vec(),
        FieldKind::Unit => {
            let units = scene.space.units.iter();
            let mut units: Vec<(String, String)> =
                units.map(|(id, unit)| (id.to_string(), unit.name.clone())).collect();
            units.sort_by(|one, other| one.1.cmp(&other.1));
            units
        }
        FieldKind::Item => {
            let kind = field.to.as_deref().unwrap_or_default();
            scene
                .items_of(kind)
                .filter_map(|id| Some((id.to_string(), scene.item(id)?.title.clone())))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The words for a stored value, without a copy where they stand somewhere: many values may name one long title.
#[must_use]
pub fn shown_words<'a>(
    scene: &'a Scene<'_>,
    field: &'a Field,
    stored: &'a str,
    language: Lang,
) -> Cow<'a, str> {
    match field.kind {
        FieldKind::Choice => choice_name(field, stored, language).into(),
        FieldKind::YesNo => match stored {
            "yes" => Word::Yes.text(language).into(),
            "no" => Word::No.text(language).into(),
            other => other.into(),
        },
        FieldKind::Unit => {
            let unit = stored.parse::<UnitId>();
            unit.map_or_else(|_| stored.into(), |unit| scene.space.unit_name(unit).into())
        }
        FieldKind::Item => {
            let item = stored.parse::<ItemId>().ok().and_then(|item| scene.item(item));
            item.map_or(stored, |item| &item.title).into()
        }
        _ => stored.into(),
    }
}

/// The stored value for words that people wrote or pasted: the id of a choice, unit or item that is named so
/// in any language, the words themselves in other fields.
///
/// # Errors
/// A sentence for the person when the words do not fit the field.
pub fn stored_words(scene: &Scene<'_>, field: &Field, words: &str) -> Result<String, String> {
    let words = words.trim();
    if words.is_empty() {
        return Ok(String::new());
    }
    let wanted = folded_text(words).to_lowercase();
    let same = |name: &str| folded_text(name).to_lowercase() == wanted;
    let found = match field.kind {
        FieldKind::Choice => {
            field.choices.iter().find(|names| names.iter().any(|name| same(name))).map(|[id, ..]| id.clone())
        }
        FieldKind::YesNo => [("yes", ["是", "yes", "有", "√", "1"]), ("no", ["否", "no", "无", "×", "0"])]
            .iter()
            .find(|(_, names)| names.iter().any(|name| same(name)))
            .map(|(id, _)| (*id).to_owned()),
        FieldKind::Unit => {
            let known = words.parse::<UnitId>().ok().filter(|unit| scene.space.units.contains_key(unit));
            known.or_else(|| scene.space.unit_named(words)).map(|unit| unit.to_string())
        }
        FieldKind::Item => {
            let known = words.parse::<ItemId>().ok().filter(|item| scene.item(*item).is_some());
            let kind = field.to.as_deref().unwrap_or_default();
            let named = |id: &ItemId| scene.item(*id).is_some_and(|item| same(&item.title));
            known.or_else(|| scene.items_of(kind).find(named)).map(|item| item.to_string())
        }
        FieldKind::Date => crate::import::day(words).map(|day| day.to_string()),
        _ => {
            field.read(words)?;
            return Ok(words.to_owned());
        }
    };
    found.ok_or_else(|| match field.kind {
        FieldKind::Choice => {
            let names = field.choices.iter().map(|[id, ..]| choice_name(field, id, Lang::Hans));
            format!("“{words}”不在选项中，可填：{}", names.collect::<Vec<_>>().join("、"))
        }
        FieldKind::YesNo => "请填是或否".to_owned(),
        FieldKind::Unit => {
            let near = scene.space.near(words);
            let near = if near.is_empty() {
                String::new()
            } else {
                format!("，相近的有：{}", near.join("、"))
            };
            format!("没有这个单位：{words}{near}")
        }
        FieldKind::Item => format!("没有这一条：{words}"),
        _ => format!("“{words}”不是日期，如 2025-06-30 或 2025年6月30日"),
    })
}

/// The parts of a template's name for a word of the screens.
#[must_use]
pub(super) fn name_of(word: Word) -> Name {
    Name([Lang::Hans, Lang::Hant, Lang::English].map(|language| word.text(language).to_owned()))
}
