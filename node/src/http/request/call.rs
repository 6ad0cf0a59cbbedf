//! One request, read whole: its headers, its body within bounds and time, and what the bounds say.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use api::problem::{Code, FieldError};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::brackets::brackets;
use super::caller::Caller;
use super::head::{self, Head, RequestHeader};
use super::lists::has_its_lists;
use super::timeouts::{ConnectionTimer, Late, Limit};
use crate::http::response::precedence::{Found, first};
use crate::http::response::problem::ProblemResponse;

/// The largest body, in bytes.
pub(crate) const BODY_LEN_MAX: usize = 64 << 10;
/// How much of a body that is too large is read before the connection is closed, in bytes.
const BODY_DISCARDED_MAX: usize = 1 << 20;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);
/// How long an answer may take, unless the request says less.
pub(crate) const DEADLINE_MAX: Duration = Duration::from_secs(10);
/// How deep JSON may be nested.
const JSON_DEPTH_MAX: usize = 32;
/// The longest idempotency key.
pub(crate) const KEY_LEN_MAX: usize = 128;

/// A path's parameter; empty where its bytes are no text, which is then nobody's name.
pub(crate) struct Name(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(text.map(|Path(text)| text).unwrap_or_default()))
    }
}

/// One request. Its body may be at fault; that is told when the contract's order of codes says so.
pub(crate) struct Call<H = Parts> {
    pub(crate) head: H,
    timer: ConnectionTimer,
    body: Result<Bytes, ProblemResponse>,
    deadline: Result<Duration, ProblemResponse>,
    checks: Checks,
}

/// What the guard found: told when the contract's order of codes says so.
#[derive(Clone)]
pub(crate) struct Checks {
    /// Who asks.
    pub(crate) caller: Result<Arc<Caller>, ProblemResponse>,
    /// Whether the head is good: its path, its headers, what it accepts.
    pub(crate) head: Result<(), ProblemResponse>,
    /// Whether this caller may ask once more.
    pub(crate) rate_limit: Result<(), ProblemResponse>,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Callers with a token.
    Token,
    /// Anyone.
    Public,
}

impl Checks {
    /// Whether a request is looked at any further. Of one by a caller who asks too often only what the guard found is told:
    /// it costs no look at a slot, and its body is not read into anything.
    pub(crate) fn check_rate_limit(&self, route: Access) -> Result<(), ProblemResponse> {
        let Err(too_often) = &self.rate_limit else { return Ok(()) };
        let nobody = self.caller.as_ref().err().filter(|_problem| route == Access::Token);
        first([nobody, self.head.as_ref().err(), Some(too_often)])
    }
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        Call::guarded(request, Access::Token).await
    }
}

/// A request that needs no token.
pub(crate) struct PublicCall(pub(crate) Call);

impl<S: Send + Sync> FromRequest<S> for PublicCall {
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        Call::guarded(request, Access::Public).await.map(Self)
    }
}

/// Reads a body in time, for as long as `may_have` so many bytes. Of one that may not, so many bytes are read and thrown away: who is
/// still sending when the connection closes would lose the answer.
pub(crate) async fn collect(
    parts: &Parts,
    body: impl Body<Data = Bytes> + Unpin,
    timer: &ConnectionTimer,
    discarded_max: usize,
    mut may_have: impl FnMut(usize) -> Result<(), ProblemResponse>,
) -> Result<Bytes, ProblemResponse> {
    let announced =
        parts.headers.get(CONTENT_LENGTH).and_then(|len| len.to_str().ok()?.parse::<usize>().ok());
    if let Some(len) = announced.filter(|len| discarded_max < *len) {
        may_have(len)?;
    }
    timer.within(BODY_TIME, read(body, discarded_max, may_have)).await.map_err(|Late| body_late())?
}

