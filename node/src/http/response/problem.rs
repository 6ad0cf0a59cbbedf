//! Every failure is answered with a problem: status, code, and what would be right.

use api::problem::{CONTENT_TYPE, Code, Conflict, FieldError, Problem, RangeReason};
use api::time::Time;
use axum::response::{IntoResponse, Response};
use booking::OutcomeOf;
use hyper::StatusCode;
use hyper::header::{self, HeaderValue};

use super::answer::{FIRST_ANSWER, Header, PlainResponse};
use crate::router::Unrouted;

/// A problem on its way out. Boxed: failures are rare, and every handler's result has room for one.
#[derive(Clone, Debug)]
pub(crate) struct ProblemResponse {
    problem: Box<Problem>,
    /// What is said beside it.
    header: Option<&'static Header>,
}

/// A body is taken as it is (RFC 9110 12.5.3). Beside any other 415 this must not be said.
static TAKES_AS_IT_IS: Header = (header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
/// How to show who one is (RFC 9110 11.6.1).
static TOKEN_WANTED: Header = (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));

impl From<Problem> for ProblemResponse {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), header: None }
    }
}

impl ProblemResponse {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem::new(code, detail).into()
    }

    pub(crate) fn code(&self) -> Code {
        self.problem.code
    }

    /// The places that are at fault.
    pub(crate) fn errors(&self) -> &[FieldError] {
        &self.problem.errors
    }

    /// One parameter or header is at fault.
    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem = Problem::new(Code::InvalidRequest, format!("{name} {detail}"));
        problem.errors = vec![FieldError { pointer: format!("#{name}"), detail }];
        problem.into()
    }

    /// Places of a body are at fault.
    pub(crate) fn body(errors: Vec<FieldError>) -> Self {
        let place = |error: &FieldError| {
            format!("{} {}", error.pointer.trim_start_matches('#'), error.detail).trim_start().to_owned()
        };
        let mut problem =
            Problem::new(Code::InvalidRequest, errors.iter().map(place).collect::<Vec<_>>().join("; "));
        problem.errors = errors;
        problem.into()
    }

    /// A place of a body is at fault, as only an entity could tell.
    pub(crate) fn at_fault(pointer: &str, detail: &str) -> Self {
        Self::body(vec![FieldError { pointer: pointer.to_owned(), detail: detail.to_owned() }])
    }

    /// A body that has a coding: `Content-Encoding`.
    pub(crate) fn packed() -> Self {
        let problem =
            Self::new(Code::UnsupportedMediaType, "send the body as it is, without Content-Encoding");
        Self { header: Some(&TAKES_AS_IT_IS), ..problem }
    }

    /// More of a feed is known to the caller than there is.
    pub(crate) fn not_reached(name: &str, seq: u64) -> Self {
        let mut response =
            Self::parameter(name, format!("must not be beyond the slot's seq, which is {seq}"));
        response.problem.seq = Some(seq);
        response
    }

    /// The same as an entity's decision: with its seq, where there is one, and with a word if it is the first answer, given again.
    pub(crate) fn decided<Decision>(mut self, outcome: &OutcomeOf<Decision>) -> Self {
        self.problem.seq = Some(outcome.seq.0).filter(|seq| 0 < *seq);
        self.header = outcome.replayed.then_some(&FIRST_ANSWER);
        self
    }

    /// The same, with the seats that cannot be had.
    pub(crate) fn because_of(mut self, conflicts: Vec<Conflict>) -> Self {
        self.problem.conflicts = conflicts;
        self
    }

    /// The same, with why a range may not be asked for.
    pub(crate) fn since(mut self, reason: RangeReason) -> Self {
        self.problem.reason = Some(reason);
        self
    }

    /// The same, with the first moment at which more is taken than there would be.
    pub(crate) fn in_use_from(mut self, first: Time) -> Self {
        self.problem.at = Some(first);
        self
    }

    /// The same, with the seats that would be left single.
    pub(crate) fn leaving(mut self, singles: Vec<String>) -> Self {
        self.problem.singles = singles;
        self
    }

    /// The same, with how many can be had side by side.
    pub(crate) fn at_most_together(mut self, largest_block: u32) -> Self {
        self.problem.largest_block = Some(largest_block);
        self
    }

    /// The same, with the quotas of which too little is left.
    pub(crate) fn short_of(mut self, quotas: &[Box<str>]) -> Self {
        self.problem.quotas = quotas.iter().map(ToString::to_string).collect();
        self
    }

    /// The slot is given one map after the other.
    pub(crate) fn sold_by_another_map() -> Self {
        let detail = "the slot's seatmap, what it sells, or when it is open has just been replaced; nothing was tried, look at the slot and ask again";
        Self::new(Code::Overloaded, detail)
    }

    pub(crate) fn key_reused() -> Self {
        let detail =
            "this Idempotency-Key was used for a request with another method, path or body; use a new one";
        Self::new(Code::IdempotencyKeyReused, detail)
    }

    /// The node is about to stop.
    pub(crate) fn draining() -> Self {
        Self::new(Code::Draining, "this node is shutting down; ask another one")
    }

    pub(crate) fn no_slot() -> Self {
        Self::new(Code::NotFound, "there is no slot with this id")
    }

    pub(crate) fn no_booking() -> Self {
        Self::new(Code::NotFound, "there is no booking with this id that the caller may see")
    }

    /// A customer confirms where only the organizer does.
    pub(crate) fn not_confirmed_by_customers() -> Self {
        Self::new(Code::Forbidden, "bookings of this slot are confirmed by its organizer")
    }

    /// What changed of seats is not known for so long, or they are of another map by now.
    pub(crate) fn seat_changes_gone(oldest: u64) -> Self {
        let detail = format!("changes before seq {oldest} are not known here; take a new map of the seats");
        let mut problem = Problem::new(Code::FeedGone, detail);
        problem.oldest_seq = Some(oldest);
        problem.into()
    }

    /// What is asked for of a feed is no longer kept.
    pub(crate) fn feed_gone(oldest: u64) -> Self {
        let mut problem =
            Problem::new(Code::FeedGone, format!("records before seq {oldest} are no longer kept"));
        problem.oldest_seq = Some(oldest);
        problem.into()
    }
}

