//! 评分 and 排名: who gave what, and who stands where.

use crate::app::session;
use crate::lang::{W, words};
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::publication::number_words;
use tongban_shared::template;
use tongban_shared::text::typed_number;
use tongban_shared::views::{self, Ranking, Scores as Sheet};

#[component]
pub fn Scores(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let revision = board.revision.clone();
    let sheets = Memo::new(move |_| {
        revision.track();
        session.look(id, views::scores).unwrap_or_default()
    });
    let head = board.head.clone();
    let name = move |kind: &str| {
        let template = head.with_untracked(|head| template::of(head));
        let found = template.as_ref().ok().and_then(|template| template.item_type(kind));
        found.map(|kind| kind.name.get(words.lang()).to_owned()).unwrap_or_default()
    };
    let kinds = Memo::new(move |_| {
        sheets.with(|sheets| {
            let filled = sheets.iter().filter(|sheet| !sheet.rows.is_empty());
            filled.map(|sheet| sheet.kind.clone()).collect::<Vec<_>>()
        })
    });
    let may = board.may.clone();
    let judges = Memo::new(move |_| may.get().records(EntryKind::Score));
    view! {
        <div data-testid="scores">
            <Show when=move || kinds.with(Vec::is_empty)><p class="dim">{move || words.w(W::NothingScored)}</p></Show>
            <For each=move || kinds.get() key=|kind| kind.clone() let:kind>
                <section><h2>{name(&kind)}</h2><SheetTable board=id kind sheets judges /></section>
            </For>
        </div>
    }
}

/// One sheet. Rows stay as long as their item does: what a judge half typed outlives the scores of
/// others.
#[component]
fn SheetTable(board: BoardId, kind: String, sheets: Memo<Vec<Sheet>>, judges: Memo<bool>) -> impl IntoView {
    let words = words();
    let sheet = Memo::new(move |_| {
        sheets.with(|sheets| sheets.iter().find(|sheet| sheet.kind == kind).cloned()).unwrap_or_default()
    });
    let items =
        Memo::new(move |_| sheet.with(|sheet| sheet.rows.iter().map(|row| row.item).collect::<Vec<_>>()));
    let row = move |item: ItemId| {
        let row =
            Memo::new(move |_| sheet.with(|sheet| sheet.rows.iter().find(|row| row.item == item).cloned()));
        let shown = |number: Option<f64>| number.map_or_else(|| "—".to_owned(), number_words);
        let cells = move || {
            let scores = row.get().map(|row| row.scores).unwrap_or_default();
            scores
                .into_iter()
                .map(|score| view! { <td class="tabular">{shown(score.map(|(value, _)| value))}</td> })
                .collect_view()
        };
        let frozen = Memo::new(move |_| row.with(|row| row.as_ref().is_none_or(|row| row.frozen)));
        view! {
            <tr>
                <th scope="row"><A href=format!("?item={item}") scroll=false>{move || row.with(|row| row.as_ref().map(|row| row.title.clone()))}</A></th>
                {cells}
                <td class="tabular"><b>{move || shown(row.with(|row| row.as_ref().and_then(|row| row.mean)))}</b>{move || frozen.get().then(|| view! { " "<span class="tag">{words.w(W::Frozen)}</span> })}</td>
                <td><Show when=move || judges.get() && !frozen.get()><GiveScore board item /></Show></td>
            </tr>
        }
    };
    view! {
        <div class="wide" tabindex="0" role="region" aria-label=move || words.w(W::ScoresView)><table class="table">
            <thead><tr>
                <th scope="col">{move || words.w(W::Headline)}</th>
                {move || sheet.with(|sheet| sheet.judges.clone()).into_iter().map(|judge| view! { <th scope="col">{judge}</th> }).collect_view()}
                <th scope="col">{move || words.w(W::MeanScore)}</th><th scope="col">{move || words.w(W::MyScore)}</th>
            </tr></thead>
            <tbody><For each=move || items.get() key=|item| *item let:item>{row(item)}</For></tbody>
        </table></div>
    }
}

/// A score of one's own: a newer one takes the place of the one before.
#[component]
fn GiveScore(board: BoardId, item: ItemId) -> impl IntoView {
    let session = session();
    let words = words();
    let value = RwSignal::new(String::new());
    let give = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let number = value.with_untracked(|value| typed_number(value));
        let Some(number) = number.filter(|number| (0.0..=100.0).contains(number)) else {
            return session.notice(words.w(W::ScoreRange));
        };
        let subject = Subject { board, item: Some(item), unit: None, indicator: None };
        if session.write_entry(subject, EntryKind::Score, |entry| entry.value = Some(number)) {
            value.set(String::new());
        }
    };
    view! {
        <form class="inline inline--tight" on:submit=give>
            <input class="short" inputmode="decimal" aria-label=move || words.w(W::MyScore) bind:value=value />
            <button type="submit" class="button">{move || words.w(W::Save)}</button>
        </form>
    }
}

#[component]
pub fn Rankings(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let revision = board.revision.clone();
    let all = Memo::new(move |_| {
        revision.track();
        session.look(id, |scene| views::rankings(scene, words.lang())).unwrap_or_default()
    });
    let moved = move |moved: Option<i64>| match moved {
        None => (String::new(), "—"),
        Some(0) => (words.w(W::SamePlace).to_owned(), "＝"),
        Some(up) if up > 0 => (format!("{} {up}", words.w(W::WentUp)), "▲"),
        Some(down) => (format!("{} {}", words.w(W::WentDown), -down), "▼"),
    };
    let table = move |ranking: Ranking| {
        let rounds = match (&ranking.round, &ranking.before) {
            (Some(round), Some(before)) => format!("{round} · {} {before}", words.w(W::ComparedWith)),
            (Some(round), None) => round.clone(),
            _ => String::new(),
        };
        view! {
            <section>
                <h2>{ranking.name}</h2><p class="dim">{rounds}</p>
                <div class="wide" tabindex="0" role="region" aria-label=move || words.w(W::ScoresView)><table class="table">
                    <thead><tr><th scope="col">{words.w(W::PlaceWord)}</th><th scope="col">{words.w(W::Unit)}</th><th scope="col">{words.w(W::Value)}</th><th scope="col">{words.w(W::Movement)}</th></tr></thead>
                    <tbody>{ranking.places.into_iter().map(|place| {
                        let (told, shape) = moved(place.moved);
                        view! { <tr><td class="tabular">{place.place}</td><th scope="row">{place.name}</th><td class="tabular">{number_words(place.value)}</td><td class="tabular"><span aria-hidden="true">{shape}</span>" "{told}</td></tr> }
                    }).collect_view()}</tbody>
                </table></div>
            </section>
        }
    };
    view! {
        <div data-testid="ranking">
            <Show when=move || all.with(|all| all.iter().all(|one| one.places.is_empty()))><p class="dim">{move || words.w(W::NothingRanked)}</p></Show>
            {move || all.get().into_iter().filter(|one| !one.places.is_empty()).map(table).collect_view()}
        </div>
    }
}
