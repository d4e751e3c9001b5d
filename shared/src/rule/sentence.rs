//! A finding as a sentence: which rule, which values, how many records made it.

use super::{Finding, Function, Rule, Scene, Verdict};
use crate::fold::Lamp;
use crate::template::{FieldKind, money_words};
use crate::words::{Lang, Word};

impl Finding {
    /// The sentence that a person reads after a tap on a lamp, a label or a number.
    #[must_use]
    pub fn sentence(&self, scene: &Scene<'_>, language: Lang) -> String {
        let rule = scene.template.rules.iter().find(|rule| rule.id() == self.rule);
        let name = rule.map_or(self.rule.as_str(), |rule| rule.name().get(language));
        let mut parts = vec![format!("{name}：{}", self.verdict(scene, language))];
        for (label, value) in &self.because.values {
            let value = if value.is_empty() { Word::NotFilled.text(language) } else { value };
            parts.push(format!("{label} {value}"));
        }
        if !self.because.entries.is_empty() {
            parts.push(format!("{} {}", Word::FromEntries.text(language), self.because.entries.len()));
        }
        if !self.because.items.is_empty() {
            parts.push(format!("{} {}", Word::FromItems.text(language), self.because.items.len()));
        }
        parts.join("；")
    }

    /// Whether it counts nothing of nothing, which nobody needs to read.
    #[must_use]
    pub const fn is_of_nothing(&self) -> bool {
        matches!(self.verdict, Verdict::Of { whole: 0, .. })
    }

    fn verdict(&self, scene: &Scene<'_>, language: Lang) -> String {
        match &self.verdict {
            Verdict::NoData => Word::NoData.text(language).to_owned(),
            Verdict::Holds(yes) if self.is_of(scene, |rule| matches!(rule, Rule::Require(_))) => {
                if *yes { Word::Complete } else { Word::Incomplete }.text(language).to_owned()
            }
            Verdict::Holds(true) => Word::RuleHolds.text(language).to_owned(),
            Verdict::Holds(false) => Word::RuleFails.text(language).to_owned(),
            Verdict::Due { on, days, lamp } => {
                let word = match lamp {
                    Lamp::Overdue => Word::Overdue.text(language),
                    Lamp::DueSoon => Word::DueSoon.text(language),
                    Lamp::PastPlan => Word::PastPlan.text(language),
                    Lamp::OnTrack => Word::OnTrack.text(language),
                    Lamp::NoDate => Word::NoDate.text(language),
                    Lamp::Done => Word::Done.text(language),
                };
                if *lamp == Lamp::Overdue {
                    format!("{on} {word} {} {}", -days, Word::Days.text(language))
                } else {
                    format!("{on} {word}")
                }
            }
            Verdict::Of { part, whole } => format!("{part}/{whole}"),
            Verdict::Number(number) => self.amount(scene, *number),
            Verdict::Groups(groups) if groups.is_empty() => Word::NoData.text(language).to_owned(),
            Verdict::Groups(groups) => {
                let rows: Vec<String> = groups
                    .iter()
                    .map(|(key, value)| {
                        format!("{} {}", self.group(scene, key, language), self.amount(scene, *value))
                    })
                    .collect();
                rows.join("、")
            }
            Verdict::Ranks(ranks) => {
                let rows: Vec<String> = ranks
                    .iter()
                    .map(|(place, key, value)| {
                        format!("{place} {} {}", self.group(scene, key, language), self.amount(scene, *value))
                    })
                    .collect();
                rows.join("、")
            }
            Verdict::Word(word) => word.clone(),
            Verdict::Choice { matching, chosen } => {
                let word = match (matching.len(), chosen) {
                    (0, _) => Word::NoneApplies,
                    (_, Some(_)) => Word::OneChosen,
                    (1, None) => Word::OneApplies,
                    (_, None) => Word::ChooseOne,
                };
                word.text(language).to_owned()
            }
        }
    }
}

impl Finding {
    fn is_of(&self, scene: &Scene<'_>, kind: impl Fn(&Rule) -> bool) -> bool {
        scene.template.rules.iter().any(|rule| rule.id() == self.rule && kind(rule))
    }

    /// A number as people read it: money in its scale, a share in percent.
    fn amount(&self, scene: &Scene<'_>, number: f64) -> String {
        let found = scene.template.rules.iter().find(|rule| rule.id() == self.rule);
        let Some(Rule::Aggregate(rule)) = found else { return printed(number) };
        let kind = rule.over.as_deref().and_then(|over| scene.template.item_type(over));
        let field = kind.zip(rule.field.as_deref()).and_then(|(kind, field)| kind.field(field));
        match (rule.function, field.map(|field| field.kind)) {
            (Function::Ratio, _) | (_, Some(FieldKind::Percent)) => format!("{}%", printed(number)),
            (Function::Count | Function::Distinct, _) => printed(number),
            (_, Some(FieldKind::Money)) => money_words(number),
            _ => printed(number),
        }
    }

    /// The groups of the finding, each with its name; none when it has none.
    #[must_use]
    pub fn groups(&self, scene: &Scene<'_>, language: Lang) -> Vec<(String, String)> {
        let Verdict::Groups(groups) = &self.verdict else { return Vec::new() };
        groups.iter().map(|(key, _)| (key.clone(), self.group(scene, key, language))).collect()
    }

    /// The name of a group: of a state, of a choice; other words stand for themselves.
    fn group(&self, scene: &Scene<'_>, key: &str, language: Lang) -> String {
        let found = scene.template.rules.iter().find(|rule| rule.id() == self.rule);
        let Some(Rule::Aggregate(rule)) = found else { return key.to_owned() };
        let kind = rule.over.as_deref().and_then(|over| scene.template.item_type(over));
        let Some((kind, group)) = kind.zip(rule.group.as_deref()) else { return key.to_owned() };
        if group == "state" {
            let part = crate::fold::PartState::from_id(key).map(|part| part.word().text(language));
            let own = kind.state(key).map(|state| state.name.get(language));
            return own.or(part).unwrap_or(key).to_owned();
        }
        let field = kind.field(group);
        field.map_or(key, |field| crate::views::choice_name(field, key, language)).to_owned()
    }
}

/// At most two digits behind the point.
fn printed(number: f64) -> String {
    // Adding nothing to nothing gives a zero with a sign.
    let text = format!("{:.2}", number + 0.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
