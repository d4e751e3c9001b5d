//! The public page of a board: a fixed projection without history, without persons' names, without anything
//! that was not approved for it (domain.md, part f).

mod compare;
mod projects;
mod signed;

pub use compare::{Beginning, Difference, Place, differences, sensitive};
pub use projects::{Project, ProjectBoard, Projects, Said, Step, projects_of};
pub use signed::SignedEdition;

use crate::fold::{self, Lamp, PartState, Standing};
use crate::id::{BoardId, IndicatorId, ItemId, UnitId};
use crate::import::{Cadence, IndicatorKind, Operator, Role};
use crate::limits::WORD_SHOWN;
use crate::model::{Board, Item, Target};
use crate::rule::Scene;
use crate::template::{Field, FieldKind, ItemType, Template};
use crate::text::shown;
use crate::words::Lang;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Items below each other are shown no deeper than this.
const DEEPEST: usize = 6;

/// Words that are said again with each item, as names of units and of a template, by their beginning.
fn begun(words: &str) -> String {
    shown(words, WORD_SHOWN, Lang::Hans).into_owned()
}

/// One edition of a board.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    pub board: BoardId,
    pub title: String,
    pub space: String,
    pub edition: u32,
    /// ISO date of the snapshot.
    pub date: String,
    pub period: Option<(i64, i64)>,
    pub source_title: String,
    pub source_number: String,
    pub issuer: String,
    pub goal: String,
    pub sections: Vec<PublicSection>,
    pub indicators: Vec<PublicIndicator>,
}

impl Publication {
    /// Whether another edition says the same, whatever its number and its date.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let said = |of: &Self| Self { edition: 0, date: String::new(), ..of.clone() };
        said(self) == said(other)
    }
}

/// A section with its measures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicSection {
    pub number: String,
    pub title: String,
    pub items: Vec<PublicItem>,
}

/// A measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicItem {
    /// None in editions that did not name it.
    #[serde(default)]
    pub id: Option<ItemId>,
    /// The name of its type; empty in editions that knew measures only.
    #[serde(default)]
    pub kind: String,
    pub number: String,
    pub title: String,
    pub text: String,
    pub state: PublicState,
    /// The name of its state in its template; none where units close their parts.
    #[serde(default)]
    pub own_state: Option<String>,
    /// Nothing is due any more.
    #[serde(default)]
    pub ended: bool,
    /// Names and words of the fields that its template makes public.
    #[serde(default)]
    pub fields: Vec<(String, String)>,
    pub lamp: PublicLamp,
    pub deadline: String,
    pub units: Vec<PublicUnit>,
    pub closed: usize,
    /// Parts that are neither closed nor untouched; none in editions that did not count them.
    #[serde(default)]
    pub begun: Option<usize>,
    pub parts: usize,
    /// Depth below its section, from 0.
    pub depth: usize,
}

impl PublicItem {
    /// The bytes of its words.
    fn bytes(&self) -> usize {
        let own = [&self.kind, &self.number, &self.title, &self.text, &self.deadline].map(String::len);
        let units = self.units.iter().map(|unit| unit.name.len());
        let fields = self.fields.iter().map(|(name, words)| name.len() + words.len());
        let state = self.own_state.as_ref().map_or(0, String::len);
        own.into_iter().chain(units).chain(fields).sum::<usize>() + state
    }
}

/// A unit as the document names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicUnit {
    pub name: String,
    pub role: Role,
}

/// State of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicState {
    NotStarted,
    InProgress,
    Asked,
    Returned,
    Closed,
}

/// Lamp of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicLamp {
    Overdue,
    DueSoon,
    PastPlan,
    OnTrack,
    NoDate,
    Done,
}

