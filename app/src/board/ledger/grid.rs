//! The cells: only those that are seen are drawn. One text box stands over the cell at work, so
//! that every input method, the clipboard and screen readers meet an ordinary text box.

use super::hand::Hand;
use super::landing::Landing;
use super::outline::{Line, Outline, Want};
use crate::app::session;
use crate::lang::{W, words};
use crate::parts::{Seen, light_class};
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::sync::Arc;
use tongban_shared::id::{BoardId, ItemId};
use tongban_shared::publication::number_words;
use tongban_shared::template::{FieldKind, money_words};
use tongban_shared::views::{Cell, Column, Key, Selection, Sum};

/// Height of a line in CSS pixels.
pub(super) const LINE: f64 = 34.0;

/// A line as it is drawn.
#[derive(Debug, Clone, PartialEq)]
struct Drawn {
    index: usize,
    line: Line,
    cells: Vec<Cell>,
}

impl Drawn {
    /// Everything that is drawn: a line that says something else is drawn anew.
    fn key(&self) -> String {
        let mut key = format!("{} {:?}", self.index, self.line);
        for cell in &self.cells {
            key.push('\u{1}');
            key.push_str(&cell.shown);
        }
        key
    }
}

thread_local! {
    /// Whether the screen is a phone's: what stays in sight must leave room for the rest.
    static NARROW: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

fn look_at_screen() {
    NARROW.set(crate::browser::is_phone());
}

pub(super) fn width(column: &Column) -> f64 {
    match (&column.key, column.kind) {
        (Key::Number, _) if NARROW.get() => 66.0,
        (Key::Title, _) if NARROW.get() => 132.0,
        (Key::Number, _) => 64.0,
        (Key::Title, _) => 260.0,
        (Key::Role | Key::Closed | Key::Light | Key::State, _) => 92.0,
        (_, FieldKind::LongText) => 220.0,
        (_, FieldKind::Number | FieldKind::Percent | FieldKind::YesNo) => 96.0,
        (_, FieldKind::Date | FieldKind::Money) => 112.0,
        _ => 140.0,
    }
}

const fn is_number(column: &Column) -> bool {
    matches!(column.kind, FieldKind::Number | FieldKind::Money | FieldKind::Percent)
}

/// Columns that stay in sight: up to the title.
pub(super) fn frozen(columns: &[Column]) -> usize {
    columns.iter().position(|column| column.key == Key::Title).map_or(0, |place| place + 1)
}

pub(super) fn left_of(columns: &[Column], place: usize) -> f64 {
    columns[..place.min(columns.len())].iter().map(width).sum()
}

#[component]
pub fn Grid(
    id: BoardId,
    board: BoardView,
    outline: RwSignal<Arc<Outline>>,
    want: RwSignal<Want>,
) -> impl IntoView {
    let session = session();
    let words = words();
    look_at_screen();
    let seen = Seen::new(LINE);
    let opened = RwSignal::new(None::<ItemId>);
    let hand = Hand::new((session, words), id, &board, outline, seen, opened);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(item) = opened.get() {
            let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
            navigate(&format!("?item={item}"), options);
            opened.set(None);
        }
    });
    let columns = Memo::new(move |_| outline.with(|outline| outline.ledger.columns.clone()));
    let template = Memo::new(move |_| {
        columns
            .with(|columns| columns.iter().map(|column| format!("{}px ", width(column))).collect::<String>())
    });
    let count = Memo::new(move |_| outline.with(|outline| outline.lines.len()));
    let range = Memo::new(move |_| seen.range(count.get()));
    let revision = board.revision.clone();
    let drawn = Memo::new(move |_| {
        revision.track();
        let (from, to) = range.get();
        let outline = outline.get();
        let cells = |line: &Line| match line {
            Line::Row(row) => hand.cells(&outline, *row),
            Line::Group { .. } => Vec::new(),
        };
        let lines = outline.lines.get(from..to.min(outline.lines.len())).unwrap_or_default();
        let draw = |(place, line): (usize, &Line)| Drawn {
            index: from + place,
            line: line.clone(),
            cells: cells(line),
        };
        lines.iter().enumerate().map(draw).collect::<Vec<_>>()
    });
    let options = Memo::new(move |_| {
        let writing = hand.writing.get()?;
        let choices = hand.choices(&writing.column);
        let wanted = writing.words.trim();
        let known = choices.iter().any(|name| name == wanted);
        let near = choices.into_iter().filter(|name| known || name.contains(wanted));
        Some(near.take(12).collect::<Vec<_>>())
    });
    let place = move || {
        let (line, column) = hand.chosen.get().at;
        #[allow(clippy::cast_precision_loss, reason = "pixels")]
        let top = LINE * (line as f64 + 1.0);
        columns.with(|columns| {
            let stays = if column < frozen(columns) { seen.left.get() } else { 0.0 };
            let left = left_of(columns, column) + stays;
            let wide = columns.get(column).map_or(0.0, width);
            (format!("{top}px"), format!("{left}px"), format!("{wide}px"))
        })
    };
    let foot = Memo::new(move |_| outline.with(|outline| outline.sums.clone()));
    #[allow(clippy::cast_precision_loss, reason = "pixels")]
    let tall = move || format!("{}px", LINE * count.get() as f64);
    let busy = move || hand.writing.with(Option::is_some);
    view! {
        <Landing hand />
        <Show when=move || count.get() == 0><p class="dim">{move || words.w(W::NoRows)}</p></Show>
        <div class="sheet" class:sheet--none=move || count.get() == 0 node_ref=seen.element on:scroll=move |_| seen.look()
            on:pointerdown=move |event| hand.press(&event) on:pointermove=move |event| hand.over(&event)
            on:pointerup=move |_| hand.release() on:dblclick=move |event| hand.twice(&event) data-testid="sheet">
            <div role="grid" class="sheet__grid" aria-rowcount=move || count.get().to_string()
                aria-label=move || words.w(W::LedgerView) style:--columns=move || template.get()>
                <div role="row" class="sheet__row sheet__head">
                    <For each=move || columns.get().into_iter().enumerate() key=|column| column.clone() let:column>
                        <Head place=column.0 column=column.1 columns want />
                    </For>
                </div>
                <div role="rowgroup" class="sheet__rows" style:block-size=tall>
                    <For each=move || drawn.get() key=Drawn::key let:drawn>
                        <DrawnLine drawn columns chosen=hand.chosen />
                    </For>
                </div>
                <Show when=move || foot.with(|sums| sums.iter().any(Option::is_some))>
                    <div role="row" class="sheet__row sheet__foot">
                        {move || columns.get().iter().zip(foot.get()).enumerate().map(|(place, (column, sum))| {
                            let (stays, left) = stays(&columns.get_untracked(), place);
                            let shown = match sum {
                                Some(sum) => sum_words(column, sum),
                                None if place == 0 => words.w(W::SumWord).to_owned(),
                                None => String::new(),
                            };
                            view! { <div role="gridcell" class="sheet__cell" class:sheet__cell--stays=stays class:sheet__cell--number=is_number(column) style:inset-inline-start=left>{shown}</div> }
                        }).collect_view()}
                    </div>
                </Show>
            </div>
            <textarea class="sheet__editor" class:sheet__editor--open=busy node_ref=hand.editor rows="1" style:inset-block-start=move || place().0 style:inset-inline-start=move || place().1 style:inline-size=move || place().2
                data-testid="cell-editor" autocomplete="off" spellcheck="false"
                aria-label=move || hand.label().unwrap_or_else(|| words.w(W::LedgerView).to_owned())
                prop:value=move || hand.writing.with(|writing| writing.as_ref().map(|one| one.words.clone()).unwrap_or_default())
                on:input=move |event| hand.typed(event_target_value(&event))
                on:compositionstart=move |_| hand.compose()
                on:keydown=move |event| hand.key(&event)
                on:blur=move |_| hand.finish()
                on:copy=move |event| hand.copy(&event, false)
                on:cut=move |event| hand.copy(&event, true)
                on:paste=move |event| hand.paste(&event)
            ></textarea>
            <Show when=move || options.with(|options| options.as_ref().is_some_and(|options| !options.is_empty()))>
                <ul class="sheet__options" style:inset-block-start=move || place().0 style:inset-inline-start=move || place().1>
                    <For each=move || options.get().unwrap_or_default() key=|name| name.clone() let:name>
                        {
                            let shown = name.clone();
                            view! { <li><button type="button" tabindex="-1" on:pointerdown=move |event| {
                                // Before the text box loses the focus.
                                event.prevent_default();
                                event.stop_propagation();
                                hand.typed(name.clone());
                                hand.finish();
                            }>{shown}</button></li> }
                        }
                    </For>
                </ul>
            </Show>
        </div>
        <p class="dim sheet__hint">{move || words.w(W::SheetHint)}</p>
    }
}

