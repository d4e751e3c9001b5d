//! Paper shows everything: what a screen draws as it is read is drawn whole before it is printed.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Tells with `true` before a page is printed or shown as it would be, with `false` after.
///
/// Both ways of the browser are heard: some print without the events, some show the page as paper
/// without printing.
pub fn on_paper(told: impl Fn(bool) + Clone + 'static) {
    let (before, after, shown) = (told.clone(), told.clone(), told);
    let before = window_event_listener(leptos::ev::beforeprint, move |_| before(true));
    let after = window_event_listener(leptos::ev::afterprint, move |_| after(false));
    on_cleanup(move || {
        before.remove();
        after.remove();
    });
    let Ok(Some(print)) = crate::browser::window().match_media("print") else { return };
    if print.matches() {
        shown(true);
    }
    let query = print.clone();
    let hear = Closure::<dyn FnMut()>::new(move || shown(query.matches()));
    let _ = print.add_event_listener_with_callback("change", hear.as_ref().unchecked_ref());
    let heard = StoredValue::new_local(Some((print, hear)));
    on_cleanup(move || {
        if let Some((print, hear)) = heard.try_update_value(Option::take).flatten() {
            let _ = print.remove_event_listener_with_callback("change", hear.as_ref().unchecked_ref());
        }
    });
}

/// Opens on paper everything that is folded on the screen, and folds it again after.
pub fn unfold_on_paper() {
    const FOLDED: &str = "main details:not(.menu):not([open])";
    let opened = StoredValue::new_local(Vec::<web_sys::Element>::new());
    on_paper(move |paper| {
        if !paper {
            for one in opened.try_update_value(std::mem::take).unwrap_or_default() {
                let _ = one.remove_attribute("open");
            }
        } else if let Ok(folded) = document().query_selector_all(FOLDED) {
            let all = (0..folded.length()).filter_map(|place| folded.item(place));
            for one in all.filter_map(|one| one.dyn_into::<web_sys::Element>().ok()) {
                let _ = one.set_attribute("open", "");
                opened.try_update_value(|opened| opened.push(one));
            }
        }
    });
}
