//! The panel of one item: headline, text, units with their parts, ledger, entries.

mod parts;
mod propose;

use super::history::entry_words;
use super::links::Links;
use super::papers::BriefButton;
use super::rounds::RoundChoice;
use super::typed::{Typed, has_parts};
use crate::app::session;
use crate::browser::{self, time_words};
use crate::lang::{W, words};
use crate::parts::{AttachFiles, Field, Question, ShownFiles};
use crate::view::{BoardView, ItemView};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_location, use_navigate};
use parts::Parts;
use propose::Propose;
use std::sync::Arc;
use tongban_shared::attachment::Attachment;
use tongban_shared::edit::{Edit, ItemField, LedgerField, TextPlace};
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::fold::{Retirement, item_digest};
use tongban_shared::id::{BoardId, EntryId, ItemId, MilestoneId, UnitId};
use tongban_shared::model::Conflict;
use tongban_shared::plan::{is_measure, measure_name};
use tongban_shared::sign::Act;
use tongban_shared::template;
use tongban_shared::text::splice_of;
use wasm_bindgen::JsCast;

/// What every part of the panel has at hand.
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
        let template = self.view.head.with_untracked(|head| template::of(head));
        self.signal.with_untracked(|view| is_measure(template, &view.item.kind))
    }

    /// Whether the person here may choose between two values that stand against each other.
    fn may_choose(&self) -> Signal<bool> {
        let (plan, decide) = (self.may_plan(), self.may_decide());
        Signal::derive(move || plan.get() || decide.get())
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
    let (title, deadline) =
        (panel.memo(|view| view.item.title.clone()), panel.memo(|view| view.item.deadline.clone()));
    let number = panel.memo(|view| view.item.number.clone());
    let conflicts = panel.memo(|view| view.item.conflicts.clone());
    let (plan, choose) = (panel.may_plan(), panel.may_choose());
    let locked = Signal::derive(move || !plan.get());
    let write = panel.may_write();
    // A row of a unit is none of the plan.
    let unchosen = move |row: bool| Signal::derive(move || if row { !write.get() } else { !choose.get() });
    let set = move |field: ItemField| {
        move |value: String| {
            session.edit_board(id, Edit::SetItemField { id: item, field: field.clone(), value });
        }
    };
    view! {
        <aside class="panel" aria-label=move || words.w(W::ItemPanel)>
            <div class="panel__head">
                <span class="item__number">{number}</span>
                <A href=move || path.get() scroll=false><span aria-hidden="true">"✕"</span><span class="hidden">{move || words.w(W::Close)}</span></A>
            </div>
            <Field label=Signal::derive(move || words.w(W::Headline).to_owned()) value=title disabled=locked on_done=set(ItemField::Title) />
            <TextField panel=panel.clone() />
            <label class="field"><span>{move || words.w(W::Deadline)}</span>
                <input type="date" prop:value=deadline disabled=locked on:change=move |event| set(ItemField::Deadline)(event_target_value(&event)) />
            </label>
            <For each=move || conflicts.get() key=|conflict| format!("{conflict:?}") let:conflict>
                <ConflictRow board=id item locked=unchosen(conflict.field.starts_with("ledger/")) conflict />
            </For>
            {panel.is_measure().then(|| view! { <Propose panel=panel.clone() /> })}
            <Typed panel=panel.clone() />
            <Parts panel=panel.clone() closes=has_parts(&panel) />
            {has_parts(&panel).then(|| view! { <LedgerRow panel=panel.clone() /> })}
            <Milestones panel=panel.clone() />
            <Links panel=panel.clone() />
            <Entries panel=panel.clone() />
            <BriefButton board=id item />
            <RetireRow panel />
        </aside>
    }
}

