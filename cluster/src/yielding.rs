//! A leader whose disk is nearly full lets another lead that has room: whether anything new is taken is for the leader to say, and
//! the sale need not stop while the others have room. Where nobody has, it goes on leading, and takes nothing new.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use storage::{Room, Store};

use crate::group::Group;
use crate::machine::Machine;
use crate::members::NodeId;
use crate::reconciler::BEHIND_MAX;
use crate::room;
use crate::transport::{Kind, Link};

/// Between two attempts.
const EVERY: Duration = Duration::from_secs(1);
/// How long the others may take to say what room they have.
const ASK: Duration = Duration::from_millis(300);

/// Gives the groups away that this node leads, whenever its disk is nearly full, for ever.
pub(crate) async fn yield_when_full<M: Machine>(groups: Arc<[Arc<Group<M>>]>, store: Arc<dyn Store>) {
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if store.room() != Room::Ample {
            join_all(groups.iter().filter(|group| group.leads()).map(|group| give_away(group))).await;
        }
    }
}

/// Lets another node lead a group, if one that votes has room for everything, and has nearly everything: a node that is far behind
/// would not be elected, and only stop the others.
async fn give_away<M: Machine>(group: &Group<M>) {
    let consensus = group.consensus();
    let ask = async |(node, link): (NodeId, Link)| {
        let answer = link.call(Kind::Room, group.id(), Bytes::new(), ASK).await;
        // Who does not say so has none.
        answer.is_ok_and(|answer| answer == room::encode(Room::Ample)).then_some(node)
    };
    let has_nearly_all = |node| consensus.behind(node).is_some_and(|entries| entries <= BEHIND_MAX);
    let others = consensus.other_voters().into_iter().filter(|(node, _link)| has_nearly_all(*node));
    let roomy = join_all(others.map(ask)).await;
    consensus.hand_over(roomy.into_iter().flatten().collect()).await;
}
