//! Leaders spread evenly over nodes, with few moves.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use storage::GroupId;

use crate::members::NodeId;

/// A group that somebody leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Led {
    pub(crate) group: GroupId,
    pub(crate) leader: NodeId,
    pub(crate) term: u64,
    /// Who may lead it as well.
    pub(crate) fit: BTreeSet<NodeId>,
}

/// A group that is to be led by another node than now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaderMove {
    /// Which.
    pub group: GroupId,
    /// Who leads it.
    pub from: NodeId,
    /// Who shall.
    pub to: NodeId,
    /// The term in which `from` leads.
    pub term: u64,
}

/// The moves after which no node leads two groups more than another one that might take one of them, perhaps by giving up one
/// of its own to a third.
pub(crate) fn balance(led: &[Led]) -> Vec<LeaderMove> {
    let mut leaders: Vec<NodeId> = led.iter().map(|group| group.leader).collect();
    while let Some(chain) = relief(led, &leaders) {
        for (place, to) in chain {
            leaders[place] = to;
        }
    }
    let moved = led.iter().zip(leaders).filter(|(group, to)| group.leader != *to);
    moved.map(|(&Led { group, leader: from, term, .. }, to)| LeaderMove { group, from, to, term }).collect()
}

/// How many groups each node leads that leads one, or might.
fn counts(led: &[Led], leaders: &[NodeId]) -> BTreeMap<NodeId, usize> {
    let nodes = led.iter().flat_map(|group| group.fit.iter().copied().chain([group.leader]));
    let mut counts: BTreeMap<NodeId, usize> = nodes.map(|node| (node, 0)).collect();
    for leader in leaders {
        *counts.entry(*leader).or_default() += 1;
    }
    counts
}

/// Changes by which the node that leads most, of those that can be helped, leads one less, and one that leads at least two less
/// than it leads one more: places of groups, and who is to lead each.
fn relief(led: &[Led], leaders: &[NodeId]) -> Option<Vec<(usize, NodeId)>> {
    let counts = counts(led, leaders);
    let mut most: Vec<_> = counts.iter().map(|(node, count)| (*count, *node)).collect();
    most.sort_by_key(|(count, node)| (std::cmp::Reverse(*count), *node));
    most.into_iter().find_map(|(count, from)| {
        let reached = reach(led, leaders, from);
        // Of those that lead least the nearest: the fewest moves.
        let least = reached.iter().enumerate().min_by_key(|(order, (node, _by))| (counts[node], *order));
        let (_order, (to, _by)) = least.filter(|(_order, (node, _by))| counts[node] + 2 <= count)?;
        Some(chain(&reached, leaders, from, *to))
    })
}

/// The nodes that might lead one group more if `from` led one less, the nearest first, and each by which group's place.
fn reach(led: &[Led], leaders: &[NodeId], from: NodeId) -> Vec<(NodeId, usize)> {
    let (mut seen, mut found, mut next) = (BTreeSet::from([from]), Vec::new(), VecDeque::from([from]));
    while let Some(node) = next.pop_front() {
        let its = leaders.iter().enumerate().filter(|(_place, leader)| **leader == node);
        for (place, to) in its.flat_map(|(place, _)| led[place].fit.iter().map(move |to| (place, *to))) {
            if seen.insert(to) {
                found.push((to, place));
                next.push_back(to);
            }
        }
    }
    found
}

