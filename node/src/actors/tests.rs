//! Actors over a real group of one voter and a store in memory: who is awake, who sleeps, who is stopped.

mod hours;
mod houses;
mod list;
mod past;
mod quantities;
mod seatmaps;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use booking::{
    Book, Decision, Definition, EntityId, Fingerprint, Level, Mode, Partition, Record, Request, RequestKey,
    Seq, SlotId, Timestamp, entity, stored,
};
use bytes::Bytes;
use cluster::{Clock, Cluster, Fate, Group, Machine as _, Options, Start, SystemClock, SystemNetwork, codec};
use storage::{Change, Index, Memory, Store};
use tokio::runtime::Handle;

use super::context::ShardOptions;
use super::registry::{IDLE_ROUNDS, Presence};
use crate::log::{CommittedStep, What};
use crate::machine::{self, ShardMachine};
use crate::observer::Observer;
use crate::permits::{Lane, Permits};
use crate::router::{Health, Router, Unrouted};
use crate::saved;
use crate::saved::archive::{OVER_IN_MEMORY_MS, Wanted};

/// More than any test has.
const AWAKE_MAX: usize = 100;
/// The request that breaks the rules, in tests only.
const PLANTED: RequestKey = RequestKey(666);

thread_local! {
    /// Whether this thread runs the mended build.
    static MENDED: Cell<bool> = const { Cell::new(false) };
}

/// Plants a bug in the rules, to see what becomes of it.
struct Planter;

impl Observer for Planter {
    fn deciding(&self, step: &CommittedStep) {
        if let What::Request(request) = &step.what {
            assert!(request.asked().0 != PLANTED || MENDED.get(), "the planted bug");
        }
    }
}

/// A group, its slots, and the way to them.
pub(crate) struct TestNode {
    cluster: Arc<Cluster<ShardMachine>>,
    group: Arc<Group<ShardMachine>>,
    pub(crate) router: Router,
    clock: Arc<Later>,
    options: ShardOptions,
}

/// The machine's clocks, so much later.
struct Later {
    clock: SystemClock,
    by_ms: AtomicU64,
}

