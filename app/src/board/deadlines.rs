//! 批量设期限: one date for several measures.

use crate::app::session;
use crate::lang::{W, words};
use leptos::prelude::*;
use std::collections::BTreeSet;
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::id::{BoardId, DocumentId, ItemId};

/// The measures of some boards that have no deadline, to be given one together.
#[component]
pub fn Deadlines(#[prop(into)] boards: Signal<Vec<BoardId>>) -> impl IntoView {
    let session = session();
    let words = words();
    let open = RwSignal::new(false);
    let date = RwSignal::new(String::new());
    let chosen = RwSignal::new(BTreeSet::<(BoardId, ItemId)>::new());
    let undated = Memo::new(move |_| {
        let all = boards.get();
        for view in all.iter().filter_map(|id| session.view.board(*id)) {
            view.revision.track();
        }
        let of_board = |id: &BoardId| {
            session.undated(*id).into_iter().map(|(item, name)| (*id, item, name)).collect::<Vec<_>>()
        };
        all.iter().flat_map(of_board).collect::<Vec<_>>()
    });
    let every = move |_| {
        let all: BTreeSet<_> =
            undated.with(|all| all.iter().map(|(board, item, _)| (*board, *item)).collect());
        chosen.update(|chosen| *chosen = if *chosen == all { BTreeSet::new() } else { all });
    };
    let set = move |_| {
        let value = date.get_untracked();
        if value.is_empty() {
            return session.notice(words.w(W::DateFirst));
        }
        let wanted = chosen.get_untracked();
        let mut count = 0;
        for board in boards.get_untracked() {
            let edit =
                |id: ItemId| Edit::SetItemField { id, field: ItemField::Deadline, value: value.clone() };
            let of_board = wanted.iter().filter(|(own, _)| *own == board);
            let edits: Vec<Edit> = of_board.map(|(_, item)| edit(*item)).collect();
            if !edits.is_empty() && session.edit_all(DocumentId::board(board), &edits) {
                count += edits.len();
            }
        }
        chosen.set(BTreeSet::new());
        session.notice(&words.w(W::DeadlinesSet).replace("{n}", &count.to_string()));
    };
    view! {
        <Show when=move || undated.with(|all| !all.is_empty())>
            <div class="stack" data-testid="deadlines">
                <p><button type="button" class="button" aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)>
                    {move || words.w(W::BatchDeadlines)}" "<span class="tabular">
                    {move || undated.with(Vec::len)}</span></button></p>
                <Show when=move || open.get()>
                    <p class="inline">
                        <button type="button" class="button button--plain" on:click=every>{move || words.w(W::SelectAll)}</button>
                        <label class="check">{move || words.w(W::Deadline)}
                            <input type="date" class="short" data-testid="batch-date" bind:value=date /></label>
                        <button type="button" class="button" data-testid="set-deadlines"
                            disabled=move || chosen.with(BTreeSet::is_empty) on:click=set>
                            {move || words.w(W::SetDeadlines).replace("{n}", &chosen.with(BTreeSet::len).to_string())}</button>
                    </p>
                    <ul class="lines deadlines">
                        <For each=move || undated.get() key=|one| one.clone() let:one>
                            <li><label class="check"><input type="checkbox"
                                prop:checked=move || chosen.with(|all| all.contains(&(one.0, one.1)))
                                on:change=move |event| chosen.update(|all| {
                                if event_target_checked(&event) { all.insert((one.0, one.1)); } else { all.remove(&(one.0, one.1)); }
                            }) />{one.2.clone()}</label></li>
                        </For>
                    </ul>
                </Show>
            </div>
        </Show>
    }
}
