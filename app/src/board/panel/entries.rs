//! Progress of an item: the form that adds to it, and the entries under it.

use super::Panel;
use crate::app::session;
use crate::board::rounds::RoundChoice;
use crate::board::typed::has_parts;
use crate::browser::time_words;
use crate::lang::{W, words};
use crate::parts::{AttachFiles, ShownFiles, Unsaved};
use leptos::prelude::*;
use tongban_shared::attachment::Attachment;
use tongban_shared::entry::EntryKind;
use tongban_shared::fold::PartState;
use tongban_shared::id::EntryId;
use tongban_shared::sign::{Needs, Said, Words as Room};
use tongban_shared::views::entry_word;

/// The entries that stand under the form before all are asked for.
const NEWEST: usize = 3;

#[component]
pub fn Entries(
    panel: Panel,
    /// Whether what is written is followed by asking to close the part.
    mending: RwSignal<bool>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let entries = panel.memo(|view| view.entries.iter().rev().cloned().collect::<Vec<_>>());
    let (comments, reports) = (panel.may_record(EntryKind::Comment), panel.may_record(EntryKind::Report));
    let replies = panel.may_record(EntryKind::Answer);
    let body = RwSignal::new(String::new());
    let (files, busy) = (RwSignal::new(Vec::<Attachment>::new()), RwSignal::new(false));
    let period = RwSignal::new(None::<String>);
    let kept = Some(format!("entry/{}/{}", panel.board, panel.item));
    // A record of an enterprise that is answered: others on the item do not see the answer.
    let answers = RwSignal::new(None::<EntryId>);
    let board = panel.board;
    let about = Signal::stored(Some((panel.board, panel.item)));
    // A unit whose part is open may ask to close it with what it writes.
    let (unit, closes) = (session.view.who().map(|who| who.unit), has_parts(&panel));
    let open = panel.memo(move |view| {
        let part = unit.and_then(|unit| view.state.parts.get(&unit));
        part.is_some_and(|part| !matches!(part.state, PartState::Asked | PartState::Closed))
    });
    let requests = panel.may_record(EntryKind::CloseRequest);
    let asks = Signal::derive(move || closes && open.get() && requests.get());
    let area = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move |_| {
        if mending.get()
            && let Some(area) = area.get()
        {
            let _ = area.focus();
        }
    });
    let report = {
        let panel = panel.clone();
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let text = body.get_untracked();
            if busy.get_untracked() {
                return;
            }
            if text.trim().is_empty() && files.with_untracked(Vec::is_empty) {
                return session.notice(words.w(W::NothingWritten));
            }
            let mine = panel.signal.with_untracked(|view| {
                let space = session.view.space.get_untracked();
                session.view.who().is_some_and(|who| {
                    let named =
                        || view.item.named_in_fields().any(|unit| space.expanded(unit).contains(&who.unit));
                    view.state.parts.contains_key(&who.unit) || named()
                })
            });
            let reports = mine && reports.get_untracked();
            let answered = answers.get_untracked();
            let kind = match answered {
                Some(_) => EntryKind::Answer,
                None if reports => EntryKind::Report,
                None => EntryKind::Comment,
            };
            let closing = mending.get_untracked() && kind == EntryKind::Report;
            let needs = Needs { words: Room::Required, number: false, due: false };
            let done = closing.then(|| Said::of(&needs, &text, "", ""));
            if done == Some(None) {
                return session.notice(words.w(W::HowItWasDoneNeeded));
            }
            let written = session.write_entry(panel.subject(None), kind, |entry| {
                text.trim().clone_into(&mut entry.body);
                entry.period = period.get_untracked().filter(|_| kind == EntryKind::Report);
                entry.answers = answered;
                entry.attachments = Some(files.get_untracked()).filter(|files| !files.is_empty());
            });
            if written {
                if let Some(said) = done.flatten()
                    && session.sign(&said, panel.subject(None), EntryKind::CloseRequest, |_| {})
                {
                    mending.set(false);
                }
                body.set(String::new());
                files.set(Vec::new());
                answers.set(None);
            }
        }
    };
    // The newest ones stand under the form; older ones come when they are asked for.
    let whole = RwSignal::new(false);
    let shown = move || {
        let most = if whole.get() { usize::MAX } else { NEWEST };
        entries.get().into_iter().take(most).collect::<Vec<_>>()
    };
    let words_of = {
        let panel = panel.clone();
        move |id: EntryId| {
            panel.signal.with(|view| {
                let entry = view.entries.iter().find(|entry| entry.id == id);
                entry.map(|entry| entry.body.chars().take(30).collect::<String>()).unwrap_or_default()
            })
        }
    };
    view! {
        <section aria-labelledby="entries">
            <h3 id="entries">{move || words.w(W::Progress)}</h3>
            <Show when=move || comments.get()>
                <form class="stack" on:submit=report.clone()>
                    {let words_of = words_of.clone(); move || answers.get().map(|id| view! {
                        <p class="dim">{words.w(W::DidAnswer)}"：“"{words_of(id)}"” "
                            <button type="button" class="button button--plain" on:click=move |_| answers.set(None)>
                                {words.w(W::LeaveIt)}</button></p>
                    })}
                    <Unsaved place=kept.clone() text=body />
                    <textarea node_ref=area rows="2"
                        aria-label=move || words.w(W::NewReport) placeholder=move || words.w(W::NewReport)
                        bind:value=body></textarea>
                    <AttachFiles chosen=files busy />
                    <RoundChoice about period />
                    <Show when=move || asks.get()>
                        <label class="check"><input type="checkbox" prop:checked=mending
                            on:change=move |event| mending.set(event_target_checked(&event)) />
                            {move || words.w(W::AlsoAskClose)}</label>
                    </Show>
                    <button class="button button--main" type="submit" disabled=move || busy.get()>{move || words.w(W::Save)}</button>
                </form>
            </Show>
            <ol class="entries">
                <For each=shown key=|entry| entry.id let:entry>
                    <li>
                        <p class="dim"><time class="tabular">
                            {time_words(entry.said / 1000)}
                            </time>" "{session.view.space.with_untracked(|space|
                            space.unit_name(entry.author.unit))}" "{words.w(entry_word(&entry))}</p>
                        <p data-shows="all">{entry.body.clone()}</p>
                        <ShownFiles board files=entry.files().to_vec() />
                        {entry.is_of_enterprise().then(|| { let id = entry.id; view! {
                            <Show when=move || replies.get()>
                                <button type="button" class="button button--plain"
                                    on:click=move |_| answers.set(Some(id))>{move || words.w(W::DidAnswer)}</button>
                            </Show>
                        } })}
                    </li>
                </For>
            </ol>
            <Show when=move || !whole.get() && entries.with(|all| all.len() > NEWEST)>
                <p><button type="button" class="button" on:click=move |_| whole.set(true)>
                    {move || words.w(W::AllEntries).replace("{n}", &entries.with(Vec::len).to_string())}</button></p>
            </Show>
        </section>
    }
}
