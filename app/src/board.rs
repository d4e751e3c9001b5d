//! Views of one board, and the panel of one item.

mod clash;
mod days;
mod deadlines;
pub mod files;
mod history;
mod indicators;
mod instructions;
mod intake;
mod judged;
mod kanban;
mod leaderless;
mod ledger;
mod links;
mod list;
mod marks;
mod matrix;
mod matter;
mod meeting;
mod members;
mod nearly_full;
mod open_doubts;
mod panel;
mod papers;
mod plan;
mod publish;
mod rounds;
mod told;
mod typed;
mod unread;

pub use clash::{AskClash, ClashCard, shown_or_none, side_words};
pub use days::{Agenda, Timeline};
pub use deadlines::Deadlines;
pub use history::{History, Sentence, news};
pub use indicators::Indicators;
pub use instructions::Instructions;
pub use judged::{Rankings, Scores};
pub use kanban::Kanban;
pub use leaderless::Leaderless;
pub use ledger::Ledger;
pub use list::List;
pub use marks::{MarkCard, item_of};
pub use matrix::Matrix;
pub use matter::MatterCard;
pub use meeting::Meeting;
pub use members::Members;
pub use nearly_full::NearlyFull;
pub use open_doubts::OpenDoubts;
pub use panel::ItemPanel;
pub use papers::Papers;
pub use plan::Plan;
pub use publish::Publish;
pub use rounds::RoundChoice;
pub use told::{TOLD, ToldLines};
pub use typed::{Findings, MoveForm};
pub use unread::UnreadTemplate;

use crate::pages::Filter;
use crate::session::Session;
use crate::view::{BoardView, ItemView};
use leptos::prelude::*;
use std::collections::HashMap;
use tongban_shared::id::{ItemId, UnitId};
use tongban_shared::text::folded_text;

/// Tells whether an item is what the filter asks for; each item is looked at once.
pub fn shows(session: Session, board: &BoardView, filter: Filter) -> impl FnMut(ItemId) -> bool {
    let me = filter.mine.then(|| session.view.who().map(|who| who.unit)).flatten();
    let wanted = folded_text(&filter.words).to_lowercase();
    let has = |view: &ItemView, unit: UnitId| {
        view.item.assignments.contains_key(&unit) || view.state.parts.contains_key(&unit)
    };
    let fits = move |view: &ItemView| {
        let text = || {
            folded_text(&format!("{}{}{}", view.item.number, view.item.title, view.item.text)).to_lowercase()
        };
        me.is_none_or(|unit| has(view, unit))
            && filter.unit.is_none_or(|unit| has(view, unit))
            && (wanted.is_empty() || text().contains(&wanted))
    };
    let (board, mut known) = (board.clone(), HashMap::new());
    move |item| {
        let find = || board.item(item).is_some_and(|signal| signal.with_untracked(|view| fits(view)));
        *known.entry(item).or_insert_with(find)
    }
}
