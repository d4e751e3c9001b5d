//! Text fields under the hands of people: an input method composes in them, and others change what
//! they hold.
//!
//! A composition is one input. While it runs, no field of the app hears of its letters or keys, so
//! that nothing of it is sent, kept or listed; when it ends, the field hears one `input`.

use super::LONG;
use crate::app::session;
use leptos::html::{Input, Textarea};
use leptos::prelude::*;
use std::cell::RefCell;
use tongban_shared::limits::TEXT_CHARS;
use tongban_shared::text::{Splice, caret_after, is_short, rebased, splices_between};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// The code browsers give a key that an input method has taken.
const TAKEN: u32 = 229;

thread_local! {
    /// The field that a composition runs in.
    static COMPOSING: RefCell<Option<web_sys::EventTarget>> = const { RefCell::new(None) };
}

/// Whether a composition runs in a field. One that left the page has ended without saying so.
fn is_composing(field: &JsValue) -> bool {
    COMPOSING.with_borrow(|composing| {
        composing.as_ref().is_some_and(|one| AsRef::<JsValue>::as_ref(one) == field && is_there(one))
    })
}

fn is_there(target: &web_sys::EventTarget) -> bool {
    target.dyn_ref::<web_sys::Node>().is_some_and(web_sys::Node::is_connected)
}

