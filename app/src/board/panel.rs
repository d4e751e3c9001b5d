//! The panel of one item: headline, text, units with their parts, ledger, entries.

mod entries;
mod parts;
mod propose;
mod returned;
mod wording;

use super::MatterCard;
use super::links::Links;
use super::marks::MarkCards;
use super::matter::{restoring, retiring};
use super::papers::BriefButton;
use super::typed::{Typed, has_parts};
use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use crate::parts::{Field, Question, kept};
use crate::view::{BoardView, ItemView};
use entries::Entries;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_location, use_navigate};
use parts::{OwnPart, Parts};
use propose::Propose;
use returned::ReturnedBand;
use std::sync::Arc;
use tongban_shared::edit::{Edit, LedgerField, TextPlace};
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::fold::Retirement;
use tongban_shared::id::{BoardId, DocumentId, ItemId, MilestoneId, UnitId};
use tongban_shared::plan::{is_measure, measure_name};
use tongban_shared::sign::Act;
use tongban_shared::template;
use tongban_shared::views::{MatterKind, matters};
use wasm_bindgen::JsCast;
use wording::{Headline, Wording};

/// The values that every part of the panel needs.
#[derive(Clone)]
pub struct Panel {
    pub board: BoardId,
    pub item: ItemId,
    pub signal: ArcRwSignal<Arc<ItemView>>,
    pub view: BoardView,
}

impl Panel {
    pub fn memo<T: Clone + PartialEq + Send + Sync + 'static>(
        &self,
        read: impl Fn(&ItemView) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        let signal = self.signal.clone();
        Memo::new(move |_| signal.with(|view| read(view)))
    }

    fn subject(&self, unit: Option<UnitId>) -> Subject {
        Subject { board: self.board, item: Some(self.item), unit, indicator: None }
    }

    pub fn may_write(&self) -> Signal<bool> {
        let may = self.view.may.clone();
        Signal::derive(move || may.get().write)
    }

    /// Whether the person here may change what the plan says of the item, without a proposal.
    pub fn may_plan(&self) -> Signal<bool> {
        let (may, head, measure) = (self.view.may.clone(), self.view.head.clone(), self.is_measure());
        Signal::derive(move || may.get().write && (!measure || head.with(|head| head.settled.is_none())))
    }

    /// Whether the item is a line of a document, which belongs to the plan.
    pub fn is_measure(&self) -> bool {
        let template = self.view.head.with_untracked(|head| template::of(head)).ok();
        self.signal.with_untracked(|view| is_measure(template.as_deref(), &view.item.kind))
    }

    fn may_decide(&self) -> Signal<bool> {
        let may = self.view.may.clone();
        Signal::derive(move || may.get().decide)
    }

    /// Whether the person here may write an entry of a kind.
    fn may_record(&self, kind: EntryKind) -> Signal<bool> {
        let may = self.view.may.clone();
        Signal::derive(move || may.get().records(kind))
    }

    /// Whether the person here may send a close-out back.
    fn may_give_back(&self) -> Signal<bool> {
        let may = self.view.may.clone();
        Signal::derive(move || may.get().give_back)
    }
}

#[component]
pub fn ItemPanel(
    id: BoardId,
    board: BoardView,
    item: ItemId,
    signal: ArcRwSignal<Arc<ItemView>>,
) -> impl IntoView {
    let words = words();
    let session = session();
    let panel = Panel { board: id, item, signal, view: board };
    let path = use_location().pathname;
    // The desk leads here with the form of progress opened for what was sent back.
    let asked_to_mend = use_location().query.with_untracked(|query| query.get("mend").is_some());
    let mending = RwSignal::new(asked_to_mend);
    let navigate = use_navigate();
    // Escape leaves what is typed into first, then the panel.
    let escape = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() != "Escape"
            || event.default_prevented()
            || event.is_composing()
            || browser::is_asking()
        {
            return;
        }
        match event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) {
            Some(field) if browser::is_typing(event.target()) => {
                let _ = field.blur();
            }
            _ => navigate(
                &path.get_untracked(),
                NavigateOptions { scroll: false, ..NavigateOptions::default() },
            ),
        }
    });
    on_cleanup(move || escape.remove());
    let number = panel.memo(|view| view.item.number.clone());
    let decides_marks = Signal::derive(move || session.may_decide_mark(id));
    view! {
        <aside class="panel" aria-label=move || words.w(W::ItemPanel)>
            <div class="panel__head">
                <span class="item__number" data-shows="all">{number}</span>
                <A href=move || path.get() scroll=false><span aria-hidden="true">"✕"</span><span class="hidden">{move || words.w(W::Close)}</span></A>
            </div>
            <Headline panel=panel.clone() />
            <ReturnedBand panel=panel.clone() mending />
            <MarkCards board=id revision=panel.view.revision.clone() may=decides_marks text=TextPlace::Item(item) />
            <Waits panel=panel.clone() />
            {has_parts(&panel).then(|| view! { <OwnPart panel=panel.clone() /> })}
            <Entries panel=panel.clone() mending />
            <Typed panel=panel.clone() />
            <Parts panel=panel.clone() closes=has_parts(&panel) />
            <Wording panel=panel.clone() />
            {panel.is_measure().then(|| view! { <Propose panel=panel.clone() /> })}
            {has_parts(&panel).then(|| view! { <LedgerRow panel=panel.clone() /> })}
            <Milestones panel=panel.clone() />
            <Links panel=panel.clone() />
            <BriefButton board=id item />
            <RetireRow panel />
        </aside>
    }
}

