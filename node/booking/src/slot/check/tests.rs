//! A check that cannot fail is none: every part of every invariant is broken once, alone.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::array;
use core::num::NonZeroU32;

use crate::base::intents::Intents;
use crate::base::parts::Base;
use crate::base::receipts::Receipts;
use crate::invariant::{CATALOGUE, Invariant};
use crate::slot::inventory::Inventory;
use crate::slot::state::ledger::Ledger;
use crate::{
    Answer, Away, Booking, BookingRecord, Command, ConfirmedBy, Definition, EntityId, EntityKind,
    Fingerprint, FirstAnswer, Kind, Level, Mode, NewSlot, Number, Order, Origin, Partition, Policy,
    Promotion, ReceiptRecord, Refusal, Request, RequestKey, Sale, SavedHouse, Secret, Seq, Slot, SlotId,
    Standing, Stock, Timestamp, WaitlistPolicy,
};

const ORIGIN: RequestKey = RequestKey(1_000);
const REFUSED: RequestKey = RequestKey(2_000);

/// Ten units, four at most for each customer.
pub(crate) fn definition() -> Definition {
    let waitlist = WaitlistPolicy {
        capacity: 10,
        promotion: Promotion::Confirm,
        offer_seconds: 60,
        order: Order::Strict,
    };
    Definition {
        organizer: "studio".into(),
        placement: None,
        title: "yoga".into(),
        starts_at: Timestamp(800),
        ends_at: Timestamp(1_000),
        sale: Sale { opens_at: None, closes_at: None },
        stock: Stock::Units { capacity: 10 },
        tariff: None,
        policy: Policy {
            confirmed_by: ConfirmedBy::Customer,
            hold_seconds: 1,
            hold_seconds_max: 1,
            customer_limit: Some(4),
            cancel_until_seconds: 0,
            waitlist: Some(waitlist),
            on_account: None,
        },
        secret: Secret([1; 16]),
    }
}

/// A slot that was made like this, and for which everyone who asked is booked, or waits.
pub(crate) fn made(new: NewSlot, asked: impl IntoIterator<Item = Command>) -> Slot {
    let making = Command::CreateSlot(new.into());
    let (mut slot, mut records) = (None, Vec::new());
    for (key, command) in (1..).zip([making].into_iter().chain(asked)) {
        let id = SlotId { partition: Partition::new(1).unwrap(), hash: 1 };
        let request = Request { slot: id, key: RequestKey(key), fingerprint: Fingerprint(1), command };
        Slot::apply(&mut slot, Level::NEWEST, Timestamp(1), &request, &mut records);
    }
    assert!(records.iter().skip(1).all(|record| record.kind == Kind::Booked));
    slot.unwrap()
}

fn booking(number: u32, quantity: u32, standing: Standing) -> BookingRecord {
    BookingRecord {
        number: Number(number),
        request: RequestKey(number.into()),
        fingerprint: Fingerprint(1),
        customer: format!("customer {number}").into(),
        quantity,
        first_quantity: None,
        mode: Mode::Confirm,
        hold_seconds: None,
        created_at: Timestamp(0),
        first: FirstAnswer { seq: Seq(1 + u64::from(number)), standing: Standing::Confirmed },
        first_position: None,
        standing,
    }
}

/// One of each kind; three units are free, and who waits wants four.
fn bookings() -> [BookingRecord; 5] {
    [
        booking(1, 3, Standing::Confirmed),
        booking(2, 2, Standing::Held { until: Timestamp(500), lasts_ms: 400 }),
        booking(3, 2, Standing::Offered { until: Timestamp(600) }),
        booking(4, 4, Standing::Waitlisted),
        booking(5, 4, Standing::Cancelled { at: Timestamp(90) }),
    ]
}

fn inventory(definition: &Definition) -> Inventory {
    Inventory::restore(definition, SavedHouse::default(), Timestamp(1)).unwrap()
}

fn ledger(definition: &Definition, bookings: impl Into<Vec<BookingRecord>>) -> Ledger {
    let bookings = bookings.into();
    let latest = Number(u32::try_from(bookings.len()).unwrap());
    let bookings = bookings.into_iter().map(Booking::from).collect();
    Ledger::restore(definition, inventory(definition), bookings, latest, Away::default())
}

fn receipt(request: RequestKey, seq: u64) -> ReceiptRecord {
    ReceiptRecord {
        serial: seq,
        request,
        fingerprint: Fingerprint(1),
        seq: Seq(seq),
        at: Timestamp(90),
        answer: Answer::Refused(Refusal::SoldOut),
    }
}

