//! Numbers to be reached, and what fills them.

use super::Conflict;
use crate::entry::Reach;
use crate::id::{BoardId, ItemId};
use crate::import::{Cadence, IndicatorKind, Operator};
use crate::register::Chosen;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A number to be reached.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Indicator {
    pub name: String,
    pub kind: IndicatorKind,
    pub scope: String,
    pub quote: String,
    pub item: Option<ItemId>,
    pub target: Target,
    /// Targets that were written at the same time; the former one stays in force (conflict 8).
    pub rivals: Vec<Target>,
    /// The same with who wrote each, and what stood there before.
    pub conflict: Option<Conflict>,
    /// The clash of targets that was settled.
    pub chosen: Option<Chosen>,
    /// How values of several units combine.
    pub combine: Combine,
    /// The reach of reported numbers; none where each report says it.
    pub reach: Option<Reach>,
    /// The rule whose number it shows instead of reported values.
    pub fed_by: Option<Feed>,
}

/// A rule of a board that gives an indicator its number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Feed {
    /// The board of the rule; none for the indicator's own.
    pub board: Option<BoardId>,
    pub rule: String,
    /// One group of the rule; none for all.
    pub group: Option<String>,
    /// Further boards that have the rule: their numbers are added (a campaign of campaigns, S96).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub also: BTreeSet<BoardId>,
}

impl Feed {
    /// Its boards, each once, however often it is named.
    #[must_use]
    pub fn boards(&self, own: BoardId) -> BTreeSet<BoardId> {
        self.also.iter().copied().chain([self.board.unwrap_or(own)]).collect()
    }
}

/// A target is one value: operator, numbers and year never mix (b.3).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Target {
    pub op: Operator,
    pub value: f64,
    pub value2: Option<f64>,
    pub unit: String,
    pub year: Option<i32>,
    pub cadence: Option<Cadence>,
}

/// How the values of several units make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combine {
    #[default]
    Sum,
    /// Means and ratios are never summed (S15).
    Mean,
    Latest,
}
