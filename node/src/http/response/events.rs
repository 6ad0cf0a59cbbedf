//! A response that is a stream of events and goes on (WHATWG HTML, server-sent events).

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use hyper::header::{self, HeaderName, HeaderValue};

use crate::chance::Chance;

/// The media type.
pub(crate) const EVENTS: &str = "text/event-stream";
/// A stream on which nothing happens for so long says so, or what stands between would take it for dead.
pub(crate) const QUIET: Duration = Duration::from_secs(15);
/// What it says then: a comment, which is no event.
pub(crate) const QUIET_COMMENT: Bytes = Bytes::from_static(b": quiet\n\n");

/// After how many milliseconds who is cut off comes back: from the least on, by chance up to so many later, or all would at once.
const RETRY_MS_MIN: u64 = 1_000;
const RETRY_MS_SPREAD: u64 = 9_000;

/// What stands between must not collect what is to be told at once.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What one of a crowd is told first: when to come back.
pub(crate) fn greeting(chance: &dyn Chance) -> Bytes {
    let retry_ms = RETRY_MS_MIN + u64::from_le_bytes(chance.bytes()) % RETRY_MS_SPREAD;
    format!("retry: {retry_ms}\n\n").into()
}

/// An event: what is told, in one line, and up to which seq that is so.
pub(crate) fn event(seq: u64, data: &str) -> String {
    format!("id: {seq}\ndata: {data}\n\n")
}

/// These events, each as it comes.
pub(crate) fn streamed(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let mut response = Response::new(Body::from_stream(events.map(Ok::<_, Infallible>)));
    response.headers_mut().extend([
        (header::CONTENT_TYPE, HeaderValue::from_static(EVENTS)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (BUFFERING, HeaderValue::from_static("no")),
    ]);
    response
}
