//! 谁占用最多: the people and networks that use most of the server now, for who administers it.

use super::audit::plain;
use crate::api;
use crate::app::session;
use crate::lang::{W, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tongban_shared::access::{AccountRole, Action};
use tongban_shared::trust::Budget;

/// A part of a share, with the memory that is held where it is much.
fn used_words(one: &api::CostLine) -> String {
    let (whole, tenth) = (one.used / 10, one.used % 10);
    let part = if tenth == 0 { format!("{whole}%") } else { format!("{whole}.{tenth}%") };
    if one.bytes < 1 << 20 { part } else { format!("{part} · {} MB", one.bytes >> 20) }
}

/// The list, as it is when the page is opened or it is asked for again.
#[component]
pub fn Costs() -> impl IntoView {
    let session = session();
    let words = words();
    let lines = RwSignal::new(None::<Vec<api::CostLine>>);
    let (asked, error) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let read = move || async move {
        let found = api::costs().await;
        if lines.is_disposed() {
            return;
        }
        match found {
            Ok(found) => {
                lines.set(Some(found));
                error.set(None);
            }
            // Those that were read before stay.
            Err(api::ApiError::Refused(why)) => error.set(Some(why)),
            Err(_) => error.set(Some(words.w(W::CannotReach).to_owned())),
        }
    };
    let may = move || session.view.allows(Action::Administer);
    Effect::new(move || {
        // The server is not asked for what it would refuse.
        if may() {
            spawn_local(read());
        }
    });
    let end = move |person: String| {
        if asked.get_untracked() != person {
            return asked.set(person);
        }
        asked.set(String::new());
        spawn_local(async move {
            match api::end_sessions_of(&person).await {
                Ok(()) => {
                    session.notice(words.w(W::SessionsAreEnded));
                    read().await;
                }
                Err(api::ApiError::Refused(why)) => session.notice(&why),
                Err(_) => session.notice(words.w(W::CannotReach)),
            }
        });
    };
    // Nobody signs themselves out here, and another server never signs in again.
    let ends = move |one: &api::CostLine| {
        let role = one.role.as_deref().and_then(AccountRole::from_word);
        let here = session.view.me.with(|me| me.as_ref().map(|me| me.person.clone()));
        let may = |role| role != AccountRole::Server && session.view.allows(Action::AdministerRole(role));
        one.person.clone().filter(|person| here.as_ref() != Some(person) && role.is_some_and(may))
    };
    let button = move |person: String| {
        let pressed = person.clone();
        let label = move || {
            let sure = asked.with(|asked| *asked == person);
            words.w(if sure { W::PressAgain } else { W::EndSessions })
        };
        view! { <button type="button" class="button button--plain" on:click=move |_| end(pressed.clone())>{label}</button> }
    };
    let line = move |one: api::CostLine| {
        let (used, ended) = (used_words(&one), ends(&one));
        let what = Budget::from_word(&one.what);
        let what = what.map_or_else(|| one.what.clone(), |what| words.w(what.label()).to_owned());
        let who = one.from.map_or(one.name, |from| plain(words, &from));
        view! {
            <tr>
                <td>{who}</td>
                <td>{one.unit}</td>
                <td>{what}</td>
                <td class="tabular">{used}</td>
                <td class="tabular">{one.sockets}</td>
                <td>{ended.map(button)}</td>
            </tr>
        }
    };
    let nobody = move || lines.with(|lines| lines.as_ref().is_some_and(Vec::is_empty));
    let some = move || lines.with(|lines| lines.as_ref().is_some_and(|lines| !lines.is_empty()));
    view! {
        <Show when=may>
            <section aria-labelledby="costs">
                <h2 id="costs">{move || words.w(W::Costs)}</h2>
                <p class="dim">{move || words.w(W::CostsHint)}</p>
                <p class="inline"><button type="button" class="button" data-testid="costs-again" on:click=move |_| spawn_local(read())>{move || words.w(W::AskAgain)}</button></p>
                <p class="error" role="alert">{move || error.get()}</p>
                <Show when=nobody><p class="dim" role="status">{move || words.w(W::CostsNobody)}</p></Show>
                <Show when=some>
                    <div class="scroll" tabindex="0" role="region" aria-labelledby="costs">
                        <table class="table" data-testid="costs">
                            <thead><tr>
                                <th>{move || words.w(W::CostParty)}</th><th>{move || words.w(W::Unit)}</th><th>{move || words.w(W::CostWhat)}</th>
                                <th>{move || words.w(W::CostUsed)}</th><th>{move || words.w(W::CostSockets)}</th><td></td>
                            </tr></thead>
                            <tbody><For each=move || lines.get().unwrap_or_default() key=Clone::clone let:one>{line(one)}</For></tbody>
                        </table>
                    </div>
                </Show>
            </section>
        </Show>
    }
}
