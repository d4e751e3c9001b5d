//! What a unit's desk says besides its tasks: sent back with the reason, waiting for a decision, not
//! chosen.

use super::MatterCard;
use super::clash::{shown_or_none, side_words};
use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, words};
use crate::parts::kept;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::id::BoardId;
use tongban_shared::views::{Told, told};

/// Seconds for which a unit is told that its value was not chosen.
pub const TOLD: i64 = 30 * 24 * 60 * 60;

/// The lines of all boards, in the order of their titles.
#[component]
pub fn ToldLines() -> impl IntoView {
    let session = session();
    let boards = Memo::new(move |_| {
        let mut all: Vec<(String, BoardId)> = session.view.boards.with(|boards| {
            boards.iter().map(|(id, board)| (board.head.with(|head| head.title.clone()), *id)).collect()
        });
        all.sort();
        all.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    });
    view! {
        <For each=move || boards.get() key=|id| *id let:id>
            {session.view.board(id).map(|view| view! { <ToldOfBoard id view /> })}
        </For>
    }
}

#[component]
fn ToldOfBoard(id: BoardId, view: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let may = view.may.clone();
    let asked = move || {
        words.lang();
    };
    let lines = kept(view.revision, asked, move || {
        let Some(who) = session.view.who() else { return Vec::new() };
        let since = crate::browser::now() - TOLD;
        let units_of =
            |actor: &[u8]| session.certified_for(actor).into_iter().map(|(_, unit)| unit).collect();
        let (language, leads) = (words.lang_untracked(), may.get_untracked().decide);
        // Whom heads belong to is looked up outside of the look at the board.
        let heads = session.board_now(id, heads_of).unwrap_or_default();
        let known: std::collections::BTreeMap<Vec<u8>, Vec<_>> =
            heads.into_iter().map(|actor| (actor.clone(), units_of(&actor))).collect();
        let of = |actor: &[u8]| known.get(actor).cloned().unwrap_or_default();
        session.look(id, |scene| told(scene, (who.unit, leads), since, of, language)).unwrap_or_default()
    });
    view! {
        <For each=move || lines.get() key=|one| format!("{one:?}") let:one><ToldLine board=id one /></For>
    }
}

/// The writing heads whose values were settled.
fn heads_of(board: &tongban_shared::model::Board) -> Vec<Vec<u8>> {
    let all = board.settled_clashes();
    all.flat_map(|one| std::iter::once(&one.chosen).chain(&one.lost)).map(|said| said.actor.clone()).collect()
}

#[component]
fn ToldLine(board: BoardId, one: Told) -> impl IntoView {
    let session = session();
    let words = words();
    match one {
        Told::Returned { item, about, by, said, reason } => {
            let name = session.view.space.with_untracked(|space| space.unit_name(by));
            let line = format!("{name} {}：{reason}", time_words(said / 1000));
            view! {
                <div class="clash clash--card" data-testid="told-returned">
                    <p><span class="tag">{words.w(W::Returned)}</span>" "<b>{about}</b></p>
                    <p>{line}</p>
                    <p><A href=format!("/b/{board}?item={item}&mend=1")><span class="button button--main">{words.w(W::MendAndAsk)}</span></A></p>
                </div>
            }
            .into_any()
        }
        Told::Waits(matter) => view! { <MatterCard board matter apart=true /> }.into_any(),
        Told::NotChosen(clash) => {
            let link =
                clash.item.map_or_else(|| format!("/b/{board}"), |item| format!("/b/{board}?item={item}"));
            let lost = clash
                .lost
                .iter()
                .map(|side| shown_or_none(words, &side.shown))
                .collect::<Vec<_>>()
                .join("；");
            view! {
                <div class="clash clash--card" data-testid="told-lost">
                    <p><span class="tag">{words.w(W::NotChosen)}</span>" "<A href=link>{clash.about.clone()}</A></p>
                    <p>{clash.field.clone()}"："<del>{lost}</del>" "{words.w(W::ChosenNow)}" "<b>{shown_or_none(words, &clash.chosen.shown)}</b>" "<span class="dim">{side_words(session, words, &clash.chosen)}</span></p>
                </div>
            }
            .into_any()
        }
    }
}
