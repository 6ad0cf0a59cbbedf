//! Which nodes have a replica of each group: as many as are wanted, over as many zones as there are, as many on each node as on the
//! others, and with few moves from how it is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use storage::GroupId;

use crate::members::NodeId;

/// Replicas of group 0, which says who is in the cluster: more would only slow it down.
const OF_GROUP_ZERO: usize = 5;

/// What may become of the replicas on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It takes some.
    Takes,
    /// It does not answer: it keeps what it has, since it may come back, and is given nothing.
    Silent,
    /// It is to be emptied.
    Drains,
}

/// A node, as far as it matters where replicas are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// What fails together has one name.
    pub zone: String,
    /// What may become of its replicas.
    pub standing: Standing,
}

/// Where replicas are, and where they may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// The cluster's nodes.
    pub nodes: BTreeMap<NodeId, Site>,
    /// Who has a replica of each group now, by the group's number.
    pub groups: Vec<BTreeSet<NodeId>>,
    /// How many replicas each group is to have: 3 or 5.
    pub replicas: usize,
}

/// One replica comes, one goes, or one takes another's place, which is one change of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Of which group.
    pub group: GroupId,
    /// Who gets one.
    pub adds: Option<NodeId>,
    /// Who gives one up.
    pub drops: Option<NodeId>,
}

/// Where the replicas shall be, by the group's number.
pub fn plan(world: &World) -> Vec<BTreeSet<NodeId>> {
    let mut draft = Draft { world, groups: world.groups.clone() };
    for place in 0..draft.groups.len() {
        draft.leave(place);
        draft.fill(place);
        draft.trim(place);
        draft.spread(place);
    }
    while let Some(chain) = draft.relief() {
        for Swap { place, from, to } in chain {
            draft.groups[place].remove(&from);
            draft.groups[place].insert(to);
        }
    }
    draft.groups
}

/// The steps from how it is to a plan, group by group. Where one comes and one goes, one takes the other's place; what only comes
/// is first, and what only goes is last: a group never has fewer replicas than before and after.
pub fn steps(groups: &[BTreeSet<NodeId>], plan: &[BTreeSet<NodeId>]) -> Vec<Step> {
    let of_group = |(number, (have, want)): (u32, (&BTreeSet<NodeId>, &BTreeSet<NodeId>))| {
        let (mut come, mut go) = (want.difference(have).copied(), have.difference(want).copied());
        let (more, fewer) = (want.len().saturating_sub(have.len()), have.len().saturating_sub(want.len()));
        let group = GroupId(number);
        let mut steps: Vec<_> =
            come.by_ref().take(more).map(|node| Step { group, adds: Some(node), drops: None }).collect();
        let last: Vec<_> = go.by_ref().take(fewer).collect();
        steps.extend(come.zip(go).map(|(adds, drops)| Step { group, adds: Some(adds), drops: Some(drops) }));
        steps.extend(last.into_iter().map(|node| Step { group, adds: None, drops: Some(node) }));
        steps
    };
    (0..).zip(groups.iter().zip(plan)).flat_map(of_group).collect()
}

/// In a group, one node's replica in another's place.
#[derive(Clone, Copy, Debug)]
struct Swap {
    place: usize,
    from: NodeId,
    to: NodeId,
}

/// A plan on its way.
struct Draft<'a> {
    world: &'a World,
    groups: Vec<BTreeSet<NodeId>>,
}

