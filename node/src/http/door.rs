//! What is tested before a route is looked for, and what every answer of `/v1` carries.

use std::sync::Arc;
use std::time::Duration;

use api::problem::Code;
use axum::Router as Routes;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};

use super::App;
use super::address::Peer;
use super::answer::Answer;
use super::call::Findings;
use super::cors::Origin;
use super::head::{Head, Heard, text};
use super::problem::Failure;
use super::rate::Left;
use crate::metrics;

/// The longest path with its query, in bytes.
pub(super) const PATH_LEN_MAX: usize = 8 << 10;
/// The most bytes of header names and values.
pub(super) const HEADERS_LEN_MAX: usize = 16 << 10;

/// After how many seconds, at most, someone who was turned away is to ask again.
const RETRY_SECONDS_MAX: u8 = 4;

/// Which listener a door stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The world's: callers are counted, and browsers told.
    Client,
    /// The operators' own.
    Admin,
}

/// Puts the door in front of the routes.
pub(super) fn guard(routes: Routes, app: Arc<App>, side: Side) -> Routes {
    routes.layer(middleware::from_fn_with_state((app, side), enter))
}

async fn enter(State((app, side)): State<(Arc<App>, Side)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let route = parts.extensions.get::<MatchedPath>();
    let route = app.answers.route(route.map_or("none", MatchedPath::as_str));
    let peer = parts.extensions.get::<Peer>().filter(|_peer| side == Side::Client).copied();
    let preflight = peer.and_then(|_peer| app.cors.preflight(&parts));
    let (pass, findings) = Pass::enter(&app, &parts, peer);
    parts.extensions.insert(findings);
    let response = match preflight {
        Some(answer) => answer,
        None => next.run(Request::from_parts(parts, body)).await,
    };
    pass.leave(&app, &route, response)
}

/// One request's way through the door, there and back.
pub(crate) struct Pass {
    started: Duration,
    /// What is left to whoever asks for something of `/v1`.
    left: Option<Left>,
    /// Where a client's request comes from.
    origin: Option<Origin>,
    /// The token is bad, and one was shown.
    bad_token: Option<Failure>,
}

impl Pass {
    /// What can be said of a request before its route is known; of a client's, with the address from which it came.
    pub(crate) fn enter(app: &App, head: &impl Head, client: Option<Peer>) -> (Self, Findings) {
        let started = app.clock.monotonic();
        let caller = app.keyring.caller(head, app.now());
        let shows_token = head.value(Heard::Authorization).is_some();
        let counted = client
            .filter(|_peer| head.path().starts_with("/v1"))
            .map(|peer| app.limits.count(caller.as_deref().ok(), head, peer, started));
        let (left, allowance) = counted.map_or((None, Ok(())), |(left, allowance)| (Some(left), allowance));
        let pass = Self {
            started,
            left,
            origin: client.map(|_peer| app.cors.origin(head)),
            bad_token: caller.as_ref().err().filter(|_failure| shows_token).cloned(),
        };
        (pass, Findings { caller, passage: passage(head), allowance })
    }

    /// Sends the answer out with what every answer carries, and counts it.
    pub(crate) fn leave(mut self, app: &App, route: &metrics::Route, mut response: Response) -> Response {
        if let Some(failure) = self.objection(response.status()) {
            response = failure.into_response();
        }
        let retry_after = retry_after(app, response.status());
        let headers = response.headers_mut();
        headers.extend(retry_after);
        if let Some(left) = self.left {
            app.limits.tell(left, headers);
        }
        if let Some(origin) = self.origin {
            app.cors.tell(origin, headers);
        }
        self.count(app, route, response.status());
        response
    }

    /// The same for an answer of the booth, which has [`Pass::write`] write what every answer carries.
    pub(super) fn leave_booth(&mut self, app: &App, route: &metrics::Route, mut answer: Answer) -> Answer {
        if let Some(failure) = self.objection(answer.status) {
            answer = failure.into();
        }
        answer.headers.extend(retry_after(app, answer.status));
        self.count(app, route, answer.status);
        answer
    }

