//! 导入: the source left, what was read right; doubtful places first; accept.

use super::compare::Compare;
use crate::app::session;
use crate::lang::{W, Words, words};
use crate::office;
use crate::parts::{bytes_of, chosen_file, take_drops};
use crate::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tongban_shared::access::Action;
use tongban_shared::adopt::{adopt, board_id};
use tongban_shared::edit::{BoardField, Edit};
use tongban_shared::id::BoardId;
use tongban_shared::import::{self, DoubtKind, Draft, DraftBoard, DraftDocument, DraftItem, Span};
use tongban_shared::model::Space;
use tongban_shared::office::{Answer, Job, Told, told_lines};
use tongban_shared::template;
use tongban_shared::text::folded_text;

#[component]
pub fn ImportPage() -> impl IntoView {
    let session = session();
    let words = words();
    let text = RwSignal::new(String::new());
    let draft = RwSignal::new(Arc::new(Draft::default()));
    let error = RwSignal::new(None::<String>);
    let lit = RwSignal::new(None::<Span>);
    let mends = RwSignal::new(BTreeMap::<String, String>::new());
    let done = RwSignal::new(Vec::<(BoardId, bool)>::new());
    let ways = RwSignal::new(BTreeMap::<usize, Way>::new());
    let read = move |source: &str| match import::read(source) {
        Ok(found) => {
            draft.set(Arc::new(found));
            error.set(None);
            done.set(Vec::new());
            mends.set(BTreeMap::new());
            ways.set(untrack(|| ways_of(session, &draft.get())));
        }
        Err(reason) => {
            draft.set(Arc::default());
            error.set(Some(reason.to_string()));
        }
    };
    let told = RwSignal::new(Told::new());
    let take = move |file: web_sys::File| {
        let lang = words.lang_untracked();
        error.set(Some(W::Reading.text(lang).to_owned()));
        told.set(Told::new());
        spawn_local(async move {
            let found = async {
                let bytes = bytes_of(&file).await.map_err(|why| why.text(lang).to_owned())?;
                match office::run(&Job::Text { name: file.name() }, &bytes).await?.0 {
                    Answer::Text(found) => Ok(found),
                    _ => Err(W::FileUnreadable.text(lang).to_owned()),
                }
            };
            let found = found.await;
            // The person may have left the page.
            if text.is_disposed() {
                return;
            }
            match found {
                Ok(found) => {
                    told.set(found.told);
                    text.set(found.words);
                    text.with_untracked(|text| read(text));
                }
                Err(problem) => error.set(Some(problem)),
            }
        });
    };
    take_drops(session, words, take);
    let open = move |event: leptos::ev::Event| {
        if let Some(file) = chosen_file(&event) {
            take(file);
        }
    };
    let beside = move || {
        let lines = told.with(|told| told_lines(told, words.lang()));
        (!lines.is_empty()).then(|| format!("{}：{}", words.w(W::ReadBeside), lines.join("；")))
    };
    let accept = move |_| {
        let (Some(space), found) =
            (session.space_id(), mended(&draft.get_untracked(), &mends.get_untracked()))
        else {
            return;
        };
        let mut results = Vec::new();
        let ways = ways.get_untracked();
        for (place, (document, board)) in boards(&found).enumerate() {
            let way = ways.get(&place).cloned().unwrap_or_default();
            if way.beside.is_some() {
                continue;
            }
            match adopt(space, &session.view.space.get_untracked(), document, board) {
                Ok(adoption) => {
                    let id = adoption.board;
                    let new = session.adopt(adoption);
                    // Another template is an edit of its own: the board itself has the same bytes on
                    // every device that takes this document in.
                    if let Some(value) = way.template.filter(|to| new && *to != board.template) {
                        session.edit_board(id, Edit::SetBoardField { field: BoardField::Template, value });
                    }
                    results.push((id, new));
                }
                Err(reason) => session.notice(&reason.to_string()),
            }
        }
        done.set(results);
    };
    let may = Memo::new(move |_| session.view.allows(Action::BeginBoard));
    let empty = move || draft.with(|draft| boards(draft).next().is_none());
    view! {
        <h1>{move || words.w(W::Import)}</h1>
        <p class="dim">{move || words.w(W::ImportHint)}</p>
        <div class="import">
            <section class="import__source" aria-label=move || words.w(W::SourceText)>
                <p class="inline">
                    <label class="button">{move || words.w(W::OpenFile)}<input class="hidden" type="file" accept=".txt,.docx,.pdf,.xlsx,.csv" on:change=open data-testid="import-file" /></label>
                    <button type="button" class="button button--main" data-testid="read" on:click=move |_| text.with_untracked(|text| read(text))>{move || words.w(W::ReadText)}</button>
                </p>
                <p class="error" role="alert">{move || error.get()}</p>
                <p class="dim" role="status" data-testid="import-beside">{beside}</p>
                <textarea class="import__text" data-testid="source" aria-label=move || words.w(W::SourceText) rows="16" bind:value=text placeholder=move || words.w(W::PasteHere)></textarea>
                <p class="import__lit" aria-live="polite">{move || lit.get().map(|span| around(&text.get(), span))}</p>
            </section>
            <section class="import__result" aria-label=move || words.w(W::ReadResult)>
                <Show when=move || !empty() fallback=move || view! { <p class="dim">{move || words.w(W::NothingRead)}</p> }>
                    <p class="inline">
                        <button type="button" class="button button--main" data-testid="accept" disabled=move || !may.get() on:click=accept>{move || words.w(W::AcceptAll)}</button>
                        <span class="dim">{move || (!may.get()).then(|| words.w(W::OfficeOnly))}</span>
                    </p>
                    <ul class="lines" role="status">
                        <For each=move || done.get() key=|one| *one let:one>
                            <li><A href=format!("/b/{}", one.0)>{move || session.view.board(one.0).map(|board| board.head.with(|head| head.title.clone()))}</A>" "{move || words.w(if one.1 { W::BoardMade } else { W::BoardKnown })}</li>
                        </For>
                    </ul>
                    {move || view! { <Result draft=draft.get() lit mends ways /> }}
                </Show>
            </section>
        </div>
    }
}

