//! Numbers that a rule of one board gives to an indicator of another, or of the same: a roster of
//! teachers feeds an education target (S11 to S17).

use super::{Because, Function, Rule, Scene, Verdict};
use crate::model::Feed;
use crate::template::{FieldKind, Money};

/// The number that a feed brings in the unit of a target, with what made it; none while its rule
/// has nothing to say, or its amount does not fit the unit (money for 元, 万元, 亿元 only). Groups
/// are summed unless the feed names one; a part of a whole is a share in percent.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of items")]
pub fn fed(scene: &Scene<'_>, feed: &Feed, unit: &str) -> Option<(f64, Because)> {
    let rule = feeders(scene).find(|rule| rule.id() == feed.rule)?;
    let found = rule.find(scene, None)?;
    let wanted = |name: &str| feed.group.as_deref().is_none_or(|group| group == name);
    let number = match found.verdict {
        Verdict::Number(number) => number,
        Verdict::Groups(groups) => {
            let numbers: Vec<f64> =
                groups.into_iter().filter(|(name, _)| wanted(name)).map(|(_, number)| number).collect();
            if numbers.is_empty() {
                return None;
            }
            numbers.iter().sum()
        }
        Verdict::Of { part, whole } if whole > 0 => part as f64 / whole as f64 * 100.0,
        _ => return None,
    };
    let scale = if is_money(scene, rule) { Money::parse(&format!("1{unit}"))?.yuan } else { 1.0 };
    Some((number / scale, found.because))
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