fn sum_words(column: &Column, sum: Sum) -> String {
    if column.kind == FieldKind::Money { money_words(sum.sum) } else { number_words(sum.sum) }
}

/// Whether a cell's column stays in sight, and the style that keeps it there.
fn stays(columns: &[Column], place: usize) -> (bool, String) {
    if place < frozen(columns) {
        (true, format!("{}px", left_of(columns, place)))
    } else {
        (false, String::new())
    }
}

/// The head of a column; a click sorts by it, up, down and not.
#[component]
fn Head(place: usize, column: Column, columns: Memo<Vec<Column>>, want: RwSignal<Want>) -> impl IntoView {
    let key = StoredValue::new(column.key);
    let sorted = move || {
        want.with(|want| {
            want.sort.as_ref().filter(|(one, _)| key.with_value(|key| key == one)).map(|(_, down)| *down)
        })
    };
    let arrow = move || sorted().map_or("", |down| if down { " ▼" } else { " ▲" });
    let state = move || sorted().map_or("none", |down| if down { "descending" } else { "ascending" });
    let sort = move |_| {
        want.update(|want| {
            let key = key.get_value();
            want.sort = match &want.sort {
                Some((one, false)) if *one == key => Some((key, true)),
                Some((one, true)) if *one == key => None,
                _ => Some((key, false)),
            };
        });
    };
    let (stays, left) = stays(&columns.get_untracked(), place);
    view! {
        <div role="columnheader" class="sheet__cell" class:sheet__cell--stays=stays style:inset-inline-start=left aria-sort=state>
            <button type="button" class="sheet__sort" on:click=sort>{column.name}{arrow}</button>
        </div>
    }
}

