//! Golden bytes: what is on a disk somewhere must be read by every later build.
//!
//! A row that fails means that old data would be misread. Add rows; never change one.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

use std::fmt::Write as _;
use std::num::NonZeroU32;

use bincode::config::standard;
use booking::{
    Answer, Book, BookingRecord, CancelBooking, Changes, Command, ConfirmedBy, Counts, Definition,
    Fingerprint, FirstAnswer, Kind, Mode, Number, Order, Origin, Outcome, Partition, Party, Policy,
    Promotion, ReceiptRecord, Record, Refusal, Request, RequestKey, Sale, Secret, Seq, Slot, SlotId,
    Standing, Status, Timestamp, WaitlistPolicy, WhenFull,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every row: something, and its bytes in hexadecimal. It is also read back.
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    rows: impl IntoIterator<Item = (T, &'static str)>,
) {
    let mut wrong = String::new();
    for (thing, expected) in rows {
        let bytes = bincode::serde::encode_to_vec(&thing, standard()).unwrap();
        let mut written = String::new();
        for byte in &bytes {
            write!(written, "{byte:02x}").unwrap();
        }
        if written != expected {
            writeln!(wrong, "{thing:?}\n  expected {expected}\n  written  {written}").unwrap();
        }
        let (read, length) = bincode::serde::decode_from_slice::<T, _>(&bytes, standard()).unwrap();
        assert_eq!((read, length), (thing, bytes.len()));
    }
    assert!(wrong.is_empty(), "bytes have changed:\n{wrong}");
}

fn slot() -> SlotId {
    SlotId { partition: Partition::new(513).unwrap(), hash: 0x0102_0304 }
}

fn definition() -> Definition {
    Definition {
        organizer: "studio-7".into(),
        placement: Some("hall".into()),
        title: "Morning yoga".into(),
        starts_at: Timestamp(1_000_000),
        ends_at: Timestamp(2_000_000),
        sale: Sale { opens_at: Some(Timestamp(500)), closes_at: None },
        capacity: 20,
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
        },
        secret: Secret([9; 16]),
    }
}

fn request(key: u128, command: Command) -> Request {
    Request { slot: slot(), key: RequestKey(key), fingerprint: Fingerprint(7), command }
}

fn book(customer: &str, mode: Mode, hold_seconds: Option<u32>, when_full: WhenFull) -> Command {
    Command::Book(Book { customer: customer.into(), quantity: 2, mode, hold_seconds, when_full })
}

fn waiting() -> BookingRecord {
    BookingRecord {
        number: Number(3),
        request: RequestKey(5),
        fingerprint: Fingerprint(7),
        customer: "alice".into(),
        quantity: 2,
        mode: Mode::Hold,
        hold_seconds: Some(300),
        created_at: Timestamp(1_000),
        first: FirstAnswer { seq: Seq(4), standing: Standing::Waitlisted },
        first_position: NonZeroU32::new(2),
        standing: Standing::Held { until: Timestamp(301_000) },
    }
}

/// A slot with one booking: the record and the answer of making it, and everything that is saved of it.
fn booked() -> (Record, Outcome, Changes) {
    let (mut slot, mut records) = (None, Vec::new());
    Slot::apply(
        &mut slot,
        Timestamp(1_000),
        &request(1, Command::CreateSlot(Box::new(definition()))),
        &mut records,
    );
    let alice = book("alice", Mode::Confirm, None, WhenFull::Waitlist);
    let outcome = Slot::apply(&mut slot, Timestamp(2_000), &request(2, alice), &mut records);
    (records.pop().unwrap(), outcome, slot.unwrap().take_changes())
}

#[test]
fn requests() {
    let confirm = book("alice", Mode::Confirm, None, WhenFull::Waitlist);
    let hold = book("alice", Mode::Hold, Some(300), WhenFull::Refuse);
    let own = CancelBooking { booking: RequestKey(2), by: Party::Customer("alice".into()) };
    let any = CancelBooking { booking: RequestKey(2), by: Party::Organizer };
    check([
        (
            request(1, Command::CreateSlot(Box::new(definition()))),
            "fb0102fc040302010107000873747564696f2d37010468616c6c0c4d6f726e696e6720796f6761fc40420f00fc80841e0001fbf401001400fb5802fb08070104fb100e01fbe80300fb84030009090909090909090909090909090909",
        ),
        (request(1, Command::CancelSlot), "fb0102fc04030201010701"),
        (
            request(u128::MAX, confirm),
            "fb0102fc04030201feffffffffffffffffffffffffffffffff070205616c69636502000000",
        ),
        (request(1, hold), "fb0102fc0403020101070205616c696365020101fb2c0101"),
        (request(1, Command::CancelBooking(own)), "fb0102fc04030201010703020005616c696365"),
        (request(1, Command::CancelBooking(any)), "fb0102fc040302010107030201"),
    ]);
}