impl Later {
    fn pass(&self, seconds: u64) {
        self.by_ms.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

impl Clock for Later {
    fn wall_ms(&self) -> u64 {
        self.clock.wall_ms() + self.by_ms.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic() + Duration::from_millis(self.by_ms.load(Ordering::Relaxed))
    }
}

impl TestNode {
    pub(crate) async fn open(store: &Arc<Memory>) -> Self {
        Self::open_at(store, Level::NEWEST).await
    }

    /// A node of a build of this newest level.
    async fn open_at(store: &Arc<Memory>, level: Level) -> Self {
        let clock = Arc::new(Later { clock: SystemClock::new(), by_ms: AtomicU64::new(0) });
        let options = Options {
            start: Start::Found { cluster: 1, peers: Vec::new(), listens: Duration::ZERO },
            groups: 1,
            peers: None,
            advertised: None,
            zone: String::new(),
            replicas: cluster::Replicas::planned(3),
            keys: std::collections::BTreeSet::new(),
            entries_kept: 2_000,
            digest_interval: cluster::DIGEST_INTERVAL,
            level: cluster::Level(level.0),
            network: Arc::new(SystemNetwork),
            clock: Arc::<Later>::clone(&clock),
            seed: 1,
            runtime: Handle::current(),
            on_fatal: Arc::new(|error| panic!("a group failed: {error}")),
        };
        let options_of_shards = ShardOptions {
            awake_max: AWAKE_MAX,
            over_in_memory_ms: OVER_IN_MEMORY_MS,
            on_broken: Arc::new(|slot, unreadable| panic!("{slot:?} is broken: {unreadable}")),
            observer: Arc::new(Planter),
        };
        let shard_options = options_of_shards.clone();
        let open = move |parts| {
            Ok(Arc::new(ShardMachine(machine::Shard::open(parts, shard_options.clone()).expect("readable"))))
        };
        let store: Arc<dyn Store> = Arc::<Memory>::clone(store);
        let cluster = Arc::new(Cluster::open(options, Arc::clone(&store), open).await.expect("a group"));
        cluster.recover().await.expect("it stands where it stood");
        let node = Self {
            router: Router::new(Arc::clone(&cluster), store, Permits::default()),
            group: cluster.groups().remove(0),
            cluster,
            clock,
            options: options_of_shards,
        };
        while !node.group.leads() {
            tokio::task::yield_now().await;
        }
        node
    }

    fn shard(&self) -> &machine::Shard {
        &self.group.machine().0
    }

    async fn ask(&self, key: u128, command: booking::Command) -> Result<booking::Outcome, Unrouted> {
        self.router.ask(&self.router.prepare(request(key, command)), Lane::Newcomer).await
    }

    async fn seq(&self, slot: SlotId) -> Option<u64> {
        let look = |view: super::message::ReadView<'_>| view.slot().map(|slot| slot.view().seq.0);
        self.router.read_linearizable(slot, Wanted::Nothing, look).await.expect("it can be read")
    }

    /// Everything is saved, and nobody has been visited for long.
    async fn put_to_sleep(&self) {
        self.group.checkpoint().await.expect("saved");
        self.let_idle();
    }

    fn let_idle(&self) {
        let registry = self.shard().registry();
        for _ in 0..=IDLE_ROUNDS {
            registry.put_to_sleep(&registry.idle(AWAKE_MAX), |_slot| false);
        }
    }
}

pub(crate) fn id(hash: u128) -> SlotId {
    SlotId { partition: Partition::new(0).expect("the first"), hash }
}

fn request(key: u128, command: booking::Command) -> Request {
    Request { slot: id(1), key: RequestKey(key), fingerprint: Fingerprint(1), command }
}

pub(crate) fn making() -> booking::Command {
    let definition = Definition {
        organizer: "studio".into(),
        placement: None,
        title: "yoga".into(),
        starts_at: Timestamp(4_000_000_000_000),
        ends_at: Timestamp(4_000_000_100_000),
        sale: booking::Sale { opens_at: None, closes_at: None },
        stock: booking::Stock::Units { capacity: 5 },
        tariff: None,
        policy: booking::Policy {
            confirmed_by: booking::ConfirmedBy::Customer,
            hold_seconds: 600,
            hold_seconds_max: 1_800,
            customer_limit: None,
            cancel_until_seconds: 0,
            waitlist: None,
            on_account: None,
        },
        secret: booking::Secret([7; 16]),
    };
    booking::Command::CreateSlot(Box::new(definition.into()))
}

fn booking() -> booking::Command {
    booking::Command::Book(Book {
        customer: "alice".into(),
        wish: booking::Wish::Units(1),
        mode: Mode::Confirm,
        hold_seconds: None,
        when_full: booking::WhenFull::Refuse,
        basket: None,
    })
}

#[tokio::test]
async fn whoever_asks_for_what_never_was_wakes_nobody() {
    let node = TestNode::open(&Arc::default()).await;
    for invented in 1..100 {
        assert_eq!(node.seq(id(invented)).await, None);
    }
    assert_eq!(node.shard().registry().count(), (0, 0));
    // One that is asked for a change has an actor for a while, and is no slot.
    let outcome = node.ask(1, booking()).await.expect("an answer");
    assert_eq!(outcome.decision, booking::Decision::NotFound);
    assert_eq!(node.shard().registry().count(), (0, 1));
    assert!(matches!(node.shard().registry().presence(id(1)), Presence::Unseen));
    assert_eq!(
        node.shard().registry().pin_unmade().len(),
        1,
        "whoever lists slots waits for what is in its mailbox"
    );
    node.put_to_sleep().await;
    assert_eq!(node.shard().registry().count(), (0, 0));
    assert_eq!(node.shard().registry().pin_unmade().len(), 0);
    node.ask(2, making()).await.expect("made");
    assert_eq!(node.shard().registry().pin_unmade().len(), 0, "it is a slot by now");
}

#[tokio::test]
async fn a_digest_is_the_same_awake_and_asleep() {
    let node = TestNode::open(&Arc::default()).await;
    node.ask(1, making()).await.expect("made");
    node.ask(2, booking()).await.expect("booked");
    let (awake, _index) = node.shard().digest(Index(u64::MAX)).await;
    for _ in 0..2 {
        node.put_to_sleep().await;
        assert_eq!(node.shard().registry().count(), (1, 0), "it sleeps");
        assert_eq!(node.shard().digest(Index(u64::MAX)).await.0, awake);
        // A look wakes it and changes nothing.
        assert_eq!(node.seq(id(1)).await, Some(2));
        assert_eq!(node.shard().digest(Index(u64::MAX)).await.0, awake);
    }
}

#[tokio::test]
async fn a_digest_is_that_of_its_index_or_is_not_told() {
    let node = TestNode::open(&Arc::default()).await;
    node.ask(1, making()).await.expect("made");
    node.ask(2, booking()).await.expect("booked");
    let (digest, index) = node.shard().digest(Index(0)).await;
    assert!(digest.is_some() && Index(0) < index, "what was handed says where the slots stand");
    node.group.checkpoint().await.expect("saved");
    node.group.machine().halt().await;
    node.group.machine().reset(cluster::Level(Level::NEWEST.0));
    for (found, want) in [(Index(0), None), (index, digest), (Index(index.0 + 1), digest)] {
        assert_eq!(node.shard().digest(found).await, (want, found), "the slots were saved at {index:?}");
    }
}

#[tokio::test]
async fn digests_keep_nobody_awake() {
    let node = TestNode::open(&Arc::default()).await;
    node.ask(1, making()).await.expect("made");
    node.group.checkpoint().await.expect("saved");
    let registry = node.shard().registry();
    for _ in 0..=IDLE_ROUNDS {
        node.shard().digest(Index(u64::MAX)).await.0.expect("nobody has ended");
        registry.put_to_sleep(&registry.idle(AWAKE_MAX), |_slot| false);
    }
    assert_eq!(registry.count(), (1, 0), "nobody has used it");
}

#[tokio::test]
async fn a_node_that_was_sent_a_snapshot_writes_in_the_shapes_of_its_level() {
    let node = TestNode::open_at(&Arc::default(), Level(1)).await;
    node.group.machine().halt().await;
    assert_eq!(node.shard().registry().level(), Level(1));
    node.group.machine().reset(cluster::Level(2));
    assert_eq!(node.shard().registry().level(), Level(2), "no entry was handed since");
}

#[tokio::test]
async fn a_piece_that_is_ahead_of_the_mark_says_the_level_of_its_shapes() {
    let node = TestNode::open_at(&Arc::default(), Level(1)).await;
    node.ask(1, making()).await.expect("made");
    let shard = node.shard();
    shard.registry().reach(Level(2));
    node.group.checkpoint().await.expect("saved");
    let mut levels = Vec::new();
    saved::heads(shard.state(), |_entity, head| levels.push(head.level)).expect("readable");
    assert_eq!(levels, [Level(2)]);
    let parts = cluster::Parts {
        group: node.group.id(),
        groups: 1,
        level: cluster::Level::FIRST,
        state: shard.state().clone(),
        proposals: node.group.proposals().clone(),
    };
    let again = machine::Shard::open(parts, node.options.clone()).expect("readable");
    assert_eq!(again.registry().level(), Level(2), "the mark is of the level before");
}

#[tokio::test]
async fn an_actor_that_is_loading_is_not_put_to_sleep() {
    let node = TestNode::open(&Arc::default()).await;
    node.ask(1, making()).await.expect("made");
    node.put_to_sleep().await;
    // Nothing is awaited in between, and this is the runtime's one thread: the actor has not begun to load.
    drop(node.shard().pin(id(1).into()));
    node.let_idle();
    assert_eq!(node.shard().registry().count(), (1, 1));
    assert!(matches!(node.shard().registry().presence(id(1)), Presence::Asleep), "others see it as it was");
    assert_eq!(node.seq(id(1)).await, Some(1), "it was not lost");
}

#[tokio::test]
async fn more_than_may_be_awake_are_not_longer_than_to_the_next_look() {
    let node = TestNode::open(&Arc::default()).await;
    let registry = node.shard().registry();
    let pin = |hash: usize| node.shard().pin(id(hash as u128).into()).expect("it is open");
    (0..AWAKE_MAX).for_each(|hash| drop(pin(hash)));
    assert_eq!(registry.idle(AWAKE_MAX), [], "as many as may be");
    let stay = pin(AWAKE_MAX);
    for hash in 1..5 {
        drop(pin(AWAKE_MAX + hash));
    }
    let idle = registry.idle(AWAKE_MAX);
    assert_eq!(idle.len(), 5);
    assert!(idle.iter().all(|id| id.hash() < AWAKE_MAX as u128), "those who have idled for longer: {idle:?}");

    node.shard().settle().await;
    node.put_to_sleep().await;
    assert_eq!(registry.count().1, 1, "one is visited, and the others have idled for long");
    drop(stay);
}

#[tokio::test]
async fn a_node_that_has_settled_shows_everything_that_it_acknowledged() {
    let store = Arc::default();
    let node = TestNode::open(&store).await;
    node.ask(1, making()).await.expect("made");
    node.group.checkpoint().await.expect("saved");
    node.ask(2, booking()).await.expect("booked, and not saved");
    // As if the process had been killed: nothing is saved on the way out.
    let node = TestNode::open(&store).await;
    node.shard().settle().await;
    let seen = node.router.shards().read_local(id(1)).expect("it is sound").expect("it is there");
    assert_eq!(seen.view.seq, Seq(2));
}

#[tokio::test]
async fn any_part_of_a_feed_is_found_wherever_its_pages_begin() {
    let node = TestNode::open(&Arc::default()).await;
    let state = node.shard().state();
    let view = booking::BookingView {
        id: booking::BookingId { slot: id(1), request: RequestKey(1) },
        number: booking::Number(1),
        customer: "alice".into(),
        quantity: 1,
        status: booking::Status::Expired,
        mode: Mode::Confirm,
        reference: booking::Reference::parse("00000000").expect("eight characters"),
        position: None,
        expires_at: None,
        created_at: Timestamp(0),
        seating: None,
        range: None,
        bill: None,
        credits: None,
        order: None,
    };
    // When a slot ends, one step has everyone who waits: longer than a value may be.
    let step = |seq| Record {
        seq: Seq(seq),
        at: Timestamp(0),
        kind: booking::Kind::Booked,
        bookings: if seq % 70 == 0 { vec![view.clone(); 8_000] } else { Vec::new() },
        counts: booking::Counts::untouched(1),
        house: None,
        calendar: None,
        told: None,
    };
    assert!(
        2 * cluster::VALUE_LEN_MAX
            < saved::encode_record(Level::OLDEST, entity::Record::Slot(step(70))).len()
    );
    // Pieces of one step, of a few, and of more than a page.
    let mut next = 1;
    for count in [1, 3, 200, 1, 64, 65] {
        let steps = (next..next + count)
            .map(|seq| (Seq(seq), saved::encode_record(Level::OLDEST, entity::Record::Slot(step(seq)))));
        let steps: Vec<_> = steps.collect();
        let pieces =
            saved::feed_pieces(id(1).into(), steps.iter().map(|(seq, bytes)| (*seq, bytes.as_slice())));
        let pieces: Vec<_> = pieces.collect();
        let fits = |piece: &Change| matches!(piece, Change::Put { value, .. } if value.len() <= cluster::VALUE_LEN_MAX);
        assert!(pieces.iter().all(fits));
        state.save(pieces, Box::new(|saved| saved.expect("saved")));
        next += count;
    }
    for (after, limit) in (0..next).flat_map(|after| [1, 50, 200].map(|limit| (after, limit))) {
        for until in [next, next - 1, 100] {
            let found = saved::feed(state, id(1), Seq(after), Seq(until), limit).expect("readable");
            let found: Vec<u64> = found.iter().map(|record| record.seq.0).collect();
            let want: Vec<u64> = (after + 1..until).take(limit).collect();
            assert_eq!(found, want, "after {after} until {until}, at most {limit}");
        }
    }
}

#[tokio::test]
async fn those_who_ask_the_same_share_one_answer() {
    let node = TestNode::open(&Arc::default()).await;
    node.ask(1, making()).await.expect("made");
    let (first, joined) = tokio::join!(node.ask(2, booking()), node.ask(2, booking()));
    let (first, joined) = (first.expect("booked"), joined.expect("booked"));
    assert_eq!((first.replayed, joined.replayed), (false, true));
    assert_eq!((first.seq, joined.seq), (Seq(2), Seq(2)));
    assert_eq!(node.router.in_flight(), 0, "nobody waits any more");
}

#[tokio::test]
async fn what_was_never_appended_and_what_nobody_knows_is_asked_again_under_its_key() {
    let node = TestNode::open(&Arc::default()).await;
    node.ask(1, making()).await.expect("made");
    let lose = async |key, fate| {
        let asked = stored::Request::at(Level::OLDEST, request(key, booking()));
        let command = Bytes::from(codec::encode(&crate::log::Command::Request(asked)));
        // The ask is polled first, and waits; what it proposed is not taken yet.
        let lose = async { node.group.machine().lost(&[command], fate) };
        tokio::join!(biased; node.ask(key, booking()), lose).0
    };
    for (key, fate) in [(2, Fate::Unknown), (3, Fate::NotAppended)] {
        let again = lose(key, fate).await.expect("it is led here, so it is asked here once more");
        assert!(matches!(again.decision, Decision::Booking(_)), "{again:?}");
    }
    assert_eq!(node.seq(id(1)).await, Some(3), "each has one effect");
}

#[tokio::test]
async fn what_was_decided_before_the_rules_broke_stands() {
    let store = Arc::default();
    let node = TestNode::open(&store).await;
    node.ask(1, making()).await.expect("made");
    // One entry carries all three.
    let (before, broken, after) =
        tokio::join!(node.ask(2, booking()), node.ask(PLANTED.0, booking()), node.ask(3, booking()));
    assert_eq!(before.expect("decided").seq, Seq(2));
    // Both are in the log, which a mended build will apply: also what came behind in the very same entry, and after a kill.
    assert_eq!((broken, after), (Err(Unrouted::Unknown), Err(Unrouted::Unknown)));
    let node = TestNode::open(&store).await;
    MENDED.set(true);
    assert_eq!(node.router.retry(id(1)).await, Ok(Health::Sound));
    assert_eq!(node.seq(id(1)).await, Some(4), "all three");
}

#[tokio::test]
async fn a_slot_whose_rules_break_is_alone_until_a_mended_build_tries_it_again() {
    let store = Arc::default();
    let node = TestNode::open(&store).await;
    node.ask(1, making()).await.expect("made");
    node.put_to_sleep().await;
    node.ask(2, booking()).await.expect("booked, and in no piece yet");
    assert_eq!(node.ask(PLANTED.0, booking()).await, Err(Unrouted::Unknown), "it is in the log");
    assert_eq!(node.ask(3, booking()).await, Err(Unrouted::Faulted), "nothing is tried");
    assert!(matches!(node.shard().registry().presence(id(1)), Presence::Faulted));
    let broke = node.group.status().applied;
    let marked = node.group.checkpoint().await.expect("saved");
    assert!(broke <= marked, "the log need not wait for it: {marked:?}");
    node.let_idle();
    assert_eq!(node.shard().registry().count(), (1, 1), "it does not sleep");
    assert_eq!(node.router.retry(id(1)).await, Ok(Health::Faulted), "nothing is mended");
    let other = Request { slot: id(2), ..request(1, making()) };
    node.router.ask(&node.router.prepare(other), Lane::Newcomer).await.expect("the others sell");

    // After a restart it is what it was, without being tried again.
    node.cluster.shutdown().await.expect("stopped");
    let node = TestNode::open(&store).await;
    assert_eq!(node.ask(4, booking()).await, Err(Unrouted::Faulted));
    assert_eq!(node.shard().registry().faulted(), [EntityId::from(id(1))]);

    MENDED.set(true);
    assert_eq!(node.ask(4, booking()).await, Err(Unrouted::Faulted), "only when it is told to");
    let read = node.router.read_linearizable(id(1), Wanted::Nothing, |view| view.slot().is_some()).await;
    assert_eq!(read, Err(Unrouted::Faulted), "it is not as if it were not there");
    assert_eq!(node.router.retry(id(1)).await, Ok(Health::Sound));
    assert_eq!(node.seq(id(1)).await, Some(3), "what was committed when it broke is done, and nothing else");
    let again = node.ask(2, booking()).await.expect("answered");
    assert_eq!((again.seq, again.replayed), (Seq(2), true), "nothing that was acknowledged is lost");
    assert_eq!(node.ask(4, booking()).await.expect("booked").seq, Seq(4));
    assert_eq!(node.router.retry(id(1)).await, Ok(Health::Sound), "a sound one is left alone");

    // As if the process had been killed right after.
    node.group.checkpoint().await.expect("saved");
    let node = TestNode::open(&store).await;
    assert_eq!(node.shard().registry().faulted(), []);
    assert_eq!(node.seq(id(1)).await, Some(4));
}
