//! 看板: columns by state. State is derived, so a move is an act: it writes the entry that leads
//! to the state, for the unit of the person who moves.

use super::shown;
use crate::app::session;
use crate::lang::{W, words};
use crate::pages::Filter;
use crate::session::Session;
use crate::view::{BoardView, ItemView};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::sync::Arc;
use tongban_shared::drag::{Drag, Input, Outcome};
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::fold::{PartState, Retirement};
use tongban_shared::id::{BoardId, ItemId};

const COLUMNS: [PartState; 5] =
    [PartState::NotStarted, PartState::InProgress, PartState::Asked, PartState::Returned, PartState::Closed];

/// The card on its way, if any.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moving {
    item: ItemId,
    drag: Drag,
}

#[component]
pub fn Kanban(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let words = words();
    let moving = RwSignal::new(None::<Moving>);
    let all = {
        let board = board.clone();
        Memo::new(move |_| {
            let order = board.order.get();
            let items = order.iter().flat_map(|(_, _, items)| items).map(|(item, _)| *item);
            items
                .filter_map(|item| {
                    let view = board.item(item)?.get();
                    let wanted = view.state.retirement != Retirement::Retired
                        && !view.state.parts.is_empty()
                        && filter.with(|filter| shown(filter, &view));
                    wanted.then(|| (item, view.state.whole()))
                })
                .collect::<Vec<_>>()
        })
    };
    let column = move |index: usize| {
        let state = COLUMNS[index];
        let board = board.clone();
        let items = Memo::new(move |_| {
            all.with(|all| {
                all.iter().filter(|(_, whole)| *whole == state).map(|(item, _)| *item).collect::<Vec<_>>()
            })
        });
        view! {
            <section
                class="column"
                class:column--over=move || moving.with(|moving| moving.is_some_and(|moving| moving.drag.over() == Some(index)))
                data-column=index.to_string()
                aria-label=move || words.w(state.word())
            >
                <h2>{move || words.w(state.word())}" "<span class="count">{move || items.with(Vec::len)}</span></h2>
                <ul class="column__cards">
                    <For each=move || items.get() key=|item| *item let:item>
                        {board.item(item).map(|signal| view! { <Card id board=board.clone() item signal index moving /> })}
                    </For>
                </ul>
            </section>
        }
    };
    view! {
        <p class="dim">{move || words.w(W::KanbanHint)}</p>
        <div class="kanban" role="group" aria-label=move || words.w(W::KanbanView)>{(0..COLUMNS.len()).map(column).collect_view()}</div>
        <p class="hidden" role="status">{move || moving.with(|moving| moving.and_then(|moving| moving.drag.over()).map(|column| words.w(COLUMNS[column].word())))}</p>
    }
}

