//! One board: its head, its views, the item panel beside them.

use crate::app::session;
use crate::board::{
    Agenda, Deadlines, Findings, History, Indicators, Instructions, ItemPanel, Kanban, Leaderless, Ledger,
    List, Matrix, Meeting, Members, NearlyFull, OpenDoubts, Papers, Plan, Publish, Rankings, Scores,
    Timeline, UnreadTemplate,
};
use crate::lang::{W, words};
use crate::parts::{Arriving, Choose, as_options};
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::{use_params_map, use_query_map};
use tongban_shared::dictionary;
use tongban_shared::id::{BoardId, ItemId, UnitId};
use tongban_shared::template::{self, View};

/// The questions of the filter bar.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    pub words: String,
    pub mine: bool,
    pub unit: Option<UnitId>,
}

#[component]
pub fn BoardPage() -> impl IntoView {
    let session = session();
    let words = words();
    let params = use_params_map();
    let id = Memo::new(move |_| {
        params.with(|params| params.get("board").and_then(|text| text.parse::<BoardId>().ok()))
    });
    // A board that is still on its way here has no template yet: the page begins anew with it.
    let known = Memo::new(move |_| {
        let board = session.view.board(id.get()?)?;
        let template = board.head.with(|head| (head.template.clone(), head.template_source.clone()));
        Some((id.get()?, template))
    });
    view! {
        {move || match known.get() {
            Some((id, _)) => session.view.board(id).map(|board| view! { <OpenBoard id board /> }).into_any(),
            None => view! {
                <h1>{words.w(W::BoardNotHere)}</h1>
                {id.get().map(|id| view! { <Arriving id /> })}
                <p class="dim">{words.w(W::BoardNotHereHint)}</p>
            }.into_any(),
        }}
    }
}

#[component]
fn OpenBoard(id: BoardId, board: BoardView) -> impl IntoView {
    let words = words();
    let (params, query) = (use_params_map(), use_query_map());
    let shown = Memo::new(move |_| params.with(|params| params.get("view").unwrap_or_default()));
    let item = Memo::new(move |_| {
        query.with(|query| query.get("item").and_then(|text| text.parse::<ItemId>().ok()))
    });
    let filter = RwSignal::new(Filter::default());
    let head = board.head.clone();
    let title = {
        let head = head.clone();
        Memo::new(move |_| head.with(|head| head.title.clone()))
    };
    let source = Memo::new(move |_| {
        head.with(|head| {
            let period = head.period.map(|(from, to)| format!("{from}—{to}")).unwrap_or_default();
            [head.source.number.clone(), head.source.issuer.clone(), period]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" · ")
        })
    });
    let settled = {
        let head = board.head.clone();
        Memo::new(move |_| head.with(|head| head.settled.is_some()))
    };
    let (template, unread) = match board.head.with_untracked(|head| template::of(head)) {
        Ok(template) => (Some(template), None),
        Err(why) => (None, Some(why)),
    };
    let views = views_of(&board);
    let may = board.may.clone();
    let writes = Memo::new(move |_| may.get().write);
    let (panel, bar, drawn) = (board.clone(), board.clone(), board.clone());
    let first = views[0];
    view! {
        <div class="board" class:board--with-panel=move || item.get().is_some()>
            <div class="board__main">
                <h1>{title}</h1>
                <p class="dim">{source}{template.map(|template| view! { " "<span class="tag">{move || template.name.get(words.lang()).to_owned()}</span> })}
                    <Show when=move || settled.get()>" "<span class="tag">{move || words.w(W::SettledTag)}</span></Show></p>
                <div class="board__bar">
                    <nav class="tabs" aria-label=move || words.w(W::Views)>
                        {views.iter().map(|view| {
                            let view = *view;
                            let href = if view == first { format!("/b/{id}") } else { format!("/b/{id}/{}", view.path()) };
                            view! { <A href=href exact=true>{move || words.w(view.word())}</A> }
                        }).collect_view()}
                        <A href=format!("/b/{id}/plan") exact=true>{move || words.w(W::PlanView)}</A>
                        <A href=format!("/b/{id}/instructions") exact=true>{move || words.w(W::InstructionsWord)}</A>
                        <A href=format!("/b/{id}/history") exact=true>{move || words.w(W::HistoryView)}</A>
                    </nav>
                    <FilterBar board=bar.clone() filter />
                    <Members id board=bar.clone() />
                    <Papers id board=board.clone() />
                    <Publish id board=bar />
                </div>
                <Arriving id />
                {unread.map(|why| view! { <UnreadTemplate why /> })}
                <Leaderless id board=board.clone() />
                <NearlyFull id board=board.clone() />
                <OpenDoubts id writes />
                {move || {
                    let board = drawn.clone();
                    if shown.get() == "history" {
                        return view! { <History id board /> }.into_any();
                    }
                    if shown.get() == "instructions" {
                        return view! { <Instructions id board /> }.into_any();
                    }
                    if shown.get() == "plan" {
                        return view! { <Plan id board /> }.into_any();
                    }
                    match View::from_path(&shown.get()).unwrap_or(first) {
                        View::List => view! {
                            <Show when=move || writes.get()><Deadlines boards=Signal::stored(vec![id]) /></Show>
                            <List id board filter />
                        }.into_any(),
                        View::Kanban => view! { <Kanban id board filter /> }.into_any(),
                        View::Ledger => view! { <Ledger id board filter /> }.into_any(),
                        View::Roster => view! { <Roster id board filter /> }.into_any(),
                        View::Matrix => view! { <Matrix id board filter /> }.into_any(),
                        View::Timeline => view! { <Timeline id board filter /> }.into_any(),
                        View::Agenda => view! { <Agenda id board filter /> }.into_any(),
                        View::Indicators => view! { <Indicators id board /> }.into_any(),
                        View::Scores => view! { <Scores id board /> }.into_any(),
                        View::Ranking => view! { <Rankings id board /> }.into_any(),
                        View::Meeting => view! { <Meeting id board /> }.into_any(),
                    }
                }}
            </div>
            {move || item.get().and_then(|item| {
                let signal = panel.item(item)?;
                Some(view! { <ItemPanel id board=panel.clone() item signal /> })
            })}
        </div>
    }
}

