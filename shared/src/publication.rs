//! What a public page shows of a board: a fixed projection without history, without persons'
//! names, without anything that was not approved for it (domain.md, part f).

use crate::fold::{self, Entries, Lamp, PartState, Retirement, Standing};
use crate::id::{BoardId, ItemId};
use crate::import::{Cadence, IndicatorKind, Operator, Role};
use crate::model::{Board, Space, Target};
use serde::{Deserialize, Serialize};

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
    pub number: String,
    pub title: String,
    pub text: String,
    pub state: PublicState,
    pub lamp: PublicLamp,
    pub deadline: String,
    pub units: Vec<PublicUnit>,
    pub closed: usize,
    pub parts: usize,
    /// Depth below its section, from 0.
    pub depth: usize,
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
    OnTrack,
    Done,
}

/// An indicator with its target and what was reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublicIndicator {
    pub name: String,
    pub scope: String,
    pub kind: IndicatorKind,
    pub target: String,
    pub year: Option<i32>,
    pub unit: String,
    pub reported: Option<f64>,
    pub standing: PublicStanding,
    /// What is missing, in the unit.
    pub gap: Option<f64>,
    /// Reported over target, in percent, for the bar.
    pub percent: Option<u32>,
    pub quote: String,
}

/// Where an indicator stands.
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

/// A number without a tail of zeros.
#[must_use]
pub fn number_words(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Projects a board as it stands on a day.
#[must_use]
pub fn project(
    space: &Space,
    id: BoardId,
    board: &Board,
    entries: &Entries,
    edition: u32,
    today: &str,
) -> Publication {
    let sections = board
        .section_order()
        .into_iter()
        .map(|section| {
            let mut items = Vec::new();
            for item in board.items_of(section) {
                public_items(space, board, entries, today, item, 0, &mut items);
            }
            let about = &board.sections[&section];
            PublicSection { number: about.number.clone(), title: about.title.clone(), items }
        })
        .filter(|section| !section.items.is_empty())
        .collect();
    Publication {
        board: id,
        title: board.title.clone(),
        space: space.name.clone(),
        edition,
        date: today.to_owned(),
        period: board.period,
        source_title: board.source.title.clone(),
        source_number: board.source.number.clone(),
        issuer: board.source.issuer.clone(),
        goal: board.goal.clone(),
        sections,
        indicators: indicators(board, entries),
    }
}

fn public_items(
    space: &Space,
    board: &Board,
    entries: &Entries,
    today: &str,
    id: ItemId,
    depth: usize,
    out: &mut Vec<PublicItem>,
) {
    let Some(item) = board.items.get(&id).filter(|_| depth < 6) else { return };
    let state = fold::item_state(space, id, item, entries, today);
    if state.retirement != Retirement::Active {
        return;
    }
    let (closed, parts) = state.closed();
    let named = item.assignments.iter().filter(|(_, assignment)| assignment.removal.is_none());
    out.push(PublicItem {
        number: item.number.clone(),
        title: item.title.clone(),
        text: item.text.clone(),
        state: public_state(state.whole()),
        lamp: public_lamp(state.lamp),
        deadline: item.deadline.clone(),
        units: named.map(|(unit, a)| PublicUnit { name: space.unit_name(*unit), role: a.role }).collect(),
        closed,
        parts,
        depth,
    });
    let mut children: Vec<(&str, ItemId)> = board
        .items
        .iter()
        .filter(|(_, child)| child.parent == Some(id))
        .map(|(child, item)| (item.rank.as_str(), *child))
        .collect();
    children.sort_unstable();
    for (_, child) in children {
        public_items(space, board, entries, today, child, depth + 1, out);
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
        Lamp::OnTrack => PublicLamp::OnTrack,
        Lamp::Done => PublicLamp::Done,
    }
}

fn indicators(board: &Board, entries: &Entries) -> Vec<PublicIndicator> {
    let mut indicators: Vec<PublicIndicator> = board
        .indicators
        .iter()
        .map(|(id, indicator)| {
            let progress = fold::progress(&entries.of_indicator(*id));
            let standing = fold::standing(&indicator.target, &progress, indicator.combine);
            let reported = progress.total(indicator.target.year, indicator.combine);
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
                name: indicator.name.clone(),
                scope: indicator.scope.clone(),
                kind: indicator.kind,
                target: target_words(&indicator.target),
                year: indicator.target.year,
                unit: indicator.target.unit.clone(),
                reported,
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
