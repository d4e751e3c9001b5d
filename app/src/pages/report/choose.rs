//! Which measure is reported on: what waits the longest stands first, and everything can be found.

use crate::lang::{W, words};
use crate::parts::light_class;
use leptos::prelude::*;
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::views::Reportable;

/// As many rows as a thumb scrolls by; the rest is one tap away.
const FIRST: usize = 12;

#[component]
pub fn Choose(
    all: RwSignal<Vec<Reportable>>,
    chosen: RwSignal<Option<(BoardId, ItemId)>>,
    saved: RwSignal<Option<(BoardId, ItemId)>>,
) -> impl IntoView {
    let words = words();
    let (wanted, whole) = (RwSignal::new(String::new()), RwSignal::new(false));
    let found = Memo::new(move |_| {
        let wanted = wanted.get();
        all.with(|all| all.iter().filter(|one| one.fits(&wanted)).cloned().collect::<Vec<_>>())
    });
    let shown = Memo::new(move |_| {
        let most = if whole.get() { usize::MAX } else { FIRST };
        found.with(|found| found.iter().take(most).cloned().collect::<Vec<_>>())
    });
    let rest = move || found.with(Vec::len) > shown.with(Vec::len);
    let row = move |one: Reportable| {
        let (place, light) = ((one.board, one.item), one.waits.light());
        let day = (!one.deadline.is_empty()).then(|| format!(" · {}", one.deadline));
        let choose = move |_| {
            saved.set(None);
            chosen.set(Some(place));
        };
        view! {
            <li><button type="button" class="choice" data-testid="report-item" data-waits=format!("{:?}", one.waits) on:click=choose>
                <span class=format!("choice__why {}", light_class(light))><span aria-hidden="true">{light.shape()}</span>" "{words.w(one.waits.word())}</span>
                <span class="choice__title">{one.title}</span>
                <span class="dim choice__plan">{one.plan}{day}</span>
                {(!one.reason.is_empty()).then(|| view! { <span class="choice__plan">{one.reason}</span> })}
            </button></li>
        }
    };
    view! {
        <Show when=move || !all.with(Vec::is_empty) fallback=move || view! { <p class="dim">{words.w(W::NothingToReport)}</p> }>
            <div class="form form--wide">
                <input type="search" data-testid="report-find" aria-label=move || words.w(W::FindMeasure) placeholder=move || words.w(W::FindMeasure) bind:value=wanted />
                <Show when=move || found.with(Vec::is_empty)><p class="dim">{move || words.w(W::NoneFits)}</p></Show>
                <ul class="choices" aria-label=move || words.w(W::ChooseMeasure)>
                    <For each=move || shown.get() key=|one| format!("{one:?}") let:one>{row(one)}</For>
                </ul>
                <Show when=rest>
                    <button type="button" class="button" on:click=move |_| whole.set(true)>{move || words.w(W::ShowAll)}" "{move || found.with(Vec::len)}</button>
                </Show>
            </div>
        </Show>
    }
}

/// The measure that was chosen, and the way back to the others.
#[component]
pub fn Chosen(
    one: RwSignal<Option<Reportable>>,
    chosen: RwSignal<Option<(BoardId, ItemId)>>,
) -> impl IntoView {
    let words = words();
    view! {
        <div class="chosen" data-testid="report-chosen">
            <button type="button" class="button button--plain" on:click=move |_| chosen.set(None)>"‹ "{move || words.w(W::ChooseAnother)}</button>
            {move || one.get().map(|one| view! {
                <p><b>{one.title}</b>" "<span class="dim">{one.plan}</span></p>
                {(!one.reason.is_empty()).then(|| view! { <p class="clash">{words.w(W::Returned)}"："{one.reason}</p> })}
            })}
        </div>
    }
}
