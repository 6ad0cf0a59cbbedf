//! What is to be written into the record of placement next: the steps of a plan that may be taken now.

use std::collections::{BTreeMap, BTreeSet};

use storage::GroupId;

use super::plan::{Site, Standing, Step, World, plan, steps};
use super::record::Placement;
use crate::members::NodeId;

/// Who is in a group, as its leader says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seated {
    pub(crate) leader: NodeId,
    pub(crate) term: u64,
    pub(crate) voters: BTreeSet<NodeId>,
    /// Those too who only follow.
    pub(crate) members: BTreeSet<NodeId>,
}

/// How a group stands to the record.
struct Standpoint {
    /// From where the plan goes on.
    from: BTreeSet<NodeId>,
    /// Whether a step of it may begin.
    is_free: bool,
}

/// The record that follows this one, if there is a step to be taken: of each group the next one of the plan, unless one is under way;
/// and of each node that sends and each that gets something one newcomer at a time.
pub(crate) fn advance(
    record: &Placement,
    sites: &BTreeMap<NodeId, Site>,
    seats: &BTreeMap<GroupId, Seated>,
    replicas: usize,
) -> Option<Placement> {
    let numbered = || (0..).map(GroupId).zip(&record.groups);
    let points: Vec<_> =
        numbered().map(|(group, named)| standpoint(group, named, sites, seats.get(&group))).collect();
    let world = World {
        nodes: sites.clone(),
        groups: points.iter().map(|point| point.from.clone()).collect(),
        replicas,
    };
    let plan = plan(&world);
    let mut busy = Busy::default();
    let under_way =
        numbered().zip(&points).filter(|((group, _named), point)| *group != GroupId(0) && !point.is_free);
    for ((group, named), _point) in under_way {
        let Some(seated) = seats.get(&group) else { continue };
        let newcomers: Vec<_> =
            named.difference(&seated.voters).copied().filter(|node| sites.contains_key(node)).collect();
        if !newcomers.is_empty() {
            busy.sends.insert(seated.leader);
            busy.gets.extend(newcomers);
        }
    }
    let mut next = Placement {
        epoch: record.epoch + 1,
        replicas: u32::try_from(replicas).unwrap_or(u32::MAX),
        groups: record.groups.clone(),
        draining: record.draining.iter().copied().filter(|node| sites.contains_key(node)).collect(),
    };
    for Step { group, adds, drops } in first_of_each(steps(&world.groups, &plan)) {
        let place = usize::try_from(group.0).unwrap_or(usize::MAX);
        let (Some(point), Some(seated)) = (points.get(place), seats.get(&group)) else { continue };
        let mut row = point.from.clone();
        row.extend(adds);
        row.retain(|node| Some(*node) != drops);
        // Whoever is to be emptied waits where nobody can take what it has.
        let is_in_need = adds.is_none() && row.len() < replicas;
        if !point.is_free || is_in_need {
            continue;
        }
        if let Some(gets) = adds.filter(|_node| group != GroupId(0))
            && !busy.take(seated.leader, gets)
        {
            continue;
        }
        next.groups[place] = row;
    }
    let is_other =
        (&next.groups, next.replicas, &next.draining) != (&record.groups, record.replicas, &record.draining);
    is_other.then_some(next)
}

/// Who has a newcomer under way.
#[derive(Default)]
struct Busy {
    sends: BTreeSet<NodeId>,
    gets: BTreeSet<NodeId>,
}

impl Busy {
    /// Whether both are free, which they are no longer then.
    fn take(&mut self, sends: NodeId, gets: NodeId) -> bool {
        let is_free = !self.sends.contains(&sends) && !self.gets.contains(&gets);
        if is_free {
            self.sends.insert(sends);
            self.gets.insert(gets);
        }
        is_free
    }
}

/// A step that is under way goes on, unless its newcomer fell silent before it voted.
fn standpoint(
    group: GroupId,
    named: &BTreeSet<NodeId>,
    sites: &BTreeMap<NodeId, Site>,
    seated: Option<&Seated>,
) -> Standpoint {
    let members = |nodes: &BTreeSet<NodeId>| -> BTreeSet<NodeId> {
        nodes.iter().copied().filter(|node| sites.contains_key(node)).collect()
    };
    let named = members(named);
    let Some(Seated { voters, members: seated, .. }) = seated else {
        return Standpoint { from: named, is_free: false };
    };
    // Every node follows group 0.
    let is_settled = named == *voters && (group == GroupId(0) || named == *seated);
    let is_lost = |node: &&NodeId| {
        let standing = sites.get(*node).map(|site| site.standing);
        !voters.contains(*node) && standing != Some(Standing::Takes)
    };
    let is_in_vain = named.iter().any(|node| is_lost(&node)) && !voters.is_empty();
    if is_in_vain {
        return Standpoint { from: members(voters), is_free: true };
    }
    Standpoint { from: named, is_free: is_settled }
}

/// Of the steps of each group the first: the next is planned anew.
fn first_of_each(steps: Vec<Step>) -> impl Iterator<Item = Step> {
    let mut last = None;
    steps.into_iter().filter(move |step| last.replace(step.group) != Some(step.group))
}

#[cfg(test)]
mod tests;
