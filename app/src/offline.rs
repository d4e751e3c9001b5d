//! The service worker, and the notice that a panic shows.

use crate::browser::window;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    if let Some(error) =
        error.and_then(|error| wasm_bindgen::JsCast::dyn_into::<js_sys::Function>(error).ok())
    {
        let _ = error.call1(&wasm_bindgen::JsValue::NULL, &text.into());
    }
}

/// Registers the worker that keeps the app on the device.
pub fn register_worker() {
    // Browsers offer workers on secure addresses and on this machine only.
    let navigator = window().navigator();
    let offered = js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false);
    if offered {
        let registered = navigator.service_worker().register("/sw.js");
        leptos::task::spawn_local(async move {
            if let Err(error) = wasm_bindgen_futures::JsFuture::from(registered).await {
                web_sys_log(&format!("service worker: {error:?}"));
            }
        });
    }
}
