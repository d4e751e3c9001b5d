//! 清单: the official order, sections and numbered measures.

mod arrange;

use super::{Findings, shows};
use crate::app::session;
use crate::lang::{W, words};
use crate::pages::{Filter, StateLine};
use crate::parts::{Growing, lamp_parts};
use crate::view::{BoardView, Derived, ItemView, May, SectionLine};
use arrange::{Arranging, InsertForm, MoveMenu, MoveSection, Renumber};
use leptos::html::Div;
use leptos::prelude::*;
use leptos_router::components::A;
use std::sync::Arc;
use tongban_shared::arrange::Spot;
use tongban_shared::edit::NewItem;
use tongban_shared::fold::Retirement;
use tongban_shared::id::{BoardId, ItemId, SectionId};
use tongban_shared::plan::is_measure;
use tongban_shared::rank;
use tongban_shared::template::{self, ItemType, Template};

#[component]
pub fn List(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let session = session();
    let words = words();
    let order = board.order.clone();
    let goal = {
        let head = board.head.clone();
        Memo::new(move |_| head.with(|head| head.goal.clone()))
    };
    // The filter's words; a change of the board is looked at only while there are some.
    let wanted = {
        let (order, view) = (order.clone(), board.clone());
        Memo::new(move |_| {
            let asked = filter.get();
            if asked == Filter::default() {
                return order.get();
            }
            view.revision.track();
            let mut shows = shows(session, &view, asked);
            let keep = |(id, section, items): &SectionLine| {
                let items = items.iter().filter(|(item, _)| shows(*item)).copied();
                (*id, section.clone(), items.collect())
            };
            order.with(|order| Arc::new(order.iter().map(keep).collect()))
        })
    };
    let total =
        Memo::new(move |_| wanted.with(|wanted| wanted.iter().map(|(_, _, items)| items.len()).sum()));
    let growing = Growing::new(total);
    Effect::new(move |_| {
        filter.track();
        growing.begin();
    });
    // As many items as are drawn, with the sections up to the last of them.
    let drawn = Memo::new(move |_| {
        let mut left = growing.count();
        wanted.with(|wanted| {
            let mut drawn: Vec<SectionLine> = Vec::new();
            for (id, section, items) in wanted.iter() {
                if left == 0 {
                    break;
                }
                let items: Vec<_> = items.iter().take(left).copied().collect();
                left -= items.len();
                drawn.push((*id, section.clone(), items));
            }
            drawn
        })
    });
    let sections = Memo::new(move |_| {
        drawn.with(|drawn| {
            let named =
                drawn.iter().map(|(id, section, _)| (*id, section.number.clone(), section.title.clone()));
            named.collect::<Vec<_>>()
        })
    });
    // Only a board with items of its template's own states has anything to derive here.
    let template = board.head.with_untracked(|head| template::of(head)).ok();
    let moves =
        template.as_ref().is_some_and(|template| template.items.iter().any(|kind| !kind.moves.is_empty()));
    let revision = board.revision.clone();
    let derived = Memo::new(move |_| {
        revision.track();
        if moves { session.derived(id, None, words.lang()) } else { Derived::default() }
    });
    provide_context(derived);
    let whole = NodeRef::<Div>::new();
    let arranging = Arranging::new(session, words, id, whole);
    let (may, head) = (board.may.clone(), board.head.clone());
    let orders = Signal::derive(move || may.get().write && head.with(|head| head.settled.is_none()));
    view! {
        <Findings derived item=None />
        <Show when=move || !goal.get().is_empty()>
            <details class="goal" data-shows="text" open><summary>{move || words.w(W::Goal)}</summary><p>{goal}</p></details>
        </Show>
        <Renumber arranging orders revision=board.revision.clone() />
        <div node_ref=whole>
            <For each=move || sections.get() key=|section| section.clone() let:section>
                <ListSection id board=board.clone() section=section.0 number=section.1.clone() title=section.2.clone() drawn arranging orders />
            </For>
        </div>
        <div node_ref=growing.end></div>
    }
}

