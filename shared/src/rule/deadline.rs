//! `deadline`: fixed, every year, or so many days after a date or an entry.

use super::{Because, Condition, Scene, Verdict};
use crate::fold::{Day, lamp};
use crate::id::ItemId;
use crate::model::Space;
use crate::template::{EntryWord, Name};
use serde::Deserialize;

/// When something falls due.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    pub id: String,
    pub name: Name,
    pub on: String,
    #[serde(default)]
    pub when: Vec<Condition>,
    pub due: Due,
    /// It is done when one of these holds; without any, when the item has ended.
    #[serde(default)]
    pub done: Vec<Condition>,
}

/// The day that something is due.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// The date in a field.
    Field(String),
    /// `MM-DD` of the present year.
    Yearly(String),
    /// So many days after the date in a field.
    After(String, i64),
    /// So many days after the first entry of a kind.
    AfterEntry(EntryWord, i64),
    /// The latest date that an entry on the item promises.
    Promised,
}

impl Deadline {
    pub(super) fn look(&self, scene: &Scene<'_>, item: ItemId) -> (Verdict, Because) {
        let mut because = Because::default();
        let after = |date: jiff::civil::Date, days: i64| {
            date.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
        };
        let on = match &self.due {
            Due::Field(field) => {
                because.values.push((scene.field_name(item, field), scene.words(item, field).to_owned()));
                scene.date(item, field)
            }
            Due::Yearly(day) => format!("{:04}-{day}", scene.today.year()).parse().ok(),
            Due::After(field, days) => {
                because.values.push((scene.field_name(item, field), scene.words(item, field).to_owned()));
                scene.date(item, field).and_then(|date| after(date, *days))
            }
            Due::AfterEntry(kind, days) => {
                let first = scene.about(item).into_iter().find(|entry| entry.kind == kind.0);
                because.entries.extend(first.map(|entry| entry.id));
                first.and_then(|entry| day_of(scene.space, entry.said)).and_then(|date| after(date, *days))
            }
            Due::Promised => {
                let last = scene.about(item).into_iter().rev().find(|entry| entry.due.is_some());
                because.entries.extend(last.map(|entry| entry.id));
                last.and_then(|entry| entry.due.as_deref()?.parse().ok())
            }
        };
        let Some(on) = on else { return (Verdict::NoData, because) };
        let done = if self.done.is_empty() {
            scene.is_ended(item)
        } else {
            self.done.iter().any(|condition| condition.holds(scene, item))
        };
        let days = on.since(scene.today).map_or(0, |span| i64::from(span.get_days()));
        let lamp = lamp(&on.to_string(), done, Day::of(scene.board, &scene.today.to_string()));
        (Verdict::Due { on, days, lamp }, because)
    }
}

/// The day of a moment in milliseconds since 1970, by the clock of the space.
pub(crate) fn day_of(space: &Space, milliseconds: i64) -> Option<jiff::civil::Date> {
    space.zone().clock(milliseconds).map(|clock| clock.date())
}
