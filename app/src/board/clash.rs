//! Values that people wrote apart: who wrote what and when, what stood there before and what the public
//! sees, with the acts that decide.

use super::history::by_words;
use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, Words, words};
use crate::session::Session;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::id::BoardId;
use tongban_shared::views::{Choice, Clash, SaidBy, Side};

/// The letters that people give to several versions of one thing.
const LETTERS: [&str; 8] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"];

fn letter(place: usize) -> &'static str {
    LETTERS.get(place).copied().unwrap_or("…")
}

/// The person who wrote a value, and the time.
pub fn side_words(session: Session, words: Words, side: &Side) -> String {
    let who = match &side.by {
        SaidBy::Change { by, actor } => by_words(words, &session.author_of(by, actor)),
        SaidBy::Person { person, unit } => {
            let space = session.view.space.get_untracked();
            let name = space.persons.get(person).map(|person| person.name.clone()).unwrap_or_default();
            format!("{name}（{}）", space.unit_name(*unit))
        }
    };
    format!("{who} {}", time_words(side.time))
}

/// A value, or that there is none.
pub fn shown_or_none(words: Words, shown: &str) -> String {
    if shown.is_empty() { words.w(W::NothingThere).to_owned() } else { shown.to_owned() }
}

/// One clash with what decides it.
#[component]
pub fn ClashCard(
    board: BoardId,
    clash: Clash,
    /// Whether it stands among those of other measures, and says where it is.
    #[prop(optional)]
    apart: bool,
) -> impl IntoView {
    let session = session();
    let words = words();
    let (may, public) = (session.may_choose(board, &clash), session.published_value(board, &clash));
    let link = clash.item.map_or_else(|| format!("/b/{board}"), |item| format!("/b/{board}?item={item}"));
    let link = if clash.register.is_none() { format!("/b/{board}/indicators") } else { link };
    let title = session.view.board(board).map(|view| view.head.with_untracked(|head| head.title.clone()));
    let whose = clash.unit.map(|unit| session.view.space.with_untracked(|space| space.unit_name(unit)));
    let (field, common, both) = (clash.field.clone(), clash.common.clone(), clash.both.clone());
    let side = move |(place, side): (usize, Side)| {
        let choice = side.choice.clone();
        let label = format!("{}{}", words.w(W::Use), letter(place));
        view! {
            <li class="clash__side">
                <span>{letter(place)}" "<b class="tabular">{shown_or_none(words, &side.shown)}</b></span>
                <span class="dim">{side_words(session, words, &side)}</span>
                {may.then(|| view! { <button type="button" class="button"
                    on:click=move |_| session.choose(board, &choice)>{label.clone()}</button> })}
            </li>
        }
    };
    view! {
        <div class="clash clash--card" data-shows="text" data-testid="clash" role="group"
            aria-label=format!("{field} {}", words.w(W::TwoValues))>
            {apart.then(|| view! { <p><b>{clash.about.clone()}</b>" "<span class="dim">{title}</span></p> })}
            <p><span class="tag">{field.clone()}</span>" "{words.w(W::TwoValues)}</p>
            <ul class="lines">{clash.sides.clone().into_iter().enumerate().map(side).collect_view()}</ul>
            <p class="dim">
                {common.map(|common| format!("{}：{}　", words.w(W::StoodBefore), shown_or_none(words, &common)))}
                {match public {
                    Some(public) => format!("{}：{}", words.w(W::PublicSays), shown_or_none(words, &public)),
                    None => words.w(W::NotPublic).to_owned(),
                }}
            </p>
            <p class="inline">
                {both.filter(|_| may).map(|edit| view! { <button type="button" class="button"
                    on:click=move |_| session.settle_clash(board, edit.clone())>{words.w(W::KeepBoth)}</button> })}
                {(!may).then(|| match whose { Some(unit) => format!("{unit}{}", words.w(W::UnitChooses)), None =>
                    words.w(W::LeadChooses).to_owned() })}
                {apart.then(|| view! { <A href=link>{words.w(W::OpenIt)}</A> })}
            </p>
        </div>
    }
}

/// Asks before a value is written over others that wait for a choice.
#[component]
pub fn AskClash() -> impl IntoView {
    let session = session();
    let words = words();
    let asked = session.view.asked;
    let close = move |_| asked.set(None);
    view! {
        {move || asked.get().map(|ask| {
            let board = ask.board;
            let written = ask.shown.clone();
            let write = move |_| {
                if let Some(ask) = asked.get_untracked() {
                    asked.set(None);
                    session.write_over(ask.board, &ask.edits);
                }
            };
            view! {
                <div class="asking" data-shows="text" role="alertdialog" aria-modal="true"
                    aria-label=words.w(W::TypedOverClash) data-testid="ask-clash">
                    <div class="asking__box">
                        <h2>{words.w(W::TypedOverClash)}</h2>
                        {ask.clashes.into_iter().map(|clash| {
                            let choose = move |choice: Choice| { asked.set(None); session.choose(board, &choice) };
                            view! {
                                <p><b>{clash.about.clone()}</b>" "<span class="tag">{clash.field.clone()}</span></p>
                                <ul class="lines">{clash.sides.into_iter().enumerate().map(|(place, side)| {
                                    let choice = side.choice.clone();
                                    view! {
                                        <li class="clash__side"><span>{letter(place)}" "<b>
                                            {shown_or_none(words, &side.shown)}</b></span>
                                            <span class="dim">{side_words(session, words, &side)}</span>
                                            <button type="button" class="button"
                                                on:click=move |_| choose(choice.clone())>{words.w(W::Use)}
                                                {letter(place)}</button></li>
                                    }
                                }).collect_view()}</ul>
                            }
                        }).collect_view()}
                        <p class="inline">
                            <button type="button" class="button button--main" on:click=write>{words.w(W::WriteInstead)}"："{written}</button>
                            <button type="button" class="button button--plain" on:click=close>{words.w(W::LeaveIt)}</button>
                        </p>
                    </div>
                </div>
            }
        })}
    }
}
