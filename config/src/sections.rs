//! The manual: every section, every key, its bounds and its default.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::net::Net;

/// The groups of a node that nobody configured, as `boxoffice dev` starts it.
const GROUPS_DEV: u32 = 4;
/// The peer listener of a node that nobody configured otherwise.
const PEER_DEFAULT: SocketAddr = loopback(7000);

/// Everything that an operator may decide about one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `[node]`: what is this node's own.
    pub node: Node,
    /// `[listen]`: where it listens, and whom it believes.
    pub listen: Listen,
    /// `[cluster]`: how it becomes part of a cluster.
    pub cluster: Cluster,
    /// `[auth]` and `[[auth.keys]]`: whose tokens it takes.
    pub auth: Auth,
    /// `[rate_limit]`: how often one caller may ask.
    pub rate_limit: RateLimit,
    /// `[limits]`: how much there may be of what stays open.
    pub limits: Limits,
}

/// What is this node's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Node {
    /// The data directory: created with mode 0700, locked while in use. A relative path starts at the working
    /// directory. Default: `data`.
    pub data: PathBuf,
    /// What fails together with this node has the same name: a rack, a hall, a region. Up to 64 bytes. Replicas are planned for as many
    /// zones as there are. Default: none, which is one zone too.
    pub zone: String,
}

/// Where the node listens, and whom it believes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// For customers and organizers: `/v1`. Port 0 takes any free port. Default: `127.0.0.1:8080`.
    pub client: SocketAddr,
    /// For operators, probes and Prometheus; never on the client's address. Default: `127.0.0.1:9090`.
    pub admin: SocketAddr,
    /// For other nodes, which are told this very address unless `peer_advertised` is another; none where `dev` runs. Default:
    /// `127.0.0.1:7000`.
    pub peer: Option<SocketAddr>,
    /// Where other nodes reach `peer`, as `host:port`: a DNS name, which is looked up whenever they connect, or an address. Default:
    /// that of `peer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_advertised: Option<String>,
    /// What is spoken on `peer`, in both directions: `tls`, `plain`, or `both` (TLS with whoever speaks it, and in clear with the
    /// others) while a cluster changes from one to the other. Default: `tls` where there is `[listen.peer_tls]`, and otherwise
    /// `plain`, which takes this word wherever `peer` is not on loopback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_speaks: Option<PeerSpeaks>,
    /// `[listen.peer_tls]`: who this node is to the others. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_tls: Option<PeerTls>,
    /// The proxies whose `X-Forwarded-For` is believed, rightmost first: addresses (`10.0.0.7`) and nets (`10.0.0.0/8`).
    /// Default: none.
    pub trusted_proxies: Vec<Net>,
    /// The origins whose pages may ask from a browser, as `https://example.org` with no slash at the end, or `*` alone for
    /// every one; they ask with tokens, never with a browser's credentials. Default: none.
    pub cors_origins: Vec<String>,
    /// `[listen.tls]`: makes the client listener HTTPS. Default: none, and what is spoken is plain HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

/// The certificate of the client listener. Both files are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The node's certificate, and behind it those that vouch for it, as PEM. A relative path starts at the folder of the
    /// file that names it.
    pub certificate_file: PathBuf,
    /// The certificate's private key, as PEM. A relative path starts there too.
    pub key_file: PathBuf,
}

/// What nodes speak to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeerSpeaks {
    /// TLS, and both sides prove who they are.
    Tls,
    /// TLS where the other side speaks it, and otherwise in clear.
    Both,
    /// In clear: whoever reaches `peer` can read and say everything.
    Plain,
}

/// Who a node is to its peers, and whom it believes. `boxctl certs` makes such files, which are read again when they change.
#[expect(clippy::struct_field_names, reason = "a setting says that it names a file")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerTls {
    /// The certificates of the authorities that may vouch for a node, as PEM: two of them while one takes the place of the other. A
    /// relative path starts at the folder of the file that names it.
    pub ca_file: PathBuf,
    /// The node's certificate, which names its cluster and its number, and behind it those between it and the authority, as PEM. A
    /// relative path starts there too.
    pub certificate_file: PathBuf,
    /// The certificate's private key, as PEM. A relative path starts there too.
    pub key_file: PathBuf,
}

impl Listen {
    /// What is spoken on `peer`.
    #[must_use]
    pub fn peers_speak(&self) -> PeerSpeaks {
        let otherwise = if self.peer_tls.is_some() { PeerSpeaks::Tls } else { PeerSpeaks::Plain };
        self.peer_speaks.unwrap_or(otherwise)
    }
}

/// How the node becomes part of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// Whether this node founds a cluster when its data directory is new and `join` is empty: exactly one node does, and it does
    /// not where another node knows of a cluster. Default: true.
    pub bootstrap: bool,
    /// Peer addresses, as `host:port`, of the other nodes, for the one that founds: with a new data directory it asks them first,
    /// and where one belongs to a cluster already, it joins that instead. Default: none.
    pub peers: Vec<String>,
    /// Peer addresses, as `host:port`, of nodes whose cluster this node joins when its data directory is new. Default: none.
    pub join: Vec<String>,
    /// The Raft groups among which partitions are spread: 1 to 1,024, fixed when the cluster is founded; a node that joins
    /// takes the cluster's. Default: 32.
    pub groups: u32,
    /// How many nodes have a replica of each group, where there are more: 3 or 5, the same on every node. Default: 3.
    pub replicas: usize,
}

