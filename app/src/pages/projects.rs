//! 我的事项: what an enterprise sees; its items with what was said, and what it may say.

use crate::app::session;
use crate::board::MoveForm;
use crate::browser::time_words;
use crate::lang::{W, words};
use crate::parts::{AttachFiles, ShownFiles, Unsaved};
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use tongban_shared::attachment::Attachment;
use tongban_shared::entry::{Entry, EntryKind, Subject};
use tongban_shared::fold::Offer;
use tongban_shared::id::{BoardId, EntryId, ItemId};
use tongban_shared::publication::{Project, ProjectBoard, Projects, Step};
use tongban_shared::text::typed_number;
use tongban_shared::views::{kind_word, said_word};

/// The server is asked so often while the page is open.
const ASK_AGAIN: Duration = Duration::from_secs(300);

#[component]
pub fn OwnProjects() -> impl IntoView {
    let session = session();
    let words = words();
    session.ask_for_projects(false);
    let timer = set_interval_with_handle(move || session.ask_for_projects(false), ASK_AGAIN).ok();
    on_cleanup(move || {
        if let Some(timer) = timer {
            timer.clear();
        }
    });
    // A press is answered where nothing is new, and where nobody can be asked.
    let ask = move |_| {
        session.ask_for_projects_then(true, move |answered| {
            let now = time_words(i64::try_from(crate::browser::now_ms() / 1000).unwrap_or_default());
            let told = if answered {
                format!("{} {now}", words.w_untracked(W::AsOf))
            } else {
                words.w_untracked(W::CannotReach).to_owned()
            };
            session.notice(&told);
        });
    };
    let projects = session.view.projects;
    let all = Memo::new(move |_| {
        projects.with(|all| {
            let all = all.iter().flat_map(|all| &all.projects);
            all.map(|one| (one.board, one.item)).collect::<Vec<_>>()
        })
    });
    let at = move || {
        let told = projects.with(|all| all.as_ref().map(|all| all.at)).unwrap_or_default();
        i64::try_from(told / 1000).unwrap_or_default()
    };
    let unread = Memo::new(move |_| projects.with(|all| all.as_ref().map_or(0, |all| all.unread)));
    let cut = Memo::new(move |_| {
        projects.with(|all| all.iter().flat_map(|all| all.boards.values()).filter(|board| board.cut).count())
    });
    view! {
        <h1>{move || words.w(W::MyMatters)}" "<span class="count">{move || all.with(Vec::len)}</span></h1>
        <p class="dim">{move || words.w(W::MyMattersHint)}</p>
        <p class="inline">
            <Show when=move || at() != 0><span class="dim">{move || words.w(W::AsOf)}" "<span class="tabular">{move || time_words(at())}</span></span></Show>
            <button type="button" class="button" on:click=ask>{move || words.w(W::AskAgain)}</button>
        </p>
        <Show when=move || unread.get() != 0><p class="error" role="status">{move || words.w(W::ProjectsUnread).replace("{n}", &unread.get().to_string())}</p></Show>
        <Show when=move || cut.get() != 0><p class="error" role="status">{move || words.w(W::ProjectsCut).replace("{n}", &cut.get().to_string())}</p></Show>
        <Show when=move || all.with(Vec::is_empty)><p class="dim">{move || words.w(W::MyMattersNone)}</p></Show>
        <ul class="own" data-shows="text" data-testid="matters">
            <For each=move || all.get() key=|one| *one let:one><Matter board=one.0 item=one.1 /></For>
        </ul>
    }
}

