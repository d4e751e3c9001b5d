//! 作战图: the matrix of a board, one light a cell; only the rows that are seen are drawn.

use super::files;
use crate::app::session;
use crate::board::shows;
use crate::lang::{W, words};
use crate::pages::Filter;
use crate::parts::{Choose, Seen, kept, light_class};
use crate::view::BoardView;
use leptos::prelude::*;
use std::sync::Arc;
use tongban_shared::id::BoardId;
use tongban_shared::views::{self, Light, MatrixCell, MatrixRow};

/// Height of a row in CSS pixels.
const ROW: f64 = 34.0;

/// A matrix with the counts of its columns and of all.
#[derive(Debug, Clone, PartialEq)]
struct Counted {
    matrix: views::Matrix,
    columns: Vec<(usize, usize)>,
    whole: (usize, usize),
}

#[component]
pub fn Matrix(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let session = session();
    let words = words();
    let chosen = RwSignal::new(String::new());
    let kinds = {
        let revision = board.revision.clone();
        Memo::new(move |_| {
            revision.track();
            session.look(id, |scene| views::Matrix::kinds(scene, words.lang())).unwrap_or_default()
        })
    };
    // By what it is, not by its place: kinds come and go with what the board holds.
    let value = |across: &views::Across| format!("{across:?}");
    let across = Memo::new(move |_| {
        let wanted = chosen.get();
        kinds.with(|kinds| kinds.iter().find(|kind| value(&kind.0) == wanted).or(kinds.first()).cloned())
    });
    let options = Signal::derive(move || {
        kinds.with(|kinds| kinds.iter().map(|kind| (value(&kind.0), kind.1.clone())).collect::<Vec<_>>())
    });
    let shown =
        Signal::derive(move || across.with(|one| one.as_ref().map(|one| value(&one.0)).unwrap_or_default()));
    let label = Signal::derive(move || words.w(W::MatrixAcross).to_owned());
    let made = {
        let board = board.clone();
        move || {
            let (across, _) = across.get_untracked()?;
            let (filter, language) = (filter.get_untracked(), words.lang_untracked());
            session.look(id, |scene| {
                let mut matrix = views::Matrix::new(scene, &across, language);
                let mut shows = shows(session, &board, filter);
                matrix.rows.retain(|row| row.item.is_none_or(&mut shows));
                let (columns, whole) = matrix.counts(scene);
                Arc::new(Counted { matrix, columns, whole })
            })
        }
    };
    let asked = move || {
        across.track();
        filter.track();
        words.lang();
    };
    let counted = kept(board.revision.clone(), asked, made);
    let there = Memo::new(move |_| counted.with(Option::is_some));
    let pages = move || {
        let counted = counted.get_untracked()?;
        let name = across.get_untracked().map(|(_, name)| name).unwrap_or_default();
        session.look(id, |scene| views::matrix_pages(scene, &counted.matrix, &name, words.lang_untracked()))
    };
    let save_svg = move |_| {
        for (number, page) in pages().unwrap_or_default().into_iter().enumerate() {
            let ending = format!("{}.svg", number + 1);
            files::give(session, &files::name(session, id, &ending), page.as_bytes());
        }
    };
    let save_png = move |_| files::save_png(session, id, pages().unwrap_or_default());
    let print = move |_| files::print(pages().unwrap_or_default());
    view! {
        <div class="tools" role="group" aria-label=move || words.w(W::MatrixView)>
            <Choose label options chosen=shown on_choose=move |kind| chosen.set(kind) testid="matrix-across" />
            <details class="menu">
                <summary class="button">{move || words.w(W::SaveAs)}</summary>
                <div class="menu__list">
                    <button type="button" class="button button--plain" on:click=print>{move || words.w(W::PrintA3)}</button>
                    <button type="button" class="button button--plain" on:click=save_svg>{move || words.w(W::AsSvg)}</button>
                    <button type="button" class="button button--plain" on:click=save_png>{move || words.w(W::AsPng)}</button>
                </div>
            </details>
            <Legend />
        </div>
        <Show when=move || there.get() fallback=move || view! { <p class="dim">{words.w(W::NoMatrix)}</p> }>
            <Drawn id board=board.clone() counted />
        </Show>
    }
}

/// The meaning of the lights, in words.
#[component]
fn Legend() -> impl IntoView {
    let words = words();
    view! {
        <ul class="legend" aria-label=move || words.w(W::LightWord)>
            {Light::ALL.map(|light| view! { <li class=light_class(light)><span aria-hidden="true">{light.shape()}</span>" "{move || words.w(light.word())}</li> })}
        </ul>
    }
}

