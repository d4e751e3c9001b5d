//! Photos and files beside entries: chosen, and shown.

use crate::app::session;
use crate::browser;
use crate::lang::{W, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tongban_shared::attachment::{Attachment, picture_kind, plain_name};
use tongban_shared::id::BoardId;
use tongban_shared::limits::FILES;
use wasm_bindgen::JsCast;

/// A size in words.
fn size_words(bytes: u64) -> String {
    if bytes < 1 << 20 {
        format!("{} KB", bytes.div_ceil(1 << 10))
    } else {
        format!("{} MB", bytes.div_ceil(1 << 20))
    }
}

/// Chooses photos and files; they are on the device as soon as they are listed.
#[component]
pub fn AttachFiles(
    chosen: RwSignal<Vec<Attachment>>,
    /// They are being read: what is saved now would be without them.
    busy: RwSignal<bool>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let keep = RwSignal::new(false);
    // Kept places are a choice for one entry.
    Effect::new(move |had: Option<bool>| {
        let has = chosen.with(|all| !all.is_empty());
        if had == Some(true) && !has {
            keep.set(false);
        }
        has
    });
    let choose = move |event: leptos::ev::Event| {
        let Some(input) =
            event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok())
        else {
            return;
        };
        let Some(list) = input.files() else { return };
        let files: Vec<web_sys::File> = (0..list.length()).filter_map(|place| list.get(place)).collect();
        // The same file can be chosen again.
        input.set_value("");
        let (lang, keep) = (words.lang_untracked(), keep.get_untracked());
        busy.set(true);
        spawn_local(async move {
            for file in files {
                if chosen.is_disposed() {
                    return session.notice(W::FilesLeft.text(lang));
                }
                if chosen.with_untracked(Vec::len) >= FILES {
                    session.notice(W::TooManyFiles.text(lang));
                    break;
                }
                match session.attach(file, keep).await {
                    Ok(_) if chosen.is_disposed() => session.notice(W::FilesLeft.text(lang)),
                    Ok(one) => chosen.update(|all| {
                        if all.len() < FILES && !all.iter().any(|known| known.hash == one.hash) {
                            all.push(one);
                        }
                    }),
                    Err(why) => session.notice(why.text(lang)),
                }
            }
            if !busy.is_disposed() {
                busy.set(false);
            }
        });
    };
    view! {
        <div class="files">
            <div class="inline">
                <label class="button">{move || words.w(if busy.get() { W::Reading } else { W::AttachFile })}
                    <input class="hidden" type="file" multiple accept="image/*,.pdf,.docx,.xlsx,.doc,.xls,.csv,.txt,.zip" disabled=move || busy.get() on:change=choose data-testid="attach" />
                </label>
                <label class="check"><input type="checkbox" bind:checked=keep />{move || words.w(W::KeepOriginal)}</label>
            </div>
            <ul class="chips">
                <For each=move || chosen.get() key=|one| one.hash let:one>
                    <li class="chip">{one.name.clone()}" "<span class="dim tabular">{size_words(one.bytes)}</span>
                        <button type="button" class="chip__x" aria-label=format!("{} {}", words.w(W::TakeOff), one.name) on:click=move |_| { chosen.update(|all| all.retain(|other| other.hash != one.hash)); session.detach(one.hash); }>"✕"</button>
                    </li>
                </For>
            </ul>
        </div>
    }
}

/// The files beside an entry: photos as they are seen, others by their names.
#[component]
pub fn ShownFiles(board: BoardId, files: Vec<Attachment>) -> impl IntoView {
    let pictures: Vec<Attachment> = files.iter().filter(|one| one.picture).cloned().collect();
    let others: Vec<Attachment> = files.into_iter().filter(|one| !one.picture).collect();
    view! {
        {(!pictures.is_empty()).then(|| view! { <ul class="photos">{pictures.into_iter().map(|one| view! { <Photo board one /> }).collect_view()}</ul> })}
        {(!others.is_empty()).then(|| view! { <ul class="chips">{others.into_iter().map(|one| view! { <li><FileName board one /></li> }).collect_view()}</ul> })}
    }
}

#[component]
fn Photo(board: BoardId, one: Attachment) -> impl IntoView {
    let session = session();
    let words = words();
    // None while it is looked for, an empty one where there is no picture to be had.
    let address = RwSignal::new(None::<String>);
    let hash = one.hash;
    spawn_local(async move {
        // By its content, whatever the entry says of it.
        let found = session.file(board, hash).await;
        let kind = found.as_deref().and_then(picture_kind);
        let found = found.zip(kind).and_then(|(content, kind)| browser::address_of(&content, kind).ok());
        match found {
            Some(found) if address.is_disposed() => browser::release(&found),
            found if !address.is_disposed() => address.set(Some(found.unwrap_or_default())),
            _ => {}
        }
    });
    on_cleanup(move || {
        if let Some(Some(address)) = address.try_get_untracked() {
            browser::release(&address);
        }
    });
    let name = plain_name(&one.name);
    view! {
        <li data-testid="photo">
            {move || match address.get() {
                None => view! { <span class="dim">{name.clone()}" …"</span> }.into_any(),
                Some(found) if found.is_empty() => view! { <FileName board one=one.clone() /><span class="dim">{words.w(W::NoPicture)}</span> }.into_any(),
                Some(found) => {
                    let shown = found.clone();
                    view! { <a href=found target="_blank" rel="external"><img src=shown alt=name.clone() /></a> }.into_any()
                }
            }}
        </li>
    }
}

#[component]
fn FileName(board: BoardId, one: Attachment) -> impl IntoView {
    let session = session();
    let words = words();
    let (hash, name) = (one.hash, plain_name(&one.name));
    let shown = name.clone();
    let save = move |_| {
        let (name, lang) = (name.clone(), words.lang_untracked());
        spawn_local(async move {
            let saved = match session.file(board, hash).await {
                Some(content) => browser::download(&name, &content).is_ok(),
                None => false,
            };
            if !saved {
                session.notice(W::FileNotHere.text(lang));
            }
        });
    };
    view! {
        <span class="chip"><button type="button" class="button button--plain" on:click=save>{shown}</button>" "<span class="dim tabular">{size_words(one.bytes)}</span></span>
    }
}
