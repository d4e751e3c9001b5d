//! Public pages that were made: an edition never changes, so its page is made once and given to whoever asks,
//! as long as it is kept. A missing one is made beside the workers, few at once for all who ask. Pages that are
//! kept and pages that are on their way take memory together, each once however many read it.

use super::{Ending, Page, Reader, policy};
use crate::app::App;
use crate::http::held::steps;
use crate::http::reading::reading;
use crate::http::{HttpError, tag};
use crate::identity::places;
use crate::limits;
use crate::shares::{Held, Lease, Payer, RanOut, Shares};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::runtime::Handle;
use tongban_shared::document::DocumentError;
use tongban_shared::id::BoardId;

/// A page, or another form of an edition, as it is given.
#[derive(Debug)]
pub(super) struct Made {
    status: StatusCode,
    kind: &'static str,
    content: Bytes,
    tag: String,
}

impl Made {
    pub(super) fn new(status: StatusCode, kind: &'static str, content: impl Into<Vec<u8>>) -> Self {
        // It takes no more memory than is counted.
        let content = Bytes::from(content.into().into_boxed_slice());
        Self { status, kind, tag: tag::of(&content), content }
    }

    /// The answer with a page of a few words, which nobody keeps.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        self.known(headers)
            .unwrap_or_else(|| (self.status, self.head(), self.content.clone()).into_response())
    }

    /// The same content has the same tag; a reader that has it is told so.
    fn known(&self, headers: &HeaderMap) -> Option<Response> {
        let same = self.status == StatusCode::OK && tag::known(headers, &self.tag);
        same.then(|| (StatusCode::NOT_MODIFIED, self.head()).into_response())
    }

    fn head(&self) -> [(header::HeaderName, &str); 4] {
        [
            (header::ETAG, self.tag.as_str()),
            (header::CACHE_CONTROL, "public, max-age=60"),
            (header::CONTENT_TYPE, self.kind),
            (header::CONTENT_SECURITY_POLICY, policy()),
        ]
    }

    fn weight(&self) -> u64 {
        (self.content.len() + size_of::<Shelved>()) as u64
    }
}

/// A page with the memory that it takes for as long as it is kept, or read by anybody.
struct Shelved {
    made: Made,
    _held: Lease,
    /// By network: the shares of it for as long as somebody there reads.
    readers: Mutex<HashMap<String, Weak<Vec<Lease>>>>,
}

impl Shelved {
    /// The answer to a reader; their network has the page on its way once, however many read it there. A page
    /// that is larger than the share of a network is the only one there.
    fn answer(self: &Arc<Self>, shares: &Shares, reader: &Reader) -> Result<Response, RanOut> {
        if let Some(known) = self.made.known(&reader.headers) {
            return Ok(known);
        }
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.retain(|_, held| held.strong_count() > 0);
        let held = match readers.get(&reader.from).and_then(Weak::upgrade) {
            Some(held) => held,
            None => {
                let weight = self.made.weight();
                let of = |payer| shares.hold_or_alone(&payer, Held::Pages, weight);
                let held = places(&reader.from).into_iter().map(of).collect::<Result<Vec<_>, _>>()?;
                Arc::new(held)
            }
        };
        readers.insert(reader.from.clone(), Arc::downgrade(&held));
        drop(readers);
        let length = [(header::CONTENT_LENGTH, HeaderValue::from(self.made.content.len()))];
        let body = steps(self.made.content.clone(), Some((Arc::clone(self), held)));
        Ok((self.made.status, self.made.head(), length, body).into_response())
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
#[derive(Default)]
pub struct Pages(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    pages: HashMap<Named, Place>,
    asked: u64,
}

/// The place of a page.
struct Place {
    rests_on: String,
    /// When it was asked for the last time.
    asked: u64,
    /// It is kept; a very large one only as long as somebody reads it.
    kept: Option<Arc<Shelved>>,
    page: Weak<Shelved>,
}

impl Place {
    /// Whether nobody reads it, so that its memory is there when it goes.
    fn is_unread(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| Arc::strong_count(kept) == 1)
    }
}

impl Pages {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, content: &Content) -> Option<Arc<Shelved>> {
        let mut kept = self.kept();
        kept.asked += 1;
        let asked = kept.asked;
        let place = kept.pages.get_mut(&content.named)?;
        place.asked = asked;
        place.page.upgrade().filter(|_| place.rests_on == content.rests_on)
    }

    /// Puts a page into its place; those that nobody reads, and nobody has asked for the longest, go for it. A
    /// large one leaves a part of the memory to small ones, and one that is larger than all takes it alone.
    ///
    /// # Errors
    /// [`RanOut`] of all when the others are being read.
    fn keep(&self, shares: &Shares, content: Content, made: Made) -> Result<Arc<Shelved>, RanOut> {
        let mut kept = self.kept();
        kept.pages.remove(&content.named);
        kept.pages.retain(|_, place| place.page.strong_count() > 0);
        let weight = made.weight();
        let for_small = if weight <= limits::SMALL_PAGE { 0 } else { limits::PAGES_FOR_SMALL };
        let most = (limits::PAGES_BYTES - for_small).max(weight);
        let held = loop {
            match shares.hold_of(&Payer::Everybody, Held::Pages, weight, most) {
                Ok(held) => break held,
                Err(ran_out) => {
                    let unread = kept.pages.iter().filter(|(_, place)| place.is_unread());
                    let oldest = unread.min_by_key(|(_, place)| place.asked).map(|(named, _)| named.clone());
                    let oldest = oldest.ok_or(RanOut { of_all: true, ..ran_out })?;
                    kept.pages.remove(&oldest);
                }
            }
        };
        let page = Arc::new(Shelved { made, _held: held, readers: Mutex::default() });
        let asked = kept.asked;
        let (rests_on, stays) = (content.rests_on, weight <= limits::PAGES_BYTES / 2);
        let place =
            Place { rests_on, asked, kept: stays.then(|| Arc::clone(&page)), page: Arc::downgrade(&page) };
        kept.pages.insert(content.named, place);
        Ok(page)
    }
}

