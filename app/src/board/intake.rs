//! A table from a file into a ledger: columns are matched, differences shown, chosen ones applied.

use super::ledger::Outline;
use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use crate::office;
use crate::parts::{bytes_of, chosen_file, take_drops};
use crate::session::Session;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;
use std::sync::Arc;
use tongban_shared::edit::{Edit, ItemField, NewItem};
use tongban_shared::id::{BoardId, DocumentId, ItemId};
use tongban_shared::import::Role;
use tongban_shared::office::{Answer, Job, Table, Told, told_lines};
use tongban_shared::rank;
use tongban_shared::template;
use tongban_shared::text::folded_text;
use tongban_shared::views::{Found, IntakeRow, Key, Mapping, Part, compare, counts, part_of};

/// Lines of differences that are drawn; the rest is counted.
const SHOWN: usize = 200;

/// The sheets of a file that wait for the person's word.
#[derive(Debug, Clone, PartialEq)]
struct Waiting {
    parts: Vec<Part>,
    /// The rest of the file, each kind with its number.
    told: Told,
}

impl Waiting {
    /// Heads that differ, each once: sheets with the same heads have one mapping.
    fn heads(&self) -> Vec<(Vec<String>, Mapping)> {
        let mut all: Vec<(Vec<String>, Mapping)> = Vec::new();
        for part in &self.parts {
            if !all.iter().any(|(heads, _)| *heads == part.heads) {
                all.push((part.heads.clone(), part.mapping.clone()));
            }
        }
        all
    }
}

/// The key under which a mapping is remembered: the template, the type and the heads.
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
    let take = move |file: web_sys::File| {
        let lang = words.lang_untracked();
        busy.set(true);
        spawn_local(async move {
            let read = async {
                let bytes = bytes_of(&file).await.map_err(|why| why.text(lang).to_owned())?;
                match office::run(&Job::Tables { name: file.name() }, &bytes).await?.0 {
                    Answer::Tables(tables) if !tables.is_empty() => Ok(tables),
                    _ => Err(W::FileUnreadable.text(lang).to_owned()),
                }
            };
            let read = read.await;
            // The person may have left the ledger.
            if waiting.is_disposed() {
                return;
            }
            match read {
                Ok(tables) => {
                    waiting.set(Some(begin(&outline.get_untracked(), &board.get_value(), tables)));
                }
                Err(problem) => session.notice(&problem),
            }
            busy.set(false);
        });
    };
    take_drops(session, words, take);
    let open = move |event: leptos::ev::Event| {
        if let Some(file) = chosen_file(&event) {
            take(file);
        }
    };
    let rows = Memo::new(move |_| {
        let waiting = waiting.get()?;
        outline.with(|outline| {
            let mut ledger = outline.ledger.clone();
            ledger.columns.clone_from(&outline.all_columns);
            session.look(id, |scene| compare(scene, &ledger, &waiting.parts))
        })
    });
    let apply = move |_| {
        let Some(rows) = rows.get_untracked() else { return };
        if let Some(waiting) = waiting.get_untracked() {
            for (heads, mapping) in waiting.heads() {
                let key = outline.with_untracked(|outline| memory(outline, &board.get_value(), &heads));
                let keys: Vec<String> = mapping
                    .iter()
                    .map(|key| key.as_ref().map(|key| format!("{key:?}")).unwrap_or_default())
                    .collect();
                browser::remember(&key, &keys.join("|"));
            }
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
                <Heads waiting outline />
                <LeftOut waiting rows />
                <Differences rows />
                <p class="inline">
                    <button type="button" class="button button--main" on:click=apply data-testid="intake-apply">{move || words.w(W::TakeOver)}</button>
                    <button type="button" class="button" on:click=move |_| waiting.set(None)>{move || words.w(W::LeaveIt)}</button>
                </p>
            </section>
        </Show>
    }
}

