//! The same for a calendar: every part of what is said of what is taken over time is broken once, alone.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;

use super::tests::{definition, made};
use crate::invariant::Invariant;
use crate::slot::inventory::claim::Claim;
use crate::{
    Book, Buffers, CalendarPlaces, CalendarStock, Command, Definition, HoursRule, Lengths, Mode, NewSlot,
    Number, Openings, Order, Range, RangeClaim, RangeHad, RangeWish, Slot, Standing, Status, Stock,
    Timestamp, WaitlistPolicy, WhenFull, Wish,
};

fn range(from: u64, to: u64) -> Range {
    Range::new(Timestamp(from * 60_000), Timestamp(to * 60_000)).unwrap()
}

/// One place: somebody has two minutes of it, and somebody else holds the next two; a third waits for some of both.
fn sound() -> Slot {
    let lengths = Lengths {
        grid_seconds: 60,
        minimum_seconds: 60,
        maximum_seconds: 600,
        before_seconds: 0,
        after_seconds: 0,
        lead_seconds: 0,
        horizon_seconds: 86_400,
    };
    let stock = CalendarStock { places: CalendarPlaces::Count(1), lengths, rule: HoursRule::default() };
    let mut definition = Definition { stock: Stock::Calendar(Arc::new(stock)), ..definition() };
    (definition.starts_at, definition.ends_at) = (Timestamp(0), Timestamp(6_000_000));
    definition.sale.closes_at = None;
    definition.policy.customer_limit = None;
    definition.policy.hold_seconds = 600;
    definition.policy.hold_seconds_max = 600;
    definition.policy.waitlist = Some(WaitlistPolicy { order: Order::SkipFit, ..WaitlistPolicy::USUAL });
    let openings = Openings { each: vec![range(0, 100)], until: definition.ends_at };
    let asked = [(10, 12, Mode::Confirm), (12, 14, Mode::Hold), (11, 13, Mode::Confirm)];
    let booked = asked.map(|(from, to, mode)| {
        let (from, to) = (Timestamp(from * 60_000), Timestamp(to * 60_000));
        let wish = Wish::Range(Box::new(RangeWish { from, to, resource: None, quantity: 1 }));
        let (customer, when_full) = ("alice".into(), WhenFull::Waitlist);
        Command::Book(Book { customer, wish, mode, hold_seconds: None, when_full, basket: None })
    });
    made(NewSlot::of_calendar(definition, openings), booked)
}

/// What is done to a sound slot.
type Change = fn(&mut Slot);

/// Has somebody claim this range, and nothing follow from it.
fn claim(slot: &mut Slot, number: u32, range: Range, lead_seconds: u32) {
    let had = RangeHad { range, resource: None };
    let claim = RangeClaim { had, buffers: Buffers::default(), lead_seconds, first: None };
    slot.ledger.bookings_mut().set_range(Number(number), claim);
}

/// Takes a range for nobody.
fn take(slot: &mut Slot, range: Range, status: Status) {
    let had = RangeHad { range, resource: None };
    let range = RangeClaim { had, buffers: Buffers::default(), lead_seconds: 0, first: None };
    let claim = Claim { number: Number(9), quantity: 1, seats: None, range: Some(&range), bill: None };
    slot.ledger.inventory_mut().restore_claim(&claim, status);
}

/// What is broken, which part of it, and how.
const BROKEN: &[(Invariant, &str, Change)] = &[
    (Invariant::SingleOwner, "two have the same minute", |slot| claim(slot, 1, range(11, 13), 0)),
    (Invariant::SeatsOnce, "two have the same minute", |slot| claim(slot, 2, range(10, 11), 0)),
    (Invariant::SeatsOnce, "a minute is taken that nobody has", |slot| {
        take(slot, range(20, 21), Status::Held);
    }),
    (Invariant::SeatsOnce, "a minute that somebody has is not taken", |slot| {
        claim(slot, 1, range(9, 12), 0);
    }),
    (Invariant::HouseCounts, "more is held than bookings hold", |slot| {
        take(slot, range(20, 21), Status::Held);
    }),
    (Invariant::Conservation, "more is confirmed than bookings have", |slot| {
        take(slot, range(20, 21), Status::Confirmed);
    }),
    (Invariant::HouseCounts, "somebody waits for something else", |slot| claim(slot, 3, range(11, 14), 0)),
    (Invariant::HouseCounts, "somebody holds what has begun", |slot| {
        let late = Standing::Held { until: Timestamp(13 * 60_000), lasts_ms: 1 };
        slot.ledger.bookings_mut().set_standing(Number(2), late);
    }),
    (Invariant::NothingIdle, "somebody waits who could be served", |slot| {
        claim(slot, 3, range(14, 15), 0);
    }),
    (Invariant::Deadlines, "somebody waits for longer than one may ask", |slot| {
        claim(slot, 3, range(11, 13), 60);
    }),
    (Invariant::EqualBytes, "what a booking has", |slot| claim(slot, 1, range(8, 10), 0)),
];

#[test]
fn each_part_of_each_is_looked_at() {
    assert_eq!(sound().check(), Ok(()));
    for (invariant, part, spoil) in BROKEN {
        let mut slot = sound();
        spoil(&mut slot);
        assert!(!slot.upholds(*invariant), "{invariant}: {part}");
        assert!(slot.check().is_err(), "{invariant}: {part}");
    }
}
