//! 台账 of a unit: what it has to do on every board, filled in where it stands. Each unit's has an
//! address (`/u/…`), so that it can be sent to a colleague.

use crate::app::session;
use crate::board::files;
use crate::browser;
use crate::lang::{W, words};
use crate::parts::{Growing, TextBox, light_class, of_each_board};
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_params_map};
use std::sync::Arc;
use tongban_shared::dictionary;
use tongban_shared::edit::{Edit, LedgerField};
use tongban_shared::id::{BoardId, ItemId, UnitId};
use tongban_shared::office::Job;
use tongban_shared::views::{self, Light, OwnRow};

#[component]
pub fn OwnLedger() -> impl IntoView {
    let session = session();
    let words = words();
    let chosen = RwSignal::new(None::<Light>);
    // A unit that decides looks at the ledgers of others as well; each unit writes its own.
    let params = use_params_map();
    let other = Memo::new(move |_| {
        params.with(|params| params.get("unit").and_then(|text| text.parse::<UnitId>().ok()))
    });
    let go = StoredValue::new_local(use_navigate());
    let show = move |event: leptos::ev::Event| {
        let path = format!("/u/{}", event_target_value(&event));
        go.with_value(|go| go(&path, leptos_router::NavigateOptions::default()));
    };
    let of_boards = of_each_board(
        session,
        move || {
            other.track();
            session.view.me.track();
        },
        move |board, _| {
            let unit = other.get_untracked().or_else(|| session.view.who_untracked().map(|who| who.unit));
            session
                .look(board, |scene| Some(views::own_rows(scene, board, unit?)))
                .flatten()
                .unwrap_or_default()
        },
    );
    let rows = Memo::new(move |_| {
        let listed = session.view.listed.get();
        of_boards.with(|all| {
            let rows = listed.iter().filter_map(|id| all.get(id)).flat_map(|rows| rows.iter().cloned());
            Arc::new(rows.collect::<Vec<OwnRow>>())
        })
    });
    let shown = Memo::new(move |_| {
        let wanted = chosen.get();
        rows.with(|rows| {
            let fits = |row: &&OwnRow| wanted.is_none_or(|light| row.light == Some(light));
            rows.iter().filter(fits).cloned().collect::<Vec<_>>()
        })
    });
    let counts = Memo::new(move |_| {
        rows.with(|rows| Light::ALL.map(|light| rows.iter().filter(|row| row.light == Some(light)).count()))
    });
    let sheet = move || {
        let name = words.w(W::OwnLedger);
        shown.with_untracked(|rows| views::own_sheet(rows, name, words.lang_untracked()))
    };
    let name = move |ending: &str| format!("{} {}.{ending}", words.w(W::OwnLedger), browser::today());
    let save_xlsx = move |_| {
        files::save_office(
            session,
            words.lang_untracked(),
            name("xlsx"),
            Job::Xlsx { sheets: vec![sheet()] },
        );
    };
    let save_csv = move |_| {
        let sheet = sheet();
        let head = sheet.columns.iter().map(|column| column.name.clone()).collect();
        let lines = sheet.rows.into_iter().map(|row| row.into_iter().map(|cell| cell.words).collect());
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(lines).collect();
        files::give(session, &name("csv"), views::to_csv(&rows).as_bytes());
    };
    let growing = Growing::new(Memo::new(move |_| shown.with(Vec::len)));
    Effect::new(move |_| {
        chosen.track();
        growing.begin();
    });
    let drawn = Memo::new(move |_| {
        shown.with(|rows| {
            rows.iter().take(growing.count()).map(|row| (row.board, row.item)).collect::<Vec<_>>()
        })
    });
    // Everything is drawn before the browser looks at the page.
    let print = move |_| {
        growing.whole();
        request_animation_frame(|| {
            let _ = browser::window().print();
        });
    };
    let units = Memo::new(move |_| {
        let decides = session.view.listed_boards().iter().any(|(_, board)| board.may.get().decide);
        if !decides {
            return Vec::new();
        }
        session.view.space.with(|space| dictionary::single_units(space))
    });
    let own = move || session.view.who().map(|who| who.unit);
    let title = move || match other.get() {
        Some(unit) => {
            format!("{} {}", session.view.space.with(|space| space.unit_name(unit)), words.w(W::LedgerView))
        }
        None => words.w(W::OwnLedger).to_owned(),
    };
    let none = Memo::new(move |_| rows.with(|rows| rows.is_empty()));
    view! {
        <h1>{title}" "<span class="count">{move || rows.with(|rows| rows.len())}</span></h1>
        <p class="dim">{move || words.w(W::OwnLedgerHint)}</p>
        <Show when=move || !units.with(Vec::is_empty)>
            <p class="inline"><label class="check">{move || words.w(W::Unit)}
                <select data-testid="own-unit" on:change=show>
                    <For each=move || units.get() key=|unit| unit.clone() let:unit>
                        <option value=unit.0.to_string() selected=move || other.get().or_else(own) == Some(unit.0)>{unit.1.clone()}</option>
                    </For>
                </select>
            </label></p>
        </Show>
        <Show when=move || !none.get() fallback=move || view! { <p class="dim">{words.w(W::OwnRowsNone)}</p> }>
            <div class="tools" role="group" aria-label=move || words.w(W::OwnLedger)>
                <select aria-label=move || words.w(W::LightWord) on:change=move |event| {
                    let wanted: Option<usize> = event_target_value(&event).parse().ok();
                    chosen.set(wanted.and_then(|place| Light::ALL.get(place).copied()));
                }>
                    <option value="">{move || words.w(W::AllStates)}</option>
                    {Light::ALL.into_iter().enumerate().map(|(place, light)| view! {
                        <option value=place.to_string() disabled=move || counts.with(|counts| counts[place] == 0) && chosen.get() != Some(light)>{move || words.w(light.word())}" "{move || counts.with(|counts| counts[place])}</option>
                    }).collect_view()}
                </select>
                <button type="button" class="button" on:click=save_xlsx>{move || words.w(W::AsXlsx)}</button>
                <button type="button" class="button" on:click=save_csv>{move || words.w(W::AsCsv)}</button>
                <button type="button" class="button" on:click=print>{move || words.w(W::Print)}</button>
            </div>
            <ul class="own" data-testid="own">
                <For each=move || drawn.get() key=|row| *row let:row><Line board=row.0 item=row.1 rows=shown other /></For>
            </ul>
            <div node_ref=growing.end></div>
        </Show>
    }
}

