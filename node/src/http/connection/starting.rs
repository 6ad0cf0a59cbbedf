//! What customers hear of a node that is still starting: that nothing was tried, and to ask again. Without it they would wait for an
//! answer for as long as a log is replayed.

use std::convert::Infallible;

use api::problem::Code;
use axum::response::{IntoResponse as _, Response};
use hyper::header::{self, HeaderValue};

use super::hyper_lease::TrackedRequest;
use crate::http::response::problem::ProblemResponse;

/// Turns a request away. Whoever asks again soon finds another node, or this one ready.
pub(crate) async fn turn_away(_request: TrackedRequest) -> Result<Response, Infallible> {
    let problem = ProblemResponse::new(Code::NoLeader, "this node is starting; nothing was tried, ask again");
    let mut response = problem.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(response)
}
