//! 对照: a newer edition of a document beside a board, each difference by choice.

use crate::app::session;
use crate::lang::{W, Words, words};
use crate::parts::{Question, kept};
use crate::session::Session;
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use tongban_shared::access::Action;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::fold::item_digest;
use tongban_shared::id::{BoardId, DocumentId, ItemId};
use tongban_shared::import::{DraftBoard, DraftDocument};
use tongban_shared::model::Source;
use tongban_shared::plan::measure_name;
use tongban_shared::publication::target_words;
use tongban_shared::revise::{Difference, What, differences, revise};
use tongban_shared::sign::Act;

/// The differences between a board and a draft; those that are ticked are taken over together.
#[component]
pub fn Compare(board: BoardId, document: Arc<DraftDocument>, draft: Arc<DraftBoard>) -> impl IntoView {
    let session = session();
    let words = words();
    let view = session.view.board(board);
    let Some((revision, space_id)) = view.map(|view| view.revision).zip(session.space_id()) else {
        return ().into_any();
    };
    let found = move || {
        session.look(board, |scene| differences(space_id, scene, &document, &draft)).unwrap_or_default()
    };
    // A moment after the last change: texts are compared with texts.
    let all = kept(revision, || {}, found);
    // By their words: the list is another one after each step.
    let left_out = RwSignal::new(BTreeSet::<String>::new());
    let key = |one: &Difference| format!("{one:?}");
    let may = session.view.board(board).map(|board| board.may.clone());
    let (writes, decides) = {
        let (first, second) = (may.clone(), may);
        (
            Memo::new(move |_| first.as_ref().is_some_and(|may| may.get().write)),
            Memo::new(move |_| second.as_ref().is_some_and(|may| may.get().decide)),
        )
    };
    // What somebody else put in stays unless it is ticked: to put out of use is never the default.
    let ticked = move |one: &Difference| match one.what {
        What::TargetGone { .. } => false,
        What::Gone { .. } => decides.get() && left_out.with(|left| left.contains(&key(one))),
        _ => !left_out.with(|left| left.contains(&key(one))),
    };
    let take = move |_| {
        let chosen: Vec<Difference> =
            all.get_untracked().into_iter().filter(|one| untrack(|| ticked(one))).collect();
        let removal = session.removal(board);
        let space = session.view.space.get_untracked();
        let taken = session.look(board, |scene| {
            let revision =
                revise((space_id, &space), scene.board, &chosen, &removal, crate::browser::fresh_id);
            let digests: Vec<_> =
                revision.retire.iter().filter_map(|id| Some((*id, item_digest(scene.item(*id)?)))).collect();
            (revision, digests)
        });
        let Some((revision, digests)) = taken else { return };
        // Units first: the board names them.
        if !revision.space.is_empty() {
            if !session.view.allows(Action::WriteSpace) {
                return session.notice(words.w(W::UnitsByOffice));
            }
            session.edit_space(&revision.space);
        }
        if !session.edit_all(DocumentId::board(board), &revision.board) {
            return;
        }
        if !digests.is_empty() {
            ask_to_retire(session, words, board, digests);
        }
        session.notice(&format!("{} {}", words.w(W::TakenOver), chosen.len()));
    };
    let line = move |one: Difference| {
        let (own, mark, word) = (key(&one), one.clone(), kind(&one.what));
        let locked = match one.what {
            What::TargetGone { .. } => Memo::new(|_| true),
            What::Gone { .. } => Memo::new(move |_| !decides.get()),
            _ => Memo::new(move |_| !writes.get()),
        };
        view! {
            <li class="difference" data-testid="difference"><label class="check">
                <input type="checkbox" disabled=locked prop:checked=move || ticked(&mark) on:change=move |_| left_out.update(|left| {
                    if !left.remove(&own) {
                        left.insert(own.clone());
                    }
                }) />
                <span><span class="tag">{move || words.w(word)}</span>" "<b>{one.of.clone()}</b></span></label>
                {told(words, &one.what)}
            </li>
        }
    };
    view! {
        <div class="stack" data-testid="compare">
            <Show when=move || !all.with(Vec::is_empty) fallback=move || view! { <p class="dim">{words.w(W::NothingDiffers)}</p> }>
                <p class="inline">
                    <button type="button" class="button button--main" data-testid="take-differences" disabled=move || !writes.get() on:click=take>{move || words.w(W::TakeTicked)}</button>
                    <span class="dim tabular">{move || all.with(Vec::len)}" "{move || words.w(W::Differences)}</span>
                </p>
                <ul class="lines"><For each=move || all.get() key=move |one| key(one) let:one>{line(one)}</For></ul>
            </Show>
        </div>
    }
    .into_any()
}