/// One item: how it stands, what was said, what may be said.
#[component]
fn Matter(board: BoardId, item: ItemId) -> impl IntoView {
    let session = session();
    let words = words();
    let project = Memo::new(move |_| {
        session.view.projects.with(|all| {
            let mut all = all.iter().flat_map(|all| &all.projects);
            all.find(|one| (one.board, one.item) == (board, item)).cloned()
        })
    });
    let text = move |read: fn(&Project) -> String| {
        Memo::new(move |_| project.with(|one| one.as_ref().map(read).unwrap_or_default()))
    };
    let below = project.with_untracked(|one| one.as_ref().is_some_and(|one| one.shown.depth > 0));
    let title = text(|one| format!("{} {}", one.shown.number, one.shown.title).trim().to_owned());
    let state = text(|one| one.shown.own_state.clone().unwrap_or_default());
    let of_board = move |read: fn(&ProjectBoard) -> String| {
        Memo::new(move |_| {
            let board = |all: &Arc<Projects>| all.boards.get(&board).map(read);
            session.view.projects.with(|all| all.as_ref().and_then(board).unwrap_or_default())
        })
    };
    let (plan, lead) = (of_board(|one| one.title.clone()), of_board(|one| one.lead.clone()));
    let (kind, deadline) = (text(|one| one.shown.kind.clone()), text(|one| one.shown.deadline.clone()));
    let units =
        text(|one| one.shown.units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join("、"));
    let body = text(|one| one.shown.text.clone());
    let fields = Memo::new(move |_| {
        project.with(|one| one.as_ref().map(|one| one.shown.fields.clone()).unwrap_or_default())
    });
    // One step at a time: what was sent may lead elsewhere.
    let steps = Memo::new(move |_| {
        session.view.said.track();
        let told = |one: &Project, entry: &Entry| one.said.iter().any(|said| said.id == entry.id);
        let steps = project.with(|one| {
            let one = one.as_ref()?;
            let own = session.own_said(board, item);
            let waits = own.iter().any(|entry| entry.to.is_some() && !told(one, entry));
            (!waits).then(|| one.steps.clone())
        });
        steps.unwrap_or_default()
    });
    let subject = Subject { board, item: Some(item), unit: None, indicator: None };
    let heading = move || {
        if below { view! { <h3>{title}</h3> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() }
    };
    view! {
        <li class="own__row" class:own__row--below=below data-testid="matter">
            {heading()}
            <p>
                <span class="dim">{kind}" "</span>
                <Show when=move || !state.with(String::is_empty)><span class="tag" data-testid="matter-state">{state}</span></Show>
                <Show when=move || !deadline.with(String::is_empty)><span class="dim tabular">" "{deadline}</span></Show>
            </p>
            <Show when=move || !below><p class="dim">{plan}<Show when=move || !lead.with(String::is_empty)>" · "{move || words.w(W::LedBy)}"："{lead}</Show></p></Show>
            <Show when=move || !units.with(String::is_empty)><p class="dim">{units}</p></Show>
            <Show when=move || !body.with(String::is_empty)><p>{body}</p></Show>
            <Show when=move || !fields.with(Vec::is_empty)>
                <dl class="own__fields">
                    <For each=move || fields.get() key=|field| field.clone() let:field><div><dt>{field.0.clone()}</dt><dd>{field.1.clone()}</dd></div></For>
                </dl>
            </Show>
            <For each=move || steps.get() key=|step| format!("{step:?}") let:step><StepRow subject step /></For>
            <details open=!below>
                <summary>{move || words.w(W::SaidBetween)}</summary>
                <Between board item project />
                <Saying subject project />
            </details>
        </li>
    }
}

#[component]
fn StepRow(subject: Subject, step: Step) -> impl IntoView {
    let Some(kind) = EntryKind::from_word(&step.kind) else { return ().into_any() };
    let offer = Offer {
        to: step.to,
        kind,
        words: step.words,
        number: step.number,
        due: step.due,
        missing: Vec::new(),
    };
    view! { <MoveForm subject offer title=Signal::stored(step.name) lacks=String::new() /> }.into_any()
}

/// A line of what was said.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    id: EntryId,
    said: i64,
    by: String,
    word: W,
    /// The value besides its words: a number, a date, a state.
    more: String,
    body: String,
    files: Vec<Attachment>,
    /// The server has told of it.
    received: bool,
}

