//! 需处理: what somebody has to decide, as cards that can be settled here; and what the server refused,
//! by name.

use crate::app::session;
use crate::board::{MatterCard, TOLD, shown_or_none, side_words};
use crate::lang::{W, words};
use crate::parts::kept;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::id::{BoardId, DocumentId};
use tongban_shared::sync::RefusalCode;
use tongban_shared::views::{SettledClash, matters, settled_clashes};

#[component]
pub fn Attention() -> impl IntoView {
    let session = session();
    let words = words();
    // How many matters each board has; the cards make them.
    let counts = RwSignal::new(std::collections::BTreeMap::<BoardId, usize>::new());
    let boards = Memo::new(move |_| {
        let mut all: Vec<(String, BoardId)> = session.view.boards.with(|boards| {
            boards.iter().map(|(id, board)| (board.head.with(|head| head.title.clone()), *id)).collect()
        });
        all.sort();
        all.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    });
    let nothing = move || counts.with(|counts| counts.values().all(|count| *count == 0));
    let title_of = move |document: DocumentId| {
        let board = session.view.board(BoardId::from_bytes(*document.bytes()));
        board.map_or_else(
            || words.w(W::SpaceOrLog).to_owned(),
            |board| board.head.with(|head| head.title.clone()),
        )
    };
    view! {
        <h1>{move || words.w(W::Attention)}</h1>
        <Show when=move || nothing() && session.view.refused.with(Vec::is_empty)>
            <p class="dim">{move || words.w(W::NoClashes)}</p>
        </Show>
        <ul class="lines" data-testid="refused">
            <For each=move || session.view.refused.get() key=|one| *one let:one>
                <li class="clash"><b>{move || title_of(one.0)}</b>" "{move || words.w(refusal_word(one.1))}</li>
            </For>
        </ul>
        <For each=move || boards.get() key=|id| *id let:id>
            {session.view.board(id).map(|view| view! { <BoardMatters id view counts /> })}
        </For>
    }
}

/// What waits on one board, made anew a moment after its last change.
#[component]
fn BoardMatters(
    id: BoardId,
    view: BoardView,
    counts: RwSignal<std::collections::BTreeMap<BoardId, usize>>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let language = move || {
        words.lang();
    };
    let waiting = kept(view.revision.clone(), language, move || {
        session.look(id, |scene| matters(scene, words.lang_untracked())).unwrap_or_default()
    });
    let settled = kept(view.revision, language, move || {
        let since = crate::browser::now() - TOLD;
        session.look(id, |scene| settled_clashes(scene, since, words.lang_untracked())).unwrap_or_default()
    });
    Effect::new(move |_| {
        let count = waiting.with(Vec::len);
        counts.update(|counts| {
            counts.insert(id, count);
        });
    });
    view! {
        <For each=move || waiting.get() key=|matter| format!("{matter:?}") let:matter><MatterCard board=id matter apart=true /></For>
        <Show when=move || !settled.with(Vec::is_empty)>
            <details><summary>{move || words.w(W::SettledLately)}" "{move || settled.with(Vec::len)}</summary>
                <ul class="lines"><For each=move || settled.get() key=|one| format!("{one:?}") let:one><SettledLine board=id one /></For></ul>
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
            {words.w(W::ChosenNow)}" "<b>{shown_or_none(words, &one.chosen.shown)}</b>" "<span class="dim">{side_words(session, words, &one.chosen)}</span>" "<del>{lost}</del></li>
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
