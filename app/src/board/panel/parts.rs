//! The units of an item and their parts: close-out asked, accepted, sent back.

use super::Panel;
use crate::app::session;
use crate::board::kanban::{acceptance, close_request};
use crate::lang::{W, words};
use crate::parts::{Question, UnitOptions, state_class, units_of};
use leptos::prelude::*;
use tongban_shared::edit::Edit;
use tongban_shared::entry::EntryKind;
use tongban_shared::fold::PartState;
use tongban_shared::id::UnitId;
use tongban_shared::import::Role;
use tongban_shared::model::Removal;
use tongban_shared::plan::measure_name;
use tongban_shared::sign::Act;

#[component]
pub fn Parts(
    panel: Panel,
    /// Whether its units close out their parts one by one.
    closes: bool,
) -> impl IntoView {
    let session = session();
    let words = words();
    let rows = panel.memo(|view| {
        view.state
            .parts
            .iter()
            .map(|(unit, part)| (*unit, part.clone(), view.state.removal_pending.contains(unit)))
            .collect::<Vec<_>>()
    });
    let named = panel.memo(|view| {
        view.item
            .assignments
            .iter()
            .map(|(unit, a)| (*unit, a.role, a.open_ended, a.removal.is_some()))
            .collect::<Vec<_>>()
    });
    let (write, decide) = (panel.may_plan(), panel.may_decide());
    let adding = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Responsible);
    let add = {
        let panel = panel.clone();
        move |event: leptos::ev::Event| {
            if let Ok(unit) = event_target_value(&event).parse::<UnitId>() {
                session.edit_board(
                    panel.board,
                    Edit::Assign {
                        item: panel.item,
                        unit,
                        role: role.get_untracked(),
                        open_ended: false,
                        raw: String::new(),
                    },
                );
                adding.set(String::new());
            }
        }
    };
    let remove = {
        let panel = panel.clone();
        move |unit: UnitId| {
            let removal =
                Removal { by: session.view.who().map(|who| who.unit), seen: session.seen(panel.board) };
            session.edit_board(panel.board, Edit::Unassign { item: panel.item, unit, removal });
        }
    };
    let row_panel = panel.clone();
    view! {
        <section aria-labelledby="parts">
            <h3 id="parts">{move || words.w(W::ResponsibleUnits)}</h3>
            <ul class="chips">
                <For each=move || named.get().into_iter().filter(|(_, _, _, removed)| !removed) key=|row| *row let:row>
                    <li class="chip">
                        {move || session.view.space.with(|space| space.unit_name(row.0))}{row.2.then_some("等")}"（"{move || words.w(row.1.word())}"）"
                        <Show when=move || write.get()>
                            <button type="button" class="chip__x" aria-label=move || format!("{} {}", words.w(W::TakeOff), session.view.space.with(|space| space.unit_name(row.0))) on:click={ let remove = remove; move |_| remove(row.0) }>"✕"</button>
                        </Show>
                    </li>
                </For>
            </ul>
            <Show when=move || write.get()>
                <div class="inline">
                <select aria-label=move || words.w(W::RoleWord) on:change=move |event| {
                    let place: usize = event_target_value(&event).parse().unwrap_or_default();
                    role.set(Role::ALL.get(place).copied().unwrap_or_default());
                }>
                    {Role::ALL.into_iter().enumerate().map(|(place, one)| view! { <option value=place.to_string() selected=move || role.get() == one>{move || words.w(one.word())}</option> }).collect_view()}
                </select>
                <select aria-label=move || words.w(W::AddUnit) prop:value=adding on:change=add>
                    <option value="">{move || words.w(W::AddUnit)}</option>
                    <UnitOptions units=units_of(session, true) />
                </select>
                </div>
            </Show>
            <ul class="parts">
                <For each=move || if closes { rows.get() } else { Vec::new() } key=|row| format!("{row:?}") let:row>
                    <PartRow panel=row_panel.clone() unit=row.0 part=row.1.clone() pending=row.2 decide />
                </For>
            </ul>
        </section>
    }
}

#[component]
fn PartRow(
    panel: Panel,
    unit: UnitId,
    part: tongban_shared::fold::CloseOut,
    pending: bool,
    decide: Signal<bool>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let mine = move || session.view.who().is_some_and(|who| who.unit == unit);
    let about = panel.memo(|view| measure_name(&view.item));
    let ask = {
        let panel = panel.clone();
        move |_| session.ask(close_request(session, words, panel.subject(None), about.get_untracked()))
    };
    let accept = {
        let panel = panel.clone();
        move |_| {
            let subjects = vec![panel.subject(Some(unit))];
            session.ask(acceptance(session, words, subjects, &about.get_untracked()));
        }
    };
    let (may_give_back, asks) = (panel.may_give_back(), panel.may_record(EntryKind::CloseRequest));
    let give_back = move |_| {
        let subject = panel.subject(Some(unit));
        let name = session.view.space.with_untracked(|space| space.unit_name(unit));
        let about = format!("{name} · {}", about.get_untracked());
        let act = Act::Entry(EntryKind::CloseDecision);
        let question = Question::new(act, words.w(W::GiveBack), about, move |said, _| {
            session.sign(&said, subject, EntryKind::CloseDecision, |entry| entry.accepted = Some(false))
        });
        session.ask(question.told(words.w(W::GiveBackTold)).needs_words(W::Reason));
    };
    let state = part.state;
    let can_ask = matches!(state, PartState::InProgress | PartState::Returned | PartState::NotStarted);
    let can_decide = state == PartState::Asked || part.contested || part.late_reports > 0;
    view! {
        <li class="part" data-testid="part">
            <span>{move || session.view.space.with(|space| space.unit_name(unit))}</span>
            <span class=state_class(state)>{move || words.w(state.word())}</span>
            {part.contested.then(|| view! { <span class="tag">{move || words.w(W::Contested)}</span> })}
            {(part.late_reports > 0).then(|| view! { <span class="tag">{move || words.w(W::ReportAfterClose)}</span> })}
            {pending.then(|| view! { <span class="tag">{move || words.w(W::RemovalPending)}</span> })}
            <span class="part__acts">
                <Show when=move || can_ask && mine() && asks.get()><button type="button" class="button" on:click=ask.clone()>{move || words.w(W::AskClose)}</button></Show>
                <Show when=move || can_decide && decide.get()>
                    <button type="button" class="button button--main" on:click=accept.clone()>{move || words.w(W::Accept)}</button>
                </Show>
                <Show when=move || can_decide && may_give_back.get()>
                    <button type="button" class="button" on:click=give_back.clone()>{move || words.w(W::GiveBack)}</button>
                </Show>
            </span>
        </li>
    }
}
