//! The named invariants, looked at while the node sells: one awake entity a second, at most.
//!
//! A step checks what it relies on; here the whole entity is looked at, all bookings of a slot, as the tests do after every step. A slot
//! of very many bookings would stand still for that long, so it is passed over: what replicas hold of it is compared all the same.

use std::time::Duration;

use booking::EntityId;
use booking::entity::Entity;
use booking::invariant::Violation;
use tokio::time::{Instant, sleep};

use crate::actors::published::Pin;
use crate::router::Shards;
use crate::saved::archive::Wanted;
use crate::{ids, metrics};

/// From one look to the next; and after one that took long, so many times as long up to a minute: no slot stands still for more than a
/// hundredth of the time.
const EVERY: Duration = Duration::from_secs(1);
const EVERY_MAX: Duration = Duration::from_mins(1);
const LOOKS_REST: u32 = 100;
/// A slot with more bookings in memory is passed over: looking at so many takes some ten milliseconds.
const BOOKINGS_MAX: u32 = 65_536;

/// What tells whether every invariant of an entity holds.
type Judge = fn(&Entity) -> Result<(), Violation>;

/// Looks at one awake entity after the other, in the order of their ids, for as long as the node runs.
pub(crate) async fn sample(shards: Shards) {
    let mut last = None;
    let mut rest = EVERY;
    loop {
        sleep(rest).await;
        rest = EVERY;
        let next = next_awake(&shards, last);
        last = next.as_ref().map(|(entity, _pin)| *entity);
        let Some((entity, pin)) = next else { continue };
        let began = Instant::now();
        let judged = look(pin, Entity::check).await;
        rest = (began.elapsed() * LOOKS_REST).clamp(EVERY, EVERY_MAX);
        let Some(judged) = judged else { continue };
        if let Err(Violation(invariant)) = judged {
            let entity = ids::entity_text(entity);
            tracing::error!(%entity, %invariant, "an invariant of the rules does not hold: see docs/runbook.md");
            metrics::invariant_is_broken(invariant.name());
        }
        metrics::entity_was_sampled();
    }
}

/// The first awake entity behind this one, or the first of all.
fn next_awake(shards: &Shards, after: Option<EntityId>) -> Option<(EntityId, Pin)> {
    let first_behind = |after| {
        let groups = shards.groups();
        let firsts = groups.iter().filter_map(|group| group.machine().0.registry().next_awake(after));
        firsts.min_by_key(|(entity, _pin)| *entity)
    };
    first_behind(after).or_else(|| first_behind(None))
}

/// Judges an entity behind everything that its actor was handed before; none where there is none, or it is passed over.
async fn look(pin: Pin, judge: Judge) -> Option<Result<(), Violation>> {
    let is_small = |entity: &&Entity| entity.slot().is_none_or(|slot| slot.in_memory() <= BOOKINGS_MAX);
    // An actor that is gone ends the node elsewhere.
    pin.read(Wanted::Nothing, move |view| view.entity.filter(is_small).map(judge)).await?
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use booking::invariant::Invariant;
    use booking::{Fingerprint, Request, RequestKey};

    use super::*;
    use crate::actors::tests::{TestNode, id, making};
    use crate::permits::Lane;

    #[tokio::test]
    async fn every_awake_slot_has_its_turn_and_what_is_broken_is_named() {
        let node = TestNode::open(&Arc::default()).await;
        let slots = [7, 8, 9].map(id);
        for slot in slots {
            let request =
                Request { slot, key: RequestKey(1), fingerprint: Fingerprint(1), command: making() };
            let asked = node.router.prepare(request);
            node.router.ask(&asked, Lane::Newcomer).await.expect("made");
        }
        let shards = node.router.shards();
        let mut last = None;
        let mut seen = Vec::new();
        for _ in 0..4 {
            let (entity, pin) = next_awake(shards, last).expect("they are awake");
            assert_eq!(look(pin, Entity::check).await, Some(Ok(())));
            seen.push(entity);
            last = Some(entity);
        }
        assert_eq!(seen, [slots[0], slots[1], slots[2], slots[0]].map(EntityId::from));

        let (_entity, pin) = next_awake(shards, None).expect("they are awake");
        let spoilt: Judge = |_entity| Err(Violation(Invariant::LogOrder));
        assert_eq!(look(pin, spoilt).await, Some(Err(Violation(Invariant::LogOrder))));

        let pin = node.router.shards().groups()[0].machine().0.pin(id(10).into()).expect("it is open");
        assert_eq!(look(pin, spoilt).await, None, "there is no such slot");
    }
}
