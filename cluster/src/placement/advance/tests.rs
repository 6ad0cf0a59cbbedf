//! Steps of plans that are carried out in random clusters, and a few told one by one.

use super::*;
use crate::placement::plan::Site;

/// A cluster as the plan sees it, in which groups follow the record step by step.
struct Model {
    sites: BTreeMap<NodeId, Site>,
    seats: BTreeMap<GroupId, Seated>,
    record: Placement,
    replicas: usize,
    chance: u64,
}

fn set(nodes: &[NodeId]) -> BTreeSet<NodeId> {
    nodes.iter().copied().collect()
}

fn site(standing: Standing) -> Site {
    Site { zone: String::new(), standing }
}

impl Model {
    /// So many nodes, of which the first have every group.
    fn new(nodes: NodeId, have: NodeId, groups: u32, replicas: usize, chance: u64) -> Self {
        let voters: BTreeSet<NodeId> = (1..=have).collect();
        let seated = |group: u32| {
            let leader = u64::from(group) % have + 1;
            (GroupId(group), Seated { leader, term: 1, voters: voters.clone(), members: voters.clone() })
        };
        let record = Placement {
            epoch: 1,
            replicas: u32::try_from(replicas).expect("a few"),
            groups: (0..groups).map(|_group| voters.clone()).collect(),
            draining: BTreeSet::new(),
        };
        let sites = (1..=nodes).map(|node| (node, site(Standing::Takes))).collect();
        let chance = chance.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self { sites, seats: (0..groups).map(seated).collect(), record, replicas, chance }
    }

    /// A number below `bound`.
    fn draw(&mut self, bound: u64) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        (self.chance >> 33) % bound
    }

    fn is(&self, node: NodeId, standing: Standing) -> bool {
        self.sites.get(&node).is_some_and(|site| site.standing == standing)
    }

    /// Writes the next record, if there is one: whether there is.
    fn write(&mut self) -> bool {
        let Some(next) = advance(&self.record, &self.sites, &self.seats, self.replicas) else { return false };
        assert_eq!(next.epoch, self.record.epoch + 1);
        let mut sends = BTreeSet::new();
        for (group, named) in (0..).map(GroupId).zip(&next.groups).skip(1) {
            let seated = &self.seats[&group];
            if Some(named) != self.record.of(group) && !named.is_subset(&seated.voters) {
                assert!(sends.insert(seated.leader), "{} begins to send two at once", seated.leader);
            }
        }
        self.record = next;
        self.check();
        true
    }

    /// RG-8: of those who vote a quorum is named, and whoever is named votes, but for one newcomer. And nobody gets two at once.
    fn check(&self) {
        let mut gets = BTreeSet::new();
        for (group, named) in (0..).map(GroupId).zip(&self.record.groups) {
            let seated = &self.seats[&group];
            let is_kept = self.record.is_kept(group, std::slice::from_ref(&seated.voters));
            assert!(is_kept, "RG-8: {group} {named:?} {seated:?}");
            if group == GroupId(0) {
                continue;
            }
            for newcomer in named.difference(&seated.voters) {
                assert!(gets.insert(*newcomer), "{newcomer} gets two at once");
            }
        }
    }

    /// A group becomes a little more what the record says.
    fn follow(&mut self, group: GroupId) {
        let named = self.record.of(group).cloned().unwrap_or_default();
        let answers = |model: &Self, node: NodeId| !model.is(node, Standing::Silent);
        let mut seated = self.seats[&group].clone();
        let newcomer = named.difference(&seated.voters).copied().find(|node| answers(self, *node));
        let surplus = seated.voters.difference(&named).copied().next();
        match (newcomer, surplus) {
            (Some(newcomer), _) if group != GroupId(0) && !seated.members.contains(&newcomer) => {
                seated.members.insert(newcomer);
            }
            (Some(newcomer), surplus) => {
                seated.voters.insert(newcomer);
                seated.members.insert(newcomer);
                seated.voters.retain(|node| Some(*node) != surplus);
            }
            (None, Some(surplus)) if named.is_subset(&seated.voters) => {
                seated.voters.remove(&surplus);
            }
            _ => {
                let Seated { voters, members, .. } = &mut seated;
                members.retain(|node| voters.contains(node));
            }
        }
        if !seated.voters.contains(&seated.leader) {
            (seated.leader, seated.term) = (*seated.voters.first().expect("somebody votes"), seated.term + 1);
        }
        self.seats.insert(group, seated);
        self.check();
    }

    /// Until nothing is to be done any more.
    fn settle(&mut self) {
        let groups = u64::try_from(self.seats.len()).expect("a few");
        let mut quiet = 0;
        for _ in 0..100_000 {
            quiet = if self.write() { 0 } else { quiet + 1 };
            if quiet == 20 * groups {
                return;
            }
            let group = u32::try_from(self.draw(groups)).expect("a few");
            self.follow(GroupId(group));
        }
        panic!("it never comes to rest: {:?}", self.record);
    }

    fn assert_settled(&self) {
        for (group, named) in (0..).map(GroupId).zip(&self.record.groups) {
            let wanted = if group == GroupId(0) { 5 } else { self.replicas };
            let takers = self.sites.keys().filter(|node| self.is(**node, Standing::Takes)).count();
            assert_eq!(named.len(), wanted.min(takers), "{group}");
            assert_eq!(*named, self.seats[&group].voters, "{group}");
            assert!(group == GroupId(0) || *named == self.seats[&group].members, "{group}");
        }
        let loads = self
            .sites
            .keys()
            .filter(|node| self.is(**node, Standing::Takes))
            .map(|node| self.record.groups.iter().filter(|named| named.contains(node)).count());
        let loads: Vec<_> = loads.collect();
        assert!(loads.iter().max() <= loads.iter().min().map(|least| least + 1).as_ref(), "{loads:?}");
    }
}

