//! Computers and phones that were signed in on: one's own in 本机, everybody's beside the people.

use super::role_word;
use crate::api;
use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, Words, words};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Devices with a certificate: one's own, or those of everybody.
#[component]
pub fn Devices(everybody: bool) -> impl IntoView {
    let session = session();
    let words = words();
    let devices = RwSignal::new(Vec::<api::DeviceLine>::new());
    let asked = RwSignal::new(String::new());
    let unread = RwSignal::new(false);
    let read = move || async move {
        let read = api::devices().await;
        unread.set(read.is_err());
        // Those that were read before stay.
        if let Ok(all) = read {
            devices.set(all.into_iter().filter(|one| everybody || one.own).collect());
        }
    };
    spawn_local(read());
    let end = move |device: String| {
        if asked.get_untracked() != device {
            return asked.set(device);
        }
        spawn_local(async move {
            match api::end_device(&device).await {
                Ok(()) => read().await,
                Err(api::ApiError::Refused(why)) => session.notice(&why),
                Err(_) => session.notice(words.w(W::CannotReach)),
            }
        });
    };
    let button = move |one: &api::DeviceLine| {
        let (device, pressed) = (one.device.clone(), one.device.clone());
        let label = move || {
            let sure = asked.with(|asked| *asked == device);
            words.w(if sure { W::PressAgain } else { W::EndDevice })
        };
        view! { <button type="button" class="button button--plain" on:click=move |_| end(pressed.clone())>{label}</button> }
    };
    view! {
        <section aria-labelledby="devices">
            <h2 id="devices">{move || words.w(W::CertifiedDevices)}" "<span class="count">{move || devices.with(Vec::len)}</span></h2>
            <p class="dim">{move || words.w(W::DevicesHint)}</p>
            <Show when=move || unread.get()><p class="dim" role="status">{move || words.w(W::CannotReach)}</p></Show>
            <ul class="lines" data-testid="devices">
                <For each=move || devices.get() key=|one| (one.device.clone(), one.in_force) let:one>
                    <li><span>{device_words(words, &one, everybody)}</span>
                        {one.here.then(|| view! { " "<span class="tag">{words.w(W::ThisDevice)}</span> })}
                        {(!one.in_force).then(|| view! { " "<span class="tag">{words.w(W::DeviceEndedWord)}</span> })}
                        {one.in_force.then(|| button(&one))}</li>
                </For>
            </ul>
        </section>
    }
}

/// A device as people know it: browser and system, the person where it may be another's, and when it was
/// here last.
fn device_words(words: Words, one: &api::DeviceLine, everybody: bool) -> String {
    let mut told =
        vec![if one.browser.is_empty() { words.w(W::DeviceWord).to_owned() } else { one.browser.clone() }];
    if everybody {
        told.extend([one.name.clone(), one.unit.clone(), words.w(role_word(&one.role)).to_owned()]);
    }
    told.push(match one.seen {
        Some(seen) => format!("{} {}", words.w(W::LastContact), time_words(seen)),
        None => format!("{} {}", words.w(W::DeviceSince), time_words(one.issued / 1000)),
    });
    told.join(" · ")
}
