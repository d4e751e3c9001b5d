//! The time zone of the space, for who administers it.

use crate::app::session;
use crate::lang::{W, words};
use leptos::prelude::*;
use tongban_shared::edit::Edit;
use tongban_shared::zone::ZONES;

#[component]
pub fn ZoneSetting() -> impl IntoView {
    let session = session();
    let words = words();
    let chosen = Memo::new(move |_| session.view.space.with(|space| space.zone().id));
    let choose = move |event: leptos::ev::Event| {
        session.edit_space(&[Edit::SetSpaceZone { zone: event_target_value(&event) }]);
    };
    view! {
        <section>
            <label class="field"><span>{move || words.w(W::ZoneOfSpace)}</span>
                <select data-testid="zone" on:change=choose>
                    {ZONES.iter().map(|zone| view! { <option value=zone.id selected=move || chosen.get() == zone.id>{move || words.w(zone.name)}</option> }).collect_view()}
                </select>
            </label>
            <p class="dim">{move || words.w(W::ZoneHint)}</p>
        </section>
    }
}
