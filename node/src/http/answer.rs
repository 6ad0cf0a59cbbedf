//! Answers: what the rules decided, as status and body.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use booking::{Decision, Outcome};
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::Serialize;

use super::problem::Failure;

/// Room that is made at once for an answer: a booking needs no more.
pub(super) const BODY_LEN_USUAL: usize = 512;
/// The headers of an answer: its own, and those of the door.
const HEADERS_USUAL: usize = 8;

pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A decided answer on its way out.
pub(crate) struct Answer {
    pub(super) status: StatusCode,
    /// Where the thing that was made can be read.
    pub(super) location: Option<String>,
    /// It is the first answer, given again.
    pub(super) replayed: bool,
    /// JSON.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// `body` with this status. Of what was made, it says at `location` it can be read.
    pub(crate) fn new(status: StatusCode, location: String, body: Vec<u8>, replayed: bool) -> Self {
        let location = Some(location).filter(|_location| status == StatusCode::CREATED);
        Self { status, location, replayed, body }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let Self { status, location, replayed, body } = self;
        let mut response = respond(status, body);
        let headers = response.headers_mut();
        if replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if let Some(location) = location {
            headers.insert(header::LOCATION, HeaderValue::try_from(location).expect("an id is ASCII"));
        }
        response
    }
}

/// A header as it stands on the wire.
pub(super) fn header_line(to: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    for part in [name.as_str().as_bytes(), b": ", value, b"\r\n"] {
        to.extend_from_slice(part);
    }
}

/// A JSON answer.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    respond(status, written(body))
}

/// A body as JSON.
pub(super) fn written<T: Serialize>(body: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BODY_LEN_USUAL);
    serde_json::to_writer(&mut bytes, body).expect("an answer is JSON");
    bytes
}

fn respond(status: StatusCode, json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(HEADERS_USUAL);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// What was done; a refusal is a failure.
pub(crate) fn decision(outcome: Outcome) -> Result<Decision, Failure> {
    match outcome.decision {
        Decision::Refused(refusal) => Err(Failure::refused(refusal, &outcome)),
        Decision::KeyReused => Err(Failure::key_reused()),
        Decision::NotFound => Err(Failure::no_booking()),
        Decision::Forbidden => Err(Failure::not_confirmed_by_customers()),
        Decision::Slot(_) | Decision::Booking(_) => Ok(outcome.decision),
    }
}