#[component]
fn Drawn(id: BoardId, board: BoardView, counted: RwSignal<Option<Arc<Counted>>>) -> impl IntoView {
    let session = session();
    let words = words();
    let seen = Seen::new(ROW);
    let count = Memo::new(move |_| counted.with(|one| one.as_ref().map_or(0, |one| one.matrix.rows.len())));
    let range = Memo::new(move |_| seen.range(count.get()));
    let revision = board.revision.clone();
    let rows = Memo::new(move |_| {
        revision.track();
        let (from, to) = range.get();
        let Some(counted) = counted.get() else { return Vec::new() };
        let rows = counted.matrix.rows.get(from..to.min(counted.matrix.rows.len())).unwrap_or_default();
        session
            .look(id, |scene| {
                let draw = |(place, row): (usize, &MatrixRow)| {
                    (from + place, row.clone(), counted.matrix.cells(scene, row))
                };
                rows.iter().enumerate().map(draw).collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    let heads = Memo::new(move |_| {
        counted.with(|one| {
            one.as_ref().map(|one| {
                one.matrix.columns.iter().cloned().zip(one.columns.iter().copied()).collect::<Vec<_>>()
            })
        })
    });
    #[allow(clippy::cast_precision_loss, reason = "pixels")]
    let tall = move || format!("{}px", ROW * count.get() as f64);
    view! {
        <p class="tabular"><b>{move || counted.with(|one| one.as_ref().map(|one| format!("{}/{}", one.whole.0, one.whole.1)))}</b>" "<span class="dim">{move || words.w(W::Done)}</span></p>
        <div class="matrix" node_ref=seen.element on:scroll=move |_| seen.look() data-testid="matrix">
            <div role="table" class="matrix__table" aria-rowcount=move || count.get().to_string() aria-label=move || words.w(W::MatrixView)
                style:--count=move || heads.with(|heads| heads.as_ref().map_or(0, Vec::len)).to_string()>
                <div role="row" class="matrix__row matrix__head">
                    <div role="columnheader" class="matrix__title"></div>
                    {move || heads.get().unwrap_or_default().into_iter().map(|(name, (done, all))| view! {
                        <div role="columnheader" class="matrix__across" title=name.clone()><span class="matrix__name">{name.clone()}</span><span class="dim tabular">{done}"/"{all}</span></div>
                    }).collect_view()}
                </div>
                <div role="rowgroup" class="matrix__rows" style:block-size=tall>
                    <For each=move || rows.get() key=|row| format!("{row:?}") let:row><DrawnRow index=row.0 row=row.1.clone() cells=row.2.clone() heads /></For>
                </div>
            </div>
        </div>
    }
}

type Heads = Memo<Option<Vec<(String, (usize, usize))>>>;

#[component]
fn DrawnRow(index: usize, row: MatrixRow, cells: Vec<Option<MatrixCell>>, heads: Heads) -> impl IntoView {
    let words = words();
    #[allow(clippy::cast_precision_loss, reason = "pixels")]
    let place = format!("translateY({}px)", ROW * index as f64);
    let title = format!("{} {}", row.number, row.title).trim().to_owned();
    let name = title.clone();
    let cell = move |(place, cell): (usize, Option<MatrixCell>)| {
        let Some(cell) = cell else {
            return view! { <div role="cell" class="matrix__cell"></div> }.into_any();
        };
        let column = heads.with_untracked(|heads| {
            heads.as_ref().and_then(|heads| heads.get(place)).map(|head| head.0.clone())
        });
        // Plain anchors: a link component for each of hundreds of cells costs a slow scroll.
        let label = format!("{name} · {}：{}", column.unwrap_or_default(), words.w(cell.light.word()));
        let counts = (cell.all > 1).then(|| format!(" {}/{}", cell.done, cell.all));
        view! {
            <div role="cell" class="matrix__cell"><a href=format!("?item={}", cell.item) data-noscroll="true" class=light_class(cell.light) aria-label=label.clone() title=label>{cell.light.shape()}{counts}</a></div>
        }
        .into_any()
    };
    let head = match row.item {
        Some(item) => view! { <a href=format!("?item={item}") data-noscroll="true">{title}</a> }.into_any(),
        None => title.into_any(),
    };
    view! {
        <div role="row" class="matrix__row" style:transform=place aria-rowindex=(index + 1).to_string()>
            <div role="rowheader" class="matrix__title">{head}</div>
            {cells.into_iter().enumerate().map(cell).collect_view()}
        </div>
    }
}
