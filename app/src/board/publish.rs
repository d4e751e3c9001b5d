//! 发布: what the next edition would show, what differs from the one before, what stops it; then the
//! editions that there are, and withdrawing one.

use crate::api;
use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, words};
use crate::view::BoardView;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use tongban_shared::entry::{EntryKind, Subject};
use tongban_shared::id::BoardId;
use tongban_shared::publication::{Difference, Place};

/// The button, and below it what is to be looked at before it is pressed for good.
#[component]
pub fn Publish(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let editions = RwSignal::new(Vec::<api::Edition>::new());
    let preview = RwSignal::new(None::<api::Preview>);
    let open = RwSignal::new(false);
    let refresh = move || {
        spawn_local(async move {
            if let Ok(found) = api::editions(&id.to_string()).await {
                editions.set(found);
            }
        });
    };
    refresh();
    let failed = move |why: api::ApiError| match why {
        api::ApiError::Refused(text) => session.notice(&text),
        _ => session.notice(words.w(W::CannotReach)),
    };
    let review = move |_| {
        if open.get_untracked() {
            return open.set(false);
        }
        // What is still on this device only would be missing from the edition.
        if session.view.badge.with_untracked(|badge| badge.waiting + badge.receiving > 0 || !badge.connected)
        {
            return session.notice(words.w(W::PublishNeedsSync));
        }
        spawn_local(async move {
            match api::preview(&id.to_string()).await {
                Ok(found) => {
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
                    session.notice(&format!("{} {}", words.w(W::Published), published.edition));
                    // Signed by this device, so that every device knows who made it public.
                    let subject = Subject { board: id, item: None, unit: None, indicator: None };
                    session.write_entry(subject, EntryKind::Publish, |entry| {
                        entry.value = Some(f64::from(published.edition));
                        entry.digest = Some(digest);
                    });
                    open.set(false);
                    refresh();
                }
                Err(why) => failed(why),
            }
        });
    };
    let standing = move || editions.with(|all| all.iter().find(|one| !one.withdrawn).cloned());
    let may = board.may;
    view! {
        <div class="publish">
            <Show when={ let may = may.clone(); move || may.get().publish }>
                <button type="button" class="button" aria-expanded=move || open.get().to_string() on:click=review>{move || words.w(W::Publish)}</button>
            </Show>
            {move || standing().map(|edition| view! {
                <a href=edition.page rel="external" target="_blank">{words.w(W::PublicPage)}" "{edition.edition}</a>
            })}
        </div>
        <Show when=move || open.get()>
            <section class="review" aria-labelledby="review">
                {move || preview.get().map(|preview| view! { <Review id preview publish /> })}
                <Editions id editions refresh=Callback::new(move |()| refresh()) />
            </section>
        </Show>
    }
}

#[component]
fn Review(id: BoardId, preview: api::Preview, publish: impl Fn(String) + Copy + 'static) -> impl IntoView {
    let words = words();
    let (digest, number) = (preview.digest, preview.edition);
    let settled = preview.settled;
    let stopped = !preview.sensitive.is_empty() || !settled;
    let place = |place: Place| {
        view! { <li class="clash"><b>{place.kind.name()}</b>" "<code>{place.masked}</code>" "{place.about}" · "{place.field}</li> }
    };
    let difference = |one: Difference| {
        view! {
            <tr><th scope="row">{one.about}</th><td>{one.field}</td>
                <td class="difference__old"><del>{one.old}</del></td><td class="difference__new"><ins>{one.new}</ins></td></tr>
        }
    };
    let count = preview.differences.len();
    view! {
        <h2 id="review">{move || words.w(W::ReviewEdition)}" "{number}</h2>
        {(!settled).then(|| view! {
            <p class="clash" role="alert">{words.w(W::PublishNeedsSettled)}" "<A href=format!("/b/{id}/plan")>{words.w(W::PlanView)}</A></p>
        })}
        {(!preview.sensitive.is_empty()).then(|| view! {
            <p class="error" role="alert">{words.w(W::SensitiveFound)}</p>
            <ul class="lines" data-testid="sensitive">{preview.sensitive.into_iter().map(place).collect_view()}</ul>
        })}
        {(number > 1).then(|| view! { <p class="dim">{words.w(W::DiffersFromLast)}" "{count}</p> })}
        {(count > 0).then(|| view! {
            <div class="scroll" tabindex="0" role="region" aria-labelledby="review">
                <table class="table" data-testid="differences">
                    <thead><tr><th>{words.w(W::EntryOfPlan)}</th><th>{words.w(W::AuditDetails)}</th><th>{words.w(W::OldWords)}</th><th>{words.w(W::NewWords)}</th></tr></thead>
                    <tbody>{preview.differences.into_iter().map(difference).collect_view()}</tbody>
                </table>
            </div>
        })}
        <p class="inline"><button type="button" class="button button--main" data-testid="confirm-publish" disabled=stopped on:click=move |_| publish(digest.clone())>
            {move || words.w(W::ConfirmPublish)}" "{number}
        </button></p>
    }
}

#[component]
fn Editions(id: BoardId, editions: RwSignal<Vec<api::Edition>>, refresh: Callback<()>) -> impl IntoView {
    let session = session();
    let words = words();
    let (asked, reason) = (RwSignal::new(0_u32), RwSignal::new(String::new()));
    let withdraw = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (number, words_of) = (asked.get_untracked(), reason.get_untracked());
        spawn_local(async move {
            match api::withdraw(&id.to_string(), number, &words_of).await {
                Ok(()) => {
                    asked.set(0);
                    reason.set(String::new());
                    refresh.run(());
                }
                Err(api::ApiError::Refused(why)) => session.notice(&why),
                Err(_) => session.notice(words.w(W::CannotReach)),
            }
        });
    };
    view! {
        <Show when=move || !editions.with(Vec::is_empty)>
            <h3>{move || words.w(W::Editions)}</h3>
            <ul class="lines" data-testid="editions">
                <For each=move || editions.get() key=|one| (one.edition, one.withdrawn) let:one>
                    <li><a href=one.page.clone() rel="external" target="_blank">{words.w(W::EditionWord)}" "{one.edition}</a>
                        " "<span class="dim tabular">{time_words(one.published)}</span>
                        {one.withdrawn.then(|| view! { " "<span class="tag">{words.w(W::ActWithdrawn)}</span>" "<span>{one.reason.clone()}</span> })}
                        {(!one.withdrawn).then(|| view! {
                            <button type="button" class="button button--plain" on:click=move |_| asked.set(one.edition)>{words.w(W::Withdraw)}</button>
                        })}
                    </li>
                </For>
            </ul>
            <Show when=move || { asked.get() > 0 }>
                <form class="inline" on:submit=withdraw>
                    <label class="field"><span>{move || words.w(W::WithdrawReason)}" "{asked}</span><input required maxlength="200" bind:value=reason /></label>
                    <button class="button" type="submit">{move || words.w(W::Withdraw)}</button>
                </form>
            </Show>
        </Show>
    }
}
