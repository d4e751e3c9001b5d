//! The editions of a plan, where the public finds them, and withdrawing one.

use crate::api;
use crate::app::session;
use crate::board::files;
use crate::browser::{self, time_words};
use crate::lang::{W, words};
use crate::parts::Question;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tongban_shared::id::BoardId;
use tongban_shared::sign::{Act, Words as Room};

#[component]
pub fn Editions(id: BoardId, editions: RwSignal<Vec<api::Edition>>, refresh: Callback<()>) -> impl IntoView {
    let session = session();
    let words = words();
    let withdraw = move |number: u32| {
        let lang = words.lang_untracked();
        let about = W::EditionWord.text(lang).replace("{n}", &number.to_string());
        let question = Question::new(Act::Withdraw, W::Withdraw.text(lang), about, move |said, _| {
            spawn_local(async move {
                match api::withdraw(&id.to_string(), number, &said.words).await {
                    Ok(()) => {
                        refresh.try_run(());
                    }
                    Err(api::ApiError::Refused(why)) => session.notice(&why),
                    Err(_) => session.notice(W::CannotReach.text(lang)),
                }
            });
            true
        });
        session.ask(question.with_words(W::WithdrawReason, Room::Required));
    };
    let stands = Memo::new(move |_| editions.with(|all| all.iter().any(|one| !one.withdrawn)));
    view! {
        <Show when=move || stands.get()><Address id /></Show>
        <Show when=move || !editions.with(Vec::is_empty)>
            <h3>{move || words.w(W::Editions)}</h3>
            <ul class="lines" data-testid="editions">
                <For each=move || editions.get() key=|one| (one.edition, one.withdrawn) let:one>
                    <li><a href=one.page.clone() rel="external" target="_blank">{words.w(W::EditionWord).replace("{n}", &one.edition.to_string())}</a>
                        " "<span class="dim tabular">{time_words(one.published)}</span>
                        {one.withdrawn.then(|| view! { " "<span class="tag">{words.w(W::ActWithdrawn)}</span>" "<span>{one.reason.clone()}</span> })}
                        {(!one.withdrawn).then(|| view! {
                            <button type="button" class="button button--plain" on:click=move |_| withdraw(one.edition)>{words.w(W::Withdraw)}</button>
                        })}
                    </li>
                </For>
            </ul>
        </Show>
    }
}

/// The public address, to be copied, and as a picture for paper.
#[component]
fn Address(id: BoardId) -> impl IntoView {
    let session = session();
    let words = words();
    let found = RwSignal::new(None::<api::Address>);
    spawn_local(async move {
        let address = api::public_address(&id.to_string()).await.ok();
        if !found.is_disposed() {
            found.set(address);
        }
    });
    let copy = move |address: String| {
        let lang = words.lang_untracked();
        spawn_local(async move {
            let copied = browser::copy(&address).await.is_ok();
            session.notice(if copied { W::AddressCopied } else { W::CopyByHand }.text(lang));
        });
    };
    let save = move |picture: &str, side: i32| {
        let whole = side + 8;
        let drawn = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-4 -4 {whole} {whole}\" width=\"{0}\" height=\"{0}\"><rect x=\"-4\" y=\"-4\" width=\"{whole}\" height=\"{whole}\" fill=\"#fff\"/><path d=\"{picture}\" fill=\"#000\"/></svg>\n",
            whole * 8
        );
        files::give(session, &files::name(session, id, "svg"), drawn.as_bytes());
    };
    move || {
        found.get().map(|one| {
            let (address, copied) = (one.address.clone(), one.address.clone());
            let drawn = one.picture.zip(one.side).map(|(picture, side)| {
                let path = picture.clone();
                view! {
                    <svg class="code__picture" role="img" aria-label=words.w(W::CodePicture) viewBox=format!("-4 -4 {0} {0}", side + 8) data-testid="public-code">
                        <rect x="-4" y="-4" width="100%" height="100%" fill="#fff" /><path d=path fill="#000" />
                    </svg>
                    <button type="button" class="button" on:click=move |_| save(&picture, side)>{words.w(W::SaveCode)}</button>
                }
            });
            view! {
                <section class="stack" data-testid="public-address">
                    <h3>{words.w(W::PublicAddress)}</h3>
                    <p><a class="link" href=address rel="external" target="_blank">{one.address}</a>" "
                        <button type="button" class="button" on:click=move |_| copy(copied.clone())>{words.w(W::Copy)}</button></p>
                    <div class="inline">{drawn}</div>
                </section>
            }
        })
    }
}
