//! What was saved is not trusted: parts that do not fit each other are no slot.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

mod away;
mod houses;

use std::num::NonZeroU32;

use booking::{
    Act, Book, Booking, BookingRecord, Broken, Command, ConfirmedBy, Definition, Fingerprint, Header, Level,
    Mode, Number, Order, Outcome, Partition, Party, Policy, Promotion, ReceiptRecord, Request, RequestKey,
    Sale, SavedHouse, SavedIntents, SavedSlot, Secret, Slot, SlotId, Standing, Stock, Timestamp, Unfinished,
    WaitlistPolicy, WhenFull, Wish,
};

/// Everything that is saved of one slot.
#[derive(Clone)]
struct Saved {
    header: Header,
    bookings: Vec<BookingRecord>,
    receipts: Vec<ReceiptRecord>,
}

impl Saved {
    fn restore(self) -> Result<Slot, Broken> {
        Slot::restore(SavedSlot {
            header: self.header,
            bookings: self.bookings.into_iter().map(Booking::from).collect(),
            receipts: self.receipts,
            intents: SavedIntents::default(),
            house: SavedHouse::default(),
        })
    }
}

/// A request with this key.
fn request(key: u128, command: Command) -> Request {
    let slot = SlotId { partition: Partition::new(1).unwrap(), hash: 1 };
    Request { slot, key: RequestKey(key), fingerprint: Fingerprint(1), command }
}

fn apply(slot: &mut Option<Slot>, at: u64, key: u128, command: Command) -> Outcome {
    Slot::apply(slot, Level::NEWEST, Timestamp(at), &request(key, command), &mut Vec::new())
}

/// Makes a slot of four units, two at most for each customer.
fn making() -> Command {
    let waitlist = WaitlistPolicy {
        capacity: 10,
        promotion: Promotion::Confirm,
        offer_seconds: 60,
        order: Order::Strict,
    };
    let definition = Definition {
        organizer: "studio".into(),
        placement: None,
        title: "yoga".into(),
        starts_at: Timestamp(1_000_000),
        ends_at: Timestamp(2_000_000),
        sale: Sale { opens_at: None, closes_at: None },
        stock: Stock::Units { capacity: 4 },
        tariff: None,
        policy: Policy {
            confirmed_by: ConfirmedBy::Customer,
            hold_seconds: 100,
            hold_seconds_max: 300,
            customer_limit: Some(2),
            cancel_until_seconds: 0,
            waitlist: Some(waitlist),
            on_account: None,
        },
        secret: Secret([1; 16]),
    };
    Command::CreateSlot(Box::new(definition.into()))
}

fn book(customer: &str, quantity: u32, mode: Mode) -> Command {
    let (customer, when_full) = (customer.into(), WhenFull::Waitlist);
    Command::Book(Book {
        customer,
        wish: Wish::Units(quantity),
        mode,
        hold_seconds: None,
        when_full,
        basket: None,
    })
}

/// What the organizer does to a booking.
fn act(booking: u128) -> Act {
    Act { booking: RequestKey(booking), by: Party::Organizer }
}

/// A slot with a booking confirmed, one held, one cancelled and one waiting, and two receipts.
fn saved() -> Saved {
    let commands = [
        making(),
        book("alice", 2, Mode::Confirm),
        book("bob", 1, Mode::Confirm),
        book("carol", 1, Mode::Hold),
        book("dave", 2, Mode::Confirm),
        book("dave", 1, Mode::Confirm),
        Command::CancelBooking(act(3)),
    ];
    let mut slot = None;
    for (key, command) in (1..).zip(commands) {
        apply(&mut slot, 5, key, command);
    }
    let changes = slot.unwrap().take_changes(Timestamp(0));
    assert_eq!((changes.bookings.len(), changes.receipts.len(), changes.forgotten.len()), (4, 2, 0));
    let bookings = changes.bookings.into_iter().map(|booking| booking.record).collect();
    Saved { header: changes.header, bookings, receipts: changes.receipts }
}

#[test]
fn a_slot_comes_back_in_whatever_order_its_parts_come() {
    let mut mixed = saved();
    mixed.bookings.swap(0, 2);
    mixed.receipts.reverse();
    let restored = mixed.restore().map(|slot| (slot.digest(), slot.sizes()));
    assert_eq!(restored, Ok((saved().header.digest, (4, 2))));
}

