//! 提出修改: a measure, or the goal, as a unit would have it. Typed words are kept on the device with every
//! stroke and submitted as a whole.

use crate::app::session;
use crate::lang::{W, words};
use crate::parts::{Stroke, TextBox};
use crate::session::{ProposalDraft, Session};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::{BTreeMap, BTreeSet};
use tongban_shared::arrange::{self, Spot};
use tongban_shared::edit::Edit;
use tongban_shared::id::{BoardId, IndicatorId, ItemId, SectionId, UnitId};
use tongban_shared::import::Role;
use tongban_shared::model::Target;
use tongban_shared::plan::{
    PlanPlace, consent_of, indicators_of, order_word, role_of, role_word, section_of, target_of, target_word,
};
use tongban_shared::publication::target_words;
use tongban_shared::text::typed_number;

/// Bytes of words that fit into one entry with everything else it says.
const MOST_BYTES: usize = 48 * 1024;

/// The draft with the session that keeps it.
#[derive(Clone, Copy)]
struct Drafting {
    session: Session,
    board: BoardId,
    item: Option<ItemId>,
    draft: RwSignal<ProposalDraft>,
    /// The revision of the board: the shown words follow it, so that nothing is proposed over unseen words.
    revision: RwSignal<u64>,
}

impl Drafting {
    fn value(self, place: PlanPlace) -> String {
        self.revision.track();
        self.draft
            .with(|draft| draft.value(place))
            .unwrap_or_else(|| self.session.plan_value(self.board, place))
    }

    fn set(self, place: PlanPlace, new: String) {
        let now = self.session.plan_value(self.board, place);
        self.change(|draft| draft.set(place, now, new));
    }

    fn change(self, change: impl FnOnce(&mut ProposalDraft)) {
        self.draft.update(change);
        self.draft.with_untracked(|draft| self.session.keep_draft(self.board, self.item, draft));
    }

    /// The units that may be asked, each with whether it is.
    fn asks(self) -> BTreeMap<UnitId, bool> {
        let Some(own) = self.session.view.who().map(|who| who.unit) else { return BTreeMap::new() };
        let space = self.session.view.space.get();
        let draft = self.draft.get();
        let asked =
            self.session.board_now(self.board, |now| consent_of(&space, now, self.item, &draft.changes, own));
        let chosen = |(unit, ask): (UnitId, bool)| (unit, draft.asks.get(&unit).copied().unwrap_or(ask));
        asked.unwrap_or_default().into_iter().map(chosen).collect()
    }
}

