//! Whom a certificate names that a node shows to its peers: a cluster, and one of its nodes by number, as the one SPIFFE ID in its
//! subject alternative names.
//!
//! ```text
//!   spiffe://CLUSTER/boxoffice/node/7      node 7 of the cluster
//!   spiffe://CLUSTER/boxoffice/newcomer    a node that is to come into the cluster, which gives it a number
//! ```
//!
//! A number is given by the cluster when a node comes in, so a certificate that names it can only be made then.

use std::fmt;

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

/// How the names begin that count here.
const SCHEME: &str = "spiffe://";
/// What stands behind the cluster's name.
const NODE: &str = "boxoffice/node/";
const NEWCOMER: &str = "boxoffice/newcomer";

/// Whom a certificate names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) cluster: String,
    pub(crate) who: Who,
}

/// Who of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Node(u64),
    Newcomer,
}

impl fmt::Display for Who {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(number) => write!(out, "node {number}"),
            Self::Newcomer => out.write_str("a newcomer"),
        }
    }
}

impl Name {
    /// Whom this certificate names.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self, String> {
        let (_, parsed) =
            parse_x509_certificate(certificate).map_err(|error| format!("it cannot be read: {error}"))?;
        let names =
            parsed.subject_alternative_name().map_err(|error| format!("it cannot be read: {error}"))?;
        let names = names.iter().flat_map(|names| &names.value.general_names);
        let ids: Vec<&str> = names
            .filter_map(|name| if let GeneralName::URI(uri) = name { Some(*uri) } else { None })
            .filter(|uri| uri.starts_with(SCHEME))
            .collect();
        match ids.as_slice() {
            [id] => Self::parse(id).ok_or_else(|| format!("it names {id}, which is no node of a cluster")),
            [] => Err(format!(
                "it names no node: {SCHEME}CLUSTER/{NODE}NUMBER is wanted among its alternative names"
            )),
            _ => Err("it names more than one".to_owned()),
        }
    }

    fn parse(id: &str) -> Option<Self> {
        let (cluster, path) = id.strip_prefix(SCHEME)?.split_once('/')?;
        let who = match path.strip_prefix(NODE) {
            // One way to write a number.
            Some(number) => {
                Who::Node(number.parse().ok().filter(|parsed: &u64| parsed.to_string() == number)?)
            }
            None if path == NEWCOMER => Who::Newcomer,
            None => return None,
        };
        (!cluster.is_empty()).then(|| Self { cluster: cluster.to_owned(), who })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_in_one_way() {
        let name = |who| Some(Name { cluster: "box".to_owned(), who });
        for (id, want) in [
            ("spiffe://box/boxoffice/node/7", name(Who::Node(7))),
            ("spiffe://box/boxoffice/node/18446744073709551615", name(Who::Node(u64::MAX))),
            ("spiffe://box/boxoffice/newcomer", name(Who::Newcomer)),
            ("spiffe://box/boxoffice/node/07", None),
            ("spiffe://box/boxoffice/node/+7", None),
            ("spiffe://box/boxoffice/node/", None),
            ("spiffe://box/boxoffice/node/18446744073709551616", None),
            ("spiffe://box/boxoffice/newcomer/", None),
            ("spiffe://box/boxoffice", None),
            ("spiffe://box", None),
            ("spiffe:///boxoffice/node/7", None),
            ("https://box/boxoffice/node/7", None),
        ] {
            assert_eq!(Name::parse(id), want, "{id}");
        }
    }
}