#[test]
fn bookings() {
    check([(waiting(), "03050705616c696365020101fb2c01fbe8030402010200fcc8970400")]);
    let until = Timestamp(1_000);
    check([
        (Standing::Held { until }, "00fbe803"),
        (Standing::Offered { until }, "01fbe803"),
        (Standing::Waitlisted, "02"),
        (Standing::Confirmed, "03"),
        (Standing::Cancelled, "04"),
        (Standing::Declined, "05"),
        (Standing::Expired, "06"),
    ]);
}

#[test]
fn receipts() {
    let receipt = |answer| ReceiptRecord {
        serial: 3,
        request: RequestKey(5),
        fingerprint: Fingerprint(7),
        seq: Seq(300),
        at: Timestamp(1_000),
        answer,
    };
    check([
        (receipt(Answer::Refused(Refusal::SoldOut)), "030507fb2c01fbe8030004"),
        (
            receipt(Answer::Booking { number: Number(9), standing: Standing::Cancelled }),
            "030507fb2c01fbe803010904",
        ),
        (receipt(Answer::SlotCancelled), "030507fb2c01fbe80302"),
    ]);
}

#[test]
fn headers_and_records() {
    let (record, _, changes) = booked();
    check([(
        changes.header,
        "fb0102fc040302010873747564696f2d37010468616c6c0c4d6f726e696e6720796f6761fc40420f00fc80841e0001fbf401001400fb5802fb08070104fb100e01fbe80300fb840300090909090909090909090909090909090107fbe80302fbd007000100141200000200fdf0f3128557d345cb",
    )]);
    check([(
        record,
        "02fbd0070301fb0102fc04030201020105616c696365020300344354355a3935310000fbd007141200000200",
    )]);
}

#[test]
fn words() {
    check([(
        Counts { capacity: 1, free: 2, held: 3, offered: 4, confirmed: 5, waitlisted: 6 },
        "010203040506",
    )]);
    check([(Origin { request: RequestKey(1), fingerprint: Fingerprint(2), at: Timestamp(3) }, "010203")]);
    check([(Mode::Confirm, "00"), (Mode::Hold, "01")]);
    check([(WhenFull::Waitlist, "00"), (WhenFull::Refuse, "01")]);
    check([(ConfirmedBy::Customer, "00"), (ConfirmedBy::Organizer, "01")]);
    check([(Promotion::Confirm, "00"), (Promotion::Offer, "01")]);
    check([(Order::Strict, "00"), (Order::SkipFit, "01")]);
    check([
        (Status::Held, "00"),
        (Status::Offered, "01"),
        (Status::Waitlisted, "02"),
        (Status::Confirmed, "03"),
        (Status::Cancelled, "04"),
        (Status::Declined, "05"),
        (Status::Expired, "06"),
    ]);
    check([
        (Kind::SlotCreated, "00"),
        (Kind::SlotChanged, "01"),
        (Kind::SlotCancelled, "02"),
        (Kind::Booked, "03"),
        (Kind::Confirmed, "04"),
        (Kind::Extended, "05"),
        (Kind::Accepted, "06"),
        (Kind::Declined, "07"),
        (Kind::Cancelled, "08"),
        (Kind::Lapsed, "09"),
        (Kind::Finished, "0a"),
    ]);
    check([
        (Refusal::SlotCancelled, "00"),
        (Refusal::NotOnSale, "01"),
        (Refusal::QuantityTooLarge, "02"),
        (Refusal::CustomerLimit, "03"),
        (Refusal::SoldOut, "04"),
        (Refusal::WaitlistFull, "05"),
        (Refusal::NotHeld, "06"),
        (Refusal::HoldExpired, "07"),
        (Refusal::NotOffered, "08"),
        (Refusal::OfferExpired, "09"),
        (Refusal::TooLate, "0a"),
        (Refusal::AlreadyOver, "0b"),
        (Refusal::CapacityInUse, "0c"),
        (Refusal::StartsInPast, "0d"),
    ]);
}

#[test]
fn digests_are_for_ever_too() {
    // Replicas of different builds compare them, and saved headers carry them.
    let (_, _, changes) = booked();
    assert_eq!(changes.header.digest, 14_647_345_735_940_633_584);
    let slot =
        Slot::restore(changes.header, changes.bookings.into_iter(), changes.receipts.into_iter()).unwrap();
    assert_eq!(slot.digest(), 14_647_345_735_940_633_584);
}

#[test]
fn a_partition_beyond_the_last_is_not_read() {
    let beyond = bincode::serde::encode_to_vec(1_024_u16, standard()).unwrap();
    assert!(bincode::serde::decode_from_slice::<Partition, _>(&beyond, standard()).is_err());
}