/// One item: what it is, how it stands, what the unit keeps of it.
#[component]
fn Line(board: BoardId, item: ItemId, rows: Memo<Vec<OwnRow>>, other: Memo<Option<UnitId>>) -> impl IntoView {
    let session = session();
    let words = words();
    let may = session.view.board(board).map(|board| board.may.clone());
    let write = Memo::new(move |_| {
        let own = session.view.who().map(|who| who.unit);
        may.as_ref().is_some_and(|may| may.get().write) && (other.get().is_none() || other.get() == own)
    });
    let row = Memo::new(move |_| {
        rows.with(|rows| rows.iter().find(|row| (row.board, row.item) == (board, item)).cloned())
    });
    let text = move |read: fn(&OwnRow) -> String| {
        Memo::new(move |_| row.with(|row| row.as_ref().map(read).unwrap_or_default()))
    };
    let light = Memo::new(move |_| row.with(|row| row.as_ref()?.light));
    let role = Memo::new(move |_| row.with(|row| row.as_ref()?.role));
    let (title, plan) = (text(|row| format!("{} {}", row.number, row.title)), text(|row| row.plan.clone()));
    let (deadline, last) = (text(|row| row.deadline.clone()), text(|row| row.last.clone()));
    let set = move |field: LedgerField, value: String| {
        if let Some(who) = session.view.who() {
            let value = value.trim().to_owned();
            session.edit_board(board, Edit::SetLedger { item, unit: who.unit, field, value });
        }
    };
    let cell = move |field: LedgerField, word: W, kept: Memo<String>| {
        view! {
            <label class="own__cell"><span class="dim">{move || words.w(word)}</span>
                <TextBox value=kept disabled=Signal::derive(|| false) on_done=Callback::new(move |text| set(field,
                    text)) attr:readonly=move || !write.get() />
            </label>
        }
    };
    view! {
        <li class="own__row">
            <p class="own__head">
                {move || light.get().map(|light| view! { <span class=light_class(light)><span aria-hidden="true">{light.shape()}</span>" "{words.w(light.word())}</span> })}
                " "<A href=format!("/b/{board}?item={item}")>{title}</A>
            </p>
            <p class="dim">{plan}{move || role.get().map(|role| format!(" · {}", words.w(role.word())))}{move || Some(deadline.get()).filter(|day| !day.is_empty()).map(|day| format!(" · {day}"))}</p>
            <div class="own__cells">
                {cell(LedgerField::Person, W::PersonInCharge, text(|row| row.kept.person.clone()))}
                {cell(LedgerField::YearlyTask, W::YearlyTask, text(|row| row.kept.yearly_task.clone()))}
                {cell(LedgerField::Path, W::Path, text(|row| row.kept.path.clone()))}
                {cell(LedgerField::Remark, W::Remark, text(|row| row.kept.remark.clone()))}
            </div>
            <Show when=move || !last.with(String::is_empty)><p><span class="dim">{move || words.w(W::LatestWords)}"："</span>{last}</p></Show>
        </li>
    }
}
