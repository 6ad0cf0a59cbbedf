//! Pages of other origins that ask from a browser (the Fetch standard's CORS): which may, and how each answer says so.
//!
//! A page shows a token that its own script has put into a header; cookies and whatever else a browser adds by itself are never
//! allowed (`Access-Control-Allow-Credentials` is never sent), so `*` gives nobody more than what any program may ask. It is by
//! hand and not a layer of the routes, since the fast path's answers say the same.

use axum::response::{IntoResponse as _, Response};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};

use super::head::{Head, RequestHeader};
use crate::http::response::answer::header_line;

/// The methods and headers of the contract.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const HEADERS: &str =
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Timeout-Ms";
/// What a page may read of an answer, beside what it always may.
const EXPOSED: &str = "Allow, Date, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, \
                       WWW-Authenticate, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";
/// How long a browser need not ask again whether it may: as long as any believes it.
const MAX_AGE_SECONDS: u32 = 86_400;
const ANY: &str = "*";

/// Whose pages may ask.
pub(crate) struct Cors {
    /// Origins that are named, and what an answer to each says.
    named: Vec<(HeaderValue, Said)>,
    /// What it says to all others.
    others: Said,
}

/// Where a request comes from, as far as a browser has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Not from a page, or from one of an origin that is not named.
    Other,
    /// From a page of the origin at this place.
    Named(usize),
}

/// What an answer says to an origin.
#[derive(Default)]
struct Said {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// The same as they stand on the wire.
    lines: Vec<u8>,
}

impl Said {
    fn new(headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        let mut lines = Vec::new();
        for (name, value) in &headers {
            header_line(&mut lines, name, value.as_bytes());
        }
        Self { headers, lines }
    }

    /// Pages of `origin` may read the answer.
    fn allowed(origin: &HeaderValue) -> Vec<(HeaderName, HeaderValue)> {
        vec![
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
            (header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED)),
        ]
    }

    fn allows(&self) -> bool {
        self.headers.iter().any(|(name, _value)| name == header::ACCESS_CONTROL_ALLOW_ORIGIN)
    }
}

impl Cors {
    /// As configured: none, or one `*`, or origins.
    pub(crate) fn new(origins: &[String]) -> Self {
        // The same answer is another one to other origins; without, a cache would give one's to the other.
        let vary = (header::VARY, HeaderValue::from_name(header::ORIGIN));
        let named = |origin: &String| {
            let origin = HeaderValue::try_from(origin).expect("an origin that was checked is ASCII");
            let mut headers = Said::allowed(&origin);
            headers.push(vary.clone());
            (origin, Said::new(headers))
        };
        match origins {
            [] => Self { named: Vec::new(), others: Said::default() },
            [any] if any == ANY => {
                let any = Said::allowed(&HeaderValue::from_static(ANY));
                Self { named: Vec::new(), others: Said::new(any) }
            }
            _ => Self { named: origins.iter().map(named).collect(), others: Said::new(vec![vary.clone()]) },
        }
    }

    /// Where a request comes from.
    pub(crate) fn origin(&self, head: &impl Head) -> Origin {
        if self.named.is_empty() {
            return Origin::Other;
        }
        let place = head
            .value(RequestHeader::Origin)
            .and_then(|origin| self.named.iter().position(|(named, _said)| named.as_bytes() == origin));
        place.map_or(Origin::Other, Origin::Named)
    }

