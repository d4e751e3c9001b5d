//! Things this browser, or the address of this page, does not give; told in words with the next step.

use crate::app::session;
use crate::browser::{self, window};
use crate::lang::{W, words};
use leptos::prelude::*;

/// Everything that is lacking here, each as a sentence.
pub fn all() -> Vec<W> {
    // On plain http there are no locks; every tab holds a connection then, and nothing is lost.
    let locks = browser::has(&window().navigator(), "locks") || !secure();
    let lacks = [
        (opens_offline(), no_offline_word()),
        (locks && browser::has(&window(), "BroadcastChannel"), W::LackTabs),
        (browser::has_clipboard(), W::LackClipboard),
    ];
    lacks.into_iter().filter(|(there, _)| !there).map(|(_, word)| word).collect()
}

/// Whether the app opens without a network from here.
pub fn opens_offline() -> bool {
    browser::has(&window().navigator(), "serviceWorker")
}

/// Why it does not.
pub fn no_offline_word() -> W {
    if secure() { W::LackWorker } else { W::LackSecure }
}

/// Whether the browser trusts the way to this address: https, or this machine itself.
fn secure() -> bool {
    window().is_secure_context()
}

/// Says on every page that nothing can be kept now, as long as that is so.
#[component]
pub fn CannotKeep() -> impl IntoView {
    let session = session();
    let words = words();
    let failed = Memo::new(move |_| session.view.badge.with(|badge| badge.failed));
    view! {
        <Show when=move || failed.get()>
            <p class="error error--wide" role="alert" data-testid="cannot-keep">{move || words.w(W::CannotKeep)}</p>
        </Show>
    }
}
