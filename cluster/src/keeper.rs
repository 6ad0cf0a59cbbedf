//! Opens a group where this node becomes a member of it, and closes it where it is none any more.
//!
//! ```text
//!   a leader calls on a group that is elsewhere ──► a replica with nothing in it, which follows
//!   nobody calls on a replica, and it is to be elsewhere ──► the group's leader is asked: is this node a member? ──► no: it is deleted
//! ```
//!
//! A replica that is deleted has acknowledged entries. So from the moment that the leader is asked it acknowledges none: were it taken
//! in again meanwhile, the leader would count on entries that are no more.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use storage::{GroupId, Store};
use tokio::time::sleep;

use crate::adapter::{come_here, is_elsewhere};
use crate::error::Error;
use crate::forming::{self, Gate};
use crate::group::{Foundation, Group};
use crate::machine::{Machine, Make};
use crate::options::{MoveBug, Options};
use crate::requests::{Reply, Request};
use crate::table::Table;

/// Between two looks.
const EVERY: Duration = Duration::from_millis(500);
/// For how long nobody leads, as far as a replica knows, before it is asked whether it is one.
const SILENCE: Duration = Duration::from_secs(1);

/// What groups are opened with, at the start of a node and later.
pub(crate) struct Opener<M: Machine> {
    pub(crate) options: Arc<Options>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) make: Make<M>,
    /// That of group 0.
    pub(crate) foundation: Foundation,
}

impl<M: Machine> Opener<M> {
    /// Opens every group that is not elsewhere, of which the others follow group 0.
    pub(crate) async fn open_all(&self) -> Result<(Arc<Group<M>>, Table<M>), Error> {
        let group_zero = self.open(GroupId(0), None).await?;
        let mut groups = vec![Some(Arc::clone(&group_zero))];
        for id in (1..self.foundation.identity.groups).map(GroupId) {
            let is_elsewhere = is_elsewhere(self.store.as_ref(), id)?;
            groups.push(if is_elsewhere { None } else { Some(self.open(id, Some(&group_zero)).await?) });
        }
        Ok((group_zero, Table::new(groups)))
    }

    /// Opens a group with what this node has of it.
    async fn open(&self, id: GroupId, group_zero: Option<&Group<M>>) -> Result<Arc<Group<M>>, Error> {
        let foundation = Foundation { id, ..self.foundation.clone() };
        let store = Arc::clone(&self.store);
        Group::open(&self.options, foundation, store, group_zero, &self.make).await.map(Arc::new)
    }

    /// Opens a group with nothing in it, which has become this node's while it ran.
    async fn open_anew(&self, id: GroupId, group_zero: &Group<M>) -> Result<Arc<Group<M>>, Error> {
        come_here(self.store.as_ref(), id).await?;
        // Whoever founded the cluster began its groups long ago.
        let foundation = Foundation { id, founder: None, ..self.foundation.clone() };
        let store = Arc::clone(&self.store);
        Group::open(&self.options, foundation, store, Some(group_zero), &self.make).await.map(Arc::new)
    }
}

/// Opens and closes groups, for as long as the node lives and none fails.
pub(crate) async fn keep<M: Machine>(gate: Arc<Gate<M>>, opener: Opener<M>) {
    loop {
        tokio::select! {
            biased;
            () = gate.table.called() => {}
            () = sleep(EVERY) => {}
        }
        let kept = async {
            open_called(&gate, &opener).await?;
            close_left(&gate).await
        };
        if let Err(error) = kept.await {
            return (opener.options.on_fatal)(&error);
        }
    }
}

/// Opens the groups that leaders have called on.
async fn open_called<M: Machine>(gate: &Gate<M>, opener: &Opener<M>) -> Result<(), Error> {
    for id in gate.table.take_called() {
        if gate.table.get(id).is_none() {
            tracing::info!(group = %id, "this node gets a replica of a group");
            gate.table.put(opener.open_anew(id, &gate.group_zero).await?);
        }
    }
    Ok(())
}

/// Closes the groups that are to be elsewhere, and whose members this node is not among any more.
async fn close_left<M: Machine>(gate: &Gate<M>) -> Result<(), Error> {
    let silence = if gate.replicas.has(MoveBug::GivenUpEarly) { Duration::ZERO } else { SILENCE };
    for group in gate.table.open() {
        let placed = gate.placed(group.id());
        let is_to_stay = placed.is_none_or(|placed| placed.contains(&gate.identity.node));
        if is_to_stay || group.id() == GroupId(0) || group.leads() || group.leaderless_for() < silence {
            continue;
        }
        // It is asked twice: who still votes does so meanwhile, but for the moment in which that is settled.
        if !is_let_go(gate, &group).await {
            continue;
        }
        let table = &gate.table;
        let Some(group) = table.take(group.id()) else { continue };
        if is_let_go(gate, &group).await {
            tracing::info!(group = %group.id(), "this node gives up its replica of a group");
            group.close().await?;
        } else {
            table.put_back(group);
        }
    }
    Ok(())
}

/// Whether the leader of a group says that this node is no member of it.
async fn is_let_go<M: Machine>(gate: &Gate<M>, group: &Group<M>) -> bool {
    if gate.replicas.has(MoveBug::GivenUpEarly) {
        return true;
    }
    let node = gate.identity.node;
    let members = [group.members().nodes, gate.group_zero.members().nodes];
    let others = members.into_iter().flatten().filter(|(other, _peer)| *other != node);
    let addresses: BTreeSet<String> = others.map(|(_node, peer)| peer.address).collect();
    let addresses: Vec<_> = addresses.into_iter().collect();
    let question = Request::Leave { group: group.id(), node };
    forming::ask_around(&gate.peers, &addresses, &question).await == Ok(Reply::Done)
}
