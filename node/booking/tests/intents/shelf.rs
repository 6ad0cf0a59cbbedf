//! Toys on a shelf: each beside what is saved of it, checked after every step.

use std::collections::BTreeMap;

use booking::entity::{Changes, Entity, Outcome, Record, Request, Saved};
use booking::toy::{self, Command, Decision};
use booking::{
    Delivered, Delivery, EntityId, EntityKind, Fingerprint, IntentNumber, IntentRecord, Level, Ordinal,
    PairRecord, Partition, Reply, ReplyRecord, Report, Reported, RequestKey, SavedIntents, Target, Timestamp,
};

/// The toy with this number.
pub(crate) fn id(number: u128) -> EntityId {
    EntityId::new(EntityKind::Toy, Partition::new(9).unwrap(), number)
}

/// What is saved of one toy.
#[derive(Clone)]
pub(crate) struct Toy {
    pub(crate) header: toy::Header,
    pub(crate) receipts: BTreeMap<RequestKey, toy::ReceiptRecord>,
    pub(crate) intents: BTreeMap<IntentNumber, IntentRecord>,
    pub(crate) pairs: BTreeMap<Target, PairRecord>,
    pub(crate) replies: BTreeMap<(EntityId, Ordinal), ReplyRecord>,
}

impl Toy {
    /// All of it, as it is loaded.
    pub(crate) fn into_saved(self) -> Saved {
        let intents = SavedIntents {
            open: self.intents.into_values().collect(),
            pairs: self.pairs.into_values().collect(),
            replies: self.replies.into_values().collect(),
        };
        Saved::Toy(self.header, self.receipts.into_values().collect(), intents)
    }
}

/// Toys that know of each other only by messages.
#[derive(Default)]
pub(crate) struct Shelf {
    toys: BTreeMap<EntityId, Entity>,
    saved: BTreeMap<EntityId, Toy>,
    keys: u128,
    now: u64,
}

impl Shelf {
    /// Puts a toy on the shelf.
    pub(crate) fn make(&mut self, id: EntityId, amount: u32, room: u64) {
        self.ask(id, Command::Make { amount, room });
    }

    /// A key that nobody has used.
    pub(crate) fn next_key(&mut self) -> RequestKey {
        self.keys += 1;
        RequestKey(self.keys)
    }

    /// Asks a toy.
    pub(crate) fn ask(&mut self, id: EntityId, command: Command) -> Decision {
        let key = self.next_key();
        self.ask_with(id, key, command)
    }

    /// Asks a toy with this key. Asked again it answers the same.
    pub(crate) fn ask_with(&mut self, id: EntityId, key: RequestKey, command: Command) -> Decision {
        let first = self.apply(id, key, command);
        if !matches!(first, Decision::Overloaded) {
            assert_eq!(self.apply(id, key, command), first);
        }
        self.look(id);
        first
    }

    /// Asks a toy, and does not look at it afterwards.
    pub(crate) fn ask_unchecked(&mut self, id: EntityId, command: Command) -> Decision {
        let key = self.next_key();
        self.apply(id, key, command)
    }

    fn apply(&mut self, toy: EntityId, key: RequestKey, command: Command) -> Decision {
        let request = Request::Toy(toy::Request { toy, key, fingerprint: Fingerprint(1), command });
        let mut entity = self.toys.remove(&toy);
        let before = entity.as_ref().map_or(0, seq);
        let (at, mut records) = (self.tick(), Vec::new());
        let outcome = Entity::apply(&mut entity, Level::NEWEST, at, &request, &mut records);
        let Outcome::Toy(outcome) = outcome else { panic!("a toy answers as a toy") };
        if let Some(entity) = entity {
            judge(&entity, before, &records);
            self.toys.insert(toy, entity);
        }
        outcome.decision
    }

    /// Brings a message to a toy.
    pub(crate) fn deliver(&mut self, delivery: &Delivery) -> Delivered {
        let at = self.tick();
        let Some(toy) = self.toys.get_mut(&delivery.to) else { return Delivered::Nowhere };
        let (before, mut records) = (seq(toy), Vec::new());
        let delivered = toy.deliver(Level::NEWEST, at, delivery, &mut records);
        judge(toy, before, &records);
        self.look(delivery.to);
        delivered
    }

