//! What goes wrong, and when: drawn from the seed.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cluster::{Cluster, HandOver};
use rand::RngExt as _;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use storage::GroupId;
use turmoil::Sim;

use super::host::{Host, Plan};
use super::{LATENCY, NAMES, watch};

/// From one fault to the next, in milliseconds.
const PAUSE_MS: std::ops::Range<u64> = 300..2_500;
/// How long a fault lasts, in milliseconds.
const LASTS_MS: std::ops::Range<u64> = 100..2_500;
/// How long a machine is away that needs a snapshot when it is back.
const LONG_MS: std::ops::Range<u64> = 4_000..6_000;
/// The slowest sync of a disk that is slow.
const SLOW: Duration = Duration::from_millis(200);
/// The longest way of a message on a link that is slow.
const FAR: Duration = Duration::from_millis(150);
/// How far a clock steps, in milliseconds.
const STEP_MS: i64 = 3_600_000;
/// How long whoever was deposed by force is kept away from the others.
const COUP_MS: u64 = 2_500;

/// What ends a fault.
type Undo = Box<dyn FnOnce(&mut Faults, &mut Sim<'_>)>;

/// The faults of one run.
pub(super) struct Faults {
    hosts: Vec<Rc<Host>>,
    rng: SmallRng,
    next_ms: u64,
    /// What ends, and when.
    ends: Vec<(u64, Undo)>,
    /// How many reasons there are for which nothing comes from one machine to another.
    cuts: BTreeMap<(IpAddr, IpAddr), u32>,
    customers: IpAddr,
    plan: Rc<Plan>,
    coup: Coup,
}

/// A plot against whoever leads next: the voters lose power in that very moment, and come back without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coup {
    None,
    /// Since this many terms had a leader.
    Armed(usize),
}

impl Faults {
    pub(super) fn new(hosts: Vec<Rc<Host>>, customers: IpAddr, plan: Rc<Plan>, rng: SmallRng) -> Self {
        let (ends, cuts) = (Vec::new(), BTreeMap::new());
        Self { hosts, rng, next_ms: 0, ends, cuts, customers, plan, coup: Coup::None }
    }

    /// Lets go wrong what is due.
    pub(super) fn turn(&mut self, sim: &mut Sim<'_>) {
        let now_ms = elapsed_ms(sim);
        self.pass(sim);
        if let Coup::Armed(terms) = self.coup
            && terms < watch::terms()
        {
            self.strike(sim, now_ms);
        }
        if self.next_ms <= now_ms {
            self.next_ms = now_ms + self.rng.random_range(PAUSE_MS);
            self.strike_at_random(sim, now_ms);
        }
    }

    /// Ends what is over.
    pub(super) fn pass(&mut self, sim: &mut Sim<'_>) {
        self.end(sim, elapsed_ms(sim));
    }

    /// These machines lose power, at the same moment, and are switched on again after so long.
    pub(super) fn crash_for(&mut self, sim: &mut Sim<'_>, hosts: &[Rc<Host>], lasts_ms: u64) {
        self.crash(sim, hosts, elapsed_ms(sim) + lasts_ms);
    }

    /// Ends everything that went wrong.
    pub(super) fn heal(&mut self, sim: &mut Sim<'_>) {
        watch::note(format!("{} ms: all is well", elapsed_ms(sim)));
        self.coup = Coup::None;
        self.end(sim, u64::MAX);
    }

    fn end(&mut self, sim: &mut Sim<'_>, now_ms: u64) {
        let (due, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.ends).into_iter().partition(|(at, _undo)| *at <= now_ms);
        self.ends = rest;
        for (_at, undo) in due {
            undo(self, sim);
        }
    }

