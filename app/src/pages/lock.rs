//! The device before it is open: choosing its PIN, or asking for it; and what the administrator asks.

use crate::api::{self, ApiError};
use crate::app::session;
use crate::lang::{W, words};
use crate::session::Tried;
use crate::view::Gate;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tongban_shared::lock::Lock;

#[component]
pub fn LockPage() -> impl IntoView {
    let session = session();
    let words = words();
    let (pin, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (error, busy) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let sets = move || session.view.gate.get() == Gate::ToSet;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let typed = pin.get_untracked();
            let said = if session.view.gate.get_untracked() == Gate::ToSet {
                let chosen = session.choose_pin(&typed, &again.get_untracked()).await;
                chosen.err().map(|word| words.w(word).to_owned())
            } else {
                match session.unlock(&typed).await {
                    Tried::Wrong(left) => Some(format!("{}{left}", words.w(W::PinLeft))),
                    Tried::Unreadable => Some(words.w(W::PinUnreadable).to_owned()),
                    Tried::Right | Tried::Removed => None,
                }
            };
            error.set(said);
            pin.set(String::new());
            again.set(String::new());
            busy.set(false);
        });
    };
    view! {
        <main class="page page--quiet" id="main">
            <h1>{move || words.w(if sets() { W::PinToSet } else { W::Locked })}</h1>
            <Show when=sets><p class="dim">{move || words.w(W::PinToSetHint)}</p></Show>
            <form class="form" on:submit=submit>
                <label class="field"><span>{move || words.w(W::PinAsked)}</span>
                    <input type="password" inputmode="numeric" autocomplete="off" maxlength="12" required bind:value=pin /></label>
                <Show when=sets>
                    <label class="field"><span>{move || words.w(W::PinAgain)}</span>
                        <input type="password" inputmode="numeric" autocomplete="off" maxlength="12" required bind:value=again /></label>
                </Show>
                <p class="error" role="alert">{move || error.get()}</p>
                <button class="button button--main" type="submit" disabled=move || busy.get()>{move || words.w(if sets() { W::ConfirmCode } else { W::Unlock })}</button>
            </form>
        </main>
    }
}

/// The lock that is offered where none is asked yet.
const OFFERED: Lock = Lock { minutes: 10, failures: 5 };

/// 设备锁定: what the administrator asks of every device.
#[component]
pub fn LockSettings() -> impl IntoView {
    let session = session();
    let words = words();
    let asked = Memo::new(move |_| session.view.me.with(|me| me.as_ref()?.lock));
    let minutes = RwSignal::new(OFFERED.minutes.to_string());
    let failures = RwSignal::new(OFFERED.failures.to_string());
    // The form shows the lock that is asked of devices now; what somebody typed before the answer came stays.
    Effect::new(move |before: Option<Option<Lock>>| {
        let (now, before) = (asked.get(), before.flatten().unwrap_or(OFFERED));
        let take = |field: RwSignal<String>, of: fn(&Lock) -> String| {
            let untouched = field.with_untracked(|text| *text == of(&before));
            if let Some(lock) = now.as_ref().filter(|_| untouched) {
                field.set(of(lock));
            }
        };
        take(minutes, |lock| lock.minutes.to_string());
        take(failures, |lock| lock.failures.to_string());
        now
    });
    let set = move |lock: Option<Lock>| {
        spawn_local(async move {
            match api::set_lock(lock).await {
                Ok(()) => {
                    session.notice(words.w(W::LockChanged));
                    session.look_up_me().await;
                }
                Err(ApiError::Refused(why)) => session.notice(&why),
                Err(_) => session.notice(words.w(W::CannotReach)),
            }
        });
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // A value that is no number is out of every bound, and the server says which they are.
        let minutes = minutes.get_untracked().trim().parse().unwrap_or_default();
        let failures = failures.get_untracked().trim().parse().unwrap_or_default();
        set(Some(Lock { minutes, failures }));
    };
    view! {
        <section aria-labelledby="lock" data-testid="lock">
            <h2 id="lock">{move || words.w(W::DeviceLock)}</h2>
            <p class="dim">{move || words.w(W::DeviceLockHint)}</p>
            <form class="inline" on:submit=submit>
                <label class="check">{move || words.w(W::LockMinutes)}<input class="short" type="number" min="1" max="720" required bind:value=minutes /></label>
                <label class="check">{move || words.w(W::LockFailures)}<input class="short" type="number" min="3" max="20" required bind:value=failures /></label>
                <button type="submit" class="button">{move || words.w(W::SetLock)}</button>
                <Show when=move || asked.get().is_some()><button type="button" class="button" on:click=move |_| set(None)>{move || words.w(W::EndLock)}</button></Show>
            </form>
            {move || asked.get().map(|lock| view! { <p>{words.w(W::LockMinutes)}"："{lock.minutes}"　"{words.w(W::LockFailures)}"："{lock.failures}</p> })}
        </section>
    }
}
