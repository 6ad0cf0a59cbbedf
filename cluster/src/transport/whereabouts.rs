//! Where nodes are: addresses change while links live, so each connection is made to where its node is then.
//!
//! As long as there is a leader, group 0's members say where a node is. Where all nodes have moved at once nobody can become leader
//! until they find each other: so what a node says of itself meanwhile counts too, but only where it is not found as a member. A
//! copy of its data must not be taken for it.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::members::NodeId;

/// Where nodes are, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Whereabouts {
    known: Mutex<BTreeMap<NodeId, Place>>,
}

#[derive(Debug, Default)]
struct Place {
    as_member: Option<String>,
    as_said: Option<String>,
}

impl Whereabouts {
    /// The cluster's members are there; of others nothing is known any more.
    pub(crate) fn are<'a>(&self, members: impl Iterator<Item = (NodeId, &'a str)>) {
        let mut known = self.known.lock();
        let mut before = std::mem::take(&mut *known);
        for (node, address) in members {
            let mut place = before.remove(&node).unwrap_or_default();
            if place.as_member.as_deref() != Some(address) {
                place = Place { as_member: Some(address.to_owned()), as_said: None };
            }
            known.insert(node, place);
        }
    }

    /// A member says that it is there. Who is none is not listened to.
    pub(crate) fn say(&self, node: NodeId, address: &str) {
        if let Some(place) = self.known.lock().get_mut(&node)
            && place.as_member.as_deref() != Some(address)
        {
            place.as_said = Some(address.to_owned());
        }
    }

    /// Where a node is to be looked for, in this order; `otherwise` where nothing is known.
    pub(super) fn of(&self, node: Option<NodeId>, otherwise: &str) -> Vec<String> {
        let known = self.known.lock();
        match node.and_then(|node| known.get(&node)) {
            Some(Place { as_member, as_said }) => as_member.iter().chain(as_said).cloned().collect(),
            None => vec![otherwise.to_owned()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_where_the_members_are_and_then_where_it_says() {
        let whereabouts = Whereabouts::default();
        let of = |node| whereabouts.of(Some(node), "old:1");
        whereabouts.say(2, "said:1");
        assert_eq!(of(2), ["old:1"], "a stranger is not listened to");
        whereabouts.are([(2, "b:1"), (3, "c:1")].into_iter());
        assert_eq!((of(2), of(3), of(4)), (vec!["b:1".into()], vec!["c:1".into()], vec!["old:1".into()]));
        assert_eq!(whereabouts.of(None, "seed:1"), ["seed:1"]);
        whereabouts.say(2, "b:1");
        assert_eq!(of(2), ["b:1"], "it is there already");
        whereabouts.say(2, "b:2");
        whereabouts.are([(2, "b:1"), (3, "c:1")].into_iter());
        assert_eq!(of(2), ["b:1", "b:2"]);
        whereabouts.are([(2, "b:2")].into_iter());
        assert_eq!((of(2), of(3)), (vec!["b:2".into()], vec!["old:1".into()]));
    }
}
