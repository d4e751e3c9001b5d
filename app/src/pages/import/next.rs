//! The boards that were made, and the next step.

use crate::app::session;
use crate::board::Deadlines;
use crate::lang::{W, words};
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::id::BoardId;

/// A board of a draft: made now, or here before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Made {
    pub board: BoardId,
    pub new: bool,
}

#[component]
pub fn NextSteps(made: RwSignal<Vec<Made>>) -> impl IntoView {
    let session = session();
    let words = words();
    let title =
        move |board: BoardId| session.view.board(board).map(|view| view.head.with(|head| head.title.clone()));
    let boards = Signal::derive(move || made.get().into_iter().map(|one| one.board).collect::<Vec<_>>());
    let undated = move || {
        for view in boards.get().into_iter().filter_map(|id| session.view.board(id)) {
            view.revision.track();
        }
        boards.get().into_iter().map(|id| session.undated(id).len()).sum::<usize>()
    };
    let drafts = move || {
        let views = boards.get().into_iter().filter_map(|id| session.view.board(id));
        views.filter(|view| view.head.with(|head| head.settled.is_none())).count()
    };
    let told = move || {
        words.w(W::NextSteps).replace("{n}", &undated().to_string()).replace("{m}", &drafts().to_string())
    };
    view! {
        <Show when=move || made.with(|made| !made.is_empty())>
            <section class="next" data-testid="next-steps" role="status">
                <ul class="lines">
                    <For each=move || made.get() key=|one| *one let:one>
                        <li><A href=format!("/b/{}", one.board)>
                            {move || title(one.board)}
                            </A>" "{move || words.w(if one.new { W::BoardMade } else { W::BoardKnown })}
                            " "<A href=format!("/b/{}", one.board) attr:class="button">{move || words.w(W::OpenBoard)}</A></li>
                    </For>
                </ul>
                <p>{told}</p>
                <Deadlines boards />
            </section>
        </Show>
    }
}
