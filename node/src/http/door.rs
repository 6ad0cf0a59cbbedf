//! What is tested before a route is looked for, and what every answer of `/v1` carries.

use std::sync::Arc;
use std::time::Duration;

use api::problem::Code;
use axum::Router as Routes;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};

use super::App;
use super::call::Findings;
use super::problem::Failure;
use crate::metrics;

/// The longest path with its query, in bytes.
const PATH_LEN_MAX: usize = 8 << 10;
/// The most bytes of header names and values.
const HEADERS_LEN_MAX: usize = 16 << 10;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The rate limit that is told to callers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) requests_per_second: u32,
    pub(crate) burst: u32,
}

/// Puts the tests and the headers around the routes.
pub(crate) fn guard(routes: Routes, app: Arc<App>) -> Routes {
    routes.layer(middleware::from_fn_with_state(app, enter))
}

async fn enter(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let started = app.clock.monotonic();
    let is_v1 = request.uri().path().starts_with("/v1");
    let route = request.extensions().get::<MatchedPath>().cloned();
    let shows_token = request.headers().contains_key(header::AUTHORIZATION);
    let caller = app.keyring.caller(request.headers());
    let bad_token = caller.as_ref().err().filter(|_failure| shows_token).cloned();
    let passage = pass(&request);
    request.extensions_mut().insert(Findings { caller, passage });
    let mut response = next.run(request).await;
    // A bad token is told anywhere, also where none is needed; what needs one has told it itself.
    if let Some(failure) = bad_token
        && !matches!(response.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)
    {
        response = failure.into_response();
    }
    if is_v1 {
        app.limits.tell(response.headers_mut());
    }
    let took: Duration = app.clock.monotonic().saturating_sub(started);
    metrics::answered(route.as_ref().map_or("none", MatchedPath::as_str), response.status(), took);
    response
}

/// Whether the request itself may pass: the length of its path and of its headers, and what it accepts.
fn pass(request: &Request) -> Result<(), Failure> {
    let path = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    let headers = request.headers();
    let headers_len = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
    if !takes_json(headers) {
        Err(Failure::new(
            Code::NotAcceptable,
            "answers are application/json; say so in Accept, or leave it out",
        ))
    } else if PATH_LEN_MAX < path {
        Err(Failure::new(Code::UriTooLong, "a path with its query may have at most 8,192 bytes"))
    } else if HEADERS_LEN_MAX < headers_len {
        Err(Failure::new(Code::HeadersTooLarge, "headers may have at most 16,384 bytes"))
    } else {
        Ok(())
    }
}

/// Whether `Accept` allows what this node gives.
fn takes_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = ranges.by_ref().filter(|value| !value.trim().is_empty()).peekable();
    if ranges.peek().is_none() {
        return true;
    }
    ranges.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|part| {
            part.strip_prefix("q=")
                .and_then(|weight| weight.parse::<f32>().ok())
                .is_some_and(|weight| weight <= 0.0)
        });
        let json = matches!(
            media_type.as_str(),
            "*/*" | "application/*" | "application/json" | "application/problem+json"
        );
        json && !refused
    })
}

impl Limits {
    /// The figures, never used up while nothing is limited.
    fn tell(self, headers: &mut HeaderMap) {
        let Self { requests_per_second, burst } = self;
        let policy = format!("\"requests\";q={burst};w={}", burst.div_ceil(requests_per_second.max(1)));
        let text = |text: String| HeaderValue::from_str(&text).expect("digits and letters");
        headers.insert(RATE_LIMIT_POLICY, text(policy));
        headers.insert(RATE_LIMIT, text(format!("\"requests\";r={burst};t=0")));
        headers.insert(LIMIT, HeaderValue::from(burst));
        headers.insert(REMAINING, HeaderValue::from(burst));
        headers.insert(RESET, HeaderValue::from(0));
    }
}

pub(crate) async fn no_route(request: Request) -> Failure {
    let path = request.uri().path().chars().take(200).collect::<String>();
    Failure::new(Code::NotFound, format!("there is nothing at {path}; /docs shows what there is"))
}

pub(crate) async fn no_method(request: Request) -> Failure {
    Failure::new(
        Code::MethodNotAllowed,
        format!("{} is not for this path; Allow says what is", request.method()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_is_read_as_it_is_meant() {
        for (accept, want) in [
            ("application/json", true),
            ("*/*", true),
            ("text/html, application/*;q=0.5", true),
            ("text/html", false),
            ("application/json;q=0", false),
            ("application/problem+json", true),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(takes_json(&headers), want, "{accept}");
        }
        assert!(takes_json(&HeaderMap::new()));
    }
}
