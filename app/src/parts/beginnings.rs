//! The one door through which words come to the eye: whatever a page draws, of one long word it shows the
//! beginning. Somebody may write a hundred thousand letters into a title, and a browser takes seconds to set
//! each such word in lines, in every list of every colleague.
//!
//! The page is looked at after the app has changed it and before the browser draws it, so that no list, card
//! or heading has to think of it. The app reads, edits and writes to files the whole text: it never
//! comes from the page. `data-shows` on an element tells of places that show more: `text` where texts are
//! judged, `all` where one thing is opened.

use crate::lang::Words;
use leptos::prelude::document;
use std::borrow::Cow;
use tongban_shared::limits::{TEXT_SHOWN, WORD_SHOWN};
use tongban_shared::text;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CharacterData, Element, MutationRecord, Node};

/// More letters than this are broken into lines at any letter: else one line that cannot be broken takes a
/// browser the square of its letters.
pub const LONG: usize = 1000;

/// The name of `NodeFilter.SHOW_TEXT`.
const TEXTS: u32 = 4;

/// The words of an element that are not its text: its tooltip, and its name for those who hear the page.
const TOLD: [&str; 2] = ["title", "aria-label"];

/// Looks at everything that comes into the page from now on.
pub fn show_beginnings(words: Words) {
    let changed = move |records: js_sys::Array| {
        for record in records.iter().map(JsCast::unchecked_into::<MutationRecord>) {
            look_at(&record, words);
        }
    };
    let heard = Closure::<dyn FnMut(js_sys::Array)>::new(changed);
    let options = web_sys::MutationObserverInit::new();
    options.set_child_list(true);
    options.set_character_data(true);
    options.set_subtree(true);
    options.set_attribute_filter(&TOLD.into_iter().map(JsValue::from).collect::<js_sys::Array>());
    let observer = web_sys::MutationObserver::new(heard.as_ref().unchecked_ref());
    if let Some((observer, body)) = observer.ok().zip(document().body())
        && observer.observe_with_options(&body, &options).is_ok()
    {
        // For as long as the page is there.
        heard.forget();
    }
}

fn look_at(record: &MutationRecord, words: Words) {
    let Some(target) = record.target() else { return };
    if target.node_type() == Node::TEXT_NODE {
        return show_text(&target, words);
    }
    if let Some(name) = record.attribute_name() {
        return show_told(target.unchecked_ref(), &name, words);
    }
    let added = record.added_nodes();
    for node in (0..added.length()).filter_map(|place| added.item(place)) {
        match node.node_type() {
            Node::TEXT_NODE => show_text(&node, words),
            Node::ELEMENT_NODE => show_within(node.unchecked_ref(), words),
            _ => {}
        }
    }
}

fn show_within(element: &Element, words: Words) {
    if let Ok(texts) = document().create_tree_walker_with_what_to_show(element, TEXTS) {
        while let Ok(Some(text)) = texts.next_node() {
            show_text(&text, words);
        }
    }
    for name in TOLD {
        show_told(element, name, words);
        let Ok(told) = element.query_selector_all(&format!("[{name}]")) else { continue };
        for one in (0..told.length()).filter_map(|place| told.item(place)) {
            show_told(one.unchecked_ref(), name, words);
        }
    }
}

/// Most are short: their length is asked for first, in UTF-16, of which a character takes one or two.
fn show_text(node: &Node, words: Words) {
    let node: &CharacterData = node.unchecked_ref();
    if (node.length() as usize) <= WORD_SHOWN {
        return;
    }
    let Some(parent) = node.parent_element() else { return };
    let place = parent.closest("[data-shows]").ok().flatten();
    let most = match place.and_then(|place| place.get_attribute("data-shows")).as_deref() {
        Some("all") => usize::MAX,
        Some(_) => TEXT_SHOWN,
        None => WORD_SHOWN,
    };
    if most > LONG && node.length() as usize > LONG {
        let _ = parent.class_list().add_1("long");
    }
    if (node.length() as usize) <= most {
        return;
    }
    let whole = node.data();
    // Words that are short enough are not set anew: that would be heard again, without end.
    if let Cow::Owned(shown) = text::shown(&whole, most, words.lang_untracked()) {
        node.set_data(&shown);
    }
}

fn show_told(element: &Element, name: &str, words: Words) {
    let Some(whole) = element.get_attribute(name) else { return };
    if let Cow::Owned(shown) = text::shown(&whole, WORD_SHOWN, words.lang_untracked()) {
        let _ = element.set_attribute(name, &shown);
    }
}
