//! Failures of the app itself: the notice of a panic, reports that are kept on this device, and
//! errors of the browser that nobody waits for. A panic is final, so nothing here asks the reactive
//! system, and nothing is sent.

use crate::browser;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tongban_shared::fault::{Fault, Steps, kept_with, reports};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

/// Edits whose transaction is not complete; a panic says when there are any.
pub static UNSAVED: AtomicUsize = AtomicUsize::new(0);

/// The app has panicked: what fails from then on only follows from that.
static DEAD: AtomicBool = AtomicBool::new(false);

const KEPT: &str = "faults";

thread_local! {
    static STEPS: RefCell<Steps> = RefCell::default();
    /// The page that was noted last.
    static PAGE: RefCell<String> = RefCell::default();
}

/// Watches for panics and remembers steps, from before the app draws anything.
pub fn watch() {
    std::panic::set_hook(Box::new(|info| {
        browser::log_error(&info.to_string());
        let payload = info.payload();
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("panic");
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        die(message, &place);
    }));
    note_page();
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    // Before any handler of the app: the step that kills it is among the steps.
    for event in ["click", "change"] {
        let listener =
            Closure::<dyn FnMut(web_sys::Event)>::new(|event: web_sys::Event| note_control(&event));
        let listens = listener.as_ref().unchecked_ref();
        let _ = document.add_event_listener_with_callback_and_bool(event, listens, true);
        listener.forget();
    }
    let copy = Closure::<dyn FnMut()>::new(copy_shown);
    if let Some(button) = document.get_element_by_id("panic-copy") {
        let _ = button.add_event_listener_with_callback("click", copy.as_ref().unchecked_ref());
    }
    copy.forget();
}

/// Tells errors that reach the window: a promise that nobody waits for, an exception in a handler.
/// `told` gets called when the app goes on; a trap of the program itself ends it as a panic does.
pub fn watch_uncaught(told: impl Fn() + Clone + 'static) {
    for (event, key) in [("error", "error"), ("unhandledrejection", "reason")] {
        let told = told.clone();
        let listener = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            let error = get(&event, key);
            if DEAD.load(Ordering::Relaxed) || error.is_null_or_undefined() {
                return;
            }
            let message = text(&get(&error, "message")).or_else(|| error.as_string());
            let name = text(&get(&error, "name")).unwrap_or_default();
            let message = format!("{name} {}", message.unwrap_or_default());
            let stack = text(&get(&error, "stack")).unwrap_or_default();
            let place = stack.lines().nth(1).unwrap_or_default().trim().to_owned();
            if error.dyn_ref::<js_sys::WebAssembly::RuntimeError>().is_some() {
                die(&message, &place);
            } else {
                keep(&report(&message, &place));
                told();
            }
        });
        let _ = browser::window().add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
        listener.forget();
    }
}

/// The reports that this device keeps, the newest first.
pub fn kept() -> Vec<String> {
    browser::remembered(KEPT).map(|kept| reports(&kept)).unwrap_or_default()
}

/// Forgets them.
pub fn forget() {
    if let Ok(Some(storage)) = browser::window().local_storage() {
        let _ = storage.remove_item(KEPT);
    }
}

/// Shows the notice. The first failure is the cause of those that follow.
fn die(message: &str, place: &str) {
    if DEAD.swap(true, Ordering::Relaxed) {
        return;
    }
    let told = report(message, place);
    keep(&told);
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    clear_top_layer(&document);
    if let Some(body) = document.body() {
        let all = body.children();
        for other in (0..all.length()).filter_map(|place| all.item(place)) {
            if other.id() != "panic" {
                let _ = other.set_attribute("inert", "");
            }
        }
    }
    if UNSAVED.load(Ordering::Relaxed) > 0 {
        show(&document, "panic-unsaved");
    }
    if let Some(words) = document.get_element_by_id("panic-report") {
        words.set_text_content(Some(&told));
    }
    show(&document, "panic");
}

/// Takes away what would stand over the notice, or keep it from being pressed: an open question, a
/// part of the page that fills the screen. A question is removed, since closing it would call the app.
fn clear_top_layer(document: &web_sys::Document) {
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    }
    let Ok(open) = document.query_selector_all("dialog[open]") else { return };
    for dialog in (0..open.length()).filter_map(|place| open.item(place)) {
        if let Some(around) = dialog.parent_node() {
            let _ = around.remove_child(&dialog);
        }
    }
}

