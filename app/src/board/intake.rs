//! A table from a file into a ledger: columns are matched, differences shown, chosen ones applied.

use super::ledger::Outline;
use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use crate::office;
use crate::session::Session;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use tongban_shared::edit::{Edit, ItemField, NewItem};
use tongban_shared::id::{BoardId, DocumentId, ItemId};
use tongban_shared::import::Role;
use tongban_shared::office::{Answer, Job, Table};
use tongban_shared::rank;
use tongban_shared::template;
use tongban_shared::views::{Found, IntakeRow, Key, Mapping, compare, head_of, mapping_of};

/// Lines of differences that are drawn; the rest is counted.
const SHOWN: usize = 200;

/// A table that waits for the person's word.
#[derive(Debug, Clone, PartialEq)]
struct Waiting {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    mapping: Mapping,
}

/// Where a mapping is remembered: by the template, the type and the heads.
fn memory(outline: &Outline, board: &BoardView, heads: &[String]) -> String {
    let template = board.head.with_untracked(|head| head.template.clone());
    format!("mapping {template} {} {}", outline.ledger.kind.id, heads.join("|"))
}

#[component]
pub fn Intake(id: BoardId, board: BoardView, outline: RwSignal<Arc<Outline>>) -> impl IntoView {
    let session = session();
    let words = words();
    let waiting = RwSignal::new(None::<Waiting>);
    let busy = RwSignal::new(false);
    let board = StoredValue::new(board);
    let open = move |event: leptos::ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        input.set_value("");
        busy.set(true);
        spawn_local(async move {
            let read = async {
                let bytes =
                    browser::read_file(&file).await.map_err(|_| words.w(W::FileUnreadable).to_owned())?;
                match office::run(&Job::Tables { name: file.name() }, &bytes).await?.0 {
                    Answer::Tables(tables) => tables
                        .into_iter()
                        .max_by_key(|table| table.rows.len())
                        .ok_or_else(|| words.w(W::FileUnreadable).to_owned()),
                    _ => Err(words.w(W::FileUnreadable).to_owned()),
                }
            };
            match read.await {
                Ok(table) => {
                    waiting.try_set(Some(begin(&outline.get_untracked(), &board.get_value(), table)));
                }
                Err(problem) => session.notice(&problem),
            }
            busy.try_set(false);
        });
    };
    let rows = Memo::new(move |_| {
        let waiting = waiting.get()?;
        outline.with(|outline| {
            session.look(id, |scene| compare(scene, &outline.ledger, &waiting.mapping, &waiting.rows))
        })
    });
    let apply = move |_| {
        let Some(rows) = rows.get_untracked() else { return };
        if let Some(waiting) = waiting.get_untracked() {
            let key = outline.with_untracked(|outline| memory(outline, &board.get_value(), &waiting.heads));
            let keys: Vec<String> = waiting
                .mapping
                .iter()
                .map(|key| key.as_ref().map(|key| format!("{key:?}")).unwrap_or_default())
                .collect();
            browser::remember(&key, &keys.join("|"));
        }
        let count = take_over(session, id, &board.get_value(), &outline.get_untracked(), &rows);
        if let Some(count) = count {
            session.notice(&format!("{} {count}", words.w(W::RowsTaken)));
            waiting.set(None);
        }
    };
    view! {
        <label class="button">{move || words.w(if busy.get() { W::Reading } else { W::FromTable })}
            <input class="hidden" type="file" accept=".xlsx,.csv,.tsv" disabled=move || busy.get() on:change=open data-testid="intake-file" />
        </label>
        <Show when=move || waiting.with(Option::is_some)>
            <section class="intake" aria-label=move || words.w(W::FromTable) data-testid="intake">
                <h2>{move || words.w(W::ColumnsMean)}</h2>
                <div class="inline">
                    {move || waiting.with(|table| table.as_ref().map(|table| {
                        let columns = outline.with_untracked(|outline| outline.all_columns.clone());
                        table.heads.iter().cloned().zip(table.mapping.clone()).enumerate().map(|(place, (head, key))| {
                            let choose = {
                                let columns = columns.clone();
                                move |event: leptos::ev::Event| {
                                    let key = event_target_value(&event).parse::<usize>().ok().and_then(|at| columns.get(at)).map(|column| column.key.clone());
                                    waiting.update(|waiting| {
                                        let Some(waiting) = waiting else { return };
                                        for one in &mut waiting.mapping {
                                            // A column of the ledger is filled once.
                                            if key.is_some() && *one == key {
                                                *one = None;
                                            }
                                        }
                                        waiting.mapping[place] = key;
                                    });
                                }
                            };
                            view! { <label class="field"><span>{head}</span>
                                <select on:change=choose>
                                    <option value="">{words.w(W::LeaveOut)}</option>
                                    {columns.iter().enumerate().map(|(at, column)| view! { <option value=at.to_string() selected=key.as_ref() == Some(&column.key)>{column.name.clone()}</option> }).collect_view()}
                                </select></label> }
                        }).collect_view()
                    }))}
                </div>
                <Differences rows />
                <p class="inline">
                    <button type="button" class="button button--main" on:click=apply data-testid="intake-apply">{move || words.w(W::TakeOver)}</button>
                    <button type="button" class="button" on:click=move |_| waiting.set(None)>{move || words.w(W::LeaveIt)}</button>
                </p>
            </section>
        </Show>
    }
}

