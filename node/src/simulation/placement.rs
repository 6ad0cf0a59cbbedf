//! RG-8, looked for at every moment: of those who vote in a group a quorum is named by the record of placement, at every step of every
//! move; and whoever votes has a replica.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use cluster::placement::Placement;
use cluster::{Cluster, Voters};
use storage::{GroupId, Index};

use super::host::Host;
use super::watch;
use crate::machine::ShardMachine;

/// What was seen of where replicas are.
#[derive(Default)]
pub(super) struct Placements {
    /// Each record that anybody has applied, by its number.
    records: BTreeMap<u64, Arc<Placement>>,
    /// Who votes by each membership that anybody has applied.
    voters: BTreeMap<GroupId, BTreeMap<Index, Voters>>,
    /// Groups in which as many have voted as are wanted.
    whole: BTreeSet<GroupId>,
}

impl Placements {
    /// How many records there have been.
    pub(super) fn count(&self) -> usize {
        self.records.len()
    }

    fn last_record(&self) -> Option<&Arc<Placement>> {
        self.records.last_key_value().map(|(_epoch, record)| record)
    }

    fn last_voters(&self, group: GroupId) -> Option<&Voters> {
        self.voters.get(&group)?.last_key_value().map(|(_index, voters)| voters)
    }

    /// A node at one moment.
    fn note(&mut self, cluster: &Cluster<ShardMachine>) -> Result<(), String> {
        if let Some(record) = cluster.placement() {
            let known = self.records.entry(record.epoch).or_insert_with(|| Arc::clone(&record));
            if *known != record {
                return Err(format!("RG-8: a record says two things: {known:?} and {record:?}"));
            }
        }
        for group in cluster.groups() {
            let voters = group.voters();
            // Whoever has just got a replica knows of none.
            if voters.sets.is_empty() {
                continue;
            }
            let of_group = self.voters.entry(group.id()).or_default();
            let known = of_group.entry(voters.index).or_insert_with(|| voters.clone());
            if *known != voters {
                return Err(format!("RG-8: group {} has two memberships: {known:?}, {voters:?}", group.id()));
            }
        }
        Ok(())
    }

    /// All nodes as they were just noted.
    fn judge(&mut self) -> Result<(), String> {
        let Some(record) = self.last_record().map(Arc::clone) else { return Ok(()) };
        let wanted = usize::try_from(record.replicas).expect("a few");
        for (group, named) in (0..).map(GroupId).zip(&record.groups).skip(1) {
            let Some(Voters { sets, .. }) = self.last_voters(group) else { continue };
            if !record.is_kept(group, sets) {
                return Err(format!(
                    "RG-8: group {group} is to be on {named:?}, and {sets:?} vote, {record:?}"
                ));
            }
            let are_enough = sets.iter().all(|set| wanted <= set.len());
            if self.whole.contains(&group) && !are_enough {
                return Err(format!(
                    "RG-8: group {group} has fewer than {wanted} voters: {sets:?}, {record:?}"
                ));
            }
            if are_enough {
                self.whole.insert(group);
            }
        }
        Ok(())
    }

    /// A node at one moment: it has a replica of whatever it votes in.
    fn check_replicas(&self, cluster: &Cluster<ShardMachine>) -> Result<(), String> {
        let node = cluster.node();
        for group in self.voters.keys().copied() {
            let votes = self
                .last_voters(group)
                .is_some_and(|voters| voters.sets.iter().any(|set| set.contains(&node)));
            if votes && cluster.group(group).is_none() {
                return Err(format!("RG-8: node {node} votes in group {group}, and has no replica of it"));
            }
        }
        Ok(())
    }
}

/// All nodes that run, at one moment.
pub(super) fn look(hosts: &[Rc<Host>]) {
    let seen = watch::placements(|placements| {
        for host in hosts {
            host.look(|cluster| placements.note(cluster)).unwrap_or(Ok(()))?;
        }
        placements.judge()?;
        hosts
            .iter()
            .try_for_each(|host| host.look(|cluster| placements.check_replicas(cluster)).unwrap_or(Ok(())))
    });
    if let Some(Err(what)) = seen {
        watch::violated(what);
    }
}

/// Whether every replica is where it is to be by the last record, and nowhere else.
pub(super) fn is_settled(hosts: &[Rc<Host>]) -> bool {
    let record = watch::placements(|placements| placements.last_record().map(Arc::clone)).flatten();
    let Some(record) = record else { return false };
    let is_placed = |cluster: &Cluster<ShardMachine>| {
        let zero = cluster.group(GroupId(0)).map(|group| group.members().voters);
        let of_zero = zero.as_ref() == record.of(GroupId(0));
        of_zero
            && (0..).map(GroupId).zip(&record.groups).skip(1).all(|(group, named)| {
                match cluster.group(group) {
                    None => !named.contains(&cluster.node()),
                    Some(open) => {
                        let members = open.members();
                        let replicas: BTreeSet<_> = members.nodes.into_keys().collect();
                        named.contains(&cluster.node()) && members.voters == *named && replicas == *named
                    }
                }
            })
    };
    hosts.iter().all(|host| host.look(is_placed) == Some(true))
}
