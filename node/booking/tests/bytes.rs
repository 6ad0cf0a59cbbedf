//! Golden bytes: what is on a disk somewhere must be read by every later build.
//!
//! A row that fails means that old data would be misread. Add rows; never change one.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test")]

use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::sync::Arc;

use bincode::config::standard;
use booking::{
    Act, Answer, Book, BookingRecord, Changes, Command, ConfirmedBy, Counts, Definition, Extend, Fingerprint,
    FirstAnswer, Kind, Level, Mode, Number, Order, Origin, Outcome, Partition, Party, Policy, PolicyChange,
    Promotion, ReceiptRecord, Record, Refusal, Request, RequestKey, Sale, Secret, Seq, Slot, SlotChange,
    SlotChanged, SlotId, Standing, Status, Timestamp, Unfinished, WaitlistChange, WaitlistPolicy, WhenFull,
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

fn everything_changed() -> SlotChange {
    SlotChange {
        title: Some("Evening yoga".into()),
        starts_at: Some(Timestamp(1)),
        ends_at: Some(Timestamp(2)),
        opens_at: Some(Some(Timestamp(3))),
        closes_at: Some(None),
        capacity: Some(4),
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
        mode: Mode::Hold,
        hold_seconds: Some(300),
        created_at: Timestamp(1_000),
        first: FirstAnswer { seq: Seq(4), standing: Standing::Waitlisted },
        first_position: NonZeroU32::new(2),
        standing: Standing::Held { until: Timestamp(301_000), lasts_ms: 300_000 },
    }
}

/// A slot with one booking: the record and the answer of making it, and everything that is saved of it.
fn booked() -> (Record, Outcome, Changes) {
    let (mut slot, mut records) = (None, Vec::new());
    Slot::apply(
        &mut slot,
        Level::NEWEST,
        Timestamp(1_000),
        &request(1, Command::CreateSlot(Box::new(definition()))),
        &mut records,
    );
    let alice = book("alice", Mode::Confirm, None, WhenFull::Waitlist);
    let outcome = Slot::apply(&mut slot, Level::NEWEST, Timestamp(2_000), &request(2, alice), &mut records);
    (records.pop().unwrap(), outcome, slot.unwrap().take_changes(Timestamp(0)))
}

#[test]
fn requests() {
    let confirm = book("alice", Mode::Confirm, None, WhenFull::Waitlist);
    let hold = book("alice", Mode::Hold, Some(300), WhenFull::Refuse);
    let own = Act { booking: RequestKey(2), by: Party::Customer("alice".into()) };
    let any = Act { booking: RequestKey(2), by: Party::Organizer };
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
        (request(1, Command::CancelBooking(own.clone())), "fb0102fc04030201010703020005616c696365"),
        (request(1, Command::CancelBooking(any.clone())), "fb0102fc040302010107030201"),
        (request(1, Command::ConfirmBooking(own.clone())), "fb0102fc04030201010704020005616c696365"),
        (
            request(1, Command::ExtendHold(Extend { act: own, hold_seconds: 300 })),
            "fb0102fc04030201010705020005616c696365fb2c01",
        ),
        (request(1, Command::AcceptOffer(any.clone())), "fb0102fc040302010107060201"),
        (request(1, Command::DeclineOffer(any)), "fb0102fc040302010107070201"),
        (request(1, Command::ChangeSlot(Box::default())), "fb0102fc04030201010708000000000000000000000000"),
        (
            request(1, Command::ChangeSlot(Box::new(everything_changed()))),
            "fb0102fc04030201010708010c4576656e696e6720796f676101010102010103010001040101010501060101070108010101090101010a0101",
        ),
    ]);
}

#[test]
fn bookings() {
    check([(waiting(), "03050705616c696365020101fb2c01fbe8030402010200fcc8970400fce0930400")]);
    let until = Timestamp(1_000);
    check([
        (Standing::Held { until, lasts_ms: 300 }, "00fbe803fb2c01"),
        (Standing::Offered { until }, "01fbe803"),
        (Standing::Waitlisted, "02"),
        (Standing::Confirmed, "03"),
        (Standing::Cancelled { at: until }, "04fbe803"),
        (Standing::Declined { at: until }, "05fbe803"),
        (Standing::Expired { was: Unfinished::Held, at: until }, "0600fbe803"),
        (Standing::Expired { was: Unfinished::Offered, at: until }, "0601fbe803"),
        (Standing::Expired { was: Unfinished::Waitlisted, at: until }, "0602fbe803"),
    ]);
}

#[test]
fn receipts() {
    let changed = SlotChanged { definition: Arc::new(definition()), counts: Counts::untouched(20) };
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
            receipt(Answer::Booking {
                number: Number(9),
                standing: Standing::Cancelled { at: Timestamp(6) },
            }),
            "030507fb2c01fbe80301090406",
        ),
        (receipt(Answer::SlotCancelled), "030507fb2c01fbe80302"),
        (
            receipt(Answer::SlotChanged(Box::new(changed))),
            "030507fb2c01fbe803030873747564696f2d37010468616c6c0c4d6f726e696e6720796f6761fc40420f00fc80841e0001fbf401001400fb5802fb08070104fb100e01fbe80300fb84030009090909090909090909090909090909141400000000",
        ),
    ]);
}

#[test]
fn headers_and_records() {
    let (record, _, changes) = booked();
    check([(
        changes.header,
        "fb0102fc040302010873747564696f2d37010468616c6c0c4d6f726e696e6720796f6761fc40420f00fc80841e0001fbf401001400fb5802fb08070104fb100e01fbe80300fb840300090909090909090909090909090909090107fbe80302fbd007000100141200000200fd0df96214468f87cf0001040000",
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
        (Refusal::EndsTooEarly, "0e"),
        (Refusal::ClosesTooLate, "0f"),
        (Refusal::OpensTooLate, "10"),
    ]);
}

#[test]
fn digests_are_for_ever_too() {
    // Replicas of different builds compare them, and saved headers carry them.
    let (_, _, changes) = booked();
    assert_eq!(changes.header.digest, 14_954_078_618_859_534_605);
    let slot =
        Slot::restore(changes.header, changes.bookings.into_iter(), changes.receipts.into_iter()).unwrap();
    assert_eq!(slot.digest(), 14_954_078_618_859_534_605);
}

#[test]
fn a_partition_beyond_the_last_is_not_read() {
    let beyond = bincode::serde::encode_to_vec(1_024_u16, standard()).unwrap();
    assert!(bincode::serde::decode_from_slice::<Partition, _>(&beyond, standard()).is_err());
}