impl From<Unrouted> for ProblemResponse {
    fn from(unrouted: Unrouted) -> Self {
        match unrouted {
            Unrouted::Overloaded => Self::new(
                Code::Overloaded,
                "too many requests wait for an answer; nothing was tried, ask again later",
            ),
            Unrouted::NoLeader => {
                Self::new(Code::NoLeader, "the slot's group has no leader here; nothing was tried, ask again")
            }
            Unrouted::Unknown => Self::unknown(),
            Unrouted::Faulted => Self::new(
                Code::SlotFaulted,
                "this slot is stopped by a fault; nothing was tried, the operator knows",
            ),
            Unrouted::StorageFull => Self::new(
                Code::StorageFull,
                "the disk is nearly full, so nothing new is taken; nothing was tried, ask again later",
            ),
            Unrouted::Upgrading => Self::new(
                Code::Overloaded,
                "the cluster is being upgraded, and not every node knows this request yet; nothing was tried, ask again later",
            ),
        }
    }
}

impl ProblemResponse {
    /// Perhaps done, perhaps not.
    pub(crate) fn unknown() -> Self {
        Self::new(
            Code::OutcomeUnknown,
            "the request may or may not have taken effect; ask again with the same Idempotency-Key to find out",
        )
    }
}

impl ProblemResponse {
    /// Its status and body.
    pub(crate) fn written(&self) -> (StatusCode, Vec<u8>) {
        written(&self.problem)
    }
}

impl From<ProblemResponse> for PlainResponse {
    fn from(response: ProblemResponse) -> Self {
        let (status, body) = response.written();
        let header = if status == StatusCode::UNAUTHORIZED { Some(&TOKEN_WANTED) } else { response.header };
        Self { status, media_type: CONTENT_TYPE, location: None, header, retry_after: None, body }
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        PlainResponse::from(self).into_response()
    }
}

/// A problem's status and body.
pub(crate) fn written(problem: &Problem) -> (StatusCode, Vec<u8>) {
    let status = StatusCode::from_u16(problem.status).expect("every code has a status of HTTP");
    (status, serde_json::to_vec(problem).expect("a problem is JSON"))
}