/// Records of units, as the server told them, and of the enterprise, as they stand here.
#[component]
fn Between(board: BoardId, item: ItemId, project: Memo<Option<Project>>) -> impl IntoView {
    let session = session();
    let words = words();
    let lines = Memo::new(move |_| {
        session.view.said.track();
        let mut lines: Vec<Line> = Vec::new();
        let told = project.with(|one| one.as_ref().map(|one| one.said.clone()).unwrap_or_default());
        let more = |value: Option<f64>, due: Option<String>, to: Option<String>| {
            let value = value.map(tongban_shared::publication::number_words);
            [value, due, to].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        };
        let own = session.own_said(board, item);
        for one in &told {
            let kind = EntryKind::from_word(&one.kind).unwrap_or(EntryKind::Comment);
            let here = own.iter().find(|entry| entry.id == one.id);
            lines.push(Line {
                id: one.id,
                said: one.said,
                by: one.by.clone(),
                word: said_word(kind, one.accepted),
                more: more(one.value, one.due.clone(), one.to.clone()),
                body: one.body.clone(),
                files: here.map(|entry| entry.files().to_vec()).unwrap_or_default(),
                received: true,
            });
        }
        let unit = session.view.projects.with(|all| all.as_ref().map(|all| all.name.clone()));
        let unit = unit.unwrap_or_default();
        for entry in own.into_iter().filter(|entry| told.iter().all(|one| one.id != entry.id)) {
            lines.push(Line {
                id: entry.id,
                said: entry.said,
                by: unit.clone(),
                word: said_word(entry.kind, entry.accepted),
                more: more(entry.value, entry.due.clone(), None),
                body: entry.body.clone(),
                files: entry.files().to_vec(),
                received: false,
            });
        }
        lines.reverse();
        lines
    });
    view! {
        <ol class="entries" data-testid="said">
            <For each=move || lines.get() key=|line| (line.id, line.received, line.files.len()) let:line>
                <li>
                    <p class="dim"><time class="tabular">{time_words(line.said / 1000)}</time>" "{line.by.clone()}" "{move || words.w(line.word)}" "{line.more.clone()}
                        {(!line.received).then(|| view! { " "<span class="tag">{move || words.w(W::NotReceived)}</span> })}</p>
                    <p>{line.body.clone()}</p>
                    <ShownFiles board files=line.files.clone() />
                </li>
            </For>
        </ol>
    }
}

/// Says something of an item.
#[component]
fn Saying(subject: Subject, project: Memo<Option<Project>>) -> impl IntoView {
    let session = session();
    let words = words();
    let kinds = Memo::new(move |_| {
        let writes = project.with(|one| one.as_ref().map(|one| one.writes.clone()).unwrap_or_default());
        writes.iter().filter_map(|word| EntryKind::from_word(word)).collect::<Vec<_>>()
    });
    let chosen = RwSignal::new(EntryKind::Issue);
    let (body, number) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (files, busy) = (RwSignal::new(Vec::<Attachment>::new()), RwSignal::new(false));
    let scores = move || chosen.get() == EntryKind::Score;
    let kept = subject.item.map(|item| format!("saying/{}/{item}", subject.board));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (kind, text) = (chosen.get_untracked(), body.get_untracked());
        let value = number.with_untracked(|number| typed_number(number));
        if kind == EntryKind::Score && value.is_none() {
            return session.notice(words.w(W::NotANumber));
        }
        let says = !text.trim().is_empty() || files.with_untracked(|files| !files.is_empty());
        if busy.get_untracked() || !says && kind != EntryKind::Score {
            return session.notice(words.w(W::NothingWritten));
        }
        let written = session.write_entry(subject, kind, |entry| {
            text.trim().clone_into(&mut entry.body);
            entry.value = value.filter(|_| kind == EntryKind::Score);
            entry.attachments = Some(files.get_untracked()).filter(|files| !files.is_empty());
        });
        if written {
            body.set(String::new());
            number.set(String::new());
            files.set(Vec::new());
        }
    };
    view! {
        <form class="stack" on:submit=save data-testid="saying">
            <div class="inline">
                <select aria-label=move || words.w(W::ItemKind) on:change=move |event| if let Some(kind) = EntryKind::from_word(&event_target_value(&event)) { chosen.set(kind) }>
                    <For each=move || kinds.get() key=|kind| *kind let:kind><option value=kind.word() selected=move || chosen.get() == kind>{move || words.w(kind_word(kind))}</option></For>
                </select>
                <Show when=scores><input inputmode="decimal" class="short" aria-label=move || words.w(W::SayNumber) placeholder=move || words.w(W::SayNumber) bind:value=number /></Show>
            </div>
            <Unsaved place=kept.clone() text=body />
            <textarea rows="2" aria-label=move || words.w(W::ToUnits) placeholder=move || words.w(W::ToUnits) bind:value=body></textarea>
            <AttachFiles chosen=files busy />
            <button class="button button--main" type="submit" disabled=move || busy.get()>{move || words.w(W::Save)}</button>
        </form>
    }
}