impl Draft<'_> {
    /// How many replicas a group is to have: no more than there are nodes for them.
    fn wanted(&self, place: usize) -> usize {
        let wanted = if place == 0 { OF_GROUP_ZERO } else { self.world.replicas };
        let keep = self.groups[place].iter().filter(|node| !self.takes(**node)).count();
        wanted.min(keep + self.world.nodes.keys().filter(|node| self.takes(**node)).count())
    }

    fn takes(&self, node: NodeId) -> bool {
        self.world.nodes.get(&node).is_some_and(|site| site.standing == Standing::Takes)
    }

    /// Those who are to be emptied, or are no members any more, have none.
    fn leave(&mut self, place: usize) {
        let stays =
            |node: &NodeId| self.world.nodes.get(node).is_some_and(|site| site.standing != Standing::Drains);
        let left = self.groups[place].iter().copied().filter(stays).collect();
        self.groups[place] = left;
    }

    fn fill(&mut self, place: usize) {
        while self.groups[place].len() < self.wanted(place) {
            let takes = self.world.nodes.keys().copied().filter(|node| self.takes(*node));
            let free = takes.filter(|node| !self.groups[place].contains(node));
            let best = free.min_by_key(|node| {
                (self.crowd(place, *node), !self.world.groups[place].contains(node), self.load(*node), *node)
            });
            let Some(best) = best else { return };
            self.groups[place].insert(best);
        }
    }

    fn trim(&mut self, place: usize) {
        while self.wanted(place) < self.groups[place].len() {
            let may_go = self.groups[place].iter().copied().filter(|node| self.takes(*node));
            let most = may_go.max_by_key(|node| (self.crowd(place, *node), self.load(*node), *node));
            // Those that are left are silent, and may be all that there is.
            let Some(most) = most else { return };
            self.groups[place].remove(&most);
        }
    }

    /// Replicas go from crowded zones to others while that makes the group's zones more even.
    fn spread(&mut self, place: usize) {
        let nodes: Vec<NodeId> = self.world.nodes.keys().copied().collect();
        loop {
            let pairs = self.groups[place].iter().flat_map(|from| nodes.iter().map(move |to| (*from, *to)));
            let better = pairs
                .filter(|(from, to)| self.may_swap(place, *from, *to))
                .filter(|(from, to)| self.crowd(place, *to) + 1 < self.crowd(place, *from))
                .min_by_key(|(from, to)| {
                    let gained = self.crowd(place, *from) - self.crowd(place, *to);
                    (std::cmp::Reverse(gained), self.load(*to), std::cmp::Reverse(self.load(*from)), *to)
                });
            let Some((from, to)) = better else { return };
            self.groups[place].remove(&from);
            self.groups[place].insert(to);
        }
    }

    /// Whether a replica may go there from here.
    fn may_swap(&self, place: usize, from: NodeId, to: NodeId) -> bool {
        self.takes(from) && self.takes(to) && !self.groups[place].contains(&to)
    }

    /// How many replicas of a group are in the zone of a node.
    fn crowd(&self, place: usize, node: NodeId) -> usize {
        let zone = |node: &NodeId| self.world.nodes.get(node).map(|site| site.zone.as_str());
        self.groups[place].iter().filter(|other| zone(other) == zone(&node)).count()
    }

    fn load(&self, node: NodeId) -> usize {
        self.groups.iter().filter(|group| group.contains(&node)).count()
    }

    /// Swaps by which a node that has most has one replica less, and one that has at least two less one more.
    fn relief(&self) -> Option<Vec<Swap>> {
        let loads: BTreeMap<NodeId, usize> = self
            .world
            .nodes
            .keys()
            .filter(|node| self.takes(**node))
            .map(|node| (*node, self.load(*node)))
            .collect();
        let mut most: Vec<_> = loads.iter().map(|(node, load)| (*load, *node)).collect();
        most.sort_by_key(|(load, node)| (std::cmp::Reverse(*load), *node));
        most.into_iter().find_map(|(load, from)| {
            let reached = self.reach(from);
            let least = reached.iter().enumerate().min_by_key(|(order, swap)| (loads[&swap.to], *order));
            let (_order, end) = least.filter(|(_order, swap)| loads[&swap.to] + 2 <= load)?;
            Some(chain(&reached, from, end.to))
        })
    }

    /// The nodes that might have one replica more if `from` had one less, the nearest first, and each by which swap.
    fn reach(&self, from: NodeId) -> Vec<Swap> {
        let (mut seen, mut found, mut next) = (BTreeSet::from([from]), Vec::new(), VecDeque::from([from]));
        while let Some(node) = next.pop_front() {
            let mut swaps = self.swaps(node);
            // What is moved anyway costs nothing, and what goes back even less.
            swaps.sort_by_key(|swap| (self.cost(swap), swap.place, swap.to));
            for swap in swaps {
                if seen.insert(swap.to) {
                    found.push(swap);
                    next.push_back(swap.to);
                }
            }
        }
        found
    }

    /// Where a node's replicas may go without crowding any zone more.
    fn swaps(&self, from: NodeId) -> Vec<Swap> {
        let its = (0..self.groups.len()).filter(|place| self.groups[*place].contains(&from));
        let to_all =
            its.flat_map(|place| self.world.nodes.keys().map(move |to| Swap { place, from, to: *to }));
        let fits = |swap: &Swap| {
            let Swap { place, from, to } = *swap;
            let zones = [from, to].map(|node| self.world.nodes.get(&node).map(|site| site.zone.as_str()));
            let is_as_even = zones[0] == zones[1] || self.crowd(place, to) < self.crowd(place, from);
            self.may_swap(place, from, to) && is_as_even
        };
        to_all.filter(fits).collect()
    }

    /// How many replicas are moved more by a swap: one that has come already, and one that was there, are moved for nothing.
    fn cost(&self, swap: &Swap) -> i32 {
        let was = |node: NodeId| i32::from(self.world.groups[swap.place].contains(&node));
        was(swap.from) - was(swap.to)
    }
}

/// The way from `from` to `to`, backwards.
fn chain(reached: &[Swap], from: NodeId, mut to: NodeId) -> Vec<Swap> {
    let mut chain = Vec::new();
    while to != from {
        let swap = *reached.iter().find(|swap| swap.to == to).expect("it was reached");
        chain.push(swap);
        to = swap.from;
    }
    chain
}

#[cfg(test)]
mod tests;
