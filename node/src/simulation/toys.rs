//! Toys beside the sale: they give to each other and take back, through intents, in all groups. Whoever leads carries out, machines
//! lose power meanwhile, and at the end nothing has come of nothing and nothing is lost.

use std::rc::Rc;
use std::time::Duration;

use booking::entity::{Outcome, Request};
use booking::toy::{self, Command};
use booking::{EntityId, EntityKind, Fingerprint, Partition, RequestKey};
use cluster::codec;
use futures::future::join_all;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::host::Host;
use super::sale::Sale;
use super::watch;
use crate::actors::waiters::{Reply, Unanswered};
use crate::permits::Lane;
use crate::router::{Router, Unrouted};

/// How many toys there are.
const TOYS: u16 = 6;
/// What each is made with.
pub(super) const MADE: u32 = 1_000;
/// How much others may bring it to: some gifts are refused.
const ROOM: u64 = 1_100;
/// Who asks them.
const CUSTOMERS: u64 = 3;
/// Between two requests of a customer, in milliseconds.
const PAUSE_MS: std::ops::RangeInclusive<u64> = 20..=300;
/// Between two attempts of a request, and two looks.
const AGAIN: Duration = Duration::from_millis(25);
/// From one partition to the next, so that every group has some.
const APART: u16 = 171;

/// The n-th toy.
pub(super) fn toy(number: u16) -> EntityId {
    let partition = Partition::new(number * APART).expect("below 1,024");
    EntityId::new(EntityKind::Toy, partition, u128::from(number))
}

/// Those who ask toys: each request goes to a node of their choice, and again with the same key until it is answered.
pub(super) struct Players {
    hosts: Vec<Rc<Host>>,
    rng: SmallRng,
    /// Of whom all keys begin.
    name: u64,
    asked: u64,
}

impl Players {
    pub(super) fn new(hosts: &[Rc<Host>], name: u64) -> Self {
        Self { hosts: hosts.to_vec(), rng: SmallRng::seed_from_u64(name), name, asked: 0 }
    }

    /// Makes a toy, if it is not there yet.
    pub(super) async fn make(&mut self, toy: EntityId) {
        let made = self.ask(toy, Command::Make { amount: MADE, room: ROOM }).await;
        assert!(matches!(made, toy::Decision::Toy(_)), "{made:?}");
    }

    /// Asks until there is an answer.
    pub(super) async fn ask(&mut self, toy: EntityId, command: Command) -> toy::Decision {
        self.asked += 1;
        let key = RequestKey(u128::from(self.name) << 64 | u128::from(self.asked));
        let request = toy::Request { toy, key, fingerprint: Fingerprint(1), command };
        loop {
            let host = self.hosts.choose(&mut self.rng).expect("three");
            let request = request.clone();
            let answer = host.on_node(move |router| async move { ask_here(&router, request).await }).await;
            if let Some(Ok(outcome)) = answer {
                watch::note(format!("{:?} {} {command:?}: {outcome:?}", turmoil::elapsed(), host.name));
                return outcome.decision;
            }
            sleep(AGAIN).await;
        }
    }

    /// Plays until the sale closes.
    async fn play(mut self, sale: &Sale) {
        for number in 0..TOYS {
            self.make(toy(number)).await;
        }
        while !sale.closing.get() {
            sleep(Duration::from_millis(self.rng.random_range(PAUSE_MS))).await;
            let [one, other] = [(); 2].map(|()| toy(self.rng.random_range(0..TOYS)));
            let amount = self.rng.random_range(1..200);
            let command = match self.rng.random_range(0..10) {
                0..5 => Command::Give { to: other, amount },
                5..8 => Command::Reclaim { from: other, amount },
                8 => Command::Take { amount: amount / 10 },
                _ => Command::Acknowledge { to: other },
            };
            self.ask(one, command).await;
        }
    }
}

/// All who play beside a sale, until everything that they have left is carried out.
pub(super) async fn play(hosts: Vec<Rc<Host>>, sale: Rc<Sale>, seed: u64) -> turmoil::Result {
    let players = (0..CUSTOMERS).map(|player| Players::new(&hosts, seed ^ player));
    join_all(players.map(|player| player.play(&sale))).await;
    while !watch::toys_rest((0..TOYS).map(toy)) {
        sleep(AGAIN).await;
    }
    Ok(())
}

/// What is wrong at the end, if anything is.
pub(super) fn judge() -> Result<(), String> {
    if !watch::toys_rest((0..TOYS).map(toy)) {
        return Err("IN-2: an intent is still open, or a toy was never made".to_owned());
    }
    let sum: u64 =
        (0..TOYS).filter_map(|number| watch::toy(toy(number))).map(|toy| toy.amount + toy.taken).sum();
    let made = u64::from(TOYS) * u64::from(MADE);
    if sum == made {
        Ok(())
    } else {
        Err(format!("IN-1: {made} were made, and {sum} are there or were taken"))
    }
}

/// Asks a toy whose group this node leads.
async fn ask_here(router: &Router, request: toy::Request) -> Result<toy::Outcome, Unrouted> {
    let group = router.shards().group(request.toy)?;
    if !group.leads() {
        return Err(Unrouted::NoLeader);
    }
    let permit = router.permit(Lane::Newcomer)?;
    let pin = group.machine().0.pin(request.toy).ok_or(Unrouted::NoLeader)?;
    let level = router.shards().level(request.toy);
    let request = Request::Toy(request);
    let asked = request.asked();
    let command = codec::encode(&crate::log::Command::asking(level, request));
    let (to, answer) = oneshot::channel();
    let published = std::sync::Arc::clone(&pin.published);
    let reply = Reply { to, _held: (permit, pin) };
    published.waiters.ask(asked, reply, || group.proposals().propose(command.into()));
    match answer.await {
        Ok(Ok(Outcome::Toy(outcome))) => Ok(outcome),
        Ok(Ok(Outcome::Slot(_) | Outcome::Organizer(_) | Outcome::Merchant(_))) => {
            unreachable!("a toy answers as toys do")
        }
        Ok(Err(Unanswered::NotAppended)) => Err(Unrouted::NoLeader),
        Ok(Err(Unanswered::Faulted)) => Err(Unrouted::Faulted),
        Ok(Err(Unanswered::Unknown)) | Err(_) => Err(Unrouted::Unknown),
    }
}