/// Answers with what is kept, or else with what is made now: nothing is read before there is a turn for it.
pub(super) async fn given(
    app: &App,
    reader: &Reader,
    content: Content,
    make: impl Future<Output = Result<Made, HttpError>> + Send + 'static,
) -> Page {
    if let Some(page) = app.pages.get(&content) {
        return Ok(page.answer(&app.shares, reader)?);
    }
    let ours = app.clone();
    let work = async move {
        // Somebody else may have asked for it at the same moment.
        if let Some(page) = ours.pages.get(&content) {
            return Ok(page);
        }
        ours.metrics.page_made();
        let runtime = Handle::current();
        let made = tokio::task::spawn_blocking(move || runtime.block_on(make)).await;
        let made = made.map_err(|error| DocumentError::Corrupt(error.to_string()))??;
        Ok(ours.pages.keep(&ours.shares, content, made)?)
    };
    let payers = places(&reader.from).into_iter().chain([Payer::Everybody]);
    Ok(reading(app, &payers.collect::<Vec<_>>(), work).await?.answer(&app.shares, reader)?)
}

#[cfg(test)]
mod tests {
    use super::{Content, Made, Named, Pages, Reader, given};
    use crate::app::{App, Options};
    use crate::limits;
    use crate::shares::{Held, Payer, Shares};
    use crate::store::Place;
    use axum::body::to_bytes;
    use axum::http::{HeaderMap, StatusCode, header};
    use axum::response::IntoResponse;
    use tongban_shared::id::BoardId;

    const MIB: usize = 1024 * 1024;

    fn made(bytes: usize) -> Made {
        Made::new(StatusCode::OK, "text/html", vec![b'x'; bytes])
    }

    fn content(number: u32, rests_on: &str) -> Content {
        Content::new(Named::Compared(BoardId::from_bytes([1; 16]), number, number), rests_on)
    }

    #[test]
    fn pages_are_kept_by_what_they_rest_on_and_within_a_bound() {
        let (pages, shares) = (Pages::default(), Shares::default());
        let keep = |content: Content, bytes: usize| pages.keep(&shares, content, made(bytes)).map(drop);
        let left = || {
            let most = limits::PAGES_BYTES;
            shares.hold_of(&Payer::Everybody, Held::Pages, most, most).is_ok()
        };
        assert!(left());
        keep(content(1, "today"), 1000).expect("room");
        assert!(pages.get(&content(1, "today")).is_some() && !left());
        assert!(pages.get(&content(1, "tomorrow")).is_none());
        assert!(pages.get(&content(2, "today")).is_none());
        keep(content(1, "tomorrow"), 2000).expect("room");
        assert_eq!(pages.kept().pages.len(), 1, "in the place of the other");
        let part = MIB / 2;
        for number in 0..300 {
            keep(content(number, ""), part).expect("room");
            assert!(pages.get(&content(0, "")).is_some(), "asked for again and again");
        }
        assert!(pages.get(&content(299, "")).is_some() && pages.get(&content(50, "")).is_none());
        keep(content(300, ""), 200 * MIB).expect("alone, when nobody reads the others");
        assert!(pages.get(&content(300, "")).is_none() && left(), "nobody reads it, and it is not kept");
    }

    /// Readers from many networks ask for many large pages, and take them as slowly as they may.
    #[tokio::test]
    async fn pages_on_their_way_take_memory_once_each_within_the_bound_of_those_that_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        let asks = async |network: u32, number: u32, bytes: usize| {
            let from = format!("203.0.113.{network}");
            let reader = Reader { from, headers: HeaderMap::new() };
            let answer = given(&app, &reader, content(number, ""), async move { Ok(made(bytes)) }).await;
            answer.unwrap_or_else(IntoResponse::into_response)
        };
        let mut on_their_way = Vec::new();
        for network in 0..4 {
            let answer = asks(network, network, 11 * MIB).await;
            assert_eq!(answer.status(), StatusCode::OK, "{network}");
            on_their_way.push(answer);
        }
        let late = asks(5, 5, 11 * MIB).await;
        assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(late.headers().contains_key(header::RETRY_AFTER));
        // A page that others read takes nothing more, and a small page finds its place.
        for network in 10..200 {
            on_their_way.push(asks(network, 1, 11 * MIB).await);
            assert_eq!(on_their_way.last().expect("one").status(), StatusCode::OK, "{network}");
        }
        let small = asks(6, 6, MIB / 2).await;
        assert_eq!(small.status(), StatusCode::OK);
        assert_eq!(to_bytes(small.into_body(), MIB).await.expect("all of it").len(), MIB / 2);
        // A network has the same page twice, and no second one beside it.
        on_their_way.push(asks(0, 0, 11 * MIB).await);
        assert_eq!(on_their_way.last().expect("one").status(), StatusCode::OK);
        assert_eq!(asks(0, 1, 11 * MIB).await.status(), StatusCode::TOO_MANY_REQUESTS);
        drop(on_their_way);
        assert_eq!(
            asks(5, 5, 11 * MIB).await.status(),
            StatusCode::OK,
            "the others have what they asked for"
        );
        app.close().await;
    }
}
