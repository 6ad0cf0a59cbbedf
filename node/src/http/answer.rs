//! Answers: what the rules decided, as status and body.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use booking::{Decision, Outcome};
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::Serialize;

use super::problem::Failure;

/// Room that is made at once for an answer: a booking needs no more.
const BODY_LEN_USUAL: usize = 512;
/// The headers of an answer: its own, and those of the door.
const HEADERS_USUAL: usize = 8;

pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A decided answer on its way out.
pub(crate) struct Answer {
    response: Response,
}

impl Answer {
    /// `body` with this status; `replayed` says that it was given before.
    pub(crate) fn new<T: Serialize>(status: StatusCode, body: &T, replayed: bool) -> Self {
        let mut response = json(status, body);
        if replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        Self { response }
    }

    /// Says where the thing that was made can be read.
    pub(crate) fn at(mut self, location: &str) -> Self {
        if self.response.status() == StatusCode::CREATED {
            let location = HeaderValue::from_str(location).expect("an id is ASCII");
            self.response.headers_mut().insert(header::LOCATION, location);
        }
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        self.response
    }
}

/// A JSON answer.
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    let mut bytes = Vec::with_capacity(BODY_LEN_USUAL);
    serde_json::to_writer(&mut bytes, body).expect("an answer is JSON");
    let mut response = Response::new(Body::from(bytes));
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
