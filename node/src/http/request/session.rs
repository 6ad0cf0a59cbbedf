//! A browser's session: the very token in a cookie that no script can read, so there is nothing to remember, and any node knows who it
//! is. A browser sends it by itself, whoever's page made it ask: so what changes anything must come from a page of ours.

use api::problem::Code;
use api::token::LEN_MAX;
use hyper::header::{COOKIE, HeaderName, ORIGIN};

use super::head::{Head, RequestHeader, text};
use crate::http::response::problem::ProblemResponse;

/// What the cookie is called: browsers give this name to nothing but what this very host has set, over TLS or on loopback.
pub(crate) const NAME: &str = "__Host-boxoffice";
/// The longest token that a browser keeps under this name, with what is said of it, in bytes.
pub(crate) const TOKEN_LEN_MAX: usize = 3_900;

/// From whose page a browser asks (Fetch Metadata).
static FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The token of the browser's session, if it shows one.
pub(crate) fn token(head: &impl Head) -> Option<&str> {
    let lines = head.others(&COOKIE).filter_map(text);
    let mut cookies =
        lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    let (_name, token) = cookies.find(|(name, _value)| *name == NAME)?;
    (token.len() <= LEN_MAX).then_some(token)
}

/// Whether a request that shows a session may be done: it changes nothing, or a page of ours asks for it.
pub(crate) fn check(head: &impl Head) -> Result<(), ProblemResponse> {
    if matches!(head.method(), "GET" | "HEAD" | "OPTIONS") { Ok(()) } else { from_own_page(head) }
}

/// Whether a page of this very origin asks. A browser that does not say so says at least of which origin the page is.
pub(crate) fn from_own_page(head: &impl Head) -> Result<(), ProblemResponse> {
    let mut sites = head.others(&FETCH_SITE);
    let is_own = match (sites.next(), sites.next()) {
        (Some(site), None) => site == b"same-origin",
        (Some(_), Some(_)) => false,
        (None, _) => is_own_origin(head),
    };
    if is_own { Ok(()) } else { Err(from_elsewhere()) }
}

/// Whether the one `Origin` is of our host, which is what the request calls it.
fn is_own_origin(head: &impl Head) -> bool {
    let mut origins = head.others(&ORIGIN);
    let (Some(origin), None) = (origins.next().and_then(text), origins.next()) else { return false };
    let host = head.value(RequestHeader::Host).and_then(text);
    let of = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    of.zip(host).is_some_and(|(of, host)| of.eq_ignore_ascii_case(host))
}

fn from_elsewhere() -> ProblemResponse {
    let detail = "what a browser's session changes must be asked for by a page of this node (Sec-Fetch-Site: same-origin, or Origin)";
    ProblemResponse::new(Code::Forbidden, detail)
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use hyper::http::request::Parts;

    use super::*;

    fn head(method: &str, headers: &[(&str, &str)]) -> Parts {
        let request =
            headers.iter().fold(Request::builder(), |request, (name, value)| request.header(*name, *value));
        request.method(method).body(()).expect("a request").into_parts().0
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let long = "x".repeat(LEN_MAX + 1);
        for (cookies, want) in [
            (&["__Host-boxoffice=a.b.c"][..], Some("a.b.c")),
            (&["theme=dark; __Host-boxoffice=a.b.c; x=y"], Some("a.b.c")),
            (&["theme=dark", "__Host-boxoffice=a.b.c"], Some("a.b.c")),
            (&["__Host-boxoffice="], Some("")),
            (&["boxoffice=a.b.c"], None),
            (&["__host-boxoffice=a.b.c"], None),
            (&["x__Host-boxoffice=a.b.c"], None),
            (&["__Host-boxoffice"], None),
            (&[], None),
        ] {
            let cookies: Vec<_> = cookies.iter().map(|line| ("cookie", *line)).collect();
            assert_eq!(token(&head("GET", &cookies)), want, "{cookies:?}");
        }
        assert_eq!(token(&head("GET", &[("cookie", &format!("{NAME}={long}"))])), None);
    }

    #[test]
    fn what_a_session_changes_comes_from_a_page_of_ours() {
        const HOST: (&str, &str) = ("host", "shop.example:8080");
        const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");
        for (headers, want) in [
            (&[HOST, SAME][..], true),
            (&[HOST, SAME, ("origin", "https://evil.example")], true),
            (&[HOST, ("sec-fetch-site", "cross-site")], false),
            (&[HOST, ("sec-fetch-site", "same-site")], false),
            (&[HOST, ("sec-fetch-site", "none")], false),
            (&[HOST, SAME, SAME], false),
            (&[HOST, ("sec-fetch-site", "cross-site"), ("origin", "https://shop.example:8080")], false),
            (&[HOST, ("origin", "https://shop.example:8080")], true),
            (&[HOST, ("origin", "http://SHOP.example:8080")], true),
            (&[HOST, ("origin", "https://shop.example")], false),
            (&[HOST, ("origin", "https://shop.example:8080.evil.example")], false),
            (&[HOST, ("origin", "null")], false),
            (&[HOST, ("origin", "https://shop.example:8080"), ("origin", "https://evil.example")], false),
            (&[("origin", "https://shop.example:8080")], false),
            (&[HOST], false),
        ] {
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                assert_eq!(check(&head(method, headers)).is_ok(), want, "{method} {headers:?}");
            }
            for method in ["GET", "HEAD", "OPTIONS"] {
                assert!(check(&head(method, headers)).is_ok(), "{method} {headers:?}");
            }
        }
    }
}
