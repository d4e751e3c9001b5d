//! 登录方式: passkeys, unified sign-in and one-time codes of the person who is signed in.

use super::refused_by_provider;
use crate::api::{self, ApiError};
use crate::app::session;
use crate::browser::{self, time_words};
use crate::lang::{W, words};
use crate::passkeys;
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub fn Ways() -> impl IntoView {
    let session = session();
    let words = words();
    let ways = RwSignal::new(None::<api::Ways>);
    let begun = RwSignal::new(None::<api::NewCode>);
    let (password, name, code) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    spawn_local(async move { ways.set(api::ways().await.ok()) });
    let after = move |result: Result<(), ApiError>| {
        spawn_local(async move {
            match result {
                Ok(()) => {
                    password.set(String::new());
                    name.set(String::new());
                    begun.set(None);
                    ways.set(api::ways().await.ok());
                    session.notice(words.w(W::WaysDone));
                }
                Err(ApiError::Refused(why)) => session.notice(&why),
                Err(_) => session.notice(words.w(W::CannotReach)),
            }
        });
    };
    let add = move |_| {
        // Read before anything is waited for: the page may be gone then.
        let name = name.get_untracked();
        spawn_local(async move {
            let asked = match api::begin_passkey(&password.get_untracked()).await {
                Ok(asked) => asked,
                Err(error) => return after(Err(error)),
            };
            match passkeys::make(&asked).await {
                Ok(made) => after(api::keep_passkey(name.trim(), &made).await),
                Err(_) => session.notice(words.w(W::PasskeyNotAdded)),
            }
        });
    };
    let end = move |id: String| {
        spawn_local(async move { after(api::end_passkey(&id, &password.get_untracked()).await) });
    };
    let begin = move |_| {
        spawn_local(async move {
            match api::begin_code(&password.get_untracked()).await {
                Ok(new) => {
                    code.set(String::new());
                    begun.set(Some(new));
                }
                Err(error) => after(Err(error)),
            }
        });
    };
    let confirm = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        spawn_local(async move { after(api::confirm_code(code.get_untracked().trim()).await) });
    };
    let stop = move |_| {
        spawn_local(async move { after(api::end_code(&password.get_untracked()).await) });
    };
    let bind = move |_| {
        spawn_local(async move {
            match api::bind_provider(&password.get_untracked()).await {
                Ok(address) => drop(browser::window().location().set_href(&address)),
                Err(error) => after(Err(error)),
            }
        });
    };
    let unbind = move |_| {
        spawn_local(async move { after(api::unbind_provider(&password.get_untracked()).await) });
    };
    let (new, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let change = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (before, wanted) = (password.get_untracked(), new.get_untracked());
        if wanted != again.get_untracked() {
            return session.notice(words.w(W::PasswordsDiffer));
        }
        spawn_local(async move {
            match api::change_password(&before, &wanted).await {
                Ok(()) => {
                    for typed in [password, new, again] {
                        typed.set(String::new());
                    }
                    session.notice(words.w(W::PasswordIsChanged));
                }
                Err(error) => after(Err(error)),
            }
        });
    };
    let provider = move || ways.with(|ways| ways.as_ref()?.provider.clone());
    let refused = refused_by_provider();
    let none = move || password.with(String::is_empty);
    let list = move || ways.with(|ways| ways.as_ref().map(|ways| ways.passkeys.clone()).unwrap_or_default());
    let asked_for = move || ways.with(|ways| ways.as_ref().is_some_and(|ways| ways.code));
    let used = move |one: &api::PasskeyLine| match one.used {
        0 => words.w(W::NeverUsed).to_owned(),
        used => format!("{} {}", words.w(W::LastUsed), time_words(used)),
    };
    view! {
        <section aria-labelledby="ways" data-testid="ways">
            <h2 id="ways">{move || words.w(W::SignInWays)}</h2>
            <p class="dim">{move || words.w(W::SignInWaysHint)}</p>
            {refused.map(|word| view! { <p class="error" role="alert">{move || words.w(word)}</p> })}
            <Show when=move || ways.with(Option::is_some) fallback=move || view! { <p class="dim">{words.w(W::CannotReach)}</p> }>
                <label class="field form"><span>{move || words.w(W::PasswordAgain)}</span>
                    <input type="password" autocomplete="current-password" bind:value=password /></label>
                <h3>{move || words.w(W::ChangePassword)}</h3>
                <form class="form" on:submit=change>
                    <p class="dim">{move || words.w(W::ChangePasswordHint)}</p>
                    <label class="field"><span>{move || words.w(W::PasswordToBe)}</span>
                        <input type="password" autocomplete="new-password" minlength="8" maxlength="200" required bind:value=new /></label>
                    <label class="field"><span>{move || words.w(W::PasswordToBeAgain)}</span>
                        <input type="password" autocomplete="new-password" minlength="8" maxlength="200" required bind:value=again /></label>
                    <button type="submit" class="button" disabled=none>{move || words.w(W::ChangePassword)}</button>
                </form>
                <h3>{move || words.w(W::Passkeys)}</h3>
                <ul class="lines">
                    <For each=list key=|one| (one.id.clone(), one.used) let:one>
                        <li>{one.name.clone()}" "<span class="dim tabular">{time_words(one.created)}" · "{used(&one)}</span>
                            " "<button type="button" class="button button--plain" disabled=none on:click={ let id = one.id.clone(); move |_| end(id.clone()) }>{move || words.w(W::EndPasskey)}</button></li>
                    </For>
                </ul>
                <Show when=move || list().is_empty()><p class="dim">{move || words.w(W::PasskeysNone)}</p></Show>
                <Show when=passkeys::here fallback=move || view! { <p class="dim">{words.w(W::PasskeysElsewhere)}</p> }>
                    <p class="inline">
                        <input aria-label=move || words.w(W::PasskeyName) placeholder=move || words.w(W::PasskeyName) maxlength="40" bind:value=name />
                        <button type="button" class="button" disabled=none on:click=add>{move || words.w(W::AddPasskey)}</button>
                    </p>
                </Show>
                {move || provider().map(|(name, bound)| view! {
                    <h3>{name}</h3>
                    <p class="inline">
                        <span>{words.w(if bound { W::UnifiedBound } else { W::UnifiedFree })}</span>
                        {if bound {
                            view! { <button type="button" class="button" disabled=none on:click=unbind>{words.w(W::UnifiedEnd)}</button> }.into_any()
                        } else {
                            view! { <button type="button" class="button" disabled=none on:click=bind>{words.w(W::UnifiedBind)}</button> }.into_any()
                        }}
                    </p>
                })}
                <h3>{move || words.w(W::OneTimeCode)}</h3>
                <p class="inline">
                    <span>{move || words.w(if asked_for() { W::CodeOn } else { W::CodeOff })}</span>
                    <Show when=asked_for fallback=move || view! { <button type="button" class="button" disabled=none on:click=begin>{words.w(W::SetCode)}</button> }>
                        <button type="button" class="button" disabled=none on:click=stop>{move || words.w(W::EndCode)}</button>
                    </Show>
                </p>
                {move || begun.get().map(|new| view! {
                    <form class="form code" on:submit=confirm>
                        <p>{words.w(W::ScanCode)}</p>
                        <svg class="code__picture" role="img" aria-label=words.w(W::CodePicture) viewBox=format!("-4 -4 {0} {0}", new.side + 8)>
                            <rect x="-4" y="-4" width="100%" height="100%" fill="#fff" /><path d=new.picture fill="#000" />
                        </svg>
                        <p><code data-testid="code-secret">{new.secret}</code></p>
                        <label class="field"><span>{words.w(W::OneTimeCode)}</span>
                            <input inputmode="numeric" autocomplete="one-time-code" maxlength="20" required bind:value=code /></label>
                        <button type="submit" class="button button--main">{words.w(W::ConfirmCode)}</button>
                    </form>
                })}
            </Show>
        </section>
    }
}