/// What is damaged, how, and how it is found.
type Damage = (&'static str, fn(&mut Saved), Broken);

#[test]
fn damage_is_found() {
    let rows: [Damage; 27] = [
        ("a booking is missing", |saved| drop(saved.bookings.remove(1)), Broken::Numbers),
        ("the last booking is missing", |saved| saved.bookings.truncate(3), Broken::Numbers),
        ("a booking is there twice", |saved| saved.bookings.push(saved.bookings[0].clone()), Broken::Numbers),
        (
            "a booking is there in another's place",
            |saved| saved.bookings[1] = saved.bookings[0].clone(),
            Broken::Numbers,
        ),
        ("a booking is away that is here", |saved| saved.header.away.bookings = 1, Broken::Numbers),
        ("more are away than there are", |saved| saved.header.away.bookings = u32::MAX, Broken::Numbers),
        ("those that are away are others", |saved| saved.header.away.digest = 1, Broken::Digest),
        ("a booking has the number zero", |saved| saved.bookings[0].number = Number(0), Broken::Numbers),
        (
            "a request made two",
            |saved| saved.bookings[0].request = saved.bookings[1].request,
            Broken::RequestTwice,
        ),
        ("more units are taken", |saved| saved.bookings[0].quantity = 3, Broken::Counts),
        ("far more units are taken", |saved| saved.bookings[0].quantity = u32::MAX, Broken::Counts),
        (
            "a booking stands otherwise",
            |saved| saved.bookings[0].standing = Standing::Waitlisted,
            Broken::Counts,
        ),
        (
            "it was made for more",
            |saved| saved.bookings[0].first_quantity = NonZeroU32::new(3),
            Broken::Digest,
        ),
        ("a unit is lost", |saved| saved.header.counts.free = 0, Broken::Counts),
        (
            "there is more room",
            |saved| saved.header.definition.stock = Stock::Units { capacity: 5 },
            Broken::Counts,
        ),
        ("it is another customer's", |saved| saved.bookings[0].customer = "eve".into(), Broken::Digest),
        (
            "it was cancelled otherwise",
            |saved| {
                saved.bookings[1].standing = Standing::Expired { was: Unfinished::Held, at: Timestamp(5) }
            },
            Broken::Digest,
        ),
        ("a hold lasts longer", |saved| longer(&mut saved.bookings[2]), Broken::Digest),
        ("a hold is an offer", offered, Broken::Digest),
        ("the title is another", |saved| saved.header.definition.title = "pilates".into(), Broken::Digest),
        ("a change was not counted", |saved| saved.header.seq.0 -= 1, Broken::Digest),
        ("it is cancelled", |saved| saved.header.cancelled = true, Broken::Digest),
        ("a receipt is missing", |saved| saved.receipts.truncate(1), Broken::Digest),
        ("a receipt is there twice", |saved| saved.receipts.push(saved.receipts[0].clone()), Broken::Serials),
        ("a receipt was never made", |saved| saved.header.receipts_made = 1, Broken::Serials),
        (
            "a request has two receipts",
            |saved| saved.receipts[0].request = saved.receipts[1].request,
            Broken::RequestTwice,
        ),
        ("a receipt is of nothing", |saved| saved.receipts[1].answer = answer_of(5), Broken::Receipt),
    ];
    for (damage, make, expected) in rows {
        let mut damaged = saved();
        make(&mut damaged);
        assert_eq!(damaged.restore().map(|slot| slot.digest()), Err(expected), "{damage}");
    }
}

fn longer(booking: &mut BookingRecord) {
    let until = Timestamp(booking.standing.until().unwrap().0 + 1);
    booking.standing = Standing::Held { until, lasts_ms: 100_000 };
}

/// A hold that is an offer, and counted as one.
fn offered(saved: &mut Saved) {
    let booking = &mut saved.bookings[2];
    booking.standing = Standing::Offered { until: booking.standing.until().unwrap() };
    saved.header.counts.held -= booking.quantity;
    saved.header.counts.offered += booking.quantity;
}

fn answer_of(number: u32) -> booking::Answer {
    let (number, standing) = (Number(number), Standing::Cancelled { at: Timestamp(5) });
    booking::Answer::Booking {
        number,
        standing,
        fewer: None,
        position: None,
        seating: None,
        range: None,
        bill: None,
    }
}
