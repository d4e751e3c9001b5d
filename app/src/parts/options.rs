//! Options of selects.

use crate::session::Session;
use leptos::prelude::*;
use tongban_shared::dictionary;
use tongban_shared::id::{BoardId, UnitId};

/// Units as options of a select, in the order of every list. Each keeps its place in the page while
/// others come, so that what was chosen stays chosen.
#[component]
pub fn UnitOptions(#[prop(into)] units: Signal<Vec<(UnitId, String)>>) -> impl IntoView {
    view! {
        <For each=move || units.get() key=|unit| unit.clone() let:unit><option value=unit.0.to_string()>{unit.1.clone()}</option></For>
    }
}

/// Units as `Choose` takes them.
pub fn as_options(units: &[(UnitId, String)]) -> Vec<(String, String)> {
    units.iter().map(|(id, name)| (id.to_string(), name.clone())).collect()
}

/// Units of the space that stand for themselves; with groups as well where `groups`.
pub fn units_of(session: Session, groups: bool) -> Memo<Vec<(UnitId, String)>> {
    Memo::new(move |_| {
        session.view.space.with(|space| match groups {
            true => dictionary::in_order(space, space.units.keys().copied()),
            false => dictionary::single_units(space),
        })
    })
}

/// The boards that the person here may read, with their titles, in the order of every list.
pub fn board_titles(session: Session) -> Memo<Vec<(BoardId, String)>> {
    Memo::new(move |_| {
        let boards = session.view.listed_boards();
        boards.into_iter().map(|(id, board)| (id, board.head.with(|head| head.title.clone()))).collect()
    })
}
