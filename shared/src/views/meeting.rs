//! 会议模式: a board card by card, what needs a decision first.

use super::ledger::{light, state_words};
use super::light::Light;
use crate::fold::ItemStanding;
use crate::fold::{Instruction, instructions};
use crate::id::ItemId;
use crate::rule::Scene;
use crate::words::{Lang, Word};

/// One card of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub item: ItemId,
    pub section: String,
    /// The name of the state it stands in.
    pub state: String,
    pub light: Option<Light>,
}

/// The items of a board that are in use and stand for themselves, in its order; `urgent` puts
/// what is late or returned first.
#[must_use]
pub fn meeting(scene: &Scene<'_>, urgent: bool, language: Lang) -> Vec<Card> {
    let card = |item: ItemId| {
        let found = scene.item(item)?;
        let retired = scene.standing(item).is_some_and(ItemStanding::is_gone);
        if found.parent.is_some() || retired {
            return None;
        }
        let section = found.section.and_then(|section| scene.board.sections.get(&section));
        let section = section.map(|section| section.title.clone()).unwrap_or_default();
        Some(Card { item, section, state: state_words(scene, item, language), light: light(scene, item) })
    };
    let mut cards: Vec<Card> = scene.board.item_order().into_iter().filter_map(card).collect();
    if urgent {
        cards.sort_by_key(|card| card.light.unwrap_or(Light::Done));
    }
    cards
}

/// 会议纪要: what was asked of which unit until when, and where it stands, as text to be sent; empty
/// where nothing was asked.
#[must_use]
pub fn minutes(scene: &Scene<'_>, language: Lang) -> String {
    let word = |word: Word| word.text(language);
    let line = |(place, one): (usize, &Instruction<'_>)| {
        let about = one.entry.subject.item.map(|item| scene.title(item)).filter(|title| !title.is_empty());
        let about = about.map(|title| format!("{title}：")).unwrap_or_default();
        let units = crate::dictionary::in_order(scene.space, one.entry.asks.iter().flatten().copied());
        let units: Vec<String> = units.into_iter().map(|(_, name)| name).collect();
        let due = one.entry.due.as_deref().filter(|due| !due.is_empty());
        let due = due.map(|due| format!("；{}：{due}", word(Word::Deadline))).unwrap_or_default();
        let (asked, state) = (word(Word::AskedUnits), word(one.state.word()));
        format!("{place}. {about}{}（{asked}：{}{due}；{state}）", one.entry.body.trim(), units.join("、"))
    };
    let all = instructions(scene.space, scene.entries, scene.board.lead);
    if all.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = (1..).zip(&all).map(line).collect();
    format!("【{}】《{}》 {}\n{}", word(Word::Minutes), scene.board.title, scene.today, lines.join("\n"))
}
