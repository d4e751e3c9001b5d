//! The eight kinds of rule (domain.md, b.2), one file each: pure functions over a board as it is
//! folded, each of which says what made it.
//!
//! A rule is data of a template. [`Scene`] is what it looks at: the board with its entries on a
//! day. [`findings`] evaluates every rule on everything it speaks of; a [`Finding`] carries the
//! verdict and the values, entries and items behind it, and tells them in a sentence.

mod aggregate;
mod all_of;
mod cap;
mod choose_one;
mod compare;
mod condition;
mod deadline;
mod derive;
mod feed;
mod living;
mod looks;
mod pairs;
mod require;
mod scene;
mod sentence;

pub use aggregate::{Aggregate, Function};
pub use all_of::{AllOf, Over};
pub use cap::Cap;
pub use choose_one::ChooseOne;
pub use compare::Compare;
pub use condition::Condition;
pub(crate) use condition::OPERATORS;
pub use deadline::{Deadline, Due};
pub use derive::Derive;
pub use feed::{Feeder, Source, adds_up, fed, feeders};
pub use living::Living;
pub use looks::Looks;
pub use require::{Require, missing};
pub use scene::{Folded, Scene};

use crate::fold::Lamp;
use crate::id::{EntryId, ItemId};
use crate::template::Name;
use serde::Deserialize;

/// A rule of a template.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rule {
    Deadline(Deadline),
    Compare(Compare),
    Cap(Cap),
    Require(Require),
    ChooseOne(ChooseOne),
    Derive(Derive),
    AllOf(AllOf),
    Aggregate(Aggregate),
}

/// The verdict of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Nothing to say: a value is missing.
    NoData,
    /// It holds, or it does not.
    Holds(bool),
    /// Something is due; days are negative when it is late.
    Due {
        on: jiff::civil::Date,
        days: i64,
        lamp: Lamp,
    },
    /// So many of so many; groups that are over their cap have more of than they may.
    Of {
        part: usize,
        whole: usize,
    },
    Number(f64),
    /// By group: a section, a unit, a value of a field.
    Groups(Vec<(String, f64)>),
    /// Place, group, value; equal values share a place.
    Ranks(Vec<(usize, String, f64)>),
    Word(String),
    /// Which of several apply, and the one that was chosen.
    Choice {
        matching: Vec<ItemId>,
        chosen: Option<ItemId>,
    },
}

/// The reasons of a verdict.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Because {
    /// Names of fields or facts, with the values that were looked at, as printed.
    pub values: Vec<(String, String)>,
    pub entries: Vec<EntryId>,
    pub items: Vec<ItemId>,
}

/// A rule applied to an item, or to the board as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub rule: String,
    pub item: Option<ItemId>,
    pub verdict: Verdict,
    pub because: Because,
}

impl Finding {
    /// Whether there is anything to tell: a register has a dozen counters, most of them empty.
    #[must_use]
    pub fn says_something(&self) -> bool {
        match &self.verdict {
            Verdict::NoData | Verdict::Of { whole: 0, .. } => false,
            Verdict::Groups(groups) => !groups.is_empty(),
            Verdict::Ranks(ranks) => !ranks.is_empty(),
            _ => true,
        }
    }
}

impl Rule {
    /// Its id in the template.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Deadline(rule) => &rule.id,
            Self::Compare(rule) => &rule.id,
            Self::Cap(rule) => &rule.id,
            Self::Require(rule) => &rule.id,
            Self::ChooseOne(rule) => &rule.id,
            Self::Derive(rule) => &rule.id,
            Self::AllOf(rule) => &rule.id,
            Self::Aggregate(rule) => &rule.id,
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> &Name {
        match self {
            Self::Deadline(rule) => &rule.name,
            Self::Compare(rule) => &rule.name,
            Self::Cap(rule) => &rule.name,
            Self::Require(rule) => &rule.name,
            Self::ChooseOne(rule) => &rule.name,
            Self::Derive(rule) => &rule.name,
            Self::AllOf(rule) => &rule.name,
            Self::Aggregate(rule) => &rule.name,
        }
    }

