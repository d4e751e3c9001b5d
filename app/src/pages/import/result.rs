//! The result of reading: questions first, then each draft with its measures and numbers.

use super::source::Source;
use super::ways::WayOf;
use super::{Made, Reading, boards};
use crate::app::session;
use crate::lang::{W, Words, words};
use crate::parts::QuestionLine;
use leptos::prelude::*;
use std::sync::Arc;
use tongban_shared::adopt::board_id;
use tongban_shared::doubts::{Answer, Question};
use tongban_shared::import::{DraftIndicator, DraftItem, LeftOut, Span};
use tongban_shared::publication::target_words;

#[component]
pub fn ReadResult(
    reading: Reading,
    /// The boards that were made: from then on questions are answered there.
    made: RwSignal<Vec<Made>>,
    text: Option<Source>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let (draft, lit) = (reading.draft.get(), reading.lit);
    let questions = reading.questions.get();
    let space = session.space_id();
    let known = session.view.space.get_untracked();
    let count = questions.len();
    let seen = move || {
        reading.answers.with(|answers| {
            reading.questions.with(|all| all.iter().filter(|one| answers.contains_key(&one.key())).count())
        })
    };
    let told =
        move || words.w(W::DoubtsSeen).replace("{n}", &count.to_string()).replace("{m}", &seen().to_string());
    let titles: Vec<_> = boards(&draft)
        .map(|(document, board)| {
            let items = board.items().count();
            let (units, parts) = board.units();
            let units =
                format!("{} {}", units.len(), words.w(W::DraftUnits).replace("{n}", &parts.to_string()));
            let here =
                space.is_some_and(|space| known.boards.contains_key(&board_id(space, document, board)));
            (Arc::new(board.clone()), items, units, here)
        })
        .collect();
    let asked = questions
        .iter()
        .cloned()
        .map(|question| view! { <Asked question reading text=text.clone() /> })
        .collect_view();
    view! {
        <div hidden=move || !made.with(Vec::is_empty)>
            <h2>{words.w(W::Doubtful)}" "<span class="count" data-testid="doubts-seen">{told}</span></h2>
            {asked}
        </div>
        <LeftOutRows rows=draft.left_out.clone() lit />
        {titles.into_iter().enumerate().map(|(place, (board, items, units, here))| view! {
            <details class="draft" open data-testid="draft">
                <summary><b>{board.title.clone().unwrap_or_else(|| words.w(W::Untitled).to_owned())}</b>" "
                    <span class="dim tabular">{format!("{items} {} · {units} · {} {}", words.w(W::Items),
                        board.indicators.len(), words.w(W::IndicatorsView))}</span>
                    {here.then(|| view! { <span class="tag">{words.w(W::BoardKnown)}</span> })}
                </summary>
                {(items == 0).then(|| view! { <p class="error" data-testid="no-measures">{words.w(W::NoMeasuresRead)}</p> })}
                <WayOf place board=board.clone() reading />
                {board.sections.iter().map(|section| view! {
                    <h3>{section.number.clone()}" "{section.title.clone()}</h3>
                    <ul class="items">{section.items.iter().map(|item| draft_item(words, item, lit)).collect_view()}</ul>
                }).collect_view()}
                <ul class="lines">{board.indicators.iter().map(|one| {
                    let span = one.span;
                    view! { <li tabindex="0" on:mouseenter=move |_| lit.set(Some(span))
                        on:focus=move |_| lit.set(Some(span))>{one.name.clone()}"："{target_words(&one.target())}
                        <span class="dim">" "{one.scope.clone()}</span></li> }
                }).collect_view()}</ul>
                <NumbersLeftOut numbers=board.numbers.clone() lit />
            </details>
        }).collect_view()}
    }
}

