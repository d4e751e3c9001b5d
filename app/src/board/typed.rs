//! The part of the panel that comes from the template: an item's fields as a form, its state with the moves
//! that the person here may make, its findings, and the items that may stand below it.

use super::panel::Panel;
use super::unread::UnreadTemplate;
use crate::app::session;
use crate::browser;
use crate::lang::{Lang, W, words};
use crate::parts::{Question, TextBox, lamp_parts};
use crate::view::Derived;
use leptos::prelude::*;
use std::sync::Arc;
use tongban_shared::edit::{Edit, ItemField, NewItem};
use tongban_shared::entry::Subject;
use tongban_shared::fold::Offer;
use tongban_shared::id::ItemId;
use tongban_shared::plan::measure_name;
use tongban_shared::rank;
use tongban_shared::sign::{Act, Meant};
use tongban_shared::template::{self, Field, FieldKind, ItemType, Name, Need, Template, Unread};
use tongban_shared::text::typed_number;
use tongban_shared::views::{self, kind_word};

/// The template of a board and the type of an item; no type for a line of a document that its template
/// does not name.
fn typed(panel: &Panel) -> Result<(Arc<Template>, Option<ItemType>), Unread> {
    let template = panel.view.head.with_untracked(|head| template::of(head))?;
    let kind = panel.signal.with_untracked(|view| view.item.kind.clone());
    let kind = template.item_type(&kind).filter(|kind| kind.id != template::LINE_ID).cloned();
    Ok((template, kind))
}

/// Whether the units of an item close out their parts, as those of every line of a document do. Nobody knows
/// here while the template cannot be read.
pub fn has_parts(panel: &Panel) -> bool {
    typed(panel).is_ok_and(|(_, kind)| kind.is_none_or(|kind| kind.parts))
}

#[component]
pub fn Typed(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let (template, kind) = match typed(&panel) {
        Ok((template, Some(kind))) => (template, kind),
        Ok((_, None)) => return ().into_any(),
        Err(why) => return view! { <UnreadTemplate why /> }.into_any(),
    };
    let (parts, fields, below) = (kind.parts, kind.fields.clone(), types_below(&template, &kind));
    let kind = StoredValue::new(kind);
    let (board, item) = (panel.board, panel.item);
    let revision = panel.view.revision.clone();
    let derived = Memo::new(move |_| {
        revision.track();
        session.derived(board, Some(item), words.lang())
    });
    let form = panel.clone();
    view! {
        {(!parts).then(|| view! { <StandingRow panel=panel.clone() kind derived /> })}
        <section aria-labelledby="details">
            <h3 id="details">{move || kind.with_value(|kind| kind.name.get(words.lang()).to_owned())}" · "{move || words.w(W::Details)}</h3>
            {fields.into_iter().map(|field| view! { <FieldRow panel=form.clone() field /> }).collect_view()}
        </section>
        <Findings derived item=Some(item) />
        <Below panel kinds=below />
    }
    .into_any()
}

