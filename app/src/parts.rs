//! Parts that several pages share.

mod arriving;
mod beginnings;
mod carry;
mod choose;
mod confirm;
mod dropped;
mod each;
mod field;
mod files;
mod growing;
mod later;
mod number;
mod options;
mod outbox;
mod paper;
mod question;
mod unsaved;
mod window;

pub use arriving::Arriving;
use arriving::ArrivingLines;
pub use beginnings::{LONG, show_beginnings};
pub use carry::{Carrier, Moving};
pub use choose::Choose;
pub use confirm::{Confirm, Question};
pub use dropped::{bytes_of, chosen_file, take_drops, watch_drops};
pub use each::{OfBoards, of_each_board};
pub use field::{Field, Stroke, TextBox, hear_compositions};
pub use files::{AttachFiles, ShownFiles};
pub use growing::Growing;
pub use later::kept;
pub use number::{NumberChoice, NumberIs};
pub use options::{UnitOptions, as_options, board_titles, units_of};
use outbox::OutboxLines;
pub use paper::unfold_on_paper;
pub use question::QuestionLine;
pub use unsaved::Unsaved;
pub use window::Seen;

use crate::app::session;
use crate::lacks;
use crate::lang::{W, Words, words};
use crate::view::Badge;
use leptos::prelude::*;
use tongban_shared::fold::{Lamp, PartState};
use tongban_shared::views::Light;
use wasm_bindgen::JsCast;

/// The sync badge: words and a shape, never colour alone; a click opens the outbox.
#[component]
pub fn BadgeButton() -> impl IntoView {
    let session = session();
    let words = words();
    let open = RwSignal::new(false);
    let badge = session.view.badge;
    let sync = move |_| {
        session.sync_now();
        // A press is answered where nothing waits.
        session.notice(&untrack(|| outbox_words(words, badge.get())));
    };
    // It stands over the page, and goes as menus do: with Esc, and with a press anywhere else.
    let close = move || {
        if open.get_untracked() {
            open.set(false);
        }
    };
    let outside = window_event_listener(leptos::ev::pointerdown, move |event| {
        let pressed = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if pressed.is_none_or(|element| element.closest(".badge").ok().flatten().is_none()) {
            close();
        }
    });
    let escape = window_event_listener(leptos::ev::keydown, move |event| {
        // One press closes one thing: a panel beside the page stays.
        if event.key() == "Escape" && !event.is_composing() && open.get_untracked() {
            event.prevent_default();
            close();
        }
    });
    on_cleanup(move || {
        outside.remove();
        escape.remove();
    });
    view! {
        <div class="badge">
            <button
                type="button"
                class="badge__button"
                data-state=move || badge_state(badge.get())
                data-testid="badge"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span aria-hidden="true">{move || badge_shape(badge.get())}</span>
                <span>{move || badge_words(words, badge.get())}</span>
            </button>
            <span class="hidden" role="status">{move || badge_words(words, badge.get())}</span>
            <Show when=move || open.get()>
                <div class="badge__panel">
                    <p>{move || outbox_words(words, badge.get())}</p>
                    <OutboxLines />
                    <ArrivingLines />
                    {(!lacks::opens_offline()).then(|| view! { <p>{move || words.w(lacks::no_offline_word())}</p> })}
                    <p><button type="button" class="button" on:click=sync>{move || words.w(W::SyncNow)}</button></p>
                    <p><a href="/device">{move || words.w(W::Device)}</a></p>
                </div>
            </Show>
        </div>
    }
}

fn badge_state(badge: Badge) -> &'static str {
    if badge.failed {
        "failed"
    } else if badge.refused > 0 {
        "attention"
    } else if badge.saving > 0 {
        "saving"
    } else if badge.connected && (badge.waiting > 0 || badge.receiving) {
        "syncing"
    } else if badge.waiting > 0 {
        "waiting"
    } else if badge.connected {
        "synced"
    } else {
        "offline"
    }
}

fn badge_shape(badge: Badge) -> &'static str {
    match badge_state(badge) {
        "failed" => "✕",
        "attention" => "!",
        "saving" | "syncing" => "↻",
        "waiting" => "⇡",
        "synced" => "✓",
        _ => "○",
    }
}

fn badge_words(words: Words, badge: Badge) -> String {
    let w = |word| words.w(word);
    match badge_state(badge) {
        "failed" => w(W::NotSaved).to_owned(),
        "attention" => format!("{} {}", w(W::Attention), badge.refused),
        "saving" => w(W::Saving).to_owned(),
        "syncing" => w(if badge.waiting > 0 { W::Uploading } else { W::Receiving }).to_owned(),
        "waiting" => format!("{} {}", badge.waiting, w(W::WaitingHere)),
        "synced" => w(W::Synced).to_owned(),
        _ => w(W::Offline).to_owned(),
    }
}

fn outbox_words(words: Words, badge: Badge) -> String {
    let w = |word| words.w(word);
    let connection = if badge.connected { w(W::Connected) } else { w(W::NotConnected) };
    let waiting = if badge.waiting == 0 {
        w(W::NothingWaits).to_owned()
    } else {
        format!("{} {}", badge.waiting, w(W::WaitingHere))
    };
    format!("{connection} · {waiting}")
}

/// A sentence that passes by, with undo beside it.
#[component]
pub fn Notice() -> impl IntoView {
    let session = session();
    let words = words();
    let notice = session.view.notice;
    view! {
        <div class="notice" role="status" class:notice--open=move || notice.get().is_some()>
            {move || notice.get().map(|text| view! {
                <span>{text}</span>
                <Show when=move || session.view.takes_back.get()>
                    <button type="button" class="button button--plain" on:click=move |_| { notice.set(None); session.undo(); }>{move || words.w(W::Undo)}</button>
                </Show>
                <button type="button" class="button button--plain" on:click=move |_| notice.set(None)>{move || words.w(W::Close)}</button>
            })}
        </div>
    }
}

/// How many parts are closed, of how many; nothing where there are none.
pub fn closed_words(words: Words, closed: usize, all: usize) -> Option<String> {
    let told = words.w(W::CloseOut).replace("{n}", &closed.to_string()).replace("{m}", &all.to_string());
    (all > 0).then_some(told)
}

/// The class of a state, for its colour.
pub fn state_class(state: PartState) -> &'static str {
    match state {
        PartState::NotStarted => "state state--new",
        PartState::InProgress => "state state--running",
        PartState::Asked => "state state--asked",
        PartState::Returned => "state state--returned",
        PartState::Closed => "state state--closed",
    }
}

/// Shape and word of a lamp.
pub fn lamp_parts(lamp: Lamp) -> (&'static str, W, &'static str) {
    match lamp {
        Lamp::Overdue => ("▲", W::Overdue, "lamp lamp--overdue"),
        Lamp::DueSoon => ("◆", W::DueSoon, "lamp lamp--soon"),
        Lamp::PastPlan => ("◇", W::PastPlan, "lamp lamp--soon"),
        Lamp::OnTrack => ("●", W::OnTrack, "lamp lamp--on"),
        Lamp::NoDate => ("○", W::NoDate, "lamp lamp--on"),
        Lamp::Done => ("✓", W::Done, "lamp lamp--done"),
    }
}

/// The class of a light, for its colour.
pub fn light_class(light: Light) -> &'static str {
    match light {
        Light::Overdue | Light::Returned => "lamp lamp--overdue",
        Light::DueSoon | Light::Asked => "lamp lamp--soon",
        Light::NotStarted => "lamp lamp--on",
        Light::Going => "lamp lamp--going",
        Light::Done => "lamp lamp--done",
    }
}
