//! Answers: what the rules decided, as status and body.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::Serialize;

/// Room that is made at once for an answer: a booking needs no more.
pub(crate) const BODY_LEN_USUAL: usize = 512;
const JSON: &str = "application/json";
/// The headers of an answer: its own, and those of the guard.
const HEADERS_USUAL: usize = 8;

/// A header that always says the same.
pub(crate) type Header = (HeaderName, HeaderValue);

/// It is the first answer, given again.
pub(crate) static FIRST_ANSWER: Header =
    (HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));

/// An answer on its way out, what was decided or a problem, in a plain form that the fast path writes by itself and axum by
/// [`IntoResponse`]. It is small, since it is handed on from one to the next.
pub(crate) struct PlainResponse {
    pub(crate) status: StatusCode,
    /// What kind of JSON the body is.
    pub(crate) media_type: &'static str,
    /// Where what was made can be read.
    pub(crate) location: Option<String>,
    /// What is said beside it.
    pub(crate) header: Option<&'static Header>,
    /// After how many seconds to ask again.
    pub(crate) retry_after: Option<u16>,
    pub(crate) body: Vec<u8>,
}

impl PlainResponse {
    /// `body` with this status. Of what was made, it says at `location` it can be read; and where it is the first answer, given
    /// again, that too.
    pub(crate) fn new(status: StatusCode, location: String, body: Vec<u8>, replayed: bool) -> Self {
        let location = (status == StatusCode::CREATED).then_some(location);
        let header = replayed.then_some(&FIRST_ANSWER);
        Self { status, media_type: JSON, location, header, retry_after: None, body }
    }
}

impl IntoResponse for PlainResponse {
    fn into_response(self) -> Response {
        let Self { status, media_type, location, header: said, retry_after, body } = self;
        let mut response = respond(status, media_type, body);
        let headers = response.headers_mut();
        let location = location.map(|text| HeaderValue::try_from(text).expect("an id is ASCII"));
        headers.extend(location.map(|location| (header::LOCATION, location)));
        headers.extend(said.cloned());
        headers.extend(retry_after.map(|seconds| (header::RETRY_AFTER, seconds.into())));
        response
    }
}

/// A header as it stands on the wire.
pub(crate) fn header_line(to: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    for part in [name.as_str().as_bytes(), b": ", value, b"\r\n"] {
        to.extend_from_slice(part);
    }
}

/// A JSON answer.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    respond(status, JSON, written(body))
}

/// A body as JSON.
pub(crate) fn written<T: Serialize>(body: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BODY_LEN_USUAL);
    serde_json::to_writer(&mut bytes, body).expect("an answer is JSON");
    bytes
}

/// A JSON answer that is written already.
pub(crate) fn json_text(text: Bytes) -> Response {
    respond(StatusCode::OK, JSON, text)
}

fn respond(status: StatusCode, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(HEADERS_USUAL);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
