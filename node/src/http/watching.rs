//! A crowd that watches something of which this node has no replica: another node tells one stream for all of them, and this one tells it
//! on, at the pace of all who watch anything (`router/pace.rs`).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use api::seats::SeatChanges;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use hyper::Method;
use hyper::http::request::Parts;
use storage::GroupId;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, sleep_until};

use super::app::App;
use super::passing::{self, read, response};
use super::request::call::{Checks, DEADLINE_MAX, deadline, number};
use super::request::negotiation::prefers_events;
use super::request::timeouts::{ConnectionTimer, Limit};
use super::response::events::{self, EVENTS, QUIET, QUIET_COMMENT, greeting};
use super::response::problem::ProblemResponse;
use super::response::relays::{Place, Reader, Relay, Telling, changes_told};
use crate::permits::Lane;
use crate::router::passed::Upstream;
use crate::router::{Passed, Unrouted};

const JSON: &str = "application/json";
const AFTER: &str = "after";
const LAST_EVENT: &str = "last-event-id";
/// How long it may take to begin a stream again that broke off, and from one such time to the next.
const AGAIN_WITHIN: Duration = Duration::from_secs(10);
const REST: Duration = Duration::from_millis(250);

/// Answers a request about something of this group, which is elsewhere.
pub(crate) async fn answer(
    app: &Arc<App>,
    group: GroupId,
    (parts, body): (Parts, Body),
    checks: &Checks,
) -> Result<Response, ProblemResponse> {
    match Wanted::of(&parts, checks) {
        Some(wanted) => {
            let wait = deadline(&parts).unwrap_or(DEADLINE_MAX);
            watch(app, group, wanted, &Limit::new(&ConnectionTimer::new(), wait)).await
        }
        None => passing::pass_on(app, group, parts, body).await,
    }
}

/// Which stream is wanted.
struct Wanted {
    telling: Telling,
    /// Path and query, but for where it is to begin.
    target: String,
    after: u64,
}

impl Wanted {
    /// The stream that a request asks for, if it is one that many read. What is at fault with a request, the other node says.
    fn of(parts: &Parts, checks: &Checks) -> Option<Self> {
        let path = parts.uri.path();
        if parts.method != Method::GET || checks.head.is_err() || deadline(parts).is_err() {
            return None;
        }
        if path.ends_with("/live") {
            return Some(Self { telling: Telling::State, target: path.to_owned(), after: 0 });
        }
        if !(path.ends_with("/seats/feed") && prefers_events(parts)) {
            return None;
        }
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let (after, others): (Vec<_>, Vec<_>) = query.partition(|(name, _value)| name == AFTER);
        let mut heard = parts.headers.get_all(LAST_EVENT).iter();
        let last = heard.next().map_or(Some(""), |value| value.to_str().ok())?;
        if heard.next().is_some() {
            return None;
        }
        let after = match (last, after.first()) {
            ("", Some((_name, text))) => number(text)?,
            ("", None) => 0,
            (text, _) => number(text)?,
        };
        let others = form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
        Some(Self { telling: Telling::Changes, target: format!("{path}?{others}"), after })
    }
}

/// What is asked of another node: all of a stream that comes after a seq, or once what changed.
fn request((target, telling): (&str, Telling), after: u64, accept: &str) -> Passed {
    let target = match telling {
        Telling::State => target.to_owned(),
        Telling::Changes => {
            let and = if target.ends_with('?') { "" } else { "&" };
            format!("{target}{and}{AFTER}={after}")
        }
    };
    let headers = vec![("accept".to_owned(), accept.as_bytes().to_vec())];
    Passed::get(target, headers)
}

