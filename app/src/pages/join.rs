//! A single-use link: makes an account, or sets its password anew.

use crate::api::{self, ApiError, Invitation};
use crate::app::session;
use crate::lang::{W, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_navigate, use_params_map};

#[component]
pub fn Join() -> impl IntoView {
    let words = words();
    let secret = use_params_map().with_untracked(|params| params.get("secret").unwrap_or_default());
    let invitation = RwSignal::new(None::<Result<Invitation, ApiError>>);
    let asked = secret.clone();
    spawn_local(async move { invitation.set(Some(api::invitation(&asked).await)) });
    view! {
        <h1>{move || words.w(W::JoinTitle)}</h1>
        {move || match invitation.get() {
            None => ().into_any(),
            Some(Ok(found)) => view! { <JoinForm secret=secret.clone() invitation=found /> }.into_any(),
            Some(Err(ApiError::Refused(text))) => view! { <p class="error" role="alert">{text}</p> }.into_any(),
            Some(Err(_)) => view! { <p class="error" role="alert">{words.w(W::CannotReach)}</p> }.into_any(),
        }}
    }
}

#[component]
fn JoinForm(secret: String, invitation: Invitation) -> impl IntoView {
    let session = session();
    let words = words();
    let navigate = use_navigate();
    let (login, name, password) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let error = RwSignal::new(None::<String>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (secret, navigate) = (secret.clone(), navigate.clone());
        // Read before anything is waited for: the page may be gone then.
        let (login, name) = (login.get_untracked(), name.get_untracked());
        let password = password.get_untracked();
        spawn_local(async move {
            session.has_left().await;
            let answer = api::accept(&secret, &login, &name, &password).await;
            match answer {
                Ok(me) => {
                    session.signed_in(me).await;
                    navigate("/", leptos_router::NavigateOptions::default());
                }
                Err(ApiError::Refused(text)) => error.set(Some(text)),
                Err(_) => error.set(Some(words.w(W::CannotReach).to_owned())),
            }
        });
    };
    let resets = invitation.resets;
    view! {
        <p>{invitation.unit}" · "{words.w(role_word(&invitation.role))}</p>
        <form class="form" on:submit=submit>
            <Show when=move || !resets>
                <label class="field"><span>{move || words.w(W::Login)}</span>
                    <input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required
                    minlength="2" bind:value=login /></label>
                <label class="field"><span>{move || words.w(W::PersonName)}</span><input name="name" bind:value=name /></label>
            </Show>
            <label class="field"><span>{move || words.w(W::NewPassword)}</span>
                <input name="password" type="password" autocomplete="new-password" required minlength="8" bind:value=password /></label>
            <p class="error" role="alert">{move || error.get()}</p>
            <button class="button button--main" type="submit">{move || words.w(W::Finish)}</button>
        </form>
    }
}

/// The word of an account's role.
pub fn role_word(role: &str) -> W {
    match role {
        "administrator" => W::RoleAdministrator,
        "editor" => W::RoleEditor,
        "reporter" => W::RoleReporter,
        "keeper" => W::RoleKeeper,
        "supervisor" => W::RoleSupervisor,
        "leader" => W::RoleLeader,
        "guest" => W::RoleGuest,
        "enterprise" => W::RoleEnterprise,
        _ => W::RoleReader,
    }
}