/// One field: the control that fits its kind; words that do not fit are refused with a reason.
#[component]
fn FieldRow(panel: Panel, field: Field) -> impl IntoView {
    let session = session();
    let words = words();
    let (name, key) = (field.name.clone(), field.id.clone());
    let field = StoredValue::new(field);
    let (board, item) = (panel.board, panel.item);
    let value = panel.memo(move |view| view.item.fields.get(&key).cloned().unwrap_or_default());
    let write = panel.may_write();
    let problem = RwSignal::new(None::<String>);
    let set = move |words: String| match field.with_value(|field| field.read(&words)) {
        Ok(_) => {
            problem.set(None);
            let words = words.trim().to_owned();
            if words != value.get_untracked() {
                let field = ItemField::Custom(field.with_value(|field| field.id.clone()));
                session.edit_board(board, Edit::SetItemField { id: item, field, value: words });
            }
        }
        Err(why) => problem.set(Some(why)),
    };
    let changed = move |event: leptos::ev::Event| set(event_target_value(&event));
    let locked = move || !write.get();
    let select = move |options: Vec<(String, String)>| {
        view! {
            <select disabled=locked prop:value=value on:change=changed>
                <option value=""></option>
                {options.into_iter().map(|(id, name)| {
                    let chosen = { let id = id.clone(); move || value.get() == id };
                    view! { <option value=id selected=chosen>{name}</option> }
                }).collect_view()}
            </select>
        }
        .into_any()
    };
    let control = move || {
        match field.with_value(|field| field.kind) {
        FieldKind::LongText => {
            view! { <TextBox value disabled=Signal::derive(locked) rows=3 on_done=Callback::new(set) /> }
                .into_any()
        }
        FieldKind::Date => {
            view! { <input type="date" disabled=locked prop:value=value on:change=changed /> }.into_any()
        }
        FieldKind::YesNo | FieldKind::Choice | FieldKind::Unit | FieldKind::Item => {
            let language = words.lang();
            let choices = session.look(board, |scene| {
                field.with_value(|field| views::choices(scene, field, language))
            });
            select(choices.unwrap_or_default())
        }
        FieldKind::Number | FieldKind::Money | FieldKind::Percent => {
            view! { <TextBox value disabled=Signal::derive(locked) on_done=Callback::new(set) attr:inputmode="decimal" /> }
                .into_any()
        }
        FieldKind::Text | FieldKind::Person | FieldKind::Attachment => {
            view! { <TextBox value disabled=Signal::derive(locked) on_done=Callback::new(set) /> }.into_any()
        }
    }
    };
    view! {
        <label class="field"><span>{move || name.get(words.lang()).to_owned()}</span>{control}</label>
        {move || problem.get().map(|why| view! { <p class="error" role="alert">{why}</p> })}
    }
}

#[component]
fn StandingRow(panel: Panel, kind: StoredValue<ItemType>, derived: Memo<Derived>) -> impl IntoView {
    let words = words();
    let item = panel.item;
    let standing =
        Memo::new(move |_| derived.with(|derived| derived.standings.get(&item).cloned().unwrap_or_default()));
    let name = move |state: &str| {
        kind.with_value(|kind| {
            let found = kind.state(state).map(|state| state.name.get(words.lang()).to_owned());
            found.unwrap_or_else(|| state.to_owned())
        })
    };
    // Rows stay as long as their move does: what is half typed outlives edits of others.
    let offers = Memo::new(move |_| derived.with(|derived| derived.offers.clone()));
    let (may, row_panel) = (panel.view.may.clone(), panel.clone());
    view! {
        <section aria-labelledby="standing">
            <h3 id="standing">{move || words.w(W::StateNow)}" "<span class="tag" data-testid="state">{move || name(&standing.get().state)}</span></h3>
            {move || standing.get().contested.then(|| view! { <p class="clash">{words.w(W::ContestedMove)}</p> })}
            {move || { let count = standing.get().not_counted.len(); (count > 0).then(|| view! { <p class="dim">{words.w(W::MovesNotCounted)}" "{count}</p> }) }}
            <Show when=move || may.get().log>
                {
                    let row_panel = row_panel.clone();
                    view! {
                        <For each=move || offers.get() key=|offer| format!("{offer:?}") let:offer>
                            <OfferRow panel=row_panel.clone() kind offer />
                        </For>
                    }
                }
            </Show>
        </section>
    }
}

