//! 排名: places by the rank rules of a template, with the movement since the round before (S51).

use crate::rule::{Aggregate, Function, Rule, Scene};
use crate::words::Lang;

/// A ranking in one round.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    pub rule: String,
    pub name: String,
    /// The newest round; none where a rule knows no rounds.
    pub round: Option<String>,
    pub before: Option<String>,
    pub places: Vec<Place>,
}

/// One place; equal values share it.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub place: usize,
    pub name: String,
    pub value: f64,
    /// Places won since the round before, negative when lost; none for who was not there.
    pub moved: Option<i64>,
}

/// Every ranking that a board's template has.
#[must_use]
pub fn rankings(scene: &Scene<'_>, language: Lang) -> Vec<Ranking> {
    let rank = |rule: &Rule| match rule {
        Rule::Aggregate(rule) if rule.function == Function::Rank => Some(one(scene, rule, language)),
        _ => None,
    };
    scene.template.rules.iter().filter_map(rank).collect()
}

fn one(scene: &Scene<'_>, rule: &Aggregate, language: Lang) -> Ranking {
    let mut rounds = rule.rounds(scene);
    let round = rounds.pop();
    let before = rounds.pop();
    let earlier = before.as_deref().map(|before| rule.ranks(scene, Some(before))).unwrap_or_default();
    let place = |(place, name, value): (usize, String, f64)| {
        let was = earlier.iter().find(|(_, known, _)| *known == name).map(|(was, ..)| *was);
        let moved = was.map(|was| was.cast_signed() as i64 - place.cast_signed() as i64);
        Place { place, name, value, moved }
    };
    let places = rule.ranks(scene, round.as_deref()).into_iter().map(place).collect();
    Ranking { rule: rule.id.clone(), name: rule.name.get(language).to_owned(), round, before, places }
}