/// An indicator with its target and what was reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicIndicator {
    /// None in editions that did not name it.
    #[serde(default)]
    pub id: Option<IndicatorId>,
    pub name: String,
    pub scope: String,
    pub kind: IndicatorKind,
    pub target: String,
    pub year: Option<i32>,
    pub unit: String,
    pub reported: Option<f64>,
    /// The year of what was reported, where the target names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_year: Option<i32>,
    pub standing: PublicStanding,
    /// The missing amount, in the unit.
    pub gap: Option<f64>,
    /// Reported over target, in percent, for the bar.
    pub percent: Option<u32>,
    pub quote: String,
}

/// The standing of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicStanding {
    NoData,
    Met,
    AboveRange,
    Short,
    Waiting,
    /// A starting value; nothing to reach.
    Baseline,
}

/// A target in words: `超过 10 亿元`, `50—60 人`.
#[must_use]
pub fn target_words(target: &Target) -> String {
    let number = |value: f64| crate::publication::number_words(value);
    let value = match (target.op, target.value2) {
        (Operator::Between, Some(upper)) => format!("{}—{}", number(target.value), number(upper)),
        _ => number(target.value),
    };
    let op = match target.op {
        Operator::AtLeast => "不少于 ",
        Operator::MoreThan => "超过 ",
        Operator::AtMost => "不超过 ",
        Operator::LessThan => "低于 ",
        Operator::Equal | Operator::Between => "",
    };
    let time = match (target.cadence, target.year) {
        (Some(Cadence::Annual), _) => "每年 ".to_owned(),
        (Some(Cadence::By), Some(year)) => format!("到 {year} 年 "),
        (_, Some(year)) => format!("{year} 年 "),
        _ => String::new(),
    };
    format!("{time}{op}{value} {}", target.unit)
}

/// The number reported, with its year where the target names none: `71 %（2027 年）`.
#[must_use]
pub fn reported_words(number: f64, unit: &str, year: Option<i32>) -> String {
    let year = year.map(|year| format!("（{year} 年）")).unwrap_or_default();
    format!("{} {unit}", number_words(number)).trim_end().to_owned() + &year
}

