//! 看板: columns by state, of units' parts or of a template. State is derived, so a move is an act:
//! it asks, and then writes the entry that leads to the state, for the unit of the person who moves.

mod acts;

use super::shows;
use crate::app::session;
use crate::lang::{W, words};
use crate::pages::Filter;
use crate::parts::{Carrier, Growing, Moving};
use crate::view::{BoardView, ItemView};
use acts::act;
pub use acts::{acceptance, close_request};
use leptos::html::Div;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::sync::Arc;
use tongban_shared::drag::{Drag, Input, Outcome};
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

#[component]
pub fn Kanban(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let session = session();
    let words = words();
    let whole = NodeRef::<Div>::new();
    let carrier = Carrier::new(whole, column_at);
    let moving = carrier.moving;
    let wanted = RwSignal::new(None::<String>);
    let template = board.head.with_untracked(|head| template::of(head)).ok();
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
        template.as_ref()?.item_type(&chosen).cloned()
    });
    let columns = Memo::new(move |_| {
        let language = words.lang();
        kind.get().map_or_else(Vec::new, |kind: ItemType| {
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
                        {board.item(item).map(|signal| view! { <Card id board=board.clone() item signal index columns carrier /> })}
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
        <div class="kanban" node_ref=whole role="group" aria-label=move || words.w(W::KanbanView)>
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
    carrier: Carrier,
) -> impl IntoView {
    let moving = carrier.moving;
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
                let template = template::of(head).ok();
                let kind = template.as_ref().and_then(|template| template.item_type(&view.item.kind));
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
    let feed = StoredValue::new_local(feed);
    let feed = move |input: Input| {
        if let Some(feed) = feed.try_get_value() {
            feed(input);
        }
    };
    let choose = (board, signal);
    let lifted = move || {
        moving.with(|moving| moving.is_some_and(|moving| moving.item == item && moving.drag != Drag::Still))
    };
    view! {
        <li class="kcard" class:kcard--lifted=lifted data-testid="kcard">
            <button
                type="button"
                class="kcard__grip"
                on:pointerdown=move |event| {
                    carrier.press(&event, feed);
                }
                on:pointermove=move |event| carrier.over(&event)
                on:pointerup=move |_| carrier.end(Input::Release)
                on:pointercancel=move |_| carrier.end(Input::Cancel)
                on:contextmenu=move |event| if carrier.holds() { event.prevent_default() }
                on:keydown=move |event| {
                    let step = |forward| Input::Step { forward, columns: columns.with_untracked(Vec::len) };
                    let input = match event.key().as_str() {
                        " " => Some(Input::Toggle { column: index }),
                        "ArrowRight" | "ArrowDown" => Some(step(true)),
                        "ArrowLeft" | "ArrowUp" => Some(step(false)),
                        "Escape" if moving.with_untracked(Option::is_some) => Some(Input::Cancel),
                        "Enter" => { feed(Input::Press { x: 0.0, y: 0.0, touch: false }); Some(Input::Release) }
                        _ => None,
                    };
                    if let Some(input) = input {
                        event.prevent_default();
                        feed(input);
                    }
                }
            >{title}</button>
            <div class="kcard__foot">
                <span class="dim tabular">{move || { let (one, all) = closed.get(); crate::parts::closed_words(words, one, all) }}</span>
                <select aria-label=move || format!("{}：{}", words.w(W::MoveTo), title.get()) on:change=move |event| {
                    let to = event_target_value(&event).parse::<usize>().ok().and_then(|place| columns.with_untracked(|columns| columns.get(place).cloned()));
                    crate::browser::choose_nothing(&event);
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

/// The column under a point of the window.
fn column_at(x: f64, y: f64) -> Option<usize> {
    crate::browser::closest(x, y, "[data-column]")?.get_attribute("data-column")?.parse().ok()
}
