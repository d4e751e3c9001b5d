//! Signing in. Needs the network once; afterwards the device remembers.

use crate::api::{self, ApiError, Me};
use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use crate::passkeys;
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub fn SignIn() -> impl IntoView {
    let session = session();
    let words = words();
    let (login, password, code) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (error, busy, coded) = (RwSignal::new(None::<String>), RwSignal::new(false), RwSignal::new(false));
    let came = move |result: Result<Me, ApiError>| async move {
        match result {
            Ok(me) => session.signed_in(me).await,
            Err(ApiError::Offline | ApiError::Later(_)) => {
                error.set(Some(words.w(W::CannotReach).to_owned()));
            }
            Err(ApiError::SignedOut) => error.set(Some(words.w(W::WrongPassword).to_owned())),
            Err(ApiError::NeedsCode) => {
                error.set(None);
                coded.set(true);
            }
            Err(ApiError::Refused(text)) => error.set(Some(text)),
        }
        busy.set(false);
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            // Read before anything is waited for: the page may be gone then.
            let (login, password) = (login.get_untracked(), password.get_untracked());
            let code = code.get_untracked();
            // A person who left without a network is signed out first.
            session.has_left().await;
            came(api::sign_in(login.trim(), &password, code.trim()).await).await;
        });
    };
    let with_passkey = move |_| {
        busy.set(true);
        spawn_local(async move {
            session.has_left().await;
            let asked = match api::ask_passkey().await {
                Ok(asked) => asked,
                Err(error) => return came(Err(error)).await,
            };
            let shown = passkeys::show(&asked).await;
            let not_used = |_| ApiError::Refused(words.w(W::PasskeyNotUsed).to_owned());
            match shown.map_err(not_used) {
                Ok(shown) => came(api::sign_in_with_passkey(&shown).await).await,
                Err(error) => came(Err(error)).await,
            }
        });
    };
    let provider = RwSignal::new(None::<String>);
    spawn_local(async move {
        let name = api::provider().await.ok().flatten();
        if !provider.is_disposed() {
            provider.set(name);
        }
    });
    error.set(refused_by_provider().map(|word| words.w(word).to_owned()));
    let with_provider = move |_| {
        busy.set(true);
        spawn_local(async move {
            session.has_left().await;
            let _ = browser::window().location().set_href("/api/provider");
        });
    };
    view! {
        <main class="page page--quiet" id="main">
            <h1>"同办"</h1>
            <p class="dim">{move || words.w(W::Motto)}</p>
            <Show when=move || session.view.kept.get()><p class="dim" role="status">{move || words.w(W::KeptHere)}</p></Show>
            <super::faults::Lacking />
            <form class="form" on:submit=submit>
                <label class="field"><span>{move || words.w(W::Login)}</span>
                    <input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required
                        bind:value=login /></label>
                <label class="field"><span>{move || words.w(W::Password)}</span>
                    <input name="password" type="password" autocomplete="current-password" required bind:value=password /></label>
                <Show when=move || coded.get()>
                    <label class="field"><span>{move || words.w(W::OneTimeCode)}</span>
                        <input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="20" autofocus
                            bind:value=code /></label>
                    <p class="dim">{move || words.w(W::OneTimeCodeAsked)}</p>
                </Show>
                <p class="error" role="alert">{move || error.get()}</p>
                <button class="button button--main" type="submit" disabled=move || busy.get()>{move || words.w(W::SignIn)}</button>
                <Show when=passkeys::here>
                    <button class="button" type="button" disabled=move || busy.get() on:click=with_passkey>{move || words.w(W::UsePasskey)}</button>
                </Show>
                {move || provider.get().map(|name| view! {
                    <button class="button" type="button" disabled=move || busy.get() on:click=with_provider>{move || words.w(W::UseProvider)}{name}</button>
                })}
            </form>
        </main>
    }
}

/// Why unified sign-in did not work, as the server's word in the address says.
pub fn refused_by_provider() -> Option<W> {
    let search = browser::window().location().search().ok()?;
    Some(match search.strip_prefix("?refused=")? {
        "not-bound" => W::RefusedNotBound,
        "bound-elsewhere" => W::RefusedBoundElsewhere,
        "no-provider" => W::RefusedNoProvider,
        "too-many" => W::RefusedTooMany,
        _ => W::RefusedNotRecognised,
    })
}
