//! 填报: the phone page. Choose the measure, write, save: three taps, no network needed.

use crate::app::session;
use crate::board::RoundChoice;
use crate::lang::{W, words};
use crate::parts::{AttachFiles, NumberChoice, NumberIs};
use leptos::prelude::*;
use std::collections::BTreeSet;
use tongban_shared::attachment::Attachment;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::fold::Retirement;
use tongban_shared::id::{BoardId, IndicatorId, ItemId};

/// What a report can be about.
#[derive(Debug, Clone, PartialEq)]
struct Choice {
    board: BoardId,
    board_title: String,
    item: ItemId,
    title: String,
}

#[component]
pub fn Report() -> impl IntoView {
    let session = session();
    let words = words();
    let choices = Memo::new(move |_| {
        let unit = session.view.who().map(|who| who.unit);
        let mut all: Vec<Choice> = Vec::new();
        for (id, board) in session.view.boards.get() {
            if !board.may.get().records(EntryKind::Report) {
                continue;
            }
            let board_title = board.head.with(|head| head.title.clone());
            board.revision.track();
            let ended: BTreeSet<ItemId> = session
                .look(id, |scene| {
                    let typed = |id: &ItemId| scene.item_type(*id).is_some_and(|kind| !kind.parts);
                    scene.board.items.keys().copied().filter(|id| typed(id) && scene.is_ended(*id)).collect()
                })
                .unwrap_or_default();
            for (item, _) in board.order.get().iter().flat_map(|(_, _, items)| items) {
                let Some(view) = board.item(*item).map(|item| item.get()) else { continue };
                let mine = unit.is_some_and(|unit| view.state.parts.contains_key(&unit));
                if view.state.retirement == Retirement::Active && mine && !ended.contains(item) {
                    let title = format!("{} {}", view.item.number, view.item.title);
                    all.push(Choice { board: id, board_title: board_title.clone(), item: *item, title });
                }
            }
        }
        all
    });
    let chosen = RwSignal::new(None::<usize>);
    let (body, number) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let indicator = RwSignal::new(None::<IndicatorId>);
    let meant = RwSignal::new(NumberIs::default());
    let saved = RwSignal::new(false);
    let (files, busy) = (RwSignal::new(Vec::<Attachment>::new()), RwSignal::new(false));
    let period = RwSignal::new(None::<String>);
    let about = Signal::derive(move || {
        let at = chosen.get()?;
        choices.with(|choices| choices.get(at).map(|choice| (choice.board, choice.item)))
    });
    let indicators = Memo::new(move |_| {
        let choice = chosen.get().and_then(|at| choices.with(|choices| choices.get(at).cloned()))?;
        let board = session.view.board(choice.board)?;
        Some(board.indicators.with(|all| {
            all.iter()
                .map(|one| (one.id, one.indicator.name.clone(), one.indicator.target.unit.clone()))
                .collect::<Vec<_>>()
        }))
    });
    let reach = Memo::new(move |_| {
        let (id, about) = (indicator.get()?, about.get()?);
        let board = session.view.board(about.0)?;
        board.indicators.with(|all| all.iter().find(|one| one.id == id)?.indicator.reach)
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(choice) =
            chosen.get_untracked().and_then(|at| choices.with_untracked(|choices| choices.get(at).cloned()))
        else {
            return session.notice(words.w(W::ChooseMeasure));
        };
        let (text, value) = (body.get_untracked(), number.get_untracked());
        let parsed = value.trim().parse::<f64>().ok().filter(|value| value.is_finite());
        if !value.trim().is_empty() && parsed.is_none() {
            return session.notice(words.w(W::NotANumber));
        }
        if text.trim().is_empty() && parsed.is_none() && files.with_untracked(Vec::is_empty) {
            return session.notice(words.w(W::NothingWritten));
        }
        let subject =
            |indicator| Subject { board: choice.board, item: Some(choice.item), unit: None, indicator };
        if !text.trim().is_empty() || !files.with_untracked(Vec::is_empty) {
            let written = session.write_entry(subject(None), EntryKind::Report, |entry| {
                text.trim().clone_into(&mut entry.body);
                entry.period = period.get_untracked();
                entry.attachments = Some(files.get_untracked()).filter(|files| !files.is_empty());
            });
            if !written {
                return;
            }
            files.set(Vec::new());
        }
        if let (Some(value), Some(indicator)) = (parsed, indicator.get_untracked()) {
            session.write_entry(subject(Some(indicator)), EntryKind::Value, |entry| {
                entry.value = Some(value);
                meant.get_untracked().within(reach.get_untracked()).write(entry);
                entry.period = Some(crate::browser::today()[..4].to_owned());
            });
        } else if parsed.is_some() {
            return session.notice(words.w(W::ChooseIndicator));
        }
        body.set(String::new());
        number.set(String::new());
        saved.set(true);
    };
    view! {
        <h1>{move || words.w(W::Report)}</h1>
        <Show when=move || choices.with(Vec::is_empty)><p class="dim">{move || words.w(W::NothingToReport)}</p></Show>
        <form class="form form--wide" on:submit=save>
            <label class="field"><span>{move || words.w(W::Measure1)}</span>
                <select data-testid="report-item" on:change=move |event| { chosen.set(event_target_value(&event).parse().ok()); indicator.set(None); saved.set(false); }>
                    <option value="">{move || words.w(W::ChooseMeasure)}</option>
                    {move || choices.get().into_iter().enumerate().map(|(at, choice)| view! { <option value=at.to_string()>{format!("{} · {}", choice.title, choice.board_title)}</option> }).collect_view()}
                </select>
            </label>
            <label class="field"><span>{move || words.w(W::NewReport)}</span><textarea rows="5" data-testid="report-body" bind:value=body></textarea></label>
            <AttachFiles chosen=files busy />
            <RoundChoice about period />
            <Show when=move || indicators.with(|all| all.as_ref().is_some_and(|all| !all.is_empty()))>
                <fieldset class="fields"><legend>{move || words.w(W::Value)}</legend>
                    <select aria-label=move || words.w(W::ChooseIndicator) on:change=move |event| indicator.set(event_target_value(&event).parse().ok())>
                        <option value="">{move || words.w(W::ChooseIndicator)}</option>
                        {move || indicators.get().unwrap_or_default().into_iter().map(|(id, name, unit)| view! { <option value=id.to_string()>{format!("{name}（{unit}）")}</option> }).collect_view()}
                    </select>
                    <input inputmode="decimal" aria-label=move || words.w(W::Value) bind:value=number />
                    <NumberChoice reach meant />
                </fieldset>
            </Show>
            <button class="button button--main button--large" type="submit" disabled=move || busy.get()>{move || words.w(W::Save)}</button>
            <p role="status">{move || saved.get().then(|| {
                let badge = session.view.badge.get();
                words.w(if badge.failed { W::NotSaved } else if badge.saving > 0 { W::Saving } else { W::SavedHere })
            })}</p>
        </form>
    }
}
