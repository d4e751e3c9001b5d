//! 批示: what was asked of which units, with their answers and where it stands; the minutes of a
//! meeting are this list as text.

use super::files;
use crate::app::session;
use crate::browser::{self, time_words};
use crate::lang::{W, words};
use crate::session::Session;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use tongban_shared::dictionary;
use tongban_shared::entry::{Entry, EntryKind, Subject};
use tongban_shared::fold::{self, InstructionState};
use tongban_shared::id::{BoardId, EntryId, UnitId};
use tongban_shared::plan::measure_name;
use tongban_shared::views;

/// One instruction as a line.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    id: EntryId,
    subject: Subject,
    about: String,
    body: String,
    by: UnitId,
    said: i64,
    due: String,
    late: bool,
    state: InstructionState,
    /// Each unit with its answer.
    units: Vec<(UnitId, String, Option<String>)>,
    /// Why its answers were sent back.
    sent_back: Option<String>,
    late_answers: usize,
}

/// The instructions of a board, the newest first.
fn rows(session: Session, id: BoardId) -> Vec<Row> {
    let row = |scene: &tongban_shared::rule::Scene<'_>, one: &fold::Instruction<'_>| {
        let names = dictionary::in_order(scene.space, one.units.keys().copied());
        let answer = |unit| one.units.get(&unit).copied().flatten().map(|entry: &Entry| entry.body.clone());
        let about = one.entry.subject.item.and_then(|item| scene.item(item));
        let back = one.decision.filter(|entry| entry.accepted == Some(false));
        Row {
            id: one.entry.id,
            subject: one.entry.subject,
            about: about.map(measure_name).unwrap_or_default(),
            body: one.entry.body.clone(),
            by: one.entry.author.unit,
            said: one.entry.said / 1000,
            due: one.entry.due.clone().unwrap_or_default(),
            late: one.is_late(&scene.today.to_string()),
            state: one.state,
            units: names.into_iter().map(|(unit, name)| (unit, name, answer(unit))).collect(),
            sent_back: back.map(|entry| entry.body.clone()).filter(|_| one.state == InstructionState::Open),
            late_answers: one.late_answers,
        }
    };
    let found = session.look(id, |scene| {
        let all = fold::instructions(scene.space, scene.entries, scene.board.lead);
        all.iter().rev().map(|one| row(scene, one)).collect::<Vec<_>>()
    });
    found.unwrap_or_default()
}

#[component]
pub fn Instructions(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let revision = board.revision.clone();
    let all = Memo::new(move |_| {
        revision.track();
        rows(session, id)
    });
    let copy = move |_| {
        let text =
            session.look(id, |scene| views::minutes(scene, words.lang_untracked())).unwrap_or_default();
        let done = words.w(W::MinutesCopied);
        spawn_local(async move {
            if browser::copy(&text).await.is_ok() {
                session.notice(done);
            } else {
                files::give(session, &files::name(session, id, "txt"), text.as_bytes());
            }
        });
    };
    let waits = move || all.with(|all| all.iter().filter(|row| row.state == InstructionState::Open).count());
    let some = Memo::new(move |_| all.with(|all| !all.is_empty()));
    view! {
        <section class="instructions" data-shows="text" aria-labelledby="instructions" data-testid="instructions">
            <h2 id="instructions">{move || words.w(W::InstructionsWord)}" "<span class="count">
                {move || all.with(Vec::len)}
                {move || { let open = waits(); (open > 0).then(|| format!(" · {} {open}", words.w(W::NotAnswered)))
                }}</span></h2>
            <Show when=move || some.get() fallback=move || view! { <p class="dim">{words.w(W::NoInstructions)}</p> }>
                <p><button type="button" class="button" on:click=copy>{move || words.w(W::CopyMinutes)}</button></p>
            </Show>
            <ul class="lines">
                <For each=move || all.with(|all| all.iter().map(|row| row.id).collect::<Vec<_>>()) key=|one| *one let:one>
                    <InstructionRow id=one all board=board.clone() />
                </For>
            </ul>
        </section>
    }
}

