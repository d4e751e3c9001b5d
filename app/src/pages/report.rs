//! 填报: the phone page. Choose the measure, write, save: three taps, no network needed.

mod choose;
mod number;

use crate::app::session;
use crate::board::RoundChoice;
use crate::lang::{W, words};
use crate::parts::AttachFiles;
use choose::{Choose, Chosen};
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use number::{Number, NumberFields};
use tongban_shared::attachment::Attachment;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::sign::{Needs, Said, Words as Room};
use tongban_shared::views::{Reportable, in_order, reportable};

#[component]
pub fn Report() -> impl IntoView {
    let session = session();
    let words = words();
    let query = use_query_map();
    let made = move || {
        let Some(unit) = session.view.who().map(|who| who.unit) else { return Vec::new() };
        let boards = session.view.boards.get_untracked();
        let may = boards.iter().filter(|(_, board)| board.may.get_untracked().records(EntryKind::Report));
        let of = |(id, _): (&BoardId, _)| session.look(*id, |scene| reportable(scene, *id, unit));
        let mut all: Vec<Reportable> = may.filter_map(of).flatten().collect();
        in_order(&mut all);
        all
    };
    // One count for all boards: any of them may have gone on.
    let revision = ArcRwSignal::new(0);
    let count = revision.clone();
    Effect::new(move |_| {
        let boards = session.view.boards.get();
        boards.values().for_each(|board| board.revision.track());
        session.view.me.track();
        count.update(|count| *count += 1);
    });
    let all = crate::parts::kept(revision, || (), made);
    // A row of the desk opens the page at its measure.
    let asked = query.with_untracked(|query| query.get("item").and_then(|text| text.parse::<ItemId>().ok()));
    let chosen = RwSignal::new(asked.and_then(|item| {
        all.with_untracked(|all| all.iter().find(|one| one.item == item).map(|one| (one.board, one.item)))
    }));
    // The chosen measure stays at hand when it is closed or retired meanwhile.
    let last = RwSignal::new(None::<Reportable>);
    Effect::new(move |_| {
        let found = chosen.get().and_then(|(board, item)| {
            all.with(|all| all.iter().find(|one| (one.board, one.item) == (board, item)).cloned())
        });
        if chosen.get().is_none() || found.is_some() {
            last.set(found);
        }
    });
    let body = RwSignal::new(String::new());
    let number = Number::new();
    let closes = RwSignal::new(false);
    let saved = RwSignal::new(None::<(BoardId, ItemId)>);
    let (files, busy) = (RwSignal::new(Vec::<Attachment>::new()), RwSignal::new(false));
    let period = RwSignal::new(None::<String>);
    let about = Signal::derive(move || chosen.get());
    let asks = Memo::new(move |_| last.with(|one| one.as_ref().is_some_and(|one| one.closes)));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some((board, item)) = chosen.get_untracked() else {
            return session.notice(words.w(W::ChooseMeasure));
        };
        let text = body.get_untracked();
        let value = match number.read() {
            Ok(value) => value,
            Err(word) => return session.notice(words.w(word)),
        };
        let attached = files.get_untracked();
        if text.trim().is_empty() && value.is_none() && attached.is_empty() {
            return session.notice(words.w(W::NothingWritten));
        }
        let needs = Needs { words: Room::Required, number: false, due: false };
        let done = closes.get_untracked().then(|| Said::of(&needs, &text, "", ""));
        if done == Some(None) {
            return session.notice(words.w(W::HowItWasDoneNeeded));
        }
        let subject = |indicator| Subject { board, item: Some(item), unit: None, indicator };
        if !text.trim().is_empty() || !attached.is_empty() {
            let written = session.write_entry(subject(None), EntryKind::Report, |entry| {
                text.trim().clone_into(&mut entry.body);
                entry.period = period.get_untracked();
                entry.attachments = Some(attached).filter(|files| !files.is_empty());
            });
            if !written {
                return;
            }
            // An entry that is written must not be written again when the next step fails.
            files.set(Vec::new());
            body.set(String::new());
        }
        if let Some((indicator, value, measure)) = value {
            let written = session.write_entry(subject(Some(indicator)), EntryKind::Value, |entry| {
                (entry.value, entry.measure) = (Some(value), Some(measure));
                entry.period = Some(crate::browser::today()[..4].to_owned());
            });
            if !written {
                return;
            }
            number.clear();
        }
        if let Some(said) = done.flatten()
            && !session.sign(&said, subject(None), EntryKind::CloseRequest, |_| {})
        {
            return;
        }
        closes.set(false);
        saved.set(Some((board, item)));
    };
    let again = move |_| {
        saved.set(None);
        chosen.set(None);
    };
    view! {
        <h1>{move || words.w(W::Report)}</h1>
        <Show when=move || chosen.get().is_some() fallback=move || view! { <Choose all chosen saved /> }>
            <form class="form form--wide report" on:submit=save>
                <Chosen one=last chosen />
                <label class="field"><span>{move || words.w(W::NewReport)}</span><textarea rows="5" data-testid="report-body" bind:value=body on:input=move |_| saved.set(None)></textarea></label>
                <AttachFiles chosen=files busy />
                <RoundChoice about period />
                <NumberFields about number />
                <Show when=move || asks.get()>
                    <label class="check report__closes"><input type="checkbox" data-testid="report-closes" bind:checked=closes />{move || words.w(W::AlsoAskClose)}</label>
                </Show>
                <div class="report__save">
                    {move || saved.get().map(|(board, item)| {
                        let badge = session.view.badge.get();
                        let word = if badge.failed { W::NotSaved } else if badge.saving > 0 { W::Saving } else { W::SavedHere };
                        let later = (!badge.failed && badge.waiting > 0).then(|| format!("，{}", words.w(W::SentLater)));
                        view! {
                            <p class="report__done"><span role="status">{words.w(word)}{later}</span>
                                <A href=format!("/b/{board}?item={item}")>{words.w(W::LookAtReport)}</A>
                                <button type="button" class="button" on:click=again>{words.w(W::ReportAnother)}</button></p>
                        }
                    })}
                    <button class="button button--main button--large" type="submit" disabled=move || busy.get()>{move || words.w(W::Save)}</button>
                </div>
            </form>
        </Show>
    }
}
