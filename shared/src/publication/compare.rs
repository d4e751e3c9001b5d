//! Two editions of a board side by side.

use super::{PublicIndicator, PublicItem, Publication, begun, reported_words};
use crate::id::{IndicatorId, ItemId};
use crate::limits::{DIFFERENCES_SHOWN, PLACES_COUNTED, PLACES_SHOWN};
use crate::privacy::{self, Sensitive};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// The first of many, and how many others there are, of which nothing is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning<T> {
    pub shown: Vec<T>,
    pub more: usize,
}

impl<T> Beginning<T> {
    const fn new() -> Self {
        Self { shown: Vec::new(), more: 0 }
    }

    /// None of these there are.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are in all.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.shown.len() + self.more
    }

    fn add(&mut self, most: usize, one: impl FnOnce() -> T) {
        if self.shown.len() < most { self.shown.push(one()) } else { self.more += 1 }
    }
}

impl<T> Default for Beginning<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// One thing that differs between two editions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The subject of the difference by its beginning: the number and title of an item, the name of an indicator.
    pub about: String,
    /// The name of what differs.
    pub field: String,
    /// Empty when it is new.
    pub old: String,
    /// Empty when it is gone.
    pub new: String,
}

/// Something that stops an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// As of a [`Difference`].
    pub about: String,
    pub field: String,
    pub kind: Sensitive,
    /// The words, all but their ends hidden.
    pub masked: String,
}

/// The differences from an earlier edition to a later one, in the order of the page. Without an earlier one
/// everything is new and nothing is listed.
#[must_use]
pub fn differences(old: &Publication, new: &Publication) -> Beginning<Difference> {
    let mut all = Beginning::new();
    let mut differ = |about: &str, field: &str, old: &str, new: &str| {
        if old != new {
            all.add(DIFFERENCES_SHOWN, || Difference {
                about: begun(about),
                field: field.to_owned(),
                old: old.to_owned(),
                new: new.to_owned(),
            });
        }
    };
    for ((field, before), (_, after)) in head(old).into_iter().zip(head(new)) {
        differ(&new.title, field, &before, &after);
    }
    let (before, after) = (Items::of(old), Items::of(new));
    for item in &after.all {
        let about = format!("{} {}", item.number, item.title);
        match before.same(item) {
            None => differ(about.trim(), "新增", "", item.text.as_str().max(&item.title)),
            Some(was) => {
                let (was, now) = (words_of(was), words_of(item));
                let mut before = HashMap::new();
                for (field, words) in &was {
                    before.entry(field).or_insert(words.as_str());
                }
                for (field, words) in &now {
                    differ(about.trim(), field, before.get(field).copied().unwrap_or_default(), words);
                }
                let now: HashSet<&String> = now.iter().map(|(field, _)| field).collect();
                for (field, words) in was.iter().filter(|(field, _)| !now.contains(field)) {
                    differ(about.trim(), field, words, "");
                }
            }
        }
    }
    for item in before.all.iter().filter(|item| after.same(item).is_none()) {
        differ(
            format!("{} {}", item.number, item.title).trim(),
            "不再列出",
            item.text.as_str().max(&item.title),
            "",
        );
    }
    let (before, after) = (Indicators::of(old), Indicators::of(new));
    for one in &new.indicators {
        match before.same(one) {
            None => differ(&one.name, "新增", "", &one.target),
            Some(was) => {
                differ(&one.name, "指标", &was.name, &one.name);
                differ(&one.name, "目标", &was.target, &one.target);
                differ(&one.name, "已报", &reported(was), &reported(one));
            }
        }
    }
    for one in old.indicators.iter().filter(|one| after.same(one).is_none()) {
        differ(&one.name, "不再列出", &one.target, "");
    }
    all
}

/// The items of an edition, to be found again in another one.
struct Items<'a> {
    all: Vec<&'a PublicItem>,
    by_id: HashMap<ItemId, &'a PublicItem>,
    /// By number and title; whether they have no id.
    by_name: HashMap<(&'a str, &'a str, bool), &'a PublicItem>,
}

impl<'a> Items<'a> {
    fn of(edition: &'a Publication) -> Self {
        let all: Vec<&PublicItem> = edition.sections.iter().flat_map(|section| &section.items).collect();
        let by_id = all.iter().filter_map(|item| Some((item.id?, *item))).collect();
        let name = |item: &&'a PublicItem| ((&*item.number, &*item.title, item.id.is_none()), *item);
        // The first of several under one name counts.
        let by_name = all.iter().rev().map(name).collect();
        Self { all, by_id, by_name }
    }

