//! The source beside what was read of it, with the place marked that is looked at.

use leptos::html::Mark;
use leptos::prelude::*;
use std::sync::Arc;
use tongban_shared::import::Span;

/// A text that was read, by its characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(Arc<Vec<char>>);

impl Source {
    pub fn new(text: &str) -> Self {
        Self(Arc::new(text.chars().collect()))
    }

    /// The words before a span, in it, and behind it.
    fn parts(&self, span: Span) -> [String; 3] {
        let to = span.to.min(self.0.len());
        let from = span.from.min(to);
        [&self.0[..from], &self.0[from..to], &self.0[to..]].map(|part| part.iter().collect())
    }

    /// The sentence that a span stands in.
    pub fn sentence(&self, span: Span) -> [String; 3] {
        const ENDS: [char; 4] = ['。', '；', '！', '？'];
        /// Characters on each side at most.
        const MOST: usize = 60;
        let to = span.to.min(self.0.len());
        let from = span.from.min(to);
        let begin = from.saturating_sub(MOST);
        let begin =
            self.0[begin..from].iter().rposition(|c| ENDS.contains(c)).map_or(begin, |at| begin + at + 1);
        let end = (to + MOST).min(self.0.len());
        let end = self.0[to..end].iter().position(|c| ENDS.contains(c)).map_or(end, |at| to + at + 1);
        let plain = |range: &[char]| range.iter().filter(|c| **c != '\n').collect::<String>();
        [plain(&self.0[begin..from]), plain(&self.0[from..to]), plain(&self.0[to..end])]
    }
}

/// The whole source to be read; what is looked at is marked and in view.
#[component]
pub fn ReadSource(source: Source, lit: RwSignal<Option<Span>>) -> impl IntoView {
    let mark = NodeRef::<Mark>::new();
    Effect::new(move |_| {
        if lit.get().is_some()
            && let Some(mark) = mark.get()
        {
            // Once the mark is drawn at its new place. Only the pane scrolls: the page stays where the
            // person reads.
            request_animation_frame(move || {
                if let Some(pane) = mark.parent_element() {
                    let middle = mark.offset_top() - pane.client_height() / 2;
                    pane.set_scroll_top(middle.max(0));
                }
            });
        }
    });
    let parts = move || source.parts(lit.get().unwrap_or_default());
    let (before, within, behind) = {
        let parts = Memo::new(move |_| parts());
        (
            move || parts.with(|parts| parts[0].clone()),
            move || parts.with(|parts| parts[1].clone()),
            move || parts.with(|parts| parts[2].clone()),
        )
    };
    view! {
        <div class="import__read" data-shows="all" data-testid="read-source" tabindex="0">
            {before}<mark node_ref=mark>{within}</mark>{behind}
        </div>
    }
}
