//! The words of an item as people read them, and the form that changes them once somebody asks for it: a
//! touch on an official text changes nothing.

use super::Panel;
use crate::app::session;
use crate::lang::{W, words};
use crate::parts::{Field, Stroke, TextBox};
use leptos::prelude::*;
use tongban_shared::edit::{Edit, ItemField, TextPlace};
use tongban_shared::limits::TITLE_CHARS;

/// The title and the deadline, as the head of the panel.
#[component]
pub fn Headline(panel: Panel) -> impl IntoView {
    let words = words();
    let title = panel.memo(|view| view.item.title.clone());
    let deadline = panel.memo(|view| view.item.deadline.clone());
    view! {
        <h2 class="panel__title" data-shows="all" data-testid="headline">{title}</h2>
        <p class="dim" data-shows="all">{move || {
            let day = deadline.get();
            if day.is_empty() { words.w(W::NoDate).to_owned() } else { format!("{} {day}", words.w(W::Deadline)) }
        }}</p>
    }
}

#[component]
pub fn Wording(panel: Panel) -> impl IntoView {
    let words = words();
    let text = panel.memo(|view| view.item.text.clone());
    // An item that has no words yet was made to be written.
    let blank = panel.signal.with_untracked(|view| view.item.title.is_empty() && view.item.text.is_empty());
    let editing = RwSignal::new(blank);
    let may = panel.may_plan();
    // The form stays while the plan is settled under its hands: nothing half typed goes away.
    let form = panel.clone();
    view! {
        <section aria-labelledby="wording">
            <h3 id="wording">{move || words.w(W::Wording)}</h3>
            <Show when=move || editing.get() fallback=move || view! {
                <p class="panel__text" data-shows="all" data-testid="wording">{text}</p>
                <Show when=move || may.get()>
                    <p><button type="button" class="button" on:click=move |_| editing.set(true)>{move || words.w(W::Edit)}</button></p>
                </Show>
            }>
                <WordingForm panel=form.clone() />
                <p><button type="button" class="button" on:click=move |_| editing.set(false)>{move || words.w(W::Finish)}</button></p>
            </Show>
        </section>
    }
}

#[component]
fn WordingForm(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let (board, item, may) = (panel.board, panel.item, panel.may_plan());
    let locked = Signal::derive(move || !may.get());
    let title = panel.memo(|view| view.item.title.clone());
    let deadline = panel.memo(|view| view.item.deadline.clone());
    let text = panel.memo(|view| view.item.text.clone());
    let set = move |field: ItemField| {
        move |value: String| {
            session.edit_board(board, Edit::SetItemField { id: item, field: field.clone(), value });
        }
    };
    // A text that several people write: what a person replaces is a splice, so that words merge.
    let typed = Callback::new(move |stroke: Stroke| {
        for step in stroke.steps {
            session.edit_board(board, Edit::splice(TextPlace::Item(item), step));
        }
    });
    let label = Signal::derive(move || words.w(W::Headline).to_owned());
    view! {
        <Field label value=title disabled=locked most=TITLE_CHARS on_done=set(ItemField::Title) />
        <label class="field"><span>{move || words.w(W::Text)}</span>
            <TextBox value=text disabled=locked rows=6 on_typed=typed />
        </label>
        <label class="field"><span>{move || words.w(W::Deadline)}</span>
            <input type="date" prop:value=deadline disabled=locked
                on:change=move |event| set(ItemField::Deadline)(event_target_value(&event)) />
        </label>
    }
}
