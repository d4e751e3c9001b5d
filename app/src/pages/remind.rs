//! 催办: who owes what over all boards, a letter for those who owe the same, put on record when the
//! person says so.

use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use crate::parts::kept;
use crate::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use std::collections::{BTreeMap, BTreeSet};
use tongban_shared::dictionary;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::id::{BoardId, ItemId, UnitId};
use tongban_shared::views::{self, Due, Letter, RECENT};

/// A unit that owes something.
#[derive(Debug, Clone, PartialEq)]
struct Debtor {
    unit: UnitId,
    name: String,
    count: usize,
    late: bool,
    /// Days since it was last reminded, when that was lately.
    lately: Option<i64>,
}

/// Everything that is owed on the boards here, or on one of them, and when each unit was last reminded.
fn owing(session: Session, only: Option<BoardId>) -> (Vec<Due>, BTreeMap<UnitId, i64>) {
    let boards: Vec<BoardId> = session.view.boards.with_untracked(|all| {
        let writes = |id: &BoardId| {
            session.view.board(*id).is_some_and(|view| view.may.get_untracked().records(EntryKind::Remind))
        };
        all.keys().copied().filter(|id| only.is_none_or(|only| only == *id) && writes(id)).collect()
    });
    let (mut dues, mut last) = (Vec::new(), BTreeMap::<UnitId, i64>::new());
    for board in boards {
        let found = session.look(board, |scene| (views::due(scene, board), views::reminded(scene)));
        let Some((owed, reminded)) = found else { continue };
        dues.extend(owed);
        for (unit, when) in reminded {
            let known = last.entry(unit).or_default();
            *known = (*known).max(when);
        }
    }
    (dues, last)
}

