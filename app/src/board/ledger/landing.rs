//! The place of a paste of doubtful shape, shown before it is written.

use super::hand::Hand;
use crate::lang::{W, words};
use leptos::prelude::*;

/// Cells that are shown at once.
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
            (W::AsideHiddenText, paste.hidden),
        ];
        let told = all.into_iter().enumerate().filter(|(place, (_, count))| *place == 0 || *count > 0);
        told.map(|(_, (word, count))| format!("{} {count}", words.w(word))).collect::<Vec<_>>().join(" · ")
    };
    let most = RwSignal::new(SHOWN);
    let cells = move || hand.pasting.get().map(|paste| hand.landing(&paste, most.get())).unwrap_or_default();
    let more = move || {
        let count = hand.pasting.with(|paste| paste.as_ref().map_or(0, |paste| paste.cells.len()));
        count.saturating_sub(most.get())
    };
    view! {
        <Show when=move || hand.pasting.with(Option::is_some)>
            <section class="intake" aria-label=move || words.w(W::PasteLook) data-testid="paste-look">
                <h2>{move || words.w(W::PasteLook)}</h2>
                <p class="tabular" role="status">{counts}</p>
                <ul class="lines">{move || cells().into_iter().map(|(row, column, text)| view! {
                    <li><b>{row}</b>" "<span class="dim">{column}</span>" "{text}</li>
                }).collect_view()}</ul>
                <Show when=move || { more() > 0 }>
                    <p class="inline">
                        <button type="button" class="button" on:click=move |_| most.update(|most| *most += SHOWN)>
                            {move || words.w(W::ShowMoreRows)}</button>
                        <span class="dim tabular">{more}</span>
                    </p>
                </Show>
                <p class="inline">
                    <button type="button" class="button button--main" data-testid="paste-now"
                        on:click=move |_| hand.paste_now()>{move || words.w(W::PasteNow)}</button>
                    <button type="button" class="button" on:click=move |_| hand.pasting.set(None)>{move || words.w(W::LeaveIt)}</button>
                </p>
            </section>
        </Show>
    }
}