fn boards(draft: &Draft) -> impl Iterator<Item = (&DraftDocument, &DraftBoard)> {
    draft.documents.iter().flat_map(|document| document.boards.iter().map(move |board| (document, board)))
}

/// What becomes of a draft board.
#[derive(Debug, Clone, PartialEq, Default)]
struct Way {
    /// Compared with this board instead of making a new one.
    beside: Option<BoardId>,
    /// Another template than the one that the import proposes.
    template: Option<String>,
}

/// A draft that has the title of a board of this device, but is not that very document, is put
/// beside it: it is most likely a newer edition.
fn ways_of(session: Session, draft: &Draft) -> BTreeMap<usize, Way> {
    let Some(space) = session.space_id() else { return BTreeMap::new() };
    let titles: Vec<(BoardId, String)> = session.view.boards.with(|all| {
        all.iter()
            .map(|(id, board)| (*id, folded_text(&board.head.with(|head| head.title.clone()))))
            .collect()
    });
    let beside = |(document, board): (&DraftDocument, &DraftBoard)| {
        let title = folded_text(board.title.as_deref()?);
        let known = titles.iter().find(|(_, known)| *known == title)?;
        (known.0 != board_id(space, document, board)).then_some(known.0)
    };
    let ways = boards(draft).enumerate();
    ways.map(|(place, board)| (place, Way { beside: beside(board), template: None })).collect()
}

/// How a draft is taken in, and the differences where it stands beside a board.
#[component]
fn WayOf(
    place: usize,
    draft: Arc<Draft>,
    board: Arc<DraftBoard>,
    mends: RwSignal<BTreeMap<String, String>>,
    ways: RwSignal<BTreeMap<usize, Way>>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let beside = Memo::new(move |_| ways.with(|ways| ways.get(&place).and_then(|way| way.beside)));
    let known = Memo::new(move |_| {
        session.view.boards.with(|all| {
            let readable = all.iter().map(|(id, board)| (*id, board.head.with(|head| head.title.clone())));
            readable.filter(|(_, title)| !title.is_empty()).collect::<Vec<_>>()
        })
    });
    let proposed = board.template.clone();
    let template = Memo::new(move |_| {
        ways.with(|ways| ways.get(&place).and_then(|way| way.template.clone()))
            .unwrap_or_else(|| proposed.clone())
    });
    let change = move |change: &dyn Fn(&mut Way)| ways.update(|ways| change(ways.entry(place).or_default()));
    view! {
        <p class="inline">
            <label class="check">{move || words.w(W::ImportAs)}
                <select data-testid="import-as" on:change=move |event| {
                    let to = event_target_value(&event).parse().ok();
                    change(&|way| way.beside = to);
                }>
                    <option value="" selected=move || beside.get().is_none()>{move || words.w(W::AsNewBoard)}</option>
                    <For each=move || known.get() key=|one| one.clone() let:one>
                        <option value=one.0.to_string() selected=move || beside.get() == Some(one.0)>{move || words.w(W::CompareWith)}{one.1.clone()}</option>
                    </For>
                </select>
            </label>
            <Show when=move || beside.get().is_none()>
                <label class="check">{move || words.w(W::FittingTemplate)}
                    <select data-testid="import-template" on:change=move |event| {
                        let to = event_target_value(&event);
                        change(&|way| way.template = Some(to.clone()));
                    }>
                        {template::built_in().iter().map(|one| view! { <option value=one.id.clone() selected=move || template.get() == one.id>{move || one.name.get(words.lang())}</option> }).collect_view()}
                    </select>
                </label>
            </Show>
        </p>
        {move || {
            let id = beside.get()?;
            // With the names that the person mended.
            let found = mended(&draft, &mends.get());
            let (document, board) = boards(&found).nth(place)?;
            Some(view! { <Compare board=id document=Arc::new(document.clone()) draft=Arc::new(board.clone()) /> })
        }}
    }
}