async fn read(
    mut body: impl Body<Data = Bytes> + Unpin,
    discarded_max: usize,
    mut may_have: impl FnMut(usize) -> Result<(), ProblemResponse>,
) -> Result<Bytes, ProblemResponse> {
    let mut collected = Ok(Bytes::new());
    let mut len = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_broken| body_broke_off())?;
        let Ok(data) = frame.into_data() else { continue };
        len += data.len();
        collected = collected.and_then(|bytes| may_have(len).map(|()| joined(bytes, data)));
        if discarded_max < len {
            break;
        }
    }
    collected
}

fn joined(bytes: Bytes, data: Bytes) -> Bytes {
    // Nearly every body comes in one frame, and is not copied.
    if bytes.is_empty() {
        return data;
    }
    let mut longer = BytesMut::from(bytes);
    longer.extend_from_slice(&data);
    longer.freeze()
}

/// Reads the body of a request that another node is to answer. That node says of one that is too large what is said of it.
pub(crate) async fn whole_body(
    parts: &Parts,
    body: impl Body<Data = Bytes> + Unpin,
    timer: &ConnectionTimer,
) -> Result<Bytes, ProblemResponse> {
    match collect(parts, body, timer, BODY_DISCARDED_MAX, usual).await {
        Err(problem) if problem.code() == Code::BodyTooLarge => Ok(vec![0; BODY_LEN_MAX + 1].into()),
        body => body,
    }
}

fn usual(len: usize) -> Result<(), ProblemResponse> {
    if len <= BODY_LEN_MAX { Ok(()) } else { Err(too_large()) }
}

/// How long a request wants to wait: 10 s, or less if it says so.
pub(crate) fn deadline(head: &impl Head) -> Result<Duration, ProblemResponse> {
    const NAME: &str = "X-Request-Timeout-Ms";
    let Some(value) = head.value(RequestHeader::RequestTimeout) else { return Ok(DEADLINE_MAX) };
    let ms = head::text(value).and_then(number::<u64>).filter(|ms| 0 < *ms);
    let ms =
        ms.ok_or_else(|| ProblemResponse::parameter(NAME, "must be a number of milliseconds, 1 or more"))?;
    Ok(Duration::from_millis(ms).min(DEADLINE_MAX))
}

