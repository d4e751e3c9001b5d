//! Conditions: what a rule or an aggregate looks for in an item.

use super::Scene;
use crate::id::ItemId;
use crate::template::EntryWord;
use serde::Deserialize;

/// One condition on an item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// `[field, words]`
    Is([String; 2]),
    Filled(String),
    Empty(String),
    /// One of these states.
    State(Vec<String>),
    NotState(Vec<String>),
    /// A date field lies before today.
    Past(String),
    /// `[field, days]`: a date is so many days ago or longer.
    Older(String, i64),
    /// `[amount, operator, amount]`, an amount being a field or a number as printed.
    Compare([String; 3]),
    Entry(EntryWord),
    NoEntry(EntryWord),
}

impl Condition {
    /// Whether it holds; a missing value makes it fail.
    #[must_use]
    pub fn holds(&self, scene: &Scene<'_>, item: ItemId) -> bool {
        scene.looks().add(1);
        let state = || scene.standing(item).map_or("", |standing| standing.state.as_str());
        let has = |kind: &EntryWord| scene.about(item).iter().any(|entry| entry.kind == kind.0);
        match self {
            Self::Is([field, words]) => scene.words(item, field) == words,
            Self::Filled(field) => scene.value(item, field).is_some(),
            Self::Empty(field) => scene.value(item, field).is_none(),
            Self::State(states) => states.iter().any(|one| one == state()),
            Self::NotState(states) => !states.iter().any(|one| one == state()),
            Self::Past(field) => scene.date(item, field).is_some_and(|date| date < scene.today),
            Self::Older(field, days) => scene
                .date(item, field)
                .and_then(|date| scene.today.since(date).ok())
                .is_some_and(|span| i64::from(span.get_days()) >= *days),
            Self::Compare([left, op, right]) => {
                let numbers = scene.number(item, left).zip(scene.number(item, right));
                numbers.is_some_and(|(left, right)| compares(left, op, right))
            }
            Self::Entry(kind) => has(kind),
            Self::NoEntry(kind) => !has(kind),
        }
    }
}

/// Whether two numbers compare as an operator says; an unknown operator never holds, and a
/// template with one is refused.
#[must_use]
pub(crate) fn compares(left: f64, op: &str, right: f64) -> bool {
    match op {
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        "=" => (left - right).abs() < f64::EPSILON * left.abs().max(right.abs()).max(1.0),
        _ => false,
    }
}

/// The operators that [`compares`] knows.
pub(crate) const OPERATORS: [&str; 5] = ["<", "<=", ">", ">=", "="];
