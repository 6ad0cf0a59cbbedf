//! Makes the members of every group those of group 0, which are the nodes of the cluster. The leader of a group does so for the
//! group.

use std::sync::Arc;
use std::time::Duration;

use crate::error::said;
use crate::group::Group;
use crate::machine::Machine;
use crate::quorum;

/// Between two looks.
const EVERY: Duration = Duration::from_millis(200);
/// A follower votes once it is not more entries behind than this: the others would wait for it otherwise.
pub(crate) const BEHIND_MAX: u64 = 1_000;

/// Reconciles the groups that this node leads, for ever. `groups` begin with group 0.
pub(crate) async fn reconcile<M: Machine>(groups: Arc<[Arc<Group<M>>]>) {
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let Some(group_zero) = groups.first() else { return };
    loop {
        looks.tick().await;
        for group in groups.iter().filter(|group| group.leads()) {
            if let Err(why) = change(group_zero, group).await {
                tracing::debug!(group = %group.id(), why, "the group's members cannot be changed now");
            }
        }
    }
}

/// Makes the next change of members that a group needs, if it needs one: changes are made one by one.
async fn change<M: Machine>(group_zero: &Group<M>, group: &Group<M>) -> Result<(), String> {
    let (wanted, have) = (group_zero.members(), group.members());
    let missing = wanted.nodes.iter().find(|(node, peer)| have.nodes.get(node) != Some(peer));
    if let Some((node, peer)) = missing {
        tracing::info!(group = %group.id(), node, ?peer, "a node comes in");
        return group.consensus().admit(*node, peer).await;
    }
    if let Some(gone) = have.nodes.keys().find(|node| !wanted.nodes.contains_key(node)) {
        // This replica of group 0 may be behind, and not know who has come: then nobody is sent away.
        group_zero.read_index().await.map_err(said)?;
        if !group_zero.members().nodes.contains_key(gone) {
            quorum::without(group.consensus(), *gone).await?;
            tracing::info!(group = %group.id(), node = gone, "a node leaves");
            return group.consensus().dismiss(*gone).await;
        }
    }
    let caught_up = |node: &u64| group.consensus().behind(*node).is_some_and(|entries| entries <= BEHIND_MAX);
    let ready = have.nodes.keys().find(|node| !have.voters.contains(node) && caught_up(node));
    if let Some(node) = ready {
        tracing::info!(group = %group.id(), node, "a node votes");
        return group.consensus().promote(*node).await;
    }
    Ok(())
}