/// The decisions that wait on the item: values that people wrote apart, units that left.
#[component]
fn Waits(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let (board, item, revision) = (panel.board, panel.item, panel.view.revision.clone());
    let language = move || {
        words.lang();
    };
    let waiting = kept(revision, language, move || {
        let mut all = session.look(board, |scene| matters(scene, words.lang_untracked())).unwrap_or_default();
        let shown = |kind: &MatterKind| match kind {
            MatterKind::Clash(clash) => clash.register.is_some(),
            // The rest stands in the rows of the units and at the foot.
            kind => matches!(kind, MatterKind::Left(..)),
        };
        all.retain(|matter| matter.item == Some(item) && shown(&matter.kind));
        all
    });
    view! { <For each=move || waiting.get() key=|matter| format!("{matter:?}") let:matter><MatterCard board matter /></For> }
}

#[component]
fn LedgerRow(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let (board, item) = (panel.board, panel.item);
    let unit = session.view.who().map(|who| who.unit);
    let part = panel.memo(move |view| unit.is_some_and(|unit| view.state.parts.contains_key(&unit)));
    let row = panel
        .memo(move |view| unit.and_then(|unit| view.item.ledger.get(&unit).cloned()).unwrap_or_default());
    let write = panel.may_write();
    let locked = Signal::derive(move || !write.get());
    let set = move |field: LedgerField| {
        move |value: String| {
            if let Some(unit) = unit {
                session.edit_board(board, Edit::SetLedger { item, unit, field, value });
            }
        }
    };
    let label = move |word| Signal::derive(move || words.w(word).to_owned());
    view! {
        <Show when=move || part.get()>
            <section aria-labelledby="ledger">
                <h3 id="ledger">{move || words.w(W::MyLedger)}</h3>
                <Field label=label(W::PersonInCharge) value=Signal::derive(move || row.get().person) disabled=locked on_done=set(LedgerField::Person) />
                <Field label=label(W::YearlyTask) value=Signal::derive(move || row.get().yearly_task) disabled=locked on_done=set(LedgerField::YearlyTask) />
                <Field label=label(W::Path) value=Signal::derive(move || row.get().path) disabled=locked on_done=set(LedgerField::Path) />
                <Field label=label(W::Remark) value=Signal::derive(move || row.get().remark) disabled=locked on_done=set(LedgerField::Remark) />
            </section>
        </Show>
    }
}

#[component]
fn Milestones(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let (board, item) = (panel.board, panel.item);
    let all = panel
        .memo(|view| view.item.milestones.iter().map(|(id, one)| (*id, one.clone())).collect::<Vec<_>>());
    let write = panel.may_write();
    let (title, due) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if title.with_untracked(|title| title.trim().is_empty()) {
            return session.notice(words.w(W::NameNeeded));
        }
        let id = MilestoneId::from_bytes(crate::browser::fresh_id());
        let (words, day) = (title.get_untracked(), due.get_untracked());
        let edit = Edit::AddMilestone { item, id, title: words, due: day };
        if session.edit_all(DocumentId::board(board), &[edit]) {
            title.set(String::new());
        }
    };
    let tick = move |event: leptos::ev::MouseEvent, id: MilestoneId, title: &str| {
        // The tick stays, so it is asked about; the box shows what the document says.
        event.prevent_default();
        let by =
            session.view.me.with_untracked(|me| me.as_ref().map(|me| me.name.clone())).unwrap_or_default();
        let question = Question::new(Act::Tick, words.w(W::ReachMilestone), title, move |_, _| {
            let (by, at) = (by.clone(), crate::browser::now());
            session.edit_board(board, Edit::TickMilestone { item, id, by, at });
            true
        });
        session.ask(question.told(words.w(W::ReachMilestoneTold)));
    };
    view! {
        <section aria-labelledby="milestones">
            <h3 id="milestones">{move || words.w(W::Milestones)}</h3>
            <ul class="lines">
                <For each=move || all.get() key=|row| format!("{row:?}") let:row>
                    <li><label class="check"><input type="checkbox" checked=row.1.done.is_some() disabled={ let done = row.1.done.is_some(); move || done || !write.get() } on:click={ let title = row.1.title.clone(); move |event| tick(event, row.0, &title) } />{row.1.title.clone()}</label>" "<span class="dim tabular">{row.1.due.clone()}</span>" "{row.1.done.clone()}</li>
                </For>
            </ul>
            <Show when=move || write.get()>
                <form class="inline" on:submit=add>
                    <input aria-label=move || words.w(W::NewMilestone) placeholder=move || words.w(W::NewMilestone) bind:value=title />
                    <input type="date" aria-label=move || words.w(W::Deadline) bind:value=due />
                    <button class="button" type="submit">{move || words.w(W::Add)}</button>
                </form>
            </Show>
        </section>
    }
}

#[component]
fn RetireRow(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let retirement = panel.memo(|view| view.state.retirement);
    let decide = panel.may_decide();
    let about = panel.memo(|view| measure_name(&view.item));
    let place = (panel.board, panel.item);
    let retire = move |_| session.ask(retiring(session, words, place, &about.get_untracked()));
    let restore = move |_| session.ask(restoring(session, words, place, &about.get_untracked()));
    view! {
        <Show when=move || decide.get()>
            {move || match retirement.get() {
                Retirement::Active => view! { <button type="button" class="button button--plain" on:click=retire>
                    {words.w(W::Retire)}</button> }.into_any(),
                other => view! {
                    <p class="clash">{words.w(if other == Retirement::Retired { W::RetiredMark } else { W::RetiredWithNews })}
                        <button type="button" class="button" on:click=restore>{words.w(W::Restore)}</button>
                        {(other == Retirement::RetiredWithNews).then(|| view! { <button type="button" class="button"
                            on:click=retire>{words.w(W::ConfirmRetire)}</button> })}
                    </p>
                }.into_any(),
            }}
        </Show>
    }
}
