//! 填报轮次: which round a report is for.

use crate::app::session;
use crate::lang::{W, words};
use leptos::prelude::*;
use tongban_shared::id::{BoardId, ItemId};

/// The round that a report on an item is for: the first that the unit has not answered, unless
/// another is chosen.
/// Nothing is drawn where no round asks for a report.
#[component]
pub fn RoundChoice(
    #[prop(into)] about: Signal<Option<(BoardId, ItemId)>>,
    period: RwSignal<Option<String>>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let rounds = Memo::new(move |_| {
        let (board, item) = about.get()?;
        session.view.board(board)?.revision.track();
        let unit = session.view.who()?.unit;
        session.look(board, |scene| {
            let open = scene.open_rounds(item, unit).into_iter();
            open.map(|(round, period)| (period.to_owned(), scene.title(round).to_owned())).collect::<Vec<_>>()
        })
    });
    // Whether the choice was begun with rounds at hand.
    let begun = RwSignal::new(false);
    let all = Memo::new(move |_| rounds.get().unwrap_or_default());
    // The person's choice stays while the round is there and the report is about the same item.
    Effect::new(move |before: Option<Option<(BoardId, ItemId)>>| {
        let now = about.get();
        let first = all.with(|all| all.first().map(|(period, _)| period.clone()));
        let chosen = period.get_untracked();
        let there =
            chosen.is_none() || all.with(|all| all.iter().any(|(period, _)| Some(period) == chosen.as_ref()));
        if before != Some(now) || !there || !begun.get_untracked() {
            period.set(first);
            begun.set(all.with(|all| !all.is_empty()));
        }
        now
    });
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <label class="field"><span>{move || words.w(W::ForRound)}</span>
                <select data-testid="round" on:change=move |event| period.set(Some(event_target_value(&event)).filter(|period| !period.is_empty()))>
                    <For each=move || all.get() key=|one| one.clone() let:one>
                        { let value = one.0.clone(); view! { <option value=one.0.clone() selected=move || period.with(|period| period.as_deref() == Some(&value))>{one.1.clone()}</option> } }
                    </For>
                    <option value="" selected=move || period.with(Option::is_none)>{move || words.w(W::NoRound)}</option>
                </select>
            </label>
        </Show>
    }
}
