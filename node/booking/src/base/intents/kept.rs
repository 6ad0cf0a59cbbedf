//! The intents of one entity, and the replies that it keeps for others.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};

use super::record::{IntentChanges, IntentCounts, IntentRecord, PairRecord, ReplyRecord, SavedIntents};
use crate::EntityId;
use crate::base::broken::Broken;
use crate::base::message::{Delivery, IntentNumber, Message, Ordinal, Reply, Target};
use crate::digest::Digest;
use crate::limits::INTENTS_OPEN_MAX;

/// The intents of one entity, and the replies that it keeps for others.
#[derive(Default)]
pub(crate) struct Intents {
    /// None where there has been none since it was loaded.
    kept: Option<Box<Kept>>,
}

// Most entities have none, and there are many of them awake.
const _: () = assert!(size_of::<Intents>() == size_of::<usize>());

#[derive(Default)]
struct Kept {
    /// How many were ever left.
    left: u64,
    /// How many of them have ended.
    ended: u64,
    open: BTreeMap<IntentNumber, IntentRecord>,
    /// The open ones of each target, in the order of their messages.
    in_order: BTreeMap<(Target, Ordinal), IntentNumber>,
    pairs: BTreeMap<Target, PairRecord>,
    replies: BTreeMap<(EntityId, Ordinal), ReplyRecord>,
    /// The wrapping sum of the digests of all that is kept.
    digest: u64,
    touched: Touched,
}

/// What was put in or taken out since the changes were last taken.
#[derive(Default)]
struct Touched {
    intents: BTreeSet<IntentNumber>,
    pairs: BTreeSet<Target>,
    replies: BTreeSet<(EntityId, Ordinal)>,
}

/// What an entity knows of a message that it is sent.
pub(crate) enum Heard<'kept> {
    /// It is the next one.
    Now,
    /// It was applied, and this was replied.
    Before(&'kept Reply),
    /// It was applied, and the sender has acknowledged the reply.
    Settled,
    /// One before it has not come yet.
    Early,
}

impl Intents {
    /// Whether a step that somebody asked for may leave one more. What ends something may always.
    pub(crate) fn has_room(&self) -> bool {
        self.open().len() < INTENTS_OPEN_MAX
    }

    /// Leaves an intent, as the next message to its target.
    pub(crate) fn leave(&mut self, to: Target, message: Message) -> IntentNumber {
        let kept = self.kept.get_or_insert_default();
        kept.left += 1;
        let number = IntentNumber(kept.left);
        let mut pair = kept.pair(to);
        pair.sent = pair.sent.next();
        kept.put_pair(pair);
        kept.put_intent(IntentRecord { number, to, ordinal: pair.sent, message });
        number
    }

    /// Those that are open, in the order in which they were left.
    pub(crate) fn open(&self) -> impl ExactSizeIterator<Item = &IntentRecord> {
        static NONE: BTreeMap<IntentNumber, IntentRecord> = BTreeMap::new();
        self.kept.as_ref().map_or(&NONE, |kept| &kept.open).values()
    }

    /// The open one with this number.
    pub(crate) fn get(&self, number: IntentNumber) -> Option<&IntentRecord> {
        self.kept.as_ref()?.open.get(&number)
    }

    /// What an open intent of this entity says to another one; none where a provider is asked.
    pub(crate) fn delivery(&self, from: EntityId, intent: &IntentRecord) -> Option<Delivery> {
        let Target::Entity(to) = intent.to else { return None };
        let kept = self.kept.as_ref()?;
        let mut open = kept.in_order.range((intent.to, Ordinal(0))..=(intent.to, intent.ordinal));
        let (&(_, first), _) = open.next()?;
        let acknowledged = Ordinal(first.0 - 1);
        Some(Delivery { from, to, ordinal: intent.ordinal, acknowledged, message: intent.message.clone() })
    }

