//! One proposal: what it would change, who consented, and what the lead says.

use super::{ChangeRow, ChangeTable};
use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, words};
use crate::parts::Question;
use crate::session::Session;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::entry::{Entry, EntryKind};
use tongban_shared::fold::{Proposal, ProposalState, proposals};
use tongban_shared::id::{BoardId, ItemId, UnitId};
use tongban_shared::model::{Board, Space};
use tongban_shared::plan::{ChangeWords, PlanChange, change_words, measure_name, value_now};
use tongban_shared::sign::{Act, Said, Words};
use tongban_shared::words::Lang;

/// A unit that was asked for its consent.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    unit: UnitId,
    name: String,
    /// Whether it agrees and why, once it has answered.
    answer: Option<(bool, String)>,
}

/// A proposal as plain values.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownProposal {
    pub entry: Entry,
    pub state: ProposalState,
    /// Whether it still waits for somebody.
    pub open: bool,
    contested: bool,
    rows: Vec<(ChangeWords, Option<String>)>,
    asked: Vec<Asked>,
    review: Option<(String, String)>,
}

/// The proposals of a board, or of one of its measures; open ones first, then the newest.
pub fn shown_proposals(
    session: Session,
    board: BoardId,
    item: Option<ItemId>,
    lang: Lang,
) -> Vec<ShownProposal> {
    let space = session.view.space.get_untracked();
    let all = session.board_and_entries(board, |now, entries| {
        let all = proposals(entries);
        let wanted = all.iter().filter(|one| item.is_none() || one.entry.subject.item == item);
        wanted.map(|one| shown(&space, now, one, lang)).collect::<Vec<_>>()
    });
    let mut all = all.unwrap_or_default();
    all.sort_by_key(|one| (!one.open, std::cmp::Reverse((one.entry.said, one.entry.id))));
    all
}

fn shown(space: &Space, board: &Board, one: &Proposal<'_>, lang: Lang) -> ShownProposal {
    let name = |unit| space.unit_name(unit);
    let row = |change: &PlanChange| {
        let now = value_now(board, change.place)
            .filter(|now| one.is_open() && *now != change.old && *now != change.new);
        let now =
            now.map(|now| change_words(board, &PlanChange { old: now, ..change.clone() }, lang, name).old);
        (change_words(board, change, lang, name), now)
    };
    let answered = one
        .consents
        .iter()
        .map(|(unit, answer)| (*unit, Some((answer.accepted != Some(false), answer.body.clone()))));
    let asked = answered.chain(one.missing.iter().map(|unit| (*unit, None)));
    let mut asked: Vec<Asked> =
        asked.map(|(unit, answer)| Asked { unit, name: name(unit), answer }).collect();
    asked.sort_by(|one, other| one.name.cmp(&other.name));
    ShownProposal {
        entry: one.entry.clone(),
        state: one.state,
        open: one.is_open(),
        contested: one.contested,
        rows: one.changes().iter().map(row).collect(),
        asked,
        review: one.review.map(|review| {
            (format!("{} {}", name(review.author.unit), time_words(review.said / 1000)), review.body.clone())
        }),
    }
}

const fn state_word(state: ProposalState) -> W {
    match state {
        ProposalState::Consulted => W::StateConsulted,
        ProposalState::Ready => W::StateReady,
        ProposalState::Accepted => W::StateAccepted,
        ProposalState::Returned => W::Returned,
        ProposalState::Withdrawn => W::StateWithdrawn,
    }
}

/// Proposals one below the other. A card stays while its proposal changes, with what is being typed
/// into it.
#[component]
pub fn ProposalCards(
    id: BoardId,
    #[prop(into)] all: Signal<Vec<ShownProposal>>,
    #[prop(into)] decides: Signal<bool>,
) -> impl IntoView {
    let ids = Memo::new(move |_| all.with(|all| all.iter().map(|one| one.entry.id).collect::<Vec<_>>()));
    view! {
        <For each=move || ids.get() key=|entry| *entry let:entry>
            {
                let one = Memo::new(move |_| all.with(|all| all.iter().find(|one| one.entry.id == entry).cloned()));
                view! { <ProposalCard id one decides /> }
            }
        </For>
    }
}

