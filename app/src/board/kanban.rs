//! 看板: columns by state, of units' parts or of a template. State is derived, so a move is an act:
//! it writes the entry that leads to the state, for the unit of the person who moves.

use super::shows;
use crate::app::session;
use crate::lang::{W, Words, words};
use crate::pages::Filter;
use crate::parts::Growing;
use crate::session::Session;
use crate::view::{BoardView, ItemView};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::sync::Arc;
use tongban_shared::drag::{Drag, Input, Outcome};
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::fold::PartState;
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::template::{self, ItemType};
use tongban_shared::views;

/// A column: the state's id and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Column {
    state: String,
    name: String,
}

/// The card on its way, if any.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moving {
    item: ItemId,
    drag: Drag,
}

#[component]
pub fn Kanban(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let session = session();
    let words = words();
    let moving = RwSignal::new(None::<Moving>);
    let wanted = RwSignal::new(None::<String>);
    let template = board.head.with_untracked(|head| template::of(head));
    let revision = board.revision.clone();
    // The types that stand somewhere and are on the board.
    let kinds = {
        let revision = revision.clone();
        Memo::new(move |_| {
            revision.track();
            let language = words.lang();
            let named = |kind: &ItemType| (kind.id.clone(), kind.name.get(language).to_owned());
            let moves = |kind: &&ItemType| kind.parts || !kind.states.is_empty();
            session
                .look(id, |scene| {
                    views::Ledger::kinds(scene).into_iter().filter(moves).map(named).collect::<Vec<_>>()
                })
                .unwrap_or_default()
        })
    };
    let kind = Memo::new(move |_| {
        let first = kinds.with(|kinds| kinds.first().map(|(kind, _)| kind.clone()));
        let chosen = wanted.get().or(first)?;
        template?.item_type(&chosen)
    });
    let columns = Memo::new(move |_| {
        let language = words.lang();
        kind.get().map_or_else(Vec::new, |kind: &ItemType| {
            if kind.parts {
                let column = |state: PartState| Column {
                    state: state.id().to_owned(),
                    name: words.w(state.word()).to_owned(),
                };
                PartState::ALL.map(column).to_vec()
            } else {
                let column = |state: &template::State| Column {
                    state: state.id.clone(),
                    name: state.name.get(language).to_owned(),
                };
                kind.states.iter().map(column).collect()
            }
        })
    });
    let all = {
        let board = board.clone();
        Memo::new(move |_| {
            revision.track();
            let Some(kind) = kind.get() else { return Vec::new() };
            let filter = filter.get();
            let found = session.look(id, |scene| {
                let of_kind = |item: &ItemId| scene.item_type(*item).is_some_and(|one| one.id == kind.id);
                let state = |item: ItemId| {
                    let standing = scene.standing(item)?;
                    (!standing.is_gone()).then(|| (item, standing.state.clone()))
                };
                scene.board.item_order().into_iter().filter(of_kind).filter_map(state).collect::<Vec<_>>()
            });
            let mut found = found.unwrap_or_default();
            let mut shows = shows(session, &board, filter);
            found.retain(|(item, _)| shows(*item));
            found
        })
    };
    let column = move |(index, column): (usize, Column)| {
        let board = board.clone();
        let state = column.state;
        let items = Memo::new(move |_| {
            all.with(|all| {
                all.iter().filter(|(_, one)| *one == state).map(|(item, _)| *item).collect::<Vec<_>>()
            })
        });
        let growing = Growing::new(Memo::new(move |_| items.with(Vec::len)));
        let drawn = Memo::new(move |_| {
            items.with(|items| items.iter().take(growing.count()).copied().collect::<Vec<_>>())
        });
        view! {
            <section
                class="column"
                class:column--over=move || moving.with(|moving| moving.is_some_and(|moving| moving.drag.over() == Some(index)))
                data-column=index.to_string()
                aria-label=column.name.clone()
            >
                <h2>{column.name.clone()}" "<span class="count">{move || items.with(Vec::len)}</span></h2>
                <ul class="column__cards">
                    <For each=move || drawn.get() key=|item| *item let:item>
                        {board.item(item).map(|signal| view! { <Card id board=board.clone() item signal index columns moving /> })}
                    </For>
                </ul>
                <div node_ref=growing.end></div>
            </section>
        }
    };
    view! {
        <div class="tools">
            <Show when=move || { kinds.with(|kinds| kinds.len() > 1) }>
                <select aria-label=move || words.w(W::ItemKind) on:change=move |event| wanted.set(Some(event_target_value(&event)))>
                    <For each=move || kinds.get() key=|kind| kind.clone() let:kind><option value=kind.0.clone()>{kind.1.clone()}</option></For>
                </select>
            </Show>
            <p class="dim">{move || words.w(W::KanbanHint)}</p>
        </div>
        <div class="kanban" role="group" aria-label=move || words.w(W::KanbanView)>
            <For each=move || columns.get().into_iter().enumerate() key=|column| column.clone() let:one>{column(one)}</For>
        </div>
        <p class="hidden" role="status">{move || moving.with(|moving| moving.and_then(|moving| moving.drag.over())).and_then(|over| columns.with(|columns| columns.get(over).map(|column| column.name.clone())))}</p>
    }
}