/// Numbers that are nobody's aim, each with its kind: nothing that was read vanishes.
#[component]
fn NumbersLeftOut(numbers: Vec<DraftIndicator>, lit: RwSignal<Option<Span>>) -> impl IntoView {
    let words = words();
    let count = numbers.len();
    (count > 0).then(|| {
        view! {
            <details data-testid="numbers-left-out">
                <summary>{words.w(W::NumbersLeftOut)}" "<span class="count">{count}</span></summary>
                <ul class="lines">{numbers.into_iter().map(|one| view! {
                    <li tabindex="0" on:mouseenter=move |_| lit.set(Some(one.span))
                        on:focus=move |_| lit.set(Some(one.span))>
                        <span class="dim">{words.w(one.kind.word())}</span>" "{one.name.clone()}"："
                        {target_words(&one.target())}</li>
                }).collect_view()}</ul>
            </details>
        }
    })
}

/// Rows of tables that became no measures: each can be found in the source.
#[component]
fn LeftOutRows(rows: Vec<LeftOut>, lit: RwSignal<Option<Span>>) -> impl IntoView {
    let words = words();
    let count = rows.len();
    (count > 0).then(|| {
        view! {
            <details data-testid="left-out">
                <summary>{words.w(W::RowsLeftOut)}" "<span class="count">{count}</span></summary>
                <ul class="lines">{rows.into_iter().map(|row| view! {
                    <li tabindex="0" on:mouseenter=move |_| lit.set(Some(row.span))
                        on:focus=move |_| lit.set(Some(row.span))>{row.words}</li>
                }).collect_view()}</ul>
            </details>
        }
    })
}

/// A question of the draft; looking at it marks its place.
#[component]
fn Asked(question: Question, reading: Reading, text: Option<Source>) -> impl IntoView {
    let (span, key, lit) = (question.span, question.key(), reading.lit);
    let answer = {
        let key = key.clone();
        Signal::derive(move || reading.answers.with(|all| all.get(&key).cloned()))
    };
    let on_answer = Callback::new(move |answer: Option<Answer>| {
        reading.answers.update(|all| match answer {
            Some(answer) => _ = all.insert(key.clone(), answer),
            None => _ = all.remove(&key),
        });
    });
    // On a phone the source is not beside it: its sentence stands above.
    let source = text.map(|text| {
        let [before, within, behind] = text.sentence(span);
        view! { <p class="question__source">{before}<mark>{within}</mark>{behind}</p> }.into_any()
    });
    let line = match source {
        Some(source) => view! { <QuestionLine question answer on_answer source /> }.into_any(),
        None => view! { <QuestionLine question answer on_answer /> }.into_any(),
    };
    view! { <div on:mouseenter=move |_| lit.set(Some(span)) on:focusin=move |_| lit.set(Some(span))>{line}</div> }
}

fn draft_item(words: Words, item: &DraftItem, lit: RwSignal<Option<Span>>) -> AnyView {
    let span = item.span;
    // The beginning of a measure is enough to find it by.
    let begin = Span { to: span.to.min(span.from + 60), ..span };
    view! {
        <li class="item" tabindex="0" on:mouseenter=move |_| lit.set(Some(begin)) on:focus=move |_| lit.set(Some(begin))>
            <span class="item__number">{item.number.clone()}</span>" "<span class="item__title">{item.title.clone()}</span>
            {(item.text != item.title).then(|| view! { <p class="dim item__words">{item.text.clone()}</p> })}
            {item.deadline.clone().map(|deadline| view! { <span class="dim">" "{deadline}</span> })}
            <ul class="chips">{item.assignments.iter().flat_map(|assignment| {
                let (role, span) = (assignment.role, assignment.span);
                assignment.units.iter().map(move |unit| view! { <li class="chip"
                    on:mouseenter=move |_| lit.set(Some(span))>
                    {words.w(role.word())}" "{unit.clone()}</li> }).collect::<Vec<_>>()
            }).collect_view()}</ul>
            <ul>{item.children.iter().map(|child| draft_item(words, child, lit)).collect_view()}</ul>
        </li>
    }
    .into_any()
}
