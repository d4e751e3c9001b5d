//! 台账: rows of a board as in a spreadsheet program, written by keyboard, paste or touch.

mod grid;
mod hand;
mod landing;
mod outline;

use super::intake::Intake;
use crate::app::session;
use crate::board::files;
use crate::lang::{W, words};
use crate::pages::Filter;
use crate::view::BoardView;
use grid::Grid;
use leptos::prelude::*;
pub use outline::{Outline, Want};
use std::sync::Arc;
use tongban_shared::edit::NewItem;
use tongban_shared::id::BoardId;
use tongban_shared::office::Job;
use tongban_shared::rank;
use tongban_shared::template::{self, ItemType};
use tongban_shared::views;

/// The ledger of a board: which type, grouped and sorted how, and what becomes of it.
#[component]
pub fn Ledger(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let session = session();
    let words = words();
    let want = RwSignal::new(Want::default());
    let revision = board.revision.clone();
    let kinds = Memo::new(move |_| {
        revision.track();
        let language = words.lang();
        let named = |kind: &ItemType| (kind.id.clone(), kind.name.get(language).to_owned());
        session
            .look(id, |scene| views::Ledger::kinds(scene).into_iter().map(named).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let outline = outline::follow((session, words), id, board.clone(), filter, want);
    let columns = Memo::new(move |_| outline.with(|outline| outline.all_columns.clone()));
    let save_csv = move |_| {
        let rows = outline.with_untracked(|outline| {
            session.look(id, |scene| views::words_of(scene, &outline.ledger, &outline.rows()))
        });
        if let Some(rows) = rows {
            files::save_csv(session, id, &rows);
        }
    };
    // One sheet, or one for each unit.
    let save_xlsx = move |by_unit: bool| {
        let sheets = outline.with_untracked(|outline| {
            session.look(id, |scene| {
                let name = outline.ledger.kind.name.get(words.lang_untracked());
                if by_unit {
                    views::sheets_by_unit(scene, &outline.ledger)
                } else {
                    vec![views::sheet(scene, &outline.ledger, &outline.rows(), name)]
                }
            })
        });
        if let Some(sheets) = sheets {
            files::save_office(
                session,
                words.lang_untracked(),
                files::name(session, id, "xlsx"),
                Job::Xlsx { sheets },
            );
        }
    };
    let parts = Memo::new(move |_| outline.with(|outline| outline.ledger.kind.parts));
    let (may, intake) = (board.may.clone(), board.clone());
    let choose = move |change: &dyn Fn(&mut Want)| want.update(|want| change(want));
    view! {
        <div class="tools" role="group" aria-label=move || words.w(W::LedgerView)>
            <Show when=move || { kinds.with(|kinds| kinds.len() > 1) }>
                <select aria-label=move || words.w(W::ItemKind) data-testid="ledger-kind" on:change=move |event| choose(&|want| {
                    *want = Want { kind: Some(event_target_value(&event)), ..Want::default() };
                })>
                    <For each=move || kinds.get() key=|kind| kind.clone() let:kind><option value=kind.0.clone()>{kind.1.clone()}</option></For>
                </select>
            </Show>
            <label class="check">{move || words.w(W::GroupBy)}
                <select on:change=move |event| choose(&|want| want.group = event_target_value(&event).parse().ok())>
                    <option value="">{move || words.w(W::NoGroups)}</option>
                    <For each=move || columns.get().into_iter().enumerate() key=|column| column.clone() let:column>
                        <option value=column.0.to_string() selected=move || want.with(|want| want.group == Some(column.0))>{column.1.name.clone()}</option>
                    </For>
                </select>
            </label>
            <details class="menu">
                <summary class="button">{move || words.w(W::Columns)}</summary>
                <div class="menu__list">
                    <For each=move || columns.get() key=|column| column.key.clone() let:column>
                        {
                            let key = column.key.clone();
                            let shown = { let key = key.clone(); move || want.with(|want| !want.hidden.contains(&key)) };
                            view! { <label class="check"><input type="checkbox" prop:checked=shown on:change=move |event| {
                                let show = event_target_checked(&event);
                                want.update(|want| if show { want.hidden.retain(|one| *one != key) } else { want.hidden.push(key.clone()) });
                            } />{column.name.clone()}</label> }
                        }
                    </For>
                </div>
            </details>
            <details class="menu">
                <summary class="button">{move || words.w(W::SaveAs)}</summary>
                <div class="menu__list">
                    <button type="button" class="button button--plain" on:click=move |_| save_xlsx(false)>{move || words.w(W::AsXlsx)}</button>
                    <Show when=move || parts.get()><button type="button" class="button button--plain" on:click=move |_| save_xlsx(true)>{move || words.w(W::AsXlsxByUnit)}</button></Show>
                    <button type="button" class="button button--plain" on:click=save_csv>{move || words.w(W::AsCsv)}</button>
                </div>
            </details>
            <Show when=move || may.get().write><Intake id board=intake.clone() outline /></Show>
        </div>
        <Grid id board=board.clone() outline want />
        <AddRow id board outline />
    }
}

/// A new row of the type that is shown, where rows of it stand for themselves.
#[component]
fn AddRow(id: BoardId, board: BoardView, outline: RwSignal<Arc<Outline>>) -> impl IntoView {
    let session = session();
    let words = words();
    let title = RwSignal::new(String::new());
    let may = board.may.clone();
    let addable = Memo::new(move |_| {
        outline.with(|outline| {
            let kind = &outline.ledger.kind;
            may.get().write && kind.under.is_empty() && kind.id != template::LINE_ID
        })
    });
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = title.get_untracked();
        if name.trim().is_empty() {
            return session.notice(words.w(W::NameNeeded));
        }
        let order = board.order.get_untracked();
        let Some((section, _, items)) = order.last() else { return };
        let ranks = items.iter().filter_map(|(item, _)| board.item(*item));
        let last = ranks.map(|item| item.with_untracked(|view| view.item.rank.clone())).max();
        let item = NewItem {
            kind: outline.with_untracked(|outline| outline.ledger.kind.id.clone()),
            title: name.trim().to_owned(),
            section: Some(*section),
            rank: rank::between(&last.unwrap_or_default(), ""),
            ..NewItem::default()
        };
        if session.add_item(id, item) {
            title.set(String::new());
        }
    };
    view! {
        <Show when=move || addable.get()>
            <form class="inline" on:submit=add.clone()>
                <input aria-label=move || words.w(W::NewRow) placeholder=move || words.w(W::NewRow) bind:value=title />
                <button class="button" type="submit">{move || words.w(W::Add)}</button>
            </form>
        </Show>
    }
}
