//! One value of everything that is stored, by name: what the rows of each version are made of and read back to.

use std::num::NonZeroU32;
use std::sync::Arc;

use booking::{
    Act, Answer, Away, Book, Booking, BookingRecord, ChangeQuantity, Changes, Command, ConfirmedBy, Counts,
    Decision, Definition, Extend, Fingerprint, FirstAnswer, Header, IntentCounts, Kind, Level, Mode, Number,
    Order, Outcome, Partition, Party, Policy, PolicyChange, Promotion, ReceiptRecord, Record, Refusal,
    Request, RequestKey, Sale, Secret, Seq, Slot, SlotChange, SlotChanged, SlotId, Standing, Status, Stock,
    Timestamp, Unfinished, WaitlistChange, WaitlistPolicy, WhenFull, Wish,
};

pub(crate) type Rows<T> = Vec<(&'static str, T)>;

pub(crate) fn requests() -> Rows<Request> {
    let confirm = book("alice", Mode::Confirm, None, WhenFull::Waitlist);
    let hold = book("alice", Mode::Hold, Some(300), WhenFull::Refuse);
    let own = Act { booking: RequestKey(2), by: Party::Customer("alice".into()) };
    let any = Act { booking: RequestKey(2), by: Party::Organizer };
    vec![
        ("create_slot", request(1, Command::CreateSlot(Box::new(definition().into())))),
        ("cancel_slot", request(1, Command::CancelSlot)),
        ("book_confirmed", request(u128::MAX, confirm)),
        ("book_held", request(1, hold)),
        ("cancel_own_booking", request(1, Command::CancelBooking(own.clone()))),
        ("cancel_any_booking", request(1, Command::CancelBooking(any.clone()))),
        ("confirm_booking", request(1, Command::ConfirmBooking(own.clone()))),
        ("extend_hold", request(1, Command::ExtendHold(Extend { act: own, hold_seconds: 300 }))),
        ("accept_offer", request(1, Command::AcceptOffer(any.clone()))),
        ("decline_offer", request(1, Command::DeclineOffer(any))),
        ("change_nothing", request(1, Command::ChangeSlot(Box::default()))),
        ("change_everything", request(1, Command::ChangeSlot(Box::new(everything_changed())))),
    ]
}

pub(crate) fn headers() -> Rows<Header> {
    let header = booked().2.header;
    let changed = Header {
        cancelled: true,
        made_as: Some(Arc::new(definition())),
        loosest_limit: Some(4),
        away: Away { bookings: 3, digest: 300 },
        intents: IntentCounts { left: 300, ended: 2, pairs: 1, replies: 4 },
        account: None,
        ..header.clone()
    };
    vec![("as_made", header), ("changed", changed)]
}

pub(crate) fn bookings() -> Rows<Booking> {
    records_of_bookings().into_iter().map(|(name, record)| (name, record.into())).collect()
}

fn records_of_bookings() -> Rows<BookingRecord> {
    let until = Timestamp(1_000);
    let standing = |name, standing| (name, BookingRecord { standing, ..waiting() });
    vec![
        ("held", waiting()),
        (
            "offered",
            BookingRecord { standing: Standing::Offered { until }, first_position: None, ..waiting() },
        ),
        standing("waitlisted", Standing::Waitlisted),
        ("confirmed", BookingRecord { standing: Standing::Confirmed, hold_seconds: None, ..waiting() }),
        standing("cancelled", Standing::Cancelled { at: until }),
        standing("declined", Standing::Declined { at: until }),
        standing("expired_held", Standing::Expired { was: Unfinished::Held, at: until }),
        standing("expired_offered", Standing::Expired { was: Unfinished::Offered, at: until }),
        standing("expired_waitlisted", Standing::Expired { was: Unfinished::Waitlisted, at: until }),
    ]
}

pub(crate) fn receipts() -> Rows<ReceiptRecord> {
    let (definition, counts) = (Arc::new(definition()), Counts::untouched(20));
    let changed = SlotChanged { definition, counts, house: None, goods: None, calendar: None };
    let cancelled = Standing::Cancelled { at: Timestamp(6) };
    vec![
        ("refused", receipt(Answer::Refused(Refusal::SoldOut))),
        ("booking", receipt(of_a_booking(cancelled, None, None))),
        ("slot_cancelled", receipt(Answer::SlotCancelled)),
        ("slot_changed", receipt(Answer::SlotChanged(Box::new(changed)))),
    ]
}

fn receipt(answer: Answer) -> ReceiptRecord {
    let (request, fingerprint) = (RequestKey(5), Fingerprint(7));
    ReceiptRecord { serial: 3, request, fingerprint, seq: Seq(300), at: Timestamp(1_000), answer }
}

fn of_a_booking(standing: Standing, fewer: Option<NonZeroU32>, position: Option<NonZeroU32>) -> Answer {
    Answer::Booking { number: Number(9), standing, fewer, position, seating: None, range: None, bill: None }
}

pub(crate) fn records() -> Rows<Record> {
    let record = booked().0;
    let mut waiting = record.bookings.clone();
    for booking in &mut waiting {
        (booking.status, booking.mode) = (Status::Held, Mode::Hold);
        (booking.position, booking.expires_at) = (Some(2), Some(Timestamp(9_000)));
    }
    let bookings = [record.bookings.clone(), waiting].concat();
    vec![("booked", record.clone()), ("two", Record { bookings, ..record })]
}

pub(crate) fn outcomes() -> Rows<Outcome> {
    let (made, booked) = (making().1, booked().1);
    let decided =
        |name, decision| (name, Outcome { seq: Seq(5), at: Timestamp(6), replayed: true, decision });
    vec![
        ("slot", made),
        ("booking", booked),
        decided("refused", Decision::Refused(Refusal::SoldOut)),
        decided("key_reused", Decision::KeyReused),
        decided("not_found", Decision::NotFound),
        decided("forbidden", Decision::Forbidden),
    ]
}

/// The same once the booking is for one, and what is saved of it.
pub(crate) fn reduced() -> (Slot, Changes) {
    let mut slot = making().0;
    let alice = book("alice", Mode::Confirm, None, WhenFull::Waitlist);
    let (act, quantity) = (Act { booking: RequestKey(2), by: Party::Organizer }, NonZeroU32::MIN);
    let fewer = Command::ChangeQuantity(ChangeQuantity { act, quantity, lines: vec![] });
    for (key, command) in [(2, alice), (3, fewer)] {
        Slot::apply(&mut slot, Level(2), Timestamp(2_000), &request(key, command), &mut Vec::new());
    }
    let mut slot = slot.unwrap();
    let changes = slot.take_changes(Timestamp(0));
    (slot, changes)
}

// What there is from the second level on.

pub(crate) fn fewer_requests() -> Rows<Request> {
    let own = Act { booking: RequestKey(2), by: Party::Customer("alice".into()) };
    let any = Act { booking: RequestKey(2), by: Party::Organizer };
    let change = |act, quantity| {
        let quantity = NonZeroU32::new(quantity).unwrap();
        request(1, Command::ChangeQuantity(ChangeQuantity { act, quantity, lines: vec![] }))
    };
    vec![("change_own_quantity", change(own, 1)), ("change_any_quantity", change(any, 300))]
}

pub(crate) fn fewer_bookings() -> Rows<Booking> {
    let fewer = |booking: BookingRecord| BookingRecord { first_quantity: NonZeroU32::new(300), ..booking };
    let all = records_of_bookings().into_iter();
    all.map(|(name, booking)| (name, fewer(booking).into())).collect()
}

pub(crate) fn fewer_receipts() -> Rows<ReceiptRecord> {
    let [one, two] = [1, 2].map(NonZeroU32::new);
    vec![
        ("fewer", receipt(of_a_booking(Standing::Confirmed, one, None))),
        ("waits", receipt(of_a_booking(Standing::Waitlisted, None, two))),
        ("fewer_waits", receipt(of_a_booking(Standing::Waitlisted, one, two))),
        ("more_than_booked", receipt(Answer::Refused(Refusal::MoreThanBooked))),
    ]
}

pub(crate) fn fewer_records() -> Rows<Record> {
    vec![("quantity_changed", Record { kind: Kind::QuantityChanged, ..booked().0 })]
}

pub(crate) fn fewer_outcomes() -> Rows<Outcome> {
    let decision = Decision::Refused(Refusal::MoreThanBooked);
    vec![("more_than_booked", Outcome { seq: Seq(5), at: Timestamp(6), replayed: false, decision })]
}

fn slot() -> SlotId {
    SlotId { partition: Partition::new(513).unwrap(), hash: 0x0102_0304 }
}

pub(crate) fn definition() -> Definition {
    Definition {
        organizer: "studio-7".into(),
        placement: Some("hall".into()),
        title: "Morning yoga".into(),
        starts_at: Timestamp(1_000_000),
        ends_at: Timestamp(2_000_000),
        sale: Sale { opens_at: Some(Timestamp(500)), closes_at: None },
        stock: Stock::Units { capacity: 20 },
        tariff: None,
        policy: Policy {
            confirmed_by: ConfirmedBy::Customer,
            hold_seconds: 600,
            hold_seconds_max: 1_800,
            customer_limit: Some(4),
            cancel_until_seconds: 3_600,
            waitlist: Some(WaitlistPolicy {
                capacity: 1_000,
                promotion: Promotion::Confirm,
                offer_seconds: 900,
                order: Order::Strict,
            }),
            on_account: None,
        },
        secret: Secret([9; 16]),
    }
}

fn request(key: u128, command: Command) -> Request {
    Request { slot: slot(), key: RequestKey(key), fingerprint: Fingerprint(7), command }
}

fn book(customer: &str, mode: Mode, hold_seconds: Option<u32>, when_full: WhenFull) -> Command {
    Command::Book(Book {
        customer: customer.into(),
        wish: Wish::Units(2),
        mode,
        hold_seconds,
        when_full,
        basket: None,
    })
}

fn everything_changed() -> SlotChange {
    SlotChange {
        title: Some("Evening yoga".into()),
        starts_at: Some(Timestamp(1)),
        ends_at: Some(Timestamp(2)),
        opens_at: Some(Some(Timestamp(3))),
        closes_at: Some(None),
        capacity: Some(4),
        singles: None,
        map: None,
        calendar: None,
        tariff: None,
        policy: PolicyChange {
            confirmed_by: Some(ConfirmedBy::Organizer),
            hold_seconds: Some(5),
            hold_seconds_max: Some(6),
            customer_limit: Some(Some(7)),
            cancel_until_seconds: Some(8),
            waitlist: Some(Some(WaitlistChange {
                capacity: Some(9),
                promotion: Some(Promotion::Offer),
                offer_seconds: Some(10),
                order: Some(Order::SkipFit),
            })),
            on_account: None,
        },
    }
}

fn waiting() -> BookingRecord {
    BookingRecord {
        number: Number(3),
        request: RequestKey(5),
        fingerprint: Fingerprint(7),
        customer: "alice".into(),
        quantity: 2,
        first_quantity: None,
        mode: Mode::Hold,
        hold_seconds: NonZeroU32::new(300),
        created_at: Timestamp(1_000),
        first: FirstAnswer { seq: Seq(4), standing: Standing::Waitlisted },
        first_position: NonZeroU32::new(2),
        standing: Standing::Held { until: Timestamp(301_000), lasts_ms: 300_000 },
    }
}

/// A slot that was just made, and what was answered.
fn making() -> (Option<Slot>, Outcome) {
    let mut slot = None;
    let command = Command::CreateSlot(Box::new(definition().into()));
    let made = Slot::apply(&mut slot, Level::OLDEST, Timestamp(1_000), &request(1, command), &mut Vec::new());
    (slot, made)
}

/// A slot with one booking: the record and the answer of making it, and everything that is saved of it.
pub(crate) fn booked() -> (Record, Outcome, Changes) {
    let (mut slot, mut records) = (making().0, Vec::new());
    let alice = book("alice", Mode::Confirm, None, WhenFull::Waitlist);
    let outcome = Slot::apply(&mut slot, Level::OLDEST, Timestamp(2_000), &request(2, alice), &mut records);
    (records.pop().unwrap(), outcome, slot.unwrap().take_changes(Timestamp(0)))
}
