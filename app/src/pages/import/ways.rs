//! The ways of taking a draft in: a new board, or a comparison with one that is here.

use super::{Reading, boards};
use crate::app::session;
use crate::lang::{W, words};
use crate::pages::compare::Compare;
use crate::session::Session;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tongban_shared::adopt::board_id;
use tongban_shared::id::BoardId;
use tongban_shared::import::{Draft, DraftBoard, DraftDocument};
use tongban_shared::revise::likely;
use tongban_shared::template;
use tongban_shared::text::folded_text;

/// How a draft board is taken in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Way {
    /// Compared with this board instead of making a new one.
    pub beside: Option<BoardId>,
    /// Another template than the one that the import proposes.
    pub template: Option<String>,
}

/// Boards that are offered at once; the others are found by their names.
const OFFERED: usize = 4;

fn titles(session: Session) -> Vec<(BoardId, String)> {
    let listed = session.view.listed_boards().into_iter();
    let titled = listed.map(|(id, board)| (id, board.head.with(|head| head.title.clone())));
    titled.filter(|(_, title)| !title.is_empty()).collect()
}

/// A draft of the document that a board of this device was made of, or of its title, is put beside
/// that board: it is the same document, or most likely a newer edition of it.
pub fn ways_of(session: Session, draft: &Draft) -> BTreeMap<usize, Way> {
    let Some(space) = session.space_id() else { return BTreeMap::new() };
    let known = untrack(|| titles(session));
    let beside = |(document, board): (&DraftDocument, &DraftBoard)| {
        let same = board_id(space, document, board);
        let title = folded_text(board.title.as_deref().unwrap_or_default());
        let titled = || known.iter().find(|(_, known)| !title.is_empty() && folded_text(known) == title);
        known.iter().find(|(id, _)| *id == same).or_else(titled).map(|(id, _)| *id)
    };
    let ways = boards(draft).enumerate();
    ways.map(|(place, board)| (place, Way { beside: beside(board), template: None })).collect()
}

/// How a draft is taken in, and the differences where it stands beside a board.
#[component]
pub fn WayOf(place: usize, board: Arc<DraftBoard>, reading: Reading) -> impl IntoView {
    let session = session();
    let words = words();
    let ways = reading.ways;
    let beside = Memo::new(move |_| ways.with(|ways| ways.get(&place).and_then(|way| way.beside)));
    let own = board.title.clone().unwrap_or_default();
    let ordered = Memo::new(move |_| likely(&own, titles(session)));
    // The likely ones, and the one that was chosen.
    let offered = Memo::new(move |_| {
        let (order, count) = ordered.get();
        let chosen = order.iter().find(|(id, _)| beside.get() == Some(*id)).cloned();
        let mut first: Vec<_> = order.into_iter().take(count.min(OFFERED)).collect();
        first.extend(chosen.filter(|one| !first.contains(one)).into_iter().collect::<Vec<_>>());
        first
    });
    let searching = RwSignal::new(false);
    let wanted = RwSignal::new(String::new());
    let found = move || {
        let wanted = folded_text(&wanted.get());
        let (order, _) = ordered.get();
        order
            .into_iter()
            .filter(|(_, title)| folded_text(title).contains(&wanted))
            .take(8)
            .collect::<Vec<_>>()
    };
    let proposed = board.template.clone();
    let template = Memo::new(move |_| {
        ways.with(|ways| ways.get(&place).and_then(|way| way.template.clone()))
            .unwrap_or_else(|| proposed.clone())
    });
    let change = move |change: &dyn Fn(&mut Way)| ways.update(|ways| change(ways.entry(place).or_default()));
    let choose = move |to: Option<BoardId>| {
        searching.set(false);
        change(&|way| way.beside = to);
    };
    let first =
        move || ways.with(|ways| ways.iter().find(|(_, way)| way.beside.is_some()).map(|(at, _)| *at));
    view! {
        <p class="inline">
            <label class="check">{move || words.w(W::ImportAs)}
                <select data-testid="import-as" on:change=move |event| match event_target_value(&event).as_str() {
                    "other" => searching.set(true),
                    value => choose(value.parse().ok()),
                }>
                    <option value="" selected=move || beside.get().is_none()>{move || words.w(W::AsNewBoard)}</option>
                    <For each=move || offered.get() key=|one| one.clone() let:one>
                        <option value=one.0.to_string() selected=move || beside.get() == Some(one.0)>
                            {move || words.w(W::CompareWith)}{one.1.clone()}</option>
                    </For>
                    <option value="other" selected=move || searching.get()>{move || words.w(W::OtherBoard)}</option>
                </select>
            </label>
            <Show when=move || beside.get().is_none()>
                <label class="check">{move || words.w(W::FittingTemplate)}
                    <select data-testid="import-template" on:change=move |event| {
                        let to = event_target_value(&event);
                        change(&|way| way.template = Some(to.clone()));
                    }>
                        {template::built_in().iter().map(|one| view! {
                            <option value=one.id.clone() selected=move || template.get() == one.id>
                            {move || one.name.get(words.lang())}</option> }).collect_view()}
                    </select>
                </label>
            </Show>
        </p>
        <Show when=move || searching.get()>
            <div class="stack" data-testid="find-board">
                <input type="search" aria-label=move || words.w(W::Find) placeholder=move || words.w(W::Find) bind:value=wanted />
                <ul class="lines"><For each=found key=|one| one.clone() let:one>
                    <li><button type="button" class="button button--plain" on:click=move |_| choose(Some(one.0))>
                        {one.1.clone()}</button></li>
                </For></ul>
            </div>
        </Show>
        {move || {
            let id = beside.get()?;
            // With the names that the person mended.
            let found = reading.answered();
            let (document, board) = boards(&found).nth(place)?;
            let main = Signal::derive(move || first() == Some(place));
            Some(view! { <Compare board=id document=Arc::new(document.clone()) draft=Arc::new(board.clone()) main /> })
        }}
    }
}