/// The draft with the names that the person mended.
fn mended(draft: &Draft, mends: &BTreeMap<String, String>) -> Draft {
    fn item(one: &mut DraftItem, mends: &BTreeMap<String, String>) {
        for unit in one.assignments.iter_mut().flat_map(|assignment| &mut assignment.units) {
            if let Some(name) = mends.get(unit).filter(|name| !name.trim().is_empty()) {
                name.trim().clone_into(unit);
            }
        }
        one.children.iter_mut().for_each(|child| item(child, mends));
    }
    let mut draft = draft.clone();
    let boards = draft.documents.iter_mut().flat_map(|document| &mut document.boards);
    boards
        .flat_map(|board| &mut board.sections)
        .flat_map(|section| &mut section.items)
        .for_each(|one| item(one, mends));
    draft
}

/// The words of a span with some of their neighbours.
fn around(text: &str, span: Span) -> String {
    let from = span.from.saturating_sub(12);
    let words: String = text.chars().skip(from).take(span.to - from + 12).collect();
    format!("…{}…", words.replace('\n', ""))
}

#[component]
fn Result(
    draft: Arc<Draft>,
    lit: RwSignal<Option<Span>>,
    mends: RwSignal<BTreeMap<String, String>>,
    ways: RwSignal<BTreeMap<usize, Way>>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let space = session.space_id();
    let known = session.view.space.get_untracked();
    let doubts = doubtful(&draft, &known);
    let whole = draft.clone();
    let titles: Vec<_> = boards(&draft)
        .map(|(document, board)| {
            let items = board.items().count();
            let pairs: usize = board.items().flat_map(|item| &item.assignments).map(|a| a.units.len()).sum();
            let here =
                space.is_some_and(|space| known.boards.contains_key(&board_id(space, document, board)));
            (Arc::new(board.clone()), items, pairs, here)
        })
        .collect();
    view! {
        <h2>{words.w(W::Doubtful)}" "<span class="count">{doubts.len()}</span></h2>
        <ul class="lines">
            {doubts.into_iter().map(|doubt| view! { <DoubtLine doubt lit mends /> }).collect_view()}
        </ul>
        {titles.into_iter().enumerate().map(|(place, (board, items, pairs, here))| view! {
            <details class="draft" open data-testid="draft">
                <summary><b>{board.title.clone().unwrap_or_else(|| words.w(W::Untitled).to_owned())}</b>" "
                    <span class="dim tabular">{format!("{items} {} · {pairs} {} · {} {}", words.w(W::Items), words.w(W::UnitPairs), board.indicators.len(), words.w(W::IndicatorsView))}</span>
                    {here.then(|| view! { <span class="tag">{words.w(W::BoardKnown)}</span> })}
                </summary>
                <WayOf place draft=whole.clone() board=board.clone() mends ways />
                {board.sections.iter().map(|section| view! {
                    <h3>{section.number.clone()}" "{section.title.clone()}</h3>
                    <ul class="items">{section.items.iter().map(|item| draft_item(words, item, lit)).collect_view()}</ul>
                }).collect_view()}
                <ul class="lines">{board.indicators.iter().map(|one| {
                    let span = one.span;
                    view! { <li on:mouseenter=move |_| lit.set(Some(span))>{one.name.clone()}"："{tongban_shared::publication::target_words(&one.target())}<span class="dim">" "{one.scope.clone()}</span></li> }
                }).collect_view()}</ul>
            </details>
        }).collect_view()}
    }
}