async fn watch(
    app: &Arc<App>,
    group: GroupId,
    wanted: Wanted,
    limit: &Limit,
) -> Result<Response, ProblemResponse> {
    let Wanted { telling, target, after } = wanted;
    let reader = match app.relays.read(&target, app.router.permit(Lane::Crowd)?) {
        Ok(reader) => reader,
        Err(permit) => {
            let upstream = app.router.upstream()?;
            let asked = request((&target, telling), after, EVENTS);
            let (node, answer) = read(app, group, &asked, limit).await?;
            let Some(number) = answer.more else { return Ok(response(answer)?) };
            let begun = Begun { app: Arc::clone(app), group, from: (node, number), _upstream: upstream };
            let follow = |relay| {
                Handle::current().spawn(begun.follow(relay));
            };
            let reader = app.relays.begin((target, telling), after, permit, follow);
            reader.ok_or_else(ProblemResponse::draining)?
        }
    };
    let mut place = Place { seq: after, count: 0 };
    let mut first = VecDeque::from([greeting(&*app.chance)]);
    let relay = &reader.relay;
    // Whoever is further behind, or ahead, than what is kept of the stream is told once by itself.
    if telling == Telling::Changes && !(relay.reaches(after) && after <= relay.seq()) {
        let asked = request((&relay.target, telling), after, JSON);
        let (_node, answer) = read(app, group, &asked, limit).await?;
        if answer.status != 200 {
            return Ok(response(answer)?);
        }
        let changes = serde_json::from_slice::<SeatChanges>(&answer.body);
        let changes = changes.map_err(|_unreadable| Unrouted::NoLeader)?;
        place.seq = changes.seq;
        if after < changes.seq {
            first.push_back(changes_told(&changes).into());
        }
    }
    let stream =
        Stream { app: Arc::clone(app), reader, first, place, is_called: true, spoke: Instant::now() };
    Ok(events::streamed(stream::unfold(stream, async |mut stream| Some((stream.next().await?, stream)))))
}

/// A stream that another node has begun.
struct Begun {
    app: Arc<App>,
    group: GroupId,
    /// The node, and its number for the stream.
    from: (u64, u64),
    _upstream: Upstream,
}

impl Begun {
    /// Tells all who read what the other node tells, and begins again where that breaks off, for as long as somebody reads.
    async fn follow(mut self, relay: Arc<Relay>) {
        while self.tell_on(&relay).await == Ended::Broken {
            sleep(REST).await;
            match self.begin_again(&relay).await {
                Some(from) => self.from = from,
                None => break,
            }
        }
        self.app.relays.forget(&relay);
    }

    /// Tells what the other node tells, until that is over.
    async fn tell_on(&self, relay: &Relay) -> Ended {
        let (node, number) = self.from;
        let more = || Box::pin(self.app.router.more_of(node, number));
        let mut next = more();
        loop {
            let told = tokio::select! {
                biased;
                () = relay.bells.nobody() => {
                    if self.app.relays.forget_unread(relay) {
                        return Ended::Unread;
                    }
                    continue;
                }
                told = &mut next => told,
            };
            let Ok(Some(told)) = told else {
                return if relay.is_last() { Ended::Told } else { Ended::Broken };
            };
            if relay.hear(&String::from_utf8_lossy(&told)) {
                self.call_all(relay).await;
            }
            next = more();
        }
    }

    /// Calls all who read, a few at a time: whoever is called late is told what was told by then.
    async fn call_all(&self, relay: &Relay) {
        let pace = self.app.router.houses().pace();
        let mut round = relay.bells.round();
        loop {
            pace.rest().await;
            if !round.call_some() {
                return;
            }
        }
    }

    /// Begins again behind what was told: at whoever leads by now.
    async fn begin_again(&self, relay: &Relay) -> Option<(u64, u64)> {
        let is_here = self.app.router.shards().cluster().group(self.group).is_some();
        if is_here || self.app.stage.is_draining() {
            return None;
        }
        let asked = request((&relay.target, relay.telling), relay.seq(), EVENTS);
        let limit = Limit::new(&ConnectionTimer::new(), AGAIN_WITHIN);
        let (node, answer) = read(&self.app, self.group, &asked, &limit).await.ok()?;
        Some((node, answer.more?))
    }
}