    fn strike_at_random(&mut self, sim: &mut Sim<'_>, now_ms: u64) {
        let hosts = self.hosts.clone();
        let [one, other] = hosts.sample_array(&mut self.rng).expect("three");
        let lasts = self.rng.random_range(LASTS_MS);
        let until = now_ms + lasts;
        // Where every node has every group, none can be emptied.
        let kinds = if self.hosts.len() == NAMES.len() { 14 } else { 18 };
        match self.rng.random_range(0..kinds) {
            0 | 1 => self.crash(sim, &[one], until),
            2 | 11 => {
                let long = now_ms + self.rng.random_range(LONG_MS);
                self.crash(sim, &[one], long);
            }
            3 => self.crash(sim, &hosts, until),
            4 => self.part(sim, &one, &other, until),
            5 => {
                note(sim, &format!("{} no longer hears {}", other.name, one.name));
                let (from, to) = (one.address, other.address);
                self.cut(sim, from, to);
                self.ends.push((until, Box::new(move |faults, sim| faults.mend(sim, from, to))));
            }
            6 | 7 => {
                for third in hosts.iter().filter(|third| third.name != one.name) {
                    self.part(sim, &one, third, until);
                }
            }
            8 => {
                note(sim, &format!("the disk of {} is slow", one.name));
                one.disk.set_slowness(SLOW);
                self.ends
                    .push((until, Box::new(move |faults, _sim| one.disk.set_slowness(faults.plan.sync))));
            }
            9 => {
                note(sim, &format!("{} and {} are far apart", one.name, other.name));
                sim.set_link_max_message_latency(one.address, other.address, FAR);
                let (from, to) = (one.address, other.address);
                let near = move |_faults: &mut Faults, sim: &mut Sim<'_>| {
                    sim.set_link_max_message_latency(from, to, LATENCY);
                };
                self.ends.push((until, Box::new(near)));
            }
            10 | 12 => self.hand_over(sim, &one, &other),
            14.. => self.drain(sim, &one, &other),
            _ => {
                let step = self.rng.random_range(-STEP_MS..STEP_MS);
                note(sim, &format!("the clock of {} steps by {step} ms", one.name));
                one.skew_ms.store(step, Ordering::Relaxed);
            }
        }
        if self.coup == Coup::None && self.rng.random_bool(0.2) {
            self.coup = Coup::Armed(watch::terms());
            // Somebody must be elected.
            let leading = |host: &Rc<Host>| leads(host).then(|| Rc::clone(host));
            if let Some(leader) = hosts.iter().find_map(leading) {
                self.crash(sim, &[leader], now_ms + 1_000);
            }
        }
    }

    /// An operator wishes at one machine that another lead a group, as things look from there.
    fn hand_over(&mut self, sim: &Sim<'_>, asked: &Host, to: &Host) {
        let place = self.rng.random_range(0..self.plan.groups);
        let Some(Some((leader, term))) = asked.look(|cluster| {
            let status = cluster.group(GroupId(place))?.status();
            Some((status.leader?, status.term))
        }) else {
            return;
        };
        let Some(node) = to.look(Cluster::node) else { return };
        note(sim, &format!("group {place}, led by node {leader}, is to be led by {}", to.name));
        let wanted = HandOver { group: GroupId(place), to: node, leader, term };
        asked.begin(|router| async move {
            let handed = router.shards().cluster().hand_over(wanted).await;
            watch::note(format!("{:?}: {wanted:?}: {handed:?}", turmoil::elapsed()));
        });
    }

    /// An operator wishes at one machine that another be emptied, or filled again.
    fn drain(&mut self, sim: &Sim<'_>, asked: &Host, emptied: &Host) {
        let Some(node) = emptied.look(Cluster::node) else { return };
        let drains = self.rng.random_bool(0.6);
        note(sim, &format!("{} is to be emptied: {drains}", emptied.name));
        asked.begin(move |router| async move {
            let done = router.shards().cluster().drain(node, drains).await;
            watch::note(format!(
                "{:?}: node {node} is to be emptied, {drains}: {done:?}",
                turmoil::elapsed()
            ));
        });
    }

    /// Whoever has just begun to lead is alone from now on, and the others forget what was not synced.
    fn strike(&mut self, sim: &mut Sim<'_>, now_ms: u64) {
        self.coup = Coup::None;
        let hosts = self.hosts.clone();
        let Some(leader) = hosts.iter().find(|host| leads(host)) else { return };
        let others: Vec<_> = hosts.iter().filter(|host| host.name != leader.name).map(Rc::clone).collect();
        for other in &others {
            self.part(sim, leader, other, now_ms + COUP_MS);
        }
        self.crash(sim, &others, now_ms + 10);
    }

    fn part(&mut self, sim: &mut Sim<'_>, one: &Host, other: &Host, until_ms: u64) {
        note(sim, &format!("{} and {} are parted", one.name, other.name));
        let ways = [(one.address, other.address), (other.address, one.address)];
        for (from, to) in ways {
            self.cut(sim, from, to);
        }
        let undo = move |faults: &mut Self, sim: &mut Sim<'_>| {
            for (from, to) in ways {
                faults.mend(sim, from, to);
            }
        };
        self.ends.push((until_ms, Box::new(undo)));
    }

    /// Nothing comes from one machine to another, for one reason more.
    fn cut(&mut self, sim: &Sim<'_>, from: IpAddr, to: IpAddr) {
        let reasons = self.cuts.entry((from, to)).or_default();
        *reasons += 1;
        if *reasons == 1 {
            sim.partition_oneway(from, to);
        }
    }

    /// One reason less.
    fn mend(&mut self, sim: &Sim<'_>, from: IpAddr, to: IpAddr) {
        let reasons = self.cuts.get_mut(&(from, to)).expect("it was cut");
        *reasons -= 1;
        if *reasons == 0 {
            sim.repair_oneway(from, to);
        }
    }

    /// The ways from a machine to every other.
    fn ways_from(&self, address: IpAddr) -> Vec<(IpAddr, IpAddr)> {
        let others = self.hosts.iter().map(|host| host.address).chain([self.customers]);
        others.filter(|other| *other != address).map(|other| (address, other)).collect()
    }

    /// These machines lose power, at the same moment.
    fn crash(&mut self, sim: &mut Sim<'_>, hosts: &[Rc<Host>], until_ms: u64) {
        for host in hosts {
            if !sim.is_host_running(host.address) {
                continue;
            }
            note(sim, &format!("{} loses power", host.name));
            // Nobody says goodbye.
            let ways = self.ways_from(host.address);
            for (from, to) in &ways {
                self.cut(sim, *from, *to);
            }
            sim.crash(host.address);
            host.crashed(self.rng.random());
            let (address, name) = (host.address, host.name);
            let start = move |faults: &mut Self, sim: &mut Sim<'_>| {
                note(sim, &format!("{name} is switched on"));
                for (from, to) in ways {
                    faults.mend(sim, from, to);
                }
                sim.bounce(address);
            };
            self.ends.push((until_ms, Box::new(start)));
        }
    }
}

/// Whether a host's node leads the first group.
fn leads(host: &Rc<Host>) -> bool {
    host.look(|cluster| cluster.groups().first().is_some_and(|group| group.leads())).unwrap_or(false)
}

fn elapsed_ms(sim: &Sim<'_>) -> u64 {
    u64::try_from(sim.elapsed().as_millis()).expect("a simulation ends")
}

fn note(sim: &Sim<'_>, what: &str) {
    watch::note(format!("{} ms: {what}", elapsed_ms(sim)));
}