    /// The item type it is applied to, one by one; none for a rule on the whole board.
    #[must_use]
    pub fn on(&self) -> Option<&str> {
        match self {
            Self::Deadline(rule) => Some(&rule.on),
            Self::Compare(rule) => Some(&rule.on),
            Self::Cap(rule) => Some(&rule.on),
            Self::Require(rule) => Some(&rule.on),
            Self::ChooseOne(rule) => Some(&rule.on),
            Self::Derive(rule) => Some(&rule.on),
            Self::AllOf(rule) => Some(&rule.on),
            Self::Aggregate(rule) => rule.on.as_deref(),
        }
    }

    /// Whether it concerns an item of its type at all.
    fn applies(&self, scene: &Scene<'_>, item: ItemId) -> bool {
        let when = match self {
            Self::Deadline(rule) => &rule.when,
            Self::Compare(rule) => &rule.when,
            Self::Require(rule) => &rule.when,
            _ => return true,
        };
        when.iter().all(|condition| condition.holds(scene, item))
    }

    /// The rule's finding on an item, or on the board; nothing if it does not apply.
    #[must_use]
    pub fn find(&self, scene: &Scene<'_>, item: Option<ItemId>) -> Option<Finding> {
        scene.looks().add(1);
        if item.is_some_and(|item| !self.applies(scene, item)) {
            return None;
        }
        let (verdict, because) = match (self, item) {
            (Self::Deadline(rule), Some(item)) => rule.look(scene, item),
            (Self::Compare(rule), Some(item)) => rule.look(scene, item),
            (Self::Cap(rule), Some(item)) => rule.look(scene, item),
            (Self::Require(rule), Some(item)) => rule.look(scene, item),
            (Self::ChooseOne(rule), Some(item)) => rule.look(scene, item),
            (Self::Derive(rule), Some(item)) => rule.look(scene, item),
            (Self::AllOf(rule), Some(item)) => rule.look(scene, item),
            (Self::Aggregate(rule), item) => rule.look(scene, item),
            (_, None) => return None,
        };
        Some(Finding { rule: self.id().to_owned(), item, verdict, because })
    }

    /// Whether it applies to an item and holds, or its whole is complete. No reasons are made for it.
    pub(crate) fn holds(&self, scene: &Scene<'_>, item: ItemId) -> bool {
        if let Self::AllOf(rule) = self
            && let Some(answered) = rule.is_answered(scene, item)
        {
            return answered;
        }
        self.find(scene, Some(item)).is_some_and(|found| match found.verdict {
            Verdict::Of { part, whole } => whole > 0 && part == whole,
            verdict => verdict == Verdict::Holds(true),
        })
    }
}

/// Everything that the rules of a board's template say, in the order of the template.
#[must_use]
pub fn findings(scene: &Scene<'_>) -> Vec<Finding> {
    let of = |rule: &Rule| match rule.on() {
        None => rule.find(scene, None).into_iter().collect::<Vec<_>>(),
        Some(kind) => scene.items_of(kind).filter_map(|item| rule.find(scene, Some(item))).collect(),
    };
    scene.template.rules.iter().flat_map(of).collect()
}

/// The part of it that is about one item, or about the board as a whole: no other item is asked about.
#[must_use]
pub fn findings_on(scene: &Scene<'_>, item: Option<ItemId>) -> Vec<Finding> {
    let kind = item.and_then(|item| scene.item_type(item)).map(|kind| kind.id.as_str());
    let is_asked =
        |rule: &&Rule| rule.on().is_some() == item.is_some() && (item.is_none() || rule.on() == kind);
    scene.template.rules.iter().filter(is_asked).filter_map(|rule| rule.find(scene, item)).collect()
}
