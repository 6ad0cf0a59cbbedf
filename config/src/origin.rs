//! Origins, spelled as browsers spell them: what a browser sends as `Origin` is compared byte by byte, so one that is written in
//! another way would never be met.

use std::net::Ipv6Addr;

/// Every origin.
const ANY: &str = "*";
/// The schemes of pages, each with the port that a browser leaves out.
const SCHEMES: [(&str, &str); 2] = [("https", "443"), ("http", "80")];

/// What is wrong with a list of origins, if anything is.
pub(crate) fn fault(origins: &[String]) -> Option<String> {
    if 1 < origins.len() && origins.iter().any(|origin| origin == ANY) {
        return Some(format!("{ANY:?} is every origin already; name it alone, or the others without it"));
    }
    origins.iter().filter(|origin| *origin != ANY).find_map(|origin| fault_of(origin))
}

fn fault_of(origin: &str) -> Option<String> {
    let parts = parts(origin).filter(|(_scheme, host, port)| is_host(host) && port.is_none_or(is_port));
    let Some((scheme, _host, port)) = parts else {
        return Some(format!("{origin:?} is not an origin such as \"https://example.org\", nor \"*\""));
    };
    let left_out = SCHEMES.iter().find(|(known, default)| *known == scheme && port == Some(*default));
    left_out.map(|(_scheme, port)| format!("{origin:?} is never met: browsers leave out \":{port}\""))
}

/// Scheme, host and port.
fn parts(origin: &str) -> Option<(&str, &str, Option<&str>)> {
    let (scheme, authority) = origin.split_once("://")?;
    SCHEMES.iter().find(|(known, _port)| *known == scheme)?;
    // The colons in brackets are the host's own.
    let host_len = authority.find(']').map_or(0, |end| end + 1);
    let port_at = authority.get(host_len..)?.find(':').map(|colon| host_len + colon);
    match port_at {
        Some(at) => Some((scheme, authority.get(..at)?, authority.get(at + 1..))),
        None => Some((scheme, authority, None)),
    }
}

fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address);
    }
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    text.split('.').all(|label| !label.is_empty() && label.bytes().all(allowed))
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| 0 < port && port.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_only_as_a_browser_sends_it() {
        const NONE: &str = "is not an origin";
        for (origins, says) in [
            (&[][..], None),
            (&["*"], None),
            (&["https://example.org", "http://localhost:3000", "https://xn--bcher-kva.example:8443"], None),
            (&["http://127.0.0.1:8080", "https://[2001:db8::1]", "http://[::1]:3000"], None),
            (&["*", "https://example.org"], Some("name it alone")),
            (&["https://example.org:443"], Some("browsers leave out \":443\"")),
            (&["http://example.org:80"], Some("browsers leave out \":80\"")),
            (&["https://example.org:80", "http://example.org:443"], None),
            (&["https://a.example", "https://b.example/"], Some(NONE)),
            (&["https://*.example.org"], Some(NONE)),
            (&["https://Example.org"], Some(NONE)),
            (&["https://b\u{fc}cher.example"], Some(NONE)),
            (&["https://example.org:"], Some(NONE)),
            (&["https://example.org:0"], Some(NONE)),
            (&["https://example.org:+1"], Some(NONE)),
            (&["https://example.org:65536"], Some(NONE)),
            (&["https://a:b:1"], Some(NONE)),
            (&["https://user@example.org"], Some(NONE)),
            (&["https://[::1"], Some(NONE)),
            (&["https://[0::1]"], Some(NONE)),
            (&["https://[::1]x"], Some(NONE)),
            (&["https://..example"], Some(NONE)),
            (&["https://"], Some(NONE)),
            (&["ftp://example.org"], Some(NONE)),
            (&["example.org"], Some(NONE)),
            (&["null"], Some(NONE)),
            (&[""], Some(NONE)),
        ] {
            let named: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
            let fault = fault(&named);
            let as_wanted = match (&fault, says) {
                (Some(fault), Some(says)) => fault.contains(says),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            assert!(as_wanted, "{origins:?}: {fault:?}");
        }
    }
}
