//! A request that is about something of which this node has no replica: it goes as it came to a node that has one, and the answer
//! comes back as it was given there. Who asks was counted here, and browsers are told here.

use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use booking::EntityId;
use bytes::Bytes;
use futures::stream;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};
use storage::GroupId;
use tokio::time::sleep;

use super::app::App;
use super::request::call::{DEADLINE_MAX, deadline, whole_body};
use super::request::negotiation::prefers_events;
use super::request::timeouts::{ConnectionTimer, Limit};
use super::response::problem::ProblemResponse;
use crate::ids;
use crate::permits::{Lane, Permit};
use crate::router::passed::Upstream;
use crate::router::{Passed, PassedAnswer, Unrouted};

/// What is of one connection only (RFC 9110 7.6.1), or is said by the node that the customer speaks with.
const OF_CONNECTION: [HeaderName; 9] = [
    header::ALLOW,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::DATE,
    header::RETRY_AFTER,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
/// From one look at whether a stream may go on to the next.
const TICK: Duration = Duration::from_secs(1);

/// The group that a request for this path is about, if this node has no replica of it.
pub(crate) fn elsewhere(app: &App, path: &str) -> Option<GroupId> {
    let shards = app.router.shards();
    if !shards.cluster().lacks_any() {
        return None;
    }
    let group = shards.number(named(path)?);
    shards.cluster().group(group).is_none().then_some(group)
}

/// What a path names: a slot, the slot of a booking, or the organizer of a map.
fn named(path: &str) -> Option<EntityId> {
    let mut parts = path.strip_prefix("/v1").unwrap_or(path).strip_prefix('/')?.split('/');
    let (kind, name) = (parts.next()?, unescaped(parts.next()?));
    match kind {
        "slots" => Some(ids::slot_id(&name)?.into()),
        "bookings" => Some(ids::booking_id(&name)?.slot.into()),
        "seatmaps" => Some(ids::seatmap_id(&name)?.organizer),
        _ => None,
    }
}

/// A part of a path as the routes read it. No id has anything in it that a form would read otherwise.
fn unescaped(part: &str) -> Cow<'_, str> {
    let escaped = part.contains('%').then(|| form_urlencoded::parse(part.as_bytes()).next()).flatten();
    escaped.map_or(Cow::Borrowed(part), |(name, _value)| name)
}

/// Passes a request on, and gives back what was answered.
pub(crate) async fn pass_on(
    app: &Arc<App>,
    group: GroupId,
    parts: Parts,
    body: Body,
) -> Result<Response, ProblemResponse> {
    let timer = ConnectionTimer::new();
    let body = whole_body(&parts, body, &timer).await?;
    let is_read = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if !is_read {
        app.takes_work()?;
    }
    let _permit = app.router.permit(lane(&parts, is_read))?;
    // Before anything is begun there.
    let watcher = if is_read && prefers_events(&parts) { Some(Watcher::new(app)?) } else { None };
    let may_repeat = is_read || parts.headers.contains_key("idempotency-key");
    let request = Passed {
        // Of an answer to HEAD, what is left out is left out here.
        method: if parts.method == Method::HEAD { "GET" } else { parts.method.as_str() }.to_owned(),
        target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: told(&parts.headers),
        body: body.to_vec(),
    };
    let limit = Limit::new(&timer, deadline(&parts).unwrap_or(DEADLINE_MAX));
    let (node, answer) = if is_read {
        read(app, group, &request, &limit).await?
    } else {
        let answered = limit.within(app.router.pass_on(group, &request, may_repeat)).await;
        answered.unwrap_or(Err(Unrouted::Unknown))?
    };
    match answer.more {
        None => Ok(response(answer)?),
        Some(number) => {
            let watcher = watcher.ok_or(Unrouted::Overloaded)?;
            let stream = Stream { app: Arc::clone(app), node, number, _watcher: watcher };
            let mut response = response(answer)?;
            *response.body_mut() = streamed(stream);
            Ok(response)
        }
    }
}

/// Passes a read on, of which nothing is ever unknown but its answer.
pub(crate) async fn read(
    app: &App,
    group: GroupId,
    request: &Passed,
    limit: &Limit,
) -> Result<(u64, PassedAnswer), Unrouted> {
    let answered = limit.within(app.router.pass_on(group, request, true)).await;
    let answered = answered.unwrap_or(Err(Unrouted::NoLeader));
    answered.map_err(|why| if why == Unrouted::Unknown { Unrouted::NoLeader } else { why })
}

