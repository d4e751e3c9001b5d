//! Signing in. Needs the network once; afterwards the device remembers.

use crate::api::{self, ApiError};
use crate::app::session;
use crate::lang::{W, words};
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub fn SignIn() -> impl IntoView {
    let session = session();
    let words = words();
    let (login, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (error, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            match api::sign_in(login.get_untracked().trim(), &password.get_untracked()).await {
                Ok(me) => session.signed_in(me).await,
                Err(ApiError::Offline) => error.set(Some(words.w(W::CannotReach).to_owned())),
                Err(ApiError::SignedOut) => error.set(Some(words.w(W::WrongPassword).to_owned())),
                Err(ApiError::Refused(text)) => error.set(Some(text)),
            }
            busy.set(false);
        });
    };
    view! {
        <main class="page page--quiet" id="main">
            <h1>"同办"</h1>
            <p class="dim">{move || words.w(W::Motto)}</p>
            <form class="form" on:submit=submit>
                <label class="field"><span>{move || words.w(W::Login)}</span>
                    <input name="login" autocomplete="username" required bind:value=login /></label>
                <label class="field"><span>{move || words.w(W::Password)}</span>
                    <input name="password" type="password" autocomplete="current-password" required bind:value=password /></label>
                <p class="error" role="alert">{move || error.get()}</p>
                <button class="button button--main" type="submit" disabled=move || busy.get()>{move || words.w(W::SignIn)}</button>
            </form>
        </main>
    }
}
