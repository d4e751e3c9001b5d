//! The word to whoever leads a board that it has little room left.

use crate::app::session;
use crate::lang::{W, words};
use crate::view::BoardView;
use leptos::prelude::*;
use tongban_shared::id::{BoardId, DocumentId};

/// A sentence on top of a board of which little more can be written, for who decides on it.
#[component]
pub fn NearlyFull(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let decides = Memo::new(move |_| board.may.with(|may| may.decide));
    // Its logs count as well: a unit whose log is full reports no more.
    let used = Memo::new(move |_| {
        if session.view.full.with(std::collections::BTreeMap::is_empty) {
            return 0;
        }
        let units = session.view.space.with(|space| space.units.keys().copied().collect::<Vec<_>>());
        let logs = units.into_iter().map(|unit| DocumentId::log(id, unit));
        session.view.full.with(|full| {
            let all = logs.chain([DocumentId::board(id)]);
            all.filter_map(|document| full.get(&document).copied()).max().unwrap_or_default()
        })
    });
    let said = move || match used.get() {
        100 => words.w(W::BoardFull).to_owned(),
        used => words.w(W::BoardNearlyFull).replace("{n}", &used.to_string()),
    };
    view! {
        <Show when=move || decides.get() && used.get() != 0>
            <p class="error" role="status" data-testid="nearly-full">{said}</p>
        </Show>
    }
}
