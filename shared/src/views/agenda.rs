//! 时间轴 and 日程: what has a day, by item and by day.

use super::light::Light;
use crate::fold::{Day, ItemStanding, Lamp};
use crate::id::ItemId;
use crate::rule::{Due, Rule, Scene, Verdict};
use crate::template::{FieldKind, Value};
use crate::words::{Lang, Word};
use jiff::civil::Date;

/// The meaning of a day for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PointKind {
    /// Something is due.
    Deadline,
    /// 时间节点
    Milestone,
    /// A date in a field: a visit, a session, a signature.
    Day,
}

/// An item's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub item: ItemId,
    pub on: Date,
    pub kind: PointKind,
    /// The name of the deadline, milestone or field.
    pub name: String,
    /// The light of deadlines and milestones.
    pub light: Option<Light>,
}

/// Items with their days, between the first day and the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    pub from: Date,
    pub to: Date,
    pub today: Date,
    pub rows: Vec<TimelineRow>,
    /// Items without any day.
    pub undated: usize,
}

/// An item and its days in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    pub item: ItemId,
    pub number: String,
    pub title: String,
    pub points: Vec<Point>,
}

/// The days of an item, in their order.
fn points(scene: &Scene<'_>, id: ItemId, language: Lang) -> Vec<Point> {
    let (Some(item), Some(kind)) = (scene.item(id), scene.item_type(id)) else { return Vec::new() };
    let mut all = Vec::new();
    let mut told: Vec<String> = Vec::new();
    for rule in &scene.template.rules {
        let Rule::Deadline(deadline) = rule else { continue };
        if deadline.on != kind.id {
            continue;
        }
        let Some(Verdict::Due { on, lamp, .. }) = rule.find(scene, Some(id)).map(|found| found.verdict)
        else {
            continue;
        };
        if let Due::Field(field) = &deadline.due {
            told.push(field.clone());
        }
        let name = deadline.name.get(language).to_owned();
        all.push(Point { item: id, on, kind: PointKind::Deadline, name, light: Some(light(lamp)) });
    }
    if let Some(on) = item.deadline.parse().ok().filter(|_| !told.iter().any(|field| field == "deadline")) {
        let day = scene.today.to_string();
        let lamp = crate::fold::lamp(&item.deadline, scene.is_ended(id), Day::of(scene.board, &day));
        let name = Word::Deadline.text(language).to_owned();
        all.push(Point { item: id, on, kind: PointKind::Deadline, name, light: Some(light(lamp)) });
    }
    for milestone in item.milestones.values() {
        let Ok(on) = milestone.due.parse() else { continue };
        let day = scene.today.to_string();
        let lamp = crate::fold::lamp(&milestone.due, milestone.done.is_some(), Day::of(scene.board, &day));
        let name = milestone.title.clone();
        all.push(Point { item: id, on, kind: PointKind::Milestone, name, light: Some(light(lamp)) });
    }
    let dates = kind.fields.iter().filter(|field| field.kind == FieldKind::Date && !told.contains(&field.id));
    for field in dates {
        if let Some(Value::Date(on)) = scene.value(id, &field.id) {
            let name = field.name.get(language).to_owned();
            all.push(Point { item: id, on, kind: PointKind::Day, name, light: None });
        }
    }
    all.sort_by(|one, other| (one.on, one.kind, &one.name).cmp(&(other.on, other.kind, &other.name)));
    all
}

const fn light(lamp: Lamp) -> Light {
    match lamp {
        Lamp::Overdue => Light::Overdue,
        Lamp::DueSoon => Light::DueSoon,
        Lamp::PastPlan | Lamp::OnTrack | Lamp::NoDate => Light::Going,
        Lamp::Done => Light::Done,
    }
}

/// Every item in use that has a day, in the order of the board. The period reaches from the first
/// day to the last, today within it.
#[must_use]
pub fn timeline(scene: &Scene<'_>, language: Lang) -> Timeline {
    let mut undated = 0;
    let mut rows = Vec::new();
    for id in scene.board.item_order() {
        let Some(item) = scene.item(id) else { continue };
        if scene.standing(id).is_some_and(ItemStanding::is_gone) {
            continue;
        }
        let points = points(scene, id, language);
        if points.is_empty() {
            undated += 1;
            continue;
        }
        rows.push(TimelineRow {
            item: id,
            number: item.number.clone(),
            title: scene.title(id).to_owned(),
            points,
        });
    }
    let days = || rows.iter().flat_map(|row| &row.points).map(|point| point.on);
    let from = days().min().map_or(scene.today, |day| day.min(scene.today));
    let to = days().max().map_or(scene.today, |day| day.max(scene.today));
    Timeline { from, to, today: scene.today, rows, undated }
}

/// Points by day, the earliest first.
#[must_use]
pub fn agenda(scene: &Scene<'_>, language: Lang) -> Vec<(Date, Vec<(Point, String)>)> {
    let mut all: Vec<(Point, String)> = Vec::new();
    for row in timeline(scene, language).rows {
        all.extend(row.points.into_iter().map(|point| (point, row.title.clone())));
    }
    all.sort_by_key(|(point, _)| (point.on, point.kind));
    let mut days: Vec<(Date, Vec<(Point, String)>)> = Vec::new();
    for (point, title) in all {
        match days.last_mut() {
            Some((day, of_day)) if *day == point.on => of_day.push((point, title)),
            _ => days.push((point.on, vec![(point, title)])),
        }
    }
    days
}
