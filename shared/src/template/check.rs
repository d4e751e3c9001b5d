//! Rules that a template must keep beyond its form: names that are used are there, and once only.

use super::{FieldKind, ItemType, Need, Template, TemplateError, line_at};
use crate::rule::{Condition, Due, Over, Rule};
use std::collections::BTreeSet;

/// Fields that every item has.
const EVERYWHERE: [&str; 3] = ["title", "number", "deadline"];

/// States of an item whose units close their parts.
const PART_STATES: [&str; 5] = ["not_started", "in_progress", "asked", "returned", "closed"];

/// Checks a template that was read.
pub(super) fn check(source: &str, template: &Template) -> Result<(), TemplateError> {
    let checker = Checker { source, template };
    checker.whole()?;
    for kind in &template.items {
        checker.item_type(kind)?;
    }
    for rule in &template.rules {
        checker.rule(rule)?;
    }
    Ok(())
}

struct Checker<'a> {
    source: &'a str,
    template: &'a Template,
}

impl Checker<'_> {
    /// An error at the first place where the words stand behind all the words before them.
    fn error<T>(&self, path: &[&str], field: String, problem: String) -> Result<T, TemplateError> {
        let mut at = 0;
        for words in path {
            let quoted = format!("\"{words}\"");
            at = self.source[at..].find(&quoted).map_or(at, |found| at + found);
        }
        Err(TemplateError { line: line_at(self.source, at), field, problem })
    }

    fn once<'a>(&self, ids: impl Iterator<Item = &'a str>, field: &str) -> Result<(), TemplateError> {
        let mut seen = BTreeSet::new();
        for id in ids {
            let plain = !id.is_empty()
                && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !plain {
                return self.error(&[id], field.to_owned(), format!("名称只能用小写字母、数字和 _：{id}"));
            }
            if !seen.insert(id) {
                return self.error(&[id, id], field.to_owned(), format!("名称重复：{id}"));
            }
        }
        Ok(())
    }

    fn whole(&self) -> Result<(), TemplateError> {
        let template = self.template;
        self.once(std::iter::once(template.id.as_str()), "id")?;
        if template.items.is_empty() {
            return self.error(&[&template.id], "item".to_owned(), "至少要有一种条目".to_owned());
        }
        if template.views.is_empty() {
            return self.error(&[&template.id], "views".to_owned(), "至少要有一种视图".to_owned());
        }
        let lines: Vec<&str> =
            template.items.iter().filter(|kind| kind.lines).map(|kind| kind.id.as_str()).collect();
        if let [_, second, ..] = lines[..] {
            return self.error(&[second], format!("item.{second}.lines"), "只能有一种导入的条目".to_owned());
        }
        self.once(template.items.iter().map(|kind| kind.id.as_str()), "item.id")?;
        self.once(template.rules.iter().map(Rule::id), "rule.id")
    }

    fn item_type(&self, kind: &ItemType) -> Result<(), TemplateError> {
        let at = |part: &str| format!("item.{}.{part}", kind.id);
        let path = |words| [kind.id.as_str(), words];
        self.once(kind.fields.iter().map(|field| field.id.as_str()), &at("field.id"))?;
        self.once(kind.states.iter().map(|state| state.id.as_str()), &at("state.id"))?;
        for parent in &kind.under {
            if self.template.item_type(parent).is_none() || parent.is_empty() {
                return self.error(&path(parent), at("under"), format!("没有这种条目：{parent}"));
            }
        }
        if kind.parts && !(kind.states.is_empty() && kind.moves.is_empty()) {
            let problem = "各单位分别销号的条目没有自己的状态".to_owned();
            return self.error(&[&kind.id], at("parts"), problem);
        }
        if kind.id == super::LINE_ID {
            return self.error(&[&kind.id], at("id"), format!("这个名称留给导入的条目：{}", kind.id));
        }
        if kind.lines && !(kind.parts && kind.under.is_empty()) {
            let problem = "导入的条目由各单位分别销号（parts = true），并且直接放在分栏里".to_owned();
            return self.error(&[&kind.id], at("lines"), problem);
        }
        let known = |state: &String| kind.state(state).is_some();
        for field in &kind.fields {
            if EVERYWHERE.contains(&field.id.as_str()) {
                let problem = format!("每个条目都已有此字段：{}", field.id);
                return self.error(&path(&field.id), at("field.id"), problem);
            }
            if (field.kind == FieldKind::Choice) == field.choices.is_empty() {
                let problem = "选择字段要有选项，其他字段不能有".to_owned();
                return self.error(&path(&field.id), at("field.choices"), problem);
            }
            if let Some(state) = field.required_in.iter().find(|state| !known(state)) {
                let problem = format!("没有这个状态：{state}");
                return self.error(&[&kind.id, &field.id, state], at("field.required_in"), problem);
            }
            if let Some(to) = field.to.as_ref().filter(|to| self.template.item_type(to).is_none()) {
                let problem = format!("没有这种条目：{to}");
                return self.error(&[&kind.id, &field.id, to], at("field.to"), problem);
            }
        }
        for one in &kind.moves {
            if !known(&one.to) {
                return self.error(&path(&one.to), at("move.to"), format!("没有这个状态：{}", one.to));
            }
            if let Some(state) = one.from.iter().find(|state| !known(state)) {
                return self.error(&path(state), at("move.from"), format!("没有这个状态：{state}"));
            }
            for need in &one.needs {
                self.need(kind, need, &at("move.needs"))?;
            }
        }
        Ok(())
    }

    fn need(&self, kind: &ItemType, need: &Need, field: &str) -> Result<(), TemplateError> {
        let unknown = match need {
            Need::Field(id) => (!has_field(kind, id)).then_some(id),
            Need::Either(ids) => ids.iter().find(|id| !has_field(kind, id)),
            Need::EveryChild(child) if !child.is_empty() => {
                self.template.item_type(child).is_none().then_some(child)
            }
            Need::Rule(rule) => {
                // Rules that hold or do not, or that count parts of a whole.
                let holds = |one: &Rule| {
                    matches!(one, Rule::Compare(_) | Rule::Cap(_) | Rule::Require(_) | Rule::AllOf(_))
                };
                let there = self.template.rules.iter().any(|one| one.id() == rule && holds(one));
                (!there).then_some(rule)
            }
            _ => None,
        };
        match unknown {
            Some(id) => {
                let what = match need {
                    Need::EveryChild(_) => "没有这种条目",
                    Need::Rule(_) => "没有这条能成立或不成立的规则（compare、cap、require、all_of）",
                    _ => "没有这个字段",
                };
                self.error(&[&kind.id, id], field.to_owned(), format!("{what}：{id}"))
            }
            None => Ok(()),
        }
    }

    fn rule(&self, rule: &Rule) -> Result<(), TemplateError> {
        let id = rule.id();
        let at = |part: &str| format!("rule.{id}.{part}");
        let kind = |word: &str, part: &str| match self.template.item_type(word) {
            Some(kind) if !word.is_empty() => Ok(kind),
            _ => self.error(&[id, word], at(part), format!("没有这种条目：{word}")),
        };
        let on = rule.on().map(|word| kind(word, "on")).transpose()?;
        let field = |kind: Option<&ItemType>, word: &str, part: &str| {
            if kind.is_none_or(|kind| has_field(kind, word)) {
                Ok(())
            } else {
                self.error(&[id, word], at(part), format!("没有这个字段：{word}"))
            }
        };
        let amount = |kind, word: &str, part: &str| match word.split_once(':') {
            _ if word.starts_with(|c: char| c.is_ascii_digit()) => Ok(()),
            Some(("mean", entry)) if crate::entry::EntryKind::from_word(entry).is_some() => Ok(()),
            // Which children there are is known on a board only; one level of them is summed.
            Some(("children", field)) if !field.contains(':') => Ok(()),
            _ => field(kind, word, part),
        };
        match rule {
            Rule::Deadline(rule) => {
                self.conditions(on, &rule.when, id, "when")?;
                self.conditions(on, &rule.done, id, "done")?;
                match &rule.due {
                    Due::Field(word) | Due::After(word, _) => {
                        field(on, word, "due")?;
                        let known = on.and_then(|kind| kind.field(word));
                        if known.is_some_and(|known| known.kind != FieldKind::Date) {
                            return self.error(&[id, word], at("due"), format!("{word} 不是日期字段"));
                        }
                        Ok(())
                    }
                    Due::Yearly(day) if format!("2024-{day}").parse::<jiff::civil::Date>().is_err() => {
                        self.error(&[id, day], at("due"), format!("日期写成 12-31 的样子：{day}"))
                    }
                    _ => Ok(()),
                }
            }
            Rule::Compare(rule) => {
                self.conditions(on, &rule.when, id, "when")?;
                self.operator(&rule.op, id)?;
                amount(on, &rule.left, "left")?;
                amount(on, &rule.right, "right")
            }
            Rule::Cap(rule) => {
                let over = kind(&rule.over, "over")?;
                field(Some(over), &rule.group, "group")
            }
            Rule::Require(rule) => {
                self.conditions(on, &rule.when, id, "when")?;
                rule.fields.iter().try_for_each(|word| field(on, word, "fields"))
            }
            Rule::ChooseOne(rule) => {
                let among = kind(&rule.among, "among")?;
                field(on, &rule.chosen, "chosen")?;
                rule.matches.iter().try_for_each(|[own, op, theirs]| {
                    field(on, own, "matches")?;
                    self.operator(op, id)?;
                    field(Some(among), theirs, "matches")
                })
            }
            Rule::Derive(rule) => field(on, &rule.from, "from"),
            Rule::AllOf(rule) => match &rule.over {
                Over::Children { kind: word, states } => {
                    let child = kind(word, "over")?;
                    let unknown = states.iter().find(|state| !has_state(child, state));
                    unknown.map_or(Ok(()), |state| {
                        self.error(&[id, state], at("over"), format!("没有这个状态：{state}"))
                    })
                }
                Over::Fields(words) => words.iter().try_for_each(|word| field(on, word, "over")),
                Over::Pairs(word, _, period) => {
                    kind(word, "over")?;
                    field(on, period, "over")
                }
                Over::Units(_) | Over::Parts => Ok(()),
            },
            Rule::Aggregate(rule) => {
                let over = rule.over.as_deref().map(|word| kind(word, "over")).transpose()?;
                self.conditions(over, &rule.when, id, "when")?;
                self.conditions(over, &rule.part, id, "part")?;
                if over.is_none() && (rule.entries.is_none() || on.is_none()) {
                    let problem = "要写明统计什么：over，或 on 加 entries".to_owned();
                    return self.error(&[id], at("over"), problem);
                }
                for (word, part) in [
                    (&rule.field, "field"),
                    (&rule.minus, "minus"),
                    (&rule.weight, "weight"),
                    (&rule.round, "round"),
                ] {
                    word.as_ref().map_or(Ok(()), |word| field(over, word, part))?;
                }
                match rule.group.as_deref() {
                    None | Some("section" | "state" | "unit") => Ok(()),
                    Some(word) => field(over, word, "group"),
                }
            }
        }
    }

    fn operator(&self, op: &str, rule: &str) -> Result<(), TemplateError> {
        if crate::rule::OPERATORS.contains(&op) {
            return Ok(());
        }
        self.error(&[rule, op], format!("rule.{rule}.op"), format!("不认识的比较：{op}（可用 < <= > >= =）"))
    }

    fn conditions(
        &self,
        kind: Option<&ItemType>,
        conditions: &[Condition],
        rule: &str,
        part: &str,
    ) -> Result<(), TemplateError> {
        let Some(kind) = kind else { return Ok(()) };
        conditions.iter().try_for_each(|condition| {
            if let Condition::Is([field, word]) = condition
                && let Some(known) = kind.field(field).filter(|field| field.kind == FieldKind::Choice)
                && !known.choices.iter().any(|[id, ..]| id == word)
            {
                let ids: Vec<&str> = known.choices.iter().map(|[id, ..]| id.as_str()).collect();
                let problem = format!("{field} 没有这个选项：{word}（可用 {}）", ids.join("、"));
                return self.error(&[rule, field, word], format!("rule.{rule}.{part}"), problem);
            }
            let unknown: Option<&String> = match condition {
                Condition::Is([field, _])
                | Condition::Filled(field)
                | Condition::Empty(field)
                | Condition::Past(field)
                | Condition::Older(field, _) => (!has_field(kind, field)).then_some(field),
                Condition::State(states) | Condition::NotState(states) => {
                    states.iter().find(|state| !has_state(kind, state))
                }
                Condition::Compare([left, op, right]) => {
                    self.operator(op, rule)?;
                    let amount = |word: &&String| {
                        !word.starts_with(|c: char| c.is_ascii_digit()) && !has_field(kind, word)
                    };
                    [left, right].into_iter().find(amount)
                }
                Condition::Entry(_) | Condition::NoEntry(_) => None,
            };
            unknown.map_or(Ok(()), |word| {
                let problem = format!("{} 没有这个字段或状态：{word}", kind.id);
                self.error(&[rule, word], format!("rule.{rule}.{part}"), problem)
            })
        })
    }
}

fn has_field(kind: &ItemType, id: &str) -> bool {
    EVERYWHERE.contains(&id) || kind.field(id).is_some()
}

fn has_state(kind: &ItemType, id: &str) -> bool {
    if kind.parts { PART_STATES.contains(&id) } else { kind.state(id).is_some() }
}