/// A slot in which everything is as it should be.
fn sound() -> Slot {
    let definition = definition();
    Slot {
        base: Base {
            id: EntityId::new(EntityKind::Slot, Partition::new(1).unwrap(), 1),
            origin: Origin { request: ORIGIN, fingerprint: Fingerprint(1), at: Timestamp(0) },
            seq: Seq(6),
            stamp: Timestamp(100),
            receipts: Receipts::restore([receipt(REFUSED, 3)].into(), 1),
            intents: Intents::default(),
        },
        definition_digest: definition.digest(),
        original_definition: None,
        original_house: None,
        loosest_limit: definition.policy.customer_limit,
        cancelled: false,
        ledger: ledger(&definition, bookings()),
        account: None,
        definition: Arc::new(definition),
    }
}

fn redefine(slot: &mut Slot, change: impl FnOnce(&mut Definition)) {
    let mut definition = (*slot.definition).clone();
    change(&mut definition);
    slot.definition_digest = definition.digest();
    slot.definition = Arc::new(definition);
}

/// Other bookings, and what follows from those.
fn rebook<const COUNT: usize>(slot: &mut Slot, change: impl FnOnce(&mut [BookingRecord; 5])) {
    let mut all = bookings();
    change(&mut all);
    let some: [_; COUNT] = array::from_fn(|place| all[place].clone());
    slot.ledger = ledger(&slot.definition, some);
}

/// Everyone's bookings, and what would follow if these were all.
fn count_only(slot: &mut Slot, places: &[usize]) {
    let counted: Vec<_> = places.iter().map(|place| bookings()[*place].clone()).collect();
    let tally = ledger(&slot.definition, counted);
    slot.ledger = ledger(&slot.definition, bookings()).contradictory(tally);
}

fn order(slot: &mut Slot, order: Order) {
    redefine(slot, |definition| definition.policy.waitlist.as_mut().unwrap().order = order);
}

#[test]
fn a_slot_as_it_should_be_breaks_none() {
    assert_eq!(sound().check(), Ok(()));
    let names: Vec<_> = CATALOGUE.iter().map(|invariant| invariant.name()).collect();
    assert_eq!(
        names,
        [
            "BK-1", "BK-2", "BK-3", "BK-4", "BK-5", "BK-6", "BK-7", "BK-8", "BK-9", "BK-10", "BK-11", "IN-1",
            "IN-2", "MR-1", "MR-2", "MR-3", "MR-4"
        ]
    );
}

/// What is done to a sound slot.
type Change = fn(&mut Slot);