/// A move that is offered, with what is missing before it would count.
#[component]
fn OfferRow(panel: Panel, kind: StoredValue<ItemType>, offer: Offer) -> impl IntoView {
    let words = words();
    let subject = Subject { board: panel.board, item: Some(panel.item), unit: None, indicator: None };
    let kind = kind.get_value();
    let title = kind.state(&offer.to).map(|state| state.name.clone()).unwrap_or_default();
    let need = |need: &Need| match need {
        Need::Field(id) => {
            kind.field(id).map_or_else(|| id.clone(), |field| field.name.get(words.lang()).to_owned())
        }
        Need::Either(ids) => {
            let names = ids
                .iter()
                .filter_map(|id| kind.field(id))
                .map(|field| field.name.get(words.lang()).to_owned());
            names.collect::<Vec<_>>().join(" / ")
        }
        Need::Entry(word) | Need::EveryUnit(word) => words.w(kind_word(word.0)).to_owned(),
        Need::EveryChild(_) => words.w(W::AllBelowEnded).to_owned(),
        Need::Rule(id) => id.clone(),
        Need::Words | Need::Number | Need::Due => String::new(),
    };
    let lacks = offer.missing.iter().map(need).collect::<Vec<_>>().join("、");
    let title = Signal::derive(move || title.get(words.lang()).to_owned());
    view! { <MoveForm subject offer title lacks /> }
}

/// A move: a button, and what its entry must say.
#[component]
pub fn MoveForm(
    subject: Subject,
    offer: Offer,
    /// The name of the state that it leads to.
    title: Signal<String>,
    /// The reason, in words, why it does not count yet.
    lacks: String,
) -> impl IntoView {
    let session = session();
    let words = words();
    let (body, number, due) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let Offer { to, kind, words: says, number: counts, due: promises, missing } = offer;
    let blocked = !missing.is_empty();
    let go = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (text, value, day) = (body.get_untracked(), number.get_untracked(), due.get_untracked());
        let value = typed_number(&value);
        if (says && text.trim().is_empty()) || (counts && value.is_none()) || (promises && day.is_empty()) {
            return session.notice(words.w(W::SayNeeded));
        }
        let typed = says || counts || promises;
        if typed && !matches!(Act::Entry(kind).meant(), Meant::Asked { .. }) {
            session.write_entry(subject, kind, |entry| {
                entry.to = Some(to.clone());
                text.trim().clone_into(&mut entry.body);
                (entry.value, entry.due) = (value, Some(day).filter(|day| !day.is_empty()));
            });
            return;
        }
        let verb = format!("{}“{}”", words.w(W::BringTo), title.get_untracked());
        let about = session.board_now(subject.board, |now| {
            subject.item.and_then(|item| now.items.get(&item)).map(measure_name).unwrap_or_default()
        });
        let to = to.clone();
        let question = Question::new(Act::Move, &verb, about.unwrap_or_default(), move |said, _| {
            session.sign(&said, subject, kind, |entry| {
                entry.to = Some(to.clone());
                text.trim().clone_into(&mut entry.body);
                (entry.value, entry.due) = (value, Some(day.clone()).filter(|day| !day.is_empty()));
            })
        });
        session.ask(question.told(words.w(W::SignedStays)));
    };
    view! {
        <form class="inline move" on:submit=go>
            {says.then(|| view! { <input aria-label=move || words.w(W::SayWhat) placeholder=move || words.w(W::SayWhat) bind:value=body /> })}
            {counts.then(|| view! { <input inputmode="decimal" aria-label=move || words.w(W::SayNumber) placeholder=move || words.w(W::SayNumber) bind:value=number /> })}
            {promises.then(|| view! { <input type="date" aria-label=move || words.w(W::SayDue) bind:value=due /> })}
            <button class="button" type="submit" disabled=blocked data-testid="move">{move || words.w(W::BringTo)}" "{title}</button>
            {blocked.then(|| view! { <span class="dim">{move || words.w(W::StillMissing)}" "{lacks.clone()}</span> })}
        </form>
    }
}