    /// Ends an intent that is open: its reply is known.
    pub(crate) fn end(&mut self, number: IntentNumber) -> IntentRecord {
        let kept = self.kept.as_mut().expect("an open intent is kept");
        kept.ended += 1;
        kept.take_intent(number)
    }

    /// What is known of a message from another entity.
    pub(crate) fn heard(&self, from: EntityId, ordinal: Ordinal) -> Heard<'_> {
        let kept = self.kept.as_ref();
        let received = kept.and_then(|kept| kept.pairs.get(&Target::Entity(from)));
        let received = received.map_or(Ordinal(0), |pair| pair.received);
        if ordinal == received.next() {
            Heard::Now
        } else if received < ordinal {
            Heard::Early
        } else {
            let reply = kept.and_then(|kept| kept.replies.get(&(from, ordinal)));
            reply.map_or(Heard::Settled, |record| Heard::Before(&record.reply))
        }
    }

    /// Keeps what was replied to a message that was [heard now](Heard::Now), and forgets the replies that its sender knows.
    pub(crate) fn keep(&mut self, delivery: &Delivery, reply: Reply) {
        let Delivery { from, ordinal, acknowledged, .. } = *delivery;
        let kept = self.kept.get_or_insert_default();
        let mut pair = kept.pair(Target::Entity(from));
        assert!(ordinal == pair.received.next(), "messages of a pair are applied in order");
        assert!(acknowledged < ordinal, "nobody knows the reply to a message that comes only now");
        pair.received = ordinal;
        kept.put_reply(ReplyRecord { from, ordinal, reply });
        while pair.acknowledged < acknowledged {
            pair.acknowledged = pair.acknowledged.next();
            kept.take_reply(from, pair.acknowledged);
        }
        kept.put_pair(pair);
    }

    /// What a header says of them.
    pub(crate) fn counts(&self) -> IntentCounts {
        self.kept.as_ref().map_or_else(IntentCounts::default, |kept| IntentCounts {
            left: kept.left,
            ended: kept.ended,
            pairs: kept.pairs.len() as u64,
            replies: kept.replies.len() as u64,
        })
    }

    /// A number that stands for all of it; zero where nothing was ever left or heard.
    pub(crate) fn digest(&self) -> u64 {
        self.kept.as_ref().map_or(0, |kept| kept.digest.wrapping_add(counted(kept.left, kept.ended)))
    }

    /// What changed since this was last asked.
    pub(crate) fn take_changed(&mut self) -> IntentChanges {
        let Some(kept) = &mut self.kept else { return IntentChanges::default() };
        let touched = core::mem::take(&mut kept.touched);
        let mut changes = IntentChanges::default();
        for number in touched.intents {
            match kept.open.get(&number) {
                Some(intent) => changes.left.push(intent.clone()),
                None => changes.ended.push(number),
            }
        }
        changes.pairs = touched.pairs.iter().map(|with| kept.pairs[with]).collect();
        for message in touched.replies {
            match kept.replies.get(&message) {
                Some(reply) => changes.replies.push(reply.clone()),
                None => changes.forgotten.push(message),
            }
        }
        changes
    }

    /// The intents that were saved, in whatever order they come, if they are what a header says.
    pub(crate) fn restore(saved: SavedIntents, counts: IntentCounts) -> Result<Self, Broken> {
        if counts == IntentCounts::default() && saved == SavedIntents::default() {
            return Ok(Self::default());
        }
        let mut kept = Kept { left: counts.left, ended: counts.ended, ..Kept::default() };
        let SavedIntents { open, pairs, replies } = saved;
        let (intents_saved, pairs_saved, replies_saved) = (open.len(), pairs.len(), replies.len());
        for pair in pairs {
            kept.put_pair(pair);
        }
        for intent in open {
            kept.put_intent(intent);
        }
        for reply in replies {
            kept.put_reply(reply);
        }
        kept.touched = Touched::default();
        let each_once = kept.open.len() == intents_saved
            && kept.in_order.len() == intents_saved
            && kept.pairs.len() == pairs_saved
            && kept.replies.len() == replies_saved;
        let intents = Self { kept: Some(Box::new(kept)) };
        if each_once && intents.counts() == counts && intents.has_one_effect() && intents.forgets_nothing() {
            Ok(intents)
        } else {
            Err(Broken::Intents)
        }
    }

    /// IN-1, for this side of each pair: the replies kept are those to all messages that were applied and not acknowledged.
    pub(crate) fn has_one_effect(&self) -> bool {
        let Some(kept) = &self.kept else { return true };
        let expected = kept.pairs.values().flat_map(|pair| {
            let ordinals = pair.acknowledged.0 + 1..=pair.received.0;
            ordinals.map(|ordinal| (pair.with, Ordinal(ordinal)))
        });
        let replies = kept.replies.keys().map(|&(from, ordinal)| (Target::Entity(from), ordinal));
        kept.pairs.values().all(|pair| pair.acknowledged <= pair.received) && expected.eq(replies)
    }

    /// IN-2: every intent that was left has ended or is open, and is found by its target, at or below the last that was sent there.
    pub(crate) fn forgets_nothing(&self) -> bool {
        let Some(kept) = &self.kept else { return true };
        let found = |intent: &IntentRecord| {
            kept.in_order.get(&(intent.to, intent.ordinal)) == Some(&intent.number)
                && kept.pairs.get(&intent.to).is_some_and(|pair| intent.ordinal <= pair.sent)
                && (1..=kept.left).contains(&intent.number.0)
        };
        kept.ended.checked_add(kept.open.len() as u64) == Some(kept.left)
            && kept.in_order.len() == kept.open.len()
            && kept.open.values().all(found)
    }

    /// The digest kept is the digest of what is there.
    pub(crate) fn digest_is_right(&self) -> bool {
        self.kept.as_ref().is_none_or(|kept| kept.digest == kept.digest_recomputed())
    }
}

