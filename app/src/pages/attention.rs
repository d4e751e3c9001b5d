//! 需处理: what somebody has to decide, as cards that can be settled here; and what the server refused,
//! by name.

use crate::app::session;
use crate::board::{MarkCard, MatterCard, TOLD, item_of, shown_or_none, side_words};
use crate::lang::{W, Words, words};
use crate::parts::{OfBoards, of_each_board};
use crate::session::Session;
use leptos::prelude::*;
use leptos_router::components::A;
use std::collections::BTreeSet;
use tongban_shared::document::TextMark;
use tongban_shared::id::{BoardId, DocumentId};
use tongban_shared::plan::measure_name;
use tongban_shared::rule::Scene;
use tongban_shared::sync::RefusalCode;
use tongban_shared::views::{Matter, SettledClash, matters, settled_clashes};

#[component]
pub fn Attention() -> impl IntoView {
    let session = session();
    let words = words();
    let language = move || {
        words.lang();
    };
    let all = of_each_board(session, language, move |id, _| {
        let (since, lang) = (crate::browser::now() - TOLD, words.lang_untracked());
        let of = |scene: &Scene<'_>| (matters(scene, lang), settled_clashes(scene, since, lang));
        let (matters, settled) = session.look(id, of).unwrap_or_default();
        Waits { matters, settled, marks: session.text_marks(id) }
    });
    let empty = |one: &Waits| one.matters.is_empty() && one.marks.is_empty();
    let nothing = move || all.with(|all| all.values().all(|one| empty(one)));
    let title_of = move |document: DocumentId| {
        let board = session.view.board(BoardId::from_bytes(*document.bytes()));
        board.map_or_else(
            || words.w(W::SpaceOrLog).to_owned(),
            |board| board.head.with(|head| head.title.clone()),
        )
    };
    view! {
        <h1>{move || words.w(W::Attention)}</h1>
        <Show when=move || nothing() && session.view.refused.with(Vec::is_empty) && session.view.shut.with(|shut| shut.is_empty())>
            <p class="dim">{move || words.w(W::NoClashes)}</p>
        </Show>
        <ul class="lines" data-testid="refused">
            <For each=move || session.view.refused.get() key=|one| *one let:one>
                <li class="clash"><b>{move || title_of(one.0)}</b>" "{move || words.w(refusal_word(one.1))}</li>
            </For>
            <For each=move || session.view.shut.get() key=|id| *id let:id>
                <li class="clash"><b>{move || session.view.title_of(id)}</b>" "{move || words.w(W::BoardShut)}</li>
            </For>
        </ul>
        <For each=move || session.view.listed.get() key=|id| *id let:id><BoardMatters id all /></For>
    }
}

/// How many things stand on this page as waiting: the decisions of all boards, and what was refused.
pub fn waiting_decisions(session: Session, words: Words) -> Memo<usize> {
    let language = move || {
        words.lang();
    };
    let each = of_each_board(session, language, move |id, _| {
        let matters = session.look(id, |scene| matters(scene, words.lang_untracked()).len());
        matters.unwrap_or_default() + session.text_marks(id).len()
    });
    Memo::new(move |_| {
        let decisions = each.with(|each| each.values().map(|count| **count).sum::<usize>());
        decisions + session.view.refused.with(Vec::len) + session.view.shut.with(BTreeSet::len)
    })
}

/// The decisions of a board that wait, and those that were made lately.
#[derive(Default, PartialEq)]
struct Waits {
    matters: Vec<Matter>,
    settled: Vec<SettledClash>,
    /// Places of texts that two people changed.
    marks: Vec<TextMark>,
}

#[component]
fn BoardMatters(id: BoardId, all: RwSignal<OfBoards<Waits>>) -> impl IntoView {
    let session = session();
    let words = words();
    let marks =
        Memo::new(move |_| all.with(|all| all.get(&id).map(|one| one.marks.clone()).unwrap_or_default()));
    let decides = Signal::derive(move || session.may_decide_mark(id));
    let marked = move |mark: TextMark| {
        let item = item_of(&mark);
        let link = item.map_or_else(|| format!("/b/{id}"), |item| format!("/b/{id}?item={item}"));
        let title = session.view.board(id).map(|board| match item.and_then(|item| board.item(item)) {
            Some(item) => item.with_untracked(|view| measure_name(&view.item)),
            None => board.head.with_untracked(|head| head.title.clone()),
        });
        view! {
            <h2 class="marked__about"><A href=link>{title}</A></h2>
            <MarkCard board=id mark may=decides />
        }
    };
    let waiting =
        Memo::new(move |_| all.with(|all| all.get(&id).map(|one| one.matters.clone()).unwrap_or_default()));
    let settled =
        Memo::new(move |_| all.with(|all| all.get(&id).map(|one| one.settled.clone()).unwrap_or_default()));
    view! {
        <For each=move || marks.get() key=|one| format!("{one:?}") children=marked />
        <For each=move || waiting.get() key=|matter| format!("{matter:?}") let:matter><MatterCard board=id matter apart=true /></For>
        <Show when=move || !settled.with(Vec::is_empty)>
            <details><summary>{move || words.w(W::SettledLately)}" "{move || settled.with(Vec::len)}</summary>
                <ul class="lines"><For each=move || settled.get() key=|one| format!("{one:?}") let:one>
                    <SettledLine board=id one /></For></ul>
            </details>
        </Show>
    }
}

/// A clash that was settled: what was chosen, by whom, and what was not.
#[component]
pub fn SettledLine(board: BoardId, one: SettledClash) -> impl IntoView {
    let session = session();
    let words = words();
    let link = one.item.map_or_else(|| format!("/b/{board}"), |item| format!("/b/{board}?item={item}"));
    let lost = one
        .lost
        .iter()
        .map(|side| format!("{}（{}）", shown_or_none(words, &side.shown), side_words(session, words, side)));
    let lost = lost.collect::<Vec<_>>().join("；");
    view! {
        <li data-testid="settled-clash"><A href=link>{one.about.clone()}</A>" "<span class="tag">{one.field.clone()}</span>" "
            {words.w(W::ChosenNow)}" "<b>{shown_or_none(words, &one.chosen.shown)}</b>" "<span class="dim">
                {side_words(session, words, &one.chosen)}</span>" "<del>{lost}</del></li>
    }
}

fn refusal_word(code: RefusalCode) -> W {
    match code {
        RefusalCode::NoRight => W::RefusedNoRight,
        RefusalCode::UnknownDocument => W::RefusedUnknown,
        RefusalCode::Invalid => W::RefusedInvalid,
        RefusalCode::TooLarge => W::RefusedTooLarge,
        RefusalCode::PlanSettled => W::RefusedPlanSettled,
    }
}