#[component]
fn Card(
    id: BoardId,
    board: BoardView,
    item: ItemId,
    signal: ArcRwSignal<Arc<ItemView>>,
    index: usize,
    moving: RwSignal<Option<Moving>>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let navigate = use_navigate();
    let title = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| format!("{} {}", view.item.number, view.item.title)))
    };
    let closed = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| view.state.closed()))
    };
    let feed = {
        let (board, signal) = (board.clone(), signal.clone());
        move |input: Input| {
            let drag = moving
                .get_untracked()
                .filter(|moving| moving.item == item)
                .map(|moving| moving.drag)
                .unwrap_or_default();
            let (drag, outcome) = drag.step(input);
            moving.set(if drag == Drag::Still { None } else { Some(Moving { item, drag }) });
            match outcome {
                Outcome::Open => navigate(
                    &format!("/b/{id}/kanban?item={item}"),
                    NavigateOptions { scroll: false, ..NavigateOptions::default() },
                ),
                Outcome::DropOn(column) if column != index => {
                    act(session, id, &board, item, &signal.get_untracked(), COLUMNS[column]);
                }
                _ => {}
            }
        }
    };
    let (press, over, release, cancel, key, choose) =
        (feed.clone(), feed.clone(), feed.clone(), feed.clone(), feed.clone(), (board, signal));
    let lifted = move || {
        moving.with(|moving| moving.is_some_and(|moving| moving.item == item && moving.drag != Drag::Still))
    };
    view! {
        <li class="kcard" class:kcard--lifted=lifted data-testid="kcard">
            <button
                type="button"
                class="kcard__grip"
                aria-describedby="kanban-hint"
                on:pointerdown=move |event| {
                    if let Some(target) = event.current_target() {
                        let element: web_sys::Element = wasm_bindgen::JsCast::unchecked_into(target);
                        let _ = element.set_pointer_capture(event.pointer_id());
                    }
                    press(Input::Press { x: event.client_x().into(), y: event.client_y().into() });
                }
                on:pointermove=move |event| {
                    if moving.with_untracked(Option::is_some) {
                        over(Input::Move { x: event.client_x().into(), y: event.client_y().into(), column: column_at(&event) });
                    }
                }
                on:pointerup=move |_| release(Input::Release)
                on:pointercancel=move |_| cancel(Input::Cancel)
                on:keydown=move |event| {
                    let input = match event.key().as_str() {
                        " " => Some(Input::Toggle { column: index }),
                        "ArrowRight" | "ArrowDown" => Some(Input::Step { forward: true, columns: COLUMNS.len() }),
                        "ArrowLeft" | "ArrowUp" => Some(Input::Step { forward: false, columns: COLUMNS.len() }),
                        "Escape" => Some(Input::Cancel),
                        "Enter" => { key(Input::Press { x: 0.0, y: 0.0 }); Some(Input::Release) }
                        _ => None,
                    };
                    if let Some(input) = input {
                        event.prevent_default();
                        key(input);
                    }
                }
            >{title}</button>
            <div class="kcard__foot">
                <span class="dim tabular">{move || { let (one, all) = closed.get(); format!("{} {one}/{all}", words.w(W::CloseOut)) }}</span>
                <select aria-label=move || format!("{}：{}", words.w(W::MoveTo), title.get()) on:change=move |event| {
                    if let Some(state) = event_target_value(&event).parse::<usize>().ok().and_then(|column| COLUMNS.get(column)) {
                        act(session, id, &choose.0, item, &choose.1.get_untracked(), *state);
                    }
                }>
                    <option value="">{move || words.w(W::MoveTo)}</option>
                    {COLUMNS.iter().enumerate().filter(|(column, _)| *column != index).map(|(column, state)| view! { <option value=column.to_string()>{move || words.w(state.word())}</option> }).collect_view()}
                </select>
            </div>
        </li>
    }
}

/// The column under a pointer that a card holds.
fn column_at(event: &web_sys::PointerEvent) -> Option<usize> {
    #[allow(clippy::cast_precision_loss, reason = "a place on a screen")]
    let element = document().element_from_point(event.client_x() as f32, event.client_y() as f32)?;
    element.closest("[data-column]").ok()??.get_attribute("data-column")?.parse().ok()
}

/// Writes the entry that leads to a state.
fn act(session: Session, id: BoardId, board: &BoardView, item: ItemId, view: &ItemView, to: PartState) {
    let Some(who) = session.view.who() else { return };
    let may = board.may.get_untracked();
    let subject = |unit| Subject { board: id, item: Some(item), unit, indicator: None };
    let mine = view.state.parts.contains_key(&who.unit) && may.report;
    let refuse = |word| session.notice(words().w(word));
    match to {
        PartState::InProgress if mine => session.write_entry(subject(None), EntryKind::Report, |entry| {
            words().w(W::StartedWork).clone_into(&mut entry.body);
        }),
        PartState::Asked if mine => session.write_entry(subject(None), EntryKind::CloseRequest, |_| {}),
        PartState::Closed if may.decide => {
            let asked: Vec<_> = view
                .state
                .parts
                .iter()
                .filter(|(_, part)| part.state == PartState::Asked)
                .map(|(unit, _)| *unit)
                .collect();
            if asked.is_empty() {
                return refuse(W::NobodyAsked);
            }
            for unit in asked {
                session.write_entry(subject(Some(unit)), EntryKind::CloseDecision, |entry| {
                    entry.accepted = Some(true);
                });
            }
        }
        PartState::Returned if may.decide => refuse(W::ReturnInPanel),
        PartState::NotStarted => refuse(W::NoWayBack),
        _ => refuse(W::NoRight),
    }
}
