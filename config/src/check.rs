//! What the types of a configuration cannot say.

use crate::error::Error;
use crate::origin;
use crate::sections::{Algorithm, Auth, Cluster, Config, Limits, Listen, PeerSpeaks, RateLimit};

/// The most groups that a cluster may have: as many as there are partitions to own.
const GROUPS_MAX: u32 = 1_024;
/// The longest name of a zone, in bytes.
const ZONE_LEN_MAX: usize = 64;
/// The largest figure of a rate limit; what a request takes is then still a thousand times what time is measured in.
const RATE_MAX: u32 = 1_000_000;
/// The most streams of a kind: each takes a connection, and all of them are to be told again within seconds.
const STREAMS_MAX: u32 = 16_384;

impl Config {
    /// Checks what the types cannot say; the first fault in the order of the manual is given. [`Config::load`] has
    /// done it.
    pub fn check(&self) -> Result<(), Error> {
        if self.node.data.as_os_str().is_empty() {
            return Err(Error::invalid("node.data", "must not be empty"));
        }
        if ZONE_LEN_MAX < self.node.zone.len() || self.node.zone.contains(char::is_control) {
            let reason = format!("must be a name of up to {ZONE_LEN_MAX} bytes, such as \"hall-2\"");
            return Err(Error::invalid("node.zone", reason));
        }
        self.listen.check()?;
        self.cluster.check()?;
        self.auth.check()?;
        self.rate_limit.check()?;
        self.limits.check()
    }
}

impl Listen {
    fn check(&self) -> Result<(), Error> {
        let addresses = [
            ("listen.client", Some(self.client)),
            ("listen.admin", Some(self.admin)),
            ("listen.peer", self.peer),
        ];
        for (later, (key, address)) in addresses.iter().enumerate() {
            // Port 0 is a different free port every time.
            let Some(address) = address.filter(|address| address.port() != 0) else { continue };
            if let Some((other, _)) = addresses[..later].iter().find(|(_, taken)| *taken == Some(address)) {
                return Err(Error::invalid(key, format!("{address} is taken by {other}")));
            }
        }
        self.check_advertised()?;
        self.check_spoken()?;
        match origin::fault(&self.cors_origins) {
            Some(reason) => Err(Error::invalid("listen.cors_origins", reason)),
            None => Ok(()),
        }
    }

    /// What nodes say to each other is not for everybody's ears, unless somebody says that it may be.
    fn check_spoken(&self) -> Result<(), Error> {
        const SPEAKS: &str = "listen.peer_speaks";
        match (self.peer_speaks, &self.peer_tls, self.peer) {
            (Some(PeerSpeaks::Tls | PeerSpeaks::Both), None, _) => {
                let reason = "takes [listen.peer_tls], which says where this node's certificate is: boxctl certs makes one";
                Err(Error::invalid(SPEAKS, reason))
            }
            (None, None, Some(peer)) if !peer.ip().is_loopback() => {
                let reason = format!(
                    "{peer} is not on loopback, and nodes would speak in clear: give each node [listen.peer_tls] (boxctl certs makes the \
                     files), or say listen.peer_speaks = \"plain\", where nobody else reaches their network"
                );
                Err(Error::invalid("listen.peer", reason))
            }
            _ => Ok(()),
        }
    }

    /// What other nodes are told must lead to this one.
    fn check_advertised(&self) -> Result<(), Error> {
        const ADVERTISED: &str = "listen.peer_advertised";
        match (&self.peer_advertised, self.peer) {
            (Some(_), None) => {
                Err(Error::invalid(ADVERTISED, "there is no listen.peer that it could lead to"))
            }
            (Some(address), Some(_)) if !is_reachable(address) => {
                let reason = format!("{address:?} is not a host and a port, such as \"node-1.example:7000\"");
                Err(Error::invalid(ADVERTISED, reason))
            }
            (None, Some(peer)) if peer.ip().is_unspecified() => {
                let reason = format!(
                    "{peer} is every address of this machine; other nodes must be told one of them: set listen.peer_advertised"
                );
                Err(Error::invalid("listen.peer", reason))
            }
            _ => Ok(()),
        }
    }
}

