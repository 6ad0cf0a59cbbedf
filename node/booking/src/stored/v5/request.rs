//! What is asked of a calendar.

#![expect(clippy::option_option, reason = "what is left out stays, and none within is none")]

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::calendar::CalendarChange;
use super::definition::Definition;
use super::hours::{Openings, OpeningsOf};
use crate::stored::v1;
use crate::stored::v1::request::Act;
use crate::{Asker, Fingerprint, Mode, RequestKey, SlotId, Timestamp, WhenFull, Wish};

/// One request to one slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    slot: SlotId,
    key: RequestKey,
    fingerprint: Fingerprint,
    command: Command,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Command {
    CreateSlot(Box<NewSlot>),
    Book(Box<Book>),
    ChangeSlot(Box<SlotChange>),
    MoveBooking(Box<MoveBooking>),
    ExtendHours(Box<OpeningsOf>),
}

/// A calendar.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct NewSlot {
    definition: Definition,
    openings: Openings,
}

/// Book a range, or wait for it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Book {
    customer: Box<str>,
    wish: RangeWish,
    mode: Mode,
    hold_seconds: Option<u32>,
    when_full: WhenFull,
    expected: Option<Expected>,
}

/// What whoever asks expects it to cost.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Expected {
    amount: Option<u64>,
    by: Asker,
}

/// Which range is asked for: it may be none yet.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RangeWish {
    from: Timestamp,
    to: Timestamp,
    resource: Option<Box<str>>,
    quantity: u32,
}

/// What is changed of a slot.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SlotChange {
    change: v1::change::SlotChange,
    calendar: CalendarChange,
}

/// Somebody wants another range than a booking has.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MoveBooking {
    act: Act,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    resource: Option<Option<Box<str>>>,
}

impl From<crate::Command> for Command {
    fn from(command: crate::Command) -> Self {
        use crate::Command;
        match command {
            Command::CreateSlot(new) => Self::CreateSlot(Box::new((*new).into())),
            Command::Book(book) => Self::Book(Box::new(book.into())),
            Command::ChangeSlot(change) => Self::ChangeSlot(Box::new((*change).into())),
            Command::MoveBooking(asked) => Self::MoveBooking(Box::new((*asked).into())),
            Command::ExtendHours(openings) => Self::ExtendHours(Box::new((*openings).into())),
            Command::CancelSlot
            | Command::CancelBooking(_)
            | Command::ConfirmBooking(_)
            | Command::ExtendHold(_)
            | Command::AcceptOffer(_)
            | Command::DeclineOffer(_)
            | Command::ChangeQuantity(_)
            | Command::SwapSeats(_)
            | Command::ChangeSale(_) => unreachable!("the versions before have the others"),
        }
    }
}

impl From<Command> for crate::Command {
    fn from(command: Command) -> Self {
        match command {
            Command::CreateSlot(new) => Self::CreateSlot(Box::new((*new).into())),
            Command::Book(book) => Self::Book((*book).into()),
            Command::ChangeSlot(change) => Self::ChangeSlot(Box::new((*change).into())),
            Command::MoveBooking(asked) => Self::MoveBooking(Box::new((*asked).into())),
            Command::ExtendHours(openings) => Self::ExtendHours(Box::new((*openings).into())),
        }
    }
}

impl From<crate::NewSlot> for NewSlot {
    fn from(new: crate::NewSlot) -> Self {
        let openings = new.openings.expect("a calendar comes with its openings");
        Self { definition: new.definition.into(), openings: openings.into() }
    }
}

impl From<NewSlot> for crate::NewSlot {
    fn from(new: NewSlot) -> Self {
        Self::of_calendar(new.definition.into(), new.openings.into())
    }
}

impl From<crate::Book> for Book {
    fn from(book: crate::Book) -> Self {
        let crate::Book { customer, wish, mode, hold_seconds, when_full, basket } = book;
        let Wish::Range(wish) = wish else { unreachable!("the versions before have the others") };
        let expected = basket.map(|basket| {
            let crate::Basket { lines, expect_amount: amount, by } = *basket;
            assert!(lines.is_empty(), "a calendar sells nothing in particular");
            Expected { amount, by }
        });
        Self { customer, wish: (*wish).into(), mode, hold_seconds, when_full, expected }
    }
}

impl From<Book> for crate::Book {
    fn from(book: Book) -> Self {
        let Book { customer, wish, mode, hold_seconds, when_full, expected } = book;
        let wish = Wish::Range(Box::new(wish.into()));
        let basket = expected.map(|Expected { amount, by }| {
            Box::new(crate::Basket { lines: Vec::new(), expect_amount: amount, by })
        });
        Self { customer, wish, mode, hold_seconds, when_full, basket }
    }
}

impl From<crate::SlotChange> for SlotChange {
    fn from(mut change: crate::SlotChange) -> Self {
        let calendar = change.calendar.take().expect("the versions before have the others");
        Self { change: change.into(), calendar: (*calendar).into() }
    }
}

impl From<SlotChange> for crate::SlotChange {
    fn from(change: SlotChange) -> Self {
        let SlotChange { change, calendar } = change;
        Self { calendar: Some(Box::new(calendar.into())), ..change.into() }
    }
}

mirror!(Request { slot, key, fingerprint, command });
mirror!(RangeWish { from, to, resource, quantity });
mirror!(MoveBooking { act, from, to, resource });
