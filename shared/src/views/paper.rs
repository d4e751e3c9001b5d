//! A board as an official document: plan, report, brief; what it says is what the cells say.

use super::ledger::{Ledger, state_words};
use super::light::Light;
use super::sheet::{Sheet, sheet};
use crate::id::ItemId;
use crate::import::Role;
use crate::rule::{Scene, findings_on};
use crate::words::{Lang, Word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A document in the layout of GB/T 9704.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Paper {
    pub title: String,
    /// 发文字号
    pub number: String,
    pub issuer: String,
    /// ISO date.
    pub date: String,
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Block {
    /// 一、 (1), （一） (2), 1. (3): numbered by the program that opens it.
    Heading {
        level: u8,
        text: String,
    },
    Text(String),
    Table(Sheet),
}

fn text(words: impl Into<String>) -> Block {
    Block::Text(words.into())
}

fn heading(level: u8, words: &str) -> Block {
    Block::Heading { level, text: words.trim().to_owned() }
}

fn cover(scene: &Scene<'_>, title: String) -> Paper {
    let source = &scene.board.source;
    let lead = scene.board.lead.map(|unit| scene.space.unit_name(unit)).unwrap_or_default();
    Paper {
        title,
        number: source.number.clone(),
        issuer: if source.issuer.is_empty() { lead } else { source.issuer.clone() },
        date: scene.today.to_string(),
        blocks: Vec::new(),
    }
}

/// The plan: its goal, period, sections and items with their units and deadlines, so that it can
/// be read in again.
#[must_use]
pub fn plan(scene: &Scene<'_>) -> Paper {
    let mut paper = cover(scene, scene.board.title.clone());
    if !scene.board.source.date.is_empty() {
        paper.date.clone_from(&scene.board.source.date);
    }
    let blocks = &mut paper.blocks;
    if !scene.board.goal.is_empty() {
        blocks.push(heading(1, "目标任务"));
        blocks.extend(scene.board.goal.lines().filter(|line| !line.trim().is_empty()).map(text));
    }
    if let Some((from, to)) = scene.board.period {
        blocks.push(heading(1, "实施期限"));
        blocks.push(text(format!("{from}年—{to}年")));
    }
    for section in scene.board.section_order() {
        let items: Vec<ItemId> = scene.board.items_of(section);
        let items: Vec<ItemId> = items.into_iter().filter(|item| in_use(scene, *item)).collect();
        if items.is_empty() {
            continue;
        }
        blocks.push(heading(1, &scene.board.sections[&section].title));
        for item in items {
            plan_item(scene, item, 2, blocks);
        }
    }
    paper
}

/// Items below each other are written no deeper than this.
const DEEPEST: u8 = 12;

fn in_use(scene: &Scene<'_>, item: ItemId) -> bool {
    scene.standing(item).is_none_or(|standing| !standing.retired)
}

fn plan_item(scene: &Scene<'_>, id: ItemId, level: u8, blocks: &mut Vec<Block>) {
    let Some(item) = scene.item(id).filter(|_| level < DEEPEST) else { return };
    let end = |words: &str| match words.chars().last() {
        Some(last) if "。！？；：".contains(last) => words.to_owned(),
        Some(_) => format!("{words}。"),
        None => String::new(),
    };
    let words = format!("{}{}{}", end(&item.title), end(&item.text), duty(scene, id));
    if level <= 4 {
        blocks.push(heading(level, &words));
    } else {
        blocks.push(text(words));
    }
    for child in scene.children(id).iter().filter(|child| in_use(scene, **child)) {
        plan_item(scene, *child, level + 1, blocks);
    }
}

/// `（牵头单位：甲；配合单位：乙，2026年6月30日前完成）`
fn duty(scene: &Scene<'_>, id: ItemId) -> String {
    let Some(item) = scene.item(id) else { return String::new() };
    let mut by_role: BTreeMap<Role, Vec<String>> = BTreeMap::new();
    for (unit, one) in item.assignments.iter().filter(|(_, one)| one.removal.is_none()) {
        let open = if one.open_ended { "等" } else { "" };
        by_role.entry(one.role).or_default().push(format!("{}{open}", scene.space.unit_name(*unit)));
    }
    let label = |role: Role| match role {
        Role::Lead => "牵头单位",
        Role::Responsible => "责任单位",
        Role::Co => "配合单位",
        Role::Participant => "参与单位",
        Role::Guide => "指导单位",
        Role::Implement => "实施单位",
    };
    let named = |(role, mut names): (Role, Vec<String>)| {
        names.sort_by_key(|name| (crate::dictionary::place(name), name.clone()));
        format!("{}：{}", label(role), names.join("、"))
    };
    let mut parts: Vec<String> = by_role.into_iter().map(named).collect();
    if let Ok(day) = item.deadline.parse::<jiff::civil::Date>() {
        let by = format!("{}年{}月{}日前完成", day.year(), day.month(), day.day());
        match parts.last_mut() {
            Some(last) => *last = format!("{last}，{by}"),
            None => parts.push(by),
        }
    }
    if parts.is_empty() { String::new() } else { format!("（{}）", parts.join("；")) }
}

/// The report of a day: counts by light, what rules say, what is late, a table of every type.
#[must_use]
pub fn report(scene: &Scene<'_>, language: Lang) -> Paper {
    let mut paper = cover(scene, format!("{}进展情况通报", scene.board.title));
    let top: Vec<ItemId> = scene
        .board
        .item_order()
        .into_iter()
        .filter(|id| in_use(scene, *id) && scene.item(*id).is_some_and(|item| item.parent.is_none()))
        .collect();
    let mut counts: BTreeMap<Light, usize> = BTreeMap::new();
    for light in top.iter().filter_map(|id| super::light(scene, *id)) {
        *counts.entry(light).or_default() += 1;
    }
    paper.blocks.push(heading(1, "总体情况"));
    let told: Vec<String> =
        counts.iter().map(|(light, count)| format!("{}{count}项", light.word().text(language))).collect();
    paper.blocks.push(text(format!(
        "截至{}，共{}项，其中{}。",
        scene.today,
        top.len(),
        if told.is_empty() { Word::NoData.text(language).to_owned() } else { told.join("、") }
    )));
    for found in findings_on(scene, None).iter().filter(|found| found.says_something()) {
        paper.blocks.push(text(format!("{}。", found.sentence(scene, language))));
    }
    let late: Vec<&ItemId> = top
        .iter()
        .filter(|id| matches!(super::light(scene, **id), Some(Light::Overdue | Light::Returned)))
        .collect();
    if !late.is_empty() {
        paper.blocks.push(heading(1, "需要督办的事项"));
        for id in late {
            let words =
                format!("{}（{}）{}", scene.title(*id), state_words(scene, *id, language), duty(scene, *id));
            paper.blocks.push(heading(2, &words));
        }
    }
    paper.blocks.push(heading(1, "明细"));
    for kind in Ledger::kinds(scene) {
        let mut ledger = Ledger::new(scene, kind, language);
        // A page is narrow: what is empty throughout is left out.
        let rows = ledger.rows.clone();
        let filled: Vec<bool> = ledger
            .columns
            .iter()
            .map(|column| rows.iter().any(|row| !ledger.cell(scene, *row, column).shown.is_empty()))
            .collect();
        let mut keep = filled.into_iter();
        ledger.columns.retain(|_| keep.next().unwrap_or_default());
        ledger.columns.truncate(MOST_COLUMNS);
        paper.blocks.push(text(kind.name.get(language)));
        paper.blocks.push(Block::Table(sheet(scene, &ledger, &rows, kind.name.get(language))));
    }
    paper
}

/// The most columns that a page holds.
const MOST_COLUMNS: usize = 8;

/// The brief of an item (简报, 通报): its fields, and what stands below it with its states.
#[must_use]
pub fn brief(scene: &Scene<'_>, id: ItemId, language: Lang) -> Paper {
    let mut paper = cover(scene, format!("{}简报", scene.title(id)));
    let Some((item, kind)) = scene.item(id).zip(scene.item_type(id)) else { return paper };
    paper.blocks.push(heading(1, "基本情况"));
    for field in &kind.fields {
        let stored = item.fields.get(&field.id).map_or("", String::as_str);
        if !stored.is_empty() {
            let words = super::shown_words(scene, field, stored, language);
            paper.blocks.push(text(format!("{}：{words}", field.name.get(language))));
        }
    }
    for found in findings_on(scene, Some(id)).iter().filter(|found| found.says_something()) {
        paper.blocks.push(text(format!("{}。", found.sentence(scene, language))));
    }
    let below = descendants(scene, id);
    for across in scene
        .template
        .items
        .iter()
        .filter(|kind| below.iter().any(|one| scene.item_type(*one).is_some_and(|one| one.id == kind.id)))
    {
        let mut ledger = Ledger::new(scene, across, language);
        ledger.rows.retain(|row| below.contains(&row.item));
        ledger.columns.truncate(MOST_COLUMNS);
        let rows = ledger.rows.clone();
        paper.blocks.push(heading(1, across.name.get(language)));
        let mut states: BTreeMap<String, usize> = BTreeMap::new();
        for row in &rows {
            *states.entry(state_words(scene, row.item, language)).or_default() += 1;
        }
        let told: Vec<String> = states
            .into_iter()
            .filter(|(state, _)| !state.is_empty())
            .map(|(state, count)| format!("{state}{count}项"))
            .collect();
        if !told.is_empty() {
            paper.blocks.push(text(format!("共{}项：{}。", rows.len(), told.join("、"))));
        }
        paper.blocks.push(Block::Table(sheet(scene, &ledger, &rows, across.name.get(language))));
    }
    let said: Vec<&crate::entry::Entry> =
        scene.about(id).into_iter().filter(|entry| !entry.body.is_empty()).collect();
    if !said.is_empty() {
        paper.blocks.push(heading(1, "工作情况"));
        for entry in said {
            paper.blocks.push(text(format!("{}：{}", scene.space.unit_name(entry.author.unit), entry.body)));
        }
    }
    paper
}

fn descendants(scene: &Scene<'_>, id: ItemId) -> Vec<ItemId> {
    let mut all: Vec<ItemId> = scene.children(id).to_vec();
    let mut next = 0;
    // A board has no more items than it has; hostile circles end there.
    while next < all.len() && all.len() <= scene.board.items.len() {
        all.extend(scene.children(all[next]));
        next += 1;
    }
    all.retain(|item| in_use(scene, *item));
    all
}
