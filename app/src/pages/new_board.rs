//! 新建清单: the gallery of templates.

use crate::app::session;
use crate::lang::{W, words};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use tongban_shared::access::{Action, allowed};
use tongban_shared::template;

#[component]
pub fn NewBoard() -> impl IntoView {
    let session = session();
    let words = words();
    let chosen = RwSignal::new(None::<String>);
    let title = RwSignal::new(String::new());
    let navigate = use_navigate();
    let may = Memo::new(move |_| {
        session
            .view
            .who()
            .is_some_and(|who| session.view.space.with(|space| allowed(space, who, Action::WriteSpace)))
    });
    let begin = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = title.get_untracked();
        let template = chosen.with_untracked(|chosen| chosen.as_deref().and_then(template::find));
        if let (Some(template), false) = (template, name.trim().is_empty())
            && let Some(board) = session.begin_board(template, name.trim())
        {
            navigate(&format!("/b/{board}"), leptos_router::NavigateOptions::default());
        }
    };
    view! {
        <h1>{move || words.w(W::NewBoard)}</h1>
        <p class="dim">{move || words.w(if may.get() { W::NewBoardHint } else { W::OfficeOnly })}</p>
        <form on:submit=begin>
            <div class="gallery" role="radiogroup" aria-label=move || words.w(W::ItemKind)>
                {template::built_in().iter().map(|one| {
                    let id = one.id.clone();
                    let is = { let id = id.clone(); Memo::new(move |_| chosen.with(|chosen| chosen.as_deref() == Some(id.as_str()))) };
                    view! {
                            <label class="gallery__card" class:gallery__card--chosen=is>
                                <input type="radio" name="template" value=id.clone() prop:checked=is on:change=move |_| chosen.set(Some(id.clone())) />
                                <Picture columns=one.sections.len().max(1) kinds=one.items.len() />
                                <b>{move || one.name.get(words.lang())}</b>
                                <span class="dim">{move || one.purpose.get(words.lang())}</span>
                            </label>
                    }
                }).collect_view()}
            </div>
            <p class="inline">
                <input data-testid="board-name" aria-label=move || words.w(W::BoardName) placeholder=move || words.w(W::BoardName) bind:value=title />
                <button class="button button--main" type="submit" disabled=move || !may.get() || chosen.with(Option::is_none) || title.with(|title| title.trim().is_empty())>{move || words.w(W::Begin)}</button>
            </p>
        </form>
    }
}

/// What a board of the template looks like: its sections as columns, its kinds of rows as bars.
#[component]
fn Picture(columns: usize, kinds: usize) -> impl IntoView {
    let (columns, kinds) = (columns.min(6), kinds.min(5));
    let width = 96 / columns;
    view! {
        <svg viewBox="0 0 100 40" class="gallery__picture" aria-hidden="true">
            {(0..columns).map(|column| {
                (0..kinds).map(|row| view! {
                    <rect x=2 + column * width y=3 + row * 7 width=width.saturating_sub(3) height="5" rx="1" opacity=format!("{:.2}", 1.0 / f64::from(u32::try_from(row + 1).unwrap_or(1)))></rect>
                }).collect_view()
            }).collect_view()}
        </svg>
    }
}
