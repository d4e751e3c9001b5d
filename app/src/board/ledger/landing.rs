//! Where a paste of doubtful shape would land, before it is written.

use super::hand::Hand;
use crate::lang::{W, words};
use leptos::prelude::*;

/// Cells that are shown.
const SHOWN: usize = 60;

/// The cells that a paste would write, with what has no place here.
#[component]
pub fn Landing(hand: Hand) -> impl IntoView {
    let words = words();
    let counts = move || {
        let Some(paste) = hand.pasting.get() else { return String::new() };
        let all = [
            (W::PasteCells, paste.cells.len()),
            (W::RowsNotThere, paste.lost),
            (W::PasteMerged, paste.merged),
            (W::PasteBeside, paste.beside),
        ];
        let told = all.into_iter().enumerate().filter(|(place, (_, count))| *place == 0 || *count > 0);
        told.map(|(_, (word, count))| format!("{} {count}", words.w(word))).collect::<Vec<_>>().join(" · ")
    };
    let cells = move || hand.pasting.get().map(|paste| hand.landing(&paste, SHOWN)).unwrap_or_default();
    view! {
        <Show when=move || hand.pasting.with(Option::is_some)>
            <section class="intake" aria-label=move || words.w(W::PasteLook) data-testid="paste-look">
                <h2>{move || words.w(W::PasteLook)}</h2>
                <p class="tabular" role="status">{counts}</p>
                <ul class="lines">{move || cells().into_iter().map(|(row, column, text)| view! {
                    <li><b>{row}</b>" "<span class="dim">{column}</span>" "{text}</li>
                }).collect_view()}</ul>
                <p class="inline">
                    <button type="button" class="button button--main" data-testid="paste-now" on:click=move |_| hand.paste_now()>{move || words.w(W::PasteNow)}</button>
                    <button type="button" class="button" on:click=move |_| hand.pasting.set(None)>{move || words.w(W::LeaveIt)}</button>
                </p>
            </section>
        </Show>
    }
}
