//! Answers: what the rules decided, as status and body.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::Serialize;
use smallvec::SmallVec;

/// Room that is made at once for an answer: a booking needs no more.
pub(crate) const BODY_LEN_USUAL: usize = 512;
const JSON: &str = "application/json";
/// The headers of an answer: its own, and those of the guard.
const HEADERS_USUAL: usize = 8;

pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// An answer on its way out, what was decided or a problem, in a plain form that the fast path writes by itself and axum by
/// [`IntoResponse`].
pub(crate) struct PlainResponse {
    pub(crate) status: StatusCode,
    /// What kind of JSON the body is.
    pub(crate) media_type: &'static str,
    /// Its own, beside the media type.
    pub(crate) headers: SmallVec<[(HeaderName, HeaderValue); 2]>,
    pub(crate) body: Vec<u8>,
}

impl PlainResponse {
    /// `body` with this status. Of what was made, it says at `location` it can be read; and where it is the first answer, given
    /// again, that too.
    pub(crate) fn new(status: StatusCode, location: String, body: Vec<u8>, replayed: bool) -> Self {
        let mut headers = SmallVec::new();
        if status == StatusCode::CREATED {
            headers.push((header::LOCATION, HeaderValue::try_from(location).expect("an id is ASCII")));
        }
        if replayed {
            headers.push((REPLAYED, HeaderValue::from_static("true")));
        }
        Self { status, media_type: JSON, headers, body }
    }
}

impl IntoResponse for PlainResponse {
    fn into_response(self) -> Response {
        let Self { status, media_type, headers, body } = self;
        let mut response = respond(status, media_type, body);
        response.headers_mut().extend(headers);
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