#[component]
pub fn ProposalForm(
    id: BoardId,
    /// The measure; the goal of the board without one.
    item: Option<ItemId>,
    /// It was submitted, or given up.
    done: Callback<()>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let revision = session.view.board(id).map_or_else(|| RwSignal::new(0), |board| board.revision.into());
    let drafting =
        Drafting { session, board: id, item, draft: RwSignal::new(ProposalDraft::default()), revision };
    spawn_local(async move {
        let found = session.kept_draft(id, item).await;
        if let Some(found) = found.filter(|_| !drafting.draft.is_disposed()) {
            drafting.draft.set(found);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let draft = drafting.draft.get_untracked();
        if draft.changes.is_empty() {
            return session.notice(words.w(W::ProposalNothing));
        }
        if draft.reason.trim().is_empty() {
            return session.notice(words.w(W::ReasonNeeded));
        }
        if draft.bytes() > MOST_BYTES {
            return session.notice(words.w(W::ProposalTooLong));
        }
        let asks: BTreeSet<UnitId> =
            untrack(|| drafting.asks()).into_iter().filter(|(_, ask)| *ask).map(|(unit, _)| unit).collect();
        if session.propose(id, item, &draft, asks) {
            session.notice(words.w(W::ProposalSubmitted));
            done.run(());
        }
    };
    let discard = move |_| {
        session.keep_draft(id, item, &ProposalDraft::default());
        done.run(());
    };
    let asks = Memo::new(move |_| drafting.asks());
    let units = Memo::new(move |_| asks.with(|asks| asks.keys().copied().collect::<Vec<_>>()));
    let reason = Signal::derive(move || drafting.draft.with(|draft| draft.reason.clone()));
    let never = Signal::derive(|| false);
    let kept = move || drafting.draft.with(|draft| *draft != ProposalDraft::default());
    view! {
        <form class="stack proposal" on:submit=submit data-testid="proposal-form">
            {match item {
                Some(item) => view! { <MeasureFields drafting item /> }.into_any(),
                None => view! { <Words drafting place=PlanPlace::Goal word=W::Goal /> }.into_any(),
            }}
            <Targets drafting />
            <fieldset>
                <legend>{move || words.w(W::AskConsent)}</legend>
                <div class="checks">
                    <For each=move || units.get() key=|unit| *unit let:unit>
                        <label class="check"><input type="checkbox" prop:checked=move || asks.with(|asks| asks.get(&unit) == Some(&true))
                            on:change=move |event| { let ask = event_target_checked(&event); drafting.change(|draft| { draft.asks.insert(unit, ask); }) } />
                            {move || session.view.space.with(|space| space.short_name(unit))}</label>
                    </For>
                </div>
            </fieldset>
            <label class="field"><span>{move || words.w(W::ProposalReason)}</span>
                <TextBox value=reason disabled=never rows=2 attr:maxlength="2000"
                    on_typed=Callback::new(move |typed: Stroke| drafting.change(|draft| draft.reason = typed.text)) />
            </label>
            <p class="inline">
                <button class="button button--main" type="submit">{move || words.w(W::Submit)}</button>
                <button class="button button--plain" type="button" on:click=discard>{move || words.w(W::Discard)}</button>
                <Show when=kept><span class="dim" role="status">{move || words.w(W::ProposalKept)}</span></Show>
            </p>
        </form>
    }
}

#[component]
fn Words(drafting: Drafting, place: PlanPlace, word: W) -> impl IntoView {
    let words = words();
    view! {
        <label class="field"><span>{move || words.w(word)}</span>
            <TextBox value=Signal::derive(move || drafting.value(place)) disabled=Signal::derive(|| false) rows=5
                on_typed=Callback::new(move |typed: Stroke| drafting.set(place, typed.text)) />
        </label>
    }
}

#[component]
fn MeasureFields(drafting: Drafting, item: ItemId) -> impl IntoView {
    let words = words();
    let (headline, deadline) = (PlanPlace::Headline(item), PlanPlace::Deadline(item));
    view! {
        <label class="field"><span>{move || words.w(W::Headline)}</span>
            <TextBox value=Signal::derive(move || drafting.value(headline)) disabled=Signal::derive(|| false)
                on_typed=Callback::new(move |typed: Stroke| drafting.set(headline, typed.text)) />
        </label>
        <Words drafting place=PlanPlace::Text(item) word=W::Text />
        <InSection drafting item />
        <label class="field"><span>{move || words.w(W::Deadline)}</span>
            <input type="date" prop:value=move || drafting.value(deadline) on:change=move |event| drafting.set(deadline, event_target_value(&event)) />
        </label>
        <Owners drafting item />
    }
}

/// The section that a measure stands in; in another one it comes behind the last.
#[component]
fn InSection(drafting: Drafting, item: ItemId) -> impl IntoView {
    let words = words();
    let session = drafting.session;
    let place = PlanPlace::Order(item);
    let all = session.board_now(drafting.board, |now| {
        let child = now.items.get(&item).is_some_and(|item| item.parent.is_some());
        let sections = now.section_order().into_iter().filter(|_| !child);
        let named = |id: SectionId| (id, format!("{} {}", now.sections[&id].number, now.sections[&id].title));
        sections.map(named).collect::<Vec<_>>()
    });
    let all = all.unwrap_or_default();
    if all.len() < 2 {
        return ().into_any();
    }
    let now_in = move || section_of(&drafting.value(place));
    let choose = move |event: leptos::ev::Event| {
        let Ok(section) = event_target_value(&event).parse::<SectionId>() else { return };
        let moved = session.board_now(drafting.board, |now| {
            let edits = arrange::put(now, item, Spot::Into(section))?;
            edits.into_iter().find_map(|edit| match edit {
                Edit::MoveItem { id, section, rank } if id == item => Some(order_word(section, &rank)),
                _ => None,
            })
        });
        // Back in its own section it stands where it stood.
        let word = moved.flatten().unwrap_or_else(|| session.plan_value(drafting.board, place));
        drafting.set(place, word);
    };
    view! {
        <label class="field"><span>{move || words.w(W::PlaceInList)}</span>
            <select on:change=choose>
                {all.into_iter().map(|(id, name)| view! { <option value=id.to_string() selected=move || now_in() == Some(id)>{name}</option> }).collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// The units that are named, each with its role or with no part any more.
#[component]
fn Owners(drafting: Drafting, item: ItemId) -> impl IntoView {
    let words = words();
    let session = drafting.session;
    let named = Memo::new(move |_| {
        let mut units: BTreeSet<UnitId> = session
            .board_now(drafting.board, |now| {
                let parts = now.items.get(&item).map(|item| item.assignments.iter());
                parts
                    .into_iter()
                    .flatten()
                    .filter(|(_, part)| part.removal.is_none())
                    .map(|(unit, _)| *unit)
                    .collect()
            })
            .unwrap_or_default();
        drafting.draft.with(|draft| {
            units.extend(draft.changes.iter().filter_map(|change| match change.place {
                PlanPlace::Owner(_, unit) => Some(unit),
                _ => None,
            }));
        });
        units
    });
    let choices = move || {
        let known = named.get();
        let mut units: Vec<(String, UnitId)> = session.view.space.with(|space| {
            space
                .units
                .iter()
                .filter(|(id, _)| !known.contains(id))
                .map(|(id, unit)| (unit.name.clone(), *id))
                .collect()
        });
        units.sort();
        units
            .into_iter()
            .map(|(name, id)| view! { <option value=id.to_string()>{name}</option> })
            .collect_view()
    };
    let adding = RwSignal::new(String::new());
    let add = move |event: leptos::ev::Event| {
        if let Ok(unit) = event_target_value(&event).parse() {
            adding.set(event_target_value(&event));
            drafting.set(PlanPlace::Owner(item, unit), role_word(Role::Responsible));
            adding.set(String::new());
        }
    };
    let row = move |unit: UnitId| {
        let place = PlanPlace::Owner(item, unit);
        let name = move || session.view.space.with(|space| space.unit_name(unit));
        let options = Role::ALL.into_iter().map(move |role| {
            view! { <option value=role_word(role) selected=move || role_of(&drafting.value(place)) == Some(role)>{move || words.w(role.word())}</option> }
        });
        view! {
            <label class="inline"><span>{name}</span>
                <select on:change=move |event| drafting.set(place, event_target_value(&event))>
                    {options.collect_view()}
                    <option value="" selected=move || drafting.value(place).is_empty()>{move || words.w(W::NoOwner)}</option>
                </select>
            </label>
        }
    };
    view! {
        <fieldset>
            <legend>{move || words.w(W::ResponsibleUnits)}</legend>
            <For each=move || named.get() key=|unit| *unit let:unit>{row(unit)}</For>
            <select aria-label=move || words.w(W::AddUnit) prop:value=adding on:change=add>
                <option value="">{move || words.w(W::AddUnit)}</option>
                {choices}
            </select>
        </fieldset>
    }
}

/// The numbers that are to be reached.
#[component]
fn Targets(drafting: Drafting) -> impl IntoView {
    let words = words();
    let session = drafting.session;
    let all: Vec<(IndicatorId, String, Target)> = session
        .board_now(drafting.board, |now| {
            let of = indicators_of(now, drafting.item).into_iter();
            of.map(|(id, one)| (id, one.name.clone(), one.target.clone())).collect()
        })
        .unwrap_or_default();
    let line = move |(id, name, now): (IndicatorId, String, Target)| {
        let place = PlanPlace::Target(id);
        let label = format!("{name}（{}）", target_words(&now));
        let drafted = move || target_of(&drafting.value(place)).unwrap_or_default();
        let set = move |change: &dyn Fn(&mut Target, f64), text: String| {
            let Some(number) = typed_number(&text) else {
                return session.notice(words.w(W::NotANumber));
            };
            let mut target = untrack(drafted);
            change(&mut target, number);
            drafting.set(place, target_word(&target));
        };
        view! {
            <label class="field"><span>{label}</span>
                <span class="inline">
                    <input inputmode="decimal" prop:value=move || drafted().value.to_string()
                        on:change=move |event| set(&|target, number| target.value = number, event_target_value(&event)) />
                    {now.value2.is_some().then(|| view! {
                        "—"<input inputmode="decimal" aria-label=move || words.w(W::TargetWord)
                            prop:value=move || drafted().value2.unwrap_or_default().to_string()
                            on:change=move |event| set(&|target, number| target.value2 = Some(number),
                            event_target_value(&event)) />
                    })}
                    {now.unit.clone()}
                </span>
            </label>
        }
    };
    view! { {all.into_iter().map(line).collect_view()} }
}