impl Kept {
    /// How far this entity has come with another.
    fn pair(&self, with: Target) -> PairRecord {
        self.pairs.get(&with).copied().unwrap_or_else(|| PairRecord::new(with))
    }

    fn put_pair(&mut self, pair: PairRecord) {
        self.touched.pairs.insert(pair.with);
        self.digest = self.digest.wrapping_add(pair.digest());
        if let Some(before) = self.pairs.insert(pair.with, pair) {
            self.digest = self.digest.wrapping_sub(before.digest());
        }
    }

    fn put_intent(&mut self, intent: IntentRecord) {
        self.touched.intents.insert(intent.number);
        self.digest = self.digest.wrapping_add(intent.digest());
        self.in_order.insert((intent.to, intent.ordinal), intent.number);
        self.open.insert(intent.number, intent);
    }

    fn take_intent(&mut self, number: IntentNumber) -> IntentRecord {
        let intent = self.open.remove(&number).expect("only an open intent ends");
        let found = self.in_order.remove(&(intent.to, intent.ordinal));
        assert!(found == Some(number), "an open intent is found by its target");
        self.touched.intents.insert(number);
        self.digest = self.digest.wrapping_sub(intent.digest());
        intent
    }

    fn put_reply(&mut self, reply: ReplyRecord) {
        let message = (reply.from, reply.ordinal);
        self.touched.replies.insert(message);
        self.digest = self.digest.wrapping_add(reply.digest());
        self.replies.insert(message, reply);
    }

    fn take_reply(&mut self, from: EntityId, ordinal: Ordinal) {
        let reply = self.replies.remove(&(from, ordinal)).expect("a reply is kept until it is acknowledged");
        self.touched.replies.insert((from, ordinal));
        self.digest = self.digest.wrapping_sub(reply.digest());
    }

    fn digest_recomputed(&self) -> u64 {
        let intents = self.open.values().map(IntentRecord::digest);
        let pairs = self.pairs.values().map(PairRecord::digest);
        let replies = self.replies.values().map(ReplyRecord::digest);
        intents.chain(pairs).chain(replies).fold(0, u64::wrapping_add)
    }
}

