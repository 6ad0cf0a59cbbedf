//! What is tested before a route is looked for, and what every answer of `/v1` carries.

use std::sync::Arc;
use std::time::Duration;

use api::problem::Code;
use axum::Router as Routes;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use tower::util::MapResponse;

use super::app::App;
use super::passing;
use super::request::address::Peer;
use super::request::call::{Checks, unpacked};
use super::request::cors::Origin;
use super::request::head::{Head, RequestHeader};
use super::request::negotiation::{prefers_calendar, prefers_events, takes_events, takes_json};
use super::request::policy::Policy;
use super::request::rate::Remaining;
use super::request::{session, wellformed};
use super::response::answer::PlainResponse;
use super::response::problem::ProblemResponse;
use super::watching;
use crate::metrics;

/// The longest path with its query, in bytes.
pub(super) const PATH_LEN_MAX: usize = 8 << 10;
/// The most bytes of header names and values.
pub(super) const HEADERS_LEN_MAX: usize = 16 << 10;

/// What is answered to one alone is kept by nobody between.
const FOR_ONE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// After how many seconds, at most, someone who was turned away is to ask again.
const RETRY_SECONDS_MAX: u8 = 4;

/// What paths have, all together.
const METHODS: &str = "DELETE,GET,HEAD,PATCH,POST";

/// Behind which listener the routes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The world's: callers are counted, and browsers told.
    Client,
    /// The operators' own.
    Admin,
    /// What other nodes pass on: who asks was counted there.
    Peer,
}

/// Routes with the guard in front of them.
pub(crate) type Guarded = MapResponse<Routes, fn(Response) -> Response>;

/// Puts the guard in front of the routes.
pub(super) fn guard(routes: Routes, app: Arc<App>, side: Side) -> Guarded {
    MapResponse::new(
        routes.layer(middleware::from_fn_with_state((app, side), serve)),
        mend as fn(Response) -> Response,
    )
}

/// What axum adds to an answer outside of all layers: which methods a path has, without OPTIONS, which all have; and a length also
/// where there is no body of which it could be one.
fn mend(mut response: Response) -> Response {
    if matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    if let Some(methods) = response.headers_mut().get_mut(header::ALLOW) {
        let with_options = [methods.as_bytes(), b",OPTIONS"].concat();
        *methods = HeaderValue::try_from(with_options).expect("names of methods");
    }
    response
}

async fn serve(State((app, side)): State<(Arc<App>, Side)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let route = parts.extensions.get::<MatchedPath>();
    let route = app.answers.route(route.map_or("none", MatchedPath::as_str));
    let peer = parts.extensions.get::<Peer>().filter(|_peer| side == Side::Client).copied();
    let (guard, checks) = Guard::check(&app, &parts, peer);
    let preflight = peer.and_then(|_peer| guard.policy.cors.preflight(&parts));
    // What is passed on was looked at where it came in.
    let well_formed = if side == Side::Peer { Ok(()) } else { wellformed::check(&parts) };
    let response = match (well_formed, preflight) {
        (Err(problem), _) => problem.into_response(),
        (Ok(()), Some(answer)) => answer,
        (Ok(()), None) => {
            let elsewhere = peer.and_then(|_peer| passing::elsewhere(&app, parts.uri.path()));
            if let Some(group) = elsewhere.filter(|_group| checks.rate_limit.is_ok()) {
                // Boxed: every request would carry room for it.
                Box::pin(watching::answer(&app, group, (parts, body), &checks)).await.into_response()
            } else {
                let act = Act::of(side, &parts, &checks);
                parts.extensions.insert(checks);
                let response = next.run(Request::from_parts(parts, body)).await;
                if let Some(act) = act {
                    act.tell(response.status());
                }
                response
            }
        }
    };
    // It is counted where it came in.
    let route = (side != Side::Peer).then_some(route);
    guard.finish(&app, route.as_deref(), response)
}

/// What an operator does: it stands in the log under a name of its own.
struct Act {
    who: String,
    what: String,
}

