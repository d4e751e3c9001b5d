//! Views of one board, and the panel of one item.

mod days;
mod files;
mod history;
mod indicators;
mod intake;
mod judged;
mod kanban;
mod ledger;
mod links;
mod list;
mod matrix;
mod meeting;
mod panel;
mod papers;
mod typed;

pub use days::{Agenda, Timeline};
pub use history::{History, lines};
pub use indicators::Indicators;
pub use judged::{Rankings, Scores};
pub use kanban::Kanban;
pub use ledger::Ledger;
pub use list::List;
pub use matrix::Matrix;
pub use meeting::Meeting;
pub use panel::ItemPanel;
pub use papers::Papers;
pub use typed::Findings;

use crate::pages::Filter;
use crate::session::Session;
use crate::view::ItemView;
use tongban_shared::text::folded_text;

/// Whether an item is what the filter asks for.
pub fn shown(session: Session, filter: &Filter, view: &ItemView) -> bool {
    let mine = !filter.mine
        || session.view.who().is_some_and(|who| {
            view.state.parts.contains_key(&who.unit) || view.item.assignments.contains_key(&who.unit)
        });
    let unit = filter
        .unit
        .is_none_or(|unit| view.item.assignments.contains_key(&unit) || view.state.parts.contains_key(&unit));
    let wanted = folded_text(&filter.words).to_lowercase();
    let text =
        || folded_text(&format!("{}{}{}", view.item.number, view.item.title, view.item.text)).to_lowercase();
    mine && unit && (wanted.is_empty() || text().contains(&wanted))
}