/// As whom a request is counted that waits for an answer.
fn lane(parts: &Parts, is_read: bool) -> Lane {
    if is_read {
        Lane::Reader
    } else if parts.uri.path().ends_with("/bookings") {
        Lane::Newcomer
    } else {
        Lane::Holder
    }
}

/// The headers that another node is told.
pub(crate) fn told(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let is_told = |(name, _value): &(&HeaderName, &HeaderValue)| !OF_CONNECTION.contains(name);
    let told =
        |(name, value): (&HeaderName, &HeaderValue)| (name.as_str().to_owned(), value.as_bytes().to_vec());
    headers.iter().filter(is_told).map(told).collect()
}

/// Headers that another node has told. What is none there can be no header here.
pub(crate) fn heard(headers: Vec<(String, Vec<u8>)>) -> HeaderMap {
    let heard = |(name, value): (String, Vec<u8>)| {
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    };
    let mut map = HeaderMap::new();
    for (name, value) in headers.into_iter().filter_map(heard) {
        map.append(name, value);
    }
    map
}

/// The answer of another node as an answer of this one.
pub(crate) fn response(answer: PassedAnswer) -> Result<Response, Unrouted> {
    let PassedAnswer { status, headers, body, more: _ } = answer;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).map_err(|_none| Unrouted::Unknown)?;
    *response.headers_mut() = heard(headers);
    Ok(response)
}

/// Somebody who goes on looking at something elsewhere.
struct Watcher {
    _permit: Permit,
    _upstream: Upstream,
}

impl Watcher {
    fn new(app: &App) -> Result<Self, Unrouted> {
        Ok(Self { _permit: app.router.permit(Lane::Watcher)?, _upstream: app.router.upstream()? })
    }
}

/// A stream that another node has begun.
struct Stream {
    app: Arc<App>,
    node: u64,
    number: u64,
    _watcher: Watcher,
}

/// What another node tells, as it comes. A stream that breaks off is begun again by whoever reads it, behind what they have.
fn streamed(stream: Stream) -> Body {
    Body::from_stream(stream::unfold(stream, async |stream| {
        let next = stream.next().await?;
        Some((Ok::<_, Infallible>(next), stream))
    }))
}

impl Stream {
    /// What comes next; none where it is over.
    async fn next(&self) -> Option<Bytes> {
        let mut more = pin!(self.more());
        loop {
            tokio::select! {
                biased;
                more = &mut more => return more,
                () = sleep(TICK) => if self.app.stage.is_draining() {
                    return None;
                }
            }
        }
    }

    async fn more(&self) -> Option<Bytes> {
        loop {
            let more = self.app.router.more_of(self.node, self.number).await.ok()??;
            if !more.is_empty() {
                return Some(more.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_path_names_is_found_as_the_routes_read_it() {
        let slot = booking::SlotId { partition: booking::Partition::new(7).expect("one"), hash: 9 };
        let id = ids::slot_text(slot);
        let escaped = id.replace('_', "%5F");
        for (path, want) in [
            (format!("/v1/slots/{id}"), true),
            (format!("/v1/slots/{id}/seats/feed"), true),
            (format!("/v1/slots/{escaped}/bookings"), true),
            (format!("/slots/{id}"), true),
            (format!("/v1/slots/{id}x"), false),
            (format!("/v1/bookings/{id}"), false),
            (format!("/v2/slots/{id}"), false),
            (format!("/slots{id}"), false),
            ("/v1/slots".to_owned(), false),
            ("/v1/slots/%".to_owned(), false),
            ("/".to_owned(), false),
            ("*".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(named(&path), want.then_some(slot.into()), "{path}");
        }
    }

    #[test]
    fn what_is_of_one_connection_is_not_told() {
        let named = |name: &'static str, value: &'static str| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let mut two: HeaderMap =
            [named("host", "a"), named("accept", "b"), named("te", "c"), named("date", "d")]
                .into_iter()
                .collect();
        two.append("accept", HeaderValue::from_static("e"));
        let mut want = two.clone();
        want.remove("te");
        want.remove("date");
        assert_eq!(heard(told(&two)), want);
        assert_eq!(
            heard(vec![("a b".to_owned(), vec![b'c']), ("a".to_owned(), vec![b'\n'])]),
            HeaderMap::new()
        );
    }
}
