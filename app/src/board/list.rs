//! 清单: the official order, sections and numbered measures.

use super::shown;
use crate::app::session;
use crate::lang::{W, words};
use crate::pages::{Filter, StateLine};
use crate::view::{BoardView, ItemView};
use leptos::prelude::*;
use leptos_router::components::A;
use std::sync::Arc;
use tongban_shared::edit::{Edit, NewItem};
use tongban_shared::fold::Retirement;
use tongban_shared::id::{BoardId, ItemId, SectionId};
use tongban_shared::rank;

#[component]
pub fn List(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let order = board.order.clone();
    let goal = {
        let head = board.head.clone();
        Memo::new(move |_| head.with(|head| head.goal.clone()))
    };
    let sections = {
        let order = order.clone();
        Memo::new(move |_| {
            order.with(|order| {
                order
                    .iter()
                    .map(|(id, section, _)| (*id, section.number.clone(), section.title.clone()))
                    .collect::<Vec<_>>()
            })
        })
    };
    view! {
        <Show when=move || !goal.get().is_empty()>
            <details class="goal" open><summary>{move || words().w(W::Goal)}</summary><p>{goal}</p></details>
        </Show>
        <For each=move || sections.get() key=|section| section.clone() let:section>
            <ListSection id board=board.clone() section=section.0 number=section.1.clone() title=section.2.clone() filter />
        </For>
    }
}

#[component]
fn ListSection(
    id: BoardId,
    board: BoardView,
    section: SectionId,
    number: String,
    title: String,
    filter: RwSignal<Filter>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let order = board.order.clone();
    let items = Memo::new(move |_| {
        order.with(|order| {
            order
                .iter()
                .find(|(one, _, _)| *one == section)
                .map(|(_, _, items)| items.clone())
                .unwrap_or_default()
        })
    });
    let may = board.may.clone();
    let (lines, last) = (board.clone(), board.clone());
    let adding = RwSignal::new(String::new());
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let title = adding.get_untracked();
        if title.trim().is_empty() {
            return;
        }
        let before = items
            .get_untracked()
            .iter()
            .rev()
            .find(|(_, depth)| *depth == 0)
            .and_then(|(item, _)| last.item(*item))
            .map(|item| item.with_untracked(|view| view.item.rank.clone()));
        let item = NewItem {
            title: title.trim().to_owned(),
            section: Some(section),
            rank: rank::between(&before.unwrap_or_default(), ""),
            ..NewItem::default()
        };
        session.edit_board(
            id,
            Edit::AddItem { id: ItemId::from_bytes(crate::browser::fresh_id()), item: Box::new(item) },
        );
        adding.set(String::new());
    };
    view! {
        <section class="section">
            <h2>{number}" "{title}</h2>
            <ul class="items">
                <For each=move || items.get() key=|item| *item let:item>
                    {lines.item(item.0).map(|signal| view! { <ListItem item=item.0 depth=item.1 signal filter /> })}
                </For>
            </ul>
            <Show when=move || may.get().write>
                <form class="inline" on:submit=add.clone()>
                    <input aria-label=move || words.w(W::NewItem) placeholder=move || words.w(W::NewItem) bind:value=adding />
                    <button class="button" type="submit">{move || words.w(W::Add)}</button>
                </form>
            </Show>
        </section>
    }
}

#[component]
fn ListItem(
    item: ItemId,
    depth: usize,
    signal: ArcRwSignal<Arc<ItemView>>,
    filter: RwSignal<Filter>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let field = |read: fn(&ItemView) -> String| {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| read(view)))
    };
    let (number, title, deadline) = (
        field(|view| view.item.number.clone()),
        field(|view| view.item.title.clone()),
        field(|view| view.item.deadline.clone()),
    );
    let lamp = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| view.state.lamp))
    };
    let state = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| view.state.whole()))
    };
    let closed = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| view.state.closed()))
    };
    let retired = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| view.state.retirement))
    };
    let units = {
        let signal = signal.clone();
        Memo::new(move |_| {
            let space = session.view.space.get();
            signal.with(|view| {
                let named =
                    view.item.assignments.iter().filter(|(_, assignment)| assignment.removal.is_none());
                let mut named: Vec<(tongban_shared::import::Role, String)> =
                    named.map(|(unit, assignment)| (assignment.role, space.unit_name(*unit))).collect();
                named.sort();
                named.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
            })
        })
    };
    let visible = Memo::new(move |_| filter.with(|filter| signal.with(|view| shown(filter, view))));
    view! {
        <li class="item" class:hidden=move || !visible.get() class:item--retired=move || retired.get() != Retirement::Active style:--depth=depth.to_string() data-testid="item">
            <A href=format!("?item={item}") scroll=false><span class="item__number">{number}</span>" "<span class="item__title">{title}</span></A>
            <div class="item__line">
                <StateLine lamp state closed />
                <Show when=move || !deadline.get().is_empty()><span class="dim tabular">{deadline}</span></Show>
                <Show when=move || retired.get() != Retirement::Active>
                    <span class="tag">{move || words.w(if retired.get() == Retirement::Retired { W::RetiredMark } else { W::RetiredWithNews })}</span>
                </Show>
            </div>
            <ul class="chips"><For each=move || units.get() key=|name| name.clone() let:name><li class="chip">{name}</li></For></ul>
        </li>
    }
}
