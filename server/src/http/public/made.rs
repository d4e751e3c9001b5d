//! Public pages that were made: an edition never changes, so its page is made once and given to whoever asks,
//! as long as it is kept. A missing one is made beside the workers, few at once for all who ask.

use super::{Ending, Page, Reader, policy};
use crate::app::App;
use crate::http::reading::reading;
use crate::http::{HttpError, tag};
use crate::limits;
use crate::shares::Payer;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tongban_shared::document::DocumentError;
use tongban_shared::id::BoardId;

/// A page, or another form of an edition, as it is given.
#[derive(Debug, Clone)]
pub(super) struct Made {
    status: StatusCode,
    kind: &'static str,
    content: Bytes,
    tag: String,
}

impl Made {
    pub(super) fn new(status: StatusCode, kind: &'static str, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        Self { status, kind, tag: tag::of(&content), content }
    }

    /// The same content has the same tag; a reader that has it is told so.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let same = self.status == StatusCode::OK && tag::known(headers, &self.tag);
        let head = [
            (header::ETAG, self.tag.as_str()),
            (header::CACHE_CONTROL, "public, max-age=60"),
            (header::CONTENT_TYPE, self.kind),
            (header::CONTENT_SECURITY_POLICY, policy()),
        ];
        if same {
            (StatusCode::NOT_MODIFIED, head).into_response()
        } else {
            (self.status, head, self.content.clone()).into_response()
        }
    }

    fn weight(&self) -> usize {
        self.content.len() + size_of::<Self>()
    }
}

/// The name of what can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Named {
    /// The list of published plans.
    Space,
    /// An edition in a form; whether at its own address.
    Edition(BoardId, u32, Ending, bool),
    Compared(BoardId, u32, u32),
}

/// A name with all else that the content rests on; what was made under other words is made anew.
#[derive(Debug, Clone)]
pub(super) struct Content {
    named: Named,
    rests_on: String,
}

impl Content {
    pub(super) fn new(named: Named, rests_on: &str) -> Self {
        Self { named, rests_on: tag::of(rests_on.as_bytes()) }
    }
}

/// The pages that were made last.
#[derive(Debug, Default)]
pub struct Pages(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// By name: the words it rests on, when it was asked for the last time, and itself.
    pages: HashMap<Named, (String, u64, Made)>,
    weight: usize,
    asked: u64,
}

impl Kept {
    fn forget(&mut self, named: &Named) {
        if let Some((_, _, made)) = self.pages.remove(named) {
            self.weight -= made.weight();
        }
    }
}

impl Pages {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, content: &Content) -> Option<Made> {
        let mut kept = self.kept();
        kept.asked += 1;
        let asked = kept.asked;
        let (rests_on, last, made) = kept.pages.get_mut(&content.named)?;
        *last = asked;
        (*rests_on == content.rests_on).then(|| made.clone())
    }

    /// Keeps a page; those that nobody has asked for the longest go for it.
    fn keep(&self, content: Content, made: Made) {
        let mut kept = self.kept();
        kept.forget(&content.named);
        if made.weight() > limits::PAGES_BYTES / 2 {
            return;
        }
        while kept.weight + made.weight() > limits::PAGES_BYTES {
            let oldest = kept.pages.iter().min_by_key(|(_, (_, last, _))| *last);
            let Some(oldest) = oldest.map(|(named, _)| named.clone()) else { break };
            kept.forget(&oldest);
        }
        kept.weight += made.weight();
        let asked = kept.asked;
        kept.pages.insert(content.named, (content.rests_on, asked, made));
    }
}

/// Answers with what is kept, or else with what is made now: nothing is read before there is a turn for it.
pub(super) async fn given(
    app: &App,
    reader: &Reader,
    content: Content,
    make: impl Future<Output = Result<Made, HttpError>> + Send + 'static,
) -> Page {
    if let Some(made) = app.pages.get(&content) {
        return Ok(made.answer(&reader.headers));
    }
    let ours = app.clone();
    let work = async move {
        // Somebody else may have asked for it at the same moment.
        if let Some(made) = ours.pages.get(&content) {
            return Ok(made);
        }
        ours.metrics.page_made();
        let runtime = Handle::current();
        let made = tokio::task::spawn_blocking(move || runtime.block_on(make)).await;
        let made = made.map_err(|error| DocumentError::Corrupt(error.to_string()))??;
        ours.pages.keep(content, made.clone());
        Ok(made)
    };
    let payers = crate::identity::places(&reader.from).into_iter().chain([Payer::Everybody]);
    Ok(reading(app, &payers.collect::<Vec<_>>(), work).await?.answer(&reader.headers))
}

#[cfg(test)]
mod tests {
    use super::{Content, Made, Named, Pages};
    use crate::limits;
    use axum::http::StatusCode;
    use tongban_shared::id::BoardId;

    #[test]
    fn pages_are_kept_by_what_they_rest_on_and_within_a_bound() {
        let pages = Pages::default();
        let made = |bytes: usize| Made::new(StatusCode::OK, "text/html", vec![b'x'; bytes]);
        let named = |number| Named::Compared(BoardId::from_bytes([1; 16]), number, number);
        let content = |number, rests_on| Content::new(named(number), rests_on);
        pages.keep(content(1, "today"), made(1000));
        assert!(pages.get(&content(1, "today")).is_some());
        assert!(pages.get(&content(1, "tomorrow")).is_none());
        assert!(pages.get(&content(2, "today")).is_none());
        pages.keep(content(1, "tomorrow"), made(2000));
        assert_eq!(pages.kept().pages.len(), 1, "in the place of the other");
        let part = limits::PAGES_BYTES / 8;
        for number in 0..100 {
            pages.keep(content(number, ""), made(part));
            assert!(pages.get(&content(0, "")).is_some(), "asked for again and again");
            assert!(pages.kept().weight <= limits::PAGES_BYTES);
        }
        assert!(pages.get(&content(99, "")).is_some() && pages.get(&content(50, "")).is_none());
        pages.keep(content(100, ""), made(limits::PAGES_BYTES));
        assert!(pages.get(&content(100, "")).is_none(), "nothing goes for one that is too large");
        assert!(pages.get(&content(99, "")).is_some());
    }
}
