//! The outbox: lines of what waits to be sent, by board, in the panel of the badge.

use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, words};
use crate::session::Outgoing;
use leptos::prelude::*;

#[component]
pub fn OutboxLines() -> impl IntoView {
    let session = session();
    let words = words();
    let waits = Memo::new(move |_| {
        session.view.badge.track();
        session.outgoing()
    });
    let counted =
        move |word: W, count: usize| (count > 0).then(|| words.w(word).replace("{n}", &count.to_string()));
    let line = move |one: Outgoing| {
        let title = match one.board {
            None => words.w(W::Units).to_owned(),
            Some(id) => {
                let board = session.view.board(id);
                board.map(|board| board.head.with(|head| head.title.clone())).unwrap_or_default()
            }
        };
        let counts = [counted(W::OutEdits, one.edits), counted(W::OutEntries, one.entries)];
        format!("{title}：{}", counts.into_iter().flatten().collect::<Vec<_>>().join("、"))
    };
    view! {
        <Show when=move || waits.with(|(all, files)| !all.is_empty() || *files > 0)>
            <ul class="lines" data-testid="outbox">
                {move || waits.get().0.into_iter().map(|one| view! { <li>{line(one)}</li> }).collect_view()}
                {move || counted(W::OutFiles, waits.get().1).map(|files| view! { <li>{files}</li> })}
            </ul>
        </Show>
        {move || session.restored_lately().map(|at| view! {
            <p class="dim" data-testid="restored">{words.w(W::RestoredAt).replace("{t}", &time_words(at))}</p>
        })}
    }
}