    /// What every answer carries, as it stands on the wire.
    pub(super) fn write(&self, app: &App, to: &mut Vec<u8>) {
        if let Some(left) = self.left {
            app.limits.write(left, to);
        }
        if let Some(origin) = self.origin {
            to.extend_from_slice(app.cors.lines(origin));
        }
    }

    /// A bad token is told anywhere, also where none is needed; what needs one has told it itself.
    fn objection(&mut self, status: StatusCode) -> Option<Failure> {
        let told = matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED);
        self.bad_token.take().filter(|_failure| !told)
    }

    fn count(&self, app: &App, route: &metrics::Route, status: StatusCode) {
        route.answered(status, app.clock.monotonic().saturating_sub(self.started));
    }
}

/// When to ask again, for those who were turned away. With jitter, or all of them come back at the same moment. Of a rate limit
/// something is given back within a second, whatever it is.
fn retry_after(app: &App, status: StatusCode) -> Option<(HeaderName, HeaderValue)> {
    if !matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        return None;
    }
    let [byte] = app.chance.bytes();
    Some((header::RETRY_AFTER, HeaderValue::from(1 + u16::from(byte % RETRY_SECONDS_MAX))))
}

/// Whether the request itself may pass: the length of its path and of its headers, and what it accepts.
fn passage(head: &impl Head) -> Result<(), Failure> {
    let takes = takes_json(head) || (head.path().ends_with("/feed") && prefers_events(head));
    if !takes {
        Err(Failure::new(
            Code::NotAcceptable,
            "answers are application/json; say so in Accept, or leave it out",
        ))
    } else if PATH_LEN_MAX < head.target_len() {
        Err(Failure::new(Code::UriTooLong, "a path with its query may have at most 8,192 bytes"))
    } else if HEADERS_LEN_MAX < head.headers_len() {
        Err(Failure::new(Code::HeadersTooLarge, "headers may have at most 16,384 bytes"))
    } else {
        Ok(())
    }
}

/// Whether `Accept` allows what this node gives.
fn takes_json(head: &impl Head) -> bool {
    let given = ["*/*", "application/*", "application/json", "application/problem+json"];
    !says_anything(head) || given.iter().any(|media_type| 0.0 < weight(head, media_type))
}

/// Whether a stream of events is named in `Accept`, and wanted no less than JSON.
pub(super) fn prefers_events(head: &impl Head) -> bool {
    let events = weight(head, "text/event-stream");
    0.0 < events && weight(head, "application/json") <= events
}

fn says_anything(head: &impl Head) -> bool {
    head.values(Heard::Accept).filter_map(text).any(|value| !value.trim().is_empty())
}

/// How much `Accept` wants this very media type (RFC 9110 12.4.2): 0 where it is not named.
fn weight(head: &impl Head, media_type: &str) -> f32 {
    let said = head.values(Heard::Accept).filter_map(text);
    let weights = said.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().is_some_and(|named| named.eq_ignore_ascii_case(media_type));
        let weight = parts.find_map(|part| part.to_ascii_lowercase().strip_prefix("q=")?.parse::<f32>().ok());
        named.then(|| weight.unwrap_or(1.0))
    });
    weights.fold(0.0, f32::max)
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
    use hyper::Request;
    use hyper::http::request::Parts;

    use super::*;

    fn accepting(what: &str) -> Parts {
        Request::builder().header(header::ACCEPT, what).body(()).expect(what).into_parts().0
    }

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
            assert_eq!(takes_json(&accepting(accept)), want, "{accept}");
        }
        assert!(takes_json(&Request::new(()).into_parts().0));
        for (accept, want) in [
            ("text/event-stream", true),
            ("text/event-stream, */*", true),
            ("application/json, text/event-stream", true),
            ("application/json, text/event-stream;q=0.5", false),
            ("text/event-stream;Q=0", false),
            ("*/*", false),
        ] {
            assert_eq!(prefers_events(&accepting(accept)), want, "{accept}");
        }
    }
}