/// The views of a board, as its template orders them. The list is always one of them: it is where
/// everything can be found.
fn views_of(board: &BoardView) -> Vec<View> {
    let template = board.head.with_untracked(|head| template::of(head));
    let mut views = template.map(|template| template.views.clone()).unwrap_or_default();
    if !views.contains(&View::List) {
        views.push(View::List);
    }
    views
}

/// 名册: what the rules count, over the register itself.
#[component]
fn Roster(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let session = session();
    let words = words();
    let revision = board.revision.clone();
    let derived = Memo::new(move |_| {
        revision.track();
        session.derived(id, None, words.lang())
    });
    view! {
        <Findings derived item=None />
        <Ledger id board filter />
    }
}

#[component]
fn FilterBar(board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let session = session();
    let words = words();
    let units = Memo::new(move |_| {
        let order = board.order.get();
        let items = order.iter().flat_map(|(_, _, items)| items).filter_map(|(item, _)| board.item(*item));
        let ids: std::collections::BTreeSet<UnitId> = items
            .flat_map(|item| item.with(|view| view.item.assignments.keys().copied().collect::<Vec<_>>()))
            .collect();
        let space = session.view.space.get();
        dictionary::in_order(&space, ids)
    });
    let options = Signal::derive(move || units.with(|units| as_options(units)));
    let chosen = Signal::derive(move || {
        filter.with(|filter| filter.unit.map(|id| id.to_string()).unwrap_or_default())
    });
    let label = move |word: W| Signal::derive(move || words.w(word).to_owned());
    view! {
        <div class="filter" role="search">
            <input type="search" aria-label=move || words.w(W::Find) placeholder=move || words.w(W::Find)
                on:input=move |event| filter.update(|filter| filter.words = event_target_value(&event)) />
            <Choose label=label(W::Unit) options=options chosen none=label(W::AllUnits) on_choose=move |unit|
                filter.update(|filter| filter.unit = unit.parse().ok()) />
            <label class="check"><input type="checkbox" on:change=move |event| filter.update(|filter| filter.mine = event_target_checked(&event)) />{move || words.w(W::MineOnly)}</label>
        </div>
    }
}
