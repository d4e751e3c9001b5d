//! Files that a person chooses or drops on the page.

use crate::browser;
use crate::lang::{W, Words};
use crate::session::Session;
use crate::view::Gate;
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Event, File, FileList, HtmlInputElement};

thread_local! {
    /// Parts of the page that take files now.
    static TAKERS: Cell<usize> = const { Cell::new(0) };
}

/// The file that was chosen. The field is emptied: the same file, mended, can be chosen again.
pub fn chosen_file(event: &Event) -> Option<File> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    let file = input.files().and_then(|files| files.get(0));
    input.set_value("");
    file
}

/// The files that a drag brings; none for words or a picture of the page.
fn files(event: &Event) -> Option<FileList> {
    let data = event.dyn_ref::<DragEvent>()?.data_transfer()?;
    data.types().includes(&"Files".into(), 0).then(|| data.files()).flatten()
}

/// Takes files that are dropped anywhere on the page, as long as the component stands.
pub fn take_drops(session: Session, words: Words, take: impl Fn(File) + 'static) {
    TAKERS.set(TAKERS.get() + 1);
    let handle = window_event_listener_untyped("drop", move |event| {
        let Some(files) = files(&event) else { return };
        event.prevent_default();
        if session.view.gate.get_untracked() != Gate::Open {
            return;
        }
        if files.length() > 1 {
            let left = files.length() - 1;
            session.notice(&format!("{} {left}", W::OneFileOnly.text(words.lang_untracked())));
        }
        if let Some(file) = files.get(0) {
            take(file);
        }
    });
    on_cleanup(move || {
        TAKERS.set(TAKERS.get() - 1);
        handle.remove();
    });
}

/// Keeps the browser from leaving the app for a file that is dropped beside its place, and says where its
/// place is.
pub fn watch_drops(session: Session, words: Words) {
    let over = window_event_listener_untyped("dragover", |event| {
        if files(&event).is_some() {
            event.prevent_default();
        }
    });
    let dropped = window_event_listener_untyped("drop", move |event| {
        if files(&event).is_some() {
            event.prevent_default();
            if TAKERS.get() == 0 && session.view.gate.get_untracked() == Gate::Open {
                session.notice(W::DropHere.text(words.lang_untracked()));
            }
        }
    });
    on_cleanup(move || {
        over.remove();
        dropped.remove();
    });
}

/// The bytes of a file, unless it is too large to be handed to the worker.
///
/// # Errors
/// The words said to the person.
pub async fn bytes_of(file: &File) -> Result<Vec<u8>, W> {
    /// The largest file that is read, in bytes.
    const MOST: f64 = 20.0 * 1024.0 * 1024.0;
    if file.size() > MOST {
        return Err(W::FileTooLarge);
    }
    browser::read_file(file).await.map_err(|_| W::FileUnreadable)
}
