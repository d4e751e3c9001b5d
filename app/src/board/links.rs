//! 关联事项: what this item has to do with items of this and other boards, both ways.

use super::panel::Panel;
use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use crate::parts::{board_titles, light_class};
use crate::session::Session;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::edit::Edit;
use tongban_shared::id::{BoardId, ItemId, LinkId};
use tongban_shared::model::LinkKind;
use tongban_shared::views::{Light, LinkEnd, light, link_ends};

/// The other end as it stands: title of its board, its own, its light.
fn end(session: Session, seen: &LinkEnd) -> Option<(String, String, Option<Light>)> {
    let board = session.view.board(seen.board)?;
    board.revision.track();
    let title = board.head.with(|head| head.title.clone());
    session.look(seen.board, |scene| (title, scene.title(seen.item).to_owned(), light(scene, seen.item)))
}

#[component]
pub fn Links(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let (here, item) = (panel.board, panel.item);
    let seen = Memo::new(move |_| {
        let boards = session.view.boards.get();
        let held: Vec<_> =
            boards.iter().map(|(id, board)| (*id, board.head.with(|head| head.links.clone()))).collect();
        link_ends(held.iter().map(|(id, links)| (*id, links)), here, item)
    });
    let write = panel.may_write();
    let line = move |one: LinkEnd| {
        let link = one.id;
        let href = format!("/b/{}?item={}", one.board, one.item);
        let (kind, from_there) = (one.kind, one.from_there);
        let known = Memo::new(move |_| end(session, &one));
        let shown = move || {
            known.get().map_or_else(
                || view! { <span class="dim">{words.w(W::BoardNotHere)}</span> }.into_any(),
                |(board, title, light)| view! {
                    <A href=href.clone()>{title}</A>" "<span class="dim">{board}</span>" "
                    {light.map(|light| view! { <span class=light_class(light)><span aria-hidden="true">{light.shape()}</span>" "{words.w(light.word())}</span> })}
                }.into_any(),
            )
        };
        view! {
            <li>
                <span class="tag">{move || kind.map_or("", |kind| words.w(kind.word()))}{move || from_there.then(|| format!(" · {}", words.w(W::LinkedHere)))}</span>" "{shown}
                <Show when=move || write.get() && !from_there>
                    <button type="button" class="chip__x" aria-label=move || words.w(W::RemoveLink) on:click=move |_| session.edit_board(here, Edit::SetLinkRemoved { id: link, removed: true })>"✕"</button>
                </Show>
            </li>
        }
    };
    view! {
        <Show when=move || write.get() || !seen.with(Vec::is_empty)>
            <section aria-labelledby="links">
                <h3 id="links">{move || words.w(W::Links)}</h3>
                <ul class="lines" data-testid="links"><For each=move || seen.get() key=|one| (one.id, one.from_there) let:one>{line(one)}</For></ul>
                <Show when=move || write.get()><NewLink here item /></Show>
            </section>
        </Show>
    }
}

/// Kind, board and item of a new link.
#[component]
fn NewLink(here: BoardId, item: ItemId) -> impl IntoView {
    let session = session();
    let words = words();
    let kind = RwSignal::new(LinkKind::SameAs);
    let board = RwSignal::new(None::<BoardId>);
    let other = RwSignal::new(None::<ItemId>);
    let boards = board_titles(session);
    let items = Memo::new(move |_| {
        let Some(board) = board.get() else { return Vec::new() };
        session
            .look(board, |scene| {
                let order = scene.board.item_order().into_iter().filter(|one| *one != item);
                order.map(|id| (id, scene.title(id).to_owned())).collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some((to_board, to)) = board.get_untracked().zip(other.get_untracked()) else { return };
        let kind = kind.get_untracked().id().to_owned();
        let id = LinkId::from_bytes(browser::fresh_id());
        session.edit_board(here, Edit::AddLink { id, from: item, to_board, to, kind });
        other.set(None);
    };
    view! {
        <details>
            <summary>{move || words.w(W::AddLink)}</summary>
            <form class="stack" on:submit=add data-testid="new-link">
                <select aria-label=move || words.w(W::Links) on:change=move |event| if let Some(chosen) = LinkKind::from_id(&event_target_value(&event)) { kind.set(chosen) }>
                    {LinkKind::ALL.map(|kind| view! { <option value=kind.id()>{move || words.w(kind.word())}</option> })}
                </select>
                <select aria-label=move || words.w(W::Boards) on:change=move |event| { other.set(None); board.set(event_target_value(&event).parse().ok()) }>
                    <option value="">{move || words.w(W::Boards)}</option>
                    <For each=move || boards.get() key=|one| one.clone() let:one><option value=one.0.to_string()>{one.1.clone()}</option></For>
                </select>
                <select aria-label=move || words.w(W::AddLink) on:change=move |event| other.set(event_target_value(&event).parse().ok())>
                    <option value="">{move || words.w(W::AddLink)}</option>
                    <For each=move || items.get() key=|one| one.clone() let:one><option value=one.0.to_string()>{one.1.clone()}</option></For>
                </select>
                <button type="submit" class="button" disabled=move || other.with(Option::is_none)>{move || words.w(W::Add)}</button>
            </form>
        </details>
    }
}
