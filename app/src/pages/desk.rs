//! 工作台: what waits for me, the most urgent first; what others did since; the boards.

use crate::app::session;
use crate::board::{Sentence, item_of, news};
use crate::browser::{self, time_words};
use crate::lang::{W, Words, words};
use crate::parts::{OfBoards, lamp_parts, of_each_board, state_class};
use crate::session::Session;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use std::collections::BTreeMap;
use tongban_shared::access;
use tongban_shared::entry::EntryKind;
use tongban_shared::fold::{Lamp, PartState};
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::plan::{PlanState, measure_name};
use tongban_shared::rule::Scene;
use tongban_shared::template;
use tongban_shared::views::{self, Asker, Line, Urgency, Waiting, short_title};

/// A class with more things than this is one line, until it is opened.
const FEW: usize = 5;

/// The most lines of what others did.
const MOST_NEWS: usize = 8;

#[component]
pub fn Desk() -> impl IntoView {
    let session = session();
    let words = words();
    let waiting = of_each_board(
        session,
        move || session.view.me.track(),
        move |id, board| waiting_of(session, id, board),
    );
    let all = Memo::new(move |_| {
        let listed = session.view.listed.get();
        let mut all: Vec<Waiting> = waiting.with(|waiting| {
            listed.iter().filter_map(|id| waiting.get(id)).flat_map(|one| one.iter().cloned()).collect()
        });
        views::waiting_in_order(&mut all);
        all
    });
    let oversees = Memo::new(move |_| session.view.who().is_some_and(|who| who.role.oversees()));
    let begins = Memo::new(move |_| session.view.allows(access::Action::BeginBoard));
    // Templates of the space are kept there too.
    let keeps = Memo::new(move |_| session.view.allows(access::Action::WriteSpace));
    view! {
        <h1>{move || words.w(W::Desk)}</h1>
        <Show when=move || session.view.writes(EntryKind::Remind)><p><A href="/remind" attr:class="button">
            {move || words.w(W::RemindTitle)}</A></p></Show>
        <WaitingList all />
        <crate::board::ToldLines />
        <Show when=move || oversees.get()><AllLate /></Show>
        <News />
        <section aria-labelledby="boards">
            <h2 id="boards">{move || words.w(W::Boards)}</h2>
            <Show when=move || session.view.listed.with(Vec::is_empty)>
                <p class="dim">{move || words.w(W::NoBoards)}</p>
                <Show when=move || begins.get()><p><A href="/import">{move || words.w(W::ImportFirst)}</A></p></Show>
            </Show>
            <Show when=move || begins.get() || keeps.get()><p><A href="/new">{move || words.w(W::NewBoard)}</A></p></Show>
            <ul class="cards" data-testid="boards">
                <For each=move || session.view.listed.get() key=|id| *id let:id><BoardCard id /></For>
            </ul>
        </section>
    }
}

/// The tasks of a board for the person here.
fn waiting_of(session: Session, id: BoardId, board: &BoardView) -> Vec<Waiting> {
    let may = board.may.get_untracked();
    let settled = board.head.with_untracked(|head| head.settled.is_some());
    let asker = Asker {
        unit: session.view.me.with_untracked(|me| me.as_ref()?.unit.parse().ok()),
        decides: may.decide,
        answers: may.records(EntryKind::Answer),
        consents: may.records(EntryKind::Consent),
        plan_differs: may.decide && settled && session.plan_state(id) == PlanState::Differs,
        marked: session.asked_about_marks(id).iter().map(item_of).collect(),
    };
    session.look(id, |scene| views::waiting(scene, id, &asker)).unwrap_or_default()
}

