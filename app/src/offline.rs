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

/// Registers the worker that keeps the app on the device; says when a newer one waits.
pub fn register_worker(new_version: RwSignal<bool>) {
    // Browsers offer workers on secure addresses and on this machine only.
    let navigator = window().navigator();
    if !js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false) {
        return;
    }
    let registered = navigator.service_worker().register("/sw.js");
    leptos::task::spawn_local(async move {
        match wasm_bindgen_futures::JsFuture::from(registered).await {
            Ok(registration) => watch(registration.unchecked_into(), new_version).await,
            Err(error) => web_sys_log(&format!("service worker: {error:?}")),
        }
    });
}

/// Looks for a waiting worker now and then; the first one takes over by itself.
async fn watch(registration: web_sys::ServiceWorkerRegistration, new_version: RwSignal<bool>) {
    loop {
        new_version.set(registration.waiting().is_some() && registration.active().is_some());
        gloo_timers::future::TimeoutFuture::new(30_000).await;
    }
}

/// Lets the waiting worker take over and opens the page anew: what is shown is saved already.
pub fn take_over() {
    let container = window().navigator().service_worker();
    let reload = Closure::<dyn FnMut()>::new(|| {
        let _ = window().location().reload();
    });
    container.set_oncontrollerchange(Some(reload.as_ref().unchecked_ref()));
    // Kept until the page goes, which is at once.
    reload.forget();
    let ready = container.get_registration();
    leptos::task::spawn_local(async move {
        let registration = wasm_bindgen_futures::JsFuture::from(ready).await;
        let waiting = registration
            .ok()
            .and_then(|one| one.unchecked_into::<web_sys::ServiceWorkerRegistration>().waiting());
        if let Some(waiting) = waiting {
            let _ = waiting.post_message(&"take-over".into());
        }
    });
}
