//! Three whole nodes, or six, in one process and one thread, in a world that a seed decides: HTTP, consensus, slots, replication, over
//! turmoil's network, disks in memory and clocks that may be wrong. Machines lose power, links break in one direction or both,
//! disks and links are slow; customers go on asking, their organizer keeps maps of houses, sells seats by one after the other, and products in
//! quotas at prices that change, and the minutes of courts, and toys give to each other. First it must be safe (the witness, the usher, BK, IN and RG at every step), then, when all is well again, everybody must be answered.
//!
//! ```text
//!  seed ─► faults ─► turmoil: one, two, three ◄─ sale ─► history ─► witness
//!                       └── watch: every step of every replica ──► violation, trace
//! ```
//!
//! Of six, three come later, and replicas move (RG-8). The same seed gives the same trace. `BOXOFFICE_SEED=7 cargo test --release --workspace --lib one_world` is one of them.

mod agreement;
mod courts;
mod disk;
mod faults;
mod full;
mod goods;
mod hall_stories;
mod halls;
mod host;
mod hour_stories;
mod houses;
mod network;
mod placed_stories;
mod placement;
mod sale;
mod scene;
mod stories;
mod tests;
mod toy_stories;
mod toys;
mod usher;
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use booking::{Level, RuleBug};
use cluster::MoveBug;
use parking_lot::Mutex;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use turmoil::{Builder, Sim};
use witness::Judgement;

use self::disk::Disk;
use self::faults::Faults;
use self::host::{Host, Plan, SimulatedChance};
use self::sale::{Addresses, Sale};
use crate::key;

/// The machines; the first founds the cluster.
const NAMES: [&str; 3] = ["one", "two", "three"];
/// The machines of stories in which not every one has every group.
const FOUR: [&str; 4] = ["one", "two", "three", "four"];
/// The machines of worlds in which replicas move: the last three come later.
const SIX: [&str; 6] = ["one", "two", "three", "four", "five", "six"];
/// When they come, in milliseconds.
const COME_MS: std::ops::Range<u64> = 1_000..9_000;
/// How long replicas stay where they are before they are where they are to be.
const SETTLED: Duration = Duration::from_secs(2);
/// How long the nodes have to find one another.
const FORMED: Duration = Duration::from_secs(3);
/// How long a sale goes on while things go wrong.
const SALE: Duration = Duration::from_secs(15);
/// How long everything may take to be answered when nothing goes wrong any more.
const CALM: Duration = Duration::from_mins(1);
/// The longest way of a message.
const LATENCY: Duration = Duration::from_millis(8);
/// Of a hundred requests so many must be decided, or the run proves nothing.
const DECIDED_PERCENT: u32 = 90;
/// Simulated time begins here: seconds since 1970.
const EPOCH: u64 = 1_800_000_000;
/// How long bookings that are over stay in memory, in milliseconds: a sale lasts seconds.
const OVER_IN_MEMORY_MS: u64 = 2_000;
/// Bytes on their way on one connection, in segments.
const SEGMENTS: usize = 1 << 16;

/// What can be planted, to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    /// The log says that entries are durable before they are.
    AcknowledgedBeforeSync,
    /// A vote waits for no sync.
    VoteNotSynced,
    /// The log is purged although the pieces that make it unnecessary are not on the disk.
    PurgedBeforeCheckpoint,
    /// A snapshot has everything but the remembered answers.
    ReceiptsLeftOut,
    /// A node reads what it has, whoever leads.
    ReadWithoutIndex,
    /// A leader carries an intent out, and never says so.
    ReportForgotten,
    /// A part of a house is not saved: how it is sold.
    SaleNotSaved,
    /// A booking of seats is saved when it is made, and not again: with what it claims by then, it is lost.
    ClaimNotSaved,
    /// A snapshot has of a house everything but how it is sold.
    SaleLeftOut,
    /// A booking is saved without what it is of and costs.
    BillNotSaved,
    /// A booking of a calendar is saved without what is kept free around it.
    BuffersNotSaved,
    /// The rules have a bug.
    OfRules(RuleBug),
    /// Replicas are moved wrongly.
    OfMoves(MoveBug),
}

