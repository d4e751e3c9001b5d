//! 导出: the board as official documents, pictures and a text for those who are late.

use super::files;
use super::indicators::filled;
use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::entry::EntryKind;
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::office::Job;
use tongban_shared::rule::Scene;
use tongban_shared::views::{self, Paper};

#[component]
pub fn Papers(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let may = board.may.clone();
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
        let indicators = session.view.board(id).map(|board| board.indicators.get_untracked());
        let numbers = untrack(|| filled(session, id, &indicators.unwrap_or_default()));
        let sheet = session.look(id, |scene| views::yearly(scene, &numbers, year, words.lang_untracked()));
        match sheet.filter(|sheet| !sheet.rows.is_empty()) {
            Some(sheet) => {
                let name = files::name(session, id, &format!("{} {year}.xlsx", words.w(W::YearlyForm)));
                files::save_office(session, words.lang_untracked(), name, Job::Xlsx { sheets: vec![sheet] });
            }
            None => session.notice(words.w(W::NoIndicators)),
        }
    };
    view! {
        <details class="menu">
            <summary class="button">{move || words.w(W::Papers)}</summary>
            <div class="menu__list" data-testid="papers">
                <button type="button" class="button button--plain" on:click=plan>{move || words.w(W::PlanPaper)}</button>
                <button type="button" class="button button--plain" on:click=report>{move || words.w(W::ReportPaper)}</button>
                <button type="button" class="button button--plain" on:click=form>{move || words.w(W::YearlyForm)}</button>
                <button type="button" class="button button--plain" on:click=flow>{move || words.w(W::FlowPaper)}</button>
            </div>
        </details>
        <Show when=move || may.get().records(EntryKind::Remind)>
            <A href=format!("/remind?board={id}") attr:class="button">{move || words.w(W::RemindTitle)}</A></Show>
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
            files::save_office(session, words.lang_untracked(), name, Job::Docx { paper });
        }
    };
    view! { <button type="button" class="button button--plain" on:click=save>{move || words.w(W::BriefPaper)}</button> }
}
