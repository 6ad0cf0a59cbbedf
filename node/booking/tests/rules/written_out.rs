//! What tables cannot say: thousands of bookings, lists, and requests to somewhere else.

use booking::{
    Book, BookingView, Command, Decision, Filter, Fingerprint, Level, Mode, Number, Outcome, Reference,
    Request, RequestKey, Slot, Status, Timestamp, WhenFull, limits,
};

use crate::stage;

/// Applies a request that is written out.
fn ask(slot: &mut Option<Slot>, key: u128, customer: &str, quantity: u32) -> Outcome {
    let command = Command::Book(Book {
        customer: customer.into(),
        quantity,
        mode: Mode::Confirm,
        hold_seconds: None,
        when_full: WhenFull::Waitlist,
    });
    let fingerprint = Fingerprint(u64::from(quantity));
    let request = Request { slot: stage::id(), key: RequestKey(key), fingerprint, command };
    Slot::apply(slot, Level::NEWEST, Timestamp(1), &request, &mut Vec::new())
}

/// A slot with two places per customer and a waitlist.
fn slot() -> Option<Slot> {
    let definition = stage::definition(&["capacity=2000", "waitlist=500"]);
    let command = Command::CreateSlot(Box::new(definition));
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
            assert_eq!(slot.bookings(&filter, after, limit), expected, "{filter:?} after {after:?}");
        }
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
            slot.bookings(&filter, after, 10).into_iter().map(|(number, _)| number).collect::<Vec<_>>()
        };
        let filter = Filter { reference: Some(view.reference), ..Filter::default() };
        assert_eq!(found(filter, None), [view.number]);
        assert_eq!(found(filter, Some(view.number)), []);
        assert_eq!(found(Filter { customer: Some("bob"), ..filter }, None), []);
    }
    let nobodys = Reference::parse("00000000").unwrap();
    assert_eq!(slot.bookings(&Filter { reference: Some(nobodys), ..Filter::default() }, None, 10), []);
}
