//! Doubts of the import that nobody has answered yet, on the board that it became.

use crate::app::session;
use crate::lang::{W, Words, words};
use crate::parts::QuestionLine;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tongban_shared::doubts::{Answer, Question};
use tongban_shared::id::BoardId;

/// How many doubts are open, as a sentence before an act; empty when there are none.
pub fn doubts_words(words: Words, count: usize) -> String {
    if count == 0 {
        return String::new();
    }
    format!("{}。", words.w_untracked(W::OpenDoubts).replace("{n}", &count.to_string()))
}

#[component]
pub fn OpenDoubts(id: BoardId, #[prop(into)] writes: Signal<bool>) -> impl IntoView {
    let session = session();
    let words = words();
    let open = RwSignal::new(Vec::<Question>::new());
    spawn_local(async move {
        let kept = session.questions(id).await;
        if !open.is_disposed() {
            open.set(kept);
        }
    });
    let answer = move |question: Question, answer: Answer| {
        if session.answer_question(id, &question, &answer, words) {
            open.update(|all| all.retain(|one| *one != question));
            session.keep_questions(id, &open.get_untracked());
        }
    };
    view! {
        <Show when=move || writes.get() && open.with(|all| !all.is_empty())>
            <details class="doubts" data-testid="open-doubts">
                <summary>{move || words.w(W::Doubtful)}" "<span class="count">{move || open.with(Vec::len)}</span></summary>
                <For each=move || open.get() key=Question::key let:question>
                    <QuestionLine question=question.clone() answer=Signal::stored(None::<Answer>)
                        on_answer=Callback::new(move |given: Option<Answer>| if
                            let Some(given) = given { answer(question.clone(), given) }) />
                </For>
            </details>
        </Show>
    }
}