/// Columns of the file, each with the column of the ledger that it means.
#[component]
fn Heads(waiting: RwSignal<Option<Waiting>>, outline: RwSignal<Arc<Outline>>) -> impl IntoView {
    let words = words();
    let choose = move |heads: &[String], place: usize, key: Option<Key>| {
        waiting.update(|waiting| {
            for part in waiting.iter_mut().flat_map(|waiting| &mut waiting.parts) {
                if part.heads != heads {
                    continue;
                }
                for one in &mut part.mapping {
                    // A column of the ledger is filled once.
                    if key.is_some() && *one == key {
                        *one = None;
                    }
                }
                part.mapping[place].clone_from(&key);
            }
        });
    };
    let field = move |heads: Vec<String>, place: usize, key: Option<Key>| {
        let columns = outline.with_untracked(|outline| outline.all_columns.clone());
        let head = heads[place].clone();
        let keys: Vec<Key> = columns.iter().map(|column| column.key.clone()).collect();
        let change = move |event: leptos::ev::Event| {
            let at = event_target_value(&event).parse::<usize>().ok();
            choose(&heads, place, at.and_then(|at| keys.get(at)).cloned());
        };
        view! { <label class="field"><span>{head}</span>
        <select on:change=change>
            <option value="">{words.w(W::LeaveOut)}</option>
            {columns.iter().enumerate().map(|(at, column)| view! {
                <option value=at.to_string() selected=key.as_ref() == Some(&column.key)>
                {column.name.clone()}</option> }).collect_view()}
        </select></label> }
    };
    view! {
        {move || waiting.get().map(|waiting| waiting.heads()).unwrap_or_default().into_iter().map(|(heads, mapping)| {
            let fields = mapping.into_iter().enumerate().filter(|(place, _)| !heads[*place].is_empty());
            let fields = fields.map(|(place, key)| field(heads.clone(), place, key)).collect_view();
            view! { <div class="inline">{fields}</div> }
        }).collect_view()}
    }
}

/// The parts of the file that the comparison does not take, each kind with its number.
#[component]
fn LeftOut(waiting: RwSignal<Option<Waiting>>, rows: Memo<Option<Vec<IntakeRow>>>) -> impl IntoView {
    let words = words();
    let lines = move || {
        let Some(waiting) = waiting.get() else { return Vec::new() };
        let mut lines = Vec::new();
        if waiting.parts.len() > 1 {
            let named = waiting.parts.iter().map(|part| format!("{} {}", part.name, part.rows.len()));
            let named = named.collect::<Vec<_>>().join("、");
            lines.push(format!("{} {}：{named}", words.w(W::SheetsRead), waiting.parts.len()));
        }
        let mut columns: Vec<String> = Vec::new();
        for head in waiting.parts.iter().flat_map(Part::left_columns) {
            if !columns.contains(&head) {
                columns.push(head);
            }
        }
        if !columns.is_empty() {
            lines.push(format!("{} {}：{}", words.w(W::ColumnsLeft), columns.len(), columns.join("、")));
        }
        let computed = rows.with(|rows| rows.iter().flatten().map(|row| row.computed.len()).sum::<usize>());
        if computed > 0 {
            lines.push(format!("{} {computed}", words.w(W::CellsComputed)));
        }
        lines.extend(told_lines(&waiting.told, words.lang()));
        lines
    };
    view! {
        <ul class="lines" data-testid="intake-left">
            {move || lines().into_iter().map(|line| view! { <li class="dim">{line}</li> }).collect_view()}
        </ul>
    }
}

/// The sheets with their columns matched: as remembered, else by their names.
fn begin(outline: &Outline, board: &BoardView, tables: Vec<Table>) -> Waiting {
    let mut ledger = outline.ledger.clone();
    ledger.columns.clone_from(&outline.all_columns);
    let mut told = Told::new();
    let mut parts = Vec::new();
    for table in tables {
        for (aside, count) in &table.told {
            *told.entry(*aside).or_default() += count;
        }
        let mut part = part_of(&ledger, table);
        let remembered = browser::remembered(&memory(outline, board, &part.heads)).map(|words| {
            let key = |word: &str| {
                ledger
                    .columns
                    .iter()
                    .map(|column| &column.key)
                    .find(|key| format!("{key:?}") == word)
                    .cloned()
            };
            words.split('|').map(key).collect::<Mapping>()
        });
        if let Some(mapping) = remembered.filter(|mapping| mapping.len() == part.heads.len()) {
            part.mapping = mapping;
        }
        parts.push(part);
    }
    Waiting { parts, told }
}

