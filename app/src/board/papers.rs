//! 导出: the board as official documents, pictures and a text for those who are late.

use super::files;
use super::indicators::filled;
use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use crate::parts::Question;
use crate::session::Session;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::office::Job;
use tongban_shared::rule::Scene;
use tongban_shared::sign::Act;
use tongban_shared::views::{self, Across, Matrix, Paper};
use tongban_shared::words::Lang;

#[component]
pub fn Papers(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let (may, title) = (board.may.clone(), board.head.with_untracked(|head| head.title.clone()));
    let paper = move |make: fn(&Scene<'_>, tongban_shared::words::Lang) -> Paper, ending: &str| {
        let name = files::name(session, id, &format!("{ending}.docx"));
        if let Some(paper) = session.look(id, |scene| make(scene, words.lang_untracked())) {
            files::save_office(session, words.lang_untracked(), name, Job::Docx { paper });
        }
    };
    let plan = move |_| paper(|scene, _| views::plan(scene), words.w(W::PlanPaper));
    let report = move |_| paper(views::report, words.w(W::ReportPaper));
    let flow = move |_| {
        if let Some(page) = session.look(id, views::flow) {
            files::give(session, &files::name(session, id, "svg"), page.as_bytes());
        }
    };
    // The form of the present year; what rules fill is worked out now.
    let form = move |_| {
        let year = browser::today()[..4].parse().unwrap_or_default();
        let feeds = session.look(id, |scene| {
            let fed = scene.board.indicators.iter();
            fed.filter_map(|(id, one)| Some((*id, one.fed_by.clone()?, one.target.unit.clone())))
                .collect::<Vec<_>>()
        });
        let numbers = feeds.unwrap_or_default().into_iter().filter_map(|(indicator, feed, unit)| {
            Some((indicator, untrack(|| filled(session, id, &feed, &unit))?))
        });
        let numbers: BTreeMap<_, f64> = numbers.collect();
        let sheet = session.look(id, |scene| views::yearly(scene, &numbers, year, words.lang_untracked()));
        match sheet.filter(|sheet| !sheet.rows.is_empty()) {
            Some(sheet) => {
                let name = files::name(session, id, &format!("{} {year}.xlsx", words.w(W::YearlyForm)));
                files::save_office(session, words.lang_untracked(), name, Job::Xlsx { sheets: vec![sheet] });
            }
            None => session.notice(words.w(W::NoIndicators)),
        }
    };
    // 催办: who owes what, to be sent as a message; putting it on record is asked about.
    let remind = move |record: bool| {
        let (texts, late) = session.look(id, owed).unwrap_or_default();
        if texts.is_empty() {
            return session.notice(words.w(W::NobodyOwes));
        }
        if !record {
            return send_reminder(session, words.lang_untracked(), id, texts, None);
        }
        let (count, lang) = (late.len(), words.lang_untracked());
        let told = W::RemindTold.text(lang).replace("{n}", &count.to_string());
        let act = Act::Entry(EntryKind::Remind);
        let question = Question::new(act, W::RemindAndRecord.text(lang), title.clone(), move |said, _| {
            let about = |item: &ItemId| Subject { board: id, item: Some(*item), unit: None, indicator: None };
            let named: Vec<String> = late.values().map(|units| units.join("、")).collect();
            let subjects = late.keys().map(about).collect();
            let written = session.sign_all(&said, EntryKind::Remind, subjects, |entry, place| {
                entry.body.clone_from(&named[place]);
            });
            if written {
                // The press of the answer is what lets the page copy.
                send_reminder(session, lang, id, texts.clone(), Some(count));
            }
            written
        });
        session.ask(question.told(told));
    };
    let put_on_record = remind.clone();
    view! {
        <details class="menu">
            <summary class="button">{move || words.w(W::Papers)}</summary>
            <div class="menu__list" data-testid="papers">
                <button type="button" class="button button--plain" on:click=plan>{move || words.w(W::PlanPaper)}</button>
                <button type="button" class="button button--plain" on:click=report>{move || words.w(W::ReportPaper)}</button>
                <button type="button" class="button button--plain" on:click=form>{move || words.w(W::YearlyForm)}</button>
                <button type="button" class="button button--plain" on:click=flow>{move || words.w(W::FlowPaper)}</button>
                <button type="button" class="button button--plain" on:click=move |_| remind(false)>{move || words.w(W::Remind)}</button>
                <Show when=move || may.get().records(EntryKind::Remind)><button type="button" class="button button--plain" on:click={ let remind = put_on_record.clone(); move |_| remind(true) }>{move || words.w(W::RemindAndRecord)}</button></Show>
            </div>
        </details>
    }
}

/// Copies a reminder, or gives it as a file where that cannot be; `recorded` counts the items that
/// have a record of it.
fn send_reminder(session: Session, lang: Lang, id: BoardId, texts: String, recorded: Option<usize>) {
    spawn_local(async move {
        let copied = browser::copy(&texts).await.is_ok();
        if !copied {
            files::give(session, &files::name(session, id, "txt"), texts.as_bytes());
        }
        match recorded {
            Some(count) => {
                session.notice(&W::RemindersRecorded.text(lang).replace("{n}", &count.to_string()));
            }
            None if copied => session.notice(W::ReminderCopied.text(lang)),
            None => {}
        }
    });
}

/// The text for those who owe something, and for each item the names of the units that do.
fn owed(scene: &Scene<'_>) -> (String, BTreeMap<ItemId, Vec<String>>) {
    // The text goes to units: it is in the language of documents, whatever the screen is in.
    let language = Lang::Hans;
    let (mut texts, mut late) = (Vec::new(), BTreeMap::<ItemId, Vec<String>>::new());
    for (across, name) in Matrix::kinds(scene, language) {
        let about = match &across {
            Across::Units { .. } => "",
            Across::Round { round, .. } if !scene.is_ended(*round) => name.as_str(),
            _ => continue,
        };
        let owed = views::owed(scene, &Matrix::new(scene, &across, language));
        texts.extend(Some(views::reminder(scene, &owed, about)).filter(|text| !text.is_empty()));
        for one in owed {
            let (units, name) = (late.entry(one.item).or_default(), scene.space.unit_name(one.unit));
            if !units.contains(&name) {
                units.push(name);
            }
        }
    }
    (texts.join("\n"), late)
}

/// 简报 of an item: its fields, what stands below it, what was said.
#[component]
pub fn BriefButton(board: BoardId, item: ItemId) -> impl IntoView {
    let session = session();
    let words = words();
    let save = move |_| {
        let paper = session.look(board, |scene| views::brief(scene, item, words.lang_untracked()));
        if let Some(paper) = paper {
            let name = files::name(session, board, &format!("{}.docx", words.w(W::BriefPaper)));
            files::save_office(session, words.lang_untracked(), name, Job::Docx { paper });
        }
    };
    view! { <button type="button" class="button button--plain" on:click=save>{move || words.w(W::BriefPaper)}</button> }
}
