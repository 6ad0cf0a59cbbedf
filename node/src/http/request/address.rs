//! Whose address asks: that of the connection, or what a trusted proxy says it is (`X-Forwarded-For`).

use std::net::{IpAddr, SocketAddr};

use config::Net;
use smallvec::SmallVec;

use super::head::{Head, RequestHeader, text};

/// The address at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer(IpAddr);

impl Peer {
    /// As the listener heard it; one of IPv4 that came by IPv6 is one of IPv4.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self(address.ip().to_canonical())
    }
}

/// Those who are believed when they say for whom they ask.
pub(crate) struct Proxies(Vec<Net>);

impl Proxies {
    pub(crate) fn new(trusted: &[Net]) -> Self {
        Self(trusted.to_vec())
    }

    /// Who asks. Each proxy writes the address that it hears to the right of what it was told, so the list is walked from the
    /// right for as long as a trusted one has written it; what is to the left of that anybody may have written. An entry that is
    /// no address is nobody's, and whoever wrote it answers for it.
    pub(crate) fn address(&self, Peer(peer): Peer, head: &impl Head) -> IpAddr {
        let mut address = peer;
        // From anyone else the header is not even looked at.
        if self.trust(address) {
            let lines: SmallVec<[&[u8]; 4]> = head.values(RequestHeader::ForwardedFor).collect();
            let hops = lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
            for hop in hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()) {
                let Some(next) = said(hop) else { break };
                address = next;
                if !self.trust(address) {
                    break;
                }
            }
        }
        address
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(address))
    }
}

/// An address as proxies write it: alone, or with the port from which it asked.
fn said(hop: &[u8]) -> Option<IpAddr> {
    let said = text(hop)?;
    let bare = said.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(said);
    let alone = bare.parse::<IpAddr>().ok();
    Some(alone.or_else(|| Some(said.parse::<SocketAddr>().ok()?.ip()))?.to_canonical())
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    /// The address that is found behind `peer`, where the nets are trusted and each line is a header.
    fn found(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted = trusted.iter().map(|net| Net::try_from((*net).to_owned()).expect("a net"));
        let proxies = Proxies::new(&trusted.collect::<Vec<_>>());
        let request = lines
            .iter()
            .fold(Request::builder(), |request, line| request.header("X-Forwarded-For", line.as_bytes()));
        let (head, ()) = request.body(()).expect("headers").into_parts();
        let peer = Peer::new(SocketAddr::new(peer.parse().expect("an address"), 1));
        proxies.address(peer, &head).to_string()
    }

    #[test]
    fn a_forwarded_address_is_believed_from_the_right_and_from_the_trusted_only() {
        let (near, far) = ("10.0.0.1", "10.9.9.9");
        let nets = &["10.0.0.0/8", "2001:db8:1::/48"][..];
        for (trusted, peer, lines, want) in [
            (&[][..], "192.0.2.1", &["198.51.100.7"][..], "192.0.2.1"),
            (nets, "192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            (nets, near, &[], near),
            (nets, near, &["198.51.100.7"], "198.51.100.7"),
            // What stands to the left of the first stranger, anyone may have written.
            (nets, near, &["203.0.113.1, 198.51.100.7"], "198.51.100.7"),
            (nets, near, &["203.0.113.1", "198.51.100.7"], "198.51.100.7"),
            (nets, near, &["203.0.113.1,10.1.2.3", "198.51.100.7 ,10.9.9.9"], "198.51.100.7"),
            (nets, near, &["198.51.100.7, 10.9.9.9"], "198.51.100.7"),
            // All of them are trusted: the first has asked by itself.
            (nets, near, &["10.9.9.9"], far),
            (nets, near, &["10.9.9.9, 10.0.0.2"], far),
            (&["10.0.0.1"], near, &["198.51.100.7, 10.9.9.9"], far),
            // What is no address ends the walk.
            (nets, near, &["198.51.100.7, unknown"], near),
            (nets, near, &["198.51.100.7, nonsense, 10.9.9.9"], far),
            (nets, near, &["198.51.100.7, \u{e9}"], near),
            (nets, near, &["198.51.100.7, ,, "], "198.51.100.7"),
            (nets, near, &[""], near),
            // As proxies write them.
            (nets, near, &["198.51.100.7:4711"], "198.51.100.7"),
            (nets, near, &["[2001:db8:2::7]:4711"], "2001:db8:2::7"),
            (nets, near, &["[2001:db8:2::7]"], "2001:db8:2::7"),
            (nets, near, &["2001:db8:2::7"], "2001:db8:2::7"),
            (nets, "2001:db8:1::5", &["2001:db8:2::7, 2001:db8:1::6"], "2001:db8:2::7"),
            // An address of IPv4 is one, however it came.
            (nets, "::ffff:10.0.0.1", &["::ffff:198.51.100.7, ::ffff:10.9.9.9"], "198.51.100.7"),
            (nets, "::ffff:192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
        ] {
            assert_eq!(found(trusted, peer, lines), want, "{trusted:?} {peer} {lines:?}");
        }
    }
}
