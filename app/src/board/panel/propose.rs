//! Changing a measure of a settled plan: proposing, and what is proposed of it.

use super::Panel;
use crate::app::session;
use crate::board::plan::{ProposalCards, ProposalForm, shown_proposals};
use crate::lang::{W, words};
use crate::parts::kept;
use leptos::prelude::*;
use tongban_shared::entry::EntryKind;

#[component]
pub fn Propose(panel: Panel) -> impl IntoView {
    let session = session();
    let words = words();
    let (board, item) = (panel.board, panel.item);
    let head = panel.view.head.clone();
    let settled = Memo::new(move |_| head.with(|head| head.settled.is_some()));
    let open = kept(
        panel.view.revision.clone(),
        move || {
            words.lang();
        },
        move || {
            let all = shown_proposals(session, board, Some(item), words.lang());
            all.into_iter().filter(|one| one.open).collect::<Vec<_>>()
        },
    );
    let drafting = RwSignal::new(false);
    let decides = panel.may_decide();
    let proposes = panel.may_record(EntryKind::Propose);
    view! {
        <Show when=move || settled.get()>
            <section aria-labelledby="proposals">
                <h3 id="proposals">{move || words.w(W::Proposals)}</h3>
                <Show when=move || drafting.get() fallback=move || proposes.get().then(|| view! {
                    <p><button type="button" class="button" on:click=move |_| drafting.set(true)>{move || words.w(W::ProposeChange)}</button></p>
                })>
                    <ProposalForm id=board item=Some(item) done=Callback::new(move |()| drafting.set(false)) />
                </Show>
                <ProposalCards id=board all=open decides />
            </section>
        </Show>
    }
}
