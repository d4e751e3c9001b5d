//! 导入: the source left, what was read right; doubtful places first; accept.

mod next;
mod result;
mod source;
mod ways;

use crate::app::session;
use crate::lang::{Lang, W, words};
use crate::office;
use crate::parts::{Unsaved, bytes_of, chosen_file, take_drops};
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::task::spawn_local;
use next::{Made, NextSteps};
use result::ReadResult;
use source::{ReadSource, Source};
use std::collections::BTreeMap;
use std::sync::Arc;
use tongban_shared::access::Action;
use tongban_shared::adopt::adopt;
use tongban_shared::doubts::{self, Answers, Question, answered};
use tongban_shared::edit::{BoardField, Edit};
use tongban_shared::import::{self, Draft, DraftBoard, DraftDocument, ImportError, Span};
use tongban_shared::office::{Answer, Job, Told, told_lines};
use ways::{Way, ways_of};

#[component]
pub fn ImportPage() -> impl IntoView {
    let session = session();
    let words = words();
    let text = RwSignal::new(String::new());
    let draft = RwSignal::new(Arc::new(Draft::default()));
    let error = RwSignal::new(None::<String>);
    let lit = RwSignal::new(None::<Span>);
    let questions = RwSignal::new(Arc::<Vec<Question>>::default());
    let answers = RwSignal::new(Answers::new());
    let made = RwSignal::new(Vec::<Made>::new());
    let ways = RwSignal::new(BTreeMap::<usize, Way>::new());
    let reading = Reading { draft, questions, answers, lit, ways };
    // The source as it was read; none while it is being put in.
    let shown = RwSignal::new(None::<Source>);
    let field = NodeRef::<Textarea>::new();
    // The file that is being read; of a file that was read while another one was opened nothing is taken.
    let turn = StoredValue::new(0_u32);
    let read = move |source: &str| match import::read(source) {
        Ok(found) => {
            let nothing = boards(&found).next().is_none();
            let space = session.view.space.get_untracked();
            questions.set(Arc::new(doubts::questions(&found, &space, source)));
            answers.set(Answers::new());
            lit.set(None);
            ways.set(ways_of(session, &found));
            // Without a board there is nothing to look at beside it.
            shown.set((!nothing).then(|| Source::new(source)));
            draft.set(Arc::new(found));
            error.set(nothing.then(|| why_nothing(source, words.lang_untracked())));
            made.set(Vec::new());
        }
        Err(reason) => {
            draft.set(Arc::default());
            error.set(Some(match reason {
                ImportError::Empty => words.w_untracked(W::TextNeeded).to_owned(),
                reason => reason.to_string(),
            }));
        }
    };
    let told = RwSignal::new(Told::new());
    let take = move |file: web_sys::File| {
        let lang = words.lang_untracked();
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
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
            // The person may have left the page, or gone on to other words.
            if turn.try_get_value() != Some(mine) {
                return;
            }
            match found {
                Ok(found) => {
                    told.set(found.told);
                    text.set(found.words);
                    text.with_untracked(|text| read(text));
                }
                Err(problem) => {
                    // A draft of other words is not offered beside the error.
                    draft.set(Arc::default());
                    questions.set(Arc::default());
                    error.set(Some(problem));
                }
            }
        });
    };
    take_drops(session, words, take);
    let empty = move || draft.with(|draft| boards(draft).next().is_none());
    let read_field = move |_| {
        turn.update_value(|turn| *turn += 1);
        text.with_untracked(|text| read(text));
        // Words without a board are there to be mended.
        if draft.with_untracked(|draft| boards(draft).next().is_none())
            && let Some(field) = field.get_untracked()
        {
            _ = field.focus();
        }
    };
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
        let Some(space) = session.space_id() else { return };
        let (asked, said) = (questions.get_untracked(), answers.get_untracked());
        let found = answered(&draft.get_untracked(), &asked, &said);
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
                    if new {
                        let open =
                            asked.iter().filter(|one| one.board == place && !said.contains_key(&one.key()));
                        session.keep_questions(id, &open.cloned().collect::<Vec<_>>());
                    }
                    results.push(Made { board: id, new });
                }
                Err(reason) => session.notice(&reason.to_string()),
            }
        }
        // The drafts that were taken over are kept as boards.
        spawn_local(async move { _ = session.keep_unsaved("import", "").await });
        // A name that was mended once is known from now on.
        let aliases = doubts::aliases(&asked, &said, (space, &session.view.space.get_untracked()));
        if !aliases.is_empty() && session.view.allows(Action::WriteSpace) {
            session.edit_space(&aliases);
        }
        made.set(results);
    };
    // Drafts that become boards; the others are compared.
    let new = Memo::new(move |_| {
        let compared = ways.with(|ways| ways.values().filter(|way| way.beside.is_some()).count());
        draft.with(|draft| boards(draft).count()).saturating_sub(compared)
    });
    // Boards without a measure are no page's main act.
    let measures = move || draft.with(|draft| boards(draft).all(|(_, board)| board.items().next().is_some()));
    let main =
        Memo::new(move |_| measures() && ways.with(|ways| ways.values().all(|way| way.beside.is_none())));
    let may = Memo::new(move |_| session.view.allows(Action::BeginBoard));
    view! {
        <h1>{move || words.w(W::Import)}</h1>
        <p class="dim">{move || words.w(W::ImportHint)}</p>
        <NextSteps made />
        <div class="import" class:import--read=move || shown.with(Option::is_some)>
            <section class="import__source" aria-label=move || words.w(W::SourceText)>
                <p class="error" role="alert">{move || error.get()}</p>
                <p class="dim" role="status" data-testid="import-beside">{beside}</p>
                <Show when=move || shown.with(Option::is_some)>
                    <p class="inline"><button type="button" class="button" data-testid="edit-source"
                        on:click=move |_| shown.set(None)>{move || words.w(W::EditSource)}</button></p>
                    {move || shown.get().map(|source| view! { <ReadSource source lit /> })}
                </Show>
                <div hidden=move || shown.with(Option::is_some)>
                    <p class="inline">
                        <label class="button">{move || words.w(W::OpenFile)}
                            <input class="hidden" type="file" accept=import::FILES.join(",")
                            on:change=open data-testid="import-file" /></label>
                        <button type="button" class="button" class:button--main=move || empty() data-testid="read"
                            on:click=read_field>{move || words.w(W::ReadText)}</button>
                    </p>
                    <Unsaved place=Some("import".to_owned()) text />
                    <textarea class="import__text" data-testid="source" node_ref=field
                        aria-label=move || words.w(W::SourceText) rows="16"
                        bind:value=text placeholder=move || words.w(W::PasteHere)></textarea>
                </div>
            </section>
            <section class="import__result" aria-label=move || words.w(W::ReadResult)>
                <Show when=move || !empty() fallback=move || view! { <p class="dim">{move || words.w(W::NothingRead)}</p> }>
                    // Once they are made there is nothing more to accept.
                    <Show when=move || { made.with(Vec::is_empty) && new.get() > 0 }>
                        <p class="inline">
                            <button type="button" class="button" class:button--main=main data-testid="accept"
                                disabled=move || !may.get() on:click=accept>
                                {move || words.w(W::AcceptAll)}" "<span class="tabular">{new}</span></button>
                            <span class="dim">{move || (!may.get()).then(|| words.w(W::OfficeOnly))}</span>
                        </p>
                    </Show>
                    {move || view! { <ReadResult reading made text=shown.get_untracked().or_else(||
                        text.with_untracked(|text| Some(Source::new(text)))) /> }}
                </Show>
            </section>
        </div>
    }
}

/// The draft that was read of a text, and the person's answers to its doubts.
#[derive(Clone, Copy)]
pub struct Reading {
    draft: RwSignal<Arc<Draft>>,
    questions: RwSignal<Arc<Vec<Question>>>,
    answers: RwSignal<Answers>,
    /// The place of the source that is marked.
    lit: RwSignal<Option<Span>>,
    ways: RwSignal<BTreeMap<usize, Way>>,
}

impl Reading {
    /// The draft with the answers that were given.
    fn answered(self) -> Draft {
        answered(&self.draft.get(), &self.questions.get(), &self.answers.get())
    }
}

/// Says why a text that was read brought no board.
fn why_nothing(source: &str, lang: Lang) -> String {
    let letters = source.chars().filter(|letter| !letter.is_whitespace()).count();
    W::NoBoardRead.text(lang).replace("{n}", &letters.to_string())
}

fn boards(draft: &Draft) -> impl Iterator<Item = (&DraftDocument, &DraftBoard)> {
    draft.documents.iter().flat_map(|document| document.boards.iter().map(move |board| (document, board)))
}
