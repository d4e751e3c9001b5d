//! Bodies of requests: each has a time for the whole of it, by its length. That of silence alone would let
//! whoever sends a byte now and then hold what they have sent for months.

use super::HttpError;
use super::asker::Asker;
use super::session::visitor_unused;
use crate::app::App;
use crate::identity::{Visitor, places};
use crate::limits;
use crate::shares::{Held, Lease, Payer};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures::stream::{self, Stream, StreamExt};
use hyper::body::{Frame, SizeHint};
use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::sleep;

/// Routes that take pieces of files. Bodies of all others are small.
const PIECES: [&str; 2] = ["/api/files/{hash}", "/api/carried/{board}/{unit}/{hash}"];

/// Reads the body of a request before anybody looks at it, within its time and in one piece: one that comes by
/// single bytes takes no more memory than its length. The account holds what has come; of a stranger, network and
/// region do, and all strangers together, apart from what accounts have. A brief body of a stranger has a short
/// time, and room of its own: a sign-in never waits behind what is large. No piece is read of a stranger.
///
/// As much as was read of a large request stays with its connection for as long as that lives. That of a stranger
/// ends with the answer, and until then they hold as much.
pub async fn whole(State(app): State<App>, request: Request, next: Next) -> Response {
    let large = is_large(&request);
    if !has_body(request.headers()) && !large {
        return next.run(request).await;
    }
    let by = match visitor_unused(request.headers(), &app).await {
        Ok(by) => by,
        Err(error) => return error.into_response(),
    };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|from| from.0);
    let from = (peer, brief_length(&request).is_some());
    let mut held = match leases(&app, by.as_ref(), from, request.headers()).await {
        Ok(held) => held,
        Err(error) => return error.into_response(),
    };
    let stays = large && by.is_none();
    let answer = taken(request, by.is_some(), (&mut held, stays), next).await;
    if stays { last(answer, held) } else { answer }
}

async fn taken(request: Request, known: bool, (held, stays): (&mut [Lease], bool), next: Next) -> Response {
    let least = if stays { limits::HEAD_BYTES } else { 0 };
    let mut hold = |bytes: usize| {
        let held = held.iter_mut().try_for_each(|lease| lease.set(bytes.max(least) as u64));
        held.map_err(HttpError::RanOut)
    };
    let brief = brief_length(&request).filter(|_| !known);
    let mut whole = BytesMut::with_capacity(brief.unwrap_or_default());
    if let Err(refused) = hold(whole.capacity()) {
        return refused.into_response();
    }
    if !has_body(request.headers()) {
        return next.run(request).await;
    }
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_piece = route.is_some_and(|route| PIECES.contains(&route));
    let most = if is_piece { limits::BODY } else { limits::WORDS_BODY };
    let (head, body) = request.into_parts();
    let time = if brief.is_some() { limits::BRIEF_BODY_TIME } else { time_of(&head.headers, most) };
    let mut pieces = Box::pin(within(time, body.into_data_stream()));
    if is_piece && !known {
        // A sender that is not read to the end may not see the answer.
        pieces.take_while(|piece| ready(piece.is_ok())).for_each(|_| ready(())).await;
        return HttpError::SignedOut.into_response();
    }
    while let Some(piece) = pieces.next().await {
        let Ok(piece) = piece else { return StatusCode::REQUEST_TIMEOUT.into_response() };
        if whole.len() + piece.len() > most {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        whole.extend_from_slice(&piece);
        if let Err(refused) = hold(whole.capacity()) {
            return refused.into_response();
        }
    }
    // A connection that is dropped looks like an end.
    if told_length(&head.headers).is_some_and(|told| told != whole.len() as u64) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    next.run(Request::from_parts(head, Body::from(whole.freeze()))).await
}

/// An answer that is the last of its connection, with what is held until it is taken.
fn last(mut answer: Response, held: Vec<Lease>) -> Response {
    // It is a socket now, of somebody whose token stands in the address.
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return answer;
    }
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer.map(|body| Body::new(Holding { body, _held: held }))
}

struct Holding {
    body: Body,
    _held: Vec<Lease>,
}

impl HttpBody for Holding {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Whether more is read of a request than is read ahead of every connection.
fn is_large(request: &Request) -> bool {
    let told = told_length(request.headers());
    let body = has_body(request.headers()) && told.is_none_or(|told| told > limits::READ_BUFFER as u64);
    body || is_large_head(request)
}

/// Whether a request has a body: its head says so, in one of two ways.
fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING) || told_length(headers).is_some_and(|told| told > 0)
}

