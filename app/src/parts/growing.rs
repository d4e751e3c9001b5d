//! A list of items of different heights that grows as it is read.

use super::paper::on_paper;
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
    /// Counts how often the list began anew.
    begun: RwSignal<u32>,
    /// Stands behind the last item that is drawn.
    pub end: NodeRef<Div>,
}

impl Growing {
    /// For a list of so many items.
    pub fn new(total: Memo<usize>) -> Self {
        let growing = Self { drawn: RwSignal::new(STEP), begun: RwSignal::new(0), end: NodeRef::new() };
        let watch = StoredValue::new_local(None::<Watch>);
        Effect::new(move |_| {
            growing.begun.track();
            let end = growing.end.get();
            // Nothing is watched once everything is drawn.
            let more = total.get() > growing.drawn.get_untracked();
            watch.set_value(end.filter(|_| more).and_then(|end| Watch::of(end.into(), growing.drawn, total)));
        });
        // Paper has no end that comes near.
        on_paper(move |paper| {
            if paper {
                growing.whole();
            }
        });
        growing
    }

    /// How many items to draw.
    pub fn count(self) -> usize {
        self.drawn.get()
    }

    /// The list is another one: it begins anew.
    pub fn begin(self) {
        self.drawn.set(STEP);
        self.begun.update(|count| *count += 1);
    }

    /// Everything is drawn.
    pub fn whole(self) {
        let _ = self.drawn.try_set(usize::MAX);
    }
}

/// Tells when an element comes near the screen, until it is dropped.
struct Watch {
    observer: web_sys::IntersectionObserver,
    _heard: Closure<dyn FnMut(js_sys::Array, web_sys::IntersectionObserver)>,
}

impl Watch {
    fn of(end: web_sys::Element, drawn: RwSignal<usize>, total: Memo<usize>) -> Option<Self> {
        let told = {
            let end = end.clone();
            move |seen: js_sys::Array, observer: web_sys::IntersectionObserver| {
                let near = |entry: wasm_bindgen::JsValue| {
                    entry.unchecked_into::<web_sys::IntersectionObserverEntry>().is_intersecting()
                };
                let Some(total) = total.try_get_untracked() else { return observer.disconnect() };
                if seen.iter().any(near) && drawn.try_get_untracked().is_some_and(|drawn| drawn < total) {
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