/// A number as the contract writes it: digits, and nothing else.
pub(crate) fn number<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// An idempotency key, if it is one: 1 to 128 visible ASCII characters.
pub(crate) fn valid_key(text: &str) -> Option<&str> {
    let good = (1..=KEY_LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    good.then_some(text)
}

fn body_late() -> ProblemResponse {
    ProblemResponse::new(Code::RequestTimeout, "the body must arrive within 30 seconds")
}

fn body_broke_off() -> ProblemResponse {
    ProblemResponse::new(Code::Malformed, "the body broke off")
}

fn too_large() -> ProblemResponse {
    ProblemResponse::new(Code::BodyTooLarge, "a body may have at most 65,536 bytes")
}

impl Call {
    /// A request that has passed the guard.
    async fn guarded(request: Request, route: Access) -> Result<Self, ProblemResponse> {
        let (mut parts, body) = request.into_parts();
        let checks = parts.extensions.remove::<Checks>().expect("the guard is in front of every route");
        if let Err(problem) = checks.check_rate_limit(route) {
            // Who is still sending would lose the answer.
            drop(collect(&parts, body, &ConnectionTimer::new(), BODY_DISCARDED_MAX, usual).await);
            return Err(problem);
        }
        Ok(Self::read(parts, body, checks, ConnectionTimer::new()).await)
    }

    /// Reads a request whole.
    pub(crate) async fn read(
        parts: Parts,
        body: impl Body<Data = Bytes> + Unpin,
        checks: Checks,
        timer: ConnectionTimer,
    ) -> Self {
        let body = collect(&parts, body, &timer, BODY_DISCARDED_MAX, usual).await;
        Self::with_body(parts, body, checks, timer)
    }

    /// The query's value under `name`, decoded; the guard sees to it that there is one at most.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let query = self.head.uri.query()?;
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _value)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

impl<H> Call<H> {
    /// A request whose body was read before.
    pub(crate) fn with_body(
        head: H,
        body: Result<Bytes, ProblemResponse>,
        checks: Checks,
        timer: ConnectionTimer,
    ) -> Self
    where
        H: Head,
    {
        let deadline = deadline(&head);
        let body = body.and_then(|bytes| unpacked(&head).map(|()| bytes));
        Self { head, timer, body, deadline, checks }
    }

    /// Who asks, as the guard found it.
    pub(crate) fn caller(&self) -> Result<&Caller, ProblemResponse> {
        self.checks.caller.as_deref().map_err(Clone::clone)
    }

    /// Whether nothing is wrong with the request itself, its body aside.
    pub(crate) fn head_is_good(&self) -> bool {
        self.checks.head.is_ok() && self.deadline.is_ok()
    }

    /// How long its answer may take; where it says that badly, and is to be told so, as long as any.
    pub(crate) fn limit(&self) -> Limit {
        Limit::new(&self.timer, self.deadline.as_ref().map_or(DEADLINE_MAX, |deadline| *deadline))
    }

    /// All that a handler found, if nothing is wrong, also by the guard; otherwise the problem that is told.
    pub(crate) fn all<T: Found>(&self, found: T) -> Result<T::Values, ProblemResponse> {
        let own = [self.checks.head.as_ref().err(), self.deadline.as_ref().err()];
        first(found.wrong().chain(own))?;
        found.values()
    }

    /// The body as `T`: JSON, of a JSON content type, with the fields that `T` knows.
    pub(crate) fn json<T: DeserializeOwned + Serialize>(&self) -> Result<T, ProblemResponse>
    where
        H: Head,
    {
        self.json_where(has_its_lists)
    }

    /// The same of a `T` whose objects are all read by their fields' names: no list can stand for one.
    pub(crate) fn json_by_names<T: DeserializeOwned>(&self) -> Result<T, ProblemResponse>
    where
        H: Head,
    {
        self.json_where(|_body, _read| true)
    }

    fn json_where<T: DeserializeOwned>(
        &self,
        is_good: impl FnOnce(&[u8], &T) -> bool,
    ) -> Result<T, ProblemResponse>
    where
        H: Head,
    {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        let read = if is_object(body) { serde_json::from_slice(body).ok() } else { None };
        let read = read.filter(|read| is_good(body, read));
        match read {
            Some(read) if self.says_json() => Ok(read),
            None if self.says_json() => Err(why::<T>(body)),
            // What is no JSON at all comes first in the order of codes.
            Some(_) | None => {
                syntax(body)?;
                Err(ProblemResponse::new(
                    Code::UnsupportedMediaType,
                    "send one Content-Type: application/json",
                ))
            }
        }
    }

    /// For a verb that has no body: none, or `{}`.
    pub(crate) fn no_body(&self) -> Result<(), ProblemResponse> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        if body.is_empty() {
            return Ok(());
        }
        if is_object(body) && serde_json::from_slice::<NoFields>(body).is_ok() {
            Ok(())
        } else {
            Err(why::<NoFields>(body))
        }
    }

    /// What the client calls this request, if it calls it anything.
    pub(crate) fn idempotency_key(&self) -> Result<Option<&str>, ProblemResponse>
    where
        H: Head,
    {
        const NAME: &str = "Idempotency-Key";
        let mut values = self.head.values(RequestHeader::IdempotencyKey);
        let Some(value) = values.next() else { return Ok(None) };
        match head::text(value).and_then(valid_key) {
            Some(key) if values.next().is_none() => Ok(Some(key)),
            _ => Err(ProblemResponse::parameter(
                NAME,
                "must be one value of 1 to 128 visible ASCII characters",
            )),
        }
    }

    /// What a fingerprint is made of: the method, the path and the body, where `{}` is as good as none.
    pub(crate) fn fingerprint(&self, body: Shape) -> booking::Fingerprint
    where
        H: Head,
    {
        let bytes = match (body, &self.body) {
            (Shape::Json, Ok(bytes)) => bytes.as_ref(),
            (Shape::Json, Err(_)) | (Shape::Empty, _) => &[],
        };
        crate::ids::fingerprint(self.head.method(), self.head.path(), bytes)
    }

    /// Any field of the body, for what is told although the body is at fault.
    pub(crate) fn field(&self, name: &str) -> Option<serde_json::Value> {
        let mut body: serde_json::Map<_, _> = serde_json::from_slice(self.body.as_ref().ok()?).ok()?;
        body.remove(name)
    }

    /// The body as it came.
    pub(crate) fn body(&self) -> Result<&[u8], ProblemResponse> {
        self.body.as_deref().map_err(Clone::clone)
    }

    /// What the body is said to be, if that is said once.
    pub(crate) fn media_type(&self) -> Option<&str>
    where
        H: Head,
    {
        let mut values = self.head.values(RequestHeader::ContentType);
        let (Some(value), None) = (values.next().and_then(head::text), values.next()) else { return None };
        Some(value.split(';').next().unwrap_or_default().trim())
    }

    fn says_json(&self) -> bool
    where
        H: Head,
    {
        let Some(media_type) = self.media_type() else { return false };
        media_type.eq_ignore_ascii_case("application/json") || {
            let media_type = media_type.to_ascii_lowercase();
            media_type.starts_with("application/") && media_type.ends_with("+json")
        }
    }
}

