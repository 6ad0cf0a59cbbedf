//! What tables cannot say: thousands of bookings, lists, and requests to somewhere else.

use booking::{
    Act, Book, BookingView, Command, Decision, Filter, Fingerprint, Level, Mode, Number, Outcome, Party,
    Reference, Request, RequestKey, Slot, Status, Timestamp, WhenFull, Wish, limits,
};

use crate::stage;

/// Applies a request that is written out.
fn ask(slot: &mut Option<Slot>, key: u128, customer: &str, quantity: u32) -> Outcome {
    let command = Command::Book(Book {
        customer: customer.into(),
        wish: Wish::Units(quantity),
        mode: Mode::Confirm,
        hold_seconds: None,
        when_full: WhenFull::Waitlist,
        basket: None,
    });
    let fingerprint = Fingerprint(u64::from(quantity));
    let request = Request { slot: stage::id(), key: RequestKey(key), fingerprint, command };
    Slot::apply(slot, Level::NEWEST, Timestamp(1), &request, &mut Vec::new())
}

/// A slot with two places per customer and a waitlist.
fn slot() -> Option<Slot> {
    let definition = stage::definition(&["capacity=2000", "waitlist=500"]);
    let command = Command::CreateSlot(Box::new(definition.into()));
    let request = Request { slot: stage::id(), key: RequestKey(0), fingerprint: Fingerprint(0), command };
    let mut slot = None;
    Slot::apply(&mut slot, Level::NEWEST, Timestamp(0), &request, &mut Vec::new());
    slot
}

#[test]
fn the_newest_refusals_are_remembered() {
    let mut slot = slot();
    let newest = u128::from(limits::REFUSALS_REMEMBERED);
    for key in 1..=newest {
        assert!(!ask(&mut slot, key, "alice", 2_001).replayed, "{key}");
    }
    assert!(ask(&mut slot, 1, "alice", 2_001).replayed, "all fit");
    assert!(!ask(&mut slot, newest + 1, "alice", 2_001).replayed);
    assert!(ask(&mut slot, 2, "alice", 2_001).replayed, "only one had to go");
    assert!(!ask(&mut slot, 1, "alice", 2_001).replayed, "the oldest has gone");
    assert!(!ask(&mut slot, 2, "alice", 2_001).replayed, "and so the next");
    assert_eq!(slot.unwrap().check(), Ok(()));
}

#[test]
fn a_request_for_another_slot_finds_nothing() {
    let mut slot = slot();
    let mut other = stage::id();
    other.hash += 1;
    let request = Request {
        slot: other,
        key: RequestKey(9),
        fingerprint: Fingerprint(1),
        command: Command::CancelSlot,
    };
    let outcome = Slot::apply(&mut slot, Level::NEWEST, Timestamp(1), &request, &mut Vec::new());
    assert_eq!(outcome.decision, Decision::NotFound);
    assert!(!slot.unwrap().view().cancelled);
}

