//! 本机: what is stored here, files out and in, signing out.

use crate::api;
use crate::app::{MORE, session};
use crate::browser::{self, time_words};
use crate::lang::{W, words};
use crate::session::Untaken;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use tongban_shared::access::{AccountRole, Action};

#[component]
pub fn Device() -> impl IntoView {
    let session = session();
    let words = words();
    let administers = session.view.allows(Action::Administer);
    let enterprise = session.view.who().is_some_and(|who| who.role == AccountRole::Enterprise);
    let boards = Memo::new(move |_| session.view.listed.with(Vec::len));
    let (estimate, kept) = (RwSignal::new(None), RwSignal::new(None));
    let (sessions, unread) = (RwSignal::new(Vec::<api::SessionLine>::new()), RwSignal::new(false));
    spawn_local(async move {
        estimate.set(browser::storage_estimate().await);
        kept.set(Some(browser::persist().await));
        let read = api::sessions().await;
        unread.set(read.is_err());
        sessions.set(read.unwrap_or_default());
    });
    let export = move |_| {
        spawn_local(async move {
            let name = format!("tongban-{}.bundle", browser::today());
            let bundle = session.bundle().await;
            let given = bundle.and_then(|one| browser::download_blob(&name, &one.blob).map(|()| one));
            let Ok(bundle) = given else { return session.notice(words.w(W::FileUnreadable)) };
            let mut said = format!("{} {}", words.w(W::BundleGiven), bundle.files);
            if bundle.unread > 0 {
                said = format!("{said}；{} {}", words.w(W::BundleUnread), bundle.unread);
            }
            session.notice(&said);
        });
    };
    let told = move |why: Untaken| match why {
        Untaken::Word(word) => words.w(word).to_owned(),
        Untaken::Bundle(error) => error.to_string(),
        Untaken::Document(error) => error.to_string(),
        Untaken::Doubt(doubt) => format!("{}：{doubt}", words.w(W::BundlePartly)),
    };
    let take = move |event: leptos::ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        spawn_local(async move {
            let said = session.take_bundle(&file).await.map(|taken| {
                let new = format!("{} {}", words.w(W::BundleTaken), taken.changes);
                let new = format!("{new}；{} {}", words.w(W::BundleFiles), taken.files);
                let from = |unit: String| format!("{new}；{} {unit}", words.w(W::BundleFrom));
                let new = taken.from.map_or_else(|| new.clone(), from);
                taken.refused.map_or_else(|| new.clone(), |why| format!("{new}；{}", told(why)))
            });
            session.notice(&said.unwrap_or_else(told));
            // The same file may be chosen again.
            input.set_value("");
        });
    };
    let leaving = RwSignal::new(false);
    let leave = move |_| {
        let waiting = session.view.badge.with_untracked(|badge| badge.waiting + badge.saving);
        if waiting > 0 && !leaving.get_untracked() {
            leaving.set(true);
            return session.notice(words.w(W::UnsentWarning));
        }
        spawn_local(async move {
            if !session.sign_out().await {
                session.notice(words.w(W::PinUnreadable));
            }
        });
    };
    let megabytes = |bytes: f64| format!("{:.1} MB", bytes / 1_048_576.0);
    view! {
        <h1>{move || words.w(W::Device)}</h1>
        <Show when=move || !enterprise>
            <nav class="more" aria-label=move || words.w(W::MorePages)>
                {MORE.into_iter().filter(move |(href, ..)| *href != "/audit" || administers).map(|(href, icon, word)| view! { <A href=href><span class="rail__icon" aria-hidden="true">{icon}</span><span>{move || words.w(word)}</span></A> }).collect_view()}
            </nav>
        </Show>
        <dl class="facts">
            <dt>{move || words.w(W::Boards)}</dt><dd class="tabular">{boards}</dd>
            <dt>{move || words.w(W::StorageUsed)}</dt><dd class="tabular">{move || estimate.get().map(|(used, allowed)| format!("{} / {}", megabytes(used), megabytes(allowed)))}</dd>
            <dt>{move || words.w(W::StorageKept)}</dt><dd>{move || kept.get().map(|kept| words.w(if kept { W::Yes } else { W::NotPromised }))}</dd>
        </dl>
        <section aria-labelledby="files">
            <h2 id="files">{move || words.w(W::Files)}</h2>
            <p class="dim">{move || words.w(W::BundleHint)}</p>
            <p class="inline">
                <button type="button" class="button" on:click=export>{move || words.w(W::Export)}</button>
                <label class="button">{move || words.w(W::TakeBundle)}<input class="hidden" type="file" accept=".bundle" on:change=take /></label>
            </p>
        </section>
        <super::faults::Lacking />
        <super::faults::Faults />
        <super::ways::Ways />
        <super::devices::Devices everybody=false />
        <section aria-labelledby="sessions">
            <h2 id="sessions">{move || words.w(W::SignedInDevices)}</h2>
            <Show when=move || unread.get()><p class="dim" role="status">{move || words.w(W::CannotReach)}</p></Show>
            <ul class="lines">
                <For each=move || sessions.get() key=|one| one.id.clone() let:one>
                    <li>{one.about.chars().take(60).collect::<String>()}" "<span class="dim tabular">{time_words(one.last_seen)}</span>
                        <button type="button" class="button button--plain" on:click={ let id = one.id.clone(); move |_| {
                            let id = id.clone();
                            spawn_local(async move {
                                match api::end_session(&id).await {
                                    Ok(()) => sessions.update(|all| all.retain(|one| one.id != id)),
                                    Err(api::ApiError::Refused(why)) => session.notice(&why),
                                    Err(_) => session.notice(words.w(W::CannotReach)),
                                }
                            });
                        } }>{move || words.w(W::EndSession)}</button></li>
                </For>
            </ul>
            <Show when=move || session.can_lock()><p><button type="button" class="button" on:click=move |_| session.lock_now()>{move || words.w(W::LockNow)}</button></p></Show>
            <p><button type="button" class="button" on:click=leave>{move || words.w(W::SignOut)}</button>" "<span class="dim">{move || words.w(W::SignOutHint)}</span></p>
        </section>
    }
}
