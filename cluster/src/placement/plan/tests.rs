//! Tables of plans, and an oracle that tries every other.

use super::*;

/// Nodes from 1 on, each with its zone, in capitals where it is to be emptied, with a `?` where it does not answer.
fn nodes(zones: &str) -> BTreeMap<NodeId, Site> {
    let site = |word: &str| Site {
        zone: word.trim_end_matches('?').to_lowercase(),
        standing: match word {
            silent if silent.ends_with('?') => Standing::Silent,
            drains if drains != drains.to_lowercase() => Standing::Drains,
            _ => Standing::Takes,
        },
    };
    (1..).zip(zones.split_whitespace().map(site)).collect()
}

/// Group 0 on these nodes, and the others; a group a word, a node a digit.
fn groups(text: &str) -> Vec<BTreeSet<NodeId>> {
    let group =
        |word: &str| word.bytes().filter(u8::is_ascii_digit).map(|digit| u64::from(digit - b'0')).collect();
    text.split_whitespace().map(group).collect()
}

fn shown(groups: &[BTreeSet<NodeId>]) -> String {
    let word = |group: &BTreeSet<NodeId>| match group.iter().map(NodeId::to_string).collect::<String>() {
        none if none.is_empty() => "-".to_owned(),
        word => word,
    };
    groups.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// How good a plan is, the less the better: replicas that are missing, zones that are crowded, nodes that have more than others, and
/// replicas that are moved.
type Badness = (usize, usize, usize, usize);

fn badness(world: &World, plan: &[BTreeSet<NodeId>]) -> Badness {
    let takes = |node: &NodeId| world.nodes[node].standing == Standing::Takes;
    let missing = |(place, group): (usize, &BTreeSet<NodeId>)| {
        let wanted = if place == 0 { 5 } else { world.replicas };
        wanted.saturating_sub(group.len())
    };
    let crowds = |group: &BTreeSet<NodeId>| {
        let mut zones = BTreeMap::<&str, usize>::new();
        for node in group {
            *zones.entry(&world.nodes[node].zone).or_default() += 1;
        }
        zones.values().map(|count| count * count).sum::<usize>()
    };
    let load = |node: &NodeId| plan.iter().filter(|group| group.contains(node)).count();
    let moved = |(have, want): (&BTreeSet<NodeId>, &BTreeSet<NodeId>)| want.difference(have).count();
    (
        plan.iter().enumerate().map(missing).sum(),
        plan.iter().map(crowds).sum(),
        world.nodes.keys().filter(|node| takes(node)).map(|node| load(node) * load(node)).sum(),
        world.groups.iter().zip(plan).map(moved).sum(),
    )
}

/// What any plan must be.
fn assert_sound(world: &World, plan: &[BTreeSet<NodeId>]) {
    assert_eq!(plan.len(), world.groups.len());
    for ((place, have), want) in world.groups.iter().enumerate().zip(plan) {
        let wanted = if place == 0 { 5 } else { world.replicas };
        let standing = |node: &NodeId| world.nodes.get(node).map(|site| site.standing);
        let kept: BTreeSet<_> = have.iter().filter(|node| standing(node) == Some(Standing::Silent)).collect();
        assert!(want.len() <= wanted.max(kept.len()), "no more than are wanted: {place} {world:?}");
        assert!(!want.iter().any(|node| standing(node) == Some(Standing::Drains)), "{place} {world:?}");
        let given = want.difference(have).map(standing);
        assert!(given.clone().all(|standing| standing == Some(Standing::Takes)), "{place} {world:?}");
    }
}

/// Every step leaves a group a quorum of those it had, and of those that it has then; so the change can be made, and while it is under
/// way nobody who was enough before is not enough now.
fn assert_steps_are_safe(world: &World, plan: &[BTreeSet<NodeId>]) {
    let mut groups = world.groups.clone();
    for Step { group, adds, drops } in steps(&world.groups, plan) {
        let group = &mut groups[usize::try_from(group.0).expect("a few")];
        let before = group.clone();
        assert!(adds.is_some() || drops.is_some());
        assert!(adds.is_none_or(|node| group.insert(node)), "it had none");
        assert!(drops.is_none_or(|node| group.remove(&node)), "it had one");
        let stay = before.intersection(group).count();
        if 2 < before.len() {
            assert!(before.len() / 2 < stay, "{before:?} {group:?}");
        }
        assert!(!group.is_empty() || before.len() == 1);
        assert!(before.len().abs_diff(group.len()) <= 1);
    }
    assert_eq!(groups, plan);
}

fn check(zones: &str, replicas: usize, have: &str, want: &str) {
    let world = World { nodes: nodes(zones), groups: groups(have), replicas };
    let plan = plan(&world);
    assert_eq!(shown(&plan), want, "{zones}: {have}");
    assert_sound(&world, &plan);
    assert_steps_are_safe(&world, &plan);
    let again = World { groups: plan.clone(), ..world };
    assert_eq!(super::plan(&again), plan, "a plan that is carried out is to be changed no more");
}

#[test]
fn groups_are_where_they_should_be() {
    // Nothing is to be done.
    check("a", 3, "1 1", "1 1");
    check("a a a", 3, "123 123 123", "123 123 123");
    check("a a a a", 3, "1234 123 124 134 234", "1234 123 124 134 234");
    // Nodes come, and take their share.
    check("a a", 3, "1 1", "12 12");
    check("a a a", 3, "1 1", "123 123");
    check("a a a a", 3, "123 123 123 123 123", "1234 234 134 124 123");
    // More replicas, and fewer.
    check("a a a a a", 5, "12345 123", "12345 12345");
    check("a a a a a a", 3, "123456 123456", "12345 126");
    // One is emptied; where there is nobody else, its replicas have no place.
    check("a a a A", 3, "1234 124 134", "123 123 123");
    check("a a A", 3, "123 123", "12 12");
    check("A A", 3, "12 12", "- -");
    // Who does not answer keeps what it has, and gets nothing.
    check("a a a?", 3, "123 123 12", "123 123 12");
    check("a a a? a", 3, "123 123 12", "1234 123 124");
    // Whoever is no member any more has nothing.
    check("a a a", 3, "1239 129", "123 123");
}

#[test]
fn what_fails_together_has_as_few_replicas_as_can_be() {
    check("a a b c", 3, "1234 124 123", "1234 234 134");
    check("a a b b", 3, "1234 123 124", "1234 123 124");
    check("a a b b c c", 3, "123456 123 456", "12345 236 146");
    // A zone more is worth a move, and a node that has more than the others.
    check("a a a a b", 3, "12345 123 234", "12345 135 245");
}

/// Every world of so many nodes in these zones, of these standings, and a group beside group 0 for each of the ways to have some.
fn worlds(zones: &str, replicas: usize, others: usize) -> Vec<World> {
    let nodes = nodes(zones);
    let all: BTreeSet<NodeId> = nodes.keys().copied().collect();
    let ways = subsets(&all);
    let mut placed = vec![vec![all]];
    for _ in 0..others {
        let one_more = |groups: Vec<BTreeSet<NodeId>>| {
            let some = ways.iter().filter(|way| !way.is_empty());
            some.map(move |way| [groups.as_slice(), std::slice::from_ref(way)].concat()).collect::<Vec<_>>()
        };
        placed = placed.into_iter().flat_map(one_more).collect();
    }
    placed.into_iter().map(|groups| World { nodes: nodes.clone(), groups, replicas }).collect()
}

fn subsets(all: &BTreeSet<NodeId>) -> Vec<BTreeSet<NodeId>> {
    let with = |subsets: Vec<BTreeSet<NodeId>>, node: &NodeId| {
        let more = subsets.iter().map(|some| some.iter().copied().chain([*node]).collect());
        subsets.clone().into_iter().chain(more).collect()
    };
    all.iter().fold(vec![BTreeSet::new()], with)
}

/// The best of all plans.
fn best(world: &World) -> Badness {
    let takes = |node: &NodeId| world.nodes[node].standing == Standing::Takes;
    let ways = |(place, have): (usize, &BTreeSet<NodeId>)| {
        let keeps = |node: &NodeId| have.contains(node) && world.nodes[node].standing == Standing::Silent;
        let may: BTreeSet<_> =
            world.nodes.keys().copied().filter(|node| takes(node) || keeps(node)).collect();
        let kept = may.iter().filter(|node| keeps(node)).count();
        let wanted = (if place == 0 { 5 } else { world.replicas }).min(may.len()).max(kept);
        let mut ways = subsets(&may);
        ways.retain(|way| {
            way.len() == wanted && may.iter().filter(|node| keeps(node)).all(|kept| way.contains(kept))
        });
        ways
    };
    let mut plans = vec![Vec::new()];
    for group in world.groups.iter().enumerate().map(ways) {
        let one_more = |plan: Vec<BTreeSet<NodeId>>| {
            group.iter().map(move |way| [plan.as_slice(), std::slice::from_ref(way)].concat())
        };
        plans = plans.into_iter().flat_map(one_more).collect();
    }
    plans.iter().map(|plan| badness(world, plan)).min().expect("there is one")
}

#[test]
fn no_other_plan_is_better() {
    for (zones, replicas, others) in [
        ("a a a", 3, 2),
        ("a a a a", 3, 2),
        ("a a b b", 3, 2),
        ("a b b b", 3, 2),
        ("a a b c", 3, 2),
        ("a a a A", 3, 2),
        ("a a b b?", 3, 2),
        ("a a b b c", 3, 1),
        ("a a b b c", 5, 1),
        ("a b", 3, 3),
    ] {
        for world in worlds(zones, replicas, others) {
            let plan = plan(&world);
            assert_sound(&world, &plan);
            assert_steps_are_safe(&world, &plan);
            let (found, best) = (badness(&world, &plan), best(&world));
            assert_eq!(found, best, "{zones} {replicas}: {} became {}", shown(&world.groups), shown(&plan));
        }
    }
}

/// Whoever carries a plan out needs no other memory than where the replicas are: after every step there is one step less.
#[test]
fn a_plan_that_is_made_again_after_each_step_goes_on_as_it_was() {
    for (zones, replicas, others) in
        [("a a a a", 3, 2), ("a a b c", 3, 2), ("a a b B", 3, 2), ("a a b b c", 3, 1)]
    {
        for mut world in worlds(zones, replicas, others) {
            let mut left = steps(&world.groups, &plan(&world));
            while let Some(Step { group, adds, drops }) = left.first().copied() {
                let group = &mut world.groups[usize::try_from(group.0).expect("a few")];
                adds.map(|node| group.insert(node));
                drops.map(|node| group.remove(&node));
                let again = steps(&world.groups, &plan(&world));
                assert_eq!(again.len() + 1, left.len(), "{left:?} and then {again:?}");
                left = again;
            }
        }
    }
}

/// Large clusters, node by node: each that comes takes its share, and nobody else moves.
#[test]
fn whoever_comes_takes_its_share_and_whoever_goes_gives_it_up() {
    let zone = |node: NodeId| Site { zone: (node % 3).to_string(), standing: Standing::Takes };
    let mut world = World { nodes: BTreeMap::new(), groups: vec![BTreeSet::from([1]); 65], replicas: 3 };
    for node in 1..=9 {
        world.nodes.insert(node, zone(node));
        let plan = plan(&world);
        assert_sound(&world, &plan);
        assert_steps_are_safe(&world, &plan);
        let (loads, moved) = (loads(&world, &plan), badness(&world, &plan).3);
        // With zones of two and one, a zone that has one node has a replica of every group.
        if node % 3 == 0 {
            assert!(
                loads.iter().max().zip(loads.iter().min()).is_some_and(|(most, least)| most - least <= 2),
                "{loads:?}"
            );
        }
        assert!(moved <= 3 * 65 / usize::try_from(node).expect("a few") + 65, "{node}: {moved}");
        world.groups = plan;
    }
    world.nodes.get_mut(&4).expect("it came").standing = Standing::Drains;
    let plan = plan(&world);
    assert_sound(&world, &plan);
    assert_steps_are_safe(&world, &plan);
    assert!(plan.iter().all(|group| !group.contains(&4)));
}

fn loads(world: &World, plan: &[BTreeSet<NodeId>]) -> Vec<usize> {
    world.nodes.keys().map(|node| plan.iter().filter(|group| group.contains(node)).count()).collect()
}
