//! One thing to decide, as a card: the lead decides it here, the unit whose work it is sees what waits.

use super::clash::ClashCard;
use super::kanban::acceptance;
use crate::app::session;
use crate::lang::{W, Words, words};
use crate::parts::Question;
use crate::session::Session;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::dictionary::in_order;
use tongban_shared::edit::Edit;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::fold::{Leaving, Work, item_digest};
use tongban_shared::id::{BoardId, ItemId, UnitId};
use tongban_shared::sign::Act;
use tongban_shared::views::{Clash, Matter, MatterKind};

/// The work of a unit, in a few words.
pub fn work_words(words: Words, work: &Work) -> String {
    let mut all = Vec::new();
    if work.records > 0 {
        all.push(format!("{} {}", words.w(W::HasReported), work.records));
    }
    if work.comments > 0 {
        all.push(format!("{} {}", words.w(W::HasCommented), work.comments));
    }
    let told =
        [(work.closed, W::HasClosed), (work.asked && !work.closed, W::HasAsked), (work.row, W::HasRow)];
    all.extend(told.into_iter().filter(|(is, _)| *is).map(|(_, word)| words.w(word).to_owned()));
    all.join("、")
}

/// The unit that took another one off, or that it left its group.
pub fn left_words(session: Session, words: Words, leaving: &Leaving) -> String {
    match leaving.by {
        Some(unit) => {
            let name = session.view.space.with_untracked(|space| space.unit_name(unit));
            format!("{}{name}", words.w(W::TakenOffBy))
        }
        None => words.w(W::LeftGroup).to_owned(),
    }
}

#[component]
pub fn MatterCard(
    board: BoardId,
    matter: Matter,
    /// Whether it stands among those of other measures, and says where it is.
    #[prop(optional)]
    apart: bool,
) -> impl IntoView {
    let session = session();
    let words = words();
    if let MatterKind::Clash(clash) = &matter.kind {
        let clash = Clash::clone(clash);
        return view! { <ClashCard board clash apart /> }.into_any();
    }
    let may = session.view.board(board).is_some_and(|view| view.may.get_untracked().decide);
    let name = |unit: UnitId| session.view.space.with_untracked(|space| space.unit_name(unit));
    let (word, detail) = match &matter.kind {
        MatterKind::Clash(_) => (W::RetiredWithNews, String::new()),
        MatterKind::Retired(news) => {
            let units = session.view.space.with_untracked(|space| in_order(space, news.keys().copied()));
            let told =
                units.into_iter().map(|(unit, name)| format!("{name}：{}", work_words(words, &news[&unit])));
            (W::RetiredWithNews, told.collect::<Vec<_>>().join("；"))
        }
        MatterKind::Left(unit, leaving) => (
            W::UnitLeft,
            format!(
                "{}：{}；{}",
                name(*unit),
                work_words(words, &leaving.news),
                left_words(session, words, leaving)
            ),
        ),
        MatterKind::Contested(unit) => (W::Contested, name(*unit)),
        MatterKind::LateReports(unit, count) => (W::ReportAfterClose, format!("{} {count}", name(*unit))),
        MatterKind::Moved => (W::MovedTwice, String::new()),
        MatterKind::MoreClashes(count) => (W::MoreClashes, count.to_string()),
    };
    let title = session.view.board(board).map(|view| view.head.with_untracked(|head| head.title.clone()));
    let link = matter.item.map_or_else(|| format!("/b/{board}"), |item| format!("/b/{board}?item={item}"));
    let acts = matter
        .item
        .filter(|_| may)
        .map(|item| acts(session, words, board, item, &matter.about, &matter.kind));
    view! {
        <div class="clash clash--card" data-testid="matter" role="group" aria-label=words.w(word)>
            <p><b>{matter.about.clone()}</b>" "{apart.then_some(title)}</p>
            <p><span class="tag">{words.w(word)}</span>" "{detail}</p>
            <p class="inline">{acts}{(!may).then(|| words.w(W::LeadDecides))}
                {apart.then(|| view! { <A href=link>{words.w(W::OpenIt)}</A> })}</p>
        </div>
    }
    .into_any()
}