    /// Brings a reply to who asked.
    pub(crate) fn report(&mut self, to: EntityId, intent: IntentNumber, reply: Reply) -> Reported {
        let at = self.tick();
        let Some(toy) = self.toys.get_mut(&to) else { return Reported::Nowhere };
        let (before, mut records) = (seq(toy), Vec::new());
        let reported = toy.report(Level::NEWEST, at, &Report { to, intent, reply }, &mut records);
        judge(toy, before, &records);
        self.look(to);
        reported
    }

    /// Carries out all that a toy has left.
    pub(crate) fn carry_out(&mut self, id: EntityId) {
        let numbers = self.numbers(id);
        for number in numbers {
            let delivery = self.delivery(id, number);
            let Delivered::Replied(reply) = self.deliver(&delivery) else { panic!("{delivery:?}") };
            assert_eq!(self.report(id, number, reply), Reported::Ended);
        }
    }

    /// The open intents of a toy.
    pub(crate) fn numbers(&self, id: EntityId) -> Vec<IntentNumber> {
        self.toys[&id].intents().map(|intent| intent.number).collect()
    }

    /// What an open intent says.
    pub(crate) fn delivery(&self, id: EntityId, number: IntentNumber) -> Delivery {
        let toy = &self.toys[&id];
        toy.delivery(toy.intents().find(|intent| intent.number == number).unwrap()).unwrap()
    }

    /// The node ends and starts again: every toy is what was saved of it.
    pub(crate) fn restart(&mut self) {
        for (id, toy) in &mut self.toys {
            let digest = toy.digest();
            *toy = Entity::restore(self.saved[id].clone().into_saved()).unwrap();
            assert_eq!(toy.digest(), digest);
            assert_eq!(toy.check(), Ok(()));
        }
    }

    /// What is saved of a toy.
    pub(crate) fn saved(&self, id: EntityId) -> Toy {
        self.saved[&id].clone()
    }

    /// What a toy has.
    pub(crate) fn amount(&self, id: EntityId) -> u64 {
        view(&self.toys[&id]).amount
    }

    /// What was taken out of a toy.
    pub(crate) fn taken(&self, id: EntityId) -> u64 {
        view(&self.toys[&id]).taken
    }

    /// The latest change of a toy.
    pub(crate) fn seq(&self, id: EntityId) -> u64 {
        seq(&self.toys[&id])
    }

    /// How many intents of a toy are open.
    pub(crate) fn open(&self, id: EntityId) -> usize {
        self.toys[&id].intents().len()
    }

    fn tick(&mut self) -> Timestamp {
        self.now += 1;
        Timestamp(self.now)
    }

    /// Checks a toy, and saves what has changed of it.
    fn look(&mut self, id: EntityId) {
        let Some(toy) = self.toys.get_mut(&id) else { return };
        assert_eq!(toy.check(), Ok(()));
        let Changes::Toy(changes) = toy.take_changes(Timestamp(0)) else { panic!("a toy is saved as a toy") };
        let toy::Changes { header, receipts, forgotten, intents } = changes;
        let saved = self.saved.entry(id).or_insert_with(|| Toy {
            header: header.clone(),
            receipts: BTreeMap::new(),
            intents: BTreeMap::new(),
            pairs: BTreeMap::new(),
            replies: BTreeMap::new(),
        });
        saved.header = header;
        saved.receipts.extend(receipts.into_iter().map(|receipt| (receipt.request, receipt)));
        saved.receipts.retain(|request, _| !forgotten.contains(request));
        saved.intents.extend(intents.left.into_iter().map(|intent| (intent.number, intent)));
        saved.intents.retain(|number, _| !intents.ended.contains(number));
        saved.pairs.extend(intents.pairs.into_iter().map(|pair| (pair.with, pair)));
        let replies = intents.replies.into_iter().map(|reply| ((reply.from, reply.ordinal), reply));
        saved.replies.extend(replies);
        saved.replies.retain(|message, _| !intents.forgotten.contains(message));
    }
}

/// A step takes one seq and becomes one record, or none of both.
fn judge(toy: &Entity, before: u64, records: &[Record]) {
    let Record::Toy(record) = (match records {
        [] => return assert_eq!(seq(toy), before),
        [record] => record,
        _ => panic!("more than one record: {records:?}"),
    }) else {
        panic!("a toy records as a toy")
    };
    assert_eq!((record.seq.0, record.amount), (before + 1, view(toy).amount));
    assert_eq!(seq(toy), before + 1);
}

fn seq(toy: &Entity) -> u64 {
    view(toy).seq.0
}

fn view(toy: &Entity) -> toy::View {
    let Entity::Toy(toy) = toy else { panic!("only toys are on the shelf") };
    toy.view()
}
