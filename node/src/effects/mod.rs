//! Intents are carried out: by the leader of the group in which they were left, once they are committed.
//!
//! ```text
//!   registry: who has open intents ──► one task a group, while this node leads it
//!                                        └─ one turn an entity: the first open intent of each target, side by side
//!                                             deliver ──► the target's leader, one hop away at most     ┐ again after a
//!                                             report  ──► the log of this group: the intent has ended   ┘ rest, if not heard
//! ```
//!
//! An intent is seen in what is applied, so nothing is carried out that is not committed. A leader that is paused, and a new one
//! beside it, may both deliver: the target applies a message once, and answers it twice alike. What is not reported stays open, for
//! whoever leads next.

pub(crate) mod providers;
mod rest;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use booking::entity::Entity;
use booking::{Delivered, Delivery, EntityId, IntentRecord, Report, Target};
use cluster::Group;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use self::providers::Providers;
use self::rest::Rests;
use crate::actors::open_intents::OpenIntents;
use crate::chance::Chance;
use crate::machine::ShardMachine;
use crate::router::{Router, Unrouted};
use crate::saved::archive::Wanted;

/// Messages that are under way to the entities of one group, or to all providers, at once.
const EFFECTS_AT_ONCE: usize = 64;
/// Entities of one group that are kept awake for their intents at once.
const ENTITIES_AT_ONCE: usize = 1_024;
/// How long one entity is kept awake although its targets are not heard, before others have its place.
const TURN: Duration = Duration::from_secs(10);
/// How often the intents of a group are looked at that this node did not lead.
const LOOK: Duration = Duration::from_millis(100);

/// Carries out intents wherever this node leads, for as long as it runs.
pub(crate) fn begin(
    runtime: &Handle,
    router: &Router,
    providers: &Arc<dyn Providers>,
    chance: &Arc<dyn Chance>,
) {
    let permits = || Semaphore::new(EFFECTS_AT_ONCE);
    let count = router.shards().cluster().count();
    let room = Arc::new(Room { groups: (0..count).map(|_group| permits()).collect(), providers: permits() });
    // What is begun for a group that opens later must not keep the cluster.
    let (runtime, way) = (runtime.clone(), router.downgrade());
    let (providers, chance) = (Arc::clone(providers), Arc::clone(chance));
    router.shards().cluster().attend(move |group| {
        let (group, way, providers) = (Arc::clone(group), way.clone(), Arc::clone(&providers));
        let (chance, room) = (Arc::clone(&chance), Arc::clone(&room));
        runtime.spawn(async move {
            let Some(router) = way.upgrade() else { return };
            Carrier { group, router, providers, chance, room }.run().await;
        })
    });
}

/// How much may be under way to each at once. A group that does not answer takes no other's place.
struct Room {
    /// By number.
    groups: Vec<Semaphore>,
    providers: Semaphore,
}

/// Carries out the intents of one group.
struct Carrier {
    group: Arc<Group<ShardMachine>>,
    router: Router,
    providers: Arc<dyn Providers>,
    chance: Arc<dyn Chance>,
    room: Arc<Room>,
}

impl Carrier {
    fn open_intents(&self) -> &OpenIntents {
        self.group.machine().0.registry().open_intents()
    }

    async fn run(&self) {
        let (mut turns, mut awake, mut last) = (FuturesUnordered::new(), BTreeSet::new(), None);
        loop {
            // Where there are none, nothing is looked at again and again.
            let idle = self.open_intents().is_empty();
            tokio::select! {
                biased;
                Some(entity) = turns.next(), if !turns.is_empty() => {
                    awake.remove(&entity);
                }
                () = self.open_intents().left() => {}
                () = sleep(LOOK), if !idle => {}
            }
            if !self.group.leads() {
                continue;
            }
            for entity in self.open_intents().behind(last, ENTITIES_AT_ONCE - awake.len()) {
                last = Some(entity);
                if awake.insert(entity) {
                    turns.push(self.turn(entity));
                }
            }
        }
    }

    /// Carries out what an entity has left, for as long as a turn lasts.
    async fn turn(&self, entity: EntityId) -> EntityId {
        if self.carry_out_all(entity).await.is_err() {
            // The entity's rules broke, or a snapshot is being installed.
            sleep(LOOK).await;
        }
        entity
    }

    /// Carries out the first open intent of each target, and then the next, until there is none or the turn is over.
    async fn carry_out_all(&self, entity: EntityId) -> Result<(), Unrouted> {
        let until = Instant::now() + TURN;
        let handle = self.router.shards().handle(entity)?;
        let (mut under_way, mut targets) = (FuturesUnordered::new(), BTreeSet::new());
        loop {
            let changed = handle.changed();
            let first = handle.read(Wanted::Nothing, |view| view.entity.map(firsts)).await?;
            if Instant::now() < until && self.group.leads() {
                for (intent, delivery) in first.unwrap_or_default() {
                    if targets.insert(intent.to) {
                        under_way.push(self.carry_out(entity, intent, delivery, until));
                    }
                }
            }
            tokio::select! {
                biased;
                target = under_way.next() => match target {
                    Some(target) => {
                        targets.remove(&target);
                    }
                    None => return Ok(()),
                },
                () = changed => {}
            }
        }
    }

    /// Carries out one intent: again and again until it has ended, this node no longer leads, or the turn is over.
    async fn carry_out(
        &self,
        entity: EntityId,
        intent: IntentRecord,
        delivery: Option<Delivery>,
        until: Instant,
    ) -> Target {
        let mut rests = Rests::new();
        while self.group.leads() && Instant::now() < until {
            if self.attempt(entity, &intent, delivery.as_ref()).await.is_some() {
                break;
            }
            sleep(rests.next(self.chance.as_ref())).await;
        }
        intent.to
    }

    /// Tells the target, and reports the reply; none where that must be done again.
    async fn attempt(
        &self,
        entity: EntityId,
        intent: &IntentRecord,
        delivery: Option<&Delivery>,
    ) -> Option<()> {
        let number = intent.number;
        let _permit = self.permits(intent.to).acquire().await.expect("it is never closed");
        let reply = match (intent.to, delivery) {
            (Target::Provider(provider), _) => {
                self.providers.ask(provider, (entity, number), &intent.message).await?
            }
            (Target::Entity(_), delivery) => match self.router.deliver(delivery?).await.ok()? {
                Delivered::Replied(reply) => reply,
                Delivered::Settled | Delivered::Early | Delivered::Foreign | Delivered::Nowhere => {
                    return None;
                }
            },
        };
        if self.group.machine().0.observer().forgets_reports() {
            return std::future::pending().await;
        }
        self.router.report(Report { to: entity, intent: number, reply }).await.ok()
    }

    fn permits(&self, target: Target) -> &Semaphore {
        match target {
            Target::Entity(entity) => {
                let number = usize::try_from(self.router.shards().number(entity).0).unwrap_or(usize::MAX);
                self.room.groups.get(number).expect("every group has its own")
            }
            Target::Provider(_) => &self.room.providers,
        }
    }
}

/// The first open intent of each target, and what it says to an entity.
fn firsts(entity: &Entity) -> Vec<(IntentRecord, Option<Delivery>)> {
    let mut targets = BTreeSet::new();
    let first = entity.intents().filter(|intent| targets.insert(intent.to));
    first.map(|intent| (intent.clone(), entity.delivery(intent))).collect()
}
