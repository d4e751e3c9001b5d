//! 定稿与审核: how far the plan is, what came in after it was settled, and the proposals to change it.

mod form;
mod proposal;

pub use form::ProposalForm;
pub use proposal::{ProposalCards, shown_proposals};

use super::marks::MarkCards;
use super::open_doubts::doubts_words;
use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, words};
use crate::parts::{Question, kept};
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::entry::EntryKind;
use tongban_shared::id::BoardId;
use tongban_shared::plan::{ChangeWords, PlanChange, PlanState, change_words, clashes};
use tongban_shared::sign::Act;

#[component]
pub fn Plan(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    // Only the words that were shown are settled.
    let shown =
        kept(board.revision.clone(), || (), move || (session.plan_state(id), session.plan_digest(id)));
    let state = Signal::derive(move || shown.get().0);
    let title = {
        let head = board.head.clone();
        move || head.with_untracked(|head| head.title.clone())
    };
    let settle = Callback::new({
        let title = title.clone();
        move |()| {
            let marked = session.text_marks(id).len();
            if marked > 0 {
                return session.notice(&words.w(W::MarksFirst).replace("{n}", &marked.to_string()));
            }
            let (digest, changed) =
                (shown.with_untracked(|(_, digest)| digest.clone()), words.w(W::PlanChangedMeanwhile));
            let question = Question::new(Act::Settle, words.w(W::SettlePlan), title(), move |_, _| {
                if !session.settle_shown(id, &digest) {
                    session.notice(changed);
                }
                true
            });
            // Doubts of the import are answered at leisure; whoever settles sees that there are some.
            leptos::task::spawn_local(async move {
                let doubts = doubts_words(words, session.questions(id).await.len());
                session.ask(question.told(format!("{doubts}{}", words.w_untracked(W::PlanSettled))));
            });
        }
    });
    let draft_again = Callback::new(move |()| {
        let question = Question::new(Act::Draft, words.w(W::DraftAgain), title(), move |_, _| {
            session.draft_again(id);
            true
        });
        session.ask(question.told(words.w(W::PlanDrafted)));
    });
    let proposals = kept(
        board.revision.clone(),
        move || {
            words.lang();
        },
        move || shown_proposals(session, id, None, words.lang()),
    );
    let (may, head, drafting) = (board.may.clone(), board.head.clone(), RwSignal::new(false));
    let (decides, proposes) = {
        let (decide, record) = (may.clone(), may);
        let proposes = move || record.get().records(EntryKind::Propose);
        (Signal::derive(move || decide.get().decide), Signal::derive(proposes))
    };
    let since = move || {
        let settled = head.with(|head| head.settled.clone())?;
        let unit = session.view.space.with(|space| space.unit_name(settled.by));
        Some(format!("{}{unit} {}", words.w(W::SettledOn), time_words(settled.at)))
    };
    let sentence = move || match state.get() {
        PlanState::Drafted => words.w(W::PlanDrafted),
        PlanState::Settled => words.w(W::PlanSettled),
        PlanState::Differs => words.w(W::PlanDiffers),
    };
    let settled = move || state.get() != PlanState::Drafted;
    let marked = board.revision.clone();
    view! {
        <section class="plan" aria-labelledby="plan">
            <h2 id="plan">{move || words.w(W::PlanView)}</h2>
            <p class:clash=move || state.get() == PlanState::Differs data-testid="plan-state">{sentence}</p>
            <p class="dim">{since}</p>
            <MarkCards board=id revision=marked may=decides />
            <Show when=move || decides.get()>
                <p class="inline">
                    <Show when=move || !settled()>
                        <button type="button" class="button button--main" on:click=move |_| settle.run(())>{move || words.w(W::SettlePlan)}</button>
                    </Show>
                    <Show when=settled>
                        <button type="button" class="button button--plain" on:click=move |_| draft_again.run(())>{move || words.w(W::DraftAgain)}</button>
                    </Show>
                </p>
            </Show>
            <Show when=move || state.get() == PlanState::Differs>
                <Merged id board=board.clone() decides settle />
            </Show>
            <h3>{move || words.w(W::Proposals)}</h3>
            <Show when=move || settled() && proposes.get() && !drafting.get()>
                <p><button type="button" class="button" on:click=move |_| drafting.set(true)>{move || words.w(W::ProposeGoal)}</button></p>
            </Show>
            <Show when=move || drafting.get()>
                <ProposalForm id item=None done=Callback::new(move |()| drafting.set(false)) />
            </Show>
            <Show when=move || proposals.with(Vec::is_empty)><p class="dim">{move || words.w(W::NoProposals)}</p></Show>
            <ProposalCards id all=proposals decides />
        </section>
    }
}

