//! The units of a board, and its guests by invitation.

use crate::app::session;
use crate::lang::{W, words};
use crate::parts::{UnitOptions, units_of};
use crate::view::BoardView;
use leptos::prelude::*;
use tongban_shared::dictionary;
use tongban_shared::edit::Edit;
use tongban_shared::id::BoardId;

#[component]
pub fn Members(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let (head, may) = (board.head.clone(), board.may.clone());
    let members = Memo::new(move |_| {
        let space = session.view.space.get();
        let units = head.with(|head| head.members.iter().copied().chain(head.lead).collect::<Vec<_>>());
        dictionary::in_order(&space, units).into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    });
    let head = board.head.clone();
    let guests = Memo::new(move |_| {
        let space = session.view.space.get();
        let guests = head.with(|head| head.guests.iter().copied().collect::<Vec<_>>());
        dictionary::in_order(&space, guests)
    });
    let add = move |event: leptos::ev::Event| {
        if let Ok(unit) = event_target_value(&event).parse() {
            session.edit_board(id, Edit::AddMember { unit });
        }
    };
    let invite = move |event: leptos::ev::Event| {
        if let Ok(unit) = event_target_value(&event).parse() {
            session.edit_board(id, Edit::InviteGuest { unit, present: true });
        }
    };
    let units = units_of(session, true);
    let writes = {
        let may = may.clone();
        Signal::derive(move || may.get().write)
    };
    let decides = {
        let may = may.clone();
        Signal::derive(move || may.get().decide)
    };
    view! {
        <details class="menu">
            <summary class="button">{move || words.w(W::Participants)}" "{move || members.with(Vec::len) + guests.with(Vec::len)}</summary>
            <div class="menu__list">
                <ul class="lines">{move || members.get().into_iter().map(|name| view! { <li>{name}</li> }).collect_view()}</ul>
                <ul class="lines">
                    <For each=move || guests.get() key=|one| one.0 let:one>
                        <li><span class="tag">{move || words.w(W::RoleGuest)}</span>" "{one.1.clone()}
                            <Show when=move || decides.get()>
                                <button type="button" class="chip__x" aria-label=words.w(W::TakeOff)
                                    on:click=move |_| session.edit_board(id, Edit::InviteGuest { unit: one.0,
                                    present: false })>"✕"</button>
                            </Show></li>
                    </For>
                </ul>
                <Show when=move || writes.get()>
                    <select aria-label=move || words.w(W::AddUnit) on:change=add>
                        <option value="">{move || words.w(W::AddUnit)}</option>
                        <UnitOptions units />
                    </select>
                </Show>
                <Show when=move || writes.get()><MergeUnit id revision=board.revision.clone() /></Show>
                <Show when=move || decides.get()>
                    <select aria-label=move || words.w(W::InviteGuests) on:change=invite>
                        <option value="">{move || words.w(W::InviteGuests)}</option>
                        <UnitOptions units />
                    </select>
                </Show>
            </div>
        </details>
    }
}

/// 合并到: one unit of the board takes the place of another, whose name was read wrongly.
#[component]
fn MergeUnit(id: BoardId, revision: ArcRwSignal<u64>) -> impl IntoView {
    let session = session();
    let words = words();
    let from = RwSignal::new(String::new());
    let named = Memo::new(move |_| {
        revision.track();
        let space = session.view.space.get();
        let units = session.board_now(id, |board| board.named_units()).unwrap_or_default();
        let mut names: Vec<String> = units.into_iter().map(|unit| space.unit_name(unit)).collect();
        names.sort_by_key(|name| (dictionary::place(name), name.clone()));
        names
    });
    let all = move || {
        let mut names: Vec<String> =
            session.view.space.with(|space| space.units.values().map(|unit| unit.name.clone()).collect());
        names.sort_by_key(|name| (dictionary::place(name), name.clone()));
        names.retain(|name| *name != from.get());
        names
    };
    let merge = move |event: leptos::ev::Event| {
        let (old, new) = (from.get_untracked(), event_target_value(&event));
        if new.is_empty() || old.is_empty() {
            return;
        }
        if session.merge_unit(id, &old, &new, words) {
            session.notice(&words.w(W::UnitsMerged).replace("{a}", &old).replace("{b}", &new));
        }
        from.set(String::new());
    };
    let option = |name: String| {
        let value = name.clone();
        view! { <option value=value>{name}</option> }
    };
    view! {
        <select aria-label=move || words.w(W::MergeUnit) data-testid="merge-from" prop:value=from
            on:change=move |event| from.set(event_target_value(&event))>
            <option value="">{move || words.w(W::MergeUnit)}</option>
            {move || named.get().into_iter().map(option).collect_view()}
        </select>
        <Show when=move || from.with(|from| !from.is_empty())>
            <select aria-label=move || words.w(W::MergeInto) data-testid="merge-into" on:change=merge>
                <option value="">{move || words.w(W::MergeInto)}</option>
                {move || all().into_iter().map(option).collect_view()}
            </select>
        </Show>
    }
}
