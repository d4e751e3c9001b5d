//! Two editions of a board side by side.

use super::{PublicIndicator, PublicItem, Publication, reported_words};
use crate::privacy::{self, Sensitive};
use serde::{Deserialize, Serialize};

/// One thing that differs between two editions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The subject of the difference: the number and title of an item, the name of an indicator.
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
    pub about: String,
    pub field: String,
    pub kind: Sensitive,
    /// The words, all but their ends hidden.
    pub masked: String,
}

/// The differences from an earlier edition to a later one, in the order of the page. Without an earlier one
/// everything is new and nothing is listed.
#[must_use]
pub fn differences(old: &Publication, new: &Publication) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut differ = |about: &str, field: &str, old: &str, new: &str| {
        if old != new {
            all.push(Difference {
                about: about.to_owned(),
                field: field.to_owned(),
                old: old.to_owned(),
                new: new.to_owned(),
            });
        }
    };
    for ((field, before), (_, after)) in head(old).into_iter().zip(head(new)) {
        differ(&new.title, field, &before, &after);
    }
    let items = |edition: &Publication| -> Vec<PublicItem> {
        edition.sections.iter().flat_map(|section| section.items.clone()).collect()
    };
    let (before, after) = (items(old), items(new));
    let same = |one: &PublicItem, other: &PublicItem| match (one.id, other.id) {
        (Some(one), Some(other)) => one == other,
        // Editions before there were ids in them.
        _ => one.number == other.number && one.title == other.title,
    };
    for item in &after {
        let about = format!("{} {}", item.number, item.title);
        match before.iter().find(|one| same(one, item)) {
            None => differ(about.trim(), "新增", "", item.text.as_str().max(&item.title)),
            Some(was) => {
                let (was, now) = (words_of(was), words_of(item));
                for (field, words) in &now {
                    let before = was.iter().find(|(name, _)| name == field);
                    differ(about.trim(), field, before.map_or("", |(_, words)| words), words);
                }
                for (field, words) in was.iter().filter(|(name, _)| !now.iter().any(|(now, _)| now == name)) {
                    differ(about.trim(), field, words, "");
                }
            }
        }
    }
    for item in before.iter().filter(|item| !after.iter().any(|one| same(item, one))) {
        differ(
            format!("{} {}", item.number, item.title).trim(),
            "不再列出",
            item.text.as_str().max(&item.title),
            "",
        );
    }
    let alike = |one: &PublicIndicator, other: &PublicIndicator| match (one.id, other.id) {
        (Some(one), Some(other)) => one == other,
        _ => (&one.name, one.year, &one.scope) == (&other.name, other.year, &other.scope),
    };
    for one in &new.indicators {
        match old.indicators.iter().find(|other| alike(other, one)) {
            None => differ(&one.name, "新增", "", &one.target),
            Some(was) => {
                differ(&one.name, "指标", &was.name, &one.name);
                differ(&one.name, "目标", &was.target, &one.target);
                differ(&one.name, "已报", &reported(was), &reported(one));
            }
        }
    }
    for one in old.indicators.iter().filter(|one| !new.indicators.iter().any(|other| alike(one, other))) {
        differ(&one.name, "不再列出", &one.target, "");
    }
    all
}

/// Numbers of persons, and names beside them, in everything that an edition shows.
#[must_use]
pub fn sensitive(edition: &Publication) -> Vec<Place> {
    let mut places = Vec::new();
    let mut look = |about: &str, field: &str, words: &str| {
        places.extend(privacy::find(words).into_iter().map(|found| Place {
            about: about.to_owned(),
            field: field.to_owned(),
            kind: found.kind,
            masked: found.masked,
        }));
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
