//! The unit that leads a board: named where nobody does, by who decides meanwhile.

use crate::app::session;
use crate::lang::{W, words};
use crate::parts::{Question, UnitOptions, units_of};
use crate::view::BoardView;
use leptos::prelude::*;
use tongban_shared::edit::{BoardField, Edit};
use tongban_shared::id::{BoardId, UnitId};
use tongban_shared::sign::Act;

/// A sentence on top of a board that no unit leads, with the choice of one, for who decides on it.
#[component]
pub fn Leaderless(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let (head, may) = (board.head, board.may);
    let asked = Memo::new(move |_| head.with(|head| head.lead.is_none()) && may.with(|may| may.decide));
    // A group leads nothing: its people belong to their own units.
    let units = units_of(session, false);
    let name = move |event: leptos::ev::Event| {
        let Ok(unit) = event_target_value(&event).parse::<UnitId>() else { return };
        let name = session.view.space.with_untracked(|space| space.unit_name(unit));
        let question = Question::new(Act::Lead, words.w_untracked(W::NameLead), name, move |_, _| {
            let edit = Edit::SetBoardField { field: BoardField::Lead, value: unit.to_string() };
            session.edit_board(id, edit);
            true
        });
        session.ask(question.told(words.w_untracked(W::NamedLeadMay)));
    };
    view! {
        <Show when=move || asked.get()>
            <div class="inline" role="status" data-testid="no-lead">
                <p>{move || words.w(W::NoLead)}</p>
                <select aria-label=move || words.w(W::NameLead) prop:value="" on:change=name>
                    <option value="">{move || words.w(W::NameLead)}</option>
                    <UnitOptions units />
                </select>
            </div>
        </Show>
    }
}