impl Cluster {
    fn check(&self) -> Result<(), Error> {
        if !(1..=GROUPS_MAX).contains(&self.groups) {
            let reason = format!("must be 1 to {GROUPS_MAX}, not {}", self.groups);
            return Err(Error::invalid("cluster.groups", reason));
        }
        if ![3, 5].contains(&self.replicas) {
            let reason = format!("must be 3 or 5, not {}", self.replicas);
            return Err(Error::invalid("cluster.replicas", reason));
        }
        for (key, addresses) in [("cluster.peers", &self.peers), ("cluster.join", &self.join)] {
            if let Some(address) = addresses.iter().find(|address| !is_reachable(address)) {
                let reason = format!("{address:?} is not a host and a port, such as \"10.0.0.1:7000\"");
                return Err(Error::invalid(key, reason));
            }
        }
        if !self.peers.is_empty() && !self.join.is_empty() {
            let reason = "are asked by a node that founds a cluster, and this one joins one: name them in cluster.join";
            return Err(Error::invalid("cluster.peers", reason));
        }
        if !self.bootstrap && self.join.is_empty() {
            let reason =
                "must be true, or cluster.join must name nodes of the cluster that this node is to join";
            return Err(Error::invalid("cluster.bootstrap", reason));
        }
        Ok(())
    }
}

impl Auth {
    fn check(&self) -> Result<(), Error> {
        const KEYS: &str = "auth.keys";
        if self.keys.is_empty() {
            return Err(Error::invalid(KEYS, "there is no key to check tokens with; add [[auth.keys]]"));
        }
        for (later, key) in self.keys.iter().enumerate() {
            let id = &key.id;
            if id.is_empty() {
                return Err(Error::invalid(KEYS, "an id must not be empty"));
            }
            if self.keys[..later].iter().any(|earlier| earlier.id == *id) {
                return Err(Error::invalid(KEYS, format!("two keys have the id {id:?}")));
            }
            let (wanted, fault) = match key.algorithm {
                Algorithm::Hs256 => ((true, false), "is HS256: it needs secret_file and takes no jwks_file"),
                Algorithm::EdDsa | Algorithm::Es256 | Algorithm::Rs256 => {
                    ((false, true), "has a public-key algorithm: it needs jwks_file and takes no secret_file")
                }
            };
            if (key.secret_file.is_some(), key.jwks_file.is_some()) != wanted {
                return Err(Error::invalid(KEYS, format!("key {id:?} {fault}")));
            }
        }
        for (key, value) in [("auth.issuer", &self.issuer), ("auth.audience", &self.audience)] {
            if value.is_empty() {
                return Err(Error::invalid(key, "must not be empty"));
            }
        }
        Ok(())
    }
}

impl RateLimit {
    fn check(&self) -> Result<(), Error> {
        let figures =
            [("rate_limit.requests_per_second", self.requests_per_second), ("rate_limit.burst", self.burst)];
        match figures.into_iter().find(|(_key, figure)| RATE_MAX < figure.get()) {
            Some((key, figure)) => Err(Error::invalid(key, format!("must be 1 to {RATE_MAX}, not {figure}"))),
            None => Ok(()),
        }
    }
}

impl Limits {
    fn check(&self) -> Result<(), Error> {
        let streams = self.streams.get();
        if STREAMS_MAX < streams {
            return Err(Error::invalid(
                "limits.streams",
                format!("must be 1 to {STREAMS_MAX}, not {streams}"),
            ));
        }
        Ok(())
    }
}

/// A host, in brackets where it has colons of its own, and a port.
fn is_reachable(address: &str) -> bool {
    let parts = address.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>()));
    matches!(parts, Some((host, Ok(port))) if !host.is_empty() && port != 0)
}