#[component]
fn DrawnLine(drawn: Drawn, columns: Memo<Vec<Column>>, chosen: RwSignal<Selection>) -> impl IntoView {
    let words = words();
    let index = drawn.index;
    #[allow(clippy::cast_precision_loss, reason = "pixels")]
    let place = format!("translateY({}px)", LINE * index as f64);
    let all = columns.get_untracked();
    match drawn.line {
        Line::Row(_) => {
            let cell = |(column, cell): (usize, Cell)| {
                let at = (index, column);
                let number = all.get(column).is_some_and(is_number);
                let (stays, left) = stays(&all, column);
                let light = cell.light.map(|light| {
                    view! { <span class=light_class(light) aria-hidden="true">{light.shape()}" "</span> }
                });
                view! {
                    <div role="gridcell" class="sheet__cell" class:sheet__cell--stays=stays class:sheet__cell--number=number
                        class:sheet__cell--chosen=move || chosen.with(|chosen| chosen.holds(at))
                        aria-selected=move || chosen.with(|chosen| chosen.holds(at)).to_string()
                        style:inset-inline-start=left data-cell=format!("{index} {column}") title=cell.shown.clone()>{light}{cell.shown.clone()}</div>
                }
            };
            let cells = drawn.cells.into_iter().enumerate().map(cell).collect_view();
            view! { <div role="row" class="sheet__row" style:transform=place aria-rowindex=(index + 1).to_string()>{cells}</div> }
            .into_any()
        }
        Line::Group { name, count, sums } => {
            let sum = |(column, sum): (&Column, Option<Sum>)| {
                Some(format!("{} {}", column.name, sum_words(column, sum?)))
            };
            let told: Vec<String> = all.iter().zip(sums).filter_map(sum).collect();
            let name = if name.is_empty() { words.w(W::NotFilled).to_owned() } else { name };
            view! {
                <div role="row" class="sheet__row sheet__group" style:transform=place><div role="gridcell" class="sheet__name"><b>{name}</b>" "<span class="count">{count}</span>" "<span class="dim tabular">{told.join(" · ")}</span></div></div>
            }
            .into_any()
        }
    }
}
