//! 督办: over all boards that the person may read, before a meeting: what is late, which units are
//! worst, what was done since a day, where numbers are short. Every number opens its list.

use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use crate::parts::of_each_board;
use crate::session::Session;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use tongban_shared::dictionary;
use tongban_shared::entry::EntryKind;
use tongban_shared::id::{BoardId, UnitId};
use tongban_shared::publication::{number_words, reported_words};
use tongban_shared::views::{self, Gap, Late, Oversight, UnitCounts, kind_word, short_title, worst_units};

/// The longest lists that are drawn; more is told as a number.
const MOST: usize = 100;

/// A board with what its units did since the day that was chosen.
#[derive(Debug, PartialEq)]
struct OfBoard {
    seen: Oversight,
    acts: BTreeMap<UnitId, BTreeMap<EntryKind, usize>>,
}

type All = Memo<Vec<(BoardId, Arc<OfBoard>)>>;

#[component]
pub fn OversightPage() -> impl IntoView {
    let session = session();
    let words = words();
    let query = use_query_map();
    let unit = Memo::new(move |_| {
        query.with(|query| query.get("unit").and_then(|unit| unit.parse::<UnitId>().ok()))
    });
    let since = RwSignal::new(browser::days_ago(7));
    let of_boards = of_each_board(
        session,
        move || {
            session.view.me.track();
            since.track();
            words.lang();
        },
        move |id, _| {
            let begins = browser::day_begins(&since.get_untracked(), 0).unwrap_or_default();
            let made = session.look(id, |scene| OfBoard {
                seen: views::oversight(scene, words.lang_untracked()),
                acts: views::acts_since(scene.entries, begins),
            });
            made.unwrap_or_else(|| OfBoard { seen: Oversight::default(), acts: BTreeMap::new() })
        },
    );
    let board = RwSignal::new(None::<BoardId>);
    let all: All = Memo::new(move |_| {
        let listed = session.view.listed.get();
        let wanted = |id: &&BoardId| board.get().is_none_or(|board| board == **id);
        of_boards.with(|all| {
            listed.iter().filter(wanted).filter_map(|id| Some((*id, all.get(id)?.clone()))).collect()
        })
    });
    let titles = crate::parts::board_titles(session);
    let unit_words = move || unit.get().map(|unit| session.view.space.with(|space| space.unit_name(unit)));
    view! {
        <h1>{move || words.w(W::OversightView)}</h1>
        <p class="dim">{move || words.w(W::OversightHint)}</p>
        <div class="tools" role="group" aria-label=move || words.w(W::OversightView)>
            <select aria-label=move || words.w(W::AllBoards) on:change=move |event| board.set(event_target_value(&event).parse().ok())>
                <option value="">{move || words.w(W::AllBoards)}</option>
                <For each=move || titles.get() key=|one| one.clone() let:one>
                    <option value=one.0.to_string()>{short_title(&one.1).to_owned()}</option></For>
            </select>
            <label class="check">{move || words.w(W::SinceDay)}
                <input type="date" prop:value=since on:change=move |event| since.set(event_target_value(&event)) /></label>
            {move || unit_words().map(|name| view! { <span>{words.w(W::OfUnit)}<b>{name}</b>" "<A href="/oversight">
                {words.w(W::ShowAll)}</A></span> })}
        </div>
        <Tiles all />
        <div class="oversight">
            <LateList all unit />
            <Units all />
            <Gaps all />
            <Since all since unit />
        </div>
    }
}

/// The short name of a board.
fn title_of(session: Session, id: BoardId) -> String {
    let board = session.view.board(id);
    board.map(|board| board.head.with(|head| short_title(&head.title).to_owned())).unwrap_or_default()
}