/// Whether a body comes as it is: nothing is unpacked here, so nothing that is packed is read.
pub(crate) fn unpacked(head: &impl Head) -> Result<(), ProblemResponse> {
    let said =
        head.values(RequestHeader::ContentEncoding).flat_map(|value| value.split(|byte| *byte == b','));
    let mut codings = said.map(<[u8]>::trim_ascii).filter(|coding| !coding.is_empty());
    if codings.all(|coding| coding.eq_ignore_ascii_case(b"identity")) {
        Ok(())
    } else {
        Err(ProblemResponse::packed())
    }
}

/// What a route's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// JSON.
    Json,
    /// None, or `{}`.
    Empty,
}

/// The body of a verb that has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoFields {}

/// Whether a body can be an object of the contract.
pub(crate) fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

/// Whether a body is JSON, and not nested too deep.
fn syntax(body: &[u8]) -> Result<(), ProblemResponse> {
    not_too_deep(body)?;
    let not_json = |error: &dyn std::fmt::Display| {
        ProblemResponse::new(Code::Malformed, format!("the body is not JSON: {error}"))
    };
    let text = std::str::from_utf8(body).map_err(|error| not_json(&error))?;
    serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(|error| not_json(&error))
}

/// Whether JSON is nested no deeper than JSON may be here.
pub(crate) fn not_too_deep(body: &[u8]) -> Result<(), ProblemResponse> {
    let depth = brackets(body).map(|(_bracket, depth)| depth).max().unwrap_or(0);
    if JSON_DEPTH_MAX < depth {
        return Err(ProblemResponse::new(
            Code::Malformed,
            format!("JSON may be nested {JSON_DEPTH_MAX} deep, not {depth}"),
        ));
    }
    Ok(())
}

/// Why a body is not a `T`: no JSON, too deep, or not these fields.
fn why<T: DeserializeOwned>(body: &[u8]) -> ProblemResponse {
    if let Err(problem) = syntax(body) {
        return problem;
    }
    let error =
        match serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(body)) {
            Ok(_fields_in_order) => FieldError {
                pointer: String::new(),
                detail: "must be an object, and so must be whatever in it has fields".to_owned(),
            },
            Err(error) => FieldError { pointer: pointer(error.path()), detail: plain(error.inner()) },
        };
    ProblemResponse::body(vec![error])
}

/// A path as a JSON Pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segment = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => {
            format!("/{}", key.replace('~', "~0").replace('/', "~1"))
        }
        Segment::Unknown => String::new(),
    };
    path.iter().map(segment).collect()
}

/// What serde says, without where in the text it says it.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or(text.as_str(), |(plain, _place)| plain).to_owned()
}
