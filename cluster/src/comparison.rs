//! Compares this node's replicas with those of its peers, by digests at the same index (RG-5): a replica that differs, since the
//! rules or the disk did something else there, is found within seconds.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use crate::digests::{self, Mismatch};
use crate::group::Group;
use crate::machine::Machine;
use crate::table::Table;
use crate::transport::Kind;

/// Between two looks at what is to be compared.
const EVERY: Duration = Duration::from_secs(1);
/// How long a peer may take to say its digest.
const ASK: Duration = Duration::from_secs(1);

/// Compares every digest that this node's replicas take with that of every other member, for ever. Both sides do, so a replica
/// that comes to an index late finds those that were there before.
pub(crate) async fn compare<M: Machine>(table: Arc<Table<M>>) {
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        join_all(table.open().iter().map(|group| compare_group(group))).await;
    }
}

async fn compare_group<M: Machine>(group: &Group<M>) {
    let consensus = group.consensus();
    let digests = consensus.digests();
    digests.finish_taking().await;
    for (peer, link) in consensus.other_members() {
        for index in digests.due_with(peer) {
            let question = digests::encode(index.0);
            let Ok(answer) = link.call(Kind::Digest, group.id(), question, ASK).await else { break };
            match digests::decode(&answer) {
                Some(digest) => digests.compare(index, peer, digest).iter().for_each(tell),
                None => digests.is_not_known_at(index, peer),
            }
        }
    }
}

fn tell(mismatch: &Mismatch) {
    let Mismatch { group, index, digest, peer, peer_digest } = mismatch;
    let (digest, peer_digest) = (format!("{digest:016x}"), format!("{peer_digest:016x}"));
    tracing::error!(%group, %index, digest, peer, peer_digest, "RG-5: two replicas of a group differ");
}