#[component]
fn Tiles(all: All) -> impl IntoView {
    let words = words();
    let sum = move |count: fn(&Oversight) -> usize| {
        all.with(|all| all.iter().map(|(_, one)| count(&one.seen)).sum::<usize>())
    };
    let tile = move |to: &'static str,
                     word: W,
                     count: fn(&Oversight) -> usize,
                     of: Option<fn(&Oversight) -> usize>,
                     class: &'static str| {
        let shown = move || match of {
            Some(of) => format!("{}/{}", sum(count), sum(of)),
            None => sum(count).to_string(),
        };
        view! { <a class=class href=to><b class="tabular">{shown}</b>" "<span>{move || words.w(word)}</span></a> }
    };
    view! {
        <nav class="tiles" aria-label=move || words.w(W::OversightView) data-testid="tiles">
            {tile("#late", W::LateParts, Oversight::late_parts, None, "tile tile--bad")}
            {tile("#units", W::NotReported, Oversight::not_started, None, "tile")}
            {tile("#units", W::EndedWord, |one| one.ended, Some(|one| one.matters), "tile")}
            {tile("#gaps", W::TargetsMet, |one| one.met, Some(|one| one.targets), "tile")}
            {tile("#since", W::NotAnsweredCount, |one| one.unanswered, None, "tile")}
        </nav>
    }
}

/// Late matters of all boards, the longest first; of one unit where one is asked for.
#[component]
fn LateList(all: All, unit: Memo<Option<UnitId>>) -> impl IntoView {
    let session = session();
    let words = words();
    let late = Memo::new(move |_| {
        let unit = unit.get();
        let mut late: Vec<(BoardId, Late)> = all.with(|all| {
            let of = |(id, one): &(BoardId, Arc<OfBoard>)| {
                one.seen.late.iter().map(|late| (*id, late.clone())).collect::<Vec<_>>()
            };
            all.iter().flat_map(of).collect()
        });
        late.retain(|(_, late)| unit.is_none_or(|unit| late.units.contains(&unit)));
        late.sort_by_key(|(_, late)| Reverse(late.days));
        late
    });
    let row = move |(id, late): (BoardId, Late)| {
        let units = session.view.space.with(|space| dictionary::in_order(space, late.units.iter().copied()));
        let unit = |(unit, name): (UnitId, String)| view! { <li class="chip"><A href=format!("/oversight?unit={unit}")>{name}</A></li> };
        view! {
            <li>
                <span class="lamp lamp--overdue"><span aria-hidden="true">"▲"</span>" "<b class="tabular">
                    {late.days}</b>" "{words.w(W::DaysWord)}</span>" "
                <A href=format!("/b/{id}?item={}", late.item)>{late.title}</A>" "<span class="dim">
                    {title_of(session, id)}" "<span class="tabular">{late.due}</span></span>
                <ul class="chips">{units.into_iter().map(unit).collect_view()}</ul>
            </li>
        }
    };
    view! {
        <section aria-labelledby="late">
            <h2 id="late">{move || words.w(W::LateLongest)}" "<span class="count">{move || late.with(Vec::len)}</span></h2>
            <Show when=move || late.with(Vec::is_empty)><p class="dim">{move || words.w(W::NothingLate)}</p></Show>
            <ul class="lines" data-testid="late">{move || late.get().into_iter().take(MOST).map(row).collect_view()}</ul>
        </section>
    }
}

#[component]
fn Units(all: All) -> impl IntoView {
    let session = session();
    let words = words();
    let units = Memo::new(move |_| all.with(|all| worst_units(all.iter().map(|(_, one)| &one.seen))));
    let row = move |(unit, counts): (UnitId, UnitCounts)| {
        let name = session.view.space.with(|space| space.unit_name(unit));
        let link = format!("/oversight?unit={unit}");
        let number = |count: usize, counts_as_bad: bool| {
            let bad = counts_as_bad && count > 0;
            view! { <td class="tabular" class:lamp--overdue=bad><A href=link.clone()>{count}</A></td> }
        };
        view! {
            <tr>
                <th scope="row"><A href=link.clone()>{name}</A></th>
                {number(counts.late, true)}{number(counts.returned, true)}{number(counts.not_started, false)}
                <td class="tabular"><A href=link.clone()>{counts.done}"/"{counts.all}</A></td>
            </tr>
        }
    };
    view! {
        <section aria-labelledby="units">
            <h2 id="units">{move || words.w(W::WorstUnits)}" "<span class="count">{move || units.with(Vec::len)}</span></h2>
            <div class="wide"><table class="table" data-testid="units">
                <thead><tr>
                    <th scope="col">{move || words.w(W::Unit)}</th>
                        <th scope="col">"▲ "{move || words.w(W::Overdue)}</th>
                        <th scope="col">"✕ "{move || words.w(W::Returned)}</th>
                    <th scope="col">{move || words.w(W::NotReported)}</th><th scope="col">{move || words.w(W::EndedWord)}</th>
                </tr></thead>
                <tbody>{move || units.get().into_iter().take(MOST).map(row).collect_view()}</tbody>
            </table></div>
        </section>
    }
}

