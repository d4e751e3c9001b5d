//! Places of a text that two people changed without having seen each other: both versions with who and
//! when, what stood there before, and the choice.

use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, words};
use leptos::prelude::*;
use tongban_shared::document::{Choice, TextMark, Version};
use tongban_shared::edit::TextPlace;
use tongban_shared::id::{BoardId, ItemId};

/// The item whose text a mark is in; none for the goal of the board.
pub fn item_of(mark: &TextMark) -> Option<ItemId> {
    match mark.text {
        TextPlace::Item(item) => Some(item),
        TextPlace::Goal => None,
    }
}

/// The open marks of a text, or of all texts of a board.
#[component]
pub fn MarkCards(
    board: BoardId,
    /// Counts what happened to the board.
    revision: ArcRwSignal<u64>,
    #[prop(into)] may: Signal<bool>,
    /// One text only.
    #[prop(optional)]
    text: Option<TextPlace>,
) -> impl IntoView {
    let session = session();
    let marks = Memo::new(move |_| {
        revision.track();
        let all = session.text_marks(board);
        all.into_iter().filter(|mark| text.is_none_or(|text| text == mark.text)).collect::<Vec<_>>()
    });
    view! {
        <For each=move || marks.get() key=|mark| format!("{mark:?}") let:mark>
            <MarkCard board mark may />
        </For>
    }
}

#[component]
pub fn MarkCard(board: BoardId, mark: TextMark, may: Signal<bool>) -> impl IntoView {
    let session = session();
    let words = words();
    let [front, back] = mark.around.clone();
    let line = move |told: String, inside: &str| {
        let inside = if inside.is_empty() { words.w(W::TakenOut).to_owned() } else { inside.to_owned() };
        let (front, back) = (front.clone(), back.clone());
        view! { <dt>{told}</dt><dd>{front}<mark>{inside}</mark>{back}</dd> }
    };
    let who = |version: &Version| format!("{} {}", version.by, time_words(version.at));
    let choice = {
        let mark = mark.clone();
        move |choice: Choice, told: String| {
            let mark = mark.clone();
            let decide = move |_| {
                if !session.decide_mark(board, &mark, choice) {
                    session.notice(words.w(W::MarkGone));
                }
            };
            view! { <button type="button" class="button" disabled=move || !may.get() on:click=decide>{told}</button> }
        }
    };
    let take = |side: usize| format!("{}{}", words.w(W::TakeVersionOf), mark.versions[side].by);
    // One version is to take if both wrote the same.
    let (told, more) = match () {
        () if mark.whole => (W::TextCrowded, W::TextCrowdedTold),
        () if mark.is_doubled() => (W::TextDoubled, W::TextDoubledTold),
        () => (W::TextMarked, W::TextMarkedTold),
    };
    let first = if mark.is_doubled() { words.w(W::KeepOneCopy).to_owned() } else { take(0) };
    let kept = if mark.whole { W::TextReadWhole } else { W::KeepWordsNow };
    let first = (!mark.whole).then(|| choice(Choice::Version(0), first));
    let second = (!mark.whole && !mark.is_alike()).then(|| choice(Choice::Version(1), take(1)));
    view! {
        <section class="clash marked" data-shows="text" data-testid="text-mark">
            <p><b>{move || words.w(told)}</b>" "{move || words.w(more)}</p>
            {(!mark.whole).then(|| view! {
                <dl>
                    {line(words.w(W::WordsBefore).to_owned(), &mark.before)}
                    {line(who(&mark.versions[0]), &mark.versions[0].words)}
                    {line(who(&mark.versions[1]), &mark.versions[1].words)}
                    {line(words.w(W::WordsNow).to_owned(), &mark.now)}
                </dl>
            })}
            <p class="inline">
                {first}
                {second}
                {choice(Choice::Now, words.w(kept).to_owned())}
            </p>
        </section>
    }
}