/// Values written at the same time: all are shown, one is chosen.
#[component]
fn ConflictRow(board: BoardId, item: ItemId, conflict: Conflict, locked: Signal<bool>) -> impl IntoView {
    let session = session();
    let words = words();
    let field = conflict.field.clone();
    let choose = move |value: &str| {
        let value = value.to_owned();
        let edit = match field.as_str() {
            "number" => Some(Edit::SetItemField { id: item, field: ItemField::Number, value }),
            "title" => Some(Edit::SetItemField { id: item, field: ItemField::Title, value }),
            "deadline" => Some(Edit::SetItemField { id: item, field: ItemField::Deadline, value }),
            "place" => value.split_once('|').and_then(|(section, rank)| {
                Some(Edit::MoveItem { id: item, section: section.parse().ok()?, rank: rank.to_owned() })
            }),
            ledger => ledger_edit(item, ledger, value),
        };
        if let Some(edit) = edit {
            session.edit_board(board, edit);
        }
    };
    let place = conflict.field == "place";
    let sections = session.view.board(board).map(|board| board.order.get_untracked());
    let shown = move |value: &str| {
        let section = value.split('|').next().unwrap_or_default();
        let title = sections.iter().flat_map(|all| all.iter()).find(|(id, _, _)| id.to_string() == section);
        if place {
            title.map_or_else(|| value.to_owned(), |(_, section, _)| section.title.clone())
        } else {
            value.to_owned()
        }
    };
    view! {
        <p class="clash" data-testid="clash">
            <span>{move || words.w(W::TwoValues)}</span>
            {conflict.values.iter().map(|value| {
                let (choose, value, label) = (choose.clone(), value.clone(), shown(value));
                view! { <button type="button" class="button" disabled=locked on:click=move |_| choose(&value)>{move || words.w(W::Use)}" "{label}</button> }
            }).collect_view()}
        </p>
    }
}

/// The edit that chooses a value of `ledger/unit/field`.
fn ledger_edit(item: ItemId, field: &str, value: String) -> Option<Edit> {
    let (unit, key) = field.strip_prefix("ledger/")?.split_once('/')?;
    let field = LedgerField::ALL.into_iter().find(|field| field.key() == key)?;
    Some(Edit::SetLedger { item, unit: unit.parse().ok()?, field, value })
}

