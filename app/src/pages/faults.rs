//! Failures that this device keeps in mind, and things its browser lacks.

use crate::app::session;
use crate::browser;
use crate::fault;
use crate::lacks;
use crate::lang::{W, words};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Things this browser lacks, each with the next step; nothing where nothing is lacking.
#[component]
pub fn Lacking() -> impl IntoView {
    let words = words();
    let lacks = lacks::all();
    (!lacks.is_empty()).then(|| {
        view! {
            <ul class="lines dim" data-testid="lacks">
                {lacks.into_iter().map(|word| view! { <li>{move || words.w(word)}</li> }).collect_view()}
            </ul>
        }
    })
}

/// The reports of failures, to read again, to copy and to clear.
#[component]
pub fn Faults() -> impl IntoView {
    let session = session();
    let words = words();
    let kept = RwSignal::new(fault::kept());
    let clear = move |_| {
        fault::forget();
        kept.set(Vec::new());
    };
    view! {
        <Show when=move || kept.with(|kept| !kept.is_empty())>
            <section aria-labelledby="faults" data-testid="faults">
                <h2 id="faults">{move || words.w(W::FaultRecords)}" "<span class="count">{move || kept.with(Vec::len)}</span></h2>
                <p class="dim">{move || words.w(W::FaultRecordsHint)}</p>
                <ul class="lines">
                    {move || kept.get().into_iter().map(|report| {
                        let shown = NodeRef::<leptos::html::Pre>::new();
                        let text = report.clone();
                        let copy = move |_| {
                            let text = text.clone();
                            spawn_local(async move {
                                let copied = browser::copy(&text).await.is_ok();
                                if let (false, Some(shown)) = (copied, shown.try_get_untracked().flatten()) {
                                    browser::select(&shown);
                                }
                                session.notice(words.w_untracked(if copied { W::Copied } else { W::CopyByHand }));
                            });
                        };
                        view! {
                            <li><pre class="fault" data-shows="all" node_ref=shown>{report}</pre>
                                <button type="button" class="button" on:click=copy>{move || words.w(W::CopyFault)}</button></li>
                        }
                    }).collect_view()}
                </ul>
                <p><button type="button" class="button" on:click=clear>{move || words.w(W::ClearFaults)}</button></p>
            </section>
        </Show>
    }
}
