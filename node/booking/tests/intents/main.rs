//! Intents between two entities: whatever is lost, repeated or delayed on the way, each has one effect in the end.
//!
//! Tables first, then random orders beside a naive oracle.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod network;
mod oracle;
mod shelf;

use booking::entity::{Changes, Entity, Outcome, Request, Saved};
use booking::limits::INTENTS_OPEN_MAX;
use booking::toy::{self, Command, Decision, Refusal};
use booking::{
    Broken, ConfirmedBy, Definition, Delivered, Delivery, Fingerprint, IntentNumber, Level, Message, Ordinal,
    Partition, Policy, Reply, Report, Reported, RequestKey, Sale, SavedHouse, SavedIntents, SavedSlot,
    Secret, SlotId, Stock, Timestamp,
};
use shelf::{Shelf, id};

/// Two toys: the first has 10, the second nothing, and room for 12.
fn two() -> Shelf {
    let mut shelf = Shelf::default();
    shelf.make(id(1), 10, 100);
    shelf.make(id(2), 0, 12);
    shelf
}

fn give(amount: u64) -> Command {
    Command::Give { to: id(2), amount }
}

#[test]
fn what_is_given_is_received_once() {
    let mut shelf = two();
    assert_eq!(shelf.ask(id(1), give(4)), Decision::Left(IntentNumber(1)));
    assert_eq!((shelf.amount(id(1)), shelf.amount(id(2))), (6, 0), "set aside, and not there yet");
    let delivery = shelf.delivery(id(1), IntentNumber(1));
    for _ in 0..3 {
        assert_eq!(shelf.deliver(&delivery), Delivered::Replied(Reply::Taken));
        assert_eq!((shelf.amount(id(2)), shelf.seq(id(2))), (4, 2), "a repetition takes no seq");
    }
    assert_eq!(shelf.report(id(1), IntentNumber(1), Reply::Taken), Reported::Ended);
    assert_eq!(shelf.report(id(1), IntentNumber(1), Reply::Full), Reported::Before);
    assert_eq!((shelf.amount(id(1)), shelf.open(id(1))), (6, 0));
}

#[test]
fn what_is_refused_comes_back_once() {
    let mut shelf = two();
    shelf.ask(id(1), give(8));
    shelf.ask(id(1), give(1));
    shelf.ask(id(1), Command::Take { amount: 1 });
    let (first, second) = (shelf.delivery(id(1), IntentNumber(1)), shelf.delivery(id(1), IntentNumber(2)));
    shelf.make(id(3), 5, 5);
    shelf.ask(id(3), give(5));
    shelf.carry_out(id(3));
    assert_eq!(shelf.amount(id(2)), 5);
    assert_eq!(shelf.deliver(&first), Delivered::Replied(Reply::Full));
    assert_eq!(shelf.deliver(&second), Delivered::Replied(Reply::Taken));
    for (intent, reply) in [(1, Reply::Full), (1, Reply::Full), (2, Reply::Taken)] {
        shelf.report(id(1), IntentNumber(intent), reply);
    }
    assert_eq!((shelf.amount(id(1)), shelf.amount(id(2))), (8, 6));
}

#[test]
fn messages_of_a_pair_are_applied_in_order() {
    let mut shelf = two();
    shelf.ask(id(1), give(4));
    shelf.ask(id(1), Command::Reclaim { from: id(2), amount: 4 });
    let gift = shelf.delivery(id(1), IntentNumber(1));
    let back = shelf.delivery(id(1), IntentNumber(2));
    assert_eq!(shelf.deliver(&back), Delivered::Early, "it would find nothing to take back");
    assert_eq!(shelf.seq(id(2)), 1);
    assert_eq!(shelf.deliver(&gift), Delivered::Replied(Reply::Taken));
    assert_eq!(shelf.deliver(&back), Delivered::Replied(Reply::Returned { amount: 4 }));
    assert_eq!(shelf.deliver(&gift), Delivered::Replied(Reply::Taken), "from what is kept");
    shelf.report(id(1), IntentNumber(2), Reply::Returned { amount: 4 });
    shelf.report(id(1), IntentNumber(1), Reply::Taken);
    assert_eq!((shelf.amount(id(1)), shelf.amount(id(2))), (10, 0));
}