/// A text that several people write: each key press is a splice, so that words merge.
#[component]
fn TextField(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let (board, item) = (panel.board, panel.item);
    let text = panel.memo(|view| view.item.text.clone());
    let write = panel.may_plan();
    let area = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move |_| {
        let now = text.get();
        if let Some(area) = area.get()
            && area.value() != now
        {
            // Somebody else wrote: the caret stays with its word.
            let caret = area.selection_start().ok().flatten().unwrap_or_default();
            let (at, removed, inserted) = splice_of(&area.value(), &now);
            area.set_value(&now);
            let caret = caret as usize;
            let caret = if at < caret {
                caret.saturating_sub(removed) + inserted.encode_utf16().count()
            } else {
                caret
            };
            let caret = u32::try_from(caret).unwrap_or_default();
            let _ = area.set_selection_range(caret, caret);
        }
    });
    let typed = move |event: leptos::ev::Event| {
        let before = text.get_untracked();
        let (at, delete, insert) = splice_of(&before, &event_target_value(&event));
        if delete > 0 || !insert.is_empty() {
            session.edit_board(board, Edit::SpliceText { text: TextPlace::Item(item), at, delete, insert });
        }
    };
    view! {
        <label class="field"><span>{move || words.w(W::Text)}</span>
            <textarea node_ref=area rows="6" disabled=move || !write.get() on:input=typed></textarea>
        </label>
    }
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
            return;
        }
        let id = MilestoneId::from_bytes(crate::browser::fresh_id());
        session.edit_board(
            board,
            Edit::AddMilestone { item, id, title: title.get_untracked(), due: due.get_untracked() },
        );
        title.set(String::new());
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
fn Entries(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let entries = panel.memo(|view| view.entries.iter().rev().cloned().collect::<Vec<_>>());
    let (comments, reports) = (panel.may_record(EntryKind::Comment), panel.may_record(EntryKind::Report));
    let replies = panel.may_record(EntryKind::Answer);
    let body = RwSignal::new(String::new());
    let (files, busy) = (RwSignal::new(Vec::<Attachment>::new()), RwSignal::new(false));
    let period = RwSignal::new(None::<String>);
    // A record of an enterprise that is answered: others on the item do not see the answer.
    let answers = RwSignal::new(None::<EntryId>);
    let board = panel.board;
    let about = Signal::stored(Some((panel.board, panel.item)));
    let report = {
        let panel = panel.clone();
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let text = body.get_untracked();
            if text.trim().is_empty() && files.with_untracked(Vec::is_empty) || busy.get_untracked() {
                return;
            }
            let mine = panel.signal.with_untracked(|view| {
                let space = session.view.space.get_untracked();
                session.view.who().is_some_and(|who| {
                    let named =
                        || view.item.named_in_fields().any(|unit| space.expanded(unit).contains(&who.unit));
                    view.state.parts.contains_key(&who.unit) || named()
                })
            });
            let reports = mine && reports.get_untracked();
            let answered = answers.get_untracked();
            let kind = match answered {
                Some(_) => EntryKind::Answer,
                None if reports => EntryKind::Report,
                None => EntryKind::Comment,
            };
            let written = session.write_entry(panel.subject(None), kind, |entry| {
                text.trim().clone_into(&mut entry.body);
                entry.period = period.get_untracked().filter(|_| kind == EntryKind::Report);
                entry.answers = answered;
                entry.attachments = Some(files.get_untracked()).filter(|files| !files.is_empty());
            });
            if written {
                body.set(String::new());
                files.set(Vec::new());
                answers.set(None);
            }
        }
    };
    let words_of = {
        let panel = panel.clone();
        move |id: EntryId| {
            panel.signal.with(|view| {
                let entry = view.entries.iter().find(|entry| entry.id == id);
                entry.map(|entry| entry.body.chars().take(30).collect::<String>()).unwrap_or_default()
            })
        }
    };
    view! {
        <section aria-labelledby="entries">
            <h3 id="entries">{move || words.w(W::Progress)}</h3>
            <Show when=move || comments.get()>
                <form class="stack" on:submit=report.clone()>
                    {let words_of = words_of.clone(); move || answers.get().map(|id| view! {
                        <p class="dim">{words.w(W::DidAnswer)}"：“"{words_of(id)}"” "<button type="button" class="button button--plain" on:click=move |_| answers.set(None)>{words.w(W::LeaveIt)}</button></p>
                    })}
                    <textarea rows="2" aria-label=move || words.w(W::NewReport) placeholder=move || words.w(W::NewReport) bind:value=body></textarea>
                    <AttachFiles chosen=files busy />
                    <RoundChoice about period />
                    <button class="button button--main" type="submit" disabled=move || busy.get()>{move || words.w(W::Save)}</button>
                </form>
            </Show>
            <ol class="entries">
                <For each=move || entries.get() key=|entry| entry.id let:entry>
                    <li>
                        <p class="dim"><time class="tabular">{time_words(entry.said / 1000)}</time>" "{session.view.space.with_untracked(|space| space.unit_name(entry.author.unit))}" "{entry_words(words, &entry)}</p>
                        <p>{entry.body.clone()}</p>
                        <ShownFiles board files=entry.files().to_vec() />
                        {entry.is_of_enterprise().then(|| { let id = entry.id; view! {
                            <Show when=move || replies.get()><button type="button" class="button button--plain" on:click=move |_| answers.set(Some(id))>{move || words.w(W::DidAnswer)}</button></Show>
                        } })}
                    </li>
                </For>
            </ol>
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
    let subject = panel.subject(None);
    let retire = {
        let panel = panel.clone();
        move |_| {
            // Only what was seen is put out of use.
            let digest = panel.signal.with_untracked(|view| item_digest(&view.item));
            let act = Act::Entry(EntryKind::Retire);
            let question = Question::new(act, words.w(W::Retire), about.get_untracked(), move |said, _| {
                let digest = digest.clone();
                session.sign(&said, subject, EntryKind::Retire, |entry| entry.digest = Some(digest))
            });
            session.ask(question.told(words.w(W::RetireTold)));
        }
    };
    let restore = move |_| {
        let act = Act::Entry(EntryKind::Restore);
        let question = Question::new(act, words.w(W::Restore), about.get_untracked(), move |said, _| {
            session.sign(&said, subject, EntryKind::Restore, |_| {})
        });
        session.ask(question);
    };
    view! {
        <Show when=move || decide.get()>
            {let retire = retire.clone(); move || match retirement.get() {
                Retirement::Active => view! { <button type="button" class="button button--plain" on:click=retire.clone()>{words.w(W::Retire)}</button> }.into_any(),
                other => view! {
                    <p class="clash">{words.w(if other == Retirement::Retired { W::RetiredMark } else { W::RetiredWithNews })}
                        <button type="button" class="button" on:click=restore>{words.w(W::Restore)}</button>
                        {(other == Retirement::RetiredWithNews).then(|| view! { <button type="button" class="button" on:click=retire.clone()>{words.w(W::ConfirmRetire)}</button> })}
                    </p>
                }.into_any(),
            }}
        </Show>
    }
}