    /// The same item as one of another edition. Those of editions before there were ids in them are found by
    /// number and title.
    fn same(&self, item: &PublicItem) -> Option<&'a PublicItem> {
        let named = |without: bool| self.by_name.get(&(&*item.number, &*item.title, without)).copied();
        let own = match item.id {
            Some(id) => self.by_id.get(&id).copied(),
            None => named(false),
        };
        own.or_else(|| named(true))
    }
}

/// The indicators of an edition, to be found again in another one.
struct Indicators<'a> {
    by_id: HashMap<IndicatorId, &'a PublicIndicator>,
    /// By name, year and scope; whether they have no id.
    by_name: HashMap<(&'a str, Option<i32>, &'a str, bool), &'a PublicIndicator>,
}

impl<'a> Indicators<'a> {
    fn of(edition: &'a Publication) -> Self {
        let all = || edition.indicators.iter().rev();
        // The first of several counts.
        Self {
            by_id: all().filter_map(|one| Some((one.id?, one))).collect(),
            by_name: all().map(|one| ((&*one.name, one.year, &*one.scope, one.id.is_none()), one)).collect(),
        }
    }

    /// As [`Items::same`], by name, year and scope.
    fn same(&self, one: &PublicIndicator) -> Option<&'a PublicIndicator> {
        let named = |without| self.by_name.get(&(&*one.name, one.year, &*one.scope, without)).copied();
        let own = match one.id {
            Some(id) => self.by_id.get(&id).copied(),
            None => named(false),
        };
        own.or_else(|| named(true))
    }
}

/// Numbers of persons, and names beside them, in everything that an edition shows. Those beyond [`PLACES_COUNTED`]
/// are not looked for.
#[must_use]
pub fn sensitive(edition: &Publication) -> Beginning<Place> {
    let mut places = Beginning::new();
    let mut look = |about: &str, field: &str, words: &str| {
        for found in privacy::find(words).take(PLACES_COUNTED.saturating_sub(places.len())) {
            places.add(PLACES_SHOWN, || Place {
                about: begun(about),
                field: field.to_owned(),
                kind: found.kind,
                masked: found.masked,
            });
        }
    };
    for (field, words) in head(edition) {
        look(&edition.title, field, &words);
    }
    for section in &edition.sections {
        look(&section.title, "标题", &format!("{} {}", section.number, section.title));
        for item in &section.items {
            let about = format!("{} {}", item.number, item.title);
            look(about.trim(), "编号", &item.number);
            words_of(item).iter().for_each(|(field, words)| look(about.trim(), field, words));
        }
    }
    for one in &edition.indicators {
        for (field, words) in [
            ("指标", &one.name),
            ("范围", &one.scope),
            ("原文", &one.quote),
            ("目标", &one.target),
            ("计量单位", &one.unit),
        ] {
            look(&one.name, field, words);
        }
    }
    places
}

fn head(edition: &Publication) -> [(&'static str, String); 5] {
    [
        ("标题", edition.title.clone()),
        ("目标任务", edition.goal.clone()),
        ("依据", edition.source_title.clone()),
        ("文号", edition.source_number.clone()),
        ("发文单位", edition.issuer.clone()),
    ]
}

/// The shown values of an item, by the names that people see.
fn words_of(item: &PublicItem) -> Vec<(String, String)> {
    let units: Vec<&str> = item.units.iter().map(|unit| unit.name.as_str()).collect();
    let closed = match item.parts {
        0 => String::new(),
        parts => format!("{} 个，共 {parts} 个", item.closed),
    };
    let fixed = [
        ("标题", item.title.clone()),
        ("内容", item.text.clone()),
        ("期限", item.deadline.clone()),
        ("责任单位", units.join("、")),
        ("状态", item.own_state.clone().unwrap_or_default()),
        ("已完成单位", closed),
    ];
    let fixed = fixed.into_iter().map(|(name, words)| (name.to_owned(), words));
    fixed.chain(item.fields.iter().cloned()).collect()
}

fn reported(one: &PublicIndicator) -> String {
    one.reported.map(|value| reported_words(value, &one.unit, one.reported_year)).unwrap_or_default()
}
