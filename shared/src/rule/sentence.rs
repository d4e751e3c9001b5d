//! A finding as a sentence: which rule, which values, how many records made it.

use super::{Finding, Scene, Verdict};
use crate::fold::Lamp;
use crate::words::{Lang, Word};

impl Finding {
    /// What a person reads who taps a lamp, a label or a number.
    #[must_use]
    pub fn sentence(&self, scene: &Scene<'_>, language: Lang) -> String {
        let rule = scene.template.rules.iter().find(|rule| rule.id() == self.rule);
        let name = rule.map_or(self.rule.as_str(), |rule| rule.name().get(language));
        let mut parts = vec![format!("{name}：{}", self.verdict(language))];
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

    fn verdict(&self, language: Lang) -> String {
        match &self.verdict {
            Verdict::NoData => Word::NoData.text(language).to_owned(),
            Verdict::Holds(true) => Word::RuleHolds.text(language).to_owned(),
            Verdict::Holds(false) => Word::RuleFails.text(language).to_owned(),
            Verdict::Due { on, days, lamp } => {
                let word = match lamp {
                    Lamp::Overdue => Word::Overdue.text(language),
                    Lamp::DueSoon => Word::DueSoon.text(language),
                    Lamp::OnTrack => Word::OnTrack.text(language),
                    Lamp::Done => Word::Done.text(language),
                };
                if *lamp == Lamp::Overdue { format!("{on} {word} {}", -days) } else { format!("{on} {word}") }
            }
            Verdict::Of { part, whole } => format!("{part}/{whole}"),
            Verdict::Number(number) => printed(*number),
            Verdict::Groups(groups) => {
                let rows: Vec<String> =
                    groups.iter().map(|(key, value)| format!("{key} {}", printed(*value))).collect();
                rows.join("、")
            }
            Verdict::Ranks(ranks) => {
                let rows: Vec<String> = ranks
                    .iter()
                    .map(|(place, key, value)| format!("{place} {key} {}", printed(*value)))
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

/// At most two digits behind the point.
fn printed(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
