//! Bringing a card into a column: the question, and the entry that answers it.

use super::Column;
use crate::lang::{W, Words};
use crate::parts::Question;
use crate::session::Session;
use crate::view::{BoardView, ItemView};
use leptos::prelude::*;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::fold::PartState;
use tongban_shared::id::{BoardId, ItemId, UnitId};
use tongban_shared::plan::measure_name;
use tongban_shared::sign::{Act, Words as Room};
use tongban_shared::template;

/// Asks about the entry that leads to a state, where one entry is all it takes; else says what is
/// missing. Nothing is written before the question is answered.
pub fn act(
    session: Session,
    words: Words,
    id: BoardId,
    board: &BoardView,
    item: ItemId,
    view: &ItemView,
    to: &Column,
) {
    let Ok(template) = template::of(&board.head.get_untracked()) else {
        return session.notice(W::TemplateUnread.text(words.lang_untracked()));
    };
    let own = template.item_type(&view.item.kind).filter(|kind| !kind.parts);
    let asked = match (own, PartState::from_id(&to.state)) {
        (None, Some(state)) => of_part(session, words, id, board, item, view, state),
        _ => of_template(session, words, id, board, item, view, to),
    };
    match asked {
        Ok(question) => session.ask(question),
        Err(word) => session.notice(word.text(words.lang_untracked())),
    }
}

/// The question that brings an item into a state of its template, or why it cannot be brought there.
fn of_template(
    session: Session,
    words: Words,
    id: BoardId,
    board: &BoardView,
    item: ItemId,
    view: &ItemView,
    to: &Column,
) -> Result<Question, W> {
    if !board.may.get_untracked().log {
        return Err(W::NoRight);
    }
    let lang = words.lang_untracked();
    let derived = session.derived(id, Some(item), lang);
    let offer = derived.offers.into_iter().find(|offer| offer.to == to.state).ok_or(W::NoSuchMove)?;
    if !offer.missing.is_empty() {
        return Err(W::FillInPanel);
    }
    let subject = Subject { board: id, item: Some(item), unit: None, indicator: None };
    let verb = format!("{}“{}”", W::BringTo.text(lang), to.name);
    let room = if offer.words { Room::Required } else { Room::Offered };
    let (number, due) = (offer.number, offer.due);
    let question = Question::new(Act::Drop, &verb, measure_name(&view.item), move |said, files| {
        session.sign(&said, subject, offer.kind, |entry| {
            entry.to = Some(offer.to.clone());
            entry.attachments = Some(files).filter(|files| !files.is_empty());
        })
    });
    Ok(question
        .told(W::SignedStays.text(lang))
        .with_words(W::SayWhat, room)
        .needs_also(number, due)
        .with_files())
}

/// The question that brings the part of the unit here into a state, or why it cannot be brought there.
fn of_part(
    session: Session,
    words: Words,
    id: BoardId,
    board: &BoardView,
    item: ItemId,
    view: &ItemView,
    to: PartState,
) -> Result<Question, W> {
    let lang = words.lang_untracked();
    let who = session.view.who().ok_or(W::NoRight)?;
    let may = board.may.get_untracked();
    let subject = move |unit| Subject { board: id, item: Some(item), unit, indicator: None };
    let mine = |kind| view.state.parts.contains_key(&who.unit) && may.records(kind);
    let about = measure_name(&view.item);
    match to {
        PartState::InProgress if mine(EntryKind::Report) => {
            let verb = format!("{}“{}”", W::BringTo.text(lang), to.word().text(lang));
            let question = Question::new(Act::Drop, &verb, about, move |said, files| {
                session.sign(&said, subject(None), EntryKind::Report, |entry| {
                    entry.attachments = Some(files).filter(|files| !files.is_empty());
                })
            });
            let question = question.told(W::SignedStays.text(lang)).needs_words(W::NewReport);
            Ok(question.beginning(W::StartedWork.text(lang)).with_files())
        }
        PartState::Asked if mine(EntryKind::CloseRequest) => {
            Ok(close_request(session, words, subject(None), about))
        }
        PartState::Closed if may.decide => {
            let parts = view.state.parts.iter();
            let asked = parts.filter(|(_, part)| part.state == PartState::Asked).map(|(unit, _)| *unit);
            let asked: Vec<UnitId> = asked.collect();
            if asked.is_empty() {
                return Err(W::NobodyAsked);
            }
            let subjects = asked.into_iter().map(|unit| subject(Some(unit))).collect();
            Ok(acceptance(session, words, subjects, &about))
        }
        PartState::Returned if may.give_back => Err(W::ReturnInPanel),
        PartState::NotStarted => Err(W::NoWayBack),
        _ => Err(W::NoRight),
    }
}

/// Asks a unit for what it did before it asks to close its part.
pub fn close_request(session: Session, words: Words, subject: Subject, about: String) -> Question {
    let lang = words.lang_untracked();
    let question = Question::new(
        Act::Entry(EntryKind::CloseRequest),
        W::AskClose.text(lang),
        about,
        move |said, files| {
            session.sign(&said, subject, EntryKind::CloseRequest, |entry| {
                entry.attachments = Some(files).filter(|files| !files.is_empty());
            })
        },
    );
    question.told(W::AskCloseTold.text(lang)).needs_words(W::HowItWasDone).with_files()
}

/// Asks the lead before parts are closed.
pub fn acceptance(session: Session, words: Words, subjects: Vec<Subject>, about: &str) -> Question {
    let lang = words.lang_untracked();
    let names = session.view.space.with_untracked(|space| {
        let units = subjects.iter().filter_map(|subject| Some(space.unit_name(subject.unit?)));
        units.collect::<Vec<_>>().join("、")
    });
    let question = Question::new(
        Act::Entry(EntryKind::CloseDecision),
        W::Accept.text(lang),
        format!("{names} · {about}"),
        move |said, _| {
            session.sign_all(&said, EntryKind::CloseDecision, subjects.clone(), |entry, _| {
                entry.accepted = Some(true);
            })
        },
    );
    question.told(W::AcceptTold.text(lang))
}
