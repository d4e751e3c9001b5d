//! The next edition before it is sent out: how much it is, what differs, what stops it, and the very page.

use crate::api;
use crate::board::open_doubts::doubts_words;
use crate::lang::{W, words};
use leptos::prelude::*;
use tongban_shared::limits::PLACES_COUNTED;
use tongban_shared::publication::{Difference, Place};

#[component]
pub fn Review(
    preview: api::Preview,
    /// Questions of the import that nobody has answered: what they are about goes out as it stands.
    doubts: usize,
    publish: impl Fn(String) + Copy + 'static,
) -> impl IntoView {
    let words = words();
    let (digest, number) = (preview.digest, preview.edition.to_string());
    let listed = preview.sensitive.len();
    let stopped = listed > 0;
    let place = |place: Place| {
        view! { <li class="clash"><b>{place.kind.name()}</b>" "<code>{place.masked}</code>" "{place.about}" · "{place.field}</li> }
    };
    let difference = |one: Difference| {
        view! {
            <tr data-shows="text"><th scope="row">{one.about}</th><td>{one.field}</td>
                <td class="difference__old"><del>{one.old}</del></td><td class="difference__new"><ins>{one.new}</ins></td></tr>
        }
    };
    let count = preview.differences.len() + preview.more_differences;
    let more = move |more: usize| {
        (more > 0).then(
            || view! { <p class="dim">{words.w(W::MoreNotListed).replace("{n}", &more.to_string())}</p> },
        )
    };
    let shown = words.w(W::WouldShow);
    let shown =
        shown.replace("{m}", &preview.measures.to_string()).replace("{i}", &preview.indicators.to_string());
    view! {
        <h2 id="review">{words.w(W::ReviewEdition).replace("{n}", &number)}</h2>
        <p data-testid="would-show">{shown}</p>
        {(doubts > 0).then(|| view! { <p class="clash" data-testid="doubts-told">{doubts_words(words, doubts)}</p> })}
        {stopped.then(|| view! {
            <p class="error" role="alert">{words.w(W::SensitiveFound)}</p>
            <ul class="lines" data-testid="sensitive">{preview.sensitive.into_iter().map(place).collect_view()}</ul>
            {if listed + preview.more_sensitive < PLACES_COUNTED {
                more(preview.more_sensitive).into_any()
            } else {
                let told = words.w(W::ManyMoreNotListed).replace("{n}", &preview.more_sensitive.to_string());
                view! { <p class="dim">{told}</p> }.into_any()
            }}
        })}
        {(preview.edition > 1).then(|| view! { <p class="dim">{words.w(W::DiffersFromLast)}" "{count}</p> })}
        {(count > 0).then(|| view! {
            <div class="scroll" tabindex="0" role="region" aria-labelledby="review">
                <table class="table" data-testid="differences">
                    <thead><tr><th>{words.w(W::EntryOfPlan)}</th><th>{words.w(W::AuditDetails)}</th><th>{words.w(W::OldWords)}</th><th>{words.w(W::NewWords)}</th></tr></thead>
                    <tbody>{preview.differences.into_iter().map(difference).collect_view()}</tbody>
                </table>
            </div>
            {more(preview.more_differences)}
        })}
        // The page as citizens will see it; nothing in it can act.
        <iframe class="review__page" sandbox="" title=words.w(W::PageAsPublic) srcdoc=preview.page data-testid="public-preview"></iframe>
        <p class="inline"><button type="button" class="button button--main" data-testid="confirm-publish" disabled=stopped on:click=move |_| publish(digest.clone())>
            {words.w(W::ConfirmPublish).replace("{n}", &number)}
        </button></p>
    }
}