/// The tasks, class by class.
#[component]
fn WaitingList(all: Memo<Vec<Waiting>>) -> impl IntoView {
    let session = session();
    let words = words();
    let chosen = RwSignal::new(None::<Urgency>);
    let classes = Memo::new(move |_| {
        all.with(|all| {
            let count = |urgency| all.iter().filter(|one| one.urgency == urgency).count();
            Urgency::ALL
                .map(|urgency| (urgency, count(urgency)))
                .into_iter()
                .filter(|(_, n)| *n > 0)
                .collect::<Vec<_>>()
        })
    });
    let shown = Memo::new(move |_| {
        classes
            .get()
            .into_iter()
            .filter(|(urgency, _)| chosen.get().is_none_or(|one| one == *urgency))
            .collect::<Vec<_>>()
    });
    let press =
        move |urgency| chosen.update(|one| *one = if *one == Some(urgency) { None } else { Some(urgency) });
    // A row that stays is not drawn anew: it may be under a finger.
    let rows = move |urgency: Urgency| {
        let of = move || {
            all.with(|all| all.iter().filter(|one| one.urgency == urgency).cloned().collect::<Vec<_>>())
        };
        view! { <For each=of key=|one| one.clone() let:one><WaitingLine one /></For> }
    };
    let by_board = move |urgency: Urgency| {
        let mut counts: BTreeMap<BoardId, usize> = BTreeMap::new();
        all.with(|all| {
            for one in all.iter().filter(|one| one.urgency == urgency) {
                *counts.entry(one.board).or_default() += 1;
            }
        });
        let listed = session.view.listed.get();
        let named = listed.iter().filter_map(|id| Some((title_of(session, *id), counts.get(id)?)));
        let named: Vec<String> = named.map(|(title, count)| format!("{title} {count}")).collect();
        format!("{}{}", words.w(W::ByBoard), named.join(" · "))
    };
    let folded = move |urgency: Urgency, count: usize| count > FEW && chosen.get() != Some(urgency);
    view! {
        <section aria-labelledby="waiting">
            <h2 id="waiting">{move || words.w(W::WaitsForMe)}" "<span class="count">{move || all.with(Vec::len)}</span></h2>
            <Show when=move || all.with(Vec::is_empty)>
                <p class="dim">{move || words.w(W::NothingToDo)}</p>
            </Show>
            <div class="tiles" role="group" aria-label=move || words.w(W::WaitsForMe)>
                <For each=move || classes.get() key=|one| *one let:one>
                    <button type="button" class="tile" data-urgency=rank(one.0)
                        aria-pressed=move || (chosen.get() == Some(one.0)).to_string() on:click=move |_| press(one.0)>
                        <b class="tabular">{one.1}</b>" "<span>{move || words.w(one.0.word())}</span>
                    </button>
                </For>
            </div>
            <ul class="lines" data-testid="waiting">
                <For each=move || shown.get() key=|one| *one let:one>
                    {move || if folded(one.0, one.1) {
                        view! {
                            <li><details>
                                <summary><span class="tag" data-urgency=rank(one.0)>
                                    {words.w(one.0.word())}</span>" "<b>
                                    {one.1}" "{words.w(W::ThingsWord)}</b>" "<span class="dim">
                                    {by_board(one.0)}</span></summary>
                                <ul class="lines">{rows(one.0)}</ul>
                            </details></li>
                        }.into_any()
                    } else {
                        rows(one.0).into_any()
                    }}
                </For>
            </ul>
        </section>
    }
}

/// How many parts are late over all boards, whoever they wait for; the list is under 督办.
#[component]
fn AllLate() -> impl IntoView {
    let session = session();
    let words = words();
    let late = of_each_board(
        session,
        || {},
        move |id, _| {
            session
                .look(id, |scene| views::oversight(scene, words.lang_untracked()).late_parts())
                .unwrap_or_default()
        },
    );
    let count = Memo::new(move |_| late.with(|late| late.values().map(|count| **count).sum::<usize>()));
    view! {
        <p><a class="tile tile--bad" href="/oversight#late" data-testid="all-late">
            <b class="tabular">{count}</b>" "<span>{move || words.w(W::AllLate)}</span></a></p>
    }
}

/// The place of a class, for its colour.
fn rank(urgency: Urgency) -> String {
    (urgency as u8).to_string()
}

/// The short name of a board.
fn title_of(session: Session, id: BoardId) -> String {
    let board = session.view.board_untracked(id);
    board.map(|board| board.head.with(|head| short_title(&head.title).to_owned())).unwrap_or_default()
}

#[component]
fn WaitingLine(one: Waiting) -> impl IntoView {
    let words = words();
    let session = session();
    session.view.board_untracked(one.board).map(|board| {
        let signal = one.item.and_then(|item| board.item(item));
        let head = board.head.clone();
        let title = Memo::new(move |_| match &signal {
            Some(signal) => signal.with(|view| measure_name(&view.item)),
            None => head.with(|head| head.title.clone()),
        });
        let href = match (one.urgency, one.item) {
            (Urgency::Instruction | Urgency::Answered, _) => format!("/b/{}/instructions", one.board),
            (_, Some(item)) => format!("/b/{}?item={item}", one.board),
            (_, None) => format!("/b/{}/plan", one.board),
        };
        let of_board = one.item.is_some().then(|| title_of(session, one.board));
        let (urgency, due, why) = (one.urgency, one.due.clone(), one.why.clone());
        let time = move || due_words(words, &due);
        let act = one.item.and_then(|item| act_of(session, one.board, item, urgency));
        view! {
            <li>
                <span class="tag" data-urgency=rank(urgency)>{move || words.w(urgency.word())}</span>" "
                <A href=href>{title}</A>
                {of_board.map(|title| view! { <span class="dim">" "{title}</span> })}
                {(!why.is_empty()).then(|| view! { <span>" "{why}</span> })}
                <span class="dim tabular">{time}</span>
                {act.map(|(word, href)| view! { " "<a class="button button--plain" href=href>{move || words.w(word)}</a> })}
            </li>
        }
    })
}