fn is_large_head(request: &Request) -> bool {
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    let address = request.uri().path_and_query().map_or(0, |words| words.as_str().len());
    address + fields.sum::<usize>() > limits::READ_BUFFER
}

/// Leases of those who hold what is read of a request, of nothing yet. A browser in which somebody signed in
/// before holds a brief body itself, so that nobody else at that place keeps it from signing in.
async fn leases(
    app: &App,
    by: Option<&Visitor>,
    (peer, brief): (Option<SocketAddr>, bool),
    headers: &HeaderMap,
) -> Result<Vec<Lease>, HttpError> {
    if let Some(visitor) = by {
        return Ok(vec![app.shares.nothing(&Payer::of(&visitor.account), Held::Parts)]);
    }
    let asker = peer.map(|peer| Asker::of(app, peer, headers)).unwrap_or_default();
    let (what, payers) = if brief {
        (Held::Brief, app.identity.beginners((&asker.from, &asker.marks)).await?)
    } else {
        (Held::Bodies, places(&asker.from))
    };
    let is_known = payers.iter().any(|payer| matches!(payer, Payer::Browser(_)));
    let all = payers.into_iter().chain((!is_known).then_some(Payer::Everybody));
    Ok(all.map(|payer| app.shares.nothing(&payer, what)).collect())
}

/// The length of a brief body, as its request tells it.
fn brief_length(request: &Request) -> Option<usize> {
    let told = usize::try_from(told_length(request.headers())?).ok()?;
    (told <= limits::BRIEF_BODY && !is_large_head(request)).then_some(told)
}

/// The time for a body of the length that a request names, of at most so many bytes.
fn time_of(headers: &HeaderMap, most: usize) -> Duration {
    let most = most as u64;
    limits::BODY_TIME
        + Duration::from_secs(told_length(headers).unwrap_or(most).min(most) / limits::BODY_A_SECOND)
}

fn told_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Pieces as they come, or an error when they are not all there in time: a part is never taken for the whole.
fn within<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    time: Duration,
    mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> impl Stream<Item = io::Result<Bytes>> {
    let mut end = Box::pin(sleep(time));
    stream::poll_fn(move |context| match end.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into()))),
        Poll::Pending => {
            pieces.poll_next_unpin(context).map(|piece| piece.map(|piece| piece.map_err(io::Error::other)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{time_of, within};
    use crate::limits;
    use axum::body::Bytes;
    use axum::http::{HeaderMap, header};
    use futures::stream::{self, StreamExt};
    use std::convert::Infallible;
    use std::time::Duration;

    #[tokio::test]
    async fn a_body_that_does_not_end_in_time_is_an_error_and_never_the_whole() {
        let pause = Duration::from_millis(20);
        let drops = || {
            Box::pin(stream::unfold(0, move |sent| async move {
                tokio::time::sleep(pause).await;
                (sent < 5).then(|| (Ok::<_, Infallible>(Bytes::from_static(b"x")), sent + 1))
            }))
        };
        let read: Vec<_> = within(pause * 500, drops()).collect().await;
        assert!(read.len() == 5 && read.iter().all(Result::is_ok), "{read:?}");
        let mut late = Box::pin(within(pause * 3, drops()));
        let mut read = Vec::new();
        while let Some(piece) = late.next().await {
            let ended = piece.is_err();
            read.push(piece.map_err(|error| error.kind()));
            if ended {
                break;
            }
        }
        assert!(read.len() < 5 && read.last() == Some(&Err(std::io::ErrorKind::TimedOut)), "{read:?}");
    }

    #[test]
    fn a_long_body_has_longer_and_none_has_for_ever() {
        let time = |length: &'static str| {
            let told = HeaderMap::from_iter([(header::CONTENT_LENGTH, length.parse().expect("a value"))]);
            time_of(&told, limits::BODY)
        };
        assert!(time("100") < time("100000") && time("100000") < time("200000"));
        assert_eq!(time("18446744073709551615"), time_of(&HeaderMap::new(), limits::BODY));
        assert!(time_of(&HeaderMap::new(), limits::BODY) < Duration::from_secs(600));
    }
}