fn show(document: &web_sys::Document, id: &str) {
    if let Some(element) = document.get_element_by_id(id) {
        let _ = element.remove_attribute("hidden");
    }
}

fn report(message: &str, place: &str) -> String {
    let version = format!("{} {}", env!("CARGO_PKG_VERSION"), build());
    let browser = web_sys::window().and_then(|window| window.navigator().user_agent().ok());
    let at = browser::time_words(browser::now());
    let (version, browser) = (version.trim(), browser.unwrap_or_default());
    let fault = Fault { message, place, version, browser: &browser, at: &at };
    // The steps are being written only if noting one has panicked.
    STEPS.with(|steps| {
        steps
            .try_borrow()
            .map(|steps| fault.report(&steps))
            .unwrap_or_else(|_| fault.report(&Steps::default()))
    })
}

fn keep(report: &str) {
    let Some(storage) = web_sys::window().and_then(|window| window.local_storage().ok().flatten()) else {
        return;
    };
    let kept = storage.get_item(KEPT).ok().flatten();
    let _ = storage.set_item(KEPT, &kept_with(kept.as_deref(), report));
}

/// The build of the app: the hash in the name of its program file.
fn build() -> String {
    let file = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| {
            document.query_selector("link[href*='_bg.wasm'], link[href*='tongban-app-']").ok().flatten()
        })
        .and_then(|link| link.get_attribute("href"));
    let name = file.unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    let name = name.strip_prefix("tongban-app-").unwrap_or(name);
    name.split(['_', '.']).next().unwrap_or_default().to_owned()
}

/// Notes the page when it is another than before; an address holds identifiers and no words, but for
/// the secret of an invitation.
fn note_page() {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    let path = if path.starts_with("/join/") { "/join/…".to_owned() } else { path };
    let new = PAGE.with(|page| {
        page.try_borrow_mut().is_ok_and(|mut page| {
            let new = *page != path;
            path.clone_into(&mut page);
            new
        })
    });
    if new {
        note("打开", &path);
    }
}

/// Notes the control that an event is for, by its name; never what is written in it.
fn note_control(event: &web_sys::Event) {
    const CONTROLS: &str = "button, a[href], summary, select, input, textarea, [role=button]";
    note_page();
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(control) = target.and_then(|target| target.closest(CONTROLS).ok().flatten()) else { return };
    let act = if event.type_() == "change" { "改动" } else { "按下" };
    note(act, &name_of(&control));
}

/// The accessible name of a control. Links are named by their address: their words may be titles.
fn name_of(control: &web_sys::Element) -> String {
    if let Some(label) = control.get_attribute("aria-label") {
        return label;
    }
    let tag = control.tag_name();
    if tag == "A" {
        let address = control.get_attribute("href").unwrap_or_default();
        return address.split(['?', '#']).next().unwrap_or_default().to_owned();
    }
    if matches!(tag.as_str(), "INPUT" | "SELECT" | "TEXTAREA") {
        let label = control.closest("label").ok().flatten();
        // The text of a label that wraps a list holds its options as well.
        let span = label.as_ref().and_then(|label| label.query_selector("span").ok().flatten());
        let named = span.or(label.filter(|_| tag == "INPUT")).and_then(|named| named.text_content());
        return named.unwrap_or_else(|| control.get_attribute("data-testid").unwrap_or(tag));
    }
    control.text_content().unwrap_or_default()
}

fn note(act: &str, name: &str) {
    STEPS.with(|steps| {
        if let Ok(mut steps) = steps.try_borrow_mut() {
            steps.note(act, name);
        }
    });
}

/// Copies the report that is shown, or marks it for copying by hand and says so.
fn copy_shown() {
    wasm_bindgen_futures::spawn_local(async {
        let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
        let Some(shown) = document.get_element_by_id("panic-report") else { return };
        let copied = browser::copy(&shown.text_content().unwrap_or_default()).await.is_ok();
        if !copied {
            browser::select(&shown);
        }
        show(&document, if copied { "panic-copied" } else { "panic-by-hand" });
    });
}

fn get(from: &JsValue, key: &str) -> JsValue {
    js_sys::Reflect::get(from, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(value: &JsValue) -> Option<String> {
    value.as_string().filter(|text| !text.is_empty())
}
