//! Whether a request is one of HTTP/1.1, beyond what its parser asks: for whom it is (RFC 9112 3.2) and how its body is framed
//! (RFC 9112 6.1). What is none is malformed, whatever it asks for.

use std::net::Ipv6Addr;

use api::problem::Code;
use hyper::http::request::Parts;
use hyper::{Method, Version, header};

use super::head::text;
use crate::http::response::problem::ProblemResponse;

/// Tests what hyper has read.
pub(crate) fn check(head: &Parts) -> Result<(), ProblemResponse> {
    let malformed = |detail: &str| Err(ProblemResponse::new(Code::Malformed, detail));
    let mut hosts = head.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if head.version < Version::HTTP_11 => {}
        (Some(host), None) if is_host(host.as_bytes()) => {}
        _ => return malformed("send one Host: the node's name or address, and its port"),
    }
    let is_http = head.uri.scheme_str().is_none_or(|scheme| matches!(scheme, "http" | "https"));
    let is_ours = head.uri.authority().is_none_or(|authority| is_host(authority.as_str().as_bytes()));
    let is_all = head.uri.path() == "*" && head.method != Method::OPTIONS;
    if !is_http || !is_ours || is_all {
        return malformed("ask for a path: /v1/slots");
    }
    let mut codings = head.headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => malformed("send a Content-Length, or one Transfer-Encoding: chunked"),
    }
}

/// Whether this is a host, and perhaps its port (RFC 9110 7.2). It may be empty, as it is where there is none to name.
pub(crate) fn is_host(value: &[u8]) -> bool {
    let name_len = match value {
        [b'[', literal @ ..] => literal.iter().position(|byte| *byte == b']').map(|at| at + 2),
        name => name.iter().position(|byte| *byte == b':'),
    };
    let (name, port) = value.split_at(name_len.unwrap_or(value.len()));
    let is_port = match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    is_port && is_name(name)
}

/// An address of IPv6 in brackets, or else a name, as which one of IPv4 passes too (RFC 3986 3.2.2).
fn is_name(name: &[u8]) -> bool {
    if let [b'[', literal @ .., b']'] = name {
        return text(literal).is_some_and(|literal| literal.parse::<Ipv6Addr>().is_ok());
    }
    let mut rest = name;
    loop {
        rest = match rest {
            [] => return true,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            [byte, rest @ ..] if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(byte) => rest,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for host in [
            "",
            "node",
            "node:8080",
            "node:",
            "node.example.",
            "my_node",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:80",
            "%C3%A9",
            ":80",
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for other in [
            "no de",
            "user@node",
            "node:port",
            "node:80:80",
            "[::1",
            "::1",
            "[::1]80",
            "[node]",
            "[::1%25eth0]",
            "node/",
            "http://node",
            "node?x",
            "node#x",
            "%C3%",
            "%zz",
            "\u{e9}",
            "node\t",
            "a\\b",
            "<node>",
            "\"node\"",
            "[]",
        ] {
            assert!(!is_host(other.as_bytes()), "{other}");
        }
    }
}