/// The next step of a unit with its own part: it mends what was sent back, or reports.
fn act_of(session: Session, board: BoardId, item: ItemId, urgency: Urgency) -> Option<(W, String)> {
    let has_parts = |scene: &Scene<'_>| scene.item_type(item).is_some_and(|kind| kind.parts);
    session.look(board, has_parts).unwrap_or_default().then_some(())?;
    match urgency {
        Urgency::Returned => Some((W::MendAndAsk, format!("/b/{board}?item={item}&mend=1"))),
        Urgency::Overdue | Urgency::DueSoon => Some((W::Report, format!("/report?item={item}"))),
        _ => None,
    }
}

/// Until when, and for how many days it has been late.
fn due_words(words: Words, due: &str) -> String {
    let Some(begins) = browser::day_begins(due, 1) else { return String::new() };
    let late = (browser::now() - begins).max(0) / 86_400 + i64::from(browser::now() >= begins);
    let late = if late > 0 {
        format!("，{} {late} {}", words.w(W::LateDays), words.w(W::DaysWord))
    } else {
        String::new()
    };
    format!(" {} {due}{late}", words.w(W::Deadline))
}

/// The acts of others since this device was last opened, newest first.
#[component]
fn News() -> impl IntoView {
    let session = session();
    let words = words();
    let since = browser::last_visit();
    let lines: RwSignal<OfBoards<Vec<Line>>> = of_each_board(
        session,
        move || session.view.me.track(),
        move |id, _| since.map(|since| news(session, id, since)).unwrap_or_default(),
    );
    let newest = Memo::new(move |_| {
        let mut all: Vec<(BoardId, Line)> = lines.with(|lines| {
            lines.iter().flat_map(|(id, lines)| lines.iter().map(|line| (*id, line.clone()))).collect()
        });
        all.sort_by_key(|(_, line)| std::cmp::Reverse(line.to));
        all.truncate(MOST_NEWS);
        all
    });
    view! {
        <Show when=move || !newest.with(Vec::is_empty)>
            <section aria-labelledby="news">
                <h2 id="news">{move || words.w(W::News)}</h2>
                <ul class="lines" data-testid="news">
                    <For each=move || newest.get() key=|line| line.clone() let:line>
                        <li>
                            <span class="dim tabular">{time_words(line.1.to)}</span>" "<Sentence board=line.0 line=line.1.clone() />
                            " "<A href=format!("/b/{}/history", line.0)>{title_of(session, line.0)}</A>
                        </li>
                    </For>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn BoardCard(id: BoardId) -> impl IntoView {
    let words = words();
    let session = session();
    session.view.board_untracked(id).map(|board| {
        let (head, counted, kinds) = (board.head.clone(), board.clone(), board.head.clone());
        let title = Memo::new(move |_| head.with(|head| head.title.clone()));
        // The entries of a section, without those below it.
        let numbers = Memo::new(move |_| {
            counted.revision.track();
            session
                .look(id, |scene| {
                    let top = scene.board.items.iter().filter(|(_, item)| item.parent.is_none());
                    let used = top
                        .map(|(id, _)| *id)
                        .filter(|id| scene.standing(*id).is_none_or(|one| !one.retired));
                    used.fold((0, 0), |(done, all), id| (done + usize::from(scene.is_ended(id)), all + 1))
                })
                .unwrap_or_default()
        });
        let parts = Memo::new(move |_| {
            kinds.with(|head| {
                template::of(head)
                    .is_ok_and(|one| one.item_type("").is_some_and(|kind| kind.id != template::LINE_ID))
                    || !head.source.number.is_empty()
            })
        });
        let word = move || if parts.get() { W::ClosedCount } else { W::Done };
        view! {
            <li class="card">
                <A href=format!("/b/{id}")>{title}</A>
                <progress
                    max=move || numbers.get().1.max(1).to_string()
                    value=move || numbers.get().0.to_string()
                    aria-label=move || words.w(word())
                ></progress>
                <span class="dim">{move || words.w(word())}" "{move || {
                    let (closed, all) = numbers.get(); format!("{closed}/{all}") }}</span>
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