#[component]
fn ListSection(
    id: BoardId,
    board: BoardView,
    section: SectionId,
    number: String,
    title: String,
    drawn: Memo<Vec<SectionLine>>,
    arranging: Arranging,
    /// Whether the person here may put sections and measures in order.
    orders: Signal<bool>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let items = Memo::new(move |_| {
        drawn.with(|drawn| {
            drawn
                .iter()
                .find(|(one, _, _)| *one == section)
                .map(|(_, _, items)| items.clone())
                .unwrap_or_default()
        })
    });
    let template = board.head.with_untracked(|head| template::of(head)).ok();
    let (may, head) = (board.may.clone(), board.head.clone());
    let (lines, last) = (board.clone(), board.clone());
    let adding = RwSignal::new(String::new());
    // A board that was imported goes on with lines as its document has them, where its template
    // has no type for them.
    let kinds: Vec<ItemType> = template.as_ref().map_or_else(Vec::new, |template| {
        let imported = board.head.with_untracked(|head| !head.source.number.is_empty());
        let line = template.item_type("").filter(|kind| imported && kind.id == template::LINE_ID);
        line.into_iter().chain(template.types_under(None)).cloned().collect()
    });
    let readable = template.is_some();
    let line = kinds.first().is_none_or(|kind| kind.lines);
    // Measures are added to a settled plan by who decides.
    let only_lines = kinds.iter().all(|kind| is_measure(template.as_deref(), &kind.id));
    let new_word = if line { W::NewItem } else { W::NewRow };
    let kind = RwSignal::new(kinds.first().map(|kind| kind.id.clone()).unwrap_or_default());
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let title = adding.get_untracked();
        if title.trim().is_empty() {
            return session.notice(words.w(W::NameNeeded));
        }
        // Behind the last one of the section, whether it is drawn or not.
        let before = last.order.with_untracked(|order| {
            let (_, _, items) = order.iter().find(|(one, _, _)| *one == section)?;
            let (item, _) = items.iter().rev().find(|(_, depth)| *depth == 0)?;
            Some(last.item(*item)?.with_untracked(|view| view.item.rank.clone()))
        });
        let item = NewItem {
            kind: Some(kind.get_untracked()).filter(|kind| kind != template::LINE_ID).unwrap_or_default(),
            title: title.trim().to_owned(),
            section: Some(section),
            rank: rank::between(&before.unwrap_or_default(), ""),
            ..NewItem::default()
        };
        if session.add_item(id, item) {
            adding.set(String::new());
        }
    };
    view! {
        <section class="section" data-section=section.to_string() class:section--into=move || arranging.is_over(Spot::Into(section))>
            <h2>{number}" "{title}" "<Show when=move || orders.get()><MoveSection arranging section /></Show></h2>
            <ul class="items">
                <For each=move || items.get() key=|item| *item let:item>
                    {lines.item(item.0).map(|signal| view! { <ListItem item=item.0 depth=item.1 signal template=template.clone() arranging orders may=lines.may.clone() /> })}
                </For>
            </ul>
            <Show when=move || readable && may.get().write && (may.get().decide || !only_lines || head.with(|head| head.settled.is_none()))>
                <form class="inline" on:submit=add.clone()>
                    {(kinds.len() > 1).then(|| view! {
                        <select aria-label=move || words.w(W::ItemKind) on:change=move |event| kind.set(event_target_value(&event))>
                            {kinds.iter().map(|kind| { let name = kind.name.clone(); view! { <option value=kind.id.clone()>{move || name.get(words.lang()).to_owned()}</option> } }).collect_view()}
                        </select>
                    })}
                    <input aria-label=move || words.w(new_word) placeholder=move || words.w(new_word) bind:value=adding />
                    <button class="button" type="submit">{move || words.w(W::Add)}</button>
                </form>
            </Show>
        </section>
    }
}

