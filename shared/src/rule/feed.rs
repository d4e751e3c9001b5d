//! Numbers that a rule of one board gives to an indicator of another, or of the same: a roster of
//! teachers feeds an education target (S11 to S17), campaigns feed the campaign that they are part
//! of (S96).

use super::{Function, Rule, Scene, Verdict};
use crate::id::BoardId;
use crate::model::Feed;
use crate::template::{FieldKind, Money};

/// The value of one board of a feed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source {
    /// The board is not at hand, may not be seen, has no such rule, or the rule's amount does not
    /// fit the target.
    Unknown,
    /// Its number; none while its rule has nothing to say.
    Says(Option<f64>),
}

/// The number that a feed brings of one board in the unit of a target (money for 元, 万元, 亿元
/// only). Groups are summed unless the feed names one; a part of a whole is a share in percent.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of items")]
pub fn fed(scene: &Scene<'_>, feed: &Feed, unit: &str) -> Source {
    let Some(rule) = feeders(scene).find(|rule| rule.id() == feed.rule) else { return Source::Unknown };
    if !feed.also.is_empty() && !adds_up(rule) {
        return Source::Unknown;
    }
    let scale =
        if is_money(scene, rule) { Money::parse(&format!("1{unit}")).map(|one| one.yuan) } else { Some(1.0) };
    let Some(scale) = scale else { return Source::Unknown };
    let wanted = |name: &str| feed.group.as_deref().is_none_or(|group| group == name);
    let number = match rule.find(scene, None).map(|found| found.verdict) {
        Some(Verdict::Number(number)) => Some(number),
        Some(Verdict::Groups(groups)) => {
            let numbers = groups.into_iter().filter(|(name, _)| wanted(name)).map(|(_, number)| number);
            numbers.reduce(|sum, number| sum + number)
        }
        Some(Verdict::Of { part, whole }) if whole > 0 => Some(part as f64 / whole as f64 * 100.0),
        _ => None,
    };
    Source::Says(number.map(|number| number / scale))
}

/// The number of all boards of a feed, each once; none while one of them is unknown, for a sum that
/// lacks a part would be believed.
pub fn fed_together(feed: &Feed, own: BoardId, mut of: impl FnMut(BoardId) -> Source) -> Option<f64> {
    let mut sum = None;
    for board in feed.boards(own) {
        match of(board) {
            Source::Unknown => return None,
            Source::Says(number) => sum = number.map(|one| sum.unwrap_or(0.0) + one).or(sum),
        }
    }
    sum
}

/// Whether results of several boards may be added: counts and sums, but no means and shares, and
/// nothing that tells apart (one person may stand in two registers).
#[must_use]
pub fn adds_up(rule: &Rule) -> bool {
    matches!(rule, Rule::Aggregate(one) if matches!(one.function, Function::Count | Function::Sum))
}

fn is_money(scene: &Scene<'_>, rule: &Rule) -> bool {
    let Rule::Aggregate(rule) = rule else { return false };
    let kind = rule.over.as_deref().and_then(|over| scene.template.item_type(over));
    let field = kind.zip(rule.field.as_deref()).and_then(|(kind, field)| kind.field(field));
    matches!(rule.function, Function::Sum | Function::Mean)
        && field.is_some_and(|field| field.kind == FieldKind::Money)
}

/// The rules of a board that can feed an indicator: their result is one number, or groups that may
/// be added up. Means and shares of groups may not (S15), nor counts by unit, where one item
/// stands in several groups.
pub fn feeders<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a Rule> {
    scene.template.rules.iter().filter(|rule| match rule {
        Rule::Aggregate(one) if one.on.is_none() => match (&one.group, one.function) {
            (None, function) => function != Function::Rank,
            (Some(group), Function::Count | Function::Sum) => group != "unit",
            _ => false,
        },
        _ => false,
    })
}
