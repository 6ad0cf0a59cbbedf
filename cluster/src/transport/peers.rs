//! The links to all peers, shared by all groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::runtime::Handle;

use super::hello::{Purpose, Us};
use super::link::{Link, Target};
use crate::network::Network;
use crate::options::NodeId;

/// Opens each link once.
pub(crate) struct Peers {
    runtime: Handle,
    network: Arc<dyn Network>,
    us: Us,
    links: Mutex<BTreeMap<(NodeId, Purpose), (String, Link)>>,
}

impl Peers {
    pub(crate) fn new(runtime: Handle, network: Arc<dyn Network>, us: Us) -> Self {
        Self { runtime, network, us, links: Mutex::default() }
    }

    /// The link to a node at this address. One that was open to another address ends once its users have let go of it.
    pub(crate) fn link(&self, node: NodeId, address: &str, purpose: Purpose) -> Link {
        let mut links = self.links.lock();
        if let Some((known, link)) = links.get(&(node, purpose))
            && known == address
        {
            return link.clone();
        }
        let link = self.open(Some(node), address, purpose);
        links.insert((node, purpose), (address.to_owned(), link.clone()));
        link
    }

    /// A link to whoever is at this address, for as long as it is held.
    pub(crate) fn link_to_anyone(&self, address: &str) -> Link {
        self.open(None, address, Purpose::Question)
    }

    fn open(&self, node: Option<NodeId>, address: &str, purpose: Purpose) -> Link {
        let target = Target { address: address.to_owned(), node };
        Link::new(&self.runtime, Arc::clone(&self.network), self.us.clone(), purpose, target)
    }
}
