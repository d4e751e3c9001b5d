//! Half-written words outlive leaving, loading anew and a crash: they stay on this device with their place,
//! stand in the field again, and are gone once they are saved.

use crate::app::session;
use crate::lang::{W, words};
use crate::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::rc::Rc;
use tongban_shared::limits::UNSAVED_BYTES;

/// One writing at a time: what comes while the disk is busy is written after it, the newest alone.
#[derive(Clone)]
struct Keeper {
    session: Session,
    busy: Rc<Cell<bool>>,
    next: Rc<Cell<Option<(String, String)>>>,
    /// Whether the newest words are on the disk of this device.
    kept: RwSignal<bool>,
}

impl Keeper {
    fn keep(&self, place: String, text: String) {
        self.kept.set(false);
        // Words of another place are not dropped for these.
        let waiting = self.next.replace(Some((place.clone(), text)));
        if let Some((other, text)) = waiting.filter(|(other, _)| *other != place) {
            let session = self.session;
            spawn_local(async move { _ = session.keep_unsaved(&other, &text).await });
        }
        if self.busy.replace(true) {
            return;
        }
        let keeper = self.clone();
        spawn_local(async move {
            let mut kept = false;
            while let Some((place, text)) = keeper.next.take() {
                kept = keeper.session.keep_unsaved(&place, &text).await;
            }
            keeper.busy.set(false);
            // The field may be gone meanwhile.
            keeper.kept.try_set(kept);
        });
    }
}

/// Keeps the words of a field. Stands beside it: says when words of the last time are in it again.
#[component]
pub fn Unsaved(
    /// The place of the words; none while nothing is written.
    #[prop(into)]
    place: Signal<Option<String>>,
    text: RwSignal<String>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let kept = RwSignal::new(false);
    let keeper = StoredValue::new_local(Keeper { session, busy: Rc::default(), next: Rc::default(), kept });
    let found = RwSignal::new(false);
    // The place whose words are in the field: nothing is kept before those of the last time were looked for.
    let (current, open) = (StoredValue::new(None::<String>), StoredValue::new(None::<String>));
    Effect::new(move |before: Option<Option<String>>| {
        let now = place.get();
        if before.as_ref() == Some(&now) {
            return now;
        }
        open.set_value(None);
        current.set_value(now.clone());
        found.set(false);
        kept.set(false);
        // Words of another place stay there.
        if before.flatten().is_some() {
            text.set(String::new());
        }
        if let Some(place) = now.clone() {
            spawn_local(async move {
                let kept = session.unsaved(&place).await;
                // The person may have gone on to another place meanwhile, or left.
                if current.try_get_value().flatten().as_ref() != Some(&place) || text.is_disposed() {
                    return;
                }
                let typed = text.get_untracked();
                match kept {
                    Some(kept) if typed.trim().is_empty() => {
                        text.set(kept);
                        found.set(true);
                    }
                    _ if typed.is_empty() => {}
                    _ => keeper.with_value(|keeper| keeper.keep(place.clone(), typed)),
                }
                open.set_value(Some(place));
            });
        }
        now
    });
    Effect::new(move |_| {
        let typed = text.get();
        if typed.is_empty() {
            found.set(false);
        }
        if let Some(place) = open.get_value() {
            keeper.with_value(|keeper| keeper.keep(place, typed));
        }
    });
    let too_long = Memo::new(move |_| text.with(String::len) > UNSAVED_BYTES);
    view! {
        <span hidden data-testid="unsaved-kept" data-kept=move || kept.get().to_string()></span>
        <Show when=move || too_long.get()>
            <p class="error" role="status" data-testid="unsaved-long">{move || words.w(W::UnsavedLong)}</p>
        </Show>
        <Show when=move || found.get()>
            <p class="unsaved dim" data-testid="unsaved"><span role="status">{move || words.w(W::UnsavedFound)}</span>
                <button type="button" class="button button--plain" on:click=move |_| text.set(String::new())>
                    {move || words.w(W::UnsavedDrop)}</button></p>
        </Show>
    }
}