impl Act {
    /// What is asked for on the operators' own listener, if it changes something or hands out all that there is.
    fn of(side: Side, parts: &Parts, checks: &Checks) -> Option<Self> {
        let is_act =
            side == Side::Admin && (parts.method == Method::POST || parts.uri.path().ends_with("/backup"));
        is_act.then(|| Self {
            who: checks.caller.as_ref().map_or("nobody who is known", |caller| caller.subject()).to_owned(),
            what: format!("{} {}", parts.method, parts.uri),
        })
    }

    fn tell(self, status: StatusCode) {
        let Self { who, what } = self;
        tracing::info!(target: "operator", who, what, status = status.as_u16(), "an operator has acted");
    }
}

/// The guard of one request: what was checked before its route is known, and what its answer must carry for that.
pub(crate) struct Guard {
    started: Duration,
    policy: Arc<Policy>,
    /// What is left to whoever asks for something of `/v1`.
    remaining: Option<Remaining>,
    /// Where a client's request comes from.
    origin: Option<Origin>,
    /// A browser has shown its session: what it is answered is nobody else's.
    is_session: bool,
    /// The token is bad, and one was shown.
    bad_token: Option<ProblemResponse>,
}

impl Guard {
    /// What can be said of a request before its route is known; of a client's, with the address from which it came.
    pub(crate) fn check(app: &App, head: &impl Head, client: Option<Peer>) -> (Self, Checks) {
        let (started, policy) = (app.clock.monotonic(), app.policies.now());
        let caller = app.keyring.caller(head, app.now());
        let shows_token = head.value(RequestHeader::Authorization).is_some();
        let counted = client
            .filter(|_peer| head.path().starts_with("/v1"))
            .map(|peer| policy.limits.count(caller.as_deref().ok(), head, peer, started));
        let (remaining, rate_limit) =
            counted.map_or((None, Ok(())), |(remaining, rate_limit)| (Some(remaining), rate_limit));
        let guard = Self {
            started,
            remaining,
            origin: client.map(|_peer| policy.cors.origin(head)),
            is_session: !shows_token && session::token(head).is_some(),
            bad_token: caller.as_ref().err().filter(|_problem| shows_token).cloned(),
            policy,
        };
        (guard, Checks { caller, head: check_head(head), rate_limit })
    }

    /// Sends the answer out with what every answer carries, and counts it as one of this route.
    pub(crate) fn finish(
        mut self,
        app: &App,
        route: Option<&metrics::Route>,
        mut response: Response,
    ) -> Response {
        if let Some(problem) = self.unreported_bad_token(response.status()) {
            response = problem.into_response();
        }
        let retry_after = retry_after(app, response.status());
        let headers = response.headers_mut();
        headers.extend(retry_after.map(|seconds| (header::RETRY_AFTER, seconds.into())));
        if let Some(remaining) = self.remaining {
            self.policy.limits.tell(remaining, headers);
        }
        if let Some(origin) = self.origin {
            self.policy.cors.tell(origin, headers);
        }
        if self.is_session {
            headers.entry(header::CACHE_CONTROL).or_insert(FOR_ONE);
        }
        if let Some(route) = route {
            self.count(app, route, response.status());
        }
        response
    }

    /// The same for an answer of the fast path, for which [`Guard::write_headers`] writes what every answer carries.
    pub(super) fn finish_fast_path(
        &mut self,
        app: &App,
        route: &metrics::Route,
        mut answer: PlainResponse,
    ) -> PlainResponse {
        if let Some(problem) = self.unreported_bad_token(answer.status) {
            answer = problem.into();
        }
        answer.retry_after = retry_after(app, answer.status);
        self.count(app, route, answer.status);
        answer
    }

    /// What every answer carries, as it stands on the wire.
    pub(super) fn write_headers(&self, to: &mut Vec<u8>) {
        if let Some(remaining) = self.remaining {
            self.policy.limits.write(remaining, to);
        }
        if let Some(origin) = self.origin {
            to.extend_from_slice(self.policy.cors.lines(origin));
        }
    }