/// Changes that came in after the plan was settled, each with the words it had before.
#[component]
fn Merged(id: BoardId, board: BoardView, decides: Signal<bool>, settle: Callback<()>) -> impl IntoView {
    let session = session();
    let words = words();
    let merged = kept(board.revision.clone(), || (), move || session.merged_since(id));
    let clashing = kept(board.revision, || (), move || session.board_now(id, clashes).unwrap_or_default());
    let row = move |change: PlanChange, returns: bool| {
        let shown = session.board_now(id, |now| {
            let name = |unit| session.view.space.with_untracked(|space| space.unit_name(unit));
            (change_words(now, &change, words.lang(), name), change.place.item(now))
        });
        let returns = returns && session.can_give_back(id, &change);
        let back = move |_| {
            if !session.give_back(id, &change) {
                session.notice(words.w(W::ProposalGone));
            }
        };
        shown.map(|(shown, item)| {
            view! {
                <ChangeRow shown stale=None>
                    <Show when=move || decides.get() && returns>
                        <button type="button" class="button" on:click=back.clone()>{move || words.w(W::GiveWordsBack)}</button>
                    </Show>
                    {item.map(|item| view! { " "<A href=format!("/b/{id}?item={item}")>{move || words.w(W::LookAtIt)}</A> })}
                </ChangeRow>
            }
        })
    };
    view! {
        <Show when=move || !merged.with(Vec::is_empty)>
            <h3>{move || words.w(W::MergedSince)}</h3>
            <ChangeTable new=W::NewWords><For each=move || merged.get() key=|change| format!("{change:?}") let:change>{row(change, true)}</For></ChangeTable>
        </Show>
        <Show when=move || !clashing.with(Vec::is_empty)>
            <h3>{move || words.w(W::ValuesClash)}</h3>
            <ChangeTable new=W::NewWords><For each=move || clashing.get() key=|change| format!("{change:?}") let:change>{row(change, false)}</For></ChangeTable>
        </Show>
        <Show when=move || decides.get() && clashing.with(Vec::is_empty)>
            <p><button type="button" class="button button--main" on:click=move |_| settle.run(())>{move || words.w(W::SettleAgain)}</button></p>
        </Show>
    }
}

/// Old and new side by side.
#[component]
pub fn ChangeTable(
    /// Over the new words.
    new: W,
    children: Children,
) -> impl IntoView {
    let words = words();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=move || words.w(W::Proposals)>
            <table class="table" data-testid="changes">
                <thead><tr><th>{move || words.w(W::EntryOfPlan)}</th><th>{move || words.w(W::AuditDetails)}</th><th>{move || words.w(W::OldWords)}</th><th>{move || words.w(new)}</th></tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

#[component]
pub fn ChangeRow(
    shown: ChangeWords,
    /// The present words of the place, when they are neither.
    stale: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let words = words();
    view! {
        <tr data-shows="text"><th scope="row">{shown.about}</th><td>{shown.field}</td>
            <td class="difference__old"><del>{shown.old}</del>
                {stale.map(|now| view! { <p class="clash">{words.w(W::ProposalStale)}{now}</p> })}</td>
            <td class="difference__new"><ins>{shown.new}</ins>{children.map(|children| children())}</td></tr>
    }
}
