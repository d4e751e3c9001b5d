//! 需处理: real clashes only, with what they are about; and what the server refused, by name.

use crate::app::session;
use crate::board::{MarkCard, item_of};
use crate::lang::{W, words};
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::document::TextMark;
use tongban_shared::fold::{Retirement, Standing};
use tongban_shared::id::{BoardId, DocumentId};
use tongban_shared::sync::RefusalCode;

/// One clash: where it is, its title, why.
type Clash = (String, String, W, String);

#[component]
pub fn Attention() -> impl IntoView {
    let session = session();
    let words = words();
    let clashes = Memo::new(move |_| {
        let mut all: Vec<Clash> = Vec::new();
        for (id, board) in session.view.boards.get() {
            for (item, _) in board.order.get().iter().flat_map(|(_, _, items)| items) {
                let Some(view) = board.item(*item).map(|item| item.get()) else { continue };
                let link = format!("/b/{id}?item={item}");
                let title = format!("{} {}", view.item.number, view.item.title);
                let mut add = |word, detail: String| all.push((link.clone(), title.clone(), word, detail));
                for conflict in &view.item.conflicts {
                    add(W::TwoValues, conflict.values.join(" / "));
                }
                if view.state.retirement == Retirement::RetiredWithNews {
                    add(W::RetiredWithNews, String::new());
                }
                for (unit, part) in &view.state.parts {
                    let name = session.view.space.with(|space| space.unit_name(*unit));
                    if part.contested {
                        add(W::Contested, name);
                    } else if part.late_reports > 0 {
                        add(W::ReportAfterClose, name);
                    }
                }
                for unit in &view.state.removal_pending {
                    add(W::RemovalPending, session.view.space.with(|space| space.unit_name(*unit)));
                }
            }
            for one in board.indicators.get().iter() {
                let link = format!("/b/{id}/indicators");
                if one.standing == Standing::Waiting {
                    all.push((link.clone(), one.indicator.name.clone(), W::TwoValues, String::new()));
                }
                if !one.indicator.rivals.is_empty() {
                    all.push((link, one.indicator.name.clone(), W::TwoTargets, String::new()));
                }
            }
        }
        all
    });
    let title_of = move |document: DocumentId| {
        let board = session.view.board(BoardId::from_bytes(*document.bytes()));
        board.map_or_else(
            || words.w(W::SpaceOrLog).to_owned(),
            |board| board.head.with(|head| head.title.clone()),
        )
    };
    // Texts are looked at where something happened; of others the document knows the answer.
    let marks = Memo::new(move |_| {
        let mut all = Vec::new();
        for (id, board) in session.view.boards.get() {
            board.revision.track();
            all.extend(session.text_marks(id).into_iter().map(|mark| (id, mark)));
        }
        all
    });
    let chooses = move |id: BoardId| {
        let board = session.view.board(id);
        let may = move |board: &BoardView| {
            let (may, settled) = (board.may.get(), board.head.with(|head| head.settled.is_some()));
            may.decide || may.write && !settled
        };
        Signal::derive(move || board.as_ref().is_some_and(may))
    };
    let link = move |id: BoardId, mark: &TextMark| match item_of(mark) {
        Some(item) => format!("/b/{id}/list?item={item}"),
        None => format!("/b/{id}/list"),
    };
    let about = move |id: BoardId, mark: &TextMark| {
        let title = |board: &BoardView| match item_of(mark).and_then(|item| board.item(item)) {
            Some(item) => item.with(|view| format!("{} {}", view.item.number, view.item.title)),
            None => board.head.with(|head| head.title.clone()),
        };
        session.view.board(id).as_ref().map(title)
    };
    let marked = move |(id, mark): (BoardId, TextMark)| {
        let (to, title) = (link(id, &mark), about(id, &mark));
        view! {
            <h2 class="marked__about"><A href=to>{title}</A></h2>
            <MarkCard board=id mark may=chooses(id) />
        }
    };
    view! {
        <h1>{move || words.w(W::Attention)}</h1>
        <For each=move || marks.get() key=|one| format!("{one:?}") children=marked />
        <Show when=move || clashes.with(Vec::is_empty) && marks.with(Vec::is_empty) && session.view.refused.with(Vec::is_empty)>
            <p class="dim">{move || words.w(W::NoClashes)}</p>
        </Show>
        <ul class="lines" data-testid="refused">
            <For each=move || session.view.refused.get() key=|one| *one let:one>
                <li class="clash"><b>{move || title_of(one.0)}</b>" "{move || words.w(refusal_word(one.1))}</li>
            </For>
        </ul>
        <ul class="lines">
            <For each=move || clashes.get() key=|one| format!("{:?}{}{}", one.2, one.0, one.3) let:one>
                <li><span class="tag">{move || words.w(one.2)}</span>" "<A href=one.0.clone()>{one.1.clone()}</A>" "<span>{one.3.clone()}</span></li>
            </For>
        </ul>
    }
}

fn refusal_word(code: RefusalCode) -> W {
    match code {
        RefusalCode::NoRight => W::RefusedNoRight,
        RefusalCode::UnknownDocument => W::RefusedUnknown,
        RefusalCode::Invalid => W::RefusedInvalid,
        RefusalCode::TooLarge => W::RefusedTooLarge,
        RefusalCode::PlanSettled => W::RefusedPlanSettled,
    }
}