/// How the stream of another node has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// There is nothing more to tell.
    Told,
    /// Nobody reads it any more.
    Unread,
    /// The other node tells it no more.
    Broken,
}

/// A stream that somebody reads here.
struct Stream {
    app: Arc<App>,
    reader: Reader,
    /// What is said first: when to come back, and what changed already.
    first: VecDeque<Bytes>,
    place: Place,
    /// What is known is to be told without being called.
    is_called: bool,
    spoke: Instant,
}

impl Stream {
    /// What is to be sent next; none once the stream is over.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.pop_front() {
            return Some(first);
        }
        loop {
            let is_over = self.reader.bell.is_over();
            if !is_over && !std::mem::take(&mut self.is_called) {
                tokio::select! {
                    biased;
                    () = self.reader.bell.rings() => {}
                    () = sleep_until(self.spoke + QUIET) => {
                        self.spoke = Instant::now();
                        return Some(QUIET_COMMENT);
                    }
                }
            }
            if let Some((told, place)) = self.reader.relay.behind(self.place).ok()? {
                self.place = place;
                if !told.is_empty() {
                    self.spoke = Instant::now();
                    self.app.router.houses().pace().told(told.len());
                    return Some(told);
                }
            }
            if is_over {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    #[test]
    fn streams_of_a_crowd_are_known_by_what_is_asked_for_but_for_where_they_begin() {
        let stream = |telling, target: &str, after| Some((telling, target.to_owned(), after));
        for (method, target, headers, want) in [
            ("GET", "/v1/slots/a/live", &[][..], stream(Telling::State, "/v1/slots/a/live", 0)),
            (
                "GET",
                "/v1/slots/a/seats/feed?after=4",
                &[("accept", EVENTS)],
                stream(Telling::Changes, "/v1/slots/a/seats/feed?", 4),
            ),
            (
                "GET",
                "/v1/slots/a/seats/feed?after=4&section=x%20y",
                &[("accept", EVENTS), (LAST_EVENT, "9")],
                stream(Telling::Changes, "/v1/slots/a/seats/feed?section=x+y", 9),
            ),
            (
                "GET",
                "/v1/slots/a/seats/feed",
                &[("accept", EVENTS), (LAST_EVENT, "")],
                stream(Telling::Changes, "/v1/slots/a/seats/feed?", 0),
            ),
            // Not a stream, not for everyone, or not right.
            ("GET", "/v1/slots/a/seats/feed?after=4", &[("accept", JSON)], None),
            ("GET", "/v1/slots/a/feed", &[("accept", EVENTS)], None),
            ("GET", "/v1/slots/a/seats/feed?after=x", &[("accept", EVENTS)], None),
            (
                "GET",
                "/v1/slots/a/seats/feed",
                &[("accept", EVENTS), (LAST_EVENT, "1"), (LAST_EVENT, "2")],
                None,
            ),
            ("GET", "/v1/slots/a/live", &[("x-request-timeout-ms", "x")], None),
            ("HEAD", "/v1/slots/a/live", &[], None),
        ] {
            let asked = Request::builder().method(method).uri(target);
            let asked = headers.iter().fold(asked, |asked, (name, value)| asked.header(*name, *value));
            let (parts, ()) = asked.body(()).expect("a request").into_parts();
            let checks = Checks { caller: Err(ProblemResponse::no_slot()), head: Ok(()), rate_limit: Ok(()) };
            let wanted = Wanted::of(&parts, &checks);
            let wanted = wanted.map(|wanted| (wanted.telling, wanted.target, wanted.after));
            assert_eq!(wanted, want, "{method} {target} {headers:?}");
        }
        for (target, want) in [("/a?", "/a?after=7"), ("/a?section=x", "/a?section=x&after=7")] {
            assert_eq!(request((target, Telling::Changes), 7, EVENTS).target, want);
        }
        assert_eq!(request(("/a", Telling::State), 7, EVENTS).target, "/a");
    }
}
