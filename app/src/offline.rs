//! The service worker, and the notice that a panic shows.

use crate::browser::window;
use leptos::prelude::{RwSignal, Set};
use std::sync::atomic::{AtomicUsize, Ordering};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

/// Edits whose transaction is not complete; a panic says when there are any.
pub static UNSAVED: AtomicUsize = AtomicUsize::new(0);

/// A panic is final: the notice is in the page already and only needs to be shown.
pub fn show_panics() {
    std::panic::set_hook(Box::new(|info| {
        web_sys_log(&info.to_string());
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
        if let Some(notice) = document.get_element_by_id("panic") {
            let _ = notice.remove_attribute("hidden");
        }
        if UNSAVED.load(Ordering::Relaxed) > 0
            && let Some(words) = document.get_element_by_id("panic-unsaved")
        {
            let _ = words.remove_attribute("hidden");
        }
    }));
}

fn web_sys_log(text: &str) {
    let console = js_sys::Reflect::get(&js_sys::global(), &"console".into());
    let error = console.as_ref().ok().and_then(|console| js_sys::Reflect::get(console, &"error".into()).ok());
    if let Some(error) = error.and_then(|error| error.dyn_into::<js_sys::Function>().ok()) {
        let _ = error.call1(&JsValue::NULL, &text.into());
    }
}

/// Registers the worker that keeps the app on the device; says when a newer build is there, also one
/// that another tab has let take over: this page is of the build before then.
pub fn register_worker(new_version: RwSignal<bool>) {
    let Some(container) = container() else { return };
    // The first one keeps the build of this very page.
    let mut had_one = container.controller().is_some();
    let taken = Closure::<dyn FnMut()>::new(move || {
        if std::mem::replace(&mut had_one, true) {
            new_version.set(true);
        }
    });
    container.set_oncontrollerchange(Some(taken.as_ref().unchecked_ref()));
    // As long as the page.
    taken.forget();
    let registered = container.register("/sw.js");
    leptos::task::spawn_local(async move {
        match wasm_bindgen_futures::JsFuture::from(registered).await {
            Ok(registration) => watch(&registration.unchecked_into(), new_version),
            Err(error) => web_sys_log(&format!("service worker: {error:?}")),
        }
    });
}

/// The browser's keeper of workers: on secure addresses and on this machine only.
fn container() -> Option<web_sys::ServiceWorkerContainer> {
    let navigator = window().navigator();
    let offers = js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false);
    offers.then(|| navigator.service_worker())
}

/// Says when a worker waits, now or later; the first one takes over by itself.
fn watch(registration: &web_sys::ServiceWorkerRegistration, new_version: RwSignal<bool>) {
    let look = {
        let registration = registration.clone();
        move || {
            if registration.waiting().is_some() && registration.active().is_some() {
                new_version.set(true);
            }
        }
    };
    look();
    let watched = registration.clone();
    let found = Closure::<dyn FnMut()>::new(move || {
        let Some(worker) = watched.installing() else { return };
        let settled = Closure::<dyn FnMut()>::new(look.clone());
        worker.set_onstatechange(Some(settled.as_ref().unchecked_ref()));
        settled.forget();
    });
    registration.set_onupdatefound(Some(found.as_ref().unchecked_ref()));
    found.forget();
}

/// Asks the server whether it has a newer build; told after each new connection, for an upgrade ends
/// them all. The browser itself asks at visits only, and a page may stay open for weeks.
pub fn look_for_newer() {
    let Some(container) = container() else { return };
    leptos::task::spawn_local(async move {
        let Ok(found) = wasm_bindgen_futures::JsFuture::from(container.get_registration()).await else {
            return;
        };
        if let Ok(registration) = found.dyn_into::<web_sys::ServiceWorkerRegistration>()
            && let Ok(asked) = registration.update()
        {
            // Without an answer the next connection asks again.
            let _ = wasm_bindgen_futures::JsFuture::from(asked).await;
        }
    });
}

/// Lets the waiting worker take over and opens the page anew: what is shown is saved already. Where
/// another tab did so before, opening anew is all.
pub fn take_over() {
    let Some(container) = container() else { return };
    let reload = Closure::<dyn FnMut()>::new(|| {
        let _ = window().location().reload();
    });
    container.set_oncontrollerchange(Some(reload.as_ref().unchecked_ref()));
    // Kept until the page goes, which is at once.
    reload.forget();
    leptos::task::spawn_local(async move {
        let registration = wasm_bindgen_futures::JsFuture::from(container.get_registration()).await;
        let waiting = registration
            .ok()
            .and_then(|one| one.dyn_into::<web_sys::ServiceWorkerRegistration>().ok())
            .and_then(|one| one.waiting());
        match waiting {
            Some(waiting) => drop(waiting.post_message(&"take-over".into())),
            None => drop(window().location().reload()),
        }
    });
}