    /// The answer to a browser that asks whether a page may ask (a preflight), if it may. Others are answered as if nobody had.
    pub(crate) fn preflight(&self, parts: &Parts) -> Option<Response> {
        let asks = parts.method == Method::OPTIONS
            && [header::ORIGIN, header::ACCESS_CONTROL_REQUEST_METHOD]
                .iter()
                .all(|name| parts.headers.contains_key(name));
        let may = asks && self.said(self.origin(parts)).allows();
        may.then(|| {
            let headers = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS)),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS)),
                (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(MAX_AGE_SECONDS)),
            ];
            (StatusCode::NO_CONTENT, headers).into_response()
        })
    }

    /// Says in an answer who may read it.
    pub(crate) fn tell(&self, origin: Origin, headers: &mut HeaderMap) {
        headers.extend(self.said(origin).headers.iter().cloned());
    }

    /// The same as it stands on the wire.
    pub(crate) fn lines(&self, origin: Origin) -> &[u8] {
        &self.said(origin).lines
    }

    fn said(&self, origin: Origin) -> &Said {
        match origin {
            Origin::Named(place) => self.named.get(place).map_or(&self.others, |(_origin, said)| said),
            Origin::Other => &self.others,
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    const SHOP: &str = "https://shop.example";

    fn asked(method: &str, headers: &[(&str, &str)]) -> Parts {
        let request = Request::builder().method(method);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(()).expect("headers").into_parts().0
    }

    fn cors(origins: &[&str]) -> Cors {
        Cors::new(&origins.iter().map(|origin| (*origin).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn answers_are_for_the_origins_that_are_named() {
        let other = "https://shop.example.evil";
        // The origins that are named, the one that asks; who may read the answer, and whether that depends on who asks.
        for (named, asks, may_read, varies) in [
            (&[][..], Some(SHOP), None, false),
            (&["*"], Some(SHOP), Some("*"), false),
            (&["*"], None, Some("*"), false),
            (&[SHOP, "http://localhost:3000"], Some(SHOP), Some(SHOP), true),
            (&[SHOP], Some(other), None, true),
            (&[SHOP], Some("null"), None, true),
            (&[SHOP], Some("HTTPS://SHOP.EXAMPLE"), None, true),
            (&[SHOP], None, None, true),
        ] {
            let cors = cors(named);
            let head = asked("GET", &asks.map(|origin| ("Origin", origin)).into_iter().collect::<Vec<_>>());
            let mut headers = HeaderMap::new();
            cors.tell(cors.origin(&head), &mut headers);
            let told = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
            assert_eq!(told(header::ACCESS_CONTROL_ALLOW_ORIGIN), may_read, "{named:?} {asks:?}");
            assert_eq!(told(header::VARY), varies.then_some("origin"), "{named:?} {asks:?}");
            assert_eq!(headers.contains_key(header::ACCESS_CONTROL_EXPOSE_HEADERS), may_read.is_some());
            assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
            let lines = String::from_utf8(cors.lines(cors.origin(&head)).to_vec()).expect("text");
            assert_eq!(lines.lines().count(), headers.len(), "{lines}");
            for line in lines.lines() {
                let (name, value) = line.split_once(": ").expect("a header");
                assert_eq!(headers.get(name).map(HeaderValue::as_bytes), Some(value.as_bytes()), "{line}");
            }
        }
    }

    #[test]
    fn a_preflight_is_answered_to_the_origins_that_are_named() {
        let origin = ("Origin", SHOP);
        let method = ("Access-Control-Request-Method", "POST");
        for (named, verb, headers, answered) in [
            (&[SHOP][..], "OPTIONS", &[origin, method][..], true),
            (&["*"], "OPTIONS", &[origin, method], true),
            (&[], "OPTIONS", &[origin, method], false),
            (&["https://another.example"], "OPTIONS", &[origin, method], false),
            (&[SHOP], "OPTIONS", &[origin], false),
            (&["*"], "OPTIONS", &[method], false),
            (&[SHOP], "POST", &[origin, method], false),
        ] {
            let answer = cors(named).preflight(&asked(verb, headers));
            assert_eq!(answer.is_some(), answered, "{named:?} {verb} {headers:?}");
            let Some(answer) = answer else { continue };
            assert_eq!(answer.status(), StatusCode::NO_CONTENT);
            for name in ["authorization", "idempotency-key", "last-event-id", "x-request-timeout-ms"] {
                let allowed = answer.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().expect("text");
                assert!(allowed.to_ascii_lowercase().split(", ").any(|allowed| allowed == name), "{name}");
            }
        }
    }
}
