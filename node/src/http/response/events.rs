//! A response that is a stream of events and goes on (WHATWG HTML, server-sent events).

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use hyper::header::{self, HeaderValue};

/// A stream on which nothing happens for so long says so, or what stands between would take it for dead.
pub(crate) const QUIET: Duration = Duration::from_secs(15);
/// What it says then: a comment, which is no event.
pub(crate) const QUIET_COMMENT: Bytes = Bytes::from_static(b": quiet\n\n");

/// These events, each as it comes.
pub(crate) fn streamed(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let mut response = Response::new(Body::from_stream(events.map(Ok::<_, Infallible>)));
    response.headers_mut().extend([
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    response
}
