//! Answers: what the rules decided, as status and body.

use axum::response::{IntoResponse, Response};
use booking::{Decision, Outcome};
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::Serialize;

use super::problem::Failure;

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
    let bytes = serde_json::to_vec(body).expect("an answer is JSON");
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
}

/// What was done; a refusal is a failure.
pub(crate) fn decision(outcome: Outcome) -> Result<Decision, Failure> {
    match outcome.decision {
        Decision::Refused(refusal) => Err(Failure::refused(refusal, &outcome)),
        Decision::KeyReused => Err(Failure::key_reused()),
        Decision::NotFound => Err(Failure::no_booking()),
        Decision::Slot(_) | Decision::Booking(_) => Ok(outcome.decision),
    }
}