#[component]
fn Card(
    id: BoardId,
    board: BoardView,
    item: ItemId,
    signal: ArcRwSignal<Arc<ItemView>>,
    index: usize,
    columns: Memo<Vec<Column>>,
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
        let own = signal.with_untracked(|view| {
            board.head.with_untracked(|head| {
                let kind = template::of(head).and_then(|template| template.item_type(&view.item.kind));
                kind.is_some_and(|kind| !kind.parts)
            })
        });
        Memo::new(move |_| signal.with(|view| if own { (0, 0) } else { view.state.closed() }))
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
                    if let Some(to) = columns.with_untracked(|columns| columns.get(column).cloned()) {
                        act(session, words, id, &board, item, &signal.get_untracked(), &to);
                    }
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
                        "ArrowRight" | "ArrowDown" => Some(Input::Step { forward: true, columns: columns.with_untracked(Vec::len) }),
                        "ArrowLeft" | "ArrowUp" => Some(Input::Step { forward: false, columns: columns.with_untracked(Vec::len) }),
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
                <span class="dim tabular">{move || { let (one, all) = closed.get(); (all > 0).then(|| format!("{} {one}/{all}", words.w(W::CloseOut))) }}</span>
                <select aria-label=move || format!("{}：{}", words.w(W::MoveTo), title.get()) on:change=move |event| {
                    let to = event_target_value(&event).parse::<usize>().ok().and_then(|place| columns.with_untracked(|columns| columns.get(place).cloned()));
                    if let Some(to) = to {
                        act(session, words, id, &choose.0, item, &choose.1.get_untracked(), &to);
                    }
                }>
                    <option value="">{move || words.w(W::MoveTo)}</option>
                    <For each=move || columns.get().into_iter().enumerate().filter(move |(place, _)| *place != index) key=|column| column.clone() let:column>
                        <option value=column.0.to_string()>{column.1.name.clone()}</option>
                    </For>
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

/// Writes the entry that leads to a state, where that is all it takes; else says what is missing.
fn act(
    session: Session,
    words: Words,
    id: BoardId,
    board: &BoardView,
    item: ItemId,
    view: &ItemView,
    to: &Column,
) {
    let own = template::of(&board.head.get_untracked())
        .and_then(|template| template.item_type(&view.item.kind))
        .filter(|kind| !kind.parts);
    match (own, PartState::from_id(&to.state)) {
        (None, Some(state)) => act_on_part(session, words, id, board, item, view, state),
        _ => bring(session, words, id, board, item, &to.state),
    }
}

/// Brings an item into a state of its template.
fn bring(session: Session, words: Words, id: BoardId, board: &BoardView, item: ItemId, to: &str) {
    if !board.may.get_untracked().log {
        return session.notice(words.w(W::NoRight));
    }
    let derived = session.derived(id, Some(item), words.lang_untracked());
    let Some(offer) = derived.offers.into_iter().find(|offer| offer.to == to) else {
        return session.notice(words.w(W::NoSuchMove));
    };
    if offer.words || offer.number || offer.due || !offer.missing.is_empty() {
        return session.notice(words.w(W::FillInPanel));
    }
    let subject = Subject { board: id, item: Some(item), unit: None, indicator: None };
    session.write_entry(subject, offer.kind, |entry| entry.to = Some(offer.to));
}

fn act_on_part(
    session: Session,
    words: Words,
    id: BoardId,
    board: &BoardView,
    item: ItemId,
    view: &ItemView,
    to: PartState,
) {
    let Some(who) = session.view.who() else { return };
    let may = board.may.get_untracked();
    let subject = |unit| Subject { board: id, item: Some(item), unit, indicator: None };
    let mine = |kind| view.state.parts.contains_key(&who.unit) && may.records(kind);
    let refuse = |word| session.notice(words.w(word));
    match to {
        PartState::InProgress if mine(EntryKind::Report) => {
            session.write_entry(subject(None), EntryKind::Report, |entry| {
                words.w(W::StartedWork).clone_into(&mut entry.body);
            });
        }
        PartState::Asked if mine(EntryKind::CloseRequest) => {
            session.write_entry(subject(None), EntryKind::CloseRequest, |_| {});
        }
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
        PartState::Returned if may.give_back => refuse(W::ReturnInPanel),
        PartState::NotStarted => refuse(W::NoWayBack),
        _ => refuse(W::NoRight),
    }
}