/// Stands before every listener of the page from now on.
pub fn hear_compositions() {
    hear("compositionstart", |event| COMPOSING.set(event.target()));
    hear("compositionend", |event| {
        COMPOSING.take();
        // Some browsers say the last word of a composition before it ends, some say nothing after.
        if let (Some(field), Ok(input)) = (event.target(), bubbling("input")) {
            let _ = field.dispatch_event(&input);
        }
    });
    hear("input", |event| {
        if event.target().is_some_and(|field| is_composing(&field)) {
            event.stop_immediate_propagation();
        }
    });
    for name in ["keydown", "keypress", "keyup"] {
        hear(name, |event| {
            let Some(key) = event.dyn_ref::<web_sys::KeyboardEvent>() else { return };
            let composing = event.target().is_some_and(|field| is_composing(&field)) || key.is_composing();
            if !composing && key.key_code() != TAKEN {
                return;
            }
            event.stop_immediate_propagation();
            // Safari ends the composition before it tells of the Enter that ended it.
            if !composing && key.key() == "Enter" {
                event.prevent_default();
            }
        });
    }
    hear("submit", |event| {
        let runs = COMPOSING.with_borrow(|composing| composing.as_ref().is_some_and(is_there));
        if runs {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
}

fn bubbling(name: &str) -> Result<web_sys::Event, JsValue> {
    let how = web_sys::EventInit::new();
    how.set_bubbles(true);
    web_sys::Event::new_with_event_init_dict(name, &how)
}

fn hear(name: &str, act: impl Fn(web_sys::Event) + 'static) {
    let listener = Closure::<dyn Fn(web_sys::Event)>::new(act);
    let window = crate::browser::window();
    // At the window and before anything else, for as long as the page is there.
    let heard =
        window.add_event_listener_with_callback_and_bool(name, listener.as_ref().unchecked_ref(), true);
    if heard.is_ok() {
        listener.forget();
    }
}

/// An input of one line or several.
#[derive(Clone)]
enum Element {
    Line(web_sys::HtmlInputElement),
    Area(web_sys::HtmlTextAreaElement),
}

impl Element {
    fn value(&self) -> String {
        match self {
            Self::Line(line) => line.value(),
            Self::Area(area) => area.value(),
        }
    }

    fn as_js(&self) -> &JsValue {
        match self {
            Self::Line(line) => line.as_ref(),
            Self::Area(area) => area.as_ref(),
        }
    }

    fn has_focus(&self) -> bool {
        let active = document().active_element();
        active.is_some_and(|active| AsRef::<JsValue>::as_ref(&active) == self.as_js())
    }

    fn selection(&self) -> Option<(usize, usize)> {
        let (from, to) = match self {
            Self::Line(line) => (line.selection_start(), line.selection_end()),
            Self::Area(area) => (area.selection_start(), area.selection_end()),
        };
        Some((from.ok()?? as usize, to.ok()?? as usize))
    }

    /// Shows another text; the caret stays with its words unless it is told where to go.
    fn show(&self, text: &str, caret: Option<usize>) {
        let before = self.value();
        if before == text {
            return;
        }
        let selected = self.selection();
        match self {
            Self::Line(line) => line.set_value(text),
            Self::Area(area) => area.set_value(text),
        }
        if !self.has_focus() {
            return;
        }
        let changed = splices_between(&before, text);
        let stays = selected.map(|(from, to)| (caret_after(from, &changed), caret_after(to, &changed)));
        if let Some((from, to)) = caret.map(|caret| (caret, caret)).or(stays) {
            let (from, to) = (u32::try_from(from).unwrap_or_default(), u32::try_from(to).unwrap_or_default());
            let _ = match self {
                Self::Line(line) => line.set_selection_range(from, to),
                Self::Area(area) => area.set_selection_range(from, to),
            };
        }
    }
}

/// The words a person wrote into a field.
#[derive(Debug, Clone)]
pub struct Stroke {
    /// The whole text, with what others wrote meanwhile.
    pub text: String,
    /// The steps that make it of what stands there, one after the other.
    pub steps: Vec<Splice>,
}

/// A field with its own text, the text that it began from, and its caret.
#[derive(Clone, Copy)]
struct Held {
    line: NodeRef<Input>,
    area: NodeRef<Textarea>,
    value: Signal<String>,
    /// The text of the document when the field last agreed with it. None at first: the element on the page
    /// may still hold the words of the item before.
    base: StoredValue<Option<String>>,
    /// The selection at the time the person began to write over it.
    selected: StoredValue<Option<(usize, usize)>>,
}

impl Held {
    fn element(self) -> Option<Element> {
        let line = self.line.get().map(Element::Line);
        line.or_else(|| self.area.get().map(Element::Area))
    }

    /// Takes in what the document says: what was typed and not told yet stays, over the words of others.
    fn take_in(self, element: &Element, now: String) {
        let shown = element.value();
        if shown != now {
            let base = self.base.get_value().unwrap_or_else(|| shown.clone());
            let mine = Splice::between(&base, &shown);
            let steps = mine.map(|mine| rebased(&mine, &splices_between(&base, &now))).unwrap_or_default();
            element.show(&steps.iter().fold(now.clone(), |text, step| step.apply(&text)), None);
        }
        self.base.set_value(Some(now));
    }

    fn follow(self) {
        let now = self.value.get();
        if let Some(element) = self.element().filter(|element| !is_composing(element.as_js())) {
            self.take_in(&element, now);
        }
    }

    /// Notes what is about to be written over.
    fn begin(self) {
        if let Some(element) = untrack(|| self.element()) {
            self.selected.set_value(element.selection());
        }
    }

    fn heard(self, tell: Option<Callback<Stroke>>) {
        let Some(element) = untrack(|| self.element()) else { return };
        let (shown, now) = (element.value(), self.value.get_untracked());
        let base = self.base.get_value().unwrap_or_else(|| now.clone());
        let selected = self.selected.get_value();
        self.selected.set_value(None);
        let Some((tell, mine)) = tell.zip(Splice::typed(&base, &shown, selected)) else {
            if base != now {
                self.take_in(&element, now);
            }
            return;
        };
        let steps = rebased(&mine, &splices_between(&base, &now));
        let text = steps.iter().fold(now, |text, step| step.apply(&text));
        let written = steps.iter().find(|step| !step.insert.is_empty());
        element.show(&text, written.map(|step| step.at + step.insert.encode_utf16().count()));
        self.base.set_value(Some(text.clone()));
        tell.run(Stroke { text, steps });
        // A refused stroke does not stay on the screen as if it were said.
        self.take_in(&element, self.value.get_untracked());
    }
}

/// A text field whose words others may change: what is being written stays under the hand of its
/// person, theirs are shown around it.
#[component]
pub fn TextBox(
    #[prop(into)] value: Signal<String>,
    #[prop(into)] disabled: Signal<bool>,
    /// Its lines; none for a field of one line.
    #[prop(optional)]
    rows: u32,
    /// Hears each input.
    #[prop(optional)]
    on_typed: Option<Callback<Stroke>>,
    /// Hears the whole text when the person has finished.
    #[prop(optional)]
    on_done: Option<Callback<String>>,
    /// Whether the document says at once what became of the whole text: the person may be asked first.
    #[prop(optional)]
    answers: bool,
    /// The most characters that may be written here; longer words stay in the field and are not told.
    #[prop(default = TEXT_CHARS)]
    most: usize,
) -> impl IntoView {
    let session = session();
    let held = Held {
        line: NodeRef::new(),
        area: NodeRef::new(),
        value,
        base: StoredValue::new(None),
        selected: StoredValue::new(None),
    };
    Effect::new(move |_| held.follow());
    let begins = move |composing: bool| {
        let busy = untrack(|| held.element()).is_some_and(|element| is_composing(element.as_js()));
        if composing || !busy {
            held.begin();
        }
    };
    let long = move || value.with(|text| !is_short(text, LONG));
    let done = move |event: leptos::ev::Event| {
        let Some(on_done) = on_done else { return };
        let text = event_target_value(&event);
        let letters = || text.chars().count();
        if !is_short(&text, most) && letters() > value.with_untracked(|stands| stands.chars().count()) {
            return session.notice_too_long(most);
        }
        held.base.set_value(Some(text.clone()));
        on_done.run(text);
        // A text that was not taken is not shown as if it were.
        if let Some(element) = untrack(|| held.element()).filter(|_| answers) {
            held.take_in(&element, held.value.get_untracked());
        }
    };
    if rows == 0 {
        view! {
            <input type="text" class:long=long node_ref=held.line disabled=disabled on:compositionstart=move |_| begins(true)
                on:beforeinput=move |_| begins(false) on:input=move |_| held.heard(on_typed) on:change=done />
        }
        .into_any()
    } else {
        view! {
            <textarea class:long=long node_ref=held.area rows=rows.to_string() disabled=disabled on:compositionstart=move |_| begins(true)
                on:beforeinput=move |_| begins(false) on:input=move |_| held.heard(on_typed) on:change=done></textarea>
        }
        .into_any()
    }
}

/// A one-line input with its label that tells when the person has finished.
#[component]
pub fn Field(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] disabled: Signal<bool>,
    #[prop(default = TEXT_CHARS)] most: usize,
    on_done: impl Fn(String) + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <TextBox value disabled on_done=Callback::new(on_done) answers=true most />
        </label>
    }
}
