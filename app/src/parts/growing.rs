//! A list of items of different heights that grows as it is read.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// How many items a list begins with, and by how many it grows.
const STEP: usize = 100;

/// How far below the screen the end of a list may be before it grows, so that a quick scroll meets
/// no end.
const MARGIN: &str = "2000px";

/// A list of items of different heights: its beginning is drawn, and more as its end comes near.
#[derive(Clone, Copy)]
pub struct Growing {
    drawn: RwSignal<usize>,
    /// Stands behind the last item that is drawn.
    pub end: NodeRef<Div>,
}

impl Growing {
    pub fn new() -> Self {
        let growing = Self { drawn: RwSignal::new(STEP), end: NodeRef::new() };
        let watch = StoredValue::new_local(None::<Watch>);
        Effect::new(move || {
            if let Some(end) = growing.end.get() {
                watch.set_value(Watch::of(end.into(), growing.drawn));
            }
        });
        // Paper has no end that comes near.
        let print = window_event_listener(leptos::ev::beforeprint, move |_| growing.drawn.set(usize::MAX));
        on_cleanup(move || print.remove());
        growing
    }

    /// How many items to draw.
    pub fn count(self) -> usize {
        self.drawn.get()
    }

    /// The list is another one: it begins anew.
    pub fn begin(self) {
        self.drawn.set(STEP);
    }
}

/// Tells when an element comes near the screen, until it is dropped.
struct Watch {
    observer: web_sys::IntersectionObserver,
    _heard: Closure<dyn FnMut(js_sys::Array, web_sys::IntersectionObserver)>,
}

impl Watch {
    fn of(end: web_sys::Element, drawn: RwSignal<usize>) -> Option<Self> {
        let told = {
            let end = end.clone();
            move |seen: js_sys::Array, observer: web_sys::IntersectionObserver| {
                let near = |entry: wasm_bindgen::JsValue| {
                    entry.unchecked_into::<web_sys::IntersectionObserverEntry>().is_intersecting()
                };
                if seen.iter().any(near) {
                    drawn.try_update(|drawn| *drawn = drawn.saturating_add(STEP));
                    // An element that is still near tells so only when it is watched anew.
                    observer.unobserve(&end);
                    observer.observe(&end);
                }
            }
        };
        let options = web_sys::IntersectionObserverInit::new();
        options.set_root_margin(MARGIN);
        let heard = Closure::<dyn FnMut(js_sys::Array, web_sys::IntersectionObserver)>::new(told);
        let observer =
            web_sys::IntersectionObserver::new_with_options(heard.as_ref().unchecked_ref(), &options).ok()?;
        observer.observe(&end);
        Some(Self { observer, _heard: heard })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