/// What is broken, which part of it, and how.
const BROKEN: &[(Invariant, &str, Change)] = &[
    (Invariant::Conservation, "capacity", |slot| {
        redefine(slot, |definition| definition.stock = Stock::Units { capacity: 11 });
    }),
    (Invariant::Conservation, "sum", |slot| slot.ledger.tally_mut().inventory_mut().spoil()),
    (Invariant::Conservation, "confirmed", |slot| count_only(slot, &[1, 2, 3, 4])),
    (Invariant::Conservation, "held", |slot| count_only(slot, &[0, 2, 3, 4])),
    (Invariant::Conservation, "offered", |slot| count_only(slot, &[0, 1, 3, 4])),
    (Invariant::Conservation, "waitlisted", |slot| count_only(slot, &[0, 1, 2, 4])),
    (Invariant::SingleOwner, "more than there is", |slot| {
        let mut larger = definition();
        larger.stock = Stock::Units { capacity: 11 };
        let mut more = bookings();
        more[0].quantity = 7;
        slot.ledger = ledger(&larger, more).contradictory(ledger(&slot.definition, bookings()));
    }),
    (Invariant::SingleOwner, "a number twice", |slot| rebook::<5>(slot, |all| all[4].number = Number(4))),
    (Invariant::SingleOwner, "beyond the latest", |slot| rebook::<5>(slot, |all| all[4].number = Number(6))),
    (Invariant::SingleOwner, "one is missing", |slot| {
        let four = bookings()[..4].iter().cloned().map(Booking::from).collect();
        let all = inventory(&slot.definition);
        slot.ledger = Ledger::restore(&slot.definition, all, four, Number(5), Away::default());
    }),
    (Invariant::NothingIdle, "no waitlist", |slot| {
        redefine(slot, |definition| definition.policy.waitlist = None);
    }),
    (Invariant::NothingIdle, "the head just fits", |slot| rebook::<5>(slot, |all| all[3].quantity = 3)),
    (Invariant::NothingIdle, "the second just fits", |slot| {
        order(slot, Order::SkipFit);
        rebook::<5>(slot, |all| (all[4].standing, all[4].quantity) = (Standing::Waitlisted, 3));
    }),
    (Invariant::LogOrder, "a waiter is not on the list", |slot| count_only(slot, &[0, 1, 2, 4])),
    (Invariant::OneEffect, "two bookings of a request", |slot| {
        rebook::<5>(slot, |all| all[4].request = all[3].request);
    }),
    (Invariant::OneEffect, "a booking of the slot's request", |slot| {
        slot.base.origin.request = RequestKey(2);
    }),
    (Invariant::OneEffect, "a receipt and a booking", |slot| {
        slot.base.receipts = Receipts::restore([receipt(RequestKey(2), 3)].into(), 1);
    }),
    (Invariant::OneEffect, "a receipt and the slot", |slot| slot.base.origin.request = REFUSED),
    (Invariant::OneEffect, "as many as at first, as if they were fewer", |slot| {
        rebook::<5>(slot, |all| all[4].first_quantity = NonZeroU32::new(4));
    }),
    (Invariant::OneEffect, "two receipts", |slot| {
        slot.base.receipts = Receipts::restore([receipt(REFUSED, 3), receipt(REFUSED, 4)].into(), 2);
    }),
    (Invariant::NoGap, "two by one change", |slot| {
        rebook::<5>(slot, |all| all[4].first.seq = all[3].first.seq);
    }),
    (Invariant::NoGap, "made with the slot", |slot| rebook::<5>(slot, |all| all[0].first.seq = Seq(1))),
    (Invariant::NoGap, "made later than the latest", |slot| slot.base.seq = Seq(5)),
    (Invariant::Deadlines, "one that nobody watches", |slot| count_only(slot, &[0, 1, 3, 4])),
    (Invariant::Deadlines, "one that has just passed", |slot| slot.base.stamp = Timestamp(500)),
    (Invariant::Deadlines, "a hold after the end", |slot| {
        redefine(slot, |definition| definition.ends_at = Timestamp(100));
        rebook::<3>(slot, |_all| {});
    }),
    (Invariant::Deadlines, "a waiter after the end", |slot| {
        redefine(slot, |definition| definition.ends_at = Timestamp(100));
        rebook::<4>(slot, |all| {
            (all[1].standing, all[2].standing) = (Standing::Confirmed, Standing::Confirmed);
        });
    }),
    (Invariant::CustomerLimit, "none now, but one remembered", |slot| {
        redefine(slot, |definition| definition.policy.customer_limit = None);
        rebook::<5>(slot, |_all| {});
    }),
    (Invariant::CustomerLimit, "none, and counted all the same", |slot| {
        redefine(slot, |definition| definition.policy.customer_limit = None);
        slot.loosest_limit = None;
    }),
    (Invariant::CustomerLimit, "one is counted who has nothing", |slot| {
        let more = [bookings().as_slice(), &[booking(6, 4, Standing::Waitlisted)]].concat();
        let tally = ledger(&slot.definition, more);
        slot.ledger = ledger(&slot.definition, bookings()).contradictory(tally);
    }),
    (Invariant::CustomerLimit, "one is counted for less", |slot| {
        let mut less = bookings();
        less[3].quantity = 3;
        let tally = ledger(&slot.definition, less);
        slot.ledger = ledger(&slot.definition, bookings()).contradictory(tally);
    }),
    (Invariant::CustomerLimit, "one has more", |slot| rebook::<5>(slot, |all| all[3].quantity = 5)),
    (Invariant::EqualBytes, "bookings", |slot| {
        let mut others = bookings();
        others[4].customer = "another".into();
        let tally = ledger(&slot.definition, others);
        slot.ledger = ledger(&slot.definition, bookings()).contradictory(tally);
    }),
    (Invariant::EqualBytes, "receipts", |slot| *slot.base.receipts.digest_mut() += 1),
    (Invariant::EqualBytes, "definition", |slot| slot.definition_digest += 1),
];

#[test]
fn each_part_of_each_is_looked_at() {
    for (invariant, part, spoil) in BROKEN {
        let mut slot = sound();
        spoil(&mut slot);
        assert!(!slot.upholds(*invariant), "{invariant}: {part}");
        assert!(slot.check().is_err(), "{invariant}: {part}");
    }
}

const ALLOWED: &[(&str, Change)] = &[
    ("all is taken", |slot| {
        rebook::<5>(slot, |all| (all[4].standing, all[4].quantity) = (Standing::Confirmed, 3));
    }),
    ("one who fits waits behind one who does not", |slot| {
        rebook::<5>(slot, |all| (all[4].standing, all[4].quantity) = (Standing::Waitlisted, 1));
    }),
    ("the last change made a booking", |slot| slot.base.seq = Seq(6)),
    ("a millisecond before a deadline", |slot| slot.base.stamp = Timestamp(499)),
    ("confirmed and cancelled after the end", |slot| {
        redefine(slot, |definition| definition.ends_at = Timestamp(100));
        let over = Standing::Cancelled { at: Timestamp(90) };
        rebook::<5>(slot, |all| all[1..4].iter_mut().for_each(|booking| booking.standing = over));
    }),
    ("fewer than at first", |slot| rebook::<5>(slot, |all| all[4].first_quantity = NonZeroU32::new(5))),
    ("as much as the limit", |slot| rebook::<5>(slot, |all| all[0].quantity = 4)),
];

#[test]
fn what_is_just_allowed_breaks_none() {
    for (allowed, change) in ALLOWED {
        let mut slot = sound();
        change(&mut slot);
        assert_eq!(slot.check(), Ok(()), "{allowed}");
    }
}