/// A filter, and the same as a question about one booking.
type Row = (Filter<'static>, fn(&BookingView) -> bool);

#[test]
fn bookings_are_listed_by_creation() {
    let mut slot = slot();
    for key in 1..=2_100_u32 {
        ask(&mut slot, u128::from(key), &format!("customer {}", key % 7), 1);
    }
    let slot = slot.unwrap();
    let all = |_: &BookingView| true;
    let rows: [Row; 6] = [
        (Filter::default(), all),
        (Filter { customer: Some("customer 3"), ..Filter::default() }, |view| {
            &*view.customer == "customer 3"
        }),
        (Filter { customer: Some("nobody"), ..Filter::default() }, |_| false),
        (Filter { status: Some(Status::Waitlisted), ..Filter::default() }, |view| view.number.0 > 2_000),
        (Filter { status: Some(Status::Held), ..Filter::default() }, |_| false),
        (
            Filter { customer: Some("customer 3"), status: Some(Status::Waitlisted), reference: None },
            |view| &*view.customer == "customer 3" && view.number.0 > 2_000,
        ),
    ];
    let everything = (1..=2_100).map(|key| slot.booking(RequestKey(key)).unwrap()).collect::<Vec<_>>();
    for (filter, wanted) in rows {
        for (after, limit) in
            [(None, usize::MAX), (None, 3), (Some(Number(1_995)), 50), (Some(Number(2_100)), 1)]
        {
            let expected =
                everything.iter().filter(|view| Some(view.number) > after && wanted(view)).take(limit);
            let expected = expected.map(|view| (view.number, view.clone())).collect::<Vec<_>>();
            assert_eq!(slot.bookings(&filter, after, limit).found, expected, "{filter:?} after {after:?}");
        }
    }
}

/// However rare what is wanted: no look sees more than its share, and those that go on miss nobody and give nobody twice.
#[test]
fn looks_are_bounded_and_go_on_from_each_other() {
    let look_max = limits::LOOKED_AT_ONCE_MAX;
    let waiting = u32::try_from(2 * look_max + 100).unwrap();
    let definition = stage::definition(&["capacity=10", &format!("waitlist={waiting}")]);
    let making = Command::CreateSlot(Box::new(definition.into()));
    let mut slot = None;
    let at = |slot: &mut Option<Slot>, key, command| {
        let request =
            Request { slot: stage::id(), key: RequestKey(key), fingerprint: Fingerprint(0), command };
        Slot::apply(slot, Level::NEWEST, Timestamp(1), &request, &mut Vec::new())
    };
    at(&mut slot, 0, making);
    // Ten have their places, and one customer has every other booking.
    let count = waiting + 10;
    for key in 1..=count {
        ask(&mut slot, u128::from(key), if key % 2 == 0 { "alice" } else { "bob" }, 1);
    }
    // A long row of waiters leaves, but for one now and then: those are what is rare.
    for key in (11..=count - 50).filter(|key| key % 2_000 != 0) {
        let act = Act { booking: RequestKey(u128::from(key)), by: Party::Organizer };
        at(&mut slot, u128::from(key) << 64, Command::CancelBooking(act));
    }
    let slot = slot.unwrap();
    let all = (1..=count).map(|key| slot.booking(RequestKey(u128::from(key))).unwrap()).collect::<Vec<_>>();
    let by = |customer, status| Filter { customer, status, reference: None };
    let rows: [(Filter<'static>, usize); 8] = [
        (by(None, None), 3),
        (by(None, Some(Status::Expired)), 3),
        (by(None, Some(Status::Confirmed)), 3),
        (by(None, Some(Status::Cancelled)), 3),
        (by(None, Some(Status::Waitlisted)), 1),
        (by(Some("alice"), Some(Status::Expired)), 2),
        (by(Some("bob"), None), 2),
        (by(Some("nobody"), None), 1),
    ];
    for (filter, looks_max) in rows {
        let wanted = all.iter().filter(|view| {
            filter.customer.is_none_or(|customer| customer == &*view.customer)
                && filter.status.is_none_or(|status| status == view.status)
        });
        let wanted = wanted.map(|view| view.number).collect::<Vec<_>>();
        let (mut found, mut after, mut looks) = (Vec::new(), None, 0);
        loop {
            let looked = slot.bookings(&filter, after, usize::MAX);
            found.extend(looked.found.iter().map(|(number, _)| *number));
            looks += 1;
            assert!(looked.found.len() <= look_max, "{filter:?} in look {looks}");
            assert!(looked.upto.is_none_or(|upto| after < Some(upto)), "{filter:?}: it goes on");
            after = looked.upto;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, wanted, "{filter:?}");
        assert!(looks <= looks_max, "{filter:?} took {looks} looks");
    }
}

#[test]
fn a_reference_finds_its_booking_alone() {
    let mut slot = slot();
    for key in 1..=50 {
        ask(&mut slot, key, "alice", 1);
    }
    let slot = slot.unwrap();
    for key in 1..=50 {
        let view = slot.booking(RequestKey(key)).unwrap();
        let found = |filter: Filter<'_>, after| {
            slot.bookings(&filter, after, 10).found.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
        };
        let filter = Filter { reference: Some(view.reference), ..Filter::default() };
        assert_eq!(found(filter, None), [view.number]);
        assert_eq!(found(filter, Some(view.number)), []);
        assert_eq!(found(Filter { customer: Some("bob"), ..filter }, None), []);
    }
    let nobodys = Reference::parse("00000000").unwrap();
    assert_eq!(slot.bookings(&Filter { reference: Some(nobodys), ..Filter::default() }, None, 10).found, []);
}