#[test]
fn whatever_happens_meanwhile_a_quorum_stays_and_all_comes_to_rest() {
    for seed in 1..25 {
        let mut model = Model::new(6, 1 + seed % 6, 7, if seed.is_multiple_of(5) { 5 } else { 3 }, seed);
        for _ in 0..300 {
            model.write();
            let group = u32::try_from(model.draw(7)).expect("a few");
            model.follow(GroupId(group));
            // Now and then a node falls silent, or comes back, or is to be emptied: at most one at a time.
            if model.draw(20) == 0 {
                let node = model.draw(6) + 1;
                let mut others = (1..=6).filter(|other| *other != node);
                let all_take = others.all(|other| model.is(other, Standing::Takes));
                let standing = match model.draw(3) {
                    0 if all_take => Standing::Silent,
                    1 if all_take && model.replicas < 5 => Standing::Drains,
                    _ => Standing::Takes,
                };
                model.sites.insert(node, site(standing));
            }
        }
        for node in 1..=6 {
            model.sites.insert(node, site(Standing::Takes));
        }
        model.settle();
        model.assert_settled();
        if model.replicas == 3 {
            model.sites.insert(4, site(Standing::Drains));
            model.settle();
            model.assert_settled();
        }
    }
}

#[test]
fn one_newcomer_at_a_time_for_who_sends_and_who_gets() {
    let mut model = Model::new(4, 3, 9, 3, 1);
    assert!(model.write());
    let under_way = |model: &Model| {
        let groups = (0..).map(GroupId).zip(&model.record.groups).skip(1);
        groups.filter(|(group, named)| **named != model.seats[group].voters).count()
    };
    assert_eq!(under_way(&model), 1, "there is one who gets");
    assert!(!model.write(), "nothing more before it has it");
}

#[test]
fn a_newcomer_that_falls_silent_is_waited_for_only_where_nobody_else_can_take_its_place() {
    let begun = Model::new(5, 3, 2, 3, 1);
    let record = Placement { groups: vec![set(&[1, 2, 3, 4, 5]), set(&[1, 2, 4])], ..begun.record };
    let mut seats = begun.seats;
    seats.insert(
        GroupId(0),
        Seated { leader: 1, term: 1, voters: set(&[1, 2, 3, 4, 5]), members: set(&[1, 2, 3, 4, 5]) },
    );
    let mut sites = begun.sites;
    assert_eq!(advance(&record, &sites, &seats, 3), None, "it is under way");
    sites.insert(3, site(Standing::Drains));
    sites.insert(4, site(Standing::Silent));
    let next = advance(&record, &sites, &seats, 3).expect("there is another");
    assert_eq!(next.groups[1], set(&[1, 2, 5]));
    sites.insert(5, site(Standing::Silent));
    let next = advance(&record, &sites, &seats, 3).map(|next| next.groups[1].clone());
    assert!(next.is_none_or(|next| next == set(&[1, 2, 4])), "nobody can");
}
