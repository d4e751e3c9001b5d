//! The words about a board that is on its way here, or that cannot be taken on this device.

use crate::app::session;
use crate::lang::{W, Words, words};
use crate::view::View;
use leptos::prelude::*;
use tongban_shared::id::BoardId;

/// How far a large board has come, or why it does not come; nothing for any other.
#[component]
pub fn Arriving(id: BoardId) -> impl IntoView {
    let session = session();
    let words = words();
    let coming = Memo::new(move |_| session.view.coming.with(|coming| coming.get(&id).copied()));
    let shut = Memo::new(move |_| session.view.shut.with(|shut| shut.contains(&id)));
    view! {
        {move || coming.get().map(|percent| view! {
            <p class="dim" role="status" data-testid="coming">{coming_words(words, session.view, id, percent)}</p>
        })}
        <Show when=move || shut.get()>
            <p class="error" role="status" data-testid="shut">{move || words.w(W::BoardShut)}</p>
        </Show>
    }
}

/// The same of all boards, each by its title: lines of the panel of the badge.
#[component]
pub fn ArrivingLines() -> impl IntoView {
    let session = session();
    let words = words();
    let view = session.view;
    let some = move || !view.coming.with(|all| all.is_empty()) || !view.shut.with(|all| all.is_empty());
    view! {
        <Show when=some>
            <ul class="lines" data-testid="arriving">
                {move || view.coming.get().into_iter().map(|(id, percent)| view! { <li>{coming_words(words, view, id, percent)}</li> }).collect_view()}
                {move || view.shut.get().into_iter().map(|id| view! { <li>{format!("{}：{}", view.title_of(id), words.w(W::BoardShut))}</li> }).collect_view()}
            </ul>
        </Show>
    }
}

fn coming_words(words: Words, view: View, id: BoardId, percent: u8) -> String {
    words.w(W::BoardComing).replace("{t}", &view.title_of(id)).replace("{n}", &percent.to_string())
}