const BUGS: [Bug; 18] = [
    Bug::AcknowledgedBeforeSync,
    Bug::VoteNotSynced,
    Bug::PurgedBeforeCheckpoint,
    Bug::ReceiptsLeftOut,
    Bug::ReadWithoutIndex,
    Bug::ReportForgotten,
    Bug::SaleNotSaved,
    Bug::ClaimNotSaved,
    Bug::SaleLeftOut,
    Bug::BillNotSaved,
    Bug::BuffersNotSaved,
    Bug::OfRules(RuleBug::SeatFreedTwice),
    Bug::OfRules(RuleBug::QuotaGivenBack),
    Bug::OfRules(RuleBug::ChargedAnew),
    Bug::OfRules(RuleBug::LatestServed),
    Bug::OfMoves(MoveBug::OldGoesFirst),
    Bug::OfMoves(MoveBug::StepsOverlap),
    Bug::OfMoves(MoveBug::GivenUpEarly),
];

thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// The bug that is planted in the simulation that runs on this thread, if one is.
fn planted() -> Option<Bug> {
    PLANTED.get()
}

/// A run that went well.
#[derive(Debug)]
struct Report {
    trace: Vec<String>,
    requests: usize,
    steps: u64,
    away: u32,
    compared: u64,
    placements: usize,
}

/// One run of the world that `seed` decides; what went wrong, with all that happened before, otherwise.
fn run(seed: u64, bug: Option<Bug>) -> Result<Report, String> {
    run_through(seed, (&NAMES, Level::NEWEST), bug, World::live)
}

/// The same of six machines, between which replicas move.
fn run_moving(seed: u64, bug: Option<Bug>) -> Result<Report, String> {
    run_through(seed, (&SIX, Level::NEWEST), bug, |world| world.live_moving(seed))
}

