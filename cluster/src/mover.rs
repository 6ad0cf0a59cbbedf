//! Moves replicas to where they should be, one after the other: whoever leads group 0 plans, and writes into the record what is to be
//! next; whoever leads a group makes its members those of the record (`reconciler.rs`).
//!
//! ```text
//!   everyone who leads a group: who votes in it, who follows ──► leader of group 0: how it is, and the record ──► a plan
//!   a step of the plan whose group is as the record says, and whose nodes have no other under way ──► the next record
//! ```
//!
//! It has no memory of its own: where it ends, or another leads group 0, whoever is next sees how it is and plans anew. After each
//! step it plans anew too, so a node that falls silent, or comes back, is taken into account at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use storage::GroupId;
use tokio::time::timeout;

use crate::error::said;
use crate::forming::{self, Gate};
use crate::leading::{Leading, Seats};
use crate::machine::Machine;
use crate::members::NodeId;
use crate::options::MoveBug;
use crate::placement::{self, Placement, Seated, Site, Standing};
use crate::roll::{Roll, Sighting};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(500);
/// How long a node may take to say who is in the groups that it leads.
const ASK: Duration = Duration::from_secs(1);

/// Moves replicas for ever, whenever this node leads group 0: so many of each group are wanted.
pub(crate) async fn keep_moving<M: Machine>(gate: Arc<Gate<M>>, roll: Arc<Roll>) {
    let replicas = gate.replicas.each;
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if !gate.group_zero.leads() {
            continue;
        }
        match next(&gate, &roll, replicas).await {
            Ok(None) => {}
            Ok(Some(record)) => {
                let epoch = record.epoch;
                match gate.group_zero.write_placement(record).await {
                    Ok(()) => tracing::info!(epoch, "replicas move"),
                    Err(why) => tracing::debug!(epoch, %why, "the next placement was not written"),
                }
            }
            Err(why) => tracing::debug!(why, "nothing can be placed now"),
        }
    }
}

/// The record that is to be written next, if one is.
async fn next<M: Machine>(gate: &Gate<M>, roll: &Roll, replicas: usize) -> Result<Option<Placement>, String> {
    // One that was deposed and does not know it yet has an old record.
    let read = timeout(ASK, gate.group_zero.read_index()).await;
    read.map_err(|_late| "no quorum follows the leader of group 0".to_owned())?.map_err(said)?;
    let nodes: BTreeSet<NodeId> = gate.group_zero.members().nodes.into_keys().collect();
    let record = gate.group_zero.placement().borrow().clone();
    let is_known =
        gate.group_zero.consensus().level_applied().is_some_and(|level| placement::PLACED <= level);
    if !is_known || (record.is_none() && nodes.len() <= replicas) {
        return Ok(None);
    }
    let seats = seats(gate).await;
    let Some(record) = record else {
        let sites = sites(gate, roll, &BTreeSet::new());
        return Ok(begun(gate.table.numbers(), &sites, &seats, replicas));
    };
    let sites = sites(gate, roll, &record.draining);
    let next = placement::advance(&record, &sites, &seats, replicas);
    let overlap = gate.replicas.has(MoveBug::StepsOverlap);
    Ok(if overlap { next.map(|next| overlapping(next, &sites, seats, replicas)) } else { next })
}

/// A bug that a test plants: this record with the steps behind its own, as if those were taken already.
fn overlapping(
    next: Placement,
    sites: &BTreeMap<NodeId, Site>,
    mut seats: Seats,
    replicas: usize,
) -> Placement {
    for (group, Seated { voters, members, .. }) in &mut seats {
        let named = next.of(*group).cloned().unwrap_or_default();
        (*voters, *members) = (named.clone(), named);
    }
    match placement::advance(&next, sites, &seats, replicas) {
        Some(further) => Placement { epoch: next.epoch, ..further },
        None => next,
    }
}

/// The first record: how it is. None before every leader has said so, and as many vote as are wanted, or can.
fn begun(
    numbers: impl Iterator<Item = GroupId>,
    sites: &BTreeMap<NodeId, Site>,
    seats: &Seats,
    replicas: usize,
) -> Option<Placement> {
    let takes = |node: &NodeId| sites.get(node).is_some_and(|site| site.standing == Standing::Takes);
    let is_whole = |Seated { voters, members, .. }: &Seated| {
        let comes = members.difference(voters).any(takes);
        replicas <= voters.len() || (replicas <= members.len() && !comes)
    };
    let voters =
        |group| seats.get(&group).filter(|seated| is_whole(seated)).map(|seated| seated.voters.clone());
    let groups = numbers.map(voters).collect::<Option<Vec<_>>>()?;
    let replicas = u32::try_from(replicas).unwrap_or(u32::MAX);
    Some(Placement { epoch: 1, replicas, groups, draining: BTreeSet::new() })
}

/// The cluster's nodes. One that has not answered yet may be anywhere.
fn sites<M: Machine>(gate: &Gate<M>, roll: &Roll, draining: &BTreeSet<NodeId>) -> BTreeMap<NodeId, Site> {
    let own = gate.identity.node;
    let mut sightings = roll.sightings(own, &gate.zone, &forming::report(&gate.table.open()));
    let site = |node: NodeId| {
        let Sighting { silent, ahead_ms, zone, .. } = sightings.remove(&node).unwrap_or_default();
        let standing = match (silent, ahead_ms) {
            _ if draining.contains(&node) => Standing::Drains,
            (Some(_), _) | (None, None) => Standing::Silent,
            (None, Some(_)) => Standing::Takes,
        };
        (node, Site { zone: zone.unwrap_or_default(), standing })
    };
    gate.group_zero.members().nodes.into_keys().map(site).collect()
}

/// Who is in every group of which a leader says so now.
pub(crate) async fn seats<M: Machine>(gate: &Gate<M>) -> Seats {
    let told = Leading::default();
    told.note_others(gate, ASK).await;
    told.note(gate.identity.node, forming::led_here(&gate.table));
    told.into_seats()
}
