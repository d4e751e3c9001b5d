//! 发布: the next edition is looked at before it is sent out; then the editions that there are, where
//! the public finds them, and withdrawing one.

mod editions;
mod review;

use crate::api;
use crate::app::session;
use crate::lang::{W, words};
use crate::parts::kept;
use crate::view::BoardView;
use editions::Editions;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use review::Review;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::id::BoardId;
use tongban_shared::plan::PlanState;

/// The button, and below it what is to be looked at before it is pressed for good. A plan that is not
/// settled has the next act instead.
#[component]
pub fn Publish(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let editions = RwSignal::new(Vec::<api::Edition>::new());
    let preview = RwSignal::new(None::<api::Preview>);
    let open = RwSignal::new(false);
    let doubts = RwSignal::new(0_usize);
    let refresh = move || {
        spawn_local(async move {
            if let Ok(found) = api::editions(&id.to_string()).await
                && !editions.is_disposed()
            {
                editions.set(found);
            }
        });
    };
    refresh();
    let failed = move |why: api::ApiError| match why {
        api::ApiError::Refused(text) => session.notice(&text),
        _ => session.notice(W::CannotReach.text(words.lang_untracked())),
    };
    let review = move |_| {
        // After an edition was sent out the next one is looked at.
        if open.get_untracked() && preview.with_untracked(Option::is_some) {
            return open.set(false);
        }
        // Changes that are still on this device only would be missing from the edition.
        if session.view.badge.with_untracked(|badge| badge.waiting > 0 || badge.receiving || !badge.connected)
        {
            return session.notice(words.w(W::PublishNeedsSync));
        }
        spawn_local(async move {
            let open_doubts = session.questions(id).await.len();
            match api::preview(&id.to_string()).await {
                Ok(_) if open.is_disposed() => {}
                Ok(found) => {
                    doubts.set(open_doubts);
                    preview.set(Some(found));
                    open.set(true);
                }
                Err(why) => failed(why),
            }
        });
    };
    let publish = move |digest: String| {
        spawn_local(async move {
            match api::publish(&id.to_string(), &digest).await {
                Ok(published) => {
                    let told = W::Published.text(words.lang_untracked());
                    session.notice(&told.replace("{n}", &published.edition.to_string()));
                    // Signed by this device, so that every device knows who made it public.
                    let subject = Subject { board: id, item: None, unit: None, indicator: None };
                    session.write_entry(subject, EntryKind::Publish, |entry| {
                        entry.value = Some(f64::from(published.edition));
                        entry.digest = Some(digest);
                    });
                    if !preview.is_disposed() {
                        preview.set(None);
                        refresh();
                    }
                }
                Err(why) => failed(why),
            }
        });
    };
    let state = kept(board.revision.clone(), || (), move || session.plan_state(id));
    let standing = move || editions.with(|all| all.iter().find(|one| !one.withdrawn).cloned());
    let some = move || editions.with(|all| !all.is_empty());
    let may = board.may;
    let publishes = Signal::derive(move || may.get().publish);
    let next = move || match state.get() {
        PlanState::Drafted => Some(W::SettleFirst),
        PlanState::Differs => Some(W::ConfirmMergedFirst),
        PlanState::Settled => None,
    };
    view! {
        <div class="publish">
            <Show when=move || publishes.get() && next().is_none()>
                <button type="button" class="button" aria-expanded=move || open.get().to_string() on:click=review>{move || words.w(W::Publish)}</button>
            </Show>
            {move || next().filter(|_| publishes.get()).map(|word| view! {
                <A href=format!("/b/{id}/plan") attr:class="button">{words.w(word)}</A>
                <Show when=some><button type="button" class="button button--plain" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>{words.w(W::Editions)}</button></Show>
            })}
            {move || standing().map(|edition| view! {
                <a href=edition.page rel="external" target="_blank">{words.w(W::PublicPage)}{words.w(W::EditionOf).replace("{n}", &edition.edition.to_string())}</a>
            })}
        </div>
        <Show when=move || open.get()>
            <section class="review" aria-labelledby="review">
                {move || preview.get().filter(|_| next().is_none()).map(|preview| view! { <Review preview doubts=doubts.get() publish /> })}
                <Editions id editions refresh=Callback::new(move |()| refresh()) />
            </section>
        </Show>
    }
}
