//! 导出: the board as official documents, pictures and a text for those who are late.

use super::files;
use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::office::Job;
use tongban_shared::rule::Scene;
use tongban_shared::views::{self, Across, Matrix, Paper};

#[component]
pub fn Papers(id: BoardId) -> impl IntoView {
    let session = session();
    let words = words();
    let paper = move |make: fn(&Scene<'_>, tongban_shared::words::Lang) -> Paper, ending: &str| {
        let name = files::name(session, id, &format!("{ending}.docx"));
        if let Some(paper) = session.look(id, |scene| make(scene, words.lang_untracked())) {
            files::save_office(session, name, Job::Docx { paper });
        }
    };
    let plan = move |_| paper(|scene, _| views::plan(scene), words.w(W::PlanPaper));
    let report = move |_| paper(views::report, words.w(W::ReportPaper));
    let flow = move |_| {
        if let Some(page) = session.look(id, views::flow) {
            files::give(session, &files::name(session, id, "svg"), page.as_bytes());
        }
    };
    // 催办: who owes what, to be sent as a message.
    let remind = move |_| {
        let text = session.look(id, |scene| {
            let kinds = Matrix::kinds(scene, words.lang_untracked());
            let by_unit = kinds.into_iter().filter(|(across, _)| matches!(across, Across::Units { .. }));
            let texts = by_unit.map(|(across, _)| {
                views::reminder(scene, &Matrix::new(scene, &across, words.lang_untracked()))
            });
            texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
        });
        let text = text.unwrap_or_default();
        if text.is_empty() {
            return session.notice(words.w(W::NobodyOwes));
        }
        spawn_local(async move {
            match browser::copy(&text).await {
                Ok(()) => session.notice(words.w(W::ReminderCopied)),
                Err(_) => files::give(session, &files::name(session, id, "txt"), text.as_bytes()),
            }
        });
    };
    view! {
        <details class="menu">
            <summary class="button">{move || words.w(W::Papers)}</summary>
            <div class="menu__list" data-testid="papers">
                <button type="button" class="button button--plain" on:click=plan>{move || words.w(W::PlanPaper)}</button>
                <button type="button" class="button button--plain" on:click=report>{move || words.w(W::ReportPaper)}</button>
                <button type="button" class="button button--plain" on:click=flow>{move || words.w(W::FlowPaper)}</button>
                <button type="button" class="button button--plain" on:click=remind>{move || words.w(W::Remind)}</button>
            </div>
        </details>
    }
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
            files::save_office(session, name, Job::Docx { paper });
        }
    };
    view! { <button type="button" class="button button--plain" on:click=save>{move || words.w(W::BriefPaper)}</button> }
}
