//! 工作台: what waits for my unit, sorted, then the boards.

use crate::app::session;
use crate::board::lines;
use crate::browser::{self, time_words};
use crate::lang::{W, Words, words};
use crate::parts::{lamp_parts, state_class};
use crate::session::Session;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use std::collections::{BTreeMap, BTreeSet};
use tongban_shared::access;
use tongban_shared::entry::EntryKind;
use tongban_shared::fold::{Lamp, PartState, ProposalState, Retirement, proposals};
use tongban_shared::id::{BoardId, ItemId, UnitId};
use tongban_shared::plan::{PlanState, measure_name};
use tongban_shared::template;

/// One thing that waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    /// Smaller is sooner: returned, overdue, due soon, to decide, asked, consent, review.
    urgency: u8,
    deadline: String,
    board: BoardId,
    /// A measure; the plan of the board and its proposals without one.
    item: Option<ItemId>,
}

#[component]
pub fn Desk() -> impl IntoView {
    let session = session();
    let words = words();
    let my_unit = Memo::new(move |_| session.view.me.with(|me| me.as_ref()?.unit.parse::<UnitId>().ok()));
    let waiting = Memo::new(move |_| {
        let boards = session.view.boards.get();
        let mut all: Vec<Waiting> =
            boards.iter().flat_map(|(id, board)| waiting_of(session, *id, board, my_unit.get())).collect();
        all.sort();
        all
    });
    let begins = Memo::new(move |_| session.view.allows(access::Action::BeginBoard));
    // Templates of the space are kept there too.
    let keeps = Memo::new(move |_| session.view.allows(access::Action::WriteSpace));
    let news = Memo::new(move |_| {
        news_of(session, words, &session.view.boards.get(), session.view.badge.get().waiting)
    });
    let boards =
        Memo::new(move |_| session.view.boards.with(|boards| boards.keys().copied().collect::<Vec<_>>()));
    view! {
        <h1>{move || words.w(W::Desk)}</h1>
        <section aria-labelledby="waiting">
            <h2 id="waiting">{move || words.w(W::WaitsForMe)}" "<span class="count">{move || waiting.with(Vec::len)}</span></h2>
            <Show when=move || waiting.with(Vec::is_empty)>
                <p class="dim">{move || words.w(W::NothingToDo)}</p>
            </Show>
            <ul class="lines">
                <For each=move || waiting.get().into_iter().take(60) key=|one| (one.board, one.item, one.urgency) let:one>
                    <WaitingLine board=one.board item=one.item urgency=one.urgency />
                </For>
            </ul>
        </section>
        <crate::board::ToldLines />
        <Show when=move || !news.with(Vec::is_empty)>
            <section aria-labelledby="news">
                <h2 id="news">{move || words.w(W::News)}</h2>
                <ul class="lines">
                    <For each=move || news.get() key=|line| line.clone() let:line>
                        <li><span class="dim tabular">{time_words(line.0)}</span>" "<b>{line.2.clone()}</b>" "{line.3.clone()}" "<A href=format!("/b/{}/history", line.1)>{line.4.clone()}</A></li>
                    </For>
                </ul>
            </section>
        </Show>
        <section aria-labelledby="boards">
            <h2 id="boards">{move || words.w(W::Boards)}</h2>
            <Show when=move || boards.with(Vec::is_empty)>
                <p class="dim">{move || words.w(W::NoBoards)}</p>
                <Show when=move || begins.get()><p><A href="/import">{move || words.w(W::ImportFirst)}</A></p></Show>
            </Show>
            <Show when=move || begins.get() || keeps.get()><p><A href="/new">{move || words.w(W::NewBoard)}</A></p></Show>
            <ul class="cards">
                <For each=move || boards.get() key=|id| *id let:id><BoardCard id /></For>
            </ul>
        </section>
    }
}

/// Time, board, who, what, title of the board.
type News = (i64, BoardId, String, String, String);

