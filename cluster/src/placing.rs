//! What becomes of a wish to empty a node of replicas, or to fill it again.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::timeout;

use crate::group::Group;
use crate::machine::Machine;
use crate::members::NodeId;
use crate::options::Replicas;
use crate::placement::Placement;
use crate::requests::Reply;

/// How long it may take to see that this node leads group 0 still.
const READ: Duration = Duration::from_secs(2);

/// What group 0's leader makes of a wish to empty a node, or to fill it again.
pub(crate) async fn drain<M: Machine>(
    group_zero: &Group<M>,
    replicas: Replicas,
    node: NodeId,
    drains: bool,
) -> Reply {
    if !replicas.are_moved() {
        return Reply::Never("no node moves replicas yet: every node has every group".to_owned());
    }
    let replicas = replicas.each;
    let read = timeout(READ, group_zero.read_index()).await;
    if !read.is_ok_and(|read| read.is_ok()) {
        return Reply::Later("no quorum follows the leader of group 0; ask again".to_owned());
    }
    let nodes: BTreeSet<NodeId> = group_zero.members().nodes.into_keys().collect();
    if !nodes.contains(&node) {
        return Reply::Never(format!("node {node} is no member of the cluster: look at boxctl status"));
    }
    let Some(record) = group_zero.placement().borrow().clone() else {
        return if !drains {
            Reply::Done
        } else if nodes.len() <= replicas {
            Reply::Never(too_few(node, nodes.len() - 1, replicas))
        } else {
            Reply::Later("nothing is placed yet; ask again".to_owned())
        };
    };
    if record.draining.contains(&node) == drains {
        return Reply::Done;
    }
    let mut record = Placement { epoch: record.epoch + 1, ..Placement::clone(&record) };
    if drains {
        record.draining.insert(node);
        let left = nodes.difference(&record.draining).count();
        if left < replicas {
            return Reply::Never(too_few(node, left, replicas));
        }
    } else {
        record.draining.remove(&node);
    }
    record.draining.retain(|node| nodes.contains(node));
    match group_zero.write_placement(record).await {
        Ok(()) => Reply::Done,
        Err(error) => error.into(),
    }
}

fn too_few(node: NodeId, left: usize, replicas: usize) -> String {
    format!(
        "without node {node} there would be {left} nodes that take replicas, and each group is to have {replicas}: let another join \
         first, or take back another that is being emptied (boxctl node undrain)"
    )
}