#[component]
fn ProposalCard(id: BoardId, one: Memo<Option<ShownProposal>>, decides: Signal<bool>) -> impl IntoView {
    let session = session();
    let words = words();
    let unit = session.view.who().map(|who| who.unit);
    // The acts that the person here may do on it.
    let of = move |holds: fn(&ShownProposal, UnitId) -> bool| {
        one.with(|one| one.as_ref().zip(unit).is_some_and(|(one, unit)| one.open && holds(one, unit)))
    };
    let open = Memo::new(move |_| of(|_, _| true));
    let records =
        move |kind| session.view.board(id).is_some_and(|board| board.may.with(|may| may.records(kind)));
    let consents = Memo::new(move |_| {
        of(|one, unit| one.asked.iter().any(|asked| asked.unit == unit)) && records(EntryKind::Consent)
    });
    let takes_back =
        Memo::new(move |_| of(|one, unit| one.entry.author.unit == unit) && records(EntryKind::Propose));
    let reviews = move || open.get() && decides.get();
    let asking = move |kind, verb: W, then: fn(Session, &ShownProposal, &Said) -> bool| {
        let one = one.get_untracked()?;
        let about = session.board_now(id, |now| {
            one.entry
                .subject
                .item
                .and_then(|item| now.items.get(&item))
                .map_or_else(|| now.title.clone(), measure_name)
        });
        let gone = words.w(W::ProposalGone);
        let question =
            Question::new(Act::Entry(kind), words.w(verb), about.unwrap_or_default(), move |said, _| {
                if !then(session, &one, &said) {
                    session.notice(gone);
                }
                true
            });
        Some(question)
    };
    let consent = move |agrees: bool| {
        let question = if agrees {
            asking(EntryKind::Consent, W::Agrees, |session, one, said| {
                session.consent(said, &one.entry, true)
            })
        } else {
            let refuse =
                |session: Session, one: &ShownProposal, said: &Said| session.consent(said, &one.entry, false);
            asking(EntryKind::Consent, W::Disagrees, refuse).map(|question| question.needs_words(W::Opinion))
        };
        question.into_iter().for_each(|question| session.ask(question));
    };
    let review = move |accepted: bool| {
        let missing = one.with_untracked(|one| {
            one.as_ref().is_some_and(|one| one.asked.iter().any(|asked| asked.answer.is_none()))
        });
        let question = if accepted {
            let accept = |session: Session, one: &ShownProposal, said: &Said| {
                session.review(said, &one.entry, true, one.contested)
            };
            asking(EntryKind::Review, W::AcceptProposal, accept).map(|question| match missing {
                true => question.told(words.w(W::AcceptWithout)).needs_words(W::Opinion),
                false => question,
            })
        } else {
            let back = |session: Session, one: &ShownProposal, said: &Said| {
                session.review(said, &one.entry, false, one.contested)
            };
            asking(EntryKind::Review, W::GiveBack, back).map(|question| question.needs_words(W::Opinion))
        };
        question.into_iter().for_each(|question| session.ask(question));
    };
    let withdraw = move |_| {
        let take_back =
            |session: Session, one: &ShownProposal, _: &Said| session.withdraw_proposal(&one.entry);
        // Its proposal is an entry that was typed; taking it back is one press.
        let question = asking(EntryKind::Review, W::WithdrawProposal, take_back);
        question.into_iter().for_each(|question| session.ask(question.with_words(W::Opinion, Words::None)));
    };
    view! {
        <article class="proposal" data-shows="text" data-testid="proposal">
            {move || one.get().map(|one| view! { <ProposalText id one /> })}
            <Show when=move || consents.get() || reviews()>
                <div class="inline">
                    <Show when=move || consents.get()>
                        <button type="button" class="button" on:click=move |_| consent(true)>{move || words.w(W::Agrees)}</button>
                        <button type="button" class="button" on:click=move |_| consent(false)>{move || words.w(W::Disagrees)}</button>
                    </Show>
                    <Show when=reviews>
                        <button type="button" class="button button--main" on:click=move |_| review(true)>{move || words.w(W::AcceptProposal)}</button>
                        <button type="button" class="button" on:click=move |_| review(false)>{move || words.w(W::GiveBack)}</button>
                    </Show>
                </div>
            </Show>
            <Show when=move || takes_back.get()>
                <p><button type="button" class="button button--plain" on:click=withdraw>{move || words.w(W::WithdrawProposal)}</button></p>
            </Show>
        </article>
    }
}

/// The change it makes, the units it asks and the lead's answer.
#[component]
fn ProposalText(id: BoardId, one: ShownProposal) -> impl IntoView {
    let session = session();
    let words = words();
    let space = session.view.space.get_untracked();
    let author = &one.entry.author;
    let person = space.persons.get(&author.person).map(|person| person.name.clone()).unwrap_or_default();
    let (unit, said) = (space.unit_name(author.unit), time_words(one.entry.said / 1000));
    let by = format!("{person}（{unit}） {said}");
    let chip = move |asked: Asked| {
        let (shape, word, why) = match asked.answer {
            None => ("○", W::ConsentWaits, String::new()),
            Some((true, why)) => ("✓", W::Agrees, why),
            Some((false, why)) => ("✗", W::Disagrees, why),
        };
        view! { <li class="chip">{asked.name}" "<span aria-hidden="true">{shape}</span>" "{move || words.w(word)}{(!why.is_empty()).then(|| format!("：{why}"))}</li> }
    };
    view! {
        <p><span class="tag">{move || words.w(state_word(one.state))}</span>" "<span class="dim">{by}</span>
            {one.entry.subject.item.map(|item| view! { " "<A href=format!("/b/{id}?item={item}")>{move || words.w(W::ItemPanel)}</A> })}</p>
        {one.contested.then(|| view! { <p class="clash">{move || words.w(W::ReviewContested)}</p> })}
        {(!one.entry.body.is_empty()).then(|| view! { <p>{one.entry.body.clone()}</p> })}
        <ChangeTable new=W::ProposedWords>{one.rows.into_iter().map(|(shown, stale)| view! { <ChangeRow shown stale /> }).collect_view()}</ChangeTable>
        {(!one.asked.is_empty()).then(|| view! { <ul class="chips" aria-label=move || words.w(W::AskConsent)>{one.asked.into_iter().map(chip).collect_view()}</ul> })}
        {one.review.map(|(by, why)| view! { <p class="dim">{by}" "{why}</p> })}
    }
}