/// Asks before measures that the document has no more are put out of use.
fn ask_to_retire(session: Session, words: Words, board: BoardId, digests: Vec<(ItemId, String)>) {
    let lang = words.lang_untracked();
    let about = session.look(board, |scene| {
        let named = digests.iter().filter_map(|(item, _)| Some(measure_name(scene.item(*item)?)));
        named.collect::<Vec<_>>().join("、")
    });
    let act = Act::Entry(EntryKind::Retire);
    let question = Question::new(act, W::Retire.text(lang), about.unwrap_or_default(), move |said, _| {
        let subject = |item| Subject { board, item: Some(item), unit: None, indicator: None };
        let subjects = digests.iter().map(|(item, _)| subject(*item)).collect();
        session.sign_all(&said, EntryKind::Retire, subjects, |entry, place| {
            entry.digest = Some(digests[place].1.clone());
        })
    });
    session.ask(question.told(W::RetireTold.text(lang)));
}

const fn kind(what: &What) -> W {
    match what {
        What::Source { .. } => W::DiffSource,
        What::Section { .. } => W::DiffSection,
        What::Added { .. } => W::DiffAdded,
        What::Gone { .. } => W::DiffGone,
        What::Number { .. } => W::DiffNumber,
        What::Headline { .. } => W::DiffHeadline,
        What::Text { .. } => W::DiffText,
        What::Deadline { .. } => W::DiffDeadline,
        What::UnitAdded { .. } => W::DiffUnitAdded,
        What::UnitGone { .. } => W::DiffUnitGone,
        What::Role { .. } => W::DiffRole,
        What::TargetAdded { .. } => W::DiffTargetAdded,
        What::TargetGone { .. } => W::DiffTargetGone,
        What::Target { .. } => W::DiffTarget,
    }
}

/// Old and new, one above the other.
fn told(words: Words, what: &What) -> AnyView {
    let change = |from: String, to: String| {
        view! {
            {(!from.is_empty()).then(|| view! { <p class="difference__old"><del>{from}</del></p> })}
            {(!to.is_empty()).then(|| view! { <p class="difference__new"><ins>{to}</ins></p> })}
        }
        .into_any()
    };
    match what {
        What::Source { from, to } => {
            let words = |words: &Option<String>| words.clone().unwrap_or_default();
            let to = Source {
                title: words(&to.title),
                number: words(&to.doc_number),
                issuer: words(&to.issuer),
                date: words(&to.date),
            };
            let line = |source: &Source| {
                let parts = [&source.title, &source.number, &source.date];
                parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · ")
            };
            change(line(from), line(&to))
        }
        What::Added { item, .. } => {
            let units: Vec<String> = item.assignments.iter().flat_map(|one| &one.units).cloned().collect();
            let below = item.children.iter().map(|child| child.title.as_str());
            let words: Vec<&str> = std::iter::once(item.text.as_str()).chain(below).collect();
            change(String::new(), format!("{} {}", words.join("；"), units.join("、")).trim().to_owned())
        }
        What::Gone { .. } => ().into_any(),
        What::Section { from, to, .. }
        | What::Number { from, to, .. }
        | What::Headline { from, to, .. }
        | What::Text { from, to, .. }
        | What::Deadline { from, to, .. } => change(from.clone(), to.clone()),
        What::UnitAdded { name, role, .. } => {
            change(String::new(), format!("{} {name}", words.w(role.word())))
        }
        What::UnitGone { name, .. } => change(name.clone(), String::new()),
        What::Role { name, from, to, .. } => {
            change(format!("{} {name}", words.w(from.word())), format!("{} {name}", words.w(to.word())))
        }
        What::TargetAdded { indicator, .. } => change(String::new(), target_words(&indicator.target())),
        What::TargetGone { target, .. } => change(target_words(target), String::new()),
        What::Target { from, to, .. } => change(target_words(from), target_words(to)),
    }
}
