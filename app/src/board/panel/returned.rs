//! A close-out that was sent back: the reason at the head of the panel, and the way to mend it.

use super::Panel;
use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, words};
use leptos::prelude::*;
use tongban_shared::fold::returned;

#[component]
pub fn ReturnedBand(
    panel: Panel,
    /// Set where the unit mends it: the form of progress opens with asking to close.
    mending: RwSignal<bool>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let unit = session.view.who().map(|who| who.unit);
    let back = panel.memo(move |view| {
        let entry = returned(&view.state, &view.entries, unit?)?;
        Some((entry.author.unit, entry.said / 1000, entry.body.clone()))
    });
    view! {
        {move || back.get().map(|(by, at, reason)| {
            let name = session.view.space.with(|space| space.unit_name(by));
            view! {
                <div class="returned" data-testid="returned">
                    <p data-shows="all"><b>{name}" "{time_words(at)}" "{words.w(W::ReturnedBecause)}</b>"："{reason}</p>
                    <button type="button" class="button button--main" on:click=move |_| mending.set(true)>{words.w(W::MendAndAsk)}</button>
                </div>
            }
        })}
    }
}