/// The buttons with which a lead decides.
fn acts(
    session: Session,
    words: Words,
    board: BoardId,
    item: ItemId,
    about: &str,
    kind: &MatterKind,
) -> Vec<AnyView> {
    let button = |word: W, act: Box<dyn Fn()>| {
        view! { <button type="button" class="button" on:click=move |_| act()>{words.w(word)}</button> }
            .into_any()
    };
    let about = about.to_owned();
    match kind {
        MatterKind::Retired(_) => {
            let again = about.clone();
            vec![
                button(
                    W::Restore,
                    Box::new(move || session.ask(restoring(session, words, (board, item), &about))),
                ),
                button(
                    W::ConfirmRetire,
                    Box::new(move || session.ask(retiring(session, words, (board, item), &again))),
                ),
            ]
        }
        MatterKind::Left(unit, _) => {
            let unit = *unit;
            vec![
                button(W::KeepUnit, Box::new(move || session.keep_unit(board, item, unit))),
                button(W::TakeOffUnit, Box::new(move || session.take_off(board, item, unit))),
            ]
        }
        MatterKind::Contested(unit) | MatterKind::LateReports(unit, _) => {
            let subject = Subject { board, item: Some(item), unit: Some(*unit), indicator: None };
            let accept = move || session.ask(acceptance(session, words, vec![subject], &about));
            vec![button(W::Accept, Box::new(accept))]
        }
        MatterKind::Clash(_) | MatterKind::Moved | MatterKind::MoreClashes(_) => Vec::new(),
    }
}

/// Asks whether an item is not to be pursued any more, as it stands now.
pub fn retiring(session: Session, words: Words, (board, item): (BoardId, ItemId), about: &str) -> Question {
    let act = Act::Entry(EntryKind::Retire);
    let subject = Subject { board, item: Some(item), unit: None, indicator: None };
    // Only what was seen is put out of use.
    let digest = session.board_now(board, |now| now.items.get(&item).map(item_digest)).flatten();
    let question = Question::new(act, words.w(W::Retire), about, move |said, _| {
        let digest = digest.clone();
        session.sign(&said, subject, EntryKind::Retire, |entry| entry.digest = digest)
    });
    question.told(words.w(W::RetireTold))
}

/// Asks whether a retired item is pursued again.
pub fn restoring(session: Session, words: Words, (board, item): (BoardId, ItemId), about: &str) -> Question {
    let subject = Subject { board, item: Some(item), unit: None, indicator: None };
    Question::new(Act::Entry(EntryKind::Restore), words.w(W::Restore), about, move |said, _| {
        session.sign(&said, subject, EntryKind::Restore, |_| {})
    })
}

impl Session {
    /// Takes a unit off an item; what it did is kept.
    pub fn take_off(&self, board: BoardId, item: ItemId, unit: UnitId) {
        let removal = self.removal(board);
        self.edit_board(board, Edit::Unassign { item, unit, removal });
    }

    /// Gives a unit that left an item its part back, in the role it had or its group had.
    pub fn keep_unit(&self, board: BoardId, item: ItemId, unit: UnitId) {
        let space = self.view.space.get_untracked();
        let role = self.board_now(board, |now| {
            let item = now.items.get(&item)?;
            let own = item.assignments.get(&unit).map(|part| part.role);
            let of_group = || {
                let mut all = item.assignments.iter();
                all.find(|(named, _)| space.ever(**named).contains(&unit)).map(|(_, part)| part.role)
            };
            own.or_else(of_group)
        });
        let role = role.flatten().unwrap_or_default();
        let edit = Edit::Assign { item, unit, role, open_ended: false, raw: String::new() };
        self.edit_board(board, edit);
    }
}