#[test]
fn replies_are_kept_until_they_are_acknowledged() {
    let mut shelf = two();
    for _ in 0..3 {
        shelf.ask(id(1), give(1));
    }
    let [first, second, third] = [1, 2, 3].map(|number| shelf.delivery(id(1), IntentNumber(number)));
    assert_eq!(third.acknowledged, Ordinal(0));
    shelf.deliver(&first);
    shelf.deliver(&second);
    // The second is known and the first is not: nothing is acknowledged before it.
    shelf.report(id(1), IntentNumber(2), Reply::Taken);
    assert_eq!(shelf.delivery(id(1), IntentNumber(3)).acknowledged, Ordinal(0));
    shelf.report(id(1), IntentNumber(1), Reply::Taken);
    let third = shelf.delivery(id(1), IntentNumber(3));
    assert_eq!((third.ordinal, third.acknowledged), (Ordinal(3), Ordinal(2)));
    assert_eq!(shelf.deliver(&first), Delivered::Replied(Reply::Taken));
    shelf.deliver(&third);
    for late in [first, second] {
        assert_eq!(shelf.deliver(&late), Delivered::Settled);
    }
    assert_eq!(shelf.amount(id(2)), 3);
    shelf.report(id(1), IntentNumber(3), Reply::Taken);
    shelf.ask(id(1), Command::Acknowledge { to: id(2) });
    shelf.carry_out(id(1));
    assert_eq!(
        shelf.saved(id(2)).replies.into_values().map(|kept| kept.reply).collect::<Vec<_>>(),
        [Reply::Noted]
    );
    assert_eq!(shelf.seq(id(2)), 4, "nothing that anyone could see has changed");
}

#[test]
fn a_toy_gives_to_itself() {
    let mut shelf = two();
    shelf.ask(id(1), Command::Give { to: id(1), amount: 4 });
    shelf.ask(id(1), Command::Reclaim { from: id(1), amount: 9 });
    shelf.carry_out(id(1));
    assert_eq!((shelf.amount(id(1)), shelf.open(id(1))), (10, 0));
}

#[test]
fn only_new_asks_are_refused_for_too_many_intents() {
    let mut shelf = two();
    let reclaim = Command::Reclaim { from: id(2), amount: 1 };
    for number in 1..=INTENTS_OPEN_MAX as u64 {
        assert_eq!(shelf.ask_unchecked(id(1), reclaim), Decision::Left(IntentNumber(number)));
    }
    let seq = shelf.seq(id(1));
    let key = shelf.next_key();
    for command in [reclaim, give(1)] {
        assert_eq!(shelf.ask(id(1), command), Decision::Overloaded);
    }
    assert_eq!((shelf.seq(id(1)), shelf.amount(id(1))), (seq, 10));
    assert_eq!(
        shelf.ask(id(1), give(11)),
        Decision::Refused(Refusal::TooLittle),
        "it would be refused anyway"
    );
    assert!(matches!(shelf.ask(id(1), Command::Take { amount: 1 }), Decision::Toy(_)), "it leaves none");
    shelf.make(id(3), 5, 5);
    shelf.ask(id(3), Command::Give { to: id(1), amount: 5 });
    shelf.carry_out(id(3));
    assert_eq!(shelf.amount(id(1)), 14, "others are heard");
    shelf.report(id(1), IntentNumber(7), Reply::Returned { amount: 0 });
    assert!(matches!(shelf.ask_with(id(1), key, reclaim), Decision::Left(_)), "the same key, refused before");
}

/// What is done to what was saved.
type Spoil = fn(&mut shelf::Toy);

#[test]
fn what_is_saved_is_believed_only_as_a_whole() {
    let mut shelf = two();
    shelf.ask(id(1), give(1));
    shelf.ask(id(1), give(1));
    shelf.ask(id(2), Command::Reclaim { from: id(1), amount: 2 });
    shelf.carry_out(id(2));
    let whole = shelf.saved(id(1));
    assert!(Entity::restore(whole.clone().into_saved()).is_ok());
    let spoilt: [(&str, Spoil, Broken); 7] = [
        ("an intent is missing", |toy| _ = toy.intents.pop_first(), Broken::Intents),
        ("a reply is missing", |toy| _ = toy.replies.pop_first(), Broken::Intents),
        ("a pair is missing", |toy| _ = toy.pairs.pop_first(), Broken::Intents),
        ("one more was left", |toy| toy.header.intents.left += 1, Broken::Intents),
        (
            "a pair has sent less",
            |toy| toy.pairs.values_mut().for_each(|pair| pair.sent = Ordinal(1)),
            Broken::Intents,
        ),
        (
            "a reply is another",
            |toy| toy.replies.values_mut().for_each(|kept| kept.reply = Reply::Full),
            Broken::Digest,
        ),
        ("a receipt is missing", |toy| _ = toy.receipts.pop_first(), Broken::Digest),
    ];
    for (how, spoil, broken) in spoilt {
        let mut toy = whole.clone();
        spoil(&mut toy);
        assert_eq!(Entity::restore(toy.into_saved()).err(), Some(broken), "{how}");
    }
}

