//! TLS, in both places where there may be some: towards customers, and between the nodes of a cluster. Certificates are files that
//! are read again when they change.

mod certificate;
mod name;
mod opened;
mod words;

pub(crate) mod customers;
mod peer_network;
pub(crate) mod peers;

use std::sync::Arc;

use cluster::Network;
use config::PeerSpeaks;
use tokio::runtime::Handle;

use self::customers::Tls;
use self::peers::{InClear, PeerTls};
use crate::failure::Failure;

pub(crate) use certificate::Validity;
pub(crate) use name::Who;
pub(crate) use peer_network::PeerNetwork;

/// The certificates that a node shows.
#[derive(Default)]
pub(crate) struct Shown {
    /// To customers.
    pub(crate) customers: Option<Arc<Tls>>,
    /// To other nodes; none where it speaks to them in clear.
    pub(crate) peers: Option<Arc<PeerTls>>,
}

impl Shown {
    /// The certificates as the files have them, which are followed from now on.
    pub(crate) fn open(config: &config::Listen) -> Result<Self, Failure> {
        let runtime = Handle::current();
        let customers = config.tls.as_ref().map(Tls::open).transpose()?.map(|(tls, certificate)| {
            let shown = Arc::clone(&tls);
            runtime.spawn(certificate.follow(runtime.clone(), move |certificate| shown.put(certificate)));
            tls
        });
        let clear = match config.peers_speak() {
            PeerSpeaks::Tls => Some(InClear::Refused),
            PeerSpeaks::Both => Some(InClear::Taken),
            PeerSpeaks::Plain => None,
        };
        let files = config.peer_tls.as_ref().zip(clear);
        let opened = files.map(|(files, clear)| PeerTls::open(files, clear)).transpose()?;
        let peers = opened.map(|(tls, credentials)| {
            let shown = Arc::clone(&tls);
            runtime.spawn(credentials.follow(runtime.clone(), move |credentials| shown.put(credentials)));
            tls
        });
        Ok(Self { customers, peers })
    }

    /// The network on which peers are spoken to, over a plain one.
    pub(crate) fn network_of_peers(&self, plain: Arc<dyn Network>) -> Arc<dyn Network> {
        match &self.peers {
            Some(tls) => Arc::new(PeerNetwork::over(plain, Arc::clone(tls))),
            None => plain,
        }
    }

    /// A node that has come into the cluster needs a certificate for the number that it was given.
    pub(crate) fn tell_whose(&self, node: u64) {
        let who = self.peers.as_ref().map(|tls| tls.who());
        if let Some(who) = who.filter(|who| *who != Who::Node(node)) {
            tracing::error!(
                node,
                shows = %who,
                "this node shows its peers another's certificate, and they refuse it: make its own (boxctl certs node {node}), and put \
                 that in place of the files, which are read again while it waits"
            );
        }
    }
}

#[cfg(test)]
mod tests;