/// A place that a person should look at first.
struct Doubtful {
    why: W,
    name: String,
    span: Span,
    /// Units that are here already and have a name like it; nothing where it is no name.
    near: Option<Vec<String>>,
}

/// The doubtful places, each name once: what the import is not sure of, then new units whose
/// names are close to one that the space knows.
fn doubtful(draft: &Draft, space: &Space) -> Vec<Doubtful> {
    let mut seen = BTreeSet::new();
    let near = |name: &str| space.near(name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut found: Vec<(DoubtKind, &str, Span)> = boards(draft)
        .flat_map(|(_, board)| {
            board.doubts.iter().map(|doubt| (doubt.kind, doubt.words.as_str(), doubt.span))
        })
        .collect();
    found.sort_by_key(|doubt| doubt.0);
    let mut lines: Vec<Doubtful> = Vec::new();
    for (kind, name, span) in found {
        let is_name = kind != DoubtKind::NumberingJump;
        // A name that the space knows is not doubtful.
        if !(is_name && space.unit_named(name).is_some()) && seen.insert((is_name, name.to_owned())) {
            let near = is_name.then(|| near(name));
            lines.push(Doubtful { why: doubt_word(kind), name: name.to_owned(), span, near });
        }
    }
    let assignments = boards(draft).flat_map(|(_, board)| board.items()).flat_map(|item| &item.assignments);
    for assignment in assignments {
        for name in assignment.units.iter().filter(|name| space.unit_named(name).is_none()) {
            let near = near(name);
            if !near.is_empty() && seen.insert((true, name.clone())) {
                let (why, span) = (W::DoubtNewUnit, assignment.span);
                lines.push(Doubtful { why, name: name.clone(), span, near: Some(near) });
            }
        }
    }
    lines
}

#[component]
fn DoubtLine(
    doubt: Doubtful,
    lit: RwSignal<Option<Span>>,
    mends: RwSignal<BTreeMap<String, String>>,
) -> impl IntoView {
    let words = words();
    let Doubtful { why, name, span, near } = doubt;
    let mend = {
        let name = name.clone();
        move |to: String| mends.update(|mends| _ = mends.insert(name.clone(), to))
    };
    let now = {
        let name = name.clone();
        Memo::new(move |_| mends.with(|mends| mends.get(&name).cloned().unwrap_or_else(|| name.clone())))
    };
    view! {
        <li on:mouseenter=move |_| lit.set(Some(span)) on:focusin=move |_| lit.set(Some(span))>
            <span class="tag">{words.w(why)}</span>
            {match near {
                None => view! { <span>{name}</span> }.into_any(),
                Some(near) => {
                    let typed = mend.clone();
                    view! {
                        <input aria-label=words.w(W::Unit) prop:value=now on:change=move |event| typed(event_target_value(&event)) />
                        {near.into_iter().map(|other| {
                            let (mend, chosen) = (mend.clone(), other.clone());
                            view! { <button type="button" class="button" data-testid="near" on:click=move |_| mend(chosen.clone())>{words.w(W::UseInstead)}" "{other}</button> }
                        }).collect_view()}
                    }.into_any()
                }
            }}
        </li>
    }
}

fn draft_item(words: Words, item: &DraftItem, lit: RwSignal<Option<Span>>) -> AnyView {
    let span = item.span;
    view! {
        <li class="item" on:mouseenter=move |_| lit.set(Some(Span { to: span.to.min(span.from + 60), ..span }))>
            <span class="item__number">{item.number.clone()}</span>" "<span class="item__title">{item.title.clone()}</span>
            {item.deadline.clone().map(|deadline| view! { <span class="dim">" "{deadline}</span> })}
            <ul class="chips">{item.assignments.iter().flat_map(|assignment| {
                let (role, span) = (assignment.role, assignment.span);
                assignment.units.iter().map(move |unit| view! { <li class="chip" on:mouseenter=move |_| lit.set(Some(span))>{words.w(role.word())}" "{unit.clone()}</li> }).collect::<Vec<_>>()
            }).collect_view()}</ul>
            <ul>{item.children.iter().map(|child| draft_item(words, child, lit)).collect_view()}</ul>
        </li>
    }
    .into_any()
}

fn doubt_word(kind: DoubtKind) -> W {
    match kind {
        DoubtKind::OddUnit => W::DoubtOddUnit,
        DoubtKind::CompletedUnit => W::DoubtCompleted,
        DoubtKind::GroupUnit => W::DoubtGroup,
        DoubtKind::RepeatedUnit => W::DoubtRepeated,
        DoubtKind::NumberingJump => W::DoubtNumbering,
    }
}
