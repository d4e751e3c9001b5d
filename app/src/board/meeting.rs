//! 会议模式: one item after another on the whole screen. An instruction typed here is an entry; with
//! units and a day it is a task on their desks. The list of them stands below, as the minutes.

use super::instructions::Instructions;
use crate::app::session;
use crate::lang::{W, words};
use crate::parts::{UnitOptions, Unsaved, closed_words, light_class};
use crate::view::{BoardView, ItemView};
use leptos::prelude::*;
use leptos_router::components::A;
use std::collections::BTreeSet;
use std::sync::Arc;
use tongban_shared::access;
use tongban_shared::dictionary;
use tongban_shared::edit::Edit;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::id::{BoardId, DocumentId, ItemId, UnitId};
use tongban_shared::views::{self, Card};

/// The newest records that a card shows.
const NEWEST: usize = 6;

#[component]
pub fn Meeting(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let (chosen, urgent) = (RwSignal::new(None::<ItemId>), RwSignal::new(true));
    let revision = board.revision.clone();
    // The order is that of the beginning: cards do not change places while people speak.
    let ordered = Memo::new(move |before: Option<&(bool, Vec<Card>)>| {
        revision.track();
        let first = urgent.get();
        let fresh = session.look(id, |scene| views::meeting(scene, first, words.lang())).unwrap_or_default();
        let Some((_, before)) = before.filter(|(was, _)| *was == first) else { return (first, fresh) };
        let known = before.iter().filter_map(|card| fresh.iter().find(|one| one.item == card.item));
        let new = fresh.iter().filter(|card| !before.iter().any(|one| one.item == card.item));
        (first, known.chain(new).cloned().collect())
    });
    let cards = Memo::new(move |_| ordered.with(|(_, cards)| cards.clone()));
    let count = Memo::new(move |_| cards.with(Vec::len));
    // The item is kept, not its place: others may come and go before it.
    let at = Memo::new(move |before: Option<&usize>| {
        let item = chosen.get();
        cards.with(|cards| {
            let found = cards.iter().position(|card| Some(card.item) == item);
            found.unwrap_or_else(|| before.copied().unwrap_or(0).min(cards.len().saturating_sub(1)))
        })
    });
    let go = move |by: isize| {
        let to = at.get_untracked().saturating_add_signed(by).min(count.get_untracked().saturating_sub(1));
        chosen.set(cards.with_untracked(|cards| cards.get(to).map(|card| card.item)));
    };
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let target =
            event.target().and_then(|target| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(target).ok());
        let typing = target.is_some_and(|element| {
            matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT" | "BUTTON" | "A")
        });
        match event.key().as_str() {
            _ if typing || event.alt_key() || event.ctrl_key() || event.meta_key() => {}
            "ArrowRight" | "PageDown" | " " => {
                event.prevent_default();
                go(1);
            }
            "ArrowLeft" | "PageUp" => {
                event.prevent_default();
                go(-1);
            }
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
    // The whole page fills the screen: in a part of it nobody would see notices and questions.
    let fill = move |_| {
        if let Some(page) = document().document_element() {
            let _ = page.request_fullscreen();
        }
    };
    on_cleanup(|| {
        if document().fullscreen_element().is_some() {
            document().exit_fullscreen();
        }
    });
    let title = board.head.with_untracked(|head| head.title.clone());
    let minutes = board.clone();
    let card = Memo::new(move |_| cards.with(|cards| cards.get(at.get()).cloned()));
    // Half-typed words stay while the card's state changes.
    let item = Memo::new(move |_| card.with(|card| card.as_ref().map(|card| card.item)));
    view! {
        <section class="meeting" data-testid="meeting">
            <header class="meeting__bar">
                <span class="dim">{title}</span>
                <label class="check"><input type="checkbox" prop:checked=move || urgent.get() on:change=move |event| { urgent.set(event_target_checked(&event)); chosen.set(None); go(isize::MIN); } />{move || words.w(W::UrgentFirst)}</label>
                <span class="tabular" role="status">{move || at.get() + 1}" / "{count}</span>
                <button type="button" class="button" on:click=move |_| go(-1) disabled=move || at.get() == 0>"←"<span class="hidden">{move || words.w(W::Before)}</span></button>
                <button type="button" class="button" on:click=move |_| go(1) disabled=move || { at.get() + 1 >= count.get() }>"→"<span class="hidden">{move || words.w(W::Next)}</span></button>
                <button type="button" class="button" on:click=fill>{move || words.w(W::FullScreen)}</button>
            </header>
            {move || item.get().and_then(|item| {
                let signal = board.item(item)?;
                Some(view! { <Spoken id item card signal board=board.clone() /> })
            })}
            <Instructions id board=minutes />
        </section>
    }
}

#[component]
fn Spoken(
    id: BoardId,
    item: ItemId,
    card: Memo<Option<Card>>,
    signal: ArcRwSignal<Arc<ItemView>>,
    board: BoardView,
) -> impl IntoView {
    let session = session();
    let words = words();
    let head = move || {
        let card = card.get().filter(|card| card.item == item)?;
        let light = card.light.map(|light| {
            view! { <span class=light_class(light)><span aria-hidden="true">{light.shape()}</span>" "{words.w(light.word())}</span> }
        });
        Some(view! { {card.section}" "<span class="tag">{card.state}</span>" "{light} })
    };
    let (may, whole) = (board.may.clone(), board);
    // Items in states of a template's own are not closed out unit by unit.
    let typed =
        session.look(id, |scene| scene.item_type(item).is_some_and(|kind| !kind.parts)).unwrap_or_default();
    view! {
        <article class="meeting__card" data-shows="text">
            <p class="dim">{head}</p>
            {move || {
                let view = signal.get();
                let space = session.view.space.get();
                let (closed, all) = if typed { (0, 0) } else { view.state.closed() };
                let parts = view.state.parts.iter().filter(|_| !typed).map(|(unit, part)| (space.unit_name(*unit), part.state.word())).collect::<Vec<_>>();
                let newest: Vec<(String, String, String)> = view.entries.iter().rev().filter(|entry| !entry.body.is_empty()).take(NEWEST)
                    .map(|entry| (space.unit_name(entry.author.unit), crate::browser::time_words(entry.said / 1000), entry.body.clone())).collect();
                let title = format!("{} {}", view.item.number, view.item.title);
                let text = view.item.text.clone();
                view! {
                    <h2 class="meeting__title"><A href=format!("/b/{id}/list?item={item}")>{title}</A></h2>
                    <p class="meeting__text">{text}</p>
                    {closed_words(words, closed, all).map(|told| view! { <p class="tabular">{told}</p> })}
                    <ul class="chips">{parts.into_iter().map(|(unit, word)| view! { <li class="chip">{unit}" · "{words.w(word)}</li> }).collect_view()}</ul>
                    <ul class="lines">{newest.into_iter().map(|(unit, time, body)| view! { <li><b>{unit}</b>" "<span class="dim tabular">{time}</span>" "{body}</li> }).collect_view()}</ul>
                }
            }}
            <Show when=move || may.get().records(EntryKind::Instruction)><NewInstruction id item board=whole.clone() /></Show>
        </article>
    }
}

/// Words of a leader, the units that are asked and until when; without a unit it is a remark.
#[component]
fn NewInstruction(id: BoardId, item: ItemId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let (said, due) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let asked = RwSignal::new(BTreeSet::<UnitId>::new());
    let (may, revision) = (board.may.clone(), board.revision.clone());
    // A unit that the board does not name would not see it: whoever may write the board adds the unit.
    let offered = Memo::new(move |_| {
        revision.track();
        let space = session.view.space.get();
        if may.get().write {
            return dictionary::in_order(&space, space.units.keys().copied());
        }
        let named = session.look(id, |scene| scene.board.named_units()).unwrap_or_default();
        dictionary::in_order(&space, named.into_iter().flat_map(|unit| space.expanded(unit)))
    });
    let chosen = Memo::new(move |_| {
        session
            .view
            .space
            .with(|space| asked.with(|asked| dictionary::in_order(space, asked.iter().copied())))
    });
    let add = move |event: leptos::ev::Event| {
        if let Ok(unit) = event_target_value(&event).parse::<UnitId>() {
            asked.update(|asked| {
                asked.insert(unit);
            });
        }
    };
    let adding = RwSignal::new(String::new());
    let may = board.may.clone();
    let write = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (text, units) = (said.get_untracked(), asked.get_untracked());
        if text.trim().is_empty() {
            return session.notice(words.w(W::NothingWritten));
        }
        let space = session.view.space.get_untracked();
        let stranger = |unit: &UnitId| {
            session.look(id, |scene| {
                space.expanded(*unit).iter().any(|one| !access::concerns(&space, scene.board, *one))
            })
        };
        let strangers = units.iter().filter(|unit| stranger(unit) == Some(true));
        let join: Vec<Edit> = strangers.map(|unit| Edit::AddMember { unit: *unit }).collect();
        if may.get_untracked().write && !join.is_empty() && !session.edit_all(DocumentId::board(id), &join) {
            return;
        }
        let subject = Subject { board: id, item: Some(item), unit: None, indicator: None };
        let written = session.write_entry(subject, EntryKind::Instruction, |entry| {
            text.trim().clone_into(&mut entry.body);
            entry.asks = Some(units).filter(|units| !units.is_empty());
            entry.due = Some(due.get_untracked()).filter(|due| !due.is_empty() && entry.asks.is_some());
        });
        if written {
            said.set(String::new());
            due.set(String::new());
            asked.set(BTreeSet::new());
        }
    };
    view! {
        <form class="inline" on:submit=write data-testid="new-instruction">
            <Unsaved place=Some(format!("instruction/{id}/{item}")) text=said />
            <input aria-label=move || words.w(W::DidInstruction) placeholder=move || words.w(W::InstructionHere) bind:value=said />
            <select aria-label=move || words.w(W::AskedUnits) prop:value=adding
                on:change=move |event| { add(event); adding.set(" ".to_owned()); adding.set(String::new()); }>
                <option value="">{move || words.w(W::AskedUnits)}</option>
                <UnitOptions units=offered />
            </select>
            <input type="date" class="short" aria-label=move || words.w(W::Deadline) bind:value=due />
            <button type="submit" class="button button--main">{move || words.w(W::Save)}</button>
        </form>
        <ul class="chips">
            <For each=move || chosen.get() key=|one| one.clone() let:one>
                <li class="chip">{one.1.clone()}
                    <button type="button" class="chip__x" aria-label=move || words.w(W::TakeOff)
                    on:click=move |_| asked.update(|asked| asked.retain(|unit| *unit != one.0))>"✕"</button></li>
            </For>
        </ul>
    }
}
