//! Whether a group can do without a node: whoever is removed by mistake while another is down takes the quorum along, and then
//! nothing can be decided any more, not even who comes back.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;

use crate::adapter::Consensus;
use crate::machine::Machine;
use crate::members::NodeId;
use crate::transport::{Kind, Link};

/// How long a node may take to say that it lives.
const ASK: Duration = Duration::from_secs(1);

/// Whether those who can be reached are a quorum of the voters that are left without `node`, which this node leads.
///
/// # Errors
///
/// Why not, and what to do, in words for an operator.
pub(crate) async fn without<M: Machine>(consensus: &Consensus<M>, node: NodeId) -> Result<(), String> {
    let mut left = consensus.members().voters;
    if !left.remove(&node) {
        return Ok(());
    }
    let ask = async |(other, link): (NodeId, Link)| {
        let answer = link.call(Kind::Clock, consensus.group(), Bytes::new(), ASK).await;
        answer.is_ok().then_some(other)
    };
    let others = consensus.other_voters();
    let silent: BTreeSet<NodeId> = {
        let asked: BTreeSet<NodeId> = others.iter().map(|(other, _link)| *other).collect();
        let alive: BTreeSet<NodeId> =
            join_all(others.into_iter().map(ask)).await.into_iter().flatten().collect();
        asked.difference(&alive).copied().filter(|other| *other != node).collect()
    };
    shortage(node, &left, &silent).map_or(Ok(()), Err)
}

/// Why a group cannot do without a node, if these voters are left, of whom those are silent.
fn shortage(node: NodeId, left: &BTreeSet<NodeId>, silent: &BTreeSet<NodeId>) -> Option<String> {
    let (quorum, alive) = (left.len() / 2 + 1, left.len() - silent.len());
    if quorum <= alive {
        return None;
    }
    let named = silent.iter().map(NodeId::to_string).collect::<Vec<_>>().join(", ");
    let first = silent.first().map_or(0, |first| *first);
    Some(format!(
        "without node {node} nothing could be decided any more: {quorum} of the {} voters that are left must live, and {alive} can \
         be reached. Bring back node {named} first; where its data is gone for good, remove that one: boxctl remove {first}",
        left.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_needed_for_a_quorum_is_not_removed() {
        let rows: [(&[NodeId], &[NodeId], bool); 10] = [
            (&[1], &[], true),
            (&[1, 2], &[], true),
            (&[1, 2], &[2], false),
            (&[1, 2, 3], &[], true),
            (&[1, 2, 3], &[3], true),
            (&[1, 2, 3], &[2, 3], false),
            (&[1, 2, 3, 4], &[4], true),
            (&[1, 2, 3, 4], &[3, 4], false),
            (&[1, 2, 3, 4, 5], &[4, 5], true),
            (&[1, 2, 3, 4, 5], &[3, 4, 5], false),
        ];
        for (left, silent, can) in rows {
            let found = shortage(9, &left.iter().copied().collect(), &silent.iter().copied().collect());
            assert_eq!(found.is_none(), can, "{left:?} {silent:?}: {found:?}");
            if let Some(why) = found {
                assert!(why.contains(&format!("boxctl remove {}", silent[0])), "{why}");
            }
        }
    }
}