#[component]
pub fn RemindPage() -> impl IntoView {
    let session = session();
    let words = words();
    let query = use_query_map();
    let only =
        Memo::new(move |_| query.with(|query| query.get("board").and_then(|id| id.parse::<BoardId>().ok())));
    // A moment after the last record came: every board is looked at.
    let asked = move || {
        session.view.boards.track();
        only.track();
    };
    let found = kept(session.view.said.into(), asked, move || untrack(|| owing(session, only.get())));
    let debtors = Memo::new(move |_| {
        let space = session.view.space.get();
        let now = browser::now() * 1000;
        let mut by_unit = BTreeMap::<UnitId, (BTreeSet<(BoardId, ItemId)>, bool)>::new();
        found.with(|(dues, _)| {
            for due in dues {
                let (items, late) = by_unit.entry(due.unit).or_default();
                items.insert((due.board, due.item));
                *late |= due.late;
            }
        });
        let lately = |unit: &UnitId| {
            let last = found.with(|(_, last)| last.get(unit).copied())?;
            (now - last < RECENT).then_some((now - last).max(0) / 86_400_000)
        };
        let debtor = |(unit, (items, late)): (UnitId, (BTreeSet<_>, bool))| Debtor {
            unit,
            name: space.unit_name(unit),
            count: items.len(),
            late,
            lately: lately(&unit),
        };
        let mut all: Vec<Debtor> = by_unit.into_iter().map(debtor).collect();
        all.sort_by_key(|one| (!one.late, dictionary::place(&one.name), one.name.clone()));
        all
    });
    // Ticks of the person; the other units are as they are offered.
    let ticks = RwSignal::new(BTreeMap::<UnitId, bool>::new());
    let ticked = move |one: &Debtor| {
        ticks.with(|ticks| ticks.get(&one.unit).copied()).unwrap_or(one.late && one.lately.is_none())
    };
    let chosen = Memo::new(move |_| {
        debtors.with(|all| all.iter().filter(|one| ticked(one)).map(|one| one.unit).collect::<BTreeSet<_>>())
    });
    let letters = Memo::new(move |_| {
        let space = session.view.space.get();
        found.with(|(dues, _)| {
            views::letters(&space, dues, |unit| chosen.with(|chosen| chosen.contains(&unit)))
        })
    });
    let copied = move |text: String| {
        spawn_local(async move {
            let word = if browser::copy(&text).await.is_ok() { W::ReminderCopied } else { W::CopyNotAllowed };
            session.notice(words.w(word));
        });
    };
    let all_text = move || {
        let texts = letters
            .with_untracked(|all| all.iter().map(|one| one.text(&browser::today())).collect::<Vec<_>>());
        texts.join("\n\n")
    };
    let record = move |_| {
        let all = letters.get_untracked();
        let text = all_text();
        spawn_local(async move {
            // First: the browser lets a page copy only a moment after a click.
            let copied = browser::copy(&text).await.is_ok();
            let count = put_on_record(session, &all);
            ticks.set(BTreeMap::new());
            let word = if copied { W::RemindersRecorded } else { W::RecordedOnly };
            session.notice(&words.w(word).replace("{n}", &count.to_string()));
        });
    };
    let tick_line = move |one: Debtor| {
        let (unit, debtor) = (one.unit, one.clone());
        let lately = one.lately.map(|days| {
            view! {
            <span class="dim">" "{move || words.w(if days == 0 { W::RemindedToday }
            else { W::RemindedLately }).replace("{n}", &days.to_string())}</span> }
        });
        view! {
            <li data-testid="debtor"><label class="check">
                <input type="checkbox" prop:checked=move || ticked(&debtor)
                    on:change=move |event| ticks.update(|ticks| _ = ticks.insert(unit, event_target_checked(&event))) />
                {one.name.clone()}</label>
                <span class="dim tabular">" "{move || words.w(if one.late { W::OwesLate }
                    else { W::OwesSoon }).replace("{n}", &one.count.to_string())}</span>
                {lately}</li>
        }
    };
    let letter = move |one: Letter| {
        let text = one.text(&browser::today());
        let copy = text.clone();
        view! {
            <li class="letter" data-testid="letter">
                <p class="letter__text" data-shows="text">{text}</p>
                <p><button type="button" class="button button--plain" on:click=move |_| copied(copy.clone())>
                    {move || words.w(W::CopyOne)}</button></p>
            </li>
        }
    };
    view! {
        <h1>{move || words.w(W::RemindTitle)}</h1>
        <p class="dim">{move || only.get().and_then(|id| session.view.board(id)).map_or_else(||
            words.w(W::OfAllBoards).to_owned(), |view| view.head.with(|head| head.title.clone()))}</p>
        <Show when=move || debtors.with(|all| !all.is_empty()) fallback=move || view! { <p class="dim">{words.w(W::NobodyOwes)}</p> }>
            <p class="inline">
                <button type="button" class="button button--main" data-testid="record-reminders"
                    disabled=move || chosen.with(BTreeSet::is_empty) on:click=record>
                    {move || words.w(W::RecordReminders)}</button>
                <button type="button" class="button" data-testid="copy-reminders"
                    disabled=move || chosen.with(BTreeSet::is_empty) on:click=move |_| copied(all_text())>
                    {move || words.w(W::CopyReminders)}</button>
                <span class="dim tabular" role="status">
                    {move || words.w(W::RemindCount).replace("{n}",
                    &chosen.with(BTreeSet::len).to_string()).replace("{m}", &letters.with(Vec::len).to_string())}</span>
            </p>
            <div class="remind">
                <section aria-label=move || words.w(W::Unit)><ul class="lines">
                    <For each=move || debtors.get() key=|one| (one.unit, one.count, one.late, one.lately) let:one>
                    {tick_line(one)}</For></ul></section>
                <section aria-label=move || words.w(W::RemindPreview)><ul class="lines">
                    <For each=move || letters.get() key=|one| one.text("") let:one>{letter(one)}</For></ul></section>
            </div>
        </Show>
    }
}

/// Writes one entry for each measure that is spoken of, with the names of the units; gives how many.
fn put_on_record(session: Session, letters: &[Letter]) -> usize {
    let space = session.view.space.get_untracked();
    let mut by_board = BTreeMap::<BoardId, BTreeMap<ItemId, BTreeSet<UnitId>>>::new();
    for letter in letters {
        for due in &letter.dues {
            by_board.entry(due.board).or_default().entry(due.item).or_default().extend(&letter.units);
        }
    }
    let mut count = 0;
    for (board, items) in by_board {
        let about = |item: &ItemId| Subject { board, item: Some(*item), unit: None, indicator: None };
        let name = |units: &BTreeSet<UnitId>| {
            units.iter().map(|unit| space.unit_name(*unit)).collect::<Vec<_>>().join("、")
        };
        let named: Vec<String> = items.values().map(name).collect();
        let written =
            session.write_entries(EntryKind::Remind, items.keys().map(about).collect(), |entry, place| {
                entry.body.clone_from(&named[place]);
            });
        count += if written { named.len() } else { 0 };
    }
    count
}