#[component]
fn ListItem(
    item: ItemId,
    depth: usize,
    signal: ArcRwSignal<Arc<ItemView>>,
    template: Option<Arc<Template>>,
    arranging: Arranging,
    orders: Signal<bool>,
    may: ArcRwSignal<May>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let field = |read: fn(&ItemView) -> String| {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| read(view)))
    };
    let (number, title, deadline) = (
        field(|view| view.item.number.clone()),
        field(|view| view.item.title.clone()),
        field(|view| view.item.deadline.clone()),
    );
    let lamp = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| view.state.lamp))
    };
    let state = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| view.state.whole()))
    };
    let closed = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| view.state.closed()))
    };
    let retired = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|view| view.state.retirement))
    };
    let units = {
        let signal = signal.clone();
        Memo::new(move |_| {
            let space = session.view.space.get();
            signal.with(|view| {
                let named =
                    view.item.assignments.iter().filter(|(_, assignment)| assignment.removal.is_none());
                let mut named: Vec<(tongban_shared::import::Role, String)> =
                    named.map(|(unit, assignment)| (assignment.role, space.unit_name(*unit))).collect();
                named.sort();
                named.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
            })
        })
    };
    // An item with states of its own shows its kind and its state.
    let own = signal.with_untracked(|view| view.item.kind.clone());
    let own =
        template.as_ref().and_then(|template| template.item_type(&own)).filter(|kind| !kind.parts).cloned();
    // Rows that are no measures stay in motion when the plan is settled.
    let measure = signal.with_untracked(|view| is_measure(template.as_deref(), &view.item.kind));
    let moves = Signal::derive(move || orders.get() || (!measure && may.get().write));
    view! {
        <li class="item" class:item--retired=move || retired.get() != Retirement::Active style:--depth=depth.to_string() data-testid="item"
            data-item=item.to_string() on:keydown=move |event| if moves.get_untracked() { arranging.key(&event, item) }
            class:item--before=move || arranging.is_over(Spot::Before(item)) class:item--after=move || arranging.is_over(Spot::After(item))
            class:item--lifted=move || arranging.carries(item)>
            <Show when=move || moves.get()>
                <InsertForm arranging item template=template.clone() />
                <MoveMenu arranging item name=title />
            </Show>
            <A href=format!("?item={item}") scroll=false><span class="item__number">{number}</span>" "<span class="item__title">{title}</span></A>
            <div class="item__line">
                {match own {
                    Some(kind) => view! { <OwnState kind item /> }.into_any(),
                    None => view! { <StateLine lamp state closed /> }.into_any(),
                }}
                <Show when=move || !deadline.get().is_empty()><span class="dim tabular">{deadline}</span></Show>
                <Show when=move || retired.get() != Retirement::Active>
                    <span class="tag">{move || words.w(if retired.get() == Retirement::Retired { W::RetiredMark } else { W::RetiredWithNews })}</span>
                </Show>
            </div>
            <ul class="chips"><For each=move || units.get() key=|name| name.clone() let:name><li class="chip">{name}</li></For></ul>
        </li>
    }
}

/// The kind of an item and where it stands in its template.
#[component]
fn OwnState(kind: ItemType, item: ItemId) -> impl IntoView {
    let words = words();
    let kind = StoredValue::new(kind);
    let derived = use_context::<Memo<Derived>>();
    let state = Memo::new(move |_| {
        derived.map(|derived| {
            derived
                .with(|derived| derived.standings.get(&item).map(|one| one.state.clone()).unwrap_or_default())
        })
    });
    let lamp = Memo::new(move |_| {
        derived.and_then(|derived| derived.with(|derived| derived.lamps.get(&item).copied()))
    });
    let named = move |state: &str| {
        kind.with_value(|kind| kind.state(state).map(|state| state.name.get(words.lang()).to_owned()))
    };
    view! {
        {move || lamp.get().map(|lamp| { let (shape, word, class) = lamp_parts(lamp); view! { <span class=class><span aria-hidden="true">{shape}</span>" "{words.w(word)}</span> } })}
        <span class="dim">{move || kind.with_value(|kind| kind.name.get(words.lang()).to_owned())}</span>
        {move || state.get().and_then(|state| named(&state)).map(|name| view! { <span class="tag">{name}</span> })}
    }
}