/// What others changed since this device was last opened, newest first; `_waiting` makes the list
/// follow new changes.
fn news_of(
    session: Session,
    words: Words,
    boards: &BTreeMap<BoardId, BoardView>,
    _waiting: usize,
) -> Vec<News> {
    let Some(since) = browser::last_visit() else { return Vec::new() };
    let me = session.view.me.with(|me| me.as_ref().map(|me| me.name.clone())).unwrap_or_default();
    let mut all: Vec<News> = Vec::new();
    for (id, board) in boards {
        let title = board.head.with(|head| head.title.clone());
        let new =
            lines(session, words, *id).into_iter().filter(|line| line.0 > since && !line.1.starts_with(&me));
        all.extend(new.map(|(time, by, what)| (time, *id, by, what, title.clone())));
    }
    all.sort_by_key(|line| std::cmp::Reverse(line.0));
    all.truncate(8);
    all
}

/// What of a settled plan waits for a unit: its consent, its review, changes that came in unseen.
fn plan_of(session: Session, id: BoardId, board: &BoardView, unit: Option<UnitId>) -> BTreeSet<Waiting> {
    if board.head.with(|head| head.settled.is_none()) {
        return BTreeSet::new();
    }
    board.revision.track();
    let decides = board.may.get().decide;
    let waits = |urgency| Waiting { urgency, deadline: String::new(), board: id, item: None };
    // One line of a kind for a board.
    let mut all = BTreeSet::new();
    if decides && session.plan_state(id) == PlanState::Differs {
        all.insert(waits(3));
    }
    let consents = session.view.writes(EntryKind::Consent);
    session.board_and_entries(id, |_, entries| {
        for one in proposals(entries).iter().filter(|one| one.is_open()) {
            if consents && unit.is_some_and(|unit| one.missing.contains(&unit)) {
                all.insert(waits(5));
            } else if decides && one.state != ProposalState::Consulted {
                all.insert(waits(6));
            }
        }
    });
    all
}

fn waiting_of(session: Session, id: BoardId, board: &BoardView, unit: Option<UnitId>) -> Vec<Waiting> {
    let may = board.may.get();
    let order = board.order.get();
    let items = order.iter().flat_map(|(_, _, items)| items.iter());
    let typed = typed_of(session, id, board, unit);
    let in_plan = plan_of(session, id, board, unit);
    let in_items = items.filter_map(|(item, _)| {
        let view = board.item(*item)?.get();
        if view.state.retirement == Retirement::Retired {
            return None;
        }
        // What has states of its own waits by its deadlines, and no more once it has ended.
        if let Some((lamp, deadline)) = typed.get(item) {
            let urgency = match lamp {
                Some(Lamp::Overdue) => 1,
                Some(Lamp::DueSoon) => 2,
                _ => return None,
            };
            return Some(Waiting { urgency, deadline: deadline.clone(), board: id, item: Some(*item) });
        }
        let mine = unit.and_then(|unit| view.state.parts.get(&unit));
        let asked = view.state.parts.values().any(|part| part.state == PartState::Asked);
        let urgency = match mine.map(|part| part.state) {
            Some(PartState::Returned) => 0,
            Some(PartState::NotStarted | PartState::InProgress) if view.state.lamp == Lamp::Overdue => 1,
            Some(PartState::NotStarted | PartState::InProgress) if view.state.lamp == Lamp::DueSoon => 2,
            _ if may.decide && view.state.needs_decision() => 3,
            _ if may.decide && asked => 4,
            Some(PartState::NotStarted) => 7,
            _ => return None,
        };
        Some(Waiting { urgency, deadline: view.item.deadline.clone(), board: id, item: Some(*item) })
    });
    in_items.chain(in_plan).collect()
}

/// Items with states of their own: of those that a unit holds and that have not ended, the most
/// urgent lamp and the day they are due.
fn typed_of(
    session: Session,
    id: BoardId,
    board: &BoardView,
    unit: Option<UnitId>,
) -> BTreeMap<ItemId, (Option<Lamp>, String)> {
    board.revision.track();
    let found = session.look(id, |scene| {
        let typed =
            scene.board.items.keys().filter(|id| scene.item_type(**id).is_some_and(|kind| !kind.parts));
        let waits = |id: &ItemId| {
            let own = unit.is_some_and(|unit| scene.holders(*id).contains(&unit)) && !scene.is_ended(*id);
            let lamp = own.then(|| scene.lamp(*id)).flatten();
            (
                *id,
                (
                    lamp,
                    scene.due(*id).filter(|_| lamp.is_some()).map(|day| day.to_string()).unwrap_or_default(),
                ),
            )
        };
        typed.map(waits).collect()
    });
    found.unwrap_or_default()
}