#[component]
fn Gaps(all: All) -> impl IntoView {
    let session = session();
    let words = words();
    let gaps = Memo::new(move |_| {
        let mut gaps: Vec<(BoardId, Gap)> = all.with(|all| {
            let of = |(id, one): &(BoardId, Arc<OfBoard>)| {
                one.seen.gaps.iter().map(|gap| (*id, gap.clone())).collect::<Vec<_>>()
            };
            all.iter().flat_map(of).collect()
        });
        // Numbers far from their target first, then targets without any number.
        gaps.sort_by(|(_, one), (_, other)| {
            one.reported.is_none().cmp(&other.reported.is_none()).then(other.share.total_cmp(&one.share))
        });
        gaps
    });
    let row = move |(id, gap): (BoardId, Gap)| {
        let reported = match gap.reported {
            Some(number) => {
                format!("{} {}", words.w(W::Reported), reported_words(number, &gap.unit, gap.year))
            }
            None => words.w(W::NoData).to_owned(),
        };
        view! {
            <li>
                <A href=format!("/b/{id}/indicators")>{gap.name}</A>" "<span class="dim">{title_of(session, id)}</span>" "
                <span class="tabular">{gap.target}" · "{reported}" · "<b>
                    {words.w(W::Gap)}" "{number_words(gap.missing)}{gap.unit}</b></span>
            </li>
        }
    };
    view! {
        <section aria-labelledby="gaps">
            <h2 id="gaps">{move || words.w(W::LargestGaps)}" "<span class="count">{move || gaps.with(Vec::len)}</span></h2>
            <Show when=move || gaps.with(Vec::is_empty)><p class="dim">{move || words.w(W::NoGaps)}</p></Show>
            <ul class="lines" data-testid="gaps">{move || gaps.get().into_iter().take(MOST).map(row).collect_view()}</ul>
        </section>
    }
}

/// Acts of units since a day, board by board, and instructions that wait.
#[component]
fn Since(all: All, since: RwSignal<String>, unit: Memo<Option<UnitId>>) -> impl IntoView {
    let session = session();
    let words = words();
    let boards = Memo::new(move |_| {
        let wanted = unit.get();
        all.with(|all| {
            let of = |(id, one): &(BoardId, Arc<OfBoard>)| {
                let mut acts = one.acts.clone();
                acts.retain(|unit, _| wanted.is_none_or(|wanted| wanted == *unit));
                (!acts.is_empty() || one.seen.unanswered > 0).then(|| (*id, acts, one.seen.unanswered))
            };
            all.iter().filter_map(of).collect::<Vec<_>>()
        })
    });
    let row =
        move |(id, acts, unanswered): (BoardId, BTreeMap<UnitId, BTreeMap<EntryKind, usize>>, usize)| {
            let space = session.view.space.get();
            let of = |unit: UnitId| {
                let kinds =
                    acts[&unit].iter().map(|(kind, count)| format!("{} {count}", words.w(kind_word(*kind))));
                kinds.collect::<Vec<_>>().join("、")
            };
            let units = dictionary::in_order(&space, acts.keys().copied());
            let told: Vec<String> =
                units.into_iter().map(|(unit, name)| format!("{name}：{}", of(unit))).collect();
            let link = format!("/b/{id}/history?from={}", since.get());
            view! {
                <li><A href=link>{title_of(session, id)}</A>" "{told.join("；")}
                    {(unanswered > 0).then(|| view! { " "<A href=format!("/b/{id}/instructions")>
                        {words.w(W::NotAnsweredCount)}" "{unanswered}</A> })}</li>
            }
        };
    view! {
        <section aria-labelledby="since">
            <h2 id="since">{move || words.w(W::ChangedSince)}" "<span class="count tabular">{since}</span></h2>
            <Show when=move || boards.with(Vec::is_empty)><p class="dim">{move || words.w(W::NothingSince)}</p></Show>
            <ul class="lines" data-testid="since">{move || boards.get().into_iter().map(row).collect_view()}</ul>
        </section>
    }
}
