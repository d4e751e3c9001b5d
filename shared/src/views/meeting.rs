//! 会议模式: a board card by card, what needs a decision first.

use super::ledger::{light, state_words};
use super::light::Light;
use crate::fold::ItemStanding;
use crate::id::ItemId;
use crate::rule::Scene;
use crate::words::Lang;

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