#[component]
fn InstructionRow(id: EntryId, all: Memo<Vec<Row>>, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let row = Memo::new(move |_| all.with(|all| all.iter().find(|row| row.id == id).cloned()));
    let said = RwSignal::new(String::new());
    let (may, own) = (board.may.clone(), board.may.clone());
    let me = move || session.view.who().map(|who| who.unit);
    let mine = Memo::new(move |_| {
        let asked = |row: &Row| me().is_some_and(|me| row.units.iter().any(|(unit, ..)| *unit == me));
        own.get().records(EntryKind::Answer)
            && row
                .with(|row| row.as_ref().is_some_and(|row| asked(row) && row.state != InstructionState::Done))
    });
    let decides = Memo::new(move |_| {
        let may = may.get();
        let gave = |row: &Row| me() == Some(row.by);
        may.records(EntryKind::Outcome)
            && row.with(|row| {
                row.as_ref()
                    .is_some_and(|row| (may.decide || gave(row)) && row.state != InstructionState::Done)
            })
    });
    let write = move |kind: EntryKind, accepted: Option<bool>| {
        let Some(row) = row.get_untracked() else { return };
        let text = said.get_untracked().trim().to_owned();
        if text.is_empty() && accepted != Some(true) {
            let asks = if accepted.is_some() { W::ReasonFirst } else { W::NothingWritten };
            return session.notice(words.w(asks));
        }
        let written = session.write_entry(row.subject, kind, |entry| {
            (entry.answers, entry.accepted) = (Some(row.id), accepted);
            entry.body = text;
        });
        if written {
            said.set(String::new());
        }
    };
    let shown = move |row: Row| {
        let by = session.view.space.with(|space| space.unit_name(row.by));
        let link = row.subject.item.map(|item| format!("/b/{}?item={item}", row.subject.board));
        let unit = |(_, name, answer): (UnitId, String, Option<String>)| {
            let word = words.w(if answer.is_some() { W::Answered } else { W::NotAnswered });
            view! { <li><b>{name}</b>" "<span class="tag">{word}</span>" "{answer.unwrap_or_default()}</li> }
        };
        let due = (!row.due.is_empty()).then(|| view! {
            " "<span class="tabular" class:lamp--overdue=row.late>{words.w(W::Deadline)}" "{row.due.clone()}
                {row.late.then(|| format!(" ▲ {}", words.w(W::Overdue)))}</span>
        });
        view! {
            <p><span class="tag" data-state=format!("{:?}", row.state)>{words.w(row.state.word())}</span>" "<b>{row.body}</b>{due}
                {(row.late_answers > 0).then(|| view! { " "<span class="tag">{words.w(W::LateAnswers)}</span> })}</p>
            <p class="dim">{by}" "<span class="tabular">
                {time_words(row.said)}</span>" "{link.map(|href| view! { <A href=href>{row.about}</A> })}</p>
            {row.sent_back.map(|why| view! { <p class="clash">{words.w(W::DidSendBack)}"："{why}</p> })}
            <ul class="lines">{row.units.into_iter().map(unit).collect_view()}</ul>
        }
    };
    view! {
        <li>
            {move || row.get().map(shown)}
            <Show when=move || mine.get() || decides.get()>
                <form class="inline" on:submit=move |event| { event.prevent_default();
                    if mine.get_untracked() { write(EntryKind::Answer, None) } }>
                    <input aria-label=move || words.w(W::AnswerWord) placeholder=move || words.w(W::AnswerHere) bind:value=said />
                    <Show when=move || mine.get()><button type="submit" class="button button--main">
                        {move || words.w(W::AnswerWord)}</button></Show>
                    <Show when=move || decides.get()>
                        <button type="button" class="button" on:click=move |_| write(EntryKind::Outcome, Some(true))>
                            {move || words.w(W::EndInstruction)}</button>
                        <button type="button" class="button button--plain"
                            on:click=move |_| write(EntryKind::Outcome, Some(false))>
                            {move || words.w(W::SendAnswerBack)}</button>
                    </Show>
                </form>
            </Show>
        </li>
    }
}
