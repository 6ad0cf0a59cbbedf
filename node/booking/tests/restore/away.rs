//! Who leaves memory, what is absent then, and that nothing can be told apart once it is back.

use std::num::NonZeroU32;

use booking::{
    Absent, Booking, ChangeQuantity, Command, Decision, Extend, Filter, Mode, Number, RequestKey, SavedHouse,
    SavedIntents, SavedSlot, Slot, Status, Timestamp,
};

use super::{act, apply, book, making, request};

/// A slot with bookings 2, 3 and 4, of which 2 and 3 were cancelled at 20 and 30 by requests 12 and 13.
fn slot() -> Slot {
    let mut slot = None;
    apply(&mut slot, 1, 1, making());
    for (key, customer) in [(2, "alice"), (3, "bob"), (4, "alice")] {
        apply(&mut slot, 2, key, book(customer, 1, Mode::Confirm));
    }
    apply(&mut slot, 20, 12, Command::CancelBooking(act(2)));
    apply(&mut slot, 30, 13, Command::CancelBooking(act(3)));
    slot.unwrap()
}

/// The same after `leaving` has left.
fn left(over_by: u64) -> (Slot, Vec<Booking>) {
    let mut slot = slot();
    let leaving = slot.take_changes(Timestamp(over_by)).leaving;
    let numbers: Vec<_> = leaving.iter().map(|booking| booking.record.number).collect();
    slot.let_go(&numbers);
    (slot, leaving)
}

#[test]
fn those_who_were_over_by_then_leave() {
    for (over_by, numbers, first_over) in [
        (19, &[][..], Some(20)),
        (20, &[1], Some(30)),
        (29, &[1], Some(30)),
        (30, &[1, 2], None),
        (u64::MAX, &[1, 2], None),
    ] {
        let (slot, leaving) = left(over_by);
        assert!(
            leaving.iter().map(|booking| booking.record.number.0).eq(numbers.iter().copied()),
            "by {over_by}"
        );
        assert_eq!(slot.away() as usize, numbers.len(), "by {over_by}");
        assert_eq!(slot.first_over(), first_over.map(Timestamp), "by {over_by}");
        assert_eq!(slot.check(), Ok(()), "by {over_by}");
        let listed = slot.bookings(&Filter::default(), None, 9).found;
        assert_eq!(listed.len() + numbers.len(), 3, "by {over_by}");
    }
}

#[test]
fn a_slot_comes_back_without_those_who_are_away() {
    let mut before = slot();
    let saved = before.take_changes(Timestamp(20));
    let after = Slot::restore(SavedSlot {
        header: saved.header,
        bookings: saved.bookings,
        receipts: saved.receipts,
        intents: SavedIntents::default(),
        house: SavedHouse::default(),
    })
    .unwrap();
    assert_eq!(after.check(), Ok(()));
    assert_eq!((after.away(), after.sizes()), (1, before.sizes()));
    assert_eq!(after.digest(), before.digest());
}

#[test]
fn what_is_absent_is_what_may_be_needed_and_is_not_here() {
    let (slot, _leaving) = left(20);
    let made_by = |key| Some(Absent::MadeBy(RequestKey(key)));
    // The booking that left; one that is here; the answer that tells of the one that left; one that tells of another; nothing.
    for (key, absent) in
        [(2, made_by(2)), (4, None), (12, Some(Absent::Numbered(Number(1)))), (13, None), (99, made_by(99))]
    {
        assert_eq!(slot.absent(RequestKey(key)), absent, "{key}");
        assert_eq!(self::slot().absent(RequestKey(key)), None, "{key}: nobody is away");
    }
    let by_itself = [Command::CancelSlot, Command::ChangeSlot(Box::default()), making()];
    for command in by_itself {
        assert!(slot.absent_for(&request(99, command.clone())).eq(made_by(99)), "{command:?}");
        assert!(slot.absent_for(&request(13, command.clone())).eq([]), "{command:?}");
    }
    let to_a_booking = [
        Command::CancelBooking(act(2)),
        Command::ConfirmBooking(act(2)),
        Command::AcceptOffer(act(2)),
        Command::DeclineOffer(act(2)),
        Command::ExtendHold(Extend { act: act(2), hold_seconds: 1 }),
        Command::ChangeQuantity(ChangeQuantity { act: act(2), quantity: NonZeroU32::MIN, lines: vec![] }),
    ];
    for command in to_a_booking {
        assert!(
            slot.absent_for(&request(99, command.clone())).eq([made_by(99), made_by(2)].map(Option::unwrap))
        );
        assert!(slot.absent_for(&request(13, command.clone())).eq(made_by(2)), "{command:?}");
    }
}

#[test]
fn who_is_back_is_as_if_never_away() {
    let (mut away, leaving) = left(30);
    let here = slot();
    assert_eq!(away.digest(), here.digest());
    let reference = here.booking(RequestKey(2)).unwrap().reference;
    assert_eq!(away.number_of(reference), Some(Number(1)));
    assert_eq!((away.booking(RequestKey(2)), away.booking(RequestKey(4)).is_some()), (None, true));
    for booking in leaving {
        away.recall(booking);
    }
    assert_eq!(away.check(), Ok(()));
    for key in [1, 2, 3, 4, 12, 13, 99] {
        assert_eq!(away.remembered(RequestKey(key)), here.remembered(RequestKey(key)), "{key}");
        assert_eq!(away.booking(RequestKey(key)), here.booking(RequestKey(key)), "{key}");
    }
    for customer in [None, Some("alice"), Some("bob")] {
        for status in [None, Some(Status::Cancelled), Some(Status::Confirmed)] {
            let filter = Filter { customer, status, reference: None };
            assert_eq!(away.bookings(&filter, None, 9), here.bookings(&filter, None, 9), "{filter:?}");
        }
    }
    let mut away = Some(away);
    let outcome = apply(&mut away, 40, 14, Command::CancelBooking(act(3)));
    assert_eq!(outcome.decision, Decision::Refused(booking::Refusal::AlreadyOver));
    let mut away = away.unwrap();
    away.let_go(&[Number(1), Number(2), Number(3)]);
    assert!(away.booking(RequestKey(2)).is_none(), "gone again");
    assert!(away.booking(RequestKey(4)).is_some(), "who is not away stays");
}