/// The way back from `to` to `from`.
fn chain(
    reached: &[(NodeId, usize)],
    leaders: &[NodeId],
    from: NodeId,
    mut to: NodeId,
) -> Vec<(usize, NodeId)> {
    let mut chain = Vec::new();
    while to != from {
        let (_node, place) = reached.iter().find(|(node, _by)| *node == to).expect("it was reached");
        chain.push((*place, to));
        to = leaders[*place];
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led(leaders: &[(NodeId, &[NodeId])]) -> Vec<Led> {
        let led = |(group, (leader, fit)): (u32, &(NodeId, &[NodeId]))| Led {
            group: GroupId(group),
            leader: *leader,
            term: 7,
            fit: fit.iter().copied().collect(),
        };
        (0..).zip(leaders).map(led).collect()
    }

    fn moves(leaders: &[(NodeId, &[NodeId])]) -> Vec<(u32, NodeId, NodeId)> {
        let moves = balance(&led(leaders));
        assert!(moves.iter().all(|step| step.term == 7), "{moves:?}");
        moves.into_iter().map(|LeaderMove { group, from, to, .. }| (group.0, from, to)).collect()
    }

    #[test]
    fn leaders_are_spread_with_few_moves() {
        const ALL: &[NodeId] = &[1, 2, 3];
        assert_eq!(moves(&[]), []);
        assert_eq!(moves(&[(1, ALL)]), []);
        assert_eq!(moves(&[(1, ALL), (2, ALL), (3, ALL)]), []);
        assert_eq!(moves(&[(1, ALL), (1, ALL)]), [(0, 1, 2)]);
        assert_eq!(moves(&[(1, ALL), (1, ALL), (1, ALL)]), [(0, 1, 2), (1, 1, 3)]);
        assert_eq!(moves(&[(1, ALL), (1, ALL), (2, ALL), (3, ALL)]), [], "one of four has two");
        // Nobody else may, or only who has as many.
        assert_eq!(moves(&[(1, &[1]), (1, &[]), (1, &[1])]), []);
        assert_eq!(moves(&[(1, &[1, 2]), (1, &[1, 2]), (2, &[2]), (2, &[2])]), []);
        // The second can take one of the first's if the third takes one of its own.
        assert_eq!(moves(&[(1, &[1, 2]), (1, &[1, 2]), (2, &[2, 3])]), [(0, 1, 2), (2, 2, 3)]);
        // Who leads and is not fit is relieved of what is too much, no more.
        assert_eq!(moves(&[(9, &[2]), (9, &[2])]), [(0, 9, 2)]);
    }

    /// The sum of the squares of what each node leads: the less, the more evenly.
    fn unevenness(led: &[Led], leaders: &[NodeId]) -> usize {
        counts(led, leaders).values().map(|count| count * count).sum()
    }

    /// The most even of all ways, and with how few moves it can be had.
    fn best(led: &[Led]) -> (usize, usize) {
        let mut ways = vec![Vec::new()];
        for group in led {
            let may: BTreeSet<_> = group.fit.iter().copied().chain([group.leader]).collect();
            ways = ways
                .iter()
                .flat_map(|way| may.iter().map(move |node| [way.as_slice(), &[*node]].concat()))
                .collect();
        }
        let moved = |way: &[NodeId]| led.iter().zip(way).filter(|(group, to)| group.leader != **to).count();
        ways.iter().map(|way| (unevenness(led, way), moved(way))).min().expect("there is the way it is")
    }

    /// Every way in which these nodes lead so many groups, and any of them may lead each.
    fn worlds(nodes: NodeId, groups: u32) -> Vec<Vec<Led>> {
        let fits =
            (0..1_u64 << nodes).map(|bits| (1..=nodes).filter(|node| bits >> (node - 1) & 1 == 1).collect());
        let fits: Vec<BTreeSet<NodeId>> = fits.collect();
        (0..groups).map(GroupId).fold(vec![Vec::new()], |worlds, group| {
            let one_more = |world: &Vec<Led>| {
                let led =
                    |leader| fits.iter().map(move |fit| Led { group, leader, term: 7, fit: fit.clone() });
                let more = (1..=nodes).flat_map(led).map(|led| world.iter().cloned().chain([led]).collect());
                more.collect::<Vec<_>>()
            };
            worlds.iter().flat_map(one_more).collect()
        })
    }

    #[test]
    fn no_other_way_is_more_even_or_needs_fewer_moves() {
        for led in [(1, 3), (2, 4), (3, 3)].into_iter().flat_map(|(nodes, groups)| worlds(nodes, groups)) {
            let moves = balance(&led);
            let led_by = |group: &Led| {
                let its_move = moves.iter().find(|step| step.group == group.group);
                its_move.map_or(group.leader, |step| {
                    assert!(step.from == group.leader && group.fit.contains(&step.to), "{step:?} {led:?}");
                    step.to
                })
            };
            let leaders: Vec<_> = led.iter().map(led_by).collect();
            assert_eq!((unevenness(&led, &leaders), moves.len()), best(&led), "{led:?} {moves:?}");
        }
    }
}