/// A number that stands for how many were left and have ended; zero for none.
fn counted(left: u64, ended: u64) -> u64 {
    if left == 0 { 0 } else { Digest::new("intents").word(left).word(ended).finish() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntityKind, Partition};

    fn other(number: u128) -> EntityId {
        EntityId::new(EntityKind::Slot, Partition::new(1).unwrap(), number)
    }

    /// Three left for one entity and a provider, one of which has ended, and two heard from another, one of which is acknowledged.
    fn sound() -> Intents {
        let mut intents = Intents::default();
        let provider = Target::Provider(crate::Provider(7));
        for to in [Target::Entity(other(2)), provider, Target::Entity(other(2))] {
            intents.leave(to, Message::Acknowledge);
        }
        intents.end(IntentNumber(1));
        for (ordinal, acknowledged) in [(1, 0), (2, 1)] {
            let (from, to) = (other(3), other(1));
            let (ordinal, acknowledged) = (Ordinal(ordinal), Ordinal(acknowledged));
            let delivery = Delivery { from, to, ordinal, acknowledged, message: Message::Acknowledge };
            intents.keep(&delivery, Reply::Noted);
        }
        intents
    }

    #[test]
    fn each_is_numbered_and_nothing_breaks_an_invariant() {
        let intents = sound();
        let open = intents.open().map(|intent| (intent.number.0, intent.ordinal.0));
        assert!(open.eq([(2, 1), (3, 2)]), "by target");
        let third = intents.get(IntentNumber(3)).unwrap();
        let delivery = intents.delivery(other(1), third).unwrap();
        assert_eq!((delivery.ordinal, delivery.acknowledged), (Ordinal(2), Ordinal(1)));
        assert_eq!(
            intents.delivery(other(1), intents.get(IntentNumber(2)).unwrap()),
            None,
            "a provider is called"
        );
        assert_eq!(intents.counts(), IntentCounts { left: 3, ended: 1, pairs: 3, replies: 1 });
        assert!(intents.has_one_effect() && intents.forgets_nothing() && intents.digest_is_right());
        assert_eq!(Intents::default().digest(), 0, "what was never used adds nothing");
    }

    /// What is done to sound intents.
    type Change = fn(&mut Kept);

    fn check(holds: fn(&Intents) -> bool, changes: &[(&str, Change)]) {
        for (how, spoil) in changes {
            let mut intents = sound();
            spoil(intents.kept.as_mut().unwrap());
            assert!(!holds(&intents), "{how}");
        }
    }

    #[test]
    fn each_part_of_each_invariant_is_looked_at() {
        check(
            Intents::has_one_effect,
            &[
                ("a reply is missing", |kept| _ = kept.replies.pop_first()),
                ("a pair is missing", |kept| _ = kept.pairs.remove(&Target::Entity(other(3)))),
                ("more is acknowledged than applied", |kept| {
                    let pair = kept.pairs.get_mut(&Target::Entity(other(3))).unwrap();
                    pair.acknowledged = Ordinal(3);
                    kept.replies.clear();
                }),
            ],
        );
        check(
            Intents::forgets_nothing,
            &[
                ("one has ended twice", |kept| kept.ended += 1),
                ("one is missing", |kept| _ = kept.open.pop_first()),
                ("one is not found by its target", |kept| _ = kept.in_order.pop_first()),
                ("one is found as another", |kept| {
                    kept.in_order.values_mut().for_each(|number| *number = IntentNumber(3));
                }),
                ("a pair has sent less", |kept| {
                    kept.pairs.values_mut().for_each(|pair| pair.sent = Ordinal(1));
                }),
                ("a number was never given", |kept| (kept.left, kept.ended) = (2, 0)),
            ],
        );
        check(Intents::digest_is_right, &[("the digest", |kept| kept.digest += 1)]);
    }
}