/// A number without a tail of zeros.
#[must_use]
pub fn number_words(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Projects a board as it stands on the day of the scene. `fed` are the numbers of indicators that
/// rules of other boards fill. None when its items have more than `most` bytes of words: names of the template
/// and titles that fields name stand in it with each item, so that it may be many times what the board holds.
#[must_use]
pub fn project(
    scene: &Scene<'_>,
    (id, edition): (BoardId, u32),
    fed: &BTreeMap<IndicatorId, f64>,
    most: usize,
) -> Option<Publication> {
    let board = scene.board;
    let mut by_section = board.items_by_section();
    let mut left = most;
    let mut sections = Vec::new();
    for section in board.section_order() {
        let mut items = Vec::new();
        for id in by_section.remove(&section).unwrap_or_default() {
            let Some(item) = public_item(scene, id) else { continue };
            left = left.checked_sub(item.bytes())?;
            items.push(item);
        }
        let about = &board.sections[&section];
        let section = PublicSection { number: about.number.clone(), title: about.title.clone(), items };
        sections.extend(Some(section).filter(|section| !section.items.is_empty()));
    }
    Some(Publication {
        board: id,
        title: board.title.clone(),
        space: scene.space.name.clone(),
        edition,
        date: scene.today.to_string(),
        period: board.period,
        source_title: board.source.title.clone(),
        source_number: board.source.number.clone(),
        issuer: board.source.issuer.clone(),
        goal: board.goal.clone(),
        sections,
        indicators: indicators(scene, fed),
    })
}

/// The bytes of the words of a board that an edition says again with each item, about: names of its template, and
/// titles that fields name.
#[must_use]
pub fn repeated(board: &Board, template: &Template) -> usize {
    let shown = |words: &str| words.len().min(4 * WORD_SHOWN);
    let longest: BTreeMap<&str, usize> = template
        .items
        .iter()
        .map(|kind| (&*kind.id, kind.states.iter().map(|state| shown(state.name.get(Lang::Hans))).max()))
        .map(|(kind, longest)| (kind, longest.unwrap_or_default()))
        .collect();
    let of_field = |field: &Field, stored: &String| {
        let said = match field.kind {
            FieldKind::Choice => shown(crate::views::choice_name(field, stored, Lang::Hans)),
            FieldKind::Item => {
                let named = stored.parse().ok().and_then(|item: ItemId| board.items.get(&item));
                named.map_or(0, |item| shown(&item.title))
            }
            _ => 0,
        };
        shown(field.name.get(Lang::Hans)) + said
    };
    let of_item = |item: &Item| {
        let Some(kind) = template.item_type(&item.kind) else { return 0 };
        let public = kind.fields.iter().filter(|field| field.public);
        let fields = public.filter_map(|field| Some(of_field(field, item.fields.get(&field.id)?)));
        let state = longest.get(&*kind.id).copied().unwrap_or_default();
        shown(kind.name.get(Lang::Hans)) + state + fields.sum::<usize>()
    };
    board.items.values().map(of_item).sum()
}

/// Whether the public may see an item: it is in use, of a type that is a measure or has a public
/// field, and no draft where its type tells drafts apart. Sheets of attendees, seats and papers
/// have no public field.
fn is_public(scene: &Scene<'_>, id: ItemId) -> bool {
    let Some((kind, standing)) = scene.item_type(id).zip(scene.standing(id)) else { return false };
    let drafts = kind.states.iter().any(|state| state.public);
    let released = kind.state(&standing.state).is_some_and(|state| state.public);
    !standing.retired && (kind.parts || kind.fields.iter().any(|field| field.public)) && (!drafts || released)
}

fn public_item(scene: &Scene<'_>, id: ItemId) -> Option<PublicItem> {
    let (item, kind) = (scene.item(id)?, scene.item_type(id)?);
    let above = std::iter::successors(item.parent, |id| scene.item(*id).and_then(|item| item.parent));
    let above: Vec<ItemId> = above.take(DEEPEST + 1).collect();
    if above.len() > DEEPEST || !std::iter::once(&id).chain(&above).all(|id| is_public(scene, *id)) {
        return None;
    }
    Some(shown_item(scene, (id, item, kind), above.len(), |_| true))
}

/// An item as it is shown outside its board: without names of persons, with those units only that
/// may be named.
fn shown_item(
    scene: &Scene<'_>,
    (id, item, kind): (ItemId, &Item, &ItemType),
    depth: usize,
    names: impl Fn(UnitId) -> bool,
) -> PublicItem {
    let today = scene.today.to_string();
    let day = fold::Day::of(scene.board, &today);
    let state = scene.state(id);
    let (closed, parts) = if kind.parts { state.closed() } else { (0, 0) };
    let waits = state.parts.values().filter(|part| part.state == PartState::NotStarted).count();
    let named = item.assignments.iter().filter(|(unit, one)| one.removal.is_none() && names(**unit));
    // The unit that leads stands first, and all in the order of every list.
    let mut units: Vec<PublicUnit> = crate::dictionary::in_order(scene.space, named.map(|(unit, _)| *unit))
        .into_iter()
        .map(|(unit, name)| PublicUnit { name: begun(&name), role: item.assignments[&unit].role })
        .collect();
    units.sort_by_key(|unit| unit.role);
    let own = |standing: &fold::ItemStanding| {
        kind.state(&standing.state).map(|state| begun(state.name.get(Lang::Hans)))
    };
    let dateless = || fold::lamp("", false, day);
    let lamp = if scene.is_ended(id) { Lamp::Done } else { scene.lamp(id).unwrap_or_else(dateless) };
    // Names of persons are never public, whatever a template says.
    let shown = kind.fields.iter().filter(|field| field.public && field.kind != FieldKind::Person);
    let fields = shown.filter_map(|field| {
        let stored = item.fields.get(&field.id).filter(|stored| !stored.is_empty())?;
        let words = crate::views::shown_words(scene, field, stored, Lang::Hans);
        let named = matches!(field.kind, FieldKind::Choice | FieldKind::Unit | FieldKind::Item);
        Some((begun(field.name.get(Lang::Hans)), if named { begun(&words) } else { words.into_owned() }))
    });
    PublicItem {
        id: Some(id),
        kind: begun(kind.name.get(Lang::Hans)),
        number: item.number.clone(),
        title: item.title.clone(),
        // A measure's text is what was issued; other types show only the texts that the template names.
        text: if kind.parts { item.text.clone() } else { String::new() },
        state: match (kind.parts, scene.is_ended(id)) {
            (true, _) => public_state(state.whole()),
            (false, true) => PublicState::Closed,
            (false, false) => PublicState::InProgress,
        },
        own_state: if kind.parts { None } else { Some(scene.standing(id).and_then(own).unwrap_or_default()) },
        ended: scene.is_ended(id),
        fields: fields.collect(),
        lamp: public_lamp(lamp),
        deadline: item.deadline.clone(),
        units,
        closed,
        begun: Some(parts.saturating_sub(closed + waits)),
        parts,
        depth,
    }
}

const fn public_state(state: PartState) -> PublicState {
    match state {
        PartState::NotStarted => PublicState::NotStarted,
        PartState::InProgress => PublicState::InProgress,
        PartState::Asked => PublicState::Asked,
        PartState::Returned => PublicState::Returned,
        PartState::Closed => PublicState::Closed,
    }
}

const fn public_lamp(lamp: Lamp) -> PublicLamp {
    match lamp {
        Lamp::Overdue => PublicLamp::Overdue,
        Lamp::DueSoon => PublicLamp::DueSoon,
        Lamp::PastPlan => PublicLamp::PastPlan,
        Lamp::OnTrack => PublicLamp::OnTrack,
        Lamp::NoDate => PublicLamp::NoDate,
        Lamp::Done => PublicLamp::Done,
    }
}

fn indicators(scene: &Scene<'_>, fed: &BTreeMap<IndicatorId, f64>) -> Vec<PublicIndicator> {
    let mut indicators: Vec<PublicIndicator> = scene
        .board
        .indicators
        .iter()
        .map(|(id, indicator)| {
            let progress = fold::progress(&scene.entries.of_indicator(*id), indicator.reach);
            let (reported, unsaid, standing) = match &indicator.fed_by {
                Some(_) => {
                    let number = fed.get(id).copied();
                    (number, None, fold::standing_of_total(&indicator.target, number))
                }
                None => (
                    progress.total(indicator.target.year, indicator.combine),
                    progress.unsaid_year(&indicator.target, indicator.combine),
                    fold::standing(&indicator.target, &progress, indicator.combine),
                ),
            };
            let (public, gap) = match standing {
                _ if indicator.kind == IndicatorKind::Baseline => (PublicStanding::Baseline, None),
                Standing::NoData => (PublicStanding::NoData, None),
                Standing::Met => (PublicStanding::Met, None),
                Standing::AboveRange => (PublicStanding::AboveRange, None),
                Standing::Short(gap) => (PublicStanding::Short, Some(gap)),
                Standing::Waiting => (PublicStanding::Waiting, None),
            };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            let percent = reported
                .filter(|_| indicator.target.value > 0.0)
                .map(|reported| (reported / indicator.target.value * 100.0).clamp(0.0, 999.0) as u32);
            PublicIndicator {
                id: Some(*id),
                name: indicator.name.clone(),
                scope: indicator.scope.clone(),
                kind: indicator.kind,
                target: target_words(&indicator.target),
                year: indicator.target.year,
                unit: indicator.target.unit.clone(),
                reported,
                reported_year: unsaid,
                standing: public,
                gap,
                percent,
                quote: indicator.quote.clone(),
            }
        })
        .collect();
    indicators.sort_by(|one, other| {
        (one.year, &one.name, &one.target).cmp(&(other.year, &other.name, &other.target))
    });
    indicators
}

#[cfg(test)]
mod tests;
