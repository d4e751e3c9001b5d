//! 新建清单: the gallery of templates.

use super::picture::Picture;
use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use tongban_shared::access::Action;
use tongban_shared::edit::Edit;
use tongban_shared::template::{self, Template};

/// Chosen: the template that was opened from a file.
const OWN: &str = "/own";

/// Chosen: a template of the space, by its id.
const SPACE: &str = "/space/";

/// A template of the space with its file.
#[derive(Debug, Clone, PartialEq)]
struct Kept {
    source: String,
    template: Template,
}

#[component]
pub fn NewBoard() -> impl IntoView {
    let session = session();
    let words = words();
    let chosen = RwSignal::new(None::<String>);
    let title = RwSignal::new(String::new());
    let own = RwSignal::new(None::<(String, Template)>);
    let problem = RwSignal::new(None::<String>);
    let hints = RwSignal::new(Vec::<String>::new());
    // The templates of the space; a file that this version cannot read is left out.
    let kept = Memo::new(move |_| {
        session.view.space.with(|space| {
            let read = |source: &String| {
                Some(Kept { source: source.clone(), template: template::parse(source).ok()? })
            };
            space.templates.values().filter_map(read).collect::<Vec<_>>()
        })
    });
    let navigate = use_navigate();
    let open = move |event: leptos::ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        spawn_local(async move {
            let text = browser::read_file(&file).await.ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let Some(source) = text else { return problem.set(Some(words.w(W::FileUnreadable).to_owned())) };
            match template::parse(&source) {
                Ok(parsed) => {
                    hints.set(template::advice(&parsed));
                    own.set(Some((source, parsed)));
                    chosen.set(Some(OWN.to_owned()));
                    problem.set(None);
                }
                Err(error) => {
                    hints.set(Vec::new());
                    own.set(None);
                    chosen.set(None);
                    problem.set(Some(error.to_string()));
                }
            }
        });
    };
    let may = Memo::new(move |_| session.view.allows(Action::BeginBoard));
    let keeps = Memo::new(move |_| session.view.allows(Action::WriteSpace));
    let begin = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = title.get_untracked();
        let own =
            own.get_untracked().filter(|_| chosen.with_untracked(|chosen| chosen.as_deref() == Some(OWN)));
        let of_space = || {
            let wanted = chosen.get_untracked()?;
            let id = wanted.strip_prefix(SPACE)?;
            kept.with_untracked(|kept| kept.iter().find(|one| one.template.id == id).cloned())
        };
        let (source, parsed) = match own {
            Some((source, parsed)) => (source, Some(parsed)),
            None => match of_space() {
                Some(one) => (one.source, Some(one.template)),
                None => (String::new(), chosen.with_untracked(|id| template::find(id.as_deref()?).cloned())),
            },
        };
        if let (Some(template), false) = (parsed, name.trim().is_empty())
            && let Some(board) = session.begin_board(&template, &source, name.trim())
        {
            navigate(&format!("/b/{board}"), leptos_router::NavigateOptions::default());
        }
    };
    let keep = move |_| {
        if let Some((source, template)) = own.get_untracked() {
            chosen.set(Some(format!("{SPACE}{}", template.id)));
            session.edit_space(&[Edit::SetTemplate { id: template.id, source }]);
            own.set(None);
        }
    };
    view! {
        <h1>{move || words.w(W::NewBoard)}</h1>
        <p class="dim">{move || words.w(if may.get() { W::NewBoardHint } else { W::OfficeOnly })}</p>
        <form on:submit=begin>
            <p class="inline">
                <label class="button">{move || words.w(W::TemplateFile)}<input class="hidden" type="file" data-testid="template-file" accept=".toml" on:change=open /></label>
            </p>
            <p class="error" role="alert">{move || problem.get()}</p>
            <Show when=move || !hints.with(Vec::is_empty)>
                <div class="clash" data-testid="advice"><p>{move || words.w(W::TemplateAdvice)}</p>
                    <ul class="lines"><For each=move || hints.get() key=|hint| hint.clone() let:hint><li>{hint}</li></For></ul>
                </div>
            </Show>
            <Show when=move || keeps.get() && own.with(Option::is_some)>
                <p class="inline" role="status"><b>{move || own.with(|own| own.as_ref().map(|(_, one)| one.name.get(words.lang()).to_owned()))}</b>" "<span class="tag">{move || words.w(W::TemplateRead)}</span>" "<button type="button" class="button" data-testid="keep-template" on:click=keep>{move || words.w(W::KeepTemplate)}</button></p>
            </Show>
            <p class="inline">
                <input data-testid="board-name" aria-label=move || words.w(W::BoardName) placeholder=move || words.w(W::BoardName) bind:value=title />
                <button class="button button--main" type="submit" disabled=move || !may.get() || chosen.with(Option::is_none) || title.with(|title| title.trim().is_empty())>{move || words.w(W::Begin)}</button>
            </p>
            <div class="gallery" role="radiogroup" aria-label=move || words.w(W::ItemKind)>
                {template::built_in().iter().map(|one| {
                    let id = one.id.clone();
                    let is = { let id = id.clone(); Memo::new(move |_| chosen.with(|chosen| chosen.as_deref() == Some(id.as_str()))) };
                    view! {
                            <label class="gallery__card" class:gallery__card--chosen=is>
                                <input type="radio" name="template" value=id.clone() prop:checked=is on:change=move |_| chosen.set(Some(id.clone())) />
                                <Picture template=Template::clone(one) />
                                <b>{move || one.name.get(words.lang())}</b>
                                <span class="dim">{move || one.purpose.get(words.lang())}</span>
                            </label>
                    }
                }).collect_view()}
                <For each=move || kept.get() key=|one| one.source.clone() let:one>
                    {
                        let (id, taken) = (format!("{SPACE}{}", one.template.id), one.template.id.clone());
                        let is = { let id = id.clone(); Memo::new(move |_| chosen.with(|chosen| chosen.as_deref() == Some(id.as_str()))) };
                        view! {
                            <label class="gallery__card" class:gallery__card--chosen=is data-testid="kept-template">
                                <input type="radio" name="template" value=id.clone() prop:checked=is on:change=move |_| chosen.set(Some(id.clone())) />
                                <Picture template=one.template.clone() />
                                <b>{one.template.name.get(words.lang()).to_owned()}" "<span class="tag">{move || words.w(W::OfThisSpace)}</span></b>
                                <span class="dim">{one.template.purpose.get(words.lang()).to_owned()}</span>
                                <Show when=move || keeps.get()>
                                    <button type="button" class="button button--plain" on:click={ let id = taken.clone(); move |_| session.edit_space(&[Edit::SetTemplate { id: id.clone(), source: String::new() }]) }>{move || words.w(W::TakeTemplateOff)}</button>
                                </Show>
                            </label>
                        }
                    }
                </For>
                {move || own.get().map(|(_, one)| {
                    let is = Memo::new(move |_| chosen.with(|chosen| chosen.as_deref() == Some(OWN)));
                    view! {
                        <label class="gallery__card" class:gallery__card--chosen=is data-testid="own-template">
                            <input type="radio" name="template" value=OWN prop:checked=is on:change=move |_| chosen.set(Some(OWN.to_owned())) />
                            <Picture template=one.clone() />
                            <b>{one.name.get(words.lang()).to_owned()}</b>
                            <span class="dim">{one.purpose.get(words.lang()).to_owned()}</span>
                        </label>
                    }
                })}
            </div>
        </form>
    }
}
