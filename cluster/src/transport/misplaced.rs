//! Nodes that are not where they should be, or cannot prove that they are: said once in the log, since they are called again and
//! again, and kept for `boxctl status`.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::Mutex;

use super::hello::Greeting;
use crate::members::NodeId;

/// Refused greetings that are remembered; when there are more, all are forgotten, and told again.
const REFUSALS_MAX: usize = 64;

/// Nodes at whose address somebody else is, and those with which this one does not come to terms about who they are.
#[derive(Debug, Default)]
pub(crate) struct Misplaced {
    reasons: Mutex<BTreeMap<NodeId, String>>,
    unproved: Mutex<BTreeMap<NodeId, String>>,
}

impl Misplaced {
    /// The node at the address of `node` is another, and says why.
    pub(super) fn note(&self, node: NodeId, address: &str, why: &str) {
        let known = self.reasons.lock().insert(node, why.to_owned());
        if known.as_deref() != Some(why) {
            tracing::error!(node, address, why, "a peer is not at its address: somebody else is");
        }
    }

    /// One of the two, `node` and this one, has not proved to the other who it is.
    pub(super) fn note_unproved(&self, node: NodeId, address: &str, why: &str) {
        let known = self.unproved.lock().insert(node, why.to_owned());
        if known.as_deref() != Some(why) {
            tracing::error!(
                node,
                address,
                why,
                "a peer and this node cannot prove to each other who they are"
            );
        }
    }

    /// `node` is where it should be.
    pub(super) fn found(&self, node: NodeId) {
        if self.reasons.lock().remove(&node).is_some() {
            tracing::info!(node, "a peer is at its address again");
        }
        if self.unproved.lock().remove(&node).is_some() {
            tracing::info!(node, "a peer and this node have proved to each other who they are");
        }
    }

    /// Nodes at whose address somebody else is, and what is said there.
    pub(crate) fn all(&self) -> BTreeMap<NodeId, String> {
        self.reasons.lock().clone()
    }

    /// Nodes with which it is not clear who they are, and why.
    pub(crate) fn unproved(&self) -> BTreeMap<NodeId, String> {
        self.unproved.lock().clone()
    }
}

/// Who one is, of which cluster, and whom one looks for.
type Said = (Option<NodeId>, Option<u128>, Option<NodeId>);

/// Greetings that were refused.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    known: Mutex<BTreeSet<Said>>,
    reasons: Mutex<BTreeSet<String>>,
}

impl Refusals {
    /// Whether nobody who says the same of themselves was refused before.
    pub(super) fn is_new(&self, greeting: &Greeting) -> bool {
        let mut known = self.known.lock();
        let said = (greeting.node, greeting.cluster, greeting.to);
        if known.contains(&said) {
            return false;
        }
        if known.len() == REFUSALS_MAX {
            known.clear();
        }
        known.insert(said)
    }

    /// Whether nobody was refused before for this reason.
    pub(super) fn is_new_reason(&self, why: &str) -> bool {
        let mut reasons = self.reasons.lock();
        if REFUSALS_MAX <= reasons.len() && !reasons.contains(why) {
            reasons.clear();
        }
        reasons.insert(why.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::hello::Purpose;
    use super::*;

    #[test]
    fn a_refusal_is_told_once_and_not_all_are_kept() {
        let refusals = Refusals::default();
        let of =
            |node: u64| Greeting { cluster: Some(8), node: Some(node), to: None, purpose: Purpose::Vote };
        for node in 0..1_000 {
            assert!(refusals.is_new(&of(node)), "{node} was not refused before");
            assert!(!refusals.is_new(&of(node)), "{node} was");
            assert!(refusals.known.lock().len() <= REFUSALS_MAX, "it is bounded");
            let why = format!("for the sake of {node}");
            assert!(refusals.is_new_reason(&why), "{why}");
            assert!(!refusals.is_new_reason(&why), "{why}");
            assert!(refusals.reasons.lock().len() <= REFUSALS_MAX, "it is bounded");
        }
    }
}
