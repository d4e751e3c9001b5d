//! Numbers that a rule of one board gives to an indicator of another, or of the same: a roster of
//! teachers feeds an education target (S11 to S17).

use super::{Because, Rule, Scene, Verdict};
use crate::model::Feed;

/// The number that a feed brings, with what made it; none while its rule has nothing to say.
/// Groups are summed unless the feed names one; a part of a whole is a share in percent.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of items")]
pub fn fed(scene: &Scene<'_>, feed: &Feed) -> Option<(f64, Because)> {
    let rule = scene.template.rules.iter().find(|rule| rule.id() == feed.rule && rule.on().is_none())?;
    let found = rule.find(scene, None)?;
    let wanted = |name: &str| feed.group.as_deref().is_none_or(|group| group == name);
    let number = match found.verdict {
        Verdict::Number(number) => number,
        Verdict::Groups(groups) => {
            groups.into_iter().filter(|(name, _)| wanted(name)).map(|(_, number)| number).sum()
        }
        Verdict::Of { part, whole } if whole > 0 => part as f64 / whole as f64 * 100.0,
        _ => return None,
    };
    Some((number, found.because))
}

/// The rules of a board that can feed an indicator.
pub fn feeders<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a Rule> {
    scene.template.rules.iter().filter(|rule| matches!(rule, Rule::Aggregate(one) if one.on.is_none()))
}
