//! Accounts and invitations, for who administers the space.

use super::role_word;
use crate::api;
use crate::app::session;
use crate::lang::{W, Words, words};
use crate::parts::{UnitOptions, units_of};
use crate::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tongban_shared::access::{AccountRole, Action};
use tongban_shared::text::logins_alike;

/// The roles that the person here may give, and the one that is chosen.
fn offered(session: Session, words: Words, chosen: AccountRole) -> impl IntoView + use<> {
    // A keeper makes no administrators.
    let may = |role: AccountRole| role == chosen || session.view.allows(Action::AdministerRole(role));
    let option = |role: AccountRole| {
        view! { <option value=role.word() selected={role == chosen}>{move || words.w(role_word(role.word()))}</option> }
    };
    AccountRole::offered().filter(|role| may(*role)).map(option).collect_view()
}

#[component]
pub fn Accounts() -> impl IntoView {
    let session = session();
    let words = words();
    let accounts = RwSignal::new(Vec::<api::AccountLine>::new());
    let (unit, role, link) =
        (RwSignal::new(String::new()), RwSignal::new("editor".to_owned()), RwSignal::new(None::<String>));
    let alike = Memo::new(move |_| {
        let groups = accounts.with(|all| {
            let groups = logins_alike(all.iter().map(|account| account.login.as_str()));
            groups.iter().map(|group| group.join("、")).collect::<Vec<_>>()
        });
        (!groups.is_empty()).then(|| groups.join("；"))
    });
    let read = move || spawn_local(async move { accounts.set(api::accounts().await.unwrap_or_default()) });
    read();
    let invite = move |resets: Option<api::AccountLine>| {
        spawn_local(async move {
            let (unit, role, id) = match &resets {
                Some(account) => (account.unit.clone(), account.role.clone(), Some(account.id.clone())),
                None => (unit.get_untracked(), role.get_untracked(), None),
            };
            match api::invite(&unit, &role, id.as_deref()).await {
                Ok(invited) => link.set(Some(format!(
                    "{}{}",
                    crate::browser::window().location().origin().unwrap_or_default(),
                    invited.link
                ))),
                Err(error) => told(session, words, &error),
            }
        });
    };
    view! {
        <section aria-labelledby="accounts">
            <h2 id="accounts">{move || words.w(W::People)}</h2>
            <form class="inline" on:submit=move |event| { event.prevent_default(); invite(None) }>
                <select aria-label=move || words.w(W::Unit) required prop:value=unit on:change=move |event| unit.set(event_target_value(&event))>
                    <option value="">{move || words.w(W::Unit)}</option>
                    <UnitOptions units=units_of(session, false) />
                </select>
                <select aria-label=move || words.w(W::RoleWord) on:change=move |event| role.set(event_target_value(&event))>
                    {move || offered(session, words, AccountRole::Editor)}
                </select>
                <button class="button button--main" type="submit">{move || words.w(W::Invite)}</button>
            </form>
            {move || link.get().map(|link| view! { <p role="status">{words.w(W::InviteLink)}" "<code class="link">{link}</code></p> })}
            {move || alike.get().map(|alike| view! { <p role="status">{words.w(W::LoginsAlike)}" "{alike}</p> })}
            <ul class="lines">
                <For each=move || accounts.get() key=|one| (one.id.clone(), one.role.clone()) let:one>
                    <AccountRow one reset=Callback::new(move |one| invite(Some(one))) changed=Callback::new(move |()| { accounts.set(Vec::new()); read() }) />
                </For>
            </ul>
        </section>
    }
}

/// Says why something was not done.
fn told(session: Session, words: Words, error: &api::ApiError) {
    match error {
        api::ApiError::Refused(why) => session.notice(why),
        _ => session.notice(words.w(W::CannotReach)),
    }
}

#[component]
fn AccountRow(
    one: api::AccountLine,
    reset: Callback<api::AccountLine>,
    /// Something was done, or refused: the list is drawn anew, with the role that is held.
    changed: Callback<()>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let held = AccountRole::from_word(&one.role);
    let may = Memo::new(move |_| held.is_some_and(|held| session.view.allows(Action::AdministerRole(held))));
    let (one, asked) = (StoredValue::new(one), RwSignal::new(false));
    let after = move |done: Result<(), api::ApiError>| {
        if let Err(error) = done {
            told(session, words, &error);
        }
        changed.run(());
    };
    let change = move |role: String| {
        let (id, unit) = one.with_value(|one| (one.id.clone(), one.unit.clone()));
        spawn_local(async move { after(api::change_account(&id, &unit, &role).await) });
    };
    let leave = move |_| {
        if !asked.get_untracked() {
            return asked.set(true);
        }
        let id = one.with_value(|one| one.id.clone());
        spawn_local(async move { after(api::end_account(&id).await) });
    };
    let unit = move || {
        let unit = one.with_value(|one| one.unit.parse().ok())?;
        Some(session.view.space.with(|space| space.unit_name(unit)))
    };
    view! {
        <li>{one.with_value(|one| one.name.clone())}" "<span class="dim">{one.with_value(|one| one.login.clone())}" · "{unit}</span>" "
            <Show when=move || may.get() fallback=move || view! { <span class="dim">"· "{move || one.with_value(|one| words.w(role_word(&one.role)))}</span> }>
                <select aria-label=move || words.w(W::RoleWord) on:change=move |event| change(event_target_value(&event))>
                    {move || held.map(|held| offered(session, words, held))}
                </select>
                <button type="button" class="button button--plain" on:click=move |_| reset.run(one.get_value())>{move || words.w(W::ResetPassword)}</button>
                <button type="button" class="button button--plain" title=move || words.w(W::LeavesHint) on:click=leave>
                    {move || words.w(if asked.get() { W::PressAgain } else { W::Leaves })}
                </button>
            </Show>
        </li>
    }
}
