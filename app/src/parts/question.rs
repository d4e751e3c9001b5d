//! A doubt as a question in a sentence, with its answers as buttons.

use crate::app::session;
use crate::lang::{W, Words, words};
use leptos::prelude::*;
use tongban_shared::doubts::{Answer, Offer, Question, Why, offers, sentence};

/// One question; `answer` is what was said to it. `source` shows the words around it.
#[component]
pub fn QuestionLine(
    question: Question,
    #[prop(into)] answer: Signal<Option<Answer>>,
    on_answer: Callback<Option<Answer>>,
    #[prop(optional)] source: Option<AnyView>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let space = session.view.space.get_untracked();
    let text = {
        let (question, space) = (question.clone(), space.clone());
        move || sentence(&question, &space, words.lang())
    };
    let asked = RwSignal::new(None::<Offer>);
    let typed = RwSignal::new(String::new());
    let offered = offers(&question, &space);
    let (told, all) = (question.clone(), question);
    let buttons = move || {
        offered.iter().map(|offer| {
            let (offer, label) = (offer.clone(), label(words, &all, offer));
            let press = move |_| match &offer {
                Offer::Ready(answer) => on_answer.run(Some(answer.clone())),
                ask => {
                    asked.set(Some(ask.clone()));
                }
            };
            view! { <button type="button" class="button" data-testid="answer" on:click=press>{label}</button> }
        }).collect_view()
    };
    let done = move |_| {
        let typed = typed.get_untracked();
        let names: Vec<String> = typed
            .split(['、', '，', ',', '\n'])
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        let members = asked.get_untracked() == Some(Offer::AskMembers);
        match &names[..] {
            [] => session.notice(words.w(W::NameNeeded)),
            [name] if !members => on_answer.run(Some(Answer::Use(name.clone()))),
            _ if members => on_answer.run(Some(Answer::Members(names))),
            [first, ..] => on_answer.run(Some(Answer::Use(first.clone()))),
        }
    };
    let hint = move || words.w(if asked.get() == Some(Offer::AskMembers) { W::MembersHint } else { W::Unit });
    view! {
        <div class="question" data-testid="question" data-answered=move || answer.get().is_some().to_string()>
            {source}
            <p data-shows="text">{text}</p>
            {move || match answer.get() {
                Some(given) => view! {
                    <p class="inline"><span class="question__said">"✓ "{said(words, &told, &given)}</span>
                        <button type="button" class="button button--plain" on:click=move |_| on_answer.run(None)>
                            {words.w(W::AnswerAgain)}</button></p>
                }.into_any(),
                None => view! { <p class="inline">{buttons()}</p> }.into_any(),
            }}
            <Show when=move || asked.get().is_some() && answer.get().is_none()>
                <p class="inline">
                    <input aria-label=hint placeholder=hint data-testid="typed-answer" bind:value=typed />
                    <button type="button" class="button" on:click=done>{move || words.w(W::AnswerTyped)}</button>
                </p>
            </Show>
        </div>
    }
}

/// The words of a button.
fn label(words: Words, question: &Question, offer: &Offer) -> String {
    match offer {
        Offer::Ready(answer) => said(words, question, answer),
        Offer::AskUnit => words.w(W::AnswerOther).to_owned(),
        Offer::AskMembers => words.w(W::AnswerMembers).to_owned(),
    }
}

fn said(words: Words, question: &Question, answer: &Answer) -> String {
    let text = match (answer, question.why) {
        (Answer::Members(names), _) => return names.join("、"),
        (Answer::Use(name), _) => words.w(W::AnswerUse).replace("{b}", name),
        (Answer::Keep, Why::Joined | Why::Completed | Why::Told) => words.w(W::AnswerKeepName).to_owned(),
        (Answer::Keep, Why::Left) => words.w(W::AnswerLeave).to_owned(),
        (Answer::Keep, Why::Group) => words.w(W::AnswerGroup).to_owned(),
        (Answer::Keep, Why::Repeated) => words.w(W::AnswerOnce).to_owned(),
        (Answer::Keep, Why::New) => words.w(W::AnswerNew).to_owned(),
        (Answer::Keep, Why::Numbering) => words.w(W::AnswerSeen).to_owned(),
        (Answer::Keep, Why::MistakenPlace | Why::Odd) => words.w(W::AnswerKeep).to_owned(),
    };
    text.replace("{n}", &question.places.to_string()).replace("{a}", &question.name)
}