/// The table with its columns matched: as remembered, else by their names.
fn begin(outline: &Outline, board: &BoardView, table: Table) -> Waiting {
    let mut ledger = outline.ledger.clone();
    ledger.columns.clone_from(&outline.all_columns);
    let head = head_of(&ledger, &table.rows);
    let mut rows = table.rows;
    let heads = rows.get(head).cloned().unwrap_or_default();
    rows.drain(..(head + 1).min(rows.len()));
    let guessed = mapping_of(&ledger, &heads);
    let remembered = browser::remembered(&memory(outline, board, &heads)).map(|words| {
        let key = |word: &str| {
            ledger.columns.iter().map(|column| &column.key).find(|key| format!("{key:?}") == word).cloned()
        };
        words.split('|').map(key).collect::<Mapping>()
    });
    let mapping = remembered.filter(|mapping| mapping.len() == heads.len()).unwrap_or(guessed);
    Waiting { heads, rows, mapping }
}

#[component]
fn Differences(rows: Memo<Option<Vec<IntakeRow>>>) -> impl IntoView {
    let words = words();
    let counts = Memo::new(move |_| {
        let mut counts = [0_usize; 4];
        for row in rows.get().iter().flatten() {
            counts[match row.found {
                Found::Same => 0,
                Found::Changed { .. } => 1,
                Found::New { .. } => 2,
                Found::Problem(_) => 3,
            }] += 1;
        }
        counts
    });
    let line = move |row: IntakeRow| {
        let told = match row.found {
            Found::Same => return None,
            Found::Changed { cells, .. } => {
                let cells =
                    cells.into_iter().map(|(name, before, after)| format!("{name}：{before} → {after}"));
                (W::RowChanged, cells.collect::<Vec<_>>().join("；"))
            }
            Found::New { .. } => (W::RowNew, String::new()),
            Found::Problem(problems) => (W::RowProblem, problems.join("；")),
        };
        Some(
            view! { <li><span class="tag">{words.w(told.0)}</span>" "<b>{row.title}</b>" "<span class="dim">{told.1}</span></li> },
        )
    };
    view! {
        <p class="tabular" role="status">{move || {
            let [same, changed, new, problem] = counts.get();
            format!("{} {same} · {} {changed} · {} {new} · {} {problem}", words.w(W::RowSame), words.w(W::RowChanged), words.w(W::RowNew), words.w(W::RowProblem))
        }}</p>
        <ul class="lines">{move || rows.get().unwrap_or_default().into_iter().filter_map(line).take(SHOWN).collect_view()}</ul>
    }
}

/// Changes of known rows in one step, then new rows; gives how many rows were taken over.
fn take_over(
    session: Session,
    id: BoardId,
    board: &BoardView,
    outline: &Outline,
    rows: &[IntakeRow],
) -> Option<usize> {
    let mut edits = Vec::new();
    let mut count = 0;
    for row in rows {
        if let Found::Changed { edits: changes, .. } = &row.found {
            edits.extend(changes.iter().cloned());
            count += 1;
        }
    }
    let order = board.order.get_untracked();
    let section = order.first().map(|(section, ..)| *section);
    let ranks = order.iter().flat_map(|(_, _, items)| items).filter_map(|(item, _)| board.item(*item));
    let mut last =
        ranks.map(|item| item.with_untracked(|view| view.item.rank.clone())).max().unwrap_or_default();
    let kind = outline.ledger.kind;
    for row in rows {
        let Found::New { cells } = &row.found else { continue };
        let item = ItemId::from_bytes(browser::fresh_id());
        let word = |key: &Key| {
            cells.iter().find(|(one, _)| one == key).map(|(_, words)| words.clone()).unwrap_or_default()
        };
        last = rank::between(&last, "");
        let new = NewItem {
            kind: if kind.id == template::LINE_ID { String::new() } else { kind.id.clone() },
            number: word(&Key::Number),
            title: row.title.clone(),
            section,
            rank: last.clone(),
            deadline: word(&Key::Deadline),
            ..NewItem::default()
        };
        edits.push(Edit::AddItem { id: item, item: Box::new(new) });
        let unit = word(&Key::Unit).parse().ok();
        if let Some(unit) = unit {
            let (role, raw) = (Role::Responsible, String::new());
            edits.push(Edit::Assign { item, unit, role, open_ended: false, raw });
        }
        for (key, value) in cells {
            match (key, unit) {
                (Key::Field(field), _) => {
                    let field = ItemField::Custom(field.clone());
                    edits.push(Edit::SetItemField { id: item, field, value: value.clone() });
                }
                (Key::Own(field), Some(unit)) => {
                    edits.push(Edit::SetLedger { item, unit, field: *field, value: value.clone() });
                }
                _ => {}
            }
        }
        count += 1;
    }
    // All or nothing: what cannot be taken over stays in sight.
    (edits.is_empty() || session.edit_all(DocumentId::board(id), &edits)).then_some(count)
}
