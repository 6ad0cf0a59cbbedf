//! Addresses that are named together: one of them, or all of a net.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// One address, as `10.0.0.7`, or all of a net, as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Net(IpNet);

impl Net {
    /// Whether it names this address, which is IPv4's own where it is one of IPv4 (`10.0.0.7`, not `::ffff:10.0.0.7`).
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl TryFrom<String> for Net {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let net = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_no_address) => text.parse().map_err(|_neither| {
                format!("{text:?} is not an address or a net, such as \"10.0.0.7\" or \"10.0.0.0/8\"")
            })?,
        };
        // A slip of the pen would trust many where one was meant, or the other way round.
        if net.trunc() != net {
            return Err(format!(
                "{text:?} names an address inside of its net; the net is \"{}\", the address \"{}\"",
                net.trunc(),
                net.addr()
            ));
        }
        if net.addr().to_canonical() != net.addr() {
            return Err(format!(
                "{text:?} is of IPv4; write it as such, as \"{}\"",
                net.addr().to_canonical()
            ));
        }
        Ok(Self(net))
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

impl From<Net> for String {
    fn from(net: Net) -> Self {
        net.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_net_has_its_addresses_and_no_others() {
        for (net, inside, outside) in [
            ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("::1", "::1", "::2"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
        ] {
            let parsed = Net::try_from(net.to_owned()).expect(net);
            assert!(parsed.contains(inside.parse().expect("an address")), "{net} {inside}");
            assert!(!parsed.contains(outside.parse().expect("an address")), "{net} {outside}");
            assert_eq!(String::from(parsed), net);
        }
    }

    #[test]
    fn what_names_no_net_is_refused_with_what_would_be_right() {
        for (text, says) in [
            ("", "is not an address or a net"),
            ("proxy.example", "such as \"10.0.0.7\" or \"10.0.0.0/8\""),
            ("10.0.0.0/33", "is not an address or a net"),
            ("10.0.0.7:80", "is not an address or a net"),
            ("10.0.0.0/", "is not an address or a net"),
            ("10.0.0.7/8", "the net is \"10.0.0.0/8\", the address \"10.0.0.7\""),
            ("2001:db8::1/64", "the net is \"2001:db8::/64\""),
            ("::ffff:10.0.0.7", "as \"10.0.0.7\""),
        ] {
            let refused = Net::try_from(text.to_owned()).expect_err(text);
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }
}