/// The same, as `live` says, among these machines, which begin with builds of this level.
fn run_through(
    seed: u64,
    (names, level): (&[&'static str], Level),
    bug: Option<Bug>,
    live: impl FnOnce(World) -> Result<usize, String>,
) -> Result<Report, String> {
    watch::begin();
    PLANTED.set(bug);
    let ran = catch_unwind(AssertUnwindSafe(|| live(World::new(seed, names, level))));
    PLANTED.set(None);
    let watched = watch::end();
    let lived = ran.unwrap_or_else(|_panic| Err("it panicked".to_owned()));
    // A panic was heard too, and what must not be may have happened when the last look was over.
    match watched.violation.map_or(lived, Err) {
        Ok(requests) => {
            let (steps, away, compared) = (watched.steps, watched.away, watched.compared);
            let placements = watched.placements.count();
            Ok(Report { trace: watched.trace, requests, steps, away, compared, placements })
        }
        Err(why) => Err(format!("seed {seed}: {why}\n{}", watched.trace.join("\n"))),
    }
}

/// A world before anything has happened in it.
struct World {
    sim: Sim<'static>,
    hosts: Vec<Rc<Host>>,
    sale: Rc<Sale>,
    faults: Faults,
    toys_seed: u64,
}

impl World {
    fn new(seed: u64, names: &[&'static str], level: Level) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let keys = tempfile::tempdir().expect("a folder");
        let chance = SimulatedChance(Mutex::new(SmallRng::seed_from_u64(rng.random())));
        key::ensure(keys.path(), &chance).expect("a key");
        let plan = Rc::new(Plan {
            groups: rng.random_range(1..=3),
            entries_kept: rng.random_range(2..40),
            sync: Duration::from_millis(rng.random_range(1..20)),
            keys,
        });
        let mut sim = Builder::new()
            .rng_seed(rng.random())
            .epoch(SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH))
            .simulation_duration(FORMED + SALE + 3 * CALM)
            .min_message_latency(Duration::ZERO)
            .max_message_latency(LATENCY)
            .tcp_capacity(SEGMENTS)
            .enable_random_order()
            .build();
        let mut host = |name| {
            let disk = Disk::new(plan.sync);
            Rc::new(Host::new(name, sim.lookup(name), disk, level, rng.random()))
        };
        let hosts: Vec<Rc<Host>> = names.iter().copied().map(&mut host).collect();
        let founder = hosts[0].address;
        for host in &hosts {
            let (of_host, plan) = (Rc::clone(host), Rc::clone(&plan));
            sim.host(host.name, move || host::run(Rc::clone(&of_host), Rc::clone(&plan), founder));
        }
        let at = Addresses {
            clients: hosts.iter().map(|host| host.client()).collect(),
            admins: hosts.iter().map(|host| host.admin()).collect(),
        };
        let sale = Sale::new(at, level, &plan.secret());
        let customers = sim.lookup("customers");
        sim.client("customers", Rc::clone(&sale).run(rng.random()));
        let faults = SmallRng::seed_from_u64(rng.random());
        let faults = Faults::new(hosts.clone(), customers, plan, faults);
        Self { sim, hosts, sale, faults, toys_seed: rng.random() }
    }

    /// Goes on until then, or until every customer has gone.
    fn go(&mut self, until: Duration, with_faults: bool) -> Result<(), String> {
        while self.sim.elapsed() < until {
            let done = self.sim.step().map_err(|error| error.to_string())?;
            for host in &self.hosts {
                host.look(watch::look);
            }
            placement::look(&self.hosts);
            if let Some(violation) = watch::violation() {
                return Err(violation);
            }
            if done {
                break;
            }
            if with_faults {
                self.faults.turn(&mut self.sim);
            }
        }
        Ok(())
    }

    /// First safe, then alive; how much was asked.
    fn live(mut self) -> Result<usize, String> {
        self.sell()?;
        self.end()
    }

    /// The same where three machines come later, and replicas move. In the end each is where it is to be.
    fn live_moving(mut self, seed: u64) -> Result<usize, String> {
        let mut rng = SmallRng::seed_from_u64(seed);
        for host in self.hosts.iter().skip(NAMES.len()) {
            host.comes.set(Duration::from_millis(rng.random_range(COME_MS)));
        }
        self.sell()?;
        self.faults.heal(&mut self.sim);
        self.settle()?;
        self.end()
    }

    /// A sale, and toys, while things go wrong.
    fn sell(&mut self) -> Result<(), String> {
        self.sim.client("toys", toys::play(self.hosts.clone(), Rc::clone(&self.sale), self.toys_seed));
        self.go(FORMED, false)?;
        self.go(FORMED + SALE, true)
    }

    /// All is well again, and everything is as it should be; how much was asked.
    fn end(self) -> Result<usize, String> {
        let requests = self.close()?;
        toys::judge()?;
        Ok(requests)
    }

    /// Goes on until every replica is where it is to be, and stays there.
    fn settle(&mut self) -> Result<(), String> {
        // What customers of courts ask for is too late by then.
        self.sale.resting.set(true);
        let (give_up, mut since) = (self.sim.elapsed() + CALM, None);
        while since.is_none_or(|since| self.sim.elapsed() < since + SETTLED) {
            if give_up < self.sim.elapsed() {
                return Err("replicas do not come to rest".to_owned());
            }
            self.go(self.sim.elapsed() + LATENCY, false)?;
            since = placement::is_settled(&self.hosts).then(|| since.unwrap_or_else(|| self.sim.elapsed()));
        }
        self.sale.resting.set(false);
        Ok(())
    }

    /// Nothing goes wrong any more, and everybody is answered; how much was asked.
    fn close(mut self) -> Result<usize, String> {
        self.faults.heal(&mut self.sim);
        self.sale.closing.set(true);
        self.go(self.sim.elapsed() + CALM, false)?;
        let history =
            self.sale.history().ok_or_else(|| format!("somebody was not answered within {CALM:?}"))?;
        let verdict = witness::judge(&history, DECIDED_PERCENT);
        match verdict.judgement() {
            Judgement::Correct => Ok(history.requests.len()),
            Judgement::Incorrect | Judgement::CouldNotTell => Err(format!("{verdict:#?}")),
        }
    }
}
