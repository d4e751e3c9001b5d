//! The units of an item and their parts: close-out asked, accepted, sent back.

use super::Panel;
use crate::app::session;
use crate::board::kanban::{acceptance, close_request};
use crate::board::matter::{left_words, work_words};
use crate::lang::{W, words};
use crate::parts::{Question, UnitOptions, state_class, units_of};
use crate::session::Session;
use leptos::prelude::*;
use tongban_shared::dictionary;
use tongban_shared::edit::{Edit, LedgerField};
use tongban_shared::entry::EntryKind;
use tongban_shared::fold::{PartState, Work};
use tongban_shared::id::UnitId;
use tongban_shared::import::Role;
use tongban_shared::plan::measure_name;
use tongban_shared::sign::Act;

/// The part of the unit of the person here, before everything else.
#[component]
pub fn OwnPart(panel: Panel) -> impl IntoView {
    let session = session();
    let unit = session.view.who().map(|who| who.unit);
    let decide = panel.may_decide();
    let own = panel.memo(move |view| {
        let part = unit.and_then(|unit| Some((unit, view.state.parts.get(&unit)?.clone())))?;
        Some((part.0, part.1, view.state.leaving.contains_key(&part.0)))
    });
    view! {
        {move || own.get().map(|(unit, part, pending)| view! {
            <ul class="parts parts--own"><PartRow panel=panel.clone() unit part pending decide /></ul>
        })}
    }
}

#[component]
pub fn Parts(
    panel: Panel,
    /// Whether its units close out their parts one by one.
    closes: bool,
) -> impl IntoView {
    let session = session();
    let words = words();
    // The own part stands at the head.
    let own = session.view.who().map(|who| who.unit);
    let rows = panel.memo(move |view| {
        let units = view.state.parts.keys().copied().filter(|unit| Some(*unit) != own);
        in_order(session, units)
            .filter_map(|unit| {
                let part = view.state.parts.get(&unit)?.clone();
                Some((unit, part, view.state.leaving.contains_key(&unit)))
            })
            .collect::<Vec<_>>()
    });
    let named = panel.memo(move |view| {
        let mut all: Vec<_> = in_order(session, view.item.assignments.keys().copied())
            .filter_map(|unit| {
                let one = view.item.assignments.get(&unit)?;
                Some((unit, one.role, one.open_ended, one.removal.is_some()))
            })
            .collect();
        // The unit that leads stands before those that help.
        all.sort_by_key(|(_, role, ..)| *role);
        all
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
    // A unit that has done something is taken off only after a question.
    let asked = RwSignal::new(None::<(UnitId, String)>);
    let (board, item, signal) = (panel.board, panel.item, StoredValue::new(panel.signal.clone()));
    let remove = move |unit: UnitId| {
        let space = session.view.space.get_untracked();
        let about = signal.get_value().with_untracked(|view| {
            let entries: Vec<_> = view.entries.iter().collect();
            let done = space.expanded(unit).into_iter().filter_map(|one| {
                let work = Work::of(one, &view.item, &entries);
                (!work.is_none()).then(|| format!("{}：{}", space.unit_name(one), work_words(words, &work)))
            });
            done.collect::<Vec<_>>().join("；")
        });
        if about.is_empty() {
            session.take_off(board, item, unit);
        } else {
            asked.set(Some((unit, about)));
        }
    };
    let left = panel.memo(move |view| {
        in_order(session, view.state.left.keys().copied())
            .filter_map(|unit| Some((unit, *view.state.left.get(&unit)?)))
            .collect::<Vec<_>>()
    });
    let rows_of = panel.memo(|view| view.item.ledger.clone());
    let kept_row = move |unit: UnitId| {
        rows_of.with(|rows| {
            let row = rows.get(&unit)?;
            let words = LedgerField::ALL.map(|field| row.get(field).to_owned());
            Some(words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · "))
        })
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
                            <button type="button" class="chip__x"
                                aria-label=move || format!("{} {}", words.w(W::TakeOff),
                                session.view.space.with(|space| space.unit_name(row.0)))
                                on:click=move |_| remove(row.0)>"✕"</button>
                        </Show>
                    </li>
                </For>
            </ul>
            {move || asked.get().map(|(unit, about)| view! {
                <div class="clash clash--card" role="alertdialog" aria-label=words.w(W::RemoveAsks) data-testid="ask-removal">
                    <p>{about}"。"{words.w(W::RemoveAsks)}</p>
                    <p class="inline">
                        <button type="button" class="button"
                            on:click=move |_| { asked.set(None); session.take_off(board, item, unit) }>
                            {words.w(W::TakeOffUnit)}</button>
                        <button type="button" class="button button--plain" on:click=move |_| asked.set(None)>{words.w(W::LeaveIt)}</button>
                    </p>
                </div>
            })}
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
                <For each=move || left.get() key=|one| *one let:one>
                    <li class="part" data-testid="left">
                        <span>{move || session.view.space.with(|space| space.unit_name(one.0))}</span>
                        <span class="tag">{move || words.w(W::NoLonger)}</span>
                        <span class="dim">{move || work_words(words, &one.1.work)}" · "{move || left_words(session, words, &one.1)}</span>
                        <span class="dim">{move || kept_row(one.0)}</span>
                    </li>
                </For>
                <For each=move || if closes { rows.get() } else { Vec::new() } key=|row| format!("{row:?}") let:row>
                    <PartRow panel=row_panel.clone() unit=row.0 part=row.1.clone() pending=row.2 decide />
                </For>
            </ul>
        </section>
    }
}

/// Units in the order of every list.
fn in_order(session: Session, units: impl Iterator<Item = UnitId>) -> impl Iterator<Item = UnitId> {
    session.view.space.with(|space| dictionary::in_order(space, units)).into_iter().map(|(unit, _)| unit)
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
            {pending.then(|| view! { <span class="tag">{move || words.w(W::UnitLeft)}</span> })}
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