#[component]
fn WaitingLine(board: BoardId, item: Option<ItemId>, urgency: u8) -> impl IntoView {
    let words = words();
    let session = session();
    let view = session.view.board(board);
    let word = match urgency {
        0 => W::Returned,
        1 => W::Overdue,
        2 => W::DueSoon,
        3 => W::NeedsDecision,
        4 => W::Asked,
        5 => W::ConsentAsked,
        6 => W::StateReady,
        _ => W::NotReported,
    };
    view.map(|view| {
        let signal = item.and_then(|item| view.item(item));
        let (title, href) = match (item, signal) {
            (Some(item), Some(signal)) => (
                Memo::new(move |_| signal.with(|view| measure_name(&view.item))),
                format!("/b/{board}?item={item}"),
            ),
            _ => (Memo::new(move |_| view.head.with(|head| head.title.clone())), format!("/b/{board}/plan")),
        };
        view! {
            <li>
                <span class="tag" data-urgency=urgency.to_string()>{move || words.w(word)}</span>
                <A href=href>{title}</A>
            </li>
        }
    })
}

#[component]
fn BoardCard(id: BoardId) -> impl IntoView {
    let words = words();
    let session = session();
    session.view.board(id).map(|board| {
        let (head, counted, kinds) = (board.head.clone(), board.clone(), board.head.clone());
        // A board that this unit may not read has a name in the space and nothing else here.
        let named = move || session.view.space.with(|space| space.boards.get(&id).map(|one| one.title.clone()));
        let title = Memo::new(move |_| head.with(|head| head.title.clone()));
        let closed = Memo::new(move |_| title.with(String::is_empty));
        // What stands in a section, not what stands below it.
        let numbers = Memo::new(move |_| {
            counted.revision.track();
            session
                .look(id, |scene| {
                    let top = scene.board.items.iter().filter(|(_, item)| item.parent.is_none());
                    let used = top.map(|(id, _)| *id).filter(|id| scene.standing(*id).is_none_or(|one| !one.retired));
                    used.fold((0, 0), |(done, all), id| (done + usize::from(scene.is_ended(id)), all + 1))
                })
                .unwrap_or_default()
        });
        let parts = Memo::new(move |_| kinds.with(|head| template::of(head).and_then(|one| one.item_type("")).is_some_and(|kind| kind.id != template::LINE_ID) || !head.source.number.is_empty()));
        let word = move || if parts.get() { W::ClosedCount } else { W::Done };
        view! {
            <li class="card">
                <Show when=move || !closed.get() fallback=move || view! { <span>{named}</span><span class="dim">{move || words.w(W::NoAccess)}</span> }>
                    <A href=format!("/b/{id}")>{title}</A>
                    <progress
                        max=move || numbers.get().1.max(1).to_string()
                        value=move || numbers.get().0.to_string()
                        aria-label=move || words.w(word())
                    ></progress>
                    <span class="dim">{move || words.w(word())}" "{move || { let (closed, all) = numbers.get(); format!("{closed}/{all}") }}</span>
                </Show>
            </li>
        }
    })
}

/// A line of lamp and state, as lists show it.
#[component]
pub fn StateLine(
    #[prop(into)] lamp: Signal<Lamp>,
    #[prop(into)] state: Signal<PartState>,
    #[prop(into)] closed: Signal<(usize, usize)>,
) -> impl IntoView {
    let words = words();
    view! {
        <span class=move || lamp_parts(lamp.get()).2><span aria-hidden="true">{move || lamp_parts(lamp.get()).0}</span>" "{move || words.w(lamp_parts(lamp.get()).1)}</span>
        <span class=move || state_class(state.get())>{move || words.w(state.get().word())}</span>
        <span class="dim tabular">{move || { let (one, all) = closed.get(); crate::parts::closed_words(words, one, all) }}</span>
    }
}