/// Findings of rules, each with the values behind it.
#[component]
pub fn Findings(derived: Memo<Derived>, item: Option<ItemId>) -> impl IntoView {
    let words = words();
    let lines = Memo::new(move |_| {
        derived.with(|derived| {
            derived.findings.iter().filter(|(of, _, _)| *of == item).cloned().collect::<Vec<_>>()
        })
    });
    let list = move || {
        view! {
            <ul class="lines" data-testid="rules">
                <For each=move || lines.get() key=|line| line.clone() let:line>
                    <li>{line.2.map(|lamp| { let (shape, _, class) = lamp_parts(lamp); view! { <span class=class aria-hidden="true">{shape}</span>" " } })}{line.1.clone()}</li>
                </For>
            </ul>
        }
    };
    view! {
        <Show when=move || !lines.with(Vec::is_empty)>
            {if item.is_some() {
                view! { <section aria-labelledby="rules"><h3 id="rules">{move || words.w(W::RulesSay)}</h3>{list()}</section> }.into_any()
            } else {
                // On a phone the items come first.
                view! {
                    <details class="goal" open=!browser::is_phone()>
                        <summary>{move || words.w(W::RulesSay)}" "<span class="count">{move || lines.with(Vec::len)}</span></summary>
                        {list()}
                    </details>
                }.into_any()
            }}
        </Show>
    }
}

/// The types of items that may stand below one, by id and name.
fn types_below(template: &Template, kind: &ItemType) -> Vec<(String, Name)> {
    template.types_under(Some(&kind.id)).map(|kind| (kind.id.clone(), kind.name.clone())).collect()
}

/// Kinds of items that may stand below this one.
#[component]
fn Below(panel: Panel, kinds: Vec<(String, Name)>) -> impl IntoView {
    let session = session();
    let words = words();
    if kinds.is_empty() {
        return ().into_any();
    }
    let (chosen, title) = (RwSignal::new(kinds[0].0.clone()), RwSignal::new(String::new()));
    let write = panel.may_write();
    // 添加年度任务: an act is named with what it adds.
    let named = StoredValue::new(kinds.clone());
    let adds = move || {
        let chosen = chosen.get();
        let name = named.with_value(|named| {
            let found = named.iter().find(|(id, _)| *id == chosen);
            found.map(|(_, name)| name.get(words.lang()).to_owned())
        });
        let blank = if words.lang() == Lang::English { " " } else { "" };
        format!("{}{blank}{}", words.w(W::Add), name.unwrap_or_default())
    };
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = title.get_untracked();
        if name.trim().is_empty() {
            return session.notice(words.w(W::NameNeeded));
        }
        let section = panel.signal.with_untracked(|view| view.item.section);
        let item = NewItem {
            kind: chosen.get_untracked(),
            title: name.trim().to_owned(),
            section,
            parent: Some(panel.item),
            rank: rank::between(&last_child_rank(&panel), ""),
            ..NewItem::default()
        };
        if session.add_item(panel.board, item) {
            title.set(String::new());
        }
    };
    view! {
        <Show when=move || write.get()>
            <form class="inline" on:submit=add.clone() data-testid="below">
                <select aria-label=move || words.w(W::ItemKind) on:change=move |event| chosen.set(event_target_value(&event))>
                    {kinds.iter().map(|(id, name)| { let name = name.clone(); view! { <option value=id.clone()>{move || name.get(words.lang()).to_owned()}</option> } }).collect_view()}
                </select>
                <input aria-label=adds placeholder=adds bind:value=title />
                <button class="button" type="submit">{move || words.w(W::Add)}</button>
            </form>
        </Show>
    }
    .into_any()
}

fn last_child_rank(panel: &Panel) -> String {
    let order = panel.view.order.get_untracked();
    let items = order.iter().flat_map(|(_, _, items)| items.iter().map(|(item, _)| *item));
    let ranks = items.filter_map(|id| {
        panel
            .view
            .item(id)?
            .with_untracked(|view| (view.item.parent == Some(panel.item)).then(|| view.item.rank.clone()))
    });
    ranks.max().unwrap_or_default()
}
