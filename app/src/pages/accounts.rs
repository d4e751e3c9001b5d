//! Accounts and invitations, for who administers the space.

use super::role_word;
use crate::api;
use crate::app::session;
use crate::lang::{W, Words, words};
use crate::parts::{Choose, as_options, units_of};
use crate::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tongban_shared::access::{AccountRole, Action};
use tongban_shared::text::logins_alike;

/// The roles that the person here may give, and the one that is chosen, as [`Choose`] takes them.
fn offered(session: Session, words: Words, chosen: AccountRole) -> Vec<(String, String)> {
    // A keeper makes no administrators.
    let may = |role: &AccountRole| *role == chosen || session.view.allows(Action::AdministerRole(*role));
    let option = |role: AccountRole| (role.word().to_owned(), words.w(role_word(role.word())).to_owned());
    AccountRole::offered().filter(may).map(option).collect()
}

/// A link that was made, and the unit it is for.
#[derive(Debug, Clone)]
struct Invitation {
    link: String,
    unit: String,
}

/// A link with whom it is for and how long, and a button that copies it.
#[component]
fn Invited(one: Invitation) -> impl IntoView {
    let session = session();
    let words = words();
    let unit = one.unit.parse().ok();
    let name = move || unit.map(|unit| session.view.space.with(|space| space.unit_name(unit)));
    let link = StoredValue::new(one.link);
    let copy = move |_| {
        let link = link.get_value();
        spawn_local(async move {
            let copied = crate::browser::copy(&link).await.is_ok();
            session.notice(words.w(if copied { W::LinkCopied } else { W::CopyNotAllowed }));
        });
    };
    view! {
        <p role="status" data-testid="invited">{move || words.w(W::InviteLink)}" "<code class="link">{link.get_value()}</code>" "
            <button type="button" class="button" on:click=copy>{move || words.w(W::CopyLink)}</button>" "
            <span class="dim">{move || words.w(W::ForWhom)}{name}{move || words.w(W::OnceInDays)}</span></p>
    }
}

#[component]
pub fn Accounts() -> impl IntoView {
    let session = session();
    let words = words();
    let accounts = RwSignal::new(Vec::<api::AccountLine>::new());
    let (unit, role, link) =
        (RwSignal::new(String::new()), RwSignal::new("editor".to_owned()), RwSignal::new(None::<Invitation>));
    let alike = Memo::new(move |_| {
        let groups = accounts.with(|all| {
            let groups = logins_alike(all.iter().map(|account| account.login.as_str()));
            groups.iter().map(|group| group.join("、")).collect::<Vec<_>>()
        });
        (!groups.is_empty()).then(|| groups.join("；"))
    });
    let unread = RwSignal::new(false);
    let read = move || {
        spawn_local(async move {
            let read = api::accounts().await;
            unread.set(read.is_err());
            // Those that were read before stay.
            if let Ok(all) = read {
                accounts.set(all);
            }
        });
    };
    read();
    let invite = move |resets: Option<api::AccountLine>| {
        spawn_local(async move {
            let (unit, role, id) = match &resets {
                Some(account) => (account.unit.clone(), account.role.clone(), Some(account.id.clone())),
                None => (unit.get_untracked(), role.get_untracked(), None),
            };
            match api::invite(&unit, &role, id.as_deref()).await {
                Ok(invited) => {
                    let origin = crate::browser::window().location().origin().unwrap_or_default();
                    link.set(Some(Invitation { link: format!("{origin}{}", invited.link), unit }));
                }
                Err(error) => told(session, words, &error),
            }
        });
    };
    let singles = units_of(session, false);
    let units = Signal::derive(move || singles.with(|units| as_options(units)));
    let roles = Signal::derive(move || offered(session, words, AccountRole::Editor));
    let label = move |word: W| Signal::derive(move || words.w(word).to_owned());
    view! {
        <section aria-labelledby="accounts">
            <h2 id="accounts">{move || words.w(W::People)}</h2>
            <form class="inline" on:submit=move |event| { event.prevent_default(); invite(None) }>
                <Choose label=label(W::Unit) options=units chosen=unit none=label(W::Unit) required=true
                    testid="invite-unit" on_choose=move |chosen| unit.set(chosen) />
                <Choose label=label(W::RoleWord) options=roles chosen=role on_choose=move |chosen| role.set(chosen) />
                <button class="button button--main" type="submit">{move || words.w(W::Invite)}</button>
            </form>
            {move || link.get().map(|one| view! { <Invited one /> })}
            {move || alike.get().map(|alike| view! { <p role="status">{words.w(W::LoginsAlike)}" "{alike}</p> })}
            <Show when=move || unread.get()><p class="dim" role="status">{move || words.w(W::CannotReach)}</p></Show>
            <ul class="lines">
                <For each=move || accounts.get() key=|one| (one.id.clone(), one.role.clone()) let:one>
                    <AccountRow one reset=Callback::new(move |one| invite(Some(one))) changed=Callback::new(move |()| read()) />
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
    /// Something was done, or refused: the list is read anew.
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
        asked.set(false);
        let id = one.with_value(|one| one.id.clone());
        spawn_local(async move { after(api::end_account(&id).await) });
    };
    let roles = Signal::derive(move || held.map(|held| offered(session, words, held)).unwrap_or_default());
    let unit = move || {
        let unit = one.with_value(|one| one.unit.parse().ok())?;
        Some(session.view.space.with(|space| space.unit_name(unit)))
    };
    view! {
        <li>{one.with_value(|one| one.name.clone())}" "<span class="dim">{one.with_value(|one| one.login.clone())}" · "{unit}</span>" "
            <Show when=move || may.get() fallback=move || view! { <span class="dim">"· "{move || one.with_value(|one| words.w(role_word(&one.role)))}</span> }>
                <Choose label=Signal::derive(move || words.w(W::RoleWord).to_owned()) options=roles
                    chosen=Signal::derive(move || one.with_value(|one| one.role.clone())) on_choose=change />
                <button type="button" class="button button--plain" on:click=move |_| reset.run(one.get_value())>{move || words.w(W::ResetPassword)}</button>
                <button type="button" class="button button--plain" title=move || words.w(W::LeavesHint) on:click=leave>
                    {move || words.w(if asked.get() { W::PressAgain } else { W::Leaves })}
                </button>
            </Show>
        </li>
    }
}
