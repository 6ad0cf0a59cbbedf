//! One request, read whole: its headers, its body within bounds and time, and what the bounds say.

use std::time::Duration;

use api::problem::{Code, Fault};
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::header;
use hyper::http::request::Parts;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::problem::Failure;

/// The largest body, in bytes.
const BODY_LEN_MAX: usize = 64 << 10;
/// How much of a body that is too large is read before the connection is closed, in bytes.
const BODY_DISCARDED_MAX: usize = 1 << 20;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);
/// How deep JSON may be nested.
const JSON_DEPTH_MAX: usize = 32;
/// The longest idempotency key.
const KEY_LEN_MAX: usize = 128;

/// One request. Its body may be at fault; that is told when the contract's order of codes says so.
pub(crate) struct Call {
    pub(crate) parts: Parts,
    body: Result<Bytes, Failure>,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let body = collect(body).await;
        Ok(Self { parts, body })
    }
}

async fn collect(body: Body) -> Result<Bytes, Failure> {
    let late = |_late| Failure::new(Code::RequestTimeout, "the body must arrive within 30 seconds");
    tokio::time::timeout(BODY_TIME, read(body)).await.map_err(late)?
}

/// Reads a body to its end. Of one that is too large the rest is read and thrown away, up to a point: who is still
/// sending when the connection closes would lose the answer.
async fn read(mut body: Body) -> Result<Bytes, Failure> {
    let mut collected = BytesMut::new();
    let mut len = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_broken| Failure::new(Code::Malformed, "the body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        len += data.len();
        if len <= BODY_LEN_MAX {
            collected.extend_from_slice(&data);
        } else if BODY_DISCARDED_MAX < len {
            break;
        }
    }
    if len <= BODY_LEN_MAX {
        Ok(collected.freeze())
    } else {
        Err(Failure::new(Code::BodyTooLarge, "a body may have at most 65,536 bytes"))
    }
}

impl Call {
    /// The body as `T`: JSON, of a JSON content type, with the fields that `T` knows.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        if !self.says_json() {
            return Err(Failure::new(Code::UnsupportedMediaType, "send Content-Type: application/json"));
        }
        let body = self.body.as_ref().map_err(Clone::clone)?;
        serde_json::from_slice(body).map_err(|_error| why::<T>(body))
    }

    /// For a verb that has no body: none, or `{}`.
    pub(crate) fn no_body(&self) -> Result<(), Failure> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        if body.is_empty() {
            return Ok(());
        }
        serde_json::from_slice::<NoFields>(body).map(drop).map_err(|_error| why::<NoFields>(body))
    }

    /// What the client calls this request, if it calls it anything.
    pub(crate) fn idempotency_key(&self) -> Result<Option<&str>, Failure> {
        const NAME: &str = "Idempotency-Key";
        let mut values = self.parts.headers.get_all(NAME).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let key = value.as_bytes();
        let good = (1..=KEY_LEN_MAX).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
        match value.to_str() {
            Ok(key) if good && values.next().is_none() => Ok(Some(key)),
            _ => Err(Failure::parameter(NAME, "must be one value of 1 to 128 visible ASCII characters")),
        }
    }

    /// What a fingerprint is made of: the method, the path and the body, where `{}` is as good as none.
    pub(crate) fn fingerprint(&self, body: Shape) -> booking::Fingerprint {
        let bytes = match (body, &self.body) {
            (Shape::Json, Ok(bytes)) => bytes.as_ref(),
            (Shape::Json, Err(_)) | (Shape::Empty, _) => &[],
        };
        crate::ids::fingerprint(self.parts.method.as_str(), self.parts.uri.path(), bytes)
    }

    /// The query's value under `name`, decoded; the last one where there are several.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let query = self.parts.uri.query()?;
        form_urlencoded::parse(query.as_bytes())
            .filter(|(key, _value)| key == name)
            .last()
            .map(|(_, value)| value.into_owned())
    }

    fn says_json(&self) -> bool {
        let Some(value) = self.parts.headers.get(header::CONTENT_TYPE) else { return false };
        let Ok(value) = value.to_str() else { return false };
        let media_type = value.split(';').next().unwrap_or_default().trim();
        let subtype = media_type.strip_prefix("application/").unwrap_or_default();
        subtype.eq_ignore_ascii_case("json") || subtype.to_ascii_lowercase().ends_with("+json")
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

/// Why a body is not a `T`: no JSON, too deep, or not these fields.
fn why<T: DeserializeOwned>(body: &[u8]) -> Failure {
    let depth = depth(body);
    if JSON_DEPTH_MAX < depth {
        return Failure::new(
            Code::Malformed,
            format!("JSON may be nested {JSON_DEPTH_MAX} deep, not {depth}"),
        );
    }
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(body) {
        return Failure::new(Code::Malformed, format!("the body is not JSON: {error}"));
    }
    let detail =
        match serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(body)) {
            Ok(_whole) => Fault { pointer: String::new(), detail: "has something behind its end".to_owned() },
            Err(error) => Fault { pointer: pointer(error.path()), detail: plain(error.inner()) },
        };
    Failure::body(vec![detail])
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

/// How deep the brackets outside of strings go.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        for (text, want) in [("", 0), ("{}", 1), ("[[[", 3), (r#"{"a[[":"\"[["}"#, 1), ("[{}, {}, []]", 2)] {
            assert_eq!(depth(text.as_bytes()), want, "{text}");
        }
    }
}