#[test]
fn whatever_happens_on_the_way_each_has_one_effect() {
    for seed in 1..=300 {
        network::run(seed);
    }
}

#[test]
fn a_slot_is_an_entity_like_any_other() {
    let partition = Partition::new(9).unwrap();
    let slot = SlotId { partition, hash: 1 };
    let request = Request::Slot(booking::Request {
        slot,
        key: RequestKey(1),
        fingerprint: Fingerprint(1),
        command: booking::Command::CreateSlot(Box::new(yoga().into())),
    });
    let (mut entity, mut records) = (None, Vec::new());
    let mut ask =
        |request: &Request| Entity::apply(&mut entity, Level::NEWEST, Timestamp(1), request, &mut records);
    let Outcome::Slot(outcome) = ask(&request) else { panic!("a slot answers as a slot") };
    assert!(matches!(outcome.decision, booking::Decision::Slot(_)));
    let to_a_toy =
        |toy| toy::Request { toy, key: RequestKey(2), fingerprint: Fingerprint(2), command: give(1) };
    for toy in [slot.into(), id(1)] {
        let Outcome::Toy(outcome) = ask(&Request::Toy(to_a_toy(toy))) else {
            panic!("it was asked as a toy")
        };
        assert_eq!(outcome.decision, Decision::NotFound);
    }
    let mut entity = entity.unwrap();
    assert_eq!((entity.id(), entity.check(), entity.intents().len()), (slot.into(), Ok(()), 0));
    assert_eq!(entity.deadline(), None);
    let (to, ordinal, acknowledged) = (entity.id(), Ordinal(1), Ordinal(0));
    let delivery = Delivery { from: id(1), to, ordinal, acknowledged, message: Message::Give { amount: 1 } };
    let delivered = entity.deliver(Level::NEWEST, Timestamp(2), &delivery, &mut records);
    assert_eq!(delivered, Delivered::Foreign, "a slot knows no such message");
    let report = Report { to, intent: IntentNumber(1), reply: Reply::Taken };
    let reported = entity.report(Level::NEWEST, Timestamp(3), &report, &mut records);
    assert_eq!(reported, Reported::Before, "a slot has left none");
    entity.pulse(Level::NEWEST, Timestamp(4), &mut records);
    assert_eq!(records.len(), 1, "only its making has changed anything");
    let digest = entity.digest();
    let Changes::Slot(changes) = entity.take_changes(Timestamp(0)) else {
        panic!("a slot is saved as a slot")
    };
    let saved = SavedSlot {
        header: changes.header,
        bookings: changes.bookings,
        receipts: changes.receipts,
        intents: SavedIntents::default(),
        house: SavedHouse::default(),
    };
    let restored = Entity::restore(Saved::Slot(Box::new(saved))).unwrap();
    assert_eq!((restored.digest(), restored.first_over()), (digest, None));
    assert_eq!(restored.slot().map(|slot| slot.view().id), Some(slot));
}

fn yoga() -> Definition {
    Definition {
        organizer: "studio".into(),
        placement: None,
        title: "yoga".into(),
        starts_at: Timestamp(1_000),
        ends_at: Timestamp(2_000),
        sale: Sale { opens_at: None, closes_at: None },
        stock: Stock::Units { capacity: 10 },
        tariff: None,
        policy: Policy {
            confirmed_by: ConfirmedBy::Customer,
            hold_seconds: 1,
            hold_seconds_max: 1,
            customer_limit: None,
            cancel_until_seconds: 0,
            waitlist: None,
            on_account: None,
        },
        secret: Secret([1; 16]),
    }
}
