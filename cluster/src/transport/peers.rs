//! The links to all peers, shared by all groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::runtime::Handle;

use super::hello::{Greeting, Purpose, Us};
use super::link::{CallError, Dialer, Link, Target};
use super::misplaced::Misplaced;
use super::whereabouts::Whereabouts;
use crate::members::NodeId;
use crate::network::Network;

/// Opens each link once.
pub(crate) struct Peers {
    runtime: Handle,
    network: Arc<dyn Network>,
    us: Us,
    links: Mutex<BTreeMap<(NodeId, Purpose), (String, Link)>>,
    misplaced: Arc<Misplaced>,
    whereabouts: Arc<Whereabouts>,
}

impl Peers {
    pub(crate) fn new(runtime: Handle, network: Arc<dyn Network>, us: Us) -> Self {
        Self {
            runtime,
            network,
            us,
            links: Mutex::default(),
            misplaced: Arc::default(),
            whereabouts: Arc::default(),
        }
    }

    /// Where nodes are.
    pub(crate) fn whereabouts(&self) -> &Whereabouts {
        &self.whereabouts
    }

    /// The link to a node, at this address as long as nothing else is known of where it is. One that was open to another address ends
    /// once its users have let go of it.
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

    /// A link to the node at this address, whatever its number, for as long as the link is held.
    pub(crate) fn link_to_anyone(&self, address: &str) -> Link {
        self.open(None, address, Purpose::Question)
    }

    /// What the node at this address says of itself.
    pub(crate) async fn who(&self, address: &str) -> Result<Greeting, CallError> {
        let dialled = self.dialer(None, address, Purpose::Question).dial().await;
        dialled.map(|(_connection, greeting)| greeting)
    }

    /// Nodes at whose address somebody else is.
    pub(crate) fn misplaced(&self) -> BTreeMap<NodeId, String> {
        self.misplaced.all()
    }

    /// Nodes that have not proved to this one who they are, or to which this one has not.
    pub(crate) fn unproved(&self) -> BTreeMap<NodeId, String> {
        self.misplaced.unproved()
    }

    fn open(&self, node: Option<NodeId>, address: &str, purpose: Purpose) -> Link {
        Link::new(&self.runtime, self.dialer(node, address, purpose))
    }

    fn dialer(&self, node: Option<NodeId>, address: &str, purpose: Purpose) -> Dialer {
        Dialer {
            network: Arc::clone(&self.network),
            us: self.us.clone(),
            purpose,
            target: Target { address: address.to_owned(), node },
            misplaced: Arc::clone(&self.misplaced),
            whereabouts: Arc::clone(&self.whereabouts),
        }
    }
}