/// Whose tokens the node takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// The keys that tokens may be signed with; at least one.
    pub keys: Vec<Key>,
    /// The `iss` that every token must have. Default: `boxoffice`.
    pub issuer: String,
    /// The `aud` that every token must have or contain. Default: `boxoffice`.
    pub audience: String,
}

/// One key that tokens may be signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// What the key is called: a token may name it as `kid`. No two alike. Keys of a set have names of their own.
    pub id: String,
    /// How it signs. A token cannot choose another algorithm than its key's.
    pub algorithm: Algorithm,
    /// For HS256: the file that holds the secret as base64url, at least 32 bytes of it. A relative path starts at the
    /// folder of the file that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// For the others: the file that holds the public keys as a JSON Web Key Set (RFC 7517), of which those of the algorithm
    /// are taken: RSA of 2,048 bits at least, 32 at most. It is read again when it changes; a key that is no longer in it is
    /// no longer good. A relative path starts as above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_file: Option<PathBuf>,
}

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// HMAC with SHA-256: a secret that signer and node share.
    #[serde(rename = "HS256")]
    Hs256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA with P-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSA (PKCS #1, 1.5) with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
}

/// How often one caller may ask this node: a subject, or an address (of IPv6 its /64) where there is no good token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimit {
    /// Whether more is refused (429); if not, the figures are shown and never used up. Default: true; `dev`: false.
    pub enabled: bool,
    /// Requests a second that one caller gets back, 1 to 1,000,000. Default: 50.
    pub requests_per_second: NonZeroU32,
    /// Requests that one caller may have saved up, 1 to 1,000,000. Default: 100.
    pub burst: NonZeroU32,
}

/// How much there may be at once of what stays open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Streams of what everyone may see that may be open at the same time, and beside them as many of organizers' feeds: 1 to 16,384.
    /// Whoever comes then is told to come back (503), and so is whoever comes when all of them together have three quarters of the
    /// connections. Default: 4,096.
    pub streams: NonZeroU32,
}

impl Config {
    /// What `boxoffice dev` runs with: loopback, four groups, no peers, no rate limit, and the one key `token.key` in
    /// the data directory.
    #[must_use]
    pub fn dev(data: PathBuf, client: SocketAddr, admin: SocketAddr) -> Self {
        let key = Key {
            id: "main".to_owned(),
            algorithm: Algorithm::Hs256,
            secret_file: Some(data.join("token.key")),
            jwks_file: None,
        };
        Self {
            node: Node { data, ..Node::default() },
            listen: Listen { client, admin, peer: None, ..Listen::default() },
            cluster: Cluster { groups: GROUPS_DEV, ..Cluster::default() },
            auth: Auth { keys: vec![key], ..Auth::default() },
            rate_limit: RateLimit { enabled: false, ..RateLimit::default() },
            limits: Limits::default(),
        }
    }
}

impl Config {
    /// One in which every setting stands, those too that are left out by default: what the names of all are taken from.
    pub(crate) fn full() -> Self {
        let file = || PathBuf::from("file");
        let mut full = Self::default();
        full.listen.peer_advertised = Some("node-1:7000".to_owned());
        full.listen.peer_speaks = Some(PeerSpeaks::Tls);
        full.listen.peer_tls = Some(PeerTls { ca_file: file(), certificate_file: file(), key_file: file() });
        full.listen.tls = Some(Tls { certificate_file: file(), key_file: file() });
        full.auth.keys.push(Key {
            id: "main".to_owned(),
            algorithm: Algorithm::Hs256,
            secret_file: Some(file()),
            jwks_file: Some(file()),
        });
        full
    }

    /// Whether the node does as this setting says, and nothing else that is set puts it out of force.
    pub(crate) fn obeys(&self, setting: &str) -> bool {
        match setting {
            "rate_limit.requests_per_second" | "rate_limit.burst" => self.rate_limit.enabled,
            "listen.peer_tls.ca_file" | "listen.peer_tls.certificate_file" | "listen.peer_tls.key_file" => {
                self.listen.peers_speak() != PeerSpeaks::Plain
            }
            // Whoever joins founds nothing, and takes the groups of the cluster.
            "cluster.bootstrap" | "cluster.groups" => self.cluster.join.is_empty(),
            _ => true,
        }
    }
}

impl Default for Node {
    fn default() -> Self {
        Self { data: PathBuf::from("data"), zone: String::new() }
    }
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            client: loopback(8080),
            admin: loopback(9090),
            peer: Some(PEER_DEFAULT),
            peer_advertised: None,
            peer_speaks: None,
            peer_tls: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            tls: None,
        }
    }
}

impl Default for Cluster {
    fn default() -> Self {
        Self { bootstrap: true, peers: Vec::new(), join: Vec::new(), groups: 32, replicas: 3 }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self { keys: Vec::new(), issuer: "boxoffice".to_owned(), audience: "boxoffice".to_owned() }
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(50).expect("not zero");
        const BURST: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
        Self { enabled: true, requests_per_second: REQUESTS_PER_SECOND, burst: BURST }
    }
}

impl Default for Limits {
    fn default() -> Self {
        const STREAMS: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");
        Self { streams: STREAMS }
    }
}

/// `127.0.0.1` with this port.
const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}