    /// A bad token is a problem anywhere, also where none is needed; a route that needs one has said so already.
    fn unreported_bad_token(&mut self, status: StatusCode) -> Option<ProblemResponse> {
        let told = matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED);
        self.bad_token.take().filter(|_problem| !told)
    }

    fn count(&self, app: &App, route: &metrics::Route, status: StatusCode) {
        route.answered(status, app.clock.monotonic().saturating_sub(self.started));
    }
}

/// After how many seconds to ask again, for those who were turned away. With jitter, or all of them come back at the same moment. Of a rate limit
/// something is given back within a second, whatever it is.
fn retry_after(app: &App, status: StatusCode) -> Option<u16> {
    if !matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        return None;
    }
    let [byte] = app.chance.bytes();
    Some(1 + u16::from(byte % RETRY_SECONDS_MAX))
}

/// Whether the head of a request is good: what it accepts, the length of its path and of its headers, how its body is coded and that
/// its query says nothing twice.
fn check_head(head: &impl Head) -> Result<(), ProblemResponse> {
    let unpacked = unpacked(head);
    if !takes_answer(head) {
        Err(ProblemResponse::new(
            Code::NotAcceptable,
            if is_live(head.path()) {
                "what is live is text/event-stream; say so in Accept, or leave it out"
            } else {
                "answers are application/json; say so in Accept, or leave it out"
            },
        ))
    } else if PATH_LEN_MAX < head.target_len() {
        Err(ProblemResponse::new(Code::UriTooLong, "a path with its query may have at most 8,192 bytes"))
    } else if unpacked.is_err() {
        unpacked
    } else if HEADERS_LEN_MAX < head.headers_len() {
        Err(ProblemResponse::new(Code::HeadersTooLarge, "headers may have at most 16,384 bytes"))
    } else {
        let twice = head.query().and_then(repeated);
        twice.map_or(Ok(()), |name| Err(ProblemResponse::parameter(&name, "must be given once")))
    }
}

/// Whether what stands at this path is in a form that is taken.
fn takes_answer(head: &impl Head) -> bool {
    let path = head.path();
    if is_live(path) {
        return takes_events(head);
    }
    // A page asks as the one who reads it, who takes HTML.
    takes_json(head)
        || path.starts_with("/bookings/")
        || (path.ends_with("/feed") && prefers_events(head))
        || (path.ends_with("/free") && prefers_calendar(head))
}

/// Whether there is a stream at this path, and nothing else.
fn is_live(path: &str) -> bool {
    path.ends_with("/live")
}

/// A name that stands twice in a query: which of the two is meant, nobody can say.
fn repeated(query: &str) -> Option<String> {
    let mut names: Vec<_> = form_urlencoded::parse(query.as_bytes()).map(|(name, _value)| name).collect();
    names.sort();
    let twice = names.array_windows().find(|[one, other]| one == other);
    twice.map(|[name, _]| name.clone().into_owned())
}

pub(crate) async fn no_route(request: Request) -> Response {
    if request.uri().path() == "*" {
        return (StatusCode::NO_CONTENT, [(header::ALLOW, METHODS)]).into_response();
    }
    let path = request.uri().path().chars().take(200).collect::<String>();
    ProblemResponse::new(Code::NotFound, format!("there is nothing at {path}; /docs shows what there is"))
        .into_response()
}

/// A path is asked by a method that it does not have; or what methods it has, which is said beside any answer to that.
pub(crate) async fn no_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    ProblemResponse::new(Code::MethodNotAllowed, format!("{method} is not for this path; Allow says what is"))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_query_says_twice_is_found() {
        for (query, want) in [
            ("", None),
            ("limit=1&after=2&x", None),
            ("a=1&b=1&a=2", Some("a")),
            ("a&%61=1", Some("a")),
            ("a=1&A=1", None),
        ] {
            assert_eq!(repeated(query).as_deref(), want, "{query}");
        }
    }
}
