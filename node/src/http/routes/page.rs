//! Lists page by page: limits, cursors, links; and conditional reads.

use api::list::{LIMIT_DEFAULT, LIMIT_MAX, List};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::header::{self, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::request::call::{Call, number};
use crate::http::response::answer;
use crate::http::response::problem::ProblemResponse;

/// Which page is wanted.
pub(crate) struct Page {
    pub(crate) limit: usize,
    pub(crate) after: Option<String>,
}

impl Page {
    pub(crate) fn of(call: &Call) -> Result<Self, ProblemResponse> {
        let limit = match call.query("limit") {
            None => LIMIT_DEFAULT,
            Some(text) => number(&text)
                .filter(|limit| (1..=LIMIT_MAX).contains(limit))
                .ok_or_else(|| ProblemResponse::parameter("limit", format!("must be 1 to {LIMIT_MAX}")))?,
        };
        Ok(Self { limit: limit as usize, after: call.query("after") })
    }
}

/// The cursor behind a thing with these bytes.
pub(crate) fn cursor(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a cursor.
pub(crate) fn cursor_bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// A page, with a `Link` to the next one where there is one.
pub(crate) fn response<T: Serialize>(call: &Call, page: &List<T>) -> Response {
    let mut response = answer::json(StatusCode::OK, page);
    if let Some(next) = &page.next {
        link(call, next, &mut response);
    }
    response
}

/// Links to the same list from `after` on.
pub(crate) fn link(call: &Call, after: &str, response: &mut Response) {
    let query = call.head.uri.query().unwrap_or_default().as_bytes();
    let kept = form_urlencoded::parse(query).filter(|(name, _value)| name != "after");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("after", after)
        .finish();
    let link = format!("<{}?{query}>; rel=\"next\"", call.head.uri.path());
    // A path that is no header's text cannot have been routed here.
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
    }
}

/// A word of the contract as the enum that spells it.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

/// The same the other way round.
pub(crate) fn spelled<T: Serialize>(word: T) -> String {
    let word = serde_json::to_value(word).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// Whether an `If-None-Match` names this tag, weakly compared (RFC 9110 13.1.2): the caller has it already.
pub(crate) fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter().map(HeaderValue::as_bytes);
    given.map(<[u8]>::trim_ascii).any(|list| {
        let mut tags = list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        list == b"*" || tags.any(|tag| opaque(tag) == opaque(etag.as_bytes()))
    })
}

/// A tag without its mark of weakness.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        let etag = HeaderValue::from_static(r#"W/"7-on_sale-1""#);
        for (given, want) in [
            (&[r#"W/"7-on_sale-1""#][..], true),
            (&[r#""7-on_sale-1""#], true),
            (&[r#""6-on_sale-1""#, r#"W/"7-on_sale-1""#], true),
            (&[r#""a,b" , W/"7-on_sale-1","c""#], true),
            (&["*"], true),
            (&[" * "], true),
            (&[], false),
            (&[""], false),
            (&["7-on_sale-1"], false),
            (&[r#"w/"7-on_sale-1""#], false),
            (&[r#""7-on_sale""#], false),
            (&[r#""6-on_sale-1", "*""#], false),
        ] {
            let given = given.iter().map(|value| (header::IF_NONE_MATCH, HeaderValue::from_static(value)));
            let headers: HeaderMap = given.collect();
            assert_eq!(is_known(&headers, &etag), want, "{headers:?}");
        }
    }
}
