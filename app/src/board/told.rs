//! A unit's desk besides its tasks: decisions that wait, values that were not chosen.

use super::MatterCard;
use super::clash::{shown_or_none, side_words};
use crate::app::session;
use crate::lang::{W, Words, words};
use crate::parts::of_each_board;
use crate::session::Session;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use std::collections::BTreeMap;
use tongban_shared::id::BoardId;
use tongban_shared::views::{Told, told};

/// Seconds for which a unit is told that its value was not chosen.
pub const TOLD: i64 = 30 * 24 * 60 * 60;

/// The lines of all boards, in the order of every list.
#[component]
pub fn ToldLines() -> impl IntoView {
    let session = session();
    let words = words();
    let asked = move || {
        words.lang();
        session.view.me.track();
    };
    let all = of_each_board(session, asked, move |id, view| told_of(session, words, id, view));
    let lines = Memo::new(move |_| {
        let listed = session.view.listed.get();
        let of = |id: &BoardId| {
            let lines = all.with(|all| all.get(id).cloned())?;
            Some(lines.iter().map(|one| (*id, one.clone())).collect::<Vec<_>>())
        };
        listed.iter().filter_map(of).flatten().collect::<Vec<_>>()
    });
    view! {
        <For each=move || lines.get() key=|one| format!("{one:?}") let:one><ToldLine board=one.0 one=one.1 /></For>
    }
}

fn told_of(session: Session, words: Words, id: BoardId, view: &BoardView) -> Vec<Told> {
    let Some(who) = session.view.who() else { return Vec::new() };
    let since = crate::browser::now() - TOLD;
    let units_of = |actor: &[u8]| session.certified_for(actor).into_iter().map(|(_, unit)| unit).collect();
    let (language, leads) = (words.lang_untracked(), view.may.get_untracked().decide);
    // The owners of heads are looked up outside of the look at the board.
    let heads = session.board_now(id, heads_of).unwrap_or_default();
    let known: BTreeMap<Vec<u8>, Vec<_>> =
        heads.into_iter().map(|actor| (actor.clone(), units_of(&actor))).collect();
    let of = |actor: &[u8]| known.get(actor).cloned().unwrap_or_default();
    session.look(id, |scene| told(scene, (who.unit, leads), since, of, language)).unwrap_or_default()
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
                    <p>{clash.field.clone()}"："<del>{lost}</del>" "{words.w(W::ChosenNow)}" "<b>
                        {shown_or_none(words, &clash.chosen.shown)}</b>" "<span class="dim">
                        {side_words(session, words, &clash.chosen)}</span></p>
                </div>
            }
            .into_any()
        }
    }
}
