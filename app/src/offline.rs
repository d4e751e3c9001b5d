//! The service worker that keeps the app on the device.

use crate::browser::{log_error, window};
use leptos::prelude::{RwSignal, Set};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

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
            Err(error) => log_error(&format!("service worker: {error:?}")),
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

/// Lets the waiting worker take over and opens the page anew: what is shown is saved already. If another tab
/// did so before, opening anew is all.
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
