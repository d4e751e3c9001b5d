//! The question before an act that stays: one for pointer, touch and keys. Nothing is written before
//! its button is pressed; whoever leaves the page has not answered.

use super::AttachFiles;
use crate::app::session;
use crate::lang::{W, words};
use crate::view::Gate;
use leptos::html::Dialog;
use leptos::prelude::*;
use std::sync::Arc;
use tongban_shared::attachment::Attachment;
use tongban_shared::sign::{Act, Needs, Said, Words};

/// Acts on the answer; `false` when that failed, which the person is told.
type Then = Arc<dyn Fn(Said, Vec<Attachment>) -> bool + Send + Sync>;

/// An act with what the person is told and asked.
#[derive(Clone)]
pub struct Question {
    /// The act, as the words of its button.
    verb: String,
    /// The measure, the unit or the plan that it is about.
    about: String,
    /// The consequence, in a sentence.
    told: String,
    needs: Needs,
    /// Over the field of words, and what stands in it at first.
    label: W,
    words: String,
    files: bool,
    then: Then,
}

impl Question {
    /// Asks about an act; `then` does it.
    pub fn new(
        act: Act,
        verb: &str,
        about: impl Into<String>,
        then: impl Fn(Said, Vec<Attachment>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            verb: verb.to_owned(),
            about: about.into(),
            told: String::new(),
            needs: Needs { words: act.words(), number: false, due: false },
            label: W::Opinion,
            words: String::new(),
            files: false,
            then: Arc::new(then),
        }
    }

    /// Says what comes of it.
    pub fn told(mut self, told: impl Into<String>) -> Self {
        self.told = told.into();
        self
    }

    /// Names the field of words, which must be filled in.
    pub fn needs_words(self, label: W) -> Self {
        self.with_words(label, Words::Required)
    }

    /// Names the field of words.
    pub fn with_words(mut self, label: W, words: Words) -> Self {
        (self.label, self.needs.words) = (label, words);
        self
    }

    /// Words that are there at first.
    pub fn beginning(mut self, words: &str) -> Self {
        words.clone_into(&mut self.words);
        self
    }

    /// Also asks for a number or a day.
    pub fn needs_also(mut self, number: bool, due: bool) -> Self {
        (self.needs.number, self.needs.due) = (number, due);
        self
    }

    /// Takes photos and files as evidence.
    pub fn with_files(mut self) -> Self {
        self.files = true;
        self
    }
}

/// Shows the question; there is one at a time.
#[component]
pub fn Confirm() -> impl IntoView {
    let session = session();
    view! { {move || session.view.question.get().map(|question| view! { <Asked question /> })} }
}

#[component]
fn Asked(question: Question) -> impl IntoView {
    let session = session();
    let words = words();
    let dialog = NodeRef::<Dialog>::new();
    let (said, number, due) =
        (RwSignal::new(question.words.clone()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (files, busy) = (RwSignal::new(Vec::<Attachment>::new()), RwSignal::new(false));
    let lacks = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get().filter(|dialog| !dialog.open()) {
            let _ = dialog.show_modal();
        }
    });
    // A device that is locked asks nothing but its PIN.
    Effect::new(move |_| {
        if session.view.gate.get() != Gate::Open {
            session.view.question.set(None);
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    // The focus goes back by itself when it is closed, so it is closed before it is taken away.
    let closed = move |_| {
        for one in files.get_untracked() {
            session.detach(one.hash);
        }
        session.view.question.set(None);
    };
    let Question { verb, about, told, needs, label, then, files: takes_files, .. } = question;
    let go = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let answer = Said::of(&needs, &said.get_untracked(), &number.get_untracked(), &due.get_untracked());
        let Some(answer) = answer else { return lacks.set(true) };
        if then(answer, files.get_untracked()) {
            // They belong to the entry now.
            files.set(Vec::new());
            close();
        }
    };
    let required = needs.words == Words::Required;
    let title = verb.clone();
    view! {
        <dialog class="ask" data-shows="text" node_ref=dialog on:close=closed aria-labelledby="ask" data-testid="ask">
            <form class="stack" on:submit=go>
                <h2 id="ask">{title}"？"</h2>
                {(!about.is_empty()).then(|| view! { <p><b>{about}</b></p> })}
                {(!told.is_empty()).then(|| view! { <p class="dim">{told}</p> })}
                {(needs.words != Words::None).then(|| view! {
                    <label class="field"><span>{words.w(label)}{required.then(|| format!("（{}）", words.w(W::MustBeFilled)))}</span>
                        <textarea rows="3" maxlength="2000" bind:value=said></textarea>
                    </label>
                })}
                {needs.number.then(|| view! { <label class="field"><span>{words.w(W::SayNumber)}</span><input inputmode="decimal" bind:value=number /></label> })}
                {needs.due.then(|| view! { <label class="field"><span>{words.w(W::SayDue)}</span><input type="date" bind:value=due /></label> })}
                {takes_files.then(|| view! { <AttachFiles chosen=files busy /> })}
                <Show when=move || lacks.get()><p class="error" role="alert">{move || words.w(W::AskLacks)}</p></Show>
                <p class="ask__acts">
                    <button type="submit" class="button button--main" data-testid="ask-yes" disabled=move || busy.get()>{words.w(W::AskYes)}{verb}</button>
                    <button type="button" class="button" data-testid="ask-no" on:click=move |_| close()>{words.w(W::LeaveIt)}</button>
                </p>
            </form>
        </dialog>
    }
}
