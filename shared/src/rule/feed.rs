//! Numbers that a rule of one board gives to an indicator of another, or of the same: a roster of
//! teachers feeds an education target (S11 to S17), campaigns feed the campaign that they are part
//! of (S96).

use super::{Function, Rule, Scene, Verdict};
use crate::id::{BoardId, IndicatorId};
use crate::model::Feed;
use crate::template::{FieldKind, Money};
use std::collections::{BTreeMap, HashMap};

/// The value of one board of a feed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source {
    /// The board is not at hand, may not be seen, has no such rule, or the rule's amount does not
    /// fit the target.
    Unknown,
    /// Its number; none while its rule has nothing to say.
    Says(Option<f64>),
}

impl Source {
    /// Both together; unknown while one of them is, for a sum that lacks a part would be believed.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Says(one), Self::Says(other)) => {
                Self::Says(other.map(|other| one.unwrap_or(0.0) + other).or(one))
            }
            _ => Self::Unknown,
        }
    }
}

/// The rules of one board as feeds ask for them: each is worked out once, however many indicators it fills.
pub struct Feeder<'a> {
    scene: &'a Scene<'a>,
    rules: HashMap<&'a str, &'a Rule>,
    found: HashMap<&'a str, Given>,
}

/// The result of a rule for feeds.
struct Given {
    sum: Option<f64>,
    groups: HashMap<String, f64>,
    is_grouped: bool,
}

impl<'a> Feeder<'a> {
    /// The rules of the board of a scene.
    #[must_use]
    pub fn new(scene: &'a Scene<'a>) -> Self {
        let mut rules = HashMap::new();
        for rule in feeders(scene) {
            rules.entry(rule.id()).or_insert(rule);
        }
        Self { scene, rules, found: HashMap::new() }
    }

    /// The number that a feed brings of this board in the unit of a target (money for 元, 万元, 亿元
    /// only). Groups are summed unless the feed names one; a part of a whole is a share in percent.
    pub fn gives(&mut self, feed: &Feed, unit: &str) -> Source {
        let Some(&rule) = self.rules.get(feed.rule.as_str()) else { return Source::Unknown };
        if !feed.also.is_empty() && !adds_up(rule) {
            return Source::Unknown;
        }
        let scale = if is_money(self.scene, rule) {
            Money::parse(&format!("1{unit}")).map(|one| one.yuan)
        } else {
            Some(1.0)
        };
        let Some(scale) = scale else { return Source::Unknown };
        let given = self.found.entry(rule.id()).or_insert_with(|| Given::of(self.scene, rule));
        let number = match feed.group.as_deref().filter(|_| given.is_grouped) {
            Some(group) => given.groups.get(group).copied(),
            None => given.sum,
        };
        Source::Says(number.map(|number| number / scale))
    }
}

impl Given {
    #[allow(clippy::cast_precision_loss, reason = "counts of items")]
    fn of(scene: &Scene<'_>, rule: &Rule) -> Self {
        let mut given = Self { sum: None, groups: HashMap::new(), is_grouped: false };
        match rule.find(scene, None).map(|found| found.verdict) {
            Some(Verdict::Number(number)) => given.sum = Some(number),
            Some(Verdict::Groups(groups)) => {
                given.is_grouped = true;
                given.sum = groups.iter().map(|(_, number)| *number).reduce(|sum, number| sum + number);
                for (name, number) in groups {
                    *given.groups.entry(name).or_default() += number;
                }
            }
            Some(Verdict::Of { part, whole }) if whole > 0 => {
                given.sum = Some(part as f64 / whole as f64 * 100.0);
            }
            _ => {}
        }
        given
    }
}

/// The numbers that rules of this and other boards bring to indicators of a board, in the unit of each target.
/// `look` shows a board's scene, and shows none of a board that is not at hand or may not be seen.
pub fn fed<'i>(
    own: BoardId,
    indicators: impl IntoIterator<Item = (IndicatorId, &'i Feed, &'i str)>,
    mut look: impl FnMut(BoardId, &mut dyn FnMut(&Scene<'_>)),
) -> BTreeMap<IndicatorId, f64> {
    let mut asked: BTreeMap<BoardId, Vec<(IndicatorId, &Feed, &str)>> = BTreeMap::new();
    let mut sums: BTreeMap<IndicatorId, Source> = BTreeMap::new();
    for (id, feed, unit) in indicators {
        sums.insert(id, Source::Says(None));
        for source in feed.boards(own) {
            asked.entry(source).or_default().push((id, feed, unit));
        }
    }
    for (source, feeds) in asked {
        let mut given = vec![Source::Unknown; feeds.len()];
        look(source, &mut |scene| {
            let mut feeder = Feeder::new(scene);
            // A template may have a thousand rules, each of which looks at every item.
            let gives = feeds.iter().take_while(|_| !scene.looks().are_used_up());
            for (given, (_, feed, unit)) in given.iter_mut().zip(gives) {
                *given = feeder.gives(feed, unit);
            }
        });
        for ((id, ..), one) in feeds.iter().zip(given) {
            let sum = sums.entry(*id).or_insert(Source::Unknown);
            *sum = sum.and(one);
        }
    }
    let known = |(id, sum)| if let Source::Says(Some(number)) = sum { Some((id, number)) } else { None };
    sums.into_iter().filter_map(known).collect()
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

#[cfg(test)]
mod tests;