#[component]
fn Differences(rows: Memo<Option<Vec<IntakeRow>>>) -> impl IntoView {
    let words = words();
    let most = RwSignal::new(SHOWN);
    // Those that change something first, in the order of the file.
    let listed = Memo::new(move |_| {
        let mut all = rows.get().unwrap_or_default();
        all.retain(|row| row.found != Found::Same || !row.computed.is_empty());
        all.sort_by_key(|row| matches!(row.found.place(), 4..=7 | 0));
        all
    });
    let line = move |row: IntakeRow| {
        let word = words.w(Found::WORDS[row.found.place()]);
        let place = format!("{} {}", row.place.0, row.place.1);
        let mut cells: Vec<(String, String)> = match row.found {
            Found::Changed { cells, .. } => {
                let told = |before: &str, after: &str| format!("{before} → {after}");
                cells.into_iter().map(|(name, before, after)| (name, told(&before, &after))).collect()
            }
            Found::New { cells } => cells.into_iter().map(|cell| (cell.name, cell.shown)).collect(),
            Found::Problem(problems) => {
                problems.into_iter().map(|problem| (String::new(), problem)).collect()
            }
            _ => Vec::new(),
        };
        for (name, here, there) in row.computed {
            cells.push((name, format!("{here} ≠ {there}（{}）", words.w(W::LeaveOut))));
        }
        let cells = cells
            .into_iter()
            .map(|(name, told)| if name.is_empty() { told } else { format!("{name}：{told}") });
        let told = cells.collect::<Vec<_>>().join("；");
        view! { <li><span class="tag">{word}</span>" "<b>{row.title}</b>" "<span class="dim">
        {told}</span>" "<span class="dim tabular">{place}</span></li> }
    };
    let sum = move || {
        let found = rows.with(|rows| counts(rows.as_deref().unwrap_or_default()));
        let told = found
            .iter()
            .zip(Found::WORDS)
            .enumerate()
            .filter(|(place, (count, _))| *place < 4 || **count > 0);
        let told: Vec<String> = told.map(|(_, (count, word))| format!("{} {count}", words.w(word))).collect();
        format!("{} {}：{}", words.w(W::RowsHeld), found.iter().sum::<usize>(), told.join(" · "))
    };
    view! {
        <p class="tabular" role="status" data-testid="intake-counts">{sum}</p>
        <ul class="lines">{move || listed.with(|all| all.iter().take(most.get()).cloned().map(line).collect_view())}</ul>
        <Show when=move || { listed.with(Vec::len) > most.get() }>
            <p class="inline">
                <button type="button" class="button" on:click=move |_| most.update(|most| *most += SHOWN)>
                    {move || words.w(W::ShowMoreRows)}</button>
                <span class="dim tabular">{move || listed.with(Vec::len).saturating_sub(most.get())}</span>
            </p>
        </Show>
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
    let kind = &outline.ledger.kind;
    let mut made: BTreeMap<String, ItemId> = BTreeMap::new();
    for row in rows {
        let Found::New { cells } = &row.found else { continue };
        let word = |key: &Key| {
            cells.iter().find(|cell| cell.key == *key).map(|cell| cell.stored.clone()).unwrap_or_default()
        };
        // Rows of one title with several units are one item with several parts.
        let known = made.get(&folded_text(&row.title)).copied().filter(|_| kind.parts);
        let item = known.unwrap_or_else(|| ItemId::from_bytes(browser::fresh_id()));
        if known.is_none() {
            made.insert(folded_text(&row.title), item);
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
        }
        let unit = word(&Key::Unit).parse().ok();
        if let Some(unit) = unit {
            let (role, raw) = (Role::Responsible, String::new());
            edits.push(Edit::Assign { item, unit, role, open_ended: false, raw });
        }
        for cell in cells {
            let value = cell.stored.clone();
            match (&cell.key, unit) {
                (Key::Field(field), _) => {
                    edits.push(Edit::SetItemField {
                        id: item,
                        field: ItemField::Custom(field.clone()),
                        value,
                    });
                }
                (Key::Own(field), Some(unit)) => {
                    edits.push(Edit::SetLedger { item, unit, field: *field, value });
                }
                _ => {}
            }
        }
        count += 1;
    }
    // All or nothing: what cannot be taken over stays in sight.
    (edits.is_empty() || session.edit_all(DocumentId::board(id), &edits)).then_some(count)
}
